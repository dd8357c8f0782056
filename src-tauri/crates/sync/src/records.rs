//! Copying one object type: ranges of ids walked upwards side by side, by the list and by search, each page committed
//! with where it stands.

mod by_list;
mod by_search;
mod sharing;

use std::sync::{
    Arc, Mutex as Quick, PoisonError,
    atomic::{AtomicBool, AtomicU64, Ordering},
};

use crm::{ObjectType, Timestamp, Unreadable};
use futures::stream::{FuturesUnordered, StreamExt};
use hubspot::ObjectKind;
use store::{PageCommit, PageStored, Range};
use tokio::sync::{Mutex, Notify};

use crate::{
    Error, StreamMark, StreamState,
    asked::Asked,
    context::{Context, Pass},
    error::Halt,
    fetch::Page,
    mark,
    plan::{self, Supply, Volume, Ways},
    tally::Finds,
    trust::Before,
    way::{By, NamesLength},
};

/// A range being walked. The lock is held from cutting a page to the range until it is committed, so that the range
/// cannot be split under a page.
struct Walk {
    /// Its range. A range that is read again by another way has a walk of its own for it.
    id: i64,
    /// Somebody walks it.
    taken: AtomicBool,
    by: By,
    spot: Mutex<Spot>,
}

#[derive(Clone)]
struct Spot {
    lo: i64,
    past: i64,
    hi: i64,
    cursor: Option<String>,
    done: bool,
    /// Rows read since this run took the range up; none if it had begun before.
    seen: Option<u64>,
    /// The range is walked anew by somebody else: nothing more is committed here.
    void: bool,
    /// The page of search before, and the upper bound it was asked with.
    before: Option<(Before, Option<i64>)>,
    /// Ids that one search may reach over, where its total would be capped otherwise.
    reach: Option<i64>,
    /// That was just made less: the next search has a new upper bound.
    narrowed: bool,
}

struct Stream<'a> {
    context: &'a Context,
    kind: &'a ObjectKind,
    asked: Asked,
    mark: Quick<StreamMark>,
    /// By which ways the type is read, once its size is known.
    ways: Quick<Ways>,
    /// Rows that the list no longer names are looked into.
    sweep: AtomicBool,
    /// Search was found wrong: what it read is read again by list.
    search_left: AtomicBool,
    walks: Quick<Vec<Arc<Walk>>>,
    /// Records kept here, inside the window.
    copied: AtomicU64,
    /// The whole type counts as found, or what has changed of it where it is listed instead of being searched for that.
    finds: Finds,
    /// Found by search in this run: where it is left, they are found again by the list.
    searched: AtomicU64,
    room: Notify,
}

/// Copies a whole pass of one type, or what is left of it.
pub(crate) async fn copy(context: &Context, kind: &ObjectKind, asked: Asked) -> Result<(), Halt> {
    let _copying = context.copying();
    let Some((mark, ranges)) = begin(context, kind, &asked).await? else {
        return show_copied(context, kind, context.now()).await.map(drop);
    };
    let copied = already_copied(context, kind).await?;
    context.board.stream(&kind.object, |stream| {
        stream.state = StreamState::Filling;
        stream.total = mark.total.map(|total| (total, mark.total_exact));
        stream.filled = copied;
    });
    let finds = if context.full || !mark.first_pass_done { Finds::All } else { Finds::Changes };
    let stream = Stream {
        context,
        kind,
        sweep: AtomicBool::new(mark.first_pass_done),
        search_left: AtomicBool::new(mark.reading.search_unfit),
        ways: Quick::new(ways(context, &asked, &mark)),
        asked,
        mark: Quick::new(mark),
        walks: Quick::new(ranges.into_iter().filter(|range| !range.done).map(walk_of).collect()),
        copied: AtomicU64::new(copied),
        searched: AtomicU64::new(0),
        finds,
        room: Notify::new(),
    };
    // A run that was cut while it left search goes on with that.
    if stream.search_left.load(Ordering::Relaxed) {
        stream.list_again().await?;
    }
    futures::try_join!(stream.walk_all(), stream.share())?;
    let mark = stream.mark();
    finish(context, kind, mark).await
}

