//! When a connection is looked at next, and for what: one pure decision from how things stand now. Beside it, what is
//! known (`standing`), what time it is (`clock`), and the loop that acts (`keeper`).
//!
//! Elapsed time is the larger of what the wall clock and the monotonic clock say: sleep counts, and a clock set back
//! puts nothing off. However much was missed, it is made up for by one run.

mod clock;
mod keeper;
mod standing;
#[cfg(test)]
mod tests;

use std::time::Duration;

use crm::Timestamp;
use jiff::{Zoned, tz::TimeZone};

pub use clock::{Clock, SystemClock};
pub(crate) use keeper::Keeper;
pub use keeper::pause_until;
pub(crate) use standing::Standing;

use crate::{
    settings::Quiet,
    wire::{self, NextKind},
};

/// What a schedule does by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Work {
    /// Go on with the first import.
    Import,
    /// Changes, and what belongs to the hour: definitions, counts, deletes.
    Sync,
    /// Changes only.
    Poll,
    /// Prove that the copy is complete.
    Proof,
}

/// How the last run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ended {
    Done,
    /// Asked to stop, or killed: it goes on at once.
    Cut,
    /// So many in a row.
    Failed(u32),
    /// Another process works on the connection, or did a moment ago.
    Busy,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Last {
    pub(crate) ended: Ended,
    pub(crate) ago: Duration,
}

/// Whether a connection can be used at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Life {
    Usable,
    SetupOpen,
    /// HubSpot ended it.
    Ended,
    Disconnected,
    /// The demo portal is not running in this process.
    DemoClosed,
    /// The encrypted file with its key is still to be opened.
    KeyLocked,
}

/// How long a pause lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pause {
    UntilResumed,
    Until(Timestamp),
}

/// Everything the decision needs to know of a connection.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Facts {
    pub(crate) life: Life,
    pub(crate) pause: Option<Pause>,
    /// A run is under way, here or in another process.
    pub(crate) running: bool,
    /// The first import was begun once; nothing starts it by itself.
    pub(crate) begun: bool,
    pub(crate) first_done: bool,
    pub(crate) cadence: Duration,
    pub(crate) quiet: Option<Quiet>,
    pub(crate) last: Option<Last>,
    /// Since the last run that did what belongs to the hour.
    pub(crate) since_sync: Option<Duration>,
    /// The daily limit is lifted then.
    pub(crate) resumes_at: Option<Timestamp>,
    /// Nothing was proved for a day.
    pub(crate) proof_due: bool,
}

