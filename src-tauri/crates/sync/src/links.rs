//! Links as streams of their own, one per pair of types: complete link sets of up to 1,000 records a call.
//!
//! A pair is kept in one direction, fixed when it is first read: from the side with fewer records. Under a window
//! both sides are read, and what the other side answers is turned round before it is stored.

use std::collections::{HashMap, HashSet};

use crm::{AssociationType, Link, LinkSet, ObjectType, Pair, RecordId, Timestamp};
use futures::stream::{FuturesUnordered, StreamExt};
use hubspot::{ObjectKind, catalog, endpoint::AssociationsRead};
use store::{Level, LinksCommit, Range, Side};
use tokio::sync::OnceCell;

use crate::{
    Error, StreamState,
    context::{Context, Pass},
    definitions::{self, Portal},
    error::Halt,
    fetch, mark,
};

/// Ids of one range: one call, where no record has more links than an answer holds.
const RANGE_IDS: usize = 1_000;
/// A call carries ten times as many link sets as it would carry records; the rate counts them so.
const LINKS_PER_RECORD: u64 = 10;
/// Association calls in flight for one pair.
const CALLS: usize = 4;

/// Two types that can be linked.
#[derive(Debug, Clone)]
pub(crate) struct PairPlan {
    pub(crate) a: ObjectKind,
    pub(crate) b: ObjectKind,
}

/// The pairs among the types of this portal.
pub(crate) fn pairs(portal: &Portal) -> Vec<PairPlan> {
    let by_name = |name: &str| portal.kinds.iter().find(|kind| kind.object.as_str() == name).cloned();
    let mut seen = HashSet::new();
    let custom = portal.schemas.iter().flat_map(|schema| {
        let kind = portal.kinds.iter().find(|kind| kind.type_id == schema.object_type_id);
        kind.map(|kind| catalog::pairs_of_custom(kind, &schema.associated_type_ids, &portal.kinds))
            .unwrap_or_default()
    });
    let pairs = catalog::pairs().into_iter().chain(custom);
    pairs
        .filter_map(|pair| Some(PairPlan { a: by_name(pair.from.as_str())?, b: by_name(pair.to.as_str())? }))
        .filter(|plan| {
            let mut ends = [plan.a.type_id.as_str(), plan.b.type_id.as_str()];
            ends.sort_unstable();
            seen.insert(ends.map(str::to_owned))
        })
        .collect()
}

/// One reading of a pair: from which of its sides.
struct Reading<'a> {
    /// The direction in which the links are kept.
    pair: Pair,
    /// The side whose ids are asked.
    near: &'a ObjectKind,
    far: &'a ObjectKind,
    side: Side,
    stream: String,
    /// The labels of the pair are not known yet.
    labels_wanted: bool,
    /// What each type of the near side is in the direction that is kept; asked once, where it is needed.
    own: OnceCell<HashMap<i64, AssociationType>>,
}

