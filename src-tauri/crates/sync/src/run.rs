//! One run from start to end: definitions, then all streams side by side, then what must come last.

use std::{
    collections::{HashMap, HashSet},
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};

use crm::{ObjectType, Timestamp};
use hubspot::{Client, Lane, ObjectKind, Usage};
use serde::{Deserialize, Serialize};
use store::Level;
use tokio::{sync::watch, task::JoinSet};
use tokio_util::sync::CancellationToken;

use crate::{
    Absent, Board, BoardSnapshot, Error, ImportMark, KeepHistory, RunFacts, Stop, StreamBoard, StreamState,
    context::Context,
    definitions::{self, Portal},
    error::Halt,
    fetch, indexing, learned, linked, links, mark,
    pairs::{self, Reached, Signals},
    planning, stream, tending,
    writer::WriterHandle,
};

/// What a run works on.
pub struct Job {
    pub client: Client,
    pub mirror: PathBuf,
    pub board: Arc<Board>,
    /// Cancelling ends the run after the commit that is under way; nothing is lost.
    pub cancel: CancellationToken,
    pub options: Options,
    /// This computer's clock, used until HubSpot has told the time.
    pub clock: fn() -> Timestamp,
}

/// What a run is for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunKind {
    /// Asked for by a person or by the hour: definitions and counts too, and whatever else is due.
    #[default]
    Sync,
    /// Between those: what changed, as cheaply as can be. The first poll of an hour does what a sync does.
    Poll,
}

#[derive(Debug, Clone, Default)]
pub struct Options {
    pub kind: RunKind,
    /// Start of the window by last change; none copies everything.
    pub since: Option<Timestamp>,
    /// Read everything again into the same rows, whatever an interrupted run left open.
    pub full: bool,
    /// Scopes known to be granted; none when HubSpot does not tell.
    pub granted: Option<Vec<String>>,
    /// What becomes of properties that the portal has made since the last look.
    pub new_properties: store::NewProperties,
    pub history: KeepHistory,
    /// Types that somebody chose to leave out: nothing of them is asked for, and their rows stay.
    pub left_out: Vec<ObjectType>,
}

