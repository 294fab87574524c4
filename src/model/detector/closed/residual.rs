//! What is left of a repeating timer at a moment that has nothing to do with it.
//!
//! The residual of intervals J has the density (1 − F(x))/E[J] and the mean E[J²]/(2·E[J]) (renewal theory; D. R. Cox,
//! Renewal Theory, 1962, ch. 5). Intervals here are uniform on [a, b], or given one by one.

use super::Spread;

/// A timer whose intervals are uniform between two bounds, seconds.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Renewal {
    pub(super) shortest: f64,
    pub(super) longest: f64,
}

impl Renewal {
    /// Mean interval.
    pub(super) fn interval(self) -> f64 {
        0.5 * (self.shortest + self.longest)
    }

    /// Time to the next instant; the age of the last has the same law.
    pub(super) fn residual(self) -> Spread {
        let (a, b) = (self.shortest, self.longest);
        Spread { min: 0.0, mean: (a * a + a * b + b * b) / (6.0 * self.interval()), max: b }
    }

    /// The later of two independent residuals: the integral of 1 − G².
    pub(super) fn later_of_two(self) -> Spread {
        let (a, b, mean) = (self.shortest, self.longest, self.interval());
        let width = b - a;
        // G(x) is x/E[J] below a, and 1 − (b − x)²·c above.
        let below = a * a * a / (3.0 * mean * mean);
        let above = if width > 0.0 {
            let c = 1.0 / (2.0 * width * mean);
            width - 2.0 * c * cube(width) / 3.0 + c * c * cube(width) * width * width / 5.0
        } else {
            0.0
        };
        Spread { min: 0.0, mean: b - below - above, max: b }
    }

    /// The earlier of two independent residuals: the integral of (1 − G)².
    pub(super) fn earlier_of_two(self) -> Spread {
        // The earlier and the later are together what the two are together.
        Spread { mean: 2.0 * self.residual().mean - self.later_of_two().mean, ..self.residual() }
    }
}

fn cube(value: f64) -> f64 {
    value * value * value
}

/// Time to the next instant of a pattern of intervals that repeats.
pub(super) fn of_pattern(gaps: &[f64]) -> Spread {
    let period: f64 = gaps.iter().sum();
    let squares: f64 = gaps.iter().map(|gap| gap * gap).sum();
    Spread { min: 0.0, mean: squares / (2.0 * period), max: gaps.iter().copied().fold(0.0, f64::max) }
}

/// The earlier of two independent residuals of such a pattern. Their tail is a sum of ramps (g − x)/T, so its square is
/// integrated exactly from one length of a gap to the next by Simpson's rule.
pub(super) fn earlier_of_two_patterns(gaps: &[f64]) -> Spread {
    let period: f64 = gaps.iter().sum();
    let tail = |x: f64| gaps.iter().map(|gap| (gap - x).max(0.0)).sum::<f64>() / period;
    let mut corners: Vec<f64> = std::iter::once(0.0).chain(gaps.iter().copied()).collect();
    corners.sort_by(f64::total_cmp);
    let square = |x: f64| tail(x) * tail(x);
    let mean = corners
        .windows(2)
        .map(|ends| {
            let (from, to) = (ends[0], ends[1]);
            (to - from) / 6.0 * (square(from) + 4.0 * square(0.5 * (from + to)) + square(to))
        })
        .sum();
    Spread { mean, ..of_pattern(gaps) }
}
