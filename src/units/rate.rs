//! Data rates in whole bits per second.

use std::ops::{Add, AddAssign};

use super::Span;

/// A data rate in bits per second.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct BitRate(pub u64);

impl BitRate {
    /// Bits carried in `span` at this rate, rounded down.
    #[must_use]
    pub const fn bits_in(self, span: Span) -> u64 {
        (self.0 as u128 * span.as_nanos() as u128 / 1_000_000_000) as u64
    }

    /// Time to carry `bits` at this rate, rounded up; [`Span::MAX`] at rate zero.
    #[must_use]
    pub const fn time_for(self, bits: u64) -> Span {
        if self.0 == 0 {
            return Span::MAX;
        }
        let nanos = (bits as u128 * 1_000_000_000).div_ceil(self.0 as u128);
        if nanos > u64::MAX as u128 { Span::MAX } else { Span::from_nanos(nanos as u64) }
    }
}

impl Add for BitRate {
    type Output = BitRate;
    fn add(self, other: BitRate) -> BitRate {
        BitRate(self.0 + other.0)
    }
}

impl AddAssign for BitRate {
    fn add_assign(&mut self, other: BitRate) {
        self.0 += other.0;
    }
}
