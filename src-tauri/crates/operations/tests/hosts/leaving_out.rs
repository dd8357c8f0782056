//! Types of records that a person leaves out: skipped without a word of trouble, their rows kept, and taken up again.

use operations::{
    Core, connect_key, connection_status, doctor, examine, run_sync, settings, skip_object, sync_plan,
    verify,
    wire::{
        Code, ConnectKey, ConnectionStatus, ConnectionStatusRequest, DoctorOutcome, DoctorRequest,
        ErrorAction, ObjectProgress, OperationalState, RunDoctor, RunSync, SettingsRequest, SkipObject,
        StreamState, SyncPlanRequest, SyncReport, Verify,
    },
};
use simulator::{Config, Effect, Fault, Simulator};

use crate::rig::Rig;

const ID: &str = "portal-24817305";
const LEFT_OUT: &str = "You left it out.";

struct Host {
    core: Core,
    portal: Simulator,
    _rig: Rig,
}

impl Host {
    async fn start() -> Host {
        let config = Config { contacts: 40, ..Config::default() };
        let portal = Simulator::start(config).await.expect("a port is free");
        let rig = Rig::new();
        let core = rig.core();
        let request = ConnectKey {
            text: portal.token().to_owned(),
            name: None,
            kind: None,
            api_base: Some(portal.base_url()),
            allow_host: false,
        };
        connect_key(&core, request).await.expect("it connects");
        Host { core, portal, _rig: rig }
    }

    async fn sync(&self) -> SyncReport {
        let since = Some("all".to_owned());
        let request = RunSync { connection: ID.to_owned(), full: false, since, wait: false };
        let report = run_sync(&self.core, request).await.expect("a run");
        assert!(report.done, "{:?}", report.error);
        report
    }

    async fn status(&self) -> ConnectionStatus {
        let request = ConnectionStatusRequest { connection: ID.to_owned() };
        connection_status(&self.core, request).await.expect("there is a status")
    }

    async fn skip(&self, object: &str, skip: bool) {
        let request = SkipObject { connection: ID.to_owned(), object: object.to_owned(), skip };
        skip_object(&self.core, request).await.expect("it can be chosen");
    }

    async fn chosen(&self) -> String {
        let all =
            settings(&self.core, SettingsRequest { connection: ID.to_owned() }).await.expect("settings");
        let found = all.settings.into_iter().find(|setting| setting.key == "skipped_objects");
        found.expect("it is a setting").value
    }

    /// Questions about tickets and their definitions.
    fn asked_for_tickets(&self) -> u64 {
        let routes = self.portal.ledger().routes;
        routes.iter().filter(|(route, _)| route.contains("tickets")).map(|(_, calls)| calls).sum()
    }
}

