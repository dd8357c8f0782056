//! Which properties are asked for and kept (stored) and which of them agents may see (exposed). A column of its own
//! (picked) is the third thing, and lies in `picks`.
//!
//! Switching a property off takes its values out of the rows, in steps: kept, they would grow old without anyone seeing
//! it. Switching one on only asks for it from now on; the caller has the values of old records fetched.

use std::{borrow::Cow, collections::HashMap};

use crm::{ObjectType, PropertyDefinition, PropertyName, Timestamp};
use rusqlite::{Connection, OptionalExtension, params};

use crate::{
    Asked, Error, PropertyStatistics, Reader, Writer,
    defaults::{self, Defaults},
    definition_rows::{definitions, find_definition, find_object},
    fulltext::{self, Words},
    labels::{Labels, Meaning},
    names::quoted,
    picks, properties, value,
    writer::{checkpoint, known},
};

/// What becomes of a property that the portal has made since the last look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum NewProperties {
    /// Stored, unless it is sensitive.
    #[default]
    Store,
    /// Known by name, and left until somebody switches it on.
    Leave,
}

/// Without these a copy can be neither brought up to date nor proved; they cannot be switched off.
const ALWAYS: [&str; 6] = [
    "hs_object_id",
    "createdate",
    "hs_createdate",
    "lastmodifieddate",
    "hs_lastmodifieddate",
    "hs_merged_object_ids",
];

/// Whether a property has to be stored.
pub fn is_always_stored(property: &str) -> bool {
    ALWAYS.contains(&property)
}

/// A property with all that was chosen about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PropertyChoice {
    pub definition: PropertyDefinition,
    pub stored: bool,
    /// Agents may see it.
    pub exposed: bool,
    /// The name of its column, when it is picked.
    pub column: Option<String>,
    /// The heading under which the portal shows it, where that is known.
    pub group_label: Option<String>,
    /// Old records have yet to get its values.
    pub refilling: bool,
    /// What the copy itself uses it for: `title`, `subtitle`, `find`, `view`.
    pub used: Vec<&'static str>,
    /// What its values look like and when that was counted; options and owners in the samples by their labels.
    pub statistics: Option<(PropertyStatistics, Timestamp)>,
}

impl Reader {
    /// All properties of a type, those that have vanished included, in the portal's order.
    pub fn property_choices(&self, object: &ObjectType) -> Result<Vec<PropertyChoice>, Error> {
        let look = self.conn.unchecked_transaction()?;
        known(&self.conn, object)?;
        let mut statement = self.conn.prepare_cached(
            "SELECT d.name, d.stored, d.exposed, d.refill, p.column_name, g.label AS group_label FROM properties d
             LEFT JOIN picks p ON p.object_type = d.object_type AND p.property = d.name
             LEFT JOIN property_groups g ON g.object_type = d.object_type AND g.name = d.group_name
             WHERE d.object_type = ?",
        )?;
        let mut chosen = HashMap::new();
        let mut rows = statement.query([object.as_str()])?;
        while let Some(row) = rows.next()? {
            let choice: (bool, bool, bool) = (row.get("stored")?, row.get("exposed")?, row.get("refill")?);
            let words =
                (value::optional_string(row, "column_name")?, value::optional_string(row, "group_label")?);
            chosen.insert(value::string(row, "name")?, (choice, words));
        }
        let mut statistics: HashMap<String, _> = self
            .property_statistics(object)?
            .into_iter()
            .map(|(found, at)| (found.property.clone(), (found, at)))
            .collect();
        let uses = Uses::of(&self.conn, object)?;
        let labels = Labels::open(&self.conn, object)?;
        let mut choices = Vec::with_capacity(chosen.len());
        for definition in definitions(&self.conn, object)? {
            let name = definition.name.as_str();
            let ((stored, exposed, refilling), (column, group_label)) =
                chosen.remove(name).unwrap_or_default();
            let mut found = statistics.remove(name);
            let meaning = Meaning::of(object, &definition);
            for sample in found.iter_mut().flat_map(|(found, _)| &mut found.samples) {
                let raw = serde_json::to_string(&sample.value).expect("a text can be written as JSON");
                let fields = vec![(Cow::Borrowed(name), raw.as_str())];
                if let Some(text) = labels.cell(&meaning, &fields)?.text {
                    sample.value = text;
                }
            }
            choices.push(PropertyChoice {
                used: uses.of_property(name, column.is_some()),
                stored,
                exposed,
                column,
                group_label,
                refilling,
                statistics: found,
                definition,
            });
        }
        drop(rows);
        drop(statement);
        drop(look);
        Ok(choices)
    }

    /// Properties of a type whose values old records have yet to get.
    pub fn refills(&self, object: &ObjectType) -> Result<Vec<PropertyName>, Error> {
        Ok(refilling(&self.conn, object)?.into_iter().map(PropertyName::new).collect())
    }

