//! Why a secret could not be kept or read. No variant holds one.

use std::{io, path::PathBuf};

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("there is no such entry")]
    NoEntry,
    #[error("the keychain is locked; unlock it and try again")]
    Locked,
    #[error(
        "there is no keychain here ({detail}); start a Secret Service such as gnome-keyring, or keep secrets in an \
         encrypted file: PORTSIDE_VAULT=file and PORTSIDE_VAULT_PASSPHRASE_FILE=<a file only you can read>"
    )]
    NoKeychain { detail: String },
    #[error("the keychain failed: {detail}")]
    Keychain { detail: String },
    #[error("a secret must be shorter than 1,200 characters")]
    TooLong,
    #[error("{}: {source}", path.display())]
    File { path: PathBuf, source: io::Error },
    #[error("{} is not a vault that can be read: {detail}", path.display())]
    Damaged { path: PathBuf, detail: String },
    /// Somebody moved what it held to the keychain, or deleted it.
    #[error("{} is not there any more", path.display())]
    FileGone { path: PathBuf },
    #[error("the passphrase does not open the encrypted file")]
    BadPassphrase,
    /// Also: it was not typed yet.
    #[error(
        "the passphrase is missing: put it into a file only you can read and name that in \
             PORTSIDE_VAULT_PASSPHRASE_FILE"
    )]
    NoPassphrase,
    #[error("other users of this computer can read {}; run: chmod 600 {}", path.display(), path.display())]
    PassphraseFileReadable { path: PathBuf },
}
