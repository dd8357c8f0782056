//! Proving a copy, what that costs, and what is proved of it. A proof is a run of its own, under the connection's lock.

use std::{sync::Arc, time::Duration};

use crm::{ConnectionId, ObjectType, Timestamp};
use store::{Connection, ConnectionState, ObjectInfo, ProofOutcome as Outcome, ProofRow, Reader, Since};
use sync::{Board, Depth, Job, Options, Stop};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::{
    clients,
    core::{Core, clock, count, lock},
    errors,
    pace::{self, grouped},
    runs::{self, Running},
    settings, status,
    wire::{
        Code, Done, Finding, OperationalState, Proof, ProofFinding, ProofOutcome, StartVerify, TypeProof,
        Verify, VerifyCost, VerifyPlan, VerifyPlanRequest, VerifyReport, VerifySkipped, WireError,
    },
};

/// What the limits allow at the normal speed of use, for a guess at how long a proof takes: searches, and other calls,
/// in ten seconds.
const SEARCHES: u64 = 40;
const CALLS: u64 = 88;

/// A proof to its end.
pub async fn verify(core: &Core, request: Verify) -> Result<VerifyReport, WireError> {
    let connection = core.find_connection(&request.connection)?;
    let id = connection.id.clone();
    let proof = launch(core, connection, Some(depth(request.deep))).await?;
    let ended = proof.await.map_err(|error| errors::internal(&error))?;
    core.blocking(move |core| report(core, &id, &ended)).await
}

/// Begins a proof in the background; one that is under way goes on.
pub async fn start_verify(core: &Core, request: StartVerify) -> Result<Done, WireError> {
    let connection = core.find_connection(&request.connection)?;
    let running = lock(&core.0.runs).get(&connection.id).filter(|running| !running.is_over()).cloned();
    if running.is_none_or(|running| running.board.snapshot().proving.is_none()) {
        drop(launch(core, connection, Some(depth(request.deep))).await?);
    }
    Ok(Done {})
}

/// What a proof would cost.
pub async fn verify_plan(core: &Core, request: VerifyPlanRequest) -> Result<VerifyPlan, WireError> {
    core.blocking(move |core| {
        let connection = core.find_connection(&request.connection)?;
        first_import_done(core, &connection)?;
        let (since, depth) = (window(&connection), depth(request.deep));
        let asked = core.read(&connection.id, |reader| {
            Ok((sync::proof_costs(reader, since, depth), reader.objects()?))
        })?;
        let Some((costs, objects)) = asked else { return Err(nothing_yet()) };
        let costs = costs.map_err(|error| errors::sync(&error))?;
        let limits = lock(&core.0.runs).get(&connection.id).map(|running| running.client.limits());
        let daily_limit = limits.and_then(|limits| limits.daily).map(|daily| daily.limit);
        Ok(planned(&costs, &objects, depth, daily_limit))
    })
    .await
}

fn planned(
    costs: &[sync::ProofCost],
    objects: &[ObjectInfo],
    depth: Depth,
    daily_limit: Option<u64>,
) -> VerifyPlan {
    let searches: u64 = costs.iter().map(|cost| cost.searches).sum();
    let calls: u64 = costs.iter().map(|cost| cost.calls).sum();
    let records: u64 = costs.iter().map(|cost| cost.records).sum();
    let seconds = (searches * 10 / SEARCHES).max(calls * 10 / CALLS).max(1);
    let label = |object: &ObjectType| {
        objects
            .iter()
            .find(|info| info.object == *object)
            .map_or_else(String::new, |info| info.plural.clone())
    };
    VerifyPlan {
        types: costs
            .iter()
            .map(|cost| VerifyCost {
                object: cost.object.to_string(),
                label: label(&cost.object),
                records: count(cost.records),
                search_calls: count(cost.searches),
                general_calls: count(cost.calls),
            })
            .collect(),
        search_calls: count(searches),
        general_calls: count(calls),
        seconds: count(seconds),
        daily_share: daily_limit.map(|limit| (searches + calls) as f64 / limit.max(1) as f64),
        sentence: format!(
            "Compares {} records of {} types: {} searches and {} other calls, {}. {}",
            grouped(records),
            costs.len(),
            grouped(searches),
            grouped(calls),
            pace::about(Duration::from_secs(seconds)),
            match depth {
                Depth::Counts => "While the app is open it is made by itself once a day.",
                Depth::Deep if sync::weekly_proof(searches + calls, daily_limit) =>
                    "While the app is open it is made by itself once a week.",
                Depth::Deep =>
                    "It takes too much of a day's requests to be made by itself: only when somebody asks for it.",
            }
        ),
    }
}

