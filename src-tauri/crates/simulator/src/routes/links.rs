//! Links between records, and their labels.
//!
//! Deliberately absent: links inside records (`records::list`).

use serde_json::Value;

use super::{Target, wrong_method};
use crate::answer::{Answer, Refusal};
use crate::ask::{Ask, Version};
use crate::associations::read::{self, Shape};
use crate::catalog::Kind;
use crate::labels::LinkType;
use crate::portal::Portal;

pub(crate) fn answer(portal: &Portal, from: Kind, to: Kind, target: &Target<'_>, ask: &Ask<'_>) -> Answer {
    let rest: Vec<&str> = target.rest.iter().map(AsRef::as_ref).collect();
    let hidden = target.version == Version::September2026 && !portal.config.switches.links_in_2026_09;
    let shape = if target.version == Version::V3 { Shape::V3 } else { Shape::Current };
    match (ask.method, rest.as_slice()) {
        ("GET", [_, _, "associations", _] | [_, _, "labels"]) if hidden => Refusal::not_found().into(),
        ("GET", [_, id, "associations", _]) => read::one(portal, from, id, to, ask),
        ("GET", [_, _, "labels"]) => {
            let state = portal.read();
            let list: Vec<Value> = state.labels.between(from, to).map(LinkType::to_json).collect();
            Answer::results(list)
        }
        ("POST", [_, _, "batch", "read"]) => read::batch(portal, from, to, shape, ask),
        _ => wrong_method(),
    }
}
