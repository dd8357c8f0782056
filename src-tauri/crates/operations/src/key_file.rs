//! The encrypted file for keys, where no keychain can be had: chosen in the window, and opened with its passphrase once a
//! start, and left again for the keychain. Deliberately absent: the file itself (`vault`), and any way to read a passphrase back.

use vault::{FileVault, Secret, Vault};

use crate::{
    core::Core,
    errors,
    wire::{Code, CoreEvent, Done, ErrorAction, UnlockVault, UseEncryptedFile, UseKeychain, WireError},
};

const SETTING: &str = "vault";
const FILE: &str = "file";
/// Fewer characters are tried out in no time, however they are mixed.
const PASSPHRASE_MIN: usize = 10;

/// The vault of an installation: as the environment says, else as it was chosen in the window.
pub(crate) fn open_vault(place: &crate::Place, app: &store::AppDb) -> Result<Vault, WireError> {
    let vault = Vault::open(place.vault());
    let chosen = app.setting(SETTING).map_err(|error| errors::store(&error))?;
    let file = FileVault::in_home(place.home());
    // It is gone where what it held was moved to the keychain, and the power went before that was written down.
    if !vault.is_file() && chosen.as_deref() == Some(FILE) && file.path.exists() {
        vault.await_file(file);
    }
    Ok(vault)
}

/// Whether keys are in a file that was chosen in the window, and not by whoever started this program.
pub(crate) fn can_move(core: &Core) -> bool {
    core.0.vault.is_file() && core.0.place.vault().file.is_none()
}

/// Keeps keys in an encrypted file from now on, and at later starts. Where that file is there already, the passphrase
/// must open it.
pub async fn use_encrypted_file(core: &Core, request: UseEncryptedFile) -> Result<Done, WireError> {
    let passphrase = Secret::new(request.passphrase);
    if passphrase.expose().chars().count() < PASSPHRASE_MIN {
        let short = format!("A passphrase needs at least {PASSPHRASE_MIN} characters.");
        return Err(errors::say(Code::BadRequest, &short));
    }
    core.blocking(move |core| {
        let file = FileVault::in_home(core.0.place.home());
        core.0.vault.use_file(file, &passphrase).map_err(|error| errors::vault(&error))?;
        core.0.app.put_setting(SETTING, Some(FILE)).map_err(|error| errors::store(&error))
    })
    .await?;
    opened(core);
    Ok(Done {})
}

/// Opens the encrypted file of an earlier start; what waited for its keys goes on.
pub async fn unlock_vault(core: &Core, request: UnlockVault) -> Result<Done, WireError> {
    let passphrase = Secret::new(request.passphrase);
    core.blocking(move |core| core.0.vault.unlock(&passphrase).map_err(|error| errors::vault(&error)))
        .await?;
    opened(core);
    Ok(Done {})
}

/// The way back: every key goes to the system keychain and is read back there, then the file is deleted. When anything
/// fails, all stay in the file.
pub async fn use_keychain(core: &Core, _: UseKeychain) -> Result<Done, WireError> {
    if core.0.vault.is_file() && !can_move(core) {
        let chosen = "PORTSIDE_VAULT says that keys are in a file. Start Portside without it first.";
        return Err(errors::say(Code::BadRequest, chosen));
    }
    core.blocking(move |core| {
        core.0.vault.move_to_keychain().map_err(|error| {
            let mut said = errors::vault(&error);
            if matches!(said.code, Code::KeychainLocked | Code::KeychainMissing) {
                "Nothing was moved: your keys are still in the encrypted file.".clone_into(&mut said.text);
                said.actions.retain(|action| *action == ErrorAction::TryAgain);
            }
            said
        })?;
        core.0.app.put_setting(SETTING, None).map_err(|error| errors::store(&error))
    })
    .await?;
    tracing::info!("keys were moved from the encrypted file to the system keychain");
    opened(core);
    Ok(Done {})
}

fn opened(core: &Core) {
    // What is scheduled hears of it too, and an import that was cut goes on.
    core.tell(CoreEvent::ConnectionsChanged);
}
