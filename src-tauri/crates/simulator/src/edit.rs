//! Changing the portal from within the same program, without HTTP and without its checks.
//!
//! For tests and for scenes that the API cannot make: a value that changes without its stamp, a restore, an index that
//! lost a record. Deliberately absent: when edits are made (`script`).

use std::fmt;
use std::sync::RwLockWriteGuard;
use std::time::Duration;

use crate::associations::write as links;
use crate::catalog::Kind;
use crate::config::Limits;
use crate::definitions::{Property, blank};
use crate::edits::{Standing, State};
use crate::people::PEOPLE;
use crate::portal::Portal;
use crate::records::check::Values;
use crate::records::lookup;
use crate::records::merge;
use crate::records::view::Found;
use crate::records::write::{self, touch};

/// Changes records and links of a running portal.
#[derive(Clone, Copy)]
pub struct Edit<'p> {
    portal: &'p Portal,
    lag: Option<i64>,
}

/// What an edit names and the portal does not have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EditError {
    Object(String),
    Property(String),
    Record {
        object: String,
        id: u64,
    },
    LinkType {
        from: String,
        to: String,
        id: u32,
    },
    Owner(u64),
    Stage {
        pipeline: String,
        stage: String,
    },
    /// What is named is there, and this cannot be done to it.
    Refused(String),
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
            EditError::Owner(id) => write!(f, "there is no owner {id}"),
            EditError::Stage { pipeline, stage } => {
                write!(f, "there is no stage {stage} in a pipeline {pipeline}")
            }
            EditError::Refused(why) => f.write_str(why),
        }
    }
}

impl std::error::Error for EditError {}

impl<'p> Edit<'p> {
    pub(crate) fn new(portal: &'p Portal) -> Edit<'p> {
        Edit { portal, lag: None }
    }

    /// Search learns of what is changed only after so long, whatever the switch says. A lag that never ends makes a
    /// ghost of an archived record.
    #[must_use]
    pub fn lagging(self, lag: Duration) -> Edit<'p> {
        Edit { lag: Some(i64::try_from(lag.as_millis()).unwrap_or(i64::MAX)), ..self }
    }

    /// Makes a record and answers its id.
    pub fn create(&self, object: &str, values: &[(&str, &str)]) -> Result<u64, EditError> {
        let kind = self.kind(object)?;
        let mut state = self.state();
        let values: Vec<(&str, Option<&str>)> = values.iter().map(|&(n, v)| (n, Some(v))).collect();
        let values = positions(&state, kind, &values)?;
        Ok(write::create(self.portal, &mut state, kind, values, &[]))
    }

    /// Changes values as a person would: the last-modified stamp moves if any value does. `None` clears.
    pub fn update(&self, object: &str, id: u64, values: &[(&str, Option<&str>)]) -> Result<(), EditError> {
        let kind = self.kind(object)?;
        let mut state = self.state();
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
        let mut state = self.state();
        self.found(&state, kind, id)?;
        let values = positions(&state, kind, values)?;
        touch(self.portal, &mut state, kind, id);
        write::keep(&mut state, kind, id, values);
        Ok(())
    }

    /// Sets the last-modified stamp, in milliseconds since 1970, and nothing else.
    pub fn restamp(&self, object: &str, id: u64, millis: i64) -> Result<(), EditError> {
        let kind = self.kind(object)?;
        let mut state = self.state();
        self.found(&state, kind, id)?;
        touch(self.portal, &mut state, kind, id).modified = Some(millis);
        Ok(())
    }

    /// Gives every live record of a type one and the same last-modified stamp, as a bulk job does; answers how many.
    pub fn restamp_all(&self, object: &str, millis: i64) -> Result<u64, EditError> {
        let kind = self.kind(object)?;
        let mut state = self.state();
        let ids: Vec<u64> = lookup::live(self.portal, &state, kind).map(|found| found.id).collect();
        for &id in &ids {
            touch(self.portal, &mut state, kind, id).modified = Some(millis);
        }
        Ok(ids.len() as u64)
    }

    pub fn archive(&self, object: &str, id: u64) -> Result<(), EditError> {
        let kind = self.kind(object)?;
        let mut state = self.state();
        self.found(&state, kind, id)?;
        write::archive(self.portal, &mut state, kind, id);
        Ok(())
    }

    /// Brings an archived record back, as can be done in HubSpot's own pages only.
    pub fn restore(&self, object: &str, id: u64) -> Result<(), EditError> {
        let kind = self.kind(object)?;
        let mut state = self.state();
        self.found(&state, kind, id)?;
        let record = Found::new(&self.portal.world, &state, kind, id).expect("it was found");
        let Standing::Archived(_) = record.standing(&self.portal.world, kind) else {
            return Err(EditError::Refused(format!("record {id} among {object} is not archived")));
        };
        let now = self.portal.clock.now();
        let moves = self.portal.config.switches.restore_moves_stamp;
        let edit = touch(self.portal, &mut state, kind, id);
        edit.standing = Standing::Live;
        if moves {
            edit.modified = Some(now);
        }
        Ok(())
    }

    /// Merges two records, as the API does, and answers the id of the one that is left.
    pub fn merge(&self, object: &str, primary: u64, other: u64) -> Result<u64, EditError> {
        let kind = self.kind(object)?;
        let mut state = self.state();
        for id in [primary, other] {
            self.found(&state, kind, state.resolve(kind, id))?;
        }
        merge::merge(self.portal, &mut state, kind, primary, other)
            .map_err(|refusal| EditError::Refused(refusal.message().to_owned()))
    }

