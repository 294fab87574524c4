//! Do 95 % intervals cover the truth 95 times in 100? A thousand studies each of systems whose truth is known.
//!
//! How many of [`STUDIES`] intervals cover is binomial. An estimator whose coverage is exactly the stated one
//! leaves the accepted band with probability below 10⁻⁵ (scipy.stats.binom), so the ten such checks of this file
//! raise a false alarm for fewer than 10 in 100,000 choices of [`SEED`]. Where the method is an approximation
//! (ratios, sectioning), the band still asks for 917 of 1,000.

#[path = "estimators/skewed.rs"]
mod skewed;

use std::ops::RangeInclusive;
use std::sync::Arc;

use tinsel::kernel::draws::{Address, Entity, Key, Words};
use tinsel::kernel::variates::{exponential, poisson, standard_normal, unit};
use tinsel::measure::Histogram;
use tinsel::measure::design::Design;
use tinsel::measure::estimators::{
    Interval, mean_interval, order_statistic_interval, quantile_by_sectioning, ratio_interval,
    wilson_interval,
};
use tinsel::measure::sample::{Sample, Times};
use tinsel::measure::stopping::{Look, Rule};
use tinsel::measure::survival::{End, Spell, stand_for};

const SEED: u64 = 31;
const STUDIES: u64 = 1_000;
const REPLICATIONS: usize = 20;
const LEVEL: f64 = 0.95;
/// Binomial (1,000, 0.95) lies in here but for 8.5·10⁻⁶.
const COVERED_OF_95_PERCENT: RangeInclusive<u64> = 917..=977;
/// Likewise for 0.95861, the exact coverage of X(6) to X(15) of twenty as an interval of the median.
const COVERED_OF_TWENTY_SORTED: RangeInclusive<u64> = 928..=983;
/// Likewise for 0.96386, the exact coverage of Wilson's interval for 30 trials of probability 0.2.
const COVERED_OF_WILSON: RangeInclusive<u64> = 935..=987;

/// How many studies' intervals cover `truth`.
fn covered(what: &str, truth: f64, mut study: impl FnMut(&mut Words) -> Option<Interval>) -> u64 {
    (0..STUDIES)
        .map(|draw| {
            let address = Address { entity: Entity::new("study", what, ""), purpose: 0, draw };
            let mut words = Key { seed: SEED, replication: 0 }.words(address, 1);
            u64::from(study(&mut words).expect("every study has values").covers(truth))
        })
        .sum()
}

fn assert_covers(what: &str, covered: u64, accepted: RangeInclusive<u64>) {
    assert!(accepted.contains(&covered), "{what}: {covered} of {STUDIES} cover, accepted {accepted:?}");
}

fn replications(words: &mut Words, mut value: impl FnMut(&mut Words) -> f64) -> Vec<f64> {
    (0..REPLICATIONS).map(|_| value(words)).collect()
}

#[test]
fn means_are_covered() {
    let covered = covered("mean", 12.0, |words| {
        mean_interval(&replications(words, |words| 12.0 + 3.0 * standard_normal(words.next_word())), LEVEL)
    });
    assert_covers("mean", covered, COVERED_OF_95_PERCENT);
}

/// Each replication has its own number of payments and, for its weather, its own probability of losing one.
fn lost_and_offered(words: &mut Words) -> (f64, f64) {
    let offered = poisson(words, 400.0);
    let probability = 0.02 + 0.06 * unit(words.next_word());
    let lost = (0..offered).filter(|_| unit(words.next_word()) < probability).count();
    (lost as f64, offered as f64)
}

#[test]
fn ratios_are_covered() {
    let covered = covered("ratio", 0.05, |words| {
        let (lost, offered): (Vec<f64>, Vec<f64>) =
            (0..REPLICATIONS).map(|_| lost_and_offered(words)).unzip();
        ratio_interval(&lost, &offered, LEVEL)
    });
    assert_covers("ratio", covered, COVERED_OF_95_PERCENT);
}

