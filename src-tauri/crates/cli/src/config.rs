//! The settings of one connection: all of them, one of them, or a new value for one.

use operations::{
    Core,
    wire::{ChangeSetting, Setting, Settings, SettingsRequest},
};
use serde_json::json;

use crate::{
    arguments, connections,
    failure::{Ended, Exit, Failure},
    said::Said,
    table::{Align, Table},
};

pub(crate) async fn config(core: &Core, said: Said, asked: arguments::Config) -> Result<Exit, Ended> {
    let connection = connections::id_of(core, Some(&asked.connection))?;
    let settings = match (&asked.key, &asked.value, asked.reset) {
        (Some(key), Some(_), _) | (Some(key), None, true) => {
            let request = ChangeSetting {
                connection: connection.clone(),
                key: key.clone(),
                value: asked.value.clone(),
            };
            operations::change_setting(core, request).await?
        }
        _ => operations::settings(core, SettingsRequest { connection: connection.clone() }).await?,
    };
    let state = json!(connections::summary(core, &connection).await?.state);
    let Some(key) = &asked.key else {
        said.words(&in_words(&settings))?;
        said.object(&state, None, json!(settings))?;
        return Ok(Exit::Done);
    };
    let setting = settings.settings.iter().find(|setting| setting.key == *key);
    let setting = setting.ok_or_else(|| unknown(key, &settings))?;
    said.words(&alone(setting))?;
    said.object(&state, None, json!({ "setting": setting, "filters": settings.filters }))?;
    Ok(Exit::Done)
}

fn unknown(key: &str, settings: &Settings) -> Failure {
    let keys: Vec<&str> = settings.settings.iter().map(|setting| setting.key.as_str()).collect();
    let fix = vec![format!("There are: {}.", keys.join(", "))];
    Failure {
        exit: Exit::Usage,
        fix,
        ..Failure::new("bad_request", &format!("There is no setting “{key}”."))
    }
}

fn in_words(settings: &Settings) -> String {
    let mut table = Table::new(["key", "value", "default", "what it is"].map(|name| (name, Align::Left)));
    for setting in &settings.settings {
        let default = if setting.changed { setting.default.as_str() } else { "" };
        table.row([setting.key.as_str(), &setting.value, default, &setting.label]);
    }
    let mut lines = vec![table.render()];
    lines.extend(settings.filters.iter().cloned());
    lines.join("\n")
}

fn alone(setting: &Setting) -> String {
    let default = if setting.changed { format!(" (default: {})", setting.default) } else { String::new() };
    format!("{}{default}\n{}\nIt is {}.", setting.value, setting.text, setting.allowed)
}
