//! Counting and naming live rows by id and by last change, to be held against HubSpot's own counts.

use crm::{ObjectType, Record, RecordId, Timestamp};
use rusqlite::{OptionalExtension, ToSql, params};

use crate::{
    Error, Reader,
    names::quoted,
    properties, value,
    writer::{known, live_index},
};

/// Live rows by id and by time of last change. Ends are exclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    pub lo: i64,
    pub hi: i64,
    pub from: Option<Timestamp>,
    pub to: Option<Timestamp>,
}

impl Span {
    /// Every id, changed at `from` or later and before `to`.
    pub fn whole(from: Option<Timestamp>, to: Option<Timestamp>) -> Span {
        Span { lo: 1, hi: i64::MAX, from, to }
    }

    pub fn holds(&self, id: RecordId, changed: Timestamp) -> bool {
        (self.lo..self.hi).contains(&id.get())
            && self.from.is_none_or(|from| changed >= from)
            && self.to.is_none_or(|to| changed < to)
    }

    fn stamps(&self) -> (String, String) {
        // Texts of times sort as times do; nothing sorts after `~`.
        (value::time(self.from).unwrap_or_default(), value::time(self.to).unwrap_or_else(|| "~".to_owned()))
    }
}

/// How a row and a fresh answer about it differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    pub id: RecordId,
    /// Nothing is here that is alive.
    pub missing: bool,
    /// When the row was last changed.
    pub changed: Option<Timestamp>,
    /// Properties that were asked for and differ.
    pub properties: Vec<String>,
}

impl Reader {
    pub fn count_within(&self, object: &ObjectType, span: &Span) -> Result<u64, Error> {
        let count: i64 = self.within(object, span, "count(*)", "", &[], |row| row.get(0))?.unwrap_or(0);
        Ok(u64::try_from(count).unwrap_or(0))
    }

    /// The id of the row at this place of the span, counted from 0 in ascending order of ids.
    pub fn id_at(&self, object: &ObjectType, span: &Span, place: u64) -> Result<Option<RecordId>, Error> {
        let place = i64::try_from(place).unwrap_or(i64::MAX);
        self.within(object, span, "id", "ORDER BY id LIMIT 1 OFFSET ?", &[&place], value::id)
    }

    /// Ids of the span and when each was last changed, ascending.
    pub fn ids_within(&self, object: &ObjectType, span: &Span) -> Result<Vec<(RecordId, Timestamp)>, Error> {
        let mut found = Vec::new();
        self.each_within(object, span, |id, changed| found.push((id, changed)))?;
        Ok(found)
    }

    /// First ids of `parts` pieces of the span that hold equally many rows; fewer where there are fewer rows. The first
    /// piece begins where the span does.
    pub fn cuts_by_id(&self, object: &ObjectType, span: &Span, parts: u64) -> Result<Vec<i64>, Error> {
        let rows = self.count_within(object, span)?;
        let (mut cuts, mut place) = (vec![span.lo], 0_u64);
        let per = rows.div_ceil(parts.max(1)).max(1);
        self.each_within(object, span, |id, _| {
            if place > 0 && place.is_multiple_of(per) {
                cuts.push(id.get());
            }
            place += 1;
        })?;
        Ok(cuts)
    }

    /// The same by time of last change, to the minute: rows of one minute stay together.
    pub fn cuts_by_change(
        &self,
        object: &ObjectType,
        span: &Span,
        parts: u64,
    ) -> Result<Vec<Timestamp>, Error> {
        known(&self.conn, object)?;
        let rows = self.count_within(object, span)?;
        let per = rows.div_ceil(parts.max(1)).max(1);
        let mut statement = self.conn.prepare_cached(&format!(
            "SELECT substr(updated_at, 1, 16) || ':00.000Z' AS minute, count(*) FROM {} INDEXED BY {}
             WHERE archived = 0 AND id >= ? AND id < ? AND updated_at >= ? AND updated_at < ?
             GROUP BY minute ORDER BY minute",
            quoted(object.as_str()),
            live_index(object),
        ))?;
        let (from, to) = span.stamps();
        let mut minutes = statement.query(params![span.lo, span.hi, from, to])?;
        let (mut cuts, mut held) = (Vec::new(), 0_u64);
        while let Some(row) = minutes.next()? {
            if held >= per {
                cuts.push(value::parsed(row, "minute")?);
                held = 0;
            }
            held += u64::try_from(row.get::<_, i64>(1)?).unwrap_or(0);
        }
        Ok(cuts)
    }

