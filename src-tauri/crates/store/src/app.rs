//! The app's own database: the connections and the settings. Secrets are never kept here.

use std::sync::{Mutex, MutexGuard, PoisonError};

use crm::{Account, ConnectionId, PortalId, Timestamp};
use rusqlite::{Connection as Sqlite, OptionalExtension, Row, named_params};

use crate::{
    Error, Home, database,
    value::{self, json_list, list_from_json},
};

/// `portside.db`. Shared freely between threads; calls take turns.
#[derive(Debug)]
pub struct AppDb {
    conn: Mutex<Sqlite>,
}

/// One way into one portal, as it is remembered. The secret is in the vault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Connection {
    pub id: ConnectionId,
    pub name: String,
    pub kind: ConnectionKind,
    pub state: ConnectionState,
    pub account: Option<Account>,
    /// `None`: nobody could say.
    pub granted_scopes: Option<Vec<String>>,
    /// Enough of the key to tell it from another, never more.
    pub key_hint: Option<String>,
    /// Since when this key is in use here.
    pub key_set_at: Option<Timestamp>,
    /// The user's own HubSpot app, where the way in is OAuth.
    pub oauth: Option<OauthSetup>,
    pub since: Since,
    pub paused_at: Option<Timestamp>,
    pub last_error: Option<LastError>,
    pub created_at: Timestamp,
    pub disconnected_at: Option<Timestamp>,
}

