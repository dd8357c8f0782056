//! the words: ids, names, times, records, definitions; no I/O.
//!
//! The same word means the same thing in every crate:
//! - **portal**: one HubSpot account, named by its hub id.
//! - **connection**: one way into one portal, with its own mirror and its own secret.
//! - **object type**: contacts, companies, …; named here as its table in the mirror is named.
//! - **record**: one contact, one deal, …; its id is a positive 64-bit integer inside, text on every surface.
//! - **link**: one association between two records, with its type.
//! - **stored / picked / exposed**: a property is kept; has a column; may be seen by agents.
//!
//! Deliberately absent: anything that knows HTTP, SQLite, files, clocks or windows.
#![forbid(unsafe_code)]

mod definition;
mod id;
mod link;
mod names;
mod record;
mod timestamp;

pub use definition::{
    Account, AssociationType, Owner, OwnerTeam, Pipeline, PropertyDefinition, PropertyGroup, PropertyOption,
    Schema, Sensitivity, Stage, Team, User,
};
pub use id::{BadId, ConnectionId, ObjectType, PortalId, PropertyName, RecordId};
pub use link::{Link, LinkSet, Pair};
pub use names::is_reserved;
pub use record::{Record, Unreadable};
pub use timestamp::{BadTimestamp, Timestamp};
