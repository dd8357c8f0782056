//! What is kept with a connection: the key, or the app's secrets and the refresh token, and the only addresses they may
//! be sent to. One vault entry for what must last, `connection/<id>`, and one for the access token, which is worth
//! half an hour.

use std::{fmt, time::Duration};

use crm::{ConnectionId, Timestamp};
use hubspot::{Origin, Token};
use serde::{Deserialize, Serialize};
use vault::{Secret, Vault};

use crate::{Error, Grant, OauthApp, setup};

/// Where secrets are put: the vault, and in tests something that fails on demand. Every call may block.
pub trait SecretStore: Send + Sync {
    fn store(&self, entry: &str, secret: &Secret) -> Result<(), vault::Error>;
    fn read(&self, entry: &str) -> Result<Secret, vault::Error>;
    fn delete(&self, entry: &str) -> Result<(), vault::Error>;
}

impl SecretStore for Vault {
    fn store(&self, entry: &str, secret: &Secret) -> Result<(), vault::Error> {
        Vault::store(self, entry, secret)
    }

    fn read(&self, entry: &str) -> Result<Secret, vault::Error> {
        Vault::read(self, entry)
    }

    fn delete(&self, entry: &str) -> Result<(), vault::Error> {
        Vault::delete(self, entry)
    }
}

/// What a connection's entry holds.
#[derive(Debug, Clone)]
pub enum Kept {
    Key(Credential),
    Oauth(OauthCredential),
}

/// A connection's key and its address, fixed together when the connection is made.
#[derive(Debug, Clone)]
pub struct Credential {
    pub token: Token,
    pub origin: Origin,
    /// The user allowed a host that is not HubSpot's.
    pub allow_host: bool,
}

/// What keeps an OAuth connection alive, and the addresses it belongs to.
#[derive(Clone)]
pub struct OauthCredential {
    pub client_id: String,
    pub client_secret: Secret,
    pub refresh: Token,
    pub api: Origin,
    pub app: Origin,
    pub allow_host: bool,
}

/// An access token as it is kept between processes.
#[derive(Debug, Clone)]
pub(crate) struct Access {
    pub(crate) token: Token,
    pub(crate) obtained_at: Timestamp,
    pub(crate) expires_in: Duration,
}

#[derive(Serialize)]
struct KeyEntry<'a> {
    token: &'a str,
    api_base: &'a str,
    allow_host: bool,
}

#[derive(Serialize)]
struct OauthEntry<'a> {
    client_id: &'a str,
    client_secret: &'a str,
    refresh_token: &'a str,
    api_base: &'a str,
    app_base: &'a str,
    allow_host: bool,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Found {
    Oauth {
        client_id: String,
        client_secret: String,
        refresh_token: String,
        api_base: String,
        app_base: String,
        #[serde(default)]
        allow_host: bool,
    },
    Key {
        token: String,
        api_base: String,
        #[serde(default)]
        allow_host: bool,
    },
}

#[derive(Serialize, Deserialize)]
struct AccessEntry<'a> {
    token: std::borrow::Cow<'a, str>,
    /// Milliseconds since 1970, by this computer's clock.
    obtained_at: i64,
    /// Milliseconds.
    expires_in: u64,
}

impl Kept {
    /// Reads what is kept. An address that may not have these secrets (somebody edited the entry) is refused here.
    pub fn load(vault: &dyn SecretStore, id: &ConnectionId) -> Result<Kept, Error> {
        let secret = vault.read(&entry(id))?;
        // Serde's own error would quote the entry.
        let found = serde_json::from_str(secret.expose()).map_err(|_| Error::Damaged)?;
        let origin = |base: &str, allow_host| Origin::parse(base, allow_host).map_err(hubspot::Error::from);
        match found {
            Found::Key { token, api_base, allow_host } => {
                let token = Token::new(token);
                let origin = origin(&api_base, allow_host)?;
                origin.accepts(&token, allow_host).map_err(hubspot::Error::from)?;
                Ok(Kept::Key(Credential { token, origin, allow_host }))
            }
            Found::Oauth { client_id, client_secret, refresh_token, api_base, app_base, allow_host } => {
                let (client_secret, refresh) = (Secret::new(client_secret), Token::new(refresh_token));
                let (api, app) = (origin(&api_base, allow_host)?, origin(&app_base, allow_host)?);
                api.accepts(&refresh, allow_host).map_err(hubspot::Error::from)?;
                let kept = OauthCredential { client_id, client_secret, refresh, api, app, allow_host };
                Ok(Kept::Oauth(kept))
            }
        }
    }

