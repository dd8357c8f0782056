//! Signing in with the user's own HubSpot app: what to prepare, one attempt, how it goes.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::WireError;

/// For a new connection, or for one that is there (setup to be continued, reconnect, more scopes).
#[derive(Debug, Clone, Default, Serialize, Deserialize, TS)]
pub struct OauthSetupRequest {
    pub connection: Option<String>,
}

/// What has to be agreed with HubSpot before the browser opens.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct OauthSetup {
    /// Empty for a new connection.
    pub client_id: String,
    /// A client secret is kept; an empty field then means that one.
    pub has_secret: bool,
    /// As kept with the connection, or as suggested.
    pub scopes: ScopeSets,
    /// Every return address, exactly as it must be registered on the app.
    pub redirects: Vec<RedirectAddress>,
    /// The port that was chosen in place of the usual ones.
    pub port: Option<u16>,
}

/// One return address and whether its port can be had right now.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct RedirectAddress {
    pub port: u16,
    pub address: String,
    pub free: bool,
    /// "node, process 4121", where the system tells.
    pub taken_by: Option<String>,
}

/// Scopes as the app declares them. HubSpot wants both sides to agree group by group (API.md 2.7).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ScopeSets {
    pub required: Vec<String>,
    pub conditional: Vec<String>,
    pub optional: Vec<String>,
}

#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize, TS)]
pub struct ScopesRequest {}

/// Every scope Portside has a use for, in the order to show them.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct Scopes {
    pub scopes: Vec<ScopeInfo>,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct ScopeInfo {
    pub scope: String,
    pub group: ScopeGroup,
    /// Why it is asked for: "Copy contacts."
    pub reason: String,
    /// Plural labels of the record types that need it.
    pub objects: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ScopeGroup {
    /// The minimum set for reading.
    Read,
    /// Adds record types or details; the copy works without.
    Optional,
}

/// Starts an attempt: keeps what was typed with a connection in `pending_setup`, and listens for the browser.
/// The secret goes in once, here; nothing returns it.
#[derive(Serialize, Deserialize, TS)]
pub struct BeginOauth {
    /// The connection to go on with; none makes a new one.
    pub connection: Option<String>,
    /// Empty: named after its portal.
    pub name: String,
    pub client_id: String,
    /// Empty: the one that is kept.
    pub client_secret: String,
    pub scopes: ScopeSets,
    /// Listen on this port instead of the usual ones.
    pub port: Option<u16>,
    pub api_base: Option<String>,
    pub app_base: Option<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct AttemptRequest {
    pub attempt: String,
}

/// The address the browser ended on, when it could not reach this computer. It holds a code that is used at once.
#[derive(Serialize, Deserialize, TS)]
pub struct PasteCallback {
    pub attempt: String,
    pub address: String,
}

/// One sign-in, as it goes. Ask again after every `AttemptChanged`.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct OauthAttempt {
    pub attempt: String,
    /// The connection in `pending_setup` that this attempt belongs to.
    pub connection: String,
    pub phase: AttemptPhase,
    /// To copy into a browser by hand.
    pub authorize_url: String,
    pub redirect_address: String,
    /// Seconds since it began, and until it gives up (ten minutes in all).
    pub elapsed: u32,
    pub left: u32,
    /// A callback of an older attempt, or of nobody, was turned away; waiting goes on.
    pub strangers: u32,
    pub error: Option<WireError>,
    /// Once connected: the draft to check and finish, as after a pasted key. Where another portal was approved: the draft
    /// that `use_as_new_connection` takes.
    pub draft: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum AttemptPhase {
    Waiting,
    Exchanging,
    Connected,
    Failed,
    Cancelled,
}

/// Connects without a window; the host opens or prints the address while it waits.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct AwaitOauth {
    pub attempt: String,
}

/// Where to write the user's HubSpot developer project.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct WriteAppKit {
    /// Made if it is missing. A file of another content is never overwritten.
    pub folder: String,
    /// The app's name in HubSpot.
    pub app_name: String,
    pub scopes: ScopeSets,
    pub port: Option<u16>,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct AppKit {
    pub folder: String,
    /// Files written, relative to the folder.
    pub files: Vec<String>,
    /// Commands to run there, in order.
    pub commands: Vec<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct ReadAppKit {
    /// A project folder, or its app file.
    pub folder: String,
}

/// What a HubSpot developer project declares.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct AppKitFound {
    pub app_name: String,
    pub scopes: ScopeSets,
    pub redirects: Vec<String>,
    /// Return addresses of ours that the app does not register.
    pub missing_redirects: Vec<String>,
}
