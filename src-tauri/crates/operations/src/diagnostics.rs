//! What support and agents ask of a connection, by the names that they know: backfill, queue, counts, ages, troubles, and
//! the run log. Read only; the state itself is `status`'.

use std::collections::BTreeMap;

use crm::{ObjectType, Timestamp};
use store::{Backfill, Connection, KeptError, LastError, Queue, Reader, RunRow, RunStream};
use sync::{BoardSnapshot, LinkMark, RunFacts};

use crate::{
    core::{Core, count},
    errors, runs, settings,
    wire::{
        BackfillStatus, BackfillStream, Code, HubspotBackfill, HubspotDiagnostics, LatestDeal,
        ObjectProgress, PersistentError, Proof, ProofFinding, ProofOutcome, QueueState, RunLog,
        RunLogRequest, RunLogStream, RunLogs, SetupHelp, TypeAges, WireError,
    },
};

/// What the mirror knows of it.
#[derive(Default)]
pub(crate) struct Known {
    pub(crate) backfill: Backfill,
    pub(crate) queue: Queue,
    first_done: bool,
    /// A type is still to be fetched as far back as is wanted.
    widening: bool,
    found_at: Option<Timestamp>,
    good_at: Option<Timestamp>,
    last_counts: BTreeMap<String, u32>,
    streams: BTreeMap<String, BackfillStream>,
    ages: Vec<TypeAges>,
    deal: Option<LatestDeal>,
    excluded: BTreeMap<String, u32>,
}

/// Runs among which the last good one is looked for.
const RUNS: usize = 100;
const RUN_LOG_MAX: usize = 100;

impl Known {
    /// `proof`: what is known to be proved.
    pub(crate) fn read(
        reader: &Reader,
        connection: &Connection,
        proof: &Proof,
    ) -> Result<Known, store::Error> {
        let import = sync::import_mark(reader).ok().flatten().unwrap_or_default();
        let links = sync::link_marks(reader).unwrap_or_default();
        let runs = reader.runs(RUNS)?;
        let copies = |kind: &str| matches!(kind, "import" | "sync" | "poll");
        let mut ended = runs.iter().filter(|run| copies(&run.kind) && run.state == "done");
        let last = ended.clone().next();
        let good = ended.find(|run| is_whole(run));
        let mut known = Known {
            backfill: reader.backfill()?,
            queue: reader.waiting()?,
            first_done: import.first_done,
            found_at: reader.last_found_at()?,
            good_at: good.and_then(|run| run.finished_at),
            ..Known::default()
        };
        let wanted = settings::window_of(connection).map(Timestamp::millis);
        let mut left_out = Vec::new();
        for object in reader.objects()? {
            let name = object.object.as_str();
            let mark = sync::stream_mark(reader, name).ok().flatten().unwrap_or_default();
            let permitted = mark.missing_scopes.is_empty() && !mark.left_out;
            known.widening |= permitted && mark.first_pass_done && is_earlier(wanted, mark.since);
            if mark.left_out {
                left_out.push(object.object.clone());
            }
            let ranges = reader.reached(name)?;
            known.streams.insert(
                name.to_owned(),
                BackfillStream {
                    complete: mark.first_pass_done && !mark.pass_open,
                    ranges: count(ranges.all),
                    ranges_done: count(ranges.done),
                    past: ranges.past.map(|past| past.to_string()),
                },
            );
            let excluded = reader.excluded(&object.object)?;
            if excluded > 0 {
                known.excluded.insert(name.to_owned(), count(excluded));
            }
            known.ages.push(TypeAges {
                object: name.to_owned(),
                records_at: mark.last_good_at.clone(),
                definitions_at: time(import.defined_at),
                links_at: linked_at(&links, name),
                archived_at: time(mark.checked.archived_at),
                calculated_at: time(mark.tended.calculated),
                proved_at: proved_at(proof, name),
            });
        }
        if !left_out.is_empty() {
            // What nobody asks for waits for nothing.
            let waits: Vec<_> =
                reader.queue()?.into_iter().filter(|row| !left_out.contains(&row.object)).collect();
            known.queue.waiting = waits.iter().map(|row| row.waiting).sum();
            known.queue.oldest_at = waits.iter().map(|row| row.oldest).min();
        }
        if let Some(run) = last {
            let found =
                reader.run_streams(run.id)?.into_iter().filter(|row| !row.stream.starts_with("links:"));
            known.last_counts = found.filter_map(|row| Some((row.stream, count(row.found?)))).collect();
        }
        if let Some(deal) = reader.latest_changed(&ObjectType::from("deals"))? {
            known.deal = Some(LatestDeal {
                id: deal.id.to_string(),
                name: deal.name,
                updated_at: deal.updated_at.to_string(),
            });
        }
        Ok(known)
    }
}

