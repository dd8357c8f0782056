//! Two records become one; and a record is erased for good.

use std::time::Duration;

use serde_json::{Value, json};
use simulator::{Config, MergeSurvivor, Switches};

use crate::caller::{Portal, Reply, portal, small};

const PATH: &str = "/crm/objects/2026-03/contacts";

async fn merge(portal: &Portal, object: &str, primary: u64, other: u64) -> Reply {
    let body = json!({"primaryObjectId": primary.to_string(), "objectIdToMerge": other.to_string()});
    portal.post(&format!("/crm/v3/objects/{object}/merge"), &body).await
}

async fn merged(portal: &Portal, primary: u64, other: u64) -> u64 {
    let reply = merge(portal, "contacts", primary, other).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    reply.json()["id"].as_str().unwrap().parse().unwrap()
}

fn contact(portal: &Portal, values: &[(&str, &str)]) -> u64 {
    portal.simulator.edit().create("contacts", values).unwrap()
}

async fn read(portal: &Portal, id: u64) -> Value {
    let asked = "email,firstname,city,hs_merged_object_ids,hs_additional_emails,hs_calculated_merged_vids";
    let reply = portal.get(&format!("{PATH}/{id}?properties={asked}")).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    reply.json()
}

/// The ids of everything that is listed, live or archived.
async fn listed(portal: &Portal, archived: bool) -> Vec<u64> {
    portal.get(&format!("{PATH}?limit=100&archived={archived}")).await.ids()
}

async fn found(portal: &Portal, id: u64) -> u64 {
    let filter = json!({"propertyName": "hs_object_id", "operator": "EQ", "value": id.to_string()});
    let reply = portal.post(&format!("{PATH}/search"), &json!({"filters": [filter]})).await;
    reply.json()["total"].as_u64().unwrap()
}

#[tokio::test]
async fn a_merge_makes_a_new_record_to_which_both_ids_lead() {
    let portal = small(20).await;
    let a = contact(&portal, &[("email", "a@both.example"), ("firstname", "Ada")]);
    let b = contact(&portal, &[("email", "b@both.example"), ("firstname", "Bea"), ("city", "Bergen")]);
    let made = read(&portal, a).await["createdAt"].clone();
    portal.simulator.clock().advance(Duration::from_mins(1));
    let id = merged(&portal, a, b).await;
    assert!(id > a.max(b), "a new id");
    for asked in [id, a, b] {
        let record = read(&portal, asked).await;
        assert_eq!(record["id"], id.to_string());
        let values = &record["properties"];
        assert_eq!(
            (&values["email"], &values["firstname"], &values["city"]),
            (&json!("a@both.example"), &json!("Ada"), &json!("Bergen")),
            "the primary's values, and the other's where it has none"
        );
        assert_eq!(values["hs_merged_object_ids"], format!("{a};{b}"));
        assert_eq!(values["hs_additional_emails"], "b@both.example");
        let times = values["hs_calculated_merged_vids"].as_str().unwrap();
        assert!(times.starts_with(&format!("{a}:1")) && times.contains(&format!(";{b}:1")), "{times}");
        assert_eq!(record["createdAt"], made);
        assert_ne!(record["updatedAt"], made);
    }
    for gone in [a, b] {
        assert!(!listed(&portal, false).await.contains(&gone));
        assert!(
            !listed(&portal, true).await.contains(&gone),
            "a record that was merged away is not archived"
        );
        assert_eq!(found(&portal, gone).await, 0);
    }
    assert_eq!(found(&portal, id).await, 1);
    let change = json!({"properties": {"city": "Voss"}}).to_string();
    let changed = portal.call("PATCH", &format!("{PATH}/{b}"), &change).await;
    assert_eq!((changed.status, &changed.json()["id"]), (200, &json!(id.to_string())));
    assert_eq!(read(&portal, id).await["properties"]["city"], "Voss");
    assert_eq!(portal.simulator.truth().merged("contacts"), [(a, id), (b, id)]);
}

#[tokio::test]
async fn merges_chain_and_every_old_id_leads_to_the_end() {
    let portal = small(20).await;
    let [a, b, c] = ["a", "b", "c"].map(|n| contact(&portal, &[("email", &format!("{n}@chain.example"))]));
    let first = merged(&portal, a, b).await;
    let last = merged(&portal, c, first).await;
    for asked in [a, b, c, first] {
        assert_eq!(read(&portal, asked).await["id"], last.to_string());
    }
    let values = &read(&portal, last).await["properties"];
    assert_eq!(values["hs_merged_object_ids"], format!("{a};{b};{c};{first}"));
    assert_eq!(values["hs_additional_emails"], "a@chain.example;b@chain.example");
    let pairs: Vec<(u64, u64)> = [a, b, c, first].map(|id| (id, last)).into();
    assert_eq!(portal.simulator.truth().merged("contacts"), pairs);
}

