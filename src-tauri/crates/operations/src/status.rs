//! Home: one value for the state of a connection, and how far its copy is.

mod progress;
mod state;

use std::time::Duration;

use crm::{ConnectionId, Timestamp};
use hubspot::{LimitsSnapshot, PoolSnapshot};
use jiff::tz::TimeZone;
use store::{Connection, ConnectionState};
use sync::{BoardSnapshot, RunFacts, StreamBoard};

use crate::{
    core::{Core, clock, count, lock},
    diagnostics::{self, Known},
    errors,
    pace::{self, grouped},
    plan,
    runs::Running,
    schedule::{self, Standing},
    scopes, settings, verify,
    wire::{
        AbsentObject, Activity, ActivityLevel, Attention, Budget, Code, ConnectionKind, ConnectionStatus,
        ConnectionStatusRequest, ErrorAction, ObjectProgress, OperationalState, PlanAndFact, PoolBudget,
        Proof, QueueState, RunProgress, StreamState, WireError,
    },
};
use progress::{
    as_chosen, facts_in_words, links_of, of_board, of_mark, progress, row, stopped_progress, with_wait,
};
use state::{Doing, Signs};

/// A pause for a limit shorter than this is part of filling the limit, not a state.
const LIMIT_PAUSE: Duration = Duration::from_secs(12);
/// Quiet for this long is worth a word.
const SILENT: Duration = Duration::from_secs(5);
const ACTIVITY_MAX: usize = 30;

/// Everything Home shows of one connection.
pub async fn connection_status(
    core: &Core,
    request: ConnectionStatusRequest,
) -> Result<ConnectionStatus, WireError> {
    core.blocking(move |core| {
        let connection = core.find_connection(&request.connection)?;
        let running = lock(&core.0.runs).get(&connection.id).cloned();
        build(core, &connection, running.as_ref())
    })
    .await
}

/// The same, for whoever asks inside.
pub(crate) fn of(core: &Core, id: &ConnectionId) -> Result<ConnectionStatus, WireError> {
    let connection = core.find_connection(id.as_str())?;
    let running = lock(&core.0.runs).get(id).cloned();
    build(core, &connection, running.as_ref())
}

fn build(
    core: &Core,
    connection: &Connection,
    running: Option<&Running>,
) -> Result<ConnectionStatus, WireError> {
    let live = running.filter(|running| !running.is_over());
    let board = live.map(|running| running.board.snapshot()).filter(|board| !board.streams.is_empty());
    let limits = running.map(|running| running.client.limits());
    let kept = Kept::read(core, connection)?;
    let waiting = live.and(limits.as_ref()).and_then(longest_wait).filter(|wait| *wait > LIMIT_PAUSE);
    let first_import = board.as_ref().map_or(!kept.first_done, |board| board.first_import);
    let doing = live.map(|_| Doing {
        first_import,
        waiting: waiting.is_some(),
        found_all: found_all(board.as_ref()),
    });
    let keeper = &core.0.keeper;
    let standing = Standing::read(core, connection, keeper.clock())?;
    let (now, zone) = (keeper.clock().now(), keeper.clock().zone());
    let signs = signs(connection, &kept, doing, &standing, (now, &zone));
    let applying = state::applying(&signs);
    let state = state::shown(&signs, &applying);
    let left_out = settings::left_out(core, &connection.id)?;
    let chosen = |row: ObjectProgress, was: bool| {
        let is = left_out.iter().any(|object| object.as_str() == row.object);
        as_chosen(row, is, was)
    };
    let objects: Vec<ObjectProgress> = match &board {
        Some(board) => {
            let of = |stream: &StreamBoard| chosen(of_board(stream, board, connection), stream.left_out);
            board.streams.iter().map(of).collect()
        }
        None => kept.objects.iter().cloned().map(|(row, was)| chosen(row, was)).collect(),
    };
    let proving = board.as_ref().is_some_and(|board| board.proving.is_some());
    let links = board.as_ref().filter(|_| !proving).map_or_else(|| kept.links.clone(), links_of);
    let progress = board.as_ref().zip(live).map_or_else(
        || RunProgress {
            finished: kept.facts.map(facts_in_words),
            first_import,
            ..stopped_progress(&objects, kept.first_done)
        },
        |(board, running)| progress(board, running),
    );
    let waiting_until = waiting.map(|wait| clock().plus(wait));
    let hubspot_backfill = diagnostics::backfill(&kept.known, connection, &objects);
    let queue = (unread(board.as_ref()), queue_state(&kept.known.queue, signs.queued_ago, signs.cadence));
    let hubspot_diagnostics =
        diagnostics::diagnostics(core, connection, &kept.known, &objects, board.as_ref(), queue)?;
    Ok(ConnectionStatus {
        connection: connection.id.to_string(),
        name: connection.name.clone(),
        kind: wire_kind(connection.kind),
        portal: connection.account.as_ref().map(|account| account.portal.to_string()),
        region: connection.account.as_ref().and_then(|account| account.region.clone()),
        ui_domain: connection.account.as_ref().and_then(|account| account.ui_domain.clone()),
        time_zone: connection.account.as_ref().and_then(|account| account.time_zone.clone()),
        state,
        operational_state: state::inventory(&signs, &applying),
        also: applying.into_iter().filter(|other| *other != state).collect(),
        setup_error: (connection.state == ConnectionState::PendingSetup)
            .then(|| last_error(connection))
            .flatten(),
        last_error: last_error(connection),
        scopes: scopes::standings(connection.granted_scopes.as_deref()),
        key_hint: connection.key_hint.clone(),
        key_set_at: connection.key_set_at.map(|at| at.to_string()),
        sentence: sentence(state, connection, &kept, &signs, board.as_ref()),
        paused: connection.paused_at.is_some() && live.is_none(),
        running: live.is_some(),
        attention: attention(connection, &objects, live.is_some(), core.0.vault.is_locked()),
        progress,
        objects: objects.into_iter().map(|row| with_wait(row, waiting_until)).collect(),
        absent: kept.absent,
        links,
        budget: budget(limits.as_ref()),
        activity: kept.activity,
        since: settings::window_text(connection.since),
        last_success_at: kept.last_success_at,
        plan: kept.plan,
        database_megabytes: kept.megabytes,
        proof: Proof { running: proving, ..kept.proof },
        schedule: schedule::shown(&standing, keeper.is_kept(), now, &zone),
        hubspot_backfill,
        hubspot_diagnostics,
        setup_help: diagnostics::setup_help(connection),
    })
}

