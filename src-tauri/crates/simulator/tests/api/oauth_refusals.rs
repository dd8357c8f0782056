//! Every way for a request to connect an app, or for a call of the OAuth routes, to be refused.
//!
//! Deliberately absent: what is granted (`oauth`).

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use simulator::{
    App, AuthorizeTrouble, Config, Denial, Effect, Fault, GrantType, OauthErrorShape, OauthStatus,
    RedirectMatch, RefreshRotation, Simulator, Switches,
};
use tokio::task::JoinSet;

use crate::caller::portal;
use crate::oauth::{BACK, TOKEN, app, config, encoded, exchange, refresh, returned, wish, with};

const INSUFFICIENT: &str = "Couldn&#39;t complete the connection: Authorization failed because the provided scopes \
                            are insufficient. Please contact the app developer.";
const MISMATCH: &str = "Couldn&#39;t complete the connection: Authorization failed because there is a mismatch \
                        between the scopes in the install URL and the app&#39;s configured scopes. Please contact \
                        the app developer.";

#[tokio::test]
async fn a_request_that_does_not_fit_the_app_ends_on_a_page_and_sends_no_one_back() {
    let portal = portal(config()).await;
    let good = "oauth crm.objects.contacts.read";
    for (name, value, page, text) in [
        ("client_id", Some("nobody"), "unknown-client", "client ID"),
        ("client_id", None, "unknown-client", "client ID"),
        ("redirect_uri", None, "impossible-redirect", "IP addresses are not supported"),
        (
            "redirect_uri",
            Some("http://127.0.0.1:14117/oauth-callback"),
            "impossible-redirect",
            "IP addresses are not supported",
        ),
        ("redirect_uri", Some("http://[::1]:14117/oauth-callback"), "impossible-redirect", "IP addresses"),
        ("redirect_uri", Some("http://evil.example/"), "impossible-redirect", "must be https"),
        ("redirect_uri", Some("https://evil.example/"), "unregistered-redirect", "does not match"),
        ("redirect_uri", Some("http://localhost:3000/oauth-callback"), "unregistered-redirect", "registered"),
        (
            "redirect_uri",
            Some("http://localhost:14117/oauth-callback/"),
            "unregistered-redirect",
            "registered",
        ),
        ("scope", None, "scopes-insufficient", INSUFFICIENT),
        ("scope", Some("crm.objects.contacts.read"), "scopes-insufficient", INSUFFICIENT),
        ("scope", Some("oauth"), "scopes-insufficient", INSUFFICIENT),
        ("scope", Some(&format!("{good} crm.export")), "scopes-mismatch", MISMATCH),
        ("scope", Some(&format!("{good} tickets")), "scopes-mismatch", MISMATCH),
        ("optional_scope", Some("crm.objects.deals.read"), "scopes-mismatch", MISMATCH),
        ("optional_scope", Some("tickets crm.export"), "scopes-mismatch", MISMATCH),
    ] {
        let asked = with(wish(), name, value);
        for reply in [portal.authorize(&asked).await, portal.decide(&asked, "approve").await] {
            assert_eq!((reply.status, reply.header("location")), (400, None), "{name}={value:?}");
            assert!(reply.body.contains(&format!("id=\"{page}\"")), "{name}={value:?}: {}", reply.body);
            assert!(reply.body.contains(text), "{name}={value:?}: {}", reply.body);
        }
    }
    let moved =
        with(with(wish(), "scope", Some("oauth")), "optional_scope", Some("crm.objects.contacts.read"));
    assert!(
        portal.authorize(&moved).await.body.contains(INSUFFICIENT),
        "required, but asked for as optional"
    );
    let whole = with(wish(), "scope", Some("oauth crm.objects.contacts.read crm.objects.deals.read"));
    assert_eq!(portal.authorize(&whole).await.status, 200);
    let elsewhere = format!("/oauth/7654321/authorize?{}", encoded(&wish()));
    let other = portal.raw("GET", &elsewhere, "", "").await.unwrap();
    assert!(other.status == 400 && other.body.contains("id=\"other-account\""), "{}", other.body);
    assert_eq!(portal.raw("PUT", "/oauth/authorize", "", "").await.unwrap().status, 405);
    assert_eq!(portal.raw("GET", "/oauth/acme/authorize", "", "").await.unwrap().status, 401);
}

#[tokio::test]
async fn a_switch_lets_the_port_vary_or_the_path_go_on() {
    for (redirect_match, uri) in [
        (RedirectMatch::AnyLocalPort, "http://localhost:3000/oauth-callback"),
        (RedirectMatch::Prefix, "http://localhost:14117/oauth-callback/more"),
    ] {
        let switches = Switches { redirect_match, ..Switches::default() };
        let portal = portal(Config { switches, ..config() }).await;
        let asked = with(wish(), "redirect_uri", Some(uri));
        let sent_back = portal.decide(&asked, "approve").await;
        assert!(sent_back.header("location").unwrap().starts_with(&format!("{uri}?code=eu1-")));
    }
}

