//! Edits that wait for requests, and edits that search learns of late or never.

use std::time::Duration;

use serde_json::{Value, json};
use simulator::{Change, Config, Limits, Step, StepState, Tier};

use crate::caller::{Portal, portal, small};

const PATH: &str = "/crm/v3/objects/contacts";

fn archive(id: u64) -> Change {
    Change::Archive { object: "contacts".to_owned(), id }
}

async fn total(portal: &Portal, filter: Value) -> u64 {
    let reply = portal.post(&format!("{PATH}/search"), &json!({"filters": [filter], "limit": 1})).await;
    reply.json()["total"].as_u64().unwrap()
}

async fn total_of(portal: &Portal, id: u64) -> u64 {
    total(portal, json!({"propertyName": "hs_object_id", "operator": "EQ", "value": id.to_string()})).await
}

#[tokio::test]
async fn a_step_is_made_after_its_requests_and_before_the_next() {
    let portal = small(30).await;
    let ids = portal.get(&format!("{PATH}?limit=30")).await.ids();
    let script = portal.simulator.script();
    script.add(Step::after(2, archive(ids[4])).on("/crm/v3/objects/contacts").by("GET"));
    script.add(Step::after(0, archive(ids[5])).holding("limit=5"));
    let page = |after: u64| format!("{PATH}?limit=2&after={after}");
    assert_eq!(portal.get(&page(ids[0])).await.ids(), ids[0..2]);
    assert_eq!(portal.get("/crm/v3/owners").await.status, 200);
    assert_eq!(script.states()[0], StepState::Waiting(1));
    assert_eq!(portal.get(&page(ids[2])).await.ids(), ids[2..4]);
    assert_eq!(script.states(), [StepState::Done(None), StepState::Waiting(0)]);
    assert_eq!(portal.get(&page(ids[4])).await.ids(), ids[5..7]);
    assert_eq!(portal.get(&format!("{PATH}?limit=5&after={}", ids[4])).await.ids(), ids[6..11]);
    assert_eq!(script.states()[1], StepState::Done(None));
}

