//! Where calls wait their turn: the pools' verdicts, slept for. One line a pool, so that a pool that waits holds up
//! nobody else; the cap on requests in flight is common to all.

use std::{
    pin::pin,
    sync::Mutex,
    time::{Duration, Instant},
};

use tokio::sync::{Notify, Semaphore, SemaphorePermit};

use super::{line::Line, locked};
use crate::{
    Lane, LimitsSnapshot, Pool, Speeds,
    pool::{LimitHeaders, Pools, Ticket, Turn},
    retry::Limit,
};

pub(super) struct Gate {
    pools: Mutex<Pools>,
    lines: [Line; Pool::ALL.len()],
    flights: Semaphore,
    changed: Notify,
}

/// The right to send one request; ends when dropped.
pub(super) struct Pass<'a> {
    ticket: Ticket,
    _flight: SemaphorePermit<'a>,
}

impl Pass<'_> {
    pub(super) fn ticket(&self) -> Ticket {
        self.ticket
    }
}

impl Gate {
    pub(super) fn new(speeds: Speeds, resumed: bool, in_flight_max: usize, now: Instant) -> Gate {
        Gate {
            pools: Mutex::new(Pools::new(speeds, resumed, now)),
            lines: Default::default(),
            flights: Semaphore::new(in_flight_max.max(1)),
            changed: Notify::new(),
        }
    }

    pub(super) async fn enter(&self, pool: Pool, lane: Lane) -> Pass<'_> {
        let place = self.lines[pool as usize].join(lane);
        loop {
            if !place.is_next() {
                place.moved().await;
                continue;
            }
            let mut changed = pin!(self.changed.notified());
            changed.as_mut().enable();
            let wait = locked(&self.pools).next_free(pool, Instant::now());
            if let Some(until) = wait {
                tokio::select! {
                    () = tokio::time::sleep_until(until.into()) => {}
                    () = changed => {}
                    () = place.moved() => {}
                }
                continue;
            }
            let flight = tokio::select! {
                biased;
                () = place.moved() => continue,
                flight = self.flights.acquire() => flight.expect("the semaphore is never closed"),
            };
            // The wait for a flight may have been long enough for a 429 to arrive.
            if let Turn::Go(ticket) = locked(&self.pools).turn(pool, Instant::now()) {
                place.served();
                return Pass { ticket, _flight: flight };
            }
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
        if locked(&self.pools).answered(pool, ticket, success, headers, now) {
            self.changed.notify_waiters();
        }
    }

    pub(super) fn refused(
        &self,
        pool: Pool,
        ticket: Ticket,
        limit: Limit,
        retry_after: Option<Duration>,
        wait: Duration,
    ) {
        locked(&self.pools).refused(pool, ticket, limit, retry_after, wait, Instant::now());
    }

    pub(super) fn set_speeds(&self, speeds: Speeds) {
        locked(&self.pools).set_speeds(speeds);
        self.changed.notify_waiters();
    }

    pub(super) fn snapshot(&self, now: Instant) -> LimitsSnapshot {
        locked(&self.pools).snapshot(now)
    }
}
