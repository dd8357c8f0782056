//! What became of records that one side names and the other does not: alive, archived, merged, or gone for good. Never
//! decided by absence or by a count alone.

use std::collections::{BTreeSet, HashSet};

use crm::{PropertyName, Record, RecordId, Timestamp};
use hubspot::{ObjectKind, endpoint::GetRecord};
use store::{Difference, Level, Verdict, Waiting};

use crate::{Error, asked::Asked, context::Context, definitions, error::Halt, fetch, mark, tally::Finds};

/// Why the links of a record wait to be read.
const FOUND: &str = "the record was found by a comparison";

/// Settles the rows that a full listing did not name.
pub(crate) async fn settle(context: &Context, kind: &ObjectKind) -> Result<(), Halt> {
    let asked = definitions::asked(context, kind).await?;
    let mut open = 0;
    loop {
        let object = kind.object.clone();
        let wanted = open + fetch::PAGE as usize;
        let suspects = context.writer.call(move |store| store.suspects(&object, wanted)).await?;
        // Those left open by an earlier turn come first; they are not asked again in this run.
        let ids: Vec<RecordId> = suspects.into_iter().skip(open).collect();
        if ids.is_empty() {
            return Ok(());
        }
        let verdicts = judge(context, kind, &asked, &ids).await?;
        let settled = verdicts.iter().filter(|(id, _)| ids.contains(id)).count();
        open += ids.len() - settled;
        let alive = verdicts
            .iter()
            .filter(|(_, verdict)| matches!(verdict, Verdict::Live(_)))
            .map(|(id, _)| *id)
            .collect();
        keep(context, kind, &asked, verdicts, alive).await?;
        context.board.committed(settled as u64);
    }
}

/// What settling some ids has shown, and what was done about it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Settled {
    /// Alive in HubSpot and not here; stored now.
    pub(crate) missing: u64,
    /// Alive here and not in HubSpot; marked or erased now.
    pub(crate) extra: u64,
    /// Alive on both sides with other values; stored now.
    pub(crate) wrong: u64,
    /// Of these only calculated values had moved, which no stamp tells; stored now.
    pub(crate) calculated: u64,
    /// Changed too lately for a judgement; stored now.
    pub(crate) young: u64,
    /// HubSpot does not say what became of them.
    pub(crate) unclear: u64,
    /// Records that were stored anew or changed.
    pub(crate) stored: Vec<RecordId>,
    /// Alive, changed long ago, and the same on both sides.
    pub(crate) unchanged: Vec<RecordId>,
}

impl Settled {
    pub(crate) fn add(&mut self, other: Settled) {
        self.missing += other.missing;
        self.extra += other.extra;
        self.wrong += other.wrong;
        self.calculated += other.calculated;
        self.young += other.young;
        self.unclear += other.unclear;
        self.stored.extend(other.stored);
        self.unchanged.extend(other.unchanged);
    }
}

/// Reads these records one way or another, and makes the copy say what HubSpot says. Records changed at `young_from` or
/// later are brought up to date without a judgement.
pub(crate) async fn settle_ids(
    context: &Context,
    kind: &ObjectKind,
    asked: &Asked,
    ids: &[RecordId],
    young_from: Timestamp,
) -> Result<Settled, Halt> {
    let mut all = Settled::default();
    if ids.is_empty() {
        return Ok(all);
    }
    let object = kind.object.clone();
    let definitions = context.writer.read(move |reader| reader.definitions(&object)).await?;
    let calculated: HashSet<String> = definitions
        .iter()
        .filter(|definition| definition.calculated)
        .map(|definition| definition.name.as_str().to_owned())
        .collect();
    for ids in ids.chunks(fetch::PAGE as usize) {
        let verdicts = judge(context, kind, asked, ids).await?;
        let before = look(context, kind, asked, ids, &verdicts).await?;
        let judged = classify(ids, &verdicts, &before, &calculated, young_from);
        keep(context, kind, asked, verdicts, judged.stored.clone()).await?;
        all.add(judged);
    }
    Ok(all)
}

