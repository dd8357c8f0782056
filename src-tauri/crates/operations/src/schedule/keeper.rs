//! The loop that acts: a task of its own for each connection, so that nothing one of them does or suffers is felt by
//! another. It asks how things stand, does what is due, and waits.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, OnceLock},
    time::Duration,
};

use crm::{ConnectionId, Timestamp};
use store::Connection;
use sync::RunKind;
use tokio::{sync::watch, task::JoinSet};
use tokio_util::sync::CancellationToken;

use super::{Clock, Next, Standing, SystemClock, Work, decide, elapsed, quiet_end, standing::Memory};
use crate::{
    core::{Core, clock, lock},
    errors, runs, settings, verify,
    wire::{Code, Done, PauseUntil, WireError},
};

/// What one process knows of its schedules.
pub(crate) struct Keeper {
    /// Set when this process keeps the schedules.
    clock: OnceLock<Arc<dyn Clock>>,
    /// For looking, where it does not.
    glance: SystemClock,
    wake: watch::Sender<u64>,
    pub(super) memories: Mutex<HashMap<ConnectionId, Memory>>,
    closed: CancellationToken,
}

impl Default for Keeper {
    fn default() -> Keeper {
        Keeper {
            clock: OnceLock::new(),
            glance: SystemClock::default(),
            wake: watch::channel(0).0,
            memories: Mutex::default(),
            closed: CancellationToken::new(),
        }
    }
}

/// Without a reason to look earlier.
const LONG: Duration = Duration::from_hours(1);

impl Keeper {
    pub(crate) fn clock(&self) -> &dyn Clock {
        self.clock.get().map_or(&self.glance as &dyn Clock, |clock| &**clock)
    }

    pub(crate) fn is_kept(&self) -> bool {
        self.clock.get().is_some()
    }

    /// Something changed: all look again.
    pub(crate) fn wake(&self) {
        self.wake.send_modify(|count| *count = count.wrapping_add(1));
    }

    /// Nothing starts by itself any more.
    pub(crate) fn close(&self) {
        self.closed.cancel();
    }
}

impl Core {
    /// Keeps the schedules of all connections from now on, until the process ends. For hosts with a window; once.
    pub fn keep_schedules(&self, clock: Arc<dyn Clock>) {
        if self.0.keeper.clock.set(clock).is_ok() {
            tokio::spawn(keep_all(self.clone()));
        }
    }
}

async fn keep_all(core: Core) {
    let keeper = &core.0.keeper;
    let mut wake = keeper.wake.subscribe();
    let mut kept: JoinSet<ConnectionId> = JoinSet::new();
    let mut known: HashMap<ConnectionId, tokio::task::Id> = HashMap::new();
    loop {
        wake.borrow_and_update();
        for connection in core.blocking(all).await.unwrap_or_default() {
            let task = keep(core.clone(), connection.clone());
            known.entry(connection).or_insert_with(|| kept.spawn(task).id());
        }
        tokio::select! {
            () = keeper.closed.cancelled() => return,
            _ = wake.changed() => {}
            Some(ended) = kept.join_next_with_id() => {
                let id = match &ended {
                    Ok((id, _)) => *id,
                    Err(error) => error.id(),
                };
                known.retain(|_, task| *task != id);
                if ended.is_err() {
                    // What one connection's task dies of concerns no other; after a while it is begun anew.
                    tracing::error!("a connection's schedule has failed");
                    keeper.clock().nap(LONG).await;
                }
            }
        }
    }
}

fn all(core: &Core) -> Result<Vec<ConnectionId>, WireError> {
    let connections = core.0.app.connections().map_err(|error| errors::store(&error))?;
    Ok(connections.into_iter().map(|connection| connection.id).collect())
}

