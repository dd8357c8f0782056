//! What a run would cost, without running it.

use operations::{
    Core,
    wire::{PlanAndFact, PoolCalls, ReadingWay, SyncPlan, SyncPlanRequest, TypePlan},
};
use serde_json::json;

use crate::{
    failure::{Ended, Exit},
    said::Said,
    status::grouped,
    table::{Align, Table},
};

pub(super) async fn show(core: &Core, said: Said, ids: &[String], full: bool) -> Result<Exit, Ended> {
    for id in ids {
        let plan = operations::sync_plan(core, SyncPlanRequest { connection: id.clone(), full }).await?;
        said.words(&words(&plan))?;
        said.object(&json!("planned"), None, json!(plan))?;
    }
    Ok(Exit::Done)
}

fn words(plan: &SyncPlan) -> String {
    let columns = [
        ("object", Align::Left),
        ("records", Align::Right),
        ("properties", Align::Right),
        ("by list", Align::Right),
        ("by search", Align::Right),
        ("way", Align::Left),
    ];
    let mut types = Table::new(columns);
    for row in &plan.types {
        types.row([
            row.object.clone(),
            format!("{}{}", if row.records.exact { "" } else { "≈" }, grouped(row.records.value)),
            grouped(row.properties),
            grouped(row.by_list),
            grouped(row.by_search),
            way(row),
        ]);
    }
    let stages = [
        ("requests for", Align::Left),
        ("general", Align::Right),
        ("search", Align::Right),
        ("associations", Align::Right),
    ];
    let mut calls = Table::new(stages);
    for (name, PoolCalls { general, search, associations }) in [
        ("definitions", plan.definitions),
        ("records", plan.records),
        ("links", plan.links),
        ("checks", plan.checks),
        ("all", plan.cost.calls),
    ] {
        calls.row([name.to_owned(), grouped(general), grouped(search), grouped(associations)]);
    }
    let day = match (plan.daily_percent, plan.daily_used, plan.daily_limit) {
        (Some(percent), Some(used), Some(limit)) => format!(
            "{percent:.2} % of today's {} requests, of which {} are used.",
            grouped(limit),
            grouped(used)
        ),
        _ => "HubSpot names no daily limit for this connection.".to_owned(),
    };
    format!("{}\n{}\n{}\n{day}", types.render(), calls.render(), plan.sentence)
}

fn way(row: &TypePlan) -> String {
    let name = |way: &ReadingWay| match way {
        ReadingWay::List => "list",
        ReadingWay::ListAndBatch => "list, then batch reads",
        ReadingWay::Search => "search",
        ReadingWay::SearchAndBatch => "search, then batch reads",
    };
    let ways: Vec<&str> = row.ways.iter().map(name).collect();
    match (&row.reason, row.changes) {
        (Some(reason), _) => reason.clone(),
        (None, true) => format!("only changes: {}", ways.join(" + ")),
        (None, false) => ways.join(" + "),
    }
}

/// What was foretold of a run and what it took, in one line.
pub(super) fn compared(both: &PlanAndFact) -> Option<String> {
    let fact = both.fact?;
    (!both.interrupted).then(|| {
        format!(
            "Foretold: {} requests in {:.1} s. Taken: {} requests in {:.1} s.",
            grouped(both.plan.requests),
            both.plan.seconds,
            grouped(fact.requests),
            fact.seconds,
        )
    })
}
