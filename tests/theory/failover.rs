//! Detection, recovery and late failover through the whole simulator (failover reference §9, oracles T1, T3, T4).
//!
//! `scenarios/lab/detection.toml` gives ten thousand stores one blackhole of ten minutes each. Support must hold for
//! every store (widened by one round trip, as a probe in flight is lost too); means within Student t bands.

use std::path::Path;

use super::detectors::{Case, Closed, RTT, cases};
use super::lab::{outcome, replications, scenario_file};
use super::statistics::{Quantity, check, z_limit};
use tinsel::kernel::draws::{Entity, Key};
use tinsel::model::detector::{Detector, LinkView, Site, Verdict};
use tinsel::scenario::resolved;
use tinsel::simulation::result::{IncidentKind, IncidentRow};
use tinsel::units::{SimTime, Span};

fn seconds(from: SimTime, to: Option<SimTime>) -> f64 {
    to.expect("the stage is reached").since(from).as_secs_f64()
}

#[test]
fn the_laboratory_of_detection_meets_support_and_mean_of_every_profile() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/lab/detection.toml");
    let scenario = scenario_file(&path, &[]);
    let incidents = outcome(&scenario).replications.swap_remove(0).incidents;
    assert_eq!(incidents.len(), scenario.stores.len(), "one incident a store, and no false alarm");
    let mut quantities = Vec::new();
    for Case { name, detect, recover, .. } in cases() {
        let of_profile = |row: &&IncidentRow| {
            let profile = scenario.stores[row.store.0 as usize].profile;
            scenario.profiles[profile.0 as usize].name == name
        };
        let rows: Vec<&IncidentRow> = incidents.iter().filter(of_profile).collect();
        assert!(rows.len() > 1_800, "{name}: {} stores", rows.len());
        assert!(rows.iter().all(|row| row.kind == IncidentKind::Failover), "{name}: every store fails over");
        let latencies = rows.iter().map(|row| seconds(row.fault, row.detected)).collect();
        quantities.push(supported(name, "detection", latencies, &detect, -RTT.as_secs_f64()));
        let repaired = |row: &IncidentRow| row.repaired.expect("ten minutes are over");
        let latencies = rows.iter().map(|row| seconds(repaired(row), row.recovery_detected)).collect();
        quantities.push(supported(name, "recovery", latencies, &recover, RTT.as_secs_f64()));
    }
    check(&quantities).unwrap();
}

/// Checks the support of `values`, and hands back what is to be said of their mean. A probe is lost from one round trip
/// before the fault on, and answered one round trip after it was sent: with them `shift` is that of the mean too. A
/// hello travels one way and waits for no answer.
fn supported(name: &str, what: &str, values: Vec<f64>, closed: &Closed, shift: f64) -> Quantity {
    let probes = !matches!(name, "bfd-300x3" | "vrrp");
    let name = format!("{name} {what}");
    let (low, high) = (closed.0 + shift.min(0.0), closed.2 + shift.max(0.0));
    for value in &values {
        assert!((low..=high).contains(value), "{name}: {value} outside {low}..{high}");
    }
    Quantity { name, values, expected: if probes { closed.1 + shift } else { closed.1 } }
}

fn short_outage(profile: &str, stores: u32, length: &str) -> Vec<IncidentRow> {
    let text = format!(
        r#"
        [scenario]
        name = "a short outage"
        seed = 135
        replications = 1
        first_day = 2019-11-27
        last_day = 2019-11-27
        interval = "1 h"
        [fleet.generate]
        stores = {stores}
        format = "closed"
        timezone = "America/Chicago"
        [fleet.draw]
        technology = "fibre_dia"
        topology = "second-router"
        standby = "hot-active"
        profile = "{profile}"
        [formats.closed]
        based_on = "kiosk"
        customers_per_day = 0
        [technologies.fibre_dia]
        rtt = "1 ms"
        jitter = "0 s"
        loss = 0
        [faults]
        enabled = false
        [[faults.scheduled]]
        name = "blackhole"
        at = "2019-11-27 08:00"
        spread = "6 h"
        duration = "{length}"
        "#
    );
    replications(&text).swap_remove(0).incidents
}