#[tokio::test]
async fn every_change_can_be_written_down_and_made() {
    let portal = portal(Config { contacts: 30, control_routes: true, ..Config::default() }).await;
    let ids = portal.get(&format!("{PATH}?limit=30")).await.ids();
    let deals = portal.get("/crm/v3/objects/deals?limit=3").await.ids();
    let edit = async |change: Value| {
        let body = json!({"change": change}).to_string();
        portal.raw("POST", "/_simulator/edit", "", &body).await.unwrap()
    };
    let made = edit(json!({"create": {"object": "contacts", "values": {"firstname": "New"}}})).await.json();
    assert!(made["id"].as_u64().unwrap() > ids[29]);
    let (a, b, c) = (ids[0], ids[1], ids[2]);
    for change in [
        json!({"update": {"object": "contacts", "id": c, "values": {"city": "Bodø", "firstname": null}}}),
        json!({"recalculate": {"object": "contacts", "id": c, "values": {"num_notes": "77"}}}),
        json!({"restamp": {"object": "contacts", "id": ids[6], "at": 1_700_000_000_000_i64}}),
        json!({"restamp_all": {"object": "companies"}}),
        json!({"archive": {"object": "contacts", "id": ids[3]}}),
        json!({"archive": {"object": "contacts", "id": ids[4]}}),
        json!({"restore": {"object": "contacts", "id": ids[4]}}),
        json!({"erase": {"object": "contacts", "id": ids[5]}}),
        json!({"associate": {"from": ["contacts", c], "to": ["deals", deals[0]]}}),
        json!({"associate": {"from": ["contacts", c], "to": ["deals", deals[1]]}}),
        json!({"dissociate": {"from": ["contacts", c], "to": ["deals", deals[1]]}}),
        json!({"add_property": {"object": "contacts", "name": "brand_new", "value_type": "number"}}),
        json!({"retype_property": {"object": "contacts", "name": "jobtitle", "value_type": "number"}}),
        json!({"remove_property": {"object": "contacts", "name": "phone"}}),
        json!({"delete_stage": {"object": "deals", "pipeline": "default", "stage": "qualifiedtobuy"}}),
        json!({"deactivate_owner": {"id": 75_112_301, "clear_name": true}}),
        json!({"lose_scopes": {"scopes": ["tickets"]}}),
        json!({"move_clock": {"millis": -3_600_000}}),
    ] {
        let reply = edit(change.clone()).await;
        assert_eq!((reply.status, reply.body.as_str()), (200, r#"{"id":null}"#), "{change}");
    }
    let merged = edit(json!({"merge": {"object": "contacts", "primary": a, "other": b}})).await.json();
    let path = format!("{PATH}/{c}?properties=city,firstname,num_notes,phone,brand_new&associations=deals");
    let record = portal.get(&path).await.json();
    let values = &record["properties"];
    assert_eq!((&values["city"], &values["num_notes"]), (&json!("Bodø"), &json!("77")));
    assert!(values["firstname"].is_null() && values["brand_new"].is_null() && values.get("phone").is_none());
    let linked = record["associations"]["deals"]["results"].as_array().unwrap();
    let is_linked = |id: u64| linked.iter().any(|l| l["id"].as_str() == Some(&id.to_string()));
    assert!(is_linked(deals[0]) && !is_linked(deals[1]));
    assert_eq!(portal.get(&format!("{PATH}/{b}")).await.json()["id"], merged["id"].to_string());
    let live = portal.get(&format!("{PATH}?limit=100")).await.ids();
    assert_eq!(
        [a, b, ids[3], ids[4], ids[5]].map(|id| live.contains(&id)),
        [false, false, false, true, false]
    );
    let stamp = portal.get(&format!("{PATH}/{}", ids[6])).await.json()["updatedAt"].clone();
    assert_eq!(stamp, "2023-11-14T22:13:20Z");
    let property = |name: &str| format!("/crm/v3/properties/contacts/{name}");
    assert_eq!(portal.get(&property("jobtitle")).await.json()["type"], "number");
    assert_eq!(portal.get(&property("phone")).await.status, 404);
    let stages = portal.get("/crm/v3/pipelines/deals/default").await.json()["stages"].clone();
    assert!(!stages.as_array().unwrap().iter().any(|s| s["id"] == "qualifiedtobuy"));
    let owner = portal.get("/crm/v3/owners/75112301?archived=true").await.json();
    assert_eq!((&owner["firstName"], &owner["userId"]), (&json!(""), &Value::Null));
    assert_eq!(portal.get("/crm/v3/owners/75112301").await.status, 404);
    assert_eq!(portal.get("/crm/v3/objects/tickets").await.status, 403);
    let truth = portal.raw("GET", "/_simulator/truth", "", "").await.unwrap();
    let gone = |key: &str| {
        let lines = truth.body.lines().map(|l| serde_json::from_str::<Value>(l).unwrap());
        lines
            .filter(|l| l["object"] == "contacts" && l.get(key).is_some())
            .map(|l| l["id"].clone())
            .collect::<Vec<_>>()
    };
    assert_eq!((gone("merged_into"), gone("erased")), (vec![json!(a), json!(b)], vec![json!(ids[5])]));
    for (change, why) in [
        (json!({"erase": {"object": "contacts", "id": 4}}), "there is no record 4"),
        (json!({"restore": {"object": "contacts", "id": c}}), "is not archived"),
        (json!({"merge": {"object": "contacts", "primary": c, "other": c}}), "with itself"),
        (json!({"archive": {"object": "sheep", "id": 4}}), "there is no object type sheep"),
        (json!({"deactivate_owner": {"id": 4, "clear_name": true}}), "there is no owner 4"),
        (json!({"invent": {}}), "Not an edit"),
    ] {
        let reply = edit(change).await;
        assert_eq!(reply.status, 400);
        assert!(reply.body.contains(why), "{} for {why}", reply.body);
    }
}

#[tokio::test]
async fn a_script_can_be_sent_over_the_wire_and_looked_at() {
    let portal = portal(Config { contacts: 30, control_routes: true, ..Config::default() }).await;
    let ids = portal.get(&format!("{PATH}?limit=3")).await.ids();
    let script = json!([
        {"path": "/crm/v3/objects/contacts", "after": 1, "lag_millis": 60_000,
            "change": {"archive": {"object": "contacts", "id": ids[0]}}},
        {"after": 1, "change": {"archive": {"object": "contacts", "id": 4}}},
        {"after": 9, "change": "uninstall"},
    ]);
    let put = portal.raw("PUT", "/_simulator/script", "", &script.to_string()).await.unwrap();
    assert_eq!(put.status, 204);
    assert_eq!(portal.get(&format!("{PATH}?limit=3")).await.ids(), ids);
    let states = portal.raw("GET", "/_simulator/script", "", "").await.unwrap().json();
    assert_eq!(
        states,
        json!([{"done": null}, {"failed": "there is no record 4 among contacts"}, {"waiting": 1}])
    );
    assert_eq!(total_of(&portal, ids[0]).await, 1, "a ghost, for a minute");
    assert_eq!(portal.get(&format!("{PATH}/{}", ids[0])).await.status, 404);
    portal.simulator.clock().advance(Duration::from_mins(1));
    assert_eq!(total_of(&portal, ids[0]).await, 0);
    let bad = portal.raw("PUT", "/_simulator/script", "", r#"[{"after": 1}]"#).await.unwrap();
    assert_eq!(bad.status, 400);
}

#[tokio::test]
async fn refused_requests_move_no_script() {
    let portal = small(30).await;
    portal.simulator.script().add(Step::after(1, Change::Uninstall).on("/crm/"));
    portal.simulator.faults().lose_scopes(&["tickets"]);
    assert_eq!(portal.get("/crm/v3/objects/tickets").await.status, 403);
    assert_eq!(portal.simulator.script().states(), [StepState::Waiting(0)]);
}

#[tokio::test]
async fn search_lacks_what_is_hidden_and_shows_what_it_has_not_learnt_to_be_gone() {
    let portal = small(300).await;
    let all = json!({"propertyName": "hs_object_id", "operator": "GTE", "value": "0"});
    let by_stamp = json!({"propertyName": "lastmodifieddate", "operator": "GTE", "value": "1000"});
    let ids = portal.get(&format!("{PATH}?limit=100")).await.ids();
    let edit = portal.simulator.edit();
    edit.hide_from_search("contacts", &ids[10..17]).unwrap();
    for filter in [&all, &by_stamp] {
        assert_eq!(total(&portal, filter.clone()).await, 293);
    }
    assert_eq!((total_of(&portal, ids[10]).await, total_of(&portal, ids[17]).await), (0, 1));
    let never = edit.lagging(Duration::MAX);
    for id in &ids[20..23] {
        never.archive("contacts", *id).unwrap();
    }
    for filter in [&all, &by_stamp] {
        assert_eq!(total(&portal, filter.clone()).await, 293, "three ghosts");
    }
    assert_eq!(portal.simulator.truth().count("contacts"), 297);
    edit.show_in_search("contacts", &ids[10..17]).unwrap();
    assert_eq!(total(&portal, all).await, 300);
}

#[tokio::test]
async fn a_bulk_job_gives_every_record_one_stamp() {
    let portal = small(300).await;
    let at = portal.simulator.clock().now() - 5_000;
    assert_eq!(portal.simulator.edit().restamp_all("deals", at), Ok(75));
    let body = json!({"filters": [{"propertyName": "hs_lastmodifieddate", "operator": "EQ", "value": at.to_string()}]});
    assert_eq!(portal.post("/crm/v3/objects/deals/search", &body).await.json()["total"], 75);
}

#[tokio::test]
async fn changes_made_before_the_clock_went_back_stay_known_to_search() {
    let portal = small(30).await;
    let id = portal.simulator.edit().create("contacts", &[("firstname", "Kept")]).unwrap();
    portal.simulator.clock().rewind(Duration::from_hours(1));
    assert_eq!(total_of(&portal, id).await, 1);
}

#[tokio::test]
async fn limits_change_without_notice() {
    let limits = Some(Tier::Professional.limits());
    let portal = portal(Config { contacts: 30, limits, ..Config::default() }).await;
    let halved = Limits { search: 2, ..Tier::Professional.limits() };
    portal.simulator.script().add(Step::after(1, Change::Limit { limits: halved }).holding("/search"));
    let mut statuses = Vec::new();
    for _ in 0..3 {
        statuses.push(portal.post(&format!("{PATH}/search"), &json!({"limit": 1})).await.status);
    }
    assert_eq!(statuses, [200, 200, 429]);
}
