//! What the values of properties look like: how many rows have one, how many different ones there are, and examples.
//!
//! All live rows are looked at where they are few, else blocks of rows spread evenly over them: a type of a million
//! records costs as much as one of ten thousand. Deliberately absent: when to count, which the caller decides.

use std::collections::HashMap;

use crm::{ObjectType, Timestamp};
use rusqlite::params;
use serde::{Deserialize, Serialize};

use crate::{
    Error, Reader, Writer,
    definition_rows::definitions,
    names::quoted,
    properties, value,
    writer::{counts, known, live_index},
};

/// More different values than these are "many": nobody chooses among them, and telling them apart costs memory.
const DISTINCT_MAX: usize = 200;
const SAMPLES: usize = 3;
const SAMPLE_CHARS: usize = 80;
/// Blocks of neighbouring rows: neighbours lie on the same pages of the file.
const BLOCKS: usize = 100;

/// What was found of one property.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PropertyStatistics {
    pub property: String,
    /// Rows with a value that is not empty, of those looked at.
    pub filled: u64,
    pub of: u64,
    /// Different values; `None` when there are more than 200.
    pub distinct: Option<u64>,
    /// The most frequent values, most frequent first; of many different ones, some.
    pub samples: Vec<ValueSample>,
}

/// One value, cut to 80 characters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ValueSample {
    pub value: String,
    /// How many of the rows looked at have it; absent where values were too many to count.
    pub count: Option<u64>,
}

#[derive(Default)]
struct Tally {
    filled: u64,
    values: HashMap<Box<str>, u64>,
    many: bool,
}

impl Tally {
    fn add(&mut self, raw: &str) {
        let text = properties::text(raw);
        if text.is_empty() {
            return;
        }
        self.filled += 1;
        if let Some(count) = self.values.get_mut(text.as_ref()) {
            *count += 1;
        } else if self.values.len() < DISTINCT_MAX {
            self.values.insert(text.into(), 1);
        } else {
            self.many = true;
        }
    }

    fn samples(self, is_shown: bool) -> (Option<u64>, Vec<ValueSample>) {
        let distinct = (!self.many).then_some(self.values.len() as u64);
        if !is_shown {
            return (distinct, Vec::new());
        }
        let mut values: Vec<(Box<str>, u64)> = self.values.into_iter().collect();
        values.sort_unstable_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        let sample = |(text, count): (Box<str>, u64)| ValueSample {
            value: cut(&text),
            count: (!self.many).then_some(count),
        };
        (distinct, values.into_iter().take(SAMPLES).map(sample).collect())
    }
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(SAMPLE_CHARS) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}

/// Tallies in the order in which properties were first met; records name theirs in nearly the same order each time.
#[derive(Default)]
struct Tallies {
    names: Vec<String>,
    found: Vec<Tally>,
    places: HashMap<String, usize>,
}

impl Tallies {
    fn add(&mut self, text: &str) {
        let mut expected = 0;
        for (name, raw) in properties::fields(text) {
            let at = if self.names.get(expected).is_some_and(|known| *known == name) {
                expected
            } else if let Some(&at) = self.places.get(name.as_ref()) {
                at
            } else {
                self.names.push(name.to_string());
                self.found.push(Tally::default());
                self.places.insert(name.into_owned(), self.names.len() - 1);
                self.names.len() - 1
            };
            expected = at + 1;
            self.found[at].add(raw);
        }
    }
}

