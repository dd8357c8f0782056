//! One case, made by chance: what the portal is like, what goes wrong, and what people do in it meanwhile.
//!
//! Only what HubSpot itself may do is done here: stamps move with the portal's clock, and search learns of everything
//! within 45 minutes.

use std::time::Duration;

use simulator::{
    Change, Config, Effect, Fault, Faults, IdOrder, LimitName, ListAfter, MergeSurvivor, Simulator, Step,
    Switches,
};
use sync::RunKind;

use super::chance::Chance;

const MINUTE: i64 = 60_000;

/// Types on which people work, each with a property of theirs and a calculated one.
const EDITED: [(&str, &str, &str); 4] = [
    ("contacts", "jobtitle", "hs_calculated_full_name"),
    ("companies", "city", "num_notes"),
    ("deals", "dealname", "hs_projected_amount"),
    ("tickets", "subject", "num_notes"),
];
/// Pairs of types that people link.
const LINKED: [(&str, &str); 5] = [
    ("contacts", "companies"),
    ("deals", "contacts"),
    ("tickets", "companies"),
    ("contacts", "contacts"),
    ("notes", "deals"),
];
/// Properties that somebody may delete.
const REMOVED: [(&str, &str); 3] = [("contacts", "fax"), ("companies", "zip"), ("deals", "description")];

/// What a portal is like.
pub(super) fn config(chance: &mut Chance) -> Config {
    let mut rarely = |value: bool| value == chance.one_in(4);
    let mut switches = Switches {
        search_total_capped: rarely(true),
        search_short_pages: rarely(true),
        search_swaps: rarely(true),
        batch_read_resolves_merged: rarely(false),
        restore_moves_stamp: rarely(false),
        association_shares_pool: rarely(true),
        ..Switches::default()
    };
    switches.list_after = chance
        .pick(&[ListAfter::AnyId, ListAfter::AnyId, ListAfter::Refused, ListAfter::FromStart])
        .expect("some");
    switches.search_id_order =
        chance.pick(&[IdOrder::Numeric, IdOrder::Numeric, IdOrder::Text]).expect("some");
    switches.merge_survivor = chance
        .pick(&[MergeSurvivor::NewRecord, MergeSurvivor::NewRecord, MergeSurvivor::Primary])
        .expect("some");
    switches.search_lag_millis = chance.pick(&[0, 0, 600_000, 2_700_000]).expect("some");
    switches.search_slack_millis = chance.pick(&[0, 0, 0, 700]).expect("some");
    switches.search_body_max = chance.pick(&[None, None, Some(3_000)]).expect("some");
    switches.association_page = chance.pick(&[500, 100, 7]).expect("some");
    switches.url_max = chance.pick(&[16_000, 8_000]).expect("some");
    if chance.one_in(4) {
        switches.association_moves_stamp = vec!["contacts".to_owned(), "deals".to_owned()];
    }
    Config {
        contacts: 30 + chance.below(220),
        seed: chance.next(),
        archived_every: chance.pick(&[0, 10, 60]).expect("some"),
        huge_ids: chance.one_in(3),
        unknown_fields: chance.one_in(3),
        same_instant: chance.pick(&[0, 0, 150]).expect("some"),
        switches,
        ..Config::default()
    }
}

/// What goes wrong during a run: nothing that takes long to wait for.
pub(super) fn faults(chance: &mut Chance) -> Faults {
    let mut rules = Vec::new();
    for _ in 0..chance.below(4) {
        let status = |status| Effect::Status { status };
        let effect = match chance.below(9) {
            0 => status(500),
            1 => status(502),
            2 => status(503),
            3 => status(524),
            4 => Effect::Reset,
            5 => Effect::Truncate { percent: 60 },
            6 => Effect::Malformed,
            7 => Effect::Html,
            _ => Effect::Limited { limit: LimitName::Secondly, retry_after: Some(0) },
        };
        let mut fault = Fault::new(effect).on("/crm/").after(chance.below(60));
        fault = if chance.one_in(2) { fault.times(1 + chance.below(3)) } else { fault.rate(0.02) };
        if chance.one_in(4) {
            fault = fault
                .holding(chance.pick(&["/search", "batch/read", "objects/", "associations"]).expect("some"));
        }
        rules.push(fault);
    }
    Faults { rules, ..Faults::default() }
}

/// How long before an edit is known to search; none for as long as usual.
fn lag(chance: &mut Chance) -> Option<u64> {
    chance.pick(&[None, None, Some(0), Some(600_000), Some(2_700_000)]).expect("some")
}

