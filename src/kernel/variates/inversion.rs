//! Variates whose inverse is one or two elementary functions.

use super::{standard_normal, unit_open};

/// An exponential variate of mean 1: −ln u (inverse survival function), in [1.1·10⁻¹⁶, 36.74].
///
/// Falls as the word rises. The largest value has probability 2⁻⁵²; the true tail beyond it weighs 2⁻⁵³.
#[inline]
#[must_use]
pub fn exponential(word: u64) -> f64 {
    -libm::log(unit_open(word))
}

/// A Weibull variate, `scale`·(−ln u)^(1/`shape`) (W. Weibull, J. Appl. Mech. 18, 1951); in the unit of
/// `scale`.
///
/// Falls as the word rises. `shape` > 0; 1 is the exponential, below 1 a falling hazard (infant mortality).
#[inline]
#[must_use]
pub fn weibull(word: u64, shape: f64, scale: f64) -> f64 {
    scale * libm::pow(exponential(word), 1.0 / shape)
}

/// A lognormal variate: exp(`ln_median` + `sigma`·z); in the unit whose logarithm `ln_median` is.
///
/// Rises with the word. See [`lognormal_parameters`] for a distribution given by its mean.
#[inline]
#[must_use]
pub fn lognormal(word: u64, ln_median: f64, sigma: f64) -> f64 {
    libm::exp(ln_median + sigma * standard_normal(word))
}

/// The logarithm of the median of the lognormal that has this `mean` (> 0) and this `sigma` of its logarithm.
#[inline]
#[must_use]
pub fn lognormal_parameters(mean: f64, sigma: f64) -> f64 {
    libm::log(mean) - 0.5 * sigma * sigma
}

/// How many failures come before the first success of probability `p`: ⌊ln u / ln(1 − p)⌋ (Devroye,
/// "Non-Uniform Random Variate Generation", 1986, X.2).
///
/// Falls as the word rises. 0 for p = 1, `u64::MAX` for p = 0 (never), in between saturating; NaN or p outside
/// [0, 1] is one of the two. The words resolve P(0) = p to 2⁻⁵²: below p = 10⁻¹³ the smallest counts are
/// grainy, while mean and tail stay right.
#[inline]
#[must_use]
pub fn geometric(word: u64, p: f64) -> u64 {
    if p >= 1.0 {
        return 0;
    }
    if p > 0.0 {
        // Saturates: a count that does not fit means "not in this simulation".
        (exponential(word) / -libm::log1p(-p)) as u64
    } else {
        u64::MAX
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_extremes_are_finite() {
        assert!((exponential(0) - 53.0 * core::f64::consts::LN_2).abs() < 1e-13);
        assert!(exponential(u64::MAX) > 0.0);
        assert!(lognormal(0, 0.0, 1.0) > 0.0);
        assert!(lognormal(u64::MAX, 0.0, 1.0).is_finite());
        assert!(weibull(u64::MAX, 0.5, 1.0) > 0.0);
    }

    #[test]
    fn geometric_knows_never_and_always() {
        for word in [0, 1 << 20, 1 << 63, u64::MAX] {
            assert_eq!(geometric(word, 0.0), u64::MAX);
            assert_eq!(geometric(word, 1.0), 0);
            assert_eq!(geometric(word, f64::NAN), u64::MAX);
        }
        assert_eq!(geometric(0, 1e-300), u64::MAX);
        assert!(geometric(1 << 63, 1e-15) > 600_000_000_000_000);
        // Half of all words are a success at once when p is one half.
        assert_eq!(geometric((1 << 63) | (1 << 62), 0.5), 0);
        assert_eq!(geometric(1 << 62, 0.5), 1);
    }

    #[test]
    fn a_lognormal_of_given_mean_has_that_mean() {
        let (mean, sigma) = (3.5, 0.8);
        let ln_median = lognormal_parameters(mean, sigma);
        let cells = 1u64 << 16;
        let sum: f64 = (0..cells).map(|cell| lognormal((cell << 48) | (1 << 47), ln_median, sigma)).sum();
        // The midpoint rule with 65,536 cells misses little but the last cell's tail.
        assert!((sum / cells as f64 / mean - 1.0).abs() < 1e-3);
    }

    #[test]
    fn variates_are_monotone_in_the_word() {
        let words: Vec<u64> = (0..4_096u64).map(|step| step << 52).collect();
        for pair in words.windows(2) {
            let (low, high) = (pair[0], pair[1]);
            assert!(exponential(low) >= exponential(high));
            assert!(weibull(low, 1.7, 2.0) >= weibull(high, 1.7, 2.0));
            assert!(geometric(low, 0.01) >= geometric(high, 0.01));
            assert!(lognormal(low, 0.0, 0.5) <= lognormal(high, 0.0, 0.5));
        }
    }
}