/// Why the replication is the unit: payments taken as independent would claim a precision that is not there.
#[test]
fn pooling_all_payments_would_not_cover() {
    let covered = covered("ratio", 0.05, |words| {
        let totals = (0..REPLICATIONS).map(|_| lost_and_offered(words));
        let (lost, offered) = totals.fold((0.0, 0.0), |sums, own| (sums.0 + own.0, sums.1 + own.1));
        wilson_interval(lost as u64, offered as u64, LEVEL)
    });
    assert!(covered < *COVERED_OF_95_PERCENT.start(), "{covered} of {STUDIES} cover");
}

#[test]
fn pooled_quantiles_are_covered() {
    const SECOND: f64 = 1e9;
    for q in [0.5, 0.95] {
        let what = format!("quantile {q}");
        let truth = -libm::log(1.0 - q) * SECOND;
        let covered = covered(&what, truth, |words| {
            let histograms: Vec<Histogram> = (0..REPLICATIONS)
                .map(|_| {
                    let mut histogram = Histogram::new();
                    for _ in 0..400 {
                        histogram.record((exponential(words.next_word()) * SECOND) as u64);
                    }
                    histogram
                })
                .collect();
            quantile_by_sectioning(&histograms, q, LEVEL)
        });
        assert_covers(&what, covered, COVERED_OF_95_PERCENT);
    }
}

#[test]
fn medians_of_replications_are_covered() {
    let covered = covered("order statistics", std::f64::consts::LN_2, |words| {
        order_statistic_interval(&replications(words, |words| exponential(words.next_word())), 0.5, LEVEL)
    });
    assert_covers("order statistics", covered, COVERED_OF_TWENTY_SORTED);
}

#[test]
fn shares_of_replications_are_covered() {
    let covered = covered("wilson", 0.2, |words| {
        let successes = (0..30).filter(|_| unit(words.next_word()) < 0.2).count() as u64;
        wilson_interval(successes, 30, LEVEL)
    });
    assert_covers("wilson", covered, COVERED_OF_WILSON);
}

/// A chain's lost sales in a weekend: everyday losses that add up over many stores, and shared faults by class, which are rare,
/// dear and as lopsided as their repairs (lognormal, σ = 1). Of the mean, 30 % is everyday; 48 % is in one weekend of 17.
mod chain {
    use tinsel::kernel::draws::Words;
    use tinsel::kernel::variates::{poisson, standard_normal};
    use tinsel::measure::design::{Design, Stratum};

    const EVERYDAY: (f64, f64) = (0.3, 0.3);
    /// Expected faults a weekend, and what one costs in the mean, from rare to frequent.
    const CLASSES: [(f64, f64); 3] = [(0.06, 8.0), (0.02, 6.0), (2.3, 0.05)];

    fn lognormal(words: &mut Words, mean: f64, sigma: f64) -> f64 {
        mean * libm::exp(sigma * standard_normal(words.next_word()) - 0.5 * sigma * sigma)
    }

    pub fn truth() -> f64 {
        EVERYDAY.0 + CLASSES.iter().map(|(faults, cost)| faults * cost).sum::<f64>()
    }

    /// Third cumulant of a weekend over its standard deviation cubed: each class is compound Poisson with
    /// E[cost²] = e cost², E[cost³] = e³ cost³.
    pub fn skewness() -> f64 {
        let e = std::f64::consts::E;
        let (mean, sigma) = EVERYDAY;
        let growth = libm::exp(sigma * sigma);
        let usual = mean * mean * (growth - 1.0);
        let variance = usual + CLASSES.iter().map(|(faults, cost)| faults * cost * cost * e).sum::<f64>();
        let third = usual * f64::sqrt(usual) * (growth + 2.0) * f64::sqrt(growth - 1.0)
            + CLASSES.iter().map(|(faults, cost)| faults * cost * cost * cost * e * e * e).sum::<f64>();
        third / (variance * f64::sqrt(variance))
    }

    /// A weekend in stratum `stratum`: 0 has no shared fault, stratum k one of class k − 1 and none before it. `None`: any weekend.
    pub fn weekend(words: &mut Words, stratum: Option<usize>) -> f64 {
        let mut lost = lognormal(words, EVERYDAY.0, EVERYDAY.1);
        for (class, &(mean, cost)) in CLASSES.iter().enumerate() {
            let faults = match stratum {
                Some(0) => 0,
                Some(stratum) if class + 1 < stratum => 0,
                Some(stratum) if class + 1 == stratum => loop {
                    let faults = poisson(words, mean);
                    if faults > 0 {
                        break faults;
                    }
                },
                Some(_) | None => poisson(words, mean),
            };
            lost += (0..faults).map(|_| lognormal(words, cost, 1.0)).sum::<f64>();
        }
        lost
    }

