//! Troubles on demand, as a caller meets them.

use std::time::Duration;

use serde_json::json;
use simulator::{Config, Effect, Fault, Faults, LimitName, RefusedProperty};

use crate::caller::{portal, small};

const LIST: &str = "/crm/v3/objects/contacts";

#[tokio::test]
async fn statuses_come_with_what_goes_with_them() {
    let portal = small(5).await;
    let faults = portal.simulator.faults();
    for status in [423, 500, 502, 503, 504] {
        faults.add(Fault::new(Effect::Status { status }).times(1));
        let reply = portal.get(LIST).await;
        assert_eq!((reply.status, &reply.json()["status"]), (status, &json!("error")));
    }
    for status in [521, 524, 530] {
        faults.add(Fault::new(Effect::Status { status }).times(1));
        let reply = portal.get(LIST).await;
        assert_eq!((reply.status, reply.body.as_str()), (status, format!("error code: {status}").as_str()));
    }
    faults.add(Fault::new(Effect::Moving { retry_after: 7 }).times(1));
    let moving = portal.get(LIST).await;
    assert_eq!((moving.status, moving.header("retry-after")), (477, Some("7")));
    faults.add(Fault::new(Effect::UriTooLong).times(1));
    assert_eq!(portal.get(LIST).await.status, 414);
    faults.add(Fault::new(Effect::MissingScope { scope: "crm.objects.penguins.read".to_owned() }).times(1));
    let scope = portal.get(LIST).await.json();
    assert_eq!(scope["errors"][0]["context"]["requiredGranularScopes"], json!(["crm.objects.penguins.read"]));
    faults.add(Fault::new(Effect::Unauthorized { expired: true }).times(1));
    assert_eq!(portal.get(LIST).await.json()["category"], "EXPIRED_AUTHENTICATION");
    assert_eq!(portal.get(LIST).await.status, 200, "every trouble is spent");
    assert!(faults.struck().iter().all(|&n| n == 1));
}

#[tokio::test]
async fn every_form_of_429_can_be_had() {
    let portal = small(5).await;
    for (limit, field, value) in [
        (LimitName::Daily, "policyName", "DAILY"),
        (LimitName::TenSecondly, "policyName", "TEN_SECONDLY_ROLLING"),
        (LimitName::Secondly, "policyName", "SECONDLY"),
        (LimitName::SecondlyByCategory, "category", "RATE_LIMITS"),
    ] {
        for retry_after in [None, Some(3)] {
            portal.simulator.faults().add(Fault::new(Effect::Limited { limit, retry_after }).times(1));
            let reply = portal.get(LIST).await;
            assert_eq!((reply.status, &reply.json()[field]), (429, &json!(value)));
            assert_eq!(reply.header("retry-after"), retry_after.map(|_| "3"));
        }
    }
    let unexplained = Effect::Limited { limit: LimitName::Unexplained, retry_after: None };
    portal.simulator.faults().add(Fault::new(unexplained).times(1));
    let reply = portal.get(LIST).await;
    assert_eq!((reply.status, reply.body.as_str()), (429, "Too Many Requests"));
    assert_eq!(portal.simulator.ledger().refused, 9);
}

#[tokio::test]
async fn connections_are_reset_bodies_cut_and_json_broken() {
    let portal = small(50).await;
    let faults = portal.simulator.faults();
    let token = format!("Authorization: Bearer {}\r\n", portal.simulator.token());
    faults.add(Fault::new(Effect::Reset).times(1));
    let reset = portal.raw("GET", LIST, &token, "").await.err().expect("no answer");
    assert!(
        matches!(reset.kind(), std::io::ErrorKind::ConnectionReset | std::io::ErrorKind::UnexpectedEof),
        "{reset}"
    );
    faults.add(Fault::new(Effect::Truncate { percent: 50 }).times(1));
    assert!(portal.raw("GET", LIST, &token, "").await.is_err(), "less than was promised");
    faults.add(Fault::new(Effect::Malformed).times(1));
    let broken = portal.get(LIST).await;
    assert_eq!(broken.status, 200);
    assert!(serde_json::from_str::<serde_json::Value>(&broken.body).is_err());
    faults.add(Fault::new(Effect::Html).times(1));
    assert!(portal.get(LIST).await.body.starts_with("<!DOCTYPE html>"));
    assert_eq!(portal.get(LIST).await.ids().len(), 10);
    assert_eq!(portal.simulator.ledger().statuses[&0], 1, "the reset one had no status");
}

