//! Names that no object type's table may have, whoever chooses it.

/// The mirror's own tables and views, and names that are kept free for them. Case is ignored in comparing.
const MIRRORS_OWN: [&str; 31] = [
    "account",
    "association_types",
    "associations",
    "checkpoints",
    "erased",
    "exclusions",
    "history",
    "links",
    "merged_ids",
    "object_types",
    "objects",
    "owners",
    "picks",
    "pipelines",
    "proofs",
    "properties",
    "property_groups",
    "property_options",
    "property_statistics",
    "quarantine",
    "queue",
    "ranges",
    "run_events",
    "run_streams",
    "runs",
    "schemas",
    "stages",
    "suspects",
    "teams",
    "unreachable",
    "users",
];

/// Whether a table of records may not have this name: the mirror's own, and what SQLite keeps for itself. `$` marks what
/// belongs to a table: `contacts$live`.
pub fn is_reserved(name: &str) -> bool {
    let folded = name.to_ascii_lowercase();
    name.is_empty()
        || name.contains(['\0', '$'])
        || folded.starts_with("sqlite_")
        || folded.starts_with("pragma_")
        || MIRRORS_OWN.contains(&folded.as_str())
}
