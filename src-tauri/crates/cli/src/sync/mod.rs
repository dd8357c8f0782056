//! One run to its end, with its progress on the way; Ctrl-C ends it at the next page and loses nothing.

mod plan;
pub(crate) mod progress;

use std::{io, pin::pin, time::Duration};

use operations::{
    Core,
    wire::{ConnectionsRequest, OperationalState, RunSync, StreamState, SyncReport},
};
use serde_json::{Value, json};

use crate::{
    arguments, connections,
    failure::{Ended, Exit, Failure},
    interrupt::interrupted,
    said::{self, Said},
    status::{self, grouped, reasoned},
    table::{Align, Table},
};
use progress::Progress;
use tokio::time::timeout;

/// After a run was asked to stop, it is waited for so long before this program leaves it.
pub(crate) const STOP_MAX: Duration = Duration::from_secs(10);

pub(crate) async fn run(core: &Core, said: Said, asked: arguments::Sync) -> Result<Exit, Ended> {
    let ids = if asked.all {
        active(core).await?
    } else {
        vec![connections::id_of(core, asked.connection.as_deref())?]
    };
    if asked.plan {
        return plan::show(core, said, &ids, asked.full).await;
    }
    let mut first_trouble = Exit::Done;
    for id in &ids {
        let (since, wait) = (asked.since.clone(), asked.wait);
        let ran = one(core, said, RunSync { connection: id.clone(), full: asked.full, since, wait }).await;
        tell(said, asked.all.then_some(id), &ran)?;
        let Some(failure) = ran.failure else { continue };
        if first_trouble == Exit::Done {
            first_trouble = failure.exit;
        }
        // One connection's trouble does not keep the others from being copied; a person's wish does.
        if failure.code == STOPPED {
            break;
        }
    }
    Ok(first_trouble)
}

async fn active(core: &Core) -> Result<Vec<String>, Ended> {
    let known = operations::connections(core, ConnectionsRequest {}).await?.connections;
    let active = known.into_iter().filter(|connection| connection.state != OperationalState::Inactive);
    let ids: Vec<String> = active.map(|connection| connection.id).collect();
    if ids.is_empty() {
        let fix = vec!["Connect a portal: portside connect --token-stdin < FILE".to_owned()];
        return Err(Failure { fix, ..Failure::new("no_such_connection", "Nothing is connected.") }.into());
    }
    Ok(ids)
}

/// How a run ended. One that could not begin has no report.
struct Ran {
    report: Option<SyncReport>,
    failure: Option<Failure>,
}

const STOPPED: &str = "stopped";

pub(crate) fn stopped() -> Failure {
    let fix = vec!["Run the same command again: it continues where it stopped.".to_owned()];
    Failure { fix, ..Failure::new(STOPPED, "Stopped, as asked. What is copied is kept.") }
}

async fn one(core: &Core, said: Said, request: RunSync) -> Ran {
    let connection = request.connection.clone();
    let mut progress = Progress::new(core, said, &connection);
    let mut run = pin!(operations::run_sync(core, request));
    let mut interrupt = pin!(interrupted());
    let ended = loop {
        tokio::select! {
            ended = &mut run => break ended.map_err(Failure::from),
            () = progress.next() => {}
            () = &mut interrupt => {
                core.shutdown().await;
                // It may be waiting for another process, or for midnight: then there is nothing to wait for.
                let report = timeout(STOP_MAX, run).await.ok().and_then(Result::ok);
                progress.end();
                return Ran { report, failure: Some(stopped()) };
            }
        }
    };
    progress.end();
    match ended {
        Ok(report) => Ran { failure: trouble(&report), report: Some(report) },
        Err(failure) => Ran { report: None, failure: Some(failure) },
    }
}