/// By which ways a type is read, as far as its size is known.
fn ways(context: &Context, asked: &Asked, mark: &StreamMark) -> Ways {
    let names = NamesLength::of(&asked.names());
    let lengths = context.lengths();
    let (Some(inside), Some(overall)) = (mark.total, mark.overall) else {
        return Ways { list: Some(lengths.by_list(names)), search: None };
    };
    // A later pass looks for what is gone, and only what the list does not name is missing.
    let searchable = mark.is_searchable() && !mark.first_pass_done;
    let supply = Supply::of(&context.client.limits(), context.latency());
    plan::ways(&Volume { inside, overall, names, searchable }, lengths, &supply)
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
        reading: mark::Reading { list_takes_any_id: None, ..mark.reading },
        ..mark
    };
    // Where the list may not be the way at all, it has to be known before the first page.
    let names = NamesLength::of(&asked.names());
    if context.since.is_some() || context.lengths().by_list(names).calls() > 1.0 {
        sharing::ask_size(context, kind, &mut mark).await?;
    }
    let ways = ways(context, asked, &mark);
    let way = ways.list.or(ways.search).expect("there is always a way").to_string();
    let stream = name.to_owned();
    // The ranges first: a mark that says open must never stand beside the finished ranges of the pass before.
    let ranges = context.writer.call(move |store| store.plan_ranges(&stream, &way, &[(1, i64::MAX)])).await?;
    mark::write_stream(&context.writer, name, &mark, context.now()).await?;
    tracing::debug!(object = name, ?ways, "a new pass");
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
    let spot = Spot {
        lo: range.lo,
        past: range.past,
        hi: range.hi,
        cursor: range.cursor,
        done: range.done,
        seen: (range.past < range.lo).then_some(0),
        void: false,
        before: None,
        reach: None,
        narrowed: false,
    };
    let (taken, by) = (AtomicBool::new(false), By::of_range(&range.way));
    Arc::new(Walk { id: range.id, taken, by, spot: Mutex::new(spot) })
}

enum Step {
    Page(Arc<Walk>),
    Done(Arc<Walk>),
}

/// Where a range stands after a page.
struct Reached {
    past: i64,
    cursor: Option<String>,
    done: bool,
    /// Rows below this id belong to the range.
    rows: i64,
    /// Live rows that the page did not name are to be looked into.
    sweep: bool,
}

impl Stream<'_> {
    fn object(&self) -> &ObjectType {
        &self.kind.object
    }

    fn mark(&self) -> StreamMark {
        locked(&self.mark).clone()
    }

    fn ways(&self) -> Ways {
        *locked(&self.ways)
    }

    fn walking(&self) -> Vec<Arc<Walk>> {
        locked(&self.walks).clone()
    }

    /// Walks every range to its end, new ones as they appear.
    async fn walk_all(&self) -> Result<(), Halt> {
        let mut walking = FuturesUnordered::new();
        loop {
            for walk in self.walking() {
                if !walk.taken.swap(true, Ordering::Relaxed) {
                    walking.push(self.walk(walk));
                }
            }
            // A split is announced by `room`; look again soon after any page as well.
            match walking.next().await {
                Some(Ok(Step::Page(walk))) => walking.push(self.walk(walk)),
                Some(Ok(Step::Done(done))) => locked(&self.walks).retain(|walk| !Arc::ptr_eq(walk, &done)),
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
        match walk.by {
            By::List => self.list(walk).await,
            By::Search => self.search(walk).await,
        }
    }

    /// Commits a page together with where its range stands after it; returns how many records it held of the range.
    async fn commit(&self, range: i64, page: Page, reached: &Reached) -> Result<u64, Error> {
        let stored = self.store(range, page, reached).await?;
        let found = self.context.count(&stored, self.finds);
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
        Ok(found)
    }

    async fn store(&self, range: i64, page: Page, reached: &Reached) -> Result<PageStored, Error> {
        let quarantined = page.unreadable.len() as u64;
        if quarantined > 0 {
            self.context.board.stream(self.object(), |stream| stream.quarantined += quarantined);
        }
        let (object, keep_since, at) = (self.kind.object.clone(), self.context.since, self.context.now());
        let scope = self.asked.scope();
        let Reached { past, done, rows, sweep, .. } = *reached;
        let cursor = reached.cursor.clone();
        self.context
            .writer
            .call(move |store| {
                let mut page = page;
                page.records.retain(|record| record.id.get() < rows);
                // Those beyond the range are another walk's to set aside.
                page.unreadable.retain(|row| id_of(row).is_none_or(|id| id < rows));
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

/// The id of a row that could not be read, where that much could.
fn id_of(row: &Unreadable) -> Option<i64> {
    row.id.as_deref()?.parse().ok()
}

/// What the lock guards stays whole whatever panics, so a poisoned lock is taken all the same.
fn locked<T>(mutex: &Quick<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
