//! What a lever at a store avoids in a year: one forced fault, with the lever and without, the same draws; and when nothing breaks.
//!
//! In each pass every store is hit once. A pass is cut into replications in each of which a random share of the stores is hit, so that
//! hit stores hardly get into each other's way. Means of stores are pooled over like stores: same format, access and backup as it stands.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::Ordering;

use rayon::prelude::*;

use super::designs::{Combination, Design, Designs};
use super::year::YearOf;
use super::{FORCED_FROM, Failed};
use crate::kernel::draws::{Entity, Key};
use crate::measure::pooling::{Observed, Pooled, pool};
use crate::model::faults::forced::Forced;
use crate::model::purpose::{Purpose, address};
use crate::scenario::resolved::{CauseId, Scenario, StoreRank};
use crate::simulation::forced::{draw, run_forced, unbroken};

/// What a lever does at a store.
#[derive(Clone, Debug)]
pub struct StoreBenefit {
    /// Avoided loss of a year, currency units.
    pub pooled: Pooled,
    /// Its group of like stores.
    pub group: usize,
    /// The cause behind most of it, and that cause's share; of what is avoided, if it is anything.
    pub reason: Option<(CauseId, f64)>,
}

/// By store and lever; `None` where it cannot be done.
#[derive(Clone, Debug)]
pub struct Benefits {
    /// By store, then lever.
    pub of: Vec<Vec<Option<StoreBenefit>>>,
    /// Forced faults that were run, designs not counted apart.
    pub faults: usize,
    /// Number of groups of like stores.
    pub groups: usize,
}

/// What was seen of a lever at a store.
#[derive(Clone, Debug, Default)]
struct Seen {
    values: Vec<f64>,
    causes: BTreeMap<CauseId, f64>,
}

/// Benefits of all levers at all stores, given shared levers.
///
/// # Errors
/// If a lever makes a scenario that cannot be run, or it was cancelled.
pub fn benefits(designs: &Designs<'_>, shared: &Combination) -> Result<Benefits, Failed> {
    let sizing = designs.study.sizing;
    let stores = designs.base().stores.len();
    let bare = designs.scenario(&designs.bare(shared.clone()))?;
    let quiet = unbroken(&bare);
    let levers = 0..sizing.levers.len();
    let with: Vec<Scenario> = levers
        .clone()
        .map(|lever| {
            let design: Design = designs.everywhere(shared.clone(), lever);
            designs.scenario(&design).map(|scenario| unbroken(&scenario))
        })
        .collect::<Result<_, _>>()?;
    let eligible: Vec<_> = levers.clone().map(|lever| designs.eligible(lever)).collect();
    let rounds = rounds(designs, &bare);
    let year = YearOf::new(designs.base(), sizing.exposure);
    let results: Option<Vec<Vec<Difference>>> = rounds
        .par_iter()
        .map(|round| one_round(designs, &bare, (&quiet, &with), &eligible, &year, round))
        .collect();
    let mut seen: Vec<Vec<Seen>> = vec![vec![Seen::default(); sizing.levers.len()]; stores];
    for difference in results.ok_or(Failed::Cancelled)?.into_iter().flatten() {
        let one = &mut seen[difference.store.0 as usize][difference.lever];
        one.values.push(difference.calm + difference.of_fault.map_or(0.0, |(_, value)| value));
        if let Some((cause, value)) = difference.of_fault {
            *one.causes.entry(cause).or_default() += value;
        }
    }
    let faults = rounds.iter().map(|round| round.stores.len()).sum();
    let mut of: Vec<Vec<Option<StoreBenefit>>> = vec![vec![None; sizing.levers.len()]; stores];
    let mut groups = 0;
    for members in like(designs.base()) {
        // One number for all levers: they were tried on the same faults, so that their means err alike.
        for lever in levers.clone() {
            let able: Vec<StoreRank> =
                members.iter().copied().filter(|rank| eligible[lever].contains(rank)).collect();
            pool_group(designs.base(), &able, lever, groups, &seen, &mut of);
        }
        groups += 1;
    }
    Ok(Benefits { of, faults, groups })
}

/// Like stores of a group: their estimates per unit of sales are drawn together.
fn pool_group(
    scenario: &Scenario,
    members: &[StoreRank],
    lever: usize,
    group: usize,
    seen: &[Vec<Seen>],
    of: &mut [Vec<Option<StoreBenefit>>],
) {
    let sizes: Vec<f64> = members.iter().map(|rank| customers(scenario, *rank)).collect();
    let observed: Vec<Observed> = members
        .iter()
        .zip(&sizes)
        .map(|(rank, size)| {
            let values: Vec<f64> =
                seen[rank.0 as usize][lever].values.iter().map(|value| value / size).collect();
            Observed::of(&values)
        })
        .collect();
    for ((rank, size), pooled) in members.iter().zip(&sizes).zip(pool(&observed)) {
        let causes = &seen[rank.0 as usize][lever].causes;
        let all: f64 = causes.values().filter(|value| **value > 0.0).sum();
        let most = causes.iter().max_by(|left, right| left.1.total_cmp(right.1));
        let scaled = Pooled {
            own: pooled.own * size,
            estimate: pooled.estimate * size,
            sd_own: pooled.sd_own * size,
            sd_shared: pooled.sd_shared * size,
            weight: pooled.weight,
        };
        of[rank.0 as usize][lever] = Some(StoreBenefit {
            pooled: scaled,
            group,
            reason: most.filter(|_| all > 0.0).map(|(&cause, value)| (cause, value / all)),
        });
    }
}

