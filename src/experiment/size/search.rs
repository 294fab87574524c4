//! Candidates from benefits that add up, then whole runs to choose between them.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use super::benefits::{Benefits, benefits};
use super::designs::{Combination, Design, Designs};
use super::report::money;
use super::year::{Year, YearOf};
use super::{Failed, VERIFY_FROM};
use crate::measure::feasibility::{Constraint, Feasibility, Verdict};
use crate::measure::knapsack::{Choice, Limits, Packed, Step, pack, steps};
use crate::measure::selection::{Promise, Selection};
use crate::report::sizing::Decision;
use crate::scenario::resolved::{Aim, Scenario, Target};
use crate::simulation::run_some;

/// Batches before the first look.
const FIRST: usize = 10;
/// Replications in a batch: losses are skewed, means of some are less so.
const BATCH: usize = 4;
/// A branch with a pool of data is tried with 1/4, 2/4 and 3/4 of its steps, too.
const POOL_PARTS: usize = 4;
/// Rounds of neighbours after which the search stops.
const MOVES_MAX: usize = 8;
/// Changes at one store that are tried, of those for the better and of those for the worse.
const MOVES_KEPT: usize = 50;

/// What is known for one choice of shared levers.
pub struct Branch {
    /// The shared levers.
    pub shared: Combination,
    /// Benefits of levers at stores.
    pub benefits: Benefits,
    /// Steps from nothing to everything.
    pub steps: Vec<Step>,
    /// The best choice if benefits add up.
    pub packed: Packed,
}

/// The chosen design and how it came about.
pub struct Found {
    /// By choice of shared levers, in ascending cost.
    pub branches: Vec<Branch>,
    /// Position of the chosen branch.
    pub branch: usize,
    /// The design.
    pub design: Design,
    /// What came of the search.
    pub decision: Decision,
    /// Designs that were compared in whole runs.
    pub compared: usize,
    /// Fresh replications as it stands and of the design.
    pub verified: Vec<(Year, Year)>,
}

/// Searches, and verifies what it found.
///
/// # Errors
/// If a lever makes a scenario that cannot be run, or it was cancelled.
pub fn search(designs: &Designs<'_>) -> Result<Found, Failed> {
    let branches: Vec<Branch> = designs
        .combinations()
        .into_iter()
        .filter(|shared| designs.fits(&designs.bare(shared.clone())))
        .map(|shared| branch(designs, shared))
        .collect::<Result<_, _>>()?;
    let chosen = match designs.study.sizing.aim {
        Aim::Budget | Aim::Total => within_budget(designs, &branches)?,
        Aim::Targets => meeting_targets(designs, &branches)?,
    };
    let (design, decision, compared) = chosen;
    let position = branches.iter().position(|branch| branch.shared == design.shared).unwrap_or(0);
    let before = designs.bare(Combination::default());
    let numbers: Vec<u32> = (0..designs.study.sizing.verify).map(|number| VERIFY_FROM + number).collect();
    let pairs = years(designs, &designs.scenario(&before)?, &numbers)?
        .into_iter()
        .zip(years(designs, &designs.scenario(&design)?, &numbers)?)
        .collect();
    Ok(Found { branches, branch: position, design, decision, compared, verified: pairs })
}

fn branch(designs: &Designs<'_>, shared: Combination) -> Result<Branch, Failed> {
    let sizing = designs.study.sizing;
    let benefits = if sizing.levers.is_empty() {
        Benefits { of: vec![Vec::new(); designs.base().stores.len()], faults: 0, groups: 0 }
    } else {
        benefits(designs, &shared)?
    };
    let packed = pack(&aimed(designs, &benefits), limits(designs, &shared));
    Ok(Branch { steps: steps(&things(designs, &benefits)), packed, shared, benefits })
}

/// The best choice of a branch that leaves out the levers `without`.
fn packed_without(designs: &Designs<'_>, branch: &Branch, without: &BTreeSet<usize>) -> Design {
    let mut things = aimed(designs, &branch.benefits);
    let barred = |(lever, choice): (usize, &mut Choice)| {
        if without.contains(&lever) {
            choice.benefit = 0.0;
        }
    };
    things.iter_mut().for_each(|levers| levers.iter_mut().enumerate().for_each(barred));
    let stores = pack(&things, limits(designs, &branch.shared)).chosen;
    Design { shared: branch.shared.clone(), stores }
}

