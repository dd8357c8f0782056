//! Ordered lists of ids for a grid: sorted, or found by words, and fixed from then on.

use std::{
    collections::HashSet,
    time::{Duration, Instant},
};

use crm::ObjectType;
use rusqlite::{Params, params};

use crate::{
    Error, Reader, fulltext,
    index::has_index,
    names::quoted,
    picks::index_name,
    value::string,
    writer::{known, live_index},
};

/// What to list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SnapshotSpec {
    pub object: ObjectType,
    /// By id, when nothing is said.
    pub sort: Option<Sort>,
    /// Every word is the beginning of a word in the record; a number is also an id.
    pub find: Option<String>,
}

/// An order: by a picked property or its column, `created_at`, `updated_at` or `id`. Empty values come last either way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sort {
    pub column: String,
    pub descending: bool,
}

/// Live records, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SnapshotFound {
    pub ids: Vec<i64>,
    /// Only a part was looked through: full text is still being built.
    pub partial: bool,
}

/// How long to look through records without an index, before saying that the answer is partial.
const SCAN: Duration = Duration::from_millis(400);

/// So many records are looked at one by one; more are found or sorted by an index.
const FEW: usize = 1_000;

impl Reader {
    pub fn snapshot(&self, spec: &SnapshotSpec) -> Result<SnapshotFound, Error> {
        // One look at the database: the parts of the answer must agree.
        let look = self.conn.unchecked_transaction()?;
        known(&self.conn, &spec.object)?;
        let sort = spec.sort.as_ref().map(|sort| self.order(&spec.object, sort)).transpose()?;
        let words = spec.find.as_deref().map(str::trim).filter(|words| !words.is_empty());
        let answer = match words {
            None => SnapshotFound { ids: self.all(&spec.object, sort.as_ref())?, partial: false },
            Some(words) => {
                let (ids, partial) = self.find(&spec.object, words)?;
                SnapshotFound { ids: self.sorted(&spec.object, sort.as_ref(), ids)?, partial }
            }
        };
        drop(look);
        Ok(answer)
    }

    /// Whether full text and all other indexes of this type are built.
    pub fn is_indexed(&self, object: &ObjectType) -> Result<bool, Error> {
        Ok(fulltext::built_to(&self.conn, object)? == Some(i64::MAX))
    }

    /// The column to sort by; nothing when that is the id.
    fn order(&self, object: &ObjectType, sort: &Sort) -> Result<Order, Error> {
        let descending = sort.descending;
        if matches!(sort.column.as_str(), "id" | "created_at" | "updated_at") {
            return Ok(Order { column: sort.column.clone(), descending });
        }
        let picks = self.picks(object)?;
        let by_column = picks.iter().find(|pick| pick.column == sort.column);
        let pick = by_column.or_else(|| picks.iter().find(|pick| pick.property.as_str() == sort.column));
        match pick {
            Some(pick) => Ok(Order { column: pick.column.clone(), descending }),
            None => Err(Error::UnknownProperty { object: object.clone(), property: sort.column.clone() }),
        }
    }

    /// All live records.
    fn all(&self, object: &ObjectType, order: Option<&Order>) -> Result<Vec<i64>, Error> {
        let table = quoted(object.as_str());
        let direction = if order.is_some_and(|order| order.descending) { "DESC" } else { "ASC" };
        let Some(order) = order.filter(|order| order.column != "id") else {
            let live = live_index(object);
            return self.ids(
                &format!(
                    "SELECT id FROM {table} INDEXED BY {live} WHERE archived = 0 ORDER BY id {direction}"
                ),
                [],
            );
        };
        let (column, index) = (quoted(&order.column), quoted(&index_name(object, &order.column)));
        let from = if has_index(&self.conn, object, &order.column)? {
            format!("{table} INDEXED BY {index}")
        } else {
            table
        };
        let filled = format!("{column} IS NOT NULL AND archived = 0 ORDER BY {column} {direction}");
        let mut ids = self.ids(&format!("SELECT id FROM {from} WHERE {filled}"), [])?;
        ids.extend(self.ids(
            &format!("SELECT id FROM {from} WHERE {column} IS NULL AND archived = 0 ORDER BY id"),
            [],
        )?);
        Ok(ids)
    }

    /// Puts ids (ascending) into order.
    fn sorted(
        &self,
        object: &ObjectType,
        order: Option<&Order>,
        mut ids: Vec<i64>,
    ) -> Result<Vec<i64>, Error> {
        let Some(order) = order else { return Ok(ids) };
        if order.column == "id" {
            if order.descending {
                ids.reverse();
            }
            return Ok(ids);
        }
        if ids.len() > FEW && has_index(&self.conn, object, &order.column)? {
            let wanted: HashSet<i64> = ids.into_iter().collect();
            let mut all = self.all(object, Some(order))?;
            all.retain(|id| wanted.contains(id));
            return Ok(all);
        }
        let column = quoted(&order.column);
        let direction = if order.descending { "DESC" } else { "ASC" };
        let list = serde_json::to_string(&ids).expect("numbers can be written as JSON");
        self.ids(
            &format!(
                "SELECT t.id FROM json_each(?) wanted CROSS JOIN {} t ON t.id = wanted.value
                 ORDER BY {column} IS NULL, {column} {direction}, t.id",
                quoted(object.as_str())
            ),
            [list],
        )
    }

