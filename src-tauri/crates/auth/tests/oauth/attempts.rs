//! One attempt from its address to its end, and what the browser tab is told.

use std::{sync::Arc, time::Duration};

use auth::{Attempt, AttemptError, ExchangeProblem, PasteRefused, Patience, Phase, Tab};
use crm::PortalId;
use hubspot::{BadOrigin, OauthRefusal, Origin, TransportKind};
use oauth2::{PkceCodeChallenge, PkceCodeVerifier};
use tokio::sync::Semaphore;

use crate::{
    endpoint::{CLIENT, Endpoint, FIRST_REFRESH, SECRET},
    rig::{app, attempt, attempt_apart, callback, is_closed, options, parameter, send, state},
};

#[tokio::test]
async fn the_address_asks_for_what_the_app_declares_and_holds_no_secret() {
    let endpoint = Endpoint::start().await;
    let attempt = attempt(&endpoint).await;
    let url = attempt.authorize_url();
    assert!(url.starts_with(&format!("{}/oauth/authorize?", endpoint.origin)), "{url}");
    assert!(!url.contains('+') && !url.contains(SECRET), "{url}");
    assert!(url.contains("scope=oauth%20crm.objects.contacts.read%20crm.objects.deals.read"), "{url}");
    for (name, value) in [
        ("client_id", CLIENT),
        ("redirect_uri", attempt.redirect_uri()),
        ("optional_scope", "tickets"),
        ("code_challenge_method", "S256"),
    ] {
        assert_eq!(parameter(url, name).as_deref(), Some(value), "{url}");
    }
    assert_eq!(attempt.redirect_uri(), format!("http://localhost:{}/oauth-callback", attempt.port()));
    // 43 characters of base64 are 256 bits.
    let states = [state(&attempt), state(&crate::rig::attempt(&endpoint).await)];
    assert!(states[0].len() >= 43 && states[0] != states[1]);
}

#[tokio::test]
async fn an_approval_becomes_a_grant_and_the_tab_says_so() {
    let endpoint = Endpoint::start().await;
    let attempt = attempt(&endpoint).await;
    let (port, url, redirect) =
        (attempt.port(), attempt.authorize_url().to_owned(), attempt.redirect_uri().to_owned());
    let (state, mut progress) = (state(&attempt), attempt.handle().watch());
    assert_eq!(progress.borrow_and_update().phase, Phase::Waiting);
    let running = tokio::spawn(attempt.run());
    let answer = send("127.0.0.1", port, &callback(port, &format!("code=good-1&state={state}"))).await;
    let grant = running.await.unwrap().unwrap();
    assert_eq!((grant.access.expose(), grant.refresh.expose()), ("access-1", FIRST_REFRESH));
    assert_eq!((grant.hub_id, grant.expires_in), (Some(PortalId(4711)), Duration::from_mins(30)));
    assert_eq!(grant.scopes.unwrap(), ["oauth", "crm.objects.contacts.read"]);
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    assert!(answer.contains("<h1>Connected to portal 4711.</h1><p>You can close this tab.</p>"), "{answer}");
    for header in [
        "content-security-policy: default-src 'none'; style-src 'unsafe-inline'\r\n",
        "referrer-policy: no-referrer\r\n",
        "cache-control: no-store\r\n",
    ] {
        assert!(answer.contains(header), "{answer}");
    }
    assert_eq!(progress.borrow_and_update().phase, Phase::Done);

    let world = endpoint.world();
    let form = &world.asked[0].form;
    assert_eq!((world.asked.len(), world.asked[0].path.as_str()), (1, "/oauth/2026-03/token"));
    for (name, value) in [
        ("grant_type", "authorization_code"),
        ("code", "good-1"),
        ("client_id", CLIENT),
        ("client_secret", SECRET),
        ("redirect_uri", redirect.as_str()),
    ] {
        assert_eq!(form[name], value);
    }
    let verifier = PkceCodeVerifier::new(form["code_verifier"].clone());
    let challenge = PkceCodeChallenge::from_code_verifier_sha256(&verifier);
    assert_eq!(parameter(&url, "code_challenge").as_deref(), Some(challenge.as_str()));
}

