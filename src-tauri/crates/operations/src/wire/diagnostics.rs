//! How a connection is doing, by the names that support and agents know (mission inventory DIAG-01 to DIAG-08), and its
//! schedule.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{Code, WireError};

/// The first copy of the portal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct HubspotBackfill {
    pub status: BackfillStatus,
    /// Start of the window: `all`, or ISO.
    pub since: String,
    pub started_at: Option<String>,
    pub completed_at: Option<String>,
    /// Records found so far, by object type.
    pub counts: BTreeMap<String, u32>,
    /// How far each object type is, to go on from there after a stop.
    pub state: BTreeMap<String, BackfillStream>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum BackfillStatus {
    NotStarted,
    /// Begun and not finished, whether or not a run is going on.
    Running,
    Complete,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct BackfillStream {
    pub complete: bool,
    /// Ranges of ids, and how many of them are done.
    pub ranges: u32,
    pub ranges_done: u32,
    /// The id up to which the lowest unfinished range is read.
    pub past: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct HubspotDiagnostics {
    /// End of the last run that copied everything it may.
    pub last_successful_hubspot_pull: Option<String>,
    /// When something was last found to be read.
    pub last_queue_enqueue: Option<String>,
    /// Found and not yet read, or fetched and not yet committed.
    pub queue: u32,
    pub queue_state: QueueState,
    /// Since when the oldest of what could not be read so far waits.
    pub queue_oldest_at: Option<String>,
    /// Live records here, by object type.
    pub records_pulled_by_type: BTreeMap<String, u32>,
    /// What the last finished run found to read, by object type.
    pub last_poll_record_counts_by_type: BTreeMap<String, u32>,
    /// The deal that was changed last, of those here.
    pub latest_deal_seen: Option<LatestDeal>,
    /// Of later parts: none yet.
    pub aggregate_recompute_at: Option<String>,
    pub synthesis_cadence: Option<String>,
    pub synthesis_period_key: Option<String>,
    pub synthesis_recomputed_at: Option<String>,
    pub synthesis_count: Option<u32>,
    pub synthesis_skipped_reason: Option<String>,
    pub synthesis_last_error: Option<String>,
    /// Troubles of this connection; each stays until it is over, then says when.
    pub persistent_errors: Vec<PersistentError>,
    pub setup_error: Option<WireError>,
    pub last_error: Option<WireError>,
    /// When each type was last looked at, in each of the ways that have a cadence of their own.
    pub ages: Vec<TypeAges>,
    /// What the filters and exclusions leave out of everything derived, and how many records that is now.
    pub filters: Vec<String>,
    pub excluded_by_type: BTreeMap<String, u32>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum QueueState {
    Empty,
    Draining,
    BackedUp,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct LatestDeal {
    pub id: String,
    pub name: Option<String>,
    pub updated_at: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PersistentError {
    pub code: Code,
    /// The object type concerned; none: the whole connection.
    pub object: Option<String>,
    pub title: String,
    pub text: String,
    pub first_at: String,
    pub last_at: String,
    pub count: u32,
    /// Since when it is over.
    pub resolved_at: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct TypeAges {
    pub object: String,
    /// Up to when changes are read.
    pub records_at: Option<String>,
    pub definitions_at: Option<String>,
    /// When all links were read, of the pair for which that is longest ago.
    pub links_at: Option<String>,
    /// The list of archived records.
    pub archived_at: Option<String>,
    /// Calculated properties, whose changes move no stamp.
    pub calculated_at: Option<String>,
    /// The last finding that held, of whichever kind.
    pub proved_at: Option<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct RunLogRequest {
    pub connection: String,
    /// So many of the latest; at most 100.
    pub limit: u32,
}

/// The latest runs, newest first, each with what its streams did. One that was killed has no streams.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct RunLogs {
    pub runs: Vec<RunLog>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct RunLog {
    /// `import`, `sync`, `poll`, `proof`
    pub kind: String,
    /// `running`, `done`, `failed`, `cancelled`, `interrupted`
    pub state: String,
    pub started_at: String,
    pub finished_at: Option<String>,
    pub streams: Vec<RunLogStream>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct RunLogStream {
    /// `contacts`, or `links:contacts>companies`
    pub stream: String,
    /// `done`, `skipped`, `failed`, `cut`
    pub state: String,
    /// Records: `list`, `search` (both with `+batch` where properties are read apart), `changes`. Links: `all`, `changes`. A
    /// proof: its findings.
    pub way: Option<String>,
    /// Records that there were to read: all of a type in an import or a full reading, else those found changed, or on one
    /// side only. Of links: records whose links were to be read. None where nothing was asked.
    pub found: Option<u32>,
    /// Records, or links, that were written because they were new or different.
    pub stored: u32,
    /// Records, or links, that were read and are the same here.
    pub unchanged: u32,
    /// Records archived, merged or erased; links that are no longer there.
    pub removed: u32,
    /// Records set aside, or whose links could not be read.
    pub skipped: u32,
    /// Requests sent for this stream alone.
    pub calls: u32,
    pub reason: Option<String>,
    pub started_at: String,
    pub finished_at: String,
}

/// Which way in is the right one, what it needs, and the words that show a wrong one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SetupHelp {
    pub flow: String,
    pub permissions: Vec<String>,
    /// HubSpot's own words on a page that belongs to another product.
    pub wrong_flow_error: String,
    pub wrong_flow_help: String,
}

/// When the connection is looked at next, and why then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Schedule {
    /// This process keeps the schedule; without it, nothing is done by itself.
    pub kept: bool,
    pub cadence_minutes: u32,
    pub next: NextKind,
    /// When that begins, if it is known.
    pub next_at: Option<String>,
    /// "Next check at the full hour …": one sentence.
    pub sentence: String,
    /// `22:00-06:00`, by this computer's clock.
    pub quiet_hours: Option<String>,
    pub quiet_now: bool,
    pub paused_until: Option<String>,
    /// The daily limit is lifted then.
    pub resumes_at: Option<String>,
    /// Runs in a row that failed.
    pub failures: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum NextKind {
    /// Look for changes.
    Poll,
    /// Definitions, deletes and changes.
    Sync,
    /// Go on with the first import.
    Import,
    Proof,
    /// Nothing, until somebody does something: start, resume, reconnect.
    Nothing,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct PauseUntil {
    pub connection: String,
    /// ISO time; none pauses until somebody resumes.
    pub until: Option<String>,
}
