//! How a command ends badly: a code, a sentence, what to do about it, and the number the shell gets.

use std::io;

use operations::wire::{Code, OperationalState, WireError};
use serde_json::{Value, json};

/// The numbers a script can rely on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Exit {
    Done = 0,
    Failed = 1,
    Usage = 2,
    NeedsUser = 3,
    Busy = 4,
    DailyLimit = 5,
}

/// Something went wrong, in words.
#[derive(Debug, Clone)]
pub(crate) struct Failure {
    pub(crate) exit: Exit,
    pub(crate) code: String,
    pub(crate) message: String,
    pub(crate) fix: Vec<String>,
    pub(crate) technical: String,
    /// The connection's state, where one is concerned.
    pub(crate) state: Option<OperationalState>,
}

/// Why a command came back early.
#[derive(Debug)]
pub(crate) enum Ended {
    Failure(Box<Failure>),
    /// Whoever read our output has seen enough.
    PipeClosed,
}

impl Failure {
    pub(crate) fn new(code: &str, message: &str) -> Failure {
        Failure {
            exit: Exit::Failed,
            code: code.to_owned(),
            message: message.to_owned(),
            fix: Vec::new(),
            technical: String::new(),
            state: None,
        }
    }

    /// The `error` of a JSON answer.
    pub(crate) fn json(&self) -> Value {
        json!({ "code": self.code, "message": self.message, "fix": self.fix })
    }

    /// The `state` of a JSON answer.
    pub(crate) fn state(&self) -> Value {
        self.state.map_or_else(|| json!("failed"), |state| json!(state))
    }
}

impl From<WireError> for Failure {
    fn from(error: WireError) -> Failure {
        let exit = exit_of(error.code);
        let code = json!(error.code).as_str().unwrap_or_default().to_owned();
        let parts = [sentence(&error.title), sentence(&error.text)];
        let message = parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ");
        let state = match error.code {
            Code::AuthExpired | Code::AppUninstalled | Code::ClientSecretChanged | Code::AccountGone => {
                Some(OperationalState::AuthError)
            }
            Code::UserDenied
            | Code::CallbackTimeout
            | Code::ExchangeFailed
            | Code::CodeUsed
            | Code::RedirectMismatch
            | Code::ScopesMismatch => Some(OperationalState::SetupError),
            Code::SetupCancelled => Some(OperationalState::PendingSetup),
            Code::DailyLimit | Code::DailyShare | Code::RateLimited => Some(OperationalState::RateLimited),
            Code::Disconnected => Some(OperationalState::Inactive),
            _ => None,
        };
        Failure { exit, code, message, fix: error.fix, technical: error.technical, state }
    }
}

/// The number for each code; everything without a meaning of its own is a plain failure.
pub(crate) fn exit_of(code: Code) -> Exit {
    match code {
        Code::SeveralConnections
        | Code::BadRequest
        | Code::BadOrigin
        | Code::KeyEmpty
        | Code::ClientIdWrong
        | Code::ClientSecretWrong => Exit::Usage,
        // A key that is no key, or no longer one, or may not do enough: only a person can bring another.
        Code::KeyMasked
        | Code::KeyIsClientSecret
        | Code::KeyIsRefreshToken
        | Code::KeyIsUrl
        | Code::KeyIsEmail
        | Code::KeyTwice
        | Code::KeyRubbish
        | Code::TokenInvalid
        | Code::TokenFormat
        | Code::AuthExpired
        | Code::MissingScope
        | Code::WrongAccount
        | Code::SecretIsKey
        | Code::AppUninstalled
        | Code::ClientSecretChanged
        | Code::AccountGone
        | Code::UserDenied
        | Code::CallbackTimeout
        | Code::ExchangeFailed
        | Code::CodeUsed
        | Code::RedirectMismatch
        | Code::ScopesMismatch
        | Code::SetupCancelled
        | Code::Disconnected
        | Code::KeychainLocked => Exit::NeedsUser,
        Code::Busy => Exit::Busy,
        Code::DailyLimit | Code::DailyShare => Exit::DailyLimit,
        _ => Exit::Failed,
    }
}

impl From<Failure> for Ended {
    fn from(failure: Failure) -> Ended {
        Ended::Failure(Box::new(failure))
    }
}

impl From<WireError> for Ended {
    fn from(error: WireError) -> Ended {
        Failure::from(error).into()
    }
}

impl From<io::Error> for Ended {
    fn from(error: io::Error) -> Ended {
        if error.kind() == io::ErrorKind::BrokenPipe {
            return Ended::PipeClosed;
        }
        let technical = error.to_string();
        Failure { technical, ..Failure::new("output_failed", "The answer could not be written.") }.into()
    }
}

impl From<csv::Error> for Ended {
    fn from(error: csv::Error) -> Ended {
        match error.into_kind() {
            csv::ErrorKind::Io(error) => error.into(),
            other => io::Error::other(format!("{other:?}")).into(),
        }
    }
}

/// With a capital at its start and a mark at its end; what a library said has neither.
fn sentence(text: &str) -> String {
    let text = text.trim();
    let mut letters = text.chars();
    let Some(first) = letters.next() else { return String::new() };
    let end = if text.ends_with(['.', '?', '!', '…']) { "" } else { "." };
    first.to_uppercase().chain(letters).collect::<String>() + end
}