/// Loss that a lever avoids at a store in a year, by one draw.
struct Difference {
    store: StoreRank,
    lever: usize,
    /// When nothing breaks.
    calm: f64,
    /// In faults of this cause; `None` if nothing can hit the store.
    of_fault: Option<(CauseId, f64)>,
}

/// Stores that are hit together, once each.
struct Round {
    replication: u32,
    pass: u64,
    /// Ascending.
    stores: Vec<StoreRank>,
}

/// Every store once in each pass, in random order.
fn rounds(designs: &Designs<'_>, scenario: &Scenario) -> Vec<Round> {
    let sizing = designs.study.sizing;
    let stores = scenario.stores.len();
    let size = (libm::ceil(sizing.forced_share * stores as f64) as usize).clamp(1, stores.max(1));
    let key = Key { seed: scenario.seed, replication: u64::from(FORCED_FROM) };
    let mut rounds = Vec::new();
    for pass in 0..u64::from(sizing.draws) {
        let mut order: Vec<(u64, StoreRank)> = scenario
            .stores
            .iter()
            .enumerate()
            .map(|(rank, store)| {
                let entity = Entity::new("forced", &store.id, "");
                (key.block(address(entity, Purpose::Forced, pass), 3)[0], StoreRank(rank as u32))
            })
            .collect();
        order.sort_unstable();
        for chunk in order.chunks(size) {
            let mut stores: Vec<StoreRank> = chunk.iter().map(|&(_, rank)| rank).collect();
            stores.sort_unstable();
            rounds.push(Round { replication: FORCED_FROM + rounds.len() as u32, pass, stores });
        }
    }
    rounds
}

/// Differences of one round: store, lever, avoided loss, and what of it is whose; `None` if it was cancelled.
///
/// With `d` for a lever's store less the same store without it, an avoided loss is d(nothing breaks) + weight × (d(the fault) −
/// d(nothing breaks)): all four runs meet the same customers, so that what has nothing to do with the fault (overage of a store on LTE,
/// backups that fail unseen and are mended, probes that err) counts once, and not once for each fault.
fn one_round(
    designs: &Designs<'_>,
    bare: &Scenario,
    (quiet, with): (&Scenario, &[Scenario]),
    eligible: &[BTreeSet<StoreRank>],
    year: &YearOf<'_>,
    round: &Round,
) -> Option<Vec<Difference>> {
    let (execution, progress) = (designs.study.execution, designs.study.progress);
    let hits = draw(bare, &round.stores, round.replication, round.pass);
    let worths = |scenario: &Scenario, stores: &[StoreRank], hits: &[Forced]| -> Option<Vec<f64>> {
        let rows = run_forced(scenario, stores, hits, round.replication, execution, progress)?;
        Some(rows.iter().map(|row| year.worth(row.store.0 as usize, row)).collect())
    };
    let calm_without = worths(quiet, &round.stores, &[])?;
    let hit_without = worths(quiet, &round.stores, &hits)?;
    let mut found = Vec::new();
    for (lever, scenario) in with.iter().enumerate() {
        let able = |rank: StoreRank| eligible[lever].contains(&rank);
        let stores: Vec<StoreRank> = round.stores.iter().copied().filter(|&rank| able(rank)).collect();
        if stores.is_empty() {
            continue;
        }
        let own_hits: Vec<Forced> = hits.iter().copied().filter(|hit| able(hit.store)).collect();
        let calm_with = worths(scenario, &stores, &[])?;
        let hit_with = worths(scenario, &stores, &own_hits)?;
        for (position, &store) in stores.iter().enumerate() {
            let before = round.stores.binary_search(&store).ok()?;
            let calm = calm_with[position] - calm_without[before];
            let hit = own_hits.iter().find(|hit| hit.store == store);
            let of_fault =
                hit.map(|hit| (hit.cause, hit.weight * (hit_with[position] - hit_without[before] - calm)));
            found.push(Difference { store, lever, calm, of_fault });
        }
    }
    progress.done.fetch_add(round.stores.len() as u64, Ordering::Relaxed);
    Some(found)
}

/// The stores in groups of like ones.
fn like(scenario: &Scenario) -> Vec<Vec<StoreRank>> {
    let mut groups: BTreeMap<(u32, u32, &str), Vec<StoreRank>> = BTreeMap::new();
    for (rank, store) in scenario.stores.iter().enumerate() {
        let key = (store.format.0, store.technology.0, store.topology.name());
        groups.entry(key).or_default().push(StoreRank(rank as u32));
    }
    groups.into_values().collect()
}

/// Expected customers of a store in the simulated days: what benefits of like stores are proportional to.
fn customers(scenario: &Scenario, rank: StoreRank) -> f64 {
    let days = scenario.stores[rank.0 as usize].days.iter();
    days.flat_map(|day| &day.demand).map(|piece| piece.customers).sum::<f64>().max(1.0)
}
