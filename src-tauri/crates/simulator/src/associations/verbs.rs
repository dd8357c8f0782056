//! The routes that change links and labels.
//!
//! Deliberately absent: limits on how many links a record may have.

use serde::Deserialize;
use serde_json::{Value, json};

use super::write::{self, End};
use crate::answer::{Answer, Refusal, batch_error};
use crate::ask::Ask;
use crate::catalog::Kind;
use crate::edits::State;
use crate::labels::LABELS_MAX;
use crate::portal::Portal;
use crate::records::batch::{IdText, too_many, unreadable};
use crate::records::verbs::complete;
use crate::records::view::Found;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Spec {
    association_category: String,
    association_type_id: u32,
}

#[derive(Deserialize)]
struct IdBody {
    id: IdText,
}

#[derive(Deserialize)]
struct Inputs<T> {
    inputs: Vec<T>,
}

#[derive(Deserialize)]
struct Pair {
    from: IdBody,
    to: IdBody,
    #[serde(default)]
    types: Vec<Spec>,
    #[serde(default, rename = "type")]
    old_type: Option<String>,
}

#[derive(Deserialize)]
struct Fan {
    from: IdBody,
    to: Vec<IdBody>,
}

fn live(portal: &Portal, state: &State, kind: Kind, id: &str) -> Option<End> {
    let id = id.parse().ok()?;
    Found::new(&portal.world, state, kind, id)?.is_live(&portal.world, kind).then_some((kind, id))
}

fn spec_ids(state: &State, from: Kind, to: Kind, specs: &[Spec]) -> Result<Vec<u32>, Refusal> {
    let find = |spec: &Spec| {
        let known = state.labels.find(from, to, spec.association_type_id);
        let known = known.filter(|t| t.category.name() == spec.association_category);
        known.map(|t| t.id).ok_or_else(|| {
            let id = spec.association_type_id;
            let message =
                format!("No association type with id {id} exists between {} and {}", from.name(), to.name());
            Refusal::invalid(&message)
        })
    };
    specs.iter().map(find).collect()
}

fn labels_of(portal: &Portal, state: &State, from: End, to: End) -> Value {
    let types = write::types(portal, state, from, to);
    let labels = types.ids().iter().filter_map(|&id| state.labels.find(from.0, to.0, id)?.label.clone());
    json!({
        "fromObjectTypeId": from.0.row().type_id,
        "fromObjectId": from.1,
        "toObjectTypeId": to.0.row().type_id,
        "toObjectId": to.1,
        "labels": labels.collect::<Vec<_>>(),
    })
}

fn missing(from: (Kind, &str), to: (Kind, &str)) -> Value {
    let message =
        format!("{} {} or {} {} does not exist", from.0.row().singular, from.1, to.0.row().singular, to.1);
    let context = json!({"fromObjectId": [from.1], "toObjectId": [to.1]});
    batch_error("OBJECT_NOT_FOUND", &message, &context)
}

/// `PUT …/associations/{to}/{toId}` with the types in the body.
pub(crate) fn put(portal: &Portal, from: (Kind, &str), to: (Kind, &str), ask: &Ask<'_>) -> Answer {
    let specs: Vec<Spec> = match serde_json::from_slice(ask.body) {
        Ok(specs) => specs,
        Err(error) => return unreadable(&error),
    };
    let mut state = portal.write();
    let ends = live(portal, &state, from.0, from.1).zip(live(portal, &state, to.0, to.1));
    let Some((a, b)) = ends else { return Refusal::not_found().into() };
    match spec_ids(&state, from.0, to.0, &specs) {
        Ok(ids) => {
            write::set(portal, &mut state, a, b, &ids);
            Answer::json(201, &labels_of(portal, &state, a, b))
        }
        Err(refusal) => refusal.into(),
    }
}

/// The entries that a default link is answered with.
fn default_entries(portal: &Portal, state: &State, a: End, b: End) -> Vec<Value> {
    let entry = |a: End, b: End| {
        state.labels.plain(a.0, b.0).map(|plain| {
            json!({
                "from": {"id": a.1.to_string()},
                "to": {"id": b.1.to_string()},
                "associationSpec": {"associationCategory": plain.category.name(), "associationTypeId": plain.id},
            })
        })
    };
    let back = portal.config.switches.default_link_both_ways.then(|| entry(b, a)).flatten();
    entry(a, b).into_iter().chain(back).collect()
}

