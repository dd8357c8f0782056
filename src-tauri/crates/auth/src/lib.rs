//! connect and stay connected: sign-in, token checks, refresh, scopes, disconnect.
//!
//! A pasted key is cleaned and recognised without a network ([`paste`]), checked with HubSpot ([`identity`],
//! [`granted_scopes`]), kept in the vault with the address it belongs to ([`Credential`]), and given up again
//! ([`disconnect`]). With an app of the user's own ([`OauthApp`]), an [`Attempt`] waits on this computer for HubSpot's
//! answer and exchanges it for a [`Grant`]; what lasts of it is kept ([`OauthCredential`]), and [`OauthTokens`] keeps its
//! tokens good.
//!
//! Deliberately absent: words for the window (but for the browser tab, which the window cannot reach), and deciding when
//! to check. Functions over a `Client` are asynchronous; those over the vault and the store block.

#![forbid(unsafe_code)]

mod app;
mod attempt;
mod callback;
mod check;
mod clock;
mod credential;
mod disconnect;
mod error;
mod exchange;
mod freshness;
mod listener;
mod page;
mod paste;
mod refresh_lock;
mod returned;
mod setup;
mod tokens;
mod verdict;

pub use app::{OauthApp, ScopeSets};
pub use attempt::{Attempt, AttemptError, AttemptHandle, Patience, Phase, Progress};
pub use check::{granted_scopes, identity, introspect, oauth_identity, oauth_scopes};
pub use clock::{Clock, SystemClock};
pub use credential::{Credential, Kept, OauthCredential, SecretStore};
pub use disconnect::{Effect, disconnect, give_up, hubspot_path, revoke};
pub use error::Error;
pub use exchange::{ExchangeProblem, Grant, Introspection};
pub use listener::{Listener, PORTS, PortHolder, PortTaken};
pub use page::Tab;
pub use paste::{Cleaned, PasteProblem, Pasted, Warning, paste};
pub use returned::PasteRefused;
pub use setup::{forget_setup, keep_secret, kept_secret};
pub use tokens::OauthTokens;
pub use vault::Secret;
#[doc(hidden)]
pub use verdict::{CALLBACK_PATH, Code, Expected, TARGET_MAX, Verdict, verdict};
