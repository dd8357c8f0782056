//! The portal's day: when it ends, and how much of it may still be used.

use std::{
    sync::atomic::Ordering::Relaxed,
    time::{Duration, Instant},
};

use crm::Timestamp;

use super::{Inner, locked};
use crate::{Error, Pool, midnight_after, pool::Spent};

impl Inner {
    /// When the daily limit starts anew: as told, else the portal's next midnight.
    pub(super) fn next_day(&self, retry_after: Option<Duration>) -> Option<Timestamp> {
        let now = self.now()?;
        retry_after.map(|wait| now.plus(wait)).or_else(|| self.midnight(now))
    }

    fn now(&self) -> Option<Timestamp> {
        locked(&self.clock).at(Instant::now())
    }

    fn midnight(&self, now: Timestamp) -> Option<Timestamp> {
        locked(&self.account).as_ref().and_then(|account| midnight_after(now, account))
    }

    /// Fails when the share of the portal's day that may be used is used up.
    pub(super) fn has_share(&self, pool: Pool) -> Result<(), Error> {
        if !self.in_day.load(Relaxed) {
            return Ok(());
        }
        let percent = self.day_percent.load(Relaxed);
        let now = self.now();
        let scope = self.gate.scope();
        let of_associations = || scope.snapshot(Pool::Associations, 1.0, Instant::now()).max;
        let associations = if pool == Pool::Associations { of_associations() } else { None };
        let spent = locked(scope.day()).spent(pool, f64::from(percent) / 100.0, associations, now);
        let Some(Spent { used, limit }) = spent else { return Ok(()) };
        let resumes_at = now.and_then(|now| self.midnight(now));
        Err(Error::ShareUsedUp { percent, used, limit, resumes_at })
    }

    pub(super) fn count_in_day(&self, pool: Pool) {
        if self.in_day.load(Relaxed) {
            let now = self.now();
            let scope = self.gate.scope();
            let mut day = locked(scope.day());
            // Looked up once a day, not at every call.
            let ends = if day.has_end(now) { None } else { now.and_then(|now| self.midnight(now)) };
            day.sent(pool, now, ends);
        }
    }
}
