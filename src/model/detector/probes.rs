//! Probes at a fixed rate, judged by losses in a row or by losses among the last few.
//!
//! *In a row*: one every `interval`, down after K losses in a row, up after K′ answers in a row. Detection of a blackhole
//! with uniform phase: U(0, I) + (K−1)·I + W (a probe in flight at the fault is lost too, so up to one round trip less);
//! recovery: U(0, I) + (K′−1)·I + rtt. Fortinet's SD-WAN health check and Peplink's health check are of this kind; with
//! K = 1 and a delay before the verdict counts, so is IP SLA with object tracking.
//!
//! *M of N*: down when M of the last N are lost, up when M′ of the last N since then have been answered (NetComm).

use std::collections::VecDeque;
use std::ops::Range;

use super::losses::{Losses, Numbering};
use super::{Clock, LinkView, Site, Verdict};
use crate::model::purpose::{Purpose, quarter_of, quarter_start};
use crate::units::{SimTime, Span};

/// Parameters of the rule.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rule {
    pub(super) interval: Span,
    pub(super) timeout: Span,
    pub(super) down: u32,
    pub(super) up: u32,
    /// Results that count, from the last one back; `None`: only those in a row.
    pub(super) of: Option<u32>,
}

/// What the results so far amount to. While up, losses count; while down, answers.
#[derive(Clone, Debug)]
enum Tally {
    InARow(u32),
    /// The last results, newest last: whether each is one that counts.
    Among {
        of: usize,
        results: VecDeque<bool>,
        counting: u32,
    },
}

impl Tally {
    /// Notes a result and says how many now count.
    fn count(&mut self, counts: bool) -> u32 {
        match self {
            Tally::InARow(run) => *run = if counts { *run + 1 } else { 0 },
            Tally::Among { of, results, counting } => {
                if results.len() == *of {
                    *counting -= u32::from(results.pop_front() == Some(true));
                }
                results.push_back(counts);
                *counting += u32::from(counts);
            }
        }
        self.counted()
    }

    fn counted(&self) -> u32 {
        match self {
            Tally::InARow(run) => *run,
            Tally::Among { counting, .. } => *counting,
        }
    }

    /// Notes so many results of the other kind.
    fn miss(&mut self, results: u64) {
        let most = match self {
            Tally::InARow(_) => 1,
            Tally::Among { of, .. } => *of as u64,
        };
        for _ in 0..results.min(most) {
            self.count(false);
        }
    }

    fn clear(&mut self) {
        match self {
            Tally::InARow(run) => *run = 0,
            Tally::Among { results, counting, .. } => {
                results.clear();
                *counting = 0;
            }
        }
    }
}

/// See the module.
#[derive(Clone, Debug)]
pub struct FixedRateProbes {
    clock: Clock,
    rule: Rule,
    base: Losses,
    faulty: Losses,
    end_slot: u64,
    is_up: bool,
    tally: Tally,
    /// The link since it was last told to have changed.
    link: LinkView,
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

impl FixedRateProbes {
    pub(super) fn new(rule: Rule, site: Site, now: SimTime, link: &LinkView) -> Self {
        let clock = Clock::new(rule.interval, site.phases().0);
        let tally = rule.of.map_or(Tally::InARow(0), |of| {
            let of = of as usize;
            Tally::Among { of, results: VecDeque::with_capacity(of), counting: 0 }
        });
        let mut probes = FixedRateProbes {
            clock,
            rule,
            base: Losses::new(site.key, site.uplink, Purpose::ProbeLoss, site.base_loss),
            faulty: Losses::new(site.key, site.uplink, Purpose::FaultyProbeLoss, 0.0),
            end_slot: clock.after(site.end),
            is_up: true,
            tally,
            link: *link,
            done: clock.after(now),
            slot: 0,
            answer: SimTime::NEVER,
            verdicts: VecDeque::new(),
        };
        probes.faulty.set_probability(link.fault_loss);
        probes.look_from(probes.done, now, link);
        probes
    }

    pub(super) fn next(&self) -> SimTime {
        self.verdicts.front().map_or(self.answer, |&verdict| verdict.min(self.answer))
    }

    pub(super) fn link_changed(&mut self, now: SimTime, link: &LinkView) {
        self.faulty.set_probability(link.fault_loss);
        // Probes whose answer was not there yet are looked at again, now with the link's new fate.
        let open = self.clock.first_open(now, &self.link, self.rule.timeout).max(self.done);
        if !self.is_up && !self.link.alive {
            // Nobody looked at probes of a dead link.
            self.tally.miss(open - self.done);
        }
        self.done = open;
        self.link = *link;
        self.look_from(open, now, link);
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
            || link.rtt_at(sent) > self.rule.timeout
            || self.base.is_lost(slot, &self.clock)
            || self.faulty.is_lost(slot, &self.clock);
        let verdict = if lost { self.lose(now, sent + self.rule.timeout) } else { self.count_answer() };
        self.look_from(slot + 1, now, link);
        verdict
    }

    fn lose(&mut self, now: SimTime, verdict: SimTime) -> Option<Verdict> {
        if self.is_up {
            self.verdicts.push_back(verdict.max(now));
        } else {
            self.tally.count(false);
        }
        None
    }

    fn count_loss(&mut self, now: SimTime, link: &LinkView) -> Option<Verdict> {
        if self.tally.count(true) < self.rule.down {
            return None;
        }
        self.is_up = false;
        self.tally.clear();
        self.verdicts.clear();
        let open = self.clock.first_open(now, link, self.rule.timeout).max(self.done);
        self.look_from(open, now, link);
        Some(Verdict::Down)
    }

    fn count_answer(&mut self) -> Option<Verdict> {
        if self.is_up {
            self.tally.count(false);
            if self.rule.of.is_none() {
                // An answer breaks the run of all probes sent before it.
                self.verdicts.clear();
            }
            return None;
        }
        if self.tally.count(true) < self.rule.up {
            return None;
        }
        self.is_up = true;
        self.tally.clear();
        Some(Verdict::Up)
    }

    /// Finds the next probe that can change anything, from `slot` on.
    fn look_from(&mut self, slot: u64, now: SimTime, link: &LinkView) {
        let clean = self.is_up && self.tally.counted() == 0 && self.verdicts.is_empty() && link.alive;
        self.slot = if !self.is_up && !link.alive {
            self.end_slot
        } else if clean && link.rtt_max(self.clock.at(slot)) <= self.rule.timeout {
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
            let sent = self.clock.at(self.slot);
            // A round trip that has become shorter does not answer in the past.
            (sent + link.rtt_at(sent).min(self.rule.timeout)).max(now)
        };
    }
}
