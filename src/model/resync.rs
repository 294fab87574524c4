//! Payments stored offline: they are replayed one by one, at a bounded rate, while a path allows it.
//!
//! Store-and-forward keeps its order. Whether a payment will be refused late is settled when it is approved offline, and booked then.

use std::collections::VecDeque;

use crate::scenario::resolved::Resync;
use crate::units::{SimTime, Span};

/// A payment that a terminal approved by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stored {
    /// Position of the local day on which its customer arrived.
    pub day: u16,
    /// Its customer's draw.
    pub draw: u64,
}

/// The payments that a store has yet to replay.
#[derive(Clone, Debug)]
pub struct Replay {
    stored: VecDeque<Stored>,
    /// Times that the first of them has been sent in vain.
    tries: u32,
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
            tries: 0,
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

    /// One more at `now`; `open` says whether a path takes replayed payments.
    pub fn store(&mut self, now: SimTime, payment: Stored, open: bool) {
        self.stored.push_back(payment);
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

    /// The payment that is due, and how often it has been sent in vain.
    #[must_use]
    pub fn due(&self) -> Option<(Stored, u32)> {
        Some((*self.stored.front()?, self.tries))
    }

    /// The payment sent at `now` is answered so much `later`; the next waits for that.
    pub fn answered(&mut self, now: SimTime, later: Span) {
        self.stored.pop_front();
        self.tries = 0;
        self.next = if self.stored.is_empty() { SimTime::NEVER } else { now + self.interval.max(later) };
    }

    /// The payment sent at `now` has no answer `later`; it is sent again.
    pub fn unanswered(&mut self, now: SimTime, later: Span) {
        self.tries += 1;
        self.next = now + self.interval.max(later);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::resolved::ResyncOverLte;

    fn stored(day: u16) -> Stored {
        Stored { day, draw: 0 }
    }

    #[test]
    fn a_backlog_takes_as_long_as_its_rate_says_and_waits_while_there_is_no_path() {
        let rule = Resync { payments_per_s: 2.0, over_lte: ResyncOverLte::Allow, data_share: 0.25 };
        let mut replay = Replay::new(&rule);
        let start = SimTime::from_unix_seconds(1_000);
        for draw in 0..10 {
            replay.store(start, stored(draw), false);
        }
        assert_eq!(replay.next(), SimTime::NEVER);
        replay.path(start, true);
        for draw in 0..4_u16 {
            let now = replay.next();
            assert_eq!(now, start + Span::from_millis(500 * (u64::from(draw) + 1)));
            assert_eq!(replay.due(), Some((stored(draw), 0)));
            replay.answered(now, Span::ZERO);
        }
        replay.path(start + Span::from_secs(3), false);
        assert_eq!((replay.next(), replay.count()), (SimTime::NEVER, 6));
        let back = start + Span::from_secs(60);
        replay.path(back, true);
        for left in (0..6).rev() {
            let now = replay.next();
            replay.answered(now, Span::from_millis(100));
            assert_eq!(replay.count(), left);
            if left == 0 {
                assert_eq!(now, back + Span::from_secs(3));
            }
        }
        assert_eq!(replay.next(), SimTime::NEVER);
    }

    #[test]
    fn what_has_no_answer_is_sent_again_and_a_slow_answer_holds_up_the_next() {
        let rule = Resync { payments_per_s: 1.0, over_lte: ResyncOverLte::Allow, data_share: 0.25 };
        let mut replay = Replay::new(&rule);
        let at = |second: u64| SimTime::from_unix_seconds(1_000 + second);
        replay.store(at(0), stored(0), true);
        replay.store(at(0), stored(1), true);
        replay.unanswered(at(1), Span::ZERO);
        assert_eq!((replay.next(), replay.due()), (at(2), Some((stored(0), 1))));
        replay.answered(at(2), Span::from_secs(7));
        assert_eq!((replay.next(), replay.due()), (at(9), Some((stored(1), 0))));
    }
}
