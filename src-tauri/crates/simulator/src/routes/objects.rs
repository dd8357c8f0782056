//! Records: list, read, search, write, merge, erase, batches.
//!
//! Deliberately absent: links between records (`links`).

use serde::Deserialize;
use serde_json::json;

use super::wrong_method;
use crate::answer::{Answer, Refusal};
use crate::ask::Ask;
use crate::catalog::Kind;
use crate::faults::RefusedProperty;
use crate::portal::Portal;
use crate::records::{batch, list, search, verbs};

pub(crate) fn answer(portal: &Portal, kind: Kind, rest: &[&str], ask: &Ask<'_>) -> Answer {
    if let Some(refused) = portal.faults.refused(kind.name(), ask.path, || asked(ask)) {
        return refusal(&refused).into();
    }
    match (ask.method, rest) {
        ("GET", []) => list::list(portal, kind, ask),
        ("POST", ["search"]) => search::search(portal, kind, ask),
        ("POST", ["batch", "read"]) => batch::read(portal, kind, ask),
        ("POST", ["batch", verb @ ("create" | "update" | "upsert" | "archive")]) => {
            verbs::batch(portal, kind, verb, ask)
        }
        ("POST", ["merge"]) => verbs::merge(portal, kind, ask),
        ("POST", ["gdpr-delete"]) => verbs::erase(portal, kind, ask),
        ("POST", []) => verbs::create(portal, kind, ask),
        ("PATCH", [id]) => verbs::update(portal, kind, id, ask),
        ("DELETE", [id]) => verbs::archive(portal, kind, id),
        ("GET", [id]) => list::get(portal, kind, id, ask),
        (_, [] | [_] | ["batch", _]) => wrong_method(),
        _ => Refusal::not_found().into(),
    }
}

/// The properties that a read asks for.
fn asked(ask: &Ask<'_>) -> Vec<String> {
    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct Asking {
        properties: Vec<String>,
    }
    if ask.method == "GET" {
        return ask.query.list("properties");
    }
    serde_json::from_slice::<Asking>(ask.body).unwrap_or_default().properties
}

fn refusal(refused: &RefusedProperty) -> Refusal {
    if refused.unnamed {
        return Refusal::bare();
    }
    let name = &refused.name;
    let message = format!("Property \"{name}\" does not exist");
    let context = json!({"propertyName": [name]});
    Refusal::invalid(&message)
        .with("errors", json!([{"message": message, "code": "PROPERTY_DOESNT_EXIST", "context": context}]))
}
