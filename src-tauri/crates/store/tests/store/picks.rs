//! Picked properties: typed columns and the view with labels.

use crm::{Owner, Pipeline, PropertyDefinition, PropertyName, PropertyOption, Sensitivity, Stage};
use store::{Error, Reader};

use crate::make::{Mirror, contacts, day, definition, mirror, record};

fn pick(mirror: &mut Mirror, definitions: &[PropertyDefinition]) {
    mirror.writer.put_properties(&contacts(), definitions).unwrap();
    let names: Vec<PropertyName> = definitions.iter().map(|definition| definition.name.clone()).collect();
    mirror.writer.pick(&contacts(), &names).unwrap();
}

fn option(value: &str, label: &str) -> PropertyOption {
    PropertyOption { value: value.to_owned(), label: label.to_owned(), display_order: None, hidden: false }
}

#[test]
fn a_column_has_its_propertys_type_and_is_null_where_the_text_does_not_fit() {
    let cases = [
        ("number", r#""12""#, "integer|12"),
        ("number", r#""-1250.50""#, "real|-1250.5"),
        ("number", r#""1.7E9""#, "integer|1700000000"),
        ("number", "42", "integer|42"),
        ("number", r#""3092727991;3881228353""#, "null|-"),
        ("number", r#""12 apples""#, "null|-"),
        ("number", r#""0x10""#, "null|-"),
        ("number", r#""""#, "null|-"),
        ("bool", r#""true""#, "integer|1"),
        ("bool", r#""false""#, "integer|0"),
        ("bool", "false", "integer|0"),
        ("bool", r#""maybe""#, "null|-"),
        ("date", r#""2026-02-28""#, "text|2026-02-28"),
        ("date", r#""2026-02-28T00:00:00Z""#, "text|2026-02-28"),
        ("date", r#""1772236800000""#, "text|2026-02-28"),
        ("date", r#""now""#, "null|-"),
        ("date", r#""2026-99-99""#, "null|-"),
        ("datetime", r#""2026-02-28T10:11:12Z""#, "text|2026-02-28T10:11:12.000Z"),
        ("datetime", r#""2026-02-28T10:11:12.3456Z""#, "text|2026-02-28T10:11:12.346Z"),
        ("datetime", r#""2026-02-28T10:11:12+02:00""#, "text|2026-02-28T08:11:12.000Z"),
        ("datetime", r#""1772273472123""#, "text|2026-02-28T10:11:12.123Z"),
        ("datetime", "1772273472123", "text|2026-02-28T10:11:12.123Z"),
        ("datetime", r#""-86400000""#, "text|1969-12-31T00:00:00.000Z"),
        ("datetime", r#""tomorrow""#, "null|-"),
        ("string", r#""007""#, "text|007"),
        ("string", r#""a\"b\n\u00e9""#, "text|a\"b\n\u{e9}"),
        ("string", r#""""#, "text|"),
        ("enumeration", r#""a;b""#, "text|a;b"),
        ("new_kind", r#""x""#, "text|x"),
    ];
    for (kind, value, expected) in cases {
        // Columns of properties picked before the first record, and after it, are read from different places.
        for first in [true, false] {
            let mut mirror = mirror();
            let records = [record(1, 1, &format!(r#"{{"p":{value}}}"#)), record(2, 1, "{}")];
            if first {
                pick(&mut mirror, &[definition("p", "P", kind)]);
                mirror.page(&records);
            } else {
                mirror.page(&records);
                pick(&mut mirror, &[definition("p", "P", kind)]);
            }
            while !mirror.writer.index_step(&contacts(), 100).unwrap().done {}
            let rows = mirror.rows("SELECT typeof(p), p FROM contacts");
            assert_eq!(rows, [expected, "null|-"], "{kind} {value}, picked first: {first}");
        }
    }
}

#[test]
fn columns_follow_every_change_of_their_records() {
    let mut mirror = mirror();
    pick(&mut mirror, &[definition("a", "A", "number"), definition("b", "B", "string")]);
    mirror.page(&[record(1, 1, r#"{"a":"1","b":"x","c":"7"}"#), record(2, 1, "{}")]);
    pick(
        &mut mirror,
        &[definition("a", "A", "number"), definition("b", "B", "string"), definition("c", "C", "number")],
    );
    while !mirror.writer.index_step(&contacts(), 100).unwrap().done {}
    let columns = |mirror: &Mirror| {
        for (column, value) in [("a", "1"), ("b", "x"), ("c", "7")] {
            let through_index = format!(
                "SELECT count(*) FROM contacts INDEXED BY contacts${column} WHERE {column} = '{value}'"
            );
            let through_rows = format!(
                "SELECT count(*) FROM contacts NOT INDEXED WHERE properties ->> '{column}' = '{value}'"
            );
            assert_eq!(mirror.rows(&through_index), mirror.rows(&through_rows), "{column}");
        }
        mirror.rows("SELECT a, b, c FROM contacts ORDER BY id")
    };
    assert_eq!(columns(&mirror), ["1|x|7", "-|-|-"]);
    mirror.page(&[record(1, 2, r#"{"a":"1","b":"x","c":"8"}"#), record(2, 2, r#"{"b":"x"}"#)]);
    assert_eq!(columns(&mirror), ["1|x|8", "-|x|-"]);
    let contacts = contacts();
    let range = mirror.writer.plan_ranges("contacts", "list", &[(1, i64::MAX)]).unwrap()[0].id;
    let names = ["a", "c"].map(PropertyName::from);
    let records = [record(1, 3, r#"{"c":"7"}"#), record(2, 3, r#"{"a":"1"}"#)];
    let page = crate::make::page(&contacts, range, &records);
    mirror.writer.commit_page(&store::PageCommit { asked: store::Asked::Only(&names), ..page }).unwrap();
    assert_eq!(columns(&mirror), ["-|x|7", "1|x|-"]);
    mirror.writer.drop_picks(&contacts, &["a".into()]).unwrap();
    mirror.writer.pick(&contacts, &["a".into()]).unwrap();
    while !mirror.writer.index_step(&contacts, 100).unwrap().done {}
    mirror.page(&[record(1, 4, r#"{"a":"1","b":"y"}"#), record(2, 4, r#"{"a":"2","b":"x"}"#)]);
    assert_eq!(columns(&mirror), ["1|y|-", "2|x|-"]);
    assert_eq!(mirror.rows("PRAGMA integrity_check"), ["ok"]);
}

#[test]
fn odd_names_and_odd_labels_make_columns_all_the_same() {
    let mut mirror = mirror();
    let odd =
        ["id", "Created_At", "archived", "select", "a\"b", "it's", "a.b", "a$[0]", "späti", "rowid", "x\\y"];
    let definitions: Vec<PropertyDefinition> =
        odd.iter().map(|name| definition(name, "Same label", "string")).collect();
    pick(&mut mirror, &definitions);
    let values: Vec<String> = odd
        .iter()
        .map(|name| {
            format!("{}:{}", serde_json::to_string(name).unwrap(), serde_json::to_string(name).unwrap())
        })
        .collect();
    mirror.page(&[record(1, 1, &format!("{{{}}}", values.join(",")))]);
    while !mirror.writer.index_step(&contacts(), 100).unwrap().done {}
    let picks = Reader::open(&mirror.path()).unwrap().picks(&contacts()).unwrap();
    assert_eq!(picks.len(), odd.len());
    for pick in &picks {
        let column = pick.column.replace('"', "\"\"");
        assert_eq!(mirror.rows(&format!("SELECT \"{column}\" FROM contacts")), [pick.property.as_str()]);
    }
    assert_eq!(picks[0].column, "id_");
    assert_eq!(mirror.rows("SELECT id, id_, created_at IS NOT NULL FROM contacts"), ["1|id|1"]);
    // Only the first of the equal labels names its column in the view.
    assert_eq!(
        mirror.rows("SELECT id, same_label, \"select\", späti FROM contacts_view"),
        ["1|id|select|späti"]
    );
}

#[test]
fn a_lone_surrogate_costs_one_character_and_no_read() {
    let mut mirror = mirror();
    pick(&mut mirror, &[definition("p", "P", "string"), definition("q", "Q", "string")]);
    mirror.page(&[record(1, 1, r#"{"p":"a\ud800b","q":"nul\u0000!"}"#)]);
    while !mirror.writer.index_step(&contacts(), 100).unwrap().done {}
    assert_eq!(mirror.rows("SELECT length(p) > 1, q FROM contacts"), ["1|nul\0!"]);
    assert_eq!(mirror.rows("PRAGMA integrity_check"), ["ok"]);
}

#[test]
fn the_view_shows_live_records_with_labels_for_ids() {
    let mut mirror = mirror();
    let multi = PropertyDefinition {
        field_type: "checkbox".to_owned(),
        options: vec![option("de", "German"), option("fr", "French; Swiss")],
        ..definition("langs", "Languages", "enumeration")
    };
    let single = PropertyDefinition {
        options: vec![option("lead", "Lead"), option("o'x", "It's \"odd\"")],
        ..definition("lifecyclestage", "Lifecycle Stage", "enumeration")
    };
    let second = PropertyDefinition {
        referenced_object_type: Some("OWNER".to_owned()),
        ..definition("second_owner", "", "enumeration")
    };
    let plain = ["hs_pipeline", "hs_pipeline_stage", "hubspot_owner_id"]
        .map(|name| definition(name, name, "enumeration"));
    pick(&mut mirror, &[vec![multi, single, second], plain.into()].concat());
    let owner = Owner {
        id: "7".to_owned(),
        email: Some("ada@example.com".to_owned()),
        kind: None,
        first_name: Some("Ada".to_owned()),
        last_name: Some("Byron".to_owned()),
        user_id: None,
        user_id_including_inactive: None,
        archived: false,
        created_at: None,
        updated_at: None,
        teams: Vec::new(),
    };
    let nameless = Owner { id: "8".to_owned(), first_name: None, last_name: None, ..owner.clone() };
    mirror.writer.put_owners(&[owner.clone(), nameless], &[]).unwrap();
    let stage = |label: &str| Stage {
        id: "1".to_owned(),
        label: label.to_owned(),
        display_order: None,
        archived: false,
        metadata: "{}".to_owned(),
    };
    let pipeline = |id: &str, label: &str, stage: Stage| Pipeline {
        id: id.to_owned(),
        label: label.to_owned(),
        display_order: None,
        archived: false,
        stages: vec![stage],
    };
    let pipelines = [pipeline("p1", "Sales", stage("New")), pipeline("p2", "Renewals", stage("Due"))];
    mirror.writer.put_pipelines(&contacts(), &pipelines).unwrap();
    mirror.page(&[
        record(
            1,
            1,
            r#"{"langs":"de;fr;it","lifecyclestage":"lead","second_owner":"8","hubspot_owner_id":"7","hs_pipeline":"p2","hs_pipeline_stage":"1"}"#,
        ),
        record(2, 1, r#"{"lifecyclestage":"o'x","hubspot_owner_id":"99","hs_pipeline_stage":"9"}"#),
        record(3, 1, "{}"),
    ]);
    mirror
        .writer
        .settle(
            &contacts(),
            &[(crate::make::id(3), store::Verdict::Archived { at: None })],
            store::Asked::All,
            day(1),
        )
        .unwrap();
    let view = "SELECT id, languages, lifecycle_stage, second_owner, hubspot_owner_id, hs_pipeline, hs_pipeline_stage
                FROM contacts_view ORDER BY id";
    let expected = [
        "1|German; French; Swiss; it|Lead|ada@example.com|Ada Byron|Renewals|Due",
        "2|-|It's \"odd\"|-|99|-|9",
    ];
    assert_eq!(mirror.rows(view), expected);

    // The owner left and lost her name, the pipeline and the options are gone: old records still show their labels.
    let left = Owner { first_name: None, last_name: Some(String::new()), email: None, ..owner };
    mirror.writer.put_owners(&[], &[left]).unwrap();
    mirror.writer.put_pipelines(&contacts(), &[]).unwrap();
    mirror.writer.put_properties(&contacts(), &[]).unwrap();
    assert_eq!(mirror.rows(view), expected);
    assert_eq!(
        mirror.rows("SELECT id, archived, name FROM owners"),
        ["7|1|Ada Byron", "8|1|ada@example.com"]
    );
    assert_eq!(mirror.rows("SELECT min(archived) FROM stages"), ["1"]);
    assert_eq!(mirror.rows("SELECT min(archived) FROM properties"), ["1"]);
}

#[test]
fn a_type_starts_with_columns_of_its_own_and_keeps_what_was_chosen() {
    let mut mirror = mirror();
    let sensitive =
        PropertyDefinition { sensitivity: Sensitivity::Sensitive, ..definition("phone", "Phone", "string") };
    let definitions = [
        definition("email", "Email", "string"),
        definition("shoe_size", "Shoe size", "number"),
        definition("firstname", "First Name", "string"),
        sensitive,
    ];
    mirror.writer.put_properties(&contacts(), &definitions).unwrap();
    let picked = |mirror: &Mirror| -> Vec<(String, bool)> {
        let picks = Reader::open(&mirror.path()).unwrap().picks(&contacts()).unwrap();
        picks.into_iter().map(|pick| (pick.column, pick.exposed)).collect()
    };
    let default = [("firstname", true), ("email", true)].map(|(name, on)| (name.to_owned(), on));
    assert_eq!(picked(&mirror), default, "a sensitive property is not even stored");

    mirror.page(&[record(1, 1, r#"{"email":"a@example.com","shoe_size":"43"}"#)]);
    mirror.writer.drop_picks(&contacts(), &["email".into(), "never_there".into()]).unwrap();
    mirror.writer.pick(&contacts(), &["shoe_size".into(), "firstname".into()]).unwrap();
    mirror.writer.expose_properties(&contacts(), &["firstname".into()], false).unwrap();
    let chosen = [("firstname", false), ("shoe_size", true)].map(|(name, on)| (name.to_owned(), on));
    mirror.writer.put_properties(&contacts(), &definitions).unwrap();
    assert_eq!(picked(&mirror), chosen, "the default picks came back");
    assert_eq!(mirror.rows("SELECT shoe_size FROM contacts_view"), ["43"]);
    assert_eq!(mirror.rows("SELECT json_extract(properties, '$.email') FROM contacts"), ["a@example.com"]);
    let error = mirror.writer.pick(&contacts(), &["nope".into()]).unwrap_err();
    assert!(matches!(error, Error::UnknownProperty { .. }), "{error}");
}

#[test]
fn a_property_that_changes_its_type_gets_another_column() {
    let mut mirror = mirror();
    pick(&mut mirror, &[definition("p", "P", "string")]);
    mirror.page(&[record(1, 1, r#"{"p":"7"}"#)]);
    while !mirror.writer.index_step(&contacts(), 100).unwrap().done {}
    assert_eq!(mirror.rows("SELECT typeof(p) FROM contacts_view"), ["text"]);
    mirror.writer.put_properties(&contacts(), &[definition("p", "Points", "number")]).unwrap();
    assert_eq!(mirror.rows("SELECT typeof(points) FROM contacts_view"), ["integer"]);
}

#[test]
fn definitions_that_have_not_changed_leave_the_schema_alone() {
    let mut mirror = mirror();
    let definitions = [definition("email", "Email", "string")];
    mirror.writer.put_properties(&contacts(), &definitions).unwrap();
    let before = mirror.rows("PRAGMA schema_version");
    mirror.writer.put_properties(&contacts(), &definitions).unwrap();
    mirror.writer.put_object(&crate::make::info("contacts", "0-1")).unwrap();
    assert_eq!(mirror.rows("PRAGMA schema_version"), before);
}

/// A plan depends on the schema and on what `PRAGMA optimize` has seen, not on the number of rows: the same one was seen at
/// a million.
#[test]
fn sorting_and_filtering_by_a_picked_column_use_its_index() {
    let mut mirror = mirror();
    let defined = [
        definition("score", "Score", "number"),
        definition("city", "City", "string"),
        definition("since", "S", "date"),
    ];
    mirror.writer.put_properties(&contacts(), &defined).unwrap();
    let records: Vec<_> = (1..=2_000)
        .map(|n| {
            let text = format!(
                r#"{{"score":"{}","city":"c{}","since":"2026-01-{:02}"}}"#,
                n % 97,
                n % 13,
                1 + n % 28
            );
            record(n, 1, &text)
        })
        .collect();
    mirror.page(&records);
    let names = ["score", "city", "since"].map(PropertyName::from);
    mirror.writer.pick(&contacts(), &names).unwrap();
    while !mirror.writer.index_step(&contacts(), 500).unwrap().done {}
    mirror.writer.tidy().unwrap();
    for column in ["score", "city", "since"] {
        let index = format!("USING INDEX contacts${column}");
        for query in [
            format!("SELECT id FROM contacts WHERE archived = 0 ORDER BY {column} LIMIT 100"),
            format!("SELECT id FROM contacts WHERE archived = 0 ORDER BY {column} DESC LIMIT 100"),
            format!("SELECT id FROM contacts WHERE {column} = '7' AND archived = 0"),
            format!(
                "SELECT id FROM contacts WHERE {column} BETWEEN '1' AND '2' AND archived = 0 ORDER BY {column}"
            ),
        ] {
            let plan = mirror.rows(&format!("EXPLAIN QUERY PLAN {query}"));
            let is_used = plan.len() == 1 && (plan[0].contains(&index) || plan[0].contains("COVERING INDEX"));
            assert!(is_used && plan[0].contains(&format!("contacts${column}")), "{query}: {plan:?}");
        }
    }
}
