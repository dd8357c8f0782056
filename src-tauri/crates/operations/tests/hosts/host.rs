//! A host that keeps schedules by a clock that is moved by hand.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use crm::Timestamp;
use futures::future::BoxFuture;
use jiff::tz::TimeZone;
use operations::{
    Clock, Core, change_setting, connect_key, connection_status, run_log, run_sync,
    wire::{
        ChangeSetting, ConnectKey, ConnectionStatus, ConnectionStatusRequest, RunLog, RunLogRequest, RunSync,
    },
};
use simulator::{Config, Simulator};
use tokio::sync::watch;

use crate::rig::Rig;

/// Where the connection of the usual portal is kept.
pub(crate) const ID: &str = "portal-24817305";

pub(crate) const MINUTE: Duration = Duration::from_mins(1);
/// In real time.
const NAP: Duration = Duration::from_millis(200);

/// Both clocks, moved by hand; whoever naps looks again when they move.
pub(crate) struct HandClock {
    now: Mutex<(Timestamp, Duration)>,
    moved: watch::Sender<u64>,
}

impl HandClock {
    pub(crate) fn new() -> Arc<HandClock> {
        let now = Timestamp::from_system(std::time::SystemTime::now());
        Arc::new(HandClock { now: Mutex::new((now, Duration::ZERO)), moved: watch::channel(0).0 })
    }

    /// Time passes.
    pub(crate) fn pass(&self, time: Duration) {
        self.shift(|(wall, monotonic)| (wall.plus(time), monotonic + time));
    }

    /// The computer sleeps: the monotonic clock stands still.
    pub(crate) fn sleep(&self, time: Duration) {
        self.shift(|(wall, monotonic)| (wall.plus(time), monotonic));
    }

    /// Somebody sets the clock back.
    pub(crate) fn set_back(&self, time: Duration) {
        self.shift(|(wall, monotonic)| (wall.minus(time), monotonic));
    }

    fn shift(&self, by: impl FnOnce((Timestamp, Duration)) -> (Timestamp, Duration)) {
        let mut now = self.now.lock().expect("nobody panics");
        *now = by(*now);
        drop(now);
        self.moved.send_modify(|count| *count += 1);
    }
}

impl Clock for HandClock {
    fn now(&self) -> Timestamp {
        self.now.lock().expect("nobody panics").0
    }

    fn elapsed(&self) -> Duration {
        self.now.lock().expect("nobody panics").1
    }

    fn zone(&self) -> TimeZone {
        TimeZone::UTC
    }

    fn nap(&self, _: Duration) -> BoxFuture<'static, ()> {
        let mut moved = self.moved.subscribe();
        Box::pin(async move {
            // Had the clock moved just before the nap, nobody would hear of it: a nap may end early.
            let _ = tokio::time::timeout(NAP, moved.changed()).await;
        })
    }
}

/// A host that keeps schedules, and portals that it is connected to.
pub(crate) struct Host<'p> {
    _rig: Rig,
    pub(crate) core: Core,
    pub(crate) clock: Arc<HandClock>,
    portals: Vec<&'p Simulator>,
}

impl<'p> Host<'p> {
    /// Connected and copied.
    pub(crate) async fn of(portals: &[&'p Simulator]) -> Host<'p> {
        let rig = Rig::new();
        let core = rig.core();
        copy(&core, portals).await;
        Host::keeping(rig, core, portals)
    }

    /// Keeps the schedules from now on.
    pub(crate) fn keeping(rig: Rig, core: Core, portals: &[&'p Simulator]) -> Host<'p> {
        let clock = HandClock::new();
        let kept: Arc<dyn Clock> = clock.clone();
        core.keep_schedules(kept);
        Host { _rig: rig, core, clock, portals: portals.to_vec() }
    }

    /// Time passes, here and at HubSpot.
    pub(crate) fn pass(&self, time: Duration) {
        for portal in &self.portals {
            portal.clock().advance(time);
        }
        self.clock.pass(time);
    }

    pub(crate) async fn status(&self, connection: &str) -> ConnectionStatus {
        let request = ConnectionStatusRequest { connection: connection.to_owned() };
        connection_status(&self.core, request).await.expect("there is a status")
    }

    /// Without the proofs.
    pub(crate) async fn runs(&self, connection: &str) -> Vec<RunLog> {
        let mut runs = self.log(connection).await;
        runs.retain(|run| run.kind != "proof");
        runs
    }

    pub(crate) async fn log(&self, connection: &str) -> Vec<RunLog> {
        let request = RunLogRequest { connection: connection.to_owned(), limit: 100 };
        run_log(&self.core, request).await.expect("a run log").runs
    }

    /// Waits until so many runs have ended; how they began may differ.
    pub(crate) async fn ended(&self, connection: &str, count: usize) -> Vec<RunLog> {
        let mut events = self.core.events();
        loop {
            let runs = self.runs(connection).await;
            let status = self.status(connection).await;
            if runs.len() >= count && runs.iter().all(|run| run.finished_at.is_some()) && !status.running {
                return runs;
            }
            // A missed event is as good as one that came.
            let _ = events.recv().await;
        }
    }

    /// The schedule has looked, and waits or rests: nothing runs, and nothing is due now.
    pub(crate) async fn settled(&self, connection: &str) -> ConnectionStatus {
        let mut events = self.core.events();
        loop {
            let status = self.status(connection).await;
            let now = self.clock.now().to_string();
            // A run that takes the connection is under way before it can be seen.
            let running = status.running || status.schedule.sentence == "A run is under way.";
            if !running && status.schedule.next_at.as_ref().is_none_or(|at| *at > now) {
                return status;
            }
            let _ = events.recv().await;
        }
    }

    pub(crate) async fn set(&self, connection: &str, key: &str, value: &str) {
        let (connection, key, value) = (connection.to_owned(), key.to_owned(), Some(value.to_owned()));
        change_setting(&self.core, ChangeSetting { connection, key, value }).await.expect("it can be set");
    }
}

/// Connects these portals and imports everything.
pub(crate) async fn copy(core: &Core, portals: &[&Simulator]) {
    for (number, portal) in (1..).zip(portals) {
        let request = ConnectKey {
            text: portal.token().to_owned(),
            name: Some(format!("Portal {number}")),
            kind: None,
            api_base: Some(portal.base_url()),
            allow_host: false,
        };
        let connection = connect_key(core, request).await.expect("it connects").connection;
        let request = RunSync { connection, full: false, since: Some("all".to_owned()), wait: false };
        assert!(run_sync(core, request).await.expect("a run").done);
    }
}

pub(crate) async fn portal(seed: u64) -> Simulator {
    Simulator::start(Config { contacts: 20, seed, ..Config::default() }).await.expect("a port is free")
}
