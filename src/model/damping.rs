//! Flap damping: a primary that goes down too often has to rest before traffic returns to it.
//!
//! RFC 2439 §4.2 and §4.8.4, as Cisco's event dampening puts it: each flap adds a penalty, penalties decay exponentially, above
//! `suppress` the link is not used until its figure of merit has fallen to `reuse`. Not what BGP speakers do to the routes of
//! others: this is the store's own router and its own uplink. Fortinet's flip timeout (no second failover for so many
//! minutes) is `reuse` just below one penalty.

use crate::scenario::resolved;
use crate::units::{SimTime, Span};

/// The figure of merit of one link.
#[derive(Clone, Copy, Debug)]
pub struct Damping {
    rule: resolved::Damping,
    /// Penalty at `at`.
    merit: f64,
    at: SimTime,
    suppressed: bool,
}

impl Damping {
    /// A link that has not flapped.
    #[must_use]
    pub const fn new(rule: resolved::Damping, now: SimTime) -> Self {
        Damping { rule, merit: 0.0, at: now, suppressed: false }
    }

    /// The same rule without a memory.
    #[must_use]
    pub const fn forget(self, now: SimTime) -> Self {
        Damping::new(self.rule, now)
    }

    /// The penalty at `now`.
    #[must_use]
    pub fn merit(&self, now: SimTime) -> f64 {
        let halves = now.since(self.at).as_secs_f64() / self.rule.half_life.as_secs_f64();
        self.merit * libm::exp2(-halves)
    }

    /// The link went down once more at `now`.
    pub fn flap(&mut self, now: SimTime) {
        let ceiling =
            self.rule.reuse * libm::exp2(self.rule.longest.as_secs_f64() / self.rule.half_life.as_secs_f64());
        let left = self.merit(now);
        // It had rested enough in between, whether or not anybody asked.
        self.suppressed &= left > self.rule.reuse;
        self.merit = (left + self.rule.penalty).min(ceiling);
        self.at = now;
        self.suppressed |= self.merit > self.rule.suppress;
    }

    /// From when on the link may be used again; `now` if it may already.
    #[must_use]
    pub fn usable(&self, now: SimTime) -> SimTime {
        if !self.suppressed || self.merit <= self.rule.reuse {
            return now;
        }
        let halves = libm::log2(self.merit / self.rule.reuse);
        now.max(self.at + Span::from_secs_f64(halves * self.rule.half_life.as_secs_f64()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULE: resolved::Damping = resolved::Damping {
        penalty: 1_000.0,
        suppress: 2_000.0,
        reuse: 750.0,
        half_life: Span::from_secs(900),
        longest: Span::from_secs(3_600),
    };

    fn at(second: u64) -> SimTime {
        SimTime::from_unix_seconds(second)
    }

    #[test]
    fn the_third_flap_within_a_half_life_suppresses_until_the_penalty_has_decayed() {
        let mut damping = Damping::new(RULE, at(0));
        damping.flap(at(0));
        damping.flap(at(60));
        assert_eq!(damping.usable(at(61)), at(61), "two flaps are borne: 955 + 1,000");
        damping.flap(at(120));
        // 1,000 (2^-(120/900) + 2^-(60/900) + 1) = 2,866.5; log2 of that over 750 is 1.93436 half-lives.
        let merit = 1_000.0 * (libm::exp2(-120.0 / 900.0) + libm::exp2(-60.0 / 900.0) + 1.0);
        let expected_s = 120.0 + 900.0 * libm::log2(merit / 750.0);
        let usable_s = damping.usable(at(121)).since(at(0)).as_secs_f64();
        assert!((usable_s - expected_s).abs() < 1e-6, "{usable_s}, not {expected_s}");
        assert!((usable_s - 1_860.9).abs() < 1.0, "half an hour of rest: {usable_s}");
        // Once rested, it takes three flaps again.
        damping.flap(at(10_000));
        assert_eq!(damping.usable(at(10_001)), at(10_001));
    }

    #[test]
    fn nothing_is_suppressed_for_longer_than_the_limit() {
        let mut damping = Damping::new(RULE, at(0));
        for second in 0..1_000 {
            damping.flap(at(second));
        }
        let rests_s = damping.usable(at(1_000)).since(at(999)).as_secs_f64();
        assert!((rests_s - 3_600.0).abs() < 1e-6, "{rests_s}");
    }
}
