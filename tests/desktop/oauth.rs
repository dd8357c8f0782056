//! Signing in with an app of one's own: the real window, a real browser, the real keychain.

use serde_json::json;
use tests::{
    app::{SOON, Setup},
    browser::Browser,
    desk::Keyring,
    ids, journey, leak, steps,
};

#[tokio::test]
async fn signing_in_with_an_own_app_goes_through_the_browser_and_leaves_its_secrets_in_the_keychain_alone() {
    journey::run("oauth", Keyring::Open, async |journey| {
        let (portal, client_id, secret) = steps::portal_with_app(300).await;
        let setup = Setup { api_base: Some(portal.base_url()), ..journey.setup.clone() };

        let app = journey.open_with(&setup).await;
        steps::prepare_sign_in(&app, &client_id, &secret).await;
        app.click(ids::OPEN_HUBSPOT).await;
        app.see(ids::WAITING).await;
        let first = app.opened().await;
        let browser = Browser::open(&journey.desk, &first).await;
        browser.click("#approve").await;
        browser.heading(|heading| heading.contains("Connected to portal")).await;
        assert!(browser.address().await.starts_with("http://localhost:"), "the tab ends on this computer");
        drop(browser);

        app.click(ids::WIZARD_NEXT).await;
        app.click(ids::WIZARD_FINISH).await;
        app.see(ids::HOME).await;
        let connection = steps::only_connection(&app).await;
        let done = steps::imported(&app, &connection).await;
        let contacts = steps::filled(&done, "contacts");
        assert!(contacts > 200, "the last two years of 300: {done}");

        let kept = journey.desk.secrets(&setup.profile);
        assert!(kept.contains(&secret), "another process finds the client secret in the keychain");
        let folders = [setup.home.as_path()];
        assert_eq!(leak::of(&secret, &folders, &app.processes()), Vec::<String>::new());

        // Uninstalled in HubSpot: noticed at the next call, said, and everything stopped.
        portal.edit().uninstall();
        app.ask("start_sync", json!({ "connection": connection, "full": false })).await.expect("it starts");
        app.reads(ids::STATE_CHIP, SOON, |chip| chip == "Disconnected by HubSpot").await;
        let status = steps::status(&app, &connection).await;
        assert_eq!(
            (&status["state"], &status["last_error"]["code"]),
            (&json!("auth_error"), &json!("app_uninstalled"))
        );

        // Installed again: the same app, its secret still kept, and the copy as it was.
        portal.edit().reinstall();
        app.click_named("Reconnect…").await;
        app.see(ids::CLIENT_ID).await;
        app.click(ids::WIZARD_NEXT).await;
        app.click(ids::OPEN_HUBSPOT).await;
        app.see(ids::WAITING).await;
        let again = app
            .until("the browser is asked once more", SOON, async || {
                let address = app.opened().await;
                (address != first).then_some(address)
            })
            .await;
        let browser = Browser::open(&journey.desk, &again).await;
        browser.click("#approve").await;
        browser.heading(|heading| heading.contains("Connected to portal")).await;
        drop(browser);
        app.click(ids::WIZARD_NEXT).await;
        app.see(ids::WIZARD_DONE).await;
        app.click(ids::WIZARD_NEXT).await;
        app.see_gone(ids::WIZARD).await;
        assert_eq!(steps::only_connection(&app).await, connection);
        let done = steps::imported(&app, &connection).await;
        assert_eq!(steps::filled(&done, "contacts"), contacts, "{done}");
        app.end().await;
    })
    .await;
}
