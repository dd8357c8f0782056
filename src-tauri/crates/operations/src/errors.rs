//! One catalogue of what can go wrong: a stable code with words for a person, and one place that maps every error of
//! the crates below onto it.

use hubspot::TransportKind;

use crate::wire::{Code, ErrorAction, WireError};

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
        E::Unauthorized(_) | E::Token(_) => Code::AuthExpired,
        E::MissingScopes { scopes, .. } => {
            return technical(say(Code::MissingScope, &scopes.join(", ")), error);
        }
        E::DailyLimit { .. } => Code::DailyLimit,
        E::RateLimited(_) => Code::RateLimited,
        E::Moving { .. } | E::Server(_) => Code::HubspotTrouble,
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
        _ => Code::KeychainMissing,
    };
    technical(say(code, ""), error)
}

pub(crate) fn auth(error: &auth::Error) -> WireError {
    match error {
        auth::Error::Vault(inner) => vault(inner),
        auth::Error::Store(inner) => store(inner),
        auth::Error::Hubspot(inner) => hubspot(inner),
        auth::Error::Damaged => internal(error),
    }
}

pub(crate) fn sync(error: &sync::Error) -> WireError {
    match error {
        sync::Error::Hubspot(inner) => hubspot(inner),
        sync::Error::Store(inner) => store(inner),
        sync::Error::Mark { .. } => technical(say(Code::DatabaseDamaged, ""), error),
        sync::Error::ListStuck(_) => technical(say(Code::UnexpectedAnswer, ""), error),
        sync::Error::WriterGone => internal(error),
    }
}

type Words = (&'static str, &'static str, &'static [&'static str], &'static [ErrorAction]);

const AGAIN: &[ErrorAction] = &[ErrorAction::TryAgain];
const PASTE: &[ErrorAction] = &[ErrorAction::PasteAgain];

