//! From one state of a connection to the next: replaced, ended by HubSpot, ended by us, taken up again.

use std::{process::Stdio, time::Duration};

use serde_json::Value;
use simulator::{Config, Simulator};

use super::{status, sync, sync_well};
use crate::rig::{
    command::{Ended, Home, ID},
    portal,
    sign_in::{ROOMY, SignIn, portal_with_app, reached, some_copied},
    small,
    truth::Compared,
};

const NAMED: &[&str] = &["--name", "Bikes"];
/// Requests that may be under way when something ends: those in flight, and one for a token.
const UNDER_WAY_MAX: u64 = 16 + 1;

async fn signed_in_and_copied(portal: &Simulator, port: u16) -> Home {
    let home = Home::new();
    home.sign_in(portal, port, NAMED).await;
    sync_well(&home, ID).await;
    home
}

fn asked(portal: &Simulator, route: &str) -> u64 {
    portal.ledger().routes.get(route).copied().unwrap_or_default()
}

async fn only_one_connection(home: &Home) {
    let listed = home.ask(&["connections", "--json"]).await.json();
    assert_eq!(listed["connections"].as_array().map(Vec::len), Some(1), "{listed}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_name_and_portal_replace_the_sign_in_and_keep_the_data() {
    let (portal, port) = portal_with_app(small()).await;
    let home = signed_in_and_copied(&portal, port).await;
    let before = home.contacts(ID);
    assert_eq!(home.sign_in(&portal, port, NAMED).await, ID);
    assert_eq!(home.contacts(ID), before);
    only_one_connection(&home).await;
    sync_well(&home, "bikes").await;
    home.assert_copied(ID, &portal, &Compared::default());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_name_for_another_portal_is_refused_and_the_first_one_lives_on() {
    let (portal, port) = portal_with_app(small()).await;
    let (other, other_port) = portal_with_app(Config { portal: 99_000_111, seed: 2, ..small() }).await;
    let home = signed_in_and_copied(&portal, port).await;
    let sign_in = SignIn::begin(&home, &other, other_port, NAMED).await;
    let tab = sign_in.approve().await;
    assert!(tab.body().contains("wrong_account"), "{}", tab.body());
    let ended = sign_in.end().await;
    ended.assert_refused(3, "wrong_account");
    assert!(ended.err.contains("99000111") && ended.err.contains("24817305"), "{ended:?}");
    only_one_connection(&home).await;
    let status = status(&home, "Bikes").await;
    assert_eq!((&status["state"], status["last_error"].is_null()), (&"active".into(), true), "{status}");
    portal.edit().archive("contacts", first_contact(&portal)).expect("it is there");
    sync_well(&home, "Bikes").await;
    home.assert_copied(ID, &portal, &Compared::default());
    assert_eq!(asked(&other, "GET objects/contacts"), 0);
    assert_eq!(asked(&other, "POST oauth/token/revoke"), 1, "what was approved there stays behind");
}

fn first_contact(portal: &Simulator) -> u64 {
    let mut first = None;
    portal.truth().ids("contacts", |id| first = first.or(Some(id)));
    first.expect("the portal has contacts")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_uninstalled_app_ends_the_connection_and_signing_in_again_goes_on_with_the_data() {
    let (portal, port) = portal_with_app(small()).await;
    let home = signed_in_and_copied(&portal, port).await;
    let before = home.contacts(ID);
    portal.edit().uninstall();
    sync(&home, ID).await.assert_refused(3, "app_uninstalled");
    let told = status(&home, ID).await;
    assert_eq!((&told["state"], &told["error"]["code"]), (&"auth_error".into(), &"app_uninstalled".into()));
    assert_eq!(home.contacts(ID), before);

    assert_eq!(home.sign_in(&portal, port, NAMED).await, ID);
    assert_eq!(home.contacts(ID), before, "the copy was not kept");
    assert!(status(&home, ID).await["last_error"].is_null());
    sync_well(&home, ID).await;
    home.assert_copied(ID, &portal, &Compared::default());
    only_one_connection(&home).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_app_that_is_uninstalled_while_it_copies_stops_the_run_at_once() {
    let latency = Duration::from_millis(20);
    let (portal, port) = portal_with_app(Config { contacts: 6_000, latency, ..Config::default() }).await;
    let home = Home::new();
    home.sign_in(&portal, port, &[]).await;
    portal.reset_ledger();
    let mut run = home.command(&["sync", "--since", "all", "--json"]).spawn().expect("portside runs");
    some_copied(&portal, &home, &mut run, ID).await;
    portal.edit().uninstall();
    let at = portal.ledger().calls;
    let ended = Ended::from(&run.wait_with_output().await.expect("it ends"));
    ended.assert_refused(3, "app_uninstalled");
    let after = portal.ledger().calls - at;
    assert!(after <= 2 * UNDER_WAY_MAX, "{after} calls after the end");
    assert_eq!(asked(&portal, "POST oauth/token"), 1, "a final no was asked for again");
    assert_eq!(status(&home, ID).await["state"], "auth_error");
    // What was copied until then can be read; nothing more is asked, whatever is looked at.
    let calls = portal.ledger().calls;
    let rows = home.ask(&["query", ID, "SELECT count(*) AS n FROM contacts", "--format", "json"]).await;
    assert!(rows.json()[0]["n"].as_u64() > Some(0), "{rows:?}");
    home.ask(&["connections"]).await;
    assert_eq!(portal.ledger().calls, calls);
}

fn outcomes(ended: &Ended) -> Vec<String> {
    assert_eq!((ended.code, &ended.json()["state"]), (0, &"inactive".into()), "{ended:?}");
    let json = ended.json();
    let outcomes = json["outcomes"].as_array().expect("what was done");
    outcomes.iter().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// Each outcome holds its text, in this order.
fn assert_in_order(outcomes: &[String], expected: &[&str]) {
    assert_eq!(outcomes.len(), expected.len(), "{outcomes:?}");
    for (outcome, expected) in outcomes.iter().zip(expected) {
        assert!(outcome.contains(expected), "{expected:?} is not in {outcome:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn disconnecting_stops_revokes_deletes_marks_and_keeps_in_this_order() {
    let (portal, port) = portal_with_app(small()).await;
    let home = signed_in_and_copied(&portal, port).await;
    let outcomes = outcomes(&home.ask(&["disconnect", "--json"]).await);
    let order = [
        "Syncing is stopped",
        "revoked at HubSpot",
        "deleted from this computer",
        "marked as disconnected",
        "are kept here",
    ];
    assert_in_order(&outcomes, &order);
    assert_eq!(asked(&portal, "POST oauth/token/revoke"), 1);
    let calls = portal.ledger().calls;
    sync(&home, ID).await.assert_refused(3, "disconnected");
    assert_eq!(portal.ledger().calls, calls, "a disconnected portal was asked");
    assert_eq!(home.contacts(ID), portal.truth().count("contacts"));

    assert_eq!(home.sign_in(&portal, port, NAMED).await, ID, "the same connection is taken up again");
    sync_well(&home, ID).await;
    home.assert_copied(ID, &portal, &Compared::default());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn disconnecting_while_another_process_copies_stops_it_first() {
    let latency = Duration::from_millis(20);
    let (portal, port) = portal_with_app(Config { contacts: 6_000, latency, ..Config::default() }).await;
    let home = Home::new();
    home.sign_in(&portal, port, &[]).await;
    portal.reset_ledger();
    let mut sync = home.command(&["sync", "--since", "all", "--json"]);
    let mut run = sync.stderr(Stdio::null()).spawn().expect("portside runs");
    reached(&portal, &mut run, 40).await;
    outcomes(&home.ask(&["disconnect", "--json"]).await);
    let stopped = Ended::from(&run.wait_with_output().await.expect("it ends"));
    assert_ne!(stopped.code, 0, "{stopped:?}");
    assert_eq!(portal.ledger().statuses.get(&401), None, "it was called with a token that had been given up");
    assert_eq!(status(&home, ID).await["state"], "inactive");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn disconnecting_succeeds_while_hubspot_is_out_of_reach_and_says_so() {
    let (portal, port) = portal_with_app(small()).await;
    let home = signed_in_and_copied(&portal, port).await;
    portal.stop().await;
    let outcomes = outcomes(&home.ask(&["disconnect", "--json"]).await);
    let order =
        ["Syncing is stopped", "could not be revoked", "deleted from this computer", "marked", "kept here"];
    assert_in_order(&outcomes, &order);
    assert_eq!(status(&home, ID).await["state"], "inactive");
    sync(&home, ID).await.assert_refused(3, "disconnected");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn wiping_deletes_the_copy_and_forgets_the_connection() {
    let (portal, port) = portal_with_app(small()).await;
    let home = signed_in_and_copied(&portal, port).await;
    let outcomes = outcomes(&home.ask(&["disconnect", "--wipe", "--json"]).await);
    assert!(outcomes.last().is_some_and(|last| last.contains("deleted")), "{outcomes:?}");
    assert!(!home.mirror().exists());
    home.ask(&["status", ID, "--json"]).await.assert_refused(1, "no_such_connection");
}

/// HubSpot keeps the old key alive for seven days.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rotated_key_replaces_the_old_one_within_its_seven_days() {
    const NEW: &str = "pat-eu1-7d0e5f3a-1b2c-4d5e-8f90-a1b2c3d4e5f6";
    let portal = portal(small()).await;
    let (home, base) = (Home::new(), portal.base_url());
    let connect = ["connect", "--token-stdin", "--name", "Bikes", "--api-base", &base, "--json"];
    assert_eq!(home.ask_with(&connect, portal.token()).await.code, 0);
    sync_well(&home, "Bikes").await;
    let week = Duration::from_hours(7 * 24);
    let old_dies_at = portal.clock().now() + i64::try_from(week.as_millis()).expect("a week");
    portal.faults().rotate_key(NEW, old_dies_at);
    sync_well(&home, "Bikes").await;
    let hint = status(&home, "Bikes").await["key_hint"].clone();

    let ended = home.ask_with(&connect, NEW).await;
    assert_eq!((ended.code, &ended.json()["connection"]), (0, &ID.into()), "{ended:?}");
    assert_eq!(home.contacts(ID), portal.truth().count("contacts"), "the copy was not kept");
    let told = status(&home, "Bikes").await;
    assert!(told["key_hint"] != hint && told["key_hint"].as_str().is_some_and(|hint| hint.ends_with("e5f6")));
    portal.clock().advance(week + Duration::from_secs(1));
    sync_well(&home, "Bikes").await;
    home.assert_copied(ID, &portal, &Compared::default());
    home.ask_with(&connect, portal.token()).await.assert_refused(3, "token_invalid");
    sync_well(&home, "Bikes").await;
}

/// From a key to a sign-in and back: one connection all the while.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_can_change_its_way_in_and_keeps_its_copy() {
    let (portal, port) = portal_with_app(Config { limits: Some(ROOMY), ..small() }).await;
    let home = signed_in_and_copied(&portal, port).await;
    let base = portal.base_url();
    let connect = ["connect", "--token-stdin", "--name", "Bikes", "--api-base", &base];
    assert_eq!(home.ask_with(&connect, portal.token()).await.code, 0);
    only_one_connection(&home).await;
    portal.edit().uninstall();
    sync_well(&home, ID).await;
    assert_eq!(home.sign_in(&portal, port, NAMED).await, ID);
    portal.faults().set_token(simulator::TokenState::Revoked);
    sync_well(&home, ID).await;
    home.assert_copied(ID, &portal, &Compared::default());
    only_one_connection(&home).await;
}
