//! Home: one value for the state of a connection, and how far its copy is.

mod progress;

use std::time::Duration;

use crm::Timestamp;
use hubspot::{LimitsSnapshot, PoolSnapshot};
use store::{Connection, ConnectionState, Since};
use sync::{BoardSnapshot, RunFacts};

use crate::{
    core::{Core, clock, count, lock},
    errors,
    pace::grouped,
    runs::Running,
    scopes, verify,
    wire::{
        Activity, ActivityLevel, Attention, Budget, Code, ConnectionKind, ConnectionStatus,
        ConnectionStatusRequest, ObjectProgress, OperationalState, PoolBudget, Proof, RunProgress,
        StreamState, WireError,
    },
};
use progress::{facts_in_words, links_of, of_board, of_mark, progress, row, stopped_progress, with_wait};

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
        attention: attention(connection, &objects, live.is_some(), core.0.vault.is_locked()),
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
        proof: Proof { running: proving, ..kept.proof },
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
    proof: Proof,
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
            proof: verify::nothing_proved(),
        };
        let asked = core.read(&connection.id, |reader| {
            let mark = sync::import_mark(reader).ok().flatten().unwrap_or_default();
            (kept.facts, kept.first_done, kept.open) = (mark.finished, mark.first_done, mark.open);
            let objects = reader.objects()?;
            kept.proof = verify::proof(reader, &objects, false)?;
            for object in objects {
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
