//! Home: one value for the state of a connection, and how far its copy is.

use std::time::Duration;

use crm::Timestamp;
use hubspot::{LimitsSnapshot, PoolSnapshot};
use store::{Connection, ConnectionState, Since};
use sync::{BoardSnapshot, RunFacts, StreamMark};

use crate::{
    core::{Core, clock, count, lock},
    errors,
    pace::{self, grouped},
    runs::Running,
    scopes,
    wire::{
        Activity, ActivityLevel, Attention, Budget, Code, ConnectionKind, ConnectionStatus,
        ConnectionStatusRequest, ObjectProgress, OperationalState, PoolBudget, RunProgress, StreamState,
        Total, WireError,
    },
};

/// A pause for a limit shorter than this is part of filling the limit, not a state.
const LIMIT_PAUSE: Duration = Duration::from_secs(12);
/// Quiet for this long is worth a word.
const SILENT: Duration = Duration::from_secs(5);
/// Without a schedule, a copy counts as stale after a day.
const STALE_AFTER: i64 = 24 * 3_600_000;
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
    let state = match live {
        Some(_) if waiting.is_some() => OperationalState::RateLimited,
        Some(_) if first_import => OperationalState::Backfilling,
        Some(_) => OperationalState::Syncing,
        None => state_at_rest(connection, &kept),
    };
    let objects = match &board {
        Some(board) => board.streams.iter().map(|stream| of_board(stream, board, connection)).collect(),
        None => kept.objects.clone(),
    };
    let links = board.as_ref().map_or_else(|| kept.links.clone(), links_of);
    let progress = board.as_ref().zip(live).map_or_else(
        || RunProgress { finished: kept.facts.map(facts_in_words), first_import, ..idle_progress() },
        |(board, running)| progress(board, running),
    );
    let waiting_until = waiting.map(|wait| clock().plus(wait));
    Ok(ConnectionStatus {
        connection: connection.id.to_string(),
        name: connection.name.clone(),
        kind: wire_kind(connection.kind),
        portal: connection.account.as_ref().map(|account| account.portal.to_string()),
        region: connection.account.as_ref().and_then(|account| account.region.clone()),
        ui_domain: connection.account.as_ref().and_then(|account| account.ui_domain.clone()),
        time_zone: connection.account.as_ref().and_then(|account| account.time_zone.clone()),
        state,
        setup_error: (connection.state == ConnectionState::PendingSetup)
            .then(|| last_error(connection))
            .flatten(),
        last_error: last_error(connection),
        scopes: scopes::standings(connection.granted_scopes.as_deref()),
        key_hint: connection.key_hint.clone(),
        key_set_at: connection.key_set_at.map(|at| at.to_string()),
        sentence: sentence(state, connection, &kept, waiting_until, board.as_ref()),
        paused: connection.paused_at.is_some() && live.is_none(),
        running: live.is_some(),
        attention: attention(connection, &objects, live.is_some()),
        progress,
        objects: objects.into_iter().map(|row| with_wait(row, waiting_until)).collect(),
        links,
        budget: budget(limits.as_ref()),
        activity: kept.activity,
        since: match connection.since {
            Since::All => "all".to_owned(),
            Since::At(at) => at.to_string(),
        },
        last_success_at: kept.last_success_at,
        database_megabytes: kept.megabytes,
    })
}

/// What the mirror knows while nothing runs.
struct Kept {
    objects: Vec<ObjectProgress>,
    links: ObjectProgress,
    activity: Vec<Activity>,
    last_success_at: Option<String>,
    facts: Option<RunFacts>,
    first_done: bool,
    open: bool,
    megabytes: f64,
}

