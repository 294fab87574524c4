//! When enough replications have been run: a relative half-width, looked at a few times only.
//!
//! Looks come after 20, 40, 80, … replications and at the maximum, each at all replications so far in their order, so the answer
//! does not depend on which finish first. Every look is another chance to stop on an interval that happens to be too short, so the
//! level is shared out over the looks that may decide (Bonferroni): all their intervals cover together with the probability asked
//! for, hence also the one that the rule stops on. A t interval of few values from a skewed distribution covers less often than
//! it says, whatever the looks; so a look decides only if each stratum has 30 replications and if 30 in all are not zero.
//! `tests/estimators.rs` has the coverage of the whole rule on truths as skewed as a chain's lost sales.
//!
//! What it cannot see: an event that no replication has shown. Rare shared faults need strata, or they are not in the interval.

use super::design::Design;
use super::estimators::Interval;
use super::sample::Sample;

/// Replications before the first look; each look doubles them.
pub const FIRST_LOOK: u32 = 20;
/// So many replications must have shown something other than nothing, and so many must be in each stratum.
pub const REPLICATIONS_MIN: u32 = 30;
/// Half-widths beyond this are no aim: on skewed truths the rule covers less often there than it says.
pub const RELATIVE_MAX: f64 = 0.2;

/// Values that are all the same differ from their mean by no more than this share of it.
const ROUNDING: f64 = 1e-12;

/// When to stop.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Rule {
    /// Half-width over the estimate, above zero and at most [`RELATIVE_MAX`].
    pub relative: f64,
    /// Probability with which the interval that the rule stops on covers.
    pub level: f64,
    /// No more replications than these.
    pub replications_max: u32,
    /// In how many strata replications are drawn.
    pub strata: u32,
}

/// What a look shows.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Look {
    /// The interval is short enough.
    Reached(Interval),
    /// It is not: by its relative half-width.
    Wide(f64),
    /// All replications show the same, which tells nothing about the spread.
    NoVariance,
    /// So few replications show anything but nothing.
    FewNonZero(usize),
    /// A stratum has so few replications.
    FewInStratum(u32),
    /// There is nothing to estimate.
    NoEstimate,
}

impl Rule {
    /// After how many replications it looks.
    #[must_use]
    pub fn looks(&self) -> Vec<u32> {
        let doubling = std::iter::successors(Some(FIRST_LOOK), |look| look.checked_mul(2));
        let mut looks: Vec<u32> = doubling.take_while(|&look| look < self.replications_max).collect();
        looks.push(self.replications_max);
        looks
    }

    /// The level of the interval of one look.
    #[must_use]
    pub fn level_of_look(&self) -> f64 {
        let least = self.strata.saturating_mul(REPLICATIONS_MIN);
        let deciding = self.looks().into_iter().filter(|&look| look >= least).count();
        1.0 - (1.0 - self.level) / deciding.max(1) as f64
    }

    /// Whether the replications so far are enough for `sample`.
    #[must_use]
    pub fn look(&self, sample: &Sample, design: &Design) -> Look {
        let smallest = (0..design.strata().len()).map(|position| design.size(position)).min().unwrap_or(0);
        if smallest < REPLICATIONS_MIN {
            return Look::FewInStratum(smallest);
        }
        let Some(influence) = sample.influence(design) else { return Look::NoEstimate };
        let Some(variance) = design.variance(&influence.pseudo_values) else { return Look::NoVariance };
        if variance.standard_error() <= ROUNDING * libm::fabs(influence.estimate) {
            return Look::NoVariance;
        }
        let non_zero = sample.non_zero();
        if non_zero < REPLICATIONS_MIN as usize {
            return Look::FewNonZero(non_zero);
        }
        let interval = sample.interval(design, self.level_of_look());
        let Some((interval, half)) = interval.and_then(|one| Some((one, one.half_width()?))) else {
            return Look::NoEstimate;
        };
        let relative = half / libm::fabs(interval.estimate);
        if relative <= self.relative { Look::Reached(interval) } else { Look::Wide(relative) }
    }
}
