//! Sets of links, from either side.

use crm::{Link, LinkSet, Pair};
use store::{LinksCommit, LinksStored, Side};

use crate::make::{Mirror, companies, contacts, day, id, links, mirror, record};

fn pair() -> Pair {
    Pair::new(contacts(), companies())
}

fn commit(mirror: &mut Mirror, side: Side, sets: &[LinkSet]) -> LinksStored {
    mirror
        .writer
        .commit_links(&LinksCommit { pair: &pair(), side, range: None, sets, failed: &[], at: day(1) })
        .unwrap()
}

fn stored(mirror: &Mirror) -> Vec<String> {
    mirror.rows("SELECT from_id, to_id, type_id, label FROM associations ORDER BY from_id, to_id, type_id")
}

#[test]
fn a_complete_set_replaces_what_was_known_and_marks_its_range() {
    let mut mirror = mirror();
    let range =
        mirror.writer.plan_ranges("links:contacts>companies", "links", &[(1, i64::MAX)]).unwrap()[0].id;
    let sets = [links(1, &[10, 11, 11]), links(2, &[])];
    let commit = LinksCommit {
        pair: &pair(),
        side: Side::From,
        range: Some(range),
        sets: &sets,
        failed: &[],
        at: day(1),
    };
    let done = mirror.writer.commit_links(&commit).unwrap();
    assert_eq!(done, LinksStored { records: 2, links: 2, added: 2, ..LinksStored::default() });
    assert!(mirror.writer.ranges("links:contacts>companies").unwrap()[0].done);

    let mut labelled = links(1, &[11, 12]);
    labelled.links[0].label = Some("Primary".to_owned());
    labelled.links.push(Link { type_id: 1, ..labelled.links[0].clone() });
    let again = LinksCommit { range: None, sets: &[labelled], ..commit };
    assert_eq!(
        mirror.writer.commit_links(&again).unwrap(),
        LinksStored { records: 1, links: 3, added: 3, removed: 1, others: Vec::new() }
    );
    assert_eq!(stored(&mirror), ["1|11|1|Primary", "1|11|279|Primary", "1|12|279|-"]);
}

#[test]
fn a_set_read_from_the_other_side_is_turned_round() {
    let mut mirror = mirror();
    commit(&mut mirror, Side::From, &[links(1, &[10, 11]), links(2, &[10])]);
    let done = commit(&mut mirror, Side::To, &[links(10, &[2, 3])]);
    assert_eq!(done, LinksStored { records: 1, links: 2, added: 1, removed: 1, others: Vec::new() });
    assert_eq!(stored(&mirror), ["1|11|279|-", "2|10|279|-", "3|10|279|-"]);
}

#[test]
fn the_links_view_shows_both_directions_but_a_type_with_itself_once() {
    let mut mirror = mirror();
    commit(&mut mirror, Side::From, &[links(1, &[10])]);
    let same = Pair::new(companies(), companies());
    let sets = [links(10, &[11]), links(11, &[10])];
    mirror
        .writer
        .commit_links(&LinksCommit {
            pair: &same,
            side: Side::From,
            range: None,
            sets: &sets,
            failed: &[],
            at: day(1),
        })
        .unwrap();
    assert_eq!(
        mirror.rows("SELECT from_type, from_id, to_type, to_id FROM links ORDER BY 1, 2, 3, 4"),
        [
            "companies|10|companies|11",
            "companies|10|contacts|1",
            "companies|11|companies|10",
            "contacts|1|companies|10"
        ]
    );
}

#[test]
fn linked_records_without_a_row_are_named_until_they_are_settled_one_way_or_another() {
    let mut mirror = mirror();
    mirror.page(&[record(1, 1, "{}"), record(2, 1, "{}")]);
    mirror
        .writer
        .settle(&contacts(), &[(id(2), store::Verdict::Archived { at: None })], store::Asked::All, day(1))
        .unwrap();
    commit(&mut mirror, Side::To, &[links(10, &[1, 2, 3, 4, 5, 6, 7])]);
    assert_eq!(mirror.writer.unresolved(&companies(), 10).unwrap(), [id(10)]);
    assert_eq!(mirror.writer.unresolved(&contacts(), 2).unwrap(), [id(3), id(4)]);

    let unreadable =
        [crm::Unreadable { id: Some("4".to_owned()), reason: "no stamp".to_owned(), body: "{}".to_owned() }];
    let merged = crm::Record { merged_ids: vec![id(6)], ..record(3, 1, "{}") };
    let run = mirror.writer.begin_run("sync", day(1)).unwrap();
    assert_eq!(run, 1);
    let stored = mirror.writer.commit_linked(&contacts(), &[merged], &unreadable, &[id(5)], day(2)).unwrap();
    assert_eq!((stored.inserted, stored.quarantined), (1, 1));
    assert_eq!(mirror.writer.unresolved(&contacts(), 10).unwrap(), [id(7)]);
    mirror.writer.commit_linked(&contacts(), &[], &[], &[id(7)], day(2)).unwrap();
    assert_eq!(mirror.writer.unresolved(&contacts(), 10).unwrap(), []);
    mirror.writer.begin_run("sync", day(3)).unwrap();
    assert_eq!(mirror.writer.unresolved(&contacts(), 10).unwrap(), [id(5), id(7)]);
}

#[test]
fn records_whose_links_could_not_be_read_keep_them_and_wait() {
    let mut mirror = mirror();
    commit(&mut mirror, Side::From, &[links(1, &[10, 11]), links(2, &[10])]);
    let failed = [(id(1), "500".to_owned()), (id(3), "500".to_owned())];
    let sets = [links(2, &[12])];
    let broken = LinksCommit {
        pair: &pair(),
        side: Side::From,
        range: None,
        sets: &sets,
        failed: &failed,
        at: day(1),
    };
    mirror.writer.commit_links(&broken).unwrap();
    assert_eq!(stored(&mirror), ["1|10|279|-", "1|11|279|-", "2|12|279|-"]);
    assert_eq!(
        mirror.rows("SELECT object_type, id, what, reason FROM queue ORDER BY id"),
        ["contacts|1|links:contacts>companies|500", "contacts|3|links:contacts>companies|500"]
    );
    assert_eq!(mirror.writer.queued_links(&pair(), Side::From, 10).unwrap(), [id(1), id(3)]);
    assert_eq!(mirror.writer.queued_links(&pair(), Side::To, 10).unwrap(), []);
    commit(&mut mirror, Side::From, &[links(1, &[11])]);
    assert_eq!(mirror.writer.queued_links(&pair(), Side::From, 10).unwrap(), [id(3)]);
}

#[test]
fn a_changed_set_between_records_of_one_type_names_the_other_ends() {
    let mut mirror = mirror();
    let same = Pair::new(companies(), companies());
    let mut put = |sets: &[LinkSet]| {
        let commit =
            LinksCommit { pair: &same, side: Side::From, range: None, sets, failed: &[], at: day(1) };
        mirror.writer.commit_links(&commit).unwrap().others
    };
    assert_eq!(put(&[links(10, &[11, 12])]), [id(11), id(12)]);
    assert_eq!(put(&[links(10, &[11, 12])]), []);
    assert_eq!(put(&[links(10, &[12, 13])]), [id(11), id(13)]);
}
