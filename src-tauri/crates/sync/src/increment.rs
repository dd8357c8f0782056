//! What changed since: one closed window of last-modified stamps per type, searched upwards by id, and read by id where
//! the row here is older.
//!
//! Ties and the cap of 10,000 results need nothing more than that. The window's end is stored with its last page only,
//! so a run that is cut goes on in the middle of it. No row's stamp and no clock of ours moves it. A row outside the
//! asked bounds does no harm: it is compared like any other.

use std::sync::Arc;

use crm::{Record, RecordId, Timestamp, Unreadable};
use futures::stream::{self, StreamExt, TryStreamExt};
use hubspot::{
    ObjectKind,
    endpoint::{Filter, Op, Search},
};
use store::{ChangesCommit, Level, Waiting};

use crate::{
    Error, StreamMark, StreamState,
    asked::Asked,
    context::Context,
    definitions,
    error::Halt,
    fetch,
    mark::{self, OpenWindow},
    tally::Finds,
    way::{NamesLength, Way},
    window::{self, Bill, Next},
};

/// How a type was brought up to date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Updated {
    /// Everything up to the run's start was read.
    Read,
    /// Search will not do: the whole type must be listed.
    List(Why),
    /// As `List`, but not worth it more than once an hour.
    NotNow,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Why {
    /// So much was changed that the list costs less.
    Cheaper,
    /// Ids do not go up.
    Unordered,
    /// This type cannot be searched.
    Refused,
}

/// Pages that are read while others are searched or committed.
const PAGES: usize = 3;
/// Records read by one call.
const BATCH: usize = fetch::PAGE as usize;
/// A mirror of an older version knows the start of its last pass only by this computer's clock: so much is added.
const CLOCKS_DIFFER: i64 = 24 * 3_600_000;
/// Search is tried again after so long where it was found useless.
const SEARCH_AGAIN: i64 = 24 * 3_600_000;

/// Reads what changed up to the start of the run.
pub(crate) async fn update(context: &Context, kind: &ObjectKind, asked: &Asked) -> Result<Updated, Halt> {
    definitions::stamp_defined(context, kind).await?;
    context.board.stream(&kind.object, |stream| stream.state = StreamState::Checking);
    read_waiting(context, kind, asked).await?;
    let mut mark = mark::read_stream(&context.writer, kind.object.as_str()).await?;
    let now = context.started_at().millis();
    // This run has read them before it was cut.
    if mark.watermark.to == Some(now)
        && mark.watermark.open.is_none()
        && context.since.map(Timestamp::millis) == mark.since
    {
        return Ok(Updated::Read);
    }
    if mark.watermark.unsearchable.is_some_and(|at| (at..at + SEARCH_AGAIN).contains(&now)) {
        let hourly = context.moment().hourly(mark.watermark.to.map(Timestamp::from_millis));
        return Ok(if hourly { Updated::List(Why::Refused) } else { Updated::NotNow });
    }
    if let Some(why) = widen(context, kind, asked, &mut mark).await? {
        return Ok(Updated::List(why));
    }
    loop {
        let last = mark.watermark.to.unwrap_or(mark.began - CLOCKS_DIFFER);
        let window = mark.watermark.next(last, now);
        let mut walk = Walk { context, kind, asked, mark, window, last, purpose: Purpose::Changes };
        if let Some(why) = walk.run().await? {
            if why != Why::Cheaper {
                walk.mark.watermark.unsearchable = Some(now);
            }
            walk.save().await?;
            return Ok(Updated::List(why));
        }
        mark = walk.mark;
        // One that an earlier run had left open ended where that run began.
        if window.to >= now {
            return Ok(Updated::Read);
        }
    }
}

