//! The simulator over real HTTP: shapes, refusals, limits, faults, and that its world is one and the same.
//!
//! Deliberately absent: any client of ours; the caller here knows bytes and JSON only.

#![expect(clippy::unwrap_used, reason = "the functions that tests share may fail as tests do")]

mod caller;
mod control;
mod faults;
mod links;
mod merges;
mod metadata;
mod oauth;
mod oauth_refusals;
mod oauth_tokens;
mod objects;
mod records;
mod refusals;
mod script;
mod search;
mod world;
mod writes;