/// How the rows stand before they are settled.
struct Before {
    live: BTreeSet<RecordId>,
    differences: Vec<Difference>,
}

async fn look(
    context: &Context,
    kind: &ObjectKind,
    asked: &Asked,
    ids: &[RecordId],
    verdicts: &[(RecordId, Verdict)],
) -> Result<Before, Error> {
    let (object, ids, names) = (kind.object.clone(), ids.to_vec(), asked.names());
    let fresh: Vec<Record> = verdicts
        .iter()
        .filter_map(
            |(_, verdict)| if let Verdict::Live(record) = verdict { Some(record.clone()) } else { None },
        )
        .collect();
    context
        .writer
        .read(move |reader| {
            let names: HashSet<&str> = names.iter().map(PropertyName::as_str).collect();
            Ok(Before {
                live: reader.changed_at(&object, &ids)?.into_iter().map(|(id, _)| id).collect(),
                differences: reader.compare(&object, &fresh, |name| names.contains(name))?,
            })
        })
        .await
}

/// What the verdicts mean for a copy that stood like this. Pure.
fn classify(
    ids: &[RecordId],
    verdicts: &[(RecordId, Verdict)],
    before: &Before,
    calculated: &HashSet<String>,
    young_from: Timestamp,
) -> Settled {
    let mut settled = Settled::default();
    for (id, verdict) in verdicts.iter().filter(|(id, _)| ids.contains(id)) {
        let Verdict::Live(record) = verdict else {
            settled.extra += u64::from(before.live.contains(id));
            continue;
        };
        let young = record.updated_at >= young_from;
        match before.differences.iter().find(|difference| difference.id == *id) {
            None if young => settled.young += 1,
            None => settled.unchanged.push(*id),
            // An older answer is no news.
            Some(difference) if difference.changed.is_some_and(|changed| changed > record.updated_at) => {}
            Some(difference) => {
                settled.stored.push(*id);
                let same_stamp = difference.changed == Some(record.updated_at);
                let moved_alone =
                    same_stamp && difference.properties.iter().all(|name| calculated.contains(name));
                *(match difference {
                    _ if young => &mut settled.young,
                    Difference { missing: true, .. } => &mut settled.missing,
                    _ if moved_alone => &mut settled.calculated,
                    _ => &mut settled.wrong,
                }) += 1;
            }
        }
    }
    settled.unclear =
        ids.iter().filter(|id| !verdicts.iter().any(|(judged, _)| judged == *id)).count() as u64;
    settled
}

async fn keep(
    context: &Context,
    kind: &ObjectKind,
    asked: &Asked,
    verdicts: Vec<(RecordId, Verdict)>,
    changed: Vec<RecordId>,
) -> Result<(), Error> {
    let (object, at, scope) = (kind.object.clone(), context.now(), asked.scope());
    let stored = context
        .writer
        .call(move |store| {
            let stored = store.settle(&object, &verdicts, scope.kept(), at)?;
            // Nobody has asked for the links of what turned up only now.
            let changed: Vec<_> = changed.into_iter().map(|id| (id, FOUND.to_owned())).collect();
            store.wait(&object, &Waiting::Links, &changed, at)?;
            Ok(stored)
        })
        .await?;
    context.count(&stored, Finds::Changes);
    Ok(())
}

