//! Consecutive probes: one every `interval`, down after K losses in a row, up after K′ answers in a row.
//!
//! Detection of a blackhole with uniform phase: U(0, I) + (K−1)·I + W (a probe in flight at the fault is lost too,
//! so up to one round trip less); recovery: U(0, I) + (K′−1)·I + rtt. Fortinet's SD-WAN health check and
//! Peplink's health check are of this kind.

use std::collections::VecDeque;
use std::ops::Range;

use super::losses::{Losses, Numbering};
use super::{Clock, LinkView, Site, Verdict};
use crate::model::purpose::{Purpose, quarter_of, quarter_start};
use crate::units::{SimTime, Span};

/// See the module.
#[derive(Clone, Debug)]
pub struct ConsecutiveProbes {
    clock: Clock,
    timeout: Span,
    down: u32,
    up: u32,
    base: Losses,
    faulty: Losses,
    end_slot: u64,
    is_up: bool,
    /// Losses in a row while up, answers in a row while down.
    run: u32,
    /// How long after sending a probe is looked at: when its answer is there, or when it is too late for one.
    patience: Span,
    /// Every earlier probe has been looked at.
    done: u64,
    /// The probe to be looked at next, and when its answer would be there.
    slot: u64,
    answer: SimTime,
    /// Verdicts on lost probes that are still waiting for their timeout.
    verdicts: VecDeque<SimTime>,
}

impl Numbering for Clock {
    fn quarter(&self, slot: u64) -> u64 {
        quarter_of(self.at(slot))
    }

    fn range(&self, quarter: u64) -> Range<u64> {
        self.from(quarter_start(quarter))..self.from(quarter_start(quarter + 1))
    }
}

impl ConsecutiveProbes {
    pub(super) fn new(
        interval: Span,
        timeout: Span,
        down: u32,
        up: u32,
        site: Site,
        now: SimTime,
        link: &LinkView,
    ) -> Self {
        let clock = Clock::new(interval, site.phases().0);
        let mut probes = ConsecutiveProbes {
            clock,
            timeout,
            down,
            up,
            base: Losses::new(site.key, site.uplink, Purpose::ProbeLoss, site.base_loss),
            faulty: Losses::new(site.key, site.uplink, Purpose::FaultyProbeLoss, 0.0),
            end_slot: clock.after(site.end),
            is_up: true,
            run: 0,
            patience: link.rtt.min(timeout),
            done: 0,
            slot: 0,
            answer: SimTime::NEVER,
            verdicts: VecDeque::new(),
        };
        probes.faulty.set_probability(link.fault_loss);
        probes.look_from(clock.after(now), link);
        probes
    }

    pub(super) fn next(&self) -> SimTime {
        self.verdicts.front().map_or(self.answer, |&verdict| verdict.min(self.answer))
    }

    pub(super) const fn is_up(&self) -> bool {
        self.is_up
    }

    pub(super) fn link_changed(&mut self, now: SimTime, link: &LinkView) {
        self.faulty.set_probability(link.fault_loss);
        if !self.is_up && !link.alive {
            self.run = 0;
        }
        // Probes whose answer was not there yet are looked at again, now with the link's new fate.
        let open = self.clock.from(now.saturating_sub(self.patience)).max(self.done);
        self.patience = link.rtt.min(self.timeout);
        self.look_from(open, link);
        // A round trip that has become shorter does not answer in the past.
        self.answer = self.answer.max(now);
    }

    pub(super) fn handle(&mut self, now: SimTime, link: &LinkView) -> Option<Verdict> {
        if self.verdicts.front().is_some_and(|&verdict| verdict <= now && verdict <= self.answer) {
            self.verdicts.pop_front();
            return self.count_loss(now, link);
        }
        let slot = self.slot;
        self.done = slot + 1;
        let sent = self.clock.at(slot);
        let lost = !link.answers(sent)
            || link.rtt > self.timeout
            || self.base.is_lost(slot, &self.clock)
            || self.faulty.is_lost(slot, &self.clock);
        let verdict = if lost { self.lose(now, sent + self.timeout) } else { self.count_answer() };
        self.look_from(slot + 1, link);
        verdict
    }

    fn lose(&mut self, now: SimTime, verdict: SimTime) -> Option<Verdict> {
        if self.is_up {
            self.verdicts.push_back(verdict.max(now));
        } else {
            self.run = 0;
        }
        None
    }

    fn count_loss(&mut self, now: SimTime, link: &LinkView) -> Option<Verdict> {
        self.run += 1;
        if self.run < self.down {
            return None;
        }
        (self.is_up, self.run) = (false, 0);
        self.verdicts.clear();
        self.look_from(self.clock.from(now.saturating_sub(self.patience)).max(self.done), link);
        Some(Verdict::Down)
    }

    fn count_answer(&mut self) -> Option<Verdict> {
        if self.is_up {
            // An answer breaks the run of all probes sent before it.
            self.run = 0;
            self.verdicts.clear();
            return None;
        }
        self.run += 1;
        if self.run < self.up {
            return None;
        }
        (self.is_up, self.run) = (true, 0);
        Some(Verdict::Up)
    }

    /// Finds the next probe that can change anything, from `slot` on.
    fn look_from(&mut self, slot: u64, link: &LinkView) {
        let skip = self.is_up && self.run == 0 && self.verdicts.is_empty() && link.alive;
        self.slot = if !self.is_up && !link.alive {
            self.end_slot
        } else if skip && link.rtt <= self.timeout {
            // A probe already in flight when the link came back is lost without being drawn so.
            let flight = slot.max(self.clock.from(link.since));
            if flight > slot {
                slot
            } else {
                let faulty = self.faulty.next_lost(slot, self.end_slot, &self.clock);
                self.base.next_lost(slot, self.end_slot, &self.clock).min(faulty)
            }
        } else {
            slot
        };
        self.answer = if self.slot >= self.end_slot {
            SimTime::NEVER
        } else {
            self.clock.at(self.slot) + self.patience
        };
    }
}