/// Whether a run that has ended copied everything it may.
fn is_whole(run: &RunRow) -> bool {
    let facts = run.summary.as_deref().and_then(|json| serde_json::from_str::<RunFacts>(json).ok());
    facts.is_none_or(|facts| facts.streams_failed == 0)
}

fn time(millis: Option<i64>) -> Option<String> {
    millis.map(|millis| Timestamp::from_millis(millis).to_string())
}

/// Since when all links of a type's records are known to be as they are here: the oldest of its pairs.
fn linked_at(marks: &[([String; 2], LinkMark)], object: &str) -> Option<String> {
    let of_type = marks.iter().filter(|(pair, mark)| mark.done_once && pair.iter().any(|end| end == object));
    time(of_type.map(|(_, mark)| mark.swept).min().flatten())
}

/// When something was last proved of a type.
fn proved_at(proof: &Proof, object: &str) -> Option<String> {
    let holds =
        |finding: &&ProofFinding| matches!(finding.outcome, ProofOutcome::Equal | ProofOutcome::Repaired);
    let of_type = proof.types.iter().find(|known| known.object == object)?;
    let findings = [&of_type.counts, &of_type.ids, &of_type.values].into_iter().flatten();
    findings.filter(holds).map(|finding| finding.at.clone()).max()
}

/// Whether what is wanted begins before what was fetched.
fn is_earlier(wanted: Option<i64>, fetched: Option<i64>) -> bool {
    match (wanted, fetched) {
        (_, None) => false,
        (None, Some(_)) => true,
        (Some(wanted), Some(fetched)) => wanted < fetched,
    }
}

pub(crate) fn backfill(
    known: &Known,
    connection: &Connection,
    objects: &[ObjectProgress],
) -> HubspotBackfill {
    let status = match (known.first_done && !known.widening, known.backfill.started_at) {
        (true, _) => BackfillStatus::Complete,
        (false, None) => BackfillStatus::NotStarted,
        (false, Some(_)) => BackfillStatus::Running,
    };
    let text = |at: Option<Timestamp>| at.map(|at| at.to_string());
    HubspotBackfill {
        status,
        since: settings::window_text(connection.since),
        started_at: text(known.backfill.started_at),
        completed_at: text(known.backfill.completed_at.filter(|_| status == BackfillStatus::Complete)),
        counts: objects.iter().filter_map(|row| Some((row.object.clone(), row.found?.value))).collect(),
        state: known.streams.clone(),
    }
}

/// `board`: the run that is under way; `unread`: found by it and not yet committed.
pub(crate) fn diagnostics(
    core: &Core,
    connection: &Connection,
    known: &Known,
    objects: &[ObjectProgress],
    board: Option<&BoardSnapshot>,
    (unread, queue_state): (u64, QueueState),
) -> Result<HubspotDiagnostics, WireError> {
    let text = |at: Option<Timestamp>| at.map(|at| at.to_string());
    let troubles = core.0.app.kept_errors(&connection.id).map_err(|error| errors::store(&error))?;
    let chosen = settings::chosen(core, &connection.id)?;
    let setup = connection.state == store::ConnectionState::PendingSetup;
    let last_error = connection.last_error.as_ref().map(errors::restored);
    Ok(HubspotDiagnostics {
        last_successful_hubspot_pull: text(known.good_at),
        last_queue_enqueue: text(known.found_at.max(board.and_then(|board| board.found_at))),
        queue: count(known.queue.waiting + unread),
        queue_state,
        queue_oldest_at: text(known.queue.oldest_at),
        records_pulled_by_type: objects.iter().map(|row| (row.object.clone(), row.filled)).collect(),
        last_poll_record_counts_by_type: known.last_counts.clone(),
        latest_deal_seen: known.deal.clone(),
        aggregate_recompute_at: None,
        synthesis_cadence: None,
        synthesis_period_key: None,
        synthesis_recomputed_at: None,
        synthesis_count: None,
        synthesis_skipped_reason: None,
        synthesis_last_error: None,
        persistent_errors: troubles.into_iter().map(persistent).collect(),
        setup_error: last_error.clone().filter(|_| setup),
        last_error,
        ages: known.ages.clone(),
        filters: settings::filters_in_words(&chosen.rules),
        excluded_by_type: known.excluded.clone(),
    })
}

