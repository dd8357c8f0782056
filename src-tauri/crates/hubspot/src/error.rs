//! What can go wrong with a call, as HubSpot says it. Deliberately absent: texts for people, which the hosts write.

use std::time::Duration;

use crm::Timestamp;

use crate::{BadOrigin, Refusal, TokenError};

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// 401 (and 530, which HubSpot's edge answers to a token it cannot read): the token is not accepted.
    #[error("HubSpot does not accept the key: {0}")]
    Unauthorized(Refusal),
    #[error("a permission is missing: {}", scopes.join(", "))]
    MissingScopes { refusal: Refusal, scopes: Vec<String> },
    #[error("not found: {0}")]
    NotFound(Refusal),
    #[error("conflict: {0}")]
    Conflict(Refusal),
    /// 414: fewer properties must be asked at once.
    #[error("the address of the request was too long for HubSpot")]
    UriTooLong,
    #[error("HubSpot refused: {0}")]
    Refused(Refusal),
    /// The portal's calls for today are used up.
    #[error("the portal's daily limit of calls is used up")]
    DailyLimit { refusal: Refusal, resumes_at: Option<Timestamp> },
    /// Portside's own share of the portal's calls for today is used up; HubSpot would still answer.
    #[error("Portside's share of today's calls is used up: {used} of the {percent} % of {limit}")]
    ShareUsedUp { percent: u8, used: u64, limit: u64, resumes_at: Option<Timestamp> },
    /// Still told to slow down after all the waiting that is allowed.
    #[error("HubSpot kept asking to slow down: {0}")]
    RateLimited(Refusal),
    /// 477: the account is being moved between data centres.
    #[error("HubSpot is moving this account to another data centre")]
    Moving { retry_after: Option<Duration> },
    /// 5xx or 423, after all retries.
    #[error("HubSpot has a problem: {0}")]
    Server(Refusal),
    #[error("HubSpot could not be reached ({kind:?}): {detail}")]
    Transport { kind: TransportKind, detail: String },
    #[error("{0}")]
    Malformed(#[from] Malformed),
    #[error("{0}")]
    Token(#[from] TokenError),
    #[error("{0}")]
    Origin(#[from] BadOrigin),
}

impl Error {
    /// What HubSpot said, when it answered.
    pub fn refusal(&self) -> Option<&Refusal> {
        match self {
            Error::Unauthorized(refusal)
            | Error::MissingScopes { refusal, .. }
            | Error::NotFound(refusal)
            | Error::Conflict(refusal)
            | Error::Refused(refusal)
            | Error::DailyLimit { refusal, .. }
            | Error::RateLimited(refusal)
            | Error::Server(refusal) => Some(refusal),
            Error::UriTooLong
            | Error::ShareUsedUp { .. }
            | Error::Moving { .. }
            | Error::Transport { .. }
            | Error::Malformed(_)
            | Error::Token(_)
            | Error::Origin(_) => None,
        }
    }

    /// Whether the same call may work later without anybody changing anything.
    pub fn is_transient(&self) -> bool {
        matches!(
            self,
            Error::DailyLimit { .. }
                | Error::ShareUsedUp { .. }
                | Error::RateLimited(_)
                | Error::Moving { .. }
                | Error::Server(_)
                | Error::Transport { .. }
                | Error::Malformed(_)
                | Error::Token(
                    TokenError::Refresh { transient: true, .. } | TokenError::Vault { locked: true, .. }
                )
        )
    }

    /// Whether nothing can go on until the user gives a new key or connects again.
    pub fn needs_new_key(&self) -> bool {
        matches!(self, Error::Unauthorized(_) | Error::Token(TokenError::Revoked | TokenError::Refused(_)))
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TransportKind {
    Dns,
    Connect,
    Tls,
    Timeout,
    /// The connection was cut while the answer was coming, or before it.
    Interrupted,
    Proxy,
}

/// A successful answer that is not what the API promises. Says where, never what it contained.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the answer to {endpoint} could not be read: {detail}")]
pub struct Malformed {
    pub endpoint: &'static str,
    pub detail: String,
}

impl Malformed {
    pub fn new(endpoint: &'static str, detail: impl Into<String>) -> Malformed {
        Malformed { endpoint, detail: detail.into() }
    }

    /// serde's own text can quote the portal's data, so only the kind and the place are kept.
    pub(crate) fn json(endpoint: &'static str, error: &serde_json::Error) -> Malformed {
        Malformed { endpoint, detail: json_fault(error) }
    }
}

pub(crate) fn json_fault(error: &serde_json::Error) -> String {
    let what = match error.classify() {
        serde_json::error::Category::Io => "not read",
        serde_json::error::Category::Syntax => "not JSON",
        serde_json::error::Category::Data => "not the expected shape",
        serde_json::error::Category::Eof => "cut short",
    };
    format!("{what} at line {} column {}", error.line(), error.column())
}
