//! Names that come from HubSpot, on their way into SQL: quoting, reserved words, column names. Pure.

/// Names of the mirror's own tables, views and columns of SQLite: no object type can have them, case ignored.
pub const RESERVED: [&str; 25] = [
    "account",
    "association_types",
    "associations",
    "checkpoints",
    "erased",
    "history",
    "links",
    "merged_ids",
    "object_types",
    "owners",
    "picks",
    "pipelines",
    "proofs",
    "properties",
    "property_options",
    "quarantine",
    "ranges",
    "run_events",
    "runs",
    "schemas",
    "stages",
    "suspects",
    "teams",
    "unreachable",
    "users",
];

/// Columns that every object table has, and SQLite's own names for the row id.
const FIXED_COLUMNS: [&str; 11] = [
    "id",
    "properties",
    "created_at",
    "updated_at",
    "archived",
    "archived_at",
    "merged_into",
    "synced_at",
    "rowid",
    "oid",
    "_rowid_",
];

/// Whether a table may not have this name. `$` marks what belongs to a table: `contacts$live`.
pub fn is_reserved(name: &str) -> bool {
    let folded = name.to_ascii_lowercase();
    name.is_empty()
        || name.contains(['\0', '$'])
        || folded.starts_with("sqlite_")
        || folded.starts_with("pragma_")
        || RESERVED.contains(&folded.as_str())
}

/// An identifier for SQL.
pub(crate) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// A text literal for SQL.
pub(crate) fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}
