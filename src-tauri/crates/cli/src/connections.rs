//! The list of connections.

use operations::{
    Core,
    wire::{ConnectionKind, ConnectionSummary, ConnectionsRequest, OperationalState, WireError},
};
use serde_json::json;

use crate::{
    failure::{Ended, Exit, Failure},
    said::Said,
    table::{Align, Table},
};

pub(crate) async fn list(core: &Core, said: Said) -> Result<Exit, Ended> {
    let known = operations::connections(core, ConnectionsRequest {}).await?.connections;
    let mut table = Table::new(["id", "name", "portal", "kind", "state"].map(|name| (name, Align::Left)));
    for connection in &known {
        let portal = connection.portal.clone().unwrap_or_default();
        table.row([
            &connection.id,
            &connection.name,
            &portal,
            kind(connection.kind),
            &words(connection.state),
        ]);
    }
    said.words(&if table.is_empty() {
        "Nothing is connected yet. Connect a portal: portside connect --token-stdin < FILE".to_owned()
    } else {
        table.render()
    })?;
    said.object(&json!("done"), None, json!({ "connections": known }))?;
    Ok(Exit::Done)
}

/// One connection of the list, by its id.
pub(crate) async fn summary(core: &Core, id: &str) -> Result<ConnectionSummary, Ended> {
    let known = operations::connections(core, ConnectionsRequest {}).await?.connections;
    let found = known.into_iter().find(|connection| connection.id == id);
    // It was there a moment ago: another process has just wiped it.
    found.ok_or_else(|| Failure::new("no_such_connection", "The connection is gone.").into())
}

/// The id behind what was typed.
pub(crate) fn id_of(core: &Core, typed: Option<&str>) -> Result<String, WireError> {
    Ok(core.find_connection(typed.unwrap_or_default())?.id.to_string())
}

pub(crate) fn portal(summary: &ConnectionSummary) -> String {
    let parts = [summary.portal.as_ref().map(|portal| format!("portal {portal}")), summary.region.clone()];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

pub(crate) fn kind(kind: ConnectionKind) -> &'static str {
    match kind {
        ConnectionKind::ServiceKey => "service key",
        ConnectionKind::PrivateApp => "private app",
        ConnectionKind::Oauth => "own app",
        ConnectionKind::Demo => "demo portal",
    }
}

/// A state as a person reads it: `rate limited`.
pub(crate) fn words(state: OperationalState) -> String {
    json!(state).as_str().unwrap_or_default().replace('_', " ")
}
