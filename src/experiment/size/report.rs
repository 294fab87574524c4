//! The answer as plain data for [`crate::report::sizing`].

use std::collections::{BTreeMap, BTreeSet};

use super::designs::{Design, Designs};
use super::search::{Branch, Found, prefix};
use super::year::YearOf;
use super::{FORCED_FROM, Failed, StoreBenefit};
use crate::kernel::draws::{Entity, Key};
use crate::kernel::variates::{normal_quantile, standard_normal};
use crate::measure::estimators::{Interval, mean_interval};
use crate::measure::knapsack::Step;
use crate::model::purpose::{Purpose, address};
use crate::report::sizing::{BillRow, DeploymentRow, FrontierRow, SizingReport, Verified};
use crate::report::summary::{Unit, rare_faults, with_interval};
use crate::scenario::resolved::{Aim, Item, Scenario};

const LEVEL: f64 = 0.95;
/// Draws from which the probability of being among the best comes.
const RANKINGS: u64 = 400;

/// The report of what was found.
///
/// # Errors
/// If the scenario of the design is rejected.
pub(super) fn report(designs: &Designs<'_>, found: &Found) -> Result<SizingReport, Failed> {
    let sizing = designs.study.sizing;
    let branch = &found.branches[found.branch];
    let deployment = deployment(designs, branch, &found.design)?;
    let upfront_shared =
        found.design.shared.0.iter().map(|&lever| sizing.upfront(&sizing.shared[lever].items).as_units_f64());
    let upfront = upfront_shared.sum::<f64>() + deployment.iter().map(|row| row.upfront).sum::<f64>();
    let chosen = found.design.stores.iter().enumerate();
    let parts: Vec<&StoreBenefit> = chosen
        .filter_map(|(store, lever)| lever.and_then(|lever| branch.benefits.of[store][lever].as_ref()))
        .collect();
    let weights: Vec<f64> =
        branch.benefits.of.iter().flatten().flatten().map(|benefit| benefit.pooled.weight).collect();
    let weight = weights.iter().sum::<f64>() / weights.len().max(1) as f64;
    Ok(SizingReport {
        scenario: designs.base().name.clone(),
        currency: designs.base().currency.clone(),
        stores: designs.base().stores.len(),
        aim: aim(designs),
        shared: found.design.shared.0.iter().map(|&lever| sizing.shared[lever].name.clone()).collect(),
        cost: designs.cost(&found.design),
        upfront,
        units: designs.units(&found.design),
        decision: found.decision.clone(),
        bound: (sizing.aim == Aim::Budget).then_some(branch.packed.bound).filter(|bound| bound.is_finite()),
        estimated: total(&parts),
        weight,
        faults: found.branches.iter().map(|branch| branch.benefits.faults).sum(),
        compared: found.compared,
        frontier: found.branches.iter().flat_map(|branch| frontier(designs, branch)).collect(),
        bill: bill(designs, &found.design),
        verified: verified(designs, found),
        rests: rests(designs, &found.design),
        deployment,
    })
}

/// An amount in the scenario's currency, as everywhere.
pub(super) fn money(scenario: &Scenario, amount: f64) -> String {
    with_interval(Unit::Money, &Interval::point(amount, LEVEL), &scenario.currency).0
}

fn aim(designs: &Designs<'_>) -> String {
    let sizing = designs.study.sizing;
    let mut limits = Vec::new();
    let base = designs.base();
    limits.extend(sizing.budget.map(|budget| format!("{} a year", money(base, budget.as_units_f64()))));
    limits.extend(sizing.units_max().map(|units| format!("{units} units")));
    let limits = if limits.is_empty() { "no limit".to_owned() } else { limits.join(" and ") };
    match sizing.aim {
        Aim::Budget => format!("Least loss within {limits}"),
        Aim::Total => format!("Least loss and cost together within {limits}"),
        Aim::Targets => {
            format!("Cheapest design that meets all targets within {limits}")
        }
    }
}

/// Half the width of a 95 % interval, in standard deviations.
fn z() -> f64 {
    normal_quantile(0.5 + 0.5 * LEVEL)
}

fn around(estimate: f64, sd: f64) -> Interval {
    let half = z() * sd;
    Interval { estimate, low: Some(estimate - half), high: Some(estimate + half), level: LEVEL }
}

/// Errors of one group's mean are the same at all its stores, so they add up in full.
#[derive(Default)]
struct Sum {
    estimate: f64,
    own: f64,
    shared: BTreeMap<usize, f64>,
}

impl Sum {
    fn add(&mut self, benefit: &StoreBenefit, sign: f64) {
        let pooled = &benefit.pooled;
        self.estimate += sign * pooled.estimate;
        self.own += sign * pooled.sd_own * pooled.sd_own;
        *self.shared.entry(benefit.group).or_default() += sign * pooled.sd_shared;
    }

