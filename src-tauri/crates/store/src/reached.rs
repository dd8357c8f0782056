//! How far a copy has come, for those who look at it as a whole.

use crm::{ObjectType, RecordId, Timestamp};
use rusqlite::{OptionalExtension, params};

use crate::{Error, Reader, defaults, index::has_index, names::quoted, properties, value};

/// The ranges of a stream, counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Reached {
    pub all: u64,
    pub done: u64,
    /// The id up to which the lowest unfinished range has come.
    pub past: Option<i64>,
}

/// The record of a type that was changed last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Latest {
    pub id: RecordId,
    pub name: Option<String>,
    pub updated_at: Timestamp,
}

impl Reader {
    pub fn reached(&self, stream: &str) -> Result<Reached, Error> {
        let mut statement = self.conn.prepare_cached(
            "SELECT count(*), coalesce(sum(done), 0),
                 (SELECT past FROM ranges WHERE stream = ?1 AND done = 0 ORDER BY lo LIMIT 1)
             FROM ranges WHERE stream = ?1",
        )?;
        Ok(statement.query_row([stream], |row| {
            Ok(Reached {
                all: row.get::<_, i64>(0)?.unsigned_abs(),
                done: row.get::<_, i64>(1)?.unsigned_abs(),
                past: row.get(2)?,
            })
        })?)
    }

    /// The live record that was changed last. None until the type has its indexes: a look through every row is no
    /// look.
    pub fn latest_changed(&self, object: &ObjectType) -> Result<Option<Latest>, Error> {
        if !has_index(&self.conn, object, "updated_at")? {
            return Ok(None);
        }
        let mut statement = self.conn.prepare_cached(&format!(
            "SELECT id, updated_at, properties FROM {} WHERE archived = 0 ORDER BY updated_at DESC LIMIT 1",
            quoted(object.as_str())
        ))?;
        let title = defaults::of(object).title.first().copied().unwrap_or_default();
        let names: Vec<String> = title.iter().map(|&name| name.to_owned()).collect();
        let latest = statement.query_row(params![], |row| {
            let text = value::string(row, "properties")?;
            let parts = properties::some(&text, &names).unwrap_or_default();
            let parts: Vec<_> = parts.into_iter().flatten().map(properties::text).collect();
            let name = parts.join(" ");
            Ok(Latest {
                id: value::id(row)?,
                name: Some(name).filter(|name| !name.is_empty() && name != "null"),
                updated_at: value::parsed(row, "updated_at")?,
            })
        });
        Ok(latest.optional()?)
    }
}
