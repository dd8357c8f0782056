//! Links as the API shows them: the untouched world's with the changes on top.
//!
//! Deliberately absent: changing links (`write`), and the types they carry (`labels`).

pub(crate) mod read;
pub(crate) mod verbs;
pub(crate) mod write;

use crate::answer::Refusal;
use crate::catalog::Kind;
use crate::edits::State;
use crate::json;
use crate::portal::Portal;
use crate::records::view::Found;
use crate::world::links::TypeSet;

/// At most so many links of one type stand inside a record; the rest has to be asked for.
const INLINE_MAX: usize = 100;

/// Everything of one type that a record is linked to, ascending by id, with the types in this direction.
pub(crate) fn links_of(portal: &Portal, state: &State, from: Kind, id: u64, to: Kind) -> Vec<(u64, TypeSet)> {
    let world = &portal.world;
    let is_live = |kind, id| Found::new(world, state, kind, id).is_some_and(|f| f.is_live(world, kind));
    let edits = state.edits(from);
    if !edits.is_empty() && edits.contains_key(&id) && !is_live(from, id) {
        return Vec::new();
    }
    let mut found = Vec::new();
    let extent = world.extent(from);
    if let Some(seat) = extent.find(id).and_then(|ordinal| extent.seat(ordinal)) {
        world.links.of(from, seat, to, &mut found);
        let targets = world.extent(to);
        for (seat, _) in &mut found {
            *seat = targets.id(targets.ordinal(*seat));
        }
    }
    if let Some(changed) = state.links.get(&(from, id, to)) {
        found.retain(|(other, _)| !changed.contains_key(other));
        found.extend(
            changed.iter().filter(|(_, types)| !types.is_empty()).map(|(&other, &types)| (other, types)),
        );
        found.sort_unstable_by_key(|&(other, _)| other);
    }
    if !state.edits(to).is_empty() {
        found.retain(|&(other, _)| !state.edits(to).contains_key(&other) || is_live(to, other));
    }
    found
}

/// The types named in an `associations` parameter.
pub(crate) fn inline_targets(portal: &Portal, names: &[String]) -> Result<Vec<Kind>, Refusal> {
    let find = |name: &String| {
        portal
            .kinds
            .find(name)
            .ok_or_else(|| Refusal::invalid(&format!("Unable to infer object type from: {name}")))
    };
    names.iter().map(find).collect()
}

/// Writes a record's `associations`, where it has any of the asked types.
pub(crate) fn write_inline(
    portal: &Portal,
    state: &State,
    from: Kind,
    id: u64,
    targets: &[Kind],
    out: &mut Vec<u8>,
) {
    let mut opened = false;
    for &to in targets {
        let links = links_of(portal, state, from, id, to);
        if links.is_empty() {
            continue;
        }
        out.extend_from_slice(if opened { b"," } else { b",\"associations\":{" });
        opened = true;
        json::text(out, inline_name(portal, to).as_bytes());
        out.extend_from_slice(b":{\"results\":[");
        let entries = links.iter().flat_map(|(other, types)| types.ids().iter().map(move |t| (*other, *t)));
        for (nth, (other, type_id)) in entries.take(INLINE_MAX).enumerate() {
            if nth > 0 {
                out.push(b',');
            }
            out.extend_from_slice(b"{\"id\":\"");
            json::number(out, other);
            out.extend_from_slice(b"\",\"type\":");
            json::text(out, state.labels.old_name(from, to, type_id).as_bytes());
            out.push(b'}');
        }
        out.push(b']');
        let all: usize = links.iter().map(|(_, types)| types.ids().len()).sum();
        if all > INLINE_MAX {
            let next = links.iter().scan(0, |sum, (other, types)| {
                *sum += types.ids().len();
                Some((*sum, *other))
            });
            let next = next.skip_while(|(sum, _)| *sum <= INLINE_MAX).map(|(_, other)| other).next();
            let link = format!(
                "https://api.hubapi.com/crm/v4/objects/{}/{id}/associations/{}?after={}",
                from.name(),
                to.name(),
                next.unwrap_or(0)
            );
            let paging = serde_json::json!({"next": {"after": next.unwrap_or(0).to_string(), "link": link}});
            out.extend_from_slice(b",\"paging\":");
            out.extend_from_slice(paging.to_string().as_bytes());
        }
        out.push(b'}');
    }
    if opened {
        out.push(b'}');
    }
}

/// Custom objects stand inline under their full name.
fn inline_name(portal: &Portal, kind: Kind) -> String {
    if kind.is_custom() {
        kind.fully_qualified(portal.config.portal)
    } else if kind == crate::catalog::LINE_ITEMS {
        "line items".to_owned()
    } else {
        kind.name().to_owned()
    }
}
