//! When an end's hellos are sent: on a regular clock, or with independent jittered intervals.

use std::ops::Range;

use super::super::losses::Numbering;
use super::super::{Clock, Site};
use crate::kernel::draws::{Entity, Key, Words};
use crate::kernel::variates::unit;
use crate::model::purpose::{Purpose, QUARTER_HOUR, address, quarter_of, quarter_start};
use crate::units::{SimTime, Span};

/// Numbers of jittered hellos: quarter hour × 2²⁴ + position in it. A quarter hour holds fewer than 2²⁴ hellos
/// for every interval above 54 µs.
const POSITION_BITS: u32 = 24;

/// The instants of an end's hellos.
#[derive(Clone, Debug)]
pub(super) enum Hellos {
    /// Without jitter: one clock for ever.
    Regular { clock: Clock, slot: u64 },
    /// Independent intervals, begun anew in every absolute quarter hour at an anchor drawn in equilibrium.
    Jittered(Jittered),
}

#[derive(Clone, Debug)]
pub(super) struct Jittered {
    key: Key,
    uplink: Entity,
    purpose: Purpose,
    shortest: f64,
    longest: f64,
    words: Option<Words>,
    quarter: u64,
    position: u64,
    at: SimTime,
    /// The first hello of the next quarter hour.
    anchor: SimTime,
}

impl Hellos {
    pub(super) fn new(interval: Span, jitter: (f64, f64), phase: f64, purpose: Purpose, site: &Site) -> Self {
        if jitter.0 == jitter.1 {
            let interval = Span::from_nanos((interval.as_nanos() as f64 * jitter.0) as u64);
            return Hellos::Regular { clock: Clock::new(interval, phase), slot: 0 };
        }
        Hellos::Jittered(Jittered {
            key: site.key,
            uplink: site.uplink,
            purpose,
            shortest: interval.as_nanos() as f64 * jitter.0,
            longest: interval.as_nanos() as f64 * jitter.1,
            words: None,
            quarter: 0,
            position: 0,
            at: SimTime::NEVER,
            anchor: SimTime::NEVER,
        })
    }

    /// Goes to the first hello strictly after `now` and says when it is.
    pub(super) fn seek(&mut self, now: SimTime) -> SimTime {
        match self {
            Hellos::Regular { clock, slot } => {
                *slot = clock.after(now);
                clock.at(*slot)
            }
            Hellos::Jittered(jittered) => {
                let quarter = quarter_of(now);
                if jittered.words.is_none() || jittered.quarter != quarter || jittered.at > now {
                    // The quarter's own first hello may be later than now: the one before it belongs to the last.
                    jittered.enter(quarter.saturating_sub(u64::from(jittered.anchor(quarter).0 > now)));
                }
                while jittered.at <= now {
                    jittered.step();
                }
                jittered.at
            }
        }
    }

    /// Goes to the next hello and says when it is.
    pub(super) fn advance(&mut self) -> SimTime {
        match self {
            Hellos::Regular { clock, slot } => {
                *slot += 1;
                clock.at(*slot)
            }
            Hellos::Jittered(jittered) => {
                jittered.step();
                jittered.at
            }
        }
    }

    /// The number of the hello stood at.
    pub(super) fn slot(&self) -> u64 {
        match self {
            Hellos::Regular { slot, .. } => *slot,
            Hellos::Jittered(jittered) => (jittered.quarter << POSITION_BITS) | jittered.position,
        }
    }
}

/// The last intervals before an anchor, so many that their equal length is within the jitter (for every jitter whose
/// shortest interval is at most 95 % of its longest).
const BRIDGE: f64 = 20.0;

impl Jittered {
    fn enter(&mut self, quarter: u64) {
        let (at, words) = self.anchor(quarter);
        (self.quarter, self.position, self.at, self.words) = (quarter, 0, at, Some(words));
        self.anchor = self.anchor(quarter + 1).0;
    }

    /// The first hello of `quarter`, and the words that its intervals are drawn from.
    fn anchor(&self, quarter: u64) -> (SimTime, Words) {
        let mut words = self.key.words(address(self.uplink, self.purpose, quarter), 1);
        // The interval that covers the boundary is longer than average (length-biased on [a, b]: its square is uniform
        // on [a², b²]), and the boundary is anywhere in it.
        let (low, high) = (self.shortest * self.shortest, self.longest * self.longest);
        let covering = libm::sqrt(low + unit(words.next_word()) * (high - low));
        let residual = covering * unit(words.next_word());
        (quarter_start(quarter) + Span::from_nanos(residual as u64), words)
    }

    fn step(&mut self) {
        let Some(words) = &mut self.words else { return };
        let left = self.anchor.since(self.at).as_nanos() as f64;
        // The last intervals are of equal length and end at the anchor: no interval is ever out of bounds.
        let interval = if left <= BRIDGE * self.longest {
            let intervals = libm::ceil(left / self.longest);
            if intervals <= 1.0 {
                return self.enter(self.quarter + 1);
            }
            left / intervals
        } else {
            self.shortest + unit(words.next_word()) * (self.longest - self.shortest)
        };
        self.at += Span::from_nanos(interval as u64);
        self.position += 1;
    }
}

impl Numbering for Hellos {
    fn quarter(&self, slot: u64) -> u64 {
        match self {
            Hellos::Regular { clock, .. } => clock.quarter(slot),
            Hellos::Jittered(_) => slot >> POSITION_BITS,
        }
    }

    fn range(&self, quarter: u64) -> Range<u64> {
        match self {
            Hellos::Regular { clock, .. } => clock.range(quarter),
            Hellos::Jittered(jittered) => {
                let first = quarter << POSITION_BITS;
                // No quarter hour can hold more hellos than at the shortest interval.
                first
                    ..first
                        + ((QUARTER_HOUR.as_nanos() as f64 + jittered.longest) / jittered.shortest) as u64
                        + 2
            }
        }
    }
}
