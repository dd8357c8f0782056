//! The platform's keychain. Entries are built by a store that is opened again once when it was lost: a Secret Service
//! may start after us, or be restarted under us.

use std::sync::{Arc, Mutex, PoisonError};

use keyring::Error as Fault;
use keyring_core::{CredentialStore, Entry};
use zeroize::Zeroizing;

use crate::{Error, Secret};

static STORE: Mutex<Option<Arc<CredentialStore>>> = Mutex::new(None);

pub(crate) fn store(service: &str, name: &str, secret: &Secret) -> Result<(), Error> {
    on_entry(service, name, |entry| match entry.set_password(secret.expose()) {
        // The same entry twice, in two collections say: neither may survive with an old secret.
        Err(Fault::Ambiguous(entries)) => {
            delete_all(&entries)?;
            entry.set_password(secret.expose())
        }
        done => done,
    })
}

pub(crate) fn read(service: &str, name: &str) -> Result<Secret, Error> {
    on_entry(service, name, Entry::get_password).map(Secret::new)
}

pub(crate) fn delete(service: &str, name: &str) -> Result<(), Error> {
    on_entry(service, name, |entry| match entry.delete_credential() {
        Err(Fault::Ambiguous(entries)) => delete_all(&entries),
        done => done,
    })
}

fn delete_all(entries: &[Entry]) -> keyring::Result<()> {
    entries.iter().try_for_each(Entry::delete_credential)
}

fn on_entry<T>(service: &str, name: &str, act: impl Fn(&Entry) -> keyring::Result<T>) -> Result<T, Error> {
    let attempt =
        |store: &Arc<CredentialStore>| store.build(service, name, None).and_then(|entry| act(&entry));
    let (store, fresh) = opened()?;
    match attempt(&store) {
        Err(Fault::PlatformFailure(_) | Fault::NoDefaultStore) if !fresh => {
            forget(&store);
            let (store, _) = opened()?;
            attempt(&store).map_err(told)
        }
        done => done.map_err(told),
    }
}

/// The process's store, and whether it was opened just now.
fn opened() -> Result<(Arc<CredentialStore>, bool), Error> {
    let mut slot = STORE.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(store) = &*slot {
        return Ok((store.clone(), false));
    }
    let store = open().map_err(|fault| Error::NoKeychain { detail: fault.to_string() })?;
    *slot = Some(store.clone());
    Ok((store, true))
}

fn forget(lost: &Arc<CredentialStore>) {
    let mut slot = STORE.lock().unwrap_or_else(PoisonError::into_inner);
    // Another thread may have opened a new one in the meantime.
    if slot.as_ref().is_some_and(|store| Arc::ptr_eq(store, lost)) {
        *slot = None;
    }
}

#[cfg(target_os = "macos")]
fn open() -> keyring::Result<Arc<CredentialStore>> {
    Ok(apple_native_keyring_store::keychain::Store::new()?)
}

#[cfg(windows)]
fn open() -> keyring::Result<Arc<CredentialStore>> {
    Ok(windows_native_keyring_store::Store::new()?)
}

#[cfg(all(unix, not(target_os = "macos")))]
fn open() -> keyring::Result<Arc<CredentialStore>> {
    Ok(zbus_secret_service_keyring_store::Store::new()?)
}

fn told(fault: Fault) -> Error {
    match fault {
        Fault::NoEntry => Error::NoEntry,
        Fault::NoStorageAccess(_) => Error::Locked,
        Fault::TooLong(..) => Error::TooLong,
        // These carry what was stored: it is wiped, and the message names only the kind of fault.
        Fault::BadEncoding(bytes) | Fault::BadDataFormat(bytes, _) => {
            drop(Zeroizing::new(bytes));
            Error::Keychain { detail: "the entry holds something that is not text".into() }
        }
        fault => {
            let detail = fault.to_string();
            if is_locked(&detail) { Error::Locked } else { Error::Keychain { detail } }
        }
    }
}

/// Creating an entry in a locked collection comes back as a plain platform failure; only its text tells.
fn is_locked(detail: &str) -> bool {
    let detail = detail.to_ascii_lowercase();
    detail.contains("locked") || detail.contains("prompt")
}