    /// The properties to ask for: stored ones that the portal has, in its order.
    pub fn stored_properties(&self, object: &ObjectType) -> Result<Vec<PropertyName>, Error> {
        let mut statement = self.conn.prepare_cached(
            "SELECT name FROM properties WHERE object_type = ? AND stored = 1 AND archived = 0
             ORDER BY group_name, display_order, name",
        )?;
        let names = statement.query_map([object.as_str()], |row| value::string(row, "name"))?;
        names.map(|name| Ok(PropertyName::new(name?))).collect()
    }
}

/// What the copy uses properties for by itself.
struct Uses {
    defaults: &'static Defaults,
    primary: Option<PropertyName>,
    found: Vec<String>,
}

impl Uses {
    fn of(conn: &Connection, object: &ObjectType) -> Result<Uses, Error> {
        let primary = find_object(conn, object)?.primary_property;
        Ok(Uses { defaults: defaults::of(object), primary, found: fulltext::covered(conn, object)? })
    }

    fn of_property(&self, name: &str, is_picked: bool) -> Vec<&'static str> {
        let is_title = self.defaults.title.iter().any(|group| group.contains(&name))
            || self.primary.as_ref().is_some_and(|primary| primary.as_str() == name);
        let uses = [
            ("title", is_title),
            ("subtitle", self.defaults.subtitle.contains(&name)),
            ("find", self.found.iter().any(|found| found == name)),
            ("view", is_picked),
        ];
        uses.into_iter().filter(|(_, is_so)| *is_so).map(|(what, _)| what).collect()
    }
}

impl Writer {
    /// Old records are to get the values of these properties by a reading of their own: they were switched on late, or
    /// HubSpot refused them for a time.
    pub fn want_refill(&mut self, object: &ObjectType, names: &[PropertyName]) -> Result<(), Error> {
        self.set_refill(object, names, true)
    }

    /// Every record here has the values of these properties.
    pub fn refilled(&mut self, object: &ObjectType, names: &[PropertyName]) -> Result<(), Error> {
        self.set_refill(object, names, false)
    }

    fn set_refill(&mut self, object: &ObjectType, names: &[PropertyName], on: bool) -> Result<(), Error> {
        let tx = self.begin()?;
        for name in names {
            tx.prepare_cached("UPDATE properties SET refill = ? WHERE object_type = ? AND name = ?")?
                .execute(params![on, object.as_str(), name.as_str()])?;
        }
        Ok(tx.commit()?)
    }

    /// Asks for these properties from now on. Gives back those that were not asked for until now: old records lack them.
    pub fn store_properties(
        &mut self,
        object: &ObjectType,
        names: &[PropertyName],
    ) -> Result<Vec<PropertyName>, Error> {
        let tx = self.begin()?;
        known(&tx, object)?;
        let newly = switch_on(&tx, object, names)?;
        tx.commit()?;
        Ok(newly)
    }

    /// Asks for these properties no more: their columns, statistics and history go at once, their values by
    /// [`Writer::strip_step`]. Those that must be stored are refused ([`Error::AlwaysStored`]).
    pub fn drop_properties(&mut self, object: &ObjectType, names: &[PropertyName]) -> Result<(), Error> {
        let tx = self.begin()?;
        known(&tx, object)?;
        picks::drop_view(&tx, object)?;
        for name in names {
            let definition = defined(&tx, object, name)?;
            if is_always_stored(definition.name.as_str()) {
                return Err(Error::AlwaysStored { object: object.clone(), property: name.to_string() });
            }
            let key = params![object.as_str(), name.as_str()];
            picks::remove(&tx, object, name.as_str())?;
            for sql in [
                "UPDATE properties SET stored = 0, exposed = 0, refill = 0 WHERE object_type = ? AND name = ?",
                "DELETE FROM property_statistics WHERE object_type = ? AND property = ?",
                "DELETE FROM history WHERE object_type = ? AND property = ?",
            ] {
                tx.execute(sql, key)?;
            }
        }
        picks::rebuild_view(&tx, object)?;
        tx.execute(
            "INSERT OR REPLACE INTO checkpoints (key, value, saved_at) VALUES (?, '0', '')",
            [strip_key(object)],
        )?;
        Ok(tx.commit()?)
    }

    /// Agents may see these properties, or may not. What they may see is stored.
    pub fn expose_properties(
        &mut self,
        object: &ObjectType,
        names: &[PropertyName],
        exposed: bool,
    ) -> Result<Vec<PropertyName>, Error> {
        let tx = self.begin()?;
        known(&tx, object)?;
        let newly = if exposed { switch_on(&tx, object, names)? } else { Vec::new() };
        expose(&tx, object, names, exposed)?;
        tx.commit()?;
        Ok(newly)
    }

