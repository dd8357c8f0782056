//! What changed since the first copy.

use store::{HistoryBounds, PageCommit, Reader};

use crate::make::{Mirror, contacts, day, mirror, page, record};

/// Commits one value of one contact, seen on that day.
fn seen(mirror: &mut Mirror, number: i64, value: &str, on: i64) {
    let contacts = contacts();
    let range = mirror.writer.plan_ranges("contacts", "list", &[(1, i64::MAX)]).unwrap().remove(0);
    let records = [record(number, on, &format!(r#"{{"stage":"{value}"}}"#))];
    let commit = PageCommit { at: day(on), ..page(&contacts, range.id, &records) };
    mirror.writer.commit_page(&commit).unwrap();
}

fn mirror_of_a_week() -> Mirror {
    let mut mirror = mirror();
    for on in 1..=7 {
        for number in 1..=3 {
            seen(&mut mirror, number, &format!("s{on}"), on);
        }
    }
    mirror
}

#[test]
fn what_changed_since_a_day_is_one_query_that_an_index_serves() {
    let mirror = mirror_of_a_week();
    let reader = Reader::open(&mirror.path()).unwrap();
    let changed = reader.changed_since(day(6), 100).unwrap();
    let said: Vec<_> = changed
        .iter()
        .map(|one| (one.id.get(), one.property.as_str(), one.old.as_deref(), one.new.as_deref()))
        .collect();
    assert_eq!(said.len(), 6);
    assert_eq!(said[0], (3, "stage", Some("s6"), Some("s7")));
    assert_eq!(said[5], (1, "stage", Some("s5"), Some("s6")));
    assert!(changed.iter().all(|one| one.object == contacts() && one.seen_at >= day(6)));
    let plan = mirror.rows(
        "EXPLAIN QUERY PLAN SELECT * FROM history WHERE seen_at >= '2026-01-07' ORDER BY seen_at DESC, seq DESC LIMIT 5",
    );
    assert_eq!(plan.len(), 1, "{plan:?}");
    assert!(plan[0].contains("USING INDEX history_seen (seen_at>?)"), "{plan:?}");
}

#[test]
fn history_is_kept_within_its_bounds_the_oldest_goes_first_in_steps() {
    let mut mirror = mirror_of_a_week();
    let count = |mirror: &Mirror| mirror.rows("SELECT count(*), min(seen_at) FROM history").remove(0);
    assert_eq!(count(&mirror), "18|2026-01-03T00:00:00.000Z");
    let prune = |mirror: &mut Mirror, rows_max, since| {
        let bounds = HistoryBounds { rows_max, since };
        let mut steps = 1;
        while !mirror.writer.prune_history(&bounds, 4).unwrap() {
            steps += 1;
        }
        steps
    };
    assert_eq!(prune(&mut mirror, None, None), 1);
    assert_eq!(prune(&mut mirror, None, Some(day(4))), 2);
    assert_eq!(count(&mirror), "12|2026-01-05T00:00:00.000Z");
    assert_eq!(prune(&mut mirror, Some(5), None), 2);
    assert_eq!(count(&mirror), "5|2026-01-07T00:00:00.000Z");
    assert_eq!(prune(&mut mirror, Some(5), Some(day(1))), 1);
}
