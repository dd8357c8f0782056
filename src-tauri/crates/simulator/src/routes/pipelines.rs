//! Pipelines and their stages.
//!
//! Deliberately absent: an audit trail; it answers that nothing happened.

use serde::Deserialize;
use serde_json::{Value, json};

use super::wrong_method;
use crate::answer::{Answer, Refusal};
use crate::ask::{Ask, Version};
use crate::catalog::Kind;
use crate::edits::State;
use crate::pipelines::{Pipeline, Stage};
use crate::portal::Portal;
use crate::records::batch::unreadable;
use crate::records::lookup;
use crate::values::pipeline_properties;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Body {
    label: Option<String>,
    display_order: Option<i64>,
    archived: Option<bool>,
    metadata: Option<Value>,
    stages: Option<Vec<Body>>,
    #[serde(alias = "pipelineId")]
    stage_id: Option<String>,
}

pub(crate) fn answer(portal: &Portal, kind: Kind, version: Version, rest: &[&str], ask: &Ask<'_>) -> Answer {
    if ask.method == "GET" {
        return read(portal, kind, rest);
    }
    let mut state = portal.write();
    let done = match (ask.method, rest) {
        ("DELETE", [id]) => delete_pipeline(portal, &mut state, kind, id, checks(portal, version, ask)),
        ("DELETE", [id, "stages", stage]) => {
            delete_stage(portal, &mut state, kind, (id, stage), checks(portal, version, ask))
        }
        ("POST" | "PUT" | "PATCH", _) => {
            let body = match serde_json::from_slice(ask.body) {
                Ok(body) => body,
                Err(error) => return unreadable(&error),
            };
            write(portal, &mut state, kind, rest, ask.method, body)
        }
        _ => return wrong_method(),
    };
    done.unwrap_or_else(Into::into)
}

fn read(portal: &Portal, kind: Kind, rest: &[&str]) -> Answer {
    let state = portal.read();
    let live = || state.pipelines[kind.index()].iter().filter(|p| !p.archived);
    let find = |id: &str| live().find(|p| p.id == id);
    let answer = match rest {
        [] => Some(Answer::results(live().map(Pipeline::to_json))),
        [id] => find(id).map(|p| Answer::ok(&p.to_json())),
        [id, "stages"] => {
            find(id).map(|p| Answer::results(p.stages.iter().filter(|s| !s.archived).map(Stage::to_json)))
        }
        [id, "stages", stage] => find(id)
            .and_then(|p| p.stages.iter().find(|s| s.id == *stage && !s.archived))
            .map(|s| Answer::ok(&s.to_json())),
        [_, "audit"] | [_, "stages", _, "audit"] => Some(Answer::results(Vec::new())),
        _ => None,
    };
    answer.unwrap_or_else(|| Refusal::not_found().into())
}

/// Whether what is in use may not be deleted: asked for, or on `2026-09` by default.
fn checks(portal: &Portal, version: Version, ask: &Ask<'_>) -> bool {
    const ASKED: &str = "validateReferencesBeforeDelete";
    match ask.query.get(ASKED) {
        Some(_) => ask.query.is_true(ASKED),
        None => version == Version::September2026 || !portal.config.switches.stage_in_use_deletable,
    }
}

type Done = Result<Answer, Refusal>;

fn position(state: &State, kind: Kind, id: &str) -> Result<usize, Refusal> {
    let list = &state.pipelines[kind.index()];
    list.iter().position(|p| p.id == id && !p.archived).ok_or_else(Refusal::not_found)
}

fn in_use(portal: &Portal, state: &State, kind: Kind, stages: &[String]) -> bool {
    let Some((_, stage_property)) = pipeline_properties(kind) else { return false };
    let Some((at, property)) = state.definitions(kind).find(stage_property) else { return false };
    lookup::live(portal, state, kind).any(|found| {
        let stage = found.record(&portal.world, kind).text(at, property);
        stage.is_some_and(|s| stages.contains(&s))
    })
}

fn used(what: &str) -> Refusal {
    let message = format!("The {what} is in use and cannot be deleted.");
    Refusal::invalid(&message).with("subCategory", json!("PipelineError.STAGE_ID_IN_USE"))
}

