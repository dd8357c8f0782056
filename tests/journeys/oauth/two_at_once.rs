//! Processes and connections side by side: they share what is one connection's, and nothing else.

use std::time::Duration;

use simulator::{Config, GrantType, RefreshRotation, Simulator, Switches, TokenState};

use super::{status, sync, sync_well};
use crate::rig::{
    command::{Ended, Home, ID},
    sign_in::{portal_with_app, reached, some_copied},
    small,
    truth::Compared,
};

const LIFE: Duration = Duration::from_mins(31);

fn refreshed(portal: &Simulator) -> u64 {
    portal.ledger().tokens_issued(GrantType::RefreshToken)
}

fn slow() -> Config {
    let switches = Switches { refresh_token_rotates: RefreshRotation::OldDies, ..Switches::default() };
    Config { contacts: 6_000, latency: Duration::from_millis(10), switches, ..Config::default() }
}

/// Old refresh tokens die, so a process that kept one to itself would end the connection.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_process_copies_and_others_ask_and_each_end_of_a_token_costs_one_refresh() {
    let (portal, port) = portal_with_app(slow()).await;
    let home = Home::new();
    home.sign_in(&portal, port, &[]).await;
    portal.reset_ledger();
    let mut run = home.command(&["sync", "--since", "all", "--json"]).spawn().expect("portside runs");
    let mut ended = 0;
    some_copied(&portal, &home, &mut run, ID).await;
    // Far enough apart that no call meets two of them.
    for more in [1, 60] {
        reached(&portal, &mut run, portal.ledger().calls + more).await;
        portal.clock().advance(LIFE);
        ended += 1;
        // This asks HubSpot, with the connection's token; those beside it only read.
        let (doctor, status, query) = tokio::join!(
            home.ask(&["doctor", "--json"]),
            home.ask(&["status", "--json"]),
            home.ask(&["query", ID, "SELECT count(*) AS n FROM contacts", "--format", "json"]),
        );
        assert_eq!((status.code, query.code), (0, 0), "{status:?} {query:?}");
        assert!(!doctor.out.contains("app_uninstalled"), "{doctor:?}");
        assert_eq!(refreshed(&portal), ended, "{doctor:?}");
    }
    let run = Ended::from(&run.wait_with_output().await.expect("it ends"));
    assert_eq!(run.code, 0, "{run:?}");
    home.assert_copied(ID, &portal, &Compared::default());
    // The next process takes up what the last one left.
    sync_well(&home, ID).await;
    assert_eq!(refreshed(&portal), ended);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_connections_of_one_portal_are_copied_at_once_each_with_its_own_tokens() {
    let (portal, port) = portal_with_app(slow()).await;
    let home = Home::new();
    let one = home.sign_in(&portal, port, &["--name", "One"]).await;
    let two = home.sign_in(&portal, port, &["--name", "Two"]).await;
    assert_eq!((one.as_str(), two.as_str()), (ID, "portal-24817305-2"));
    portal.reset_ledger();
    let runs = ["One", "Two"].map(|name| {
        home.command(&["sync", name, "--since", "all", "--json"]).spawn().expect("portside runs")
    });
    portal.calls_reached(60).await;
    portal.clock().advance(LIFE);
    for run in runs {
        let run = Ended::from(&run.wait_with_output().await.expect("it ends"));
        assert_eq!(run.code, 0, "{run:?}");
    }
    assert_eq!(refreshed(&portal), 2, "one for each connection");
    home.assert_copied(&one, &portal, &Compared::default());
    home.assert_copied(&two, &portal, &Compared::default());
    // Giving up the one leaves the other its tokens.
    assert_eq!(home.ask(&["disconnect", "One"]).await.code, 0);
    portal.clock().advance(LIFE);
    sync_well(&home, "Two").await;
    assert_eq!(status(&home, "Two").await["state"], "active");
    sync(&home, "One").await.assert_refused(3, "disconnected");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn trouble_of_one_portal_never_shows_in_another() {
    let (signed_in, port) = portal_with_app(small()).await;
    let (keyed, _) = portal_with_app(Config { portal: 99_000_111, seed: 2, ..small() }).await;
    let home = Home::new();
    home.sign_in(&signed_in, port, &["--name", "Bikes"]).await;
    let base = keyed.base_url();
    let connect = ["connect", "--token-stdin", "--name", "Boats", "--api-base", &base];
    assert_eq!(home.ask_with(&connect, keyed.token()).await.code, 0);
    assert_eq!(home.ask(&["sync", "--all", "--since", "all"]).await.code, 0);

    keyed.faults().set_token(TokenState::Revoked);
    sync(&home, "Boats").await.assert_refused(3, "auth_expired");
    let (bikes, boats) = (status(&home, "Bikes").await, status(&home, "Boats").await);
    assert_eq!((&bikes["state"], &boats["state"]), (&"active".into(), &"auth_error".into()));
    assert!(bikes["error"].is_null() && bikes["attention"] == serde_json::json!([]), "{bikes}");

    signed_in.edit().uninstall();
    let all = home.ask(&["sync", "--all", "--json"]).await;
    assert_eq!(all.code, 3, "{all:?}");
    let codes: Vec<String> = all
        .out
        .lines()
        .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok())
        .filter(|line| line["done"] == false)
        .map(|line| format!("{} {}", line["connection"], line["error"]["code"]))
        .collect();
    assert_eq!(
        codes,
        [r#""portal-24817305" "app_uninstalled""#, r#""portal-99000111" "auth_expired""#],
        "{all:?}"
    );

    // Each has its own entries where the secrets are: what ends one leaves the other its key.
    keyed.faults().clear();
    assert_eq!(home.ask(&["disconnect", "Bikes", "--wipe"]).await.code, 0);
    sync_well(&home, "Boats").await;
    home.assert_copied("portal-99000111", &keyed, &Compared::default());
    assert!(!home.mirror().exists() && home.mirror_of("portal-99000111").exists());
}
