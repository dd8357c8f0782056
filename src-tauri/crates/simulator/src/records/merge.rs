//! Two records become one.
//!
//! The record that is left holds the primary's values, the other's where the primary has none, and the links of both;
//! the ids of both lead to it from then on. Deliberately absent: undoing that, which HubSpot cannot do either.

use std::collections::BTreeSet;

use super::check::Values;
use super::view::Found;
use super::write::{self, touch};
use crate::answer::Refusal;
use crate::associations::{self, write as links};
use crate::catalog::{COMPANIES, CONTACTS, DEALS, Kind, TICKETS};
use crate::definitions::generator::Generator;
use crate::edits::{Standing, State};
use crate::portal::Portal;
use crate::switches::MergeSurvivor;
use crate::world::links::TypeSet;

/// A record that more than so many were merged into takes no more.
const IDENTITIES_MAX: u32 = 250;

/// Merges two live records and answers the id of the one that is left. An id that was merged away before stands for the
/// record it went into.
pub(crate) fn merge(
    portal: &Portal,
    state: &mut State,
    kind: Kind,
    primary: u64,
    other: u64,
) -> Result<u64, Refusal> {
    if !matches!(kind, CONTACTS | COMPANIES | DEALS | TICKETS) && !kind.is_custom() {
        let name = kind.row().singular.to_uppercase();
        return Err(Refusal::invalid(&format!("Objects of type {name} cannot be merged.")));
    }
    let (primary, other) = (state.resolve(kind, primary), state.resolve(kind, other));
    let is_live =
        |id| Found::new(&portal.world, state, kind, id).is_some_and(|f| f.is_live(&portal.world, kind));
    if !is_live(primary) || !is_live(other) {
        return Err(Refusal::not_found());
    }
    if primary == other {
        return Err(Refusal::invalid("An object cannot be merged with itself."));
    }
    let merged = |id| state.identities.get(&(kind, id)).copied().unwrap_or(0);
    let identities = merged(primary) + merged(other) + 1;
    if identities > IDENTITIES_MAX {
        return Err(Refusal::new(414, "Cannot have more than 250 identities on a profile"));
    }
    let survivor = match portal.config.switches.merge_survivor {
        MergeSurvivor::NewRecord => state.next_id(kind),
        MergeSurvivor::Primary => primary,
    };
    let (values, created) = values(portal, state, kind, primary, other, survivor);
    let all_links = all_links(portal, state, kind, primary, other);
    let now = portal.clock.now();
    let edit = touch(portal, state, kind, survivor);
    edit.standing = Standing::Live;
    edit.created = Some(created);
    edit.modified = Some(now);
    write::keep(state, kind, survivor, values);
    state.identities.insert((kind, survivor), identities);
    for id in [primary, other].into_iter().filter(|&id| id != survivor) {
        touch(portal, state, kind, id).standing = Standing::Merged(survivor);
    }
    for (to, to_id, types) in all_links {
        links::keep(portal, state, (kind, survivor), (to, to_id), types);
    }
    Ok(survivor)
}

/// The values of the record that is left, and when it was made: all as the primary has it.
fn values(
    portal: &Portal,
    state: &State,
    kind: Kind,
    primary: u64,
    other: u64,
    survivor: u64,
) -> (Values, i64) {
    let record = |id| {
        let found = Found::new(&portal.world, state, kind, id).expect("both were found");
        found.record(&portal.world, kind)
    };
    let (first, second) = (record(primary), record(other));
    let definitions = state.definitions(kind);
    let mut values = Values::new();
    for (position, property) in (0..).zip(&definitions.list) {
        let own = |text: &Option<String>| text.as_ref().is_some_and(|t| !t.is_empty());
        let texts = || [first.text(position, property), second.text(position, property)];
        let value = match (property.name.as_str(), &property.generator) {
            ("hs_merged_object_ids", _) => {
                let earlier = texts().into_iter().flatten();
                let mut ids: BTreeSet<u64> = earlier
                    .flat_map(|t| t.split(';').filter_map(|id| id.parse().ok()).collect::<Vec<_>>())
                    .collect();
                ids.extend([primary, other].into_iter().filter(|&id| id != survivor));
                Some(joined(ids.iter().map(u64::to_string)))
            }
            ("hs_calculated_merged_vids", _) => {
                let at = portal.clock.now();
                let now =
                    [primary, other].into_iter().filter(|&id| id != survivor).map(|id| format!("{id}:{at}"));
                Some(joined(texts().into_iter().flatten().chain(now)))
            }
            ("hs_additional_emails", _) => additional_emails(texts(), |name| {
                let (at, property) = definitions.find(name)?;
                Some([first.text(at, property), second.text(at, property)])
            }),
            (_, Generator::Id | Generator::Created | Generator::Modified) => continue,
            _ => texts().into_iter().find(own).flatten(),
        };
        values.push((position, value));
    }
    (values, first.created)
}

fn joined(parts: impl Iterator<Item = String>) -> String {
    parts.collect::<Vec<_>>().join(";")
}

/// Every address of either record but the one that is left as its own.
fn additional_emails(
    more: [Option<String>; 2],
    texts: impl Fn(&str) -> Option<[Option<String>; 2]>,
) -> Option<String> {
    let [first, second] = texts("email")?;
    let [more_first, more_second] = more;
    let mut kept: Vec<String> = Vec::new();
    let own = first.clone().or_else(|| second.clone());
    for part in [more_first, second, more_second].iter().flatten().flat_map(|t| t.split(';')) {
        let is_own = own.as_deref().is_some_and(|own| own.eq_ignore_ascii_case(part));
        if !part.is_empty() && !is_own && !kept.iter().any(|k| k.eq_ignore_ascii_case(part)) {
            kept.push(part.to_owned());
        }
    }
    (!kept.is_empty()).then(|| kept.join(";"))
}

/// The links of both, as the record that is left will have them.
fn all_links(
    portal: &Portal,
    state: &State,
    kind: Kind,
    primary: u64,
    other: u64,
) -> Vec<(Kind, u64, TypeSet)> {
    let mut all = Vec::new();
    for to in portal.kinds.all() {
        let is_primary =
            |id: u32| state.labels.find(kind, to, id).is_some_and(crate::labels::LinkType::is_primary);
        let mut kept = associations::links_of(portal, state, kind, primary, to);
        let has_primary = kept.iter().any(|(_, types)| types.ids().iter().any(|&id| is_primary(id)));
        for (to_id, types) in associations::links_of(portal, state, kind, other, to) {
            let ids = types.ids().iter().copied().filter(|&id| !(has_primary && is_primary(id)));
            match kept.iter_mut().find(|(id, _)| *id == to_id) {
                Some((_, types)) => ids.for_each(|id| types.insert(id)),
                None => kept.push((to_id, TypeSet::of(&ids.collect::<Vec<_>>()))),
            }
        }
        let is_self = |to_id: &u64| to == kind && [primary, other].contains(to_id);
        kept.retain(|(to_id, types)| !is_self(to_id) && !types.is_empty());
        all.extend(kept.into_iter().map(|(to_id, types)| (to, to_id, types)));
    }
    all
}
