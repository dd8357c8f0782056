//! secrets in the OS keychain, or in an encrypted file where there is none.
//!
//! One entry per secret, each short enough for every platform's keychain. Every call blocks, and a keychain may show
//! the user a prompt before it answers: call from a thread that may wait, never from one that draws.
//!
//! Deliberately absent: knowing what a secret is for, keeping one in memory, and any way to plain text on disk. That an
//! entry is not there never deletes or revokes anything: a locked keychain says the same.

#![forbid(unsafe_code)]

mod error;
mod file;
mod keychain;

use std::{
    fmt,
    path::{Path, PathBuf},
};

pub use error::Error;
use zeroize::Zeroizing;

/// A text that must not be seen. Wiped when dropped.
#[derive(Clone)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    pub fn new(text: String) -> Secret {
        Secret(Zeroizing::new(text))
    }

    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// Where secrets are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// The keychain's namespace: secrets of one service are not seen under another.
    pub service: String,
    /// An encrypted file instead of the keychain.
    pub file: Option<FileVault>,
}

/// An encrypted file, and the file that holds its passphrase.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileVault {
    pub path: PathBuf,
    pub passphrase_file: PathBuf,
}

impl Options {
    /// The keychain, or `vault.age` in the data folder when `PORTSIDE_VAULT` is `file`; its passphrase is then in the
    /// file that `PORTSIDE_VAULT_PASSPHRASE_FILE` names.
    pub fn from_env(service: impl Into<String>, home: &Path) -> Options {
        let wants_file = std::env::var("PORTSIDE_VAULT").is_ok_and(|kind| kind.eq_ignore_ascii_case("file"));
        let passphrase_file =
            || std::env::var_os("PORTSIDE_VAULT_PASSPHRASE_FILE").unwrap_or_default().into();
        let file = wants_file
            .then(|| FileVault { path: home.join("vault.age"), passphrase_file: passphrase_file() });
        Options { service: service.into(), file }
    }
}

/// The place where secrets are kept. Cheap to clone; opens nothing until it is asked for something.
#[derive(Debug, Clone)]
pub struct Vault(Options);

/// Secrets are this short so that they fit where an entry is limited to 2,560 bytes of UTF-16 (Windows).
pub const LENGTH_MAX: usize = 1_199;

impl Vault {
    pub fn open(options: Options) -> Vault {
        Vault(options)
    }

    /// Whether secrets go to an encrypted file instead of the keychain.
    pub fn is_file(&self) -> bool {
        self.0.file.is_some()
    }

    /// Keeps a secret, in place of what the entry held before.
    pub fn store(&self, entry: &str, secret: &Secret) -> Result<(), Error> {
        if secret.expose().encode_utf16().count() > LENGTH_MAX {
            return Err(Error::TooLong);
        }
        match &self.0.file {
            Some(vault) => file::store(vault, entry, secret),
            None => keychain::store(&self.0.service, entry, secret),
        }
    }

    /// Reads a secret. [`Error::NoEntry`] does not prove that it was never stored: some keychains say so when locked.
    pub fn read(&self, entry: &str) -> Result<Secret, Error> {
        match &self.0.file {
            Some(vault) => file::read(vault, entry),
            None => keychain::read(&self.0.service, entry),
        }
    }

    /// Deletes a secret; [`Error::NoEntry`] if there is none.
    pub fn delete(&self, entry: &str) -> Result<(), Error> {
        match &self.0.file {
            Some(vault) => file::delete(vault, entry),
            None => keychain::delete(&self.0.service, entry),
        }
    }
}
