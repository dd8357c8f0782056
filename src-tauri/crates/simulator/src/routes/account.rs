//! Who the token belongs to, what account this is, and how much of the day's calls is spent.
//!
//! Deliberately absent: what an app's tokens are (`oauth`).

use serde::Deserialize;
use serde_json::json;

use super::wrong_method;
use crate::answer::{Answer, Refusal};
use crate::ask::Ask;
use crate::faults::TokenState;
use crate::people;
use crate::portal::Portal;
use crate::stamp;
use crate::switches::IntrospectionError;
use crate::zone::offset_text;

/// The app that the portal's key belongs to.
pub(crate) const APP: u64 = 17_402_881;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct TokenBody {
    token_key: String,
}

pub(crate) fn introspect(portal: &Portal, ask: &Ask<'_>) -> Answer {
    if ask.method != "POST" {
        return wrong_method();
    }
    let Ok(body) = serde_json::from_slice::<TokenBody>(ask.body) else {
        return Refusal::invalid("Invalid input JSON: tokenKey is missing").into();
    };
    let is_live = |key: &str| portal.key(key) == Some(TokenState::Valid);
    let known = is_live(&body.token_key);
    let shown = !portal.config.switches.introspection_bearer || ask.bearer.is_some_and(is_live);
    if known && shown {
        return Answer::ok(&json!({
            "userId": people::installer().user_id,
            "hubId": portal.config.portal,
            "appId": APP,
            "scopes": portal.scopes(),
        }));
    }
    if known {
        return Refusal::no_credentials().into();
    }
    unknown_token(portal).into()
}

/// The refusal to tell anything about a token.
pub(crate) fn unknown_token(portal: &Portal) -> Refusal {
    match portal.config.switches.introspection_error {
        IntrospectionError::NotFound => Refusal::not_found(),
        IntrospectionError::Unauthorized => Refusal::no_credentials(),
        IntrospectionError::BadRequest => Refusal::bare(),
    }
}

pub(crate) fn answer(portal: &Portal, rest: &[&str], ask: &Ask<'_>) -> Answer {
    if ask.method != "GET" {
        return wrong_method();
    }
    let now = portal.clock.now();
    match rest {
        ["details"] => {
            let zone = portal.config.zone;
            let offset = zone.offset(now);
            Answer::ok(&json!({
                "portalId": portal.config.portal,
                "accountType": "STANDARD",
                "timeZone": zone.name(),
                "companyCurrency": "EUR",
                "additionalCurrencies": ["SEK", "NOK", "GBP"],
                "utcOffset": offset_text(offset),
                "utcOffsetMilliseconds": offset,
                "uiDomain": portal.ui_domain(),
                "dataHostingLocation": portal.config.region.name(),
            }))
        }
        ["api-usage", "daily", "private-apps"] => {
            let (used, limit, resets_at) = portal.gate.today(now);
            Answer::results(vec![json!({
                "name": "private-apps-api-calls-daily",
                "usageLimit": limit.unwrap_or(1_000_000),
                "currentUsage": used,
                "collectedAt": stamp::iso_text(now),
                "fetchStatus": "SUCCESS",
                "resetsAt": stamp::iso_text(resets_at),
            })])
        }
        _ => Refusal::not_found().into(),
    }
}
