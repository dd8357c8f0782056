//! Every code has words that a person can act on, and every trouble that people meet has its code.

use super::*;
use crate::wire::ErrorAction;

/// All codes, from the list that the wire type itself keeps.
fn codes() -> Vec<Code> {
    let known = <Code as ts_rs::TS>::decl(&ts_rs::Config::default());
    let names = known.split('"').skip(1).step_by(2);
    names
        .map(|name| {
            serde_json::from_value(serde_json::Value::String(name.to_owned()))
                .unwrap_or_else(|error| panic!("{name}: {error}"))
        })
        .collect()
}

/// Said in passing, where the next step is plain from what the person just did.
const WITHOUT_A_STEP: &[Code] = &[Code::BadRequest];

#[test]
fn every_code_says_what_happened_and_what_to_do() {
    let codes = codes();
    assert!(codes.len() >= 70, "{} codes", codes.len());
    for code in codes {
        let error = say(code, "");
        assert!(error.title.ends_with(['.', '?']), "{code:?}: {}", error.title);
        assert!(error.text.is_empty() || error.text.ends_with(['.', '?', '!']), "{code:?}: {}", error.text);
        let helps = !error.fix.is_empty() || !error.actions.is_empty();
        assert!(helps || WITHOUT_A_STEP.contains(&code), "{code:?} leaves the person alone");
        assert!(error.fix.iter().all(|step| step.len() > 8), "{code:?}: {:?}", error.fix);
        let repeated =
            error.actions.iter().enumerate().any(|(at, action)| error.actions[..at].contains(action));
        assert!(!repeated, "{code:?} shows a button twice");
    }
}

#[test]
fn no_gap_is_left_in_the_words_and_what_is_named_appears_in_them() {
    for code in codes() {
        let error = say(code, "Zebra");
        let all = format!("{} {} {}", error.title, error.text, error.fix.join(" "));
        assert!(!all.contains("{}"), "{code:?}: {all}");
        let (title, text, fix, _) = words(code);
        let has_room =
            title.contains("{}") || text.contains("{}") || fix.iter().any(|step| step.contains("{}"));
        assert_eq!(all.contains("Zebra"), has_room, "{code:?}");
    }
}

#[test]
fn codes_that_are_said_of_nothing_in_particular_have_no_room_for_a_name() {
    // These are said with an empty text by those that map errors of the crates below.
    for code in [
        Code::AuthExpired,
        Code::TokenFormat,
        Code::DailyLimit,
        Code::RateLimited,
        Code::AccountMoving,
        Code::HubspotTrouble,
        Code::UnexpectedAnswer,
        Code::DnsFailed,
        Code::Offline,
        Code::TlsFailed,
        Code::TimedOut,
        Code::ProxyFailed,
        Code::KeychainLocked,
        Code::KeychainMissing,
        Code::VaultPassphrase,
        Code::DiskFull,
        Code::DataFolder,
        Code::NewerDatabase,
        Code::DatabaseDamaged,
        Code::Internal,
        Code::CodeUsed,
        Code::RedirectMismatch,
        Code::AccountGone,
        Code::AppUninstalled,
        Code::ScopesMismatch,
        Code::CallbackTimeout,
        Code::SetupCancelled,
    ] {
        let (title, text, fix, _) = words(code);
        let room = [title, text].into_iter().chain(fix.iter().copied()).any(|words| words.contains("{}"));
        assert!(!room, "{code:?} would be said with a gap");
    }
}

/// What people meet (the table of errors in the interface notes, and the inventory's rows), and the code it gets here.
#[test]
fn everything_that_people_meet_has_a_code_with_words_about_it() {
    let rows: &[(&str, Code, &str)] = &[
        // seen on HubSpot's own pages
        ("This account is not eligible to connect to Claude", Code::WrongFlowClaude, "Claude"),
        (
            "App Marketplace access permission set required",
            Code::NoMarketplaceAccess,
            "App Marketplace Access",
        ),
        ("request access", Code::AdminApproval, "admin"),
        ("the provided scopes are insufficient", Code::ScopesInsufficient, "insufficient"),
        ("mismatch between the scopes in the install URL", Code::ScopesMismatch, "declare"),
        ("BAD_REDIRECT_URI", Code::RedirectMismatch, "return address"),
        // seen by the sign-in
        ("error=access_denied", Code::UserDenied, "Nothing was connected"),
        ("a state that is not ours", Code::StateMismatch, "older attempt"),
        ("all ports taken", Code::PortBusy, "return ports"),
        ("no browser", Code::BrowserNotOpened, "Copy the link"),
        ("ten minutes", Code::CallbackTimeout, "ten minutes"),
        ("approved, not exchanged", Code::ExchangeFailed, "last step"),
        ("a code used twice", Code::CodeUsed, "approval"),
        // the key
        ("ERR-01: 401 right after connecting", Code::TokenInvalid, "does not know this key"),
        ("ERR-02: 401 later", Code::AuthExpired, "ended this connection"),
        ("BAD_REFRESH_TOKEN", Code::AppUninstalled, "no longer installed"),
        ("ERR-03: no pat-, masked", Code::KeyMasked, "masked"),
        ("ERR-03: cut off while copying", Code::TokenFormat, "whole key"),
        ("ERR-04, ERR-05: 403 MISSING_SCOPES", Code::MissingScope, "add the permission"),
        ("another portal", Code::WrongAccount, "another portal"),
        // the surroundings
        ("keychain locked", Code::KeychainLocked, "locked"),
        ("no keychain", Code::KeychainMissing, "keychain"),
        ("no network", Code::Offline, "cannot be reached"),
        ("no name server", Code::DnsFailed, "network"),
        ("a certificate of somebody else", Code::TlsFailed, "not trusted"),
        ("407", Code::ProxyFailed, "proxy"),
        ("a Date far off", Code::ClockSkew, "clock"),
        ("too little space", Code::DiskLow, "space"),
        // limits and HubSpot's own troubles
        ("ERR-11: 429", Code::RateLimited, "slow down"),
        ("429 DAILY", Code::DailyLimit, "midnight"),
        ("the share of the day", Code::DailyShare, "larger share"),
        ("ERR-16: 5xx", Code::HubspotTrouble, "HubSpot has a problem"),
        ("477", Code::AccountMoving, "data centre"),
    ];
    for (seen, code, says) in rows {
        let error = say(*code, "it");
        let all = format!("{} {} {}", error.title, error.text, error.fix.join(" "));
        assert!(all.contains(says), "{seen} is said without “{says}”: {all}");
    }
    // What sends a person to HubSpot's key page has the button for it.
    for code in [Code::TokenInvalid, Code::AuthExpired, Code::MissingScope] {
        assert!(say(code, "").actions.contains(&ErrorAction::OpenKeysInHubspot), "{code:?}");
    }
}
