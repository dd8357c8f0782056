//! Opening the desktop app: a program of its own, beside this one.

use std::{
    env,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use operations::Place;
use serde_json::json;

use crate::{
    failure::{Ended, Exit, Failure},
    said::Said,
};

const PROGRAM: &str = "portside-desktop";

/// Whether a window could be shown here.
pub(crate) fn has_display() -> bool {
    let set = |name| env::var_os(name).is_some_and(|value| !value.is_empty());
    cfg!(any(windows, target_os = "macos")) || set("DISPLAY") || set("WAYLAND_DISPLAY")
}

pub(crate) fn run(place: &Place, said: Said) -> Result<Exit, Ended> {
    if !has_display() {
        let message = "There is no display here, so the desktop app cannot be opened.";
        let fix = vec![
            "Run it in a desktop session.".to_owned(),
            "Everything else works without one: portside --help".to_owned(),
        ];
        return Err(Failure { fix, ..Failure::new("no_display", message) }.into());
    }
    let Some(program) = find() else {
        let message = "The desktop app is not installed beside this program.";
        let fix = vec![format!("Install Portside as a whole, or put {PROGRAM} on the PATH.")];
        return Err(Failure { fix, ..Failure::new("no_desktop_app", message) }.into());
    };
    let mut command = Command::new(program);
    command
        .env("PORTSIDE_HOME", place.home())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    // Ctrl-C in the terminal is not meant for the app.
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    command.spawn().map_err(|error| Failure {
        technical: error.to_string(),
        ..Failure::new("desktop_app_failed", "The desktop app could not be started.")
    })?;
    said.object(&json!("done"), None, json!({}))?;
    Ok(Exit::Done)
}

fn find() -> Option<PathBuf> {
    let name = format!("{PROGRAM}{}", env::consts::EXE_SUFFIX);
    let beside = env::current_exe().ok().and_then(|own| own.parent().map(Path::to_owned));
    let path = env::var_os("PATH").unwrap_or_default();
    beside
        .into_iter()
        .chain(env::split_paths(&path))
        .map(|folder| folder.join(&name))
        .find(|file| file.is_file())
}
