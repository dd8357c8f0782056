//! the mirrors and the app's own database.
//!
//! A [`Home`] is the data folder. [`AppDb`] is the app's own database in it. A mirror is one SQLite file per
//! connection: one [`Writer`] changes it, any number of readers look at it, and none of them waits for another.
//! Whatever arrives together is committed together: a page of records with the point up to which its range is done,
//! a set of links with its range. This is the only crate that names `rusqlite`.
//!
//! Deliberately absent: the network, the clock (times are arguments), secrets, and any decision about what to fetch.

#![forbid(unsafe_code)]

mod app;
mod browse;
mod census;
mod changes;
mod database;
mod defaults;
mod definition_rows;
mod definitions;
mod error;
mod errors_kept;
mod exclusions;
mod fulltext;
mod health;
mod history;
mod home;
mod index;
mod labels;
mod linked;
mod links;
mod markup;
mod names;
mod picks;
mod proofs;
mod properties;
mod query;
mod queue;
mod ranges;
mod reached;
mod reader;
mod records;
mod runs;
mod schedules;
mod settle;
mod snapshot;
mod statistics;
mod stored;
mod value;
mod writer;

pub use app::{AppDb, Connection, ConnectionKind, ConnectionState, LastError, OauthSetup, Since};
pub use browse::{RowOut, StoredProperty, StoredRecord};
pub use census::{Difference, Span};
pub use changes::{ChangesCommit, FillCommit, Point};
pub use definition_rows::Pick;
pub use definitions::ObjectInfo;
pub use error::Error;
pub use errors_kept::KeptError;
pub use exclusions::{Filter, Rules};
pub use health::{FileSize, Health, Shape};
pub use history::{Changed, HistoryBounds};
pub use home::{ConnectionLock, Home};
pub use index::IndexStep;
pub use labels::Cell;
pub use linked::{LinkedGroup, LinkedRow};
pub use links::{LinksCommit, LinksStored, Side};
pub use picks::PICKS_MAX;
pub use proofs::{Finding, ProofOutcome, ProofRow};
pub use query::{Cut, QueryLimits, QueryOut, SqlValue};
pub use queue::{QueueLength, Waiting};
pub use ranges::Range;
pub use reached::{Latest, Reached};
pub use reader::{Quarantined, Reader, RunRow};
pub use records::{Asked, PageCommit, PageStored};
pub use runs::{Backfill, Level, Queue, RunEvent, RunStream};
pub use schedules::Waits;
pub use settle::Verdict;
pub use snapshot::{SnapshotFound, SnapshotSpec, Sort};
pub use statistics::{PropertyStatistics, ValueSample};
pub use stored::{NewProperties, PropertyChoice, is_always_stored};
pub use writer::{Counts, Writer};
