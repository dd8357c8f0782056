//! The person's own browser, beside the app in the same desktop: WebKit's, which comes with the web view.

use std::{fs, path::PathBuf};

use serde_json::json;
use thirtyfour::{By, WebDriver, extensions::query::ElementQueryable};
use tokio::time::Duration;

use crate::{app::SOON, desk::Desk, driver::Driver};

pub struct Browser {
    web: WebDriver,
    _driver: Driver,
}

impl Browser {
    pub async fn open(desk: &Desk, address: &str) -> Browser {
        let log = desk.folder().join("browser.log");
        let options = json!({ "binary": program(), "args": ["--automation"] });
        let (driver, web) = Driver::start(desk, &log, &[], options).await;
        web.goto(address).await.unwrap_or_else(|error| panic!("{address} did not open: {error}"));
        Browser { web, _driver: driver }
    }

    /// Clicks what a selector finds, once it is there.
    pub async fn click(&self, selector: &str) {
        let found = self.web.query(By::Css(selector.to_owned())).wait(SOON, STEP).first().await;
        let element = found.unwrap_or_else(|error| panic!("there is no {selector}: {error}"));
        element.click().await.unwrap_or_else(|error| panic!("{selector} could not be clicked: {error}"));
    }

    /// What the first heading says, once it says something that fits.
    pub async fn heading(&self, fits: impl Fn(&str) -> bool) -> String {
        let until = tokio::time::Instant::now() + SOON;
        let mut last = String::new();
        while tokio::time::Instant::now() < until {
            // Between two pages there is none.
            if let Ok(heading) = self.web.find(By::Css("h1")).await
                && let Ok(text) = heading.text().await
            {
                if fits(&text) {
                    return text;
                }
                last = text;
            }
            tokio::time::sleep(STEP).await;
        }
        panic!("the browser's page says “{last}”");
    }

    pub async fn address(&self) -> String {
        self.web.current_url().await.expect("a browser knows its address").to_string()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.web.clone().leak();
    }
}

const STEP: Duration = Duration::from_millis(50);

/// Where Debian puts it depends on the processor.
fn program() -> PathBuf {
    let folders = fs::read_dir("/usr/lib").expect("there are libraries").flatten();
    let places = folders.map(|entry| entry.path().join("webkit2gtk-4.1/MiniBrowser"));
    let usual = [PathBuf::from("/usr/libexec/webkit2gtk-4.1/MiniBrowser")];
    places.chain(usual).find(|path| path.is_file()).expect("MiniBrowser comes with libwebkit2gtk-4.1-0")
}
