//! Connections by sign-in, over the real program: in, kept alive, and out again.

mod leaks;
mod life_cycle;
mod refreshing;
mod refusals;
mod scopes;
mod sign_in;
mod two_at_once;

use serde_json::Value;

use crate::rig::command::{Ended, Home};

/// What `status` says of a connection.
async fn status(home: &Home, connection: &str) -> Value {
    let ended = home.ask(&["status", connection, "--json"]).await;
    assert_eq!(ended.code, 0, "{ended:?}");
    ended.json()
}

/// One sync of everything, whatever comes of it.
async fn sync(home: &Home, connection: &str) -> Ended {
    home.ask(&["sync", connection, "--since", "all", "--json"]).await
}

async fn sync_well(home: &Home, connection: &str) -> Value {
    let ended = sync(home, connection).await;
    assert_eq!(ended.code, 0, "{ended:?}");
    ended.json()
}

/// What became of one type in a run's last line.
fn stream<'a>(last: &'a Value, object: &str) -> &'a Value {
    let streams = last["streams"].as_array().expect("a run has streams");
    let found = streams.iter().find(|stream| stream["object"] == object);
    found.unwrap_or_else(|| panic!("no stream {object}: {last}"))
}