/// As [`things`], by what is looked for: with costs in the aim, what a lever brings is less what it costs.
fn aimed(designs: &Designs<'_>, benefits: &Benefits) -> Vec<Vec<Choice>> {
    let mut things = things(designs, benefits);
    if designs.study.sizing.aim == Aim::Total {
        things.iter_mut().flatten().for_each(|choice| choice.benefit -= choice.cost);
    }
    things
}

/// By store and lever what it brings and takes; levers that cannot be pulled bring nothing.
pub(super) fn things(designs: &Designs<'_>, benefits: &Benefits) -> Vec<Vec<Choice>> {
    let sizing = designs.study.sizing;
    let choice = |(lever, benefit): (usize, &Option<super::StoreBenefit>)| Choice {
        benefit: benefit.as_ref().map_or(0.0, |benefit| benefit.pooled.estimate),
        cost: designs.cost_lever(lever),
        units: sizing.units(&sizing.levers[lever].items),
    };
    benefits.of.iter().map(|levers| levers.iter().enumerate().map(choice).collect()).collect()
}

fn limits(designs: &Designs<'_>, shared: &Combination) -> Limits {
    let sizing = designs.study.sizing;
    let budget = sizing.budget.map_or(f64::INFINITY, |budget| budget.as_units_f64() + 1e-6);
    Limits { cost: budget - designs.cost_shared(shared), units: sizing.units_max().unwrap_or(u32::MAX) }
}

/// Years of replications of a scenario, in order.
fn years(designs: &Designs<'_>, scenario: &Scenario, numbers: &[u32]) -> Result<Vec<Year>, Failed> {
    let year = YearOf::new(scenario, designs.study.sizing.exposure);
    let one = |&number: &u32| {
        let result = run_some(scenario, &[number], designs.study.execution, designs.study.progress)?;
        result.replications.first().map(|replication| year.of(replication))
    };
    let years: Option<Vec<Year>> = numbers.par_iter().map(one).collect();
    years.ok_or(Failed::Cancelled)
}

/// First replications of every design that was run so far: a design comes up again, among neighbours and at the end.
type Known = BTreeMap<Design, Vec<Year>>;

/// A design whose replications are run when they are asked for, and kept.
struct Runs<'d, 'a> {
    designs: &'d Designs<'a>,
    design: Design,
    scenario: Scenario,
    years: Vec<Year>,
}

impl<'d, 'a> Runs<'d, 'a> {
    /// With what is known of it, which it takes along until [`Runs::keep`].
    fn new(designs: &'d Designs<'a>, design: &Design, known: &mut Known) -> Result<Self, Failed> {
        let scenario = designs.scenario(design)?;
        Ok(Runs {
            designs,
            design: design.clone(),
            scenario,
            years: known.remove(design).unwrap_or_default(),
        })
    }

    /// Gives back what is known now.
    fn keep(self, known: &mut Known) {
        known.insert(self.design, self.years);
    }

    /// The first `count` replications.
    fn first(&mut self, count: usize) -> Result<&[Year], Failed> {
        let numbers: Vec<u32> = (self.years.len()..count).map(|number| number as u32).collect();
        self.years.extend(years(self.designs, &self.scenario, &numbers)?);
        Ok(&self.years[..count])
    }
}

