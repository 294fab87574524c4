//! What replications showed of one quantity: one number, pair or list per replication, and the estimates that follow.
//!
//! The same sample yields an interval (replications all alike: the estimators of [`super::estimators`]; in strata: weighted), and
//! two samples of like kind, drawn under the same draws, a paired difference. Where no plain estimator applies, the standard error
//! is that of one pseudo-value per replication: the jackknife within strata for ratios (H. L. Jones, JASA 69, 1974), and for
//! quantiles the ratio estimator of the share at or below the quantile, turned into an interval of the quantile by R. S. Woodruff's
//! method (JASA 47, 1952).

use std::sync::Arc;

use super::Histogram;
use super::design::Design;
use super::estimators::{
    Interval, mean_interval, order_statistic_interval, quantile_by_sectioning, ratio_interval,
    wilson_interval,
};

const NANOS_PER_SECOND: f64 = 1e9;

/// What replications showed of one quantity.
#[derive(Clone, PartialEq, Debug)]
pub enum Sample {
    /// A number that no draw changes.
    Fixed(f64),
    /// A total or mean per replication.
    Mean(Vec<f64>),
    /// The same of those replications that have one.
    Given(Vec<Option<f64>>),
    /// Whether something happened in a replication.
    Happened(Vec<bool>),
    /// Σ numerators / Σ denominators.
    Ratio {
        /// By replication.
        numerators: Vec<f64>,
        /// By replication.
        denominators: Vec<f64>,
    },
    /// A quantile of times that all replications show together, in seconds.
    Quantile {
        /// By replication.
        times: Arc<Times>,
        /// Which quantile, 0..=1.
        q: f64,
    },
    /// The longest of them, in seconds.
    Longest(Arc<Times>),
    /// A quantile of one number per replication.
    Order {
        /// By replication.
        values: Vec<f64>,
        /// Which quantile, 0..=1.
        q: f64,
    },
}

/// Times by replication, in nanoseconds.
#[derive(Clone, PartialEq, Debug)]
pub enum Times {
    /// To one part in 128.
    Histograms(Vec<Histogram>),
    /// Exactly, in ascending order.
    Exact(Vec<Vec<u64>>),
    /// Exactly, in ascending order, each with how many it stands for ([`super::survival::stand_for`]); those weights are taken as known.
    Standing(Vec<Vec<(u64, f64)>>),
}

/// An estimate with what each replication adds to its uncertainty.
#[derive(Clone, PartialEq, Debug)]
pub struct Influence {
    /// The point estimate.
    pub estimate: f64,
    /// One pseudo-value per replication ([`Design::variance`]).
    pub pseudo_values: Vec<f64>,
}

/// Two designs under the same draws.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Paired {
    /// Of the first.
    pub first: Interval,
    /// Of the second.
    pub second: Interval,
    /// Second less first.
    pub difference: Interval,
    /// Variance of the difference if the two had been drawn apart, over what it is: what the common draws are worth. `None`
    /// where the difference has no variance or cannot be told.
    pub variance_reduction: Option<f64>,
}

impl Sample {
    /// The estimate with its interval at `level`; `None` when there was nothing to measure.
    #[must_use]
    pub fn interval(&self, design: &Design, level: f64) -> Option<Interval> {
        let stands = matches!(self, Sample::Quantile { times, .. } if matches!(**times, Times::Standing(_)));
        if design.is_plain() && !stands {
            return self.plain(level);
        }
        match self {
            Sample::Fixed(_) | Sample::Longest(_) => self.plain(level),
            Sample::Mean(_) | Sample::Given(_) | Sample::Happened(_) | Sample::Ratio { .. } => {
                let Influence { estimate, pseudo_values } = self.influence(design)?;
                Some(design.interval(estimate, &pseudo_values, level))
            }
            Sample::Quantile { q, .. } | Sample::Order { q, .. } => {
                let pool = self.pool(design)?;
                Some(pool.woodruff(design, *q, level))
            }
        }
    }

    /// How many replications show anything but nothing.
    #[must_use]
    pub fn non_zero(&self) -> usize {
        let count = |values: &[f64]| values.iter().filter(|&&value| value != 0.0).count();
        match self {
            Sample::Fixed(_) => 0,
            Sample::Mean(values) | Sample::Order { values, .. } => count(values),
            Sample::Given(values) => values.iter().flatten().filter(|&&value| value != 0.0).count(),
            Sample::Happened(values) => values.iter().filter(|&&happened| happened).count(),
            Sample::Ratio { numerators, .. } => count(numerators),
            Sample::Quantile { times, .. } | Sample::Longest(times) => {
                times.counts().into_iter().filter(|&count| count > 0).count()
            }
        }
    }

