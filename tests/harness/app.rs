//! The real app in a desktop, driven over WebDriver: find, click, type, read, ask, photograph.
//!
//! One driver per app, on a port of its own; the driver starts the app. Waiting is always for something that can be
//! seen, to a deadline.

use std::{
    ffi::OsString,
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use serde_json::{Value, json};
use thirtyfour::{
    By, TypingData, WebDriver,
    extensions::query::{ElementQueryable, ElementWaitable},
};
use tokio::time::{Instant, sleep, timeout};

use crate::{desk::Desk, driver::Driver, program};

/// How long a person would wait for a screen before calling it broken.
pub const SOON: Duration = Duration::from_secs(20);
/// An import of the demo portal, on a busy machine.
pub const IMPORT_MAX: Duration = Duration::from_mins(6);
const STEP: Duration = Duration::from_millis(50);

/// What an app is started with, beside its desktop.
#[derive(Debug, Clone)]
pub struct Setup {
    pub home: PathBuf,
    /// Data folder, keychain service and single instance are this profile's own.
    pub profile: String,
    /// Another server that speaks HubSpot's API.
    pub api_base: Option<String>,
}

impl Setup {
    pub fn new(desk: &Desk) -> Setup {
        let home = desk.home();
        let profile = desk.folder().file_name().and_then(|name| name.to_str()).unwrap_or("suite");
        Setup { home, profile: profile.replace('.', "-"), api_base: None }
    }
}

pub struct App {
    web: WebDriver,
    setup: Setup,
    log: PathBuf,
    opened: PathBuf,
    // Last, so that the session is given up before its driver ends.
    _driver: Driver,
}

impl App {
    /// Opens the app and waits until its page is there.
    pub async fn open(desk: &Desk, setup: &Setup) -> App {
        let log = desk.folder().join("app.log");
        let mut environment = vec![
            ("TAURI_WEBVIEW_AUTOMATION", "true".into()),
            ("PORTSIDE_HOME", setup.home.clone().into_os_string()),
            ("PORTSIDE_PROFILE", setup.profile.clone().into()),
            ("RUST_BACKTRACE", "1".into()),
            ("PATH", opener(desk)),
        ];
        if let Some(base) = &setup.api_base {
            environment.push(("PORTSIDE_API_BASE", base.into()));
            environment.push(("PORTSIDE_APP_BASE", base.into()));
        }
        let (driver, web) = Driver::start(
            desk,
            &log,
            &environment,
            json!({ "binary": program("portside-desktop"), "args": [] }),
        )
        .await;
        App { web, setup: setup.clone(), log, opened: desk.folder().join(OPENED), _driver: driver }
    }

    /// The address that the app gave the person's browser last, once it has.
    pub async fn opened(&self) -> String {
        self.until("a browser is asked to open a page", SOON, async || {
            fs::read_to_string(&self.opened).ok()?.lines().last().map(str::to_owned)
        })
        .await
    }

    pub fn home(&self) -> &Path {
        &self.setup.home
    }

    /// Waits until the part with this test id can be seen.
    pub async fn see(&self, id: &str) {
        self.reads(id, SOON, |_| true).await;
    }

    pub async fn sees(&self, id: &str) -> bool {
        self.web.query(By::Css(selector(id))).nowait().exists().await.unwrap_or(false)
    }

    pub async fn see_gone(&self, id: &str) {
        self.until(&format!("{id} is gone"), SOON, async || (!self.sees(id).await).then_some(())).await;
    }

    /// Clicks once the element is there and can be used; one that was drawn anew in between is found again.
    pub async fn click(&self, id: &str) {
        self.until(&format!("{id} could be clicked"), SOON, async || {
            let element = self.web.find(By::Css(selector(id))).await.ok()?;
            element.wait_until().wait(STEP, STEP).clickable().await.ok()?;
            element.click().await.ok()
        })
        .await;
    }

    /// Clicks a button or a choice by the words a person knows it by.
    pub async fn click_named(&self, name: &str) {
        let named = format!("@aria-label='{name}' or @title='{name}' or normalize-space(.)='{name}'");
        let path = format!("//*[(self::button or self::label or @role='radio') and ({named})]");
        let found = self.web.query(By::XPath(path)).wait(SOON, STEP).and_displayed().first().await;
        let element = found.unwrap_or_else(|error| panic!("nothing is named {name}: {error}"));
        element.click().await.unwrap_or_else(|error| panic!("{name} could not be clicked: {error}"));
    }

    /// What a part says, once it can be seen.
    pub async fn text(&self, id: &str) -> String {
        self.reads(id, SOON, |_| true).await
    }

    /// Waits until a part can be seen and says something that fits.
    pub async fn reads(&self, id: &str, limit: Duration, fits: impl Fn(&str) -> bool) -> String {
        // Asked in the page: the driver's own idea of what is displayed stumbles over clipped text.
        let script = format!(
            "const part = document.querySelector(\"{}\"), box = part?.getBoundingClientRect();
             const seen = box?.width > 0 && box.height > 0 && part.checkVisibility({{ visibilityProperty: true }});
             return seen ? part.innerText.trim() : null;",
            selector(id)
        );
        self.until(&format!("{id} is seen and says it"), limit, async || {
            let text = self.script(&script).await;
            text.as_str().filter(|text| fits(text)).map(ToOwned::to_owned)
        })
        .await
    }

    /// Waits for the grid's uppermost row to hold something, and says where it is and what it says.
    pub async fn first_row(&self) -> (i64, i64, String) {
        let script = "const rows = [...document.querySelectorAll('[data-testid=grid-row]')]
              .map((row) => [row.getBoundingClientRect(), row.innerText.trim()])
              .filter(([box, text]) => box.height > 0 && text !== '')
              .sort(([one], [other]) => one.top - other.top);
            return rows.length === 0 ? null
              : [Math.round(rows[0][0].left + 40), Math.round(rows[0][0].top + rows[0][0].height / 2), rows[0][1]];";
        self.until("the grid has a row", SOON, async || {
            let row = self.script(script).await;
            Some((row[0].as_i64()?, row[1].as_i64()?, row[2].as_str()?.to_owned()))
        })
        .await
    }

    pub async fn double_click_at(&self, x: i64, y: i64) {
        self.web
            .action_chain()
            .move_to(x, y)
            .double_click()
            .perform()
            .await
            .expect("a mouse clicks anywhere");
    }

    /// Replaces a field's text, key by key.
    pub async fn write(&self, id: &str, text: &str) {
        self.see(id).await;
        let field = self.web.find(By::Css(selector(id))).await.expect("a field that is seen is found");
        field.clear().await.expect("a field can be emptied");
        if !text.is_empty() {
            field.send_keys(text).await.expect("a field takes text");
        }
    }

    /// Presses keys wherever the focus is.
    pub async fn press(&self, keys: impl Into<TypingData>) {
        self.web.action_chain().send_keys(keys).perform().await.expect("keys can be pressed");
    }

    /// Everything the page says, for messages and for words that have no id.
    pub async fn page(&self) -> String {
        let body = self.web.find(By::Css("body")).await.expect("a page has a body");
        body.text().await.expect("it can be read")
    }

    pub async fn page_says(&self, words: &str, limit: Duration) {
        self.until(&format!("the page said “{words}”"), limit, async || {
            self.web.find(By::Css("body")).await.ok()?.text().await.ok()?.contains(words).then_some(())
        })
        .await;
    }

    /// Asks an operation as the page does, over the same door and the same permissions.
    pub async fn ask(&self, operation: &str, request: Value) -> Result<Value, Value> {
        let script = "const [operation, request, done] = arguments;
            window.__TAURI_INTERNALS__.invoke(operation, { request })
              .then((answer) => done({ answer }), (refusal) => done({ refusal }));";
        let answer = self.web.execute_async(script, vec![json!(operation), request]).await;
        let answer = answer.unwrap_or_else(|error| panic!("{operation} could not be asked: {error}"));
        match answer.json().get("refusal") {
            Some(refusal) => Err(refusal.clone()),
            None => Ok(answer.json()["answer"].clone()),
        }
    }

    /// Runs a script in the page.
    pub async fn script(&self, script: &str) -> Value {
        let answer = self.web.execute(script, Vec::new()).await;
        answer.unwrap_or_else(|error| panic!("{script}: {error}")).json().clone()
    }

    /// Waits until what was asked for is on the screen: some frames, since drawing happens in another process.
    pub async fn drawn(&self) {
        let script = "const done = arguments[0];
            const frame = (left) => (left === 0 ? done() : requestAnimationFrame(() => frame(left - 1)));
            frame(6);";
        self.web.execute_async(script, Vec::new()).await.expect("frames are drawn");
    }

    pub async fn reload(&self) {
        self.web.refresh().await.expect("a page can be loaded again");
    }

    pub async fn resize(&self, width: u32, height: u32) {
        self.web.set_window_rect(0, 0, width, height).await.expect("a window can be resized");
        self.until("the window has its size", SOON, async || {
            let size = self.script("return [innerWidth, innerHeight]").await;
            (size == json!([width, height])).then_some(())
        })
        .await;
    }

    /// A picture of the page.
    pub async fn picture(&self, path: &Path) {
        let png = self.web.screenshot_as_png().await.expect("a page can be photographed");
        fs::create_dir_all(path.parent().expect("a picture goes into a folder")).expect("which can be made");
        fs::write(path, png).expect("and written to");
    }

    /// Polls to a deadline.
    pub async fn until<T>(&self, what: &str, limit: Duration, mut look: impl AsyncFnMut() -> Option<T>) -> T {
        let until = Instant::now() + limit;
        loop {
            if let Some(found) = look().await {
                return found;
            }
            assert!(Instant::now() < until, "waited {limit:?}, and still not: {what}");
            sleep(STEP).await;
        }
    }

    /// The app's own process and its web view's, by the data folder they were started with.
    pub fn processes(&self) -> Vec<u32> {
        let mark = format!("PORTSIDE_HOME={}", self.setup.home.display());
        let ours = |pid: &u32| {
            let environment = fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
            let program = fs::read_link(format!("/proc/{pid}/exe")).unwrap_or_default();
            let name = program.file_name().and_then(|name| name.to_str()).unwrap_or_default().to_owned();
            let part_of_it =
                name.starts_with("portside") || name.starts_with("WebKit") && !name.contains("Driver");
            part_of_it && environment.split(|&byte| byte == 0).any(|entry| entry == mark.as_bytes())
        };
        let entries = fs::read_dir("/proc").expect("processes can be listed").flatten();
        entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).filter(ours).collect()
    }

    /// Ends the app as a power cut would, wherever it is.
    pub async fn kill(&self) {
        signal("-KILL", &self.processes());
        self.until("the app is gone", SOON, async || self.processes().is_empty().then_some(())).await;
    }

    /// Stops the app where it stands, as an overloaded machine does, and says what is left to kill.
    pub fn freeze(&self) -> Vec<u32> {
        let pids = self.processes();
        signal("-STOP", &pids);
        pids
    }

    /// Asks the app to end, without waiting for it.
    pub fn ask_to_end(&self) {
        let entry = |pid: &u32| {
            fs::read_link(format!("/proc/{pid}/exe")).is_ok_and(|exe| exe.ends_with("portside-desktop"))
        };
        let pid = self.processes().into_iter().find(entry).expect("the app runs");
        signal("-TERM", &[pid]);
    }

    /// Asks the app to end, as the end of a session does, and waits until it has.
    pub async fn end(&self) {
        self.ask_to_end();
        self.until("the app has ended", SOON, async || self.processes().is_empty().then_some(())).await;
    }

    /// Keeps what helps to understand a failure.
    pub async fn keep(&self, folder: &Path) {
        fs::create_dir_all(folder).expect("a folder can be made");
        if let Ok(Ok(png)) = timeout(SOON, self.web.screenshot_as_png()).await {
            fs::write(folder.join("screen.png"), png).expect("a picture can be kept");
        }
        if let Ok(Ok(page)) = timeout(SOON, self.web.source()).await {
            fs::write(folder.join("page.html"), page).expect("a page can be kept");
        }
        // No log yet, nothing to keep.
        let _ = fs::copy(&self.log, folder.join("app.log"));
    }
}

