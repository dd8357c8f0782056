//! Listing and reading records.

use serde_json::json;
use simulator::{Config, ListAfter, Poison, Switches};

use crate::caller::{portal, small};

#[tokio::test]
async fn a_list_walks_every_live_record_once_in_ascending_order() {
    let portal = small(731).await;
    let mut expected = Vec::new();
    portal.simulator.truth().ids("contacts", |id| expected.push(id));
    assert_eq!(expected.len(), 731);
    let (mut seen, mut path) = (Vec::new(), "/crm/v3/objects/contacts?limit=100".to_owned());
    loop {
        let page = portal.get(&path).await;
        seen.extend(page.ids());
        let Some(after) = page.after() else {
            assert!(page.json().get("paging").is_none(), "the last page has no paging at all");
            break;
        };
        let link = page.json()["paging"]["next"]["link"].as_str().unwrap().to_owned();
        assert_eq!(link, format!("http://127.0.0.1/crm/v3/objects/contacts?limit=100&after={after}"));
        path = format!("/crm/v3/objects/contacts?limit=100&after={after}");
    }
    assert_eq!(seen, expected);
}

#[tokio::test]
async fn all_versions_names_and_slashes_answer_the_same() {
    let portal = small(20).await;
    let first = portal.get("/crm/v3/objects/deals?limit=3").await;
    assert_eq!(first.status, 200);
    for path in [
        "/crm/objects/2026-03/deals?limit=3",
        "/crm/objects/2026-09/0-3?limit=3",
        "/crm/v3/objects/deal/?limit=3",
    ] {
        let other = portal.get(path).await;
        assert_eq!(other.json()["results"], first.json()["results"], "{path}");
    }
    let bikes = portal.get("/crm/v3/objects/p24817305_bike?limit=1").await;
    assert_eq!(
        bikes.json()["results"],
        portal.get("/crm/v3/objects/2-41873006?limit=1").await.json()["results"]
    );
    assert_eq!(portal.get("/crm/v4/objects/deals").await.status, 404, "v4 is about links");
    assert_eq!(portal.get("/crm/objects/2019-01/deals").await.status, 404);
    assert_eq!(portal.get("/crm/v3/objects/penguins").await.status, 404);
}

#[tokio::test]
async fn an_unset_property_is_null_an_unknown_one_is_left_out_and_three_come_unasked() {
    let portal = small(30).await;
    let page =
        portal.get("/crm/v3/objects/contacts?limit=1&properties=degree,no_such_thing&properties=city").await;
    let record = &page.json()["results"][0];
    let names: Vec<&str> = record["properties"].as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(names, ["city", "createdate", "degree", "hs_object_id", "lastmodifieddate"]);
    assert!(record["properties"]["degree"].is_null());
    assert_eq!(record["id"], record["properties"]["hs_object_id"], "ids and numbers are text");
    assert_eq!(record["updatedAt"], record["properties"]["lastmodifieddate"]);
    assert_eq!(record["archived"], false);
    assert!(record.get("archivedAt").is_none());
    assert!(record.get("associations").is_none(), "absent unless asked for");
    let plain = portal.get("/crm/v3/objects/companies?limit=1").await.json();
    let names: Vec<String> = plain["results"][0]["properties"].as_object().unwrap().keys().cloned().collect();
    assert_eq!(names, ["createdate", "domain", "hs_lastmodifieddate", "hs_object_id", "name"]);
}

#[tokio::test]
async fn pages_hold_ten_by_default_and_a_hundred_at_most() {
    let portal = small(150).await;
    assert_eq!(portal.get("/crm/v3/objects/contacts").await.ids().len(), 10);
    assert_eq!(portal.get("/crm/v3/objects/contacts?limit=100").await.ids().len(), 100);
    for path in ["?limit=101", "?limit=0", "?limit=x", "?limit=51&propertiesWithHistory=email"] {
        let reply = portal.get(&format!("/crm/v3/objects/contacts{path}")).await;
        assert_eq!((reply.status, &reply.json()["category"]), (400, &json!("VALIDATION_ERROR")), "{path}");
    }
    let history =
        portal.get("/crm/v3/objects/contacts?limit=50&propertiesWithHistory=hs_object_id").await.json();
    let entry = &history["results"][0]["propertiesWithHistory"]["hs_object_id"][0];
    assert_eq!(entry["value"], history["results"][0]["id"]);
}

