//! Work for idle calls: how much there is of a type, and the largest range cut in two for the pool that has nothing to
//! do.

use std::sync::{Arc, atomic::Ordering};

use hubspot::ObjectKind;

use super::{Stream, Walk, locked, walk_of, ways};
use crate::{
    Error, StreamMark,
    context::Context,
    error::Halt,
    mark,
    plan::{LIST_CHAINS, SEARCH_CHAINS},
    spans::{self, Cut, Density, Left},
    trust::{self, Among, COUNTED_MAX, PLACE_MAX},
    way::{By, Way},
};

/// Fewer expected rows than this are not worth a call of their own.
const LISTED_MIN: u64 = 250;
const SEARCHED_MIN: u64 = 500;

/// Searches to find the middle of a range.
const PROBES_MAX: usize = 6;

/// Asks search how much there is of a type; a search that fails leaves it unknown.
pub(super) async fn ask_size(
    context: &Context,
    kind: &ObjectKind,
    mark: &mut StreamMark,
) -> Result<(), Halt> {
    let asked = context.unless_cancelled(trust::size(&context.client, kind, context.since)).await?;
    match asked.map_err(Error::from) {
        Ok(size) => {
            (mark.total, mark.total_exact) = (Some(size.total), size.exact);
            (mark.overall, mark.top) = (Some(size.overall), size.top);
        }
        Err(error) if !error.stops_the_run() => {
            let message = format!("{} could not be counted: {error}", kind.plural);
            context.tell(store::Level::Warn, "count_failed", Some(&kind.object), message).await?;
        }
        Err(error) => return Err(error.into()),
    }
    Ok(())
}