    /// Erases a record for good.
    pub fn erase(&self, object: &str, id: u64) -> Result<(), EditError> {
        let kind = self.kind(object)?;
        let mut state = self.state();
        self.found(&state, kind, id)?;
        write::erase(self.portal, &mut state, kind, id);
        Ok(())
    }

    /// Search no longer knows these records, although they are there.
    pub fn hide_from_search(&self, object: &str, ids: &[u64]) -> Result<(), EditError> {
        let kind = self.kind(object)?;
        let mut state = self.state();
        for &id in ids {
            self.found(&state, kind, id)?;
        }
        state.unindexed[kind.index()].extend(ids);
        Ok(())
    }

    /// Takes that back.
    pub fn show_in_search(&self, object: &str, ids: &[u64]) -> Result<(), EditError> {
        let kind = self.kind(object)?;
        self.state().unindexed[kind.index()].retain(|id| !ids.contains(id));
        Ok(())
    }

    /// Defines a property, or brings an archived one of that name back. `value_type` as HubSpot says it (`string`).
    pub fn add_property(&self, object: &str, name: &str, value_type: &str) -> Result<(), EditError> {
        let kind = self.kind(object)?;
        let mut state = self.state();
        let now = self.portal.clock.now();
        let definitions = state.definitions(kind);
        let group = definitions.groups.first().map_or_else(String::new, |group| group.name.clone());
        let mut property = match definitions.position(name) {
            Some(at) => Property { archived_at: None, ..definitions.at(at).as_ref().clone() },
            None => Property { group, made_here: true, created_at: now, ..blank(name) },
        };
        value_type.clone_into(&mut property.value_type);
        field_type(value_type).clone_into(&mut property.field_type);
        property.updated_at = now;
        state.definitions_mut(kind).put(property);
        Ok(())
    }

    /// Changes what type of value a property holds; its values stay as they are.
    pub fn retype_property(&self, object: &str, name: &str, value_type: &str) -> Result<(), EditError> {
        self.change_property(object, name, |property, _| {
            value_type.clone_into(&mut property.value_type);
            field_type(value_type).clone_into(&mut property.field_type);
        })
    }

    /// Archives a property, HubSpot's own included; its values are no longer answered.
    pub fn remove_property(&self, object: &str, name: &str) -> Result<(), EditError> {
        self.change_property(object, name, |property, now| property.archived_at = Some(now))
    }

    fn change_property(
        &self,
        object: &str,
        name: &str,
        change: impl FnOnce(&mut Property, i64),
    ) -> Result<(), EditError> {
        let kind = self.kind(object)?;
        let mut state = self.state();
        let now = self.portal.clock.now();
        let found = state.definitions(kind).find(name).map(|(_, property)| property.as_ref().clone());
        let mut property = found.ok_or_else(|| EditError::Property(name.to_owned()))?;
        change(&mut property, now);
        property.updated_at = now;
        state.definitions_mut(kind).put(property);
        Ok(())
    }

    /// Deletes a stage, in use or not; its records keep it.
    pub fn delete_stage(&self, object: &str, pipeline: &str, stage: &str) -> Result<(), EditError> {
        let kind = self.kind(object)?;
        let mut state = self.state();
        let mut pipelines =
            state.pipelines[kind.index()].iter_mut().filter(|p| p.id == pipeline && !p.archived);
        let found = pipelines.find_map(|p| p.stages.iter_mut().find(|s| s.id == stage && !s.archived));
        let unknown = || EditError::Stage { pipeline: pipeline.to_owned(), stage: stage.to_owned() };
        found.ok_or_else(unknown)?.archived = true;
        Ok(())
    }

    /// Deactivates an owner; HubSpot clears the names of some.
    pub fn deactivate_owner(&self, id: u64, clear_name: bool) -> Result<(), EditError> {
        if !PEOPLE.iter().any(|person| person.owner_id == id) {
            return Err(EditError::Owner(id));
        }
        self.state().left.insert(id, clear_name);
        Ok(())
    }

    /// Takes scopes from the key and from every app's tokens.
    pub fn lose_scopes(&self, scopes: &[&str]) {
        self.portal.faults.lose_scopes(scopes);
    }

    /// Moves the portal's clock by so many milliseconds, forward or back.
    pub fn move_clock(&self, millis: i64) {
        let by = Duration::from_millis(millis.unsigned_abs());
        if millis < 0 { self.portal.clock.rewind(by) } else { self.portal.clock.advance(by) }
    }

    pub(crate) fn now(&self) -> i64 {
        self.portal.clock.now()
    }

    /// Puts other limits in place of the key's, or the first where there were none.
    pub fn limit(&self, limits: Limits) {
        self.portal.gate.limit(limits);
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
        let mut state = self.state();
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
        links::end(self.portal, &mut self.state(), a, b);
        Ok(())
    }

    fn state(&self) -> RwLockWriteGuard<'p, State> {
        let mut state = self.portal.write();
        state.lag = self.lag;
        state
    }

    fn kind(&self, object: &str) -> Result<Kind, EditError> {
        self.portal.kinds.find(object).ok_or_else(|| EditError::Object(object.to_owned()))
    }

    fn found(&self, state: &State, kind: Kind, id: u64) -> Result<(), EditError> {
        let found = Found::new(&self.portal.world, state, kind, id);
        let there = found.is_some_and(|f| f.is_there(&self.portal.world, kind));
        there.then_some(()).ok_or_else(|| EditError::Record { object: kind.name().to_owned(), id })
    }
}

/// The usual field of a type of value.
fn field_type(value_type: &str) -> &'static str {
    match value_type {
        "number" => "number",
        "date" | "datetime" => "date",
        "enumeration" => "select",
        "bool" => "booleancheckbox",
        _ => "text",
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
