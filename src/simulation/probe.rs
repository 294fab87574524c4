//! A probe: a few stores of a scenario, run as if there were no others, to tell what the whole run would take.

use rayon::prelude::*;

use crate::kernel::draws::Key;
use crate::model::demand;
use crate::model::faults::shared::SharedFaults;
use crate::scenario::resolved::{FormatId, Scenario, Store, StoreRank};

use super::groups::partition_of;
use super::{Execution, Progress, run_group};

/// So many customers are enough to tell what one costs: a tenth of a second.
const CUSTOMERS: f64 = 250_000.0;
/// Of every format at least so many stores, if it has them: what chance does to one of them says little.
const STORES_OF_FORMAT: usize = 4;
/// More replications of the same stores tell little that is new.
const REPLICATIONS: u32 = 4;

/// What a probe counted, and what follows for the whole.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Probed {
    /// Stores in it.
    pub stores: usize,
    /// Replications of them.
    pub replications: u32,
    /// Customers that came in it.
    pub customers: u64,
    /// Events that it handled.
    pub events: u64,
    /// Customers expected in one replication of the whole.
    pub customers_of_whole: f64,
    /// Events of one replication of the whole: those of each format's stores in proportion to the customers expected.
    pub events_of_whole: f64,
}

/// Customers expected at a store, surges included.
fn expected(store: &Store) -> f64 {
    demand::pieces(&store.days, &store.surges).iter().map(|piece| piece.expected).sum()
}

/// Runs a few stores of every format; `None` if it was cancelled. The same for any number of threads.
#[must_use]
pub fn probe(scenario: &Scenario, execution: Execution, progress: &Progress) -> Option<Probed> {
    let formats = scenario.formats.len();
    let mut of_format: Vec<Vec<(StoreRank, f64)>> = vec![Vec::new(); formats];
    for (rank, store) in scenario.stores.iter().enumerate() {
        of_format[store.format.0 as usize].push((StoreRank(rank as u32), expected(store)));
    }
    let customers_of_whole: f64 = of_format.iter().flatten().map(|(_, customers)| customers).sum();
    let mut chosen: Vec<StoreRank> = Vec::new();
    for stores in &of_format {
        // Its part of the budget, over the mean of its stores.
        let share = if customers_of_whole > 0.0 { CUSTOMERS / customers_of_whole } else { 1.0 };
        let wanted = (libm::ceil(stores.len() as f64 * share.min(1.0)) as usize)
            .max(STORES_OF_FORMAT)
            .min(stores.len());
        // Evenly over the list, which is in order of ids.
        chosen.extend((0..wanted).map(|at| stores[at * stores.len() / wanted].0));
    }
    chosen.sort_unstable();
    let expected_of_chosen: f64 = chosen.iter().map(|rank| expected(&scenario.stores[rank.0 as usize])).sum();
    let fits = libm::floor(CUSTOMERS / expected_of_chosen.max(1.0)) as u32;
    let replications = fits.clamp(1, REPLICATIONS).min(scenario.replications.max(1));
    let groups = partition_of(scenario, &chosen);
    let mut events = vec![0_u64; formats];
    let mut counted = Probed { stores: chosen.len(), replications, customers_of_whole, ..Probed::default() };
    for replication in 0..replications {
        let key = Key { seed: scenario.seed, replication: u64::from(replication) };
        let faults = SharedFaults::draw(scenario, key);
        let cancelled = || progress.cancelled.load(std::sync::atomic::Ordering::Relaxed);
        let outcomes: Option<Vec<_>> = groups
            .par_iter()
            .map(|group| run_group(scenario, group, (key, &faults), execution, &cancelled))
            .collect();
        for store in outcomes?.iter().flat_map(|group| &group.stores) {
            let FormatId(format) = scenario.stores[store.rank.0 as usize].format;
            events[format as usize] += store.events;
            counted.customers += store.customers();
        }
    }
    counted.events = events.iter().sum();
    for (stores, events) in of_format.iter().zip(events) {
        let own = |rank: &StoreRank| chosen.binary_search(rank).is_ok();
        let probed: f64 = stores.iter().filter(|(rank, _)| own(rank)).map(|(_, customers)| customers).sum();
        let whole: f64 = stores.iter().map(|(_, customers)| customers).sum();
        if probed > 0.0 {
            counted.events_of_whole += events as f64 / f64::from(replications) * (whole / probed);
        }
    }
    Some(counted)
}
