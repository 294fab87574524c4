//! Sequential probes: mwan3's score machine.
//!
//! A cycle probes its targets one after the other (`ping -c count -W timeout`) until `reliability` of them have answered, and
//! then sleeps. The score starts full, at `down + up`:
//!
//! ```text
//! bad cycle:  score − 1;  at `up`: declared down, score 0;  below `up`: score 0
//! good cycle: score + 1;  at `up`: declared up, score full;  above `up`: score full
//! ```
//!
//! So exactly `down` bad cycles in a row bring it down and `up` good ones bring it up; one good cycle on the way down
//! refills the score, one bad cycle on the way up empties it. A dead target costs a cycle (count − 1)·1 s + timeout, which is
//! why detection grows with the number of targets: U(0, I + rel·rtt) + down·N·W + (down − 1)·I_f. Source: mwan3track of
//! mwan3 2.12.2 (openwrt/packages at 0521bb5); its quality mode is not modelled.
//!
//! It trusts the link: when the interface comes up again it is declared up once the ping under way has ended, before any
//! answer.

use std::ops::Range;

use super::losses::{Losses, Numbering};
use super::{LinkView, Site, Verdict};
use crate::model::purpose::{Purpose, quarter_of, quarter_start};
use crate::scenario::resolved::SequentialProbes as Rule;
use crate::units::{SimTime, Span};

/// Between two packets of one ping (ping(8): one second unless told).
const PACKET_INTERVAL: Span = Span::from_secs(1);

/// Numbers of packets: (absolute stretch as long as the shortest sleep) × packets of a cycle + position in the cycle. Two
/// cycles are further apart than one stretch, so every packet has a number of its own wherever cycles happen to begin; but
/// not the first ones after a carrier has flapped within a stretch, which are lost together or not at all.
#[derive(Clone, Copy, Debug)]
struct Packets {
    stretch: Span,
    per_cycle: u64,
}

impl Packets {
    fn number(self, sent: SimTime, position: u64) -> u64 {
        sent.bin(self.stretch) * self.per_cycle + position
    }

    fn start_of(self, number: u64) -> SimTime {
        SimTime::from_nanos(number / self.per_cycle * self.stretch.as_nanos())
    }
}

impl Numbering for Packets {
    fn quarter(&self, slot: u64) -> u64 {
        quarter_of(self.start_of(slot))
    }

    fn range(&self, quarter: u64) -> Range<u64> {
        let first = |at: SimTime| at.as_nanos().div_ceil(self.stretch.as_nanos()) * self.per_cycle;
        first(quarter_start(quarter))..first(quarter_start(quarter + 1))
    }
}

/// What the loop is doing.
#[derive(Clone, Copy, Debug)]
enum Doing {
    /// Sleeping, or going through cycles that change nothing: one begins at `anchor` and every clean period after it. The
    /// first that matters begins at `until`.
    Sleeping { until: SimTime },
    /// Waiting for what becomes of packet `packet` of target `target`, sent at `sent`; later ones may be on their way too.
    Pinging {
        target: u32,
        packet: u32,
        sent: SimTime,
        /// When its answer would be there; NEVER once it is known that none comes.
        answer: SimTime,
        /// Whether an earlier packet of this target was answered.
        heard: bool,
    },
    /// The interface has come up: it is trusted from then on.
    Trusting { at: SimTime },
    /// The interface is down: nothing is done until it comes up.
    Stopped,
}

/// See the module.
#[derive(Clone, Debug)]
pub struct SequentialProbes {
    rule: Rule,
    packets: Packets,
    base: Losses,
    faulty: Losses,
    end: SimTime,
    link: LinkView,
    is_up: bool,
    score: u32,
    /// Targets that have answered in this cycle.
    answered: u32,
    /// Beginning of the next or of any earlier clean cycle.
    anchor: SimTime,
    doing: Doing,
}

impl SequentialProbes {
    pub(super) fn new(rule: Rule, site: Site, now: SimTime, link: &LinkView) -> Self {
        let stretch = rule.interval.min(rule.failure_interval).min(rule.recovery_interval);
        let per_cycle = u64::from(rule.targets) * u64::from(rule.count);
        let mut probes = SequentialProbes {
            rule,
            packets: Packets { stretch, per_cycle },
            base: Losses::new(site.key, site.uplink, Purpose::ProbeLoss, site.base_loss),
            faulty: Losses::new(site.key, site.uplink, Purpose::FaultyProbeLoss, link.fault_loss),
            end: site.end,
            link: *link,
            is_up: true,
            score: rule.down + rule.up,
            answered: 0,
            anchor: SimTime::NEVER,
            doing: Doing::Stopped,
        };
        // Anywhere in a clean cycle.
        let period = probes.clean_period(link).as_nanos() as f64;
        let begin = now + Span::from_nanos((site.phases().0 * period) as u64);
        probes.sleep_until(begin);
        probes
    }

