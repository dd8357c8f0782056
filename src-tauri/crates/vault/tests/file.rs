//! The encrypted file, on a real disk.

use std::{fs, path::Path, thread};

use vault::{Error, FileVault, Options, Secret, Vault};

struct Place {
    folder: tempfile::TempDir,
    vault: Vault,
}

fn place() -> Place {
    let folder = tempfile::tempdir().expect("a folder");
    write_private(&folder.path().join("passphrase"), "correct horse\n");
    let vault = opened(folder.path());
    Place { folder, vault }
}

fn opened(folder: &Path) -> Vault {
    let file = FileVault { path: folder.join("vault.age"), passphrase_file: folder.join("passphrase") };
    Vault::open(Options { service: "Portside-test".into(), file: Some(file) })
}

fn write_private(path: &Path, text: &str) {
    fs::write(path, text).expect("written");
    #[cfg(unix)]
    set_mode(path, 0o600);
}

#[cfg(unix)]
fn set_mode(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("permissions");
}

fn secret(text: &str) -> Secret {
    Secret::new(text.to_owned())
}

#[test]
fn a_secret_is_kept_replaced_read_elsewhere_and_deleted() {
    let place = place();
    assert!(matches!(place.vault.read("connection/a"), Err(Error::NoEntry)));
    place.vault.store("connection/a", &secret("first")).unwrap();
    place.vault.store("connection/b", &secret("other")).unwrap();
    place.vault.store("connection/a", &secret("ünïcödé \u{1f511}")).unwrap();
    let elsewhere = opened(place.folder.path());
    assert_eq!(elsewhere.read("connection/a").unwrap().expose(), "ünïcödé \u{1f511}");
    elsewhere.delete("connection/a").unwrap();
    assert!(matches!(place.vault.read("connection/a"), Err(Error::NoEntry)));
    assert!(matches!(place.vault.delete("connection/a"), Err(Error::NoEntry)));
    assert_eq!(place.vault.read("connection/b").unwrap().expose(), "other");
}

#[test]
fn no_file_holds_the_secret_or_the_entry_in_plain_text() {
    let place = place();
    place.vault.store("connection/acme", &secret("pat-na1-findme")).unwrap();
    for file in fs::read_dir(place.folder.path()).unwrap() {
        let path = file.unwrap().path();
        let bytes = fs::read(&path).unwrap();
        for needle in ["findme", "acme"] {
            let found = bytes.windows(needle.len()).any(|window| window == needle.as_bytes());
            assert!(!found, "{needle} is in {}", path.display());
        }
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(
                fs::metadata(&path).unwrap().permissions().mode() & 0o777,
                0o600,
                "{}",
                path.display()
            );
        }
    }
}

#[test]
fn a_wrong_passphrase_is_told_from_a_damaged_file() {
    let place = place();
    place.vault.store("a", &secret("x")).unwrap();
    write_private(&place.folder.path().join("passphrase"), "wrong");
    assert!(matches!(place.vault.read("a"), Err(Error::BadPassphrase)));
    assert!(matches!(place.vault.store("a", &secret("y")), Err(Error::BadPassphrase)));
    write_private(&place.folder.path().join("passphrase"), "correct horse");
    assert_eq!(place.vault.read("a").unwrap().expose(), "x", "a refused change changed nothing");

    let path = place.folder.path().join("vault.age");
    let whole = fs::read(&path).unwrap();
    for (name, bytes) in
        [("cut short", &whole[..whole.len() - 5]), ("empty", &[][..]), ("rubbish", b"rubbish")]
    {
        fs::write(&path, bytes).unwrap();
        assert!(matches!(place.vault.read("a"), Err(Error::Damaged { .. })), "{name}");
        assert!(place.vault.store("a", &secret("y")).is_err(), "{name} was overwritten");
    }
}

#[test]
fn an_unusable_passphrase_file_is_refused_with_its_reason() {
    let place = place();
    let path = place.folder.path().join("passphrase");
    write_private(&path, "\n");
    assert!(matches!(place.vault.read("a"), Err(Error::NoPassphrase)));
    fs::remove_file(&path).unwrap();
    assert!(matches!(place.vault.read("a"), Err(Error::File { .. })));
    let file = FileVault { path: place.folder.path().join("v"), passphrase_file: "".into() };
    let unnamed = Vault::open(Options { service: "x".into(), file: Some(file) });
    assert!(matches!(unnamed.store("a", &secret("x")), Err(Error::NoPassphrase)));
}

