//! Runs: starting, pausing, continuing, and telling hosts how they go. One process runs a connection at a time. What a
//! run's end means is in `ends`.

mod ends;

use std::{
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use crm::{ConnectionId, Timestamp};
use hubspot::{Client, Speed, Speeds};
use store::{Connection, ConnectionKind, ConnectionLock, ConnectionState, Reader, Since, Writer};
use sync::{Board, Job, Options, Outcome, RunKind, Stop};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

pub(crate) use ends::{keep_trouble, settle};

use crate::{
    clients,
    core::{Core, clock, count, lock},
    errors,
    pace::Pace,
    plan, scopes, settings, status,
    wire::{
        Code, Done, OperationalState, PauseSync, ResumeSync, RunSync, StartSync, StreamReport, StreamState,
        SyncReport, WireError,
    },
};

/// How long a second process waits for the first to let go of a connection.
const LOCK_WAIT: Duration = Duration::from_secs(5);
const LOCK_LOOK: Duration = Duration::from_millis(100);
/// How often a run looks whether another process wants it to stop, and hosts hear of progress.
const STOP_LOOK: Duration = Duration::from_millis(400);
const TELL_EVERY: Duration = Duration::from_millis(100);

/// A run that is under way, or has just ended.
#[derive(Clone)]
pub(crate) struct Running {
    pub(crate) board: Arc<Board>,
    pub(crate) cancel: CancellationToken,
    pub(crate) client: Client,
    pub(crate) pace: Arc<Mutex<Pace>>,
    pub(crate) started: Instant,
    /// What it was started for, to start it again.
    start: Start,
    /// It proves the copy and fetches nothing new.
    is_proof: bool,
    outcome: watch::Receiver<Option<Arc<Outcome>>>,
}

/// What a run is started for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Start {
    pub(crate) kind: RunKind,
    /// Everything again, into the same rows.
    pub(crate) full: bool,
    /// Nobody asked for it: a pause made in the meantime holds.
    pub(crate) by_itself: bool,
}

impl Running {
    pub(crate) fn is_over(&self) -> bool {
        self.outcome.borrow().is_some()
    }

    /// A proof under way: whoever looks at runs sees it, and can stop it.
    pub(crate) fn of_proof(
        board: Arc<Board>,
        cancel: CancellationToken,
        client: Client,
    ) -> (Running, watch::Sender<Option<Arc<Outcome>>>) {
        let (ended, outcome) = watch::channel(None);
        let running = Running {
            board,
            cancel,
            client,
            pace: Arc::default(),
            started: Instant::now(),
            start: Start::default(),
            is_proof: true,
            outcome,
        };
        (running, ended)
    }

    pub(crate) async fn ended(&self) -> Option<Arc<Outcome>> {
        let mut outcome = self.outcome.clone();
        outcome.wait_for(Option::is_some).await.ok().and_then(|outcome| outcome.clone())
    }
}

/// Starts a run in the background, or lets the one under way go on.
pub async fn start_sync(core: &Core, request: StartSync) -> Result<Done, WireError> {
    let connection = core.find_connection(&request.connection)?;
    launch(core, connection, Start { full: request.full, ..Start::default() }).await?;
    Ok(Done {})
}

/// Ends the run at its next commit; it stays paused until resumed, also over a restart.
pub async fn pause_sync(core: &Core, request: PauseSync) -> Result<Done, WireError> {
    let connection = core.find_connection(&request.connection)?;
    pause(core, connection, None).await
}

/// Ends the run at its next commit, and lets nothing start by itself until then, or until somebody resumes.
pub(crate) async fn pause(
    core: &Core,
    mut connection: Connection,
    until: Option<Timestamp>,
) -> Result<Done, WireError> {
    connection.paused_at = Some(clock());
    let id = connection.id.clone();
    core.blocking(move |core| {
        let app = &core.0.app;
        let kept = app.put_paused_until(&connection.id, until).and_then(|()| app.put_connection(&connection));
        kept.map_err(|error| errors::store(&error))
    })
    .await?;
    core.0.keeper.wake();
    let running = lock(&core.0.runs).get(&id).cloned();
    if let Some(running) = running {
        running.cancel.cancel();
        running.ended().await;
    }
    core.tell_status(&id);
    Ok(Done {})
}

