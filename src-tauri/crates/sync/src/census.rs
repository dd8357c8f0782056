//! What HubSpot's search counts against what is here. Totals that differ are halved until search can name the records
//! of what is left; what became of those is for `removals` to settle, never for a count.

use std::{
    collections::BTreeSet,
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
};

use crm::{PropertyName, RecordId, Timestamp};
use futures::stream::{self, StreamExt, TryStreamExt};
use hubspot::{
    ObjectKind,
    endpoint::{Filter, Op, Search, SearchPage},
};
use store::{Level, Span};

use crate::{
    context::Context,
    definitions,
    error::Halt,
    mark,
    removals::{self, Settled},
};

/// Records of one page of search (API.md 8).
const PAGE: u32 = 200;
/// Search may stop counting here.
const COUNTED_MAX: u64 = 10_000;
/// Where it does, ranges are made so small that their totals stay clear of it.
const COUNTED_WELL: u64 = 8_000;
/// So few are named at once: halving would cost as many calls.
const NAMED_AT_ONCE: u64 = 400;
/// Searches in flight; the pool allows five a second.
const AT_ONCE: usize = 5;

const ID: &str = "hs_object_id";

/// A total of search.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Total {
    Exact(u64),
    /// Where search may have stopped counting.
    Capped,
    /// Search does not compare ids as numbers: ranges of ids mean nothing to it.
    Unordered,
}

/// A span with how many live records each side has in it.
#[derive(Debug, Clone, Copy)]
struct Piece {
    span: Span,
    here: u64,
    there: u64,
}

/// How to go on with a span whose totals differ. Pure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    /// Let search name all of it.
    Name,
    /// Count its halves.
    Halve,
}

fn step(here: u64, there: u64) -> Step {
    // Many differences are found sooner by reading everything than by looking for each of them.
    let many = here.abs_diff(there).saturating_mul(8) >= there;
    if there <= NAMED_AT_ONCE || here < 2 || many { Step::Name } else { Step::Halve }
}

/// One type's counts.
pub(crate) struct Census<'a> {
    pub(crate) context: &'a Context,
    pub(crate) kind: &'a ObjectKind,
    /// Live rows that search is known not to count where they stand here.
    left_out: Vec<(RecordId, Timestamp)>,
    calls: AtomicU64,
    capped: AtomicBool,
}

/// Ids that one side has and the other has not, or has with another stamp; none when ranges of ids mean nothing.
pub(crate) type Differing = Option<BTreeSet<RecordId>>;