/// Reads all links of a pair; `ready` waits until the records of a type are here,
/// and tells whether they are.
pub(crate) async fn copy<F: Future<Output = Result<bool, Halt>>>(
    context: &Context,
    plan: &PairPlan,
    expected: u64,
    ready: impl Fn(ObjectType) -> F,
) -> Result<(), Halt> {
    let key = format!("links:{}>{}", plan.a.object, plan.b.object);
    let mut mark = mark::read_links(&context.writer, &key).await?;
    if !mark.done_once && !mark.pass_open {
        mark.reversed = fewer(context, &plan.b, &plan.a).await?;
    }
    let pass = context.pass(mark.pass_open, mark.since, mark.began);
    if pass == Pass::Finished {
        context.board.links(|totals, _| totals.planned = totals.planned.saturating_sub(expected));
        return Ok(());
    }
    let near = if mark.reversed { &plan.b } else { &plan.a };
    let mut needed = vec![near];
    if context.since.is_some() {
        needed.extend([&plan.a, &plan.b]);
    }
    for kind in needed {
        if !ready(kind.object.clone()).await? {
            context.board.links(|totals, _| totals.planned = totals.planned.saturating_sub(expected));
            return Ok(());
        }
    }
    let (from, to) = if mark.reversed { (&plan.b, &plan.a) } else { (&plan.a, &plan.b) };
    let pair = Pair::new(from.object.clone(), to.object.clone());
    let mut readings = vec![Reading {
        pair: pair.clone(),
        near: from,
        far: to,
        side: Side::From,
        stream: key.clone(),
        labels_wanted: !mark.done_once,
        own: OnceCell::new(),
    }];
    if context.since.is_some() && from.object != to.object {
        context.writer.call(store::Writer::index_links).await?;
        readings.push(Reading {
            pair,
            near: to,
            far: from,
            side: Side::To,
            stream: format!("{key}:back"),
            labels_wanted: false,
            own: OnceCell::new(),
        });
    }
    if pass == Pass::New {
        (mark.pass_open, mark.since) = (true, context.since.map(Timestamp::millis));
        mark.began = context.began.millis();
        for reading in &readings {
            let (stream, object, since) =
                (reading.stream.clone(), reading.near.object.clone(), context.since);
            let plan =
                move |store: &mut store::Writer| store.plan_link_ranges(&stream, &object, since, RANGE_IDS);
            context.writer.call(plan).await?;
        }
        mark::write_links(&context.writer, &key, &mark, context.now()).await?;
    }
    context.board.links(|totals, _| totals.planned = totals.planned.saturating_sub(expected));
    for reading in &readings {
        reading.run(context).await?;
    }
    let at = context.now();
    (mark.pass_open, mark.done_once, mark.last_good_at) = (false, true, Some(at.to_string()));
    mark::write_links(&context.writer, &key, &mark, at).await?;
    Ok(())
}

/// Whether `a` has fewer records than `b`, by what HubSpot counted or else by what is here.
async fn fewer(context: &Context, a: &ObjectKind, b: &ObjectKind) -> Result<bool, Error> {
    let mut counts = [0; 2];
    for (count, kind) in counts.iter_mut().zip([a, b]) {
        *count = match context.board.total_of(&kind.object) {
            Some(total) => total,
            None => {
                let object = kind.object.clone();
                context.writer.call(move |store| store.live_since(&object, None)).await?
            }
        };
    }
    Ok(counts[0] < counts[1])
}

