//! Latin hypercubes: `count` points of which each input has one in every `count`-th of its range.
//!
//! M. D. McKay, R. J. Beckman, W. J. Conover, Technometrics 21 (1979). The draws are addressed by the seed, the input's path and the
//! number of the point, so another input, or another order of inputs, changes nothing; and they are the same on every machine.

use crate::kernel::draws::{Address, Entity, Key};
use crate::model::purpose::Purpose;

/// Inputs are drawn once for all replications.
const REPLICATION: u64 = 0;

/// By point: which share of its range (0..1) the input at `path` has.
#[must_use]
pub fn shares(seed: u64, purpose: Purpose, path: &str, count: u32) -> Vec<f64> {
    let key = Key { seed, replication: REPLICATION };
    let entity = Entity::new("input", path, "");
    let words =
        |point: u32| key.block(Address { entity, purpose: purpose as u64, draw: u64::from(point) }, 1);
    let drawn: Vec<[u64; 4]> = (0..count).map(words).collect();
    let mut order: Vec<usize> = (0..drawn.len()).collect();
    order.sort_by_key(|&point| (drawn[point][1], point));
    let mut shares = vec![0.0; drawn.len()];
    for (part, point) in order.into_iter().enumerate() {
        shares[point] = (part as f64 + unit(drawn[point][0])) / f64::from(count);
    }
    shares
}

/// Uniform on [0, 1), from a word's top 53 bits.
fn unit(word: u64) -> f64 {
    const TWO_TO_MINUS_53: f64 = 1.0 / 9_007_199_254_740_992.0;
    (word >> 11) as f64 * TWO_TO_MINUS_53
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_of_the_range_has_one_point() {
        for count in [1, 2, 7, 100] {
            let shares = shares(7, Purpose::LatinHypercube, "payments.timeout", count);
            let mut parts: Vec<u32> = shares.iter().map(|share| (share * f64::from(count)) as u32).collect();
            parts.sort_unstable();
            assert_eq!(parts, (0..count).collect::<Vec<_>>());
        }
    }

    #[test]
    fn inputs_are_drawn_apart_and_again_alike() {
        let of = |seed, purpose, path| shares(seed, purpose, path, 50);
        let first = of(7, Purpose::LatinHypercube, "a");
        assert_eq!(first, of(7, Purpose::LatinHypercube, "a"));
        for other in [
            of(8, Purpose::LatinHypercube, "a"),
            of(7, Purpose::InputSample, "a"),
            of(7, Purpose::LatinHypercube, "b"),
        ] {
            let mean = |values: &[f64]| values.iter().sum::<f64>() / 50.0;
            let both: f64 =
                first.iter().zip(&other).map(|(one, two)| (one - mean(&first)) * (two - mean(&other))).sum();
            // 50 points of two independent inputs: a correlation beyond 0.46 has probability 1e-3, and these seeds are fixed.
            assert!((both / 50.0 * 12.0).abs() < 0.46, "{both}");
        }
    }

    #[test]
    fn values_are_stable() {
        let shares = shares(2412, Purpose::LatinHypercube, "payments.timeout", 4);
        let rounded: Vec<i64> = shares.iter().map(|share| (share * 1e6) as i64).collect();
        assert_eq!(rounded, STABLE);
    }

    /// From a separate Python implementation of SHA-256 addresses and Philox4x64-10.
    const STABLE: [i64; 4] = [834_423, 568_766, 311_170, 165_760];
}
