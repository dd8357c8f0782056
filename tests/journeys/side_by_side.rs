//! One type read by the list and by search at the same time, whatever search does.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use serde_json::Value;
use simulator::{Config, IdOrder, Limits, ListAfter, Simulator, Switches};

use crate::rig::{
    Copy, assert_done, portal,
    proxy::{Passing, Proxy},
    truth::assert_equal,
};

/// A portal in which contacts are nearly everything, and whose limits make a second pool worth its calls.
fn lopsided(contacts: u64, switches: Switches) -> Config {
    let none = ["line_items", "products", "notes", "calls", "emails", "meetings", "tasks", "bikes"];
    let mut counts: std::collections::BTreeMap<String, u64> =
        none.into_iter().map(|name| (name.to_owned(), 0)).collect();
    counts.extend(["companies", "deals", "tickets"].map(|name| (name.to_owned(), 40)));
    // So few that the list alone would take long.
    let limits = Limits { burst: 60, search: 5, associations: 400, daily: None };
    Config {
        contacts,
        counts,
        limits: Some(limits),
        switches,
        only_filled: true,
        latency: Duration::from_millis(40),
        ..Config::default()
    }
}

fn searches(portal: &Simulator) -> u64 {
    portal.ledger().routes.get("POST objects/contacts/search").copied().unwrap_or(0)
}

/// Whether search was given up for contacts.
fn is_search_unfit(copy: &Copy) -> bool {
    let mark = copy.texts("SELECT value FROM checkpoints WHERE key = 'stream:contacts'").remove(0);
    let mark: Value = serde_json::from_str(&mark).expect("a mark is JSON");
    mark["reading"]["search_unfit"].as_bool().expect("it is kept")
}

/// Copies by both ways, and says whether search was found good to the end.
async fn copies(config: Config) -> bool {
    let what = format!("{:?}", config.switches);
    let portal = portal(config).await;
    let copy = Copy::new();
    assert_done(&copy.run(&portal).await);
    assert_equal(&copy, &portal);
    let searches = searches(&portal);
    assert!(searches >= 5, "{searches} searches of contacts: search had its part. {what}");
    !is_search_unfit(&copy)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_list_and_search_share_one_type_and_nothing_is_lost_or_read_twice() {
    let portal = portal(lopsided(4_000, Switches::default())).await;
    let copy = Copy::new();
    assert_done(&copy.run(&portal).await);
    assert_equal(&copy, &portal);
    let ledger = portal.ledger();
    let (lists, searches) = (ledger.routes["GET objects/contacts"], searches(&portal));
    println!("{lists} pages of the list, {searches} searches, {:?}", ledger.pools);
    assert!(lists >= 10 && searches >= 8, "{lists} pages of the list, {searches} searches");
    // What both read together is the type once, and a page or so for each cut.
    assert!(lists * 100 + searches * 200 <= 4_000 + 3_000, "{lists} pages of the list, {searches} searches");
    assert!(!is_search_unfit(&copy));
}

/// A4.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn short_and_empty_pages_with_a_cursor_are_no_ends() {
    let switches = Switches { search_short_pages: true, ..Switches::default() };
    assert!(copies(lopsided(4_000, switches)).await);
}

/// A5: within one search all ids have equally many digits, so that text and numbers sort alike.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ids_that_search_compares_as_text_are_all_found() {
    let switches = Switches { search_id_order: IdOrder::Text, ..Switches::default() };
    let portal = portal(lopsided(4_000, switches)).await;
    let copy = Copy::new();
    assert_done(&copy.run(&portal).await);
    assert_equal(&copy, &portal);
}

/// The order of a page is wrong: everything that search read is read again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_search_out_of_order_is_given_up_and_read_again_by_list() {
    let swapped = |rows: &mut Vec<Value>| {
        if rows.len() > 20 {
            rows.swap(3, 17);
        }
    };
    gives_up_search(swapped).await;
}

/// A1, A3: a row that is left out shows in the totals alone.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_search_that_leaves_records_out_is_noticed_by_its_totals() {
    let thinned = |rows: &mut Vec<Value>| {
        if rows.len() > 20 {
            rows.remove(7);
        }
    };
    gives_up_search(thinned).await;
}

/// The third page of contacts that search answers is spoilt.
async fn gives_up_search(spoil: fn(&mut Vec<Value>)) {
    let portal = portal(lopsided(4_000, Switches::default())).await;
    let pages = Arc::new(AtomicU64::new(0));
    let count = Arc::clone(&pages);
    let proxy = Proxy::before(&portal, move |passing: &mut Passing<'_>| {
        let is_page = passing.path.ends_with("/contacts/search") && passing.asked.contains("\"limit\":200");
        if is_page && count.fetch_add(1, Ordering::Relaxed) == 2 {
            let mut body: Value = serde_json::from_str(&passing.body).expect("JSON");
            spoil(body["results"].as_array_mut().expect("rows"));
            passing.body = body.to_string();
        }
    })
    .await;
    let copy = Copy::new();
    assert_done(&copy.run_at(&proxy.base_url(), portal.token()).await);
    assert_equal(&copy, &portal);
    assert!(pages.load(Ordering::Relaxed) > 2, "the third page was asked for");
    assert!(is_search_unfit(&copy));
    let told = copy.count("SELECT count(*) FROM run_events WHERE code = 'search_unfit'");
    assert_eq!(told, 1);
    let left = copy.count("SELECT count(*) FROM ranges WHERE stream = 'contacts' AND way LIKE 'search%'");
    assert_eq!(left, 0, "no range counts as read by search");
}

/// A total that stops at 10,000 cannot be checked; narrower questions can.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn totals_that_are_capped_are_asked_for_in_narrower_ranges() {
    let switches = Switches { search_total_capped: true, ..Switches::default() };
    assert!(copies(lopsided(13_000, switches)).await);
}

/// The list takes only its own cursors: one chain of it from the bottom, and search for the rest.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_list_of_one_chain_has_search_beside_it() {
    for list_after in [ListAfter::Refused, ListAfter::FromStart] {
        let switches = Switches { list_after, ..Switches::default() };
        assert!(copies(lopsided(4_000, switches)).await);
    }
}

/// Both at once: what search read wrongly has to be read by one chain of the list.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_search_that_fails_beside_a_list_of_one_chain_loses_nothing() {
    let switches = Switches { list_after: ListAfter::Refused, ..Switches::default() };
    let portal = portal(lopsided(4_000, switches)).await;
    let pages = Arc::new(AtomicU64::new(0));
    let proxy = Proxy::before(&portal, move |passing: &mut Passing<'_>| {
        let is_page = passing.path.ends_with("/contacts/search") && passing.asked.contains("\"limit\":200");
        if is_page && pages.fetch_add(1, Ordering::Relaxed) >= 2 {
            (passing.status, passing.body) = (400, "{}".to_owned());
        }
    })
    .await;
    let copy = Copy::new();
    assert_done(&copy.run_at(&proxy.base_url(), portal.token()).await);
    assert_equal(&copy, &portal);
    assert!(is_search_unfit(&copy));
}
