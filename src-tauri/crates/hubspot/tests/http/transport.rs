//! Answers that do not come, or not whole.

use std::{
    io::{Read, Write},
    sync::Arc,
    time::Duration,
};

use hubspot::{AccountDetails, Client, ClientOptions, Error, Origin, StaticToken, Token, TransportKind};

use crate::server::{ACCOUNT, KEY, Server, Step, answer, quick};

fn kind(error: &Error) -> Option<TransportKind> {
    match error {
        Error::Transport { kind, .. } => Some(*kind),
        _ => None,
    }
}

fn client(origin: &str, options: ClientOptions) -> Client {
    let tokens = Arc::new(StaticToken(Token::new(KEY.into())));
    Client::new(Origin::parse(origin, false).expect("an origin"), tokens, options).expect("a client")
}

#[tokio::test]
async fn a_burst_of_server_errors_is_survived() {
    let server =
        Server::start(vec![answer(502, "<html>"), answer(503, ""), answer(524, "{}"), answer(200, ACCOUNT)])
            .await;
    let client = server.client();
    assert!(client.send(&AccountDetails).await.is_ok());
    assert_eq!((client.usage().general, client.usage().retries), (4, 3));
}

#[tokio::test]
async fn server_errors_without_end_are_given_up() {
    let server =
        Server::start(vec![answer(500, r#"{"message":"internal error","correlationId":"c-9"}"#)]).await;
    let error = server.client().send(&AccountDetails).await.unwrap_err();
    let Error::Server(refusal) = error else { panic!("{error:?}") };
    assert_eq!(refusal.correlation_id.as_deref(), Some("c-9"));
    assert_eq!(server.calls(), 4);
}

#[tokio::test]
async fn an_answer_cut_or_reset_on_its_way_is_asked_for_again() {
    for broken in
        [Step::CutAfter("{\"portal"), Step::CutAfter(""), Step::ResetAfter("{\"portal"), Step::ResetAfter("")]
    {
        let server = Server::start(vec![broken.clone(), broken, answer(200, ACCOUNT)]).await;
        let client = server.client();
        assert_eq!(client.send(&AccountDetails).await.unwrap().portal.0, 7);
        assert_eq!(client.usage().retries, 2);
    }
    let server = Server::start(vec![Step::CutAfter("{\"portal")]).await;
    let error = server.client().send(&AccountDetails).await.unwrap_err();
    assert_eq!(kind(&error), Some(TransportKind::Interrupted), "{error:?}");
}

#[tokio::test]
async fn a_malformed_answer_is_asked_for_again_twice() {
    let server = Server::start(vec![answer(200, "{\"portalId\":"), answer(200, ACCOUNT)]).await;
    assert!(server.client().send(&AccountDetails).await.is_ok());
    let server = Server::start(vec![answer(200, "{\"portalId\":\"a-secret\"}")]).await;
    let error = server.client().send(&AccountDetails).await.unwrap_err();
    assert!(matches!(error, Error::Malformed(_)));
    assert!(!format!("{error} {error:?}").contains("a-secret"));
    assert_eq!(server.calls(), 3);
}

#[tokio::test]
async fn a_packed_answer_is_unpacked() {
    let packed = [
        31, 139, 8, 0, 0, 0, 0, 0, 2, 3, 171, 86, 42, 200, 47, 42, 73, 204, 241, 76, 81, 178, 50, 175, 5, 0,
        124, 141, 157, 150, 14, 0, 0, 0,
    ];
    let step = Step::Answer { status: 200, headers: Vec::new(), body: packed.to_vec() };
    let server = Server::start(vec![step.with("Content-Encoding", "gzip")]).await;
    let client = server.client();
    assert_eq!(client.send(&AccountDetails).await.unwrap().portal.0, 7);
    assert_eq!(client.usage().bytes, 14);
}

#[tokio::test]
async fn a_server_that_stays_silent_times_out() {
    let server = Server::start(vec![Step::Silence]).await;
    let options = ClientOptions { timeout: Duration::from_millis(50), ..quick() };
    let error = client(&server.url(), options).send(&AccountDetails).await.unwrap_err();
    assert_eq!(kind(&error), Some(TransportKind::Timeout), "{error:?}");
    assert_eq!(server.calls(), 4);
}

#[tokio::test]
async fn a_closed_port_and_a_port_without_tls_are_told_apart() {
    let plain = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let encrypted = format!("https://{}", plain.local_addr().unwrap());
    let talker = std::thread::spawn(move || {
        let (mut stream, _) = plain.accept().unwrap();
        // Closing with unread bytes would reset the connection before the answer is seen.
        let greeting = stream.read(&mut [0; 4096]).unwrap();
        assert!(greeting > 0);
        stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").unwrap();
        let _ = stream.read_to_end(&mut Vec::new());
    });
    let error = client(&encrypted, quick()).send(&AccountDetails).await.unwrap_err();
    assert_eq!(kind(&error), Some(TransportKind::Tls), "{error:?}");
    talker.join().unwrap();
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let closed = format!("http://{}", port.local_addr().unwrap());
    drop(port);
    let error = client(&closed, quick()).send(&AccountDetails).await.unwrap_err();
    assert_eq!(kind(&error), Some(TransportKind::Connect), "{error:?}");
    assert!(!format!("{error}").contains("account-info"), "{error}");
}

#[tokio::test]
async fn a_certificate_file_that_is_none_is_an_error_of_its_own() {
    let options = ClientOptions { ca_file: Some("/nowhere/ca.pem".into()), ..quick() };
    let tokens = Arc::new(StaticToken(Token::new(KEY.into())));
    let error = Client::new(Origin::hubspot(), tokens, options).err().unwrap();
    assert_eq!(kind(&error), Some(TransportKind::Tls));
}

#[tokio::test]
async fn a_cancelled_call_leaves_room_for_the_next() {
    let server = Server::start(vec![Step::Silence, answer(200, ACCOUNT)]).await;
    let options = ClientOptions { in_flight_max: 1, ..quick() };
    let client = client(&server.url(), options);
    let waiting = client.clone();
    let hanging = tokio::spawn(async move { waiting.send(&AccountDetails).await });
    server.has_been_asked(1).await;
    hanging.abort();
    assert!(hanging.await.unwrap_err().is_cancelled());
    assert!(client.send(&AccountDetails).await.is_ok());
}

#[tokio::test]
async fn no_more_requests_than_allowed_are_on_the_wire() {
    let server = Server::start(vec![answer(200, ACCOUNT)]).await;
    let options = ClientOptions { in_flight_max: 3, ..quick() };
    let client = client(&server.url(), options);
    client.send(&AccountDetails).await.unwrap();
    let calls = (0..40).map(|_| client.send(&AccountDetails));
    for answer in futures::future::join_all(calls).await {
        answer.unwrap();
    }
    assert!(server.busiest() <= 3, "{}", server.busiest());
    assert!((2..=3).contains(&client.usage().in_flight_peak), "{}", client.usage().in_flight_peak);
}
