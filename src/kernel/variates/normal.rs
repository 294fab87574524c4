//! The normal distribution by inversion: M. J. Wichura, "Algorithm AS 241: The percentage points of the normal
//! distribution", Applied Statistics 37 (1988), routine PPND16, relative accuracy about 10⁻¹⁶.
//!
//! 85 % of all words take the central branch, two polynomials and a division; only the tails need a logarithm
//! and a square root.

use super::unit_open;

/// The central branch holds while |p − ½| is at most this.
const CENTRAL_HALF_WIDTH: f64 = 0.425;
/// The square of [`CENTRAL_HALF_WIDTH`].
const CENTRAL_SHIFT: f64 = 0.180_625;
/// √(−ln p) from which the far tail's polynomials hold; up to it, the near tail's.
const FAR_TAIL_FROM: f64 = 5.0;
const NEAR_TAIL_SHIFT: f64 = 1.6;

// The digits are those of the paper, more than a double can hold, so that they can be compared with it.
#[rustfmt::skip]
#[expect(clippy::excessive_precision, reason = "the published digits")]
mod coefficients {
    pub const A: [f64; 8] = [
        3.387_132_872_796_366_608_0e0, 1.331_416_678_917_843_774_5e2, 1.971_590_950_306_551_442_7e3,
        1.373_169_376_550_946_112_5e4, 4.592_195_393_154_987_145_7e4, 6.726_577_092_700_870_085_3e4,
        3.343_057_558_358_812_810_5e4, 2.509_080_928_730_122_672_7e3,
    ];
    pub const B: [f64; 8] = [
        1.0, 4.231_333_070_160_091_125_2e1, 6.871_870_074_920_579_083_0e2, 5.394_196_021_424_751_107_7e3,
        2.121_379_430_158_659_586_7e4, 3.930_789_580_009_271_061_0e4, 2.872_908_573_572_194_267_4e4,
        5.226_495_278_852_854_561_0e3,
    ];
    pub const C: [f64; 8] = [
        1.423_437_110_749_683_577_34e0, 4.630_337_846_156_545_295_90e0, 5.769_497_221_460_691_405_50e0,
        3.647_848_324_763_204_605_04e0, 1.270_458_252_452_368_382_58e0, 2.417_807_251_774_506_117_70e-1,
        2.272_384_498_926_918_458_33e-2, 7.745_450_142_783_414_076_40e-4,
    ];
    pub const D: [f64; 8] = [
        1.0, 2.053_191_626_637_758_821_87e0, 1.676_384_830_183_803_849_40e0, 6.897_673_349_851_000_045_50e-1,
        1.481_039_764_274_800_745_90e-1, 1.519_866_656_361_645_719_66e-2, 5.475_938_084_995_344_946_00e-4,
        1.050_750_071_644_416_843_24e-9,
    ];
    pub const E: [f64; 8] = [
        6.657_904_643_501_103_777_20e0, 5.463_784_911_164_114_369_90e0, 1.784_826_539_917_291_335_80e0,
        2.965_605_718_285_048_912_30e-1, 2.653_218_952_657_612_309_30e-2, 1.242_660_947_388_078_438_60e-3,
        2.711_555_568_743_487_578_15e-5, 2.010_334_399_292_288_132_65e-7,
    ];
    pub const F: [f64; 8] = [
        1.0, 5.998_322_065_558_879_376_90e-1, 1.369_298_809_227_358_053_10e-1, 1.487_536_129_085_061_485_25e-2,
        7.868_691_311_456_132_591_00e-4, 1.846_318_317_510_054_681_80e-5, 1.421_511_758_316_445_888_70e-7,
        2.044_263_103_389_939_785_64e-15,
    ];
}
use coefficients::{A, B, C, D, E, F};

/// A standard normal variate, in [−8.21, 8.21]; rises with the word and is exactly odd: `!word` gives its
/// negative.
#[inline]
#[must_use]
pub fn standard_normal(word: u64) -> f64 {
    normal_quantile(unit_open(word))
}

