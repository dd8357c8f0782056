//! Reading links: of one record, of many, and in the older shape.
//!
//! Deliberately absent: inline links (`associations`).

use serde::Deserialize;
use serde_json::json;

use super::links_of;
use crate::answer::{Answer, Refusal};
use crate::ask::Ask;
use crate::catalog::Kind;
use crate::edits::State;
use crate::json;
use crate::portal::Portal;
use crate::records::batch::{IdText, too_many, unreadable};
use crate::records::list::write_link;
use crate::stamp;
use crate::world::links::TypeSet;

const LIMIT_MAX: usize = 500;

fn write_target(state: &State, from: Kind, to: Kind, link: &(u64, TypeSet), out: &mut Vec<u8>) {
    out.extend_from_slice(b"{\"toObjectId\":");
    json::number(out, link.0);
    out.extend_from_slice(b",\"associationTypes\":[");
    // A label that was dropped since leaves its links with the types that remain.
    let known = link.1.ids().iter().filter_map(|&id| state.labels.find(from, to, id));
    for (nth, known) in known.enumerate() {
        if nth > 0 {
            out.push(b',');
        }
        out.extend_from_slice(b"{\"category\":\"");
        out.extend_from_slice(known.category.name().as_bytes());
        out.extend_from_slice(b"\",\"typeId\":");
        json::number(out, u64::from(known.id));
        out.extend_from_slice(b",\"label\":");
        match &known.label {
            Some(label) => json::text(out, label.as_bytes()),
            None => out.extend_from_slice(b"null"),
        }
        out.push(b'}');
    }
    out.extend_from_slice(b"]}");
}

/// `GET …/{id}/associations/{to}`.
pub(crate) fn one(portal: &Portal, from: Kind, id: &str, to: Kind, ask: &Ask<'_>) -> Answer {
    let most = portal.config.switches.association_page.min(LIMIT_MAX);
    let limit = match ask.query.get("limit").map(|l| l.parse::<usize>()) {
        None => most,
        Some(Ok(limit)) if (1..=LIMIT_MAX).contains(&limit) => limit.min(most),
        Some(_) => {
            return Refusal::invalid("Invalid limit. A page holds between 1 and 500 associations.").into();
        }
    };
    let after = ask.query.get("after").and_then(|a| a.parse::<u64>().ok()).unwrap_or(0);
    let state = portal.read();
    let known = id.parse::<u64>().ok().and_then(|id| {
        crate::records::view::Found::new(&portal.world, &state, from, id)
            .filter(|f| f.is_live(&portal.world, from))
    });
    let Some(known) = known else { return Refusal::not_found().into() };
    let links = links_of(portal, &state, from, known.id, to);
    let rest = &links[links.partition_point(|&(other, _)| other < after)..];
    let mut out = portal.buffer(limit.min(rest.len()) * 128 + 256);
    out.extend_from_slice(b"{\"results\":[");
    for (nth, link) in rest.iter().take(limit).enumerate() {
        if nth > 0 {
            out.push(b',');
        }
        write_target(&state, from, to, link, &mut out);
    }
    out.push(b']');
    if let Some((next, _)) = rest.get(limit) {
        out.extend_from_slice(b",\"paging\":{\"next\":{\"after\":\"");
        json::number(&mut out, *next);
        out.extend_from_slice(b"\",\"link\":\"");
        write_link(ask, *next, &mut out);
        out.extend_from_slice(b"\"}}");
    }
    out.push(b'}');
    Answer::bytes(200, out)
}

#[derive(Deserialize)]
struct Body {
    inputs: Vec<Input>,
}

#[derive(Deserialize)]
struct Input {
    id: IdText,
    #[serde(default)]
    after: Option<String>,
}

/// How a batch of links is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// `toObjectId` with all types.
    Current,
    /// One `{id, type}` for every type.
    V3,
}

