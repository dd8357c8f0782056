//! Definitions as they are read back: object types, properties, options, picks, labels of owners and stages.

use crm::{ObjectType, PropertyDefinition, PropertyName, PropertyOption};
use rusqlite::{Connection, OptionalExtension, Row};

use crate::{
    Error, ObjectInfo,
    definitions::SENSITIVITIES,
    value::{self, optional_string, string},
};

/// A property with a column of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pick {
    pub property: PropertyName,
    pub label: String,
    /// HubSpot's type: `string`, `number`, `date`, `datetime`, `enumeration`, `bool`, …
    pub kind: String,
    pub field_type: String,
    /// An amount of money.
    pub money: bool,
    /// Agents may see it.
    pub exposed: bool,
    /// The column's name in the object's table.
    pub column: String,
}

pub(crate) fn objects(conn: &Connection) -> Result<Vec<ObjectInfo>, Error> {
    let mut statement = conn.prepare_cached("SELECT * FROM object_types ORDER BY custom, rowid")?;
    let objects = statement.query_map([], object)?.collect::<Result<_, _>>()?;
    Ok(objects)
}

pub(crate) fn find_object(conn: &Connection, name: &ObjectType) -> Result<ObjectInfo, Error> {
    let mut statement = conn.prepare_cached("SELECT * FROM object_types WHERE object_type = ?")?;
    let found = statement.query_row([name.as_str()], object).optional()?;
    found.filter(|found| found.object == *name).ok_or_else(|| Error::UnknownObject(name.clone()))
}

fn object(row: &Row<'_>) -> rusqlite::Result<ObjectInfo> {
    Ok(ObjectInfo {
        object: ObjectType::new(string(row, "object_type")?),
        type_id: string(row, "type_id")?,
        singular: string(row, "singular")?,
        plural: string(row, "plural")?,
        primary_property: optional_string(row, "primary_property")?.map(PropertyName::new),
        custom: row.get("custom")?,
    })
}

/// All definitions of a type, those that have vanished included, in the portal's order.
pub(crate) fn definitions(conn: &Connection, object: &ObjectType) -> Result<Vec<PropertyDefinition>, Error> {
    let mut statement = conn.prepare_cached(
        "SELECT * FROM properties WHERE object_type = ? ORDER BY group_name, display_order, name",
    )?;
    let mut definitions: Vec<PropertyDefinition> =
        statement.query_map([object.as_str()], definition)?.collect::<Result<_, _>>()?;
    let mut options = conn.prepare_cached(
        "SELECT * FROM property_options WHERE object_type = ? AND archived = 0 ORDER BY property, position",
    )?;
    let mut rows = options.query([object.as_str()])?;
    let mut by_property: std::collections::HashMap<String, Vec<PropertyOption>> =
        std::collections::HashMap::new();
    while let Some(row) = rows.next()? {
        let option = PropertyOption {
            value: string(row, "value")?,
            label: string(row, "label")?,
            display_order: row.get("display_order")?,
            hidden: row.get("hidden")?,
        };
        by_property.entry(string(row, "property")?).or_default().push(option);
    }
    for definition in &mut definitions {
        definition.options = by_property.remove(definition.name.as_str()).unwrap_or_default();
    }
    Ok(definitions)
}

/// One definition, without its options.
pub(crate) fn find_definition(
    conn: &Connection,
    object: &ObjectType,
    name: &str,
) -> Result<Option<PropertyDefinition>, Error> {
    let mut statement = conn.prepare_cached("SELECT * FROM properties WHERE object_type = ? AND name = ?")?;
    Ok(statement.query_row([object.as_str(), name], definition).optional()?)
}

fn definition(row: &Row<'_>) -> rusqlite::Result<PropertyDefinition> {
    Ok(PropertyDefinition {
        name: PropertyName::new(string(row, "name")?),
        label: string(row, "label")?,
        kind: string(row, "type")?,
        field_type: string(row, "field_type")?,
        group: optional_string(row, "group_name")?,
        description: optional_string(row, "description")?,
        options: Vec::new(),
        display_order: row.get("display_order")?,
        calculated: row.get("calculated")?,
        external_options: row.get("external_options")?,
        has_unique_value: row.get("has_unique_value")?,
        hidden: row.get("hidden")?,
        hubspot_defined: row.get("hubspot_defined")?,
        read_only_value: row.get("read_only_value")?,
        referenced_object_type: optional_string(row, "referenced_object_type")?,
        currency_property: optional_string(row, "currency_property")?,
        show_currency_symbol: row.get("show_currency_symbol")?,
        sensitivity: value::named(row, "sensitivity", &SENSITIVITIES)?,
        archived: row.get("archived")?,
    })
}

/// Picks in the order in which they were made.
pub(crate) fn picks(conn: &Connection, object: &ObjectType) -> Result<Vec<Pick>, Error> {
    let mut statement = conn.prepare_cached(
        "SELECT p.property, p.column_name, d.exposed, d.label, d.type, d.field_type,
             d.show_currency_symbol OR d.currency_property IS NOT NULL AS money
         FROM picks p JOIN properties d ON d.object_type = p.object_type AND d.name = p.property
         WHERE p.object_type = ? ORDER BY p.position",
    )?;
    let picks = statement.query_map([object.as_str()], |row| {
        let (property, label) = (string(row, "property")?, string(row, "label")?);
        Ok(Pick {
            label: if label.trim().is_empty() { property.clone() } else { label },
            property: PropertyName::new(property),
            kind: string(row, "type")?,
            field_type: string(row, "field_type")?,
            money: row.get("money")?,
            exposed: row.get("exposed")?,
            column: string(row, "column_name")?,
        })
    })?;
    Ok(picks.collect::<Result<_, _>>()?)
}
