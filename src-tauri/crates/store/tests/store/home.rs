//! The data folder and its locks.

use std::{
    fs,
    io::{BufRead, BufReader},
    process::{Command, Stdio},
};

use crm::ConnectionId;
use store::{Home, Writer};

fn acme() -> ConnectionId {
    "acme".parse().unwrap()
}

#[cfg(unix)]
#[test]
fn nobody_else_can_read_the_folder_or_its_files() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let home = Home::open(folder.path().join("new/home")).unwrap();
    store::AppDb::open(&home).unwrap();
    let mut writer = Writer::open(&home.mirror(&acme())).unwrap();
    writer.begin_run("sync", crm::Timestamp::from_millis(0)).unwrap();
    let _lock = home.lock_connection(&acme()).unwrap();
    home.ask_to_stop(&acme()).unwrap();

    let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(home.root()), 0o700);
    let mut files = Vec::new();
    for place in [home.root().to_owned(), home.root().join("mirrors")] {
        for entry in fs::read_dir(place).unwrap() {
            let entry = entry.unwrap();
            let expected = if entry.path().is_dir() { 0o700 } else { 0o600 };
            assert_eq!(mode(&entry.path()), expected, "{:?}", entry.path());
            files.push(entry.file_name().into_string().unwrap());
        }
    }
    for name in ["portside.db", "mirrors", "logs", "acme.db", "acme.db-wal", "acme.db-shm", "acme.lock"] {
        assert!(files.iter().any(|file| file == name), "{name} is missing in {files:?}");
    }
}

#[test]
fn one_holder_at_a_time_and_the_next_forgets_the_request_to_stop() {
    let folder = tempfile::tempdir().unwrap();
    let home = Home::open(folder.path()).unwrap();
    assert_eq!(home.lock_holder(&acme()), None);
    let lock = home.lock_connection(&acme()).unwrap().expect("nobody holds it");
    assert!(home.lock_connection(&acme()).unwrap().is_none());
    assert_eq!(home.lock_holder(&acme()), Some(std::process::id()));

    assert!(!home.stop_asked(&acme()));
    home.ask_to_stop(&acme()).unwrap();
    assert!(home.stop_asked(&acme()));
    drop(lock);
    assert_eq!(home.lock_holder(&acme()), None);
    let _lock = home.lock_connection(&acme()).unwrap().expect("it was given back");
    assert!(!home.stop_asked(&acme()));
}

const ROOT: &str = "STORE_TEST_LOCK_ROOT";

/// Not a test of its own: the other process of the test below.
#[test]
fn holds_the_lock_until_it_is_killed() {
    let Ok(root) = std::env::var(ROOT) else { return };
    let _lock = Home::open(root).unwrap().lock_connection(&acme()).unwrap().expect("nobody holds it");
    println!("\nholding");
    loop {
        std::thread::park();
    }
}

#[test]
fn another_process_keeps_its_lock_until_it_dies_however_it_dies() {
    let folder = tempfile::tempdir().unwrap();
    let home = Home::open(folder.path()).unwrap();
    let mut other = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "home::holds_the_lock_until_it_is_killed", "--nocapture"])
        .env(ROOT, folder.path())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(other.stdout.take().unwrap()).lines();
    assert!(lines.any(|line| line.unwrap().ends_with("holding")), "the other process took no lock");

    assert!(home.lock_connection(&acme()).unwrap().is_none());
    assert_eq!(home.lock_holder(&acme()), Some(other.id()));
    other.kill().unwrap();
    other.wait().unwrap();
    assert_eq!(home.lock_holder(&acme()), None, "a dead holder is still shown");
    assert!(home.lock_connection(&acme()).unwrap().is_some());
}

#[test]
fn wiping_deletes_the_copy_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let home = Home::open(folder.path()).unwrap();
    let other: ConnectionId = "other".parse().unwrap();
    for connection in [acme(), other.clone()] {
        Writer::open(&home.mirror(&connection)).unwrap();
    }
    home.wipe(&acme()).unwrap();
    home.wipe(&acme()).unwrap();
    assert!(!home.mirror(&acme()).exists());
    assert!(home.mirror(&other).exists());
}
