//! Every way in which signing in ends without a connection: a reason of its own, and nothing to type twice.

use std::{net::TcpListener, time::Duration};

use simulator::{App, Config, Denial, Effect, Fault, OauthStatus, Simulator, Switches};

use super::{status, sync_well};
use crate::rig::{
    command::{Ended, Home, ID},
    portal,
    sign_in::{ROOMY, SignIn, Typed, ask, finish, free_port, parameter, portal_with_app, redirect, visit},
    small,
    truth::Compared,
};

const NAMED: &[&str] = &["--name", "Bikes"];

/// The attempt failed with this code; what was typed is kept, beside the reason.
async fn assert_kept(home: &Home, ended: &Ended, code: &str) {
    ended.assert_refused(3, code);
    let status = status(home, "Bikes").await;
    assert_eq!((&status["state"], &status["setup_error"]["code"]), (&"setup_error".into(), &code.into()));
    assert_eq!(status["last_error"]["code"], code);
    home.ask(&["sync", "Bikes", "--json"]).await.assert_refused(3, "setup_cancelled");
}

/// Nothing is typed again, and it works.
async fn assert_goes_on(home: &Home, portal: &Simulator) {
    assert_eq!(finish(SignIn::again(home, portal, "Bikes").await).await, ID);
    let status = status(home, "Bikes").await;
    assert!(status["setup_error"].is_null() && status["last_error"].is_null(), "{status}");
    sync_well(home, "Bikes").await;
    home.assert_copied(ID, portal, &Compared::default());
    let listed = home.ask(&["connections", "--json"]).await.json();
    assert_eq!(listed["connections"].as_array().map(Vec::len), Some(1), "the begun setup is still there");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_no_is_told_and_the_setup_goes_on_later() {
    let (portal, port) = portal_with_app(small()).await;
    let home = Home::new();
    let sign_in = SignIn::begin(&home, &portal, port, NAMED).await;
    let tab = visit(&sign_in.sent_back("deny").await).await;
    assert!(tab.body().contains("user_denied"), "{}", tab.body());
    assert_kept(&home, &sign_in.end().await, "user_denied").await;
    assert_eq!(portal.ledger().routes.get("POST oauth/token"), None);
    assert_goes_on(&home, &portal).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_silent_no_is_waited_out_and_ctrl_c_keeps_what_was_typed() {
    let switches = Switches { denial: Denial::Silent, ..Switches::default() };
    let (portal, port) = portal_with_app(Config { switches, ..small() }).await;
    let home = Home::new();
    let mut sign_in = SignIn::begin(&home, &portal, port, NAMED).await;
    assert!(sign_in.press("deny").await.headers().get("location").is_none());
    assert!(sign_in.is_waiting());
    sign_in.interrupt().await;
    assert_kept(&home, &sign_in.end().await, "setup_cancelled").await;
    assert_goes_on(&home, &portal).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_client_secret_is_told_and_the_right_one_mends_it() {
    let (portal, port) = portal_with_app(small()).await;
    let home = Home::new();
    let secret = "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0".to_owned();
    let typed = Typed { client_secret: secret, ..Typed::for_portal(&portal, port) };
    let sign_in = SignIn::begin_with(&home, &typed, NAMED).await;
    let tab = sign_in.approve().await;
    assert!(!tab.body().contains("Connected"), "{}", tab.body());
    let ended = sign_in.end().await;
    assert!(ended.err.contains("client secret does not belong"), "{ended:?}");
    assert_kept(&home, &ended, "exchange_failed").await;
    home.sign_in(&portal, port, NAMED).await;
    sync_well(&home, "Bikes").await;
    home.assert_copied(ID, &portal, &Compared::default());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_code_that_somebody_used_before_us_is_told_as_that() {
    let (portal, port) = portal_with_app(small()).await;
    let home = Home::new();
    let sign_in = SignIn::begin(&home, &portal, port, NAMED).await;
    let back = sign_in.sent_back("approve").await;
    let app = &portal.apps()[0];
    let form = format!(
        "grant_type=authorization_code&client_id={}&client_secret={}&code={}",
        app.client_id,
        app.client_secret,
        parameter(&back, "code")
    );
    ask("POST", &format!("{}/oauth/2026-03/token", portal.base_url()), &form).await;
    visit(&back).await;
    assert_kept(&home, &sign_in.end().await, "code_used").await;
    assert_goes_on(&home, &portal).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_code_that_came_too_late_is_told_as_that() {
    let (portal, port) = portal_with_app(small()).await;
    let home = Home::new();
    let sign_in = SignIn::begin(&home, &portal, port, NAMED).await;
    let back = sign_in.sent_back("approve").await;
    portal.clock().advance(Duration::from_mins(5));
    visit(&back).await;
    assert_kept(&home, &sign_in.end().await, "code_used").await;
    assert_goes_on(&home, &portal).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn refusals_of_the_exchange_have_reasons_of_their_own() {
    for (refused, code) in [
        (OauthStatus::BadRedirectUri, "redirect_mismatch"),
        (OauthStatus::BadScopes, "scopes_mismatch"),
        (OauthStatus::BadHub, "account_gone"),
        (OauthStatus::BadCodeVerifier, "exchange_failed"),
    ] {
        let (portal, port) = portal_with_app(small()).await;
        let home = Home::new();
        let fault = Fault::new(Effect::OauthRefused { status: refused });
        portal.faults().add(fault.on("/oauth/2026-03/token").times(1));
        let sign_in = SignIn::begin(&home, &portal, port, NAMED).await;
        let tab = sign_in.approve().await;
        assert!(tab.body().contains(code), "{}", tab.body());
        assert_kept(&home, &sign_in.end().await, code).await;
    }
}

/// What HubSpot answers with a page and no way back: the attempt waits until it is given up.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_app_that_was_set_up_otherwise_leaves_the_attempt_waiting_until_it_is_cancelled() {
    let port = free_port();
    let elsewhere = App::reader(&["http://localhost:1/oauth-callback"]).expect("random bytes");
    let unregistered = portal(Config { apps: vec![elsewhere], app_limits: ROOMY, ..small() }).await;
    let registered = portal(Config {
        apps: vec![App::reader(&[&redirect(port)]).expect("random bytes")],
        app_limits: ROOMY,
        ..small()
    })
    .await;
    for (portal, more, page) in [
        (&unregistered, &[][..], "unregistered-redirect"),
        (&registered, &["--optional-scopes", "crm.objects.contacts.write"], "scopes-mismatch"),
        (&registered, &["--scopes", "crm.objects.contacts.read"], "scopes-insufficient"),
    ] {
        let home = Home::new();
        let mut sign_in = SignIn::begin(&home, portal, port, &[NAMED, more].concat()).await;
        let shown = sign_in.press("approve").await;
        assert!(shown.body().contains(&format!("id=\"{page}\"")), "{}", shown.body());
        assert!(shown.headers().get("location").is_none() && sign_in.is_waiting());
        sign_in.interrupt().await;
        assert_kept(&home, &sign_in.end().await, "setup_cancelled").await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_port_that_another_process_has_is_told_with_its_name() {
    let (portal, port) = portal_with_app(small()).await;
    let home = Home::new();
    let taken = TcpListener::bind(("127.0.0.1", port)).expect("it is free");
    let ended = SignIn::begin(&home, &portal, port, NAMED).await.end().await;
    assert_eq!(ended.json()["error"]["code"], "port_busy", "{ended:?}");
    let holder = format!("{port}: ");
    let message = ended.json()["error"]["message"].as_str().unwrap_or_default().to_owned();
    assert!(
        message.contains(&holder) && message.contains(&format!("pid {}", std::process::id())),
        "{message}"
    );
    assert_ne!(ended.code, 0);
    drop(taken);
    assert_goes_on(&home, &portal).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hubspot_out_of_reach_at_the_exchange_is_told_and_nothing_is_lost() {
    let (portal, port) = portal_with_app(small()).await;
    let home = Home::new();
    let api_base = format!("http://127.0.0.1:{}", free_port());
    let typed = Typed { api_base, ..Typed::for_portal(&portal, port) };
    let sign_in = SignIn::begin_with(&home, &typed, NAMED).await;
    sign_in.approve().await;
    assert_kept(&home, &sign_in.end().await, "exchange_failed").await;
    assert_goes_on(&home, &portal).await;
}
