//! connect and stay connected: token checks, scopes, disconnect.
//!
//! A pasted key is cleaned and recognised without a network ([`paste`]), checked with HubSpot ([`identity`],
//! [`granted_scopes`]), kept in the vault with the address it belongs to ([`Credential`]), and given up again
//! ([`disconnect`]).
//!
//! Deliberately absent: words for the window, and deciding when to check. Functions over a `Client` are asynchronous;
//! those over the vault and the store block.

#![forbid(unsafe_code)]

mod check;
mod credential;
mod disconnect;
mod error;
mod paste;

pub use check::{granted_scopes, identity};
pub use credential::Credential;
pub use disconnect::{Effect, disconnect, hubspot_path};
pub use error::Error;
pub use paste::{Cleaned, PasteProblem, Pasted, Warning, paste};
