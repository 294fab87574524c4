//! Quantiles of Student's t, through the regularised incomplete beta function, and of the normal, on `libm`.

use std::f64::consts::FRAC_1_SQRT_2;

/// Terms of the continued fraction after which it is taken as converged; it needs O(√(a + b)) of them, and
/// fewer than 300 for a million degrees of freedom.
const FRACTION_TERMS_MAX: u32 = 10_000;
/// Relative change at which an iteration has converged.
const CONVERGED: f64 = 1e-15;
/// What stands for 0 in a denominator of Lentz's algorithm.
const TINY: f64 = 1e-300;
/// Bisections after which two doubles of like exponent have met.
const BISECTIONS_MAX: u32 = 200;

/// The t > 0 that |T| exceeds with probability 1 − `level`, for T of Student's distribution.
///
/// `None` when `level` is not inside (0, 1) or `degrees_of_freedom` is not positive.
pub(super) fn two_sided_t(level: f64, degrees_of_freedom: f64) -> Option<f64> {
    if !(level > 0.0 && level < 1.0 && degrees_of_freedom > 0.0) {
        return None;
    }
    Some(where_tails_weigh(1.0 - level, |t| two_tails_of_t(t, degrees_of_freedom)))
}

/// The t that T exceeds with probability `outside`, at most one half, for T of Student's distribution; `None` outside that.
pub(super) fn upper_t(outside: f64, degrees_of_freedom: f64) -> Option<f64> {
    two_sided_t(1.0 - 2.0 * outside, degrees_of_freedom)
}

/// P(T > t).
pub(super) fn upper_tail_of_t(t: f64, degrees_of_freedom: f64) -> f64 {
    if t.is_infinite() {
        return if t > 0.0 { 0.0 } else { 1.0 };
    }
    let tail = 0.5 * two_tails_of_t(t.abs(), degrees_of_freedom);
    if t >= 0.0 { tail } else { 1.0 - tail }
}

/// The z > 0 that |Z| exceeds with probability 1 − `level`, for a standard normal Z; `None` outside (0, 1).
pub(super) fn two_sided_z(level: f64) -> Option<f64> {
    if !(level > 0.0 && level < 1.0) {
        return None;
    }
    Some(where_tails_weigh(1.0 - level, |z| libm::erfc(z * FRAC_1_SQRT_2)))
}

/// Where the falling function `tails`, 1 at 0, passes `outside`.
fn where_tails_weigh(outside: f64, tails: impl Fn(f64) -> f64) -> f64 {
    let mut high = 1.0;
    while tails(high) > outside && high < 1e300 {
        high *= 2.0;
    }
    let mut low = 0.0;
    // Bisection: some microseconds, once per interval, and nothing that could fail to converge.
    for _ in 0..BISECTIONS_MAX {
        let middle = 0.5 * (low + high);
        if high - low <= CONVERGED * high {
            break;
        }
        if tails(middle) > outside {
            low = middle;
        } else {
            high = middle;
        }
    }
    0.5 * (low + high)
}

/// P(|T| > t) = I_x(ν/2, ½) with x = ν / (ν + t²) (Abramowitz and Stegun 26.7.1 with 26.5.27).
fn two_tails_of_t(t: f64, degrees_of_freedom: f64) -> f64 {
    let t_squared = t * t;
    let total = degrees_of_freedom + t_squared;
    // Whichever argument is small is computed directly, so that none is the difference of near equals.
    incomplete_beta(0.5 * degrees_of_freedom, 0.5, degrees_of_freedom / total, t_squared / total)
}

/// The regularised incomplete beta function I_x(a, b), `y` = 1 − x (continued fraction DLMF 8.17.22).
fn incomplete_beta(a: f64, b: f64, x: f64, y: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    if y <= 0.0 {
        return 1.0;
    }
    // The fraction converges fast on this side of the mean; the other side is its complement.
    if x > (a + 1.0) / (a + b + 2.0) {
        return 1.0 - incomplete_beta_front(b, a, y, x) * beta_fraction(b, a, y);
    }
    incomplete_beta_front(a, b, x, y) * beta_fraction(a, b, x)
}

/// xᵃ yᵇ / (a B(a, b)).
fn incomplete_beta_front(a: f64, b: f64, x: f64, y: f64) -> f64 {
    let ln_beta = libm::lgamma(a) + libm::lgamma(b) - libm::lgamma(a + b);
    libm::exp(a * libm::log(x) + b * libm::log(y) - ln_beta) / a
}

/// The continued fraction of DLMF 8.17.22 by Lentz's algorithm as modified by Thompson and Barnett (1986).
fn beta_fraction(a: f64, b: f64, x: f64) -> f64 {
    let away_from_zero = |value: f64| if value.abs() < TINY { TINY } else { value };
    let mut c = 1.0;
    let mut d = 1.0 / away_from_zero(1.0 - (a + b) * x / (a + 1.0));
    let mut fraction = d;
    for term in 1..=FRACTION_TERMS_MAX {
        let m = f64::from(term);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        let mut change = 1.0;
        for coefficient in [even, odd] {
            d = 1.0 / away_from_zero(1.0 + coefficient * d);
            c = away_from_zero(1.0 + coefficient / c);
            change = c * d;
            fraction *= change;
        }
        if (change - 1.0).abs() < CONVERGED {
            break;
        }
    }
    fraction
}

