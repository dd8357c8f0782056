//! Troubles on the way: survived without losing anything, or ended with a reason and continued later.

use std::time::Duration;

use hubspot::Error as Refused;
use simulator::{Config, Effect, Fault, LimitName, Simulator, Switches, TokenState};
use sync::{Error, Stop, StreamState};

use crate::rig::{Copy, assert_done, portal, small, stream, truth::assert_equal};

async fn survives(fault: Fault) {
    let what = format!("{fault:?}");
    let portal = portal(small()).await;
    portal.faults().add(fault);
    let copy = Copy::new();
    assert_done(&copy.run(&portal).await);
    assert_equal(&copy, &portal);
    assert!(portal.faults().struck()[0] > 0, "{what} never struck");
}

/// F4: long jobs do not end for a few failures.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn failing_answers_are_asked_for_again() {
    for status in [500, 502, 503, 504, 521, 524] {
        survives(Fault::new(Effect::Status { status }).on("/crm/").rate(0.08)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_burst_of_failures_is_outlived() {
    survives(Fault::new(Effect::Status { status: 503 }).after(40).times(30)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_that_break_off_are_made_again() {
    survives(Fault::new(Effect::Reset).rate(0.08)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn answers_cut_in_the_middle_are_never_taken_for_whole() {
    for percent in [0, 30, 99] {
        survives(Fault::new(Effect::Truncate { percent }).rate(0.08)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn answers_that_are_no_json_are_asked_for_again() {
    survives(Fault::new(Effect::Malformed).on("/crm/objects").times(1)).await;
    survives(Fault::new(Effect::Malformed).on("/crm/associations").times(1)).await;
    survives(Fault::new(Effect::Html).on("/crm/").after(10).times(2)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_that_never_comes_is_given_up_and_asked_for_again() {
    let portal = portal(small()).await;
    portal.faults().add(Fault::new(Effect::Hang).on("/crm/objects").after(3).times(3));
    let mut copy = Copy::new();
    copy.client.timeout = Duration::from_millis(700);
    assert_done(&copy.run(&portal).await);
    assert_equal(&copy, &portal);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_account_that_moves_or_is_locked_for_a_moment_is_waited_for() {
    survives(Fault::new(Effect::Moving { retry_after: 1 }).on("/crm/objects").after(5).times(2)).await;
    survives(Fault::new(Effect::Status { status: 423 }).on("/crm/objects").after(5).times(1)).await;
}

/// F4: a page that only succeeds at a smaller size.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_that_is_too_much_for_the_server_is_read_in_smaller_ones() {
    let portal = portal(small()).await;
    let heavy = Fault::new(Effect::Status { status: 504 }).holding("/contacts?").holding("limit=100");
    portal.faults().add(heavy);
    let copy = Copy::new();
    assert_done(&copy.run(&portal).await);
    assert_equal(&copy, &portal);
}

/// F1: every way in which HubSpot has said 429, with and without Retry-After.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn refusals_for_coming_too_often_are_waited_out() {
    let portal = portal(small()).await;
    let limited = |limit, retry_after| Fault::new(Effect::Limited { limit, retry_after });
    let rules = [
        limited(LimitName::TenSecondly, Some(1)).holding("/contacts?").times(2),
        limited(LimitName::Unexplained, None).holding("/deals?").times(1),
        limited(LimitName::Secondly, None).holding("/search").times(2),
        limited(LimitName::SecondlyByCategory, Some(1)).holding("/search").after(2).times(1),
        limited(LimitName::Unexplained, Some(1)).on("/crm/associations").times(2),
        limited(LimitName::TenSecondly, None).on("/crm/associations").after(20).times(3),
    ];
    for rule in rules {
        portal.faults().add(rule);
    }
    let copy = Copy::new();
    assert_done(&copy.run(&portal).await);
    assert_equal(&copy, &portal);
    assert_eq!(
        portal.faults().struck().iter().filter(|struck| **struck == 0).count(),
        0,
        "every rule struck"
    );
}

/// F1: the daily limit is a pause, not a failure.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_used_up_day_ends_the_run_and_the_next_one_continues() {
    let portal = portal(small()).await;
    let daily = Effect::Limited { limit: LimitName::Daily, retry_after: None };
    portal.faults().add(Fault::new(daily).after(60));
    let copy = Copy::new();
    let outcome = copy.run(&portal).await;
    assert!(
        matches!(outcome.stop, Some(Stop::DailyLimit { resumes_at: Some(_), share: None })),
        "{:?}",
        outcome.stop
    );
    let refused = portal.ledger().refused;
    assert!(refused <= 16, "a used-up day was asked {refused} times");
    portal.faults().clear();
    assert_done(&copy.run(&portal).await);
    assert_equal(&copy, &portal);
}

/// E1: a key that ends in the middle ends the run at once, and what is copied stays.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_that_is_revoked_in_the_middle_stops_the_run_and_keeps_the_copy() {
    for token in [TokenState::Revoked, TokenState::Expired] {
        let portal = portal(small()).await;
        let copy = Copy::new();
        let (outcome, ()) = tokio::join!(copy.run(&portal), async {
            portal.calls_reached(60).await;
            portal.faults().set_token(token);
        });
        let unauthorized =
            matches!(&outcome.stop, Some(Stop::Failed(Error::Hubspot(Refused::Unauthorized(_)))));
        assert!(unauthorized, "{:?}", outcome.stop);
        let refused = portal.ledger().statuses[&401];
        assert!(refused <= 16, "an ended key was tried {refused} times");
        portal.faults().set_token(TokenState::Valid);
        assert_done(&copy.run(&portal).await);
        assert_equal(&copy, &portal);
    }
}

/// E3: no storm of repetitions for a token that HubSpot's edge cannot read.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_that_the_edge_cannot_read_is_not_tried_again_and_again() {
    let portal = portal(small()).await;
    portal.faults().add(Fault::new(Effect::Status { status: 530 }));
    let outcome = Copy::new().run(&portal).await;
    assert!(outcome.stop.is_some());
    assert!(portal.ledger().calls <= 4, "{} calls", portal.ledger().calls);
}

/// A type that HubSpot cannot list at all fails alone, with a reason, and is made good later.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_failing_stream_never_stops_the_others() {
    let portal = portal(small()).await;
    portal.faults().add(Fault::new(Effect::Status { status: 500 }).holding("/deals"));
    let copy = Copy::new();
    let outcome = copy.run(&portal).await;
    assert!(outcome.stop.is_none(), "{:?}", outcome.stop);
    let deals = stream(&outcome, "deals");
    assert_eq!(deals.state, StreamState::Failed);
    assert!(deals.reason.as_ref().is_some_and(|reason| !reason.is_empty()));
    for report in outcome.streams.iter().filter(|report| report.object.as_str() != "deals") {
        assert_eq!(report.state, StreamState::Done, "{report:?}");
    }
    portal.faults().clear();
    assert_done(&copy.run(&portal).await);
    assert_equal(&copy, &portal);
}

/// A way of asking that nobody answers says nothing about the records that were asked for.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_record_is_set_aside_because_batches_are_not_answered_at_all() {
    let config = Config { extra_properties: 1_200, contacts: 30, ..small() };
    let portal = portal(config).await;
    portal.faults().add(Fault::new(Effect::Status { status: 500 }).holding("/contacts/batch/read"));
    let copy = Copy::new();
    let outcome = copy.run(&portal).await;
    let contacts = stream(&outcome, "contacts");
    assert_eq!((contacts.state, contacts.quarantined), (StreamState::Failed, 0), "{contacts:?}");
    portal.faults().clear();
    assert_done(&copy.run(&portal).await);
    assert_equal(&copy, &portal);
}

/// F5: 1,200 properties and a server that takes 8 kB of URL.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn more_properties_than_a_url_holds_are_all_copied() {
    let switches = Switches { url_max: 8_000, ..Switches::default() };
    let config = Config { contacts: 300, extra_properties: 1_200, switches, ..Config::default() };
    let portal = portal(config).await;
    let copy = Copy::new();
    assert_done(&copy.run(&portal).await);
    assert_equal(&copy, &portal);
    let defined = copy.count("SELECT count(*) FROM properties WHERE object_type = 'contacts'");
    assert!(defined >= 1_200, "{defined} properties");
}

/// F5: what fits a shorter URL only is found out, once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_with_short_urls_is_understood() {
    let switches = Switches { url_max: 2_000, ..Switches::default() };
    let portal = portal(Config { contacts: 500, switches, ..Config::default() }).await;
    let copy = Copy::new();
    assert_done(&copy.run(&portal).await);
    assert_equal(&copy, &portal);
    let too_long = portal.ledger().statuses.get(&414).copied().unwrap_or(0);
    assert!((1..=40).contains(&too_long), "{too_long} answers with 414");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_is_gone_ends_the_run_with_a_reason() {
    let gone = portal(small()).await;
    let (base, token) = (gone.base_url(), gone.token().to_owned());
    let copy = Copy::new();
    copy.import(&gone).await;
    Simulator::stop(gone).await;
    let outcome = copy.run_at(&base, &token).await;
    let transport = matches!(&outcome.stop, Some(Stop::Failed(Error::Hubspot(Refused::Transport { .. }))));
    assert!(transport, "{:?}", outcome.stop);
    assert_eq!(copy.count("SELECT count(*) FROM contacts"), 300, "what was copied stays");
}
