//! The proof: the copy held against HubSpot, in a run of its own. Three findings, each saying no more than it proves.
//!
//! What differs is settled record by record, by asking for each, and counted; a count alone decides nothing. Each finding
//! is kept when it is made, so a proof that is cut goes on where it stopped. Deliberately absent: when a proof is made.

mod chance;
mod cost;
mod counts;
mod ids;
mod mark;
mod values;
mod words;

use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, Instant},
};

use crm::{ObjectType, Timestamp};
use hubspot::{ObjectKind, Usage, endpoint::AccountDetails};
use store::{Finding, Level, ProofOutcome, ProofRow};

use crate::{
    Error, Job, RunKind, Stop, StreamBoard, StreamState, context::Context, definitions, error::Halt,
    mark as marks, pairs, removals::Settled, stream::permission_missing, writer::WriterHandle,
};
pub use cost::{ProofCost, proof_costs, weekly_proof};
pub use mark::{IdsPart, IdsPlace, ProofMark};
pub use words::{Detail, in_words};

/// How much a proof compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Depth {
    /// The first finding.
    Counts,
    /// All three.
    Deep,
}

impl Depth {
    fn findings(self) -> &'static [Finding] {
        match self {
            Depth::Counts => &[Finding::Counts],
            Depth::Deep => &[Finding::Counts, Finding::Ids, Finding::Values],
        }
    }
}

/// How a proof ended. Its findings are in the mirror.
#[derive(Debug)]
pub struct Proved {
    /// None: it came to its end.
    pub stop: Option<Stop>,
    /// Findings made since then are this proof's; none if it could not begin.
    pub began: Option<Timestamp>,
    /// Types that are not in the copy, and why.
    pub skipped: Vec<(ObjectType, String)>,
    pub took: Duration,
    pub usage: Usage,
}

/// What came of one finding.
struct Found {
    compared: u64,
    calls: u64,
    detail: Detail,
    settled: Settled,
    unproven: bool,
}

impl Found {
    fn unproven(reason: impl Into<String>) -> Found {
        Found {
            compared: 0,
            calls: 0,
            detail: Detail { reason: Some(reason.into()), ..Detail::default() },
            settled: Settled::default(),
            unproven: true,
        }
    }

    fn calls(self, calls: u64) -> Found {
        Found { calls, ..self }
    }

    fn outcome(&self) -> ProofOutcome {
        let Settled { missing, extra, wrong, unclear, .. } = self.settled;
        match (self.unproven, unclear, missing + extra + wrong) {
            (true, ..) => ProofOutcome::Unproven,
            (_, 0, 0) => ProofOutcome::Equal,
            (_, 0, _) => ProofOutcome::Repaired,
            _ => ProofOutcome::Different,
        }
    }
}

/// Proves a copy whose first import is finished. The job's window is the one of the copy. Without a depth it goes as deep
/// as is due.
pub async fn verify(job: Job, depth: Option<Depth>) -> Proved {
    let started = Instant::now();
    let (cancel, client) = (job.cancel.clone(), job.client.clone());
    let (mut skipped, mut began) = (Vec::new(), None);
    let stop = match inner(job, depth, &mut skipped, &mut began).await {
        Ok(()) => None,
        Err(Halt::Cancelled) => Some(Stop::Cancelled),
        Err(Halt::Error(error)) => Some(error.into()),
    };
    cancel.cancel();
    Proved { stop, began, skipped, took: started.elapsed(), usage: client.usage() }
}

