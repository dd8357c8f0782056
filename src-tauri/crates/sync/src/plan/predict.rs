//! What a whole copy will cost, from how much there is and what the pools give. Pure.

use std::{ops::AddAssign, time::Duration};

use serde::{Deserialize, Serialize};

use super::{Costs, Supply, Volume, Ways, calls_for, ways};
use crate::{spans, way::Lengths};

/// Calls, by the pool they draw on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Calls {
    pub general: u64,
    pub search: u64,
    pub associations: u64,
}

impl Calls {
    pub fn all(self) -> u64 {
        self.general + self.search + self.associations
    }
}

impl AddAssign for Calls {
    fn add_assign(&mut self, other: Calls) {
        self.general += other.general;
        self.search += other.search;
        self.associations += other.associations;
    }
}

/// Calls by what they are for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Stages {
    pub definitions: Calls,
    pub records: Calls,
    pub links: Calls,
    pub checks: Calls,
}

impl Stages {
    pub fn all(self) -> Calls {
        let mut all = self.definitions;
        for stage in [self.records, self.links, self.checks] {
            all += stage;
        }
        all
    }
}

/// What is known of one type before it is copied.
#[derive(Debug, Clone)]
pub(crate) struct TypeBasis {
    pub(crate) object: String,
    pub(crate) label: String,
    pub(crate) volume: Volume,
    pub(crate) exact: bool,
    pub(crate) properties: u64,
    /// Only what changed since the last time: that many are inside.
    pub(crate) changes: bool,
    /// Disk that one more record takes; records that are here already take none.
    pub(crate) record_bytes: f64,
    pub(crate) here: u64,
    /// Permissions without which the type is skipped.
    pub(crate) missing_scopes: Vec<String>,
}

/// What is known of a portal before a run.
#[derive(Debug, Clone)]
pub(crate) struct Basis {
    pub(crate) supply: Supply,
    pub(crate) lengths: Lengths,
    pub(crate) definitions: Calls,
    pub(crate) types: Vec<TypeBasis>,
    /// Records whose links are asked, for each reading of a pair.
    pub(crate) pairs: Vec<u64>,
    /// Questions for the labels of pairs.
    pub(crate) labels: u64,
    pub(crate) windowed: bool,
}

/// How one type will be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TypePlan {
    pub object: String,
    pub label: String,
    /// Records inside the window, or changed ones; none where the type is skipped.
    pub records: u64,
    pub exact: bool,
    pub overall: u64,
    pub properties: u64,
    pub changes: bool,
    pub ways: Ways,
    pub by_list: u64,
    pub by_search: u64,
    pub missing_scopes: Vec<String>,
}

/// How everything will be read, and what it costs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Plan {
    pub types: Vec<TypePlan>,
    pub stages: Stages,
    pub millis: u64,
    /// Bytes that the mirror grows by.
    pub bytes: u64,
}

/// Inputs of one association call.
const LINKED: u64 = 1_000;
/// A type of at least so many records is cut for several chains.
const CUT_MIN: u64 = 2_000;
/// Seconds that a pool of ten is ahead: a whole window of calls may go at twice the pace when nothing went before.
const HEAD_START: f64 = 5.0;
/// Full text and other indexes, and the writing itself, for a record.
const LOCAL: Duration = Duration::from_micros(100);