    pub(super) fn next(&self) -> SimTime {
        match self.doing {
            Doing::Sleeping { until } => until,
            Doing::Pinging { sent, answer, .. } => answer.min(sent + self.rule.timeout),
            Doing::Trusting { at } => at,
            Doing::Stopped => SimTime::NEVER,
        }
    }

    pub(super) fn link_changed(&mut self, now: SimTime, link: &LinkView) {
        self.place_clean_cycle(now);
        self.faulty.set_probability(link.fault_loss);
        self.link = *link;
        match self.doing {
            Doing::Sleeping { .. } => self.sleep_until(self.anchor),
            Doing::Pinging { .. } => self.follow(now, link),
            Doing::Trusting { .. } | Doing::Stopped => {}
        }
    }

    pub(super) fn carrier_changed(
        &mut self,
        now: SimTime,
        present: bool,
        link: &LinkView,
    ) -> Option<Verdict> {
        if !self.rule.trusts_link {
            return None;
        }
        self.place_clean_cycle(now);
        self.link = *link;
        if present {
            // The ping that is under way when the interface comes up is waited for, and it may have just begun.
            self.doing = Doing::Trusting { at: now + self.ping_at_most() + self.rule.overhead };
            return None;
        }
        self.doing = Doing::Stopped;
        self.score = 0;
        std::mem::replace(&mut self.is_up, false).then_some(Verdict::Down)
    }

    pub(super) fn handle(&mut self, now: SimTime, link: &LinkView) -> Option<Verdict> {
        match self.doing {
            Doing::Sleeping { .. } => {
                self.answered = 0;
                self.ping(0, 0, now, false, link);
                None
            }
            Doing::Pinging { target, packet, sent, answer, heard } => {
                let is_last = packet + 1 == self.rule.count;
                let in_time = answer <= now && link.rtt_at(sent) <= self.rule.timeout;
                let got = in_time && link.answers(sent) && !self.is_lost(sent, target, packet);
                let heard = heard || got;
                if !is_last {
                    // The next packet has not waited for this one.
                    self.ping(target, packet + 1, sent + PACKET_INTERVAL, heard, link);
                    self.follow(now, link);
                    return None;
                }
                if answer <= now && !got {
                    self.doing = Doing::Pinging { target, packet, sent, answer: SimTime::NEVER, heard };
                    return None;
                }
                self.end_ping(now, target, heard, link)
            }
            Doing::Trusting { .. } => {
                self.score = self.rule.down + self.rule.up;
                // The next cycle begins at once.
                let verdict = (!std::mem::replace(&mut self.is_up, true)).then_some(Verdict::Up);
                self.sleep_until(now);
                verdict
            }
            Doing::Stopped => None,
        }
    }

    /// The last packet to a target has been answered or will not be any more.
    fn end_ping(&mut self, now: SimTime, target: u32, heard: bool, link: &LinkView) -> Option<Verdict> {
        self.answered += u32::from(heard);
        if self.answered >= self.rule.reliability {
            return self.end_cycle(now, true);
        }
        if target + 1 < self.rule.targets {
            self.ping(target + 1, 0, now, false, link);
            return None;
        }
        self.end_cycle(now, false)
    }

    /// The score machine.
    fn end_cycle(&mut self, now: SimTime, good: bool) -> Option<Verdict> {
        let full = self.rule.down + self.rule.up;
        let mut sleep = self.rule.interval;
        let mut verdict = None;
        if good {
            self.score += 1;
            if self.score < self.rule.up {
                sleep = self.rule.recovery_interval;
            } else if self.score == self.rule.up {
                sleep = self.rule.recovery_interval;
                self.score = full;
                self.is_up = true;
                verdict = Some(Verdict::Up);
            } else {
                self.score = full;
            }
        } else {
            self.score = self.score.saturating_sub(1);
            if self.score < self.rule.up {
                self.score = 0;
                if self.rule.keep_failure_interval {
                    sleep = self.rule.failure_interval;
                }
            } else {
                sleep = self.rule.failure_interval;
                if self.score == self.rule.up {
                    self.score = 0;
                    self.is_up = false;
                    verdict = Some(Verdict::Down);
                }
            }
        }
        self.sleep_until(now + self.rule.overhead + sleep);
        verdict
    }

    fn ping(&mut self, target: u32, packet: u32, sent: SimTime, heard: bool, link: &LinkView) {
        let answer = sent + link.rtt_at(sent).min(self.rule.timeout);
        self.doing = Doing::Pinging { target, packet, sent, answer, heard };
    }

