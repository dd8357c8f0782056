//! Servers that do what no switch of the simulator does, by way of a server in between.

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::rig::{
    Copy, assert_done, portal,
    proxy::{Passing, Proxy},
    small, stream,
    truth::{Compared, assert_equal, assert_equal_but},
};

#[derive(Deserialize)]
struct List {
    results: Vec<Box<RawValue>>,
    paging: Option<Box<RawValue>>,
}

/// Turns a page round without touching a byte of its records.
fn reversed(body: &str) -> Option<String> {
    let list: List = serde_json::from_str(body).ok()?;
    let rows: Vec<&str> = list.results.iter().rev().map(|row| row.get()).collect();
    let paging = list.paging.map(|paging| format!(",\"paging\":{}", paging.get())).unwrap_or_default();
    Some(format!("{{\"results\":[{}]{paging}}}", rows.join(",")))
}

fn is_list(passing: &Passing<'_>) -> bool {
    passing.status == 200 && passing.path.starts_with("/crm/objects/") && passing.path.contains("limit=")
}

/// B3: order is never taken for granted.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lists_out_of_order_lose_nothing() {
    let portal = portal(simulator::Config { contacts: 1_100, ..simulator::Config::default() }).await;
    let proxy = Proxy::before(&portal, |passing| {
        if is_list(passing)
            && let Some(body) = reversed(&passing.body)
        {
            passing.body = body;
        }
    })
    .await;
    let copy = Copy::new();
    for _ in 0..2 {
        assert_done(&copy.run_at(&proxy.base_url(), portal.token()).await);
        assert_equal(&copy, &portal);
    }
}

/// One record that breaks every answer it is in is set aside alone.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_record_that_the_server_cannot_deliver_is_set_aside_alone() {
    let portal = portal(small()).await;
    let mut ids = Vec::new();
    portal.truth().ids("contacts", |id| ids.push(id));
    let broken = ids[140];
    let mark = format!("\"id\":\"{broken}\"");
    let proxy = Proxy::before(&portal, move |passing| {
        let is_records = passing.path.contains("/contacts?") || passing.path.contains("/contacts/batch/read");
        // Its bare id can be listed; its values cannot be told.
        if is_records && passing.body.contains(&mark) && passing.body.contains("\"firstname\"") {
            let values = passing.path.contains("lifecyclestage") || passing.path.contains("batch/read");
            if values {
                (passing.status, passing.body) = (500, String::new());
            }
        }
    })
    .await;
    let copy = Copy::new();
    let outcome = copy.run_at(&proxy.base_url(), portal.token()).await;
    assert_done(&outcome);
    let unreadable = [broken].into();
    let compared = Compared { unreadable, left_out: true, ..Compared::default() };
    assert_equal_but(&copy, &portal, &compared);
    assert_eq!(stream(&outcome, "contacts").stored, 299);
    assert_eq!(copy.texts("SELECT id FROM quarantine"), [broken.to_string()]);
}

/// E4: the address in an answer is never followed, so no token can be lured away.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn links_to_a_next_page_are_not_followed() {
    let portal = portal(small()).await;
    let base = portal.base_url();
    let proxy = Proxy::before(&portal, move |passing| {
        passing.body = passing.body.replace(&base, "http://api.hubspot.com.evil.example");
    })
    .await;
    let copy = Copy::new();
    assert_done(&copy.run_at(&proxy.base_url(), portal.token()).await);
    assert_equal(&copy, &portal);
}

/// H5: a custom object may be called like one of the mirror's own tables.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_custom_object_called_like_a_table_of_ours_gets_its_full_name() {
    for name in ["owners", "Contacts", "history"] {
        let portal = portal(small()).await;
        let named = format!("\"name\":\"{name}\"");
        let proxy = Proxy::before(&portal, move |passing| {
            if passing.path.contains("/schemas") {
                passing.body = passing.body.replace("\"name\":\"bike\"", &named);
            }
        })
        .await;
        let copy = Copy::new();
        assert_done(&copy.run_at(&proxy.base_url(), portal.token()).await);
        assert_equal(&copy, &portal);
        let table = copy.texts("SELECT object_type FROM object_types WHERE custom = 1");
        assert_eq!(table, ["p24817305_bike"], "{name}");
    }
}

/// A smaller server than HubSpot, or an account without some tools: what it does not know is left out and told, and is no
/// failure.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_type_that_the_server_does_not_know_is_skipped_with_its_reason() {
    let portal = portal(small()).await;
    let proxy = Proxy::before(&portal, |passing| {
        if passing.path.contains("/notes") {
            passing.status = 400;
            passing.body = r#"{"status":"error","message":"Unable to infer object type from: notes","category":"VALIDATION_ERROR"}"#.to_owned();
        }
    })
    .await;
    let copy = Copy::new();
    let outcome = copy.run_at(&proxy.base_url(), portal.token()).await;
    assert!(outcome.stop.is_none(), "{:?}", outcome.stop);
    let notes = stream(&outcome, "notes");
    assert_eq!(notes.state, sync::StreamState::Skipped, "{notes:?}");
    assert!(notes.reason.as_deref().is_some_and(|reason| reason.contains("plan")), "{notes:?}");
    assert!(
        outcome.streams.iter().all(|stream| stream.state != sync::StreamState::Failed),
        "{:?}",
        outcome.streams
    );
}
