//! The command line as a process of its own, that can be killed.

use std::{
    fs,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    process::{Output, Stdio},
};

use serde_json::Value;
use simulator::Simulator;
use tempfile::TempDir;
use tests::program;
use tokio::{
    io::AsyncWriteExt,
    process::{Child, Command},
};

use super::truth::{Compared, differences};

/// Where the connection of the usual portal is kept.
pub(crate) const ID: &str = "portal-24817305";

/// A data folder with an encrypted vault.
pub(crate) struct Home {
    folder: TempDir,
    /// Set for every command beside the usual.
    pub(crate) environment: Vec<(&'static str, String)>,
}

impl Home {
    pub(crate) fn new() -> Home {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let mut file = fs::OpenOptions::new();
        let mut file = file.create(true).write(true).mode(0o600).open(folder.path().join("passphrase"));
        std::io::Write::write_all(file.as_mut().expect("a file can be made"), b"seven bicycles")
            .expect("and written");
        Home { folder, environment: Vec::new() }
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path().join("home")
    }

    /// The copy of the usual portal.
    pub(crate) fn mirror(&self) -> PathBuf {
        self.mirror_of(ID)
    }

    pub(crate) fn mirror_of(&self, id: &str) -> PathBuf {
        self.path().join(format!("mirrors/{id}.db"))
    }

    /// How many live contacts a connection's copy has.
    pub(crate) fn contacts(&self, id: &str) -> u64 {
        let mirror = look(&self.mirror_of(id));
        let sql = "SELECT count(*) FROM contacts WHERE archived = 0";
        mirror.query_row(sql, [], |row| row.get::<_, i64>(0)).expect("contacts").unsigned_abs()
    }

    /// The same while the copy may not have begun.
    pub(crate) fn contacts_so_far(&self, id: &str) -> u64 {
        let flags = rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY;
        let Ok(mirror) = rusqlite::Connection::open_with_flags(self.mirror_of(id), flags) else { return 0 };
        let rows = mirror.query_row("SELECT count(*) FROM contacts", [], |row| row.get::<_, i64>(0));
        rows.map_or(0, i64::unsigned_abs)
    }

    /// Panics with the first differences unless the copy of that connection equals the portal.
    pub(crate) fn assert_copied(&self, id: &str, portal: &Simulator, compared: &Compared<'_>) {
        let found = differences(&look(&self.mirror_of(id)), portal, compared);
        assert!(found.is_empty(), "the copy differs from the portal:\n{}", found.join("\n"));
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(program("portside"));
        command
            .args(arguments)
            .env("PORTSIDE_HOME", self.path())
            .env("PORTSIDE_VAULT", "file")
            .env("PORTSIDE_VAULT_PASSPHRASE_FILE", self.folder.path().join("passphrase"))
            .env_remove("PORTSIDE_API_BASE")
            .envs(self.environment.iter().cloned())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        command
    }

    pub(crate) async fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().await.expect("portside runs")
    }

    /// Runs to the end, and tells how that was.
    pub(crate) async fn ask(&self, arguments: &[&str]) -> Ended {
        Ended::from(&self.run(arguments).await)
    }

    /// The same, with something on standard input.
    pub(crate) async fn ask_with(&self, arguments: &[&str], input: &str) -> Ended {
        finish(self.command(arguments), input).await
    }

    pub(crate) async fn connect(&self, portal: &Simulator) {
        let base = portal.base_url();
        let ended = self.ask_with(&["connect", "--token-stdin", "--api-base", &base], portal.token()).await;
        assert_eq!(ended.code, 0, "{ended:?}");
    }

    /// `sync` of everything, under way. What it says is not read.
    pub(crate) fn start_sync(&self) -> Child {
        let mut command = self.command(&["sync", "--since", "all"]);
        command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("portside runs")
    }

    /// `sync` of everything, to its end, which must be a good one.
    pub(crate) async fn sync(&self) {
        let output = self.run(&["sync", "--since", "all"]).await;
        assert!(output.status.success(), "{}", words(&output));
    }

    /// Remembers how everything but the mirrors is, to go back to it.
    pub(crate) fn keep(&self) -> PathBuf {
        let kept = self.folder.path().join("kept");
        copy_files(&self.path(), &kept);
        kept
    }

    /// As it was when kept: connected, and nothing copied.
    pub(crate) fn go_back(&self, kept: &Path) {
        fs::remove_dir_all(self.path()).expect("a folder can be removed");
        copy_files(kept, &self.path());
    }
}

fn copy_files(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder can be made");
    for entry in fs::read_dir(from).expect("it can be listed") {
        let path = entry.expect("an entry").path();
        if path.is_file() {
            fs::copy(&path, to.join(path.file_name().expect("a name"))).expect("a file can be copied");
        }
    }
}

fn look(mirror: &Path) -> rusqlite::Connection {
    let flags = rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY;
    rusqlite::Connection::open_with_flags(mirror, flags).expect("there is a mirror")
}

/// Hands over what is to stand on standard input, and waits for the end.
pub(crate) async fn finish(mut command: Command, input: &str) -> Ended {
    let mut child = command.stdin(Stdio::piped()).spawn().expect("portside runs");
    let mut pipe = child.stdin.take().expect("a pipe");
    // It may end before it has read everything, or anything.
    let _ = pipe.write_all(input.as_bytes()).await;
    drop(pipe);
    Ended::from(&child.wait_with_output().await.expect("it ends"))
}

/// How the program ended, and what it said.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl From<&Output> for Ended {
    fn from(output: &Output) -> Ended {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Ended {
            code: output.status.code().unwrap_or(-1),
            out: text(&output.stdout),
            err: text(&output.stderr),
        }
    }
}

impl Ended {
    /// The last line of standard output as JSON.
    pub(crate) fn json(&self) -> Value {
        let last = self.out.lines().last().unwrap_or_else(|| panic!("nothing was said: {self:?}"));
        serde_json::from_str(last).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// It failed with this number and this code, and said a sentence.
    pub(crate) fn assert_refused(&self, code: i32, name: &str) {
        assert_eq!(self.code, code, "{self:?}");
        let json = self.json();
        assert_eq!(json["error"]["code"], name, "{self:?}");
        assert!(json["error"]["message"].as_str().is_some_and(|said| said.len() > 10), "{json}");
        assert!(!self.err.contains("panicked"), "{self:?}");
    }
}

/// What a process said, for a failing test.
pub(crate) fn words(output: &Output) -> String {
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    format!("{}\n{out}\n{err}", output.status)
}
