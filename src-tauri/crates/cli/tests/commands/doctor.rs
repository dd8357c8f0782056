//! `doctor`: what it finds, and with which number it ends.

use serde_json::Value;
use simulator::TokenState;

use crate::rig::{Ended, Home, ID, portal, small};

fn row<'a>(json: &'a Value, id: &str) -> &'a Value {
    let rows = json["rows"].as_array().expect("rows");
    rows.iter().find(|row| row["id"] == id).unwrap_or_else(|| panic!("no row {id} in {json}"))
}

fn outcome(ended: &Ended, id: &str) -> String {
    row(&ended.json(), id)["outcome"].as_str().expect("an outcome").to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everything_works_after_a_sync() {
    let portal = portal(small()).await;
    let home = Home::copied(&portal).await;
    let ended = home.run(&["doctor", "--json"]).await;
    assert_eq!(ended.code, 0, "{ended:?}");
    let json = ended.json();
    assert_eq!((&json["state"], &json["error"]), (&Value::from("done"), &Value::Null));
    for id in
        ["app", "folder", "disk", "keychain", "reachable", "clock", "formats", "database", "database_full"]
    {
        assert_ne!(outcome(&ended, id), "broken", "{}", row(&json, id));
    }
    for kind in ["key", "scopes", "budget", "copy", "copy_full"] {
        assert_eq!(outcome(&ended, &format!("{kind}/{ID}")), "fine", "{json}");
    }
    assert_eq!(outcome(&ended, "web_view"), "not_applicable");

    let words = home.run(&["doctor"]).await;
    assert!(words.out.contains("✓") && words.out.contains("Keychain"), "{words:?}");
    assert!(!words.out.contains('✗'), "{words:?}");
    assert!(!words.out.contains(portal.token()), "a key is never said");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_ended_key_needs_the_user_and_a_damaged_copy_is_broken() {
    let portal = portal(small()).await;
    let home = Home::copied(&portal).await;
    portal.faults().set_token(TokenState::Revoked);
    let ended = home.run(&["doctor", "--json"]).await;
    assert_eq!(ended.code, 3, "{ended:?}");
    let key = row(&ended.json(), &format!("key/{ID}")).clone();
    assert_eq!((&key["outcome"], &key["error"]["code"]), (&"broken".into(), &"auth_expired".into()));
    assert!(key["error"]["fix"].as_array().is_some_and(|fix| !fix.is_empty()), "{key}");
    assert_eq!(outcome(&ended, "reachable"), "fine", "a refusal is an answer");

    let mut bytes = std::fs::read(home.mirror()).expect("there is a copy");
    let damaged = bytes.len() / 2..bytes.len() / 2 + 40_000;
    bytes[damaged].fill(0xA5);
    std::fs::write(home.mirror(), bytes).expect("it can be written");
    let ended = home.run(&["doctor", "--json"]).await;
    assert_eq!(ended.code, 1, "{ended:?}");
    assert_eq!(row(&ended.json(), &format!("copy/{ID}"))["error"]["code"], "database_damaged");
    assert_eq!(ended.json()["error"]["code"], "database_damaged");
    let words = home.run(&["doctor"]).await;
    assert_eq!(words.code, 1);
    assert!(words.out.contains('✗') && words.out.contains("1. "), "fixes are below: {words:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_missing_permission_is_worth_a_look_and_no_more() {
    let portal = portal(small()).await;
    let home = Home::new();
    home.connect(&portal).await;
    portal.faults().lose_scopes(&["tickets"]);
    let ended = home.run(&["doctor", "--json", "--only", "scopes", "app"]).await;
    assert_eq!(ended.code, 0, "{ended:?}");
    let json = ended.json();
    assert_eq!(json["rows"].as_array().map(Vec::len), Some(2), "only what was asked for: {json}");
    let scopes = row(&json, &format!("scopes/{ID}"));
    assert_eq!((&scopes["outcome"], &scopes["error"]["code"]), (&"look".into(), &"missing_scope".into()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_is_gone_is_found_out() {
    let gone = portal(small()).await;
    let home = Home::new();
    home.connect(&gone).await;
    gone.stop().await;
    let ended = home.run(&["doctor", "--json", "--only", "reachable", "clock", "copy"]).await;
    assert_eq!(ended.code, 1, "{ended:?}");
    assert_eq!(row(&ended.json(), "reachable")["error"]["code"], "offline");
    assert_eq!(outcome(&ended, "clock"), "not_applicable");
    assert_eq!(outcome(&ended, &format!("copy/{ID}")), "not_applicable");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unknown_check_is_refused_with_those_there_are() {
    let home = Home::new();
    let ended = home.run(&["doctor", "--json", "--only", "spleen"]).await;
    ended.assert_refused(2, "bad_request");
    assert!(ended.err.contains("keychain"), "{ended:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_support_bundle_is_written_once_and_holds_no_key() {
    let portal = portal(small()).await;
    let home = Home::copied(&portal).await;
    let file = home.path().join("bundle.zip");
    let path = file.display().to_string();
    let ended = home.run(&["doctor", "--json", "--only", "app", "--bundle", &path]).await;
    assert_eq!(ended.code, 0, "{ended:?}");
    assert_eq!(ended.json()["bundle"]["path"], path.as_str());
    let bytes = std::fs::read(&file).expect("there it is");
    assert!(bytes.starts_with(b"PK"), "a zip file");
    let key = portal.token().as_bytes();
    assert!(!bytes.windows(key.len()).any(|window| window == key));

    let again = home.run(&["doctor", "--json", "--only", "app", "--bundle", &path]).await;
    again.assert_refused(2, "bad_request");
    assert_eq!(std::fs::read(&file).expect("still there"), bytes, "nothing is replaced");
}
