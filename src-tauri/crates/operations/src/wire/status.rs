//! Home: how a connection is doing, and what it copies right now.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{
    ConnectionKind, HubspotBackfill, HubspotDiagnostics, OperationalState, PlanAndFact, Proof, Schedule,
    SetupHelp, WireError,
};

/// Sent to hosts at most ten times a second, merged; the host asks again for what it shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum CoreEvent {
    /// A list or a name changed: ask `connections` again.
    ConnectionsChanged,
    /// Ask `connection_status` again.
    StatusChanged { connection: String },
    /// Ask `checks` again.
    ChecksChanged { draft: String },
    /// Ask `oauth_attempt` again.
    AttemptChanged { attempt: String },
    /// Ask `doctor` again.
    DoctorChanged,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct ConnectionStatusRequest {
    pub connection: String,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct ConnectionStatus {
    pub connection: String,
    pub name: String,
    pub kind: ConnectionKind,
    pub portal: Option<String>,
    pub region: Option<String>,
    pub ui_domain: Option<String>,
    pub time_zone: Option<String>,
    pub state: OperationalState,
    /// The same by its name in the mission inventory (DIAG-02), which knows no pause: eleven states, and for a connection
    /// that is not in use its place in the life cycle.
    pub operational_state: OperationalState,
    /// Other states that apply too, most urgent first.
    pub also: Vec<OperationalState>,
    /// Why setup stopped, while it is not finished; kept until it succeeds.
    pub setup_error: Option<WireError>,
    /// The last trouble of the connection as a whole; kept until a run succeeds.
    pub last_error: Option<WireError>,
    /// Every scope Portside has a use for, and what is known of it.
    pub scopes: Vec<ScopeStanding>,
    /// Enough of the key to recognise it, and since when it is in use here.
    pub key_hint: Option<String>,
    pub key_set_at: Option<String>,
    /// One sentence about the state: "First import, started 14:12. You can browse what is already here."
    pub sentence: String,
    pub paused: bool,
    pub running: bool,
    /// What stands in the way and needs a person, most urgent first.
    pub attention: Vec<Attention>,
    pub progress: RunProgress,
    pub objects: Vec<ObjectProgress>,
    /// Types of records that HubSpot has and this portal, or this key, does not show. None of them is a trouble.
    pub absent: Vec<AbsentObject>,
    pub links: ObjectProgress,
    pub budget: Budget,
    pub activity: Vec<Activity>,
    /// Window of the copy: `all`, or the ISO start.
    pub since: String,
    pub last_success_at: Option<String>,
    /// Of the last copy of everything.
    pub plan: Option<PlanAndFact>,
    pub database_megabytes: f64,
    /// What is proved of the copy, and when.
    pub proof: Proof,
    pub schedule: Schedule,
    pub hubspot_backfill: HubspotBackfill,
    pub hubspot_diagnostics: HubspotDiagnostics,
    pub setup_help: SetupHelp,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct ScopeStanding {
    pub scope: String,
    pub standing: Standing,
    /// Why it is asked for.
    pub reason: String,
    /// Plural labels of the record types that need it.
    pub objects: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    Granted,
    /// Calls that need it are not made.
    Missing,
    /// HubSpot does not tell; tried, and learned from a refusal.
    Unknown,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct Attention {
    pub error: WireError,
    /// Object type concerned, if one.
    pub object: Option<String>,
    /// Same trouble so many times.
    pub count: u32,
}

/// A number with its quality.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Total {
    pub value: u32,
    /// False: an estimate, shown with ≈.
    pub exact: bool,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct RunProgress {
    /// True for the run that fills the mirror for the first time.
    pub first_import: bool,
    pub started_at: Option<String>,
    /// Stopped half way before and continued: "Continued from 716,000 (stopped at 13:40)".
    pub continued: Option<String>,
    /// Records and links still to come; none while totals are unknown.
    pub to_go: Option<Total>,
    /// Whole percent committed, rounded down; 100 only when all is committed. None while unknown.
    pub percent: Option<u32>,
    /// Records a second, 30 s moving average; none when nothing moves.
    pub rate: Option<u32>,
    /// "about 9 min", by the rules of steady display; none when it would be a guess.
    pub left: Option<String>,
    /// Records a second, one value per interval, oldest first (at most 60).
    pub history: Vec<u32>,
    /// Seconds since HubSpot last answered, when over 5.
    pub silent_seconds: Option<u32>,
    /// Facts of the last finished run: "12,480 records in 21 s, 180 requests, 0 errors".
    pub finished: Option<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct ObjectProgress {
    /// Table name: `contacts`; `links` for the links row.
    pub object: String,
    /// Plural label.
    pub label: String,
    /// Ids known to exist (inside the window).
    pub found: Option<Total>,
    /// Committed with every stored property.
    pub filled: u32,
    pub to_go: Option<Total>,
    pub rate: Option<u32>,
    pub left: Option<String>,
    pub state: StreamState,
    /// Words for the state: "Filling", "Done 14:28" (time filled in by the window), "Skipped", "Waiting".
    pub reason: Option<String>,
    /// ISO time until which this waits for a limit.
    pub waiting_until: Option<String>,
    pub last_good_at: Option<String>,
    /// Records refused, with reasons in the mirror's `quarantine`.
    pub quarantined: u32,
    /// Skipped because somebody chose so (`skip_object`); what is here stays.
    pub left_out: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct AbsentObject {
    /// The table it would have.
    pub object: String,
    /// Plural label.
    pub label: String,
    /// "Not in this account's plan, or not switched on.", or the permission that is missing.
    pub reason: String,
    /// Scopes that would show it.
    pub missing_scopes: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum StreamState {
    Queued,
    Counting,
    Filling,
    Linking,
    Indexing,
    Checking,
    Waiting,
    Done,
    Skipped,
    Failed,
    Paused,
}

/// Requests against HubSpot's limits.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct Budget {
    pub general: PoolBudget,
    pub search: PoolBudget,
    pub associations: PoolBudget,
    /// Today's requests of the whole account; none where HubSpot does not report it.
    pub daily_used: Option<u32>,
    pub daily_limit: Option<u32>,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize, TS)]
pub struct PoolBudget {
    pub used: u32,
    /// None: the server declares no limit.
    pub max: Option<u32>,
    pub interval_seconds: f64,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct Activity {
    pub at: String,
    pub level: ActivityLevel,
    pub text: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ActivityLevel {
    Info,
    Good,
    Warn,
    Error,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct StartSync {
    pub connection: String,
    /// Read every record and link again into the same rows.
    pub full: bool,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct PauseSync {
    pub connection: String,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct ResumeSync {
    pub connection: String,
}
