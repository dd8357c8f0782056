//! What a value means to people: options, owners, pipelines and stages by their labels, dates in one form, money with
//! its currency.

use std::{borrow::Cow, cell::RefCell, collections::HashMap};

use crm::{ObjectType, PropertyDefinition, Timestamp};
use rusqlite::{Connection, OptionalExtension, ToSql};

use crate::{Error, defaults, markup, properties};

/// A value as shown. `text` is none for an empty value.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Cell {
    /// Labels resolved; dates and times in ISO form, numbers as sent.
    pub text: Option<String>,
    /// What HubSpot sent, when it differs from `text`.
    pub raw: Option<String>,
    /// Currency code of an amount of money.
    pub currency: Option<String>,
}

/// How the values of one property are shown.
#[derive(Debug, Clone)]
pub(crate) struct Meaning {
    pub(crate) property: String,
    what: What,
    currency: Option<CurrencyOf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum What {
    AsSent,
    Text,
    Owner,
    Pipeline,
    Stage,
    Option,
    Options,
    Date,
    DateTime,
}

#[derive(Debug, Clone)]
enum CurrencyOf {
    Portal,
    Property(String),
}

/// Looks labels up for one object type; remembers them for as long as one answer takes.
pub(crate) struct Labels<'c> {
    conn: &'c Connection,
    object: &'c ObjectType,
    portal_currency: Option<String>,
    seen: RefCell<HashMap<(What, String, String), Option<String>>>,
}

impl Meaning {
    pub(crate) fn of(object: &ObjectType, definition: &PropertyDefinition) -> Meaning {
        let name = definition.name.as_str();
        let own = defaults::of(object);
        let what = match (definition.kind.as_str(), definition.field_type.as_str()) {
            _ if name == "hubspot_owner_id"
                || definition.referenced_object_type.as_deref() == Some("OWNER") =>
            {
                What::Owner
            }
            _ if own.pipeline == Some(name) => What::Pipeline,
            _ if own.stage == Some(name) => What::Stage,
            ("enumeration", "checkbox") => What::Options,
            ("enumeration" | "bool", _) => What::Option,
            ("date", _) => What::Date,
            ("datetime", _) => What::DateTime,
            ("string", _) => What::Text,
            _ => What::AsSent,
        };
        let money = definition.show_currency_symbol || definition.currency_property.is_some();
        let currency = money.then(|| match &definition.currency_property {
            Some(property) => CurrencyOf::Property(property.clone()),
            // Deals carry their currency, whether or not the definition says so.
            None if object.as_str() == "deals" => CurrencyOf::Property("deal_currency_code".to_owned()),
            None => CurrencyOf::Portal,
        });
        Meaning { property: name.to_owned(), what, currency }
    }

    pub(crate) fn is_time(&self) -> bool {
        matches!(self.what, What::Date | What::DateTime)
    }

    /// A property that the portal does not define.
    pub(crate) fn unknown(property: &str) -> Meaning {
        Meaning { property: property.to_owned(), what: What::AsSent, currency: None }
    }
}

impl<'c> Labels<'c> {
    pub(crate) fn open(conn: &'c Connection, object: &'c ObjectType) -> Result<Labels<'c>, Error> {
        let portal_currency: Option<Option<String>> = conn
            .prepare_cached("SELECT currency FROM account")?
            .query_row([], |row| row.get(0))
            .optional()?;
        Ok(Labels { conn, object, portal_currency: portal_currency.flatten(), seen: RefCell::default() })
    }

    /// One value of a record as shown.
    pub(crate) fn cell(&self, meaning: &Meaning, fields: &properties::Fields<'_>) -> Result<Cell, Error> {
        let Some(raw) = field(fields, &meaning.property).filter(|raw| !raw.is_empty()) else {
            return Ok(Cell::default());
        };
        let label = |what| self.label(what, &meaning.property, &raw);
        let shown = match meaning.what {
            What::AsSent => None,
            What::Text => Some(markup::plain(&raw)).filter(|text| *text != raw).map(Cow::into_owned),
            What::Owner | What::Option => label(meaning.what)?,
            What::Pipeline => match label(What::Pipeline)? {
                None => label(What::Option)?,
                found => found,
            },
            What::Stage => {
                let pipeline = defaults::of(self.object).pipeline.and_then(|name| field(fields, name));
                match self.label(What::Stage, &pipeline.unwrap_or_default(), &raw)? {
                    None => label(What::Option)?,
                    found => found,
                }
            }
            What::Options => {
                let mut labels = Vec::new();
                for value in raw.split(';') {
                    let label = self.label(What::Option, &meaning.property, value)?;
                    labels.push(label.unwrap_or_else(|| value.to_owned()));
                }
                Some(labels.join("; "))
            }
            What::Date => raw.parse::<Timestamp>().ok().map(|time| time.to_string()[..10].to_owned()),
            What::DateTime => raw.parse::<Timestamp>().ok().map(|time| time.to_string()),
        };
        let currency = match &meaning.currency {
            None => None,
            Some(CurrencyOf::Portal) => self.portal_currency.clone(),
            Some(CurrencyOf::Property(name)) => {
                field(fields, name).filter(|code| !code.is_empty()).or_else(|| self.portal_currency.clone())
            }
        };
        Ok(match shown.filter(|shown| *shown != raw) {
            Some(text) => Cell { text: Some(text), raw: Some(raw), currency },
            None => Cell { text: Some(raw), raw: None, currency },
        })
    }

    fn label(&self, what: What, of: &str, value: &str) -> Result<Option<String>, Error> {
        let key = (what, of.to_owned(), value.to_owned());
        if let Some(label) = self.seen.borrow().get(&key) {
            return Ok(label.clone());
        }
        let table = self.object.as_str();
        let found = match what {
            What::Owner => self.one("SELECT name FROM owners WHERE id = ?", &[&value])?,
            What::Pipeline => {
                self.one("SELECT label FROM pipelines WHERE object_type = ? AND id = ?", &[&table, &value])?
            }
            What::Stage => self.one(
                "SELECT label FROM stages WHERE object_type = ? AND id = ? ORDER BY pipeline_id = ? DESC LIMIT 1",
                &[&table, &value, &of],
            )?,
            _ => self.one(
                "SELECT label FROM property_options WHERE object_type = ? AND property = ? AND value = ?",
                &[&table, &of, &value],
            )?,
        };
        let found = found.filter(|label| !label.is_empty());
        self.seen.borrow_mut().insert(key, found.clone());
        Ok(found)
    }

    fn one(&self, sql: &str, params: &[&dyn ToSql]) -> Result<Option<String>, Error> {
        Ok(self.conn.prepare_cached(sql)?.query_row(params, |row| row.get(0)).optional()?)
    }
}

/// One property's value as people would write it.
pub(crate) fn field(fields: &properties::Fields<'_>, name: &str) -> Option<String> {
    fields.iter().find(|(other, _)| other == name).map(|(_, raw)| properties::text(raw).into_owned())
}
