//! What is kept between runs: the window of a connection that is opened wider, and marks of an older version.

use sync::RunKind;

use super::{contacts, edit, ids, imported, lists, poll, searches};
use crate::rig::{Copy, assert_done, portal, truth::assert_equal};

/// B12: a mirror of an older version knows only when its last pass began.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn marks_of_an_older_version_are_gone_on_from() {
    let portal = portal(contacts(1_200)).await;
    let copy = imported(&portal).await;
    edit(&portal, ids(&portal)[77], "changed");
    let old = rusqlite::Connection::open(copy.mirror()).expect("nobody writes now");
    let newer = ["watermark", "tended", "kind", "started", "defined_at"].map(|name| format!("'$.{name}'"));
    old.execute(&format!("UPDATE checkpoints SET value = json_remove(value, {})", newer.join(", ")), [])
        .expect("marks are JSON");
    drop(old);
    let ledger = poll(&copy, &portal).await;
    assert_equal(&copy, &portal);
    assert_eq!((lists(&ledger, "contacts"), searches(&ledger, "contacts")), (0, 1), "{:?}", ledger.routes);
}

/// A wider window fetches what it lacks, and not again what it has.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wider_window_reads_only_the_older_stretch() {
    let portal = portal(contacts(3_000)).await;
    let mut copy = Copy::new();
    let time = |text: &str| Some(text.parse().expect("a time"));
    copy.options.since = time("2026-10-01T00:00:00Z");
    copy.import(&portal).await;
    copy.options.kind = RunKind::Poll;
    let inside = |copy: &Copy, since: &str| {
        let sql = format!("SELECT count(*) FROM contacts WHERE archived = 0 AND updated_at >= '{since}'");
        u64::try_from(copy.count(&sql)).expect("a count")
    };
    let before = inside(&copy, "2026-09-01");
    let count = |since: &str| {
        let mut many = 0;
        portal.truth().records("contacts", |record| {
            many += u64::from(!record.archived && *record.updated_at >= *since);
        });
        many
    };
    assert!(before < count("2026-09-01"));
    copy.options.since = time("2026-09-01T00:00:00Z");
    let ledger = poll(&copy, &portal).await;
    assert_eq!(lists(&ledger, "contacts"), 0, "{:?}", ledger.routes);
    assert_eq!(inside(&copy, "2026-09-01"), count("2026-09-01"));
    // Narrower again takes nothing away, and everything is a list.
    copy.options.since = time("2026-11-01T00:00:00Z");
    poll(&copy, &portal).await;
    assert_eq!(inside(&copy, "2026-09-01"), count("2026-09-01"));
    copy.options.since = None;
    assert_done(&copy.run(&portal).await);
    assert_equal(&copy, &portal);
}

/// What is asked for as a whole is read as a whole.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_run_lists_everything_again() {
    let portal = portal(contacts(700)).await;
    let mut copy = imported(&portal).await;
    let id = ids(&portal)[13];
    portal.edit().update_silently("contacts", id, &[("jobtitle", Some("quietly"))]).expect("it is there");
    copy.options.full = true;
    let ledger = poll(&copy, &portal).await;
    assert_equal(&copy, &portal);
    assert!(lists(&ledger, "contacts") >= 7);
}
