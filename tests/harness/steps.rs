//! Steps that journeys and the tour have in common: the way from the first card to a finished import, and on to a record.

use std::{fs, path::Path, time::Duration};

use crate::{
    app::{App, IMPORT_MAX, SOON},
    ids,
};
use serde_json::{Value, json};
use simulator::{App as HubspotApp, Config, Simulator};

/// A small portal on this computer that knows one key.
pub async fn portal(key: &str, contacts: u64) -> Simulator {
    let config = Config { contacts, token: Some(key.to_owned()), ..Config::default() };
    Simulator::start(config).await.expect("a simulator starts")
}

/// A small portal that an app of the user's own may sign in to: with the app's client id and secret.
pub async fn portal_with_app(contacts: u64) -> (Simulator, String, String) {
    let addresses = [14117, 21117, 28117].map(|port| format!("http://localhost:{port}/oauth-callback"));
    let addresses: Vec<&str> = addresses.iter().map(String::as_str).collect();
    let app = HubspotApp::reader(&addresses).expect("an app has random secrets");
    let (client_id, secret) = (app.client_id.clone(), app.client_secret.clone());
    let config = Config { contacts, apps: vec![app], ..Config::default() };
    (Simulator::start(config).await.expect("a simulator starts"), client_id, secret)
}

/// From the first-run card to the wizard's button that opens the browser.
pub async fn prepare_sign_in(app: &App, client_id: &str, secret: &str) {
    app.see(ids::FIRST_RUN).await;
    app.click(ids::BUTTON_CONNECT).await;
    app.see(ids::WIZARD).await;
    app.click(&format!("{}oauth", ids::METHOD)).await;
    app.click(ids::WIZARD_NEXT).await;
    app.see(ids::CLIENT_ID).await;
    app.write(ids::CLIENT_ID, client_id).await;
    app.write(ids::CLIENT_SECRET, secret).await;
    app.click(ids::WIZARD_NEXT).await;
}

/// From the first-run card into the demo portal's Home.
pub async fn open_demo(app: &App) -> String {
    app.see(ids::FIRST_RUN).await;
    app.click(ids::BUTTON_DEMO).await;
    app.see(ids::HOME).await;
    only_connection(app).await
}

/// From the first-run card through the wizard into Home.
pub async fn connect(app: &App, key: &str) -> String {
    paste(app, key).await;
    finish_wizard(app).await
}

/// From the wizard's checks into Home.
pub async fn finish_wizard(app: &App) -> String {
    while !app.sees(ids::WIZARD_FINISH).await {
        app.click(ids::WIZARD_NEXT).await;
    }
    app.click(ids::WIZARD_FINISH).await;
    app.see(ids::HOME).await;
    only_connection(app).await
}

/// From the first-run card to the wizard's checks.
pub async fn paste(app: &App, key: &str) {
    app.see(ids::FIRST_RUN).await;
    app.click(ids::BUTTON_CONNECT).await;
    app.see(ids::WIZARD).await;
    to_key_field(app).await;
    app.write(ids::KEY_FIELD, key).await;
    app.click(ids::WIZARD_NEXT).await;
}

/// From the wizard's first step to the one that asks for the key.
pub async fn to_key_field(app: &App) {
    while !app.sees(ids::KEY_FIELD).await {
        app.click(ids::WIZARD_NEXT).await;
    }
}

/// The id of the one connection there is.
pub async fn only_connection(app: &App) -> String {
    let answer = app.ask("connections", json!({})).await.expect("connections can be asked");
    let connections = answer["connections"].as_array().expect("a list");
    assert_eq!(connections.len(), 1, "{answer}");
    connections[0]["id"].as_str().expect("ids are text").to_owned()
}

pub async fn status(app: &App, connection: &str) -> Value {
    app.ask("connection_status", json!({ "connection": connection })).await.expect("the status can be asked")
}

/// Waits until nothing runs any more, and gives the last status.
pub async fn imported(app: &App, connection: &str) -> Value {
    let done = app
        .until("the import has finished", IMPORT_MAX, async || {
            let status = status(app, connection).await;
            (status["running"] == false && status["state"] == "active").then_some(status)
        })
        .await;
    for object in done["objects"].as_array().expect("a list") {
        assert!(object["state"] == "done" || object["state"] == "skipped", "{object}");
    }
    done
}

/// Waits until Home says so, too.
pub async fn shown_as_imported(app: &App) {
    app.reads(ids::STATE_CHIP, SOON, |chip| chip == "Up to date").await;
    settled(app).await;
}

/// Waits until some of it is there, and says how many contacts.
pub async fn partly_imported(app: &App, connection: &str) -> u64 {
    app.until("something is imported", IMPORT_MAX, async || {
        let filled = filled(&status(app, connection).await, "contacts");
        (filled > 0).then_some(filled)
    })
    .await
}

pub fn filled(status: &Value, object: &str) -> u64 {
    let objects = status["objects"].as_array().expect("a list");
    let row = objects.iter().find(|row| row["object"] == object);
    row.and_then(|row| row["filled"].as_u64()).unwrap_or(0)
}

/// Home to Records, one type's tab, its first record.
pub async fn open_first_record(app: &App, object: &str) {
    app.click(ids::NAV_RECORDS).await;
    app.see(ids::GRID).await;
    app.click(&format!("{}{object}", ids::OBJECT_TAB)).await;
    let (x, y, _) = app.first_row().await;
    app.double_click_at(x, y).await;
    app.see(ids::RECORD_PAGE).await;
}

/// Finds words in the open grid, and waits for what was found.
pub async fn find(app: &App, words: &str) {
    let rows = "return document.querySelector('[data-testid=grid]').ariaRowCount";
    let before = app.script(rows).await;
    app.write(ids::GRID_FIND, words).await;
    app.until("fewer rows are found", SOON, async || (app.script(rows).await != before).then_some(())).await;
    app.first_row().await;
    settled(app).await;
}

/// Long enough for the checks that talk to a server on this computer.
pub const CHECKS_MAX: Duration = Duration::from_secs(30);

/// What the app wrote into its log.
pub fn log(home: &Path) -> String {
    let files = fs::read_dir(home.join("logs")).expect("there is a log").flatten();
    files.map(|file| fs::read_to_string(file.path()).expect("which is text")).collect()
}

/// Waits until what was asked to be drawn is drawn, and nothing moves any more.
pub async fn settled(app: &App) {
    app.until("the page rests", SOON, async || {
        let script = "return document.fonts.status === 'loaded' && document.getAnimations()
            .every((a) => a.playState !== 'running' || a.effect?.getTiming().iterations === Infinity)";
        (app.script(script).await == json!(true)).then_some(())
    })
    .await;
    app.drawn().await;
}
