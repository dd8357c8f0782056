//! Properties that go, change, or are refused between two looks at the definitions.

use std::time::Duration;

use serde_json::json;
use sync::{RunKind, StreamState};

use super::{contacts, edit, ids, imported, poll, reads};
use crate::rig::{
    Copy, assert_done, portal,
    proxy::{Passing, Proxy},
    stream,
    truth::assert_equal,
};

/// H1: set, cleared, set to what only looks empty.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cleared_values_clear_with_a_poll() {
    let portal = portal(contacts(300)).await;
    let copy = imported(&portal).await;
    for value in [Some("something"), None, Some("0"), Some("false")] {
        for id in &ids(&portal)[4..7] {
            portal.edit().update("contacts", *id, &[("jobtitle", value)]).expect("it is there");
        }
        poll(&copy, &portal).await;
        assert_equal(&copy, &portal);
    }
}

/// H6: gone or of another type since the definitions were read.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn properties_that_go_or_change_their_type_between_polls_stop_nothing() {
    let portal = portal(contacts(300)).await;
    let mut copy = imported(&portal).await;
    let kept = copy.count("SELECT count(*) FROM contacts WHERE properties ->> 'jobtitle' IS NOT NULL");
    assert!(kept > 0);
    portal.edit().remove_property("contacts", "jobtitle").expect("it is there");
    portal.edit().retype_property("contacts", "city", "number").expect("it is there");
    let touched = ids(&portal)[9];
    portal.edit().update("contacts", touched, &[("firstname", Some("Ada"))]).expect("it is there");
    poll(&copy, &portal).await;
    let ada =
        format!("SELECT count(*) FROM contacts WHERE id = {touched} AND properties ->> 'firstname' = 'Ada'");
    assert_eq!(copy.count(&ada), 1);
    // Once the definitions say so, it is not asked any more, and what is here stays.
    copy.options.kind = RunKind::Sync;
    assert_done(&copy.run(&portal).await);
    portal.edit().update("contacts", touched, &[("firstname", Some("Grace"))]).expect("it is there");
    copy.options.kind = RunKind::Poll;
    poll(&copy, &portal).await;
    let left = copy.count("SELECT count(*) FROM contacts WHERE properties ->> 'jobtitle' IS NOT NULL");
    assert!(left >= kept - 1, "{left} of {kept} values of a property that is gone");
    let column = "SELECT count(*) FROM pragma_table_xinfo('contacts') WHERE name = 'jobtitle'";
    assert_eq!(copy.count(column), 1, "its column stays");
}

fn is_read(passing: &Passing<'_>) -> bool {
    passing.path.contains("/contacts/batch/read") || passing.path.contains("/contacts?")
}

fn asks_for(passing: &Passing<'_>, property: &str) -> bool {
    is_read(passing) && (passing.path.contains(property) || passing.asked.contains(property))
}

/// H6: named by the refusal.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refused_property_that_is_named_costs_only_itself() {
    refused(|property| {
        let detail = json!([{ "isValid": false, "message": "does not exist", "error": "PROPERTY_DOESNT_EXIST", "name": property }]);
        json!({ "status": "error", "category": "VALIDATION_ERROR", "message": format!("Property values were not valid: {detail}") }).to_string()
    })
    .await;
}

/// H6: found by halving.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refused_property_that_is_not_named_is_found() {
    refused(|_| json!({ "status": "error", "message": "There was a problem with the request." }).to_string())
        .await;
}

async fn refused(body: impl Fn(&str) -> String + Send + Sync + 'static) {
    let portal = portal(contacts(300)).await;
    let copy = imported(&portal).await;
    let with_title = "SELECT count(*) FROM contacts WHERE properties ->> 'jobtitle' IS NOT NULL";
    let titles = copy.count(with_title);
    for id in &ids(&portal)[..5] {
        portal.edit().update("contacts", *id, &[("firstname", Some("Ada"))]).expect("it is there");
    }
    let proxy = Proxy::before(&portal, move |passing| {
        if asks_for(passing, "jobtitle") {
            (passing.status, passing.body) = (400, body("jobtitle"));
        }
    })
    .await;
    for _ in 0..2 {
        let outcome = copy.run_at(&proxy.base_url(), portal.token()).await;
        assert_done(&outcome);
    }
    // The others came, and what is here of the refused one stays.
    assert_equal(&copy, &portal);
    assert_eq!(copy.count(with_title), titles);
    let looked = store::Reader::open(&copy.mirror()).expect("there is a mirror");
    let known = sync::refused(&looked, "contacts").expect("it can be read");
    assert_eq!(known.properties.keys().collect::<Vec<_>>(), ["jobtitle"]);
    for id in &ids(&portal)[..3] {
        edit(&portal, *id, "changed while it was refused");
    }
    assert_done(&copy.run_at(&proxy.base_url(), portal.token()).await);
    // It is answered again.
    portal.clock().advance(Duration::from_hours(1));
    poll(&copy, &portal).await;
    assert_equal(&copy, &portal);
    let known = sync::refused(&looked, "contacts").expect("it can be read");
    assert!(known.properties.is_empty());
    edit(&portal, ids(&portal)[4], "asked with the others again");
    poll(&copy, &portal).await;
    assert_equal(&copy, &portal);
}

/// B7: a filter on a property that the type does not have finds nothing, and says no word.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_type_without_its_stamp_is_an_error_and_not_zero_rows() {
    let portal = portal(contacts(300)).await;
    let proxy = Proxy::before(&portal, |passing| {
        if passing.path.starts_with("/crm/properties/") && passing.path.contains("companies") {
            passing.body = passing.body.replace("\"hs_lastmodifieddate\"", "\"hs_last_changed\"");
        }
    })
    .await;
    let mut copy = Copy::new();
    assert_done(&copy.run_at(&proxy.base_url(), portal.token()).await);
    copy.options.kind = RunKind::Poll;
    let outcome = copy.run_at(&proxy.base_url(), portal.token()).await;
    let companies = stream(&outcome, "companies");
    assert_eq!(companies.state, StreamState::Failed);
    assert!(companies.reason.as_deref().is_some_and(|reason| reason.contains("hs_lastmodifieddate")));
    assert_eq!(stream(&outcome, "contacts").state, StreamState::Done, "the others go on");
}

/// A record that HubSpot could not deliver is tried again with the next poll.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_record_that_could_not_be_read_waits_for_the_next_poll() {
    let portal = portal(contacts(300)).await;
    let copy = imported(&portal).await;
    let touched: Vec<u64> = ids(&portal)[20..24].to_vec();
    for id in &touched {
        edit(&portal, *id, "changed");
    }
    let broken = format!("\"{}\"", touched[2]);
    let proxy = Proxy::before(&portal, move |passing| {
        if passing.path.contains("/contacts/batch/read") && passing.asked.contains(&broken) {
            (passing.status, passing.body) = (500, String::new());
        }
    })
    .await;
    assert_done(&copy.run_at(&proxy.base_url(), portal.token()).await);
    assert_eq!(
        copy.texts("SELECT CAST(id AS TEXT) FROM queue WHERE what = 'record'"),
        [touched[2].to_string()]
    );
    let changed = "SELECT count(*) FROM contacts WHERE properties ->> 'jobtitle' = 'changed'";
    assert_eq!(copy.count(changed), 3);
    let ledger = poll(&copy, &portal).await;
    assert_equal(&copy, &portal);
    assert_eq!(reads(&ledger, "contacts"), 1);
    assert_eq!(copy.count("SELECT count(*) FROM queue WHERE what = 'record'"), 0);
    assert_eq!(copy.count("SELECT count(*) FROM quarantine"), 0);
}
