//! Full text: which words of a live record Find looks through, kept current as records change.
//!
//! One index per object type, `<object>$find`. It holds words only, no text: what a record says stays in the record.
//! Until it has been built, by [`crate::Writer::index_step`], it follows changes only as far as it has come.

use crm::{ObjectType, Sensitivity};
use rusqlite::{CachedStatement, Connection, OptionalExtension, params};

use crate::{Error, defaults, definition_rows, markup, names::quoted, properties};

/// The words of one object type inside one transaction.
pub(crate) struct Words<'t> {
    /// Ids up to here are in the index.
    to: i64,
    covered: Vec<String>,
    put: CachedStatement<'t>,
    delete: CachedStatement<'t>,
}

impl<'t> Words<'t> {
    /// Nothing when the index has not been begun.
    pub(crate) fn open(conn: &'t Connection, object: &ObjectType) -> Result<Option<Words<'t>>, Error> {
        let Some(to) = built_to(conn, object)? else { return Ok(None) };
        let table = table_name(object);
        Ok(Some(Words {
            to,
            covered: covered(conn, object)?,
            put: conn.prepare_cached(&format!("INSERT INTO {table} (rowid, words) VALUES (?, ?)"))?,
            delete: conn.prepare_cached(&format!("DELETE FROM {table} WHERE rowid = ?"))?,
        }))
    }

    pub(crate) fn add(&mut self, id: i64, properties: &str) -> Result<(), Error> {
        let text = text_of(properties, &self.covered);
        if !text.is_empty() {
            self.put.execute(params![id, text])?;
        }
        Ok(())
    }

    /// Follows a change of one record; what is not live has no text.
    pub(crate) fn follow(&mut self, id: i64, old: Option<&str>, new: Option<&str>) -> Result<(), Error> {
        if id > self.to {
            return Ok(());
        }
        let text = |properties: Option<&str>| {
            properties.map(|properties| text_of(properties, &self.covered)).unwrap_or_default()
        };
        let (old, new) = (text(old), text(new));
        if old == new {
            return Ok(());
        }
        if !old.is_empty() {
            self.delete.execute([id])?;
        }
        if !new.is_empty() {
            self.put.execute(params![id, new])?;
        }
        Ok(())
    }
}

/// The index's name, quoted.
pub(crate) fn table_name(object: &ObjectType) -> String {
    quoted(&format!("{object}$find"))
}

/// The last id that the index covers; all of them at `i64::MAX`. Nothing when it has not been begun.
pub(crate) fn built_to(conn: &Connection, object: &ObjectType) -> Result<Option<i64>, Error> {
    let mut statement = conn.prepare_cached("SELECT found_to FROM object_types WHERE object_type = ?")?;
    Ok(statement.query_row([object.as_str()], |row| row.get(0)).optional()?.flatten())
}

pub(crate) fn create(conn: &Connection, object: &ObjectType) -> Result<(), Error> {
    // Beginnings of one to three letters are words of their own: as somebody types, the first letters would otherwise
    // gather the lists of thousands of words (150 ms at a million records; 10 ms so, for 1.5 µs more a record).
    // Marks belong to the letters they stand on: without them the words of Indic scripts fall apart.
    conn.execute_batch(&format!(
        "CREATE VIRTUAL TABLE {} USING fts5 (words, content = '', contentless_delete = 1, detail = none,
    prefix = '1 2 3', tokenize = \"unicode61 remove_diacritics 2 categories 'L* N* Co Mn Mc'\")",
        table_name(object)
    ))?;
    Ok(())
}

/// The properties that are covered: those that the portal has and that are not sensitive.
pub(crate) fn covered(conn: &Connection, object: &ObjectType) -> Result<Vec<String>, Error> {
    let primary = definition_rows::find_object(conn, object)?.primary_property;
    let mut names: Vec<String> = primary.map(|name| name.to_string()).into_iter().collect();
    for name in defaults::of(object).found {
        if !names.iter().any(|other| other == name) {
            names.push((*name).to_owned());
        }
    }
    let mut covered = Vec::with_capacity(names.len());
    for name in names {
        let definition = definition_rows::find_definition(conn, object, &name)?;
        if definition.is_some_and(|definition| definition.sensitivity == Sensitivity::NonSensitive) {
            covered.push(name);
        }
    }
    Ok(covered)
}

/// The words of the covered properties.
pub(crate) fn text_of(properties: &str, covered: &[String]) -> String {
    let mut text = String::new();
    for raw in properties::some(properties, covered).unwrap_or_default().into_iter().flatten() {
        for word in words(&markup::plain(&properties::text(raw))) {
            text.push_str(word);
            text.push(' ');
        }
    }
    text
}

/// A question in the index's language: each word is the beginning of a word of the record.
pub(crate) fn query(words: &[String]) -> String {
    words.iter().map(|word| format!("\"{word}\"*")).collect::<Vec<_>>().join(" AND ")
}

/// The words of a question, those first that are likely to be rare.
pub(crate) fn asked(find: &str) -> Vec<String> {
    // Parts of almost every address.
    const COMMON: [&str; 12] =
        ["com", "de", "net", "org", "www", "http", "https", "gmail", "hotmail", "outlook", "yahoo", "mail"];
    let mut words: Vec<String> = words(find).map(str::to_lowercase).collect();
    words.sort_by_cached_key(|word| {
        (COMMON.contains(&word.as_str()), std::cmp::Reverse(word.chars().count()), word.clone())
    });
    words.dedup();
    words
}

/// Whether a text has all the words. Nothing when it depends on accents, of which the index knows more.
pub(crate) fn has_words(text: &str, words: &[String]) -> Option<bool> {
    let text = text.to_lowercase();
    let mut sure = true;
    for word in words {
        let begins: Vec<Option<bool>> = self::words(&text).map(|other| begins_with(other, word)).collect();
        if begins.contains(&Some(true)) {
            continue;
        }
        if !begins.contains(&None) {
            return Some(false);
        }
        sure = false;
    }
    if sure { Some(true) } else { None }
}

fn begins_with(word: &str, start: &str) -> Option<bool> {
    if word.starts_with(start) {
        return Some(true);
    }
    let differ = word.chars().zip(start.chars()).find(|(a, b)| a != b);
    match differ {
        Some((a, b)) if a.is_ascii() && b.is_ascii() => Some(false),
        // The word ends too early, and no mark in the question makes up for it.
        None if start.is_ascii() => Some(false),
        _ => None,
    }
}

/// Splits a text into words. Records and questions are split here and nowhere else, so that they always agree.
pub(crate) fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !is_part_of_a_word(c)).filter(|word| word.contains(char::is_alphanumeric))
}

