//! Rows read again by id for one reason: some properties of all records of a type, or whole rows that nothing else
//! would look at. Asked for by a request kept in the mirror, done in steps, gone on with after a cut.
//!
//! A property that is switched to stored, or that HubSpot refused before, is filled so; so are calculated properties,
//! whose changes move no stamp, and rows outside the window.

use crm::{ObjectType, PropertyName, Record, RecordId, Timestamp, Unreadable};
use futures::stream::{self, StreamExt, TryStreamExt};
use hubspot::ObjectKind;
use serde::{Deserialize, Serialize};
use store::{ChangesCommit, FillCommit, Level};

use crate::{Error, asked::Asked, context::Context, error::Halt, fetch, mark, refused, tally::Finds};

/// What is to be read again of one type, in order.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Refills {
    pub waiting: Vec<Refill>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refill {
    pub why: RefillReason,
    /// The properties; none means whole rows.
    #[serde(default)]
    pub names: Vec<String>,
    /// Records up to this id are done.
    #[serde(default)]
    pub past: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefillReason {
    /// A property is stored from now on.
    Stored,
    /// A refused property is tried again.
    Refused,
    /// Calculated properties change without a stamp.
    Calculated,
    /// Rows last modified before the window.
    Outside,
}

/// Records read by one call, and such calls in flight.
const STEP: usize = fetch::PAGE as usize;
const CALLS: usize = 4;

fn key(object: &str) -> String {
    format!("refill:{object}")
}

/// Asks for properties of all records of a type; the next run reads them. For whoever holds the mirror's writer.
pub fn request_refill(
    writer: &mut store::Writer,
    object: &ObjectType,
    names: &[PropertyName],
    at: Timestamp,
) -> Result<(), Error> {
    let key = key(object.as_str());
    let mut refills: Refills = mark::parse(&key, writer.checkpoint(&key)?)?.unwrap_or_default();
    let names: Vec<String> = names
        .iter()
        .map(|name| name.as_str().to_owned())
        .filter(|name| !refills.waiting.iter().any(|refill| refill.past == 0 && refill.names.contains(name)))
        .collect();
    if !names.is_empty() {
        refills.waiting.push(Refill { why: RefillReason::Stored, names, past: 0 });
        writer.put_checkpoint(&key, &mark::to_json(&refills), at)?;
    }
    Ok(())
}

/// What is still to be read again of a type, from a reader.
pub fn refills(reader: &store::Reader, object: &str) -> Result<Refills, Error> {
    let key = key(object);
    Ok(mark::parse(&key, reader.checkpoint(&key)?)?.unwrap_or_default())
}

/// Adds a refill unless one for the same reason waits already.
pub(crate) async fn add(
    context: &Context,
    kind: &ObjectKind,
    why: RefillReason,
    names: Vec<String>,
) -> Result<(), Error> {
    let mut refills = waiting(context, kind).await?;
    if refills.waiting.iter().any(|refill| refill.why == why) {
        return Ok(());
    }
    refills.waiting.push(Refill { why, names, past: 0 });
    write(context, kind, &refills).await
}

/// Works through what waits; what was asked for while it did is left for the next run. Returns the reasons of those
/// that were done.
pub(crate) async fn work(
    context: &Context,
    kind: &ObjectKind,
    asked: &Asked,
) -> Result<Vec<RefillReason>, Halt> {
    let mut done = Vec::new();
    let many = waiting(context, kind).await?.waiting.len();
    for _ in 0..many {
        let refills = waiting(context, kind).await?;
        let Some(refill) = refills.waiting.first().cloned() else { break };
        let filled = one(context, kind, asked, refill.clone()).await?;
        done.push(refill.why);
        if let Some(message) = said(kind, &refill, filled) {
            context.tell(Level::Info, "refilled", Some(&kind.object), message).await?;
        }
    }
    Ok(done)
}

fn said(kind: &ObjectKind, refill: &Refill, rows: u64) -> Option<String> {
    match refill.why {
        RefillReason::Stored | RefillReason::Refused => {
            Some(format!("{} of {}: filled into {rows} records.", refill.names.join(", "), kind.plural))
        }
        RefillReason::Calculated | RefillReason::Outside => None,
    }
}

/// One refill from where it stands to its end. Returns how many rows it changed.
async fn one(context: &Context, kind: &ObjectKind, asked: &Asked, refill: Refill) -> Result<u64, Halt> {
    let names: Vec<PropertyName> = refill.names.iter().map(|name| PropertyName::from(&**name)).collect();
    // What is refused now is left out and tried again later; the others are filled.
    let wanted = if names.is_empty() { asked.clone() } else { Asked::new(names, false) };
    let before = (refill.why == RefillReason::Outside).then_some(context.since).flatten();
    let lane = context.in_lane(hubspot::Lane::Person);
    let (writer, object) = (context.writer.clone(), kind.object.clone());
    let steps = stream::try_unfold(refill.past, move |past| {
        let (writer, object) = (writer.clone(), object.clone());
        async move {
            let ids = writer.call(move |store| store.live_after(&object, past, before, STEP)).await?;
            Ok::<_, Halt>(ids.last().copied().map(|last| (ids, last.get())))
        }
    });
    let (reader, of, names) = (lane, kind.clone(), wanted.clone());
    let read =
        steps.map_ok(move |ids| step(reader.clone(), of.clone(), names.clone(), ids)).try_buffered(CALLS);
    let mut read = std::pin::pin!(read);
    let (mut filled, mut accepted) = (0, refill.why != RefillReason::Refused);
    while let Some(step) = read.next().await {
        let step = step?;
        if !accepted {
            accept(context, kind, &wanted).await?;
            accepted = true;
        }
        filled += commit(context, kind, &wanted, &refill, step).await?;
        if !refill.names.is_empty() && wanted.names().is_empty() {
            break;
        }
    }
    finish(context, kind, &refill).await?;
    Ok(filled)
}

struct Step {
    records: Vec<Record>,
    unreadable: Vec<Unreadable>,
    absent: Vec<RecordId>,
    past: i64,
}

async fn step(context: Context, kind: ObjectKind, asked: Asked, ids: Vec<RecordId>) -> Result<Step, Halt> {
    let past = ids.last().map_or(0, |id| id.get());
    if asked.names().is_empty() {
        return Ok(Step { records: Vec::new(), unreadable: Vec::new(), absent: Vec::new(), past });
    }
    let (records, unreadable) = fetch::batch(&context, &kind, &asked, &ids, false).await?;
    let answered = |id: &RecordId| {
        records.iter().any(|record| record.id == *id)
            || unreadable.iter().any(|row| row.id.as_deref() == Some(&id.to_string()))
    };
    let absent = ids.into_iter().filter(|id| !answered(id)).collect();
    Ok(Step { records, unreadable, absent, past })
}

/// Commits a step with how far the refill is.
async fn commit(
    context: &Context,
    kind: &ObjectKind,
    asked: &Asked,
    refill: &Refill,
    step: Step,
) -> Result<u64, Halt> {
    let (object, at, scope, whole) =
        (kind.object.clone(), context.now(), asked.scope(), refill.names.is_empty());
    let (why, key, names) = (refill.why, key(kind.object.as_str()), asked.names());
    let stored = context
        .writer
        .call(move |store| {
            // Read here, beside the commit: more may have been asked for meanwhile.
            let refills = store.checkpoint(&key)?;
            let json = moved(refills.as_deref(), why, step.past);
            let point = (&*key, &*json);
            if whole {
                store.commit_changes(&ChangesCommit {
                    object: &object,
                    records: &step.records,
                    unreadable: &step.unreadable,
                    absent: &step.absent,
                    asked: scope.kept(),
                    at,
                    point: Some(point),
                })
            } else {
                store.commit_fill(&FillCommit {
                    object: &object,
                    records: &step.records,
                    names: &names,
                    absent: &step.absent,
                    at,
                    point,
                })
            }
        })
        .await?;
    let finds = match why {
        RefillReason::Stored | RefillReason::Refused => Finds::Nothing,
        RefillReason::Calculated | RefillReason::Outside => Finds::Changes,
    };
    context.count(&stored, finds);
    context.board.committed(stored.updated + stored.unchanged);
    Ok(stored.updated)
}

/// The kept refills, with the one for this reason moved on.
fn moved(json: Option<&str>, why: RefillReason, past: i64) -> String {
    let mut refills: Refills = json.and_then(|json| serde_json::from_str(json).ok()).unwrap_or_default();
    if let Some(refill) = refills.waiting.iter_mut().find(|refill| refill.why == why) {
        refill.past = refill.past.max(past);
    }
    mark::to_json(&refills)
}

/// HubSpot answers these again: from now on they are asked with the others.
async fn accept(context: &Context, kind: &ObjectKind, wanted: &Asked) -> Result<(), Halt> {
    let answered = wanted.names();
    let mut known = refused::read(&context.writer, &kind.object).await?;
    known.properties.retain(|name, _| !answered.iter().any(|answered| answered.as_str() == name));
    Ok(refused::write(context, &kind.object, &known).await?)
}

async fn finish(context: &Context, kind: &ObjectKind, refill: &Refill) -> Result<(), Error> {
    let mut refills = waiting(context, kind).await?;
    if let Some(at) = refills.waiting.iter().position(|other| other.why == refill.why) {
        refills.waiting.remove(at);
    }
    if refill.why == RefillReason::Stored {
        let names: Vec<PropertyName> = refill.names.iter().map(|name| PropertyName::from(&**name)).collect();
        let object = kind.object.clone();
        context.writer.call(move |store| store.refilled(&object, &names)).await?;
    }
    write(context, kind, &refills).await
}

async fn waiting(context: &Context, kind: &ObjectKind) -> Result<Refills, Error> {
    mark::read(&context.writer, key(kind.object.as_str())).await
}

async fn write(context: &Context, kind: &ObjectKind, refills: &Refills) -> Result<(), Error> {
    mark::write(&context.writer, key(kind.object.as_str()), refills, context.now()).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_refill_that_was_worked_on_moves() {
        let refill = |why, past| Refill { why, names: vec!["a".to_owned()], past };
        let refills =
            Refills { waiting: vec![refill(RefillReason::Stored, 0), refill(RefillReason::Calculated, 500)] };
        let json = moved(Some(&mark::to_json(&refills)), RefillReason::Calculated, 700);
        let now: Refills = serde_json::from_str(&json).expect("it was written here");
        assert_eq!([now.waiting[0].past, now.waiting[1].past], [0, 700]);
        let json = moved(Some(&json), RefillReason::Calculated, 600);
        assert_eq!(serde_json::from_str::<Refills>(&json).expect("JSON").waiting[1].past, 700, "never back");
    }
}
