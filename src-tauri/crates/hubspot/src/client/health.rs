//! Which kinds of call have stopped being answered. When none of a kind has been answered for twice as long as one call is
//! patient, that is known, and until one is answered each further call tries once: an outage is outlived once, not by
//! every call in turn. Deliberately absent: what the failure of a call means.

use std::{
    collections::HashMap,
    sync::Mutex,
    time::{Duration, Instant},
};

use super::locked;
use crate::{Method, Request, observe};

#[derive(Debug, Default)]
pub(super) struct Health(Mutex<HashMap<Kind, Failing>>);

/// The failures of a kind since its last answer.
#[derive(Debug, Clone, Copy)]
struct Failing {
    first: Instant,
    last: Instant,
}

/// Hasty callers too outlive an outage of seconds.
const SILENCE_MIN: Duration = Duration::from_secs(10);
/// Failures of long ago say nothing about now.
const FORGOTTEN: Duration = Duration::from_mins(5);

/// Calls that work or fail together: those with the same method to the same place.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Kind(Method, String);

impl Kind {
    pub(super) fn of(request: &Request) -> Kind {
        Kind(request.method, observe::template(&request.path))
    }
}

impl Health {
    pub(super) fn answered(&self, kind: &Kind) {
        locked(&self.0).remove(kind);
    }

    /// An attempt failed. `patience` is how long one call is tried; true if the kind is known to be silent.
    pub(super) fn failed(&self, kind: &Kind, patience: Duration, now: Instant) -> bool {
        let mut kinds = locked(&self.0);
        let failing = kinds.entry(kind.clone()).or_insert(Failing { first: now, last: now });
        if now > failing.last + FORGOTTEN {
            failing.first = now;
        }
        failing.last = now;
        now >= failing.first + (patience * 2).max(SILENCE_MIN)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATIENCE: Duration = Duration::from_secs(30);

    fn list() -> Kind {
        Kind(Method::Get, "/crm/objects/2026-03/deals".into())
    }

    #[test]
    fn a_kind_is_silent_when_nothing_of_it_was_answered_for_a_minute_of_failures() {
        let (health, start) = (Health::default(), Instant::now());
        let search = Kind(Method::Post, "/crm/objects/2026-03/deals/search".into());
        let silent = |kind: &Kind, second| health.failed(kind, PATIENCE, start + Duration::from_secs(second));
        assert!(!silent(&list(), 0) && !silent(&list(), 40));
        assert!(!silent(&search, 59));
        assert!(silent(&list(), 60) && silent(&list(), 100));
        assert!(!silent(&search, 100), "each kind for itself");
        health.answered(&search);
        assert!(silent(&list(), 101));
        health.answered(&list());
        assert!(!silent(&list(), 102));
    }

    #[test]
    fn failures_of_long_ago_are_forgotten() {
        let (health, start) = (Health::default(), Instant::now());
        let silent = |second| health.failed(&list(), PATIENCE, start + Duration::from_secs(second));
        assert!(!silent(0) && !silent(3_600) && !silent(3_650) && silent(3_670));
    }
}