/// The window of the connection may have been opened wider: the older stretch is read like changes.
async fn widen(
    context: &Context,
    kind: &ObjectKind,
    asked: &Asked,
    mark: &mut StreamMark,
) -> Result<Option<Why>, Halt> {
    let wanted = context.since.map(Timestamp::millis);
    let (Some(wanted), Some(covered)) = (wanted, mark.since) else {
        // Nothing is missing of everything; and everything is better listed.
        return Ok((mark.since.is_some() && wanted.is_none()).then_some(Why::Cheaper));
    };
    if wanted >= covered {
        return Ok(None);
    }
    let kept = mark.watermark.wider.filter(|open| open.from == wanted.max(1_000));
    let fresh = OpenWindow { from: wanted.max(1_000), to: covered, ..OpenWindow::default() };
    let (window, mark_now) = (kept.unwrap_or(fresh), mark.clone());
    let mut walk =
        Walk { context, kind, asked, mark: mark_now, window, last: covered, purpose: Purpose::Wider };
    let why = walk.run().await?;
    *mark = walk.mark;
    Ok(why)
}

/// Records that could not be read before are tried again.
async fn read_waiting(context: &Context, kind: &ObjectKind, asked: &Asked) -> Result<(), Halt> {
    let mut past = 0;
    loop {
        let object = kind.object.clone();
        let ids =
            context.writer.call(move |store| store.waiting(&object, &Waiting::Record, past, BATCH)).await?;
        let Some(last) = ids.last() else { return Ok(()) };
        past = last.get();
        let read = read(context, kind, asked, &ids).await?;
        commit(context, kind, asked, read, None, Finds::Nothing).await?;
    }
}

/// What a window is read for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Purpose {
    Changes,
    /// An older stretch that the connection's window did not hold before.
    Wider,
}

struct Walk<'a> {
    context: &'a Context,
    kind: &'a ObjectKind,
    asked: &'a Asked,
    mark: StreamMark,
    window: OpenWindow,
    /// End of the window before: rows below it are repeated.
    last: i64,
    purpose: Purpose,
}

/// A page of the search.
struct Found {
    rows: Vec<(RecordId, Timestamp)>,
    /// Named, but not with what a search needs.
    strange: Vec<RecordId>,
    total: u64,
    next: Next,
}

/// Where the search goes on.
enum At {
    /// The first page is here already.
    Have(Found),
    Beyond(i64, Option<String>),
    End,
}

/// Records read by id.
#[derive(Default)]
struct Read {
    records: Vec<Record>,
    unreadable: Vec<Unreadable>,
    absent: Vec<RecordId>,
}

/// A page of the search, read.
struct PageRead {
    read: Read,
    past: i64,
    repeated: u64,
    ended: bool,
}

/// What the pages of a walk are read with, side by side.
struct Stretch {
    context: Context,
    kind: ObjectKind,
    asked: Asked,
    window: OpenWindow,
    last: i64,
}

impl Stretch {
    async fn next(self: Arc<Self>, at: At) -> Result<Option<(Found, At)>, Halt> {
        let found = match at {
            At::Have(found) => found,
            At::Beyond(past, after) => search(&self.context, &self.kind, self.window, past, after).await?,
            At::End => return Ok(None),
        };
        let at = match &found.next {
            Next::Beyond(past) => At::Beyond(*past, None),
            Next::Over { past, after } => At::Beyond(*past, Some(after.clone())),
            Next::End | Next::Unordered => At::End,
        };
        Ok(Some((found, at)))
    }

    /// Reads what is newer than here; none if the page cannot be gone on from.
    async fn read(self: Arc<Self>, found: Found) -> Result<Option<PageRead>, Halt> {
        let past = match &found.next {
            Next::Unordered => return Ok(None),
            Next::Beyond(past) | Next::Over { past, .. } => *past,
            Next::End => found.rows.iter().map(|(id, _)| id.get()).max().unwrap_or(0),
        };
        let repeated = found.rows.iter().filter(|(_, stamp)| stamp.millis() < self.last).count() as u64;
        let (object, rows) = (self.kind.object.clone(), found.rows);
        let mut ids = self.context.writer.call(move |store| store.outdated(&object, &rows)).await?;
        ids.extend(found.strange);
        let read = read(&self.context, &self.kind, &self.asked, &ids).await?;
        Ok(Some(PageRead { read, past, repeated, ended: found.next == Next::End }))
    }
}

