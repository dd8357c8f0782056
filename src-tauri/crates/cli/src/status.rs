//! How a connection and its copy are doing.

use operations::{
    Core,
    wire::{
        AbsentObject, ConnectionStatus, ConnectionStatusRequest, ObjectProgress, PersistentError,
        RunLogRequest, Schedule, StreamState, TypeAges,
    },
};
use serde_json::json;

use crate::{
    arguments, connections,
    failure::{Ended, Exit, Failure},
    said::Said,
    table::{Align, Table},
    verify,
};

const ACTIVITY_SHOWN: usize = 5;
const RUNS_SHOWN: u32 = 10;

pub(crate) async fn show(core: &Core, said: Said, asked: arguments::OneConnection) -> Result<Exit, Ended> {
    let connection = connections::id_of(core, asked.connection.as_deref())?;
    let request = ConnectionStatusRequest { connection: connection.clone() };
    let status = operations::connection_status(core, request).await?;
    let runs = operations::run_log(core, RunLogRequest { connection, limit: RUNS_SHOWN }).await?.runs;
    said.words(&words(&status))?;
    // Trouble of the whole connection; what concerns one type stays in the list.
    let whole = status.attention.iter().find(|attention| attention.object.is_none());
    let error = whole.map(|attention| Failure::from(attention.error.clone()));
    let mut answer = json!(status);
    answer["runs"] = json!(runs);
    said.object(&json!(status.state), error.as_ref(), answer)?;
    Ok(Exit::Done)
}

fn words(status: &ConnectionStatus) -> String {
    let portal = status.portal.as_ref().map(|portal| format!(", portal {portal}")).unwrap_or_default();
    let mut lines = vec![
        format!("{} ({}, {}{portal})", status.name, status.connection, connections::kind(status.kind)),
        status.sentence.clone(),
    ];
    lines.extend(status.progress.finished.as_ref().map(|facts| format!("Last run: {facts}")));
    lines.extend(status.last_success_at.as_ref().map(|at| format!("Last success: {at}")));
    let window = match status.since.as_str() {
        "all" => "Copies everything".to_owned(),
        since => format!("Copies what was changed since {since}"),
    };
    lines.push(format!("{window}, {:.1} MB", status.database_megabytes));
    lines.push(format!("Proof: {}", status.proof.sentence));
    lines.extend(verify::troubles(&status.proof.types));
    lines.extend(ages(&status.hubspot_diagnostics.ages));
    lines.push(schedule(&status.schedule));
    let diagnostics = &status.hubspot_diagnostics;
    lines.extend(diagnostics.filters.iter().cloned());
    if diagnostics.queue > 0 {
        let since = diagnostics.queue_oldest_at.as_ref().map(|at| format!(", the oldest since {at}"));
        lines.push(format!("{} wait to be read{}", grouped(diagnostics.queue), since.unwrap_or_default()));
    }
    if !status.objects.is_empty() {
        lines.extend([String::new(), objects(status).render().trim_end().to_owned()]);
    }
    lines.extend(absent(&status.absent));
    for attention in &status.attention {
        let said = format!("! {} {}", attention.error.title, attention.error.text);
        lines.extend([String::new(), said.trim_end().to_owned()]);
        lines.extend((1..).zip(&attention.error.fix).map(|(number, step)| format!("  {number}. {step}")));
    }
    let troubles = &diagnostics.persistent_errors;
    if !troubles.is_empty() {
        lines.push(String::new());
        lines.extend(troubles.iter().map(trouble));
    }
    if !status.activity.is_empty() {
        lines.push(String::new());
        let newest = status.activity.iter().take(ACTIVITY_SHOWN);
        lines.extend(newest.map(|activity| format!("{}  {}", activity.at, activity.text)));
    }
    lines.join("\n")
}

