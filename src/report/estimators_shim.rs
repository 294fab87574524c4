//! Stand-in for `measure::estimators` until that is merged: same names, same meaning.

use crate::measure::Histogram;

/// An estimate with its interval.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Interval {
    /// Point estimate.
    pub estimate: f64,
    /// Lower end; `None` with fewer than two replications.
    pub low: Option<f64>,
    /// Upper end.
    pub high: Option<f64>,
    /// Confidence level.
    pub level: f64,
}

impl Interval {
    pub const fn point(estimate: f64, level: f64) -> Self {
        Interval { estimate, low: None, high: None, level }
    }
}

/// The quantile of one number per replication.
pub fn order_statistic_interval(values: &[f64], q: f64, level: f64) -> Option<Interval> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let rank = (q * sorted.len() as f64).ceil() as usize;
    sorted.get(rank.max(1) - 1).map(|&estimate| Interval::point(estimate, level))
}

/// Mean with a t interval (Cornish-Fisher approximation of t).
pub fn mean_interval(values: &[f64], level: f64) -> Option<Interval> {
    let n = values.len() as f64;
    let estimate = values.iter().sum::<f64>() / n;
    around(estimate, values, level)
}

fn around(estimate: f64, values: &[f64], level: f64) -> Option<Interval> {
    if estimate.is_nan() {
        return None;
    }
    let n = values.len() as f64;
    if values.len() < 2 {
        return Some(Interval::point(estimate, level));
    }
    let z = 1.959_964;
    let df = n - 1.0;
    let t = z
        + (z * z * z + z) / (4.0 * df)
        + (5.0 * z * z * z * z * z + 16.0 * z * z * z + 3.0 * z) / (96.0 * df * df);
    let variance = values.iter().map(|v| (v - estimate) * (v - estimate)).sum::<f64>() / df;
    let half = t * (variance / n).sqrt();
    Some(Interval { estimate, low: Some(estimate - half), high: Some(estimate + half), level })
}

/// Ratio of sums (no jackknife here).
pub fn ratio_interval(numerators: &[f64], denominators: &[f64], level: f64) -> Option<Interval> {
    let ratios: Vec<f64> = numerators.iter().zip(denominators).map(|(n, d)| n / d).collect();
    around(numerators.iter().sum::<f64>() / denominators.iter().sum::<f64>(), &ratios, level)
}

/// Pooled quantile.
pub fn quantile_by_sectioning(parts: &[Histogram], q: f64, level: f64) -> Option<Interval> {
    let mut pooled = Histogram::new();
    for part in parts {
        pooled.merge(part);
    }
    let estimate = pooled.quantile(q).map_or(f64::NAN, |v| v as f64);
    let values: Vec<f64> = parts.iter().filter_map(|part| part.quantile(q)).map(|v| v as f64).collect();
    around(estimate, &values, level)
}
