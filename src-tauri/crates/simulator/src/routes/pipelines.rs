//! Pipelines and their stages.
//!
//! Deliberately absent: which records stand in them.

use super::wrong_method;
use crate::answer::{Answer, Refusal};
use crate::ask::{Ask, Version};
use crate::catalog::Kind;
use crate::pipelines::{Pipeline, Stage};
use crate::portal::Portal;

pub(crate) fn answer(portal: &Portal, kind: Kind, _version: Version, rest: &[&str], ask: &Ask<'_>) -> Answer {
    let state = portal.read();
    let live = || state.pipelines[kind.index()].iter().filter(|p| !p.archived);
    let find = |id: &str| live().find(|p| p.id == id);
    match (ask.method, rest) {
        ("GET", []) => Answer::results(live().map(Pipeline::to_json).collect()),
        ("GET", [id]) => find(id).map_or_else(|| Refusal::not_found().into(), |p| Answer::ok(&p.to_json())),
        ("GET", [id, "stages"]) => match find(id) {
            Some(p) => Answer::results(p.stages.iter().filter(|s| !s.archived).map(Stage::to_json).collect()),
            None => Refusal::not_found().into(),
        },
        ("GET", [id, "stages", stage]) => {
            let found = find(id).and_then(|p| p.stages.iter().find(|s| s.id == *stage && !s.archived));
            found.map_or_else(|| Refusal::not_found().into(), |s| Answer::ok(&s.to_json()))
        }
        ("GET", [_, "audit"] | [_, "stages", _, "audit"]) => Answer::results(Vec::new()),
        _ => wrong_method(),
    }
}