pub(crate) fn predict(basis: &Basis) -> Plan {
    let (supply, lengths) = (&basis.supply, basis.lengths);
    let calls = supply.calls();
    let mut stages = Stages { definitions: basis.definitions, ..Stages::default() };
    let mut types: Vec<TypePlan> =
        basis.types.iter().map(|known| type_plan(known, lengths, supply)).collect();
    stages.links.associations += basis.labels;
    for pair in &basis.pairs {
        stages.links.associations += pair.div_ceil(LINKED);
    }
    for plan in types.iter().filter(|plan| plan.missing_scopes.is_empty()) {
        // Before, how much there is; after, whether as much is here, and what is archived.
        stages.checks.search += 2 + u64::from(basis.windowed && !plan.changes);
        stages.checks.general += u64::from(!plan.changes);
        if plan.overall >= CUT_MIN && !plan.changes {
            // Where to cut, and whether the list takes any id.
            stages.checks.search += 2;
            stages.checks.general += u64::from(plan.ways.list.is_some());
        }
    }
    let cost = |plan: &TypePlan| {
        if plan.changes {
            return Costs { list: 0.0, batch: 1.0, search: 0.5 };
        }
        let known = basis.types.iter().find(|known| known.object == plan.object);
        Costs::of(&known.expect("plans are made of what is known").volume, lengths)
    };
    // Whatever is read by one way alone, and the rest as if by list.
    let (mut general, mut search) = (0.0, 0.0);
    let (mut freed, mut taken) = (0.0, 0.0);
    for plan in &types {
        let (hundreds, cost) = (plan.records as f64 / 100.0, cost(plan));
        match (plan.ways.list, plan.ways.search) {
            (Some(_), None) => general += calls_for(plan.records, cost.list) as f64,
            (None, Some(_)) => {
                general += calls_for(plan.records, cost.batch) as f64;
                search += calls_for(plan.records, cost.search).max(1) as f64;
            }
            (Some(_), Some(_)) => {
                general += hundreds * cost.list;
                freed += hundreds * (cost.list - cost.batch);
                taken += hundreds * cost.search;
            }
            (None, None) => {}
        }
    }
    // A window's calls may go before the first has left it; definitions are the first to go.
    let credit = supply.general.map_or(0.0, |rate| rate * HEAD_START);
    let credit = f64::max(credit - stages.definitions.general as f64, 0.0);
    let fixed = (
        f64::max(general + stages.checks.general as f64 - credit, 0.0),
        search + stages.checks.search as f64,
    );
    // Both pools end together.
    let gap = fixed.0 / calls - fixed.1 / supply.search;
    let searched =
        if taken > 0.0 { (gap / (freed / calls + taken / supply.search)).clamp(0.0, 1.0) } else { 0.0 };
    for plan in &mut types {
        (plan.by_list, plan.by_search) = match (plan.ways.list, plan.ways.search) {
            (Some(_), None) => (plan.records, 0),
            (None, Some(_)) => (0, plan.records),
            (Some(_), Some(_)) => {
                let by_search = spans::whole(plan.records as f64 * searched);
                (plan.records - by_search, by_search)
            }
            (None, None) => (0, 0),
        };
    }
    let seams = types
        .iter()
        .map(|plan| seams(plan, supply))
        .fold((0.0, 0.0), |all, one| (all.0 + one.0, all.1 + one.1));
    stages.records.general += spans::whole((general - freed * searched + seams.0).ceil());
    stages.records.search += spans::whole((search + taken * searched + seams.1).ceil());
    let (records, bytes) = grows(basis);
    let millis = duration(&stages, supply, records).as_millis();
    Plan { types, stages, millis: u64::try_from(millis).unwrap_or(u64::MAX), bytes }
}

/// Pages by list and by search that are read in part only, because a range was cut under them: half of one for a cut.
/// Chains that end are given half of what the slowest has left, again and again.
fn seams(plan: &TypePlan, supply: &Supply) -> (f64, f64) {
    if plan.changes || plan.records < CUT_MIN {
        return (0.0, 0.0);
    }
    let chains = |rate, most| spans::chains(rate, supply.latency, most) as f64;
    let listing = if plan.by_list > 0 { chains(supply.general, super::LIST_CHAINS) } else { 0.0 };
    let searching = if plan.by_search > 0 { chains(Some(supply.search), super::SEARCH_CHAINS) } else { 0.0 };
    let all = (listing + searching).max(1.0);
    let halvings = (plan.records as f64 / all / 250.0).log2().max(1.0);
    (listing * halvings / 2.0, searching * halvings / 2.0)
}

fn type_plan(known: &TypeBasis, lengths: Lengths, supply: &Supply) -> TypePlan {
    let is_skipped = !known.missing_scopes.is_empty();
    let ways = match (is_skipped, known.changes) {
        (true, _) => Ways { list: None, search: None },
        (false, true) => Ways { list: None, search: Some(crate::Way::SearchAndBatch) },
        (false, false) => ways(&known.volume, lengths, supply),
    };
    TypePlan {
        object: known.object.clone(),
        label: known.label.clone(),
        records: if is_skipped { 0 } else { known.volume.inside },
        exact: known.exact,
        overall: known.volume.overall,
        properties: known.properties,
        changes: known.changes,
        ways,
        by_list: 0,
        by_search: 0,
        missing_scopes: known.missing_scopes.clone(),
    }
}

/// Records read, and bytes that come to lie on the disk.
fn grows(basis: &Basis) -> (u64, u64) {
    let read = basis.types.iter().filter(|known| known.missing_scopes.is_empty());
    read.fold((0, 0), |(records, bytes), known| {
        let new = if known.changes { 0 } else { known.volume.inside.saturating_sub(known.here) };
        (records + known.volume.inside, bytes + spans::whole(new as f64 * known.record_bytes))
    })
}

