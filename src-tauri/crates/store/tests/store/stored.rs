//! Stored, picked, exposed: three things, kept apart.

use crm::{PropertyDefinition, PropertyGroup, PropertyName, Sensitivity};
use store::{Error, NewProperties, PropertyChoice, Reader};

use crate::make::{Mirror, contacts, day, definition, mirror, record};

fn choice(mirror: &Mirror, name: &str) -> PropertyChoice {
    let choices = Reader::open(&mirror.path()).unwrap().property_choices(&contacts()).unwrap();
    choices.into_iter().find(|choice| choice.definition.name.as_str() == name).unwrap()
}

fn names(names: &[&str]) -> Vec<PropertyName> {
    names.iter().map(|name| PropertyName::from(*name)).collect()
}

fn asked(mirror: &Mirror) -> Vec<String> {
    let names = Reader::open(&mirror.path()).unwrap().stored_properties(&contacts()).unwrap();
    names.iter().map(ToString::to_string).collect()
}

fn sensitive(name: &str) -> PropertyDefinition {
    PropertyDefinition { sensitivity: Sensitivity::Sensitive, ..definition(name, name, "string") }
}

#[test]
fn everything_but_what_is_sensitive_is_stored_and_shown_until_somebody_decides() {
    let mut mirror = mirror();
    let defined =
        [definition("email", "Email", "string"), definition("size", "Size", "number"), sensitive("passport")];
    mirror.writer.put_properties(&contacts(), &defined).unwrap();
    assert_eq!(asked(&mirror), ["email", "size"]);
    let is = |mirror: &Mirror, name: &str| {
        let choice = choice(mirror, name);
        (choice.stored, choice.column.is_some(), choice.exposed)
    };
    assert_eq!(is(&mirror, "email"), (true, true, true));
    assert_eq!(is(&mirror, "size"), (true, false, true));
    assert_eq!(is(&mirror, "passport"), (false, false, false));

    // Each choice leaves the others alone, except that what is picked or shown is stored.
    mirror.writer.expose_properties(&contacts(), &names(&["email"]), false).unwrap();
    mirror.writer.drop_picks(&contacts(), &names(&["email"])).unwrap();
    assert_eq!(is(&mirror, "email"), (true, false, false));
    assert_eq!(mirror.writer.pick(&contacts(), &names(&["passport"])).unwrap(), names(&["passport"]));
    assert_eq!(is(&mirror, "passport"), (true, true, false));
    mirror.writer.drop_properties(&contacts(), &names(&["passport"])).unwrap();
    assert_eq!(is(&mirror, "passport"), (false, false, false));
    assert_eq!(
        mirror.writer.expose_properties(&contacts(), &names(&["passport"]), true).unwrap(),
        names(&["passport"])
    );
    assert_eq!(is(&mirror, "passport"), (true, false, true));

    // New definitions change none of it.
    mirror.writer.put_properties(&contacts(), &defined).unwrap();
    assert_eq!((is(&mirror, "email"), is(&mirror, "passport")), ((true, false, false), (true, false, true)));
    let error = mirror.writer.drop_properties(&contacts(), &names(&["nope"])).unwrap_err();
    assert!(matches!(error, Error::UnknownProperty { .. }), "{error}");
    mirror.writer.put_properties(&contacts(), &[definition("hs_object_id", "Id", "number")]).unwrap();
    let error = mirror.writer.drop_properties(&contacts(), &names(&["hs_object_id"])).unwrap_err();
    assert!(matches!(error, Error::AlwaysStored { .. }), "{error}");
}

#[test]
fn a_new_property_is_stored_or_left_as_the_policy_says_and_what_becomes_sensitive_is_left() {
    let mut mirror = mirror();
    let open = [Sensitivity::NonSensitive];
    let first = [definition("email", "Email", "string")];
    let put = |mirror: &mut Mirror, defined: &[PropertyDefinition], new| {
        mirror.writer.put_properties_under(&contacts(), defined, &open, new).unwrap();
    };
    put(&mut mirror, &first, NewProperties::Leave);
    assert_eq!(asked(&mirror), ["email"], "what a type begins with is not new");
    let second = [first[0].clone(), definition("grade", "Grade", "string")];
    put(&mut mirror, &second, NewProperties::Leave);
    assert_eq!(asked(&mirror), ["email"]);
    let third = [second[0].clone(), second[1].clone(), definition("mark", "Mark", "string")];
    put(&mut mirror, &third, NewProperties::Store);
    assert_eq!(asked(&mirror), ["email", "mark"]);
    mirror.writer.put_properties(&contacts(), &[sensitive("email"), third[2].clone()]).unwrap();
    assert_eq!(asked(&mirror), ["mark"]);
    // An answer about open properties says nothing about sensitive ones.
    put(&mut mirror, &[third[2].clone()], NewProperties::Store);
    assert!(!choice(&mirror, "email").definition.archived);
    assert!(choice(&mirror, "grade").definition.archived);
}

