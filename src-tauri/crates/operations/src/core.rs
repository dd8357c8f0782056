//! What every operation works on, put together in one place.

use std::{
    collections::{BTreeSet, HashMap},
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
    time::SystemTime,
};

use auth::OauthTokens;
use crm::{ConnectionId, Timestamp};
use futures::future::BoxFuture;
use store::{AppDb, Connection, Home, Reader};
use tokio::{sync::broadcast, task::JoinHandle};
use vault::Vault;

use crate::{
    Place,
    browse::OpenedSnapshot,
    connect::Draft,
    doctor::Ward,
    errors, grants, key_file, oauth,
    requests::Requests,
    runs::Running,
    schedule::Keeper,
    troubles::DemoTrouble,
    wire::{Bundle, Code, CoreEvent, WireError},
};

/// The demo portal, running on this computer.
#[derive(Clone)]
pub struct DemoPortal {
    pub base_url: String,
    pub token: String,
    /// The newest moment in its data, epoch milliseconds.
    pub until: i64,
}

impl std::fmt::Debug for DemoPortal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "DemoPortal({})", self.base_url)
    }
}

/// A host that can start the demo portal.
pub trait DemoHost: Send + Sync {
    /// Starts the portal, or gives the one that runs. Its data reach up to `until` (epoch milliseconds), and are the
    /// same at every start with the same moment.
    fn start(&self, until: i64) -> BoxFuture<'static, Result<DemoPortal, String>>;

    /// Makes these troubles at the running portal, and no others.
    fn trouble(&self, wanted: Vec<DemoTrouble>) -> BoxFuture<'static, Result<(), String>>;
}

/// Opened once per process; cheap to clone.
#[derive(Clone)]
pub struct Core(pub(crate) Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) place: Place,
    pub(crate) home: Home,
    pub(crate) app: AppDb,
    pub(crate) vault: Arc<Vault>,
    pub(crate) events: broadcast::Sender<CoreEvent>,
    pub(crate) demo: Option<Arc<dyn DemoHost>>,
    pub(crate) demo_portal: tokio::sync::Mutex<Option<DemoPortal>>,
    pub(crate) runs: Mutex<HashMap<ConnectionId, Running>>,
    pub(crate) drafts: Mutex<HashMap<String, Draft>>,
    pub(crate) attempts: Mutex<HashMap<String, Arc<oauth::Opened>>>,
    pub(crate) tokens: Mutex<HashMap<ConnectionId, OauthTokens>>,
    /// Grants on their way back to HubSpot.
    pub(crate) giving_up: Mutex<Vec<JoinHandle<()>>>,
    pub(crate) snapshots: Mutex<HashMap<String, Arc<OpenedSnapshot>>>,
    pub(crate) requests: Arc<Requests>,
    pub(crate) doctor: Ward,
    pub(crate) keeper: Keeper,
    pub(crate) web_view: OnceLock<String>,
    pub(crate) bundle: Mutex<Option<Bundle>>,
    pub(crate) troubles: Mutex<BTreeSet<DemoTrouble>>,
    readers: Mutex<HashMap<ConnectionId, Vec<Reader>>>,
}

/// Readers of one mirror that wait for their next question.
const READERS_MAX: usize = 4;

impl Core {
    /// Opens the data folder, creating it where there is none. `demo` is the host's demo portal, if it has one.
    pub fn open(place: Place, demo: Option<Arc<dyn DemoHost>>) -> Result<Core, WireError> {
        let home = Home::open(place.home()).map_err(|error| errors::store(&error))?;
        let app = AppDb::open(&home).map_err(|error| errors::store(&error))?;
        let vault = Arc::new(key_file::open_vault(&place, &app)?);
        let inner = Inner {
            place,
            home,
            app,
            vault,
            events: broadcast::channel(256).0,
            demo,
            demo_portal: tokio::sync::Mutex::new(None),
            runs: Mutex::default(),
            drafts: Mutex::default(),
            attempts: Mutex::default(),
            tokens: Mutex::default(),
            giving_up: Mutex::default(),
            snapshots: Mutex::default(),
            requests: Arc::default(),
            doctor: Ward::default(),
            keeper: Keeper::default(),
            web_view: OnceLock::new(),
            bundle: Mutex::default(),
            troubles: Mutex::default(),
            readers: Mutex::default(),
        };
        Ok(Core(Arc::new(inner)))
    }

    /// Events from now on; a receiver that falls behind should ask for everything again.
    pub fn events(&self) -> broadcast::Receiver<CoreEvent> {
        self.0.events.subscribe()
    }

