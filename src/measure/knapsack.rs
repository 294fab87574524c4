//! The best choice of one option for each of many things within two budgets: a multiple-choice knapsack with two constraints.
//!
//! Benefits that simply add up make it exact: branch and bound, the bound from the relaxation of the first constraint
//! (Sinha and Zoltners 1979: options on the upper convex hull, taken in order of benefit per cost). A large instance ends at a
//! limit of nodes with the best found so far, and says how far from the best it can be.

/// One option of a thing.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Choice {
    /// What it brings, any unit; what brings nothing is never taken.
    pub benefit: f64,
    /// What it takes of the first budget, not negative.
    pub cost: f64,
    /// What it takes of the second.
    pub units: u32,
}

/// What there is to spend; infinite if there is no limit.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Limits {
    /// Of the first budget.
    pub cost: f64,
    /// Of the second.
    pub units: u32,
}

/// The chosen options.
#[derive(Clone, PartialEq, Debug)]
pub struct Packed {
    /// By thing: which option, or none.
    pub chosen: Vec<Option<usize>>,
    /// Sum of benefits.
    pub benefit: f64,
    /// No choice is better than this.
    pub bound: f64,
}

/// A step along the hull of one thing: from its option before to `option`.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Step {
    /// Which thing.
    pub thing: usize,
    /// Which option it has after the step.
    pub option: usize,
    /// Benefit more than before.
    pub benefit: f64,
    /// Cost more than before.
    pub cost: f64,
}

/// Nodes after which the best found is taken.
const NODES_MAX: usize = 200_000;
/// Things up to which all nodes are looked at; beyond, the greedy choice is within a single option of the bound.
const EXACT_THINGS_MAX: usize = 60;

/// All steps worth taking, the most benefit per cost first; steps that cost nothing come first of all.
#[must_use]
pub fn steps(things: &[Vec<Choice>]) -> Vec<Step> {
    let mut all = Vec::new();
    for (thing, options) in things.iter().enumerate() {
        let (mut benefit, mut cost) = (0.0, 0.0);
        loop {
            let better = options.iter().enumerate().filter(|(_, option)| option.benefit > benefit);
            let ratio = |option: &Choice| {
                let more = option.cost - cost;
                if more > 0.0 { (option.benefit - benefit) / more } else { f64::INFINITY }
            };
            let best = better.max_by(|(_, left), (_, right)| {
                ratio(left).total_cmp(&ratio(right)).then(left.benefit.total_cmp(&right.benefit))
            });
            let Some((option, &to)) = best else { break };
            all.push(Step { thing, option, benefit: to.benefit - benefit, cost: (to.cost - cost).max(0.0) });
            (benefit, cost) = (to.benefit, cost.max(to.cost));
        }
    }
    // A stable sort keeps the steps of one thing in order: their ratios fall.
    all.sort_by(|left, right| ratio_of(right).total_cmp(&ratio_of(left)));
    all
}

fn ratio_of(step: &Step) -> f64 {
    if step.cost > 0.0 { step.benefit / step.cost } else { f64::INFINITY }
}

/// The choice with the largest sum of benefits within `limits`.
#[must_use]
pub fn pack(things: &[Vec<Choice>], limits: Limits) -> Packed {
    let steps = steps(things);
    let mut best = greedy(things, &steps, limits);
    let bound = relaxed(&steps, limits.cost, |_| true);
    best.bound = bound.max(best.benefit);
    if things.len() <= EXACT_THINGS_MAX {
        let mut order: Vec<usize> = Vec::new();
        for step in &steps {
            if !order.contains(&step.thing) {
                order.push(step.thing);
            }
        }
        let chosen = vec![None; things.len()];
        let mut search = Search { things, steps: &steps, order, best, chosen, nodes: 0 };
        search.branch(0, 0.0, limits);
        best = search.best;
        if search.nodes < NODES_MAX {
            best.bound = best.benefit;
        }
    }
    best
}

/// Steps as long as they fit.
fn greedy(things: &[Vec<Choice>], steps: &[Step], limits: Limits) -> Packed {
    let mut chosen: Vec<Option<usize>> = vec![None; things.len()];
    let (mut cost, mut units, mut benefit) = (0.0, 0_u32, 0.0);
    for step in steps {
        let before = chosen[step.thing].map(|option| things[step.thing][option]);
        let to = things[step.thing][step.option];
        // A step whose own before was left out is measured from what there is.
        let (more_benefit, more_cost) = match before {
            Some(before) => (to.benefit - before.benefit, to.cost - before.cost),
            None => (to.benefit, to.cost),
        };
        let new_units = units - before.map_or(0, |before| before.units) + to.units;
        if more_benefit > 0.0 && cost + more_cost <= limits.cost && new_units <= limits.units {
            chosen[step.thing] = Some(step.option);
            (cost, units, benefit) = (cost + more_cost, new_units, benefit + more_benefit);
        }
    }
    Packed { chosen, benefit, bound: f64::INFINITY }
}

