//! Detection and recovery of a blackhole: support and mean of the closed forms (`docs/validation.md`).
//!
//! Each profile is run 4,000 times with its own phases. The support must hold for every run (widened by one round trip
//! below, as a probe in flight at the fault is lost too); the mean must lie within 4 standard errors: false-alarm
//! probability 6.3e-5 per mean, below 1e-3 over the ten means here.

use tinsel::kernel::draws::{Entity, Key};
use tinsel::model::detector::{Detector, LinkView, Site, Verdict};
use tinsel::scenario::resolved;
use tinsel::units::{SimTime, Span};

const RUNS: u64 = 4_000;
pub(super) const RTT: Span = Span::from_millis(20);

fn millis(millis: u64) -> Span {
    Span::from_millis(millis)
}

/// Closed form: smallest, mean, largest, seconds.
pub(super) struct Closed(pub(super) f64, pub(super) f64, pub(super) f64);

pub(super) struct Case {
    pub(super) name: &'static str,
    detector: resolved::Detector,
    pub(super) detect: Closed,
    /// Standard deviation of one detection.
    detect_sd: f64,
    pub(super) recover: Closed,
    recover_sd: f64,
}

fn uniform_sd(widths: &[f64]) -> f64 {
    widths.iter().map(|width| width * width / 12.0).sum::<f64>().sqrt()
}

pub(super) fn cases() -> Vec<Case> {
    let bfd = resolved::Detector::HelloDead(resolved::HelloDead {
        interval: millis(300),
        jitter_min: 0.75,
        jitter_max: 1.0,
        dead: millis(900),
        restart: millis(1_000),
        ends: resolved::Ends::One,
        goodbye: None,
        rejoin: Span::ZERO,
    });
    let fortinet =
        resolved::Detector::ConsecutiveProbes { interval: millis(500), timeout: millis(500), down: 5, up: 5 };
    let pfsense = resolved::Detector::WindowedLoss(resolved::WindowedLoss {
        send: millis(500),
        loss_after: millis(2_000),
        period: millis(60_000),
        check: millis(1_000),
        loss_percent: 20,
        latency: Some(millis(500)),
        pause: Span::ZERO,
        lag: None,
        hold_checks: 10,
    });
    let opnsense = resolved::Detector::WindowedLoss(resolved::WindowedLoss {
        send: millis(1_000),
        loss_after: millis(4_000),
        period: millis(60_000),
        check: millis(1_000),
        loss_percent: 20,
        latency: Some(millis(500)),
        pause: Span::ZERO,
        lag: None,
        hold_checks: 1,
    });
    let vrrp = resolved::Detector::HelloDead(resolved::HelloDead {
        interval: millis(1_000),
        jitter_min: 1.0,
        jitter_max: 1.0,
        dead: Span::from_nanos(3_609_375_000),
        restart: millis(1_000),
        ends: resolved::Ends::One,
        goodbye: None,
        rejoin: Span::ZERO,
    });
    vec![
        Case {
            name: "bfd-300x3",
            detector: bfd,
            detect: Closed(0.600, 0.9 - 0.13214, 0.900),
            detect_sd: 0.08,
            // The residual of a jittered one-second interval: mean E[J²]/(2E[J]).
            recover: Closed(0.0, 0.44048, 1.0),
            recover_sd: 0.26,
        },
        Case {
            name: "fortinet-sdwan",
            detector: fortinet,
            detect: Closed(2.5, 2.75, 3.0),
            detect_sd: uniform_sd(&[0.5]),
            recover: Closed(2.0, 2.25, 2.5),
            recover_sd: uniform_sd(&[0.5]),
        },
        Case {
            name: "pfsense-dpinger",
            detector: pfsense,
            detect: Closed(14.0, 14.75, 15.5),
            detect_sd: uniform_sd(&[0.5, 1.0]),
            recover: Closed(56.0, 56.75, 57.5),
            recover_sd: uniform_sd(&[0.5, 1.0]),
        },
        Case {
            name: "opnsense-dpinger",
            detector: opnsense,
            detect: Closed(15.0, 16.0, 17.0),
            detect_sd: uniform_sd(&[1.0, 1.0]),
            recover: Closed(47.0, 48.0, 49.0),
            recover_sd: uniform_sd(&[1.0, 1.0]),
        },
        Case {
            name: "vrrp",
            detector: vrrp,
            detect: Closed(2.609, 3.109, 3.609_4),
            detect_sd: uniform_sd(&[1.0]),
            recover: Closed(0.0, 0.5, 1.0),
            recover_sd: uniform_sd(&[1.0]),
        },
    ]
}

