//! A look at a mirror: never creates, never migrates, never keeps the writer waiting. What a grid or a record page
//! needs lies in the modules beside; here is the rest: what there is, how far it has come, what happened.

use std::{
    cell::RefCell,
    path::{Path, PathBuf},
};

use crm::{Account, ObjectType, PortalId, PropertyDefinition, Timestamp};
use rusqlite::{Connection, OptionalExtension, Row};

use crate::{
    Counts, Error, ObjectInfo, Pick, Range, RunEvent, database, definition_rows,
    query::Guarded,
    ranges,
    runs::Level,
    value::{self, optional_string, string},
    writer,
};

/// Reads one mirror on a connection of its own.
#[derive(Debug)]
pub struct Reader {
    pub(crate) conn: Connection,
    /// For SQL from outside; opened when it is first asked for.
    pub(crate) guarded: RefCell<Option<Guarded>>,
    path: PathBuf,
}

/// One run, as it is remembered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunRow {
    pub id: i64,
    pub kind: String,
    /// `running`, `interrupted`, or what the run ended as.
    pub state: String,
    pub summary: Option<String>,
    pub started_at: Timestamp,
    pub finished_at: Option<Timestamp>,
}

/// A record that was set aside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quarantined {
    pub object: ObjectType,
    /// The id as it was sent, if there was one.
    pub id: Option<String>,
    pub reason: String,
    pub body: String,
    pub seen_at: Timestamp,
}

impl Reader {
    /// Opens a mirror; [`Error::NoMirror`] if there is none yet.
    pub fn open(path: &Path) -> Result<Reader, Error> {
        let conn = database::open_read_only(path, &database::MIRROR)?;
        Ok(Reader { conn, guarded: RefCell::default(), path: path.to_owned() })
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    pub fn account(&self) -> Result<Option<Account>, Error> {
        let account = self.conn.query_row("SELECT * FROM account", [], |row| {
            Ok(Account {
                portal: PortalId(row.get::<_, i64>("portal_id")?.cast_unsigned()),
                account_type: optional_string(row, "account_type")?,
                time_zone: optional_string(row, "time_zone")?,
                currency: optional_string(row, "currency")?,
                utc_offset_ms: row.get("utc_offset_ms")?,
                ui_domain: optional_string(row, "ui_domain")?,
                region: optional_string(row, "region")?,
            })
        });
        Ok(account.optional()?)
    }

    /// Object types, HubSpot's own first, in the order in which they were first seen.
    pub fn objects(&self) -> Result<Vec<ObjectInfo>, Error> {
        definition_rows::objects(&self.conn)
    }

    pub fn object(&self, object: &ObjectType) -> Result<ObjectInfo, Error> {
        definition_rows::find_object(&self.conn, object)
    }

    /// All definitions of a type's properties, those that have vanished included.
    pub fn definitions(&self, object: &ObjectType) -> Result<Vec<PropertyDefinition>, Error> {
        definition_rows::definitions(&self.conn, object)
    }

    pub fn picks(&self, object: &ObjectType) -> Result<Vec<Pick>, Error> {
        definition_rows::picks(&self.conn, object)
    }

    pub fn counts(&self, object: &ObjectType) -> Result<Counts, Error> {
        writer::counts(&self.conn, object)
    }

    pub fn live_since(&self, object: &ObjectType, since: Option<Timestamp>) -> Result<u64, Error> {
        writer::live_since(&self.conn, object, since)
    }

    /// How many rows of this type have ever been written. The difference of two looks says how many changed between.
    pub fn changes(&self, object: &ObjectType) -> Result<u64, Error> {
        let mut statement =
            self.conn.prepare_cached("SELECT changes FROM object_types WHERE object_type = ?")?;
        let changes: Option<i64> = statement.query_row([object.as_str()], |row| row.get(0)).optional()?;
        Ok(u64::try_from(changes.unwrap_or(0)).unwrap_or(0))
    }

    pub fn checkpoint(&self, key: &str) -> Result<Option<String>, Error> {
        writer::checkpoint(&self.conn, key)
    }

    /// All checkpoints whose key begins so, by key.
    pub fn checkpoints(&self, prefix: &str) -> Result<Vec<(String, String)>, Error> {
        let mut statement = self.conn.prepare_cached(
            "SELECT key, value FROM checkpoints WHERE substr(key, 1, length(?1)) = ?1 ORDER BY key",
        )?;
        let found = statement.query_map([prefix], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(found.collect::<Result<_, _>>()?)
    }

    pub fn ranges(&self, stream: &str) -> Result<Vec<Range>, Error> {
        ranges::ranges(&self.conn, stream)
    }

    /// The latest runs, newest first.
    pub fn runs(&self, limit: usize) -> Result<Vec<RunRow>, Error> {
        self.latest("SELECT * FROM runs ORDER BY id DESC LIMIT ?", limit, run_row)
    }

    /// The latest events of all runs, newest first.
    pub fn events(&self, limit: usize) -> Result<Vec<RunEvent>, Error> {
        self.latest("SELECT * FROM run_events ORDER BY id DESC LIMIT ?", limit, |row| {
            Ok(RunEvent {
                at: value::parsed(row, "at")?,
                level: value::named(row, "level", &Level::ALL)?,
                code: string(row, "code")?,
                object: optional_string(row, "object_type")?.map(ObjectType::new),
                message: string(row, "message")?,
            })
        })
    }

    /// Records that were set aside, the latest first.
    pub fn quarantine(&self, limit: usize) -> Result<Vec<Quarantined>, Error> {
        self.latest(
            "SELECT * FROM quarantine ORDER BY seen_at DESC, object_type, key LIMIT ?",
            limit,
            |row| {
                Ok(Quarantined {
                    object: ObjectType::new(string(row, "object_type")?),
                    id: optional_string(row, "id")?,
                    reason: string(row, "reason")?,
                    body: string(row, "body")?,
                    seen_at: value::parsed(row, "seen_at")?,
                })
            },
        )
    }

    /// What the mirror takes up on disk, its log included.
    pub fn size_bytes(&self) -> Result<u64, Error> {
        let size = |path: &Path| std::fs::metadata(path).map(|file| file.len());
        let mut log = self.path.clone().into_os_string();
        log.push("-wal");
        let log = size(Path::new(&log)).unwrap_or(0);
        Ok(size(&self.path).map_err(Error::io(&self.path))? + log)
    }

    fn latest<T>(
        &self,
        sql: &str,
        limit: usize,
        read: impl Fn(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>, Error> {
        let mut statement = self.conn.prepare_cached(sql)?;
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let rows = statement.query_map([limit], |row| read(row))?.collect::<Result<_, _>>()?;
        Ok(rows)
    }
}

pub(crate) fn run_row(row: &Row<'_>) -> rusqlite::Result<RunRow> {
    Ok(RunRow {
        id: row.get("id")?,
        kind: string(row, "kind")?,
        state: string(row, "state")?,
        summary: optional_string(row, "summary")?,
        started_at: value::parsed(row, "started_at")?,
        finished_at: value::parsed_optional(row, "finished_at")?,
    })
}
