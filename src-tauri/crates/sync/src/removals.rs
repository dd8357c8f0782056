//! Rows that a full listing no longer named: archived, merged, erased, or alive after all. Never decided by absence
//! alone.

use crm::RecordId;
use hubspot::{ObjectKind, endpoint::GetRecord};
use store::{Level, Verdict};

use crate::{Error, asked::Asked, context::Context, definitions, error::Halt, fetch};

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
        open += ids.len() - verdicts.len();
        let (object, at, settled) = (kind.object.clone(), context.now(), verdicts.len() as u64);
        context.writer.call(move |store| store.settle(&object, &verdicts, store::Asked::All, at)).await?;
        context.board.committed(settled);
    }
}

async fn judge(
    context: &Context,
    kind: &ObjectKind,
    asked: &Asked,
    ids: &[RecordId],
) -> Result<Vec<(RecordId, Verdict)>, Halt> {
    let mut verdicts = Vec::new();
    let (live, unreadable) = fetch::batch(context, kind, asked, ids, false).await?;
    let broken = |id: &RecordId| unreadable.iter().any(|row| row.id.as_deref() == Some(&id.to_string()));
    let mut rest: Vec<RecordId> = ids
        .iter()
        .filter(|id| !live.iter().any(|record| record.id == **id) && !broken(id))
        .copied()
        .collect();
    verdicts.extend(
        live.into_iter()
            .filter(|record| ids.contains(&record.id))
            .map(|record| (record.id, Verdict::Live(record))),
    );
    let archived = match fetch::batch(context, kind, asked, &rest, true).await {
        Ok((archived, _)) => archived,
        Err(Halt::Error(error)) if !error.stops_the_run() => Vec::new(),
        Err(halt) => return Err(halt),
    };
    for record in archived.into_iter().filter(|record| record.archived) {
        if let Some(at) = rest.iter().position(|id| *id == record.id) {
            rest.swap_remove(at);
            verdicts.push((record.id, Verdict::Archived { at: record.archived_at }));
        }
    }
    for id in rest {
        match alone(context, kind, asked, id).await? {
            Some(verdict) => verdicts.push((id, verdict)),
            None => {
                let message =
                    format!("HubSpot does not say what became of {} {id}; it is kept.", kind.singular);
                context.tell(Level::Warn, "removal_unclear", Some(&kind.object), message).await?;
            }
        }
    }
    Ok(verdicts)
}

/// One id, live and archived: only a 404 to both means that it is gone.
async fn alone(
    context: &Context,
    kind: &ObjectKind,
    asked: &Asked,
    id: RecordId,
) -> Result<Option<Verdict>, Halt> {
    for archived in [false, true] {
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
