//! What becomes of rows that a listing did not name.

use crm::Pair;
use store::{Asked, Counts, LinksCommit, PageStored, Side, Verdict};

use crate::make::{companies, contacts, day, id, links, mirror, record};

#[test]
fn a_record_that_is_gone_for_good_leaves_no_trace_but_that_it_was() {
    let mut mirror = mirror();
    mirror.page(&[record(1, 1, r#"{"email":"ada@example.com"}"#), record(2, 1, "{}"), record(3, 1, "{}")]);
    mirror.page(&[record(1, 2, r#"{"email":"ada@example.org"}"#)]);
    let merged = Verdict::Merged { into: id(1) };
    mirror.writer.settle(&contacts(), &[(id(2), merged)], Asked::All, day(1)).unwrap();
    for (pair, sets) in [
        (Pair::new(contacts(), companies()), [links(1, &[10]), links(3, &[10])]),
        (Pair::new(companies(), contacts()), [links(11, &[1]), links(12, &[3])]),
    ] {
        let commit =
            LinksCommit { pair: &pair, side: Side::From, range: None, sets: &sets, failed: &[], at: day(1) };
        mirror.writer.commit_links(&commit).unwrap();
    }
    mirror.writer.settle(&contacts(), &[(id(1), Verdict::Gone)], Asked::All, day(5)).unwrap();

    assert_eq!(mirror.rows("SELECT id FROM contacts"), ["3"]);
    assert_eq!(mirror.rows("SELECT from_id, to_id FROM associations ORDER BY 1"), ["3|10", "12|3"]);
    assert_eq!(mirror.rows("SELECT count(*) FROM history"), ["0"]);
    assert_eq!(mirror.rows("SELECT count(*) FROM merged_ids"), ["0"]);
    assert_eq!(mirror.rows("SELECT object_type, id FROM erased"), ["contacts|1", "contacts|2"]);
    assert_eq!(mirror.writer.counts(&contacts()).unwrap(), Counts { live: 1, archived: 0, quarantined: 0 });
    mirror.writer.tidy().unwrap();
    let file = std::fs::read(mirror.path()).unwrap();
    assert!(!file.windows(11).any(|window| window == b"ada@example"), "erased text is still in the file");
}

#[test]
fn settled_suspects_are_suspects_no_more() {
    let mut mirror = mirror();
    mirror.page(&[1, 2, 3].map(|id| record(id, 1, "{}")));
    let contacts = contacts();
    let range = mirror.writer.plan_ranges("contacts", "list", &[(1, i64::MAX)]).unwrap()[0].id;
    let empty = store::PageCommit {
        sweep: true,
        past: i64::MAX - 1,
        done: true,
        ..crate::make::page(&contacts, range, &[])
    };
    assert_eq!(mirror.writer.commit_page(&empty).unwrap().suspects, 3);
    let verdicts = [
        (id(1), Verdict::Live(record(1, 7, r#"{"a":"1"}"#))),
        (id(2), Verdict::Archived { at: Some(day(6)) }),
        (id(3), Verdict::Merged { into: id(1) }),
    ];
    let stored = mirror.writer.settle(&contacts, &verdicts, Asked::All, day(8)).unwrap();
    assert_eq!(stored, PageStored { updated: 1, removed: 2, ..PageStored::default() });
    assert_eq!(mirror.writer.suspects(&contacts, 10).unwrap(), []);
    assert_eq!(
        mirror.rows("SELECT id, archived, archived_at, merged_into FROM contacts"),
        ["1|0|-|-", "2|1|2026-01-07T00:00:00.000Z|-", "3|1|2026-01-09T00:00:00.000Z|1"]
    );
}

#[test]
fn a_record_that_went_into_another_leaves_its_links_there_once() {
    let mut mirror = mirror();
    mirror.page(&[1, 2, 3, 4].map(|id| record(id, 1, "{}")));
    let pairs = [
        (Pair::new(contacts(), companies()), vec![links(1, &[10]), links(2, &[10, 11]), links(3, &[12])]),
        (Pair::new(companies(), contacts()), vec![links(13, &[2]), links(14, &[1, 2])]),
        (Pair::new(contacts(), contacts()), vec![links(1, &[2]), links(4, &[2])]),
    ];
    for (pair, sets) in &pairs {
        let commit = LinksCommit { pair, side: Side::From, range: None, sets, failed: &[], at: day(1) };
        mirror.writer.commit_links(&commit).unwrap();
    }
    let merged = [(id(2), Verdict::Merged { into: id(1) })];
    mirror.writer.settle(&contacts(), &merged, Asked::All, day(5)).unwrap();
    assert_eq!(
        mirror.rows("SELECT from_type, from_id, to_type, to_id FROM associations ORDER BY 1, 2, 3, 4"),
        [
            "companies|13|contacts|1",
            "companies|14|contacts|1",
            "contacts|1|companies|10",
            "contacts|1|companies|11",
            "contacts|3|companies|12",
            "contacts|4|contacts|1",
        ]
    );
}

#[test]
fn chains_of_merges_end_at_the_one_that_is_left_in_whatever_order_they_are_seen() {
    for order in [[(1, 2), (2, 3)], [(2, 3), (1, 2)]] {
        let mut mirror = mirror();
        mirror.page(&[1, 2, 3].map(|id| record(id, 1, "{}")));
        for (old, into) in order {
            let merged = [(id(old), Verdict::Merged { into: id(into) })];
            mirror.writer.settle(&contacts(), &merged, Asked::All, day(5)).unwrap();
        }
        assert_eq!(mirror.rows("SELECT old_id, id FROM merged_ids ORDER BY 1"), ["1|3", "2|3"], "{order:?}");
        let rows = mirror.rows("SELECT id, archived, merged_into FROM contacts ORDER BY 1");
        assert_eq!(rows, ["1|1|3", "2|1|3", "3|0|-"], "{order:?}");
    }
}

#[test]
fn a_listing_older_than_a_merge_does_not_undo_it_but_a_closer_look_can() {
    let mut mirror = mirror();
    mirror.page(&[record(1, 1, "{}"), record(2, 1, "{}")]);
    mirror
        .writer
        .settle(&contacts(), &[(id(2), Verdict::Merged { into: id(1) })], Asked::All, day(5))
        .unwrap();
    let stored = mirror.page(&[record(1, 1, "{}"), record(2, 2, "{}")]);
    assert_eq!((stored.updated, stored.suspects), (0, 1));
    assert_eq!(mirror.rows("SELECT id FROM contacts WHERE archived = 0"), ["1"]);
    assert_eq!(mirror.writer.suspects(&contacts(), 10).unwrap(), [id(2)]);
    let alive = Verdict::Live(record(2, 2, "{}"));
    mirror.writer.settle(&contacts(), &[(id(2), alive)], Asked::All, day(6)).unwrap();
    assert_eq!(mirror.rows("SELECT id, merged_into FROM contacts WHERE archived = 0"), ["1|-", "2|-"]);
    assert_eq!(mirror.rows("SELECT count(*) FROM merged_ids"), ["0"]);
}
