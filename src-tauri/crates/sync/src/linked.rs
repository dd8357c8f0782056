//! Records outside the window that a record inside it links to: fetched too, one step.

use crm::RecordId;
use hubspot::ObjectKind;

use crate::{context::Context, definitions, error::Halt, fetch};

pub(crate) async fn copy(context: &Context, kind: &ObjectKind) -> Result<(), Halt> {
    let asked = definitions::asked(context, kind).await?;
    loop {
        let object = kind.object.clone();
        let ids = context.writer.call(move |store| store.unresolved(&object, fetch::PAGE as usize)).await?;
        if ids.is_empty() {
            return Ok(());
        }
        let (records, unreadable) = fetch::batch(context, kind, &asked, &ids, false).await?;
        let absent: Vec<RecordId> =
            ids.into_iter().filter(|id| !records.iter().any(|record| record.id == *id)).collect();
        let (object, at) = (kind.object.clone(), context.now());
        let commit =
            move |store: &mut store::Writer| store.commit_linked(&object, &records, &unreadable, &absent, at);
        let stored = context.writer.call(commit).await?;
        context.board.committed(stored.inserted + stored.updated);
    }
}
