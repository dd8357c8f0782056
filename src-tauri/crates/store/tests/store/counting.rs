//! Counting and naming rows by id and by last change, and what was proved.

use crm::Timestamp;
use store::{Difference, Finding, ProofOutcome, ProofRow, Reader, Span};

use crate::make::{Mirror, contacts, day, id, mirror, record};

fn ten() -> (Mirror, Reader) {
    let mut mirror = mirror();
    // Ids 1 to 10, changed on days 1 to 10.
    let records: Vec<_> = (1..=10).map(|number| record(number, number, r#"{"a":"1","b":"2"}"#)).collect();
    mirror.page(&records);
    let reader = Reader::open(&mirror.path()).unwrap();
    (mirror, reader)
}

fn whole() -> Span {
    Span::whole(None, None)
}

#[test]
fn rows_are_counted_by_id_and_by_last_change() {
    let (mut mirror, reader) = ten();
    let gone = [(id(10), store::Verdict::Archived { at: None })];
    mirror.writer.settle(&contacts(), &gone, store::Asked::All, day(20)).unwrap();
    let count = |span: Span| reader.count_within(&contacts(), &span).unwrap();
    assert_eq!(count(whole()), 9);
    assert_eq!(count(Span { lo: 3, hi: 7, ..whole() }), 4);
    assert_eq!(count(Span::whole(Some(day(4)), None)), 6);
    assert_eq!(count(Span::whole(Some(day(4)), Some(day(6)))), 2);
    assert_eq!(count(Span { lo: 5, hi: 6, ..Span::whole(Some(day(6)), None) }), 0);
    let held = |span: Span, number| span.holds(id(number), day(number));
    assert!(held(Span::whole(Some(day(4)), Some(day(6))), 5));
    assert!(!held(Span::whole(Some(day(4)), Some(day(6))), 6) && !held(Span { lo: 6, ..whole() }, 5));
    assert_eq!(reader.changed_at(&contacts(), &[id(9), id(10), id(11)]).unwrap(), [(id(9), day(9))]);
}

#[test]
fn pieces_hold_equally_many_rows_and_together_all_of_them() {
    let (_mirror, reader) = ten();
    assert_eq!(reader.cuts_by_id(&contacts(), &whole(), 3).unwrap(), [1, 5, 9]);
    assert_eq!(reader.cuts_by_id(&contacts(), &whole(), 64).unwrap().len(), 10);
    assert_eq!(reader.cuts_by_id(&contacts(), &Span { lo: 50, ..whole() }, 4).unwrap(), [50]);
    let cuts: Vec<Timestamp> = reader.cuts_by_change(&contacts(), &whole(), 3).unwrap();
    let bounds: Vec<_> = std::iter::once(None).chain(cuts.iter().copied().map(Some)).collect();
    let counts: Vec<u64> = (0..bounds.len())
        .map(|at| {
            let span = Span::whole(bounds[at], bounds.get(at + 1).copied().flatten());
            reader.count_within(&contacts(), &span).unwrap()
        })
        .collect();
    assert_eq!(counts, [4, 4, 2]);
    assert_eq!(reader.id_at(&contacts(), &Span { lo: 4, ..whole() }, 2).unwrap(), Some(id(6)));
    assert_eq!(reader.id_at(&contacts(), &whole(), 10).unwrap(), None);
    assert_eq!(reader.ids_at(&contacts(), &whole(), &[0, 3, 9, 12]).unwrap(), [1, 4, 10].map(id));
    assert_eq!(reader.ids_within(&contacts(), &Span { hi: 3, ..whole() }).unwrap().len(), 2);
}

#[test]
fn a_fresh_answer_differs_in_what_was_asked_and_nothing_else() {
    let (_mirror, reader) = ten();
    let fresh = [
        record(1, 1, r#"{"b":"2","a":"1"}"#),
        record(2, 2, r#"{"a":"1","b":"3"}"#),
        record(3, 3, r#"{"a":"7"}"#),
        record(4, 8, r#"{"a":"1","b":"2"}"#),
        record(11, 1, "{}"),
    ];
    let found = reader.compare(&contacts(), &fresh, |name| name == "a").unwrap();
    let differs = |number: i64, changed: Option<i64>, properties: &[&str]| Difference {
        id: id(number),
        missing: changed.is_none(),
        changed: changed.map(day),
        properties: properties.iter().map(|name| (*name).to_owned()).collect(),
    };
    assert_eq!(found, [differs(3, Some(3), &["a"]), differs(4, Some(4), &[]), differs(11, None, &[])]);
}

#[test]
fn the_latest_finding_of_each_kind_counts() {
    let (mut mirror, reader) = ten();
    let proof = |run, finding, outcome| ProofRow {
        run,
        object: contacts(),
        finding,
        outcome,
        compared: 10,
        missing: 1,
        extra: 2,
        wrong: 3,
        repaired: 6,
        calls: 9,
        detail: "{}".into(),
        at: day(run),
    };
    let first = proof(1, Finding::Counts, ProofOutcome::Different);
    let values = proof(1, Finding::Values, ProofOutcome::Equal);
    let second = proof(2, Finding::Counts, ProofOutcome::Repaired);
    for row in [&first, &values, &second] {
        mirror.writer.put_proof(row).unwrap();
    }
    assert_eq!(reader.proofs().unwrap(), [second.clone(), values.clone()]);
    assert_eq!(reader.proofs_since(day(2)).unwrap(), [second]);
}
