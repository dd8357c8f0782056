//! What was granted decides what is copied, and a second sign-in can bring more.

use serde_json::Value;
use simulator::{Config, Simulator};

use super::{status, stream, sync_well};
use crate::rig::{
    command::{Home, ID},
    sign_in::portal_with_app,
    small,
    truth::Compared,
};

/// The scopes that a connection knows it has.
fn granted(status: &Value) -> Vec<&str> {
    let scopes = status["scopes"].as_array().expect("a list of scopes");
    let has = scopes.iter().filter(|scope| scope["standing"] == "granted");
    has.filter_map(|scope| scope["scope"].as_str()).collect()
}

/// Everything that the portal has but these types is copied exactly; these are skipped, each with a reason that holds
/// this text.
async fn assert_skipped(home: &Home, portal: &Simulator, without: &[&str], reason: &str) {
    let last = sync_well(home, ID).await;
    for object in without {
        let skipped = stream(&last, object);
        assert_eq!(skipped["state"], "skipped", "{skipped}");
        assert!(skipped["reason"].as_str().is_some_and(|said| said.contains(reason)), "{skipped}");
    }
    for other in last["streams"].as_array().expect("streams") {
        let is_among = |objects: &[&str]| objects.iter().any(|object| other["object"] == *object);
        let unknown = !is_among(&portal.truth().objects().collect::<Vec<_>>());
        assert!(
            is_among(without) || other["state"] == "done" || unknown && other["state"] == "skipped",
            "{other}"
        );
    }
    home.assert_copied(ID, portal, &Compared { without, ..Compared::default() });
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn signing_in_again_with_more_scopes_copies_what_was_skipped() {
    let (portal, port) = portal_with_app(small()).await;
    let home = Home::new();
    let few = "crm.objects.custom.read,crm.schemas.custom.read,sales-email-read,crm.objects.users.read";
    home.sign_in(&portal, port, &["--name", "Bikes", "--optional-scopes", few]).await;
    let before = status(&home, ID).await;
    assert!(!granted(&before).contains(&"tickets"), "{before}");
    let skipped = ["tickets", "line_items", "products"];
    assert_skipped(&home, &portal, &skipped, "permission").await;

    let more = "crm.objects.custom.read,crm.schemas.custom.read,sales-email-read,crm.objects.users.read,tickets,\
                crm.objects.line_items.read,crm.objects.products.read,e-commerce";
    let id = home.sign_in(&portal, port, &["--name", "Bikes", "--optional-scopes", more]).await;
    assert_eq!(id, ID, "the connection is the one that was there");
    let after = status(&home, ID).await;
    let (before, after) = (granted(&before), granted(&after));
    assert!(before.iter().all(|scope| after.contains(scope)), "{before:?} {after:?}");
    assert!(after.contains(&"tickets") && after.contains(&"e-commerce"), "{after:?}");
    let last = sync_well(&home, ID).await;
    for object in skipped {
        assert_eq!(stream(&last, object)["state"], "done", "{last}");
    }
    home.assert_copied(ID, &portal, &Compared::default());
}

/// HubSpot drops an optional scope without a word where the account has not paid for what it is for.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_account_lacks_is_skipped_with_that_reason_and_the_rest_is_copied() {
    let lacking_scopes = vec!["tickets".to_owned()];
    let (portal, port) = portal_with_app(Config { lacking_scopes, ..small() }).await;
    let home = Home::new();
    home.sign_in(&portal, port, &[]).await;
    assert_skipped(&home, &portal, &["tickets"], "Not in this account's plan").await;
    assert_eq!(portal.ledger().statuses.get(&403), None, "a call was tried");
}

/// A scope that an admin takes away later.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_scope_that_is_lost_later_skips_its_type_and_nothing_else() {
    let (portal, port) = portal_with_app(small()).await;
    let home = Home::new();
    home.sign_in(&portal, port, &[]).await;
    portal.faults().lose_scopes(&["tickets"]);
    assert_skipped(&home, &portal, &["tickets"], "tickets").await;
    portal.faults().clear();
    sync_well(&home, ID).await;
    home.assert_copied(ID, &portal, &Compared::default());
}