/// The most that the steps of things that `counts` can bring within `budget`, the last one in part.
fn relaxed(steps: &[Step], budget: f64, counts: impl Fn(usize) -> bool) -> f64 {
    let (mut left, mut benefit) = (budget, 0.0);
    for step in steps.iter().filter(|step| counts(step.thing)) {
        if step.cost <= left {
            left -= step.cost;
            benefit += step.benefit;
        } else {
            return benefit + step.benefit * left / step.cost;
        }
    }
    benefit
}

struct Search<'a> {
    things: &'a [Vec<Choice>],
    steps: &'a [Step],
    /// Things in the order in which they are decided.
    order: Vec<usize>,
    best: Packed,
    chosen: Vec<Option<usize>>,
    nodes: usize,
}

impl Search<'_> {
    fn branch(&mut self, depth: usize, benefit: f64, left: Limits) {
        self.nodes += 1;
        if benefit > self.best.benefit {
            self.best = Packed { chosen: self.chosen.clone(), benefit, bound: self.best.bound };
        }
        let Some(&thing) = self.order.get(depth) else { return };
        let open = &self.order[depth..];
        let bound = benefit + relaxed(self.steps, left.cost, |thing| open.contains(&thing));
        if bound <= self.best.benefit || self.nodes >= NODES_MAX {
            return;
        }
        let options = &self.things[thing];
        let mut by_benefit: Vec<usize> = (0..options.len()).collect();
        by_benefit.sort_by(|&one, &other| options[other].benefit.total_cmp(&options[one].benefit));
        for option in by_benefit {
            let Choice { benefit: more, cost, units } = options[option];
            if more > 0.0 && cost <= left.cost && units <= left.units {
                self.chosen[thing] = Some(option);
                let left = Limits { cost: left.cost - cost, units: left.units - units };
                self.branch(depth + 1, benefit + more, left);
            }
        }
        self.chosen[thing] = None;
        self.branch(depth + 1, benefit, left);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers that look random and are always the same.
    fn number(seed: u64) -> f64 {
        let mixed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((mixed ^ (mixed >> 29)) >> 11 & 0xFFFF) as f64 / 65_536.0
    }

    fn every(things: &[Vec<Choice>], limits: Limits) -> f64 {
        let Some((first, rest)) = things.split_first() else { return 0.0 };
        let mut best = every(rest, limits);
        for option in first.iter().filter(|option| option.cost <= limits.cost && option.units <= limits.units)
        {
            let left = Limits { cost: limits.cost - option.cost, units: limits.units - option.units };
            best = best.max(option.benefit + every(rest, left));
        }
        best
    }

    #[test]
    fn the_packed_choice_is_that_of_trying_all() {
        for instance in 0..200_u64 {
            let things: Vec<Vec<Choice>> = (0..6)
                .map(|thing| {
                    (0..3)
                        .map(|option| {
                            let of = |what| number(instance * 1_000 + thing * 50 + option * 7 + what);
                            Choice {
                                benefit: of(1) * 10.0 - 1.0,
                                cost: of(2) * 5.0,
                                units: 1 + option as u32,
                            }
                        })
                        .collect()
                })
                .collect();
            let limits = Limits { cost: 6.0, units: 7 };
            let packed = pack(&things, limits);
            let best = every(&things, limits);
            assert!((packed.benefit - best).abs() < 1e-9, "{instance}: {} against {best}", packed.benefit);
            assert!(packed.bound >= best - 1e-9);
            let taken =
                packed.chosen.iter().zip(&things).filter_map(|(one, options)| one.map(|one| options[one]));
            let cost: f64 = taken.clone().map(|option| option.cost).sum();
            assert!(
                cost <= limits.cost + 1e-9 && taken.map(|option| option.units).sum::<u32>() <= limits.units
            );
        }
    }

    #[test]
    fn what_costs_nothing_is_taken_first_and_what_brings_nothing_never() {
        let free = Choice { benefit: 1.0, cost: 0.0, units: 0 };
        let harm = Choice { benefit: -1.0, cost: 0.0, units: 0 };
        let packed = pack(&[vec![free, harm], vec![harm]], Limits { cost: 0.0, units: 0 });
        assert_eq!(packed.chosen, [Some(0), None]);
    }
}
