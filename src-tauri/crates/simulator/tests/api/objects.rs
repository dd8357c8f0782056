//! The types that some portals have, and custom objects with awkward names.

use serde_json::{Value, json};
use simulator::Config;

use crate::caller::{Portal, portal, small};

/// Every name a type goes by, with its stamps and one of its own properties.
const TYPES: [(&str, &str, &str, &str, &str); 21] = [
    ("leads", "0-136", "createdate", "hs_lead_name", "crm.objects.leads.read"),
    ("quotes", "0-14", "hs_createdate", "hs_title", "crm.objects.quotes.read"),
    ("communications", "0-18", "hs_createdate", "hs_communication_body", "crm.objects.contacts.read"),
    ("postal_mail", "0-116", "hs_createdate", "hs_postal_mail_body", "crm.objects.contacts.read"),
    ("goal_targets", "0-74", "hs_createdate", "hs_goal_name", "crm.objects.goals.read"),
    ("users", "0-115", "hs_createdate", "hs_email", "crm.objects.users.read"),
    (
        "feedback_submissions",
        "0-19",
        "hs_createdate",
        "hs_survey_name",
        "crm.objects.feedback_submissions.read",
    ),
    ("invoices", "0-53", "hs_createdate", "hs_number", "crm.objects.invoices.read"),
    ("subscriptions", "0-69", "hs_createdate", "hs_name", "crm.objects.subscriptions.read"),
    ("discounts", "0-84", "hs_createdate", "hs_label", "crm.objects.line_items.read"),
    ("fees", "0-85", "hs_createdate", "hs_label", "crm.objects.line_items.read"),
    ("taxes", "0-86", "hs_createdate", "hs_label", "crm.objects.line_items.read"),
    ("payments", "0-101", "hs_createdate", "hs_reference_number", "crm.objects.commercepayments.read"),
    ("orders", "0-123", "hs_createdate", "hs_order_name", "crm.objects.orders.read"),
    ("carts", "0-142", "hs_createdate", "hs_cart_name", "crm.objects.carts.read"),
    ("services", "0-162", "hs_createdate", "hs_name", "crm.objects.services.read"),
    ("courses", "0-410", "hs_createdate", "hs_course_name", "crm.objects.courses.read"),
    ("listings", "0-420", "hs_createdate", "hs_name", "crm.objects.listings.read"),
    ("appointments", "0-421", "hs_createdate", "hs_appointment_name", "crm.objects.appointments.read"),
    ("projects", "0-970", "hs_createdate", "hs_name", "crm.objects.projects.read"),
    ("marketing_events", "0-54", "hs_createdate", "hs_event_name", "crm.objects.marketing_events.read"),
];

async fn total(portal: &Portal, object: &str) -> u64 {
    portal.post(&format!("/crm/objects/2026-03/{object}/search"), &json!({"limit": 1})).await.json()["total"]
        .as_u64()
        .unwrap()
}

#[tokio::test]
async fn a_portal_can_have_every_type_and_has_the_usual_ones_otherwise() {
    let plain = small(500).await;
    let portal = portal(Config { contacts: 500, ..Config::default() }.with_every_object()).await;
    for (name, type_id, created, own, _) in TYPES {
        assert_eq!(plain.get(&format!("/crm/v3/objects/{name}")).await.status, 404, "{name}");
        let path = format!("/crm/objects/2026-03/{name}?limit=100&properties={own}");
        let page = portal.get(&path).await;
        assert_eq!(page.status, 200, "{name}: {}", page.body);
        let records = page.json()["results"].as_array().unwrap().clone();
        assert_eq!(records.len() as u64, portal.simulator.truth().count(name), "{name}");
        for record in &records {
            let values = &record["properties"];
            assert!(values[own].is_string(), "{name}: {record}");
            assert_eq!(values[created], record["createdAt"]);
            assert_eq!(values["hs_lastmodifieddate"], record["updatedAt"]);
        }
        let by_id = portal.get(&format!("/crm/v3/objects/{type_id}?limit=100&properties={own}")).await;
        assert_eq!(by_id.ids(), page.ids(), "{type_id} is the same as {name}");
        assert_eq!(total(&portal, name).await, records.len() as u64, "{name}");
        let names = portal.get(&format!("/crm/v3/properties/{type_id}")).await.json();
        assert!(names["results"].as_array().unwrap().iter().any(|p| p["name"] == own), "{name}");
    }
    let users =
        portal.get("/crm/v3/objects/users?limit=1&properties=hs_email,hs_internal_user_id").await.json();
    let values = &users["results"][0]["properties"];
    assert_eq!(values["hs_email"], "kaja.dietrich@norrskencycles.example");
    assert_eq!(values["hs_internal_user_id"], "9586504");
}

