//! The way in with keys of every kind, and the way out.

use std::fs;

use simulator::{Effect, Fault, TokenState};

use crate::rig::{Home, ID, portal, rights, small};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_from_standard_input_connects_and_is_kept_encrypted_only() {
    let portal = portal(small()).await;
    let (home, base) = (Home::new(), portal.base_url());
    let arguments = ["connect", "--token-stdin", "--name", "Bikes", "--api-base", &base, "--json"];
    let ended = home.run_with(&arguments, portal.token()).await;
    assert_eq!(ended.code, 0, "{ended:?}");
    let json = ended.json();
    assert_eq!((&json["connection"], &json["name"]), (&ID.into(), &"Bikes".into()));
    assert_eq!((&json["portal"], &json["error"]), (&"24817305".into(), &serde_json::Value::Null));
    assert_eq!(home.run(&["sync", "bikes"]).await.code, 0, "a name will do, in any case");
    let secret = &portal.token()[portal.token().len() - 16..];
    assert!(!ended.out.contains(secret) && !ended.err.contains(secret));
    assert!(home.files().len() >= 3);
    for file in home.files() {
        let bytes = fs::read(&file).expect("a file of ours can be read");
        let found = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
        assert!(!found, "the key is in {}", file.display());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_wrapped_around_a_pasted_key_is_taken_off() {
    let portal = portal(small()).await;
    let base = portal.base_url();
    for (before, after) in [("  ", "\r\n"), ("\"", "\""), ("Bearer ", "\n"), ("\u{feff}", " ")] {
        let pasted = format!("{before}{}{after}", portal.token());
        let ended = Home::new().run_with(&["connect", "--token-stdin", "--api-base", &base], &pasted).await;
        assert_eq!(ended.code, 0, "{before:?}: {ended:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keys_that_are_none_are_named_and_nothing_is_kept() {
    let portal = portal(small()).await;
    let (home, base, key) = (Home::new(), portal.base_url(), portal.token());
    let cases = [
        (String::new(), 2, "key_empty"),
        ("  \n\n".to_owned(), 2, "key_empty"),
        ("••••••••••••3f9c".to_owned(), 3, "key_masked"),
        ("https://app.hubspot.com/l/keys".to_owned(), 3, "key_is_url"),
        ("someone@somewhere.example".to_owned(), 3, "key_is_email"),
        (format!("{key}{key}"), 3, "key_twice"),
        (key[..key.len() - 6].to_owned(), 3, "token_invalid"),
        ("pat-na1-00000000-0000-0000-0000-000000000000".to_owned(), 3, "token_invalid"),
    ];
    for (pasted, code, name) in cases {
        let ended =
            home.run_with(&["connect", "--token-stdin", "--api-base", &base, "--json"], &pasted).await;
        ended.assert_refused(code, name);
    }
    let listed = home.run(&["connections", "--json"]).await.json();
    assert_eq!(listed["connections"], serde_json::json!([]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_that_hubspot_refuses_is_refused() {
    let portal = portal(small()).await;
    let base = portal.base_url();
    let arguments = ["connect", "--token-stdin", "--api-base", &base, "--json"];
    portal.faults().set_token(TokenState::Revoked);
    Home::new().run_with(&arguments, portal.token()).await.assert_refused(3, "token_invalid");
    portal.faults().clear();
    portal.faults().add(Fault::new(Effect::Status { status: 530 }));
    Home::new().run_with(&arguments, portal.token()).await.assert_refused(3, "token_format");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn addresses_that_could_leak_a_key_are_refused_before_any_call() {
    let key = "pat-eu1-0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0";
    for base in
        ["http://api.example.com", "https://user:pass@api.hubapi.com", "https://evil.example", "ftp://x", "?"]
    {
        let ended =
            Home::new().run_with(&["connect", "--token-stdin", "--api-base", base, "--json"], key).await;
        ended.assert_refused(2, "bad_origin");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_passphrase_that_others_can_read_or_that_is_missing_or_wrong_is_refused() {
    let portal = portal(small()).await;
    let base = portal.base_url();
    let arguments = ["connect", "--token-stdin", "--api-base", &base, "--json"];
    let home = Home::new();
    rights(&home.passphrase(), 0o644);
    home.run_with(&arguments, portal.token()).await.assert_refused(1, "vault_passphrase");
    rights(&home.passphrase(), 0o600);
    home.connect(&portal).await;
    fs::write(home.passphrase(), "six bicycles").expect("it can be changed");
    home.run(&["sync", "--json"]).await.assert_refused(1, "vault_passphrase");
    fs::remove_file(home.passphrase()).expect("it can be removed");
    assert_eq!(home.run(&["sync"]).await.code, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn disconnecting_keeps_the_copy_and_wiping_deletes_it() {
    let portal = portal(small()).await;
    let home = Home::copied(&portal).await;
    let ended = home.run(&["disconnect", "--json"]).await;
    assert_eq!((ended.code, &ended.json()["state"]), (0, &"inactive".into()), "{ended:?}");
    assert!(ended.json()["outcomes"].as_array().is_some_and(|outcomes| outcomes.len() >= 3));
    let left = home.run(&["query", ID, "SELECT count(*) AS n FROM contacts", "--format", "json"]).await;
    assert_eq!(left.json()[0]["n"], 120);
    home.run(&["sync", "--json"]).await.assert_refused(3, "disconnected");
    assert_eq!(home.run(&["disconnect", ID, "--wipe"]).await.code, 0);
    assert!(!home.mirror().exists());
    home.run(&["status", ID, "--json"]).await.assert_refused(1, "no_such_connection");
}
