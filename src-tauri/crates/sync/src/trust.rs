//! What HubSpot's list and search say, and whether it can be relied on: totals, the ids at a place, whether the list may
//! be asked from an id of our choice (API.md 23: UNSURE), and whether pages of search follow one another.

use crm::{PropertyName, Timestamp};
use hubspot::{
    Client, ObjectKind,
    endpoint::{Filter, ListRecords, Op, Search, SearchPage},
};

use crate::{Error, context::Context, error::Halt};

/// What one or two searches say about a type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Size {
    /// Records inside the window.
    pub(crate) total: u64,
    pub(crate) exact: bool,
    /// Records whenever changed.
    pub(crate) overall: u64,
    /// The highest id.
    pub(crate) top: Option<i64>,
}

/// HubSpot's search may stop counting here; such a total is shown as an estimate.
pub(crate) const COUNTED_MAX: u64 = 10_000;

/// The last place that a search can be asked for, less what a page may hold.
pub(crate) const PLACE_MAX: u64 = 9_800;

const ID: &str = "hs_object_id";

/// The records that a search is about: ids in `(past, before)`, changed inside the window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Among {
    pub(crate) past: i64,
    pub(crate) before: Option<i64>,
    pub(crate) since: Option<Timestamp>,
}

impl Among {
    pub(crate) fn filters(self, kind: &ObjectKind) -> Vec<Filter> {
        let mut filters = Vec::with_capacity(3);
        if self.past > 0 {
            filters.push(Filter::new(ID.into(), Op::Gt, self.past.to_string()));
        }
        if let Some(before) = self.before {
            filters.push(Filter::new(ID.into(), Op::Lt, before.to_string()));
        }
        filters.extend(self.since.map(|since| changed_since(kind, since)));
        filters
    }
}

fn changed_since(kind: &ObjectKind, since: Timestamp) -> Filter {
    // A bound of 0 is answered with a 500 (API.md 8).
    Filter::new(kind.modified_property.clone(), Op::Gte, since.millis().max(1_000).to_string())
}

/// Asks search for ids, ascending unless said otherwise.
pub(crate) async fn search(
    client: &Client,
    kind: &ObjectKind,
    filters: Vec<Filter>,
    descending: bool,
    limit: u32,
    place: u64,
) -> Result<SearchPage, hubspot::Error> {
    let properties = [PropertyName::from(ID)];
    let sorts = Some((ID.into(), descending));
    let after = (place > 0).then(|| place.to_string());
    client.send(&Search { kind, filters, sorts, properties: &properties, limit, after }).await
}

/// How many records there are, and the highest id.
pub(crate) async fn size(
    client: &Client,
    kind: &ObjectKind,
    since: Option<Timestamp>,
) -> Result<Size, hubspot::Error> {
    let all = search(client, kind, Vec::new(), true, 1, 0).await?;
    let mut top = all.records.first().map(|record| record.id.get());
    if top.is_none() && all.after.is_some() {
        // An empty page with a cursor is not the end: the highest id stands at the next place.
        let next = search(client, kind, Vec::new(), true, 1, 1).await?;
        top = next.records.first().map(|record| record.id.get());
    }
    let total = match since {
        Some(since) => {
            let among = Among { since: Some(since), ..Among::default() };
            search(client, kind, among.filters(kind), true, 1, 0).await?.total
        }
        None => all.total,
    };
    Ok(Size { total, exact: total != COUNTED_MAX, overall: all.total, top })
}

/// How many records there are among these ids.
pub(crate) async fn count(context: &Context, kind: &ObjectKind, among: Among) -> Result<u64, Halt> {
    let ask = search(&context.client, kind, among.filters(kind), false, 1, 0);
    Ok(context.unless_cancelled(ask).await?.map_err(Error::from)?.total)
}

/// The id that stands behind so many others, if search says.
pub(crate) async fn id_at(
    context: &Context,
    kind: &ObjectKind,
    among: Among,
    place: u64,
) -> Result<Option<i64>, Halt> {
    let ask = search(&context.client, kind, among.filters(kind), false, 1, place);
    let page = context.unless_cancelled(ask).await?.map_err(Error::from)?;
    let id = page.records.first().map(|record| record.id.get());
    Ok(id.filter(|id| *id > among.past && among.before.is_none_or(|before| *id < before)))
}

/// Asks the list from `at` and compares with a search of the same range: every id that search knows and that lies in
/// the page must be in it, in ascending order, and nothing below `at`.
pub(crate) async fn list_takes_any_id(context: &Context, kind: &ObjectKind, at: i64) -> Result<bool, Halt> {
    let from = Among { past: at - 1, ..Among::default() };
    let ask = search(&context.client, kind, from.filters(kind), false, 100, 0);
    let page = context.unless_cancelled(ask).await?.map_err(Error::from)?;
    let known: Vec<i64> = page.records.iter().map(|record| record.id.get()).collect();
    let Some(&first) = known.first() else { return Ok(false) };
    let properties = [PropertyName::from(ID)];
    let list = ListRecords {
        kind,
        after: Some(first.to_string()),
        limit: 100,
        properties: &properties,
        archived: false,
    };
    let page = match context.send(&list).await {
        Ok(page) => page,
        Err(Halt::Error(Error::Hubspot(hubspot::Error::Refused(_) | hubspot::Error::NotFound(_)))) => {
            return Ok(false);
        }
        Err(halt) => return Err(halt),
    };
    let listed: Vec<i64> = page.records.iter().map(|record| record.id.get()).collect();
    let last = if page.after.is_some() { listed.last().copied().unwrap_or(0) } else { i64::MAX };
    let ascending = listed.is_sorted_by(|a, b| a < b) && listed.first().is_some_and(|id| *id >= first);
    Ok(ascending && known.iter().filter(|id| **id <= last).all(|id| listed.binary_search(id).is_ok()))
}