    /// An answer that is under way comes, or not, as the link now is. A round trip that has become shorter does not answer in
    /// the past.
    fn follow(&mut self, now: SimTime, link: &LinkView) {
        if let Doing::Pinging { sent, answer, .. } = &mut self.doing
            && *answer != SimTime::NEVER
        {
            *answer = (*sent + link.rtt_at(*sent).min(self.rule.timeout)).max(now);
        }
    }

    fn is_lost(&mut self, sent: SimTime, target: u32, packet: u32) -> bool {
        let position = u64::from(target) * u64::from(self.rule.count) + u64::from(packet);
        let number = self.packets.number(sent, position);
        self.base.is_lost(number, &self.packets) || self.faulty.is_lost(number, &self.packets)
    }

    /// The longest that one ping of a target takes.
    fn ping_at_most(&self) -> Span {
        PACKET_INTERVAL.times(u64::from(self.rule.count - 1)) + self.rule.timeout
    }

    /// How long one ping of a target takes when all goes well.
    fn clean_ping(&self, link: &LinkView) -> Span {
        PACKET_INTERVAL.times(u64::from(self.rule.count - 1)) + link.rtt
    }

    /// From one cycle to the next when all goes well.
    fn clean_period(&self, link: &LinkView) -> Span {
        self.clean_ping(link).times(u64::from(self.rule.reliability))
            + self.rule.overhead
            + self.rule.interval
    }

    /// Whether cycles change nothing as long as no packet is lost.
    fn is_clean(&self) -> bool {
        let link = &self.link;
        // Answers that queue shift the cycles by less than anybody can tell, but not if they come too late.
        let in_time = link.rtt_max(self.anchor) <= self.rule.timeout;
        let calm = link.alive && link.fault_loss == 0.0 && in_time;
        self.is_up && self.score == self.rule.down + self.rule.up && calm
    }

    /// Sleeps until the cycle at `at`, or, if all is well, through all the cycles in which no packet is lost.
    fn sleep_until(&mut self, at: SimTime) {
        self.anchor = at;
        let until = if self.is_clean() { self.next_unclean_cycle() } else { at };
        self.doing = Doing::Sleeping { until };
    }

    /// The beginning of the first cycle, from the anchor on, in which a packet is lost.
    fn next_unclean_cycle(&mut self) -> SimTime {
        let (link, packets) = (self.link, self.packets);
        let (period, ping) = (self.clean_period(&link), self.clean_ping(&link));
        let limit = packets.number(self.end, 0);
        let mut number = packets.number(self.anchor, 0);
        loop {
            number = self.base.next_lost(number, limit, &packets);
            if number >= limit {
                return SimTime::NEVER;
            }
            // The clean cycle that sends this packet, if there is one: its position in the cycle says how long after the
            // beginning it is sent, and its stretch of time holds at most one beginning.
            let position = number % packets.per_cycle;
            let (target, packet) =
                (position / u64::from(self.rule.count), position % u64::from(self.rule.count));
            let after = ping.times(target) + PACKET_INTERVAL.times(packet);
            let start = packets.start_of(number);
            let earliest = start.saturating_sub(after).max(self.anchor);
            let cycles = earliest.since(self.anchor).as_nanos().div_ceil(period.as_nanos());
            let begins = self.anchor + period.times(cycles);
            let is_sent = target < u64::from(self.rule.reliability)
                && (begins + after).bin(packets.stretch) == start.bin(packets.stretch);
            if is_sent {
                return begins;
            }
            number += 1;
        }
    }

    /// If it sleeps through clean cycles: what it is doing at `now`.
    fn place_clean_cycle(&mut self, now: SimTime) {
        let Doing::Sleeping { .. } = self.doing else { return };
        if !self.is_clean() || now < self.anchor {
            return;
        }
        let link = self.link;
        let (period, ping) = (self.clean_period(&link), self.clean_ping(&link));
        let begins = self.anchor + period.times(now.since(self.anchor).as_nanos() / period.as_nanos());
        let into = now.since(begins);
        let target = into.as_nanos() / ping.as_nanos().max(1);
        if target >= u64::from(self.rule.reliability) {
            self.anchor = begins + period;
            self.doing = Doing::Sleeping { until: self.anchor };
            return;
        }
        let sent = begins + ping.times(target);
        // The first whose answer is still to come.
        let waited = now.since(sent).saturating_sub(link.rtt).as_nanos();
        let packet = waited.div_ceil(PACKET_INTERVAL.as_nanos()).min(u64::from(self.rule.count - 1));
        self.answered = target as u32;
        let sent = sent + PACKET_INTERVAL.times(packet);
        self.doing = Doing::Pinging {
            target: target as u32,
            packet: packet as u32,
            sent,
            answer: sent + link.rtt,
            // Earlier packets of this target have been answered, because the cycle was clean.
            heard: packet > 0,
        };
    }
}
