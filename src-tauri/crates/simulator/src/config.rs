//! What a portal is to be like: its size, its plan's limits, its token, its apps, its quirks and its troubles.
//!
//! Deliberately absent: what can be changed while it runs; that is `faults`'.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::faults::Faults;
use crate::switches::Switches;
use crate::zone::Zone;

/// How a portal is set up. Start from [`Config::default`] or [`Config::demo`] and change fields.
#[derive(Clone)]
pub struct Config {
    /// How many live contacts there are; every other type follows from it.
    pub contacts: u64,
    /// Live records of single types, by plural name (`companies`), in place of what follows from `contacts`.
    pub counts: BTreeMap<String, u64>,
    /// Types the portal has beyond the usual ones, by plural name (`leads`); [`Config::with_every_object`] names them all.
    pub more_objects: Vec<String>,
    /// Two custom objects are named awkwardly: one as HubSpot's own tickets, one with a capital letter.
    pub odd_objects: bool,
    /// The same seed and the same counts give the same portal.
    pub seed: u64,
    /// The port on 127.0.0.1; 0 takes a free one.
    pub port: u16,
    /// Listen on `[::1]` too, with the same port, where the machine has it: a browser may take `localhost` for either.
    pub both_families: bool,
    /// What is refused for coming too often. `None` refuses nothing and sends no interval headers.
    pub limits: Option<Limits>,
    /// The same for calls with an app's tokens, where `limits` holds the key's.
    pub app_limits: Limits,
    /// The access token; `None` makes a random one at every start.
    pub token: Option<String>,
    /// The scopes the token holds.
    pub scopes: Vec<String>,
    /// The apps that the account can be connected to.
    pub apps: Vec<App>,
    /// The account's owner is not asked: every good request to connect an app is granted at once.
    pub auto_approve: bool,
    /// Scopes for what the account's subscription does not include.
    pub lacking_scopes: Vec<String>,
    /// How long an app's access token lives.
    pub access_token_life: Duration,
    /// Waited before every answer.
    pub latency: Duration,
    /// Properties of contacts beyond those a portal is born with (up to 3,000), never filled.
    pub extra_properties: usize,
    /// Define only properties that are filled on every record (contacts: 60, 3 kB a record).
    pub only_filled: bool,
    /// One archived record for every so many live ones; 0 for none.
    pub archived_every: u64,
    /// The last five ids of every type lie beyond 2^53.
    pub huge_ids: bool,
    /// So many contacts were last modified in one and the same millisecond.
    pub same_instant: u64,
    /// Some notes and tickets hold 64 kB of text.
    pub long_texts: bool,
    /// Contacts that are wrong on purpose: the first at the 11th contact, then every 7th, one for each entry.
    pub poison: Vec<Poison>,
    /// Answers hold JSON fields that no document names.
    pub unknown_fields: bool,
    /// The newest moment in the untouched portal, in milliseconds since 1970. Records go back five years from it.
    pub until: i64,
    /// The hub id.
    pub portal: u64,
    /// Where the account's data lives.
    pub region: Region,
    /// Where the account's midnight is.
    pub zone: Zone,
    /// What the documents leave open.
    pub switches: Switches,
    /// Troubles from the first request on.
    pub faults: Faults,
    /// Whether `/_simulator/…` answers.
    pub control_routes: bool,
    /// Refuse requests whose `Host` is not this server.
    pub check_host: bool,
}

/// Where the account's data lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Region {
    Eu,
    Na,
}

impl Region {
    /// As tokens and the account's details name it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Region::Eu => "eu1",
            Region::Na => "na1",
        }
    }
}

/// The limits of one plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Requests in any ten seconds.
    pub burst: u32,
    /// Searches in any second, counted apart.
    pub search: u32,
    /// Association requests in any ten seconds, counted apart.
    pub associations: u32,
    /// Requests between two midnights of the portal; `None` as for OAuth apps.
    #[serde(default)]
    pub daily: Option<u64>,
}

/// HubSpot's plans, as far as limits go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tier {
    Starter,
    Professional,
    Enterprise,
    /// Enterprise with one limit increase.
    Increased,
    /// An OAuth app, whatever the plan.
    OauthApp,
}

