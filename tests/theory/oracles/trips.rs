//! Whether a short outage, or chance alone, makes a rule trip (failover reference, oracles T3, T4 and T6). Windows are in
//! `failover.rs`.

use super::super::statistics::{Quantity, check, z_limit};
use super::outages::{BLACKHOLE, Outage, profile};
use tinsel::kernel::draws::{Entity, Key};
use tinsel::model::detector::{Detector, LinkView, Site, Verdict};
use tinsel::scenario::resolved;
use tinsel::simulation::result::IncidentKind;
use tinsel::units::{SimTime, Span};

const RTT: Span = Span::from_millis(20);

fn start() -> SimTime {
    SimTime::from_unix_seconds(1_574_900_000)
}

#[test]
fn an_outage_trips_only_if_all_its_probes_fall_inside() {
    // P(trip): 0 below (K − 1)·I, 1 from K·I on, linear between; mwan3 with one target needs its fifth ping, which comes at
    // U(0, 10) + 4·14 s. A probe in flight shifts that by 1 ms of the interval at most.
    let cases = [
        ("fortinet-sdwan", "1.99 s", 0.0),
        ("fortinet-sdwan", "2.1 s", 0.2),
        ("fortinet-sdwan", "2.25 s", 0.5),
        ("fortinet-sdwan", "2.4 s", 0.8),
        ("fortinet-sdwan", "2.5 s", 1.0),
        ("peplink-default", "9.9 s", 0.0),
        ("peplink-default", "11 s", 0.2),
        ("peplink-default", "14 s", 0.8),
        ("peplink-default", "15 s", 1.0),
        ("netcomm-ntc-140", "39.9 s", 0.0),
        ("netcomm-ntc-140", "45 s", 0.5),
        ("netcomm-ntc-140", "50 s", 1.0),
        ("mwan3-single-ip", "55.9 s", 0.0),
        ("mwan3-single-ip", "58 s", 0.2),
        ("mwan3-single-ip", "61 s", 0.5),
        ("mwan3-single-ip", "64 s", 0.8),
        ("mwan3-single-ip", "66.1 s", 1.0),
    ];
    for (profile, lasts, probability) in cases {
        let timers = if profile.starts_with("mwan3") { "overhead = \"0 s\"" } else { "" };
        let lasts = format!("\"{lasts}\"");
        let outage = Outage { profile, timers, lasts: &lasts, stores: 2_000, ..BLACKHOLE };
        let rows = outage.incidents();
        let moved = rows.iter().filter(|row| row.failover.is_some()).count();
        let (share, stores) = (moved as f64 / rows.len() as f64, f64::from(outage.stores));
        let spread = f64::sqrt(probability * (1.0 - probability) / stores);
        let band = z_limit(cases.len() as u32) * spread + 0.0025;
        assert!(
            (share - probability).abs() <= band,
            "{profile} {lasts}: {share}, not {probability} ± {band}"
        );
        let known = [IncidentKind::Failover, IncidentKind::LateFailover, IncidentKind::NoFailover];
        assert!(rows.iter().all(|row| known.contains(&row.kind)), "{profile} {lasts}: no alarm is false");
    }
}

/// Probes until the first alarm under independent losses, of each run.
fn probes_to_alarm(interval: Span, timeout: Span, down: u32, loss: f64) -> Vec<f64> {
    const RUNS: u64 = 2_000;
    let parameters = resolved::Detector::ConsecutiveProbes { interval, timeout, down, up: 5 };
    let end = start() + Span::from_secs(4_000_000);
    let link = LinkView::healthy(start(), RTT);
    let run = |run: u64| {
        let key = Key { seed: 4, replication: run };
        let site = Site { key, uplink: Entity::new("uplink", "lossy", "primary"), base_loss: loss, end };
        let mut detector = Detector::new(&parameters, site, start(), &link);
        loop {
            let now = detector.next();
            assert!(now < end, "a false alarm comes sooner");
            if detector.handle(now, &link) == Some(Verdict::Down) {
                let last_sent = now.since(start()).as_secs_f64() - timeout.as_secs_f64();
                return libm::floor(last_sent / interval.as_secs_f64()) + 1.0;
            }
        }
    };
    (0..RUNS).map(run).collect()
}

#[test]
fn independent_losses_take_the_expected_number_of_probes_to_fill_a_row() {
    let resolved::Detector::ConsecutiveProbes { interval, timeout, down, .. } =
        profile("fortinet-sdwan").detector.expect("it probes")
    else {
        panic!("Fortinet counts losses in a row")
    };
    assert_eq!(down, 5);
    let quantity = |down, loss, expected| Quantity {
        name: format!("{down} in a row at {loss}"),
        values: probes_to_alarm(interval, timeout, down, loss),
        expected,
    };
    // (p⁻ᴷ − 1)/(1 − p).
    check(&[quantity(3, 0.2, 155.0), quantity(3, 0.1, 1_110.0), quantity(5, 0.2, 3_905.0)]).unwrap();
}

/// Alarms of each run in six hours of independent losses.
fn alarms(detector: &resolved::Detector, name: &str, loss: f64) -> Vec<f64> {
    const RUNS: u64 = 100;
    let end = start() + Span::from_secs(6 * 3_600);
    let link = LinkView::healthy(start(), RTT);
    let run = |run: u64| {
        let key = Key { seed: 6, replication: run };
        let site = Site { key, uplink: Entity::new("uplink", name, "primary"), base_loss: loss, end };
        let mut detector = Detector::new(detector, site, start(), &link);
        let mut alarms = 0.0;
        while detector.next() < end {
            alarms += f64::from(detector.handle(detector.next(), &link) == Some(Verdict::Down));
        }
        alarms
    };
    (0..RUNS).map(run).collect()
}

#[test]
fn a_link_that_hovers_at_the_threshold_flaps_without_a_hold() {
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let detector = |name| profile(name).detector.expect("it probes");
    let (opnsense, pfsense) = (detector("opnsense-dpinger"), detector("pfsense-dpinger"));
    let mut held = opnsense;
    if let resolved::Detector::WindowedLoss(resolved::WindowedLoss { hold_checks, .. }) = &mut held {
        *hold_checks = 10;
    }
    for loss in [0.18, 0.2, 0.22] {
        let counts = [&opnsense, &pfsense, &held].map(|detector| alarms(detector, "hovering", loss));
        let means = counts.each_ref().map(|counts| mean(counts));
        println!(
            "alarms in six hours at {loss}: OPNsense {}, pfSense {}, held {}",
            means[0], means[1], means[2]
        );
        // Same exposure, a hundred runs of each: standard errors are below two hundredths of the means.
        for with_hold in &means[1..] {
            assert!(means[0] > 1.5 * with_hold, "{loss}: {means:?}");
        }
    }
}
