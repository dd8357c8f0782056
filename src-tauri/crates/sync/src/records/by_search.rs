//! A range read by search: keyset pages by id, each checked against the one before. What search did not name is not
//! absent, so nothing is concluded from it; and where it is found wrong, all that it read is read again by list.

use std::sync::{Arc, atomic::Ordering};

use super::{Reached, Spot, Step, Stream, Walk, locked, walk_of};
use crate::{
    error::Halt,
    fetch,
    trust::{self, Among, Answer, Before, Verdict},
    way::{By, NamesLength},
};

impl Stream<'_> {
    /// One page of a range.
    pub(super) async fn search(&self, walk: Arc<Walk>) -> Result<Step, Halt> {
        let spot = walk.spot.lock().await.clone();
        if spot.done || spot.void {
            return Ok(Step::Done(walk));
        }
        let bound = self.bound(&spot);
        let among = Among { past: spot.past, before: bound, since: self.context.since };
        let found = match fetch::search(self.context, self.kind, &self.asked, among).await {
            Ok(found) => found,
            Err(Halt::Error(error)) if is_its_own(&error) => {
                return self.leave_search(walk, &error.to_string()).await;
            }
            Err(halt) => return Err(halt),
        };
        let ids: Vec<i64> = found.page.named.iter().map(|id| id.get()).collect();
        let more = found.page.after.is_some();
        let answer = Answer { among, total: found.total, ids: &ids, rows: found.rows, more };
        let verdict = self.judge(&spot, &answer).await?;
        let last = ids.last().copied().unwrap_or(spot.past);
        let mut now = walk.spot.lock().await;
        while now.hi <= last && !now.void && matches!(verdict, Verdict::More | Verdict::Last) {
            // Cut under the page: nothing will be asked behind it that could show whether it was whole.
            let hi = now.hi;
            drop(now);
            let inside =
                ids.iter().filter(|id| **id < hi).count() as u64 + found.page.unreadable.len() as u64;
            let total = trust::count(self.context, self.kind, Among { before: Some(hi), ..among }).await?;
            if total > inside {
                return self.leave_search(walk, "its pages left records out").await;
            }
            now = walk.spot.lock().await;
            if now.hi == hi {
                break;
            }
        }
        if now.void {
            drop(now);
            return Ok(Step::Done(walk));
        }
        match verdict {
            Verdict::Doubtful => {
                drop(now);
                return self.leave_search(walk, "its pages left records out").await;
            }
            Verdict::Unordered => {
                drop(now);
                return self.leave_search(walk, "its pages were not in the order of their ids").await;
            }
            Verdict::Capped if self.narrow(&mut now, bound) => return Ok(Step::Page(Arc::clone(&walk))),
            Verdict::Capped | Verdict::More | Verdict::Last => {}
        }
        let whole = matches!(verdict, Verdict::Last);
        let (past, done) = reached(last, whole, bound, now.hi);
        let asked = Before { past: spot.past, total: found.total, rows: found.rows };
        // Where records lie thinner, one search may reach further again.
        let thin = whole && spot.before.is_none() && spot.reach.is_some();
        let reach = if thin { now.reach.map(|reach| reach.saturating_mul(4)) } else { now.reach };
        let before = (!whole).then_some((asked, bound));
        let reached = Reached { past, cursor: None, done, rows: now.hi, sweep: false };
        let held = self.commit(walk.id, found.page, &reached).await?;
        self.searched.fetch_add(held, Ordering::Relaxed);
        let seen = now.seen.map(|seen| seen + ids.len() as u64);
        *now = Spot { past, done, before, reach, seen, narrowed: false, ..now.clone() };
        drop(now);
        Ok(if done { Step::Done(walk) } else { Step::Page(walk) })
    }

    /// What a page is worth, and with it the page before. Only where that is in doubt, or was asked with another bound,
    /// search is asked once more.
    async fn judge(&self, spot: &Spot, answer: &Answer<'_>) -> Result<Verdict, Halt> {
        let Some((before, asked)) = spot.before else { return Ok(trust::verdict(answer, None)) };
        let same = asked == answer.among.before;
        let verdict = trust::verdict(answer, Some(&before).filter(|_| same));
        if same && verdict != Verdict::Doubtful || matches!(verdict, Verdict::Unordered | Verdict::Capped) {
            return Ok(verdict);
        }
        let again = Among { past: before.past, ..answer.among };
        let total = trust::count(self.context, self.kind, again).await?;
        let was_whole = trust::was_whole(&before, total, answer.total);
        Ok(if was_whole { trust::verdict(answer, None) } else { Verdict::Doubtful })
    }

    /// The upper bound of the next search of a range: the one before's, as long as it is not reached.
    fn bound(&self, spot: &Spot) -> Option<i64> {
        if let Some((_, asked)) = spot.before
            && !spot.narrowed
        {
            return asked.map(|asked| asked.min(spot.hi)).or(Some(spot.hi).filter(|hi| *hi < i64::MAX));
        }
        let top = locked(&self.mark).top.unwrap_or(i64::MAX);
        let bound = trust::bound(spot.past, spot.hi, top);
        let reach = spot.reach.map(|reach| spot.past.saturating_add(reach)).filter(|reach| *reach <= top);
        bound.into_iter().chain(reach).min()
    }

    /// Halves what the next search of a range reaches over, so that its total is below what HubSpot counts to. False if
    /// nothing is left to halve.
    fn narrow(&self, spot: &mut Spot, bound: Option<i64>) -> bool {
        let top = locked(&self.mark).top.unwrap_or(i64::MAX - 1);
        let end = bound.unwrap_or(i64::MAX).min(top.saturating_add(1));
        let reach = end.saturating_sub(spot.past) / 2;
        (spot.reach, spot.narrowed) = (Some(reach), true);
        reach > 1
    }

    /// Search cannot be relied on for this type: what it read of this pass is read again by list, and it is not used
    /// for the type any more.
    async fn leave_search(&self, walk: Arc<Walk>, why: &str) -> Result<Step, Halt> {
        if self.search_left.swap(true, Ordering::Relaxed) {
            // Somebody else is at it.
            return Ok(Step::Done(walk));
        }
        {
            let lengths = self.context.lengths();
            let mut ways = locked(&self.ways);
            ways.search = None;
            ways.list.get_or_insert(lengths.by_list(NamesLength::of(&self.asked.names())));
        }
        self.keep(|mark| mark.reading.search_unfit = true).await?;
        let message =
            format!("{} are read again by list: search cannot be relied on, {why}.", self.kind.plural);
        self.context.tell(store::Level::Warn, "search_unfit", Some(self.object()), message).await?;
        self.list_again().await?;
        Ok(Step::Done(walk))
    }

    /// Turns all ranges of search into such of the list, from their beginnings.
    pub(super) async fn list_again(&self) -> Result<(), Halt> {
        let searching: Vec<Arc<Walk>> =
            self.walking().into_iter().filter(|walk| walk.by == By::Search).collect();
        // After this no page of search is committed any more.
        for walk in &searching {
            walk.spot.lock().await.void = true;
        }
        let stream = self.object().as_str().to_owned();
        let ranges = self.context.writer.call(move |store| store.ranges(&stream)).await?;
        let begins =
            ranges.iter().filter(|range| By::of_range(&range.way) == By::Search).map(|range| range.lo);
        let Some(highest) = begins.max() else { return Ok(()) };
        self.context.tally.find_again(self.searched.swap(0, Ordering::Relaxed));
        if highest > 1 && !self.list_takes_any_id(highest).await? {
            self.one_chain().await?;
        } else {
            let stream = self.object().as_str().to_owned();
            let ranges = self.context.writer.call(move |store| store.list_again(&stream)).await?;
            let mut walks = locked(&self.walks);
            walks.retain(|walk| walk.by == By::List);
            let known: Vec<i64> = walks.iter().map(|walk| walk.id).collect();
            walks.extend(
                ranges.into_iter().filter(|range| !range.done && !known.contains(&range.id)).map(walk_of),
            );
        }
        self.room.notify_one();
        Ok(())
    }

    /// The list takes only its own cursors: one chain reads what is left, from where it stands.
    async fn one_chain(&self) -> Result<(), Halt> {
        let chain = self.walking().into_iter().find(|walk| walk.by == By::List);
        let stream = self.object().as_str().to_owned();
        match chain {
            Some(walk) => {
                // Held, so that no page ends the range at the place where it ended before.
                let mut spot = walk.spot.lock().await;
                let range = self.context.writer.call(move |store| store.one_chain(&stream)).await?;
                if range.id == walk.id {
                    spot.hi = range.hi;
                } else {
                    spot.void = true;
                    locked(&self.walks).push(walk_of(range));
                }
            }
            None => {
                let range = self.context.writer.call(move |store| store.one_chain(&stream)).await?;
                locked(&self.walks).push(walk_of(range));
            }
        }
        Ok(())
    }
}

