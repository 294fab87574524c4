//! How long losses alone take to look like a fault: the expected time to the first false alarm of a healthy link.
//!
//! A packet and its answer fail to arrive with probability p, independently of all others. Real loss comes in bursts,
//! which make false alarms far more frequent at the same mean, so these figures are lower bounds of the trouble.

use super::NoFigure;
use super::times::{self, Cycle};
use crate::scenario::resolved::{
    Detector, Ends, HelloDead, IdleCheck, Profile, SequentialProbes, WindowedLoss,
};
use crate::units::Span;

/// Windows of at most this many probes are treated exactly: their patterns of losses are a Markov chain.
const PATTERN_PROBES_MAX: u32 = 12;

/// Expected time to the first false alarm on a healthy link without any probe lost before, seconds; infinite where it
/// never comes. `loss` is the probability that a packet and its answer do not both arrive.
///
/// - K losses in a row: (p^−K − 1)/(1 − p) probes. A delay that the rule has to outlast takes as many more losses as
///   answers could come in it.
/// - M of N: exactly for windows up to 12 probes; else as for the next.
/// - Window: a window looks bad with the chance P(X ≥ m) + (m − 1 − n·p)·P(X = m), X binomial (n, p). The first term is
///   that of one given window, the second what sliding adds (J. I. Naus, J. Amer. Statist. Assoc. 77 (1982) 177, to the
///   first order); windows one after the other are taken as independent. Latency, the pace of comparisons and the time to
///   fill the first window are not in it, so it is not for losses near the threshold.
/// - Idle check: all tries of a check are lost. A rule that counts from traffic is taken on a link without any.
/// - Hello: all hellos within the dead time are lost, one way: 1 − √(1 − p) each. If both ends watch, half of that time.
/// - Sequential: `down` bad cycles in a row; a target is silent with p^count, a cycle bad if too few answer.
///
/// # Errors
/// If the family makes no false alarms of this kind, or none that have a closed form.
pub fn false_alarm(profile: &Profile, rtt: Span, loss: f64) -> Result<f64, NoFigure> {
    let rtt = rtt.as_secs_f64();
    // What cannot be up has no false alarms.
    times::down(profile, rtt)?;
    let detector = profile.detector.as_ref().ok_or(NoFigure::CarrierOnly)?;
    if let Detector::HelloDead(HelloDead { ends: Ends::Session, .. }) = detector {
        return Err(NoFigure::Retransmitted);
    }
    if loss <= 0.0 {
        return Ok(f64::INFINITY);
    }
    Ok(match *detector {
        Detector::ConsecutiveProbes { interval, timeout, down, up } => {
            let (interval, timeout) = (interval.as_secs_f64(), timeout.as_secs_f64());
            let delay = profile.down_delay.as_secs_f64();
            let in_delay = answers_in_delay(interval, timeout, delay, rtt);
            // With one success the rule is up again; with more, some may come and it is still down.
            let probes = if up == 1 {
                in_a_row(loss, down + in_delay)
            } else {
                in_a_row(loss, down) / without_run(in_delay, up, 1.0 - loss)
            };
            (probes - 1.0).max(0.0) * interval + 0.5 * interval + timeout + delay
        }
        Detector::MOfN { interval, timeout, of, down, .. } => {
            let probes = if of <= PATTERN_PROBES_MAX {
                first_pattern(of, down, loss)
            } else {
                f64::from(of) / sliding_window(of, down, loss)
            };
            (probes - 0.5).max(0.0) * interval.as_secs_f64() + timeout.as_secs_f64()
        }
        Detector::SequentialProbes(SequentialProbes { count, .. }) => {
            let cycle = Cycle::of(detector, rtt).ok_or(NoFigure::TooSlow)?;
            sequential(&cycle, libm::pow(loss, f64::from(count)))
        }
        Detector::IdleCheck(IdleCheck { idle, from_traffic, .. }) => {
            let waits: Vec<f64> = times::waits(detector).iter().map(|wait| wait.mean).collect();
            idle_check(idle.as_secs_f64(), from_traffic, &waits, loss, rtt)
        }
        Detector::HelloDead(HelloDead { dead, ends, .. }) => {
            let one_end = hellos(times::hellos(detector), dead.as_secs_f64(), 1.0 - libm::sqrt(1.0 - loss));
            if ends == Ends::Both { 0.5 * one_end } else { one_end }
        }
        Detector::WindowedLoss(WindowedLoss { send, loss_after, period, loss_percent, .. }) => {
            let slots = times::window_slots(detector);
            // The youngest are not yet known to be lost, and those of them that are do not count at all.
            let young = (loss_after.as_nanos().div_ceil(send.as_nanos()) as u32).min(slots - 1);
            let chance: f64 = (0..=young)
                .map(|lost| {
                    let needed = times::losses_above(slots - lost, loss_percent);
                    binomial(young, lost, loss) * sliding_window(slots - young, needed, loss)
                })
                .sum();
            period.as_secs_f64() / chance
        }
    })
}

