//! Refusals before any route is asked: by a fault, by length, token, limit or scope, in that order.
//!
//! Deliberately absent: refusals that depend on what was asked.

use std::time::Instant;

use serde::Deserialize;
use serde_json::json;

use crate::answer::{Answer, Refusal};
use crate::app::Distribution;
use crate::ask::{Ask, Query};
use crate::faults::{Effect, LimitName, TokenState};
use crate::limits::{Lane, Pool, Reached, Standing};
use crate::oauth::{self, Caller};
use crate::portal::Portal;
use crate::routes::{self, Area, Target};
use crate::stamp;
use crate::switches::{PrivateAppLimits, Search429, UninstalledToken};

/// How many records a request is for: its `limit`, in the query or the body, or the number of its inputs.
pub(super) fn size(query: Query<'_>, body: &[u8]) -> u64 {
    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct Sized {
        limit: Option<u64>,
        inputs: Vec<serde::de::IgnoredAny>,
    }
    let asked = query.get("limit").and_then(|limit| limit.parse().ok());
    asked.unwrap_or_else(|| {
        let body: Sized = serde_json::from_slice(body).unwrap_or_default();
        body.limit.unwrap_or(body.inputs.len() as u64)
    })
}

pub(super) fn by_fault(portal: &Portal, effect: &Effect) -> Option<Answer> {
    Some(match effect {
        Effect::Status { status } => failed(*status),
        Effect::Down { retry_after } => {
            let mut answer = failed(503);
            answer.headers.push(("retry-after", retry_after.to_string()));
            answer
        }
        Effect::Moving { retry_after } => {
            let mut answer: Answer =
                Refusal::new(477, "This account is moving to another data center.").into();
            answer.headers.push(("retry-after", retry_after.to_string()));
            answer
        }
        Effect::Limited { limit, retry_after } => {
            let mut answer = limited(portal, *limit);
            answer.headers.extend(retry_after.map(|s| ("retry-after", s.to_string())));
            answer
        }
        Effect::UriTooLong => too_long(),
        Effect::MissingScope { scope } => Refusal::missing_scopes(&[scope]).into(),
        Effect::Unauthorized { expired } => unauthorized(portal, *expired),
        Effect::OauthRefused { status } => status.answer(&portal.config.switches),
        _ => return None,
    })
}

fn failed(status: u16) -> Answer {
    match status {
        423 => Refusal::new(423, "This resource is locked. Try again later.").category("LOCKED").into(),
        530 | 521..=524 => {
            let mut answer = Answer::bytes(status, format!("error code: {status}").into_bytes());
            answer.content_type = "text/plain; charset=UTF-8";
            answer
        }
        _ => Refusal::new(status, "internal error").into(),
    }
}

fn too_long() -> Answer {
    let mut answer =
        Answer::bytes(414, b"<html><head><title>414 URI Too Long</title></head></html>".to_vec());
    answer.content_type = "text/html";
    answer
}

fn unauthorized(portal: &Portal, expired: bool) -> Answer {
    if !expired {
        return Refusal::no_credentials().into();
    }
    expired_at(portal, portal.clock.now() - 2 * stamp::HOUR)
}

fn expired_at(portal: &Portal, at: i64) -> Answer {
    let hours = (portal.clock.now() - at) / stamp::HOUR;
    Refusal::expired(hours, &stamp::iso_text(at)).into()
}

fn limited(portal: &Portal, limit: LimitName) -> Answer {
    let policy = |message: &str, name: &str| {
        let id = portal.correlation_id();
        Refusal::new(429, message)
            .with("errorType", json!("RATE_LIMIT"))
            .with("policyName", json!(name))
            .with("requestId", json!(id))
    };
    let (refusal, name) = match limit {
        LimitName::Daily => (policy("You have reached your daily limit.", "DAILY"), "daily"),
        LimitName::TenSecondly => {
            let group = format!("publicapi:private-app-calls-ten-secondly:{}:17402881", portal.config.portal);
            let refusal = policy("You have reached your ten_secondly_rolling limit.", "TEN_SECONDLY_ROLLING");
            (refusal.with("groupName", json!(group)), "ten_secondly_rolling")
        }
        LimitName::Secondly => (policy("You have reached your secondly limit.", "SECONDLY"), "secondly"),
        LimitName::SecondlyByCategory => {
            (Refusal::new(429, "You have reached your secondly limit.").category("RATE_LIMITS"), "secondly")
        }
        LimitName::Unexplained => {
            let mut answer = Answer::bytes(429, b"Too Many Requests".to_vec());
            answer.content_type = "text/plain";
            return answer;
        }
    };
    let mut answer: Answer = refusal.into();
    answer.limit = Some(name);
    answer
}

