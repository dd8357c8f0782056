//! The refusals of the OAuth routes, in the documented shape and in the older one.
//!
//! Deliberately absent: deciding to refuse.

use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::answer::{Answer, CORRELATION};
use crate::switches::{OauthErrorShape, Switches};

/// What an OAuth route says went wrong: the one member that a client can go by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum OauthStatus {
    /// Wrong or revoked, or its app was uninstalled.
    BadRefreshToken,
    /// Used, expired or wrong.
    BadAuthCode,
    /// The account is deleted or cut off.
    BadHub,
    BadClientId,
    BadClientSecret,
    BadRedirectUri,
    BadGrantType,
    BadScopes,
    BadCodeVerifier,
}

impl OauthStatus {
    pub const ALL: [OauthStatus; 9] = [
        OauthStatus::BadRefreshToken,
        OauthStatus::BadAuthCode,
        OauthStatus::BadHub,
        OauthStatus::BadClientId,
        OauthStatus::BadClientSecret,
        OauthStatus::BadRedirectUri,
        OauthStatus::BadGrantType,
        OauthStatus::BadScopes,
        OauthStatus::BadCodeVerifier,
    ];

    /// As HubSpot writes it.
    pub fn name(self) -> &'static str {
        match self {
            OauthStatus::BadRefreshToken => "BAD_REFRESH_TOKEN",
            OauthStatus::BadAuthCode => "BAD_AUTH_CODE",
            OauthStatus::BadHub => "BAD_HUB",
            OauthStatus::BadClientId => "BAD_CLIENT_ID",
            OauthStatus::BadClientSecret => "BAD_CLIENT_SECRET",
            OauthStatus::BadRedirectUri => "BAD_REDIRECT_URI",
            OauthStatus::BadGrantType => "BAD_GRANT_TYPE",
            OauthStatus::BadScopes => "BAD_SCOPES",
            OauthStatus::BadCodeVerifier => "BAD_CODE_VERIFIER",
        }
    }

    fn error(self) -> &'static str {
        match self {
            OauthStatus::BadRefreshToken
            | OauthStatus::BadAuthCode
            | OauthStatus::BadRedirectUri
            | OauthStatus::BadCodeVerifier => "invalid_grant",
            OauthStatus::BadHub => "access_denied",
            OauthStatus::BadClientId | OauthStatus::BadClientSecret => "invalid_client",
            OauthStatus::BadGrantType => "unsupported_grant_type",
            OauthStatus::BadScopes => "invalid_scope",
        }
    }

    /// The text, and whether anyone has seen it.
    fn text(self, shape: OauthErrorShape) -> (&'static str, bool) {
        match self {
            OauthStatus::BadRefreshToken if shape == OauthErrorShape::Older => {
                ("missing or invalid refresh token", true)
            }
            OauthStatus::BadRefreshToken => ("refresh token is invalid, expired or revoked", true),
            OauthStatus::BadAuthCode => ("missing or unknown auth code", true),
            OauthStatus::BadHub => ("missing or unknown hub id", true),
            OauthStatus::BadClientId => ("missing or unknown client id", false),
            OauthStatus::BadClientSecret => ("missing or invalid client secret", false),
            OauthStatus::BadRedirectUri => ("missing or invalid redirect uri", false),
            OauthStatus::BadGrantType => ("missing or unknown grant type", false),
            OauthStatus::BadScopes => ("missing or unknown scopes", false),
            OauthStatus::BadCodeVerifier => ("missing or invalid code verifier", false),
        }
    }

    pub(crate) fn answer(self, switches: &Switches) -> Answer {
        let shape = switches.oauth_error_shape;
        let (text, seen) = self.text(shape);
        let text = if seen || switches.oauth_unseen_texts { text } else { self.name() };
        let forbidden = self == OauthStatus::BadHub && switches.bad_hub_forbidden;
        let http = if forbidden { 403 } else { 400 };
        let body = match shape {
            OauthErrorShape::Documented => json!({
                "error": self.error(),
                "error_description": text,
                "status": self.name(),
                "message": text,
            }),
            OauthErrorShape::Older => {
                json!({"status": self.name(), "message": text, "correlationId": CORRELATION})
            }
        };
        Answer::json(http, &body)
    }
}