/// Whether a failure of search is its own: then the list does the work.
fn is_its_own(error: &crate::Error) -> bool {
    !error.stops_the_run() && !matches!(error, crate::Error::Hubspot(hubspot::Error::MissingScopes { .. }))
}

/// Up to which id a range is answered for, and whether it is done. `hi` may have come down while the page was under way.
fn reached(last: i64, whole: bool, bound: Option<i64>, hi: i64) -> (i64, bool) {
    let end = bound.unwrap_or(i64::MAX);
    if last >= hi || whole && end >= hi {
        (hi - 1, true)
    } else if whole {
        (end - 1, false)
    } else {
        (last, false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_of_search_is_done_where_it_ends_and_not_where_one_search_ends() {
        let open = i64::MAX;
        let rows = [
            ("in the middle", 500, false, Some(1_000), 1_000, (500, false)),
            ("the last page", 900, true, Some(1_000), 1_000, (999, true)),
            ("the last page of a bound below the end", 900, true, Some(1_000), 5_000, (999, false)),
            ("an open end", 900, true, None, open, (open - 1, true)),
            ("split meanwhile, beyond the cut", 700, false, Some(1_000), 600, (599, true)),
            ("split meanwhile, before the cut", 500, false, Some(1_000), 600, (500, false)),
            ("split meanwhile, and all read", 500, true, Some(1_000), 600, (599, true)),
        ];
        for (name, last, whole, bound, hi, expected) in rows {
            assert_eq!(reached(last, whole, bound, hi), expected, "{name}");
        }
    }
}
