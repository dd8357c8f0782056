//! One journey: a desktop, one or more starts of the app, and what is kept when it fails.

use std::{
    fs,
    panic::AssertUnwindSafe,
    path::{Path, PathBuf},
    sync::{Arc, LazyLock, Mutex},
};

use futures::FutureExt;
use tokio::sync::Semaphore;

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

/// Windows are drawn without a graphics card: more apps at once than processors would make each other's pages wait for
/// their frames, however many tests a runner starts.
static PLACES: LazyLock<Semaphore> = LazyLock::new(|| {
    Semaphore::new(std::thread::available_parallelism().map_or(2, |cores| cores.get().max(2)))
});

/// Runs a journey; when it fails, picture, page and logs stay in `target/desktop-failures/<name>`.
pub async fn run(name: &str, keyring: Keyring, steps: impl AsyncFnOnce(&Journey)) {
    let _place = PLACES.acquire().await.expect("places are never closed");
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

/// Logs of the app, of its drivers and of the desktop, and what still runs there: all there is of an app that never
/// opened.
fn keep_logs(journey: &Journey, folder: &Path) {
    // What cannot be kept must not hide the failure itself.
    let _ = fs::create_dir_all(folder);
    let desk = journey.desk.folder();
    for logs in [desk.to_owned(), desk.join("desk/logs"), journey.setup.home.join("logs")] {
        for entry in fs::read_dir(&logs).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_file() && (logs != desk || path.extension().is_some_and(|end| end == "log")) {
                let _ = fs::copy(&path, folder.join(entry.file_name()));
            }
        }
    }
    let _ = fs::write(folder.join("processes.txt"), journey.desk.processes());
}
