//! Search: filters, order, caps, and its known weaknesses on demand.

use serde_json::{Value, json};
use simulator::{CapBody, Config, IdOrder, Switches, UnknownFilter};
use std::time::Duration;

use crate::caller::{Portal, Reply, portal, small};

async fn search(portal: &Portal, body: Value) -> Reply {
    portal.post("/crm/v3/objects/contacts/search", &body).await
}

fn filter(name: &str, operator: &str, value: &str) -> Value {
    json!({"filterGroups": [{"filters": [{"propertyName": name, "operator": operator, "value": value}]}]})
}

/// Reads a type to its end the way that neither ties nor the cap can stop: by id.
async fn by_id(portal: &Portal) -> Vec<u64> {
    let (mut last, mut offset, mut seen) = ("0".to_owned(), None, Vec::new());
    loop {
        let mut body = filter("hs_object_id", "GT", &last);
        body["sorts"] = json!([{"propertyName": "hs_object_id", "direction": "ASCENDING"}]);
        body["limit"] = json!(50);
        if let Some(after) = &offset {
            body["after"] = json!(after);
        }
        let page = search(portal, body).await;
        assert_eq!(page.status, 200, "{}", page.body);
        match page.ids().last() {
            Some(id) => {
                last = id.to_string();
                offset = None;
            }
            None => offset = page.after(),
        }
        seen.extend(page.ids());
        if page.after().is_none() {
            return seen;
        }
    }
}

#[tokio::test]
async fn an_id_walk_finds_every_live_record() {
    let portal = small(420).await;
    let mut expected = Vec::new();
    portal.simulator.truth().ids("contacts", |id| expected.push(id));
    assert_eq!(by_id(&portal).await, expected);
    let first = search(&portal, json!({"limit": 1})).await.json();
    assert_eq!(first["total"], 420);
    assert_eq!(first["paging"]["next"], json!({"after": "1"}), "no link");
}

#[tokio::test]
async fn short_and_empty_pages_with_a_cursor_hide_nothing() {
    let switches = Switches { search_short_pages: true, ..Switches::default() };
    let portal = portal(Config { contacts: 420, switches, ..Config::default() }).await;
    let mut expected = Vec::new();
    portal.simulator.truth().ids("contacts", |id| expected.push(id));
    assert_eq!(by_id(&portal).await, expected);
    // By offset nothing is lost either, and some page is shorter than it could be.
    let (mut seen, mut after, mut short) = (Vec::new(), "0".to_owned(), false);
    for first in [0, expected[100], expected[200], expected[300]] {
        let mut body = filter("hs_object_id", "GTE", &first.to_string());
        body["limit"] = json!(20);
        body["after"] = json!("0");
        seen.clear();
        loop {
            let page = search(&portal, body.clone()).await;
            seen.extend(page.ids());
            let Some(next) = page.after() else { break };
            short |= page.ids().len() < 20;
            after = next;
            body["after"] = json!(after);
        }
        let rest: Vec<u64> = expected.iter().copied().filter(|&id| id >= first).collect();
        assert_eq!(seen, rest);
    }
    assert!(short && !after.is_empty());
}

