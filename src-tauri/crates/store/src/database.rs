//! Opening a database file: its kind, its settings, its migrations.
//!
//! A file is new, ours, older, newer or foreign, and which of these it is gets decided before anything is written.
//! Migrations only go forward, one transaction for all that are missing. No table is named here.

use std::{
    fs::{self, File, OpenOptions},
    path::Path,
    time::{Duration, Instant},
};

use rusqlite::{Connection, OpenFlags, TransactionBehavior};

use crate::Error;

/// What a file is: its mark, and the steps that lead to today's schema.
pub(crate) struct Format {
    pub(crate) application_id: i32,
    pub(crate) migrations: &'static [&'static str],
}

/// One portal's copy.
pub(crate) const MIRROR: Format = Format {
    application_id: i32::from_be_bytes(*b"PtsM"),
    migrations: &[
        include_str!("../migrations/mirror/0001_first.sql"),
        include_str!("../migrations/mirror/0002_engine.sql"),
    ],
};

/// The app's own database.
pub(crate) const APP: Format = Format {
    application_id: i32::from_be_bytes(*b"PtsA"),
    migrations: &[
        include_str!("../migrations/app/0001_first.sql"),
        include_str!("../migrations/app/0002_oauth.sql"),
        include_str!("../migrations/app/0003_engine.sql"),
    ],
};

impl Format {
    pub(crate) fn version(&self) -> u32 {
        u32::try_from(self.migrations.len()).expect("a handful of migrations")
    }
}

/// How long one statement waits for another connection before it says busy.
const PATIENCE: Duration = Duration::from_secs(10);

/// Opens for writing: creates the file when it is missing, and brings an older one up to date.
pub(crate) fn open(path: &Path, format: &Format) -> Result<Connection, Error> {
    private_file(path)?;
    let started = Instant::now();
    loop {
        match open_once(path, format) {
            // While another process makes the file new, SQLite says busy at once instead of waiting.
            Err(error) if error.is_busy() && started.elapsed() < PATIENCE => {
                std::thread::sleep(Duration::from_millis(5));
            }
            other => return other,
        }
    }
}

fn open_once(path: &Path, format: &Format) -> Result<Connection, Error> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut conn = Connection::open_with_flags(path, flags)?;
    conn.busy_timeout(PATIENCE)?;
    let found = settled_version(&conn, format, path)?;
    if found == 0 {
        // Holds only when set before the first page is written.
        conn.pragma_update(None, "page_size", 16384)?;
    }
    conn.query_row("PRAGMA journal_mode = wal", [], |_| Ok(()))?;
    conn.execute_batch(
        "PRAGMA synchronous = normal;
         PRAGMA cache_size = -24576;
         PRAGMA secure_delete = on;
         PRAGMA trusted_schema = off;",
    )?;
    conn.query_row("PRAGMA journal_size_limit = 67108864", [], |_| Ok(()))?;
    conn.set_prepared_statement_cache_capacity(128);
    if found < format.version() {
        migrate(&mut conn, format, path)?;
    }
    Ok(conn)
}

/// Opens for reading only: never creates, never migrates.
pub(crate) fn open_read_only(path: &Path, format: &Format) -> Result<Connection, Error> {
    if !path.try_exists().map_err(Error::io(path))? {
        return Err(Error::NoMirror(path.to_owned()));
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = Connection::open_with_flags(path, flags)?;
    conn.busy_timeout(PATIENCE)?;
    let (found, known) = (settled_version(&conn, format, path)?, format.version());
    if found == 0 {
        // Another process has created the file and not yet written its schema.
        return Err(Error::NoMirror(path.to_owned()));
    }
    if found < known {
        return Err(Error::OlderDatabase { found, known });
    }
    conn.execute_batch("PRAGMA query_only = on; PRAGMA cache_size = -16384; PRAGMA trusted_schema = off;")?;
    conn.set_prepared_statement_cache_capacity(64);
    Ok(conn)
}

/// The version at one moment: another process may be making the file new.
fn settled_version(conn: &Connection, format: &Format, path: &Path) -> Result<u32, Error> {
    let look = conn.unchecked_transaction()?;
    let found = version(&look, format, path);
    drop(look);
    found
}

/// The version of a file of this kind; 0 is a new one. A foreign or newer file is refused.
fn version(conn: &Connection, format: &Format, path: &Path) -> Result<u32, Error> {
    let read = |sql: &str| conn.query_row(sql, [], |row| row.get::<_, i64>(0));
    let mark = match read("PRAGMA application_id") {
        Err(error) if error.sqlite_error_code() == Some(rusqlite::ErrorCode::NotADatabase) => {
            return Err(Error::NotAMirror(path.to_owned()));
        }
        other => other?,
    };
    let found = read("PRAGMA user_version")?;
    let known = format.version();
    if mark == i64::from(format.application_id) {
        let found = u32::try_from(found).map_err(|_| Error::NotAMirror(path.to_owned()))?;
        return if found > known { Err(Error::NewerDatabase { found, known }) } else { Ok(found) };
    }
    let empty = mark == 0 && found == 0 && read("SELECT count(*) FROM sqlite_schema")? == 0;
    if empty { Ok(0) } else { Err(Error::NotAMirror(path.to_owned())) }
}

fn migrate(conn: &mut Connection, format: &Format, path: &Path) -> Result<(), Error> {
    let tx = conn.transaction_with_behavior(TransactionBehavior::Exclusive)?;
    // Asked again under the lock: another process may have been first.
    let found = version(&tx, format, path)?;
    for step in format.migrations.iter().skip(found as usize) {
        tx.execute_batch(step)?;
    }
    tx.pragma_update(None, "application_id", format.application_id)?;
    tx.pragma_update(None, "user_version", format.version())?;
    Ok(tx.commit()?)
}

/// Makes sure of a file that only its owner can read; SQLite gives its companions (-wal, -shm) the same rights.
pub(crate) fn private_file(path: &Path) -> Result<File, Error> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(path).map_err(Error::io(path))?;
    restrict(path, 0o600)?;
    Ok(file)
}

