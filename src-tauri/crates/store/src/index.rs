//! Secondary indexes: built after a type's first pass, in steps, so that copying is not slowed down by them.
//!
//! First full text, a bounded number of rows a step; then one index a step over each column people sort and look up by.

use crm::ObjectType;
use rusqlite::{Connection, Transaction, params};

use crate::{
    Error, Writer,
    definition_rows::picks,
    fulltext::{self, Words},
    names::quoted,
    picks::{index_name, is_long},
    value,
    writer::{counts, known},
};

/// How far the indexes have come, counted in rows: each row once for full text and once for each index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IndexStep {
    pub done: bool,
    pub indexed: u64,
    pub total: u64,
}

const STAMPS: [&str; 2] = ["updated_at", "created_at"];

impl Writer {
    /// Builds a piece of what is missing. To be called until it says that it is done; it can be cut anywhere.
    pub fn index_step(&mut self, object: &ObjectType, rows_max: usize) -> Result<IndexStep, Error> {
        let tx = self.begin()?;
        known(&tx, object)?;
        let rows = counts(&tx, object)?.live;
        let columns = indexed_columns(&tx, object)?;
        let missing: Vec<&String> = columns
            .iter()
            .filter_map(|column| is_missing(&tx, object, column).transpose())
            .collect::<Result<_, _>>()?;
        let total = rows * (1 + columns.len() as u64);
        let built_to = fulltext::built_to(&tx, object)?;
        let (text_done, left) = if built_to == Some(i64::MAX) {
            if let Some(column) = missing.first() {
                create_index(&tx, object, column)?;
            }
            (rows, missing.len().saturating_sub(1))
        } else {
            let here = add_words(&tx, object, built_to, rows_max.max(1))?;
            (here.min(rows), missing.len())
        };
        let done = text_done == rows && left == 0 && fulltext::built_to(&tx, object)? == Some(i64::MAX);
        tx.commit()?;
        let indexed = text_done + rows * (columns.len() - left) as u64;
        Ok(IndexStep { done, indexed: if done { total } else { indexed.min(total) }, total })
    }
}

/// Columns with an index: the stamps, and all picks but long texts.
fn indexed_columns(conn: &Connection, object: &ObjectType) -> Result<Vec<String>, Error> {
    let picks = picks(conn, object)?;
    let picked = picks.into_iter().filter(|pick| !is_long(&pick.field_type));
    Ok(STAMPS.map(str::to_owned).into_iter().chain(picked.map(|pick| pick.column)).collect())
}

fn is_missing<'a>(
    conn: &Connection,
    object: &ObjectType,
    column: &'a String,
) -> Result<Option<&'a String>, Error> {
    let there = has_index(conn, object, column)?;
    Ok(if there { None } else { Some(column) })
}

pub(crate) fn has_index(conn: &Connection, object: &ObjectType, column: &str) -> Result<bool, Error> {
    let mut statement =
        conn.prepare_cached("SELECT 1 FROM sqlite_schema WHERE type = 'index' AND name = ?")?;
    Ok(statement.exists([index_name(object, column)])?)
}

/// `archived` stands in the index so that live rows are told apart without a look at the table. Empty values are in it
/// too: without them `GROUP BY` could not use it.
fn create_index(tx: &Transaction<'_>, object: &ObjectType, column: &str) -> Result<(), Error> {
    Ok(tx.execute_batch(&format!(
        "CREATE INDEX {} ON {} ({}, archived)",
        quoted(&index_name(object, column)),
        quoted(object.as_str()),
        quoted(column)
    ))?)
}

/// Adds the next live rows to full text; gives back how many rows it covers now.
fn add_words(
    tx: &Transaction<'_>,
    object: &ObjectType,
    from: Option<i64>,
    rows_max: usize,
) -> Result<u64, Error> {
    let table = quoted(object.as_str());
    if from.is_none() {
        fulltext::create(tx, object)?;
        tx.execute("UPDATE object_types SET found_to = 0 WHERE object_type = ?", [object.as_str()])?;
    }
    let mut words = Words::open(tx, object)?.expect("it has just been begun");
    let mut statement = tx.prepare_cached(&format!(
        "SELECT id, archived, properties FROM {table} WHERE id > ? ORDER BY id LIMIT ?"
    ))?;
    let mut rows =
        statement.query(params![from.unwrap_or(0), i64::try_from(rows_max).unwrap_or(i64::MAX)])?;
    let (mut seen, mut last) = (0, 0);
    while let Some(row) = rows.next()? {
        last = row.get(0)?;
        seen += 1;
        if !row.get::<_, bool>(1)? {
            words.add(last, &value::text(row.get_ref(2)?).unwrap_or_default())?;
        }
    }
    drop(rows);
    let to = if seen < rows_max { i64::MAX } else { last };
    tx.execute("UPDATE object_types SET found_to = ? WHERE object_type = ?", params![to, object.as_str()])?;
    if to == i64::MAX {
        return Ok(u64::MAX);
    }
    let covered: i64 =
        tx.query_row(&format!("SELECT count(*) FROM {table} WHERE archived = 0 AND id <= ?"), [to], |row| {
            row.get(0)
        })?;
    Ok(u64::try_from(covered).unwrap_or(0))
}