#[tokio::test]
async fn links_of_both_move_and_the_primarys_own_primary_stays() {
    let portal = small(20).await;
    let edit = portal.simulator.edit();
    let firms: Vec<u64> =
        (0..3).map(|n| edit.create("companies", &[("name", &format!("Firm {n}"))]).unwrap()).collect();
    let deal = edit.create("deals", &[("dealname", "Both")]).unwrap();
    let (a, b) = (contact(&portal, &[("firstname", "A")]), contact(&portal, &[("firstname", "B")]));
    for (person, firm, types) in
        [(a, firms[0], &[1][..]), (b, firms[1], &[1]), (b, firms[2], &[]), (b, firms[0], &[])]
    {
        edit.associate(("contacts", person), ("companies", firm), types).unwrap();
    }
    edit.associate(("deals", deal), ("contacts", b), &[]).unwrap();
    edit.associate(("contacts", a), ("contacts", b), &[]).unwrap();
    let id = merged(&portal, a, b).await;
    let types = |page: &Value| -> Vec<(u64, Vec<u64>)> {
        let results = page["results"].as_array().unwrap().iter();
        let ids = |link: &Value| {
            let mut ids: Vec<u64> = link["associationTypes"]
                .as_array()
                .unwrap()
                .iter()
                .map(|t| t["typeId"].as_u64().unwrap())
                .collect();
            ids.sort_unstable();
            ids
        };
        results.map(|link| (link["toObjectId"].as_u64().unwrap(), ids(link))).collect()
    };
    let to = |kind: &str| format!("/crm/v4/objects/contacts/{id}/associations/{kind}");
    let page = portal.get(&to("companies")).await.json();
    assert_eq!(types(&page), [(firms[0], vec![1, 279]), (firms[1], vec![279]), (firms[2], vec![279])]);
    assert_eq!(types(&portal.get(&to("deals")).await.json()), [(deal, vec![4])]);
    assert_eq!(types(&portal.get(&to("contacts")).await.json()), [], "not linked with itself");
    let back =
        portal.get(&format!("/crm/v4/objects/companies/{}/associations/contacts", firms[1])).await.json();
    assert_eq!(types(&back), [(id, vec![280])], "the old link is gone at its other end too");
    let body = json!({"inputs": [{"id": a.to_string()}, {"id": b.to_string()}]});
    let old = portal.post("/crm/associations/2026-03/contacts/companies/batch/read", &body).await;
    assert_eq!((old.status, &old.json()["numErrors"]), (207, &json!(2)));
}

#[tokio::test]
async fn what_cannot_be_merged_is_refused_and_nothing_changes() {
    let portal = small(20).await;
    let (a, b) = (contact(&portal, &[("firstname", "A")]), contact(&portal, &[("firstname", "B")]));
    let archived = contact(&portal, &[("firstname", "C")]);
    portal.simulator.edit().archive("contacts", archived).unwrap();
    for (primary, other, status) in [(a, a, 400), (a, 4, 404), (4, a, 404), (a, archived, 404)] {
        assert_eq!(merge(&portal, "contacts", primary, other).await.status, status, "{primary} {other}");
    }
    let id = merged(&portal, a, b).await;
    assert_eq!(merge(&portal, "contacts", a, b).await.status, 400, "both stand for one record");
    assert_eq!(portal.simulator.truth().merged("contacts"), [(a, id), (b, id)]);
    let notes = portal.get("/crm/v3/objects/notes?limit=2").await.ids();
    let refused = merge(&portal, "notes", notes[0], notes[1]).await;
    assert_eq!((refused.status, &refused.json()["category"]), (400, &json!("VALIDATION_ERROR")));
    for object in ["companies", "deals", "tickets", "bikes"] {
        let ids = portal.get(&format!("/crm/v3/objects/{object}?limit=2")).await.ids();
        assert_eq!(merge(&portal, object, ids[0], ids[1]).await.status, 200, "{object}");
    }
}

#[tokio::test]
async fn no_record_stands_for_more_than_251() {
    let portal = small(20).await;
    let mut id = contact(&portal, &[("firstname", "First")]);
    let edit = portal.simulator.edit();
    for _ in 0..250 {
        id = edit.merge("contacts", id, contact(&portal, &[("firstname", "Next")])).unwrap();
    }
    let refused = merge(&portal, "contacts", id, contact(&portal, &[("firstname", "Last")])).await;
    assert_eq!(refused.status, 414);
    assert!(refused.json()["message"].as_str().unwrap().contains("250 identities"));
}

#[tokio::test]
async fn in_former_years_the_primary_stayed() {
    let switches = Switches { merge_survivor: MergeSurvivor::Primary, ..Switches::default() };
    let portal = portal(Config { contacts: 20, switches, ..Config::default() }).await;
    let listed_before = listed(&portal, false).await;
    let (a, b) = (listed_before[3], listed_before[7]);
    assert_eq!(merged(&portal, a, b).await, a);
    assert_eq!(read(&portal, b).await["id"], a.to_string());
    assert_eq!(read(&portal, a).await["properties"]["hs_merged_object_ids"], b.to_string());
    assert_eq!(portal.simulator.truth().merged("contacts"), [(b, a)]);
    assert_eq!(listed(&portal, false).await.len(), listed_before.len() - 1);
}

