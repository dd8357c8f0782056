//! Picked properties: typed columns that are worked out from `properties` when they are read, and the view that shows
//! them under their labels.
//!
//! A row repeats the properties that were picked before the first record came, some hundred bytes, as a JSON array in
//! the column `picked`: reading them there costs a tenth of looking through all properties. What is picked later is
//! read from `properties`. A pick never rewrites a record. Everything in the schema is built from SQLite's own functions, so that any SQLite
//! shell can read it.

use crm::{ObjectType, PropertyDefinition, PropertyName};
use rusqlite::{Connection, OptionalExtension, Transaction, params};

use crate::{
    Error, Writer, defaults,
    definition_rows::{Pick, definitions, find_object, picks},
    names::{column_name, json_path, literal, quoted, view_names},
    stored,
    writer::known,
};

/// `SQLite` allows 2,000 columns; a table wider than this is no help to anyone.
pub const PICKS_MAX: usize = 500;

/// How a property's text becomes a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ColumnKind {
    /// Compared without regard to the case of ASCII letters.
    Text,
    /// One of a property's options, or several of them; compared exactly.
    Option,
    Number,
    Bool,
    Date,
    DateTime,
}

impl ColumnKind {
    pub(crate) fn of(kind: &str, field_type: &str) -> ColumnKind {
        match (kind, field_type) {
            ("number", _) => ColumnKind::Number,
            ("bool", _) | ("enumeration", "booleancheckbox") => ColumnKind::Bool,
            ("date", _) => ColumnKind::Date,
            ("datetime", _) => ColumnKind::DateTime,
            ("enumeration", _) => ColumnKind::Option,
            _ => ColumnKind::Text,
        }
    }

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            ColumnKind::Text => "text",
            ColumnKind::Option => "option",
            ColumnKind::Number => "number",
            ColumnKind::Bool => "bool",
            ColumnKind::Date => "date",
            ColumnKind::DateTime => "datetime",
        }
    }

    /// The declared type and the expression of the column. What does not fit its type is null there; the text stays in
    /// `properties`.
    fn column(self, slot: Option<i64>, property: &str) -> (&'static str, String) {
        let value = match slot {
            Some(slot) => format!("json_extract(picked, '$[{slot}]')"),
            None => format!("json_extract(properties, {})", literal(&json_path(property))),
        };
        // Dates are HubSpot's ISO texts, or milliseconds since 1970. Other texts must not reach SQLite's date
        // functions: they know words such as `now`, which have no place in a column.
        let iso = format!("{value} GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*'");
        let number = format!("CAST({value} AS NUMERIC) = {value}");
        match self {
            ColumnKind::Text => ("TEXT COLLATE NOCASE", value),
            ColumnKind::Option => ("TEXT", value),
            ColumnKind::Number => ("NUMERIC", format!("CASE WHEN {number} THEN {value} END")),
            ColumnKind::Bool => (
                "INTEGER",
                format!(
                    "CASE {value} WHEN 'true' THEN 1 WHEN 'false' THEN 0 WHEN 1 THEN 1 WHEN 0 THEN 0 END"
                ),
            ),
            ColumnKind::Date => (
                "TEXT",
                format!(
                    "CASE WHEN {iso} THEN date({value}) WHEN {number} THEN date({value} / 1000.0, 'unixepoch') END"
                ),
            ),
            ColumnKind::DateTime => {
                let format = "'%Y-%m-%dT%H:%M:%fZ'";
                let (text, millis) = (
                    format!("strftime({format}, {value})"),
                    format!("strftime({format}, {value} / 1000.0, 'unixepoch')"),
                );
                ("TEXT", format!("CASE WHEN {iso} THEN {text} WHEN {number} THEN {millis} END"))
            }
        }
    }
}