    fn interval(&self) -> Interval {
        let shared: f64 = self.shared.values().map(|sd| sd * sd).sum();
        around(self.estimate, libm::sqrt(self.own.max(0.0) + shared))
    }
}

fn total(parts: &[&StoreBenefit]) -> Interval {
    let mut sum = Sum::default();
    parts.iter().for_each(|part| sum.add(part, 1.0));
    sum.interval()
}

fn frontier(designs: &Designs<'_>, branch: &Branch) -> Vec<FrontierRow> {
    let sizing = designs.study.sizing;
    let row = |step: usize, design: &Design, sum: &Sum| {
        let last: Option<&Step> = step.checked_sub(1).map(|step| &branch.steps[step]);
        FrontierRow {
            shared: designs.name(&branch.shared),
            step,
            store: last.map_or_else(String::new, |last| designs.base().stores[last.thing].id.clone()),
            lever: last.map_or_else(String::new, |last| sizing.levers[last.option].name.clone()),
            units: 0,
            cost: 0.0,
            avoided: sum.interval(),
            knee: false,
            within: designs.fits(design),
        }
    };
    let mut design = prefix(designs, branch, 0);
    let mut sum = Sum::default();
    let (mut cost, mut units) = (designs.cost(&design), 0);
    let mut rows = vec![FrontierRow { cost, ..row(0, &design, &sum) }];
    for (number, step) in branch.steps.iter().enumerate() {
        let before = design.stores[step.thing].replace(step.option);
        let benefit = |lever: usize| branch.benefits.of[step.thing][lever].as_ref();
        before.and_then(benefit).into_iter().for_each(|benefit| sum.add(benefit, -1.0));
        benefit(step.option).into_iter().for_each(|benefit| sum.add(benefit, 1.0));
        cost += designs.cost_lever(step.option) - before.map_or(0.0, |lever| designs.cost_lever(lever));
        let of = |lever: usize| sizing.units(&sizing.levers[lever].items);
        units += of(step.option);
        units -= before.map_or(0, of);
        rows.push(FrontierRow { cost, units, ..row(number + 1, &design, &sum) });
    }
    if let Some(knee) = knee(&rows) {
        rows[knee].knee = true;
    }
    rows
}

/// The row farthest above the line from the first to the last; none if there is nothing between.
fn knee(rows: &[FrontierRow]) -> Option<usize> {
    let (first, last) = (rows.first()?, rows.last()?);
    let (width, height) = (last.cost - first.cost, last.avoided.estimate - first.avoided.estimate);
    if width <= 0.0 || height <= 0.0 {
        return None;
    }
    let above = |row: &FrontierRow| {
        (row.avoided.estimate - first.avoided.estimate) / height - (row.cost - first.cost) / width
    };
    let best = (1..rows.len().saturating_sub(1))
        .max_by(|&one, &other| above(&rows[one]).total_cmp(&above(&rows[other])));
    best.filter(|&row| above(&rows[row]) > 0.0)
}

fn deployment(designs: &Designs<'_>, branch: &Branch, design: &Design) -> Result<Vec<DeploymentRow>, Failed> {
    let sizing = designs.study.sizing;
    let scenario = designs.scenario(design)?;
    let chosen: Vec<(usize, usize, &StoreBenefit)> = design
        .stores
        .iter()
        .enumerate()
        .filter_map(|(store, lever)| {
            let lever = (*lever)?;
            Some((store, lever, branch.benefits.of[store][lever].as_ref()?))
        })
        .collect();
    let worth = |&(_, lever, benefit): &(usize, usize, &StoreBenefit)| {
        per_cost(designs, lever, benefit.pooled.estimate)
    };
    let mut order: Vec<usize> = (0..chosen.len()).collect();
    order.sort_by(|&one, &other| worth(&chosen[other]).total_cmp(&worth(&chosen[one])));
    let top = among_best(designs, branch, design);
    let mut placed = 0;
    let rows = order.into_iter().enumerate().map(|(rank, position)| {
        let (store, lever, benefit) = chosen[position];
        let items = &sizing.levers[lever].items;
        let units: Vec<&Item> =
            items.iter().map(|&item| &sizing.items[item]).filter(|item| item.unit).collect();
        let new = &scenario.stores[store];
        let second = new.second.map(|sim| format!("+{}", scenario.carriers[sim.carrier.0 as usize].name));
        let uses_lte = new.topology.carries_store_traffic();
        let carrier = &scenario.carriers[new.carrier.0 as usize].name;
        let (cost, upfront) = (designs.cost_lever(lever), sizing.upfront(items).as_units_f64());
        let running: f64 = items.iter().map(|&item| running(&sizing.items[item])).sum();
        let earned = benefit.pooled.estimate - running;
        placed += units.len() as u32;
        let week = sizing.installs_per_week.filter(|&week| week > 0 && !units.is_empty());
        let reason = benefit.reason.map(|(cause, share)| {
            format!("{} {:.0} %", designs.base().causes[cause.0 as usize].name, share * 100.0)
        });
        DeploymentRow {
            store: new.id.clone(),
            rank: rank + 1,
            lever: sizing.levers[lever].name.clone(),
            unit: units.iter().map(|item| item.name.as_str()).collect::<Vec<_>>().join("+"),
            ports: units.iter().map(|item| item.ports).sum(),
            carrier: if uses_lte {
                format!("{carrier}{}", second.unwrap_or_default())
            } else {
                String::new()
            },
            plan: new.plan.map_or_else(String::new, |plan| scenario.plans[plan.0 as usize].name.clone()),
            avoided: around(benefit.pooled.estimate, benefit.pooled.sd()),
            own: benefit.pooled.own,
            weight: benefit.pooled.weight,
            cost,
            upfront,
            payback: (earned > 0.0).then(|| upfront / earned),
            reason: reason.unwrap_or_default(),
            top: top[store],
            week: week.map(|week| placed.div_ceil(week)),
        }
    });
    Ok(rows.collect())
}

