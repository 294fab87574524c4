//! Windowed loss: dpinger's rule, as run by pfSense and OPNsense.
//!
//! A probe every `send` goes into a ring that covers `period`. At every `check`, a probe counts as received when
//! it was answered, as lost when it is unanswered and strictly older than `loss_after`, and not at all otherwise.
//! The alarm rises when ⌊100·lost/(received + lost)⌋ > `loss_percent`, and clears after `hold_checks` checks in a row
//! at which it does not. Source: dpinger 3.5 (dennypage/dpinger at bc0cfd2), pfSense gwlb.inc at 9363ac5.

use std::collections::VecDeque;

use super::losses::Losses;
use super::{Clock, LinkView, Site, Verdict};
use crate::model::purpose::Purpose;
use crate::units::{SimTime, Span};

/// Parameters of the rule; names as in [`crate::scenario::resolved::Detector::WindowedLoss`].
#[derive(Clone, Copy, Debug)]
pub(super) struct Rule {
    pub(super) send: Span,
    pub(super) loss_after: Span,
    pub(super) period: Span,
    pub(super) check: Span,
    pub(super) loss_percent: u32,
    pub(super) hold_checks: u32,
}

/// See the module.
#[derive(Clone, Debug)]
pub struct WindowedLoss {
    rule: Rule,
    probes: Clock,
    checks: Clock,
    slots: u64,
    /// The fewest unanswered probes in the window that can raise the alarm.
    alarming: usize,
    base: Losses,
    faulty: Losses,
    end_slot: u64,
    /// Unanswered probes of the window, ascending.
    unanswered: VecDeque<u64>,
    alarm: bool,
    /// Every probe of the window is unanswered, the alarm is raised and the link is dead: nothing can change before
    /// the link does, and nobody looks at single probes.
    saturated: bool,
    good: u32,
    /// How long after sending a probe is looked at: when its answer is there, or when it counts as lost.
    patience: Span,
    /// Every earlier probe has been looked at.
    done: u64,
    slot: u64,
    answer: SimTime,
    next_check: SimTime,
}

impl WindowedLoss {
    pub(super) fn new(rule: Rule, site: Site, now: SimTime, link: &LinkView) -> Self {
        let (send_phase, check_phase) = site.phases();
        let probes = Clock::new(rule.send, send_phase);
        let slots = rule.period.as_nanos() / rule.send.as_nanos();
        // While probes too young to count are left out, fewer losses suffice.
        let young = rule.loss_after.as_nanos() / rule.send.as_nanos() + 1;
        let resolved = slots.saturating_sub(young).max(1);
        let alarming = (1..=slots).find(|lost| lost * 100 / resolved > u64::from(rule.loss_percent));
        let mut window = WindowedLoss {
            rule,
            probes,
            checks: Clock::new(rule.check, check_phase),
            slots,
            alarming: alarming.unwrap_or(slots) as usize,
            base: Losses::new(site.key, site.uplink, Purpose::ProbeLoss, site.base_loss),
            faulty: Losses::new(site.key, site.uplink, Purpose::FaultyProbeLoss, 0.0),
            end_slot: probes.after(site.end),
            unanswered: VecDeque::new(),
            alarm: false,
            saturated: false,
            good: 0,
            patience: link.rtt.min(rule.loss_after),
            done: 0,
            slot: 0,
            answer: SimTime::NEVER,
            next_check: SimTime::NEVER,
        };
        window.faulty.set_probability(link.fault_loss);
        window.look_from(probes.after(now), link);
        window
    }

    pub(super) fn next(&self) -> SimTime {
        self.answer.min(self.next_check)
    }

    pub(super) const fn is_up(&self) -> bool {
        !self.alarm
    }

    pub(super) fn link_changed(&mut self, now: SimTime, link: &LinkView) {
        self.faulty.set_probability(link.fault_loss);
        // The first probe that was not yet answered when the link changed.
        let open = self.probes.from(now.saturating_sub(self.patience)).max(self.done);
        self.patience = link.rtt.min(self.rule.loss_after);
        if link.alive && self.saturated {
            // All probes up to now are lost.
            self.saturated = false;
            self.unanswered.clear();
            self.unanswered.extend(open.saturating_sub(self.slots)..open);
        }
        self.look_from(open, link);
        // A round trip that has become shorter does not answer in the past.
        self.answer = self.answer.max(now);
        self.schedule_check(now);
    }

    pub(super) fn handle(&mut self, now: SimTime, link: &LinkView) -> Option<Verdict> {
        if self.answer <= now && self.answer <= self.next_check {
            let slot = self.slot;
            self.done = slot + 1;
            let lost = !link.answers(self.probes.at(slot))
                || link.rtt > self.rule.loss_after
                || self.base.is_lost(slot, &self.probes)
                || self.faulty.is_lost(slot, &self.probes);
            if lost {
                self.unanswered.push_back(slot);
                self.forget(now);
                self.saturated = !link.alive && self.alarm && self.unanswered.len() as u64 >= self.slots;
                if self.next_check == SimTime::NEVER {
                    self.schedule_check(now);
                }
            }
            self.look_from(slot + 1, link);
            return None;
        }
        let verdict = self.check(now);
        self.schedule_check(now);
        if verdict.is_some() {
            self.look_from(self.slot, link);
        }
        verdict
    }

    fn check(&mut self, now: SimTime) -> Option<Verdict> {
        self.forget(now);
        let sent = self.probes.after(now);
        let first = sent.saturating_sub(self.slots);
        let lost_before = now.saturating_sub(self.rule.loss_after);
        // Strictly older than `loss_after`, as in dpinger.
        let lost =
            self.unanswered.iter().take_while(|&&slot| self.probes.at(slot) < lost_before).count() as u64;
        let young = self.unanswered.len() as u64 - lost;
        let in_flight = sent - self.probes.after(now.saturating_sub(self.patience)).min(sent);
        let counted = (sent - first).saturating_sub(young + in_flight);
        let bad = counted > 0 && lost * 100 / counted > u64::from(self.rule.loss_percent);
        if bad {
            self.good = 0;
            if !self.alarm {
                self.alarm = true;
                return Some(Verdict::Down);
            }
        } else if self.alarm {
            self.good += 1;
            if self.good >= self.rule.hold_checks {
                (self.alarm, self.good) = (false, 0);
                return Some(Verdict::Up);
            }
        }
        None
    }

    /// Drops probes that have left the window.
    fn forget(&mut self, now: SimTime) {
        let first = self.probes.after(now).saturating_sub(self.slots);
        while self.unanswered.front().is_some_and(|&slot| slot < first) {
            self.unanswered.pop_front();
        }
    }

    fn look_from(&mut self, slot: u64, link: &LinkView) {
        self.slot = if link.alive {
            if self.probes.from(link.since) > slot || link.rtt > self.rule.loss_after {
                slot
            } else {
                let faulty = self.faulty.next_lost(slot, self.end_slot, &self.probes);
                self.base.next_lost(slot, self.end_slot, &self.probes).min(faulty)
            }
        } else if self.saturated {
            self.end_slot
        } else {
            slot
        };
        self.answer = if self.slot >= self.end_slot {
            SimTime::NEVER
        } else {
            self.probes.at(self.slot) + self.patience
        };
    }

    fn schedule_check(&mut self, now: SimTime) {
        let needed = if self.alarm { !self.saturated } else { self.unanswered.len() >= self.alarming };
        self.next_check = if needed { self.checks.at(self.checks.after(now)) } else { SimTime::NEVER };
    }
}
