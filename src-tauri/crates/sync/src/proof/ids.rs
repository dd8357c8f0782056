//! Every id compared: all of them read again by the way that did not make the copy, piece by piece, each settled as it
//! is read.

use crm::{PropertyName, RecordId, Timestamp};
use futures::stream::{self, StreamExt, TryStreamExt};
use hubspot::{ObjectKind, endpoint::ListRecords};
use store::Span;
use tokio::sync::Mutex;

use super::{
    Detail, Found,
    mark::{self as place, IdsPart, IdsPlace, ProofMark},
};
use crate::{
    Error,
    asked::Asked,
    census::{Census, YOUNG},
    context::Context,
    definitions,
    error::Halt,
    mark,
    removals::{self, Settled},
};

/// Pieces that are read side by side, and how many records make another piece worth while.
const AT_ONCE: u64 = 4;
const PIECE: u64 = 10_000;

pub(super) async fn prove(
    context: &Context,
    kind: &ObjectKind,
    proof: &mut ProofMark,
) -> Result<Found, Halt> {
    let asked = definitions::asked(context, kind).await?;
    let name = kind.object.as_str();
    if proof.ids.as_ref().is_none_or(|ids| ids.object != name) {
        let parts = parts(context, kind).await?;
        proof.ids = Some(IdsPlace { object: name.to_owned(), parts, ..IdsPlace::default() });
        place::write(&context.writer, proof, context.now()).await?;
    }
    let ids = proof.ids.clone().unwrap_or_default();
    let ways = [true, false].map(|by_search| ids.parts.iter().any(|part| part.by_search == by_search));
    let way = match ways {
        [true, true] => "list where search had read them, and by search elsewhere",
        [true, false] => "search",
        _ => "list",
    };
    let census = Census::new(context, kind);
    let walk = Walk {
        census: &census,
        asked: &asked,
        young_from: context.now().minus(YOUNG),
        proof: Mutex::new(proof.clone()),
    };
    let whole: Vec<bool> = stream::iter(0..ids.parts.len())
        .map(|part| walk.part(part))
        .buffer_unordered(usize::try_from(AT_ONCE).unwrap_or(1))
        .try_collect()
        .await?;
    *proof = walk.proof.into_inner();
    let ids = proof.ids.take().unwrap_or_default();
    if whole.contains(&false) {
        let reason = "neither list nor search keeps the order of ids here.";
        return Ok(Found::unproven(reason).calls(ids.calls + census.calls()));
    }
    let settled = Settled {
        missing: ids.missing,
        extra: ids.extra,
        wrong: ids.wrong,
        young: ids.young,
        unclear: ids.unclear,
        ..Settled::default()
    };
    let detail = Detail { way: way.to_owned(), young: ids.young, ..Detail::default() };
    Ok(Found { compared: ids.compared, calls: ids.calls + census.calls(), detail, settled, unproven: false })
}

/// The pieces in which the type was copied, each to be read the other way. Where search is known to lack records, all is
/// listed.
async fn parts(context: &Context, kind: &ObjectKind) -> Result<Vec<IdsPart>, Halt> {
    let name = kind.object.as_str();
    let incomplete = mark::read_stream(&context.writer, name).await?.checked.search_incomplete;
    let stream = name.to_owned();
    let ranges = context.writer.call(move |store| store.ranges(&stream)).await?;
    let mut copied: Vec<(i64, i64, bool)> = Vec::new();
    for range in &ranges {
        let by_search = !incomplete && !range.way.starts_with("search");
        match copied.last_mut() {
            Some((_, hi, before)) if *before == by_search && *hi == range.lo => *hi = range.hi,
            _ => copied.push((range.lo, range.hi, by_search)),
        }
    }
    if copied.is_empty() {
        copied.push((1, i64::MAX, !incomplete));
    }
    let census = Census::new(context, kind);
    let mut parts = Vec::new();
    for (lo, hi, by_search) in copied {
        let span = Span { lo, hi, from: context.since, to: None };
        let rows = census.here(span).await?;
        let pieces = (rows / PIECE).clamp(1, AT_ONCE);
        // A list that cannot be asked from any id is read in one piece, from the start.
        let pieces = if !by_search && context.list_from_any_id_refused() { 1 } else { pieces };
        for span in census.by_id(span, rows, pieces).await? {
            parts.push(IdsPart {
                lo: span.lo,
                past: span.lo - 1,
                cursor: None,
                hi: span.hi,
                by_search,
                done: false,
            });
        }
    }
    Ok(parts)
}

struct Walk<'a> {
    census: &'a Census<'a>,
    asked: &'a Asked,
    young_from: Timestamp,
    proof: Mutex<ProofMark>,
}