/// What a lever is worth by what it costs; what costs nothing comes first.
fn per_cost(designs: &Designs<'_>, lever: usize, benefit: f64) -> f64 {
    benefit / designs.cost_lever(lever).max(1e-9)
}

/// Positions of the items that a design takes, each as often as it does.
fn items_of<'d>(designs: &'d Designs<'_>, design: &'d Design) -> impl Iterator<Item = usize> + 'd {
    let sizing = designs.study.sizing;
    let at_stores = design.stores.iter().flatten().flat_map(|&lever| &sizing.levers[lever].items);
    let for_all = design.shared.0.iter().flat_map(|&lever| &sizing.shared[lever].items);
    at_stores.chain(for_all).copied()
}

/// What an item costs a year besides its price.
fn running(item: &Item) -> f64 {
    item.month.as_units_f64() * 12.0 + item.year.as_units_f64()
}

/// By store the probability that its best lever is among as many as the design has, by draws from what is known of benefits.
fn among_best(designs: &Designs<'_>, branch: &Branch, design: &Design) -> Vec<f64> {
    let stores = design.stores.len();
    let count = design.stores.iter().flatten().count();
    let key = Key { seed: designs.base().seed, replication: u64::from(FORCED_FROM) };
    let mut hits = vec![0_u64; stores];
    if count == 0 {
        return vec![0.0; stores];
    }
    let best: Vec<Option<(usize, &StoreBenefit)>> = (0..stores)
        .map(|store| {
            let of = |lever: usize| branch.benefits.of[store][lever].as_ref().map(|benefit| (lever, benefit));
            design.stores[store].and_then(of).or_else(|| {
                let all = (0..branch.benefits.of[store].len()).filter_map(of);
                let worth = |(lever, benefit): &(usize, &StoreBenefit)| {
                    per_cost(designs, *lever, benefit.pooled.estimate)
                };
                all.max_by(|left, right| worth(left).total_cmp(&worth(right)))
            })
        })
        .collect();
    for ranking in 0..RANKINGS {
        let normal =
            |entity: Entity| standard_normal(key.block(address(entity, Purpose::SizingRank, ranking), 1)[0]);
        let mut drawn: Vec<(f64, usize)> = best
            .iter()
            .enumerate()
            .filter_map(|(store, best)| {
                let (lever, benefit) = (*best)?;
                let own = Entity::new("rank", &designs.base().stores[store].id, "");
                let group = Entity::new("rank-group", &benefit.group.to_string(), "");
                let pooled = &benefit.pooled;
                let value = pooled.estimate + pooled.sd_own * normal(own) + pooled.sd_shared * normal(group);
                Some((per_cost(designs, lever, value), store))
            })
            .collect();
        drawn.sort_by(|left, right| right.0.total_cmp(&left.0).then(left.1.cmp(&right.1)));
        drawn.iter().take(count).for_each(|&(_, store)| hits[store] += 1);
    }
    hits.iter().map(|&hits| hits as f64 / RANKINGS as f64).collect()
}

