//! One rolling window of calls. HubSpot counts a call when it arrives, we when we send it, so a call's place is moved
//! to when it can have arrived at the latest once its answer is there.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use crate::{Pool, retry::Limit};

/// The interval headers: so many calls in so long, so many left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Trio {
    pub(crate) max: u32,
    pub(crate) interval: Duration,
    pub(crate) remaining: u32,
}

/// A call's place in its window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Ticket {
    pub(crate) pool: Pool,
    serial: u64,
    taken: Instant,
}

#[derive(Debug)]
struct Sent {
    /// 0 for calls that somebody else made.
    serial: u64,
    at: Instant,
    refused: bool,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Declared {
    Assumed(f64),
    Max(f64),
    /// The server names no limit, and nothing is held back until it refuses a call.
    Nothing,
}

/// What a 429 taught: the limit used until it has grown back.
#[derive(Debug, Clone, Copy)]
struct Ceiling {
    limit: f64,
    /// Where HubSpot refused: growth is quick well below it and slow near it.
    refused_at: f64,
    grows_at: Instant,
}

#[derive(Debug)]
pub(crate) struct Window {
    assumed: f64,
    least: f64,
    assumed_interval: Duration,
    interval: Duration,
    declared: Declared,
    ceiling: Option<Ceiling>,
    /// How often the ceiling was lowered: each time makes the next attempt to rise rarer.
    lowered: u32,
    /// Refusals of calls sent before this one say nothing new.
    lowered_from: u64,
    sent: VecDeque<Sent>,
    serial: u64,
    last: Option<Instant>,
    blocked: Option<Instant>,
    /// The quickest answer yet: what an answer takes beyond it may have been spent on the way there.
    quickest: Option<Duration>,
}

/// Differences in the count up to this are the noise of calls that overtake each other.
const NOISE: u32 = 2;
/// While others call too, this part of the limit is left to those of them that are not known yet.
const UNSEEN_PART: usize = 20;
/// Several times the largest published limit: a header that claims more is not worth the memory.
const ELSEWHERE_MAX: u32 = 2_000;
const GROWTH_PERIOD: Duration = Duration::from_secs(10);
/// Gaps between calls, as parts of what would be even. Less than all of it, so that time lost is made up for.
const HURRIED: f64 = 0.5;
const EVEN: f64 = 0.9;
/// Gaps below this cannot be slept, so calls are not spaced.
const GAP_MIN: Duration = Duration::from_millis(2);

impl Window {
    /// `least` is what a 429 leaves at least.
    pub(crate) fn new(assumed: f64, least: f64, interval: Duration) -> Window {
        Window {
            assumed,
            least,
            assumed_interval: interval,
            interval,
            declared: Declared::Assumed(assumed),
            ceiling: None,
            lowered: 0,
            lowered_from: 0,
            sent: VecDeque::new(),
            serial: 0,
            last: None,
            blocked: None,
            quickest: None,
        }
    }

    /// Takes the place of a call that goes now.
    pub(crate) fn take(&mut self, pool: Pool, now: Instant) -> Ticket {
        self.serial += 1;
        self.sent.push_back(Sent { serial: self.serial, at: now, refused: false });
        self.last = Some(now);
        Ticket { pool, serial: self.serial, taken: now }
    }

    /// When the next call may go, if not now, for a caller that takes `share` of the limit.
    pub(crate) fn next_free(&mut self, share: f64, now: Instant) -> Option<Instant> {
        self.grow(now);
        self.forget_old(now);
        if let Some(until) = self.waits_until(now) {
            return Some(until);
        }
        let (calls, span) = self.allowance(share)?;
        let gone = self.sent.partition_point(|sent| sent.at + span <= now);
        let inside = self.sent.len() - gone + self.unseen(calls);
        // The place whose leaving makes room; calls leave in the order of `at`.
        let over = inside.checked_sub(calls as usize);
        if let Some(leaves) = over.and_then(|over| self.sent.get(gone + over)).map(|sent| sent.at + span) {
            return Some(leaves);
        }
        // A short errand goes at twice the even pace; a long one evenly, so that the whole window is never used up in
        // one go: what then waited for it, a person's call too, would wait for seconds.
        let pace = if inside < calls as usize / 2 { HURRIED } else { EVEN };
        let gap = (span / calls).mul_f64(pace);
        self.last.map(|last| last + gap).filter(|free| gap >= GAP_MIN && *free > now)
    }

