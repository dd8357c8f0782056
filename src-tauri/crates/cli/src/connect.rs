//! The way in, with a key from standard input or by signing in in the browser, and the way out.

use std::{
    io::{self, IsTerminal, Read},
    pin::pin,
};

use operations::{
    Core,
    wire::{
        AttemptRequest, AwaitOauth, BeginOauth, ConnectKey, Connected, ConnectionKind, Disconnect,
        OauthSetupRequest, ScopeSets,
    },
};
use serde_json::json;

use crate::{
    arguments, connections,
    failure::{Ended, Exit, Failure},
    interrupt::interrupted,
    said::{self, Said},
};

/// No key is nearly this long; whatever is, is not read to its end.
const KEY_MAX: u64 = 64 * 1024;

pub(crate) async fn connect(core: &Core, said: Said, asked: arguments::Connect) -> Result<Exit, Ended> {
    let connected =
        if asked.oauth { sign_in(core, said, asked).await? } else { with_key(core, asked).await? };
    let summary = connections::summary(core, &connected.connection).await?;
    said.words(&format!(
        "“{}” is connected ({}). Nothing is copied yet: portside sync {}",
        summary.name,
        connections::portal(&summary),
        summary.id
    ))?;
    let (id, name, portal) = (&summary.id, &summary.name, &summary.portal);
    said.object(&json!(summary.state), None, json!({ "connection": id, "name": name, "portal": portal }))?;
    Ok(Exit::Done)
}

async fn with_key(core: &Core, asked: arguments::Connect) -> Result<Connected, Ended> {
    let kind = asked.kind.map(|kind| match kind {
        arguments::Kind::ServiceKey => ConnectionKind::ServiceKey,
        arguments::Kind::PrivateApp => ConnectionKind::PrivateApp,
    });
    let request = ConnectKey {
        text: key()?,
        name: asked.name,
        kind,
        api_base: asked.api_base,
        allow_host: asked.allow_host,
    };
    Ok(operations::connect_key(core, request).await?)
}

/// One sign-in to its end. A connection of the given name lends what is not typed again.
async fn sign_in(core: &Core, said: Said, asked: arguments::Connect) -> Result<Connected, Ended> {
    let name = asked.name.unwrap_or_default();
    let known = if name.is_empty() { None } else { core.find_connection(&name).ok() };
    let connection = known.map(|connection| connection.id.to_string());
    let setup = operations::oauth_setup(core, OauthSetupRequest { connection: connection.clone() }).await?;
    let app = asked.app;
    let client_secret = if app.client_secret_stdin { key()? } else { String::new() };
    let request = BeginOauth {
        connection,
        name,
        client_id: app.client_id.unwrap_or(setup.client_id),
        client_secret,
        scopes: ScopeSets {
            required: app.scopes.unwrap_or(setup.scopes.required),
            conditional: app.conditional_scopes.unwrap_or(setup.scopes.conditional),
            optional: app.optional_scopes.unwrap_or(setup.scopes.optional),
        },
        port: app.port.or(setup.port),
        api_base: asked.api_base,
        app_base: app.app_base,
    };
    let begun = operations::begin_oauth(core, request).await?;
    if let Some(error) = begun.error {
        // Without a window there is nowhere to paste the address.
        operations::cancel_oauth(core, AttemptRequest { attempt: begun.attempt }).await?;
        return Err(error.into());
    }
    let mut interrupt = pin!(interrupted());
    let opened = !app.no_browser && open::that_detached(&begun.authorize_url).is_ok();
    if said.json {
        let waiting = json!({
            "state": "pending_setup", "error": null, "connection": begun.connection,
            "authorize_url": begun.authorize_url, "redirect_address": begun.redirect_address,
        });
        said::line(&waiting)?;
    } else {
        let what = if opened {
            "Your browser opens"
        } else {
            "Open this address in the browser where you use HubSpot"
        };
        said::aside(&format!(
            "{what}: {}\nWaiting for your approval on {} (Ctrl-C gives up)…\n",
            begun.authorize_url, begun.redirect_address
        ));
    }
    let attempt = begun.attempt.clone();
    let mut ended = pin!(operations::await_oauth(core, AwaitOauth { attempt: begun.attempt }));
    tokio::select! {
        ended = &mut ended => return Ok(ended?),
        () = &mut interrupt => {}
    }
    // What was typed stays, and why it is not finished; a code that is being exchanged comes to its end.
    operations::cancel_oauth(core, AttemptRequest { attempt }).await?;
    Ok(ended.await?)
}

/// All of standard input, however it is encoded.
pub(crate) fn key() -> Result<String, Ended> {
    if io::stdin().is_terminal() {
        said::aside("Paste the key, then press Enter and Ctrl-D:\n");
    }
    let mut bytes = Vec::new();
    io::stdin().lock().take(KEY_MAX).read_to_end(&mut bytes).map_err(|error| Failure {
        technical: error.to_string(),
        ..Failure::new("input_failed", "Standard input could not be read.")
    })?;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    bytes.fill(0);
    Ok(text)
}

pub(crate) async fn disconnect(core: &Core, said: Said, asked: arguments::Disconnect) -> Result<Exit, Ended> {
    let connection = asked.connection.unwrap_or_default();
    let done = operations::disconnect(core, Disconnect { connection, wipe: asked.wipe }).await?;
    said.words(&done.outcomes.join("\n"))?;
    said.object(&json!("inactive"), None, json!({ "outcomes": done.outcomes }))?;
    Ok(Exit::Done)
}
