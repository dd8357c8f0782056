//! Imports under HubSpot's limits, three tenths of a second away: how much of what may be asked is asked, what is refused,
//! and what a poll costs when nothing has changed.

use std::{collections::BTreeMap, path::Path, sync::Arc, time::Duration};

use hubspot::{Client, ClientOptions, Origin, StaticToken, Token};
use simulator::{Config, Ledger, Limits, Pool, Simulator, Switches};
use sync::{Board, Job, Options, RunKind};
use tokio_util::sync::CancellationToken;

use crate::{
    Failure, Scale,
    process::{Place, Took},
    table::Table,
};

const LATENCY: Duration = Duration::from_millis(300);
/// Records of each of the three types that contacts are linked with.
const OTHERS: u64 = 300;
const SEARCHES_PER_SECOND: f64 = 5.0;

/// One server that limits, and what is special about it.
struct Plan {
    name: &'static str,
    /// Ordinary calls in ten seconds.
    burst: u32,
    switches: fn(&mut Switches),
    /// Links draw on the same pool as everything else; a window around everything makes them be read from the contacts'
    /// side too, a thousand at a time, or there would be next to none to charge.
    links_charged: bool,
}

const PLANS: [Plan; 8] = [
    Plan { name: "an OAuth app", burst: 110, switches: |_| {}, links_charged: false },
    Plan { name: "the smallest plan", burst: 100, switches: |_| {}, links_charged: false },
    Plan { name: "Professional", burst: 190, switches: |_| {}, links_charged: false },
    Plan { name: "with a limit increase", burst: 250, switches: |_| {}, links_charged: false },
    Plan {
        name: "links charged to the general pool",
        burst: 110,
        switches: |switches| {
            (switches.association_shares_pool, switches.association_headers) = (true, true);
        },
        links_charged: true,
    },
    Plan {
        name: "search bodies of 3,000 characters",
        burst: 110,
        switches: |switches| switches.search_body_max = Some(3_000),
        links_charged: false,
    },
    Plan {
        name: "URLs of 8,000 characters",
        burst: 110,
        switches: |switches| switches.url_max = 8_000,
        links_charged: false,
    },
    Plan {
        name: "URLs of 16,000 characters",
        burst: 110,
        switches: |switches| switches.url_max = 16_000,
        links_charged: false,
    },
];

/// What a whole import came to.
struct Run {
    took: Took,
    report: serde_json::Value,
    ledger: Ledger,
}

pub(crate) async fn measure(portside: &Path, scale: Scale, table: &mut Table) -> Result<(), Failure> {
    for plan in PLANS {
        let run = plan.run(portside, scale.contacts).await?;
        plan.tell(&run, scale.contacts, table);
    }
    poll(table).await
}

impl Plan {
    async fn run(&self, portside: &Path, contacts: u64) -> Result<Run, Failure> {
        let mut switches = Switches::default();
        (self.switches)(&mut switches);
        let limits = Limits { burst: self.burst, search: 5, associations: 100, daily: None };
        let portal = Simulator::start(Config {
            contacts,
            counts: counts(),
            limits: Some(limits),
            latency: LATENCY,
            only_filled: true,
            switches,
            ..Config::default()
        })
        .await?;
        let place = Place::new()?;
        let since = if self.links_charged { "2000-01-01" } else { "all" };
        let (portside, base, token) = (portside.to_owned(), portal.base_url(), portal.token().to_owned());
        let (took, report) = tokio::task::spawn_blocking(move || {
            place.connect(&portside, &base, &token)?;
            place.set(&portside, "speed", "fast")?;
            // What connecting cost is no longer counted, here and there.
            std::thread::sleep(Duration::from_secs(16));
            place.sync(&portside, since)
        })
        .await??;
        let ledger = portal.ledger();
        portal.stop().await;
        Ok(Run { took, report, ledger })
    }

