//! The timers that `tune` tries: round numbers that products let one set, over the range in which they do.
//!
//! Engineering judgement, not a claim that every product takes every value. What is not swept stays as the profile has
//! it.

use crate::scenario::resolved::{Detector, HelloDead, IdleCheck, SequentialProbes, WindowedLoss};
use crate::units::Span;

/// Milliseconds from one probe to the next.
const INTERVALS_MS: &[u64] =
    &[100, 200, 500, 1_000, 2_000, 3_000, 5_000, 10_000, 15_000, 30_000, 60_000, 120_000, 300_000];
/// Milliseconds that an answer is waited for.
const TIMEOUTS_MS: &[u64] = &[200, 500, 1_000, 2_000, 5_000];
/// In a row.
const COUNTS: &[u32] = &[1, 2, 3, 4, 5, 7, 10];
/// Windows of probes.
const WINDOWS: &[u32] = &[3, 5, 8, 10, 12];
/// Milliseconds between hellos.
const HELLOS_MS: &[u64] = &[50, 100, 200, 300, 500, 1_000, 2_000, 3_000, 5_000, 10_000, 30_000, 60_000];
/// Dead times, in hellos.
const MULTIPLES: &[u64] = &[2, 3, 4, 5, 6, 8, 10];
/// Milliseconds that a window of probes covers.
const PERIODS_MS: &[u64] = &[5_000, 10_000, 20_000, 30_000, 60_000, 120_000];
/// Percentages of loss.
const PERCENTS: &[u32] = &[5, 10, 15, 20, 30, 40, 50];

/// Keys that are swept, as in scenario files.
pub(super) const fn swept(detector: &Detector) -> &'static [&'static str] {
    match detector {
        Detector::ConsecutiveProbes { .. } => &["interval", "timeout", "down"],
        Detector::SequentialProbes(_) => &["interval", "timeout", "reliability", "down"],
        Detector::MOfN { .. } => &["interval", "timeout", "of", "down"],
        Detector::IdleCheck(_) => &["idle", "wait", "retries"],
        Detector::HelloDead(_) => &["interval", "dead"],
        Detector::WindowedLoss(_) => &["send", "loss_after", "period", "loss_percent"],
    }
}

/// All choices for the family of `base`.
pub(super) fn grid(base: &Detector) -> Vec<Detector> {
    match base {
        Detector::ConsecutiveProbes { .. } => consecutive(base),
        Detector::SequentialProbes(_) => sequential(base),
        Detector::MOfN { .. } => m_of_n(base),
        Detector::IdleCheck(_) => idle_check(base),
        Detector::HelloDead(_) => hello(base),
        Detector::WindowedLoss(_) => windowed(base),
    }
}

fn spans(millis: &[u64]) -> impl Iterator<Item = Span> + Clone {
    millis.iter().map(|&millis| Span::from_millis(millis))
}

fn consecutive(base: &Detector) -> Vec<Detector> {
    let mut found = Vec::new();
    for at in spans(INTERVALS_MS) {
        for limit in spans(TIMEOUTS_MS).filter(|&limit| limit <= at) {
            for &losses in COUNTS {
                let mut one = *base;
                if let Detector::ConsecutiveProbes { interval, timeout, down, .. } = &mut one {
                    (*interval, *timeout, *down) = (at, limit, losses);
                }
                found.push(one);
            }
        }
    }
    found
}

fn sequential(base: &Detector) -> Vec<Detector> {
    let mut found = Vec::new();
    let Detector::SequentialProbes(SequentialProbes { targets, .. }) = *base else { return found };
    for at in spans(INTERVALS_MS).filter(|at| (Span::from_secs(1)..=Span::from_secs(60)).contains(at)) {
        for limit in spans(TIMEOUTS_MS).filter(|&limit| limit >= Span::from_secs(1)) {
            for needed in 1..=targets {
                for &cycles in COUNTS {
                    let mut one = *base;
                    if let Detector::SequentialProbes(SequentialProbes {
                        interval,
                        failure_interval,
                        timeout,
                        reliability,
                        down,
                        ..
                    }) = &mut one
                    {
                        (*interval, *failure_interval, *timeout) = (at, at, limit);
                        (*reliability, *down) = (needed, cycles);
                    }
                    found.push(one);
                }
            }
        }
    }
    found
}

fn m_of_n(base: &Detector) -> Vec<Detector> {
    let mut found = Vec::new();
    for at in spans(INTERVALS_MS) {
        for limit in spans(TIMEOUTS_MS).filter(|&limit| limit <= at) {
            for &window in WINDOWS {
                for &losses in COUNTS.iter().filter(|&&losses| losses <= window) {
                    let mut one = *base;
                    if let Detector::MOfN { interval, timeout, of, down, .. } = &mut one {
                        (*interval, *timeout, *of, *down) = (at, limit, window, losses);
                    }
                    found.push(one);
                }
            }
        }
    }
    found
}

fn idle_check(base: &Detector) -> Vec<Detector> {
    let mut found = Vec::new();
    for checked in spans(INTERVALS_MS).filter(|&checked| checked >= Span::from_secs(1)) {
        for waited in spans(TIMEOUTS_MS) {
            for tries in 0..=6 {
                let mut one = *base;
                if let Detector::IdleCheck(IdleCheck { idle, wait, retries, .. }) = &mut one {
                    (*idle, *wait, *retries) = (checked, waited, tries);
                }
                found.push(one);
            }
        }
    }
    found
}

fn hello(base: &Detector) -> Vec<Detector> {
    let mut found = Vec::new();
    for at in spans(HELLOS_MS) {
        for &multiple in MULTIPLES {
            let mut one = *base;
            if let Detector::HelloDead(HelloDead { interval, dead, .. }) = &mut one {
                (*interval, *dead) = (at, at.times(multiple));
            }
            found.push(one);
        }
    }
    found
}

fn windowed(base: &Detector) -> Vec<Detector> {
    let mut found = Vec::new();
    for at in spans(INTERVALS_MS).filter(|&at| at <= Span::from_secs(5)) {
        for limit in spans(TIMEOUTS_MS) {
            for covered in spans(PERIODS_MS).filter(|&covered| covered > limit + at) {
                for &lost in PERCENTS {
                    let mut one = *base;
                    if let Detector::WindowedLoss(WindowedLoss {
                        send,
                        loss_after,
                        period,
                        loss_percent,
                        ..
                    }) = &mut one
                    {
                        (*send, *loss_after, *period, *loss_percent) = (at, limit, covered, lost);
                    }
                    found.push(one);
                }
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::library;

    #[test]
    fn every_family_has_choices_of_its_own_kind_and_of_all_swept_keys() {
        for profile in library() {
            let Some(detector) = profile.detector else { continue };
            let choices = grid(&detector);
            assert!((50..5_000).contains(&choices.len()), "{}: {}", profile.name, choices.len());
            let keys = super::super::words::parameters(&detector);
            for wanted in swept(&detector) {
                assert!(keys.iter().any(|(key, _)| key == wanted), "{wanted}");
            }
        }
    }
}