/// Continues where it was paused.
pub async fn resume_sync(core: &Core, request: ResumeSync) -> Result<Done, WireError> {
    let connection = core.find_connection(&request.connection)?;
    launch(core, connection, Start::default()).await?;
    Ok(Done {})
}

/// One run to its end, for the command line.
pub async fn run_sync(core: &Core, request: RunSync) -> Result<SyncReport, WireError> {
    let mut connection = core.find_connection(&request.connection)?;
    if let Some(since) = &request.since {
        connection.since = settings::parse_since(since)?;
    }
    loop {
        let start = Start { full: request.full, ..Start::default() };
        let running = launch(core, connection.clone(), start).await?;
        let outcome = running.ended().await.ok_or_else(|| errors::internal(&"the run was dropped"))?;
        let began = running.board.snapshot().began;
        let report = report(core, &connection.id, &outcome, began)?;
        match &outcome.stop {
            Some(Stop::DailyLimit { resumes_at, .. }) if request.wait => {
                let until = resumes_at.map_or(600_000, |at| at.millis() - clock().millis());
                tokio::time::sleep(Duration::from_millis(u64::try_from(until).unwrap_or(0).max(1_000))).await;
            }
            _ => return Ok(report),
        }
    }
}

/// Starts a run, or finds the one under way.
pub(crate) async fn launch(
    core: &Core,
    mut connection: Connection,
    start: Start,
) -> Result<Running, WireError> {
    let id = connection.id.clone();
    let under_way = lock(&core.0.runs).get(&id).filter(|running| !running.is_over()).cloned();
    if let Some(running) = under_way {
        if !running.is_proof || start.by_itself {
            return Ok(running);
        }
        // What a person asks for goes before a proof, which goes on where it stopped when it is next due.
        running.cancel.cancel();
        running.ended().await;
    }
    match connection.state {
        ConnectionState::Inactive => return Err(errors::say(Code::Disconnected, &connection.name)),
        ConnectionState::PendingSetup => return Err(errors::say(Code::SetupCancelled, &connection.name)),
        ConnectionState::Active | ConnectionState::Revoked => {}
    }
    if core.0.vault.is_locked() && connection.kind != ConnectionKind::Demo {
        return Err(errors::say(Code::VaultLocked, ""));
    }
    let held = hold(core, &id).await?;
    if start.by_itself && is_paused(core, &id).await? {
        return Err(errors::say(Code::Busy, "It has just been paused."));
    }
    let client = clients::client_for_run(core, &mut connection).await?;
    connection.paused_at = None;
    let saved = connection.clone();
    let (chosen, first_done) = core.blocking(move |core| prepared(core, &saved)).await?;
    client.set_speeds(speeds(chosen.speed, first_done));
    client.set_day_percent(chosen.daily_share);
    let (board, cancel) = (Arc::new(Board::new(clock())), CancellationToken::new());
    let (ended, outcome) = watch::channel(None);
    let running = Running {
        board: Arc::clone(&board),
        cancel: cancel.clone(),
        client: client.clone(),
        pace: Arc::default(),
        started: Instant::now(),
        start,
        is_proof: false,
        outcome,
    };
    let since = match connection.since {
        Since::All => None,
        Since::At(at) => Some(at),
    };
    let job = Job {
        client,
        mirror: core.0.home.mirror(&id),
        board,
        cancel,
        options: Options {
            kind: start.kind,
            since,
            full: start.full,
            granted: connection.granted_scopes.clone(),
            new_properties: chosen.new_properties,
            history: chosen.history,
            left_out: chosen.left_out,
        },
        clock,
    };
    lock(&core.0.runs).insert(id.clone(), running.clone());
    tokio::spawn(watch_over(core.clone(), id.clone(), running.clone()));
    let core = core.clone();
    tokio::spawn(async move {
        let outcome = Arc::new(sync::run(job).await);
        settle(&core, &id, &outcome).await;
        drop(held);
        ended.send_replace(Some(outcome));
        core.0.keeper.wake();
        core.tell_status(&id);
    });
    Ok(running)
}

