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
        found_at: None,
        started_at: day(1),
        finished_at: day(2),
    }
}

#[test]
fn a_run_ends_with_one_row_for_each_of_its_streams() {
    let mut mirror = mirror();
    let run = mirror.writer.begin_run("import", day(1)).unwrap();
    let found = RunStream { found_at: Some(day(2)), ..stream("contacts", "done", Some(9)) };
    let nothing = stream("companies", "skipped", None);
    mirror.writer.finish_run(run, "done", "{}", &[found.clone(), nothing.clone()], day(3)).unwrap();
    let quiet = mirror.writer.begin_run("poll", day(4)).unwrap();
    let idle = stream("contacts", "done", Some(0));
    mirror.writer.finish_run(quiet, "done", "{}", std::slice::from_ref(&idle), day(4)).unwrap();
    let reader = Reader::open(&mirror.path()).unwrap();
    assert_eq!(reader.run_streams(run).unwrap(), [nothing, found]);
    assert_eq!(reader.run_streams(quiet).unwrap(), [idle]);
    assert_eq!(reader.last_found_at().unwrap(), Some(day(2)));
}

#[test]
fn old_runs_go_with_their_streams_but_the_first_import_and_the_last_find_stay() {
    let mut mirror = mirror();
    let first = mirror.writer.begin_run("import", day(1)).unwrap();
    mirror.writer.finish_run(first, "cancelled", "{}", &[], day(1)).unwrap();
    let whole = mirror.writer.begin_run("import", day(2)).unwrap();
    mirror.writer.finish_run(whole, "done", "{}", &[stream("contacts", "done", Some(9))], day(3)).unwrap();
    for run in 0..600 {
        let found_at = (run == 7).then(|| day(5));
        let row = RunStream { found_at, ..stream("contacts", "done", Some(0)) };
        let run = mirror.writer.begin_run("poll", day(4)).unwrap();
        mirror.writer.finish_run(run, "done", "{}", &[row], day(4)).unwrap();
    }
    assert_eq!(mirror.rows("SELECT count(*) FROM runs"), ["503"]);
    assert_eq!(mirror.rows("SELECT count(*) FROM run_streams"), ["502"]);
    let reader = Reader::open(&mirror.path()).unwrap();
    let backfill = reader.backfill().unwrap();
    assert_eq!((backfill.started_at, backfill.completed_at), (Some(day(1)), Some(day(3))));
    assert_eq!(reader.last_found_at().unwrap(), Some(day(5)));
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
