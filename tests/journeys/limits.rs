//! Limits are kept, not run into; what they forbid for today waits for the portal's midnight.

use std::time::Duration;

use hubspot::{Lane, Token, TokenInfo};
use simulator::{Config, Effect, Fault, LimitName, Limits, Simulator, Switches, Tier, Zone};
use sync::Stop;

use crate::rig::{Copy, assert_done, portal, small, truth::assert_equal};

/// F2, F3: with the smallest plan's limits and a server that answers at once, no window is ever overrun.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_import_at_100_calls_in_ten_seconds_is_never_refused() {
    let latency = Duration::from_millis(15);
    let limits = Some(Tier::Starter.limits());
    let portal = portal(Config { contacts: 5_000, limits, latency, ..Config::default() }).await;
    let copy = Copy::new();
    let outcome = copy.run(&portal).await;
    assert_done(&outcome);
    let ledger = portal.ledger();
    assert_eq!(ledger.refused, 0, "{:?}", ledger.refused_by);
    assert!(ledger.peak <= 16, "{} at once", ledger.peak);
    assert!(ledger.calls > 200, "{} calls: the limit was felt", ledger.calls);
    assert_equal(&copy, &portal);
}

/// F2: two copies of one portal at once, with one key: HubSpot counts their calls together, and so do they.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_connections_to_one_portal_make_no_storm() {
    let latency = Duration::from_millis(15);
    let portal = portal(Config {
        limits: Some(Tier::Increased.limits()),
        latency,
        contacts: 1_500,
        ..Config::default()
    })
    .await;
    let (one, other) = (Copy::new(), Copy::new());
    let (first, second) = tokio::join!(one.run(&portal), other.run(&portal));
    assert_done(&first);
    assert_done(&second);
    let ledger = portal.ledger();
    assert!(ledger.calls > 300, "{} calls: the limit was felt", ledger.calls);
    assert!(ledger.refused <= 1, "{:?}", ledger.refused_by);
    assert_equal(&one, &portal);
    assert_equal(&other, &portal);
}

/// F2: association calls that are charged to the general pool are noticed there.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn associations_without_a_pool_of_their_own_make_no_storm() {
    let switches =
        Switches { association_shares_pool: true, association_headers: true, ..Switches::default() };
    let limits = Some(Tier::Increased.limits());
    let portal = portal(Config { contacts: 1_500, limits, switches, ..Config::default() }).await;
    let copy = Copy::new();
    assert_done(&copy.run(&portal).await);
    let ledger = portal.ledger();
    assert!(ledger.refused * 100 <= ledger.calls, "{} of {} refused", ledger.refused, ledger.calls);
    assert_equal(&copy, &portal);
}

/// F3: other apps take more than half of the searches, and nothing says so.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_search_limit_halved_without_notice_costs_a_few_refusals() {
    let limits = Limits { search: 2, ..Tier::Increased.limits() };
    let portal = portal(Config { limits: Some(limits), ..small() }).await;
    let copy = Copy::new();
    assert_done(&copy.run(&portal).await);
    let ledger = portal.ledger();
    assert!(ledger.refused <= 12, "{:?}", ledger.refused_by);
    assert_equal(&copy, &portal);
}

/// F4: two in a hundred calls fail, one in a hundred is never answered, and one page is too much at its full size.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_long_job_outlives_failures_silence_and_a_page_that_is_too_much() {
    let portal = portal(Config { contacts: 2_000, ..small() }).await;
    portal
        .faults()
        .add(Fault::new(Effect::Status { status: 504 }).holding("/companies?").holding("limit=100"));
    portal.faults().add(Fault::new(Effect::Status { status: 500 }).on("/crm/").rate(0.02));
    portal.faults().add(Fault::new(Effect::Hang).on("/crm/").rate(0.01));
    let mut copy = Copy::new();
    copy.client.timeout = Duration::from_millis(1_500);
    assert_done(&copy.run(&portal).await);
    assert!(portal.faults().struck().iter().all(|struck| *struck > 0), "every trouble was met");
    assert_equal(&copy, &portal);
}

