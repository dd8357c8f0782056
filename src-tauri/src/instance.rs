//! One running app per data folder and profile: a second start shows the first one's window and ends.

use operations::Place;
use tauri::{AppHandle, Manager, Runtime, plugin::TauriPlugin};

use crate::window;

pub(crate) fn plugin<R: Runtime>(place: &Place) -> TauriPlugin<R> {
    let builder =
        tauri_plugin_single_instance::Builder::new().callback(|app: &AppHandle<R>, _args, _folder| {
            if let Some(window) = app.get_webview_window(window::LABEL) {
                window::bring_forward(&window);
            }
        });
    #[cfg(target_os = "linux")]
    let builder = builder.dbus_id(format!("org.portside.desktop.i{:016x}", id(place)));
    builder.build()
}

/// FNV-1a: the same in every build, which the standard hasher does not promise.
fn id(place: &Place) -> u64 {
    let home = place.home().to_string_lossy();
    let name = format!("{home}\n{}", place.profile().unwrap_or_default());
    name.bytes()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}