/// The least loss within the budget, or the least loss and cost: KN over the best choice for each combination of
/// shared levers, each improved by its neighbours if asked, and leaving everything as it stands.
fn within_budget(designs: &Designs<'_>, branches: &[Branch]) -> Result<(Design, Decision, usize), Failed> {
    let sizing = designs.study.sizing;
    let mut known = Known::new();
    let zone = zone(designs, &mut known)?;
    // Errors add up: half the level for the last choice, the rest in equal parts for all looks at neighbours.
    let looks = (MOVES_MAX * branches.len().max(1)) as f64;
    let (last, look) = if sizing.neighbours > 0 { (0.5, 0.5 / looks) } else { (1.0, 0.0) };
    let mut compared = 0;
    let mut candidates: Vec<Design> = Vec::new();
    let mut undecided = None;
    for branch in branches {
        let mut best = Design { shared: branch.shared.clone(), stores: branch.packed.chosen.clone() };
        for _ in 0..MOVES_MAX {
            let mut field = vec![best.clone()];
            field.extend(neighbours(designs, branch, &best));
            if field.len() < 2 {
                break;
            }
            compared += field.len();
            let (winner, open) = select(designs, &field, (zone, sizing.alpha * look), &mut known)?;
            undecided = undecided.or(open);
            if winner == 0 {
                break;
            }
            best = field.swap_remove(winner);
        }
        candidates.push(best);
    }
    // Benefits of single stores know nothing of each other: to leave everything as it stands is always a rival, and where stores may share
    // a pool of data, so is the best without it, and less of what is best with it.
    let mut rivals = vec![designs.bare(Combination::default())];
    let pooled = designs.pooled()?;
    if !pooled.is_empty() {
        for branch in branches {
            rivals.push(packed_without(designs, branch, &pooled));
            let all = branch.steps.len();
            let parts = (1..POOL_PARTS).map(|part| prefix(designs, branch, part * all / POOL_PARTS));
            rivals.extend(parts.filter(|design| designs.fits(design)));
        }
    }
    for rival in rivals {
        if !candidates.contains(&rival) {
            candidates.push(rival);
        }
    }
    candidates.sort_by(|left, right| designs.cost(left).total_cmp(&designs.cost(right)));
    let mut winner = 0;
    if candidates.len() > 1 {
        compared += candidates.len();
        let (best, open) = select(designs, &candidates, (zone, sizing.alpha * last), &mut known)?;
        (winner, undecided) = (best, undecided.or(open));
    }
    Ok((candidates.swap_remove(winner), decided(undecided), compared))
}

/// What difference a year does not matter: a share of what is lost as it stands.
fn zone(designs: &Designs<'_>, known: &mut Known) -> Result<f64, Failed> {
    let mut base = Runs::new(designs, &designs.bare(Combination::default()), known)?;
    let years = base.first(FIRST * BATCH)?;
    let mean = years.iter().map(|year| year.loss).sum::<f64>() / years.len() as f64;
    base.keep(known);
    Ok((mean * designs.study.sizing.zone_share).max(1.0))
}

/// Position of the design that loses least, and what is open about that.
fn select(
    designs: &Designs<'_>,
    field: &[Design],
    (zone, alpha): (f64, f64),
    known: &mut Known,
) -> Result<(usize, Option<String>), Failed> {
    let sizing = designs.study.sizing;
    let promise = Promise { zone, alpha, first: FIRST, batch: BATCH };
    let mut selection = Selection::new(field.len(), promise);
    let mut runs: Vec<Runs<'_, '_>> =
        field.iter().map(|design| Runs::new(designs, design, known)).collect::<Result<_, _>>()?;
    let counts = sizing.aim == Aim::Total;
    let costs: Vec<f64> =
        field.iter().map(|design| if counts { designs.cost(design) } else { 0.0 }).collect();
    let most = sizing.replications_max as usize;
    let mut done = 0;
    while selection.chosen().is_none() && done < most {
        let until = if done == 0 { FIRST * BATCH } else { done + BATCH };
        let mut values = vec![vec![0.0; field.len()]; until - done];
        for &design in selection.alive() {
            let years = runs[design].first(until)?;
            for (row, year) in values.iter_mut().zip(&years[done..]) {
                row[design] = year.loss + costs[design];
            }
        }
        values.iter().for_each(|row| selection.observe(row));
        done = until;
    }
    runs.into_iter().for_each(|run| run.keep(known));
    let open = selection.chosen().is_none().then(|| {
        format!(
            "after {done} replications {} designs could not be told apart to {} a year; the leading one is taken",
            selection.alive().len(),
            money(designs.base(), zone)
        )
    });
    Ok((selection.chosen().or(selection.leading()).unwrap_or(0), open))
}

