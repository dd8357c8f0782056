//! What can go wrong with a connection's key.

use crate::ExchangeProblem;

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("{0}")]
    Vault(#[from] vault::Error),
    #[error("{0}")]
    Store(#[from] store::Error),
    #[error("{0}")]
    Hubspot(#[from] hubspot::Error),
    /// HubSpot's OAuth endpoints said no, or nothing.
    #[error("{0}")]
    Exchange(#[from] ExchangeProblem),
    /// The vault's entry is there, and is not what was put into it.
    #[error("the key in the vault cannot be read; connect again")]
    Damaged,
}
