//! Records on their way in: a page and the point its range has reached are committed together or not at all.
//!
//! The rule for one record: an older answer never overwrites a newer row; the same stamp with the same properties is
//! not written at all; anything else replaces the row, and what changed goes to `history`. A record that was archived
//! here and is listed live again is live again; one that was merged away here only if a closer look says so too, for
//! HubSpot does not undo a merge, and the listing may be older than it.

use std::{borrow::Cow, collections::HashSet};

use crm::{ObjectType, PropertyName, Record, RecordId, Timestamp, Unreadable};
use rusqlite::{CachedStatement, OptionalExtension, Transaction, params};

use crate::{
    Error, Writer,
    exclusions::Marks,
    fulltext::Words,
    links,
    names::quoted,
    picks, properties,
    queue::{self, Waiting},
    ranges, stored, value,
    writer::{known, live_index},
};

/// What an answer is about.
#[derive(Debug, Clone, Copy)]
pub enum Asked<'a> {
    /// Everything that is stored: what is missing is empty.
    All,
    /// These properties only: stored values of others stay.
    Only(&'a [PropertyName]),
}

/// One page of a range, with the point the range has reached after it.
#[derive(Debug, Clone, Copy)]
pub struct PageCommit<'a> {
    pub object: &'a ObjectType,
    pub range: i64,
    /// Ascending by id.
    pub records: &'a [Record],
    pub unreadable: &'a [Unreadable],
    /// Every id after the range's last point, up to this one, has now been answered for.
    pub past: i64,
    pub cursor: Option<&'a str>,
    pub done: bool,
    /// A record older than this is stored only if it already has a row.
    pub keep_since: Option<Timestamp>,
    /// Live rows in that interval which this page did not name become suspects.
    pub sweep: bool,
    pub asked: Asked<'a>,
    pub at: Timestamp,
}

/// What became of a page's records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PageStored {
    pub inserted: u64,
    pub updated: u64,
    pub unchanged: u64,
    /// Older than asked for, and not kept.
    pub outside: u64,
    pub suspects: u64,
    /// Set aside: what HubSpot sent could not be read, or could not be kept.
    pub quarantined: u64,
    /// Live before, and archived, merged away or erased now.
    pub removed: u64,
}

impl Writer {
    pub fn commit_page(&mut self, page: &PageCommit<'_>) -> Result<PageStored, Error> {
        let tx = self.begin()?;
        let range = ranges::find(&tx, page.range)?.ok_or(Error::UnknownRange(page.range))?;
        let mut table = Table::open(&tx, page.object, page.at)?;
        for record in page.records {
            table.store(record, page.asked, page.keep_since)?;
        }
        for unreadable in page.unreadable {
            table.set_aside(unreadable)?;
        }
        if page.sweep {
            table.sweep(range.past, page.past.min(range.hi - 1), page.records, page.unreadable)?;
        }
        let stored = table.close()?;
        ranges::advance(&tx, &range, page.past, page.cursor, page.done)?;
        tx.commit()?;
        Ok(stored)
    }

    /// Stores records that links name. Ids that HubSpot did not answer for are not asked again in this run.
    pub fn commit_linked(
        &mut self,
        object: &ObjectType,
        records: &[Record],
        unreadable: &[Unreadable],
        absent: &[RecordId],
        at: Timestamp,
    ) -> Result<PageStored, Error> {
        let tx = self.begin()?;
        let mut table = Table::open(&tx, object, at)?;
        for record in records {
            table.store(record, Asked::All, None)?;
        }
        for unreadable in unreadable {
            table.set_aside(unreadable)?;
        }
        let stored = table.close()?;
        for id in absent {
            tx.prepare_cached("INSERT OR IGNORE INTO unreachable VALUES (?, ?, ?)")?.execute(params![
                object.as_str(),
                id.get(),
                at.to_string()
            ])?;
        }
        tx.commit()?;
        Ok(stored)
    }
}

const UPDATED: &str =
    "created_at = coalesce(?2, created_at), updated_at = ?3, archived = ?4, archived_at = ?5,
    merged_into = ?6, synced_at = ?7, properties = ?8";