    fn tell(&self, run: &Run, contacts: u64, table: &mut Table) {
        let calls = |pool| run.ledger.pools.get(&pool).copied().unwrap_or(0);
        let (general, search, links) = (calls(Pool::General), calls(Pool::Search), calls(Pool::Associations));
        let all = general + search + links;
        // Records that may be read in a second, and those that there are.
        let rate = f64::from(self.burst) / 10.0 * 100.0;
        let linking = run.ledger.routes.iter().filter(|(route, _)| route.contains("associations"));
        let linking: u64 = linking.map(|(_, calls)| calls).sum();
        // Every call for links that is charged takes the place of a page of a hundred.
        let charged = if self.links_charged { linking as f64 * 100.0 } else { 0.0 };
        let records = (contacts + 3 * OTHERS) as f64 + charged;
        // Counting alone takes a search or two for each type.
        let together = search > 60;
        let bound = records / (rate + if together { SEARCHES_PER_SECOND * 200.0 } else { 0.0 });
        let (way, factor, calls_target) = if together {
            ("list and search", 1.1, contacts as f64 * 1_110.0 / 1e5)
        } else {
            ("list alone", 98.0 / 90.9, contacts as f64 * 1_340.0 / 1e5)
        };
        let index = run.report["index_milliseconds"].as_f64().unwrap_or(0.0) / 1e3;
        let seconds = run.took.wall.as_secs_f64() - index;
        let name = format!("{contacts} contacts at {} per 10 s, {}", self.burst, self.name);
        table.row(
            &format!("import of {name}"),
            &format!("≤ {:.0} s", bound * factor),
            format!("{seconds:.1} s"),
            format!(
                "{way}; bound {bound:.1} s, 0.3 s latency; of the general pool {:.0} % were used; spawn to exit without {index:.1} s of indexing",
                general as f64 * 1e3 / (seconds * f64::from(self.burst))
            ),
        );
        table.row(
            &format!("calls for {name}"),
            &format!("≤ {calls_target:.0}; 429s ≤ 1 in 1,000"),
            format!("{all} calls, {:.2} in 1,000 refused", run.ledger.refused as f64 * 1e3 / all as f64),
            format!("{general} general, {search} searches, {links} in the pool of links, {linking} for links; connecting included"),
        );
    }
}

fn counts() -> BTreeMap<String, u64> {
    let mut counts: BTreeMap<String, u64> =
        ["line_items", "products", "notes", "calls", "emails", "meetings", "tasks", "bikes"]
            .into_iter()
            .map(|name| (name.to_owned(), 0))
            .collect();
    counts.extend(["companies", "deals", "tickets"].map(|name| (name.to_owned(), OTHERS)));
    counts
}

/// A poll of a portal with every type, nothing changed, past whatever its first sync left due.
async fn poll(table: &mut Table) -> Result<(), Failure> {
    let portal = Simulator::start(Config { contacts: 1_000, ..Config::default() }).await?;
    let folder = tempfile::tempdir()?;
    let run = async |kind| {
        let origin = Origin::parse(&portal.base_url(), false)?;
        let tokens = Arc::new(StaticToken(Token::new(portal.token().to_owned())));
        let outcome = sync::run(Job {
            client: Client::new(origin, tokens, ClientOptions::default())?,
            mirror: folder.path().join("mirror.db"),
            board: Arc::new(Board::new(now())),
            cancel: CancellationToken::new(),
            options: Options { kind, ..Options::default() },
            clock: now,
        })
        .await;
        match outcome.stop {
            None => Ok(outcome.streams.len()),
            Some(stop) => Err(Failure::from(format!("a run stopped: {stop:?}"))),
        }
    };
    run(RunKind::Sync).await?;
    // Past the hour that every window overlaps with, so that nothing of the first copy is in it.
    for kind in [RunKind::Sync, RunKind::Sync, RunKind::Poll] {
        portal.clock().advance(Duration::from_mins(70));
        run(kind).await?;
    }
    portal.clock().advance(Duration::from_mins(15));
    portal.reset_ledger();
    let types = run(RunKind::Poll).await?;
    let ledger = portal.ledger();
    portal.stop().await;
    table.row(
        "a poll with nothing changed, links and deletes not due",
        &format!("≤ {} calls", types + 3),
        format!("{} calls", ledger.calls),
        format!("{types} object types; {:?}", ledger.pools),
    );
    Ok(())
}

fn now() -> crm::Timestamp {
    crm::Timestamp::from_system(std::time::SystemTime::now())
}
