//! Point estimates with confidence intervals over independent replications.
//!
//! The replication is the unit. What happens within one (customers of a store, stores of an outage) depends on
//! each other, so thousands of payments in one replication are one observation; with a single replication there
//! is an estimate and no interval.
//!
//! | quantity | estimator |
//! |---|---|
//! | a total or mean per replication | [`mean_interval`]: Student's t, corrected for skewness |
//! | a rate, share or mean per event, Σ numerators / Σ denominators | [`ratio_interval`]: jackknife over replications, the same |
//! | a quantile of values pooled over replications | [`quantile_by_sectioning`] |
//! | a quantile of one number per replication ("the 1-in-20 weekend") | [`order_statistic_interval`] |
//! | a share of replications | [`wilson_interval`] |
//!
//! Sums run in replication order, so the results are the same bits for any number of threads. None of these
//! intervals is right when a rare event that no replication happened to show dominates the quantity.

use super::histogram::Histogram;
use super::skewness::Moments;
use super::student::{two_sided_t, two_sided_z};
use serde::Serialize;

/// Most sections a pooled quantile is computed from: enough for a stable variance, few enough to keep each
/// section's own bias small (Asmussen and Glynn, "Stochastic Simulation", 2007, §III.5).
const SECTIONS_MAX: usize = 20;

/// An estimate and, where the data allow one, its confidence interval.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Interval {
    /// The point estimate, in the unit of the data.
    pub estimate: f64,
    /// Lower confidence limit; `None` where the data determine none.
    pub low: Option<f64>,
    /// Upper confidence limit; `None` where the data determine none.
    pub high: Option<f64>,
    /// The probability with which such intervals cover the true value.
    pub level: f64,
}

impl Interval {
    /// An estimate without an interval.
    #[must_use]
    pub const fn point(estimate: f64, level: f64) -> Self {
        Interval { estimate, low: None, high: None, level }
    }

    /// The interval that reaches so far below and above `estimate`; without limits when that is not known.
    pub(super) fn around(estimate: f64, reach: Option<(f64, f64)>, level: f64) -> Self {
        Interval {
            estimate,
            low: reach.map(|(below, _)| estimate - below),
            high: reach.map(|(_, above)| estimate + above),
            level,
        }
    }

    /// The interval `estimate` ± `half_width`; without limits when there is no half-width.
    fn symmetric(estimate: f64, half_width: Option<f64>, level: f64) -> Self {
        Interval::around(estimate, half_width.map(|half| (half, half)), level)
    }

    /// Half the distance between the limits, where both exist.
    #[must_use]
    pub fn half_width(&self) -> Option<f64> {
        Some(0.5 * (self.high? - self.low?))
    }

    /// Whether `value` lies between the limits, which must both exist.
    #[must_use]
    pub fn covers(&self, value: f64) -> bool {
        self.low.is_some_and(|low| low <= value) && self.high.is_some_and(|high| value <= high)
    }
}

/// The mean of one value per replication with Student's interval, corrected for the values' skewness ([`super::skewness`]). `None` for no
/// values.
///
/// No limits from a single value. Values that are all equal give limits equal to the estimate: the caller
/// decides what no variance means (a stopping rule must call it inconclusive).
#[must_use]
pub fn mean_interval(values: &[f64], level: f64) -> Option<Interval> {
    if values.is_empty() {
        return None;
    }
    let mean = mean_of(values);
    Some(lopsided(mean, values, level))
}

