//! The life of one pair's links in a run: all of them the first time and when that is due, else those of the records
//! that changed. Deliberately absent: how links are read and kept (`links`).

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use crm::{ObjectType, Timestamp};
use hubspot::ObjectKind;
use store::{Level, Waiting};
use tokio::sync::watch;

use crate::{
    Error, StreamState,
    context::Context,
    definitions::Portal,
    error::Halt,
    links::{self, Changed, PairPlan},
    mark,
};

/// How far a type's records are, for the links that wait for them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reached {
    Start,
    Copied,
    /// Skipped or failed.
    Without,
}

pub(crate) type Signals = Arc<HashMap<ObjectType, watch::Sender<Reached>>>;

/// Brings the links of a pair up to date. False if some that changed are still to be read.
pub(crate) async fn keep(context: &Context, plan: &PairPlan, signals: &Signals) -> Result<bool, Halt> {
    counted(context, plan, signals).await?;
    let reached = |object: &ObjectType| *signals[object].borrow();
    let without =
        || [&plan.a, &plan.b].into_iter().find(|end| reached(&end.object) == Reached::Without).cloned();
    let ended = if without().is_some() { Ok(()) } else { work(context, plan, signals).await };
    context.board.links(|totals, _| totals.pairs_done += 1);
    let left_out = without().map(|end| format!("{} are not copied.", end.plural));
    alone(context, plan, ended, left_out).await
}

/// Reads the links of all records that wait for it, of every pair that has been read once.
pub(crate) async fn catch_up(context: &Context, portal: &Portal) -> Result<(), Halt> {
    let mut unlinked = HashSet::new();
    let is_followed = |plan: &PairPlan| ![&plan.a, &plan.b].iter().any(|end| context.leaves_out(&end.object));
    for plan in links::pairs(portal).into_iter().filter(is_followed) {
        let context = &context.of(&plan.key());
        let changed = changed(context, &plan).await?;
        if !alone(context, &plan, links::follow(context, &plan, &changed).await, None).await? {
            unlinked.extend([plan.a.object, plan.b.object]);
        }
    }
    let followed = portal.kinds.iter().map(|kind| &kind.object).filter(|object| !unlinked.contains(object));
    Ok(settle(context, followed).await?)
}

/// Nothing of these types waits for its links any more.
pub(crate) async fn settle(
    context: &Context,
    followed: impl Iterator<Item = &ObjectType>,
) -> Result<(), Error> {
    for object in followed {
        let object = object.clone();
        context.writer.call(move |store| store.links_followed(&object)).await?;
    }
    Ok(())
}

/// A pair's trouble stays its own, unless it concerns the whole run. True if there was none. `left_out`: why nothing was
/// to be read.
async fn alone(
    context: &Context,
    plan: &PairPlan,
    ended: Result<(), Halt>,
    left_out: Option<String>,
) -> Result<bool, Halt> {
    match ended {
        Ok(()) => {
            let left_out = match left_out {
                Some(reason) => Some(reason),
                None => unlinked(context, plan).await?,
            };
            let state = if left_out.is_some() { StreamState::Skipped } else { StreamState::Done };
            context.tally.end(state, left_out, context.now());
            Ok(true)
        }
        Err(Halt::Error(error)) if !error.stops_the_run() => {
            let message = format!("Links between {} and {} stopped: {error}", plan.a.plural, plan.b.plural);
            context.tell(Level::Error, "links_failed", None, message).await?;
            context.tally.end(StreamState::Failed, Some(error.to_string()), context.now());
            Ok(false)
        }
        Err(halt) => Err(halt),
    }
}

/// What HubSpot said to a pair that it does not link.
async fn unlinked(context: &Context, plan: &PairPlan) -> Result<Option<String>, Error> {
    let mark = mark::read_links(&context.writer, &plan.key()).await?;
    Ok(mark.refused.map(|refusal| format!("HubSpot does not link these types: {refusal}")))
}

