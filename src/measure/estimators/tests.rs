//! Worked examples and edge cases; coverage is tested in `tests/estimators.rs`.

use super::*;

fn assert_close(got: f64, expected: f64) {
    assert!((got - expected).abs() <= 1e-9 * expected.abs().max(1.0), "{got} against {expected}");
}

#[test]
fn a_mean_has_the_textbook_interval() {
    // scipy.stats.t.ppf(0.95, 9) and numpy's cbrt: Law and Kelton's bank example, whose t interval is 1.343 ± 0.237.
    let values = [1.20, 1.50, 1.68, 1.89, 0.95, 1.49, 1.58, 1.55, 0.50, 1.09];
    assert_close(t_half_width(&values, 1.343, 0.9).expect("ten values"), 0.23725341448939702);
    let interval = mean_interval(&values, 0.9).expect("values");
    assert_close(interval.estimate, 1.343);
    assert_close(interval.low.expect("ten values"), 1.0346621497907644);
    assert_close(interval.high.expect("ten values"), 1.543048169853475);
    // Of values that are not skewed it is Student's.
    let even = mean_interval(&[1.0, 2.0, 4.0, 6.0, 7.0], 0.95).expect("values");
    assert_close(
        even.high.expect("five values") - 4.0,
        t_half_width(&[1.0, 2.0, 4.0, 6.0, 7.0], 4.0, 0.95).expect("five"),
    );
}

#[test]
fn one_replication_has_no_interval() {
    for interval in [
        mean_interval(&[5.0], 0.95),
        ratio_interval(&[10.0], &[2.0], 0.95),
        order_statistic_interval(&[5.0], 0.5, 0.95),
    ] {
        assert_eq!(interval, Some(Interval::point(5.0, 0.95)));
    }
    let mut histogram = Histogram::new();
    (0..1_000).for_each(|step| histogram.record(step * 1_000_000));
    let quantile = quantile_by_sectioning(&[histogram], 0.5, 0.95).expect("values");
    assert_eq!((quantile.low, quantile.high, quantile.half_width()), (None, None, None));
    assert!(!quantile.covers(quantile.estimate));
}

#[test]
fn nothing_has_no_estimate() {
    assert_eq!(mean_interval(&[], 0.95), None);
    assert_eq!(ratio_interval(&[], &[], 0.95), None);
    assert_eq!(ratio_interval(&[1.0, 1.0], &[0.0, 0.0], 0.95), None);
    assert_eq!(ratio_interval(&[1.0], &[1.0, 2.0], 0.95), None);
    assert_eq!(quantile_by_sectioning(&[], 0.5, 0.95), None);
    assert_eq!(quantile_by_sectioning(&[Histogram::new(), Histogram::new()], 0.5, 0.95), None);
    assert_eq!(quantile_by_sectioning(&[Histogram::new()], f64::NAN, 0.95), None);
    assert_eq!(order_statistic_interval(&[], 0.5, 0.95), None);
    assert_eq!(order_statistic_interval(&[1.0], 1.5, 0.95), None);
    assert_eq!(wilson_interval(0, 0, 0.95), None);
    assert_eq!(wilson_interval(2, 1, 0.95), None);
}

#[test]
fn a_level_outside_zero_and_one_gives_no_limits() {
    for level in [0.0, 1.0, 2.0, f64::NAN] {
        for interval in [
            mean_interval(&[1.0, 2.0], level),
            ratio_interval(&[1.0, 2.0], &[1.0, 1.0], level),
            order_statistic_interval(&[1.0, 2.0], 0.5, level),
            wilson_interval(1, 2, level),
        ] {
            let interval = interval.expect("values");
            assert_eq!((interval.low, interval.high), (None, None));
        }
    }
}

#[test]
fn a_ratio_of_equal_denominators_is_a_mean() {
    let numerators = [3.0, 5.0, 4.0, 9.0, 1.0];
    let ratio = ratio_interval(&numerators, &[2.0; 5], 0.95).expect("values");
    let mean = mean_interval(&numerators.map(|value| value / 2.0), 0.95).expect("values");
    assert_close(ratio.estimate, mean.estimate);
    assert_close(ratio.low.expect("five values"), mean.low.expect("five values"));
    assert_close(ratio.high.expect("five values"), mean.high.expect("five values"));
}