/// What the mirror knows while nothing runs.
struct Kept {
    /// Each with whether its last run left it out.
    objects: Vec<(ObjectProgress, bool)>,
    absent: Vec<AbsentObject>,
    links: ObjectProgress,
    activity: Vec<Activity>,
    last_success_at: Option<String>,
    facts: Option<RunFacts>,
    plan: Option<PlanAndFact>,
    first_done: bool,
    open: bool,
    megabytes: f64,
    proof: Proof,
    known: Known,
}

impl Kept {
    fn read(core: &Core, connection: &Connection) -> Result<Kept, WireError> {
        let mut kept = Kept {
            objects: Vec::new(),
            absent: Vec::new(),
            links: row("links", "Links"),
            activity: Vec::new(),
            last_success_at: None,
            facts: None,
            plan: None,
            first_done: false,
            open: false,
            megabytes: 0.0,
            proof: verify::nothing_proved(),
            known: Known::default(),
        };
        let asked = core.read(&connection.id, |reader| {
            let mark = sync::import_mark(reader).ok().flatten().unwrap_or_default();
            (kept.facts, kept.first_done, kept.open) = (mark.finished, mark.first_done, mark.open);
            kept.absent = mark.rarer.absent.into_iter().map(|absent| left_out(absent, connection)).collect();
            // In one order, whichever HubSpot answered for first.
            kept.absent.sort_by(|a, b| a.label.cmp(&b.label));
            let objects = reader.objects()?;
            kept.proof = verify::proof(reader, &objects, false)?;
            kept.plan = sync::plan_mark(reader).ok().flatten().as_ref().map(plan::plan_and_fact);
            for object in objects {
                let mark =
                    sync::stream_mark(reader, object.object.as_str()).ok().flatten().unwrap_or_default();
                let filled = reader.live_since(&object.object, settings::window_of(connection))?;
                let quarantined = reader.counts(&object.object)?.quarantined;
                if let Some(at) = &mark.last_good_at
                    && kept.last_success_at.as_ref().is_none_or(|known| known < at)
                {
                    kept.last_success_at = Some(at.clone());
                }
                let was = mark.left_out;
                let row =
                    of_mark(object.object.as_str(), &object.plural, mark, filled, quarantined, connection);
                kept.objects.push((row, was));
            }
            kept.activity = reader.events(ACTIVITY_MAX)?.into_iter().map(activity).collect();
            kept.megabytes = reader.size_bytes()? as f64 / 1e6;
            kept.known = Known::read(reader, connection, &kept.proof)?;
            Ok(())
        })?;
        if asked.is_some()
            && let Some(facts) = kept.facts
        {
            kept.links.filled = count(facts.links);
            kept.links.state = if kept.first_done { StreamState::Done } else { StreamState::Queued };
        }
        Ok(kept)
    }
}

fn left_out(absent: sync::Absent, connection: &Connection) -> AbsentObject {
    let why = scopes::why_skipped(connection, &absent.missing_scopes);
    AbsentObject {
        object: absent.object,
        label: absent.label,
        reason: why.unwrap_or(absent.reason),
        missing_scopes: absent.missing_scopes,
    }
}

