//! the desktop app: one window over the operations.
//!
//! Start-up, in reading order. No business rules: what the window may ask is in `operations`, and what it shows is in
//! `ui`. No secret passes through here but the pasted key, on its way into `begin_key`.
#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

mod commands;
mod demo;
mod desktop;
mod events;
mod instance;
mod logging;
mod window;

use std::{process::ExitCode, sync::Arc, time::Instant};

use operations::{Core, Place, SystemClock};
use tauri::Manager;

fn main() -> ExitCode {
    let started = Instant::now();
    let place = Place::from_env(None);
    logging::start(&place.home().join("logs"));
    tracing::info!(version = env!("CARGO_PKG_VERSION"), "started");

    let built = tauri::Builder::default()
        // First of all plugins: a second start ends here, before it opens anything.
        .plugin(instance::plugin(&place))
        .invoke_handler(commands::handler())
        .manage(desktop::Page::new(started))
        .setup(move |app| {
            let opened = tauri::async_runtime::block_on(async {
                Core::open(place.clone(), Some(Arc::new(demo::Demo::default())))
            });
            if let Ok(core) = &opened {
                if let Ok(version) = tauri::webview_version() {
                    core.tell_web_view(&format!("{} {version}", window::ENGINE));
                }
                tauri::async_runtime::spawn(events::forward(core.events(), app.handle().clone()));
                // Checks for changes come by themselves, and an import that was cut when the app ended goes on.
                let keeping = core.clone();
                tauri::async_runtime::spawn(async move {
                    keeping.keep_schedules(Arc::new(SystemClock::default()));
                });
            }
            app.manage(commands::Opened::new(opened));
            tauri::async_runtime::spawn(window::end_on_signal(app.handle().clone()));
            window::open(app.handle(), &place)?;
            Ok(())
        })
        .build(tauri::generate_context!());

    match built {
        Ok(app) => {
            let code = app.run_return(window::on_event);
            tracing::info!("ended");
            if window::is_wanted_again() {
                return instance::begin_again();
            }
            ExitCode::from(u8::try_from(code).unwrap_or(1))
        }
        Err(tauri::Error::PluginInitialization(plugin, why)) if plugin == instance::PLUGIN => {
            instance::begin_as_first(&why)
        }
        Err(error) => {
            tracing::error!(%error, "the window could not be opened");
            ExitCode::FAILURE
        }
    }
}
