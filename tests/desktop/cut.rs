//! How the app ends: killed half way, closed, started twice.

use tests::{app::SOON, desk::Keyring, ids, journey, program, steps};

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
