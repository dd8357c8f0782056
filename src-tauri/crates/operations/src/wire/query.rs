//! Questions from the command line: one whole run, SQL, picks, connecting without a window.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{ConnectionKind, OperationalState, PlanAndFact, StreamState, WireError};

/// Connects in one step, without a window. The import is not started.
#[derive(Serialize, Deserialize, TS)]
pub struct ConnectKey {
    pub text: String,
    pub name: Option<String>,
    pub kind: Option<ConnectionKind>,
    /// None: HubSpot.
    pub api_base: Option<String>,
    /// Send a HubSpot token to a host that is not HubSpot's.
    pub allow_host: bool,
}

/// One run to its end.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct RunSync {
    pub connection: String,
    pub full: bool,
    /// `all` or an ISO date or time; none keeps the window as it is.
    pub since: Option<String>,
    /// Stay through a daily limit.
    pub wait: bool,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct SyncReport {
    pub done: bool,
    pub state: OperationalState,
    pub error: Option<WireError>,
    pub streams: Vec<StreamReport>,
    pub links: u32,
    pub requests: u32,
    pub milliseconds: u32,
    /// Of these, what building full text and other indexes took.
    pub index_milliseconds: u32,
    /// Of a copy of everything: what was foretold, and what it took. None for a run that read only changes.
    pub plan: Option<PlanAndFact>,
    /// When the daily limit is lifted, where HubSpot tells.
    pub resumes_at: Option<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct StreamReport {
    pub object: String,
    /// What HubSpot counts; none while unknown.
    pub found: Option<u32>,
    pub stored: u32,
    /// Records set aside (mirror table `quarantine`).
    pub skipped: u32,
    pub state: StreamState,
    pub reason: Option<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct QueryRequest {
    pub connection: String,
    pub sql: String,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct QueryAnswer {
    pub columns: Vec<String>,
    /// Numbers, texts, nulls; blobs as `x'…'`. Integers beyond 2^53 are texts.
    #[ts(type = "(string | number | null)[][]")]
    pub rows: Vec<Vec<serde_json::Value>>,
    /// Why there would have been more, if there would.
    pub cut: Option<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct PicksRequest {
    pub connection: String,
    pub object: String,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct Picks {
    pub picks: Vec<PickRow>,
    /// Properties whose values old records have yet to get; the next sync fetches them.
    pub refill: Vec<String>,
    /// The calls to HubSpot that this will take: one per hundred records.
    pub refill_calls: u32,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct PickRow {
    pub property: String,
    pub label: String,
    pub column: String,
    pub exposed: bool,
}

/// Chooses about properties: whether they are stored, have a column, may be seen by agents. What is left out stays as it
/// is. A column and agents imply that it is stored; not stored implies neither, and takes the values out of the copy.
#[derive(Debug, Clone, Default, Serialize, Deserialize, TS)]
pub struct Pick {
    pub connection: String,
    pub object: String,
    pub properties: Vec<String>,
    pub store: Option<bool>,
    pub column: Option<bool>,
    pub agent: Option<bool>,
    /// Change nothing; the answer says what would have to be fetched.
    pub plan: bool,
}
