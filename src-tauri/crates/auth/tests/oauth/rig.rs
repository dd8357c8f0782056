//! What the tests share: the app, requests written by hand, a vault in a folder that fails on demand, clocks that tests
//! set.

use std::{
    collections::BTreeSet,
    fs,
    path::PathBuf,
    sync::{
        Arc, Mutex,
        atomic::{AtomicI64, AtomicU64, Ordering::SeqCst},
    },
    time::Duration,
};

use auth::{Attempt, Clock, Grant, OauthApp, OauthCredential, OauthTokens, ScopeSets, Secret, SecretStore};
use crm::{ConnectionId, Timestamp};
use hubspot::{ClientOptions, RetryPolicy, Token};
use store::Home;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::endpoint::{CLIENT, Endpoint, FIRST_REFRESH, SECRET};

pub(crate) fn id() -> ConnectionId {
    "acme".parse().expect("an id")
}

pub(crate) fn options() -> ClientOptions {
    ClientOptions {
        retry: RetryPolicy { pause_base: Duration::from_millis(1), attempts_max: 3 },
        ..ClientOptions::default()
    }
}

pub(crate) fn app(endpoint: &Endpoint) -> OauthApp {
    OauthApp {
        client_id: CLIENT.into(),
        client_secret: Secret::new(SECRET.into()),
        scopes: ScopeSets {
            required: vec!["oauth".into(), "crm.objects.contacts.read".into()],
            conditional: vec!["crm.objects.deals.read".into()],
            optional: vec!["tickets".into(), "crm.objects.contacts.read".into()],
        },
        api: endpoint.origin.clone(),
        app: endpoint.origin.clone(),
        allow_host: false,
    }
}

pub(crate) async fn attempt(endpoint: &Endpoint) -> Attempt {
    Attempt::new(app(endpoint), &[0], &options()).await.expect("a free port")
}

/// Three ports that the system gives to nobody unasked: what is closed there stays closed.
pub(crate) fn apart(slot: u16) -> [u16; 3] {
    let process = u16::try_from(std::process::id() % 500).expect("small");
    [0, 1, 2].map(|port| 20_000 + process * 24 + slot * 3 + port)
}

pub(crate) async fn attempt_apart(endpoint: &Endpoint, slot: u16) -> Attempt {
    Attempt::new(app(endpoint), &apart(slot), &options()).await.expect("a free port")
}

/// The attempt's state, as HubSpot would read it from the address.
pub(crate) fn state(attempt: &Attempt) -> String {
    parameter(attempt.authorize_url(), "state").expect("the address has a state")
}

