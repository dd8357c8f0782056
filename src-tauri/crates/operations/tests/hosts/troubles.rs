//! Every trouble that the demo portal can make shows the error that a real one would, and goes away again.

use std::sync::Arc;

use futures::future::join_all;
use operations::{
    Core, connection_status, make_trouble, open_demo, run_sync, troubles,
    wire::{
        Code, ConnectionStatus, ConnectionStatusRequest, MakeTrouble, OpenDemo, OperationalState, RunSync,
        StreamState, SyncReport, TroublesRequest,
    },
};

use crate::rig::{Demo, Rig};

async fn sync(core: &Core, full: bool) -> SyncReport {
    let request = RunSync { connection: "demo".to_owned(), full, since: None, wait: false };
    run_sync(core, request).await.expect("a run can be begun")
}

async fn status(core: &Core) -> ConnectionStatus {
    let request = ConnectionStatusRequest { connection: "demo".to_owned() };
    connection_status(core, request).await.expect("there is a status")
}

async fn make(core: &Core, id: &str, on: bool) {
    let made = make_trouble(core, MakeTrouble { id: id.to_owned(), on }).await.expect("it can be made");
    let row = made.troubles.iter().find(|row| row.id == id).expect("it is in the list");
    assert_eq!(row.on, on);
}

/// What a person sees of a trouble.
#[derive(Clone, Copy)]
enum Shown {
    /// The run stops with this error, which is remembered.
    Stops(Code, OperationalState),
    /// Types of records stop or are skipped; these are in the list of what needs a person.
    Streams(Code, StreamState, &'static [&'static str]),
    Nothing,
}

/// An import of a portal that was well, then a run in trouble, then one without.
async fn meets(id: &str, expected: Shown) {
    let rig = Rig::new();
    let core = rig.core_with(Some(Arc::new(Demo::default())));
    open_demo(&core, OpenDemo {}).await.expect("the demo portal opens");
    let healthy = sync(&core, false).await;
    assert!(healthy.done, "{id}: {:?}", healthy.error);

    make(&core, id, true).await;
    // A look for changes is long enough to see that waiting harms nothing.
    let troubled = sync(&core, id != "slow").await;
    let after = status(&core).await;
    match expected {
        Shown::Stops(code, state) => {
            let error = troubled.error.unwrap_or_else(|| panic!("{id} went unnoticed"));
            assert_eq!((error.code, troubled.state), (code, state), "{id}: {error:?}");
            assert_eq!(after.last_error.map(|error| error.code), Some(code), "{id}: it is remembered");
            assert!(!error.title.is_empty() && !error.fix.is_empty(), "{id}: {error:?}");
        }
        Shown::Streams(code, state, objects) => {
            for object in objects {
                let stream = troubled.streams.iter().find(|stream| stream.object == *object);
                assert_eq!(stream.map(|stream| stream.state), Some(state), "{id}: {object}");
                let told = after.attention.iter().find(|told| told.object.as_deref() == Some(object));
                assert_eq!(told.map(|told| told.error.code), Some(code), "{id}: {:?}", after.attention);
            }
        }
        Shown::Nothing => assert!(troubled.done, "{id}: {:?}", troubled.error),
    }

    make(&core, id, false).await;
    let again = sync(&core, false).await;
    assert!(again.done, "{id} does not go away: {:?}", again.error);
    // The demo portal's plan has no rarer types; they are skipped without a word.
    let mut copied = again.streams.iter().filter(|stream| stream.state != StreamState::Skipped);
    assert!(copied.all(|stream| stream.state == StreamState::Done), "{id}: {:?}", again.streams);
    let after = status(&core).await;
    assert!(
        after.last_error.is_none() && after.attention.is_empty(),
        "{id}: it is forgotten when it is over"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_trouble_shows_its_own_error_and_goes_away_again() {
    let all = &["contacts", "companies", "deals", "tickets"];
    let rows = [
        ("key_ended", Shown::Stops(Code::AuthExpired, OperationalState::AuthError)),
        ("scope_lost", Shown::Streams(Code::MissingScope, StreamState::Skipped, &["tickets"])),
        ("rate_limited", Shown::Stops(Code::RateLimited, OperationalState::RateLimited)),
        ("daily_limit", Shown::Stops(Code::DailyLimit, OperationalState::RateLimited)),
        ("hubspot_trouble", Shown::Streams(Code::HubspotTrouble, StreamState::Failed, all)),
        ("slow", Shown::Nothing),
        ("cut", Shown::Stops(Code::Offline, OperationalState::Error)),
        ("malformed", Shown::Streams(Code::HubspotTrouble, StreamState::Failed, all)),
        ("account_moving", Shown::Stops(Code::AccountMoving, OperationalState::Error)),
    ];
    let known = troubles(&Rig::new().core(), TroublesRequest {}).await.expect("a list");
    let ids: Vec<&str> = known.troubles.iter().map(|row| row.id.as_str()).collect();
    assert_eq!(ids, rows.map(|(id, _)| id), "the table covers the panel");
    assert_eq!(ids, simulator::TROUBLES, "and the portal knows them all");
    join_all(rows.map(|(id, expected)| tokio::spawn(meets(id, expected)))).await.into_iter().for_each(
        |met| {
            met.expect("every row of the table holds");
        },
    );
}

#[tokio::test]
async fn a_host_without_a_demo_portal_and_an_unknown_trouble_are_refused_in_words() {
    let rig = Rig::new();
    let made = |core: Core, id: &'static str| async move {
        make_trouble(&core, MakeTrouble { id: id.to_owned(), on: true }).await.map(drop)
    };
    for (core, id) in
        [(rig.core(), "key_ended"), (Rig::new().core_with(Some(Arc::new(Demo::default()))), "bad_hair_day")]
    {
        assert_eq!(made(core, id).await.expect_err("it cannot be made").code, Code::BadRequest);
    }
}
