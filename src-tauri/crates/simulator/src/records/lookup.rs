//! Finding a record by its id or by a property whose values are unique.
//!
//! The index over a unique property is built when first asked for; an untouched portal has none. Deliberately absent:
//! search.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError};

use super::view::{Found, scan};
use crate::answer::Refusal;
use crate::catalog::{CONTACTS, Kind};
use crate::edits::{Standing, State};
use crate::json;
use crate::noise;
use crate::portal::Portal;
use crate::values::Subject;

/// Where the untouched records stand whose value has a given hash.
pub(crate) type UniqueIndex = HashMap<u64, u32>;

/// Finds a record by its id, or by the value of a unique property.
pub(crate) fn find<'a>(
    portal: &'a Portal,
    state: &'a State,
    kind: Kind,
    id: &str,
    id_property: Option<&str>,
) -> Result<Option<Found<'a>>, Refusal> {
    match id_property {
        None | Some("" | "hs_object_id") => {
            Ok(id.parse().ok().and_then(|id| Found::new(&portal.world, state, kind, id)))
        }
        Some(name) => match unique_position(state, kind, name) {
            Some(position) => Ok(by_value(portal, state, kind, position, id)),
            None => Err(Refusal::invalid(&format!(
                "The property {name} is not a unique property and cannot be used as an id property."
            ))),
        },
    }
}

/// The same, and where the record was merged away, the one it went into.
pub(crate) fn find_merged<'a>(
    portal: &'a Portal,
    state: &'a State,
    kind: Kind,
    id: &str,
    id_property: Option<&str>,
) -> Result<Option<Found<'a>>, Refusal> {
    let found = find(portal, state, kind, id, id_property)?;
    Ok(found.and_then(|f| match state.resolve(kind, f.id) {
        same if same == f.id => Some(f),
        into => Found::new(&portal.world, state, kind, into),
    }))
}

pub(crate) fn unique_position(state: &State, kind: Kind, name: &str) -> Option<u16> {
    let (position, property) = state.definitions(kind).find(name)?;
    let email = kind == CONTACTS && name == "email";
    (property.unique || email).then_some(position)
}

/// The live record that holds a value in a unique property, case ignored.
pub(crate) fn by_value<'a>(
    portal: &'a Portal,
    state: &'a State,
    kind: Kind,
    position: u16,
    value: &str,
) -> Option<Found<'a>> {
    let wanted = value.to_lowercase();
    let property = state.definitions(kind).at(position);
    let holds = |found: &Found<'a>| {
        let text = found.record(&portal.world, kind).text(position, property);
        found.standing(&portal.world, kind) == Standing::Live
            && text.is_some_and(|t| t.to_lowercase() == wanted)
    };
    let holder = state.holders.get(&(kind, position, wanted.clone()));
    let holder = holder.and_then(|&id| Found::new(&portal.world, state, kind, id));
    if let Some(found) = holder.filter(&holds) {
        return Some(found);
    }
    let ordinal = *index(portal, state, kind, position).get(&hash(wanted.as_bytes()))?;
    let id = portal.world.extent(kind).id(u64::from(ordinal));
    Found::new(&portal.world, state, kind, id).filter(holds)
}

fn index(portal: &Portal, state: &State, kind: Kind, position: u16) -> Arc<UniqueIndex> {
    let mut indexes = portal.unique.lock().unwrap_or_else(PoisonError::into_inner);
    let build = || {
        let property = state.definitions(kind).at(position);
        let total = portal.world.extent(kind).total;
        let mut index = HashMap::with_capacity(usize::try_from(total).unwrap_or(0));
        let mut raw = Vec::new();
        for ordinal in 0..total {
            raw.clear();
            if Subject::new(&portal.world, kind, ordinal).write(property, &mut raw) {
                index.insert(
                    hash(json::readable(&raw).to_lowercase().as_bytes()),
                    u32::try_from(ordinal).expect("fewer than 2^32 records"),
                );
            }
        }
        Arc::new(index)
    };
    Arc::clone(indexes.entry((kind, position)).or_insert_with(build))
}

fn hash(bytes: &[u8]) -> u64 {
    bytes.chunks(8).fold(bytes.len() as u64, |h, chunk| {
        let mut word = [0_u8; 8];
        word[..chunk.len()].copy_from_slice(chunk);
        noise::mix(h ^ u64::from_le_bytes(word))
    })
}

/// How many live records a type has now.
pub(crate) fn count_live(portal: &Portal, state: &State, kind: Kind) -> u64 {
    let is_live = |found: Found<'_>| found.is_live(&portal.world, kind);
    count(portal, state, kind, (0, u64::MAX), is_live)
}

/// How many live records search knows from one id up to another.
pub(crate) fn count_indexed(portal: &Portal, state: &State, kind: Kind, from: u64, to: u64, now: i64) -> u64 {
    let is_live = |found: Found<'_>| found.as_indexed(now).is_some_and(|f| f.is_live(&portal.world, kind));
    let known = count(portal, state, kind, (from, to), is_live);
    let unknown = state.unindexed[kind.index()].range(from..to.max(from));
    let unknown =
        unknown.filter_map(|&id| Found::new(&portal.world, state, kind, id)).filter(|&f| is_live(f));
    known - unknown.count() as u64
}

/// Counts the untouched records from arithmetic, and looks only at those that were changed.
fn count(
    portal: &Portal,
    state: &State,
    kind: Kind,
    (from, to): (u64, u64),
    is_live: impl Fn(Found<'_>) -> bool,
) -> u64 {
    let extent = portal.world.extent(kind);
    let seats = |id| extent.live_before(extent.at_or_after(id));
    let mut count = seats(to).saturating_sub(seats(from));
    for (&id, edit) in state.edits(kind).range(from..to.max(from)) {
        let ordinal = extent.find(id);
        let before = ordinal.is_some_and(|o| extent.seat(o).is_some());
        let now = is_live(Found { id, ordinal, edit: Some(edit) });
        count = count + u64::from(now) - u64::from(before);
    }
    count
}

/// All live records, ascending.
pub(crate) fn live<'a>(portal: &'a Portal, state: &'a State, kind: Kind) -> impl Iterator<Item = Found<'a>> {
    scan(&portal.world, state, kind, 0).filter(move |f| f.is_live(&portal.world, kind))
}