impl Writer {
    /// Gives properties columns of their own, at once. What is picked is stored: the answer names the properties that were
    /// not, and whose values are still to be fetched. The indexes are built by [`Writer::index_step`].
    pub fn pick(&mut self, object: &ObjectType, names: &[PropertyName]) -> Result<Vec<PropertyName>, Error> {
        let tx = self.begin()?;
        known(&tx, object)?;
        let newly = stored::switch_on(&tx, object, names)?;
        let here = picks(&tx, object)?;
        for name in names.iter().filter(|name| here.iter().all(|pick| pick.property != **name)) {
            let definition = stored::defined(&tx, object, name)?;
            add(&tx, object, &definition, slot(&tx, object, &definition)?)?;
        }
        rebuild_view(&tx, object)?;
        tx.commit()?;
        Ok(newly)
    }

    /// Takes the columns away again. The values stay in `properties`.
    pub fn drop_picks(&mut self, object: &ObjectType, names: &[PropertyName]) -> Result<(), Error> {
        let tx = self.begin()?;
        known(&tx, object)?;
        drop_view(&tx, object)?;
        for name in names {
            remove(&tx, object, name.as_str())?;
        }
        rebuild_view(&tx, object)?;
        Ok(tx.commit()?)
    }
}

/// After new definitions: the default picks, the first time; columns of properties whose type has changed; the view.
pub(crate) fn follow_definitions(tx: &Transaction<'_>, object: &ObjectType) -> Result<(), Error> {
    let defined = definitions(tx, object)?;
    let find = |name: &str| defined.iter().find(|definition| definition.name.as_str() == name);
    let first: bool = !tx
        .prepare_cached("SELECT 1 FROM object_types WHERE object_type = ? AND picked = 1")?
        .exists([object.as_str()])?;
    if first && !defined.is_empty() {
        let primary = find_object(tx, object)?.primary_property;
        let names =
            primary.iter().map(PropertyName::as_str).chain(defaults::of(object).picks.iter().copied());
        let here = picks(tx, object)?;
        let mut done: Vec<&str> = here.iter().map(|pick| pick.property.as_str()).collect();
        for name in names {
            if done.contains(&name) || !stored::is_stored(tx, object, name)? {
                continue;
            }
            if let Some(definition) = find(name) {
                add(tx, object, definition, slot(tx, object, definition)?)?;
                done.push(name);
            }
        }
        tx.execute("UPDATE object_types SET picked = 1 WHERE object_type = ?", [object.as_str()])?;
    }
    let kinds = {
        let mut statement =
            tx.prepare_cached("SELECT property, kind, slot FROM picks WHERE object_type = ?")?;
        let rows = statement.query_map([object.as_str()], |row| {
            Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?, row.get(2)?))
        })?;
        rows.collect::<Result<Vec<_>, _>>()?
    };
    for (property, kind, slot) in kinds {
        let Some(definition) = find(&property) else { continue };
        if ColumnKind::of(&definition.kind, &definition.field_type).as_str() != kind {
            drop_view(tx, object)?;
            remove(tx, object, &property)?;
            add(tx, object, definition, slot)?;
        }
    }
    rebuild_view(tx, object)
}

/// The name of the index over a column of an object's table.
pub(crate) fn index_name(object: &ObjectType, column: &str) -> String {
    format!("{object}${column}")
}

/// Properties that every row repeats in `picked`, by their slots. A slot that was given up has no name.
pub(crate) fn repeated(conn: &Connection, object: &ObjectType) -> Result<Vec<String>, Error> {
    let mut statement = conn.prepare_cached(
        "SELECT slot, property FROM picks WHERE object_type = ? AND slot IS NOT NULL ORDER BY slot",
    )?;
    let mut names = Vec::new();
    let mut rows = statement.query([object.as_str()])?;
    while let Some(row) = rows.next()? {
        let slot = row.get::<_, u32>(0)? as usize;
        names.resize(slot, String::new());
        names.push(row.get(1)?);
    }
    Ok(names)
}

