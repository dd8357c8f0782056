//! The properties asked of one type, shared by all calls of its stream; it shrinks when HubSpot refuses one.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crm::PropertyName;

#[derive(Clone)]
pub(crate) struct Asked(Arc<Inner>);

struct Inner {
    state: Mutex<State>,
    /// Held while it is found out what a refusal is about, so that calls refused together do not all find out.
    finding: tokio::sync::Mutex<()>,
}

struct State {
    names: Arc<[PropertyName]>,
    /// Nothing that a row may hold is left out of the names.
    whole: bool,
}

/// What an answer to some names says about a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Scope {
    /// Everything that is stored: what is missing is empty.
    All,
    /// These properties; stored values of others stay.
    Only(Arc<[PropertyName]>),
}

impl Asked {
    /// `whole` if a row can hold no property besides these.
    pub(crate) fn new(names: Vec<PropertyName>, whole: bool) -> Asked {
        let state = Mutex::new(State { names: names.into(), whole });
        Asked(Arc::new(Inner { state, finding: tokio::sync::Mutex::new(()) }))
    }

    pub(crate) fn names(&self) -> Arc<[PropertyName]> {
        Arc::clone(&self.state().names)
    }

    /// What the answers so far say about a row. Names only ever go, so it holds for every answer before.
    pub(crate) fn scope(&self) -> Scope {
        let state = self.state();
        if state.whole { Scope::All } else { Scope::Only(Arc::clone(&state.names)) }
    }

    pub(crate) async fn one_at_a_time(&self) -> tokio::sync::MutexGuard<'_, ()> {
        self.0.finding.lock().await
    }

    /// Leaves out the refused ones; false if none of them was asked.
    pub(crate) fn leave_out(&self, refused: &[String]) -> bool {
        let mut state = self.state();
        let is_refused = |name: &PropertyName| refused.iter().any(|refused| refused == name.as_str());
        let kept: Vec<PropertyName> = state.names.iter().filter(|name| !is_refused(name)).cloned().collect();
        let changed = kept.len() < state.names.len();
        if changed {
            *state = State { names: kept.into(), whole: false };
        }
        changed
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Scope {
    pub(crate) fn kept(&self) -> store::Asked<'_> {
        match self {
            Scope::All => store::Asked::All,
            Scope::Only(names) => store::Asked::Only(names),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn once_a_property_was_refused_an_answer_no_longer_speaks_for_the_whole_row() {
        let names = ["a", "b", "c"].map(PropertyName::from);
        let asked = Asked::new(names.to_vec(), true);
        assert_eq!(asked.scope(), Scope::All);
        assert!(!asked.leave_out(&["x".to_owned()]));
        assert_eq!(asked.scope(), Scope::All);
        assert!(asked.leave_out(&["b".to_owned()]));
        assert_eq!(asked.scope(), Scope::Only([names[0].clone(), names[2].clone()].into()));
    }
}