impl Drop for App {
    fn drop(&mut self) {
        // Ending the session in words as well would only wait for an answer that cannot come.
        let _ = self.web.clone().leak();
    }
}

/// Sends processes a signal, such as `-KILL`.
pub fn signal(signal: &str, pids: &[u32]) {
    assert!(!pids.is_empty(), "the app runs");
    let pids = pids.iter().map(ToString::to_string);
    Command::new("kill").arg(signal).args(pids).status().expect("kill runs");
}

/// What stands in for the program that opens web pages: it notes the address, and the test opens it.
const OPENED: &str = "opened";

/// A search path whose first folder has that program.
fn opener(desk: &Desk) -> OsString {
    let (folder, opened) = (desk.folder().join("bin"), desk.folder().join(OPENED));
    fs::create_dir_all(&folder).expect("a folder can be made");
    let script = folder.join("xdg-open");
    fs::write(&script, format!("#!/bin/sh\nprintf '%s\\n' \"$1\" >>'{}'\n", opened.display()))
        .and_then(|()| fs::set_permissions(&script, fs::Permissions::from_mode(0o755)))
        .expect("a script can be written");
    let usual = std::env::var_os("PATH").unwrap_or_default();
    std::env::join_paths(std::iter::once(folder).chain(std::env::split_paths(&usual)))
        .expect("no folder's name has a colon")
}

fn selector(id: &str) -> String {
    format!("[data-testid='{id}']")
}
