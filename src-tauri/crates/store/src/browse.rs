//! Records for people: blocks of a grid, one record's page, and what a record is called.

use std::collections::{HashMap, HashSet};

use crm::{ObjectType, PropertyName, RecordId, Sensitivity, Timestamp};
use rusqlite::{CachedStatement, OptionalExtension, params};

use crate::{
    Cell, Error, Reader, defaults,
    definition_rows::{definitions, find_definition, find_object},
    labels::{Labels, Meaning, field},
    markup,
    names::quoted,
    properties::{self, Fields},
    value,
};

/// A row of a grid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowOut {
    pub id: i64,
    /// Not live any more: archived, merged or erased since the list was made.
    pub gone: bool,
    /// In the order of the asked columns.
    pub cells: Vec<Cell>,
}

/// A record with everything that is stored of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredRecord {
    /// The survivor's id, where the asked one was merged.
    pub id: RecordId,
    pub title: String,
    pub subtitle: Vec<String>,
    pub archived: bool,
    pub archived_at: Option<Timestamp>,
    pub merged_into: Option<RecordId>,
    pub created_at: Option<Timestamp>,
    pub updated_at: Option<Timestamp>,
    pub synced_at: Option<Timestamp>,
    /// Every property that is defined or stored, the empty ones included, in the portal's order.
    pub properties: Vec<StoredProperty>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredProperty {
    pub name: PropertyName,
    pub label: String,
    /// HubSpot's type.
    pub kind: String,
    pub field_type: String,
    pub money: bool,
    /// The group's name, and the heading under which the portal shows it, where that is known.
    pub group: Option<String>,
    pub group_label: Option<String>,
    pub description: Option<String>,
    pub calculated: bool,
    pub sensitive: bool,
    /// It is asked for and kept; otherwise nothing is known of its value.
    pub stored: bool,
    pub cell: Cell,
}

/// The column that shows what a record is called.
const TITLE: &str = "title";
/// Characters of a cell in a grid; a record's page shows all of them.
const CELL_MAX: usize = 300;
const TITLE_MAX: usize = 80;

enum Shown {
    Title,
    Fixed(&'static str),
    Property(Meaning),
}

impl Reader {
    /// Rows in the order of `ids`. Columns are picks or their properties, any other stored property, `title`, `id`,
    /// `created_at`, `updated_at` or `synced_at`. Long texts are cut, with `…` at the end.
    pub fn rows(&self, object: &ObjectType, ids: &[i64], columns: &[String]) -> Result<Vec<RowOut>, Error> {
        let look = self.conn.unchecked_transaction()?;
        let shown = columns.iter().map(|column| self.shown(object, column)).collect::<Result<Vec<_>, _>>()?;
        let naming = Naming::open(self, object)?;
        let mut statement = self.statement(object)?;
        let mut rows = Vec::with_capacity(ids.len());
        for id in ids {
            let Some(row) = fetch(&mut statement, *id)? else {
                rows.push(RowOut { id: *id, gone: true, cells: vec![Cell::default(); columns.len()] });
                continue;
            };
            let fields = properties::fields(&row.properties);
            let cells = shown
                .iter()
                .map(|shown| match shown {
                    Shown::Title => Ok(plain_cell(naming.title(*id, &fields))),
                    Shown::Fixed(column) => Ok(Cell { text: row.fixed(column), ..Cell::default() }),
                    Shown::Property(meaning) => Ok(cut(naming.labels.cell(meaning, &fields)?)),
                })
                .collect::<Result<_, Error>>()?;
            rows.push(RowOut { id: *id, gone: row.archived, cells });
        }
        drop(look);
        Ok(rows)
    }

