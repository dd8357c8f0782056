//! Tokens kept good: when they are replaced, by whom, and what is left standing when something fails.

use std::sync::Arc;

use auth::{Kept, OauthTokens};
use hubspot::{Error, OauthRefusal, Token, TokenError, TokenSource};
use tokio::sync::Semaphore;

use crate::{
    endpoint::FIRST_REFRESH,
    rig::{Connected, id},
};

async fn token(tokens: &OauthTokens) -> String {
    tokens.token().await.expect("a token").expose().to_owned()
}

/// What eight tasks get at the same time.
async fn eight(tokens: &OauthTokens) -> Vec<String> {
    let tasks: Vec<_> = (0..8)
        .map(|_| {
            let tokens = tokens.clone();
            tokio::spawn(async move { token(&tokens).await })
        })
        .collect();
    let mut all = Vec::new();
    for task in tasks {
        all.push(task.await.expect("no panic"));
    }
    all
}

#[tokio::test]
async fn a_good_token_is_used_and_nothing_is_asked() {
    let connected = Connected::new().await;
    let tokens = connected.tokens();
    assert_eq!(eight(&tokens).await, ["access-0"; 8]);
    connected.pass(1600);
    assert_eq!(eight(&tokens).await, ["access-0"; 8]);
    assert!(connected.endpoint.world().asked.is_empty());
}

#[tokio::test]
async fn a_token_that_is_due_is_replaced_once_while_the_others_go_on_with_it() {
    let connected = Connected::new().await;
    let tokens = connected.tokens();
    token(&tokens).await;
    connected.pass(1650);
    let gate = Arc::new(Semaphore::new(0));
    connected.endpoint.world().gate = Some(gate.clone());
    let first = tokio::spawn({
        let tokens = tokens.clone();
        async move { token(&tokens).await }
    });
    while connected.endpoint.world().asked.is_empty() {
        tokio::task::yield_now().await;
    }
    assert_eq!(eight(&tokens).await, ["access-0"; 8]);
    gate.add_permits(1);
    assert_eq!(first.await.unwrap(), "access-1");
    assert_eq!(eight(&tokens).await, ["access-1"; 8]);
    assert_eq!(connected.endpoint.world().refreshes(), 1);
}

#[tokio::test]
async fn a_token_that_has_ended_is_waited_for_and_replaced_once() {
    let connected = Connected::new().await;
    let tokens = connected.tokens();
    token(&tokens).await;
    connected.pass(4000);
    assert_eq!(eight(&tokens).await, ["access-1"; 8]);
    assert_eq!(connected.endpoint.world().refreshes(), 1);
}

#[tokio::test]
async fn after_a_401_eight_calls_get_one_new_token() {
    let connected = Connected::new().await;
    let tokens = connected.tokens();
    let stale = tokens.token().await.unwrap();
    let tasks: Vec<_> = (0..8)
        .map(|_| {
            let (tokens, stale) = (tokens.clone(), stale.clone());
            tokio::spawn(async move { tokens.refresh(&stale).await.unwrap().unwrap() })
        })
        .collect();
    for task in tasks {
        assert_eq!(task.await.unwrap().expose(), "access-1");
    }
    assert_eq!(connected.endpoint.world().refreshes(), 1);
}

#[tokio::test]
async fn what_comes_back_is_kept_the_lasting_part_first_and_before_it_is_used() {
    let connected = Connected::new().await;
    connected.endpoint.world().rotates = true;
    let tokens = connected.tokens();
    connected.pass(1800);
    assert_eq!(token(&tokens).await, "access-1");
    let log = connected.vault.log();
    assert_eq!(log[log.len() - 2..], ["connection/acme", "connection/acme/access"]);
    let Ok(Kept::Oauth(kept)) = Kept::load(&connected.vault, &id()) else { panic!("nothing is kept") };
    assert_eq!(kept.refresh.expose(), "na1-refresh-1");
    connected.pass(1800);
    assert_eq!(token(&tokens).await, "access-2");
    // Another start of the program knows only what the vault has.
    connected.pass(1800);
    assert_eq!(token(&connected.tokens()).await, "access-3");
}

