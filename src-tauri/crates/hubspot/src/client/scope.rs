//! What several clients of one portal share in this process, as HubSpot counts it: searches and the day's calls by
//! portal, everything else by app. Deliberately absent: processes; what others use is learned from answers.

use std::{
    collections::HashMap,
    sync::{Arc, LazyLock, Mutex},
    time::{Duration, Instant},
};

use crm::PortalId;
use tokio::sync::Notify;

use super::{line::Line, locked};
use crate::{
    Caller, Pool, PoolSnapshot,
    pool::{self, Day, LimitHeaders, Pools, Ticket, Turn, Window},
    retry::Limit,
};

/// The limits that a client's calls draw on.
#[derive(Clone)]
pub(super) struct Scope {
    app: Arc<App>,
    portal: Arc<Portal>,
}

struct App {
    pools: Mutex<Pools>,
    general: Line,
    associations: Line,
    changed: Notify,
}

struct Portal {
    searches: Mutex<Window>,
    day: Mutex<Day>,
    line: Line,
    changed: Notify,
}

/// A portal at one address: a pretend one may have any number.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Address {
    pub(super) origin: String,
    pub(super) portal: PortalId,
}

/// Scopes of this process, kept a while after their last client: HubSpot remembers too.
#[derive(Default)]
struct Known {
    portals: HashMap<Address, Arc<Portal>>,
    apps: HashMap<(Address, Caller), Arc<App>>,
}

static KNOWN: LazyLock<Mutex<Known>> = LazyLock::new(Mutex::default);

/// Long enough for what was learned about limits to reach the next poll.
const KEPT: Duration = Duration::from_hours(1);

impl Scope {
    /// Shared with nobody until it is known whose it is.
    pub(super) fn new(resumed: bool, now: Instant) -> Scope {
        let app = App {
            pools: Mutex::new(Pools::new(resumed, now)),
            general: Line::default(),
            associations: Line::default(),
            changed: Notify::new(),
        };
        let portal = Portal {
            searches: Mutex::new(pool::searches(resumed, now)),
            day: Mutex::default(),
            line: Line::default(),
            changed: Notify::new(),
        };
        Scope { app: Arc::new(app), portal: Arc::new(portal) }
    }

    /// The scope to use from now on: what is known of this portal and caller, with this one's calls added, or else this
    /// one, which others will share.
    pub(super) fn join(&self, address: &Address, caller: &Caller, now: Instant) -> Scope {
        let mut known = locked(&KNOWN);
        known.forget(now);
        let portal =
            Arc::clone(known.portals.entry(address.clone()).or_insert_with(|| Arc::clone(&self.portal)));
        let app = match caller {
            Caller::Unknown => Arc::clone(&self.app),
            caller => {
                let key = (address.clone(), caller.clone());
                Arc::clone(known.apps.entry(key).or_insert_with(|| Arc::clone(&self.app)))
            }
        };
        drop(known);
        // One lock at a time: another client may be joining the other way round.
        if !Arc::ptr_eq(&portal, &self.portal) {
            let mut ours = std::mem::replace(&mut *locked(&self.portal.searches), pool::searches(false, now));
            locked(&portal.searches).absorb(&mut ours);
        }
        if !Arc::ptr_eq(&app, &self.app) {
            let mut ours = std::mem::replace(&mut *locked(&self.app.pools), Pools::new(false, now));
            locked(&app.pools).absorb(&mut ours);
        }
        Scope { app, portal }
    }

    pub(super) fn line(&self, pool: Pool) -> &Line {
        match pool {
            Pool::General => &self.app.general,
            Pool::Search => &self.portal.line,
            Pool::Associations => &self.app.associations,
        }
    }

    /// Rung when a pool's limits are other ones now.
    pub(super) fn changed(&self, pool: Pool) -> &Notify {
        if pool == Pool::Search { &self.portal.changed } else { &self.app.changed }
    }

    pub(super) fn day(&self) -> &Mutex<Day> {
        &self.portal.day
    }

    pub(super) fn next_free(&self, pool: Pool, share: f64, now: Instant) -> Option<Instant> {
        match pool {
            Pool::Search => locked(&self.portal.searches).next_free(share, now),
            _ => locked(&self.app.pools).next_free(pool, share, now),
        }
    }

    pub(super) fn turn(&self, pool: Pool, share: f64, now: Instant) -> Turn {
        match pool {
            Pool::Search => {
                let mut searches = locked(&self.portal.searches);
                match searches.next_free(share, now) {
                    Some(until) => Turn::Wait(until),
                    None => Turn::Go(searches.take(pool, now)),
                }
            }
            _ => locked(&self.app.pools).turn(pool, share, now),
        }
    }

    pub(super) fn answered(
        &self,
        pool: Pool,
        ticket: Ticket,
        success: bool,
        headers: &LimitHeaders,
        now: Instant,
    ) {
        if pool == Pool::Search {
            // Search answers carry no interval headers; whatever one has is not about search.
            locked(&self.portal.searches).answered(ticket, now);
        } else if locked(&self.app.pools).answered(pool, ticket, success, headers, now) {
            self.app.changed.notify_waiters();
        }
    }

    pub(super) fn refused(
        &self,
        pool: Pool,
        ticket: Ticket,
        limit: Limit,
        retry_after: Option<Duration>,
        wait: Duration,
        now: Instant,
    ) {
        match pool {
            Pool::Search => {
                locked(&self.portal.searches).refused(ticket, limit, retry_after.is_some(), now + wait, now);
            }
            _ => locked(&self.app.pools).refused(pool, ticket, limit, retry_after, wait, now),
        }
    }

    pub(super) fn snapshot(&self, pool: Pool, share: f64, now: Instant) -> PoolSnapshot {
        match pool {
            Pool::Search => locked(&self.portal.searches).snapshot(share, now),
            _ => locked(&self.app.pools).snapshot(pool, share, now),
        }
    }
}

impl Known {
    fn forget(&mut self, now: Instant) {
        let recent = |last: Option<Instant>| last.is_some_and(|last| now < last + KEPT);
        self.portals
            .retain(|_, portal| Arc::strong_count(portal) > 1 || recent(locked(&portal.searches).last()));
        self.apps.retain(|_, app| Arc::strong_count(app) > 1 || recent(locked(&app.pools).last()));
    }
}