fn duration(stages: &Stages, supply: &Supply, records: u64) -> Duration {
    let all = stages.all();
    let pool = |calls: u64, rate: Option<f64>, head_start: f64| {
        rate.map_or(0.0, |rate| (calls as f64 - rate * head_start).max(0.0) / rate)
    };
    let latency = supply.latency.as_secs_f64();
    // Nothing else goes before the definitions are here.
    let begin = pool(stages.definitions.general, supply.general, HEAD_START)
        .max(stages.definitions.general as f64 * latency / 8.0);
    let pools = [
        pool(all.general, supply.general, HEAD_START),
        begin + pool(all.search, Some(supply.search), 0.0),
        begin + pool(all.associations, supply.associations, HEAD_START),
    ];
    let unlimited = if supply.general.is_none() { all.general as f64 / supply.calls() } else { 0.0 };
    let longest = pools.into_iter().fold(unlimited, f64::max);
    let in_turn = 8.0 * latency;
    let local = LOCAL.as_secs_f64() * records as f64;
    // The writing goes on beside the calls; the indexes are built after them.
    Duration::from_secs_f64(longest.max(local / 2.0) + in_turn + local / 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::way::NamesLength;

    fn type_of(object: &str, records: u64) -> TypeBasis {
        TypeBasis {
            object: object.to_owned(),
            label: object.to_owned(),
            volume: Volume {
                inside: records,
                overall: records,
                names: NamesLength { url: 1_600, body: 2_000 },
                searchable: true,
            },
            exact: true,
            properties: 60,
            changes: false,
            record_bytes: 3_000.0,
            here: 0,
            missing_scopes: Vec::new(),
        }
    }

    /// 100,000 contacts and three pairs at an app's limits.
    fn basis() -> Basis {
        Basis {
            supply: Supply {
                general: Some(10.78),
                search: 4.9,
                associations: Some(9.8),
                latency: Duration::from_millis(300),
            },
            lengths: Lengths::default(),
            definitions: Calls { general: 20, ..Calls::default() },
            types: vec![type_of("contacts", 100_000)],
            pairs: vec![10_000, 10_000, 10_000],
            labels: 6,
            windowed: false,
        }
    }

    #[test]
    fn both_pools_are_planned_to_end_together() {
        let plan = predict(&basis());
        let calls = plan.stages.all();
        let (general, search) = (calls.general as f64 / 10.78, calls.search as f64 / 4.9);
        assert!((general - HEAD_START - search).abs() < 4.0, "{general:.1} s and {search:.1} s");
        let contacts = &plan.types[0];
        assert_eq!(contacts.by_list + contacts.by_search, 100_000);
        assert!((700..=900).contains(&calls.all()), "{calls:?}");
        assert!((44_000..=60_000).contains(&plan.millis), "{} ms", plan.millis);
        assert_eq!(plan.bytes, 300_000_000);
        assert_eq!(plan.stages.links.associations, 36);
    }

    #[test]
    fn what_is_skipped_costs_nothing_and_what_is_here_takes_no_room() {
        let mut without = basis();
        without
            .types
            .push(TypeBasis { missing_scopes: vec!["tickets".to_owned()], ..type_of("tickets", 5_000) });
        let (plan, whole) = (predict(&without), predict(&basis()));
        assert_eq!((plan.stages, plan.types[1].records), (whole.stages, 0));
        let mut again = basis();
        again.types[0].here = 100_000;
        assert_eq!(predict(&again).bytes, 0);
    }

    #[test]
    fn changes_cost_a_search_and_what_it_names() {
        let mut later = basis();
        later.types[0] = TypeBasis { changes: true, here: 100_000, ..type_of("contacts", 150) };
        later.pairs.clear();
        let plan = predict(&later);
        assert_eq!(plan.stages.records, Calls { general: 2, search: 1, associations: 0 });
        assert_eq!(plan.types[0].by_search, 150);
        assert!(plan.millis < 10_000, "{} ms", plan.millis);
    }

    #[test]
    fn a_server_without_limits_is_as_quick_as_its_answers() {
        let mut near = basis();
        near.supply =
            Supply { general: None, associations: None, latency: Duration::from_millis(5), ..near.supply };
        let plan = predict(&near);
        assert_eq!(plan.types[0].by_search, 0);
        assert!(plan.millis < 15_000, "{} ms", plan.millis);
    }
}
