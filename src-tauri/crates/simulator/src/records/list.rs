//! Listing records page by page, and reading one.
//!
//! Deliberately absent: writing (`write`), batches (`batch`) and search (`search`).

use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::lookup;
use super::plan::{Plan, write_history, write_record};
use super::view::{Found, scan};
use crate::answer::{Answer, Refusal};
use crate::ask::{Ask, Query};
use crate::associations;
use crate::catalog::Kind;
use crate::definitions::Sensitivity;
use crate::edits::{Standing, State};
use crate::json;
use crate::oauth::Caller;
use crate::portal::Portal;
use crate::switches::ListAfter;

const LIMIT_DEFAULT: usize = 10;
const LIMIT_MAX: usize = 100;
pub(crate) const LIMIT_HISTORY: usize = 50;

/// The plan for a list of asked names; `key` is any text that means the same list.
pub(crate) fn plan(
    portal: &Portal,
    caller: &Caller,
    state: &State,
    kind: Kind,
    key: String,
    names: impl FnOnce() -> Vec<String>,
) -> Arc<Plan> {
    let sensitive =
        |level: &str| portal.holds(caller, &format!("crm.objects.{}.{level}.read.v2", kind.name()));
    let (may, may_highly) = (sensitive("sensitive"), sensitive("highly_sensitive"));
    let definitions = state.definitions(kind);
    let version = definitions.version << 2 | u64::from(may) << 1 | u64::from(may_highly);
    portal.plan(kind, version, key, || {
        Plan::new(kind, definitions, &names(), |sensitivity| match sensitivity {
            Sensitivity::Open => true,
            Sensitivity::Sensitive => may,
            Sensitivity::Highly => may_highly,
        })
    })
}

fn query_plan(portal: &Portal, state: &State, kind: Kind, ask: &Ask<'_>) -> Arc<Plan> {
    let query = ask.query;
    plan(portal, &ask.caller, state, kind, query.raw_list("properties"), || query.list("properties"))
}

pub(crate) fn list(portal: &Portal, kind: Kind, ask: &Ask<'_>) -> Answer {
    let query = ask.query;
    let history = query.list("propertiesWithHistory");
    let most = if history.is_empty() { LIMIT_MAX } else { LIMIT_HISTORY };
    let limit = match query.get("limit").map(|l| l.parse::<usize>()) {
        None => LIMIT_DEFAULT,
        Some(Ok(limit)) if (1..=most).contains(&limit) => limit,
        Some(Ok(limit)) if limit > most && !history.is_empty() => {
            return Refusal::invalid(&format!(
                "Invalid limit: {limit}. The maximum for property histories is 50."
            ))
            .into();
        }
        Some(_) => {
            return Refusal::invalid("Invalid limit. A page holds between 1 and 100 records.").into();
        }
    };
    let archived = query.is_true("archived");
    if archived && refuses_archived(portal, kind) {
        return Refusal::invalid("Archived records cannot be listed for this object.").into();
    }
    let from = match start(portal, kind, query) {
        Ok(from) => from,
        Err(refusal) => return refusal.into(),
    };
    let state = portal.read();
    let plan = query_plan(portal, &state, kind, ask);
    let targets = match associations::inline_targets(portal, &query.list("associations")) {
        Ok(targets) => targets,
        Err(refusal) => return refusal.into(),
    };
    let size = &portal.sizes[kind.index()];
    let mut out = portal.buffer(size.load(Ordering::Relaxed));
    out.extend_from_slice(b"{\"results\":[");
    let mut next = None;
    let mut written = 0;
    for found in scan(&portal.world, &state, kind, from) {
        let fits = match found.standing(&portal.world, kind) {
            Standing::Live | Standing::AsBefore => !archived,
            Standing::Archived(_) => archived,
            Standing::Merged(_) | Standing::Erased => false,
        };
        if !fits {
            continue;
        }
        if written == limit {
            next = Some(found.id);
            break;
        }
        if written > 0 {
            out.push(b',');
        }
        written += 1;
        let record = found.record(&portal.world, kind);
        write_record(portal, &plan, &record, &mut out, &mut |out| {
            if !history.is_empty() {
                write_history(&state, &record, &history, out);
            }
            associations::write_inline(portal, &state, kind, record.id, &targets, out);
        });
    }
    out.push(b']');
    if let Some(next) = next {
        if portal.config.switches.list_after != ListAfter::AnyId {
            portal.note_cursor(kind, next);
        }
        out.extend_from_slice(b",\"paging\":{\"next\":{\"after\":\"");
        json::number(&mut out, next);
        out.extend_from_slice(b"\",\"link\":\"");
        write_link(ask, next, &mut out);
        out.extend_from_slice(b"\"}}");
    }
    out.push(b'}');
    size.fetch_max(out.len() + 1_024, Ordering::Relaxed);
    Answer::bytes(200, out)
}

/// The id a page starts at.
fn start(portal: &Portal, kind: Kind, query: Query<'_>) -> Result<u64, Refusal> {
    let Some(after) = query.get("after").filter(|a| !a.is_empty()) else { return Ok(0) };
    let Ok(after) = after.parse::<u64>() else {
        return Err(Refusal::invalid("The paging cursor is not valid."));
    };
    match portal.config.switches.list_after {
        ListAfter::AnyId => Ok(after),
        _ if portal.knows_cursor(kind, after) => Ok(after),
        ListAfter::Refused => Err(Refusal::invalid("The paging cursor is not valid.")),
        ListAfter::FromStart => Ok(0),
    }
}

/// The same request with another cursor.
pub(crate) fn write_link(ask: &Ask<'_>, after: u64, out: &mut Vec<u8>) {
    out.extend_from_slice(ask.origin.as_bytes());
    out.extend_from_slice(ask.path.as_bytes());
    out.push(b'?');
    for pair in ask.query.0.split('&').filter(|p| !p.is_empty() && !p.starts_with("after=")) {
        // A quote cannot stand in a request line unescaped, but a careless client's would end the JSON string.
        out.extend(pair.bytes().filter(|&b| b != b'"' && b != b'\\'));
        out.push(b'&');
    }
    out.extend_from_slice(b"after=");
    json::number(out, after);
}

pub(crate) fn refuses_archived(portal: &Portal, kind: Kind) -> bool {
    portal.config.switches.archived_list_refused.iter().any(|name| name == kind.name())
}

pub(crate) fn get(portal: &Portal, kind: Kind, id: &str, ask: &Ask<'_>) -> Answer {
    let query = ask.query;
    let archived = query.is_true("archived");
    let state = portal.read();
    let found = match lookup::find_merged(portal, &state, kind, id, query.get("idProperty").as_deref()) {
        Ok(found) => found,
        Err(refusal) => return refusal.into(),
    };
    let fits = |found: &Found<'_>| match found.standing(&portal.world, kind) {
        Standing::Live | Standing::AsBefore => !archived,
        Standing::Archived(_) => archived,
        Standing::Merged(_) | Standing::Erased => false,
    };
    let Some(found) = found.filter(fits) else { return Refusal::not_found().into() };
    let targets = match associations::inline_targets(portal, &query.list("associations")) {
        Ok(targets) => targets,
        Err(refusal) => return refusal.into(),
    };
    let history = query.list("propertiesWithHistory");
    let record = found.record(&portal.world, kind);
    let mut out = portal.buffer(4_096);
    write_record(portal, &query_plan(portal, &state, kind, ask), &record, &mut out, &mut |out| {
        if !history.is_empty() {
            write_history(&state, &record, &history, out);
        }
        associations::write_inline(portal, &state, kind, record.id, &targets, out);
    });
    Answer::bytes(200, out)
}
