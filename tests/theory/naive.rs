//! Every family of detectors against the plainest model of it: each probe and each hello, one after the other.
//!
//! The models follow the text of the rules, look at everything and skip nothing; the detectors look only at what can matter.
//! Both meet the same links (dying, living, losing packets at any instant, for any time) and the same losses, which are
//! found by their addresses. Verdicts must agree to the nanosecond.

mod hello;
mod idle;
mod probes;
mod sequential;
mod timeline;
mod window;

use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use timeline::{Chance, Change, Ills, Timeline, changes};
use tinsel::scenario::resolved::{self, Ends};
use tinsel::units::{SimTime, Span};

/// The same cases in every run; whoever hunts for more changes these two.
const SEED: u64 = 20_191_129;
const CASES: u32 = 300;

/// Eight minutes before a quarter hour, so that most runs meet its boundary.
const START: SimTime = SimTime::from_unix_seconds(1_574_900_520);

fn span(seconds: f64) -> Span {
    Span::from_secs_f64(seconds)
}

/// Seconds between two bounds, as likely in each decade.
fn seconds(low: f64, high: f64) -> impl Strategy<Value = f64> {
    (libm::log(low)..libm::log(high)).prop_map(libm::exp)
}

/// Chance losses of a healthy link: often none.
fn base_loss() -> impl Strategy<Value = f64> {
    prop_oneof![Just(0.0), Just(0.0), Just(0.02), Just(0.3)]
}

fn link(changes: &[Change], rtt: f64, slow: f64, rest: f64) -> Timeline {
    Timeline::new(START, span(rtt), changes, Ills { loss: 0.4, slow: span(slow) }, span(rest))
}

