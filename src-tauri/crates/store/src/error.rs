//! What can go wrong with a database: anything a caller decides on is a variant or a method, never text.

use std::path::{Path, PathBuf};

use crm::ObjectType;
use rusqlite::ErrorCode;

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("{path}: {source}")]
    Io { path: PathBuf, source: std::io::Error },
    #[error("the database could not be used: {0}")]
    Sqlite(rusqlite::Error),
    #[error("the database is damaged: {0}")]
    Corrupt(rusqlite::Error),
    #[error("the database was written by a newer version (format {found}; this version knows up to {known})")]
    NewerDatabase { found: u32, known: u32 },
    #[error(
        "the database has an older format ({found}; this version needs {known}): open it for writing once"
    )]
    OlderDatabase { found: u32, known: u32 },
    #[error("{0} is not a database of this program")]
    NotAMirror(PathBuf),
    #[error("there is no copy yet at {0}")]
    NoMirror(PathBuf),
    #[error("{0:?} cannot name a table here: the name is reserved or taken")]
    NameTaken(String),
    #[error("the copy has no table for {0}")]
    UnknownObject(ObjectType),
    #[error("there is no property {property} of {object}")]
    UnknownProperty { object: ObjectType, property: String },
    #[error("{property} of {object} is needed to keep the copy current, and is always stored")]
    AlwaysStored { object: ObjectType, property: String },
    #[error("{object} can have at most {most} picked properties")]
    TooManyPicks { object: ObjectType, most: usize },
    #[error("there is no range {0}")]
    UnknownRange(i64),
    #[error("only reading is allowed here: {0} is not")]
    NotReadOnly(String),
    #[error("{message}")]
    Sql { message: String },
    #[error("the query was stopped: it took longer than {0:?}")]
    QueryTimedOut(std::time::Duration),
}

impl Error {
    pub(crate) fn io(path: &Path) -> impl FnOnce(std::io::Error) -> Error {
        let path = path.to_owned();
        move |source| Error::Io { path, source }
    }

    /// The disk (or the database's own limit) is full: nothing was half written, and the same call can be repeated.
    pub fn is_disk_full(&self) -> bool {
        match self {
            Error::Sqlite(error) => error.sqlite_error_code() == Some(ErrorCode::DiskFull),
            Error::Io { source, .. } => {
                matches!(source.kind(), std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded)
            }
            _ => false,
        }
    }

    /// SQLite found fault with a statement, not with the file.
    pub(crate) fn is_plain(&self) -> bool {
        matches!(self, Error::Sqlite(error) if error.sqlite_error_code() == Some(ErrorCode::Unknown))
    }

    /// Another connection held the database for longer than we were willing to wait.
    pub fn is_busy(&self) -> bool {
        match self {
            Error::Sqlite(error) => {
                matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked))
            }
            _ => false,
        }
    }
}

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Error {
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Error::Corrupt(error),
            _ => Error::Sqlite(error),
        }
    }
}