impl Reading<'_> {
    async fn run(&self, context: &Context) -> Result<(), Halt> {
        let stream = self.stream.clone();
        let ranges = context.writer.call(move |store| store.ranges(&stream)).await?;
        let waiting: Vec<Range> = ranges.into_iter().filter(|range| !range.done).collect();
        context.board.links(|totals, state| {
            totals.planned += (waiting.len() * RANGE_IDS) as u64;
            *state = StreamState::Filling;
        });
        let mut found = Kinds::default();
        let mut reading = FuturesUnordered::new();
        let mut waiting = waiting.into_iter();
        loop {
            while reading.len() < CALLS
                && let Some(range) = waiting.next()
            {
                reading.push(self.range(context, range));
            }
            match reading.next().await {
                Some(kinds) => found = found.and(kinds?),
                None => break,
            }
        }
        if found.any && (found.unknown || self.labels_wanted) {
            definitions::labels(context, self.near, self.far).await?;
        }
        Ok(())
    }

    async fn range(&self, context: &Context, range: Range) -> Result<Kinds, Halt> {
        let (object, lo, hi, since) = (self.near.object.clone(), range.lo, range.hi, context.since);
        let ids = context.writer.call(move |store| store.ids_in(&object, lo, hi, since)).await?;
        let asked = ids.len() as u64;
        let Sets { sets, failed } = self.read(context, ids).await?;
        let mut found = Kinds::default();
        for link in sets.iter().flat_map(|set| &set.links) {
            found.any = true;
            found.unknown |= catalog::inverse(link.type_id).is_none() || link.category != "HUBSPOT_DEFINED";
        }
        let sets = if self.side == Side::To {
            Box::pin(self.turned(context, sets, found.unknown)).await?
        } else {
            sets
        };
        let (pair, side, id) = (self.pair.clone(), self.side, range.id);
        let commit = move |store: &mut store::Writer| {
            store.commit_links(&LinksCommit { pair: &pair, side, range: Some(id), sets: &sets })
        };
        let stored = context.writer.call(commit).await?;
        if !failed.is_empty() {
            let message = format!(
                "The links of {} {} could not be read: {}",
                failed.len(),
                self.near.plural,
                failed[0].1
            );
            context.tell(Level::Warn, "links_failed", Some(&self.near.object), message).await?;
        }
        context.board.links(|totals, _| {
            totals.read += asked;
            totals.planned = (totals.planned + asked).saturating_sub(RANGE_IDS as u64);
            totals.links += stored.links;
        });
        context.board.committed(asked / LINKS_PER_RECORD);
        Ok(found)
    }

    /// Complete link sets of these ids; ids whose links cannot be read are named with the reason and left untouched.
    async fn read(&self, context: &Context, ids: Vec<RecordId>) -> Result<Sets, Halt> {
        let mut sets: HashMap<RecordId, Vec<Link>> = HashMap::with_capacity(ids.len());
        let mut failed: Vec<(RecordId, String)> = Vec::new();
        let mut waiting: Vec<Vec<(RecordId, Option<String>)>> =
            vec![ids.into_iter().map(|id| (id, None)).collect()];
        while let Some(mut inputs) = waiting.pop() {
            let most = context.link_inputs_max();
            if inputs.len() > most {
                waiting.push(inputs.split_off(most));
            }
            if inputs.is_empty() {
                continue;
            }
            let request = AssociationsRead { from: self.near, to: self.far, inputs: &inputs };
            match context.send(&request).await {
                Ok(answer) => {
                    let mut more = Vec::new();
                    for (set, after) in answer.sets {
                        sets.entry(set.from).or_default().extend(set.links);
                        if let Some(after) = after {
                            more.push((set.from, Some(after)));
                        }
                    }
                    for id in answer.none {
                        sets.entry(id).or_default();
                    }
                    let named: HashSet<RecordId> =
                        answer.failed.iter().flat_map(|(ids, _)| ids).copied().collect();
                    let unnamed = answer
                        .failed
                        .iter()
                        .find(|(ids, _)| ids.is_empty())
                        .map(|(_, reason)| reason.clone());
                    for (ids, reason) in answer.failed {
                        failed.extend(ids.into_iter().map(|id| (id, reason.clone())));
                    }
                    for (id, _) in inputs.iter().filter(|(id, _)| !named.contains(id)) {
                        match &unnamed {
                            Some(reason) if !sets.contains_key(id) => failed.push((*id, reason.clone())),
                            // An id that is neither answered nor refused was read and has none.
                            _ => {
                                sets.entry(*id).or_default();
                            }
                        }
                    }
                    if !more.is_empty() {
                        waiting.push(more);
                    }
                }
                Err(Halt::Error(Error::Hubspot(hubspot::Error::Refused(refusal))))
                    if inputs.len() > most / 10 =>
                {
                    tracing::debug!(%refusal, "fewer inputs a call");
                    context.fewer_link_inputs();
                    let rest = inputs.split_off(inputs.len() / 2);
                    waiting.extend([rest, inputs]);
                }
                Err(Halt::Error(Error::Hubspot(error))) if fetch::breaks_on_size(&error) => {
                    if inputs.len() == 1 {
                        failed.push((inputs[0].0, error.to_string()));
                    } else {
                        let rest = inputs.split_off(inputs.len() / 2);
                        waiting.extend([rest, inputs]);
                    }
                }
                Err(halt) => return Err(halt),
            }
        }
        for (id, _) in &failed {
            sets.remove(id);
        }
        let mut sets: Vec<LinkSet> = sets
            .into_iter()
            .map(|(from, mut links)| {
                links.sort_unstable();
                links.dedup();
                LinkSet { from, links }
            })
            .collect();
        sets.sort_unstable_by_key(|set| set.from);
        Ok(Sets { sets, failed })
    }

    /// Gives every link the type and the label it has in the direction that is kept. A set with a type whose other
    /// direction is not known stays as it is here.
    async fn turned(
        &self,
        context: &Context,
        mut sets: Vec<LinkSet>,
        unknown: bool,
    ) -> Result<Vec<LinkSet>, Halt> {
        let none = HashMap::new();
        let own = if unknown {
            let asked = async {
                let (near, far) = definitions::labels(context, self.near, self.far).await?;
                Ok::<_, Halt>(inverses(&near, &far))
            };
            Box::pin(self.own.get_or_try_init(|| asked)).await?
        } else {
            &none
        };
        let before = sets.len();
        sets.retain_mut(|set| set.links.iter_mut().all(|link| turn(link, own)));
        if sets.len() < before {
            let message = format!(
                "The links of {} {} are of a type whose other direction HubSpot did not tell; they stay as they were.",
                before - sets.len(),
                self.near.plural
            );
            context.tell(Level::Warn, "links_failed", Some(&self.near.object), message).await?;
        }
        Ok(sets)
    }
}

