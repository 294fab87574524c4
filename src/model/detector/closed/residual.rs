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

    /// Probability that two independent residuals are within `distance` of each other, for a distance far below an
    /// interval: twice the integral of the density's square.
    pub(super) fn within(self, distance: f64) -> f64 {
        let (width, mean) = (self.longest - self.shortest, self.interval());
        // It is 1/E[J] below the shortest interval, and falling to nothing over the width.
        let square = (self.shortest + width / 3.0) / (mean * mean);
        (2.0 * distance * square).min(1.0)
    }

    /// The residual that this share of all are below.
    fn quantile(self, share: f64) -> f64 {
        let mean = self.interval();
        if share * mean <= self.shortest {
            return share * mean;
        }
        self.longest - libm::sqrt(2.0 * (self.longest - self.shortest) * mean * (1.0 - share))
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

/// The earlier of the residuals of two such patterns, one shifted against the other by the difference of two residuals of
/// `shift`: Σg²/(2·T) of the gaps between the instants of both, averaged over the quantiles of the shifts.
pub(super) fn earlier_of_shifted_patterns(gaps: &[f64], shift: Renewal) -> Spread {
    const QUANTILES: u32 = 64;
    let period: f64 = gaps.iter().sum();
    let share = |place: u32| shift.quantile((f64::from(place) + 0.5) / f64::from(QUANTILES));
    let mut mean = 0.0;
    let mut instants = vec![0.0; 2 * gaps.len()];
    for left in (0..QUANTILES).map(share) {
        for right in (0..QUANTILES).map(share) {
            let mut at = 0.0;
            for (index, gap) in gaps.iter().enumerate() {
                instants[2 * index] = at;
                let shifted = libm::fmod(at + left - right, period);
                instants[2 * index + 1] = if shifted < 0.0 { shifted + period } else { shifted };
                at += gap;
            }
            instants.sort_by(f64::total_cmp);
            let inner: f64 = instants.windows(2).map(|ends| (ends[1] - ends[0]) * (ends[1] - ends[0])).sum();
            let around = instants[0] + period - instants[instants.len() - 1];
            mean += (inner + around * around) / (2.0 * period);
        }
    }
    Spread { mean: mean / f64::from(QUANTILES * QUANTILES), ..of_pattern(gaps) }
}
