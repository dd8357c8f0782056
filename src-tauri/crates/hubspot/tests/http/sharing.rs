//! What several connections to one portal share in a process, and the part of the portal's day that they may use.

use std::sync::Arc;

use crm::{Account, PortalId};
use futures::future::BoxFuture;
use hubspot::{
    AccountDetails, Caller, Client, ClientOptions, Error, Lane, Search, StaticToken, Token, TokenError,
    TokenSource, catalog,
};

use crate::server::{ACCOUNT, Server, Step, answer, quick};

fn account(portal: u64) -> Account {
    Account {
        portal: PortalId(portal),
        account_type: None,
        time_zone: Some("America/Los_Angeles".into()),
        currency: None,
        utc_offset_ms: Some(-7 * 3_600_000),
        ui_domain: None,
        region: None,
    }
}

fn declared() -> Step {
    answer(200, ACCOUNT)
        .with("X-HubSpot-RateLimit-Max", 110)
        .with("X-HubSpot-RateLimit-Remaining", 109)
        .with("X-HubSpot-RateLimit-Interval-Milliseconds", 10_000)
}

fn client(server: &Server, tokens: Arc<dyn TokenSource>, portal: u64) -> Client {
    let client = server.client_with(tokens, quick());
    client.know_account(&account(portal));
    client
}

fn key(text: &str) -> Arc<dyn TokenSource> {
    Arc::new(StaticToken(Token::new(text.into())))
}

/// An OAuth app's tokens.
struct App(&'static str);

impl TokenSource for App {
    fn token(&self) -> BoxFuture<'_, Result<Token, TokenError>> {
        Box::pin(std::future::ready(Ok(Token::new("an-access-token".into()))))
    }

    fn refresh(&self, _stale: &Token) -> BoxFuture<'_, Result<Option<Token>, TokenError>> {
        Box::pin(std::future::ready(Ok(None)))
    }

    fn caller(&self) -> Caller {
        Caller::App(self.0.to_owned())
    }
}

async fn search(client: &Client) {
    let kind = &catalog::core()[0];
    let search = Search { kind, filters: vec![], sorts: None, properties: &[], limit: 1, after: None };
    client.send(&search).await.expect("an answer");
}

#[tokio::test]
async fn all_apps_of_a_portal_share_its_searches() {
    let server = Server::start(vec![answer(200, r#"{"total":0,"results":[]}"#)]).await;
    let (one, other) = (client(&server, key("one"), 7), client(&server, Arc::new(App("app")), 7));
    let elsewhere = client(&server, key("one"), 8);
    search(&one).await;
    search(&other).await;
    assert_eq!((one.limits().search.used, other.limits().search.used), (2, 2));
    assert_eq!(elsewhere.limits().search.used, 0);
}

#[tokio::test]
async fn ordinary_calls_are_counted_by_app_whatever_connection_makes_them() {
    let server = Server::start(vec![declared()]).await;
    let clients = [
        client(&server, key("one"), 7),
        client(&server, key("one"), 7),
        client(&server, key("other"), 7),
        client(&server, Arc::new(App("app")), 7),
        client(&server, Arc::new(App("app")), 7),
    ];
    for client in &clients {
        client.send(&AccountDetails).await.unwrap();
    }
    let used: Vec<u32> = clients.iter().map(|client| client.limits().general.used).collect();
    assert_eq!(used, [2, 2, 1, 2, 2]);
}

#[tokio::test]
async fn calls_from_before_the_portal_was_known_are_counted_with_the_others() {
    let server = Server::start(vec![declared()]).await;
    let known = client(&server, key("one"), 7);
    let new = server.client_with(key("one"), quick());
    new.send(&AccountDetails).await.unwrap();
    assert_eq!(known.limits().general.used, 0);
    new.know_account(&account(7));
    assert_eq!((known.limits().general.used, new.limits().general.used), (1, 1));
}

/// An answer of a day that has 100 calls.
fn day(remaining: u32) -> Step {
    declared()
        .with("X-HubSpot-RateLimit-Daily", 100)
        .with("X-HubSpot-RateLimit-Daily-Remaining", remaining)
        .with("Date", "Sun, 01 Nov 2026 07:30:00 GMT")
}

#[tokio::test]
async fn a_share_of_the_day_is_kept_by_all_keys_together_and_left_for_a_person() {
    let server = Server::start((0..40).map(|call| day(99 - call)).collect()).await;
    let options = ClientOptions { day_percent: 10, ..quick() };
    let clients: Vec<Client> = ["one", "other"]
        .iter()
        .map(|text| {
            let client = server.client_with(key(text), options.clone()).in_lane(Lane::Incremental);
            client.know_account(&account(7));
            client
        })
        .collect();
    for client in clients.iter().cycle().take(10) {
        client.send(&AccountDetails).await.unwrap();
    }
    for client in &clients {
        let error = client.send(&AccountDetails).await.unwrap_err();
        let Error::ShareUsedUp { percent, used, limit, resumes_at } = error else { panic!("{error:?}") };
        assert_eq!((percent, used, limit), (10, 10, 100));
        // The day on which summer time ends has 25 hours.
        assert_eq!(resumes_at.unwrap().to_string(), "2026-11-02T08:00:00.000Z");
    }
    assert_eq!(server.calls(), 10, "nothing was sent beyond the share");
    clients[0].in_lane(Lane::Person).send(&AccountDetails).await.unwrap();
    clients[0].set_day_percent(20);
    clients[0].send(&AccountDetails).await.unwrap();
    assert_eq!((clients[0].own_day().used, clients[0].own_day().limit), (12, Some(100)));
}

#[tokio::test]
async fn an_app_without_a_day_has_no_share_to_keep() {
    let server = Server::start(vec![declared()]).await;
    let options = ClientOptions { day_percent: 0, ..quick() };
    let client = server.client_with(Arc::new(App("app")), options).in_lane(Lane::Backfill);
    client.know_account(&account(7));
    for _ in 0..5 {
        client.send(&AccountDetails).await.unwrap();
    }
    assert_eq!(client.own_day().limit, None);
}