#[tokio::test]
async fn who_cancels_is_sent_back_with_the_reason_or_left_where_they_are() {
    let portal_that_tells = portal(config()).await;
    let told = portal_that_tells.decide(&wish(), "deny").await;
    assert_eq!(told.status, 302);
    let back = returned(&told);
    assert_eq!((back["error"].as_str(), back["state"].as_str()), ("access_denied", "a b&c=d/é"));
    assert!(!back["error_description"].is_empty() && !back.contains_key("code"));
    let switches = Switches { denial: Denial::Silent, ..Switches::default() };
    let silent = portal(Config { switches, ..config() }).await.decide(&wish(), "deny").await;
    assert_eq!((silent.status, silent.header("location")), (200, None));
    assert!(silent.body.contains("id=\"denied\""));
}

#[tokio::test]
async fn other_pages_can_stand_in_the_way_and_be_taken_away_again() {
    let portal = portal(Config { auto_approve: true, ..config() }).await;
    for (trouble, page, text) in [
        (
            AuthorizeTrouble::NoMarketplaceAccess,
            "no-marketplace-access",
            "App Marketplace access permission set required",
        ),
        (AuthorizeTrouble::AdminApproval, "admin-approval", "Request access"),
        (
            AuthorizeTrouble::WrongFlowClaude,
            "wrong-flow-claude",
            "This account is not eligible to connect to Claude",
        ),
    ] {
        portal.simulator.faults().set_authorize(trouble);
        let reply = portal.authorize(&wish()).await;
        assert_eq!((reply.status, reply.header("location")), (400, None));
        assert!(reply.body.contains(&format!("id=\"{page}\"")) && reply.body.contains(text), "{trouble:?}");
    }
    portal.simulator.faults().clear();
    assert_eq!(portal.authorize(&wish()).await.status, 302);
}

#[tokio::test(start_paused = true)]
async fn a_slow_page_comes_at_last() {
    let portal = portal(config()).await;
    portal.simulator.faults().set_authorize(AuthorizeTrouble::Slow);
    let began = tokio::time::Instant::now();
    assert_eq!(portal.authorize(&wish()).await.status, 200);
    assert!(began.elapsed() >= Duration::from_secs(25));
    assert_eq!(portal.get("/crm/v3/owners").await.status, 200, "nothing else is slow");
}

#[tokio::test]
async fn a_code_is_exchanged_once_soon_and_as_it_was_asked_for() {
    type Change = (&'static str, Option<&'static str>, &'static str, &'static str);
    let changes: [Change; 10] = [
        ("grant_type", None, "BAD_GRANT_TYPE", "unsupported_grant_type"),
        ("grant_type", Some("password"), "BAD_GRANT_TYPE", "unsupported_grant_type"),
        ("client_id", None, "BAD_CLIENT_ID", "invalid_client"),
        ("client_id", Some("nobody"), "BAD_CLIENT_ID", "invalid_client"),
        ("client_secret", None, "BAD_CLIENT_SECRET", "invalid_client"),
        ("client_secret", Some("wrong"), "BAD_CLIENT_SECRET", "invalid_client"),
        ("code", None, "BAD_AUTH_CODE", "invalid_grant"),
        ("code", Some("eu1-never-issued"), "BAD_AUTH_CODE", "invalid_grant"),
        ("redirect_uri", None, "BAD_REDIRECT_URI", "invalid_grant"),
        ("redirect_uri", Some("http://localhost:21117/oauth-callback"), "BAD_REDIRECT_URI", "invalid_grant"),
    ];
    let portal = portal(config()).await;
    for (name, value, status, error) in changes {
        let code = portal.code(&wish()).await;
        let reply = portal.form(TOKEN, &with(exchange(&code), name, value)).await;
        assert_eq!((reply.status, &reply.json()["status"]), (400, &json!(status)), "{name}={value:?}");
        assert_eq!(reply.json()["error"], error);
        assert_eq!(reply.json()["message"], reply.json()["error_description"]);
    }
    let code = portal.code(&wish()).await;
    assert_eq!(portal.form(TOKEN, &exchange(&code)).await.status, 200);
    let again = portal.form(TOKEN, &exchange(&code)).await;
    assert_eq!(again.json()["message"], "missing or unknown auth code");
    let late = portal.code(&wish()).await;
    portal.simulator.clock().advance(Duration::from_mins(1));
    assert_eq!(portal.form(TOKEN, &exchange(&late)).await.json()["status"], "BAD_AUTH_CODE");
    assert_eq!(portal.raw("GET", TOKEN, "", "").await.unwrap().status, 405);
}