/// One object type's table inside one transaction.
pub(crate) struct Table<'t> {
    pub(crate) tx: &'t Transaction<'t>,
    pub(crate) object: &'t ObjectType,
    pub(crate) at: String,
    find: CachedStatement<'t>,
    insert: CachedStatement<'t>,
    update: CachedStatement<'t>,
    update_picked: CachedStatement<'t>,
    pub(crate) stored: PageStored,
    live: i64,
    archived: i64,
    written: i64,
    /// Properties that `picked` repeats.
    picked: Vec<String>,
    /// Properties that are asked for only since a while.
    refilling: Vec<String>,
    words: Option<Words<'t>>,
    /// Where the rules leave some of the type out.
    marks: Option<Marks>,
    /// Whether there is anything to take back when a record turns up. Mostly there is not, and asking costs.
    has: Leftovers,
    /// Answers come from a closer look at single records.
    trusted: bool,
}

/// Which of the side tables hold anything of this object type.
struct Leftovers {
    suspects: bool,
    quarantine: bool,
    queue: bool,
    erased: bool,
}

pub(crate) struct Row {
    pub(crate) updated_at: String,
    pub(crate) archived: bool,
    archived_at: Option<String>,
    merged_into: Option<i64>,
    properties: String,
    picked: String,
}

impl Row {
    /// Whether the row is what the record says, to the byte.
    fn says(&self, record: &Record) -> bool {
        self.merged_into.is_none()
            && self.archived == record.archived
            && self.properties == record.properties
            && self.updated_at == record.updated_at.to_string()
    }

    /// What full text knows of the row.
    fn text(&self) -> Option<&str> {
        Some(&*self.properties).filter(|_| !self.archived)
    }
}

