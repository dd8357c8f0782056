//! What moves no stamp is read again now and then: calculated properties, rows outside the window, properties that are
//! stored from now on.

use std::time::Duration;

use crm::{ObjectType, PropertyName};
use sync::RunKind;

use super::{contacts, edit, ids, imported, lists, poll, reads};
use crate::rig::{Copy, assert_done, portal, truth::assert_equal};

const DAY: Duration = Duration::from_hours(24);

/// B9: a calculated value changes without a stamp.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calculated_values_that_changed_without_a_stamp_are_there_a_day_later() {
    let portal = portal(contacts(350)).await;
    let copy = imported(&portal).await;
    let id = ids(&portal)[40];
    let silent = portal.edit();
    silent
        .update_silently("contacts", id, &[("hs_calculated_full_name", Some("+4915112345678"))])
        .expect("it is there");
    let ledger = poll(&copy, &portal).await;
    assert_eq!(reads(&ledger, "contacts"), 0);
    portal.clock().advance(DAY);
    let ledger = poll(&copy, &portal).await;
    assert_equal(&copy, &portal);
    assert_eq!(reads(&ledger, "contacts"), 4, "a hundred contacts a call");
    let ledger = poll(&copy, &portal).await;
    assert_eq!(reads(&ledger, "contacts"), 0, "once a night");
    let changed = "SELECT count(*) FROM history WHERE property = 'hs_calculated_full_name'";
    assert!(copy.count(changed) <= 1);
}

/// A stamp must not run ahead of its values: what was edited while a refill read it is still read as a whole.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_edit_during_a_refill_is_not_hidden_by_it() {
    let portal = portal(contacts(350)).await;
    let copy = imported(&portal).await;
    let id = ids(&portal)[340];
    let values = [("jobtitle".to_owned(), Some("edited meanwhile".to_owned()))].into();
    let change = simulator::Change::Update { object: "contacts".to_owned(), id, values };
    let batch = "/crm/objects/2026-03/contacts/batch/read";
    portal.clock().advance(DAY);
    portal.script().set(vec![simulator::Step::after(1, change).on(batch)]);
    poll(&copy, &portal).await;
    poll(&copy, &portal).await;
    assert_equal(&copy, &portal);
}

/// Fetched because of a link, and changed since without a stamp that any window holds.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rows_outside_the_window_are_read_again_every_week() {
    let portal = portal(simulator::Config { contacts: 600, ..simulator::Config::default() }).await;
    let mut copy = Copy::new();
    let since = "2026-06-01T00:00:00.000Z";
    copy.options.since = Some(since.parse().expect("a time"));
    copy.import(&portal).await;
    copy.options.kind = RunKind::Poll;
    let outside =
        copy.count(&format!("SELECT max(id) FROM contacts WHERE archived = 0 AND updated_at < '{since}'"));
    let id = u64::try_from(outside).expect("an id");
    portal.edit().update_silently("contacts", id, &[("jobtitle", Some("quietly"))]).expect("it is there");
    let here =
        format!("SELECT count(*) FROM contacts WHERE id = {id} AND properties ->> 'jobtitle' = 'quietly'");
    for (days, seen) in [(6, 0), (2, 1)] {
        portal.clock().advance(DAY * days);
        assert_done(&copy.run(&portal).await);
        assert_eq!(copy.count(&here), seen, "{days} days on");
    }
}

/// H7: a property that is stored later is filled for old records too, and only that is asked.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_property_that_is_stored_later_is_filled_into_old_records() {
    let portal = portal(contacts(1_050)).await;
    let copy = imported(&portal).await;
    portal.edit().add_property("contacts", "grade", "string").expect("a property can be made");
    for (nth, id) in ids(&portal).into_iter().enumerate().filter(|(nth, _)| nth % 3 == 0) {
        let grade = format!("grade {nth}");
        portal.edit().update_silently("contacts", id, &[("grade", Some(&grade))]).expect("it is there");
    }
    // Whoever looks at definitions now, and asks for what is new.
    portal.clock().advance(Duration::from_hours(1));
    poll(&copy, &portal).await;
    let mut writer = store::Writer::open(&copy.mirror()).expect("nobody writes now");
    let contacts = ObjectType::from("contacts");
    let names = [PropertyName::from("grade")];
    sync::request_refill(&mut writer, &contacts, &names, crm::Timestamp::from_millis(0)).expect("it is kept");
    drop(writer);
    let ledger = poll(&copy, &portal).await;
    assert_equal(&copy, &portal);
    assert_eq!((reads(&ledger, "contacts"), lists(&ledger, "contacts")), (11, 0), "{:?}", ledger.routes);
    assert_eq!(copy.count("SELECT count(*) FROM history WHERE property = 'grade'"), 0, "it was there before");
}

/// H7, G2: a refill that was cut goes on where it was.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refill_that_was_cut_is_gone_on_with() {
    let portal = portal(contacts(3_000)).await;
    let copy = imported(&portal).await;
    edit(&portal, ids(&portal)[7], "to be sure that it is a run");
    portal.clock().advance(DAY);
    for id in ids(&portal) {
        let quiet = [("hs_calculated_full_name", Some("+49"))];
        portal.edit().update_silently("contacts", id, &quiet).expect("it is there");
    }
    let cancel = tokio_util::sync::CancellationToken::new();
    portal.reset_ledger();
    let run = tokio::spawn(sync::run(copy.job(&portal.base_url(), portal.token(), cancel.clone())));
    let batch = |ledger: &simulator::Ledger| reads(ledger, "contacts");
    while batch(&portal.ledger()) < 12 {
        let calls = portal.ledger().calls;
        portal.calls_reached(calls + 1).await;
    }
    cancel.cancel();
    run.await.expect("a run does not panic");
    let before = batch(&portal.ledger());
    let after = batch(&poll(&copy, &portal).await);
    assert_equal(&copy, &portal);
    assert!(before + after <= 31 + 16, "{before} and {after} calls for 30 pages");
    assert!(after < 30, "it did not begin again");
}

/// B8: the links of a record that changed come with the poll that brings the record; a link alone comes a night later.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn links_of_changed_records_come_with_a_poll_and_others_with_the_night() {
    let portal = portal(crate::rig::small()).await;
    let copy = imported(&portal).await;
    let mut tickets = Vec::new();
    portal.truth().ids("tickets", |id| tickets.push(id));
    let contacts = ids(&portal);
    let link = |ticket: u64, contact: u64| {
        portal.edit().associate(("tickets", ticket), ("contacts", contact), &[]).expect("both are there");
    };
    let mut gone = Vec::new();
    portal.truth().links("contacts", "deals", |link| gone.push((link.from_id, link.to_id)));
    let (contact, deal) = gone[0];
    portal.edit().dissociate(("contacts", contact), ("deals", deal)).expect("they were linked");
    edit(&portal, contact, "lost a deal");
    link(tickets[7], contacts[31]);
    edit(&portal, contacts[31], "has a ticket");
    let ledger = poll(&copy, &portal).await;
    assert_equal(&copy, &portal);
    assert!(ledger.calls < 60, "{:?}", ledger.routes);
    assert_eq!(copy.count("SELECT count(*) FROM queue"), 0);
    link(tickets[8], contacts[32]);
    let sql = format!(
        "SELECT count(*) FROM links WHERE from_type = 'tickets' AND from_id = {} AND to_id = {}",
        tickets[8], contacts[32]
    );
    poll(&copy, &portal).await;
    assert_eq!(copy.count(&sql), 0, "no stamp has moved");
    portal.clock().advance(DAY);
    poll(&copy, &portal).await;
    assert_equal(&copy, &portal);
}
