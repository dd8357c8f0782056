//! The list of archived records, once a day: what it names is archived here, and what it no longer names may be alive
//! again.

use crm::{PropertyName, RecordId};
use hubspot::{ObjectKind, endpoint::ListRecords};
use store::{Level, Verdict};

use crate::{
    Error, StreamMark,
    context::Context,
    error::Halt,
    fetch,
    mark::{self, Checked},
    removals,
    tally::Finds,
};

/// HubSpot keeps archived records for 90 days (API.md 12); older ones leave the list without being restored.
const RESTORABLE: std::time::Duration = std::time::Duration::from_hours(95 * 24);

/// Reads the list of archived records if that is due, and settles what it shows.
pub(crate) async fn bring(context: &Context, kind: &ObjectKind) -> Result<(), Halt> {
    let name = kind.object.as_str();
    let mut mark = mark::read_stream(&context.writer, name).await?;
    let last = mark.checked.archived_at.map(crm::Timestamp::from_millis);
    let open = mark.checked.archived_past.is_some();
    let here = mark.checked.archived_by == context.began.millis();
    if !open && (here || !context.full && !context.moment().daily(last)) {
        return Ok(());
    }
    if last.is_none() && !open && !context.full {
        // A first pass leaves nothing archived here: the list is due a day later.
        mark.checked.archived_read(context);
        mark::write_stream(&context.writer, name, &mark, context.now()).await?;
        return Ok(());
    }
    let object = kind.object.clone();
    context.writer.call(move |store| store.index_archived(&object)).await?;
    // The id that the next page begins at, if its cursor says: a first page begins at the first.
    let mut from = match &mark.checked.archived_past {
        None => Some(1),
        Some(cursor) => cursor.parse().ok(),
    };
    loop {
        let after = mark.checked.archived_past.clone();
        let properties = [PropertyName::from("hs_object_id")];
        let list = ListRecords {
            kind,
            after: after.clone(),
            limit: fetch::PAGE,
            properties: &properties,
            archived: true,
        };
        let page = match context.send(&list).await {
            Ok(page) => page,
            Err(Halt::Error(Error::Hubspot(hubspot::Error::Refused(_) | hubspot::Error::NotFound(_)))) => {
                return unreadable(context, kind, mark).await;
            }
            Err(halt) => return Err(halt),
        };
        let stuck = page.after.is_some() && page.after == after;
        let ids: Vec<i64> = page.records.iter().map(|record| record.id.get()).collect();
        let begun = from.take();
        from = ids.last().map(|last| last + 1).or(begun);
        let to = if page.after.is_some() { from } else { Some(i64::MAX) };
        let verdicts = page
            .records
            .iter()
            .map(|record| (record.id, Verdict::Archived { at: record.archived_at }))
            .collect::<Vec<_>>();
        commit(context, kind, verdicts).await?;
        if let (Some(from), Some(to)) = (begun, to)
            && page.unreadable.is_empty()
            && ids.is_sorted_by(|a, b| a < b)
            && ids.first().is_none_or(|first| *first >= from)
        {
            suspect(context, kind, (from, to), ids).await?;
        }
        mark = mark::read_stream(&context.writer, name).await?;
        mark.checked.archived_past = page.after.filter(|_| !stuck);
        if mark.checked.archived_past.is_none() {
            mark.checked.archived_read(context);
            mark.checked.archived_unreadable = false;
        }
        mark::write_stream(&context.writer, name, &mark, context.now()).await?;
        if mark.checked.archived_past.is_none() {
            return removals::settle(context, kind).await;
        }
    }
}

impl Checked {
    fn archived_read(&mut self, context: &Context) {
        (self.archived_at, self.archived_by) = (Some(context.now().millis()), context.began.millis());
    }
}

async fn unreadable(context: &Context, kind: &ObjectKind, mut mark: StreamMark) -> Result<(), Halt> {
    let first = !mark.checked.archived_unreadable;
    mark.checked.archived_unreadable = true;
    mark.checked.archived_past = None;
    mark.checked.archived_read(context);
    mark::write_stream(&context.writer, kind.object.as_str(), &mark, context.now()).await?;
    if first {
        let message = format!(
            "HubSpot does not list archived {}; what is no longer alive is kept here as archived.",
            kind.plural
        );
        context.tell(Level::Info, "archived_unreadable", Some(&kind.object), message).await?;
    }
    Ok(())
}

async fn commit(
    context: &Context,
    kind: &ObjectKind,
    verdicts: Vec<(RecordId, Verdict)>,
) -> Result<(), Error> {
    let (object, at) = (kind.object.clone(), context.now());
    let settle = move |store: &mut store::Writer| store.settle(&object, &verdicts, store::Asked::All, at);
    let stored = context.writer.call(settle).await?;
    context.count(&stored, Finds::Changes);
    Ok(())
}

/// Rows archived here that the list passed over: somebody may have restored them.
async fn suspect(
    context: &Context,
    kind: &ObjectKind,
    (from, to): (i64, i64),
    listed: Vec<i64>,
) -> Result<(), Error> {
    let (object, at) = (kind.object.clone(), context.now());
    context
        .writer
        .call(move |store| {
            let mut here = store.archived_within(&object, from, to, at.minus(RESTORABLE))?;
            here.retain(|id| listed.binary_search(&id.get()).is_err());
            store.suspect(&object, &here, at)
        })
        .await
}
