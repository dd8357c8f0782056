//! What is due when. Pure: last times and now go in, what to do comes out.
//!
//! Some work belongs to every run (what changed, and the links of that), some to every [`RunKind::Sync`] and to the
//! first poll of an hour, some to a day, a night or a week. Deliberately absent: when runs start; that is the
//! scheduler's.

use std::time::Duration;

use crm::Timestamp;

use crate::RunKind;

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// A poll that comes a little early still counts as the hour's: polls come every 15 minutes, never to the second.
const HOURLY: i64 = 58 * MINUTE;
/// What is done at night may be done so much before a day (or a week) is full, so that it stays at night.
const EARLY: i64 = 6 * HOUR;
/// The portal's night: from midnight to six.
const NIGHT_HOURS: i64 = 6;
/// All links and calculated properties cost at most this share of the daily limit to be read every night.
const NIGHTLY_SHARE: f64 = 0.05;

/// The moment for which is asked what is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    pub kind: RunKind,
    pub now: Timestamp,
    /// The portal's offset from UTC in milliseconds; it tells when night is.
    pub utc_offset_ms: i64,
}

impl Moment {
    /// Definitions, owners, pipelines, schemas and the comparison of counts: with each sync, and hourly.
    pub fn hourly(&self, last: Option<Timestamp>) -> bool {
        self.kind == RunKind::Sync || self.passed(last, HOURLY)
    }

    /// The archived list.
    pub fn daily(&self, last: Option<Timestamp>) -> bool {
        self.at_night(last, DAY)
    }

    /// Rows outside the window.
    pub fn weekly(&self, last: Option<Timestamp>) -> bool {
        self.at_night(last, 7 * DAY)
    }

    /// All links and calculated properties: every night while they cost little, else every week. `calls` is what
    /// reading all of it once takes, `daily_limit` what a day allows; without a limit it is every night.
    pub fn nightly(&self, last: Option<Timestamp>, calls: u64, daily_limit: Option<u64>) -> bool {
        let share = daily_limit.map_or(0.0, |limit| calls as f64 / limit.max(1) as f64);
        if share < NIGHTLY_SHARE { self.at_night(last, DAY) } else { self.weekly(last) }
    }

    /// Whether so much has passed, or nearly so much and it is night where the portal is.
    fn at_night(&self, last: Option<Timestamp>, period: i64) -> bool {
        let hour = (self.now.millis() + self.utc_offset_ms).rem_euclid(DAY) / HOUR;
        self.passed(last, if hour < NIGHT_HOURS { period - EARLY } else { period })
    }

    /// A clock that was set back does not put anything off: what lies in the future counts as never done.
    fn passed(&self, last: Option<Timestamp>, period: i64) -> bool {
        let age = last.map(|last| self.now.millis() - last.millis());
        age.is_none_or(|age| age < 0 || age >= period)
    }
}

/// How long ago something was done; none if never.
pub fn age(last: Option<Timestamp>, now: Timestamp) -> Option<Duration> {
    let millis = now.millis().saturating_sub(last?.millis());
    Some(Duration::from_millis(u64::try_from(millis).unwrap_or(0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a time")
    }

    fn moment(kind: RunKind, now: &str) -> Moment {
        Moment { kind, now: at(now), utc_offset_ms: 0 }
    }

    #[test]
    fn what_is_hourly_comes_with_each_sync_and_with_one_poll_an_hour() {
        let last = Some(at("2026-11-20T12:00:00Z"));
        let poll = |now| moment(RunKind::Poll, now).hourly(last);
        assert!(moment(RunKind::Sync, "2026-11-20T12:00:01Z").hourly(last));
        assert!(!poll("2026-11-20T12:15:00Z"));
        assert!(!poll("2026-11-20T12:45:30Z"));
        assert!(poll("2026-11-20T12:59:58Z"), "the fourth poll, a little early");
        assert!(moment(RunKind::Poll, "2026-11-20T12:00:00Z").hourly(None), "never done");
    }

    #[test]
    fn a_clock_that_was_set_back_puts_nothing_off() {
        let last = Some(at("2026-11-20T12:00:00Z"));
        let moment = moment(RunKind::Poll, "2026-11-20T11:00:00Z");
        assert!(moment.hourly(last) && moment.daily(last) && moment.weekly(last));
        assert_eq!(age(last, at("2026-11-20T11:00:00Z")), Some(Duration::ZERO));
    }

    #[test]
    fn what_is_daily_moves_to_the_portals_night_and_never_waits_longer_than_a_day() {
        let last = Some(at("2026-11-20T03:00:00Z"));
        let daily = |now, hours: i64| {
            Moment { utc_offset_ms: hours * HOUR, ..moment(RunKind::Poll, now) }.daily(last)
        };
        assert!(!daily("2026-11-20T20:59:00Z", 0), "not after 18 hours of which the last was in the evening");
        assert!(!daily("2026-11-20T23:00:00Z", 0));
        assert!(daily("2026-11-21T01:00:00Z", 0), "at night, after 22 hours");
        assert!(daily("2026-11-21T03:00:00Z", -10), "after a day, whatever the hour");
        assert!(daily("2026-11-20T22:00:00Z", 4), "where the portal is it is two at night");
    }

    #[test]
    fn links_are_read_every_night_while_that_costs_little_and_else_every_week() {
        let last = Some(at("2026-11-20T03:00:00Z"));
        let due = |now, calls, limit| moment(RunKind::Poll, now).nightly(last, calls, limit);
        for (calls, limit) in [(0, Some(0)), (12_400, Some(250_000)), (1_000_000, None)] {
            assert!(due("2026-11-21T02:00:00Z", calls, limit), "{calls} of {limit:?}");
        }
        assert!(!due("2026-11-21T02:00:00Z", 12_500, Some(250_000)));
        assert!(due("2026-11-27T02:00:00Z", 12_500, Some(250_000)));
        assert!(!due("2026-11-26T02:00:00Z", 12_500, Some(250_000)));
    }
}