    /// The interval where replications are all alike.
    fn plain(&self, level: f64) -> Option<Interval> {
        match self {
            Sample::Fixed(value) => Some(Interval::point(*value, level)),
            Sample::Mean(values) => mean_interval(values, level),
            Sample::Given(values) => {
                mean_interval(&values.iter().flatten().copied().collect::<Vec<_>>(), level)
            }
            Sample::Happened(values) => {
                let happened = values.iter().filter(|&&happened| happened).count() as u64;
                let share = wilson_interval(happened, values.len() as u64, level)?;
                Some(if values.len() < 2 { Interval::point(share.estimate, level) } else { share })
            }
            Sample::Ratio { numerators, denominators } => ratio_interval(numerators, denominators, level),
            Sample::Quantile { times, q } => times.sectioned(*q, level),
            Sample::Longest(times) => times.longest().map(|longest| Interval::point(longest, level)),
            Sample::Order { values, q } => order_statistic_interval(values, *q, level),
        }
    }

    /// The estimate and its pseudo-values; `None` when there was nothing to measure or no replication to leave out.
    #[must_use]
    pub fn influence(&self, design: &Design) -> Option<Influence> {
        match self {
            Sample::Fixed(value) => {
                Some(Influence { estimate: *value, pseudo_values: vec![*value; design.replications()] })
            }
            Sample::Mean(values) => of_mean(design, values),
            Sample::Given(values) => {
                let given: Vec<f64> = values.iter().map(|value| f64::from(value.is_some())).collect();
                let values: Vec<f64> = values.iter().map(|value| value.unwrap_or(0.0)).collect();
                of_ratio(design, &values, &given)
            }
            Sample::Happened(values) => {
                let values: Vec<f64> = values.iter().map(|&happened| f64::from(happened)).collect();
                of_mean(design, &values)
            }
            Sample::Ratio { numerators, denominators } => of_ratio(design, numerators, denominators),
            Sample::Quantile { q, .. } | Sample::Order { q, .. } => self.pool(design)?.influence(design, *q),
            Sample::Longest(_) => None,
        }
    }

    /// What the two quantities differ by, replication by replication. `None` when either was not measured, or they are not of
    /// one kind. No interval of the difference where a replication of one has no counterpart.
    #[must_use]
    pub fn paired(
        first: &Sample,
        second: &Sample,
        designs: (&Design, &Design),
        level: f64,
    ) -> Option<Paired> {
        let (one, other) = (first.interval(designs.0, level)?, second.interval(designs.1, level)?);
        let apart = Interval::point(other.estimate - one.estimate, level);
        let mut paired = Paired { first: one, second: other, difference: apart, variance_reduction: None };
        let (Some(left), Some(right)) = (first.influence(designs.0), second.influence(designs.1)) else {
            return Some(paired);
        };
        let pairs = left.pseudo_values.iter().zip(&right.pseudo_values);
        let differences: Vec<f64> = pairs.map(|(left, right)| right - left).collect();
        let variances = (
            designs.0.variance(&left.pseudo_values),
            designs.1.variance(&right.pseudo_values),
            designs.0.variance(&differences),
        );
        if let (Some(left), Some(right), Some(both)) = variances {
            paired.difference = designs.0.interval(apart.estimate, &differences, level);
            let apart = left.of_estimate + right.of_estimate;
            paired.variance_reduction = (both.of_estimate > 0.0).then(|| apart / both.of_estimate);
        }
        Some(paired)
    }

    /// The values with their weights.
    fn pool(&self, design: &Design) -> Option<Pool> {
        let by_replication: Vec<Vec<(f64, f64)>> = match self {
            Sample::Quantile { times, .. } => times.atoms(),
            Sample::Order { values, .. } => values.iter().map(|&value| vec![(value, 1.0)]).collect(),
            Sample::Fixed(_)
            | Sample::Mean(_)
            | Sample::Given(_)
            | Sample::Happened(_)
            | Sample::Ratio { .. }
            | Sample::Longest(_) => return None,
        };
        Pool::new(design, by_replication)
    }
}

