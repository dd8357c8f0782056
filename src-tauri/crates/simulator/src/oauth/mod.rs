//! Who has let which app in, and what was issued to it: codes, access tokens, refresh tokens.
//!
//! Deliberately absent: what HubSpot's documents leave out, such as the rotation of an app's secret.

pub(crate) mod authorize;
mod challenge;
pub(crate) mod inspect;
mod page;
pub(crate) mod refusal;
pub(crate) mod token;

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::ask::Version;
use crate::config::Region;
use crate::secret;
use challenge::Challenge;

/// One of the OAuth routes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// With the account that the path names.
    Authorize(Option<u64>),
    Token,
    Introspect,
    Revoke,
    AccessTokens,
    RefreshTokens,
}

impl Place {
    /// Reads `/oauth/authorize` and `/oauth/{portal}/authorize`, the two paths without a version.
    pub(crate) fn of_page(path: &str) -> Option<Place> {
        let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
        match parts.as_slice() {
            ["oauth", "authorize"] => Some(Place::Authorize(None)),
            ["oauth", portal, "authorize"] => Some(Place::Authorize(Some(portal.parse().ok()?))),
            _ => None,
        }
    }

    /// Reads what follows `/oauth/{version}`.
    pub(crate) fn of_api(version: Version, rest: &[&str]) -> Option<Place> {
        match (version, rest) {
            (Version::V2 | Version::V4, _) => None,
            (_, ["token"]) => Some(Place::Token),
            (Version::V1, ["access-tokens", _]) => Some(Place::AccessTokens),
            (Version::V1, ["refresh-tokens", _]) => Some(Place::RefreshTokens),
            (Version::V1, _) => None,
            (_, ["token", "introspect"]) => Some(Place::Introspect),
            (_, ["token", "revoke"]) => Some(Place::Revoke),
            _ => None,
        }
    }

    pub(crate) fn label(self) -> &'static str {
        match self {
            Place::Authorize(_) => "oauth/authorize",
            Place::Token => "oauth/token",
            Place::Introspect => "oauth/token/introspect",
            Place::Revoke => "oauth/token/revoke",
            Place::AccessTokens => "oauth/access-tokens",
            Place::RefreshTokens => "oauth/refresh-tokens",
        }
    }
}

/// What the account let one app do.
#[derive(Debug)]
pub(crate) struct Grant {
    /// Which app, by its place in `Config::apps`.
    pub(crate) app: usize,
    pub(crate) scopes: Vec<String>,
    uninstalled: AtomicBool,
}

impl Grant {
    fn new(app: usize, scopes: Vec<String>) -> Arc<Grant> {
        Arc::new(Grant { app, scopes, uninstalled: AtomicBool::new(false) })
    }

    fn is_live(&self) -> bool {
        !self.uninstalled.load(Ordering::Relaxed)
    }
}

/// Whose call it is.
#[derive(Debug, Clone, Default)]
pub(crate) enum Caller {
    /// Someone who did not have to say.
    #[default]
    Anyone,
    /// Whoever has the portal's key.
    Key,
    App(Arc<Grant>),
}

/// How an access token stands.
#[derive(Debug)]
pub(crate) enum Standing {
    Live(Arc<Grant>),
    /// Since then.
    Expired(i64),
    /// It would still live, but its app is gone.
    Uninstalled(Arc<Grant>),
}

/// A code that waits for its exchange.
struct Code {
    grant: Arc<Grant>,
    redirect_uri: String,
    challenge: Option<Challenge>,
    dies_at: i64,
}

struct Access {
    grant: Arc<Grant>,
    dies_at: i64,
}

#[derive(Default)]
struct Issued {
    codes: HashMap<String, Code>,
    access: HashMap<String, Access>,
    refresh: HashMap<String, Arc<Grant>>,
}

/// Everything issued so far.
#[derive(Default)]
pub(crate) struct Oauth {
    issued: Mutex<Issued>,
}

impl Oauth {
    fn add_code(&self, region: Region, code: Code) -> String {
        let text = secret::regional(region);
        self.lock().codes.insert(text.clone(), code);
        text
    }

    /// Gives a code up, whoever asks: it has been seen, and can be used no more.
    fn take_code(&self, text: &str) -> Option<Code> {
        self.lock().codes.remove(text)
    }

    fn add_access(&self, grant: &Arc<Grant>, dies_at: i64) -> String {
        let text = secret::opaque();
        self.lock().access.insert(text.clone(), Access { grant: Arc::clone(grant), dies_at });
        text
    }

    fn add_refresh(&self, grant: &Arc<Grant>, region: Region) -> String {
        let text = secret::regional(region);
        self.lock().refresh.insert(text.clone(), Arc::clone(grant));
        text
    }

    /// How an access token stands, and when it dies.
    pub(crate) fn access(&self, text: &str, now: i64) -> Option<(Standing, i64)> {
        let issued = self.lock();
        let access = issued.access.get(text)?;
        let standing = if access.dies_at <= now {
            Standing::Expired(access.dies_at)
        } else if access.grant.is_live() {
            Standing::Live(Arc::clone(&access.grant))
        } else {
            Standing::Uninstalled(Arc::clone(&access.grant))
        };
        Some((standing, access.dies_at))
    }

    /// What a refresh token stands for, as long as its app is in.
    fn refresh(&self, text: &str) -> Option<Arc<Grant>> {
        self.lock().refresh.get(text).filter(|grant| grant.is_live()).cloned()
    }

    /// Ends a refresh token, if it is there and belongs to that app.
    fn end_refresh(&self, text: &str, app: Option<usize>) -> bool {
        let mut issued = self.lock();
        let fits = issued.refresh.get(text).is_some_and(|grant| app.is_none_or(|app| app == grant.app));
        fits && issued.refresh.remove(text).is_some()
    }

    fn end_access(&self, text: &str, app: usize) {
        let mut issued = self.lock();
        if issued.access.get(text).is_some_and(|access| access.grant.app == app) {
            issued.access.remove(text);
        }
    }

    /// Shows one app the door, or all of them.
    pub(crate) fn uninstall(&self, app: Option<usize>) {
        self.each(|grant| {
            if app.is_none_or(|app| app == grant.app) {
                grant.uninstalled.store(true, Ordering::Relaxed);
            }
        });
    }

    /// Takes every uninstall back.
    pub(crate) fn reinstall(&self) {
        self.each(|grant| grant.uninstalled.store(false, Ordering::Relaxed));
    }

    fn each(&self, act: impl Fn(&Grant)) {
        let issued = self.lock();
        issued.refresh.values().for_each(|grant| act(grant));
        issued.access.values().for_each(|access| act(&access.grant));
    }

    fn lock(&self) -> MutexGuard<'_, Issued> {
        self.issued.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
