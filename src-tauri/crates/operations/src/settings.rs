//! Settings of one connection, typed: one table says what there is (`table`), `texts` how it is written. The window of a
//! connection is kept with it; everything else beside it, and only what differs from the default.

mod table;
mod texts;

use std::{collections::HashMap, time::Duration};

use crm::{ConnectionId, ObjectType, Timestamp};
use hubspot::{Speed, catalog};
use store::{Connection, NewProperties, Rules, Since};
use sync::KeepHistory;

use crate::{
    connect,
    core::{Core, clock},
    errors, runs,
    wire::{
        ChangeSetting, Code, CoreEvent, Setting, SettingKind, Settings, SettingsRequest, SkipObject,
        WireError,
    },
};
use table::{ROWS, Row, What};
use texts::Bound;
pub(crate) use texts::{Quiet, window_text};

/// What is chosen for a connection, by meaning.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Chosen {
    pub(crate) cadence: Duration,
    /// None: nobody has chosen.
    pub(crate) speed: Option<Speed>,
    /// Of the portal's requests of a day, in percent.
    pub(crate) daily_share: u8,
    pub(crate) quiet: Option<Quiet>,
    pub(crate) history: KeepHistory,
    pub(crate) new_properties: NewProperties,
    pub(crate) rules: Rules,
    /// Types that are not asked for.
    pub(crate) left_out: Vec<ObjectType>,
}

pub async fn settings(core: &Core, request: SettingsRequest) -> Result<Settings, WireError> {
    core.blocking(move |core| {
        let connection = core.find_connection(&request.connection)?;
        shown(core, &connection)
    })
    .await
}

/// Chooses. A run that is under way stops at its next page for what concerns it, and goes on with the new value.
pub async fn change_setting(core: &Core, request: ChangeSetting) -> Result<Settings, WireError> {
    let mut connection = core.find_connection(&request.connection)?;
    let row = find(&request.key)?;
    let value = match &request.value {
        Some(typed) => Some(row.read(typed).ok_or_else(|| refused(row, typed))?),
        None => None,
    };
    let id = connection.id.clone();
    if row.key == table::WINDOW {
        connection.since = match &value {
            Some(text) => texts::window(text).expect("it has just been read"),
            None => default_window(&connection),
        };
        let saved = connection.clone();
        core.blocking(move |core| core.0.app.put_connection(&saved).map_err(|error| errors::store(&error)))
            .await?;
    } else {
        if let (What::Objects, Some(wanted)) = (row.what, value.clone()) {
            let id = id.clone();
            core.blocking(move |core| all_known(core, &id, &wanted)).await?;
        }
        let (id, value) = (id.clone(), value.clone().filter(|value| *value != row.default));
        core.blocking(move |core| {
            core.0
                .app
                .put_connection_setting(&id, row.key, value.as_deref(), clock())
                .map_err(|error| errors::store(&error))
        })
        .await?;
    }
    tracing::info!(connection = %id, key = row.key, "a setting was changed");
    if table::is_rule(row.key) {
        runs::restart_with_rules(core, &id).await?;
    } else if concerns_runs(row) {
        runs::restart(core, &id).await?;
    }
    core.tell(CoreEvent::ConnectionsChanged);
    core.tell_status(&id);
    settings(core, SettingsRequest { connection: id.to_string() }).await
}

/// When it is looked for changes, a run under way need not know.
fn concerns_runs(row: &Row) -> bool {
    !matches!(row.key, table::CADENCE | table::QUIET)
}

fn find(key: &str) -> Result<&'static Row, WireError> {
    table::find(key).ok_or_else(|| {
        let keys: Vec<&str> = ROWS.iter().map(|row| row.key).collect();
        errors::say(
            Code::BadRequest,
            &format!("There is no setting “{key}”. There are: {}.", keys.join(", ")),
        )
    })
}

fn refused(row: &Row, typed: &str) -> WireError {
    // Whatever was pasted here by mistake is not said back at length.
    let typed: String = typed.chars().take(40).collect();
    let mut error =
        errors::say(Code::BadRequest, &format!("{} cannot be “{typed}”: it is {}.", row.key, row.allowed()));
    error.fix = vec![format!("Give {}.", row.allowed())];
    error
}

/// The start of a connection's window; none copies everything.
pub(crate) fn window_of(connection: &Connection) -> Option<Timestamp> {
    start_of(connection.since)
}

pub(crate) fn start_of(since: Since) -> Option<Timestamp> {
    match since {
        Since::All => None,
        Since::At(at) => Some(at),
    }
}

/// As it was when the connection was made.
fn default_window(connection: &Connection) -> Since {
    connect::window_before(connection.created_at)
}

/// A start of a window that was chosen, by whatever way it was asked for.
pub(crate) fn parse_since(text: &str) -> Result<Since, WireError> {
    texts::window(text).ok_or_else(|| {
        errors::say(Code::BadRequest, "A window starts at a date such as 2024-01-31, or is “all”.")
    })
}

/// The values of all keys, defaults included.
struct Values(HashMap<String, String>);

impl Values {
    fn read(core: &Core, id: &ConnectionId) -> Result<Values, WireError> {
        let kept = core.0.app.connection_settings(id).map_err(|error| errors::store(&error))?;
        Ok(Values(kept.into_iter().collect()))
    }

    /// What was chosen; what this version does not understand counts as not chosen.
    fn chosen(&self, row: &Row) -> Option<String> {
        self.0.get(row.key).and_then(|kept| row.read(kept))
    }

