//! The data folder: where things lie, who works on a connection, and how to ask that process to stop.
//!
//! No database is opened here, and nothing is decided by a process id: the lock is the operating system's, and dies
//! with its holder.

use std::{
    fs::{self, File, TryLockError},
    io::{Read, Write},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use crm::ConnectionId;

use crate::{
    Error,
    database::{private_file, private_folder},
};

/// The data folder. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Home {
    root: Arc<PathBuf>,
}

/// Held for one run on one connection; given back when dropped or when the process dies.
#[derive(Debug)]
pub struct ConnectionLock {
    file: File,
}

impl Home {
    /// Creates what is missing. A root that exists already keeps its rights; what lies in it is private.
    pub fn open(root: impl Into<PathBuf>) -> Result<Home, Error> {
        let root = root.into();
        if !root.is_dir() {
            private_folder(&root)?;
        }
        private_folder(&root.join("mirrors"))?;
        private_folder(&root.join("logs"))?;
        Ok(Home { root: Arc::new(root) })
    }

    pub fn root(&self) -> &Path {
        &self.root
    }

    pub fn logs(&self) -> PathBuf {
        self.root.join("logs")
    }

    /// The app's own database.
    pub fn database(&self) -> PathBuf {
        self.root.join("portside.db")
    }

    /// The file of one connection's copy, whether or not it exists.
    pub fn mirror(&self, connection: &ConnectionId) -> PathBuf {
        self.beside(connection, "db")
    }

    /// Takes the connection for one run; `None` when another holder has it. Forgets an old request to stop.
    pub fn lock_connection(&self, connection: &ConnectionId) -> Result<Option<ConnectionLock>, Error> {
        let path = self.beside(connection, "lock");
        let mut file = private_file(&path)?;
        // Someone who only asks who holds the lock has it for an instant.
        for attempt in 0..5 {
            match file.try_lock() {
                Ok(()) => break,
                Err(TryLockError::WouldBlock) if attempt == 4 => return Ok(None),
                Err(TryLockError::WouldBlock) => std::thread::sleep(Duration::from_millis(4)),
                Err(TryLockError::Error(source)) => return Err(Error::Io { path, source }),
            }
        }
        let stop = self.beside(connection, "stop");
        remove(&stop)?;
        file.set_len(0).and_then(|()| write!(file, "{}", std::process::id())).map_err(Error::io(&path))?;
        Ok(Some(ConnectionLock { file }))
    }

    /// The process that holds the connection, for display.
    pub fn lock_holder(&self, connection: &ConnectionId) -> Option<u32> {
        let mut file = File::open(self.beside(connection, "lock")).ok()?;
        let mut text = String::new();
        file.read_to_string(&mut text).ok()?;
        let process = text.trim().parse().ok()?;
        // A killed holder leaves its number behind, but not its lock.
        match file.try_lock_shared() {
            Err(TryLockError::WouldBlock) => Some(process),
            _ => None,
        }
    }

    /// Asks whoever holds the connection to stop at its next page.
    pub fn ask_to_stop(&self, connection: &ConnectionId) -> Result<(), Error> {
        private_file(&self.beside(connection, "stop")).map(drop)
    }

    /// Whether the holder was asked to stop; cheap enough to ask at every page.
    pub fn stop_asked(&self, connection: &ConnectionId) -> bool {
        self.beside(connection, "stop").exists()
    }

    /// Deletes the connection's copy. The lock file stays: its holder may be the caller.
    pub fn wipe(&self, connection: &ConnectionId) -> Result<(), Error> {
        for end in ["db", "db-wal", "db-shm", "stop"] {
            remove(&self.beside(connection, end))?;
        }
        Ok(())
    }

    fn beside(&self, connection: &ConnectionId, end: &str) -> PathBuf {
        self.root.join("mirrors").join(format!("{connection}.{end}"))
    }
}

impl Drop for ConnectionLock {
    fn drop(&mut self) {
        // The number is for display only.
        let _ = self.file.set_len(0);
        // Closing alone is not enough: a process that is just being started has the file open until it is another program.
        let _ = self.file.unlock();
    }
}

fn remove(path: &Path) -> Result<(), Error> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(Error::Io { path: path.to_owned(), source: error })
        }
        _ => Ok(()),
    }
}
