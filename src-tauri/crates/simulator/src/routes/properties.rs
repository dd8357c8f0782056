//! Property definitions and their groups.
//!
//! Deliberately absent: values; and the refusal to archive a property in use, since nothing here uses one.

use serde::Deserialize;
use serde_json::{Value, json};

use super::wrong_method;
use crate::answer::{Answer, Refusal, batch_error};
use crate::ask::Ask;
use crate::catalog::Kind;
use crate::definitions::generator::Generator;
use crate::definitions::{Definitions, Group, OptionRow, Property, Sensitivity, blank};
use crate::edits::State;
use crate::portal::Portal;
use crate::records::batch::unreadable;
use crate::records::verbs::complete;

pub(crate) fn answer(portal: &Portal, kind: Kind, rest: &[&str], ask: &Ask<'_>) -> Answer {
    match (ask.method, rest) {
        ("GET", []) => list(portal, kind, ask),
        ("POST", []) => create(portal, kind, ask),
        (_, ["groups", ..]) => groups(portal, kind, &rest[1..], ask),
        ("POST", ["batch", verb]) => batch(portal, kind, verb, ask),
        ("GET", [name]) => {
            let state = portal.read();
            let archived = ask.query.is_true("archived");
            match find(state.definitions(kind), name, archived) {
                Some(property) => Answer::ok(&property.to_json()),
                None => Refusal::not_found().into(),
            }
        }
        ("PATCH", [name]) => change(portal, kind, name, ask),
        ("DELETE", [name]) => match archive(portal, &mut portal.write(), kind, name) {
            Ok(()) => Answer::empty(204),
            Err(refusal) => refusal.into(),
        },
        _ => wrong_method(),
    }
}

fn find<'d>(definitions: &'d Definitions, name: &str, archived: bool) -> Option<&'d Property> {
    let property = definitions.at(definitions.position(name)?);
    (property.archived_at.is_some() == archived).then_some(property.as_ref())
}

