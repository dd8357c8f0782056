//! Limits are kept, not run into.

use std::time::Duration;

use simulator::{Config, Limits};

use crate::rig::{Copy, assert_done, portal, truth::assert_equal};

/// F2, F3: with the smallest plan's limits and a server that answers at once, no window is ever overrun.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_import_at_100_calls_in_ten_seconds_is_never_refused() {
    let limits = Limits { burst: 100, search: 5, associations: 100, daily: Some(250_000) };
    let latency = Duration::from_millis(15);
    let portal = portal(Config { contacts: 5_000, limits: Some(limits), latency, ..Config::default() }).await;
    let copy = Copy::new();
    let outcome = copy.run(&portal).await;
    assert_done(&outcome);
    let ledger = portal.ledger();
    assert_eq!(ledger.refused, 0, "{:?}", ledger.refused_by);
    assert!(ledger.peak <= 16, "{} at once", ledger.peak);
    assert!(ledger.calls > 200, "{} calls: the limit was felt", ledger.calls);
    assert_equal(&copy, &portal);
}

/// More than one call at a time, whatever the latency, and never more than sixteen.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calls_are_made_side_by_side_and_never_more_than_sixteen() {
    let latency = Duration::from_millis(40);
    let portal = portal(Config { contacts: 3_000, latency, ..Config::default() }).await;
    let copy = Copy::new();
    assert_done(&copy.run(&portal).await);
    let peak = portal.ledger().peak;
    assert!((6..=16).contains(&peak), "{peak} at once");
}
