//! A first import ends as an exact copy.

use simulator::Config;

use crate::rig::{Copy, portal, small, stream, truth::assert_equal};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_of_everything_equals_the_portal() {
    let portal = portal(Config { contacts: 1_200, unknown_fields: true, ..Config::default() }).await;
    let copy = Copy::new();
    let outcome = copy.import(&portal).await;
    assert!(outcome.first_import);
    assert_equal(&copy, &portal);
    for object in ["contacts", "companies", "deals", "tickets", "line_items", "products", "notes"] {
        let report = stream(&outcome, object);
        assert_eq!(report.stored, portal.truth().count(object), "{object}");
        assert_eq!((report.found, report.quarantined), (Some(report.stored), 0), "{object}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_run_changes_nothing_in_a_portal_that_did_not_change() {
    let portal = portal(small()).await;
    let copy = Copy::new();
    copy.import(&portal).await;
    let before = written(&copy);
    let outcome = copy.import(&portal).await;
    assert!(!outcome.first_import);
    assert_eq!(written(&copy), before, "rows were rewritten");
    assert_equal(&copy, &portal);
}

/// How often rows of each type have been written.
fn written(copy: &Copy) -> Vec<String> {
    copy.texts("SELECT object_type || ' ' || changes FROM object_types ORDER BY 1")
}
