//! Where keys are kept: into the encrypted file, and back to the keychain. Which of the last two tests does something depends
//! on whether this desktop has a keychain: one runs here, the other under `tests/with-desktop`.

use std::{env, fs};

use operations::{
    Core, Place, app_info, connect_key, run_sync, unlock_vault, use_encrypted_file, use_keychain,
    wire::{
        AppInfo, AppInfoRequest, Code, ConnectKey, ErrorAction, RunSync, UnlockVault, UseEncryptedFile,
        UseKeychain, WireError,
    },
};
use simulator::{Config, Simulator};
use tempfile::TempDir;
use vault::{Options, Vault};

use crate::rig::Rig;

const PASSPHRASE: &str = "eleven blue cups";
const ENTRY: &str = "connection/portal-24817305";

/// An installation that keeps its keys in the keychain, until something else is chosen.
struct Home {
    folder: TempDir,
    service: String,
}

impl Home {
    fn new() -> Home {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        // A bundle of letters that no other run has.
        let name = folder.path().file_name().expect("it has a name").to_string_lossy().into_owned();
        Home { folder, service: format!("Portside-test-{name}") }
    }

    fn options(&self) -> Options {
        Options { service: self.service.clone(), file: None }
    }

    fn core(&self) -> Core {
        Core::open(Place::at(self.folder.path().to_owned(), self.options()).hurried(), None)
            .expect("it opens")
    }

    fn has_file(&self) -> bool {
        self.folder.path().join("vault.age").exists()
    }

    /// With keys in the encrypted file, one of them in use.
    async fn filed(&self, portal: &Simulator) -> Core {
        let core = self.core();
        let passphrase = PASSPHRASE.to_owned();
        use_encrypted_file(&core, UseEncryptedFile { passphrase }).await.expect("a file can be made");
        let request = ConnectKey {
            text: portal.token().to_owned(),
            name: None,
            kind: None,
            api_base: Some(portal.base_url()),
            allow_host: false,
        };
        connect_key(&core, request).await.expect("it connects");
        core
    }
}

async fn portal() -> Simulator {
    Simulator::start(Config { contacts: 20, ..Config::default() }).await.expect("a port is free")
}

async fn info(core: &Core) -> AppInfo {
    app_info(core, AppInfoRequest {}).await.expect("it can be asked")
}

async fn moved(core: &Core) -> Result<(), WireError> {
    use_keychain(core, UseKeychain {}).await.map(drop)
}

async fn syncs(core: &Core) -> bool {
    let request = RunSync { connection: String::new(), full: false, since: None, wait: false };
    run_sync(core, request).await.expect("a run").done
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_somebody_else_chose_or_that_waits_for_its_passphrase_is_not_moved() {
    let rig = Rig::new();
    let core = rig.core();
    assert!(!info(&core).await.vault_movable, "the environment says that it is a file");
    assert_eq!(moved(&core).await.expect_err("it stays").code, Code::BadRequest);

    let (home, portal) = (Home::new(), portal().await);
    drop(home.filed(&portal).await);
    let core = home.core();
    assert_eq!((info(&core).await.vault_locked, info(&core).await.vault_movable), (true, true));
    let error = moved(&core).await.expect_err("nobody knows what is in it");
    assert_eq!((error.code, error.actions), (Code::VaultLocked, vec![ErrorAction::UnlockVault]));
    assert!(home.has_file());
    unlock_vault(&core, UnlockVault { passphrase: PASSPHRASE.to_owned() }).await.expect("it opens");
    assert!(syncs(&core).await);

    drop(core);
    fs::remove_file(home.folder.path().join("vault.age")).expect("it can be deleted");
    let info = info(&home.core()).await;
    assert_eq!((info.vault.as_str(), info.vault_locked), ("system keychain", false), "there is none to open");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_keychain_nothing_is_moved_and_the_file_goes_on() {
    if env::var_os("DBUS_SESSION_BUS_ADDRESS").is_some() || cfg!(not(target_os = "linux")) {
        println!("skipped: this desktop may have a keychain");
        return;
    }
    let (home, portal) = (Home::new(), portal().await);
    let core = home.filed(&portal).await;
    let error = moved(&core).await.expect_err("there is no keychain");
    assert_eq!((error.code, &error.actions[..]), (Code::KeychainMissing, &[ErrorAction::TryAgain][..]));
    assert!(error.text.contains("still in the encrypted file"), "{error}");
    assert_eq!((info(&core).await.vault.as_str(), home.has_file()), ("encrypted file", true));
    assert!(syncs(&core).await, "its key is where it was");
    drop(core);
    let core = home.core();
    assert!(info(&core).await.vault_locked, "at the next start, too");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_key_moves_to_the_keychain_and_the_file_is_gone() {
    if env::var_os("DBUS_SESSION_BUS_ADDRESS").is_none() {
        println!("skipped: there is no session bus here; run it under tests/with-desktop");
        return;
    }
    let (home, portal) = (Home::new(), portal().await);
    let core = home.filed(&portal).await;
    moved(&core).await.expect("it is moved");
    let told = info(&core).await;
    assert_eq!((told.vault.as_str(), told.vault_movable, home.has_file()), ("system keychain", false, false));
    assert!(syncs(&core).await, "what runs goes on with the keychain");
    moved(&core).await.expect("there is nothing left to move");
    drop(core);
    let core = home.core();
    assert_eq!((info(&core).await.vault_locked, syncs(&core).await), (false, true), "at the next start, too");
    Vault::open(home.options()).delete(ENTRY).expect("it was there");
}
