//! Edits that happen by themselves while the portal is read: after so many requests, on the wire or not.
//!
//! A step waits for its requests to be answered and is then done at once, before the next request is answered, so that
//! the same requests in the same order always meet the same portal. Deliberately absent: how an edit is made (`edit`).

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::config::Limits;
use crate::edit::{Edit, EditError};
use crate::portal::Portal;

/// One edit, as it can be written down. Types of objects are named as in paths; a value of `null` clears.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Change {
    Create {
        object: String,
        values: BTreeMap<String, String>,
    },
    Update {
        object: String,
        id: u64,
        values: BTreeMap<String, Option<String>>,
    },
    /// A calculated value changes: the stamp stays.
    Recalculate {
        object: String,
        id: u64,
        values: BTreeMap<String, Option<String>>,
    },
    /// `at` in milliseconds since 1970.
    Restamp {
        object: String,
        id: u64,
        at: i64,
    },
    /// Every live record of a type gets one stamp: that of the moment, unless `at` names another.
    RestampAll {
        object: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        at: Option<i64>,
    },
    Archive {
        object: String,
        id: u64,
    },
    Restore {
        object: String,
        id: u64,
    },
    Merge {
        object: String,
        primary: u64,
        other: u64,
    },
    Erase {
        object: String,
        id: u64,
    },
    /// Without type ids by the plain type.
    Associate {
        from: (String, u64),
        to: (String, u64),
        #[serde(default)]
        types: Vec<u32>,
    },
    Dissociate {
        from: (String, u64),
        to: (String, u64),
    },
    /// Search no longer knows these records.
    HideFromSearch {
        object: String,
        ids: Vec<u64>,
    },
    ShowInSearch {
        object: String,
        ids: Vec<u64>,
    },
    AddProperty {
        object: String,
        name: String,
        value_type: String,
    },
    RetypeProperty {
        object: String,
        name: String,
        value_type: String,
    },
    RemoveProperty {
        object: String,
        name: String,
    },
    DeleteStage {
        object: String,
        pipeline: String,
        stage: String,
    },
    DeactivateOwner {
        id: u64,
        clear_name: bool,
    },
    /// The key and every app's tokens lose these scopes.
    LoseScopes {
        scopes: Vec<String>,
    },
    /// Every app is taken out of the account.
    Uninstall,
    /// The portal's clock goes forward, or back.
    MoveClock {
        millis: i64,
    },
    /// Other limits hold from now on, for the key, without notice.
    Limit {
        limits: Limits,
    },
}

/// When an edit is to be made, and the edit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// Counts requests whose path starts so; every path when empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub path: String,
    /// Counts only requests whose path (with query) holds this text.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub contains: String,
    /// Counts only this method.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// So many of them are answered before; with 0 it is done when the first comes. Requests that a fault, a limit or a
    /// missing scope refused do not count.
    #[serde(default)]
    pub after: u64,
    /// Search learns of it so many milliseconds later, whatever the switch says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lag_millis: Option<u64>,
    pub change: Change,
}

impl Step {
    /// An edit after so many requests of any kind.
    pub fn after(requests: u64, change: Change) -> Step {
        Step {
            path: String::new(),
            contains: String::new(),
            method: None,
            after: requests,
            lag_millis: None,
            change,
        }
    }

    /// Counts only requests whose path starts so.
    #[must_use]
    pub fn on(mut self, path: &str) -> Step {
        path.clone_into(&mut self.path);
        self
    }

    /// Counts only requests whose path (with query) holds this text.
    #[must_use]
    pub fn holding(mut self, text: &str) -> Step {
        text.clone_into(&mut self.contains);
        self
    }

    /// Counts only this method.
    #[must_use]
    pub fn by(mut self, method: &str) -> Step {
        self.method = Some(method.to_owned());
        self
    }

    /// Search learns of it so much later.
    #[must_use]
    pub fn lagging(mut self, lag: Duration) -> Step {
        self.lag_millis = Some(u64::try_from(lag.as_millis()).unwrap_or(u64::MAX));
        self
    }

    pub(crate) fn make(&self, portal: &Portal) -> Result<Option<u64>, EditError> {
        let edit = Edit::new(portal);
        let edit = self.lag_millis.map_or(edit, |millis| edit.lagging(Duration::from_millis(millis)));
        edit.make(&self.change)
    }

    fn fits(&self, method: &str, path: &str) -> bool {
        path.starts_with(&self.path)
            && (self.contains.is_empty() || path.contains(&self.contains))
            && self.method.as_ref().is_none_or(|m| m.eq_ignore_ascii_case(method))
    }
}