fn list(portal: &Portal, kind: Kind, ask: &Ask<'_>) -> Answer {
    let wanted = match ask.query.get("dataSensitivity").as_deref() {
        None | Some("non_sensitive") => Sensitivity::Open,
        Some("sensitive") => Sensitivity::Sensitive,
        Some("highly_sensitive") => Sensitivity::Highly,
        Some(other) => {
            return Refusal::invalid(&format!("Invalid value for dataSensitivity: {other}")).into();
        }
    };
    let archived = ask.query.is_true("archived");
    let state = portal.read();
    let list = state.definitions(kind).list.iter();
    let fits = list.filter(|p| p.sensitivity == wanted && p.archived_at.is_some() == archived);
    Answer::results(fits.map(|p| p.to_json()))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PropertyBody {
    #[serde(default)]
    name: Option<String>,
    label: Option<String>,
    #[serde(rename = "type")]
    value_type: Option<String>,
    field_type: Option<String>,
    group_name: Option<String>,
    description: Option<String>,
    options: Option<Vec<OptionBody>>,
    has_unique_value: Option<bool>,
    hidden: Option<bool>,
    form_field: Option<bool>,
    display_order: Option<i64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct OptionBody {
    label: String,
    value: String,
    description: Option<String>,
    #[serde(default)]
    hidden: bool,
    display_order: Option<i64>,
}

const TYPES: [&str; 9] = [
    "string",
    "number",
    "date",
    "datetime",
    "enumeration",
    "bool",
    "phone_number",
    "object_coordinates",
    "json",
];
const UNIQUE_MAX: usize = 10;

/// Writes what a body says into a property.
fn apply(property: &mut Property, body: PropertyBody) {
    let set = |to: &mut String, from: Option<String>| {
        if let Some(text) = from {
            *to = text;
        }
    };
    set(&mut property.label, body.label);
    set(&mut property.value_type, body.value_type);
    set(&mut property.field_type, body.field_type);
    set(&mut property.group, body.group_name);
    set(&mut property.description, body.description);
    if let Some(options) = body.options {
        let row = |o: OptionBody| OptionRow {
            value: o.value,
            label: o.label,
            description: o.description.unwrap_or_default(),
            hidden: o.hidden,
            order: o.display_order,
        };
        property.options = options.into_iter().map(row).collect();
    }
    property.unique = body.has_unique_value.unwrap_or(property.unique);
    property.hidden = body.hidden.unwrap_or(property.hidden);
    property.form_field = body.form_field.or(property.form_field);
    property.order = body.display_order.unwrap_or(property.order);
}

fn make(portal: &Portal, state: &mut State, kind: Kind, body: PropertyBody) -> Result<Value, Refusal> {
    let definitions = state.definitions(kind);
    let invalid = |message: String| Refusal::invalid(&message);
    let Some(name) = body.name.clone().filter(|n| !n.is_empty()) else {
        return Err(invalid("Some required fields were not set: [name]".to_owned()));
    };
    if let Some(missing) = [
        ("label", body.label.is_none()),
        ("type", body.value_type.is_none()),
        ("fieldType", body.field_type.is_none()),
        ("groupName", body.group_name.is_none()),
    ]
    .into_iter()
    .find_map(|(field, missing)| missing.then_some(field))
    {
        return Err(invalid(format!("Some required fields were not set: [{missing}]")));
    }
    if body.value_type.as_deref().is_some_and(|t| !TYPES.contains(&t)) {
        return Err(invalid("The type of the property is not known.".to_owned()));
    }
    let group = body.group_name.clone().unwrap_or_default();
    if !definitions.groups.iter().any(|g| g.name == group && !g.archived) {
        return Err(invalid(format!("The property group {group} does not exist.")));
    }
    let unique = definitions.list.iter().filter(|p| p.unique && p.made_here).count();
    if body.has_unique_value == Some(true) && unique >= UNIQUE_MAX {
        return Err(invalid(format!("At most {UNIQUE_MAX} properties with unique values are possible.")));
    }
    let now = portal.clock.now();
    let mut property = match definitions.position(&name).map(|at| definitions.at(at)) {
        Some(there) if there.archived_at.is_none() => {
            let message = format!("A property named '{name}' already exists.");
            let refusal = Refusal::new(409, &message)
                .category("OBJECT_ALREADY_EXISTS")
                .with("subCategory", json!("Properties.PROPERTY_WITH_NAME_EXISTS"));
            return Err(refusal);
        }
        // Making an archived one again brings it back.
        Some(there) => Property { archived_at: None, ..there.as_ref().clone() },
        None => Property { made_here: true, generator: Generator::None, created_at: now, ..blank(&name) },
    };
    apply(&mut property, body);
    property.updated_at = now;
    let json = property.to_json();
    state.definitions_mut(kind).put(property);
    Ok(json)
}

fn create(portal: &Portal, kind: Kind, ask: &Ask<'_>) -> Answer {
    let body = match serde_json::from_slice(ask.body) {
        Ok(body) => body,
        Err(error) => return unreadable(&error),
    };
    match make(portal, &mut portal.write(), kind, body) {
        Ok(property) => Answer::json(201, &property),
        Err(refusal) => refusal.into(),
    }
}

fn change(portal: &Portal, kind: Kind, name: &str, ask: &Ask<'_>) -> Answer {
    let body: PropertyBody = match serde_json::from_slice(ask.body) {
        Ok(body) => body,
        Err(error) => return unreadable(&error),
    };
    let mut state = portal.write();
    let Some(property) = find(state.definitions(kind), name, false) else {
        return Refusal::not_found().into();
    };
    if !property.made_here {
        return Refusal::invalid(&format!("{name} is defined by HubSpot and cannot be changed.")).into();
    }
    let mut property = property.clone();
    apply(&mut property, PropertyBody { name: None, has_unique_value: None, ..body });
    property.updated_at = portal.clock.now();
    let answer = Answer::ok(&property.to_json());
    state.definitions_mut(kind).put(property);
    answer
}

/// Archives a property of the portal's own; its values are no longer answered.
pub(crate) fn archive(portal: &Portal, state: &mut State, kind: Kind, name: &str) -> Result<(), Refusal> {
    let Some(property) = find(state.definitions(kind), name, false) else {
        return Err(Refusal::not_found());
    };
    if !property.made_here {
        let message = format!("{name} is defined by HubSpot and cannot be archived.");
        return Err(Refusal::invalid(&message));
    }
    let property = Property { archived_at: Some(portal.clock.now()), ..property.clone() };
    state.definitions_mut(kind).put(property);
    Ok(())
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ReadBody {
    inputs: Vec<NameBody>,
    #[serde(default)]
    archived: bool,
}

#[derive(Deserialize)]
struct NameBody {
    name: String,
}

#[derive(Deserialize)]
struct CreateBody {
    inputs: Vec<PropertyBody>,
}

fn batch(portal: &Portal, kind: Kind, verb: &str, ask: &Ask<'_>) -> Answer {
    let mut state = portal.write();
    let (mut results, mut errors) = (Vec::new(), Vec::new());
    if verb == "create" {
        let body: CreateBody = match serde_json::from_slice(ask.body) {
            Ok(body) => body,
            Err(error) => return unreadable(&error),
        };
        for input in body.inputs {
            match make(portal, &mut state, kind, input) {
                Ok(property) => results.push(property),
                Err(refusal) => return refusal.into(),
            }
        }
        return complete(portal, 201, &results, &[]);
    }
    let body: ReadBody = match serde_json::from_slice(ask.body) {
        Ok(body) => body,
        Err(error) => return unreadable(&error),
    };
    let mut missing = Vec::new();
    for NameBody { name } in body.inputs {
        match verb {
            "read" => match find(state.definitions(kind), &name, body.archived) {
                Some(property) => results.push(property.to_json()),
                None => missing.push(name),
            },
            // What is not there is as archived as can be.
            "archive" => drop(archive(portal, &mut state, kind, &name)),
            _ => return Refusal::not_found().into(),
        }
    }
    if verb == "archive" {
        return Answer::empty(204);
    }
    if !missing.is_empty() {
        let context = json!({"names": missing});
        errors.push(batch_error("OBJECT_NOT_FOUND", "Some properties do not exist.", &context));
    }
    complete(portal, 200, &results, &errors)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct GroupBody {
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    label: Option<String>,
    #[serde(default)]
    display_order: Option<i64>,
}

fn groups(portal: &Portal, kind: Kind, rest: &[&str], ask: &Ask<'_>) -> Answer {
    let mut state = portal.write();
    let live = |state: &State, name: &str| {
        state.definitions(kind).groups.iter().position(|g| g.name == name && !g.archived)
    };
    match (ask.method, rest) {
        ("GET", []) => {
            let groups = state.definitions(kind).groups.iter().filter(|g| !g.archived);
            Answer::results(groups.map(group_json))
        }
        ("GET", [name]) => match live(&state, name) {
            Some(at) => Answer::ok(&group_json(&state.definitions(kind).groups[at])),
            None => Refusal::not_found().into(),
        },
        ("POST", []) => {
            let body: GroupBody = match serde_json::from_slice(ask.body) {
                Ok(body) => body,
                Err(error) => return unreadable(&error),
            };
            let (Some(name), Some(label)) = (body.name, body.label) else {
                return Refusal::invalid("A property group needs a name and a label.").into();
            };
            if live(&state, &name).is_some() {
                return Refusal::new(409, &format!("The property group {name} already exists."))
                    .category("OBJECT_ALREADY_EXISTS")
                    .into();
            }
            let group = Group { name, label, order: body.display_order.unwrap_or(-1), archived: false };
            let answer = Answer::json(201, &group_json(&group));
            state.definitions_mut(kind).groups.push(group);
            answer
        }
        ("PATCH", [name]) => {
            let body: GroupBody = match serde_json::from_slice(ask.body) {
                Ok(body) => body,
                Err(error) => return unreadable(&error),
            };
            let Some(at) = live(&state, name) else { return Refusal::not_found().into() };
            let group = &mut state.definitions_mut(kind).groups[at];
            group.label = body.label.unwrap_or_else(|| group.label.clone());
            group.order = body.display_order.unwrap_or(group.order);
            Answer::ok(&group_json(group))
        }
        ("DELETE", [name]) => {
            let Some(at) = live(&state, name) else { return Refusal::not_found().into() };
            let used = |p: &Property| p.group == *name && p.archived_at.is_none();
            if state.definitions(kind).list.iter().any(|p| used(p)) {
                return Refusal::invalid(&format!("The group {name} still holds properties."))
                    .with("subCategory", json!("PropertyGroupError.GROUP_WITH_ACTIVE_PROPERTIES"))
                    .into();
            }
            state.definitions_mut(kind).groups[at].archived = true;
            Answer::empty(204)
        }
        _ => wrong_method(),
    }
}

fn group_json(group: &Group) -> Value {
    json!({
        "name": group.name,
        "label": group.label,
        "displayOrder": group.order,
        "archived": group.archived,
    })
}