impl Walk<'_> {
    /// Reads the window to its end; says why if it should be listed instead.
    async fn run(&mut self) -> Result<Option<Why>, Halt> {
        let first = match search(self.context, self.kind, self.window, self.window.past, None).await {
            Ok(first) => first,
            Err(Halt::Error(Error::Hubspot(hubspot::Error::Refused(_) | hubspot::Error::NotFound(_)))) => {
                return Ok(Some(Why::Refused));
            }
            Err(halt) => return Err(halt),
        };
        self.context.tally.by("changes");
        if self.list_is_cheaper(first.total).await? {
            self.mark.watermark.too_much(first.total);
            return Ok(Some(Why::Cheaper));
        }
        let stretch = Arc::new(Stretch {
            context: self.context.clone(),
            kind: self.kind.clone(),
            asked: self.asked.clone(),
            window: self.window,
            last: self.last,
        });
        let (searching, reading) = (Arc::clone(&stretch), stretch);
        let pages = stream::try_unfold(At::Have(first), move |at| Arc::clone(&searching).next(at));
        let read = pages.map_ok(move |found| Arc::clone(&reading).read(found)).try_buffered(PAGES);
        let mut read = std::pin::pin!(read);
        while let Some(page) = read.next().await {
            let Some(page) = page? else { return Ok(Some(Why::Unordered)) };
            self.commit(page).await?;
        }
        Ok(None)
    }

    async fn list_is_cheaper(&self, total: u64) -> Result<bool, Halt> {
        let (object, from) = (self.kind.object.clone(), Timestamp::from_millis(self.window.from));
        let purpose = self.purpose;
        let (known, overall) = self
            .context
            .writer
            .call(move |store| {
                let overall = store.live_since(&object, None)?;
                let known = if purpose == Purpose::Changes && total > overall / 4 {
                    store.live_since(&object, Some(from))?
                } else {
                    0
                };
                Ok((known, overall))
            })
            .await?;
        let per_list_page =
            if self.context.lengths().by_list(NamesLength::of(&self.asked.names())) == Way::List {
                1
            } else {
                2
            };
        let overall = overall.max(self.mark.overall.unwrap_or(0)).max(total);
        let weight = search_weight(self.context);
        Ok(Bill { total, known, overall, per_list_page, weight }.list_is_cheaper())
    }

    /// Commits a page together with where the window stands after it.
    async fn commit(&mut self, page: PageRead) -> Result<(), Halt> {
        self.window.past = page.past;
        self.window.repeated += page.repeated;
        let idle = page.read.is_empty();
        let watermark = &mut self.mark.watermark;
        match (self.purpose, page.ended) {
            (Purpose::Changes, false) => watermark.open = Some(self.window),
            (Purpose::Wider, false) => watermark.wider = Some(self.window),
            (Purpose::Changes, true) => {
                // Without HubSpot's clock nothing says up to when this holds.
                if self.context.started.is_some() {
                    watermark.reached(&self.window);
                }
                watermark.unsearchable = None;
                let at = self.context.now();
                self.mark.state = StreamState::Done;
                (self.mark.reason, self.mark.missing_scopes) = (None, Vec::new());
                self.mark.last_good_at = Some(at.to_string());
            }
            (Purpose::Wider, true) => {
                watermark.wider = None;
                self.mark.since = Some(self.window.from);
            }
        }
        if idle && !page.ended {
            return Ok(());
        }
        let point = (mark::stream_key(self.kind.object.as_str()), mark::to_json(&self.mark));
        commit(self.context, self.kind, self.asked, page.read, Some(point), Finds::All).await
    }

    async fn save(&self) -> Result<(), Error> {
        let name = self.kind.object.as_str();
        mark::write_stream(&self.context.writer, name, &self.mark, self.context.now()).await
    }
}

/// What a search call is worth in general ones: how much faster that pool is.
fn search_weight(context: &Context) -> f64 {
    let limits = context.client.limits();
    let per_second = |pool: &hubspot::PoolSnapshot| {
        Some(f64::from(pool.max?) / pool.interval.as_secs_f64().max(0.001)).filter(|rate| *rate > 0.0)
    };
    match (per_second(&limits.general), per_second(&limits.search)) {
        (Some(general), Some(search)) => (general / search).max(1.0),
        _ => window::SEARCH_WEIGHT,
    }
}

