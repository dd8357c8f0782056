//! Whose call goes first where several wait for the same pool.

use hubspot::{ClientOptions, Lane, ListRecords, catalog};

use crate::server::{Server, answer, quick};

const PAGE: &str = r#"{"results":[]}"#;

/// Asks for the contacts after an id, which names the call.
async fn ask(client: hubspot::Client, after: u32) {
    let kind = &catalog::core()[0];
    let list =
        ListRecords { kind, after: Some(after.to_string()), limit: 1, properties: &[], archived: false };
    client.send(&list).await.expect("an answer");
}

#[tokio::test]
async fn a_persons_call_overtakes_the_backfill_that_waits_for_the_same_limit() {
    let refused = answer(429, "{}").with("Retry-After", 1);
    let server = Server::start(vec![refused, answer(200, PAGE)]).await;
    let options = ClientOptions { in_flight_max: 1, ..quick() };
    let client = server.client_with(crate::server::key(), options);
    let mut calls = Vec::new();
    // The first call is refused and makes the pool wait; the others come one by one while it does.
    for (lane, after) in [
        (Lane::Backfill, 1),
        (Lane::Backfill, 2),
        (Lane::Incremental, 3),
        (Lane::Backfill, 4),
        (Lane::Person, 5),
        (Lane::Incremental, 6),
    ] {
        calls.push(tokio::spawn(ask(client.in_lane(lane), after)));
        while client.usage().refusals_429 == 0 {
            tokio::task::yield_now().await;
        }
        tokio::task::yield_now().await;
    }
    for call in calls {
        call.await.expect("no panic");
    }
    let asked: Vec<String> = server
        .asked()
        .iter()
        .map(|asked| asked.line.split("after=").nth(1).expect("a cursor")[..1].to_owned())
        .collect();
    assert_eq!(
        asked,
        ["1", "5", "3", "6", "1", "2", "4"],
        "the refused one stood in line again before the others came"
    );
}
