//! A thousand attempts, each with callbacks that are not its own.

use auth::AttemptError;
use tokio::{io::AsyncWriteExt, net::TcpStream};

use crate::{
    endpoint::Endpoint,
    rig::{attempt_apart, callback, is_closed, send, state},
};

const ATTEMPTS: usize = 1000;

/// One hostile request, and the beginning of the answer it must get.
fn hostile(kind: usize, port: u16, state: &str) -> (String, &'static str) {
    let ours = format!("code=good-stolen&state={state}");
    let wrong = |method: &str, target: &str, host: &str| {
        format!("{method} {target} HTTP/1.1\r\nHost: {host}\r\nContent-Length: 0\r\n\r\n")
    };
    let (target, host) = (format!("/oauth-callback?{ours}"), format!("localhost:{port}"));
    match kind {
        0 => (callback(port, "code=good-other&state=another-attempts-state-0123456789"), "HTTP/1.1 400"),
        1 => (callback(port, "code=good-other"), "HTTP/1.1 400"),
        2 => (callback(port, &format!("state={state}")), "HTTP/1.1 400"),
        3 => (callback(port, &format!("{ours}&code=good-second")), "HTTP/1.1 400"),
        4 => (callback(port, &format!("{ours}&x={}", "y".repeat(20_000))), "HTTP/1.1 414"),
        5 => (callback(port, &format!("{ours}&x={}", "y".repeat(200_000))), ""),
        6 => (wrong("POST", &target, &host), "HTTP/1.1 405"),
        7 => (wrong("GET", &target, "evil.example"), "HTTP/1.1 421"),
        8 => (wrong("GET", &target, &format!("localhost:{}", port ^ 1)), "HTTP/1.1 421"),
        9 => (format!("GET {target} HTTP/1.1\r\nHost: {host}\r\nHost: {host}\r\n\r\n"), "HTTP/1.1 4"),
        10 => (wrong("GET", &format!("/?{ours}"), &host), "HTTP/1.1 404"),
        11 => (wrong("GET", &format!("http://{host}{target}"), &host), "HTTP/1.1 404"),
        12 => (callback(port, "error=access_denied"), "HTTP/1.1 400"),
        13 => (format!("GET {target} HTTP/1.1\r\n\r\n"), "HTTP/1.1 4"),
        14 => ("\u{16}\u{3}\u{1} this is TLS\r\n\r\n".into(), "HTTP/1.1 400"),
        15 => (format!("GET {target} HTTP/1.0\r\n\r\n"), "HTTP/1.0 421"),
        _ => (wrong("GET", &format!("/oauth-callback/..?{ours}"), &host), "HTTP/1.1 404"),
    }
}

const KINDS: usize = 17;

/// Somebody connects, says half a sentence, and is gone, or stays.
async fn half(port: u16, round: usize) -> TcpStream {
    let address = if round.is_multiple_of(2) { "127.0.0.1" } else { "localhost" };
    let mut stream = TcpStream::connect((address, port)).await.expect("somebody listens");
    let begun = ["", "GET ", "GET /oauth-callback?code=good-half&sta"][round % 3];
    stream.write_all(begun.as_bytes()).await.expect("written");
    stream
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_hostile_callback_ends_an_attempt_or_has_its_code_exchanged() {
    let endpoint = Endpoint::start().await;
    let mut approved = 0;
    for round in 0..ATTEMPTS {
        let attempt = attempt_apart(&endpoint, 0).await;
        let (port, state, handle) = (attempt.port(), state(&attempt), attempt.handle());
        let running = tokio::spawn(attempt.run());
        let _stays = half(port, round).await;
        drop(half(port, round / 3).await);
        for kind in [round % KINDS, (round / KINDS + round) % KINDS] {
            let (request, expected) = hostile(kind, port, &state);
            let address = if kind % 2 == 0 { "127.0.0.1" } else { "::1" };
            let answer = send(address, port, &request).await;
            assert!(answer.starts_with(expected), "{round} {kind}: {answer}");
            assert!(!answer.contains("stolen") && !answer.contains(&state), "{round} {kind}: {answer}");
        }
        let ended = if round % 3 == 0 {
            handle.cancel();
            running.await.expect("no panic")
        } else {
            approved += 1;
            let query = format!("code=good-{round}&state={state}");
            let address = if round % 2 == 0 { "::1" } else { "127.0.0.1" };
            let answer = send(address, port, &callback(port, &query)).await;
            assert!(answer.contains("Connected to portal 4711."), "{round}: {answer}");
            running.await.expect("no panic")
        };
        match ended {
            Ok(grant) => assert!(round % 3 != 0 && grant.hub_id.is_some()),
            Err(error) => assert!(round % 3 == 0 && error == AttemptError::Cancelled, "{round}: {error}"),
        }
        assert!(is_closed(port).await, "{round}: port {port} is still open");
    }
    let world = endpoint.world();
    let codes: Vec<&str> = world.exchanges().iter().map(|asked| asked.form["code"].as_str()).collect();
    let expected: Vec<String> =
        (0..ATTEMPTS).filter(|round| round % 3 != 0).map(|round| format!("good-{round}")).collect();
    assert_eq!(codes, expected);
    assert_eq!((codes.len(), world.asked.len()), (approved, approved));
}
