//! The demo portal: a pretend HubSpot that the host runs on this computer. Its connection keeps no address and no key;
//! both are made anew at every start. Its data are not: they reach up to when the connection was made.

use std::sync::Arc;

use crm::{ConnectionId, Timestamp};
use hubspot::{Client, ClientOptions, Origin, StaticToken, Token};
use store::{Connection, ConnectionKind, ConnectionState, Since};

use crate::{
    core::{Core, DemoHost, DemoPortal, clock},
    errors, runs,
    wire::{Code, Connected, CoreEvent, OpenDemo, WireError},
};

const ID: &str = "demo";
const NAME: &str = "Demo portal";

fn id() -> ConnectionId {
    ID.parse().expect("a plain name")
}

/// Connects the demo portal, once, and starts its import.
pub async fn open_demo(core: &Core, _: OpenDemo) -> Result<Connected, WireError> {
    let id = id();
    let known = core.0.app.connection(&id).map_err(|error| errors::store(&error))?;
    let connection = if let Some(mut known) = known {
        known.state = ConnectionState::Active;
        known.last_error = None;
        known
    } else {
        let until = ensure(core).await?.until;
        let account = client(core).await?.send(&hubspot::endpoint::AccountDetails).await;
        Connection {
            id: id.clone(),
            name: NAME.to_owned(),
            kind: ConnectionKind::Demo,
            state: ConnectionState::Active,
            account: Some(account.map_err(|error| errors::hubspot(&error))?),
            granted_scopes: None,
            key_hint: None,
            key_set_at: None,
            oauth: None,
            since: Since::All,
            paused_at: None,
            last_error: None,
            created_at: Timestamp::from_millis(until),
            disconnected_at: None,
        }
    };
    let saved = connection.clone();
    core.blocking(move |core| core.0.app.put_connection(&saved).map_err(|error| errors::store(&error)))
        .await?;
    core.tell(CoreEvent::ConnectionsChanged);
    runs::launch(core, connection, runs::Start::default()).await?;
    Ok(Connected { connection: id.to_string() })
}

/// A client for the demo portal of this process.
pub(crate) async fn client(core: &Core) -> Result<Client, WireError> {
    client_with(core, core.client_options(ID)).await
}

pub(crate) async fn client_with(core: &Core, options: ClientOptions) -> Result<Client, WireError> {
    let running = ensure(core).await?;
    let origin = Origin::parse(&running.base_url, false).map_err(|error| errors::internal(&error))?;
    let token = Arc::new(StaticToken(Token::new(running.token)));
    Client::new(origin, token, options).map_err(|error| errors::hubspot(&error))
}

/// The portal of this process, started when first needed.
pub(crate) async fn ensure(core: &Core) -> Result<DemoPortal, WireError> {
    let mut portal = core.0.demo_portal.lock().await;
    if let Some(running) = &*portal {
        return Ok(running.clone());
    }
    let known = core.0.app.connection(&id()).map_err(|error| errors::store(&error))?;
    let until = known.map_or_else(clock, |connection| connection.created_at).millis();
    let started = host(core)?.start(until).await.map_err(|error| errors::internal(&error))?;
    Ok(portal.insert(started).clone())
}

pub(crate) fn host(core: &Core) -> Result<Arc<dyn DemoHost>, WireError> {
    core.0
        .demo
        .clone()
        .ok_or_else(|| errors::say(Code::BadRequest, "The demo portal runs in the desktop app."))
}
