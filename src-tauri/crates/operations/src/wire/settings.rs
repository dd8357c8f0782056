//! Settings of one connection: what there is to choose, what is chosen, and how to choose.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct SettingsRequest {
    pub connection: String,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct Settings {
    pub settings: Vec<Setting>,
    /// What the filters and exclusions leave out of everything derived, one sentence each; the copy keeps it.
    pub filters: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Setting {
    /// `cadence_minutes`, …; stable.
    pub key: String,
    pub label: String,
    /// What it does, in a sentence or two.
    pub text: String,
    pub kind: SettingKind,
    /// As it is written; lists and maps as JSON.
    pub value: String,
    pub default: String,
    /// Somebody has chosen it.
    pub changed: bool,
    /// What can be chosen, in words.
    pub allowed: String,
    /// The choices of a `choice`, or the types for `objects`.
    pub choices: Vec<String>,
    /// Bounds of a `number`, with its unit.
    pub least: Option<u32>,
    pub most: Option<u32>,
    pub unit: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum SettingKind {
    Number,
    Choice,
    /// `all`, or an ISO date or time.
    Window,
    /// `off`, or `22:00-06:00`.
    Hours,
    /// `all`, `500000 rows`, or `365 days`.
    Bound,
    /// A list of texts.
    Texts,
    /// Values by property, or these by object type.
    Filters,
    /// A list of object types, of those in `choices`.
    Objects,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct ChangeSetting {
    pub connection: String,
    pub key: String,
    /// None goes back to the default.
    pub value: Option<String>,
}

/// Leaves an object type out, or takes it up again.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct SkipObject {
    pub connection: String,
    /// Table name: `tickets`.
    pub object: String,
    pub skip: bool,
}