/// `PUT …/associations/default/{to}/{toId}`.
pub(crate) fn put_default(portal: &Portal, from: (Kind, &str), to: (Kind, &str)) -> Answer {
    let mut state = portal.write();
    let ends = live(portal, &state, from.0, from.1).zip(live(portal, &state, to.0, to.1));
    let Some((a, b)) = ends else { return Refusal::not_found().into() };
    if state.labels.plain(a.0, b.0).is_none() {
        return Refusal::invalid("These objects have no default association.").into();
    }
    write::set(portal, &mut state, a, b, &[]);
    let entries = default_entries(portal, &state, a, b);
    complete(portal, 200, &entries, &[])
}

/// `DELETE …/associations/{to}/{toId}`.
pub(crate) fn delete(portal: &Portal, from: (Kind, &str), to: (Kind, &str)) -> Answer {
    let mut state = portal.write();
    if let (Ok(a), Ok(b)) = (from.1.parse(), to.1.parse()) {
        write::end(portal, &mut state, (from.0, a), (to.0, b));
    }
    Answer::empty(204)
}

fn inputs<T: serde::de::DeserializeOwned>(portal: &Portal, ask: &Ask<'_>) -> Result<Vec<T>, Answer> {
    let body: Inputs<T> = serde_json::from_slice(ask.body).map_err(|e| unreadable(&e))?;
    let max = portal.config.switches.association_write_max;
    if body.inputs.len() > max { Err(too_many(max)) } else { Ok(body.inputs) }
}

/// `POST …/batch/{verb}` for everything that changes links.
pub(crate) fn batch(portal: &Portal, from: Kind, to: Kind, verb: &[&str], ask: &Ask<'_>) -> Answer {
    let done = match verb {
        ["create"] => create(portal, from, to, ask),
        ["associate", "default"] => associate(portal, from, to, ask),
        ["archive"] => archive(portal, from, to, ask),
        ["labels", "archive"] => archive_labels(portal, from, to, ask),
        _ => return Refusal::not_found().into(),
    };
    done.unwrap_or_else(|answer| answer)
}

fn create(portal: &Portal, from: Kind, to: Kind, ask: &Ask<'_>) -> Result<Answer, Answer> {
    let pairs: Vec<Pair> = inputs(portal, ask)?;
    let mut state = portal.write();
    let (mut results, mut errors) = (Vec::new(), Vec::new());
    for pair in pairs {
        let (a, b) = (pair.from.id.text(), pair.to.id.text());
        let ids = spec_ids(&state, from, to, &pair.types)?;
        match live(portal, &state, from, &a).zip(live(portal, &state, to, &b)) {
            Some((a, b)) => {
                write::set(portal, &mut state, a, b, &ids);
                results.push(labels_of(portal, &state, a, b));
            }
            None => errors.push(missing((from, &a), (to, &b))),
        }
    }
    Ok(complete(portal, 201, &results, &errors))
}

fn associate(portal: &Portal, from: Kind, to: Kind, ask: &Ask<'_>) -> Result<Answer, Answer> {
    let pairs: Vec<Pair> = inputs(portal, ask)?;
    let mut state = portal.write();
    let (mut results, mut errors) = (Vec::new(), Vec::new());
    for pair in pairs {
        let (a, b) = (pair.from.id.text(), pair.to.id.text());
        match live(portal, &state, from, &a).zip(live(portal, &state, to, &b)) {
            Some((a, b)) => {
                write::set(portal, &mut state, a, b, &[]);
                results.extend(default_entries(portal, &state, a, b));
            }
            None => errors.push(missing((from, &a), (to, &b))),
        }
    }
    Ok(complete(portal, 200, &results, &errors))
}

fn archive(portal: &Portal, from: Kind, to: Kind, ask: &Ask<'_>) -> Result<Answer, Answer> {
    let fans: Vec<Fan> = inputs(portal, ask)?;
    let mut state = portal.write();
    for fan in fans {
        let Ok(a) = fan.from.id.text().parse() else { continue };
        for b in fan.to.into_iter().filter_map(|b| b.id.text().parse().ok()) {
            write::end(portal, &mut state, (from, a), (to, b));
        }
    }
    Ok(Answer::empty(204))
}

