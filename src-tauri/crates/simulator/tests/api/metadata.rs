//! Account, people, definitions, pipelines and the custom schema.

use serde_json::{Value, json};
use simulator::{Config, Region, Zone};

use crate::caller::{portal, small};

fn names(reply: &Value) -> Vec<String> {
    reply["results"].as_array().unwrap().iter().map(|p| p["name"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn an_account_says_where_it_lives() {
    let portal_eu = small(5).await;
    let details = portal_eu.get("/account-info/2026-03/details").await.json();
    assert_eq!(
        (&details["uiDomain"], &details["dataHostingLocation"]),
        (&json!("app-eu1.hubspot.com"), &json!("eu1"))
    );
    assert_eq!((&details["portalId"], &details["timeZone"]), (&json!(24_817_305), &json!("Europe/Oslo")));
    let portal_na = portal(Config { contacts: 5, region: Region::Na, ..Config::default() }).await;
    assert!(portal_na.simulator.token().starts_with("pat-na1-"));
    let record = &portal_na.get("/crm/v3/objects/contacts?limit=1").await.json()["results"][0];
    assert!(
        record["url"].as_str().unwrap().starts_with("https://app.hubspot.com/contacts/24817305/record/0-1/")
    );
}

#[tokio::test]
async fn owners_come_in_pages_and_archived_ones_apart() {
    let portal = small(5).await;
    let page = portal.get("/crm/v3/owners/?limit=5").await;
    let rest = portal.get(&format!("/crm/v3/owners?limit=500&after={}", page.after().unwrap())).await;
    assert_eq!((page.ids().len(), rest.ids().len(), rest.after()), (5, 7, None));
    let gone = portal.get("/crm/owners/2026-03?archived=true").await.json();
    let gone = gone["results"].as_array().unwrap();
    assert_eq!(gone.len(), 2);
    assert!(gone.iter().all(|o| o["userId"].is_null() && o["userIdIncludingInactive"].is_u64()));
    let kinds: Vec<Value> =
        rest.json()["results"].as_array().unwrap().iter().map(|o| o["type"].clone()).collect();
    assert!(kinds.contains(&json!("QUEUE")));
    let by_user = portal.get("/crm/v3/owners/9586504?idProperty=userId").await.json();
    assert_eq!(by_user["id"], "41629779", "an owner's id is not its user's");
    assert_eq!(portal.get("/crm/v3/owners/9586504").await.status, 404);
    let email = portal.get("/crm/v3/owners?email=kaja.dietrich@norrskencycles.example").await;
    assert_eq!(email.ids(), [41_629_779]);
}

#[tokio::test]
async fn users_teams_and_roles_are_listed() {
    let portal = small(5).await;
    let users = portal.get("/settings/v3/users/").await.json();
    assert!(users["results"].as_array().unwrap().len() > 8);
    let teams = portal.get("/settings/users/2026-03/teams").await.json();
    let members: usize =
        teams["results"].as_array().unwrap().iter().map(|t| t["userIds"].as_array().unwrap().len()).sum();
    assert_eq!(members, users["results"].as_array().unwrap().len());
    assert_eq!(portal.get("/settings/v3/users/roles").await.json()["results"].as_array().unwrap().len(), 2);
    assert_eq!(portal.get("/settings/v3/users/9586504").await.json()["superAdmin"], true);
}

#[tokio::test]
async fn properties_are_listed_by_how_careful_one_must_be() {
    let portal = small(30).await;
    let open = portal.get("/crm/v3/properties/contacts").await.json();
    assert!(names(&open).len() >= 399);
    let sensitive = portal.get("/crm/v3/properties/contacts?dataSensitivity=sensitive").await.json();
    assert_eq!(names(&sensitive), ["passport_number"]);
    let highly = portal.get("/crm/v3/properties/contacts?dataSensitivity=highly_sensitive").await.json();
    assert_eq!(names(&highly), ["health_note"]);
    let owner = portal.get("/crm/properties/2026-03/contacts/hubspot_owner_id").await.json();
    assert_eq!((&owner["externalOptions"], &owner["referencedObjectType"]), (&json!(true), &json!("OWNER")));
    let stage = portal.get("/crm/v3/properties/deals/dealstage").await.json();
    assert!(stage["options"].as_array().unwrap().iter().any(|o| o["value"] == "closedwon"));
    let created = portal.get("/crm/v3/properties/contacts/createdate").await.json();
    assert_eq!((&created["type"], &created["fieldType"]), (&json!("datetime"), &json!("date")));
    assert_eq!(created["modificationMetadata"]["readOnlyValue"], true);
    assert_eq!(portal.get("/crm/v3/properties/contacts/nonsense").await.status, 404);
    let groups = portal.get("/crm/v3/properties/contacts/groups").await.json();
    assert!(names(&groups).contains(&"norrsken".to_owned()));
    // Without the scope for it a sensitive value is not answered at all.
    let page = portal.get("/crm/v3/objects/contacts?limit=30&properties=passport_number,city").await;
    assert!(!page.body.contains("passport_number"));
}

#[tokio::test]
async fn sensitive_values_are_answered_to_those_who_may_see_them() {
    let mut scopes = Config::default().scopes;
    scopes.push("crm.objects.contacts.sensitive.read.v2".to_owned());
    let portal = portal(Config { contacts: 50, scopes, ..Config::default() }).await;
    let page = portal.get("/crm/v3/objects/contacts?limit=50&properties=passport_number,health_note").await;
    assert!(page.body.contains(r#""passport_number":"P1"#) && !page.body.contains("health_note"));
}

#[tokio::test]
async fn properties_are_made_changed_archived_and_made_again() {
    let portal = small(10).await;
    let path = "/crm/v3/properties/contacts";
    let body = json!({"name": "saddle_height", "label": "Saddle height", "type": "number", "fieldType": "number", "groupName": "norrsken"});
    assert_eq!(portal.post(path, &body).await.status, 201);
    let again = portal.post(path, &body).await;
    assert_eq!((again.status, &again.json()["category"]), (409, &json!("OBJECT_ALREADY_EXISTS")));
    assert_eq!(again.json()["subCategory"], "Properties.PROPERTY_WITH_NAME_EXISTS");
    let id = portal.get("/crm/v3/objects/contacts?limit=1").await.ids()[0];
    let record = format!("/crm/v3/objects/contacts/{id}");
    let set = portal.call("PATCH", &record, r#"{"properties":{"saddle_height":"71"}}"#).await;
    assert_eq!(set.json()["properties"]["saddle_height"], "71");
    let read = format!("{record}?properties=saddle_height");
    assert_eq!(portal.get(&read).await.json()["properties"]["saddle_height"], "71");
    let one = format!("{path}/saddle_height");
    assert_eq!(portal.call("PATCH", &one, r#"{"label":"Saddle, cm"}"#).await.json()["label"], "Saddle, cm");
    assert_eq!(portal.call("DELETE", &one, "").await.status, 204);
    assert!(portal.get(&read).await.json()["properties"].get("saddle_height").is_none(), "gone from answers");
    assert_eq!(names(&portal.get(&format!("{path}?archived=true")).await.json()), ["saddle_height"]);
    assert_eq!(portal.post(path, &body).await.status, 201);
    assert_eq!(portal.get(&read).await.json()["properties"]["saddle_height"], "71", "back with its values");
    assert_eq!(portal.call("DELETE", &format!("{path}/email"), "").await.status, 400, "HubSpot's own stay");
    let batch = json!({"inputs": [{"name": "email"}, {"name": "nonsense"}]});
    let read = portal.post(&format!("{path}/batch/read"), &batch).await;
    assert_eq!((read.status, names(&read.json())), (207, vec!["email".to_owned()]));
    let used = portal.call("DELETE", &format!("{path}/groups/norrsken"), "").await;
    assert_eq!(used.json()["subCategory"], "PropertyGroupError.GROUP_WITH_ACTIVE_PROPERTIES");
    let group = portal.post(&format!("{path}/groups"), &json!({"name": "spare", "label": "Spare"})).await;
    assert_eq!(group.status, 201);
    assert_eq!(portal.call("DELETE", &format!("{path}/groups/spare"), "").await.status, 204);
}

#[tokio::test]
async fn pipelines_have_stages_and_one_in_use_stays() {
    let portal = small(40).await;
    let deals = portal.get("/crm/pipelines/2026-03/deals").await.json();
    let default = &deals["results"][0];
    assert_eq!((&default["id"], &default["createdAt"]), (&json!("default"), &json!("1970-01-01T00:00:00Z")));
    let won = default["stages"].as_array().unwrap().iter().find(|s| s["id"] == "closedwon").unwrap();
    assert_eq!(won["metadata"], json!({"isClosed": "true", "probability": "1.0"}));
    let tickets = portal.get("/crm/v3/pipelines/0-5").await.json();
    assert_eq!(
        tickets["results"][0]["stages"][3]["metadata"],
        json!({"ticketState": "CLOSED", "isClosed": "true"})
    );
    let stage = "/crm/v3/pipelines/deals/default/stages/closedwon";
    assert_eq!(portal.get(stage).await.json()["label"], "Closed Won");
    let used = portal.call("DELETE", stage, "").await;
    assert_eq!((used.status, &used.json()["subCategory"]), (400, &json!("PipelineError.STAGE_ID_IN_USE")));
    let forced = format!("{stage}?validateReferencesBeforeDelete=false");
    assert_eq!(portal.call("DELETE", &forced, "").await.status, 204);
    assert_eq!(portal.get(stage).await.status, 404);
    let new = json!({"label": "Fleet", "displayOrder": 3, "stages": [{"label": "Open", "displayOrder": 0, "metadata": {"probability": "0.1"}}]});
    let made = portal.post("/crm/v3/pipelines/deals", &new).await;
    assert_eq!(made.status, 201);
    let id = made.json()["id"].as_str().unwrap().to_owned();
    let path = format!("/crm/v3/pipelines/deals/{id}");
    assert_eq!(portal.call("PATCH", &path, r#"{"label":"Fleets"}"#).await.json()["label"], "Fleets");
    let stage = portal.post(&format!("{path}/stages"), &json!({"label": "Won", "displayOrder": 1})).await;
    assert_eq!(stage.status, 201);
    assert_eq!(portal.call("DELETE", &path, "").await.status, 204);
    assert_eq!(portal.get("/crm/v3/pipelines/contacts").await.json()["results"], json!([]));
}

#[tokio::test]
async fn the_custom_object_has_a_schema() {
    let portal = small(10).await;
    let schemas = portal.get("/crm-object-schemas/2026-03/schemas").await.json();
    let bike = &schemas["results"][0];
    assert_eq!(
        (&bike["objectTypeId"], &bike["fullyQualifiedName"]),
        (&json!("2-41873006"), &json!("p24817305_bike"))
    );
    assert_eq!(bike["labels"], json!({"singular": "Bike", "plural": "Bikes"}));
    assert!(bike["properties"].as_array().unwrap().len() > 20);
    assert_eq!(portal.get("/crm-object-schemas/v3/schemas/bike").await.json()["id"], bike["id"]);
    assert_eq!(portal.get("/crm-object-schemas/v3/schemas?archived=true").await.json()["results"], json!([]));
    let type_ids: Vec<&str> = bike["associations"]
        .as_array()
        .unwrap()
        .iter()
        .map(|a| a["toObjectTypeId"].as_str().unwrap())
        .collect();
    assert!(type_ids.contains(&"0-1") && type_ids.contains(&"0-2"));
}

#[tokio::test]
async fn the_day_ends_at_the_portals_own_midnight() {
    for (zone, name) in [(Zone::Phoenix, "America/Phoenix"), (Zone::Tongatapu, "Pacific/Tongatapu")] {
        let portal = portal(Config { contacts: 5, zone, ..Config::default() }).await;
        let details = portal.get("/account-info/v3/details").await.json();
        assert_eq!(details["timeZone"], name);
        let offset = zone.offset(portal.simulator.clock().now());
        assert_eq!(details["utcOffsetMilliseconds"], offset);
        let sign = if offset < 0 { "-07:00" } else { "+13:00" };
        assert_eq!(details["utcOffset"], sign);
        let usage = portal.get("/account-info/v3/api-usage/daily/private-apps").await.json();
        let resets_at = usage["results"][0]["resetsAt"].as_str().unwrap().to_owned();
        let hour = if offset < 0 { "T07:00:00Z" } else { "T11:00:00Z" };
        assert!(resets_at.ends_with(hour), "{resets_at}");
    }
}
