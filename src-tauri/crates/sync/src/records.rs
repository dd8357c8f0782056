//! Copying one object type: ranges of ids walked upwards side by side, each page committed with where it stands.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicU64, Ordering},
};

use crm::{ObjectType, Timestamp};
use futures::stream::{FuturesUnordered, StreamExt};
use hubspot::ObjectKind;
use store::{PageCommit, PageStored, Range};
use tokio::sync::{Mutex, Notify};

use crate::{
    Error, StreamMark, StreamState,
    asked::Asked,
    context::{Context, Pass},
    error::Halt,
    fetch::{self, Page},
    mark, spans,
    spans::Left,
    trust, way,
};

/// Calls in flight that all record streams share; links and definitions take what is left of the client's sixteen.
const IN_FLIGHT: usize = 12;

/// A range being walked. The lock is held from cutting a page to the range until it is committed, so that the range
/// cannot be split under a page.
struct Walk {
    id: i64,
    spot: Mutex<Spot>,
}

#[derive(Clone)]
struct Spot {
    past: i64,
    hi: i64,
    cursor: Option<String>,
    done: bool,
}

struct Stream<'a> {
    context: &'a Context,
    kind: &'a ObjectKind,
    asked: Asked,
    mark: StreamMark,
    /// Rows that the list no longer names are looked into.
    sweep: AtomicBool,
    walks: Mutex<Vec<Arc<Walk>>>,
    /// Records kept here, inside the window.
    copied: AtomicU64,
    /// Records that the list has named in this pass.
    listed: AtomicU64,
    room: Notify,
}

/// Copies a whole pass of one type, or what is left of it.
pub(crate) async fn copy(context: &Context, kind: &ObjectKind, asked: Asked) -> Result<(), Halt> {
    let _copying = context.copying();
    let Some((mark, ranges)) = begin(context, kind, &asked).await? else {
        return show_copied(context, kind, context.now()).await.map(drop);
    };
    let copied = already_copied(context, kind).await?;
    let listed = if mark.first_pass_done { 0 } else { copied };
    context.board.stream(&kind.object, |stream| {
        stream.state = StreamState::Filling;
        stream.total = mark.total.map(|total| (total, mark.total_exact));
        stream.filled = copied;
    });
    let stream = Stream {
        context,
        kind,
        asked,
        sweep: AtomicBool::new(mark.first_pass_done),
        mark,
        walks: Mutex::new(ranges.into_iter().filter(|range| !range.done).map(walk_of).collect()),
        copied: AtomicU64::new(copied),
        listed: AtomicU64::new(listed),
        room: Notify::new(),
    };
    let ((), mark) = futures::try_join!(stream.walk_all(), stream.count())?;
    finish(context, kind, mark).await
}

/// The pass and its ranges; none if this run had finished it before it was cut.
async fn begin(
    context: &Context,
    kind: &ObjectKind,
    asked: &Asked,
) -> Result<Option<(StreamMark, Vec<Range>)>, Halt> {
    let name = kind.object.as_str();
    let mut mark = mark::read_stream(&context.writer, name).await?;
    match context.pass(mark.pass_open, mark.since, mark.began) {
        Pass::Finished => return Ok(None),
        Pass::Open => {
            let stream = name.to_owned();
            let ranges = context.writer.call(move |store| store.ranges(&stream)).await?;
            return Ok(Some((mark, ranges)));
        }
        Pass::New => {}
    }
    mark = StreamMark {
        pass_open: true,
        since: context.since.map(Timestamp::millis),
        began: context.began.millis(),
        state: StreamState::Filling,
        total: None,
        total_exact: false,
        overall: None,
        top: None,
        reason: None,
        missing_scopes: Vec::new(),
        ..mark
    };
    let way = way::choose(&asked.names(), context.url_max()).to_string();
    let stream = name.to_owned();
    // The ranges first: a mark that says open must never stand beside the finished ranges of the pass before.
    let ranges = context.writer.call(move |store| store.plan_ranges(&stream, &way, &[(1, i64::MAX)])).await?;
    mark::write_stream(&context.writer, name, &mark, context.now()).await?;
    tracing::debug!(object = name, "a new pass");
    Ok(Some((mark, ranges)))
}

async fn already_copied(context: &Context, kind: &ObjectKind) -> Result<u64, Error> {
    let (object, since) = (kind.object.clone(), context.since);
    context.writer.call(move |store| store.live_since(&object, since)).await
}

