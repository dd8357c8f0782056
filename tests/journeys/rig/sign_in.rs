//! Signing in over the command line: the program waits for a browser, and the test is that browser and its user.

use std::{
    net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener},
    process::Stdio,
    sync::atomic::{AtomicU16, Ordering},
};

use bytes::Bytes;
use http_body_util::Full;
use hyper::{Request, Response, Uri};
use serde_json::Value;
use simulator::{App, Config, Limits, Simulator};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, Lines},
    process::{Child, ChildStdout, Command},
};

use super::{
    command::{Ended, Home},
    http, portal,
};

/// An app's calls are limited on every plan; where limits are not the subject, they would only take time.
pub(crate) const ROOMY: Limits =
    Limits { burst: 1_000_000, search: 1_000_000, associations: 1_000_000, daily: None };

/// A portal with one app, and the port that its return address names.
pub(crate) async fn portal_with_app(config: Config) -> (Simulator, u16) {
    let port = free_port();
    let app = App::reader(&[&redirect(port)]).expect("the system gives random bytes");
    (portal(Config { apps: vec![app], app_limits: ROOMY, ..config }).await, port)
}

pub(crate) fn redirect(port: u16) -> String {
    format!("http://localhost:{port}/oauth-callback")
}

/// A port that nobody has, and that the system gives to nobody unasked.
pub(crate) fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let process = u16::try_from(std::process::id() % 200).expect("small");
    loop {
        let port = 10_000 + process * 50 + NEXT.fetch_add(1, Ordering::Relaxed) % 50;
        let is_free = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok()
            && is_free_or_absent(Ipv6Addr::LOCALHOST, port);
        if is_free {
            return port;
        }
    }
}

fn is_free_or_absent(address: Ipv6Addr, port: u16) -> bool {
    TcpListener::bind((address, port))
        .map_or_else(|error| error.kind() != std::io::ErrorKind::AddrInUse, |_| true)
}

/// What is typed to sign in.
pub(crate) struct Typed {
    pub(crate) client_id: String,
    pub(crate) client_secret: String,
    pub(crate) port: u16,
    pub(crate) api_base: String,
    pub(crate) app_base: String,
}

impl Typed {
    /// All of it right.
    pub(crate) fn for_portal(portal: &Simulator, port: u16) -> Typed {
        let app = &portal.apps()[0];
        Typed {
            client_id: app.client_id.clone(),
            client_secret: app.client_secret.clone(),
            port,
            api_base: portal.base_url(),
            app_base: portal.base_url(),
        }
    }

    fn command(&self, home: &Home, more: &[&str]) -> Command {
        let port = self.port.to_string();
        let mut arguments = vec!["connect", "--oauth", "--json", "--port", &port];
        arguments.extend(["--client-id", &self.client_id, "--client-secret-stdin"]);
        arguments.extend(["--api-base", &self.api_base, "--app-base", &self.app_base]);
        arguments.extend(more);
        home.command(&arguments)
    }
}

/// One attempt that waits, or has said why it does not.
pub(crate) struct SignIn {
    child: Child,
    out: Lines<BufReader<ChildStdout>>,
    /// The first line: where the browser is to go.
    pub(crate) first: Value,
}

impl SignIn {
    pub(crate) async fn begin(home: &Home, portal: &Simulator, port: u16, more: &[&str]) -> SignIn {
        SignIn::begin_with(home, &Typed::for_portal(portal, port), more).await
    }

    pub(crate) async fn begin_with(home: &Home, typed: &Typed, more: &[&str]) -> SignIn {
        let mut command = typed.command(home, more);
        command.arg("--no-browser");
        SignIn::run(command, &typed.client_secret).await
    }

    /// The same, with the browser opened by the program itself: `browser` is a folder with an `xdg-open`.
    pub(crate) async fn begin_opening(home: &Home, typed: &Typed, browser: &std::path::Path) -> SignIn {
        let mut command = typed.command(home, &[]);
        command.env("PATH", browser);
        SignIn::run(command, &typed.client_secret).await
    }

    /// With nothing typed that is kept with the connection of that name.
    pub(crate) async fn again(home: &Home, portal: &Simulator, name: &str) -> SignIn {
        let base = portal.base_url();
        let mut arguments = vec!["connect", "--oauth", "--json", "--no-browser", "--name", name];
        arguments.extend(["--api-base", &base, "--app-base", &base]);
        SignIn::run(home.command(&arguments), "").await
    }

    pub(crate) async fn run(mut command: Command, secret: &str) -> SignIn {
        let mut child = command.stdin(Stdio::piped()).spawn().expect("portside runs");
        let mut input = child.stdin.take().expect("a pipe");
        // It may have ended before it reads.
        let _ = input.write_all(secret.as_bytes()).await;
        drop(input);
        let mut out = BufReader::new(child.stdout.take().expect("a pipe")).lines();
        let first = out.next_line().await.expect("it speaks UTF-8").unwrap_or_default();
        let first = serde_json::from_str(&first).unwrap_or(Value::Null);
        SignIn { child, out, first }
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id().expect("it runs")
    }

