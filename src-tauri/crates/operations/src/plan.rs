//! What the next run will cost, before it is started; and what the last whole copy cost, beside what was foretold.

use std::time::Duration;

use crm::Timestamp;
use hubspot::Lane;
use store::{Connection, ConnectionState};
use sync::{Calls, PlanJob, PlanMark, Planned, Way};

use crate::{
    clients, connect,
    core::{Core, count, lock},
    errors,
    pace::{grouped, took},
    scopes, settings,
    wire::{
        Code, Cost, Done, DraftPlan, PlanAndFact, PoolCalls, ReadingWay, StopDraftPlan, SyncPlan,
        SyncPlanRequest, Total, TypePlan, WireError,
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
        since: settings::window_of(&connection),
        full: request.full,
        granted: connection.granted_scopes.clone(),
        left_out: settings::left_out(core, &connection.id)?,
    };
    let planned = sync::plan(job).await.map_err(|error| errors::sync(&error))?;
    Ok(in_wire(Some(&connection), &planned))
}

/// The same of a connection that is still being set up, with the window that is chosen for it: what `finish_connect` will
/// start. Asked again, for another window say, it takes the place of what was asked before.
pub async fn draft_plan(core: &Core, request: DraftPlan) -> Result<SyncPlan, WireError> {
    let draft = connect::find(core, &request.draft)?;
    let (account, granted) = draft.found()?;
    let stop = draft.begin_planning();
    let known = match &draft.target {
        Some(id) => Some(core.find_connection(id.as_str())?),
        None => None,
    };
    // As in `finish_connect`: one that was there keeps its window, unless everything is asked for.
    let kept = known.as_ref().filter(|_| !draft.is_new && !request.all_history).map(|known| known.since);
    let mirror = known.as_ref().map(|known| core.0.home.mirror(&known.id)).filter(|mirror| mirror.exists());
    let asked = async {
        let client = connect::client_of_draft(core, &draft).await?;
        client.know_account(&account);
        let job = PlanJob {
            client: client.in_lane(Lane::Person),
            mirror,
            since: settings::start_of(kept.unwrap_or_else(|| connect::window_for(request.all_history))),
            full: false,
            granted,
            left_out: known
                .as_ref()
                .map_or_else(|| Ok(Vec::new()), |known| settings::left_out(core, &known.id))?,
        };
        sync::plan(job).await.map_err(|error| errors::sync(&error))
    };
    tokio::select! {
        biased;
        () = stop.cancelled() => Err(errors::say(Code::PlanStopped, "")),
        planned = asked => Ok(SyncPlan { connection: None, ..in_wire(known.as_ref(), &planned?) }),
    }
}

pub async fn stop_draft_plan(core: &Core, request: StopDraftPlan) -> Result<Done, WireError> {
    connect::find(core, &request.draft)?.stop_planning();
    Ok(Done {})
}

fn in_wire(connection: Option<&Connection>, planned: &Planned) -> SyncPlan {
    let Planned { plan, daily, left_out } = planned;
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
        reason: connection
            .and_then(|connection| scopes::why_skipped(connection, &plan.missing_scopes))
            .or_else(|| {
                (!plan.missing_scopes.is_empty()).then(|| sync::permission_missing(&plan.missing_scopes))
            }),
    });
    let left_out = left_out.iter().map(|(object, label)| TypePlan {
        object: object.to_string(),
        label: label.clone(),
        records: Total { value: 0, exact: true },
        changes: false,
        properties: 0,
        ways: Vec::new(),
        by_list: 0,
        by_search: 0,
        reason: Some(sync::LEFT_OUT.to_owned()),
    });
    let time = Duration::from_millis(plan.millis);
    SyncPlan {
        connection: connection.map(|connection| connection.id.to_string()),
        sentence: format!(
            "About {}, {} requests, {} MB on this disk.",
            took(if time.as_secs() > 0 { Duration::from_secs(time.as_secs()) } else { time }),
            grouped(requests),
            grouped(plan.bytes.div_ceil(1_000_000)),
        ),
        types: types.chain(left_out).collect(),
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
