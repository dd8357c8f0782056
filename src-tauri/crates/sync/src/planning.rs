//! The plan of a run: asked for before it starts, foretold while it counts, and kept beside what it took in the end.

use std::{
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use crm::{ObjectType, PropertyName, Sensitivity, Timestamp};
use hubspot::{Client, Daily, Endpoint, ObjectKind, Usage, endpoint::Schemas};
use serde::{Deserialize, Serialize};
use store::Reader;

use crate::{
    Calls, Error, ImportMark, Plan, StreamMark, StreamState,
    context::Context,
    definitions::{self, Portal},
    error::Halt,
    learned, links, mark,
    plan::{
        Supply, Volume,
        predict::{Basis, TypeBasis, predict},
    },
    trust::{self, Size},
    way::{Lengths, NamesLength},
};

/// What is to be planned.
pub struct PlanJob {
    pub client: Client,
    /// None where nothing has been copied yet.
    pub mirror: Option<PathBuf>,
    pub since: Option<Timestamp>,
    pub full: bool,
    pub granted: Option<Vec<String>>,
    /// Types that somebody chose to leave out.
    pub left_out: Vec<ObjectType>,
}

/// A plan, and how the day's calls stand.
#[derive(Debug, Clone)]
pub struct Planned {
    pub plan: Plan,
    pub daily: Option<Daily>,
    /// Types that are left out, with their labels.
    pub left_out: Vec<(ObjectType, String)>,
}

/// What the last copy of everything was to cost, and what it did cost.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PlanMark {
    /// The run it belongs to, by its beginning.
    pub began: i64,
    pub plan: Plan,
    pub fact: Option<Fact>,
    /// The run was cut and continued: the fact is that of its last part.
    pub interrupted: bool,
    /// Bytes of the mirror when it was foretold.
    pub bytes_before: u64,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Fact {
    pub calls: Calls,
    pub millis: u64,
    pub bytes: u64,
}

const KEY: &str = "plan";

/// The plan and the fact of the last copy of everything, from a reader.
pub fn plan_mark(reader: &Reader) -> Result<Option<PlanMark>, Error> {
    Ok(reader.checkpoint(KEY)?.and_then(|json| serde_json::from_str(&json).ok()))
}

/// What the mirror knows of one type.
#[derive(Debug, Clone, Default)]
struct Here {
    names: Vec<PropertyName>,
    mark: StreamMark,
    live: u64,
}

/// Plans the next run. It counts the records of each type, and reads definitions where none are here; nothing is written.
pub async fn plan(job: PlanJob) -> Result<Planned, Error> {
    let mut asking = Asking { client: job.client, latency: None };
    let mirror = job.mirror.clone();
    let read = tokio::task::spawn_blocking(move || mirror.map(|path| Kept::read(&path)).transpose());
    let kept = read.await.map_err(|_| Error::WriterGone)??.unwrap_or_default();
    let (import, tried) = match &kept.import {
        Some(import) => (import.clone(), 0),
        None => (asking.import().await?, hubspot::catalog::rarer().len() as u64),
    };
    let mut portal = definitions::portal_of(&import);
    let left_out = portal.kinds.extract_if(.., |kind| job.left_out.contains(&kind.object));
    let left_out = left_out.map(|kind| (kind.object, kind.plural)).collect();
    let mut types = Vec::with_capacity(portal.kinds.len());
    let mut defined = 0;
    // The first time, and daily, those of sensitive properties and of groups are read as well.
    let first = !import.first_done || job.full;
    let each = if first { 4 } else { 1 };
    for kind in &portal.kinds {
        let missing = kind.missing(job.granted.as_deref()).unwrap_or_default();
        let missing: Vec<String> = missing.into_iter().map(str::to_owned).collect();
        let mut here = kept.of(kind)?;
        if missing.is_empty() && here.names.is_empty() {
            here.names = asking.names(kind).await?;
        }
        defined += if missing.is_empty() { each + u64::from(kind.pipelines) } else { 0 };
        types.push(asking.type_basis(kind, missing, here, &kept, job.since, job.full).await?);
    }
    // Account, schemas, owners live and archived, users and teams; and the types that not every portal has.
    let definitions = Calls { general: defined + 6 + tried, ..Calls::default() };
    let limits = asking.client.limits();
    let basis = Basis {
        supply: Supply::of(&limits, asking.latency.unwrap_or(Duration::from_millis(300))),
        lengths: kept.lengths,
        definitions,
        labels: if import.first_done { 0 } else { labels(&portal, &types) },
        pairs: pairs(&portal, &types, job.since.is_some()),
        types,
        windowed: job.since.is_some(),
    };
    Ok(Planned { plan: predict(&basis), daily: limits.daily, left_out })
}

/// What an earlier run left.
#[derive(Default)]
struct Kept {
    /// Held over questions to HubSpot, so that hosts may move the plan between threads.
    reader: Option<Mutex<Reader>>,
    import: Option<ImportMark>,
    lengths: Lengths,
    record_bytes: Option<f64>,
}

/// From so many records on, what they take on the disk is measured instead of guessed.
const MEASURED_MIN: u64 = 1_000;

impl Kept {
    fn read(path: &std::path::Path) -> Result<Kept, Error> {
        let reader = Reader::open(path)?;
        let mut records = 0;
        for object in reader.objects()? {
            records += reader.counts(&object.object)?.live;
        }
        Ok(Kept {
            import: mark::import_mark(&reader)?,
            lengths: learned::lengths(&reader)?,
            record_bytes: record_bytes(records, reader.size_bytes()?),
            reader: Some(Mutex::new(reader)),
        })
    }

    fn of(&self, kind: &ObjectKind) -> Result<Here, Error> {
        let Some(reader) = &self.reader else { return Ok(Here::default()) };
        let reader = &*reader.lock().unwrap_or_else(PoisonError::into_inner);
        if reader.object(&kind.object).is_err() {
            return Ok(Here::default());
        }
        Ok(Here {
            names: reader.stored_properties(&kind.object)?,
            mark: mark::stream_mark(reader, kind.object.as_str())?.unwrap_or_default(),
            live: reader.counts(&kind.object)?.live,
        })
    }
}

fn record_bytes(records: u64, size: u64) -> Option<f64> {
    (records >= MEASURED_MIN).then(|| size as f64 / records as f64)
}

/// Disk that a record takes, with its indexes: some properties are filled nearly always, of many only a few.
fn guessed_bytes(properties: usize) -> f64 {
    400.0 + 70.0 * (properties.min(60) as f64 + properties.saturating_sub(60) as f64 * 0.05)
}

/// Questions asked before a run, and how quickly they were answered.
struct Asking {
    client: Client,
    latency: Option<Duration>,
}

impl Asking {
    async fn send<E: Endpoint>(&mut self, endpoint: &E) -> Result<E::Output, hubspot::Error> {
        let asked = Instant::now();
        let answer = self.client.send(endpoint).await;
        self.took(asked);
        answer
    }

    fn took(&mut self, asked: Instant) {
        let took = asked.elapsed();
        self.latency = Some(self.latency.map_or(took, |quickest| quickest.min(took)));
    }

    async fn import(&mut self) -> Result<ImportMark, Error> {
        let answer = self.send(&Schemas).await;
        let custom = tolerate(answer)?.unwrap_or_default().iter().map(definitions::mark_of).collect();
        Ok(ImportMark { custom, ..ImportMark::default() })
    }

    async fn names(&mut self, kind: &ObjectKind) -> Result<Vec<PropertyName>, Error> {
        let properties = hubspot::endpoint::Properties { kind, sensitivity: Sensitivity::NonSensitive };
        let answer = self.send(&properties).await;
        let known = tolerate(answer)?.unwrap_or_default();
        Ok(known.into_iter().filter(definitions::is_asked).map(|property| property.name).collect())
    }

    async fn type_basis(
        &mut self,
        kind: &ObjectKind,
        missing_scopes: Vec<String>,
        here: Here,
        kept: &Kept,
        since: Option<Timestamp>,
        full: bool,
    ) -> Result<TypeBasis, Error> {
        let same_window = here.mark.since == since.map(Timestamp::millis);
        let changes = here.mark.first_pass_done && !here.mark.pass_open && same_window && !full;
        // What the next run asks for: changes since the last one began, or everything in the window.
        let from = if changes { changed_from(&here.mark).or(since) } else { since };
        let size = if missing_scopes.is_empty() {
            let asked = Instant::now();
            let answer = trust::size(&self.client, kind, from).await;
            self.took(asked);
            tolerate(answer)?
        } else {
            None
        };
        let size = size.unwrap_or(Size { total: here.live, exact: false, overall: here.live, top: None });
        let volume = Volume {
            inside: size.total,
            overall: size.overall,
            names: NamesLength::of(&here.names),
            searchable: here.mark.is_searchable() && !here.mark.first_pass_done,
        };
        Ok(TypeBasis {
            object: kind.object.to_string(),
            label: kind.plural.clone(),
            volume,
            exact: size.exact,
            properties: here.names.len() as u64,
            changes,
            record_bytes: kept.record_bytes.unwrap_or_else(|| guessed_bytes(here.names.len())),
            here: here.live,
            missing_scopes,
        })
    }
}

/// Where the next window of changes begins, an hour before the last one ended.
fn changed_from(mark: &StreamMark) -> Option<Timestamp> {
    let to = mark.watermark.to.unwrap_or(mark.began);
    (to > 0).then(|| Timestamp::from_millis(to).minus(Duration::from_mins(65)))
}

/// A question whose answer is refused leaves the plan without it; what would stop a run stops the plan.
fn tolerate<T>(answer: Result<T, hubspot::Error>) -> Result<Option<T>, Error> {
    match answer.map_err(Error::from) {
        Ok(answer) => Ok(Some(answer)),
        Err(error) if error.stops_the_run() => Err(error),
        Err(_) => Ok(None),
    }
}

/// Records of a type that is not skipped.
fn inside(types: &[TypeBasis], object: &ObjectType) -> Option<u64> {
    let known = types.iter().find(|known| known.object == object.as_str());
    known.filter(|known| known.missing_scopes.is_empty()).map(|known| known.volume.inside)
}

/// The labels of a pair are asked in both directions, where it has links at all.
fn labels(portal: &Portal, types: &[TypeBasis]) -> u64 {
    let has = |object: &ObjectType| inside(types, object).is_some_and(|records| records > 0);
    let pairs = links::pairs(portal);
    let linked = pairs.iter().filter(|pair| has(&pair.a.object) && has(&pair.b.object));
    linked.map(|pair| if pair.a.object == pair.b.object { 1 } else { 2 }).sum()
}

/// Records whose links are asked, for each reading of a pair.
fn pairs(portal: &Portal, types: &[TypeBasis], windowed: bool) -> Vec<u64> {
    let mut asked = Vec::new();
    for pair in links::pairs(portal) {
        let (Some(a), Some(b)) = (inside(types, &pair.a.object), inside(types, &pair.b.object)) else {
            continue;
        };
        if windowed && pair.a.object != pair.b.object {
            asked.extend([a, b]);
        } else {
            asked.push(a.min(b));
        }
    }
    asked
}

/// Beside the first pages of a whole copy: once every type is counted, foretells what the run will take, and keeps it.
pub(crate) async fn foretell(
    context: &Context,
    portal: &Arc<Portal>,
    (first, full): (bool, bool),
) -> Result<(), Halt> {
    if !first && !full {
        return Ok(());
    }
    let began = context.began.millis();
    let mut mark: PlanMark = mark::read(&context.writer, KEY.to_owned()).await?;
    if mark.began == began {
        mark.interrupted = true;
        return Ok(mark::write(&context.writer, KEY.to_owned(), &mark, context.now()).await?);
    }
    let definitions = Calls { general: context.client.usage().general, ..Calls::default() };
    let bytes_before = context.writer.read(Reader::size_bytes).await?;
    let mut changes = context.board.changes();
    while context.board.snapshot().streams.iter().any(|stream| {
        stream.total.is_none() && !matches!(stream.state, StreamState::Skipped | StreamState::Failed)
    }) {
        context.unless_cancelled(changes.changed()).await?.map_err(|_| Error::WriterGone)?;
    }
    let mut types = Vec::with_capacity(portal.kinds.len());
    for kind in &portal.kinds {
        types.push(counted(context, kind).await?);
    }
    let windowed = context.since.is_some();
    let basis = Basis {
        supply: Supply::of(&context.client.limits(), context.latency()),
        lengths: context.lengths(),
        definitions,
        labels: if first { labels(portal, &types) } else { 0 },
        pairs: pairs(portal, &types, windowed),
        types,
        windowed,
    };
    let mark = PlanMark { began, plan: predict(&basis), fact: None, interrupted: false, bytes_before };
    Ok(mark::write(&context.writer, KEY.to_owned(), &mark, context.now()).await?)
}

async fn counted(context: &Context, kind: &ObjectKind) -> Result<TypeBasis, Error> {
    let mark = mark::read_stream(&context.writer, kind.object.as_str()).await?;
    let names = definitions::asked(context, kind).await?.names();
    let object = kind.object.clone();
    let here = context.writer.call(move |store| store.counts(&object)).await?.live;
    let skipped = matches!(mark.state, StreamState::Skipped | StreamState::Failed);
    let inside = mark.total.unwrap_or(here);
    Ok(TypeBasis {
        object: kind.object.to_string(),
        label: kind.plural.clone(),
        volume: Volume {
            inside,
            overall: mark.overall.unwrap_or(inside),
            names: NamesLength::of(&names),
            searchable: mark.is_searchable() && !mark.first_pass_done,
        },
        exact: mark.total_exact,
        properties: names.len() as u64,
        changes: false,
        record_bytes: guessed_bytes(names.len()),
        // What the first pages brought meanwhile is not here already.
        here: if mark.first_pass_done { here } else { 0 },
        missing_scopes: if skipped { vec![mark.reason.unwrap_or_default()] } else { Vec::new() },
    })
}

/// Puts what the run took beside what was foretold of it.
pub(crate) async fn settle(context: &Context, usage: &Usage, took: Duration) -> Result<(), Error> {
    let mut mark: PlanMark = mark::read(&context.writer, KEY.to_owned()).await?;
    if mark.began != context.began.millis() || mark.fact.is_some() {
        return Ok(());
    }
    let size = context.writer.read(Reader::size_bytes).await?;
    mark.fact = Some(Fact {
        calls: Calls { general: usage.general, search: usage.search, associations: usage.associations },
        millis: u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
        bytes: size.saturating_sub(mark.bytes_before),
    });
    mark::write(&context.writer, KEY.to_owned(), &mark, context.now()).await
}
