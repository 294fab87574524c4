//! Limits of estimates whose errors are lopsided.
//!
//! A mean of few skewed values and its standard error are both too small in the same samples, so that Student's interval misses high
//! truths far oftener than low ones. P. Hall ("On the removal of skewness by transformation", JRSS B 54, 1992) maps the studentized
//! error T to one without skewness to the order of the sample's size: with K the skewness of the estimate itself (that of the values over
//! √n), T + K T²/3 + K² T³/27 + K/6, which rises everywhere and has its inverse in closed form. Where values are not skewed it is
//! Student's.

/// Below this skewness the limits are Student's: the inverse would lose more to rounding than it moves.
const NONE: f64 = 1e-8;

/// Second and third central moment of the mean of independent values.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub(super) struct Moments {
    /// Variance of the mean.
    pub(super) second: f64,
    /// Third cumulant of the mean; 0 of fewer than three values, which show none.
    pub(super) third: f64,
}

impl Moments {
    /// From sums of the squares and cubes of the differences of `n` values (2 or more) from their mean, by Fisher's unbiased k-statistics.
    pub(super) fn new(n: f64, squares: f64, cubes: f64) -> Self {
        let third = if n > 2.0 { n * cubes / (n - 1.0) / (n - 2.0) / (n * n) } else { 0.0 };
        Moments { second: squares / (n - 1.0) / n, third }
    }

    /// Of the mean of `values`; `None` of fewer than two.
    pub(super) fn of(values: &[f64]) -> Option<Self> {
        if values.len() < 2 {
            return None;
        }
        let n = values.len() as f64;
        let mean = values.iter().sum::<f64>() / n;
        let (squares, cubes) = values.iter().fold((0.0, 0.0), |(squares, cubes), value| {
            let deviation = value - mean;
            (squares + deviation * deviation, cubes + deviation * deviation * deviation)
        });
        Some(Moments::new(n, squares, cubes))
    }

    /// How far the limits lie below and above the mean, `quantile` being Student's.
    pub(super) fn reach(self, quantile: f64) -> (f64, f64) {
        let error = libm::sqrt(self.second);
        let skewness = if error > 0.0 { self.third / (error * error * error) } else { 0.0 };
        if libm::fabs(skewness) < NONE {
            return (quantile * error, quantile * error);
        }
        let back = |y: f64| 3.0 / skewness * (libm::cbrt(1.0 + skewness * (y - skewness / 6.0)) - 1.0);
        (error * back(quantile), -error * back(-quantile))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limits_are_those_whose_transformed_error_is_the_quantile() {
        for values in [&[1.0, 2.0, 4.0, 30.0][..], &[-30.0, -4.0, -2.0, -1.0], &[5.0, 5.0, 6.0]] {
            let moments = Moments::of(values).expect("values");
            let error = libm::sqrt(moments.second);
            let k = moments.third / (error * error * error);
            let transformed = |t: f64| t + k * t * t / 3.0 + k * k * t * t * t / 27.0 + k / 6.0;
            let (below, above) = moments.reach(2.5);
            assert!((transformed(below / error) - 2.5).abs() < 1e-9);
            assert!((transformed(-above / error) + 2.5).abs() < 1e-9);
        }
    }

    #[test]
    fn what_is_not_skewed_has_students_limits() {
        let even = Moments::of(&[1.0, 2.0, 3.0]).expect("values");
        assert_eq!(even.reach(2.0), (2.0 * libm::sqrt(even.second), 2.0 * libm::sqrt(even.second)));
        assert_eq!(Moments::of(&[4.0, 4.0, 4.0]).expect("values").reach(2.0), (0.0, 0.0));
        assert_eq!(Moments::of(&[4.0]), None);
        assert_eq!(Moments::of(&[4.0, 9.0]).expect("values").third, 0.0);
    }

    #[test]
    fn the_long_side_is_that_of_the_tail() {
        let (below, above) = Moments::of(&[0.0, 0.0, 0.0, 0.0, 10.0]).expect("values").reach(2.0);
        assert!(above > 2.0 * below && below > 0.0, "{below} {above}");
        let (below, above) = Moments::of(&[10.0, 10.0, 10.0, 10.0, 0.0]).expect("values").reach(2.0);
        assert!(below > 2.0 * above && above > 0.0, "{below} {above}");
    }
}
