//! The app's secret while signing in has been begun and not finished: `connection/<id>/setup` in the vault, so that a
//! failed attempt need not be typed again. Deliberately absent: everything about the app that is no secret.

use crm::ConnectionId;
use vault::Secret;

use crate::{Error, Kept, SecretStore};

/// Keeps the client secret of a setup that is not finished.
pub fn keep_secret(vault: &dyn SecretStore, id: &ConnectionId, secret: &Secret) -> Result<(), Error> {
    Ok(vault.store(&entry(id), secret)?)
}

/// The client secret that is known for a connection: of a setup that was begun, else of its sign-in.
pub fn kept_secret(vault: &dyn SecretStore, id: &ConnectionId) -> Result<Option<Secret>, Error> {
    match vault.read(&entry(id)) {
        Ok(secret) => return Ok(Some(secret)),
        Err(vault::Error::NoEntry) => {}
        Err(error) => return Err(error.into()),
    }
    match Kept::load(vault, id) {
        Ok(Kept::Oauth(kept)) => Ok(Some(kept.client_secret)),
        Ok(Kept::Key(_)) | Err(Error::Vault(vault::Error::NoEntry) | Error::Damaged) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Deletes what a setup kept; nothing there counts as deleted.
pub fn forget_setup(vault: &dyn SecretStore, id: &ConnectionId) -> Result<(), Error> {
    match vault.delete(&entry(id)) {
        Ok(()) | Err(vault::Error::NoEntry) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

pub(crate) fn entry(id: &ConnectionId) -> String {
    format!("connection/{id}/setup")
}