    pub(crate) fn tell(&self, event: CoreEvent) {
        if event == CoreEvent::ConnectionsChanged {
            self.0.keeper.wake();
        }
        // Nobody may be listening, which is fine.
        let _ = self.0.events.send(event);
    }

    pub(crate) fn tell_status(&self, id: &ConnectionId) {
        self.tell(CoreEvent::StatusChanged { connection: id.to_string() });
    }

    /// A connection by its id or its unique name; with an empty text, the only one there is.
    pub fn find_connection(&self, id_or_name: &str) -> Result<Connection, WireError> {
        let all = self.0.app.connections().map_err(|error| errors::store(&error))?;
        if id_or_name.is_empty() {
            let mut usable = all.into_iter();
            return match (usable.next(), usable.next()) {
                (Some(only), None) => Ok(only),
                (None, _) => Err(errors::say(Code::NoSuchConnection, "")),
                _ => Err(errors::say(Code::SeveralConnections, "")),
            };
        }
        let by_id = all.iter().find(|connection| connection.id.as_str() == id_or_name);
        let mut by_name = all.iter().filter(|connection| connection.name.eq_ignore_ascii_case(id_or_name));
        match (by_id, by_name.next(), by_name.next()) {
            (Some(found), ..) | (None, Some(found), None) => Ok(found.clone()),
            (None, Some(_), Some(_)) => Err(errors::say(Code::SeveralConnections, id_or_name)),
            (None, None, _) => Err(errors::say(Code::NoSuchConnection, id_or_name)),
        }
    }

    /// Runs blocking work (SQLite, keychain) off the async threads.
    pub(crate) async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Core) -> Result<T, WireError> + Send + 'static,
    ) -> Result<T, WireError> {
        let core = self.clone();
        tokio::task::spawn_blocking(move || work(&core)).await.map_err(|error| errors::internal(&error))?
    }

    /// Asks a mirror; none while there is no mirror yet. Readers are kept open for the next question.
    pub(crate) fn read<T>(
        &self,
        id: &ConnectionId,
        question: impl FnOnce(&Reader) -> Result<T, store::Error>,
    ) -> Result<Option<T>, WireError> {
        let kept = lock(&self.0.readers).get_mut(id).and_then(Vec::pop);
        let reader = match kept {
            Some(reader) => reader,
            None => match Reader::open(&self.0.home.mirror(id)) {
                Ok(reader) => reader,
                Err(store::Error::NoMirror(_)) => return Ok(None),
                Err(error) => return Err(errors::store(&error)),
            },
        };
        let answer = question(&reader).map_err(|error| errors::store(&error))?;
        let mut readers = lock(&self.0.readers);
        let waiting = readers.entry(id.clone()).or_default();
        if waiting.len() < READERS_MAX {
            waiting.push(reader);
        }
        Ok(Some(answer))
    }

    /// Lets go of a mirror's files, before they are deleted or written with a new shape.
    pub(crate) fn close_readers(&self, id: &ConnectionId) {
        lock(&self.0.readers).remove(id);
        lock(&self.0.snapshots).retain(|_, snapshot| snapshot.connection != *id);
    }

    /// Ends all runs at their next commit and waits for them; none starts by itself any more.
    pub async fn shutdown(&self) {
        self.0.keeper.close();
        let running: Vec<Running> = lock(&self.0.runs).values().cloned().collect();
        for run in &running {
            run.cancel.cancel();
        }
        for run in running {
            run.ended().await;
        }
        self.settle().await;
    }

    /// Waits for what must not be lost with the process, though nobody waits for it: tokens on their way to the vault, and
    /// grants that nobody took on their way back. Hosts call it before they end.
    pub async fn settle(&self) {
        grants::drop_all(self).await;
        let sources: Vec<OauthTokens> = lock(&self.0.tokens).values().cloned().collect();
        for tokens in sources {
            tokens.settled().await;
        }
    }
}

/// This computer's clock; HubSpot's wins wherever it has told the time.
pub(crate) fn clock() -> Timestamp {
    Timestamp::from_system(SystemTime::now())
}

/// Locks, whatever a panicking thread left behind: every value here is whole between statements.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Counts on the wire fit 32 bits; more than four billion records would be shown as four billion.
pub(crate) fn count(value: u64) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}

/// A random name for something that lives as long as the process.
pub(crate) fn fresh_name(prefix: &str) -> String {
    use std::fmt::Write;
    let mut bytes = [0_u8; 8];
    getrandom::fill(&mut bytes).expect("the system gives random bytes");
    bytes.iter().fold(prefix.to_owned(), |mut name, byte| {
        let _ = write!(name, "{byte:02x}");
        name
    })
}
