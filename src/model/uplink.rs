//! Background traffic as a fluid through one bottleneck: what a payment has to wait behind.

use crate::units::{BitRate, SimTime, Span};

/// Elastic background traffic backs off before it loses more than this share of its packets [engineering
/// assumption; TCP at saturation settles near 1 %]. Without the bound a fluid offered at ten times the rate would
/// drop nine packets of ten, which no TCP does.
const ELASTIC_LOSS_MAX: f64 = 0.02;

/// A packet that is already being sent when another wants to overtake.
const PACKET_BITS: u64 = 1_500 * 8;

/// One direction of an uplink: offered rate in, service rate out, a finite buffer between.
///
/// State is anchored at the last change of a rate, and everything else is a closed form from there: reading it
/// at more instants changes no bit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fluid {
    anchor: SimTime,
    offered: BitRate,
    service: BitRate,
    backlog_bits: u64,
    buffer_bits: u64,
    /// Queue management keeps the backlog below what takes this long.
    managed: Option<Span>,
    carried_before: u64,
}

impl Fluid {
    /// An empty buffer of `buffer_bytes`, nothing offered.
    #[must_use]
    pub const fn new(now: SimTime, buffer_bytes: u64) -> Self {
        Fluid {
            anchor: now,
            offered: BitRate(0),
            service: BitRate(0),
            backlog_bits: 0,
            buffer_bits: buffer_bytes * 8,
            managed: None,
            carried_before: 0,
        }
    }

    /// The same buffer under active queue management that keeps the wait below `delay`, if there is one.
    #[must_use]
    pub const fn managed(self, delay: Option<Span>) -> Self {
        Fluid { managed: delay, ..self }
    }

    /// Most that can wait.
    fn room(&self) -> u64 {
        self.managed.map_or(self.buffer_bits, |delay| self.buffer_bits.min(self.service.bits_in(delay)))
    }

    /// From `now` on, this much is offered and served. Does nothing if nothing changes.
    pub fn set(&mut self, now: SimTime, offered: BitRate, service: BitRate) {
        if (offered, service) != (self.offered, self.service) {
            self.carried_before = self.carried(now);
            self.backlog_bits = self.backlog(now);
            (self.anchor, self.offered, self.service) = (now, offered, service);
            // What queue management does not let wait is dropped.
            self.backlog_bits = self.backlog_bits.min(self.room());
        }
    }

    /// From `now` on nothing is offered and the buffer is empty (the path was left).
    pub fn stop(&mut self, now: SimTime) {
        self.set(now, BitRate(0), BitRate(0));
        self.backlog_bits = 0;
    }

    /// Rate at which it is served.
    #[must_use]
    pub const fn service(&self) -> BitRate {
        self.service
    }

    /// Rate that is offered.
    #[must_use]
    pub const fn offered(&self) -> BitRate {
        self.offered
    }

    /// Bits waiting at `now`.
    #[must_use]
    pub fn backlog(&self, now: SimTime) -> u64 {
        let elapsed = now.since(self.anchor);
        if self.offered >= self.service {
            let growth = BitRate(self.offered.0 - self.service.0).bits_in(elapsed);
            self.backlog_bits.saturating_add(growth).min(self.room())
        } else {
            let drained = BitRate(self.service.0 - self.offered.0).bits_in(elapsed);
            self.backlog_bits.saturating_sub(drained)
        }
    }

    /// Bits of background carried from the beginning to `now`.
    #[must_use]
    pub fn carried(&self, now: SimTime) -> u64 {
        let elapsed = now.since(self.anchor);
        self.carried_before
            + self
                .service
                .bits_in(elapsed)
                .min(self.backlog_bits.saturating_add(self.offered.bits_in(elapsed)))
    }

    /// How long `bits` take that queue behind the backlog; [`Span::MAX`] when nothing is served.
    #[must_use]
    pub fn fifo_delay(&self, now: SimTime, bits: u64) -> Span {
        self.service.time_for(self.backlog(now) + bits)
    }

