//! Variates by rejection: they take as many words as they need from an address of their own.

use super::super::draws::Words;
use super::{standard_normal, unit_open};

/// From this mean on, [`poisson`] rejects instead of searching: the bound from which PTRS is valid.
const POISSON_REJECTION_FROM: f64 = 10.0;
/// Terms of the series for [`deviance`]: with |v| < 0.1 every term adds two digits, so ten suffice.
const DEVIANCE_TERMS_MAX: u32 = 10;
/// ½·ln 2π.
const HALF_LN_TWO_PI: f64 = 0.918_938_533_204_672_7;
/// ln n! − (½·ln 2πn + n·ln n − n), the error of Stirling's formula, for n = 1..=15 (computed with 40 digits).
const STIRLING_ERROR: [f64; 15] = [
    0.081_061_466_795_327_26,
    0.041_340_695_955_409_29,
    0.027_677_925_684_998_34,
    0.020_790_672_103_765_093,
    0.016_644_691_189_821_193,
    0.013_876_128_823_070_748,
    0.011_896_709_945_891_77,
    0.010_411_265_261_972_096,
    0.009_255_462_182_712_733,
    0.008_330_563_433_362_87,
    0.007_573_675_487_951_841,
    0.006_942_840_107_209_53,
    0.006_408_994_188_004_207,
    0.005_951_370_112_758_848,
    0.005_554_733_551_962_801,
];

/// A Poisson variate of the given `mean` (0 to 10⁹); 0 for a mean that is not positive.
///
/// Below mean 10 by sequential inversion from one word, so monotone in it; from 10 on by PTRS (W. Hörmann, "The
/// transformed rejection method for generating Poisson random variables", Insurance: Mathematics and Economics
/// 12, 1993), two words per attempt, 1.33 attempts on average at mean 10, falling to 1.12. The acceptance test
/// evaluates the probability by Loader's saddle-point form, which stays exact to about 10⁻¹⁵ where ln k! would
/// have lost ten digits.
#[must_use]
pub fn poisson(words: &mut Words, mean: f64) -> u64 {
    if mean >= POISSON_REJECTION_FROM {
        poisson_by_rejection(words, mean)
    } else if mean > 0.0 {
        poisson_by_search(words.next_word(), mean)
    } else {
        0
    }
}

fn poisson_by_search(word: u64, mean: f64) -> u64 {
    let u = unit_open(word);
    let mut count = 0u64;
    let mut probability = libm::exp(-mean);
    let mut cumulative = probability;
    while u > cumulative {
        count += 1;
        probability *= mean / count as f64;
        let next = cumulative + probability;
        // Past the mode and no longer moving: u lies in the rounding error beyond the last representable step.
        if next == cumulative && count as f64 > mean {
            break;
        }
        cumulative = next;
    }
    count
}

/// PTRS; the constants are Hörmann's.
fn poisson_by_rejection(words: &mut Words, mean: f64) -> u64 {
    let b = 0.931 + 2.53 * libm::sqrt(mean);
    let a = -0.059 + 0.024_83 * b;
    let inverse_alpha = 1.123_9 + 1.132_8 / (b - 3.4);
    let squeeze = 0.927_7 - 3.622_4 / (b - 2.0);
    loop {
        let u = unit_open(words.next_word()) - 0.5;
        let v = unit_open(words.next_word());
        let us = 0.5 - u.abs();
        let k = libm::floor((2.0 * a / us + b) * u + mean + 0.43);
        if us >= 0.07 && v <= squeeze {
            return k as u64;
        }
        if k < 0.0 || (us < 0.013 && v > us) {
            continue;
        }
        let ln_bound = libm::log(v * inverse_alpha / (a / (us * us) + b));
        if ln_bound <= ln_poisson_probability(k, mean) {
            return k as u64;
        }
    }
}

/// ln P(N = `k`) for a Poisson N of the given mean (C. Loader, "Fast and accurate computation of binomial
/// probabilities", 2000): −½·ln 2πk − δ(k) − D(k, mean), three terms without cancellation.
fn ln_poisson_probability(k: f64, mean: f64) -> f64 {
    if k == 0.0 {
        return -mean;
    }
    -HALF_LN_TWO_PI - 0.5 * libm::log(k) - stirling_error(k) - deviance(k, mean)
}

/// Loader's D: x·ln(x / mean) + mean − x, by a series where the two are close.
fn deviance(x: f64, mean: f64) -> f64 {
    let difference = x - mean;
    if difference.abs() >= 0.1 * (x + mean) {
        return x * libm::log(x / mean) - difference;
    }
    let v = difference / (x + mean);
    let v_squared = v * v;
    let mut sum = difference * v;
    let mut term = 2.0 * x * v;
    for step in 1..=DEVIANCE_TERMS_MAX {
        term *= v_squared;
        let next = sum + term / f64::from(2 * step + 1);
        if next == sum {
            break;
        }
        sum = next;
    }
    sum
}

