//! What a run does for the copy when all streams are done: counts what properties hold, keeps history within its bounds,
//! and finishes taking out what is stored no more. Small steps; none of it asks HubSpot.

use std::time::Duration;

use crm::Timestamp;
use hubspot::ObjectKind;
use serde::{Deserialize, Serialize};
use store::HistoryBounds;

use crate::{Error, context::Context};

/// How much of what changed is kept. What lies outside is forgotten after each run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeepHistory {
    /// Changes of single properties; a million take about 150 MB.
    pub rows: Option<u64>,
    pub days: Option<u32>,
}

impl Default for KeepHistory {
    fn default() -> KeepHistory {
        KeepHistory { rows: Some(1_000_000), days: None }
    }
}

impl KeepHistory {
    fn bounds(&self, now: Timestamp) -> HistoryBounds {
        let age = self.days.map(|days| Duration::from_secs(u64::from(days) * 24 * 60 * 60));
        HistoryBounds { rows_max: self.rows, since: age.map(|age| now.minus(age)) }
    }
}

/// Rows that are looked at to know what a property's values are like: a tenth of a second, whatever the type's size.
const EXAMINED: usize = 10_000;
/// One fiftieth of the rows has to change before it is worth counting again.
const CHANGED_SHARE: u64 = 50;
/// Rows of one step, so that nothing else waits long for the writer.
const STEP: usize = 5_000;

/// Where the copy stood when properties were last counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
struct Counted {
    /// Rows of the type that had ever been written.
    changes: u64,
}

pub(crate) async fn after(context: &Context, copied: &[ObjectKind]) -> Result<(), Error> {
    for kind in copied {
        count(context, kind).await?;
        while !strip(context, kind).await? {}
    }
    let bounds = context.history.bounds(context.now());
    while !context.writer.call(move |store| store.prune_history(&bounds, STEP)).await? {}
    Ok(())
}

async fn strip(context: &Context, kind: &ObjectKind) -> Result<bool, Error> {
    let object = kind.object.clone();
    context.writer.call(move |store| store.strip_step(&object, STEP)).await
}

async fn count(context: &Context, kind: &ObjectKind) -> Result<(), Error> {
    let (object, key) = (kind.object.clone(), format!("statistics:{}", kind.object));
    let asked = key.clone();
    let look = move |reader: &store::Reader| {
        let before: Option<Counted> =
            reader.checkpoint(&asked)?.and_then(|json| serde_json::from_str(&json).ok());
        let (changes, live) = (reader.changes(&object)?, reader.counts(&object)?.live);
        if !is_due(before, changes, live) {
            return Ok(None);
        }
        Ok(Some((reader.examine_properties(&object, EXAMINED)?, changes)))
    };
    // Beside the writer: looking at rows keeps nothing waiting.
    let Some((found, changes)) = context.writer.read(look).await? else { return Ok(()) };
    let (object, at) = (kind.object.clone(), context.now());
    let json = serde_json::to_string(&Counted { changes }).expect("a mark holds only numbers");
    context
        .writer
        .call(move |store| {
            store.put_property_statistics(&object, &found, at)?;
            store.put_checkpoint(&key, &json, at)
        })
        .await
}

fn is_due(before: Option<Counted>, changes: u64, live: u64) -> bool {
    let Some(before) = before else { return changes > 0 };
    let changed = changes.saturating_sub(before.changes);
    changed > 0 && changed.saturating_mul(CHANGED_SHARE) >= live
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_counted_again_when_a_fiftieth_of_the_rows_has_changed() {
        let before = |changes| Some(Counted { changes });
        assert!(is_due(None, 1, 1));
        assert!(!is_due(None, 0, 0), "there is nothing to count");
        assert!(!is_due(before(100), 100, 10));
        assert!(is_due(before(100), 101, 50));
        assert!(!is_due(before(100), 101, 51));
        assert!(is_due(before(0), 20_000, 1_000_000));
        assert!(!is_due(before(0), 19_999, 1_000_000));
    }

    #[test]
    fn days_become_a_moment() {
        let now = Timestamp::from_millis(10 * 24 * 60 * 60 * 1_000);
        let bounds = KeepHistory { rows: None, days: Some(3) }.bounds(now);
        assert_eq!(bounds.since, Some(Timestamp::from_millis(7 * 24 * 60 * 60 * 1_000)));
        assert_eq!(KeepHistory::default().bounds(now).rows_max, Some(1_000_000));
    }
}
