//! Closed windows of changes: where the next one begins, what its end means, what a page of it tells, and when the
//! whole list costs less. Pure.

use crate::mark::{OpenWindow, Watermark};

const MINUTE: i64 = 60_000;
/// Search may show a change an hour late (API.md 8): a window begins so long before the end of the one before.
const OVERLAP: i64 = 65 * MINUTE;
/// Where very much was changed, most windows overlap only so far, and the hour is read again once an hour.
const OVERLAP_SHORT: i64 = 10 * MINUTE;
const WHOLE_EVERY: i64 = 58 * MINUTE;
/// More rows than this, read again in every overlap, cost more than they are worth.
const REPEATED_MAX: u64 = 2_000;
/// A bound of 0 is answered with a 500 (API.md 8).
const EARLIEST: i64 = 1_000;

/// Rows of a search page, and of a list or batch page.
pub(crate) const SEARCH_PAGE: u32 = 200;
const LIST_PAGE: u64 = 100;
/// Search never goes on beyond this many results by offset.
const OFFSET_MAX: u64 = 10_000;
/// Fewer results than this are searched without thinking about it.
const FEW: u64 = 1_000;
/// What a search call costs in other calls while nothing is known: 110 per 10 s against 5 per second.
pub(crate) const SEARCH_WEIGHT: f64 = 2.2;

impl Watermark {
    /// The window to read now; `now` is HubSpot's time. One that was cut goes on first.
    pub(crate) fn next(&self, last: i64, now: i64) -> OpenWindow {
        if let Some(open) = self.open {
            return open;
        }
        let whole_to = self.whole_to.unwrap_or(last);
        let whole = !self.busy || now < whole_to || now - whole_to >= WHOLE_EVERY;
        let from = if whole { whole_to - OVERLAP } else { last - OVERLAP_SHORT };
        // The end never lies before the one before, whatever HubSpot's clock says.
        OpenWindow { from: from.max(EARLIEST), to: now.max(last), past: 0, whole, repeated: 0 }
    }

    /// So much lies in the window that the type is listed instead.
    pub(crate) fn too_much(&mut self, total: u64) {
        self.busy = total > REPEATED_MAX;
    }

    /// The last page of this window is stored.
    pub(crate) fn reached(&mut self, window: &OpenWindow) {
        self.open = None;
        self.to = Some(window.to.max(self.to.unwrap_or(window.to)));
        if window.whole {
            self.whole_to = self.to;
            self.busy = window.repeated > REPEATED_MAX;
        }
    }
}

/// Where a search goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Next {
    End,
    /// Ids beyond this one.
    Beyond(i64),
    /// The page was empty and has a cursor: it is stepped over by offset.
    Over {
        past: i64,
        after: String,
    },
    /// Ids do not go up, so beyond the last one nothing is certain.
    Unordered,
}

/// What a page of a search by ascending id, asked beyond `past`, means for the next one.
pub(crate) fn next(ids: &[i64], past: i64, after: Option<&str>) -> Next {
    let upwards = ids.is_sorted_by(|a, b| a < b) && ids.first().is_none_or(|first| *first > past);
    match (ids.last(), after) {
        (_, None) if past == 0 || upwards => Next::End,
        (Some(last), Some(_)) if upwards => Next::Beyond(*last),
        (None, Some(after)) if is_within(after) => Next::Over { past, after: after.to_owned() },
        _ => Next::Unordered,
    }
}

fn is_within(after: &str) -> bool {
    after.parse().is_ok_and(|after: u64| after + u64::from(SEARCH_PAGE) <= OFFSET_MAX)
}

/// What is known when the first page of a window has come.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Bill {
    /// Records in the window.
    pub(crate) total: u64,
    /// Of these, such as are here already.
    pub(crate) known: u64,
    /// Records of the type.
    pub(crate) overall: u64,
    /// Calls for a list page: 1, or 2 where the properties do not fit its address.
    pub(crate) per_list_page: u64,
    /// What a search call is worth in others, by the speed of the two pools.
    pub(crate) weight: f64,
}

