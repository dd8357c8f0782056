//! The wizard's way with a key: the plan before the start, and a key that opens another portal.

use std::time::Duration;

use operations::{
    Core, begin_key, checks, connect_key, connections, draft_plan, finish_connect, start_checks,
    stop_draft_plan, sync_plan, use_as_new_connection,
    wire::{
        BeginKey, CheckOutcome, Checks, ChecksRequest, Code, ConnectKey, ConnectionKind, ConnectionsRequest,
        CoreEvent, DraftPlan, ErrorAction, FinishConnect, KeyDraft, StartChecks, StopDraftPlan, SyncPlan,
        SyncPlanRequest, UseAsNewConnection, WireError,
    },
};
use simulator::{Config, Effect, Fault, Simulator};

use crate::rig::Rig;

async fn portal(config: Config) -> Simulator {
    Simulator::start(Config { contacts: 200, ..config }).await.expect("a port is free")
}

async fn begun(core: &Core, portal: &Simulator, connection: Option<&str>) -> KeyDraft {
    let request = BeginKey {
        text: portal.token().to_owned(),
        api_base: Some(portal.base_url()),
        connection: connection.map(str::to_owned),
    };
    begin_key(core, request).await.expect("it looks like a key")
}

/// Runs all checks to their end.
pub(crate) async fn checked(core: &Core, draft: &str) -> Checks {
    let mut events = core.events();
    let request = StartChecks { draft: draft.to_owned(), only: Vec::new() };
    start_checks(core, request).await.expect("they begin");
    loop {
        let found = checks(core, ChecksRequest { draft: draft.to_owned() }).await.expect("there are checks");
        if !found.running {
            return found;
        }
        while !matches!(events.recv().await, Ok(CoreEvent::ChecksChanged { .. })) {}
    }
}

async fn plan(core: &Core, draft: &str, all_history: bool) -> Result<SyncPlan, WireError> {
    draft_plan(core, DraftPlan { draft: draft.to_owned(), all_history }).await
}

pub(crate) fn finish(draft: &str, name: &str, all_history: bool) -> FinishConnect {
    let (draft, name) = (draft.to_owned(), name.to_owned());
    FinishConnect { draft, name, kind: ConnectionKind::ServiceKey, all_history }
}

async fn names(core: &Core) -> Vec<(String, Option<String>)> {
    let known = connections(core, ConnectionsRequest {}).await.expect("a list").connections;
    known.into_iter().map(|one| (one.name, one.portal)).collect()
}

