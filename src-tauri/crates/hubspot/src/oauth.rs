//! HubSpot's OAuth endpoints as data, and what their refusals mean. Deliberately absent: the flow, and the secrets that
//! go into it.

use std::fmt;

use serde_json::Value;

use crate::{ApiVersion, Family};

/// Where a browser is sent, at the app's origin.
pub const AUTHORIZE_PATH: &str = "/oauth/authorize";

pub fn token_path(version: ApiVersion) -> String {
    format!("{}/token", Family::Oauth.base(version))
}

pub fn introspect_path(version: ApiVersion) -> String {
    format!("{}/token/introspect", Family::Oauth.base(version))
}

pub fn revoke_path(version: ApiVersion) -> String {
    format!("{}/token/revoke", Family::Oauth.base(version))
}

/// What was given for the token that was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GrantType {
    AuthorizationCode,
    RefreshToken,
}

/// Why HubSpot gives no token, by its own code. Its texts change; its codes are what is matched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OauthRefusal {
    /// Wrong, revoked, or the app was uninstalled: the connection is over.
    BadRefreshToken,
    /// The code was used, is too old, or was never given out.
    BadAuthCode,
    /// The account was deleted or disconnected.
    BadHub,
    BadClientId,
    BadClientSecret,
    BadRedirectUri,
    BadGrantType,
    BadScopes,
    BadCodeVerifier,
    Other,
}

impl OauthRefusal {
    fn of_status(status: &str) -> Option<OauthRefusal> {
        Some(match status {
            "BAD_REFRESH_TOKEN" => OauthRefusal::BadRefreshToken,
            "BAD_AUTH_CODE" => OauthRefusal::BadAuthCode,
            "BAD_HUB" => OauthRefusal::BadHub,
            "BAD_CLIENT_ID" => OauthRefusal::BadClientId,
            "BAD_CLIENT_SECRET" => OauthRefusal::BadClientSecret,
            "BAD_REDIRECT_URI" => OauthRefusal::BadRedirectUri,
            "BAD_GRANT_TYPE" => OauthRefusal::BadGrantType,
            "BAD_SCOPES" => OauthRefusal::BadScopes,
            "BAD_CODE_VERIFIER" => OauthRefusal::BadCodeVerifier,
            _ => return None,
        })
    }

    /// The words of the OAuth standard, which say less.
    fn of_error(error: &str, grant: GrantType) -> Option<OauthRefusal> {
        Some(match (error, grant) {
            ("invalid_grant", GrantType::RefreshToken) => OauthRefusal::BadRefreshToken,
            ("invalid_grant", GrantType::AuthorizationCode) => OauthRefusal::BadAuthCode,
            ("access_denied", _) => OauthRefusal::BadHub,
            ("invalid_client", _) => OauthRefusal::BadClientSecret,
            ("unauthorized_client", _) => OauthRefusal::BadClientId,
            ("unsupported_grant_type", _) => OauthRefusal::BadGrantType,
            ("invalid_scope", _) => OauthRefusal::BadScopes,
            _ => return None,
        })
    }

    /// Whether it stays so until somebody changes the app or connects again.
    pub fn is_final(self) -> bool {
        self != OauthRefusal::Other
    }
}

/// A refusal of a token, kept as it was said, without the secrets that were sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OauthRefused {
    pub refusal: OauthRefusal,
    pub http_status: u16,
    pub description: Option<String>,
    pub correlation_id: Option<String>,
}

const TEXT_MAX: usize = 400;

