//! Counts agree: HubSpot's totals against the rows here, over ranges of ids and of last changes, always, even when the
//! whole agrees, for a record too many and one too few cancel. And pages of the list against a search of the same ids.

use std::collections::BTreeSet;

use crm::{PropertyName, RecordId, Timestamp};
use futures::stream::{self, StreamExt, TryStreamExt};
use hubspot::{ObjectKind, endpoint::ListRecords};
use store::Span;

use super::{Detail, Found, chance::Chance};
use crate::{
    Error,
    census::{self, Census, Total, YOUNG},
    context::Context,
    definitions,
    error::Halt,
    mark,
    removals::{self, Settled},
};

pub(super) const ID_RANGES: u64 = 64;
pub(super) const CHANGE_RANGES: u64 = 16;
/// So many can be named by as many searches as ranges would take to count, which proves more.
pub(super) const NAMED_MAX: u64 = ID_RANGES * 200;
/// Pages of the list that are held against a search.
pub(super) const PAGES: u64 = 20;
const PAGE: u64 = 100;
/// More that were changed lately are not told apart one by one.
const YOUNG_MAX: u64 = 10_000;
/// More that search lacks are not looked for again each time.
const LACKING_SOUGHT: usize = 50;
const AT_ONCE: usize = 4;

pub(super) async fn prove(context: &Context, kind: &ObjectKind) -> Result<Found, Halt> {
    let asked = definitions::asked(context, kind).await?;
    let young_from = context.now().minus(YOUNG);
    let mut census = Census::new(context, kind);
    let young = match young(&mut census, young_from).await? {
        Ok(young) => young,
        Err(reason) => return Ok(Found::unproven(reason).calls(census.calls())),
    };
    let lacking = lacking(context, kind).await?;
    let sought = lacking.len() <= LACKING_SOUGHT;
    if !sought {
        census.leave_out(lacking.clone()).await?;
    }
    let whole = Span::whole(context.since, Some(young_from));
    let compared = census.here(whole).await?;
    let mut detail = Detail { young, ..Detail::default() };
    let mut settled = Settled::default();
    if !numbers(&census, whole).await? {
        return Ok(Found::unproven(UNORDERED).calls(census.calls()));
    }
    let there = census.there(whole).await?;
    let few = matches!(there, Total::Exact(there) if there.max(compared) <= NAMED_MAX);
    let passes: &[Pass] = if few { &[Pass::Named] } else { &[Pass::ById, Pass::ByChange] };
    let mut all_named = None;
    for pass in passes {
        let spans = match pass {
            Pass::Named => vec![whole],
            Pass::ById => census.by_id(whole, compared, ID_RANGES).await?,
            Pass::ByChange => census.by_change(whole, CHANGE_RANGES).await?,
        };
        let differing = match pass {
            Pass::Named => match census.named(whole).await? {
                Some(named) => {
                    let unlike = census.unlike(whole, &named).await?;
                    all_named = Some(named);
                    Some(unlike)
                }
                None => None,
            },
            _ => census.differing(spans.clone()).await?,
        };
        let Some(differing) = differing else {
            return Ok(Found::unproven(UNORDERED).calls(census.calls()));
        };
        match pass {
            Pass::Named => detail.named = true,
            Pass::ById => detail.id_ranges = spans.len() as u64,
            Pass::ByChange => detail.change_ranges = spans.len() as u64,
        }
        let ids: Vec<RecordId> = differing.into_iter().collect();
        let found = removals::settle_ids(context, kind, &asked, &ids, young_from).await?;
        // What has been looked at is not counted again.
        census.leave_out(found.unchanged.clone()).await?;
        settled.add(found);
    }
    let pages = pages(&census, young_from, all_named.as_deref()).await?;
    detail.pages = pages.compared;
    let seen: Vec<RecordId> = pages.unlike.into_iter().filter(|id| !settled.unchanged.contains(id)).collect();
    let more = removals::settle_ids(context, kind, &asked, &seen, young_from).await?;
    settled.add(more);
    // Records that search was known to lack are asked for by id: nothing else would tell that they are gone.
    let known = removals::settle_ids(context, kind, &asked, &lacking, young_from).await?;
    settled.add(Settled { unchanged: Vec::new(), ..known });
    settled.unchanged.extend(pages.lacking);
    settled.unchanged.sort_unstable();
    settled.unchanged.dedup();
    detail.lacking = census::remember_lacking(&census, &settled, !sought).await?;
    Ok(Found { compared, calls: census.calls() + pages.compared, detail, settled, unproven: false })
}

const UNORDERED: &str =
    "HubSpot's search does not compare ids as numbers here, so ranges of ids mean nothing to it.";

#[derive(Debug, Clone, Copy)]
enum Pass {
    /// Every record by name.
    Named,
    ById,
    ByChange,
}

