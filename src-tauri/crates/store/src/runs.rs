//! Runs and what happened in them.

use crm::{ObjectType, Timestamp};
use rusqlite::params;

use crate::{Error, Writer, value};

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

/// Runs of which the events are kept.
const RUNS_KEPT: i64 = 500;

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
        tx.execute("DELETE FROM run_events WHERE run <= ?", [run - RUNS_KEPT])?;
        tx.execute("DELETE FROM runs WHERE id <= ?", [run - RUNS_KEPT])?;
        tx.commit()?;
        self.resolved_to.borrow_mut().clear();
        Ok(run)
    }

    pub fn finish_run(
        &mut self,
        run: i64,
        state: &str,
        summary_json: &str,
        at: Timestamp,
    ) -> Result<(), Error> {
        self.conn.execute(
            "UPDATE runs SET state = ?, summary = ?, finished_at = ? WHERE id = ?",
            params![state, summary_json, at.to_string(), run],
        )?;
        Ok(())
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