#[tokio::test]
async fn what_is_found_is_what_the_records_hold() {
    let portal = small(300).await;
    let mut records = Vec::new();
    portal.simulator.truth().records("contacts", |r| {
        if !r.archived {
            let properties: Value = serde_json::from_str(r.properties.get()).unwrap();
            records.push((r.id, r.updated_at, properties));
        }
    });
    let text = |r: &Value, name: &str| r[name].as_str().map(str::to_owned);
    let of = |keep: &dyn Fn(&Value) -> bool| -> Vec<u64> {
        records.iter().filter(|(_, _, p)| keep(p)).map(|(id, ..)| *id).collect()
    };
    let sample = records.iter().find_map(|(_, _, p)| text(p, "city")).unwrap();
    let number = |p: &Value| text(p, "num_notes").and_then(|n| n.parse::<f64>().ok());
    let cases: Vec<(Value, Vec<u64>)> = vec![
        (filter("city", "EQ", &sample.to_uppercase()), of(&|p| text(p, "city") == Some(sample.clone()))),
        (filter("city", "NEQ", &sample), of(&|p| text(p, "city").is_some_and(|c| c != sample))),
        (filter("jobtitle", "HAS_PROPERTY", ""), of(&|p| text(p, "jobtitle").is_some())),
        (filter("jobtitle", "NOT_HAS_PROPERTY", ""), of(&|p| text(p, "jobtitle").is_none())),
        (filter("num_notes", "GTE", "30"), of(&|p| number(p).is_some_and(|n| n >= 30.0))),
        (
            filter("lifecyclestage", "EQ", "lead"),
            of(&|p| text(p, "lifecyclestage").as_deref() == Some("lead")),
        ),
        (filter("lifecyclestage", "EQ", "LEAD"), Vec::new()),
        (
            json!({"filters": [{"propertyName": "lifecyclestage", "operator": "IN", "values": ["lead", "customer"]}]}),
            of(&|p| matches!(text(p, "lifecyclestage").as_deref(), Some("lead" | "customer"))),
        ),
        (
            json!({"filters": [{"propertyName": "num_notes", "operator": "BETWEEN", "value": "10", "highValue": "20"}]}),
            of(&|p| number(p).is_some_and(|n| (10.0..=20.0).contains(&n))),
        ),
    ];
    for (mut body, expected) in cases {
        body["limit"] = json!(200);
        let reply = search(&portal, body.clone()).await;
        assert_eq!(reply.json()["total"], expected.len(), "{body}");
        let expected: Vec<u64> = expected.into_iter().take(200).collect();
        assert_eq!(reply.ids(), expected, "{body}");
    }
}

#[tokio::test]
async fn moments_are_taken_as_milliseconds_and_as_iso_and_results_sort_by_them() {
    let portal = small(300).await;
    let mut stamps = Vec::new();
    portal.simulator.truth().records("contacts", |r| {
        if !r.archived {
            stamps.push(r.updated_at);
        }
    });
    stamps.sort_by_key(|s| s.replace('Z', ""));
    let middle = stamps[150].clone();
    let iso = search(&portal, filter("lastmodifieddate", "GTE", &middle)).await.json();
    let mut newest = filter("lastmodifieddate", "GTE", &middle);
    newest["sorts"] = json!([{"propertyName": "lastmodifieddate", "direction": "DESCENDING"}]);
    newest["limit"] = json!(200);
    let newest = search(&portal, newest).await.json();
    assert_eq!(iso["total"], newest["total"]);
    let order: Vec<&str> =
        newest["results"].as_array().unwrap().iter().map(|r| r["updatedAt"].as_str().unwrap()).collect();
    assert!(order.is_sorted_by(|a, b| a.trim_end_matches('Z') >= b.trim_end_matches('Z')));
    let millis = search(&portal, filter("lastmodifieddate", "GTE", "1")).await.json();
    assert_eq!(millis["total"], 300);
    let short = json!({"filters": [], "sorts": ["-createdate"], "limit": 1});
    let last = search(&portal, short).await.ids()[0];
    let mut ids = Vec::new();
    portal.simulator.truth().ids("contacts", |id| ids.push(id));
    assert_eq!(Some(&last), ids.last());
}