#[test]
fn a_property_that_is_stored_no_more_leaves_no_value_behind() {
    let mut mirror = mirror();
    let defined = ["email", "jobtitle", "size"].map(|name| definition(name, name, "string"));
    mirror.writer.put_properties(&contacts(), &defined).unwrap();
    let page = |text: &str, day: i64| {
        (1..=5).map(|n| record(n, day, &text.replace('#', &n.to_string()))).collect::<Vec<_>>()
    };
    mirror.page(&page(r#"{"email":"a#@example.com","jobtitle":"boss","size":"1"}"#, 1));
    mirror.page(&page(r#"{"email":"b#@example.com","jobtitle":"chief","size":"1"}"#, 2));
    while !mirror.writer.index_step(&contacts(), 100).unwrap().done {}
    mirror.writer.drop_properties(&contacts(), &names(&["jobtitle"])).unwrap();
    let mut steps = 0;
    while !mirror.writer.strip_step(&contacts(), 2).unwrap() {
        steps += 1;
    }
    assert_eq!(steps, 2);
    assert!(mirror.writer.strip_step(&contacts(), 2).unwrap(), "nothing is left to do");
    assert_eq!(
        mirror.rows("SELECT properties FROM contacts WHERE id = 3"),
        [r#"{"email":"b3@example.com","size":"1"}"#]
    );
    assert_eq!(mirror.rows("SELECT count(*) FROM contacts WHERE picked LIKE '%chief%'"), ["0"]);
    assert_eq!(mirror.rows("SELECT email FROM contacts_view WHERE id = 3"), ["b3@example.com"]);
    assert_eq!(mirror.rows("SELECT DISTINCT property FROM history"), ["email"]);
    assert_eq!(
        mirror.rows("SELECT count(*) FROM \"contacts$find\" WHERE \"contacts$find\" MATCH 'chief'"),
        ["0"]
    );
    assert_eq!(
        mirror.rows("SELECT count(*) FROM \"contacts$find\" WHERE \"contacts$find\" MATCH 'b3'"),
        ["1"]
    );
    // An answer without it is no change.
    mirror.page(&page(r#"{"email":"b#@example.com","size":"1"}"#, 2));
    assert_eq!(mirror.rows("SELECT DISTINCT property FROM history"), ["email"]);
}

#[test]
fn a_property_switched_on_late_is_refilled_and_its_first_values_are_no_changes() {
    let mut mirror = mirror();
    let defined = ["email", "size"].map(|name| definition(name, name, "string"));
    mirror.writer.put_properties(&contacts(), &defined).unwrap();
    mirror.writer.drop_properties(&contacts(), &names(&["size"])).unwrap();
    mirror.page(&[record(1, 1, r#"{"email":"a"}"#), record(2, 1, r#"{"email":"b"}"#)]);
    assert_eq!(mirror.writer.store_properties(&contacts(), &names(&["size"])).unwrap(), names(&["size"]));
    let waiting = |mirror: &Mirror| Reader::open(&mirror.path()).unwrap().refills(&contacts()).unwrap();
    assert_eq!(waiting(&mirror), names(&["size"]));
    assert!(choice(&mirror, "size").refilling);
    // One record comes with a new stamp before the refill has reached it.
    mirror.page(&[record(1, 5, r#"{"email":"a","size":"7"}"#)]);
    assert_eq!(mirror.rows("SELECT count(*) FROM history"), ["0"]);
    mirror.writer.refilled(&contacts(), &names(&["size"])).unwrap();
    assert_eq!(waiting(&mirror), []);
    mirror.page(&[record(2, 6, r#"{"email":"b","size":"8"}"#)]);
    assert_eq!(mirror.rows("SELECT id, property, old, new FROM history"), ["2|size|-|8"]);
}

#[test]
fn groups_have_the_portals_words_and_uses_are_named() {
    let mut mirror = mirror();
    let email =
        PropertyDefinition { group: Some("basics".to_owned()), ..definition("email", "Email", "string") };
    mirror.writer.put_properties(&contacts(), &[email]).unwrap();
    let group = PropertyGroup {
        name: "basics".to_owned(),
        label: "The basics".to_owned(),
        display_order: None,
        archived: false,
    };
    mirror.writer.put_property_groups(&contacts(), &[group]).unwrap();
    let chosen = choice(&mirror, "email");
    assert_eq!(chosen.group_label.as_deref(), Some("The basics"));
    assert_eq!(chosen.used, ["title", "find", "view"]);
    mirror.page(&[record(1, 1, r#"{"email":"a@example.com"}"#)]);
    let reader = Reader::open(&mirror.path()).unwrap();
    let page = reader.record(&contacts(), crate::make::id(1)).unwrap().unwrap();
    assert_eq!(page.properties[0].group_label.as_deref(), Some("The basics"));
    mirror
        .writer
        .put_property_statistics(&contacts(), &reader.examine_properties(&contacts(), 10).unwrap(), day(3))
        .unwrap();
    let (found, at) = choice(&mirror, "email").statistics.unwrap();
    assert_eq!((found.filled, found.samples[0].value.as_str(), at), (1, "a@example.com", day(3)));
}
