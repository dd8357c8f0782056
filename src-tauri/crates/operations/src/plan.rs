//! What the next run will cost, before it is started; and what the last whole copy cost, beside what was foretold.

use std::time::Duration;

use crm::Timestamp;
use hubspot::Lane;
use store::{Connection, ConnectionState, Since};
use sync::{Calls, PlanJob, PlanMark, Planned, Way};

use crate::{
    clients,
    core::{Core, count, lock},
    errors,
    pace::{grouped, took},
    scopes,
    wire::{
        Code, Cost, PlanAndFact, PoolCalls, ReadingWay, SyncPlan, SyncPlanRequest, Total, TypePlan, WireError,
    },
};

/// Counts what the next run would read, and says how it would, and what that costs. Nothing is changed here.
pub async fn sync_plan(core: &Core, request: SyncPlanRequest) -> Result<SyncPlan, WireError> {
    let mut connection = core.find_connection(&request.connection)?;
    match connection.state {
        ConnectionState::Inactive => return Err(errors::say(Code::Disconnected, &connection.name)),
        ConnectionState::PendingSetup => return Err(errors::say(Code::SetupCancelled, &connection.name)),
        ConnectionState::Active | ConnectionState::Revoked => {}
    }
    // A run that is under way knows the limits, and shares them.
    let running = lock(&core.0.runs).get(&connection.id).filter(|running| !running.is_over()).cloned();
    let client = match running {
        Some(running) => running.client,
        None => clients::client_for_run(core, &mut connection).await?,
    };
    let mirror = core.0.home.mirror(&connection.id);
    let job = PlanJob {
        client: client.in_lane(Lane::Person),
        mirror: mirror.exists().then_some(mirror),
        since: match connection.since {
            Since::All => None,
            Since::At(at) => Some(at),
        },
        full: request.full,
        granted: connection.granted_scopes.clone(),
    };
    let planned = sync::plan(job).await.map_err(|error| errors::sync(&error))?;
    Ok(in_wire(&connection, &planned))
}

fn in_wire(connection: &Connection, planned: &Planned) -> SyncPlan {
    let Planned { plan, daily } = planned;
    let requests = plan.stages.all().all();
    let types = plan.types.iter().map(|plan| TypePlan {
        object: plan.object.clone(),
        label: plan.label.clone(),
        records: Total { value: count(plan.records), exact: plan.exact },
        changes: plan.changes,
        properties: count(plan.properties),
        ways: [plan.ways.list, plan.ways.search].into_iter().flatten().map(way).collect(),
        by_list: count(plan.by_list),
        by_search: count(plan.by_search),
        reason: scopes::why_skipped(connection, &plan.missing_scopes),
    });
    let time = Duration::from_millis(plan.millis);
    SyncPlan {
        connection: connection.id.to_string(),
        sentence: format!(
            "About {}, {} requests, {} MB on this disk.",
            took(if time.as_secs() > 0 { Duration::from_secs(time.as_secs()) } else { time }),
            grouped(requests),
            grouped(plan.bytes.div_ceil(1_000_000)),
        ),
        types: types.collect(),
        definitions: calls(plan.stages.definitions),
        records: calls(plan.stages.records),
        links: calls(plan.stages.links),
        checks: calls(plan.stages.checks),
        cost: cost(plan.stages.all(), plan.millis, plan.bytes),
        daily_limit: daily.map(|daily| count(daily.limit)),
        daily_used: daily.map(|daily| count(daily.used)),
        daily_percent: daily.map(|daily| requests as f64 * 100.0 / daily.limit.max(1) as f64),
    }
}

/// What the last whole copy cost, beside what was foretold of it.
pub(crate) fn plan_and_fact(mark: &PlanMark) -> PlanAndFact {
    PlanAndFact {
        plan: cost(mark.plan.stages.all(), mark.plan.millis, mark.plan.bytes),
        fact: mark.fact.map(|fact| cost(fact.calls, fact.millis, fact.bytes)),
        interrupted: mark.interrupted,
    }
}

/// The same of the run that began then; none if it read only changes.
pub(crate) fn of_run(core: &Core, connection: &Connection, began: Timestamp) -> Option<PlanAndFact> {
    let read = core.read(&connection.id, |reader| Ok(sync::plan_mark(reader).ok().flatten()));
    let mark = read.ok().flatten().flatten()?;
    (mark.began == began.millis()).then(|| plan_and_fact(&mark))
}

fn cost(by_pool: Calls, millis: u64, bytes: u64) -> Cost {
    Cost {
        requests: count(by_pool.all()),
        calls: calls(by_pool),
        seconds: millis as f64 / 1e3,
        megabytes: bytes as f64 / 1e6,
    }
}

fn calls(calls: Calls) -> PoolCalls {
    PoolCalls {
        general: count(calls.general),
        search: count(calls.search),
        associations: count(calls.associations),
    }
}

fn way(way: Way) -> ReadingWay {
    match way {
        Way::List => ReadingWay::List,
        Way::ListAndBatch => ReadingWay::ListAndBatch,
        Way::Search => ReadingWay::Search,
        Way::SearchAndBatch => ReadingWay::SearchAndBatch,
    }
}
