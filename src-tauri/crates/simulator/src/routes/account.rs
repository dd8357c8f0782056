//! Who the token belongs to, what account this is, and how much of the day's calls is spent.
//!
//! Deliberately absent: OAuth.

use serde::Deserialize;
use serde_json::json;

use super::wrong_method;
use crate::answer::{Answer, Refusal};
use crate::ask::Ask;
use crate::config::Region;
use crate::faults::TokenState;
use crate::portal::Portal;
use crate::stamp;
use crate::switches::IntrospectionError;

const APP: u64 = 17_402_881;
const USER: u64 = 9_586_504;

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
    let live = portal.faults.token() == TokenState::Valid;
    let known = live && body.token_key == portal.token;
    let shown = !portal.config.switches.introspection_bearer || ask.bearer == Some(portal.token.as_str());
    if known && shown {
        return Answer::ok(&json!({
            "userId": USER,
            "hubId": portal.config.portal,
            "appId": APP,
            "scopes": portal.scopes(),
        }));
    }
    if known {
        return Refusal::no_credentials().into();
    }
    match portal.config.switches.introspection_error {
        IntrospectionError::NotFound => Refusal::not_found(),
        IntrospectionError::Unauthorized => Refusal::no_credentials(),
        IntrospectionError::BadRequest => Refusal::bare(),
    }
    .into()
}

pub(crate) fn answer(portal: &Portal, rest: &[&str], ask: &Ask<'_>) -> Answer {
    if ask.method != "GET" {
        return wrong_method();
    }
    let now = portal.clock.now();
    match rest {
        ["details"] => {
            let offset = stamp::oslo_offset(now);
            Answer::ok(&json!({
                "portalId": portal.config.portal,
                "accountType": "STANDARD",
                "timeZone": "Europe/Oslo",
                "companyCurrency": "EUR",
                "additionalCurrencies": ["SEK", "NOK", "GBP"],
                "utcOffset": format!("+{:02}:00", offset / stamp::HOUR),
                "utcOffsetMilliseconds": offset,
                "uiDomain": portal.ui_domain(),
                "dataHostingLocation": match portal.config.region {
                    Region::Eu => "eu1",
                    Region::Na => "na1",
                },
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
