//! A record's JSON, planned once per set of asked properties and then written for every record.
//!
//! Names of properties that no untouched record fills are written with their nulls in one piece. Deliberately absent:
//! parsing what was asked (`list`, `batch`).

use std::ops::Range;
use std::sync::Arc;

use super::view::Record;
use crate::catalog::{Kind, NOTES, TASKS};
use crate::config::Poison;
use crate::definitions::generator::Generator;
use crate::definitions::{Definitions, Property, Sensitivity};
use crate::edits::State;
use crate::json;
use crate::portal::Portal;
use crate::stamp;

#[derive(Debug)]
struct Piece {
    /// Nulls that came before, and this property's key.
    lead: Range<usize>,
    position: u16,
    property: Arc<Property>,
}

#[derive(Debug)]
pub(crate) struct Plan {
    text: Vec<u8>,
    pieces: Vec<Piece>,
    /// Nulls after the last piece.
    tail: Range<usize>,
    /// Everything asked for, for records with changes.
    all: Vec<(u16, Arc<Property>)>,
}

impl Plan {
    /// Plans the answer to a list of property names: those that exist, the id and the two stamps. Without any names the
    /// type's small default set takes their place.
    pub(crate) fn new(
        kind: Kind,
        definitions: &Definitions,
        names: &[String],
        may_see: impl Fn(Sensitivity) -> bool,
    ) -> Plan {
        let row = kind.row();
        let always = ["hs_object_id", row.created, row.modified];
        let defaults: &[&str] = if names.is_empty() { row.defaults } else { &[] };
        let asked = names.iter().map(String::as_str).chain(always).chain(defaults.iter().copied());
        let mut positions: Vec<u16> = asked
            .filter_map(|name| definitions.find(name))
            .filter(|(_, p)| may_see(p.sensitivity))
            .map(|(at, _)| at)
            .collect();
        positions.sort_unstable();
        positions.dedup();
        let mut plan = Plan { text: Vec::new(), pieces: Vec::new(), tail: 0..0, all: Vec::new() };
        let mut start = 0;
        for position in positions {
            let property = definitions.at(position);
            plan.text.extend_from_slice(&property.key);
            plan.all.push((position, Arc::clone(property)));
            if property.fill == 0 || property.generator == Generator::None {
                plan.text.extend_from_slice(b"null,");
            } else {
                let lead = start..plan.text.len();
                plan.pieces.push(Piece { lead, position, property: Arc::clone(property) });
                start = plan.text.len();
            }
        }
        plan.tail = start..plan.text.len();
        plan
    }

    /// Writes `{"name":"value",…}`.
    pub(crate) fn write(&self, record: &Record<'_>, out: &mut Vec<u8>) {
        out.push(b'{');
        if record.edit.is_none() {
            for piece in &self.pieces {
                out.extend_from_slice(&self.text[piece.lead.clone()]);
                write_value(record, piece.position, &piece.property, out);
            }
            out.extend_from_slice(&self.text[self.tail.clone()]);
        } else {
            for (position, property) in &self.all {
                out.extend_from_slice(&property.key);
                write_value(record, *position, property, out);
            }
        }
        // The id is always there, so there is a comma to turn into the end.
        if let Some(last) = out.last_mut() {
            *last = b'}';
        }
    }
}

fn write_value(record: &Record<'_>, position: u16, property: &Property, out: &mut Vec<u8>) {
    let start = out.len();
    out.push(b'"');
    if record.write(position, property, out) {
        let bare = record.subject.as_ref().is_some_and(|s| s.poison == Some(Poison::NumberValue))
            && property.name == "num_conversion_events";
        if bare {
            out.remove(start);
        } else {
            json::close(out, start + 1);
        }
    } else {
        out.truncate(start);
        out.extend_from_slice(b"null");
    }
    out.push(b',');
}

/// Extra members of a record, written after the usual ones.
pub(crate) type Extra<'e> = &'e mut dyn FnMut(&mut Vec<u8>);

