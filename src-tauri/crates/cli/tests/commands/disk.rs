//! Files that cannot be used: from a newer version, damaged, or on a disk that is full.

use std::{
    fs::{self, File},
    io::{Seek, SeekFrom, Write},
    path::Path,
    process::Command,
};

use crate::rig::{Home, ID, finish, portal, small};

/// Where SQLite keeps a program's own version number in a database file.
const USER_VERSION_AT: u64 = 60;

fn from_the_future(path: &Path) {
    let mut file = File::options().write(true).open(path).expect("there is a database");
    file.seek(SeekFrom::Start(USER_VERSION_AT)).expect("it is long enough");
    file.write_all(&9_999_u32.to_be_bytes()).expect("it can be written");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_of_a_newer_version_is_left_alone() {
    let home = Home::copied(&portal(small()).await).await;
    from_the_future(&home.mirror());
    let before = fs::read(home.mirror()).expect("it can be read");
    home.run(&["sync", "--json"]).await.assert_refused(1, "newer_database");
    home.run(&["query", ID, "SELECT 1", "--json"]).await.assert_refused(1, "newer_database");
    assert_eq!(fs::read(home.mirror()).expect("it can be read"), before, "not a byte was changed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_list_of_connections_of_a_newer_version_is_left_alone() {
    let home = Home::copied(&portal(small()).await).await;
    from_the_future(&home.path().join("portside.db"));
    home.run(&["connections", "--json"]).await.assert_refused(1, "newer_database");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_is_no_database_is_said_to_be_damaged() {
    let home = Home::copied(&portal(small()).await).await;
    fs::write(home.mirror(), vec![b'x'; 40_000]).expect("it can be written");
    for end in ["db-wal", "db-shm"] {
        let _ = fs::remove_file(home.mirror().with_extension(end));
    }
    home.run(&["sync", "--json"]).await.assert_refused(1, "database_damaged");
}

/// A disk with two megabytes, which nobody else sees: a mount of the test's own, gone with its shell.
#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_is_said_nothing_is_half_written_and_the_next_run_continues() {
    let probe = ["-rm", "mount", "-t", "tmpfs", "tmpfs", "/mnt"];
    if !Command::new("unshare").args(probe).status().is_ok_and(|status| status.success()) {
        eprintln!("no mount of one's own is allowed here; the store's own test fills a database instead");
        return;
    }
    let portal = portal(small()).await;
    let home = Home::new();
    home.connect(&portal).await;
    let steps = r#"
        mount -t tmpfs -o size=2m tmpfs "$PORTSIDE_HOME/mirrors" || exit 90
        "$0" sync --since all --json && exit 91
        [ $? = 1 ] || exit 92
        mount -o remount,size=200m "$PORTSIDE_HOME/mirrors" || exit 93
        "$0" sync --since all >/dev/null || exit 94
        "$0" query "$1" "SELECT count(*) AS n FROM contacts" --format json
    "#;
    let program = env!("CARGO_BIN_EXE_portside");
    let command = home.command_of("unshare", &["-rm", "sh", "-c", steps, program, ID]);
    let ended = finish(command, String::new()).await;
    assert_eq!(ended.code, 0, "{ended:?}");
    assert_eq!(ended.json()[0]["n"], 120, "{ended:?}");
    let failed: Vec<&str> = ended.out.lines().filter(|line| line.contains("\"done\"")).collect();
    assert!(failed[0].contains("\"disk_full\"") && failed[0].contains("\"done\":false"), "{ended:?}");
    assert!(ended.err.contains("The disk is full."), "{ended:?}");
}
