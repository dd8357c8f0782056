//! Doctor: is everything as it should be? Checks run side by side, the slow ones last; each can be run alone, and one that
//! fails itself is one row. Deliberately absent: mending, and what a check looks at (`here`, `there`).

mod here;
mod plan;
mod there;
mod watch;

pub(crate) use here::probe_vault;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use crm::{ConnectionId, Timestamp};
use futures::future::join_all;

use crate::{
    core::{Core, clock, lock},
    errors,
    requests::millis,
    wire::{Code, CoreEvent, Doctor, DoctorOutcome, DoctorRequest, DoctorRow, RunDoctor, WireError},
};
use plan::{Check, Planned, Turn};

/// A check that has been running for this long says so.
const LONG: Duration = Duration::from_secs(10);

/// What the checks of this process have found so far.
#[derive(Default)]
pub(crate) struct Ward {
    kept: Mutex<Kept>,
    /// One round at a time.
    turn: Arc<tokio::sync::Mutex<()>>,
}

#[derive(Default)]
struct Kept {
    rows: HashMap<String, DoctorRow>,
    running: bool,
    ran_at: Option<Timestamp>,
}

/// What a check found.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Finding {
    Fine(String),
    Look(String, Option<WireError>),
    NotApplicable(String),
}

/// How the checks stand.
pub async fn doctor(core: &Core, _: DoctorRequest) -> Result<Doctor, WireError> {
    shown(core).await
}

/// Starts checks in the background; a round that is under way goes on instead.
pub async fn run_doctor(core: &Core, request: RunDoctor) -> Result<Doctor, WireError> {
    let wanted = wanted(core, &request.only).await?;
    if let Ok(turn) = Arc::clone(&core.0.doctor.turn).try_lock_owned() {
        let round = Round::begin(core, wanted, request.only.is_empty());
        tokio::spawn(async move {
            round.run().await;
            drop(turn);
        });
    }
    shown(core).await
}

/// Runs checks to their end.
pub async fn examine(core: &Core, request: RunDoctor) -> Result<Doctor, WireError> {
    let wanted = wanted(core, &request.only).await?;
    let turn = Arc::clone(&core.0.doctor.turn).lock_owned().await;
    Round::begin(core, wanted, request.only.is_empty()).run().await;
    drop(turn);
    shown(core).await
}

impl Core {
    /// The version of the web view, told by a host that has one.
    pub fn tell_web_view(&self, version: &str) {
        // A second telling says the same.
        let _ = self.0.web_view.set(version.to_owned());
    }
}

/// The checks that are asked for: by id, or by what several ids begin with (`scopes`).
async fn wanted(core: &Core, only: &[String]) -> Result<Vec<Planned>, WireError> {
    let mut all = plan::all(core).await?;
    let fits =
        |asked: &str, id: &str| id == asked || id.split_once('/').is_some_and(|(kind, _)| kind == asked);
    if let Some(unknown) = only.iter().find(|asked| !all.iter().any(|planned| fits(asked, &planned.id))) {
        let ids: Vec<&str> = all.iter().map(|planned| planned.id.as_str()).collect();
        let text = format!("There is no check “{unknown}”. There are: {}.", ids.join(", "));
        return Err(errors::say(Code::BadRequest, &text));
    }
    all.retain(|planned| only.is_empty() || only.iter().any(|asked| fits(asked, &planned.id)));
    Ok(all)
}

async fn shown(core: &Core) -> Result<Doctor, WireError> {
    let all = plan::all(core).await?;
    let kept = lock(&core.0.doctor.kept);
    let rows: Vec<DoctorRow> = all
        .iter()
        .map(|planned| kept.rows.get(&planned.id).cloned().unwrap_or_else(|| planned.row()))
        .collect();
    let verdict = if kept.running { "Checking …".to_owned() } else { verdict(&rows) };
    Ok(Doctor { verdict, rows, running: kept.running, ran_at: kept.ran_at.map(|at| at.to_string()) })
}

fn verdict(rows: &[DoctorRow]) -> String {
    let count = |outcome| rows.iter().filter(|row| row.outcome == outcome).count();
    let (fine, look, broken) =
        (count(DoctorOutcome::Fine), count(DoctorOutcome::Look), count(DoctorOutcome::Broken));
    match (fine, look, broken) {
        (0, 0, 0) => "Nothing has been checked yet.".to_owned(),
        (_, 0, 0) => "Everything works.".to_owned(),
        (_, 1, 0) => format!("{fine} good, 1 to look at. If nothing bothers you, you can ignore it."),
        (_, _, 0) => format!("{fine} good, {look} to look at. If nothing bothers you, you can ignore them."),
        (_, 0, _) => format!("{fine} good, {broken} broken."),
        _ => format!("{fine} good, {look} to look at, {broken} broken."),
    }
}