#[tokio::test]
async fn an_unchanged_refresh_token_is_not_written_again() {
    let connected = Connected::new().await;
    let tokens = connected.tokens();
    connected.pass(1800);
    token(&tokens).await;
    let lasting = connected.vault.log().into_iter().filter(|entry| entry == "connection/acme").count();
    assert_eq!(lasting, 1, "only when it was connected");
}

#[tokio::test]
async fn a_vault_that_takes_nothing_costs_no_call_and_is_tried_again() {
    let connected = Connected::new().await;
    connected.endpoint.world().rotates = true;
    let tokens = connected.tokens();
    token(&tokens).await;
    connected.pass(1800);
    connected.vault.fail("store", true);
    assert_eq!(token(&tokens).await, "access-1");
    let before = connected.vault.log().len();
    connected.vault.fail("store", false);
    connected.pass(20);
    while connected.vault.log().len() < before + 2 {
        assert_eq!(token(&tokens).await, "access-1");
        tokio::task::yield_now().await;
    }
    let Ok(Kept::Oauth(kept)) = Kept::load(&connected.vault, &id()) else { panic!("nothing is kept") };
    assert_eq!(kept.refresh.expose(), "na1-refresh-1");
    assert_eq!(token(&connected.tokens()).await, "access-1");
    assert_eq!(connected.endpoint.world().refreshes(), 1);
}

#[tokio::test]
async fn a_rotated_token_that_could_not_be_kept_is_still_the_one_that_is_used_next() {
    let connected = Connected::new().await;
    connected.endpoint.world().rotates = true;
    let tokens = connected.tokens();
    token(&tokens).await;
    connected.vault.fail("store", true);
    for round in 1..4 {
        connected.pass(1800);
        assert_eq!(token(&tokens).await, format!("access-{round}"));
    }
}

#[tokio::test]
async fn while_a_token_is_good_a_failed_refresh_is_no_failure() {
    let connected = Connected::new().await;
    let tokens = connected.tokens();
    token(&tokens).await;
    connected.pass(1650);
    connected.endpoint.say(502, "<html>");
    assert_eq!(eight(&tokens).await, ["access-0"; 8]);
    assert_eq!(connected.endpoint.world().refreshes(), 1, "it is not asked again at once");
    connected.pass(16);
    assert_eq!(token(&tokens).await, "access-1");
}

#[tokio::test]
async fn without_a_good_token_a_failure_that_passes_is_retried_and_then_said() {
    let connected = Connected::new().await;
    let tokens = connected.tokens();
    connected.pass(1800);
    for _ in 0..2 {
        connected.endpoint.say(502, "");
    }
    assert_eq!(token(&tokens).await, "access-1");
    connected.pass(1800);
    for _ in 0..3 {
        connected.endpoint.say(0, "");
    }
    let error = Error::from(tokens.token().await.unwrap_err());
    assert!(error.is_transient() && !error.needs_new_key(), "{error:?}");
    assert_eq!(token(&tokens).await, "access-2", "it is over as soon as HubSpot is back");
}

#[tokio::test]
async fn a_revoked_connection_says_so_and_asks_no_more() {
    let connected = Connected::new().await;
    let tokens = connected.tokens();
    connected.pass(1800);
    connected.endpoint.world().refresh = vec!["another".into()];
    for _ in 0..3 {
        assert_eq!(tokens.token().await.unwrap_err(), TokenError::Revoked);
        assert_eq!(tokens.refresh(&Token::new("access-0".into())).await.unwrap_err(), TokenError::Revoked);
    }
    assert_eq!(tokens.over(), Some(TokenError::Revoked));
    assert!(Error::from(TokenError::Revoked).needs_new_key());
    assert_eq!(connected.endpoint.world().refreshes(), 1);
}

