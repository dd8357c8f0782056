//! Access tokens, and where the client gets them. Deliberately absent: printing, comparing or serialising one.

use std::{
    fmt,
    hash::{BuildHasher, RandomState},
    sync::{Arc, LazyLock},
};

use futures::future::BoxFuture;
use zeroize::Zeroizing;

use crate::OauthRefusal;

/// An access token. Wiped from memory with its last clone; `Debug` shows its hint only.
#[derive(Clone)]
pub struct Token(Arc<Zeroizing<String>>);

impl Token {
    pub fn new(text: String) -> Token {
        Token(Arc::new(Zeroizing::new(text)))
    }

    /// The token itself: for the wire and the vault, nothing else.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// What may be shown to tell tokens apart: `pat-na1-…3f9c`. Shorter texts reveal less, short ones nothing.
    pub fn hint(&self) -> String {
        let characters: Vec<char> = self.0.chars().collect();
        if characters.len() < 20 {
            return "…".to_owned();
        }
        let tail: String = characters[characters.len() - 4..].iter().collect();
        format!("{}…{tail}", region_prefix(&self.0).unwrap_or_default())
    }

    /// Whether HubSpot's own prefix (`pat-na1-`, `eu1-`, …) marks this text as HubSpot's.
    pub fn is_marked_as_hubspots(&self) -> bool {
        self.0.starts_with("pat-") || region_prefix(&self.0).is_some()
    }

    /// Whether both are the same token.
    pub fn same_as(&self, other: &Token) -> bool {
        let (ours, theirs) = (self.0.as_bytes(), other.0.as_bytes());
        ours.len() == theirs.len() && ours.iter().zip(theirs).fold(0, |sum, (a, b)| sum | (a ^ b)) == 0
    }
}

/// `pat-na1-` of `pat-na1-11…`, `eu1-` of `eu1-22…`.
fn region_prefix(text: &str) -> Option<&str> {
    let start = if text.starts_with("pat-") { 4 } else { 0 };
    let region = text.get(start..)?.split('-').next()?;
    let letters = region.bytes().take_while(u8::is_ascii_lowercase).count();
    let digits = region.len() - letters;
    let fits = (2..=4).contains(&letters)
        && (1..=2).contains(&digits)
        && region.bytes().skip(letters).all(|byte| byte.is_ascii_digit());
    if fits { text.get(..=start + region.len()) } else { None }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Token({})", self.hint())
    }
}

/// Why there is no token to send.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    #[error("the connection was revoked; connect again")]
    Revoked,
    /// HubSpot's no to the app or the account: it stays so until somebody changes something.
    #[error("HubSpot gives no new token ({0:?})")]
    Refused(OauthRefusal),
    /// `locked`: the user can unlock it.
    #[error("the key could not be read from the vault: {detail}")]
    Vault { locked: bool, detail: String },
    /// `transient`: trying again later may do.
    #[error("a fresh token could not be had: {detail}")]
    Refresh { transient: bool, detail: String },
}

/// Whose calls HubSpot counts together: an app's, whatever tokens it uses.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Caller {
    Unknown,
    /// A service key or private app, by a fingerprint that means nothing outside this process. All of an account share
    /// its day.
    Key(u64),
    /// An OAuth app, by its client id. It has no day to use up, unless an answer says so.
    App(String),
}

/// Where tokens come from: asked before every call, so it must answer from memory nearly always.
pub trait TokenSource: Send + Sync {
    fn token(&self) -> BoxFuture<'_, Result<Token, TokenError>>;

    /// After a 401: a fresh token, which `token` answers from then on, or `None` when there is nothing to refresh.
    fn refresh(&self, stale: &Token) -> BoxFuture<'_, Result<Option<Token>, TokenError>>;

    /// Whose tokens these are.
    fn caller(&self) -> Caller {
        Caller::Unknown
    }
}

/// A service key or private-app token: always the same, never refreshed.
#[derive(Debug, Clone)]
pub struct StaticToken(pub Token);

impl TokenSource for StaticToken {
    fn token(&self) -> BoxFuture<'_, Result<Token, TokenError>> {
        Box::pin(std::future::ready(Ok(self.0.clone())))
    }

    fn refresh(&self, _stale: &Token) -> BoxFuture<'_, Result<Option<Token>, TokenError>> {
        Box::pin(std::future::ready(Ok(None)))
    }

    fn caller(&self) -> Caller {
        // Two keys that fell on one fingerprint would share their limits, which does no harm.
        static SEED: LazyLock<RandomState> = LazyLock::new(RandomState::new);
        Caller::Key(SEED.hash_one(self.0.expose()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hint_tells_tokens_apart_and_reveals_four_characters_at_most() {
        let hint = |text: &str| Token::new(text.to_owned()).hint();
        assert_eq!(hint("pat-na1-11111111-2222-3333-4444-555555553f9c"), "pat-na1-…3f9c");
        assert_eq!(hint("eu1-11111111-2222-3333-4444-555555553f9c"), "eu1-…3f9c");
        assert_eq!(hint("CJT2ronBMRIHAAEBQAAAGRiJ"), "…GRiJ");
        assert_eq!(hint("pat-na1-short"), "…");
        assert_eq!(hint(""), "…");
        assert_eq!(hint("pat-ünïcödé-ünïcödé-ünïcödé"), "…ödé".replace("ö", "cö"));
    }

    #[test]
    fn debug_output_does_not_show_the_token() {
        let token = Token::new("pat-na1-11111111-2222-3333-4444-555555553f9c".to_owned());
        let shown = format!("{token:?} {:?}", StaticToken(token.clone()));
        assert!(!shown.contains("1111"), "{shown}");
    }

    #[test]
    fn hubspots_prefixes_are_recognised() {
        for (text, marked) in [
            ("pat-na1-1", true),
            ("pat-x", true),
            ("na2-1", true),
            ("eu1-1", true),
            ("ap1-1", true),
            ("CJT2ronB", false),
            ("simulated-key", false),
            ("", false),
        ] {
            assert_eq!(Token::new(text.to_owned()).is_marked_as_hubspots(), marked, "{text}");
        }
    }
}
