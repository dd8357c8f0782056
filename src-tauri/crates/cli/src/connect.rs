//! The way in, with a key from standard input, and the way out.

use std::io::{self, IsTerminal, Read};

use operations::{
    Core,
    wire::{ConnectKey, ConnectionKind, Disconnect},
};
use serde_json::json;

use crate::{
    arguments, connections,
    failure::{Ended, Exit, Failure},
    said::{self, Said},
};

/// No key is nearly this long; whatever is, is not read to its end.
const KEY_MAX: u64 = 64 * 1024;

pub(crate) async fn connect(core: &Core, said: Said, asked: arguments::Connect) -> Result<Exit, Ended> {
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
    let connected = operations::connect_key(core, request).await?;
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
