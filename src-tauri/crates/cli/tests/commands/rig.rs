//! A data folder with an encrypted vault, and the program run in it.

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
};

use serde_json::Value;
use simulator::{Config, Simulator};
use tempfile::TempDir;

/// Where the connection of every portal here is kept.
pub(crate) const ID: &str = "portal-24817305";

pub(crate) async fn portal(config: Config) -> Simulator {
    Simulator::start(config).await.expect("a port is free")
}

pub(crate) fn small() -> Config {
    Config { contacts: 120, ..Config::default() }
}

pub(crate) struct Home {
    folder: TempDir,
}

/// How the program ended, and what it said.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Home {
    pub(crate) fn new() -> Home {
        let home = Home { folder: tempfile::tempdir().expect("a temporary folder can be made") };
        fs::write(home.passphrase(), "seven bicycles").expect("a file can be written");
        rights(&home.passphrase(), 0o600);
        home
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path().join("home")
    }

    pub(crate) fn passphrase(&self) -> PathBuf {
        self.folder.path().join("passphrase")
    }

    pub(crate) fn mirror(&self) -> PathBuf {
        self.path().join(format!("mirrors/{ID}.db"))
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        self.command_of(env!("CARGO_BIN_EXE_portside"), arguments)
    }

    /// Another program in the same surroundings.
    pub(crate) fn command_of(&self, program: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(program);
        command
            .args(arguments)
            .env("PORTSIDE_HOME", self.path())
            .env("PORTSIDE_VAULT", "file")
            .env("PORTSIDE_VAULT_PASSPHRASE_FILE", self.passphrase())
            .env_remove("PORTSIDE_API_BASE")
            .env_remove("DISPLAY")
            .env_remove("WAYLAND_DISPLAY")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// Runs to the end, off the threads that serve the portal.
    pub(crate) async fn run(&self, arguments: &[&str]) -> Ended {
        self.run_with(arguments, "").await
    }

    pub(crate) async fn run_with(&self, arguments: &[&str], input: &str) -> Ended {
        let (command, input) = (self.command(arguments), input.to_owned());
        finish(command, input).await
    }

    pub(crate) fn spawn(&self, arguments: &[&str]) -> Child {
        self.command(arguments).spawn().expect("portside runs")
    }

    pub(crate) async fn connect(&self, portal: &Simulator) {
        let base = portal.base_url();
        let ended = self.run_with(&["connect", "--token-stdin", "--api-base", &base], portal.token()).await;
        assert_eq!(ended.code, 0, "{ended:?}");
    }

    /// Connected, and copied whole.
    pub(crate) async fn copied(portal: &Simulator) -> Home {
        let home = Home::new();
        home.connect(portal).await;
        let ended = home.run(&["sync", "--since", "all"]).await;
        assert_eq!(ended.code, 0, "{ended:?}");
        home
    }

    /// Every file below the data folder.
    pub(crate) fn files(&self) -> Vec<PathBuf> {
        let mut found = Vec::new();
        walk(&self.path(), &mut found);
        found
    }
}

pub(crate) async fn finish(mut command: Command, input: String) -> Ended {
    let output = tokio::task::spawn_blocking(move || {
        let mut child = command.stdin(Stdio::piped()).spawn().expect("portside runs");
        // It may end before it has read everything, or anything.
        let _ = child.stdin.take().expect("a pipe").write_all(input.as_bytes());
        child.wait_with_output().expect("it ends")
    });
    Ended::from(output.await.expect("nothing panics"))
}

impl From<Output> for Ended {
    fn from(output: Output) -> Ended {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("it speaks UTF-8");
        Ended { code: output.status.code().unwrap_or(-1), out: text(output.stdout), err: text(output.stderr) }
    }
}

impl Ended {
    /// The last line of standard output as JSON.
    pub(crate) fn json(&self) -> Value {
        let last = self.out.lines().last().unwrap_or_else(|| panic!("nothing was said: {self:?}"));
        serde_json::from_str(last).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// It failed with this number and code, and said a sentence with something to do about it.
    pub(crate) fn assert_refused(&self, code: i32, name: &str) {
        assert_eq!(self.code, code, "{self:?}");
        let json = self.json();
        assert_eq!(json["error"]["code"], name, "{self:?}");
        let message = json["error"]["message"].as_str().unwrap_or_default();
        assert!(message.ends_with('.') || message.ends_with('?'), "no sentence: {message}");
        assert!(self.err.starts_with(message), "standard error says something else: {self:?}");
        assert!(json["error"]["fix"].is_array() && !json["state"].is_null(), "{json}");
        assert!(!self.err.contains("panicked"), "{self:?}");
    }
}

fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() { walk(&path, found) } else { found.push(path) }
    }
}

pub(crate) fn rights(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("rights can be set");
}
