//! What is kept with a connection: the key, and the only address it may be sent to. One vault entry each.

use crm::ConnectionId;
use hubspot::{Origin, Token};
use serde::{Deserialize, Serialize};
use vault::{Secret, Vault};

use crate::Error;

/// A connection's key and its address, fixed together when the connection is made.
#[derive(Debug, Clone)]
pub struct Credential {
    pub token: Token,
    pub origin: Origin,
    /// The user allowed a host that is not HubSpot's.
    pub allow_host: bool,
}

#[derive(Serialize)]
struct Kept<'a> {
    token: &'a str,
    api_base: &'a str,
    allow_host: bool,
}

#[derive(Deserialize)]
struct Found {
    token: String,
    api_base: String,
    #[serde(default)]
    allow_host: bool,
}

impl Credential {
    pub fn save(&self, vault: &Vault, id: &ConnectionId) -> Result<(), Error> {
        let kept =
            Kept { token: self.token.expose(), api_base: self.origin.as_str(), allow_host: self.allow_host };
        let text = serde_json::to_string(&kept).expect("texts and a flag are always JSON");
        Ok(vault.store(&entry(id), &Secret::new(text))?)
    }

    /// Reads the key back. An address that may not have this key (somebody edited the entry) is refused here.
    pub fn load(vault: &Vault, id: &ConnectionId) -> Result<Credential, Error> {
        let secret = vault.read(&entry(id))?;
        // Serde's own error would quote the entry.
        let found: Found = serde_json::from_str(secret.expose()).map_err(|_| Error::Damaged)?;
        let token = Token::new(found.token);
        let origin = Origin::parse(&found.api_base, found.allow_host).map_err(hubspot::Error::from)?;
        origin.accepts(&token, found.allow_host).map_err(hubspot::Error::from)?;
        Ok(Credential { token, origin, allow_host: found.allow_host })
    }

    /// Deletes the key; one that is not there counts as deleted.
    pub fn delete(vault: &Vault, id: &ConnectionId) -> Result<(), Error> {
        match vault.delete(&entry(id)) {
            Ok(()) | Err(vault::Error::NoEntry) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

fn entry(id: &ConnectionId) -> String {
    format!("connection/{id}")
}
