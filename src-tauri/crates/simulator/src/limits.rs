//! The rate limits: three pools counted apart, and the day's total.
//!
//! A pool is a rolling window: what was let in during the last interval counts, what was refused does not.
//! Deliberately absent: the 429's wording (`errors`) and faults that refuse without reason (`faults`).

use std::collections::{BTreeMap, VecDeque};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use serde::Serialize;

use crate::config::Limits;
use crate::zone::Zone;

/// Which limit a request draws on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Pool {
    General,
    Search,
    Associations,
}

/// Whose limits a request is counted against.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lane {
    Key,
    /// An app, by its place in `Config::apps`.
    App(usize),
    /// An app that has the key's limits and shares its day.
    AppLikeKey(usize),
}

/// The limit that refused a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reached {
    Burst,
    Search,
    Daily,
}

/// What the headers of an answer say about the limits.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Standing {
    /// Most and left, per ten seconds.
    pub(crate) interval: Option<(u32, u32)>,
    pub(crate) daily: Option<(u64, u64)>,
}

#[derive(Debug, Default)]
struct Counters {
    /// The key's.
    limits: Option<Limits>,
    windows: BTreeMap<(Option<usize>, Pool), VecDeque<Instant>>,
    today: u64,
    resets_at: i64,
}

#[derive(Debug)]
pub(crate) struct Gate {
    app_limits: Limits,
    zone: Zone,
    counters: Mutex<Counters>,
}

pub(crate) const INTERVAL: Duration = Duration::from_secs(10);
const SECOND: Duration = Duration::from_secs(1);

impl Gate {
    pub(crate) fn new(limits: Option<Limits>, app_limits: Limits, zone: Zone) -> Gate {
        let counters = Counters { limits, ..Counters::default() };
        Gate { app_limits, zone, counters: Mutex::new(counters) }
    }

    /// Puts other limits in place of the key's; what was counted stays counted.
    pub(crate) fn limit(&self, limits: Limits) {
        self.counters.lock().unwrap_or_else(std::sync::PoisonError::into_inner).limits = Some(limits);
    }

    /// Lets a request in and tells how things stand after it, or names the limit it would break.
    pub(crate) fn enter(
        &self,
        lane: Lane,
        pool: Pool,
        now: Instant,
        portal_time: i64,
    ) -> Result<Standing, Reached> {
        let mut counters = self.counters.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if portal_time >= counters.resets_at {
            counters.today = 0;
            counters.resets_at = self.zone.next_midnight(portal_time);
        }
        // The calls of an app with limits of its own are no part of the day.
        let daily_share = u64::from(!matches!(lane, Lane::App(_)));
        let Some(plan) = counters.limits else {
            counters.today += daily_share;
            return Ok(Standing::default());
        };
        let (limits, app) = match lane {
            Lane::Key => (plan, None),
            Lane::App(app) => (self.app_limits, Some(app)),
            Lane::AppLikeKey(app) => (plan, Some(app)),
        };
        if limits.daily.is_some_and(|most| counters.today >= most) {
            return Err(Reached::Daily);
        }
        let (most, interval, reached) = match pool {
            Pool::General => (limits.burst, INTERVAL, Reached::Burst),
            Pool::Associations => (limits.associations, INTERVAL, Reached::Burst),
            Pool::Search => (limits.search, SECOND, Reached::Search),
        };
        // Searches are counted for the account, everything else for who asks.
        let who = app.filter(|_| pool != Pool::Search);
        let window = counters.windows.entry((who, pool)).or_default();
        while window.front().is_some_and(|&then| now.duration_since(then) >= interval) {
            window.pop_front();
        }
        let used = u32::try_from(window.len()).unwrap_or(u32::MAX);
        if used >= most {
            return Err(reached);
        }
        window.push_back(now);
        counters.today += daily_share;
        let daily = limits.daily.map(|most| (most, most - counters.today));
        Ok(Standing { interval: Some((most, most - used - 1)), daily })
    }

