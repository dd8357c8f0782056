//! Running `portside` and watching what it takes: wall time, processor time, peak memory.

use std::{
    fs,
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use crate::Failure;

/// What a process took, from spawn to exit.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Took {
    pub(crate) wall: Duration,
    pub(crate) cpu: Duration,
    /// Peak resident memory in bytes.
    pub(crate) peak: u64,
}

/// The kernel's clock tick in `/proc/PID/stat` (100 a second on every Linux in use).
const TICK: Duration = Duration::from_millis(10);
const LOOK: Duration = Duration::from_millis(20);

/// A data folder of its own with an encrypted key file, since a bench needs no desktop.
pub(crate) struct Place {
    dir: tempfile::TempDir,
}

impl Place {
    pub(crate) fn new() -> Result<Place, Failure> {
        let dir = tempfile::tempdir()?;
        let passphrase = dir.path().join("passphrase");
        fs::write(&passphrase, "bench")?;
        let mut rights = fs::metadata(&passphrase)?.permissions();
        std::os::unix::fs::PermissionsExt::set_mode(&mut rights, 0o600);
        fs::set_permissions(&passphrase, rights)?;
        Ok(Place { dir })
    }

    pub(crate) fn home(&self) -> std::path::PathBuf {
        self.dir.path().join("home")
    }

    pub(crate) fn command(&self, portside: &Path) -> Command {
        let mut command = Command::new(portside);
        command
            .env("PORTSIDE_HOME", self.home())
            .env("PORTSIDE_VAULT", "file")
            .env("PORTSIDE_VAULT_PASSPHRASE_FILE", self.dir.path().join("passphrase"))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit());
        command
    }

    /// Connects to the portal at `base`.
    pub(crate) fn connect(&self, portside: &Path, base: &str, token: &str) -> Result<(), Failure> {
        let mut child = self
            .command(portside)
            .args(["connect", "--token-stdin", "--name", "bench", "--api-base", base])
            .stdin(Stdio::piped())
            .spawn()?;
        std::io::Write::write_all(&mut child.stdin.take().ok_or("no stdin")?, token.as_bytes())?;
        let output = child.wait_with_output()?;
        if output.status.success() { Ok(()) } else { Err("connect failed".into()) }
    }

    /// Changes a setting of the connection.
    pub(crate) fn set(&self, portside: &Path, key: &str, value: &str) -> Result<(), Failure> {
        let output = self.command(portside).args(["config", "bench", key, value]).output()?;
        if output.status.success() { Ok(()) } else { Err(format!("{key} cannot be {value}").into()) }
    }

    /// One `portside sync` to its end, and its last line.
    pub(crate) fn sync(&self, portside: &Path, since: &str) -> Result<(Took, serde_json::Value), Failure> {
        let started = Instant::now();
        let mut child = self.command(portside).args(["sync", "--since", since, "--json"]).spawn()?;
        let stdout = child.stdout.take().ok_or("no stdout")?;
        let reader = std::thread::spawn(move || std::io::read_to_string(stdout));
        let took = watch(&mut child, started)?;
        let text = reader.join().map_err(|_| "the reader failed")??;
        let last = text.lines().last().ok_or("sync said nothing")?;
        let report: serde_json::Value = serde_json::from_str(last)?;
        if report["done"] == true {
            Ok((took, report))
        } else {
            Err(format!("sync did not finish: {last}").into())
        }
    }
}

fn watch(child: &mut Child, started: Instant) -> Result<Took, Failure> {
    let mut took = Took::default();
    loop {
        if let Some(status) = child.try_wait()? {
            took.wall = started.elapsed();
            return if status.success() { Ok(took) } else { Err(format!("ended with {status}").into()) };
        }
        let (cpu, peak) = look(child.id());
        (took.cpu, took.peak) = (took.cpu.max(cpu), took.peak.max(peak));
        std::thread::sleep(LOOK);
    }
}

fn look(pid: u32) -> (Duration, u64) {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    // Fields are counted behind the name, which may hold spaces itself.
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = |at: usize| fields.get(at).and_then(|field| field.parse::<u32>().ok()).unwrap_or(0);
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let peak = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:")?.trim().split(' ').next()?.parse::<u64>().ok())
        .unwrap_or(0);
    (TICK * (ticks(11) + ticks(12)), peak * 1024)
}
