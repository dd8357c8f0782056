//! Records outside the window that a record inside it links to: fetched too, one step.

use crm::RecordId;
use hubspot::ObjectKind;

use crate::{asked::Asked, context::Context, definitions, error::Halt, fetch, tally::Finds};

/// Brings those of these ids that have no row here.
pub(crate) async fn bring(context: &Context, kind: &ObjectKind, mut ids: Vec<RecordId>) -> Result<(), Halt> {
    ids.sort_unstable();
    ids.dedup();
    let object = kind.object.clone();
    let absent = context.writer.call(move |store| store.without_row(&object, &ids)).await?;
    if absent.is_empty() {
        return Ok(());
    }
    let asked = definitions::asked(context, kind).await?;
    for ids in absent.chunks(fetch::PAGE as usize) {
        read(context, kind, &asked, ids.to_vec()).await?;
    }
    Ok(())
}

pub(crate) async fn copy(context: &Context, kind: &ObjectKind) -> Result<(), Halt> {
    let asked = definitions::asked(context, kind).await?;
    loop {
        let object = kind.object.clone();
        let ids = context.writer.call(move |store| store.unresolved(&object, fetch::PAGE as usize)).await?;
        if ids.is_empty() {
            return Ok(());
        }
        read(context, kind, &asked, ids).await?;
    }
}

/// One batch of linked records; ids that HubSpot does not answer for are not asked again in this run.
async fn read(context: &Context, kind: &ObjectKind, asked: &Asked, ids: Vec<RecordId>) -> Result<(), Halt> {
    let context = &context.of(kind.object.as_str());
    let (records, unreadable) = fetch::batch(context, kind, asked, &ids, false).await?;
    let absent: Vec<RecordId> =
        ids.into_iter().filter(|id| !records.iter().any(|record| record.id == *id)).collect();
    let (object, at) = (kind.object.clone(), context.now());
    let commit =
        move |store: &mut store::Writer| store.commit_linked(&object, &records, &unreadable, &absent, at);
    let stored = context.writer.call(commit).await?;
    context.count(&stored, Finds::Changes);
    context.board.committed(stored.inserted + stored.updated);
    Ok(())
}