/// Writes one record in the shape every read answers.
pub(crate) fn write_record(
    portal: &Portal,
    plan: &Plan,
    record: &Record<'_>,
    out: &mut Vec<u8>,
    extra: Extra<'_>,
) {
    let poison = record.subject.as_ref().and_then(|s| s.poison);
    match poison {
        Some(Poison::MissingId) => out.extend_from_slice(b"{"),
        Some(Poison::BrokenId) => out.extend_from_slice(b"{\"id\":\"not-a-number\","),
        _ => {
            out.extend_from_slice(b"{\"id\":\"");
            json::number(out, record.id);
            out.extend_from_slice(b"\",");
        }
    }
    out.extend_from_slice(b"\"properties\":");
    if poison == Some(Poison::NullProperties) {
        out.extend_from_slice(b"null");
    } else {
        plan.write(record, out);
    }
    write_frame(portal, record, out);
    extra(out);
    if portal.config.unknown_fields {
        out.extend_from_slice(b",\"hs_preview\":{\"v\":2,\"tags\":[\"x\",null]},\"shard\":7");
    }
    out.push(b'}');
}

/// Writes the stamps, the archived flag and the link to the record's page.
pub(crate) fn write_frame(portal: &Portal, record: &Record<'_>, out: &mut Vec<u8>) {
    out.extend_from_slice(b",\"createdAt\":\"");
    stamp::iso(out, record.created);
    if record.subject.as_ref().and_then(|s| s.poison) != Some(Poison::MissingStamps) {
        out.extend_from_slice(b"\",\"updatedAt\":\"");
        stamp::iso(out, record.modified);
    }
    match record.archived_at {
        None => out.extend_from_slice(b"\",\"archived\":false"),
        Some(at) => {
            out.extend_from_slice(b"\",\"archived\":true,\"archivedAt\":\"");
            stamp::iso(out, at);
            out.push(b'"');
        }
    }
    out.extend_from_slice(b",\"url\":\"https://");
    out.extend_from_slice(portal.ui_domain().as_bytes());
    let place = match record.kind {
        NOTES => "/objects/0-46/views/all/list?filters=hs_object_id%3A",
        TASKS => "/tasks/view/all/task/",
        _ => "/record/",
    };
    out.extend_from_slice(b"/contacts/");
    json::number(out, portal.config.portal);
    out.extend_from_slice(place.as_bytes());
    if place == "/record/" {
        out.extend_from_slice(record.kind.row().type_id.as_bytes());
        out.push(b'/');
    }
    json::number(out, record.id);
    out.push(b'"');
}

/// Writes `"propertiesWithHistory":{…}` for the asked names: the value now, and one before it.
pub(crate) fn write_history(state: &State, record: &Record<'_>, names: &[String], out: &mut Vec<u8>) {
    out.extend_from_slice(b",\"propertiesWithHistory\":{");
    let definitions = state.definitions(record.kind);
    let mut first = true;
    for name in names {
        let Some((position, property)) = definitions.find(name) else { continue };
        if !std::mem::replace(&mut first, false) {
            out.push(b',');
        }
        out.extend_from_slice(&property.key);
        out.push(b'[');
        let mut value = Vec::new();
        if record.write(position, property, &mut value) {
            for (nth, at) in [record.modified, record.created].into_iter().enumerate() {
                if nth > 0 {
                    out.push(b',');
                }
                out.extend_from_slice(b"{\"value\":");
                json::text(out, if nth == 0 { &value } else { b"" });
                out.extend_from_slice(b",\"timestamp\":\"");
                stamp::iso(out, at);
                out.extend_from_slice(b"\",\"sourceType\":");
                json::text(out, if property.calculated { b"CALCULATED" } else { b"CRM_UI" });
                out.extend_from_slice(b",\"sourceId\":\"userId:9586504\",\"updatedByUserId\":9586504}");
            }
        }
        out.push(b']');
    }
    out.push(b'}');
}