/// Σ `numerators` / Σ `denominators` with an interval from the jackknife over replications. `None` when the two
/// differ in length or the denominators sum to 0.
///
/// The estimate is the plain ratio, which anybody can recompute from the totals; the jackknife (R. G. Miller,
/// "The jackknife: a review", Biometrika 61, 1974) gives its standard error from what leaving out each
/// replication changes. The interval is that of the mean of its pseudo-values, put at the estimate; its limits
/// are not clipped to the range of a share. No limits when fewer than two replications have a denominator.
#[must_use]
pub fn ratio_interval(numerators: &[f64], denominators: &[f64], level: f64) -> Option<Interval> {
    if numerators.len() != denominators.len() {
        return None;
    }
    let (numerator, denominator): (f64, f64) = (numerators.iter().sum(), denominators.iter().sum());
    if denominator == 0.0 {
        return None;
    }
    let ratio = numerator / denominator;
    if denominators.iter().filter(|&&own| own != 0.0).count() < 2 {
        return Some(Interval::point(ratio, level));
    }
    let n = numerators.len() as f64;
    let pseudo_values: Vec<f64> = numerators
        .iter()
        .zip(denominators)
        .map(|(own_numerator, own_denominator)| {
            let without = (numerator - own_numerator) / (denominator - own_denominator);
            n * ratio - (n - 1.0) * without
        })
        .collect();
    Some(lopsided(ratio, &pseudo_values, level))
}

/// The quantile `q` of the values of all replications together, in nanoseconds, with a sectioning interval.
/// `None` when there are no values, or `q` is outside 0..=1.
///
/// Sectioning (Asmussen and Glynn, "Stochastic Simulation", 2007, §III.5b): replications are grouped in order
/// into at most 20 sections; the spread of the sections' quantiles *around the pooled quantile* (not around
/// their own mean, which would miss their bias) gives a t interval. Sections are as many as leave each with
/// enough values to have the quantile inside its range, 1 / min(q, 1 − q); with fewer than two such, and for q
/// = 0 or 1, there are no limits. Both estimate and limits share the histogram's resolution of 1/128: limits
/// that coincide mean "within one bucket".
#[must_use]
pub fn quantile_by_sectioning(per_replication: &[Histogram], q: f64, level: f64) -> Option<Interval> {
    if !(0.0..=1.0).contains(&q) {
        return None;
    }
    let pooled = pooled(per_replication).quantile(q)? as f64;
    let tail = q.min(1.0 - q);
    if tail <= 0.0 {
        return Some(Interval::point(pooled, level));
    }
    let values_min = libm::ceil(1.0 / tail) as u64;
    for sections in (2..=per_replication.len().min(SECTIONS_MAX)).rev() {
        let quantiles: Option<Vec<f64>> = sections_of(per_replication, sections)
            .map(pooled_histogram_of(values_min))
            .map(|section| section?.quantile(q).map(|nanos| nanos as f64))
            .collect();
        if let Some(quantiles) = quantiles {
            return Some(Interval::symmetric(pooled, t_half_width(&quantiles, pooled, level), level));
        }
    }
    Some(Interval::point(pooled, level))
}

/// `slice` in `sections` consecutive parts whose lengths differ by at most one.
fn sections_of<T>(slice: &[T], sections: usize) -> impl Iterator<Item = &[T]> {
    (0..sections)
        .map(move |section| &slice[section * slice.len() / sections..(section + 1) * slice.len() / sections])
}

fn pooled(histograms: &[Histogram]) -> Histogram {
    let mut pooled = Histogram::new();
    for histogram in histograms {
        pooled.merge(histogram);
    }
    pooled
}

/// Pools a section's histograms; `None` when they hold fewer than `values_min` values.
fn pooled_histogram_of(values_min: u64) -> impl Fn(&[Histogram]) -> Option<Histogram> {
    move |section| Some(pooled(section)).filter(|section| section.count() >= values_min)
}

