//! The store as its callers see it, on real files. What is in a file is checked with plain SQL beside the store.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod app;
mod browsing;
mod changes;
mod counting;
mod excluding;
mod health;
mod history;
mod home;
mod links;
mod make;
mod opening;
mod pages;
mod picks;
mod querying;
mod runs;
mod schema;
mod settling;
mod statistics;
mod stored;