    /// Calls since the portal's last midnight, their limit, and when they start again.
    pub(crate) fn today(&self, portal_time: i64) -> (u64, Option<u64>, i64) {
        let counters = self.counters.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let used = if portal_time >= counters.resets_at { 0 } else { counters.today };
        (used, counters.limits.and_then(|l| l.daily), self.zone.next_midnight(portal_time))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Tier;
    use crate::stamp;

    #[test]
    fn a_pool_refuses_what_is_over_its_limit_and_lets_in_again_when_the_oldest_call_leaves() {
        let gate = Gate::new(Some(Tier::Starter.limits()), Tier::OauthApp.limits(), Zone::Oslo);
        let start = Instant::now();
        for n in 0..100 {
            let standing =
                gate.enter(Lane::Key, Pool::General, start + Duration::from_millis(n * 10), 0).unwrap();
            assert_eq!(standing.interval, Some((100, 99 - u32::try_from(n).unwrap())));
        }
        let late = start + Duration::from_millis(9_999);
        assert_eq!(gate.enter(Lane::Key, Pool::General, late, 0).unwrap_err(), Reached::Burst);
        assert!(gate.enter(Lane::Key, Pool::Associations, late, 0).is_ok(), "associations are counted apart");
        assert!(
            gate.enter(Lane::Key, Pool::General, start + INTERVAL, 0).is_ok(),
            "the first call has left the window"
        );
        assert!(gate.enter(Lane::Key, Pool::General, start + INTERVAL, 0).is_err(), "the second has not");
    }

    #[test]
    fn an_app_has_a_window_of_its_own_and_shares_the_accounts_searches() {
        let gate = Gate::new(Some(Tier::Starter.limits()), Tier::OauthApp.limits(), Zone::Oslo);
        let now = Instant::now();
        let app = gate.enter(Lane::App(0), Pool::General, now, 0).unwrap();
        assert_eq!((app.interval, app.daily), (Some((110, 109)), None));
        let key = gate.enter(Lane::Key, Pool::General, now, 0).unwrap();
        assert_eq!((key.interval, key.daily), (Some((100, 99)), Some((250_000, 249_999))));
        let like_key = gate.enter(Lane::AppLikeKey(1), Pool::General, now, 0).unwrap();
        assert_eq!((like_key.interval, like_key.daily), (Some((100, 99)), Some((250_000, 249_998))));
        for lane in [Lane::Key, Lane::App(0), Lane::App(1), Lane::AppLikeKey(2), Lane::Key] {
            assert!(gate.enter(lane, Pool::Search, now, 0).is_ok());
        }
        assert_eq!(gate.enter(Lane::App(3), Pool::Search, now, 0).unwrap_err(), Reached::Search);
    }

    #[test]
    fn search_lets_in_five_a_second() {
        let gate = Gate::new(Some(Tier::Enterprise.limits()), Tier::OauthApp.limits(), Zone::Oslo);
        let start = Instant::now();
        for _ in 0..5 {
            assert!(gate.enter(Lane::Key, Pool::Search, start, 0).is_ok());
        }
        assert_eq!(gate.enter(Lane::Key, Pool::Search, start, 0).unwrap_err(), Reached::Search);
        assert!(gate.enter(Lane::Key, Pool::Search, start + SECOND, 0).is_ok());
    }

    #[test]
    fn the_day_ends_at_the_portals_midnight() {
        let limits = Limits { daily: Some(2), ..Tier::Starter.limits() };
        let gate = Gate::new(Some(limits), Tier::OauthApp.limits(), Zone::Oslo);
        let now = Instant::now();
        let noon = stamp::parse("2026-11-21T12:00:00Z").unwrap();
        assert!(gate.enter(Lane::Key, Pool::Search, now, noon).is_ok());
        assert!(gate.enter(Lane::Key, Pool::General, now, noon).is_ok());
        assert_eq!(gate.enter(Lane::Key, Pool::General, now, noon).unwrap_err(), Reached::Daily);
        let midnight_in_oslo = stamp::parse("2026-11-21T23:00:00Z").unwrap();
        assert!(gate.enter(Lane::Key, Pool::General, now, midnight_in_oslo).is_ok());
    }
}
