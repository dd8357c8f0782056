//! Runs: their progress, their last line, and the numbers they end with.

use std::{
    io::{BufRead, BufReader},
    process::Command,
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use simulator::{Config, Effect, Fault, LimitName, TokenState};

use crate::rig::{Ended, Home, ID, portal, small};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_ends_with_one_line_that_says_what_came_of_every_stream() {
    let portal = portal(small()).await;
    let home = Home::new();
    home.connect(&portal).await;
    let ended = home.run(&["sync", "--since", "all", "--json"]).await;
    assert_eq!(ended.code, 0, "{ended:?}");
    let last = ended.json();
    let mut keys: Vec<&String> = last.as_object().expect("an object").keys().collect();
    keys.sort_unstable();
    assert_eq!(
        keys,
        [
            "done",
            "error",
            "index_milliseconds",
            "links",
            "milliseconds",
            "plan",
            "requests",
            "state",
            "streams"
        ]
    );
    assert!(last["links"].as_u64() > Some(0) && last["requests"].as_u64() > Some(0), "{last}");
    assert_eq!(
        (&last["done"], &last["state"], &last["error"]),
        (&json!(true), &json!("active"), &Value::Null)
    );
    let streams = last["streams"].as_array().expect("streams");
    let contacts = streams.iter().find(|stream| stream["object"] == "contacts").expect("contacts");
    let expected = json!({
        "object": "contacts", "found": 120, "stored": 120, "skipped": 0, "state": "done", "reason": null
    });
    assert_eq!(*contacts, expected);
    for line in ended.out.lines() {
        let line: Value = serde_json::from_str(line).expect("every line is JSON");
        assert!(line.get("state").is_some() && line.get("error").is_some(), "{line}");
        assert!(line.get("progress").is_some() || line.get("done").is_some(), "{line}");
    }
}

/// The plan is asked for before anything is here, and stands beside what the run took.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_plan_says_what_a_run_will_cost_and_copies_nothing() {
    let portal = portal(small()).await;
    let home = Home::new();
    home.connect(&portal).await;
    let words = home.run(&["sync", "--plan"]).await;
    assert_eq!(words.code, 0, "{words:?}");
    assert!(words.out.contains("contacts") && words.out.contains("definitions"), "{words:?}");
    let status = home.run(&["status", "--json"]).await.json();
    assert_eq!(status["objects"], json!([]), "nothing was copied");
    let plan = home.run(&["sync", "--plan", "--json"]).await.json();
    assert_eq!((&plan["state"], &plan["error"]), (&json!("planned"), &Value::Null), "{plan}");
    let types = plan["types"].as_array().expect("types");
    let contacts = types.iter().find(|plan| plan["object"] == "contacts").expect("contacts");
    // Those of the default window.
    let counted = contacts["records"]["value"].as_u64();
    assert!(counted > Some(0) && counted <= Some(120), "{contacts}");
    assert_eq!(
        contacts["ways"],
        json!(["list+batch"]),
        "a usual portal has more properties than a URL holds"
    );
    let ran = home.run(&["sync", "--since", "all", "--json"]).await.json();
    let (foretold, fact) = (&ran["plan"]["plan"]["requests"], &ran["plan"]["fact"]["requests"]);
    assert!(foretold.as_u64() > Some(0) && fact.as_u64() > Some(0), "{ran}");
    // From now on only what changed is read.
    let changes = home.run(&["sync", "--plan", "--json"]).await.json();
    assert!(changes["cost"]["requests"].as_u64() < foretold.as_u64(), "{changes}");
    assert_eq!(changes["types"][0]["changes"], true);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn progress_is_told_at_most_twice_a_second_and_words_stay_off_standard_output() {
    let latency = Duration::from_millis(60);
    let portal = portal(Config { contacts: 1_500, latency, ..Config::default() }).await;
    let home = Home::new();
    home.connect(&portal).await;
    let began = Instant::now();
    let ended = home.run(&["sync", "--since", "all", "--json"]).await;
    let most = began.elapsed().as_millis() / 500 + 1;
    assert_eq!(ended.code, 0, "{ended:?}");
    let told = ended.out.lines().filter(|line| line.contains("\"progress\"")).count();
    assert!(told >= 1 && told as u128 <= most, "{told} lines, {most} allowed: {ended:?}");
    let silent = home.run(&["sync"]).await;
    assert!(silent.out.starts_with("object"), "{silent:?}");
    assert!(
        !silent.out.contains('\r') && !silent.err.contains('\x1b'),
        "no terminal, no rewriting: {silent:?}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_missing_permission_of_one_type_is_listed_and_is_no_failure() {
    let mut config = small();
    config.scopes.retain(|scope| scope != "tickets");
    let portal = portal(config).await;
    let home = Home::new();
    home.connect(&portal).await;
    let ended = home.run(&["sync", "--since", "all", "--json"]).await;
    assert_eq!(ended.code, 0, "{ended:?}");
    let last = ended.json();
    let tickets =
        last["streams"].as_array().expect("streams").iter().find(|stream| stream["object"] == "tickets");
    let tickets = tickets.expect("tickets are listed");
    assert_eq!(tickets["state"], "skipped");
    assert!(tickets["reason"].as_str().is_some_and(|reason| reason.contains("tickets")));
    assert!(home.run(&["status"]).await.out.contains("tickets"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn when_nothing_may_be_read_the_user_is_needed() {
    let portal = portal(Config { scopes: vec!["oauth".to_owned()], ..small() }).await;
    let home = Home::new();
    home.connect(&portal).await;
    home.run(&["sync", "--json"]).await.assert_refused(3, "missing_scope");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_ended_key_needs_the_user_and_the_copy_stays() {
    let portal = portal(small()).await;
    let home = Home::copied(&portal).await;
    portal.faults().set_token(TokenState::Revoked);
    let ended = home.run(&["sync", "--json"]).await;
    ended.assert_refused(3, "auth_expired");
    assert_eq!(ended.json()["done"], false);
    assert_eq!(home.run(&["status", "--json"]).await.json()["state"], "auth_error");
    let rows = home.run(&["query", ID, "SELECT count(*) AS n FROM contacts", "--format", "json"]).await;
    assert_eq!(rows.json()[0]["n"], 120);
    portal.faults().clear();
    home.connect(&portal).await;
    assert_eq!(home.run(&["sync"]).await.code, 0, "the same portal takes a key again");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_used_up_day_has_a_number_of_its_own_and_says_when_it_ends() {
    let portal = portal(small()).await;
    let home = Home::new();
    home.connect(&portal).await;
    let daily = Effect::Limited { limit: LimitName::Daily, retry_after: None };
    portal.faults().add(Fault::new(daily).after(20));
    let ended = home.run(&["sync", "--since", "all", "--json"]).await;
    ended.assert_refused(5, "daily_limit");
    assert!(ended.json()["resumes_at"].is_string(), "{ended:?}");
    assert_eq!(ended.json()["state"], "rate_limited");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_process_waits_a_little_and_then_says_who_is_busy() {
    let latency = Duration::from_millis(1_500);
    let portal = portal(Config { latency, ..small() }).await;
    let home = Home::new();
    home.connect(&portal).await;
    portal.reset_ledger();
    let mut first = home.spawn(&["sync", "--since", "all"]);
    portal.calls_reached(1).await;
    let second = home.run(&["sync", "--json"]).await;
    second.assert_refused(4, "busy");
    assert!(second.err.contains(&first.id().to_string()), "{second:?}");
    first.kill().expect("it can be killed");
    first.wait().expect("and waited for");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ctrl_c_ends_a_run_with_a_sentence_and_the_next_one_continues() {
    let latency = Duration::from_millis(100);
    let portal = portal(Config { latency, contacts: 600, ..Config::default() }).await;
    let home = Home::new();
    home.connect(&portal).await;
    portal.reset_ledger();
    let run = home.spawn(&["sync", "--since", "all", "--json"]);
    portal.calls_reached(40).await;
    let killed = Command::new("kill").args(["-INT", &run.id().to_string()]).status().expect("kill runs");
    assert!(killed.success());
    let ended = tokio::task::spawn_blocking(move || run.wait_with_output().expect("it ends"));
    let ended = Ended::from(ended.await.expect("nothing panics"));
    ended.assert_refused(1, "stopped");
    assert_eq!(ended.json()["done"], false);
    assert_eq!(home.run(&["sync", "--since", "all"]).await.code, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_connections_are_copied_one_after_the_other_and_one_bad_one_does_not_stop_the_rest() {
    let (one, two) = tokio::join!(portal(small()), portal(Config { portal: 99_000_111, seed: 2, ..small() }));
    let home = Home::new();
    home.connect(&one).await;
    home.connect(&two).await;
    home.run(&["sync", "--json"]).await.assert_refused(2, "several_connections");
    one.faults().set_token(TokenState::Revoked);
    let ended = home.run(&["sync", "--all", "--since", "all", "--json"]).await;
    assert_eq!(ended.code, 3, "{ended:?}");
    let lines: Vec<Value> = ended.out.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let last: Vec<&Value> = lines.iter().filter(|line| line.get("done").is_some()).collect();
    assert_eq!(last.len(), 2);
    assert_eq!((&last[0]["done"], &last[1]["done"]), (&json!(false), &json!(true)));
    let rows = home
        .run(&["query", "portal-99000111", "SELECT count(*) AS n FROM contacts", "--format", "json"])
        .await;
    assert_eq!(rows.json()[0]["n"], 120);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_stops_listening_does_not_stop_the_copying() {
    let latency = Duration::from_millis(60);
    let portal = portal(Config { latency, contacts: 600, ..Config::default() }).await;
    let home = Home::new();
    home.connect(&portal).await;
    let mut run = home.spawn(&["sync", "--since", "all", "--json"]);
    let out = run.stdout.take().expect("a pipe");
    let code = tokio::task::spawn_blocking(move || {
        let mut first = String::new();
        BufReader::new(out).read_line(&mut first).expect("a line");
        run.wait_with_output().expect("it ends")
    });
    let ended = Ended::from(code.await.expect("nothing panics"));
    assert_eq!((ended.code, ended.err.as_str()), (0, ""), "a closed pipe is quiet");
    let rows = home.run(&["query", ID, "SELECT count(*) AS n FROM contacts", "--format", "json"]).await;
    assert_eq!(rows.json()[0]["n"], 600);
}
