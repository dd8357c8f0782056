//! Which records are left out of everything derived. The copy keeps them: they are only marked, with the reason, in
//! `exclusions`.
//!
//! The rules are kept in the mirror, resolved against its definitions, so that whoever writes a record marks it in the
//! same transaction. A type is marked anew, as a whole, only when what the rules mean for it has changed; for properties
//! that every row repeats, no record is taken apart for that.

use std::collections::BTreeMap;

use crm::{ObjectType, Timestamp};
use rusqlite::{Connection, OptionalExtension, Transaction, params};
use serde::{Deserialize, Serialize};

use crate::{
    Error, Reader, Writer,
    definition_rows::find_definition,
    names::{json_path, literal, quoted},
    picks::ColumnKind,
};

/// What is left out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Rules {
    /// Contacts with one of these addresses, in lower case.
    pub emails: Vec<String>,
    /// Contacts with an address in one of these domains, in lower case.
    pub domains: Vec<String>,
    /// Records that do not fit every one of these.
    pub filters: Vec<Filter>,
}

/// A property must have one of these values; an empty text stands for none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Filter {
    /// None: every type that has such a property.
    pub object: Option<ObjectType>,
    pub property: String,
    pub values: Vec<String>,
}

impl Rules {
    pub fn is_empty(&self) -> bool {
        self.emails.is_empty() && self.domains.is_empty() && self.filters.is_empty()
    }
}

/// The rules as they are kept, and what they mean for each type.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Kept {
    rules: Rules,
    objects: BTreeMap<ObjectType, Vec<Test>>,
}

/// One reason to leave a record of one type out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Test {
    reason: String,
    property: String,
    sign: Sign,
    values: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Sign {
    /// The value, in lower case, is one of these.
    Is,
    /// What follows its `@` is one of these.
    IsAt,
    /// It is none of these.
    IsNot,
    /// Of its values, none is one of these.
    HasNot,
}

const KEY: &str = "exclusions";
const CONTACTS: &str = "contacts";
const EMAIL: &str = "email";

impl Writer {
    /// Makes the rules hold from now on, and marks what is here already. Nothing happens where they hold.
    pub fn exclude(&mut self, rules: &Rules, at: Timestamp) -> Result<(), Error> {
        let tx = self.begin()?;
        let mut kept = kept(&tx)?.unwrap_or_default();
        if kept.rules == *rules {
            return Ok(());
        }
        kept.rules = rules.clone();
        for object in crate::definition_rows::objects(&tx)? {
            follow(&tx, &mut kept, &object.object)?;
        }
        keep(&tx, &kept, at)?;
        Ok(tx.commit()?)
    }
}

/// After new definitions: a filter may mean a type that it did not mean before.
pub(crate) fn follow_definitions(tx: &Transaction<'_>, object: &ObjectType) -> Result<(), Error> {
    let Some(mut kept) = kept(tx)?.filter(|kept| !kept.rules.is_empty()) else { return Ok(()) };
    if follow(tx, &mut kept, object)? {
        let at: String =
            tx.query_row("SELECT saved_at FROM checkpoints WHERE key = ?", [KEY], |row| row.get(0))?;
        keep(tx, &kept, at.parse().unwrap_or(Timestamp::from_millis(0)))?;
    }
    Ok(())
}

fn kept(conn: &Connection) -> Result<Option<Kept>, Error> {
    let mut statement = conn.prepare_cached("SELECT value FROM checkpoints WHERE key = ?")?;
    let json: Option<String> = statement.query_row([KEY], |row| row.get(0)).optional()?;
    // What another version wrote in its own way is written anew.
    Ok(json.and_then(|json| serde_json::from_str(&json).ok()))
}

fn keep(tx: &Transaction<'_>, kept: &Kept, at: Timestamp) -> Result<(), Error> {
    let json = serde_json::to_string(kept).expect("rules are texts and lists of them");
    tx.execute(
        "INSERT OR REPLACE INTO checkpoints (key, value, saved_at) VALUES (?, ?, ?)",
        params![KEY, json, at.to_string()],
    )?;
    Ok(())
}

/// Brings one type's tests and marks in line with the rules; true if they were not.
fn follow(tx: &Transaction<'_>, kept: &mut Kept, object: &ObjectType) -> Result<bool, Error> {
    let tests = tests(tx, &kept.rules, object)?;
    if kept.objects.get(object).map_or(&[][..], Vec::as_slice) == tests {
        return Ok(false);
    }
    tx.execute("DELETE FROM exclusions WHERE object_type = ?", [object.as_str()])?;
    for test in &tests {
        let sql = format!("{} AND {}", insert(object), condition(tx, object, test)?);
        tx.execute(&sql, params![object.as_str(), test.reason, list(&test.values)])?;
    }
    if tests.is_empty() {
        kept.objects.remove(object);
    } else {
        kept.objects.insert(object.clone(), tests);
    }
    Ok(true)
}