fn schedule(schedule: &Schedule) -> String {
    let next = schedule.next_at.as_ref().filter(|_| schedule.kept);
    let parts = [
        Some(format!("Every {} min. {}", schedule.cadence_minutes, schedule.sentence)),
        next.map(|at| format!("({at})")),
        schedule.resumes_at.as_ref().map(|at| format!("Today's requests are reset at {at}.")),
        schedule.quiet_hours.as_ref().map(|hours| format!("Quiet hours {hours}.")),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
}

/// When what has a pace of its own was last read, of the type for which that is longest ago.
fn ages(types: &[TypeAges]) -> Option<String> {
    type Get = fn(&TypeAges) -> Option<&String>;
    let kinds: [(&str, Get); 4] = [
        ("definitions", |one| one.definitions_at.as_ref()),
        ("all links", |one| one.links_at.as_ref()),
        ("archived records", |one| one.archived_at.as_ref()),
        ("calculated properties", |one| one.calculated_at.as_ref()),
    ];
    let oldest = kinds
        .into_iter()
        .filter_map(|(kind, get)| Some(format!("{kind} {}", types.iter().filter_map(get).min()?)));
    let known: Vec<String> = oldest.collect();
    (!known.is_empty()).then(|| format!("As of: {}", known.join(", ")))
}

/// Types that this portal, or this key, does not show.
fn absent(types: &[AbsentObject]) -> Vec<String> {
    let (hidden, others): (Vec<_>, Vec<_>) =
        types.iter().partition::<Vec<_>, _>(|one| !one.missing_scopes.is_empty());
    let mut reasons: Vec<&str> = others.iter().map(|one| &*one.reason).collect();
    reasons.sort_unstable();
    reasons.dedup();
    let of = |reason: &str| {
        let labels = others.iter().filter(|one| one.reason == reason).map(|one| &*one.label);
        format!("Left out: {}. {reason}", labels.collect::<Vec<_>>().join(", "))
    };
    let mut lines: Vec<String> = reasons.into_iter().map(of).collect();
    if !hidden.is_empty() {
        let named = hidden.iter().map(|one| format!("{} ({})", one.label, one.missing_scopes.join(", ")));
        lines.push(format!("Left out without a permission: {}", named.collect::<Vec<_>>().join(", ")));
    }
    lines
}

/// What lasts, since when and how often; or when it was over.
fn trouble(error: &PersistentError) -> String {
    let told = match &error.resolved_at {
        Some(at) => format!("over since {at}"),
        None if error.count > 1 => format!("since {}, {} times", error.first_at, grouped(error.count)),
        None => format!("since {}", error.first_at),
    };
    format!("{} {} ({told})", error.title, error.text)
}

fn objects(status: &ConnectionStatus) -> Table {
    let columns = [
        ("object", Align::Left),
        ("found", Align::Right),
        ("here", Align::Right),
        ("refused", Align::Right),
        ("state", Align::Left),
    ];
    let mut table = Table::new(columns);
    for row in status.objects.iter().chain([&status.links]) {
        let found =
            row.found.map(|total| format!("{}{}", if total.exact { "" } else { "≈" }, grouped(total.value)));
        let state = reasoned(stream(row.state), row.reason.as_deref());
        let refused = if row.quarantined > 0 { grouped(row.quarantined) } else { String::new() };
        table.row([row.object.clone(), found.unwrap_or_default(), grouped(row.filled), refused, state]);
    }
    table
}

/// Records here, of all types.
pub(crate) fn filled(objects: &[ObjectProgress]) -> u32 {
    objects.iter().map(|object| object.filled).sum()
}

pub(crate) fn reasoned(state: &str, reason: Option<&str>) -> String {
    match reason {
        Some(reason) if !reason.is_empty() => format!("{state}: {reason}"),
        _ => state.to_owned(),
    }
}

pub(crate) fn stream(state: StreamState) -> &'static str {
    match state {
        StreamState::Queued => "queued",
        StreamState::Counting => "counting",
        StreamState::Filling => "filling",
        StreamState::Linking => "linking",
        StreamState::Indexing => "indexing",
        StreamState::Checking => "checking",
        StreamState::Waiting => "waiting",
        StreamState::Done => "done",
        StreamState::Skipped => "skipped",
        StreamState::Failed => "failed",
        StreamState::Paused => "paused",
    }
}

/// 1234567 as "1,234,567".
pub(crate) fn grouped(value: u32) -> String {
    let digits = value.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
