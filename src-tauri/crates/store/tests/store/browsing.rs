//! Snapshots, rows, records and links, as a grid and a record page ask for them.

use crm::{Link, LinkSet, Owner, Pair, PropertyDefinition, PropertyOption, Record, Unreadable};
use store::{Cell, Error, LinksCommit, PageCommit, Reader, Side, SnapshotFound, SnapshotSpec, Sort, Verdict};

use crate::make::{Mirror, companies, contacts, day, definition, id, info, links, mirror, page, record};

fn spec(sort: Option<(&str, bool)>, find: Option<&str>) -> SnapshotSpec {
    SnapshotSpec {
        object: contacts(),
        sort: sort.map(|(column, descending)| Sort { column: column.to_owned(), descending }),
        find: find.map(str::to_owned),
    }
}

impl Mirror {
    fn reader(&self) -> Reader {
        Reader::open(&self.path()).unwrap()
    }

    fn index(&mut self) {
        while !self.writer.index_step(&contacts(), 2).unwrap().done {}
    }

    fn ids(&self, sort: Option<(&str, bool)>, find: Option<&str>) -> Vec<i64> {
        self.reader().snapshot(&spec(sort, find)).unwrap().ids
    }
}

fn people() -> Mirror {
    let mut mirror = mirror();
    let stage = PropertyDefinition {
        options: vec![PropertyOption {
            value: "lead".to_owned(),
            label: "Lead".to_owned(),
            display_order: None,
            hidden: false,
        }],
        ..definition("lifecyclestage", "Stage", "enumeration")
    };
    let definitions = [
        definition("firstname", "First name", "string"),
        definition("lastname", "Last name", "string"),
        definition("email", "E-mail", "string"),
        definition("score", "Score", "number"),
        definition("birthday", "Birthday", "date"),
        definition("hubspot_owner_id", "Owner", "enumeration"),
        stage,
    ];
    mirror.writer.put_properties(&contacts(), &definitions).unwrap();
    mirror.writer.pick(&contacts(), &["score".into(), "birthday".into()]).unwrap();
    mirror.page(&[
        record(1, 9, r#"{"firstname":"Zoë","lastname":"Åkesson","email":"zoe@north.example","score":"10"}"#),
        record(
            2,
            8,
            r#"{"firstname":"adam","email":"adam.smith@acme.example","score":"9","lifecyclestage":"lead"}"#,
        ),
        record(3, 7, r#"{"email":"adamant@acme.example"}"#),
        record(4, 6, r#"{"firstname":"Bob","score":"9","birthday":"2001-02-03","hubspot_owner_id":"7"}"#),
        record(50, 5, "{}"),
    ]);
    mirror
        .writer
        .settle(&contacts(), &[(id(50), Verdict::Archived { at: None })], store::Asked::All, day(1))
        .unwrap();
    mirror
}

#[test]
fn records_are_listed_by_any_picked_property_with_the_empty_ones_last() {
    let mut mirror = people();
    for indexed in [false, true] {
        if indexed {
            mirror.index();
        }
        assert_eq!(mirror.ids(None, None), [1, 2, 3, 4], "indexed: {indexed}");
        assert_eq!(mirror.ids(Some(("id", true)), None), [4, 3, 2, 1]);
        assert_eq!(mirror.ids(Some(("updated_at", false)), None), [4, 3, 2, 1]);
        assert_eq!(mirror.ids(Some(("score", false)), None), [2, 4, 1, 3]);
        assert_eq!(mirror.ids(Some(("score", true)), None)[0], 1);
        assert_eq!(mirror.ids(Some(("score", true)), None)[3], 3);
        assert_eq!(mirror.ids(Some(("firstname", false)), None), [2, 4, 1, 3], "the case of letters counted");
    }
    let error = mirror.reader().snapshot(&spec(Some(("shoe_size", false)), None)).unwrap_err();
    assert!(matches!(error, Error::UnknownProperty { .. }), "{error}");
    let unknown = SnapshotSpec { object: "deals".into(), ..spec(None, None) };
    assert!(matches!(mirror.reader().snapshot(&unknown).unwrap_err(), Error::UnknownObject(_)));
}

#[test]
fn find_takes_every_word_as_a_beginning_before_and_after_the_index_is_there() {
    let mut mirror = people();
    let cases: [(&str, &[i64]); 17] = [
        ("adam", &[2, 3]),
        ("ADAM", &[2, 3]),
        ("adam smi", &[2]),
        ("smi adam", &[2]),
        ("adam.smith@acme", &[2]),
        ("acme.example", &[2, 3]),
        ("akes", &[1]),
        ("zoe north", &[1]),
        ("north ZOÉ", &[1]),
        ("zoë north akes", &[1]),
        ("adam north", &[]),
        ("zoe", &[1]),
        ("4", &[4]),
        ("50", &[]),
        ("nobody", &[]),
        ("\" OR * (", &[]),
        ("Ⓐ", &[]),
    ];
    for indexed in [false, true] {
        if indexed {
            mirror.index();
        }
        for (words, expected) in cases {
            // Looking through records themselves knows no accents.
            if indexed || !["akes", "zoe north", "north ZOÉ", "zoë north akes"].contains(&words) {
                assert_eq!(mirror.ids(None, Some(words)), expected, "{words} (indexed: {indexed})");
            }
        }
        assert_eq!(mirror.ids(Some(("firstname", true)), Some("acme")), [2, 3]);
        assert_eq!(mirror.ids(Some(("id", true)), Some("acme")), [3, 2]);
        assert_eq!(mirror.ids(None, Some("   ")), [1, 2, 3, 4]);
        assert_eq!(mirror.reader().is_indexed(&contacts()).unwrap(), indexed);
    }
}

#[test]
fn words_of_every_script_are_found() {
    let mut mirror = people();
    let names = [
        "नमस्ते दुनिया",
        "山田 太郎",
        "مرحبا بالعالم",
        "Дмитрий",
        "Ωμέγα",
        "e\u{301}cole",
        "٣٤٥",
        "ⅷ²",
        "😀 smile",
    ];
    let records: Vec<Record> = (100..)
        .zip(names)
        .map(|(id, name)| record(id, 1, &serde_json::json!({"firstname": name}).to_string()))
        .collect();
    mirror.page(&records);
    mirror.index();
    for (id, name) in (100..).zip(names) {
        assert_eq!(mirror.ids(None, Some(name)), [id], "{name}");
        let first: String = name.chars().take(2).collect();
        assert!(mirror.ids(None, Some(&first)).contains(&id) || first == "😀 ", "{first}");
    }
}

#[test]
fn full_text_and_lists_follow_every_change() {
    let mut mirror = people();
    mirror.index();
    mirror.page(&[
        record(2, 20, r#"{"firstname":"Eve","score":"1"}"#),
        record(60, 20, r#"{"firstname":"Adamina","score":"2"}"#),
    ]);
    assert_eq!(mirror.ids(None, Some("adam")), [3, 60]);
    assert_eq!(mirror.ids(None, Some("eve")), [2]);
    assert_eq!(mirror.ids(Some(("score", false)), None), [2, 60, 4, 1, 3]);
    let verdicts = [
        (id(3), Verdict::Archived { at: None }),
        (id(60), Verdict::Merged { into: id(2) }),
        (id(1), Verdict::Gone),
    ];
    mirror.writer.settle(&contacts(), &verdicts, store::Asked::All, day(30)).unwrap();
    for word in ["adam", "adamina", "zoe", "north"] {
        assert_eq!(mirror.ids(None, Some(word)), [0; 0], "{word}");
    }
    mirror.page(&[record(3, 7, r#"{"email":"adamant@acme.example"}"#)]);
    assert_eq!(mirror.ids(None, Some("adam")), [3], "a restored record is not found");
}

#[test]
fn an_index_that_was_cut_half_way_goes_on_and_misses_nothing_that_came_meanwhile() {
    let mut mirror = people();
    let step = mirror.writer.index_step(&contacts(), 2).unwrap();
    assert!(!step.done && step.indexed < step.total, "{step:?}");
    // One record changes behind the point reached, one before it, one is new.
    mirror.page(&[
        record(1, 20, r#"{"firstname":"Renamed"}"#),
        record(4, 20, r#"{"firstname":"Robert"}"#),
        record(70, 20, r#"{"firstname":"Newcomer"}"#),
    ]);
    assert_eq!(mirror.ids(None, Some("newcomer")), [70], "what is not indexed yet was not looked through");
    let path = mirror.path();
    mirror.writer = store::Writer::open(&path).unwrap();
    let mut last = 0;
    loop {
        let step = mirror.writer.index_step(&contacts(), 2).unwrap();
        assert!(step.indexed >= last && step.indexed <= step.total, "{step:?}");
        last = step.indexed;
        if step.done {
            break;
        }
    }
    for (word, expected) in [("renamed", 1), ("robert", 4), ("newcomer", 70), ("smith", 2)] {
        assert_eq!(mirror.ids(None, Some(word)), [expected], "{word}");
    }
    assert_eq!(mirror.ids(None, Some("zoe")), [0; 0]);
    assert_eq!(mirror.ids(None, Some("bob")), [0; 0]);
}

fn text(cell: &Cell) -> &str {
    cell.text.as_deref().unwrap_or("-")
}

#[test]
fn rows_come_in_the_asked_order_with_labels_and_titles() {
    let mut mirror = people();
    let owner = Owner {
        id: "7".to_owned(),
        email: None,
        kind: None,
        first_name: Some("Grace".to_owned()),
        last_name: None,
        user_id: None,
        user_id_including_inactive: None,
        archived: false,
        created_at: None,
        updated_at: None,
        teams: Vec::new(),
    };
    mirror.writer.put_owners(&[owner], &[]).unwrap();
    let columns = ["title", "lifecyclestage", "birthday", "hubspot_owner_id", "updated_at", "never_defined"]
        .map(str::to_owned);
    let rows = mirror.reader().rows(&contacts(), &[4, 999, 2, 50, 3], &columns).unwrap();
    let shown: Vec<String> = rows
        .iter()
        .map(|row| {
            format!("{} {} {}", row.id, row.gone, row.cells.iter().map(text).collect::<Vec<_>>().join("|"))
        })
        .collect();
    assert_eq!(
        shown,
        [
            "4 false Bob|-|2001-02-03|Grace|2026-01-07T00:00:00.000Z|-",
            "999 true -|-|-|-|-|-",
            "2 false adam|Lead|-|-|2026-01-09T00:00:00.000Z|-",
            "50 true contact 50|-|-|-|2026-01-06T00:00:00.000Z|-",
            "3 false adamant@acme.example|-|-|-|2026-01-08T00:00:00.000Z|-"
        ]
    );
    assert_eq!(rows[2].cells[1].raw.as_deref(), Some("lead"));
    assert_eq!(rows[0].cells[2].raw, None);
}

#[test]
fn long_texts_and_mark_up_are_one_line_in_a_grid_and_whole_on_the_page() {
    let mut mirror = mirror();
    let body = format!("<p>First line<br>second &amp; last</p>{}", " word".repeat(500));
    mirror.writer.put_object(&info("notes", "0-46")).unwrap();
    mirror.writer.put_properties(&"notes".into(), &[definition("hs_note_body", "Note", "string")]).unwrap();
    let notes = "notes".into();
    let range = mirror.writer.plan_ranges("notes", "list", &[(1, i64::MAX)]).unwrap()[0].id;
    let records = [record(1, 1, &serde_json::json!({"hs_note_body": body}).to_string())];
    mirror.writer.commit_page(&page(&notes, range, &records)).unwrap();
    let reader = mirror.reader();
    let row = reader.rows(&notes, &[1], &["hs_note_body".to_owned(), "title".to_owned()]).unwrap().remove(0);
    assert!(text(&row.cells[0]).starts_with("First line second & last word"), "{row:?}");
    assert!(text(&row.cells[0]).len() < 400 && text(&row.cells[0]).ends_with('…'), "{row:?}");
    assert!(text(&row.cells[1]).starts_with("First line second & last"), "{row:?}");
    let stored = reader.record(&notes, id(1)).unwrap().unwrap();
    assert_eq!(stored.properties[0].cell.raw.as_deref(), Some(body.as_str()));
    assert!(stored.properties[0].cell.text.as_ref().unwrap().len() > 2_000);
}

#[test]
fn a_records_page_has_every_property_and_a_merged_record_answers_as_its_survivor() {
    let mut mirror = people();
    mirror.page(&[Record {
        merged_ids: vec![id(3)],
        ..record(9, 9, r#"{"score":"5","undefined_here":"kept"}"#)
    }]);
    let stored = mirror.reader().record(&contacts(), id(3)).unwrap().unwrap();
    assert_eq!((stored.id, stored.archived, stored.title.as_str()), (id(9), false, "contact 9"));
    assert_eq!(
        (stored.created_at, stored.updated_at, stored.synced_at),
        (Some(day(0)), Some(day(9)), Some(day(100)))
    );
    let shown: Vec<(&str, &str, &str)> = stored
        .properties
        .iter()
        .map(|property| (property.name.as_str(), property.label.as_str(), text(&property.cell)))
        .collect();
    assert_eq!(shown.len(), 8);
    assert!(shown.contains(&("score", "Score", "5")));
    assert!(shown.contains(&("email", "E-mail", "-")));
    assert!(shown.contains(&("undefined_here", "undefined_here", "kept")));
    assert!(mirror.reader().record(&contacts(), id(4711)).unwrap().is_none());
}

#[test]
fn money_has_the_records_currency_or_the_portals() {
    let mut mirror = mirror();
    let deals: crm::ObjectType = "deals".into();
    mirror.writer.put_object(&info("deals", "0-3")).unwrap();
    let money =
        |name: &str| PropertyDefinition { show_currency_symbol: true, ..definition(name, name, "number") };
    let of = PropertyDefinition { currency_property: Some("own_code".to_owned()), ..money("margin") };
    mirror
        .writer
        .put_properties(&deals, &[money("amount"), of, definition("quantity", "Quantity", "number")])
        .unwrap();
    mirror
        .writer
        .put_account(&crm::Account {
            portal: crm::PortalId(1),
            account_type: None,
            time_zone: None,
            currency: Some("EUR".to_owned()),
            utc_offset_ms: None,
            ui_domain: None,
            region: None,
        })
        .unwrap();
    let range = mirror.writer.plan_ranges("deals", "list", &[(1, i64::MAX)]).unwrap()[0].id;
    let records = [
        record(
            1,
            1,
            r#"{"amount":"10.00","deal_currency_code":"SEK","margin":"1","own_code":"USD","quantity":"3"}"#,
        ),
        record(2, 1, r#"{"amount":"20","margin":"2"}"#),
    ];
    mirror.writer.commit_page(&page(&deals, range, &records)).unwrap();
    let columns = ["amount", "margin", "quantity"].map(str::to_owned);
    let currencies: Vec<Vec<Option<String>>> = mirror
        .reader()
        .rows(&deals, &[1, 2], &columns)
        .unwrap()
        .into_iter()
        .map(|row| row.cells.into_iter().map(|cell| cell.currency).collect())
        .collect();
    let code = |code: &str| Some(code.to_owned());
    assert_eq!(currencies, [[code("SEK"), code("USD"), None], [code("EUR"), code("EUR"), None]]);
}

#[test]
fn links_are_shown_from_both_ends_the_labelled_ones_first() {
    let mut mirror = people();
    let company = |id: i64, name: &str| record(id, 1, &format!(r#"{{"name":"{name}"}}"#));
    mirror.writer.put_properties(&companies(), &[definition("name", "Name", "string")]).unwrap();
    let companies = companies();
    let range = mirror.writer.plan_ranges("companies", "list", &[(1, i64::MAX)]).unwrap()[0].id;
    let records = [company(10, "Acme"), company(11, "Beta"), company(12, "Gone"), company(13, "Delta")];
    mirror.writer.commit_page(&page(&companies, range, &records)).unwrap();
    mirror
        .writer
        .settle(&companies, &[(id(12), Verdict::Archived { at: None })], store::Asked::All, day(1))
        .unwrap();
    let merged = Record { merged_ids: vec![id(14)], ..company(13, "Delta") };
    mirror
        .writer
        .commit_linked(&companies, &[Record { updated_at: day(2), ..merged }], &[], &[], day(2))
        .unwrap();

    let mut set = links(1, &[10, 11, 12, 13, 14, 99]);
    set.links.push(Link { label: Some("Primary".to_owned()), type_id: 1, ..set.links[1].clone() });
    let pair = Pair::new(contacts(), companies.clone());
    let commit = |pair: &Pair, sets: &[LinkSet], mirror: &mut Mirror| {
        mirror
            .writer
            .commit_links(&LinksCommit { pair, side: Side::From, range: None, sets, failed: &[], at: day(1) })
            .unwrap()
    };
    commit(&pair, &[set, links(2, &[10])], &mut mirror);
    commit(&Pair::new("deals".into(), contacts()), &[links(500, &[1])], &mut mirror);

    let groups = mirror.reader().links(&contacts(), id(1), 10).unwrap();
    assert_eq!(groups.len(), 2);
    assert_eq!((groups[0].object.as_str(), groups[0].total), ("companies", 4));
    let shown: Vec<(i64, Option<&str>, &[String])> =
        groups[0].rows.iter().map(|row| (row.id, row.title.as_deref(), &row.labels[..])).collect();
    let primary = ["Primary".to_owned()];
    assert_eq!(
        shown,
        [
            (11, Some("Beta"), &primary[..]),
            (10, Some("Acme"), &[][..]),
            (13, Some("Delta"), &[][..]),
            (99, None, &[][..])
        ]
    );
    assert_eq!((groups[1].object.as_str(), groups[1].rows[0].id), ("deals", 500));

    let back = mirror.reader().links(&companies, id(10), 1).unwrap();
    assert_eq!((back[0].object.as_str(), back[0].total, back[0].rows.len()), ("contacts", 2, 1));
    assert_eq!(back[0].rows[0].title.as_deref(), Some("Zoë Åkesson"));
}

#[test]
fn a_reader_sees_the_copy_while_it_is_written_and_never_half_a_page() {
    let mut mirror = mirror();
    let reader = mirror.reader();
    let contacts = contacts();
    let range = mirror.writer.plan_ranges("contacts", "list", &[(1, i64::MAX)]).unwrap()[0].id;
    for page_number in 0..20_i64 {
        let records: Vec<Record> =
            (1..=10).map(|offset| record(page_number * 10 + offset, 1, "{}")).collect();
        mirror.writer.commit_page(&page(&contacts, range, &records)).unwrap();
        let SnapshotFound { ids, .. } = reader.snapshot(&spec(None, None)).unwrap();
        assert_eq!(ids.last(), Some(&((page_number + 1) * 10)));
        assert_eq!(ids.len(), ids.iter().collect::<std::collections::HashSet<_>>().len());
        assert_eq!(reader.counts(&contacts).unwrap().live, ids.len() as u64);
        assert_eq!(reader.changes(&contacts).unwrap(), ids.len() as u64);
    }
}

#[test]
fn a_reader_creates_nothing_and_reads_only_todays_format() {
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("missing.db");
    assert!(matches!(Reader::open(&missing).unwrap_err(), Error::NoMirror(_)));
    assert!(!missing.exists());
    let mirror = mirror();
    let path = mirror.path();
    drop(mirror.writer);
    for (version, newer) in [(99, true), (0, false)] {
        rusqlite::Connection::open(&path).unwrap().pragma_update(None, "user_version", version).unwrap();
        match Reader::open(&path).unwrap_err() {
            Error::NewerDatabase { .. } => assert!(newer),
            Error::NoMirror(_) => assert!(!newer),
            other => panic!("{other}"),
        }
    }
}

#[test]
fn runs_events_and_what_was_set_aside_are_told_newest_first() {
    let mut mirror = mirror();
    let run = mirror.writer.begin_run("sync", day(1)).unwrap();
    for code in ["first", "second"] {
        let event = store::RunEvent {
            at: day(1),
            level: store::Level::Info,
            code: code.to_owned(),
            object: None,
            message: String::new(),
        };
        mirror.writer.run_event(run, &event).unwrap();
    }
    mirror.writer.finish_run(run, "done", "{}", &[], day(2)).unwrap();
    let unreadable = [Unreadable { id: None, reason: "no id".to_owned(), body: "{}".to_owned() }];
    let contacts = contacts();
    let range = mirror.writer.plan_ranges("contacts", "list", &[(1, i64::MAX)]).unwrap()[0].id;
    mirror
        .writer
        .commit_page(&PageCommit { unreadable: &unreadable, ..page(&contacts, range, &[]) })
        .unwrap();
    let reader = mirror.reader();
    let codes: Vec<String> = reader.events(10).unwrap().into_iter().map(|event| event.code).collect();
    assert_eq!(codes, ["second", "first"]);
    let runs = reader.runs(1).unwrap();
    assert_eq!((runs[0].state.as_str(), runs[0].finished_at), ("done", Some(day(2))));
    assert_eq!(reader.quarantine(10).unwrap()[0].reason, "no id");
    assert!(reader.size_bytes().unwrap() > 16_384);
    assert_eq!(reader.objects().unwrap().len(), 2);
    assert_eq!(reader.ranges("contacts").unwrap().len(), 1);
}
