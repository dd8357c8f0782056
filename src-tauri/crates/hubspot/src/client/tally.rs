//! What a client has done: counters that many calls add to at once.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use crate::{Pool, Usage};

#[derive(Default)]
pub(super) struct Tally {
    general: AtomicU64,
    search: AtomicU64,
    associations: AtomicU64,
    retries: AtomicU64,
    refusals_429: AtomicU64,
    bytes: AtomicU64,
    in_flight: AtomicU64,
    in_flight_peak: AtomicU64,
}

/// A request on the wire; over when dropped, cancelled ones too.
pub(super) struct Flight<'a>(&'a Tally);

impl Tally {
    pub(super) fn sent(&self, pool: Pool) -> Flight<'_> {
        let calls = match pool {
            Pool::General => &self.general,
            Pool::Search => &self.search,
            Pool::Associations => &self.associations,
        };
        calls.fetch_add(1, Relaxed);
        let now = self.in_flight.fetch_add(1, Relaxed) + 1;
        self.in_flight_peak.fetch_max(now, Relaxed);
        Flight(self)
    }

    pub(super) fn retried(&self) {
        self.retries.fetch_add(1, Relaxed);
    }

    pub(super) fn refused(&self) {
        self.refusals_429.fetch_add(1, Relaxed);
    }

    pub(super) fn received(&self, bytes: usize) {
        self.bytes.fetch_add(bytes as u64, Relaxed);
    }

    pub(super) fn usage(&self) -> Usage {
        Usage {
            general: self.general.load(Relaxed),
            search: self.search.load(Relaxed),
            associations: self.associations.load(Relaxed),
            retries: self.retries.load(Relaxed),
            refusals_429: self.refusals_429.load(Relaxed),
            bytes: self.bytes.load(Relaxed),
            in_flight_peak: self.in_flight_peak.load(Relaxed),
        }
    }
}

impl Drop for Flight<'_> {
    fn drop(&mut self) {
        self.0.in_flight.fetch_sub(1, Relaxed);
    }
}
