//! The app itself, its connections, and the way in and out.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::WireError;

#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize, TS)]
pub struct AppInfoRequest {}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct AppInfo {
    pub version: String,
    pub data_folder: String,
    pub theme: Theme,
    /// Where keys are kept, as words ("system keychain", "encrypted file").
    pub vault: String,
    /// The encrypted file waits for its passphrase: `unlock_vault`.
    pub vault_locked: bool,
    /// The encrypted file was chosen in the window, and can be left for the keychain: `use_keychain`.
    pub vault_movable: bool,
}

/// The passphrase, once: it is kept in memory only, until the app ends.
#[derive(Serialize, Deserialize, TS)]
pub struct UseEncryptedFile {
    /// At least 10 characters.
    pub passphrase: String,
}

/// Moves all keys from the encrypted file to the system keychain.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize, TS)]
pub struct UseKeychain {}

/// The passphrase of an earlier start, once.
#[derive(Serialize, Deserialize, TS)]
pub struct UnlockVault {
    pub passphrase: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Theme {
    #[default]
    System,
    Light,
    Dark,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize, TS)]
pub struct SetTheme {
    pub theme: Theme,
}

/// It is done; nothing more to say.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize, TS)]
pub struct Done {}

#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize, TS)]
pub struct ConnectionsRequest {}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct Connections {
    pub connections: Vec<ConnectionSummary>,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct ConnectionSummary {
    pub id: String,
    pub name: String,
    pub kind: ConnectionKind,
    /// Hub id as text, once known.
    pub portal: Option<String>,
    /// Data region such as `eu1`, once known.
    pub region: Option<String>,
    pub state: OperationalState,
    /// One sentence about the state.
    pub sentence: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ConnectionKind {
    ServiceKey,
    PrivateApp,
    Oauth,
    Demo,
}

/// One value, decided in Rust; the window never derives it (mission inventory DIAG-02, and the life cycle around it).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum OperationalState {
    PendingSetup,
    Active,
    Syncing,
    Backfilling,
    /// Everything is fetched; what could not be read at first is being read.
    DrainingQueue,
    /// What could not be read waits for longer than one cadence.
    QueueBackedUp,
    /// Of a later part: never yet.
    SynthesisError,
    Stale,
    RateLimited,
    SetupError,
    AuthError,
    Error,
    Paused,
    Inactive,
}

/// The pasted text, once. It is kept in memory only, until the draft is finished or discarded.
#[derive(Serialize, Deserialize, TS)]
pub struct BeginKey {
    pub text: String,
    /// For portals that are not HubSpot's own (tests, proxies); empty means HubSpot.
    pub api_base: Option<String>,
    /// The connection that gets this key (reconnect, rotation); a key of another portal is refused for it.
    pub connection: Option<String>,
}

/// A key that looks usable, waiting for its checks.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct KeyDraft {
    pub draft: String,
    /// Enough of the key to recognise it: `pat-eu1-…3f9c`.
    pub hint: String,
    /// What was taken off the pasted text, as words: "spaces", "quotes", "`Bearer `".
    pub cleaned: Vec<String>,
    /// Said before testing, not a refusal: "This does not start with pat-. …"
    pub warning: Option<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct StartChecks {
    pub draft: String,
    /// Ids of checks to run again; empty runs all.
    pub only: Vec<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct ChecksRequest {
    pub draft: String,
}

/// The live checks of the wizard, top to bottom.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct Checks {
    pub draft: String,
    pub rows: Vec<CheckRow>,
    pub portal: Option<PortalIdentity>,
    /// Everything that must hold holds; the connection can be made.
    pub can_finish: bool,
    pub running: bool,
    /// A name to offer for the connection.
    pub suggested_name: String,
    /// Scopes that are new, where the connection was there already.
    pub gained: Vec<String>,
    /// A few words from the portal itself ("Élodie Marchand · Atelier Cycle Lyon"), to recognise it.
    pub first_look: Option<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct CheckRow {
    /// `format`, `keychain`, `reachable`, `accepted`, `identity`, `scopes`, `counts`, `properties`, `budget`, `disk`.
    pub id: String,
    pub label: String,
    pub outcome: CheckOutcome,
    /// Plain sentence of the result; empty while waiting.
    pub sentence: String,
    /// Milliseconds it took, once finished.
    pub ms: Option<u32>,
    pub error: Option<WireError>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum CheckOutcome {
    Next,
    Running,
    Good,
    Look,
    Broken,
    Skipped,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct PortalIdentity {
    pub portal: String,
    /// "standard account", "developer test account", …
    pub account: String,
    pub region: Option<String>,
    pub ui_domain: Option<String>,
    pub time_zone: Option<String>,
    pub currency: Option<String>,
}

/// What was given for one connection opens another portal: it becomes one of its own, without being given again.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct UseAsNewConnection {
    pub draft: String,
}

/// Forgets a draft. What was approved in the browser and not taken is given up at HubSpot.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct DiscardDraft {
    pub draft: String,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct FinishConnect {
    pub draft: String,
    pub name: String,
    /// `service_key` or `private_app`: which card was chosen; both keys look alike.
    pub kind: ConnectionKind,
    /// True copies everything; false the default window of two years.
    pub all_history: bool,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct Connected {
    pub connection: String,
}

#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize, TS)]
pub struct OpenDemo {}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct RenameConnection {
    pub connection: String,
    pub name: String,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct DisconnectPlanRequest {
    pub connection: String,
}

/// What disconnecting will do, each effect in order, before it is done.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct DisconnectPlan {
    pub name: String,
    pub portal: Option<String>,
    pub effects: Vec<String>,
    /// Records that stay on this computer unless wiped.
    pub records: u32,
    pub megabytes: f64,
    /// Where to switch the key off at HubSpot (menu path).
    pub hubspot_path: String,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct Disconnect {
    pub connection: String,
    pub wipe: bool,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct Disconnected {
    /// What happened, in order.
    pub outcomes: Vec<String>,
}
