//! Records that are left out of what is derived: marked, never taken away, and kept current.

use crm::{ObjectType, PropertyName};
use store::{Filter, Reader, Rules};

use crate::make::{Mirror, contacts, day, definition, mirror, record};

fn addresses(emails: &[&str], domains: &[&str]) -> Rules {
    let texts = |list: &[&str]| list.iter().map(|&text| text.to_owned()).collect();
    Rules { emails: texts(emails), domains: texts(domains), filters: Vec::new() }
}

fn filter(object: Option<&str>, property: &str, values: &[&str]) -> Filter {
    let values = values.iter().map(|&value| value.to_owned()).collect();
    Filter { object: object.map(ObjectType::from), property: property.to_owned(), values }
}

fn filters(filters: &[Filter]) -> Rules {
    Rules { filters: filters.to_vec(), ..Rules::default() }
}

fn marks(mirror: &Mirror) -> Vec<String> {
    mirror.rows("SELECT id, reason FROM exclusions WHERE object_type = 'contacts' ORDER BY id")
}

/// Contacts with an address and a status; the address is picked when asked for.
fn people(picked: bool) -> Mirror {
    let mut mirror = mirror();
    let mut interests = definition("interests", "Interests", "enumeration");
    "checkbox".clone_into(&mut interests.field_type);
    let definitions =
        [definition("email", "Email", "string"), definition("status", "Status", "string"), interests];
    mirror.writer.put_properties(&contacts(), &definitions).unwrap();
    if picked {
        let names: Vec<PropertyName> = definitions.iter().map(|one| one.name.clone()).collect();
        mirror.writer.pick(&contacts(), &names).unwrap();
    }
    mirror.page(&[
        record(1, 1, r#"{"email":"Me@Acme.com","status":"NEW"}"#),
        record(2, 1, r#"{"email":"jane@else.org","status":"OPEN","interests":"a;bc"}"#),
        record(3, 1, r#"{"email":"bob@sub.acme.com","status":"new","interests":"b"}"#),
        record(4, 1, r#"{"status":"DONE"}"#),
        record(5, 1, r#"{"email":"acme.com"}"#),
    ]);
    mirror
}

#[test]
fn what_is_here_is_marked_with_the_reason_whether_or_not_its_properties_are_picked() {
    let cases: [(&str, Rules, &[&str]); 8] = [
        ("an address, whatever its case", addresses(&["me@acme.com"], &[]), &["1|email"]),
        (
            "a domain, but not one below it, nor a text without an @",
            addresses(&[], &["acme.com"]),
            &["1|email_domain"],
        ),
        (
            "the first reason stays",
            addresses(&["me@acme.com"], &["acme.com", "else.org"]),
            &["1|email", "2|email_domain"],
        ),
        (
            "a value, to the letter",
            filters(&[filter(Some("contacts"), "status", &["NEW"])]),
            &["2|filter:status", "3|filter:status", "4|filter:status", "5|filter:status"],
        ),
        (
            "any of a list, an empty text for none",
            filters(&[filter(None, "status", &["NEW", "OPEN", ""])]),
            &["3|filter:status", "4|filter:status"],
        ),
        (
            "one of several values",
            filters(&[filter(None, "interests", &["a", "b"])]),
            &["1|filter:interests", "4|filter:interests", "5|filter:interests"],
        ),
        (
            "every filter must fit",
            filters(&[filter(None, "status", &["OPEN", "new"]), filter(None, "interests", &["b"])]),
            &["1|filter:status", "2|filter:interests", "4|filter:status", "5|filter:status"],
        ),
        (
            "a property or a type that is not here",
            filters(&[filter(None, "pipeline", &["x"]), filter(Some("deals"), "status", &["x"])]),
            &[],
        ),
    ];
    for picked in [true, false] {
        let mut mirror = people(picked);
        for (what, rules, expected) in &cases {
            mirror.writer.exclude(rules, day(2)).unwrap();
            assert_eq!(marks(&mirror), *expected, "{what}, picked: {picked}");
            assert_eq!(Reader::open(&mirror.path()).unwrap().rules().unwrap(), *rules);
        }
        mirror.writer.exclude(&Rules::default(), day(3)).unwrap();
        assert_eq!(marks(&mirror), [""; 0], "without rules nothing is marked");
        assert_eq!(mirror.rows("SELECT count(*) FROM contacts"), ["5"], "and nothing was ever taken away");
    }
}

#[test]
fn records_are_marked_as_they_arrive_change_and_go() {
    let mut mirror = people(true);
    let rules = Rules { filters: vec![filter(None, "status", &["NEW"])], ..addresses(&[], &["acme.com"]) };
    mirror.writer.exclude(&rules, day(2)).unwrap();
    let before =
        ["1|email_domain", "2|filter:status", "3|filter:status", "4|filter:status", "5|filter:status"];
    assert_eq!(marks(&mirror), before);
    mirror.page(&[
        record(1, 3, r#"{"email":"me@else.org","status":"NEW"}"#),
        record(2, 3, r#"{"email":"jane@acme.com","status":"NEW"}"#),
        record(3, 1, r#"{"email":"bob@sub.acme.com","status":"new","interests":"b"}"#),
        record(6, 3, r#"{"email":"new@acme.com","status":"NEW"}"#),
        record(7, 3, r#"{"email":"new@else.org","status":"NEW"}"#),
    ]);
    let after = ["2|email_domain", "3|filter:status", "4|filter:status", "5|filter:status", "6|email_domain"];
    assert_eq!(marks(&mirror), after);
    let gone = [
        (crate::make::id(2), store::Verdict::Archived { at: None }),
        (crate::make::id(6), store::Verdict::Gone),
    ];
    mirror.writer.settle(&contacts(), &gone, store::Asked::All, day(4)).unwrap();
    assert_eq!(marks(&mirror), ["3|filter:status", "4|filter:status", "5|filter:status"]);
    assert_eq!(Reader::open(&mirror.path()).unwrap().excluded(&contacts()).unwrap(), 3);
}

#[test]
fn a_filter_finds_a_property_that_is_defined_later() {
    let mut mirror = people(true);
    mirror.writer.exclude(&filters(&[filter(None, "tier", &["gold"])]), day(2)).unwrap();
    assert_eq!(marks(&mirror), [""; 0]);
    let definitions = [definition("email", "Email", "string"), definition("tier", "Tier", "string")];
    mirror.writer.put_properties(&contacts(), &definitions).unwrap();
    assert_eq!(marks(&mirror).len(), 5, "nobody has it yet");
    mirror.page(&[record(1, 3, r#"{"email":"me@acme.com","tier":"gold"}"#)]);
    assert_eq!(marks(&mirror).len(), 4);
}

#[test]
fn the_view_stays_whole_and_says_what_is_left_out() {
    let mut mirror = people(true);
    mirror.writer.exclude(&addresses(&[], &["else.org"]), day(2)).unwrap();
    assert_eq!(
        mirror.rows("SELECT id, excluded FROM contacts_view ORDER BY id"),
        ["1|-", "2|email_domain", "3|-", "4|-", "5|-"]
    );
}
