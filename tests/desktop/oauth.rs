//! Signing in with an app of one's own: the real window, a real browser, the real keychain.

use serde_json::json;
use simulator::{App as HubspotApp, Config, Simulator};
use tests::{
    app::{App, Setup},
    browser::Browser,
    desk::Keyring,
    ids, journey, leak, steps,
};

#[tokio::test]
async fn signing_in_with_an_own_app_goes_through_the_browser_and_leaves_its_secrets_in_the_keychain_alone() {
    journey::run("oauth", Keyring::Open, async |journey| {
        let addresses = [14117, 21117, 28117].map(|port| format!("http://localhost:{port}/oauth-callback"));
        let addresses: Vec<&str> = addresses.iter().map(String::as_str).collect();
        let hubspot = HubspotApp::reader(&addresses).expect("an app has random secrets");
        let (client_id, secret) = (hubspot.client_id.clone(), hubspot.client_secret.clone());
        let config = Config { contacts: 300, apps: vec![hubspot], ..Config::default() };
        let portal = Simulator::start(config).await.expect("a simulator starts");
        let setup = Setup { api_base: Some(portal.base_url()), ..journey.setup.clone() };

        let app = journey.open_with(&setup).await;
        prepare(&app, &client_id, &secret).await;
        app.click(ids::OPEN_HUBSPOT).await;
        app.see(ids::WAITING).await;
        let browser = Browser::open(&journey.desk, &app.opened().await).await;
        browser.click("#approve").await;
        browser.heading(|heading| heading.contains("Connected to portal")).await;
        assert!(browser.address().await.starts_with("http://localhost:"), "the tab ends on this computer");
        drop(browser);

        while !app.sees(ids::WIZARD_FINISH).await {
            app.click(ids::WIZARD_NEXT).await;
        }
        app.click(ids::WIZARD_FINISH).await;
        app.see(ids::HOME).await;
        let connection = steps::only_connection(&app).await;
        let done = steps::imported(&app, &connection).await;
        assert!(steps::filled(&done, "contacts") > 200, "the last two years of 300: {done}");

        let kept = journey.desk.secrets(&setup.profile);
        assert!(kept.contains(&secret), "another process finds the client secret in the keychain");
        let folders = [setup.home.as_path()];
        assert_eq!(leak::of(&secret, &folders, &app.processes()), Vec::<String>::new());

        // Uninstalled in HubSpot: noticed at the next call, said, and everything stopped.
        portal.edit().uninstall();
        app.ask("start_sync", json!({ "connection": connection, "full": false })).await.expect("it starts");
        app.reads(ids::STATE_CHIP, tests::app::SOON, |chip| {
            chip.contains("econnect") || chip.contains("ended")
        })
        .await;
        let status = steps::status(&app, &connection).await;
        assert_eq!(
            (&status["state"], &status["last_error"]["code"]),
            (&json!("auth_error"), &json!("app_uninstalled"))
        );
        app.end().await;
    })
    .await;
}

/// From the first-run card to the wizard's button that opens the browser.
async fn prepare(app: &App, client_id: &str, secret: &str) {
    app.see(ids::FIRST_RUN).await;
    app.click(ids::BUTTON_CONNECT).await;
    app.see(ids::WIZARD).await;
    app.click(&format!("{}oauth", ids::METHOD)).await;
    if !app.sees(ids::CLIENT_ID).await {
        app.click(ids::WIZARD_NEXT).await;
    }
    app.write(ids::CLIENT_ID, client_id).await;
    app.write(ids::CLIENT_SECRET, secret).await;
    app.click(ids::WIZARD_NEXT).await;
}
