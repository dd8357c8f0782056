//! Records: list, read, search, write, merge, erase, batches.
//!
//! Deliberately absent: links between records (`links`).

use super::wrong_method;
use crate::answer::{Answer, Refusal};
use crate::ask::Ask;
use crate::catalog::Kind;
use crate::portal::Portal;
use crate::records::{batch, list, search, verbs};

pub(crate) fn answer(portal: &Portal, kind: Kind, rest: &[&str], ask: &Ask<'_>) -> Answer {
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
