//! Where to cut a range of ids in two, so that idle calls find work, and how many calls a pool keeps busy. Pure.

use std::time::Duration;

/// What is left of a range: ids in `(past, hi)`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Left {
    pub(crate) past: i64,
    pub(crate) hi: i64,
}

/// Where a range is best cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Cut {
    /// Its place among the ranges.
    pub(crate) range: usize,
    /// The first id of the upper part.
    pub(crate) at: i64,
    /// Rows expected in the whole range.
    pub(crate) rows: u64,
    /// Counted, or known to lie where ids are spread evenly; otherwise it is a guess.
    pub(crate) sure: bool,
}

/// Where the records of a type lie among the ids: counted at some points, taken to be spread evenly between them.
///
/// The ids of an old portal have a few digits and those of a new one twelve, so an id in the middle may have nearly all
/// records on one side of it.
#[derive(Debug, Clone)]
pub(crate) struct Density {
    points: Vec<Point>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Point {
    id: i64,
    /// Rows with a smaller id.
    below: u64,
    /// A count between this point and the next one was as expected.
    even: bool,
}

impl Density {
    /// `top` is the highest id known to exist.
    pub(crate) fn new(rows: u64, top: i64) -> Density {
        let end = top.max(1).saturating_add(1);
        Density {
            points: vec![Point { id: 1, below: 0, even: false }, Point { id: end, below: rows, even: true }],
        }
    }

    /// Notes that so many rows lie below an id.
    pub(crate) fn learn(&mut self, id: i64, below: u64) {
        let at = self.points.partition_point(|point| point.id < id);
        if at == 0 || at >= self.points.len() || self.points[at].id == id {
            return;
        }
        let (before, after) = (self.points[at - 1], self.points[at]);
        let below = below.clamp(before.below, after.below);
        let even = self.below(id).abs_diff(below) * 10 <= after.below - before.below;
        self.points[at - 1].even = even;
        self.points.insert(at, Point { id, below, even });
    }

    /// Notes that so many rows were read from `lo` up to an id, if that is not about what was expected.
    pub(crate) fn seen(&mut self, lo: i64, id: i64, rows: u64) {
        let below = self.below(lo) + rows;
        let all = self.points.last().map_or(0, |last| last.below);
        if below.abs_diff(self.below(id)) > all / 50 + 100 {
            self.learn(id, below);
        }
    }

    /// Rows with a smaller id, as far as known.
    pub(crate) fn below(&self, id: i64) -> u64 {
        let at = self.points.partition_point(|point| point.id < id);
        match (at.checked_sub(1).map(|before| self.points[before]), self.points.get(at)) {
            (None, _) => 0,
            (Some(last), None) => last.below,
            (Some(before), Some(after)) => {
                let share = (id - before.id) as f64 / (after.id - before.id) as f64;
                before.below + whole(((after.below - before.below) as f64 * share).round())
            }
        }
    }

    /// Whether anything was counted inside a range.
    pub(crate) fn knows(&self, left: Left) -> bool {
        self.points[1..self.points.len() - 1]
            .iter()
            .any(|point| point.id > left.past + 1 && point.id < left.hi)
    }

    pub(crate) fn rows(&self, left: Left) -> u64 {
        self.below(left.hi).saturating_sub(self.below(left.past.saturating_add(1)))
    }

    /// Where to cut the range with the most rows left, or none if no range holds `rows_min`.
    pub(crate) fn cut(&self, ranges: &[Left], rows_min: u64) -> Option<Cut> {
        let rows = ranges.iter().map(|left| self.rows(*left));
        let (range, rows) = rows.enumerate().max_by_key(|(_, rows)| *rows)?;
        let left = ranges[range];
        let end = left.hi.min(self.points.last()?.id);
        if rows < rows_min.max(2) || end - left.past < 4 {
            return None;
        }
        let wanted = self.below(left.past + 1) + rows / 2;
        let (at, even) = self.id_at(wanted);
        let sure = even || rows < rows_min * 2;
        Some(Cut { range, at: at.clamp(left.past + 2, end - 1), rows, sure })
    }