    /// Strata taken in turn.
    pub fn strata(replications: usize) -> Design {
        let mut strata = vec![Stratum {
            name: "none",
            weight: libm::exp(-CLASSES.iter().map(|class| class.0).sum::<f64>()),
        }];
        let mut rarer = 0.0;
        for (name, (mean, _)) in ["chain", "operator", "regional"].into_iter().zip(CLASSES) {
            strata.push(Stratum { name, weight: libm::exp(-rarer) * -libm::expm1(-mean) });
            rarer += mean;
        }
        let members = (0..replications).map(|one| (one % 4) as u32).collect();
        Design::new(strata, members)
    }
}

/// How a rule ended in [`STUDIES`] studies of a chain: how often it decided, and of these how often its interval missed.
fn decided_and_missed(rule: Rule, in_strata: bool) -> (u64, u64) {
    let what = format!("rule {} {in_strata}", rule.relative);
    let (mut decided, mut missed) = (0, 0);
    for draw in 0..STUDIES {
        let address = Address { entity: Entity::new("study", &what, ""), purpose: 0, draw };
        let mut words = Key { seed: SEED, replication: 0 }.words(address, 1);
        let mut values = Vec::new();
        for look in rule.looks() {
            while values.len() < look as usize {
                let stratum = in_strata.then_some(values.len() % 4);
                values.push(chain::weekend(&mut words, stratum));
            }
            let design = if in_strata { chain::strata(values.len()) } else { Design::plain(values.len()) };
            if let Look::Reached(interval) = rule.look(&Sample::Mean(values.clone()), &design) {
                decided += 1;
                missed += u64::from(!interval.covers(chain::truth()));
                break;
            }
        }
    }
    println!("{what}: {decided} decided, {missed} missed");
    (decided, missed)
}

/// The whole rule, looks and refusals and all: wrong no oftener than an interval of a number fixed beforehand may be.
#[test]
fn a_stopping_rule_covers_on_truths_as_skewed_as_lost_sales() {
    let accepted = STUDIES - COVERED_OF_95_PERCENT.start();
    for (relative, replications_max, decides) in [(0.2, 1_280, 900), (0.1, 2_560, 900), (0.05, 5_120, 600)] {
        let rule = Rule { relative, level: LEVEL, replications_max, strata: 4 };
        let (decided, missed) = decided_and_missed(rule, true);
        assert!(missed <= accepted, "±{relative}: {missed} of {decided} missed");
        assert!(decided >= decides, "±{relative}: only {decided} decided");
    }
}

/// Why strata: replications that are all alike need ten times as many for the same width.
#[test]
fn without_strata_a_rule_does_not_decide_in_time() {
    let rule = Rule { relative: 0.1, level: LEVEL, replications_max: 2_560, strata: 1 };
    let (decided, _) = decided_and_missed(rule, false);
    assert!(decided < 20, "{decided} decided");
}

#[test]
fn looks_double_share_the_level_and_refuse_what_tells_nothing() {
    let rule = Rule { relative: 0.1, level: LEVEL, replications_max: 100, strata: 1 };
    assert_eq!(rule.looks(), [20, 40, 80, 100]);
    assert_eq!(Rule { replications_max: 80, ..rule }.looks(), [20, 40, 80]);
    assert_eq!(Rule { replications_max: 20, ..rule }.looks(), [20]);
    // Three of the looks have the 30 replications that a decision needs.
    assert!((rule.level_of_look() - (1.0 - 0.05 / 3.0)).abs() < 1e-12);
    let look = |values: Vec<f64>| {
        let design = Design::plain(values.len());
        rule.look(&Sample::Mean(values), &design)
    };
    assert_eq!(look(vec![5.0; 40]), Look::NoVariance);
    assert_eq!(look(vec![0.0; 40]), Look::NoVariance);
    let mut few = vec![0.0; 40];
    few[..29].fill(1.0);
    assert_eq!(look(few), Look::FewNonZero(29));
    assert_eq!(rule.look(&Sample::Fixed(3.0), &Design::plain(40)), Look::NoVariance);
    let even = |count: usize| (0..count).map(|one| 100.0 + (one % 2) as f64).collect::<Vec<f64>>();
    assert_eq!(look(even(20)), Look::FewInStratum(20));
    assert!(matches!(look(even(40)), Look::Reached(interval) if interval.estimate == 100.5));
    assert!(matches!(look((0..40).map(f64::from).collect()), Look::Wide(relative) if relative > 0.2));
    assert_eq!(rule.look(&Sample::Mean(even(40)), &chain::strata(40)), Look::FewInStratum(10));
}

