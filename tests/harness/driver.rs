//! A WebDriver of one's own for each program that is driven, on a port of its own; the driver starts the program and
//! leads its process group. Deliberately absent: what is done in the program.

use std::{
    ffi::OsString,
    fs::{self, File},
    net::{TcpListener, TcpStream},
    os::unix::process::CommandExt,
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};

use serde_json::Value;
use thirtyfour::{Capabilities, WebDriver};
use tokio::time::{Instant, sleep, timeout};

use crate::desk::Desk;

const START_MAX: Duration = Duration::from_mins(1);
const STEP: Duration = Duration::from_millis(50);

/// Ends with everything it started.
pub(crate) struct Driver(Child);

impl Driver {
    /// Starts the driver and a session with the program that `options` name.
    pub(crate) async fn start(
        desk: &Desk,
        log: &Path,
        environment: &[(&str, OsString)],
        options: Value,
    ) -> (Driver, WebDriver) {
        // The driver is spoken to in plain HTTP, but its client is built with the workspace's TLS. A second call is
        // refused, which is fine.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let port = free_port();
        let driver = Driver(spawn(desk, log, environment, port));
        let mut capabilities = Capabilities::new();
        capabilities.set("webkitgtk:browserOptions", options).expect("a capability is plain JSON");
        let until = Instant::now() + START_MAX;
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(Instant::now() < until, "WebKitWebDriver does not listen");
            sleep(STEP).await;
        }
        let address = format!("http://127.0.0.1:{port}");
        let web = timeout(START_MAX, WebDriver::new(&address, capabilities)).await;
        let web = web.expect("the program opens a window in time").unwrap_or_else(|error| {
            panic!("no session: {error}\n{}", fs::read_to_string(log).unwrap_or_default());
        });
        (driver, web)
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        let group = format!("-{}", self.0.id());
        let _ = Command::new("kill").args(["-KILL", "--", &group]).stderr(Stdio::null()).status();
        let _ = self.0.wait();
    }
}

fn spawn(desk: &Desk, log: &Path, environment: &[(&str, OsString)], port: u16) -> Child {
    let output = File::options().create(true).append(true).open(log).expect("a log can be written");
    desk.command("WebKitWebDriver")
        .arg(format!("--port={port}"))
        .arg("--host=127.0.0.1")
        .envs(environment.iter().map(|(name, value)| (name, value)))
        .stdin(Stdio::null())
        .stdout(output.try_clone().expect("a log has a second handle"))
        .stderr(output)
        .process_group(0)
        .spawn()
        .expect("WebKitWebDriver runs (package webkit2gtk-driver)")
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    listener.local_addr().expect("it has a number").port()
}
