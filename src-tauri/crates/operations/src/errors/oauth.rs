//! What can go wrong between the browser and the tokens, mapped onto the catalogue.

use auth::{AttemptError, ExchangeProblem, PasteRefused};
use crm::Account;
use hubspot::{OauthRefusal, TokenError};
use store::Connection;

use super::{hubspot, say, technical, transport};
use crate::{
    pace,
    wire::{Code, ErrorAction, WireError},
};

pub(crate) fn attempt(error: &AttemptError) -> WireError {
    match error {
        AttemptError::PortsTaken { taken } => {
            let list: Vec<String> = taken.iter().map(ToString::to_string).collect();
            say(Code::PortBusy, &format!("{}.", list.join("; ")))
        }
        AttemptError::Origin(bad) => say(Code::BadOrigin, &bad.to_string()),
        AttemptError::Setup(error) => hubspot(error),
        AttemptError::Cancelled => say(Code::SetupCancelled, ""),
        AttemptError::TimedOut => say(Code::CallbackTimeout, ""),
        AttemptError::Denied { error, description } => {
            say(Code::UserDenied, description.as_deref().unwrap_or(error).trim_end_matches('.'))
        }
        AttemptError::Exchange { problem, clock_off } => {
            let mut said = exchange(problem);
            if let Some(seconds) = clock_off {
                let off = pace::took(std::time::Duration::from_secs(seconds.unsigned_abs()));
                let side = if *seconds > 0 { "ahead of" } else { "behind" };
                said.text = format!("{} This computer's clock is {off} {side} HubSpot's.", said.text);
                said.fix.insert(0, "Set this computer's clock to the right time.".to_owned());
            }
            said
        }
    }
}

/// HubSpot gave no token for a code. Each cause its own words: what is wrong is on one side or the other.
pub(crate) fn exchange(problem: &ExchangeProblem) -> WireError {
    let refused = match problem {
        ExchangeProblem::Refused(refused) => refused,
        ExchangeProblem::Transport { kind, detail } => {
            let network = say(transport(*kind), "");
            let why = format!("{} {}", network.title, network.text);
            return technical(say(Code::ExchangeFailed, why.trim()), detail);
        }
        ExchangeProblem::Malformed => {
            return technical(say(Code::ExchangeFailed, "HubSpot's answer could not be read."), problem);
        }
    };
    let why = match refused.refusal {
        OauthRefusal::BadAuthCode => return technical(say(Code::CodeUsed, ""), refused),
        OauthRefusal::BadRedirectUri => return technical(say(Code::RedirectMismatch, ""), refused),
        OauthRefusal::BadHub => return technical(say(Code::AccountGone, ""), refused),
        OauthRefusal::BadRefreshToken => return technical(say(Code::AppUninstalled, ""), refused),
        OauthRefusal::BadScopes => return technical(say(Code::ScopesMismatch, ""), refused),
        OauthRefusal::BadClientSecret => "The client secret does not belong to this client ID.",
        OauthRefusal::BadClientId => "HubSpot knows no app with this client ID.",
        OauthRefusal::BadCodeVerifier => "The proof of this attempt did not fit; start it once more.",
        OauthRefusal::BadGrantType => "HubSpot does not take this kind of request any more; update Portside.",
        OauthRefusal::Other if refused.is_transient() => "HubSpot has a problem; try again in a minute.",
        OauthRefusal::Other => "HubSpot refused it without a reason that is known.",
    };
    technical(say(Code::ExchangeFailed, why), refused)
}

/// No token could be had for a call of a connection that works otherwise.
pub(crate) fn token(error: &TokenError) -> WireError {
    let code = match error {
        TokenError::Revoked => Code::AppUninstalled,
        TokenError::Refused(OauthRefusal::BadHub) => Code::AccountGone,
        TokenError::Refused(OauthRefusal::BadClientId | OauthRefusal::BadClientSecret) => {
            Code::ClientSecretChanged
        }
        TokenError::Refused(_) => Code::AuthExpired,
        TokenError::Vault { locked: true, .. } => Code::KeychainLocked,
        TokenError::Vault { .. } => Code::KeychainMissing,
        TokenError::Refresh { .. } => Code::TokenDelayed,
    };
    technical(say(code, ""), error)
}

pub(crate) fn pasted_address(refused: PasteRefused) -> WireError {
    let why = match refused {
        PasteRefused::Empty => "Nothing was pasted.",
        PasteRefused::OtherAddress => "It is not the address the browser ended on.",
        PasteRefused::OlderAttempt => return say(Code::StateMismatch, ""),
        PasteRefused::MissingCode => "It holds no code.",
        PasteRefused::AlreadyAnswered => "HubSpot's answer is here already.",
    };
    say(Code::CallbackUnusable, why)
}

/// The refusal of another portal, where it was approved in the browser.
pub(crate) fn approved_elsewhere(
    mut refused: WireError,
    account: &Account,
    asked: Option<&Connection>,
) -> WireError {
    if refused.code == Code::WrongAccount {
        let name = asked.map_or("this connection", |asked| asked.name.as_str());
        refused.title = format!("HubSpot approved another portal ({}).", account.portal);
        refused.fix = vec![format!(
            "Choose the account of “{name}” on HubSpot's page, or connect this one under a name of its own."
        )];
        refused.actions = vec![ErrorAction::UseAsNewConnection, ErrorAction::TryAgain];
    }
    refused
}
