//! Builds a world from a scenario and runs it.
//!
//! Stores that can ever share a finite resource (a cell, a carrier's core of finite rate, a finite service) form a group; groups have
//! nothing in common and run in parallel, as do replications. Within a large group the stores of one window run in
//! parallel too ([`crate::kernel::driver`]). **The rule for the axis**: tasks are (replication, group) pairs, so every core
//! is busy whichever there are more of. Results are put together in order of (replication, store).

mod assemble;
pub mod drill;
pub mod forced;
mod groups;
pub mod probe;
pub mod replay;
pub mod result;

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use rayon::prelude::*;

use crate::kernel::draws::Key;
use crate::kernel::driver::{Stepping, run_to_end};
use crate::model::faults::shared::SharedFaults;
use crate::model::shared::Shared;
use crate::model::shared::service::Service;
use crate::model::store::{Connections, Store, World};
use crate::scenario::resolved::{Scenario, ServiceId, StoreRank};
use crate::units::SimTime;

use assemble::{GroupOutcome, StoreOutcome};
use groups::{Group, OwnFaults};
use result::RunResult;

/// Version of the results: it goes up whenever the same scenario and seed yield other bytes.
pub const RESULTS_VERSION: u32 = 3;

/// How a run is executed; changes no byte of its results.
#[derive(Clone, Copy, Debug, Default)]
pub struct Execution {
    /// Which grid instants are visited.
    pub stepping: Stepping,
    /// Whether every store's fault-free twin is run, or only those of stores whose paths were ever disturbed
    /// (an undisturbed store is its own twin: all draws are addressed).
    pub every_twin: bool,
}

/// How far a run is: stores finished, of how many. Shared with whoever shows it.
#[derive(Debug, Default)]
pub struct Progress {
    /// Stores × replications in all.
    pub total: AtomicU64,
    /// Of them, finished.
    pub done: AtomicU64,
    /// Set by whoever wants the run to stop soon.
    pub cancelled: AtomicBool,
}

/// Runs all replications of `scenario`; `None` if it was cancelled.
#[must_use]
pub fn run(scenario: &Scenario, execution: Execution, progress: &Progress) -> Option<RunResult> {
    let numbers: Vec<u32> = (0..scenario.replications).collect();
    run_some(scenario, &numbers, execution, progress)
}

/// Runs the replications `numbers` of `scenario`, in that order; `None` if it was cancelled. Each is as it is among all.
#[must_use]
pub fn run_some(
    scenario: &Scenario,
    numbers: &[u32],
    execution: Execution,
    progress: &Progress,
) -> Option<RunResult> {
    let groups = groups::partition(scenario);
    let stores = scenario.stores.len() as u64 * numbers.len() as u64;
    progress.total.fetch_add(stores, Ordering::Relaxed);
    let outcomes: Option<Vec<(SharedFaults, Vec<GroupOutcome>)>> = numbers
        .par_iter()
        .map(|&replication| {
            let key = Key { seed: scenario.seed, replication: u64::from(replication) };
            let faults = SharedFaults::draw(scenario, key);
            let outcomes: Option<Vec<GroupOutcome>> = groups
                .par_iter()
                .map(|group| {
                    if progress.cancelled.load(Ordering::Relaxed) {
                        return None;
                    }
                    let cancelled = || progress.cancelled.load(Ordering::Relaxed);
                    let outcome = run_group(scenario, group, (key, &faults), execution, &cancelled)?;
                    progress.done.fetch_add(group.stores.len() as u64, Ordering::Relaxed);
                    Some(outcome)
                })
                .collect();
            let mut outcomes = outcomes?;
            let of_online = scenario.online.as_ref().map(|online| &faults.of_service(online.service).faults);
            let alone = of_online.and_then(|faults| groups::online_alone(scenario, key, faults));
            outcomes.extend(alone.map(|(service, folds)| GroupOutcome {
                stores: Vec::new(),
                shared: vec![service],
                folds,
            }));
            Some((faults, outcomes))
        })
        .collect();
    let replications = outcomes?
        .into_iter()
        .zip(numbers)
        .map(|((faults, groups), &replication)| assemble::replication(scenario, replication, faults, groups))
        .collect();
    Some(RunResult { replications })
}

