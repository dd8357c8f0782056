//! Links between records, and their labels.
//!
//! Deliberately absent: links inside records (`records::list`).

use super::{Target, wrong_method};
use crate::answer::{Answer, Refusal};
use crate::ask::{Ask, Version};
use crate::associations::read::{self, Shape};
use crate::associations::verbs;
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
            Answer::results(state.labels.between(from, to).map(LinkType::to_json))
        }
        ("POST", [_, _, "batch", "read"]) => read::batch(portal, from, to, shape, ask),
        ("POST", [_, _, "batch", verb @ ("create" | "archive")]) if shape == Shape::V3 => {
            verbs::batch_v3(portal, from, to, verb, ask)
        }
        ("POST", [_, _, "batch", verb @ ..]) if shape == Shape::Current => {
            verbs::batch(portal, from, to, verb, ask)
        }
        ("PUT", [_, id, "associations", "default", _, to_id]) => {
            verbs::put_default(portal, (from, id), (to, to_id))
        }
        ("PUT", [_, id, "associations", _, to_id]) => verbs::put(portal, (from, id), (to, to_id), ask),
        ("DELETE", [_, id, "associations", _, to_id]) => verbs::delete(portal, (from, id), (to, to_id)),
        ("POST" | "PUT", [_, _, "labels"]) => verbs::label(portal, from, to, None, ask),
        ("DELETE", [_, _, "labels", type_id]) => verbs::label(portal, from, to, Some(type_id), ask),
        _ => wrong_method(),
    }
}
