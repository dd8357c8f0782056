//! Nothing that changes is missed: while it is read, when search shows it late, when answers are out of order, when
//! clocks step back.

use crm::Timestamp;
use serde::Deserialize;
use serde_json::value::RawValue;
use simulator::{Change, Config, Edit, Step, Switches};
use sync::RunKind;

use super::{MINUTE, contacts, edit, ids, imported, lists, poll};
use crate::rig::{Copy, assert_done, portal, proxy::Proxy, truth::assert_equal};

fn knows_another(copy: &Copy, id: u64) -> bool {
    copy.count(&format!(
        "SELECT EXISTS (SELECT 1 FROM links WHERE from_type = 'contacts' AND to_type = 'contacts' AND {id} IN (from_id, to_id))"
    )) == 1
}

/// B1: the first row of the page that was just answered is edited, one not yet read is archived, a new one is made.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn edits_at_every_page_boundary_of_a_window_lose_no_other_record() {
    let portal = portal(contacts(3_000)).await;
    let mut copy = imported(&portal).await;
    for boundary in 1..=4 {
        let ids = ids(&portal);
        for id in &ids[..700] {
            edit(&portal, *id, &format!("round {boundary}"));
        }
        let value = |value: &str| [("jobtitle".to_owned(), Some(value.to_owned()))].into();
        let step = |change| Step::after(boundary, change).on("/crm/objects/2026-03/contacts/search");
        let object = || "contacts".to_owned();
        let unlinked =
            ids[680..695].iter().rfind(|id| !knows_another(&copy, **id)).copied().expect("most know nobody");
        let first = ids[usize::try_from(boundary - 1).expect("few") * 200];
        portal.script().set(vec![
            step(Change::Update { object: object(), id: first, values: value("edited meanwhile") }),
            step(Change::Update { object: object(), id: ids[690], values: value("edited ahead") }),
            step(Change::Archive { object: object(), id: unlinked }),
            step(Change::Create {
                object: object(),
                values: [("email".to_owned(), format!("new{boundary}@x.example"))].into(),
            }),
        ]);
        copy.options.kind = RunKind::Poll;
        poll(&copy, &portal).await;
        poll(&copy, &portal).await;
        copy.options.kind = RunKind::Sync;
        assert_done(&copy.run(&portal).await);
        assert_equal(&copy, &portal);
    }
}

/// B2: search learns of a change 45 minutes late.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn changes_that_search_shows_late_arrive_all_the_same() {
    for lag in [10_u32, 45] {
        let portal = portal(contacts(400)).await;
        let copy = imported(&portal).await;
        let ids = ids(&portal);
        for round in 0..7 {
            let late = portal.edit().lagging(MINUTE * lag);
            late.update("contacts", ids[round], &[("jobtitle", Some("late"))]).expect("it is there");
            edit(&portal, ids[100 + round], "at once");
            poll(&copy, &portal).await;
            portal.clock().advance(MINUTE * 15);
        }
        for _ in 0..lag / 15 {
            poll(&copy, &portal).await;
            portal.clock().advance(MINUTE * 15);
        }
        poll(&copy, &portal).await;
        assert_equal(&copy, &portal);
    }
}

/// B6: of three records with one stamp, search shows one only after the window was read.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_late_one_of_several_with_the_same_stamp_is_not_lost() {
    let portal = portal(contacts(300)).await;
    let copy = imported(&portal).await;
    let three = &ids(&portal)[10..13];
    let now = portal.clock().now();
    for (id, lag) in three.iter().zip([0, 0, 20]) {
        let edit = || -> Edit<'_> { portal.edit().lagging(MINUTE * lag) };
        edit().update("contacts", *id, &[("jobtitle", Some("tied"))]).expect("it is there");
        edit().restamp("contacts", *id, now).expect("it is there");
    }
    poll(&copy, &portal).await;
    let tied = "SELECT count(*) FROM contacts WHERE properties ->> 'jobtitle' = 'tied'";
    assert_eq!(copy.count(tied), 2);
    portal.clock().advance(MINUTE * 21);
    poll(&copy, &portal).await;
    assert_eq!(copy.count(tied), 3);
    assert_equal(&copy, &portal);
}

/// B4, B5: changed after its page was read, while later pages carry later stamps.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_changed_during_the_import_arrives_with_the_first_poll() {
    let portal = portal(contacts(900)).await;
    let ids = ids(&portal);
    let steps = (1..=8).map(|page: usize| {
        let values = [("jobtitle".to_owned(), Some(format!("after page {page}")))].into();
        let update = Change::Update { object: "contacts".to_owned(), id: ids[page * 10], values };
        Step::after(page as u64, update).on("/crm/objects/2026-03/contacts?")
    });
    portal.script().set(steps.collect());
    let copy = imported(&portal).await;
    poll(&copy, &portal).await;
    assert_equal(&copy, &portal);
}

#[derive(Deserialize)]
struct Found {
    total: u64,
    results: Vec<Box<RawValue>>,
    paging: Option<Box<RawValue>>,
}

