//! Links between runs: of changed records at each poll, all of them when due, never emptied by a failure.

use std::time::Duration;

use serde_json::json;
use simulator::{Config, Effect, Fault, Pool, Simulator, Switches};
use sync::RunKind;

use crate::rig::{Copy, assert_done, editor::Editor, portal, small, truth::assert_equal};

const DAY: Duration = Duration::from_hours(25);

fn ids(portal: &Simulator, object: &str, many: usize) -> Vec<u64> {
    let mut ids = Vec::new();
    portal.truth().ids(object, |id| ids.push(id));
    ids.into_iter().skip(20).take(many).collect()
}

/// The copy, made; from now on it is polled.
async fn imported(portal: &Simulator) -> Copy {
    let mut copy = Copy::new();
    copy.import(portal).await;
    copy.options.kind = RunKind::Poll;
    copy
}

fn links_of(copy: &Copy, object: &str, id: u64) -> i64 {
    copy.count(&format!("SELECT count(*) FROM links WHERE from_type = '{object}' AND from_id = {id}"))
}

/// C3: after a poll the links of a changed record are the portal's, from whichever side it is on.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn links_of_changed_records_follow_at_the_next_poll() {
    let portal = portal(small()).await;
    let (copy, editor) = (imported(&portal).await, Editor(&portal));
    let (contacts, deals) = (ids(&portal, "contacts", 4), ids(&portal, "deals", 4));
    let (companies, tickets) = (ids(&portal, "companies", 2), ids(&portal, "tickets", 2));
    for (contact, deal) in contacts.iter().zip(&deals) {
        editor.link(("contacts", *contact), ("deals", *deal)).await;
        editor.update("contacts", *contact, json!({ "jobtitle": "linked" })).await;
    }
    editor.link(("companies", companies[0]), ("tickets", tickets[0])).await;
    editor.link(("companies", companies[0]), ("companies", companies[1])).await;
    editor.update("companies", companies[0], json!({ "city": "Bergen" })).await;
    assert_done(&copy.run(&portal).await);
    assert_equal(&copy, &portal);
    for (contact, deal) in contacts.iter().zip(&deals) {
        editor.unlink(("deals", *deal), ("contacts", *contact)).await;
        editor.update("deals", *deal, json!({ "dealname": "alone" })).await;
    }
    assert_done(&copy.run(&portal).await);
    assert_equal(&copy, &portal);
    assert_eq!(copy.count("SELECT count(*) FROM queue"), 0, "nothing waits");
}

/// B8: links that come and go without moving any stamp show within a night.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn links_that_move_no_stamp_show_when_all_links_are_read() {
    let portal = portal(small()).await;
    let (copy, editor) = (imported(&portal).await, Editor(&portal));
    let (deal, contact) = (ids(&portal, "deals", 1)[0], ids(&portal, "contacts", 1)[0]);
    let gone = {
        let mut links = Vec::new();
        portal.truth().links("tickets", "contacts", |link| links.push((link.from_id, link.to_id)));
        links[0]
    };
    portal.edit().associate(("deals", deal), ("contacts", contact), &[3]).expect("both are there");
    editor.unlink(("tickets", gone.0), ("contacts", gone.1)).await;
    portal.clock().advance(DAY);
    assert_done(&copy.run(&portal).await);
    assert_equal(&copy, &portal);
}

/// C6: a thousand changed deals take few calls, and a failure empties nothing.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn links_of_a_thousand_changed_deals_take_few_calls_and_survive_a_failure() {
    let counts = [("deals".to_owned(), 1_400)].into();
    let portal = portal(Config { contacts: 500, counts, ..Config::default() }).await;
    let (copy, editor) = (imported(&portal).await, Editor(&portal));
    let changed = ids(&portal, "deals", 1_000);
    let before = links_of(&copy, "deals", changed[0]);
    assert!(before > 0);
    for id in &changed {
        portal.edit().update("deals", *id, &[("dealname", Some("changed"))]).expect("it is there");
    }
    editor.link(("deals", changed[0]), ("contacts", ids(&portal, "contacts", 1)[0])).await;
    portal.faults().add(Fault::new(Effect::Status { status: 500 }).on("/crm/associations/"));
    portal.reset_ledger();
    assert_done(&copy.run(&portal).await);
    assert_eq!(links_of(&copy, "deals", changed[0]), before, "links were emptied by a failure");
    assert!(copy.count("SELECT count(*) FROM queue WHERE what LIKE 'links:%'") >= 1_000, "they wait");
    portal.faults().clear();
    portal.reset_ledger();
    assert_done(&copy.run(&portal).await);
    let calls = portal.ledger().pools[&Pool::Associations];
    assert!(calls <= 40, "{calls} calls");
    assert_equal(&copy, &portal);
    assert_eq!(copy.count("SELECT count(*) FROM queue"), 0);
}

/// C1, C2: one contact with 600 companies among contacts with few, at both sizes of pages, read again by a poll.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_changed_record_with_many_links_gets_every_page_of_them() {
    for association_page in [100, 500] {
        let switches = Switches { association_page, ..Switches::default() };
        let counts = [("companies".to_owned(), 650)].into();
        let portal = portal(Config { contacts: 300, counts, switches, ..Config::default() }).await;
        let copy = imported(&portal).await;
        let (contacts, mut companies) = (ids(&portal, "contacts", 3), Vec::new());
        portal.truth().ids("companies", |id| companies.push(id));
        for company in companies.iter().take(600) {
            portal
                .edit()
                .associate(("contacts", contacts[0]), ("companies", *company), &[279])
                .expect("both are there");
        }
        portal
            .edit()
            .associate(("contacts", contacts[1]), ("companies", companies[0]), &[279])
            .expect("both are there");
        for id in &contacts {
            portal.edit().update("contacts", *id, &[("jobtitle", Some("buyer"))]).expect("it is there");
        }
        assert_done(&copy.run(&portal).await);
        assert!(links_of(&copy, "contacts", contacts[0]) >= 600);
        assert_equal(&copy, &portal);
    }
}
