//! The properties every type is born with, and what a property is.
//!
//! Deliberately absent: values (`values`), and the routes that change definitions (`routes::properties`).

pub(crate) mod generator;
mod parse;

pub(crate) use parse::blank;

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::{Map, Value, json};

use crate::catalog::{CONTACTS, Kind};
use crate::config::Config;
use crate::noise;
use crate::stamp;
use generator::Generator;

/// How careful one has to be with a property's values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sensitivity {
    Open,
    Sensitive,
    Highly,
}

impl Sensitivity {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Sensitivity::Open => "non_sensitive",
            Sensitivity::Sensitive => "sensitive",
            Sensitivity::Highly => "highly_sensitive",
        }
    }
}

#[derive(Debug, Clone, Default)]
pub(crate) struct OptionRow {
    pub(crate) value: String,
    pub(crate) label: String,
    pub(crate) description: String,
    pub(crate) hidden: bool,
    /// Where it is shown, if it was said; its place in the list otherwise.
    pub(crate) order: Option<i64>,
}

#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "HubSpot's own flags, each independent of the others")]
pub(crate) struct Property {
    pub(crate) name: String,
    pub(crate) label: String,
    pub(crate) description: String,
    pub(crate) value_type: String,
    pub(crate) field_type: String,
    pub(crate) group: String,
    pub(crate) options: Vec<OptionRow>,
    pub(crate) calculated: bool,
    pub(crate) read_only: bool,
    pub(crate) hidden: bool,
    /// Whether forms may ask for it, if it was said.
    pub(crate) form_field: Option<bool>,
    /// Where it is shown in its group; -1 for anywhere.
    pub(crate) order: i64,
    pub(crate) unique: bool,
    pub(crate) external: bool,
    pub(crate) currency: bool,
    pub(crate) made_here: bool,
    pub(crate) sensitivity: Sensitivity,
    pub(crate) archived_at: Option<i64>,
    pub(crate) created_at: i64,
    pub(crate) updated_at: i64,
    /// How many of a thousand records hold a value in the untouched world.
    pub(crate) fill: u16,
    pub(crate) generator: Generator,
    /// The coordinate of this property's noise.
    pub(crate) salt: u64,
    /// `"name":`, as it stands in every record.
    pub(crate) key: Vec<u8>,
}

impl Property {
    pub(crate) fn to_json(&self) -> Value {
        let options: Vec<Value> = self
            .options
            .iter()
            .zip(0..)
            .map(|(o, place)| {
                json!({
                    "label": o.label,
                    "value": o.value,
                    "displayOrder": o.order.unwrap_or(place),
                    "hidden": o.hidden,
                    "description": o.description,
                })
            })
            .collect();
        let mut out = Map::new();
        let mut put = |key: &str, value: Value| out.insert(key.to_owned(), value);
        put("updatedAt", json!(stamp::iso_text(self.updated_at)));
        put("createdAt", json!(stamp::iso_text(self.created_at)));
        put("name", json!(self.name));
        put("label", json!(self.label));
        put("type", json!(self.value_type));
        put("fieldType", json!(self.field_type));
        put("description", json!(self.description));
        put("groupName", json!(self.group));
        put("options", Value::Array(options));
        if self.external {
            put("referencedObjectType", json!("OWNER"));
        }
        if self.made_here {
            put("createdUserId", json!("75112301"));
            put("updatedUserId", json!("75112301"));
        } else {
            put("hubspotDefined", json!(true));
        }
        put("displayOrder", json!(self.order));
        put("calculated", json!(self.calculated));
        put("externalOptions", json!(self.external));
        put("archived", json!(self.archived_at.is_some()));
        if let Some(at) = self.archived_at {
            put("archivedAt", json!(stamp::iso_text(at)));
        }
        put("hasUniqueValue", json!(self.unique));
        put("hidden", json!(self.hidden));
        if self.currency {
            put("showCurrencySymbol", json!(true));
            if self.name == "amount" {
                put("currencyPropertyName", json!("deal_currency_code"));
            }
        }
        put(
            "modificationMetadata",
            json!({
                "archivable": self.made_here,
                "readOnlyDefinition": !self.made_here,
                "readOnlyValue": self.read_only,
                "readOnlyOptions": !self.made_here && self.options.is_empty(),
            }),
        );
        put("formField", json!(self.form_field.unwrap_or(!self.read_only && !self.hidden)));
        put("dataSensitivity", json!(self.sensitivity.name()));
        if self.sensitivity == Sensitivity::Highly {
            put("sensitiveDataCategories", json!(["HIPAA"]));
        }
        if self.value_type == "date" || self.value_type == "datetime" {
            put("dateDisplayHint", json!("absolute"));
        }
        Value::Object(out)
    }
}

#[derive(Debug, Clone)]
pub(crate) struct Group {
    pub(crate) name: String,
    pub(crate) label: String,
    pub(crate) order: i64,
    pub(crate) archived: bool,
}

/// All properties of one type, in the order they are answered; positions never change.
#[derive(Debug, Clone)]
pub(crate) struct Definitions {
    pub(crate) list: Vec<Arc<Property>>,
    by_name: HashMap<String, u16>,
    pub(crate) groups: Vec<Group>,
    /// Grows with every change, so that what was derived from an older state is thrown away.
    pub(crate) version: u64,
}