/// What the rules mean for a type, by the properties it has.
fn tests(conn: &Connection, rules: &Rules, object: &ObjectType) -> Result<Vec<Test>, Error> {
    let mut tests = Vec::new();
    if object.as_str() == CONTACTS {
        for (reason, sign, values) in
            [("email", Sign::Is, &rules.emails), ("email_domain", Sign::IsAt, &rules.domains)]
        {
            if !values.is_empty() {
                let (reason, values) = (reason.to_owned(), values.clone());
                tests.push(Test { reason, property: EMAIL.to_owned(), sign, values });
            }
        }
    }
    for filter in &rules.filters {
        let is_meant = filter.object.as_ref().is_none_or(|other| other == object);
        // A type without such a property is not meant: it would lose every record.
        let Some(definition) = find_definition(conn, object, &filter.property)?.filter(|_| is_meant) else {
            continue;
        };
        let sign = if definition.field_type == "checkbox" { Sign::HasNot } else { Sign::IsNot };
        tests.push(Test {
            reason: format!("filter:{}", filter.property),
            property: filter.property.clone(),
            sign,
            values: filter.values.clone(),
        });
    }
    Ok(tests)
}

/// The start of a statement that marks live records: ?1 is the type, ?2 the reason. The first reason stays.
fn insert(object: &ObjectType) -> String {
    format!(
        "INSERT OR IGNORE INTO exclusions SELECT ?1, id, ?2 FROM {} WHERE archived = 0",
        quoted(object.as_str())
    )
}

/// The test in SQL; ?3 is the list of its values.
fn condition(conn: &Connection, object: &ObjectType, test: &Test) -> Result<String, Error> {
    let value = expression(conn, object, &test.property)?;
    Ok(match test.sign {
        Sign::Is => format!("lower({value}) IN (SELECT value FROM json_each(?3))"),
        Sign::IsAt => {
            format!(
                "lower(substr({value}, instr({value}, '@') + 1)) IN (SELECT value FROM json_each(?3)) AND instr({value}, '@') > 0"
            )
        }
        // Picked texts are compared without regard to case elsewhere; here, values are HubSpot's own.
        Sign::IsNot => {
            format!("(coalesce({value}, '') COLLATE BINARY) NOT IN (SELECT value FROM json_each(?3))")
        }
        Sign::HasNot => format!(
            "NOT EXISTS (SELECT 1 FROM json_each(?3) j \
             WHERE instr(';' || coalesce({value}, '') || ';', ';' || j.value || ';') > 0)"
        ),
    })
}

/// Where a property's text is read: from its column, which has an index; from where picks are repeated; else from the
/// record.
fn expression(conn: &Connection, object: &ObjectType, property: &str) -> Result<String, Error> {
    let mut statement = conn
        .prepare_cached("SELECT column_name, kind, slot FROM picks WHERE object_type = ? AND property = ?")?;
    let pick = statement.query_row([object.as_str(), property], |row| {
        Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?, row.get::<_, Option<i64>>(2)?))
    });
    let is_text =
        |kind: &str| [ColumnKind::Text, ColumnKind::Option].iter().any(|text| text.as_str() == kind);
    Ok(match pick.optional()? {
        Some((column, kind, _)) if is_text(&kind) => quoted(&column),
        Some((_, _, Some(slot))) => format!("json_extract(picked, '$[{slot}]')"),
        _ => format!("json_extract(properties, {})", literal(&json_path(property))),
    })
}

fn list(values: &[String]) -> String {
    serde_json::to_string(values).expect("texts can be written as JSON")
}

/// Marks the records of one type that are written in one transaction.
pub(crate) struct Marks {
    /// Each a statement, its reason and its values.
    tests: Vec<(String, String, String)>,
    touched: Vec<i64>,
}

impl Marks {
    /// None, where no rule means this type.
    pub(crate) fn open(conn: &Connection, object: &ObjectType) -> Result<Option<Marks>, Error> {
        let Some(tests) = kept(conn)?.and_then(|mut kept| kept.objects.remove(object)) else {
            return Ok(None);
        };
        let tests = tests
            .iter()
            .map(|test| {
                let sql = format!(
                    "{} AND id IN (SELECT value FROM json_each(?4)) AND {}",
                    insert(object),
                    condition(conn, object, test)?
                );
                Ok((sql, test.reason.clone(), list(&test.values)))
            })
            .collect::<Result<_, Error>>()?;
        Ok(Some(Marks { tests, touched: Vec::new() }))
    }

    pub(crate) fn touch(&mut self, id: i64) {
        self.touched.push(id);
    }

    pub(crate) fn close(self, tx: &Transaction<'_>, object: &ObjectType) -> Result<(), Error> {
        if self.touched.is_empty() {
            return Ok(());
        }
        let ids = serde_json::to_string(&self.touched).expect("numbers can be written as JSON");
        tx.prepare_cached(
            "DELETE FROM exclusions WHERE object_type = ? AND id IN (SELECT value FROM json_each(?))",
        )?
        .execute(params![object.as_str(), ids])?;
        for (sql, reason, values) in &self.tests {
            tx.prepare_cached(sql)?.execute(params![object.as_str(), reason, values, ids])?;
        }
        Ok(())
    }
}

impl Reader {
    /// How many records of a type are left out.
    pub fn excluded(&self, object: &ObjectType) -> Result<u64, Error> {
        let mut statement =
            self.conn.prepare_cached("SELECT count(*) FROM exclusions WHERE object_type = ?")?;
        let count: i64 = statement.query_row([object.as_str()], |row| row.get(0))?;
        Ok(count.unsigned_abs())
    }

    /// The rules that hold here.
    pub fn rules(&self) -> Result<Rules, Error> {
        Ok(kept(&self.conn)?.unwrap_or_default().rules)
    }
}
