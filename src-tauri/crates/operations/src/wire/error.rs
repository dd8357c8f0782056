//! What a host is told when something did not work: a stable code and words for a person.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// A refusal a person can act on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, thiserror::Error)]
#[error("{title} {text}")]
pub struct WireError {
    pub code: Code,
    /// What happened, in one short sentence.
    pub title: String,
    /// Why, in one sentence; may be empty.
    pub text: String,
    /// What to do, step by step.
    pub fix: Vec<String>,
    /// Buttons that help, best first.
    pub actions: Vec<ErrorAction>,
    /// HTTP status, category, correlation id, path without values; may be empty. Never a secret.
    pub technical: String,
}

/// A button of an error card.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ErrorAction {
    TryAgain,
    PasteAgain,
    Reconnect,
    OpenKeysInHubspot,
    CheckAgain,
    StartAgain,
    UseEncryptedFile,
    UnlockVault,
    Quit,
    UseAsNewConnection,
    OpenAgain,
    CopyLink,
    PasteAddress,
    EditScopes,
    CopyAddresses,
    CopyAdminMessage,
    UseServiceKey,
    ChooseOtherWay,
    FixClientSecret,
    ContinueSetup,
    OpenDoctor,
    SkipObject,
}

/// Stable codes; a code exists only with a consumer that treats it specially.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Code {
    // the pasted key
    KeyEmpty,
    KeyMasked,
    KeyIsClientSecret,
    KeyIsRefreshToken,
    KeyIsUrl,
    KeyIsEmail,
    KeyTwice,
    KeyRubbish,
    TokenInvalid,
    TokenFormat,
    // the user's own app
    ClientIdWrong,
    ClientSecretWrong,
    SecretIsKey,
    WrongFlowClaude,
    NoMarketplaceAccess,
    AdminApproval,
    ScopesInsufficient,
    ScopesMismatch,
    RedirectMismatch,
    UserDenied,
    StateMismatch,
    PortBusy,
    BrowserNotOpened,
    CallbackTimeout,
    CallbackUnusable,
    ExchangeFailed,
    CodeUsed,
    SetupCancelled,
    PlanStopped,
    AppKitFolder,
    AppKitUnreadable,
    // the connection
    AppUninstalled,
    ClientSecretChanged,
    TokenDelayed,
    AccountGone,
    AuthExpired,
    MissingScope,
    WrongAccount,
    NameTaken,
    NoSuchConnection,
    SeveralConnections,
    Disconnected,
    Busy,
    BadOrigin,
    // the surroundings
    KeychainLocked,
    KeychainMissing,
    VaultPassphrase,
    VaultLocked,
    Offline,
    DnsFailed,
    TlsFailed,
    ProxyFailed,
    TimedOut,
    ClockSkew,
    DiskLow,
    AccountMoving,
    RateLimited,
    DailyLimit,
    DailyShare,
    HubspotTrouble,
    UnexpectedAnswer,
    DiskFull,
    DataFolder,
    NewerDatabase,
    DatabaseDamaged,
    // questions
    NotReadOnly,
    BadQuery,
    QueryTimedOut,
    NoSuchObject,
    NoSuchProperty,
    NoSuchRecord,
    SnapshotGone,
    BadRequest,
    Internal,
}