/// What the state follows from.
fn signs(
    connection: &Connection,
    kept: &Kept,
    running: Option<Doing>,
    standing: &Standing,
    (now, zone): (Timestamp, &TimeZone),
) -> Signs {
    let ago = |at: Timestamp| schedule::elapsed(at, now);
    let last: Option<Timestamp> = kept.last_success_at.as_deref().and_then(|at| at.parse().ok());
    Signs {
        life: connection.state,
        error: last_error(connection).map(|error| error.code),
        running,
        paused: connection.paused_at.is_some(),
        first_done: kept.first_done,
        open: kept.open,
        cadence: standing.facts.cadence,
        good_ago: last.map(ago),
        expected: schedule::is_expected(&standing.facts, now, zone),
        queued: kept.known.queue.waiting,
        queued_ago: kept.known.queue.oldest_at.map(ago),
    }
}

/// Every stream of records has been read.
fn found_all(board: Option<&BoardSnapshot>) -> bool {
    let reading = |state| {
        matches!(state, sync::StreamState::Queued | sync::StreamState::Filling | sync::StreamState::Checking)
    };
    board.is_some_and(|board| board.streams.iter().all(|stream| !reading(stream.state)))
}

/// Found by the run that is under way, and not yet committed.
fn unread(board: Option<&BoardSnapshot>) -> u64 {
    board.map_or(0, |board| {
        let left = board.streams.iter().filter(|stream| stream.state == sync::StreamState::Filling);
        left.filter_map(|stream| Some(stream.total?.0.saturating_sub(stream.filled))).sum()
    })
}

fn queue_state(queue: &store::Queue, oldest: Option<Duration>, cadence: Duration) -> QueueState {
    match oldest {
        _ if queue.waiting == 0 => QueueState::Empty,
        Some(ago) if ago > cadence => QueueState::BackedUp,
        _ => QueueState::Draining,
    }
}

pub(crate) fn wire_kind(kind: store::ConnectionKind) -> ConnectionKind {
    match kind {
        store::ConnectionKind::ServiceKey => ConnectionKind::ServiceKey,
        store::ConnectionKind::PrivateApp => ConnectionKind::PrivateApp,
        store::ConnectionKind::Oauth => ConnectionKind::Oauth,
        store::ConnectionKind::Demo => ConnectionKind::Demo,
    }
}

/// The state of a connection with nothing running, as far as its own row tells.
pub(crate) fn resting_state(connection: &Connection) -> OperationalState {
    match connection.state {
        ConnectionState::PendingSetup if connection.last_error.is_some() => OperationalState::SetupError,
        ConnectionState::PendingSetup => OperationalState::PendingSetup,
        ConnectionState::Inactive => OperationalState::Inactive,
        ConnectionState::Revoked => OperationalState::AuthError,
        ConnectionState::Active => match &connection.last_error {
            Some(error) if matches!(error.code.as_str(), "daily_limit" | "daily_share" | "rate_limited") => {
                OperationalState::RateLimited
            }
            Some(_) => OperationalState::Error,
            None if connection.paused_at.is_some() => OperationalState::Paused,
            None => OperationalState::Active,
        },
    }
}

pub(crate) fn summary(core: &Core, connection: &Connection) -> (OperationalState, String) {
    let running = lock(&core.0.runs).get(&connection.id).cloned();
    build(core, connection, running.as_ref())
        .map_or_else(|error| (OperationalState::Error, error.title), |status| (status.state, status.sentence))
}