#[cfg(unix)]
#[test]
fn a_passphrase_file_that_others_can_read_is_refused() {
    let place = place();
    for mode in [0o640, 0o604, 0o620, 0o777] {
        set_mode(&place.folder.path().join("passphrase"), mode);
        let refused = place.vault.store("a", &secret("x"));
        assert!(matches!(refused, Err(Error::PassphraseFileReadable { .. })), "{mode:o}");
    }
    assert!(!place.folder.path().join("vault.age").exists());
}

#[test]
fn a_long_secret_is_refused_and_the_longest_allowed_is_kept() {
    let place = place();
    assert!(matches!(place.vault.store("a", &secret(&"x".repeat(1_200))), Err(Error::TooLong)));
    // Two UTF-16 units each.
    assert!(matches!(place.vault.store("a", &secret(&"\u{1f511}".repeat(600))), Err(Error::TooLong)));
    let longest = "x".repeat(1_199);
    place.vault.store("a", &secret(&longest)).unwrap();
    assert_eq!(place.vault.read("a").unwrap().expose(), longest);
}

#[test]
fn writers_at_the_same_time_lose_nothing() {
    let place = place();
    thread::scope(|scope| {
        for writer in 0..4 {
            let vault = &place.vault;
            scope.spawn(move || {
                for round in 0..3 {
                    vault.store(&format!("{writer}/{round}"), &secret("x")).expect("stored");
                }
            });
        }
    });
    for writer in 0..4 {
        for round in 0..3 {
            assert!(place.vault.read(&format!("{writer}/{round}")).is_ok(), "{writer}/{round} was lost");
        }
    }
}

#[test]
fn what_a_killed_writer_left_behind_is_no_obstacle() {
    let place = place();
    place.vault.store("a", &secret("x")).unwrap();
    fs::write(place.folder.path().join("vault.new"), "half a fi").unwrap();
    place.vault.store("b", &secret("y")).unwrap();
    assert_eq!(place.vault.read("a").unwrap().expose(), "x");
    assert!(!place.folder.path().join("vault.new").exists());
}

#[test]
fn debug_output_does_not_show_a_secret() {
    assert!(!format!("{:?}", secret("hunter2")).contains("hunter2"));
}

/// A vault whose passphrase a person types.
fn awaited(folder: &Path) -> Vault {
    let vault = Vault::open(Options { service: "Portside-test".into(), file: None });
    vault.await_file(FileVault { path: folder.join("vault.age"), passphrase_file: "".into() });
    vault
}

#[test]
fn a_typed_passphrase_makes_the_file_opens_it_again_and_is_written_nowhere() {
    let folder = tempfile::tempdir().expect("a folder");
    let vault = awaited(folder.path());
    assert!(vault.is_file() && vault.is_locked());
    assert!(matches!(vault.store("a", &secret("x")), Err(Error::NoPassphrase)));
    vault.unlock(&secret("eleven blue cups")).unwrap();
    assert!(!vault.is_locked());
    vault.clone().store("a", &secret("pat-x")).unwrap();

    let again = awaited(folder.path());
    assert!(matches!(again.unlock(&secret("twelve blue cups")), Err(Error::BadPassphrase)));
    assert!(again.is_locked(), "a wrong passphrase opens nothing");
    assert!(matches!(again.read("a"), Err(Error::NoPassphrase)));
    again.unlock(&secret("eleven blue cups")).unwrap();
    assert_eq!(again.read("a").unwrap().expose(), "pat-x");
    for file in fs::read_dir(folder.path()).unwrap() {
        let bytes = fs::read(file.unwrap().path()).unwrap();
        assert!(!bytes.windows(4).any(|window| window == b"blue"), "the passphrase is on the disk");
    }
    assert!(!format!("{again:?}").contains("blue"));
}

#[test]
fn a_command_that_writes_a_file_of_a_typed_passphrase_does_not_make_it_weaker() {
    let folder = tempfile::tempdir().expect("a folder");
    let vault = awaited(folder.path());
    vault.unlock(&secret("correct horse")).unwrap();
    let header = |folder: &Path| {
        let sealed = fs::read(folder.join("vault.age")).expect("there is a file");
        let line = sealed.split(|&byte| byte == b'\n').nth(1).expect("a header").to_vec();
        String::from_utf8(line).expect("text").rsplit(' ').next().map(str::to_owned)
    };
    let made = header(folder.path());
    write_private(&folder.path().join("passphrase"), "correct horse\n");
    opened(folder.path()).store("b", &secret("y")).unwrap();
    assert_eq!(header(folder.path()), made);
    assert_eq!(vault.read("b").unwrap().expose(), "y");
}