    /// Live records with these words, ascending, and whether only a part was looked through.
    fn find(&self, object: &ObjectType, find: &str) -> Result<(Vec<i64>, bool), Error> {
        let words = fulltext::asked(find);
        let built = fulltext::built_to(&self.conn, object)?;
        let (mut ids, mut looked_to) = (Vec::new(), built.unwrap_or(0));
        if built.is_some() && !words.is_empty() {
            match self.find_in_index(object, &words) {
                Ok(found) => ids = found,
                // A letter younger than SQLite's tables of letters parts a word in two for it: look ourselves.
                Err(error) if error.is_plain() => looked_to = 0,
                Err(error) => return Err(error),
            }
        }
        let mut partial = false;
        if looked_to < i64::MAX && !words.is_empty() {
            let (more, complete) = self.scan(object, &words, looked_to)?;
            ids.extend(more);
            partial = !complete;
        }
        if let Ok(id) = find.parse::<crm::RecordId>()
            && let Err(at) = ids.binary_search(&id.get())
        {
            let sql = format!("SELECT id FROM {} WHERE id = ? AND archived = 0", quoted(object.as_str()));
            if !self.ids(&sql, [id.get()])?.is_empty() {
                ids.insert(at, id.get());
            }
        }
        Ok((ids, partial))
    }

    /// A word that a million records have makes a long list in the index. As soon as the first words leave only a few
    /// records, the others are looked for in those.
    fn find_in_index(&self, object: &ObjectType, words: &[String]) -> Result<Vec<i64>, Error> {
        let table = fulltext::table_name(object);
        for first in 1..words.len() {
            let sql = format!("SELECT rowid FROM {table} WHERE {table} MATCH ? ORDER BY rowid LIMIT {FEW}");
            let ids = self.ids(&sql, [fulltext::query(&words[..first])])?;
            if ids.len() < FEW {
                match self.those_with(object, ids, words)? {
                    Some(found) => return Ok(found),
                    None => break,
                }
            }
        }
        self.ids(
            &format!("SELECT rowid FROM {table} WHERE {table} MATCH ? ORDER BY rowid"),
            [fulltext::query(words)],
        )
    }

    /// Those of these records that have the words; nothing when only the index can tell.
    fn those_with(
        &self,
        object: &ObjectType,
        ids: Vec<i64>,
        words: &[String],
    ) -> Result<Option<Vec<i64>>, Error> {
        let covered = fulltext::covered(&self.conn, object)?;
        let sql = format!("SELECT properties FROM {} WHERE id = ?", quoted(object.as_str()));
        let mut statement = self.conn.prepare_cached(&sql)?;
        let mut found = Vec::new();
        for id in ids {
            let properties = statement.query_row([id], |row| string(row, "properties"))?;
            match fulltext::has_words(&fulltext::text_of(&properties, &covered), words) {
                Some(true) => found.push(id),
                Some(false) => {}
                None => return Ok(None),
            }
        }
        Ok(Some(found))
    }

    /// Looks through records after `from` themselves, for as long as that may take.
    fn scan(&self, object: &ObjectType, words: &[String], from: i64) -> Result<(Vec<i64>, bool), Error> {
        let covered = fulltext::covered(&self.conn, object)?;
        let mut statement = self.conn.prepare_cached(&format!(
            "SELECT id, properties FROM {} WHERE id > ? AND archived = 0 ORDER BY id",
            quoted(object.as_str())
        ))?;
        let (started, mut found) = (Instant::now(), Vec::new());
        let mut rows = statement.query(params![from])?;
        while let Some(row) = rows.next()? {
            let text = fulltext::text_of(&string(row, "properties")?, &covered);
            if fulltext::has_words(&text, words) == Some(true) {
                found.push(row.get(0)?);
            }
            if started.elapsed() > SCAN {
                return Ok((found, false));
            }
        }
        Ok((found, true))
    }

    fn ids(&self, sql: &str, params: impl Params) -> Result<Vec<i64>, Error> {
        let mut statement = self.conn.prepare_cached(sql)?;
        let mut ids = Vec::new();
        let mut rows = statement.query(params)?;
        while let Some(row) = rows.next()? {
            ids.push(row.get(0)?);
        }
        Ok(ids)
    }
}

struct Order {
    column: String,
    descending: bool,
}
