//! What becomes of rows that a listing did not name.

use crm::Pair;
use store::{Counts, LinksCommit, Side, Verdict};

use crate::make::{companies, contacts, day, id, links, mirror, record};

#[test]
fn a_record_that_is_gone_for_good_leaves_no_trace_but_that_it_was() {
    let mut mirror = mirror();
    mirror.page(&[record(1, 1, r#"{"email":"ada@example.com"}"#), record(2, 1, "{}"), record(3, 1, "{}")]);
    mirror.page(&[record(1, 2, r#"{"email":"ada@example.org"}"#)]);
    let merged = Verdict::Merged { into: id(1) };
    mirror.writer.settle(&contacts(), &[(id(2), merged)], day(1)).unwrap();
    for (pair, sets) in [
        (Pair::new(contacts(), companies()), [links(1, &[10]), links(3, &[10])]),
        (Pair::new(companies(), contacts()), [links(11, &[1]), links(12, &[3])]),
    ] {
        let commit = LinksCommit { pair: &pair, side: Side::From, range: None, sets: &sets };
        mirror.writer.commit_links(&commit).unwrap();
    }
    mirror.writer.settle(&contacts(), &[(id(1), Verdict::Gone)], day(5)).unwrap();

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
    mirror.writer.settle(&contacts, &verdicts, day(8)).unwrap();
    assert_eq!(mirror.writer.suspects(&contacts, 10).unwrap(), []);
    assert_eq!(
        mirror.rows("SELECT id, archived, archived_at, merged_into FROM contacts"),
        ["1|0|-|-", "2|1|2026-01-07T00:00:00.000Z|-", "3|1|2026-01-09T00:00:00.000Z|1"]
    );
}
