//! What an onlooker learns of the calls.

use std::sync::{Arc, Mutex};

use hubspot::{
    AccountDetails, Client, ClientOptions, End, Forms, Observed, Observer, Origin, Pool, StaticToken, Token,
    TransportKind,
};

use crate::server::{ACCOUNT, KEY, Server, Step, answer, quick};

#[derive(Debug, Default)]
struct Seen(Mutex<Vec<Observed>>);

impl Observer for Seen {
    fn observed(&self, attempt: &Observed) {
        self.0.lock().expect("no panic").push(attempt.clone());
    }
}

fn watched(server: &Server) -> (Client, Arc<Seen>) {
    let seen = Arc::new(Seen::default());
    let options = ClientOptions { observer: Some(seen.clone()), ..quick() };
    (server.client_with(Arc::new(StaticToken(Token::new(KEY.to_owned()))), options), seen)
}

#[tokio::test]
async fn every_attempt_is_told_once_with_how_it_ended() {
    let id = "aeb5f871-7f07-4993-9211-075dc63e7cbf";
    let refusal = format!(r#"{{"category":"SERVICE_TROUBLE","correlationId":"{id}","message":"for {KEY}"}}"#);
    let server = Server::start(vec![
        answer(503, &refusal),
        Step::ResetAfter(""),
        answer(200, "not json"),
        answer(200, ACCOUNT),
    ])
    .await;
    let (client, seen) = watched(&server);
    client.send(&AccountDetails).await.unwrap();

    let seen = seen.0.lock().unwrap().clone();
    let ends: Vec<End> = seen.iter().map(|attempt| attempt.end.clone()).collect();
    let refused = End::Refused {
        status: 503,
        category: Some("SERVICE_TROUBLE".into()),
        correlation_id: Some(id.into()),
    };
    let expected = [
        refused,
        End::Lost(TransportKind::Interrupted),
        End::Unreadable { status: 200 },
        End::Good { status: 200 },
    ];
    assert_eq!(ends, expected);
    assert_eq!(seen.iter().map(|attempt| attempt.attempt).collect::<Vec<_>>(), [1, 2, 3, 4]);
    assert!(seen.iter().all(|attempt| attempt.pool == Pool::General));
    assert!(seen.iter().all(|attempt| attempt.path == "/account-info/2026-03/details"));
    assert!(!format!("{seen:?}").contains("1111"), "nothing of the key is told");
}

#[tokio::test]
async fn a_refusal_that_is_final_is_told_too() {
    let server = Server::start(vec![answer(414, ""), answer(477, "")]).await;
    let (client, seen) = watched(&server);
    client.send(&AccountDetails).await.unwrap_err();
    let statuses: Vec<_> = seen.0.lock().unwrap().iter().map(|attempt| attempt.end.status()).collect();
    assert_eq!(statuses, [Some(414)]);
}

#[tokio::test]
async fn forms_are_told_without_what_was_posted_or_answered() {
    let server = Server::start(vec![answer(400, KEY), answer(200, KEY)]).await;
    let seen = Arc::new(Seen::default());
    let options = ClientOptions { observer: Some(seen.clone()), ..quick() };
    let forms = Forms::new(Origin::parse(&server.url(), false).unwrap(), &options).unwrap();
    for _ in 0..2 {
        forms.post("/oauth/v3/token", KEY.as_bytes().to_vec().into()).await.unwrap();
    }
    let seen = seen.0.lock().unwrap().clone();
    assert_eq!(seen.iter().map(|attempt| attempt.end.status()).collect::<Vec<_>>(), [Some(400), Some(200)]);
    assert!(seen.iter().all(|attempt| attempt.path == "/oauth/v3/token"));
    assert!(!format!("{seen:?}").contains("1111"), "{seen:?}");
}
