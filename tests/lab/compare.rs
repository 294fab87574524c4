//! Whether simulated latencies are what was measured.

use tinsel::measure::estimators::order_statistic_interval;

/// Level of the measurement's own intervals.
pub const LEVEL: f64 = 0.99;
/// By how much they are widened, of the value.
pub const WIDENED: f64 = 0.05;

/// One quantile beside the other.
#[derive(Clone, Copy, Debug)]
pub struct Quantile {
    pub q: f64,
    pub measured: f64,
    pub simulated: f64,
    pub low: f64,
    pub high: f64,
}

impl Quantile {
    pub fn agrees(&self) -> bool {
        (self.low..=self.high).contains(&self.simulated)
    }
}

/// One column of one series.
#[derive(Clone, Debug)]
pub struct Comparison {
    pub series: String,
    pub column: &'static str,
    pub trials: usize,
    pub quantiles: Vec<Quantile>,
    /// Kolmogorov–Smirnov distance between the two samples.
    pub distance: f64,
}

impl Comparison {
    pub fn agrees(&self) -> bool {
        self.quantiles.iter().all(Quantile::agrees)
    }
}

/// Compares two samples of one latency; `None` if either is empty.
pub fn compare(series: &str, column: &'static str, measured: &[f64], simulated: &[f64]) -> Option<Comparison> {
    if measured.is_empty() || simulated.is_empty() {
        return None;
    }
    let quantiles = [0.5, 0.95].map(|q| quantile(q, measured, simulated)).to_vec();
    let distance = distance(measured, simulated);
    Some(Comparison { series: series.to_owned(), column, trials: measured.len(), quantiles, distance })
}

fn quantile(q: f64, measured: &[f64], simulated: &[f64]) -> Quantile {
    let interval = order_statistic_interval(measured, q, LEVEL).expect("values");
    let least = measured.iter().copied().fold(f64::MAX, f64::min);
    let most = measured.iter().copied().fold(f64::MIN, f64::max);
    Quantile {
        q,
        measured: interval.estimate,
        simulated: order_statistic_interval(simulated, q, LEVEL).expect("values").estimate,
        low: interval.low.unwrap_or(least) * (1.0 - WIDENED),
        high: interval.high.unwrap_or(most) * (1.0 + WIDENED),
    }
}

/// The largest difference between the two distribution functions.
pub fn distance(one: &[f64], other: &[f64]) -> f64 {
    let sorted = |values: &[f64]| {
        let mut values = values.to_vec();
        values.sort_by(f64::total_cmp);
        values
    };
    let (one, other) = (sorted(one), sorted(other));
    let (mut i, mut j, mut largest) = (0, 0, 0.0);
    while i < one.len() && j < other.len() {
        let at = one[i].min(other[j]);
        while i < one.len() && one[i] <= at {
            i += 1;
        }
        while j < other.len() && other[j] <= at {
            j += 1;
        }
        let off = (i as f64 / one.len() as f64 - j as f64 / other.len() as f64).abs();
        largest = f64::max(largest, off);
    }
    largest
}

#[test]
fn the_distance_is_that_of_kolmogorov_and_smirnov() {
    assert_eq!(distance(&[1.0, 2.0], &[1.0, 2.0]), 0.0);
    assert_eq!(distance(&[1.0, 2.0], &[3.0, 4.0]), 1.0);
    // After 1 the one has 1/2, the other 1/4.
    assert_eq!(distance(&[1.0, 3.0], &[1.0, 2.0, 3.0, 4.0]), 0.25);
}
