//! Where calls wait their turn: the pools' verdicts, slept for. One line a pool, so that a pool that waits holds up
//! nobody else; the cap on requests in flight is common to all of one client's.

use std::{pin::pin, sync::Mutex, time::Instant};

use tokio::sync::{Semaphore, SemaphorePermit};

use super::{
    locked,
    scope::{Address, Scope},
};
use crate::{
    Caller, Lane, LimitsSnapshot, Pool, Speed, Speeds,
    pool::{Ticket, Turn},
};

pub(super) struct Gate {
    scope: Mutex<Scope>,
    speeds: Mutex<Speeds>,
    flights: Semaphore,
}

/// The right to send one request; ends when dropped.
pub(super) struct Pass<'a> {
    scope: Scope,
    ticket: Ticket,
    _flight: SemaphorePermit<'a>,
}

impl Pass<'_> {
    /// Whose limits the request is counted in, and its place there.
    pub(super) fn place(&self) -> (Scope, Ticket) {
        (self.scope.clone(), self.ticket)
    }
}

impl Gate {
    pub(super) fn new(speeds: Speeds, resumed: bool, in_flight_max: usize, now: Instant) -> Gate {
        Gate {
            scope: Mutex::new(Scope::new(resumed, now)),
            speeds: Mutex::new(speeds),
            flights: Semaphore::new(in_flight_max.max(1)),
        }
    }

    pub(super) async fn enter(&self, pool: Pool, lane: Lane) -> Pass<'_> {
        let scope = self.scope();
        let place = scope.line(pool).join(lane);
        loop {
            if !place.is_next() {
                place.moved().await;
                continue;
            }
            {
                let mut changed = pin!(scope.changed(pool).notified());
                changed.as_mut().enable();
                let wait = scope.next_free(pool, self.share(pool, lane), Instant::now());
                if let Some(until) = wait {
                    tokio::select! {
                        () = tokio::time::sleep_until(until.into()) => {}
                        () = changed => {}
                        () = place.moved() => {}
                    }
                    continue;
                }
            }
            let flight = tokio::select! {
                biased;
                () = place.moved() => continue,
                flight = self.flights.acquire() => flight.expect("the semaphore is never closed"),
            };
            // The wait for a flight may have been long enough for a 429 to arrive.
            if let Turn::Go(ticket) = scope.turn(pool, self.share(pool, lane), Instant::now()) {
                place.served();
                return Pass { scope, ticket, _flight: flight };
            }
        }
    }

    /// From now on limits are shared with the other clients of this portal.
    pub(super) fn join(&self, address: &Address, caller: &Caller) {
        let joined = self.scope().join(address, caller, Instant::now());
        *locked(&self.scope) = joined;
    }

    pub(super) fn scope(&self) -> Scope {
        locked(&self.scope).clone()
    }

    pub(super) fn set_speeds(&self, speeds: Speeds) {
        *locked(&self.speeds) = speeds;
        for pool in Pool::ALL {
            self.scope().changed(pool).notify_waiters();
        }
    }

    pub(super) fn snapshot(&self, now: Instant) -> LimitsSnapshot {
        let scope = self.scope();
        let of = |pool| scope.snapshot(pool, self.share(pool, Lane::Backfill), now);
        LimitsSnapshot {
            general: of(Pool::General),
            search: of(Pool::Search),
            associations: of(Pool::Associations),
            daily: locked(scope.day()).as_told(),
        }
    }

    /// How much of a pool a call may use. What a slower speed leaves to others is there for a person who waits.
    fn share(&self, pool: Pool, lane: Lane) -> f64 {
        if lane == Lane::Person {
            return Speed::Fast.share();
        }
        let speeds = *locked(&self.speeds);
        let speed = if pool == Pool::Search { speeds.search } else { speeds.general };
        speed.share()
    }
}
