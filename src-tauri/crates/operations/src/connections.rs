//! The app itself and its list of connections.

use crate::{
    core::Core,
    errors, key_file, status,
    wire::{
        AppInfo, AppInfoRequest, Code, ConnectionSummary, Connections, ConnectionsRequest, CoreEvent, Done,
        RenameConnection, SetTheme, Theme, WireError,
    },
};

const THEME: &str = "theme";

pub async fn app_info(core: &Core, _: AppInfoRequest) -> Result<AppInfo, WireError> {
    core.blocking(|core| {
        let theme = core.0.app.setting(THEME).map_err(|error| errors::store(&error))?;
        Ok(AppInfo {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            data_folder: core.0.home.root().display().to_string(),
            theme: match theme.as_deref() {
                Some("light") => Theme::Light,
                Some("dark") => Theme::Dark,
                _ => Theme::System,
            },
            vault: if core.0.vault.is_file() { "encrypted file" } else { "system keychain" }.to_owned(),
            vault_locked: core.0.vault.is_locked(),
            vault_movable: key_file::can_move(core),
        })
    })
    .await
}

pub async fn set_theme(core: &Core, request: SetTheme) -> Result<Done, WireError> {
    let value = match request.theme {
        Theme::System => None,
        Theme::Light => Some("light"),
        Theme::Dark => Some("dark"),
    };
    core.blocking(move |core| core.0.app.put_setting(THEME, value).map_err(|error| errors::store(&error)))
        .await?;
    Ok(Done {})
}

pub async fn connections(core: &Core, _: ConnectionsRequest) -> Result<Connections, WireError> {
    core.blocking(|core| {
        let known = core.0.app.connections().map_err(|error| errors::store(&error))?;
        let connections = known
            .iter()
            .map(|connection| {
                let (state, sentence) = status::summary(core, connection);
                ConnectionSummary {
                    id: connection.id.to_string(),
                    name: connection.name.clone(),
                    kind: status::wire_kind(connection.kind),
                    portal: connection.account.as_ref().map(|account| account.portal.to_string()),
                    region: connection.account.as_ref().and_then(|account| account.region.clone()),
                    state,
                    sentence,
                }
            })
            .collect();
        Ok(Connections { connections })
    })
    .await
}

pub async fn rename_connection(core: &Core, request: RenameConnection) -> Result<Done, WireError> {
    core.blocking(move |core| {
        let mut connection = core.find_connection(&request.connection)?;
        let name = free_name(core, &request.name, Some(connection.id.as_str()))?;
        connection.name = name;
        core.0.app.put_connection(&connection).map_err(|error| errors::store(&error))?;
        core.tell(CoreEvent::ConnectionsChanged);
        Ok(Done {})
    })
    .await
}

/// The name, trimmed, if it can be used: not empty, at most 80 characters, not another connection's.
pub(crate) fn free_name(core: &Core, name: &str, own: Option<&str>) -> Result<String, WireError> {
    let name: String = name.split_whitespace().collect::<Vec<_>>().join(" ");
    if name.is_empty() || name.chars().count() > 80 || name.chars().any(char::is_control) {
        return Err(errors::say(Code::BadRequest, "A name has 1 to 80 characters."));
    }
    let known = core.0.app.connections().map_err(|error| errors::store(&error))?;
    let taken =
        known.iter().any(|other| other.name.eq_ignore_ascii_case(&name) && Some(other.id.as_str()) != own);
    if taken { Err(errors::say(Code::NameTaken, &name)) } else { Ok(name) }
}