/// Expected number of trials to `count` losses in a row.
pub(super) fn in_a_row(loss: f64, count: u32) -> f64 {
    if loss >= 1.0 {
        return f64::from(count);
    }
    (libm::pow(loss, -f64::from(count)) - 1.0) / (1.0 - loss)
}

/// Probes whose answers come between the rule's "down" and the end of the delay.
fn answers_in_delay(interval: f64, timeout: f64, delay: f64, rtt: f64) -> u32 {
    let after = |time: f64| libm::floor((time - rtt) / interval).max(0.0);
    // Those that come before the last loss is known belong to what the rule has seen.
    if delay > 0.0 { (after(timeout + delay) - after(timeout)) as u32 } else { 0 }
}

/// Probability that `trials` with this chance of success hold no `run` successes in a row.
fn without_run(trials: u32, run: u32, success: f64) -> f64 {
    let mut states = vec![0.0; run as usize];
    states[0] = 1.0;
    for _ in 0..trials {
        let alive: f64 = states.iter().sum();
        for state in (1..states.len()).rev() {
            states[state] = states[state - 1] * success;
        }
        states[0] = alive * (1.0 - success);
    }
    states.iter().sum()
}

/// Expected number of probes until `needed` of the last `of` are lost.
///
/// States are the patterns of the last `of` − 1 probes. Every visit to the pattern without losses begins the same
/// again, so it is enough to know, from each pattern, how long it takes until there or to the alarm, and how often it is
/// the alarm; both converge fast, whatever the answer's size.
pub(super) fn first_pattern(of: u32, needed: u32, loss: f64) -> f64 {
    const SWEEPS_MAX: usize = 200_000;
    const PRECISION: f64 = 1e-12;
    if needed == 1 {
        return 1.0 / loss;
    }
    let mask = (1_usize << (of - 1)) - 1;
    let mut alarm = vec![0.0; mask + 1];
    let mut steps = vec![0.0; mask + 1];
    for _ in 0..SWEEPS_MAX {
        let mut change = 0.0_f64;
        // The next pattern is mostly a larger number, so that going down uses what has just been found.
        for pattern in (1..=mask).rev().filter(|pattern| pattern.count_ones() < needed) {
            let is_alarm = pattern.count_ones() + 1 >= needed;
            let (lost, answered) = (((pattern << 1) | 1) & mask, (pattern << 1) & mask);
            let then = |values: &[f64], at_alarm: f64| {
                let after_loss = if is_alarm { at_alarm } else { values[lost] };
                let after_answer = if answered == 0 { 0.0 } else { values[answered] };
                loss * after_loss + (1.0 - loss) * after_answer
            };
            let (hit, length) = (then(&alarm, 1.0), 1.0 + then(&steps, 0.0));
            change = change.max((length - steps[pattern]) / length);
            if hit > 0.0 {
                change = change.max((hit - alarm[pattern]) / hit);
            }
            (alarm[pattern], steps[pattern]) = (hit, length);
        }
        if change < PRECISION {
            break;
        }
    }
    (1.0 + loss * steps[1]) / (loss * alarm[1])
}

/// Chance that a window of `slots` probes holds `needed` losses, with what sliding by a window adds; at most 1.
pub(super) fn sliding_window(slots: u32, needed: u32, loss: f64) -> f64 {
    let (n, m) = (f64::from(slots), f64::from(needed));
    let sliding = (m - 1.0 - n * loss).max(0.0) * binomial(slots, needed, loss);
    (binomial_tail(slots, needed, loss) + sliding).min(1.0)
}

/// P(X = `of`) for a binomial X.
fn binomial(trials: u32, of: u32, probability: f64) -> f64 {
    if of > trials {
        return 0.0;
    }
    if probability >= 1.0 {
        return f64::from(u8::from(of == trials));
    }
    let (n, k) = (f64::from(trials), f64::from(of));
    let choose = libm::lgamma(n + 1.0) - libm::lgamma(k + 1.0) - libm::lgamma(n - k + 1.0);
    libm::exp(choose + k * libm::log(probability) + (n - k) * libm::log1p(-probability))
}