/// A place in `picked` for a new column; none when rows are already here that do not repeat the property.
fn slot(
    conn: &Connection,
    object: &ObjectType,
    definition: &PropertyDefinition,
) -> Result<Option<i64>, Error> {
    let is_empty = !conn.prepare(&format!("SELECT 1 FROM {} LIMIT 1", quoted(object.as_str())))?.exists([])?;
    if !is_empty || is_long(&definition.field_type) {
        return Ok(None);
    }
    let mut next =
        conn.prepare_cached("SELECT coalesce(max(slot) + 1, 0) FROM picks WHERE object_type = ?")?;
    Ok(Some(next.query_row([object.as_str()], |row| row.get(0))?))
}

/// Texts of many lines: not repeated, not sorted by.
pub(crate) fn is_long(field_type: &str) -> bool {
    matches!(field_type, "textarea" | "html")
}

fn add(
    tx: &Transaction<'_>,
    object: &ObjectType,
    definition: &PropertyDefinition,
    slot: Option<i64>,
) -> Result<(), Error> {
    let here = picks(tx, object)?;
    if here.len() >= PICKS_MAX {
        return Err(Error::TooManyPicks { object: object.clone(), most: PICKS_MAX });
    }
    let name = definition.name.as_str();
    let column = column_name(name, here.iter().map(|pick| pick.column.as_str()));
    let kind = ColumnKind::of(&definition.kind, &definition.field_type);
    let (declared, expression) = kind.column(slot, name);
    tx.execute_batch(&format!(
        "ALTER TABLE {} ADD COLUMN {} {declared} GENERATED ALWAYS AS ({expression}) VIRTUAL",
        quoted(object.as_str()),
        quoted(&column),
    ))?;
    tx.execute(
        "INSERT INTO picks (object_type, property, column_name, kind, slot, position)
         SELECT ?1, ?2, ?3, ?4, ?5, coalesce(max(position) + 1, 0) FROM picks WHERE object_type = ?1",
        params![object.as_str(), name, column, kind.as_str(), slot],
    )?;
    Ok(())
}

/// Takes a column away; the view must not be there.
pub(crate) fn remove(tx: &Transaction<'_>, object: &ObjectType, property: &str) -> Result<(), Error> {
    let column: Option<String> = tx
        .query_row(
            "SELECT column_name FROM picks WHERE object_type = ? AND property = ?",
            [object.as_str(), property],
            |row| row.get(0),
        )
        .optional()?;
    let Some(column) = column else { return Ok(()) };
    tx.execute_batch(&format!(
        "DROP INDEX IF EXISTS {}; ALTER TABLE {} DROP COLUMN {};",
        quoted(&index_name(object, &column)),
        quoted(object.as_str()),
        quoted(&column)
    ))?;
    tx.execute("DELETE FROM picks WHERE object_type = ? AND property = ?", [object.as_str(), property])?;
    Ok(())
}

fn view_name(conn: &Connection, object: &ObjectType) -> Result<String, Error> {
    let mut statement = conn.prepare_cached("SELECT view_name FROM object_types WHERE object_type = ?")?;
    Ok(statement.query_row([object.as_str()], |row| row.get(0))?)
}

pub(crate) fn drop_view(tx: &Transaction<'_>, object: &ObjectType) -> Result<(), Error> {
    Ok(tx.execute_batch(&format!("DROP VIEW IF EXISTS {}", quoted(&view_name(tx, object)?)))?)
}

/// Brings the view up to date. An unchanged view is left alone: a change of schema costs every reader something.
pub(crate) fn rebuild_view(tx: &Transaction<'_>, object: &ObjectType) -> Result<(), Error> {
    let name = view_name(tx, object)?;
    let sql = view_sql(&name, object, &picks(tx, object)?, &owner_properties(tx, object)?);
    let now: Option<String> = tx
        .prepare_cached("SELECT sql FROM sqlite_schema WHERE type = 'view' AND name = ?")?
        .query_row([&name], |row| row.get(0))
        .optional()?;
    if now.as_deref() != Some(&sql) {
        drop_view(tx, object)?;
        tx.execute_batch(&sql)?;
    }
    Ok(())
}

