//! Rows that one side names and the other does not, and what a closer look makes of them.

use crm::{ObjectType, Record, RecordId, Timestamp};
use rusqlite::{Transaction, params};

use crate::{
    Asked, Error, PageStored, Writer, links,
    names::quoted,
    records::Table,
    value,
    writer::{archived_index, known},
};

/// What a closer look at one id found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    Live(Record),
    Archived {
        at: Option<Timestamp>,
    },
    Merged {
        into: RecordId,
    },
    /// Gone for good: every trace of it is erased, but that it was.
    Gone,
}

impl Writer {
    /// Rows that a full listing did not name, until they are settled.
    pub fn suspects(&self, object: &ObjectType, limit: usize) -> Result<Vec<RecordId>, Error> {
        let mut statement =
            self.conn.prepare_cached("SELECT id FROM suspects WHERE object_type = ? ORDER BY id LIMIT ?")?;
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let ids =
            statement.query_map(params![object.as_str(), limit], value::id)?.collect::<Result<_, _>>()?;
        Ok(ids)
    }

    /// Notes rows for a closer look.
    pub fn suspect(&mut self, object: &ObjectType, ids: &[RecordId], at: Timestamp) -> Result<(), Error> {
        let tx = self.begin()?;
        for id in ids {
            tx.prepare_cached("INSERT OR IGNORE INTO suspects VALUES (?, ?, ?)")?.execute(params![
                object.as_str(),
                id.get(),
                at.to_string()
            ])?;
        }
        Ok(tx.commit()?)
    }

    /// Makes sure of the index by which archived rows are found; mirrors of earlier versions have none.
    pub fn index_archived(&mut self, object: &ObjectType) -> Result<(), Error> {
        known(&self.conn, object)?;
        let (index, table) = (archived_index(object), quoted(object.as_str()));
        self.conn.execute_batch(&format!(
            "CREATE INDEX IF NOT EXISTS {index} ON {table} (id, archived_at) WHERE archived = 1"
        ))?;
        Ok(())
    }

    /// Rows in `lo..hi` that were archived at `since` or later, or nobody knows when, and not merged away; ascending.
    pub fn archived_within(
        &self,
        object: &ObjectType,
        lo: i64,
        hi: i64,
        since: Timestamp,
    ) -> Result<Vec<RecordId>, Error> {
        known(&self.conn, object)?;
        let mut statement = self.conn.prepare_cached(&format!(
            "SELECT id FROM {} WHERE archived = 1 AND id >= ? AND id < ? AND coalesce(archived_at, '~') >= ?
                 AND merged_into IS NULL ORDER BY id",
            quoted(object.as_str()),
        ))?;
        let ids = statement.query_map(params![lo, hi, since.to_string()], value::id)?;
        Ok(ids.collect::<Result<_, _>>()?)
    }

    /// Makes the rows say what was found. `asked` tells what live answers speak for.
    pub fn settle(
        &mut self,
        object: &ObjectType,
        verdicts: &[(RecordId, Verdict)],
        asked: Asked<'_>,
        at: Timestamp,
    ) -> Result<PageStored, Error> {
        if verdicts.iter().any(|(_, verdict)| matches!(verdict, Verdict::Gone | Verdict::Archived { .. })) {
            self.index_links()?;
        }
        let tx = self.begin()?;
        let mut table = Table::open(&tx, object, at)?;
        table.trust();
        for (id, verdict) in verdicts {
            match verdict {
                Verdict::Live(record) => drop(table.store(record, asked, None)?),
                Verdict::Archived { at } => table.archive(*id, *at)?,
                Verdict::Merged { into } => table.merge(*id, *into)?,
                Verdict::Gone => erase(&tx, &mut table, object, *id, at)?,
            }
            tx.prepare_cached("DELETE FROM suspects WHERE object_type = ? AND id = ?")?
                .execute(params![object.as_str(), id.get()])?;
        }
        let stored = table.close()?;
        tx.commit()?;
        self.resolved_to.borrow_mut().remove(object);
        Ok(stored)
    }
}

fn erase(
    tx: &Transaction<'_>,
    table: &mut Table<'_>,
    object: &ObjectType,
    id: RecordId,
    at: Timestamp,
) -> Result<(), Error> {
    // What was merged into the record is the same person.
    let mut ids = vec![id];
    {
        let mut merged =
            tx.prepare_cached("SELECT old_id FROM merged_ids WHERE object_type = ? AND id = ?")?;
        let rows = merged.query_map(params![object.as_str(), id.get()], value::id)?;
        for old in rows {
            ids.push(old?);
        }
    }
    // An example of a value may be one of theirs.
    tx.prepare_cached("UPDATE property_statistics SET samples = '[]' WHERE object_type = ?")?
        .execute([object.as_str()])?;
    tx.prepare_cached("DELETE FROM checkpoints WHERE key = ?")?.execute([format!("statistics:{object}")])?;
    for id in ids {
        let key = params![object.as_str(), id.get()];
        table.remove(id)?;
        links::erase(tx, object, id)?;
        tx.prepare_cached("DELETE FROM history WHERE object_type = ? AND id = ?")?.execute(key)?;
        tx.prepare_cached("DELETE FROM queue WHERE object_type = ? AND id = ?")?.execute(key)?;
        for table in ["queue", "exclusions"] {
            tx.prepare_cached(&format!("DELETE FROM {table} WHERE object_type = ? AND id = ?"))?
                .execute(key)?;
        }
        tx.prepare_cached("DELETE FROM quarantine WHERE object_type = ? AND key = ?")?
            .execute(params![object.as_str(), id.to_string()])?;
        tx.prepare_cached("DELETE FROM merged_ids WHERE object_type = ?1 AND (old_id = ?2 OR id = ?2)")?
            .execute(key)?;
        tx.prepare_cached("INSERT OR REPLACE INTO erased VALUES (?, ?, ?)")?.execute(params![
            object.as_str(),
            id.get(),
            at.to_string()
        ])?;
    }
    Ok(())
}