impl<'a> Census<'a> {
    pub(crate) fn new(context: &'a Context, kind: &'a ObjectKind) -> Census<'a> {
        let (calls, capped) = (AtomicU64::new(0), AtomicBool::new(false));
        Census { context, kind, left_out: Vec::new(), calls, capped }
    }

    /// These rows are not counted here from now on.
    pub(crate) async fn leave_out(&mut self, ids: Vec<RecordId>) -> Result<(), Halt> {
        let object = self.kind.object.clone();
        let mut rows = self.context.writer.read(move |reader| reader.changed_at(&object, &ids)).await?;
        self.left_out.append(&mut rows);
        self.left_out.sort_unstable();
        self.left_out.dedup();
        Ok(())
    }

    pub(crate) fn calls(&self) -> u64 {
        self.calls.load(Ordering::Relaxed)
    }

    /// How many live rows are here.
    pub(crate) async fn here(&self, span: Span) -> Result<u64, Halt> {
        let object = self.kind.object.clone();
        let rows = self.context.writer.read(move |reader| reader.count_within(&object, &span)).await?;
        let out = self.left_out.iter().filter(|(id, changed)| span.holds(*id, *changed)).count();
        Ok(rows.saturating_sub(out as u64))
    }

    /// How many live records search counts.
    pub(crate) async fn there(&self, span: Span) -> Result<Total, Halt> {
        let page = self.ask(span, 1, None).await?;
        let inside = |id: RecordId| (span.lo..span.hi).contains(&id.get());
        if !page.records.iter().all(|record| inside(record.id)) {
            return Ok(Total::Unordered);
        }
        if page.total == COUNTED_MAX {
            self.capped.store(true, Ordering::Relaxed);
            return Ok(Total::Capped);
        }
        Ok(Total::Exact(page.total))
    }

    /// All records of the span that search names, with their stamps, ascending; none when it is out of order.
    pub(crate) async fn named(&self, span: Span) -> Result<Option<Vec<(RecordId, Timestamp)>>, Halt> {
        let mut named: Vec<(RecordId, Timestamp)> = Vec::new();
        let mut rest = span;
        loop {
            let Some(page) = self.page(rest).await? else { return Ok(None) };
            let Some(last) = page.0.iter().map(|(id, _)| id.get()).max() else {
                return Ok(Some(sorted(named)));
            };
            named.extend(page.0);
            rest.lo = last.saturating_add(1);
            if !page.1 || rest.lo >= rest.hi {
                return Ok(Some(sorted(named)));
            }
        }
    }

    /// The first page of a span that names anything, and whether there is more behind it; none when it is out of order.
    pub(crate) async fn page(&self, span: Span) -> Result<Option<(Vec<(RecordId, Timestamp)>, bool)>, Halt> {
        let mut after = None;
        loop {
            let page = self.ask(span, PAGE, after.take()).await?;
            let named: Vec<_> = page.records.iter().map(|record| (record.id, record.updated_at)).collect();
            if !named.iter().all(|(id, _)| (span.lo..span.hi).contains(&id.get())) {
                return Ok(None);
            }
            // An empty page with a cursor is stepped over; nothing else goes by place.
            if named.is_empty() && page.after.is_some() {
                after = page.after;
                continue;
            }
            return Ok(Some((named, page.after.is_some())));
        }
    }

    /// Whether search finds this one record.
    pub(crate) async fn finds(&self, id: RecordId) -> Result<bool, Halt> {
        let span = Span { lo: id.get(), hi: id.get().saturating_add(1), from: None, to: None };
        Ok(self.ask(span, 1, None).await?.total > 0)
    }

    /// Cuts a span into pieces that hold equally many rows here, so many that totals stay clear of the cap.
    pub(crate) async fn by_id(&self, span: Span, rows: u64, parts: u64) -> Result<Vec<Span>, Halt> {
        let object = self.kind.object.clone();
        let parts = if self.is_capped() { parts.max(rows.div_ceil(COUNTED_WELL)) } else { parts };
        let cuts = self.context.writer.read(move |reader| reader.cuts_by_id(&object, &span, parts)).await?;
        let ends = cuts.iter().skip(1).copied().chain([span.hi]);
        Ok(cuts.iter().zip(ends).map(|(lo, hi)| Span { lo: *lo, hi, ..span }).collect())
    }

    /// The same by time of last change.
    pub(crate) async fn by_change(&self, span: Span, parts: u64) -> Result<Vec<Span>, Halt> {
        let object = self.kind.object.clone();
        let cuts =
            self.context.writer.read(move |reader| reader.cuts_by_change(&object, &span, parts)).await?;
        let starts = std::iter::once(span.from).chain(cuts.iter().copied().map(Some));
        let ends = cuts.iter().copied().map(Some).chain([span.to]);
        Ok(starts.zip(ends).map(|(from, to)| Span { from, to, ..span }).collect())
    }

    pub(crate) fn is_capped(&self) -> bool {
        self.capped.load(Ordering::Relaxed)
    }

    /// Counts these spans on both sides, and looks into those that differ.
    pub(crate) async fn differing(&self, spans: Vec<Span>) -> Result<Differing, Halt> {
        let mut found = BTreeSet::new();
        let mut looks: Vec<Look> = spans.into_iter().map(Look::Count).collect();
        while !looks.is_empty() {
            let looked: Vec<Looked> = stream::iter(looks)
                .map(|look| self.look(look))
                .buffer_unordered(AT_ONCE)
                .try_collect()
                .await?;
            looks = Vec::new();
            for looked in looked {
                match looked {
                    Looked::Further(more) => looks.extend(more),
                    Looked::Found(ids) => found.extend(ids),
                    Looked::Unordered => return Ok(None),
                }
            }
        }
        Ok(Some(found))
    }

    async fn look(&self, look: Look) -> Result<Looked, Halt> {
        match look {
            Look::Count(span) => {
                let here = self.here(span).await?;
                match self.there(span).await? {
                    Total::Exact(there) if there == here => Ok(Looked::Found(BTreeSet::new())),
                    Total::Exact(there) => Ok(Looked::Further(vec![Look::Into(Piece { span, here, there })])),
                    // At the cap, halves say more; where little is here, only the names do.
                    Total::Capped if here > COUNTED_WELL / 2 => {
                        let halves = self.by_id(span, here, 2).await?;
                        Ok(Looked::Further(halves.into_iter().map(Look::Count).collect()))
                    }
                    Total::Capped => self.name(span).await,
                    Total::Unordered => Ok(Looked::Unordered),
                }
            }
            Look::Into(piece) => match step(piece.here, piece.there) {
                Step::Name => self.name(piece.span).await,
                Step::Halve => self.halve(piece).await,
            },
        }
    }

    /// Counts the lower half; the upper one has the rest.
    async fn halve(&self, piece: Piece) -> Result<Looked, Halt> {
        let Piece { span, here, there } = piece;
        let object = self.kind.object.clone();
        let middle = self.context.writer.read(move |reader| reader.id_at(&object, &span, here / 2)).await?;
        let Some(middle) = middle.map(RecordId::get).filter(|at| *at > span.lo && *at < span.hi) else {
            return self.name(span).await;
        };
        let (lower, upper) = (Span { hi: middle, ..span }, Span { lo: middle, ..span });
        let lower_here = self.here(lower).await?;
        let lower_there = match self.there(lower).await? {
            Total::Exact(total) => total,
            Total::Capped => return Ok(Looked::Further(vec![Look::Count(lower), Look::Count(upper)])),
            Total::Unordered => return Ok(Looked::Unordered),
        };
        // A portal that changes meanwhile can make this wrong by a few: then there is nothing to be found in there.
        let halves = [
            Piece { span: lower, here: lower_here, there: lower_there },
            Piece {
                span: upper,
                here: here.saturating_sub(lower_here),
                there: there.saturating_sub(lower_there),
            },
        ];
        let differ = halves.into_iter().filter(|half| half.here != half.there);
        Ok(Looked::Further(differ.map(Look::Into).collect()))
    }

    /// Every record of the span by name, on both sides.
    async fn name(&self, span: Span) -> Result<Looked, Halt> {
        let Some(named) = self.named(span).await? else { return Ok(Looked::Unordered) };
        Ok(Looked::Found(self.unlike(span, &named).await?))
    }

    /// Ids that only one side has in the span, and those with two stamps.
    pub(crate) async fn unlike(
        &self,
        span: Span,
        named: &[(RecordId, Timestamp)],
    ) -> Result<BTreeSet<RecordId>, Halt> {
        let object = self.kind.object.clone();
        let rows = self.context.writer.read(move |reader| reader.ids_within(&object, &span)).await?;
        let is_left_out = |id: &RecordId| self.left_out.binary_search_by_key(id, |(id, _)| *id).is_ok();
        let named: BTreeSet<_> = named.iter().copied().collect();
        let rows: BTreeSet<_> = rows.into_iter().collect();
        let unlike = named.symmetric_difference(&rows).map(|(id, _)| *id);
        Ok(unlike.filter(|id| !is_left_out(id)).collect())
    }

    async fn ask(&self, span: Span, limit: u32, after: Option<String>) -> Result<SearchPage, Halt> {
        self.calls.fetch_add(1, Ordering::Relaxed);
        let properties = [PropertyName::from(ID), self.kind.modified_property.clone()];
        let (kind, filters) = (self.kind, filters(self.kind, &span));
        let sorts = Some((ID.into(), false));
        self.context.send(&Search { kind, filters, sorts, properties: &properties, limit, after }).await
    }
}

