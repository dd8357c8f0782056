//! Giving a sign-in up at HubSpot, and asking HubSpot about one.

use std::{fs, sync::Arc};

use auth::{Effect, Error, ExchangeProblem, Kept, introspect, oauth_scopes, revoke};
use hubspot::{Token, TransportKind};

use crate::{
    endpoint::{CLIENT, FIRST_REFRESH, SECRET},
    rig::{Connected, id, options},
};

async fn revoked(connected: &Connected) -> Option<Effect> {
    revoke(Arc::new(connected.vault.clone()), &id(), &options()).await
}

#[tokio::test]
async fn the_refresh_token_is_given_up_at_hubspot() {
    let connected = Connected::new().await;
    assert!(matches!(revoked(&connected).await, Some(Effect::RevokedAtHubspot(Ok(())))));
    let world = connected.endpoint.world();
    assert_eq!(world.revoked, [FIRST_REFRESH]);
    assert_eq!(world.asked[0].path, "/oauth/2026-03/token/revoke");
    let form = &world.asked[0].form;
    assert_eq!((form["client_id"].as_str(), form["client_secret"].as_str()), (CLIENT, SECRET));
    assert_eq!(form["token_type_hint"], "refresh_token");
}

#[tokio::test]
async fn one_that_is_gone_already_is_given_up_and_a_server_in_trouble_is_said() {
    let connected = Connected::new().await;
    connected.endpoint.say(400, r#"{"status":"BAD_REFRESH_TOKEN"}"#);
    assert!(matches!(revoked(&connected).await, Some(Effect::RevokedAtHubspot(Ok(())))));
    for status in [500, 0] {
        connected.endpoint.say(status, "");
        let effect = revoked(&connected).await.unwrap();
        assert!(matches!(effect.error(), Some(Error::Exchange(_))), "{effect:?}");
        assert!(!format!("{effect:?}").contains(FIRST_REFRESH));
    }
}

#[tokio::test(start_paused = true)]
async fn a_hubspot_that_never_answers_is_not_waited_for() {
    let connected = Connected::new().await;
    connected.endpoint.world().gate = Some(Arc::new(tokio::sync::Semaphore::new(0)));
    let effect = revoked(&connected).await.unwrap();
    let Some(Error::Exchange(ExchangeProblem::Transport { kind, .. })) = effect.error() else {
        panic!("{effect:?}")
    };
    assert_eq!(*kind, TransportKind::Timeout);
}

#[tokio::test]
async fn where_nothing_is_kept_nothing_is_asked() {
    let connected = Connected::new().await;
    Kept::delete(&connected.vault, &id()).unwrap();
    assert!(revoked(&connected).await.is_none());
    assert!(connected.endpoint.world().asked.is_empty());
    assert_eq!(fs::read_dir(connected.folder.path().join("vault")).unwrap().count(), 0);
}

#[tokio::test]
async fn a_vault_that_cannot_be_read_is_said() {
    let connected = Connected::new().await;
    connected.vault.fail("read", true);
    let effect = revoked(&connected).await.unwrap();
    assert!(matches!(effect.error(), Some(Error::Vault(vault::Error::Locked))), "{effect:?}");
}

#[tokio::test]
async fn scopes_are_those_of_the_answer_else_those_that_hubspot_tells_else_unknown() {
    let connected = Connected::new().await;
    let (credential, mut grant) = (connected.credential(), connected.grant("access-9"));
    let told = oauth_scopes(&credential, &grant, &options()).await.unwrap();
    assert_eq!(told.unwrap(), ["oauth", "told"]);
    connected.endpoint.say(404, "");
    assert_eq!(oauth_scopes(&credential, &grant, &options()).await.unwrap(), None);
    connected.endpoint.say(0, "");
    assert!(oauth_scopes(&credential, &grant, &options()).await.is_err());
    grant.scopes = Some(vec!["oauth".into()]);
    let asked = connected.endpoint.world().asked.len();
    assert_eq!(oauth_scopes(&credential, &grant, &options()).await.unwrap().unwrap(), ["oauth"]);
    assert_eq!(connected.endpoint.world().asked.len(), asked);
}

#[tokio::test]
async fn an_inactive_token_is_told_from_an_answer_that_is_none() {
    let connected = Connected::new().await;
    let (credential, token) = (connected.credential(), Token::new("access-0".into()));
    connected.endpoint.say(200, r#"{"active":false}"#);
    assert!(!introspect(&credential, &token, &options()).await.unwrap().active);
    connected.endpoint.say(200, "[]");
    let error = introspect(&credential, &token, &options()).await.unwrap_err();
    assert!(matches!(error, Error::Exchange(ExchangeProblem::Malformed)), "{error:?}");
}
