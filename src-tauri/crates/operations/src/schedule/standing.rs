//! What is known of a connection when its schedule asks: from its mirror's run log, and from what this process has seen.

use std::time::Duration;

use crm::Timestamp;
use store::{Connection, ConnectionKind, ConnectionState, RunRow};

use super::{Clock, Ended, Facts, Last, Life, Pause, elapsed};
use crate::{
    core::{Core, lock},
    errors, runs, settings,
    wire::WireError,
};

/// Runs looked back at: an hour of polls, and failures in a row.
const RUNS: usize = 20;
const PROOF_EVERY: Duration = Duration::from_hours(24);
const PROOF_AGAIN: Duration = Duration::from_hours(1);

pub(crate) struct Standing {
    pub(crate) facts: Facts,
    /// The last run of the log, whatever became of it.
    pub(super) run: Option<i64>,
}

/// What this process remembers of a connection: when, by its own clocks, it first saw the last run ended, and what could
/// not even begin. HubSpot's clock and this computer's may differ, so times of the log are compared with each other only.
#[derive(Debug, Clone, Default)]
pub(crate) struct Memory {
    seen: Option<Seen>,
    refused: Option<Refused>,
    /// When a proof was last begun by itself.
    proof: Option<Moment>,
}

#[derive(Debug, Clone, Copy)]
struct Seen {
    run: i64,
    since: Moment,
    /// How old it was then.
    ago: Duration,
}

#[derive(Debug, Clone, Copy)]
struct Refused {
    after: Option<i64>,
    busy: bool,
    count: u32,
    since: Moment,
}

/// A moment by both clocks.
#[derive(Debug, Clone, Copy)]
struct Moment {
    wall: Timestamp,
    monotonic: Duration,
}

impl Moment {
    fn now(clock: &dyn Clock) -> Moment {
        Moment { wall: clock.now(), monotonic: clock.elapsed() }
    }

    fn ago(self, clock: &dyn Clock) -> Duration {
        elapsed(self.wall, clock.now()).max(clock.elapsed().saturating_sub(self.monotonic))
    }
}

impl Memory {
    /// A run could not begin, or left no trace.
    pub(super) fn refuse(&mut self, after: Option<i64>, busy: bool, clock: &dyn Clock) {
        let before = self.refused.filter(|refused| refused.after == after && !refused.busy);
        let count = before.map_or(0, |refused| refused.count) + u32::from(!busy);
        self.refused = Some(Refused { after, busy, count, since: Moment::now(clock) });
    }

    /// A proof is begun, whatever comes of it.
    pub(super) fn prove(&mut self, clock: &dyn Clock) {
        self.proof = Some(Moment::now(clock));
    }

    /// Whether nothing was proved for a day; what did not come to its end is tried again after an hour.
    fn is_proof_due(&self, last: Option<&RunRow>, clock: &dyn Clock) -> bool {
        let period = match last {
            Some(row) if row.state == "done" => PROOF_EVERY,
            _ => PROOF_AGAIN,
        };
        let logged = last.is_none_or(|row| elapsed(row.started_at, clock.now()) >= period);
        logged && self.proof.is_none_or(|begun| begun.ago(clock) >= PROOF_AGAIN)
    }

    fn last(&mut self, rows: &[RunRow], clock: &dyn Clock) -> Option<Last> {
        let run = rows.first().map(|row| row.id);
        if let Some(refused) = self.refused.filter(|refused| refused.after == run) {
            let failed = failures(rows) + refused.count;
            let ended = if refused.busy { Ended::Busy } else { Ended::Failed(failed) };
            return Some(Last { ended, ago: refused.since.ago(clock) });
        }
        let row = rows.first()?;
        let seen = match self.seen {
            Some(seen) if seen.run == row.id => seen,
            other => {
                // The first look of a process can only compare with the log; a run that lies in the future is old.
                let first = other.is_none();
                let age = row.finished_at.map_or(0, |at| clock.now().millis() - at.millis());
                let ago = if first {
                    u64::try_from(age).map_or(Duration::MAX, Duration::from_millis)
                } else {
                    Duration::ZERO
                };
                *self.seen.insert(Seen { run: row.id, since: Moment::now(clock), ago })
            }
        };
        let ended = match row.state.as_str() {
            "done" => Ended::Done,
            "failed" => Ended::Failed(failures(rows)),
            _ => Ended::Cut,
        };
        Some(Last { ended, ago: seen.ago.saturating_add(seen.since.ago(clock)) })
    }
}

fn failures(rows: &[RunRow]) -> u32 {
    u32::try_from(rows.iter().take_while(|row| row.state == "failed").count()).unwrap_or(u32::MAX)
}

impl Standing {
    pub(crate) fn read(
        core: &Core,
        connection: &Connection,
        clock: &dyn Clock,
    ) -> Result<Standing, WireError> {
        let chosen = settings::chosen(core, &connection.id)?;
        let waits = core.0.app.waits(&connection.id).map_err(|error| errors::store(&error))?;
        let known = core.read(&connection.id, |reader| {
            let mut rows = reader.runs(RUNS)?;
            rows.retain(|row| matches!(row.kind.as_str(), "import" | "sync" | "poll"));
            Ok((sync::import_mark(reader).ok().flatten(), rows, reader.last_run("proof")?))
        })?;
        let (mark, rows, proof) = known.unwrap_or_default();
        let first_done = mark.as_ref().is_some_and(|mark| mark.first_done);
        let (last, proof_due) = {
            let mut memories = lock(&core.0.keeper.memories);
            let memory = memories.entry(connection.id.clone()).or_default();
            (memory.last(&rows, clock), memory.is_proof_due(proof.as_ref(), clock))
        };
        let facts = Facts {
            life: life(core, connection),
            pause: connection.paused_at.map(|_| waits.paused_until.map_or(Pause::UntilResumed, Pause::Until)),
            running: runs::is_under_way(core, &connection.id),
            begun: mark.is_some(),
            first_done,
            cadence: chosen.cadence,
            quiet: chosen.quiet,
            last,
            since_sync: last.and_then(|last| since_sync(&rows, last.ago)),
            resumes_at: waits.resumes_at,
            proof_due,
        };
        Ok(Standing { facts, run: rows.first().map(|row| row.id) })
    }
}

fn life(core: &Core, connection: &Connection) -> Life {
    let is_closed = || core.0.demo_portal.try_lock().is_ok_and(|portal| portal.is_none());
    match connection.state {
        ConnectionState::PendingSetup => Life::SetupOpen,
        ConnectionState::Revoked => Life::Ended,
        ConnectionState::Inactive => Life::Disconnected,
        ConnectionState::Active if connection.kind == ConnectionKind::Demo && is_closed() => Life::DemoClosed,
        ConnectionState::Active if connection.kind != ConnectionKind::Demo && core.0.vault.is_locked() => {
            Life::KeyLocked
        }
        ConnectionState::Active => Life::Usable,
    }
}

/// Since the last good run that was no mere poll; both ends by HubSpot's clock.
fn since_sync(rows: &[RunRow], ago: Duration) -> Option<Duration> {
    let whole = rows.iter().find(|row| row.state == "done" && row.kind != "poll")?.finished_at?;
    let top = rows.first()?.finished_at?;
    Some(elapsed(whole, top).saturating_add(ago))
}