#[tokio::test]
async fn batches_know_merged_ids_only_where_the_switch_says_so() {
    for resolves in [true, false] {
        let switches = Switches { batch_read_resolves_merged: resolves, ..Switches::default() };
        let portal = portal(Config { contacts: 20, switches, ..Config::default() }).await;
        let ids = listed(&portal, false).await;
        let (a, b) = (ids[0], ids[1]);
        let id = merged(&portal, a, b).await;
        let inputs = json!({"inputs": [{"id": a.to_string()}, {"id": ids[2].to_string()}]});
        let read = portal.post(&format!("{PATH}/batch/read"), &inputs).await;
        let expected = if resolves { (200, vec![id, ids[2]]) } else { (207, vec![ids[2]]) };
        assert_eq!((read.status, read.ids()), expected);
        let archived = portal.post(&format!("{PATH}/batch/read?archived=true"), &inputs).await;
        assert_eq!((archived.status, archived.ids()), (207, vec![]));
        let update = json!({"inputs": [{"id": a.to_string(), "properties": {"city": "Moss"}}]});
        let update = portal.post(&format!("{PATH}/batch/update"), &update).await;
        assert!(update.ids().is_empty(), "never for writing");
    }
}

#[tokio::test]
async fn search_learns_of_a_merge_when_it_learns_of_anything() {
    let switches = Switches { search_lag_millis: 60_000, ..Switches::default() };
    let portal = portal(Config { contacts: 20, switches, ..Config::default() }).await;
    let ids = listed(&portal, false).await;
    let id = merged(&portal, ids[0], ids[1]).await;
    assert_eq!((found(&portal, ids[0]).await, found(&portal, id).await), (1, 0));
    portal.simulator.clock().advance(Duration::from_mins(1));
    assert_eq!((found(&portal, ids[0]).await, found(&portal, id).await), (0, 1));
}

#[tokio::test]
async fn an_erased_record_is_gone_everywhere() {
    let portal = small(20).await;
    let edit = portal.simulator.edit();
    let firm = edit.create("companies", &[("name", "Firm")]).unwrap();
    let by_id = contact(&portal, &[("firstname", "A")]);
    let by_email = contact(&portal, &[("email", "gone@gdpr.example")]);
    edit.associate(("contacts", by_id), ("companies", firm), &[]).unwrap();
    edit.archive("contacts", listed(&portal, false).await[0]).unwrap();
    let erase = |body: Value| async {
        let body = body;
        portal.post(&format!("{PATH}/gdpr-delete"), &body).await.status
    };
    assert_eq!(erase(json!({"objectId": by_id.to_string()})).await, 204);
    assert_eq!(erase(json!({"objectId": "gone@gdpr.example", "idProperty": "email"})).await, 204);
    assert_eq!(erase(json!({"objectId": "never@gdpr.example", "idProperty": "email"})).await, 204);
    for gone in [by_id, by_email] {
        for archived in [false, true] {
            assert!(!listed(&portal, archived).await.contains(&gone));
            let path = format!("{PATH}/{gone}?archived={archived}");
            assert_eq!(portal.get(&path).await.status, 404);
            let inputs = json!({"inputs": [{"id": gone.to_string()}]});
            let read = portal.post(&format!("{PATH}/batch/read?archived={archived}"), &inputs).await;
            assert_eq!((read.status, read.ids()), (207, vec![]));
        }
        assert_eq!(found(&portal, gone).await, 0);
        assert_eq!(merge(&portal, "contacts", gone, listed(&portal, false).await[0]).await.status, 404);
        assert!(portal.simulator.edit().restore("contacts", gone).is_err());
    }
    let links = portal.get(&format!("/crm/v4/objects/companies/{firm}/associations/contacts")).await.json();
    assert_eq!(links["results"], json!([]));
    assert_eq!(portal.simulator.truth().erased("contacts"), [by_id, by_email]);
}

#[tokio::test]
async fn what_was_merged_into_an_erased_record_is_gone_with_it() {
    let portal = small(20).await;
    let ids = listed(&portal, false).await;
    let id = merged(&portal, ids[0], ids[1]).await;
    let body = json!({"objectId": ids[1].to_string()});
    assert_eq!(portal.post(&format!("{PATH}/gdpr-delete"), &body).await.status, 204);
    for gone in [ids[0], ids[1], id] {
        assert_eq!(portal.get(&format!("{PATH}/{gone}")).await.status, 404);
    }
    assert_eq!(portal.simulator.truth().erased("contacts"), [id]);
    assert_eq!(portal.simulator.truth().merged("contacts"), []);
}
