//! Records as the API shows them: the untouched world with the changes on top.
//!
//! Deliberately absent: HTTP; `routes` turns requests into these calls.

pub(crate) mod batch;
pub(crate) mod check;
pub(crate) mod filter;
pub(crate) mod list;
pub(crate) mod lookup;
pub(crate) mod merge;
pub(crate) mod plan;
pub(crate) mod search;
pub(crate) mod verbs;
pub(crate) mod view;
pub(crate) mod write;