impl Kept {
    fn read(core: &Core, connection: &Connection) -> Result<Kept, WireError> {
        let mut kept = Kept {
            objects: Vec::new(),
            links: row("links", "Links"),
            activity: Vec::new(),
            last_success_at: None,
            facts: None,
            first_done: false,
            open: false,
            megabytes: 0.0,
        };
        let asked = core.read(&connection.id, |reader| {
            let mark = sync::import_mark(reader).ok().flatten().unwrap_or_default();
            (kept.facts, kept.first_done, kept.open) = (mark.finished, mark.first_done, mark.open);
            for object in reader.objects()? {
                let mark =
                    sync::stream_mark(reader, object.object.as_str()).ok().flatten().unwrap_or_default();
                let filled = reader.live_since(&object.object, window(connection))?;
                let quarantined = reader.counts(&object.object)?.quarantined;
                if let Some(at) = &mark.last_good_at
                    && kept.last_success_at.as_ref().is_none_or(|known| known < at)
                {
                    kept.last_success_at = Some(at.clone());
                }
                kept.objects.push(of_mark(
                    object.object.as_str(),
                    &object.plural,
                    mark,
                    filled,
                    quarantined,
                    connection,
                ));
            }
            kept.activity = reader.events(ACTIVITY_MAX)?.into_iter().map(activity).collect();
            kept.megabytes = reader.size_bytes()? as f64 / 1e6;
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

fn window(connection: &Connection) -> Option<Timestamp> {
    match connection.since {
        Since::All => None,
        Since::At(at) => Some(at),
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
            Some(error) if error.code == "daily_limit" => OperationalState::RateLimited,
            Some(_) => OperationalState::Error,
            None if connection.paused_at.is_some() => OperationalState::Paused,
            None => OperationalState::Active,
        },
    }
}

fn state_at_rest(connection: &Connection, kept: &Kept) -> OperationalState {
    let state = resting_state(connection);
    if state != OperationalState::Active {
        return state;
    }
    let last: Option<Timestamp> = kept.last_success_at.as_deref().and_then(|at| at.parse().ok());
    match last {
        Some(at) if clock().millis() - at.millis() <= STALE_AFTER && !kept.open => OperationalState::Active,
        _ => OperationalState::Stale,
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
    waiting: Option<Timestamp>,
    board: Option<&BoardSnapshot>,
) -> String {
    let error = || last_error(connection);
    match state {
        OperationalState::PendingSetup => "Setup is not finished.".into(),
        OperationalState::Active => "Up to date.".into(),
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
        OperationalState::Stale => "Not checked for over a day.".into(),
        OperationalState::RateLimited if waiting.is_some() => {
            "Waiting for HubSpot's limit. Nothing to do.".into()
        }
        OperationalState::RateLimited => {
            "Today's requests are used up. HubSpot resets them at midnight in the portal's time zone.".into()
        }
        OperationalState::Paused => "Paused by you.".into(),
        OperationalState::Inactive => format!(
            "Disconnected. {} records are kept here.",
            grouped(kept.objects.iter().map(|object| u64::from(object.filled)).sum())
        ),
        OperationalState::AuthError => "HubSpot ended this connection. The local copy stays usable.".into(),
        OperationalState::SetupError | OperationalState::Error => {
            error().map_or_else(|| "Stopped.".into(), |error| format!("Stopped: {}", error.title))
        }
    }
}

fn last_error(connection: &Connection) -> Option<WireError> {
    connection.last_error.as_ref().map(|error| restore(&error.code, &error.message))
}

/// A kept error in today's words.
fn restore(code: &str, technical: &str) -> WireError {
    let code: Code =
        serde_json::from_value(serde_json::Value::String(code.to_owned())).unwrap_or(Code::Internal);
    let mut error = errors::say(code, "");
    technical.clone_into(&mut error.technical);
    error
}

fn attention(connection: &Connection, objects: &[ObjectProgress], running: bool) -> Vec<Attention> {
    let mut found = Vec::new();
    if let Some(error) = last_error(connection).filter(|_| !running) {
        found.push(Attention { error, object: None, count: 1 });
    }
    for row in objects {
        let error = match row.state {
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

fn row(object: &str, label: &str) -> ObjectProgress {
    ObjectProgress {
        object: object.to_owned(),
        label: label.to_owned(),
        found: None,
        filled: 0,
        to_go: None,
        rate: None,
        left: None,
        state: StreamState::Queued,
        reason: None,
        waiting_until: None,
        last_good_at: None,
        quarantined: 0,
    }
}

fn of_mark(
    object: &str,
    label: &str,
    mark: StreamMark,
    filled: u64,
    quarantined: u64,
    connection: &Connection,
) -> ObjectProgress {
    let total = mark.total.unwrap_or(filled).max(filled);
    let stopped = mark.pass_open && mark.state == sync::StreamState::Filling;
    let state = match stream_state(mark.state) {
        _ if stopped && connection.paused_at.is_some() => StreamState::Paused,
        _ if stopped => StreamState::Queued,
        other => other,
    };
    let known = (mark.first_pass_done && !mark.pass_open).then_some((filled, true));
    let found = known.or(mark.total.map(|_| (total, mark.total_exact)));
    ObjectProgress {
        found: found.map(|(value, exact)| Total { value: count(value), exact }),
        filled: count(filled),
        to_go: found.map(|(value, exact)| Total { value: count(value.saturating_sub(filled)), exact }),
        state,
        reason: mark.reason,
        last_good_at: mark.last_good_at,
        quarantined: count(quarantined),
        ..row(object, label)
    }
}

fn of_board(stream: &sync::StreamBoard, board: &BoardSnapshot, _connection: &Connection) -> ObjectProgress {
    let counting = stream.total.is_none() && stream.state == sync::StreamState::Filling;
    let filling = stream.state == sync::StreamState::Filling;
    let busy = board.streams.iter().filter(|other| other.state == sync::StreamState::Filling).count();
    ObjectProgress {
        found: stream.total.map(|(value, exact)| Total { value: count(value.max(stream.filled)), exact }),
        filled: count(stream.filled),
        to_go: stream
            .total
            .map(|(value, exact)| Total { value: count(value.saturating_sub(stream.filled)), exact }),
        // One stream alone moves at the run's rate; several share it and are not told apart.
        rate: if filling && busy == 1 { board.rate.map(whole) } else { None },
        state: if counting { StreamState::Counting } else { stream_state(stream.state) },
        reason: stream.reason.clone(),
        last_good_at: stream.last_good_at.map(|at| at.to_string()),
        quarantined: count(stream.quarantined),
        ..row(stream.object.as_str(), &stream.label)
    }
}

fn with_wait(mut row: ObjectProgress, until: Option<Timestamp>) -> ObjectProgress {
    if let (Some(until), StreamState::Filling | StreamState::Counting | StreamState::Linking) =
        (until, row.state)
    {
        (row.state, row.waiting_until) = (StreamState::Waiting, Some(until.to_string()));
    }
    row
}

fn links_of(board: &BoardSnapshot) -> ObjectProgress {
    let links = board.links;
    let done = board.links_state == sync::StreamState::Done;
    let started = links.read > 0 || board.links_state == sync::StreamState::Filling;
    let planned = links.planned.max(links.read);
    ObjectProgress {
        found: (started || done).then_some(Total { value: count(planned), exact: done }),
        filled: count(links.read),
        to_go: (started || done).then_some(Total { value: count(planned - links.read), exact: done }),
        state: match (done, started) {
            (true, _) => StreamState::Done,
            (false, true) => StreamState::Linking,
            (false, false) => StreamState::Queued,
        },
        ..row("links", "Links")
    }
}

/// A rate for display; rates are never negative, and four billion a second will do.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to what fits")]
fn whole(rate: f64) -> u32 {
    rate.clamp(0.0, f64::from(u32::MAX)) as u32
}

fn idle_progress() -> RunProgress {
    RunProgress {
        first_import: false,
        started_at: None,
        continued: None,
        to_go: None,
        percent: None,
        rate: None,
        left: None,
        history: Vec::new(),
        silent_seconds: None,
        finished: None,
    }
}

fn progress(board: &BoardSnapshot, running: &Running) -> RunProgress {
    let counted: Vec<_> = board
        .streams
        .iter()
        .filter(|stream| !matches!(stream.state, sync::StreamState::Skipped | sync::StreamState::Failed))
        .collect();
    let known = counted.iter().all(|stream| stream.total.is_some());
    let exact = known
        && counted.iter().all(|stream| stream.total.is_some_and(|(_, exact)| exact))
        && board.links.exact;
    let records_left: u64 =
        counted.iter().filter_map(|stream| Some(stream.total?.0.saturating_sub(stream.filled))).sum();
    let filled: u64 = counted.iter().map(|stream| stream.filled).sum();
    let links_left = board.links.planned.saturating_sub(board.links.read);
    // A link call carries ten times as many records as a list call: shares of work, not of rows.
    let work_left = records_left + links_left.div_ceil(10);
    let work_done = filled + board.links.read / 10;
    let over = board.links_state == sync::StreamState::Done;
    let percent = known.then(|| match work_done + work_left {
        0 => u32::from(over) * 100,
        all => count(work_done * 100 / all).min(if over { 100 } else { 99 }),
    });
    let left = lock(&running.pace).left(board.running_for, work_left, board.rate, percent.unwrap_or(0));
    RunProgress {
        first_import: board.first_import,
        started_at: Some(board.began.to_string()),
        continued: board
            .continued_from
            .filter(|here| *here > 0)
            .map(|here| format!("Continued from {}.", grouped(here))),
        to_go: known.then(|| Total { value: count(records_left + links_left), exact }),
        percent,
        rate: board.rate.map(whole).filter(|rate| *rate > 0),
        left: left.map(pace::about),
        history: board.history.clone(),
        silent_seconds: (board.silent_for > SILENT && running.started.elapsed() > SILENT)
            .then(|| count(board.silent_for.as_secs())),
        finished: None,
    }
}

fn facts_in_words(facts: RunFacts) -> String {
    let failed = match facts.streams_failed {
        0 => "0 errors".to_owned(),
        1 => "1 type failed".to_owned(),
        several => format!("{several} types failed"),
    };
    format!(
        "{} records and {} links in {}, {} requests, {failed}",
        grouped(facts.records),
        grouped(facts.links),
        pace::took(Duration::from_millis(facts.millis)),
        grouped(facts.requests)
    )
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
