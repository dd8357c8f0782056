//! One record, field by field, off the JSON as it streams by.

use std::{collections::HashMap, fmt};

use crm::{Record, RecordId, Timestamp};
use serde::{
    Deserialize, Deserializer,
    de::{DeserializeSeed, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor},
};
use serde_json::value::RawValue;

use super::{Page, Paging, plain};
use crate::ObjectKind;

const NO_ID: &str = "the record has no id that is a positive 64-bit number";
const NO_TIME: &str = "the record names no time of its last change";
const MERGED_IDS: &str = "hs_merged_object_ids";

/// A reason of our own comes back inside serde's error; it quotes nothing of the record.
pub(super) fn own_reason(error: &serde_json::Error) -> Option<String> {
    let text = error.to_string();
    [NO_ID, NO_TIME].iter().find(|reason| text.starts_with(**reason)).map(|reason| (*reason).to_owned())
}

/// Reads one record that stands alone.
pub(crate) fn read_one(kind: &ObjectKind, text: &str) -> Result<Record, serde_json::Error> {
    let mut scratch = Scratch::default();
    let mut json = serde_json::Deserializer::from_str(text);
    let record = OneRecord { kind, scratch: &mut scratch }.deserialize(&mut json)?;
    json.end()?;
    Ok(record)
}

/// What one record teaches the next: how much room its properties needed.
#[derive(Default)]
pub(super) struct Scratch {
    room: usize,
}

pub(super) struct Records<'s> {
    pub(super) kind: &'s ObjectKind,
    pub(super) scratch: &'s mut Scratch,
}

pub(super) fn page<'de, D: Deserializer<'de>>(json: D, records: Records<'_>) -> Result<Page, D::Error> {
    json.deserialize_map(PageVisitor(records))
}

struct PageVisitor<'s>(Records<'s>);

impl<'de> Visitor<'de> for PageVisitor<'_> {
    type Value = Page;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a page of records")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Page, A::Error> {
        let Records { kind, scratch } = self.0;
        let mut page = Page { records: Vec::new(), unreadable: Vec::new(), total: None, after: None };
        let mut found = false;
        while let Some(name) = fields.next_key::<&RawValue>()? {
            match name.get() {
                "\"results\"" => {
                    found = true;
                    page.records = fields.next_value_seed(Records { kind, scratch: &mut *scratch })?;
                }
                "\"total\"" => page.total = fields.next_value()?,
                "\"paging\"" => page.after = fields.next_value::<Option<Paging>>()?.and_then(Paging::after),
                _ => drop(fields.next_value::<IgnoredAny>()?),
            }
        }
        if found { Ok(page) } else { Err(A::Error::missing_field("results")) }
    }
}

impl<'de> DeserializeSeed<'de> for Records<'_> {
    type Value = Vec<Record>;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Vec<Record>, D::Error> {
        json.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Records<'_> {
    type Value = Vec<Record>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of records")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Vec<Record>, A::Error> {
        let mut records = Vec::with_capacity(100);
        while let Some(record) =
            items.next_element_seed(OneRecord { kind: self.kind, scratch: &mut *self.scratch })?
        {
            records.push(record);
        }
        Ok(records)
    }
}

struct OneRecord<'s> {
    kind: &'s ObjectKind,
    scratch: &'s mut Scratch,
}