    /// When each of these rows was last changed, if it is here and alive.
    pub fn changed_at(
        &self,
        object: &ObjectType,
        ids: &[RecordId],
    ) -> Result<Vec<(RecordId, Timestamp)>, Error> {
        known(&self.conn, object)?;
        let mut statement = self.conn.prepare_cached(&format!(
            "SELECT id, updated_at FROM {} INDEXED BY {} WHERE archived = 0 AND id = ?",
            quoted(object.as_str()),
            live_index(object),
        ))?;
        let mut found = Vec::with_capacity(ids.len());
        for id in ids {
            let row = statement.query_row([id.get()], |row| value::parsed(row, "updated_at"));
            found.extend(row.optional()?.map(|changed| (*id, changed)));
        }
        Ok(found)
    }

    /// The rows at these places of the span, ascending places counted from 0 in ascending order of ids.
    pub fn ids_at(&self, object: &ObjectType, span: &Span, places: &[u64]) -> Result<Vec<RecordId>, Error> {
        let (mut wanted, mut place, mut found) = (places.iter().peekable(), 0_u64, Vec::new());
        self.each_within(object, span, |id, _| {
            while wanted.next_if(|wanted| **wanted == place).is_some() {
                found.push(id);
            }
            place += 1;
        })?;
        Ok(found)
    }

    /// Holds fresh answers against the rows: what differs in the properties that `asked` names.
    pub fn compare(
        &self,
        object: &ObjectType,
        records: &[Record],
        asked: impl Fn(&str) -> bool,
    ) -> Result<Vec<Difference>, Error> {
        known(&self.conn, object)?;
        let mut statement = self.conn.prepare_cached(&format!(
            "SELECT updated_at, properties FROM {} WHERE archived = 0 AND id = ?",
            quoted(object.as_str()),
        ))?;
        let mut differences = Vec::new();
        for record in records {
            let row = statement.query_row([record.id.get()], |row| {
                Ok((value::parsed::<Timestamp>(row, "updated_at")?, value::string(row, "properties")?))
            });
            let Some((changed, stored)) = row.optional()? else {
                let (missing, properties) = (true, Vec::new());
                differences.push(Difference { id: record.id, missing, changed: None, properties });
                continue;
            };
            let properties: Vec<String> = properties::changes(&stored, &record.properties)
                .into_iter()
                .map(|change| change.property.into_owned())
                .filter(|name| asked(name))
                .collect();
            if changed != record.updated_at || !properties.is_empty() {
                let changed = Some(changed);
                differences.push(Difference { id: record.id, missing: false, changed, properties });
            }
        }
        Ok(differences)
    }

    fn each_within(
        &self,
        object: &ObjectType,
        span: &Span,
        mut each: impl FnMut(RecordId, Timestamp),
    ) -> Result<(), Error> {
        known(&self.conn, object)?;
        let mut statement = self.conn.prepare_cached(&format!(
            "SELECT id, updated_at FROM {} INDEXED BY {}
             WHERE archived = 0 AND id >= ? AND id < ? AND updated_at >= ? AND updated_at < ? ORDER BY id",
            quoted(object.as_str()),
            live_index(object),
        ))?;
        let (from, to) = span.stamps();
        let mut rows = statement.query(params![span.lo, span.hi, from, to])?;
        while let Some(row) = rows.next()? {
            each(value::id(row)?, value::parsed(row, "updated_at")?);
        }
        Ok(())
    }

    fn within<T>(
        &self,
        object: &ObjectType,
        span: &Span,
        what: &str,
        then: &str,
        more: &[&dyn ToSql],
        read: impl FnOnce(&rusqlite::Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Option<T>, Error> {
        known(&self.conn, object)?;
        let mut statement = self.conn.prepare_cached(&format!(
            "SELECT {what} FROM {} INDEXED BY {}
             WHERE archived = 0 AND id >= ? AND id < ? AND updated_at >= ? AND updated_at < ? {then}",
            quoted(object.as_str()),
            live_index(object),
        ))?;
        let (from, to) = span.stamps();
        let bounds: [&dyn ToSql; 4] = [&span.lo, &span.hi, &from, &to];
        let all: Vec<&dyn ToSql> = bounds.into_iter().chain(more.iter().copied()).collect();
        Ok(statement.query_row(&all[..], read).optional()?)
    }
}
