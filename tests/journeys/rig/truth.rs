//! The comparison: what the portal holds against what the mirror holds.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write,
};

use rusqlite::Connection;
use serde_json::value::RawValue;
use simulator::{Simulator, TrueLink, TrueRecord};

use super::Copy;

/// What is compared. Everything, unless a test narrows it down.
#[derive(Default)]
pub(crate) struct Compared<'a> {
    /// Types (tables) left out, with their links.
    pub(crate) without: &'a [&'a str],
    /// Ids of contacts that no reader can take in.
    pub(crate) unreadable: BTreeSet<u64>,
    /// Those ids must not be here at all.
    pub(crate) left_out: bool,
    /// Ids of contacts whose stamps are not sent.
    pub(crate) without_stamps: BTreeSet<u64>,
    /// Links of records that are archived here are not looked at: HubSpot shows none, the copy may keep them.
    pub(crate) without_links_of_archived: bool,
    /// Types and properties that the portal no longer has; the copy keeps their values.
    pub(crate) removed: &'a [(String, String)],
}

/// Panics with the first differences unless the copy equals the portal.
pub(crate) fn assert_equal(copy: &Copy, portal: &Simulator) {
    assert_equal_but(copy, portal, &Compared::default());
}

pub(crate) fn assert_equal_but(copy: &Copy, portal: &Simulator, compared: &Compared<'_>) {
    let differences = differences(&copy.look(), portal, compared);
    assert!(differences.is_empty(), "the copy differs from the portal:\n{}", differences.join("\n"));
}

/// What differs, in words; empty when nothing does.
pub(crate) fn differences(mirror: &Connection, portal: &Simulator, compared: &Compared<'_>) -> Vec<String> {
    let truth = portal.truth();
    let mut found = Found::default();
    let integrity: String =
        mirror.query_row("PRAGMA quick_check(1)", [], |row| row.get(0)).expect("SQLite checks itself");
    if integrity != "ok" {
        found.note(&integrity);
    }
    let kept: Vec<&str> = truth
        .objects()
        // Of what there is nothing of, there need be no table.
        .filter(|object| truth.count(object) > 0 || table_of(mirror, object).is_some())
        .filter(|object| !compared.without.contains(&table(mirror, object).as_str()))
        .collect();
    for object in &kept {
        let mut expected = BTreeMap::new();
        truth.records(object, |record| {
            let left_out =
                compared.left_out && record.object == "contacts" && compared.unreadable.contains(&record.id);
            if record.unreadable.is_none() && !left_out {
                expected.insert(record.id, record);
            }
        });
        let removed = compared.removed.iter().filter(|(of, _)| of == object).map(|(_, name)| name.as_str());
        let removed: Vec<&str> = removed.collect();
        records(mirror, &table(mirror, object), &expected, compared, &removed, &mut found);
    }
    let mut pairs = BTreeSet::new();
    for (a, b) in truth.pairs() {
        if kept.contains(&a) && kept.contains(&b) {
            let (from, to) = (table(mirror, a), table(mirror, b));
            let (from, to, a, b) =
                if is_kept(mirror, &from, &to) { (from, to, a, b) } else { (to, from, b, a) };
            let mut expected = BTreeSet::new();
            truth.links(a, b, |link| {
                let is_unreadable = |object, id| object == "contacts" && compared.unreadable.contains(&id);
                if !is_unreadable(link.from, link.from_id) && !is_unreadable(link.to, link.to_id) {
                    expected.insert(TheLink::from(&link));
                }
            });
            links(mirror, (&from, &to), &expected, compared, &mut found);
            pairs.insert((from, to));
        }
    }
    for pair in kept_pairs(mirror) {
        if !pairs.contains(&pair) {
            found.note(&format!("links that are in no pair of the portal, or kept twice: {pair:?}"));
        }
    }
    found.lines
}

#[derive(Default)]
struct Found {
    lines: Vec<String>,
}

impl Found {
    /// The first few differences tell enough.
    fn note(&mut self, line: &str) {
        if self.lines.len() < 12 {
            self.lines.push(line.chars().take(1_000).collect());
        }
    }
}

