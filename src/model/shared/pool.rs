//! The allowance that the lines of a pooled data plan share.
//!
//! Lines tell the rate at which they carry data, and payments one by one; the pool adds up and publishes, every ten seconds, whether the
//! allowance is used up. What its lines' probes take while they stand by is a constant rate of the whole pool.
//! Everything is integers, in bit-nanoseconds per second, so that the sum is the same however often it is looked at.

use serde::{Deserialize, Serialize};

use std::collections::BTreeMap;

use crate::scenario::resolved::PlanId;
use crate::units::{BitRate, SimTime, Span};

/// Step of a pool's grid: a line is slowed down at most this long after the pool's allowance was used up.
pub(super) const STEP: Span = Span::from_secs(10);

const NANOS: u128 = 1_000_000_000;

/// From a line to its pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PoolMessage {
    /// From now on it carries this much, both directions together.
    Rate(BitRate),
    /// A payment took this many bits.
    Bits(u64),
}

/// What a pool publishes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct PoolState {
    /// Whether the allowance is used up.
    pub exhausted: bool,
    /// When that was published.
    pub at: SimTime,
}

/// See the module.
#[derive(Clone, Debug)]
pub struct Pool {
    /// Which plan's, for the rows.
    pub id: PlanId,
    probes: BitRate,
    /// Rates of lines that carry anything, by rank.
    rates: BTreeMap<u32, BitRate>,
    /// Used so far, bits times [`NANOS`].
    used: u128,
    cap: u128,
    begin: SimTime,
    at: SimTime,
    exhausted: Option<SimTime>,
}

impl Pool {
    /// A pool of `cap_bytes` of which `used` are used at `begin`, and whose lines' probes take `probes`.
    #[must_use]
    pub fn new(id: PlanId, cap_bytes: u64, used: u64, probes: BitRate, begin: SimTime) -> Self {
        Pool {
            id,
            probes,
            rates: BTreeMap::new(),
            used: u128::from(used) * 8 * NANOS,
            cap: u128::from(cap_bytes) * 8 * NANOS,
            begin,
            at: begin,
            exhausted: None,
        }
    }

    pub(super) fn is_idle(&self) -> bool {
        self.rates.is_empty()
    }

    /// Any payment may use up what is left.
    pub(super) const fn calm_until(&self) -> SimTime {
        self.at
    }

    /// Publishes at `at` with no line that carries anything.
    pub fn wake(&mut self, at: SimTime) -> PoolState {
        self.advance(at);
        self.publish(at)
    }

    /// Folds the messages of the step that ends at `at` and publishes.
    pub fn fold(
        &mut self,
        at: SimTime,
        messages: impl Iterator<Item = (SimTime, u32, PoolMessage)>,
    ) -> PoolState {
        for (sent, rank, message) in messages {
            self.advance(sent);
            match message {
                PoolMessage::Rate(BitRate(0)) => {
                    self.rates.remove(&rank);
                }
                PoolMessage::Rate(rate) => {
                    self.rates.insert(rank, rate);
                }
                PoolMessage::Bits(bits) => self.used += u128::from(bits) * NANOS,
            }
        }
        self.advance(at);
        self.publish(at)
    }

    /// When its allowance was used up, at the latest `end`, and the bytes used by then; both after the last fold.
    pub fn close(&mut self, end: SimTime) -> (Option<SimTime>, u64) {
        self.advance(end);
        let bytes = self.used / (8 * NANOS);
        (self.exhausted, u64::try_from(bytes).unwrap_or(u64::MAX))
    }

    fn advance(&mut self, to: SimTime) {
        if to <= self.at {
            return;
        }
        let span = to.since(self.at.max(self.begin));
        let rate = self.probes.0 + self.rates.values().map(|rate| rate.0).sum::<u64>();
        self.used += u128::from(rate) * u128::from(span.as_nanos());
        self.at = to;
        self.note(to);
    }

    fn note(&mut self, at: SimTime) {
        if self.used >= self.cap && self.exhausted.is_none() {
            // Back to the instant at which it happened, which the step has passed.
            let rate = u128::from(self.probes.0 + self.rates.values().map(|rate| rate.0).sum::<u64>());
            let over = (self.used - self.cap).checked_div(rate).unwrap_or(0);
            self.exhausted = Some(at.saturating_sub(Span::from_nanos(u64::try_from(over).unwrap_or(0))));
        }
    }

    fn publish(&mut self, at: SimTime) -> PoolState {
        self.note(at);
        PoolState { exhausted: self.exhausted.is_some(), at }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: u64) -> SimTime {
        SimTime::from_unix_seconds(1_000 + second)
    }

    #[test]
    fn what_lines_carry_adds_up_and_crosses_the_cap_at_its_instant() {
        // 1,000 bytes left; probes 8 bit/s; two lines of 400 and 392 bit/s: 800 bit/s, ten seconds.
        let mut pool = Pool::new(PlanId(0), 2_000, 1_000, BitRate(8), at(0));
        let rates =
            [(at(0), 1, PoolMessage::Rate(BitRate(400))), (at(0), 2, PoolMessage::Rate(BitRate(392)))];
        assert!(!pool.fold(at(5), rates.into_iter()).exhausted);
        assert!(pool.fold(at(20), std::iter::empty()).exhausted);
        let left = [1, 2].map(|rank| (at(20), rank, PoolMessage::Rate(BitRate(0))));
        pool.fold(at(30), left.into_iter());
        assert!(pool.is_idle());
        // 20 s at 800 bit/s and 80 s of probes.
        assert_eq!(pool.close(at(100)), (Some(at(10)), 1_000 + 2_000 + 80));
    }
}
