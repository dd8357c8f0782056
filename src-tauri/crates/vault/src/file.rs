//! An encrypted file, for computers without a keychain: one JSON object in one age file, replaced as a whole by an
//! atomic rename under a lock. Plain text never reaches the disk.

use std::{
    collections::BTreeMap,
    fs::{self, File, OpenOptions},
    io::{self, Read, Write},
    path::{Path, PathBuf},
};

use age::{DecryptError, scrypt, secrecy::SecretString};
use zeroize::{Zeroize, Zeroizing};

use crate::{Error, FileVault, Secret};

/// 2^15 rounds: about a tenth of a second, so that a command stays quick. The passphrase is read from a file, so it can
/// be long.
const WORK_FACTOR: u8 = 15;
/// What another program may have made of the same file is read up to here.
const WORK_FACTOR_MAX: u8 = 20;
const PASSPHRASE_MAX: u64 = 64 * 1024;

pub(crate) fn store(vault: &FileVault, name: &str, secret: &Secret) -> Result<(), Error> {
    change(vault, |entries| {
        entries.0.insert(name.to_owned(), secret.expose().to_owned()).zeroize();
        Ok(())
    })
}

pub(crate) fn read(vault: &FileVault, name: &str) -> Result<Secret, Error> {
    let entries = load(vault, &passphrase(&vault.passphrase_file)?)?;
    entries.0.get(name).cloned().map(Secret::new).ok_or(Error::NoEntry)
}

pub(crate) fn delete(vault: &FileVault, name: &str) -> Result<(), Error> {
    change(vault, |entries| entries.0.remove(name).map(|mut secret| secret.zeroize()).ok_or(Error::NoEntry))
}

/// The secrets by entry, wiped when dropped.
#[derive(Default)]
struct Entries(BTreeMap<String, String>);

impl Drop for Entries {
    fn drop(&mut self) {
        self.0.values_mut().for_each(Zeroize::zeroize);
    }
}

fn change(vault: &FileVault, edit: impl Fn(&mut Entries) -> Result<(), Error>) -> Result<(), Error> {
    let passphrase = passphrase(&vault.passphrase_file)?;
    let folder = vault.path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder).map_err(at(folder))?;
    let lock_path = vault.path.with_extension("lock");
    let lock = private().write(true).create(true).truncate(false).open(&lock_path).map_err(at(&lock_path))?;
    lock.lock().map_err(at(&lock_path))?;
    let mut entries = load(vault, &passphrase)?;
    edit(&mut entries)?;
    save(vault, &entries, passphrase)
}

fn load(vault: &FileVault, passphrase: &SecretString) -> Result<Entries, Error> {
    let sealed = match fs::read(&vault.path) {
        Ok(sealed) => sealed,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Entries::default()),
        Err(error) => return Err(at(&vault.path)(error)),
    };
    let mut identity = scrypt::Identity::new(passphrase.clone());
    identity.set_max_work_factor(WORK_FACTOR_MAX);
    let damaged = |detail: &str| Error::Damaged { path: vault.path.clone(), detail: detail.to_owned() };
    let plain = age::decrypt(&identity, &sealed).map(Zeroizing::new).map_err(|fault| match fault {
        DecryptError::DecryptionFailed | DecryptError::KeyDecryptionFailed => Error::BadPassphrase,
        DecryptError::ExcessiveWork { .. } => damaged("its work factor is too high"),
        DecryptError::Io(error) => damaged(&error.to_string()),
        _ => damaged("it is cut short, changed, or not encrypted with a passphrase"),
    })?;
    serde_json::from_slice(&plain).map(Entries).map_err(|_| damaged("it does not hold a list of secrets"))
}

fn save(vault: &FileVault, entries: &Entries, passphrase: SecretString) -> Result<(), Error> {
    let plain = Zeroizing::new(serde_json::to_vec(&entries.0).expect("a map of texts is always JSON"));
    let mut recipient = scrypt::Recipient::new(passphrase);
    recipient.set_work_factor(WORK_FACTOR);
    let sealed = age::encrypt(&recipient, &plain).map_err(|fault| Error::Damaged {
        path: vault.path.clone(),
        detail: format!("it could not be encrypted: {fault}"),
    })?;
    let new = vault.path.with_extension("new");
    // What a killed process left behind; the lock is ours.
    match fs::remove_file(&new) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(at(&new)(error)),
        _ => {}
    }
    let mut file = private().write(true).create_new(true).open(&new).map_err(at(&new))?;
    file.write_all(&sealed).and_then(|()| file.sync_all()).map_err(at(&new))?;
    drop(file);
    fs::rename(&new, &vault.path).map_err(at(&vault.path))?;
    #[cfg(unix)]
    if let Some(folder) = vault.path.parent() {
        // Without this a power cut may bring back the old file, or none.
        File::open(folder).and_then(|folder| folder.sync_all()).map_err(at(&vault.path))?;
    }
    Ok(())
}

fn passphrase(path: &Path) -> Result<SecretString, Error> {
    if path.as_os_str().is_empty() {
        return Err(Error::NoPassphrase);
    }
    let file = File::open(path).map_err(at(path))?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = file.metadata().map_err(at(path))?.permissions().mode();
        if mode & 0o077 != 0 {
            return Err(Error::PassphraseFileReadable { path: path.to_owned() });
        }
    }
    let mut text = Zeroizing::new(String::new());
    file.take(PASSPHRASE_MAX).read_to_string(&mut text).map_err(at(path))?;
    let trimmed = text.trim_end_matches(['\r', '\n']);
    if trimmed.is_empty() { Err(Error::NoPassphrase) } else { Ok(SecretString::from(trimmed.to_owned())) }
}

/// Opens files that only their owner may read.
fn private() -> OpenOptions {
    #[cfg_attr(not(unix), expect(unused_mut, reason = "permissions are inherited from the user's folder"))]
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

fn at(path: &Path) -> impl Fn(io::Error) -> Error {
    let path = PathBuf::from(path);
    move |source| Error::File { path: path.clone(), source }
}
