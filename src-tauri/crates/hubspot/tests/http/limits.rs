//! Limits as HubSpot declares and enforces them.

use std::time::Duration;

use crm::{Account, PortalId};
use hubspot::{AccountDetails, Error, Search, catalog};

use crate::server::{ACCOUNT, Server, Step, answer};

fn limited(body: &str) -> Step {
    answer(429, body)
}

fn declared(step: Step, max: u32, remaining: u32) -> Step {
    step.with("X-HubSpot-RateLimit-Max", max)
        .with("X-HubSpot-RateLimit-Remaining", remaining)
        .with("X-HubSpot-RateLimit-Interval-Milliseconds", 10_000)
}

const BURST: &str = r#"{"status":"error","message":"You have reached your ten_secondly_rolling limit.",
    "errorType":"RATE_LIMIT","policyName":"TEN_SECONDLY_ROLLING","groupName":"publicapi:private-app-…:1:2"}"#;
const SECONDLY: &str = r#"{"status":"error","message":"You have reached your secondly limit.",
    "correlationId":"c-2","category":"RATE_LIMITS"}"#;
const SECONDLY_NEWER: &str = r#"{"errorType":"RATE_LIMIT","policyName":"SECONDLY","message":"slow down"}"#;
const DAILY: &str = r#"{"status":"error","message":"You have reached your daily limit.","errorType":"RATE_LIMIT",
    "policyName":"DAILY"}"#;

#[tokio::test]
async fn every_form_of_a_429_that_names_its_pause_is_waited_for() {
    for body in [BURST, SECONDLY, SECONDLY_NEWER, "", "<html>", "{}"] {
        let refused = limited(body).with("Retry-After", 0);
        // More refusals than attempts: waiting for a limit is no failure.
        let mut script = vec![refused; 6];
        script.push(answer(200, ACCOUNT));
        let server = Server::start(script).await;
        let client = server.client();
        assert!(client.send(&AccountDetails).await.is_ok(), "{body}");
        assert_eq!(client.usage().refusals_429, 6);
    }
}

#[tokio::test]
async fn a_search_limit_without_a_pause_is_waited_for() {
    let contacts = catalog::core().swap_remove(0);
    let search =
        Search { kind: &contacts, filters: vec![], sorts: None, properties: &[], limit: 1, after: None };
    for body in [SECONDLY, SECONDLY_NEWER] {
        let server = Server::start(vec![limited(body), answer(200, r#"{"total":1,"results":[]}"#)]).await;
        let client = server.client();
        assert_eq!(client.send(&search).await.unwrap().total, 1);
        assert_eq!((client.usage().search, client.usage().general), (2, 0));
    }
}

#[tokio::test]
async fn a_burst_limit_without_a_pause_holds_the_pool_for_its_window_and_leaves_search_alone() {
    let contacts = catalog::core().swap_remove(0);
    let search =
        Search { kind: &contacts, filters: vec![], sorts: None, properties: &[], limit: 1, after: None };
    let server = Server::start(vec![limited(BURST), answer(200, r#"{"total":1,"results":[]}"#)]).await;
    let client = server.client();
    let held = client.clone();
    let waiting = tokio::spawn(async move { held.send(&AccountDetails).await });
    while client.usage().refusals_429 == 0 {
        tokio::task::yield_now().await;
    }
    assert!(client.send(&search).await.is_ok());
    let limits = client.limits();
    assert!(limits.general.waiting.unwrap() > Duration::from_secs(5), "{limits:?}");
    assert_eq!(limits.associations.waiting, None);
    waiting.abort();
}

#[tokio::test]
async fn the_daily_limit_ends_the_call_and_says_when_it_goes_on() {
    let refused = limited(DAILY).with("Date", "Sat, 21 Nov 2026 02:30:00 GMT");
    let server = Server::start(vec![refused.clone()]).await;
    let client = server.client();
    let resumes = |error| match error {
        Error::DailyLimit { resumes_at, .. } => resumes_at.map(|time| time.to_string()),
        other => panic!("{other:?}"),
    };
    assert_eq!(resumes(client.send(&AccountDetails).await.unwrap_err()), None);
    let account = Account {
        portal: PortalId(7),
        account_type: None,
        time_zone: None,
        currency: None,
        utc_offset_ms: Some(-4 * 3_600_000),
        ui_domain: None,
        region: None,
    };
    client.know_account(&account);
    let midnight = resumes(client.send(&AccountDetails).await.unwrap_err());
    assert_eq!(midnight.as_deref(), Some("2026-11-21T04:00:00.000Z"));
    client.know_account(&Account { time_zone: Some("Pacific/Auckland".into()), ..account });
    let midnight = resumes(client.send(&AccountDetails).await.unwrap_err());
    assert_eq!(midnight.as_deref(), Some("2026-11-21T11:00:00.000Z"), "the zone goes before the offset");
    assert_eq!(server.calls(), 3, "each call was refused once and not repeated");

    let server = Server::start(vec![refused.with("Retry-After", 3600)]).await;
    let told = resumes(server.client().send(&AccountDetails).await.unwrap_err()).unwrap();
    assert!(told.starts_with("2026-11-21T03:30:0"), "{told}");
}

#[tokio::test]
async fn declared_limits_are_learned_with_the_daily_budget() {
    let answered = declared(answer(200, ACCOUNT), 190, 189)
        .with("X-HubSpot-RateLimit-Daily", 625_000)
        .with("X-HubSpot-RateLimit-Daily-Remaining", 624_000);
    let server = Server::start(vec![answered]).await;
    let client = server.client();
    client.send(&AccountDetails).await.unwrap();
    let limits = client.limits();
    assert_eq!((limits.general.max, limits.general.used), (Some(190), 1));
    assert_eq!(limits.general.interval, Duration::from_secs(10));
    assert_eq!(limits.daily.map(|daily| (daily.used, daily.limit)), Some((1_000, 625_000)));
}

#[tokio::test]
async fn a_server_without_limit_headers_is_not_held_back() {
    let server = Server::start(vec![answer(200, ACCOUNT)]).await;
    let client = server.client();
    client.send(&AccountDetails).await.unwrap();
    assert_eq!(client.limits().general.max, None);
    // More than any published limit allows in ten seconds.
    for _ in 0..300 {
        client.send(&AccountDetails).await.unwrap();
    }
    assert_eq!(client.limits().general.waiting, None);
}

#[tokio::test]
async fn hubspots_clock_is_read_from_its_answers() {
    let server =
        Server::start(vec![answer(200, ACCOUNT).with("Date", "Sat, 21 Nov 2026 02:30:00 GMT")]).await;
    let client = server.client();
    assert_eq!(client.server_time(), None);
    client.send(&AccountDetails).await.unwrap();
    assert!(client.server_time().unwrap().to_string().starts_with("2026-11-21T02:3"));
}
