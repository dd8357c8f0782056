//! Properties that HubSpot refuses to answer: each costs only itself. It is named by the refusal or found by halving,
//! kept in the mirror, not asked again with the others, and tried again on its own.

use std::collections::BTreeMap;

use crm::{ObjectType, PropertyName, RecordId};
use hubspot::{
    ObjectKind,
    endpoint::{BatchRead, ListRecords},
};
use serde::{Deserialize, Serialize};
use store::Level;

use crate::{Error, asked::Asked, context::Context, error::Halt, mark, writer::WriterHandle};

/// The refused properties of one type.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Refused {
    pub properties: BTreeMap<String, Refusal>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Refusal {
    /// Epoch milliseconds of the first refusal and of the last trial.
    pub at: i64,
    pub tried: i64,
    /// As HubSpot said it.
    pub reason: String,
}

/// How a request that was refused is asked again with fewer properties.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Probe {
    List,
    Batch(RecordId),
}

/// Halving gives up after so many calls: then the refusal is about something else.
const PROBES_MAX: u32 = 48;
/// Properties of one probe at most; more would not fit every address.
const PROBE: usize = 100;

fn key(object: &str) -> String {
    format!("refused:{object}")
}

/// The refused properties of a type, from a reader.
pub fn refused(reader: &store::Reader, object: &str) -> Result<Refused, Error> {
    let key = key(object);
    Ok(mark::parse(&key, reader.checkpoint(&key)?)?.unwrap_or_default())
}

pub(crate) async fn read(writer: &WriterHandle, object: &ObjectType) -> Result<Refused, Error> {
    mark::read(writer, key(object.as_str())).await
}

pub(crate) async fn write(context: &Context, object: &ObjectType, refused: &Refused) -> Result<(), Error> {
    mark::write(&context.writer, key(object.as_str()), refused, context.now()).await
}

/// Leaves out what made HubSpot refuse a request for `names`. True if the request is worth repeating.
pub(crate) async fn leave_out(
    context: &Context,
    kind: &ObjectKind,
    asked: &Asked,
    names: &[PropertyName],
    error: &hubspot::Error,
    probe: Probe,
) -> Result<bool, Halt> {
    let hubspot::Error::Refused(refusal) = error else { return Ok(false) };
    let _alone = asked.one_at_a_time().await;
    if asked.names().len() < names.len() {
        // Another call of this stream was refused for the same reason, and has found it.
        return Ok(true);
    }
    let named: Vec<String> = refusal
        .named_properties()
        .into_iter()
        .filter(|name| names.iter().any(|n| n.as_str() == name))
        .collect();
    let guilty = if named.is_empty() && refusal.status == 400 {
        find(context, kind, names, probe).await?
    } else {
        named
    };
    if guilty.is_empty() || !asked.leave_out(&guilty) {
        return Ok(false);
    }
    let at = context.now().millis();
    let mut known = read(&context.writer, &kind.object).await?;
    for name in &guilty {
        let entry =
            known.properties.entry(name.clone()).or_insert_with(|| Refusal { at, ..Refusal::default() });
        (entry.tried, entry.reason) = (at, refusal.to_string());
    }
    write(context, &kind.object, &known).await?;
    let message = format!(
        "HubSpot refused to answer {} of {}; the values here stay as they are, and it is tried again by itself.",
        guilty.join(", "),
        kind.plural
    );
    context.tell(Level::Warn, "property_refused", Some(&kind.object), message).await?;
    Ok(true)
}

/// Halves the names until those are found that are refused alone; none if no single one is to blame.
async fn find(
    context: &Context,
    kind: &ObjectKind,
    names: &[PropertyName],
    probe: Probe,
) -> Result<Vec<String>, Halt> {
    let id = [PropertyName::from("hs_object_id")];
    let mut left = PROBES_MAX;
    if !answered(context, kind, &id, probe, &mut left).await? {
        return Ok(Vec::new());
    }
    let mut guilty = Vec::new();
    let mut suspects: Vec<&[PropertyName]> = names.chunks(PROBE).collect();
    while let Some(some) = suspects.pop() {
        if left == 0 {
            return Ok(Vec::new());
        }
        if answered(context, kind, some, probe, &mut left).await? {
            continue;
        }
        match some {
            [one] => guilty.push(one.as_str().to_owned()),
            several => suspects.extend(<[_; 2]>::from(several.split_at(several.len() / 2))),
        }
    }
    Ok(guilty)
}

async fn answered(
    context: &Context,
    kind: &ObjectKind,
    properties: &[PropertyName],
    probe: Probe,
    left: &mut u32,
) -> Result<bool, Halt> {
    *left = left.saturating_sub(1);
    let answer = match probe {
        Probe::List => {
            let list = ListRecords { kind, after: None, limit: 1, properties, archived: false };
            context.send(&list).await.map(drop)
        }
        Probe::Batch(id) => {
            context.send(&BatchRead { kind, ids: &[id], properties, archived: false }).await.map(drop)
        }
    };
    match answer {
        Ok(()) => Ok(true),
        Err(Halt::Error(Error::Hubspot(hubspot::Error::Refused(_)))) => Ok(false),
        Err(halt) => Err(halt),
    }
}
