//! The cheapest correct way to read each type, and what a whole copy will cost. Pure.

pub(crate) mod predict;

use std::time::Duration;

use hubspot::LimitsSnapshot;

use serde::{Deserialize, Serialize};

use crate::{
    spans::whole,
    way::{Lengths, NamesLength, Way},
};

/// What the portal's pools give, in calls a second at the speed of this run.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Supply {
    /// None: the server names no limit.
    pub(crate) general: Option<f64>,
    pub(crate) search: f64,
    pub(crate) associations: Option<f64>,
    pub(crate) latency: Duration,
}

/// One type, as far as it matters for how it is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Volume {
    /// Records inside the window.
    pub(crate) inside: u64,
    /// Records whenever changed: what the list has to go through.
    pub(crate) overall: u64,
    pub(crate) names: NamesLength,
    /// Search may be used: its order and totals were never found wrong.
    pub(crate) searchable: bool,
}

/// By which ways a type is read; side by side where both are given, and at least one is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Ways {
    pub list: Option<Way>,
    pub search: Option<Way>,
}

/// Calls of the list side by side where nothing else limits them.
pub(crate) const LIST_CHAINS: usize = 12;
pub(crate) const SEARCH_CHAINS: usize = 4;

/// Below this a type is read by whatever takes fewer calls.
const ROWS_SHARED_MIN: u64 = 1_000;
/// A second way must save this share of the time to be worth its searches for where to cut.
const SAVING_MIN: f64 = 0.12;

impl Supply {
    pub(crate) fn of(limits: &LimitsSnapshot, latency: Duration) -> Supply {
        Supply {
            general: limits.general.per_second(),
            search: limits.search.per_second().unwrap_or(5.0),
            associations: limits.associations.per_second(),
            latency,
        }
    }

    /// General calls a second: as allowed, or as many as fit side by side.
    fn calls(&self) -> f64 {
        let quickest = self.latency.max(Duration::from_millis(2)).as_secs_f64();
        self.general.unwrap_or(f64::INFINITY).min(LIST_CHAINS as f64 / quickest)
    }
}

/// What a hundred records inside the window cost each way.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Costs {
    /// General calls, by list.
    pub(crate) list: f64,
    /// General calls and searches, by search.
    pub(crate) batch: f64,
    pub(crate) search: f64,
}

impl Costs {
    pub(crate) fn of(volume: &Volume, lengths: Lengths) -> Costs {
        let (list, search) = (lengths.by_list(volume.names), lengths.by_search(volume.names));
        // Ids have to be listed whenever changed; only those inside the window are read by batch, but which those are
        // the list does not tell, so all are.
        let passed_by = volume.overall.max(volume.inside) as f64 / volume.inside.max(1) as f64;
        Costs { list: list.calls() * passed_by, batch: search.calls(), search: search.searches() }
    }

    /// The share of a type that the list reads when both pools are to end together.
    fn share_by_list(self, calls: f64, searches: f64) -> f64 {
        if self.list <= self.batch {
            return 1.0;
        }
        let room = calls * self.search / searches - self.batch;
        if room <= 0.0 { 0.0 } else { room / (self.list + room) }
    }

    /// Seconds for a hundred records.
    fn seconds(self, by_list: f64, calls: f64, searches: f64) -> f64 {
        let by_search = 1.0 - by_list;
        f64::max((by_list * self.list + by_search * self.batch) / calls, by_search * self.search / searches)
    }
}

/// The cheapest correct ways of one type.
pub(crate) fn ways(volume: &Volume, lengths: Lengths, supply: &Supply) -> Ways {
    let (list, search) = (lengths.by_list(volume.names), lengths.by_search(volume.names));
    let (by_list, by_search, both) = (
        Ways { list: Some(list), search: None },
        Ways { list: None, search: Some(search) },
        Ways { list: Some(list), search: Some(search) },
    );
    if !volume.searchable {
        return by_list;
    }
    let costs = Costs::of(volume, lengths);
    let (calls, searches) = (supply.calls(), supply.search.max(0.1));
    if volume.inside < ROWS_SHARED_MIN && volume.overall < 10 * ROWS_SHARED_MIN || volume.inside == 0 {
        let listed = calls_for(volume.inside, costs.list);
        let searched = calls_for(volume.inside, costs.batch) + calls_for(volume.inside, costs.search);
        // A narrow window of a large type is the only case in which search takes fewer calls by far.
        return if volume.overall > 4 * volume.inside.max(100) && searched < listed.max(2) {
            by_search
        } else {
            by_list
        };
    }
    let share = costs.share_by_list(calls, searches);
    let shared = costs.seconds(share, calls, searches);
    let saves = |alone: f64| shared < alone * (1.0 - SAVING_MIN);
    match (saves(costs.seconds(1.0, calls, searches)), saves(costs.seconds(0.0, calls, searches))) {
        (false, _) => by_list,
        (true, false) => by_search,
        (true, true) => both,
    }
}

