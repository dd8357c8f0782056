//! Records: list, read, search, batches.
//!
//! Deliberately absent: links between records (`links`).

use super::wrong_method;
use crate::answer::{Answer, Refusal};
use crate::ask::Ask;
use crate::catalog::Kind;
use crate::portal::Portal;
use crate::records::{batch, list, search};

pub(crate) fn answer(portal: &Portal, kind: Kind, rest: &[&str], ask: &Ask<'_>) -> Answer {
    match (ask.method, rest) {
        ("GET", []) => list::list(portal, kind, ask),
        ("POST", ["search"]) => search::search(portal, kind, ask),
        ("POST", ["batch", "read"]) => batch::read(portal, kind, ask),
        ("GET", [id]) => list::get(portal, kind, id, ask),
        (_, [] | [_] | ["batch", _]) => wrong_method(),
        _ => Refusal::not_found().into(),
    }
}
