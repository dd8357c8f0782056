//! The one that changes a mirror: opens it, knows its tables, hands out transactions. What is written lies in the
//! modules named after it; nothing here knows a page, a link or a run.

use std::{cell::RefCell, collections::HashMap, path::Path};

use crm::{ObjectType, PropertyDefinition, RecordId, Timestamp};
use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};

use crate::{Error, database, definition_rows, names::quoted, value};

/// Changes one mirror. There is one at a time per file, by the connection's lock.
#[derive(Debug)]
pub struct Writer {
    pub(crate) conn: Connection,
    /// Per object type: below this id every linked record is known to be there. Saves looking again.
    pub(crate) resolved_to: RefCell<HashMap<ObjectType, i64>>,
}

/// Rows of one object type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    pub live: u64,
    pub archived: u64,
    pub quarantined: u64,
}

impl Writer {
    /// Opens a mirror: creates it when it is missing, brings an older one up to date, refuses a newer one
    /// ([`Error::NewerDatabase`]) and a foreign file ([`Error::NotAMirror`]).
    pub fn open(path: &Path) -> Result<Writer, Error> {
        Ok(Writer { conn: database::open(path, &database::MIRROR)?, resolved_to: RefCell::default() })
    }

    pub fn counts(&self, object: &ObjectType) -> Result<Counts, Error> {
        counts(&self.conn, object)
    }

    /// Live rows, modified at `since` or later.
    pub fn live_since(&self, object: &ObjectType, since: Option<Timestamp>) -> Result<u64, Error> {
        live_since(&self.conn, object, since)
    }

    /// All definitions of a type's properties, those that have vanished included.
    pub fn definitions(&self, object: &ObjectType) -> Result<Vec<PropertyDefinition>, Error> {
        definition_rows::definitions(&self.conn, object)
    }

    /// Live ids in `lo..hi`, ascending, modified at `since` or later.
    pub fn ids_in(
        &self,
        object: &ObjectType,
        lo: i64,
        hi: i64,
        since: Option<Timestamp>,
    ) -> Result<Vec<RecordId>, Error> {
        let mut statement = self.conn.prepare_cached(&format!(
            "SELECT id FROM {} INDEXED BY {} WHERE archived = 0 AND id >= ? AND id < ? AND updated_at >= ? ORDER BY id",
            quoted(object.as_str()),
            live_index(object),
        ))?;
        let since = value::time(since).unwrap_or_default();
        let ids = statement.query_map(params![lo, hi, since], value::id)?.collect::<Result<_, _>>()?;
        Ok(ids)
    }

    pub fn checkpoint(&self, key: &str) -> Result<Option<String>, Error> {
        checkpoint(&self.conn, key)
    }

    pub fn put_checkpoint(&mut self, key: &str, json: &str, at: Timestamp) -> Result<(), Error> {
        self.conn.execute(
            "INSERT OR REPLACE INTO checkpoints (key, value, saved_at) VALUES (?, ?, ?)",
            params![key, json, at.to_string()],
        )?;
        Ok(())
    }

    /// Keeps the file from growing beyond so many bytes; writing more fails as on a full disk. `None`: no limit.
    pub fn set_size_limit(&mut self, bytes: Option<u64>) -> Result<(), Error> {
        let page_size: i64 = self.conn.query_row("PRAGMA page_size", [], |row| row.get(0))?;
        let bytes = bytes.map_or(i64::MAX, |bytes| i64::try_from(bytes).unwrap_or(i64::MAX));
        let pages = (bytes / page_size).min(i64::from(u32::MAX) - 1);
        self.conn.query_row(&format!("PRAGMA max_page_count = {pages}"), [], |_| Ok(()))?;
        Ok(())
    }

    /// After a run: lets SQLite look at what changed, and folds the write-ahead log back when no reader needs it.
    pub fn tidy(&mut self) -> Result<(), Error> {
        self.conn.execute_batch("PRAGMA optimize")?;
        self.conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
        Ok(())
    }

    pub(crate) fn begin(&mut self) -> Result<Transaction<'_>, Error> {
        Ok(self.conn.transaction_with_behavior(TransactionBehavior::Immediate)?)
    }
}

pub(crate) fn live_index(object: &ObjectType) -> String {
    quoted(&format!("{object}$live"))
}

pub(crate) fn archived_index(object: &ObjectType) -> String {
    quoted(&format!("{object}$archived"))
}

pub(crate) fn counts(conn: &Connection, object: &ObjectType) -> Result<Counts, Error> {
    let mut statement = conn.prepare_cached(
        "SELECT live, archived, (SELECT count(*) FROM quarantine q WHERE q.object_type = o.object_type)
         FROM object_types o WHERE object_type = ?",
    )?;
    let counts = statement.query_row([object.as_str()], |row| {
        let count = |column| row.get::<_, i64>(column).map(|count| u64::try_from(count).unwrap_or(0));
        Ok(Counts { live: count(0)?, archived: count(1)?, quarantined: count(2)? })
    });
    Ok(counts.optional()?.unwrap_or_default())
}

pub(crate) fn live_since(
    conn: &Connection,
    object: &ObjectType,
    since: Option<Timestamp>,
) -> Result<u64, Error> {
    let Some(since) = since else { return Ok(counts(conn, object)?.live) };
    known(conn, object)?;
    let mut statement = conn.prepare_cached(&format!(
        "SELECT count(*) FROM {} INDEXED BY {} WHERE archived = 0 AND updated_at >= ?",
        quoted(object.as_str()),
        live_index(object),
    ))?;
    let count: i64 = statement.query_row([since.to_string()], |row| row.get(0))?;
    Ok(u64::try_from(count).unwrap_or(0))
}

pub(crate) fn checkpoint(conn: &Connection, key: &str) -> Result<Option<String>, Error> {
    let mut statement = conn.prepare_cached("SELECT value FROM checkpoints WHERE key = ?")?;
    Ok(statement.query_row([key], |row| row.get(0)).optional()?)
}

/// Makes sure that the object type has a table.
pub(crate) fn known(conn: &Connection, object: &ObjectType) -> Result<(), Error> {
    let mut statement = conn.prepare_cached("SELECT 1 FROM object_types WHERE object_type = ?")?;
    if statement.exists([object.as_str()])? { Ok(()) } else { Err(Error::UnknownObject(object.clone())) }
}
