//! dpinger's report, worked out from the whole ring at every look.

use super::timeline::{Chance, Ticks, Timeline, Verdicts};
use tinsel::model::detector::Verdict;
use tinsel::scenario::resolved;
use tinsel::units::{SimTime, Span};

/// Probes from before the start count as answered in the usual time; an answer later than `loss_after` never counts.
pub fn verdicts(parameters: &resolved::Detector, chance: &Chance, link: &Timeline) -> Verdicts {
    let resolved::Detector::WindowedLoss(resolved::WindowedLoss {
        send,
        loss_after,
        period,
        check,
        loss_percent,
        latency,
        hold_checks,
        pause,
        ..
    }) = *parameters
    else {
        unreachable!("parameters of its own family")
    };
    let [send_phase, check_phase] = chance.phases();
    let (probes, checks) = (Ticks::new(send, send_phase), Ticks::new(check, check_phase));
    let slots = period.as_nanos() / send.as_nanos();
    let usual = link.view(link.start()).rtt;
    // When it is answered, and after how long.
    let answer = |number, sent: SimTime| -> Option<(SimTime, Span)> {
        if sent <= link.start() {
            return Some((sent, usual));
        }
        let at = link.answer(sent, loss_after)?;
        let view = link.view(at);
        (!chance.loses_probe(view.fault_loss, probes.quarter(number), number)).then_some((at, view.rtt))
    };
    let first = probes.after(link.start()) - slots;
    let fates: Vec<(SimTime, Option<(SimTime, Span)>)> = (first..)
        .map(|number| (probes.at(number), answer(number, probes.at(number))))
        .take_while(|probe| probe.0 < link.end)
        .collect();
    let mut verdicts = Vec::new();
    let (mut alarm, mut hold, mut paused) = (false, 0, SimTime::default());
    for (_, now) in checks.between(link.start(), link.end) {
        if now <= paused {
            continue;
        }
        let sent = fates.partition_point(|probe| probe.0 <= now);
        let (mut received, mut lost, mut taken) = (0_u64, 0_u64, 0_u64);
        for &(sent, answer) in &fates[sent - slots as usize..sent] {
            match answer {
                Some((at, after)) if at <= now => {
                    received += 1;
                    taken += after.as_nanos();
                }
                None if now.since(sent) > loss_after => lost += 1,
                Some(_) | None => {}
            }
        }
        let loss = (100 * lost).checked_div(received + lost).unwrap_or(0);
        let is_slow = latency.is_some_and(|limit| received > 0 && taken / received > limit.as_nanos());
        if loss > u64::from(loss_percent) || is_slow {
            if !alarm {
                verdicts.push((now, Verdict::Down));
                paused = now + pause;
            }
            (alarm, hold) = (true, hold_checks);
        } else if alarm {
            hold -= 1;
            if hold == 0 {
                alarm = false;
                verdicts.push((now, Verdict::Up));
            }
        }
    }
    verdicts
}
