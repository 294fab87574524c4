//! Forced faults: some stores suffer one each in one run, and nothing else breaks.
//!
//! As in a drill the world is the scenario's own, with what stores share; but each forced fault comes from the scenario's causes, and
//! stores that are not hit are not run, save those whose only way out is LTE: they load its cells. Whatever else an unhit
//! store would do to a hit one (a false failover's load) is neglected.

use std::sync::atomic::Ordering;

use rayon::prelude::*;

use crate::kernel::draws::Key;
use crate::kernel::driver::run_to_end;
use crate::model::faults::forced::{Forced, forced};
use crate::model::faults::shared::SharedFaults;
use crate::model::shared::Shared;
use crate::model::store::{Store, World};
use crate::scenario::resolved::{Scenario, StoreRank};
use crate::units::Cents;

use super::assemble::{journeys, overage_alone};
use super::groups::partition_of;
use super::result::TicketRow;
use super::{Execution, Progress, Services, build_world};

/// What a store that was hit did.
#[derive(Clone, Debug)]
pub struct ForcedRow {
    /// Which store.
    pub store: StoreRank,
    /// Sales of each of its days.
    pub sales: Vec<Cents>,
    /// Sales approved offline and refused afterwards.
    pub late_declined: Cents,
    /// Journeys of technicians to it.
    pub truck_rolls: u64,
    /// Overage of its own data plan; none of a pooled one, which it alone does not use up.
    pub over_cost: Cents,
}

/// `scenario` without anything that breaks by itself: what forced faults are forced upon.
#[must_use]
pub fn unbroken(scenario: &Scenario) -> Scenario {
    let mut quiet = scenario.clone();
    quiet.causes.iter_mut().for_each(|cause| cause.rate_per_s.iter_mut().for_each(|rate| *rate = 0.0));
    quiet.scheduled_faults.iter_mut().for_each(|fault| fault.hits.clear());
    quiet.carrier_faults.iter_mut().for_each(Vec::clear);
    quiet.services.iter_mut().for_each(|service| service.faults.clear());
    quiet
}

/// The forced faults of `ranks` under `key`, the `draw`-th of each store, by the rates of `scenario`.
#[must_use]
pub fn draw(scenario: &Scenario, ranks: &[StoreRank], replication: u32, draw: u64) -> Vec<Forced> {
    let key = Key { seed: scenario.seed, replication: u64::from(replication) };
    ranks.iter().filter_map(|&rank| forced(scenario, rank, key, draw)).collect()
}

/// Runs `ranks` (ascending) in the world of `quiet` (see [`unbroken`]), with the faults of `hits`, at most one at each of them; `None` if
/// it was cancelled. Rows come in the order of `ranks`.
#[must_use]
pub fn run_forced(
    quiet: &Scenario,
    ranks: &[StoreRank],
    hits: &[Forced],
    replication: u32,
    execution: Execution,
    progress: &Progress,
) -> Option<Vec<ForcedRow>> {
    let key = Key { seed: quiet.seed, replication: u64::from(replication) };
    let faults = SharedFaults::forced(quiet, hits.iter().map(|hit| (hit.store, hit.fault)));
    let is_asked = |rank: StoreRank| ranks.binary_search(&rank).is_ok();
    let on_lte = |rank: StoreRank| {
        let store = &quiet.stores[rank.0 as usize];
        quiet.technologies[store.technology.0 as usize].is_lte
    };
    let everyone = (0..quiet.stores.len()).map(|rank| StoreRank(rank as u32));
    let running: Vec<StoreRank> = everyone.filter(|&rank| is_asked(rank) || on_lte(rank)).collect();
    let groups = partition_of(quiet, &running);
    let asked_groups: Vec<_> =
        groups.iter().filter(|group| group.stores.iter().any(|&rank| is_asked(rank))).collect();
    let rows: Option<Vec<Vec<ForcedRow>>> = asked_groups
        .par_iter()
        .map(|group| {
            let cancelled = || progress.cancelled.load(Ordering::Relaxed);
            if cancelled() {
                return None;
            }
            let build = || {
                build_world(quiet, group, &group.stores, (key, &faults), Services::Shared, |_| World::Real)
            };
            let (stores, shared, _) = run_to_end(build, execution.stepping, &cancelled)?;
            let tickets: Vec<TicketRow> = shared.into_iter().flat_map(tickets_of).collect();
            let asked = stores.into_iter().filter(|store| is_asked(store.store_rank()));
            let row = |store: Store<'_>| {
                let (rank, books) = (store.store_rank(), store.books);
                let late = books.incidents.parts().values().map(|part| part.late_declined);
                let lte_bytes = books.days.iter().map(|day| day.times.lte_bytes).sum();
                ForcedRow {
                    store: rank,
                    sales: books.days.iter().map(|day| day.ledger.sales).collect(),
                    late_declined: late.sum(),
                    over_cost: overage_alone(quiet, rank, lte_bytes),
                    truck_rolls: journeys(&tickets, &books.incidents.into_rows())
                        .get(&rank)
                        .copied()
                        .unwrap_or(0),
                }
            };
            Some(asked.map(row).collect())
        })
        .collect();
    let mut rows: Vec<ForcedRow> = rows?.into_iter().flatten().collect();
    rows.sort_by_key(|row| row.store);
    Some(rows)
}

/// The tickets, if it is the operations centre.
fn tickets_of(shared: Shared) -> Vec<TicketRow> {
    match shared {
        Shared::Noc(noc) => noc.into_books().0,
        Shared::Cell(_) | Shared::Core(_) | Shared::Pool(_) | Shared::Service(_) => Vec::new(),
    }
}