impl<'t> Table<'t> {
    pub(crate) fn open(
        tx: &'t Transaction<'t>,
        object: &'t ObjectType,
        at: Timestamp,
    ) -> Result<Table<'t>, Error> {
        known(tx, object)?;
        let table = quoted(object.as_str());
        let any =
            |sql: &str| -> Result<bool, Error> { Ok(tx.prepare_cached(sql)?.exists([object.as_str()])?) };
        Ok(Table {
            tx,
            object,
            at: at.to_string(),
            find: tx.prepare_cached(&format!(
                "SELECT updated_at, archived, archived_at, merged_into, properties, picked FROM {table} WHERE id = ?"
            ))?,
            insert: tx.prepare_cached(&format!(
                "INSERT INTO {table} (id, created_at, updated_at, archived, archived_at, synced_at, picked, properties)
                 VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
            ))?,
            // `picked` is named only when it has changed: naming it touches every index over a pick.
            update: tx.prepare_cached(&format!("UPDATE {table} SET {UPDATED} WHERE id = ?1"))?,
            update_picked: tx.prepare_cached(&format!("UPDATE {table} SET {UPDATED}, picked = ?9 WHERE id = ?1"))?,
            stored: PageStored::default(),
            live: 0,
            archived: 0,
            written: 0,
            picked: picks::repeated(tx, object)?,
            refilling: stored::refilling(tx, object)?,
            words: Words::open(tx, object)?,
            marks: Marks::open(tx, object)?,
            has: Leftovers {
                suspects: any("SELECT 1 FROM suspects WHERE object_type = ? LIMIT 1")?,
                quarantine: any("SELECT 1 FROM quarantine WHERE object_type = ? LIMIT 1")?,
                queue: any("SELECT 1 FROM queue WHERE object_type = ? AND what = 'record' LIMIT 1")?,
                erased: any("SELECT 1 FROM erased WHERE object_type = ? LIMIT 1")?,
            },
            trusted: false,
        })
    }

    /// What follows comes from a closer look, and is believed even where it undoes a merge.
    pub(crate) fn trust(&mut self) {
        self.trusted = true;
    }

    /// True if the row is new or another one than before.
    pub(crate) fn store(
        &mut self,
        record: &Record,
        asked: Asked<'_>,
        keep_since: Option<Timestamp>,
    ) -> Result<bool, Error> {
        let row = self.row(record.id)?;
        if row.is_none() && keep_since.is_some_and(|since| record.updated_at < since) {
            self.stored.outside += 1;
            return Ok(false);
        }
        let was_merged = row.as_ref().is_some_and(|row| row.merged_into.is_some());
        if was_merged && !record.archived && !self.trusted {
            self.stored.unchanged += 1;
            self.suspect(record.id)?;
            return Ok(false);
        }
        if row.as_ref().is_some_and(|row| row.says(record)) {
            self.stored.unchanged += 1;
            self.forget_leftovers(record.id)?;
            return Ok(false);
        }
        let Some(picked) = properties::excerpt(&record.properties, &self.picked) else {
            self.set_aside(&Unreadable {
                id: Some(record.id.to_string()),
                reason: "the properties are not a JSON object".to_owned(),
                body: record.properties.clone(),
            })?;
            return Ok(false);
        };
        let before = self.stored.inserted + self.stored.updated;
        match row {
            None => self.add(record, &picked)?,
            Some(row) => self.replace(record, &row, asked, picked)?,
        }
        self.forget_leftovers(record.id)?;
        Ok(self.stored.inserted + self.stored.updated > before)
    }

    /// Ends the page: the counts of the type follow its rows.
    pub(crate) fn close(self) -> Result<PageStored, Error> {
        if self.written > 0 {
            self.tx
                .prepare_cached(
                    "UPDATE object_types SET live = live + ?, archived = archived + ?, changes = changes + ?
                     WHERE object_type = ?",
                )?
                .execute(params![self.live, self.archived, self.written, self.object.as_str()])?;
        }
        if let Some(marks) = self.marks {
            marks.close(self.tx, self.object)?;
        }
        Ok(self.stored)
    }

    pub(crate) fn row(&mut self, id: RecordId) -> Result<Option<Row>, Error> {
        let row = self.find.query_row([id.get()], |row| {
            Ok(Row {
                updated_at: row.get(0)?,
                archived: row.get(1)?,
                archived_at: row.get(2)?,
                merged_into: row.get(3)?,
                properties: row.get(4)?,
                picked: row.get(5)?,
            })
        });
        Ok(row.optional()?)
    }

    fn add(&mut self, record: &Record, picked: &str) -> Result<(), Error> {
        self.insert.execute(params![
            record.id.get(),
            value::time(record.created_at),
            record.updated_at.to_string(),
            record.archived,
            value::time(record.archived_at),
            self.at,
            picked,
            record.properties,
        ])?;
        self.stored.inserted += 1;
        self.written += 1;
        self.count(record.archived, 1);
        self.follow(record.id, None, Some(&*record.properties).filter(|_| !record.archived))?;
        if self.has.erased {
            self.tx
                .prepare_cached("DELETE FROM erased WHERE object_type = ? AND id = ?")?
                .execute(params![self.object.as_str(), record.id.get()])?;
        }
        self.absorb(record)
    }

    fn replace(&mut self, record: &Record, row: &Row, asked: Asked<'_>, picked: String) -> Result<(), Error> {
        let updated_at = record.updated_at.to_string();
        let properties = properties::merged(&row.properties, &record.properties, asked);
        let same_stamp = updated_at == row.updated_at;
        let changes = if *properties == *row.properties {
            Vec::new()
        } else {
            properties::changes(&row.properties, &properties)
        };
        let restored = row.merged_into.is_some() && !record.archived;
        let same_state = !restored && record.archived == row.archived;
        if updated_at < row.updated_at || (same_stamp && same_state && changes.is_empty()) {
            self.stored.unchanged += 1;
            return Ok(());
        }
        let archived_at = if record.archived {
            value::time(record.archived_at).or_else(|| row.archived_at.clone())
        } else {
            None
        };
        let picked = match &properties {
            Cow::Borrowed(_) => picked,
            Cow::Owned(merged) => properties::excerpt(merged, &self.picked).unwrap_or_default(),
        };
        let (id, created_at) = (record.id.get(), value::time(record.created_at));
        let merged_into = row.merged_into.filter(|_| record.archived);
        let archived = record.archived;
        if picked == row.picked {
            self.update.execute(params![
                id,
                created_at,
                updated_at,
                archived,
                archived_at,
                merged_into,
                self.at,
                properties
            ])?;
        } else {
            self.update_picked.execute(params![
                id,
                created_at,
                updated_at,
                archived,
                archived_at,
                merged_into,
                self.at,
                properties,
                picked
            ])?;
        }
        for change in &changes {
            // Under an unchanged stamp nobody did anything: a value that turns up was there before (so it was where the
            // property is only now asked for), and what an answer to some properties brings is a refill, or a calculated
            // property that was looked at again.
            let is_first = change.old.is_none()
                && (same_stamp || self.refilling.iter().any(|name| *name == change.property));
            if is_first || (same_stamp && matches!(asked, Asked::Only(_))) {
                continue;
            }
            self.tx
                .prepare_cached(
                    "INSERT INTO history (object_type, id, property, old, new, seen_at) VALUES (?, ?, ?, ?, ?, ?)",
                )?
                .execute(params![
                    self.object.as_str(),
                    record.id.get(),
                    change.property,
                    change.old,
                    change.new,
                    self.at
                ])?;
        }
        if restored {
            self.tx
                .prepare_cached("DELETE FROM merged_ids WHERE object_type = ? AND old_id = ?")?
                .execute(params![self.object.as_str(), record.id.get()])?;
        }
        self.count(row.archived, -1);
        self.count(record.archived, 1);
        self.follow(record.id, row.text(), Some(&*properties).filter(|_| !record.archived))?;
        self.stored.updated += 1;
        self.written += 1;
        self.absorb(record)
    }

    /// Points every id that was merged into this record to it.
    fn absorb(&mut self, record: &Record) -> Result<(), Error> {
        for old in record.merged_ids.iter().filter(|old| **old != record.id) {
            self.merge(*old, record.id)?;
        }
        Ok(())
    }

    pub(crate) fn merge(&mut self, old: RecordId, into: RecordId) -> Result<(), Error> {
        let into = self.survivor(into)?.filter(|last| *last != old).unwrap_or(into);
        let table = self.object.as_str();
        // Chains are resolved as they grow: whatever led to the old id leads to the new one.
        self.tx
            .prepare_cached(&format!(
                "UPDATE {} SET merged_into = ?3 WHERE id <> ?3 AND id IN
                     (SELECT old_id FROM merged_ids WHERE object_type = ?1 AND id = ?2)",
                quoted(table)
            ))?
            .execute(params![table, old.get(), into.get()])?;
        self.tx
            .prepare_cached(
                "UPDATE merged_ids SET id = ?3 WHERE object_type = ?1 AND id = ?2 AND old_id <> ?3",
            )?
            .execute(params![table, old.get(), into.get()])?;
        self.tx
            .prepare_cached("INSERT OR REPLACE INTO merged_ids (object_type, old_id, id) VALUES (?, ?, ?)")?
            .execute(params![table, old.get(), into.get()])?;
        let Some(row) = self.row(old)? else { return Ok(()) };
        if row.merged_into == Some(into.get()) && row.archived {
            return Ok(());
        }
        self.tx
            .prepare_cached(&format!(
                "UPDATE {} SET merged_into = ?2, archived = 1, archived_at = coalesce(archived_at, ?3) WHERE id = ?1",
                quoted(table)
            ))?
            .execute(params![old.get(), into.get(), self.at])?;
        self.stored.removed += u64::from(!row.archived);
        self.written += 1;
        self.count(row.archived, -1);
        self.count(true, 1);
        self.follow(old, row.text(), None)?;
        links::move_to(self.tx, self.object, old, into)
    }

    /// Where a record went that was merged away; none if it was not.
    fn survivor(&self, id: RecordId) -> Result<Option<RecordId>, Error> {
        let mut statement =
            self.tx.prepare_cached("SELECT id FROM merged_ids WHERE object_type = ? AND old_id = ?")?;
        Ok(statement.query_row(params![self.object.as_str(), id.get()], value::id).optional()?)
    }

    /// Marks a row as archived; one that is not here, or is archived already, stays as it is.
    pub(crate) fn archive(&mut self, id: RecordId, archived_at: Option<Timestamp>) -> Result<(), Error> {
        let Some(row) = self.row(id)?.filter(|row| !row.archived) else { return Ok(()) };
        self.tx
            .prepare_cached(&format!(
                "UPDATE {} SET archived = 1, archived_at = ?2, synced_at = ?3 WHERE id = ?1",
                quoted(self.object.as_str())
            ))?
            .execute(params![id.get(), value::time(archived_at), self.at])?;
        self.stored.removed += 1;
        self.written += 1;
        self.count(false, -1);
        self.count(true, 1);
        // HubSpot shows no links of what is archived; restored, a record counts as changed, and its links are read.
        links::erase(self.tx, self.object, id)?;
        self.follow(id, row.text(), None)
    }

    /// Takes a row out of the table.
    pub(crate) fn remove(&mut self, id: RecordId) -> Result<(), Error> {
        let Some(row) = self.row(id)? else { return Ok(()) };
        self.tx
            .prepare_cached(&format!("DELETE FROM {} WHERE id = ?", quoted(self.object.as_str())))?
            .execute([id.get()])?;
        self.stored.removed += u64::from(!row.archived);
        self.written += 1;
        self.count(row.archived, -1);
        self.follow(id, row.text(), None)
    }

    pub(crate) fn set_aside(&mut self, unreadable: &Unreadable) -> Result<(), Error> {
        let key = unreadable.id.clone().unwrap_or_else(|| fingerprint(&unreadable.body));
        self.tx.prepare_cached("INSERT OR REPLACE INTO quarantine VALUES (?, ?, ?, ?, ?, ?)")?.execute(
            params![self.object.as_str(), key, unreadable.id, unreadable.reason, unreadable.body, self.at],
        )?;
        self.stored.quarantined += 1;
        // What was not delivered may be another time; what was and cannot be read stays so until it is changed.
        match unreadable.id.as_deref().and_then(|id| id.parse().ok()) {
            Some(id) if unreadable.body.is_empty() => {
                let reason = Some(&*unreadable.reason);
                queue::wait(self.tx, self.object, &Waiting::Record, id, reason, &self.at)
            }
            _ => Ok(()),
        }
    }

    /// Live rows after `from`, up to `to`, that the page did not name.
    fn sweep(
        &mut self,
        from: i64,
        to: i64,
        records: &[Record],
        unreadable: &[Unreadable],
    ) -> Result<(), Error> {
        let mut named: HashSet<i64> = records.iter().map(|record| record.id.get()).collect();
        named.extend(unreadable.iter().filter_map(|record| record.id.as_deref()?.parse::<i64>().ok()));
        let mut here = self.tx.prepare_cached(&format!(
            "SELECT id FROM {} INDEXED BY {} WHERE archived = 0 AND id > ? AND id <= ?",
            quoted(self.object.as_str()),
            live_index(self.object)
        ))?;
        let mut suspects = Vec::new();
        let mut rows = here.query([from, to])?;
        while let Some(row) = rows.next()? {
            let id = value::id(row)?;
            if !named.contains(&id.get()) {
                suspects.push(id);
            }
        }
        drop(rows);
        drop(here);
        suspects.into_iter().try_for_each(|id| self.suspect(id))
    }

    pub(crate) fn suspect(&mut self, id: RecordId) -> Result<(), Error> {
        let added = self
            .tx
            .prepare_cached("INSERT OR IGNORE INTO suspects VALUES (?, ?, ?)")?
            .execute(params![self.object.as_str(), id.get(), self.at])?;
        self.stored.suspects += u64::from(added > 0);
        Ok(())
    }

    /// A record that is stored is no suspect, and its unreadable form is out of date.
    fn forget_leftovers(&self, id: RecordId) -> Result<(), Error> {
        let table = self.object.as_str();
        if self.has.suspects {
            self.tx
                .prepare_cached("DELETE FROM suspects WHERE object_type = ? AND id = ?")?
                .execute(params![table, id.get()])?;
        }
        if self.has.quarantine {
            self.tx
                .prepare_cached("DELETE FROM quarantine WHERE object_type = ? AND key = ?")?
                .execute(params![table, id.to_string()])?;
        }
        if self.has.queue {
            queue::waited(self.tx, self.object, &Waiting::Record, id)?;
        }
        Ok(())
    }

    fn follow(&mut self, id: RecordId, old: Option<&str>, new: Option<&str>) -> Result<(), Error> {
        if let Some(marks) = &mut self.marks {
            marks.touch(id.get());
        }
        match &mut self.words {
            Some(words) => words.follow(id.get(), old, new),
            None => Ok(()),
        }
    }

    fn count(&mut self, archived: bool, by: i64) {
        *(if archived { &mut self.archived } else { &mut self.live }) += by;
    }
}

/// A short name for a body that came without an id, so that seeing it again adds nothing.
fn fingerprint(body: &str) -> String {
    let hash = body.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    format!("body:{hash:016x}")
}
