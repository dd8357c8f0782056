//! Values on their way in and out of SQLite: times, ids, names of variants, lists as JSON text.
//!
//! Text is read leniently (bytes that are not UTF-8 become U+FFFD): a strange value never makes a read fail.

use std::{borrow::Cow, str::FromStr};

use crm::{PortalId, RecordId, Timestamp};
use rusqlite::{
    Row,
    types::{Type, ValueRef},
};

pub(crate) fn time(time: Option<Timestamp>) -> Option<String> {
    time.map(|time| time.to_string())
}

pub(crate) fn portal(portal: PortalId) -> i64 {
    portal.0.cast_signed()
}

/// A column's text, whatever its bytes and its type.
pub(crate) fn text(value: ValueRef<'_>) -> Option<Cow<'_, str>> {
    match value {
        ValueRef::Null => None,
        ValueRef::Integer(number) => Some(number.to_string().into()),
        ValueRef::Real(number) => Some(number.to_string().into()),
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => {
            // Mostly it is fine, and this look at it is many times faster than the lenient one.
            Some(std::str::from_utf8(bytes).map_or_else(|_| String::from_utf8_lossy(bytes), Cow::Borrowed))
        }
    }
}

pub(crate) fn string(row: &Row<'_>, column: &str) -> rusqlite::Result<String> {
    Ok(text(row.get_ref(column)?).unwrap_or_default().into_owned())
}

pub(crate) fn optional_string(row: &Row<'_>, column: &str) -> rusqlite::Result<Option<String>> {
    Ok(text(row.get_ref(column)?).map(Cow::into_owned))
}

pub(crate) fn parsed<T: FromStr>(row: &Row<'_>, column: &str) -> rusqlite::Result<T>
where
    T::Err: std::error::Error + Send + Sync + 'static,
{
    read(&string(row, column)?)
}

pub(crate) fn parsed_optional<T: FromStr>(row: &Row<'_>, column: &str) -> rusqlite::Result<Option<T>>
where
    T::Err: std::error::Error + Send + Sync + 'static,
{
    optional_string(row, column)?.map(|text| read(&text)).transpose()
}

fn read<T: FromStr>(text: &str) -> rusqlite::Result<T>
where
    T::Err: std::error::Error + Send + Sync + 'static,
{
    text.parse()
        .map_err(|error: T::Err| rusqlite::Error::FromSqlConversionFailure(0, Type::Text, Box::new(error)))
}

/// A record's id out of the first column. Ids in the tables are positive: only positive ones are ever written.
pub(crate) fn id(row: &Row<'_>) -> rusqlite::Result<RecordId> {
    let id: i64 = row.get(0)?;
    RecordId::new(id).ok_or(rusqlite::Error::IntegralValueOutOfRange(0, id))
}

/// The variant that a column names.
pub(crate) fn named<T: Copy>(row: &Row<'_>, column: &str, all: &[(&str, T)]) -> rusqlite::Result<T> {
    let text = string(row, column)?;
    let found = all.iter().find(|(name, _)| *name == text).map(|(_, variant)| *variant);
    found.ok_or_else(|| rusqlite::Error::InvalidColumnType(0, text, Type::Text))
}

pub(crate) fn name_of<T: PartialEq + Copy>(variant: T, all: &[(&'static str, T)]) -> &'static str {
    let found = all.iter().find(|(_, other)| *other == variant);
    found.map(|(name, _)| *name).expect("every variant has a name")
}

pub(crate) fn json_list(texts: &[String]) -> String {
    serde_json::to_string(texts).expect("texts can be written as JSON")
}

pub(crate) fn list_from_json(text: &str) -> Vec<String> {
    serde_json::from_str(text).unwrap_or_default()
}
