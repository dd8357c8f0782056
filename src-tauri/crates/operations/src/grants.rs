//! What a sign-in granted: kept with a connection, offered where it is another portal's, or given up at HubSpot. Nothing
//! that was approved stays behind there without a connection here, as far as HubSpot can be reached.

use std::sync::Arc;

use auth::{Grant, OauthApp, OauthCredential};
use crm::{Account, ConnectionId, PortalId};
use hubspot::ClientOptions;
use store::{Connection, ConnectionKind, ConnectionState, OauthSetup};

use crate::{
    clients::client_with,
    connect::{self, Draft, LIVE, SETUP, Source},
    core::{Core, clock, lock},
    errors,
    keeping::{existing, free_id, is_unnamed, new_connection, unique_name},
    wire::{Code, CoreEvent, WireError},
};

/// A grant, and what HubSpot says about it.
#[derive(Clone)]
pub(crate) struct Granted {
    grant: Grant,
    credential: OauthCredential,
    account: Account,
    scopes: Option<Vec<String>>,
    setup: Option<OauthSetup>,
}

/// A grant of another portal than the one it was asked for: held in memory, until it becomes a connection of its own or
/// is given up.
pub(crate) struct Stray {
    granted: Granted,
    /// The connection that it was asked for.
    asked: ConnectionId,
}

impl Stray {
    /// What must not be seen, for whoever looks whether it can be.
    pub(crate) fn secrets(&self) -> [&str; 3] {
        let Granted { grant, credential, .. } = &self.granted;
        [grant.access.expose(), grant.refresh.expose(), credential.client_secret.expose()]
    }
}

/// Why a grant was not kept, and the draft in which it waits where it can still be used.
pub(crate) struct Refused {
    pub(crate) error: WireError,
    pub(crate) draft: Option<String>,
}

/// Keeps what a sign-in granted with the connection that asked for it. Also tells the scopes that one had before.
pub(crate) async fn keep(
    core: &Core,
    asked: &Connection,
    app: &OauthApp,
    grant: Grant,
) -> Result<(Connection, Option<Vec<String>>), Refused> {
    let credential = OauthCredential::new(app, &grant);
    let portal = grant.hub_id;
    let granted = match read(core, app, grant, credential.clone(), asked.oauth.clone()).await {
        Ok(granted) => granted,
        Err(error) => {
            give_up(core, credential, portal).await;
            return Err(Refused { error, draft: None });
        }
    };
    let (id, held) = (asked.id.clone(), granted.clone());
    let kept = core.blocking(move |core| put(core, Some(&id), held)).await;
    match kept {
        Ok(kept) => Ok(kept),
        Err(error) if error.code == Code::WrongAccount => {
            let origin = app.api.clone();
            let draft = Draft::of_stray(Stray { granted, asked: asked.id.clone() }, origin);
            Err(Refused { error, draft: Some(connect::open_draft(core, draft)) })
        }
        Err(error) => {
            give_up(core, credential, Some(granted.account.portal)).await;
            Err(Refused { error, draft: None })
        }
    }
}

/// Makes a connection of its own of a grant that was asked for another one, or of the one that its portal has already.
pub(crate) async fn keep_stray(
    core: &Core,
    stray: &Stray,
) -> Result<(Connection, Option<Vec<String>>), WireError> {
    let granted = stray.granted.clone();
    let kept = core.blocking(move |core| put(core, None, granted)).await?;
    core.tell(CoreEvent::ConnectionsChanged);
    Ok(kept)
}

async fn read(
    core: &Core,
    app: &OauthApp,
    grant: Grant,
    credential: OauthCredential,
    setup: Option<OauthSetup>,
) -> Result<Granted, WireError> {
    let options = ClientOptions { retry: LIVE, ..core.client_options(SETUP) };
    let client = client_with(&app.api, grant.access.clone(), options)?;
    let account = auth::oauth_identity(&client, &grant).await.map_err(|error| errors::hubspot(&error))?;
    let scopes = auth::oauth_scopes(&credential, &grant, &core.client_options(SETUP))
        .await
        .map_err(|error| errors::auth(&error))?;
    Ok(Granted { grant, credential, account, scopes, setup })
}

