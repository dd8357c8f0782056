//! Which files are opened, and which are refused.

use std::fs;

use rusqlite::Connection;
use store::{Error, Writer};

use crate::make::{mirror, rows};

#[test]
fn a_mirror_has_large_pages_a_log_and_our_mark() {
    let mirror = mirror();
    assert_eq!(mirror.rows("PRAGMA page_size"), ["16384"]);
    assert_eq!(mirror.rows("PRAGMA journal_mode"), ["wal"]);
    assert_ne!(mirror.rows("PRAGMA application_id"), ["0"]);
    assert_eq!(mirror.rows("PRAGMA user_version"), ["2"]);
}

#[test]
fn opening_again_changes_nothing() {
    let mirror = mirror();
    let schema = mirror.rows("SELECT type, name, sql FROM sqlite_schema ORDER BY name");
    Writer::open(&mirror.path()).unwrap();
    assert_eq!(mirror.rows("SELECT type, name, sql FROM sqlite_schema ORDER BY name"), schema);
}

#[test]
fn a_newer_file_is_refused_and_left_as_it_is() {
    let mirror = mirror();
    let path = mirror.path();
    drop(mirror.writer);
    let conn = Connection::open(&path).unwrap();
    conn.pragma_update(None, "user_version", 99).unwrap();
    drop(conn);
    let before = fs::read(&path).unwrap();
    let error = Writer::open(&path).unwrap_err();
    assert!(matches!(error, Error::NewerDatabase { found: 99, known: 2 }), "{error}");
    assert_eq!(fs::read(&path).unwrap(), before);
}

#[test]
fn foreign_files_are_refused_and_left_as_they_are() {
    let folder = tempfile::tempdir().unwrap();
    let text = folder.path().join("letter.txt");
    fs::write(&text, "Dear Sir or Madam,\n".repeat(100)).unwrap();
    let other = folder.path().join("other.db");
    Connection::open(&other).unwrap().execute_batch("CREATE TABLE theirs (x)").unwrap();
    let marked = folder.path().join("marked.db");
    Connection::open(&marked).unwrap().pragma_update(None, "application_id", 7).unwrap();
    for path in [text, other, marked] {
        let before = fs::read(&path).unwrap();
        let error = Writer::open(&path).unwrap_err();
        assert!(matches!(error, Error::NotAMirror(_)), "{path:?}: {error}");
        assert_eq!(fs::read(&path).unwrap(), before, "{path:?} was changed");
    }
}

#[test]
fn a_file_that_was_created_and_not_yet_filled_is_a_new_one() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("m.db");
    fs::write(&path, "").unwrap();
    Writer::open(&path).unwrap();
    let tables = rows(&Connection::open(&path).unwrap(), "SELECT count(*) > 10 FROM sqlite_schema");
    assert_eq!(tables, ["1"]);
}

#[test]
fn names_that_would_break_the_mirror_are_refused_and_odd_ones_are_not() {
    let mut mirror = mirror();
    for name in ["owners", "Owners", "LINKS", "sqlite_x", "SQLITE_Y", "", "a$b", "nul\0", "CONTACTS"] {
        let error = mirror.writer.put_object(&crate::make::info(name, "2-1")).unwrap_err();
        assert!(matches!(error, Error::NameTaken(_)), "{name:?}: {error}");
    }
    for name in ["select", "a\"b'c", "späti ☕", "with space", "2-123", "a]b`c;--"] {
        mirror.writer.put_object(&crate::make::info(name, "2-1")).unwrap();
        mirror.writer.put_object(&crate::make::info(name, "2-1")).unwrap();
    }
    assert_eq!(mirror.rows("SELECT count(*) FROM \"a\"\"b'c\""), ["0"]);
}
