//! A portal that lives: after any changes, the next run makes the copy equal again and touches nothing else.

use std::collections::BTreeMap;

use serde_json::json;
use simulator::{Config, Simulator};

use crate::rig::{Copy, assert_done, editor::Editor, portal, small, truth::assert_equal};

/// The first live ids of a type, past the oldest few.
fn ids(portal: &Simulator, object: &str, many: usize) -> Vec<u64> {
    let mut ids = Vec::new();
    portal.truth().ids(object, |id| ids.push(id));
    ids.into_iter().skip(20).take(many).collect()
}

/// When each contact's row was last written.
fn written(copy: &Copy) -> BTreeMap<u64, String> {
    let rows = copy.texts("SELECT id || ' ' || synced_at FROM contacts");
    let split =
        |row: &String| row.split_once(' ').map(|(id, at)| (id.parse().expect("an id"), at.to_owned()));
    rows.iter().map(|row| split(row).expect("two words")).collect()
}

/// B1, B5: edits, new records and archived ones all arrive, and rows that did not change are not written again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn changes_arrive_and_unchanged_rows_are_not_rewritten() {
    let portal = portal(small()).await;
    let (copy, editor) = (Copy::new(), Editor(&portal));
    copy.import(&portal).await;
    let before = written(&copy);
    let touched = ids(&portal, "contacts", 6);
    for id in &touched[..3] {
        editor.update("contacts", *id, json!({ "firstname": "Ünal 🚲\nzwei", "lastname": "بكر" })).await;
    }
    for id in &touched[3..] {
        editor.archive("contacts", *id).await;
    }
    let new =
        editor.create("contacts", json!({ "email": "new@somewhere.example", "firstname": "New" })).await;
    assert_done(&copy.run(&portal).await);
    assert_equal(&copy, &portal);
    let after = written(&copy);
    assert!(after.contains_key(&new));
    let rewritten: Vec<_> = before.iter().filter(|(id, at)| after[*id] != **at).map(|(id, _)| *id).collect();
    assert_eq!(rewritten, touched, "exactly the touched rows were written");
    assert_eq!(copy.count("SELECT count(*) FROM contacts WHERE archived = 1 AND archived_at IS NOT NULL"), 3);
    let known =
        copy.count("SELECT count(*) FROM history WHERE object_type = 'contacts' AND property = 'firstname'");
    assert_eq!(known, 3, "what was there before is remembered");
}

/// H1: set, cleared, set to what only looks empty.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cleared_values_clear_and_zero_and_false_stay() {
    let portal = portal(small()).await;
    let (copy, editor) = (Copy::new(), Editor(&portal));
    let touched = ids(&portal, "contacts", 3);
    copy.import(&portal).await;
    for values in ["something", "", "0", "false"] {
        for id in &touched {
            editor.update("contacts", *id, json!({ "jobtitle": values })).await;
        }
        assert_done(&copy.run(&portal).await);
        assert_equal(&copy, &portal);
    }
}

/// B8, C3: links come and go without moving any stamp.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn links_that_come_and_go_are_followed() {
    let portal = portal(small()).await;
    let (copy, editor) = (Copy::new(), Editor(&portal));
    copy.import(&portal).await;
    let (mut gone, mut links) = (Vec::new(), Vec::new());
    portal.truth().links("deals", "contacts", |link| links.push((link.from_id, link.to_id)));
    for (deal, contact) in links.into_iter().take(3) {
        editor.unlink(("deals", deal), ("contacts", contact)).await;
        gone.push((deal, contact));
    }
    let (contacts, tickets) = (ids(&portal, "contacts", 3), ids(&portal, "tickets", 3));
    for (contact, ticket) in contacts.iter().zip(&tickets) {
        editor.link(("tickets", *ticket), ("contacts", *contact)).await;
    }
    // All links are read again every night.
    portal.clock().advance(std::time::Duration::from_hours(25));
    assert_done(&copy.run(&portal).await);
    assert_equal(&copy, &portal);
    for (deal, contact) in gone {
        let sql = format!(
            "SELECT count(*) FROM links WHERE from_type = 'deals' AND from_id = {deal} AND to_type = 'contacts' AND to_id = {contact}"
        );
        assert_eq!(copy.count(&sql), 0);
    }
}

