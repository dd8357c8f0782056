//! How the app ends: killed half way, closed, started twice.

use serde_json::json;
use simulator::{Effect, Fault};
use tests::{
    app::{SOON, Setup, signal},
    desk::Keyring,
    ids, journey, program, steps,
};

const KEY: &str = "pat-eu1-5ecre75e-1337-4abc-9def-ba9876543210";

#[tokio::test]
async fn an_app_killed_half_way_continues_where_it_stopped() {
    journey::run("killed", Keyring::Open, async |journey| {
        let app = journey.open().await;
        let demo = steps::open_demo(&app).await;
        let stopped_at = steps::partly_imported(&app, &demo).await;
        app.kill().await;

        let app = journey.open().await;
        app.see(ids::HOME).await;
        let status = steps::status(&app, &demo).await;
        assert!(steps::filled(&status, "contacts") >= stopped_at, "what was committed is there: {status}");
        let done = steps::imported(&app, &demo).await;
        assert!(steps::filled(&done, "contacts") > stopped_at, "and the rest came: {done}");
    })
    .await;
}

/// Killed, an app stays on the session bus until the system has let go of it, which takes its time on a busy machine.
#[tokio::test]
async fn a_start_while_the_last_app_dies_opens_its_window() {
    journey::run("dying", Keyring::None, async |journey| {
        let last = journey.open().await;
        last.see(ids::FIRST_RUN).await;
        let dying = last.freeze();
        let on_bus = journey.desk.on_bus();
        let dies = async {
            let asked = async || (journey.desk.on_bus() > on_bus).then_some(());
            last.until("the next app comes to the bus", SOON, asked).await;
            signal("-KILL", &dying);
        };
        let (next, ()) = tokio::join!(journey.open(), dies);
        next.see(ids::FIRST_RUN).await;
    })
    .await;
}

#[tokio::test]
async fn a_start_while_the_app_ends_gets_a_window_all_the_same() {
    journey::run("ending", Keyring::Open, async |journey| {
        let portal = steps::portal(KEY, 50).await;
        let setup = Setup { api_base: Some(portal.base_url()), ..journey.setup.clone() };
        let app = journey.open_with(&setup).await;
        let connection = steps::connect(&app, KEY).await;
        steps::imported(&app, &connection).await;
        // A run whose requests are not answered holds up the end.
        portal.faults().add(Fault::new(Effect::Hang).on("/crm/"));
        app.ask("start_sync", json!({ "connection": connection, "full": true })).await.expect("a run starts");
        let status = async || (steps::status(&app, &connection).await["running"] == true).then_some(());
        app.until("it runs", SOON, status).await;
        app.ask_to_end();
        let mut second = journey.desk.command(program("portside-desktop"));
        second.env("PORTSIDE_HOME", &setup.home).env("PORTSIDE_PROFILE", &setup.profile);
        let mut second = second.spawn().expect("it starts");
        let painted = async || {
            let log = steps::log(app.home());
            log.rsplit_once(": ended").is_some_and(|(_, since)| since.contains("painted")).then_some(())
        };
        app.until("there is a window again", SOON, painted).await;
        // Whichever of the two it is.
        signal("-TERM", &app.processes());
        tokio::task::spawn_blocking(move || second.wait()).await.expect("waited for").expect("it ends");
    })
    .await;
}

#[tokio::test]
async fn asked_to_end_the_app_ends_in_order() {
    journey::run("closed", Keyring::Open, async |journey| {
        let app = journey.open().await;
        let demo = steps::open_demo(&app).await;
        steps::partly_imported(&app, &demo).await;
        app.end().await;
        let log = steps::log(app.home());
        assert!(log.lines().last().is_some_and(|line| line.ends_with("ended")), "{log}");
    })
    .await;
}

#[tokio::test]
async fn a_second_start_leaves_the_first_window_alone() {
    journey::run("twice", Keyring::None, async |journey| {
        let app = journey.open().await;
        app.see(ids::FIRST_RUN).await;
        let processes = app.processes();
        let mut second = journey.desk.command("timeout");
        second.arg(SOON.as_secs().to_string()).arg(program("portside-desktop"));
        second.env("PORTSIDE_HOME", &journey.setup.home).env("PORTSIDE_PROFILE", &journey.setup.profile);
        let status = tokio::task::spawn_blocking(move || second.status()).await.expect("it is waited for");
        assert!(status.expect("it runs").success(), "a second start hands over and ends well");
        assert_eq!(app.processes(), processes);
        app.see(ids::FIRST_RUN).await;
    })
    .await;
}