/// One round over the checks that were asked for.
struct Round {
    core: Core,
    wanted: Vec<Planned>,
    whole: bool,
    visits: HashMap<ConnectionId, there::Visit>,
    contact: tokio::sync::OnceCell<there::Contact>,
    patience: Duration,
}

impl Round {
    fn begin(core: &Core, wanted: Vec<Planned>, whole: bool) -> Arc<Round> {
        let mut kept = lock(&core.0.doctor.kept);
        kept.running = true;
        for planned in &wanted {
            kept.rows.insert(planned.id.clone(), planned.row());
        }
        drop(kept);
        core.tell(CoreEvent::DoctorChanged);
        Arc::new(Round {
            core: core.clone(),
            wanted,
            whole,
            visits: HashMap::new(),
            contact: tokio::sync::OnceCell::new(),
            patience: LONG,
        })
    }

    /// Side by side; then what looks back on the others; then, one after the other, what takes long.
    async fn run(mut self: Arc<Round>) {
        let connections = plan::usable(&self.core).await.unwrap_or_default();
        if let Some(round) = Arc::get_mut(&mut self) {
            round.visits =
                connections.into_iter().map(|one| (one.id.clone(), there::Visit::new(one))).collect();
        }
        let of = |turn: Turn| self.wanted.iter().filter(move |planned| planned.check.turn() == turn);
        join_all(of(Turn::Together).map(|planned| self.check(planned))).await;
        for planned in of(Turn::After).chain(of(Turn::Slow)) {
            self.check(planned).await;
        }
        let mut kept = lock(&self.core.0.doctor.kept);
        kept.running = false;
        if self.whole {
            kept.ran_at = Some(clock());
        }
        drop(kept);
        self.core.tell(CoreEvent::DoctorChanged);
    }

    async fn check(self: &Arc<Round>, planned: &Planned) {
        self.watch(planned, look(Arc::clone(self), planned.clone())).await;
    }

    /// Runs a check on a task of its own, so that one that panics is a row like any other.
    async fn watch(
        &self,
        planned: &Planned,
        work: impl Future<Output = Result<Finding, WireError>> + Send + 'static,
    ) {
        self.update(planned, |row| row.outcome = DoctorOutcome::Running);
        let started = Instant::now();
        let mut work = tokio::spawn(work);
        let ended = tokio::select! {
            ended = &mut work => ended,
            () = tokio::time::sleep(self.patience) => {
                self.update(planned, |row| row.long = true);
                work.await
            }
        };
        let ms = millis(started.elapsed());
        self.update(planned, |row| {
            row.ms = Some(ms);
            row.long = false;
            match ended {
                Ok(Ok(Finding::Fine(sentence))) => {
                    (row.outcome, row.sentence) = (DoctorOutcome::Fine, sentence);
                }
                Ok(Ok(Finding::Look(sentence, error))) => {
                    (row.outcome, row.sentence, row.error) = (DoctorOutcome::Look, sentence, error);
                }
                Ok(Ok(Finding::NotApplicable(sentence))) => {
                    (row.outcome, row.sentence) = (DoctorOutcome::NotApplicable, sentence);
                }
                Ok(Err(error)) => {
                    row.outcome = DoctorOutcome::Broken;
                    row.sentence.clone_from(&error.title);
                    row.error = Some(error);
                }
                // What it said is in the log; here it could be anything.
                Err(_) => {
                    row.outcome = DoctorOutcome::Broken;
                    "This check itself failed.".clone_into(&mut row.sentence);
                    row.error = Some(errors::internal(&format!("the check {} panicked", row.id)));
                }
            }
        });
    }

    fn update(&self, planned: &Planned, change: impl FnOnce(&mut DoctorRow)) {
        let mut kept = lock(&self.core.0.doctor.kept);
        change(kept.rows.entry(planned.id.clone()).or_insert_with(|| planned.row()));
        drop(kept);
        self.core.tell(CoreEvent::DoctorChanged);
    }
}

