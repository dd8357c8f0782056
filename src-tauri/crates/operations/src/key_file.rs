//! The encrypted file for keys, where no keychain can be had: chosen in the window, and opened with its passphrase once a
//! start. Deliberately absent: the file itself (`vault`), and any way to read a passphrase back.

use vault::{FileVault, Secret, Vault};

use crate::{
    core::Core,
    errors,
    wire::{Code, CoreEvent, Done, UnlockVault, UseEncryptedFile, WireError},
};

const SETTING: &str = "vault";
const FILE: &str = "file";
/// Fewer characters are tried out in no time, however they are mixed.
const PASSPHRASE_MIN: usize = 10;

/// The vault of an installation: as the environment says, else as it was chosen in the window.
pub(crate) fn open_vault(place: &crate::Place, app: &store::AppDb) -> Result<Vault, WireError> {
    let vault = Vault::open(place.vault());
    let chosen = app.setting(SETTING).map_err(|error| errors::store(&error))?;
    if !vault.is_file() && chosen.as_deref() == Some(FILE) {
        vault.await_file(FileVault::in_home(place.home()));
    }
    Ok(vault)
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

fn opened(core: &Core) {
    // What is scheduled hears of it too, and an import that was cut goes on.
    core.tell(CoreEvent::ConnectionsChanged);
}