/// How a step stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum StepState {
    /// So many of its requests have been answered.
    Waiting(u64),
    /// Done, with the id of the record it made or left, where it did.
    Done(Option<u64>),
    /// It could not be done.
    Failed(String),
}

/// What a portal is yet to go through.
#[derive(Debug, Default)]
pub struct Script {
    steps: Mutex<Vec<(Step, StepState)>>,
}

impl Script {
    /// Replaces all steps.
    pub fn set(&self, steps: Vec<Step>) {
        *self.lock() = steps.into_iter().map(|step| (step, StepState::Waiting(0))).collect();
    }

    /// Adds a step; it counts from now on.
    pub fn add(&self, step: Step) {
        self.lock().push((step, StepState::Waiting(0)));
    }

    /// How every step stands, in their order.
    pub fn states(&self) -> Vec<StepState> {
        self.lock().iter().map(|(_, state)| state.clone()).collect()
    }

    /// A request has come and is about to be answered.
    pub(crate) fn before(&self, portal: &Portal, method: &str, path: &str) {
        for (step, state) in self.lock().iter_mut() {
            if *state == StepState::Waiting(0) && step.after == 0 && step.fits(method, path) {
                *state = carry_out(portal, step);
            }
        }
    }

    /// Its answer is made.
    pub(crate) fn after(&self, portal: &Portal, method: &str, path: &str) {
        for (step, state) in self.lock().iter_mut() {
            let StepState::Waiting(seen) = state else { continue };
            if !step.fits(method, path) {
                continue;
            }
            *seen += 1;
            if *seen >= step.after {
                *state = carry_out(portal, step);
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Vec<(Step, StepState)>> {
        self.steps.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn carry_out(portal: &Portal, step: &Step) -> StepState {
    match step.make(portal) {
        Ok(id) => StepState::Done(id),
        Err(error) => StepState::Failed(error.to_string()),
    }
}

impl Edit<'_> {
    /// Makes an edit that was written down; answers the id of the record it made or left, where it did.
    pub fn make(&self, change: &Change) -> Result<Option<u64>, EditError> {
        match change {
            Change::Create { object, values } => {
                let values: Vec<(&str, &str)> =
                    values.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
                return self.create(object, &values).map(Some);
            }
            Change::Update { object, id, values } => self.update(object, *id, &borrowed(values)),
            Change::Recalculate { object, id, values } => {
                self.update_silently(object, *id, &borrowed(values))
            }
            Change::Restamp { object, id, at } => self.restamp(object, *id, *at),
            Change::RestampAll { object, at } => {
                self.restamp_all(object, at.unwrap_or_else(|| self.now())).map(drop)
            }
            Change::Archive { object, id } => self.archive(object, *id),
            Change::Restore { object, id } => self.restore(object, *id),
            Change::Merge { object, primary, other } => {
                return self.merge(object, *primary, *other).map(Some);
            }
            Change::Erase { object, id } => self.erase(object, *id),
            Change::Associate { from, to, types } => self.associate((&from.0, from.1), (&to.0, to.1), types),
            Change::Dissociate { from, to } => self.dissociate((&from.0, from.1), (&to.0, to.1)),
            Change::HideFromSearch { object, ids } => self.hide_from_search(object, ids),
            Change::ShowInSearch { object, ids } => self.show_in_search(object, ids),
            Change::AddProperty { object, name, value_type } => self.add_property(object, name, value_type),
            Change::RetypeProperty { object, name, value_type } => {
                self.retype_property(object, name, value_type)
            }
            Change::RemoveProperty { object, name } => self.remove_property(object, name),
            Change::DeleteStage { object, pipeline, stage } => self.delete_stage(object, pipeline, stage),
            Change::DeactivateOwner { id, clear_name } => self.deactivate_owner(*id, *clear_name),
            Change::LoseScopes { scopes } => {
                self.lose_scopes(&scopes.iter().map(String::as_str).collect::<Vec<_>>());
                Ok(())
            }
            Change::Uninstall => {
                self.uninstall();
                Ok(())
            }
            Change::MoveClock { millis } => {
                self.move_clock(*millis);
                Ok(())
            }
            Change::Limit { limits } => {
                self.limit(*limits);
                Ok(())
            }
        }
        .map(|()| None)
    }
}

fn borrowed(values: &BTreeMap<String, Option<String>>) -> Vec<(&str, Option<&str>)> {
    values.iter().map(|(name, value)| (name.as_str(), value.as_deref())).collect()
}
