//! What is in a support bundle, file by file. Everything is named by an alias; every text goes through the redactor.

use std::{
    collections::{BTreeMap, HashSet},
    fs,
    hash::{BuildHasher, RandomState},
    path::Path,
};

use crm::ConnectionId;
use serde_json::{Value, json};
use store::{Connection, Health, Reader, Since};

use super::redact::Redactor;
use crate::{
    connect::Source,
    core::{Core, clock, lock},
    errors, status,
    wire::{BundleFile, Doctor, WireError},
};

const RUNS_MAX: usize = 20;
const EVENTS_MAX: usize = 300;
const LOG_FILES_MAX: usize = 2;
const LOG_LINES_MAX: usize = 400;
const LINE_CHARS_MAX: usize = 1_000;

/// Makes all files.
pub(super) fn files(
    core: &Core,
    id: &str,
    found: &Doctor,
    demo_token: Option<&str>,
) -> Result<Vec<BundleFile>, WireError> {
    let connections = core.0.app.connections().map_err(|error| errors::store(&error))?;
    let mut maker =
        Maker { core, redactor: Redactor::default(), aliases: BTreeMap::new(), hash: RandomState::new() };
    let unread = maker.learn(&connections, demo_token);
    let settings = core.0.app.settings().map_err(|error| errors::store(&error))?;
    let settings: serde_json::Map<String, Value> =
        settings.into_iter().map(|(key, value)| (key, Value::String(value))).collect();
    let requests = core.0.requests.log(None, false);
    Ok(vec![
        maker.about(id, unread),
        maker.json("doctor.json", json!(found)),
        maker.json("connections.json", maker.connections(&connections)),
        maker.json("runs.json", maker.runs(&connections)),
        maker.json("requests.json", json!(requests)),
        maker.json("settings.json", Value::Object(settings)),
        maker.schema(&connections),
        maker.log(),
    ])
}

struct Maker<'a> {
    core: &'a Core,
    redactor: Redactor,
    aliases: BTreeMap<ConnectionId, String>,
    /// Made anew for each bundle: a short name could be guessed back otherwise.
    hash: RandomState,
}

