//! Links between records: complete sets in, and the ids they name that have no row yet.
//!
//! Each pair of types is kept in one direction. A set that was read from the other side takes its place there.

use crm::{AssociationType, Link, LinkSet, ObjectType, Pair, RecordId, Timestamp};
use rusqlite::{OptionalExtension, Transaction, params};

use crate::{
    Error, Writer,
    names::quoted,
    ranges, value,
    writer::{known, live_index},
};

/// The side from which sets of links were read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// `set.from` is a `from_id` of the pair.
    From,
    /// `set.from` is a `to_id`, and its links name `from_id`s; the types are already those of the kept direction.
    To,
}

/// Complete sets of links of some records of one pair.
#[derive(Debug, Clone, Copy)]
pub struct LinksCommit<'a> {
    pub pair: &'a Pair,
    pub side: Side,
    /// Done with these sets.
    pub range: Option<i64>,
    pub sets: &'a [LinkSet],
    /// Records whose links could not be read, with the reason: what is here of them stays, and they wait in `queue`.
    pub failed: &'a [(RecordId, String)],
    pub at: Timestamp,
}

/// What the queue calls the links of a pair.
fn queued_as(pair: &Pair) -> String {
    format!("links:{pair}")
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LinksStored {
    /// Records whose set was read.
    pub records: u64,
    /// Links these records have now, and how many of them are new or different.
    pub links: u64,
    pub added: u64,
    pub removed: u64,
    /// Of a type linked with itself: records at the other end of a link that came or went. Theirs is a row of its own.
    pub others: Vec<RecordId>,
}

impl Writer {
    pub fn commit_links(&mut self, commit: &LinksCommit<'_>) -> Result<LinksStored, Error> {
        if commit.side == Side::To {
            self.index_links()?;
        }
        let pair = commit.pair;
        let tx = self.begin()?;
        let mut stored = LinksStored::default();
        for set in commit.sets {
            store_set(&tx, pair, commit.side, set, &mut stored)?;
        }
        let near = if commit.side == Side::From { &pair.from } else { &pair.to };
        wait(&tx, near, &queued_as(pair), commit)?;
        if let Some(id) = commit.range {
            let range = ranges::find(&tx, id)?.ok_or(Error::UnknownRange(id))?;
            ranges::advance(&tx, &range, range.hi - 1, None, true)?;
        }
        tx.commit()?;
        let mut resolved = self.resolved_to.borrow_mut();
        resolved.remove(&pair.from);
        resolved.remove(&pair.to);
        drop(resolved);
        Ok(stored)
    }

    /// Records of one side of a pair whose links are to be read again, the longest waiting first.
    pub fn queued_links(&self, pair: &Pair, side: Side, limit: usize) -> Result<Vec<RecordId>, Error> {
        let near = if side == Side::From { &pair.from } else { &pair.to };
        let mut statement = self.conn.prepare_cached(
            "SELECT id FROM queue WHERE object_type = ? AND what = ? ORDER BY queued_at, id LIMIT ?",
        )?;
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let ids = statement
            .query_map(params![near.as_str(), queued_as(pair), limit], value::id)?
            .collect::<Result<_, _>>()?;
        Ok(ids)
    }

    /// The types of links of one direction, those that have vanished left out.
    pub fn association_types(&self, pair: &Pair) -> Result<Vec<AssociationType>, Error> {
        let mut statement = self.conn.prepare_cached(
            "SELECT category, type_id, label FROM association_types
             WHERE from_type = ? AND to_type = ? AND archived = 0 ORDER BY type_id",
        )?;
        let types = statement.query_map([pair.from.as_str(), pair.to.as_str()], |row| {
            Ok(AssociationType {
                category: value::string(row, "category")?,
                type_id: row.get("type_id")?,
                label: value::optional_string(row, "label")?,
            })
        })?;
        Ok(types.collect::<Result<_, _>>()?)
    }

    /// The lowest live id of a type.
    pub fn first_id(&self, object: &ObjectType) -> Result<Option<RecordId>, Error> {
        known(&self.conn, object)?;
        let mut statement = self.conn.prepare_cached(&format!(
            "SELECT id FROM {} INDEXED BY {} WHERE archived = 0 ORDER BY id LIMIT 1",
            quoted(object.as_str()),
            live_index(object),
        ))?;
        Ok(statement.query_row([], value::id).optional()?)
    }

    /// Those of these ids that have no row here and may have one at HubSpot.
    pub fn without_row(&self, object: &ObjectType, ids: &[RecordId]) -> Result<Vec<RecordId>, Error> {
        known(&self.conn, object)?;
        let mut statement = self.conn.prepare_cached(&format!(
            "SELECT 1 FROM {table} WHERE id = ?2
             UNION ALL SELECT 1 FROM unreachable WHERE object_type = ?1 AND id = ?2
             UNION ALL SELECT 1 FROM merged_ids WHERE object_type = ?1 AND old_id = ?2
             UNION ALL SELECT 1 FROM erased WHERE object_type = ?1 AND id = ?2
             UNION ALL SELECT 1 FROM quarantine WHERE object_type = ?1 AND key = CAST(?2 AS TEXT)",
            table = quoted(object.as_str()),
        ))?;
        let mut without = Vec::new();
        for id in ids {
            if !statement.exists(params![object.as_str(), id.get()])? {
                without.push(*id);
            }
        }
        Ok(without)
    }

    /// Builds the index by which links are found from their other end. Nothing happens when it is there.
    pub fn index_links(&mut self) -> Result<(), Error> {
        self.conn
            .execute_batch("CREATE INDEX IF NOT EXISTS associations_to ON associations (to_type, to_id)")?;
        Ok(())
    }

    /// Ids of this type that links name and that have no row, leaving out those that HubSpot did not answer for in
    /// this run and those that could not be read. Ascending; empty when there are none.
    pub fn unresolved(&self, object: &ObjectType, limit: usize) -> Result<Vec<RecordId>, Error> {
        known(&self.conn, object)?;
        let after = self.resolved_to.borrow().get(object).copied().unwrap_or(0);
        let mut found = self.unresolved_after(object, after, limit)?;
        if found.is_empty() && after > 0 {
            found = self.unresolved_after(object, 0, limit)?;
        }
        let reached = found.last().map_or(0, |id| id.get());
        self.resolved_to
            .borrow_mut()
            .insert(object.clone(), found.first().map_or(reached, |id| id.get() - 1));
        Ok(found)
    }

    fn unresolved_after(
        &self,
        object: &ObjectType,
        after: i64,
        limit: usize,
    ) -> Result<Vec<RecordId>, Error> {
        let mut found = Vec::new();
        for side in ["from", "to"] {
            let mut statement = self.conn.prepare_cached(&format!(
                "SELECT DISTINCT {side}_id FROM associations a WHERE {side}_type = ?1 AND {side}_id > ?2
                     AND NOT EXISTS (SELECT 1 FROM {table} INDEXED BY {live} WHERE archived = 0 AND id = a.{side}_id)
                     AND NOT EXISTS (SELECT 1 FROM {table} WHERE id = a.{side}_id)
                     AND NOT EXISTS (SELECT 1 FROM unreachable WHERE object_type = ?1 AND id = a.{side}_id)
                     AND NOT EXISTS (SELECT 1 FROM merged_ids WHERE object_type = ?1 AND old_id = a.{side}_id)
                     AND NOT EXISTS (SELECT 1 FROM erased WHERE object_type = ?1 AND id = a.{side}_id)
                     AND NOT EXISTS (
                         SELECT 1 FROM quarantine WHERE object_type = ?1 AND key = CAST(a.{side}_id AS TEXT))
                 ORDER BY {side}_id LIMIT ?3",
                table = quoted(object.as_str()),
                live = live_index(object),
            ))?;
            let limit = i64::try_from(limit).unwrap_or(i64::MAX);
            for id in statement.query_map(params![object.as_str(), after, limit], value::id)? {
                found.push(id?);
            }
        }
        found.sort_unstable();
        found.dedup();
        found.truncate(limit);
        Ok(found)
    }
}

/// Removes every link of a record, in both directions.
pub(crate) fn erase(tx: &Transaction<'_>, object: &ObjectType, id: RecordId) -> Result<(), Error> {
    for side in ["from", "to"] {
        tx.prepare_cached(&format!("DELETE FROM associations WHERE {side}_type = ? AND {side}_id = ?"))?
            .execute(params![object.as_str(), id.get()])?;
    }
    Ok(())
}

/// A record went into another: its links are the other's from now on. Where both had one, the other's stays.
pub(crate) fn move_to(
    tx: &Transaction<'_>,
    object: &ObjectType,
    old: RecordId,
    into: RecordId,
) -> Result<(), Error> {
    let key = params![object.as_str(), old.get(), into.get()];
    for side in ["from", "to"] {
        tx.prepare_cached(&format!(
            "UPDATE OR IGNORE associations SET {side}_id = ?3 WHERE {side}_type = ?1 AND {side}_id = ?2"
        ))?
        .execute(key)?;
    }
    erase(tx, object, old)?;
    // What linked the two would link the record with itself.
    tx.prepare_cached(
        "DELETE FROM associations WHERE from_type = ?1 AND from_id = ?2 AND to_type = ?1 AND to_id = ?2",
    )?
    .execute(params![object.as_str(), into.get()])?;
    Ok(())
}

/// Takes records whose links were read out of the queue, and puts those in whose links were not.
fn wait(tx: &Transaction<'_>, near: &ObjectType, what: &str, commit: &LinksCommit<'_>) -> Result<(), Error> {
    // Mostly nothing waits, and asking so is cheaper than trying to delete a thousand ids.
    let waits = tx
        .prepare_cached("SELECT 1 FROM queue WHERE object_type = ? AND what = ? LIMIT 1")?
        .exists([near.as_str(), what])?;
    if waits {
        let mut read =
            tx.prepare_cached("DELETE FROM queue WHERE object_type = ? AND id = ? AND what = ?")?;
        for set in commit.sets {
            read.execute(params![near.as_str(), set.from.get(), what])?;
        }
    }
    for (id, reason) in commit.failed {
        tx.prepare_cached(
            "INSERT INTO queue (object_type, id, what, reason, queued_at) VALUES (?, ?, ?, ?, ?)
             ON CONFLICT (object_type, id, what) DO UPDATE SET reason = excluded.reason",
        )?
        .execute(params![near.as_str(), id.get(), what, reason, commit.at.to_string()])?;
    }
    Ok(())
}

fn store_set(
    tx: &Transaction<'_>,
    pair: &Pair,
    side: Side,
    set: &LinkSet,
    stored: &mut LinksStored,
) -> Result<(), Error> {
    let (from_type, to_type) = (pair.from.as_str(), pair.to.as_str());
    let this = set.from.get();
    let ends = |other: i64| if side == Side::From { (this, other) } else { (other, this) };
    // Of two equal links the one with a label is kept.
    let mut wanted: Vec<&Link> = set.links.iter().collect();
    wanted.sort_by(|a, b| key(a).cmp(&key(b)).then(b.label.cmp(&a.label)));
    wanted.dedup_by(|a, b| key(a) == key(b));
    stored.records += 1;
    stored.links += wanted.len() as u64;

    let mut here = tx.prepare_cached(match side {
        Side::From => {
            "SELECT to_id, type_id, category, label FROM associations
             WHERE from_type = ?1 AND from_id = ?2 AND to_type = ?3"
        }
        Side::To => {
            "SELECT from_id, type_id, category, label FROM associations
             WHERE to_type = ?3 AND to_id = ?2 AND from_type = ?1"
        }
    })?;
    let mut kept = vec![false; wanted.len()];
    let mut gone: Vec<(i64, i64, String)> = Vec::new();
    let mut rows = here.query(params![from_type, this, to_type])?;
    while let Some(row) = rows.next()? {
        let (other, type_id, category) = (row.get(0)?, row.get(1)?, value::string(row, "category")?);
        match wanted.binary_search_by(|link| key(link).cmp(&(other, type_id, category.as_str()))) {
            Ok(at) => kept[at] = wanted[at].label == value::optional_string(row, "label")?,
            Err(_) => gone.push((other, type_id, category)),
        }
    }
    drop(rows);
    stored.removed += gone.len() as u64;
    let is_mutual = from_type == to_type;
    for (other, type_id, category) in gone {
        let (from, to) = ends(other);
        if is_mutual {
            stored.others.extend(RecordId::new(other));
        }
        tx.prepare_cached(
            "DELETE FROM associations WHERE from_type = ? AND from_id = ? AND to_type = ? AND to_id = ?
                 AND type_id = ? AND category = ?",
        )?
        .execute(params![from_type, from, to_type, to, type_id, category])?;
    }
    let mut put = tx.prepare_cached(
        "INSERT OR REPLACE INTO associations (from_type, from_id, to_type, to_id, type_id, category, label)
         VALUES (?, ?, ?, ?, ?, ?, ?)",
    )?;
    for (link, _) in wanted.iter().zip(kept).filter(|(_, kept)| !kept) {
        let (from, to) = ends(link.to.get());
        if is_mutual {
            stored.others.push(link.to);
        }
        put.execute(params![from_type, from, to_type, to, link.type_id, link.category, link.label])?;
        stored.added += 1;
    }
    Ok(())
}

/// What tells one link of a record from another.
fn key(link: &Link) -> (i64, i64, &str) {
    (link.to.get(), link.type_id, &link.category)
}
