//! A range read by the list: from its place upwards, by the cursor that the last page gave.

use std::sync::{Arc, atomic::Ordering};

use super::{Reached, Spot, Step, Stream, Walk};
use crate::{
    Error,
    error::Halt,
    fetch::{self, Page},
};

impl Stream<'_> {
    /// One page of a range.
    pub(super) async fn list(&self, walk: Arc<Walk>) -> Result<Step, Halt> {
        let before = walk.spot.lock().await.clone();
        if before.done || before.void {
            return Ok(Step::Done(walk));
        }
        let after =
            before.cursor.clone().or_else(|| (before.past > 0).then(|| (before.past + 1).to_string()));
        let page = fetch::page(self.context, self.kind, &self.asked, after.clone()).await?;
        let mut spot = walk.spot.lock().await;
        if spot.void {
            drop(spot);
            return Ok(Step::Done(walk));
        }
        let cut = cut(&page, &spot, after.as_deref());
        if cut.stuck {
            return Err(Error::ListStuck(self.kind.plural.clone()).into());
        }
        if !cut.ordered {
            self.sweep.store(false, Ordering::Relaxed);
        }
        let Cut { past, cursor, done, rows, ordered, .. } = cut;
        let named = page.named.len() as u64;
        let sweep = ordered && self.sweep.load(Ordering::Relaxed);
        self.commit(walk.id, page, &Reached { past, cursor: cursor.clone(), done, rows, sweep }).await?;
        let seen = spot.seen.map(|seen| seen + named);
        *spot = Spot { past, cursor, done, seen, ..spot.clone() };
        drop(spot);
        Ok(if done { Step::Done(walk) } else { Step::Page(walk) })
    }
}

/// What a page means for its range.
#[derive(Debug, PartialEq, Eq)]
struct Cut {
    past: i64,
    cursor: Option<String>,
    done: bool,
    /// Rows below this id belong to the range.
    rows: i64,
    /// The page went upwards by id, from where it was asked.
    ordered: bool,
    /// The same cursor came back: asking again would go round in circles.
    stuck: bool,
}

fn cut(page: &Page, spot: &Spot, asked: Option<&str>) -> Cut {
    let ids: Vec<i64> = page.named.iter().map(|id| id.get()).collect();
    let ordered = ids.is_sorted_by(|a, b| a < b) && ids.first().is_none_or(|first| *first > spot.past);
    let last = ids.last().copied().unwrap_or(spot.past);
    let beyond = ordered && last >= spot.hi;
    let done = beyond || page.after.is_none();
    let past = if done {
        spot.hi - 1
    } else if ordered {
        last.max(spot.past)
    } else {
        spot.past
    };
    let stuck = !done && page.after.as_deref() == asked;
    Cut { past, cursor: if done { None } else { page.after.clone() }, done, rows: spot.hi, ordered, stuck }
}
#[cfg(test)]
mod tests {
    use super::*;

    fn page(ids: &[i64], after: Option<&str>) -> Page {
        let named = ids.iter().map(|id| crm::RecordId::new(*id).unwrap()).collect();
        Page { records: Vec::new(), unreadable: Vec::new(), after: after.map(str::to_owned), named }
    }

    fn spot(past: i64, hi: i64) -> Spot {
        Spot {
            lo: 1,
            past,
            hi,
            cursor: None,
            done: false,
            seen: None,
            void: false,
            before: None,
            reach: None,
            narrowed: false,
        }
    }

    #[test]
    fn only_the_server_says_that_a_range_without_an_end_is_done() {
        let cut_of = |ids: &[i64], after| cut(&page(ids, after), &spot(0, i64::MAX), None);
        assert!(!cut_of(&[1, 2, 3], Some("4")).done, "a short page is not an end");
        assert!(!cut_of(&[], Some("4")).done, "an empty page with a cursor is not an end");
        assert!(cut_of(&[1, 2, 3], None).done);
        assert!(cut_of(&[], None).done);
    }

    #[test]
    fn a_range_ends_where_the_next_one_begins() {
        let cut = cut(&page(&[8, 9, 10, 11], Some("12")), &spot(7, 10), None);
        assert_eq!((cut.done, cut.past, cut.rows), (true, 9, 10));
    }

    #[test]
    fn a_list_out_of_order_moves_by_its_cursor_alone() {
        let cut = cut(&page(&[8, 12, 10], Some("x")), &spot(7, i64::MAX), None);
        assert_eq!((cut.ordered, cut.done, cut.past, cut.cursor.as_deref()), (false, false, 7, Some("x")));
    }

    #[test]
    fn a_cursor_that_comes_back_is_noticed() {
        assert!(cut(&page(&[], Some("4")), &spot(3, i64::MAX), Some("4")).stuck);
        assert!(!cut(&page(&[4], Some("5")), &spot(3, i64::MAX), Some("4")).stuck);
    }
}
