//! How long bring-ups take, by standby state: many plans drawn for nobody in particular, outside of any run.
//!
//! What a planner compares modems and timers by, and what a test holds to the stage model's published quantiles. The
//! carrier's core makes nobody wait here. All standby states get the same draws, so that their differences are theirs.

use crate::kernel::draws::{Entity, Key};
use crate::scenario::resolved::{BringUp, Standby};
use crate::units::Span;

use super::super::purpose::{Purpose, address};
use super::{Stage, stages};

/// What many bring-ups from one standby state take.
#[derive(Clone, Debug)]
pub struct Totals {
    /// From the order to a usable path.
    pub usable: Times,
    /// From the order to the application's first byte.
    pub first_byte: Times,
    /// Mean of each stage, in the order of [`Stage::ALL`].
    means: [Span; Stage::ALL.len()],
}

impl Totals {
    /// The mean of `stage` over all draws, those without it included.
    #[must_use]
    pub const fn mean(&self, stage: Stage) -> Span {
        self.means[stage as usize]
    }
}

/// Drawn times, in ascending order.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Times(Vec<Span>);

impl Times {
    fn new(mut times: Vec<Span>) -> Self {
        times.sort_unstable();
        Times(times)
    }

    /// The smallest drawn time that a share `q` (0..=1) of them does not exceed; zero if there are none.
    #[must_use]
    pub fn quantile(&self, q: f64) -> Span {
        // `as` saturates, and the rank is clamped to what there is.
        let rank = (q * self.0.len() as f64).ceil() as usize;
        self.0.get(rank.clamp(1, self.0.len().max(1)) - 1).copied().unwrap_or(Span::ZERO)
    }

    /// The mean, rounded down to the nanosecond; zero if there are none.
    #[must_use]
    pub fn mean(&self) -> Span {
        mean(self.0.iter().map(|time| u128::from(time.as_nanos())).sum(), self.0.len())
    }
}

/// Draws `draws` bring-ups from `standby`; `rtt` is the median of a round trip, seconds, and its log standard deviation.
///
/// The n-th draw is the same whatever `draws` and `standby` are.
#[must_use]
pub fn totals(parameters: &BringUp, standby: Standby, rtt: (f64, f64), key: Key, draws: u32) -> Totals {
    let nobody = Entity::new("bring-up", "totals", "");
    let mut sums = [0_u128; Stage::ALL.len()];
    let (mut usable, mut first_byte) = (Vec::new(), Vec::new());
    for draw in 0..u64::from(draws) {
        let stages = stages(parameters, standby, rtt, key, address(nobody, Purpose::BringUp, draw));
        for (sum, stage) in sums.iter_mut().zip(Stage::ALL) {
            *sum += u128::from(stages.span(stage).as_nanos());
        }
        let plan = stages.plan();
        usable.push(plan.total());
        first_byte.push(plan.first_byte());
    }
    let means = sums.map(|sum| mean(sum, usable.len()));
    Totals { usable: Times::new(usable), first_byte: Times::new(first_byte), means }
}

fn mean(nanos: u128, count: usize) -> Span {
    let mean = nanos.checked_div(count as u128).unwrap_or(0);
    Span::from_nanos(u64::try_from(mean).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stages_are_in_the_order_of_their_numbers() {
        assert!(Stage::ALL.into_iter().enumerate().all(|(position, stage)| stage as usize == position));
    }

    #[test]
    fn quantiles_are_nearest_ranks() {
        let times = Times::new([4, 1, 3, 2].map(Span::from_secs).to_vec());
        let at = |q| times.quantile(q).as_nanos() / 1_000_000_000;
        assert_eq!([at(0.0), at(0.25), at(0.26), at(0.5), at(0.99), at(1.0)], [1, 1, 2, 2, 4, 4]);
        assert_eq!(times.mean(), Span::from_millis(2_500));
        let none = Times::new(Vec::new());
        assert_eq!((none.quantile(0.5), none.mean()), (Span::ZERO, Span::ZERO));
    }
}