/// Designs within the limits that differ from `best` at one store, or at two of which one gives up what the other gets; those that the
/// estimates like best first.
fn neighbours(designs: &Designs<'_>, branch: &Branch, best: &Design) -> Vec<Design> {
    let most = designs.study.sizing.neighbours as usize;
    if most == 0 {
        return Vec::new();
    }
    let things = aimed(designs, &branch.benefits);
    let value = |store: usize, lever: Option<usize>| lever.map_or(0.0, |lever| things[store][lever].benefit);
    let mut moves: Vec<(usize, Option<usize>)> = Vec::new();
    for (store, now) in best.stores.iter().enumerate() {
        let can = |lever: &usize| branch.benefits.of[store][*lever].is_some() && *now != Some(*lever);
        moves.extend((0..things[store].len()).filter(can).map(|lever| (store, Some(lever))));
        moves.extend(now.map(|_| (store, None)));
    }
    let gain = |&(store, to): &(usize, Option<usize>)| value(store, to) - value(store, best.stores[store]);
    // Of a large fleet only those that the estimates think nearly as good: pairs of all would be millions.
    moves.sort_by(|left, right| gain(right).total_cmp(&gain(left)).then_with(|| left.cmp(right)));
    let (mut better, mut worse): (Vec<_>, Vec<_>) = moves.into_iter().partition(|one| gain(one) > 0.0);
    better.truncate(MOVES_KEPT);
    worse.truncate(MOVES_KEPT);
    let moves = [better, worse].concat();
    let mut tried: Vec<(f64, Design)> = Vec::new();
    for (position, one) in moves.iter().enumerate() {
        let mut single = best.clone();
        single.stores[one.0] = one.1;
        for other in moves[position + 1..].iter().filter(|other| other.0 != one.0) {
            let mut pair = single.clone();
            pair.stores[other.0] = other.1;
            tried.push((gain(one) + gain(other), pair));
        }
        tried.push((gain(one), single));
    }
    tried.retain(|(_, design)| designs.fits(design));
    tried.sort_by(|left, right| right.0.total_cmp(&left.0).then_with(|| left.1.cmp(&right.1)));
    tried.truncate(most);
    tried.into_iter().map(|(_, design)| design).collect()
}

/// The cheapest design that meets all targets: feasibility in ascending cost.
fn meeting_targets(designs: &Designs<'_>, branches: &[Branch]) -> Result<(Design, Decision, usize), Failed> {
    let mut candidates: Vec<Design> = branches
        .iter()
        .flat_map(|branch| {
            let all = branch.steps.len();
            let parts = designs.study.sizing.candidates.max(1) as usize;
            let counts: BTreeSet<usize> = (0..=parts).map(|part| part * all / parts).collect();
            counts.into_iter().map(|count| prefix(designs, branch, count)).collect::<Vec<_>>()
        })
        .filter(|design| designs.fits(design))
        .collect();
    candidates.sort_by(|left, right| designs.cost(left).total_cmp(&designs.cost(right)));
    let family = candidates.len();
    let mut known = Known::new();
    let (met, mut compared, mut open) = first_met(designs, &candidates, family, &mut known)?;
    let Some(met) = met else {
        let dearest = candidates.pop().unwrap_or_else(|| designs.bare(Combination::default()));
        return Ok((dearest, Decision::NoneMeets(open), compared));
    };
    let found = candidates.swap_remove(met);
    // Between the last step that missed and the first that met there may be a cheaper one.
    let Some(branch) = branches.iter().find(|branch| branch.shared == found.shared) else {
        return Ok((found, decided(open), compared));
    };
    // The promise is for all that may yet be looked at.
    let family = family + 8 + MOVES_MAX * (designs.study.sizing.neighbours as usize + branches.len());
    let count = (0..=branch.steps.len()).find(|&count| prefix(designs, branch, count) == found).unwrap_or(0);
    let width = branch.steps.len() / designs.study.sizing.candidates.max(1) as usize;
    let finer: BTreeSet<usize> = (1..8)
        .map(|part| count.saturating_sub(width) + part * width / 8)
        .filter(|&one| one < count)
        .collect();
    let finer: Vec<Design> = finer.into_iter().map(|count| prefix(designs, branch, count)).collect();
    let (better, more, open_finer) = first_met(designs, &finer, family, &mut known)?;
    compared += more;
    open = open.or(open_finer);
    let mut found = better.map_or(found, |better| finer[better].clone());
    if designs.study.sizing.neighbours > 0 {
        for _ in 0..MOVES_MAX {
            let field = cheaper(designs, branches, &found);
            let (better, more, _) = first_met(designs, &field, family, &mut known)?;
            compared += more;
            let Some(better) = better else { break };
            found = field[better].clone();
        }
    }
    Ok((found, decided(open), compared))
}