async fn finish(context: &Context, kind: &ObjectKind, mut mark: StreamMark) -> Result<(), Halt> {
    let at = context.now();
    mark.pass_open = false;
    mark.first_pass_done = true;
    mark.state = StreamState::Done;
    mark.last_good_at = Some(at.to_string());
    mark::write_stream(&context.writer, kind.object.as_str(), &mark, at).await?;
    let filled = show_copied(context, kind, at).await?;
    let message = format!("{} copied: {filled}", kind.plural);
    context.tell(store::Level::Info, "stream_copied", Some(&kind.object), message).await?;
    Ok(())
}

/// Shows a finished pass; returns how many records it left here.
async fn show_copied(context: &Context, kind: &ObjectKind, at: Timestamp) -> Result<u64, Halt> {
    let filled = already_copied(context, kind).await?;
    context.board.stream(&kind.object, |stream| {
        stream.filled = filled;
        stream.total = Some((filled, true));
        stream.last_good_at = Some(at);
        stream.state = StreamState::Checking;
    });
    Ok(filled)
}

fn walk_of(range: Range) -> Arc<Walk> {
    let spot = Spot { past: range.past, hi: range.hi, cursor: range.cursor, done: range.done };
    Arc::new(Walk { id: range.id, spot: Mutex::new(spot) })
}

