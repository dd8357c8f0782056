//! What becomes of tokens: introspection, revocation, uninstalling, limits, and keys that are rotated.
//!
//! Deliberately absent: how they are had (`oauth`).

use std::time::Duration;

use serde_json::json;
use simulator::{
    AuthorizeTrouble, Config, Distribution, Limits, PrivateAppLimits, Switches, Tier, TokenState,
    UninstalledToken,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::caller::portal;
use crate::oauth::{LIST, TOKEN, app, config, encoded, wish, with};

const CLIENT: [(&str, &str); 2] = [
    ("client_id", "11111111-2222-3333-4444-555555555555"),
    ("client_secret", "99999999-8888-7777-6666-555555555555"),
];

fn about(token: &str) -> Vec<(&str, &str)> {
    [&CLIENT[..], &[("token", token)]].concat()
}

#[tokio::test]
async fn introspection_tells_what_a_living_token_is() {
    let portal = portal(config()).await;
    let tokens = portal.connect(&wish()).await;
    portal.simulator.clock().advance(Duration::from_mins(10));
    for version in ["v3", "2026-03", "2026-09"] {
        let path = format!("/oauth/{version}/token/introspect");
        let access = portal.form(&path, &about(tokens["access_token"].as_str().unwrap())).await.json();
        assert_eq!((&access["active"], &access["token_use"]), (&json!(true), &json!("access_token")));
        assert_eq!((&access["hub_id"], &access["user_id"]), (&json!(24_817_305), &json!(9_586_504)));
        assert_eq!(access["scopes"], tokens["scopes"]);
        assert_eq!(access["hub_domain"], "norrskencycles.example");
        let left = access["expires_in"].as_i64().unwrap();
        assert!((1_190..=1_200).contains(&left), "{left}");
        assert_eq!(access["signed_access_token"]["hublet"], "eu1");
        let refresh = portal.form(&path, &about(tokens["refresh_token"].as_str().unwrap())).await.json();
        assert_eq!((&refresh["active"], &refresh["token_use"]), (&json!(true), &json!("refresh_token")));
        assert!(refresh["expires_in"].is_null() && refresh["signed_access_token"].is_null());
        for unknown in ["", "eu1-unknown", portal.simulator.token()] {
            let reply = portal.form(&path, &about(unknown)).await;
            assert_eq!((reply.status, reply.json()), (200, json!({"active": false})));
        }
        let stranger = portal.form(&path, &with(about("x"), "client_secret", None)).await;
        assert_eq!(stranger.json()["status"], "BAD_CLIENT_SECRET");
    }
    portal.simulator.clock().advance(Duration::from_mins(20));
    let path = format!("{TOKEN}/introspect");
    let expired = portal.form(&path, &about(tokens["access_token"].as_str().unwrap())).await;
    assert_eq!(expired.json(), json!({"active": false}));
}

#[tokio::test]
async fn a_switch_names_the_token_as_the_hint_does() {
    let switches = Switches { token_field_by_hint: true, ..Switches::default() };
    let portal = portal(Config { switches, ..config() }).await;
    let tokens = portal.connect(&wish()).await;
    let token = tokens["refresh_token"].as_str().unwrap();
    let hinted = with(about(token), "token_type_hint", Some("refresh_token"));
    let path = format!("{TOKEN}/introspect");
    assert_eq!(portal.form(&path, &hinted).await.json()["active"], false);
    let both = with(hinted, "refresh_token", Some(token));
    assert_eq!(portal.form(&path, &both).await.json()["active"], true);
}

#[tokio::test]
async fn the_first_version_tells_the_same_in_its_own_shape() {
    let portal = portal(config()).await;
    let tokens = portal.connect(&wish()).await;
    let encoded = |name: &str| {
        let text = encoded(&[("", tokens[name].as_str().unwrap())]);
        text.trim_start_matches('=').to_owned()
    };
    let path = format!("/oauth/v1/access-tokens/{}", encoded("access_token"));
    let access = portal.raw("GET", &path, "", "").await.unwrap().json();
    assert_eq!((&access["token"], &access["token_type"]), (&tokens["access_token"], &json!("access")));
    assert_eq!(access["app_id"], 17_402_882);
    assert!((1_790..=1_800).contains(&access["expires_in"].as_i64().unwrap()));
    assert_eq!(access["signed_access_token"]["isPrivateDistribution"], true);
    let path = format!("/oauth/v1/refresh-tokens/{}", encoded("refresh_token"));
    let refresh = portal.raw("GET", &path, "", "").await.unwrap().json();
    assert_eq!((&refresh["client_id"], &refresh["token_type"]), (&json!(app().client_id), &json!("refresh")));
    assert_eq!(portal.raw("DELETE", &path, "", "").await.unwrap().status, 204);
    assert_eq!(portal.raw("DELETE", &path, "", "").await.unwrap().status, 404);
    assert_eq!(portal.raw("GET", &path, "", "").await.unwrap().status, 404);
    assert_eq!(portal.get_as(&tokens["access_token"], LIST).await.status, 200);
    assert_eq!(portal.simulator.ledger().routes["GET oauth/access-tokens"], 1, "no token is noted");
}

#[tokio::test]
async fn a_revoked_refresh_token_leaves_the_access_tokens_to_expire() {
    let portal = portal(config()).await;
    let tokens = portal.connect(&wish()).await;
    let refresh = tokens["refresh_token"].as_str().unwrap();
    assert_eq!(portal.form(&format!("{TOKEN}/revoke"), &about(refresh)).await.status, 200);
    assert_eq!(portal.refresh(&tokens["refresh_token"]).await.json()["status"], "BAD_REFRESH_TOKEN");
    assert_eq!(portal.get_as(&tokens["access_token"], LIST).await.status, 200);
    assert_eq!(portal.form(&format!("{TOKEN}/revoke"), &about("unknown")).await.status, 200);
}

#[tokio::test]
async fn what_revoking_an_access_token_does_is_a_switch() {
    for (dies, status) in [(true, 401), (false, 200)] {
        let switches = Switches { revoked_access_token_dies: dies, ..Switches::default() };
        let portal = portal(Config { switches, ..config() }).await;
        let tokens = portal.connect(&wish()).await;
        let access = tokens["access_token"].as_str().unwrap();
        assert_eq!(portal.form(&format!("{TOKEN}/revoke"), &about(access)).await.status, 200);
        assert_eq!(portal.get_as(&tokens["access_token"], LIST).await.status, status);
        assert_eq!(portal.refresh(&tokens["refresh_token"]).await.status, 200);
    }
}

#[tokio::test]
async fn after_an_uninstall_nothing_is_left_to_refresh() {
    for (switch, status, category) in [
        (UninstalledToken::Invalid, 401, json!("INVALID_AUTHENTICATION")),
        (UninstalledToken::Expired, 401, json!("EXPIRED_AUTHENTICATION")),
        (UninstalledToken::Works, 200, json!(null)),
    ] {
        let switches = Switches { uninstalled_token: switch, ..Switches::default() };
        let portal = portal(Config { switches, ..config() }).await;
        let tokens = portal.connect(&wish()).await;
        portal.simulator.edit().uninstall();
        let reply = portal.get_as(&tokens["access_token"], LIST).await;
        assert_eq!((reply.status, &reply.json()["category"]), (status, &category), "{switch:?}");
        let refused = portal.refresh(&tokens["refresh_token"]).await;
        assert_eq!((refused.status, &refused.json()["status"]), (400, &json!("BAD_REFRESH_TOKEN")));
        assert_eq!(portal.get(LIST).await.status, 200, "the key is no app's");
        let next = portal.connect(&wish()).await;
        assert_eq!(portal.get_as(&next["access_token"], LIST).await.status, 200, "it can be connected again");
        assert_eq!(portal.refresh(&tokens["refresh_token"]).await.status, 400);
        portal.simulator.edit().reinstall();
        assert_eq!(portal.refresh(&tokens["refresh_token"]).await.status, 200);
    }
}

#[tokio::test]
async fn an_app_can_take_itself_out() {
    for version in ["v3", "2026-03", "2026-09"] {
        let portal = portal(config()).await;
        let tokens = portal.connect(&wish()).await;
        let path = format!("/appinstalls/{version}/external-install");
        assert_eq!(portal.call("DELETE", &path, "").await.status, 400, "a key has no app");
        assert_eq!(portal.call_as(&tokens["access_token"], "DELETE", &path).await.status, 204);
        assert_eq!(portal.refresh(&tokens["refresh_token"]).await.json()["status"], "BAD_REFRESH_TOKEN");
    }
}

#[tokio::test]
async fn tests_in_other_programs_can_uninstall_and_move_the_clock() {
    let portal = portal(Config { control_routes: true, ..config() }).await;
    let tokens = portal.connect(&wish()).await;
    let order = async |body: &str| portal.raw("PUT", "/_simulator/oauth", "", body).await.unwrap().status;
    assert_eq!(order(r#"{"uninstall": true}"#).await, 204);
    assert_eq!(portal.refresh(&tokens["refresh_token"]).await.status, 400);
    assert_eq!(order(r#"{"reinstall": true}"#).await, 204);
    assert_eq!(portal.refresh(&tokens["refresh_token"]).await.status, 200);
    assert_eq!(order(r#"{"advance_seconds": 1800}"#).await, 204);
    assert_eq!(portal.get_as(&tokens["access_token"], LIST).await.status, 401);
    assert_eq!(order(r#"{"unistall": true}"#).await, 400);
    let trouble = r#"{"authorize": "no_marketplace_access"}"#;
    assert_eq!(portal.raw("PUT", "/_simulator/faults", "", trouble).await.unwrap().status, 204);
    assert_eq!(portal.simulator.faults().get().authorize, AuthorizeTrouble::NoMarketplaceAccess);
    let ledger = portal.raw("GET", "/_simulator/ledger", "", "").await.unwrap().json();
    assert_eq!(ledger["tokens"], json!({"authorization_code": 1, "refresh_token": 1}));
}

#[tokio::test]
async fn an_apps_calls_have_their_own_limit_and_no_daily_pair() {
    for (distribution, switch, max, daily) in [
        (Distribution::Marketplace, PrivateAppLimits::Key, "110", None),
        (Distribution::Private, PrivateAppLimits::App, "110", None),
        (Distribution::Private, PrivateAppLimits::Key, "190", Some("999998")),
    ] {
        let apps = vec![simulator::App { distribution, ..app() }];
        let switches = Switches { private_app_limits: switch, ..Switches::default() };
        let limits = Some(Tier::Enterprise.limits());
        let portal = portal(Config { apps, switches, limits, ..config() }).await;
        let tokens = portal.connect(&wish()).await;
        let key = portal.get(LIST).await;
        assert_eq!(key.header("x-hubspot-ratelimit-max"), Some("190"));
        assert_eq!(key.header("x-hubspot-ratelimit-daily-remaining"), Some("999999"));
        let reply = portal.get_as(&tokens["access_token"], LIST).await;
        assert_eq!(reply.header("x-hubspot-ratelimit-max"), Some(max), "{distribution:?} {switch:?}");
        assert_eq!(reply.header("x-hubspot-ratelimit-daily-remaining"), daily);
    }
    let app_limits = Limits { burst: 2, ..Tier::OauthApp.limits() };
    let portal = portal(Config { app_limits, limits: Some(Tier::Starter.limits()), ..config() }).await;
    let tokens = portal.connect(&wish()).await;
    for status in [200, 200, 429] {
        assert_eq!(portal.get_as(&tokens["access_token"], LIST).await.status, status);
    }
    assert_eq!(portal.get(LIST).await.status, 200, "the key is counted apart");
    assert_eq!(portal.refresh(&tokens["refresh_token"]).await.status, 200, "refreshing is not counted");
}

#[tokio::test]
async fn scopes_that_are_lost_are_lost_for_apps_too() {
    let portal = portal(config()).await;
    let tokens = portal.connect(&wish()).await;
    portal.simulator.faults().lose_scopes(&["tickets", "oauth"]);
    for path in ["/crm/v3/objects/tickets", "/account-info/v3/details"] {
        let reply = portal.get_as(&tokens["access_token"], path).await;
        assert_eq!((reply.status, &reply.json()["category"]), (403, &json!("MISSING_SCOPES")), "{path}");
    }
    assert_eq!(portal.get("/account-info/v3/details").await.status, 200, "a key needs no oauth scope");
}

#[tokio::test]
async fn an_answer_with_tokens_may_leave_hub_and_scopes_out() {
    let switches = Switches { token_answer_names_hub: false, ..Switches::default() };
    let tokens = portal(Config { switches, ..config() }).await.connect(&wish()).await;
    assert!(tokens["hub_id"].is_null() && tokens["scopes"].is_null());
}

#[tokio::test]
async fn a_rotated_key_and_its_successor_overlap() {
    let portal = portal(config()).await;
    let (old, new) = (json!(portal.simulator.token()), json!("pat-eu1-the-next-one"));
    let path = "/oauth/v2/private-apps/get/access-token-info";
    let introspect = async |key: &serde_json::Value| {
        let header = format!("Authorization: Bearer {}\r\n", key.as_str().unwrap());
        portal.raw("POST", path, &header, &json!({"tokenKey": key}).to_string()).await.unwrap().status
    };
    assert_eq!(portal.get_as(&new, LIST).await.status, 401);
    let week = Duration::from_hours(7 * 24);
    let end = portal.simulator.clock().now() + i64::try_from(week.as_millis()).unwrap();
    portal.simulator.faults().rotate_key("pat-eu1-the-next-one", end);
    for key in [&old, &new] {
        assert_eq!((portal.get_as(key, LIST).await.status, introspect(key).await), (200, 200));
    }
    portal.simulator.clock().advance(week);
    let ended = portal.get_as(&old, LIST).await;
    assert_eq!((ended.status, &ended.json()["category"]), (401, &json!("INVALID_AUTHENTICATION")));
    assert_eq!(introspect(&old).await, 404);
    assert_eq!((portal.get_as(&new, LIST).await.status, introspect(&new).await), (200, 200));
    portal.simulator.faults().set_token(TokenState::Expired);
    assert_eq!(portal.get_as(&new, LIST).await.json()["category"], "EXPIRED_AUTHENTICATION");
}

#[tokio::test]
async fn a_portal_may_listen_on_both_families_and_be_asked_by_either_name() {
    let portal = portal(Config { both_families: true, check_host: true, ..config() }).await;
    let port = portal.simulator.address().port();
    let path = format!("/oauth/authorize?{}", encoded(&wish()));
    for host in ["localhost", "127.0.0.1", "[::1]"] {
        let reply = portal.raw("GET", &path, &format!("Host: {host}:{port}\r\n"), "").await.unwrap();
        assert_eq!(reply.status, 200, "{host}");
    }
    // Some machines have no IPv6.
    if TcpListener::bind("[::1]:0").await.is_ok() {
        let mut stream = TcpStream::connect(("::1", port)).await.unwrap();
        let request = format!("GET {path} HTTP/1.1\r\nHost: [::1]:{port}\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 200 ") && answer.contains("id=\"approve\""), "{answer}");
    }
}