/// Runs one group of one replication, and the twins of its disturbed stores.
fn run_group(
    scenario: &Scenario,
    group: &Group,
    chance: (Key, &SharedFaults),
    execution: Execution,
    cancelled: &dyn Fn() -> bool,
) -> Option<GroupOutcome> {
    let build = || build_world(scenario, group, &group.stores, chance, Services::Shared, |_| World::Real);
    let (stores, mut shared, folds) = run_to_end(build, execution.stepping, cancelled)?;
    // A perfect network is never short of anything: in the fault-free world services are infinite, so that what they are short of
    // here is a loss. Where nobody ever had to wait for one, a store that nothing befell is its own twin.
    let felt = shared.iter_mut().filter_map(finished).fold(false, |felt, service| felt | service.felt);
    let disturbed: Vec<StoreRank> = stores
        .iter()
        .filter(|store| felt || execution.every_twin || store.was_disturbed())
        .map(Store::store_rank)
        .collect();
    let whole = felt || execution.every_twin;
    let build_twins = || {
        let (mut twins, shared, _) =
            build_world(scenario, group, &disturbed, chance, Services::Unlimited, |_| World::FaultFree);
        let mut real = stores.iter();
        for twin in twins.iter_mut().filter(|_| !whole) {
            let real = real.find(|store| store.store_rank() == twin.store_rank());
            real.into_iter().for_each(|real| twin.live_as_twin_of(real));
        }
        let start = twins.iter().map(Store::begins).min().unwrap_or_default();
        (twins, shared, start)
    };
    let (twins, ..) = run_to_end(build_twins, execution.stepping, cancelled)?;
    let mut twins = twins.into_iter().peekable();
    let stores = stores
        .into_iter()
        .map(|store| {
            let twin = twins.next_if(|twin| twin.store_rank() == store.store_rank());
            StoreOutcome::new(store, twin)
        })
        .collect();
    Some(GroupOutcome { stores, shared, folds })
}

/// Whether stores of a world share finite services.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Services {
    /// They do.
    Shared,
    /// Services are never short of anything.
    Unlimited,
}

/// The service that `shared` is, with its books closed.
fn finished(shared: &mut Shared) -> Option<&Service> {
    match shared {
        Shared::Service(service) => {
            service.finish();
            Some(service)
        }
        Shared::Cell(_) | Shared::Core(_) | Shared::Pool(_) | Shared::Noc(_) => None,
    }
}

/// The stores `ranks` of `group`, each in its world, what they share, and when the first of them begins.
fn build_world<'a>(
    scenario: &'a Scenario,
    group: &Group,
    ranks: &[StoreRank],
    (key, faults): (Key, &SharedFaults),
    sharing: Services,
    world: impl Fn(StoreRank) -> World,
) -> (Vec<Store<'a>>, Vec<Shared>, SimTime) {
    let in_real = ranks.iter().any(|&rank| world(rank) == World::Real);
    let cores = if in_real { faults.of_cores(scenario) } else { vec![Vec::new(); scenario.carriers.len()] };
    let services = (0..scenario.services.len()).map(|id| match in_real {
        true => faults.of_service(ServiceId(id as u32)).faults.clone(),
        false => Vec::new(),
    });
    let own = OwnFaults { key, cores, services: services.collect() };
    let shared = group.resources(scenario, &own);
    let connections = |rank| match sharing {
        Services::Shared => group.connections(scenario, rank),
        Services::Unlimited => Connections { services: [None; 2], ..group.connections(scenario, rank) },
    };
    let stores: Vec<Store<'a>> = ranks
        .iter()
        .map(|&rank| Store::new(scenario, rank, key, world(rank), connections(rank), faults))
        .collect();
    let start = stores.iter().map(Store::begins).min().unwrap_or(SimTime::default());
    (stores, shared, start)
}