/// Paired differences need more replications than [`REPLICATIONS`] where what is left of a shock is as skewed as here.
const PAIRS: usize = 60;

/// How many paired differences of what `study` makes cover `truth`.
fn covered_difference(what: &str, truth: f64, study: impl Fn(&mut Words) -> (Sample, Sample)) -> u64 {
    let design = Design::plain(PAIRS);
    covered(what, truth, |words| {
        let (first, second) = study(words);
        Sample::paired(&first, &second, (&design, &design), LEVEL).map(|paired| paired.difference)
    })
}

/// Both designs lose to the same faults, exponential in size; the second loses a quarter of that less, give or take.
#[test]
fn paired_differences_of_means_are_covered() {
    let covered = covered_difference("paired means", -25.0, |words| {
        let pairs: Vec<(f64, f64)> = (0..PAIRS)
            .map(|_| {
                let shock = 100.0 * exponential(words.next_word());
                (shock, 0.75 * shock + 20.0 * standard_normal(words.next_word()))
            })
            .collect();
        let (first, second) = pairs.into_iter().unzip();
        (Sample::Mean(first), Sample::Mean(second))
    });
    assert_covers("paired means", covered, COVERED_OF_95_PERCENT);
}

#[test]
fn paired_differences_of_ratios_are_covered() {
    // Each payment of 5 % is lost by the first; one in five of those by the second not.
    let covered = covered_difference("paired ratios", -0.01, |words| {
        let (mut lost, mut fewer, mut offered) = (vec![], vec![], vec![]);
        for _ in 0..PAIRS {
            let (own, of) = lost_and_offered(words);
            let kept = (0..own as u64).filter(|_| unit(words.next_word()) < 0.2).count() as f64;
            lost.push(own);
            fewer.push(own - kept);
            offered.push(of);
        }
        let ratio = |numerators| Sample::Ratio { numerators, denominators: offered.clone() };
        (ratio(lost), ratio(fewer))
    });
    assert_covers("paired ratios", covered, COVERED_OF_95_PERCENT);
}

#[test]
fn paired_differences_of_quantiles_are_covered() {
    for q in [0.5, 0.95] {
        let truth = -0.25 * -libm::log(1.0 - q);
        let covered = covered_difference(&format!("paired quantile {q}"), truth, |words| {
            let (mut slow, mut fast) = (vec![], vec![]);
            for _ in 0..PAIRS {
                let mut times: Vec<f64> = (0..30).map(|_| exponential(words.next_word())).collect();
                times.sort_by(f64::total_cmp);
                slow.push(times.iter().map(|time| (time * 1e9) as u64).collect());
                fast.push(times.iter().map(|time| (0.75 * time * 1e9) as u64).collect());
            }
            let quantile = |lists| Sample::Quantile { times: std::sync::Arc::new(Times::Exact(lists)), q };
            (quantile(slow), quantile(fast))
        });
        // The density is guessed from few values, so wider is allowed, narrower is not.
        assert_covers(&format!("paired quantile {q}"), covered, *COVERED_OF_95_PERCENT.start()..=STUDIES);
    }
}