/// A lean portal keeps only properties filled at least so often, and contacts exactly sixty.
const LEAN_FILL: u16 = 500;
const LEAN_CONTACTS: usize = 60;
/// Kept too, so that sixty properties make some 3 kB as they do in real portals.
const LEAN_LONG: [&str; 8] = [
    "first_conversion_event_name",
    "hs_analytics_first_url",
    "hs_analytics_last_url",
    "hs_legal_basis",
    "hs_linkedin_url",
    "internal_remarks",
    "message",
    "recent_conversion_event_name",
];

impl Definitions {
    pub(crate) fn new(kind: Kind, config: &Config) -> Definitions {
        let mut list = parse::properties(kind);
        if config.only_filled {
            for property in list.iter_mut().filter(|p| LEAN_LONG.contains(&p.name.as_str())) {
                property.fill = 1_000;
            }
            let mut fills: Vec<u16> = list.iter().map(|p| p.fill).collect();
            fills.sort_unstable_by(|a, b| b.cmp(a));
            let least = if kind == CONTACTS { fills[LEAN_CONTACTS - 1] } else { LEAN_FILL };
            list.retain(|p| p.fill >= least && p.sensitivity == Sensitivity::Open);
            if kind == CONTACTS {
                // Ties at the bar could let in more than sixty.
                while list.len() > LEAN_CONTACTS {
                    let last = list.iter().rposition(|p| p.fill == least).expect("a tie to drop");
                    list.remove(last);
                }
            }
            for property in &mut list {
                property.fill = 1_000;
            }
        }
        if kind == CONTACTS {
            list.extend((0..config.extra_properties.min(3_000)).map(parse::extra));
        }
        list.sort_by(|a, b| a.name.cmp(&b.name));
        let by_name = list
            .iter()
            .enumerate()
            .map(|(i, p)| (p.name.clone(), u16::try_from(i).expect("few properties")))
            .collect();
        let groups = parse::groups(&list);
        Definitions { list: list.into_iter().map(Arc::new).collect(), by_name, groups, version: 0 }
    }

    pub(crate) fn position(&self, name: &str) -> Option<u16> {
        self.by_name.get(name).copied()
    }

    /// A property that can be used now.
    pub(crate) fn find(&self, name: &str) -> Option<(u16, &Arc<Property>)> {
        let at = self.position(name)?;
        let property = &self.list[usize::from(at)];
        property.archived_at.is_none().then_some((at, property))
    }

    pub(crate) fn at(&self, position: u16) -> &Arc<Property> {
        &self.list[usize::from(position)]
    }

    /// Adds a property, or puts one in the place of its namesake.
    pub(crate) fn put(&mut self, property: Property) {
        self.version += 1;
        match self.position(&property.name) {
            Some(at) => self.list[usize::from(at)] = Arc::new(property),
            None => {
                let at = u16::try_from(self.list.len()).expect("fewer than 65,536 properties");
                self.by_name.insert(property.name.clone(), at);
                self.list.push(Arc::new(property));
            }
        }
    }
}

/// The coordinate of a property's noise: its name alone, so that other properties do not move it.
fn salt(name: &str) -> u64 {
    name.bytes().fold(0xcbf2_9ce4_8422_2325, |h, b| noise::mix(h ^ u64::from(b)))
}

pub(crate) fn key(name: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(name.len() + 3);
    crate::json::text(&mut out, name.as_bytes());
    out.push(b':');
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::COMPANIES;

    #[test]
    fn a_portal_is_born_with_the_properties_a_real_one_has() {
        let config = Config::default();
        let contacts = Definitions::new(CONTACTS, &config);
        assert!(contacts.list.len() >= 399, "{} contact properties", contacts.list.len());
        let companies = Definitions::new(COMPANIES, &config).list.len();
        assert!((240..=260).contains(&companies), "{companies} company properties");
        let filled: u64 = contacts.list.iter().map(|p| u64::from(p.fill)).sum();
        assert!((58_000..72_000).contains(&filled), "{filled} per mille filled in all");
        for kind in Kind::all() {
            let definitions = Definitions::new(kind, &config);
            for name in [kind.row().created, kind.row().modified, "hs_object_id", "hs_merged_object_ids"] {
                assert!(definitions.find(name).is_some(), "{} has no {name}", kind.name());
            }
            for name in kind.row().defaults {
                assert!(definitions.find(name).is_some(), "{} has no {name}", kind.name());
            }
        }
    }

    #[test]
    fn a_lean_portal_has_sixty_contact_properties_and_extra_ones_on_request() {
        let lean = Config { only_filled: true, ..Config::default() };
        assert_eq!(Definitions::new(CONTACTS, &lean).list.len(), 60);
        let wide = Config { extra_properties: 900, ..Config::default() };
        let plain = Definitions::new(CONTACTS, &Config::default()).list.len();
        assert_eq!(Definitions::new(CONTACTS, &wide).list.len(), plain + 900);
    }
}