/// What is wrong with the memory of records that are no more: ids that were merged away lead to the record that is
/// left, and of erased ones nothing is left.
pub(crate) fn gone(mirror: &Connection, portal: &Simulator) -> Vec<String> {
    let truth = portal.truth();
    let mut found = Found::default();
    for object in truth.objects() {
        let Some(table) = table_of(mirror, object) else { continue };
        for (old, into) in truth.merged(object) {
            let sql = "SELECT id FROM merged_ids WHERE object_type = ? AND old_id = ?";
            let kept = mirror.query_row(sql, (&table, old.cast_signed()), |row| row.get::<_, i64>(0));
            if kept.as_ref().ok() != Some(&into.cast_signed()) {
                found.note(&format!("{table} {old} was merged into {into}; here {kept:?}"));
            }
        }
        for id in truth.erased(object) {
            let sql = format!("SELECT count(*) FROM \"{table}\" WHERE id = ?1");
            let rows: i64 = mirror.query_row(&sql, [id.cast_signed()], |row| row.get(0)).expect("a count");
            let sql = "SELECT count(*) FROM history WHERE object_type = ? AND id = ?";
            let history: i64 =
                mirror.query_row(sql, (&table, id.cast_signed()), |row| row.get(0)).expect("a count");
            if rows + history > 0 {
                found.note(&format!("{table} {id} was erased; here {rows} rows, {history} of its history"));
            }
        }
    }
    found.lines
}

/// The table of a type, by HubSpot's plural name or its id.
pub(crate) fn table(mirror: &Connection, object: &str) -> String {
    table_of(mirror, object).unwrap_or_else(|| panic!("{object}: the copy does not know this type"))
}

fn table_of(mirror: &Connection, object: &str) -> Option<String> {
    // CRM users have a name of their own here.
    let object = if object == "users" { "0-115" } else { object };
    let sql = "SELECT object_type FROM object_types WHERE object_type = ?1 OR plural = ?1 COLLATE NOCASE OR type_id = ?1
               ORDER BY object_type = ?1 DESC LIMIT 1";
    mirror.query_row(sql, [object], |row| row.get(0)).ok()
}

fn records(
    mirror: &Connection,
    table: &str,
    expected: &BTreeMap<u64, TrueRecord>,
    compared: &Compared<'_>,
    removed: &[&str],
    found: &mut Found,
) {
    let sql = format!("SELECT id, archived, created_at, updated_at, properties FROM \"{table}\" ORDER BY id");
    let mut statement = mirror.prepare(&sql).expect("every type has a table");
    let mut rows = statement.query([]).expect("it can be read");
    let mut live = BTreeSet::new();
    while let Some(row) = rows.next().expect("a row") {
        let id: u64 = row.get::<_, i64>(0).expect("an id").cast_unsigned();
        let archived: bool = row.get(1).expect("archived or not");
        let Some(truth) = expected.get(&id) else {
            if !archived {
                found.note(&format!("{table} {id}: here, but not in the portal"));
            }
            continue;
        };
        if archived != truth.archived {
            found.note(&format!("{table} {id}: archived {archived} here, {} there", truth.archived));
        }
        if archived {
            continue;
        }
        live.insert(id);
        let stamps: [Option<String>; 2] = [row.get(2).expect("a stamp"), row.get(3).expect("a stamp")];
        let true_stamps =
            [Some(to_the_millisecond(&truth.created_at)), Some(to_the_millisecond(&truth.updated_at))];
        let are_sent = table != "contacts" || !compared.without_stamps.contains(&id);
        if are_sent && stamps != true_stamps {
            found.note(&format!("{table} {id}: stamps {stamps:?} here, {true_stamps:?} there"));
        }
        let text: String = row.get(4).expect("properties");
        values(table, id, &text, truth, removed, found);
    }
    for (id, truth) in expected {
        if !truth.archived && !live.contains(id) {
            found.note(&format!("{table} {id}: in the portal, but not here"));
        }
    }
}

/// HubSpot leaves zeros at the end of a second's fraction out; the mirror does not.
fn to_the_millisecond(stamp: &str) -> String {
    let (seconds, fraction) =
        stamp.trim_end_matches('Z').split_once('.').unwrap_or((stamp.trim_end_matches('Z'), ""));
    format!("{seconds}.{fraction:0<3}Z")
}

