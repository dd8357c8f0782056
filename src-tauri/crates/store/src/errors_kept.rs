//! Troubles that stay until they are over, and then say when that was. The words are the caller's.

use crm::{ConnectionId, Timestamp};
use rusqlite::{Row, params};

use crate::{AppDb, Error, value};

/// A trouble of one connection, seen once or many times.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptError {
    pub code: String,
    /// An object type, or empty: the whole connection.
    pub subject: String,
    pub message: String,
    pub first_at: Timestamp,
    pub last_at: Timestamp,
    pub count: u64,
    /// Since when it is over.
    pub resolved_at: Option<Timestamp>,
}

/// Troubles that are over are remembered for so long.
const RESOLVED_KEPT_MILLIS: i64 = 30 * 86_400_000;

impl AppDb {
    /// Keeps a trouble, or counts it once more. One that was over and is back counts from one.
    pub fn keep_error(
        &self,
        connection: &ConnectionId,
        code: &str,
        subject: &str,
        message: &str,
        at: Timestamp,
    ) -> Result<(), Error> {
        self.conn().execute(
            "INSERT INTO persistent_errors (connection, code, subject, message, first_at, last_at, count)
             VALUES (?1, ?2, ?3, ?4, ?5, ?5, 1)
             ON CONFLICT DO UPDATE SET message = ?4, last_at = ?5,
                 first_at = CASE WHEN resolved_at IS NULL THEN first_at ELSE ?5 END,
                 count = CASE WHEN resolved_at IS NULL THEN count + 1 ELSE 1 END,
                 resolved_at = NULL",
            params![connection.as_str(), code, subject, message, at.to_string()],
        )?;
        Ok(())
    }

    /// What of a connection's troubles with this subject is open, other than `still`, is over now.
    pub fn resolve_errors(
        &self,
        connection: &ConnectionId,
        subject: &str,
        still: Option<&str>,
        at: Timestamp,
    ) -> Result<(), Error> {
        let conn = self.conn();
        conn.execute(
            "UPDATE persistent_errors SET resolved_at = ?4
             WHERE connection = ?1 AND subject = ?2 AND resolved_at IS NULL AND code IS NOT ?3",
            params![connection.as_str(), subject, still, at.to_string()],
        )?;
        let old = Timestamp::from_millis(at.millis().saturating_sub(RESOLVED_KEPT_MILLIS));
        conn.execute("DELETE FROM persistent_errors WHERE resolved_at < ?", [old.to_string()])?;
        Ok(())
    }

    /// A connection's troubles: open ones first, the latest first among equals.
    pub fn kept_errors(&self, connection: &ConnectionId) -> Result<Vec<KeptError>, Error> {
        let conn = self.conn();
        let mut statement = conn.prepare_cached(
            "SELECT * FROM persistent_errors WHERE connection = ?
             ORDER BY resolved_at IS NOT NULL, coalesce(resolved_at, last_at) DESC, code, subject",
        )?;
        let rows = statement.query_map([connection.as_str()], kept)?.collect::<Result<_, _>>()?;
        Ok(rows)
    }
}

fn kept(row: &Row<'_>) -> rusqlite::Result<KeptError> {
    Ok(KeptError {
        code: value::string(row, "code")?,
        subject: value::string(row, "subject")?,
        message: value::string(row, "message")?,
        first_at: value::parsed(row, "first_at")?,
        last_at: value::parsed(row, "last_at")?,
        count: row.get::<_, i64>("count")?.unsigned_abs(),
        resolved_at: value::parsed_optional(row, "resolved_at")?,
    })
}
