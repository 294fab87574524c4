//! A log-linear histogram of non-negative integers (nanoseconds), mergeable without loss.
//!
//! Values below 128 have a bucket each; above, every octave has 64 buckets, so a quantile is exact to
//! 1/128 of its value. Counts are integers: merging commutes, and no result depends on its order.
//! The layout follows the idea of HdrHistogram (Gil Tene).

use serde::{Deserialize, Serialize};

const SUB_BUCKET_BITS: u32 = 6;
const SUB_BUCKETS: u64 = 1 << SUB_BUCKET_BITS;
/// Nanoseconds per histogram unit: a microsecond resolves everything that a payment or a queue shows.
const UNIT_NANOS: u64 = 1_000;

/// Counts of values by size.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Histogram {
    counts: Vec<u32>,
    total: u64,
    max: u64,
}

impl Histogram {
    /// An empty histogram.
    #[must_use]
    pub const fn new() -> Self {
        Histogram { counts: Vec::new(), total: 0, max: 0 }
    }

    /// Counts `nanos` once.
    #[inline]
    pub fn record(&mut self, nanos: u64) {
        let bucket = bucket_of(nanos / UNIT_NANOS);
        if bucket >= self.counts.len() {
            self.counts.resize(bucket + 1, 0);
        }
        self.counts[bucket] += 1;
        self.total += 1;
        self.max = self.max.max(nanos);
    }

    /// Adds all of `other`'s counts.
    pub fn merge(&mut self, other: &Histogram) {
        if other.counts.len() > self.counts.len() {
            self.counts.resize(other.counts.len(), 0);
        }
        for (mine, theirs) in self.counts.iter_mut().zip(&other.counts) {
            *mine += theirs;
        }
        self.total += other.total;
        self.max = self.max.max(other.max);
    }

    /// Forgets every value, keeping the storage.
    pub fn clear(&mut self) {
        self.counts.fill(0);
        self.total = 0;
        self.max = 0;
    }

    /// How many values were recorded.
    #[must_use]
    pub const fn count(&self) -> u64 {
        self.total
    }

    /// The largest value, exactly, in nanoseconds; `None` when empty.
    #[must_use]
    pub const fn max(&self) -> Option<u64> {
        if self.total == 0 { None } else { Some(self.max) }
    }

    /// The value at or below which a share `q` (0..=1) of the values lie, in nanoseconds: the middle of its
    /// bucket, never above the maximum. `None` when empty.
    #[must_use]
    pub fn quantile(&self, q: f64) -> Option<u64> {
        if self.total == 0 {
            return None;
        }
        // The rank of the order statistic that the inverse of the empirical distribution takes.
        let rank = ((q * self.total as f64).ceil() as u64).clamp(1, self.total);
        let mut seen = 0;
        for (bucket, &count) in self.counts.iter().enumerate() {
            seen += u64::from(count);
            if seen >= rank {
                return Some((middle_of(bucket) * UNIT_NANOS).min(self.max));
            }
        }
        Some(self.max)
    }

    /// The mean of the values in nanoseconds, from the buckets' middles; `None` when empty.
    #[must_use]
    pub fn mean(&self) -> Option<f64> {
        if self.total == 0 {
            return None;
        }
        let sum: u128 = self
            .counts
            .iter()
            .enumerate()
            .map(|(bucket, &count)| u128::from(count) * u128::from(middle_of(bucket)))
            .sum();
        Some(sum as f64 * UNIT_NANOS as f64 / self.total as f64)
    }

    /// Non-empty buckets as (lower bound in nanoseconds, count), in ascending order.
    pub fn buckets(&self) -> impl Iterator<Item = (u64, u64)> + '_ {
        self.counts
            .iter()
            .enumerate()
            .filter(|(_, count)| **count > 0)
            .map(|(bucket, &count)| (lower_of(bucket) * UNIT_NANOS, u64::from(count)))
    }

    /// Non-empty buckets as (the value that stands for all of a bucket in nanoseconds, count), in ascending order: what
    /// [`Histogram::quantile`] gives.
    pub fn middles(&self) -> impl Iterator<Item = (u64, u64)> + '_ {
        let counted = self.counts.iter().enumerate().filter(|(_, count)| **count > 0);
        counted.map(|(bucket, &count)| ((middle_of(bucket) * UNIT_NANOS).min(self.max), u64::from(count)))
    }
}

#[inline]
fn bucket_of(value: u64) -> usize {
    if value < 2 * SUB_BUCKETS {
        return value as usize;
    }
    let exponent = 63 - value.leading_zeros() - SUB_BUCKET_BITS;
    (u64::from(exponent) * SUB_BUCKETS + (value >> exponent)) as usize
}

fn lower_of(bucket: usize) -> u64 {
    let bucket = bucket as u64;
    if bucket < 2 * SUB_BUCKETS {
        return bucket;
    }
    let exponent = bucket / SUB_BUCKETS - 1;
    (bucket - exponent * SUB_BUCKETS) << exponent
}

fn middle_of(bucket: usize) -> u64 {
    let lower = lower_of(bucket);
    lower + (lower_of(bucket + 1) - lower) / 2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_tile_the_line() {
        // All but the last bucket, whose upper bound is beyond a u64.
        for bucket in 0..bucket_of(u64::MAX) {
            assert_eq!(bucket_of(lower_of(bucket)), bucket);
            assert_eq!(bucket_of(lower_of(bucket + 1) - 1), bucket);
        }
    }

    #[test]
    fn quantiles_of_a_thousand_steps_are_within_one_bucket() {
        let mut histogram = Histogram::new();
        for step in 1..=1_000u64 {
            histogram.record(step * 1_000_000);
        }
        for q in [0.01, 0.5, 0.95, 0.99, 1.0] {
            let exact = q * 1e9;
            let got = histogram.quantile(q).expect("not empty") as f64;
            assert!((got / exact - 1.0).abs() < 1.0 / 64.0, "{q}: {got} against {exact}");
        }
        assert_eq!(histogram.max(), Some(1_000_000_000));
    }

    #[test]
    fn merging_is_recording_both() {
        let (mut left, mut right, mut both) = (Histogram::new(), Histogram::new(), Histogram::new());
        for value in 0..500u64 {
            let nanos = value * value * 7_919;
            if value % 3 == 0 {
                left.record(nanos)
            } else {
                right.record(nanos)
            }
            both.record(nanos);
        }
        left.merge(&right);
        assert_eq!(left, both);
    }
}
