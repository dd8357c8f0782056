//! A pasted key: into the keychain, out of the keychain, and nowhere else at any time.

use serde_json::json;
use tests::{app::Setup, desk::Keyring, ids, journey, leak, steps};

const KEY: &str = "pat-eu1-7c0ffee7-dead-4bee-8f00-0123456789ab";

#[tokio::test]
async fn a_pasted_key_opens_the_portal_and_lives_in_the_keychain_alone() {
    journey::run("key", Keyring::Open, async |journey| {
        let portal = steps::portal(KEY, 300).await;
        let setup = Setup { api_base: Some(portal.base_url()), ..journey.setup.clone() };
        let app = journey.open_with(&setup).await;
        // As people paste: with what was around it.
        let connection = steps::connect(&app, &format!("  \"Bearer {KEY}\" ")).await;
        let done = steps::imported(&app, &connection).await;
        assert!(steps::filled(&done, "contacts") > 200, "the last two years of 300: {done}");
        steps::open_first_record(&app, "contacts").await;

        assert!(
            journey.desk.secrets(&setup.profile).contains(KEY),
            "another process finds the key in the keychain"
        );
        let folders = [journey.desk.folder()];
        assert_eq!(leak::of(KEY, &folders, &app.processes()), Vec::<String>::new());

        disconnect(&app).await;
        assert!(
            !journey.desk.secrets(&setup.profile).contains(KEY),
            "disconnecting takes the key out of the keychain"
        );
        let status = app.ask("connections", json!({})).await.expect("connections can be asked");
        assert!(!status.to_string().contains(KEY), "{status}");
        app.end().await;
        assert_eq!(leak::of(KEY, &folders, &[]), Vec::<String>::new());
    })
    .await;
}

async fn disconnect(app: &tests::app::App) {
    app.click(ids::CONNECTION_SWITCH).await;
    app.click(ids::MENU_DISCONNECT).await;
    app.see(ids::DIALOG_DISCONNECT).await;
    app.click(ids::DISCONNECT_CONFIRM).await;
    app.click(ids::DISCONNECT_DONE).await;
    app.see_gone(ids::DIALOG_DISCONNECT).await;
}