#[tokio::test]
async fn free_text_tokens_and_links_find_records() {
    let portal = small(200).await;
    let page = search(&portal, json!({"limit": 5, "properties": ["email", "lastname"]})).await.json();
    let known =
        page["results"].as_array().unwrap().iter().find(|r| r["properties"]["email"].is_string()).unwrap();
    let email = known["properties"]["email"].as_str().unwrap();
    let id: u64 = known["id"].as_str().unwrap().parse().unwrap();
    assert_eq!(search(&portal, json!({"query": email})).await.ids(), [id]);
    let domain = email.split('@').nth(1).unwrap();
    let token = search(&portal, filter("email", "CONTAINS_TOKEN", &format!("*@{domain}"))).await;
    assert!(token.ids().contains(&id));
    let company = known_company(&portal, id);
    let linked = search(&portal, filter("associations.company", "EQ", &company)).await;
    assert!(linked.ids().contains(&id));
    assert_eq!(search(&portal, filter("associations.bikes", "EQ", "1")).await.status, 400);
}

fn known_company(portal: &Portal, contact: u64) -> String {
    let mut found = None;
    portal.simulator.truth().links("contacts", "companies", |l| {
        if l.from_id == contact {
            found = Some(l.to_id.to_string());
        }
    });
    match found {
        Some(company) => company,
        None => {
            let mut company = None;
            portal.simulator.truth().ids("companies", |id| company = company.or(Some(id)));
            let company = company.unwrap();
            portal.simulator.edit().associate(("contacts", contact), ("companies", company), &[]).unwrap();
            company.to_string()
        }
    }
}

#[tokio::test]
async fn too_much_of_anything_is_refused() {
    let portal = small(10).await;
    let one = json!({"propertyName": "city", "operator": "EQ", "value": "x"});
    let filters = |n: usize| json!({"filters": vec![one.clone(); n]});
    let cases = [
        json!({"limit": 201}),
        json!({"limit": 0}),
        json!({"filterGroups": vec![filters(1); 6]}),
        json!({"filterGroups": [filters(7)]}),
        json!({"filterGroups": vec![filters(5); 4]}),
        json!({"sorts": ["city", "zip"]}),
        json!({"query": "x".repeat(3_001)}),
    ];
    for body in cases {
        let reply = search(&portal, body.clone()).await;
        assert_eq!((reply.status, &reply.json()["category"]), (400, &json!("VALIDATION_ERROR")), "{body}");
    }
    assert_eq!(search(&portal, json!({"filterGroups": vec![filters(3); 5]})).await.status, 200);
    for body in [filter("city", "LIKE", "x"), filter("lastmodifieddate", "GT", "soon")] {
        let reply = search(&portal, body).await;
        assert_eq!(reply.status, 400);
        assert_eq!(reply.json()["message"], "There was a problem with the request.");
        assert!(reply.json().get("category").is_none());
    }
}

#[tokio::test]
async fn nobody_pages_past_ten_thousand() {
    let portal = small(10_500).await;
    let page = search(&portal, json!({"limit": 200, "after": "9800"})).await;
    assert_eq!((page.status, page.after().as_deref()), (200, Some("10000")));
    assert_eq!(page.json()["total"], 10_500);
    let past = search(&portal, json!({"limit": 200, "after": "9801"})).await;
    assert_eq!((past.status, past.json().get("category").is_none()), (400, true));
    let switches =
        Switches { search_total_capped: true, search_cap_body: CapBody::Validation, ..Switches::default() };
    let capped = crate::caller::portal(Config { contacts: 10_500, switches, ..Config::default() }).await;
    assert_eq!(search(&capped, json!({})).await.json()["total"], 10_000);
    let past = search(&capped, json!({"limit": 100, "after": "10000"})).await;
    assert_eq!(past.json()["category"], "VALIDATION_ERROR");
}

#[tokio::test]
async fn ids_can_be_compared_as_text() {
    let switches = Switches { search_id_order: IdOrder::Text, ..Switches::default() };
    let portal = portal(Config { contacts: 50, switches, ..Config::default() }).await;
    let body = json!({"sorts": ["hs_object_id"], "limit": 200});
    let ids: Vec<String> = search(&portal, body).await.ids().iter().map(u64::to_string).collect();
    assert!(ids.is_sorted() && !ids.iter().is_sorted_by_key(|id| id.parse::<u64>().unwrap()));
    let after = search(&portal, filter("hs_object_id", "GT", "2")).await.json();
    assert_eq!(after["total"], ids.iter().filter(|id| id.as_str() > "2").count());
}

