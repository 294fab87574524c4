//! Backups that are dead unnoticed: a SIM that was blocked, an antenna cable, a wrong APN.
//!
//! They fail at a constant rate λ and stay dead until a test finds them, or whoever needs them does; then a repair begins. Tests
//! come every T at a phase of the store's own, so the share of time in which a backup is dead, repairs aside, is
//!
//! ```text
//! 1 − (1 − e^(−λT))/(λT)
//! ```
//!
//! Onsets are keyed (store, number of the test period since 1970, k), so that they do not depend on where a window begins.

use crate::kernel::draws::{Entity, Key};
use crate::kernel::variates::{exponential, unit};
use crate::scenario::resolved::{Latent, Part, Parts, Scope, Signature, Window};
use crate::units::{SimTime, Span};

use super::cause::IncidentCause;
use super::faults::Fault;
use super::faults::service::Where;
use super::law::Sampler;
use super::purpose::{Purpose, address, fault_draw};

/// Latent faults of the backup of the store `id` that are not over before `window` begins, in order of onset. A fault is
/// here until the repair that follows the next test; who finds it before ends it sooner ([`Fault::repair_if_found`]).
#[must_use]
pub fn history(latent: &Latent, id: &str, window: Window, key: Key) -> Vec<Fault> {
    let mut faults = Vec::new();
    if latent.rate_per_s <= 0.0 {
        return faults;
    }
    let entity = Entity::new("backup", id, "latent");
    let period = latent.test_interval;
    let phase = unit(key.block(address(entity, Purpose::LatentPhase, 0), 1)[0]);
    let phase = Span::from_nanos((phase * period.as_nanos() as f64) as u64);
    let repair = Sampler::new(&latent.repair);
    let mean_gap_s = 1.0 / latent.rate_per_s;
    // What failed in a period is mended after its end; repairs that take more periods than this are cut short.
    const PERIODS_BEFORE: u64 = 3;
    let first = window.start.saturating_sub(phase).bin(period).saturating_sub(PERIODS_BEFORE);
    let mut dead_until = SimTime::default();
    for number in first.. {
        let start = SimTime::from_nanos(number * period.as_nanos()) + phase;
        let test = start + period;
        if start >= window.end {
            break;
        }
        let mut gaps = key.words(address(entity, Purpose::LatentOnset, number), 1);
        let mut onset = start;
        for index in 0.. {
            onset += Span::from_secs_f64(mean_gap_s * exponential(gaps.next_word()));
            if onset >= test || onset >= window.end {
                break;
            }
            if onset < dead_until {
                continue;
            }
            let words = key.block(address(entity, Purpose::LatentFault, fault_draw(number, index)), 1);
            let takes = repair.span(words[0]).max(Span::from_millis(1));
            dead_until = test + takes;
            faults.push(Fault {
                service: Where::Store,
                cause: IncidentCause::Latent,
                shared: None,
                scope: Scope::Backup,
                parts: Parts::of(Part::Backup),
                lane: 0,
                signature: Signature::Blackhole,
                window: Window { start: onset, end: dead_until },
                second_sim: false,
                repair_if_found: Some(takes),
                from_load: None,
                remedy: "on_site",
                carrier_word: words[1],
                playbook: None,
                number: 0,
            });
        }
    }
    faults.retain(|fault| fault.window.end > window.start);
    faults
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::resolved::Law;

    const YEAR_S: f64 = 31_557_600.0;
    const DAY: Span = Span::from_secs(86_400);

    /// Share of stores whose backup is dead at one instant.
    fn dead_share(rate_per_year: f64, test_interval: Span, stores: u32) -> f64 {
        let latent = Latent { rate_per_s: rate_per_year / YEAR_S, test_interval, repair: Law::Constant(0.0) };
        let start = SimTime::from_unix_seconds(1_574_917_200);
        let window = Window { start, end: start + DAY };
        let key = Key { seed: 8, replication: 0 };
        let dead = |store: &u32| {
            let faults = history(&latent, &store.to_string(), window, key);
            faults.iter().any(|fault| fault.window.start <= start && start < fault.window.end)
        };
        f64::from((0..stores).filter(dead).count() as u32) / f64::from(stores)
    }

    #[test]
    fn the_share_that_is_dead_is_that_of_the_formula() {
        const STORES: u32 = 20_000;
        // 2.1 % with a monthly test, 21 % with a yearly one at one failure in two years.
        for (rate, days, printed) in [(0.5, 30.4375, 0.021), (0.5, 365.25, 0.213), (2.0, 91.3, 0.213)] {
            let interval = Span::from_secs_f64(days * 86_400.0);
            let product: f64 = rate * days / 365.25;
            let expected = 1.0 - (1.0 - libm::exp(-product)) / product;
            assert!((expected - printed).abs() < 0.000_6, "{expected}");
            let share = dead_share(rate, interval, STORES);
            // 99 % two-sided, of three checks.
            let band = 2.94 * f64::sqrt(expected * (1.0 - expected) / f64::from(STORES));
            println!("{rate} a year, {days} days: {share} against {expected} ± {band}");
            assert!((share - expected).abs() <= band, "{share} against {expected} ± {band}");
        }
    }

    #[test]
    fn a_window_does_not_choose_what_fails() {
        let latent = Latent { rate_per_s: 1e-5, test_interval: DAY, repair: Law::Constant(60.0) };
        let at = |day: u64| SimTime::from_unix_seconds(86_400 * (18_000 + day));
        let of = |from, to| {
            let window = Window { start: at(from), end: at(to) };
            history(&latent, "s", window, Key { seed: 1, replication: 2 })
        };
        let (long, short) = (of(0, 40), of(20, 30));
        let inside = |fault: &&Fault| fault.window.end > at(20) && fault.window.start < at(30);
        assert!(short.len() > 5);
        assert_eq!(long.iter().filter(inside).collect::<Vec<_>>(), short.iter().collect::<Vec<_>>());
    }
}
