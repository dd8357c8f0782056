//! Shows the app where nobody can look: `./dev run` without a display, and the pictures of `./dev shot`.
//!
//!     tour demo PICTURE      first run, demo portal, import to its end; says what came and where the picture is
//!     tour screens FOLDER    every screen, light and dark, 1280×800 and 960×600
//!     tour sign-in FOLDER    of these, those of signing in with an own app
#![expect(clippy::print_stdout, reason = "what it says is its result")]

use std::{
    path::{Path, PathBuf, absolute},
    process::ExitCode,
    sync::Arc,
};

use serde_json::{Value, json};
use tests::{
    app::{App, IMPORT_MAX, SOON, Setup},
    browser::Browser,
    desk::Keyring,
    ids, journey, steps,
};
use thirtyfour::Key;

const WIDE: (u32, u32) = (1280, 800);
const SMALL: (u32, u32) = (960, 600);
/// A made-up key for the made-up portal of the wizard's pictures.
const KEY: &str = "pat-eu1-0f1e2d3c-4b5a-4697-8878-69a5b4c3d2e1";

#[tokio::main]
async fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [what, path] = arguments.as_slice() else { return ExitCode::from(2) };
    let path = absolute(path).expect("a path can be made absolute");
    match what.as_str() {
        "demo" => demo(path).await,
        "screens" => {
            screens(path.clone()).await;
            sign_in(path).await;
        }
        "sign-in" => sign_in(path).await,
        _ => return ExitCode::from(2),
    }
    ExitCode::SUCCESS
}

async fn demo(picture: PathBuf) {
    println!("No display here, so the app runs in a virtual one.");
    journey::run("tour", Keyring::Open, async |journey| {
        let app = journey.open().await;
        let demo = steps::open_demo(&app).await;
        println!("The demo portal is open; its import takes about twenty seconds.");
        let done = watch(&app, &demo).await;
        steps::shown_as_imported(&app).await;
        app.picture(&picture).await;
        say(&app, &demo, &done).await;
        println!("Picture: {}", picture.display());
    })
    .await;
}

/// Waits for the end of the import, and says how far it is on the way.
async fn watch(app: &App, connection: &str) -> Value {
    let mut said = Some(0);
    app.until("the import has finished", IMPORT_MAX, async || {
        let status = steps::status(app, connection).await;
        let percent = status["progress"]["percent"].as_u64().map(|percent| percent / 20 * 20);
        if percent > said {
            said = percent;
            println!("  {} %", percent.unwrap_or_default());
        }
        (status["running"] == false && status["state"] == "active").then_some(status)
    })
    .await
}

async fn say(app: &App, connection: &str, status: &Value) {
    let answer = app.ask("objects", json!({ "connection": connection })).await.expect("objects can be asked");
    for object in answer["objects"].as_array().expect("a list") {
        row(&object["count"], object["plural"].as_str().unwrap_or_default());
    }
    row(&status["links"]["filled"], "Links");
    println!("{}", status["progress"]["finished"].as_str().unwrap_or("finished"));
}

fn row(count: &Value, what: &str) {
    println!("{:>9}  {what}", count.to_string());
}

