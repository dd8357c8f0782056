//! The catalogue: for every code its title, why, what to do, and the buttons that help. `{}` is filled in by whoever
//! says it.

use crate::wire::{Code, ErrorAction};

pub(super) type Words = (&'static str, &'static str, &'static [&'static str], &'static [ErrorAction]);

const AGAIN: &[ErrorAction] = &[ErrorAction::TryAgain];
const PASTE: &[ErrorAction] = &[ErrorAction::PasteAgain];

#[expect(clippy::too_many_lines, reason = "a table: one row per code")]
pub(super) fn words(code: Code) -> Words {
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
        Code::ClientIdWrong => (
            "This is not a client ID.",
            "A client ID looks like 5ff1a2d3-…: five groups of digits and letters.",
            &["In HubSpot, open your app, then its Auth settings.", "Copy the client ID and paste it here."],
            PASTE,
        ),
        Code::ClientSecretWrong => (
            "This is not a client secret.",
            "{}",
            &[
                "In HubSpot, open your app, then its Auth settings.",
                "Choose Show next to the client secret, copy it and paste it here.",
            ],
            PASTE,
        ),
        Code::SecretIsKey => (
            "This is a key, not a client secret.",
            "Keys begin with pat- and need no app.",
            &["Connect with the key instead, or paste your app's client secret here."],
            &[ErrorAction::UseServiceKey, ErrorAction::PasteAgain],
        ),
        Code::WrongFlowClaude => (
            "That page belongs to another product.",
            "You opened HubSpot's own connector for Claude. Portside does not use it.",
            &["Close that tab.", "Start from here."],
            &[ErrorAction::OpenAgain, ErrorAction::CopyLink],
        ),
        Code::NoMarketplaceAccess => (
            "Your HubSpot user may not install apps.",
            "A Super Admin can allow it, or connect once: later reconnects need no such permission while the permissions stay the same.",
            &[
                "A Super Admin opens Settings → Users & Teams → (permission set or user) → Account → Settings Access → App Marketplace Access.",
                "Then try again.",
            ],
            &[ErrorAction::CopyAdminMessage, ErrorAction::UseServiceKey, ErrorAction::TryAgain],
        ),
        Code::AdminApproval => (
            "An admin must approve this app first.",
            "HubSpot has sent the request, or offers to send it.",
            &["Ask your admin to approve it.", "Then open HubSpot again."],
            &[ErrorAction::OpenAgain, ErrorAction::CopyAdminMessage],
        ),
        Code::ScopesInsufficient => (
            "Your app requires permissions this link did not ask for.",
            "HubSpot says “the provided scopes are insufficient” and does not come back.",
            &["Tick the same required scopes here as in your app.", "Then try again."],
            &[ErrorAction::EditScopes, ErrorAction::TryAgain],
        ),
        Code::ScopesMismatch => (
            "This link asks for a permission your app does not declare.",
            "Required, conditionally required and optional must sit in the same group on both sides.",
            &["Compare the three lists with those of your app.", "Then try again."],
            &[ErrorAction::EditScopes, ErrorAction::TryAgain],
        ),
        Code::RedirectMismatch => (
            "The return address is not registered on your app.",
            "HubSpot wants it letter by letter.",
            &["Add these addresses in your app's Auth settings, exactly as they are.", "Then try again."],
            &[ErrorAction::CopyAddresses, ErrorAction::TryAgain],
        ),
        Code::UserDenied => (
            "HubSpot says no: {}.",
            "Nothing was connected.",
            &["Open HubSpot again and choose Connect app, or choose another way in."],
            &[ErrorAction::TryAgain, ErrorAction::ChooseOtherWay],
        ),
        Code::StateMismatch => (
            "This approval belongs to an older attempt.",
            "It was ignored to keep your account safe.",
            &["Close other HubSpot tabs.", "Start once more."],
            &[ErrorAction::StartAgain],
        ),
        Code::PortBusy => (
            "Another program uses the return ports.",
            "{}",
            &["Close it and try again, or choose another port and register its address on your app."],
            AGAIN,
        ),
        Code::BrowserNotOpened => (
            "Your browser did not open.",
            "This computer names no program for web pages.",
            &["Copy the link into the browser where you use HubSpot."],
            &[ErrorAction::CopyLink, ErrorAction::OpenAgain],
        ),
        Code::CallbackTimeout => (
            "We stopped waiting.",
            "Nothing came back from HubSpot within ten minutes. Nothing was changed there or here.",
            &["Start again when you are ready."],
            &[ErrorAction::StartAgain],
        ),
        Code::CallbackUnusable => (
            "This address does not help.",
            "{}",
            &["Copy the whole address of the page your browser ended on; it begins with http://localhost."],
            &[ErrorAction::PasteAddress],
        ),
        Code::ExchangeFailed => (
            "HubSpot said yes, but the last step failed.",
            "{}",
            &["Mend the cause, then try again: what you typed is kept."],
            &[ErrorAction::TryAgain, ErrorAction::FixClientSecret],
        ),
        Code::CodeUsed => (
            "This approval was used already, or is too old.",
            "HubSpot gives one code for each approval, for a short time.",
            &["Start again and approve once more."],
            &[ErrorAction::StartAgain],
        ),
        Code::SetupCancelled => (
            "You stopped signing in.",
            "What you typed is kept.",
            &["Continue the setup when you are ready."],
            &[ErrorAction::ContinueSetup],
        ),
        Code::PlanStopped => (
            "The counting was stopped.",
            "What the import costs is not known beforehand; it can be started all the same.",
            &[],
            AGAIN,
        ),
        Code::AppKitFolder => (
            "The project cannot be written there.",
            "{}",
            &["Choose an empty folder that you may write to."],
            &[],
        ),
        Code::AppKitUnreadable => (
            "There is no HubSpot project that could be read.",
            "{}",
            &["Choose the folder with hsproject.json, or its app-hsmeta.json."],
            &[],
        ),
        Code::AppUninstalled => (
            "The app is no longer installed in this portal.",
            "Somebody uninstalled it, or took its access away. The local copy is safe and readable; nothing is fetched any more.",
            &["Reconnect: sign in with HubSpot again."],
            &[ErrorAction::Reconnect],
        ),
        Code::ClientSecretChanged => (
            "HubSpot no longer takes your app's client secret.",
            "It was rotated, or the app was deleted. The local copy is safe and readable; nothing is fetched any more.",
            &["Copy the client secret from the app's Auth settings in HubSpot.", "Reconnect with it."],
            &[ErrorAction::Reconnect],
        ),
        Code::TokenDelayed => (
            "HubSpot gave no fresh token just now.",
            "It could not be reached, or has a problem. The connection itself is fine.",
            &["Try again in a minute; it continues where it stopped."],
            AGAIN,
        ),
        Code::AccountGone => (
            "HubSpot no longer knows this account.",
            "It was deleted or disconnected. The local copy is safe and readable.",
            &["Check in HubSpot whether the account still exists, then reconnect."],
            &[ErrorAction::Reconnect],
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
            &[ErrorAction::OpenKeysInHubspot, ErrorAction::CheckAgain, ErrorAction::SkipObject],
        ),
        Code::WrongAccount => (
            "This key opens another portal ({}).",
            "A connection keeps to the portal it was made for.",
            &["Paste a key of the same portal, or connect this one under a new name."],
            &[ErrorAction::UseAsNewConnection, ErrorAction::PasteAgain],
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
            "The passphrase does not open the encrypted file.",
            "Keys are in vault.age in the data folder.",
            &[
                "Type it again; capitals and spaces count.",
                "Where PORTSIDE_VAULT_PASSPHRASE_FILE names it: only you may be able to read that file (chmod 600).",
            ],
            &[ErrorAction::UnlockVault, ErrorAction::TryAgain],
        ),
        Code::VaultLocked => (
            "Your keys are locked.",
            "They are in an encrypted file, which opens with your passphrase once a start. Copies stay readable; nothing is fetched until then.",
            &[
                "Unlock the keys with your passphrase.",
                "On a server: set PORTSIDE_VAULT=file and PORTSIDE_VAULT_PASSPHRASE_FILE to a file only you can read.",
            ],
            &[ErrorAction::UnlockVault],
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
            &[
                "Ask your administrator which certificate authority the network uses.",
                "Have it added to the system's certificates, or name its file (PEM) in PORTSIDE_CA_FILE.",
            ],
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
        Code::DiskLow => (
            "There may not be enough space.",
            "{}",
            &["Free some space on the drive with the data folder."],
            &[ErrorAction::CheckAgain],
        ),
        Code::AccountMoving => (
            "HubSpot is moving this account to another data centre.",
            "It answers nothing until that is done; this can take hours.",
            &["Nothing to do: try again later, and it continues where it stopped."],
            AGAIN,
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
        Code::DailyShare => (
            "Portside's share of today's requests ({}) is used up.",
            "HubSpot would still answer; the rest of the day is left to your other apps.",
            &[
                "Nothing to do: it continues after midnight in the portal's time zone, where it stopped.",
                "Or give Portside a larger share of the day in the connection's settings.",
            ],
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
