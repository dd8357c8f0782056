//! The property picker: what is stored, what has a column, what agents may see, and what the values look like.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct PropertiesRequest {
    pub connection: String,
    pub object: String,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct Properties {
    pub object: String,
    /// Live records here; what storing another property costs follows from it: one call per hundred.
    pub records: u32,
    /// When values were last counted; none before the first time.
    pub counted_at: Option<String>,
    /// In the portal's order: by group, then as shown there.
    pub properties: Vec<PropertyRow>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Sensitivity {
    NonSensitive,
    Sensitive,
    HighlySensitive,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct PropertyRow {
    pub name: String,
    pub label: String,
    /// The heading under which the portal shows it.
    pub group: String,
    /// HubSpot's type (`string`, `number`, `date`, `datetime`, `enumeration`, `bool`, …) and field type (`text`, `select`,
    /// `calculation_equation`, …).
    pub kind: String,
    pub field_type: String,
    pub description: Option<String>,
    /// Asked for and kept.
    pub stored: bool,
    /// It has a typed, indexed column, of this name in the type's table.
    pub picked: bool,
    pub column: Option<String>,
    /// Agents may see it.
    pub exposed: bool,
    /// Why it cannot be switched off, if it cannot.
    pub locked: Option<String>,
    pub sensitivity: Sensitivity,
    pub calculated: bool,
    pub read_only: bool,
    pub unique: bool,
    pub hidden: bool,
    /// The portal's own, not HubSpot's.
    pub custom: bool,
    /// It is gone from HubSpot; values that came before are kept.
    pub gone: bool,
    /// Records with a value, of those looked at (all, or some thousands spread over all); none before they were counted.
    pub filled: Option<u32>,
    pub of: Option<u32>,
    /// Different values; none when there are more than two hundred, or before they were counted.
    pub distinct: Option<u32>,
    /// The most frequent values first. None of sensitive properties.
    pub samples: Vec<PropertySample>,
    /// What it is used for here: `title`, `subtitle`, `find`, `view`.
    pub used: Vec<String>,
    /// It was switched on, and old records have yet to get its values.
    pub refilling: bool,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct PropertySample {
    /// As shown to people: options by their labels; cut to 80 characters.
    pub value: String,
    /// How many of the records looked at have it, where values are few enough to be counted.
    pub count: Option<u32>,
}