    /// Takes values of properties that are not stored out of the next rows; true when none are left. It can be cut
    /// anywhere, and goes on where it was.
    pub fn strip_step(&mut self, object: &ObjectType, rows_max: usize) -> Result<bool, Error> {
        let tx = self.begin()?;
        known(&tx, object)?;
        let Some(past) = checkpoint(&tx, &strip_key(object))? else { return Ok(true) };
        let past: i64 = past.parse().unwrap_or(0);
        let unwanted = unstored(&tx, object)?;
        let table = quoted(object.as_str());
        let mut rows: Vec<(i64, bool, String)> = {
            let mut statement = tx.prepare_cached(&format!(
                "SELECT id, archived, properties FROM {table} WHERE id > ? ORDER BY id LIMIT ?"
            ))?;
            let limit = i64::try_from(rows_max.max(1)).unwrap_or(i64::MAX);
            let rows = statement.query_map(params![past, limit], |row| {
                Ok((row.get(0)?, row.get(1)?, value::string(row, "properties")?))
            })?;
            rows.collect::<Result<_, _>>()?
        };
        let done = rows.len() < rows_max.max(1);
        let last = rows.last().map_or(past, |row| row.0);
        rows.retain(|(_, _, text)| properties::fields(text).iter().any(|(name, _)| is_in(&unwanted, name)));
        let repeated = picks::repeated(&tx, object)?;
        {
            let mut words = Words::open(&tx, object)?;
            let mut update =
                tx.prepare_cached(&format!("UPDATE {table} SET properties = ?2, picked = ?3 WHERE id = ?1"))?;
            for (id, archived, text) in &rows {
                let kept = properties::merged(text, "{}", Asked::Only(&unwanted));
                let picked = properties::excerpt(&kept, &repeated).unwrap_or_default();
                update.execute(params![id, kept, picked])?;
                if let Some(words) = words.as_mut().filter(|_| !archived) {
                    words.follow(*id, Some(text), Some(&kept))?;
                }
            }
        }
        tx.execute(
            "UPDATE object_types SET changes = changes + ? WHERE object_type = ?",
            params![i64::try_from(rows.len()).unwrap_or(i64::MAX), object.as_str()],
        )?;
        if done {
            tx.execute("DELETE FROM checkpoints WHERE key = ?", [strip_key(object)])?;
        } else {
            tx.execute(
                "UPDATE checkpoints SET value = ? WHERE key = ?",
                params![last.to_string(), strip_key(object)],
            )?;
        }
        tx.commit()?;
        Ok(done)
    }
}

fn strip_key(object: &ObjectType) -> String {
    format!("strip:{object}")
}

fn is_in(names: &[PropertyName], name: &str) -> bool {
    names.iter().any(|other| other.as_str() == name)
}

/// Properties that are known and not stored.
fn unstored(conn: &Connection, object: &ObjectType) -> Result<Vec<PropertyName>, Error> {
    let mut statement =
        conn.prepare_cached("SELECT name FROM properties WHERE object_type = ? AND stored = 0")?;
    let names = statement.query_map([object.as_str()], |row| value::string(row, "name"))?;
    names.map(|name| Ok(PropertyName::new(name?))).collect()
}

pub(crate) fn refilling(conn: &Connection, object: &ObjectType) -> Result<Vec<String>, Error> {
    let mut statement = conn.prepare_cached(
        "SELECT name FROM properties WHERE object_type = ? AND refill = 1 AND stored = 1 AND archived = 0
         ORDER BY name",
    )?;
    let names = statement.query_map([object.as_str()], |row| value::string(row, "name"))?;
    Ok(names.collect::<Result<_, _>>()?)
}

pub(crate) fn is_stored(conn: &Connection, object: &ObjectType, name: &str) -> Result<bool, Error> {
    let mut statement =
        conn.prepare_cached("SELECT stored FROM properties WHERE object_type = ? AND name = ?")?;
    Ok(statement.query_row([object.as_str(), name], |row| row.get(0)).optional()?.unwrap_or(false))
}

/// The definition, or the refusal of a name that the portal does not know.
pub(crate) fn defined(
    conn: &Connection,
    object: &ObjectType,
    name: &PropertyName,
) -> Result<PropertyDefinition, Error> {
    find_definition(conn, object, name.as_str())?
        .ok_or_else(|| Error::UnknownProperty { object: object.clone(), property: name.to_string() })
}

/// Stores these properties; gives back those that were not stored.
pub(crate) fn switch_on(
    conn: &Connection,
    object: &ObjectType,
    names: &[PropertyName],
) -> Result<Vec<PropertyName>, Error> {
    let mut newly = Vec::new();
    let has_rows = conn.prepare(&format!("SELECT 1 FROM {} LIMIT 1", quoted(object.as_str())))?.exists([])?;
    for name in names {
        defined(conn, object, name)?;
        let changed = conn.execute(
            "UPDATE properties SET stored = 1, refill = ? WHERE object_type = ? AND name = ? AND stored = 0",
            params![has_rows, object.as_str(), name.as_str()],
        )?;
        if changed > 0 {
            newly.push(name.clone());
        }
    }
    Ok(newly)
}

pub(crate) fn expose(
    conn: &Connection,
    object: &ObjectType,
    names: &[PropertyName],
    exposed: bool,
) -> Result<(), Error> {
    for name in names {
        defined(conn, object, name)?;
        conn.execute(
            "UPDATE properties SET exposed = ? WHERE object_type = ? AND name = ?",
            params![exposed, object.as_str(), name.as_str()],
        )?;
    }
    Ok(())
}