impl Stream<'_> {
    fn object(&self) -> &ObjectType {
        &self.kind.object
    }

    /// Asks search how much there is, beside the first pages; a search that fails leaves the total unknown.
    async fn count(&self) -> Result<StreamMark, Halt> {
        let mut mark = self.mark.clone();
        if mark.total.is_none() {
            self.ask_size(&mut mark).await?;
        }
        self.share(&mark).await?;
        Ok(mark)
    }

    async fn ask_size(&self, mark: &mut StreamMark) -> Result<(), Halt> {
        match trust::size(self.context, self.kind).await {
            Ok(size) => {
                (mark.total, mark.total_exact) = (Some(size.total), size.exact);
                (mark.overall, mark.top) = (Some(size.overall), size.top);
                self.context.board.stream(self.object(), |stream| {
                    if stream.state == StreamState::Filling {
                        stream.total = Some((size.total, size.exact));
                    }
                });
                mark::write_stream(&self.context.writer, self.object().as_str(), mark, self.context.now())
                    .await?;
            }
            Err(Halt::Error(error)) if !error.stops_the_run() => {
                let message = format!("{} could not be counted: {error}", self.kind.plural);
                self.context.tell(store::Level::Warn, "count_failed", Some(self.object()), message).await?;
            }
            Err(halt) => return Err(halt),
        }
        Ok(())
    }

    /// Lets several walkers work on the type, if the list may be asked from an id of our choice.
    async fn share(&self, mark: &StreamMark) -> Result<(), Halt> {
        let (Some(overall), Some(top)) = (mark.overall, mark.top) else { return Ok(()) };
        loop {
            let walks = self.walks.lock().await.clone();
            if walks.is_empty() {
                return Ok(());
            }
            if walks.len() < self.context.share_of(IN_FLIGHT) {
                match self.split(&walks, top, overall).await? {
                    Some(true) => continue,
                    Some(false) => {}
                    None => return Ok(()),
                }
            }
            self.context.unless_cancelled(self.room.notified()).await?;
        }
    }

    /// Splits the widest range; `Some(false)` when nothing is wide enough just now, none when ranges cannot be used.
    async fn split(&self, walks: &[Arc<Walk>], top: i64, overall: u64) -> Result<Option<bool>, Halt> {
        let mut lefts = Vec::with_capacity(walks.len());
        for walk in walks {
            let spot = walk.spot.lock().await;
            lefts.push(Left { past: spot.past, hi: if spot.done { spot.past + 1 } else { spot.hi } });
        }
        let rows_left = overall.saturating_sub(self.listed.load(Ordering::Relaxed));
        let Some((widest, at)) = spans::cut(&lefts, top, rows_left) else { return Ok(Some(false)) };
        if !self.list_takes_any_id(at).await? {
            return Ok(None);
        }
        let walk = &walks[widest];
        let mut spot = walk.spot.lock().await;
        let at = at.max(spot.past.saturating_add(2));
        if spot.done || at >= spot.hi.min(top) {
            return Ok(Some(false));
        }
        let id = walk.id;
        let Some(range) = self.context.writer.call(move |store| store.split_range(id, at)).await? else {
            return Ok(Some(false));
        };
        spot.hi = at;
        self.walks.lock().await.push(walk_of(range));
        Ok(Some(true))
    }

    /// Checked once per type and run; a refusal holds for the whole run.
    async fn list_takes_any_id(&self, at: i64) -> Result<bool, Halt> {
        if self.context.list_from_any_id_refused() {
            return Ok(false);
        }
        if self.walks.lock().await.len() > 1 {
            return Ok(true);
        }
        let fits = match trust::list_takes_any_id(self.context, self.kind, at).await {
            Ok(fits) => fits,
            Err(Halt::Error(error)) if !error.stops_the_run() => false,
            Err(halt) => return Err(halt),
        };
        if !fits {
            self.context.refuse_list_from_any_id();
            let message = "The list cannot be asked from any id here; it is read in one chain.".to_owned();
            self.context.tell(store::Level::Info, "list_in_one_chain", Some(self.object()), message).await?;
        }
        Ok(fits)
    }

    /// Walks every range to its end, new ones as they appear.
    async fn walk_all(&self) -> Result<(), Halt> {
        let mut walking = FuturesUnordered::new();
        let mut known: Vec<i64> = Vec::new();
        loop {
            for walk in self.walks.lock().await.iter() {
                if !known.contains(&walk.id) {
                    known.push(walk.id);
                    walking.push(self.walk(Arc::clone(walk)));
                }
            }
            // A split is announced by `room`; look again soon after any page as well.
            match walking.next().await {
                Some(Ok(Step::Page(walk))) => walking.push(self.walk(walk)),
                Some(Ok(Step::Done(id))) => self.walks.lock().await.retain(|walk| walk.id != id),
                Some(Err(halt)) => return Err(halt),
                None => {
                    self.room.notify_one();
                    return Ok(());
                }
            }
            self.room.notify_one();
        }
    }

    /// One page of one range.
    async fn walk(&self, walk: Arc<Walk>) -> Result<Step, Halt> {
        let before = walk.spot.lock().await.clone();
        if before.done {
            return Ok(Step::Done(walk.id));
        }
        let after =
            before.cursor.clone().or_else(|| (before.past > 0).then(|| (before.past + 1).to_string()));
        let page = fetch::page(self.context, self.kind, &self.asked, after.clone()).await?;
        let mut spot = walk.spot.lock().await;
        let cut = cut(&page, &spot, after.as_deref());
        if cut.stuck {
            return Err(Error::ListStuck(self.kind.plural.clone()).into());
        }
        if !cut.ordered {
            self.sweep.store(false, Ordering::Relaxed);
        }
        self.listed.fetch_add(page.named.len() as u64, Ordering::Relaxed);
        let stored = self.commit(walk.id, page, &cut).await?;
        *spot = Spot { past: cut.past, hi: spot.hi, cursor: cut.cursor.clone(), done: cut.done };
        drop(spot);
        let rows = stored.inserted + stored.updated + stored.unchanged;
        let copied = self.copied.fetch_add(stored.inserted, Ordering::Relaxed) + stored.inserted;
        self.context.board.stream(self.object(), |stream| {
            stream.filled = copied;
            if let Some((total, exact)) = &mut stream.total
                && *total < copied
            {
                (*total, *exact) = (copied, false);
            }
        });
        self.context.board.committed(rows);
        Ok(if cut.done { Step::Done(walk.id) } else { Step::Page(walk) })
    }

    async fn commit(&self, range: i64, page: Page, cut: &Cut) -> Result<PageStored, Error> {
        let quarantined = page.unreadable.len() as u64;
        if quarantined > 0 {
            self.context.board.stream(self.object(), |stream| stream.quarantined += quarantined);
        }
        let (object, keep_since, at) = (self.kind.object.clone(), self.context.since, self.context.now());
        let sweep = cut.ordered && self.sweep.load(Ordering::Relaxed);
        let (past, cursor, done, rows) = (cut.past, cut.cursor.clone(), cut.done, cut.rows);
        let scope = self.asked.scope();
        self.context
            .writer
            .call(move |store| {
                let mut page = page;
                page.records.retain(|record| record.id.get() < rows);
                store.commit_page(&PageCommit {
                    object: &object,
                    range,
                    records: &page.records,
                    unreadable: &page.unreadable,
                    past,
                    cursor: cursor.as_deref(),
                    done,
                    keep_since,
                    sweep,
                    asked: scope.kept(),
                    at,
                })
            })
            .await
    }
}

enum Step {
    Page(Arc<Walk>),
    Done(i64),
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
        Spot { past, hi, cursor: None, done: false }
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
