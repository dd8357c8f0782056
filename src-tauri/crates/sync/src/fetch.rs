//! Reading one page of records, whatever it takes: shorter URLs, smaller pages, refused properties left out, one
//! record that HubSpot cannot deliver set aside.

use crm::{PropertyName, Record, RecordId, Unreadable};
use hubspot::{
    ObjectKind,
    endpoint::{BatchRead, ListRecords},
};

use crate::{
    Error,
    asked::Asked,
    context::Context,
    error::Halt,
    refused::{self, Probe},
    way::{self, Way},
};

/// Records of one list page (API.md 7).
pub(crate) const PAGE: u32 = 100;

/// One page: whole records, and every id that the list named.
pub(crate) struct Page {
    pub(crate) records: Vec<Record>,
    pub(crate) unreadable: Vec<Unreadable>,
    pub(crate) after: Option<String>,
    /// Ids named by the list in its order, the unreadable ones not included.
    pub(crate) named: Vec<RecordId>,
}

/// Reads the page at `after`.
pub(crate) async fn page(
    context: &Context,
    kind: &ObjectKind,
    asked: &Asked,
    after: Option<String>,
) -> Result<Page, Halt> {
    let mut limit = PAGE;
    let mut spare_the_list = false;
    loop {
        let names = asked.names();
        let way = if spare_the_list { Way::ListAndBatch } else { way::choose(&names, context.url_max()) };
        let properties: &[PropertyName] = if way == Way::List { &names } else { &[] };
        let list = ListRecords { kind, after: after.clone(), limit, properties, archived: false };
        match context.send(&list).await {
            Ok(page) => {
                let named: Vec<RecordId> = page.records.iter().map(|record| record.id).collect();
                if way == Way::List {
                    let (records, unreadable, after) = (page.records, page.unreadable, page.after);
                    return Ok(Page { records, unreadable, after, named });
                }
                let (mut records, mut unreadable) = batch(context, kind, asked, &named, false).await?;
                records.sort_unstable_by_key(|record| record.id);
                unreadable.extend(page.unreadable);
                return Ok(Page { records, unreadable, after: page.after, named });
            }
            Err(Halt::Error(Error::Hubspot(hubspot::Error::UriTooLong))) if way == Way::List => {
                context.shorten_urls();
            }
            Err(Halt::Error(Error::Hubspot(error)))
                if refused::leave_out(context, kind, asked, properties, &error, Probe::List).await? => {}
            Err(Halt::Error(Error::Hubspot(error))) if breaks_on_size(&error) && limit > 1 => {
                limit = (limit / 4).max(1);
            }
            Err(Halt::Error(Error::Hubspot(error))) if breaks_on_size(&error) && !spare_the_list => {
                spare_the_list = true;
                limit = PAGE;
            }
            Err(halt) => return Err(halt),
        }
    }
}

/// Reads records by id, at most 100; a record that breaks every answer it is in is set aside alone, while
/// HubSpot answers otherwise. Ids that were not answered are the caller's to notice.
pub(crate) async fn batch(
    context: &Context,
    kind: &ObjectKind,
    asked: &Asked,
    ids: &[RecordId],
    archived: bool,
) -> Result<(Vec<Record>, Vec<Unreadable>), Halt> {
    let mut records = Vec::with_capacity(ids.len());
    let mut unreadable = Vec::new();
    let mut waiting = vec![ids.to_vec()];
    let (whole, mut answered, mut broken) = (ids.len(), false, None);
    while let Some(ids) = waiting.pop() {
        if ids.is_empty() {
            continue;
        }
        let names = asked.names();
        match context.send(&BatchRead { kind, ids: &ids, properties: &names, archived }).await {
            Ok(answer) => {
                answered = true;
                records.extend(answer.records);
                unreadable.extend(answer.unreadable);
            }
            Err(Halt::Error(Error::Hubspot(error)))
                if refused::leave_out(context, kind, asked, &names, &error, Probe::Batch(ids[0])).await? =>
            {
                waiting.push(ids);
            }
            Err(Halt::Error(Error::Hubspot(error))) if breaks_on_size(&error) => {
                if let [id] = ids[..] {
                    // Where nothing else has come either, it may be HubSpot that is ill, and not this record.
                    if !answered {
                        answers_at_all(context, kind).await?;
                    }
                    let reason = format!("HubSpot could not deliver this record: {error}");
                    unreadable.push(Unreadable { id: Some(id.to_string()), reason, body: String::new() });
                    broken = Some(error);
                } else {
                    let (low, high) = ids.split_at(ids.len() / 2);
                    waiting.extend([high.to_vec(), low.to_vec()]);
                }
            }
            Err(halt) => return Err(halt),
        }
    }
    match broken {
        // A hundred records are not broken all at once: it is this way of asking that nobody answers.
        Some(error) if !answered && whole > 1 => Err(error.into()),
        _ => Ok((records, unreadable)),
    }
}

/// Asks for next to nothing of this type; fails when HubSpot delivers not even that.
async fn answers_at_all(context: &Context, kind: &ObjectKind) -> Result<(), Halt> {
    let list = ListRecords { kind, after: None, limit: 1, properties: &[], archived: false };
    context.send(&list).await.map(drop)
}

/// Whether a smaller request may succeed where this one failed again and again.
pub(crate) fn breaks_on_size(error: &hubspot::Error) -> bool {
    matches!(error, hubspot::Error::Server(_) | hubspot::Error::Malformed { .. })
}
