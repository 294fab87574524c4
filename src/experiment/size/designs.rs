//! Designs: which stores get which lever, which levers are pulled for all, and the scenarios that follow.

use std::collections::{BTreeMap, BTreeSet};

use super::{Failed, Study};
use crate::scenario::load;
use crate::scenario::resolved::{Scenario, StoreRank};

/// Levers that are pulled for all: positions in the sizing's list, ascending.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub struct Combination(pub Vec<usize>);

/// One choice of everything.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Design {
    /// For all.
    pub shared: Combination,
    /// By store: position of its lever, or none.
    pub stores: Vec<Option<usize>>,
}

/// Makes scenarios of designs and knows what they cost.
pub struct Designs<'a> {
    /// What is sized.
    pub study: Study<'a>,
}

impl<'a> Designs<'a> {
    /// Of this study.
    #[must_use]
    pub fn new(study: Study<'a>) -> Self {
        Designs { study }
    }

    /// The scenario as it stands.
    #[must_use]
    pub fn base(&self) -> &'a Scenario {
        &self.study.base.scenario
    }

    /// All choices of shared levers, none first, in ascending cost; of a group at most one is pulled.
    #[must_use]
    pub fn combinations(&self) -> Vec<Combination> {
        let shared = &self.study.sizing.shared;
        let mut groups: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (position, lever) in shared.iter().enumerate() {
            groups.entry(&lever.group).or_default().push(position);
        }
        let mut all = vec![Vec::new()];
        for members in groups.values() {
            let with = |member: usize| {
                move |chosen: &Vec<usize>| chosen.iter().copied().chain([member]).collect::<Vec<usize>>()
            };
            let more: Vec<Vec<usize>> =
                members.iter().flat_map(|&member| all.iter().map(with(member)).collect::<Vec<_>>()).collect();
            all.extend(more);
        }
        let mut all: Vec<Combination> = all
            .into_iter()
            .map(|mut chosen| {
                chosen.sort_unstable();
                Combination(chosen)
            })
            .collect();
        all.sort_by(|left, right| {
            self.cost_shared(left).total_cmp(&self.cost_shared(right)).then_with(|| left.cmp(right))
        });
        all
    }

    /// What shared levers cost a year, currency units.
    #[must_use]
    pub fn cost_shared(&self, shared: &Combination) -> f64 {
        let sizing = self.study.sizing;
        let life = self.base().money.gear_life_years;
        let cost = |&lever: &usize| {
            (sizing.yearly(&sizing.shared[lever].items, life) + sizing.shared[lever].year).as_units_f64()
        };
        shared.0.iter().map(cost).sum()
    }

    /// What a lever at a store costs a year, currency units.
    #[must_use]
    pub fn cost_lever(&self, lever: usize) -> f64 {
        let sizing = self.study.sizing;
        sizing.yearly(&sizing.levers[lever].items, self.base().money.gear_life_years).as_units_f64()
    }

    /// What a design costs a year, currency units.
    #[must_use]
    pub fn cost(&self, design: &Design) -> f64 {
        let at_stores = design.stores.iter().flatten().map(|&lever| self.cost_lever(lever));
        self.cost_shared(&design.shared) + at_stores.sum::<f64>()
    }

    /// Units that a design puts in at stores.
    #[must_use]
    pub fn units(&self, design: &Design) -> u32 {
        let sizing = self.study.sizing;
        design.stores.iter().flatten().map(|&lever| sizing.units(&sizing.levers[lever].items)).sum()
    }

    /// Whether a design is within budget and units.
    #[must_use]
    pub fn fits(&self, design: &Design) -> bool {
        // A hair of tolerance: costs are sums of rounded cents.
        let budget = self.study.sizing.budget.map_or(f64::INFINITY, |budget| budget.as_units_f64() + 1e-6);
        self.cost(design) <= budget && self.units(design) <= self.study.sizing.units_max().unwrap_or(u32::MAX)
    }

    /// Nothing at any store.
    #[must_use]
    pub fn bare(&self, shared: Combination) -> Design {
        Design { shared, stores: vec![None; self.base().stores.len()] }
    }

    /// The lever at every store at which it can be done.
    #[must_use]
    pub fn everywhere(&self, shared: Combination, lever: usize) -> Design {
        let mut design = self.bare(shared);
        for rank in &self.study.sizing.levers[lever].stores {
            design.stores[rank.0 as usize] = Some(lever);
        }
        design
    }

    /// Stores at which a lever can be done, by lever.
    #[must_use]
    pub fn eligible(&self, lever: usize) -> BTreeSet<StoreRank> {
        self.study.sizing.levers[lever].stores.iter().copied().collect()
    }

    /// Levers with which a store is on a plan whose allowance it shares and whose excess costs.
    ///
    /// # Errors
    /// If a lever makes a scenario that cannot be run.
    pub fn pooled(&self) -> Result<BTreeSet<usize>, Failed> {
        let mut pooled = BTreeSet::new();
        for (position, lever) in self.study.sizing.levers.iter().enumerate() {
            // A scenario knows the plans that its stores are on.
            let scenario = self.scenario(&self.everywhere(Combination::default(), position))?;
            let plans = lever.stores.iter().filter_map(|rank| scenario.stores[rank.0 as usize].plan);
            let mut plans = plans.map(|plan| &scenario.plans[plan.0 as usize]);
            if plans.any(|plan| plan.pooled && plan.overage_per_gb.0 > 0) {
                pooled.insert(position);
            }
        }
        Ok(pooled)
    }

    /// Names of shared levers, joined.
    #[must_use]
    pub fn name(&self, shared: &Combination) -> String {
        let names = shared.0.iter().map(|&lever| self.study.sizing.shared[lever].name.as_str());
        names.collect::<Vec<_>>().join("+")
    }

    /// The scenario of a design.
    ///
    /// # Errors
    /// If it is rejected.
    pub fn scenario(&self, design: &Design) -> Result<Scenario, Failed> {
        let sizing = self.study.sizing;
        let mut options = self.study.options.clone();
        for &lever in &design.shared.0 {
            options.overrides.extend(sizing.shared[lever].settings.iter().cloned());
        }
        for (rank, lever) in design.stores.iter().enumerate() {
            let Some(lever) = lever.map(|lever| &sizing.levers[lever]) else { continue };
            let store = &self.base().stores[rank];
            let mut words: Vec<(String, String)> =
                lever.set.iter().map(|(key, word)| ((*key).to_owned(), word.clone())).collect();
            if lever.gain_db > 0.0 {
                words.push(("signal".to_owned(), (store.sinr_db + lever.gain_db).to_string()));
            }
            options.assigned.insert(store.id.clone(), words);
        }
        load(self.study.file, &options).map(|loaded| loaded.scenario).map_err(|why| {
            let levers: BTreeSet<&str> =
                design.stores.iter().flatten().map(|&lever| sizing.levers[lever].name.as_str()).collect();
            let mut parts = Vec::from_iter(levers);
            let shared = self.name(&design.shared);
            if !shared.is_empty() {
                parts.push(&shared);
            }
            Failed::Rejected { design: parts.join(", "), why }
        })
    }
}