/// What keeps a finished run from counting as done. Types skipped for a permission are no trouble, unless all are.
fn trouble(report: &SyncReport) -> Option<Failure> {
    if let Some(error) = &report.error {
        return Some(error.clone().into());
    }
    let failed: Vec<&str> = named(report, StreamState::Failed);
    if let Some(first) = report.streams.iter().find(|stream| stream.state == StreamState::Failed) {
        let message = format!("Not everything could be copied: {}.", failed.join(", "));
        let technical = first.reason.clone().unwrap_or_default();
        let fix = vec!["Try again in a few minutes; it continues where it stopped.".to_owned()];
        return Some(Failure { fix, technical, ..Failure::new("streams_failed", &message) });
    }
    let skipped = named(report, StreamState::Skipped);
    if !skipped.is_empty() && skipped.len() == report.streams.len() {
        let message = "Nothing may be read with this key: every permission is missing.";
        let fix = vec![
            "Open the key in HubSpot and add the read permissions.".to_owned(),
            "Run it again.".to_owned(),
        ];
        return Some(Failure { exit: Exit::NeedsUser, fix, ..Failure::new("missing_scope", message) });
    }
    None
}

fn named(report: &SyncReport, state: StreamState) -> Vec<&str> {
    report
        .streams
        .iter()
        .filter(|stream| stream.state == state)
        .map(|stream| stream.object.as_str())
        .collect()
}

fn tell(said: Said, connection: Option<&String>, ran: &Ran) -> Result<(), Ended> {
    if let Some(report) = &ran.report {
        quietly(said.words(&in_words(report, connection)))?;
    }
    if let Some(failure) = &ran.failure {
        said::complain(failure);
    }
    if said.json {
        let mut last = json!({
            "done": ran.failure.is_none(),
            "state": state(ran),
            "error": ran.failure.as_ref().map(Failure::json),
            "streams": ran.report.as_ref().map_or(Value::Array(Vec::new()), |report| json!(report.streams)),
        });
        if let Some(connection) = connection {
            last["connection"] = json!(connection);
        }
        if let Some(report) = &ran.report {
            last["links"] = json!(report.links);
            last["requests"] = json!(report.requests);
            last["milliseconds"] = json!(report.milliseconds);
            last["index_milliseconds"] = json!(report.index_milliseconds);
            last["plan"] = json!(report.plan);
            if let Some(at) = &report.resumes_at {
                last["resumes_at"] = json!(at);
            }
        }
        quietly(said::line(&last))?;
    }
    Ok(())
}

/// Whoever stopped reading does not keep the next connection from being copied.
fn quietly(written: io::Result<()>) -> io::Result<()> {
    written.or_else(|error| if error.kind() == io::ErrorKind::BrokenPipe { Ok(()) } else { Err(error) })
}

fn state(ran: &Ran) -> Value {
    match (&ran.report, &ran.failure) {
        (Some(report), _) => json!(report.state),
        (None, Some(failure)) => failure.state(),
        (None, None) => Value::Null,
    }
}

fn in_words(report: &SyncReport, connection: Option<&String>) -> String {
    let columns = [
        ("object", Align::Left),
        ("found", Align::Right),
        ("stored", Align::Right),
        ("skipped", Align::Right),
        ("state", Align::Left),
    ];
    let mut table = Table::new(columns);
    for stream in &report.streams {
        table.row([
            stream.object.clone(),
            stream.found.map(grouped).unwrap_or_default(),
            grouped(stream.stored),
            if stream.skipped > 0 { grouped(stream.skipped) } else { String::new() },
            reasoned(status::stream(stream.state), stream.reason.as_deref()),
        ]);
    }
    let stored = report.streams.iter().map(|stream| stream.stored).sum();
    let seconds = f64::from(report.milliseconds) / 1e3;
    let title = connection.map_or_else(String::new, |connection| format!("{connection}\n"));
    let compared = report.plan.as_ref().and_then(plan::compared);
    let compared = compared.map_or_else(String::new, |line| format!("\n{line}"));
    format!(
        "{title}{}{} records and {} links in {seconds:.1} s, {} requests.{compared}",
        table.render(),
        grouped(stored),
        grouped(report.links),
        grouped(report.requests),
    )
}
