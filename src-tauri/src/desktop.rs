//! What only a desktop can do for its page: open a browser, tell the system's theme, keep the page's messages.
#![expect(clippy::needless_pass_by_value, reason = "Tauri hands a command its state by value")]

use std::{
    sync::atomic::{AtomicU32, Ordering},
    time::Instant,
};

use operations::wire::{Code, WireError};
use tauri::{State, Theme, Url, WebviewWindow};

use crate::commands::Opened;

/// Messages of the page that are kept per start; a loop in the page must not fill the disk.
const MESSAGES_MAX: u32 = 500;
const MESSAGE_CHARS_MAX: usize = 2_000;

/// What the shell remembers about its page.
pub(crate) struct Page {
    started: Instant,
    messages: AtomicU32,
}

impl Page {
    pub(crate) fn new(started: Instant) -> Self {
        Self { started, messages: AtomicU32::new(0) }
    }
}

/// Opens a page of HubSpot in the person's browser; any other address is refused.
#[tauri::command(async)]
pub(crate) fn open_external(url: &str) -> Result<(), WireError> {
    let Some(url) = hubspot_page(url) else {
        return Err(refused("This link is not opened.", "Portside opens pages of HubSpot only.", Vec::new()));
    };
    open::that_detached(url.as_str()).map_err(|error| {
        tracing::warn!(%error, "no browser was started");
        let fix = vec![format!("Open {url} in the browser where you use HubSpot.")];
        refused("Your browser did not open.", "This computer names no program for web pages.", fix)
    })
}

/// Opens HubSpot's sign-in page of an attempt; the page names the attempt, never an address.
#[tauri::command(async)]
pub(crate) fn open_authorize(opened: State<'_, Opened>, attempt: &str) -> Result<(), WireError> {
    let url = opened.core()?.authorize_url(attempt)?;
    open::that_detached(url).map_err(|error| {
        // The opener's own words may quote the address, which belongs to one attempt.
        tracing::warn!(kind = ?error.kind(), "no browser was started for a sign-in");
        operations::browser_not_opened()
    })
}

/// Called once by the page when its first frame is on the screen.
#[tauri::command]
pub(crate) fn first_paint(page: State<'_, Page>) {
    let ms = page.started.elapsed().as_millis();
    tracing::info!(ms, "painted");
    if let Some(path) = std::env::var_os("PORTSIDE_PAINT_FILE")
        && let Err(error) = std::fs::write(path, format!("{ms}\n"))
    {
        tracing::warn!(%error, "the time of the first paint was not written");
    }
}

#[tauri::command]
pub(crate) fn system_theme(window: WebviewWindow) -> &'static str {
    match window.theme() {
        Ok(Theme::Dark) => "dark",
        _ => "light",
    }
}

/// The page's console: the web view keeps none that could be read later.
#[tauri::command]
pub(crate) fn page_logged(page: State<'_, Page>, level: &str, text: &str) {
    let text: String = text.chars().take(MESSAGE_CHARS_MAX).collect();
    match page.messages.fetch_add(1, Ordering::Relaxed) {
        MESSAGES_MAX.. => {}
        last if last + 1 == MESSAGES_MAX => tracing::warn!("the page says too much: the rest is left out"),
        _ if level == "error" => tracing::error!(target: "page", "{text}"),
        _ => tracing::warn!(target: "page", "{text}"),
    }
}

/// The address, if it is a page of HubSpot over https and nothing else is hidden in it.
fn hubspot_page(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    let host = url.host_str()?;
    let hubspot = host == "hubspot.com" || host.ends_with(".hubspot.com");
    let plain = url.username().is_empty() && url.password().is_none() && url.port().is_none();
    (url.scheme() == "https" && hubspot && plain).then_some(url)
}

fn refused(title: &str, text: &str, fix: Vec<String>) -> WireError {
    WireError {
        code: Code::BadRequest,
        title: title.into(),
        text: text.into(),
        fix,
        actions: Vec::new(),
        technical: String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::hubspot_page;

    #[test]
    fn only_pages_of_hubspot_are_opened() {
        for good in [
            "https://app.hubspot.com/contacts/1/record/0-1/2",
            "https://app-eu1.hubspot.com/",
            "https://hubspot.com/x?y=z#w",
            "https://APP.HUBSPOT.COM/",
        ] {
            assert!(hubspot_page(good).is_some(), "{good}");
        }
        for bad in [
            "http://app.hubspot.com/",
            "https://hubspot.com.example/",
            "https://nothubspot.com/",
            "https://user@app.hubspot.com/",
            "https://app.hubspot.com:444/",
            "https://app.hubspot.com@example.com/",
            "file:///etc/passwd",
            "javascript:alert(1)",
            "app.hubspot.com",
            "",
        ] {
            assert!(hubspot_page(bad).is_none(), "{bad}");
        }
    }
}
