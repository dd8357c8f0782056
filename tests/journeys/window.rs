//! A copy of what was changed lately, and what belongs to it.

use std::collections::{BTreeMap, BTreeSet};

use crm::Timestamp;
use simulator::{Config, Simulator};

use crate::rig::{
    Copy, assert_done, portal, stream,
    truth::{assert_equal, table},
};

const SINCE: &str = "2026-06-01T00:00:00.000Z";

fn windowed() -> Copy {
    let mut copy = Copy::new();
    copy.options.since = Some(since());
    copy
}

fn since() -> Timestamp {
    SINCE.parse().expect("a time")
}

/// What a window must hold: live records changed inside it, records that those link to, and the links between.
struct Expected {
    inside: BTreeMap<String, BTreeSet<u64>>,
    here: BTreeMap<String, BTreeSet<u64>>,
    /// Links with an end inside: types, ids, type id.
    links: BTreeSet<(String, u64, String, u64, u32)>,
}

fn expected(portal: &Simulator) -> Expected {
    let truth = portal.truth();
    let mut inside: BTreeMap<String, BTreeSet<u64>> = BTreeMap::new();
    for object in truth.objects() {
        let ids = inside.entry(object.to_owned()).or_default();
        truth.records(object, |record| {
            let stamp: Timestamp = record.updated_at.parse().expect("a stamp");
            if !record.archived && stamp >= since() {
                ids.insert(record.id);
            }
        });
    }
    let mut here = inside.clone();
    let mut links = BTreeSet::new();
    for (a, b) in truth.pairs() {
        truth.links(a, b, |link| {
            // Links between records of one type are kept as each of them answers.
            let is_inside = inside[a].contains(&link.from_id) || a != b && inside[b].contains(&link.to_id);
            if is_inside {
                here.get_mut(a).expect("a type").insert(link.from_id);
                here.get_mut(b).expect("a type").insert(link.to_id);
                links.insert((a.to_owned(), link.from_id, b.to_owned(), link.to_id, link.type_id));
            }
        });
    }
    Expected { inside, here, links }
}

fn ids(copy: &Copy, object: &str) -> BTreeSet<u64> {
    let look = copy.look();
    let table = table(&look, object);
    let ids = copy.texts(&format!("SELECT CAST(id AS TEXT) FROM \"{table}\" WHERE archived = 0"));
    ids.iter().map(|id| id.parse().expect("an id")).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_window_holds_what_was_changed_in_it_and_what_that_links_to_one_step() {
    let portal = portal(Config { contacts: 900, ..Config::default() }).await;
    let copy = windowed();
    let outcome = copy.run(&portal).await;
    assert_done(&outcome);
    let expected = expected(&portal);
    for (object, here) in &expected.here {
        assert_eq!(&ids(&copy, object), here, "{object}");
        let report = stream(&outcome, &table(&copy.look(), object));
        assert_eq!(report.stored, expected.inside[object].len() as u64, "{object} inside");
    }
    let inside: usize = expected.inside.values().map(BTreeSet::len).sum();
    let all: u64 = portal.truth().objects().map(|object| portal.truth().count(object)).sum();
    assert!(inside > 100 && (inside as u64) < all / 2, "{inside} of {all}: the window cuts");
}

/// Links are read from both sides: a record outside names more records inside than they name back in one direction.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_window_holds_every_link_with_an_end_in_it_whichever_side_it_was_read_from() {
    let portal = portal(Config { contacts: 900, ..Config::default() }).await;
    let copy = windowed();
    assert_done(&copy.run(&portal).await);
    let expected = expected(&portal).links;
    let look = copy.look();
    // `links` has both directions, so every link is found whichever way it is kept.
    let sql = "SELECT count(*) FROM links WHERE from_type = ? AND from_id = ? AND to_type = ? AND to_id = ? AND type_id = ?";
    let mut one = look.prepare(sql).expect("there is a view of links");
    let kept = |from: &str, to: &str| -> bool {
        let sql = "SELECT EXISTS (SELECT 1 FROM associations WHERE from_type = ? AND to_type = ?)";
        look.query_row(sql, [from, to], |row| row.get(0)).expect("links can be read")
    };
    let mut found = 0;
    for (from, from_id, to, to_id, type_id) in &expected {
        let (from, to) = (table(&look, from), table(&look, to));
        if !kept(&from, &to) {
            continue;
        }
        let there: i64 = one
            .query_row(
                rusqlite::params![from, from_id.cast_signed(), to, to_id.cast_signed(), type_id],
                |row| row.get(0),
            )
            .expect("it can be asked");
        assert_eq!(there, 1, "{from} {from_id} to {to} {to_id} of type {type_id}");
        found += 1;
    }
    assert!(found > 200, "{found} links compared");
    let pairs: i64 = copy.count(
        "SELECT count(*) FROM (SELECT DISTINCT from_type, from_id, to_type, to_id, type_id FROM associations)",
    );
    assert_eq!(usize::try_from(pairs).expect("a count"), expected.len(), "no link is missing, none too many");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_window_run_again_changes_nothing() {
    let portal = portal(Config { contacts: 500, ..Config::default() }).await;
    let copy = windowed();
    assert_done(&copy.run(&portal).await);
    let state = |copy: &Copy| {
        let rows = copy.texts("SELECT object_type || ' ' || changes FROM object_types ORDER BY 1");
        let links = copy.texts(
            "SELECT from_type || from_id || to_type || to_id || type_id || coalesce(label, '') FROM associations ORDER BY 1",
        );
        (rows, links)
    };
    let before = state(&copy);
    assert_done(&copy.run(&portal).await);
    assert_eq!(state(&copy), before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_window_that_is_opened_wide_is_filled_up() {
    let portal = portal(Config { contacts: 500, ..Config::default() }).await;
    let mut copy = windowed();
    assert_done(&copy.run(&portal).await);
    copy.options.since = None;
    assert_done(&copy.run(&portal).await);
    assert_equal(&copy, &portal);
}

/// Widened after the narrow import was cut: nothing of the new window is taken for done.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_window_that_is_opened_wide_in_the_middle_of_an_import_is_filled_up() {
    let portal = portal(Config { contacts: 500, ..Config::default() }).await;
    let mut copy = windowed();
    let cancel = tokio_util::sync::CancellationToken::new();
    let run = tokio::spawn(sync::run(copy.job(&portal.base_url(), portal.token(), cancel.clone())));
    portal.calls_reached(100).await;
    cancel.cancel();
    run.await.expect("a run does not panic");
    copy.options.since = None;
    assert_done(&copy.run(&portal).await);
    assert_equal(&copy, &portal);
}
