//! How far a copy is, per type and as a whole: while a run goes on from its board, at rest from what the mirror knows.

use std::time::Duration;

use crm::Timestamp;
use store::Connection;
use sync::{BoardSnapshot, RunFacts, StreamMark};

use super::{SILENT, stream_state};
use crate::{
    core::{count, lock},
    pace::{self, grouped},
    runs::Running,
    scopes,
    wire::{ObjectProgress, RunProgress, StreamState, Total},
};

pub(super) fn row(object: &str, label: &str) -> ObjectProgress {
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
        left_out: false,
    }
}

/// A type that somebody chose to leave out, or has just taken up again, whatever its last run left.
pub(super) fn as_chosen(row: ObjectProgress, left_out: bool, was: bool) -> ObjectProgress {
    match (left_out, was) {
        (true, _) => ObjectProgress {
            state: StreamState::Skipped,
            reason: Some(sync::LEFT_OUT.to_owned()),
            to_go: None,
            rate: None,
            left: None,
            left_out: true,
            ..row
        },
        (false, true) => ObjectProgress {
            state: StreamState::Queued,
            reason: Some("It is taken up again with the next run.".to_owned()),
            ..row
        },
        (false, false) => row,
    }
}

pub(super) fn of_mark(
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
        reason: scopes::why_skipped(connection, &mark.missing_scopes).or(mark.reason),
        last_good_at: mark.last_good_at,
        quarantined: count(quarantined),
        ..row(object, label)
    }
}

pub(super) fn of_board(
    stream: &sync::StreamBoard,
    board: &BoardSnapshot,
    connection: &Connection,
) -> ObjectProgress {
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
        reason: scopes::why_skipped(connection, &stream.missing_scopes).or_else(|| stream.reason.clone()),
        last_good_at: stream.last_good_at.map(|at| at.to_string()),
        quarantined: count(stream.quarantined),
        ..row(stream.object.as_str(), &stream.label)
    }
}

pub(super) fn with_wait(mut row: ObjectProgress, until: Option<Timestamp>) -> ObjectProgress {
    if let (Some(until), StreamState::Filling | StreamState::Counting | StreamState::Linking) =
        (until, row.state)
    {
        (row.state, row.waiting_until) = (StreamState::Waiting, Some(until.to_string()));
    }
    row
}

pub(super) fn links_of(board: &BoardSnapshot) -> ObjectProgress {
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

/// How far a first import had come when it stopped, as far as every type has been counted; its links follow at the end.
pub(super) fn stopped_progress(objects: &[ObjectProgress], first_done: bool) -> RunProgress {
    let counted: Vec<_> = objects
        .iter()
        .filter(|row| !matches!(row.state, StreamState::Skipped | StreamState::Failed))
        .collect();
    let totals: Option<Vec<Total>> = counted.iter().map(|row| row.found).collect();
    let Some(totals) = totals.filter(|totals| !first_done && !totals.is_empty()) else {
        return idle_progress();
    };
    let all: u64 = totals.iter().map(|total| u64::from(total.value)).sum();
    let filled: u64 = counted.iter().map(|row| u64::from(row.filled)).sum();
    RunProgress {
        to_go: Some(Total {
            value: count(all.saturating_sub(filled)),
            exact: totals.iter().all(|total| total.exact),
        }),
        percent: (filled * 100).checked_div(all).map(|percent| count(percent).min(99)),
        ..idle_progress()
    }
}

pub(super) fn progress(board: &BoardSnapshot, running: &Running) -> RunProgress {
    if let Some((planned, done)) = board.proving {
        return RunProgress {
            started_at: Some(board.began.to_string()),
            to_go: Some(Total { value: count(planned.saturating_sub(done)), exact: true }),
            percent: (done * 100).checked_div(planned).map(count),
            rate: board.rate.map(whole).filter(|rate| *rate > 0),
            history: board.history.clone(),
            ..idle_progress()
        };
    }
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

pub(super) fn facts_in_words(facts: RunFacts) -> String {
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