/// One connection's schedule, until the connection is gone.
async fn keep(core: Core, id: ConnectionId) -> ConnectionId {
    let keeper = &core.0.keeper;
    let mut wake = keeper.wake.subscribe();
    while !keeper.closed.is_cancelled() {
        wake.borrow_and_update();
        let nap = match look(&core, &id).await {
            Ok(None) => break,
            Ok(Some((Next::Do(work), run))) => {
                act(&core, &id, work, run).await;
                continue;
            }
            Ok(Some((Next::Wait { until, .. }, _))) => elapsed(keeper.clock().now(), until),
            Ok(Some((Next::Rest(_), _))) => LONG,
            Err(error) => {
                tracing::warn!(connection = %id, code = ?error.code, "the schedule cannot look at its connection");
                LONG
            }
        };
        tokio::select! {
            () = keeper.closed.cancelled() => break,
            () = keeper.clock().nap(nap) => {}
            _ = wake.changed() => {}
        }
    }
    id
}

/// What is next for a connection, and the last run it has had; none when the connection is gone.
async fn look(core: &Core, id: &ConnectionId) -> Result<Option<(Next, Option<i64>)>, WireError> {
    let id = id.clone();
    core.blocking(move |core| {
        let Some(connection) = core.0.app.connection(&id).map_err(|error| errors::store(&error))? else {
            return Ok(None);
        };
        let clock = core.0.keeper.clock();
        let standing = Standing::read(core, &connection, clock)?;
        Ok(Some((decide(&standing.facts, clock.now(), &clock.zone()), standing.run)))
    })
    .await
}

/// One run to its end. Where nothing of it can be found afterwards, that is remembered, so that it is not tried again
/// and again at once.
async fn act(core: &Core, id: &ConnectionId, work: Work, before: Option<i64>) {
    let busy = match run(core, id, work).await {
        Ok(()) => false,
        Err(error) => {
            let busy = error.code == Code::Busy;
            if !busy {
                tracing::warn!(connection = %id, code = ?error.code, "a run could not begin by itself");
                runs::keep_trouble(core, id, &error).await;
            }
            busy
        }
    };
    let keeper = &core.0.keeper;
    let after = look(core, id).await;
    if work == Work::Proof {
        lock(&keeper.memories).entry(id.clone()).or_default().prove(keeper.clock());
    } else if !matches!(after, Ok(Some((_, run))) if run != before) {
        let mut memories = lock(&keeper.memories);
        memories.entry(id.clone()).or_default().refuse(before, busy, keeper.clock());
    }
    core.tell_status(id);
}

async fn run(core: &Core, id: &ConnectionId, work: Work) -> Result<(), WireError> {
    let connection = core.find_connection(id.as_str())?;
    let kind = match work {
        Work::Import | Work::Sync => RunKind::Sync,
        Work::Poll => RunKind::Poll,
        Work::Proof => return prove(core, connection).await,
    };
    let start = runs::Start { kind, full: false, by_itself: true };
    let running = runs::launch(core, connection, start).await?;
    let clock = core.0.keeper.clock();
    loop {
        tokio::select! {
            _ = running.ended() => return Ok(()),
            () = clock.nap(LONG) => {}
        }
        let quiet = settings::chosen(core, id)?.quiet;
        if quiet.is_some_and(|quiet| quiet_end(quiet, clock.now(), &clock.zone()).is_some()) {
            tracing::info!(connection = %id, "the quiet hours begin: a run stops at its next page");
            running.cancel.cancel();
        }
    }
}

/// A proof to its end, as deep as is due. What it finds is kept with the copy.
async fn prove(core: &Core, connection: Connection) -> Result<(), WireError> {
    let proof = verify::launch(core, connection, None).await?;
    proof.await.map(drop).map_err(|error| errors::internal(&error))
}

/// Pauses until then; without a time, until somebody resumes.
pub async fn pause_until(core: &Core, request: PauseUntil) -> Result<Done, WireError> {
    let until = match &request.until {
        None => None,
        Some(text) => {
            let until: Timestamp = text.parse().map_err(|_| {
                errors::say(Code::BadRequest, "A pause ends at a time such as 2026-11-21T16:00:00Z.")
            })?;
            if until <= clock() {
                return Err(errors::say(Code::BadRequest, "That time has already passed."));
            }
            Some(until)
        }
    };
    let connection = core.find_connection(&request.connection)?;
    runs::pause(core, connection, until).await
}