#[test]
fn an_outage_shorter_than_the_window_trips_with_the_probability_of_the_closed_form() {
    const STORES: u32 = 2_000;
    // Outage, P(trip): pfSense clamp((D − 12.5)/0.5), OPNsense clamp((D − 12)/1), both shifted by the probe in flight,
    // at most 1 ms / 500 ms = 0.002.
    let cases = [
        ("pfsense-dpinger", "12.4 s", 0.0),
        ("pfsense-dpinger", "12.6 s", 0.2),
        ("pfsense-dpinger", "12.75 s", 0.5),
        ("pfsense-dpinger", "13 s", 1.0),
        ("opnsense-dpinger", "11.9 s", 0.0),
        ("opnsense-dpinger", "12.5 s", 0.5),
        ("opnsense-dpinger", "12.8 s", 0.8),
        ("opnsense-dpinger", "13 s", 1.0),
    ];
    for (profile, length, probability) in cases {
        let incidents = short_outage(profile, STORES, length);
        let moved = incidents.iter().filter(|row| row.failover.is_some());
        let share = moved.count() as f64 / f64::from(STORES);
        let spread = f64::sqrt(probability * (1.0 - probability) / f64::from(STORES));
        let band = z_limit(cases.len() as u32) * spread + 0.002;
        assert!(
            (share - probability).abs() <= band,
            "{profile} {length}: {share}, not {probability} ± {band}"
        );
        let late = |row: &&IncidentRow| row.kind == IncidentKind::LateFailover;
        let named = incidents.iter().filter(late).count();
        assert_eq!(named as f64 / f64::from(STORES), share, "{profile} {length}: all of them are late");
    }
}

#[test]
fn pfsense_fails_over_late_after_fourteen_seconds_and_in_time_after_twenty() {
    let kinds = |length| -> Vec<IncidentKind> {
        short_outage("pfsense-dpinger", 500, length).iter().map(|row| row.kind).collect()
    };
    assert!(kinds("13.5 s").iter().all(|&kind| kind == IncidentKind::LateFailover));
    assert!(kinds("14 s").contains(&IncidentKind::LateFailover));
    assert!(kinds("20 s").iter().all(|&kind| kind == IncidentKind::Failover));
    // Detected at most 15.5 s after the onset, so 57 s on LTE are paid for an outage that was over.
    for row in short_outage("pfsense-dpinger", 500, "13.5 s") {
        let dwell = seconds(row.failover.expect("failed over"), row.failback);
        assert!((54.0..57.5).contains(&dwell), "on LTE for {dwell} s");
    }
}

#[test]
fn independent_loss_takes_the_expected_number_of_probes_to_a_false_alarm() {
    const RUNS: u64 = 4_000;
    const INTERVAL_S: u64 = 1;
    let parameters = resolved::Detector::ConsecutiveProbes {
        interval: Span::from_secs(INTERVAL_S),
        timeout: Span::from_millis(500),
        down: 3,
        up: 3,
    };
    let start = SimTime::from_unix_seconds(1_574_900_000);
    let end = start + Span::from_secs(200_000);
    let link = LinkView::healthy(start, RTT);
    let probes = |run: u64| {
        let key = Key { seed: 3, replication: run };
        let site = Site { key, uplink: Entity::new("uplink", "lossy", "primary"), base_loss: 0.1, end };
        let mut detector = Detector::new(&parameters, site, start, &link);
        loop {
            let now = detector.next();
            assert!(now < end, "a false alarm comes sooner");
            if detector.handle(now, &link) == Some(Verdict::Down) {
                let last_sent_s = now.since(start).as_secs_f64() - 0.5;
                return libm::floor(last_sent_s / INTERVAL_S as f64) + 1.0;
            }
        }
    };
    let p = 0.1;
    let expected = (1.0 / (p * p * p) - 1.0) / (1.0 - p);
    let values = (0..RUNS).map(probes).collect();
    check(&[Quantity { name: "probes to three losses in a row".to_owned(), values, expected }]).unwrap();
}
