//! Associations between records.

use std::fmt;

use crate::{ObjectType, RecordId};

/// A pair of object types in the direction in which its links are kept.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Pair {
    pub from: ObjectType,
    pub to: ObjectType,
}

impl Pair {
    pub fn new(from: ObjectType, to: ObjectType) -> Pair {
        Pair { from, to }
    }

    #[must_use]
    pub fn reversed(&self) -> Pair {
        Pair { from: self.to.clone(), to: self.from.clone() }
    }
}

impl fmt::Display for Pair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}>{}", self.from, self.to)
    }
}

/// One association of one type to one record.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Link {
    pub to: RecordId,
    /// `HUBSPOT_DEFINED`, `USER_DEFINED`, `INTEGRATOR_DEFINED`, `WORK`.
    pub category: String,
    pub type_id: i64,
    pub label: Option<String>,
}

/// All associations of one record towards one object type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkSet {
    pub from: RecordId,
    pub links: Vec<Link>,
}
