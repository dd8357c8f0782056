//! What all streams of a run share.

use std::{
    future::Future,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use crm::{ObjectType, Timestamp};
use hubspot::{Client, Endpoint, Lane};
use store::{LinksStored, NewProperties, PageStored};
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio_util::sync::CancellationToken;

use crate::{
    Board, Error, KeepHistory, RunKind,
    cadence::Moment,
    error::Halt,
    tally::{Finds, Tallies, Tally},
    way::Lengths,
    writer::WriterHandle,
};

#[derive(Clone)]
pub(crate) struct Context {
    pub(crate) client: Client,
    pub(crate) writer: WriterHandle,
    pub(crate) board: Arc<Board>,
    pub(crate) cancel: CancellationToken,
    /// Window of the run.
    pub(crate) since: Option<Timestamp>,
    pub(crate) kind: RunKind,
    /// What an earlier run left open is not continued.
    pub(crate) full: bool,
    /// Scopes known to be granted; none when HubSpot did not tell.
    pub(crate) granted: Option<Arc<[String]>>,
    pub(crate) run: i64,
    /// When the run began, by this computer's clock: it tells runs apart, and nothing else.
    pub(crate) began: Timestamp,
    /// When the run began by HubSpot's clock; none if HubSpot did not tell. Windows of changes end here.
    pub(crate) started: Option<Timestamp>,
    /// The portal's offset from UTC.
    pub(crate) utc_offset_ms: i64,
    /// Pairs whose links are being read: what a cut repeats is no more than theirs.
    pub(crate) linking: Arc<Semaphore>,
    /// What becomes of properties that the portal has made since the last look.
    pub(crate) new_properties: NewProperties,
    pub(crate) history: KeepHistory,
    /// Types that somebody chose to leave out.
    pub(crate) left_out: Arc<[ObjectType]>,
    /// About what reading all links and calculated properties takes, in calls.
    pub(crate) sweep_calls: u64,
    pub(crate) clock: fn() -> Timestamp,
    /// What the stream has done that this is the context of.
    pub(crate) tally: Arc<Tally>,
    pub(crate) tallies: Arc<Tallies>,
    learned: Arc<Learned>,
}

/// Where a stream goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pass {
    /// From the start.
    New,
    /// With what a cut run left open.
    Open,
    /// Nowhere: nothing is left of it in this run.
    Finished,
}

/// What this portal's server taught during the run.
struct Learned {
    lengths: Mutex<Lengths>,
    /// Microseconds of the quickest answer.
    latency: AtomicU64,
    /// The most inputs an association read took.
    link_inputs_max: AtomicUsize,
    /// Record streams still copying: they share the calls in flight.
    copying: AtomicUsize,
    /// The list went backwards when asked from an invented id.
    list_from_any_id_refused: AtomicBool,
}

/// Pairs whose links are read side by side: at 0.3 s an answer, enough for the largest pool.
const LINKING: usize = 8;

/// Inputs of one association read (API.md 17).
const LINK_INPUTS_MAX: usize = 1_000;

impl Context {
    #[expect(clippy::too_many_arguments, reason = "put together in one place only")]
    pub(crate) fn new(
        client: Client,
        writer: WriterHandle,
        board: Arc<Board>,
        cancel: CancellationToken,
        since: Option<Timestamp>,
        kind: RunKind,
        full: bool,
        granted: Option<Arc<[String]>>,
        run: i64,
        began: Timestamp,
        clock: fn() -> Timestamp,
    ) -> Context {
        let learned = Learned {
            lengths: Mutex::default(),
            latency: AtomicU64::new(u64::MAX),
            link_inputs_max: AtomicUsize::new(LINK_INPUTS_MAX),
            copying: AtomicUsize::new(0),
            list_from_any_id_refused: AtomicBool::new(false),
        };
        Context {
            client,
            writer,
            board,
            cancel,
            since,
            kind,
            full,
            granted,
            run,
            began,
            started: None,
            utc_offset_ms: 0,
            linking: Arc::new(Semaphore::new(LINKING)),
            new_properties: NewProperties::default(),
            history: KeepHistory::default(),
            left_out: Arc::default(),
            sweep_calls: 0,
            clock,
            tally: Arc::default(),
            tallies: Arc::default(),
            learned: Arc::new(learned),
        }
    }

    pub(crate) fn leaves_out(&self, object: &ObjectType) -> bool {
        self.left_out.contains(object)
    }

    /// What a kept pass means for this run.
    pub(crate) fn pass(&self, open: bool, since: Option<i64>, began: i64) -> Pass {
        let same_window = since == self.since.map(Timestamp::millis);
        let same_run = began == self.began.millis();
        match (open, same_window) {
            (true, true) if same_run || !self.full => Pass::Open,
            // This run had finished it before it was cut.
            (false, true) if same_run => Pass::Finished,
            _ => Pass::New,
        }
    }

    /// HubSpot's time where it has told, else this computer's.
    pub(crate) fn now(&self) -> Timestamp {
        self.client.server_time().unwrap_or_else(self.clock)
    }