fn config() -> ProptestConfig {
    ProptestConfig {
        cases: CASES,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(SEED),
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn probes_in_a_row(
        (interval, timeout, down, up) in (seconds(0.2, 20.0), seconds(0.05, 4.0), 1..6_u32, 1..6_u32),
        (rtt, slow) in (seconds(0.001, 1.0), seconds(0.01, 6.0)),
        (run, loss) in (any::<u64>(), base_loss()),
        changes in changes(20.0, 30),
    ) {
        let (interval, timeout) = (span(interval), span(timeout));
        let parameters = resolved::Detector::ConsecutiveProbes { interval, timeout, down, up };
        let rule = probes::Rule { interval, timeout, down: down as usize, up: up as usize, of: None };
        let (chance, link) = (Chance::new(run, loss), link(&changes, rtt, slow, 300.0));
        prop_assert_eq!(link.run(&parameters, chance.site), probes::verdicts(&rule, &chance, &link));
    }

    #[test]
    fn probes_among_the_last_few(
        (interval, timeout) in (seconds(0.2, 20.0), seconds(0.05, 4.0)),
        (of, down, up) in (1..12_u32).prop_flat_map(|of| (Just(of), 1..=of, 1..=of)),
        (rtt, slow) in (seconds(0.001, 1.0), seconds(0.01, 6.0)),
        (run, loss) in (any::<u64>(), base_loss()),
        changes in changes(20.0, 30),
    ) {
        let (interval, timeout) = (span(interval), span(timeout));
        let parameters = resolved::Detector::MOfN { interval, timeout, of, down, up };
        let of = Some(of as usize);
        let rule = probes::Rule { interval, timeout, down: down as usize, up: up as usize, of };
        let (chance, link) = (Chance::new(run, loss), link(&changes, rtt, slow, 300.0));
        prop_assert_eq!(link.run(&parameters, chance.site), probes::verdicts(&rule, &chance, &link));
    }

    #[test]
    fn sequential_probes(
        (targets, reliability) in (1..5_u32).prop_flat_map(|targets| (Just(targets), 1..=targets)),
        (count, timeout) in (1..4_u32, seconds(0.2, 5.0)),
        (interval, failure_interval, recovery_interval) in (seconds(0.5, 15.0), seconds(0.5, 15.0), seconds(0.5, 15.0)),
        (keep_failure_interval, down, up) in (any::<bool>(), 1..6_u32, 1..6_u32),
        overhead in 0.0..0.3_f64,
        (rtt, slow) in (seconds(0.001, 1.5), seconds(0.01, 6.0)),
        (run, loss) in (any::<u64>(), base_loss()),
        changes in changes(40.0, 30),
    ) {
        let parameters = resolved::Detector::SequentialProbes(resolved::SequentialProbes {
            targets,
            reliability,
            count,
            timeout: span(timeout),
            interval: span(interval),
            failure_interval: span(failure_interval),
            keep_failure_interval,
            recovery_interval: span(recovery_interval),
            down,
            up,
            overhead: span(overhead),
            trusts_link: false,
        });
        let (chance, link) = (Chance::new(run, loss), link(&changes, rtt, slow, 600.0));
        prop_assert_eq!(link.run(&parameters, chance.site), sequential::verdicts(&parameters, &chance, &link));
    }

    #[test]
    fn idle_checks(
        (idle, from_traffic, clock) in (seconds(1.0, 60.0), any::<bool>(), 0.0..1.0_f64),
        (wait, wait_jitter, wait_factor) in (seconds(0.2, 8.0), 0.0..0.5_f64, 1.0..2.0_f64),
        retries in 0..6_u32,
        (rtt, slow) in (seconds(0.001, 1.0), seconds(0.01, 20.0)),
        (run, loss) in (any::<u64>(), base_loss()),
        changes in changes(40.0, 30),
    ) {
        let parameters = resolved::Detector::IdleCheck(resolved::IdleCheck {
            idle: span(idle),
            from_traffic,
            clock: span(clock),
            // A check is not due while another is waited for.
            wait: span(wait.min(idle)),
            wait_jitter: span(wait_jitter),
            wait_factor,
            retries,
        });
        let (chance, link) = (Chance::new(run, loss), link(&changes, rtt, slow, 600.0));
        prop_assert_eq!(link.run(&parameters, chance.site), idle::verdicts(&parameters, &chance, &link));
    }

    #[test]
    fn windows_of_losses(
        (send, check) in (seconds(0.1, 3.0), seconds(0.2, 3.0)),
        (late, more) in (1.0..6.0_f64, seconds(1.0, 120.0)),
        (loss_percent, hold_checks) in (0..60_u32, 1..12_u32),
        pause in prop_oneof![Just(0.0), 0.0..15.0_f64],
        (rtt, latency, slow) in (seconds(0.001, 0.3), prop::option::of(0.4..0.6_f64), seconds(0.6, 6.0)),
        (run, loss) in (any::<u64>(), base_loss()),
        changes in changes(20.0, 30),
    ) {
        // An answer that came later than that would count again, which no detector here does.
        let loss_after = (send * late).max(rtt);
        let slots = libm::ceil(loss_after / send + more) as u64;
        let parameters = resolved::Detector::WindowedLoss(resolved::WindowedLoss {
            send: span(send),
            loss_after: span(loss_after),
            period: span(send).times(slots),
            check: span(check),
            loss_percent,
            latency: latency.map(span),
            hold_checks,
            pause: span(pause),
            lag: None,
        });
        let (chance, link) = (Chance::new(run, loss), link(&changes, rtt, slow, 300.0));
        prop_assert_eq!(link.run(&parameters, chance.site), window::verdicts(&parameters, &chance, &link));
    }

    #[test]
    fn hellos_of_one_end(
        (interval, more, restart) in (seconds(0.1, 20.0), 1.1..6.0_f64, 1.0..4.0_f64),
        (jitter, rtt, slow) in (0.5..1.0_f64, seconds(0.001, 1.0), seconds(0.01, 6.0)),
        (run, loss) in (any::<u64>(), prop_oneof![Just(0.0), Just(0.0), Just(0.02), Just(0.3)]),
        changes in changes(20.0, 30),
    ) {
        let parameters = resolved::Detector::HelloDead(resolved::HelloDead {
            interval: span(interval),
            jitter_min: jitter,
            jitter_max: jitter,
            dead: span(interval * more),
            restart: span(interval * restart),
            ends: Ends::One,
            goodbye: None,
            rejoin: Span::ZERO,
        });
        let (chance, link) = (Chance::new(run, loss), link(&changes, rtt, slow, 300.0));
        prop_assert_eq!(link.run(&parameters, chance.site), hello::verdicts(&parameters, &chance, &link));
    }
}
