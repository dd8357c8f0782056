//! Doctor in the window: in the background, told by events, and with the demo portal only where it runs.

use std::sync::Arc;

use operations::{
    Core, doctor, examine, make_trouble, open_demo, request_log, run_doctor, run_sync,
    wire::{
        Code, CoreEvent, Doctor, DoctorOutcome, DoctorRequest, DoctorRow, MakeTrouble, OpenDemo,
        RequestLogRequest, RunDoctor, RunSync,
    },
};

use crate::rig::{Demo, Rig};

fn only(ids: &[&str]) -> RunDoctor {
    RunDoctor { only: ids.iter().map(|&id| id.to_owned()).collect() }
}

fn row<'a>(found: &'a Doctor, id: &str) -> &'a DoctorRow {
    found.rows.iter().find(|row| row.id == id).unwrap_or_else(|| panic!("no row {id}"))
}

async fn ended(core: &Core) -> Doctor {
    let mut events = core.events();
    loop {
        let found = doctor(core, DoctorRequest {}).await.expect("it can be asked");
        if !found.running {
            return found;
        }
        while !matches!(events.recv().await, Ok(CoreEvent::DoctorChanged)) {}
    }
}

/// Opened and copied.
async fn demo(rig: &Rig) -> Core {
    let core = rig.core_with(Some(Arc::new(Demo::default())));
    open_demo(&core, OpenDemo {}).await.expect("the demo portal opens");
    let request = RunSync { connection: "demo".to_owned(), full: false, since: None, wait: false };
    assert!(run_sync(&core, request).await.expect("a run").done);
    core
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_round_in_the_background_ends_with_a_verdict() {
    let rig = Rig::new();
    let core = demo(&rig).await;
    core.tell_web_view("WebKitGTK 2.50");
    let before = doctor(&core, DoctorRequest {}).await.expect("it can be asked");
    assert!(before.rows.iter().all(|row| row.outcome == DoctorOutcome::Next) && before.ran_at.is_none());
    let begun = run_doctor(&core, RunDoctor::default()).await.expect("it begins");
    assert!(begun.running && begun.verdict.starts_with("Checking"));
    let found = ended(&core).await;
    assert!(found.ran_at.is_some() && found.verdict != begun.verdict, "{}", found.verdict);
    for id in ["web_view", "keychain", "database", "key/demo", "copy/demo", "copy_full/demo", "requests"] {
        assert_eq!(row(&found, id).outcome, DoctorOutcome::Fine, "{:?}", row(&found, id));
    }
    assert_eq!(row(&found, "reachable").outcome, DoctorOutcome::NotApplicable, "nobody else is asked");

    make_trouble(&core, MakeTrouble { id: "key_ended".to_owned(), on: true }).await.expect("made");
    let found = examine(&core, only(&["key/demo"])).await.expect("it ends");
    let key = row(&found, "key/demo");
    assert_eq!(key.outcome, DoctorOutcome::Broken);
    assert_eq!(key.error.as_ref().map(|error| error.code), Some(Code::AuthExpired));
    assert_eq!(row(&found, "copy/demo").outcome, DoctorOutcome::Fine, "the others stay as they were");

    let request = RequestLogRequest { connection: Some("demo".to_owned()), failed: true };
    let log = request_log(&core, request).await.expect("a log");
    assert_eq!(log.rows.first().and_then(|row| row.status), Some(401), "{:?}", log.groups);
    assert_eq!(log.rows[0].path, "/account-info/2026-03/details");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_demo_portal_that_does_not_run_is_not_started_for_a_check() {
    let rig = Rig::new();
    drop(demo(&rig).await);
    let core = rig.core_with(Some(Arc::new(Demo::default())));
    let found = examine(&core, only(&["key", "scopes", "budget", "clock", "copy"])).await.expect("it ends");
    for id in ["key/demo", "scopes/demo", "budget/demo", "clock"] {
        assert_eq!(row(&found, id).outcome, DoctorOutcome::NotApplicable, "{:?}", row(&found, id));
    }
    assert_eq!(row(&found, "copy/demo").outcome, DoctorOutcome::Fine);
    let log = request_log(&core, RequestLogRequest { connection: None, failed: false }).await.expect("a log");
    assert!(log.rows.is_empty(), "nothing was asked of anybody");
}