/// Whole calls for so many records at a cost per hundred.
pub(crate) fn calls_for(records: u64, per_hundred: f64) -> u64 {
    whole((records as f64 / 100.0 * per_hundred).ceil())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lengths as of so many names of HubSpot's usual length.
    fn names(count: usize) -> NamesLength {
        NamesLength { url: 200 + count * 24, body: 480 + count * 26 }
    }

    fn supply(general: f64) -> Supply {
        Supply {
            general: Some(general * 0.98 / 10.0),
            search: 4.0,
            associations: Some(9.8),
            latency: Duration::from_millis(300),
        }
    }

    fn volume(inside: u64, overall: u64, properties: usize) -> Volume {
        Volume { inside, overall, names: names(properties), searchable: true }
    }

    const LIST: Ways = Ways { list: Some(Way::List), search: None };
    const BOTH: Ways = Ways { list: Some(Way::List), search: Some(Way::Search) };
    const LIST_BATCH: Option<Way> = Some(Way::ListAndBatch);

    #[test]
    fn the_cheapest_way_follows_from_lengths_limits_and_how_much_there_is() {
        let fresh = Lengths::default();
        let bounded = Lengths { body_max: Some(3_000), ..fresh };
        let unlimited = Supply { general: None, latency: Duration::from_millis(5), ..supply(100.0) };
        let many = volume(100_000, 100_000, 60);
        let wide = volume(100_000, 100_000, 1_200);
        let rows: &[(&str, Volume, Lengths, Supply, Ways)] = &[
            ("the usual", many, fresh, supply(110.0), BOTH),
            ("the largest plan", many, fresh, supply(250.0), BOTH),
            ("no limits: search would only be in the way", many, fresh, unlimited, LIST),
            ("hardly anything", volume(300, 300, 60), fresh, supply(110.0), LIST),
            ("nothing", volume(0, 0, 60), fresh, supply(110.0), LIST),
            ("search is not to be trusted", Volume { searchable: false, ..many }, fresh, supply(110.0), LIST),
            (
                "too many names for a URL",
                volume(100_000, 100_000, 399),
                fresh,
                supply(110.0),
                Ways { list: LIST_BATCH, search: Some(Way::Search) },
            ),
            (
                "too many for a bounded body as well: its batch reads need most of a small pool",
                wide,
                bounded,
                supply(100.0),
                Ways { list: None, search: Some(Way::SearchAndBatch) },
            ),
            (
                "and leave something of a large one",
                wide,
                bounded,
                supply(190.0),
                Ways { list: LIST_BATCH, search: Some(Way::SearchAndBatch) },
            ),
            (
                "names that fit a URL and not a bounded body",
                volume(100_000, 100_000, 200),
                bounded,
                supply(110.0),
                LIST,
            ),
            (
                "a narrow window of a large type",
                volume(2_000, 100_000, 60),
                fresh,
                supply(110.0),
                Ways { list: None, search: Some(Way::Search) },
            ),
            (
                "an all but empty window of a large type",
                volume(3, 5_000, 60),
                fresh,
                supply(110.0),
                Ways { list: None, search: Some(Way::Search) },
            ),
            ("a window that holds nearly all", volume(95_000, 100_000, 60), fresh, supply(110.0), BOTH),
        ];
        for (name, volume, lengths, supply, expected) in rows {
            assert_eq!(ways(volume, *lengths, supply), *expected, "{name}");
        }
    }

    /// DESIGN's bound: 100,000 contacts at an app's limits, search at five a second.
    #[test]
    fn two_pools_that_end_together_take_half_the_time_of_one() {
        let costs = Costs::of(&volume(100_000, 100_000, 60), Lengths::default());
        let (calls, searches) = (11.0, 5.0);
        let share = costs.share_by_list(calls, searches);
        let both = costs.seconds(share, calls, searches) * 1_000.0;
        let alone = costs.seconds(1.0, calls, searches) * 1_000.0;
        assert!((both - 47.6).abs() < 0.1 && (alone - 90.9).abs() < 0.1, "{both} s, alone {alone} s");
    }
}
