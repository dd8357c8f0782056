//! Making, changing and archiving one record.
//!
//! Every function works on a locked state, so that a batch is one change. Deliberately absent: HTTP (`verbs`), and
//! whether values may be written (`check`).

use super::check::{self, Values};
use super::lookup;
use super::view::Found;
use crate::answer::Refusal;
use crate::associations::write as links;
use crate::catalog::{CONTACTS, Kind};
use crate::edits::{RecordEdit, Standing, State};
use crate::portal::Portal;
use crate::switches::DeleteTwice;

/// A link that a new record is to be born with.
pub(crate) struct NewLink {
    pub(crate) to: Kind,
    pub(crate) to_id: u64,
    pub(crate) types: Vec<u32>,
}

/// Refuses values that another live record holds in a unique property.
pub(crate) fn unique(
    portal: &Portal,
    state: &State,
    kind: Kind,
    own: Option<u64>,
    values: &Values,
) -> Result<(), Refusal> {
    let definitions = state.definitions(kind);
    for (position, value) in values {
        let property = definitions.at(*position);
        let Some(value) = value.as_ref().filter(|_| property.unique) else { continue };
        let Some(holder) = lookup::by_value(portal, state, kind, *position, value) else { continue };
        if Some(holder.id) == own {
            continue;
        }
        let message = if kind == CONTACTS && property.name == "email" {
            format!("Contact already exists. Existing ID: {}", holder.id)
        } else {
            format!(
                "A record with the value {value} for {} already exists. Existing ID: {}",
                property.name, holder.id
            )
        };
        return Err(Refusal::new(409, &message).category("CONFLICT"));
    }
    Ok(())
}

/// Makes a record from values that were checked.
pub(crate) fn create(
    portal: &Portal,
    state: &mut State,
    kind: Kind,
    values: Values,
    links: &[NewLink],
) -> u64 {
    let now = portal.clock.now();
    let id = state.next_id(kind);
    let definitions = state.definitions(kind).clone();
    let edit = touch(portal, state, kind, id);
    edit.before = None;
    edit.created = Some(now);
    edit.modified = Some(now);
    edit.standing = Standing::Live;
    let source = [
        ("hs_object_source", "INTEGRATION"),
        ("hs_object_source_id", "17402881"),
        ("hs_object_source_label", "INTEGRATION"),
    ];
    for (name, value) in source.iter().chain(check::defaults(kind)) {
        if let Some((position, _)) = definitions.find(name) {
            edit.values.insert(position, Some((*value).to_owned()));
        }
    }
    keep(state, kind, id, values);
    for link in links {
        links::set(portal, state, (kind, id), (link.to, link.to_id), &link.types);
    }
    id
}

/// Changes a record; values it already holds change nothing, and if all are such, neither does the stamp.
pub(crate) fn update(portal: &Portal, state: &mut State, kind: Kind, id: u64, values: Values) {
    let definitions = state.definitions(kind).clone();
    let mut changed = Values::new();
    if let Some(found) = Found::new(&portal.world, state, kind, id) {
        let record = found.record(&portal.world, kind);
        for (position, value) in values {
            let property = definitions.at(position);
            let old = record.text(position, property);
            let value = match (&value, &old) {
                // A leading semicolon adds to a multiple choice.
                (Some(new), old) if new.starts_with(';') && property.field_type == "checkbox" => {
                    Some(added(old.as_deref().unwrap_or_default(), new))
                }
                _ => value,
            };
            let backwards = property.name == "lifecyclestage"
                && matches!((&old, &value), (Some(old), Some(new)) if rank(property, new) < rank(property, old));
            if value != old && !backwards {
                changed.push((position, value));
            }
        }
    }
    if changed.is_empty() {
        return;
    }
    let now = portal.clock.now();
    touch(portal, state, kind, id).modified = Some(now);
    keep(state, kind, id, changed);
}

fn added(old: &str, new: &str) -> String {
    let mut parts: Vec<&str> = old.split(';').filter(|p| !p.is_empty()).collect();
    for part in new.split(';').filter(|p| !p.is_empty()) {
        if !parts.contains(&part) {
            parts.push(part);
        }
    }
    parts.join(";")
}

/// Lifecycle stages only move forward, unless cleared first.
fn rank(property: &crate::definitions::Property, value: &str) -> Option<usize> {
    property.options.iter().position(|o| o.value == value)
}

/// Keeps values, and remembers who holds the unique ones.
pub(crate) fn keep(state: &mut State, kind: Kind, id: u64, values: Values) {
    let definitions = state.definitions(kind).clone();
    for (position, value) in values {
        if let Some(value) = value.as_ref().filter(|_| definitions.at(position).unique) {
            state.holders.insert((kind, position, value.to_lowercase()), id);
        }
        state.records[kind.index()].entry(id).or_default().values.insert(position, value);
    }
}

/// What archiving a record answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Archived {
    Done,
    NotThere,
}

pub(crate) fn archive(portal: &Portal, state: &mut State, kind: Kind, id: u64) -> Archived {
    let Some(found) = Found::new(&portal.world, state, kind, id) else { return Archived::NotThere };
    match found.standing(&portal.world, kind) {
        Standing::Live | Standing::AsBefore => {
            let now = portal.clock.now();
            touch(portal, state, kind, id).standing = Standing::Archived(now);
            Archived::Done
        }
        Standing::Archived(_) if portal.config.switches.delete_twice == DeleteTwice::NoContent => {
            Archived::Done
        }
        Standing::Archived(_) | Standing::Merged(_) | Standing::Erased => Archived::NotThere,
    }
}

/// Erases a record for good.
pub(crate) fn erase(portal: &Portal, state: &mut State, kind: Kind, id: u64) {
    touch(portal, state, kind, id).standing = Standing::Erased;
}

/// A record's changes, to add to now.
pub(crate) fn touch<'s>(portal: &Portal, state: &'s mut State, kind: Kind, id: u64) -> &'s mut RecordEdit {
    let usual = || i64::try_from(portal.config.switches.search_lag_millis).unwrap_or(i64::MAX);
    let lag = state.lag.unwrap_or_else(usual);
    state.change(kind, id, portal.clock.now(), lag)
}