/// Failovers and repairs, both exponential, of faults whose onset is uniform over a window: an eighth is still open at its end.
fn open_at_the_end(words: &mut Words) -> Vec<Vec<(u64, End, f64)>> {
    const WINDOW: f64 = 8.0;
    let lists: Vec<Vec<Spell>> = (0..40)
        .map(|_| {
            let faults = poisson(words, 12.0);
            let mut spells: Vec<Spell> = (0..faults)
                .map(|_| {
                    let left = WINDOW * unit(words.next_word());
                    // Together they come at rate 1, the failover first in 0.7 of all.
                    let (first, moves) = (exponential(words.next_word()), unit(words.next_word()) < 0.7);
                    let (seen, end) = match (first < left, moves) {
                        (true, true) => (first, End::Event),
                        (true, false) => (first, End::Other),
                        (false, _) => (left, End::Censored),
                    };
                    Spell { nanos: (seen * 1e9) as u64, end, weight: 1.0 }
                })
                .collect();
            spells.sort_by_key(|spell| spell.nanos);
            spells
        })
        .collect();
    let mut stands = stand_for(&lists.concat()).into_iter();
    let of_one = |list: Vec<Spell>| {
        list.into_iter().zip(&mut stands).map(|(one, stands)| (one.nanos, one.end, stands)).collect()
    };
    lists.into_iter().map(of_one).collect()
}

#[test]
fn quantiles_and_incidences_of_what_is_censored_are_covered() {
    let moved = |lists: &[Vec<(u64, End, f64)>], of: fn(f64) -> f64| -> Vec<Vec<(u64, f64)>> {
        let of_one = |list: &Vec<(u64, End, f64)>| {
            list.iter()
                .filter(|one| one.1 == End::Event)
                .map(|&(nanos, _, stands)| (nanos, of(stands)))
                .collect()
        };
        lists.iter().map(of_one).collect()
    };
    let design = Design::plain(40);
    for q in [0.5, 0.9] {
        let truth = -libm::log(1.0 - q);
        let study = |of: fn(f64) -> f64| {
            move |words: &mut Words| {
                let times = Arc::new(Times::Standing(moved(&open_at_the_end(words), of)));
                Sample::Quantile { times, q }.interval(&Design::plain(40), LEVEL)
            }
        };
        let name = format!("censored quantile {q}");
        assert_covers(&name, covered(&name, truth, study(|stands| stands)), COVERED_OF_95_PERCENT);
        // Those that ended alone are too short.
        let without = covered(&name, truth, study(|_| 1.0));
        println!("{name} of those that ended: {without}");
        assert!(without < *COVERED_OF_95_PERCENT.start(), "{without}");
    }
    let covered = covered("incidence", 0.7, |words| {
        let lists = open_at_the_end(words);
        let sum = |list: &Vec<(u64, f64)>| list.iter().map(|one| one.1).fold(0.0, |all, one| all + one);
        let numerators = moved(&lists, |stands| stands).iter().map(sum).collect();
        let denominators = lists.iter().map(|list| list.len() as f64).collect();
        Sample::Ratio { numerators, denominators }.interval(&design, LEVEL)
    });
    assert_covers("incidence", covered, COVERED_OF_95_PERCENT);
}

const WEEKENDS: usize = 800;

fn weekends(words: &mut Words) -> Vec<f64> {
    (0..WEEKENDS).map(|one| chain::weekend(words, Some(one % 4))).collect()
}

#[test]
fn means_in_strata_are_covered_on_truths_as_skewed_as_lost_sales() {
    let mean =
        |weekends: Vec<f64>| Sample::Mean(weekends.clone()).interval(&chain::strata(weekends.len()), LEVEL);
    let many = covered("mean in strata", chain::truth(), |words| mean(weekends(words)));
    assert_covers("mean in strata", many, COVERED_OF_95_PERCENT);
    // With 20 in each stratum dear faults are still too few: some 92 %. Of twenty that are all alike three in four cover.
    let few = covered("few in strata", chain::truth(), |words| {
        mean((0..80).map(|one| chain::weekend(words, Some(one % 4))).collect())
    });
    let alike = covered("all alike", chain::truth(), |words| {
        mean_interval(&(0..20).map(|_| chain::weekend(words, None)).collect::<Vec<f64>>(), LEVEL)
    });
    println!(
        "of {STUDIES}: {many} with 200 in each stratum, {few} with 20, {alike} of 20 that are all alike"
    );
    assert!(few >= 850 && alike < few, "{few} and {alike}");
}

#[test]
fn ratios_in_strata_are_covered() {
    let sold = 100.0;
    let covered = covered("ratio in strata", chain::truth() / sold, |words| {
        let numerators = weekends(words);
        let denominators =
            numerators.iter().map(|_| sold + 5.0 * standard_normal(words.next_word())).collect();
        Sample::Ratio { numerators, denominators }.interval(&chain::strata(WEEKENDS), LEVEL)
    });
    assert_covers("ratio in strata", covered, COVERED_OF_95_PERCENT);
}