/// Records that were changed lately, by HubSpot's word or by ours, are not counted. How many they are; or why nothing
/// can be compared.
async fn young(census: &mut Census<'_>, young_from: Timestamp) -> Result<Result<u64, &'static str>, Halt> {
    let lately = Span::whole(Some(young_from.max(census.context.since.unwrap_or(young_from))), None);
    let here = census.here(lately).await?;
    let total = match census.there(lately).await? {
        Total::Exact(total) => total,
        Total::Capped => YOUNG_MAX,
        Total::Unordered => return Ok(Err(UNORDERED)),
    };
    if total >= YOUNG_MAX {
        // Whoever has just been brought up to date has these changes, and both sides leave them out alike.
        let behind = here < total / 2;
        let reason = "so much was changed in the last 65 minutes that totals cannot be compared; sync first.";
        return Ok(if behind { Err(reason) } else { Ok(here.max(total)) });
    }
    let Some(named) = census.named(lately).await? else { return Ok(Err(UNORDERED)) };
    let ids: Vec<RecordId> = named.into_iter().map(|(id, _)| id).collect();
    let count = here.max(ids.len() as u64);
    census.leave_out(ids).await?;
    Ok(Ok(count))
}

async fn lacking(context: &Context, kind: &ObjectKind) -> Result<Vec<RecordId>, Halt> {
    let mark = mark::read_stream(&context.writer, kind.object.as_str()).await?;
    Ok(mark.checked.lacking.iter().filter_map(|id| RecordId::new(*id)).collect())
}

/// Whether search compares ids as numbers. Where all ids have equally many digits it makes no difference.
async fn numbers(census: &Census<'_>, whole: Span) -> Result<bool, Halt> {
    let object = census.kind.object.clone();
    let ends = census
        .context
        .writer
        .read(move |reader| {
            let last = reader.count_within(&object, &whole)?.saturating_sub(1);
            Ok((reader.id_at(&object, &whole, 0)?, reader.id_at(&object, &whole, last)?))
        })
        .await?;
    let (Some(first), Some(last)) = ends else { return Ok(true) };
    let longer = 10_i64.checked_pow(first.get().ilog10() + 1).unwrap_or(i64::MAX);
    if longer > last.get() {
        return Ok(true);
    }
    // As text, shorter ids would come first here, or be left out.
    let page = census.page(Span { lo: longer, ..whole }).await?;
    Ok(page.is_some_and(|(named, _)| named.is_sorted_by_key(|(id, _)| *id)))
}

struct Pages {
    compared: u64,
    /// Ids that list, search and copy do not agree about.
    unlike: BTreeSet<RecordId>,
    /// Ids that the list has, changed long ago, and search has not.
    lacking: Vec<RecordId>,
}

/// What search named, ascending.
type Named = [(RecordId, Timestamp)];

/// Pages of the list from random places, each against a search of the same ids and against the copy. Where search has
/// `named` everything just now, it is not asked again.
async fn pages(census: &Census<'_>, young_from: Timestamp, named: Option<&Named>) -> Result<Pages, Halt> {
    let context = census.context;
    let (object, whole) = (census.kind.object.clone(), Span::whole(None, None));
    let rows = census.here(whole).await?;
    let mut chance = Chance::new();
    let places = if rows <= PAGES * PAGE {
        (0..rows.div_ceil(PAGE)).map(|page| page * PAGE).collect()
    } else {
        chance.spread(PAGES, rows)
    };
    let starts = context.writer.read(move |reader| reader.ids_at(&object, &whole, &places)).await?;
    let mut starts: Vec<i64> = starts.into_iter().map(RecordId::get).collect();
    if let Some(first) = starts.first_mut()
        && rows <= PAGES * PAGE
    {
        *first = 1;
    }
    if context.list_from_any_id_refused() {
        starts.truncate(usize::from(starts.first() == Some(&1)));
    }
    let looked: Vec<Option<Pages>> = stream::iter(starts)
        .map(|start| page(census, start, young_from, named))
        .buffer_unordered(AT_ONCE)
        .try_collect()
        .await?;
    let mut all = Pages { compared: 0, unlike: BTreeSet::new(), lacking: Vec::new() };
    for one in looked.into_iter().flatten() {
        all.compared += 1;
        all.unlike.extend(one.unlike);
        all.lacking.extend(one.lacking);
    }
    Ok(all)
}

/// One page; none if the list cannot be asked from there.
async fn page(
    census: &Census<'_>,
    start: i64,
    young_from: Timestamp,
    named: Option<&Named>,
) -> Result<Option<Pages>, Halt> {
    let (context, kind) = (census.context, census.kind);
    let properties = [PropertyName::from("hs_object_id")];
    let after = (start > 1).then(|| start.to_string());
    let list = ListRecords { kind, after, limit: 100, properties: &properties, archived: false };
    let page = match context.send(&list).await {
        Ok(page) => page,
        Err(Halt::Error(Error::Hubspot(hubspot::Error::Refused(_) | hubspot::Error::NotFound(_)))) => {
            return Ok(None);
        }
        Err(halt) => return Err(halt),
    };
    let listed: Vec<(RecordId, Timestamp)> =
        page.records.iter().map(|record| (record.id, record.updated_at)).collect();
    let ordered = listed.is_sorted_by(|a, b| a.0 < b.0);
    if !ordered || listed.first().is_some_and(|(id, _)| id.get() < start) {
        return Ok(None);
    }
    let hi = match (&page.after, listed.last()) {
        (Some(_), Some((last, _))) => last.get() + 1,
        _ => i64::MAX,
    };
    let span = Span { lo: start, hi, from: context.since, to: Some(young_from) };
    let inside: Vec<_> = listed.into_iter().filter(|(id, changed)| span.holds(*id, *changed)).collect();
    let found: BTreeSet<RecordId> = match named {
        Some(named) => named.iter().map(|(id, _)| *id).collect(),
        None => {
            let Some(found) = census.named(span).await? else { return Ok(None) };
            found.into_iter().map(|(id, _)| id).collect()
        }
    };
    let unlike = census.unlike(span, &inside).await?;
    let lacking = inside.iter().map(|(id, _)| *id).filter(|id| !found.contains(id)).collect();
    Ok(Some(Pages { compared: 1, unlike, lacking }))
}
