//! What changed since the first copy, kept within bounds. Rows are added where records are stored (`records`).
//!
//! A property's first value is no change, and neither is what a refill or a refresh of calculated properties brings
//! under an unchanged stamp: such an answer tells that we look now, not that somebody did something.

use crm::{ObjectType, RecordId, Timestamp};
use rusqlite::params;

use crate::{Error, Reader, Writer, value};

/// How much of what changed is remembered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HistoryBounds {
    /// Changes of single properties, the latest ones; a million take about 150 MB.
    pub rows_max: Option<u64>,
    /// Nothing seen before this.
    pub since: Option<Timestamp>,
}

/// One property of one record that changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    pub object: ObjectType,
    pub id: RecordId,
    pub property: String,
    pub old: Option<String>,
    pub new: Option<String>,
    pub seen_at: Timestamp,
}

impl Reader {
    /// What changed since then, latest first.
    pub fn changed_since(&self, since: Timestamp, limit: usize) -> Result<Vec<Changed>, Error> {
        let mut statement = self.conn.prepare_cached(
            "SELECT id, * FROM history WHERE seen_at >= ? ORDER BY seen_at DESC, seq DESC LIMIT ?",
        )?;
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let rows = statement.query_map(params![since.to_string(), limit], |row| {
            Ok(Changed {
                object: ObjectType::new(value::string(row, "object_type")?),
                id: value::id(row)?,
                property: value::string(row, "property")?,
                old: value::optional_string(row, "old")?,
                new: value::optional_string(row, "new")?,
                seen_at: value::parsed(row, "seen_at")?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

impl Writer {
    /// Forgets a piece of what lies outside the bounds, the oldest first. True when nothing more does.
    pub fn prune_history(&mut self, bounds: &HistoryBounds, rows_max: usize) -> Result<bool, Error> {
        let step = i64::try_from(rows_max.max(1)).unwrap_or(i64::MAX);
        let tx = self.begin()?;
        let mut left = step;
        if let Some(since) = bounds.since {
            let forgotten = tx.execute(
                "DELETE FROM history WHERE seq IN (SELECT seq FROM history WHERE seen_at < ? ORDER BY seen_at LIMIT ?)",
                params![since.to_string(), left],
            )?;
            left -= i64::try_from(forgotten).unwrap_or(left);
        }
        if let Some(most) = bounds.rows_max.filter(|_| left > 0) {
            let rows: i64 = tx.query_row("SELECT count(*) FROM history", [], |row| row.get(0))?;
            let over = rows.saturating_sub(i64::try_from(most).unwrap_or(i64::MAX)).min(left);
            if over > 0 {
                tx.execute(
                    "DELETE FROM history WHERE seq IN (SELECT seq FROM history ORDER BY seq LIMIT ?)",
                    [over],
                )?;
                left -= over;
            }
        }
        tx.commit()?;
        Ok(left > 0)
    }
}
