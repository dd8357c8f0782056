//! The two clocks of a computer: one that people set, and one that only runs on, but stands still while it sleeps.

use std::time::{Duration, Instant, SystemTime};

use crm::Timestamp;

/// Where a token's age comes from.
pub trait Clock: Send + Sync {
    fn wall(&self) -> Timestamp;

    /// Since some moment of this process.
    fn monotonic(&self) -> Duration;
}

/// This computer's clocks.
#[derive(Debug, Clone, Copy)]
pub struct SystemClock {
    started: Instant,
}

impl Default for SystemClock {
    fn default() -> SystemClock {
        SystemClock { started: Instant::now() }
    }
}

impl Clock for SystemClock {
    fn wall(&self) -> Timestamp {
        wall()
    }

    fn monotonic(&self) -> Duration {
        self.started.elapsed()
    }
}

pub(crate) fn wall() -> Timestamp {
    Timestamp::from_system(SystemTime::now())
}