impl<'de> DeserializeSeed<'de> for OneRecord<'_> {
    type Value = Record;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Record, D::Error> {
        json.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for OneRecord<'_> {
    type Value = Record;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a record")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Record, A::Error> {
        let mut id = None;
        let mut properties = Filled::default();
        let (mut created, mut updated, mut archived_at) = (None, None, None);
        let mut archived = false;
        let mut url = None;
        while let Some(name) = fields.next_key::<&RawValue>()? {
            match name.get() {
                "\"id\"" => id = record_id(fields.next_value::<&RawValue>()?.get()),
                "\"properties\"" => {
                    properties = fields.next_value_seed(Properties { room: self.scratch.room })?;
                    self.scratch.room = properties.text.len() + 64;
                }
                "\"createdAt\"" => created = time(fields.next_value()?),
                "\"updatedAt\"" => updated = time(fields.next_value()?),
                "\"archivedAt\"" => archived_at = time(fields.next_value()?),
                "\"archived\"" => archived = fields.next_value::<Option<bool>>()?.unwrap_or(false),
                "\"url\"" => url = link(fields.next_value()?),
                _ => drop(fields.next_value::<IgnoredAny>()?),
            }
        }
        let id = id.ok_or_else(|| A::Error::custom(NO_ID))?;
        let named = |property: &str| properties.find(property).and_then(time_of);
        let created = created.or_else(|| named(self.kind.created_property.as_str()));
        let updated = updated
            .or_else(|| named(self.kind.modified_property.as_str()))
            .or(created)
            .ok_or_else(|| A::Error::custom(NO_TIME))?;
        Ok(Record {
            id,
            properties: properties.text,
            created_at: created,
            updated_at: updated,
            archived,
            archived_at,
            merged_ids: properties.merged_ids,
            url,
        })
    }
}

/// An id as text or as a number; a number keeps all its digits.
pub(crate) fn record_id(raw: &str) -> Option<RecordId> {
    match raw.strip_prefix('"').and_then(|raw| raw.strip_suffix('"')) {
        Some(digits) => digits.parse().ok(),
        None => raw.parse().ok(),
    }
}

fn time(raw: &RawValue) -> Option<Timestamp> {
    time_of(raw.get())
}

/// A time without escapes, or none at all: the modified property then says it.
fn time_of(raw: &str) -> Option<Timestamp> {
    raw.trim_matches('"').parse().ok()
}

fn link(raw: &RawValue) -> Option<String> {
    serde_json::from_str(raw.get()).ok()
}

/// The properties that are not null, as JSON object text.
struct Filled {
    text: String,
    merged_ids: Vec<RecordId>,
}

impl Default for Filled {
    fn default() -> Filled {
        Filled { text: "{}".to_owned(), merged_ids: Vec::new() }
    }
}

impl Filled {
    /// The raw value of one property, looked up by reading the text again: needed only when a stamp is missing.
    fn find(&self, property: &str) -> Option<&str> {
        let all: HashMap<String, &RawValue> = serde_json::from_str(&self.text).ok()?;
        all.get(property).map(|raw| raw.get())
    }
}

struct Properties {
    room: usize,
}

impl<'de> DeserializeSeed<'de> for Properties {
    type Value = Filled;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Filled, D::Error> {
        json.deserialize_option(self)
    }
}

impl<'de> Visitor<'de> for Properties {
    type Value = Filled;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a record's properties")
    }

    fn visit_none<E>(self) -> Result<Filled, E> {
        Ok(Filled::default())
    }

    fn visit_some<D: Deserializer<'de>>(self, json: D) -> Result<Filled, D::Error> {
        json.deserialize_map(self)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Filled, A::Error> {
        let mut text = String::with_capacity(self.room.max(2));
        let mut merged_ids = Vec::new();
        text.push('{');
        while let Some((name, value)) = fields.next_entry::<&RawValue, &RawValue>()? {
            let (name, value) = (name.get(), value.get());
            if value == "null" {
                continue;
            }
            if text.len() > 1 {
                text.push(',');
            }
            text.push_str(name);
            text.push(':');
            text.push_str(value);
            if name.len() == MERGED_IDS.len() + 2 && name[1..].starts_with(MERGED_IDS) {
                merged_ids = merged(value);
            }
        }
        text.push('}');
        Ok(Filled { text, merged_ids })
    }
}

/// `"1;2;3"`, as checkboxes write it.
fn merged(raw: &str) -> Vec<RecordId> {
    plain(raw).split([';', ',', ' ']).filter_map(|id| id.parse().ok()).collect()
}

/// For answers whose ids are wanted and whose faults are not: `None` instead of an error.
#[derive(Clone, Copy)]
pub(crate) struct LenientId(pub(crate) Option<RecordId>);

impl<'de> Deserialize<'de> for LenientId {
    fn deserialize<D: Deserializer<'de>>(json: D) -> Result<LenientId, D::Error> {
        let raw = <&RawValue>::deserialize(json)?;
        Ok(LenientId(record_id(raw.get())))
    }
}