    /// One record; a merged one answers as its survivor.
    pub fn record(&self, object: &ObjectType, id: RecordId) -> Result<Option<StoredRecord>, Error> {
        let look = self.conn.unchecked_transaction()?;
        let naming = Naming::open(self, object)?;
        let mut statement = self.statement(object)?;
        let id = self.survivor(object, id)?;
        let Some(row) = fetch(&mut statement, id.get())? else { return Ok(None) };
        let mut fields = properties::fields(&row.properties);
        let (title, subtitle) = (naming.title(id.get(), &fields), naming.subtitle(&fields)?);
        let mut stored = Vec::new();
        let groups = self.group_labels(object)?;
        let kept: HashSet<PropertyName> = self.stored_properties(object)?.into_iter().collect();
        for definition in definitions(&self.conn, object)? {
            let cell = naming.labels.cell(&Meaning::of(object, &definition), &fields)?;
            if definition.archived && cell.text.is_none() {
                continue;
            }
            stored.push(StoredProperty {
                label: if definition.label.trim().is_empty() {
                    definition.name.to_string()
                } else {
                    definition.label
                },
                money: definition.show_currency_symbol || definition.currency_property.is_some(),
                kind: definition.kind,
                field_type: definition.field_type,
                group_label: definition.group.as_ref().and_then(|group| groups.get(group).cloned()),
                group: definition.group,
                description: definition.description.filter(|text| !text.is_empty()),
                calculated: definition.calculated,
                sensitive: definition.sensitivity != Sensitivity::NonSensitive,
                stored: kept.contains(&definition.name),
                cell,
                name: definition.name,
            });
        }
        fields.retain(|(name, _)| !stored.iter().any(|property| property.name.as_str() == name));
        for (name, _) in &fields {
            stored.push(StoredProperty {
                name: PropertyName::new(name.as_ref()),
                label: name.to_string(),
                kind: "string".to_owned(),
                field_type: "text".to_owned(),
                money: false,
                group: None,
                description: None,
                calculated: false,
                sensitive: false,
                stored: true,
                group_label: None,
                cell: naming.labels.cell(&Meaning::unknown(name), &fields)?,
            });
        }
        drop(look);
        Ok(Some(StoredRecord {
            id,
            title,
            subtitle,
            archived: row.archived,
            archived_at: row.archived_at.as_deref().and_then(|text| text.parse().ok()),
            merged_into: row.merged_into.and_then(RecordId::new),
            created_at: row.created_at.as_deref().and_then(|text| text.parse().ok()),
            updated_at: row.updated_at.parse().ok(),
            synced_at: row.synced_at.parse().ok(),
            properties: stored,
        }))
    }

    /// What records are called, in the order of `ids`; none where there is no row.
    pub fn title(&self, object: &ObjectType, ids: &[i64]) -> Result<Vec<Option<String>>, Error> {
        let naming = Naming::open(self, object)?;
        let mut statement = self.statement(object)?;
        let title = |id: &i64| {
            let row = fetch(&mut statement, *id)?;
            Ok(row.map(|row| naming.title(*id, &properties::fields(&row.properties))))
        };
        ids.iter().map(title).collect()
    }

    fn shown(&self, object: &ObjectType, column: &str) -> Result<Shown, Error> {
        let fixed = ["id", "created_at", "updated_at", "synced_at"];
        if let Some(fixed) = fixed.into_iter().find(|fixed| *fixed == column) {
            return Ok(Shown::Fixed(fixed));
        }
        let picked: Option<String> = self
            .conn
            .prepare_cached("SELECT property FROM picks WHERE object_type = ? AND column_name = ?")?
            .query_row([object.as_str(), column], |row| row.get(0))
            .optional()?;
        if picked.is_none() && column == TITLE {
            return Ok(Shown::Title);
        }
        let property = picked.as_deref().unwrap_or(column);
        let definition = find_definition(&self.conn, object, property)?;
        Ok(Shown::Property(match definition {
            Some(definition) => Meaning::of(object, &definition),
            None => Meaning::unknown(property),
        }))
    }

    fn group_labels(&self, object: &ObjectType) -> Result<HashMap<String, String>, Error> {
        let mut statement =
            self.conn.prepare_cached("SELECT name, label FROM property_groups WHERE object_type = ?")?;
        let labels = statement.query_map([object.as_str()], |row| {
            Ok((value::string(row, "name")?, value::string(row, "label")?))
        })?;
        Ok(labels.collect::<Result<_, _>>()?)
    }

    pub(crate) fn survivor(&self, object: &ObjectType, id: RecordId) -> Result<RecordId, Error> {
        let mut statement =
            self.conn.prepare_cached("SELECT id FROM merged_ids WHERE object_type = ? AND old_id = ?")?;
        let survivor = statement.query_row(params![object.as_str(), id.get()], value::id).optional()?;
        Ok(survivor.unwrap_or(id))
    }

