//! What is mistyped, and what is asked of a data folder that has nothing.

use crate::rig::{Home, finish};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_on_the_command_line_is_refused_and_said_nowhere() {
    let key = "pat-eu1-0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0";
    let home = Home::new();
    for arguments in [
        vec!["connect", key, "--json"],
        vec!["connect", "--token", key, "--json"],
        vec!["connect", "--token-stdin", "--name", key, "--json"],
        vec![key, "--json"],
    ] {
        let ended = home.run(&arguments).await;
        ended.assert_refused(2, "usage");
        assert!(!ended.out.contains("0f1e2d3c") && !ended.err.contains("0f1e2d3c"), "{ended:?}");
    }
    assert!(home.files().is_empty(), "nothing was written");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mistakes_are_wrong_usage_and_say_what_to_do() {
    let home = Home::new();
    for arguments in
        [vec!["synk"], vec!["query", "acme"], vec!["sync", "a", "--all"], vec!["pick", "a", "contacts"]]
    {
        let ended = home.run(&[&arguments[..], &["--json"]].concat()).await;
        ended.assert_refused(2, "usage");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_connections_every_command_says_so() {
    let home = Home::new();
    let listed = home.run(&["connections", "--json"]).await;
    assert_eq!(
        (listed.code, listed.json()),
        (0, serde_json::json!({ "state": "done", "error": null, "connections": [] }))
    );
    for arguments in
        [&["sync"][..], &["sync", "--all"], &["status"], &["query", "x", "SELECT 1"], &["disconnect"]]
    {
        let ended = home.run(&[arguments, &["--json"]].concat()).await;
        ended.assert_refused(1, "no_such_connection");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_display_nothing_means_help_and_open_says_why_not() {
    let home = Home::new();
    let nothing = home.run(&[]).await;
    assert_eq!(nothing.code, 0);
    assert!(nothing.out.contains("Usage: portside"), "{nothing:?}");
    home.run(&["open", "--json"]).await.assert_refused(1, "no_display");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_a_display_but_no_desktop_app_open_says_so() {
    // A copy of the program alone in a folder, with nothing on the path.
    let home = Home::new();
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let alone = folder.path().join("portside");
    std::fs::copy(env!("CARGO_BIN_EXE_portside"), &alone).expect("a program can be copied");
    let mut command = std::process::Command::new(&alone);
    command.args(["open", "--json"]).env("DISPLAY", ":99").env("PATH", "").env("PORTSIDE_HOME", home.path());
    command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
    finish(command, String::new()).await.assert_refused(1, "no_desktop_app");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_data_folder_of_the_command_line_wins_over_the_environment() {
    let home = Home::new();
    let other = tempfile::tempdir().expect("a temporary folder can be made");
    let folder = other.path().join("elsewhere");
    let ended = home.run(&["connections", "--home", folder.to_str().expect("a plain path")]).await;
    assert_eq!(ended.code, 0, "{ended:?}");
    assert!(folder.join("portside.db").is_file() && !home.path().exists());
    assert!(std::fs::read_dir(folder.join("logs")).is_ok_and(|logs| logs.count() >= 1), "there is a log");
}