/// What to do now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Next {
    Do(Work),
    Wait {
        until: Timestamp,
        then: Work,
        why: Why,
    },
    /// Nothing, until something changes.
    Rest(Rest),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Why {
    Cadence,
    Quiet,
    Paused,
    DailyLimit,
    Failed(u32),
    Busy,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rest {
    SetupOpen,
    Ended,
    Disconnected,
    Paused,
    Running,
    NotBegun,
    DemoClosed,
    KeyLocked,
}

const HOUR: Duration = Duration::from_hours(1);
/// After a first failure; twice as long after each other one.
const BACK_OFF: Duration = Duration::from_mins(1);
const BUSY: Duration = Duration::from_mins(1);
/// Whoever stopped a run has work of its own to do first.
const AFTER_CUT: Duration = Duration::from_secs(2);
/// What is due within a moment is not worth another waking.
const SLACK: Duration = Duration::from_secs(1);

pub(crate) fn decide(facts: &Facts, now: Timestamp, zone: &TimeZone) -> Next {
    match facts.life {
        Life::SetupOpen => return Next::Rest(Rest::SetupOpen),
        Life::Ended => return Next::Rest(Rest::Ended),
        Life::Disconnected => return Next::Rest(Rest::Disconnected),
        Life::KeyLocked => return Next::Rest(Rest::KeyLocked),
        Life::Usable | Life::DemoClosed => {}
    }
    if facts.running {
        return Next::Rest(Rest::Running);
    }
    if facts.pause == Some(Pause::UntilResumed) {
        return Next::Rest(Rest::Paused);
    }
    if !facts.begun {
        return Next::Rest(Rest::NotBegun);
    }
    if facts.life == Life::DemoClosed && facts.first_done {
        return Next::Rest(Rest::DemoClosed);
    }
    let proves =
        facts.proof_due && facts.first_done && facts.last.is_some_and(|last| last.ended == Ended::Done);
    let (delay, mut why) = if proves { (Duration::ZERO, Why::Cadence) } else { due(facts) };
    let mut at = now.plus(delay);
    for (later, reason) in [(facts.resumes_at, Why::DailyLimit), (pause_end(facts.pause), Why::Paused)] {
        if let Some(later) = later.filter(|later| *later > now && *later > at) {
            (at, why) = (later, reason);
        }
    }
    if let Some(end) = facts.quiet.and_then(|quiet| quiet_end(quiet, at, zone)) {
        (at, why) = (end, Why::Quiet);
    }
    let waits = elapsed(now, at);
    let then = if proves { Work::Proof } else { work(facts, waits) };
    if waits <= SLACK { Next::Do(then) } else { Next::Wait { until: at, then, why } }
}

/// How long until the next run, by what came of the last.
fn due(facts: &Facts) -> (Duration, Why) {
    let Some(last) = facts.last else { return (Duration::ZERO, Why::Cadence) };
    let (period, why) = match last.ended {
        Ended::Cut => (AFTER_CUT, Why::Cadence),
        Ended::Busy => (BUSY, Why::Busy),
        Ended::Failed(count) => (back_off(count), Why::Failed(count)),
        Ended::Done => (facts.cadence, Why::Cadence),
    };
    (period.saturating_sub(last.ago), why)
}

/// 1, 2, 4, … minutes, at most an hour.
fn back_off(failures: u32) -> Duration {
    BACK_OFF.saturating_mul(1 << failures.saturating_sub(1).min(6)).min(HOUR)
}

fn work(facts: &Facts, waits: Duration) -> Work {
    if !facts.first_done {
        return Work::Import;
    }
    match facts.since_sync {
        // A little early still counts as the hour's: polls do not come to the second.
        Some(since) if since + waits + Duration::from_mins(2) < HOUR => Work::Poll,
        _ => Work::Sync,
    }
}

fn pause_end(pause: Option<Pause>) -> Option<Timestamp> {
    match pause {
        Some(Pause::Until(at)) => Some(at),
        Some(Pause::UntilResumed) | None => None,
    }
}

/// When the quiet hours end that hold at this moment, if they do.
pub(crate) fn quiet_end(quiet: Quiet, at: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
    let local = local(at, zone)?;
    let minute = minute_of(&local);
    if !quiet.holds(minute) {
        return None;
    }
    let day = if minute < quiet.to { local.date() } else { local.date().tomorrow().ok()? };
    let (hour, minute) = (i8::try_from(quiet.to / 60).ok()?, i8::try_from(quiet.to % 60).ok()?);
    // An hour that the clocks skip ends when they have skipped it.
    let end = day.at(hour, minute, 0, 0).to_zoned(zone.clone()).ok()?;
    let end = Timestamp::from_millis(end.timestamp().as_millisecond());
    (end > at).then_some(end)
}

fn local(at: Timestamp, zone: &TimeZone) -> Option<Zoned> {
    Some(jiff::Timestamp::from_millisecond(at.millis()).ok()?.to_zoned(zone.clone()))
}

fn minute_of(local: &Zoned) -> u16 {
    u16::try_from(i32::from(local.hour()) * 60 + i32::from(local.minute())).unwrap_or(0)
}

/// Time from one moment to a later one; nothing, if it is not later.
pub(crate) fn elapsed(from: Timestamp, to: Timestamp) -> Duration {
    Duration::from_millis(u64::try_from(to.millis().saturating_sub(from.millis())).unwrap_or(0))
}

/// Whether a run is due or comes at its own time: nothing holds it back.
pub(crate) fn is_expected(facts: &Facts, now: Timestamp, zone: &TimeZone) -> bool {
    match decide(facts, now, zone) {
        Next::Do(_) => true,
        Next::Wait { why, .. } => !matches!(why, Why::Quiet | Why::Paused | Why::DailyLimit),
        Next::Rest(_) => false,
    }
}

/// How the schedule stands, for hosts.
pub(crate) fn shown(standing: &Standing, kept: bool, now: Timestamp, zone: &TimeZone) -> wire::Schedule {
    let facts = &standing.facts;
    let next = decide(facts, now, zone);
    let kind = |work| match work {
        Work::Import => NextKind::Import,
        Work::Sync => NextKind::Sync,
        Work::Poll => NextKind::Poll,
        Work::Proof => NextKind::Proof,
    };
    let (kind, at) = match next {
        Next::Do(work) => (kind(work), Some(now)),
        Next::Wait { until, then, .. } => (kind(then), Some(until)),
        Next::Rest(_) => (NextKind::Nothing, None),
    };
    wire::Schedule {
        kept,
        cadence_minutes: u32::try_from(facts.cadence.as_secs() / 60).unwrap_or(u32::MAX),
        next: kind,
        next_at: at.map(|at| at.to_string()),
        sentence: sentence(next, kept),
        quiet_hours: facts.quiet.map(|quiet| quiet.to_string()),
        quiet_now: facts.quiet.is_some_and(|quiet| quiet_end(quiet, now, zone).is_some()),
        paused_until: pause_end(facts.pause).map(|at| at.to_string()),
        resumes_at: facts.resumes_at.filter(|at| *at > now).map(|at| at.to_string()),
        failures: match facts.last {
            Some(Last { ended: Ended::Failed(count), .. }) => count,
            _ => 0,
        },
    }
}

/// In words, without times: those are the host's to write.
fn sentence(next: Next, kept: bool) -> String {
    let what = |work| match work {
        Work::Import => "The first import goes on",
        Work::Sync | Work::Poll => "The next check comes",
        Work::Proof => "The next proof comes",
    };
    match next {
        Next::Rest(Rest::SetupOpen) => "Nothing is checked until setup is finished.".to_owned(),
        Next::Rest(Rest::Ended) => "Nothing is checked until you reconnect.".to_owned(),
        Next::Rest(Rest::Disconnected) => "Nothing is checked any more.".to_owned(),
        Next::Rest(Rest::Paused) => "Nothing is checked until you resume.".to_owned(),
        Next::Rest(Rest::NotBegun) => "The first import waits for you to start it.".to_owned(),
        Next::Rest(Rest::DemoClosed) => "The demo portal is checked while it is open.".to_owned(),
        Next::Rest(Rest::KeyLocked) => {
            "Nothing is checked until the file with the keys is opened.".to_owned()
        }
        Next::Rest(Rest::Running) => "A run is under way.".to_owned(),
        Next::Do(_) | Next::Wait { .. } if !kept => {
            "Checks come by themselves while the desktop app is open.".to_owned()
        }
        Next::Do(work) => format!("{} now.", what(work)),
        Next::Wait { then, why, .. } => {
            let when = match why {
                Why::Cadence => "at its time",
                Why::Quiet => "after the quiet hours",
                Why::Paused => "when the pause ends",
                Why::DailyLimit => "when today's requests are reset",
                Why::Failed(1) => "again after a failure",
                Why::Failed(count) => {
                    return format!("{} again after {count} failures in a row.", what(then));
                }
                Why::Busy => "when the other Portside is done",
            };
            format!("{} {when}.", what(then))
        }
    }
}
