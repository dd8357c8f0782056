//! Records that go, come back, or become one; people and stages that are no more.

use simulator::{Change, Config, MergeSurvivor, Simulator, Step, Switches};
use store::Reader;

use crate::rig::{Copy, assert_done, portal, small, truth::assert_equal};

fn ids(portal: &Simulator, object: &str) -> Vec<u64> {
    let mut ids = Vec::new();
    portal.truth().ids(object, |id| ids.push(id));
    ids
}

fn live(copy: &Copy, id: u64) -> i64 {
    copy.count(&format!("SELECT count(*) FROM contacts WHERE id = {id} AND archived = 0"))
}

/// D1: what was archived, restored and erased stands so after one run, whether or not a restore moves the stamp.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn archived_restored_and_erased_records_stand_so_after_one_sync() {
    for restore_moves_stamp in [true, false] {
        let switches = Switches { restore_moves_stamp, ..Switches::default() };
        let portal = portal(Config { switches, ..small() }).await;
        let copy = Copy::new();
        let all = ids(&portal, "contacts");
        copy.import(&portal).await;
        portal.edit().archive("contacts", all[30]).expect("it is there");
        assert_done(&copy.run(&portal).await);
        assert_eq!(live(&copy, all[30]), 0);
        for id in &all[40..43] {
            portal.edit().archive("contacts", *id).expect("it is there");
        }
        portal.edit().restore("contacts", all[30]).expect("it was archived");
        portal.edit().erase("contacts", all[50]).expect("it is there");
        assert_done(&copy.run(&portal).await);
        assert_equal(&copy, &portal);
        assert_eq!(all[40..43].iter().map(|id| live(&copy, *id)).sum::<i64>(), 0);
        assert_eq!(live(&copy, all[30]), 1, "restored");
        assert_eq!(copy.count(&format!("SELECT count(*) FROM contacts WHERE id = {}", all[50])), 0);
        assert_eq!(copy.count(&format!("SELECT count(*) FROM erased WHERE id = {}", all[50])), 1);
    }
}

/// A type whose archived records nobody can read loses none for good: what is not alive is kept as archived.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_erased_where_archived_records_cannot_be_read() {
    let switches = Switches { archived_list_refused: vec!["contacts".to_owned()], ..Switches::default() };
    let portal = portal(Config { switches, ..small() }).await;
    let copy = Copy::new();
    let all = ids(&portal, "contacts");
    copy.import(&portal).await;
    portal.edit().archive("contacts", all[30]).expect("it is there");
    portal.edit().erase("contacts", all[31]).expect("it is there");
    assert_done(&copy.run(&portal).await);
    for id in [all[30], all[31]] {
        let sql = format!("SELECT count(*) FROM contacts WHERE id = {id} AND archived = 1");
        assert_eq!(copy.count(&sql), 1, "{id}");
    }
    assert_eq!(copy.count("SELECT count(*) FROM erased"), 0);
}

/// D2: merged records count once, and whatever led to the old ids leads to the one that is left.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn merged_records_count_once_and_old_links_and_ids_lead_to_the_one_that_is_left() {
    let ways = [
        (MergeSurvivor::NewRecord, true),
        (MergeSurvivor::NewRecord, false),
        (MergeSurvivor::Primary, true),
        (MergeSurvivor::Primary, false),
    ];
    for (merge_survivor, batch_read_resolves_merged) in ways {
        let switches = Switches { merge_survivor, batch_read_resolves_merged, ..Switches::default() };
        let portal = portal(Config { switches, ..small() }).await;
        let copy = Copy::new();
        copy.import(&portal).await;
        let mut linked = None;
        portal
            .truth()
            .links("deals", "contacts", |link| linked = linked.or(Some((link.from_id, link.to_id))));
        let (deal, loser) = linked.expect("a deal with a contact");
        let all = ids(&portal, "contacts");
        let winner = all.iter().copied().find(|id| *id != loser).expect("another");
        let left = portal.edit().merge("contacts", winner, loser).expect("both are there");
        let before = copy.count("SELECT count(*) FROM contacts WHERE archived = 0");
        assert_done(&copy.run(&portal).await);
        assert_equal(&copy, &portal);
        assert_eq!(copy.count("SELECT count(*) FROM contacts WHERE archived = 0"), before - 1);
        let sql = format!("SELECT id FROM merged_ids WHERE object_type = 'contacts' AND old_id = {loser}");
        assert_eq!(copy.count(&sql), left.cast_signed());
        let sql = format!(
            "SELECT count(*) FROM links WHERE from_type = 'deals' AND from_id = {deal} AND to_type = 'contacts' AND to_id = {left}"
        );
        assert!(copy.count(&sql) > 0, "the deal's link leads to the one that is left");
        let sql = format!("SELECT count(*) FROM associations WHERE to_id = {loser} OR from_id = {loser}");
        assert_eq!(copy.count(&sql), 0);
        let reader = Reader::open(&copy.mirror()).expect("a mirror");
        let old = crm::RecordId::new(loser.cast_signed()).expect("an id");
        let page = reader.record(&"contacts".into(), old).expect("it can be read").expect("a record");
        assert_eq!(page.id.get(), left.cast_signed(), "the page of the old id is the survivor's");
        // Merged again: chains end at the last.
        let third = all.iter().copied().find(|id| ![winner, loser].contains(id)).expect("a third");
        let last = portal.edit().merge("contacts", third, left).expect("both are there");
        assert_done(&copy.run(&portal).await);
        assert_equal(&copy, &portal);
        assert_eq!(
            copy.count(&format!("SELECT id FROM merged_ids WHERE old_id = {loser}")),
            last.cast_signed()
        );
    }
}

