//! One record as HubSpot sent it, ready to be stored.

use crate::{RecordId, Timestamp};

/// A record, with its properties still in HubSpot's own text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    pub id: RecordId,
    /// JSON object text of every property that was answered and is not null: names and values byte for byte as
    /// HubSpot sent them (escapes included), in the order they came.
    pub properties: String,
    pub created_at: Option<Timestamp>,
    pub updated_at: Timestamp,
    pub archived: bool,
    pub archived_at: Option<Timestamp>,
    /// Ids merged into this record (`hs_merged_object_ids`), if it names any.
    pub merged_ids: Vec<RecordId>,
    /// The record's page in HubSpot, when the answer names it.
    pub url: Option<String>,
}

/// A record that could not be read: it is set aside with its reason, and its page goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreadable {
    /// The id as it was sent, if there was one.
    pub id: Option<String>,
    pub reason: String,
    /// What was sent, cut to 64 kB.
    pub body: String,
}