    /// When the run began by HubSpot's clock; a run that was cut and goes on began where it first did.
    pub(crate) fn started_at(&self) -> Timestamp {
        self.started.unwrap_or_else(|| self.now())
    }

    /// For asking what is due.
    pub(crate) fn moment(&self) -> Moment {
        Moment { kind: self.kind, now: self.now(), utc_offset_ms: self.utc_offset_ms }
    }

    /// Whether all links, or all calculated properties, are due that were last read then.
    pub(crate) fn sweep_due(&self, last: Option<i64>) -> bool {
        let limit = self.client.limits().daily.map(|daily| daily.limit);
        self.moment().nightly(last.map(Timestamp::from_millis), self.sweep_calls, limit)
    }

    /// The same run, as one stream's: what is sent and committed is counted there.
    pub(crate) fn of(&self, stream: &str) -> Context {
        let tally = self.tallies.of(stream, self.now());
        Context { client: self.client.counted(tally.calls()), tally, ..self.clone() }
    }

    /// Counts what became of some records.
    pub(crate) fn count(&self, stored: &PageStored, finds: Finds) -> u64 {
        let now = self.now();
        let found = self.tally.records(stored, finds, now);
        if found > 0 {
            self.board.found(now);
        }
        found
    }

    /// Counts what became of some records' links.
    pub(crate) fn count_links(&self, stored: &LinksStored, failed: u64) {
        let now = self.now();
        if self.tally.links(stored, failed, now) > 0 {
            self.board.found(now);
        }
    }

    /// The same run, whose calls go in another lane.
    pub(crate) fn in_lane(&self, lane: Lane) -> Context {
        Context { client: self.client.in_lane(lane), ..self.clone() }
    }

    /// Sends one request; comes back early when the run is cancelled.
    pub(crate) async fn send<E: Endpoint>(&self, endpoint: &E) -> Result<E::Output, Halt> {
        let asked = Instant::now();
        let answer = self.unless_cancelled(self.client.send(endpoint)).await?;
        self.board.heard();
        let took = u64::try_from(asked.elapsed().as_micros()).unwrap_or(u64::MAX);
        self.learned.latency.fetch_min(took, Ordering::Relaxed);
        Ok(answer?)
    }

    /// Waits until one more pair's links may be read.
    pub(crate) async fn linking(&self) -> Result<SemaphorePermit<'_>, Halt> {
        let permit = self.unless_cancelled(self.linking.acquire()).await?;
        Ok(permit.expect("it is never closed"))
    }

    pub(crate) async fn unless_cancelled<T>(&self, work: impl Future<Output = T>) -> Result<T, Halt> {
        tokio::select! {
            biased;
            () = self.cancel.cancelled() => Err(Halt::Cancelled),
            done = work => Ok(done),
        }
    }

    /// How long requests may be, as far as known.
    pub(crate) fn lengths(&self) -> Lengths {
        *self.learned.lengths.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn set_lengths(&self, change: impl FnOnce(&mut Lengths)) {
        change(&mut self.learned.lengths.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// What the quickest answer of this run took.
    pub(crate) fn latency(&self) -> Duration {
        let micros = self.learned.latency.load(Ordering::Relaxed);
        if micros == u64::MAX { Duration::from_millis(300) } else { Duration::from_micros(micros) }
    }

    pub(crate) fn link_inputs_max(&self) -> usize {
        self.learned.link_inputs_max.load(Ordering::Relaxed)
    }

    /// Fewer inputs are taken than documented: a tenth from now on.
    pub(crate) fn fewer_link_inputs(&self) {
        self.learned.link_inputs_max.store(LINK_INPUTS_MAX / 10, Ordering::Relaxed);
    }

    pub(crate) fn refuse_list_from_any_id(&self) {
        self.learned.list_from_any_id_refused.store(true, Ordering::Relaxed);
    }

    pub(crate) fn list_from_any_id_refused(&self) -> bool {
        self.learned.list_from_any_id_refused.load(Ordering::Relaxed)
    }

    /// Calls a record stream may have in flight, so that all streams together stay within `in_flight`.
    pub(crate) fn share_of(&self, in_flight: usize) -> usize {
        (in_flight / self.learned.copying.load(Ordering::Relaxed).max(1)).max(1)
    }

    pub(crate) fn copying(&self) -> CopyingGuard {
        self.learned.copying.fetch_add(1, Ordering::Relaxed);
        CopyingGuard(Arc::clone(&self.learned))
    }

    /// Writes one line of the run's story into the mirror.
    pub(crate) async fn tell(
        &self,
        level: store::Level,
        code: &str,
        object: Option<&ObjectType>,
        message: String,
    ) -> Result<(), Error> {
        let (run, at, code, object) = (self.run, self.now(), code.to_owned(), object.cloned());
        self.writer
            .call(move |store| store.run_event(run, &store::RunEvent { at, level, code, object, message }))
            .await
    }
}

/// Counts a stream as copying until dropped.
pub(crate) struct CopyingGuard(Arc<Learned>);

impl Drop for CopyingGuard {
    fn drop(&mut self) {
        self.0.copying.fetch_sub(1, Ordering::Relaxed);
    }
}
