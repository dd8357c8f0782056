//! Which checks there are, in the order in which they are shown. Deliberately absent: running them.

use crm::ConnectionId;
use store::{Connection, ConnectionState};

use crate::{
    core::Core,
    errors,
    wire::{DoctorOutcome, DoctorRow, WireError},
};

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Planned {
    pub(super) id: String,
    pub(super) label: &'static str,
    /// Name of the connection it is about.
    pub(super) connection: Option<String>,
    pub(super) check: Check,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Check {
    App,
    WebView,
    Folder,
    Disk,
    Keychain,
    Formats,
    Proxy,
    Reachable,
    Clock,
    Key(ConnectionId),
    Scopes(ConnectionId),
    Budget(ConnectionId),
    Database(Depth),
    Copy(ConnectionId, Depth),
    Watermark(ConnectionId),
    Queue(ConnectionId),
    Requests,
}

/// How much of a database is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Depth {
    Quick,
    Full,
}

/// When a check has its turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Turn {
    Together,
    /// It looks back on what the others did.
    After,
    Slow,
}

impl Check {
    pub(super) fn turn(&self) -> Turn {
        match self {
            Check::Requests => Turn::After,
            Check::Database(Depth::Full) | Check::Copy(_, Depth::Full) => Turn::Slow,
            _ => Turn::Together,
        }
    }
}

impl Planned {
    /// Before it has run.
    pub(super) fn row(&self) -> DoctorRow {
        DoctorRow {
            id: self.id.clone(),
            label: self.label.to_owned(),
            connection: self.connection.clone(),
            outcome: DoctorOutcome::Next,
            sentence: String::new(),
            ms: None,
            long: false,
            error: None,
        }
    }
}

pub(super) fn here(id: &str, label: &'static str, check: Check) -> Planned {
    Planned { id: id.to_owned(), label, connection: None, check }
}

fn of(connection: &Connection, kind: &str, label: &'static str, check: Check) -> Planned {
    Planned {
        id: format!("{kind}/{}", connection.id),
        label,
        connection: Some(connection.name.clone()),
        check,
    }
}

/// All checks that there are now.
pub(super) async fn all(core: &Core) -> Result<Vec<Planned>, WireError> {
    let connections = connections(core).await?;
    let mut plan = vec![
        here("app", "App", Check::App),
        here("web_view", "Web view", Check::WebView),
        here("folder", "Data folder", Check::Folder),
        here("disk", "Disk", Check::Disk),
        here("keychain", "Keychain", Check::Keychain),
        here("proxy", "Proxy", Check::Proxy),
        here("reachable", "HubSpot API", Check::Reachable),
        here("clock", "Clock", Check::Clock),
        here("formats", "Formats", Check::Formats),
        here("database", "Database", Check::Database(Depth::Quick)),
    ];
    for connection in &connections {
        let id = || connection.id.clone();
        // A connection that was ended has no key any more; its copy may still be here.
        if connection.state != ConnectionState::Inactive {
            plan.push(of(connection, "key", "Key", Check::Key(id())));
            plan.push(of(connection, "scopes", "Permissions", Check::Scopes(id())));
            plan.push(of(connection, "budget", "Request budget", Check::Budget(id())));
        }
        plan.push(of(connection, "copy", "Copy", Check::Copy(id(), Depth::Quick)));
        plan.push(of(connection, "watermark", "Last check", Check::Watermark(id())));
        plan.push(of(connection, "queue", "Queue", Check::Queue(id())));
    }
    plan.push(here("requests", "Requests", Check::Requests));
    plan.push(here("database_full", "Database, every page", Check::Database(Depth::Full)));
    for connection in &connections {
        let check = Check::Copy(connection.id.clone(), Depth::Full);
        plan.push(of(connection, "copy_full", "Copy, every page", check));
    }
    Ok(plan)
}

/// Connections that have a key.
pub(super) async fn usable(core: &Core) -> Result<Vec<Connection>, WireError> {
    let mut connections = connections(core).await?;
    connections.retain(|connection| connection.state != ConnectionState::Inactive);
    Ok(connections)
}

async fn connections(core: &Core) -> Result<Vec<Connection>, WireError> {
    core.blocking(|core| core.0.app.connections().map_err(|error| errors::store(&error))).await
}