#[tokio::test]
async fn a_code_and_a_refresh_token_are_the_apps_they_were_issued_to() {
    let other = App { client_id: "other".to_owned(), client_secret: "secret".to_owned(), ..app() };
    let portal = portal(Config { apps: vec![app(), other], ..config() }).await;
    let as_other = |list| with(with(list, "client_id", Some("other")), "client_secret", Some("secret"));
    let code = portal.code(&wish()).await;
    assert_eq!(portal.form(TOKEN, &as_other(exchange(&code))).await.json()["status"], "BAD_AUTH_CODE");
    let tokens = portal.connect(&wish()).await;
    let mine = tokens["refresh_token"].as_str().unwrap();
    assert_eq!(portal.form(TOKEN, &as_other(refresh(mine))).await.json()["status"], "BAD_REFRESH_TOKEN");
    let asked = as_other(vec![("token", mine)]);
    assert_eq!(portal.form(&format!("{TOKEN}/introspect"), &asked).await.json(), json!({"active": false}));
    assert_eq!(portal.form(&format!("{TOKEN}/revoke"), &asked).await.status, 200);
    assert_eq!(portal.refresh(&tokens["refresh_token"]).await.status, 200, "it was not theirs to revoke");
}

#[tokio::test]
async fn a_challenge_wants_its_verifier() {
    const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    let challenged = with(
        with(wish(), "code_challenge", Some("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM")),
        "code_challenge_method",
        Some("S256"),
    );
    let plain = with(with(wish(), "code_challenge", Some(VERIFIER)), "code_challenge_method", Some("plain"));
    for (enforced, asked, verifier, status) in [
        (true, &challenged, Some(VERIFIER), 200),
        (true, &challenged, Some("wrong"), 400),
        (true, &challenged, None, 400),
        (true, &plain, Some(VERIFIER), 400),
        (true, &wish(), Some("not asked for"), 200),
        (false, &challenged, None, 200),
    ] {
        let switches = Switches { pkce_enforced: enforced, ..Switches::default() };
        let portal = portal(Config { switches, ..config() }).await;
        let code = portal.code(asked).await;
        let reply = portal.form(TOKEN, &with(exchange(&code), "code_verifier", verifier)).await;
        assert_eq!(reply.status, status, "{verifier:?}: {}", reply.body);
        if status == 400 {
            assert_eq!(reply.json()["status"], "BAD_CODE_VERIFIER");
        }
        let without_secret = with(exchange(&code), "client_secret", None);
        let unproven = portal.form(TOKEN, &with(without_secret, "code_verifier", Some(VERIFIER))).await;
        assert_eq!(unproven.json()["status"], "BAD_CLIENT_SECRET", "a verifier is no secret");
    }
}

#[tokio::test]
async fn a_refresh_token_may_be_replaced_every_time() {
    for (rotation, old_works) in [(RefreshRotation::OldStays, true), (RefreshRotation::OldDies, false)] {
        let switches = Switches { refresh_token_rotates: rotation, ..Switches::default() };
        let portal = portal(Config { switches, ..config() }).await;
        let first = portal.connect(&wish()).await;
        let second = portal.refresh(&first["refresh_token"]).await.json();
        assert_ne!(second["refresh_token"], first["refresh_token"]);
        let again = portal.refresh(&first["refresh_token"]).await;
        assert_eq!(again.status == 200, old_works, "{rotation:?}");
        assert_eq!(portal.refresh(&second["refresh_token"]).await.status, 200);
    }
}

#[tokio::test]
async fn of_many_refreshes_at_once_with_a_token_that_dies_one_comes_through() {
    let switches = Switches { refresh_token_rotates: RefreshRotation::OldDies, ..Switches::default() };
    let portal = Arc::new(portal(Config { switches, ..config() }).await);
    let first = portal.connect(&wish()).await["refresh_token"].clone();
    let mut all = JoinSet::new();
    for _ in 0..8 {
        let (portal, token) = (Arc::clone(&portal), first.clone());
        all.spawn(async move { portal.refresh(&token).await.status });
    }
    let mut statuses = all.join_all().await;
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 400, 400, 400, 400, 400, 400, 400]);
    assert_eq!(portal.simulator.ledger().tokens_issued(GrantType::RefreshToken), 1);
}

