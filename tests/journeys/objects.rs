//! Every object type: the usual ones, those that only some portals have, custom ones with awkward names.

use simulator::Config;
use sync::StreamState;

use crate::rig::{Copy, assert_done, portal, small, stream, truth::assert_equal};

/// H5: a custom object named like a standard one, and one in upper case.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_type_that_a_portal_may_have_is_copied_with_its_links() {
    let config = Config { contacts: 400, ..Config::default() };
    let portal = portal(config.with_every_object().with_objects(&["2-41873011", "2-41873012"])).await;
    let copy = Copy::new();
    let outcome = copy.import(&portal).await;
    assert!(outcome.absent.is_empty(), "{:?}", outcome.absent);
    assert_equal(&copy, &portal);
    for (table, object) in
        [("leads", "leads"), ("crm_users", "users"), ("payments", "payments"), ("orders", "orders")]
    {
        let report = stream(&outcome, table);
        assert_eq!(
            (report.stored, report.state),
            (portal.truth().count(object), StreamState::Done),
            "{object}"
        );
        assert!(report.stored > 0, "{object}");
    }
    let awkward = copy.texts("SELECT object_type FROM object_types WHERE custom = 1 ORDER BY type_id");
    assert_eq!(
        awkward,
        ["bikes", "p24817305_tickets", "Vendor"].map(|name| name.replace("bikes", &awkward[0]))
    );
    // A second run finds the same, and tries nothing anew.
    portal.reset_ledger();
    assert_done(&copy.run(&portal).await);
    assert_equal(&copy, &portal);
}

/// A type that is not in the portal's plan is left out without alarm, and costs nothing until a day has passed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn types_that_a_portal_lacks_are_tried_once_and_remembered() {
    let portal = portal(small()).await;
    let mut copy = Copy::new();
    let outcome = copy.import(&portal).await;
    let absent: Vec<&str> = outcome.absent.iter().map(|absent| absent.object.as_str()).collect();
    assert!(absent.contains(&"leads") && absent.contains(&"invoices"), "{absent:?}");
    assert!(outcome.absent.iter().all(|absent| !absent.reason.is_empty()), "{:?}", outcome.absent);
    assert_eq!(copy.count("SELECT count(*) FROM object_types WHERE object_type IN ('leads', 'invoices')"), 0);
    assert_eq!(copy.count("SELECT count(*) FROM run_events WHERE level IN ('warn', 'error')"), 0);
    assert_equal(&copy, &portal);
    let tried = |portal: &simulator::Simulator| {
        portal
            .ledger()
            .routes
            .iter()
            .filter(|(route, _)| route.contains("lead"))
            .map(|(_, calls)| *calls)
            .sum::<u64>()
    };
    portal.reset_ledger();
    assert_done(&copy.run(&portal).await);
    assert_eq!(tried(&portal), 0, "it was tried again at once");
    // What is granted is known now, and leads are not among it: not even one call.
    copy.options.granted = Some(small().scopes);
    copy.options.full = true;
    assert_done(&copy.run(&portal).await);
    assert_eq!(tried(&portal), 0);
}
