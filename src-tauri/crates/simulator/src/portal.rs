//! The running portal: its world, what was changed since, and everything a handler needs.
//!
//! Deliberately absent: the network (`server`) and the routes (`routes`).

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use bytes::Bytes;

use crate::catalog::{KIND_COUNT, Kind, Kinds, Need};
use crate::clock::Clock;
use crate::config::{Config, Region};
use crate::edits::State;
use crate::faults::{FaultControl, TokenState};
use crate::ledger::Book;
use crate::limits::Gate;
use crate::noise;
use crate::oauth::{Caller, Oauth};
use crate::records::lookup::UniqueIndex;
use crate::records::plan::Plan;
use crate::script::Script;
use crate::world::World;

pub(crate) struct Portal {
    pub(crate) config: Config,
    pub(crate) token: String,
    /// Where it is served, as a `Host` header names the port.
    pub(crate) port: u16,
    pub(crate) clock: Clock,
    pub(crate) kinds: Kinds,
    pub(crate) world: World,
    pub(crate) faults: FaultControl,
    pub(crate) script: Script,
    pub(crate) gate: Gate,
    pub(crate) book: Book,
    pub(crate) oauth: Oauth,
    state: RwLock<State>,
    plans: Mutex<HashMap<(Kind, u64, String), Arc<Plan>>>,
    pub(crate) unique: Mutex<HashMap<(Kind, u16), Arc<UniqueIndex>>>,
    /// Cursors that list pages have answered, kept only where a switch asks whether one was.
    cursors: Mutex<HashSet<(Kind, u64)>>,
    buffers: Mutex<Vec<Vec<u8>>>,
    answers: AtomicU64,
    /// What the last answer of each type took, so that the next buffer is born large enough.
    pub(crate) sizes: [AtomicUsize; KIND_COUNT],
}

const PLANS_MAX: usize = 512;
const BUFFERS_MAX: usize = 32;

impl Portal {
    pub(crate) fn new(config: Config, token: String, port: u16) -> Portal {
        let kinds = Kinds::new(&config);
        let world = World::new(&config, &kinds);
        Portal {
            state: RwLock::new(State::new(&world, &config)),
            world,
            kinds,
            token,
            port,
            clock: Clock::default(),
            faults: FaultControl::new(config.faults.clone()),
            script: Script::default(),
            gate: Gate::new(config.limits, config.app_limits, config.zone),
            book: Book::new(),
            oauth: Oauth::default(),
            plans: Mutex::new(HashMap::new()),
            unique: Mutex::new(HashMap::new()),
            cursors: Mutex::new(HashSet::new()),
            buffers: Mutex::new(Vec::new()),
            answers: AtomicU64::new(0),
            sizes: std::array::from_fn(|_| AtomicUsize::new(4_096)),
            config,
        }
    }

    pub(crate) fn read(&self) -> RwLockReadGuard<'_, State> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn write(&self) -> RwLockWriteGuard<'_, State> {
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        state.lag = None;
        state
    }

    /// How a key stands; none if it is not this portal's.
    pub(crate) fn key(&self, given: &str) -> Option<TokenState> {
        self.faults.key(given, &self.token, self.clock.now())
    }

    /// Whether a caller holds a scope now.
    pub(crate) fn holds(&self, caller: &Caller, scope: &str) -> bool {
        let granted = match caller {
            Caller::Anyone => return false,
            Caller::Key => &self.config.scopes,
            Caller::App(grant) => &grant.scopes,
        };
        granted.iter().any(|s| s == scope) && !self.faults.has_lost(scope)
    }

    /// Whether a caller holds any of these sets of scopes in full.
    pub(crate) fn meets(&self, caller: &Caller, need: Need) -> bool {
        need.iter().any(|all| all.iter().all(|scope| self.holds(caller, scope)))
    }

    /// The scopes the key holds now.
    pub(crate) fn scopes(&self) -> Vec<&str> {
        self.config.scopes.iter().map(String::as_str).filter(|s| !self.faults.has_lost(s)).collect()
    }

    pub(crate) fn ui_domain(&self) -> &'static str {
        match self.config.region {
            Region::Eu => "app-eu1.hubspot.com",
            Region::Na => "app.hubspot.com",
        }
    }

    pub(crate) fn correlation_id(&self) -> String {
        let nth = self.answers.fetch_add(1, Ordering::Relaxed);
        let (a, b) = (noise::at(self.config.seed, nth), noise::at(self.config.seed ^ 0xc0, nth));
        format!(
            "{:08x}-{:04x}-4{:03x}-a{:03x}-{:012x}",
            a >> 32,
            a >> 16 & 0xffff,
            a & 0xfff,
            b >> 52,
            b & 0xffff_ffff_ffff
        )
    }

    pub(crate) fn plan(
        &self,
        kind: Kind,
        version: u64,
        key: String,
        make: impl FnOnce() -> Plan,
    ) -> Arc<Plan> {
        let mut plans = self.plans.lock().unwrap_or_else(PoisonError::into_inner);
        if plans.len() > PLANS_MAX {
            plans.clear();
        }
        plans.entry((kind, version, key)).or_insert_with(|| Arc::new(make())).clone()
    }

    pub(crate) fn note_cursor(&self, kind: Kind, id: u64) {
        self.cursors.lock().unwrap_or_else(PoisonError::into_inner).insert((kind, id));
    }

    pub(crate) fn knows_cursor(&self, kind: Kind, id: u64) -> bool {
        self.cursors.lock().unwrap_or_else(PoisonError::into_inner).contains(&(kind, id))
    }

    /// An empty buffer, used again after its answer has left: a fresh one of this size costs a page fault every 4 kB.
    pub(crate) fn buffer(&self, capacity: usize) -> Vec<u8> {
        let mut buffers = self.buffers.lock().unwrap_or_else(PoisonError::into_inner);
        let mut buffer = buffers.pop().unwrap_or_default();
        drop(buffers);
        buffer.reserve(capacity);
        buffer
    }

    fn give_back(&self, mut buffer: Vec<u8>) {
        buffer.clear();
        let mut buffers = self.buffers.lock().unwrap_or_else(PoisonError::into_inner);
        if buffers.len() < BUFFERS_MAX && buffer.capacity() >= 16_384 {
            buffers.push(buffer);
        }
    }

    /// Turns a buffer into a body that comes back when it has been sent.
    pub(crate) fn body(self: &Arc<Self>, buffer: Vec<u8>) -> Bytes {
        Bytes::from_owner(Lent { buffer, portal: Arc::clone(self) })
    }
}

struct Lent {
    buffer: Vec<u8>,
    portal: Arc<Portal>,
}

impl AsRef<[u8]> for Lent {
    fn as_ref(&self) -> &[u8] {
        &self.buffer
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        self.portal.give_back(std::mem::take(&mut self.buffer));
    }
}