fn row<'a>(status: &'a ConnectionStatus, object: &str) -> &'a ObjectProgress {
    status.objects.iter().find(|row| row.object == object).unwrap_or_else(|| panic!("no row {object}"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_type_that_is_left_out_is_not_asked_for_and_keeps_its_rows_until_it_is_taken_up_again() {
    let host = Host::start().await;
    host.sync().await;
    let before = row(&host.status().await, "tickets").filled;
    assert!(before > 0);

    host.skip("tickets", true).await;
    assert_eq!(host.chosen().await, r#"["tickets"]"#);
    let status = host.status().await;
    let tickets = row(&status, "tickets");
    assert_eq!((tickets.state, tickets.filled, tickets.left_out), (StreamState::Skipped, before, true));
    assert_eq!((tickets.reason.as_deref(), status.attention.len()), (Some(LEFT_OUT), 0));

    let mut first = None;
    host.portal.truth().ids("tickets", |id| first = first.or(Some(id)));
    host.portal.edit().archive("tickets", first.expect("there are tickets")).expect("it is there");
    host.portal.reset_ledger();
    let report = host.sync().await;
    assert_eq!(host.asked_for_tickets(), 0, "{:?}", host.portal.ledger().routes);
    let stream = report.streams.iter().find(|stream| stream.object == "tickets").expect("it is named");
    assert_eq!((stream.state, stream.reason.as_deref()), (StreamState::Skipped, Some(LEFT_OUT)));
    let request = SyncPlanRequest { connection: ID.to_owned(), full: true };
    let plan = sync_plan(&host.core, request).await.expect("a plan");
    let planned = plan.types.iter().find(|one| one.object == "tickets").expect("it is named");
    assert_eq!((planned.ways.len(), planned.reason.as_deref()), (0, Some(LEFT_OUT)));
    let proof = verify(&host.core, Verify { connection: ID.to_owned(), deep: false }).await;
    let proof = proof.expect("a proof");
    assert!(proof.types.iter().all(|one| one.object != "tickets"), "what is not kept up is not compared");
    assert_eq!(host.asked_for_tickets(), 0);
    let status = host.status().await;
    assert_eq!(
        (row(&status, "tickets").filled, status.attention.len()),
        (before, 0),
        "{:?}",
        status.attention
    );
    assert_eq!(status.state, OperationalState::Active);
    assert!(status.hubspot_diagnostics.persistent_errors.is_empty());

    host.skip("tickets", false).await;
    assert_eq!(host.chosen().await, "[]");
    assert_eq!(row(&host.status().await, "tickets").state, StreamState::Queued, "the next run takes it up");
    host.sync().await;
    let status = host.status().await;
    assert_eq!(
        (row(&status, "tickets").state, row(&status, "tickets").filled),
        (StreamState::Done, before - 1)
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_lacks_its_permission_or_fails_can_be_left_out_and_troubles_nobody_any_more() {
    let host = Host::start().await;
    host.portal.faults().lose_scopes(&["tickets"]);
    host.portal.faults().add(Fault::new(Effect::Status { status: 502 }).on("/crm/objects/2026-03/deals"));
    host.sync().await;
    let status = host.status().await;
    let told = |object: &str| {
        let found = status.attention.iter().find(|told| told.object.as_deref() == Some(object));
        found.unwrap_or_else(|| panic!("nothing is told of {object}: {:?}", status.attention)).error.clone()
    };
    assert_eq!((told("tickets").code, told("deals").code), (Code::MissingScope, Code::HubspotTrouble));
    for object in ["tickets", "deals"] {
        assert_eq!(told(object).actions.last(), Some(&ErrorAction::SkipObject), "{object}");
        host.skip(object, true).await;
    }
    assert_eq!(host.status().await.attention.len(), 0, "at once");
    host.sync().await;
    let status = host.status().await;
    assert!(status.attention.is_empty(), "{:?}", status.attention);
    assert!(row(&status, "tickets").left_out && row(&status, "deals").left_out);
    let troubles = &status.hubspot_diagnostics.persistent_errors;
    assert!(troubles.iter().all(|trouble| trouble.resolved_at.is_some()), "{troubles:?}");
    examine(&host.core, RunDoctor { only: vec!["scopes".to_owned()] }).await.expect("it ends");
    let found = doctor(&host.core, DoctorRequest {}).await.expect("it can be asked");
    let scopes = found.rows.iter().find(|row| row.id == format!("scopes/{ID}")).expect("it was looked at");
    assert_eq!(scopes.outcome, DoctorOutcome::Fine, "{scopes:?}");

    host.portal.faults().set(simulator::Faults::default());
    for object in ["tickets", "deals"] {
        host.skip(object, false).await;
    }
    host.sync().await;
    let status = host.status().await;
    let done =
        |object: &str| row(&status, object).state == StreamState::Done && row(&status, object).filled > 0;
    assert!(done("tickets") && done("deals"), "{:?}", status.objects);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_a_type_that_there_is_can_be_left_out() {
    let host = Host::start().await;
    let request = SkipObject { connection: ID.to_owned(), object: "unicorns".to_owned(), skip: true };
    let refused = skip_object(&host.core, request).await.expect_err("there is none");
    assert_eq!((refused.code, host.chosen().await.as_str()), (Code::NoSuchObject, "[]"));
    host.skip("leads", true).await;
    assert_eq!(host.chosen().await, r#"["leads"]"#, "also one that was never tried");
}
