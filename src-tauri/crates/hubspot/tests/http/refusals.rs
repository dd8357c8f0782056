//! What HubSpot says no with, and what the client makes of it.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use futures::future::BoxFuture;
use hubspot::{
    AccountDetails, BadOrigin, Client, Error, Origin, StaticToken, Token, TokenError, TokenInfo, TokenSource,
};

use crate::server::{ACCOUNT, KEY, Server, answer, quick};

#[tokio::test]
async fn a_missing_scope_is_named_at_once() {
    let server = Server::start(vec![answer(
        403,
        r#"{"status":"error","message":"This app hasn't been granted all required scopes to make this call.",
            "correlationId":"c-1","category":"MISSING_SCOPES","errors":[{
              "message":"One or more of the following scopes are required.",
              "context":{"requiredGranularScopes":["tickets","crm.objects.deals.read"]}}],
            "links":{"scopes":"https://developers.hubspot.com/scopes"}}"#,
    )])
    .await;
    let error = server.client().send(&AccountDetails).await.unwrap_err();
    let Error::MissingScopes { refusal, scopes } = error else { panic!("{error:?}") };
    assert_eq!(scopes, ["crm.objects.deals.read", "tickets"]);
    assert_eq!(refusal.correlation_id.as_deref(), Some("c-1"));
    assert_eq!(server.calls(), 1);
}

#[tokio::test]
async fn other_refusals_keep_their_meaning_and_are_not_repeated() {
    for (status, is) in [
        (
            400,
            (|error| matches!(error, Error::Refused(refusal) if refusal.status == 400)) as fn(&Error) -> bool,
        ),
        (403, |error| matches!(error, Error::Refused(_))),
        (404, |error| matches!(error, Error::NotFound(_))),
        (409, |error| matches!(error, Error::Conflict(_))),
        (414, |error| matches!(error, Error::UriTooLong)),
    ] {
        let body =
            r#"{"status":"error","category":"VALIDATION_ERROR","message":"no","context":{"id":["7"]}}"#;
        let server = Server::start(vec![answer(status, body)]).await;
        let error = server.client().send(&AccountDetails).await.unwrap_err();
        assert!(is(&error), "{status}: {error:?}");
        assert_eq!(server.calls(), 1, "{status}");
    }
}

#[tokio::test]
async fn a_refusal_in_any_shape_is_kept_as_far_as_it_can_be_read() {
    for body in ["", "<html>Bad gateway</html>", "null", "[]", "{\"message\":7}", "{\"errors\":{}}", "\u{0}"]
    {
        let server = Server::start(vec![answer(400, body)]).await;
        let error = server.client().send(&AccountDetails).await.unwrap_err();
        assert_eq!(error.refusal().map(|refusal| refusal.status), Some(400), "{body}");
    }
}

#[tokio::test]
async fn an_unknown_property_is_named() {
    let server = Server::start(vec![answer(
        400,
        r#"{"status":"error","message":"Property values were not valid: [{\"isValid\":false,\"message\":\"Property \\\"x\\\" does not exist\",\"error\":\"PROPERTY_DOESNT_EXIST\",\"name\":\"x\"}]",
            "category":"VALIDATION_ERROR","errors":[{"code":"PROPERTY_DOESNT_EXIST","context":{"propertyName":["y"]}}]}"#,
    )])
    .await;
    let error = server.client().send(&AccountDetails).await.unwrap_err();
    assert_eq!(error.refusal().unwrap().named_properties(), ["x", "y"]);
}

#[tokio::test]
async fn a_key_that_is_not_accepted_is_not_tried_again() {
    for (status, body) in [
        (
            401,
            r#"{"status":"error","message":"Authentication credentials not found.","category":"INVALID_AUTHENTICATION"}"#,
        ),
        (401, r#"{"category":"EXPIRED_AUTHENTICATION","context":{"expire time":["1970-01-01T00:00:00Z"]}}"#),
        (401, ""),
    ] {
        let server = Server::start(vec![answer(status, body)]).await;
        let error = server.client().send(&AccountDetails).await.unwrap_err();
        assert!(matches!(error, Error::Unauthorized(_)) && error.needs_new_key(), "{error:?}");
        assert_eq!(server.calls(), 1);
    }
}

#[tokio::test]
async fn a_key_that_hubspots_edge_cannot_read_is_tried_twice_and_no_more() {
    let server = Server::start(vec![answer(530, "<html>error 1016</html>")]).await;
    let error = server.client().send(&AccountDetails).await.unwrap_err();
    assert!(matches!(error, Error::Unauthorized(refusal) if refusal.status == 530));
    assert_eq!(server.calls(), 2);
}

/// A source that always has another token to give.
struct Renewing {
    now: Mutex<Token>,
    refreshed: AtomicUsize,
}

impl TokenSource for Renewing {
    fn token(&self) -> BoxFuture<'_, Result<Token, TokenError>> {
        Box::pin(async { Ok(self.now.lock().expect("no panic").clone()) })
    }

    fn refresh(&self, stale: &Token) -> BoxFuture<'_, Result<Option<Token>, TokenError>> {
        let mut now = self.now.lock().expect("no panic");
        assert!(now.same_as(stale));
        let refreshed = self.refreshed.fetch_add(1, Ordering::SeqCst) + 1;
        *now = Token::new(format!("token-{refreshed}"));
        Box::pin(std::future::ready(Ok(Some(now.clone()))))
    }
}

