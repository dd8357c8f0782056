//! Runs: starting, pausing, continuing, and telling hosts how they go. One process runs a connection at a time.

use std::{
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use crm::{ConnectionId, Timestamp};
use hubspot::Client;
use store::{Connection, ConnectionKind, ConnectionLock, ConnectionState, Since};
use sync::{Board, Job, Options, Outcome, RunKind, Stop};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::{
    clients,
    core::{Core, clock, count, lock},
    errors,
    pace::Pace,
    scopes, status,
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
    outcome: watch::Receiver<Option<Arc<Outcome>>>,
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
        (Running { board, cancel, client, pace: Arc::default(), started: Instant::now(), outcome }, ended)
    }

    pub(crate) async fn ended(&self) -> Option<Arc<Outcome>> {
        let mut outcome = self.outcome.clone();
        outcome.wait_for(Option::is_some).await.ok().and_then(|outcome| outcome.clone())
    }
}

/// Starts a run in the background, or lets the one under way go on.
pub async fn start_sync(core: &Core, request: StartSync) -> Result<Done, WireError> {
    let connection = core.find_connection(&request.connection)?;
    launch(core, connection, request.full).await?;
    Ok(Done {})
}

/// Ends the run at its next commit; it stays paused until resumed, also over a restart.
pub async fn pause_sync(core: &Core, request: PauseSync) -> Result<Done, WireError> {
    let mut connection = core.find_connection(&request.connection)?;
    connection.paused_at = Some(clock());
    let id = connection.id.clone();
    core.blocking(move |core| core.0.app.put_connection(&connection).map_err(|error| errors::store(&error)))
        .await?;
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
    launch(core, connection, false).await?;
    Ok(Done {})
}

/// One run to its end, for the command line.
pub async fn run_sync(core: &Core, request: RunSync) -> Result<SyncReport, WireError> {
    let mut connection = core.find_connection(&request.connection)?;
    if let Some(since) = &request.since {
        connection.since = parse_since(since)?;
    }
    loop {
        let running = launch(core, connection.clone(), request.full).await?;
        let outcome = running.ended().await.ok_or_else(|| errors::internal(&"the run was dropped"))?;
        let report = report(core, &connection.id, &outcome)?;
        match &outcome.stop {
            Some(Stop::DailyLimit { resumes_at, .. }) if request.wait => {
                let until = resumes_at.map_or(600_000, |at| at.millis() - clock().millis());
                tokio::time::sleep(Duration::from_millis(u64::try_from(until).unwrap_or(0).max(1_000))).await;
            }
            _ => return Ok(report),
        }
    }
}

impl Core {
    /// Goes on with imports that were cut when the app was closed, unless they were paused. For hosts with a window.
    pub async fn continue_open_runs(&self) {
        let Ok(connections) = self.0.app.connections() else { return };
        for connection in connections {
            let open = matches!(
                self.read(&connection.id, |reader| Ok(sync::import_mark(reader).ok().flatten())),
                Ok(Some(Some(mark))) if mark.open
            );
            if open && connection.paused_at.is_none() && connection.state == ConnectionState::Active {
                let name = connection.id.clone();
                if let Err(error) = launch(self, connection, false).await {
                    tracing::warn!(connection = %name, code = ?error.code, "an open run could not be continued");
                }
            }
        }
    }
}

/// Starts a run, or finds the one under way.
pub(crate) async fn launch(
    core: &Core,
    mut connection: Connection,
    full: bool,
) -> Result<Running, WireError> {
    let id = connection.id.clone();
    let under_way = lock(&core.0.runs).get(&id).filter(|running| !running.is_over()).cloned();
    if let Some(running) = under_way {
        return Ok(running);
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
    let client = clients::client_for_run(core, &mut connection).await?;
    connection.paused_at = None;
    let saved = connection.clone();
    core.blocking(move |core| core.0.app.put_connection(&saved).map_err(|error| errors::store(&error)))
        .await?;
    let (board, cancel) = (Arc::new(Board::new(clock())), CancellationToken::new());
    let (ended, outcome) = watch::channel(None);
    let running = Running {
        board: Arc::clone(&board),
        cancel: cancel.clone(),
        client: client.clone(),
        pace: Arc::default(),
        started: Instant::now(),
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
            kind: RunKind::Sync,
            since,
            full,
            granted: connection.granted_scopes.clone(),
            ..Options::default()
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
        core.tell_status(&id);
    });
    Ok(running)
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

/// What a run's end means for its connection.
pub(crate) async fn settle(core: &Core, id: &ConnectionId, outcome: &Arc<Outcome>) {
    let (wanted, outcome) = (id.clone(), Arc::clone(outcome));
    let settled = core
        .blocking(move |core| {
            let Some(mut connection) =
                core.0.app.connection(&wanted).map_err(|error| errors::store(&error))?
            else {
                return Ok(());
            };
            if connection.state == ConnectionState::Inactive {
                return Ok(());
            }
            match &outcome.stop {
                None => (connection.state, connection.last_error) = (ConnectionState::Active, None),
                Some(Stop::Cancelled) => return Ok(()),
                Some(Stop::DailyLimit { share, .. }) => {
                    connection.last_error = Some(errors::kept(&day_used_up(*share)));
                }
                Some(Stop::Failed(error)) => {
                    let said = errors::sync(error);
                    if matches!(
                        said.code,
                        Code::AuthExpired
                            | Code::TokenFormat
                            | Code::AppUninstalled
                            | Code::AccountGone
                            | Code::ClientSecretChanged
                    ) {
                        connection.state = ConnectionState::Revoked;
                    }
                    connection.last_error = Some(errors::kept(&said));
                }
            }
            core.0.app.put_connection(&connection).map_err(|error| errors::store(&error))
        })
        .await;
    if let Err(error) = settled {
        tracing::error!(connection = %id, code = ?error.code, detail = error.technical, "a run's end could not be kept");
    }
}

fn report(core: &Core, id: &ConnectionId, outcome: &Outcome) -> Result<SyncReport, WireError> {
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

fn parse_since(text: &str) -> Result<Since, WireError> {
    if text.eq_ignore_ascii_case("all") {
        return Ok(Since::All);
    }
    let at: Timestamp = text.parse().map_err(|_| {
        errors::say(Code::BadRequest, "A window starts at a date such as 2024-01-31, or is “all”.")
    })?;
    Ok(Since::At(at))
}