fn is_part_of_a_word(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_alphanumeric();
    }
    match u32::from(c) {
        // Circled letters are letters to Rust and signs to SQLite.
        0x24b6..=0x24e9 | 0x1f130..=0x1f189 => false,
        // Accents that stand alone, and the marks that hold Indic, Thai and Burmese words together.
        0x0300..=0x036f | 0x0e47..=0x0e4e | 0x1037..=0x103a => true,
        indic @ 0x0900..=0x0dff if matches!(indic & 0x7f, 0x3c | 0x4d) || indic == 0x0dca => true,
        _ => c.is_alphanumeric(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accents_are_left_to_the_index() {
        let has = |text: &str, find: &str| has_words(text, &asked(find));
        assert_eq!(has("Zoe North ", "north ZO"), Some(true));
        assert_eq!(has("Zoe North ", "north zoé"), None);
        assert_eq!(has("Zoë North ", "zoe nor"), None);
        assert_eq!(has("Zoë North ", "zoë nor"), Some(true));
        assert_eq!(has("Zoë North ", "south zoe"), Some(false));
        assert_eq!(has("Zo ", "zoe"), Some(false));
    }

    #[test]
    fn rare_words_are_asked_for_first() {
        assert_eq!(asked("Ada@Gmail.com lovelace ada"), ["lovelace", "ada", "gmail", "com"]);
    }
}
