//! Idle check, then retries.
//!
//! A check is due `idle` after the one before (a timer of its own), or after the last packet received; a store's traffic
//! receives packets all the time, so by that rule nothing is checked before the link dies. A check that is not
//! answered within `wait` is tried again, each try waiting `wait_factor` times as long as the one before; when the last wait ends the
//! link is down. Then the same ladder of tries goes on, and the first answer is the way up.
//!
//! Detection of a blackhole: U(0, idle) (or idle ± half a step of the device's clock) + Σ wait·factorᵏ. Cradlepoint's
//! active ping (30 s, 5 × 5 s), IKEv2 dead peer detection (strongSwan: 10 s, 4 s·1.8ᵏ, k = 0..5: 165.06 s) and WireGuard
//! (10 s, 5 s and up to a third more) are of this kind.

use super::losses::Losses;
use super::{Clock, LinkView, Site, Verdict};
use crate::kernel::draws::Words;
use crate::kernel::variates::unit;
use crate::model::purpose::{Purpose, address};
use crate::scenario::resolved::IdleCheck as Rule;
use crate::units::{SimTime, Span};

/// A try under way.
#[derive(Clone, Copy, Debug)]
struct Try {
    number: u32,
    sent: SimTime,
    until: SimTime,
    /// When its answer would be there; NEVER once it is known that none comes.
    answer: SimTime,
}

impl Try {
    /// An answer that is under way comes, or not, as the link now is; it is looked at when it would be there. A round trip that
    /// has become shorter does not answer in the past.
    fn follow(&mut self, now: SimTime, link: &LinkView) {
        self.answer = (self.sent + link.rtt_at(self.sent)).min(self.until).max(now);
    }
}

/// See the module.
#[derive(Clone, Debug)]
pub struct IdleCheck {
    rule: Rule,
    site: Site,
    checks: Clock,
    base: Losses,
    /// Earlier checks have been answered, or were never sent.
    first: u64,
    end_slot: u64,
    link: LinkView,
    is_up: bool,
    trying: Option<Try>,
    /// Jitter of the waits of the ladder under way.
    words: Option<Words>,
    /// While no try is under way: the next check that can matter.
    check: SimTime,
}

impl IdleCheck {
    pub(super) fn new(rule: Rule, site: Site, now: SimTime, link: &LinkView) -> Self {
        let checks = Clock::new(rule.idle, site.phases().0);
        let mut detector = IdleCheck {
            rule,
            site,
            checks,
            base: Losses::new(site.key, site.uplink, Purpose::ProbeLoss, site.base_loss),
            first: checks.after(now),
            end_slot: checks.after(site.end),
            link: *link,
            is_up: true,
            trying: None,
            words: None,
            check: SimTime::NEVER,
        };
        detector.rest(now, link);
        detector
    }

    pub(super) fn next(&self) -> SimTime {
        self.trying.map_or(self.check, |attempt| attempt.answer.min(attempt.until))
    }

    pub(super) fn link_changed(&mut self, now: SimTime, link: &LinkView) {
        let before = self.link;
        self.link = *link;
        if let Some(attempt) = &mut self.trying {
            if attempt.answer != SimTime::NEVER {
                attempt.follow(now, link);
            }
            return;
        }
        if self.rule.from_traffic {
            if before.alive != link.alive {
                self.check = if link.alive { SimTime::NEVER } else { self.idle_from(now) };
            }
            return;
        }
        // A check in flight is tried from its own sending on.
        let open = self.checks.first_open(now, &before, self.rule.wait).max(self.first);
        if open < self.checks.after(now) {
            self.attempt(0, self.checks.at(open), link);
            if let Some(attempt) = &mut self.trying {
                attempt.follow(now, link);
            }
        } else {
            self.rest(now, link);
        }
    }

    pub(super) fn handle(&mut self, now: SimTime, link: &LinkView) -> Option<Verdict> {
        let Some(attempt) = self.trying else {
            self.words = None;
            self.attempt(0, now, link);
            return None;
        };
        if attempt.answer <= now {
            let in_time = attempt.sent + link.rtt_at(attempt.sent) < attempt.until;
            if in_time && link.answers(attempt.sent) && !self.is_lost(attempt.sent, link) {
                self.trying = None;
                self.words = None;
                self.rest(now, link);
                return (!std::mem::replace(&mut self.is_up, true)).then_some(Verdict::Up);
            }
            self.trying = Some(Try { answer: SimTime::NEVER, ..attempt });
            return None;
        }
        if attempt.number < self.rule.retries {
            self.attempt(attempt.number + 1, now, link);
            return None;
        }
        self.words = None;
        self.attempt(0, now, link);
        std::mem::replace(&mut self.is_up, false).then_some(Verdict::Down)
    }

    fn attempt(&mut self, number: u32, sent: SimTime, link: &LinkView) {
        let mut wait = self.rule.wait.as_secs_f64();
        for _ in 0..number {
            wait *= self.rule.wait_factor;
        }
        let (key, uplink) = (self.site.key, self.site.uplink);
        let words =
            self.words.get_or_insert_with(|| key.words(address(uplink, Purpose::Wait, sent.as_nanos()), 2));
        let jitter = self.rule.wait_jitter.as_secs_f64() * unit(words.next_word());
        let until = sent + Span::from_secs_f64(wait + jitter);
        let answer = (sent + link.rtt_at(sent)).min(until);
        self.trying = Some(Try { number, sent, until, answer });
    }

    /// Nothing is under way at `now`: finds the next check that can go wrong.
    fn rest(&mut self, now: SimTime, link: &LinkView) {
        self.first = self.checks.after(now);
        self.check = if self.rule.from_traffic {
            if link.alive { SimTime::NEVER } else { self.idle_from(now) }
        } else if link.alive && link.fault_loss == 0.0 && link.rtt_max(now) < self.rule.wait {
            let slot = self.base.next_lost(self.first, self.end_slot, &self.checks);
            if slot < self.end_slot { self.checks.at(slot) } else { SimTime::NEVER }
        } else {
            self.checks.at(self.first)
        };
    }

    /// When the check comes if the last packet was received at `now`.
    fn idle_from(&self, now: SimTime) -> SimTime {
        let at = address(self.site.uplink, Purpose::Wait, now.as_nanos());
        let off = unit(self.site.key.block(at, 1)[0]) * self.rule.clock.as_secs_f64();
        let half = Span::from_nanos(self.rule.clock.as_nanos() / 2);
        now + self.rule.idle.saturating_sub(half) + Span::from_secs_f64(off)
    }

    /// Whether the try sent at `sent`, or its answer, is lost by chance.
    fn is_lost(&mut self, sent: SimTime, link: &LinkView) -> bool {
        let slot = self.checks.from(sent);
        let scheduled = !self.rule.from_traffic && self.checks.at(slot) == sent;
        if scheduled && self.base.is_lost(slot, &self.checks) {
            return true;
        }
        let base = if scheduled { 0.0 } else { self.site.base_loss };
        let lost = 1.0 - (1.0 - base) * (1.0 - link.fault_loss);
        let at = address(self.site.uplink, Purpose::PacketLoss, sent.as_nanos());
        unit(self.site.key.block(at, 1)[0]) < lost
    }
}