/// P(X >= `from`) for a binomial X.
pub(super) fn binomial_tail(trials: u32, from: u32, probability: f64) -> f64 {
    // Smallest terms first.
    (from..=trials).rev().map(|of| binomial(trials, of, probability)).sum::<f64>().min(1.0)
}

/// `down` bad cycles in a row. Cycles are independent, so by Wald's equation the time is their expected number times
/// their mean length, less the sleep after the last.
fn sequential(cycle: &Cycle, silent: f64) -> f64 {
    let needed = cycle.reliability as usize;
    // Probability of each number of answers so far, and the time that goes into probing.
    let mut answers = vec![0.0; needed + 1];
    answers[0] = 1.0;
    let mut probing = cycle.overhead;
    for _ in 0..cycle.targets {
        let going_on: f64 = answers[..needed].iter().sum();
        probing += going_on * (silent * cycle.silent() + (1.0 - silent) * cycle.answered());
        for count in (0..needed).rev() {
            answers[count + 1] += answers[count] * (1.0 - silent);
            answers[count] *= silent;
        }
    }
    let bad: f64 = answers[..needed].iter().sum();
    let sleep = bad * cycle.failure_interval + (1.0 - bad) * cycle.interval;
    in_a_row(bad, cycle.down) * (probing + sleep) - cycle.failure_interval
}

/// Checks one after the other until one has all its tries lost. They come `idle` after the last packet, or at their own
/// pace of `idle`, left out while a check is under way.
fn idle_check(idle: f64, from_traffic: bool, waits: &[f64], loss: f64, rtt: f64) -> f64 {
    let mut reached = 1.0;
    let mut waited = 0.0;
    // From one check to the next, times the probability that the first is answered at the given try.
    let mut apart = 0.0;
    for wait in waits {
        let answered = waited + rtt;
        let next = if from_traffic { idle + answered } else { idle * libm::ceil(answered / idle).max(1.0) };
        apart += reached * (1.0 - loss) * next;
        waited += wait;
        reached *= loss;
    }
    let first = if from_traffic { idle } else { 0.5 * idle };
    first + apart / reached + waited
}

/// All hellos within the dead time lost. Each hello that arrives begins again; how many are due within the dead time
/// after it depends on the jitter, and one at its very end is in time.
fn hellos(hellos: times::Renewal, dead: f64, lost: f64) -> f64 {
    let fewest = libm::floor(dead / hellos.longest + 1e-9) as u32;
    let most = libm::floor(dead / hellos.shortest + 1e-9) as u32;
    let within = |count: u32| {
        if count <= fewest {
            return 1.0;
        }
        let width = hellos.longest - hellos.shortest;
        irwin_hall(count, (dead - f64::from(count) * hellos.shortest) / width)
    };
    let fatal: f64 = (fewest..=most)
        .map(|count| (within(count) - within(count + 1)) * libm::pow(lost, f64::from(count)))
        .sum();
    if lost >= 1.0 {
        return dead;
    }
    // As (p^−K − 1)/(1 − p) hellos for a run that is always K long, and the rest of the dead time.
    let rest = (dead - f64::from(fewest) * hellos.interval()).max(0.0);
    (1.0 / fatal - 1.0) / (1.0 - lost) * hellos.interval() + rest
}

/// Distribution function of the sum of `count` uniforms on [0, 1] (Irwin 1927, Hall 1927). Sums of many are taken as
/// normal, for the alternating sum loses its digits.
fn irwin_hall(count: u32, x: f64) -> f64 {
    const EXACT_MAX: u32 = 12;
    let n = f64::from(count);
    if x <= 0.0 {
        return 0.0;
    }
    if x >= n {
        return 1.0;
    }
    if count > EXACT_MAX {
        return 0.5 * libm::erfc((0.5 * n - x) / libm::sqrt(n / 6.0));
    }
    let mut sum = 0.0;
    let mut sign_choose = 1.0;
    for k in 0..=(x as u32) {
        sum += sign_choose * libm::pow(x - f64::from(k), n);
        sign_choose *= -(n - f64::from(k)) / f64::from(k + 1);
    }
    (sum / libm::tgamma(n + 1.0)).clamp(0.0, 1.0)
}
