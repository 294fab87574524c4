//! A link that flaps: when the kernel tells of a lost carrier, and what mwan3 makes of a link that returns dead.

use std::collections::BTreeMap;

use tinsel::kernel::draws::{Entity, Key};
use tinsel::model::detector::{Detector, LinkView, Site, Verdict};
use tinsel::scenario::library;
use tinsel::scenario::resolved::{self, Hit, Window};
use tinsel::simulation::result::IncidentRow;
use tinsel::simulation::{Execution, Progress, run};
use tinsel::units::{SimTime, Span};

use super::compare::{LEVEL, WIDENED};
use super::measured;
use super::simulated::load_text;
use tinsel::measure::estimators::order_statistic_interval;

/// Rows of a file that has a plain comment instead of a JSON one.
fn rows(file: &str) -> Vec<BTreeMap<String, f64>> {
    let path = measured::shipped().join(file);
    let mut reader =
        csv::ReaderBuilder::new().comment(Some(b'#')).from_path(&path).expect("the file is there");
    let headers = reader.headers().expect("a header").clone();
    let row = |record: csv::StringRecord| {
        let fields = headers.iter().zip(record.iter());
        fields.filter_map(|(name, field)| Some((name.to_owned(), field.parse().ok()?))).collect()
    };
    reader.records().map(|record| row(record.expect("a row"))).collect()
}

/// A carrier: it goes at six, comes back 5 ms later, and goes again `gap_s` after the first time.
fn second_loss_seen_after(gap_s: f64) -> f64 {
    let text = r#"
        [scenario]
        name = "two losses of carrier"
        seed = 1
        replications = 1
        first_day = 2019-11-27
        last_day = 2019-11-27
        [fleet.generate]
        stores = 1
        format = "closed"
        timezone = "America/Chicago"
        [fleet.draw]
        technology = "fibre_dia"
        topology = "none"
        profile = "carrier-loss"
        [profiles.carrier-loss]
        carrier_poll = "0 s"
        carrier_delay = "0.5 ms"
        [formats.closed]
        based_on = "kiosk"
        customers_per_day = 0
        [faults]
        enabled = false
        [[faults.scheduled]]
        name = "first"
        signature = "carrier-lost"
        at = "2019-11-27 06:00"
        duration = "0.005 s"
        [[faults.scheduled]]
        name = "second"
        signature = "carrier-lost"
        at = "2019-11-27 07:00"
        duration = "60 s"
    "#;
    let mut scenario = load_text(text);
    let first = scenario.scheduled_faults[0].hits[0];
    let second = first.window.start + Span::from_secs_f64(gap_s);
    let window = Window { start: second, end: second + Span::from_secs(60) };
    scenario.scheduled_faults[1].hits = vec![Hit { window, ..first }];
    let result = run(&scenario, Execution::default(), &Progress::default()).expect("nobody cancels it");
    let rows: &[IncidentRow] = &result.replications[0].incidents;
    rows[1].detected.expect("a lost carrier is seen").since(second).as_secs_f64()
}

#[test]
fn a_second_loss_of_carrier_waits_for_its_second_as_in_the_kernel() {
    // In the trials the other loss was on another interface of the same kernel; the limit is one for all of them.
    let (mut alone, mut held_back, mut off) = (Vec::new(), 0, Vec::new());
    for row in rows("kernel_linkwatch_delay.csv") {
        let measured_s = row["down_delay_s"];
        let Some(&gap_s) = row.get("gap_s") else {
            alone.push(measured_s);
            continue;
        };
        let simulated_s = second_loss_seen_after(gap_s);
        // Both within the 3 ms of a free report; the kernel's second may last 1.03 s.
        if !(-0.004..0.035).contains(&(measured_s - simulated_s)) {
            off.push((row.clone(), simulated_s));
        }
        held_back += usize::from(simulated_s > 0.1);
    }
    // Once a loss that nobody noted had begun the second earlier.
    assert!(off.len() <= 1, "{off:?}");
    assert!(held_back > 10, "the limit was met {held_back} times");
    alone.sort_by(f64::total_cmp);
    assert!(alone[alone.len() / 2] < 0.003, "a loss by itself is reported at once: {alone:?}");
    assert!(second_loss_seen_after(10.0) < 0.003);
}

