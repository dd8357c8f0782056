//! A look at a database file itself: its format, its size, whether it is whole, which tables it has. On a connection of
//! its own and for reading only, so nobody waits for it. Deliberately absent: mending, and looking at rows.

use std::path::{Path, PathBuf};

use crm::ConnectionId;
use rusqlite::Connection;

use crate::{
    Error, Home,
    database::{self, Format},
};

/// One database file under examination.
#[derive(Debug)]
pub struct Health {
    conn: Connection,
    path: PathBuf,
    version: u32,
}

/// How much room a file takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileSize {
    pub database: u64,
    /// What is written and not yet moved into the database.
    pub log: u64,
}

/// A table, view or index as it is, with the names that the portal gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shape {
    pub kind: String,
    pub name: String,
    /// Name and declared type of each column.
    pub columns: Vec<(String, String)>,
}

/// More faults than this say nothing new.
const FAULTS_MAX: u32 = 10;

impl Health {
    /// The app's own database.
    pub fn of_app(home: &Home) -> Result<Health, Error> {
        Health::open(&home.database(), &database::APP)
    }

    /// One connection's copy; [`Error::NoMirror`] if there is none yet.
    pub fn of_mirror(home: &Home, connection: &ConnectionId) -> Result<Health, Error> {
        Health::open(&home.mirror(connection), &database::MIRROR)
    }

    fn open(path: &Path, format: &Format) -> Result<Health, Error> {
        let conn = database::open_read_only(path, format)?;
        Ok(Health { conn, path: path.to_owned(), version: format.version() })
    }

    /// The file's format, which is the one this version knows: others are not opened.
    pub fn version(&self) -> u32 {
        self.version
    }

    /// Whether every page is where it belongs; what is wrong, if something is. Reads the file once.
    pub fn quick(&self) -> Result<Vec<String>, Error> {
        self.faults("quick_check")
    }

    /// As [`Health::quick`], and whether every index agrees with its table. Takes long.
    pub fn full(&self) -> Result<Vec<String>, Error> {
        self.faults("integrity_check")
    }

    fn faults(&self, pragma: &str) -> Result<Vec<String>, Error> {
        let mut statement = self.conn.prepare(&format!("PRAGMA {pragma}({FAULTS_MAX})"))?;
        let mut faults = statement.query_map([], |row| row.get(0))?.collect::<Result<Vec<String>, _>>()?;
        faults.retain(|fault| fault != "ok");
        Ok(faults)
    }

    pub fn size(&self) -> Result<FileSize, Error> {
        let bytes = |path: &Path| std::fs::metadata(path).map(|file| file.len());
        let mut log = self.path.clone().into_os_string();
        log.push("-wal");
        let database = bytes(&self.path).map_err(Error::io(&self.path))?;
        Ok(FileSize { database, log: bytes(Path::new(&log)).unwrap_or(0) })
    }

    /// All tables, views and indexes by name, without those that full text keeps for itself.
    pub fn shapes(&self) -> Result<Vec<Shape>, Error> {
        let mut names = self.conn.prepare(
            "SELECT s.type, s.name FROM sqlite_schema s LEFT JOIN pragma_table_list l ON l.name = s.name
             WHERE coalesce(l.type, '') <> 'shadow' ORDER BY s.type DESC, s.name",
        )?;
        let names =
            names.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<Vec<_>, _>>()?;
        let mut columns = self.conn.prepare("SELECT name, type FROM pragma_table_xinfo(?)")?;
        names
            .into_iter()
            .map(|(kind, name): (String, String)| {
                let columns = columns
                    .query_map([&name], |row| Ok((row.get(0)?, row.get(1)?)))?
                    .collect::<Result<_, _>>()?;
                Ok(Shape { kind, name, columns })
            })
            .collect()
    }
}
