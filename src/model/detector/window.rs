//! Windowed loss and latency: dpinger's rule, as run by pfSense and OPNsense.
//!
//! A probe every `send` goes into a ring that covers `period`. At every `check`, a probe counts as received when
//! it was answered, as lost when it is unanswered and strictly older than `loss_after`, and not at all otherwise.
//! The alarm rises when ⌊100·lost/(received + lost)⌋ > `loss_percent` or the mean round trip of the received is above
//! `latency`, and clears after `hold_checks` checks in a row at which neither is so. After an alarm no check is made for
//! `pause`. Source: dpinger 3.5 (dennypage/dpinger at bc0cfd2), pfSense gwlb.inc at 9363ac5, OPNsense
//! gateway_watcher.php at f95e815.
//!
//! dpinger's threads for probes and checks start together and drift apart, so that right after its start a check comes a
//! little before a probe (`lag`); in the long run the two phases have nothing to do with each other.

use std::collections::VecDeque;

use super::losses::Losses;
use super::{Clock, LinkView, Site, Verdict};
use crate::kernel::variates::unit;
use crate::model::law::Sampler;
use crate::model::purpose::{Purpose, address};
use crate::scenario::resolved::WindowedLoss as Rule;
use crate::units::{SimTime, Span};

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
    /// The link's round trip without a fault.
    usual_rtt: Span,
    /// Answered probes of the window that took longer than that, and by how much, nanoseconds; noted only while answers may
    /// come later than the limit, so that the mean errs low by slowness that alone could not raise the alarm.
    slow: VecDeque<(u64, u64)>,
    alarm: bool,
    /// Since when every probe of the window is unanswered, the alarm is raised and the link is dead, if that is so: nothing
    /// can change before the link does, and nobody looks at single probes.
    saturated: Option<SimTime>,
    good: u32,
    /// The link since it was last told to have changed.
    link: LinkView,
    /// Every earlier probe has been looked at.
    done: u64,
    slot: u64,
    answer: SimTime,
    next_check: SimTime,
    /// No check before this.
    paused_until: SimTime,
}

impl WindowedLoss {
    pub(super) fn new(rule: Rule, site: Site, now: SimTime, link: &LinkView) -> Self {
        let Rule { send, loss_after, period, check, loss_percent, lag, .. } = rule;
        let (send_phase, check_phase) = site.phases();
        let probes = Clock::new(send, send_phase);
        let checks = match lag {
            None => Clock::new(check, check_phase),
            Some(lag) => lagging(&probes, check, Sampler::new(&lag), &site),
        };
        let slots = period.as_nanos() / send.as_nanos();
        // While probes too young to count are left out, fewer losses suffice.
        let young = loss_after.as_nanos() / send.as_nanos() + 1;
        let resolved = slots.saturating_sub(young).max(1);
        let alarming = ((u64::from(loss_percent) + 1) * resolved).div_ceil(100).clamp(1, slots.max(1));
        let mut window = WindowedLoss {
            rule,
            probes,
            checks,
            slots,
            alarming: alarming as usize,
            base: Losses::new(site.key, site.uplink, Purpose::ProbeLoss, site.base_loss),
            faulty: Losses::new(site.key, site.uplink, Purpose::FaultyProbeLoss, 0.0),
            end_slot: probes.after(site.end),
            unanswered: VecDeque::new(),
            usual_rtt: link.usual_rtt,
            slow: VecDeque::new(),
            alarm: false,
            saturated: None,
            good: 0,
            link: *link,
            done: probes.after(now),
            slot: 0,
            answer: SimTime::NEVER,
            next_check: SimTime::NEVER,
            paused_until: SimTime::default(),
        };
        window.faulty.set_probability(link.fault_loss);
        window.look_from(window.done, now, link);
        window
    }

    pub(super) fn next(&self) -> SimTime {
        self.answer.min(self.next_check)
    }

    pub(super) fn link_changed(&mut self, now: SimTime, link: &LinkView) {
        self.faulty.set_probability(link.fault_loss);
        // The first probe that was not yet answered when the link changed.
        let open = self.probes.first_open(now, &self.link, self.rule.loss_after).max(self.done);
        (self.link, self.done) = (*link, open);
        if link.alive
            && let Some(since) = self.saturated.take()
        {
            // No comparison since then was good, and all probes up to now are lost.
            if self.checks.at(self.checks.after(since.max(self.paused_until))) <= now {
                self.good = 0;
            }
            self.unanswered.clear();
            self.unanswered.extend(open.saturating_sub(self.slots)..open);
        }
        self.look_from(open, now, link);
        self.schedule_check(now);
    }

