//! What changed since: polls bring it, ask for little else, and lose nothing whatever happens while they read.

mod cost;
mod definitions;
mod seen;
mod tended;
mod window;

use std::time::Duration;

use simulator::{Config, Ledger, Simulator};
use sync::RunKind;

use crate::rig::{Copy, assert_done};

const MINUTE: Duration = Duration::from_mins(1);

/// A portal of so many contacts and next to nothing else.
fn contacts(contacts: u64) -> Config {
    let others = [
        "companies",
        "deals",
        "tickets",
        "line_items",
        "products",
        "notes",
        "calls",
        "emails",
        "meetings",
        "tasks",
        "bikes",
    ];
    let counts = others.map(|name| (name.to_owned(), 2)).into();
    Config { contacts, counts, archived_every: 0, only_filled: true, ..Config::default() }
}

/// The copy, made; from now on it is polled.
async fn imported(portal: &Simulator) -> Copy {
    let mut copy = Copy::new();
    copy.import(portal).await;
    portal.reset_ledger();
    copy.options.kind = RunKind::Poll;
    copy
}

/// One poll to its end. Returns what it asked.
async fn poll(copy: &Copy, portal: &Simulator) -> Ledger {
    portal.reset_ledger();
    assert_done(&copy.run(portal).await);
    portal.ledger()
}

fn searches(ledger: &Ledger, object: &str) -> u64 {
    ledger.routes.get(&format!("POST objects/{object}/search")).copied().unwrap_or(0)
}

fn lists(ledger: &Ledger, object: &str) -> u64 {
    ledger.routes.get(&format!("GET objects/{object}")).copied().unwrap_or(0)
}

fn reads(ledger: &Ledger, object: &str) -> u64 {
    ledger.routes.get(&format!("POST objects/{object}/batch/read")).copied().unwrap_or(0)
}

/// Live contacts, the oldest first.
fn ids(portal: &Simulator) -> Vec<u64> {
    let mut ids = Vec::new();
    portal.truth().ids("contacts", |id| ids.push(id));
    ids
}

/// Changes a value of a contact, as a person would.
fn edit(portal: &Simulator, id: u64, value: &str) {
    portal.edit().update("contacts", id, &[("jobtitle", Some(value))]).expect("the contact is there");
}