/// How a run ended.
#[derive(Debug)]
pub struct Outcome {
    /// None: every permitted stream was copied or has failed alone.
    pub stop: Option<Stop>,
    pub streams: Vec<StreamReport>,
    /// Rarer types that this portal does not have, or does not show to this key.
    pub absent: Vec<Absent>,
    pub facts: RunFacts,
    pub first_import: bool,
    pub took: Duration,
    pub usage: Usage,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StreamReport {
    pub object: ObjectType,
    pub found: Option<u64>,
    pub stored: u64,
    /// Records set aside.
    pub quarantined: u64,
    pub state: StreamState,
    pub reason: Option<String>,
    /// What a skipped type would need.
    pub missing_scopes: Vec<String>,
    /// It is skipped because somebody chose so.
    pub left_out: bool,
}

/// Copies what is permitted, or brings the copy up to date.
pub async fn run(job: Job) -> Outcome {
    let started = Instant::now();
    let cancel = job.cancel.clone();
    let (board, client) = (Arc::clone(&job.board), job.client.clone());
    let ended = inner(job).await;
    let (stop, facts, first_import) = match ended {
        Ok((facts, first_import)) => (None, facts, first_import),
        Err(Halt::Cancelled) => (Some(Stop::Cancelled), RunFacts::default(), board.snapshot().first_import),
        Err(Halt::Error(error)) => (Some(error.into()), RunFacts::default(), board.snapshot().first_import),
    };
    cancel.cancel();
    let BoardSnapshot { streams, absent, .. } = board.snapshot();
    let streams = streams.into_iter().map(report).collect();
    Outcome { stop, streams, absent, facts, first_import, took: started.elapsed(), usage: client.usage() }
}

fn report(stream: StreamBoard) -> StreamReport {
    StreamReport {
        object: stream.object,
        found: stream.total.map(|(total, _)| total),
        stored: stream.filled,
        quarantined: stream.quarantined,
        state: stream.state,
        reason: stream.reason,
        missing_scopes: stream.missing_scopes,
        left_out: stream.left_out,
    }
}

async fn inner(job: Job) -> Result<(RunFacts, bool), Halt> {
    let started = Instant::now();
    let writer = WriterHandle::open(job.mirror).await?;
    let now = (job.clock)();
    let mut import = mark::read_import(&writer).await?;
    // What a run left that was cut is in no facts.
    let links_before = import.finished.filter(|_| !import.open).map(|facts| facts.links);
    if !continues(&import, &job.options) {
        import = ImportMark {
            began: now.millis(),
            open: true,
            kind: job.options.kind,
            full: job.options.full,
            started: None,
            defined: false,
            listed: false,
            learned: Vec::new(),
            ..import
        };
    }
    let first_import = !import.first_done;
    let name = match import.kind {
        _ if first_import => "import",
        RunKind::Sync => "sync",
        RunKind::Poll => "poll",
    };
    let run = writer.call(move |store| store.begin_run(name, now)).await?;
    let granted = job.options.granted.map(Arc::from);
    let began = Timestamp::from_millis(import.began);
    job.board.begin(began, first_import, None);
    let lane = if first_import { Lane::Backfill } else { Lane::Incremental };
    let mut context = Context::new(
        job.client.in_lane(lane),
        writer.clone(),
        job.board,
        job.cancel.child_token(),
        job.options.since,
        import.kind,
        import.full,
        granted,
        run,
        began,
        job.clock,
    );
    (context.new_properties, context.history) = (job.options.new_properties, job.options.history);
    context.left_out = job.options.left_out.into();
    learned::recall(&context).await?;
    mark::write_import(&writer, &import, now).await?;
    let ended = copy(&mut context, &mut import).await;
    let (state, told) = match &ended {
        Ok(()) => ("done", None),
        Err(Halt::Cancelled) => {
            ("cancelled", Some((Level::Info, "run_stopped", "Stopped; it continues from here.".to_owned())))
        }
        Err(Halt::Error(error)) => {
            ("failed", Some((Level::Error, "run_failed", format!("Stopped: {error}"))))
        }
    };
    let snapshot = context.board.snapshot();
    let mut facts = facts(&snapshot, &context.client.usage(), started.elapsed());
    if ended.is_ok() {
        facts.links = links_here(&context, links_before).await?;
        (import.open, import.defined, import.first_done, import.finished) = (false, false, true, Some(facts));
        mark::write_import(&writer, &import, context.now()).await?;
    }
    if ended.is_ok() {
        planning::settle(&context, &context.client.usage(), started.elapsed()).await?;
    }
    // A full disk may refuse even this; what ended the run is what counts then.
    let closed = close(&context, run, state, &facts, told).await;
    ended?;
    closed?;
    Ok((facts, first_import))
}

/// Whether the run that was cut is gone on with. What it left undone includes what is asked for now; a poll that was
/// cut is not worth more than a new run, whose streams go on where it stopped anyway.
fn continues(cut: &ImportMark, options: &Options) -> bool {
    let includes =
        (cut.full || !options.full) && (cut.kind == RunKind::Sync || options.kind == RunKind::Poll);
    cut.open && includes
}

async fn close(
    context: &Context,
    run: i64,
    state: &'static str,
    facts: &RunFacts,
    told: Option<(Level, &str, String)>,
) -> Result<(), Error> {
    if let Some((level, code, message)) = told {
        context.tell(level, code, None, message).await?;
    }
    let summary = serde_json::to_string(facts).expect("facts are numbers");
    let at = context.now();
    let streams = context.tallies.rows(at);
    context.writer.call(move |store| store.finish_run(run, state, &summary, &streams, at)).await?;
    context.writer.call(store::Writer::tidy).await
}

fn facts(board: &BoardSnapshot, usage: &Usage, took: Duration) -> RunFacts {
    let failed = board.streams.iter().filter(|stream| stream.state == StreamState::Failed).count();
    RunFacts {
        records: board.streams.iter().map(|stream| stream.filled).sum(),
        links: board.links.links,
        millis: u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
        index_millis: u64::try_from(board.indexing.as_millis()).unwrap_or(u64::MAX),
        requests: usage.calls(),
        refusals: usage.refusals_429,
        streams_failed: failed as u64,
        quarantined: board.streams.iter().map(|stream| stream.quarantined).sum(),
    }
}

/// How many links there are; as many as before where the run has changed nothing.
async fn links_here(context: &Context, before: Option<u64>) -> Result<u64, Error> {
    match before {
        Some(links) if context.tallies.are_idle() => Ok(links),
        _ => context.writer.read(store::Reader::link_count).await,
    }
}

async fn copy(context: &mut Context, import: &mut ImportMark) -> Result<(), Halt> {
    let continued = import.defined;
    let portal = definitions::read(context, import).await?;
    context.sweep_calls = sweep_calls(context, &portal).await?;
    let context = &*context;
    if continued {
        let kinds: Vec<ObjectType> = portal.kinds.iter().map(|kind| kind.object.clone()).collect();
        let here = context
            .writer
            .call(move |store| kinds.iter().map(|kind| store.live_since(kind, None)).sum::<Result<u64, _>>())
            .await?;
        context.board.begin(Timestamp::from_millis(import.began), !import.first_done, Some(here));
    }
    context.board.leave_out(import.rarer.absent.clone());
    let portal = Arc::new(portal);
    for kind in &portal.kinds {
        context.board.add(StreamBoard {
            object: kind.object.clone(),
            label: kind.plural.clone(),
            total: None,
            filled: 0,
            quarantined: 0,
            state: StreamState::Queued,
            reason: None,
            missing_scopes: Vec::new(),
            left_out: false,
            last_good_at: None,
        });
    }
    let whole = (!import.first_done, import.full);
    let (copied, foretold) =
        futures::join!(streams(context, &portal), planning::foretell(context, &portal, whole));
    // Why the streams ended counts: the other is cancelled because of it.
    let copied = copied?;
    foretold?;
    if context.since.is_some() {
        for kind in &copied {
            stream::alone(context, kind, linked::copy(context, kind).await).await?;
        }
    }
    let indexing = Instant::now();
    context.writer.call(store::Writer::index_links).await?;
    for kind in &copied {
        indexing::build(context, kind).await?;
    }
    tending::after(context, &copied).await?;
    context.board.indexed_for(indexing.elapsed());
    context.board.links(|totals, state| {
        totals.exact = true;
        *state = StreamState::Done;
    });
    Ok(())
}

/// About what reading all links and all calculated properties takes, in calls.
async fn sweep_calls(context: &Context, portal: &Portal) -> Result<u64, Error> {
    let kinds: Vec<ObjectType> = portal.kinds.iter().map(|kind| kind.object.clone()).collect();
    let pairs = links::pairs(portal);
    context
        .writer
        .call(move |store| {
            let mut rows = HashMap::new();
            for kind in &kinds {
                rows.insert(kind.clone(), store.live_since(kind, None)?);
            }
            let of = |kind: &ObjectKind| rows.get(&kind.object).copied().unwrap_or(0);
            let links: u64 =
                pairs.iter().map(|plan| of(&plan.a).min(of(&plan.b)).div_ceil(links::RANGE_IDS as u64)).sum();
            Ok(links + rows.values().map(|rows| rows.div_ceil(u64::from(fetch::PAGE))).sum::<u64>())
        })
        .await
}

/// What a stream's end tells the run.
enum Ended {
    /// None if it was skipped or has failed.
    Records(Option<ObjectKind>),
    /// The types whose links wait on, because some could not be read.
    Links(Vec<ObjectType>),
}

/// Records and links side by side. Returns the types that were copied.
async fn streams(context: &Context, portal: &Arc<Portal>) -> Result<Vec<ObjectKind>, Halt> {
    let signals: Signals = Arc::new(
        portal.kinds.iter().map(|kind| (kind.object.clone(), watch::channel(Reached::Start).0)).collect(),
    );
    let pairs = links::pairs(portal);
    context.board.links(|totals, _| totals.pairs = pairs.len() as u64);
    let mut working: JoinSet<Result<Ended, Halt>> = JoinSet::new();
    for kind in &portal.kinds {
        let (context, kind, signals) = (context.of(kind.object.as_str()), kind.clone(), Arc::clone(&signals));
        working.spawn(async move { record_stream(&context, kind, &signals).await });
    }
    for plan in pairs {
        let (context, signals) = (context.of(&plan.key()), Arc::clone(&signals));
        working.spawn(async move {
            let whole = pairs::keep(&context, &plan, &signals).await?;
            Ok(Ended::Links(if whole { Vec::new() } else { vec![plan.a.object, plan.b.object] }))
        });
    }
    let (mut copied, mut unlinked) = (Vec::new(), HashSet::new());
    let mut halted = None;
    while let Some(joined) = working.join_next().await {
        match joined.expect("streams do not panic") {
            Ok(Ended::Records(kind)) => copied.extend(kind),
            Ok(Ended::Links(objects)) => unlinked.extend(objects),
            // The first reason counts: the others are cancelled because of it.
            Err(halt) => {
                context.cancel.cancel();
                if halted.is_none() || matches!(halted, Some(Halt::Cancelled)) {
                    halted = Some(halt);
                }
            }
        }
    }
    if let Some(halt) = halted {
        return Err(halt);
    }
    let followed = copied.iter().map(|kind| &kind.object).filter(|object| !unlinked.contains(object));
    pairs::settle(context, followed).await?;
    copied.sort_unstable_by(|a, b| a.object.cmp(&b.object));
    Ok(copied)
}

async fn record_stream(context: &Context, kind: ObjectKind, signals: &Signals) -> Result<Ended, Halt> {
    let whole = stream::keep(context, &kind).await?;
    signals[&kind.object].send_replace(if whole { Reached::Copied } else { Reached::Without });
    context.board.touch();
    Ok(Ended::Records(whole.then_some(kind)))
}
