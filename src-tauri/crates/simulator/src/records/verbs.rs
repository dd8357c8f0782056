//! The write routes: single and batch create, update, upsert, archive, merging, and erasing for good.
//!
//! A write answers only what it wrote and what HubSpot itself fills in, never the whole record. Deliberately absent:
//! what merging does (`merge`).

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::batch::{BATCH_MAX, IdText, too_many, unreadable};
use super::check::{self, Purpose, Values};
use super::lookup;
use super::merge;
use super::view::Found;
use super::write::{self, Archived, NewLink};
use crate::answer::{Answer, Refusal, batch_error};
use crate::ask::Ask;
use crate::catalog::Kind;
use crate::edits::State;
use crate::portal::Portal;
use crate::stamp;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Input {
    #[serde(default)]
    id: Option<IdText>,
    #[serde(default)]
    id_property: Option<String>,
    #[serde(default)]
    properties: Map<String, Value>,
    #[serde(default)]
    associations: Option<Vec<LinkInput>>,
    #[serde(default)]
    object_write_trace_id: Option<String>,
}

#[derive(Deserialize)]
struct LinkInput {
    to: ToInput,
    #[serde(default)]
    types: Vec<TypeInput>,
}

#[derive(Deserialize)]
struct ToInput {
    id: IdText,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct TypeInput {
    association_category: String,
    association_type_id: u32,
}

#[derive(Deserialize)]
struct Inputs {
    inputs: Vec<Input>,
}

/// One input that went through the checks.
struct Prepared {
    values: Values,
    links: Vec<NewLink>,
}

/// Reads and checks a record to be made.
fn prepare(portal: &Portal, state: &State, kind: Kind, input: &Input) -> Result<Prepared, Refusal> {
    let values = check::values(portal, state, kind, &input.properties, Purpose::Create)?;
    check::required(state, kind, &values)?;
    write::unique(portal, state, kind, None, &values)?;
    let mut links = Vec::new();
    for link in input.associations.iter().flatten() {
        links.push(link_input(portal, state, kind, link)?);
    }
    Ok(Prepared { values, links })
}

fn link_input(portal: &Portal, state: &State, from: Kind, input: &LinkInput) -> Result<NewLink, Refusal> {
    let invalid = |message: String| Refusal::invalid(&message);
    let mut found: Option<NewLink> = None;
    for wanted in &input.types {
        let known = state.labels.list.iter().find(|t| {
            t.from == from
                && t.id == wanted.association_type_id
                && t.category.name() == wanted.association_category
        });
        let Some(known) = known else {
            let id = wanted.association_type_id;
            return Err(invalid(format!("No association type with id {id} exists from {}", from.name())));
        };
        let id = match &input.to.id {
            IdText::Text(text) => text.parse().ok(),
            IdText::Number(number) => Some(*number),
        };
        let there = id.filter(|&id| {
            Found::new(&portal.world, state, known.to, id).is_some_and(|f| f.is_live(&portal.world, known.to))
        });
        let Some(to_id) = there else {
            return Err(invalid(format!("The {} to associate with does not exist", known.to.row().singular)));
        };
        let link = found.get_or_insert(NewLink { to: known.to, to_id, types: Vec::new() });
        link.types.push(known.id);
    }
    found.ok_or_else(|| invalid("An association needs at least one type".to_owned()))
}

/// The partial record that a write answers.
fn written(
    portal: &Portal,
    state: &State,
    kind: Kind,
    id: u64,
    names: &Map<String, Value>,
    made: bool,
) -> Value {
    let definitions = state.definitions(kind);
    let row = kind.row();
    let system = ["hs_object_id", row.modified, row.created];
    let born = [
        "hs_object_source",
        "hs_object_source_id",
        "hs_object_source_label",
        "hs_pipeline",
        "lifecyclestage",
    ];
    let also = if made { &born[..] } else { &[] };
    let Some(found) = Found::new(&portal.world, state, kind, id) else { return Value::Null };
    let record = found.record(&portal.world, kind);
    let mut properties = Map::new();
    for name in names.keys().map(String::as_str).chain(system).chain(also.iter().copied()) {
        if let Some((position, property)) = definitions.find(name) {
            let value = record.text(position, property);
            if value.is_some() || names.contains_key(name) {
                properties.insert(name.to_owned(), value.map_or(Value::Null, Value::String));
            }
        }
    }
    let mut frame = Vec::new();
    super::plan::write_frame(portal, &record, &mut frame);
    // The frame is written for the middle of an object; here it makes one of its own.
    let frame = [b"{", &frame[1..], b"}"].concat();
    let mut out: Map<String, Value> = serde_json::from_slice(&frame).expect("our own JSON reads");
    out.insert("id".to_owned(), json!(id.to_string()));
    out.insert("properties".to_owned(), Value::Object(properties));
    Value::Object(out)
}

pub(crate) fn create(portal: &Portal, kind: Kind, ask: &Ask<'_>) -> Answer {
    let input: Input = match serde_json::from_slice(ask.body) {
        Ok(input) => input,
        Err(error) => return unreadable(&error),
    };
    let mut state = portal.write();
    match prepare(portal, &state, kind, &input) {
        Ok(prepared) => {
            let id = write::create(portal, &mut state, kind, prepared.values, &prepared.links);
            Answer::json(201, &written(portal, &state, kind, id, &input.properties, true))
        }
        Err(refusal) => refusal.into(),
    }
}

/// Finds the live record that a write of one is for: what was merged away leads to what it went into.
fn one_live_id(
    portal: &Portal,
    state: &State,
    kind: Kind,
    id: &str,
    id_property: Option<&str>,
) -> Result<Option<u64>, Refusal> {
    let found = lookup::find_merged(portal, state, kind, id, id_property)?;
    Ok(found.filter(|f| f.is_live(&portal.world, kind)).map(|f| f.id))
}

/// Finds the live record that an entry of a batch is for: there, ids that were merged away are of no use.
fn live_id(
    portal: &Portal,
    state: &State,
    kind: Kind,
    id: &str,
    id_property: Option<&str>,
) -> Result<Option<u64>, Refusal> {
    let found = lookup::find(portal, state, kind, id, id_property)?;
    Ok(found.filter(|f| f.is_live(&portal.world, kind)).map(|f| f.id))
}

/// Checks the changes to a record there is, and makes them.
fn change(
    portal: &Portal,
    state: &mut State,
    kind: Kind,
    id: u64,
    properties: &Map<String, Value>,
) -> Result<(), Refusal> {
    let values = check::values(portal, state, kind, properties, Purpose::Update)?;
    write::unique(portal, state, kind, Some(id), &values)?;
    write::update(portal, state, kind, id, values);
    Ok(())
}

pub(crate) fn update(portal: &Portal, kind: Kind, id: &str, ask: &Ask<'_>) -> Answer {
    let input: Input = match serde_json::from_slice(ask.body) {
        Ok(input) => input,
        Err(error) => return unreadable(&error),
    };
    let mut state = portal.write();
    let id = match one_live_id(portal, &state, kind, id, ask.query.get("idProperty").as_deref()) {
        Ok(Some(id)) => id,
        Ok(None) => return Refusal::not_found().into(),
        Err(refusal) => return refusal.into(),
    };
    match change(portal, &mut state, kind, id, &input.properties) {
        Ok(()) => Answer::ok(&written(portal, &state, kind, id, &input.properties, false)),
        Err(refusal) => refusal.into(),
    }
}

pub(crate) fn archive(portal: &Portal, kind: Kind, id: &str) -> Answer {
    let mut state = portal.write();
    match id.parse().map(|id| write::archive(portal, &mut state, kind, id)) {
        Ok(Archived::Done) => Answer::empty(204),
        Ok(Archived::NotThere) | Err(_) => Refusal::not_found().into(),
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct EraseBody {
    object_id: IdText,
    #[serde(default)]
    id_property: Option<String>,
}

/// Erases a record for good, as the law may demand.
pub(crate) fn erase(portal: &Portal, kind: Kind, ask: &Ask<'_>) -> Answer {
    let body: EraseBody = match serde_json::from_slice(ask.body) {
        Ok(body) => body,
        Err(error) => return unreadable(&error),
    };
    let mut state = portal.write();
    let found =
        lookup::find_merged(portal, &state, kind, &body.object_id.text(), body.id_property.as_deref());
    match found.map(|f| f.map(|f| f.id)) {
        Ok(Some(id)) => {
            write::erase(portal, &mut state, kind, id);
            Answer::empty(204)
        }
        // An address that is not found is only blocked for the future.
        Ok(None) => Answer::empty(204),
        Err(refusal) => refusal.into(),
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct MergeBody {
    primary_object_id: IdText,
    object_id_to_merge: IdText,
}

/// Merges two records into one.
pub(crate) fn merge(portal: &Portal, kind: Kind, ask: &Ask<'_>) -> Answer {
    let body: MergeBody = match serde_json::from_slice(ask.body) {
        Ok(body) => body,
        Err(error) => return unreadable(&error),
    };
    let (primary, other) = (body.primary_object_id.text().parse(), body.object_id_to_merge.text().parse());
    let (Ok(primary), Ok(other)) = (primary, other) else { return Refusal::not_found().into() };
    let mut state = portal.write();
    match merge::merge(portal, &mut state, kind, primary, other) {
        Ok(id) => {
            let names = Map::from_iter([("hs_merged_object_ids".to_owned(), Value::Null)]);
            Answer::ok(&written(portal, &state, kind, id, &names, true))
        }
        Err(refusal) => refusal.into(),
    }
}

pub(crate) fn batch(portal: &Portal, kind: Kind, verb: &str, ask: &Ask<'_>) -> Answer {
    let body: Inputs = match serde_json::from_slice(ask.body) {
        Ok(body) => body,
        Err(error) => return unreadable(&error),
    };
    if body.inputs.len() > BATCH_MAX {
        return too_many(BATCH_MAX);
    }
    match verb {
        "create" => batch_create(portal, kind, &body.inputs),
        "update" => batch_update(portal, kind, &body.inputs),
        "upsert" => batch_upsert(portal, kind, body.inputs),
        _ => batch_archive(portal, kind, body.inputs),
    }
}

/// The envelope of a batch's answer.
pub(crate) fn complete(portal: &Portal, status: u16, results: &[Value], errors: &[Value]) -> Answer {
    let now = stamp::iso_text(portal.clock.now());
    let mut body = json!({"status": "COMPLETE", "results": results, "startedAt": now, "completedAt": now});
    if errors.is_empty() {
        return Answer::json(status, &body);
    }
    body["numErrors"] = json!(errors.len());
    body["errors"] = json!(errors);
    Answer::json(207, &body)
}

/// A refusal as an entry of a 207, naming the input it is for.
fn traced(refusal: Refusal, trace: &str) -> Value {
    let answer: Answer = refusal.into();
    let mut entry: Value = serde_json::from_slice(&answer.body).expect("our own JSON reads");
    if let Some(entry) = entry.as_object_mut() {
        entry.remove("correlationId");
        entry.insert("context".to_owned(), json!({"objectWriteTraceId": [trace]}));
    }
    entry
}

fn with_trace(mut result: Value, trace: Option<&str>) -> Value {
    if let Some(trace) = trace {
        result["objectWriteTraceId"] = json!(trace);
    }
    result
}

fn batch_create(portal: &Portal, kind: Kind, inputs: &[Input]) -> Answer {
    let mut state = portal.write();
    let mut prepared = Vec::new();
    let mut errors = Vec::new();
    let mut taken = std::collections::HashSet::new();
    for input in inputs {
        let checked = prepare(portal, &state, kind, input).and_then(|p| {
            let definitions = state.definitions(kind);
            for (position, value) in &p.values {
                let unique = value.as_ref().filter(|_| definitions.at(*position).unique);
                if let Some(value) = unique
                    && !taken.insert((*position, value.to_lowercase()))
                {
                    let message = format!("The value {value} comes twice in the batch");
                    return Err(Refusal::new(409, &message).category("CONFLICT"));
                }
            }
            Ok(p)
        });
        match (checked, &input.object_write_trace_id) {
            (Ok(p), _) => prepared.push((input, p)),
            (Err(refusal), Some(trace)) => errors.push(traced(refusal, trace)),
            // Without a trace id one bad input fails them all.
            (Err(refusal), None) => return refusal.into(),
        }
    }
    let mut results = Vec::new();
    for (input, p) in prepared {
        let id = write::create(portal, &mut state, kind, p.values, &p.links);
        let result = written(portal, &state, kind, id, &input.properties, true);
        results.push(with_trace(result, input.object_write_trace_id.as_deref()));
    }
    complete(portal, 201, &results, &errors)
}

fn batch_update(portal: &Portal, kind: Kind, inputs: &[Input]) -> Answer {
    let mut state = portal.write();
    let mut ids = Vec::new();
    for input in inputs {
        let text = id_text(input);
        match live_id(portal, &state, kind, &text, input.id_property.as_deref()) {
            Ok(id) => ids.push((text, id)),
            Err(refusal) => return refusal.into(),
        }
    }
    let mut seen = std::collections::HashSet::new();
    if let Some((text, _)) = ids.iter().find(|(_, id)| id.is_some_and(|id| !seen.insert(id))) {
        return Refusal::invalid(&format!(
            "Duplicate IDs found in batch input: [{text}]. IDs must be unique."
        ))
        .into();
    }
    // Values are checked before any is written: one wrong value without a trace id fails the batch.
    for (input, _) in
        inputs.iter().zip(&ids).filter(|(i, (_, id))| i.object_write_trace_id.is_none() && id.is_some())
    {
        if let Err(refusal) = check::values(portal, &state, kind, &input.properties, Purpose::Update) {
            return refusal.into();
        }
    }
    let (mut results, mut errors, mut missing) = (Vec::new(), Vec::new(), Vec::new());
    for (input, (text, id)) in inputs.iter().zip(ids) {
        let trace = input.object_write_trace_id.as_deref();
        let Some(id) = id else {
            match trace {
                Some(trace) => errors.push(traced(Refusal::not_found(), trace)),
                None => missing.push(text),
            }
            continue;
        };
        match (change(portal, &mut state, kind, id, &input.properties), trace) {
            (Ok(()), _) => {
                let result = written(portal, &state, kind, id, &input.properties, false);
                results.push(with_trace(result, trace));
            }
            (Err(refusal), Some(trace)) => errors.push(traced(refusal, trace)),
            (Err(refusal), None) => return refusal.into(),
        }
    }
    if !missing.is_empty() {
        let name = kind.row().singular.to_uppercase();
        let message = format!(
            "Could not get some {name} objects, they may be deleted or not exist. Check that ids are valid."
        );
        errors.push(batch_error("OBJECT_NOT_FOUND", &message, &json!({"ids": missing})));
    }
    complete(portal, 200, &results, &errors)
}

fn id_text(input: &Input) -> String {
    match &input.id {
        Some(IdText::Text(text)) => text.clone(),
        Some(IdText::Number(number)) => number.to_string(),
        None => String::new(),
    }
}

fn batch_upsert(portal: &Portal, kind: Kind, inputs: Vec<Input>) -> Answer {
    let mut state = portal.write();
    for input in &inputs {
        let known = input.id_property.as_deref().and_then(|name| lookup::unique_position(&state, kind, name));
        if known.is_none() {
            return Refusal::invalid("An upsert needs an idProperty with unique values.").into();
        }
        if let Err(refusal) = check::values(portal, &state, kind, &input.properties, Purpose::Update) {
            return refusal.into();
        }
    }
    let (mut results, mut errors) = (Vec::new(), Vec::new());
    for mut input in inputs {
        let text = id_text(&input);
        let name = input.id_property.clone().unwrap_or_default();
        let trace = input.object_write_trace_id.clone();
        let done = match live_id(portal, &state, kind, &text, Some(&name)) {
            Ok(Some(id)) => change(portal, &mut state, kind, id, &input.properties).map(|()| (id, false)),
            Ok(None) => {
                input.properties.entry(name).or_insert_with(|| json!(text));
                prepare(portal, &state, kind, &input)
                    .map(|p| (write::create(portal, &mut state, kind, p.values, &p.links), true))
            }
            Err(refusal) => Err(refusal),
        };
        match (done, trace) {
            (Ok((id, new)), trace) => {
                let mut result = written(portal, &state, kind, id, &input.properties, new);
                result["new"] = json!(new);
                results.push(with_trace(result, trace.as_deref()));
            }
            (Err(refusal), Some(trace)) => errors.push(traced(refusal, &trace)),
            (Err(refusal), None) => return refusal.into(),
        }
    }
    complete(portal, 200, &results, &errors)
}

fn batch_archive(portal: &Portal, kind: Kind, inputs: Vec<Input>) -> Answer {
    let mut state = portal.write();
    for input in inputs {
        if let Ok(id) = id_text(&input).parse() {
            // What is gone already, or never was, is as the caller wants it.
            let _ = write::archive(portal, &mut state, kind, id);
        }
    }
    Answer::empty(204)
}