#[tokio::test]
async fn hubspots_no_ends_it_and_its_words_are_only_words() {
    let endpoint = Endpoint::start().await;
    let attempt = attempt(&endpoint).await;
    let (port, state) = (attempt.port(), state(&attempt));
    let running = tokio::spawn(attempt.run());
    let query = format!("error=access_denied&error_description=%3Cb%3Eno%3C/b%3E&state={state}");
    let answer = send("::1", port, &callback(port, &query)).await;
    assert!(answer.contains("&lt;b&gt;no&lt;/b&gt;") && !answer.contains("<b>"), "{answer}");
    assert!(answer.contains("<code>user_denied</code>"), "{answer}");
    let denied = running.await.unwrap().unwrap_err();
    let description = Some("<b>no</b>".into());
    assert_eq!(denied, AttemptError::Denied { error: "access_denied".into(), description });
    assert!(endpoint.world().asked.is_empty());
}

#[tokio::test]
async fn a_failed_exchange_is_told_to_the_tab_and_to_the_app_without_any_secret() {
    let endpoint = Endpoint::start().await;
    endpoint.world().date = Some("Sun, 06 Nov 1994 08:49:37 GMT");
    let attempt = attempt(&endpoint).await;
    let (port, state) = (attempt.port(), state(&attempt));
    let running = tokio::spawn(attempt.run());
    let answer = send("127.0.0.1", port, &callback(port, &format!("code=bad-1&state={state}"))).await;
    assert!(answer.contains("HubSpot said yes, but the last step failed."), "{answer}");
    assert!(answer.contains("<code>exchange_failed</code>"), "{answer}");
    let error = running.await.unwrap().unwrap_err();
    let shown = format!("{answer} {error} {error:?}");
    assert!(!shown.contains(SECRET) && !shown.contains("bad-1") && !shown.contains(&state), "{shown}");
    let AttemptError::Exchange { problem: ExchangeProblem::Refused(refused), clock_off } = error else {
        panic!("{error:?}")
    };
    assert_eq!(refused.refusal, OauthRefusal::BadAuthCode);
    assert!(clock_off.is_some_and(|seconds| seconds > 30 * 365 * 86_400), "{clock_off:?}");
}

