//! Whatever people do while whatever goes wrong: after a quiet sync the copy equals the portal.
//!
//! Every case is made by chance from a seed and a round, and can be had again by naming them. `PORTSIDE_SEED` chooses
//! the seed, `PORTSIDE_RANDOM_SECONDS` for how long cases are tried, `PORTSIDE_ROUND` one single round.

mod chance;
mod scene;

use std::time::{Duration, Instant};

use simulator::{Change, Faults, Simulator};
use sync::RunKind;
use tokio_util::sync::CancellationToken;

use crate::rig::{
    Copy, portal,
    truth::{Compared, differences, gone},
};
use chance::Chance;

const SECONDS: u64 = 60;
/// Longer than any case takes on a machine that does ten other things.
const PATIENCE: Duration = Duration::from_mins(5);
/// Every cadence is due after so long.
const EIGHT_DAYS: Duration = Duration::from_hours(8 * 24);

/// Seeds and rounds that failed once.
const FAILED: &[(u64, u64)] = &[];

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

#[test]
fn whatever_happens_meanwhile_a_quiet_sync_ends_equal_to_the_portal() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let runtime = runtime.expect("a runtime");
    let seed = number("PORTSIDE_SEED").unwrap_or(1);
    let until = Instant::now() + Duration::from_secs(number("PORTSIDE_RANDOM_SECONDS").unwrap_or(SECONDS));
    let rounds: Box<dyn Iterator<Item = (u64, u64)>> = match number("PORTSIDE_ROUND") {
        Some(round) => Box::new(std::iter::once((seed, round))),
        None => Box::new(FAILED.iter().copied().chain((0..).map(|round| (seed, round)))),
    };
    let mut tried = 0;
    for (seed, round) in rounds.take_while(|_| Instant::now() < until) {
        let mut told = Vec::new();
        let case = case(Chance::new(seed, round), &mut told);
        let ended = runtime.block_on(async { tokio::time::timeout(PATIENCE, case).await });
        let wrong = ended.unwrap_or_else(|_| vec!["it does not end".to_owned()]);
        assert!(
            wrong.is_empty(),
            "PORTSIDE_SEED={seed} PORTSIDE_ROUND={round}\n{}\n--- and then:\n{}",
            told.join("\n"),
            wrong.join("\n")
        );
        tried += 1;
    }
    eprintln!("{tried} cases of PORTSIDE_SEED={seed}");
    assert!(tried > 0);
}

/// One case to its end; what is wrong then. What is done is told on the way.
async fn case(mut chance: Chance, told: &mut Vec<String>) -> Vec<String> {
    let chance = &mut chance;
    let config = scene::config(chance);
    told.push(format!("{} contacts, seed {}, {:?}", config.contacts, config.seed, config.switches));
    let portal = portal(config).await;
    let mut copy = Copy::new();
    let mut removed = Vec::new();
    for nth in 0..=1 + chance.below(3) {
        if nth > 0 {
            let made = scene::edits(chance, &portal);
            note_removed(&made, &mut removed);
            let pause = scene::pause(chance);
            portal.edit().move_clock(pause);
            told.push(format!("edits {made:?}, then {} minutes", pause / 60_000));
        }
        let script = scene::script(chance, &portal);
        note_removed(script.iter().map(|step| &step.change), &mut removed);
        let faults = scene::faults(chance);
        copy.options.kind = if nth == 0 { RunKind::Sync } else { scene::run_kind(chance) };
        copy.options.full = chance.one_in(12);
        let cut = chance.one_in(4).then(|| 1 + chance.below(150));
        told.push(format!("run {:?} full {} with {:?}", copy.options.kind, copy.options.full, faults.rules));
        told.push(format!("cut after {cut:?} calls; script {script:?}"));
        portal.script().set(script);
        portal.faults().set(faults);
        portal.reset_ledger();
        let ended = run(&copy, &portal, cut).await;
        told.push(format!("ended: {ended:?}; script {:?}", portal.script().states()));
    }
    portal.script().set(Vec::new());
    portal.faults().set(Faults::default());
    portal.reset_ledger();
    (copy.options.kind, copy.options.full) = (RunKind::Sync, false);
    // What was cut is gone on with, and ends where it would have ended.
    let finished = copy.run(&portal).await;
    portal.clock().advance(EIGHT_DAYS);
    let outcome = copy.run(&portal).await;
    told.push(format!("at last: {:?}, then {:?}", finished.stop, outcome.stop));
    let mut wrong: Vec<String> = outcome
        .streams
        .iter()
        .filter(|stream| stream.state != sync::StreamState::Done)
        .map(|stream| format!("{stream:?}"))
        .collect();
    wrong.extend(outcome.stop.map(|stop| format!("stopped: {stop:?}")));
    let compared = Compared { removed: &removed, without_links_of_archived: true, ..Compared::default() };
    wrong.extend(differences(&copy.look(), &portal, &compared));
    wrong.extend(gone(&copy.look(), &portal));
    let ledger = portal.ledger();
    if ledger.refused > 0 || ledger.peak > 16 {
        wrong.push(format!("{} refused, {} at once", ledger.refused, ledger.peak));
    }
    wrong
}

fn note_removed<'a>(changes: impl IntoIterator<Item = &'a Change>, removed: &mut Vec<(String, String)>) {
    for change in changes {
        if let Change::RemoveProperty { object, name } = change {
            removed.push((object.clone(), name.clone()));
        }
    }
}

/// A run, to its end or cut after so many calls.
async fn run(copy: &Copy, portal: &Simulator, cut: Option<u64>) -> Option<sync::Stop> {
    let cancel = CancellationToken::new();
    let run = sync::run(copy.job(&portal.base_url(), portal.token(), cancel.clone()));
    tokio::pin!(run);
    if let Some(calls) = cut {
        tokio::select! {
            outcome = &mut run => return outcome.stop,
            () = portal.calls_reached(calls) => cancel.cancel(),
        }
    }
    run.await.stop
}