impl Reader {
    /// Looks at no more than about `rows_max` live rows. Properties without any value are in the answer, too; sensitive
    /// ones without samples.
    pub fn examine_properties(
        &self,
        object: &ObjectType,
        rows_max: usize,
    ) -> Result<Vec<PropertyStatistics>, Error> {
        let look = self.conn.unchecked_transaction()?;
        known(&self.conn, object)?;
        let mut found = Tallies::default();
        let mut of = 0;
        for (from, rows) in self.blocks(object, rows_max)? {
            let mut statement = self.conn.prepare_cached(&format!(
                "SELECT properties FROM {} WHERE id >= ? AND archived = 0 ORDER BY id LIMIT ?",
                quoted(object.as_str())
            ))?;
            let mut read = statement.query(params![from, rows])?;
            while let Some(row) = read.next()? {
                found.add(&value::text(row.get_ref(0)?).unwrap_or_default());
                of += 1;
            }
        }
        let mut statistics = Vec::new();
        for definition in definitions(&self.conn, object)?.into_iter().filter(|known| !known.archived) {
            let tally =
                found.places.get(definition.name.as_str()).map(|&at| std::mem::take(&mut found.found[at]));
            let tally = tally.unwrap_or_default();
            let filled = tally.filled;
            let (distinct, samples) = tally.samples(definition.sensitivity == crm::Sensitivity::NonSensitive);
            let property = definition.name.to_string();
            statistics.push(PropertyStatistics { property, filled, of, distinct, samples });
        }
        drop(look);
        Ok(statistics)
    }

    /// First ids of blocks of live rows, and how many rows each has: one block of everything, or evenly spread ones.
    fn blocks(&self, object: &ObjectType, rows_max: usize) -> Result<Vec<(i64, i64)>, Error> {
        let live = usize::try_from(counts(&self.conn, object)?.live).unwrap_or(usize::MAX);
        if live <= rows_max.max(BLOCKS) {
            return Ok(vec![(1, i64::MAX)]);
        }
        let (apart, rows) = (live / BLOCKS, i64::try_from(rows_max / BLOCKS).unwrap_or(1).max(1));
        let mut statement = self.conn.prepare_cached(&format!(
            "SELECT id FROM {} INDEXED BY {} WHERE archived = 0 ORDER BY id",
            quoted(object.as_str()),
            live_index(object)
        ))?;
        let mut ids = statement.query([])?;
        let (mut blocks, mut at) = (Vec::with_capacity(BLOCKS + 1), 0);
        while let Some(row) = ids.next()? {
            if at % apart == 0 {
                blocks.push((row.get(0)?, rows));
            }
            at += 1;
        }
        Ok(blocks)
    }

    /// What was last counted of a type's properties, and when.
    pub fn property_statistics(
        &self,
        object: &ObjectType,
    ) -> Result<Vec<(PropertyStatistics, Timestamp)>, Error> {
        let mut statement =
            self.conn.prepare_cached("SELECT * FROM property_statistics WHERE object_type = ?")?;
        let rows = statement.query_map([object.as_str()], |row| {
            let number = |column| row.get::<_, i64>(column).map(|count| u64::try_from(count).unwrap_or(0));
            let statistics = PropertyStatistics {
                property: value::string(row, "property")?,
                filled: number("filled")?,
                of: number("of")?,
                distinct: row
                    .get::<_, Option<i64>>("distinct_values")?
                    .map(|count| u64::try_from(count).unwrap_or(0)),
                samples: serde_json::from_str(&value::string(row, "samples")?).unwrap_or_default(),
            };
            Ok((statistics, value::parsed(row, "counted_at")?))
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

impl Writer {
    /// Takes the place of what was counted before.
    pub fn put_property_statistics(
        &mut self,
        object: &ObjectType,
        statistics: &[PropertyStatistics],
        at: Timestamp,
    ) -> Result<(), Error> {
        let tx = self.begin()?;
        tx.execute("DELETE FROM property_statistics WHERE object_type = ?", [object.as_str()])?;
        let mut put = tx.prepare_cached("INSERT INTO property_statistics VALUES (?, ?, ?, ?, ?, ?, ?)")?;
        for found in statistics {
            let signed = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
            put.execute(params![
                object.as_str(),
                found.property,
                signed(found.filled),
                signed(found.of),
                found.distinct.map(signed),
                serde_json::to_string(&found.samples).expect("samples can be written as JSON"),
                at.to_string(),
            ])?;
        }
        drop(put);
        Ok(tx.commit()?)
    }
}