/// Cheaper designs near `found`: its neighbours, and the same at stores with other levers for all; in ascending cost.
fn cheaper(designs: &Designs<'_>, branches: &[Branch], found: &Design) -> Vec<Design> {
    let mut field: Vec<Design> = branches
        .iter()
        .flat_map(|branch| {
            let alike = Design { shared: branch.shared.clone(), stores: found.stores.clone() };
            let near =
                if branch.shared == found.shared { neighbours(designs, branch, found) } else { Vec::new() };
            near.into_iter().chain([alike])
        })
        .filter(|design| designs.cost(design) < designs.cost(found) - 1e-6)
        .collect();
    field.sort_by(|left, right| {
        designs.cost(left).total_cmp(&designs.cost(right)).then_with(|| left.cmp(right))
    });
    field
}

/// The first `count` steps of a branch.
pub(super) fn prefix(designs: &Designs<'_>, branch: &Branch, count: usize) -> Design {
    let mut design = designs.bare(branch.shared.clone());
    branch.steps[..count].iter().for_each(|step| design.stores[step.thing] = Some(step.option));
    design
}

/// Position of the first design that meets all targets, how many were run, and which could not be judged.
fn first_met(
    designs: &Designs<'_>,
    candidates: &[Design],
    family: usize,
    known: &mut Known,
) -> Result<(Option<usize>, usize, Option<String>), Failed> {
    let sizing = designs.study.sizing;
    let constraints: Vec<Constraint> = sizing
        .targets
        .iter()
        .map(|target| Constraint { limit: target.at_most, tolerance: target.tolerance })
        .collect();
    let promise = Promise { zone: 1.0, alpha: sizing.alpha, first: FIRST, batch: BATCH };
    let mut open = 0;
    for (position, design) in candidates.iter().enumerate() {
        let mut runs = Runs::new(designs, design, known)?;
        let mut test = Feasibility::new(&constraints, family, promise);
        let mut done = 0;
        while test.verdict() == Verdict::Open && done < sizing.replications_max as usize {
            let until = if done == 0 { FIRST * BATCH } else { done + BATCH };
            for year in &runs.first(until)?[done..] {
                let values: Vec<f64> =
                    sizing.targets.iter().map(|target| year.metric(target.metric)).collect();
                test.observe(&values);
            }
            done = until;
        }
        // What never varied in all of these replications is taken as it is: the procedure would wait for ever.
        let seen = runs.first(done)?;
        let is_constant = |target: &Target| {
            seen.iter().all(|year| year.metric(target.metric) == seen[0].metric(target.metric))
        };
        let within = sizing.targets.iter().all(|target| seen[0].metric(target.metric) <= target.at_most);
        let verdict = match test.verdict() {
            Verdict::Open if sizing.targets.iter().all(is_constant) && within => Verdict::Met,
            Verdict::Open if sizing.targets.iter().all(is_constant) => Verdict::Missed,
            verdict => verdict,
        };
        runs.keep(known);
        open += usize::from(verdict == Verdict::Open);
        if verdict == Verdict::Met {
            return Ok((Some(position), position + 1, undecided(open, "cheaper designs")));
        }
    }
    Ok((None, candidates.len(), undecided(open, "designs")))
}

fn undecided(open: usize, which: &str) -> Option<String> {
    (open > 0).then(|| format!("{open} {which} could be judged neither way"))
}

fn decided(open: Option<String>) -> Decision {
    open.map_or(Decision::Made, Decision::Open)
}