/// F1: the day is used up, west and east of Greenwich, on days that have 25 and 23 hours.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_used_up_day_goes_on_at_the_portals_own_midnight() {
    for (zone, now, midnight) in [
        (Zone::Phoenix, "2026-11-27T05:00:00Z", "2026-11-27T07:00:00"),
        (Zone::Tongatapu, "2026-11-27T10:59:00Z", "2026-11-27T11:00:00"),
        (Zone::LosAngeles, "2026-11-01T07:30:00Z", "2026-11-02T08:00:00"),
        (Zone::LosAngeles, "2027-03-14T08:30:00Z", "2027-03-15T07:00:00"),
        (Zone::Auckland, "2026-09-26T12:30:00Z", "2026-09-27T11:00:00"),
        (Zone::Auckland, "2027-04-03T12:00:00Z", "2027-04-04T12:00:00"),
    ] {
        let now: crm::Timestamp = now.parse().expect("a time");
        let portal = portal(Config { zone, until: now.millis(), contacts: 60, ..small() }).await;
        set_clock(&portal, now);
        let daily = Effect::Limited { limit: LimitName::Daily, retry_after: None };
        portal.faults().add(Fault::new(daily).after(30));
        let copy = Copy::new();
        let outcome = copy.run(&portal).await;
        let Some(Stop::DailyLimit { resumes_at: Some(at), share: None }) = outcome.stop else {
            panic!("{zone:?}: {:?}", outcome.stop)
        };
        assert!(at.to_string().starts_with(midnight), "{zone:?} at {now}: {at}");
        portal.faults().clear();
        assert_done(&copy.run(&portal).await);
        assert_equal(&copy, &portal);
    }
}

/// A share of the day is a limit of our own: the run stops before HubSpot refuses, and goes on after midnight.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_used_up_share_of_the_day_ends_the_run_and_midnight_gives_a_new_one() {
    let limits = Limits { daily: Some(1_000), burst: 5_000, search: 500, associations: 5_000 };
    let portal = portal(Config { limits: Some(limits), zone: Zone::Phoenix, ..small() }).await;
    let mut copy = Copy::new();
    copy.client.day_percent = 5;
    let outcome = copy.run(&portal).await;
    let Some(Stop::DailyLimit { resumes_at: Some(at), share: Some(5) }) = outcome.stop else {
        panic!("{:?}", outcome.stop)
    };
    let ledger = portal.ledger();
    // Those that were asked for before the first answer told of the day.
    assert!(ledger.calls <= 50 + 16, "{} calls", ledger.calls);
    assert_eq!(ledger.refused, 0);
    set_clock(&portal, at.plus(Duration::from_secs(1)));
    copy.client.day_percent = 100;
    assert_done(&copy.run(&portal).await);
    assert_equal(&copy, &portal);
}

/// A person's call is not held up by a copy that uses every call there is.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_is_answered_while_a_copy_uses_the_whole_limit() {
    let limits = Some(Tier::Starter.limits());
    let portal = portal(Config { contacts: 3_000, limits, ..Config::default() }).await;
    let copy = Copy::new();
    let job = copy.job(&portal.base_url(), portal.token(), tokio_util::sync::CancellationToken::new());
    let (client, cancel) = (job.client.clone(), job.cancel.clone());
    let run = tokio::spawn(sync::run(job));
    portal.calls_reached(110).await;
    let token = Token::new(portal.token().to_owned());
    client.in_lane(Lane::Person).send(&TokenInfo { token }).await.expect("an answer");
    let waited_for = portal.ledger().calls - 110;
    cancel.cancel();
    run.await.expect("no panic");
    assert!(waited_for <= 20, "{waited_for} calls of the copy went first");
}

/// More than one call at a time, whatever the latency, and never more than sixteen.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calls_are_made_side_by_side_and_never_more_than_sixteen() {
    let latency = Duration::from_millis(40);
    let portal = portal(Config { contacts: 3_000, latency, ..Config::default() }).await;
    let copy = Copy::new();
    assert_done(&copy.run(&portal).await);
    let peak = portal.ledger().peak;
    assert!((6..=16).contains(&peak), "{peak} at once");
}

fn set_clock(portal: &Simulator, to: crm::Timestamp) {
    portal.edit().move_clock(to.millis() - portal.clock().now());
}
