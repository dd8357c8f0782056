//! Pages as HubSpot's documents leave them open: cursors, ends, orders and sizes of every kind.

use simulator::{Config, IdOrder, ListAfter, Pool, Switches};

use crate::rig::{Copy, assert_done, portal, small, truth::assert_equal};

async fn copies_with(switches: Switches) {
    let what = format!("{switches:?}");
    let portal = portal(Config { contacts: 1_100, switches, ..Config::default() }).await;
    let copy = Copy::new();
    let outcome = copy.run(&portal).await;
    assert!(outcome.stop.is_none(), "{what}: {:?}", outcome.stop);
    assert_done(&outcome);
    assert_equal(&copy, &portal);
    assert_done(&copy.run(&portal).await);
    assert_equal(&copy, &portal);
}

/// API.md is unsure whether the list can be asked from an id of our choice.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_list_that_takes_only_its_own_cursors_is_read_in_one_chain() {
    copies_with(Switches { list_after: ListAfter::Refused, ..Switches::default() }).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_list_that_starts_over_at_unknown_cursors_is_noticed() {
    copies_with(Switches { list_after: ListAfter::FromStart, ..Switches::default() }).await;
}

/// A4: only the server says that there is no more.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn short_empty_and_swapped_pages_of_search_mislead_nobody() {
    copies_with(Switches { search_short_pages: true, search_swaps: true, ..Switches::default() }).await;
}

/// A5: whether ids are compared as numbers or as text.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_search_that_orders_ids_as_text_loses_nothing() {
    copies_with(Switches { search_id_order: IdOrder::Text, ..Switches::default() }).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_search_with_short_bodies_and_capped_totals_is_enough() {
    let switches =
        Switches { search_body_max: Some(3_000), search_total_capped: true, ..Switches::default() };
    copies_with(switches).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_search_that_lags_behind_loses_nothing() {
    copies_with(Switches { search_lag_millis: 600_000, ..Switches::default() }).await;
}

/// A1: everything stamped in one millisecond.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn any_number_of_records_with_one_stamp_is_copied() {
    let portal = portal(Config { contacts: 2_500, same_instant: 2_500, ..Config::default() }).await;
    let copy = Copy::new();
    assert_done(&copy.run(&portal).await);
    assert_equal(&copy, &portal);
    let calls = portal.ledger().routes["GET objects/contacts"];
    assert!(calls <= 25 + 12, "{calls} list calls for 25 pages");
}

/// C1, C2: a record with more links than any page holds, next to records with few.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_record_with_1762_links_has_them_all() {
    for association_page in [100, 500] {
        let switches = Switches { association_page, ..Switches::default() };
        let counts = [("companies".to_owned(), 3)].into();
        let portal = portal(Config { contacts: 3_400, counts, switches, ..Config::default() }).await;
        let mut most = std::collections::BTreeMap::new();
        portal.truth().links("companies", "contacts", |link| *most.entry(link.from_id).or_insert(0) += 1);
        assert!(most.values().any(|links| *links >= 1_762), "{most:?}");
        let copy = Copy::new();
        assert_done(&copy.run(&portal).await);
        assert_equal(&copy, &portal);
    }
}

/// C7: batches of links were 100 before they were 1,000.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_takes_100_inputs_a_batch_of_links_is_understood() {
    let switches = Switches { association_read_max: 100, association_page: 100, ..Switches::default() };
    copies_with(switches).await;
}

/// C6: links are read a thousand records a call.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn links_take_few_calls() {
    let portal = portal(Config { contacts: 2_400, ..Config::default() }).await;
    let copy = Copy::new();
    assert_done(&copy.run(&portal).await);
    let ledger = portal.ledger();
    let calls = ledger.pools[&Pool::Associations];
    let pairs = copy.count("SELECT count(*) FROM checkpoints WHERE key LIKE 'stream:links:%'");
    // One call a thousand records of the smaller side, and the labels of both directions.
    assert!(calls <= 4 * u64::try_from(pairs).expect("a count"), "{calls} calls for {pairs} pairs");
}

/// C4: an unlabelled and a labelled link between the same two records are two links, and one pair.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn labels_are_links_of_their_own_on_one_pair_of_records() {
    let portal = portal(small()).await;
    let copy = Copy::new();
    assert_done(&copy.run(&portal).await);
    assert_equal(&copy, &portal);
    let twice = copy.count(
        "SELECT count(*) FROM (SELECT 1 FROM associations GROUP BY from_type, from_id, to_type, to_id HAVING count(*) > 1)",
    );
    assert!(twice > 0, "the portal has labelled links");
    let labelled =
        copy.count("SELECT count(*) FROM associations WHERE category = 'USER_DEFINED' AND label IS NOT NULL");
    assert!(labelled > 0, "labels are kept");
}
