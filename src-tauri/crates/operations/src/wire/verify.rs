//! The proof: what was held against HubSpot, type by type, and what that proves. Three findings, never one word.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{OperationalState, WireError};

/// What is compared. One says nothing about another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Finding {
    /// HubSpot's totals against the copy, range by range: "Counts agree".
    Counts,
    /// Every id, read again by the way that did not make the copy: "Every id compared".
    Ids,
    /// The values of a random sample: "Values compared".
    Values,
}

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ProofOutcome {
    Equal,
    /// Something differed and was read again; it is right now.
    Repaired,
    /// Something differs that could not be settled.
    Different,
    /// It could not be compared; the sentence says why.
    Unproven,
}

/// One finding about one type.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct ProofFinding {
    pub finding: Finding,
    pub outcome: ProofOutcome,
    pub at: String,
    /// What it proves, in one or two sentences.
    pub sentence: String,
    /// Records compared.
    pub compared: u32,
    /// In HubSpot, not here.
    pub missing: u32,
    /// Here, not in HubSpot.
    pub extra: u32,
    /// Here and there, and not the same.
    pub wrong: u32,
    /// Of these three, the ones that are right now.
    pub repaired: u32,
    pub calls: u32,
}

/// The latest findings about one type; none where it was never compared.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct TypeProof {
    /// Table name.
    pub object: String,
    /// Plural label.
    pub label: String,
    pub counts: Option<ProofFinding>,
    pub ids: Option<ProofFinding>,
    pub values: Option<ProofFinding>,
    /// HubSpot's search does not find every record of this type: it is listed instead.
    pub search_incomplete: bool,
}

/// What is proved of a connection's copy.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct Proof {
    /// "Counts agree for 9 of 9 types (27 Nov 02:10); values compared for none."
    pub sentence: String,
    pub types: Vec<TypeProof>,
    /// A proof is being made now.
    pub running: bool,
}

/// Proves the copy, and waits for it.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct Verify {
    pub connection: String,
    /// All three findings; otherwise the first.
    pub deep: bool,
}

/// Proves the copy in the background.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct StartVerify {
    pub connection: String,
    pub deep: bool,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct VerifyPlanRequest {
    pub connection: String,
    pub deep: bool,
}

/// What a proof will cost, nothing being different.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct VerifyPlan {
    pub types: Vec<VerifyCost>,
    /// Calls to HubSpot's search, which has a limit of its own, and all others.
    pub search_calls: u32,
    pub general_calls: u32,
    /// As the limits allow.
    pub seconds: u32,
    /// Of the day's calls, 0 to 1; none where HubSpot does not report a daily limit.
    pub daily_share: Option<f64>,
    pub sentence: String,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct VerifyCost {
    pub object: String,
    pub label: String,
    pub records: u32,
    pub search_calls: u32,
    pub general_calls: u32,
}

/// How a proof ended.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct VerifyReport {
    /// It came to its end.
    pub done: bool,
    pub state: OperationalState,
    pub error: Option<WireError>,
    /// The worst of all findings; none when nothing was compared.
    pub outcome: Option<ProofOutcome>,
    /// What this proof found.
    pub types: Vec<TypeProof>,
    /// Types that are not in the copy, and why.
    pub skipped: Vec<VerifySkipped>,
    pub requests: u32,
    pub milliseconds: u32,
    /// When the daily limit starts anew, if that ended it.
    pub resumes_at: Option<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct VerifySkipped {
    pub object: String,
    pub reason: String,
}