async fn look(round: Arc<Round>, planned: Planned) -> Result<Finding, WireError> {
    let core = &round.core;
    match planned.check {
        Check::App => Ok(here::app()),
        Check::WebView => Ok(here::web_view(core)),
        Check::Folder => core.blocking(here::folder).await,
        Check::Disk => core.blocking(here::disk).await,
        Check::Keychain => core.blocking(here::keychain).await,
        Check::Formats => core.blocking(here::formats).await,
        Check::Database(depth) => core.blocking(move |core| here::database(core, depth)).await,
        Check::Copy(id, depth) => core.blocking(move |core| here::copy(core, &id, depth)).await,
        Check::Watermark(id) => core.blocking(move |core| watch::watermark(core, &id)).await,
        Check::Queue(id) => core.blocking(move |core| watch::queue(core, &id)).await,
        Check::Requests => Ok(here::requests(core)),
        Check::Reachable => there::reachable(&round).await,
        Check::Proxy => there::proxy(&round).await,
        Check::Clock => there::clock(&round).await,
        Check::Key(id) => there::key(&round, &id).await,
        Check::Scopes(id) => there::scopes(&round, &id).await,
        Check::Budget(id) => there::budget(&round, &id).await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Place;

    fn core() -> (tempfile::TempDir, Core) {
        let folder = tempfile::tempdir().unwrap();
        let core = Core::open(Place::from_env(Some(folder.path().join("home"))), None).unwrap();
        (folder, core)
    }

    fn row(outcome: DoctorOutcome) -> DoctorRow {
        DoctorRow { outcome, ..plan::here("app", "App", Check::App).row() }
    }

    #[test]
    fn the_verdict_says_how_bad_it_is() {
        use DoctorOutcome::{Broken, Fine, Look, NotApplicable};
        for (outcomes, said) in [
            (&[][..], "Nothing has been checked yet."),
            (&[Fine, NotApplicable, Fine], "Everything works."),
            (&[Fine, Look], "1 good, 1 to look at. If nothing bothers you, you can ignore it."),
            (&[Fine, Look, Look], "1 good, 2 to look at. If nothing bothers you, you can ignore them."),
            (&[Fine, Broken], "1 good, 1 broken."),
            (&[Broken, Look], "0 good, 1 to look at, 1 broken."),
        ] {
            let rows: Vec<DoctorRow> = outcomes.iter().map(|outcome| row(*outcome)).collect();
            assert_eq!(verdict(&rows), said);
        }
    }

    #[tokio::test]
    async fn a_check_that_panics_is_one_broken_row() {
        let (_folder, core) = core();
        let planned = plan::here("app", "App", Check::App);
        let round = Round::begin(&core, vec![planned.clone()], false);
        round.watch(&planned, async { panic!("on purpose") }).await;
        let shown = shown(&core).await.unwrap();
        let row = shown.rows.iter().find(|row| row.id == "app").unwrap();
        assert_eq!(
            (row.outcome, row.sentence.as_str()),
            (DoctorOutcome::Broken, "This check itself failed.")
        );
        assert_eq!(row.error.as_ref().map(|error| error.code), Some(Code::Internal));
    }

    #[tokio::test]
    async fn a_check_that_takes_unusually_long_says_so_while_it_runs() {
        let (_folder, core) = core();
        let planned = plan::here("app", "App", Check::App);
        let mut round = Round::begin(&core, vec![planned.clone()], false);
        Arc::get_mut(&mut round).unwrap().patience = Duration::ZERO;
        let (go, wait) = tokio::sync::oneshot::channel();
        let mut events = core.events();
        let watched = tokio::spawn({
            let planned = planned.clone();
            async move {
                let work = async {
                    wait.await.unwrap();
                    Ok(Finding::Fine("at last".to_owned()))
                };
                round.watch(&planned, work).await;
            }
        });
        let look = || lock(&core.0.doctor.kept).rows["app"].clone();
        while !look().long {
            events.recv().await.unwrap();
        }
        assert_eq!(look().outcome, DoctorOutcome::Running);
        go.send(()).unwrap();
        watched.await.unwrap();
        assert_eq!((look().long, look().outcome), (false, DoctorOutcome::Fine));
    }

    #[tokio::test]
    async fn checks_are_asked_for_by_their_ids_and_an_unknown_one_is_named() {
        let (_folder, core) = core();
        let only = |ids: &[&str]| RunDoctor { only: ids.iter().map(|&id| id.to_owned()).collect() };
        let error = examine(&core, only(&["app", "spleen"])).await.unwrap_err();
        assert_eq!(error.code, Code::BadRequest);
        assert!(error.text.contains("“spleen”") && error.text.contains("keychain"), "{error}");
        let found = examine(&core, only(&["app", "database"])).await.unwrap();
        let ran: Vec<&str> = found
            .rows
            .iter()
            .filter(|row| row.outcome != DoctorOutcome::Next)
            .map(|row| row.id.as_str())
            .collect();
        assert_eq!(ran, ["app", "database"]);
        assert_eq!(found.ran_at, None, "that was no whole round");
        assert!(!found.running);
    }
}
