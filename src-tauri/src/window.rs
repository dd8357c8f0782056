//! The one window: how it looks before its page does, where its page may go, and how it ends.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use operations::{Place, wire};
use tauri::{
    AppHandle, Manager, RunEvent, Runtime, Theme, WebviewUrl, WebviewWindow, WebviewWindowBuilder,
    webview::{Color, NewWindowResponse},
};

use crate::commands::Opened;

pub(crate) const LABEL: &str = "main";

/// What draws the page.
pub(crate) const ENGINE: &str = if cfg!(windows) {
    "WebView2"
} else if cfg!(target_os = "macos") {
    "WebKit"
} else {
    "WebKitGTK"
};

/// The page's own frame colours (`--bg`), so that nothing flashes before its first frame.
const PAPER: Color = Color(0xF7, 0xF7, 0xF5, 0xFF);
const INK: Color = Color(0x13, 0x14, 0x16, 0xFF);

/// A page's request in flight is given this long to land when the app ends.
const ENDING_MAX: Duration = Duration::from_secs(5);

/// Forwards what the page would print to a console that nobody can open.
const CONSOLE: &str = r#"(() => {
  const send = (level, parts) => {
    const words = (part) => (part instanceof Error ? `${part}\n${part.stack ?? ""}` : String(part));
    const text = parts.map(words).join(" ");
    window.__TAURI_INTERNALS__?.invoke("page_logged", { level, text }).catch(() => {});
  };
  for (const level of ["error", "warn"]) {
    const print = console[level].bind(console);
    console[level] = (...parts) => { print(...parts); send(level, parts); };
  }
  addEventListener("error", (event) => send("error", [event.error ?? event.message]));
  addEventListener("unhandledrejection", (event) => send("error", ["unhandled:", event.reason]));
  addEventListener("securitypolicyviolation", (event) =>
    send("error", ["policy:", event.violatedDirective, event.blockedURI]));
})();"#;

/// Opens the window over the built page.
pub(crate) fn open(app: &AppHandle, place: &Place) -> tauri::Result<()> {
    let window = WebviewWindowBuilder::new(app, LABEL, WebviewUrl::default())
        .title("Portside")
        .inner_size(1280.0, 800.0)
        .min_inner_size(960.0, 600.0)
        .center()
        .background_color(PAPER)
        // The web view's own caches stay inside the data folder: one home, one place to look at and to wipe.
        .data_directory(place.home().join("window"))
        .initialization_script(CONSOLE)
        .on_navigation(|url| match url.host_str() {
            // How the page is addressed on Windows.
            Some("tauri.localhost") => true,
            Some("localhost") => url.scheme() == "tauri" || cfg!(dev),
            _ => false,
        })
        .on_new_window(|_, _| NewWindowResponse::Deny)
        .build()?;
    if chosen_theme(app).map_or_else(|| window.theme(), Ok)? == Theme::Dark {
        window.set_background_color(Some(INK))?;
    }
    Ok(())
}

fn bring_forward<R: Runtime>(window: &WebviewWindow<R>) {
    for step in [window.unminimize(), window.show(), window.set_focus()] {
        if let Err(error) = step {
            tracing::warn!(%error, "the window did not come forward");
        }
    }
}

static ENDING: AtomicBool = AtomicBool::new(false);
static WANTED_AGAIN: AtomicBool = AtomicBool::new(false);

/// A second start asks for the window. One that is on its way out opens again once everything has ended.
pub(crate) fn show_again<R: Runtime>(app: &AppHandle<R>) {
    if ENDING.load(Ordering::Relaxed) {
        WANTED_AGAIN.store(true, Ordering::Relaxed);
    } else if let Some(window) = app.get_webview_window(LABEL) {
        bring_forward(&window);
    }
}

/// Somebody started the app while it ended.
pub(crate) fn is_wanted_again() -> bool {
    WANTED_AGAIN.load(Ordering::Relaxed)
}

/// Ends in order: the core stops at its next page before the process does.
pub(crate) fn on_event(app: &AppHandle, event: RunEvent) {
    let RunEvent::ExitRequested { api, code, .. } = event else { return };
    if ENDING.swap(true, Ordering::Relaxed) {
        return;
    }
    api.prevent_exit();
    let app = app.clone();
    tauri::async_runtime::spawn(async move {
        if let Ok(core) = app.state::<Opened>().core()
            && tokio::time::timeout(ENDING_MAX, core.shutdown()).await.is_err()
        {
            tracing::warn!("the core took too long to stop; it continues from its last page next time");
        }
        app.exit(code.unwrap_or(0));
    });
}

/// The end of a session asks with a signal; the app then ends as if its window had been closed.
pub(crate) async fn end_on_signal(app: AppHandle) {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let (Ok(mut end), Ok(mut interrupt)) =
            (signal(SignalKind::terminate()), signal(SignalKind::interrupt()))
        else {
            return;
        };
        tokio::select! { _ = end.recv() => {}, _ = interrupt.recv() => {} }
        app.exit(0);
    }
    #[cfg(not(unix))]
    drop(app);
}

/// The theme a person chose; none to follow the system.
fn chosen_theme(app: &AppHandle) -> Option<Theme> {
    let opened = app.state::<Opened>();
    let core = opened.core().ok()?;
    let info = tauri::async_runtime::block_on(operations::app_info(core, wire::AppInfoRequest {})).ok()?;
    match info.theme {
        wire::Theme::System => None,
        wire::Theme::Light => Some(Theme::Light),
        wire::Theme::Dark => Some(Theme::Dark),
    }
}