    pub(super) fn handle(&mut self, now: SimTime, link: &LinkView) -> Option<Verdict> {
        if self.answer <= now && self.answer <= self.next_check {
            self.take_answer(now, link);
            return None;
        }
        let verdict = self.check(now);
        if verdict == Some(Verdict::Down) {
            self.paused_until = now + self.rule.pause;
        }
        self.schedule_check(now);
        if verdict.is_some() {
            self.look_from(self.slot, now, link);
        }
        verdict
    }

    fn take_answer(&mut self, now: SimTime, link: &LinkView) {
        let slot = self.slot;
        self.done = slot + 1;
        let sent = self.probes.at(slot);
        let round_trip = link.rtt_at(sent);
        let lost = !link.answers(sent)
            || round_trip > self.rule.loss_after
            || self.base.is_lost(slot, &self.probes)
            || self.faulty.is_lost(slot, &self.probes);
        if lost {
            self.unanswered.push_back(slot);
        } else if round_trip > self.usual_rtt && self.may_be_slow(sent, link) {
            self.slow.push_back((slot, round_trip.as_nanos() - self.usual_rtt.as_nanos()));
        }
        self.forget(now);
        if !link.alive && self.alarm && self.unanswered.len() as u64 >= self.slots {
            self.saturated = Some(now);
            self.next_check = SimTime::NEVER;
        } else if self.next_check == SimTime::NEVER {
            self.schedule_check(now);
        }
        self.look_from(slot + 1, now, link);
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
        let open = self.probes.first_open(now, &self.link, self.rule.loss_after);
        let in_flight = sent - open.max(self.done).min(sent);
        let counted = (sent - first).saturating_sub(young + in_flight);
        let lossy = counted > 0 && lost * 100 / counted > u64::from(self.rule.loss_percent);
        let slow = self.rule.latency.is_some_and(|limit| {
            let received = counted.saturating_sub(lost);
            let excess: u64 = self.slow.iter().map(|&(_, excess)| excess).sum();
            received > 0 && self.usual_rtt.as_nanos() + excess / received > limit.as_nanos()
        });
        if lossy || slow {
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
        while self.slow.front().is_some_and(|&(slot, _)| slot < first) {
            self.slow.pop_front();
        }
    }

    /// Whether answers may come so late that the mean could be above the limit.
    fn may_be_slow(&self, from: SimTime, link: &LinkView) -> bool {
        self.rule.latency.is_some_and(|limit| link.rtt_max(from) > limit)
    }

    fn look_from(&mut self, slot: u64, now: SimTime, link: &LinkView) {
        self.slot = if link.alive {
            let from = self.probes.at(slot);
            let late = link.rtt_max(from) > self.rule.loss_after || self.may_be_slow(from, link);
            if self.probes.from(link.since) > slot || late {
                slot
            } else {
                let faulty = self.faulty.next_lost(slot, self.end_slot, &self.probes);
                self.base.next_lost(slot, self.end_slot, &self.probes).min(faulty)
            }
        } else if self.saturated.is_some() {
            self.end_slot
        } else {
            slot
        };
        self.answer = if self.slot >= self.end_slot {
            SimTime::NEVER
        } else {
            let sent = self.probes.at(self.slot);
            // A round trip that has become shorter does not answer in the past.
            (sent + link.rtt_at(sent).min(self.rule.loss_after)).max(now)
        };
    }

    fn schedule_check(&mut self, now: SimTime) {
        let needed = if self.alarm {
            self.saturated.is_none()
        } else {
            self.unanswered.len() >= self.alarming || !self.slow.is_empty()
        };
        let from = now.max(self.paused_until);
        self.next_check = if needed { self.checks.at(self.checks.after(from)) } else { SimTime::NEVER };
    }
}

/// Checks that come `lag` before one of the probes between two checks.
fn lagging(probes: &Clock, check: Span, lag: Sampler, site: &Site) -> Clock {
    let words = site.key.block(address(site.uplink, Purpose::CheckLag, 0), 1);
    let before = lag.span(words[0]);
    let each = (check.as_nanos() / probes.interval.as_nanos()).max(1);
    let which = (unit(words[1]) * each as f64) as u64;
    // Twice the period ahead, so that the lag never reaches before zero.
    let ahead = probes.phase + probes.interval.times(which) + check.times(2);
    let phase = ahead.saturating_sub(Span::from_nanos(before.as_nanos() % check.as_nanos()));
    Clock { phase: Span::from_nanos(phase.as_nanos() % check.as_nanos()), interval: check }
}