/// Edits while a run is under way.
pub(super) fn script(chance: &mut Chance, portal: &Simulator) -> Vec<Step> {
    let steps = (0..chance.below(14)).filter_map(|_| {
        let after = chance.below(140);
        let mut step = Step::after(after, edit(chance, portal)?);
        step.lag_millis = lag(chance);
        Some(step)
    });
    steps.collect()
}

/// Edits between two runs, made at once. Those that cannot be made any more are left out.
pub(super) fn edits(chance: &mut Chance, portal: &Simulator) -> Vec<Change> {
    let mut made = Vec::new();
    for _ in 0..chance.below(12) {
        let Some(change) = edit(chance, portal) else { continue };
        let lag = lag(chance).map(Duration::from_millis);
        let editor = lag.map_or(portal.edit(), |lag| portal.edit().lagging(lag));
        if editor.make(&change).is_ok() {
            made.push(change);
        }
        if chance.one_in(3) {
            portal.clock().advance(Duration::from_millis(chance.below(200_000)));
        }
    }
    made
}

fn edit(chance: &mut Chance, portal: &Simulator) -> Option<Change> {
    let (kind, own, calculated) = chance.pick(&EDITED)?;
    let object = kind.to_owned();
    let text = format!("by chance {}", chance.below(1_000));
    let live = ids(portal, kind, false);
    let id = chance.pick(&live);
    Some(match chance.below(20) {
        0..=3 => Change::Update { object, id: id?, values: [(own.to_owned(), Some(text))].into() },
        4 => Change::Update { object, id: id?, values: [(own.to_owned(), None)].into() },
        5 => Change::Recalculate { object, id: id?, values: [(calculated.to_owned(), Some(text))].into() },
        6 | 7 => Change::Create { object, values: [(own.to_owned(), text)].into() },
        8 | 9 => Change::Archive { object, id: id? },
        10 => Change::Restore { object, id: chance.pick(&ids(portal, kind, true))? },
        11 | 12 => {
            let other = chance.pick(&live).filter(|&other| Some(other) != id)?;
            Change::Merge { object, primary: id?, other }
        }
        13 => Change::Erase { object, id: id? },
        14..=16 => {
            let (a, b) = chance.pick(&LINKED)?;
            let from = (a.to_owned(), chance.pick(&ids(portal, a, false))?);
            let to =
                (b.to_owned(), chance.pick(&ids(portal, b, false)).filter(|&to| a != b || to != from.1)?);
            if chance.one_in(3) {
                let linked = linked(portal, a, b);
                let (x, y) = chance.pick(&linked)?;
                Change::Dissociate { from: (from.0, x), to: (to.0, y) }
            } else {
                Change::Associate { from, to, types: Vec::new() }
            }
        }
        17 => Change::RestampAll { object, at: None },
        18 => Change::AddProperty {
            object,
            name: format!("by_chance_{}", chance.below(3)),
            value_type: "string".to_owned(),
        },
        _ => match chance.below(3) {
            0 => {
                let (object, name) = chance.pick(&REMOVED)?;
                Change::RemoveProperty { object: object.to_owned(), name: name.to_owned() }
            }
            1 => Change::RetypeProperty { object, name: own.to_owned(), value_type: "number".to_owned() },
            _ => Change::DeactivateOwner { id: 75_112_301, clear_name: true },
        },
    })
}

fn ids(portal: &Simulator, object: &str, archived: bool) -> Vec<u64> {
    let mut found = Vec::new();
    portal.truth().records(object, |record| {
        if record.archived == archived {
            found.push(record.id);
        }
    });
    found
}

fn linked(portal: &Simulator, from: &str, to: &str) -> Vec<(u64, u64)> {
    let mut found = Vec::new();
    portal.truth().links(from, to, |link| found.push((link.from_id, link.to_id)));
    found
}

/// Time that passes between two runs.
pub(super) fn pause(chance: &mut Chance) -> i64 {
    match chance.below(5) {
        0 => 0,
        1 => 15 * MINUTE,
        2 => 61 * MINUTE,
        3 => 26 * 60 * MINUTE,
        _ => i64::try_from(chance.below(600)).expect("minutes") * MINUTE,
    }
}

pub(super) fn run_kind(chance: &mut Chance) -> RunKind {
    if chance.one_in(2) { RunKind::Poll } else { RunKind::Sync }
}
