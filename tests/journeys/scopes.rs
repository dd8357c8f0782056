//! Missing permissions: of one type, of a part of the definitions, of everything; from the start or in the middle.

use simulator::{Config, Effect, Fault, Simulator};
use sync::{Outcome, StreamState};

use crate::rig::{
    Copy, assert_done, portal, small, stream,
    truth::{Compared, assert_equal, assert_equal_but},
};

fn without(scopes: &[&str]) -> Config {
    let mut config = small();
    config.scopes.retain(|scope| !scopes.contains(&scope.as_str()));
    config
}

fn assert_skipped(outcome: &Outcome, object: &str, scope: &str) {
    assert!(outcome.stop.is_none(), "{:?}", outcome.stop);
    let skipped = stream(outcome, object);
    assert_eq!(skipped.state, StreamState::Skipped, "{skipped:?}");
    assert!(skipped.reason.as_ref().is_some_and(|reason| reason.contains(scope)), "{skipped:?}");
    for report in outcome.streams.iter().filter(|report| report.object.as_str() != object) {
        assert_eq!(report.state, StreamState::Done, "{report:?}");
    }
}

fn assert_rest_equal(copy: &Copy, portal: &Simulator, object: &str) {
    assert_equal_but(copy, portal, &Compared { without: &[object], ..Compared::default() });
}

/// E2: known from the start, so nothing is even tried.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_permission_known_to_be_missing_skips_its_type_alone_and_without_a_call() {
    let portal = portal(without(&["tickets"])).await;
    let mut copy = Copy::new();
    let granted = Config::default().scopes.into_iter().filter(|scope| scope != "tickets").collect();
    copy.options.granted = Some(granted);
    assert_skipped(&copy.run(&portal).await, "tickets", "tickets");
    assert_rest_equal(&copy, &portal, "tickets");
    assert_eq!(portal.ledger().statuses.get(&403), None, "a call was tried");
}

/// E2: learned from a refusal where HubSpot does not tell what is granted.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_permission_found_missing_skips_its_type_alone() {
    for (object, scope, lost) in [
        ("tickets", "tickets", &["tickets"][..]),
        ("companies", "crm.objects.companies.read", &["crm.objects.companies.read"]),
        ("products", "crm.objects.products.read", &["crm.objects.products.read", "e-commerce"]),
    ] {
        let portal = portal(without(lost)).await;
        let copy = Copy::new();
        assert_skipped(&copy.run(&portal).await, object, scope);
        assert_rest_equal(&copy, &portal, object);
    }
}

/// E2: a refusal of the custom objects' schemas stops nothing else.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_permission_for_custom_objects_everything_else_is_copied() {
    let portal = portal(without(&["crm.schemas.custom.read", "crm.objects.custom.read"])).await;
    let copy = Copy::new();
    assert_done(&copy.run(&portal).await);
    assert_eq!(copy.count("SELECT count(*) FROM schemas"), 0);
    assert_eq!(copy.count("SELECT count(*) FROM contacts WHERE archived = 0"), 300);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_permission_for_owners_and_users_all_records_are_copied() {
    let people = [
        "crm.objects.owners.read",
        "settings.users.read",
        "crm.objects.users.read",
        "settings.users.teams.read",
    ];
    let portal = portal(without(&people)).await;
    let copy = Copy::new();
    assert_done(&copy.run(&portal).await);
    assert_equal(&copy, &portal);
    let told = copy.count("SELECT count(*) FROM run_events WHERE code = 'definitions_not_permitted'");
    assert!(told >= 3, "{told} events tell of it");
}

/// A permission taken away while its type is copied: the others go on, and it is made good when it is given back.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_permission_lost_in_the_middle_skips_its_type_and_is_made_good_later() {
    let portal = portal(Config { contacts: 1_600, ..Config::default() }).await;
    // From the second page on.
    let lost = Effect::MissingScope { scope: "tickets".to_owned() };
    portal.faults().add(Fault::new(lost).on("/crm/objects/").holding("/tickets?").after(1));
    let copy = Copy::new();
    let outcome = copy.run(&portal).await;
    assert_skipped(&outcome, "tickets", "tickets");
    assert_rest_equal(&copy, &portal, "tickets");
    portal.faults().clear();
    assert_done(&copy.run(&portal).await);
    assert_equal(&copy, &portal);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_no_permission_at_all_every_type_is_skipped_with_its_reason() {
    let portal = portal(Config { scopes: vec!["oauth".to_owned()], ..small() }).await;
    let copy = Copy::new();
    let outcome = copy.run(&portal).await;
    assert!(outcome.stop.is_none(), "{:?}", outcome.stop);
    assert!(outcome.streams.len() >= 11);
    for report in &outcome.streams {
        assert_eq!(report.state, StreamState::Skipped, "{report:?}");
        assert!(report.reason.as_ref().is_some_and(|reason| reason.contains("permission")), "{report:?}");
    }
}
