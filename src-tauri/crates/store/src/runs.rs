//! Runs, what their streams did and what happened in them, and what waits for the next.

use crm::{ObjectType, Timestamp};
use rusqlite::{Connection, OptionalExtension, Row, Transaction, params};

use crate::{Error, Reader, RunRow, Writer, reader::run_row, value};

/// Something worth telling about a run. The message is for people and holds no secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunEvent {
    pub at: Timestamp,
    pub level: Level,
    pub code: String,
    pub object: Option<ObjectType>,
    pub message: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    Info,
    Warn,
    Error,
}

impl Level {
    pub(crate) const ALL: [(&'static str, Level); 3] =
        [("info", Level::Info), ("warn", Level::Warn), ("error", Level::Error)];

    pub fn as_str(self) -> &'static str {
        value::name_of(self, &Self::ALL)
    }
}

/// What one stream did in one run: an object type (`contacts`), or the links of a pair (`links:contacts>companies`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunStream {
    pub stream: String,
    /// `done`, `skipped`, `failed`, or `cut`
    pub state: String,
    /// How it was read, by whoever reads.
    pub way: Option<String>,
    /// Records that there were to read: all of a type in an import or a full reading, else those found changed, or on one
    /// side only. Of links: records whose links were to be read. None where nothing was asked.
    pub found: Option<u64>,
    /// Rows, or links, that were written because they were new or different.
    pub stored: u64,
    /// Rows, or links, that were read and are the same here.
    pub unchanged: u64,
    /// Archived, merged or erased; links that are no longer there.
    pub removed: u64,
    /// Records set aside, with the reason in `quarantine`; whose links could not be read, with it in `queue`.
    pub skipped: u64,
    /// Requests sent for this stream alone.
    pub calls: u64,
    /// Why it was skipped or failed, as words.
    pub reason: Option<String>,
    /// When it last found something.
    pub found_at: Option<Timestamp>,
    pub started_at: Timestamp,
    pub finished_at: Timestamp,
}

/// The first copy as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Backfill {
    pub started_at: Option<Timestamp>,
    pub completed_at: Option<Timestamp>,
}

/// What waits to be read: found and not answered for, or to be asked again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Queue {
    pub waiting: u64,
    pub oldest_at: Option<Timestamp>,
    pub newest_at: Option<Timestamp>,
}

/// Runs that are kept, with their streams and events. The first import stays whatever its age, and so does the last run
/// that found something.
const RUNS_KEPT: i64 = 500;
const OLD_RUNS: &str = "SELECT id FROM runs WHERE id <= ?
    AND id IS NOT (SELECT min(id) FROM runs WHERE kind = 'import')
    AND id IS NOT (SELECT min(id) FROM runs WHERE kind = 'import' AND state = 'done')
    AND id IS NOT (SELECT max(run) FROM run_streams WHERE found_at IS NOT NULL)";

impl Writer {
    /// Begins a run, closes what a killed one left open as `interrupted`, and lets linked ids that HubSpot did not
    /// answer for be asked again.
    pub fn begin_run(&mut self, kind: &str, at: Timestamp) -> Result<i64, Error> {
        let tx = self.begin()?;
        tx.execute(
            "UPDATE runs SET state = 'interrupted', finished_at = ? WHERE finished_at IS NULL",
            [at.to_string()],
        )?;
        tx.execute("DELETE FROM unreachable", [])?;
        tx.execute(
            "INSERT INTO runs (kind, state, started_at) VALUES (?, 'running', ?)",
            params![kind, at.to_string()],
        )?;
        let run = tx.last_insert_rowid();
        let old = run - RUNS_KEPT;
        tx.execute("DELETE FROM run_events WHERE run <= ?", [old])?;
        tx.execute(&format!("DELETE FROM run_streams WHERE run IN ({OLD_RUNS})"), [old])?;
        tx.execute(&format!("DELETE FROM runs WHERE id IN ({OLD_RUNS})"), [old])?;
        tx.commit()?;
        self.resolved_to.borrow_mut().clear();
        Ok(run)
    }

    /// Ends a run, with what its streams did.
    pub fn finish_run(
        &mut self,
        run: i64,
        state: &str,
        summary_json: &str,
        streams: &[RunStream],
        at: Timestamp,
    ) -> Result<(), Error> {
        let tx = self.begin()?;
        tx.execute(
            "UPDATE runs SET state = ?, summary = ?, finished_at = ? WHERE id = ?",
            params![state, summary_json, at.to_string(), run],
        )?;
        for stream in streams {
            put_stream(&tx, run, stream)?;
        }
        Ok(tx.commit()?)
    }

