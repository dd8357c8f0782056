//! The user's own HubSpot app, as far as a connection needs it. Deliberately absent: where its settings are kept.

use std::fmt;

use hubspot::{BadOrigin, Origin};
use vault::Secret;

/// The app, and the two addresses that belong to it: codes and secrets go to `api`, the browser goes to `app`.
#[derive(Clone)]
pub struct OauthApp {
    pub client_id: String,
    pub client_secret: Secret,
    pub scopes: ScopeSets,
    pub api: Origin,
    pub app: Origin,
    /// The user allowed hosts that are not HubSpot's.
    pub allow_host: bool,
}

/// Scopes in the groups that HubSpot's app settings have. Each must be asked for the way it is declared.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ScopeSets {
    pub required: Vec<String>,
    pub conditional: Vec<String>,
    pub optional: Vec<String>,
}

impl OauthApp {
    /// Whether the app's secrets may go where its addresses point.
    pub fn check_origins(&self) -> Result<(), BadOrigin> {
        for origin in [&self.api, &self.app] {
            let known = origin.is_hubspot() || origin.is_loopback();
            if !(known || self.allow_host || origin.allows_host()) {
                return Err(BadOrigin::ForeignHost { host: origin.host().to_owned() });
            }
        }
        Ok(())
    }
}

impl fmt::Debug for OauthApp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "OauthApp({} at {} and {})", self.client_id, self.api, self.app)
    }
}

impl ScopeSets {
    /// What goes into `scope`: `oauth`, which every app requires, and what it requires besides, each once.
    pub fn asked(&self) -> Vec<&str> {
        let mut asked = vec!["oauth"];
        for scope in words(&self.required).chain(words(&self.conditional)) {
            if !asked.contains(&scope) {
                asked.push(scope);
            }
        }
        asked
    }

    /// What goes into `optional_scope`: a scope that is asked for already would be a mismatch there.
    pub fn asked_optionally(&self) -> Vec<&str> {
        let asked = self.asked();
        let mut optional = Vec::new();
        for scope in words(&self.optional) {
            if !asked.contains(&scope) && !optional.contains(&scope) {
                optional.push(scope);
            }
        }
        optional
    }
}

/// Lists that people type have blanks in odd places.
fn words(scopes: &[String]) -> impl Iterator<Item = &str> {
    scopes
        .iter()
        .flat_map(|scope| scope.split([' ', ',', '\n', '\t', '\r']))
        .filter(|scope| !scope.is_empty())
}
