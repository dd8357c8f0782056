//! What waits to be read again: records that could not be read, and records whose links are out of date.

use crm::{ObjectType, RecordId, Timestamp};
use rusqlite::{Transaction, params};

use crate::{Error, Reader, Writer, value};

/// What of a record waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Waiting<'a> {
    /// The record itself: HubSpot could not deliver it.
    Record,
    /// Its links, of every pair: it has changed.
    Links,
    /// Its links of one stream (`links:contacts>companies`): they could not be read.
    LinksOf(&'a str),
}

impl Waiting<'_> {
    fn text(&self) -> &str {
        match self {
            Waiting::Record => "record",
            Waiting::Links => "links",
            Waiting::LinksOf(stream) => stream,
        }
    }
}

/// How much of one kind waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueueLength {
    pub object: ObjectType,
    /// `record`, `links`, or the stream of a pair's links.
    pub what: String,
    pub waiting: u64,
    /// Since when the first of them does.
    pub oldest: Timestamp,
}

impl Writer {
    /// The lowest ids that wait, beyond `past`.
    pub fn waiting(
        &self,
        object: &ObjectType,
        what: &Waiting<'_>,
        past: i64,
        limit: usize,
    ) -> Result<Vec<RecordId>, Error> {
        let mut statement = self.conn.prepare_cached(
            "SELECT id FROM queue WHERE object_type = ? AND what = ? AND id > ? ORDER BY id LIMIT ?",
        )?;
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let ids = statement
            .query_map(params![object.as_str(), what.text(), past, limit], value::id)?
            .collect::<Result<_, _>>()?;
        Ok(ids)
    }

    /// Has these wait; one that waits already keeps its time.
    pub fn wait(
        &mut self,
        object: &ObjectType,
        what: &Waiting<'_>,
        ids: &[(RecordId, String)],
        at: Timestamp,
    ) -> Result<(), Error> {
        let tx = self.begin()?;
        for (id, reason) in ids {
            wait(&tx, object, what, *id, Some(reason), &at.to_string())?;
        }
        tx.commit()?;
        Ok(())
    }

    /// These wait no longer.
    pub fn waited(&mut self, object: &ObjectType, what: &Waiting<'_>, ids: &[RecordId]) -> Result<(), Error> {
        let tx = self.begin()?;
        for id in ids {
            waited(&tx, object, what, *id)?;
        }
        tx.commit()?;
        Ok(())
    }
}

impl Writer {
    /// The links of every record of this type have been followed.
    pub fn links_followed(&mut self, object: &ObjectType) -> Result<(), Error> {
        self.conn
            .prepare_cached("DELETE FROM queue WHERE object_type = ? AND what = 'links'")?
            .execute([object.as_str()])?;
        Ok(())
    }
}

impl Reader {
    /// What waits, by object type and kind.
    pub fn queue(&self) -> Result<Vec<QueueLength>, Error> {
        let mut statement = self.conn.prepare_cached(
            "SELECT object_type, what, count(*) AS waiting, min(queued_at) AS oldest FROM queue
             GROUP BY object_type, what ORDER BY object_type, what",
        )?;
        let rows = statement.query_map([], |row| {
            Ok(QueueLength {
                object: ObjectType::new(value::string(row, "object_type")?),
                what: value::string(row, "what")?,
                waiting: row.get::<_, i64>("waiting")?.cast_unsigned(),
                oldest: value::parsed(row, "oldest")?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

pub(crate) fn wait(
    tx: &Transaction<'_>,
    object: &ObjectType,
    what: &Waiting<'_>,
    id: RecordId,
    reason: Option<&str>,
    at: &str,
) -> Result<(), Error> {
    tx.prepare_cached(
        "INSERT INTO queue (object_type, id, what, reason, queued_at) VALUES (?, ?, ?, ?, ?)
         ON CONFLICT DO UPDATE SET reason = excluded.reason",
    )?
    .execute(params![object.as_str(), id.get(), what.text(), reason, at])?;
    Ok(())
}

pub(crate) fn waited(
    tx: &Transaction<'_>,
    object: &ObjectType,
    what: &Waiting<'_>,
    id: RecordId,
) -> Result<(), Error> {
    tx.prepare_cached("DELETE FROM queue WHERE object_type = ? AND id = ? AND what = ?")?
        .execute(params![object.as_str(), id.get(), what.text()])?;
    Ok(())
}
