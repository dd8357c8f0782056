//! What changed, what is filled in later, and what waits.

use crm::{PropertyName, RecordId, Unreadable};
use store::{Asked, ChangesCommit, FillCommit, PageStored, Reader, Waiting};

use crate::make::{Mirror, contacts, day, id, mirror, record};

fn waiting(mirror: &Mirror, what: &Waiting<'_>) -> Vec<RecordId> {
    mirror.writer.waiting(&contacts(), what, 0, 10).unwrap()
}

#[test]
fn a_record_is_worth_reading_when_its_row_is_missing_older_or_not_live() {
    let mut mirror = mirror();
    let mut archived = record(3, 5, "{}");
    archived.archived = true;
    mirror.page(&[record(1, 5, "{}"), record(2, 5, "{}"), archived]);
    let found = [(id(1), day(5)), (id(2), day(6)), (id(3), day(5)), (id(4), day(1))];
    assert_eq!(mirror.writer.outdated(&contacts(), &found).unwrap(), [id(2), id(3), id(4)]);
}

#[test]
fn changes_are_committed_with_the_point_reached_and_what_they_leave_to_do() {
    let mut mirror = mirror();
    mirror.page(&[record(1, 1, r#"{"a":"1","b":"1"}"#), record(2, 1, "{}"), record(3, 1, "{}")]);
    let broken = Unreadable { id: Some("7".to_owned()), reason: "500".to_owned(), body: String::new() };
    let strange = Unreadable { id: Some("8".to_owned()), reason: "text".to_owned(), body: "{".to_owned() };
    let stored = mirror.writer.commit_changes(&ChangesCommit {
        object: &contacts(),
        records: &[record(1, 2, r#"{"a":"2"}"#), record(2, 1, "{}"), record(4, 2, "{}")],
        unreadable: &[broken, strange],
        absent: &[id(3), id(9)],
        asked: Asked::Only(&[PropertyName::from("a")]),
        at: day(3),
        point: Some(("stream:contacts", "{}")),
    });
    let expected = PageStored {
        inserted: 1,
        updated: 1,
        unchanged: 1,
        suspects: 1,
        quarantined: 2,
        ..PageStored::default()
    };
    assert_eq!(stored.unwrap(), expected);
    assert_eq!(mirror.rows("SELECT properties FROM contacts WHERE id = 1"), [r#"{"a":"2","b":"1"}"#]);
    assert_eq!(waiting(&mirror, &Waiting::Links), [id(1), id(4)], "those that changed");
    assert_eq!(waiting(&mirror, &Waiting::Record), [id(7)], "what was sent and cannot be read does not wait");
    assert_eq!(mirror.writer.suspects(&contacts(), 10).unwrap(), [id(3)]);
    assert_eq!(mirror.writer.checkpoint("stream:contacts").unwrap().as_deref(), Some("{}"));

    mirror.page(&[record(7, 2, "{}")]);
    assert_eq!(waiting(&mirror, &Waiting::Record), [], "it came after all");
}

#[test]
fn values_are_filled_only_into_rows_that_have_the_stamp_of_the_answer() {
    let mut mirror = mirror();
    mirror.page(&[
        record(1, 1, r#"{"a":"1","sum":"5"}"#),
        record(2, 2, r#"{"a":"1"}"#),
        record(3, 3, r#"{"a":"1"}"#),
    ]);
    let stored = mirror.writer.commit_fill(&FillCommit {
        object: &contacts(),
        records: &[
            record(1, 1, r#"{"sum":"6"}"#),
            record(2, 1, r#"{"sum":"older"}"#),
            record(3, 4, r#"{"sum":"newer"}"#),
            record(4, 1, r#"{"sum":"not here"}"#),
        ],
        names: &[PropertyName::from("sum")],
        absent: &[],
        at: day(9),
        point: ("refill:contacts", "4"),
    });
    let stored = stored.unwrap();
    assert_eq!((stored.updated, stored.outside, stored.inserted), (1, 3, 0));
    assert_eq!(
        mirror.rows("SELECT id, updated_at, properties FROM contacts ORDER BY id"),
        [
            r#"1|2026-01-02T00:00:00.000Z|{"a":"1","sum":"6"}"#,
            r#"2|2026-01-03T00:00:00.000Z|{"a":"1"}"#,
            r#"3|2026-01-04T00:00:00.000Z|{"a":"1"}"#
        ]
    );
    assert_eq!(mirror.rows("SELECT count(*) FROM history"), ["0"], "looking again is nobody's change");
    assert_eq!(waiting(&mirror, &Waiting::Links), [], "a value that was filled in moves no link");
}

#[test]
fn what_waits_keeps_the_time_since_when_it_does() {
    let mut mirror = mirror();
    let links = Waiting::LinksOf("links:contacts>companies");
    let one = |reason: &str| [(id(1), reason.to_owned())];
    mirror.writer.wait(&contacts(), &links, &one("timeout"), day(1)).unwrap();
    mirror.writer.wait(&contacts(), &links, &one("status 500"), day(2)).unwrap();
    mirror.writer.wait(&contacts(), &Waiting::Record, &[(id(2), String::new())], day(3)).unwrap();
    let queue = Reader::open(&mirror.path()).unwrap().queue().unwrap();
    let seen: Vec<_> = queue.iter().map(|row| (&*row.what, row.waiting, row.oldest)).collect();
    assert_eq!(seen, [("links:contacts>companies", 1, day(1)), ("record", 1, day(3))]);
    assert_eq!(mirror.rows("SELECT reason FROM queue WHERE id = 1"), ["status 500"]);
    mirror.writer.waited(&contacts(), &links, &[id(1)]).unwrap();
    assert_eq!(waiting(&mirror, &links), []);
}

#[test]
fn live_ids_are_told_in_steps_and_by_age() {
    let mut mirror = mirror();
    mirror.page(&[record(1, 1, "{}"), record(2, 9, "{}"), record(3, 2, "{}"), record(4, 3, "{}")]);
    let after = |past, before, limit| mirror.writer.live_after(&contacts(), past, before, limit).unwrap();
    assert_eq!(after(1, None, 2), [id(2), id(3)]);
    assert_eq!(after(0, Some(day(3)), 10), [id(1), id(3)]);
}
