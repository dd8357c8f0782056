//! What is asked for and kept: switched off, switched on again, sensitive, new.

use std::collections::BTreeSet;

use crm::{ObjectType, PropertyName, Timestamp};
use store::{NewProperties, Reader, Writer};

use crate::rig::{Copy, assert_done, portal, small, truth::assert_equal};

fn contacts() -> ObjectType {
    ObjectType::from("contacts")
}

fn names(names: &[&str]) -> Vec<PropertyName> {
    names.iter().map(|name| PropertyName::from(*name)).collect()
}

/// What is stored is what is asked for; what is not leaves no value, and comes back whole.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_property_that_is_switched_off_is_asked_for_no_more_until_it_is_switched_on() {
    let portal = portal(small()).await;
    let copy = Copy::new();
    copy.import(&portal).await;
    let filled = |copy: &Copy| {
        copy.count(
            "SELECT count(*) FROM contacts WHERE archived = 0 AND properties ->> 'jobtitle' IS NOT NULL",
        )
    };
    let before = filled(&copy);
    assert!(before > 0);
    {
        let mut writer = Writer::open(&copy.mirror()).expect("nobody else writes");
        writer.drop_properties(&contacts(), &names(&["jobtitle"])).expect("it can be switched off");
        while !writer.strip_step(&contacts(), 1_000).expect("values can be taken out") {}
    }
    assert_eq!(filled(&copy), 0);
    assert_done(&copy.run(&portal).await);
    assert_eq!(filled(&copy), 0, "it was asked for");
    assert_eq!(copy.count("SELECT count(*) FROM history"), 0, "switching off is no change of a record");
    {
        let mut writer = Writer::open(&copy.mirror()).expect("nobody else writes");
        let newly =
            writer.store_properties(&contacts(), &names(&["jobtitle"])).expect("it can be switched on");
        assert_eq!(newly, names(&["jobtitle"]));
        let now = Timestamp::from_system(std::time::SystemTime::now());
        sync::request_refill(&mut writer, &contacts(), &newly, now).expect("it can be asked for");
    }
    portal.reset_ledger();
    assert_done(&copy.run(&portal).await);
    assert_eq!(filled(&copy), before);
    // H7: one call a hundred records, for this property alone.
    let reads = portal.ledger().routes["POST objects/contacts/batch/read"];
    assert!(reads <= portal.truth().count("contacts").div_ceil(100), "{reads} calls");
    let reader = Reader::open(&copy.mirror()).expect("there is a copy");
    assert_eq!(reader.refills(&contacts()).expect("contacts are known"), []);
    assert_equal(&copy, &portal);
    assert_eq!(copy.count("SELECT count(*) FROM history"), 0, "nor is switching on");
}

/// Fill rates, different values and examples are there after the first run, and groups have the portal's words.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_properties_hold_is_counted_after_a_run() {
    let portal = portal(small()).await;
    let copy = Copy::new();
    copy.import(&portal).await;
    let reader = Reader::open(&copy.mirror()).expect("there is a copy");
    let choices = reader.property_choices(&contacts()).expect("contacts are known");
    let email =
        choices.iter().find(|choice| choice.definition.name.as_str() == "email").expect("there is one");
    let (found, _) = email.statistics.as_ref().expect("it was counted");
    let filled = copy.count(
        "SELECT count(*) FROM contacts WHERE archived = 0 AND coalesce(properties ->> 'email', '') <> ''",
    );
    assert_eq!(i64::try_from(found.filled).expect("a count"), filled);
    assert_eq!(found.of, portal.truth().count("contacts"));
    assert_eq!((found.distinct, found.samples.len()), (None, 3));
    assert!(email.group_label.as_ref().is_some_and(|label| label.contains(' ')), "{:?}", email.group_label);
    let stages = choices
        .iter()
        .find(|choice| choice.definition.name.as_str() == "lifecyclestage")
        .expect("there is one");
    let (found, _) = stages.statistics.as_ref().expect("it was counted");
    let told: BTreeSet<&str> = found.samples.iter().map(|sample| sample.value.as_str()).collect();
    let labels = copy.texts(
        "SELECT label FROM property_options WHERE object_type = 'contacts' AND property = 'lifecyclestage'",
    );
    assert!(told.iter().all(|value| labels.iter().any(|label| label == value)), "{told:?} are labels");
    assert!(found.distinct.is_some_and(|distinct| distinct > 1));
    // Counted once: nothing has changed since.
    let at = copy.texts("SELECT DISTINCT counted_at FROM property_statistics WHERE object_type = 'contacts'");
    assert_done(&copy.run(&portal).await);
    assert_eq!(
        copy.texts("SELECT DISTINCT counted_at FROM property_statistics WHERE object_type = 'contacts'"),
        at
    );
}

/// Sensitive definitions are known by name, and neither asked for nor shown; a new property follows the policy.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sensitive_and_new_properties_are_known_and_left_alone() {
    let portal = portal(small()).await;
    let mut copy = Copy::new();
    copy.options.new_properties = NewProperties::Leave;
    copy.import(&portal).await;
    let sensitive = copy.count("SELECT count(*) FROM properties WHERE sensitivity <> 'non_sensitive'");
    assert!(sensitive > 0, "the portal has some");
    assert_eq!(
        copy.count(
            "SELECT count(*) FROM properties WHERE sensitivity <> 'non_sensitive' AND (stored OR exposed)"
        ),
        0
    );
    assert_equal(&copy, &portal);
    portal.edit().add_property("contacts", "grade", "string").expect("a property can be made");
    assert_done(&copy.run(&portal).await);
    assert_eq!(
        copy.count("SELECT stored FROM properties WHERE object_type = 'contacts' AND name = 'grade'"),
        0
    );
    copy.options.new_properties = NewProperties::Store;
    portal.edit().add_property("contacts", "mark", "string").expect("a property can be made");
    assert_done(&copy.run(&portal).await);
    assert_eq!(
        copy.count("SELECT stored FROM properties WHERE object_type = 'contacts' AND name = 'mark'"),
        1
    );
}
