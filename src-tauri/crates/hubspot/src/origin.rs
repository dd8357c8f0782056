//! The one address a connection's token may be sent to. Deliberately absent: paths, and following redirects.

use std::fmt;

use crate::Token;

/// Why an address cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadOrigin {
    #[error("{0:?} is not a web address; write it like https://api.hubapi.com")]
    NotAnAddress(String),
    #[error("{0:?} must begin with https:// (http:// only for localhost, 127.0.0.1 and [::1])")]
    NotEncrypted(String),
    #[error("the address must not contain a user name or password")]
    HasUser,
    #[error("{0:?} must be an address without a path, like https://api.hubapi.com")]
    HasPath(String),
    #[error("a HubSpot key is not sent to {host}; if you trust that host, allow it (--allow-host)")]
    ForeignHost { host: String },
}

/// Scheme, host and port; nothing else. Fixed when a connection is made.
#[derive(Clone, PartialEq, Eq)]
pub struct Origin {
    text: String,
    host: String,
    allow_host: bool,
}

impl Origin {
    /// HubSpot itself.
    pub fn hubspot() -> Origin {
        Origin { text: "https://api.hubapi.com".into(), host: "api.hubapi.com".into(), allow_host: false }
    }

    /// HubSpot's own pages: where a browser is sent to approve an app.
    pub fn hubspot_app() -> Origin {
        Origin { text: "https://app.hubspot.com".into(), host: "app.hubspot.com".into(), allow_host: false }
    }

    /// Reads an address: https, or http for exactly `localhost`, `127.0.0.1`, `[::1]`; no user name, no path.
    /// `allow_host` is kept: it lets a HubSpot key go to a host that is not HubSpot's.
    pub fn parse(text: &str, allow_host: bool) -> Result<Origin, BadOrigin> {
        let text = text.trim();
        // Never echo a password that was typed into the address.
        if text.contains('@') {
            return Err(BadOrigin::HasUser);
        }
        let bad = || BadOrigin::NotAnAddress(text.chars().take(200).collect());
        if text.contains(|c: char| c == '\\' || c.is_whitespace() || c.is_control()) {
            return Err(bad());
        }
        let url = reqwest::Url::parse(text).map_err(|_| bad())?;
        let host = url.host_str().filter(|host| !host.is_empty()).ok_or_else(bad)?.to_owned();
        let encrypted = match url.scheme() {
            "https" => true,
            "http" => false,
            _ => return Err(BadOrigin::NotEncrypted(text.to_owned())),
        };
        let local = is_loopback(&host) && names_host(text, &host);
        if !(encrypted || local) {
            return Err(BadOrigin::NotEncrypted(text.to_owned()));
        }
        if !matches!(url.path(), "" | "/") || url.query().is_some() || url.fragment().is_some() {
            return Err(BadOrigin::HasPath(text.to_owned()));
        }
        Ok(Origin { text: url.as_str().trim_end_matches('/').to_owned(), host, allow_host })
    }

    /// `https://api.hubapi.com`: no slash at the end.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    pub fn host(&self) -> &str {
        &self.host
    }

    pub fn is_loopback(&self) -> bool {
        is_loopback(&self.host)
    }

    pub fn is_hubspot(&self) -> bool {
        self.host.ends_with(".hubapi.com") || self.host.ends_with(".hubspot.com")
    }

    pub fn is_encrypted(&self) -> bool {
        self.text.starts_with("https:")
    }

    pub fn allows_host(&self) -> bool {
        self.allow_host
    }

    /// Whether this token may be sent here. A token that HubSpot's prefix marks goes to HubSpot and to this computer
    /// only, unless the host was allowed.
    pub fn accepts(&self, token: &Token, allow_host: bool) -> Result<(), BadOrigin> {
        let fine = allow_host
            || self.allow_host
            || self.is_hubspot()
            || self.is_loopback()
            || !token.is_marked_as_hubspots();
        if fine { Ok(()) } else { Err(BadOrigin::ForeignHost { host: self.host.clone() }) }
    }
}

fn is_loopback(host: &str) -> bool {
    matches!(host, "localhost" | "127.0.0.1" | "[::1]")
}

/// The host as it was typed, not only as it was understood: `http://2130706433` also means 127.0.0.1.
fn names_host(text: &str, host: &str) -> bool {
    let typed = text.get(7..).unwrap_or_default().to_ascii_lowercase();
    typed.strip_prefix(host).is_some_and(|rest| rest.is_empty() || rest.starts_with([':', '/', '?', '#']))
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Origin({})", self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn https_is_taken_everywhere_and_http_on_this_computer_only() {
        for (text, kept) in [
            ("https://api.hubapi.com", "https://api.hubapi.com"),
            ("https://api.hubapi.com/", "https://api.hubapi.com"),
            (" HTTPS://API.hubapi.com:8443 ", "https://api.hubapi.com:8443"),
            ("http://localhost:8080", "http://localhost:8080"),
            ("http://127.0.0.1:1", "http://127.0.0.1:1"),
            ("http://[::1]:1", "http://[::1]:1"),
            ("HTTP://LOCALHOST", "http://localhost"),
        ] {
            assert_eq!(Origin::parse(text, false).unwrap().as_str(), kept, "{text}");
        }
        for text in [
            "",
            "api.hubapi.com",
            "http://api.hubapi.com",
            "http://localhost.evil.example",
            "http://localhost.",
            "http://127.0.0.2",
            "http://127.1",
            "http://2130706433",
            "http://0x7f.0.0.1",
            "http://0.0.0.0",
            "http://user:secret@localhost",
            "https://user@api.hubapi.com",
            "https://api.hubapi.com/crm",
            "https://api.hubapi.com?x",
            "https://api.hubapi.com#x",
            "ftp://localhost",
            "file:///etc/passwd",
            "https://",
            "https:\\\\api.hubapi.com",
            "https://api.hub\napi.com",
        ] {
            assert!(Origin::parse(text, true).is_err(), "{text:?} was taken for an origin");
        }
    }

    #[test]
    fn a_password_in_an_address_is_not_repeated_in_the_message() {
        let error = Origin::parse("https://me:hunter2@api.hubapi.com", false).unwrap_err();
        assert!(!format!("{error} {error:?}").contains("hunter2"));
    }

    #[test]
    fn a_hubspot_key_goes_to_hubspot_and_to_this_computer_unless_a_host_was_allowed() {
        let key = Token::new("pat-na1-11111111-2222".to_owned());
        let other = Token::new("simulated".to_owned());
        for (text, fine) in [
            ("https://api.hubapi.com", true),
            ("https://api-eu1.hubapi.com", true),
            ("https://api.hubspot.com", true),
            ("http://localhost:1", true),
            ("https://[::1]:1", true),
            ("https://hubapi.com.example", false),
            ("https://evilhubapi.com", false),
            ("https://10.0.0.1", false),
        ] {
            let origin = Origin::parse(text, false).unwrap();
            assert_eq!(origin.accepts(&key, false).is_ok(), fine, "{text}");
            assert!(origin.accepts(&key, true).is_ok() && origin.accepts(&other, false).is_ok());
            assert!(Origin::parse(text, true).unwrap().accepts(&key, false).is_ok());
        }
    }
}