    fn of(&self, key: &str) -> String {
        table::find(key)
            .map(|row| self.chosen(row).unwrap_or_else(|| row.default.to_owned()))
            .unwrap_or_default()
    }

    fn number(&self, key: &str) -> u32 {
        self.of(key).parse().expect("the table's numbers are numbers")
    }
}

/// What is chosen for a connection.
pub(crate) fn chosen(core: &Core, id: &ConnectionId) -> Result<Chosen, WireError> {
    let values = Values::read(core, id)?;
    let speed = table::find(table::SPEED).and_then(|row| values.chosen(row));
    Ok(Chosen {
        cadence: Duration::from_secs(60 * u64::from(values.number(table::CADENCE))),
        speed: speed.map(|speed| match speed.as_str() {
            "gentle" => Speed::Gentle,
            "fast" => Speed::Fast,
            _ => Speed::Normal,
        }),
        daily_share: u8::try_from(values.number(table::DAILY_SHARE)).unwrap_or(100),
        quiet: Quiet::parse(&values.of(table::QUIET)),
        history: match Bound::parse(&values.of(table::HISTORY)) {
            Some(Bound::Rows(rows)) => KeepHistory { rows: Some(rows), days: None },
            Some(Bound::Days(days)) => KeepHistory { rows: None, days: Some(days) },
            Some(Bound::All) | None => KeepHistory { rows: None, days: None },
        },
        new_properties: match values.of(table::NEW_PROPERTIES).as_str() {
            "ask" => NewProperties::Leave,
            _ => NewProperties::Store,
        },
        rules: table::rules(|key| values.of(key)),
        left_out: left_out_in(&values),
    })
}

fn left_out_in(values: &Values) -> Vec<ObjectType> {
    texts::listed(&values.of(table::SKIPPED)).into_iter().map(ObjectType::new).collect()
}

/// Types that somebody chose to leave out.
pub(crate) fn left_out(core: &Core, id: &ConnectionId) -> Result<Vec<ObjectType>, WireError> {
    Ok(left_out_in(&Values::read(core, id)?))
}

/// Leaves one type out, or takes it up again; the others stay as they are.
pub async fn skip_object(core: &Core, request: SkipObject) -> Result<Settings, WireError> {
    let id = core.find_connection(&request.connection)?.id;
    let mut names: Vec<String> = left_out(core, &id)?.iter().map(ToString::to_string).collect();
    names.retain(|name| *name != request.object);
    if request.skip {
        names.push(request.object);
    }
    let value = serde_json::to_string(&names).expect("texts are always JSON");
    let key = table::SKIPPED.to_owned();
    change_setting(core, ChangeSetting { connection: id.to_string(), key, value: Some(value) }).await
}

/// Names of the types that there are for a connection, those of the mirror in its order.
fn objects_of(core: &Core, id: &ConnectionId) -> Result<Vec<String>, WireError> {
    let here = core.read(id, store::Reader::objects)?.unwrap_or_default();
    let mut names: Vec<String> = here.into_iter().map(|info| info.object.to_string()).collect();
    for kind in catalog::all() {
        if !names.iter().any(|name| name == kind.object.as_str()) {
            names.push(kind.object.to_string());
        }
    }
    Ok(names)
}

/// What is left out must be a type that there is; one that was left out before may have gone since.
fn all_known(core: &Core, id: &ConnectionId, wanted: &str) -> Result<(), WireError> {
    let mut known = objects_of(core, id)?;
    known.extend(left_out(core, id)?.iter().map(ToString::to_string));
    match texts::listed(wanted).into_iter().find(|name| !known.contains(name)) {
        Some(unknown) => Err(errors::say(Code::NoSuchObject, &unknown)),
        None => Ok(()),
    }
}

fn shown(core: &Core, connection: &Connection) -> Result<Settings, WireError> {
    let values = Values::read(core, &connection.id)?;
    let mut settings: Vec<Setting> = ROWS.iter().map(|row| setting(row, &values, connection)).collect();
    for setting in settings.iter_mut().filter(|setting| setting.kind == SettingKind::Objects) {
        setting.choices = objects_of(core, &connection.id)?;
    }
    Ok(Settings { settings, filters: filters_in_words(&table::rules(|key| values.of(key))) })
}

fn setting(row: &Row, values: &Values, connection: &Connection) -> Setting {
    let (value, default) = if row.key == table::WINDOW {
        (window_text(connection.since), window_text(default_window(connection)))
    } else {
        (values.of(row.key), row.default.to_owned())
    };
    let (least, most, unit) = match row.what {
        What::Number { least, most, unit } => (Some(least), Some(most), Some(unit.to_owned())),
        _ => (None, None, None),
    };
    let choices = match row.what {
        What::Choice(choices) => choices.iter().map(|&choice| choice.to_owned()).collect(),
        _ => Vec::new(),
    };
    Setting {
        key: row.key.to_owned(),
        label: row.label.to_owned(),
        text: row.text.to_owned(),
        kind: row.kind(),
        changed: values.chosen(row).is_some() || (row.key == table::WINDOW && value != default),
        value,
        default,
        allowed: row.allowed(),
        choices,
        least,
        most,
        unit,
    }
}

/// What is left out, one sentence each.
pub(crate) fn filters_in_words(rules: &Rules) -> Vec<String> {
    let mut said = Vec::new();
    if !rules.emails.is_empty() {
        said.push(format!("Without contacts whose address is {}.", rules.emails.join(" or ")));
    }
    if !rules.domains.is_empty() {
        said.push(format!("Without contacts with an address in {}.", rules.domains.join(" or ")));
    }
    said.extend(rules.filters.iter().map(texts::in_words));
    said
}