    pub fn run_event(&mut self, run: i64, event: &RunEvent) -> Result<(), Error> {
        let mut statement = self.conn.prepare_cached(
            "INSERT INTO run_events (run, at, level, code, object_type, message) VALUES (?, ?, ?, ?, ?, ?)",
        )?;
        statement.execute(params![
            run,
            event.at.to_string(),
            event.level.as_str(),
            event.code,
            event.object.as_ref().map(ObjectType::as_str),
            event.message,
        ])?;
        Ok(())
    }
}

fn put_stream(tx: &Transaction<'_>, run: i64, row: &RunStream) -> Result<(), Error> {
    let mut statement = tx.prepare_cached(
        "INSERT INTO run_streams (run, stream, state, way, found, stored, unchanged, removed, skipped, calls, reason,
             found_at, started_at, finished_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )?;
    let whole = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
    statement.execute(params![
        run,
        row.stream,
        row.state,
        row.way,
        row.found.map(whole),
        whole(row.stored),
        whole(row.unchanged),
        whole(row.removed),
        whole(row.skipped),
        whole(row.calls),
        row.reason,
        value::time(row.found_at),
        row.started_at.to_string(),
        row.finished_at.to_string(),
    ])?;
    Ok(())
}

impl Reader {
    /// The last run of a kind.
    pub fn last_run(&self, kind: &str) -> Result<Option<RunRow>, Error> {
        let mut statement =
            self.conn.prepare_cached("SELECT * FROM runs WHERE kind = ? ORDER BY id DESC LIMIT 1")?;
        Ok(statement.query_row([kind], run_row).optional()?)
    }

    /// What the streams of a run did, by name.
    pub fn run_streams(&self, run: i64) -> Result<Vec<RunStream>, Error> {
        let mut statement =
            self.conn.prepare_cached("SELECT * FROM run_streams WHERE run = ? ORDER BY stream")?;
        let rows = statement.query_map([run], run_stream)?.collect::<Result<_, _>>()?;
        Ok(rows)
    }

    /// When something was last found to be read: by a stream of a run that has ended, or by the queue.
    pub fn last_found_at(&self) -> Result<Option<Timestamp>, Error> {
        let mut statement = self.conn.prepare_cached(
            "SELECT max(found_at) AS at FROM run_streams
             WHERE run = (SELECT max(run) FROM run_streams WHERE found_at IS NOT NULL)",
        )?;
        let of_runs: Option<Timestamp> = statement.query_row([], |row| value::parsed_optional(row, "at"))?;
        Ok(of_runs.max(self.waiting()?.newest_at))
    }

    pub fn backfill(&self) -> Result<Backfill, Error> {
        let first = |conn: &Connection, column: &str, and: &str| {
            let sql =
                format!("SELECT {column} AS at FROM runs WHERE kind = 'import' {and} ORDER BY id LIMIT 1");
            let mut statement = conn.prepare_cached(&sql)?;
            let at = statement.query_row([], |row| value::parsed_optional(row, "at")).optional()?;
            Ok::<_, Error>(at.flatten())
        };
        Ok(Backfill {
            started_at: first(&self.conn, "started_at", "")?,
            completed_at: first(&self.conn, "finished_at", "AND state = 'done'")?,
        })
    }

    pub fn waiting(&self) -> Result<Queue, Error> {
        let mut statement = self.conn.prepare_cached(
            "SELECT count(*) AS waiting, min(queued_at) AS oldest, max(queued_at) AS newest FROM queue",
        )?;
        Ok(statement.query_row([], |row| {
            Ok(Queue {
                waiting: row.get::<_, i64>("waiting")?.unsigned_abs(),
                oldest_at: value::parsed_optional(row, "oldest")?,
                newest_at: value::parsed_optional(row, "newest")?,
            })
        })?)
    }
}

fn run_stream(row: &Row<'_>) -> rusqlite::Result<RunStream> {
    let count = |column| Ok::<_, rusqlite::Error>(row.get::<_, i64>(column)?.unsigned_abs());
    Ok(RunStream {
        stream: value::string(row, "stream")?,
        state: value::string(row, "state")?,
        way: value::optional_string(row, "way")?,
        found: row.get::<_, Option<i64>>("found")?.map(i64::unsigned_abs),
        stored: count("stored")?,
        unchanged: count("unchanged")?,
        removed: count("removed")?,
        skipped: count("skipped")?,
        calls: count("calls")?,
        reason: value::optional_string(row, "reason")?,
        found_at: value::parsed_optional(row, "found_at")?,
        started_at: value::parsed(row, "started_at")?,
        finished_at: value::parsed(row, "finished_at")?,
    })
}
