//! What the suites of the core need: an installation in a folder of its own, and a host with a demo portal.

use std::{fs, os::unix::fs::PermissionsExt, path::PathBuf, sync::Arc};

use futures::future::{BoxFuture, FutureExt};
use operations::{Core, DemoHost, DemoPortal, DemoTrouble, Place};
use simulator::{Config, Faults, Simulator};
use tempfile::TempDir;
use tokio::sync::Mutex;

pub(crate) struct Rig {
    pub(crate) folder: TempDir,
    pub(crate) vault: vault::Options,
}

impl Rig {
    pub(crate) fn new() -> Rig {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let passphrase_file = folder.path().join("passphrase");
        fs::write(&passphrase_file, "seven bicycles").expect("a file can be written");
        fs::set_permissions(&passphrase_file, fs::Permissions::from_mode(0o600)).expect("rights can be set");
        let path = folder.path().join("vault.age");
        let file = Some(vault::FileVault { path, passphrase_file });
        let vault = vault::Options { service: "Portside-test".to_owned(), file };
        Rig { folder, vault }
    }

    pub(crate) fn home(&self) -> PathBuf {
        self.folder.path().join("home")
    }

    pub(crate) fn core(&self) -> Core {
        self.core_with(None)
    }

    pub(crate) fn core_with(&self, demo: Option<Arc<dyn DemoHost>>) -> Core {
        Core::open(Place::at(self.home(), self.vault.clone()).hurried(), demo).expect("the core opens")
    }
}

/// A small demo portal.
#[derive(Clone, Default)]
pub(crate) struct Demo(Arc<Mutex<Option<Simulator>>>);

impl DemoHost for Demo {
    fn start(&self, until: i64) -> BoxFuture<'static, Result<DemoPortal, String>> {
        let Self(running) = self.clone();
        async move {
            let config = Config { contacts: 40, until, ..Config::default() };
            let simulator = Simulator::start(config).await.map_err(|error| error.to_string())?;
            let (base_url, token) = (simulator.base_url(), simulator.token().to_owned());
            let portal = DemoPortal { base_url, token, until };
            *running.lock().await = Some(simulator);
            Ok(portal)
        }
        .boxed()
    }

    fn trouble(&self, wanted: Vec<DemoTrouble>) -> BoxFuture<'static, Result<(), String>> {
        let Self(running) = self.clone();
        async move {
            let running = running.lock().await;
            let faults = Faults::named(wanted.into_iter().map(DemoTrouble::as_str)).ok_or("unknown")?;
            running.as_ref().ok_or("not running")?.faults().set(faults);
            Ok(())
        }
        .boxed()
    }
}