#[tokio::test]
async fn answers_that_are_none_are_told_apart() {
    for (status, body) in [
        (200, "<html>Sign in to the hotel's network</html>"),
        (200, r#"{"token_type":"bearer","access_token":"","refresh_token":"x"}"#),
        (200, r#"{"token_type":"bearer","access_token":"a"}"#),
        (200, ""),
    ] {
        let endpoint = Endpoint::start().await;
        endpoint.say(status, body);
        let error = ended_with_a_code(&endpoint).await;
        let AttemptError::Exchange { problem, clock_off: None } = error else { panic!("{error:?}") };
        assert_eq!(problem, ExchangeProblem::Malformed, "{body}");
    }
    let endpoint = Endpoint::start().await;
    endpoint.say(0, "");
    let error = ended_with_a_code(&endpoint).await;
    let AttemptError::Exchange { problem: ExchangeProblem::Transport { kind, .. }, .. } = error else {
        panic!("{error:?}")
    };
    assert_eq!(kind, TransportKind::Interrupted);
    assert_eq!(endpoint.world().exchanges().len(), 1, "a code that may have been used is not sent twice");
}

async fn ended_with_a_code(endpoint: &Endpoint) -> AttemptError {
    let attempt = attempt(endpoint).await;
    let (query, handle) = (format!("code=good&state={}", state(&attempt)), attempt.handle());
    handle.paste(&query).expect("taken");
    attempt.run().await.expect_err("no grant")
}

#[tokio::test]
async fn a_slow_exchange_lets_the_tab_go_and_still_ends_well() {
    let endpoint = Endpoint::start().await;
    let gate = Arc::new(Semaphore::new(0));
    endpoint.world().gate = Some(gate.clone());
    let patience = Patience { tab: Duration::from_millis(20), ..Patience::default() };
    let attempt = attempt(&endpoint).await.with_patience(patience);
    let (port, state) = (attempt.port(), state(&attempt));
    let running = tokio::spawn(attempt.run());
    let good = callback(port, &format!("code=good&state={state}"));
    let answer = send("127.0.0.1", port, &good).await;
    assert!(answer.contains("Portside is still finishing"), "{answer}");
    let replayed = send("127.0.0.1", port, &good).await;
    assert!(replayed.starts_with("HTTP/1.1 409 "), "{replayed}");
    gate.add_permits(1);
    running.await.unwrap().unwrap();
    assert_eq!(endpoint.world().exchanges().len(), 1);
}

#[tokio::test]
async fn an_older_attempts_callback_is_seen_and_changes_nothing() {
    let endpoint = Endpoint::start().await;
    let attempt = attempt(&endpoint).await;
    let (port, handle) = (attempt.port(), attempt.handle());
    let running = tokio::spawn(attempt.run());
    let answer = send("127.0.0.1", port, &callback(port, "code=good&state=older")).await;
    assert!(answer.contains("This approval belongs to an older attempt."), "{answer}");
    send("127.0.0.1", port, &callback(port, "error=access_denied")).await;
    let progress = handle.progress();
    assert_eq!((progress.phase, progress.older_attempts, progress.unproven_denials), (Phase::Waiting, 1, 1));
    handle.cancel();
    assert_eq!(running.await.unwrap().unwrap_err(), AttemptError::Cancelled);
}

#[tokio::test]
async fn nobody_waits_for_ever_and_nothing_stays_open() {
    let endpoint = Endpoint::start().await;
    let patience = Patience { callback: Duration::from_millis(10), ..Patience::default() };
    let waiting = attempt_apart(&endpoint, 1).await.with_patience(patience);
    let (port, handle) = (waiting.port(), waiting.handle());
    assert_eq!(waiting.run().await.unwrap_err(), AttemptError::TimedOut);
    assert!(is_closed(port).await);
    assert_eq!(handle.progress().phase, Phase::Failed);

    let dropped = attempt_apart(&endpoint, 1).await;
    let port = dropped.port();
    let running = tokio::spawn(dropped.run());
    send("127.0.0.1", port, "GET / HTTP/1.1\r\nHost: x\r\n\r\n").await;
    running.abort();
    assert!(running.await.unwrap_err().is_cancelled());
    assert!(is_closed(port).await);
}

#[tokio::test]
async fn a_pasted_address_does_what_the_callback_does() {
    let endpoint = Endpoint::start().await;
    let by_hand = Attempt::by_hand(app(&endpoint), 14117, &options()).unwrap();
    assert!(!by_hand.listens() && by_hand.redirect_uri() == "http://localhost:14117/oauth-callback");
    let (state, handle) = (state(&by_hand), by_hand.handle());
    let running = tokio::spawn(by_hand.run());
    assert_eq!(handle.paste("code=good&state=older"), Err(PasteRefused::OlderAttempt));
    assert_eq!(handle.paste("https://app.hubspot.com/?code=good"), Err(PasteRefused::OtherAddress));
    let address = format!("'http://localhost:14117/oauth-callback?code=good&state={state}'");
    assert_eq!(handle.paste(&address), Ok(()));
    assert_eq!(handle.paste(&address), Err(PasteRefused::AlreadyAnswered));
    assert_eq!(running.await.unwrap().unwrap().access.expose(), "access-1");
    assert_eq!(handle.paste(&address), Err(PasteRefused::AlreadyAnswered));
}

#[tokio::test]
async fn the_tab_says_what_the_app_made_of_the_grant() {
    let endpoint = Endpoint::start().await;
    let attempt = attempt(&endpoint).await;
    let (port, state) = (attempt.port(), state(&attempt));
    let running = tokio::spawn(attempt.run_then(
        async |granted| granted.unwrap().hub_id,
        |portal| Tab {
            title: "This is another portal.".into(),
            text: format!("It is {portal:?}."),
            code: Some("wrong_account".into()),
        },
    ));
    let answer = send("127.0.0.1", port, &callback(port, &format!("code=good&state={state}"))).await;
    assert!(answer.contains("This is another portal.") && answer.contains("wrong_account"), "{answer}");
    assert_eq!(running.await.unwrap(), Some(PortalId(4711)));
}

#[tokio::test]
async fn an_apps_secrets_go_to_hubspot_and_to_this_computer_unless_a_host_was_allowed() {
    let endpoint = Endpoint::start().await;
    let elsewhere = Origin::parse("https://api.hubspot.evil.example", false).unwrap();
    for (api, app_origin) in [(&elsewhere, &endpoint.origin), (&endpoint.origin, &elsewhere)] {
        let mut app = app(&endpoint);
        (app.api, app.app) = (api.clone(), app_origin.clone());
        let refused = Attempt::new(app.clone(), &[0], &options()).await.err();
        assert!(matches!(refused, Some(AttemptError::Origin(BadOrigin::ForeignHost { .. }))), "{refused:?}");
        app.allow_host = true;
        assert!(app.check_origins().is_ok());
    }
    let real = [Origin::hubspot(), Origin::hubspot_app()];
    assert!(real.iter().all(Origin::is_hubspot));
}