/// Whether somebody works on the connection now, here or in another process.
pub(crate) fn is_under_way(core: &Core, id: &ConnectionId) -> bool {
    lock(&core.0.runs).get(id).is_some_and(|running| !running.is_over())
        || core.0.home.lock_holder(id).is_some()
}

async fn is_paused(core: &Core, id: &ConnectionId) -> Result<bool, WireError> {
    let id = id.clone();
    core.blocking(move |core| {
        let connection = core.find_connection(id.as_str())?;
        let waits = core.0.app.waits(&id).map_err(|error| errors::store(&error))?;
        let over = waits.paused_until.is_some_and(|until| until <= core.0.keeper.clock().now());
        Ok(connection.paused_at.is_some() && !over)
    })
    .await
}

/// Keeps what a start means for the connection, and brings the copy's marks in line with what is left out.
fn prepared(core: &Core, connection: &Connection) -> Result<(settings::Chosen, bool), WireError> {
    let app = &core.0.app;
    let kept = app.put_paused_until(&connection.id, None).and_then(|()| app.put_connection(connection));
    kept.map_err(|error| errors::store(&error))?;
    let mark = core.read(&connection.id, |reader| Ok(sync::import_mark(reader).ok().flatten()));
    // A copy of an older format, or one that cannot be opened: the run itself will see to it, or say.
    let first_done = matches!(mark, Ok(Some(Some(mark))) if mark.first_done);
    let chosen = settings::chosen(core, &connection.id)?;
    apply_rules(core, &connection.id, &chosen)?;
    Ok((chosen, first_done))
}

/// Brings the copy's marks in line with what is left out. The caller holds the connection.
fn apply_rules(core: &Core, id: &ConnectionId, chosen: &settings::Chosen) -> Result<(), WireError> {
    let known = core.read(id, Reader::rules);
    // Without a copy there is nothing to mark, but a copy that is to come must know.
    let hold = match known {
        Ok(Some(rules)) => rules == chosen.rules,
        Ok(None) | Err(_) => chosen.rules.is_empty(),
    };
    if hold {
        return Ok(());
    }
    let marked =
        Writer::open(&core.0.home.mirror(id)).and_then(|mut copy| copy.exclude(&chosen.rules, clock()));
    marked.map_err(|error| errors::store(&error))
}

/// Until somebody has chosen, the first import goes as fast as it may; search is shared with other apps.
fn speeds(chosen: Option<Speed>, first_done: bool) -> Speeds {
    match chosen {
        Some(speed) => Speeds { general: speed, search: speed },
        None if first_done => Speeds { general: Speed::Normal, search: Speed::Normal },
        None => Speeds { general: Speed::Fast, search: Speed::Normal },
    }
}

/// What is left out has changed: the copy is marked anew, between two pages of a run that is under way.
pub(crate) async fn restart_with_rules(core: &Core, id: &ConnectionId) -> Result<(), WireError> {
    let running = lock(&core.0.runs).get(id).filter(|running| !running.is_over()).cloned();
    let held = match take_over(core, id).await {
        // It was asked, and will stop; the next run finds the new rules.
        Err(error) if error.code == Code::Busy => return Ok(()),
        other => other?,
    };
    let wanted = id.clone();
    core.blocking(move |core| {
        let chosen = settings::chosen(core, &wanted)?;
        if core.0.home.mirror(&wanted).exists() { apply_rules(core, &wanted, &chosen) } else { Ok(()) }
    })
    .await?;
    drop(held);
    if let Some(running) = running {
        launch(core, core.find_connection(id.as_str())?, running.start).await?;
    }
    Ok(())
}

/// A run that is under way stops at its next page and goes on with what has been chosen since; one of another process
/// is asked to stop.
pub(crate) async fn restart(core: &Core, id: &ConnectionId) -> Result<(), WireError> {
    let running = lock(&core.0.runs).get(id).is_some_and(|running| !running.is_over());
    if !running && core.0.home.lock_holder(id).is_none() {
        return Ok(());
    }
    restart_with_rules(core, id).await
}