#[test]
fn a_ratio_is_that_of_the_totals() {
    let interval = ratio_interval(&[1.0, 30.0, 2.0], &[10.0, 100.0, 30.0], 0.95).expect("values");
    assert_close(interval.estimate, 33.0 / 140.0);
    // Without each in turn: 32/130, 3/40, 31/110; the limits of the mean of the three pseudo-values (scipy, numpy).
    assert_close(interval.low.expect("three values"), -0.0553519632988852);
    assert_close(interval.high.expect("three values"), 1.2889880397432867);
}

#[test]
fn a_ratio_with_one_denominator_has_no_interval() {
    let interval = ratio_interval(&[0.0, 3.0, 0.0], &[0.0, 4.0, 0.0], 0.95);
    assert_eq!(interval, Some(Interval::point(0.75, 0.95)));
}

#[test]
fn sections_are_consecutive_and_complete() {
    let numbers: Vec<u32> = (0..23).collect();
    for sections in 1..=23 {
        let parts: Vec<&[u32]> = sections_of(&numbers, sections).collect();
        assert_eq!(parts.len(), sections);
        assert_eq!(parts.concat(), numbers);
        let lengths = parts.iter().map(|part| part.len());
        assert!(lengths.clone().max() <= lengths.min().map(|shortest| shortest + 1));
    }
}

#[test]
fn sectioning_merges_replications_that_are_too_thin() {
    // Ten replications of 25 values: a 99 % quantile needs 100 values, so sections of at least four
    // replications.
    let thin: Vec<Histogram> = (0..10u64)
        .map(|replication| {
            let mut histogram = Histogram::new();
            (0..25).for_each(|step| histogram.record((1 + replication + 7 * step) * 1_000_000));
            histogram
        })
        .collect();
    let p99 = quantile_by_sectioning(&thin, 0.99, 0.95).expect("values");
    assert!(p99.half_width().is_some());
    assert_eq!(quantile_by_sectioning(&thin, 0.999, 0.95).expect("values").low, None);
    assert_eq!(quantile_by_sectioning(&thin, 1.0, 0.95).expect("values").low, None);
    // A replication without any value widens its section instead of dropping out.
    let mut sparse = thin;
    sparse[3] = Histogram::new();
    assert!(quantile_by_sectioning(&sparse, 0.5, 0.95).expect("values").half_width().is_some());
}

#[test]
fn order_statistics_are_the_tabled_ones() {
    // Median of 10: X(2) and X(9), coverage 97.9 %; of 20: X(6) and X(15), 95.9 % (David and Nagaraja, §7.1).
    let ten: Vec<f64> = (1..=10).rev().map(f64::from).collect();
    let interval = order_statistic_interval(&ten, 0.5, 0.95).expect("values");
    assert_eq!((interval.low, interval.estimate, interval.high), (Some(2.0), 5.0, Some(9.0)));
    let twenty: Vec<f64> = (1..=20).map(f64::from).collect();
    let interval = order_statistic_interval(&twenty, 0.5, 0.95).expect("values");
    assert_eq!((interval.low, interval.high), (Some(6.0), Some(15.0)));
    let interval = order_statistic_interval(&twenty, 0.95, 0.95).expect("values");
    assert_eq!((interval.estimate, interval.high), (19.0, None));
    let extreme = order_statistic_interval(&twenty, 1.0, 0.95).expect("values");
    assert_eq!((extreme.estimate, extreme.high), (20.0, None));
}

#[test]
fn wilsons_interval_is_the_published_one() {
    // R. G. Newcombe, Statistics in Medicine 17 (1998), table I: 81 of 263, and 0 of 20.
    let interval = wilson_interval(81, 263, 0.95).expect("trials");
    assert!((interval.low.expect("a limit") - 0.2553).abs() < 5e-5);
    assert!((interval.high.expect("a limit") - 0.3662).abs() < 5e-5);
    let interval = wilson_interval(0, 20, 0.95).expect("trials");
    assert_eq!(interval.low, Some(0.0));
    assert!((interval.high.expect("a limit") - 0.1611).abs() < 5e-5);
}