#[cfg(test)]
mod tests {
    use super::*;

    const INCOMPLETE_BETA: [(f64, f64, f64, f64); 6] = [
        (0.5, 0.5, 0.3, 0.369_010_119_565_545_36),
        (2.0, 3.0, 0.5, 0.6875),
        (9.5, 0.5, 0.9, 0.162_549_999_029_727_08),
        (50.0, 0.5, 0.97, 0.081_699_333_721_822_63),
        (100.0, 200.0, 0.35, 0.732_571_464_957_544_1),
        (1.0, 1.0, 0.25, 0.25),
    ];
    /// The difference of log-gammas loses digits as the degrees of freedom grow: 10⁻¹⁰ at 100,000 of them.
    const QUANTILE_ERROR_MAX: f64 = 1e-9;
    const LEVELS: [f64; 5] = [0.8, 0.9, 0.95, 0.99, 0.999];
    /// (degrees of freedom, two-sided quantiles at [`LEVELS`]), computed with 40 digits by mpmath; to three
    /// digits the printed tables of any textbook.
    const T_QUANTILES: [(f64, [f64; 5]); 10] = [
        (
            1.0,
            [3.0776835371752536, 6.313751514675043, 12.706204736174705, 63.65674116287158, 636.6192487687197],
        ),
        (
            2.0,
            [1.8856180831641267, 2.9199855803537256, 4.302652729749464, 9.924843200918293, 31.59905457644362],
        ),
        (
            3.0,
            [
                1.6377443536962102,
                2.3533634348018238,
                3.1824463052837095,
                5.840909309733357,
                12.923978636687483,
            ],
        ),
        (
            5.0,
            [1.475884048824481, 2.0150483733330242, 2.5705818356363155, 4.032142983555228, 6.86882662588111],
        ),
        (
            10.0,
            [
                1.3721836411103356,
                1.8124611228116765,
                2.228138851986275,
                3.1692726726169513,
                4.586893858702636,
            ],
        ),
        (
            19.0,
            [
                1.3277282090267983,
                1.7291328115213696,
                2.0930240544083096,
                2.860934606464979,
                3.883405852592083,
            ],
        ),
        (
            29.0,
            [
                1.311433647301551,
                1.6991270265334977,
                2.0452296421327043,
                2.7563859036706053,
                3.659405019466333,
            ],
        ),
        (
            100.0,
            [1.290074761346516, 1.6602343260853396, 1.9839715185235522, 2.6258905214380177, 3.39049131116423],
        ),
        (
            1000.0,
            [
                1.2823987214609245,
                1.6463788172854648,
                1.9623390808264085,
                2.580754698065951,
                3.300282648423913,
            ],
        ),
        (
            100000.0,
            [
                1.281560031449361,
                1.6448688647849696,
                1.9599877075346097,
                2.575878469908375,
                3.2906240314118826,
            ],
        ),
    ];

    #[test]
    fn incomplete_beta_agrees_with_mpmath() {
        for (a, b, x, exact) in INCOMPLETE_BETA {
            let got = incomplete_beta(a, b, x, 1.0 - x);
            assert!((got / exact - 1.0).abs() < 1e-12, "I_{x}({a}, {b}): {got} against {exact}");
        }
    }

    #[test]
    fn quantiles_agree_with_mpmath() {
        for (degrees_of_freedom, quantiles) in T_QUANTILES {
            for (level, exact) in LEVELS.into_iter().zip(quantiles) {
                let got = two_sided_t(level, degrees_of_freedom).expect("valid");
                assert!(
                    (got / exact - 1.0).abs() < QUANTILE_ERROR_MAX,
                    "{level}, {degrees_of_freedom} degrees: {got} against {exact}"
                );
            }
        }
    }

    #[test]
    fn normal_quantiles_agree_with_the_limit_of_t() {
        assert!((two_sided_z(0.95).expect("valid") - 1.959_963_984_540_054).abs() < 1e-13);
        assert!((two_sided_z(0.999).expect("valid") - 3.290_526_731_491_926).abs() < 1e-12);
        assert_eq!(two_sided_z(1.0), None);
    }

    #[test]
    fn what_has_no_quantile_is_none() {
        for (level, degrees_of_freedom) in
            [(0.0, 5.0), (1.0, 5.0), (f64::NAN, 5.0), (0.95, 0.0), (0.95, f64::NAN)]
        {
            assert_eq!(two_sided_t(level, degrees_of_freedom), None);
        }
        assert!(two_sided_t(1.0 - 1e-15, 1.0).expect("valid").is_finite());
    }
}