/// Waits a little for another process to let go of the connection.
pub(crate) async fn hold(core: &Core, id: &ConnectionId) -> Result<ConnectionLock, WireError> {
    let until = Instant::now() + LOCK_WAIT;
    loop {
        let wanted = id.clone();
        let got = core
            .blocking(move |core| core.0.home.lock_connection(&wanted).map_err(|error| errors::store(&error)))
            .await?;
        match got {
            Some(held) => return Ok(held),
            None if Instant::now() >= until => {
                let holder =
                    core.0.home.lock_holder(id).map_or(String::new(), |pid| format!("It is process {pid}."));
                return Err(errors::say(Code::Busy, &holder));
            }
            None => tokio::time::sleep(LOCK_LOOK).await,
        }
    }
}

/// Ends a run here and in other processes, and takes the connection over.
pub(crate) async fn take_over(core: &Core, id: &ConnectionId) -> Result<ConnectionLock, WireError> {
    let running = lock(&core.0.runs).get(id).cloned();
    if let Some(running) = running {
        running.cancel.cancel();
        running.ended().await;
    }
    core.0.home.ask_to_stop(id).map_err(|error| errors::store(&error))?;
    hold(core, id).await
}

/// Tells hosts of progress, merged, and listens for another process that wants the connection.
pub(crate) async fn watch_over(core: Core, id: ConnectionId, running: Running) {
    let mut changes = running.board.changes();
    let mut looked = Instant::now();
    while !running.is_over() {
        let _ = tokio::time::timeout(STOP_LOOK, changes.changed()).await;
        core.tell_status(&id);
        if looked.elapsed() >= STOP_LOOK {
            looked = Instant::now();
            if core.0.home.stop_asked(&id) {
                running.cancel.cancel();
            }
        }
        tokio::time::sleep(TELL_EVERY).await;
    }
}

fn report(
    core: &Core,
    id: &ConnectionId,
    outcome: &Outcome,
    began: Timestamp,
) -> Result<SyncReport, WireError> {
    let connection = core.find_connection(id.as_str())?;
    let (error, resumes_at) = match &outcome.stop {
        None => (None, None),
        Some(Stop::Cancelled) => {
            (Some(errors::say(Code::Busy, "It was asked to stop; it continues from here next time.")), None)
        }
        Some(Stop::DailyLimit { resumes_at, share }) => {
            (Some(day_used_up(*share)), resumes_at.map(|at| at.to_string()))
        }
        Some(Stop::Failed(error)) => (Some(errors::sync(error)), None),
    };
    let state = match (&outcome.stop, connection.paused_at) {
        (Some(Stop::DailyLimit { .. }), _) => OperationalState::RateLimited,
        (Some(Stop::Cancelled), Some(_)) => OperationalState::Paused,
        _ => status::resting_state(&connection),
    };
    let streams = outcome
        .streams
        .iter()
        .map(|stream| StreamReport {
            object: stream.object.to_string(),
            found: stream.found.map(count),
            stored: count(stream.stored),
            skipped: count(stream.quarantined),
            state: status::stream_state(stream.state),
            reason: scopes::why_skipped(&connection, &stream.missing_scopes)
                .or_else(|| stream.reason.clone()),
        })
        .chain(outcome.absent.iter().map(|absent| {
            StreamReport {
                object: absent.object.clone(),
                found: None,
                stored: 0,
                skipped: 0,
                state: StreamState::Skipped,
                reason: scopes::why_skipped(&connection, &absent.missing_scopes)
                    .or_else(|| Some(absent.reason.clone())),
            }
        }))
        .collect();
    Ok(SyncReport {
        done: outcome.stop.is_none(),
        state,
        error,
        streams,
        links: count(outcome.facts.links),
        requests: count(outcome.usage.calls()),
        milliseconds: u32::try_from(outcome.took.as_millis()).unwrap_or(u32::MAX),
        index_milliseconds: count(outcome.facts.index_millis),
        plan: plan::of_run(core, &connection, began),
        resumes_at,
    })
}

/// `share`: the part of the day, in percent, that may be used, where that was the limit.
pub(crate) fn day_used_up(share: Option<u8>) -> WireError {
    match share {
        None => errors::say(Code::DailyLimit, ""),
        Some(percent) => errors::say(Code::DailyShare, &format!("{percent} %")),
    }
}
