//! What a proof costs, nothing being different, and when one is due. Pure, but for looking into the mirror.

use std::time::Duration;

use crm::{ObjectType, Timestamp};
use store::Reader;

use super::{
    Depth,
    counts::{CHANGE_RANGES, ID_RANGES, NAMED_MAX, PAGES},
    mark::{ProofMark, proof_mark},
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

/// Plain proofs are made daily, deep ones weekly while they cost little.
const DAY: Duration = Duration::from_hours(24);
const WEEK: Duration = Duration::from_hours(7 * 24);
/// A deep proof begins by itself only below this share of the day's calls.
const DEEP_SHARE: f64 = 0.05;

/// Which proof is due now, for whoever makes them by themselves: none before the first import is finished. Without a
/// daily limit a deep one is weekly.
pub fn proof_due(
    reader: &Reader,
    since: Option<Timestamp>,
    now: Timestamp,
    daily_limit: Option<u64>,
) -> Result<Option<Depth>, Error> {
    if !mark::import_mark(reader)?.unwrap_or_default().first_done {
        return Ok(None);
    }
    let mark = proof_mark(reader)?;
    let candidates = due(&mark, now);
    if candidates != Some(Depth::Deep) {
        return Ok(candidates);
    }
    let costs = proof_costs(reader, since, Depth::Deep)?;
    let calls: u64 = costs.iter().map(|cost| cost.searches + cost.calls).sum();
    let little = daily_limit.is_none_or(|limit| (calls as f64) < limit as f64 * DEEP_SHARE);
    Ok(if little { Some(Depth::Deep) } else { due(&ProofMark { deep_at: Some(now.millis()), ..mark }, now) })
}

fn due(mark: &ProofMark, now: Timestamp) -> Option<Depth> {
    let passed = |last: Option<i64>, period: Duration| {
        // A clock that was set back puts nothing off.
        last.is_none_or(|last| last > now.millis() || Timestamp::from_millis(last).plus(period) <= now)
    };
    match (passed(mark.counted_at, DAY), passed(mark.deep_at, WEEK)) {
        // The first proof is the quick one; the deep one follows a day later.
        (true, true) if mark.counted_at.is_some() => Some(Depth::Deep),
        (true, _) => Some(Depth::Counts),
        (false, _) => None,
    }
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
    fn counts_are_compared_daily_and_everything_weekly() {
        let at = |day: i64| Timestamp::from_millis(day * 86_400_000);
        let mark = |counted: Option<i64>, deep: Option<i64>| ProofMark {
            counted_at: counted.map(|day| at(day).millis()),
            deep_at: deep.map(|day| at(day).millis()),
            ..ProofMark::default()
        };
        for (counted, deep, now, expected) in [
            (None, None, 10, Some(Depth::Counts)),
            (Some(10), None, 10, None),
            (Some(10), None, 11, Some(Depth::Deep)),
            (Some(11), Some(11), 12, Some(Depth::Counts)),
            (Some(17), Some(11), 18, Some(Depth::Deep)),
            (Some(18), Some(18), 9, Some(Depth::Deep)),
        ] {
            assert_eq!(due(&mark(counted, deep), at(now)), expected, "{counted:?} {deep:?} {now}");
        }
    }
}
