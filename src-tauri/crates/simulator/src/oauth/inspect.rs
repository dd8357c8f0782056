//! What a token is, and its end: introspection, revocation, and their forms in version 1.
//!
//! Deliberately absent: signatures that verify; nothing says how.

use serde_json::{Value, json};

use super::token::{Form, client};
use super::{Grant, Standing};
use crate::answer::Answer;
use crate::app::Distribution;
use crate::ask::{Ask, Version};
use crate::people;
use crate::portal::Portal;
use crate::routes::{account, wrong_method};
use crate::stamp;

/// The token a call is about, by the member that carries it.
fn named(portal: &Portal, form: &Form<'_>) -> String {
    let hint = form.get("token_type_hint");
    let field = match hint.as_deref() {
        Some(hint @ ("access_token" | "refresh_token")) if portal.config.switches.token_field_by_hint => hint,
        _ => "token",
    };
    form.get(field).unwrap_or_default().into_owned()
}

pub(crate) fn introspect(portal: &Portal, version: Version, ask: &Ask<'_>) -> Answer {
    if ask.method != "POST" {
        return wrong_method();
    }
    let form = Form::read(ask, version);
    let client = match client(portal, &form) {
        Ok(client) => client,
        Err(status) => return status.answer(&portal.config.switches),
    };
    let token = named(portal, &form);
    let now = portal.clock.now();
    if let Some((Standing::Live(grant), dies_at)) = portal.oauth.access(&token, now)
        && grant.app == client
    {
        let mut body = facts(portal, &grant, &token, "access_token");
        body["expires_in"] = json!((dies_at - now) / stamp::SECOND);
        body["signed_access_token"] = signed(portal, &grant, dies_at);
        return Answer::ok(&body);
    }
    match portal.oauth.refresh(&token).filter(|grant| grant.app == client) {
        Some(grant) => Answer::ok(&facts(portal, &grant, &token, "refresh_token")),
        None => Answer::ok(&json!({"active": false})),
    }
}

fn facts(portal: &Portal, grant: &Grant, token: &str, token_use: &str) -> Value {
    let app = &portal.config.apps[grant.app];
    json!({
        "active": true,
        "token": token,
        "token_use": token_use,
        "token_type": "Bearer",
        "hub_id": portal.config.portal,
        "user_id": people::installer().user_id,
        "user": people::installer().email(),
        "hub_domain": people::DOMAIN,
        "client_id": app.client_id,
        "app_id": app_id(grant),
        "scopes": grant.scopes,
        "is_private_distribution": app.distribution == Distribution::Private,
    })
}

/// Apps are numbered on from the one that the portal's key belongs to.
fn app_id(grant: &Grant) -> u64 {
    account::APP + 1 + grant.app as u64
}

fn signed(portal: &Portal, grant: &Grant, dies_at: i64) -> Value {
    let user = people::installer().user_id;
    json!({
        "expiresAt": dies_at,
        "scopes": "",
        "hubId": portal.config.portal,
        "userId": user,
        "appId": app_id(grant),
        "signature": "",
        "newSignature": "",
        "scopeToScopeGroupPks": "",
        "hublet": portal.config.region.name(),
        "trialScopes": "",
        "trialScopeToScopeGroupPks": "",
        "isUserLevel": false,
        "installingUserId": user,
        "isServiceAccount": false,
        "isPrivateDistribution": portal.config.apps[grant.app].distribution == Distribution::Private,
    })
}

/// Ends a token. Access tokens that a refresh token brought stay until they expire by themselves.
pub(crate) fn revoke(portal: &Portal, version: Version, ask: &Ask<'_>) -> Answer {
    if ask.method != "POST" {
        return wrong_method();
    }
    let form = Form::read(ask, version);
    let client = match client(portal, &form) {
        Ok(client) => client,
        Err(status) => return status.answer(&portal.config.switches),
    };
    let token = named(portal, &form);
    portal.oauth.end_refresh(&token, Some(client));
    if portal.config.switches.revoked_access_token_dies {
        portal.oauth.end_access(&token, client);
    }
    Answer::empty(200)
}

/// `/oauth/v1/access-tokens/{token}`
pub(crate) fn access_v1(portal: &Portal, token: &str, ask: &Ask<'_>) -> Answer {
    if ask.method != "GET" {
        return wrong_method();
    }
    let now = portal.clock.now();
    let Some((Standing::Live(grant), dies_at)) = portal.oauth.access(token, now) else {
        return account::unknown_token(portal).into();
    };
    let app = &portal.config.apps[grant.app];
    Answer::ok(&json!({
        "token": token,
        "user": people::installer().email(),
        "hub_domain": people::DOMAIN,
        "scopes": grant.scopes,
        "hub_id": portal.config.portal,
        "app_id": app_id(&grant),
        "expires_in": (dies_at - now) / stamp::SECOND,
        "user_id": people::installer().user_id,
        "token_type": "access",
        "is_private_distribution": app.distribution == Distribution::Private,
        "signed_access_token": signed(portal, &grant, dies_at),
    }))
}

/// `/oauth/v1/refresh-tokens/{token}`
pub(crate) fn refresh_v1(portal: &Portal, token: &str, ask: &Ask<'_>) -> Answer {
    match ask.method {
        "GET" => match portal.oauth.refresh(token) {
            Some(grant) => Answer::ok(&json!({
                "token": token,
                "user": people::installer().email(),
                "hub_domain": people::DOMAIN,
                "scopes": grant.scopes,
                "hub_id": portal.config.portal,
                "client_id": portal.config.apps[grant.app].client_id,
                "user_id": people::installer().user_id,
                "token_type": "refresh",
            })),
            None => account::unknown_token(portal).into(),
        },
        "DELETE" if portal.oauth.end_refresh(token, None) => Answer::empty(204),
        "DELETE" => account::unknown_token(portal).into(),
        _ => wrong_method(),
    }
}
