//! Giving up a connection, in the order that leaves least behind if it is interrupted: the key first, then the word
//! that the connection is over, then, if asked for, the copy. A step that fails does not keep the others from being
//! done.

use crm::Timestamp;
use store::{AppDb, Connection, ConnectionKind, ConnectionState, Home};
use vault::Vault;

use crate::{Credential, Error};

/// One step and how it went.
#[derive(Debug)]
pub enum Effect {
    /// A key cannot be revoked from outside: it stays valid until somebody deactivates it there.
    KeyStaysValid {
        deactivate_at: &'static str,
    },
    KeyDeleted(Result<(), Error>),
    MarkedInactive(Result<(), Error>),
    CopyKept,
    CopyWiped(Result<(), Error>),
}

impl Effect {
    pub fn error(&self) -> Option<&Error> {
        match self {
            Effect::KeyStaysValid { .. } | Effect::CopyKept => None,
            Effect::KeyDeleted(done) | Effect::MarkedInactive(done) | Effect::CopyWiped(done) => {
                done.as_ref().err()
            }
        }
    }
}

/// Where in HubSpot a key is deactivated; `None` for the demo portal, which has none.
pub fn hubspot_path(kind: ConnectionKind) -> Option<&'static str> {
    match kind {
        ConnectionKind::PrivateApp => Some("Settings → Integrations → Private Apps → (app) → Deactivate"),
        ConnectionKind::ServiceKey => Some("Development → Keys → Service keys → (key) → Deactivate"),
        ConnectionKind::Oauth => Some("Settings → Integrations → Connected Apps → (app) → Uninstall"),
        ConnectionKind::Demo => None,
    }
}

/// Gives up a connection. The caller holds its lock, so nothing runs any more. With `wipe` the copy is deleted and the
/// connection forgotten; without it both stay, readable.
pub fn disconnect(
    (vault, app, home): (&Vault, &AppDb, &Home),
    connection: &Connection,
    wipe: bool,
    now: Timestamp,
) -> Vec<Effect> {
    let mut effects = Vec::new();
    if let Some(deactivate_at) = hubspot_path(connection.kind) {
        effects.push(Effect::KeyStaysValid { deactivate_at });
        effects.push(Effect::KeyDeleted(Credential::delete(vault, &connection.id)));
    }
    let over = Connection {
        state: ConnectionState::Inactive,
        disconnected_at: Some(now),
        paused_at: None,
        last_error: None,
        key_hint: None,
        key_set_at: None,
        ..connection.clone()
    };
    effects.push(Effect::MarkedInactive(app.put_connection(&over).map_err(Error::from)));
    if wipe {
        let wiped = home.wipe(&connection.id).and_then(|()| app.remove_connection(&connection.id));
        effects.push(Effect::CopyWiped(wiped.map_err(Error::from)));
    } else {
        effects.push(Effect::CopyKept);
    }
    effects
}