    /// The answer to a call began to arrive.
    pub(crate) fn answered(&mut self, ticket: Ticket, now: Instant) {
        let took = now.saturating_duration_since(ticket.taken);
        let quickest = self.quickest.map_or(took, |quickest| quickest.min(took));
        self.quickest = Some(quickest);
        // Where the window is short, slow answers would cost a large part of it: there a 429 now and then is cheaper.
        let late = took.saturating_sub(quickest).min(self.interval / 20);
        let at = self.sent.iter().rposition(|sent| sent.serial == ticket.serial);
        let Some(mut sent) = at.and_then(|at| self.sent.remove(at)) else { return };
        sent.at = ticket.taken + late;
        let place = self.sent.partition_point(|other| other.at <= sent.at);
        self.sent.insert(place, sent);
    }

    pub(crate) fn declared(&mut self, trio: Trio) {
        self.declared = Declared::Max(f64::from(trio.max.max(1)));
        self.interval = trio.interval;
    }

    pub(crate) fn undeclared(&mut self) {
        if matches!(self.declared, Declared::Assumed(_)) {
            self.declared = Declared::Nothing;
        }
    }

    pub(crate) fn assumed_again(&mut self) {
        if self.declared == Declared::Nothing {
            self.declared = Declared::Assumed(self.assumed);
            self.interval = self.assumed_interval;
        }
    }

    pub(crate) fn is_declared_as(&self, trio: Trio) -> bool {
        self.declared == Declared::Max(f64::from(trio.max.max(1))) && self.interval == trio.interval
    }

    /// Others' calls that have not shown yet: what answers tell of them is old by the time they arrive.
    fn unseen(&self, calls: u32) -> usize {
        let others = self.sent.iter().rev().take(calls as usize).any(|sent| sent.serial == 0);
        if others { calls as usize / UNSEEN_PART } else { 0 }
    }

    /// Calls that the server counts and we do not know of. Calls sent since may have arrived before this one.
    fn excess(&self, ticket: Ticket, trio: Trio) -> u32 {
        let counted = trio.max.saturating_sub(trio.remaining);
        let gone = self.sent.partition_point(|sent| sent.at + self.interval <= ticket.taken);
        counted.saturating_sub(count(self.sent.len() - gone))
    }

    /// Makes room for calls that somebody else made.
    pub(crate) fn compare(&mut self, ticket: Ticket, trio: Trio, now: Instant) {
        let excess = self.excess(ticket, trio);
        if excess > NOISE {
            self.spent_elsewhere(excess, now);
        }
    }

    /// Counts calls that were made by another process, some time within the window.
    pub(crate) fn spent_elsewhere(&mut self, calls: u32, now: Instant) {
        let at = now.checked_sub(self.interval / 4).unwrap_or(now);
        let place = self.sent.partition_point(|other| other.at <= at);
        for _ in 0..calls.min(ELSEWHERE_MAX) {
            self.sent.insert(place, Sent { serial: 0, at, refused: false });
        }
    }

    /// Counts another window's calls here, at their own times.
    pub(crate) fn absorb(&mut self, other: &mut Window) {
        let calls = other.sent.drain(..).filter(|sent| sent.serial > 0);
        self.sent.extend(calls.map(|sent| Sent { serial: 0, ..sent }));
        self.sent.make_contiguous().sort_by_key(|sent| sent.at);
    }

    /// What was only guessed about others' calls is known now.
    pub(crate) fn forget_guesses(&mut self) {
        self.sent.retain(|sent| sent.serial > 0);
    }

    /// A 429. `until` is how long the call itself waits at least.
    pub(crate) fn refused(&mut self, ticket: Ticket, limit: Limit, told: bool, until: Instant, now: Instant) {
        self.forget_old(now);
        if let Some(sent) = self.sent.iter_mut().rev().find(|sent| sent.serial == ticket.serial) {
            sent.refused = true;
        }
        // A limit by the second, met by a pool of ten seconds, says nothing about the ten seconds.
        let other_window = limit == Limit::Secondly && self.interval > Duration::from_secs(1);
        let rest = self.inside(now).last().map(|oldest| oldest.at + self.interval);
        let rest = rest.filter(|_| !told && !other_window);
        self.wait_until(rest.map_or(until, |rest| rest.max(until)));
        if !other_window && ticket.serial > self.lowered_from {
            self.lower(now);
        }
    }

