//! Whether a value may be written to a property, and how it is then kept.
//!
//! Deliberately absent: writing it (`write`).

use serde_json::{Map, Value, json};

use crate::answer::Refusal;
use crate::catalog::{BIKES, COMPANIES, CONTACTS, EMAILS, Kind, LEADS, QUOTES, TICKETS};
use crate::definitions::Property;
use crate::edits::State;
use crate::portal::Portal;
use crate::stamp::{self, DAY};

/// Values ready to be kept, by the position of their property; `None` clears.
pub(crate) type Values = Vec<(u16, Option<String>)>;

const TEXT_MAX: usize = 65_536;

/// Why one value was refused.
struct Wrong {
    name: String,
    code: &'static str,
    message: String,
}

/// Whether the values are for a record to be made or for one there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    Create,
    Update,
}

/// Reads the `properties` of a write; refuses them all if one is wrong.
pub(crate) fn values(
    portal: &Portal,
    state: &State,
    kind: Kind,
    properties: &Map<String, Value>,
    purpose: Purpose,
) -> Result<Values, Refusal> {
    let definitions = state.definitions(kind);
    let lenient = kind.row().engagement
        && purpose == Purpose::Update
        && portal.config.switches.engagement_unknown_ignored;
    let mut values = Values::new();
    let mut wrong = Vec::new();
    for (name, value) in properties {
        let Some((position, property)) = definitions.find(name) else {
            if !lenient {
                let message = format!("Property \"{name}\" does not exist");
                wrong.push(Wrong { name: name.clone(), code: "PROPERTY_DOESNT_EXIST", message });
            }
            continue;
        };
        match kept(kind, property, value) {
            Ok(_) if property.read_only && lenient => {}
            Ok(kept) => values.push((position, kept)),
            Err((code, message)) => wrong.push(Wrong { name: name.clone(), code, message }),
        }
    }
    if wrong.is_empty() { Ok(values) } else { Err(refusal(portal, &wrong)) }
}

fn refusal(portal: &Portal, wrong: &[Wrong]) -> Refusal {
    let embedded: Vec<Value> = wrong
        .iter()
        .map(|w| {
            json!({
                "isValid": false,
                "message": w.message,
                "error": w.code,
                "name": w.name,
                "localizedErrorMessage": w.message,
                "portalId": portal.config.portal,
            })
        })
        .collect();
    let errors: Vec<Value> = wrong
        .iter()
        .map(|w| json!({"message": w.message, "code": w.code, "context": {"propertyName": [w.name]}}))
        .collect();
    let message = format!("Property values were not valid: {}", Value::Array(embedded));
    Refusal::invalid(&message).with("errors", Value::Array(errors))
}

/// The text a value is kept as; `None` for the empty one, which clears.
fn kept(kind: Kind, property: &Property, value: &Value) -> Result<Option<String>, (&'static str, String)> {
    let name = &property.name;
    let text = match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Bool(truth) => truth.to_string(),
        _ => return Err(("INVALID_VALUE", format!("{value} was not a valid value."))),
    };
    if property.read_only {
        return Err((
            "READ_ONLY_VALUE",
            format!("\"{name}\" is a read only property; its value cannot be set."),
        ));
    }
    if text.is_empty() {
        return Ok(None);
    }
    let text = match property.value_type.as_str() {
        "number" => match text.trim().parse::<f64>() {
            Ok(number) if number.is_finite() => text.trim().to_owned(),
            _ => return Err(("INVALID_INTEGER", format!("{text} was not a valid number."))),
        },
        "bool" => match text.to_lowercase().as_str() {
            truth @ ("true" | "false") => truth.to_owned(),
            _ => return Err(("INVALID_BOOLEAN", format!("{text} was not one of true and false."))),
        },
        "date" => match stamp::parse(&text) {
            Some(moment) if moment.rem_euclid(DAY) == 0 => {
                let mut out = Vec::new();
                stamp::date(&mut out, moment);
                String::from_utf8(out).expect("digits and dashes")
            }
            Some(_) => {
                return Err(("INVALID_DATE", format!("{text} is at a time of day; a date is midnight UTC.")));
            }
            None => return Err(("INVALID_DATE", format!("{text} was not a valid date."))),
        },
        "datetime" => match stamp::parse(&text) {
            Some(moment) => stamp::iso_text(moment),
            None => return Err(("INVALID_DATE", format!("{text} was not a valid date and time."))),
        },
        "enumeration" if !property.external && !property.options.is_empty() => options(property, text)?,
        _ => text,
    };
    if kind == CONTACTS && name == "email" && !is_address(&text) {
        return Err(("INVALID_EMAIL", format!("Email address {text} is invalid")));
    }
    if text.chars().count() > TEXT_MAX {
        return Err((
            "PROPERTY_VALUE_TOO_LONG",
            format!("The value of {name} is longer than {TEXT_MAX} characters."),
        ));
    }
    Ok(Some(text))
}

fn options(property: &Property, text: String) -> Result<String, (&'static str, String)> {
    let many = property.field_type == "checkbox";
    let known = |value: &str| property.options.iter().any(|o| o.value == value);
    let fits = if many { text.split(';').filter(|v| !v.is_empty()).all(known) } else { known(&text) };
    if fits {
        return Ok(text);
    }
    let names: Vec<&str> = property.options.iter().map(|o| o.value.as_str()).collect();
    Err(("INVALID_OPTION", format!("{text} was not one of the allowed options: [{}]", names.join(", "))))
}

fn is_address(text: &str) -> bool {
    let Some((local, domain)) = text.split_once('@') else { return false };
    !local.is_empty() && domain.contains('.') && !text.contains(char::is_whitespace) && !domain.contains('@')
}

/// What a new record of a type must bring; any of each set will do.
pub(crate) fn required(state: &State, kind: Kind, values: &Values) -> Result<(), Refusal> {
    let sets: &[&[&str]] = match kind {
        COMPANIES => &[&["name", "domain"]],
        EMAILS => &[&["hs_timestamp"], &["hs_email_direction"]],
        BIKES => &[&["model_name"]],
        LEADS => &[&["hs_lead_name"]],
        QUOTES => &[&["hs_title"], &["hs_expiration_date"]],
        kind if kind.row().engagement => &[&["hs_timestamp"]],
        _ => &[],
    };
    for set in sets {
        let has = |name: &&str| {
            let position = state.definitions(kind).position(name);
            values.iter().any(|(at, value)| Some(*at) == position && value.is_some())
        };
        if !set.iter().any(has) {
            let name = set[0];
            let message =
                format!("Error creating {}. Some required properties were not set.", kind.row().singular);
            let errors = json!([{
                "message": format!("{name} is required"),
                "code": "MISSING_REQUIRED_PROPERTY",
                "context": {"propertyName": [name]},
            }]);
            return Err(Refusal::invalid(&message).with("errors", errors));
        }
    }
    Ok(())
}

/// What HubSpot fills in on a new record.
pub(crate) fn defaults(kind: Kind) -> &'static [(&'static str, &'static str)] {
    match kind {
        CONTACTS => &[("lifecyclestage", "lead"), ("hs_pipeline", "contacts-lifecycle-pipeline")],
        COMPANIES => &[("lifecyclestage", "lead"), ("hs_pipeline", "companies-lifecycle-pipeline")],
        TICKETS => &[("hs_pipeline", "0"), ("hs_pipeline_stage", "1")],
        _ => &[],
    }
}
