//! The run log, and troubles that stay until they are over.

use crm::{ConnectionId, Timestamp};
use store::{AppDb, Home, KeptError, Reader, RunStream, Waits};

use crate::make::{day, mirror};

fn stream(name: &str, state: &str, found: Option<u64>) -> RunStream {
    RunStream {
        stream: name.to_owned(),
        state: state.to_owned(),
        way: Some("list".to_owned()),
        found,
        stored: 3,
        unchanged: 2,
        removed: 1,
        skipped: 4,
        calls: 5,
        reason: None,
        started_at: day(1),
        finished_at: None,
    }
}

#[test]
fn a_stream_has_one_row_a_run_which_its_last_word_replaces() {
    let mut mirror = mirror();
    let run = mirror.writer.begin_run("import", day(1)).unwrap();
    mirror.writer.run_stream(run, &stream("contacts", "running", None)).unwrap();
    let ended = RunStream { finished_at: Some(day(2)), ..stream("contacts", "done", Some(9)) };
    mirror.writer.run_stream(run, &ended).unwrap();
    mirror.writer.run_stream(run, &stream("companies", "failed", Some(0))).unwrap();
    let reader = Reader::open(&mirror.path()).unwrap();
    assert_eq!(reader.run_streams(run).unwrap(), [stream("companies", "failed", Some(0)), ended]);
    assert_eq!(reader.last_found_at().unwrap(), Some(day(2)));
    assert_eq!(reader.run_streams(run + 1).unwrap(), []);
}

#[test]
fn old_runs_go_with_their_streams_but_the_first_import_stays() {
    let mut mirror = mirror();
    let first = mirror.writer.begin_run("import", day(1)).unwrap();
    mirror.writer.finish_run(first, "cancelled", "{}", day(1)).unwrap();
    let whole = mirror.writer.begin_run("import", day(2)).unwrap();
    mirror.writer.finish_run(whole, "done", "{}", day(3)).unwrap();
    mirror.writer.run_stream(whole, &stream("contacts", "done", Some(9))).unwrap();
    for _ in 0..600 {
        let run = mirror.writer.begin_run("poll", day(4)).unwrap();
        mirror.writer.run_stream(run, &stream("contacts", "done", Some(0))).unwrap();
        mirror.writer.finish_run(run, "done", "{}", day(4)).unwrap();
    }
    assert_eq!(mirror.rows("SELECT count(*) FROM runs"), ["502"]);
    assert_eq!(mirror.rows("SELECT count(*) FROM run_streams"), ["501"]);
    let backfill = Reader::open(&mirror.path()).unwrap().backfill().unwrap();
    assert_eq!((backfill.started_at, backfill.completed_at), (Some(day(1)), Some(day(3))));
}

#[test]
fn what_waits_is_counted_with_the_age_of_its_oldest() {
    let mirror = mirror();
    let reader = Reader::open(&mirror.path()).unwrap();
    assert_eq!(reader.waiting().unwrap(), store::Queue::default());
    rusqlite::Connection::open(mirror.path())
        .unwrap()
        .execute_batch(&format!(
            "INSERT INTO queue VALUES ('contacts', 1, 'record', NULL, '{}'), ('contacts', 2, 'record', NULL, '{}')",
            day(3),
            day(2)
        ))
        .unwrap();
    let queue = reader.waiting().unwrap();
    assert_eq!((queue.waiting, queue.oldest_at, queue.newest_at), (2, Some(day(2)), Some(day(3))));
    assert_eq!(reader.last_found_at().unwrap(), Some(day(3)));
}

fn app() -> (tempfile::TempDir, AppDb, ConnectionId) {
    let folder = tempfile::tempdir().unwrap();
    let app = AppDb::open(&Home::open(folder.path()).unwrap()).unwrap();
    (folder, app, "portal-1".parse().unwrap())
}

#[test]
fn a_trouble_stays_until_it_is_over_and_then_says_when() {
    let (_folder, app, id) = app();
    let kept = |code: &str, subject: &str, count, first, last, resolved_at: Option<Timestamp>| KeptError {
        code: code.to_owned(),
        subject: subject.to_owned(),
        message: "m".to_owned(),
        first_at: day(first),
        last_at: day(last),
        count,
        resolved_at,
    };
    app.keep_error(&id, "offline", "", "m", day(1)).unwrap();
    app.keep_error(&id, "offline", "", "m", day(2)).unwrap();
    app.keep_error(&id, "missing_scope", "tickets", "m", day(2)).unwrap();
    app.keep_error(&"portal-2".parse().unwrap(), "offline", "", "m", day(2)).unwrap();
    let scope = kept("missing_scope", "tickets", 1, 2, 2, None);
    assert_eq!(app.kept_errors(&id).unwrap(), [scope.clone(), kept("offline", "", 2, 1, 2, None)]);

    app.resolve_errors(&id, "", None, day(3)).unwrap();
    let over = kept("offline", "", 2, 1, 2, Some(day(3)));
    assert_eq!(app.kept_errors(&id).unwrap(), [scope.clone(), over.clone()], "the other subject stays");
    app.resolve_errors(&id, "tickets", Some("missing_scope"), day(3)).unwrap();
    assert_eq!(app.kept_errors(&id).unwrap(), [scope, over], "what is still so stays");

    app.keep_error(&id, "offline", "", "m", day(4)).unwrap();
    assert_eq!(app.kept_errors(&id).unwrap()[0], kept("offline", "", 1, 4, 4, None), "back, it counts anew");
    app.resolve_errors(&id, "", None, day(5)).unwrap();
    app.resolve_errors(&id, "", None, Timestamp::from_millis(day(5).millis() + 31 * 86_400_000)).unwrap();
    assert_eq!(app.kept_errors(&id).unwrap().len(), 1, "in the end it is forgotten");
}

#[test]
fn settings_and_waits_are_a_connections_own_and_go_with_it() {
    let (_folder, app, id) = app();
    let other: ConnectionId = "portal-2".parse().unwrap();
    app.put_connection_setting(&id, "cadence_minutes", Some("30"), day(1)).unwrap();
    app.put_connection_setting(&id, "speed", Some("fast"), day(1)).unwrap();
    app.put_connection_setting(&id, "speed", None, day(2)).unwrap();
    app.put_paused_until(&id, Some(day(9))).unwrap();
    app.put_resumes_at(&id, Some(day(8))).unwrap();
    assert_eq!(app.connection_settings(&id).unwrap(), [("cadence_minutes".to_owned(), "30".to_owned())]);
    assert_eq!(app.connection_settings(&other).unwrap(), []);
    let waits = Waits { paused_until: Some(day(9)), resumes_at: Some(day(8)) };
    assert_eq!((app.waits(&id).unwrap(), app.waits(&other).unwrap()), (waits, Waits::default()));
    app.put_paused_until(&id, None).unwrap();
    assert_eq!(app.waits(&id).unwrap(), Waits { paused_until: None, ..waits });
    app.remove_connection(&id).unwrap();
    assert_eq!((app.connection_settings(&id).unwrap(), app.waits(&id).unwrap()), (vec![], Waits::default()));
}
