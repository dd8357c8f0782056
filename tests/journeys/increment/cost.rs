//! What a poll costs.

use simulator::Tier;

use super::{MINUTE, contacts, edit, ids, imported, lists, poll, reads, searches};
use crate::rig::{portal, small, truth::assert_equal};

/// The bound of a poll that finds nothing: one search for each type, and three calls.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_poll_with_nothing_changed_asks_one_search_a_type_and_next_to_nothing_else() {
    let portal = portal(small()).await;
    let copy = imported(&portal).await;
    let types = u64::try_from(copy.count("SELECT count(*) FROM object_types")).expect("a count");
    let ledger = poll(&copy, &portal).await;
    assert!(ledger.calls <= types + 3, "{} calls for {types} types: {:?}", ledger.calls, ledger.routes);
    let written = "SELECT sum(changes) FROM object_types";
    let before = copy.count(written);
    poll(&copy, &portal).await;
    assert_eq!(copy.count(written), before, "nothing was written");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_poll_reads_only_what_is_newer_and_a_second_one_does_not_read_it_again() {
    let portal = portal(small()).await;
    let copy = imported(&portal).await;
    let touched = &ids(&portal)[30..33];
    for id in touched {
        edit(&portal, *id, "changed");
    }
    let made = portal.edit().create("contacts", &[("email", "new@somewhere.example")]).expect("it is made");
    let ledger = poll(&copy, &portal).await;
    assert_equal(&copy, &portal);
    assert_eq!((searches(&ledger, "contacts"), reads(&ledger, "contacts")), (1, 1));
    assert_eq!(copy.count(&format!("SELECT count(*) FROM contacts WHERE id = {made}")), 1);
    let found = "SELECT found FROM run_streams WHERE stream = 'contacts' ORDER BY run DESC LIMIT 1";
    assert_eq!(copy.count(found), 4);
    let ledger = poll(&copy, &portal).await;
    assert_eq!((searches(&ledger, "contacts"), reads(&ledger, "contacts")), (1, 0));
    assert_eq!(copy.count(found), 0, "what the search names again is not found again");
}

/// A1, A2, A3: more records with one and the same stamp than search will page through.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn eleven_thousand_records_with_one_stamp_are_read_each_once() {
    let portal = portal(contacts(26_000)).await;
    let copy = imported(&portal).await;
    let now = portal.clock().now();
    let changed = &ids(&portal)[1_000..12_000];
    for id in changed {
        edit(&portal, *id, "promoted");
        portal.edit().restamp("contacts", *id, now).expect("the contact is there");
    }
    let ledger = poll(&copy, &portal).await;
    assert_equal(&copy, &portal);
    assert!(searches(&ledger, "contacts") <= 56, "{:?}", ledger.routes);
    assert_eq!((reads(&ledger, "contacts"), lists(&ledger, "contacts")), (110, 0));
}

/// B10: a bulk job gave every record a new stamp.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn when_all_was_restamped_the_list_is_read_instead() {
    let config = simulator::Config { limits: Some(Tier::Professional.limits()), ..contacts(2_500) };
    let portal = portal(config).await;
    let copy = imported(&portal).await;
    let now = portal.clock().now();
    portal.edit().restamp_all("contacts", now).expect("there are contacts");
    let ledger = poll(&copy, &portal).await;
    assert_equal(&copy, &portal);
    let all = lists(&ledger, "contacts") + reads(&ledger, "contacts");
    assert!(all <= 36 && searches(&ledger, "contacts") <= 4, "{:?}", ledger.routes);
    for _ in 0..2 {
        portal.clock().advance(MINUTE * 15);
        poll(&copy, &portal).await;
    }
    let ledger = portal.ledger();
    assert_eq!(lists(&ledger, "contacts"), 0, "not again with every poll: {:?}", ledger.routes);
}

/// G2: a run that is cut in the middle of a window goes on there.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_window_that_was_cut_is_gone_on_with_where_it_stopped() {
    let portal = portal(contacts(9_000)).await;
    let copy = imported(&portal).await;
    for id in &ids(&portal)[..4_000] {
        edit(&portal, *id, "changed");
    }
    let cancel = tokio_util::sync::CancellationToken::new();
    portal.reset_ledger();
    let run = tokio::spawn(sync::run(copy.job(&portal.base_url(), portal.token(), cancel.clone())));
    portal.calls_reached(45).await;
    cancel.cancel();
    run.await.expect("a run does not panic");
    let before = portal.ledger();
    let after = poll(&copy, &portal).await;
    assert_equal(&copy, &portal);
    let both = |of: fn(&simulator::Ledger, &str) -> u64| of(&before, "contacts") + of(&after, "contacts");
    assert!(both(reads) >= 40 && both(reads) <= 40 + 9, "{} reads", both(reads));
    assert!(both(searches) <= 21 + 6, "{} searches", both(searches));
    assert!(reads(&after, "contacts") < 40, "it did not begin again: {:?}", after.routes);
}