/// Without shared faults there are some ten times of mean 1, with them some forty of mean 3.
#[test]
fn pooled_quantiles_in_strata_are_covered() {
    const Q: f64 = 0.9;
    let design = chain::strata(200);
    let quiet = design.strata()[0].weight;
    let (few, many) = (10.0 * quiet, 40.0 * (1.0 - quiet));
    let above = |x: f64| (few * libm::exp(-x) + many * libm::exp(-x / 3.0)) / (few + many);
    let (mut low, mut high) = (0.0, 100.0);
    for _ in 0..60 {
        let middle = 0.5 * (low + high);
        if above(middle) > 1.0 - Q { low = middle } else { high = middle }
    }
    let covered = covered("quantile in strata", low, |words| {
        let of_one = |one: usize, words: &mut Words| {
            let (count, mean) = if one.is_multiple_of(4) { (10.0, 1e9) } else { (40.0, 3e9) };
            let count = poisson(words, count);
            let mut times: Vec<u64> =
                (0..count).map(|_| (mean * exponential(words.next_word())) as u64).collect();
            times.sort_unstable();
            times
        };
        let times = Arc::new(Times::Exact((0..200).map(|one| of_one(one, words)).collect()));
        Sample::Quantile { times, q: Q }.interval(&design, LEVEL)
    });
    assert_covers("quantile in strata", covered, COVERED_OF_95_PERCENT);
}

/// A remedy that halves what a weekend loses, and a little noise.
#[test]
fn paired_differences_in_strata_are_covered() {
    let design = chain::strata(WEEKENDS);
    let covered = covered("pairs in strata", -0.5 * chain::truth(), |words| {
        let first = weekends(words);
        let second =
            first.iter().map(|lost| 0.5 * lost + 0.01 * standard_normal(words.next_word())).collect();
        let paired = Sample::paired(&Sample::Mean(first), &Sample::Mean(second), (&design, &design), LEVEL)?;
        assert!(paired.variance_reduction.is_some_and(|reduction| reduction > 3.0));
        Some(paired.difference)
    });
    assert_covers("pairs in strata", covered, COVERED_OF_95_PERCENT);
}

/// Faults with Poisson mean 0.05 that cost 10 on average, drawn ten times as often.
#[test]
fn weighted_means_are_covered() {
    let (mean, boost) = (0.05, 10.0);
    let covered = covered("boosted", 10.0 * mean, |words| {
        let (mut values, mut likelihoods) = (Vec::new(), Vec::new());
        for _ in 0..400 {
            let faults = poisson(words, mean * boost);
            values.push((0..faults).map(|_| 10.0 * exponential(words.next_word())).sum());
            likelihoods.push(libm::exp(mean * (boost - 1.0) - faults as f64 * libm::log(boost)));
        }
        Sample::Mean(values).interval(&Design::weighted(likelihoods), LEVEL)
    });
    assert_covers("boosted", covered, COVERED_OF_95_PERCENT);
}

/// Sections know times to 1/128, the estimate is exact; a quantile that is the longest of all has nothing above it to tell how far it may
/// be off.
#[test]
fn an_estimate_lies_in_its_interval() {
    let nanos = |times: &[f64]| times.iter().map(|time| (time * 1e9) as u64).collect::<Vec<u64>>();
    let same = nanos(&[20.966_9; 40]);
    let times = Arc::new(Times::Exact(vec![same.clone(), same.clone(), same]));
    let found = Sample::Quantile { times, q: 0.95 }.interval(&Design::plain(3), LEVEL).expect("values");
    assert!(found.covers(found.estimate), "{found:?}");
    let few = |times: &[f64]| times.iter().map(|time| ((time * 1e9) as u64, 1.0)).collect::<Vec<_>>();
    let times = Arc::new(Times::Standing(vec![few(&[1.0, 2.0]), few(&[1.5, 46.6]), few(&[0.5])]));
    let longest = Sample::Quantile { times, q: 0.99 }.interval(&Design::plain(3), LEVEL).expect("values");
    assert_eq!((longest.estimate, longest.low, longest.high), (46.6, None, None));
}
