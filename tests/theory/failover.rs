//! Detection, recovery and late failover through the whole simulator (failover reference §9, oracles T1, T3, T4).
//!
//! `scenarios/lab/detection.toml` gives ten thousand stores one blackhole of ten minutes each. Support must hold for
//! every store (widened by one round trip, as a probe in flight is lost too); means within Student t bands.

use std::path::Path;

use super::detectors::RTT;
use super::lab::{outcome, replications, scenario_file};
use super::oracles::{self, BLACKHOLE, Outage};
use super::statistics::{Quantity, check, z_limit};
use tinsel::kernel::draws::{Entity, Key};
use tinsel::model::detector::closed::{ClosedForms, Spread};
use tinsel::model::detector::{Detector, LinkView, Site, Verdict};
use tinsel::scenario::library;
use tinsel::scenario::resolved::{self, Ends, Profile};
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
    let rtt = scenario.technologies[scenario.stores[0].technology.0 as usize].rtt;
    let mut quantities = Vec::new();
    let mut profiles = 0;
    for (index, profile) in scenario.profiles.iter().enumerate() {
        let of_profile =
            |row: &&IncidentRow| scenario.stores[row.store.0 as usize].profile.0 as usize == index;
        let rows: Vec<&IncidentRow> = incidents.iter().filter(of_profile).collect();
        if rows.is_empty() {
            continue;
        }
        profiles += 1;
        assert!(rows.len() > 1_800, "{}: {} stores", profile.name, rows.len());
        quantities.extend(stages(profile, rtt, &rows));
    }
    assert_eq!(profiles, 5);
    check(&quantities).unwrap();
}

/// Every profile that probes, in the library's form but for what starting processes costs, through an outage of random
/// length.
#[test]
fn every_profile_of_the_library_meets_its_closed_forms_through_the_whole_simulator() {
    let mut quantities = Vec::new();
    for profile in library().iter().filter(|profile| profile.detector.is_some()) {
        let timers = match profile.detector {
            Some(resolved::Detector::SequentialProbes(_)) => "overhead = \"0 s\"",
            _ => "",
        };
        let lasts = "{ low = \"1 h\", high = \"2 h\" }";
        let outage = Outage { profile: &profile.name, timers, stores: 500, lasts, ..BLACKHOLE };
        let rows = outage.incidents();
        assert_eq!(rows.len(), 500, "{}: one incident a store, and no false alarm", profile.name);
        quantities.extend(stages(&outage.resolved(), oracles::RTT, &rows.iter().collect::<Vec<_>>()));
    }
    check(&quantities).unwrap();
}

/// Checks the support of detection and recovery, and hands back what is to be said of their means. `closed.rs` has the
/// sessions' recoveries.
fn stages(profile: &Profile, rtt: Span, rows: &[&IncidentRow]) -> Vec<Quantity> {
    assert!(
        rows.iter().all(|row| row.kind == IncidentKind::Failover),
        "{}: every store fails over",
        profile.name
    );
    let closed = ClosedForms::of(profile, rtt);
    let detections = rows.iter().map(|row| row.detected.expect("detected").since(row.fault)).collect();
    let mut found =
        vec![supported(profile, "detection", detections, &closed.detection.expect("it detects"), rtt)];
    let by_session = matches!(
        profile.detector,
        Some(resolved::Detector::HelloDead(resolved::HelloDead { ends: Ends::Session, .. }))
    );
    if !by_session {
        let recovery = |row: &&IncidentRow| {
            row.recovery_detected.expect("recovered").since(row.repaired.expect("the outage is over"))
        };
        let recoveries = rows.iter().map(recovery).collect();
        found.push(supported(profile, "recovery", recoveries, &closed.recovery.expect("it recovers"), rtt));
    }
    found
}

/// The closed forms take hellos to arrive at once; those out of turn travel half a round trip.
fn supported(profile: &Profile, what: &str, latencies: Vec<Span>, closed: &Spread, rtt: Span) -> Quantity {
    const ROUNDING: f64 = 1e-6;
    let slack =
        if let Some(resolved::Detector::HelloDead(_)) = profile.detector { rtt.as_secs_f64() } else { 0.0 };
    let name = format!("{} {what}", profile.name);
    let (low, high) = (closed.min - slack - ROUNDING, closed.max + slack + ROUNDING);
    let values: Vec<f64> = latencies.into_iter().map(Span::as_secs_f64).collect();
    for value in &values {
        assert!((low..=high).contains(value), "{name}: {value} outside {low}..{high}");
    }
    Quantity { name, values, expected: closed.mean }
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