/// Every value as it was sent, to the byte.
fn values(table: &str, id: u64, text: &str, truth: &TrueRecord, removed: &[&str], found: &mut Found) {
    let parse = |text| serde_json::from_str::<BTreeMap<String, &RawValue>>(text);
    let (Ok(here), Ok(there)) = (parse(text), parse(truth.properties.get())) else {
        found.note(&format!("{table} {id}: properties are no JSON object: {text}"));
        return;
    };
    let names: BTreeSet<&String> = here.keys().chain(there.keys()).collect();
    for name in names.into_iter().filter(|name| !removed.contains(&name.as_str())) {
        let (a, b) = (here.get(name).map(|value| value.get()), there.get(name).map(|value| value.get()));
        if a != b {
            found.note(&format!("{table} {id} {name}: {a:?} here, {b:?} there"));
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct TheLink {
    from: u64,
    to: u64,
    type_id: i64,
    category: String,
    label: Option<String>,
}

impl From<&TrueLink> for TheLink {
    fn from(link: &TrueLink) -> TheLink {
        TheLink {
            from: link.from_id,
            to: link.to_id,
            type_id: i64::from(link.type_id),
            category: link.category.to_owned(),
            label: link.label.clone(),
        }
    }
}

fn links(
    mirror: &Connection,
    (from, to): (&str, &str),
    expected: &BTreeSet<TheLink>,
    compared: &Compared<'_>,
    found: &mut Found,
) {
    let sql = "SELECT from_id, to_id, type_id, category, label FROM associations WHERE from_type = ? AND to_type = ?";
    let mut statement = mirror.prepare(sql).expect("there is a table of links");
    let rows = statement.query_map([from, to], |row| {
        Ok(TheLink {
            from: row.get::<_, i64>(0)?.cast_unsigned(),
            to: row.get::<_, i64>(1)?.cast_unsigned(),
            type_id: row.get(2)?,
            category: row.get(3)?,
            label: row.get(4)?,
        })
    });
    let is_unreadable = |object: &str, id: u64| object == "contacts" && compared.unreadable.contains(&id);
    let archived = |object: &str| ids_of_archived(mirror, object, compared.without_links_of_archived);
    let (away_from, away_to) = (archived(from), archived(to));
    let here: BTreeSet<TheLink> = rows
        .expect("links can be read")
        .map(|link| link.expect("a link"))
        .filter(|link| !is_unreadable(from, link.from) && !is_unreadable(to, link.to))
        .filter(|link| !away_from.contains(&link.from) && !away_to.contains(&link.to))
        .collect();
    let mut line = String::new();
    for (link, side) in here
        .difference(expected)
        .map(|link| (link, "here"))
        .chain(expected.difference(&here).map(|link| (link, "there")))
    {
        line.clear();
        write!(line, "link {from} to {to}, only {side}: {link:?}").expect("text can be written to");
        found.note(&line);
    }
}

fn ids_of_archived(mirror: &Connection, table: &str, wanted: bool) -> BTreeSet<u64> {
    if !wanted {
        return BTreeSet::new();
    }
    let sql = format!("SELECT id FROM \"{table}\" WHERE archived = 1");
    let mut statement = mirror.prepare(&sql).expect("every type has a table");
    let ids = statement.query_map([], |row| row.get::<_, i64>(0)).expect("it can be read");
    ids.map(|id| id.expect("an id").cast_unsigned()).collect()
}

fn is_kept(mirror: &Connection, from: &str, to: &str) -> bool {
    let sql = "SELECT EXISTS (SELECT 1 FROM associations WHERE from_type = ? AND to_type = ?)";
    mirror.query_row(sql, [from, to], |row| row.get(0)).expect("links can be read")
}

fn kept_pairs(mirror: &Connection) -> Vec<(String, String)> {
    let mut statement =
        mirror.prepare("SELECT DISTINCT from_type, to_type FROM associations").expect("links can be read");
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)));
    rows.expect("pairs").collect::<Result<_, _>>().expect("pairs")
}