    pub(crate) fn authorize_url(&self) -> &str {
        self.first["authorize_url"].as_str().unwrap_or_else(|| panic!("it does not wait: {}", self.first))
    }

    pub(crate) fn state(&self) -> String {
        parameter(self.authorize_url(), "state")
    }

    pub(crate) fn redirect_address(&self) -> &str {
        self.first["redirect_address"].as_str().expect("it waits somewhere")
    }

    /// What HubSpot's page answers to a press of one of its buttons.
    pub(crate) async fn press(&self, decision: &str) -> Response<String> {
        ask("POST", self.authorize_url(), &format!("decision={decision}")).await
    }

    /// Presses a button, and tells where the browser is sent.
    pub(crate) async fn sent_back(&self, decision: &str) -> String {
        let answer = self.press(decision).await;
        let location = answer.headers().get("location").and_then(|location| location.to_str().ok());
        location.unwrap_or_else(|| panic!("{} {}", answer.status(), answer.body())).to_owned()
    }

    /// Says yes, and waits until the tab says what came of it.
    pub(crate) async fn approve(&self) -> Response<String> {
        visit(&self.sent_back("approve").await).await
    }

    pub(crate) fn is_waiting(&mut self) -> bool {
        self.child.try_wait().expect("it can be asked").is_none()
    }

    /// Ctrl-C.
    pub(crate) async fn interrupt(&self) {
        let pid = self.pid().to_string();
        let done = Command::new("kill").args(["-INT", &pid]).status().await;
        assert!(done.expect("kill runs").success());
    }

    pub(crate) async fn end(mut self) -> Ended {
        let mut out = format!("{}\n", self.first);
        while let Some(line) = self.out.next_line().await.expect("it speaks UTF-8") {
            out.push_str(&line);
            out.push('\n');
        }
        let mut err = String::new();
        let mut errors = self.child.stderr.take().expect("a pipe");
        errors.read_to_string(&mut err).await.expect("it speaks UTF-8");
        let status = self.child.wait().await.expect("it ends");
        Ended { code: status.code().unwrap_or(-1), out, err }
    }
}

impl Home {
    /// Signs in, to a good end; tells the connection's id.
    pub(crate) async fn sign_in(&self, portal: &Simulator, port: u16, more: &[&str]) -> String {
        let sign_in = SignIn::begin(self, portal, port, more).await;
        finish(sign_in).await
    }
}

/// Approves; the connection's id.
pub(crate) async fn finish(sign_in: SignIn) -> String {
    let tab = sign_in.approve().await;
    let ended = sign_in.end().await;
    assert_eq!(ended.code, 0, "{ended:?}\n{}", tab.body());
    assert!(tab.body().contains("Connected to portal"), "{}", tab.body());
    ended.json()["connection"].as_str().expect("an id").to_owned()
}

/// The browser goes there.
pub(crate) async fn visit(address: &str) -> Response<String> {
    ask("GET", address, "").await
}

/// One request of the browser's, to an address on this computer.
pub(crate) async fn ask(method: &str, address: &str, form: &str) -> Response<String> {
    let uri: Uri = address.parse().expect("an address");
    let port = uri.port_u16().expect("it names a port");
    let request = Request::builder()
        .method(method)
        .uri(uri.path_and_query().expect("it has a path").as_str())
        .header("host", uri.authority().expect("and a host").as_str())
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Full::new(Bytes::from(form.to_owned())))
        .expect("a request");
    http::send(SocketAddr::from((Ipv4Addr::LOCALHOST, port)), request).await
}

/// A parameter of an address, of the plain characters that states and codes have.
pub(crate) fn parameter(address: &str, name: &str) -> String {
    let query = address.split_once('?').map(|(_, query)| query).unwrap_or_default();
    let found = query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
    found.unwrap_or_else(|| panic!("no {name} in {address}")).to_owned()
}

/// Waits until so many requests have come while that command runs.
pub(crate) async fn reached(portal: &Simulator, run: &mut Child, calls: u64) {
    tokio::select! {
        () = portal.calls_reached(calls) => {}
        ended = run.wait() => panic!("{ended:?} at {} of {calls} calls", portal.ledger().calls),
    }
}

/// Waits until the first contacts of a running copy are committed.
pub(crate) async fn some_copied(portal: &Simulator, home: &Home, run: &mut Child, id: &str) {
    while home.contacts_so_far(id) == 0 {
        reached(portal, run, portal.ledger().calls + 1).await;
    }
}
