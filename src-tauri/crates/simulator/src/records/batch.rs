//! Reading many records by id, or by a unique property.
//!
//! Deliberately absent: batch writes (`write`).

use serde::Deserialize;
use serde_json::json;

use super::list::{self, LIMIT_HISTORY};
use super::lookup;
use super::plan::{write_history, write_record};
use crate::answer::{Answer, Refusal, batch_error};
use crate::ask::Ask;
use crate::catalog::Kind;
use crate::edits::Standing;
use crate::portal::Portal;
use crate::stamp;

pub(crate) const BATCH_MAX: usize = 100;

#[derive(Deserialize)]
struct IdInput {
    id: IdText,
}

/// An id as text, or as a number by callers who do not know better.
#[derive(Deserialize)]
#[serde(untagged)]
pub(crate) enum IdText {
    Text(String),
    Number(u64),
}

impl IdText {
    pub(crate) fn text(self) -> String {
        match self {
            IdText::Text(text) => text,
            IdText::Number(number) => number.to_string(),
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ReadBody {
    inputs: Vec<IdInput>,
    #[serde(default)]
    properties: Vec<String>,
    #[serde(default)]
    properties_with_history: Vec<String>,
    #[serde(default)]
    id_property: Option<String>,
}

/// The refusal of a body that does not read.
pub(crate) fn unreadable(error: &serde_json::Error) -> Answer {
    Refusal::invalid(&format!("Invalid input JSON on line {}, column {}", error.line(), error.column()))
        .into()
}

pub(crate) fn too_many(max: usize) -> Answer {
    Refusal::invalid(&format!("The maximum number of inputs supported in a batch request is {max}.")).into()
}

pub(crate) fn read(portal: &Portal, kind: Kind, ask: &Ask<'_>) -> Answer {
    let body: ReadBody = match serde_json::from_slice(ask.body) {
        Ok(body) => body,
        Err(error) => return unreadable(&error),
    };
    let history = body.properties_with_history;
    if body.inputs.len() > BATCH_MAX {
        return too_many(BATCH_MAX);
    }
    if !history.is_empty() && body.inputs.len() > LIMIT_HISTORY {
        return Refusal::invalid(
            "The maximum number of inputs supported in a batch request for property histories is 50.",
        )
        .into();
    }
    let archived = ask.query.is_true("archived");
    if archived && list::refuses_archived(portal, kind) {
        return Refusal::invalid("Archived records cannot be read for this object.").into();
    }
    let find =
        if portal.config.switches.batch_read_resolves_merged { lookup::find_merged } else { lookup::find };
    let state = portal.read();
    let plan =
        list::plan(portal, &ask.caller, &state, kind, body.properties.join(","), || body.properties.clone());
    let started = stamp::iso_text(portal.clock.now());
    let mut out = portal.buffer(body.inputs.len() * 4_096);
    out.extend_from_slice(b"{\"status\":\"COMPLETE\",\"results\":[");
    let mut missing = Vec::new();
    let mut seen = std::collections::HashSet::new();
    let mut written = false;
    for input in body.inputs {
        let id = input.id.text();
        let found = match find(portal, &state, kind, &id, body.id_property.as_deref()) {
            Ok(found) => found,
            Err(refusal) => return refusal.into(),
        };
        let found = found.filter(|f| match f.standing(&portal.world, kind) {
            Standing::Live | Standing::AsBefore => !archived,
            Standing::Archived(_) => archived,
            Standing::Merged(_) | Standing::Erased => false,
        });
        let Some(found) = found else {
            missing.push(id);
            continue;
        };
        if !seen.insert(found.id) {
            continue;
        }
        if std::mem::replace(&mut written, true) {
            out.push(b',');
        }
        let record = found.record(&portal.world, kind);
        write_record(portal, &plan, &record, &mut out, &mut |out| {
            if !history.is_empty() {
                write_history(&state, &record, &history, out);
            }
        });
    }
    let completed = stamp::iso_text(portal.clock.now());
    let dates = format!("],\"startedAt\":\"{started}\",\"completedAt\":\"{completed}\"");
    out.extend_from_slice(dates.as_bytes());
    let status = if missing.is_empty() {
        200
    } else {
        let name = kind.row().singular.to_uppercase();
        let message = format!(
            "Could not get some {name} objects, they may be deleted or not exist. Check that ids are valid."
        );
        let errors = json!([batch_error("OBJECT_NOT_FOUND", &message, &json!({"ids": missing}))]);
        out.extend_from_slice(b",\"numErrors\":1,\"errors\":");
        out.extend_from_slice(errors.to_string().as_bytes());
        207
    };
    out.push(b'}');
    Answer::bytes(status, out)
}
