//! Giving up a connection, in the order that leaves least behind if it is interrupted: the app's token at HubSpot
//! ([`revoke`], which asks, and waits a little), then what is kept of it here ([`disconnect`], which blocks): the key first,
//! then the word that the connection is over, then, if asked for, the copy. A step that fails does not keep the others from being
//! done.

use std::{sync::Arc, time::Duration};

use crm::{ConnectionId, Timestamp};
use hubspot::{ClientOptions, Forms};
use store::{AppDb, Connection, ConnectionKind, ConnectionState, Home};
use vault::Vault;

use crate::{Error, ExchangeProblem, Kept, OauthCredential, SecretStore, exchange, exchange::TokenHint};

/// HubSpot's answer is not waited for longer: a disconnection must not hang on it.
const REVOKE_PATIENCE: Duration = Duration::from_secs(5);

/// One step and how it went.
#[derive(Debug)]
pub enum Effect {
    /// An app's refresh token was given up at HubSpot, as far as it could be reached; access tokens end by themselves
    /// within half an hour. The app stays installed there until somebody uninstalls it.
    RevokedAtHubspot(Result<(), Error>),
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
            Effect::RevokedAtHubspot(done)
            | Effect::KeyDeleted(done)
            | Effect::MarkedInactive(done)
            | Effect::CopyWiped(done) => done.as_ref().err(),
        }
    }
}

/// Where in HubSpot a key is deactivated, or an app uninstalled; `None` for the demo portal, which has none.
pub fn hubspot_path(kind: ConnectionKind) -> Option<&'static str> {
    match kind {
        ConnectionKind::PrivateApp => Some("Settings → Integrations → Private Apps → (app) → Deactivate"),
        ConnectionKind::ServiceKey => Some("Development → Keys → Service keys → (key) → Deactivate"),
        ConnectionKind::Oauth => Some("Settings → Integrations → Connected Apps → (app) → Uninstall"),
        ConnectionKind::Demo => None,
    }
}

/// Gives up an app's refresh token at HubSpot: the first step out of an OAuth connection. Best effort, within seconds.
/// `None` where there is nothing to give up: a key, or nothing at all in the vault.
pub async fn revoke(
    vault: Arc<dyn SecretStore>,
    id: &ConnectionId,
    options: &ClientOptions,
) -> Option<Effect> {
    let id = id.clone();
    let loaded = tokio::task::spawn_blocking(move || Kept::load(&*vault, &id)).await.ok()?;
    let kept = match loaded {
        Ok(Kept::Oauth(kept)) => kept,
        Ok(Kept::Key(_)) | Err(Error::Vault(vault::Error::NoEntry)) => return None,
        Err(error) => return Some(Effect::RevokedAtHubspot(Err(error))),
    };
    Some(Effect::RevokedAtHubspot(give_up(&kept, options).await))
}

/// Gives up a refresh token at HubSpot, wherever it is kept. Best effort, within seconds.
pub async fn give_up(kept: &OauthCredential, options: &ClientOptions) -> Result<(), Error> {
    let options = ClientOptions { timeout: REVOKE_PATIENCE, ..options.clone() };
    let asked = async {
        let forms = Forms::new(kept.api.clone(), &options)?;
        let client = (kept.client_id.as_str(), kept.client_secret.expose());
        Ok(exchange::revoke(client, &forms, (&kept.refresh, TokenHint::Refresh)).await?)
    };
    let done = tokio::time::timeout(REVOKE_PATIENCE, asked).await;
    done.unwrap_or_else(|_| {
        let detail = "HubSpot did not answer in time".to_owned();
        Err(ExchangeProblem::Transport { kind: hubspot::TransportKind::Timeout, detail }.into())
    })
}

/// Gives up a connection; of an OAuth connection, what is left after [`revoke`]. The caller holds its lock, so nothing runs any more. With `wipe` the copy is deleted and the
/// connection forgotten; without it both stay, readable.
pub fn disconnect(
    (vault, app, home): (&Vault, &AppDb, &Home),
    connection: &Connection,
    wipe: bool,
    now: Timestamp,
) -> Vec<Effect> {
    let mut effects = Vec::new();
    if let Some(deactivate_at) = hubspot_path(connection.kind) {
        if connection.kind != ConnectionKind::Oauth {
            effects.push(Effect::KeyStaysValid { deactivate_at });
        }
        effects.push(Effect::KeyDeleted(Kept::delete(vault, &connection.id)));
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
