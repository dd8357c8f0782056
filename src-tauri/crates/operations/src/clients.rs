//! Clients for a connection: with its key, or with an app's tokens kept alive, from the vault.

use std::sync::Arc;

use auth::{Kept, OauthCredential, OauthTokens};
use crm::ConnectionId;
use hubspot::{Client, ClientOptions, Origin, StaticToken, Token};
use store::{Connection, ConnectionKind};

use crate::{
    core::{Core, lock},
    demo, errors,
    wire::WireError,
};

/// A client for a run, with the key or the tokens from the vault. A key's permissions are asked for again: they can be
/// added to it in HubSpot at any time, and are kept with the connection here.
pub(crate) async fn client_for_run(core: &Core, connection: &mut Connection) -> Result<Client, WireError> {
    if connection.kind == ConnectionKind::Demo {
        return demo::client(core).await;
    }
    // A process that was cut may have been calling until a moment ago; its calls still count.
    let id = connection.id.clone();
    let resumed = core.blocking(move |core| Ok(was_cut(core, &id))).await?;
    let options = ClientOptions { resumed, ..core.client_options(connection.id.as_str()) };
    let kept = kept(core, &connection.id).await?;
    let key = match &kept {
        Kept::Key(key) => Some(key.token.clone()),
        Kept::Oauth(_) => None,
    };
    let client = client_with_kept(core, connection, kept, options)?;
    if let Some(account) = &connection.account {
        client.know_account(account);
    }
    if let Some(key) = key
        // Whatever else is wrong, the run itself will say.
        && let Ok(Some(granted)) = auth::granted_scopes(&client, &key).await
    {
        connection.granted_scopes = Some(granted);
    }
    Ok(client)
}

pub(crate) async fn client_of(
    core: &Core,
    connection: &Connection,
    options: ClientOptions,
) -> Result<Client, WireError> {
    let kept = kept(core, &connection.id).await?;
    client_with_kept(core, connection, kept, options)
}

async fn kept(core: &Core, id: &ConnectionId) -> Result<Kept, WireError> {
    let id = id.clone();
    core.blocking(move |core| Kept::load(&*core.0.vault, &id).map_err(|error| errors::auth(&error))).await
}

fn client_with_kept(
    core: &Core,
    connection: &Connection,
    kept: Kept,
    options: ClientOptions,
) -> Result<Client, WireError> {
    match kept {
        Kept::Key(key) => client_with(&key.origin, key.token, options),
        Kept::Oauth(oauth) => {
            let origin = oauth.api.clone();
            let tokens = tokens_of(core, &connection.id, oauth)?;
            Client::new(origin, Arc::new(tokens), options).map_err(|error| errors::hubspot(&error))
        }
    }
}

/// One source of tokens for each connection of this process, so that its tasks share one refresh.
fn tokens_of(core: &Core, id: &ConnectionId, kept: OauthCredential) -> Result<OauthTokens, WireError> {
    let mut known = lock(&core.0.tokens);
    if let Some(tokens) = known.get(id).filter(|tokens| tokens.over().is_none()) {
        return Ok(tokens.clone());
    }
    let (vault, options) = (core.0.vault.clone(), core.client_options(id.as_str()));
    let tokens = OauthTokens::new(kept, id, vault, &core.0.home, &options);
    let tokens = tokens.map_err(|error| errors::auth(&error))?;
    known.insert(id.clone(), tokens.clone());
    Ok(tokens)
}

fn was_cut(core: &Core, id: &ConnectionId) -> bool {
    let mark = core.read(id, |reader| Ok(sync::import_mark(reader).ok().flatten()));
    matches!(mark, Ok(Some(Some(mark))) if mark.open)
}

pub(crate) fn client_with(
    origin: &Origin,
    token: Token,
    options: ClientOptions,
) -> Result<Client, WireError> {
    Client::new(origin.clone(), Arc::new(StaticToken(token)), options)
        .map_err(|error| errors::hubspot(&error))
}
