//! Making, changing and archiving records.

use serde_json::{Value, json};
use simulator::{Config, DeleteTwice, Switches};

use crate::caller::{Portal, portal, small};

const PATH: &str = "/crm/v3/objects/contacts";

fn text<'v>(json: &'v Value, key: &str) -> &'v str {
    json[key].as_str().unwrap_or_else(|| panic!("no {key} in {json}"))
}

async fn first(portal: &Portal) -> u64 {
    portal.get(&format!("{PATH}?limit=1")).await.ids()[0]
}

#[tokio::test]
async fn a_new_record_is_answered_in_part_and_found_at_once() {
    let portal = small(20).await;
    let company = portal.get("/crm/v3/objects/companies?limit=1").await.ids()[0].to_string();
    let body = json!({
        "properties": {"email": "Åsa@ny.example", "firstname": "Åsa", "service_contract_until": "1803859200000"},
        "associations": [{"to": {"id": company}, "types": [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 279}]}],
    });
    let made = portal.post(PATH, &body).await;
    assert_eq!(made.status, 201);
    let made = made.json();
    assert_eq!(text(&made["properties"], "lifecyclestage"), "lead");
    assert_eq!(text(&made["properties"], "service_contract_until"), "2027-03-01", "dates are kept as dates");
    assert!(made["properties"].get("lastname").is_none(), "only what was written, and the system's own");
    let path = format!("{PATH}/{}?properties=email,jobtitle&associations=companies", text(&made, "id"));
    let read = portal.get(&path).await.json();
    assert_eq!(text(&read["properties"], "email"), "Åsa@ny.example");
    assert!(read["properties"]["jobtitle"].is_null());
    assert_eq!(text(&read["associations"]["companies"]["results"][0], "id"), company);
    let last = portal.post(&format!("{PATH}/search"), &json!({"sorts": ["-createdate"], "limit": 1})).await;
    assert_eq!(last.ids()[0].to_string(), text(&made, "id"), "ids ascend");
}

#[tokio::test]
async fn wrong_values_are_named_and_nothing_is_written() {
    let portal = small(20).await;
    let id = first(&portal).await;
    for (name, value, code) in [
        ("nonsense", "1", "PROPERTY_DOESNT_EXIST"),
        ("hs_object_id", "1", "READ_ONLY_VALUE"),
        ("lifetime_value", "many", "INVALID_INTEGER"),
        ("lifecyclestage", "asleep", "INVALID_OPTION"),
        ("newsletter_consent", "perhaps", "INVALID_BOOLEAN"),
        ("test_ride_date", "2026-03-01T10:00:00Z", "INVALID_DATE"),
        ("closedate", "soon", "INVALID_DATE"),
        ("email", "not an address", "INVALID_EMAIL"),
    ] {
        let body = json!({"properties": {name: value, "city": "Nordpol"}}).to_string();
        for (method, path) in [("PATCH", format!("{PATH}/{id}")), ("POST", PATH.to_owned())] {
            let reply = portal.call(method, &path, &body).await;
            let json = reply.json();
            assert_eq!((reply.status, text(&json["errors"][0], "code")), (400, code), "{method} {name}");
            assert_eq!(json["errors"][0]["context"]["propertyName"], json!([name]));
            let message = text(&json, "message");
            let embedded = message.strip_prefix("Property values were not valid: ").unwrap();
            let embedded: Value = serde_json::from_str(embedded).unwrap();
            assert_eq!((&embedded[0]["error"], &embedded[0]["isValid"]), (&json!(code), &json!(false)));
        }
    }
    let search = json!({"filters": [{"propertyName": "city", "operator": "EQ", "value": "Nordpol"}]});
    assert_eq!(portal.post(&format!("{PATH}/search"), &search).await.json()["total"], 0);
}

#[tokio::test]
async fn a_known_address_is_a_conflict() {
    let portal = small(20).await;
    let page = portal.get(&format!("{PATH}?limit=20&properties=email")).await.json();
    let known =
        page["results"].as_array().unwrap().iter().find(|r| r["properties"]["email"].is_string()).unwrap();
    let email = text(&known["properties"], "email").to_uppercase();
    let reply = portal.post(PATH, &json!({"properties": {"email": email}})).await;
    assert_eq!((reply.status, text(&reply.json(), "category")), (409, "CONFLICT"));
    assert_eq!(
        text(&reply.json(), "message"),
        format!("Contact already exists. Existing ID: {}", text(known, "id"))
    );
    let batch =
        json!({"inputs": [{"properties": {"email": "new@ny.example"}}, {"properties": {"email": email}}]});
    assert_eq!(
        portal.post(&format!("{PATH}/batch/create"), &batch).await.status,
        409,
        "the batch fails whole"
    );
    let fresh = json!({"filters": [{"propertyName": "email", "operator": "EQ", "value": "new@ny.example"}]});
    assert_eq!(portal.post(&format!("{PATH}/search"), &fresh).await.json()["total"], 0);
}