/// The error of Stirling's formula for ln n!, n ≥ 1 a whole number.
fn stirling_error(n: f64) -> f64 {
    if n <= STIRLING_ERROR.len() as f64 {
        return STIRLING_ERROR[n as usize - 1];
    }
    let n_squared = n * n;
    (1.0 / 12.0
        - (1.0 / 360.0
            - (1.0 / 1_260.0 - (1.0 / 1_680.0 - 1.0 / 1_188.0 / n_squared) / n_squared) / n_squared)
            / n_squared)
        / n
}

/// ln n!, relative accuracy about 10⁻¹⁶: Stirling's formula and its error.
#[must_use]
pub fn ln_factorial(n: u64) -> f64 {
    if n < 2 {
        return 0.0;
    }
    let n = n as f64;
    HALF_LN_TWO_PI + (n + 0.5) * libm::log(n) - n + stirling_error(n)
}

/// A gamma variate of the given `shape` and `scale` (both > 0), mean `shape`·`scale`; in the unit of `scale`.
///
/// G. Marsaglia and W. W. Tsang, "A simple method for generating gamma variables", ACM TOMS 26 (2000): per
/// attempt one word for the normal and one for the test, at most 1.05 attempts on average; a shape below 1 is
/// raised by 1 and the result multiplied by u^(1/shape), from one more word, the first. A shape that is not
/// positive gives 0.
#[must_use]
pub fn gamma(words: &mut Words, shape: f64, scale: f64) -> f64 {
    if shape >= 1.0 {
        scale * gamma_from_one(words, shape)
    } else if shape > 0.0 {
        let boost = libm::pow(unit_open(words.next_word()), 1.0 / shape);
        scale * boost * gamma_from_one(words, shape + 1.0)
    } else {
        0.0
    }
}

/// Marsaglia and Tsang's method proper: shape ≥ 1, scale 1.
fn gamma_from_one(words: &mut Words, shape: f64) -> f64 {
    let d = shape - 1.0 / 3.0;
    let c = 1.0 / libm::sqrt(9.0 * d);
    loop {
        let x = standard_normal(words.next_word());
        let u = unit_open(words.next_word());
        let base = 1.0 + c * x;
        if base <= 0.0 {
            continue;
        }
        let v = base * base * base;
        let x_squared = x * x;
        if u < 1.0 - 0.033_1 * x_squared * x_squared
            || libm::log(u) < 0.5 * x_squared + d * (1.0 - v + libm::log(v))
        {
            return d * v;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::draws::{Address, Entity, Key};
    use super::*;

    fn words() -> Words {
        let address = Address { entity: Entity(7), purpose: 3, draw: 11 };
        Key { seed: 42, replication: 0 }.words(address, 1)
    }

    #[test]
    fn log_factorials_agree_with_products_and_with_lgamma() {
        let mut product = 1.0;
        for n in 1..=20u64 {
            product *= n as f64;
            assert!((ln_factorial(n) - libm::log(product)).abs() < 1e-14 * (1.0 + libm::log(product)), "{n}");
        }
        for n in [25u64, 1_000, 123_456, 1_000_000_000] {
            let reference = libm::lgamma(n as f64 + 1.0);
            assert!((ln_factorial(n) / reference - 1.0).abs() < 1e-14, "{n}");
        }
    }

    #[test]
    fn probabilities_sum_to_one() {
        for mean in [10.0, 37.5, 1e4] {
            let spread = 12.0 * libm::sqrt(mean) + 20.0;
            let low = if mean > spread { (mean - spread) as u64 } else { 0 };
            let sum: f64 = (low..(mean + spread) as u64)
                .map(|k| libm::exp(ln_poisson_probability(k as f64, mean)))
                .sum();
            assert!((sum - 1.0).abs() < 1e-12, "mean {mean}: {sum}");
        }
    }

    #[test]
    fn sequential_search_ends_at_both_ends_of_the_unit_interval() {
        for mean in [1e-300, 1e-9, 0.5, 9.999_999] {
            assert_eq!(poisson_by_search(0, mean), 0);
            assert!(poisson_by_search(u64::MAX, mean) < 60, "mean {mean}");
        }
    }

    #[test]
    fn parameters_out_of_range_end() {
        let mut words = words();
        for mean in [0.0, -1.0, f64::NAN] {
            assert_eq!(poisson(&mut words, mean), 0);
        }
        let _ = poisson(&mut words, f64::INFINITY);
        for shape in [0.0, -1.0, f64::NAN] {
            assert_eq!(gamma(&mut words, shape, 1.0), 0.0);
        }
        let _ = gamma(&mut words, f64::INFINITY, 1.0);
    }
}
