//! The proof: what was hidden or left behind is found and repaired, and each finding says what it proves and no more.

use std::collections::BTreeSet;

use crm::{ObjectType, RecordId, Timestamp};
use serde_json::Value;
use simulator::{Config, ListAfter, Simulator, Switches};
use store::{Asked, Finding, ProofOutcome, ProofRow, Reader, Verdict, Writer};
use sync::{Depth, Proved, Stop};
use tokio_util::sync::CancellationToken;

use crate::rig::{Copy, assert_done, command::Home, portal, small};

async fn verify(copy: &Copy, portal: &Simulator, depth: Depth) -> Proved {
    let job = copy.job(&portal.base_url(), portal.token(), CancellationToken::new());
    sync::verify(job, Some(depth)).await
}

/// A proof that must come to its end; what it found.
async fn proved(copy: &Copy, portal: &Simulator, depth: Depth) -> Vec<ProofRow> {
    let proved = verify(copy, portal, depth).await;
    assert!(proved.stop.is_none(), "stopped: {:?}", proved.stop);
    assert_eq!(proved.skipped, []);
    found_since(copy, proved.began.expect("it began"))
}

fn found_since(copy: &Copy, began: Timestamp) -> Vec<ProofRow> {
    Reader::open(&copy.mirror()).expect("a mirror").proofs_since(began).expect("findings")
}

fn of<'a>(rows: &'a [ProofRow], object: &str, finding: Finding) -> &'a ProofRow {
    let found = rows.iter().find(|row| row.object.as_str() == object && row.finding == finding);
    found.unwrap_or_else(|| panic!("nothing is found about the {finding:?} of {object}: {rows:?}"))
}

fn said(row: &ProofRow) -> String {
    sync::in_words(row, "Contacts")
}

/// Takes records out of the copy, as if they had never arrived.
fn lose(copy: &Copy, ids: &[u64]) {
    let mut writer = Writer::open(&copy.mirror()).expect("a mirror");
    let gone: Vec<_> =
        ids.iter().map(|id| (RecordId::new(id.cast_signed()).expect("an id"), Verdict::Gone)).collect();
    writer.settle(&contacts(), &gone, Asked::All, Timestamp::from_millis(0)).expect("it can be written");
}

fn contacts() -> ObjectType {
    ObjectType::from("contacts")
}

fn ids(portal: &Simulator, object: &str) -> Vec<u64> {
    let mut ids = Vec::new();
    portal.truth().ids(object, |id| ids.push(id));
    ids
}

