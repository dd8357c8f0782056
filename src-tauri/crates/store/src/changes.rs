//! Records read by id on their way in: what changed, what was asked for anew, and the point reached with them.
//! Deliberately absent: pages of a range, which `records` commits.

use crm::{ObjectType, PropertyName, Record, RecordId, Timestamp, Unreadable};
use rusqlite::params;

use crate::{
    Asked, Error, PageStored, Writer,
    names::quoted,
    queue::{self, Waiting},
    records::{Row, Table},
    value,
    writer::{known, live_index},
};

/// Where a stream stands: a checkpoint's key and its JSON.
pub type Point<'a> = (&'a str, &'a str);

/// Whole records that were read because they changed, with the point reached after them.
#[derive(Debug, Clone, Copy)]
pub struct ChangesCommit<'a> {
    pub object: &'a ObjectType,
    pub records: &'a [Record],
    pub unreadable: &'a [Unreadable],
    /// Asked for and not answered: live rows among them become suspects.
    pub absent: &'a [RecordId],
    pub asked: Asked<'a>,
    pub at: Timestamp,
    pub point: Option<Point<'a>>,
}

/// Values of some properties, with the point reached after them.
#[derive(Debug, Clone, Copy)]
pub struct FillCommit<'a> {
    pub object: &'a ObjectType,
    pub records: &'a [Record],
    /// The properties that were asked for.
    pub names: &'a [PropertyName],
    pub absent: &'a [RecordId],
    pub at: Timestamp,
    pub point: Point<'a>,
}

impl Writer {
    /// Of records that were found with these stamps, the ids whose row here is missing, older, or not live.
    pub fn outdated(
        &self,
        object: &ObjectType,
        found: &[(RecordId, Timestamp)],
    ) -> Result<Vec<RecordId>, Error> {
        known(&self.conn, object)?;
        let mut statement = self.conn.prepare_cached(&format!(
            "SELECT 1 FROM {} WHERE id = ? AND archived = 0 AND updated_at >= ?",
            quoted(object.as_str())
        ))?;
        let mut outdated = Vec::new();
        for (id, stamp) in found {
            if !statement.exists(params![id.get(), stamp.to_string()])? {
                outdated.push(*id);
            }
        }
        Ok(outdated)
    }

    /// The lowest live ids beyond `past`; with `before`, of rows last modified before it.
    pub fn live_after(
        &self,
        object: &ObjectType,
        past: i64,
        before: Option<Timestamp>,
        limit: usize,
    ) -> Result<Vec<RecordId>, Error> {
        known(&self.conn, object)?;
        let mut statement = self.conn.prepare_cached(&format!(
            "SELECT id FROM {} INDEXED BY {}
             WHERE archived = 0 AND id > ?1 AND (?2 IS NULL OR updated_at < ?2) ORDER BY id LIMIT ?3",
            quoted(object.as_str()),
            live_index(object),
        ))?;
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let ids = statement
            .query_map(params![past, value::time(before), limit], value::id)?
            .collect::<Result<_, _>>()?;
        Ok(ids)
    }

    /// Stores them; the links of those that changed wait to be read.
    pub fn commit_changes(&mut self, commit: &ChangesCommit<'_>) -> Result<PageStored, Error> {
        let tx = self.begin()?;
        let mut table = Table::open(&tx, commit.object, commit.at)?;
        let at = commit.at.to_string();
        for record in commit.records {
            if table.store(record, commit.asked, None)? {
                queue::wait(&tx, commit.object, &Waiting::Links, record.id, None, &at)?;
            }
        }
        for unreadable in commit.unreadable {
            table.set_aside(unreadable)?;
        }
        for id in commit.absent {
            table.missed(*id)?;
        }
        let stored = table.close()?;
        save(&tx, commit.point, &at)?;
        tx.commit()?;
        Ok(stored)
    }

    /// Fills values into rows that have the stamp of the answer. A row with another stamp is left alone: what it is
    /// about to become, or has become since, is read as a whole, and a stamp must not run ahead of its values.
    pub fn commit_fill(&mut self, commit: &FillCommit<'_>) -> Result<PageStored, Error> {
        let tx = self.begin()?;
        let mut table = Table::open(&tx, commit.object, commit.at)?;
        for record in commit.records {
            table.fill(record, commit.names)?;
        }
        for id in commit.absent {
            table.missed(*id)?;
        }
        let stored = table.close()?;
        save(&tx, Some(commit.point), &commit.at.to_string())?;
        tx.commit()?;
        Ok(stored)
    }
}

impl Table<'_> {
    /// Takes the answered values into a row that has the answer's stamp, and nothing else of the answer.
    fn fill(&mut self, record: &Record, names: &[PropertyName]) -> Result<(), Error> {
        let same =
            |row: &Row| row.updated_at == record.updated_at.to_string() && row.archived == record.archived;
        if self.row(record.id)?.is_some_and(|row| same(&row)) {
            self.store(record, Asked::Only(names), None)?;
        } else {
            self.stored.outside += 1;
        }
        Ok(())
    }

    /// A live row that was asked for and not answered.
    fn missed(&mut self, id: RecordId) -> Result<(), Error> {
        queue::waited(self.tx, self.object, &Waiting::Record, id)?;
        if self.row(id)?.is_some_and(|row| !row.archived) {
            self.suspect(id)?;
        }
        Ok(())
    }
}

fn save(tx: &rusqlite::Transaction<'_>, point: Option<Point<'_>>, at: &str) -> Result<(), Error> {
    if let Some((key, json)) = point {
        tx.prepare_cached("INSERT OR REPLACE INTO checkpoints (key, value, saved_at) VALUES (?, ?, ?)")?
            .execute(params![key, json, at])?;
    }
    Ok(())
}