impl OauthRefused {
    /// Reads an error body; one that is not JSON leaves everything but the status empty. What is said is kept without
    /// `secrets`, in case the answer repeats what it refuses.
    pub fn read(http_status: u16, body: &[u8], grant: GrantType, secrets: &[&str]) -> OauthRefused {
        let fields = match serde_json::from_slice(body) {
            Ok(Value::Object(fields)) => fields,
            _ => serde_json::Map::new(),
        };
        let text = |name: &str| fields.get(name).and_then(Value::as_str);
        // A server in trouble, or one that asks to slow down, has not judged the token.
        let judged = (400..500).contains(&http_status) && !matches!(http_status, 408 | 423 | 429 | 477);
        let refusal = judged
            .then(|| {
                let by_status = text("status").and_then(OauthRefusal::of_status);
                by_status.or_else(|| text("error").and_then(|error| OauthRefusal::of_error(error, grant)))
            })
            .flatten();
        let said = |text: &str| without(text, secrets).chars().take(TEXT_MAX).collect();
        OauthRefused {
            refusal: refusal.unwrap_or(OauthRefusal::Other),
            http_status,
            description: text("error_description").or_else(|| text("message")).map(said),
            correlation_id: text("correlationId").map(said),
        }
    }

    /// Whether the same request may be answered otherwise later without anybody changing anything.
    pub fn is_transient(&self) -> bool {
        matches!(self.http_status, 408 | 423 | 429 | 477 | 500..)
    }
}

impl fmt::Display for OauthRefused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "status {}, {:?}", self.http_status, self.refusal)?;
        if let Some(description) = &self.description {
            write!(f, ": {description}")?;
        }
        Ok(())
    }
}

fn without(text: &str, secrets: &[&str]) -> String {
    let secrets = secrets.iter().filter(|secret| !secret.is_empty());
    secrets.fold(text.to_owned(), |text, secret| text.replace(secret, "…"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(status: u16, body: &str, grant: GrantType) -> OauthRefused {
        OauthRefused::read(status, body.as_bytes(), grant, &["s3cret"])
    }

    #[test]
    fn a_refusal_is_known_by_its_status_then_by_its_error_and_never_by_its_text() {
        use GrantType::{AuthorizationCode, RefreshToken};
        let rows = [
            (r#"{"status":"BAD_REFRESH_TOKEN","error":"x"}"#, RefreshToken, OauthRefusal::BadRefreshToken),
            (r#"{"status":"BAD_HUB","error":"access_denied"}"#, RefreshToken, OauthRefusal::BadHub),
            (r#"{"status":"BAD_CODE_VERIFIER"}"#, AuthorizationCode, OauthRefusal::BadCodeVerifier),
            (r#"{"status":"new","error":"invalid_grant"}"#, RefreshToken, OauthRefusal::BadRefreshToken),
            (r#"{"error":"invalid_grant"}"#, AuthorizationCode, OauthRefusal::BadAuthCode),
            (r#"{"error":"invalid_client"}"#, RefreshToken, OauthRefusal::BadClientSecret),
            (r#"{"message":"missing or invalid refresh token"}"#, RefreshToken, OauthRefusal::Other),
            (r#"{"status":7}"#, RefreshToken, OauthRefusal::Other),
            ("<html>BAD_REFRESH_TOKEN</html>", RefreshToken, OauthRefusal::Other),
        ];
        for (body, grant, expected) in rows {
            assert_eq!(read(400, body, grant).refusal, expected, "{body}");
        }
    }

    #[test]
    fn a_server_in_trouble_judges_nothing() {
        for status in [408, 429, 477, 500, 502, 524] {
            let refused = read(status, r#"{"status":"BAD_REFRESH_TOKEN"}"#, GrantType::RefreshToken);
            assert!(refused.refusal == OauthRefusal::Other && refused.is_transient(), "{status}");
        }
        assert!(!read(400, "{}", GrantType::RefreshToken).is_transient());
    }

    #[test]
    fn what_is_said_is_kept_without_the_secrets_that_were_sent() {
        let body = r#"{"message":"bad s3cret and s3cret","correlationId":"s3cret-1"}"#;
        let refused = read(400, body, GrantType::RefreshToken);
        assert_eq!(refused.description.as_deref(), Some("bad … and …"));
        assert!(!format!("{refused} {refused:?}").contains("s3cret"));
    }

    #[test]
    fn each_version_has_its_paths() {
        assert_eq!(token_path(ApiVersion::default()), "/oauth/2026-03/token");
        assert_eq!(introspect_path(ApiVersion::V2026_09), "/oauth/2026-09/token/introspect");
        assert_eq!(revoke_path(ApiVersion::V3), "/oauth/v3/token/revoke");
    }
}