/// What became of each id, as far as HubSpot says; and the records that merged ones went into.
async fn judge(
    context: &Context,
    kind: &ObjectKind,
    asked: &Asked,
    ids: &[RecordId],
) -> Result<Vec<(RecordId, Verdict)>, Halt> {
    let mut verdicts: Vec<(RecordId, Verdict)> = Vec::new();
    let (live, unreadable) = fetch::batch(context, kind, asked, ids, false).await?;
    let broken = |id: &RecordId| unreadable.iter().any(|row| row.id.as_deref() == Some(&id.to_string()));
    let mut rest: Vec<RecordId> = ids
        .iter()
        .filter(|id| !live.iter().any(|record| record.id == **id) && !broken(id))
        .copied()
        .collect();
    // A record that nobody asked for answers in the place of those that were merged into it.
    for record in live.iter().filter(|record| !ids.contains(&record.id)) {
        rest.retain(|id| {
            let merged = record.merged_ids.contains(id);
            if merged {
                verdicts.push((*id, Verdict::Merged { into: record.id }));
            }
            !merged
        });
    }
    verdicts.extend(live.into_iter().map(|record| (record.id, Verdict::Live(record))));
    let readable = archived(context, kind, asked, &mut rest, &mut verdicts).await?;
    for id in rest {
        match alone(context, kind, asked, id, readable).await? {
            Some(verdict) => verdicts.push((id, verdict)),
            None => {
                let message =
                    format!("HubSpot does not say what became of {} {id}; it is kept.", kind.singular);
                context.tell(Level::Warn, "removal_unclear", Some(&kind.object), message).await?;
            }
        }
    }
    survivors(context, kind, asked, &mut verdicts).await?;
    Ok(verdicts)
}

/// Takes those that are archived out of the rest. False if archived records of this type cannot be read.
async fn archived(
    context: &Context,
    kind: &ObjectKind,
    asked: &Asked,
    rest: &mut Vec<RecordId>,
    verdicts: &mut Vec<(RecordId, Verdict)>,
) -> Result<bool, Halt> {
    let mark = mark::read_stream(&context.writer, kind.object.as_str()).await?;
    if mark.checked.archived_unreadable {
        return Ok(false);
    }
    let records = match fetch::batch(context, kind, asked, rest, true).await {
        Ok((records, _)) => records,
        Err(Halt::Error(Error::Hubspot(hubspot::Error::Refused(_)))) => return Ok(false),
        Err(Halt::Error(error)) if !error.stops_the_run() => Vec::new(),
        Err(halt) => return Err(halt),
    };
    for record in records.into_iter().filter(|record| record.archived) {
        if let Some(at) = rest.iter().position(|id| *id == record.id) {
            rest.swap_remove(at);
            verdicts.push((record.id, Verdict::Archived { at: record.archived_at }));
        }
    }
    Ok(true)
}

/// One id, live and archived: only a 404 to both means that it is gone. Where archived records cannot be read, what is
/// not alive is taken for archived, and never for gone.
async fn alone(
    context: &Context,
    kind: &ObjectKind,
    asked: &Asked,
    id: RecordId,
    archived_readable: bool,
) -> Result<Option<Verdict>, Halt> {
    for archived in [false, true] {
        if archived && !archived_readable {
            return Ok(Some(Verdict::Archived { at: None }));
        }
        let names = asked.names();
        // One record is told apart by its stamp and id; a long list of properties could break the URL.
        let properties = &names[..names.len().min(50)];
        match context.send(&GetRecord { kind, id, properties, archived }).await {
            Ok(record) if record.id != id => return Ok(Some(Verdict::Merged { into: record.id })),
            Ok(record) if record.archived => return Ok(Some(Verdict::Archived { at: record.archived_at })),
            Ok(_) => return Ok(None),
            Err(Halt::Error(Error::Hubspot(hubspot::Error::NotFound(_)))) => {}
            Err(Halt::Error(error)) if !error.stops_the_run() => return Ok(None),
            Err(halt) => return Err(halt),
        }
    }
    Ok(Some(Verdict::Gone))
}