/// Tokens in the vault, then the connection. Setup that was begun becomes the portal's connection; one that was there
/// keeps its copy, and refuses another portal.
fn put(
    core: &Core,
    asked: Option<&ConnectionId>,
    granted: Granted,
) -> Result<(Connection, Option<Vec<String>>), WireError> {
    let Granted { grant, credential, account, scopes, setup } = granted;
    let known = core.0.app.connections().map_err(|error| errors::store(&error))?;
    let find = |id: &ConnectionId| {
        let found = known.iter().find(|other| other.id == *id);
        found.ok_or_else(|| errors::say(Code::NoSuchConnection, id.as_str()))
    };
    let begun = asked.map(find).transpose()?;
    let is_setup = begun.is_none_or(|begun| begun.account.is_none());
    let named = begun.filter(|begun| is_setup && !is_unnamed(&begun.name)).map(|begun| begun.name.as_str());
    let meant = asked.filter(|_| !is_setup);
    let existing = match named {
        // Its own name is no other connection's.
        Some(_) => None,
        None => existing(&known, meant, None, &account).map_err(|error| {
            // The secret of an app of another portal is of no use here, and must not pass for this one's.
            if let Some(id) = asked {
                let _ = auth::forget_setup(&*core.0.vault, id);
            }
            errors::approved_elsewhere(error, &account, begun)
        })?,
    };
    let mut connection = match existing {
        Some(existing) => existing.clone(),
        None => {
            let others: Vec<_> = known.iter().filter(|other| Some(&other.id) != asked).cloned().collect();
            let name = named.map_or_else(|| format!("Portal {}", account.portal), str::to_owned);
            let name = unique_name(&others, &name);
            let since = begun.map_or_else(connect::default_window, |begun| begun.since);
            new_connection(free_id(&others, &account), name, ConnectionKind::Oauth, since)
        }
    };
    let before = existing.map(|known| known.granted_scopes.clone().unwrap_or_default());
    connection.kind = ConnectionKind::Oauth;
    connection.oauth = setup;
    connection.state = ConnectionState::Active;
    connection.account = Some(account);
    connection.granted_scopes = scopes;
    (connection.key_hint, connection.key_set_at) = (None, Some(clock()));
    (connection.last_error, connection.disconnected_at) = (None, None);
    credential.save(&*core.0.vault, &connection.id, &grant).map_err(|error| errors::auth(&error))?;
    lock(&core.0.tokens).remove(&connection.id);
    core.0.app.put_connection(&connection).map_err(|error| errors::store(&error))?;
    if let Some(id) = asked {
        // What was only begun is done; a secret left behind by a failure here is overwritten by the next setup.
        let _ = auth::forget_setup(&*core.0.vault, id);
        if *id != connection.id && is_setup {
            core.0.app.remove_connection(id).map_err(|error| errors::store(&error))?;
        }
    }
    Ok((connection, before))
}

/// A draft that nobody will finish: a grant in it is given up at HubSpot, while nobody waits.
pub(crate) fn dropped(core: &Core, draft: &Draft) {
    if let Source::Stray(stray) = &draft.source {
        let (core, stray) = (core.clone(), Arc::clone(stray));
        let giving = {
            let core = core.clone();
            tokio::spawn(async move {
                let Granted { credential, account, .. } = stray.granted.clone();
                give_up(&core, credential, Some(account.portal)).await;
            })
        };
        let mut under_way = lock(&core.0.giving_up);
        under_way.retain(|giving| !giving.is_finished());
        under_way.push(giving);
    }
}

/// Whoever signs in to a connection again has no use for what came of the time before.
pub(crate) fn drop_those_of(core: &Core, asked: &ConnectionId) {
    let is_its = |draft: &Draft| matches!(&draft.source, Source::Stray(stray) if stray.asked == *asked);
    let old: Vec<Draft> =
        lock(&core.0.drafts).extract_if(|_, draft| is_its(draft)).map(|(_, old)| old).collect();
    for draft in &old {
        dropped(core, draft);
    }
}

/// Before a process ends: what is held in memory only would be lost, and stay behind at HubSpot.
pub(crate) async fn drop_all(core: &Core) {
    let is_stray = |draft: &Draft| matches!(draft.source, Source::Stray(_));
    let all: Vec<Draft> =
        lock(&core.0.drafts).extract_if(|_, draft| is_stray(draft)).map(|(_, draft)| draft).collect();
    for draft in &all {
        dropped(core, draft);
    }
    let under_way = std::mem::take(&mut *lock(&core.0.giving_up));
    for giving in under_way {
        let _ = giving.await;
    }
}

/// Gives a grant up at HubSpot, best effort. Not where the same app works for the same portal here: whether giving up one
/// of its tokens ends the other is not documented.
async fn give_up(core: &Core, credential: OauthCredential, portal: Option<PortalId>) {
    let client_id = credential.client_id.clone();
    let in_use = core
        .blocking(move |core| {
            let known = core.0.app.connections().map_err(|error| errors::store(&error))?;
            Ok(known.iter().any(|other| {
                let of_app = other.oauth.as_ref().is_some_and(|setup| setup.client_id == client_id);
                let own = other.account.as_ref().map(|account| account.portal);
                other.kind == ConnectionKind::Oauth
                    && other.state == ConnectionState::Active
                    && of_app
                    && (portal.is_none() || own == portal)
            }))
        })
        .await;
    if !matches!(in_use, Ok(false)) {
        return;
    }
    match auth::give_up(&credential, &core.client_options(SETUP)).await {
        Ok(()) => tracing::info!("a grant that is not used was given up at HubSpot"),
        Err(error) => tracing::warn!(%error, "a grant that is not used could not be given up at HubSpot"),
    }
}
