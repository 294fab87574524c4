//! mwan3's loop, line by line.

use super::timeline::{Chance, Timeline, Verdicts};
use tinsel::model::detector::Verdict;
use tinsel::model::purpose::{quarter_of, quarter_start};
use tinsel::scenario::resolved;
use tinsel::units::{SimTime, Span};

const SECOND: Span = Span::from_secs(1);

struct Loop<'a> {
    chance: &'a Chance,
    link: &'a Timeline,
    count: u64,
    timeout: Span,
    /// Packets are numbered by stretches of time as long as the shortest sleep, and by their place in the cycle.
    stretch: u64,
    per_cycle: u64,
}

impl Loop<'_> {
    /// `ping -c count -W timeout`: when it ends, and whether anything came back.
    fn ping(&self, begins: SimTime, target: u64) -> (SimTime, bool) {
        let mut heard = false;
        let mut ends = begins;
        for packet in 0..self.count {
            let sent = begins + SECOND.times(packet);
            let answer = self.answer(sent, target * self.count + packet);
            heard |= answer.is_some();
            ends = answer.unwrap_or(sent + self.timeout);
        }
        (ends, heard)
    }

    fn answer(&self, sent: SimTime, place: u64) -> Option<SimTime> {
        let stretch = sent.as_nanos() / self.stretch;
        let number = stretch * self.per_cycle + place;
        let quarter = quarter_of(SimTime::from_nanos(stretch * self.stretch));
        let first = quarter_start(quarter).as_nanos().div_ceil(self.stretch) * self.per_cycle;
        let answer = self.link.answer(sent, self.timeout)?;
        let fault_loss = self.link.view(answer).fault_loss;
        (!self.chance.loses_probe(fault_loss, (quarter, first), number)).then_some(answer)
    }
}

pub fn verdicts(parameters: &resolved::Detector, chance: &Chance, link: &Timeline) -> Verdicts {
    let resolved::Detector::SequentialProbes(resolved::SequentialProbes {
        targets,
        reliability,
        count,
        timeout,
        interval,
        failure_interval,
        keep_failure_interval,
        recovery_interval,
        down,
        up,
        overhead,
        ..
    }) = *parameters
    else {
        unreachable!("parameters of its own family")
    };
    let stretch = interval.min(failure_interval).min(recovery_interval).as_nanos();
    let (count, per_cycle) = (u64::from(count), u64::from(targets) * u64::from(count));
    let pings = Loop { chance, link, count, timeout, stretch, per_cycle };
    let clean = (SECOND.times(count - 1) + link.view(link.start()).rtt).times(u64::from(reliability))
        + overhead
        + interval;
    let mut now = link.start() + Span::from_nanos((chance.phases()[0] * clean.as_nanos() as f64) as u64);
    let (down, up) = (i64::from(down), i64::from(up));
    let mut score = down + up;
    let mut verdicts = Vec::new();
    loop {
        let mut sleep_time = interval;
        let mut host_up = 0;
        for target in 0..u64::from(targets) {
            if host_up < reliability {
                let (ends, heard) = pings.ping(now, target);
                now = ends;
                host_up += u32::from(heard);
            }
        }
        if now >= link.end {
            return verdicts;
        }
        if host_up < reliability {
            score -= 1;
            if score < up {
                score = 0;
                if keep_failure_interval {
                    sleep_time = failure_interval;
                }
            } else if score == up {
                verdicts.push((now, Verdict::Down));
                score = 0;
                sleep_time = failure_interval;
            } else {
                sleep_time = failure_interval;
            }
        } else {
            score += 1;
            if score < up {
                sleep_time = recovery_interval;
            } else if score == up {
                verdicts.push((now, Verdict::Up));
                score = down + up;
                sleep_time = recovery_interval;
            } else {
                score = down + up;
            }
        }
        now = now + overhead + sleep_time;
    }
}
