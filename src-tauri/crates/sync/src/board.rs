//! How far a run is, counted in what is committed. Hosts read it; nothing here guesses a percentage.

use std::{
    sync::Mutex,
    time::{Duration, Instant},
};

use crm::{ObjectType, Timestamp};
use serde::{Deserialize, Serialize};
use tokio::sync::watch;

use crate::Absent;

/// What a stream is doing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StreamState {
    #[default]
    Queued,
    Filling,
    Checking,
    Indexing,
    Done,
    Skipped,
    Failed,
}

/// One object type's share of the run.
#[derive(Debug, Clone)]
pub struct StreamBoard {
    pub object: ObjectType,
    pub label: String,
    /// How many records HubSpot says there are inside the window, and whether that is exact.
    pub total: Option<(u64, bool)>,
    /// Records committed here in this pass, kept ones only.
    pub filled: u64,
    pub quarantined: u64,
    pub state: StreamState,
    pub reason: Option<String>,
    pub missing_scopes: Vec<String>,
    /// It is skipped because somebody chose so.
    pub left_out: bool,
    pub last_good_at: Option<Timestamp>,
}

/// The links of all pairs together, counted in records whose links are committed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Totals {
    /// Records whose links are to be read, as far as known.
    pub planned: u64,
    /// No pair is still to be planned.
    pub exact: bool,
    pub read: u64,
    pub links: u64,
    pub pairs: u64,
    pub pairs_done: u64,
}

#[derive(Debug, Clone)]
pub struct BoardSnapshot {
    pub streams: Vec<StreamBoard>,
    /// Rarer types that this portal does not have, or does not show to this key.
    pub absent: Vec<Absent>,
    pub links: Totals,
    pub links_state: StreamState,
    /// Records committed per second over the last 30 s, and since when the run has been counting.
    pub rate: Option<f64>,
    pub running_for: Duration,
    /// Committed records per second, oldest first.
    pub history: Vec<u32>,
    pub silent_for: Duration,
    pub began: Timestamp,
    pub first_import: bool,
    /// Records already here when an interrupted import was continued.
    pub continued_from: Option<u64>,
    /// What building the secondary indexes took so far.
    pub indexing: Duration,
    /// A proof is made: how many records it compares in all, and how many it has.
    pub proving: Option<(u64, u64)>,
    /// When the run last found something.
    pub found_at: Option<Timestamp>,
}

/// Width of a sample of the rate.
pub(crate) const SAMPLE: Duration = Duration::from_secs(1);
const SAMPLES_MAX: usize = 600;

/// Shared by the run, which writes, and its hosts, who read.
pub struct Board {
    inner: Mutex<Inner>,
    changed: watch::Sender<u64>,
}

struct Inner {
    streams: Vec<StreamBoard>,
    absent: Vec<Absent>,
    links: Totals,
    links_state: StreamState,
    started: Instant,
    /// Start of the oldest sample kept.
    sampled_from: Instant,
    heard: Instant,
    samples: Vec<u32>,
    began: Timestamp,
    first_import: bool,
    continued_from: Option<u64>,
    indexing: Duration,
    proving: Option<(u64, u64)>,
    found_at: Option<Timestamp>,
}

impl Board {
    pub fn new(began: Timestamp) -> Board {
        let now = Instant::now();
        let inner = Inner {
            streams: Vec::new(),
            absent: Vec::new(),
            links: Totals::default(),
            links_state: StreamState::Queued,
            started: now,
            sampled_from: now,
            heard: now,
            samples: Vec::new(),
            began,
            first_import: false,
            continued_from: None,
            indexing: Duration::ZERO,
            proving: None,
            found_at: None,
        };
        Board { inner: Mutex::new(inner), changed: watch::channel(0).0 }
    }

    /// Told whenever something changed; merge before showing.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }

    pub fn snapshot(&self) -> BoardSnapshot {
        let mut inner = self.lock();
        inner.roll();
        let running_for = inner.started.elapsed();
        let window = inner.samples.len().saturating_sub(1).min(30);
        let full = &inner.samples[..inner.samples.len().saturating_sub(1)];
        let recent: u64 = full[full.len() - window..].iter().map(|count| u64::from(*count)).sum();
        BoardSnapshot {
            streams: inner.streams.clone(),
            absent: inner.absent.clone(),
            links: inner.links,
            links_state: inner.links_state,
            rate: (window > 0).then(|| recent as f64 / window as f64 / SAMPLE.as_secs_f64()),
            running_for,
            history: full[full.len().saturating_sub(60)..].to_vec(),
            silent_for: inner.heard.elapsed(),
            began: inner.began,
            first_import: inner.first_import,
            continued_from: inner.continued_from,
            indexing: inner.indexing,
            proving: inner.proving,
            found_at: inner.found_at,
        }
    }

    pub(crate) fn begin(&self, began: Timestamp, first_import: bool, continued_from: Option<u64>) {
        self.change(|inner| {
            inner.began = began;
            inner.first_import = first_import;
            inner.continued_from = continued_from;
        });
    }

    pub(crate) fn add(&self, stream: StreamBoard) {
        self.change(|inner| {
            inner.streams.retain(|known| known.object != stream.object);
            inner.streams.push(stream);
        });
    }

    pub(crate) fn leave_out(&self, absent: Vec<Absent>) {
        self.change(|inner| inner.absent = absent);
    }

    pub(crate) fn stream(&self, object: &ObjectType, change: impl FnOnce(&mut StreamBoard)) {
        self.change(|inner| {
            if let Some(stream) = inner.streams.iter_mut().find(|stream| stream.object == *object) {
                change(stream);
            }
        });
    }

    pub(crate) fn total_of(&self, object: &ObjectType) -> Option<u64> {
        self.lock().streams.iter().find(|stream| stream.object == *object)?.total.map(|(total, _)| total)
    }

    pub(crate) fn links(&self, change: impl FnOnce(&mut Totals, &mut StreamState)) {
        self.change(|inner| change(&mut inner.links, &mut inner.links_state));
    }

    /// A proof begins that compares so many records.
    pub(crate) fn prove(&self, planned: u64) {
        self.change(|inner| inner.proving = Some((planned, 0)));
    }

    /// So many more were compared.
    pub(crate) fn compared(&self, count: u64) {
        self.change(|inner| {
            if let Some((planned, done)) = &mut inner.proving {
                *done = (*done + count).min(*planned);
            }
        });
        self.committed(count);
    }

    pub(crate) fn indexed_for(&self, time: Duration) {
        self.change(|inner| inner.indexing += time);
    }

    /// Records or link sets were committed.
    pub(crate) fn committed(&self, count: u64) {
        self.change(|inner| {
            inner.roll();
            if let Some(last) = inner.samples.last_mut() {
                *last = last.saturating_add(u32::try_from(count).unwrap_or(u32::MAX));
            }
        });
    }

    /// Wakes whoever waits for a change that the board does not hold itself.
    pub(crate) fn touch(&self) {
        self.change(|_| ());
    }

    pub(crate) fn found(&self, at: Timestamp) {
        self.lock().found_at = Some(at);
    }

    pub(crate) fn heard(&self) {
        self.lock().heard = Instant::now();
    }

    fn change(&self, change: impl FnOnce(&mut Inner)) {
        change(&mut self.lock());
        self.changed.send_modify(|version| *version += 1);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl Inner {
    /// Opens the samples up to now; keeps the newest.
    fn roll(&mut self) {
        let due = usize::try_from(self.sampled_from.elapsed().as_secs() / SAMPLE.as_secs())
            .unwrap_or(usize::MAX)
            + 1;
        let missing = due.saturating_sub(self.samples.len());
        self.samples.extend(std::iter::repeat_n(0, missing.min(SAMPLES_MAX)));
        let old = due.saturating_sub(SAMPLES_MAX);
        if old > 0 {
            let excess = self.samples.len().saturating_sub(SAMPLES_MAX);
            self.samples.drain(..excess);
            self.sampled_from += SAMPLE * u32::try_from(old).unwrap_or(u32::MAX);
        }
    }
}
