//! How far each stream has come: disjoint ranges of ids, each walked upwards only.

use crm::{ObjectType, Timestamp};
use rusqlite::{Connection, OptionalExtension, Row, Transaction, params};

use crate::{Error, Writer};

/// Part of a stream: ids from `lo` up to and not including `hi`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Range {
    pub id: i64,
    /// An object type (`contacts`) or the links of a pair (`links:contacts>companies`).
    pub stream: String,
    pub lo: i64,
    pub hi: i64,
    /// The last id answered for; `lo - 1` at first.
    pub past: i64,
    pub cursor: Option<String>,
    pub way: String,
    pub done: bool,
}

impl Writer {
    /// The ranges of a stream, the lowest ids first.
    pub fn ranges(&self, stream: &str) -> Result<Vec<Range>, Error> {
        ranges(&self.conn, stream)
    }

    /// Begins a new pass: these spans replace the stream's ranges.
    pub fn plan_ranges(
        &mut self,
        stream: &str,
        way: &str,
        spans: &[(i64, i64)],
    ) -> Result<Vec<Range>, Error> {
        let tx = self.begin()?;
        tx.execute("DELETE FROM ranges WHERE stream = ?", [stream])?;
        let planned =
            spans.iter().map(|&(lo, hi)| add(&tx, stream, way, lo, hi)).collect::<Result<Vec<_>, _>>()?;
        tx.commit()?;
        Ok(planned)
    }

    /// Cuts the live ids of an object type into ranges of `per` ids that together cover every id.
    pub fn plan_link_ranges(
        &mut self,
        stream: &str,
        object: &ObjectType,
        since: Option<Timestamp>,
        per: usize,
    ) -> Result<Vec<Range>, Error> {
        let ids = self.ids_in(object, 1, i64::MAX, since)?;
        let mut spans = Vec::with_capacity(ids.len() / per.max(1) + 1);
        let mut chunks = ids.chunks(per.max(1)).peekable();
        let mut lo = 1;
        while chunks.next().is_some() {
            let hi = chunks.peek().map_or(i64::MAX, |next| next[0].get());
            spans.push((lo, hi));
            lo = hi;
        }
        self.plan_ranges(stream, "links", &spans)
    }

    /// Cuts a range in two at `at`: the lower part keeps its place, the upper one is new and read by `way`. `None` when
    /// there is nothing left to cut there.
    pub fn split_range(&mut self, id: i64, at: i64, way: &str) -> Result<Option<Range>, Error> {
        let tx = self.begin()?;
        let Some(range) = find(&tx, id)? else { return Err(Error::UnknownRange(id)) };
        if range.done || at <= range.past || at >= range.hi {
            return Ok(None);
        }
        tx.execute("UPDATE ranges SET hi = ?, done = ? WHERE id = ?", params![at, range.past + 1 >= at, id])?;
        let upper = add(&tx, &range.stream, way, at, range.hi)?;
        tx.commit()?;
        Ok(Some(upper))
    }

    /// Has everything that search read of a stream's pass read again, by list.
    pub fn list_again(&mut self, stream: &str) -> Result<Vec<Range>, Error> {
        self.conn.execute(
            "UPDATE ranges SET way = 'list', past = lo - 1, cursor = NULL, done = 0
             WHERE stream = ? AND way LIKE 'search%'",
            [stream],
        )?;
        ranges(&self.conn, stream)
    }

    /// Has what is left of a stream's pass read in one chain: on from where the lowest range stands, if the list reads it,
    /// and from the start otherwise.
    pub fn one_chain(&mut self, stream: &str) -> Result<Range, Error> {
        let tx = self.begin()?;
        let lowest = ranges(&tx, stream)?.into_iter().next();
        let going = lowest.filter(|range| range.lo <= 1 && !range.done && range.way.starts_with("list"));
        let chain = match going {
            Some(range) => {
                tx.execute("UPDATE ranges SET hi = ? WHERE id = ?", params![i64::MAX, range.id])?;
                tx.execute("DELETE FROM ranges WHERE stream = ? AND id <> ?", params![stream, range.id])?;
                Range { hi: i64::MAX, ..range }
            }
            None => {
                tx.execute("DELETE FROM ranges WHERE stream = ?", [stream])?;
                add(&tx, stream, "list", 1, i64::MAX)?
            }
        };
        tx.commit()?;
        Ok(chain)
    }
}

pub(crate) fn ranges(conn: &Connection, stream: &str) -> Result<Vec<Range>, Error> {
    let mut statement = conn.prepare_cached("SELECT * FROM ranges WHERE stream = ? ORDER BY lo")?;
    let ranges = statement.query_map([stream], range)?.collect::<Result<_, _>>()?;
    Ok(ranges)
}

pub(crate) fn find(conn: &Connection, id: i64) -> Result<Option<Range>, Error> {
    let mut statement = conn.prepare_cached("SELECT * FROM ranges WHERE id = ?")?;
    Ok(statement.query_row([id], range).optional()?)
}

/// Moves a range on. It never goes back, and never beyond its own end.
pub(crate) fn advance(
    tx: &Transaction<'_>,
    range: &Range,
    past: i64,
    cursor: Option<&str>,
    done: bool,
) -> Result<(), Error> {
    let past = past.min(range.hi - 1).max(range.past);
    let mut statement = tx.prepare_cached("UPDATE ranges SET past = ?, cursor = ?, done = ? WHERE id = ?")?;
    statement.execute(params![past, cursor, done || past + 1 >= range.hi, range.id])?;
    Ok(())
}

fn add(tx: &Transaction<'_>, stream: &str, way: &str, lo: i64, hi: i64) -> Result<Range, Error> {
    let mut statement =
        tx.prepare_cached("INSERT INTO ranges (stream, lo, hi, past, way, done) VALUES (?, ?, ?, ?, ?, 0)")?;
    let id = statement.insert(params![stream, lo, hi, lo - 1, way])?;
    let (stream, way) = (stream.to_owned(), way.to_owned());
    Ok(Range { id, stream, lo, hi, past: lo - 1, cursor: None, way, done: false })
}

fn range(row: &Row<'_>) -> rusqlite::Result<Range> {
    Ok(Range {
        id: row.get("id")?,
        stream: row.get("stream")?,
        lo: row.get("lo")?,
        hi: row.get("hi")?,
        past: row.get("past")?,
        cursor: row.get("cursor")?,
        way: row.get("way")?,
        done: row.get("done")?,
    })
}
