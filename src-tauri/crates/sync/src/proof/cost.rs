//! What a proof costs, nothing being different, and how deep one goes by itself. Pure, but for looking into the mirror.

use std::time::Duration;

use crm::{ObjectType, Timestamp};
use store::Reader;

use super::{
    Depth,
    counts::{CHANGE_RANGES, ID_RANGES, NAMED_MAX, PAGES},
    mark::ProofMark,
    values::SAMPLE,
};
use crate::{Error, mark};

/// Calls for one type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProofCost {
    pub object: ObjectType,
    /// Records that would be compared.
    pub records: u64,
    /// Calls to search, and all others.
    pub searches: u64,
    pub calls: u64,
}

/// A range of ids as it was copied: how many records, and whether by search.
type Copied = (u64, bool);

fn cost(records: u64, copied: &[Copied], depth: Depth) -> (u64, u64) {
    let pages = records.div_ceil(100).min(PAGES);
    // What was changed lately is counted and named, the whole is counted. Where all are named, pages need no search.
    let mut searches =
        3 + if records <= NAMED_MAX { records.div_ceil(200) } else { pages + ID_RANGES + CHANGE_RANGES };
    let mut calls = pages;
    if depth == Depth::Deep {
        for (records, by_search) in copied {
            if *by_search {
                calls += records.div_ceil(100).max(1);
            } else {
                searches += records.div_ceil(200).max(1);
            }
        }
        calls += records.min(SAMPLE).div_ceil(100);
    }
    (searches, calls)
}

/// What a proof of the copy would cost, type by type.
pub fn proof_costs(reader: &Reader, since: Option<Timestamp>, depth: Depth) -> Result<Vec<ProofCost>, Error> {
    let mut costs = Vec::new();
    for info in reader.objects()? {
        let name = info.object.as_str();
        let mark = mark::stream_mark(reader, name)?.unwrap_or_default();
        if !mark.first_pass_done || mark.left_out {
            continue;
        }
        let records = reader.live_since(&info.object, since)?;
        let mut copied = Vec::new();
        for range in reader.ranges(name)? {
            let span = store::Span { lo: range.lo, hi: range.hi, from: since, to: None };
            let by_search = range.way.starts_with("search") || mark.checked.search_incomplete;
            copied.push((reader.count_within(&info.object, &span)?, by_search));
        }
        let (searches, calls) = cost(records, &copied, depth);
        costs.push(ProofCost { object: info.object, records, searches, calls });
    }
    Ok(costs)
}

/// Every id is compared weekly, up to half a day before the week is full: proofs are begun once a day, never to the second.
const WEEK: Duration = Duration::from_hours(7 * 24 - 12);
/// A deep proof is made by itself only below this share of the day's calls.
const DEEP_SHARE: f64 = 0.05;

/// Whether a deep proof of so many calls is made by itself. Without a daily limit it is.
pub fn weekly_proof(calls: u64, daily_limit: Option<u64>) -> bool {
    daily_limit.is_none_or(|limit| (calls as f64) < limit as f64 * DEEP_SHARE)
}

/// How deep the proof goes that nobody has asked for in particular: mostly it is the quick one.
pub(super) fn depth_due(
    reader: &Reader,
    mark: &ProofMark,
    since: Option<Timestamp>,
    now: Timestamp,
    daily_limit: Option<u64>,
) -> Result<Depth, Error> {
    if !deep_due(mark, now) {
        return Ok(Depth::Counts);
    }
    let costs = proof_costs(reader, since, Depth::Deep)?;
    let calls = costs.iter().map(|cost| cost.searches + cost.calls).sum();
    Ok(if weekly_proof(calls, daily_limit) { Depth::Deep } else { Depth::Counts })
}

/// The first proof is the quick one; the deep one follows a day later, and then weekly.
fn deep_due(mark: &ProofMark, now: Timestamp) -> bool {
    let passed = |last: i64| {
        // A clock that was set back puts nothing off.
        last > now.millis() || Timestamp::from_millis(last).plus(WEEK) <= now
    };
    mark.counted_at.is_some() && mark.deep_at.is_none_or(passed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proof_of_counts_costs_the_same_whatever_the_size_and_a_deep_one_reads_every_id() {
        for (records, copied, depth, expected) in [
            (0, vec![(0, false)], Depth::Counts, (3, 0)),
            (312, vec![(312, false)], Depth::Counts, (5, 4)),
            (12_800, vec![(12_800, false)], Depth::Counts, (67, 20)),
            (1_000_000, vec![(1_000_000, false)], Depth::Counts, (103, 20)),
            (1_000_000, vec![(1_000_000, false)], Depth::Deep, (5_103, 50)),
            (1_000_000, vec![(600_000, false), (400_000, true)], Depth::Deep, (3_103, 4_050)),
        ] {
            assert_eq!(cost(records, &copied, depth), expected, "{records} {depth:?}");
        }
    }

    #[test]
    fn the_second_proof_compares_every_id_and_then_one_a_week() {
        let at = |hours: i64| Timestamp::from_millis(hours * 3_600_000);
        let mark = |counted: Option<i64>, deep: Option<i64>| ProofMark {
            counted_at: counted.map(|hours| at(hours).millis()),
            deep_at: deep.map(|hours| at(hours).millis()),
            ..ProofMark::default()
        };
        for (counted, deep, now, expected) in [
            (None, None, 240, false),
            (Some(240), None, 264, true),
            (Some(265), Some(265), 288, false),
            (Some(409), Some(265), 432, true),
            (Some(400), Some(265), 420, false),
            (Some(500), Some(500), 300, true),
        ] {
            assert_eq!(deep_due(&mark(counted, deep), at(now)), expected, "{counted:?} {deep:?} {now}");
        }
    }

    #[test]
    fn every_id_is_compared_by_itself_only_while_that_costs_little() {
        for (calls, limit, expected) in [
            (0, Some(0), false),
            (12_499, Some(250_000), true),
            (12_500, Some(250_000), false),
            (1_000_000, None, true),
        ] {
            assert_eq!(weekly_proof(calls, limit), expected, "{calls} of {limit:?}");
        }
    }
}