fn delete_pipeline(portal: &Portal, state: &mut State, kind: Kind, id: &str, checked: bool) -> Done {
    let at = position(state, kind, id)?;
    let stages: Vec<String> = state.pipelines[kind.index()][at].stages.iter().map(|s| s.id.clone()).collect();
    if checked && in_use(portal, state, kind, &stages) {
        return Err(used("pipeline"));
    }
    state.pipelines[kind.index()][at].archived = true;
    Ok(Answer::empty(204))
}

fn delete_stage(portal: &Portal, state: &mut State, kind: Kind, ids: (&str, &str), checked: bool) -> Done {
    let at = position(state, kind, ids.0)?;
    let known = state.pipelines[kind.index()][at].stages.iter().position(|s| s.id == ids.1 && !s.archived);
    let Some(stage) = known else { return Err(Refusal::not_found()) };
    if checked && in_use(portal, state, kind, &[ids.1.to_owned()]) {
        return Err(used("stage"));
    }
    state.pipelines[kind.index()][at].stages[stage].archived = true;
    Ok(Answer::empty(204))
}

fn write(portal: &Portal, state: &mut State, kind: Kind, rest: &[&str], method: &str, body: Body) -> Done {
    let now = portal.clock.now();
    let fresh = state.next_id(kind).to_string();
    match (method, rest) {
        ("POST", []) => {
            let pipeline = new_pipeline(body, &fresh, now)?;
            let answer = Answer::json(201, &pipeline.to_json());
            state.pipelines[kind.index()].push(pipeline);
            Ok(answer)
        }
        ("PUT", [id]) => {
            let at = position(state, kind, id)?;
            let pipeline = &mut state.pipelines[kind.index()][at];
            let replaced = new_pipeline(body, id, now)?;
            *pipeline = Pipeline { created_at: pipeline.created_at, ..replaced };
            Ok(Answer::ok(&pipeline.to_json()))
        }
        ("PATCH", [id]) => {
            let at = position(state, kind, id)?;
            let pipeline = &mut state.pipelines[kind.index()][at];
            pipeline.label = body.label.unwrap_or_else(|| pipeline.label.clone());
            pipeline.order = body.display_order.unwrap_or(pipeline.order);
            pipeline.archived = body.archived.unwrap_or(pipeline.archived);
            pipeline.updated_at = now;
            Ok(Answer::ok(&pipeline.to_json()))
        }
        ("POST", [id, "stages"]) => {
            let at = position(state, kind, id)?;
            let stage = new_stage(body, &fresh, now)?;
            let answer = Answer::json(201, &stage.to_json());
            state.pipelines[kind.index()][at].stages.push(stage);
            Ok(answer)
        }
        ("PUT" | "PATCH", [id, "stages", stage]) => {
            let at = position(state, kind, id)?;
            let stages = &mut state.pipelines[kind.index()][at].stages;
            let Some(stage) = stages.iter_mut().find(|s| s.id == *stage && !s.archived) else {
                return Err(Refusal::not_found());
            };
            stage.label = body.label.unwrap_or_else(|| stage.label.clone());
            stage.order = body.display_order.unwrap_or(stage.order);
            stage.metadata = body.metadata.unwrap_or_else(|| stage.metadata.clone());
            stage.archived = body.archived.unwrap_or(stage.archived);
            stage.updated_at = now;
            Ok(Answer::ok(&stage.to_json()))
        }
        _ => Err(Refusal::not_found()),
    }
}

fn new_pipeline(body: Body, id: &str, now: i64) -> Result<Pipeline, Refusal> {
    let Some(label) = body.label else { return Err(Refusal::invalid("A pipeline needs a label.")) };
    let mut stages = Vec::new();
    for (nth, stage) in body.stages.unwrap_or_default().into_iter().enumerate() {
        stages.push(new_stage(stage, &format!("{id}{nth:02}"), now)?);
    }
    Ok(Pipeline {
        id: body.stage_id.unwrap_or_else(|| id.to_owned()),
        label,
        order: body.display_order.unwrap_or(0),
        stages,
        created_at: now,
        updated_at: now,
        archived: false,
    })
}

fn new_stage(body: Body, id: &str, now: i64) -> Result<Stage, Refusal> {
    let Some(label) = body.label else { return Err(Refusal::invalid("A stage needs a label.")) };
    Ok(Stage {
        id: body.stage_id.unwrap_or_else(|| id.to_owned()),
        label,
        order: body.display_order.unwrap_or(0),
        metadata: body.metadata.unwrap_or_else(|| json!({})),
        created_at: now,
        updated_at: now,
        archived: false,
    })
}