/// What is remembered of the user's own HubSpot app. Its secret is in the vault.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OauthSetup {
    pub client_id: String,
    /// Scopes as the app declares them, one list for each of HubSpot's three groups.
    pub required: Vec<String>,
    pub conditional: Vec<String>,
    pub optional: Vec<String>,
    /// The loopback port the user chose in place of the usual ones.
    pub port: Option<u16>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConnectionKind {
    ServiceKey,
    PrivateApp,
    Oauth,
    Demo,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConnectionState {
    PendingSetup,
    Active,
    Revoked,
    Inactive,
}

/// How far back records are fetched, by when they were last modified.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Since {
    All,
    At(Timestamp),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastError {
    pub code: String,
    pub message: String,
    pub at: Timestamp,
}

impl AppDb {
    pub fn open(home: &Home) -> Result<AppDb, Error> {
        let conn = database::open(&home.database(), &database::APP)?;
        conn.pragma_update(None, "cache_size", -2048)?;
        Ok(AppDb { conn: Mutex::new(conn) })
    }

    /// All connections, the oldest first.
    pub fn connections(&self) -> Result<Vec<Connection>, Error> {
        let conn = self.conn();
        let mut statement = conn.prepare_cached("SELECT * FROM connections ORDER BY created_at, id")?;
        let rows = statement.query_map([], connection)?.collect::<Result<_, _>>()?;
        Ok(rows)
    }

    pub fn connection(&self, id: &ConnectionId) -> Result<Option<Connection>, Error> {
        let conn = self.conn();
        let mut statement = conn.prepare_cached("SELECT * FROM connections WHERE id = ?")?;
        Ok(statement.query_row([id.as_str()], connection).optional()?)
    }

    /// Adds a connection, or replaces what is known about it.
    pub fn put_connection(&self, connection: &Connection) -> Result<(), Error> {
        let account = connection.account.as_ref();
        let error = connection.last_error.as_ref();
        let oauth = connection.oauth.as_ref();
        self.conn().execute(
            "INSERT OR REPLACE INTO connections (id, name, kind, state, portal_id, account_type, time_zone, currency,
                 utc_offset_ms, ui_domain, region, granted_scopes, key_hint, since, paused_at, error_code,
                 error_message, error_at, created_at, disconnected_at, key_set_at, client_id, required_scopes,
                 conditional_scopes, optional_scopes, redirect_port)
             VALUES (:id, :name, :kind, :state, :portal, :account_type, :time_zone, :currency, :offset, :ui_domain,
                 :region, :scopes, :hint, :since, :paused, :error_code, :error_message, :error_at, :created, :ended, :key_set,
                 :client, :required, :conditional, :optional, :port)",
            named_params! {
                ":id": connection.id.as_str(),
                ":name": connection.name,
                ":kind": connection.kind.as_str(),
                ":state": connection.state.as_str(),
                ":portal": account.map(|account| value::portal(account.portal)),
                ":account_type": account.and_then(|account| account.account_type.as_deref()),
                ":time_zone": account.and_then(|account| account.time_zone.as_deref()),
                ":currency": account.and_then(|account| account.currency.as_deref()),
                ":offset": account.and_then(|account| account.utc_offset_ms),
                ":ui_domain": account.and_then(|account| account.ui_domain.as_deref()),
                ":region": account.and_then(|account| account.region.as_deref()),
                ":scopes": connection.granted_scopes.as_deref().map(json_list),
                ":hint": connection.key_hint,
                ":since": match connection.since {
                    Since::All => "all".to_owned(),
                    Since::At(time) => time.to_string(),
                },
                ":paused": value::time(connection.paused_at),
                ":error_code": error.map(|error| error.code.as_str()),
                ":error_message": error.map(|error| error.message.as_str()),
                ":error_at": error.map(|error| error.at.to_string()),
                ":created": connection.created_at.to_string(),
                ":ended": value::time(connection.disconnected_at),
                ":key_set": value::time(connection.key_set_at),
                ":client": oauth.map(|oauth| oauth.client_id.as_str()),
                ":required": oauth.map(|oauth| json_list(&oauth.required)),
                ":conditional": oauth.map(|oauth| json_list(&oauth.conditional)),
                ":optional": oauth.map(|oauth| json_list(&oauth.optional)),
                ":port": oauth.and_then(|oauth| oauth.port),
            },
        )?;
        Ok(())
    }

    /// With everything that was kept beside it.
    pub fn remove_connection(&self, id: &ConnectionId) -> Result<(), Error> {
        let mut conn = self.conn();
        let tx = conn.transaction()?;
        tx.execute("DELETE FROM connections WHERE id = ?", [id.as_str()])?;
        for table in ["connection_settings", "schedules", "persistent_errors"] {
            tx.execute(&format!("DELETE FROM {table} WHERE connection = ?"), [id.as_str()])?;
        }
        Ok(tx.commit()?)
    }

    pub fn setting(&self, key: &str) -> Result<Option<String>, Error> {
        let conn = self.conn();
        Ok(conn.query_row("SELECT value FROM settings WHERE key = ?", [key], |row| row.get(0)).optional()?)
    }

    /// All settings that were ever changed, by key.
    pub fn settings(&self) -> Result<Vec<(String, String)>, Error> {
        let conn = self.conn();
        let mut statement = conn.prepare_cached("SELECT key, value FROM settings ORDER BY key")?;
        let rows =
            statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<_, _>>()?;
        Ok(rows)
    }

    /// `None` takes the setting back.
    pub fn put_setting(&self, key: &str, value: Option<&str>) -> Result<(), Error> {
        let conn = self.conn();
        match value {
            Some(value) => conn.execute("INSERT OR REPLACE INTO settings VALUES (?, ?)", [key, value])?,
            None => conn.execute("DELETE FROM settings WHERE key = ?", [key])?,
        };
        Ok(())
    }

    pub(crate) fn conn(&self) -> MutexGuard<'_, Sqlite> {
        // Every call is one statement or one transaction: a panic elsewhere leaves nothing half done.
        self.conn.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn connection(row: &Row<'_>) -> rusqlite::Result<Connection> {
    let account = match row.get::<_, Option<i64>>("portal_id")? {
        None => None,
        Some(portal) => Some(Account {
            portal: PortalId(portal.cast_unsigned()),
            account_type: row.get("account_type")?,
            time_zone: row.get("time_zone")?,
            currency: row.get("currency")?,
            utc_offset_ms: row.get("utc_offset_ms")?,
            ui_domain: row.get("ui_domain")?,
            region: row.get("region")?,
        }),
    };
    let last_error = match row.get::<_, Option<String>>("error_code")? {
        None => None,
        Some(code) => {
            Some(LastError { code, message: row.get("error_message")?, at: value::parsed(row, "error_at")? })
        }
    };
    let oauth = match row.get::<_, Option<String>>("client_id")? {
        None => None,
        Some(client_id) => {
            let list = |name| {
                row.get::<_, Option<String>>(name)
                    .map(|text| text.map_or_else(Vec::new, |text| list_from_json(&text)))
            };
            Some(OauthSetup {
                client_id,
                required: list("required_scopes")?,
                conditional: list("conditional_scopes")?,
                optional: list("optional_scopes")?,
                port: row.get("redirect_port")?,
            })
        }
    };
    let since = match row.get_ref("since")?.as_str()? {
        "all" => Since::All,
        _ => Since::At(value::parsed(row, "since")?),
    };
    Ok(Connection {
        id: value::parsed(row, "id")?,
        name: row.get("name")?,
        kind: value::named(row, "kind", &ConnectionKind::ALL)?,
        state: value::named(row, "state", &ConnectionState::ALL)?,
        account,
        granted_scopes: row.get::<_, Option<String>>("granted_scopes")?.map(|text| list_from_json(&text)),
        key_hint: row.get("key_hint")?,
        key_set_at: value::parsed_optional(row, "key_set_at")?,
        oauth,
        since,
        paused_at: value::parsed_optional(row, "paused_at")?,
        last_error,
        created_at: value::parsed(row, "created_at")?,
        disconnected_at: value::parsed_optional(row, "disconnected_at")?,
    })
}

impl ConnectionKind {
    const ALL: [(&'static str, ConnectionKind); 4] = [
        ("service-key", ConnectionKind::ServiceKey),
        ("private-app", ConnectionKind::PrivateApp),
        ("oauth", ConnectionKind::Oauth),
        ("demo", ConnectionKind::Demo),
    ];

    pub fn as_str(self) -> &'static str {
        value::name_of(self, &Self::ALL)
    }
}

impl ConnectionState {
    const ALL: [(&'static str, ConnectionState); 4] = [
        ("pending-setup", ConnectionState::PendingSetup),
        ("active", ConnectionState::Active),
        ("revoked", ConnectionState::Revoked),
        ("inactive", ConnectionState::Inactive),
    ];

    pub fn as_str(self) -> &'static str {
        value::name_of(self, &Self::ALL)
    }
}