#[tokio::test]
async fn what_the_documents_leave_open_is_switched() {
    let unknown = filter("nonsense", "EQ", "1");
    let portal_a = small(20).await;
    assert_eq!(search(&portal_a, unknown.clone()).await.json()["total"], 0);
    let long = json!({"properties": vec!["a_rather_long_property_name"; 150]});
    assert_eq!(search(&portal_a, long.clone()).await.status, 200);
    let switches = Switches {
        search_unknown_property: UnknownFilter::Refused,
        search_body_max: Some(3_000),
        neq_finds_missing: true,
        search_swaps: true,
        ..Switches::default()
    };
    let portal_b = portal(Config { contacts: 20, switches, ..Config::default() }).await;
    assert_eq!(search(&portal_b, unknown).await.status, 400);
    assert_eq!(search(&portal_b, long).await.status, 400);
    assert_eq!(search(&portal_b, filter("degree", "NEQ", "x")).await.json()["total"], 20);
    let swapped = search(&portal_b, json!({"limit": 5, "after": "5"})).await.ids();
    assert!(!swapped.is_sorted(), "{swapped:?}");
}

#[tokio::test]
async fn search_learns_of_changes_after_its_lag() {
    let switches = Switches { search_lag_millis: 600_000, ..Switches::default() };
    let portal = portal(Config { contacts: 100, archived_every: 0, switches, ..Config::default() }).await;
    let ids = portal.get("/crm/v3/objects/contacts?limit=3").await.ids();
    let edit = portal.simulator.edit();
    edit.update("contacts", ids[0], &[("city", Some("Nordpol"))]).unwrap();
    edit.archive("contacts", ids[1]).unwrap();
    let made = edit.create("contacts", &[("city", "Nordpol")]).unwrap();
    let total = |reply: &Reply| reply.json()["total"].as_u64().unwrap();
    assert_eq!(total(&search(&portal, filter("city", "EQ", "Nordpol")).await), 0);
    assert_eq!(
        total(&search(&portal, json!({})).await),
        100,
        "the archived one is still found, the new one is not"
    );
    assert_eq!(
        portal.get(&format!("/crm/v3/objects/contacts/{made}")).await.status,
        200,
        "reading does not lag"
    );
    portal.simulator.clock().advance(Duration::from_secs(601));
    assert_eq!(search(&portal, filter("city", "EQ", "Nordpol")).await.ids(), [ids[0], made]);
    assert_eq!(total(&search(&portal, json!({})).await), 100);
    assert!(!search(&portal, json!({"limit": 5})).await.ids().contains(&ids[1]));
}

/// As seen in production: a fraction of a second before the bound, or after it.
#[tokio::test]
async fn bounds_on_the_stamp_may_be_taken_too_wide() {
    for (slack, found) in [(0, 0), (50, 2)] {
        let switches = Switches { search_slack_millis: slack, ..Switches::default() };
        let portal = portal(Config { contacts: 30, switches, ..Config::default() }).await;
        let ids = portal.get("/crm/v3/objects/contacts?limit=2").await.ids();
        let from = portal.simulator.clock().now();
        for (id, at) in [(ids[0], from - 40), (ids[1], from + 1_030)] {
            portal.simulator.edit().restamp("contacts", id, at).unwrap();
        }
        let bound = |operator: &str, at: i64| json!({"propertyName": "lastmodifieddate", "operator": operator, "value": at.to_string()});
        let filters = json!([bound("GTE", from), bound("LT", from + 1_000)]);
        let reply = search(&portal, json!({"filters": filters})).await;
        assert_eq!(reply.json()["total"], found);
    }
}