/// False if the other direction of its type is not known.
fn turn(link: &mut Link, own: &HashMap<i64, AssociationType>) -> bool {
    let hubspots = if link.category == "HUBSPOT_DEFINED" { catalog::inverse(link.type_id) } else { None };
    match (hubspots, own.get(&link.type_id)) {
        (Some(inverse), _) => link.type_id = inverse,
        (None, Some(inverse)) => (link.type_id, link.label) = (inverse.type_id, inverse.label.clone()),
        (None, None) => return false,
    }
    true
}

/// Pairs up the types of both directions: by label first, then in the order of their ids within a category (HubSpot
/// makes the two directions of a label together).
fn inverses(near: &[AssociationType], far: &[AssociationType]) -> HashMap<i64, AssociationType> {
    let mut found = HashMap::new();
    let mut free: Vec<&AssociationType> = far.iter().collect();
    let mut rest = Vec::new();
    for kind in near {
        let same = |other: &&AssociationType| other.category == kind.category && other.label == kind.label;
        match free.iter().position(same) {
            Some(at) => {
                found.insert(kind.type_id, free.swap_remove(at).clone());
            }
            None => rest.push(kind),
        }
    }
    free.sort_unstable_by_key(|kind| kind.type_id);
    rest.sort_unstable_by_key(|kind| kind.type_id);
    for kind in rest {
        if let Some(at) = free.iter().position(|other| other.category == kind.category) {
            found.insert(kind.type_id, free.remove(at).clone());
        }
    }
    found
}

struct Sets {
    sets: Vec<LinkSet>,
    failed: Vec<(RecordId, String)>,
}

/// Which association types an answer held.
#[derive(Debug, Clone, Copy, Default)]
struct Kinds {
    any: bool,
    /// Some are not among HubSpot's own, so the portal's labels are needed.
    unknown: bool,
}

impl Kinds {
    fn and(self, other: Kinds) -> Kinds {
        Kinds { any: self.any || other.any, unknown: self.unknown || other.unknown }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_two_directions_of_a_label_find_each_other() {
        let kind = |category: &str, type_id, label: Option<&str>| AssociationType {
            category: category.into(),
            type_id,
            label: label.map(str::to_owned),
        };
        let near = [
            kind("USER_DEFINED", 11, Some("Employee")),
            kind("USER_DEFINED", 13, Some("Partner")),
            kind("HUBSPOT_DEFINED", 280, None),
        ];
        let far = [
            kind("USER_DEFINED", 14, Some("Partner")),
            kind("HUBSPOT_DEFINED", 279, None),
            kind("USER_DEFINED", 12, Some("Employer")),
        ];
        let found = inverses(&near, &far);
        let of = |type_id| found.get(&type_id).map(|kind| (kind.type_id, kind.label.as_deref()));
        assert_eq!(of(11), Some((12, Some("Employer"))));
        assert_eq!(of(13), Some((14, Some("Partner"))));
        assert_eq!(of(280), Some((279, None)));
    }
}