/// Adds the records that others were merged into, whole: one of them may not be here yet.
async fn survivors(
    context: &Context,
    kind: &ObjectKind,
    asked: &Asked,
    verdicts: &mut Vec<(RecordId, Verdict)>,
) -> Result<(), Halt> {
    let known = |id: &RecordId| verdicts.iter().any(|(known, _)| known == id);
    let into: BTreeSet<RecordId> = verdicts
        .iter()
        .filter_map(|(_, verdict)| if let Verdict::Merged { into } = verdict { Some(*into) } else { None })
        .filter(|into| !known(into))
        .collect();
    if into.is_empty() {
        return Ok(());
    }
    let into: Vec<RecordId> = into.into_iter().collect();
    let (records, _) = fetch::batch(context, kind, asked, &into, false).await?;
    verdicts.extend(records.into_iter().map(|record| (record.id, Verdict::Live(record))));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(id: i64) -> RecordId {
        RecordId::new(id).expect("an id")
    }

    fn at(day: i64) -> Timestamp {
        Timestamp::from_millis(day * 86_400_000)
    }

    fn record(number: i64, changed: i64) -> Verdict {
        Verdict::Live(Record {
            id: id(number),
            properties: "{}".into(),
            created_at: None,
            updated_at: at(changed),
            archived: false,
            archived_at: None,
            merged_ids: Vec::new(),
            url: None,
        })
    }

    fn differs(number: i64, changed: Option<i64>, properties: &[&str]) -> Difference {
        Difference {
            id: id(number),
            missing: changed.is_none(),
            changed: changed.map(at),
            properties: properties.iter().map(|name| (*name).to_owned()).collect(),
        }
    }

    #[test]
    fn a_verdict_counts_as_what_it_means_for_the_copy() {
        // Everything changed on day 10 or later is young.
        type Row = (&'static str, Verdict, bool, Option<Difference>, fn(&Settled) -> u64);
        let rows: &[Row] = &[
            ("not here", record(1, 5), false, Some(differs(1, None, &[])), |settled| settled.missing),
            ("not here, and new", record(1, 10), false, Some(differs(1, None, &[])), |settled| settled.young),
            ("edited long ago", record(1, 5), true, Some(differs(1, Some(4), &["a"])), |settled| {
                settled.wrong
            }),
            ("edited just now", record(1, 11), true, Some(differs(1, Some(4), &["a"])), |settled| {
                settled.young
            }),
            ("another value", record(1, 5), true, Some(differs(1, Some(5), &["a", "sum"])), |settled| {
                settled.wrong
            }),
            ("calculated anew", record(1, 5), true, Some(differs(1, Some(5), &["sum"])), |settled| {
                settled.calculated
            }),
            ("the same", record(1, 5), true, None, |settled| settled.unchanged.len() as u64),
            ("archived", Verdict::Archived { at: None }, true, None, |settled| settled.extra),
            ("merged", Verdict::Merged { into: id(7) }, true, None, |settled| settled.extra),
            ("gone", Verdict::Gone, true, None, |settled| settled.extra),
        ];
        let calculated = HashSet::from(["sum".to_owned()]);
        for (name, verdict, live, difference, get) in rows {
            let before = Before {
                live: live.then(|| id(1)).into_iter().collect(),
                differences: difference.clone().into_iter().collect(),
            };
            let settled = classify(&[id(1)], &[(id(1), verdict.clone())], &before, &calculated, at(10));
            assert_eq!(get(&settled), 1, "{name}: {settled:?}");
            let all = settled.missing + settled.extra + settled.wrong + settled.calculated + settled.young;
            assert_eq!(all + settled.unchanged.len() as u64, 1, "{name}: {settled:?}");
        }
    }

    #[test]
    fn what_search_names_and_hubspot_calls_archived_is_no_fault_of_the_copy() {
        let before = Before { live: BTreeSet::new(), differences: Vec::new() };
        let verdicts = [(id(1), Verdict::Archived { at: None })];
        let settled = classify(&[id(1), id(2)], &verdicts, &before, &HashSet::new(), at(10));
        assert_eq!(settled, Settled { unclear: 1, ..Settled::default() });
    }
}