/// Merges, archives and erasures at every page of a first copy: after the next run the copy is what the portal is.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_goes_at_a_page_boundary_of_the_copy_is_gone_after_the_next_run() {
    for boundary in 0..4 {
        let portal = portal(small()).await;
        let copy = Copy::new();
        let all = ids(&portal, "contacts");
        let contacts = || "contacts".to_owned();
        let changes = [
            Change::Merge { object: contacts(), primary: all[10], other: all[250] },
            Change::Merge { object: contacts(), primary: all[260], other: all[20] },
            Change::Archive { object: contacts(), id: all[99] },
            Change::Archive { object: contacts(), id: all[100] },
            Change::Erase { object: contacts(), id: all[199] },
        ];
        let path = "/crm/objects/2026-03/contacts";
        portal.script().set(changes.map(|change| Step::after(boundary, change).on(path)).into());
        assert_done(&copy.run(&portal).await);
        assert_done(&copy.run(&portal).await);
        assert_equal(&copy, &portal);
    }
}

/// D3: an owner who left, with the name cleared, still has it on the deals.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_owner_who_left_keeps_the_name() {
    let portal = portal(small()).await;
    let copy = Copy::new();
    copy.import(&portal).await;
    let busiest = "SELECT o.id || '|' || o.name FROM owners o JOIN deals d ON d.properties ->> 'hubspot_owner_id' = o.id
         WHERE o.archived = 0 AND o.first_name <> '' GROUP BY o.id ORDER BY count(*) DESC LIMIT 1";
    let found = copy.texts(busiest).remove(0);
    let (id, name) = found.split_once('|').expect("two words");
    portal.edit().deactivate_owner(id.parse().expect("an id"), true).expect("an owner");
    assert_done(&copy.run(&portal).await);
    let owner = copy.texts(&format!("SELECT name || '|' || archived FROM owners WHERE id = '{id}'"));
    assert_eq!(owner, [format!("{name}|1")]);
    let shown = copy.count(&format!(
        "SELECT count(*) FROM deals_view v JOIN deals d USING (id)
         WHERE d.properties ->> 'hubspot_owner_id' = '{id}' AND v.deal_owner = '{name}'"
    ));
    assert!(shown > 0, "the view shows the name");
}

/// D4, H6: a stage and a property that were deleted keep their labels and values for the records that have them.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deleted_stage_keeps_its_label_and_a_deleted_property_its_values() {
    let portal = portal(small()).await;
    let copy = Copy::new();
    copy.import(&portal).await;
    let used = "SELECT s.pipeline_id || '|' || s.id || '|' || s.label FROM stages s
         JOIN deals d ON d.properties ->> 'dealstage' = s.id AND d.properties ->> 'pipeline' = s.pipeline_id
         WHERE s.object_type = 'deals' GROUP BY 1 ORDER BY count(*) DESC LIMIT 1";
    let found = copy.texts(used).remove(0);
    let parts: Vec<&str> = found.split('|').collect();
    let with_title = copy.count("SELECT count(*) FROM contacts WHERE properties ->> 'jobtitle' IS NOT NULL");
    assert!(with_title > 0);
    portal.edit().delete_stage("deals", parts[0], parts[1]).expect("a stage");
    portal.edit().remove_property("contacts", "jobtitle").expect("a property");
    assert_done(&copy.run(&portal).await);
    let stage = format!(
        "SELECT label || '|' || archived FROM stages WHERE object_type = 'deals' AND id = '{}'",
        parts[1]
    );
    assert_eq!(copy.texts(&stage), [format!("{}|1", parts[2])]);
    let shown = copy.count(&format!("SELECT count(*) FROM deals_view WHERE deal_stage = '{}'", parts[2]));
    assert!(shown > 0, "the view shows the label");
    let kept = copy.count("SELECT count(*) FROM contacts WHERE properties ->> 'jobtitle' IS NOT NULL");
    assert_eq!(kept, with_title, "values of a property that is gone stay");
}
