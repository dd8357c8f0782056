//! Access tokens that end while they are used: replaced once each, and nothing is lost.

use std::time::{Duration, Instant};

use simulator::{Config, GrantType, RefreshRotation, Simulator, Switches};

use super::sync_well;
use crate::rig::{
    command::{Ended, Home, ID},
    sign_in::{portal_with_app, reached},
    truth::Compared,
};

/// Longer than any access token lives.
const LIFE: Duration = Duration::from_mins(31);

fn refreshed(portal: &Simulator) -> u64 {
    portal.ledger().tokens_issued(GrantType::RefreshToken)
}

/// The clock of the portal runs ahead, so that only a refusal tells that the token is over.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tokens_that_end_unforeseen_are_replaced_once_each() {
    for refresh_token_rotates in [RefreshRotation::Never, RefreshRotation::OldStays, RefreshRotation::OldDies]
    {
        let switches = Switches { refresh_token_rotates, ..Switches::default() };
        let latency = Duration::from_millis(5);
        let config = Config { contacts: 6_000, latency, switches, ..Config::default() };
        let (portal, port) = portal_with_app(config).await;
        let home = Home::new();
        home.sign_in(&portal, port, &[]).await;
        portal.reset_ledger();
        let mut run = home.command(&["sync", "--since", "all", "--json"]).spawn().expect("portside runs");
        let mut ended = 0;
        // Far enough apart that no call meets two of them.
        for calls in [10, 100] {
            reached(&portal, &mut run, calls).await;
            // The one before has been noticed, or it would not be one for each.
            assert_eq!(refreshed(&portal), ended, "{refresh_token_rotates:?}, at {calls} calls");
            portal.clock().advance(LIFE);
            ended += 1;
        }
        let run = Ended::from(&run.wait_with_output().await.expect("it ends"));
        assert_eq!(run.code, 0, "{run:?}");
        assert_eq!(refreshed(&portal), ended, "{refresh_token_rotates:?}");
        home.assert_copied(ID, &portal, &Compared::default());
    }
}

/// E2: tokens that live for a few calls only, under many at once: a call may meet one expiry after the other.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_outlives_tokens_that_end_again_and_again_under_parallel_calls() {
    let latency = Duration::from_millis(20);
    let (portal, port) = portal_with_app(Config { contacts: 6_000, latency, ..Config::default() }).await;
    let home = Home::new();
    home.sign_in(&portal, port, &[]).await;
    portal.reset_ledger();
    let mut run = home.command(&["sync", "--since", "all", "--json"]).spawn().expect("portside runs");
    // More than are in flight at once, or no token would ever be good.
    for calls in (1..=5).map(|time| time * 40) {
        reached(&portal, &mut run, calls).await;
        portal.clock().advance(LIFE);
    }
    let run = Ended::from(&run.wait_with_output().await.expect("it ends"));
    assert_eq!(run.code, 0, "{run:?}");
    assert!(refreshed(&portal) >= 4, "{} refreshes", refreshed(&portal));
    home.assert_copied(ID, &portal, &Compared::default());
}

/// What HubSpot says about a token's life is believed, from one process to the next.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tokens_of_a_known_short_life_are_replaced_as_often_as_they_end_and_no_oftener() {
    let life = Duration::from_secs(6);
    let config = Config {
        contacts: 4_000,
        access_token_life: life,
        latency: Duration::from_millis(120),
        ..Config::default()
    };
    let (portal, port) = portal_with_app(config).await;
    let home = Home::new();
    let began = Instant::now();
    home.sign_in(&portal, port, &[]).await;
    sync_well(&home, ID).await;
    sync_well(&home, ID).await;
    let (took, refreshed) = (began.elapsed(), refreshed(&portal));
    // A tenth of its life before its end at the earliest; each command takes up the token of the one before.
    let most = took.as_secs_f64() / (life.as_secs_f64() * 0.9) + 1.0;
    assert!(refreshed >= 1 && refreshed as f64 <= most, "{refreshed} refreshes in {took:?}");
    home.assert_copied(ID, &portal, &Compared::default());
}

/// HubSpot's token endpoint in trouble while a token ends.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refresh_that_fails_for_a_while_delays_the_copy_and_costs_nothing() {
    use simulator::{Effect, Fault};
    for effect in [Effect::Status { status: 503 }, Effect::Reset, Effect::Malformed] {
        let latency = Duration::from_millis(5);
        let (portal, port) = portal_with_app(Config { contacts: 600, latency, ..Config::default() }).await;
        let home = Home::new();
        home.sign_in(&portal, port, &[]).await;
        portal.faults().add(Fault::new(effect.clone()).on("/oauth/2026-03/token").times(2));
        portal.reset_ledger();
        let mut run = home.command(&["sync", "--since", "all", "--json"]).spawn().expect("portside runs");
        reached(&portal, &mut run, 20).await;
        portal.clock().advance(LIFE);
        let run = Ended::from(&run.wait_with_output().await.expect("it ends"));
        assert_eq!(run.code, 0, "{effect:?}: {run:?}");
        assert_eq!(portal.faults().struck(), [2], "{effect:?}");
        home.assert_copied(ID, &portal, &Compared::default());
    }
}