    /// Deletes all that is kept of a connection; what is not there counts as deleted.
    pub fn delete(vault: &dyn SecretStore, id: &ConnectionId) -> Result<(), Error> {
        let mut failed = Ok(());
        for entry in [access_entry(id), setup::entry(id), entry(id)] {
            match vault.delete(&entry) {
                Ok(()) | Err(vault::Error::NoEntry) => {}
                Err(error) => failed = Err(error.into()),
            }
        }
        failed
    }

    /// Where calls go.
    pub fn api(&self) -> &Origin {
        match self {
            Kept::Key(key) => &key.origin,
            Kept::Oauth(oauth) => &oauth.api,
        }
    }
}

impl Credential {
    pub fn save(&self, vault: &dyn SecretStore, id: &ConnectionId) -> Result<(), Error> {
        let (token, api_base) = (self.token.expose(), self.origin.as_str());
        put(vault, &entry(id), &KeyEntry { token, api_base, allow_host: self.allow_host })?;
        // A connection that was made anew with a key has no use for an app's token.
        match vault.delete(&access_entry(id)) {
            Ok(()) | Err(vault::Error::NoEntry) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Reads a key back; an entry that holds an app's secrets instead is not one.
    pub fn load(vault: &dyn SecretStore, id: &ConnectionId) -> Result<Credential, Error> {
        match Kept::load(vault, id)? {
            Kept::Key(key) => Ok(key),
            Kept::Oauth(_) => Err(Error::Damaged),
        }
    }

    /// Deletes the key; one that is not there counts as deleted.
    pub fn delete(vault: &dyn SecretStore, id: &ConnectionId) -> Result<(), Error> {
        Kept::delete(vault, id)
    }
}

impl OauthCredential {
    pub fn new(app: &OauthApp, grant: &Grant) -> OauthCredential {
        OauthCredential {
            client_id: app.client_id.clone(),
            client_secret: app.client_secret.clone(),
            refresh: grant.refresh.clone(),
            api: app.api.clone(),
            app: app.app.clone(),
            allow_host: app.allow_host,
        }
    }

    /// Keeps a new grant: what lasts first, so that a sudden end between the two loses half an hour at most.
    pub fn save(&self, vault: &dyn SecretStore, id: &ConnectionId, grant: &Grant) -> Result<(), Error> {
        self.save_lasting(vault, id)?;
        let access = Access {
            token: grant.access.clone(),
            obtained_at: grant.received_at,
            expires_in: grant.expires_in,
        };
        Ok(access.save(vault, id)?)
    }

    pub(crate) fn save_lasting(
        &self,
        vault: &dyn SecretStore,
        id: &ConnectionId,
    ) -> Result<(), vault::Error> {
        let kept = OauthEntry {
            client_id: &self.client_id,
            client_secret: self.client_secret.expose(),
            refresh_token: self.refresh.expose(),
            api_base: self.api.as_str(),
            app_base: self.app.as_str(),
            allow_host: self.allow_host,
        };
        put(vault, &entry(id), &kept)
    }
}

impl Access {
    pub(crate) fn save(&self, vault: &dyn SecretStore, id: &ConnectionId) -> Result<(), vault::Error> {
        let kept = AccessEntry {
            token: self.token.expose().into(),
            obtained_at: self.obtained_at.millis(),
            expires_in: u64::try_from(self.expires_in.as_millis()).unwrap_or(u64::MAX),
        };
        put(vault, &access_entry(id), &kept)
    }

    /// `None` for one that was never kept, or that cannot be understood: a new one can be had.
    pub(crate) fn load(vault: &dyn SecretStore, id: &ConnectionId) -> Result<Option<Access>, vault::Error> {
        let secret = match vault.read(&access_entry(id)) {
            Ok(secret) => secret,
            Err(vault::Error::NoEntry) => return Ok(None),
            Err(error) => return Err(error),
        };
        let Ok(found) = serde_json::from_str::<AccessEntry<'_>>(secret.expose()) else { return Ok(None) };
        Ok(Some(Access {
            token: Token::new(found.token.into_owned()),
            obtained_at: Timestamp::from_millis(found.obtained_at),
            expires_in: Duration::from_millis(found.expires_in),
        }))
    }
}

impl fmt::Debug for OauthCredential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "OauthCredential({} at {}, {:?})", self.client_id, self.api, self.refresh)
    }
}

fn put(vault: &dyn SecretStore, entry: &str, kept: &impl Serialize) -> Result<(), vault::Error> {
    let text = serde_json::to_string(kept).expect("texts, numbers and flags are always JSON");
    vault.store(entry, &Secret::new(text))
}

fn entry(id: &ConnectionId) -> String {
    format!("connection/{id}")
}

fn access_entry(id: &ConnectionId) -> String {
    format!("connection/{id}/access")
}