/// The quantile `q` (0..=1) of one number per replication, with the distribution-free interval between two of
/// the sorted values (H. A. David and H. N. Nagaraja, "Order Statistics", 3rd ed. 2003, §7.1). `None` for no
/// values.
///
/// How many of n values lie below the quantile is binomial (n, q), whatever their distribution; each limit is
/// the innermost value that misses with probability at most (1 − level)/2. Extreme quantiles of few values have
/// no such value on one side, and then no limit there: 20 replications do not bound the 1-in-20 weekend from
/// above.
#[must_use]
pub fn order_statistic_interval(values: &[f64], q: f64, level: f64) -> Option<Interval> {
    if values.is_empty() || !(0.0..=1.0).contains(&q) {
        return None;
    }
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let n = sorted.len();
    let estimate = sorted[(libm::ceil(q * n as f64) as usize).clamp(1, n) - 1];
    let each_tail = 0.5 * (1.0 - level);
    if !(each_tail > 0.0 && each_tail < 0.5) {
        return Some(Interval::point(estimate, level));
    }
    // X(k), k from 1, lies above the quantile when fewer than k values lie below it: P(B ≤ k − 1).
    let mut at_most = 0.0;
    let mut low = None;
    for (below, &value) in sorted.iter().enumerate() {
        at_most += binomial_probability(n, below, q);
        if at_most > each_tail {
            break;
        }
        low = Some(value);
    }
    // X(k) lies below the quantile when at least k values do: P(B ≥ k).
    let mut at_least = 0.0;
    let mut high = None;
    for (index, &value) in sorted.iter().enumerate().rev() {
        at_least += binomial_probability(n, index + 1, q);
        if at_least > each_tail {
            break;
        }
        high = Some(value);
    }
    Some(Interval { estimate, low, high, level })
}

/// The share `successes` / `trials` with Wilson's score interval (E. B. Wilson, JASA 22, 1927). `None` for no
/// trials.
///
/// For independent trials only: replications in which something happened, not stores within one replication.
#[must_use]
pub fn wilson_interval(successes: u64, trials: u64, level: f64) -> Option<Interval> {
    if trials == 0 || successes > trials {
        return None;
    }
    let n = trials as f64;
    let share = successes as f64 / n;
    let Some(z) = two_sided_z(level) else {
        return Some(Interval::point(share, level));
    };
    let z_squared = z * z;
    let shrink = 1.0 / (1.0 + z_squared / n);
    let centre = shrink * (share + 0.5 * z_squared / n);
    let half_width = shrink * z * libm::sqrt(share * (1.0 - share) / n + 0.25 * z_squared / (n * n));
    // At 0 and n successes the limit is 0 or 1 exactly; rounding must not step outside.
    Some(Interval {
        estimate: share,
        low: Some((centre - half_width).clamp(0.0, share)),
        high: Some((centre + half_width).clamp(share, 1.0)),
        level,
    })
}

fn mean_of(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// `estimate` with the limits of the mean of `values` around it.
fn lopsided(estimate: f64, values: &[f64], level: f64) -> Interval {
    let reach = Moments::of(values)
        .and_then(|moments| Some(moments.reach(two_sided_t(level, values.len() as f64 - 1.0)?)));
    Interval::around(estimate, reach, level)
}

/// Student's t half-width of the mean of `values`, their variance taken around `centre` with n − 1 degrees of
/// freedom.
fn t_half_width(values: &[f64], centre: f64, level: f64) -> Option<f64> {
    if values.len() < 2 {
        return None;
    }
    let n = values.len() as f64;
    let squares: f64 = values.iter().map(|value| (value - centre) * (value - centre)).sum();
    let standard_error = libm::sqrt(squares / (n - 1.0) / n);
    Some(two_sided_t(level, n - 1.0)? * standard_error)
}

/// P(B = k) for a binomial (n, q).
fn binomial_probability(n: usize, k: usize, q: f64) -> f64 {
    if q <= 0.0 || q >= 1.0 {
        let certain = if q <= 0.0 { 0 } else { n };
        return if k == certain { 1.0 } else { 0.0 };
    }
    let (all, some, others) = (n as f64, k as f64, (n - k) as f64);
    let ln_choose = libm::lgamma(all + 1.0) - libm::lgamma(some + 1.0) - libm::lgamma(others + 1.0);
    libm::exp(ln_choose + some * libm::log(q) + others * libm::log1p(-q))
}

#[cfg(test)]
mod tests;
