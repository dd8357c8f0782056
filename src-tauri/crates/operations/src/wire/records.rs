//! Records: object tabs, the grid's snapshots and blocks, and one record's page.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct ObjectsRequest {
    pub connection: String,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct Objects {
    pub objects: Vec<ObjectTab>,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct ObjectTab {
    /// Table name: `contacts`.
    pub object: String,
    pub singular: String,
    pub plural: String,
    pub custom: bool,
    /// Live records here.
    pub count: u32,
    /// Skipped with its reason ("The permission “tickets” is missing."), if it is.
    pub skipped: Option<String>,
    pub columns: Vec<Column>,
    /// True once full text is built; before, Find looks through a part only.
    pub indexed: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Column {
    /// Column name, for sorting and for asking rows.
    pub name: String,
    pub label: String,
    pub kind: ColumnKind,
    pub sortable: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ColumnKind {
    /// The record's display name, made of several properties; always the first column.
    Title,
    Text,
    Number,
    Currency,
    Date,
    DateTime,
    Bool,
    Enumeration,
    Owner,
    Stage,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct OpenSnapshot {
    pub connection: String,
    pub object: String,
    pub sort: Option<Sort>,
    /// Words to find, every word a prefix.
    pub find: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Sort {
    pub column: String,
    pub descending: bool,
}

/// An ordered set of records that does not move while the sync runs.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct Snapshot {
    pub snapshot: String,
    /// Rows in it.
    pub total: u32,
    /// Live records of this type when it was opened.
    pub all: u32,
    /// Only a part was looked through (Find before the index is built).
    pub partial: bool,
    pub ms: u32,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct SnapshotRows {
    pub snapshot: String,
    /// Position of the first row, from 0.
    pub start: u32,
    pub count: u32,
    pub columns: Vec<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct Rows {
    pub start: u32,
    pub rows: Vec<Row>,
    /// Records of this type changed since the snapshot was opened.
    pub changed: u32,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct Row {
    pub id: String,
    /// Gone since the snapshot was opened.
    pub gone: bool,
    /// In the order of the asked columns.
    pub cells: Vec<Cell>,
}

/// A value as shown. `text` is none for an empty value.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct Cell {
    /// Labels resolved; dates and times stay ISO (the window formats them), numbers as sent.
    pub text: Option<String>,
    /// What HubSpot sent, when it differs from `text`.
    pub raw: Option<String>,
    /// Currency code for money.
    pub currency: Option<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct CloseSnapshot {
    pub snapshot: String,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct RecordRequest {
    pub connection: String,
    pub object: String,
    pub id: String,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct RecordPage {
    pub object: String,
    /// May differ from the asked id: a merged record answers as its survivor.
    pub id: String,
    pub singular: String,
    pub title: String,
    /// "Lead · Directrice des achats · Atelier Cycle Lyon"
    pub subtitle: Vec<String>,
    pub archived: bool,
    pub created_at: Option<String>,
    pub updated_at: Option<String>,
    pub synced_at: Option<String>,
    pub groups: Vec<PropertyGroup>,
    /// Properties with a value here, and all defined ones.
    pub filled: u32,
    pub defined: u32,
    pub linked: Vec<LinkedGroup>,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct PropertyGroup {
    pub label: String,
    pub properties: Vec<PropertyValue>,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct PropertyValue {
    pub name: String,
    pub label: String,
    pub kind: ColumnKind,
    pub value: Cell,
    pub calculated: bool,
    pub sensitive: bool,
    /// It is asked for and kept; otherwise an empty value says nothing.
    pub stored: bool,
    pub description: Option<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct LinkedGroup {
    pub object: String,
    pub label: String,
    pub total: u32,
    /// At most 50; `total` says how many there are.
    pub records: Vec<LinkedRecord>,
    /// Not synced, with the reason.
    pub skipped: Option<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct LinkedRecord {
    pub id: String,
    pub title: String,
    pub subtitle: Option<String>,
    /// "Primary", "Billing contact", …
    pub labels: Vec<String>,
    /// No row here (outside the window, or not synced).
    pub missing: bool,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct RecordLinkRequest {
    pub connection: String,
    pub object: String,
    pub id: String,
}

/// The record's page at HubSpot; only ever on a HubSpot host. None for the demo portal.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct RecordLink {
    pub url: Option<String>,
}