async fn screens(folder: PathBuf) {
    let portal = steps::portal(KEY, 2_000).await;
    journey::run("screens", Keyring::Open, async |journey| {
        let setup = Setup { api_base: Some(portal.base_url()), ..journey.setup.clone() };
        let app = journey.open_with(&setup).await;
        let shots = Shots { app: Arc::clone(&app), folder };

        app.see(ids::FIRST_RUN).await;
        app.script(STILL).await;
        shots.take("01-first-run").await;
        app.click(ids::BUTTON_CONNECT).await;
        app.see(ids::WIZARD).await;
        shots.take("02-connect-method").await;
        steps::to_key_field(&app).await;
        shots.take("03-connect-prepare").await;
        app.write(ids::KEY_FIELD, KEY).await;
        app.click(ids::WIZARD_NEXT).await;
        app.page_says("Everything is fine", SOON).await;
        shots.take("04-connect-check").await;
        app.click(ids::WIZARD_NEXT).await;
        app.see(ids::WIZARD_FINISH).await;
        shots.take("05-connect-choose").await;
        app.press(Key::Escape).await;
        app.click_named("Forget the key and close").await;
        app.see_gone(ids::WIZARD).await;

        let demo = steps::open_demo(&app).await;
        steps::partly_imported(&app, &demo).await;
        shots.take("06-home-importing").await;
        steps::imported(&app, &demo).await;
        steps::shown_as_imported(&app).await;
        shots.take("07-home").await;

        app.click(ids::NAV_RECORDS).await;
        app.first_row().await;
        shots.take("08-records").await;
        steps::find(&app, "ma").await;
        shots.take("09-records-find").await;
        app.write(ids::GRID_FIND, "").await;

        steps::open_first_record(&app, "contacts").await;
        steps::settled(&app).await;
        shots.take("10-record").await;

        app.resize(WIDE.0, WIDE.1).await;
        app.click(ids::CONNECTION_SWITCH).await;
        app.click(ids::MENU_DISCONNECT).await;
        app.see(ids::DISCONNECT_CONFIRM).await;
        shots.take("11-disconnect").await;
        app.press(Key::Escape).await;

        app.click(ids::NAV_DOCTOR).await;
        app.until("Doctor has looked at everything", SOON * 3, async || {
            let doctor = app.ask("doctor", json!({})).await.ok()?;
            (doctor["running"] == false && doctor["ran_at"].is_string()).then_some(())
        })
        .await;
        shots.take("12-doctor").await;
        app.click(ids::BUNDLE_OPEN).await;
        app.see(ids::BUNDLE).await;
        shots.take("13-support-bundle").await;
        app.press(Key::Escape).await;

        app.resize(WIDE.0, WIDE.1).await;
        app.click(ids::NAV_HOME).await;
        app.click(ids::TROUBLE_OPEN).await;
        app.see(ids::TROUBLE_PANEL).await;
        app.click_named("The key was ended").await;
        app.click(ids::TROUBLE_SYNC).await;
        app.reads(ids::STATE_CHIP, SOON, |chip| chip == "Disconnected by HubSpot").await;
        shots.take("14-home-key-ended").await;
    })
    .await;
}

/// Signing in with an own app, with the portal's permissions at its end.
async fn sign_in(folder: PathBuf) {
    let (portal, client_id, secret) = steps::portal_with_app(2_000).await;
    journey::run("sign-in", Keyring::Open, async |journey| {
        let setup = Setup { api_base: Some(portal.base_url()), ..journey.setup.clone() };
        let app = journey.open_with(&setup).await;
        let shots = Shots { app: Arc::clone(&app), folder };
        steps::prepare_sign_in(&app, &client_id, &secret).await;
        app.script(STILL).await;
        app.see(ids::OPEN_HUBSPOT).await;
        app.click_named("Back").await;
        app.see(ids::CLIENT_ID).await;
        shots.take("20-sign-in-prepare").await;
        app.write(ids::CLIENT_SECRET, &secret).await;
        app.click(ids::WIZARD_NEXT).await;
        app.click(ids::OPEN_HUBSPOT).await;
        app.see(ids::WAITING).await;
        shots.take("21-sign-in-waiting").await;
        let browser = Browser::open(&journey.desk, &app.opened().await).await;
        browser.click("#deny").await;
        browser.heading(|heading| heading.contains("HubSpot says no")).await;
        drop(browser);
        app.page_says("HubSpot says no", SOON).await;
        shots.take("22-sign-in-refused").await;
    })
    .await;
}

/// Pictures change the theme under the page's feet; a colour on its way would be photographed half way.
const STILL: &str = "const still = document.createElement('style');
    still.textContent = '*, *::before, *::after { transition: none !important; }';
    document.head.append(still);";

/// Takes each screen four times.
struct Shots {
    app: Arc<App>,
    folder: PathBuf,
}

impl Shots {
    async fn take(&self, name: &str) {
        for (width, height) in [SMALL, WIDE] {
            self.app.resize(width, height).await;
            for theme in ["dark", "light"] {
                self.app.script(&format!("document.documentElement.dataset.theme = '{theme}'")).await;
                steps::settled(&self.app).await;
                let path = self.folder.join(format!("{name}-{theme}-{width}x{height}.png"));
                self.app.picture(&path).await;
                println!("{}", shown(&path));
            }
        }
    }
}

fn shown(path: &Path) -> String {
    path.strip_prefix(tests::repository()).unwrap_or(path).display().to_string()
}