/// What to look at next.
enum Look {
    Count(Span),
    Into(Piece),
}

enum Looked {
    Further(Vec<Look>),
    Found(BTreeSet<RecordId>),
    Unordered,
}

fn sorted(mut named: Vec<(RecordId, Timestamp)>) -> Vec<(RecordId, Timestamp)> {
    named.sort_unstable();
    named.dedup();
    named
}

fn filters(kind: &ObjectKind, span: &Span) -> Vec<Filter> {
    let mut filters = Vec::with_capacity(4);
    if span.lo > 1 {
        filters.push(Filter::new(ID.into(), Op::Gte, span.lo.to_string()));
    }
    if span.hi < i64::MAX {
        filters.push(Filter::new(ID.into(), Op::Lt, span.hi.to_string()));
    }
    // A bound of 0 is answered with a 500 (API.md 8).
    let stamp = |at: Timestamp| at.millis().max(1_000).to_string();
    filters.extend(span.from.map(|from| Filter::new(kind.modified_property.clone(), Op::Gte, stamp(from))));
    filters.extend(span.to.map(|to| Filter::new(kind.modified_property.clone(), Op::Lt, stamp(to))));
    filters
}

/// Whether HubSpot counts as many live records as are here; looks into it where it does not.
pub(crate) async fn compare(context: &Context, kind: &ObjectKind) -> Result<(), Halt> {
    let name = kind.object.as_str();
    let mut mark = mark::read_stream(&context.writer, name).await?;
    let by = context.began.millis();
    let last = mark.checked.counted_at.map(Timestamp::from_millis);
    if mark.checked.counted_by == by || !context.full && !context.moment().hourly(last) {
        return Ok(());
    }
    let lacking = mark.checked.lacking.iter().filter_map(|id| RecordId::new(*id)).collect();
    let ids = differing(context, kind, lacking).await?;
    if !ids.is_empty() {
        settle(context, kind, &ids).await?;
    }
    mark = mark::read_stream(&context.writer, name).await?;
    (mark.checked.counted_at, mark.checked.counted_by) = (Some(context.now().millis()), by);
    Ok(mark::write_stream(&context.writer, name, &mark, context.now()).await?)
}

