//! Property definitions and their groups.
//!
//! Deliberately absent: values.

use serde_json::{Value, json};

use super::wrong_method;
use crate::answer::{Answer, Refusal};
use crate::ask::Ask;
use crate::catalog::Kind;
use crate::definitions::{Group, Sensitivity};
use crate::portal::Portal;

pub(crate) fn answer(portal: &Portal, kind: Kind, rest: &[&str], ask: &Ask<'_>) -> Answer {
    match (ask.method, rest) {
        ("GET", []) => list(portal, kind, ask),
        ("GET", ["groups"]) => {
            let state = portal.read();
            let groups = state.definitions(kind).groups.iter().filter(|g| !g.archived);
            Answer::results(groups.map(group_json).collect())
        }
        ("GET", ["groups", name]) => {
            let state = portal.read();
            let group = state.definitions(kind).groups.iter().find(|g| g.name == *name && !g.archived);
            group.map_or_else(|| Refusal::not_found().into(), |g| Answer::ok(&group_json(g)))
        }
        ("GET", [name]) => {
            let state = portal.read();
            let definitions = state.definitions(kind);
            let archived = ask.query.is_true("archived");
            let found = definitions.position(name).map(|at| definitions.at(at));
            match found.filter(|p| p.archived_at.is_some() == archived) {
                Some(property) => Answer::ok(&property.to_json()),
                None => Refusal::not_found().into(),
            }
        }
        _ => wrong_method(),
    }
}

fn list(portal: &Portal, kind: Kind, ask: &Ask<'_>) -> Answer {
    let wanted = match ask.query.get("dataSensitivity").as_deref() {
        None | Some("non_sensitive") => Sensitivity::Open,
        Some("sensitive") => Sensitivity::Sensitive,
        Some("highly_sensitive") => Sensitivity::Highly,
        Some(other) => {
            return Refusal::invalid(&format!("Invalid value for dataSensitivity: {other}")).into();
        }
    };
    let archived = ask.query.is_true("archived");
    let state = portal.read();
    let list = state.definitions(kind).list.iter();
    let fits = list.filter(|p| p.sensitivity == wanted && p.archived_at.is_some() == archived);
    Answer::results(fits.map(|p| p.to_json()).collect())
}

fn group_json(group: &Group) -> Value {
    json!({
        "name": group.name,
        "label": group.label,
        "displayOrder": group.order,
        "archived": group.archived,
    })
}
