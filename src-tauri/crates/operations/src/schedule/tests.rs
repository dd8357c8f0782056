//! What comes next for a connection, case by case.

use super::*;

const MINUTE: Duration = Duration::from_mins(1);

/// Copied, looked at just now, every 15 minutes.
fn facts() -> Facts {
    Facts {
        life: Life::Usable,
        pause: None,
        running: false,
        begun: true,
        first_done: true,
        cadence: 15 * MINUTE,
        quiet: None,
        last: Some(Last { ended: Ended::Done, ago: Duration::ZERO }),
        since_sync: Some(Duration::ZERO),
        resumes_at: None,
        proof_due: false,
    }
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn noon() -> Timestamp {
    at("2026-11-20T12:00:00Z")
}

fn ended(ended: Ended, ago: Duration) -> Facts {
    Facts { last: Some(Last { ended, ago }), ..facts() }
}

fn wait(until: &str, then: Work, why: Why) -> Next {
    Next::Wait { until: at(until), then, why }
}

#[test]
#[expect(clippy::too_many_lines, reason = "one table of cases")]
fn what_is_next_follows_from_how_things_stand() {
    use Next::{Do, Rest as Rests};
    let done = |ago| ended(Ended::Done, ago);
    let cases = [
        ("just looked", facts(), wait("2026-11-20T12:15:00Z", Work::Poll, Why::Cadence)),
        ("due", done(15 * MINUTE), Do(Work::Poll)),
        ("nearly due", done(Duration::from_millis(899_100)), Do(Work::Poll)),
        ("long overdue", done(480 * MINUTE), Do(Work::Poll)),
        ("the hour is full", Facts { since_sync: Some(60 * MINUTE), ..done(15 * MINUTE) }, Do(Work::Sync)),
        (
            "the hour will be full",
            Facts { since_sync: Some(45 * MINUTE), ..facts() },
            wait("2026-11-20T12:15:00Z", Work::Sync, Why::Cadence),
        ),
        (
            "nobody knows when the last sync was",
            Facts { since_sync: None, ..done(15 * MINUTE) },
            Do(Work::Sync),
        ),
        (
            "a day's cadence",
            Facts { cadence: 1_440 * MINUTE, ..facts() },
            wait("2026-11-21T12:00:00Z", Work::Sync, Why::Cadence),
        ),
        ("no run is known", Facts { last: None, since_sync: None, ..facts() }, Do(Work::Sync)),
        (
            "cut a moment ago",
            ended(Ended::Cut, Duration::ZERO),
            wait("2026-11-20T12:00:02Z", Work::Poll, Why::Cadence),
        ),
        ("cut", ended(Ended::Cut, MINUTE), Do(Work::Poll)),
        ("an import cut", Facts { first_done: false, ..ended(Ended::Cut, MINUTE) }, Do(Work::Import)),
        (
            "failed once",
            ended(Ended::Failed(1), Duration::ZERO),
            wait("2026-11-20T12:01:00Z", Work::Poll, Why::Failed(1)),
        ),
        (
            "failed again",
            ended(Ended::Failed(3), MINUTE),
            wait("2026-11-20T12:03:00Z", Work::Poll, Why::Failed(3)),
        ),
        (
            "failing for days",
            ended(Ended::Failed(90), Duration::ZERO),
            wait("2026-11-20T13:00:00Z", Work::Sync, Why::Failed(90)),
        ),
        ("failed long ago", ended(Ended::Failed(90), 60 * MINUTE), Do(Work::Poll)),
        (
            "another process",
            ended(Ended::Busy, Duration::ZERO),
            wait("2026-11-20T12:01:00Z", Work::Poll, Why::Busy),
        ),
        ("a proof is due", Facts { proof_due: true, ..facts() }, Do(Work::Proof)),
        (
            "a proof is due, but first what failed",
            Facts { proof_due: true, ..ended(Ended::Failed(1), MINUTE) },
            Do(Work::Poll),
        ),
        (
            "a proof waits for the end of a pause",
            Facts { proof_due: true, pause: Some(Pause::Until(at("2026-11-20T13:00:00Z"))), ..facts() },
            wait("2026-11-20T13:00:00Z", Work::Proof, Why::Paused),
        ),
        ("running", Facts { running: true, ..done(60 * MINUTE) }, Rests(Rest::Running)),
        ("paused", Facts { pause: Some(Pause::UntilResumed), ..done(60 * MINUTE) }, Rests(Rest::Paused)),
        (
            "paused until one",
            Facts { pause: Some(Pause::Until(at("2026-11-20T13:00:00Z"))), ..done(60 * MINUTE) },
            wait("2026-11-20T13:00:00Z", Work::Sync, Why::Paused),
        ),
        (
            "the pause is over before the next is due",
            Facts { pause: Some(Pause::Until(at("2026-11-20T12:05:00Z"))), ..facts() },
            wait("2026-11-20T12:15:00Z", Work::Poll, Why::Cadence),
        ),
        (
            "the pause is over",
            Facts { pause: Some(Pause::Until(noon())), ..done(60 * MINUTE) },
            Do(Work::Poll),
        ),
        (
            "daily limit",
            Facts { resumes_at: Some(at("2026-11-21T05:00:00Z")), ..ended(Ended::Failed(1), MINUTE) },
            wait("2026-11-21T05:00:00Z", Work::Sync, Why::DailyLimit),
        ),
        (
            "daily limit, lifted",
            Facts { resumes_at: Some(noon()), ..ended(Ended::Failed(1), 600 * MINUTE) },
            Do(Work::Poll),
        ),
        (
            "nothing begun",
            Facts { begun: false, first_done: false, last: None, ..facts() },
            Rests(Rest::NotBegun),
        ),
        ("setup open", Facts { life: Life::SetupOpen, ..done(60 * MINUTE) }, Rests(Rest::SetupOpen)),
        ("ended by HubSpot", Facts { life: Life::Ended, ..done(60 * MINUTE) }, Rests(Rest::Ended)),
        ("disconnected", Facts { life: Life::Disconnected, ..done(60 * MINUTE) }, Rests(Rest::Disconnected)),
        ("the demo, closed", Facts { life: Life::DemoClosed, ..done(60 * MINUTE) }, Rests(Rest::DemoClosed)),
        (
            "the demo's import, cut",
            Facts { life: Life::DemoClosed, first_done: false, ..ended(Ended::Cut, MINUTE) },
            Do(Work::Import),
        ),
    ];
    for (what, facts, expected) in cases {
        assert_eq!(decide(&facts, noon(), &TimeZone::UTC), expected, "{what}");
    }
}

#[test]
fn quiet_hours_put_off_what_would_start_in_them_over_midnight_too() {
    let quiet = |hours| Facts { quiet: Quiet::parse(hours), ..ended(Ended::Done, 60 * MINUTE) };
    let berlin = TimeZone::get("Europe/Berlin").unwrap();
    // In Berlin it is one hour later than in UTC in winter, two in summer.
    let cases = [
        ("before", "22:00-06:00", "2026-11-20T20:59:00Z", Next::Do(Work::Poll)),
        (
            "at the first minute",
            "22:00-06:00",
            "2026-11-20T21:00:00Z",
            wait("2026-11-21T05:00:00Z", Work::Sync, Why::Quiet),
        ),
        (
            "before midnight",
            "22:00-06:00",
            "2026-11-20T22:30:00Z",
            wait("2026-11-21T05:00:00Z", Work::Sync, Why::Quiet),
        ),
        (
            "after midnight",
            "22:00-06:00",
            "2026-11-20T23:30:00Z",
            wait("2026-11-21T05:00:00Z", Work::Sync, Why::Quiet),
        ),
        ("at the end", "22:00-06:00", "2026-11-21T05:00:00Z", Next::Do(Work::Poll)),
        (
            "at noon",
            "12:00-13:00",
            "2026-11-20T11:30:00Z",
            wait("2026-11-20T12:00:00Z", Work::Poll, Why::Quiet),
        ),
        (
            "to midnight",
            "20:00-24:00",
            "2026-11-20T19:00:00Z",
            wait("2026-11-20T23:00:00Z", Work::Sync, Why::Quiet),
        ),
        // The night in which the clocks go from 3 back to 2 has an hour more.
        (
            "the long night",
            "22:00-06:00",
            "2026-10-24T20:30:00Z",
            wait("2026-10-25T05:00:00Z", Work::Sync, Why::Quiet),
        ),
        // And the one in which they go from 2 to 3 has one less.
        (
            "the short night",
            "22:00-06:00",
            "2026-03-28T21:30:00Z",
            wait("2026-03-29T04:00:00Z", Work::Sync, Why::Quiet),
        ),
        // Half past two does not exist then: three has come.
        (
            "an end that is skipped",
            "22:00-02:30",
            "2026-03-28T21:30:00Z",
            wait("2026-03-29T01:30:00Z", Work::Sync, Why::Quiet),
        ),
        // Half past two comes twice: quiet until the first.
        (
            "an end that comes twice",
            "22:00-02:30",
            "2026-10-24T20:30:00Z",
            wait("2026-10-25T00:30:00Z", Work::Sync, Why::Quiet),
        ),
    ];
    for (what, hours, now, expected) in cases {
        assert_eq!(decide(&quiet(hours), at(now), &berlin), expected, "{what}");
    }
    let waiting =
        Facts { last: Some(Last { ended: Ended::Done, ago: Duration::ZERO }), ..quiet("12:10-12:30") };
    assert_eq!(
        decide(&waiting, noon(), &TimeZone::UTC),
        wait("2026-11-20T12:30:00Z", Work::Poll, Why::Quiet),
        "what would be due in them is put off beforehand"
    );
    let limited = Facts { resumes_at: Some(at("2026-11-21T00:00:00Z")), ..quiet("22:00-06:00") };
    assert_eq!(
        decide(&limited, noon(), &TimeZone::UTC),
        wait("2026-11-21T06:00:00Z", Work::Sync, Why::Quiet),
        "midnight at the portal may lie in them"
    );
}

#[test]
fn a_wait_says_in_words_what_it_is_for() {
    let said = |facts: &Facts, kept| sentence(decide(facts, noon(), &TimeZone::UTC), kept);
    assert_eq!(said(&facts(), true), "The next check comes at its time.");
    assert_eq!(said(&facts(), false), "Checks come by themselves while the desktop app is open.");
    assert_eq!(
        said(&ended(Ended::Failed(4), Duration::ZERO), true),
        "The next check comes again after 4 failures in a row."
    );
    assert_eq!(
        said(&Facts { pause: Some(Pause::UntilResumed), ..facts() }, false),
        "Nothing is checked until you resume."
    );
}
