//! One place that maps every error of the crates below onto the catalogue of codes, and fills in its words. Deliberately
//! absent: the words themselves (`catalog`).

mod catalog;
mod oauth;
#[cfg(test)]
mod tests;

use hubspot::TransportKind;
use serde::{Deserialize, Serialize};
use store::LastError;

use crate::{
    core::clock,
    wire::{Code, WireError},
};
use catalog::words;
pub(crate) use oauth::{approved_elsewhere, attempt, exchange, pasted_address, token};

/// An error of the catalogue; `what` fills in the name it is about, where the words have room for one.
pub(crate) fn say(code: Code, what: &str) -> WireError {
    let (title, text, fix, actions) = words(code);
    let fill = |text: &str| text.replace("{}", what);
    WireError {
        code,
        title: fill(title),
        text: fill(text),
        fix: fix.iter().map(|step| fill(step)).collect(),
        actions: actions.to_vec(),
        technical: String::new(),
    }
}

/// For hosts, which are the ones that open browsers.
pub fn browser_not_opened() -> WireError {
    say(Code::BrowserNotOpened, "")
}

/// A code as it is written everywhere: `missing_scope`.
pub(crate) fn code_name(code: Code) -> Option<String> {
    serde_json::to_value(code).ok()?.as_str().map(str::to_owned)
}

/// What of an error is kept with its connection beside its code.
#[derive(Serialize, Deserialize)]
struct Kept {
    title: String,
    text: String,
    technical: String,
}

/// The error as it is kept with the connection: it names what it was about.
pub(crate) fn kept(error: &WireError) -> LastError {
    let WireError { title, text, technical, .. } = error.clone();
    let message = serde_json::to_string(&Kept { title, text, technical }).expect("texts are always JSON");
    LastError { code: code_name(error.code).unwrap_or_default(), message, at: clock() }
}

/// A kept error, with today's fixes and buttons.
pub(crate) fn restored(error: &LastError) -> WireError {
    let code =
        serde_json::from_value(serde_json::Value::String(error.code.clone())).unwrap_or(Code::Internal);
    let mut said = say(code, "");
    match serde_json::from_str::<Kept>(&error.message) {
        Ok(Kept { title, text, technical }) => {
            (said.title, said.text, said.technical) = (title, text, technical);
        }
        // Kept by a version that kept less.
        Err(_) => said.technical.clone_from(&error.message),
    }
    said
}

fn technical(mut error: WireError, detail: &dyn std::fmt::Display) -> WireError {
    error.technical = detail.to_string();
    error
}

/// Something that cannot happen, happened: said honestly, never hidden.
pub(crate) fn internal(detail: &dyn std::fmt::Display) -> WireError {
    technical(say(Code::Internal, ""), detail)
}

pub(crate) fn store(error: &store::Error) -> WireError {
    use store::Error as E;
    let code = match error {
        _ if error.is_disk_full() => Code::DiskFull,
        _ if error.is_busy() => Code::Busy,
        E::Io { .. } => Code::DataFolder,
        E::NewerDatabase { .. } => Code::NewerDatabase,
        E::Corrupt(_) | E::NotAMirror(_) => Code::DatabaseDamaged,
        E::NoMirror(_) => Code::NoSuchRecord,
        E::UnknownObject(object) => return say(Code::NoSuchObject, object.as_str()),
        E::UnknownProperty { property, .. } => return say(Code::NoSuchProperty, property),
        E::NotReadOnly(what) => return say(Code::NotReadOnly, what),
        E::Sql { message } => return say(Code::BadQuery, message),
        E::QueryTimedOut(after) => return say(Code::QueryTimedOut, &format!("{} s", after.as_secs())),
        _ => Code::Internal,
    };
    technical(say(code, ""), error)
}

pub(crate) fn hubspot(error: &hubspot::Error) -> WireError {
    use hubspot::Error as E;
    let code = match error {
        E::Unauthorized(refusal) if refusal.status == 530 => Code::TokenFormat,
        E::Unauthorized(_) => Code::AuthExpired,
        E::Token(inner) => return token(inner),
        E::MissingScopes { scopes, .. } => {
            return technical(say(Code::MissingScope, &scopes.join(", ")), error);
        }
        E::DailyLimit { .. } => Code::DailyLimit,
        E::ShareUsedUp { percent, .. } => {
            return technical(say(Code::DailyShare, &format!("{percent} %")), error);
        }
        E::RateLimited(_) => Code::RateLimited,
        E::Moving { .. } => Code::AccountMoving,
        E::Server(_) => Code::HubspotTrouble,
        E::Transport { kind, detail } => return technical(say(transport(*kind), ""), detail),
        E::Origin(bad) => return say(Code::BadOrigin, &bad.to_string()),
        E::NotFound(_) | E::Conflict(_) | E::UriTooLong | E::Refused(_) | E::Malformed(_) => {
            Code::UnexpectedAnswer
        }
    };
    technical(say(code, ""), error)
}

fn transport(kind: TransportKind) -> Code {
    match kind {
        TransportKind::Dns => Code::DnsFailed,
        TransportKind::Connect | TransportKind::Interrupted => Code::Offline,
        TransportKind::Tls => Code::TlsFailed,
        TransportKind::Timeout => Code::TimedOut,
        TransportKind::Proxy => Code::ProxyFailed,
    }
}

pub(crate) fn vault(error: &vault::Error) -> WireError {
    use vault::Error as E;
    let code = match error {
        E::NoEntry => Code::AuthExpired,
        E::Locked => Code::KeychainLocked,
        E::BadPassphrase | E::PassphraseFileReadable { .. } => Code::VaultPassphrase,
        E::NoPassphrase => Code::VaultLocked,
        _ => Code::KeychainMissing,
    };
    technical(say(code, ""), error)
}

pub(crate) fn auth(error: &auth::Error) -> WireError {
    match error {
        auth::Error::Vault(inner) => vault(inner),
        auth::Error::Store(inner) => store(inner),
        auth::Error::Hubspot(inner) => hubspot(inner),
        auth::Error::Exchange(inner) => exchange(inner),
        auth::Error::Damaged => technical(say(Code::AuthExpired, ""), error),
    }
}

pub(crate) fn sync(error: &sync::Error) -> WireError {
    match error {
        sync::Error::Hubspot(inner) => hubspot(inner),
        sync::Error::Store(inner) => store(inner),
        sync::Error::Mark { .. } => technical(say(Code::DatabaseDamaged, ""), error),
        sync::Error::ListStuck(_) | sync::Error::StampUndefined { .. } => {
            technical(say(Code::UnexpectedAnswer, ""), error)
        }
        sync::Error::WriterGone => internal(error),
    }
}
