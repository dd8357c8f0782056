//! The real keychain of this desktop. One test, because the service is one: it is locked, unlocked, stopped and started
//! again on the way, though only where its password is known: in the throw-away desktop of `tests/with-desktop`.

#![cfg(target_os = "linux")]

use std::{
    env,
    io::Write,
    process::{Child, Command, Output, Stdio},
    time::{Duration, Instant},
};

use vault::{Error, FileVault, Options, Secret, Vault};

const ENTRY: &str = "connection/test";

#[test]
fn the_real_keychain_keeps_a_secret_through_locks_and_restarts() {
    if env::var_os("DBUS_SESSION_BUS_ADDRESS").is_none() && env::var_os("PORTSIDE_TEST_KEYCHAIN").is_none() {
        println!("skipped: there is no session bus here; run it under tests/with-desktop");
        return;
    }
    let service = format!("Portside-test-{}", std::process::id());
    let vault = Vault::open(Options { service: service.clone(), file: None });
    keeps_replaces_and_deletes(&vault, &service);
    let Ok(password) = env::var("KEYRING_PASSWORD") else {
        println!("this keychain is somebody's: it is not locked or restarted");
        return;
    };
    vault.store(ENTRY, &secret("kept")).unwrap();
    let folder = tempfile::tempdir().expect("a folder");
    let in_file = moves_what_a_file_holds(&service, folder.path());
    lock();
    says_that_it_is_locked(&vault);
    assert!(matches!(in_file.move_to_keychain(), Err(Error::Locked)));
    assert_eq!(in_file.read("connection/moved").expect("still in the file").expose(), "from the file");
    // The only way to unlock without a prompt is another daemon in its place: a restart under a running program.
    let mut daemon = start_daemon(&password);
    assert_eq!(vault.read(ENTRY).unwrap().expose(), "kept", "after a restart");
    vault.store(ENTRY, &secret("newer")).unwrap();
    daemon.kill().unwrap();
    daemon.wait().unwrap();
    wait_for_owner("the keyring daemon did not stop", Option::is_none);
    assert!(matches!(vault.read(ENTRY), Err(Error::NoKeychain { .. })));
    assert!(matches!(vault.store(ENTRY, &secret("lost")), Err(Error::NoKeychain { .. })));
    let mut daemon = start_daemon(&password);
    assert_eq!(vault.read(ENTRY).unwrap().expose(), "newer", "after there was none");
    vault.delete(ENTRY).unwrap();
    in_file.move_to_keychain().expect("it is unlocked again");
    assert_eq!(in_file.read("connection/moved").expect("moved").expose(), "from the file");
    daemon.kill().unwrap();
    daemon.wait().unwrap();
}

/// Once to the end; and a second file, for when the keychain is locked.
fn moves_what_a_file_holds(service: &str, folder: &std::path::Path) -> Vault {
    let passphrase = secret("correct horse battery");
    let opened = |name: &str| {
        let vault = Vault::open(Options { service: service.to_owned(), file: None });
        let file = FileVault { path: folder.join(name), passphrase_file: "".into() };
        vault.use_file(file, &passphrase).expect("a file can be made");
        vault.store("connection/moved", &secret("from the file")).expect("kept in the file");
        vault
    };
    let vault = opened("vault.age");
    vault.move_to_keychain().expect("moved");
    assert!(!vault.is_file() && !folder.join("vault.age").exists());
    let elsewhere = Vault::open(Options { service: service.to_owned(), file: None });
    assert_eq!(elsewhere.read("connection/moved").expect("in the keychain").expose(), "from the file");
    elsewhere.delete("connection/moved").expect("deleted");
    opened("second.age")
}

fn keeps_replaces_and_deletes(vault: &Vault, service: &str) {
    assert!(matches!(vault.read(ENTRY), Err(Error::NoEntry)));
    assert!(matches!(vault.delete(ENTRY), Err(Error::NoEntry)));
    let longest = "ü".repeat(1_199);
    vault.store(ENTRY, &secret(&longest)).expect("the longest secret");
    assert_eq!(vault.read(ENTRY).expect("kept").expose(), longest);
    vault.store(ENTRY, &secret("replaced")).expect("replaced");
    // Another program sees the same entry, by the same names.
    let seen = run(Command::new("secret-tool").args(["lookup", "service", service, "username", ENTRY]));
    assert_eq!(String::from_utf8_lossy(&seen.stdout), "replaced");
    let others = Vault::open(Options { service: format!("{service}-other"), file: None });
    assert!(matches!(others.read(ENTRY), Err(Error::NoEntry)), "another namespace sees it");
    vault.delete(ENTRY).expect("deleted");
    assert!(matches!(vault.read(ENTRY), Err(Error::NoEntry)));
}

fn says_that_it_is_locked(vault: &Vault) {
    let read = vault.read(ENTRY);
    assert!(matches!(read, Err(Error::Locked)), "{read:?}");
    let store = vault.store("connection/another", &secret("x"));
    assert!(matches!(store, Err(Error::Locked)), "{store:?}");
    let delete = vault.delete(ENTRY);
    assert!(matches!(delete, Err(Error::Locked)), "{delete:?}");
}

fn secret(text: &str) -> Secret {
    Secret::new(text.to_owned())
}

fn lock() {
    let done = run(Command::new("dbus-send").args([
        "--session",
        "--print-reply",
        "--dest=org.freedesktop.secrets",
        "/org/freedesktop/secrets",
        "org.freedesktop.Secret.Service.Lock",
        "array:objpath:/org/freedesktop/secrets/collection/login",
    ]));
    assert!(done.status.success(), "the keyring could not be locked");
}

/// A keyring daemon of our own, unlocked, in place of the one that runs.
fn start_daemon(password: &str) -> Child {
    let before = owner();
    let mut daemon = Command::new("gnome-keyring-daemon")
        .args(["--foreground", "--replace", "--unlock", "--components=secrets"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("gnome-keyring-daemon");
    let mut stdin = daemon.stdin.take().expect("a pipe");
    stdin.write_all(password.as_bytes()).expect("the keyring's password");
    drop(stdin);
    wait_for_owner("the keyring daemon did not start", |now| now.is_some() && *now != before);
    daemon
}

/// Asks once a turn: between one daemon and the next there is a moment without any.
fn wait_for_owner(otherwise: &str, wanted: impl Fn(&Option<String>) -> bool) {
    let started = Instant::now();
    while !wanted(&owner()) {
        assert!(started.elapsed() < Duration::from_secs(20), "{otherwise}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// The bus name of the program that is the Secret Service now.
fn owner() -> Option<String> {
    let reply = run(Command::new("dbus-send").args([
        "--session",
        "--print-reply",
        "--dest=org.freedesktop.DBus",
        "/",
        "org.freedesktop.DBus.GetNameOwner",
        "string:org.freedesktop.secrets",
    ]));
    let text = String::from_utf8_lossy(&reply.stdout).into_owned();
    if reply.status.success() { text.split('"').nth(1).map(str::to_owned) } else { None }
}

fn run(command: &mut Command) -> Output {
    command.output().expect("a program that with-desktop needs as well")
}
