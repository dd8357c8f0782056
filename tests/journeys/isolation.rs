//! Two connections never meet: one file, one portal.

use simulator::Config;

use crate::rig::{Copy, assert_done, portal, truth::assert_equal};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_portals_copied_at_once_stay_apart() {
    let (one, two) = tokio::join!(
        portal(Config { contacts: 300, seed: 1, ..Config::default() }),
        portal(Config { contacts: 250, seed: 2, portal: 99_000_111, ..Config::default() }),
    );
    let (first, second) = (Copy::new(), Copy::new());
    let (a, b) = tokio::join!(first.run(&one), second.run(&two));
    assert_done(&a);
    assert_done(&b);
    assert_equal(&first, &one);
    assert_equal(&second, &two);
    assert_eq!(first.count("SELECT portal_id FROM account"), 24_817_305);
    assert_eq!(second.count("SELECT portal_id FROM account"), 99_000_111);
}
