//! What was changed since the start, kept on top of the untouched world.
//!
//! Deliberately absent: who may change what, and how a refusal reads (`records`, `associations`).

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use crate::catalog::{KIND_COUNT, Kind};
use crate::config::Config;
use crate::definitions::Definitions;
use crate::labels::Labels;
use crate::pipelines::{self, Pipeline};
use crate::world::World;
use crate::world::links::TypeSet;

/// Whether a record is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Standing {
    /// As in the untouched world.
    #[default]
    AsBefore,
    Live,
    Archived(i64),
    /// Merged away into the record of that id, which may have been merged on since.
    Merged(u64),
    Erased,
}

/// One record's changes.
#[derive(Debug, Clone, Default)]
pub(crate) struct RecordEdit {
    /// Set for a record the untouched world does not have.
    pub(crate) created: Option<i64>,
    pub(crate) modified: Option<i64>,
    pub(crate) standing: Standing,
    /// Values by the position of their property; `None` was cleared.
    pub(crate) values: BTreeMap<u16, Option<String>>,
    /// When search learns of the last change; 0 while there was none.
    pub(crate) indexed_at: i64,
    /// The state search still sees until then; `None` is the untouched world's.
    pub(crate) before: Option<Box<RecordEdit>>,
}

impl RecordEdit {
    /// The state search sees: this one, an older one, or the untouched world's.
    pub(crate) fn as_indexed(&self, now: i64) -> Option<&RecordEdit> {
        let mut state = self;
        while state.indexed_at > now {
            state = state.before.as_deref()?;
        }
        Some(state)
    }
}

/// Complete sets of types that stand in place of the untouched world's, by one end and the type of the other.
pub(crate) type LinkEdits = HashMap<(Kind, u64, Kind), BTreeMap<u64, TypeSet>>;

#[derive(Debug)]
pub(crate) struct State {
    pub(crate) definitions: [Arc<Definitions>; KIND_COUNT],
    pub(crate) pipelines: [Vec<Pipeline>; KIND_COUNT],
    pub(crate) records: [BTreeMap<u64, RecordEdit>; KIND_COUNT],
    pub(crate) links: LinkEdits,
    pub(crate) labels: Labels,
    /// Who was last given a value, lower case, in a property whose values are unique.
    pub(crate) holders: HashMap<(Kind, u16, String), u64>,
    /// How many records stand in one that was merged, where it is more than one.
    pub(crate) identities: HashMap<(Kind, u64), u32>,
    /// Records that search does not know, whatever their state.
    pub(crate) unindexed: [BTreeSet<u64>; KIND_COUNT],
    /// Owners who left since the start; whether their name was cleared.
    pub(crate) left: BTreeMap<u64, bool>,
    /// Milliseconds until search learns of a change, in place of the switch, while one edit is made.
    pub(crate) lag: Option<i64>,
    last_ids: [u64; KIND_COUNT],
}

/// Before any clock that the portal may be set to: what search knows from the start.
const ALWAYS: i64 = 1;

impl State {
    pub(crate) fn new(world: &World, config: &Config) -> State {
        let kind = |index: usize| Kind(u8::try_from(index).expect("few kinds"));
        State {
            definitions: std::array::from_fn(|i| Arc::new(Definitions::new(kind(i), config))),
            pipelines: std::array::from_fn(|i| pipelines::initial(kind(i))),
            records: std::array::from_fn(|_| BTreeMap::new()),
            links: HashMap::new(),
            labels: Labels::new(),
            holders: HashMap::new(),
            identities: HashMap::new(),
            unindexed: std::array::from_fn(|_| BTreeSet::new()),
            left: BTreeMap::new(),
            lag: None,
            last_ids: std::array::from_fn(|i| world.extents[i].last_id()),
        }
    }

    pub(crate) fn definitions(&self, kind: Kind) -> &Arc<Definitions> {
        &self.definitions[kind.index()]
    }

    pub(crate) fn definitions_mut(&mut self, kind: Kind) -> &mut Definitions {
        Arc::make_mut(&mut self.definitions[kind.index()])
    }

    pub(crate) fn edits(&self, kind: Kind) -> &BTreeMap<u64, RecordEdit> {
        &self.records[kind.index()]
    }

    pub(crate) fn next_id(&mut self, kind: Kind) -> u64 {
        let last = &mut self.last_ids[kind.index()];
        *last += 61;
        *last
    }

    /// The record an id stands for after every merge it went through.
    pub(crate) fn resolve(&self, kind: Kind, id: u64) -> u64 {
        let mut id = id;
        while let Some(Standing::Merged(into)) = self.edits(kind).get(&id).map(|edit| edit.standing) {
            id = into;
        }
        id
    }

    pub(crate) fn is_indexed(&self, kind: Kind, id: u64) -> bool {
        let unindexed = &self.unindexed[kind.index()];
        unindexed.is_empty() || !unindexed.contains(&id)
    }

    /// A record's changes, to add to; search keeps seeing the state before for `lag` milliseconds.
    pub(crate) fn change(&mut self, kind: Kind, id: u64, now: i64, lag: i64) -> &mut RecordEdit {
        let edit = self.records[kind.index()].entry(id).or_default();
        if lag > 0 {
            let before = edit.indexed_at != 0 || edit.created.is_some() || edit.modified.is_some();
            let mut older = before.then(|| Box::new(edit.clone()));
            // What search has already learnt needs nothing older.
            if let Some(older) = older.as_deref_mut()
                && older.indexed_at <= now
            {
                older.before = None;
            }
            edit.before = older;
            edit.indexed_at = now.saturating_add(lag);
        } else {
            edit.before = None;
            edit.indexed_at = ALWAYS;
        }
        edit
    }
}
