//! Reading one page of records, whatever it takes: shorter URLs and bodies, smaller pages, refused properties left out,
//! one record that HubSpot cannot deliver set aside.

use crm::{PropertyName, Record, RecordId, Unreadable};
use futures::future::try_join_all;
use hubspot::{
    ObjectKind,
    endpoint::{BatchRead, ListRecords, Search},
};

use crate::{
    Error,
    asked::Asked,
    context::Context,
    error::Halt,
    learned,
    refused::{self, Probe},
    trust::{Among, COUNTED_MAX},
    way::{NamesLength, Way},
};

/// Records of one list page (API.md 7).
pub(crate) const PAGE: u32 = 100;

/// Records of one page of search (API.md 8).
pub(crate) const SEARCH_PAGE: u32 = 200;

/// One page: whole records, and every id that the list or search named.
pub(crate) struct Page {
    pub(crate) records: Vec<Record>,
    pub(crate) unreadable: Vec<Unreadable>,
    pub(crate) after: Option<String>,
    /// Ids in the order in which they were named, the unreadable ones not included.
    pub(crate) named: Vec<RecordId>,
}

/// Reads the list's page at `after`.
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
        let length = NamesLength::of(&names);
        let way = if spare_the_list { Way::ListAndBatch } else { context.lengths().by_list(length) };
        let properties: &[PropertyName] = if way == Way::List { &names } else { &[] };
        let list = ListRecords { kind, after: after.clone(), limit, properties, archived: false };
        match context.send(&list).await {
            Ok(page) => {
                context.tally.by(way.as_str());
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
                learned::learn(context, |lengths| lengths.refuse_url(length.url)).await?;
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

/// A page of search, and how many records it says there are.
pub(crate) struct Found {
    pub(crate) page: Page,
    pub(crate) total: u64,
    /// Rows received, those without a readable id included.
    pub(crate) rows: u64,
}

/// Reads the page of search that begins right after `among.past`. An empty page that has a cursor is stepped over.
pub(crate) async fn search(
    context: &Context,
    kind: &ObjectKind,
    asked: &Asked,
    among: Among,
) -> Result<Found, Halt> {
    let mut limit = SEARCH_PAGE;
    let mut spare_the_search = false;
    let mut after: Option<String> = None;
    let mut unreadable = Vec::new();
    loop {
        let names = asked.names();
        let length = NamesLength::of(&names);
        let way = if spare_the_search { Way::SearchAndBatch } else { context.lengths().by_search(length) };
        let id = [PropertyName::from("hs_object_id")];
        let properties: &[PropertyName] = if way == Way::Search { &names } else { &id };
        let filters = among.filters(kind);
        let sorts = Some((id[0].clone(), false));
        let search = Search { kind, filters, sorts, properties, limit, after: after.clone() };
        match context.send(&search).await {
            Ok(page) => {
                context.tally.by(way.as_str());
                unreadable.extend(page.unreadable);
                if page.records.is_empty() && may_step(page.after.as_deref(), limit) {
                    after = page.after;
                    continue;
                }
                let named: Vec<RecordId> = page.records.iter().map(|record| record.id).collect();
                let rows = (named.len() + unreadable.len()) as u64;
                let mut records = page.records;
                if way == Way::SearchAndBatch {
                    let parts =
                        named.chunks(PAGE as usize).map(|ids| batch(context, kind, asked, ids, false));
                    records.clear();
                    for (part, broken) in try_join_all(parts).await? {
                        records.extend(part);
                        unreadable.extend(broken);
                    }
                }
                records.sort_unstable_by_key(|record| record.id);
                let total = page.total;
                let page = Page { records, unreadable, after: page.after, named };
                return Ok(Found { page, total, rows });
            }
            // A refusal that names nothing is first taken to be about the length.
            Err(Halt::Error(Error::Hubspot(hubspot::Error::Refused(refusal))))
                if way == Way::Search
                    && refusal.named_properties().is_empty()
                    && bounds_the_body(context, length).await? => {}
            Err(Halt::Error(Error::Hubspot(error)))
                if refused::leave_out(context, kind, asked, properties, &error, Probe::List).await? => {}
            Err(Halt::Error(Error::Hubspot(error))) if breaks_on_size(&error) && limit > 1 => {
                limit = (limit / 4).max(1);
            }
            Err(Halt::Error(Error::Hubspot(error))) if breaks_on_size(&error) && !spare_the_search => {
                spare_the_search = true;
                limit = SEARCH_PAGE;
            }
            Err(halt) => return Err(halt),
        }
    }
}

/// Whether the place that a search's cursor names can be asked for at all.
fn may_step(after: Option<&str>, limit: u32) -> bool {
    let place = after.and_then(|after| after.parse::<u64>().ok());
    place.is_some_and(|place| place + u64::from(limit) <= COUNTED_MAX)
}

/// After a refusal of a long body: true if a shorter one is to be tried.
async fn bounds_the_body(context: &Context, length: NamesLength) -> Result<bool, Halt> {
    learned::learn(context, |lengths| lengths.refuse_body(length.body)).await?;
    Ok(context.lengths().by_search(length) == Way::SearchAndBatch)
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
