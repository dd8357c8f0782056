//! What each stream of a run has done, counted where it is committed: the rows of the run log. Deliberately absent: how
//! far a stream is, which the board tells while the run goes on.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use crm::Timestamp;
use store::{LinksStored, PageStored, RunStream};

use crate::StreamState;

/// What of a commit was found by the run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Finds {
    /// All of it: these were the records to read.
    All,
    /// What turned out to be new, different or gone here.
    Changes,
    /// Nothing: it was known before, and asked for again.
    Nothing,
}

/// The tallies of a run's streams, by name.
#[derive(Default)]
pub(crate) struct Tallies(Mutex<BTreeMap<String, Arc<Tally>>>);

/// One stream's.
#[derive(Default)]
pub(crate) struct Tally {
    calls: Arc<AtomicU64>,
    counts: Mutex<Counts>,
}

#[derive(Default)]
struct Counts {
    ways: BTreeSet<&'static str>,
    found: u64,
    stored: u64,
    unchanged: u64,
    removed: u64,
    skipped: u64,
    found_at: Option<Timestamp>,
    started_at: Option<Timestamp>,
    ended: Option<Ended>,
}

struct Ended {
    state: StreamState,
    reason: Option<String>,
    at: Timestamp,
}

impl Tallies {
    /// A stream's tally; one that is not known yet begins now.
    pub(crate) fn of(&self, stream: &str, now: Timestamp) -> Arc<Tally> {
        let mut tallies = locked(&self.0);
        if let Some(tally) = tallies.get(stream) {
            return Arc::clone(tally);
        }
        let tally = Arc::<Tally>::default();
        tally.lock().started_at = Some(now);
        tallies.insert(stream.to_owned(), Arc::clone(&tally));
        tally
    }

    /// Nothing was written.
    pub(crate) fn are_idle(&self) -> bool {
        locked(&self.0).values().all(|tally| {
            let counts = tally.lock();
            counts.stored + counts.removed == 0
        })
    }

    /// One row for each stream; what has not ended by then is cut.
    pub(crate) fn rows(&self, now: Timestamp) -> Vec<RunStream> {
        locked(&self.0).iter().map(|(stream, tally)| tally.row(stream, now)).collect()
    }
}

impl Tally {
    /// Counts the requests of a client that is made with it.
    pub(crate) fn calls(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.calls)
    }

    /// It was read this way, too.
    pub(crate) fn by(&self, way: &'static str) {
        self.lock().ways.insert(way);
    }

    /// Adds what became of some records; returns how many of them the run has found.
    pub(crate) fn records(&self, stored: &PageStored, finds: Finds, now: Timestamp) -> u64 {
        let PageStored { inserted, updated, unchanged, quarantined, removed, .. } = *stored;
        let changes = inserted + updated + removed + quarantined;
        let found = match finds {
            Finds::All => changes + unchanged,
            Finds::Changes => changes,
            Finds::Nothing => 0,
        };
        let mut counts = self.lock();
        counts.stored += inserted + updated;
        counts.unchanged += unchanged;
        counts.removed += removed;
        counts.skipped += quarantined;
        counts.found(found, now)
    }

    /// Adds what became of some records' links; returns for how many records they were read, or should have been.
    pub(crate) fn links(&self, stored: &LinksStored, failed: u64, now: Timestamp) -> u64 {
        let mut counts = self.lock();
        counts.stored += stored.added;
        counts.unchanged += stored.links - stored.added;
        counts.removed += stored.removed;
        counts.skipped += failed;
        counts.found(stored.records + failed, now)
    }

    /// So many were found in vain: they are found once more.
    pub(crate) fn find_again(&self, count: u64) {
        let mut counts = self.lock();
        counts.found = counts.found.saturating_sub(count);
    }

    /// The stream is at its end. What it comes to later replaces this.
    pub(crate) fn end(&self, state: StreamState, reason: Option<String>, at: Timestamp) {
        self.lock().ended = Some(Ended { state, reason, at });
    }

    fn row(&self, stream: &str, now: Timestamp) -> RunStream {
        let counts = self.lock();
        let (state, reason, finished_at) = match &counts.ended {
            None => ("cut", None, now),
            Some(Ended { state, reason, at }) => (
                match state {
                    StreamState::Skipped => "skipped",
                    StreamState::Failed => "failed",
                    _ => "done",
                },
                reason.clone(),
                *at,
            ),
        };
        let ways: Vec<&str> = counts.ways.iter().copied().collect();
        RunStream {
            stream: stream.to_owned(),
            state: state.to_owned(),
            way: (!ways.is_empty()).then(|| ways.join(", ")),
            found: (state != "skipped").then_some(counts.found),
            stored: counts.stored,
            unchanged: counts.unchanged,
            removed: counts.removed,
            skipped: counts.skipped,
            calls: self.calls.load(Ordering::Relaxed),
            reason,
            found_at: counts.found_at,
            started_at: counts.started_at.unwrap_or(finished_at),
            finished_at,
        }
    }

    fn lock(&self) -> MutexGuard<'_, Counts> {
        locked(&self.counts)
    }
}

impl Counts {
    fn found(&mut self, count: u64, now: Timestamp) -> u64 {
        self.found += count;
        if count > 0 {
            self.found_at = Some(now);
        }
        count
    }
}

/// What the lock guards stays whole whatever panics, so a poisoned lock is taken all the same.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
