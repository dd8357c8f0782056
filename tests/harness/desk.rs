//! A desktop of a test's own: display, bus, keyring and folders, from `tests/with-desktop`. It ends with the test, even
//! when the test is killed: the wrapper's command waits on a pipe that only this process holds.

use std::{
    fmt::Write,
    fs::{self, File},
    io,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    time::{Duration, Instant},
};

use tempfile::TempDir;

use crate::repository;

/// What keeps secrets in a desktop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keyring {
    /// Open, as after a login.
    Open,
    /// Asks for its password, and nobody answers.
    Locked,
    /// Nothing does.
    None,
}

pub struct Desk {
    wrapper: Child,
    environment: Vec<(String, String)>,
    folder: TempDir,
}

const START_MAX: Duration = Duration::from_mins(3);

impl Desk {
    /// # Panics
    /// When the desktop does not come up, with the wrapper's own words.
    pub fn start(keyring: Keyring) -> Desk {
        let folder =
            tempfile::Builder::new().prefix("portside.").tempdir().expect("a temporary folder can be made");
        let told = folder.path().join("environment");
        let words = folder.path().join("desktop.log");
        let mut command = Command::new(repository().join("tests/with-desktop"));
        match keyring {
            Keyring::Open => {}
            Keyring::Locked => _ = command.arg("--locked"),
            Keyring::None => _ = command.arg("--no-keyring"),
        }
        let wrapper = command
            .arg("--keep")
            .arg(folder.path().join("desk"))
            .args(["--", "sh", "-c", r#"env -0 >"$0.part" && mv "$0.part" "$0" && exec cat >/dev/null"#])
            .arg(&told)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(File::create(&words).expect("a log can be written"))
            .spawn()
            .expect("tests/with-desktop runs");
        let mut desk = Desk { wrapper, environment: Vec::new(), folder };
        let text = desk.wait_for(&told).unwrap_or_else(|| {
            panic!("no desktop: {}", fs::read_to_string(&words).unwrap_or_default());
        });
        desk.environment = text
            .split('\0')
            .filter_map(|entry| entry.split_once('='))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        desk
    }

    fn wait_for(&mut self, path: &Path) -> Option<String> {
        let until = Instant::now() + START_MAX;
        loop {
            if let Ok(text) = fs::read_to_string(path) {
                return Some(text);
            }
            if Instant::now() > until || !matches!(self.wrapper.try_wait(), Ok(None)) {
                return None;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Everything of this test: the desktop's folders, and whatever the test puts beside them.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// A data folder for the app, inside this desktop's.
    pub fn home(&self) -> PathBuf {
        self.folder.path().join("home")
    }

    /// A command that runs in this desktop.
    pub fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        command.env_clear().envs(self.environment.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Runs a command in this desktop to its end.
    pub fn run(&self, program: &str, arguments: &[&str]) -> io::Result<Output> {
        self.command(program).args(arguments).stdin(Stdio::null()).output()
    }

    /// Every process of this desktop with what each of its threads waits for, to be read by a person.
    pub fn processes(&self) -> String {
        let mark = self.environment.iter().find(|(name, _)| name == "WITH_DESKTOP_MARK");
        let mark = mark.map_or_else(String::new, |(name, value)| format!("{name}={value}"));
        let read = |path: &Path| fs::read_to_string(path).unwrap_or_default();
        let mut text = format!("load {}", read(Path::new("/proc/loadavg")));
        for process in fs::read_dir("/proc").into_iter().flatten().flatten().map(|entry| entry.path()) {
            let environment = fs::read(process.join("environ")).unwrap_or_default();
            if !environment.split(|&byte| byte == 0).any(|entry| entry == mark.as_bytes()) {
                continue;
            }
            let words = read(&process.join("cmdline")).replace('\0', " ");
            _ = writeln!(text, "\n{} {words}", process.display());
            for thread in fs::read_dir(process.join("task")).into_iter().flatten().flatten() {
                let thread = thread.path();
                let line = read(&thread.join("stat"));
                // After the name in brackets: the state, and as 12th and 13th field the ticks it has used.
                let fields: Vec<&str> =
                    line.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
                let field = |at: usize| fields.get(at).copied().unwrap_or_default();
                let (name, waits) = (read(&thread.join("comm")), read(&thread.join("wchan")));
                _ = writeln!(text, "  {} {} {}+{} {waits}", name.trim(), field(0), field(11), field(12));
            }
        }
        text
    }

    /// How many programs are connected to the session bus.
    pub fn on_bus(&self) -> usize {
        let list = [
            "--session",
            "--print-reply",
            "--dest=org.freedesktop.DBus",
            "/",
            "org.freedesktop.DBus.ListNames",
        ];
        let output = self.run("dbus-send", &list).expect("dbus-send runs");
        String::from_utf8_lossy(&output.stdout).matches("\":1.").count()
    }

    /// Everything the keyring holds for one installation, as another program reads it.
    pub fn secrets(&self, profile: &str) -> String {
        let search = format!("secret-tool search --all --unlock service Portside-{profile} 2>&1");
        let output = self.run("sh", &["-c", &search]).expect("secret-tool runs");
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// Ends the keyring's daemon and starts it anew over the same secrets, open: what a session's restart does to a
    /// running app. A locked keyring is opened by it.
    pub fn restart_keyring(&self) {
        let script = r#"printf %s "$KEYRING_PASSWORD" |
            gnome-keyring-daemon --replace --unlock --components=secrets >/dev/null &&
            until printf back | secret-tool store --label=probe with-desktop probe; do sleep 0.05; done"#;
        let output = self.run("timeout", &["20", "sh", "-c", script]).expect("a shell runs");
        assert!(output.status.success(), "the keyring did not start again: {output:?}");
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        // Closing the pipe ends the wrapper's command, and the wrapper then ends everything that carries its mark.
        drop(self.wrapper.stdin.take());
        let _ = self.wrapper.wait();
    }
}
