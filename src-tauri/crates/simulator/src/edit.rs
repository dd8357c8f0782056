//! Changing the portal from within the same program, without HTTP and without its checks.
//!
//! For tests and for scenes that the API cannot make: a value that changes without its stamp, a restore, an erasure.
//! Deliberately absent: anything the API's own routes are for.

use std::fmt;

use crate::associations::write as links;
use crate::catalog::Kind;
use crate::edits::{Standing, State};
use crate::portal::Portal;
use crate::records::check::Values;
use crate::records::view::Found;
use crate::records::write::{self, lag};

/// Changes records and links of a running portal.
pub struct Edit<'p> {
    portal: &'p Portal,
}

/// What an edit names and the portal does not have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EditError {
    Object(String),
    Property(String),
    Record { object: String, id: u64 },
    LinkType { from: String, to: String, id: u32 },
}

impl fmt::Display for EditError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            EditError::Object(name) => write!(f, "there is no object type {name}"),
            EditError::Property(name) => write!(f, "there is no property {name}"),
            EditError::Record { object, id } => write!(f, "there is no record {id} among {object}"),
            EditError::LinkType { from, to, id } => {
                write!(f, "there is no link type {id} from {from} to {to}")
            }
        }
    }
}

impl std::error::Error for EditError {}

impl<'p> Edit<'p> {
    pub(crate) fn new(portal: &'p Portal) -> Edit<'p> {
        Edit { portal }
    }

    /// Makes a record and answers its id.
    pub fn create(&self, object: &str, values: &[(&str, &str)]) -> Result<u64, EditError> {
        let kind = self.kind(object)?;
        let mut state = self.portal.write();
        let values: Vec<(&str, Option<&str>)> = values.iter().map(|&(n, v)| (n, Some(v))).collect();
        let values = positions(&state, kind, &values)?;
        Ok(write::create(self.portal, &mut state, kind, values, &[]))
    }

    /// Changes values as a person would: the last-modified stamp moves if any value does. `None` clears.
    pub fn update(&self, object: &str, id: u64, values: &[(&str, Option<&str>)]) -> Result<(), EditError> {
        let kind = self.kind(object)?;
        let mut state = self.portal.write();
        self.found(&state, kind, id)?;
        let values = positions(&state, kind, values)?;
        write::update(self.portal, &mut state, kind, id, values);
        Ok(())
    }

    /// Changes values without moving the stamp, as calculations do.
    pub fn update_silently(
        &self,
        object: &str,
        id: u64,
        values: &[(&str, Option<&str>)],
    ) -> Result<(), EditError> {
        let kind = self.kind(object)?;
        let mut state = self.portal.write();
        self.found(&state, kind, id)?;
        let values = positions(&state, kind, values)?;
        self.change(&mut state, kind, id);
        write::keep(&mut state, kind, id, values);
        Ok(())
    }

    /// Sets the last-modified stamp, in milliseconds since 1970, and nothing else.
    pub fn restamp(&self, object: &str, id: u64, millis: i64) -> Result<(), EditError> {
        let kind = self.kind(object)?;
        let mut state = self.portal.write();
        self.found(&state, kind, id)?;
        self.change(&mut state, kind, id).modified = Some(millis);
        Ok(())
    }

    pub fn archive(&self, object: &str, id: u64) -> Result<(), EditError> {
        let kind = self.kind(object)?;
        let mut state = self.portal.write();
        self.found(&state, kind, id)?;
        write::archive(self.portal, &mut state, kind, id);
        Ok(())
    }

    /// Brings an archived record back, as can be done in HubSpot's own pages only.
    pub fn restore(&self, object: &str, id: u64) -> Result<(), EditError> {
        let kind = self.kind(object)?;
        let mut state = self.portal.write();
        self.found(&state, kind, id)?;
        let now = self.portal.clock.now();
        let moves = self.portal.config.switches.restore_moves_stamp;
        let edit = self.change(&mut state, kind, id);
        edit.standing = Standing::Live;
        if moves {
            edit.modified = Some(now);
        }
        Ok(())
    }

    /// Erases a record for good.
    pub fn erase(&self, object: &str, id: u64) -> Result<(), EditError> {
        let kind = self.kind(object)?;
        let mut state = self.portal.write();
        self.found(&state, kind, id)?;
        self.change(&mut state, kind, id).standing = Standing::Erased;
        Ok(())
    }

    /// Takes every app out of the account, as its owner does: nothing is left to refresh.
    pub fn uninstall(&self) {
        self.portal.oauth.uninstall(None);
    }

    /// Takes that back, which HubSpot never does: the tokens of before work again.
    pub fn reinstall(&self) {
        self.portal.oauth.reinstall();
    }

    /// Links two records; without type ids by the plain type.
    pub fn associate(&self, from: (&str, u64), to: (&str, u64), type_ids: &[u32]) -> Result<(), EditError> {
        let (a, b) = ((self.kind(from.0)?, from.1), (self.kind(to.0)?, to.1));
        let mut state = self.portal.write();
        for end in [a, b] {
            self.found(&state, end.0, end.1)?;
        }
        let unknown = type_ids.iter().find(|&&id| state.labels.find(a.0, b.0, id).is_none());
        let bad = unknown.copied().or_else(|| state.labels.plain(a.0, b.0).is_none().then_some(0));
        if let Some(id) = bad {
            return Err(EditError::LinkType { from: from.0.to_owned(), to: to.0.to_owned(), id });
        }
        links::set(self.portal, &mut state, a, b, type_ids);
        Ok(())
    }

    /// Ends every link between two records.
    pub fn dissociate(&self, from: (&str, u64), to: (&str, u64)) -> Result<(), EditError> {
        let (a, b) = ((self.kind(from.0)?, from.1), (self.kind(to.0)?, to.1));
        links::end(self.portal, &mut self.portal.write(), a, b);
        Ok(())
    }

    fn kind(&self, object: &str) -> Result<Kind, EditError> {
        Kind::find(object, self.portal.config.portal).ok_or_else(|| EditError::Object(object.to_owned()))
    }

    fn found(&self, state: &State, kind: Kind, id: u64) -> Result<(), EditError> {
        let found = Found::new(&self.portal.world, state, kind, id);
        let there = found.is_some_and(|f| f.standing(&self.portal.world, kind) != Standing::Erased);
        there.then_some(()).ok_or_else(|| EditError::Record { object: kind.name().to_owned(), id })
    }

    fn change<'s>(&self, state: &'s mut State, kind: Kind, id: u64) -> &'s mut crate::edits::RecordEdit {
        let now = self.portal.clock.now();
        state.change(kind, id, now + lag(self.portal), now)
    }
}

fn positions(state: &State, kind: Kind, values: &[(&str, Option<&str>)]) -> Result<Values, EditError> {
    let position = |&(name, value): &(&str, Option<&str>)| {
        let found = state.definitions(kind).find(name);
        let (at, _) = found.ok_or_else(|| EditError::Property(name.to_owned()))?;
        Ok((at, value.map(str::to_owned)))
    };
    values.iter().map(position).collect()
}
