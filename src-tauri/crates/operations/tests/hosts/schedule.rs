//! The schedule of a host with a window, by a clock that is handed in: what comes by itself, and what does not.

use operations::{
    Clock, pause_sync, pause_until, resume_sync, run_sync,
    wire::{NextKind, OperationalState, PauseSync, PauseUntil, ResumeSync, RunLog, RunSync},
};
use simulator::{Effect, Fault};

use crate::host::{Host, ID, MINUTE, portal};

fn kinds(runs: &[RunLog]) -> Vec<&str> {
    runs.iter().rev().map(|run| run.kind.as_str()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_check_comes_every_cadence_and_each_hour_is_a_whole_one() {
    let portal = portal(1).await;
    let host = Host::of(&[&portal]).await;
    let status = host.settled(ID).await;
    assert_eq!((status.schedule.kept, status.schedule.next), (true, NextKind::Poll));
    assert_eq!(kinds(&host.log(ID).await), ["import", "proof"], "what was copied is proved");
    for count in 2..=6 {
        host.pass(15 * MINUTE);
        host.ended(ID, count).await;
    }
    assert_eq!(kinds(&host.runs(ID).await), ["import", "poll", "poll", "poll", "sync", "poll"]);
    host.set(ID, "cadence_minutes", "60").await;
    host.pass(30 * MINUTE);
    assert_eq!(host.settled(ID).await.schedule.next, NextKind::Sync, "the new cadence holds at once");
    assert_eq!(host.runs(ID).await.len(), 6);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_sleep_or_a_clock_set_back_made_it_miss_is_made_up_for_by_one_run() {
    let portal = portal(1).await;
    let host = Host::of(&[&portal]).await;
    host.settled(ID).await;
    host.clock.sleep(480 * MINUTE);
    host.ended(ID, 2).await;
    host.settled(ID).await;
    assert_eq!(host.runs(ID).await.len(), 2, "one run for eight hours");

    host.clock.set_back(60 * MINUTE);
    host.pass(14 * MINUTE);
    host.settled(ID).await;
    assert_eq!(host.runs(ID).await.len(), 2, "nothing is due");
    host.pass(MINUTE);
    host.ended(ID, 3).await;
    host.settled(ID).await;
    assert_eq!(host.runs(ID).await.len(), 3, "nothing is put off for an hour, and nothing comes twice");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pause_holds_until_it_is_over_and_a_resume_ends_it() {
    let portal = portal(1).await;
    let host = Host::of(&[&portal]).await;
    let connection = ID.to_owned();
    let until = host.clock.now().plus(60 * MINUTE).to_string();
    pause_until(&host.core, PauseUntil { connection: connection.clone(), until: Some(until.clone()) })
        .await
        .expect("it can be paused");
    host.pass(45 * MINUTE);
    let status = host.settled(ID).await;
    assert_eq!(
        (status.state, status.operational_state),
        (OperationalState::Paused, OperationalState::Active)
    );
    assert_eq!(status.schedule.paused_until.as_deref(), Some(until.as_str()));
    assert_eq!(host.runs(ID).await.len(), 1);
    host.pass(16 * MINUTE);
    host.ended(ID, 2).await;
    assert!(!host.settled(ID).await.paused, "it is over by itself");

    pause_sync(&host.core, PauseSync { connection: connection.clone() }).await.expect("it can be paused");
    host.pass(600 * MINUTE);
    let status = host.settled(ID).await;
    assert_eq!((status.state, status.schedule.next), (OperationalState::Paused, NextKind::Nothing));
    assert_eq!(host.runs(ID).await.len(), 2);
    resume_sync(&host.core, ResumeSync { connection }).await.expect("it can be resumed");
    host.ended(ID, 3).await;
    let refused = PauseUntil { connection: ID.to_owned(), until: Some("2020-01-01T00:00:00Z".to_owned()) };
    pause_until(&host.core, refused).await.expect_err("that has passed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_starts_by_itself_in_quiet_hours() {
    let portal = portal(1).await;
    let host = Host::of(&[&portal]).await;
    host.settled(ID).await;
    // Hours that hold now, and for the next three.
    let minute = host.clock.now().millis().rem_euclid(86_400_000) / 60_000;
    let hours = |minute: i64| format!("{:02}:{:02}", minute / 60 % 24, minute % 60);
    host.set(ID, "quiet_hours", &format!("{}-{}", hours(minute), hours(minute + 180))).await;
    host.pass(120 * MINUTE);
    let status = host.settled(ID).await;
    assert!(status.schedule.quiet_now, "{:?}", status.schedule);
    assert_eq!(status.operational_state, OperationalState::Active, "old, but nothing was expected");
    assert_eq!(host.runs(ID).await.len(), 1);
    let request = RunSync { connection: ID.to_owned(), full: false, since: None, wait: false };
    assert!(run_sync(&host.core, request).await.expect("a run").done, "a person may");
    host.pass(61 * MINUTE);
    host.ended(ID, 3).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_in_trouble_backs_off_and_another_never_feels_it() {
    let (sick, well) = (portal(1).await, portal(2).await);
    let host = Host::of(&[&sick, &well]).await;
    let other = "portal-24817305-2";
    host.settled(ID).await;
    sick.faults().add(Fault::new(Effect::Reset));
    host.pass(15 * MINUTE);
    host.ended(ID, 2).await;
    host.ended(other, 2).await;
    assert_eq!(host.settled(ID).await.schedule.failures, 1);
    host.pass(MINUTE);
    host.ended(ID, 3).await;
    let status = host.settled(ID).await;
    assert_eq!((status.schedule.failures, status.state), (2, OperationalState::Error));
    host.pass(MINUTE);
    host.settled(ID).await;
    assert_eq!(host.runs(ID).await.len(), 3, "it waits longer each time");
    for count in 3..=6 {
        host.pass(15 * MINUTE);
        host.ended(other, count).await;
    }
    let status = host.settled(other).await;
    assert_eq!((status.state, status.schedule.failures), (OperationalState::Active, 0));
    sick.faults().clear();
    host.pass(60 * MINUTE);
    let runs = host.ended(ID, 4).await;
    let count = runs.len();
    host.pass(60 * MINUTE);
    host.ended(ID, count + 1).await;
    let status = host.settled(ID).await;
    assert_eq!((status.state, status.schedule.failures), (OperationalState::Active, 0));
    let trouble = &status.hubspot_diagnostics.persistent_errors[0];
    assert!(trouble.resolved_at.is_some() && trouble.count >= 2, "{trouble:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_that_hubspot_ended_is_left_alone() {
    let portal = portal(1).await;
    let host = Host::of(&[&portal]).await;
    host.settled(ID).await;
    portal.faults().add(Fault::new(Effect::Status { status: 401 }));
    host.pass(15 * MINUTE);
    host.ended(ID, 2).await;
    let status = host.settled(ID).await;
    assert_eq!((status.state, status.schedule.next), (OperationalState::AuthError, NextKind::Nothing));
    for _ in 0..5 {
        host.pass(60 * MINUTE);
        host.settled(ID).await;
    }
    assert_eq!(host.runs(ID).await.len(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn six_hours_of_checks_leave_nothing_that_grows() {
    let portal = portal(1).await;
    let host = Host::of(&[&portal]).await;
    host.settled(ID).await;
    let mut early = 0.0;
    for count in 2..=25 {
        host.pass(15 * MINUTE);
        host.ended(ID, count).await;
        if count == 8 {
            early = host.status(ID).await.database_megabytes;
        }
    }
    let runs = host.runs(ID).await;
    assert_eq!(runs.len(), 25, "one every quarter of an hour");
    assert!(runs.iter().all(|run| run.state == "done"), "{runs:?}");
    let status = host.settled(ID).await;
    let grown = status.database_megabytes - early;
    assert!(grown < 1.0, "{grown} MB more than after seven");
    assert_eq!(status.operational_state, OperationalState::Active);
}