/// The number below which a share `p` of the standard normal distribution lies.
///
/// −∞ at p = 0, ∞ at p = 1, NaN outside [0, 1].
#[inline]
#[must_use]
pub fn normal_quantile(p: f64) -> f64 {
    let centred = p - 0.5;
    if centred.abs() <= CENTRAL_HALF_WIDTH {
        let r = CENTRAL_SHIFT - centred * centred;
        return centred * horner(&A, r) / horner(&B, r);
    }
    tail_quantile(p, centred)
}

/// Kept out of line: it is taken by 15 % of the words and would crowd the caller's loop.
#[inline(never)]
fn tail_quantile(p: f64, centred: f64) -> f64 {
    let tail = if centred < 0.0 { p } else { 1.0 - p };
    if tail <= 0.0 {
        return if tail == 0.0 { f64::INFINITY.copysign(centred) } else { f64::NAN };
    }
    let r = libm::sqrt(-libm::log(tail));
    let magnitude = if r <= FAR_TAIL_FROM {
        horner(&C, r - NEAR_TAIL_SHIFT) / horner(&D, r - NEAR_TAIL_SHIFT)
    } else {
        horner(&E, r - FAR_TAIL_FROM) / horner(&F, r - FAR_TAIL_FROM)
    };
    magnitude.copysign(centred)
}

/// The polynomial with these coefficients, constant term first.
#[inline]
fn horner(coefficients: &[f64; 8], x: f64) -> f64 {
    let mut sum = coefficients[7];
    for coefficient in coefficients[..7].iter().rev() {
        sum = sum * x + coefficient;
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    /// (p, quantile) computed with 50 digits by mpmath (`sqrt(2)*erfinv(2*p-1)`) for the double nearest to p.
    const REFERENCE: [(f64, f64); 19] = [
        (1.1102230246251565e-16, -8.209536151601387),
        (1e-14, -7.650628092935269),
        (1e-12, -7.034483825301132),
        (1.3887943864964021e-11, -6.657904643501103),
        (1e-08, -5.612001244174789),
        (1e-05, -4.264890793922825),
        (0.001, -3.0902323061678136),
        (0.01, -2.326347874040841),
        (0.05, -1.6448536269514726),
        (0.074999, -1.4395385353452308),
        (0.075001, -1.4395244066035215),
        (0.2, -0.8416212335729142),
        (0.3333333333333333, -0.43072729929545756),
        (0.4999, -0.00025066283008800747),
        (0.7, 0.5244005127080407),
        (0.925001, 1.4395385353452304),
        (0.975, 1.9599639845400538),
        (0.999, 3.090232306167813),
        (0.9999999, 5.199337582290661),
    ];

    #[test]
    fn agrees_with_reference_quantiles() {
        for (p, exact) in REFERENCE {
            let got = normal_quantile(p);
            assert!((got / exact - 1.0).abs() < 1e-15, "p = {p}: {got} against {exact}");
        }
    }

    #[test]
    fn is_odd_and_ends_well() {
        for word in [0, 1 << 12, 1 << 40, 1 << 60, 0x1234_5678_9ABC_DEF0, 1 << 62] {
            assert_eq!(standard_normal(word), -standard_normal(!word));
        }
        assert_eq!(normal_quantile(0.5), 0.0);
        assert_eq!(normal_quantile(0.0), f64::NEG_INFINITY);
        assert_eq!(normal_quantile(1.0), f64::INFINITY);
        assert!(normal_quantile(-0.1).is_nan());
        assert!(normal_quantile(1.1).is_nan());
        assert!(normal_quantile(f64::NAN).is_nan());
    }

    #[test]
    fn is_monotone_across_the_branches() {
        // The seams: |p − ½| = 0.425, and √(−ln p) = 5, p = e⁻²⁵.
        for seam in [0.075, 0.925, libm::exp(-25.0)] {
            let mut previous = f64::NEG_INFINITY;
            for step in -200..=200 {
                let here = normal_quantile(seam * (1.0 + f64::from(step) * 1e-12));
                assert!(here >= previous, "falls near {seam}");
                previous = here;
            }
        }
    }
}
