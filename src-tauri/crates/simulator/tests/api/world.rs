//! The world itself: the same for the same seed, whole through the API, and of any size.

use std::collections::BTreeMap;

use serde_json::Value;
use serde_json::value::RawValue;
use simulator::{Config, Simulator};

use crate::caller::{portal, small};

fn lines(simulator: &Simulator) -> Vec<u8> {
    let mut out = Vec::new();
    simulator.truth().write_json_lines(&mut out).unwrap();
    out
}

#[tokio::test]
async fn a_seed_makes_one_world_and_another_seed_another() {
    let config = |seed| Config { contacts: 150, seed, ..Config::default() };
    let (a, b, c) = (portal(config(7)).await, portal(config(7)).await, portal(config(8)).await);
    assert!(lines(&a.simulator) == lines(&b.simulator));
    assert!(lines(&a.simulator) != lines(&c.simulator));
}

#[derive(serde::Deserialize)]
struct Page {
    results: Vec<Record>,
}

#[derive(serde::Deserialize)]
struct Record {
    id: String,
    properties: BTreeMap<String, Box<RawValue>>,
}

#[tokio::test]
async fn the_api_answers_the_truth_to_the_byte_for_every_type() {
    let portal = small(80).await;
    for object in portal.simulator.truth().objects() {
        let definitions = portal.get(&format!("/crm/v3/properties/{object}")).await.json();
        let names: Vec<String> = definitions["results"]
            .as_array()
            .unwrap()
            .iter()
            .map(|p| p["name"].as_str().unwrap().to_owned())
            .collect();
        let mut answered = BTreeMap::new();
        for archived in ["false", "true"] {
            let mut after = String::new();
            loop {
                let path = format!(
                    "/crm/v3/objects/{object}?limit=100&archived={archived}&properties={}{after}",
                    names.join(",")
                );
                let reply = portal.get(&path).await;
                let page: Page = serde_json::from_str(&reply.body).unwrap();
                for record in page.results {
                    let kept = record.properties.iter().filter(|(_, v)| v.get() != "null");
                    let kept: Vec<(String, String)> =
                        kept.map(|(k, v)| (k.clone(), v.get().to_owned())).collect();
                    answered.insert(record.id.parse::<u64>().unwrap(), kept);
                }
                match reply.after() {
                    Some(next) => after = format!("&after={next}"),
                    None => break,
                }
            }
        }
        let mut truth = BTreeMap::new();
        portal.simulator.truth().records(object, |r| {
            let properties: BTreeMap<String, Box<RawValue>> =
                serde_json::from_str(r.properties.get()).unwrap();
            let list: Vec<(String, String)> =
                properties.iter().map(|(k, v)| (k.clone(), v.get().to_owned())).collect();
            truth.insert(r.id, list);
        });
        assert!(answered == truth, "{object}");
        assert!(!truth.is_empty(), "{object}");
    }
}

#[tokio::test]
async fn counts_follow_the_contacts_unless_they_are_given() {
    let counts = BTreeMap::from([("companies".to_owned(), 0), ("deals".to_owned(), 7)]);
    let portal = portal(Config { contacts: 240, counts, ..Config::default() }).await;
    let truth = portal.simulator.truth();
    assert_eq!((truth.count("contacts"), truth.count("companies"), truth.count("deals")), (240, 0, 7));
    assert_eq!((truth.count("tickets"), truth.count("products")), (30, 80));
    let first = &portal.get("/crm/v3/objects/contacts?limit=1&properties=company").await.json()["results"][0];
    assert!(first["properties"]["company"].is_null(), "nobody to work for");
}

#[tokio::test]
async fn a_count_for_a_type_that_is_not_there_is_an_error() {
    let counts = BTreeMap::from([("company".to_owned(), 5)]);
    let refused = Simulator::start(Config { counts, ..Config::default() }).await.err().unwrap();
    assert_eq!(refused.kind(), std::io::ErrorKind::InvalidInput);
    assert!(refused.to_string().contains("company"));
}

#[tokio::test]
async fn a_portal_may_be_empty() {
    let portal = small(0).await;
    for object in portal.simulator.truth().objects() {
        let page = portal.get(&format!("/crm/v3/objects/{object}?limit=100")).await;
        assert_eq!(page.json(), serde_json::json!({"results": []}), "{object}");
        let search = portal.post(&format!("/crm/v3/objects/{object}/search"), &serde_json::json!({})).await;
        assert_eq!(search.json(), serde_json::json!({"total": 0, "results": []}));
    }
    assert!(
        portal.get("/crm/v3/properties/contacts").await.json()["results"].as_array().unwrap().len() > 398
    );
}

#[tokio::test]
async fn stamps_spread_over_five_years_and_records_are_filled_as_in_real_life() {
    let portal = small(600).await;
    let (mut years, mut filled, mut scripts) = (BTreeMap::<String, u32>::new(), 0, [false; 4]);
    portal.simulator.truth().records("contacts", |r| {
        assert!(r.created_at <= r.updated_at || r.created_at[..19] == r.updated_at[..19]);
        *years.entry(r.updated_at[..4].to_owned()).or_default() += 1;
        let properties: Value = serde_json::from_str(r.properties.get()).unwrap();
        filled += properties.as_object().unwrap().len();
        for letter in properties["firstname"].as_str().unwrap_or_default().chars() {
            scripts[0] |= ('а'..='я').contains(&letter);
            scripts[1] |= ('\u{600}'..'\u{700}').contains(&letter);
            scripts[2] |= ('\u{4e00}'..'\u{9fff}').contains(&letter);
            scripts[3] |= ('α'..='ω').contains(&letter);
        }
    });
    assert!(years.len() >= 5, "{years:?}");
    assert!(scripts.iter().all(|&there| there), "Cyrillic, Arabic, Han, Greek: {scripts:?}");
    let average = filled / 602;
    assert!((58..75).contains(&average), "{average} of 399 properties filled");
}

#[tokio::test]
async fn one_instant_may_hold_many_changes() {
    let portal =
        portal(Config { contacts: 400, same_instant: 250, archived_every: 0, ..Config::default() }).await;
    let mut stamps = BTreeMap::<String, u32>::new();
    portal.simulator.truth().records("contacts", |r| *stamps.entry(r.updated_at).or_default() += 1);
    assert_eq!(stamps.values().max(), Some(&250));
}

#[tokio::test]
async fn a_million_contacts_can_be_reached_from_both_ends() {
    let portal = small(1_000_000).await;
    assert_eq!(portal.simulator.truth().count("contacts"), 1_000_000);
    let first = portal.get("/crm/v3/objects/contacts?limit=1").await.ids()[0];
    assert_eq!(first, 151);
    let total = portal.post("/crm/v3/objects/contacts/search", &serde_json::json!({"limit": 1})).await.json();
    assert_eq!(total["total"], 1_000_000);
    let high = serde_json::json!({"filters": [{"propertyName": "hs_object_id", "operator": "GT", "value": "104400000000"}]});
    let high = portal.post("/crm/v3/objects/contacts/search", &high).await.json();
    assert!(high["total"].as_u64().unwrap() > 0);
}

#[tokio::test]
async fn the_demo_portal_has_some_twelve_thousand_records() {
    let portal = portal(Config::demo()).await;
    let truth = portal.simulator.truth();
    let all: u64 = truth.objects().map(|object| truth.count(object)).sum();
    assert!((11_000..13_000).contains(&all), "{all}");
}