fn sentence(
    state: OperationalState,
    connection: &Connection,
    kept: &Kept,
    signs: &Signs,
    board: Option<&BoardSnapshot>,
) -> String {
    let error = || last_error(connection);
    match state {
        OperationalState::PendingSetup => "Setup is not finished.".into(),
        OperationalState::Active => "Up to date.".into(),
        OperationalState::Syncing if board.is_some_and(|board| board.proving.is_some()) => {
            "Comparing the copy with HubSpot.".into()
        }
        OperationalState::Syncing => {
            let busy = board.and_then(|board| {
                board
                    .streams
                    .iter()
                    .find(|stream| stream.state == sync::StreamState::Filling)
                    .map(|stream| stream.label.clone())
            });
            busy.map_or_else(
                || "Checking for changes.".into(),
                |label| format!("Checking for changes: {label}."),
            )
        }
        OperationalState::Backfilling => "First import. You can browse what is already here.".into(),
        OperationalState::Stale if !kept.first_done => {
            "The first import is not finished. It continues where it stopped.".into()
        }
        OperationalState::Stale if signs.open => {
            "The last run was cut. It continues where it stopped.".into()
        }
        OperationalState::Stale => signs.good_ago.map_or_else(
            || "Not checked yet.".into(),
            |ago| {
                let minutes = signs.cadence.as_secs() / 60;
                format!("The last good check was {} ago; one is due every {minutes} min.", pace::about(ago))
            },
        ),
        OperationalState::DrainingQueue | OperationalState::QueueBackedUp => {
            let waiting = grouped(signs.queued);
            let backed_up = state == OperationalState::QueueBackedUp;
            let long = if backed_up { ", some for longer than one check to the next" } else { "" };
            format!("{waiting} records could not be read yet and are asked for again{long}.")
        }
        OperationalState::SynthesisError => "Records are fine. The summary failed.".into(),
        OperationalState::RateLimited if signs.running.is_some_and(|doing| doing.waiting) => {
            "Waiting for HubSpot's limit. Nothing to do.".into()
        }
        OperationalState::RateLimited => error().map_or_else(
            || "Waiting for HubSpot's limit.".into(),
            |error| format!("{} {}", error.title, error.text),
        ),
        OperationalState::Paused => "Paused by you.".into(),
        OperationalState::Inactive => format!(
            "Disconnected. {} records are kept here.",
            grouped(kept.objects.iter().map(|(object, _)| u64::from(object.filled)).sum())
        ),
        OperationalState::AuthError => "HubSpot ended this connection. The local copy stays usable.".into(),
        OperationalState::SetupError | OperationalState::Error => {
            error().map_or_else(|| "Stopped.".into(), |error| format!("Stopped: {}", error.title))
        }
    }
}

pub(crate) fn last_error(connection: &Connection) -> Option<WireError> {
    connection.last_error.as_ref().map(errors::restored)
}

fn attention(
    connection: &Connection,
    objects: &[ObjectProgress],
    running: bool,
    locked: bool,
) -> Vec<Attention> {
    let mut found = Vec::new();
    let keyed = connection.kind != store::ConnectionKind::Demo && connection.state == ConnectionState::Active;
    if locked && keyed {
        found.push(Attention { error: errors::say(Code::VaultLocked, ""), object: None, count: 1 });
    }
    if let Some(error) = last_error(connection).filter(|_| !running) {
        found.push(Attention { error, object: None, count: 1 });
    }
    for row in objects {
        let error = match row.state {
            // It was asked for.
            _ if row.left_out => continue,
            StreamState::Skipped => {
                let mut error = errors::say(Code::MissingScope, "");
                error.title = format!("{} are skipped.", row.label);
                error.text = row.reason.clone().unwrap_or_default();
                error
            }
            StreamState::Failed => {
                let mut error = errors::say(Code::HubspotTrouble, "");
                error.title = format!("{} stopped.", row.label);
                error.text = row.reason.clone().unwrap_or_default();
                error.actions.push(ErrorAction::SkipObject);
                error
            }
            _ => continue,
        };
        found.push(Attention { error, object: Some(row.object.clone()), count: 1 });
    }
    found
}

pub(crate) fn stream_state(state: sync::StreamState) -> StreamState {
    match state {
        sync::StreamState::Queued => StreamState::Queued,
        sync::StreamState::Filling => StreamState::Filling,
        sync::StreamState::Checking => StreamState::Checking,
        sync::StreamState::Indexing => StreamState::Indexing,
        sync::StreamState::Done => StreamState::Done,
        sync::StreamState::Skipped => StreamState::Skipped,
        sync::StreamState::Failed => StreamState::Failed,
    }
}

fn longest_wait(limits: &LimitsSnapshot) -> Option<Duration> {
    [&limits.general, &limits.search, &limits.associations].into_iter().filter_map(|pool| pool.waiting).max()
}

fn budget(limits: Option<&LimitsSnapshot>) -> Budget {
    let none = PoolBudget { used: 0, max: None, interval_seconds: 10.0 };
    let of = |pool: &PoolSnapshot| PoolBudget {
        used: count(u64::from(pool.used)),
        max: pool.max.map(|max| count(u64::from(max))),
        interval_seconds: pool.interval.as_secs_f64(),
    };
    limits.map_or(
        Budget {
            general: none,
            search: PoolBudget { interval_seconds: 1.0, ..none },
            associations: none,
            daily_used: None,
            daily_limit: None,
        },
        |limits| Budget {
            general: of(&limits.general),
            search: of(&limits.search),
            associations: of(&limits.associations),
            daily_used: limits.daily.map(|daily| count(daily.used)),
            daily_limit: limits.daily.map(|daily| count(daily.limit)),
        },
    )
}

fn activity(event: store::RunEvent) -> Activity {
    let level = match event.level {
        store::Level::Info if event.code == "stream_copied" => ActivityLevel::Good,
        store::Level::Info => ActivityLevel::Info,
        store::Level::Warn => ActivityLevel::Warn,
        store::Level::Error => ActivityLevel::Error,
    };
    Activity { at: event.at.to_string(), level, text: event.message }
}