/// Makes right what differed.
async fn settle(context: &Context, kind: &ObjectKind, ids: &[RecordId]) -> Result<(), Halt> {
    let asked = definitions::asked(context, kind).await?;
    let settled = removals::settle_ids(context, kind, &asked, ids, context.now().minus(YOUNG)).await?;
    remember_lacking(&Census::new(context, kind), &settled, true).await?;
    if settled.missing + settled.extra + settled.wrong > 0 {
        let message = format!(
            "{}: HubSpot's total differed; {} were missing here, {} were no longer there, {} were out of date.",
            kind.plural, settled.missing, settled.extra, settled.wrong
        );
        context.tell(Level::Info, "counts_settled", Some(&kind.object), message).await?;
    }
    Ok(())
}

/// Ids that the live records of the two sides do not share, if their totals differ.
async fn differing(
    context: &Context,
    kind: &ObjectKind,
    lacking: Vec<RecordId>,
) -> Result<Vec<RecordId>, Halt> {
    let mut census = Census::new(context, kind);
    census.leave_out(lacking).await?;
    let found = census.differing(vec![Span::whole(context.since, None)]).await?;
    Ok(found.into_iter().flatten().collect())
}

/// What was changed so lately may not have reached HubSpot's search.
pub(crate) const YOUNG: std::time::Duration = std::time::Duration::from_mins(65);

/// Records asked for once more, one by one, before search is called incomplete.
const CONFIRMED_MAX: usize = 20;
/// More are not remembered by their ids.
const LACKING_MAX: usize = 2_000;

/// Live records, changed long ago, that search did not name: asked for once more by themselves, and if search still
/// does not find them, it is incomplete for this type. Unless `more`, what was known before is forgotten. Returns how
/// many it lacks.
pub(crate) async fn remember_lacking(
    census: &Census<'_>,
    settled: &Settled,
    more: bool,
) -> Result<u64, Halt> {
    let (context, kind) = (census.context, census.kind);
    let mut lacking = Vec::new();
    for (place, id) in settled.unchanged.iter().enumerate() {
        if place >= CONFIRMED_MAX && lacking.len() >= CONFIRMED_MAX || !census.finds(*id).await? {
            lacking.push(id.get());
        }
    }
    let name = kind.object.as_str();
    let mut mark = mark::read_stream(&context.writer, name).await?;
    let before = mark.checked.clone();
    if !more {
        mark.checked.lacking.clear();
    }
    let first = !mark.checked.search_incomplete && !lacking.is_empty();
    mark.checked.search_incomplete |= first;
    mark.checked.lacking.append(&mut lacking);
    mark.checked.lacking.sort_unstable();
    mark.checked.lacking.dedup();
    mark.checked.lacking.truncate(LACKING_MAX);
    let found = mark.checked.lacking.len() as u64;
    if mark.checked != before {
        mark::write_stream(&context.writer, name, &mark, context.now()).await?;
    }
    if first {
        let message = format!(
            "HubSpot's search does not find every one of the {}; they are listed from now on.",
            kind.plural
        );
        context.tell(Level::Warn, "search_incomplete", Some(&kind.object), message).await?;
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn totals_that_differ_are_halved_until_naming_is_as_cheap() {
        let rows = [
            ((1_000_000, 1_000_007), Step::Halve),
            ((15_625, 15_624), Step::Halve),
            ((401, 402), Step::Halve),
            ((400, 399), Step::Name),
            ((0, 1), Step::Name),
            ((3, 0), Step::Name),
            // Nothing here to halve at, or most of it different.
            ((0, 5_000), Step::Name),
            ((1, 5_000), Step::Name),
            ((4_000, 5_000), Step::Name),
            ((5_000, 0), Step::Name),
            ((4_900, 5_000), Step::Halve),
        ];
        for ((here, there), expected) in rows {
            assert_eq!(step(here, there), expected, "{here} here, {there} there");
        }
    }

    #[test]
    fn a_span_is_asked_for_without_bounds_that_mean_nothing() {
        let kind = hubspot::catalog::core().remove(0);
        let names = |span: &Span| -> Vec<(String, Op, String)> {
            let one =
                |filter: Filter| (filter.property.to_string(), filter.op, filter.value.unwrap_or_default());
            filters(&kind, span).into_iter().map(one).collect()
        };
        assert_eq!(names(&Span::whole(None, None)), []);
        let span = Span {
            lo: 7,
            hi: 9,
            from: Some(Timestamp::from_millis(0)),
            to: Some(Timestamp::from_millis(5_000)),
        };
        let expected = [
            (ID, Op::Gte, "7"),
            (ID, Op::Lt, "9"),
            ("lastmodifieddate", Op::Gte, "1000"),
            ("lastmodifieddate", Op::Lt, "5000"),
        ];
        let expected: Vec<_> = expected.map(|(a, b, c)| (a.to_owned(), b, c.to_owned())).into();
        assert_eq!(names(&span), expected);
    }
}
