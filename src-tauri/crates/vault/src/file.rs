//! An encrypted file, for computers without a keychain: one JSON object in one age file, replaced as a whole by an
//! atomic rename under a lock. Plain text never reaches the disk.

use std::{
    collections::BTreeMap,
    fmt,
    fs::{self, File, OpenOptions},
    io::{self, Read, Write},
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use age::{DecryptError, scrypt, secrecy::SecretString};
use zeroize::{Zeroize, Zeroizing};

use crate::{Error, FileVault, Secret};

/// 2^15 rounds: about a tenth of a second, so that a command stays quick. A passphrase that is read from a file can be
/// long.
const WORK_FACTOR: u8 = 15;
/// 2^17 rounds for what a person can remember: four times the work for whoever guesses.
const WORK_FACTOR_TYPED: u8 = 17;
/// What another program may have made of the same file is read up to here.
const WORK_FACTOR_MAX: u8 = 20;
const PASSPHRASE_MAX: u64 = 64 * 1024;

/// The file, and where its passphrase comes from.
#[derive(Clone)]
pub(crate) struct OpenFile {
    named: FileVault,
    /// Typed by a person; wiped when dropped.
    typed: Option<SecretString>,
    /// What the file held last: it is as long in memory as the passphrase, which takes most of a second to try.
    last: Arc<Mutex<Option<Opened>>>,
    /// It was there: that it is not any more means that somebody has moved what it held.
    seen: Arc<AtomicBool>,
}

impl fmt::Debug for OpenFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "OpenFile({})", self.named.path.display())
    }
}

/// A file as it was read, and what was in it.
struct Opened {
    sealed: Vec<u8>,
    plain: Zeroizing<Vec<u8>>,
}

impl OpenFile {
    pub(crate) fn named(named: FileVault) -> OpenFile {
        OpenFile { named, typed: None, last: Arc::default(), seen: Arc::default() }
    }

    /// The file opened with this passphrase, and made where there is none.
    pub(crate) fn typed(named: FileVault, passphrase: &Secret) -> Result<OpenFile, Error> {
        let typed = Some(SecretString::from(passphrase.expose().to_owned()));
        let opened = OpenFile { named, typed, last: Arc::default(), seen: Arc::default() };
        if opened.path().exists() {
            load(&opened)?;
        } else {
            change(&opened, |_| Ok(()))?;
        }
        Ok(opened)
    }

    pub(crate) fn into_named(self) -> FileVault {
        self.named
    }

    pub(crate) fn is_locked(&self) -> bool {
        self.typed.is_none() && self.named.passphrase_file.as_os_str().is_empty()
    }

    fn passphrase(&self) -> Result<SecretString, Error> {
        self.typed.clone().map_or_else(|| passphrase(&self.named.passphrase_file), Ok)
    }

    fn path(&self) -> &Path {
        &self.named.path
    }

    fn last(&self) -> MutexGuard<'_, Option<Opened>> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Only beside a typed passphrase: a command reads its file once and ends.
    fn keep_in_mind(&self, sealed: Vec<u8>, plain: Zeroizing<Vec<u8>>) {
        if self.typed.is_some() {
            *self.last() = Some(Opened { sealed, plain });
        }
    }

    /// A file made for a typed passphrase stays as hard to guess when a command writes it.
    fn work_factor(&self, sealed: Option<u8>) -> u8 {
        let own = if self.typed.is_some() { WORK_FACTOR_TYPED } else { WORK_FACTOR };
        sealed.map_or(own, |sealed| sealed.clamp(own, WORK_FACTOR_MAX))
    }
}

pub(crate) fn store(vault: &OpenFile, name: &str, secret: &Secret) -> Result<(), Error> {
    change(vault, |entries| {
        entries.0.insert(name.to_owned(), secret.expose().to_owned()).zeroize();
        Ok(())
    })
}

pub(crate) fn read(vault: &OpenFile, name: &str) -> Result<Secret, Error> {
    let entries = load(vault)?;
    entries.0.get(name).cloned().map(Secret::new).ok_or(Error::NoEntry)
}

pub(crate) fn delete(vault: &OpenFile, name: &str) -> Result<(), Error> {
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

fn change(vault: &OpenFile, edit: impl Fn(&mut Entries) -> Result<(), Error>) -> Result<(), Error> {
    let _locked = locked(vault)?;
    let mut entries = load(vault)?;
    edit(&mut entries)?;
    save(vault, &entries)
}

/// Hands all secrets over, and deletes the file once that has succeeded. Nobody writes to it meanwhile; what another
/// program has to write afterwards finds it gone.
pub(crate) fn move_out(
    vault: &OpenFile,
    take: impl FnOnce(&[(String, Secret)]) -> Result<(), Error>,
) -> Result<(), Error> {
    let _locked = locked(vault)?;
    let entries = load(vault)?;
    let all: Vec<(String, Secret)> =
        entries.0.iter().map(|(name, secret)| (name.clone(), Secret::new(secret.clone()))).collect();
    take(&all)?;
    let path = vault.path();
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(at(path)(error)),
        _ => {}
    }
    *vault.last() = None;
    sync_folder(path)
}

