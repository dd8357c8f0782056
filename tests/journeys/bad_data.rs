//! Values and records that are odd or broken: kept to the byte where they can be read, set aside alone where not.

use std::collections::{BTreeMap, BTreeSet};

use simulator::{Config, Poison, Simulator};

use crate::rig::{
    Copy, assert_done, portal, small, stream,
    truth::{Compared, assert_equal, assert_equal_but},
};

fn unreadable(portal: &Simulator) -> BTreeSet<u64> {
    let mut ids = BTreeSet::new();
    portal.truth().records("contacts", |record| {
        if record.unreadable.is_some() {
            ids.insert(record.id);
        }
    });
    ids
}

fn without_stamps(portal: &Simulator) -> BTreeSet<u64> {
    let mut ids = BTreeSet::new();
    portal.truth().records("contacts", |record| {
        let properties = record.properties.get();
        if properties != "{}" && !properties.contains("\"lastmodifieddate\"") {
            ids.insert(record.id);
        }
    });
    ids
}

/// One unreadable value never costs its record, one unreadable record never its page.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn broken_records_are_set_aside_alone_and_odd_values_are_kept_to_the_byte() {
    let portal = portal(Config { poison: Poison::ALL.to_vec(), ..small() }).await;
    let copy = Copy::new();
    let outcome = copy.run(&portal).await;
    assert_done(&outcome);
    let (unreadable, without_stamps) = (unreadable(&portal), without_stamps(&portal));
    assert_eq!(unreadable.len(), 2, "one id that is no number, one that is missing");
    assert_eq!(without_stamps.len(), 1, "one record without stamps");
    let compared = Compared { unreadable, without_stamps, ..Compared::default() };
    assert_equal_but(&copy, &portal, &compared);
    let reasons = copy.texts("SELECT reason FROM quarantine WHERE object_type = 'contacts'");
    assert_eq!(reasons.len(), 2, "{reasons:?}");
    assert_eq!(stream(&outcome, "contacts").quarantined, 2);
    assert_eq!(stream(&outcome, "contacts").stored, 298);
    // What cannot be decoded is there as it was sent.
    assert_eq!(copy.count("SELECT count(*) FROM contacts WHERE properties LIKE '%\\ud8%'"), 1);
    assert_eq!(copy.count("SELECT count(*) FROM contacts WHERE properties LIKE '%\\u0000%'"), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn seeing_broken_records_again_changes_nothing() {
    let portal = portal(Config { poison: Poison::ALL.to_vec(), ..small() }).await;
    let copy = Copy::new();
    assert_done(&copy.run(&portal).await);
    let state = |copy: &Copy| {
        (
            copy.texts("SELECT key || reason FROM quarantine ORDER BY 1"),
            copy.texts("SELECT id || synced_at FROM contacts"),
        )
    };
    let before = state(&copy);
    assert_done(&copy.run(&portal).await);
    assert_eq!(state(&copy), before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_record_that_can_be_read_again_leaves_the_quarantine() {
    let broken = portal(Config { poison: vec![Poison::BrokenId, Poison::NullProperties], ..small() }).await;
    let mut copy = Copy::new();
    assert_done(&copy.run(&broken).await);
    assert_eq!(copy.count("SELECT count(*) FROM quarantine"), 1);
    // The same portal, mended: no stamp tells of it, so everything is read again.
    let mended = portal(small()).await;
    copy.options.full = true;
    assert_done(&copy.run(&mended).await);
    assert_equal(&copy, &mended);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn texts_of_64_kb_with_every_script_and_line_break_are_kept() {
    let portal = portal(Config { long_texts: true, ..small() }).await;
    let copy = Copy::new();
    assert_done(&copy.run(&portal).await);
    assert_equal(&copy, &portal);
    assert!(copy.count("SELECT max(length(properties)) FROM notes") > 60_000);
    for sign in ["%🚲%", "%\\n%", "%é%"] {
        let sql = format!(
            "SELECT (SELECT count(*) FROM notes WHERE properties LIKE '{sign}') +
                    (SELECT count(*) FROM contacts WHERE properties LIKE '{sign}')"
        );
        assert!(copy.count(&sql) > 0, "no {sign} in the portal");
    }
}

/// C5, A5: ids of 3 to 16 digits, some beyond what a double can hold.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ids_beyond_2_to_the_53_are_exact() {
    let portal = portal(Config { huge_ids: true, contacts: 900, ..Config::default() }).await;
    let copy = Copy::new();
    assert_done(&copy.run(&portal).await);
    assert_equal(&copy, &portal);
    assert_eq!(copy.count("SELECT count(*) FROM contacts WHERE id > 9007199254740992 AND archived = 0"), 5);
}

/// G6: nothing to wait for is no reason to wait for ever.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_portal_without_records_is_copied_in_no_time() {
    let portal = portal(Config { contacts: 0, ..Config::default() }).await;
    let copy = Copy::new();
    let outcome = copy.run(&portal).await;
    assert_done(&outcome);
    assert_equal(&copy, &portal);
    assert!(outcome.streams.iter().all(|stream| stream.stored == 0 && stream.found == Some(0)));
    assert_done(&copy.run(&portal).await);
}

/// H1: null, the empty text and a missing value are three things for HubSpot; the mirror keeps what is not null.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_empty_text_is_kept_and_null_is_not() {
    let portal = portal(Config { poison: vec![Poison::EmptyValue], ..small() }).await;
    let copy = Copy::new();
    assert_done(&copy.run(&portal).await);
    let rows = copy.texts("SELECT properties FROM contacts WHERE archived = 0 ORDER BY id LIMIT 1 OFFSET 10");
    let values: BTreeMap<String, serde_json::Value> = serde_json::from_str(&rows[0]).expect("JSON");
    assert!(values.values().any(|value| value == ""), "{values:?}");
    let nulls =
        copy.count("SELECT count(*) FROM contacts, json_each(properties) value WHERE value.type = 'null'");
    assert_eq!(nulls, 0);
}

/// H4, H5: names that repeat or collide are told apart.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_view_can_be_read_whatever_its_columns_are_called() {
    let portal = portal(Config { extra_properties: 40, ..small() }).await;
    let copy = Copy::new();
    assert_done(&copy.run(&portal).await);
    let views = copy.texts("SELECT view_name FROM object_types");
    assert!(views.len() >= 12);
    for view in views {
        copy.count(&format!("SELECT count(*) FROM (SELECT * FROM \"{view}\")"));
    }
}
