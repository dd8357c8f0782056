//! Signing in as it should go, and with strangers at the door.

use simulator::{AuthorizeTrouble, GrantType};
use tokio::net::TcpStream;

use super::sync_well;
use crate::rig::{
    command::{Home, ID},
    sign_in::{SignIn, finish, portal_with_app, redirect, visit},
    small,
    truth::Compared,
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn signing_in_and_one_sync_make_an_exact_copy() {
    let (portal, port) = portal_with_app(small()).await;
    let home = Home::new();
    let sign_in = SignIn::begin(&home, &portal, port, &["--name", "Bikes"]).await;
    assert_eq!(sign_in.first["state"], "pending_setup");
    assert_eq!(sign_in.redirect_address(), redirect(port));
    let tab = sign_in.approve().await;
    assert_eq!(tab.status(), 200);
    assert!(tab.body().contains("Connected to portal 24817305."), "{}", tab.body());
    let ended = sign_in.end().await;
    assert_eq!(ended.code, 0, "{ended:?}");
    let json = ended.json();
    assert_eq!((&json["connection"], &json["name"]), (&ID.into(), &"Bikes".into()));
    assert_eq!((&json["portal"], json["error"].is_null()), (&"24817305".into(), true));
    assert!(TcpStream::connect(("127.0.0.1", port)).await.is_err(), "the port is still open");
    sync_well(&home, "bikes").await;
    home.assert_copied(ID, &portal, &Compared::default());
    let ledger = portal.ledger();
    assert_eq!(ledger.tokens_issued(GrantType::AuthorizationCode), 1);
    assert_eq!(ledger.tokens_issued(GrantType::RefreshToken), 0, "the first token was still good");
    assert_eq!(ledger.statuses.get(&401), None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_without_a_name_is_named_after_its_portal() {
    let (portal, port) = portal_with_app(small()).await;
    let home = Home::new();
    assert_eq!(home.sign_in(&portal, port, &[]).await, ID);
    let listed = home.ask(&["connections", "--json"]).await.json();
    let names: Vec<_> =
        listed["connections"].as_array().expect("a list").iter().map(|one| one["name"].clone()).collect();
    assert_eq!(names, ["Portal 24817305"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn callbacks_that_are_not_ours_change_nothing_and_the_right_one_still_counts() {
    let (portal, port) = portal_with_app(small()).await;
    let home = Home::new();
    let mut sign_in = SignIn::begin(&home, &portal, port, &[]).await;
    let (base, state) = (redirect(port), sign_in.state());
    for (address, answer) in [
        (format!("{base}?code=stolen&state=another-attempts-state"), 400),
        (format!("{base}?code=stolen"), 400),
        (format!("{base}?error=access_denied"), 400),
        (format!("{base}?state={state}"), 400),
        (format!("{base}?code=a&code=b&state={state}"), 400),
        (format!("{base}/more?code=stolen&state={state}"), 404),
    ] {
        assert_eq!(visit(&address).await.status(), answer, "{address}");
        assert!(sign_in.is_waiting(), "{address} ended it");
    }
    assert_eq!(portal.ledger().routes.get("POST oauth/token"), None, "a stranger's code was exchanged");
    assert_eq!(finish(sign_in).await, ID);
}

/// Pages of HubSpot's that never send the browser back: whoever mends the cause goes on in the same attempt.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_that_leads_nowhere_leaves_the_attempt_waiting() {
    let (portal, port) = portal_with_app(small()).await;
    let home = Home::new();
    let mut sign_in = SignIn::begin(&home, &portal, port, &[]).await;
    for trouble in [
        AuthorizeTrouble::NoMarketplaceAccess,
        AuthorizeTrouble::AdminApproval,
        AuthorizeTrouble::WrongFlowClaude,
    ] {
        portal.faults().set_authorize(trouble);
        assert!(sign_in.press("approve").await.headers().get("location").is_none(), "{trouble:?}");
        assert!(sign_in.is_waiting(), "{trouble:?} ended it");
    }
    portal.faults().set_authorize(AuthorizeTrouble::None);
    assert_eq!(finish(sign_in).await, ID);
}
