//! The comparison as a table.

use std::fmt::Write as _;

use super::compare::Comparison;
use super::losses::Mean;

/// One row a column of a series: quantiles side by side, the band, the distance.
pub fn text(comparisons: &[Comparison]) -> String {
    let mut text = format!(
        "{:<34} {:<17} {:>4}  {:>4} {:>9} {:>9}  {:>19}  {:>6}\n",
        "series", "latency", "n", "", "measured", "tinsel", "band", "KS"
    );
    for comparison in comparisons {
        for quantile in &comparison.quantiles {
            let _ = writeln!(
                text,
                "{:<34} {:<17} {:>4}  p{:<3} {:>9.3} {:>9.3}  {:>9.3}–{:<9.3}  {:>6.3}  {}",
                comparison.series,
                comparison.column,
                comparison.trials,
                quantile.q * 100.0,
                quantile.measured,
                quantile.simulated,
                quantile.low,
                quantile.high,
                comparison.distance,
                if quantile.agrees() { "" } else { "MISSED" },
            );
        }
    }
    text
}

/// One row a mean.
pub fn means(means: &[Mean]) -> String {
    let mut text = String::new();
    for mean in means {
        let _ = writeln!(
            text,
            "{:<34} {:<23} {:>9.3} {:>9.3}  {:>9.3}–{:<9.3}  {}",
            mean.series,
            mean.what,
            mean.measured,
            mean.simulated,
            mean.low,
            mean.high,
            if mean.agrees() { "" } else { "MISSED" },
        );
    }
    text
}