impl Stream<'_> {
    /// Changes the mark and keeps it.
    pub(super) async fn keep(&self, change: impl FnOnce(&mut StreamMark)) -> Result<(), Error> {
        let mark = {
            let mut mark = locked(&self.mark);
            change(&mut mark);
            mark.clone()
        };
        let name = self.object().as_str();
        mark::write_stream(&self.context.writer, name, &mark, self.context.now()).await
    }

    /// Learns the size beside the first pages, then finds work for whatever pool is idle.
    pub(super) async fn share(&self) -> Result<(), Halt> {
        let mut known = self.mark();
        if known.total.is_none() {
            ask_size(self.context, self.kind, &mut known).await?;
            self.keep(|mark| {
                (mark.total, mark.total_exact) = (known.total, known.total_exact);
                (mark.overall, mark.top) = (known.overall, known.top);
            })
            .await?;
        }
        self.context.board.stream(self.object(), |stream| {
            if stream.state == crate::StreamState::Filling
                && let Some(total) = known.total
            {
                stream.total = Some((total.max(stream.filled), known.total_exact));
            }
        });
        let (Some(overall), Some(top)) = (known.overall, known.top) else { return Ok(()) };
        *locked(&self.ways) = ways(self.context, &self.asked, &known);
        if self.search_left.load(Ordering::Relaxed) {
            locked(&self.ways).search = None;
        }
        // Where search alone is used, it counts what is inside the window.
        let rows = if self.ways().list.is_some() { overall } else { known.total.unwrap_or(overall) };
        let mut density = Density::new(rows, top);
        loop {
            let walks = self.walking();
            if walks.is_empty() {
                return Ok(());
            }
            let mut split = false;
            for by in [By::Search, By::List] {
                let busy = walks.iter().filter(|walk| walk.by == by).count();
                if busy < self.chains(by) && self.split(&walks, &mut density, by).await? {
                    split = true;
                    break;
                }
            }
            if !split {
                self.context.unless_cancelled(self.room.notified()).await?;
            }
        }
    }

    /// Chains of calls that this type may have by a way.
    fn chains(&self, by: By) -> usize {
        let (ways, latency) = (self.ways(), self.context.latency());
        let limits = self.context.client.limits();
        match (by, ways.list, ways.search) {
            (By::List, None, _) | (By::Search, _, None) => 0,
            // Batch reads of what search named are the better use of the general pool.
            (By::List, Some(Way::ListAndBatch), Some(Way::SearchAndBatch)) => 1,
            (By::List, Some(_), _) => {
                self.context.share_of(spans::chains(limits.general.per_second(), latency, LIST_CHAINS))
            }
            (By::Search, _, Some(_)) => {
                self.context.share_of(spans::chains(limits.search.per_second(), latency, SEARCH_CHAINS))
            }
        }
    }

    /// Cuts the range with the most rows left in two, the upper part for an idle pool. False when nothing is large enough
    /// just now, or the list cannot be asked from there.
    async fn split(&self, walks: &[Arc<Walk>], density: &mut Density, by: By) -> Result<bool, Halt> {
        let mut lefts = Vec::with_capacity(walks.len());
        for walk in walks {
            let spot = walk.spot.lock().await;
            let over = spot.done || spot.void;
            // What was read of a range says where its records lie. Under a window search passes by what the list goes
            // through.
            if let Some(seen) = spot.seen.filter(|_| walk.by == By::List || self.context.since.is_none()) {
                density.seen(spot.lo, spot.past + 1, seen);
            }
            lefts.push(Left { past: spot.past, hi: if over { spot.past + 1 } else { spot.hi } });
        }
        let rows_min = if by == By::List { LISTED_MIN } else { SEARCHED_MIN };
        let Some(cut) = self.middle(&lefts, density, rows_min).await? else { return Ok(false) };
        if by == By::List && !self.list_takes_any_id(cut.at).await? {
            return Ok(false);
        }
        let walk = &walks[cut.range];
        let mut spot = walk.spot.lock().await;
        let at = cut.at.max(spot.past.saturating_add(2));
        let is_left = by == By::Search && self.search_left.load(Ordering::Relaxed);
        if spot.done || spot.void || is_left || at >= spot.hi {
            return Ok(false);
        }
        let ways = self.ways();
        let Some(way) = (if by == By::List { ways.list } else { ways.search }) else { return Ok(false) };
        let (id, way) = (walk.id, way.to_string());
        let Some(range) = self.context.writer.call(move |store| store.split_range(id, at, &way)).await?
        else {
            return Ok(false);
        };
        spot.hi = at;
        locked(&self.walks).push(walk_of(range));
        drop(spot);
        // Search was left while the new range was on its way into the mirror.
        if by == By::Search && self.search_left.load(Ordering::Relaxed) {
            self.list_again().await?;
        }
        Ok(true)
    }

    /// Where to cut: asked of search as long as it is not known how ids are spread.
    async fn middle(
        &self,
        lefts: &[Left],
        density: &mut Density,
        rows_min: u64,
    ) -> Result<Option<Cut>, Halt> {
        let since = if self.ways().list.is_some() { None } else { self.context.since };
        for _ in 0..PROBES_MAX {
            let Some(cut) = density.cut(lefts, rows_min).filter(|cut| !cut.sure) else { break };
            let left = lefts[cut.range];
            let (below, wanted) = (density.below(left.past + 1), cut.rows / 2);
            let among = Among { past: left.past, before: Some(left.hi).filter(|hi| *hi < i64::MAX), since };
            match self.probe(among, cut.at, wanted, density.knows(left)).await? {
                Probe::Place(id, place) => {
                    density.learn(id, below + place);
                    if place == wanted {
                        return Ok(Some(Cut { at: id, sure: true, ..cut }));
                    }
                }
                Probe::Count(rows) => {
                    density.learn(cut.at, below + rows);
                    if rows * 4 >= cut.rows && rows * 4 <= cut.rows * 3 {
                        return Ok(Some(cut));
                    }
                }
                Probe::Unknown => return Ok(Some(cut)),
            }
        }
        Ok(density.cut(lefts, rows_min))
    }

    /// One search: for the id in the middle where places can be asked, else for how many lie below a guessed one.
    async fn probe(&self, among: Among, at: i64, wanted: u64, known: bool) -> Result<Probe, Halt> {
        let asked = if wanted <= PLACE_MAX || !known {
            let place = wanted.min(PLACE_MAX);
            let found = trust::id_at(self.context, self.kind, among, place).await;
            found.map(|id| id.map_or(Probe::Unknown, |id| Probe::Place(id, place)))
        } else {
            let below = Among { before: Some(at), ..among };
            let counted = trust::count(self.context, self.kind, below).await;
            counted.map(|rows| if rows == COUNTED_MAX { Probe::Unknown } else { Probe::Count(rows) })
        };
        match asked {
            // A guess will do.
            Err(Halt::Error(error)) if !error.stops_the_run() => Ok(Probe::Unknown),
            asked => asked,
        }
    }

    /// Checked once per type and pass; a refusal holds for the whole run.
    pub(super) async fn list_takes_any_id(&self, at: i64) -> Result<bool, Halt> {
        if self.context.list_from_any_id_refused() {
            return Ok(false);
        }
        if let Some(known) = locked(&self.mark).reading.list_takes_any_id {
            return Ok(known);
        }
        let fits = match trust::list_takes_any_id(self.context, self.kind, at).await {
            Ok(fits) => fits,
            Err(Halt::Error(error)) if !error.stops_the_run() => false,
            Err(halt) => return Err(halt),
        };
        self.keep(|mark| mark.reading.list_takes_any_id = Some(fits)).await?;
        if !fits {
            self.context.refuse_list_from_any_id();
            let message = "The list cannot be asked from any id here; it is read in one chain.".to_owned();
            self.context.tell(store::Level::Info, "list_in_one_chain", Some(self.object()), message).await?;
        }
        Ok(fits)
    }
}

enum Probe {
    /// The id behind so many others.
    Place(i64, u64),
    /// Rows below the guessed id.
    Count(u64),
    Unknown,
}
