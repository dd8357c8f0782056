//! The catalogue against HubSpot's facts.

use std::collections::HashSet;

use crm::Pair;

use super::*;

fn schema(name: &str) -> Schema {
    Schema {
        object_type_id: "2-123".into(),
        fully_qualified_name: format!("p99_{name}"),
        name: name.into(),
        singular: None,
        plural: None,
        primary_display_property: Some("plate".into()),
        associated_type_ids: vec!["0-1".into(), "0-3".into(), "2-7".into(), "9-9".into()],
        archived: false,
    }
}

#[test]
fn every_type_is_named_once_and_knows_its_stamps() {
    assert_eq!(super::core().len(), 11);
    let core = all();
    assert_eq!(core.len(), 32);
    let ids: HashSet<&str> = core.iter().map(|kind| kind.type_id.as_str()).collect();
    assert_eq!(ids.len(), core.len());
    let tables: HashSet<&str> = core.iter().map(|kind| kind.object.as_str()).collect();
    assert_eq!(tables.len(), core.len());
    assert!(tables.iter().all(|table| !crm::is_reserved(table)));
    let stamp = |name: &str| {
        let kind = core.iter().find(|kind| kind.path == name).unwrap();
        (kind.created_property.as_str(), kind.modified_property.as_str())
    };
    assert_eq!(stamp("contacts"), ("createdate", "lastmodifieddate"));
    assert_eq!(stamp("companies"), ("createdate", "hs_lastmodifieddate"));
    assert_eq!(stamp("notes"), ("hs_createdate", "hs_lastmodifieddate"));
    assert_eq!(stamp("leads"), ("createdate", "hs_lastmodifieddate"));
    assert_eq!(stamp("users"), ("hs_createdate", "hs_lastmodifieddate"));
}

#[test]
fn missing_scopes_are_named_and_an_alternative_is_enough() {
    let core = core();
    let kind = |name: &str| core.iter().find(|kind| kind.path == name).unwrap();
    let granted = |scopes: &[&str]| scopes.iter().map(|scope| (*scope).to_owned()).collect::<Vec<_>>();
    assert_eq!(kind("deals").missing(None), None, "unknown is tried");
    assert_eq!(kind("deals").missing(Some(&[])), Some(vec!["crm.objects.deals.read"]));
    assert_eq!(kind("deals").missing(Some(&granted(&["crm.objects.deals.read"]))), None);
    assert_eq!(kind("products").missing(Some(&granted(&["e-commerce"]))), None);
    assert_eq!(kind("products").missing(Some(&[])), Some(vec!["crm.objects.products.read"]));
    assert_eq!(kind("notes").missing(Some(&granted(&["crm.objects.contacts.read"]))), None);
}

#[test]
fn pairs_are_named_once_in_the_order_of_the_types() {
    let pairs = pairs();
    for pair in &pairs {
        assert_eq!(
            pairs.iter().filter(|other| *other == pair || **other == pair.reversed()).count(),
            1,
            "{pair}"
        );
    }
    assert!(pairs.contains(&Pair::new("contacts".into(), "companies".into())));
    assert!(pairs.contains(&Pair::new("contacts".into(), "contacts".into())));
    assert!(is_certain(&Pair::new("deals".into(), "quotes".into())));
    assert!(!is_certain(&Pair::new("deals".into(), "invoices".into())));
    let order: Vec<String> = all().iter().map(|kind| kind.object.to_string()).collect();
    let place = |object: &crm::ObjectType| order.iter().position(|name| *name == object.to_string()).unwrap();
    for pair in &pairs {
        assert!(place(&pair.from) <= place(&pair.to), "{pair}");
    }
}

#[test]
fn a_type_id_turned_round_twice_is_itself() {
    let pairs = [(279, 280), (1, 2), (4, 3), (341, 342), (5, 6), (15, 16), (339, 340), (26, 25), (27, 28)];
    let more = [(19, 20), (202, 201), (190, 189), (214, 213), (228, 227), (204, 203), (198, 197), (194, 193)];
    let own = [(449, 449), (450, 450), (451, 451), (452, 452), (13, 14), (200, 199), (212, 211), (931, 930)];
    for (there, back) in pairs.into_iter().chain(more).chain(own) {
        assert_eq!(inverse(there), Some(back));
        assert_eq!(inverse(back), Some(there));
    }
    assert_eq!(inverse(1_000_001), None);
}

#[test]
fn a_custom_object_takes_its_name_unless_that_is_taken() {
    let table = |name: &str, reserved: &[&str]| custom(&schema(name), reserved).object.as_str().to_owned();
    assert_eq!(table("car", &[]), "car");
    assert_eq!(table("Car", &[]), "Car");
    for name in [
        "contacts",
        "Contacts",
        "leads",
        "Payments",
        "crm_users",
        "users",
        "owners",
        "history",
        "car_view",
        "sqlite_x",
        "_x",
    ] {
        assert_eq!(table(name, &[]), format!("p99_{name}"));
    }
    assert_eq!(table("car", &["CAR"]), "p99_car");
    let kind = custom(&schema("car"), &[]);
    assert_eq!((kind.path.as_str(), kind.singular.as_str()), ("2-123", "car"));
    assert!(kind.custom);
}

#[test]
fn a_custom_object_is_linked_to_the_copied_types_that_its_schema_names() {
    let schema = schema("car");
    let kind = custom(&schema, &[]);
    let mut copied = core();
    copied.push(kind.clone());
    let pairs = pairs_of_custom(&kind, &schema.associated_type_ids, &copied);
    let names: Vec<String> = pairs.iter().map(ToString::to_string).collect();
    assert_eq!(names, ["car>contacts", "car>deals"]);
}