    /// The id below which so many rows lie, and whether ids are known to be spread evenly there.
    fn id_at(&self, wanted: u64) -> (i64, bool) {
        let at = self.points.partition_point(|point| point.below <= wanted).clamp(1, self.points.len() - 1);
        let (before, after) = (self.points[at - 1], self.points[at]);
        let rows = after.below.saturating_sub(before.below).max(1);
        let share = wanted.saturating_sub(before.below) as f64 / rows as f64;
        let id = before.id.saturating_add_unsigned(whole((after.id - before.id) as f64 * share.min(1.0)));
        (id, before.even)
    }
}

/// Calls to keep in flight so that a pool of so many calls a second is never idle; none: the server names no limit.
/// Pages of records take longer than the quickest answer, which is the latency known.
pub(crate) fn chains(per_second: Option<f64>, latency: Duration, most: usize) -> usize {
    let Some(rate) = per_second else { return most };
    let busy = rate * latency.as_secs_f64() * 1.6;
    (1..most).find(|chains| *chains as f64 >= busy).map_or(most, |chains| chains + 1)
}

/// A count that is not negative, without its fraction.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "it saturates, and counts are positive"
)]
pub(crate) fn whole(count: f64) -> u64 {
    count as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    const OPEN: i64 = i64::MAX;

    #[test]
    fn the_range_with_the_most_rows_is_cut_in_its_middle() {
        let density = Density::new(9_000, 9_000);
        let ranges = [Left { past: 100, hi: 200 }, Left { past: 1_000, hi: OPEN }];
        let cut = density.cut(&ranges, 250).expect("there is room");
        assert_eq!((cut.range, cut.at, cut.rows, cut.sure), (1, 5_001, 8_000, false));
    }

    #[test]
    fn a_range_with_little_left_is_not_cut() {
        let density = Density::new(9_000, 9_000);
        for ranges in [&[Left { past: 8_800, hi: OPEN }][..], &[Left { past: 9_000, hi: OPEN }], &[]] {
            assert_eq!(density.cut(ranges, 250), None, "{ranges:?}");
        }
    }

    #[test]
    fn a_cut_always_leaves_ids_on_both_sides() {
        for past in [0, 1, 50, 1 << 40] {
            for width in [4, 5, 1_000, i64::MAX / 4] {
                let hi = past + 1 + width;
                let density = Density::new(1_000_000, hi + 10);
                let Some(cut) = density.cut(&[Left { past, hi }], 2) else { continue };
                assert!(past + 1 < cut.at && cut.at < hi, "{past} {hi} cut at {}", cut.at);
            }
        }
    }

    #[test]
    fn a_count_moves_the_middle_to_where_the_records_are() {
        // Five short ids, and then all of them at a distance.
        let (first, top) = (500_000_000_000, 500_009_700_000);
        let mut density = Density::new(100_005, top);
        let whole = Left { past: 0, hi: OPEN };
        let guess = density.cut(&[whole], 250).expect("there is room");
        assert!(guess.at < first && !guess.sure);
        density.learn(guess.at, 5);
        let mut counts = 1;
        let cut = loop {
            let cut = density.cut(&[whole], 250).expect("there is room");
            if cut.sure || counts > 60 {
                break cut;
            }
            let below = if cut.at < first { 5 } else { 5 + (cut.at - first).unsigned_abs() / 97 };
            density.learn(cut.at, below);
            counts += 1;
        };
        assert!((first..top).contains(&cut.at), "{} after {counts} counts", cut.at);
    }

    #[test]
    fn the_first_pages_show_where_the_records_begin() {
        let (first, top) = (500_000_000_000, 500_000_970_000);
        let mut density = Density::new(10_000, top);
        let left = Left { past: first + 19_400, hi: OPEN };
        assert_eq!(density.cut(&[left], 250), None, "nothing seems to be left");
        density.seen(1, left.past + 1, 200);
        let cut = density.cut(&[left], 250).expect("there is room");
        assert!((first + 400_000..first + 600_000).contains(&cut.at), "{}", cut.at);
        assert_eq!(cut.rows, 9_800);
    }

    #[test]
    fn where_ids_are_spread_evenly_one_count_is_enough() {
        let mut density = Density::new(100_000, 1_000_000);
        let whole = Left { past: 0, hi: OPEN };
        let guess = density.cut(&[whole], 250).expect("there is room");
        density.learn(guess.at, 51_000);
        let halves = [Left { past: 0, hi: guess.at }, Left { past: guess.at - 1, hi: OPEN }];
        let next = density.cut(&halves, 250).expect("there is room");
        assert!(next.sure && next.range == 0, "{next:?}");
    }

    #[test]
    fn a_count_that_contradicts_what_is_known_does_not_turn_it_round() {
        let mut density = Density::new(1_000, 1_000);
        density.learn(500, 700);
        density.learn(250, 900);
        assert_eq!(density.below(250), 700);
        assert!(density.below(1_001) >= density.below(500));
        density.learn(5_000, 3);
        assert_eq!(density.below(5_000), 1_000, "beyond the top nothing is known");
    }

    #[test]
    fn a_pool_is_kept_busy_and_not_flooded() {
        let third = Duration::from_millis(300);
        let rows = [
            ("search at every plan", Some(5.0), third, 4),
            ("an app's general pool", Some(10.8), third, 7),
            ("the largest plan", Some(24.5), third, 12),
            ("a near server", Some(10.8), Duration::from_millis(10), 2),
            ("no limit", None, third, 12),
        ];
        for (name, rate, latency, expected) in rows {
            assert_eq!(chains(rate, latency, 12), expected, "{name}");
        }
    }
}