    /// The longest that `bits` can take if they come at `now` or later and no rate changes.
    #[must_use]
    pub fn longest_delay(&self, now: SimTime, bits: u64) -> Span {
        let backlog = if self.offered > self.service { self.room() } else { self.backlog(now) };
        self.service.time_for(backlog + bits)
    }

    /// How long `bits` take that overtake the backlog but not the packet already being sent.
    #[must_use]
    pub fn priority_delay(&self, now: SimTime, bits: u64) -> Span {
        self.service.time_for(self.backlog(now).min(PACKET_BITS) + bits)
    }

    /// The longest that `bits` can take that overtake the backlog.
    #[must_use]
    pub fn longest_priority_delay(&self, bits: u64) -> Span {
        self.service.time_for(PACKET_BITS + bits)
    }

    /// Whether `bits` that queue behind the backlog would take longer than `limit`.
    #[must_use]
    pub fn exceeds(&self, now: SimTime, bits: u64, limit: Span) -> bool {
        self.backlog(now) + bits > self.service.bits_in(limit)
    }

    /// When the answer of [`Fluid::exceeds`] next changes if no rate does.
    #[must_use]
    pub fn next_crossing(&self, now: SimTime, bits: u64, limit: Span) -> SimTime {
        let Some(threshold) = self.service.bits_in(limit).checked_sub(bits) else { return SimTime::NEVER };
        let backlog = self.backlog(now);
        if backlog > threshold && self.service > self.offered {
            now + BitRate(self.service.0 - self.offered.0).time_for(backlog - threshold)
        } else if backlog <= threshold && self.offered > self.service && threshold < self.room() {
            now + BitRate(self.offered.0 - self.service.0).time_for(threshold + 1 - backlog)
        } else {
            SimTime::NEVER
        }
    }

    /// When the backlog will be gone if no rate changes.
    #[must_use]
    pub fn empties(&self, now: SimTime) -> SimTime {
        let backlog = self.backlog(now);
        if backlog > 0 && self.service > self.offered {
            now + BitRate(self.service.0 - self.offered.0).time_for(backlog)
        } else {
            SimTime::NEVER
        }
    }

    /// Whether it takes all the service there is: more is offered, or some still waits.
    #[must_use]
    pub fn is_greedy(&self, now: SimTime) -> bool {
        self.offered > self.service || self.backlog(now) > 0
    }

    /// Probability that a packet finds the buffer full.
    #[must_use]
    pub fn loss(&self, now: SimTime) -> f64 {
        if self.offered <= self.service || self.backlog(now) < self.room() {
            return 0.0;
        }
        let excess = 1.0 - self.service.0 as f64 / self.offered.0 as f64;
        excess.min(ELASTIC_LOSS_MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn managed_buffers_hold_what_takes_their_delay_and_drop_the_rest() {
        let at = |second: u64| SimTime::from_unix_seconds(1_000 + second);
        let bloated = Fluid::new(at(0), 1_000_000);
        let mut managed = bloated.managed(Some(Span::from_millis(20)));
        let mut bloated = bloated;
        for fluid in [&mut bloated, &mut managed] {
            fluid.set(at(0), BitRate(8_000_000), BitRate(4_000_000));
        }
        assert_eq!(bloated.fifo_delay(at(10), 0), Span::from_secs(2), "a megabyte at 4 Mbit/s");
        assert_eq!(managed.fifo_delay(at(10), 0), Span::from_millis(20));
        assert_eq!(managed.carried(at(10)), bloated.carried(at(10)), "the link is as full");
        // At half the rate half as much may wait; what is dropped is not carried.
        managed.set(at(10), BitRate(0), BitRate(2_000_000));
        assert_eq!(managed.carried(at(20)) - managed.carried(at(10)), 40_000);
    }
}