#[tokio::test]
async fn a_trouble_strikes_only_where_it_is_told_to() {
    let portal = small(50).await;
    let faults = portal.simulator.faults();
    faults.add(
        Fault::new(Effect::Status { status: 503 }).on("/crm/v3/objects").holding("after=").after(1).times(2),
    );
    assert_eq!(portal.get(LIST).await.status, 200);
    let mut statuses = Vec::new();
    for _ in 0..4 {
        statuses.push(portal.get(&format!("{LIST}?after=1")).await.status);
    }
    assert_eq!(statuses, [200, 503, 503, 200]);
    faults.set(Faults { scopes_lost: vec!["tickets".to_owned()], ..Faults::default() });
    assert_eq!(portal.get("/crm/v3/objects/tickets").await.status, 403);
    faults.clear();
    assert_eq!(portal.get("/crm/v3/objects/tickets").await.status, 200);
}

#[tokio::test(start_paused = true)]
async fn answers_wait_as_long_as_they_are_told_to() {
    let config = Config { contacts: 5, latency: Duration::from_millis(300), ..Config::default() };
    let portal = portal(config).await;
    let began = tokio::time::Instant::now();
    assert_eq!(portal.get(LIST).await.status, 200);
    assert!(began.elapsed() >= Duration::from_millis(300));
    portal.simulator.faults().add(Fault::new(Effect::Wait { millis: 5_000 }));
    let began = tokio::time::Instant::now();
    assert_eq!(portal.get(LIST).await.status, 200, "what waits is answered all the same");
    assert!(began.elapsed() >= Duration::from_millis(5_300));
}

#[tokio::test]
async fn a_hanging_answer_ends_when_the_portal_stops() {
    let portal = small(5).await;
    portal.simulator.faults().add(Fault::new(Effect::Hang));
    let token = format!("Authorization: Bearer {}\r\n", portal.simulator.token());
    let hanging = portal.raw("GET", LIST, &token, "");
    tokio::pin!(hanging);
    tokio::select! {
        _ = &mut hanging => panic!("it answered"),
        () = portal.simulator.calls_reached(1) => {}
    }
    assert_eq!(portal.simulator.ledger().statuses.len(), 0, "asked, never answered");
}

#[tokio::test]
async fn a_page_may_succeed_only_at_half_its_size() {
    let portal = small(300).await;
    let fault = Fault::new(Effect::Status { status: 500 }).holding("objects/contacts").larger_than(50);
    portal.simulator.faults().add(fault);
    let list = async |limit: u64| portal.get(&format!("/crm/v3/objects/contacts?limit={limit}")).await.status;
    assert_eq!((list(100).await, list(51).await, list(50).await), (500, 500, 200));
    assert_eq!(portal.get("/crm/v3/objects/companies?limit=100").await.status, 200);
    let search = portal.post("/crm/v3/objects/contacts/search", &json!({"limit": 200})).await;
    assert_eq!(search.status, 500);
    let inputs: Vec<_> = (0..51).map(|id| json!({"id": id.to_string()})).collect();
    let batch = portal.post("/crm/v3/objects/contacts/batch/read", &json!({"inputs": inputs})).await;
    assert_eq!(batch.status, 500);
    let batch = portal.post("/crm/v3/objects/contacts/batch/read", &json!({"inputs": inputs[..50]})).await;
    assert_eq!(batch.status, 207);
}

#[tokio::test]
async fn a_property_may_be_refused_by_name_or_without() {
    let portal = small(30).await;
    let refused = |name: &str, unnamed, contains: &str| RefusedProperty {
        object: "contacts".to_owned(),
        name: name.to_owned(),
        unnamed,
        contains: contains.to_owned(),
    };
    portal.simulator.faults().set(Faults {
        refused_properties: vec![refused("city", false, ""), refused("phone", true, "batch/read")],
        ..Faults::default()
    });
    let path = "/crm/v3/objects/contacts";
    let list = portal.get(&format!("{path}?properties=email,city")).await;
    assert_eq!(
        (list.status, &list.json()["errors"][0]["context"]),
        (400, &json!({"propertyName": ["city"]}))
    );
    let asking = json!({"properties": ["email", "city"], "inputs": []});
    assert_eq!(portal.post(&format!("{path}/search"), &asking).await.status, 400);
    assert_eq!(portal.get(&format!("{path}?properties=email,phone")).await.status, 200);
    let batch =
        portal.post(&format!("{path}/batch/read"), &json!({"properties": ["phone"], "inputs": []})).await;
    assert_eq!((batch.status, batch.json().get("errors")), (400, None));
    assert_eq!(portal.get("/crm/v3/objects/companies?properties=city").await.status, 200);
}