fn next_verdict(detector: &mut Detector, link: &LinkView, wanted: Verdict, limit: SimTime) -> SimTime {
    loop {
        let now = detector.next();
        assert!(now < limit, "no {wanted:?} verdict before the limit");
        if let Some(verdict) = detector.handle(now, link) {
            assert_eq!(verdict, wanted);
            return now;
        }
    }
}

/// Latencies of detection and recovery of a blackhole of `length` at a random place of a quarter hour, seconds.
fn one_run(case: &Case, run: u64, length: Span) -> (f64, f64) {
    let start = SimTime::from_unix_seconds(1_574_900_000);
    let key = Key { seed: 20_191_129, replication: run };
    let uplink = Entity::new("uplink", case.name, "primary");
    let end = start + Span::from_secs(10_000);
    let site = Site { key, uplink, base_loss: 0.0, end };
    let healthy = LinkView::healthy(start, RTT);
    let mut detector = Detector::new(&case.detector, site, start, &healthy);
    // A fault at an instant that has nothing to do with any clock of the detector; one in eight next to the boundary
    // of a quarter hour, where hello intervals are drawn anew.
    let after = if run.is_multiple_of(8) { 999_500_000_000 } else { 1_234_000_000_000 };
    let fault = start + Span::from_nanos(after + run * 7_919_131 % 977_000_003);
    assert!(detector.next() > fault, "nothing happens on a healthy link without loss");
    let dead = LinkView { alive: false, since: fault, ..healthy };
    detector.link_changed(fault, &dead);
    let down = next_verdict(&mut detector, &dead, Verdict::Down, end);
    let repair = fault + length;
    while detector.next() <= repair {
        let now = detector.next();
        assert_eq!(detector.handle(now, &dead), None, "{}: the link stays dead", case.name);
    }
    let alive = LinkView { alive: true, since: repair, ..healthy };
    detector.link_changed(repair, &alive);
    let up = next_verdict(&mut detector, &alive, Verdict::Up, end);
    (down.since(fault).as_secs_f64(), up.since(repair).as_secs_f64())
}

fn check(name: &str, what: &str, values: &[f64], closed: &Closed, sd: f64, slack_low: f64, slack_high: f64) {
    let (low, high) =
        (values.iter().copied().fold(f64::MAX, f64::min), values.iter().copied().fold(0.0, f64::max));
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    assert!(low >= closed.0 - slack_low, "{name} {what}: {low} below {}", closed.0);
    assert!(high <= closed.2 + slack_high, "{name} {what}: {high} above {}", closed.2);
    let allowed = 4.0 * sd / (values.len() as f64).sqrt();
    // One round trip in flight moves the mean of detection by less than its length.
    let off = (mean - closed.1).abs() - slack_high.max(slack_low);
    assert!(off <= allowed, "{name} {what}: mean {mean} against {} ± {allowed}", closed.1);
}

#[test]
fn blackholes_are_noticed_and_forgotten_as_the_closed_forms_say() {
    let rtt = RTT.as_secs_f64();
    for case in cases() {
        let runs: Vec<(f64, f64)> = (0..RUNS).map(|run| one_run(&case, run, millis(600_000))).collect();
        let (detect, recover): (Vec<f64>, Vec<f64>) = runs.into_iter().unzip();
        check(case.name, "detection", &detect, &case.detect, case.detect_sd, rtt, 0.0);
        check(case.name, "recovery", &recover, &case.recover, case.recover_sd, 0.0, rtt);
    }
}

#[test]
fn the_naive_formula_would_be_caught() {
    // Down × interval without the timeout and without the phase: what the check above must not accept.
    let case = &cases()[1];
    let detect: Vec<f64> = (0..RUNS).map(|run| one_run(case, run, millis(600_000)).0).collect();
    let naive = Closed(2.5, 2.5, 2.5);
    let caught = std::panic::catch_unwind(|| {
        check("naive", "detection", &detect, &naive, uniform_sd(&[0.5]), RTT.as_secs_f64(), 0.0);
    });
    assert!(caught.is_err());
}
