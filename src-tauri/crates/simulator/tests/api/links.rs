//! Links: reading them singly, in batches and inline; changing them; labels.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use simulator::{Config, Switches, TrueLink};

use crate::caller::{Portal, portal, small};

fn truth(portal: &Portal, from: &str, to: &str) -> Vec<TrueLink> {
    let mut links = Vec::new();
    portal.simulator.truth().links(from, to, |l| links.push(l));
    links
}

async fn read(portal: &Portal, from: &str, to: &str, ids: &[u64]) -> crate::caller::Reply {
    let inputs: Vec<Value> = ids.iter().map(|id| json!({"id": id.to_string()})).collect();
    portal.post(&format!("/crm/v4/associations/{from}/{to}/batch/read"), &json!({"inputs": inputs})).await
}

#[tokio::test]
async fn a_batch_read_answers_every_link_and_names_each_record_without_one() {
    let portal = small(120).await;
    let mut ids = Vec::new();
    portal.simulator.truth().ids("contacts", |id| ids.push(id));
    let reply = read(&portal, "contacts", "companies", &ids).await;
    assert_eq!(reply.status, 207, "some contact has no company");
    let body = reply.json();
    let mut answered = BTreeSet::new();
    for result in body["results"].as_array().unwrap() {
        let from: u64 = result["from"]["id"].as_str().expect("text").parse().unwrap();
        for to in result["to"].as_array().unwrap() {
            let id = to["toObjectId"].as_u64().expect("a JSON number");
            for kind in to["associationTypes"].as_array().unwrap() {
                answered.insert((
                    from,
                    id,
                    kind["typeId"].as_u64().unwrap(),
                    kind["label"].as_str().map(str::to_owned),
                ));
            }
        }
    }
    let links = truth(&portal, "contacts", "companies");
    let expected: BTreeSet<_> =
        links.into_iter().map(|l| (l.from_id, l.to_id, u64::from(l.type_id), l.label)).collect();
    assert_eq!(answered, expected);
    assert!(expected.iter().any(|(.., label)| label.as_deref() == Some("Primary")));
    let linked: BTreeSet<u64> = expected.iter().map(|l| l.0).collect();
    let errors = body["errors"].as_array().unwrap();
    assert_eq!(errors.len(), ids.len() - linked.len());
    let lonely = ids.iter().find(|id| !linked.contains(id)).unwrap().to_string();
    let error = errors.iter().find(|e| e["context"]["fromObjectId"][0] == lonely.as_str()).unwrap();
    assert_eq!(
        *error,
        json!({
            "status": "error",
            "category": "OBJECT_NOT_FOUND",
            "subCategory": "crm.associations.NO_ASSOCIATIONS_FOUND",
            "message": format!("No company is associated with contact {lonely}."),
            "context": {"fromObjectId": [lonely], "fromObjectType": ["contact"], "toObjectType": ["company"]},
        })
    );
}

#[tokio::test]
async fn both_directions_agree_for_every_pair() {
    let portal = small(300).await;
    for (from, to) in portal.simulator.truth().pairs() {
        let there = truth(&portal, from, to);
        let back = truth(&portal, to, from);
        assert!(!there.is_empty(), "{from} {to}");
        let mut pairs: Vec<(u64, u64)> = there.iter().map(|l| (l.from_id, l.to_id)).collect();
        let mut turned: Vec<(u64, u64)> = back.iter().map(|l| (l.to_id, l.from_id)).collect();
        pairs.sort_unstable();
        turned.sort_unstable();
        assert_eq!(pairs, turned, "{from} {to}");
    }
}

#[tokio::test]
async fn many_links_are_paged_per_input_per_record_and_inline() {
    let switches = Switches { association_page: 100, ..Switches::default() };
    let portal = portal(Config { contacts: 3_000, switches, ..Config::default() }).await;
    let mut sizes: BTreeMap<u64, u32> = BTreeMap::new();
    for link in truth(&portal, "companies", "contacts").iter().filter(|l| l.type_id == 280) {
        *sizes.entry(link.from_id).or_default() += 1;
    }
    let (&giant, &size) = sizes.iter().max_by_key(|(_, n)| **n).unwrap();
    assert!(size > 200, "{size}");
    let (&small_one, _) = sizes.iter().min_by_key(|(_, n)| **n).unwrap();
    let (mut seen, mut after, mut first) = (BTreeSet::new(), Value::Null, true);
    loop {
        let mut inputs = vec![json!({"id": giant.to_string(), "after": after})];
        if first {
            inputs.push(json!({"id": small_one.to_string()}));
        }
        let reply = portal
            .post("/crm/associations/2026-03/companies/contacts/batch/read", &json!({"inputs": inputs}))
            .await
            .json();
        if first {
            assert!(reply["results"][1].get("paging").is_none(), "only the long one is paged");
        }
        first = false;
        let result = &reply["results"][0];
        let ids = result["to"].as_array().unwrap().iter().map(|t| t["toObjectId"].as_u64().unwrap());
        let before = seen.len();
        seen.extend(ids);
        assert!(seen.len() - before <= 100);
        after = result["paging"]["next"]["after"].clone();
        if after.is_null() {
            break;
        }
    }
    assert_eq!(seen.len(), size as usize);
    let one = portal.get(&format!("/crm/v4/objects/companies/{giant}/associations/contacts?limit=500")).await;
    assert_eq!(one.json()["results"].as_array().unwrap().len(), 100);
    assert!(one.json()["paging"]["next"]["link"].as_str().unwrap().contains("after="));
    let inline =
        portal.get(&format!("/crm/v3/objects/companies/{giant}?associations=contacts,tickets")).await.json();
    let contacts = &inline["associations"]["contacts"];
    assert_eq!(contacts["results"].as_array().unwrap().len(), 100, "one row a type, a hundred at most");
    assert!(contacts["paging"]["next"]["after"].is_string());
    let types: BTreeSet<&str> =
        contacts["results"].as_array().unwrap().iter().map(|r| r["type"].as_str().unwrap()).collect();
    assert!(
        types.contains("company_to_contact") && types.contains("company_to_contact_unlabeled"),
        "{types:?}"
    );
}