/// Properties whose values are ids of owners.
fn owner_properties(conn: &Connection, object: &ObjectType) -> Result<Vec<String>, Error> {
    let mut statement = conn.prepare_cached(
        "SELECT name FROM properties
         WHERE object_type = ? AND (referenced_object_type = 'OWNER' OR name = 'hubspot_owner_id')",
    )?;
    let names = statement.query_map([object.as_str()], |row| row.get(0))?.collect::<Result<_, _>>()?;
    Ok(names)
}

fn view_sql(name: &str, object: &ObjectType, picks: &[Pick], owners: &[String]) -> String {
    const FIXED: [&str; 4] = ["id", "created_at", "updated_at", "excluded"];
    let labels = picks.iter().map(|pick| (pick.label.as_str(), pick.property.as_str()));
    let names = view_names(labels, &FIXED);
    let columns = picks.iter().zip(&names).map(|(pick, name)| {
        let is_owner = owners.iter().any(|owner| owner == pick.property.as_str());
        format!(",\n    {} AS {}", shown(object, pick, is_owner, picks), quoted(name))
    });
    // The view is whole; whoever derives something from it leaves out what has a reason here.
    let excluded = format!(
        "(SELECT x.reason FROM exclusions x WHERE x.object_type = {} AND x.id = t.id)",
        literal(object.as_str())
    );
    format!(
        "CREATE VIEW {} AS\nSELECT t.id{},\n    t.created_at,\n    t.updated_at,\n    {excluded} AS excluded\n\
         FROM {} t\nWHERE t.archived = 0",
        quoted(name),
        columns.collect::<String>(),
        quoted(object.as_str()),
    )
}

/// The expression for a column of the view: ids of owners, stages and options become their labels.
fn shown(object: &ObjectType, pick: &Pick, is_owner: bool, picks: &[Pick]) -> String {
    let column = format!("t.{}", quoted(&pick.column));
    let (table, property) = (literal(object.as_str()), literal(pick.property.as_str()));
    let option = format!(
        "(SELECT o.label FROM property_options o \
         WHERE o.object_type = {table} AND o.property = {property} AND o.value = {column})"
    );
    let own = defaults::of(object);
    if is_owner {
        format!("coalesce((SELECT o.name FROM owners o WHERE o.id = {column}), {column})")
    } else if own.pipeline == Some(pick.property.as_str()) {
        let pipeline =
            format!("(SELECT p.label FROM pipelines p WHERE p.object_type = {table} AND p.id = {column})");
        format!("coalesce({pipeline}, {option}, {column})")
    } else if own.stage == Some(pick.property.as_str()) {
        let pipeline = own.pipeline.unwrap_or_default();
        let pipeline = match picks.iter().find(|pick| pick.property.as_str() == pipeline) {
            Some(pick) => format!("t.{}", quoted(&pick.column)),
            None => format!("json_extract(t.properties, {})", literal(&json_path(pipeline))),
        };
        let stage = format!(
            "(SELECT s.label FROM stages s WHERE s.object_type = {table} AND s.id = {column} \
             ORDER BY s.pipeline_id = {pipeline} DESC LIMIT 1)"
        );
        format!("coalesce({stage}, {option}, {column})")
    } else if ColumnKind::of(&pick.kind, &pick.field_type) != ColumnKind::Option {
        column
    } else if pick.field_type == "checkbox" {
        // `a;b` becomes the JSON array ["a","b"], and that the list of its labels.
        format!(
            "(SELECT group_concat(coalesce(o.label, v.value), '; ') \
             FROM json_each('[' || replace(json_quote({column}), ';', '\",\"') || ']') v \
             LEFT JOIN property_options o ON o.object_type = {table} AND o.property = {property} AND o.value = v.value \
             WHERE {column} IS NOT NULL)"
        )
    } else {
        format!("coalesce({option}, {column})")
    }
}