impl Bill {
    /// Whether listing the type costs less than reading the window by search.
    pub(crate) fn list_is_cheaper(&self) -> bool {
        if self.total <= FEW {
            return false;
        }
        let searches = self.total.div_ceil(u64::from(SEARCH_PAGE));
        let reads = self.total.saturating_sub(self.known).div_ceil(LIST_PAGE);
        let listing = self.overall.div_ceil(LIST_PAGE) * self.per_list_page;
        searches as f64 * self.weight + reads as f64 > listing as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn minutes(count: i64) -> i64 {
        1_000_000_000_000 + count * MINUTE
    }

    fn mark(to: i64) -> Watermark {
        Watermark { to: Some(to), whole_to: Some(to), ..Watermark::default() }
    }

    #[test]
    fn a_window_begins_before_the_end_of_the_last_one_and_ends_where_it_was_started() {
        let window = mark(minutes(100)).next(minutes(100), minutes(115));
        assert_eq!((window.from, window.to, window.past), (minutes(35), minutes(115), 0));
        let first = mark(60_000).next(60_000, minutes(0));
        assert_eq!(first.from, 1_000, "never at the epoch itself");
    }

    #[test]
    fn a_clock_that_steps_back_moves_no_window_back() {
        let mut mark = mark(minutes(100));
        let window = mark.next(minutes(100), minutes(40));
        assert_eq!((window.from, window.to), (minutes(35), minutes(100)));
        mark.reached(&window);
        assert_eq!(mark.to, Some(minutes(100)));
    }

    #[test]
    fn a_window_that_was_cut_goes_on_as_it_was() {
        let open = OpenWindow { from: 5, to: 9, past: 77, whole: true, repeated: 3 };
        let mark = Watermark { open: Some(open), ..mark(minutes(100)) };
        assert_eq!(mark.next(minutes(100), minutes(500)), open);
    }

    #[test]
    fn where_very_much_changes_most_windows_overlap_little_and_one_an_hour_reads_it_all() {
        let mut mark = mark(minutes(0));
        let mut seen = Vec::new();
        for poll in 1..=9 {
            let mut window = mark.next(mark.to.unwrap(), minutes(poll * 15));
            window.repeated = 5_000;
            seen.push((window.whole, minutes(poll * 15) - window.from));
            mark.reached(&window);
        }
        let (short, hour) = ((false, 25 * MINUTE), (true, (60 + 65) * MINUTE));
        assert_eq!(seen, [(true, 80 * MINUTE), short, short, short, hour, short, short, short, hour]);
        let mut quiet = mark.next(mark.to.unwrap(), minutes(200));
        quiet.repeated = 10;
        mark.reached(&OpenWindow { whole: true, ..quiet });
        assert!(!mark.busy);
    }

    #[test]
    fn only_a_missing_cursor_ends_a_search() {
        assert_eq!(next(&[1, 2], 0, None), Next::End);
        assert_eq!(next(&[], 9, None), Next::End);
        assert_eq!(next(&[3, 1], 0, None), Next::End, "of the only page the order does not matter");
        assert_eq!(next(&[11, 12], 9, Some("200")), Next::Beyond(12), "a short page");
        assert_eq!(next(&[], 9, Some("200")), Next::Over { past: 9, after: "200".to_owned() });
        for (ids, past, after) in [
            (vec![11, 13, 12], 9, Some("200")),
            (vec![9, 10], 9, Some("200")),
            (vec![8], 9, None),
            (vec![], 9, Some("9900")),
            (vec![], 9, Some("x")),
        ] {
            assert_eq!(next(&ids, past, after), Next::Unordered, "{ids:?}");
        }
    }

    #[test]
    fn when_most_of_a_type_was_restamped_the_list_is_cheaper() {
        let bill = |total, known, per_list_page| Bill {
            total,
            known,
            overall: 100_000,
            per_list_page,
            weight: SEARCH_WEIGHT,
        };
        assert!(bill(60_000, 0, 1).list_is_cheaper());
        assert!(!bill(40_000, 0, 1).list_is_cheaper());
        assert!(!bill(60_000, 0, 2).list_is_cheaper(), "where a page takes two calls");
        assert!(!bill(60_000, 50_000, 1).list_is_cheaper(), "most of it is here already");
        let few = Bill { overall: 100, ..bill(900, 0, 1) };
        assert!(!few.list_is_cheaper());
    }
}