fn persistent(kept: KeptError) -> PersistentError {
    let error = errors::restored(&LastError { code: kept.code, message: kept.message, at: kept.last_at });
    PersistentError {
        code: error.code,
        object: Some(kept.subject).filter(|subject| !subject.is_empty()),
        title: error.title,
        text: error.text,
        first_at: kept.first_at.to_string(),
        last_at: kept.last_at.to_string(),
        count: count(kept.count),
        resolved_at: kept.resolved_at.map(|at| at.to_string()),
    }
}

/// The latest runs of a connection, with what their streams did.
pub async fn run_log(core: &Core, request: RunLogRequest) -> Result<RunLogs, WireError> {
    core.blocking(move |core| {
        let connection = core.find_connection(&request.connection)?;
        let limit = (request.limit as usize).clamp(1, RUN_LOG_MAX);
        // Looked at first: a run that ends meanwhile is seen as what it ended as.
        let is_live = runs::is_under_way(core, &connection.id);
        let runs = core.read(&connection.id, |reader| {
            let runs = reader.runs(limit)?.into_iter().map(|run| {
                let streams = reader.run_streams(run.id)?;
                Ok(RunLog {
                    kind: run.kind,
                    state: match run.finished_at {
                        // Whoever was at it is gone; the next run will say so in the mirror.
                        None if !is_live => "interrupted".to_owned(),
                        _ => run.state,
                    },
                    started_at: run.started_at.to_string(),
                    finished_at: run.finished_at.map(|at| at.to_string()),
                    streams: streams.into_iter().map(log_stream).collect(),
                })
            });
            runs.collect::<Result<Vec<_>, store::Error>>()
        })?;
        Ok(RunLogs { runs: runs.unwrap_or_default() })
    })
    .await
}

fn log_stream(row: RunStream) -> RunLogStream {
    RunLogStream {
        stream: row.stream,
        state: row.state,
        way: row.way,
        found: row.found.map(count),
        stored: count(row.stored),
        unchanged: count(row.unchanged),
        removed: count(row.removed),
        skipped: count(row.skipped),
        calls: count(row.calls),
        reason: row.reason,
        started_at: row.started_at.to_string(),
        finished_at: row.finished_at.to_string(),
    }
}

/// For whoever helps with setting up: which way in is the right one, and how a wrong one looks.
pub(crate) fn setup_help(connection: &Connection) -> SetupHelp {
    let (flow, needs) = match connection.kind {
        store::ConnectionKind::Oauth => (
            "Sign in with HubSpot, through your own app: Portside opens HubSpot's page in your browser.",
            "Your HubSpot user may install apps (App Marketplace Access), or an admin connects once.",
        ),
        store::ConnectionKind::Demo => ("The demo portal needs no account.", "No permission is needed."),
        store::ConnectionKind::ServiceKey | store::ConnectionKind::PrivateApp => (
            "A service key: in HubSpot, Development → Keys → Service keys → Create. Paste it into Portside.",
            "A Super Admin, or somebody with access to Developer Tools, makes the key.",
        ),
    };
    let wrong = errors::say(Code::WrongFlowClaude, "");
    SetupHelp {
        flow: flow.to_owned(),
        permissions: vec![
            needs.to_owned(),
            "The key or app has a read permission for each type of record; a type without one is skipped and named."
                .to_owned(),
            "A private app sees what its creator sees. If records are missing, a Super Admin makes it.".to_owned(),
        ],
        wrong_flow_error: "This account is not eligible to connect to Claude".to_owned(),
        wrong_flow_help: format!("{} {} {}", wrong.title, wrong.text, wrong.fix.join(" ")),
    }
}