#[tokio::test]
async fn archived_records_are_listed_apart() {
    let portal = portal(Config { contacts: 500, archived_every: 50, ..Config::default() }).await;
    let archived = portal.get("/crm/v3/objects/contacts?limit=100&archived=true").await;
    assert_eq!(archived.ids().len(), 10);
    let one = &archived.json()["results"][0];
    assert_eq!(one["archived"], true);
    assert!(one["archivedAt"].is_string());
    let id = archived.ids()[0];
    assert_eq!(portal.get(&format!("/crm/v3/objects/contacts/{id}")).await.status, 404);
    assert_eq!(portal.get(&format!("/crm/v3/objects/contacts/{id}?archived=true")).await.status, 200);
    let refusing = Switches { archived_list_refused: vec!["contacts".to_owned()], ..Switches::default() };
    let refusing = crate::caller::portal(Config { switches: refusing, ..Config::default() }).await;
    assert_eq!(refusing.get("/crm/v3/objects/contacts?archived=true").await.status, 400);
    assert_eq!(refusing.get("/crm/v3/objects/deals?archived=true").await.status, 200);
}

#[tokio::test]
async fn an_invented_cursor_is_taken_refused_or_ignored_as_the_switch_says() {
    for (switch, expected) in
        [(ListAfter::AnyId, Some(true)), (ListAfter::FromStart, Some(false)), (ListAfter::Refused, None)]
    {
        let switches = Switches { list_after: switch, ..Switches::default() };
        let portal = portal(Config { contacts: 300, switches, ..Config::default() }).await;
        let all = portal.get("/crm/v3/objects/contacts?limit=100").await;
        let invented = all.ids()[70] + 1;
        let reply = portal.get(&format!("/crm/v3/objects/contacts?limit=2&after={invented}")).await;
        match expected {
            Some(true) => assert_eq!(reply.ids(), all.ids()[71..73], "{switch:?}"),
            Some(false) => assert_eq!(reply.ids(), all.ids()[..2], "{switch:?}"),
            None => assert_eq!(reply.status, 400, "{switch:?}"),
        }
        let returned = all.after().unwrap();
        let next = portal.get(&format!("/crm/v3/objects/contacts?limit=2&after={returned}")).await;
        assert_eq!(next.ids()[0].to_string(), returned, "a returned cursor always works");
    }
}

#[tokio::test]
async fn batch_read_answers_what_is_there_and_names_what_is_not() {
    let portal = small(150).await;
    let ids = portal.get("/crm/v3/objects/contacts?limit=100").await.ids();
    let inputs: Vec<_> = ids.iter().take(3).map(|id| json!({"id": id.to_string()})).collect();
    let whole = portal
        .post("/crm/v3/objects/contacts/batch/read", &json!({"inputs": inputs, "properties": ["city"]}))
        .await;
    assert_eq!((whole.status, whole.ids().len()), (200, 3));
    assert_eq!(whole.json()["status"], "COMPLETE");
    assert!(whole.json().get("errors").is_none());
    let partly =
        json!({"inputs": [{"id": ids[0].to_string()}, {"id": "999"}, {"id": "rubbish"}, {"id": ids[0]}]});
    let partly = portal.post("/crm/v3/objects/contacts/batch/read", &partly).await;
    assert_eq!(partly.status, 207);
    assert_eq!(partly.ids(), [ids[0]], "one that comes twice is answered once");
    let error = &partly.json()["errors"][0];
    assert_eq!(
        (&error["category"], &error["context"]),
        (&json!("OBJECT_NOT_FOUND"), &json!({"ids": ["999", "rubbish"]}))
    );
    assert_eq!(
        error["message"],
        "Could not get some CONTACT objects, they may be deleted or not exist. Check that ids are valid."
    );
    let many: Vec<_> = (0..101).map(|n| json!({"id": n.to_string()})).collect();
    assert_eq!(
        portal.post("/crm/v3/objects/contacts/batch/read", &json!({"inputs": many})).await.status,
        400
    );
    let history = json!({"inputs": many[..51], "propertiesWithHistory": ["email"]});
    let history = portal.post("/crm/v3/objects/contacts/batch/read", &history).await;
    assert_eq!(history.status, 400);
    assert!(history.json()["message"].as_str().unwrap().contains("property histories is 50"));
}

