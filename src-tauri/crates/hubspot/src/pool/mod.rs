//! Which call may go when: a portal's three pools of calls and its day, kept by our own count, corrected by what HubSpot's
//! answers say. Deliberately absent: sleeping and clocks; every function is told the time.

mod day;
mod window;

use std::time::{Duration, Instant};

use crate::{Daily, Pool, PoolSnapshot, retry::Limit};

pub(crate) use day::{Day, Spent};
pub(crate) use window::{Ticket, Trio, Window};

/// Whether a call may go now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Turn {
    Go(Ticket),
    /// Ask again then, or when something changed.
    Wait(Instant),
}

/// The limit headers of one answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct LimitHeaders {
    pub(crate) trio: Option<Trio>,
    pub(crate) daily: Option<Daily>,
}

/// What one app may ask of one portal in ten seconds: its ordinary calls, and its associations.
#[derive(Debug)]
pub(crate) struct Pools {
    general: Window,
    associations: Window,
    /// The interval headers were seen on a general answer: the server does declare its limit.
    declares: bool,
    /// Association calls are charged to the general pool: the limits they report are the general ones.
    shared: Shared,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shared {
    No,
    /// So many answers in a row looked like it.
    Perhaps(u32),
    Yes,
}

const TEN_SECONDS: Duration = Duration::from_secs(10);
/// The smallest tier's limit, until HubSpot says more.
const GENERAL_ASSUMED: f64 = 100.0;
const ASSOCIATIONS_ASSUMED: f64 = 100.0;
const SEARCH_ASSUMED: f64 = 5.0;
const SHARED_CERTAIN: u32 = 3;

/// The searches of a portal, which all its apps share.
pub(crate) fn searches(resumed: bool, now: Instant) -> Window {
    // Other apps may leave one of the five.
    let mut window = Window::new(SEARCH_ASSUMED, 1.0, Duration::from_secs(1));
    if resumed {
        window.spent_elsewhere(2, now);
    }
    window
}

impl Pools {
    pub(crate) fn new(resumed: bool, now: Instant) -> Pools {
        // No published limit is lower than what is assumed; half of it leaves room for others.
        let ten_secondly = |assumed| Window::new(assumed, assumed / 2.0, TEN_SECONDS);
        let mut pools = Pools {
            general: ten_secondly(GENERAL_ASSUMED),
            associations: ten_secondly(ASSOCIATIONS_ASSUMED),
            declares: false,
            shared: Shared::No,
        };
        if resumed {
            pools.general.spent_elsewhere(50, now);
            pools.associations.spent_elsewhere(50, now);
        }
        pools
    }

    /// Counts the calls of other pools that turn out to be the same app's.
    pub(crate) fn absorb(&mut self, other: &mut Pools) {
        self.general.absorb(&mut other.general);
        self.associations.absorb(&mut other.associations);
    }

    /// The newest call.
    pub(crate) fn last(&self) -> Option<Instant> {
        self.general.last().max(self.associations.last())
    }

    /// When the next call may go, if not now.
    pub(crate) fn next_free(&mut self, pool: Pool, share: f64, now: Instant) -> Option<Instant> {
        let charged = self.charged(pool);
        let free = self.window(charged).next_free(share, now);
        if charged == pool {
            return free;
        }
        // A pool that was told to wait does so even when it is charged elsewhere.
        free.max(self.window(pool).waits_until(now))
    }

    /// Takes a call's place, if there is one.
    pub(crate) fn turn(&mut self, pool: Pool, share: f64, now: Instant) -> Turn {
        match self.next_free(pool, share, now) {
            Some(until) => Turn::Wait(until),
            None => {
                let charged = self.charged(pool);
                Turn::Go(self.window(charged).take(charged, now))
            }
        }
    }

    /// An answer began to arrive: what its headers say is learned. True if a pool's limit is another one now.
    pub(crate) fn answered(
        &mut self,
        pool: Pool,
        ticket: Ticket,
        success: bool,
        headers: &LimitHeaders,
        now: Instant,
    ) -> bool {
        let before = (self.general.pace(), self.associations.pace());
        self.window(ticket.pool).answered(ticket, now);
        match (pool, headers.trio) {
            (Pool::General, Some(trio)) => {
                self.declares = true;
                self.general.declared(trio);
                self.associations.assumed_again();
                self.general.compare(ticket, trio, now);
            }
            (Pool::Associations, Some(trio)) => self.learn_associations(ticket, trio, now),
            (Pool::General, None) if success && !self.declares => {
                self.general.undeclared();
                self.associations.undeclared();
            }
            (Pool::General | Pool::Associations, None) | (Pool::Search, _) => {}
        }
        before != (self.general.pace(), self.associations.pace())
    }

    /// A 429: the pool waits, and goes slower afterwards.
    pub(crate) fn refused(
        &mut self,
        pool: Pool,
        ticket: Ticket,
        limit: Limit,
        retry_after: Option<Duration>,
        wait: Duration,
        now: Instant,
    ) {
        self.window(ticket.pool).refused(ticket, limit, retry_after.is_some(), now + wait, now);
        if ticket.pool != pool {
            self.window(pool).wait_until(now + wait);
        }
    }

    /// Of one pool, as a caller that takes `share` of it sees it.
    pub(crate) fn snapshot(&mut self, pool: Pool, share: f64, now: Instant) -> PoolSnapshot {
        let charged = self.charged(pool);
        self.window(charged).snapshot(share, now)
    }

    fn learn_associations(&mut self, ticket: Ticket, trio: Trio, now: Instant) {
        if ticket.pool == Pool::General {
            self.general.compare(ticket, trio, now);
            return;
        }
        // What the server counted, against our own calls in both pools together.
        let (general, associations) = (self.general.own(now), self.associations.own(now));
        let counted = trio.max.saturating_sub(trio.remaining);
        let like_general = self.general.is_declared_as(trio)
            && general >= 5
            && counted.abs_diff(general + associations) <= (general / 4).max(3);
        self.associations.declared(trio);
        self.shared = match self.shared {
            Shared::Perhaps(seen) if like_general && seen + 1 >= SHARED_CERTAIN => {
                self.general.forget_guesses();
                self.general.absorb(&mut self.associations);
                Shared::Yes
            }
            Shared::Perhaps(seen) if like_general => Shared::Perhaps(seen + 1),
            Shared::No if like_general => Shared::Perhaps(1),
            Shared::Yes => Shared::Yes,
            Shared::No | Shared::Perhaps(_) => {
                self.associations.compare(ticket, trio, now);
                Shared::No
            }
        };
    }

    /// The pool that a call is counted in.
    fn charged(&self, pool: Pool) -> Pool {
        if pool == Pool::Associations && self.shared == Shared::Yes { Pool::General } else { pool }
    }

    fn window(&mut self, pool: Pool) -> &mut Window {
        match pool {
            Pool::General => &mut self.general,
            Pool::Search => unreachable!("searches are the portal's, not an app's"),
            Pool::Associations => &mut self.associations,
        }
    }
}

impl Window {
    pub(crate) fn snapshot(&mut self, share: f64, now: Instant) -> PoolSnapshot {
        PoolSnapshot {
            used: self.used(now),
            max: self.max(),
            interval: self.interval(),
            allowance: self.allowance(share),
            waiting: self.next_free(share, now).map(|until| until - now),
        }
    }
}

#[cfg(test)]
mod tests;
