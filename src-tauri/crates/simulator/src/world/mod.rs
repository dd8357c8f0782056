//! The untouched world: every record, value and link computed from a seed and a position.
//!
//! Nothing here is stored per record, so a million contacts cost a few bytes each. Deliberately absent: changes
//! (`edits`), property definitions (`definitions`) and JSON.

pub(crate) mod cast;
pub(crate) mod extent;
pub(crate) mod layers;
pub(crate) mod links;

use crate::catalog::{
    BIKES, CALLS, COMPANIES, CONTACTS, DEALS, EMAILS, KIND_COUNT, Kind, Kinds, LINE_ITEMS, MEETINGS, NOTES,
    PRODUCTS, TASKS, TICKETS,
};
use crate::config::{Config, Poison};
use crate::noise;
use crate::stamp;
use cast::Cast;
use extent::Extent;
use links::Links;

/// How far back the oldest record lies.
const YEARS: i64 = 5 * 365 * stamp::DAY;
/// Contacts are spoilt at seats 10, 17, 24, …
const POISON_FIRST: u64 = 10;
const POISON_STEP: u64 = 7;

#[derive(Debug)]
pub(crate) struct World {
    pub(crate) seed: u64,
    pub(crate) since: i64,
    pub(crate) until: i64,
    pub(crate) extents: [Extent; KIND_COUNT],
    pub(crate) links: Links,
    pub(crate) cast: Cast,
    pub(crate) long_texts: bool,
    poison: Vec<Poison>,
    same_instant: u64,
}

impl World {
    pub(crate) fn new(config: &Config, kinds: &Kinds) -> World {
        let seed = noise::mix(config.seed);
        let extents = std::array::from_fn(|index| {
            let kind = Kind(u8::try_from(index).expect("few kinds"));
            let usual = || if kinds.has(kind) { share(kind, config.contacts) } else { 0 };
            let live = config.counts.get(kind.name()).copied().unwrap_or_else(usual);
            let first = 104_310_000_000 + 9_220_000_000 * index as u64;
            Extent::new(live, config.archived_every, config.huge_ids, first, noise::at(seed, index as u64))
        });
        World {
            seed,
            since: config.until - YEARS,
            until: config.until,
            links: Links::new(&extents, seed),
            extents,
            cast: Cast::new(),
            long_texts: config.long_texts,
            poison: config.poison.clone(),
            same_instant: config.same_instant,
        }
    }

    pub(crate) fn extent(&self, kind: Kind) -> &Extent {
        &self.extents[kind.index()]
    }

    /// The noise that belongs to one record.
    pub(crate) fn noise(&self, kind: Kind, ordinal: u64) -> u64 {
        noise::at(self.seed ^ (u64::from(kind.0) << 56), ordinal)
    }

    pub(crate) fn created(&self, kind: Kind, ordinal: u64) -> i64 {
        let extent = self.extent(kind);
        let span = u64::try_from(self.until - self.since - 2 * stamp::DAY).unwrap_or(0);
        let step = span / extent.total.max(1);
        let within = noise::below(noise::at(self.noise(kind, ordinal), 1), step.max(1));
        let offset = u128::from(span) * u128::from(ordinal) / u128::from(extent.total.max(1));
        self.since + i64::try_from(offset).unwrap_or(0) + i64::try_from(within).unwrap_or(0)
    }

    pub(crate) fn modified(&self, kind: Kind, ordinal: u64) -> i64 {
        let created = self.created(kind, ordinal);
        if kind == CONTACTS && self.extent(kind).seat(ordinal).is_some_and(|seat| seat < self.same_instant) {
            return created.max(self.until - 100 * stamp::DAY);
        }
        let noise = noise::at(self.noise(kind, ordinal), 2);
        let room = u64::try_from(self.until - created).unwrap_or(0);
        // A seventh was never touched again after its first hour; the rest leans towards today.
        let after = if noise.is_multiple_of(7) {
            noise::below(noise, 3_600_000.min(room.max(1)))
        } else {
            noise::below(noise, room.max(1)).max(noise::below(noise::mix(noise), room.max(1)))
        };
        created + i64::try_from(after).unwrap_or(0)
    }

    /// When an archived record of the untouched world was archived.
    pub(crate) fn archived_at(&self, kind: Kind, ordinal: u64) -> i64 {
        self.modified(kind, ordinal).max(self.until - 90 * stamp::DAY)
    }

    /// What is wrong with a contact, if it was made wrong on purpose.
    pub(crate) fn poison(&self, kind: Kind, seat: Option<u64>) -> Option<Poison> {
        if self.poison.is_empty() || kind != CONTACTS {
            return None;
        }
        let past = seat?.checked_sub(POISON_FIRST)?;
        if past % POISON_STEP != 0 {
            return None;
        }
        self.poison.get(usize::try_from(past / POISON_STEP).ok()?).copied()
    }
}

/// How many records of a type go with so many contacts.
fn share(kind: Kind, contacts: u64) -> u64 {
    match kind {
        CONTACTS => contacts,
        COMPANIES | CALLS => contacts.div_ceil(6),
        DEALS => contacts.div_ceil(4),
        TICKETS | TASKS => contacts.div_ceil(8),
        LINE_ITEMS => contacts.div_ceil(5),
        PRODUCTS => 200.min(contacts.div_ceil(3)),
        NOTES | EMAILS => contacts.div_ceil(3),
        MEETINGS => contacts.div_ceil(12),
        BIKES => contacts.div_ceil(10),
        kind => contacts.div_ceil(kind.row().one_in.max(1)),
    }
}