pub(crate) fn parameter(url: &str, name: &str) -> Option<String> {
    let query = url.split_once('?')?.1;
    let mut pairs = oauth2::url::form_urlencoded::parse(query.as_bytes());
    pairs.find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

pub(crate) fn callback(port: u16, query: &str) -> String {
    format!("GET /oauth-callback?{query} HTTP/1.1\r\nHost: localhost:{port}\r\n\r\n")
}

/// Not every computer has it, and a container often has not.
pub(crate) fn has_ipv6() -> bool {
    std::net::TcpListener::bind("[::1]:0").is_ok()
}

/// Sends a request as it is written, and reads the answer to its end.
pub(crate) async fn send(address: &str, port: u16, request: &str) -> String {
    let address = if has_ipv6() { address } else { "127.0.0.1" };
    let mut stream = TcpStream::connect((address, port)).await.expect("somebody listens");
    stream.write_all(request.as_bytes()).await.expect("written");
    let mut answer = Vec::new();
    // A reset at the end takes nothing from what was read.
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8(answer).expect("an answer in UTF-8")
}

/// A process that another test is just starting has every socket of ours, too, until it has become another program; so a
/// port that is still open is looked at again.
pub(crate) async fn is_closed(port: u16) -> bool {
    for _ in 0..100 {
        let answers = [("127.0.0.1", port), ("::1", port)].map(TcpStream::connect);
        if futures::future::join_all(answers).await.iter().all(Result::is_err) {
            return true;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    false
}

/// A vault that other processes can share, and that fails on demand. Its secrets are worth nothing.
#[derive(Clone)]
pub(crate) struct FolderVault(Arc<Folder>);

struct Folder {
    path: PathBuf,
    log: Mutex<Vec<String>>,
    failing: Mutex<BTreeSet<&'static str>>,
    dies_at: Mutex<Option<&'static str>>,
}

impl FolderVault {
    pub(crate) fn new(path: PathBuf) -> FolderVault {
        fs::create_dir_all(&path).expect("a folder");
        let (log, failing, dies_at) = (Mutex::default(), Mutex::default(), Mutex::default());
        FolderVault(Arc::new(Folder { path, log, failing, dies_at }))
    }

    /// What was stored, in order.
    pub(crate) fn log(&self) -> Vec<String> {
        self.0.log.lock().expect("whole").clone()
    }

    /// `read` and `store` can fail.
    pub(crate) fn fail(&self, what: &'static str, fails: bool) {
        let mut failing = self.0.failing.lock().expect("whole");
        if fails {
            failing.insert(what)
        } else {
            failing.remove(what)
        };
    }

    /// The process ends when this entry is about to be stored, as if its power went.
    pub(crate) fn die_at(&self, entry: &'static str) {
        *self.0.dies_at.lock().expect("whole") = Some(entry);
    }

    fn file(&self, entry: &str) -> PathBuf {
        self.0.path.join(entry.replace('/', "_"))
    }

    fn check(&self, what: &str) -> Result<(), vault::Error> {
        let fails = self.0.failing.lock().expect("whole").contains(what);
        if fails { Err(vault::Error::Locked) } else { Ok(()) }
    }
}

impl SecretStore for FolderVault {
    fn store(&self, entry: &str, secret: &Secret) -> Result<(), vault::Error> {
        assert!(secret.expose().len() < 1200, "an entry that no keychain takes");
        if self.0.dies_at.lock().expect("whole").is_some_and(|at| at == entry) {
            std::process::abort();
        }
        self.check("store")?;
        let new = self.file(&format!("{entry}.{}", std::process::id()));
        fs::write(&new, secret.expose()).expect("written");
        fs::rename(&new, self.file(entry)).expect("renamed");
        self.0.log.lock().expect("whole").push(entry.to_owned());
        Ok(())
    }

    fn read(&self, entry: &str) -> Result<Secret, vault::Error> {
        self.check("read")?;
        fs::read_to_string(self.file(entry)).map(Secret::new).map_err(|_| vault::Error::NoEntry)
    }

    fn delete(&self, entry: &str) -> Result<(), vault::Error> {
        self.check("store")?;
        fs::remove_file(self.file(entry)).map_err(|_| vault::Error::NoEntry)
    }
}

/// Both clocks of a computer, set by hand.
#[derive(Default)]
pub(crate) struct TestClock {
    wall: AtomicI64,
    monotonic: AtomicU64,
}

pub(crate) const START: i64 = 1_800_000_000_000;

impl TestClock {
    pub(crate) fn new() -> Arc<TestClock> {
        Arc::new(TestClock { wall: AtomicI64::new(START), monotonic: AtomicU64::new(0) })
    }

    pub(crate) fn pass(&self, seconds: u64) {
        self.monotonic.fetch_add(seconds * 1000, SeqCst);
        self.set_wall(seconds.cast_signed());
    }

    /// The wall clock only: somebody set it, or the computer slept.
    pub(crate) fn set_wall(&self, seconds: i64) {
        self.wall.fetch_add(seconds * 1000, SeqCst);
    }
}

impl Clock for TestClock {
    fn wall(&self) -> Timestamp {
        Timestamp::from_millis(self.wall.load(SeqCst))
    }

    fn monotonic(&self) -> Duration {
        Duration::from_millis(self.monotonic.load(SeqCst))
    }
}

/// A connection that was signed in once, with an endpoint behind it.
pub(crate) struct Connected {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) endpoint: Endpoint,
    pub(crate) vault: FolderVault,
    pub(crate) clock: Arc<TestClock>,
}

impl Connected {
    pub(crate) async fn new() -> Connected {
        let folder = tempfile::tempdir().expect("a folder");
        let endpoint = Endpoint::start().await;
        let vault = FolderVault::new(folder.path().join("vault"));
        let connected = Connected { folder, endpoint, vault, clock: TestClock::new() };
        connected.credential().save(&connected.vault, &id(), &connected.grant("access-0")).expect("kept");
        connected
    }

    pub(crate) fn credential(&self) -> OauthCredential {
        OauthCredential::new(&app(&self.endpoint), &self.grant("access-0"))
    }

    /// A grant of now; the endpoint takes its access token, too.
    pub(crate) fn grant(&self, access: &str) -> Grant {
        let mut world = self.endpoint.world();
        let end = world.now + world.life;
        world.access.insert(access.into(), end);
        Grant {
            access: Token::new(access.into()),
            expires_in: Duration::from_secs(world.life),
            refresh: Token::new(FIRST_REFRESH.into()),
            hub_id: None,
            scopes: None,
            received_at: self.clock.wall(),
        }
    }

    /// A source of tokens as another start of the program has it.
    pub(crate) fn tokens(&self) -> OauthTokens {
        let home = Home::open(self.folder.path().join("home")).expect("a data folder");
        let vault = Arc::new(self.vault.clone());
        let clock = self.clock.clone();
        OauthTokens::with_clock(self.credential(), &id(), vault, &home, &options(), clock).expect("a source")
    }

    pub(crate) fn pass(&self, seconds: u64) {
        self.clock.pass(seconds);
        self.endpoint.world().now += seconds;
    }
}
