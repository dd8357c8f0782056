//! Settings, and what status says of schedule, backfill and diagnostics.

use serde_json::{Value, json};
use simulator::{Effect, Fault};

use crate::rig::{Home, ID, portal, small};

async fn setting(home: &Home, key: &str) -> Value {
    home.run(&["config", ID, key, "--json"]).await.json()["setting"].clone()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn settings_are_listed_shown_changed_and_taken_back() {
    let home = Home::copied(&portal(small()).await).await;
    let listed = home.run(&["config", ID]).await;
    for key in [
        "cadence_minutes",
        "hubspot_backfill_since",
        "speed",
        "daily_budget_share",
        "quiet_hours",
        "history_max",
        "new_property_policy",
        "skipped_objects",
        "hubspot_excluded_emails",
        "excluded_emails",
        "hubspot_excluded_email_domains",
        "hubspot_excluded_domains",
        "excluded_email_domains",
        "company_info.domain",
        "company_info.domains",
        "hubspot_property_filters",
        "hubspot_filters",
    ] {
        assert!(listed.out.lines().any(|line| line.starts_with(&format!("{key} "))), "{key}: {listed:?}");
    }
    let changed = home.run(&["config", ID, "cadence_minutes", "30", "--json"]).await;
    assert_eq!(changed.code, 0, "{changed:?}");
    let cadence = setting(&home, "cadence_minutes").await;
    assert_eq!(
        (&cadence["value"], &cadence["default"], &cadence["changed"]),
        (&json!("30"), &json!("15"), &json!(true))
    );
    assert_eq!(home.run(&["status", "--json"]).await.json()["schedule"]["cadence_minutes"], 30);
    assert_eq!(home.run(&["config", ID, "cadence_minutes", "--reset"]).await.code, 0);
    let cadence = setting(&home, "cadence_minutes").await;
    assert_eq!((&cadence["value"], &cadence["changed"]), (&json!("15"), &json!(false)));
    assert_eq!(home.run(&["config", ID, "quiet_hours", "22-6"]).await.code, 0);
    assert_eq!(setting(&home, "quiet_hours").await["value"], "22:00-06:00");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_type_can_be_left_out_and_taken_up_again() {
    let portal = portal(small()).await;
    let home = Home::copied(&portal).await;
    assert_eq!(home.run(&["config", ID, "skipped_objects", "Tickets, leads"]).await.code, 0);
    assert_eq!(setting(&home, "skipped_objects").await["value"], r#"["tickets","leads"]"#);
    let report = home.run(&["sync", ID, "--json"]).await;
    assert_eq!(report.code, 0, "{report:?}");
    let tickets = || async {
        let status = home.run(&["status", ID, "--json"]).await.json();
        let rows = status["objects"].as_array().expect("rows").clone();
        rows.into_iter().find(|row| row["object"] == "tickets").expect("tickets")
    };
    let left_out = tickets().await;
    assert_eq!(
        (&left_out["state"], &left_out["reason"], &left_out["left_out"]),
        (&json!("skipped"), &json!("You left it out."), &json!(true))
    );
    let said = home.run(&["status", ID]).await;
    assert!(said.out.contains("skipped: You left it out."), "{said:?}");
    let refused = home.run(&["config", ID, "skipped_objects", "unicorns"]).await;
    assert!(refused.code != 0 && refused.err.contains("unicorns"), "{refused:?}");
    assert_eq!(home.run(&["config", ID, "skipped_objects", "--reset"]).await.code, 0);
    assert_eq!(home.run(&["sync", ID]).await.code, 0);
    assert_eq!(tickets().await["state"], "done");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_set_is_refused_with_what_can() {
    let home = Home::copied(&portal(small()).await).await;
    for (key, value, allowed) in [
        ("cadence_minutes", "4", "5 to 1440"),
        ("cadence_minutes", "1441", "5 to 1440"),
        ("cadence_minutes", "often", "minutes"),
        ("hubspot_backfill_since", "yesterday", "2024-01-31"),
        ("speed", "ludicrous", "gentle, normal, fast"),
        ("daily_budget_share", "0", "1 to 100"),
        ("quiet_hours", "22:00", "22:00-06:00"),
        ("history_max", "plenty", "365 days"),
        ("new_property_policy", "perhaps", "store, ask"),
        ("excluded_emails", "acme.com", "me@acme.com"),
        ("company_info.domain", "acme", "acme.com"),
        ("hubspot_filters", "pipeline=default", "JSON"),
    ] {
        let ended = home.run(&["config", ID, key, value, "--json"]).await;
        ended.assert_refused(2, "bad_request");
        assert!(
            ended.json()["error"]["message"].as_str().is_some_and(|said| said.contains(allowed)),
            "{ended:?}"
        );
    }
    let unknown = home.run(&["config", ID, "colour", "blue", "--json"]).await;
    unknown.assert_refused(2, "bad_request");
    assert!(unknown.out.contains("cadence_minutes"), "it names what there is: {unknown:?}");
    home.run(&["config", ID, "colour", "--json"]).await.assert_refused(2, "bad_request");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_window_is_a_setting_and_the_next_run_takes_it() {
    let portal = portal(small()).await;
    let home = Home::new();
    home.connect(&portal).await;
    let ended = home.run(&["config", ID, "hubspot_backfill_since", "2026-01-01", "--json"]).await;
    assert_eq!(ended.json()["setting"]["value"], "2026-01-01T00:00:00.000Z", "{ended:?}");
    let status = home.run(&["status", "--json"]).await.json();
    assert_eq!(status["hubspot_backfill"]["since"], "2026-01-01T00:00:00.000Z");
    let narrowed = home.run(&["sync"]).await;
    assert_eq!(narrowed.code, 0, "{narrowed:?}");
    assert_eq!(home.run(&["config", ID, "hubspot_backfill_since", "all"]).await.code, 0);
    let status = home.run(&["status", "--json"]).await.json();
    assert_eq!(status["hubspot_backfill"]["status"], "running", "what is missing is still to be fetched");
    assert_eq!(home.run(&["sync"]).await.code, 0);
    let status = home.run(&["status", "--json"]).await.json();
    assert_eq!(status["hubspot_backfill"]["status"], "complete");
    assert_eq!(status["hubspot_diagnostics"]["records_pulled_by_type"]["contacts"], 120);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn status_has_every_field_by_its_name() {
    let home = Home::copied(&portal(small()).await).await;
    let status = home.run(&["status", "--json"]).await.json();
    assert_eq!(status["operational_state"], "active");
    let has = |object: &Value, keys: &[&str]| {
        let object = object.as_object().expect("an object");
        for key in keys {
            assert!(object.contains_key(*key), "{key} in {object:?}");
        }
    };
    has(&status["hubspot_backfill"], &["status", "since", "started_at", "completed_at", "counts", "state"]);
    has(
        &status["hubspot_diagnostics"],
        &[
            "last_successful_hubspot_pull",
            "last_queue_enqueue",
            "queue",
            "queue_state",
            "records_pulled_by_type",
            "last_poll_record_counts_by_type",
            "latest_deal_seen",
            "aggregate_recompute_at",
            "synthesis_cadence",
            "synthesis_period_key",
            "synthesis_recomputed_at",
            "synthesis_count",
            "synthesis_skipped_reason",
            "synthesis_last_error",
            "persistent_errors",
            "setup_error",
            "last_error",
        ],
    );
    has(&status["setup_help"], &["flow", "permissions", "wrong_flow_error"]);
    let (backfill, diagnostics) = (&status["hubspot_backfill"], &status["hubspot_diagnostics"]);
    assert_eq!(backfill["status"], "complete");
    assert_eq!(backfill["counts"]["contacts"], 120);
    assert_eq!(backfill["state"]["contacts"]["complete"], true);
    assert!(backfill["started_at"].as_str() <= backfill["completed_at"].as_str(), "{backfill}");
    assert_eq!((&diagnostics["queue"], &diagnostics["queue_state"]), (&json!(0), &json!("empty")));
    assert!(diagnostics["last_successful_hubspot_pull"].is_string(), "{diagnostics}");
    assert!(diagnostics["latest_deal_seen"]["id"].is_string(), "{diagnostics}");
    assert_eq!(status["runs"][0]["kind"], "import", "{status}");
    assert_eq!((&status["schedule"]["kept"], &status["schedule"]["next"]), (&json!(false), &json!("proof")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_trouble_stays_in_status_until_it_is_over_and_then_says_when() {
    let portal = portal(small()).await;
    let home = Home::copied(&portal).await;
    let troubles = async || {
        let status = home.run(&["status", "--json"]).await.json();
        status["hubspot_diagnostics"]["persistent_errors"].clone()
    };
    assert_eq!(troubles().await, json!([]));
    portal.faults().add(Fault::new(Effect::Status { status: 401 }));
    for _ in 0..2 {
        assert_eq!(home.run(&["sync"]).await.code, 3);
    }
    let kept = troubles().await;
    assert_eq!((&kept[0]["code"], &kept[0]["count"]), (&json!("auth_expired"), &json!(2)), "{kept}");
    assert_eq!((&kept[0]["object"], &kept[0]["resolved_at"]), (&json!(null), &json!(null)), "{kept}");
    let status = home.run(&["status", "--json"]).await.json();
    assert_eq!(status["operational_state"], "auth_error");
    portal.faults().clear();
    assert_eq!(home.run(&["sync"]).await.code, 0);
    let kept = troubles().await;
    assert_eq!(kept.as_array().map(Vec::len), Some(1), "{kept}");
    assert!(kept[0]["resolved_at"].is_string(), "{kept}");
}