#[tokio::test]
async fn a_rarer_type_needs_its_own_scope() {
    for (name, _, _, _, scope) in TYPES {
        let mut config = Config { contacts: 30, ..Config::default() }.with_every_object();
        config.scopes.retain(|have| have != scope && have != "e-commerce");
        let portal = portal(config).await;
        let refused = portal.get(&format!("/crm/v3/objects/{name}")).await;
        assert_eq!(refused.status, 403, "{name}");
        let wanted = refused.json()["errors"][0]["context"]["requiredGranularScopes"].clone();
        assert!(wanted.as_array().unwrap().contains(&json!(scope)), "{name}: {wanted}");
    }
}

#[tokio::test]
async fn rarer_types_are_linked_by_hubspots_own_types() {
    let portal = portal(Config { contacts: 500, ..Config::default() }.with_every_object()).await;
    for (from, to, back, forth) in [
        ("leads", "contacts", 608, 609),
        ("leads", "deals", 582, 583),
        ("quotes", "contacts", 702, 703),
        ("communications", "tickets", 83, 84),
        ("postal_mail", "companies", 459, 460),
        ("feedback_submissions", "contacts", 98, 97),
    ] {
        let mut found = 0;
        portal.simulator.truth().links(from, to, |link| found += u32::from(link.type_id == back));
        assert!(found > 0, "{from} to {to}");
        let mut turned = 0;
        portal.simulator.truth().links(to, from, |link| turned += u32::from(link.type_id == forth));
        assert_eq!(found, turned, "{to} to {from}");
        let labels = portal.get(&format!("/crm/associations/2026-03/{from}/{to}/labels")).await.json();
        assert!(labels["results"].as_array().unwrap().iter().any(|l| l["typeId"] == back), "{labels}");
    }
    let lead = json!({"properties": {"hs_lead_name": "New"}});
    assert_eq!(portal.post("/crm/v3/objects/leads", &lead).await.status, 201);
    assert_eq!(portal.post("/crm/v3/objects/leads", &json!({"properties": {}})).await.status, 400);
    let stages = portal.get("/crm/v3/pipelines/leads").await.json();
    assert_eq!(stages["results"][0]["stages"].as_array().unwrap().len(), 5);
    assert_eq!(portal.get("/crm/v3/pipelines/invoices").await.json()["results"], json!([]));
}

#[tokio::test]
async fn custom_objects_may_be_named_like_hubspots_own_or_with_capitals() {
    let portal = portal(Config { contacts: 300, odd_objects: true, ..Config::default() }).await;
    let schemas = portal.get("/crm-object-schemas/2026-03/schemas").await.json();
    let schemas = schemas["results"].as_array().unwrap();
    let told: Vec<(&Value, &Value)> = schemas.iter().map(|s| (&s["name"], &s["objectTypeId"])).collect();
    let names = [("bike", "2-41873006"), ("tickets", "2-41873011"), ("Vendor", "2-41873012")];
    let expected: Vec<(Value, Value)> = names.iter().map(|&(n, id)| (json!(n), json!(id))).collect();
    assert_eq!(told, expected.iter().map(|(n, id)| (n, id)).collect::<Vec<_>>());
    let hubspots = total(&portal, "tickets").await;
    assert_eq!(hubspots, total(&portal, "0-5").await, "a plain name is HubSpot's own");
    assert_eq!((total(&portal, "2-41873011").await, total(&portal, "p24817305_tickets").await), (3, 3));
    assert_eq!((total(&portal, "Vendor").await, total(&portal, "p24817305_Vendor").await), (3, 3));
    let page = portal.get("/crm/v3/objects/2-41873011?properties=topic&associations=contacts").await.json();
    assert!(page["results"][0]["properties"]["topic"].is_string());
    assert_eq!(schemas[1]["associations"][0]["toObjectTypeId"], "0-1");
}
