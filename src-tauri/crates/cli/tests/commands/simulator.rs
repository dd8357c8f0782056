//! The pretend portal as a command.

use std::{
    fs,
    io::{BufRead, BufReader},
    process::{Child, Command},
};

use serde_json::Value;

use crate::rig::Home;

struct Running {
    child: Child,
    told: Value,
}

impl Drop for Running {
    fn drop(&mut self) {
        // Only of use when the test has failed.
        let _ = self.child.kill();
    }
}

async fn start(home: &Home, arguments: &[&str]) -> Running {
    let mut child = home.spawn(&[&["simulator", "--json"], arguments].concat());
    let out = child.stdout.take().expect("a pipe");
    let line = tokio::task::spawn_blocking(move || {
        let mut line = String::new();
        BufReader::new(out).read_line(&mut line).expect("a line");
        line
    });
    let told = serde_json::from_str(&line.await.expect("nothing panics")).expect("JSON");
    Running { child, told }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_tells_its_address_and_key_serves_and_ends_with_ctrl_c() {
    let home = Home::new();
    let faults = home.passphrase().with_file_name("faults.json");
    fs::write(
        &faults,
        r#"{"rules": [{"path": "/crm/", "times": 2, "effect": {"status": {"status": 503}}}]}"#,
    )
    .expect("a file can be written");
    let faults = faults.to_str().expect("a plain path");
    let mut running = start(&home, &["--contacts", "50", "--seed", "3", "--faults", faults]).await;
    assert_eq!((&running.told["state"], &running.told["error"]), (&"running".into(), &Value::Null));
    let text = |key: &str| running.told[key].as_str().expect("text").to_owned();
    let connected =
        home.run_with(&["connect", "--token-stdin", "--api-base", &text("base_url")], &text("token")).await;
    assert_eq!(connected.code, 0, "{connected:?}");
    assert_eq!(home.run(&["sync", "--since", "all"]).await.code, 0, "two failures are outlived");
    let pid = running.child.id().to_string();
    assert!(Command::new("kill").args(["-INT", &pid]).status().expect("kill runs").success());
    assert!(running.child.wait().expect("it ends").success());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_app_is_told_with_all_that_connecting_it_needs_and_only_when_asked_for() {
    let home = Home::new();
    let running = start(&home, &["--contacts", "5", "--oauth-app"]).await;
    let app = &running.told["app"];
    assert_eq!(app["authorize_base"], running.told["base_url"]);
    assert_eq!(app["redirect_uris"][0], "http://localhost:14117/oauth-callback");
    assert_eq!(app["required_scopes"][0], "oauth");
    assert!(app["optional_scopes"].as_array().expect("a list").contains(&"tickets".into()));
    let ids = ["client_id", "client_secret"].map(|name| app[name].as_str().expect("text").len());
    assert_eq!(ids, [36, 36]);
    let plain = start(&home, &["--contacts", "5"]).await;
    assert_eq!(plain.told["app"], Value::Null);
    home.run(&["simulator", "--auto-approve", "--json"]).await.assert_refused(2, "usage");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn files_that_are_not_understood_and_ports_that_are_taken_are_said() {
    let home = Home::new();
    let file = home.passphrase().with_file_name("faults.json");
    fs::write(&file, r#"{"rulez": []}"#).expect("a file can be written");
    let file = file.to_str().expect("a plain path");
    home.run(&["simulator", "--faults", file, "--json"]).await.assert_refused(2, "usage");
    home.run(&["simulator", "--faults", "/nowhere/faults.json", "--json"]).await.assert_refused(2, "usage");
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let port = taken.local_addr().expect("an address").port().to_string();
    home.run(&["simulator", "--port", &port, "--json"]).await.assert_refused(1, "port_taken");
}