#[tokio::test]
async fn a_record_is_found_by_a_unique_property_too() {
    let portal = small(50).await;
    let page = portal.get("/crm/v3/objects/contacts?limit=5&properties=email").await.json();
    let known =
        page["results"].as_array().unwrap().iter().find(|r| r["properties"]["email"].is_string()).unwrap();
    let email = known["properties"]["email"].as_str().unwrap().to_uppercase();
    let found = portal.get(&format!("/crm/v3/objects/contacts/{email}?idProperty=email")).await;
    assert_eq!(found.json()["id"], known["id"]);
    let batch = json!({"inputs": [{"id": email}], "idProperty": "email"});
    assert_eq!(
        portal.post("/crm/v3/objects/contacts/batch/read", &batch).await.json()["results"][0]["id"],
        known["id"]
    );
    assert_eq!(portal.get("/crm/v3/objects/contacts/Oslo?idProperty=city").await.status, 400);
}

#[tokio::test]
async fn spoilt_contacts_are_as_wrong_as_asked_and_cost_no_other_record() {
    let config =
        Config { contacts: 100, archived_every: 0, poison: Poison::ALL.to_vec(), ..Config::default() };
    let portal = portal(config).await;
    let reply =
        portal.get("/crm/v3/objects/contacts?limit=100&properties=jobtitle,num_conversion_events").await;
    let text = &reply.body;
    assert!(text.contains(r#""CEO \ud83d""#) && text.contains(r#""before\u0000after""#));
    let parts: Vec<&str> = text.split("{\"id\":").collect();
    assert!(text.contains(r#"{"id":"not-a-number","#));
    assert!(text.contains(r#"{"properties":{"#), "one record has no id");
    assert!(text.contains(r#""properties":null"#));
    assert!(text.contains(r#""num_conversion_events":7}"#) && text.contains("3092727991;3881228353"));
    assert!(text.contains(r#""jobtitle":"","#));
    assert!(text.contains(r#""lastmodifieddate":null"#));
    assert_eq!(parts.len() - 1, 99, "all but the one without an id begin with it");
    let mut unreadable = 0;
    portal.simulator.truth().records("contacts", |r| unreadable += u32::from(r.unreadable.is_some()));
    assert_eq!(unreadable, 2, "the one without an id and the one with a broken one");
}

#[tokio::test]
async fn big_portals_have_big_ids_wide_definitions_and_long_texts_when_asked() {
    let config = Config {
        contacts: 300,
        huge_ids: true,
        long_texts: true,
        extra_properties: 800,
        unknown_fields: true,
        ..Config::default()
    };
    let portal = portal(config).await;
    let last = portal.get("/crm/v3/objects/contacts?limit=10&after=9007199254740992").await;
    assert_eq!(last.ids(), (0..5).map(|n| 9_007_199_254_740_993 + 2 * n).collect::<Vec<u64>>());
    assert!(last.json()["results"][0].get("shard").is_some(), "fields that no document names");
    let definitions = portal.get("/crm/v3/properties/contacts").await.json();
    assert!(definitions["results"].as_array().unwrap().len() > 1_200);
    let mut longest = 0;
    portal.simulator.truth().records("notes", |r| longest = longest.max(r.properties.get().len()));
    assert!(longest > 60_000, "{longest}");
}