async fn inner(
    job: Job,
    depth: Option<Depth>,
    skipped: &mut Vec<(ObjectType, String)>,
    began: &mut Option<Timestamp>,
) -> Result<(), Halt> {
    let writer = WriterHandle::open(job.mirror).await?;
    let now = (job.clock)();
    let import = marks::read_import(&writer).await?;
    let run = writer.call(move |store| store.begin_run("proof", now)).await?;
    let (granted, cancel) = (job.options.granted.map(Arc::from), job.cancel.child_token());
    job.board.begin(now, false, None);
    let mut context = Context::new(
        job.client,
        writer,
        job.board,
        cancel,
        job.options.since,
        RunKind::Sync,
        false,
        granted,
        run,
        now,
        job.clock,
    );
    context.left_out = job.options.left_out.into();
    let portal = definitions::stored(&import);
    let mut ended = prove(&context, &portal.kinds, depth, skipped, began).await;
    if ended.is_ok() {
        // What the proof has stored may be linked otherwise than what was here.
        ended = pairs::catch_up(&context, &portal).await;
    }
    let (state, told) = match &ended {
        Ok(()) => ("done", None),
        Err(Halt::Cancelled) => (
            "cancelled",
            Some((Level::Info, "run_stopped", "The proof was stopped; it continues from here.".to_owned())),
        ),
        Err(Halt::Error(error)) => {
            ("failed", Some((Level::Error, "run_failed", format!("The proof stopped: {error}"))))
        }
    };
    // A full disk may refuse even this; what ended the proof is what counts then.
    let closed = close(&context, run, state, told).await;
    ended?;
    Ok(closed?)
}

async fn close(
    context: &Context,
    run: i64,
    state: &'static str,
    told: Option<(Level, &str, String)>,
) -> Result<(), Error> {
    if let Some((level, code, message)) = told {
        context.tell(level, code, None, message).await?;
    }
    let at = context.now();
    let streams = context.tallies.rows(at);
    context.writer.call(move |store| store.finish_run(run, state, "{}", &streams, at)).await
}

async fn prove(
    context: &Context,
    kinds: &[ObjectKind],
    depth: Option<Depth>,
    skipped: &mut Vec<(ObjectType, String)>,
    began: &mut Option<Timestamp>,
) -> Result<(), Halt> {
    // The answer tells the time, without which nobody knows what is young.
    let account = context.send(&AccountDetails).await?;
    context.client.know_account(&account);
    let known = mark::read(&context.writer).await?;
    let depth = match depth {
        Some(depth) => depth,
        None => due(context, known.clone()).await?,
    };
    let mut proof = known.begin(depth == Depth::Deep, context.now());
    *began = Some(Timestamp::from_millis(proof.began));
    mark::write(&context.writer, &proof, context.now()).await?;
    let ready = ready(context, kinds, skipped).await?;
    let findings = if proof.deep { Depth::Deep } else { Depth::Counts }.findings();
    plan(context, &ready, findings).await?;
    let mut ended: HashMap<ObjectType, (StreamState, String)> = HashMap::new();
    for finding in findings {
        for kind in &ready {
            if proof.has(kind.object.as_str(), *finding) {
                continue;
            }
            let context = &context.of(kind.object.as_str());
            context.tally.by(finding.as_str());
            context.board.stream(&kind.object, |stream| stream.state = StreamState::Checking);
            match find(context, kind, *finding, &mut proof).await {
                Ok(found) => keep(context, kind, *finding, &found).await?,
                Err(Halt::Error(Error::Hubspot(hubspot::Error::MissingScopes { scopes, .. }))) => {
                    let reason = permission_missing(&scopes);
                    ended.insert(kind.object.clone(), (StreamState::Skipped, reason.clone()));
                    skipped.push((kind.object.clone(), reason));
                }
                Err(Halt::Error(error)) if !error.stops_the_run() => {
                    ended.insert(kind.object.clone(), (StreamState::Failed, error.to_string()));
                    keep(context, kind, *finding, &Found::unproven(error.to_string())).await?;
                }
                Err(halt) => return Err(halt),
            }
            context.board.stream(&kind.object, |stream| stream.state = StreamState::Done);
            proof.done.push((kind.object.to_string(), finding.as_str().to_owned()));
            mark::write(&context.writer, &proof, context.now()).await?;
        }
    }
    for kind in &ready {
        let (state, reason) = ended.remove(&kind.object).unzip();
        let now = context.now();
        let tally = context.tallies.of(kind.object.as_str(), now);
        tally.end(state.unwrap_or(StreamState::Done), reason, now);
    }
    proof.finish(context.now());
    mark::write(&context.writer, &proof, context.now()).await?;
    Ok(())
}

