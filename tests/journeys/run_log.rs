//! What `status` says of the runs there were, as a script reads it: one row for each stream, with its numbers and reasons.

use serde_json::{Value, json};
use simulator::{Config, Simulator};

use crate::rig::{command::Home, editor::Editor, portal, small};

async fn status(home: &Home) -> Value {
    let ended = home.ask(&["status", "--json"]).await;
    assert_eq!(ended.code, 0, "{ended:?}");
    ended.json()
}

fn row<'a>(run: &'a Value, stream: &str) -> &'a Value {
    let rows = run["streams"].as_array().expect("rows");
    let found = rows.iter().find(|row| row["stream"] == stream);
    found.unwrap_or_else(|| panic!("no row of {stream} in {run}"))
}

/// Found, stored, unchanged, removed, set aside.
fn counts(row: &Value) -> [&Value; 5] {
    ["found", "stored", "unchanged", "removed", "skipped"].map(|count| &row[count])
}

fn ids(portal: &Simulator, object: &str) -> Vec<u64> {
    let mut ids = Vec::new();
    portal.truth().ids(object, |id| ids.push(id));
    ids
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_stream_of_a_run_has_its_row_with_what_it_did_and_why_not() {
    let mut config = small();
    config.scopes.retain(|scope| scope != "tickets");
    let portal = portal(config).await;
    let home = Home::new();
    home.connect(&portal).await;
    home.sync().await;

    let said = status(&home).await;
    let import = &said["runs"][0];
    assert_eq!((&import["kind"], &import["state"]), (&json!("import"), &json!("done")));
    for object in ["contacts", "companies", "deals", "notes", "bike"] {
        let all = json!(ids(&portal, object).len());
        let row = row(import, object);
        assert_eq!(counts(row), [&all, &all, &json!(0), &json!(0), &json!(0)], "{row}");
        assert_eq!((&row["state"], &row["reason"]), (&json!("done"), &Value::Null));
        assert_eq!(said["hubspot_diagnostics"]["last_poll_record_counts_by_type"][object], all);
        assert_eq!(said["hubspot_diagnostics"]["records_pulled_by_type"][object], all);
    }
    let skipped = row(import, "tickets");
    assert_eq!((&skipped["state"], &skipped["found"]), (&json!("skipped"), &Value::Null));
    assert!(skipped["reason"].as_str().is_some_and(|reason| reason.contains("“tickets”")), "{skipped}");
    let unlinked = row(import, "links:contacts>tickets");
    assert_eq!(
        (&unlinked["state"], &unlinked["reason"]),
        (&json!("skipped"), &json!("Tickets are not copied."))
    );
    let links = said["links"]["filled"].as_u64().expect("a number of links");
    let rows = import["streams"].as_array().expect("rows");
    let sum = |count: &str, links: bool| -> u64 {
        let of =
            |row: &&Value| row["stream"].as_str().is_some_and(|name| name.starts_with("links:") == links);
        rows.iter().filter(of).filter_map(|row| row[count].as_u64()).sum()
    };
    assert_eq!(sum("stored", true), links, "each link was stored once");
    assert!(sum("calls", true) + sum("calls", false) <= portal.ledger().calls);

    // Edits, a record made, one archived, one merged away, one more link: the next run says what it found.
    let editor = Editor(&portal);
    let (contacts, companies) = (ids(&portal, "contacts"), ids(&portal, "companies"));
    for id in &contacts[..3] {
        editor.update("contacts", *id, json!({ "jobtitle": "Wheelwright" })).await;
    }
    let made = editor.create("contacts", json!({ "firstname": "Ada" })).await;
    editor.link(("contacts", made), ("companies", companies[0])).await;
    editor.archive("contacts", contacts[10]).await;
    portal.edit().merge("companies", companies[1], companies[2]).expect("they can be merged");
    home.sync().await;

    let said = status(&home).await;
    let sync = &said["runs"][0];
    assert_eq!((&sync["kind"], &sync["state"]), (&json!("sync"), &json!("done")));
    assert_eq!(counts(row(sync, "contacts")), [&json!(5), &json!(4), &json!(0), &json!(1), &json!(0)]);
    let merged = row(sync, "companies");
    assert_eq!((&merged["state"], &merged["skipped"]), (&json!("done"), &json!(0)), "{merged}");
    assert!(merged["removed"].as_u64().is_some_and(|removed| removed >= 1), "{merged}");
    assert_eq!(counts(row(sync, "deals"))[0], &json!(0));
    assert_eq!(said["hubspot_diagnostics"]["last_poll_record_counts_by_type"]["contacts"], json!(5));
    let now: u64 = {
        let mirror = rusqlite::Connection::open(home.mirror()).expect("there is a mirror");
        mirror
            .query_row("SELECT count(*) FROM associations", [], |row| row.get::<_, i64>(0))
            .expect("a count")
    }
    .unsigned_abs();
    assert_eq!(said["links"]["filled"].as_u64(), Some(now), "all links, though few were read");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_this_account_does_not_have_is_named_with_the_reason() {
    let portal = portal(Config { contacts: 20, ..Config::default() }).await;
    let home = Home::new();
    home.connect(&portal).await;
    home.sync().await;
    let said = status(&home).await;
    let absent = said["absent"].as_array().expect("a list");
    let of = |object: &str| {
        absent.iter().find(|one| one["object"] == object).unwrap_or_else(|| panic!("{object}"))
    };
    assert_eq!(of("quotes")["reason"], "Not in this account's plan, or not switched on.");
    assert_eq!(of("leads")["missing_scopes"], json!(["crm.objects.leads.read"]));
    assert_eq!(said["attention"], json!([]), "none of it is a trouble");
    let told = home.ask(&["status"]).await.out;
    assert!(told.contains("Quotes, Taxes. Not in this account's plan"), "{told}");
    assert!(told.contains("Leads (crm.objects.leads.read)"), "{told}");
    assert!(told.contains("As of: definitions 20"), "{told}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_that_was_killed_shows_as_interrupted_before_and_after_the_next() {
    let portal = portal(small()).await;
    let home = Home::new();
    home.connect(&portal).await;
    let mut sync = home.start_sync();
    portal.calls_reached(60).await;
    sync.start_kill().expect("it can be killed");
    assert!(sync.wait().await.expect("it can be waited for").code().is_none(), "it had ended by itself");

    let said = status(&home).await;
    let killed = &said["runs"][0];
    assert_eq!((&killed["kind"], &killed["state"]), (&json!("import"), &json!("interrupted")));
    assert_eq!((&killed["finished_at"], &killed["streams"]), (&Value::Null, &json!([])));
    assert_eq!(said["running"], false);

    home.sync().await;
    let said = status(&home).await;
    assert_eq!(
        (&said["runs"][0]["state"], &said["runs"][1]["state"]),
        (&json!("done"), &json!("interrupted"))
    );
    assert_eq!(said["hubspot_backfill"]["status"], "complete");
}