/// The file's lock, held until it is dropped.
fn locked(vault: &OpenFile) -> Result<File, Error> {
    let path = vault.path();
    vault.passphrase()?;
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder).map_err(at(folder))?;
    let lock_path = path.with_extension("lock");
    let lock = private().write(true).create(true).truncate(false).open(&lock_path).map_err(at(&lock_path))?;
    lock.lock().map_err(at(&lock_path))?;
    Ok(lock)
}

/// Without this a power cut may bring back the old file, or none.
fn sync_folder(path: &Path) -> Result<(), Error> {
    #[cfg(unix)]
    if let Some(folder) = path.parent() {
        File::open(folder).and_then(|folder| folder.sync_all()).map_err(at(path))?;
    }
    Ok(())
}

/// From the header's second line: `-> scrypt <salt> <work factor>`.
fn sealed_work_factor(sealed: &[u8]) -> Option<u8> {
    let line = sealed.split(|&byte| byte == b'\n').nth(1)?;
    std::str::from_utf8(line).ok()?.strip_prefix("-> scrypt ")?.rsplit(' ').next()?.parse().ok()
}

fn load(vault: &OpenFile) -> Result<Entries, Error> {
    let (path, passphrase) = (vault.path(), vault.passphrase()?);
    let sealed = match fs::read(path) {
        Ok(sealed) => sealed,
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(at(path)(error)),
        Err(_) if vault.seen.load(Ordering::Relaxed) => {
            return Err(Error::FileGone { path: path.to_owned() });
        }
        Err(_) => return Ok(Entries::default()),
    };
    vault.seen.store(true, Ordering::Relaxed);
    let parsed = |plain: &[u8]| {
        let damaged = || "it does not hold a list of secrets".to_owned();
        serde_json::from_slice(plain)
            .map(Entries)
            .map_err(|_| Error::Damaged { path: path.to_owned(), detail: damaged() })
    };
    if let Some(last) = vault.last().as_ref().filter(|last| last.sealed == sealed) {
        return parsed(&last.plain);
    }
    let mut identity = scrypt::Identity::new(passphrase);
    identity.set_max_work_factor(WORK_FACTOR_MAX);
    let damaged = |detail: &str| Error::Damaged { path: path.to_owned(), detail: detail.to_owned() };
    let plain = age::decrypt(&identity, &sealed).map(Zeroizing::new).map_err(|fault| match fault {
        DecryptError::DecryptionFailed | DecryptError::KeyDecryptionFailed => Error::BadPassphrase,
        DecryptError::ExcessiveWork { .. } => damaged("its work factor is too high"),
        DecryptError::Io(error) => damaged(&error.to_string()),
        _ => damaged("it is cut short, changed, or not encrypted with a passphrase"),
    })?;
    let entries = parsed(&plain)?;
    vault.keep_in_mind(sealed, plain);
    Ok(entries)
}

fn save(vault: &OpenFile, entries: &Entries) -> Result<(), Error> {
    let path = vault.path();
    let work_factor = vault.work_factor(fs::read(path).ok().as_deref().and_then(sealed_work_factor));
    let plain = Zeroizing::new(serde_json::to_vec(&entries.0).expect("a map of texts is always JSON"));
    let mut recipient = scrypt::Recipient::new(vault.passphrase()?);
    recipient.set_work_factor(work_factor);
    let sealed = age::encrypt(&recipient, &plain).map_err(|fault| Error::Damaged {
        path: path.to_owned(),
        detail: format!("it could not be encrypted: {fault}"),
    })?;
    let new = path.with_extension("new");
    // What a killed process left behind; the lock is ours.
    match fs::remove_file(&new) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(at(&new)(error)),
        _ => {}
    }
    let mut file = private().write(true).create_new(true).open(&new).map_err(at(&new))?;
    file.write_all(&sealed).and_then(|()| file.sync_all()).map_err(at(&new))?;
    drop(file);
    fs::rename(&new, path).map_err(at(path))?;
    sync_folder(path)?;
    vault.seen.store(true, Ordering::Relaxed);
    vault.keep_in_mind(sealed, plain);
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
