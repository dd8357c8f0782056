//! Clocks that are set, and computers that sleep.

use hubspot::TokenSource;

use crate::rig::Connected;

async fn token(tokens: &auth::OauthTokens) -> String {
    tokens.token().await.expect("a token").expose().to_owned()
}

#[tokio::test]
async fn after_a_sleep_the_token_is_replaced_before_it_is_refused() {
    let connected = Connected::new().await;
    let tokens = connected.tokens();
    assert_eq!(token(&tokens).await, "access-0");
    connected.clock.set_wall(8 * 3600);
    assert_eq!(token(&tokens).await, "access-1");
}

#[tokio::test]
async fn a_clock_that_is_set_forward_costs_one_refresh() {
    let connected = Connected::new().await;
    let tokens = connected.tokens();
    assert_eq!(token(&tokens).await, "access-0");
    connected.clock.set_wall(86_400);
    for _ in 0..3 {
        assert_eq!(token(&tokens).await, "access-1");
    }
    assert_eq!(token(&connected.tokens()).await, "access-1", "the next start, too, knows when it was");
}

#[tokio::test]
async fn a_clock_that_is_set_back_costs_one_refresh() {
    let connected = Connected::new().await;
    let tokens = connected.tokens();
    assert_eq!(token(&tokens).await, "access-0");
    connected.clock.set_wall(-86_400);
    for _ in 0..3 {
        assert_eq!(token(&tokens).await, "access-1");
    }
    assert_eq!(connected.endpoint.world().refreshes(), 1);
}

#[tokio::test]
async fn a_token_from_the_future_is_not_trusted_at_the_start() {
    let connected = Connected::new().await;
    connected.clock.set_wall(-3600);
    let tokens = connected.tokens();
    assert_eq!(token(&tokens).await, "access-1");
    assert_eq!(token(&connected.tokens()).await, "access-1");
    assert_eq!(connected.endpoint.world().refreshes(), 1);
}

#[tokio::test]
async fn a_clock_set_back_while_hubspot_is_away_leaves_the_token_in_use() {
    let connected = Connected::new().await;
    let tokens = connected.tokens();
    assert_eq!(token(&tokens).await, "access-0");
    connected.clock.set_wall(-3600);
    connected.endpoint.say(0, "");
    assert_eq!(token(&tokens).await, "access-0");
}

#[tokio::test]
async fn tokens_that_live_shortly_are_replaced_in_time() {
    let connected = Connected::new().await;
    connected.endpoint.world().life = 60;
    let tokens = connected.tokens();
    connected.pass(1800);
    for round in 1..20 {
        assert_eq!(token(&tokens).await, format!("access-{round}"));
        connected.pass(53);
        assert_eq!(token(&tokens).await, format!("access-{round}"));
        connected.pass(2);
    }
}
