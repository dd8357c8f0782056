//! Whatever dies when: nothing lost, nothing twice, hardly anything asked again.
//!
//! Instants are chosen by counting requests, not by sleeping, so that every stage of an import is hit on any machine.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use simulator::{Config, Simulator};
use sync::Stop;
use tokio::process::Child;
use tokio_util::sync::CancellationToken;

use crate::rig::{
    Copy, assert_done,
    command::Home,
    portal,
    truth::{Compared, assert_equal, differences},
};

/// Imports that are killed once each; `PORTSIDE_KILLS` sets another number.
const KILLS: u64 = 200;
/// A kill may cost the requests in flight, and these.
const AGAIN_MAX: u64 = 16 + 15;

/// A chance that can be repeated: the same seed and number give the same instant.
fn chance(seed: u64, number: u64, below: u64) -> u64 {
    let mut x =
        seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ number.wrapping_add(1).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    for _ in 0..3 {
        x ^= x >> 29;
        x = x.wrapping_mul(0x94d0_49bb_1331_11eb);
    }
    (x >> 11) % below.max(1)
}

fn kills() -> u64 {
    let asked = std::env::var("PORTSIDE_KILLS").ok().and_then(|text| text.parse().ok());
    asked.unwrap_or(KILLS)
}

/// Named by every failure; `PORTSIDE_SEED` repeats it.
fn seed() -> u64 {
    let seed = std::env::var("PORTSIDE_SEED").ok().and_then(|text| text.parse().ok());
    seed.unwrap_or_else(|| u64::from(std::process::id()))
}

/// G1: the import is not started over, and not finished wrongly.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn imports_that_are_killed_once_each_end_equal_to_the_portal() {
    let (next, seed, all) = (Arc::new(AtomicU64::new(0)), seed(), kills());
    let hit = Arc::new(AtomicU64::new(0));
    // Runs wait for limits more than they compute, so there are more portals than a small machine has processors.
    let workers = [1, 2, 3, 4].map(|number| {
        let (next, hit) = (Arc::clone(&next), Arc::clone(&hit));
        tokio::spawn(async move {
            let portal = portal(Config { contacts: 600, seed: number, ..Config::default() }).await;
            let home = Home::new();
            home.connect(&portal).await;
            let kept = home.keep();
            let clean = clean_calls(&home, &portal).await;
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= all {
                    return;
                }
                home.go_back(&kept);
                let was_killed = killed_once(&home, &portal, clean, seed, number).await;
                hit.fetch_add(u64::from(was_killed), Ordering::Relaxed);
            }
        })
    });
    for worker in workers {
        worker.await.expect("no import went wrong");
    }
    // The last few requests of a run may come in one go with its end.
    let hit = hit.load(Ordering::Relaxed);
    assert!(hit * 4 >= all * 3, "only {hit} of {all} were killed before they had ended");
}

/// One import killed again and again, at a few requests' distance.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_import_that_is_killed_twenty_times_ends_equal_to_the_portal() {
    const TIMES: u64 = 20;
    let portal = portal(Config { contacts: 1_500, ..Config::default() }).await;
    let home = Home::new();
    home.connect(&portal).await;
    let kept = home.keep();
    let clean = clean_calls(&home, &portal).await;
    home.go_back(&kept);
    let seed = seed();
    portal.reset_ledger();
    for number in 0..TIMES {
        // Together less than the whole import, so that every kill meets it unfinished.
        let calls = portal.ledger().calls + 1 + chance(seed, number, clean / (TIMES + 4));
        assert!(kill_at(home.start_sync(), &portal, calls).await, "it ended before kill {number}");
    }
    home.sync().await;
    assert_same(&home, &portal, &format!("killed twenty times (PORTSIDE_SEED={seed})"));
    let calls = portal.ledger().calls;
    assert!(calls <= clean + TIMES * AGAIN_MAX, "{calls} calls, {clean} without kills");
}

async fn clean_calls(home: &Home, portal: &Simulator) -> u64 {
    portal.reset_ledger();
    home.sync().await;
    assert_same(home, portal, "not killed");
    portal.ledger().calls
}

async fn killed_once(home: &Home, portal: &Simulator, clean: u64, seed: u64, number: u64) -> bool {
    let at = 1 + chance(seed, number, clean);
    portal.reset_ledger();
    let was_killed = kill_at(home.start_sync(), portal, at).await;
    home.sync().await;
    let what = format!("import {number}, killed at request {at} of {clean} (PORTSIDE_SEED={seed})");
    assert_same(home, portal, &what);
    let calls = portal.ledger().calls;
    // A run that ended by itself is followed by a second one, which reads everything again.
    assert!(!was_killed || calls <= clean + AGAIN_MAX, "{what}: {calls} calls in all");
    was_killed
}

/// Kills when so many requests have come, or lets it end if there are fewer. Whether it was killed.
async fn kill_at(mut sync: Child, portal: &Simulator, calls: u64) -> bool {
    tokio::select! {
        () = portal.calls_reached(calls) => {
            sync.start_kill().expect("it can be killed");
            // Killed, unless it had ended by itself just before.
            sync.wait().await.expect("it can be waited for").code().is_none()
        }
        ended = sync.wait() => {
            assert!(ended.expect("it can be waited for").success());
            false
        }
    }
}

fn assert_same(home: &Home, portal: &Simulator, what: &str) {
    let flags = rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY;
    let mirror = rusqlite::Connection::open_with_flags(home.mirror(), flags).expect("there is a mirror");
    let found = differences(&mirror, portal, &Compared::default());
    assert!(found.is_empty(), "{what}:\n{}", found.join("\n"));
}

/// The same inside one process: stopped at every single request of an import, and continued.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_import_that_is_stopped_at_every_request_ends_equal_to_the_portal() {
    const WORKERS: u64 = 4;
    let workers = (1..=WORKERS).map(|worker| {
        tokio::spawn(async move {
            let portal = portal(Config { contacts: 60, ..Config::default() }).await;
            Copy::new().import(&portal).await;
            let clean = portal.ledger().calls;
            for at in (worker..clean).step_by(usize::try_from(WORKERS).expect("few")) {
                stopped_at(&portal, at, clean).await;
            }
        })
    });
    for worker in workers.collect::<Vec<_>>() {
        worker.await.expect("no import went wrong");
    }
}

async fn stopped_at(portal: &Simulator, at: u64, clean: u64) {
    let copy = Copy::new();
    portal.reset_ledger();
    let cancel = CancellationToken::new();
    let run = tokio::spawn(sync::run(copy.job(&portal.base_url(), portal.token(), cancel.clone())));
    portal.calls_reached(at).await;
    cancel.cancel();
    let stopped = run.await.expect("a run does not panic");
    assert!(matches!(stopped.stop, None | Some(Stop::Cancelled)), "{:?}", stopped.stop);
    assert_done(&copy.run(portal).await);
    assert_equal(&copy, portal);
    let calls = portal.ledger().calls;
    assert!(calls <= clean + AGAIN_MAX, "stopped at {at} of {clean}: {calls} calls in all");
}