impl Tier {
    pub fn limits(self) -> Limits {
        let (burst, associations, daily) = match self {
            Tier::Starter => (100, 100, Some(250_000)),
            Tier::Professional => (190, 150, Some(625_000)),
            Tier::Enterprise => (190, 150, Some(1_000_000)),
            Tier::Increased => (250, 200, Some(2_000_000)),
            Tier::OauthApp => (110, 100, None),
        };
        Limits { burst, search: 5, associations, daily }
    }
}

/// One way for a contact to be wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Poison {
    /// A text with half of a surrogate pair, which no UTF-8 can hold.
    LoneSurrogate,
    /// A text with a NUL.
    Nul,
    /// `id` is not a number.
    BrokenId,
    /// There is no `id`.
    MissingId,
    /// `properties` is null.
    NullProperties,
    /// `updatedAt` is missing, and the stamps among the properties are null.
    MissingStamps,
    /// A value is a JSON number where all others are text.
    NumberValue,
    /// A number property holds text that is no number.
    WrongNumber,
    /// A value is the empty text, which is neither null nor missing.
    EmptyValue,
}

impl Poison {
    pub const ALL: [Poison; 9] = [
        Poison::LoneSurrogate,
        Poison::Nul,
        Poison::BrokenId,
        Poison::MissingId,
        Poison::NullProperties,
        Poison::MissingStamps,
        Poison::NumberValue,
        Poison::WrongNumber,
        Poison::EmptyValue,
    ];
}

/// 2026-11-20T00:00:00Z.
const UNTIL: i64 = 1_795_132_800_000;

impl Default for Config {
    fn default() -> Config {
        Config {
            contacts: 1_000,
            counts: BTreeMap::new(),
            more_objects: Vec::new(),
            odd_objects: false,
            seed: 1,
            port: 0,
            both_families: false,
            limits: None,
            app_limits: Tier::OauthApp.limits(),
            token: None,
            scopes: crate::catalog::ALL_SCOPES.iter().map(|&s| s.to_owned()).collect(),
            apps: Vec::new(),
            auto_approve: false,
            lacking_scopes: Vec::new(),
            access_token_life: Duration::from_mins(30),
            latency: Duration::ZERO,
            extra_properties: 0,
            only_filled: false,
            archived_every: 250,
            huge_ids: false,
            same_instant: 0,
            long_texts: false,
            poison: Vec::new(),
            unknown_fields: false,
            until: UNTIL,
            portal: 24_817_305,
            region: Region::Eu,
            zone: Zone::Oslo,
            switches: Switches::default(),
            faults: Faults::default(),
            control_routes: false,
            check_host: false,
        }
    }
}

impl Config {
    /// With these types beyond the usual ones, and the scopes for them.
    #[must_use]
    pub fn with_objects(mut self, names: &[&str]) -> Config {
        for &name in names {
            let scopes = crate::catalog::scopes_of(name).map(str::to_owned);
            let missing: Vec<String> = scopes.filter(|scope| !self.scopes.contains(scope)).collect();
            self.scopes.extend(missing);
            self.more_objects.push(name.to_owned());
        }
        self
    }

    /// With every type that a portal may have, and the scopes for them.
    #[must_use]
    pub fn with_every_object(self) -> Config {
        let names: Vec<&str> = crate::catalog::more_names().collect();
        self.with_objects(&names)
    }

    /// The portal a newcomer explores: some 12,000 records behind a small plan's real limits, up to date until now,
    /// closed to everyone but the program that started it.
    pub fn demo() -> Config {
        let clock = crate::clock::Clock::default();
        Config {
            contacts: 4_000,
            seed: 24_817_305,
            limits: Some(Tier::Starter.limits()),
            latency: Duration::from_millis(120),
            until: clock.now(),
            check_host: true,
            ..Config::default()
        }
    }
}

// A derived one would print the token.
impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config")
            .field("contacts", &self.contacts)
            .field("counts", &self.counts)
            .field("seed", &self.seed)
            .field("limits", &self.limits)
            .field("token", &self.token.as_ref().map(|_| "…"))
            .finish_non_exhaustive()
    }
}
