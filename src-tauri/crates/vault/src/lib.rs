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
mod moving;

use std::{
    fmt,
    path::{Path, PathBuf},
    sync::{Arc, PoisonError, RwLock},
};

pub use error::Error;
use file::OpenFile;
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

/// An encrypted file, and the file that holds its passphrase; an empty name waits for [`Vault::unlock`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileVault {
    pub path: PathBuf,
    pub passphrase_file: PathBuf,
}

impl FileVault {
    /// `vault.age` in a data folder. Its passphrase is in the file that `PORTSIDE_VAULT_PASSPHRASE_FILE` names, or is
    /// waited for.
    pub fn in_home(home: &Path) -> FileVault {
        let passphrase_file = std::env::var_os("PORTSIDE_VAULT_PASSPHRASE_FILE").unwrap_or_default().into();
        FileVault { path: home.join("vault.age"), passphrase_file }
    }
}

impl Options {
    /// The keychain, or the data folder's encrypted file when `PORTSIDE_VAULT` is `file`.
    pub fn from_env(service: impl Into<String>, home: &Path) -> Options {
        let wants_file = std::env::var("PORTSIDE_VAULT").is_ok_and(|kind| kind.eq_ignore_ascii_case("file"));
        Options { service: service.into(), file: wants_file.then(|| FileVault::in_home(home)) }
    }
}

/// The place where secrets are kept. Cheap to clone; opens nothing until it is asked for something.
#[derive(Debug, Clone)]
pub struct Vault {
    service: String,
    file: Arc<RwLock<Option<OpenFile>>>,
    /// Held by whoever works with the file, and alone by who moves all it holds.
    moving: Arc<RwLock<()>>,
}

/// Secrets are this short so that they fit where an entry is limited to 2,560 bytes of UTF-16 (Windows).
pub const LENGTH_MAX: usize = 1_199;

impl Vault {
    pub fn open(options: Options) -> Vault {
        Vault {
            service: options.service,
            file: Arc::new(RwLock::new(options.file.map(OpenFile::named))),
            moving: Arc::default(),
        }
    }

    /// Whether secrets go to an encrypted file instead of the keychain.
    pub fn is_file(&self) -> bool {
        self.file().is_some()
    }

    /// Whether secrets are in an encrypted file that waits for its passphrase.
    pub fn is_locked(&self) -> bool {
        self.file().is_some_and(|file| file.is_locked())
    }

    /// Secrets are in this encrypted file. What the keychain holds stays there, unread.
    pub fn await_file(&self, file: FileVault) {
        *self.file.write().unwrap_or_else(PoisonError::into_inner) = Some(OpenFile::named(file));
    }

    /// Keeps secrets in this encrypted file from now on, opened with a passphrase that a person typed, and made where
    /// there is none yet. The passphrase stays in memory as long as this vault; a wrong one changes nothing.
    pub fn use_file(&self, file: FileVault, passphrase: &Secret) -> Result<(), Error> {
        let opened = OpenFile::typed(file, passphrase)?;
        *self.file.write().unwrap_or_else(PoisonError::into_inner) = Some(opened);
        Ok(())
    }

    /// Opens the encrypted file that waits for its passphrase.
    pub fn unlock(&self, passphrase: &Secret) -> Result<(), Error> {
        let file = self.file().ok_or(Error::NoPassphrase)?;
        self.use_file(file.into_named(), passphrase)
    }

    /// Moves every secret of the encrypted file to the keychain, reads each back, and only then deletes the file; secrets
    /// are in the keychain from then on. When anything fails, all of them stay in the file.
    pub fn move_to_keychain(&self) -> Result<(), Error> {
        let _alone = self.moving.write().unwrap_or_else(PoisonError::into_inner);
        let Some(file) = self.file() else { return Ok(()) };
        file::move_out(&file, |secrets| moving::move_all(secrets, &moving::Keychain(&self.service)))?;
        *self.file.write().unwrap_or_else(PoisonError::into_inner) = None;
        Ok(())
    }

    /// Works with the encrypted file, where there is one. One that was moved by another program is in the keychain.
    fn in_file<T>(&self, act: impl Fn(&OpenFile) -> Result<T, Error>) -> Option<Result<T, Error>> {
        let _working = self.moving.read().unwrap_or_else(PoisonError::into_inner);
        let done = act(&self.file()?);
        if matches!(done, Err(Error::FileGone { .. })) {
            *self.file.write().unwrap_or_else(PoisonError::into_inner) = None;
            return None;
        }
        Some(done)
    }

    fn file(&self) -> Option<OpenFile> {
        self.file.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Keeps a secret, in place of what the entry held before.
    pub fn store(&self, entry: &str, secret: &Secret) -> Result<(), Error> {
        if secret.expose().encode_utf16().count() > LENGTH_MAX {
            return Err(Error::TooLong);
        }
        self.in_file(|vault| file::store(vault, entry, secret))
            .unwrap_or_else(|| keychain::store(&self.service, entry, secret))
    }

    /// Reads a secret. [`Error::NoEntry`] does not prove that it was never stored: some keychains say so when locked.
    pub fn read(&self, entry: &str) -> Result<Secret, Error> {
        self.in_file(|vault| file::read(vault, entry)).unwrap_or_else(|| keychain::read(&self.service, entry))
    }

    /// Deletes a secret; [`Error::NoEntry`] if there is none.
    pub fn delete(&self, entry: &str) -> Result<(), Error> {
        self.in_file(|vault| file::delete(vault, entry))
            .unwrap_or_else(|| keychain::delete(&self.service, entry))
    }
}