fn archive_labels(portal: &Portal, from: Kind, to: Kind, ask: &Ask<'_>) -> Result<Answer, Answer> {
    let pairs: Vec<Pair> = inputs(portal, ask)?;
    let mut state = portal.write();
    for pair in pairs {
        let ids = spec_ids(&state, from, to, &pair.types)?;
        if let (Ok(a), Ok(b)) = (pair.from.id.text().parse(), pair.to.id.text().parse()) {
            write::remove(portal, &mut state, (from, a), (to, b), &ids);
        }
    }
    Ok(Answer::empty(204))
}

/// The older batches: `{from, to, type}` with the type's name, answered in both directions.
pub(crate) fn batch_v3(portal: &Portal, from: Kind, to: Kind, verb: &str, ask: &Ask<'_>) -> Answer {
    let pairs: Vec<Pair> = match inputs(portal, ask) {
        Ok(pairs) => pairs,
        Err(answer) => return answer,
    };
    let mut state = portal.write();
    let (mut results, mut errors) = (Vec::new(), Vec::new());
    for pair in pairs {
        let (a, b) = (pair.from.id.text(), pair.to.id.text());
        let name = pair.old_type.unwrap_or_default();
        let Some(id) = state.labels.by_old_name(from, to, &name) else {
            return Refusal::invalid(&format!("{name} is not a valid association type")).into();
        };
        let Some((x, y)) = live(portal, &state, from, &a).zip(live(portal, &state, to, &b)) else {
            errors.push(missing((from, &a), (to, &b)));
            continue;
        };
        if verb == "archive" {
            write::end(portal, &mut state, x, y);
            continue;
        }
        write::set(portal, &mut state, x, y, &[id]);
        let inverse = state.labels.find(from, to, id).map_or(id, |t| t.inverse);
        let back = state.labels.old_name(to, from, inverse);
        results.push(json!({"from": {"id": a}, "to": {"id": b}, "type": name}));
        results.push(json!({"from": {"id": b}, "to": {"id": a}, "type": back}));
    }
    if verb == "archive" { Answer::empty(204) } else { complete(portal, 201, &results, &errors) }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct LabelBody {
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    association_type_id: Option<u32>,
    label: String,
    #[serde(default)]
    inverse_label: Option<String>,
}

/// `POST`, `PUT` and `DELETE` of labels.
pub(crate) fn label(portal: &Portal, from: Kind, to: Kind, type_id: Option<&str>, ask: &Ask<'_>) -> Answer {
    let mut state = portal.write();
    if ask.method == "DELETE" {
        let id = type_id.and_then(|t| t.parse::<u32>().ok());
        let known = id.and_then(|id| state.labels.find(from, to, id)).filter(|t| t.is_custom());
        let Some((id, inverse)) = known.map(|t| (t.id, t.inverse)) else {
            return Refusal::not_found().into();
        };
        state.labels.drop_pair(from, to, id, inverse);
        return Answer::empty(204);
    }
    let body: LabelBody = match serde_json::from_slice(ask.body) {
        Ok(body) => body,
        Err(error) => return unreadable(&error),
    };
    if ask.method == "PUT" {
        let known = body.association_type_id.and_then(|id| state.labels.find(from, to, id));
        let Some((id, inverse)) = known.filter(|t| t.is_custom()).map(|t| (t.id, t.inverse)) else {
            return Refusal::not_found().into();
        };
        state.labels.rename(from, to, id, &body.label);
        if let Some(label) = &body.inverse_label {
            state.labels.rename(to, from, inverse, label);
        }
        return Answer::empty(204);
    }
    if state.labels.between(from, to).filter(|t| t.is_custom()).count() >= LABELS_MAX {
        return Refusal::invalid(&format!("At most {LABELS_MAX} labels are possible between two objects."))
            .into();
    }
    let name = body.name.clone().unwrap_or_else(|| body.label.to_lowercase().replace(' ', "_"));
    let taken = state.labels.between(from, to).any(|t| t.label.as_deref() == Some(&body.label));
    if taken {
        return Refusal::invalid(&format!("The label {} is already in use.", body.label)).into();
    }
    let ids = state.labels.make(from, to, &name, &body.label, body.inverse_label.as_deref());
    let there = state.labels.find(from, to, ids.0).map(crate::labels::LinkType::to_json);
    let back =
        state.labels.find(to, from, ids.1).filter(|_| ids.0 != ids.1).map(crate::labels::LinkType::to_json);
    Answer::results(there.into_iter().chain(back))
}
