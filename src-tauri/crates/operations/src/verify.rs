//! What is proved of a copy, for status and for hosts that ask for a proof.

use store::{ObjectInfo, ProofOutcome as Outcome, ProofRow, Reader};

use crate::{
    core::count,
    wire::{Finding, Proof, ProofFinding, ProofOutcome, TypeProof},
};

/// The latest findings about every type of the mirror.
pub(crate) fn proof(reader: &Reader, objects: &[ObjectInfo], running: bool) -> Result<Proof, store::Error> {
    let types = types(reader, objects, &reader.proofs()?);
    Ok(Proof { sentence: sentence(&types), types, running })
}

pub(crate) fn nothing_proved() -> Proof {
    Proof { sentence: sentence(&[]), types: Vec::new(), running: false }
}

fn types(reader: &Reader, objects: &[ObjectInfo], rows: &[ProofRow]) -> Vec<TypeProof> {
    let of = |info: &ObjectInfo| {
        let find = |finding| {
            rows.iter()
                .find(|row| row.object == info.object && row.finding == finding)
                .map(|row| told(row, &info.plural))
        };
        let mark = sync::stream_mark(reader, info.object.as_str()).ok().flatten().unwrap_or_default();
        TypeProof {
            object: info.object.to_string(),
            label: info.plural.clone(),
            counts: find(store::Finding::Counts),
            ids: find(store::Finding::Ids),
            values: find(store::Finding::Values),
            search_incomplete: mark.checked.search_incomplete,
        }
    };
    objects.iter().map(of).collect()
}

fn told(row: &ProofRow, label: &str) -> ProofFinding {
    ProofFinding {
        finding: match row.finding {
            store::Finding::Counts => Finding::Counts,
            store::Finding::Ids => Finding::Ids,
            store::Finding::Values => Finding::Values,
        },
        outcome: wire_outcome(row.outcome),
        at: row.at.to_string(),
        sentence: sync::in_words(row, label),
        compared: count(row.compared),
        missing: count(row.missing),
        extra: count(row.extra),
        wrong: count(row.wrong),
        repaired: count(row.repaired),
        calls: count(row.calls),
    }
}

fn wire_outcome(outcome: Outcome) -> ProofOutcome {
    match outcome {
        Outcome::Equal => ProofOutcome::Equal,
        Outcome::Repaired => ProofOutcome::Repaired,
        Outcome::Different => ProofOutcome::Different,
        Outcome::Unproven => ProofOutcome::Unproven,
    }
}

/// Each finding by its own name, with how many types it holds for.
fn sentence(types: &[TypeProof]) -> String {
    type Get = fn(&TypeProof) -> Option<&ProofFinding>;
    let findings: [(&str, Get); 3] = [
        ("Counts agree", |one| one.counts.as_ref()),
        ("every id compared", |one| one.ids.as_ref()),
        ("values compared", |one| one.values.as_ref()),
    ];
    let all = types.len();
    let parts: Vec<String> = findings
        .into_iter()
        .filter_map(|(name, get)| {
            let good = |finding: &&ProofFinding| {
                matches!(finding.outcome, ProofOutcome::Equal | ProofOutcome::Repaired)
            };
            let made: Vec<_> = types.iter().filter_map(get).collect();
            let holds = made.iter().copied().filter(good).count();
            (!made.is_empty()).then(|| format!("{name} for {holds} of {all} types"))
        })
        .collect();
    if parts.is_empty() { "Nothing is proved yet.".to_owned() } else { parts.join("; ") + "." }
}
