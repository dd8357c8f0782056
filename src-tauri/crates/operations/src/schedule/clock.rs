//! What time it is, and waiting: handed in, so that a day can pass in a moment.

use std::time::{Duration, Instant, SystemTime};

use crm::Timestamp;
use futures::future::BoxFuture;
use jiff::tz::TimeZone;

/// The time, as a schedule needs it.
pub trait Clock: Send + Sync {
    /// The wall clock: goes on while the computer sleeps, and can be set.
    fn now(&self) -> Timestamp;

    /// Time since some moment: never goes back, and may stand still while the computer sleeps.
    fn elapsed(&self) -> Duration;

    /// Where this computer is.
    fn zone(&self) -> TimeZone;

    /// Waits, at most so long. It may come back early, and does when the wall clock may have run ahead.
    fn nap(&self, at_most: Duration) -> BoxFuture<'static, ()>;
}

/// This computer's clocks.
#[derive(Debug)]
pub struct SystemClock(Instant);

/// After the computer wakes up, the time is looked at again within so much.
const NAP_MAX: Duration = Duration::from_secs(20);

impl Default for SystemClock {
    fn default() -> SystemClock {
        SystemClock(Instant::now())
    }
}

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_system(SystemTime::now())
    }

    fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }

    fn zone(&self) -> TimeZone {
        TimeZone::system()
    }

    fn nap(&self, at_most: Duration) -> BoxFuture<'static, ()> {
        Box::pin(tokio::time::sleep(at_most.min(NAP_MAX)))
    }
}
