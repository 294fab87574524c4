//! Acceptance bands with a stated familywise false-alarm rate.

use tinsel::kernel::variates::normal_quantile;
use tinsel::measure::estimators::mean_interval;

/// Probability that a correct model fails a family of checks (of one test), had its seed been chosen at random. Seeds
/// are fixed, so that a test that passes keeps passing; the rate says how much a passing test has shown.
pub const FALSE_ALARM: f64 = 1e-3;

/// One quantity, estimated once per independent replication, and what theory says of it.
pub struct Quantity {
    pub name: String,
    pub values: Vec<f64>,
    pub expected: f64,
}

/// Whether all `quantities` meet theory: Student t intervals over replications, Bonferroni over the family.
pub fn check(quantities: &[Quantity]) -> Result<(), String> {
    let level = 1.0 - FALSE_ALARM / quantities.len() as f64;
    let mut complaints = Vec::new();
    for Quantity { name, values, expected } in quantities {
        let interval = mean_interval(values, level).expect("values");
        println!("{name}: {:.6} against {expected:.6}", interval.estimate);
        if !interval.covers(*expected) {
            complaints.push(format!("{name}: {expected} is not in {:?}..{:?}", interval.low, interval.high));
        }
    }
    if complaints.is_empty() { Ok(()) } else { Err(complaints.join("\n")) }
}

/// How many standard deviations a normal estimate may be off in one of `checks` two-sided checks of a family.
pub fn z_limit(checks: u32) -> f64 {
    normal_quantile(1.0 - FALSE_ALARM / f64::from(checks) / 2.0)
}

/// Standard deviations between Pearson's statistic of `counts` against Poisson means and its mean, the number of
/// counts. Its variance is 2 per count plus the reciprocal of each mean.
pub fn dispersion_z(counts_and_means: impl Iterator<Item = (u64, f64)>) -> f64 {
    let (mut statistic, mut cells, mut variance) = (0.0, 0.0, 0.0);
    for (count, mean) in counts_and_means {
        let off = count as f64 - mean;
        statistic += off * off / mean;
        cells += 1.0;
        variance += 2.0 + 1.0 / mean;
    }
    (statistic - cells) / f64::sqrt(variance)
}
