//! A drill: every store suffers one forced fault, all at once or each alone, and is compared with itself undisturbed.
//!
//! The scenario comes with the forced fault as its only one. *Together* is one run in which it hits everybody. *Each alone* is one
//! run for every store, in which it hits nobody else; of the other stores only those are run along that use something
//! shared in the undisturbed run, because whoever uses nothing shared neither notices the drilled store nor is noticed
//! by it. So nothing is neglected, and a store costs one more run of itself and of its few neighbours on LTE.

use std::sync::atomic::Ordering;

use rayon::prelude::*;

use crate::kernel::draws::Key;
use crate::kernel::driver::run_to_end;
use crate::model::cause::IncidentCause;
use crate::model::faults::shared::SharedFaults;
use crate::model::ledger::{Ledger, PathTimes};
use crate::model::store::{Store, World};
use crate::scenario::resolved::{Scenario, StoreRank};

use super::groups::{Group, partition, partition_of};
use super::result::{DrillRow, Extent};
use super::{Execution, Progress, Services, build_world};

/// The forced fault is the scenario's only scheduled one.
const FORCED: IncidentCause = IncidentCause::Scheduled(0);

/// Drills every store of `scenario` in all replications; `None` if it was cancelled. Rows come in order of
/// (replication, store).
#[must_use]
pub fn drill(
    scenario: &Scenario,
    extent: Extent,
    execution: Execution,
    progress: &Progress,
) -> Option<Vec<DrillRow>> {
    let groups = partition(scenario);
    let stores = scenario.stores.len() as u64 * u64::from(scenario.replications);
    progress.total.store(stores, Ordering::Relaxed);
    let rows: Option<Vec<Vec<Vec<DrillRow>>>> = (0..scenario.replications)
        .into_par_iter()
        .map(|replication| {
            let one = |group| Drill { scenario, replication, execution, progress }.group(group, extent);
            groups.par_iter().map(one).collect()
        })
        .collect();
    let mut rows: Vec<DrillRow> = rows?.into_iter().flatten().flatten().collect();
    rows.sort_by_key(|row| (row.replication, row.store));
    Some(rows)
}

/// What the drills of one replication have in common.
#[derive(Clone, Copy)]
struct Drill<'a> {
    scenario: &'a Scenario,
    replication: u32,
    execution: Execution,
    progress: &'a Progress,
}

impl<'a> Drill<'a> {
    fn group(&self, group: &Group, extent: Extent) -> Option<Vec<DrillRow>> {
        let undisturbed = self.run(group, |_| World::Undisturbed)?;
        let rows: Option<Vec<DrillRow>> = match extent {
            Extent::Together => {
                let drilled = self.run(group, |_| World::Real)?;
                Some(
                    drilled
                        .into_iter()
                        .zip(&undisturbed)
                        .map(|(store, twin)| self.row(store, twin))
                        .collect(),
                )
            }
            Extent::EachAlone => {
                // They are on LTE for good, or for a while because a detector errs.
                let users: Vec<StoreRank> =
                    undisturbed.iter().filter(|store| store.was_disturbed()).map(Store::store_rank).collect();
                undisturbed.par_iter().map(|twin| self.alone(twin, &users)).collect()
            }
        };
        self.progress.done.fetch_add(group.stores.len() as u64, Ordering::Relaxed);
        rows
    }

    /// The fault hits the store of `twin` alone; `users` use something shared without it.
    fn alone(&self, twin: &Store<'_>, users: &[StoreRank]) -> Option<DrillRow> {
        let rank = twin.store_rank();
        let mut ranks = users.to_vec();
        if let Err(position) = ranks.binary_search(&rank) {
            ranks.insert(position, rank);
        }
        let groups = partition_of(self.scenario, &ranks);
        let group = groups.into_iter().find(|group| group.stores.contains(&rank))?;
        let world = |other| if other == rank { World::Real } else { World::Undisturbed };
        let drilled = self.run(&group, world)?;
        let store = drilled.into_iter().find(|store| store.store_rank() == rank)?;
        Some(self.row(store, twin))
    }

    /// The stores of `group` at their end; `None` if the drill was cancelled.
    fn run(&self, group: &Group, world: impl Fn(StoreRank) -> World) -> Option<Vec<Store<'a>>> {
        let cancelled = || self.progress.cancelled.load(Ordering::Relaxed);
        if cancelled() {
            return None;
        }
        let key = Key { seed: self.scenario.seed, replication: u64::from(self.replication) };
        let build = || {
            build_world(
                self.scenario,
                group,
                &group.stores,
                (key, &SharedFaults::scheduled(self.scenario)),
                Services::Shared,
                &world,
            )
        };
        let (stores, ..) = run_to_end(build, self.execution.stepping, &cancelled)?;
        Some(stores)
    }

    fn row(&self, mut store: Store<'_>, twin: &Store<'_>) -> DrillRow {
        store.books.settle_losses(&twin.books, &twin.days_lived());
        let ((ledger, times), (twin_ledger, twin_times)) = (totals(&store), totals(twin));
        let spec = &self.scenario.stores[store.store_rank().0 as usize];
        let has_wire = !self.scenario.technologies[spec.technology.0 as usize].is_lte;
        DrillRow {
            replication: self.replication,
            store: store.store_rank(),
            payments_lost: ledger.payments_lost.cast_signed() - twin_ledger.payments_lost.cast_signed(),
            lost_sales: twin_ledger.sales - ledger.sales,
            lte_bytes: times.lte_bytes.cast_signed() - twin_times.lte_bytes.cast_signed(),
            attempts: store.books.backup_attempts,
            lte_given: store.lte_given().filter(|_| has_wire),
            incident: store.books.incidents.into_rows().into_iter().find(|row| row.cause == FORCED),
        }
    }
}

fn totals(store: &Store<'_>) -> (Ledger, PathTimes) {
    let mut totals = (Ledger::default(), PathTimes::default());
    for day in &store.books.days {
        totals.0 += day.ledger;
        totals.1 += day.times;
    }
    totals
}
