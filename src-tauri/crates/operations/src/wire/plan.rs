//! What a run will cost, before it is started, and what it did cost, beside that.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::Total;

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct SyncPlanRequest {
    pub connection: String,
    /// As if everything were to be read again.
    pub full: bool,
}

/// The plan of a connection that is still being set up: of a draft whose checks have passed.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct DraftPlan {
    pub draft: String,
    /// As in `finish_connect`: everything, or the default window of two years.
    pub all_history: bool,
}

/// Asks no more for the plan of a draft; whoever waits for it is told so.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct StopDraftPlan {
    pub draft: String,
}

/// What the next run of a connection will read, how, and what that costs. Asking changes nothing here.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct SyncPlan {
    /// None for one that is still being set up.
    pub connection: Option<String>,
    /// "About 52 s: 1,020 requests, 310 MB on this disk."
    pub sentence: String,
    pub types: Vec<TypePlan>,
    /// Requests by what they are for.
    pub definitions: PoolCalls,
    pub records: PoolCalls,
    pub links: PoolCalls,
    pub checks: PoolCalls,
    pub cost: Cost,
    /// Requests the whole account may make today, and how many it has made; none where HubSpot does not tell.
    pub daily_limit: Option<u32>,
    pub daily_used: Option<u32>,
    /// Percent of the daily limit that this run takes.
    pub daily_percent: Option<f64>,
}

/// One object type in a plan.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct TypePlan {
    /// Table name: `contacts`.
    pub object: String,
    pub label: String,
    /// Records to read: inside the window, or changed since the last run.
    pub records: Total,
    /// Only what changed is read.
    pub changes: bool,
    pub properties: u32,
    /// Side by side where there are two; none where the type is skipped.
    pub ways: Vec<ReadingWay>,
    /// Records expected by the list and by search.
    pub by_list: u32,
    pub by_search: u32,
    /// Why the type is skipped.
    pub reason: Option<String>,
}

/// How records are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
pub enum ReadingWay {
    /// One request per 100 records, all properties in the URL.
    #[serde(rename = "list")]
    List,
    /// Two requests per 100 records: ids from the list, properties by batch read.
    #[serde(rename = "list+batch")]
    ListAndBatch,
    /// One search per 200 records, all properties in its body.
    #[serde(rename = "search")]
    Search,
    /// One search and two batch reads per 200 records.
    #[serde(rename = "search+batch")]
    SearchAndBatch,
}

/// Requests, by the limit they count against.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PoolCalls {
    pub general: u32,
    pub search: u32,
    pub associations: u32,
}

/// What a run costs.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, TS)]
pub struct Cost {
    pub requests: u32,
    pub calls: PoolCalls,
    pub seconds: f64,
    /// What the copy grows by on this disk.
    pub megabytes: f64,
}

/// What the last copy of everything was expected to cost, and what it did cost.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, TS)]
pub struct PlanAndFact {
    pub plan: Cost,
    /// None while it runs.
    pub fact: Option<Cost>,
    /// It was cut and continued, so that the fact holds the last part only.
    pub interrupted: bool,
}
