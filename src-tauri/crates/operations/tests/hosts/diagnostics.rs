//! What status says by the names that support knows, over real files, after an import and after polls with edits.

use operations::{
    verify_plan,
    wire::{ProofOutcome, RunLog, RunLogStream, VerifyPlanRequest},
};
use simulator::{Config, Limits, Simulator, Tier};

use crate::host::{Host, ID, MINUTE, portal};

fn row<'a>(run: &'a RunLog, stream: &str) -> &'a RunLogStream {
    let found = run.streams.iter().find(|row| row.stream == stream);
    found.unwrap_or_else(|| panic!("no row of {stream}: {run:?}"))
}

/// Found, stored, unchanged, removed, set aside.
fn counts(row: &RunLogStream) -> (Option<u32>, u32, u32, u32, u32) {
    (row.found, row.stored, row.unchanged, row.removed, row.skipped)
}

fn ids(portal: &Simulator, object: &str) -> Vec<u64> {
    let mut ids = Vec::new();
    portal.truth().ids(object, |id| ids.push(id));
    ids
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_poll_says_how_many_records_it_found_changed_and_when() {
    let portal = portal(1).await;
    let host = Host::of(&[&portal]).await;
    let import = &host.runs(ID).await[0];
    let contacts = ids(&portal, "contacts");
    assert_eq!(counts(row(import, "contacts")), (Some(20), 20, 0, 0, 0));
    let after = host.settled(ID).await.hubspot_diagnostics;
    assert_eq!(after.last_poll_record_counts_by_type["contacts"], 20);
    assert_eq!(after.records_pulled_by_type["contacts"], 20);

    // Nothing has changed: nothing was found, and the last find is still the import's.
    host.pass(15 * MINUTE);
    let quiet = &host.ended(ID, 2).await[0];
    assert_eq!((quiet.kind.as_str(), counts(row(quiet, "contacts"))), ("poll", (Some(0), 0, 0, 0, 0)));
    let status = host.settled(ID).await.hubspot_diagnostics;
    assert_eq!(status.last_queue_enqueue, after.last_queue_enqueue);
    assert_eq!(status.last_poll_record_counts_by_type["contacts"], 0);

    let edit = portal.edit();
    for id in &contacts[..2] {
        edit.update("contacts", *id, &[("jobtitle", Some("Wheelwright"))]).expect("the contact is there");
    }
    edit.create("contacts", &[("firstname", "Ada")]).expect("it can be made");
    let company = ids(&portal, "companies")[0];
    edit.associate(("contacts", contacts[1]), ("companies", company), &[]).expect("they can be linked");
    edit.archive("contacts", contacts[2]).expect("the contact is there");
    host.pass(15 * MINUTE);
    let poll = &host.ended(ID, 3).await[0];
    let found = row(poll, "contacts");
    // What is gone is found by the hour's comparison of counts.
    assert_eq!((poll.kind.as_str(), counts(found)), ("poll", (Some(3), 3, 0, 0, 0)));
    assert_eq!((found.state.as_str(), found.way.as_deref()), ("done", Some("changes")));
    assert!(found.calls >= 2, "a search and a read: {found:?}");
    let linked = row(poll, "links:contacts>companies");
    assert_eq!(
        (linked.state.as_str(), linked.way.as_deref(), linked.found),
        ("done", Some("changes"), Some(3))
    );
    assert_eq!(linked.stored, 1, "{linked:?}");
    let status = host.settled(ID).await.hubspot_diagnostics;
    assert_eq!(status.last_poll_record_counts_by_type["contacts"], 3);
    assert_eq!(status.last_poll_record_counts_by_type["companies"], row(poll, "companies").found.unwrap());
    let last = poll.streams.iter().map(|row| row.finished_at.clone()).max();
    let within = Some(found.started_at.clone())..=last;
    assert!(within.contains(&status.last_queue_enqueue), "{:?} in {within:?}", status.last_queue_enqueue);
    assert_eq!(status.last_successful_hubspot_pull, poll.finished_at);

    for count in 4..=5 {
        host.pass(15 * MINUTE);
        host.ended(ID, count).await;
    }
    let sync = &host.runs(ID).await[0];
    assert_eq!((sync.kind.as_str(), counts(row(sync, "contacts"))), ("sync", (Some(1), 0, 0, 1, 0)));
    assert_eq!(host.settled(ID).await.hubspot_diagnostics.records_pulled_by_type["contacts"], 20);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_age_is_named_and_moves_with_what_it_is_the_age_of() {
    let portal = portal(1).await;
    let host = Host::of(&[&portal]).await;
    let of = |status: &operations::wire::ConnectionStatus| {
        let ages = status.hubspot_diagnostics.ages.iter().find(|ages| ages.object == "contacts");
        ages.expect("contacts have ages").clone()
    };
    let first = of(&host.settled(ID).await);
    let named = [
        &first.records_at,
        &first.definitions_at,
        &first.links_at,
        &first.archived_at,
        &first.calculated_at,
        &first.proved_at,
    ];
    assert!(named.iter().all(|at| at.is_some()), "{first:?}");

    host.pass(15 * MINUTE);
    host.ended(ID, 2).await;
    let polled = of(&host.settled(ID).await);
    assert!(polled.records_at > first.records_at, "{polled:?}");
    assert_eq!(polled.definitions_at, first.definitions_at, "those belong to the hour");

    host.pass(26 * 60 * MINUTE);
    host.ended(ID, 3).await;
    let day = of(&host.settled(ID).await);
    for (later, earlier) in [
        (&day.definitions_at, &first.definitions_at),
        (&day.links_at, &first.links_at),
        (&day.archived_at, &first.archived_at),
        (&day.calculated_at, &first.calculated_at),
        (&day.proved_at, &first.proved_at),
    ] {
        assert!(later > earlier, "{later:?}, before {earlier:?}");
    }
}

/// The quick proof after the import and daily; every id on the second day, and a week after that.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_id_is_compared_once_a_week_by_itself() {
    let portal = portal(1).await;
    let host = Host::of(&[&portal]).await;
    let mut before = None;
    // A little more than a day: this computer's clock goes on meanwhile, and the run log's times with it.
    for (number, (hours, is_deep)) in (1..).zip([(0, false), (25, true), (5 * 24, false), (2 * 24, true)]) {
        host.pass(hours * 60 * MINUTE);
        host.ended(ID, number).await;
        let status = host.settled(ID).await;
        let proofs = host.log(ID).await.iter().filter(|run| run.kind == "proof").count();
        assert_eq!(proofs, number, "one each time");
        let contacts = status.proof.types.iter().find(|known| known.object == "contacts").expect("proved");
        let counted = contacts.counts.as_ref().expect("counts are always compared");
        assert_eq!(counted.outcome, ProofOutcome::Equal);
        let compared = contacts.ids.as_ref().map(|ids| (ids.at.clone(), ids.outcome));
        assert_eq!(compared != before, is_deep, "{compared:?} after {hours} hours");
        assert!(compared.as_ref().is_none_or(|(_, outcome)| *outcome == ProofOutcome::Equal));
        before = compared;
    }
    let log = host.log(ID).await;
    let proof = log.iter().rfind(|run| run.kind == "proof").expect("the first proof");
    let found = row(proof, "contacts");
    assert_eq!(
        (found.state.as_str(), found.way.as_deref(), counts(found)),
        ("done", Some("counts"), (Some(0), 0, 0, 0, 0))
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_takes_too_much_of_a_day_is_not_compared_by_itself() {
    // One day's proof of every id would take more than a twentieth of these.
    let limits = Some(Limits { daily: Some(1_500), ..Tier::Professional.limits() });
    let portal = Simulator::start(Config { contacts: 20, limits, ..Config::default() }).await;
    let portal = portal.expect("a port is free");
    let host = Host::of(&[&portal]).await;
    host.settled(ID).await;
    host.pass(25 * 60 * MINUTE);
    host.ended(ID, 2).await;
    let status = host.settled(ID).await;
    assert!(status.proof.types.iter().all(|known| known.counts.is_some() && known.ids.is_none()));
    let plan = VerifyPlanRequest { connection: ID.to_owned(), deep: true };
    let plan = verify_plan(&host.core, plan).await.expect("a plan");
    assert!(plan.daily_share.is_some_and(|share| share > 0.05), "{plan:?}");
    assert!(plan.sentence.ends_with("only when somebody asks for it."), "{}", plan.sentence);
}
