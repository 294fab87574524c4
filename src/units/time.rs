//! Simulated time: instants and spans, both whole nanoseconds.

use std::fmt;
use std::ops::{Add, AddAssign, Sub};

use serde::{Deserialize, Serialize};

const NANOS_PER_SECOND: u64 = 1_000_000_000;

/// An instant: nanoseconds since 1970-01-01T00:00:00Z, leap seconds not counted (POSIX time).
///
/// Absolute by construction, so that a bin of a fault process or a quarter hour of arrivals has the
/// same address in every scenario that covers it. The range ends in the year 2554.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
pub struct SimTime(u64);

/// A length of time in nanoseconds, never negative.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
pub struct Span(u64);

impl SimTime {
    /// Later than any instant a scenario can contain: "never".
    pub const NEVER: SimTime = SimTime(u64::MAX);

    /// The instant `nanos` nanoseconds after the Unix epoch.
    #[must_use]
    pub const fn from_nanos(nanos: u64) -> Self {
        SimTime(nanos)
    }

    /// The instant `seconds` seconds after the Unix epoch.
    #[must_use]
    pub const fn from_unix_seconds(seconds: u64) -> Self {
        SimTime(seconds * NANOS_PER_SECOND)
    }

    /// Nanoseconds since the Unix epoch.
    #[must_use]
    pub const fn as_nanos(self) -> u64 {
        self.0
    }

    /// Time elapsed since `earlier`; zero if `earlier` is not earlier.
    #[must_use]
    pub const fn since(self, earlier: SimTime) -> Span {
        Span(self.0.saturating_sub(earlier.0))
    }

    /// The index of the absolute bin of width `width` that holds this instant.
    #[must_use]
    pub const fn bin(self, width: Span) -> u64 {
        self.0 / width.0
    }

    /// The latest multiple of `width` (counted from the Unix epoch) that is not after this instant.
    #[must_use]
    pub const fn floor_to(self, width: Span) -> SimTime {
        SimTime(self.0 / width.0 * width.0)
    }

    /// The earliest multiple of `width` (counted from the Unix epoch) strictly after this instant.
    #[must_use]
    pub const fn next_multiple(self, width: Span) -> SimTime {
        SimTime((self.0 / width.0 + 1) * width.0)
    }

    /// This instant moved back by `span`; the epoch if that would be before it.
    #[must_use]
    pub const fn saturating_sub(self, span: Span) -> SimTime {
        SimTime(self.0.saturating_sub(span.0))
    }
}

impl Span {
    /// No time at all.
    pub const ZERO: Span = Span(0);
    /// Longer than any scenario.
    pub const MAX: Span = Span(u64::MAX);

    /// A span of whole nanoseconds.
    #[must_use]
    pub const fn from_nanos(nanos: u64) -> Self {
        Span(nanos)
    }

    /// A span of whole milliseconds.
    #[must_use]
    pub const fn from_millis(millis: u64) -> Self {
        Span(millis * 1_000_000)
    }

    /// A span of whole seconds.
    #[must_use]
    pub const fn from_secs(seconds: u64) -> Self {
        Span(seconds * NANOS_PER_SECOND)
    }

    /// The span nearest to `seconds`: zero for negative input and for NaN, [`Span::MAX`] beyond the range.
    #[must_use]
    pub fn from_secs_f64(seconds: f64) -> Self {
        // `as` saturates and maps NaN to zero; adding one half rounds to nearest.
        Span((seconds * 1e9 + 0.5) as u64)
    }

    /// Nanoseconds.
    #[must_use]
    pub const fn as_nanos(self) -> u64 {
        self.0
    }

    /// Seconds as a float, for estimators and output only.
    #[must_use]
    pub fn as_secs_f64(self) -> f64 {
        self.0 as f64 / 1e9
    }

    /// Whether the span has no length.
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// The span `times` times over, saturating.
    #[must_use]
    pub const fn times(self, times: u64) -> Span {
        Span(self.0.saturating_mul(times))
    }

    /// This span less `other`, never below zero.
    #[must_use]
    pub const fn saturating_sub(self, other: Span) -> Span {
        Span(self.0.saturating_sub(other.0))
    }
}

impl Add<Span> for SimTime {
    type Output = SimTime;
    fn add(self, span: Span) -> SimTime {
        SimTime(self.0.saturating_add(span.0))
    }
}

impl AddAssign<Span> for SimTime {
    fn add_assign(&mut self, span: Span) {
        *self = *self + span;
    }
}

impl Add for Span {
    type Output = Span;
    fn add(self, other: Span) -> Span {
        Span(self.0.saturating_add(other.0))
    }
}

impl AddAssign for Span {
    fn add_assign(&mut self, other: Span) {
        *self = *self + other;
    }
}

impl Sub for Span {
    type Output = Span;
    fn sub(self, other: Span) -> Span {
        debug_assert!(self >= other, "a span cannot be negative");
        Span(self.0 - other.0)
    }
}

impl fmt::Debug for SimTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if *self == SimTime::NEVER { f.write_str("never") } else { write!(f, "@{}ns", self.0) }
    }
}

impl fmt::Debug for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}ns", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounding_is_to_the_nearest_nanosecond_and_saturates() {
        assert_eq!(Span::from_secs_f64(1.000_000_000_4).as_nanos(), 1_000_000_000);
        assert_eq!(Span::from_secs_f64(1.000_000_000_6).as_nanos(), 1_000_000_001);
        assert_eq!(Span::from_secs_f64(-3.0), Span::ZERO);
        assert_eq!(Span::from_secs_f64(f64::NAN), Span::ZERO);
        assert_eq!(Span::from_secs_f64(1e300), Span::MAX);
        assert_eq!(SimTime::NEVER + Span::from_secs(1), SimTime::NEVER);
    }

    #[test]
    fn bins_are_counted_from_the_epoch() {
        let quarter = Span::from_secs(900);
        let at = SimTime::from_unix_seconds(1_800);
        assert_eq!((at.bin(quarter), at.floor_to(quarter), at.next_multiple(quarter)), (2, at, at + quarter));
    }
}
