//! What a copy is expected to cost before it is made, and what it did cost.

use std::{collections::BTreeMap, time::Duration};

use simulator::{Config, Limits, Simulator, Switches, Tier};
use sync::{PlanJob, PlanMark, Planned, Way, Ways};
use tokio_util::sync::CancellationToken;

use crate::rig::{Copy, assert_done, portal, truth::assert_equal};

/// Asked for as by a person before the first copy, or with a copy that is there.
async fn plan_of(copy: &Copy, portal: &Simulator) -> Planned {
    let client = copy.job(&portal.base_url(), portal.token(), CancellationToken::new()).client;
    let mirror = copy.mirror();
    let job = PlanJob {
        client,
        mirror: mirror.exists().then_some(mirror),
        since: copy.options.since,
        full: copy.options.full,
        granted: None,
        left_out: copy.options.left_out.clone(),
    };
    sync::plan(job).await.expect("a plan")
}

fn contacts(planned: &Planned) -> Ways {
    let found = planned.plan.types.iter().find(|plan| plan.object == "contacts");
    found.expect("contacts are planned").ways
}

fn wide(properties: usize, tier: Tier) -> Config {
    let config = Config { contacts: 100_000, limits: Some(tier.limits()), ..Config::default() };
    match properties {
        60 => Config { only_filled: true, ..config },
        399 => config,
        more => Config { extra_properties: more - 399, ..config },
    }
}

/// Neither the number of properties nor the plan's limits alone decide.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_way_follows_the_number_of_properties_and_the_limits() {
    let tiers = [("app", Tier::OauthApp), ("starter", Tier::Starter), ("enterprise", Tier::Enterprise)];
    let mut chosen: BTreeMap<(usize, &str), Ways> = BTreeMap::new();
    for (name, tier) in tiers {
        for properties in [60, 399, 1_200] {
            let switches = Switches { search_body_max: Some(3_000), ..Switches::default() };
            let portal = portal(Config { switches, ..wide(properties, tier) }).await;
            let copy = Copy::new();
            // Nobody knows of the limit to bodies before it was met.
            let planned = plan_of(&copy, &portal).await;
            assert!(!copy.mirror().exists(), "a plan leaves nothing behind");
            let asked = planned.plan.types.iter().find(|plan| plan.object == "contacts");
            let asked = asked.expect("contacts are planned").properties;
            assert!(asked.abs_diff(properties as u64) < 40, "{asked} of {properties} properties");
            chosen.insert((properties, name), contacts(&planned));
            let calls = portal.ledger().calls;
            assert!(calls <= 30, "{calls} calls to plan");
        }
    }
    let both = |list, search| Ways { list: Some(list), search: Some(search) };
    for (name, _) in tiers {
        assert_eq!(chosen[&(60, name)], both(Way::List, Way::Search), "{name}");
        assert_eq!(chosen[&(399, name)], both(Way::ListAndBatch, Way::Search), "{name}");
        assert_eq!(chosen[&(1_200, name)], both(Way::ListAndBatch, Way::Search), "{name}");
    }
}

fn lopsided(contacts: u64) -> Config {
    let none = ["line_items", "products", "notes", "calls", "emails", "meetings", "tasks", "bikes"];
    let mut counts: BTreeMap<String, u64> = none.into_iter().map(|name| (name.to_owned(), 0)).collect();
    counts.extend(["companies", "deals", "tickets"].map(|name| (name.to_owned(), contacts / 10)));
    Config { contacts, counts, only_filled: true, ..Config::default() }
}

fn mark(copy: &Copy) -> PlanMark {
    let reader = store::Reader::open(&copy.mirror()).expect("there is a mirror");
    sync::plan_mark(&reader).expect("it can be read").expect("a plan was kept")
}

/// Plan and fact stand side by side, and are nearly the same in calls.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_import_takes_the_calls_that_were_foretold() {
    let limits = Limits { burst: 60, search: 5, associations: 100, daily: None };
    let latency = Duration::from_millis(100);
    let portal = portal(Config { limits: Some(limits), latency, ..lopsided(8_000) }).await;
    let copy = Copy::new();
    let before = plan_of(&copy, &portal).await;
    portal.reset_ledger();
    assert_done(&copy.run(&portal).await);
    assert_equal(&copy, &portal);
    let mark = mark(&copy);
    let fact = mark.fact.expect("the run has ended");
    assert!(!mark.interrupted);
    assert_eq!(fact.calls.all(), portal.ledger().calls, "no call is left out");
    println!("foretold {:?} before, {:?} in the run; {fact:?}", before.plan.stages, mark.plan.stages);
    println!("{} ms, {} ms; {} ms", before.plan.millis, mark.plan.millis, fact.millis);
    println!("{} B, {} B; {} B", before.plan.bytes, mark.plan.bytes, fact.bytes);
    for foretold in [before.plan.stages.all().all(), mark.plan.stages.all().all()] {
        let off = foretold.abs_diff(fact.calls.all());
        assert!(off * 10 <= fact.calls.all(), "foretold {foretold}, {} were made", fact.calls.all());
    }
}

/// What a run learned about lengths is known to the next plan and the next run.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lengths_that_were_learned_are_planned_with() {
    let switches = Switches { search_body_max: Some(3_000), url_max: 2_000, ..Switches::default() };
    let limits = Limits { burst: 60, search: 5, associations: 400, daily: None };
    let config = Config { only_filled: false, switches, limits: Some(limits), ..lopsided(2_500) };
    let portal = portal(config).await;
    let mut copy = Copy::new();
    assert_done(&copy.run(&portal).await);
    assert_equal(&copy, &portal);
    let learned = copy.texts("SELECT value FROM checkpoints WHERE key = 'learned'").remove(0);
    assert!(learned.contains("\"url_max\":1875") && learned.contains("\"body_max\":3000"), "{learned}");
    copy.options.full = true;
    portal.reset_ledger();
    assert_done(&copy.run(&portal).await);
    let statuses = portal.ledger().statuses;
    assert_eq!(statuses.get(&414), None, "what is too long is not tried again");
    assert_equal(&copy, &portal);
}
