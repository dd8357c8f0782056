//! Links as streams of their own, one per pair of types: complete link sets of up to 1,000 records a call.
//!
//! A pair is kept in one direction, fixed when it is first read: from the side with fewer records. Under a window
//! both sides are read, and what the other side answers is turned round before it is stored.

use std::collections::{HashMap, HashSet};

use crm::{AssociationType, Link, LinkSet, ObjectType, Pair, RecordId, Timestamp};
use futures::stream::{FuturesUnordered, StreamExt};
use hubspot::{ObjectKind, catalog, endpoint::AssociationsRead};
use store::{Level, LinksCommit, LinksStored, Range, Side};
use tokio::sync::Mutex;

use crate::{
    Error, StreamState,
    context::{Context, Pass},
    definitions::{self, Portal},
    error::Halt,
    fetch, linked,
    mark::{self, LinkMark},
};

/// Ids of one range: one call, where no record has more links than an answer holds.
pub(crate) const RANGE_IDS: usize = 1_000;
/// A call carries ten times as many link sets as it would carry records; the rate counts them so.
const LINKS_PER_RECORD: u64 = 10;
/// Association calls in flight for one pair.
const CALLS: usize = 4;
/// One record that breaks its answer is found by halving a thousand ten times. When more calls fail in a row, it is HubSpot
/// that is ill, and the rest waits.
const FAILURES_MAX: usize = 12;
/// Queued records of one side of a pair that are tried again in one run.
const QUEUED_MAX: usize = 10_000;

/// Two types that can be linked.
#[derive(Debug, Clone)]
pub(crate) struct PairPlan {
    pub(crate) a: ObjectKind,
    pub(crate) b: ObjectKind,
}

impl PairPlan {
    /// The name of its stream.
    pub(crate) fn key(&self) -> String {
        format!("links:{}>{}", self.a.object, self.b.object)
    }
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

/// Records whose links may have changed, by type.
pub(crate) type Changed = HashMap<ObjectType, Vec<RecordId>>;

/// One reading of a pair: from which of its sides.
struct Reading<'a> {
    /// The direction in which the links are kept.
    pair: Pair,
    /// The side whose ids are asked.
    near: &'a ObjectKind,
    far: &'a ObjectKind,
    side: Side,
    stream: String,
    labels: Mutex<Labels>,
}

