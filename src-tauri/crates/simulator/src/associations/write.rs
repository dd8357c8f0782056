//! Changing links: every change is kept at both ends, each with its own direction's types.
//!
//! Deliberately absent: HTTP (`verbs`).

use super::links_of;
use crate::catalog::Kind;
use crate::edits::State;
use crate::labels::LinkType;
use crate::portal::Portal;
use crate::records::view::Found;
use crate::records::write::touch;
use crate::world::links::TypeSet;

/// One end of a link.
pub(crate) type End = (Kind, u64);

/// The types of one link now, in the direction from the first end.
pub(crate) fn types(portal: &Portal, state: &State, from: End, to: End) -> TypeSet {
    let links = links_of(portal, state, from.0, from.1, to.0);
    links.binary_search_by_key(&to.1, |&(id, _)| id).map_or_else(|_| TypeSet::default(), |at| links[at].1)
}

/// Adds types to a link, making it where there is none. A labelled type brings HubSpot's plain one with it.
pub(crate) fn set(portal: &Portal, state: &mut State, from: End, to: End, ids: &[u32]) {
    let mut now = types(portal, state, from, to);
    if let Some(plain) = state.labels.plain(from.0, to.0) {
        now.insert(plain.id);
    }
    for &id in ids {
        now.insert(id);
    }
    // A record has one primary of a type: a new one takes the place of the old.
    let primary =
        ids.iter().copied().find(|&id| state.labels.find(from.0, to.0, id).is_some_and(LinkType::is_primary));
    if let Some(primary) = primary {
        for (other, mut types) in links_of(portal, state, from.0, from.1, to.0) {
            if other != to.1 && types.ids().contains(&primary) {
                types.remove(primary);
                keep(portal, state, from, (to.0, other), types);
            }
        }
    }
    keep(portal, state, from, to, now);
}

/// Takes types from a link; without types left it is gone.
pub(crate) fn remove(portal: &Portal, state: &mut State, from: End, to: End, ids: &[u32]) {
    let mut now = types(portal, state, from, to);
    if now.is_empty() {
        return;
    }
    for &id in ids {
        now.remove(id);
    }
    keep(portal, state, from, to, now);
}

/// Ends a link altogether.
pub(crate) fn end(portal: &Portal, state: &mut State, from: End, to: End) {
    if !types(portal, state, from, to).is_empty() {
        keep(portal, state, from, to, TypeSet::default());
    }
}

/// Gives a link these types at both ends, in place of those it had.
pub(crate) fn keep(portal: &Portal, state: &mut State, from: End, to: End, types: TypeSet) {
    let mut back = TypeSet::default();
    for &id in types.ids() {
        if let Some(known) = state.labels.find(from.0, to.0, id) {
            back.insert(known.inverse);
        }
    }
    state.links.entry((from.0, from.1, to.0)).or_default().insert(to.1, types);
    state.links.entry((to.0, to.1, from.0)).or_default().insert(from.1, back);
    for (kind, id) in [from, to] {
        if portal.config.switches.association_moves_stamp.iter().any(|name| name == kind.name())
            && Found::new(&portal.world, state, kind, id).is_some()
        {
            let now = portal.clock.now();
            touch(portal, state, kind, id).modified = Some(now);
        }
    }
}
