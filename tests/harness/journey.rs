//! One journey: a desktop, one or more starts of the app, and what is kept when it fails.

use std::{
    fs,
    panic::AssertUnwindSafe,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
};

use futures::FutureExt;

use crate::{
    app::{App, Setup},
    desk::{Desk, Keyring},
    repository,
};

/// What a journey happens in.
pub struct Journey {
    pub desk: Desk,
    pub setup: Setup,
    /// The app that runs, kept here too so that a failing journey can still be photographed.
    running: Mutex<Option<Arc<App>>>,
}

impl Journey {
    /// Starts the app; one that ran before is ended first.
    pub async fn open(&self) -> Arc<App> {
        self.open_with(&self.setup).await
    }

    pub async fn open_with(&self, setup: &Setup) -> Arc<App> {
        self.replace(None);
        let app = Arc::new(App::open(&self.desk, setup).await);
        self.replace(Some(Arc::clone(&app)));
        app
    }

    fn replace(&self, app: Option<Arc<App>>) -> Option<Arc<App>> {
        std::mem::replace(&mut *self.running.lock().expect("no journey panics with this lock held"), app)
    }
}

/// Runs a journey; when it fails, picture, page and logs stay in `target/desktop-failures/<name>`.
pub async fn run(name: &str, keyring: Keyring, steps: impl AsyncFnOnce(&Journey)) {
    let desk = Desk::start(keyring);
    let setup = Setup::new(&desk);
    let journey = Journey { desk, setup, running: Mutex::default() };
    let outcome = AssertUnwindSafe(steps(&journey)).catch_unwind().await;
    let app = journey.replace(None);
    if let Err(cause) = outcome {
        let folder = failures().join(name);
        if let Some(app) = app {
            app.keep(&folder).await;
        }
        keep_logs(&journey, &folder);
        eprintln!("kept in {}", folder.display());
        std::panic::resume_unwind(cause);
    }
}

fn failures() -> PathBuf {
    repository().join("target/desktop-failures")
}

fn keep_logs(journey: &Journey, folder: &Path) {
    for entry in fs::read_dir(journey.setup.home.join("logs")).into_iter().flatten().flatten() {
        // What cannot be kept must not hide the failure itself.
        let _ = fs::copy(entry.path(), folder.join(entry.file_name()));
    }
}
