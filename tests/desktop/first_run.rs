//! A newcomer's first minutes with the demo portal, and what the window may not do.

use serde_json::json;
use tests::{app::SOON, desk::Keyring, ids, journey, steps};

#[tokio::test]
async fn a_newcomer_opens_the_demo_and_reads_a_record_with_its_links() {
    journey::run("demo", Keyring::Open, async |journey| {
        let app = journey.open().await;
        let demo = steps::open_demo(&app).await;
        app.see(ids::DEMO_STRIP).await;
        let done = steps::imported(&app, &demo).await;
        assert!(done["progress"]["finished"].is_string(), "the run says what it did: {done}");

        // What Home shows is what is here.
        let contacts = steps::filled(&done, "contacts");
        assert!(contacts > 1_000, "{done}");
        let shown = app.text(&format!("{}contacts", ids::OBJECT_FILLED)).await;
        let digits: String = shown.chars().filter(char::is_ascii_digit).collect();
        assert!(digits.contains(&contacts.to_string()), "Home shows {shown} for {contacts}");

        steps::open_first_record(&app, "contacts").await;
        assert!(!app.text(ids::RECORD_TITLE).await.trim().is_empty(), "a record has a title");
        app.see(&format!("{}companies", ids::LINKED_GROUP)).await;
    })
    .await;
}

#[tokio::test]
async fn a_page_that_is_loaded_again_half_way_shows_the_same_import() {
    journey::run("reload", Keyring::Open, async |journey| {
        let app = journey.open().await;
        let demo = steps::open_demo(&app).await;
        steps::partly_imported(&app, &demo).await;
        app.reload().await;
        app.see(ids::HOME).await;
        steps::imported(&app, &demo).await;
    })
    .await;
}

#[tokio::test]
async fn an_import_can_be_paused_and_goes_on() {
    journey::run("pause", Keyring::Open, async |journey| {
        let app = journey.open().await;
        let demo = steps::open_demo(&app).await;
        steps::partly_imported(&app, &demo).await;
        app.click(ids::BUTTON_PAUSE).await;
        app.see(ids::BUTTON_RESUME).await;
        let status = app
            .until("nothing runs", SOON, async || {
                let status = steps::status(&app, &demo).await;
                (status["running"] == false).then_some(status)
            })
            .await;
        assert_eq!(status["paused"], true);
        let paused_at = steps::filled(&status, "contacts");
        app.click(ids::BUTTON_RESUME).await;
        let done = steps::imported(&app, &demo).await;
        assert!(steps::filled(&done, "contacts") >= paused_at);
    })
    .await;
}

#[tokio::test]
async fn the_page_may_ask_its_operations_and_nothing_else() {
    journey::run("permissions", Keyring::None, async |journey| {
        let app = journey.open().await;
        app.see(ids::FIRST_RUN).await;
        app.ask("app_info", json!({})).await.expect("an operation is allowed");
        for foreign in
            ["plugin:window|close", "plugin:webview|create_webview_window", "plugin:event|emit", "no_such"]
        {
            let refusal = app.ask(foreign, json!({})).await.expect_err(foreign);
            assert!(
                refusal.as_str().is_some_and(|text| text.contains("not allowed")),
                "{foreign}: {refusal}"
            );
        }
        let refusal = app
            .script(
                "return window.__TAURI_INTERNALS__.invoke('open_external', { url: 'https://example.com/' })
                   .then(() => null, (refusal) => refusal.code)",
            )
            .await;
        assert_eq!(refusal, json!("bad_request"));
    })
    .await;
}
