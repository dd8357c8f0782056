//! The command line as a process of its own, that can be killed.

use std::{
    fs,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    process::{Output, Stdio},
};

use simulator::Simulator;
use tempfile::TempDir;
use tests::program;
use tokio::{
    io::AsyncWriteExt,
    process::{Child, Command},
};

/// A data folder with an encrypted vault.
pub(crate) struct Home {
    folder: TempDir,
}

impl Home {
    pub(crate) fn new() -> Home {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let mut file = fs::OpenOptions::new();
        let mut file = file.create(true).write(true).mode(0o600).open(folder.path().join("passphrase"));
        std::io::Write::write_all(file.as_mut().expect("a file can be made"), b"seven bicycles")
            .expect("and written");
        Home { folder }
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path().join("home")
    }

    /// The copy of a portal that was connected without a name.
    pub(crate) fn mirror(&self) -> PathBuf {
        self.path().join("mirrors/portal-24817305.db")
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(program("portside"));
        command
            .args(arguments)
            .env("PORTSIDE_HOME", self.path())
            .env("PORTSIDE_VAULT", "file")
            .env("PORTSIDE_VAULT_PASSPHRASE_FILE", self.folder.path().join("passphrase"))
            .env_remove("PORTSIDE_API_BASE")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        command
    }

    pub(crate) async fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().await.expect("portside runs")
    }

    pub(crate) async fn connect(&self, portal: &Simulator) {
        let base = portal.base_url();
        let mut command = self.command(&["connect", "--token-stdin", "--api-base", &base]);
        let mut child = command.stdin(Stdio::piped()).spawn().expect("portside runs");
        let mut input = child.stdin.take().expect("a pipe");
        input.write_all(portal.token().as_bytes()).await.expect("the key can be handed over");
        drop(input);
        let output = child.wait_with_output().await.expect("it ends");
        assert!(output.status.success(), "{}", words(&output));
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

/// What a process said, for a failing test.
pub(crate) fn words(output: &Output) -> String {
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    format!("{}\n{out}\n{err}", output.status)
}
