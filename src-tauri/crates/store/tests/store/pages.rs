//! Pages of records: what is written, what is not, and how far the range has come.

use crm::{PropertyName, Record, Unreadable};
use rusqlite::Connection;
use store::{Asked, Counts, PageCommit, PageStored, Writer};

use crate::make::{Mirror, contacts, day, id, mirror, page, record, rows};

fn contents(mirror: &Mirror) -> Vec<String> {
    mirror.rows("SELECT id, properties, updated_at, archived, merged_into FROM contacts ORDER BY id")
}

#[test]
fn a_page_and_the_point_it_reaches_are_kept_together() {
    let mut mirror = mirror();
    let range =
        mirror.writer.plan_ranges("contacts", "list", &[(1, 100), (100, i64::MAX)]).unwrap().remove(0);
    let records = [record(3, 1, r#"{"a":"\u00e9 é"}"#), record(7, 2, "{}")];
    let contacts = contacts();
    let stored = mirror
        .writer
        .commit_page(&PageCommit { past: 50, cursor: Some("next"), ..page(&contacts, range.id, &records) })
        .unwrap();
    assert_eq!(stored, PageStored { inserted: 2, ..PageStored::default() });
    let ranges = Writer::open(&mirror.path()).unwrap().ranges("contacts").unwrap();
    assert_eq!((ranges[0].past, ranges[0].cursor.as_deref(), ranges[0].done), (50, Some("next"), false));
    assert_eq!((ranges[1].past, ranges[1].done), (99, false));
    assert_eq!(
        contents(&mirror),
        [r#"3|{"a":"\u00e9 é"}|2026-01-02T00:00:00.000Z|0|-"#, "7|{}|2026-01-03T00:00:00.000Z|0|-"]
    );
    assert_eq!(mirror.writer.counts(&contacts).unwrap(), Counts { live: 2, archived: 0, quarantined: 0 });
}

#[test]
fn a_full_disk_leaves_neither_the_page_nor_its_point() {
    let mut mirror = mirror();
    let range = mirror.writer.plan_ranges("contacts", "list", &[(1, i64::MAX)]).unwrap().remove(0);
    let contacts = contacts();
    let long = format!(r#"{{"a":"{}"}}"#, "x".repeat(60_000));
    let page_of = |from: i64| -> Vec<Record> { (from..from + 20).map(|id| record(id, 1, &long)).collect() };
    mirror.writer.commit_page(&page(&contacts, range.id, &page_of(1))).unwrap();

    mirror.writer.set_size_limit(Some(2_000_000)).unwrap();
    let error = mirror.writer.commit_page(&page(&contacts, range.id, &page_of(21))).unwrap_err();
    assert!(error.is_disk_full(), "{error}");
    assert_eq!(mirror.writer.ranges("contacts").unwrap()[0].past, 20);
    assert_eq!(mirror.rows("SELECT count(*), max(id) FROM contacts"), ["20|20"]);
    assert_eq!(mirror.rows("PRAGMA integrity_check"), ["ok"]);

    mirror.writer.set_size_limit(None).unwrap();
    mirror.writer.commit_page(&page(&contacts, range.id, &page_of(21))).unwrap();
    assert_eq!(mirror.rows("SELECT count(*), max(id) FROM contacts"), ["40|40"]);
}

#[test]
fn listing_unchanged_records_again_writes_nothing_to_them() {
    let mut mirror = mirror();
    let records = [record(1, 1, r#"{"a":"1","b":"2"}"#), record(2, 1, "{}")];
    mirror.page(&records);
    let same_otherwise_ordered = [record(1, 1, r#"{"b":"2","a":"1"}"#), record(2, 1, "{}")];
    let contacts = contacts();
    let range = mirror.writer.plan_ranges("contacts", "list", &[(1, i64::MAX)]).unwrap().remove(0);
    let later = PageCommit { at: day(200), ..page(&contacts, range.id, &same_otherwise_ordered) };
    let stored = mirror.writer.commit_page(&later).unwrap();
    assert_eq!(stored, PageStored { unchanged: 2, ..PageStored::default() });
    assert_eq!(
        mirror.rows("SELECT DISTINCT synced_at FROM contacts"),
        [day(100).to_string()],
        "a row was written although nothing had changed"
    );
    assert_eq!(mirror.rows("SELECT * FROM history"), [""; 0]);
}

#[test]
fn an_older_answer_never_overwrites_a_newer_row() {
    let mut mirror = mirror();
    mirror.page(&[record(1, 5, r#"{"a":"new"}"#)]);
    let stored = mirror.page(&[record(1, 4, r#"{"a":"old"}"#)]);
    assert_eq!(stored, PageStored { unchanged: 1, ..PageStored::default() });
    assert_eq!(contents(&mirror), [r#"1|{"a":"new"}|2026-01-06T00:00:00.000Z|0|-"#]);
}

#[test]
fn history_tells_what_changed_after_the_first_copy() {
    let mut mirror = mirror();
    mirror.page(&[record(1, 1, r#"{"a":"1","gone":"x","same":"s"}"#)]);
    mirror.page(&[record(1, 2, r#"{"same":"s","a":"line\nbreak \ud800","new":"n"}"#)]);
    // A calculated value moves without its stamp; a property that is asked for only now did not change.
    mirror.page(&[record(1, 2, r#"{"same":"t","a":"line\nbreak \ud800","new":"n","filled":"f"}"#)]);
    assert_eq!(
        mirror.rows("SELECT property, old, new FROM history ORDER BY seq"),
        ["a|1|line\nbreak \u{fffd}", "gone|x|-", "new|-|n", "same|s|t"]
    );
    assert_eq!(mirror.rows("SELECT DISTINCT object_type, id, seen_at FROM history").len(), 1);
}

#[test]
fn what_was_not_asked_for_stays_and_what_was_asked_and_is_empty_goes() {
    let mut mirror = mirror();
    mirror.page(&[record(1, 1, r#"{"a":"1","b":"2","c":"3"}"#)]);
    let names = ["b", "c", "d"].map(PropertyName::from);
    let contacts = contacts();
    let range = mirror.writer.plan_ranges("contacts", "list", &[(1, i64::MAX)]).unwrap().remove(0);
    let records = [record(1, 2, r#"{"c":"33","d":"4"}"#), record(2, 2, r#"{"d":"5"}"#)];
    let commit = PageCommit { asked: Asked::Only(&names), ..page(&contacts, range.id, &records) };
    mirror.writer.commit_page(&commit).unwrap();
    assert_eq!(
        mirror.rows("SELECT properties FROM contacts ORDER BY id"),
        [r#"{"a":"1","c":"33","d":"4"}"#, r#"{"d":"5"}"#]
    );
}

#[test]
fn records_before_the_window_are_kept_only_where_they_already_are() {
    let mut mirror = mirror();
    mirror.page(&[record(1, 1, r#"{"a":"1"}"#)]);
    let contacts = contacts();
    let range = mirror.writer.plan_ranges("contacts", "list", &[(1, i64::MAX)]).unwrap().remove(0);
    let records = [record(1, 2, r#"{"a":"2"}"#), record(2, 2, "{}"), record(3, 10, "{}")];
    let commit = PageCommit { keep_since: Some(day(10)), sweep: true, ..page(&contacts, range.id, &records) };
    let stored = mirror.writer.commit_page(&commit).unwrap();
    assert_eq!(stored, PageStored { inserted: 1, updated: 1, outside: 1, ..PageStored::default() });
    assert_eq!(mirror.rows("SELECT id FROM contacts"), ["1", "3"]);
}

#[test]
fn a_full_listing_makes_suspects_of_the_live_rows_it_does_not_name() {
    let mut mirror = mirror();
    let all: Vec<Record> = (1..=10).map(|id| record(id, 1, "{}")).collect();
    mirror.page(&all);
    mirror
        .writer
        .settle(&contacts(), &[(id(4), store::Verdict::Archived { at: None })], store::Asked::All, day(1))
        .unwrap();
    let contacts = contacts();
    let range = mirror.writer.plan_ranges("contacts", "list", &[(1, 8), (8, i64::MAX)]).unwrap().remove(0);
    let unreadable =
        [Unreadable { id: Some("5".to_owned()), reason: "no stamp".to_owned(), body: "{}".to_owned() }];
    let named = [record(1, 1, "{}"), record(6, 1, "{}")];
    let commit = PageCommit {
        unreadable: &unreadable,
        past: 9, // beyond the range's end: only its own ids are answered for
        sweep: true,
        ..page(&contacts, range.id, &named)
    };
    assert_eq!(mirror.writer.commit_page(&commit).unwrap().suspects, 3);
    assert_eq!(mirror.writer.suspects(&contacts, 10).unwrap(), [id(2), id(3), id(7)]);
    assert_eq!(mirror.writer.suspects(&contacts, 1).unwrap(), [id(2)]);
    let range = &mirror.writer.ranges("contacts").unwrap()[0];
    assert_eq!((range.past, range.done), (7, true));
    mirror.page(&[record(3, 1, "{}")]);
    assert_eq!(mirror.writer.suspects(&contacts, 10).unwrap(), [id(2), id(7)]);
}

#[test]
fn unreadable_records_are_set_aside_until_they_can_be_read() {
    let mut mirror = mirror();
    let unreadable = |id: Option<&str>, body: &str| Unreadable {
        id: id.map(str::to_owned),
        reason: "no stamp".to_owned(),
        body: body.to_owned(),
    };
    let contacts = contacts();
    let range = mirror.writer.plan_ranges("contacts", "list", &[(1, i64::MAX)]).unwrap().remove(0);
    let all = [unreadable(Some("2"), "{..."), unreadable(None, "[]"), unreadable(Some("x"), "")];
    let records = [record(1, 1, "{}"), record(3, 1, r#"{"broken": "#)];
    for _ in 0..2 {
        let commit = PageCommit { unreadable: &all, ..page(&contacts, range.id, &records) };
        assert_eq!(mirror.writer.commit_page(&commit).unwrap().quarantined, 4);
    }
    assert_eq!(mirror.writer.counts(&contacts).unwrap(), Counts { live: 1, archived: 0, quarantined: 4 });
    mirror.page(&[record(2, 1, "{}"), record(3, 1, "{}")]);
    assert_eq!(mirror.rows("SELECT id, reason FROM quarantine ORDER BY id"), ["-|no stamp", "x|no stamp"]);
}

#[test]
fn an_archived_record_that_is_listed_live_is_live_again() {
    let mut mirror = mirror();
    mirror.page(&[record(1, 1, "{}"), record(2, 1, "{}")]);
    let verdicts = [(id(1), store::Verdict::Archived { at: Some(day(3)) })];
    mirror.writer.settle(&contacts(), &verdicts, store::Asked::All, day(4)).unwrap();
    assert_eq!(mirror.writer.counts(&contacts()).unwrap(), Counts { live: 1, archived: 1, quarantined: 0 });
    let stored = mirror.page(&[record(1, 1, "{}"), record(2, 1, "{}")]);
    assert_eq!((stored.updated, stored.unchanged), (1, 1));
    assert_eq!(mirror.rows("SELECT archived, archived_at FROM contacts"), ["0|-", "0|-"]);
    assert_eq!(mirror.writer.counts(&contacts()).unwrap(), Counts { live: 2, archived: 0, quarantined: 0 });
}

#[test]
fn merged_ids_lead_to_the_survivor_however_long_the_chain() {
    let mut mirror = mirror();
    mirror.page(&[record(1, 1, "{}"), record(2, 1, "{}")]);
    mirror.page(&[Record { merged_ids: vec![id(1), id(2), id(5)], ..record(5, 2, "{}") }]);
    mirror.page(&[Record { merged_ids: vec![id(5)], ..record(9, 3, "{}") }]);
    assert_eq!(mirror.rows("SELECT old_id, id FROM merged_ids ORDER BY old_id"), ["1|9", "2|9", "5|9"]);
    assert_eq!(mirror.rows("SELECT id, archived FROM contacts"), ["1|1", "2|1", "5|1", "9|0"]);
    // Two records that each claim to hold the other must not chase each other for ever.
    mirror.page(&[Record { merged_ids: vec![id(9)], ..record(5, 4, "{}") }]);
    assert_eq!(mirror.writer.counts(&contacts()).unwrap().live, 1);
}

#[test]
fn a_range_is_cut_only_where_something_is_left_to_do() {
    let mut mirror = mirror();
    let contacts = contacts();
    let range = mirror.writer.plan_ranges("contacts", "list", &[(1, 1000)]).unwrap().remove(0);
    let records = [record(10, 1, "{}")];
    mirror.writer.commit_page(&page(&contacts, range.id, &records)).unwrap();
    assert_eq!(mirror.writer.split_range(range.id, 10, "search").unwrap(), None);
    assert_eq!(mirror.writer.split_range(range.id, 1000, "search").unwrap(), None);
    let upper = mirror.writer.split_range(range.id, 500, "search").unwrap().unwrap();
    assert_eq!((upper.lo, upper.hi, upper.past, upper.done), (500, 1000, 499, false));
    let spans: Vec<_> = mirror
        .writer
        .ranges("contacts")
        .unwrap()
        .into_iter()
        .map(|range| (range.lo, range.hi, range.past, range.way))
        .collect();
    assert_eq!(spans, [(1, 500, 10, "list".to_owned()), (500, 1000, 499, "search".to_owned())]);
    // Exactly past the last answered id: nothing is left of the lower part.
    mirror.writer.split_range(range.id, 11, "search").unwrap().unwrap();
    assert!(mirror.writer.ranges("contacts").unwrap()[0].done);
    assert!(mirror.writer.split_range(range.id, 5, "search").unwrap().is_none());
    mirror.writer.split_range(4711, 5, "search").unwrap_err();
}

/// Id, bounds, place, way and whether it is done, of every range of contacts.
fn ranges(mirror: &Mirror) -> Vec<(i64, i64, i64, String, bool)> {
    let ranges = mirror.writer.ranges("contacts").unwrap();
    ranges.into_iter().map(|range| (range.lo, range.hi, range.past, range.way, range.done)).collect()
}

#[test]
fn what_search_read_is_read_again_by_list_and_what_the_list_read_is_not() {
    let mut mirror = mirror();
    let contacts = contacts();
    let lower = mirror.writer.plan_ranges("contacts", "list", &[(1, i64::MAX)]).unwrap().remove(0);
    let upper = mirror.writer.split_range(lower.id, 500, "search+batch").unwrap().unwrap();
    for (range, at) in [(lower.id, 10), (upper.id, 510)] {
        mirror.writer.commit_page(&page(&contacts, range, &[record(at, 1, "{}")])).unwrap();
    }
    mirror.writer.list_again("contacts").unwrap();
    let list = || "list".to_owned();
    assert_eq!(ranges(&mirror), [(1, 500, 10, list(), false), (500, i64::MAX, 499, list(), false)]);
}

#[test]
fn one_chain_goes_on_where_the_lowest_range_stands_or_else_from_the_start() {
    let mut mirror = mirror();
    let contacts = contacts();
    let lower = mirror.writer.plan_ranges("contacts", "list", &[(1, i64::MAX)]).unwrap().remove(0);
    mirror.writer.split_range(lower.id, 500, "search").unwrap().unwrap();
    mirror.writer.commit_page(&page(&contacts, lower.id, &[record(10, 1, "{}")])).unwrap();
    let chain = mirror.writer.one_chain("contacts").unwrap();
    assert_eq!(chain.id, lower.id);
    let list = || "list".to_owned();
    assert_eq!(ranges(&mirror), [(1, i64::MAX, 10, list(), false)]);
    // Done below, its cursor is of no use.
    mirror.writer.split_range(lower.id, 500, "search").unwrap().unwrap();
    let last = PageCommit { done: true, past: 499, ..page(&contacts, lower.id, &[]) };
    mirror.writer.commit_page(&last).unwrap();
    mirror.writer.one_chain("contacts").unwrap();
    assert_eq!(ranges(&mirror), [(1, i64::MAX, 0, list(), false)]);
}

#[test]
fn ranges_for_links_cover_every_id_with_so_many_live_ones_each() {
    let mut mirror = mirror();
    assert_eq!(mirror.writer.plan_link_ranges("l", &contacts(), None, 2).unwrap(), []);
    mirror.page(&[5, 8, 9, 20, 30].map(|id| record(id, id, "{}")));
    mirror
        .writer
        .settle(&contacts(), &[(id(8), store::Verdict::Archived { at: None })], store::Asked::All, day(1))
        .unwrap();
    let spans = |ranges: Vec<store::Range>| ranges.iter().map(|r| (r.lo, r.hi)).collect::<Vec<_>>();
    assert_eq!(
        spans(mirror.writer.plan_link_ranges("l", &contacts(), None, 2).unwrap()),
        [(1, 20), (20, i64::MAX)]
    );
    assert_eq!(
        spans(mirror.writer.plan_link_ranges("l", &contacts(), Some(day(20)), 100).unwrap()),
        [(1, i64::MAX)]
    );
    assert_eq!(mirror.writer.ids_in(&contacts(), 5, 20, None).unwrap(), [id(5), id(9)]);
    assert_eq!(mirror.writer.ids_in(&contacts(), 1, 100, Some(day(20))).unwrap(), [id(20), id(30)]);
    assert_eq!(mirror.writer.live_since(&contacts(), Some(day(9))).unwrap(), 3);
    assert_eq!(mirror.writer.live_since(&contacts(), None).unwrap(), 4);
}

#[test]
fn a_killed_run_is_closed_as_interrupted_by_the_next() {
    let mut mirror = mirror();
    let first = mirror.writer.begin_run("sync", day(1)).unwrap();
    let event = store::RunEvent {
        at: day(1),
        level: store::Level::Warn,
        code: "scope_missing".to_owned(),
        object: Some(contacts()),
        message: "tickets were left out".to_owned(),
    };
    mirror.writer.run_event(first, &event).unwrap();
    let second = mirror.writer.begin_run("sync", day(2)).unwrap();
    mirror.writer.finish_run(second, "done", "{}", &[], day(3)).unwrap();
    assert_eq!(
        mirror.rows("SELECT kind, state, summary FROM runs ORDER BY id"),
        ["sync|interrupted|-", "sync|done|{}"]
    );
    mirror.writer.put_checkpoint("contacts", r#"{"to":1}"#, day(1)).unwrap();
    mirror.writer.put_checkpoint("contacts", r#"{"to":2}"#, day(1)).unwrap();
    assert_eq!(mirror.writer.checkpoint("contacts").unwrap().as_deref(), Some(r#"{"to":2}"#));
    mirror.writer.tidy().unwrap();
    assert_eq!(rows(&Connection::open(mirror.path()).unwrap(), "PRAGMA integrity_check"), ["ok"]);
}
