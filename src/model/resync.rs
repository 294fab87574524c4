//! Payments stored offline: they are replayed one by one, at a bounded rate, while a path allows it.
//!
//! Store-and-forward keeps its order. Whether a payment will be refused late is settled when it is approved offline, and booked then.

use std::collections::VecDeque;

use crate::scenario::resolved::Resync;
use crate::units::{SimTime, Span};

/// The payments that a store has yet to replay.
#[derive(Clone, Debug)]
pub struct Replay {
    /// Positions of the local days on which their customers arrived.
    stored: VecDeque<u16>,
    /// Between two payments.
    interval: Span,
    /// When the next one is sent; never while no path allows it.
    next: SimTime,
}

impl Replay {
    /// Nothing stored.
    #[must_use]
    pub fn new(rule: &Resync) -> Self {
        Replay {
            stored: VecDeque::new(),
            interval: Span::from_secs_f64(1.0 / rule.payments_per_s),
            next: SimTime::NEVER,
        }
    }

    /// How many are stored.
    #[must_use]
    pub fn count(&self) -> u32 {
        self.stored.len() as u32
    }

    /// When it next sends one.
    #[must_use]
    pub const fn next(&self) -> SimTime {
        self.next
    }

    /// One more, of `day`, at `now`; `open` says whether a path takes replayed payments.
    pub fn store(&mut self, now: SimTime, day: u16, open: bool) {
        self.stored.push_back(day);
        self.path(now, open);
    }

    /// Whether a path takes replayed payments from `now` on.
    pub fn path(&mut self, now: SimTime, open: bool) {
        if !open || self.stored.is_empty() {
            self.next = SimTime::NEVER;
        } else if self.next == SimTime::NEVER {
            self.next = now + self.interval;
        }
    }

    /// Sends the payment that is due at `now`: the day it is of.
    pub fn send(&mut self, now: SimTime) -> Option<u16> {
        let day = self.stored.pop_front()?;
        self.next = if self.stored.is_empty() { SimTime::NEVER } else { now + self.interval };
        Some(day)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::resolved::ResyncOverLte;

    #[test]
    fn a_backlog_takes_as_long_as_its_rate_says_and_waits_while_there_is_no_path() {
        let rule = Resync { payments_per_s: 2.0, over_lte: ResyncOverLte::Allow };
        let mut replay = Replay::new(&rule);
        let start = SimTime::from_unix_seconds(1_000);
        for draw in 0..10 {
            replay.store(start, draw, false);
        }
        assert_eq!(replay.next(), SimTime::NEVER);
        replay.path(start, true);
        for draw in 0..4_u16 {
            let now = replay.next();
            assert_eq!(now, start + Span::from_millis(500 * (u64::from(draw) + 1)));
            assert_eq!(replay.send(now), Some(draw));
        }
        replay.path(start + Span::from_secs(3), false);
        assert_eq!((replay.next(), replay.count()), (SimTime::NEVER, 6));
        let back = start + Span::from_secs(60);
        replay.path(back, true);
        for left in (0..6).rev() {
            let now = replay.next();
            assert!(replay.send(now).is_some());
            assert_eq!(replay.count(), left);
            if left == 0 {
                assert_eq!(now, back + Span::from_secs(3));
            }
        }
        assert_eq!(replay.next(), SimTime::NEVER);
    }
}
