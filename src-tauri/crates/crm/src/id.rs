//! Names of things: portals, connections, object types, records, properties.

use std::{fmt, num::NonZeroI64, str::FromStr, sync::Arc};

use serde::{Deserialize, Serialize};

/// A text that cannot be an id; holds what was read, cut to 80 characters.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not an id: {0:?}")]
pub struct BadId(pub String);

impl BadId {
    fn of(text: &str) -> BadId {
        BadId(text.chars().take(80).collect())
    }
}

/// A HubSpot account, by its hub id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PortalId(pub u64);

impl fmt::Display for PortalId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A connection: a short name of lower-case letters, digits and hyphens (1 to 64), safe as a file name.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ConnectionId(Arc<str>);

impl ConnectionId {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ConnectionId {
    type Err = BadId;

    fn from_str(text: &str) -> Result<ConnectionId, BadId> {
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        let fits = (1..=64).contains(&text.len()) && text.bytes().all(plain) && !text.starts_with('-');
        if fits { Ok(ConnectionId(text.into())) } else { Err(BadId::of(text)) }
    }
}

impl TryFrom<String> for ConnectionId {
    type Error = BadId;

    fn try_from(text: String) -> Result<ConnectionId, BadId> {
        text.parse()
    }
}

impl From<ConnectionId> for String {
    fn from(id: ConnectionId) -> String {
        id.0.as_ref().to_owned()
    }
}

impl fmt::Display for ConnectionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// An object type, by the name of its table in the mirror (`contacts`, `crm_users`, a custom object's name).
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ObjectType(Arc<str>);

impl ObjectType {
    pub fn new(table: impl Into<Arc<str>>) -> ObjectType {
        ObjectType(table.into())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for ObjectType {
    fn from(table: &str) -> ObjectType {
        ObjectType::new(table)
    }
}

impl fmt::Display for ObjectType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A record's id: positive, 64 bits. HubSpot sends it as text or as a JSON number; anything else is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RecordId(NonZeroI64);

impl RecordId {
    /// The id of an integer, if it is positive.
    pub fn new(id: i64) -> Option<RecordId> {
        if id > 0 { NonZeroI64::new(id).map(RecordId) } else { None }
    }

    pub fn get(self) -> i64 {
        self.0.get()
    }
}

impl FromStr for RecordId {
    type Err = BadId;

    /// Digits only: no sign, no space, no leading zero, at most `i64::MAX`.
    fn from_str(text: &str) -> Result<RecordId, BadId> {
        let canonical = !text.starts_with('0') && text.bytes().all(|byte| byte.is_ascii_digit());
        let id = if canonical { text.parse().ok().and_then(RecordId::new) } else { None };
        id.ok_or_else(|| BadId::of(text))
    }
}

impl fmt::Display for RecordId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A property's internal name, as HubSpot names it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PropertyName(Arc<str>);

impl PropertyName {
    pub fn new(name: impl Into<Arc<str>>) -> PropertyName {
        PropertyName(name.into())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for PropertyName {
    fn from(name: &str) -> PropertyName {
        PropertyName::new(name)
    }
}

impl fmt::Display for PropertyName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn record_ids_are_positive_64_bit_integers_and_nothing_else() {
        for good in ["1", "512", "9007199254740993", "9223372036854775807"] {
            assert_eq!(good.parse::<RecordId>().unwrap().to_string(), good);
        }
        for bad in ["", "0", "-1", "+1", "01", " 1", "1.0", "1e3", "abc", "9223372036854775808", "１"] {
            assert!(bad.parse::<RecordId>().is_err(), "{bad:?} was taken for an id");
        }
    }

    #[test]
    fn connection_ids_are_safe_as_file_names() {
        assert!("acme-2".parse::<ConnectionId>().is_ok());
        for bad in ["", "-a", "../x", "A", "a b", "é"] {
            assert!(bad.parse::<ConnectionId>().is_err(), "{bad:?} was taken for a connection id");
        }
    }
}