#[tokio::test]
async fn other_final_refusals_are_remembered_by_their_code() {
    for (status, refusal) in
        [("BAD_HUB", OauthRefusal::BadHub), ("BAD_CLIENT_SECRET", OauthRefusal::BadClientSecret)]
    {
        let connected = Connected::new().await;
        let tokens = connected.tokens();
        connected.pass(1800);
        connected.endpoint.say(400, &format!(r#"{{"status":"{status}"}}"#));
        for _ in 0..2 {
            assert_eq!(tokens.token().await.unwrap_err(), TokenError::Refused(refusal));
        }
        assert_eq!(connected.endpoint.world().refreshes(), 1);
    }
}

#[tokio::test]
async fn a_refusal_of_a_token_that_may_be_outdated_revokes_nothing() {
    let connected = Connected::new().await;
    let tokens = connected.tokens();
    connected.pass(1800);
    connected.vault.fail("read", true);
    connected.endpoint.world().refresh = vec!["of-another-process".into()];
    let error = tokens.token().await.unwrap_err();
    assert!(matches!(error, TokenError::Vault { locked: true, .. }), "{error:?}");
    assert_eq!(tokens.over(), None);
    // A vault that is only locked does not end a connection whose token is still the right one.
    connected.endpoint.world().refresh = vec![FIRST_REFRESH.into()];
    assert_eq!(token(&tokens).await, "access-1");
}

#[tokio::test]
async fn a_connection_that_was_given_up_elsewhere_asks_no_more() {
    let connected = Connected::new().await;
    let tokens = connected.tokens();
    token(&tokens).await;
    connected.pass(1800);
    Kept::delete(&connected.vault, &id()).unwrap();
    let error = Error::from(tokens.token().await.unwrap_err());
    assert!(!error.needs_new_key() && !error.is_transient(), "{error:?}");
    assert!(connected.endpoint.world().asked.is_empty());
}

#[tokio::test]
async fn a_connection_made_anew_elsewhere_is_taken_over() {
    let connected = Connected::new().await;
    let tokens = connected.tokens();
    token(&tokens).await;
    connected.pass(1800);
    let mut credential = connected.credential();
    credential.refresh = Token::new("na1-of-the-new-sign-in".into());
    credential.save(&connected.vault, &id(), &connected.grant("access-new")).unwrap();
    connected.endpoint.world().refresh = vec!["na1-of-the-new-sign-in".into()];
    assert_eq!(token(&tokens).await, "access-new");
    connected.pass(1800);
    assert_eq!(token(&tokens).await, "access-1");
    assert_eq!(tokens.over(), None);
}

#[tokio::test]
async fn a_caller_that_gives_up_loses_no_answer() {
    let connected = Connected::new().await;
    connected.endpoint.world().rotates = true;
    let tokens = connected.tokens();
    connected.pass(1800);
    let gate = Arc::new(Semaphore::new(0));
    connected.endpoint.world().gate = Some(gate.clone());
    let asking = tokio::spawn({
        let tokens = tokens.clone();
        async move { token(&tokens).await }
    });
    while connected.endpoint.world().asked.is_empty() {
        tokio::task::yield_now().await;
    }
    asking.abort();
    assert!(asking.await.unwrap_err().is_cancelled());
    gate.add_permits(1);
    assert_eq!(token(&tokens).await, "access-1");
    assert_eq!(connected.endpoint.world().refreshes(), 1);
}

#[tokio::test]
async fn nothing_that_is_said_or_shown_holds_a_secret() {
    let connected = Connected::new().await;
    let tokens = connected.tokens();
    connected.pass(1800);
    connected.endpoint.say(400, &format!(r#"{{"message":"{FIRST_REFRESH} is not ours"}}"#));
    let error = tokens.token().await.unwrap_err();
    let shown = format!("{error} {error:?} {:?} {:?}", connected.credential(), connected.grant("access-0"));
    for secret in [FIRST_REFRESH, crate::endpoint::SECRET, "access-0"] {
        assert!(!shown.contains(secret), "{shown}");
    }
}
