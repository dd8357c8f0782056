//! The cheapest correct way to read each type, and what a whole copy will cost. Pure.

use std::time::Duration;

use hubspot::LimitsSnapshot;

use crate::way::{Lengths, NamesLength, Way};

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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
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
const SAVING_MIN: f64 = 0.1;

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
    (records as f64 / 100.0 * per_hundred).ceil() as u64
}
