//! The token endpoint: a code for tokens, a refresh token for a fresh access token.
//!
//! Deliberately absent: `id_token`, and clients that send their secret in a header: nothing documents them.

use std::borrow::Cow;
use std::sync::Arc;

use serde_json::{Value, json};

use super::Grant;
use super::refusal::OauthStatus;
use crate::answer::Answer;
use crate::ask::{Ask, Query, Version};
use crate::ledger::GrantType;
use crate::people;
use crate::portal::Portal;
use crate::routes::wrong_method;
use crate::switches::RefreshRotation;

/// The parameters of a call: those of the body, and in version 1 those of the URL too.
pub(super) struct Form<'a> {
    body: Query<'a>,
    url: Option<Query<'a>>,
}

impl<'a> Form<'a> {
    pub(super) fn read(ask: &Ask<'a>, version: Version) -> Form<'a> {
        let body = Query(std::str::from_utf8(ask.body).unwrap_or_default());
        Form { body, url: (version == Version::V1).then_some(ask.query) }
    }

    /// A parameter that has a value.
    pub(super) fn get(&self, name: &str) -> Option<Cow<'a, str>> {
        let given = self.body.get(name).or_else(|| self.url?.get(name));
        given.filter(|value| !value.is_empty())
    }
}

/// The app that a call is for, by its place; its secret is always needed.
pub(super) fn client(portal: &Portal, form: &Form<'_>) -> Result<usize, OauthStatus> {
    let id = form.get("client_id").ok_or(OauthStatus::BadClientId)?;
    let place = portal.config.apps.iter().position(|app| app.client_id == *id);
    let place = place.ok_or(OauthStatus::BadClientId)?;
    let secret = form.get("client_secret");
    let right = secret.is_some_and(|secret| secret == portal.config.apps[place].client_secret.as_str());
    right.then_some(place).ok_or(OauthStatus::BadClientSecret)
}

pub(crate) fn answer(portal: &Portal, version: Version, ask: &Ask<'_>) -> Answer {
    if ask.method != "POST" {
        return wrong_method();
    }
    let form = Form::read(ask, version);
    let issued = match form.get("grant_type").as_deref() {
        Some("authorization_code") => exchange(portal, &form),
        Some("refresh_token") => refresh(portal, &form),
        _ => Err(OauthStatus::BadGrantType),
    };
    match issued {
        Ok(issued) => Answer::ok(&issued.body(portal, version)),
        Err(status) => status.answer(&portal.config.switches),
    }
}

struct Issue {
    grant: Arc<Grant>,
    access: String,
    refresh: String,
}

fn exchange(portal: &Portal, form: &Form<'_>) -> Result<Issue, OauthStatus> {
    let client = client(portal, form)?;
    let code = form.get("code").ok_or(OauthStatus::BadAuthCode)?;
    let code = portal.oauth.take_code(&code).ok_or(OauthStatus::BadAuthCode)?;
    if code.grant.app != client || code.dies_at <= portal.clock.now() {
        return Err(OauthStatus::BadAuthCode);
    }
    if form.get("redirect_uri").is_none_or(|uri| uri != code.redirect_uri.as_str()) {
        return Err(OauthStatus::BadRedirectUri);
    }
    if let Some(challenge) = code.challenge.filter(|_| portal.config.switches.pkce_enforced) {
        let fits = form.get("code_verifier").is_some_and(|verifier| challenge.fits(&verifier));
        fits.then_some(()).ok_or(OauthStatus::BadCodeVerifier)?;
    }
    let refresh = portal.oauth.add_refresh(&code.grant, portal.config.region);
    Ok(issue(portal, code.grant, refresh, GrantType::AuthorizationCode))
}

fn refresh(portal: &Portal, form: &Form<'_>) -> Result<Issue, OauthStatus> {
    let client = client(portal, form)?;
    let old = form.get("refresh_token").ok_or(OauthStatus::BadRefreshToken)?;
    let grant = portal.oauth.refresh(&old).filter(|grant| grant.app == client);
    let grant = grant.ok_or(OauthStatus::BadRefreshToken)?;
    if let Some(asked) = form.get("scope")
        && asked.split_whitespace().any(|scope| !grant.scopes.iter().any(|held| held == scope))
    {
        return Err(OauthStatus::BadScopes);
    }
    let rotation = portal.config.switches.refresh_token_rotates;
    // Of two that come with the same one at once, one is too late.
    if rotation == RefreshRotation::OldDies && !portal.oauth.end_refresh(&old, None) {
        return Err(OauthStatus::BadRefreshToken);
    }
    let refresh = match rotation {
        RefreshRotation::Never => old.into_owned(),
        RefreshRotation::OldStays | RefreshRotation::OldDies => {
            portal.oauth.add_refresh(&grant, portal.config.region)
        }
    };
    Ok(issue(portal, grant, refresh, GrantType::RefreshToken))
}

fn issue(portal: &Portal, grant: Arc<Grant>, refresh: String, by: GrantType) -> Issue {
    let life = i64::try_from(portal.config.access_token_life.as_millis()).unwrap_or(i64::MAX);
    let access = portal.oauth.add_access(&grant, portal.clock.now().saturating_add(life));
    portal.book.issued(by);
    Issue { grant, access, refresh }
}

impl Issue {
    fn body(self, portal: &Portal, version: Version) -> Value {
        let mut body = json!({
            "token_type": "bearer",
            "access_token": self.access,
            "refresh_token": self.refresh,
            "expires_in": portal.config.access_token_life.as_secs(),
        });
        if portal.config.switches.token_answer_names_hub {
            body["hub_id"] = json!(portal.config.portal);
            body["scopes"] = json!(self.grant.scopes);
        }
        if version != Version::V1 {
            body["token_use"] = json!("access_token");
            body["user_id"] = json!(people::installer().user_id);
        }
        body
    }
}