/// The direction depends on both sizes: waits until they are known, because counted or because copied.
async fn counted(context: &Context, plan: &PairPlan, signals: &Signals) -> Result<(), Halt> {
    let mut changes = context.board.changes();
    let unknown = |end: &ObjectKind| {
        *signals[&end.object].borrow() == Reached::Start && context.board.total_of(&end.object).is_none()
    };
    while unknown(&plan.a) || unknown(&plan.b) {
        context.unless_cancelled(changes.changed()).await?.map_err(|_| Error::WriterGone)?;
    }
    Ok(())
}

async fn work(context: &Context, plan: &PairPlan, signals: &Signals) -> Result<(), Halt> {
    let ready = |object: ObjectType| {
        let mut signal = signals[&object].subscribe();
        async move {
            let reached =
                context.unless_cancelled(signal.wait_for(|reached| *reached != Reached::Start)).await?;
            Ok::<bool, Halt>(*reached.map_err(|_| Error::WriterGone)? == Reached::Copied)
        }
    };
    if !begun(context, plan).await? {
        for end in [&plan.a, &plan.b] {
            if !ready(end.object.clone()).await? {
                return Ok(());
            }
        }
        if !due(context, plan).await? {
            let _linking = context.linking().await?;
            return links::follow(context, plan, &changed(context, plan).await?).await;
        }
    }
    let expected = expected(context, plan);
    context.board.links(|totals, _| totals.planned += expected);
    links::copy(context, plan, expected, ready).await?;
    let mut mark = mark::read_links(&context.writer, &plan.key()).await?;
    if mark.began == context.began.millis() && !mark.pass_open {
        mark.swept = Some(context.started_at().millis());
        mark::write_links(&context.writer, &plan.key(), &mark, context.now()).await?;
    }
    Ok(())
}

/// All links are to be read whatever the records do: the first time, on request, to the end of what was begun.
async fn begun(context: &Context, plan: &PairPlan) -> Result<bool, Error> {
    let mark = mark::read_links(&context.writer, &plan.key()).await?;
    let other_window = mark.since != context.since.map(Timestamp::millis);
    Ok(!mark.done_once || mark.pass_open || other_window || context.full)
}

/// All links are to be read because it is time, or because a type was listed again: then nobody knows which records of
/// it have changed.
async fn due(context: &Context, plan: &PairPlan) -> Result<bool, Error> {
    for end in [&plan.a, &plan.b] {
        let mark = mark::read_stream(&context.writer, end.object.as_str()).await?;
        if mark.began == context.began.millis() {
            return Ok(true);
        }
    }
    Ok(context.sweep_due(mark::read_links(&context.writer, &plan.key()).await?.swept))
}

/// Records of both types that have changed since their links were read.
async fn changed(context: &Context, plan: &PairPlan) -> Result<Changed, Error> {
    /// Ids of one look into the queue.
    const STEP: usize = 10_000;
    let mut changed = Changed::new();
    for end in [&plan.a, &plan.b] {
        let mut ids = Vec::new();
        loop {
            let (object, past) = (end.object.clone(), ids.last().map_or(0, |id: &crm::RecordId| id.get()));
            let look = move |store: &mut store::Writer| store.waiting(&object, &Waiting::Links, past, STEP);
            let some = context.writer.call(look).await?;
            let all = some.len() < STEP;
            ids.extend(some);
            if all {
                break;
            }
        }
        changed.insert(end.object.clone(), ids);
    }
    Ok(changed)
}

/// Records whose links will probably be asked: those of the smaller side, under a window those of both.
fn expected(context: &Context, plan: &PairPlan) -> u64 {
    let of = |kind: &ObjectKind| context.board.total_of(&kind.object).unwrap_or(0);
    let (a, b) = (of(&plan.a), of(&plan.b));
    if context.since.is_some() && plan.a.object != plan.b.object { a + b } else { a.min(b) }
}