/// D1: gone for good leaves nothing but the fact.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_erased_contact_leaves_only_the_fact_that_it_was_erased() {
    let portal = portal(small()).await;
    let (copy, editor) = (Copy::new(), Editor(&portal));
    let id = ids(&portal, "contacts", 1)[0];
    editor.update("contacts", id, json!({ "jobtitle": "before" })).await;
    copy.import(&portal).await;
    editor.update("contacts", id, json!({ "jobtitle": "after" })).await;
    assert_done(&copy.run(&portal).await);
    editor.erase("contacts", id).await;
    assert_done(&copy.run(&portal).await);
    assert_equal(&copy, &portal);
    for (table, condition) in [
        ("contacts", format!("id = {id}")),
        ("history", format!("object_type = 'contacts' AND id = {id}")),
        ("links", format!("from_type = 'contacts' AND from_id = {id}")),
    ] {
        assert_eq!(copy.count(&format!("SELECT count(*) FROM {table} WHERE {condition}")), 0, "{table}");
    }
    assert_eq!(
        copy.count(&format!("SELECT count(*) FROM erased WHERE object_type = 'contacts' AND id = {id}")),
        1
    );
}

/// H4, H6: a property made later, with a label that is taken, is copied with its values.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_property_with_the_label_of_another_is_copied() {
    let portal = portal(small()).await;
    let (copy, editor) = (Copy::new(), Editor(&portal));
    copy.import(&portal).await;
    editor.define("contacts", "grade", "Grade").await;
    editor.define("contacts", "grade_2", "Grade").await;
    let touched = ids(&portal, "contacts", 4);
    for id in &touched {
        editor.update("contacts", *id, json!({ "grade": "A", "grade_2": "B" })).await;
    }
    assert_done(&copy.run(&portal).await);
    assert_equal(&copy, &portal);
    let both =
        "SELECT count(*) FROM contacts WHERE properties ->> 'grade' = 'A' AND properties ->> 'grade_2' = 'B'";
    assert_eq!(copy.count(both), 4);
}

/// B4: whoever edits while we read is caught up with by the next run at the latest.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn edits_made_during_an_import_are_there_after_the_next_run() {
    let portal = portal(Config { contacts: 900, ..Config::default() }).await;
    let (copy, editor) = (Copy::new(), Editor(&portal));
    let touched = ids(&portal, "contacts", 30);
    let (outcome, ()) = tokio::join!(copy.run(&portal), async {
        for (number, id) in (0_u64..).zip(&touched) {
            portal.calls_reached(40 + 3 * number).await;
            match number % 3 {
                0 => editor.update("contacts", *id, json!({ "jobtitle": format!("edit {number}") })).await,
                1 => editor.archive("contacts", *id).await,
                _ => {
                    editor.create("contacts", json!({ "email": format!("e{number}@new.example") })).await;
                }
            }
        }
    });
    assert_done(&outcome);
    assert_done(&copy.run(&portal).await);
    assert_equal(&copy, &portal);
}

/// A cut full run begins anew where the run before it was not a full one.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_run_reads_again_what_a_cut_run_had_read() {
    let portal = portal(small()).await;
    let mut copy = Copy::new();
    let cancel = tokio_util::sync::CancellationToken::new();
    let run = tokio::spawn(sync::run(copy.job(&portal.base_url(), portal.token(), cancel.clone())));
    portal.calls_reached(60).await;
    cancel.cancel();
    run.await.expect("a run does not panic");
    portal.reset_ledger();
    copy.options.full = true;
    assert_done(&copy.run(&portal).await);
    assert_equal(&copy, &portal);
    assert!(portal.ledger().routes["GET objects/contacts"] >= 3, "every page of contacts was read");
}