/// `POST …/associations/{from}/{to}/batch/read`.
pub(crate) fn batch(portal: &Portal, from: Kind, to: Kind, shape: Shape, ask: &Ask<'_>) -> Answer {
    let body: Body = match serde_json::from_slice(ask.body) {
        Ok(body) => body,
        Err(error) => return unreadable(&error),
    };
    let switches = &portal.config.switches;
    if body.inputs.len() > switches.association_read_max {
        return too_many(switches.association_read_max);
    }
    let started = stamp::iso_text(portal.clock.now());
    let state = portal.read();
    let mut out = portal.buffer(body.inputs.len() * 192 + 512);
    out.extend_from_slice(b"{\"status\":\"COMPLETE\",\"results\":[");
    let mut without = Vec::new();
    let mut written = false;
    for input in body.inputs {
        let id = input.id.text();
        let links = id.parse().map_or_else(|_| Vec::new(), |id| links_of(portal, &state, from, id, to));
        if links.is_empty() {
            without.push(id);
            continue;
        }
        let after = input.after.and_then(|a| a.parse::<u64>().ok()).unwrap_or(0);
        let rest = &links[links.partition_point(|&(other, _)| other < after)..];
        if std::mem::replace(&mut written, true) {
            out.push(b',');
        }
        out.extend_from_slice(b"{\"from\":{\"id\":");
        json::text(&mut out, id.as_bytes());
        out.extend_from_slice(b"},\"to\":[");
        let page = &rest[..rest.len().min(switches.association_page)];
        write_page(&state, from, to, shape, page, &mut out);
        out.push(b']');
        if let Some((next, _)) = rest.get(page.len()) {
            out.extend_from_slice(b",\"paging\":{\"next\":{\"after\":\"");
            json::number(&mut out, *next);
            out.extend_from_slice(b"\",\"link\":\"?after=");
            json::number(&mut out, *next);
            out.extend_from_slice(b"\"}}");
        }
        out.push(b'}');
    }
    out.push(b']');
    if !without.is_empty() {
        let count = format!(",\"numErrors\":{},\"errors\":[", without.len());
        out.extend_from_slice(count.as_bytes());
        for (nth, id) in without.iter().enumerate() {
            if nth > 0 {
                out.push(b',');
            }
            write_none(from, to, id, &mut out);
        }
        out.push(b']');
    }
    let completed = stamp::iso_text(portal.clock.now());
    let dates = format!(",\"startedAt\":\"{started}\",\"completedAt\":\"{completed}\"}}");
    out.extend_from_slice(dates.as_bytes());
    Answer::bytes(if without.is_empty() { 200 } else { 207 }, out)
}

fn write_page(state: &State, from: Kind, to: Kind, shape: Shape, page: &[(u64, TypeSet)], out: &mut Vec<u8>) {
    let mut first = true;
    for link in page {
        if shape == Shape::Current {
            if !std::mem::replace(&mut first, false) {
                out.push(b',');
            }
            write_target(state, from, to, link, out);
            continue;
        }
        for &type_id in link.1.ids() {
            if !std::mem::replace(&mut first, false) {
                out.push(b',');
            }
            let name = state.labels.old_name(from, to, type_id);
            out.extend_from_slice(json!({"id": link.0.to_string(), "type": name}).to_string().as_bytes());
        }
    }
}

fn write_none(from: Kind, to: Kind, id: &str, out: &mut Vec<u8>) {
    let (a, b) = (from.row().singular, to.row().singular);
    out.extend_from_slice(
        b"{\"status\":\"error\",\"category\":\"OBJECT_NOT_FOUND\",\"subCategory\":\"crm.associations.NO_ASSOCIATIONS_FOUND\",\"message\":",
    );
    json::text(out, format!("No {b} is associated with {a} {id}.").as_bytes());
    out.extend_from_slice(b",\"context\":{\"fromObjectId\":[");
    json::text(out, id.as_bytes());
    out.extend_from_slice(
        format!("],\"fromObjectType\":[\"{a}\"],\"toObjectType\":[\"{b}\"]}}}}").as_bytes(),
    );
}