fn of_mean(design: &Design, values: &[f64]) -> Option<Influence> {
    if values.len() != design.replications() || values.is_empty() {
        return None;
    }
    if design.is_plain() {
        let estimate = values.iter().sum::<f64>() / values.len() as f64;
        return Some(Influence { estimate, pseudo_values: values.to_vec() });
    }
    // A stratum's pseudo-values spread as its values do, times what the stratum weighs.
    let scaled = |(replication, value): (usize, &f64)| {
        let stratum = design.member(replication);
        value * design.strata()[stratum].weight * design.likelihood(replication)
    };
    let pseudo_values = values.iter().enumerate().map(scaled).collect();
    Some(Influence { estimate: design.mean(|replication| values[replication]), pseudo_values })
}

fn of_ratio(design: &Design, numerators: &[f64], denominators: &[f64]) -> Option<Influence> {
    let n = design.replications();
    if numerators.len() != n || denominators.len() != n {
        return None;
    }
    let (above, below) = (design.mean(|one| numerators[one]), design.mean(|one| denominators[one]));
    if below == 0.0 {
        return None;
    }
    let estimate = above / below;
    let strata = design.strata().len();
    let mut sums = vec![(0.0, 0.0); strata];
    for (replication, (numerator, denominator)) in numerators.iter().zip(denominators).enumerate() {
        let sum = &mut sums[design.member(replication)];
        let likelihood = design.likelihood(replication);
        *sum = (sum.0 + likelihood * numerator, sum.1 + likelihood * denominator);
    }
    let pseudo_value = |replication: usize| {
        let stratum = design.member(replication);
        let (weight, size) = (design.strata()[stratum].weight, f64::from(design.size(stratum)));
        // By how much the stratum's mean changes when this replication is left out.
        let likelihood = design.likelihood(replication);
        let change = |sum: f64, own: f64| weight * ((sum - likelihood * own) / (size - 1.0) - sum / size);
        let without = (above + change(sums[stratum].0, numerators[replication]))
            / (below + change(sums[stratum].1, denominators[replication]));
        let value = size * estimate - (size - 1.0) * without;
        if value.is_finite() { value } else { estimate }
    };
    Some(Influence { estimate, pseudo_values: (0..n).map(pseudo_value).collect() })
}

impl Times {
    /// How many there are, by replication.
    #[must_use]
    pub fn counts(&self) -> Vec<u64> {
        match self {
            Times::Histograms(histograms) => histograms.iter().map(Histogram::count).collect(),
            Times::Exact(lists) => lists.iter().map(|list| list.len() as u64).collect(),
            Times::Standing(lists) => lists.iter().map(|list| list.len() as u64).collect(),
        }
    }

    /// Values in seconds and how many of them, by replication, in ascending order.
    fn atoms(&self) -> Vec<Vec<(f64, f64)>> {
        match self {
            Times::Histograms(histograms) => {
                let of_one = |one: &Histogram| {
                    one.middles()
                        .map(|(nanos, count)| (nanos as f64 / NANOS_PER_SECOND, count as f64))
                        .collect()
                };
                histograms.iter().map(of_one).collect()
            }
            Times::Exact(lists) => {
                let of_one = |one: &Vec<u64>| {
                    one.iter().map(|&nanos| (nanos as f64 / NANOS_PER_SECOND, 1.0)).collect()
                };
                lists.iter().map(of_one).collect()
            }
            Times::Standing(lists) => {
                let of_one = |one: &Vec<(u64, f64)>| {
                    one.iter().map(|&(nanos, count)| (nanos as f64 / NANOS_PER_SECOND, count)).collect()
                };
                lists.iter().map(of_one).collect()
            }
        }
    }

    /// The longest, in seconds.
    fn longest(&self) -> Option<f64> {
        let longest = match self {
            Times::Histograms(histograms) => histograms.iter().filter_map(Histogram::max).max(),
            Times::Exact(lists) => lists.iter().filter_map(|list| list.last().copied()).max(),
            Times::Standing(lists) => lists.iter().filter_map(|list| list.last()).map(|one| one.0).max(),
        };
        longest.map(|nanos| nanos as f64 / NANOS_PER_SECOND)
    }