fn renewing() -> Arc<Renewing> {
    Arc::new(Renewing { now: Mutex::new(Token::new("token-0".into())), refreshed: AtomicUsize::new(0) })
}

const EXPIRED: &str = r#"{"category":"EXPIRED_AUTHENTICATION"}"#;

#[tokio::test]
async fn an_expired_token_is_renewed_and_the_call_goes_on() {
    let server = Server::start(vec![answer(401, "{}"), answer(200, ACCOUNT)]).await;
    let tokens = renewing();
    let client = server.client_with(tokens.clone(), quick());
    assert_eq!(client.send(&AccountDetails).await.unwrap().portal.0, 7);
    let sent: Vec<String> =
        server.asked().iter().map(|asked| asked.header("authorization").unwrap().to_owned()).collect();
    assert_eq!(sent, ["Bearer token-0", "Bearer token-1"]);
}

#[tokio::test]
async fn a_call_outlives_every_expiry_of_a_token_that_was_good() {
    let good = || answer(200, ACCOUNT);
    let (plain, expired) = (answer(401, "{}"), answer(401, EXPIRED));
    let server = Server::start(vec![good(), plain, expired.clone(), expired.clone(), good()]).await;
    let tokens = renewing();
    let client = server.client_with(tokens.clone(), quick());
    client.send(&AccountDetails).await.unwrap();
    client.send(&AccountDetails).await.unwrap();
    assert_eq!(tokens.refreshed.load(Ordering::SeqCst), 3);
}

#[tokio::test]
async fn fresh_tokens_that_are_refused_are_not_asked_for_again_and_again() {
    for (body, refreshes) in [("{}", 1), (EXPIRED, 4)] {
        let server = Server::start(vec![answer(401, body)]).await;
        let tokens = renewing();
        let error = server.client_with(tokens.clone(), quick()).send(&AccountDetails).await.unwrap_err();
        assert!(matches!(error, Error::Unauthorized(_)));
        assert_eq!((server.calls(), tokens.refreshed.load(Ordering::SeqCst)), (refreshes + 1, refreshes));
    }
}

#[tokio::test]
async fn an_error_does_not_repeat_the_key_even_if_hubspot_does() {
    let echo = format!(
        r#"{{"message":"{KEY} is no good","category":"X","errors":[{{"message":"{KEY}","context":{{"k":["{KEY}"]}}}}],"context":{{"t":["{KEY}"]}}}}"#
    );
    for status in [400, 401, 403, 404, 429] {
        let server = Server::start(vec![answer(status, &echo).with("Retry-After", 100_000)]).await;
        let error = server.client().send(&AccountDetails).await.unwrap_err();
        let shown = format!("{error} {error:?}");
        assert!(!shown.contains("1111"), "{status}: {shown}");
    }
}

#[tokio::test]
async fn a_moved_account_is_waited_for_a_minute_at_most() {
    let server = Server::start(vec![answer(477, "").with("Retry-After", 1), answer(200, ACCOUNT)]).await;
    assert!(server.client().send(&AccountDetails).await.is_ok());
    let server = Server::start(vec![answer(477, "").with("Retry-After", 3600)]).await;
    let error = server.client().send(&AccountDetails).await.unwrap_err();
    assert_eq!(error, Error::Moving { retry_after: Some(Duration::from_hours(1)) });
    assert_eq!(server.calls(), 1);
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let elsewhere = Server::start(vec![answer(200, ACCOUNT)]).await;
    for status in [301, 302, 307, 308] {
        let server = Server::start(vec![answer(status, "").with("Location", elsewhere.url())]).await;
        let error = server.client().send(&AccountDetails).await.unwrap_err();
        assert!(matches!(error, Error::Refused(refusal) if refusal.status == status));
    }
    assert_eq!(elsewhere.calls(), 0);
}

#[tokio::test]
async fn a_hubspot_key_is_not_sent_to_a_foreign_host() {
    let origin = Origin::parse("https://127.0.0.2:1", false).unwrap();
    let tokens = Arc::new(StaticToken(Token::new(KEY.into())));
    let client = Client::new(origin, tokens, quick()).unwrap();
    let error = client.send(&AccountDetails).await.unwrap_err();
    assert_eq!(error, Error::Origin(BadOrigin::ForeignHost { host: "127.0.0.2".into() }));
    assert_eq!(client.usage().calls(), 0);
}

#[tokio::test]
async fn requests_carry_what_hubspot_asks_for() {
    let server = Server::start(vec![
        answer(200, ACCOUNT),
        answer(200, r#"{"hubId":7,"scopes":["oauth"],"userId":1,"appId":2}"#),
    ])
    .await;
    let client = server.client();
    client.send(&AccountDetails).await.unwrap();
    client.send(&TokenInfo { token: Token::new(KEY.into()) }).await.unwrap();
    let asked = server.asked();
    assert_eq!(asked[0].line, "GET /account-info/2026-03/details HTTP/1.1");
    for call in &asked {
        assert_eq!(call.header("authorization"), Some(format!("Bearer {KEY}").as_str()));
        assert_eq!(call.header("accept"), Some("application/json"));
        assert!(call.header("user-agent").unwrap().starts_with("Portside/"));
        assert!(call.header("accept-encoding").unwrap().contains("gzip"));
    }
    assert_eq!(asked[1].header("content-type"), Some("application/json"));
    assert_eq!(asked[1].body, format!(r#"{{"tokenKey":"{KEY}"}}"#));
}