    pub(crate) fn statement(&self, object: &ObjectType) -> Result<CachedStatement<'_>, Error> {
        Ok(self.conn.prepare_cached(&format!(
            "SELECT created_at, updated_at, archived, archived_at, merged_into, synced_at, properties
             FROM {} WHERE id = ?",
            quoted(object.as_str())
        ))?)
    }
}

pub(crate) struct Row {
    id: i64,
    created_at: Option<String>,
    updated_at: String,
    pub(crate) archived: bool,
    archived_at: Option<String>,
    merged_into: Option<i64>,
    synced_at: String,
    pub(crate) properties: String,
}

impl Row {
    fn fixed(&self, column: &str) -> Option<String> {
        match column {
            "id" => Some(self.id.to_string()),
            "created_at" => self.created_at.clone(),
            "updated_at" => Some(self.updated_at.clone()),
            _ => Some(self.synced_at.clone()),
        }
    }
}

pub(crate) fn fetch(statement: &mut CachedStatement<'_>, id: i64) -> Result<Option<Row>, Error> {
    let row = statement.query_row([id], |row| {
        Ok(Row {
            id,
            created_at: value::optional_string(row, "created_at")?,
            updated_at: value::string(row, "updated_at")?,
            archived: row.get("archived")?,
            archived_at: value::optional_string(row, "archived_at")?,
            merged_into: row.get("merged_into")?,
            synced_at: value::string(row, "synced_at")?,
            properties: value::string(row, "properties")?,
        })
    });
    Ok(row.optional()?)
}

/// What records of one type are called.
pub(crate) struct Naming<'r> {
    labels: Labels<'r>,
    singular: String,
    primary: Option<String>,
    under: Vec<Meaning>,
    object: &'r ObjectType,
}

impl<'r> Naming<'r> {
    pub(crate) fn open(reader: &'r Reader, object: &'r ObjectType) -> Result<Naming<'r>, Error> {
        let info = find_object(&reader.conn, object)?;
        let mut under = Vec::new();
        for name in defaults::of(object).subtitle {
            if let Some(definition) = find_definition(&reader.conn, object, name)? {
                under.push(Meaning::of(object, &definition));
            }
        }
        Ok(Naming {
            labels: Labels::open(&reader.conn, object)?,
            singular: info.singular,
            primary: info.primary_property.map(|name| name.to_string()),
            under,
            object,
        })
    }

    pub(crate) fn title(&self, id: i64, fields: &Fields<'_>) -> String {
        let primary = self.primary.as_deref().map(|name| vec![name]).into_iter();
        let groups = defaults::of(self.object).title.iter().map(|group| group.to_vec());
        // The portal's own choice counts for custom objects; for HubSpot's types it is one part of the name.
        let groups: Vec<Vec<&str>> = if defaults::is_known(self.object) {
            groups.chain(primary).collect()
        } else {
            primary.chain(groups).collect()
        };
        for group in groups {
            let parts: Vec<String> = group
                .iter()
                .filter_map(|name| field(fields, name))
                .map(|text| markup::plain(&text).trim().to_owned())
                .filter(|text| !text.is_empty())
                .collect();
            if !parts.is_empty() {
                return markup::short(&parts.join(" "), TITLE_MAX);
            }
        }
        format!("{} {id}", self.singular)
    }

    pub(crate) fn subtitle(&self, fields: &Fields<'_>) -> Result<Vec<String>, Error> {
        let mut lines = Vec::new();
        for meaning in &self.under {
            let cell = self.labels.cell(meaning, fields)?;
            if let Some(text) = cell.text {
                let text = if meaning.is_time() { text.chars().take(10).collect() } else { text };
                let text = cell.currency.map_or(text.clone(), |code| format!("{text} {code}"));
                lines.push(markup::short(&text, TITLE_MAX));
            }
        }
        Ok(lines)
    }
}

fn plain_cell(text: String) -> Cell {
    Cell { text: Some(text), ..Cell::default() }
}

/// A grid shows one line: the rest of a long text would only be carried about.
fn cut(cell: Cell) -> Cell {
    let long = |text: &Option<String>| text.as_ref().is_some_and(|text| text.len() > CELL_MAX);
    if long(&cell.text) || long(&cell.raw) {
        Cell { text: cell.text.map(|text| markup::short(&text, CELL_MAX)), raw: None, ..cell }
    } else {
        cell
    }
}