impl<'a> Reading<'a> {
    /// From the side that `reversed` tells, or the other one.
    fn new(plan: &'a PairPlan, reversed: bool, side: Side, stream: String, labels: Labels) -> Reading<'a> {
        let (from, to) = if reversed { (&plan.b, &plan.a) } else { (&plan.a, &plan.b) };
        let pair = Pair::new(from.object.clone(), to.object.clone());
        let (near, far) = if side == Side::From { (from, to) } else { (to, from) };
        Reading { pair, near, far, side, stream, labels: Mutex::new(labels) }
    }
}

/// Reads all links of a pair; `ready` waits until the records of a type are here,
/// and tells whether they are.
pub(crate) async fn copy<F: Future<Output = Result<bool, Halt>>>(
    context: &Context,
    plan: &PairPlan,
    expected: u64,
    ready: impl Fn(ObjectType) -> F,
) -> Result<(), Halt> {
    let key = plan.key();
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
    let _linking = context.linking().await?;
    if pass == Pass::New && !mark.done_once && !exists(context, plan, &mut mark, &key).await? {
        context.board.links(|totals, _| totals.planned = totals.planned.saturating_sub(expected));
        return Ok(());
    }
    // A pass looks at the labels, too: they are renamed without any link being touched.
    let reading = |side, stream| Reading::new(plan, mark.reversed, side, stream, Labels::to_be_read());
    let mut readings = vec![reading(Side::From, key.clone())];
    if context.since.is_some() && plan.a.object != plan.b.object {
        context.writer.call(store::Writer::index_links).await?;
        readings.push(reading(Side::To, format!("{key}:back")));
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
    context.tally.by("all");
    for reading in &readings {
        reading.run(context).await?;
    }
    let at = context.now();
    (mark.pass_open, mark.done_once, mark.last_good_at) = (false, true, Some(at.to_string()));
    mark::write_links(&context.writer, &key, &mark, at).await?;
    Ok(())
}

/// Whether HubSpot knows the pair. One that its own table of links does not name is asked for once, for one record;
/// refused, it is left alone until everything is read anew.
async fn exists(context: &Context, plan: &PairPlan, mark: &mut LinkMark, key: &str) -> Result<bool, Halt> {
    let (near, far) = if mark.reversed { (&plan.b, &plan.a) } else { (&plan.a, &plan.b) };
    if near.custom
        || far.custom
        || catalog::is_certain(&Pair::new(plan.a.object.clone(), plan.b.object.clone()))
    {
        return Ok(true);
    }
    if mark.refused.is_some() && !context.full {
        return Ok(false);
    }
    let object = near.object.clone();
    let first = context.writer.call(move |store| store.first_id(&object)).await?;
    // Nothing to ask for yet.
    let Some(first) = first else { return Ok(false) };
    let request = AssociationsRead { from: near, to: far, inputs: &[(first, None)] };
    let refused = match context.send(&request).await {
        Err(Halt::Error(Error::Hubspot(
            error @ (hubspot::Error::Refused(_)
            | hubspot::Error::NotFound(_)
            | hubspot::Error::MissingScopes { .. }),
        ))) => Some(error.to_string()),
        Err(halt) => return Err(halt),
        Ok(_) => None,
    };
    mark.refused.clone_from(&refused);
    if refused.is_some() {
        tracing::debug!(pair = key, "HubSpot does not link these types");
        mark::write_links(&context.writer, key, mark, context.now()).await?;
    }
    Ok(refused.is_none())
}

/// Reads again, of a pair that has been read once, the links of records that changed and of those whose links could not
/// be read before: complete sets, from whichever side the record is on.
pub(crate) async fn follow(context: &Context, plan: &PairPlan, changed: &Changed) -> Result<(), Halt> {
    let key = plan.key();
    let mark = mark::read_links(&context.writer, &key).await?;
    if !mark.done_once {
        return Ok(());
    }
    context.tally.by("changes");
    let sides: &[Side] = if plan.a.object == plan.b.object { &[Side::From] } else { &[Side::From, Side::To] };
    for side in sides {
        let reading = Reading::new(plan, mark.reversed, *side, key.clone(), Labels::default());
        let ids = reading.waiting(context, changed).await?;
        if ids.is_empty() {
            continue;
        }
        reading.remember_labels(context).await?;
        let mut others: HashSet<RecordId> = HashSet::new();
        for ids in ids.chunks(RANGE_IDS) {
            others.extend(reading.follow(context, ids.to_vec()).await?);
        }
        // Between records of one type each end keeps a set of its own.
        let mut others: Vec<RecordId> =
            others.into_iter().filter(|id| ids.binary_search(id).is_err()).collect();
        others.sort_unstable();
        for ids in others.chunks(RANGE_IDS) {
            reading.follow(context, ids.to_vec()).await?;
        }
    }
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
        let mut reading = FuturesUnordered::new();
        let mut waiting = waiting.into_iter();
        loop {
            while reading.len() < CALLS
                && let Some(range) = waiting.next()
            {
                reading.push(self.range(context, range));
            }
            match reading.next().await {
                Some(read) => read?,
                None => return Ok(()),
            }
        }
    }

    /// Ids of the near side to be read again, ascending. None where the far side has no records that could be linked.
    async fn waiting(&self, context: &Context, changed: &Changed) -> Result<Vec<RecordId>, Halt> {
        let (pair, side, far) = (self.pair.clone(), self.side, self.far.object.clone());
        let look = move |store: &mut store::Writer| {
            Ok((store.queued_links(&pair, side, QUEUED_MAX)?, store.counts(&far)?.live))
        };
        let (mut ids, far_live) = context.writer.call(look).await?;
        if far_live > 0 || context.since.is_some() {
            ids.extend(changed.get(&self.near.object).into_iter().flatten());
        }
        ids.sort_unstable();
        ids.dedup();
        Ok(ids)
    }

    /// One call's records. Gives back other records of the same type whose sets must have changed with it.
    async fn follow(&self, context: &Context, ids: Vec<RecordId>) -> Result<Vec<RecordId>, Halt> {
        let (stored, linked) = self.bring(context, ids, None).await?;
        context.board.links(|totals, _| totals.links += stored.links);
        if context.since.is_some() {
            linked::bring(context, self.far, linked).await?;
        }
        Ok(stored.others)
    }

    async fn range(&self, context: &Context, range: Range) -> Result<(), Halt> {
        let (object, lo, hi, since) = (self.near.object.clone(), range.lo, range.hi, context.since);
        let ids = context.writer.call(move |store| store.ids_in(&object, lo, hi, since)).await?;
        let asked = ids.len() as u64;
        let (stored, _) = self.bring(context, ids, Some(range.id)).await?;
        context.board.links(|totals, _| {
            totals.read += asked;
            totals.planned = (totals.planned + asked).saturating_sub(RANGE_IDS as u64);
            totals.links += stored.links;
        });
        context.board.committed(asked / LINKS_PER_RECORD);
        Ok(())
    }

    /// Reads the links of these records and keeps them; those that could not be read are queued. Gives back the ids at
    /// the other end, too.
    async fn bring(
        &self,
        context: &Context,
        ids: Vec<RecordId>,
        range: Option<i64>,
    ) -> Result<(LinksStored, Vec<RecordId>), Halt> {
        let Sets { mut sets, failed } = self.read(context, ids).await?;
        let linked: Vec<RecordId> = if range.is_none() && context.since.is_some() {
            sets.iter().flat_map(|set| &set.links).map(|link| link.to).collect()
        } else {
            Vec::new()
        };
        Box::pin(self.learn(context, &sets)).await?;
        let read = sets.len();
        if self.side == Side::To {
            sets = self.turned(context, sets).await?;
        }
        let unread = (read - sets.len() + failed.len()) as u64;
        if let Some((_, reason)) = failed.first() {
            let message = format!(
                "The links of {} {} could not be read and will be asked for again: {reason}",
                failed.len(),
                self.near.plural,
            );
            context.tell(Level::Warn, "links_failed", Some(&self.near.object), message).await?;
        }
        let (pair, side, at) = (self.pair.clone(), self.side, context.now());
        let commit = move |store: &mut store::Writer| {
            let commit = LinksCommit { pair: &pair, side, range, sets: &sets, failed: &failed, at };
            store.commit_links(&commit)
        };
        let stored = context.writer.call(commit).await?;
        context.count_links(&stored, unread);
        Ok((stored, linked))
    }

    /// Complete link sets of these ids; ids whose links cannot be read are named with the reason and left untouched.
    async fn read(&self, context: &Context, ids: Vec<RecordId>) -> Result<Sets, Halt> {
        let mut sets: HashMap<RecordId, Vec<Link>> = HashMap::with_capacity(ids.len());
        let mut failed: Vec<(RecordId, String)> = Vec::new();
        let mut waiting: Vec<Vec<(RecordId, Option<String>)>> =
            vec![ids.into_iter().map(|id| (id, None)).collect()];
        let mut in_a_row = 0;
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
                    in_a_row = 0;
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
                    in_a_row += 1;
                    if inputs.len() == 1 || in_a_row > FAILURES_MAX {
                        let reason = error.to_string();
                        failed.extend(inputs.iter().map(|(id, _)| (*id, reason.clone())));
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

    /// Takes what is known of the pair's labels from the mirror.
    async fn remember_labels(&self, context: &Context) -> Result<(), Halt> {
        let there = Pair::new(self.near.object.clone(), self.far.object.clone());
        let look = move |store: &mut store::Writer| {
            Ok((store.association_types(&there)?, store.association_types(&there.reversed())?))
        };
        let (near, far) = context.writer.call(look).await?;
        *self.labels.lock().await = Labels::of(near, &far);
        Ok(())
    }

    /// Asks HubSpot for the pair's labels, at most once, where they are wanted or a link has a type that is not known.
    async fn learn(&self, context: &Context, sets: &[LinkSet]) -> Result<(), Halt> {
        let mut labels = self.labels.lock().await;
        let mut links = sets.iter().flat_map(|set| &set.links);
        let is_needed = match labels.standing {
            Standing::Asked => false,
            Standing::Wanted => links.next().is_some(),
            Standing::Kept => links.any(|link| !labels.know(link)),
        };
        if is_needed {
            let (near, far) = definitions::labels(context, self.near, self.far).await?;
            *labels = Labels { standing: Standing::Asked, ..Labels::of(near, &far) };
        }
        Ok(())
    }

    /// Gives every link the type and the label it has in the direction that is kept. A set with a type whose other
    /// direction is not known stays as it is here.
    async fn turned(&self, context: &Context, mut sets: Vec<LinkSet>) -> Result<Vec<LinkSet>, Halt> {
        let labels = self.labels.lock().await;
        let before = sets.len();
        sets.retain_mut(|set| set.links.iter_mut().all(|link| turn(link, &labels.inverse)));
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

/// What the near side's types of links are called, and what each is in the other direction.
#[derive(Default)]
struct Labels {
    standing: Standing,
    near: Vec<AssociationType>,
    inverse: HashMap<i64, AssociationType>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Standing {
    /// As they were read some time before.
    #[default]
    Kept,
    /// To be read if there are links at all.
    Wanted,
    Asked,
}

impl Labels {
    fn to_be_read() -> Labels {
        Labels { standing: Standing::Wanted, ..Labels::default() }
    }

    fn of(near: Vec<AssociationType>, far: &[AssociationType]) -> Labels {
        Labels { standing: Standing::Kept, inverse: inverses(&near, far), near }
    }

    fn know(&self, link: &Link) -> bool {
        let is_hubspots = link.category == "HUBSPOT_DEFINED" && catalog::inverse(link.type_id).is_some();
        let is_same = |kind: &AssociationType| {
            kind.type_id == link.type_id && kind.category == link.category && kind.label == link.label
        };
        is_hubspots || self.near.iter().any(is_same)
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