/// Changes a page of a search without touching a byte of its records.
fn rearranged(body: &str, change: impl Fn(&mut Vec<Box<RawValue>>)) -> Option<String> {
    let mut found: Found = serde_json::from_str(body).ok()?;
    change(&mut found.results);
    let rows: Vec<&str> = found.results.iter().map(|row| row.get()).collect();
    let paging = found.paging.map(|paging| format!(",\"paging\":{}", paging.get())).unwrap_or_default();
    Some(format!("{{\"total\":{},\"results\":[{}]{paging}}}", found.total, rows.join(",")))
}

/// A5, B3: rows out of order are noticed; what that could hide is listed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_search_out_of_order_costs_a_list_and_loses_nothing() {
    let portal = portal(contacts(2_000)).await;
    let copy = imported(&portal).await;
    for id in &ids(&portal)[..900] {
        edit(&portal, *id, "changed");
    }
    let proxy = Proxy::before(&portal, |passing| {
        if passing.path.ends_with("/contacts/search")
            && let Some(body) = rearranged(&passing.body, |rows| {
                if rows.len() > 3 {
                    rows.swap(1, 2);
                }
            })
        {
            passing.body = body;
        }
    })
    .await;
    portal.reset_ledger();
    assert_done(&copy.run_at(&proxy.base_url(), portal.token()).await);
    assert_equal(&copy, &portal);
    assert!(lists(&portal.ledger(), "contacts") >= 20);
    assert_eq!(copy.count("SELECT count(*) FROM run_events WHERE code = 'search_unordered'"), 1);
    edit(&portal, ids(&portal)[5], "later");
    let ledger = poll(&copy, &portal).await;
    assert_eq!(lists(&ledger, "contacts"), 0, "not again with every poll");
    portal.clock().advance(MINUTE * 60);
    poll(&copy, &portal).await;
    assert_equal(&copy, &portal);
}

/// B3: rows from outside the asked bounds do no harm.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rows_outside_the_asked_bounds_do_no_harm() {
    let portal = portal(contacts(500)).await;
    let copy = imported(&portal).await;
    let old = ids(&portal)[3];
    for id in &ids(&portal)[100..140] {
        edit(&portal, *id, "changed");
    }
    let stray = format!(
        r#"{{"id":"{old}","properties":{{"hs_object_id":"{old}"}},"createdAt":"2019-01-01T00:00:00Z","updatedAt":"2019-01-01T00:00:00Z","archived":false}}"#
    );
    let proxy = Proxy::before(&portal, move |passing| {
        if passing.path.ends_with("/contacts/search") {
            let stray = RawValue::from_string(stray.clone()).expect("JSON");
            if let Some(body) = rearranged(&passing.body, |rows| rows.insert(0, stray.clone())) {
                passing.body = body;
            }
        }
    })
    .await;
    assert_done(&copy.run_at(&proxy.base_url(), portal.token()).await);
    assert_equal(&copy, &portal);
}

/// A4: short and empty pages with a cursor are no end.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn short_and_empty_pages_of_a_search_are_no_end() {
    let switches = Switches { search_short_pages: true, ..Switches::default() };
    let portal = portal(Config { switches, ..contacts(4_000) }).await;
    let copy = imported(&portal).await;
    for id in &ids(&portal)[..1_500] {
        edit(&portal, *id, "changed");
    }
    let ledger = poll(&copy, &portal).await;
    assert_equal(&copy, &portal);
    assert_eq!(lists(&ledger, "contacts"), 0);
}

/// HubSpot's clock decides, and when it steps back the windows do not.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_clock_that_steps_back_hides_no_change() {
    let portal = portal(contacts(300)).await;
    let copy = imported(&portal).await;
    let ids = ids(&portal);
    portal.clock().advance(MINUTE * 30);
    edit(&portal, ids[1], "before");
    poll(&copy, &portal).await;
    portal.clock().rewind(MINUTE * 60);
    edit(&portal, ids[2], "while it was an hour ago");
    poll(&copy, &portal).await;
    assert_equal(&copy, &portal);
    portal.clock().advance(MINUTE * 45);
    edit(&portal, ids[3], "after");
    poll(&copy, &portal).await;
    assert_equal(&copy, &portal);
}

/// A connection's computer may believe anything about the time.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_clock_of_this_computer_does_not_matter() {
    let portal = portal(contacts(300)).await;
    let mut copy = Copy::new();
    let clocks: [fn() -> Timestamp; 3] = [
        || Timestamp::from_millis(1),
        || Timestamp::from_millis(4_000_000_000_000),
        || Timestamp::from_millis(2),
    ];
    for (nth, clock) in clocks.into_iter().enumerate() {
        copy.clock = clock;
        assert_done(&copy.run(&portal).await);
        assert_equal(&copy, &portal);
        edit(&portal, ids(&portal)[nth], "changed");
        copy.options.kind = RunKind::Poll;
    }
    assert_done(&copy.run(&portal).await);
    assert_equal(&copy, &portal);
}
