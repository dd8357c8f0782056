//! How a client is set up, and what it tells about itself. Deliberately absent: tokens and addresses.

use std::{path::PathBuf, sync::Arc, time::Duration};

use crate::{ApiVersion, Observer, RetryPolicy};

/// How much of a pool is used: others may share it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Speed {
    /// Half of the pool.
    Gentle,
    /// Four fifths.
    #[default]
    Normal,
    /// All of it, less a guard of 2 %.
    Fast,
}

impl Speed {
    pub fn share(self) -> f64 {
        match self {
            Speed::Gentle => 0.5,
            Speed::Normal => 0.8,
            Speed::Fast => 0.98,
        }
    }
}

/// A speed for each pool; associations go at the general one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Speeds {
    pub general: Speed,
    pub search: Speed,
}

#[derive(Debug, Clone)]
pub struct ClientOptions {
    pub version: ApiVersion,
    pub speed: Speeds,
    /// How much of the portal's calls of a day may be used, in percent, 0 to 100. Calls in [`crate::Lane::Person`] go all
    /// the same.
    pub day_percent: u8,
    pub retry: RetryPolicy,
    /// Most requests on the wire at once, over all pools.
    pub in_flight_max: usize,
    /// How long the client waits for the next byte of an answer. 100 s is when HubSpot's own edge gives up (524).
    pub timeout: Duration,
    pub user_agent: String,
    /// Assume half a window spent: this process follows another that was calling moments ago.
    pub resumed: bool,
    /// Certificates (PEM) to trust beside the system's.
    pub ca_file: Option<PathBuf>,
    /// Told of every attempt.
    pub observer: Option<Arc<dyn Observer>>,
}

/// A tenth of the day is left to others.
const DAY_PERCENT: u8 = 90;

impl Default for ClientOptions {
    fn default() -> ClientOptions {
        ClientOptions {
            version: ApiVersion::default(),
            speed: Speeds { general: Speed::Fast, search: Speed::Normal },
            day_percent: DAY_PERCENT,
            retry: RetryPolicy::default(),
            in_flight_max: 16,
            timeout: Duration::from_secs(110),
            user_agent: concat!("Portside/", env!("CARGO_PKG_VERSION")).to_owned(),
            resumed: false,
            ca_file: None,
            observer: None,
        }
    }
}

/// Where the limits stand right now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LimitsSnapshot {
    pub general: PoolSnapshot,
    pub search: PoolSnapshot,
    pub associations: PoolSnapshot,
    pub daily: Option<Daily>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PoolSnapshot {
    /// Calls inside the window that ends now.
    pub used: u32,
    /// Calls allowed in a window, of which the speed takes its share; `None` when the server declares no limit.
    pub max: Option<u32>,
    pub interval: Duration,
    /// So many calls go in so long at the speed set; `None` when the server declares no limit.
    pub allowance: Option<(u32, Duration)>,
    /// How long the pool still waits, when it does.
    pub waiting: Option<Duration>,
}

impl PoolSnapshot {
    /// Calls a second at the speed set.
    pub fn per_second(&self) -> Option<f64> {
        self.allowance.map(|(calls, span)| f64::from(calls) / span.as_secs_f64().max(0.001))
    }
}

/// Calls of the portal's day, all its apps together, as the last answer that says so had it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Daily {
    pub used: u64,
    pub limit: u64,
}

/// Portside's own calls of the portal's day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct OwnDay {
    /// Of all its connections to this portal in this process, and what runs before them used.
    pub used: u64,
    /// What may be used, in percent of the day's limit.
    pub percent: u8,
    /// The day's limit; `None` where HubSpot has named none, as for OAuth apps.
    pub limit: Option<u64>,
}

/// What the client has done so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Usage {
    /// Requests sent, per pool; each attempt counts.
    pub general: u64,
    pub search: u64,
    pub associations: u64,
    /// Attempts that repeated an earlier one.
    pub retries: u64,
    pub refusals_429: u64,
    /// Body bytes received, unpacked.
    pub bytes: u64,
    pub in_flight_peak: u64,
}

impl Usage {
    pub fn calls(&self) -> u64 {
        self.general + self.search + self.associations
    }
}
