//! Real processes that share one connection. Each test starts its own binary again; an environment variable tells the
//! child that it is one.

use std::{
    env,
    io::{BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    sync::Arc,
};

use auth::{Kept, OauthTokens};
use hubspot::{AccountDetails, Client, TokenSource};
use store::Home;
use tokio::runtime::Runtime;

use crate::{
    endpoint::{Endpoint, FIRST_REFRESH, PORTAL},
    rig::{Connected, FolderVault, TestClock, id, options},
};

const FOLDER: &str = "PORTSIDE_TEST_FOLDER";
const DIES_AT: &str = "PORTSIDE_TEST_DIES_AT";
const TASKS: usize = 8;
/// Between a due token and one that ended long ago.
const PAUSES: [u64; 4] = [1650, 1900, 1700, 7200];

/// The binary of this test again, with one test only.
fn again(test: &str, folder: &Path) -> Command {
    let mut command = Command::new(env::current_exe().expect("this binary"));
    command.args([test, "--exact", "--nocapture", "--test-threads=1"]).env(FOLDER, folder);
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    command
}

/// What a child has of the connection: all of it comes from the folder.
fn tokens(folder: &Path, vault: &FolderVault, clock: Arc<TestClock>) -> OauthTokens {
    let Ok(Kept::Oauth(kept)) = Kept::load(vault, &id()) else { panic!("nothing is kept") };
    let home = Home::open(folder.join("home")).expect("a data folder");
    OauthTokens::with_clock(kept, &id(), Arc::new(vault.clone()), &home, &options(), clock).expect("a source")
}

struct Worker {
    child: Child,
    orders: ChildStdin,
    reports: BufReader<ChildStdout>,
}

impl Worker {
    fn start(folder: &Path) -> Worker {
        let test = "processes::two_processes_of_eight_tasks_refresh_once_for_each_expiry";
        let mut child = again(test, folder).spawn().expect("a process");
        let orders = child.stdin.take().expect("its input");
        let reports = BufReader::new(child.stdout.take().expect("its output"));
        Worker { child, orders, reports }
    }

    fn order(&mut self, seconds: u64) {
        writeln!(self.orders, "{seconds}").expect("it listens");
    }

    /// How many calls succeeded; the first failure is shown.
    fn report(&mut self) -> usize {
        let mut line = String::new();
        loop {
            line.clear();
            assert_ne!(self.reports.read_line(&mut line).expect("its output"), 0, "the process ended");
            if let Some(report) = line.split("::done ").nth(1) {
                let (count, failure) = report.trim().split_once(' ').unwrap_or((report.trim(), ""));
                assert_eq!(failure, "");
                return count.parse().expect("a count");
            }
        }
    }

    fn end(self) {
        let Worker { mut child, orders, reports } = self;
        drop(orders);
        // The test harness has its say, too.
        reports.lines().for_each(drop);
        assert!(child.wait().expect("it ends").success());
    }
}

/// Eight tasks, two calls each, whenever it is told how much time has passed.
fn work(folder: &Path) {
    let runtime = Runtime::new().expect("a runtime");
    let (vault, clock) = (FolderVault::new(folder.join("vault")), TestClock::new());
    let tokens = tokens(folder, &vault, clock.clone());
    let Ok(kept) = Kept::load(&vault, &id()) else { panic!("nothing is kept") };
    let client = Client::new(kept.api().clone(), Arc::new(tokens), options()).expect("a client");
    for order in std::io::stdin().lines() {
        clock.pass(order.expect("a line").parse().expect("seconds"));
        let results: Vec<_> = runtime.block_on(async {
            let tasks = (0..TASKS).map(|_| {
                let client = client.clone();
                tokio::spawn(async move {
                    let first = client.send(&AccountDetails).await;
                    (first, client.send(&AccountDetails).await)
                })
            });
            futures::future::join_all(tasks).await
        });
        let calls: Vec<_> = results.into_iter().map(|pair| pair.expect("no panic")).collect();
        let all = calls.iter().flat_map(|(first, second)| [first, second]);
        let failure = all.clone().find_map(|call| call.as_ref().err()).map(ToString::to_string);
        let fine = all.filter(|call| call.as_ref().is_ok_and(|account| account.portal.0 == PORTAL)).count();
        let mut out = std::io::stdout().lock();
        writeln!(out, "::done {fine} {}", failure.unwrap_or_default()).expect("somebody listens");
    }
}

#[test]
fn two_processes_of_eight_tasks_refresh_once_for_each_expiry() {
    if let Some(folder) = env::var_os(FOLDER) {
        return work(&PathBuf::from(folder));
    }
    let expiries = env::var("PORTSIDE_EXPIRIES").ok().and_then(|count| count.parse().ok()).unwrap_or(50);
    let runtime = Runtime::new().expect("a runtime");
    let connected = runtime.block_on(Connected::new());
    connected.endpoint.world().rotates = true;
    let mut workers = [(); 2].map(|()| Worker::start(connected.folder.path()));
    for expiry in 0..expiries {
        let pause = PAUSES[expiry % PAUSES.len()];
        connected.endpoint.world().now += pause;
        for worker in &mut workers {
            worker.order(pause);
        }
        for worker in &mut workers {
            assert_eq!(worker.report(), 2 * TASKS, "expiry {expiry}");
        }
        assert_eq!(connected.endpoint.world().refreshes(), expiry + 1, "expiry {expiry}");
    }
    workers.into_iter().for_each(Worker::end);
    assert_eq!(connected.endpoint.world().refused_bearers, 0);
}

/// Asks for a token, and dies when it is about to be kept.
fn die(folder: &Path, at: &'static str) {
    let runtime = Runtime::new().expect("a runtime");
    let (vault, clock) = (FolderVault::new(folder.join("vault")), TestClock::new());
    clock.pass(1800);
    vault.die_at(at);
    let token = runtime.block_on(tokens(folder, &vault, clock).token());
    panic!("it outlived its death: {token:?}");
}

fn killed_at(entry: &str, folder: &Path) {
    let test = "processes::a_death_between_answer_and_vault_is_survived_by_the_next_start";
    let output = again(test, folder).env(DIES_AT, entry).output().expect("a process");
    assert!(!output.status.success());
    assert!(!String::from_utf8_lossy(&output.stdout).contains("outlived"), "{output:?}");
}

#[test]
fn a_death_between_answer_and_vault_is_survived_by_the_next_start() {
    if let Some(folder) = env::var_os(FOLDER) {
        let lasting = env::var(DIES_AT).is_ok_and(|entry| entry == "connection/acme");
        return die(
            &PathBuf::from(folder),
            if lasting { "connection/acme" } else { "connection/acme/access" },
        );
    }
    let runtime = Runtime::new().expect("a runtime");
    for (rotates, entry) in
        [(false, "connection/acme/access"), (true, "connection/acme/access"), (true, "connection/acme")]
    {
        let connected = runtime.block_on(Connected::new());
        connected.endpoint.world().rotates = rotates;
        connected.pass(1800);
        killed_at(entry, connected.folder.path());
        refreshed_once(&connected.endpoint);
        if entry == "connection/acme" {
            // The new one is lost; HubSpot has kept the old one so far.
            connected.endpoint.world().refresh.push(FIRST_REFRESH.into());
        }
        let vault = &connected.vault;
        let next = tokens(connected.folder.path(), vault, connected.clock.clone());
        let token = runtime.block_on(next.token()).expect("a token");
        assert_eq!(token.expose(), "access-2", "{rotates} {entry}");
    }
}

fn refreshed_once(endpoint: &Endpoint) {
    assert_eq!(endpoint.world().refreshes(), 1, "the answer was on its way");
}
