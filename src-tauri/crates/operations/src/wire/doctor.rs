//! Doctor: is everything as it should be, what was asked of HubSpot, and a bundle for support.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::WireError;

#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize, TS)]
pub struct DoctorRequest {}

/// Starts checks in the background; `doctor` tells how they go.
#[derive(Debug, Clone, Default, Serialize, Deserialize, TS)]
pub struct RunDoctor {
    /// Ids of rows to run again; empty runs all.
    pub only: Vec<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct Doctor {
    pub rows: Vec<DoctorRow>,
    pub running: bool,
    /// "Everything works.", "14 good, 1 to look at. If nothing bothers you, you can ignore it."
    pub verdict: String,
    /// When the last whole round ended.
    pub ran_at: Option<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct DoctorRow {
    /// `keychain`, `disk`, …; rows of one connection are `scopes/portal-1234567`.
    pub id: String,
    pub label: String,
    /// Name of the connection it is about, if one.
    pub connection: Option<String>,
    pub outcome: DoctorOutcome,
    /// One plain sentence; empty while it waits.
    pub sentence: String,
    pub ms: Option<u32>,
    /// It has been running for over ten seconds.
    pub long: bool,
    /// With fix and buttons.
    pub error: Option<WireError>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum DoctorOutcome {
    Next,
    Running,
    Fine,
    Look,
    Broken,
    NotApplicable,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct RequestLogRequest {
    /// Of this connection; none for all.
    pub connection: Option<String>,
    /// Only answers of 400 and above, and those that never came.
    pub failed: bool,
}

/// The last requests of this process, newest first: paths without ids or values, no bodies, no headers.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct RequestLog {
    pub rows: Vec<RequestRow>,
    /// Failures of one kind together, most frequent first.
    pub groups: Vec<RequestGroup>,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct RequestRow {
    pub at: String,
    pub connection: String,
    pub method: String,
    /// `/crm/objects/2026-03/contacts/{id}`
    pub path: String,
    /// None: no answer came.
    pub status: Option<u16>,
    pub ms: u32,
    /// 1 for the first try.
    pub attempt: u32,
    /// HubSpot's category, or how the connection was lost.
    pub reason: Option<String>,
    pub correlation_id: Option<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct RequestGroup {
    /// `429 RATE_LIMITS`
    pub kind: String,
    pub count: u32,
    pub last_at: String,
}

#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize, TS)]
pub struct BundleRequest {}

/// What a support bundle would hold, to be read before it is saved.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct Bundle {
    /// Short, to be named in a support request.
    pub id: String,
    pub files: Vec<BundleFile>,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct BundleFile {
    pub name: String,
    pub text: String,
}

/// Saves the bundle that was previewed as one zip file.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct SaveBundle {
    pub id: String,
    /// A file that is not there yet; empty: the downloads folder.
    pub path: String,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct SavedBundle {
    pub path: String,
}

#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize, TS)]
pub struct TroublesRequest {}

/// Troubles the demo portal can make, to see what Portside does about them.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct Troubles {
    pub troubles: Vec<Trouble>,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct Trouble {
    /// `key_ended`, `scope_lost`, `daily_limit`, …
    pub id: String,
    pub label: String,
    /// What will be seen.
    pub text: String,
    pub on: bool,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct MakeTrouble {
    pub id: String,
    pub on: bool,
}
