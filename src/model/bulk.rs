//! Data that piles up while no path may carry it and is caught up afterwards: a fluid that flows in at one rate and out at another.

use crate::units::{BitRate, SimTime};

/// One direction of what a store owes.
///
/// State is anchored at the last change of a rate; everything else is a closed form from there, so reading it changes no bit, and what
/// piled up is what was caught up and what waits, to the bit.
#[derive(Clone, Copy, Debug)]
pub struct Pile {
    anchor: SimTime,
    inflow: BitRate,
    outflow: BitRate,
    waiting: u64,
    piled: u64,
    caught_up: u64,
}

impl Pile {
    /// Nothing owed at `now`.
    #[must_use]
    pub const fn new(now: SimTime) -> Self {
        Pile { anchor: now, inflow: BitRate(0), outflow: BitRate(0), waiting: 0, piled: 0, caught_up: 0 }
    }

    /// From `now` on it grows and is caught up at these rates.
    pub fn set(&mut self, now: SimTime, inflow: BitRate, outflow: BitRate) {
        if (inflow, outflow) != (self.inflow, self.outflow) {
            let (piled, caught_up) = (self.piled(now), self.caught_up(now));
            self.waiting += piled - self.piled;
            self.waiting -= caught_up - self.caught_up;
            (self.piled, self.caught_up, self.anchor) = (piled, caught_up, now);
            (self.inflow, self.outflow) = (inflow, outflow);
        }
    }

    /// Bits that could not be carried when they came up, from the beginning to `now`.
    #[must_use]
    pub fn piled(&self, now: SimTime) -> u64 {
        self.piled + self.inflow.bits_in(now.since(self.anchor))
    }

    /// Bits of these that have been carried by `now`.
    #[must_use]
    pub fn caught_up(&self, now: SimTime) -> u64 {
        let elapsed = now.since(self.anchor);
        self.caught_up + self.outflow.bits_in(elapsed).min(self.waiting + self.inflow.bits_in(elapsed))
    }

    /// Bits that wait at `now`.
    #[must_use]
    pub fn waiting(&self, now: SimTime) -> u64 {
        self.waiting + (self.piled(now) - self.piled) - (self.caught_up(now) - self.caught_up)
    }

    /// Whether more comes than goes.
    #[must_use]
    pub fn grows(&self) -> bool {
        self.inflow > self.outflow
    }

    /// When nothing waits any more if no rate changes.
    #[must_use]
    pub fn empties(&self, now: SimTime) -> SimTime {
        let waiting = self.waiting(now);
        if waiting > 0 && self.outflow > self.inflow {
            now + BitRate(self.outflow.0 - self.inflow.0).time_for(waiting)
        } else {
            SimTime::NEVER
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_piled_up_is_gone_after_the_backlog_over_the_difference_of_the_rates() {
        let at = |second: u64| SimTime::from_unix_seconds(1_000 + second);
        let mut pile = Pile::new(at(0));
        pile.set(at(0), BitRate(1_000), BitRate(0));
        assert_eq!((pile.waiting(at(600)), pile.empties(at(600))), (600_000, SimTime::NEVER));
        // It still grows while it is caught up.
        pile.set(at(600), BitRate(1_000), BitRate(4_000));
        assert_eq!(pile.empties(at(600)), at(800));
        pile.set(at(700), BitRate(0), BitRate(4_000));
        assert_eq!((pile.waiting(at(700)), pile.empties(at(700))), (300_000, at(775)));
        assert_eq!(
            (pile.waiting(at(900)), pile.piled(at(900)), pile.caught_up(at(900))),
            (0, 700_000, 700_000)
        );
    }
}
