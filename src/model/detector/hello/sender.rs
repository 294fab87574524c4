//! The hellos that one end sends: when, and which of them are lost.

use super::super::Site;
use super::super::losses::{Losses, Numbering};
use super::times::Hellos;
use super::{PEER, Rule};
use crate::model::purpose::Purpose;
use crate::units::SimTime;

/// Hellos that one end sends.
#[derive(Clone, Debug)]
pub(super) struct Sender {
    pub(super) hellos: Hellos,
    pub(super) restart: Hellos,
    pub(super) base: Losses,
    pub(super) faulty: Losses,
    /// Losses of hellos at the restart interval, by chance or by fault.
    pub(super) restarting: Losses,
    /// Whether hellos come at the restart interval.
    pub(super) slow: bool,
    /// While watching: the next hello, lost or not.
    pub(super) next: SimTime,
}

impl Sender {
    pub(super) fn is_lost(&mut self, faulty: bool) -> bool {
        if self.slow {
            return self.restarting.is_lost(self.restart.slot(), &self.restart);
        }
        let slot = self.hellos.slot();
        self.base.is_lost(slot, &self.hellos) || (faulty && self.faulty.is_lost(slot, &self.hellos))
    }

    /// The first hello after `now`, at the restart interval if `slow`.
    pub(super) fn seek(&mut self, now: SimTime, slow: bool) {
        self.slow = slow;
        self.next = if slow { self.restart.seek(now) } else { self.hellos.seek(now) };
    }

    /// The hello after the one sent at `now`.
    pub(super) fn advance(&mut self, now: SimTime, slow: bool) {
        if slow != self.slow {
            self.seek(now, slow);
        } else if slow {
            self.next = self.restart.advance();
        } else {
            self.next = self.hellos.advance();
        }
    }

    pub(super) fn fatal_quarter(&mut self, first: u64, last: u64, fatal_run: u64) -> Option<u64> {
        let limit = self.hellos.range(last).end;
        let mut slot = self.hellos.range(first).start;
        let mut run = 0;
        let mut previous = None;
        loop {
            let lost = self.base.next_lost(slot, limit, &self.hellos);
            if lost >= limit {
                return None;
            }
            run = if previous.is_some_and(|previous| previous + 1 == lost) { run + 1 } else { 1 };
            if run >= fatal_run {
                return Some(self.hellos.quarter(lost));
            }
            previous = Some(lost);
            slot = lost + 1;
        }
    }
}

/// The hellos of `end`, of a session that is up.
pub(super) fn sender(end: usize, rule: &Rule, site: &Site, base_loss: f64) -> Sender {
    let (peer_phase, store_phase) = site.phases();
    let phase = if end == PEER { peer_phase } else { store_phase };
    let purposes = if end == PEER {
        [
            Purpose::HelloTimes,
            Purpose::RestartHelloTimes,
            Purpose::ProbeLoss,
            Purpose::FaultyProbeLoss,
            Purpose::RestartHelloLoss,
        ]
    } else {
        [
            Purpose::SentHelloTimes,
            Purpose::RestartSentHelloTimes,
            Purpose::SentHelloLoss,
            Purpose::FaultySentHelloLoss,
            Purpose::RestartSentHelloLoss,
        ]
    };
    let [times, restart_times, base, faulty, restarting] = purposes;
    let losses = |purpose, probability| Losses::new(site.key, site.uplink, purpose, probability);
    Sender {
        hellos: Hellos::new(rule.interval, (rule.jitter_min, rule.jitter_max), phase, times, site),
        restart: Hellos::new(rule.restart, (rule.jitter_min, rule.jitter_max), phase, restart_times, site),
        base: losses(base, base_loss),
        faulty: losses(faulty, 0.0),
        restarting: losses(restarting, base_loss),
        slow: false,
        next: SimTime::NEVER,
    }
}
