//! Troubles with the keychain: locked, absent, restarted under the running app.

use serde_json::json;
use tests::{
    app::{SOON, Setup},
    desk::Keyring,
    ids, journey, leak, steps,
};

const KEY: &str = "pat-eu1-5ecre75e-1337-4abc-9def-ba9876543210";
const PASSPHRASE: &str = "eleven blue cups";

#[tokio::test]
async fn a_locked_keychain_is_said_with_what_to_do() {
    refused(Keyring::Locked, "locked-keychain", "Your system keychain is locked").await;
}

#[tokio::test]
async fn a_missing_keychain_is_said_with_what_to_do() {
    refused(Keyring::None, "no-keychain", "No system keychain could be found").await;
}

async fn refused(keyring: Keyring, name: &str, words: &str) {
    journey::run(name, keyring, async |journey| {
        let portal = steps::portal(KEY, 50).await;
        let setup = Setup { api_base: Some(portal.base_url()), ..journey.setup.clone() };
        let app = journey.open_with(&setup).await;
        steps::paste(&app, KEY).await;
        app.page_says(words, steps::CHECKS_MAX).await;
        let answer = app.ask("connections", json!({})).await.expect("connections can be asked");
        assert_eq!(answer["connections"], json!([]), "nothing is connected without a place for its key");
    })
    .await;
}

#[tokio::test]
async fn without_a_keychain_an_encrypted_file_keeps_the_key_and_its_passphrase_is_asked_once_a_start() {
    journey::run("key-file", Keyring::None, async |journey| {
        let portal = steps::portal(KEY, 50).await;
        let setup = Setup { api_base: Some(portal.base_url()), ..journey.setup.clone() };
        let app = journey.open_with(&setup).await;
        steps::paste(&app, KEY).await;
        app.page_says("No system keychain could be found", steps::CHECKS_MAX).await;
        app.click_named("Use encrypted file…").await;
        app.write(ids::PASSPHRASE, PASSPHRASE).await;
        app.write(ids::PASSPHRASE_AGAIN, PASSPHRASE).await;
        app.click(ids::KEY_FILE_SAVE).await;
        let connection = steps::finish_wizard(&app).await;
        steps::imported(&app, &connection).await;
        let folders = [journey.desk.folder()];
        assert_eq!(leak::of(PASSPHRASE, &folders, &app.processes()), Vec::<String>::new());
        assert_eq!(leak::of(KEY, &folders, &app.processes()), Vec::<String>::new());
        app.end().await;

        let app = journey.open_with(&setup).await;
        app.write(ids::PASSPHRASE, "twelve green mugs").await;
        app.click(ids::UNLOCK_DO).await;
        app.page_says("This passphrase does not open the file", SOON).await;
        let refusal = app.ask("start_sync", json!({ "connection": connection, "full": false })).await;
        assert_eq!(refusal.expect_err("keys are locked")["code"], "vault_locked");
        app.write(ids::PASSPHRASE, PASSPHRASE).await;
        app.click(ids::UNLOCK_DO).await;
        app.see_gone(ids::UNLOCK).await;
        app.click(ids::BUTTON_SYNC).await;
        steps::imported(&app, &connection).await;
        assert_eq!(leak::of(PASSPHRASE, &folders, &app.processes()), Vec::<String>::new());

        app.click(ids::SETTINGS_OPEN).await;
        app.click(ids::KEYCHAIN_OPEN).await;
        app.click(ids::KEYCHAIN_MOVE).await;
        app.page_says("your keys are still in the encrypted file", SOON).await;
        journey.desk.restart_keyring();
        app.click(ids::KEYCHAIN_MOVE).await;
        app.see_gone(ids::KEYCHAIN).await;
        app.end().await;

        // No passphrase is asked for any more.
        let app = journey.open_with(&setup).await;
        app.see(ids::HOME).await;
        assert!(!app.sees(ids::UNLOCK).await);
        let answer = app.ask("app_info", json!({})).await.expect("it can be asked");
        assert_eq!(answer["vault"], "system keychain");
        app.click(ids::BUTTON_SYNC).await;
        steps::imported(&app, &connection).await;
        assert_eq!(leak::of(KEY, &folders, &app.processes()), Vec::<String>::new());
    })
    .await;
}

#[tokio::test]
async fn a_keychain_restarted_under_the_app_serves_the_next_sync() {
    journey::run("restarted-keychain", Keyring::Open, async |journey| {
        let portal = steps::portal(KEY, 50).await;
        let setup = Setup { api_base: Some(portal.base_url()), ..journey.setup.clone() };
        let app = journey.open_with(&setup).await;
        let connection = steps::connect(&app, KEY).await;
        let first = steps::imported(&app, &connection).await;
        journey.desk.restart_keyring();
        app.ask("start_sync", json!({ "connection": connection, "full": false }))
            .await
            .expect("a sync starts");
        app.until("a second run has finished", steps::CHECKS_MAX, async || {
            let status = steps::status(&app, &connection).await;
            let finished =
                status["running"] == false && status["last_success_at"] != first["last_success_at"];
            assert_ne!(status["state"], "auth_error", "{status}");
            finished.then_some(())
        })
        .await;
    })
    .await;
}