    /// The quantile with its sectioning interval, in seconds; not below zero.
    fn sectioned(&self, q: f64, level: f64) -> Option<Interval> {
        let seconds = |nanos: f64| nanos / NANOS_PER_SECOND;
        let of_histograms = |histograms: &[Histogram]| {
            let nanos = quantile_by_sectioning(histograms, q, level)?;
            Some(Interval {
                estimate: seconds(nanos.estimate),
                low: nanos.low.map(seconds),
                high: nanos.high.map(seconds),
                level,
            })
        };
        match self {
            Times::Histograms(histograms) => of_histograms(histograms),
            Times::Exact(lists) => {
                let histograms: Vec<Histogram> = lists
                    .iter()
                    .map(|list| {
                        let mut histogram = Histogram::new();
                        list.iter().for_each(|&nanos| histogram.record(nanos));
                        histogram
                    })
                    .collect();
                let mut all: Vec<u64> = lists.iter().flatten().copied().collect();
                all.sort_unstable();
                // The histogram knows the quantile to one part in 128; the pooled order statistic is exact.
                let rank = libm::ceil(q * all.len() as f64) as usize;
                let exact = seconds(*all.get(rank.max(1) - 1)? as f64);
                let interval = of_histograms(&histograms)?;
                Some(Interval {
                    estimate: exact,
                    low: interval.low.map(|low| low.min(exact)),
                    high: interval.high.map(|high| high.max(exact)),
                    level,
                })
            }
            // Sections would need weights of their own: `interval` goes by the share at or below.
            Times::Standing(_) => None,
        }
    }
}

/// Values of all replications, weighted by what each replication stands for.
struct Pool {
    /// By replication: values and counts, ascending.
    by_replication: Vec<Vec<(f64, f64)>>,
    /// All of them: value and the weight of what lies at or below it, ascending, the last at 1.
    cumulative: Vec<(f64, f64)>,
}

impl Pool {
    fn new(design: &Design, by_replication: Vec<Vec<(f64, f64)>>) -> Option<Self> {
        if by_replication.len() != design.replications() {
            return None;
        }
        let mut cumulative: Vec<(f64, f64)> = Vec::new();
        for (replication, atoms) in by_replication.iter().enumerate() {
            let weight = design.weight(replication);
            cumulative.extend(atoms.iter().map(|&(value, count)| (value, weight * count)));
        }
        cumulative.sort_by(|left, right| left.0.total_cmp(&right.0));
        let total: f64 = cumulative.iter().map(|atom| atom.1).sum();
        if cumulative.is_empty() || total <= 0.0 {
            return None;
        }
        let mut below = 0.0;
        for atom in &mut cumulative {
            below += atom.1;
            atom.1 = below / total;
        }
        Some(Pool { by_replication, cumulative })
    }

    /// The smallest value with a share `q` of the weight at or below it.
    fn quantile(&self, q: f64) -> f64 {
        // Sums of weights that should meet q exactly miss it by rounding.
        const ROUNDING: f64 = 1e-12;
        let position = self.cumulative.partition_point(|atom| atom.1 < q - ROUNDING);
        self.cumulative[position.min(self.cumulative.len() - 1)].0
    }

    /// The share at or below `value` with its pseudo-values.
    fn share_below(&self, design: &Design, value: f64) -> Option<Influence> {
        let below: Vec<f64> = self
            .by_replication
            .iter()
            .map(|atoms| atoms.iter().take_while(|atom| atom.0 <= value).map(|atom| atom.1).sum())
            .collect();
        let all: Vec<f64> =
            self.by_replication.iter().map(|atoms| atoms.iter().map(|atom| atom.1).sum()).collect();
        of_ratio(design, &below, &all)
    }

    /// The quantile between those that its share's interval reaches.
    fn woodruff(&self, design: &Design, q: f64, level: f64) -> Interval {
        let estimate = self.quantile(q);
        let half = self
            .share_below(design, estimate)
            .and_then(|share| design.variance(&share.pseudo_values)?.half_width(level))
            // Nothing lies on one side of it in any replication: how far it may be wrong is not known.
            .filter(|half| *half > 0.0);
        let inside = |share: f64| (share > 0.0 && share < 1.0).then(|| self.quantile(share));
        Interval {
            estimate,
            low: half.and_then(|half| inside(q - half)),
            high: half.and_then(|half| inside(q + half)),
            level,
        }
    }

    /// The quantile with pseudo-values: those of its share, over the density that the values around it show.
    fn influence(&self, design: &Design, q: f64) -> Option<Influence> {
        /// As many standard errors of the share on either side show the density: what the limits of an interval span.
        const SPAN: f64 = 2.0;
        let estimate = self.quantile(q);
        let share = self.share_below(design, estimate)?;
        let error = design.variance(&share.pseudo_values)?.standard_error();
        let (low, high) = ((q - SPAN * error).max(0.0), (q + SPAN * error).min(1.0));
        let per_share =
            if high > low { (self.quantile(high) - self.quantile(low)) / (high - low) } else { 0.0 };
        let pseudo_values =
            share.pseudo_values.iter().map(|value| estimate - (value - share.estimate) * per_share).collect();
        Some(Influence { estimate, pseudo_values })
    }
}
