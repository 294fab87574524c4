//! When a cause strikes: a Poisson process, begun anew in every absolute day, by integrated hazard.
//!
//! The k-th onset of a day is where the sum of the day's first k + 1 exponentials meets the integrated rate, so a rate that
//! weather or a change freeze raises or lowers for some hours moves onsets, and none of another day.

use crate::kernel::draws::{Entity, Key};
use crate::kernel::variates::exponential;
use crate::model::purpose::{FAULT_BIN, Purpose, address};
use crate::scenario::resolved::{Factor, Window};
use crate::units::{SimTime, Span};

/// An onset: its day, its number in it, its instant.
pub(super) type Onset = (u64, u32, SimTime);

/// The onsets in `span` of the process called `entity` that strikes `rate` times a second, times the factors that hold.
pub(super) fn onsets(
    key: Key,
    entity: Entity,
    rate: f64,
    factors: &[Factor],
    span: Window,
    mut strike: impl FnMut(Onset),
) {
    let mean_gap_s = 1.0 / rate;
    let mut bin = span.start.bin(FAULT_BIN);
    loop {
        let start = SimTime::from_nanos(bin * FAULT_BIN.as_nanos());
        if start >= span.end {
            return;
        }
        let mut gaps = key.words(address(entity, Purpose::FaultOnset, bin), 1);
        let mut onset = start;
        for index in 0.. {
            let gap_s = mean_gap_s * exponential(gaps.next_word());
            onset = after(onset, gap_s, factors);
            if onset >= span.end || onset.bin(FAULT_BIN) != bin {
                break;
            }
            if onset >= span.start {
                strike((bin, index, onset));
            }
        }
        bin += 1;
    }
}

/// The instant at which `gap_s` seconds at factor 1 have been used up from `from` on; a day later if not before.
fn after(from: SimTime, gap_s: f64, factors: &[Factor]) -> SimTime {
    if factors.is_empty() {
        return from + Span::from_secs_f64(gap_s);
    }
    let (mut at, mut left_s) = (from, gap_s);
    loop {
        let holds = |window: &Window| window.start <= at && at < window.end;
        let factor: f64 =
            factors.iter().filter(|(window, _)| holds(window)).map(|&(_, factor)| factor).product();
        let edges = factors.iter().flat_map(|(window, _)| [window.start, window.end]);
        let until = edges.filter(|&edge| edge > at).min().unwrap_or(SimTime::NEVER).min(at + FAULT_BIN);
        let available_s = until.since(at).as_secs_f64() * factor;
        if left_s < available_s {
            return at + Span::from_secs_f64(left_s / factor);
        }
        if until.since(from) >= FAULT_BIN {
            return until;
        }
        left_s -= available_s;
        at = until;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_higher_rate_uses_a_gap_up_sooner() {
        let at = SimTime::from_unix_seconds;
        let window = |from, to| Window { start: at(from), end: at(to) };
        let storm = [(window(1_000, 2_000), 4.0)];
        assert_eq!(after(at(0), 500.0, &storm), at(500), "before the storm");
        assert_eq!(after(at(0), 1_400.0, &storm), at(1_100), "400 s more at four times the rate");
        assert_eq!(after(at(0), 6_000.0, &storm), at(3_000), "the storm used 4,000 s");
        let still = [(window(1_000, 2_000), 0.0), (window(1_500, 3_000), 2.0)];
        assert_eq!(after(at(0), 1_100.0, &still), at(2_050), "nothing strikes at rate zero");
        assert!(after(at(0), 1e9, &storm) >= at(86_400), "not on this day");
    }
}
