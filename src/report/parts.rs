//! Results of a part of the fleet: a region, a format.
//!
//! Only what is kept by store can be told of a part: cells, services, the operations centre and the fleet's payment times cannot.

use std::collections::BTreeSet;

use crate::scenario::resolved::{Scenario, StoreRank};
use crate::simulation::result::{ReplicationResult, RunResult};

use super::summary::Summary;

/// What stores are grouped by.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Grouping {
    /// US state, or as given.
    Region,
    /// Store format.
    Format,
}

impl Grouping {
    /// In order of output.
    pub const ALL: [Grouping; 2] = [Grouping::Region, Grouping::Format];

    /// The word in scenario files and output.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Grouping::Region => "region",
            Grouping::Format => "format",
        }
    }

    /// The name of the part that the store at `rank` belongs to; may be empty.
    #[must_use]
    pub fn of(self, scenario: &Scenario, rank: StoreRank) -> &str {
        let store = &scenario.stores[rank.0 as usize];
        match self {
            Grouping::Region => &store.region,
            Grouping::Format => &scenario.formats[store.format.0 as usize].name,
        }
    }

    /// The names of all parts in order, without the empty one.
    #[must_use]
    pub fn parts(self, scenario: &Scenario) -> BTreeSet<&str> {
        let ranks = (0..scenario.stores.len()).map(|rank| StoreRank(rank as u32));
        ranks.map(|rank| self.of(scenario, rank)).filter(|name| !name.is_empty()).collect()
    }
}

/// Metrics of the summary that are told by store.
fn is_by_store(group: &str, name: &str) -> bool {
    match group {
        "verdict" | "customers" | "failover" => true,
        "payments" => !name.starts_with("payment_time_"),
        "lte" => name != "cell_saturated_time",
        _ => false,
    }
}

/// The summary of the stores that belong to `part`, as far as it can be told.
#[must_use]
pub fn summary_of(scenario: &Scenario, result: &RunResult, grouping: Grouping, part: &str) -> Summary {
    let mine = |rank: StoreRank| grouping.of(scenario, rank) == part;
    let replications = result.replications.iter().map(|one| ReplicationResult {
        replication: one.replication,
        stratum: one.stratum,
        rare_onsets: one.rare_onsets,
        stores: one.stores.iter().filter(|row| mine(row.store)).cloned().collect(),
        days: one.days.iter().filter(|row| mine(row.store)).cloned().collect(),
        incidents: one.incidents.iter().filter(|row| mine(row.store)).cloned().collect(),
        losses: one.losses.iter().filter(|row| mine(row.store)).copied().collect(),
        ..ReplicationResult::default()
    });
    let of_part = RunResult { replications: replications.collect() };
    let mut summary = Summary::measure(scenario, &of_part);
    for group in &mut summary.groups {
        let name = group.name;
        group.metrics.retain(|metric| is_by_store(name, &metric.name));
    }
    summary.groups.retain(|group| !group.metrics.is_empty());
    let ranks = (0..scenario.stores.len()).map(|rank| StoreRank(rank as u32));
    summary.stores = ranks.filter(|&rank| mine(rank)).count();
    summary
}