async fn search(
    context: &Context,
    kind: &ObjectKind,
    window: OpenWindow,
    past: i64,
    after: Option<String>,
) -> Result<Found, Halt> {
    let stamp = &kind.modified_property;
    let mut filters = vec![
        Filter::new(stamp.clone(), Op::Gte, window.from.to_string()),
        Filter::new(stamp.clone(), Op::Lt, window.to.to_string()),
    ];
    let id = crm::PropertyName::from("hs_object_id");
    if past > 0 {
        filters.push(Filter::new(id.clone(), Op::Gt, past.to_string()));
    }
    let properties = [id.clone(), stamp.clone()];
    let search = Search {
        kind,
        filters,
        sorts: Some((id, false)),
        properties: &properties,
        limit: window::SEARCH_PAGE,
        after,
    };
    let page = context.send(&search).await?;
    let rows: Vec<_> = page.records.iter().map(|record| (record.id, record.updated_at)).collect();
    let ids: Vec<i64> = rows.iter().map(|(id, _)| id.get()).collect();
    let strange: Vec<RecordId> =
        page.unreadable.iter().filter_map(|row| row.id.as_deref()?.parse().ok()).collect();
    let next = match window::next(&ids, past, page.after.as_deref()) {
        // A page of nothing but strange rows is not an empty one: the next begins beyond them.
        Next::Over { .. } if !strange.is_empty() => {
            Next::Beyond(strange.iter().map(|id| id.get()).max().unwrap_or(past))
        }
        next => next,
    };
    Ok(Found { rows, strange, total: page.total, next })
}

async fn read(context: &Context, kind: &ObjectKind, asked: &Asked, ids: &[RecordId]) -> Result<Read, Halt> {
    let mut batches = Vec::new();
    for ids in ids.chunks(BATCH) {
        batches.push(fetch::batch(context, kind, asked, ids, false));
    }
    let mut read = Read::default();
    for (records, unreadable) in futures::future::try_join_all(batches).await? {
        read.records.extend(records);
        read.unreadable.extend(unreadable);
    }
    let answered = |id: &RecordId| {
        read.records.iter().any(|record| record.id == *id)
            || read.unreadable.iter().any(|row| row.id.as_deref() == Some(&id.to_string()))
    };
    read.absent = ids.iter().filter(|id| !answered(id)).copied().collect();
    Ok(read)
}

async fn commit(
    context: &Context,
    kind: &ObjectKind,
    asked: &Asked,
    read: Read,
    point: Option<(String, String)>,
    finds: Finds,
) -> Result<(), Halt> {
    let (object, at, scope) = (kind.object.clone(), context.now(), asked.scope());
    let quarantined = read.unreadable.len() as u64;
    let stored = context
        .writer
        .call(move |store| {
            store.commit_changes(&ChangesCommit {
                object: &object,
                records: &read.records,
                unreadable: &read.unreadable,
                absent: &read.absent,
                asked: scope.kept(),
                at,
                point: point.as_ref().map(|(key, json)| (&**key, &**json)),
            })
        })
        .await?;
    context.count(&stored, finds);
    context.board.stream(&kind.object, |stream| stream.quarantined += quarantined);
    context.board.committed(stored.inserted + stored.updated + stored.unchanged);
    Ok(())
}

impl Read {
    fn is_empty(&self) -> bool {
        self.records.is_empty() && self.unreadable.is_empty() && self.absent.is_empty()
    }
}

/// What a type is listed for, as a line of the run's story.
pub(crate) async fn tell_why(context: &Context, kind: &ObjectKind, why: Why) -> Result<(), Error> {
    let (level, code, reason) = match why {
        Why::Cheaper => (Level::Info, "listed_again", "that costs less than reading the changes one by one"),
        Why::Unordered => (Level::Warn, "search_unordered", "search does not answer in the order of ids"),
        Why::Refused => (Level::Info, "search_refused", "this type cannot be searched"),
    };
    let message = format!("{} are listed again: {reason}.", kind.plural);
    context.tell(level, code, Some(&kind.object), message).await
}