/// How a proof ended.
pub(crate) struct Ended {
    outcome: Arc<sync::Outcome>,
    began: Option<Timestamp>,
    skipped: Vec<(ObjectType, String)>,
}

/// Begins a proof; it goes on whether or not anybody waits for it. Without a depth it goes as deep as is due.
pub(crate) async fn launch(
    core: &Core,
    mut connection: Connection,
    depth: Option<Depth>,
) -> Result<JoinHandle<Ended>, WireError> {
    match connection.state {
        ConnectionState::Inactive => return Err(errors::say(Code::Disconnected, &connection.name)),
        ConnectionState::PendingSetup => return Err(errors::say(Code::SetupCancelled, &connection.name)),
        ConnectionState::Active | ConnectionState::Revoked => {}
    }
    let id = connection.id.clone();
    let asked = connection.clone();
    let left_out = core
        .blocking(move |core| {
            first_import_done(core, &asked)?;
            settings::left_out(core, &asked.id)
        })
        .await?;
    let held = runs::hold(core, &id).await?;
    let client = clients::client_for_run(core, &mut connection).await?;
    let (board, cancel) = (Arc::new(Board::new(clock())), CancellationToken::new());
    let (running, told) = Running::of_proof(Arc::clone(&board), cancel.clone(), client.clone());
    let granted = connection.granted_scopes.clone();
    let job = Job {
        client,
        mirror: core.0.home.mirror(&id),
        board,
        cancel,
        options: Options { since: window(&connection), granted, left_out, ..Options::default() },
        clock,
    };
    lock(&core.0.runs).insert(id.clone(), running.clone());
    tokio::spawn(runs::watch_over(core.clone(), id.clone(), running));
    let core = core.clone();
    Ok(tokio::spawn(async move {
        let proved = sync::verify(job, depth).await;
        let outcome = Arc::new(sync::Outcome {
            stop: proved.stop,
            streams: Vec::new(),
            absent: Vec::new(),
            facts: sync::RunFacts::default(),
            first_import: false,
            took: proved.took,
            usage: proved.usage,
        });
        // What went well here says nothing about a sync that did not.
        if outcome.stop.is_some() {
            runs::settle(&core, &id, &outcome).await;
        }
        drop(held);
        told.send_replace(Some(Arc::clone(&outcome)));
        core.0.keeper.wake();
        core.tell_status(&id);
        Ended { outcome, began: proved.began, skipped: proved.skipped }
    }))
}

fn depth(deep: bool) -> Depth {
    if deep { Depth::Deep } else { Depth::Counts }
}

fn window(connection: &Connection) -> Option<Timestamp> {
    match connection.since {
        Since::All => None,
        Since::At(at) => Some(at),
    }
}

fn first_import_done(core: &Core, connection: &Connection) -> Result<(), WireError> {
    let mark = core.read(&connection.id, |reader| Ok(sync::import_mark(reader).ok().flatten()))?;
    let done = mark.flatten().is_some_and(|mark| mark.first_done);
    if done { Ok(()) } else { Err(nothing_yet()) }
}

fn nothing_yet() -> WireError {
    errors::say(
        Code::BadRequest,
        "The first import is not finished: there is no copy to prove yet. Sync first.",
    )
}

fn report(core: &Core, id: &ConnectionId, ended: &Ended) -> Result<VerifyReport, WireError> {
    let connection = core.find_connection(id.as_str())?;
    let began = ended.began;
    let asked = core.read(id, |reader| {
        let rows = began.map_or_else(|| Ok(Vec::new()), |began| reader.proofs_since(began))?;
        let objects = reader.objects()?;
        let compared: Vec<ObjectInfo> =
            objects.into_iter().filter(|info| rows.iter().any(|row| row.object == info.object)).collect();
        Ok((types(reader, &compared, &rows), worst(&rows)))
    })?;
    let (types, outcome) = asked.unwrap_or_default();
    let (error, resumes_at) = match &ended.outcome.stop {
        None => (None, None),
        Some(Stop::Cancelled) => {
            (Some(errors::say(Code::Busy, "It was asked to stop; it continues from here next time.")), None)
        }
        Some(Stop::DailyLimit { resumes_at, share }) => {
            (Some(runs::day_used_up(*share)), resumes_at.map(|at| at.to_string()))
        }
        Some(Stop::Failed(error)) => (Some(errors::sync(error)), None),
    };
    let state = match &ended.outcome.stop {
        Some(Stop::DailyLimit { .. }) => OperationalState::RateLimited,
        _ => status::resting_state(&connection),
    };
    Ok(VerifyReport {
        done: ended.outcome.stop.is_none(),
        state,
        error,
        outcome,
        types,
        skipped: ended
            .skipped
            .iter()
            .map(|(object, reason)| VerifySkipped { object: object.to_string(), reason: reason.clone() })
            .collect(),
        requests: count(ended.outcome.usage.calls()),
        milliseconds: u32::try_from(ended.outcome.took.as_millis()).unwrap_or(u32::MAX),
        resumes_at,
    })
}