fn bill(designs: &Designs<'_>, design: &Design) -> Vec<BillRow> {
    let sizing = designs.study.sizing;
    let mut quantities: BTreeMap<usize, u64> = BTreeMap::new();
    for item in items_of(designs, design) {
        *quantities.entry(item).or_default() += 1;
    }
    let row = |(item, quantity): (usize, u64)| {
        let item = &sizing.items[item];
        BillRow {
            item: item.name.clone(),
            what: item.what.clone(),
            quantity,
            price: item.price.as_units_f64(),
            yearly: running(item),
            date: item.date.clone(),
            origin: item.origin.clone(),
            confidence: item.confidence.clone(),
        }
    };
    let mut rows: Vec<BillRow> = quantities.into_iter().map(row).collect();
    let others = design.shared.0.iter().map(|&lever| &sizing.shared[lever]).filter(|lever| lever.year.0 > 0);
    rows.extend(others.map(|lever| BillRow {
        item: lever.name.clone(),
        what: "what the shared lever costs a year besides its items".to_owned(),
        quantity: 1,
        price: 0.0,
        yearly: lever.year.as_units_f64(),
        date: String::new(),
        origin: "the scenario".to_owned(),
        confidence: String::new(),
    }));
    rows
}

fn mean(values: &[f64]) -> Interval {
    mean_interval(values, LEVEL).unwrap_or(Interval::point(0.0, LEVEL))
}

fn verified(designs: &Designs<'_>, found: &Found) -> Verified {
    let pairs = &found.verified;
    let before: Vec<f64> = pairs.iter().map(|(before, _)| before.loss).collect();
    let after: Vec<f64> = pairs.iter().map(|(_, after)| after.loss).collect();
    let saved: Vec<f64> = pairs.iter().map(|(before, after)| before.loss - after.loss).collect();
    let variance = |values: &[f64]| {
        let mean = values.iter().sum::<f64>() / values.len().max(1) as f64;
        values.iter().map(|value| (value - mean) * (value - mean)).sum::<f64>()
    };
    let sales = |of: fn(&(super::Year, super::Year)) -> f64| mean(&pairs.iter().map(of).collect::<Vec<_>>());
    let targets = designs.study.sizing.targets.iter().map(|target| {
        let values: Vec<f64> = pairs.iter().map(|(_, after)| after.metric(target.metric)).collect();
        (target.metric.name().to_owned(), target.at_most, mean(&values))
    });
    let paired = variance(&saved);
    Verified {
        replications: pairs.len() as u32,
        before: mean(&before),
        after: mean(&after),
        saved: mean(&saved),
        sales: (sales(|(before, _)| before.lost_sales), sales(|(_, after)| after.lost_sales)),
        reduction: (paired > 0.0).then(|| (variance(&before) + variance(&after)) / paired),
        targets: targets.collect(),
    }
}

/// What the answer rests on.
fn rests(designs: &Designs<'_>, design: &Design) -> Vec<String> {
    let sizing = designs.study.sizing;
    let base = designs.base();
    let mut sentences = Vec::new();
    let year = YearOf::new(base, sizing.exposure);
    let days =
        (0..base.stores.len()).map(|store| year.days(store)).sum::<f64>() / base.stores.len().max(1) as f64;
    let whole: u32 = sizing.exposure.iter().sum();
    sentences.push(format!(
        "A year of {whole} days, of which the simulated days stand for {days:.0}; days of other kinds count nothing."
    ));
    sentences.push(format!(
        "Of blocked sales {:.0} % are lost for good; the loss is their gross margin, sales refused after they were \
         approved offline, and {} for each journey.",
        base.money.lost_share * 100.0,
        money(base, base.money.truck_roll.as_units_f64())
    ));
    sentences.push(format!("Devices are written off over {:.1} years.", base.money.gear_life_years));
    let weak: Vec<&str> = bill_names(designs, design, &["M", "EA", "J"]);
    if !weak.is_empty() {
        sentences.push(format!("Prices that are not from a source: {}.", weak.join(", ")));
    }
    sentences.push(
        "Rates, prices and shares are taken as they are written: `tinsel uncertainty` says which of them would flip a decision."
            .to_owned(),
    );
    sentences.push(
        "Benefits of single stores come from one fault at a time, without what stores share; the verification is of whole runs, with it."
            .to_owned(),
    );
    sentences.extend(rare_faults(base, sizing.verify as usize));
    sentences
}

/// Names of the design's items whose confidence is among `words`.
fn bill_names<'a>(designs: &Designs<'a>, design: &Design, words: &[&str]) -> Vec<&'a str> {
    let sizing = designs.study.sizing;
    let used: BTreeSet<usize> = items_of(designs, design).collect();
    let items = used.into_iter().map(|item| &sizing.items[item]);
    items.filter(|item| words.contains(&item.confidence.as_str())).map(|item| item.name.as_str()).collect()
}
