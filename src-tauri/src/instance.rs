//! One running app per data folder and profile: a second start shows the first one's window and ends.
//!
//! A first one that goes away meanwhile leaves the second without a window: killed, but on a busy machine not yet gone
//! from the session bus; or on its way out. Whoever is left then begins again as the first.

use std::{
    fmt::Display,
    process::{Command, ExitCode},
};

use operations::Place;
use tauri::{AppHandle, Runtime, plugin::TauriPlugin};

use crate::window;

/// How the plugin calls itself in its errors.
pub(crate) const PLUGIN: &str = "single-instance";

/// How often in a row this start has found one that went away.
const TURN: &str = "PORTSIDE_START_TURN";
const TURNS_MAX: u32 = 5;

pub(crate) fn plugin<R: Runtime>(place: &Place) -> TauriPlugin<R> {
    let builder = tauri_plugin_single_instance::Builder::new()
        .callback(|app: &AppHandle<R>, _args, _folder| window::show_again(app));
    #[cfg(target_os = "linux")]
    let builder = builder.dbus_id(format!("org.portside.desktop.i{:016x}", id(place)));
    builder.build()
}

/// The app that was asked for its window went away before it answered: this start is the first one now.
pub(crate) fn begin_as_first(why: &dyn Display) -> ExitCode {
    let turn = std::env::var(TURN).ok().and_then(|turn| turn.parse().ok()).unwrap_or(0) + 1;
    if turn > TURNS_MAX {
        tracing::error!(error = %why, "another Portside answers for this data folder, and does not show its window");
        return ExitCode::FAILURE;
    }
    tracing::warn!(turn, error = %why, "the Portside that ran went away; starting in its place");
    begin(turn)
}

/// Somebody asked for the window while this app ended.
pub(crate) fn begin_again() -> ExitCode {
    tracing::info!("asked for again while ending");
    begin(0)
}

/// The same program from its beginning: in this process where the system can do that.
fn begin(turn: u32) -> ExitCode {
    let begun = std::env::current_exe().and_then(|program| {
        let mut command = Command::new(program);
        command.args(std::env::args_os().skip(1)).env(TURN, turn.to_string());
        #[cfg(unix)]
        return Err(std::os::unix::process::CommandExt::exec(&mut command));
        #[cfg(not(unix))]
        command.spawn()
    });
    match begun {
        Ok::<std::process::Child, _>(_) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!(%error, "the app could not be started anew");
            ExitCode::FAILURE
        }
    }
}

/// FNV-1a: the same in every build, which the standard hasher does not promise.
fn id(place: &Place) -> u64 {
    let home = place.home().to_string_lossy();
    let name = format!("{home}\n{}", place.profile().unwrap_or_default());
    name.bytes()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}
