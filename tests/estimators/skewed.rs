//! The same on truths as skewed as the flagship's lost sales: how many replications it takes.
//!
//! Lost sales of 160 weekends of `scenarios/black-friday-2019.toml` have skewness 10.8: two of them hold 39 % of all losses. (`tinsel
//! run scenarios/black-friday-2019.toml --replications 160 --set formats.supercenter.customers_per_day=73 --set
//! formats.discount.customers_per_day=37`, a fiftieth of the customers for speed; the moment estimate over the replications' sums of
//! `lost_sales_network_usd` in `stores.csv`. It cannot exceed √160 = 12.6, so the truth is rather more.)
//!
//! Here truths are known: lognormal with skewness 11.2, and weekends of [`super::chain`] as they come, without strata: skewness 16.
//! Of 20 weekends of a chain one in five has none of the faults that most of the loss is in: no interval can know, and floors say what is
//! left of 95 %; the summary warns of it. From [`ENOUGH`] replications on the band of all other estimators is asked for.

use std::sync::Arc;

use tinsel::kernel::draws::Words;
use tinsel::kernel::variates::{poisson, standard_normal};
use tinsel::measure::design::Design;
use tinsel::measure::estimators::{Interval, mean_interval};
use tinsel::measure::sample::{Sample, Times};

use super::{COVERED_OF_95_PERCENT, LEVEL, STUDIES, assert_covers, chain, covered};

/// Log standard deviation: skewness (e^σ² + 2) √(e^σ² − 1) = 11.2.
const SIGMA: f64 = 1.2;
const FLAGSHIP_SKEWNESS: f64 = 10.8;
const FEW: usize = 20;
const ENOUGH: [usize; 3] = [80, 320, 2_560];
/// Ninety-fifth percentiles of pooled times settle later, and are not worth as many.
const ENOUGH_FOR_QUANTILES: [usize; 1] = [320];

/// What a weekend loses.
#[derive(Clone, Copy, Debug)]
enum Loss {
    Lognormal,
    Chain,
}

impl Loss {
    fn truth(self) -> f64 {
        match self {
            Loss::Lognormal => 1.0,
            Loss::Chain => chain::truth(),
        }
    }

    fn draw(self, words: &mut Words) -> f64 {
        match self {
            Loss::Lognormal => libm::exp(SIGMA * standard_normal(words.next_word()) - 0.5 * SIGMA * SIGMA),
            Loss::Chain => chain::weekend(words, None),
        }
    }

    fn draws(self, words: &mut Words, count: usize) -> Vec<f64> {
        (0..count).map(|_| self.draw(words)).collect()
    }

    /// How many intervals of 1,000 of [`FEW`] replications cover at least. Student's have 836 and 613.
    fn floor(self) -> u64 {
        match self {
            Loss::Lognormal => 880,
            Loss::Chain => 720,
        }
    }
}

/// Floors for few replications, the band for enough.
fn check(
    what: &str,
    (truth, floor, enough): (f64, u64, &[usize]),
    interval: impl Fn(&mut Words, usize) -> Option<Interval>,
) {
    let of = |count: usize| {
        let covered = covered(&format!("{what} {count}"), truth, |words| interval(words, count));
        println!("{what}, {count} replications: {covered} of {STUDIES}");
        covered
    };
    let few = of(FEW);
    assert!(few >= floor, "{what}, {FEW} replications: {few} of {STUDIES} cover");
    for &count in enough {
        assert_covers(&format!("{what}, {count} replications"), of(count), COVERED_OF_95_PERCENT);
    }
}

#[test]
fn what_is_drawn_is_as_skewed_as_the_flagship() {
    let growth = libm::exp(SIGMA * SIGMA);
    assert!((growth + 2.0) * f64::sqrt(growth - 1.0) >= FLAGSHIP_SKEWNESS);
    assert!(chain::skewness() >= FLAGSHIP_SKEWNESS);
}

#[test]
fn skewed_means_are_covered_by_enough_replications() {
    for loss in [Loss::Lognormal, Loss::Chain] {
        check(&format!("mean of {loss:?}"), (loss.truth(), loss.floor(), &ENOUGH), |words, count| {
            mean_interval(&loss.draws(words, count), LEVEL)
        });
    }
}

/// Lost sales over sales, which hardly vary.
#[test]
fn skewed_ratios_are_covered_by_enough_replications() {
    for loss in [Loss::Lognormal, Loss::Chain] {
        let truth = loss.truth() / 100.0;
        check(&format!("ratio of {loss:?}"), (truth, loss.floor(), &ENOUGH), |words, count| {
            let numerators = loss.draws(words, count);
            let denominators = (0..count).map(|_| 100.0 + 5.0 * standard_normal(words.next_word())).collect();
            Sample::Ratio { numerators, denominators }.interval(&Design::plain(count), LEVEL)
        });
    }
}

/// What a remedy saves is as skewed as what was lost.
#[test]
fn skewed_paired_differences_are_covered_by_enough_replications() {
    for loss in [Loss::Lognormal, Loss::Chain] {
        let truth = -0.5 * loss.truth();
        check(&format!("pairs of {loss:?}"), (truth, loss.floor(), &ENOUGH), |words, count| {
            let design = Design::plain(count);
            let first = loss.draws(words, count);
            let second =
                first.iter().map(|lost| 0.5 * lost + 0.01 * standard_normal(words.next_word())).collect();
            let pair = (&Sample::Mean(first), &Sample::Mean(second));
            Some(Sample::paired(pair.0, pair.1, (&design, &design), LEVEL)?.difference)
        });
    }
}

/// Times of a replication are alike, by a factor as skewed; both laws are lognormal, so that their product's quantiles are known.
#[test]
fn skewed_pooled_quantiles_are_covered() {
    let both = f64::sqrt(2.0) * SIGMA;
    for (q, z, floor) in [(0.5, 0.0, 917), (0.95, 1.644_853_626_951_472_2, 860)] {
        let truth = libm::exp(both * z);
        check(
            &format!("quantile {q} of lognormal times"),
            (truth, floor, &ENOUGH_FOR_QUANTILES),
            |words, count| {
                let of_one = |words: &mut Words| {
                    let shared = SIGMA * standard_normal(words.next_word());
                    let times = poisson(words, 6.0);
                    let mut nanos: Vec<u64> = (0..times)
                        .map(|_| {
                            (libm::exp(shared + SIGMA * standard_normal(words.next_word())) * 1e9) as u64
                        })
                        .collect();
                    nanos.sort_unstable();
                    nanos
                };
                let times = Arc::new(Times::Exact((0..count).map(|_| of_one(words)).collect()));
                Sample::Quantile { times, q }.interval(&Design::plain(count), LEVEL)
            },
        );
    }
}
