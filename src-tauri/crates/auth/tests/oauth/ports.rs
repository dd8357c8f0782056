//! Return ports: both families or none, the next when one is taken, and by whom it is.

use std::net::TcpListener;

use auth::{AttemptError, Listener, PortTaken};
use tokio::{io::AsyncReadExt, net::TcpStream};

use crate::{
    endpoint::Endpoint,
    rig::{app, attempt_apart, has_ipv6, is_closed, options},
};

fn occupied(address: &str) -> (TcpListener, u16) {
    let taken = TcpListener::bind(address).expect("a port");
    let port = taken.local_addr().expect("an address").port();
    (taken, port)
}

#[tokio::test]
async fn a_port_that_somebody_has_in_either_family_is_passed_over() {
    let addresses = ["127.0.0.1:0", "0.0.0.0:0", "[::1]:0", "[::]:0"];
    for address in &addresses[..if has_ipv6() { 4 } else { 2 }] {
        let (_taken, port) = occupied(address);
        let listener = Listener::bind(&[port, 0]).await.expect("another is free");
        assert_ne!(listener.port(), port, "{address}");
    }
}

#[tokio::test]
async fn when_all_are_taken_it_is_said_by_whom() {
    let second = if has_ipv6() { "[::1]:0" } else { "0.0.0.0:0" };
    let ((_first, one), (_second, two)) = (occupied("127.0.0.1:0"), occupied(second));
    let taken = Listener::bind(&[one, two]).await.expect_err("both are taken");
    assert_eq!(taken.iter().map(|taken| taken.port).collect::<Vec<_>>(), [one, two]);
    let PortTaken { by: Some(by), .. } = &taken[0] else { panic!("nobody has it: {taken:?}") };
    assert_eq!(by.pid, std::process::id());
    let endpoint = Endpoint::start().await;
    let refused = auth::Attempt::new(app(&endpoint), &[one, two], &options()).await.err();
    let Some(AttemptError::PortsTaken { taken }) = &refused else { panic!("{refused:?}") };
    assert_eq!(taken.len(), 2);
}

#[tokio::test]
async fn a_port_can_be_had_again_right_after_an_attempt_that_had_callers() {
    let endpoint = Endpoint::start().await;
    let port = attempt_apart(&endpoint, 3).await.port();
    for _ in 0..3 {
        let attempt = auth::Attempt::new(app(&endpoint), &[port], &options()).await.expect("free again");
        let handle = attempt.handle();
        let running = tokio::spawn(attempt.run());
        for address in ["127.0.0.1", "::1"] {
            let answer = crate::rig::send(address, port, "GET / HTTP/1.1\r\nHost: x\r\n\r\n").await;
            assert!(answer.starts_with("HTTP/1.1 404"), "{answer}");
        }
        handle.cancel();
        assert_eq!(running.await.expect("no panic").err(), Some(AttemptError::Cancelled));
    }
}

#[tokio::test]
async fn more_callers_than_a_browser_has_do_not_shut_the_browser_out() {
    let endpoint = Endpoint::start().await;
    let attempt = attempt_apart(&endpoint, 2).await;
    let (port, state) = (attempt.port(), crate::rig::state(&attempt));
    let running = tokio::spawn(attempt.run());
    let mut silent = Vec::new();
    for _ in 0..100 {
        silent.push(TcpStream::connect(("127.0.0.1", port)).await.expect("somebody listens"));
    }
    // The first of them is let go for the sake of those that came later.
    assert_eq!(silent[0].read(&mut [0; 16]).await.unwrap_or_default(), 0);
    let query = format!("code=good&state={state}");
    let answer = crate::rig::send("127.0.0.1", port, &crate::rig::callback(port, &query)).await;
    assert!(answer.contains("Connected to portal 4711."), "{answer}");
    running.await.expect("no panic").expect("a grant");
    assert!(is_closed(port).await);
}