/// mwan3 on a link whose carrier goes for three seconds, and which is dead from then until `alive_s` later.
fn flap(run: u64, alive_s: f64) -> [f64; 3] {
    let (mut interval, mut parameters) = (Span::from_secs(1), None);
    for profile in library() {
        if profile.name == "mwan3-single-ip" {
            parameters = profile.detector;
        }
    }
    let mut parameters = parameters.expect("the library has mwan3");
    if let resolved::Detector::SequentialProbes(resolved::SequentialProbes {
        interval: sleep,
        failure_interval,
        recovery_interval,
        timeout,
        down,
        up,
        ..
    }) = &mut parameters
    {
        (*sleep, *failure_interval, *recovery_interval, *timeout) = (interval, interval, interval, interval);
        (*down, *up) = (3, 3);
    }
    interval = Span::from_secs(3);
    let start = SimTime::from_unix_seconds(1_574_900_000);
    let key = Key { seed: 7, replication: run };
    let end = start + Span::from_secs(1_000);
    let site = Site { key, uplink: Entity::new("uplink", "flap", "primary"), base_loss: 0.0, end };
    let healthy = LinkView::healthy(start, Span::from_millis(21));
    let mut detector = Detector::new(&parameters, site, start, &healthy);
    let lost = start + Span::from_nanos(100_000_000_000 + run * 77_777_777);
    let dead = healthy.dead(lost);
    detector.link_changed(lost, &dead);
    assert_eq!(detector.carrier_changed(lost, false, &dead), Some(Verdict::Down), "it is believed at once");
    let back = lost + interval;
    assert_eq!(detector.carrier_changed(back, true, &dead), None);
    let mut verdict = |link: &LinkView, until: SimTime| {
        while detector.next() < until {
            let now = detector.next();
            if let Some(verdict) = detector.handle(now, link) {
                return (verdict, now);
            }
        }
        panic!("no verdict before {until:?}")
    };
    let (trusted, online) = verdict(&dead, end);
    let (noticed, offline) = verdict(&dead, end);
    assert_eq!((trusted, noticed), (Verdict::Up, Verdict::Down));
    let alive = offline + Span::from_secs_f64(alive_s);
    while detector.next() < alive {
        let now = detector.next();
        assert_eq!(detector.handle(now, &dead), None);
    }
    let living = LinkView { alive: true, since: alive, ..healthy };
    detector.link_changed(alive, &living);
    let repaired = loop {
        let now = detector.next();
        if detector.handle(now, &living) == Some(Verdict::Up) {
            break now;
        }
    };
    let seconds = |from: SimTime, to: SimTime| to.since(from).as_secs_f64();
    [seconds(back, online), seconds(back, offline), seconds(alive, repaired)]
}

#[test]
fn mwan3_trusts_a_link_that_returns_dead_for_a_whole_detection() {
    let measured = rows("mwan3_fast_flap_with_dead_upstream.csv");
    let simulated: Vec<[f64; 3]> =
        (0..1_000).map(|run| flap(run, 0.5 + 3.0 * (run as f64 / 1_000.0))).collect();
    for (position, column) in
        ["ifup_to_online_s", "ifup_to_offline_again_s", "repair_to_online_s"].into_iter().enumerate()
    {
        let trials: Vec<f64> = measured.iter().map(|row| row[column]).collect();
        let values: Vec<f64> = simulated.iter().map(|run| run[position]).collect();
        let interval = order_statistic_interval(&trials, 0.5, LEVEL).expect("trials");
        let median = order_statistic_interval(&values, 0.5, LEVEL).expect("runs").estimate;
        let (low, high) = (interval.low.expect("twenty trials"), interval.high.expect("twenty trials"));
        println!("{column}: {} measured, {median} simulated", interval.estimate);
        assert!(
            (low * (1.0 - WIDENED)..=high * (1.0 + WIDENED)).contains(&median),
            "{column}: {median} outside {low}..{high}"
        );
    }
}