/// How deep a proof goes now that nobody has asked for in particular.
async fn due(context: &Context, known: ProofMark) -> Result<Depth, Error> {
    let (since, now) = (context.since, context.now());
    let daily_limit = context.client.limits().daily.map(|daily| daily.limit);
    let look = move |reader: &store::Reader| Ok(cost::depth_due(reader, &known, since, now, daily_limit));
    context.writer.read(look).await?
}

/// The types that are copied; the others are named with the reason.
async fn ready(
    context: &Context,
    kinds: &[ObjectKind],
    skipped: &mut Vec<(ObjectType, String)>,
) -> Result<Vec<ObjectKind>, Halt> {
    let mut ready = Vec::new();
    for kind in kinds {
        let mark = marks::read_stream(&context.writer, kind.object.as_str()).await?;
        let reason = if context.leaves_out(&kind.object) {
            crate::stream::LEFT_OUT.to_owned()
        } else if let Some(scopes) = kind.missing(context.granted.as_deref()) {
            let scopes: Vec<String> = scopes.into_iter().map(str::to_owned).collect();
            permission_missing(&scopes)
        } else if !mark.first_pass_done {
            mark.reason.unwrap_or_else(|| "Its first import is not finished.".to_owned())
        } else {
            ready.push(kind.clone());
            continue;
        };
        let now = context.now();
        let tally = context.tallies.of(kind.object.as_str(), now);
        tally.end(StreamState::Skipped, Some(reason.clone()), now);
        skipped.push((kind.object.clone(), reason));
    }
    Ok(ready)
}

/// Puts what is to be compared on the board.
async fn plan(context: &Context, kinds: &[ObjectKind], findings: &[Finding]) -> Result<(), Halt> {
    let mut planned = 0;
    for kind in kinds {
        let (object, since) = (kind.object.clone(), context.since);
        let rows = context.writer.call(move |store| store.live_since(&object, since)).await?;
        context.board.add(StreamBoard {
            object: kind.object.clone(),
            label: kind.plural.clone(),
            total: Some((rows, true)),
            filled: rows,
            quarantined: 0,
            state: StreamState::Queued,
            reason: None,
            missing_scopes: Vec::new(),
            left_out: false,
            last_good_at: None,
        });
        for finding in findings {
            planned += if *finding == Finding::Values { rows.min(values::SAMPLE) } else { rows };
        }
    }
    context.board.prove(planned);
    Ok(())
}

async fn find(
    context: &Context,
    kind: &ObjectKind,
    finding: Finding,
    proof: &mut ProofMark,
) -> Result<Found, Halt> {
    match finding {
        Finding::Counts => {
            let found = counts::prove(context, kind).await?;
            context.board.compared(found.compared);
            Ok(found)
        }
        Finding::Ids => ids::prove(context, kind, proof).await,
        Finding::Values => values::prove(context, kind).await,
    }
}

async fn keep(context: &Context, kind: &ObjectKind, finding: Finding, found: &Found) -> Result<(), Halt> {
    let Settled { missing, extra, wrong, unclear, .. } = found.settled;
    let row = ProofRow {
        run: context.run,
        object: kind.object.clone(),
        finding,
        outcome: found.outcome(),
        compared: found.compared,
        missing,
        extra: extra + unclear,
        wrong,
        repaired: missing + extra + wrong,
        calls: found.calls,
        detail: found.detail.json(),
        at: context.now(),
    };
    let (level, code) = match row.outcome {
        ProofOutcome::Equal => (Level::Info, "proved"),
        ProofOutcome::Repaired => (Level::Warn, "proof_repaired"),
        ProofOutcome::Different => (Level::Error, "proof_different"),
        ProofOutcome::Unproven => (Level::Warn, "unproven"),
    };
    let words = in_words(&row, &kind.plural);
    context.tell(level, code, Some(&kind.object), words).await?;
    context.writer.call(move |store| store.put_proof(&row)).await?;
    Ok(())
}
