//! Refusals before any route is asked: by a fault, by length, token, limit or scope, in that order.
//!
//! Deliberately absent: refusals that depend on what was asked.

use std::time::Instant;

use serde_json::json;

use crate::answer::{Answer, Refusal};
use crate::ask::Ask;
use crate::faults::{Effect, LimitName, TokenState};
use crate::limits::{Pool, Reached, Standing};
use crate::portal::Portal;
use crate::routes::{self, Area, Target};
use crate::stamp;
use crate::switches::Search429;

pub(super) fn by_fault(portal: &Portal, effect: &Effect) -> Option<Answer> {
    Some(match effect {
        Effect::Status { status } => failed(*status),
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
    let at = portal.clock.now() - 2 * stamp::HOUR;
    Refusal::expired(2, &stamp::iso_text(at)).into()
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

/// Lets a request through with what its answer's headers say about the limits, or refuses it.
pub(super) fn by_rule(
    portal: &Portal,
    target: &Target<'_>,
    ask: &Ask<'_>,
    url_len: usize,
    now: Instant,
) -> Result<Standing, Answer> {
    if url_len > portal.config.switches.url_max {
        return Err(too_long());
    }
    // Introspection is asked about a token, and checks what it needs itself.
    if target.area == Area::Introspection {
        return Ok(Standing::default());
    }
    authenticate(portal, ask)?;
    let standing = pass(portal, target, now)?;
    match routes::lacking(portal, target, ask.method) {
        Some(scopes) => Err(Refusal::missing_scopes(&scopes).into()),
        None => Ok(standing),
    }
}

fn authenticate(portal: &Portal, ask: &Ask<'_>) -> Result<(), Answer> {
    let answer = match (ask.bearer, portal.faults.token()) {
        (Some(token), state) if token == portal.token => match state {
            TokenState::Valid => return Ok(()),
            TokenState::Revoked => unauthorized(portal, false),
            TokenState::Expired => unauthorized(portal, true),
        },
        // What cannot be decoded as a token of any kind is said to have expired when time began.
        (Some(token), _) if !token.is_empty() && !token.contains('-') => {
            let hours = portal.clock.now() / stamp::HOUR;
            Refusal::expired(hours, "1970-01-01T00:00:00Z").into()
        }
        _ => unauthorized(portal, false),
    };
    Err(answer)
}

fn pass(portal: &Portal, target: &Target<'_>, now: Instant) -> Result<Standing, Answer> {
    let switches = &portal.config.switches;
    let mut standing = match portal.gate.enter(target.pool, now, portal.clock.now()) {
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
    match target.pool {
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