#[expect(clippy::too_many_lines, reason = "a table: one row per code")]
fn words(code: Code) -> Words {
    match code {
        Code::KeyEmpty => ("Nothing was pasted.", "", &["Copy the key in HubSpot and paste it here."], PASTE),
        Code::KeyMasked => (
            "This key is masked.",
            "HubSpot shows dots until the key is revealed.",
            &["In HubSpot, choose Show next to the key.", "Copy it and paste it here."],
            PASTE,
        ),
        Code::KeyIsClientSecret => (
            "This looks like a client ID or client secret.",
            "It belongs to an app, not to a key.",
            &[
                "Open the service key (or private app) in HubSpot.",
                "Copy its access token, which usually starts with pat-.",
            ],
            PASTE,
        ),
        Code::KeyIsRefreshToken => (
            "This looks like a refresh token.",
            "It cannot be used as a key.",
            &["Copy the access token of a service key, which usually starts with pat-."],
            PASTE,
        ),
        Code::KeyIsUrl => (
            "This is a web address, not a key.",
            "",
            &["Copy the key itself, not the page's address."],
            PASTE,
        ),
        Code::KeyIsEmail => (
            "This is an e-mail address, not a key.",
            "",
            &["Copy the key in HubSpot and paste it here."],
            PASTE,
        ),
        Code::KeyTwice => {
            ("These are two keys in one.", "", &["Empty the field and paste the key once."], PASTE)
        }
        Code::KeyRubbish => (
            "This cannot be a key.",
            "It holds characters that no HubSpot key has.",
            &["Copy the key in HubSpot and paste it here."],
            PASTE,
        ),
        Code::TokenInvalid => (
            "HubSpot does not know this key.",
            "It was deactivated, rotated or cut off while copying.",
            &["Compare the last four characters with those in HubSpot.", "Paste the key again."],
            &[ErrorAction::PasteAgain, ErrorAction::OpenKeysInHubspot],
        ),
        Code::TokenFormat => (
            "HubSpot cannot read this key.",
            "Its form is not that of a HubSpot key.",
            &["Copy the whole key in HubSpot and paste it again."],
            PASTE,
        ),
        Code::AuthExpired => (
            "HubSpot ended this connection.",
            "The key was rotated or deactivated. The local copy is safe and readable.",
            &["Make or copy a new key in HubSpot.", "Reconnect with it."],
            &[ErrorAction::Reconnect, ErrorAction::OpenKeysInHubspot],
        ),
        Code::MissingScope => (
            "Permission missing: {}.",
            "The key may not read this.",
            &["Open the key in HubSpot and add the permission.", "Check again."],
            &[ErrorAction::OpenKeysInHubspot, ErrorAction::CheckAgain],
        ),
        Code::WrongAccount => (
            "This key opens another portal ({}).",
            "A connection keeps to the portal it was made for.",
            &["Paste a key of the same portal, or connect this one under a new name."],
            PASTE,
        ),
        Code::NameTaken => ("“{}” is already connected.", "", &["Choose another name."], &[]),
        Code::NoSuchConnection => (
            "There is no such connection.",
            "Nothing here is called “{}”.",
            &["See what there is: portside connections", "Connect one: portside connect --token-stdin"],
            &[],
        ),
        Code::SeveralConnections => (
            "Which connection?",
            "There are several.",
            &["Name one by its id: portside connections lists them."],
            &[],
        ),
        Code::Disconnected => (
            "“{}” is disconnected.",
            "Its copy is still here, but nothing new is fetched.",
            &["Reconnect with a key of the same portal."],
            &[ErrorAction::Reconnect],
        ),
        Code::Busy => (
            "Another Portside is working on this connection.",
            "{}",
            &["Wait until it has finished, or pause it there."],
            AGAIN,
        ),
        Code::BadOrigin => {
            ("This server address cannot be used.", "{}", &["Leave it out to use HubSpot's own."], &[])
        }
        Code::KeychainLocked => (
            "Your system keychain is locked.",
            "Keys are kept there and nowhere else.",
            &["Unlock the keychain (log in to your desktop session).", "Try again."],
            &[ErrorAction::TryAgain, ErrorAction::UseEncryptedFile],
        ),
        Code::KeychainMissing => (
            "No system keychain could be found.",
            "Keys are never written in plain text, so one is needed.",
            &[
                "On a desktop: install and start a keychain (GNOME Keyring, KWallet).",
                "On a server: set PORTSIDE_VAULT=file and PORTSIDE_VAULT_PASSPHRASE_FILE to a file only you can read.",
            ],
            &[ErrorAction::TryAgain, ErrorAction::UseEncryptedFile],
        ),
        Code::VaultPassphrase => (
            "The encrypted key file cannot be opened.",
            "The passphrase does not fit, or its file can be read by others.",
            &["Check PORTSIDE_VAULT_PASSPHRASE_FILE and its rights (chmod 600)."],
            AGAIN,
        ),
        Code::Offline => (
            "HubSpot cannot be reached.",
            "The connection was refused or broke off.",
            &["Check the network, then try again. Nothing is lost."],
            AGAIN,
        ),
        Code::DnsFailed => (
            "HubSpot's address cannot be found.",
            "The name could not be looked up: there is probably no network.",
            &["Check the network, then try again. Nothing is lost."],
            AGAIN,
        ),
        Code::TlsFailed => (
            "The connection to HubSpot is not trusted.",
            "The certificate was refused; a company proxy may stand in between.",
            &["Ask your administrator which certificate authority the network uses."],
            AGAIN,
        ),
        Code::ProxyFailed => (
            "The proxy did not let us through.",
            "",
            &["Check the system's proxy settings, then try again."],
            AGAIN,
        ),
        Code::TimedOut => {
            ("HubSpot did not answer in time.", "", &["Try again; what is copied stays."], AGAIN)
        }
        Code::ClockSkew => (
            "This computer's clock is off by {}.",
            "Sign-in and times can be wrong because of it.",
            &["Set the clock to the right time."],
            &[ErrorAction::CheckAgain],
        ),
        Code::RateLimited => (
            "HubSpot keeps asking to slow down.",
            "Other apps use the same limit.",
            &["Try again in a few minutes; it continues where it stopped."],
            AGAIN,
        ),
        Code::DailyLimit => (
            "Today's requests are used up.",
            "HubSpot resets them at midnight in the portal's time zone.",
            &["Nothing to do: start again after that, and it continues where it stopped."],
            AGAIN,
        ),
        Code::HubspotTrouble => (
            "HubSpot has a problem.",
            "It failed to answer again and again.",
            &["Try again in a few minutes; it continues where it stopped."],
            AGAIN,
        ),
        Code::UnexpectedAnswer => (
            "HubSpot answered in an unexpected way.",
            "",
            &["Try again. If it stays, copy the details for support."],
            AGAIN,
        ),
        Code::DiskFull => (
            "The disk is full.",
            "Nothing was half written.",
            &[
                "Free some space on the drive with the data folder.",
                "Start again: it continues where it stopped.",
            ],
            AGAIN,
        ),
        Code::DataFolder => (
            "The data folder cannot be used.",
            "",
            &["Check that it exists and that you may write there."],
            AGAIN,
        ),
        Code::NewerDatabase => (
            "This copy was written by a newer Portside.",
            "Opening it with this version could damage it.",
            &["Update Portside."],
            &[ErrorAction::Quit],
        ),
        Code::DatabaseDamaged => (
            "The local copy is damaged.",
            "SQLite could not read it.",
            &[
                "Disconnect with “delete local records”, then connect again: the copy is rebuilt from HubSpot.",
            ],
            &[],
        ),
        Code::NotReadOnly => (
            "Only reading is allowed here.",
            "{}",
            &["Use SELECT. The copy follows HubSpot and is not edited by hand."],
            &[],
        ),
        Code::BadQuery => {
            ("SQLite does not understand the query.", "{}", &["Mend the SQL and try again."], &[])
        }
        Code::QueryTimedOut => {
            ("The query was stopped after {}.", "", &["Narrow it down, or use an indexed column."], &[])
        }
        Code::NoSuchObject => {
            ("There is no object type “{}” here.", "", &["Run a sync first; status lists the types."], &[])
        }
        Code::NoSuchProperty => {
            ("There is no property “{}”.", "", &["Check the internal name in HubSpot."], &[])
        }
        Code::NoSuchRecord => {
            ("There is no such record here.", "It may not be copied yet.", &["Run a sync first."], &[])
        }
        Code::SnapshotGone => ("This list is too old.", "", &["Open it again."], AGAIN),
        Code::BadRequest => ("This cannot be done.", "{}", &[], &[]),
        Code::Internal => (
            "Something went wrong inside Portside.",
            "",
            &["Try again. If it stays, copy the details for support."],
            AGAIN,
        ),
    }
}
