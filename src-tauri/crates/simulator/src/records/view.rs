//! One record, whether computed, changed or made since; and all records of a type in the order of their ids.
//!
//! Deliberately absent: JSON (`plan`).

use std::collections::btree_map::Range;
use std::iter::Peekable;

use crate::catalog::Kind;
use crate::definitions::Property;
use crate::definitions::generator::Generator;
use crate::edits::{RecordEdit, Standing, State};
use crate::json::number;
use crate::stamp;
use crate::values::Subject;
use crate::world::World;

/// Where a record was found, before anything is computed.
#[derive(Clone, Copy)]
pub(crate) struct Found<'a> {
    pub(crate) id: u64,
    pub(crate) ordinal: Option<u64>,
    pub(crate) edit: Option<&'a RecordEdit>,
}

impl<'a> Found<'a> {
    pub(crate) fn new(world: &World, state: &'a State, kind: Kind, id: u64) -> Option<Found<'a>> {
        let edit = state.edits(kind).get(&id);
        let ordinal = world.extent(kind).find(id);
        (ordinal.is_some() || edit.is_some()).then_some(Found { id, ordinal, edit })
    }

    /// The same record as search sees it now; none where search does not know it yet.
    pub(crate) fn as_indexed(self, now: i64) -> Option<Found<'a>> {
        let edit = self.edit.and_then(|e| e.as_indexed(now));
        (self.ordinal.is_some() || edit.is_some()).then_some(Found { edit, ..self })
    }

    pub(crate) fn standing(&self, world: &World, kind: Kind) -> Standing {
        match self.edit.map_or(Standing::AsBefore, |e| e.standing) {
            Standing::AsBefore => match self.ordinal {
                Some(ordinal) if world.extent(kind).seat(ordinal).is_none() => {
                    Standing::Archived(world.archived_at(kind, ordinal))
                }
                _ => Standing::Live,
            },
            standing => standing,
        }
    }

    pub(crate) fn is_live(&self, world: &World, kind: Kind) -> bool {
        self.standing(world, kind) == Standing::Live
    }

    /// Whether there is a record, live or archived, under this very id.
    pub(crate) fn is_there(&self, world: &World, kind: Kind) -> bool {
        !matches!(self.standing(world, kind), Standing::Merged(_) | Standing::Erased)
    }

    pub(crate) fn record(self, world: &'a World, kind: Kind) -> Record<'a> {
        let subject = self.ordinal.map(|ordinal| Subject::new(world, kind, ordinal));
        let archived_at = match self.standing(world, kind) {
            Standing::Archived(at) => Some(at),
            _ => None,
        };
        let untouched = subject.as_ref().map_or((0, 0), |s| (s.created, s.modified));
        let created = self.edit.and_then(|e| e.created).unwrap_or(untouched.0);
        let modified = self.edit.and_then(|e| e.modified).unwrap_or(untouched.1.max(created));
        Record { kind, id: self.id, subject, edit: self.edit, created, modified, archived_at }
    }
}

/// A record with everything its values are made of.
pub(crate) struct Record<'a> {
    pub(crate) kind: Kind,
    pub(crate) id: u64,
    pub(crate) subject: Option<Subject<'a>>,
    pub(crate) edit: Option<&'a RecordEdit>,
    pub(crate) created: i64,
    pub(crate) modified: i64,
    pub(crate) archived_at: Option<i64>,
}

impl Record<'_> {
    /// Writes a property's raw text; answers `false` where there is none.
    pub(crate) fn write(&self, position: u16, property: &Property, out: &mut Vec<u8>) -> bool {
        let Some(edit) = self.edit else {
            return self.subject.as_ref().is_some_and(|s| s.write(property, out));
        };
        match edit.values.get(&position) {
            Some(Some(text)) => {
                out.extend_from_slice(text.as_bytes());
                return true;
            }
            Some(None) => return false,
            None => {}
        }
        match (&property.generator, &self.subject) {
            (Generator::Modified, _) => stamp::iso(out, self.modified),
            (Generator::Created, None) => stamp::iso(out, self.created),
            (Generator::Id, None) => number(out, self.id),
            (_, Some(subject)) => return subject.write(property, out),
            (_, None) => return false,
        }
        true
    }

    pub(crate) fn text(&self, position: u16, property: &Property) -> Option<String> {
        let mut raw = Vec::new();
        self.write(position, property, &mut raw).then(|| crate::json::readable(&raw))
    }
}

/// All records of a type from an id on, ascending, whatever their standing.
pub(crate) struct Scan<'a> {
    world: &'a World,
    kind: Kind,
    ordinal: u64,
    edits: Peekable<Range<'a, u64, RecordEdit>>,
}

pub(crate) fn scan<'a>(world: &'a World, state: &'a State, kind: Kind, from: u64) -> Scan<'a> {
    let ordinal = world.extent(kind).at_or_after(from);
    Scan { world, kind, ordinal, edits: state.edits(kind).range(from..).peekable() }
}

impl<'a> Iterator for Scan<'a> {
    type Item = Found<'a>;

    fn next(&mut self) -> Option<Found<'a>> {
        let extent = self.world.extent(self.kind);
        let id = (self.ordinal < extent.total).then(|| extent.id(self.ordinal));
        let edited = self.edits.peek().map(|(id, _)| **id);
        match (id, edited) {
            (None, None) => None,
            (Some(id), edited) if edited.is_none_or(|e| id <= e) => {
                let edit = if edited == Some(id) { self.edits.next().map(|(_, e)| e) } else { None };
                let found = Found { id, ordinal: Some(self.ordinal), edit };
                self.ordinal += 1;
                Some(found)
            }
            _ => self.edits.next().map(|(&id, edit)| Found { id, ordinal: None, edit: Some(edit) }),
        }
    }
}