/// Makes sure of a folder that only its owner can enter.
pub(crate) fn private_folder(path: &Path) -> Result<(), Error> {
    fs::create_dir_all(path).map_err(Error::io(path))?;
    restrict(path, 0o700)
}

#[cfg(unix)]
fn restrict(path: &Path, mode: u32) -> Result<(), Error> {
    use std::os::unix::fs::PermissionsExt;
    let rights = fs::metadata(path).map_err(Error::io(path))?.permissions();
    if rights.mode() & 0o777 == mode {
        return Ok(());
    }
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).map_err(Error::io(path))
}

#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "the Unix twin can fail")]
fn restrict(_: &Path, _: u32) -> Result<(), Error> {
    // The user's profile folder is already closed to other users here.
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: Format =
        Format { application_id: 77, migrations: &["CREATE TABLE a (x); INSERT INTO a VALUES (1)"] };
    const SECOND: Format = Format {
        application_id: 77,
        migrations: &["CREATE TABLE a (x); INSERT INTO a VALUES (1)", "ALTER TABLE a ADD COLUMN y DEFAULT 2"],
    };
    const BROKEN: Format = Format {
        application_id: 77,
        migrations: &["", "CREATE TABLE b (x)", "CREATE TABLE c (x); this is not SQL"],
    };

    fn one(conn: &Connection, sql: &str) -> i64 {
        conn.query_row(sql, [], |row| row.get(0)).unwrap()
    }

    #[test]
    fn an_older_file_is_brought_up_to_date_with_what_is_in_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.db");
        drop(open(&path, &FIRST).unwrap());
        let error = open_read_only(&path, &SECOND).unwrap_err();
        assert!(matches!(error, Error::OlderDatabase { found: 1, known: 2 }), "{error}");
        let conn = open(&path, &SECOND).unwrap();
        assert_eq!(one(&conn, "SELECT x + y FROM a"), 3);
        assert_eq!(one(&conn, "PRAGMA user_version"), 2);
        drop(conn);
        open_read_only(&path, &SECOND).unwrap();
        let error = open(&path, &FIRST).unwrap_err();
        assert!(matches!(error, Error::NewerDatabase { found: 2, known: 1 }), "{error}");
    }

    #[test]
    fn a_migration_that_fails_leaves_the_file_as_it_was() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.db");
        drop(open(&path, &FIRST).unwrap());
        open(&path, &BROKEN).unwrap_err();
        let conn = open(&path, &FIRST).unwrap();
        assert_eq!(one(&conn, "SELECT count(*) FROM sqlite_schema WHERE name IN ('b', 'c')"), 0);
        assert_eq!(one(&conn, "PRAGMA user_version"), 1);
    }

    #[test]
    fn many_that_open_a_new_file_at_once_all_find_it_complete() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.db");
        let opened = std::thread::scope(|scope| {
            let all: Vec<_> = (0..8)
                .map(|_| {
                    scope.spawn(|| open(&path, &SECOND).map(|conn| one(&conn, "SELECT count(*) FROM a")))
                })
                .collect();
            all.into_iter().map(|one| one.join().unwrap()).collect::<Vec<_>>()
        });
        for answer in opened {
            assert_eq!(answer.unwrap(), 1);
        }
    }
}