/// A page of search, as it was asked for and as it came.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Answer<'a> {
    pub(crate) among: Among,
    pub(crate) total: u64,
    /// Ids in the order of the answer.
    pub(crate) ids: &'a [i64],
    /// Rows of the answer, those without a readable id included.
    pub(crate) rows: u64,
    pub(crate) more: bool,
}

/// The page before, if it was asked with the same upper bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Before {
    pub(crate) past: i64,
    pub(crate) total: u64,
    pub(crate) rows: u64,
}

/// What a page of search is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It holds the records that follow `past`; there are more behind the last.
    More,
    /// It holds all that are left below its upper bound.
    Last,
    /// The total may be where HubSpot stops counting: only a narrower question can be checked.
    Capped,
    /// Fewer are left than should be: records were removed meanwhile, or the page before left some out.
    Doubtful,
    /// Ids are not compared as numbers, or the order is not kept.
    Unordered,
}

/// Totals of successive pages must fall by the rows received, and ids must ascend as numbers.
pub(crate) fn verdict(answer: &Answer<'_>, before: Option<&Before>) -> Verdict {
    let Answer { among, total, ids, rows, more } = *answer;
    let inside = |id: i64| id > among.past && among.before.is_none_or(|before| id < before);
    if !ids.is_sorted_by(|a, b| a < b) || !ids.iter().all(|id| inside(*id)) {
        return Verdict::Unordered;
    }
    if total == COUNTED_MAX {
        return Verdict::Capped;
    }
    if before.is_some_and(|before| total < before.total.saturating_sub(before.rows)) {
        return Verdict::Doubtful;
    }
    let whole = !more && rows >= total;
    // Only the server says that there is no more; but a total that it contradicts is not taken for the end either.
    match (whole, ids.is_empty()) {
        (true, _) => Verdict::Last,
        (false, false) => Verdict::More,
        (false, true) => Verdict::Unordered,
    }
}

/// Whether the page before held all that it should have: asked again after a [`Verdict::Doubtful`], `total` is what is
/// left behind the place where it began, `now` what is left behind its end.
pub(crate) fn was_whole(before: &Before, total: u64, now: u64) -> bool {
    total <= now + before.rows
}

/// The upper bound of one search: within it all ids have equally many digits, so that a server that compares them as text
/// leaves none out. `top` is the highest id known.
pub(crate) fn bound(past: i64, hi: i64, top: i64) -> Option<i64> {
    let next = past.saturating_add(1).max(1);
    let longer = 10_i64.checked_pow(next.ilog10() + 1).unwrap_or(i64::MAX);
    if longer < hi && longer <= top { Some(longer) } else { (hi < i64::MAX).then_some(hi) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(ids: &[i64], total: u64, more: bool) -> Answer<'_> {
        let among = Among { past: 100, before: Some(1_000), since: None };
        Answer { among, total, ids, rows: ids.len() as u64, more }
    }

    #[test]
    fn a_page_of_search_is_judged_by_its_order_and_its_total() {
        use Verdict::{Capped, Doubtful, Last, More, Unordered};
        let before = Before { past: 50, total: 12, rows: 2 };
        let rows: &[(&str, Answer<'_>, Option<&Before>, Verdict)] = &[
            ("the first page", answer(&[101, 102], 12, true), None, More),
            ("all of it", answer(&[101, 102], 2, false), None, Last),
            ("nothing, and none there", answer(&[], 0, false), None, Last),
            ("a short page with a cursor", answer(&[101], 12, true), None, More),
            ("a page that forgot its cursor", answer(&[101, 102], 12, false), None, More),
            ("nothing where there should be more", answer(&[], 12, false), None, Unordered),
            ("two rows swapped", answer(&[102, 101], 12, true), None, Unordered),
            ("one row twice", answer(&[101, 101], 12, true), None, Unordered),
            ("a row from below", answer(&[99, 102], 12, true), None, Unordered),
            ("a row of the next range", answer(&[101, 1_000], 12, true), None, Unordered),
            ("as many left as expected", answer(&[101, 102], 10, true), Some(&before), More),
            ("more than expected: some are new", answer(&[101, 102], 11, true), Some(&before), More),
            ("fewer than expected", answer(&[101, 102], 9, true), Some(&before), Doubtful),
            ("a total that may be a cap", answer(&[101, 102], 10_000, true), None, Capped),
            ("one that is none", answer(&[101, 102], 10_001, true), None, More),
        ];
        for (name, answer, before, expected) in rows {
            assert_eq!(verdict(answer, *before), *expected, "{name}");
        }
    }

    #[test]
    fn records_removed_meanwhile_are_told_from_records_left_out() {
        let before = Before { past: 50, total: 500, rows: 200 };
        assert!(was_whole(&before, 490, 290), "ten behind its end are gone");
        assert!(was_whole(&before, 485, 290), "five of its own as well");
        assert!(!was_whole(&before, 500, 290), "ten stand in between that it did not name");
    }

    #[test]
    fn within_one_search_ids_have_equally_many_digits() {
        let top = 512_345_678_901;
        let rows = [
            (0, i64::MAX, Some(10)),
            (9, i64::MAX, Some(100)),
            (150, 700, Some(700)),
            (150, 5_000, Some(1_000)),
            (100_000_000_000, i64::MAX, None),
            (100_000_000_000, 200_000_000_000, Some(200_000_000_000)),
            (top, i64::MAX, None),
            (i64::MAX - 1, i64::MAX, None),
        ];
        for (past, hi, expected) in rows {
            assert_eq!(bound(past, hi, top), expected, "{past} {hi}");
        }
    }
}