    pub(crate) fn wait_until(&mut self, until: Instant) {
        self.blocked = Some(self.blocked.map_or(until, |blocked| blocked.max(until)));
    }

    pub(crate) fn waits_until(&self, now: Instant) -> Option<Instant> {
        self.blocked.filter(|until| *until > now)
    }

    pub(crate) fn used(&self, now: Instant) -> u32 {
        count(self.sent.len() - self.sent.partition_point(|sent| sent.at + self.interval <= now))
    }

    /// Calls in the window that we made.
    pub(crate) fn own(&self, now: Instant) -> u32 {
        count(self.inside(now).filter(|sent| sent.serial > 0).count())
    }

    /// The newest call.
    pub(crate) fn last(&self) -> Option<Instant> {
        self.last
    }

    fn inside(&self, now: Instant) -> impl Iterator<Item = &Sent> {
        self.sent.iter().rev().take_while(move |sent| sent.at + self.interval > now)
    }

    /// The limit as it stands, before the speed takes its share.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "limits are small and positive"
    )]
    pub(crate) fn max(&self) -> Option<u32> {
        self.limit().map(|limit| limit as u32)
    }

    pub(crate) fn interval(&self) -> Duration {
        self.interval
    }

    /// What two windows of the same pace have in common.
    pub(crate) fn pace(&self) -> (Option<u32>, Duration) {
        (self.max(), self.interval)
    }

    fn lower(&mut self, now: Instant) {
        let accepted = self.inside(now).filter(|sent| !sent.refused).count() as f64;
        let below = self.limit().map_or(accepted, |limit| accepted.min(limit * 0.9));
        // Anything less would be the accident of a quiet moment, and take minutes to grow back.
        let limit = below.max(self.least);
        self.ceiling =
            Some(Ceiling { limit, refused_at: accepted.max(limit), grows_at: now + GROWTH_PERIOD });
        self.lowered += 1;
        self.lowered_from = self.serial;
    }

    fn grow(&mut self, now: Instant) {
        let Some(ceiling) = &mut self.ceiling else { return };
        if now < ceiling.grows_at {
            return;
        }
        let near = (ceiling.refused_at * 0.9..ceiling.refused_at * 1.5).contains(&ceiling.limit);
        let (factor, period) =
            if near { (1.02, GROWTH_PERIOD * 2_u32.pow(self.lowered.min(5))) } else { (1.25, GROWTH_PERIOD) };
        ceiling.limit *= factor;
        ceiling.grows_at = now + period;
        let full = match self.declared {
            Declared::Assumed(max) | Declared::Max(max) => ceiling.limit >= max,
            Declared::Nothing => false,
        };
        if full {
            self.ceiling = None;
        }
    }

    fn limit(&self) -> Option<f64> {
        let declared = match self.declared {
            Declared::Assumed(max) | Declared::Max(max) => Some(max),
            Declared::Nothing => None,
        };
        match (declared, self.ceiling) {
            (Some(max), Some(ceiling)) => Some(max.min(ceiling.limit)),
            (declared, ceiling) => declared.or(ceiling.map(|ceiling| ceiling.limit)),
        }
    }

    /// Whole calls, and the span they are spread over: the interval or a little more, so that the rate is exact.
    pub(crate) fn allowance(&self, share: f64) -> Option<(u32, Duration)> {
        let allowed = (self.limit()? * share).max(0.5);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "limits are positive u32s"
        )]
        let calls = allowed.ceil() as u32;
        Some((calls, self.interval.mul_f64(f64::from(calls) / allowed)))
    }

    /// No caller's span is longer than twice the interval; without a limit nobody looks beyond one.
    fn forget_old(&mut self, now: Instant) {
        let span = if self.limit().is_some() { self.interval * 2 } else { self.interval };
        while self.sent.front().is_some_and(|oldest| oldest.at + span <= now) {
            self.sent.pop_front();
        }
    }
}

fn count(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}