#[tokio::test]
async fn batches_of_links_have_their_limits() {
    let portal = small(10).await;
    let ids: Vec<u64> = (1..=1_001).collect();
    let reply = read(&portal, "contacts", "companies", &ids).await;
    assert_eq!((reply.status, &reply.json()["category"]), (400, &json!("VALIDATION_ERROR")));
    assert_eq!(read(&portal, "contacts", "companies", &ids[..1_000]).await.status, 207);
    let switches = Switches { association_read_max: 100, ..Switches::default() };
    let strict = crate::caller::portal(Config { contacts: 10, switches, ..Config::default() }).await;
    assert_eq!(read(&strict, "contacts", "companies", &ids[..101]).await.status, 400);
}

fn two_strangers(portal: &Portal) -> (u64, u64) {
    let edit = portal.simulator.edit();
    let contact = edit.create("contacts", &[("lastname", "Ny")]).unwrap();
    let company = edit.create("companies", &[("name", "Nytt AB")]).unwrap();
    (contact, company)
}

#[tokio::test]
async fn links_are_made_labelled_and_ended_in_both_directions() {
    let portal = small(30).await;
    let (contact, company) = two_strangers(&portal);
    let base = format!("/crm/v4/objects/contacts/{contact}/associations");
    let default = portal
        .call("PUT", &format!("/crm/v4/objects/contact/{contact}/associations/default/company/{company}"), "")
        .await;
    assert_eq!(default.status, 200);
    assert_eq!(
        default.json()["results"][0]["associationSpec"],
        json!({"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 279})
    );
    assert_eq!(default.json()["results"].as_array().unwrap().len(), 2, "both directions");
    let spec = r#"[{"associationCategory":"HUBSPOT_DEFINED","associationTypeId":1},
        {"associationCategory":"USER_DEFINED","associationTypeId":41}]"#;
    let labelled = portal.call("PUT", &format!("{base}/companies/{company}"), spec).await;
    assert_eq!(labelled.status, 201);
    assert_eq!(labelled.json()["labels"], json!(["Primary", "Supplier contact"]));
    let back = truth(&portal, "companies", "contacts");
    let types: BTreeSet<u32> = back.iter().filter(|l| l.from_id == company).map(|l| l.type_id).collect();
    assert_eq!(types, BTreeSet::from([280, 2, 42]));
    let wrong = r#"[{"associationCategory":"USER_DEFINED","associationTypeId":999}]"#;
    assert_eq!(portal.call("PUT", &format!("{base}/companies/{company}"), wrong).await.status, 400);
    let labels = json!({"inputs": [{"from": {"id": contact}, "to": {"id": company},
        "types": [{"associationCategory": "USER_DEFINED", "associationTypeId": 41}]}]});
    let dropped = portal.post("/crm/v4/associations/contacts/companies/batch/labels/archive", &labels).await;
    assert_eq!(dropped.status, 204);
    let left = portal.get(&format!("{base}/companies")).await.json();
    assert_eq!(left["results"][0]["associationTypes"].as_array().unwrap().len(), 2);
    assert_eq!(portal.call("DELETE", &format!("{base}/companies/{company}"), "").await.status, 204);
    assert_eq!(portal.get(&format!("{base}/companies")).await.json()["results"], json!([]));
    assert!(!truth(&portal, "companies", "contacts").iter().any(|l| l.from_id == company));
    assert_eq!(portal.get("/crm/v4/objects/contacts/77/associations/companies").await.status, 404);
}

#[tokio::test]
async fn batches_make_and_end_links_and_name_what_is_missing() {
    let portal = small(30).await;
    let (contact, company) = two_strangers(&portal);
    let types = json!([{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 279}]);
    let inputs = json!({"inputs": [
        {"from": {"id": contact.to_string()}, "to": {"id": company.to_string()}, "types": types},
        {"from": {"id": "77"}, "to": {"id": company.to_string()}, "types": types},
    ]});
    let made = portal.post("/crm/associations/2026-03/contacts/companies/batch/create", &inputs).await;
    assert_eq!((made.status, made.json()["results"].as_array().unwrap().len()), (207, 1));
    let defaults =
        json!({"inputs": [{"from": {"id": contact.to_string()}, "to": {"id": company.to_string()}}]});
    let made =
        portal.post("/crm/v4/associations/contacts/companies/batch/associate/default", &defaults).await;
    assert_eq!(made.status, 200);
    let ended =
        json!({"inputs": [{"from": {"id": contact.to_string()}, "to": [{"id": company.to_string()}]}]});
    assert_eq!(
        portal.post("/crm/v4/associations/contacts/companies/batch/archive", &ended).await.status,
        204
    );
    assert_eq!(read(&portal, "contacts", "companies", &[contact]).await.json()["results"], json!([]));
}

#[tokio::test]
async fn the_older_batches_speak_in_names() {
    let portal = small(30).await;
    let (contact, company) = two_strangers(&portal);
    let pair = json!({"from": {"id": contact.to_string()}, "to": {"id": company.to_string()}, "type": "contact_to_company"});
    let made =
        portal.post("/crm/v3/associations/contacts/companies/batch/create", &json!({"inputs": [pair]})).await;
    assert_eq!(made.status, 201);
    let results = made.json()["results"].as_array().unwrap().clone();
    assert_eq!(results[0], pair);
    assert_eq!(results[1]["type"], "company_to_contact", "both directions");
    let inputs = json!({"inputs": [{"id": contact.to_string()}]});
    let old = portal.post("/crm/v3/associations/contacts/companies/batch/read", &inputs).await.json();
    assert_eq!(old["results"][0]["to"][0]["id"], company.to_string());
    let ended = portal
        .post("/crm/v3/associations/contacts/companies/batch/archive", &json!({"inputs": [pair]}))
        .await;
    assert_eq!(ended.status, 204);
    assert!(!truth(&portal, "contacts", "companies").iter().any(|l| l.from_id == contact));
}

#[tokio::test]
async fn labels_are_listed_made_renamed_and_dropped() {
    let portal = small(30).await;
    let path = "/crm/associations/2026-03/contacts/companies/labels";
    let listed = portal.get(path).await.json();
    let ids: Vec<u64> =
        listed["results"].as_array().unwrap().iter().map(|t| t["typeId"].as_u64().unwrap()).collect();
    assert!([1, 279, 41].iter().all(|id| ids.contains(id)), "{ids:?}");
    let made = portal
        .post(path, &json!({"name": "rides_for", "label": "Rides for", "inverseLabel": "Sponsors"}))
        .await;
    let new = made.json()["results"].as_array().unwrap().clone();
    assert_eq!((new.len(), &new[0]["label"], &new[1]["label"]), (2, &json!("Rides for"), &json!("Sponsors")));
    let id = new[0]["typeId"].as_u64().unwrap();
    let renamed = json!({"associationTypeId": id, "label": "Races for"});
    assert_eq!(portal.call("PUT", path, &renamed.to_string()).await.status, 204);
    assert!(portal.get(path).await.body.contains("Races for"));
    assert_eq!(portal.call("DELETE", &format!("{path}/{id}"), "").await.status, 204);
    assert!(!portal.get(path).await.body.contains("Races for"));
    assert_eq!(portal.call("DELETE", &format!("{path}/279"), "").await.status, 404, "HubSpot's own stay");
    let switches = Switches { links_in_2026_09: false, ..Switches::default() };
    let newest = crate::caller::portal(Config { contacts: 5, switches, ..Config::default() }).await;
    assert_eq!(newest.get("/crm/associations/2026-09/contacts/companies/labels").await.status, 404);
    assert_eq!(newest.get(path).await.status, 200);
}

#[tokio::test]
async fn an_archived_record_has_no_links_left() {
    let portal = small(60).await;
    let link = truth(&portal, "deals", "contacts")[0].clone();
    portal.simulator.edit().archive("contacts", link.to_id).unwrap();
    assert!(truth(&portal, "deals", "contacts").iter().all(|l| l.to_id != link.to_id));
    assert!(truth(&portal, "contacts", "deals").iter().all(|l| l.from_id != link.to_id));
    let moving = Switches { association_moves_stamp: vec!["contacts".to_owned()], ..Switches::default() };
    let moving = crate::caller::portal(Config { contacts: 60, switches: moving, ..Config::default() }).await;
    let (contact, company) = {
        let links = truth(&moving, "contacts", "companies");
        (links[0].from_id, links[0].to_id)
    };
    let stamp = |json: Value| json["updatedAt"].as_str().unwrap().to_owned();
    let before = stamp(moving.get(&format!("/crm/v3/objects/contacts/{contact}")).await.json());
    moving.simulator.edit().dissociate(("contacts", contact), ("companies", company)).unwrap();
    let after = stamp(moving.get(&format!("/crm/v3/objects/contacts/{contact}")).await.json());
    assert_ne!(before, after);
}
