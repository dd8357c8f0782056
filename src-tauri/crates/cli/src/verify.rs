//! Proving a copy, or saying what that would cost.

use std::pin::pin;

use operations::{
    Core,
    wire::{ProofFinding, ProofOutcome, TypeProof, VerifyPlan, VerifyPlanRequest, VerifyReport},
};
use serde_json::json;
use tokio::time::timeout;

use crate::{
    arguments, connections,
    failure::{Ended, Exit, Failure},
    interrupt::interrupted,
    said::{self, Said},
    status::grouped,
    sync::{STOP_MAX, progress::Progress, stopped},
    table::{Align, Table},
};

pub(crate) async fn run(core: &Core, said: Said, asked: arguments::Verify) -> Result<Exit, Ended> {
    let connection = connections::id_of(core, asked.connection.as_deref())?;
    if asked.plan {
        let request = VerifyPlanRequest { connection, deep: asked.deep };
        let plan = operations::verify_plan(core, request).await.map_err(failed)?;
        said.words(&planned(&plan))?;
        said.object(&json!("done"), None, json!(plan))?;
        return Ok(Exit::Done);
    }
    let request = operations::wire::Verify { connection: connection.clone(), deep: asked.deep };
    let mut progress = Progress::new(core, said, &connection);
    let mut proof = pin!(operations::verify(core, request));
    let mut interrupt = pin!(interrupted());
    let mut was_stopped = false;
    let ended = loop {
        tokio::select! {
            ended = &mut proof => break ended,
            () = progress.next() => {}
            () = &mut interrupt, if !was_stopped => {
                was_stopped = true;
                core.shutdown().await;
                // It may be waiting for another process: then there is nothing to wait for.
                match timeout(STOP_MAX, &mut proof).await {
                    Ok(ended) => break ended,
                    Err(_) => {
                        progress.end();
                        return Err(stopped().into());
                    }
                }
            }
        }
    };
    progress.end();
    let report = ended.map_err(failed)?;
    let failure = if was_stopped { Some(stopped()) } else { trouble(&report) };
    said.words(&in_words(&report))?;
    if let Some(failure) = &failure {
        said::complain(failure);
    }
    said.object(&json!(report.state), failure.as_ref(), json!(report))?;
    Ok(failure.map_or(Exit::Done, |failure| failure.exit))
}

/// Not being able to prove is a failure of the proof, never of how it was asked for.
fn failed(error: operations::wire::WireError) -> Failure {
    let failure = Failure::from(error);
    let exit = if failure.exit == Exit::Usage && failure.code == "bad_request" {
        Exit::Failed
    } else {
        failure.exit
    };
    Failure { exit, ..failure }
}

/// What keeps a copy from counting as proved.
fn trouble(report: &VerifyReport) -> Option<Failure> {
    if let Some(error) = &report.error {
        return Some(error.clone().into());
    }
    let (code, message) = match report.outcome {
        Some(ProofOutcome::Equal | ProofOutcome::Repaired) => return None,
        Some(ProofOutcome::Different) => {
            ("different", "The copy differs from HubSpot where it could not be repaired.")
        }
        Some(ProofOutcome::Unproven) => ("unproven", "Not everything could be compared."),
        None => ("unproven", "Nothing could be compared."),
    };
    let fix = vec!["Run a sync, then prove again: portside sync && portside verify".to_owned()];
    Some(Failure { fix, ..Failure::new(code, message) })
}

fn planned(plan: &VerifyPlan) -> String {
    let columns = [
        ("object", Align::Left),
        ("records", Align::Right),
        ("searches", Align::Right),
        ("other calls", Align::Right),
    ];
    let mut table = Table::new(columns);
    for cost in &plan.types {
        table.row([
            cost.object.clone(),
            grouped(cost.records),
            grouped(cost.search_calls),
            grouped(cost.general_calls),
        ]);
    }
    let share = plan
        .daily_share
        .map_or_else(String::new, |share| format!(" {:.1} % of the day's calls.", share * 100.0));
    format!("{}{}{share}", table.render(), plan.sentence)
}

fn in_words(report: &VerifyReport) -> String {
    let mut lines = Vec::new();
    for one in &report.types {
        lines.push(one.object.clone());
        lines.extend(
            findings(one).map(|finding| format!("  {}: {}", outcome(finding.outcome), finding.sentence)),
        );
        if one.search_incomplete {
            lines.push("  HubSpot's search does not find all of these; they are listed.".to_owned());
        }
    }
    lines.extend(
        report.skipped.iter().map(|skipped| format!("{}\n  skipped: {}", skipped.object, skipped.reason)),
    );
    let seconds = f64::from(report.milliseconds) / 1e3;
    lines.push(format!("{} requests in {seconds:.1} s.", grouped(report.requests)));
    lines.join("\n")
}

/// Findings that are not good, one a line.
pub(crate) fn troubles(types: &[TypeProof]) -> Vec<String> {
    let bad = |finding: &&ProofFinding| !matches!(finding.outcome, ProofOutcome::Equal);
    types
        .iter()
        .flat_map(|one| {
            findings(one)
                .filter(bad)
                .map(|finding| format!("  {}, {}: {}", one.object, finding.at, finding.sentence))
        })
        .collect()
}

fn findings(one: &TypeProof) -> impl Iterator<Item = &ProofFinding> {
    [&one.counts, &one.ids, &one.values].into_iter().flatten()
}

fn outcome(outcome: ProofOutcome) -> &'static str {
    match outcome {
        ProofOutcome::Equal => "equal",
        ProofOutcome::Repaired => "repaired",
        ProofOutcome::Different => "different",
        ProofOutcome::Unproven => "unproven",
    }
}
