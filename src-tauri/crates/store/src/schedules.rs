//! What was chosen for a connection in place of the defaults, and what its schedule waits for. Keys and values are
//! texts here; what they mean is `operations`' to know.

use crm::{ConnectionId, Timestamp};
use rusqlite::{OptionalExtension, params};

use crate::{AppDb, Error, value};

/// What keeps a connection's schedule from going on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Waits {
    /// A pause ends by itself then; a pause without it ends when somebody resumes.
    pub paused_until: Option<Timestamp>,
    /// The daily limit is lifted then.
    pub resumes_at: Option<Timestamp>,
}

impl AppDb {
    /// What was chosen for a connection, by key.
    pub fn connection_settings(&self, connection: &ConnectionId) -> Result<Vec<(String, String)>, Error> {
        let conn = self.conn();
        let mut statement = conn
            .prepare_cached("SELECT key, value FROM connection_settings WHERE connection = ? ORDER BY key")?;
        let rows = statement.query_map([connection.as_str()], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// `None` goes back to the default.
    pub fn put_connection_setting(
        &self,
        connection: &ConnectionId,
        key: &str,
        value: Option<&str>,
        at: Timestamp,
    ) -> Result<(), Error> {
        let conn = self.conn();
        match value {
            Some(value) => conn.execute(
                "INSERT OR REPLACE INTO connection_settings (connection, key, value, changed_at) VALUES (?, ?, ?, ?)",
                params![connection.as_str(), key, value, at.to_string()],
            )?,
            None => conn.execute(
                "DELETE FROM connection_settings WHERE connection = ? AND key = ?",
                params![connection.as_str(), key],
            )?,
        };
        Ok(())
    }

    pub fn waits(&self, connection: &ConnectionId) -> Result<Waits, Error> {
        let conn = self.conn();
        let mut statement =
            conn.prepare_cached("SELECT paused_until, resumes_at FROM schedules WHERE connection = ?")?;
        let waits = statement.query_row([connection.as_str()], |row| {
            Ok(Waits {
                paused_until: value::parsed_optional(row, "paused_until")?,
                resumes_at: value::parsed_optional(row, "resumes_at")?,
            })
        });
        Ok(waits.optional()?.unwrap_or_default())
    }

    pub fn put_paused_until(&self, connection: &ConnectionId, until: Option<Timestamp>) -> Result<(), Error> {
        self.conn().execute(
            "INSERT INTO schedules (connection, paused_until) VALUES (?1, ?2)
             ON CONFLICT DO UPDATE SET paused_until = ?2",
            params![connection.as_str(), value::time(until)],
        )?;
        Ok(())
    }

    pub fn put_resumes_at(&self, connection: &ConnectionId, at: Option<Timestamp>) -> Result<(), Error> {
        self.conn().execute(
            "INSERT INTO schedules (connection, resumes_at) VALUES (?1, ?2)
             ON CONFLICT DO UPDATE SET resumes_at = ?2",
            params![connection.as_str(), value::time(at)],
        )?;
        Ok(())
    }
}
