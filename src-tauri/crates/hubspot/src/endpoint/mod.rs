//! What can be asked, one file per area of the API. Each endpoint is a value that builds its request and reads the
//! answer. Deliberately absent: sending, and anything that writes to a portal.

mod account;
mod associations;
mod objects;
mod people;
mod pipelines;
mod properties;
mod schemas;
mod search;

use serde::{Deserialize, Deserializer};

use crate::Malformed;

pub use account::{AccountDetails, TokenDetails, TokenInfo};
pub use associations::{AssociationLabels, AssociationsRead, LinksAnswer};
pub use objects::{BatchAnswer, BatchRead, GetRecord, ListRecords, RecordPage};
pub use people::{Owners, OwnersPage, Teams, Users, UsersPage};
pub use pipelines::Pipelines;
pub use properties::{Properties, PropertyGroups};
pub use schemas::Schemas;
pub use search::{Filter, Op, Search, SearchPage};

/// Reads a small answer.
fn parse<'a, T: Deserialize<'a>>(endpoint: &'static str, text: &'a str) -> Result<T, Malformed> {
    serde_json::from_str(text).map_err(|error| Malformed::json(endpoint, &error))
}

/// An answer that is a list.
#[derive(Deserialize)]
#[serde(bound(deserialize = "T: Deserialize<'de>"))]
struct Listed<T> {
    results: Vec<T>,
    paging: Option<crate::page::Paging>,
}

impl<T> Listed<T> {
    fn split(self) -> (Vec<T>, Option<String>) {
        (self.results, self.paging.and_then(crate::page::Paging::after))
    }
}

/// A field that may be missing, null, or of a type that nobody promised: the default then.
fn lenient<'de, D, T>(json: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Default + serde::de::DeserializeOwned,
{
    let raw = <&serde_json::value::RawValue>::deserialize(json)?;
    Ok(serde_json::from_str(raw.get()).unwrap_or_default())
}

/// A text, or a number as text; the default for anything else.
fn scalar<'de, D: Deserializer<'de>>(json: D) -> Result<String, D::Error> {
    scalar_option(json).map(Option::unwrap_or_default)
}

fn scalar_option<'de, D: Deserializer<'de>>(json: D) -> Result<Option<String>, D::Error> {
    let raw = <&serde_json::value::RawValue>::deserialize(json)?;
    Ok(serde_json::from_str::<crate::page::Scalar>(raw.get()).ok().map(|scalar| scalar.0))
}

fn scalars<'de, D: Deserializer<'de>>(json: D) -> Result<Vec<String>, D::Error> {
    let raw = <&serde_json::value::RawValue>::deserialize(json)?;
    let values: Vec<crate::page::Scalar> = serde_json::from_str(raw.get()).unwrap_or_default();
    Ok(values.into_iter().map(|scalar| scalar.0).collect())
}

/// A time as text or as milliseconds.
fn stamp<'de, D: Deserializer<'de>>(json: D) -> Result<Option<crm::Timestamp>, D::Error> {
    Ok(scalar_option(json)?.and_then(|text| text.parse().ok()))
}

#[cfg(test)]
mod tests;
