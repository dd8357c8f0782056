//! Where to cut a range of ids in two, so that idle calls find work. Pure.

/// What is left of a range: ids in `(past, hi)`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Left {
    pub(crate) past: i64,
    pub(crate) hi: i64,
}

/// Fewer expected rows than this are not worth a call of their own.
const ROWS_MIN: f64 = 250.0;

/// Picks the range to cut and the id at which to cut it, or none if no range holds enough.
///
/// `top` is the highest id known to exist; `rows_left` the number of rows not yet copied. Rows are taken to be spread
/// evenly over the ids that are left, which only costs a wasted call where they are not.
pub(crate) fn cut(ranges: &[Left], top: i64, rows_left: u64) -> Option<(usize, i64)> {
    let spans: Vec<i64> = ranges.iter().map(|left| span(*left, top)).collect();
    let whole: f64 = spans.iter().map(|span| *span as f64).sum();
    let (widest, span) = spans.iter().copied().enumerate().max_by_key(|(_, span)| *span)?;
    let rows = if whole > 0.0 { rows_left as f64 * span as f64 / whole } else { 0.0 };
    let at = ranges[widest].past + 1 + span / 2;
    (rows >= ROWS_MIN && span >= 4 && at < ranges[widest].hi).then_some((widest, at))
}

fn span(left: Left, top: i64) -> i64 {
    left.hi.min(top.saturating_add(1)).saturating_sub(left.past.saturating_add(1)).max(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_widest_range_is_cut_in_the_middle_of_what_exists() {
        let ranges = [Left { past: 100, hi: 200 }, Left { past: 1_000, hi: i64::MAX }];
        assert_eq!(cut(&ranges, 9_001, 8_000), Some((1, 5_001)));
    }

    #[test]
    fn a_range_with_little_left_is_not_cut() {
        assert_eq!(cut(&[Left { past: 1_000, hi: i64::MAX }], 9_000, 200), None);
        assert_eq!(cut(&[Left { past: 9_000, hi: i64::MAX }], 9_000, 9_000), None);
        assert_eq!(cut(&[], 9_000, 9_000), None);
    }

    #[test]
    fn a_cut_always_leaves_ids_on_both_sides() {
        for past in [0, 1, 50, 1 << 40] {
            for width in [4, 5, 1_000, i64::MAX / 4] {
                let hi = past + 1 + width;
                let (_, at) = cut(&[Left { past, hi }], i64::MAX - 1, 1_000_000).expect("there is room");
                assert!(past < at && at < hi && at > past + 1, "{past} {hi} cut at {at}");
            }
        }
    }
}