fn assert_same_contacts(copy: &Copy, portal: &Simulator) {
    let here = copy.texts("SELECT CAST(id AS TEXT) FROM contacts WHERE archived = 0");
    let here: BTreeSet<u64> = here.iter().map(|id| id.parse().expect("an id")).collect();
    assert_eq!(here, ids(portal, "contacts").into_iter().collect());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_true_copy_is_proved_in_three_findings_that_say_what_they_prove() {
    let portal = portal(small()).await;
    let copy = Copy::new();
    copy.import(&portal).await;
    let rows = proved(&copy, &portal, Depth::Deep).await;
    let types = portal.truth().objects().count();
    assert_eq!(rows.len(), 3 * types);
    for row in &rows {
        assert_eq!(row.outcome, ProofOutcome::Equal, "{row:?}");
    }
    let counts = of(&rows, "contacts", Finding::Counts);
    assert_eq!(said(counts), "HubSpot's search names 300 contacts, and the copy has exactly these.");
    let ids = of(&rows, "contacts", Finding::Ids);
    assert_eq!(
        said(ids),
        "All 300 ids of contacts were read again by search, and the copy has exactly these."
    );
    let values = of(&rows, "contacts", Finding::Values);
    assert_eq!(said(values), "All 300 contacts have the values that HubSpot has.");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_ghost_and_a_miss_that_cancel_are_found_and_settled_by_asking_for_them() {
    let portal = portal(small()).await;
    let copy = Copy::new();
    copy.import(&portal).await;
    let all = ids(&portal, "contacts");
    portal.edit().erase("contacts", all[100]).expect("it is there");
    lose(&copy, &all[101..102]);
    let rows = proved(&copy, &portal, Depth::Counts).await;
    let row = of(&rows, "contacts", Finding::Counts);
    assert_eq!(
        (row.outcome, row.missing, row.extra, row.repaired),
        (ProofOutcome::Repaired, 1, 1, 2),
        "{row:?}"
    );
    assert_same_contacts(&copy, &portal);
    assert_eq!(copy.count(&format!("SELECT count(*) FROM erased WHERE id = {}", all[100])), 1);
    let again = proved(&copy, &portal, Depth::Counts).await;
    assert_eq!(of(&again, "contacts", Finding::Counts).outcome, ProofOutcome::Equal);
}

/// More records than search can name in as many calls as ranges take to count, also where it stops counting at 10,000.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hidden_records_and_ghosts_among_many_are_found_in_few_calls_also_under_a_capped_total() {
    for capped in [false, true] {
        let counts = ["companies", "deals", "tickets", "notes", "calls", "products"];
        let config = Config {
            contacts: 14_000,
            counts: counts.map(|object| (object.to_owned(), 5)).into(),
            only_filled: true,
            switches: Switches { search_total_capped: capped, ..Switches::default() },
            ..Config::default()
        };
        let portal = portal(config).await;
        let copy = Copy::new();
        copy.import(&portal).await;
        let all = ids(&portal, "contacts");
        let hidden: Vec<u64> = [3, 1_800, 1_801, 5_000, 9_999, 12_345, 13_998].map(|at| all[at]).into();
        for at in [200, 7_777, 13_000] {
            portal.edit().erase("contacts", all[at]).expect("it is there");
        }
        lose(&copy, &hidden);
        let rows = proved(&copy, &portal, Depth::Counts).await;
        let row = of(&rows, "contacts", Finding::Counts);
        assert_eq!((row.missing, row.extra, row.repaired), (7, 3, 10), "{capped}: {row:?}");
        assert_eq!(row.outcome, ProofOutcome::Repaired);
        assert!(row.calls <= 400, "{capped}: {} calls", row.calls);
        let detail: Value = serde_json::from_str(&row.detail).expect("JSON");
        assert_eq!((&detail["id_ranges"], &detail["change_ranges"]), (&64.into(), &16.into()), "{detail}");
        assert_same_contacts(&copy, &portal);
    }
}

/// Also where the list cannot be asked from any id: then it is read from the start, by its own cursors.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_index_that_lacks_an_old_record_is_found_out_and_never_costs_the_record() {
    for list_after in [ListAfter::AnyId, ListAfter::Refused, ListAfter::FromStart] {
        let switches = Switches { list_after, ..Switches::default() };
        let portal = portal(Config { switches, ..small() }).await;
        let copy = Copy::new();
        copy.import(&portal).await;
        let lost = ids(&portal, "contacts")[42];
        portal.edit().hide_from_search("contacts", &[lost]).expect("it is there");
        let rows = proved(&copy, &portal, Depth::Counts).await;
        let row = of(&rows, "contacts", Finding::Counts);
        assert_eq!((row.outcome, row.extra), (ProofOutcome::Equal, 0), "{row:?}");
        assert!(said(row).contains("search does not find 1 of them"), "{}", said(row));
        let reader = Reader::open(&copy.mirror()).expect("a mirror");
        let mark = sync::stream_mark(&reader, "contacts").expect("a mark").expect("a mark");
        assert!(mark.checked.search_incomplete);
        assert_eq!(mark.checked.lacking, [lost.cast_signed()]);
        assert_done(&copy.run(&portal).await);
        let rows = proved(&copy, &portal, Depth::Deep).await;
        let ids = of(&rows, "contacts", Finding::Ids);
        assert_eq!((ids.outcome, ids.compared), (ProofOutcome::Equal, 300), "{ids:?}");
        assert!(said(ids).contains("read again by list"), "{}", said(ids));
        assert_same_contacts(&copy, &portal);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn values_that_differ_under_the_same_stamp_are_found_by_the_sample_and_counted_apart() {
    let portal = portal(small()).await;
    let copy = Copy::new();
    copy.import(&portal).await;
    for id in &ids(&portal, "contacts")[10..13] {
        portal.edit().update_silently("contacts", *id, &[("jobtitle", Some("Owl"))]).expect("it is there");
    }
    let rows = proved(&copy, &portal, Depth::Deep).await;
    assert_eq!(of(&rows, "contacts", Finding::Counts).outcome, ProofOutcome::Equal);
    assert_eq!(of(&rows, "contacts", Finding::Ids).outcome, ProofOutcome::Equal);
    let values = of(&rows, "contacts", Finding::Values);
    assert_eq!((values.outcome, values.wrong, values.repaired), (ProofOutcome::Repaired, 3, 3), "{values:?}");
    assert_eq!(copy.count("SELECT count(*) FROM contacts WHERE properties ->> 'jobtitle' = 'Owl'"), 3);
    crate::rig::truth::assert_equal(&copy, &portal);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_changed_lately_is_left_out_of_the_judgement() {
    let portal = portal(small()).await;
    let copy = Copy::new();
    copy.import(&portal).await;
    let all = ids(&portal, "contacts");
    portal.edit().update("contacts", all[7], &[("jobtitle", Some("New"))]).expect("it is there");
    portal.edit().create("contacts", &[("email", "n@new.example")]).expect("a new one");
    let rows = proved(&copy, &portal, Depth::Deep).await;
    for finding in [Finding::Counts, Finding::Ids, Finding::Values] {
        let row = of(&rows, "contacts", finding);
        assert_eq!(row.outcome, ProofOutcome::Equal, "{row:?}");
    }
    assert!(said(of(&rows, "contacts", Finding::Counts)).contains("Left out: 2"), "{rows:?}");
}

/// Every id is read again by the way that did not make the copy, and a proof that is cut goes on where it stopped.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_proof_that_is_cut_anywhere_goes_on_and_ends_with_everything_found() {
    let portal = portal(Config { contacts: 900, ..Config::default() }).await;
    let copy = Copy::new();
    copy.import(&portal).await;
    let all = ids(&portal, "contacts");
    lose(&copy, &all[500..503]);
    portal.reset_ledger();
    let mut cuts = 0;
    let began = loop {
        let cancel = CancellationToken::new();
        let job = copy.job(&portal.base_url(), portal.token(), cancel.clone());
        let mut run = tokio::spawn(sync::verify(job, Some(Depth::Deep)));
        let reached = portal.ledger().calls + 60;
        let ended = tokio::select! {
            ended = &mut run => ended,
            () = portal.calls_reached(reached) => {
                cancel.cancel();
                cuts += 1;
                run.await
            }
        };
        let proved = ended.expect("a proof does not panic");
        match proved.stop {
            Some(Stop::Cancelled) => assert!(cuts < 100, "it does not come to an end"),
            None => break proved.began.expect("it began"),
            other => panic!("{other:?}"),
        }
    };
    assert!(cuts >= 2, "{cuts} cuts");
    let rows = found_since(&copy, began);
    assert_eq!(of(&rows, "contacts", Finding::Counts).missing, 3);
    assert_eq!(rows.len(), 3 * portal.truth().objects().count(), "each finding was made once");
    assert_same_contacts(&copy, &portal);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_command_proves_says_so_and_ends_with_the_right_number() {
    let portal = portal(small()).await;
    let home = Home::new();
    home.connect(&portal).await;
    let early = home.ask(&["verify", "--json"]).await;
    early.assert_refused(1, "bad_request");
    home.sync().await;
    let plan = home.ask(&["verify", "--deep", "--plan", "--json"]).await;
    assert_eq!(plan.code, 0, "{plan:?}");
    let expected = plan.json()["search_calls"].as_u64().expect("a count");
    assert!(plan.json()["sentence"].as_str().is_some_and(|said| said.contains("searches")), "{plan:?}");
    portal.reset_ledger();
    let deep = home.ask(&["verify", "--deep", "--json"]).await;
    assert_eq!((deep.code, &deep.json()["outcome"]), (0, &"equal".into()), "{deep:?}");
    let searches: u64 = portal
        .ledger()
        .routes
        .iter()
        .filter(|(route, _)| route.ends_with("/search"))
        .map(|(_, calls)| *calls)
        .sum();
    assert!(searches.abs_diff(expected) * 4 <= expected, "{searches} searches, {expected} foretold");
    let ghost = ids(&portal, "contacts")[5];
    portal.edit().erase("contacts", ghost).expect("it is there");
    let repaired = home.ask(&["verify", "--json"]).await;
    assert_eq!((repaired.code, &repaired.json()["outcome"]), (0, &"repaired".into()), "{repaired:?}");
    let status = home.ask(&["status", "--json"]).await.json();
    let types = status["proof"]["types"].as_array().expect("types").clone();
    let contacts = types.iter().find(|one| one["object"] == "contacts").expect("contacts");
    assert_eq!(contacts["counts"]["outcome"], "repaired", "{contacts}");
    assert_eq!(contacts["values"]["outcome"], "equal", "{contacts}");
    let words = home.ask(&["status"]).await.out;
    assert!(words.contains("Counts agree for") && words.contains("values compared for"), "{words}");
}
