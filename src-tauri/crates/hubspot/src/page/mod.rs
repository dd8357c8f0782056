//! Pages of records, read in one pass without a tree: property texts go from the answer into [`Record::properties`] as
//! they came. Only when that pass fails is each record read on its own, so that an unreadable one costs only itself.
//!
//! Deliberately absent: any understanding of property values.

mod record;

use std::borrow::Cow;

use crm::{Record, Unreadable};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::{Malformed, ObjectKind, error::json_fault};
pub(crate) use record::{LenientId, read_one};
use record::{Records, Scratch};

/// What answers with records have in common.
pub(crate) struct Page {
    pub(crate) records: Vec<Record>,
    pub(crate) unreadable: Vec<Unreadable>,
    pub(crate) total: Option<u64>,
    pub(crate) after: Option<String>,
}

/// What is kept of a record that could not be read.
const BODY_KEPT: usize = 64 * 1024;

/// Invalid UTF-8 costs only the characters it stands for.
pub(crate) fn text(body: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(body)
}

pub(crate) fn read(endpoint: &'static str, kind: &ObjectKind, body: &[u8]) -> Result<Page, Malformed> {
    let text = text(body);
    match fast(kind, &text) {
        Ok(page) => Ok(page),
        Err(_) => careful(kind, &text).map_err(|error| Malformed::json(endpoint, &error)),
    }
}

fn fast(kind: &ObjectKind, text: &str) -> Result<Page, serde_json::Error> {
    let mut scratch = Scratch::default();
    let mut json = serde_json::Deserializer::from_str(text);
    let page = record::page(&mut json, Records { kind, scratch: &mut scratch })?;
    json.end()?;
    Ok(page)
}

#[derive(Deserialize)]
struct Careful<'a> {
    #[serde(borrow)]
    results: Vec<&'a RawValue>,
    total: Option<u64>,
    paging: Option<Paging>,
}

fn careful(kind: &ObjectKind, text: &str) -> Result<Page, serde_json::Error> {
    let page: Careful<'_> = serde_json::from_str(text)?;
    let mut records = Vec::with_capacity(page.results.len());
    let mut unreadable = Vec::new();
    for raw in page.results {
        match read_one(kind, raw.get()) {
            Ok(record) => records.push(record),
            Err(error) => unreadable.push(set_aside(raw.get(), &error)),
        }
    }
    Ok(Page { records, unreadable, total: page.total, after: page.paging.and_then(Paging::after) })
}

/// The reason is ours or serde's kind of fault; what was sent is kept beside it, not inside it.
fn set_aside(raw: &str, error: &serde_json::Error) -> Unreadable {
    #[derive(Deserialize)]
    struct WithId<'a> {
        #[serde(borrow)]
        id: &'a RawValue,
    }
    // A list would be taken for the object's fields in order.
    let object = Some(raw).filter(|raw| raw.starts_with('{'));
    let id = object
        .and_then(|raw| serde_json::from_str::<WithId<'_>>(raw).ok())
        .map(|found| plain(found.id.get()));
    let end = raw.char_indices().map(|(at, c)| at + c.len_utf8()).take_while(|end| *end <= BODY_KEPT).last();
    Unreadable {
        id: id.map(|id| id.chars().take(80).collect()),
        reason: record::own_reason(error).unwrap_or_else(|| json_fault(error)),
        body: raw[..end.unwrap_or_default()].to_owned(),
    }
}

/// A JSON scalar as plain text.
fn plain(raw: &str) -> String {
    serde_json::from_str::<String>(raw).unwrap_or_else(|_| raw.to_owned())
}

#[derive(Deserialize)]
pub(crate) struct Paging {
    next: Option<PagingNext>,
}

#[derive(Deserialize)]
struct PagingNext {
    after: Option<Scalar>,
}

impl Paging {
    pub(crate) fn after(self) -> Option<String> {
        self.next?.after.map(|after| after.0).filter(|after| !after.is_empty())
    }
}

/// Text, or a number as text: HubSpot's ids come both ways.
pub(crate) struct Scalar(pub(crate) String);

impl<'de> Deserialize<'de> for Scalar {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Scalar, D::Error> {
        struct Visitor;
        impl serde::de::Visitor<'_> for Visitor {
            type Value = Scalar;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("text or a whole number")
            }
            fn visit_str<E>(self, text: &str) -> Result<Scalar, E> {
                Ok(Scalar(text.to_owned()))
            }
            fn visit_u64<E>(self, number: u64) -> Result<Scalar, E> {
                Ok(Scalar(number.to_string()))
            }
            fn visit_i64<E>(self, number: i64) -> Result<Scalar, E> {
                Ok(Scalar(number.to_string()))
            }
        }
        from.deserialize_any(Visitor)
    }
}

#[cfg(test)]
mod tests;