/// Lets a request through, saying whose it is and what its answer's headers say about the limits, or refuses it.
pub(super) fn by_rule(
    portal: &Portal,
    target: &Target<'_>,
    ask: &Ask<'_>,
    url_len: usize,
    now: Instant,
) -> Result<(Caller, Standing), Answer> {
    if url_len > portal.config.switches.url_max {
        return Err(too_long());
    }
    // These are asked about tokens, and check what they need themselves.
    let (Some(pool), false) = (target.pool, target.area == Area::Introspection) else {
        return Ok((Caller::Anyone, Standing::default()));
    };
    let caller = authenticate(portal, ask)?;
    let standing = pass(portal, &caller, pool, now)?;
    match routes::lacking(portal, &caller, target, ask.method) {
        Some(scopes) => Err(Refusal::missing_scopes(&scopes).into()),
        None => Ok((caller, standing)),
    }
}

fn authenticate(portal: &Portal, ask: &Ask<'_>) -> Result<Caller, Answer> {
    let given = ask.bearer.unwrap_or_default();
    match portal.key(given) {
        Some(TokenState::Valid) => return Ok(Caller::Key),
        Some(TokenState::Revoked) => return Err(unauthorized(portal, false)),
        Some(TokenState::Expired) => return Err(unauthorized(portal, true)),
        None => {}
    }
    let now = portal.clock.now();
    match portal.oauth.access(given, now).map(|(standing, _)| standing) {
        Some(oauth::Standing::Live(grant)) => Ok(Caller::App(grant)),
        Some(oauth::Standing::Expired(at)) => Err(expired_at(portal, at)),
        Some(oauth::Standing::Uninstalled(grant)) => match portal.config.switches.uninstalled_token {
            UninstalledToken::Works => Ok(Caller::App(grant)),
            UninstalledToken::Invalid => Err(unauthorized(portal, false)),
            UninstalledToken::Expired => Err(expired_at(portal, now)),
        },
        // What cannot be decoded as a token of any kind is said to have expired when time began.
        None if !given.is_empty() && !given.contains('-') => {
            Err(Refusal::expired(now / stamp::HOUR, "1970-01-01T00:00:00Z").into())
        }
        None => Err(unauthorized(portal, false)),
    }
}

/// Whose limits hold for a caller.
fn lane(portal: &Portal, caller: &Caller) -> Lane {
    let Caller::App(grant) = caller else { return Lane::Key };
    let is_private = portal.config.apps[grant.app].distribution == Distribution::Private;
    if is_private && portal.config.switches.private_app_limits == PrivateAppLimits::Key {
        Lane::AppLikeKey(grant.app)
    } else {
        Lane::App(grant.app)
    }
}

fn pass(portal: &Portal, caller: &Caller, pool: Pool, now: Instant) -> Result<Standing, Answer> {
    let switches = &portal.config.switches;
    let lane = lane(portal, caller);
    let mut standing = match portal.gate.enter(lane, pool, now, portal.clock.now()) {
        Ok(standing) => standing,
        Err(reached) => {
            let name = match reached {
                Reached::Daily => LimitName::Daily,
                Reached::Burst => LimitName::TenSecondly,
                Reached::Search if switches.search_429 == Search429::Category => {
                    LimitName::SecondlyByCategory
                }
                Reached::Search => LimitName::Secondly,
            };
            let mut answer = limited(portal, name);
            if reached != Reached::Daily {
                let wait = switches.retry_after_on_429;
                answer.headers.extend(wait.map(|s| ("retry-after", s.to_string())));
            }
            return Err(answer);
        }
    };
    match pool {
        Pool::General => {}
        Pool::Search => {
            standing.interval = None;
            if !switches.search_daily_headers {
                standing.daily = None;
            }
        }
        Pool::Associations if switches.association_headers => {}
        Pool::Associations => standing.interval = None,
    }
    Ok(standing)
}