/// Ids of a page with their stamps, and up to where it speaks.
struct Named {
    ids: Vec<(RecordId, Timestamp)>,
    past: i64,
    cursor: Option<String>,
    done: bool,
}

impl Walk<'_> {
    /// Reads one piece to its end. False if it cannot be read in order.
    async fn part(&self, index: usize) -> Result<bool, Halt> {
        loop {
            let Some(part) = self.proof.lock().await.ids.as_ref().map(|ids| ids.parts[index].clone()) else {
                return Ok(true);
            };
            if part.done {
                return Ok(true);
            }
            let named = if part.by_search { self.search(&part).await? } else { self.list(&part).await? };
            let Some(named) = named else {
                // Out of order for search: it is listed. Not to be asked from there: it is listed from the start.
                let (by_search, past) = match (part.by_search, part.past > 0 && part.cursor.is_none()) {
                    (true, _) => (false, part.past),
                    (false, true) => (false, 0),
                    (false, false) => return Ok(false),
                };
                self.change(|ids| (ids.parts[index].by_search, ids.parts[index].past) = (by_search, past))
                    .await?;
                continue;
            };
            self.settle(index, &part, named).await?;
        }
    }

    async fn search(&self, part: &IdsPart) -> Result<Option<Named>, Halt> {
        let span = Span { lo: part.past + 1, hi: part.hi, from: self.census.context.since, to: None };
        let Some((ids, more)) = self.census.page(span).await? else { return Ok(None) };
        if !ids.is_sorted_by(|a, b| a.0 < b.0) {
            return Ok(None);
        }
        let past = match (more, ids.last()) {
            (true, Some((last, _))) => last.get(),
            _ => part.hi - 1,
        };
        Ok(Some(Named { ids, past, cursor: None, done: past + 1 >= part.hi }))
    }

    async fn list(&self, part: &IdsPart) -> Result<Option<Named>, Halt> {
        let (context, kind) = (self.census.context, self.census.kind);
        let properties = [PropertyName::from("hs_object_id")];
        let after = part.cursor.clone().or_else(|| (part.past > 0).then(|| (part.past + 1).to_string()));
        let list = ListRecords { kind, after, limit: 100, properties: &properties, archived: false };
        let page = match context.send(&list).await {
            Ok(page) => page,
            Err(Halt::Error(Error::Hubspot(hubspot::Error::Refused(_)))) => return Ok(None),
            Err(halt) => return Err(halt),
        };
        self.change(|ids| ids.calls += 1).await?;
        let all: Vec<(RecordId, Timestamp)> =
            page.records.iter().map(|record| (record.id, record.updated_at)).collect();
        let begins = all.first().is_none_or(|(id, _)| id.get() > part.past);
        if !begins || !all.is_sorted_by(|a, b| a.0 < b.0) {
            return Ok(None);
        }
        let last = all.last().map_or(part.past, |(id, _)| id.get());
        let done = page.after.is_none() || last + 1 >= part.hi;
        let past = if done { part.hi - 1 } else { last };
        let stuck = !done && past == part.past;
        let ids = all
            .into_iter()
            .filter(|(id, changed)| {
                (part.lo..part.hi).contains(&id.get()) && context.since.is_none_or(|since| *changed >= since)
            })
            .collect();
        Ok((!stuck).then_some(Named { ids, past, cursor: page.after, done }))
    }

    async fn settle(&self, index: usize, part: &IdsPart, named: Named) -> Result<(), Halt> {
        let (context, kind) = (self.census.context, self.census.kind);
        let lo = part.lo.max(part.past + 1);
        let span = Span { lo, hi: named.past.saturating_add(1), from: context.since, to: None };
        let unlike: Vec<RecordId> = self.census.unlike(span, &named.ids).await?.into_iter().collect();
        let settled = removals::settle_ids(context, kind, self.asked, &unlike, self.young_from).await?;
        let compared = named.ids.len() as u64;
        self.change(|ids| {
            let part = &mut ids.parts[index];
            (part.past, part.cursor, part.done) = (named.past, named.cursor, named.done);
            ids.compared += compared;
            ids.missing += settled.missing;
            ids.extra += settled.extra;
            ids.wrong += settled.wrong;
            ids.young += settled.young;
            ids.unclear += settled.unclear;
        })
        .await?;
        context.board.compared(compared);
        Ok(())
    }

    /// Changes where the reading stands, and keeps it.
    async fn change(&self, change: impl FnOnce(&mut IdsPlace)) -> Result<(), Halt> {
        let mut proof = self.proof.lock().await;
        if let Some(ids) = &mut proof.ids {
            change(ids);
        }
        let context = self.census.context;
        Ok(place::write(&context.writer, &proof, context.now()).await?)
    }
}