/// The plan's own words, but for the time of day.
fn figures(plan: &SyncPlan) -> Vec<(String, u32, u32, Option<String>)> {
    let of = |one: &operations::wire::TypePlan| {
        (one.object.clone(), one.records.value, one.properties, one.reason.clone())
    };
    plan.types.iter().map(of).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_draft_has_the_plan_that_its_connection_will_have_for_either_window() {
    let mut config = Config::default();
    config.scopes.retain(|scope| scope != "tickets");
    let portal = portal(config).await;
    let rig = Rig::new();
    let core = rig.core();
    let draft = begun(&core, &portal, None).await.draft;
    let unchecked = plan(&core, &draft, false).await.expect_err("nobody knows whose key it is");
    assert_eq!(unchecked.code, Code::BadRequest);
    assert!(checked(&core, &draft).await.can_finish);
    let narrow = plan(&core, &draft, false).await.expect("a plan");
    let wide = plan(&core, &draft, true).await.expect("a plan");
    assert_eq!(narrow.connection, None);
    let contacts = |plan: &SyncPlan| {
        let found = plan.types.iter().find(|one| one.object == "contacts");
        found.expect("contacts are planned").records.value
    };
    assert!(contacts(&narrow) < contacts(&wide), "{} of {}", contacts(&narrow), contacts(&wide));
    assert_eq!(contacts(&wide), 200);
    let skipped = narrow.types.iter().find(|one| one.object == "tickets").expect("they are named");
    assert_eq!(skipped.reason.as_deref(), Some("The permission “tickets” is missing."));
    assert!(skipped.ways.is_empty() && narrow.cost.requests > 0 && narrow.cost.seconds > 0.0);
    assert_eq!(names(&core).await, [], "a plan makes no connection");

    let request = ConnectKey {
        text: portal.token().to_owned(),
        name: None,
        kind: None,
        api_base: Some(portal.base_url()),
        allow_host: false,
    };
    let connection = connect_key(&core, request).await.expect("it connects").connection;
    let home = sync_plan(&core, SyncPlanRequest { connection, full: false }).await.expect("a plan");
    assert_eq!(figures(&narrow), figures(&home));
    assert_eq!((narrow.cost.requests, narrow.cost.calls), (home.cost.requests, home.cost.calls));
}

/// Far slower to plan than anything else here takes.
async fn slow() -> Simulator {
    portal(Config { latency: Duration::from_millis(100), ..Config::default() }).await
}

/// A plan that has begun to ask.
async fn planning(
    core: &Core,
    portal: &Simulator,
    draft: &str,
) -> tokio::task::JoinHandle<Result<SyncPlan, WireError>> {
    let (core, draft, calls) = (core.clone(), draft.to_owned(), portal.ledger().calls);
    let planning = tokio::spawn(async move { plan(&core, &draft, false).await });
    portal.calls_reached(calls + 1).await;
    planning
}

async fn stopped(planning: tokio::task::JoinHandle<Result<SyncPlan, WireError>>) {
    let error = planning.await.expect("it does not panic").expect_err("it was stopped");
    assert_eq!((error.code, &error.actions[..]), (Code::PlanStopped, &[ErrorAction::TryAgain][..]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_plan_can_be_stopped_is_replaced_by_another_window_and_is_never_waited_for() {
    let portal = slow().await;
    let rig = Rig::new();
    let core = rig.core();
    let draft = begun(&core, &portal, None).await.draft;
    checked(&core, &draft).await;

    let first = planning(&core, &portal, &draft).await;
    stop_draft_plan(&core, StopDraftPlan { draft: draft.clone() }).await.expect("it can be stopped");
    stopped(first).await;

    let second = planning(&core, &portal, &draft).await;
    assert!(plan(&core, &draft, true).await.is_ok(), "another window is planned in its place");
    stopped(second).await;

    let third = planning(&core, &portal, &draft).await;
    let connected = finish_connect(&core, finish(&draft, "Bikes", true)).await.expect("it is connected");
    stopped(third).await;
    assert_eq!(names(&core).await.len(), 1, "{connected:?}");
    let gone = plan(&core, &draft, true).await.expect_err("the draft is finished");
    assert_eq!(gone.code, Code::BadRequest);
    core.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_plan_that_fails_says_why_and_succeeds_when_asked_again() {
    let portal = portal(Config::default()).await;
    let rig = Rig::new();
    let core = rig.core();
    let draft = begun(&core, &portal, None).await.draft;
    checked(&core, &draft).await;
    portal.faults().add(Fault::new(Effect::Reset));
    let error = plan(&core, &draft, false).await.expect_err("nobody answers");
    assert_eq!((error.code, error.actions.contains(&ErrorAction::TryAgain)), (Code::Offline, true));
    portal.faults().clear();
    plan(&core, &draft, false).await.expect("a plan");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_of_another_portal_becomes_a_connection_of_its_own_without_being_pasted_again() {
    let (first, other) = (
        portal(Config::default()).await,
        portal(Config { portal: 7_654_321, seed: 2, ..Config::default() }).await,
    );
    let rig = Rig::new();
    let core = rig.core();
    let draft = begun(&core, &first, None).await.draft;
    checked(&core, &draft).await;
    let kept = finish_connect(&core, finish(&draft, "Bikes", false)).await.expect("it is connected");

    let draft = begun(&core, &other, Some(&kept.connection)).await.draft;
    let found = checked(&core, &draft).await;
    let row = found.rows.iter().find(|row| row.id == "accepted").expect("it was looked at");
    let error = row.error.as_ref().expect("it is refused");
    assert_eq!((row.outcome, error.code), (CheckOutcome::Broken, Code::WrongAccount));
    assert!(error.title.contains("7654321") && error.text.contains("24817305"), "{error:?}");
    assert!(error.actions.contains(&ErrorAction::UseAsNewConnection) && !found.can_finish);

    let request = UseAsNewConnection { draft: draft.clone() };
    let again = use_as_new_connection(&core, request).await.expect("it becomes a new one");
    assert_eq!(again.draft, draft);
    let found = checked(&core, &draft).await;
    assert!(found.can_finish, "{:?}", found.rows);
    assert!(plan(&core, &draft, false).await.is_ok());
    finish_connect(&core, finish(&draft, "Boats", false)).await.expect("it is connected");
    let portals = |portal: &str| Some(portal.to_owned());
    assert_eq!(
        names(&core).await,
        [("Bikes".to_owned(), portals("24817305")), ("Boats".to_owned(), portals("7654321"))]
    );
    core.shutdown().await;
    let gone = use_as_new_connection(&core, UseAsNewConnection { draft }).await.expect_err("it is finished");
    assert_eq!(gone.code, Code::BadRequest);
}