#[tokio::test]
async fn a_change_moves_the_stamp_and_a_change_of_nothing_does_not() {
    let portal = small(20).await;
    let id = first(&portal).await;
    let path = format!("{PATH}/{id}");
    let before = text(&portal.get(&path).await.json(), "updatedAt").to_owned();
    let set = portal.call("PATCH", &path, r#"{"properties":{"city":"Nordpol"}}"#).await.json();
    let moved = text(&set, "updatedAt").to_owned();
    assert_ne!(moved, before);
    assert_eq!(text(&set["properties"], "lastmodifieddate"), moved);
    portal.simulator.clock().advance(std::time::Duration::from_mins(1));
    let same = portal.call("PATCH", &path, r#"{"properties":{"city":"Nordpol"}}"#).await.json();
    assert_eq!(text(&same, "updatedAt"), moved);
    let cleared = portal.call("PATCH", &path, r#"{"properties":{"city":""}}"#).await.json();
    assert!(cleared["properties"]["city"].is_null() && text(&cleared, "updatedAt") != moved);
    assert!(portal.get(&format!("{path}?properties=city")).await.json()["properties"]["city"].is_null());
    let calculated = portal.simulator.edit().update_silently("contacts", id, &[("num_notes", Some("99"))]);
    assert_eq!(calculated, Ok(()));
    let read = portal.get(&format!("{path}?properties=num_notes")).await.json();
    assert_eq!(
        (text(&read["properties"], "num_notes"), text(&read, "updatedAt")),
        ("99", text(&cleared, "updatedAt"))
    );
}

#[tokio::test]
async fn choices_add_up_and_lifecycle_stages_only_move_forward() {
    let portal = small(20).await;
    let id = portal.simulator.edit().create("contacts", &[("bike_categories", "gravel")]).unwrap();
    let path = format!("{PATH}/{id}");
    let added =
        portal.call("PATCH", &path, r#"{"properties":{"bike_categories":";cargo;gravel"}}"#).await.json();
    assert_eq!(text(&added["properties"], "bike_categories"), "gravel;cargo");
    portal.call("PATCH", &path, r#"{"properties":{"lifecyclestage":"customer"}}"#).await;
    let back = portal.call("PATCH", &path, r#"{"properties":{"lifecyclestage":"lead"}}"#).await.json();
    assert_eq!(text(&back["properties"], "lifecyclestage"), "customer");
    portal.call("PATCH", &path, r#"{"properties":{"lifecyclestage":""}}"#).await;
    let cleared = portal.call("PATCH", &path, r#"{"properties":{"lifecyclestage":"lead"}}"#).await.json();
    assert_eq!(text(&cleared["properties"], "lifecyclestage"), "lead");
}

#[tokio::test]
async fn archiving_takes_a_record_out_of_lists_and_restoring_brings_it_back() {
    for (switch, second) in [(DeleteTwice::NoContent, 204), (DeleteTwice::NotFound, 404)] {
        let switches = Switches { delete_twice: switch, ..Switches::default() };
        let portal = portal(Config { contacts: 30, archived_every: 0, switches, ..Config::default() }).await;
        let id = first(&portal).await;
        let path = format!("{PATH}/{id}");
        let stamp = text(&portal.get(&path).await.json(), "updatedAt").to_owned();
        assert_eq!(portal.call("DELETE", &path, "").await.status, 204);
        assert_eq!(portal.call("DELETE", &path, "").await.status, second);
        assert_eq!(portal.get(&path).await.status, 404);
        assert_eq!(portal.post(&format!("{PATH}/search"), &json!({})).await.json()["total"], 29);
        let archived = portal.get(&format!("{PATH}?archived=true")).await;
        assert_eq!(archived.ids(), [id]);
        assert_eq!(
            text(&archived.json()["results"][0], "updatedAt"),
            stamp,
            "archiving does not move the stamp"
        );
        assert_eq!(portal.simulator.truth().count("contacts"), 29);
        portal.simulator.edit().restore("contacts", id).unwrap();
        assert_ne!(text(&portal.get(&path).await.json(), "updatedAt"), stamp);
        assert_eq!(portal.call("DELETE", &format!("{PATH}/12"), "").await.status, 404);
    }
}

#[tokio::test]
async fn batches_write_up_to_a_hundred_and_name_what_failed() {
    let portal = small(20).await;
    let ids = portal.get(&format!("{PATH}?limit=2")).await.ids();
    let batch = json!({"inputs": [
        {"objectWriteTraceId": "a", "properties": {"email": "a@ny.example"}},
        {"objectWriteTraceId": "b", "properties": {"nonsense": "1"}},
        {"objectWriteTraceId": "c", "properties": {"email": "A@NY.example"}},
    ]});
    let made = portal.post(&format!("{PATH}/batch/create"), &batch).await;
    assert_eq!(made.status, 207);
    let json = made.json();
    assert_eq!((json["results"].as_array().unwrap().len(), json["numErrors"].as_u64()), (1, Some(2)));
    assert_eq!(text(&json["results"][0], "objectWriteTraceId"), "a");
    assert_eq!(json["errors"][0]["context"]["objectWriteTraceId"], json!(["b"]));
    let whole =
        json!({"inputs": [{"properties": {"email": "d@ny.example"}}, {"properties": {"nonsense": "1"}}]});
    assert_eq!(portal.post(&format!("{PATH}/batch/create"), &whole).await.status, 400);
    let update = json!({"inputs": [
        {"id": ids[0].to_string(), "properties": {"city": "Nordpol"}},
        {"id": "77", "properties": {"city": "Nordpol"}},
    ]});
    let updated = portal.post(&format!("{PATH}/batch/update"), &update).await;
    assert_eq!((updated.status, updated.ids()), (207, vec![ids[0]]));
    assert_eq!(updated.json()["errors"][0]["context"], json!({"ids": ["77"]}));
    let twice = json!({"inputs": [{"id": ids[0].to_string(), "properties": {}}, {"id": ids[0].to_string(), "properties": {}}]});
    assert_eq!(portal.post(&format!("{PATH}/batch/update"), &twice).await.status, 400);
    let many = json!({"inputs": vec![json!({"properties": {"city": "x"}}); 101]});
    assert_eq!(portal.post(&format!("{PATH}/batch/create"), &many).await.status, 400);
    let archive = json!({"inputs": [{"id": ids[0].to_string()}, {"id": ids[1].to_string()}, {"id": "77"}]});
    assert_eq!(portal.post(&format!("{PATH}/batch/archive"), &archive).await.status, 204);
    assert_eq!(portal.simulator.truth().count("contacts"), 19, "two archived, one made");
}

#[tokio::test]
async fn an_upsert_makes_or_changes() {
    let portal = small(20).await;
    let body = |city: &str| json!({"inputs": [{"id": "u@ny.example", "idProperty": "email", "properties": {"city": city}}]});
    let path = format!("{PATH}/batch/upsert");
    let made = portal.post(&path, &body("Oslo")).await.json();
    assert_eq!(
        (&made["results"][0]["new"], text(&made["results"][0]["properties"], "city")),
        (&json!(true), "Oslo")
    );
    let changed = portal.post(&path, &body("Bergen")).await.json();
    assert_eq!(
        (&changed["results"][0]["new"], &changed["results"][0]["id"]),
        (&json!(false), &made["results"][0]["id"])
    );
    let bad = json!({"inputs": [{"id": "Oslo", "idProperty": "city", "properties": {}}]});
    assert_eq!(portal.post(&path, &bad).await.status, 400);
}

#[tokio::test]
async fn required_properties_are_asked_for_and_stages_may_stay_empty() {
    let portal = small(20).await;
    for (kind, body) in [
        ("companies", json!({"city": "Oslo"})),
        ("notes", json!({"hs_note_body": "Hi"})),
        ("bikes", json!({"colour": "Rust"})),
    ] {
        let reply = portal.post(&format!("/crm/v3/objects/{kind}"), &json!({"properties": body})).await;
        assert_eq!(
            (reply.status, text(&reply.json()["errors"][0], "code")),
            (400, "MISSING_REQUIRED_PROPERTY"),
            "{kind}"
        );
    }
    let deal = portal
        .post("/crm/v3/objects/deals", &json!({"properties": {"dealname": "New", "amount": "5000.00"}}))
        .await;
    assert_eq!(deal.status, 201);
    let path = format!("/crm/v3/objects/deals/{}", text(&deal.json(), "id"));
    let read = portal.get(&path).await.json();
    assert!(read["properties"]["dealstage"].is_null() && read["properties"]["amount"] == "5000.00");
    let ticket =
        portal.post("/crm/v3/objects/tickets", &json!({"properties": {"subject": "Help"}})).await.json();
    let id = text(&ticket, "id");
    let ticket = portal.get(&format!("/crm/v3/objects/tickets/{id}")).await.json();
    assert_eq!(
        (text(&ticket["properties"], "hs_pipeline"), text(&ticket["properties"], "hs_pipeline_stage")),
        ("0", "1")
    );
}

#[tokio::test]
async fn an_unknown_property_of_an_engagement_is_refused_or_ignored() {
    let portal_a = small(20).await;
    let id = portal_a.get("/crm/v3/objects/notes?limit=1").await.ids()[0];
    let path = format!("/crm/v3/objects/notes/{id}");
    let body = r#"{"properties":{"nonsense":"1"}}"#;
    assert_eq!(portal_a.call("PATCH", &path, body).await.status, 400);
    let switches = Switches { engagement_unknown_ignored: true, ..Switches::default() };
    let portal_b = portal(Config { contacts: 20, switches, ..Config::default() }).await;
    assert_eq!(portal_b.call("PATCH", &path, body).await.status, 200);
}

#[tokio::test]
async fn what_is_erased_is_gone_for_good() {
    let portal = small(20).await;
    let id = first(&portal).await;
    let body = json!({"objectId": id.to_string()});
    assert_eq!(portal.post(&format!("{PATH}/gdpr-delete"), &body).await.status, 204);
    assert_eq!(portal.get(&format!("{PATH}/{id}?archived=true")).await.status, 404);
    let mut there = false;
    portal.simulator.truth().records("contacts", |r| there |= r.id == id);
    assert!(!there);
    assert!(portal.simulator.edit().restore("contacts", id).is_err());
}