/// The worst of all outcomes.
fn worst(rows: &[ProofRow]) -> Option<ProofOutcome> {
    let order = [Outcome::Different, Outcome::Unproven, Outcome::Repaired, Outcome::Equal];
    order.into_iter().find(|outcome| rows.iter().any(|row| row.outcome == *outcome)).map(wire_outcome)
}

/// The latest findings about every type of the mirror.
pub(crate) fn proof(reader: &Reader, objects: &[ObjectInfo], running: bool) -> Result<Proof, store::Error> {
    let types = types(reader, objects, &reader.proofs()?);
    Ok(Proof { sentence: sentence(&types), types, running })
}

pub(crate) fn nothing_proved() -> Proof {
    Proof { sentence: sentence(&[]), types: Vec::new(), running: false }
}

fn types(reader: &Reader, objects: &[ObjectInfo], rows: &[ProofRow]) -> Vec<TypeProof> {
    let of = |info: &ObjectInfo| {
        let find = |finding| {
            rows.iter()
                .find(|row| row.object == info.object && row.finding == finding)
                .map(|row| told(row, &info.plural))
        };
        let mark = sync::stream_mark(reader, info.object.as_str()).ok().flatten().unwrap_or_default();
        TypeProof {
            object: info.object.to_string(),
            label: info.plural.clone(),
            counts: find(store::Finding::Counts),
            ids: find(store::Finding::Ids),
            values: find(store::Finding::Values),
            search_incomplete: mark.checked.search_incomplete,
        }
    };
    objects.iter().map(of).collect()
}

fn told(row: &ProofRow, label: &str) -> ProofFinding {
    ProofFinding {
        finding: match row.finding {
            store::Finding::Counts => Finding::Counts,
            store::Finding::Ids => Finding::Ids,
            store::Finding::Values => Finding::Values,
        },
        outcome: wire_outcome(row.outcome),
        at: row.at.to_string(),
        sentence: sync::in_words(row, label),
        compared: count(row.compared),
        missing: count(row.missing),
        extra: count(row.extra),
        wrong: count(row.wrong),
        repaired: count(row.repaired),
        calls: count(row.calls),
    }
}

fn wire_outcome(outcome: Outcome) -> ProofOutcome {
    match outcome {
        Outcome::Equal => ProofOutcome::Equal,
        Outcome::Repaired => ProofOutcome::Repaired,
        Outcome::Different => ProofOutcome::Different,
        Outcome::Unproven => ProofOutcome::Unproven,
    }
}

/// Each finding by its own name, with how many types it holds for.
fn sentence(types: &[TypeProof]) -> String {
    type Get = fn(&TypeProof) -> Option<&ProofFinding>;
    let findings: [(&str, Get); 3] = [
        ("Counts agree", |one| one.counts.as_ref()),
        ("every id compared", |one| one.ids.as_ref()),
        ("values compared", |one| one.values.as_ref()),
    ];
    let all = types.len();
    let parts: Vec<String> = findings
        .into_iter()
        .filter_map(|(name, get)| {
            let good = |finding: &&ProofFinding| {
                matches!(finding.outcome, ProofOutcome::Equal | ProofOutcome::Repaired)
            };
            let made: Vec<_> = types.iter().filter_map(get).collect();
            let holds = made.iter().copied().filter(good).count();
            (!made.is_empty()).then(|| format!("{name} for {holds} of {all} types"))
        })
        .collect();
    if parts.is_empty() { "Nothing is proved yet.".to_owned() } else { parts.join("; ") + "." }
}
