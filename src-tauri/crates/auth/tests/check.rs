//! The checks over real HTTP, against a server that knows two paths.

use std::{sync::Arc, time::Duration};

use auth::{granted_scopes, identity};
use hubspot::{Client, ClientOptions, Error, Origin, RetryPolicy, StaticToken, Token};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

/// What one path answers: a status and a body.
type Answer = (u16, &'static str);

const MISSING: Answer = (403, r#"{"category":"MISSING_SCOPES","errors":[]}"#);
const ACCOUNT: Answer = (200, r#"{"portalId":7,"timeZone":"US/Eastern","utcOffsetMilliseconds":-14400000}"#);
const TOKEN: Answer = (200, r#"{"hubId":7,"userId":1,"appId":2,"scopes":["oauth","tickets"]}"#);
const UNKNOWN: Answer = (401, r#"{"category":"INVALID_AUTHENTICATION"}"#);

fn token() -> Token {
    Token::new("pat-na1-11111111-2222-3333-4444-555555553f9c".into())
}

/// A client of a server with these answers.
async fn client(details: Answer, introspection: Answer) -> Client {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            serve(stream, details, introspection).await;
        }
    });
    let options = ClientOptions {
        retry: RetryPolicy { pause_base: Duration::from_millis(1), attempts_max: 2 },
        ..ClientOptions::default()
    };
    let origin = Origin::parse(&url, false).expect("an origin");
    Client::new(origin, Arc::new(StaticToken(token())), options).expect("a client")
}

async fn serve(mut stream: TcpStream, details: Answer, introspection: Answer) {
    let mut asked = Vec::new();
    // A GET ends with its head, the POST with the brace of its body.
    while !(asked.ends_with(b"\r\n\r\n") && asked.starts_with(b"GET") || asked.ends_with(b"}")) {
        let mut chunk = [0; 4096];
        match stream.read(&mut chunk).await {
            Ok(0) | Err(_) => return,
            Ok(length) => asked.extend_from_slice(&chunk[..length]),
        }
    }
    let (status, body) = if asked.starts_with(b"GET /account-info/") { details } else { introspection };
    let length = body.len();
    let answer =
        format!("HTTP/1.1 {status} Scripted\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}");
    let _ = stream.write_all(answer.as_bytes()).await;
}

#[tokio::test]
async fn granted_scopes_are_told_or_unknown_and_a_bad_key_is_an_error() {
    let told = granted_scopes(&client(ACCOUNT, TOKEN).await, &token()).await.unwrap();
    assert_eq!(told.unwrap(), ["oauth", "tickets"]);
    for silent in [(404, ""), (400, "{}"), (500, ""), MISSING, (200, "<html>")] {
        let told = granted_scopes(&client(ACCOUNT, silent).await, &token()).await;
        assert_eq!(told, Ok(None), "{silent:?}");
    }
    let refused = granted_scopes(&client(ACCOUNT, UNKNOWN).await, &token()).await.unwrap_err();
    assert!(refused.needs_new_key());
}

#[tokio::test]
async fn the_account_is_known_by_its_id_where_its_details_are_refused() {
    let whole = identity(&client(ACCOUNT, TOKEN).await, &token()).await.unwrap();
    assert_eq!((whole.portal.0, whole.time_zone.as_deref()), (7, Some("US/Eastern")));
    let bare = identity(&client(MISSING, TOKEN).await, &token()).await.unwrap();
    assert_eq!((bare.portal.0, bare.time_zone), (7, None));
    let refused = identity(&client(MISSING, (404, "")).await, &token()).await.unwrap_err();
    assert!(matches!(refused, Error::MissingScopes { .. }), "{refused:?}");
    let unknown = identity(&client(UNKNOWN, UNKNOWN).await, &token()).await.unwrap_err();
    assert!(unknown.needs_new_key());
}