#[tokio::test]
async fn an_answer_that_is_lost_on_the_way_has_been_given_all_the_same() {
    for (rotation, status) in [(RefreshRotation::Never, 200), (RefreshRotation::OldDies, 400)] {
        let switches = Switches { refresh_token_rotates: rotation, ..Switches::default() };
        let portal = portal(Config { switches, ..config() }).await;
        let tokens = portal.connect(&wish()).await;
        let lost = Fault::new(Effect::Truncate { percent: 0 }).on("/oauth/").times(1);
        portal.simulator.faults().add(lost);
        let body = encoded(&refresh(tokens["refresh_token"].as_str().unwrap()));
        assert!(portal.raw("POST", TOKEN, "", &body).await.is_err(), "the connection ends");
        assert_eq!(portal.simulator.ledger().tokens_issued(GrantType::RefreshToken), 1);
        assert_eq!(portal.refresh(&tokens["refresh_token"]).await.status, status, "{rotation:?}");
    }
}

#[tokio::test]
async fn a_refresh_cannot_ask_for_more_than_was_granted() {
    let portal = portal(config()).await;
    let tokens = portal.connect(&wish()).await;
    let token = tokens["refresh_token"].as_str().unwrap();
    for (scope, status) in [("oauth tickets", 200), ("oauth crm.objects.deals.read", 400)] {
        let reply = portal.form(TOKEN, &with(refresh(token), "scope", Some(scope))).await;
        assert_eq!(reply.status, status, "{scope}: {}", reply.body);
    }
}

#[tokio::test]
async fn every_oauth_refusal_can_be_had_in_either_shape() {
    for shape in [OauthErrorShape::Documented, OauthErrorShape::Older] {
        let switches = Switches { oauth_error_shape: shape, bad_hub_forbidden: true, ..Switches::default() };
        let portal = portal(Config { switches, ..config() }).await;
        for status in OauthStatus::ALL {
            let fault = Fault::new(Effect::OauthRefused { status }).on("/oauth/").times(1);
            portal.simulator.faults().add(fault);
            let reply = portal.form(TOKEN, &[]).await;
            let body = reply.json();
            assert_eq!((&body["status"], &json!(status)), (&json!(status.name()), &json!(status.name())));
            assert_eq!(reply.status, if status == OauthStatus::BadHub { 403 } else { 400 });
            let older = shape == OauthErrorShape::Older;
            assert_eq!((body["error"].is_null(), body["correlationId"].is_string()), (older, older));
        }
        let wrong = portal.form(TOKEN, &refresh("eu1-wrong")).await.json();
        let text = match shape {
            OauthErrorShape::Documented => "refresh token is invalid, expired or revoked",
            OauthErrorShape::Older => "missing or invalid refresh token",
        };
        assert_eq!((&wrong["status"], &wrong["message"]), (&json!("BAD_REFRESH_TOKEN"), &json!(text)));
    }
    let switches = Switches { oauth_unseen_texts: false, ..Switches::default() };
    let portal = portal(Config { switches, ..config() }).await;
    let bare = portal.form(TOKEN, &with(refresh("x"), "client_id", None)).await.json();
    assert_eq!((&bare["status"], &bare["message"]), (&json!("BAD_CLIENT_ID"), &json!("BAD_CLIENT_ID")));
}

#[tokio::test]
async fn routes_exist_in_their_own_versions_only() {
    let portal = portal(config()).await;
    for (method, path, status) in [
        ("POST", "/oauth/v2/token", 404),
        ("POST", "/oauth/v4/token", 404),
        ("POST", "/oauth/v1/token/introspect", 404),
        ("GET", "/oauth/2026-03/access-tokens/x", 404),
        ("POST", "/oauth/v3/private-apps/get/access-token-info", 404),
        ("DELETE", "/appinstalls/v1/external-install", 404),
        ("GET", "/appinstalls/v3/external-install", 405),
        ("GET", "/crm/v1/objects/contacts", 404),
        ("POST", "/oauth/v3/token/introspect", 400),
        ("POST", "/oauth/2026-09/token/revoke", 400),
    ] {
        assert_eq!(portal.call(method, path, "").await.status, status, "{method} {path}");
    }
}

#[tokio::test]
async fn an_address_that_no_header_can_hold_is_refused_at_the_start() {
    for bad in ["http://localhost:1/\r\nx: y", "http://localhost:1/å"] {
        let app = App { redirect_uris: vec![bad.to_owned()], ..app() };
        let refused = Simulator::start(Config { apps: vec![app], ..config() }).await.err().unwrap();
        assert_eq!(refused.kind(), std::io::ErrorKind::InvalidInput);
    }
    let reader = App::reader(&[BACK]).unwrap();
    let said = format!("{reader:?}");
    assert!(said.contains(BACK) && !said.contains(&reader.client_secret), "{said}");
    assert_eq!(reader.required_scopes[0], "oauth");
}