impl Maker<'_> {
    /// Learns what must not be seen: secrets from the vault and from memory, names of portals, folders and people.
    /// Tells how many entries of the vault could not be read.
    fn learn(&mut self, connections: &[Connection], demo_token: Option<&str>) -> usize {
        if let Some(token) = demo_token {
            self.redactor.secret(token);
        }
        for draft in lock(&self.core.0.drafts).values() {
            match &draft.source {
                Source::Key(token) => self.redactor.secret(token.expose()),
                Source::Stray(stray) => {
                    for secret in stray.secrets() {
                        self.redactor.secret(secret);
                    }
                }
                Source::SignedIn => {}
            }
        }
        let mut unread = 0;
        for connection in connections {
            let alias = self.alias(connection);
            for name in [connection.id.as_str(), connection.name.as_str()] {
                self.redactor.word(name, &alias);
            }
            if let Some(account) = &connection.account {
                self.redactor.word(&account.portal.to_string(), &alias);
            }
            if let Some(oauth) = &connection.oauth {
                self.redactor.word(&oauth.client_id, "<client id>");
            }
            self.custom_objects(&connection.id);
            for entry in ["", "/access", "/setup"] {
                match self.core.0.vault.read(&format!("connection/{}{entry}", connection.id)) {
                    Ok(secret) => match serde_json::from_str(secret.expose()) {
                        Ok(Value::Object(fields)) => fields.values().for_each(|value| self.field(value)),
                        _ => self.redactor.secret(secret.expose()),
                    },
                    Err(vault::Error::NoEntry) => {}
                    Err(_) => unread += 1,
                }
            }
            self.aliases.insert(connection.id.clone(), alias);
        }
        self.folders();
        unread
    }

    /// One field of a vault entry; an address is no secret.
    fn field(&mut self, value: &Value) {
        if let Some(text) = value.as_str().filter(|text| !text.starts_with("http")) {
            self.redactor.secret(text);
        }
    }

    fn alias(&self, connection: &Connection) -> String {
        let base = match (&connection.account, connection.kind) {
            (_, store::ConnectionKind::Demo) => "demo".to_owned(),
            (Some(account), _) => {
                let portal = account.portal.to_string();
                format!("portal-…{}", &portal[portal.len().saturating_sub(3)..])
            }
            (None, _) => "setup".to_owned(),
        };
        let taken = |name: &String| self.aliases.values().any(|alias| alias == name);
        let mut names = std::iter::once(base.clone()).chain((2..).map(|number| format!("{base}-{number}")));
        names.find(|name| !taken(name)).expect("there is always a next number")
    }

    fn custom_objects(&mut self, id: &ConnectionId) {
        let objects = self.core.read(id, Reader::objects).ok().flatten().unwrap_or_default();
        for object in objects.iter().filter(|object| object.custom) {
            let alias = self.hashed(object.object.as_str());
            for name in [object.object.as_str(), &object.plural, &object.singular] {
                self.redactor.word(name, &alias);
            }
        }
    }

    fn folders(&mut self) {
        let root = self.core.0.home.root().display().to_string();
        let home = dirs::home_dir().filter(|home| home.parent().is_some());
        let inside = home.as_ref().is_some_and(|home| Path::new(&root).starts_with(home));
        if !inside {
            self.redactor.word(&root, "<data folder>");
        }
        if let Some(home) = home {
            self.redactor.word(&home.display().to_string(), "~");
            let user = home.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            // The names that every computer has say nothing.
            if user.chars().count() >= 3 && !matches!(user.as_str(), "root" | "home" | "user") {
                self.redactor.word(&user, "<user>");
            }
        }
    }

    fn hashed(&self, name: &str) -> String {
        format!("custom_{:06x}", self.hash.hash_one(name) & 0x00ff_ffff)
    }

    fn file(name: &str, text: String) -> BundleFile {
        BundleFile { name: name.to_owned(), text }
    }

    fn json(&self, name: &str, mut value: Value) -> BundleFile {
        self.clean("", &mut value);
        let text = serde_json::to_string_pretty(&value).expect("texts and numbers are always JSON");
        Maker::file(name, text + "\n")
    }

    /// Every text by what its field is for.
    fn clean(&self, field: &str, value: &mut Value) {
        match value {
            Value::String(text) => {
                *text = match field {
                    // Of our own making, or known to be what it is.
                    "id" | "path" | "correlation_id" | "code" | "state" => self.redactor.known(text),
                    "message" | "sentence" | "technical" | "text" | "title" => self.redactor.message(text),
                    _ => self.redactor.text(text),
                }
            }
            Value::Array(values) => values.iter_mut().for_each(|value| self.clean(field, value)),
            Value::Object(fields) => fields.iter_mut().for_each(|(name, value)| self.clean(name, value)),
            _ => {}
        }
    }

    fn about(&self, id: &str, unread: usize) -> BundleFile {
        let core = self.core;
        let web_view = core.0.web_view.get().map_or("none", String::as_str);
        let vault = if core.0.vault.is_file() { "an encrypted file" } else { "the system keychain" };
        let (os, arch) = (std::env::consts::OS, std::env::consts::ARCH);
        let mut text = format!(
            "Portside support bundle {id}\nMade {}\n\nPortside {}\nSystem {os} {arch}\nWeb view {web_view}\n\
             Data folder {}\nKeys are kept in {vault}\n\n\
             Nothing of this was sent anywhere. Secrets, e-mail addresses, telephone numbers, ids and the names of \
             portals, people and custom properties are taken out; values of records were never put in.\n",
            clock(),
            env!("CARGO_PKG_VERSION"),
            core.0.home.root().display(),
        );
        if unread > 0 {
            text.push_str(
                "The keys could not be read just now, so secrets were taken out by their form alone.\n",
            );
        }
        Maker::file("about.txt", self.redactor.known(&text))
    }

    fn connections(&self, connections: &[Connection]) -> Value {
        let rows = connections.iter().map(|connection| {
            let account = connection.account.as_ref();
            json!({
                "connection": connection.id.as_str(),
                "kind": status::wire_kind(connection.kind),
                "state": connection.state.as_str(),
                "account_type": account.and_then(|account| account.account_type.clone()),
                "region": account.and_then(|account| account.region.clone()),
                "time_zone": account.and_then(|account| account.time_zone.clone()),
                "granted_scopes": connection.granted_scopes,
                "app_scopes": connection.oauth.as_ref().map(|app| json!({
                    "required": app.required, "conditional": app.conditional, "optional": app.optional,
                })),
                "key_set_at": connection.key_set_at.map(|at| at.to_string()),
                "since": match connection.since {
                    Since::All => "all".to_owned(),
                    Since::At(at) => at.to_string(),
                },
                "paused_at": connection.paused_at.map(|at| at.to_string()),
                "created_at": connection.created_at.to_string(),
                "disconnected_at": connection.disconnected_at.map(|at| at.to_string()),
                "last_error": connection.last_error.as_ref().map(|error| json!({
                    "code": error.code, "message": error.message, "at": error.at.to_string(),
                })),
                "objects": self.objects(&connection.id),
            })
        });
        Value::Array(rows.collect())
    }

    fn objects(&self, id: &ConnectionId) -> Value {
        let rows = self.core.read(id, |reader| {
            let rows = reader.objects()?.into_iter().map(|object| {
                let counts = reader.counts(&object.object)?;
                Ok(json!({
                    "object": object.object.as_str(), "custom": object.custom, "live": counts.live,
                    "archived": counts.archived, "quarantined": counts.quarantined,
                }))
            });
            rows.collect::<Result<Vec<Value>, store::Error>>()
        });
        rows.ok().flatten().map_or(Value::Null, Value::Array)
    }

    fn runs(&self, connections: &[Connection]) -> Value {
        let rows = connections.iter().map(|connection| {
            let story = self
                .core
                .read(&connection.id, |reader| Ok((reader.runs(RUNS_MAX)?, reader.events(EVENTS_MAX)?)));
            let Ok(Some((runs, events))) = story else {
                return json!({ "connection": connection.id.as_str(), "runs": null });
            };
            let runs = runs.into_iter().map(|run| {
                let summary =
                    run.summary.as_deref().and_then(|text| serde_json::from_str::<Value>(text).ok());
                json!({
                    "run": run.id, "kind": run.kind, "state": run.state,
                    "started_at": run.started_at.to_string(),
                    "finished_at": run.finished_at.map(|at| at.to_string()),
                    "summary": summary,
                })
            });
            let events = events.into_iter().map(|event| {
                // It names properties, which may be the portal's own.
                let message = if event.code == "property_refused" {
                    "(names left out)".to_owned()
                } else {
                    event.message
                };
                json!({
                    "at": event.at.to_string(), "level": event.level.as_str(), "code": event.code,
                    "object": event.object.map(|object| object.to_string()), "message": message,
                })
            });
            json!({
                "connection": connection.id.as_str(),
                "runs": runs.collect::<Vec<_>>(),
                "events": events.collect::<Vec<_>>(),
            })
        });
        Value::Array(rows.collect())
    }

    /// The tables as they are; names that the portal gave are told apart, and not told.
    fn schema(&self, connections: &[Connection]) -> BundleFile {
        let mut lines = Vec::new();
        if let Ok(shapes) = Health::of_app(&self.core.0.home).and_then(|health| health.shapes()) {
            lines.push("# portside.db".to_owned());
            self.shapes(&mut lines, &shapes, &HashSet::new(), &HashSet::new());
        }
        for connection in connections {
            let alias = &self.aliases[&connection.id];
            let shapes = match Health::of_mirror(&self.core.0.home, &connection.id) {
                Ok(health) => health.shapes(),
                Err(error) => Err(error),
            };
            let Ok(shapes) = shapes else { continue };
            let (mut columns, mut custom) = (HashSet::new(), HashSet::new());
            let known = self.core.read(&connection.id, |reader| {
                for object in reader.objects()? {
                    let table = object.object.as_str().to_owned();
                    for definition in reader.definitions(&object.object)? {
                        if definition.hubspot_defined && !object.custom {
                            columns.insert((table.clone(), definition.name.as_str().to_owned()));
                        }
                    }
                    if object.custom {
                        custom.insert(table);
                    }
                }
                Ok(())
            });
            if known.is_ok() {
                lines.extend([String::new(), format!("# copy of {alias}")]);
                self.shapes(&mut lines, &shapes, &columns, &custom);
            }
        }
        Maker::file("schema.txt", lines.join("\n") + "\n")
    }

    fn shapes(
        &self,
        lines: &mut Vec<String>,
        shapes: &[store::Shape],
        columns: &HashSet<(String, String)>,
        custom: &HashSet<String>,
    ) {
        let indexes = shapes.iter().filter(|shape| shape.kind == "index").count();
        for shape in shapes.iter().filter(|shape| shape.kind != "index") {
            let owner = shape.name.split('$').next().unwrap_or_default();
            let object = owner.strip_suffix("_view").unwrap_or(owner);
            let fixed = crm::is_reserved(owner) || OWN_TABLES.contains(&owner);
            let name = if custom.contains(object) {
                shape.name.replace(object, &self.hashed(object))
            } else {
                shape.name.clone()
            };
            // A view's columns are called after labels, which may all be the portal's own.
            if shape.kind == "view" && !fixed {
                lines.push(format!("{} {name}: {} columns", shape.kind, shape.columns.len()));
                continue;
            }
            // Full text has a hidden column that is called as it is itself.
            let columns_shown = shape.columns.iter().filter(|(column, _)| *column != shape.name);
            let shown = columns_shown.map(|(column, kind)| {
                let own = fixed
                    || shape.name.contains('$')
                    || OWN_COLUMNS.contains(&column.as_str())
                    || columns.contains(&(object.to_owned(), column.trim_end_matches('_').to_owned()))
                    || columns.contains(&(object.to_owned(), column.clone()));
                let column = if own { column.clone() } else { self.hashed(column) };
                format!("{column} {kind}").trim_end().to_owned()
            });
            lines.push(format!("{} {name}: {}", shape.kind, shown.collect::<Vec<_>>().join(", ")));
        }
        lines.push(format!("indexes: {indexes}"));
    }

    /// The last lines of the newest log files.
    fn log(&self) -> BundleFile {
        let mut logs: Vec<_> = fs::read_dir(self.core.0.home.logs())
            .into_iter()
            .flatten()
            .flatten()
            .filter_map(|entry| Some((entry.metadata().ok()?.modified().ok()?, entry.path())))
            .collect();
        logs.sort();
        let mut text = String::new();
        for (_, path) in logs.iter().rev().take(LOG_FILES_MAX) {
            let Ok(bytes) = fs::read(path) else { continue };
            let whole = String::from_utf8_lossy(&bytes);
            let lines: Vec<&str> = whole.lines().collect();
            let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            text.extend(["# ", &self.redactor.text(&name), "\n"]);
            for line in &lines[lines.len().saturating_sub(LOG_LINES_MAX)..] {
                // Cut after cleaning: half a secret has no form to know it by.
                let clean = self.redactor.message(line);
                text.extend(clean.chars().take(LINE_CHARS_MAX));
                text.push('\n');
            }
        }
        Maker::file("log.txt", text)
    }
}

/// Tables of our own that an object type could not be called, and those of the app's database.
const OWN_TABLES: &[&str] = &["connections", "settings"];

/// Columns that every object table has, and those of its full text.
const OWN_COLUMNS: &[&str] = &[
    "id",
    "picked",
    "properties",
    "created_at",
    "updated_at",
    "archived",
    "archived_at",
    "merged_into",
    "synced_at",
    "rank",
];
