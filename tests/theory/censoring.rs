//! Failovers that the end of the run hides, through the whole simulator, where the truth is known.

use std::sync::Arc;

use super::lab::{outcome, scenario};
use super::statistics::FALSE_ALARM;
use tinsel::measure::design::Design;
use tinsel::measure::sample::{Sample, Times};
use tinsel::report::Summary;
use tinsel::report::stages::{Stage, latencies};
use tinsel::scenario::resolved::Scenario;

/// Loss of a faulty link, and what notices it: so many probes lost in a row, so many seconds apart.
const LOSS: f64 = 0.06;
const ROW: f64 = 3.0;
const PERIOD: f64 = 5.0;
const REPAIR: f64 = 12.0 * 3_600.0;

/// Links that turn lossy by chance and are mended after 12 h on average, over one day.
fn lossy_lines() -> Scenario {
    let shipped = super::faults::SHIPPED.iter();
    let off: Vec<String> = shipped.map(|name| format!("[faults.causes.{name}]\nenabled = false\n")).collect();
    scenario(&format!(
        r#"
        [scenario]
        name = "lossy lines"
        seed = 1958
        replications = 24
        first_day = 2019-11-01
        last_day = 2019-11-01
        interval = "1 d"
        [fleet.generate]
        stores = 250
        format = "kiosk"
        timezone = "UTC"
        region = "R"
        [fleet.draw]
        technology = "fibre_dia"
        topology = "second-router"
        standby = "hot"
        profile = "peplink-default"
        [formats.kiosk]
        customers_per_day = 2
        [lte.latent]
        rate_per_year = 0
        [faults]
        lead_in = "0 s"
        {}
        [faults.causes.water]
        scope = "uplink"
        signature = "partial-loss"
        loss = {LOSS}
        rate_per_year = 300
        repair = {{ mean = "12 h" }}
        remedy = "provider"
        "#,
        off.concat()
    ))
}

/// Both the next row of lost probes and the repair have no memory, so that what comes first comes at the sum of their rates and is
/// the row with a probability in proportion to its rate (W. Feller, "An Introduction to Probability Theory", vol. 1, XIII.7: the mean wait
/// for a row). A fifth of the faults is still open when the day ends. Four intervals, a false alarm of 1 in 1,000 for all.
#[test]
fn latencies_and_incidences_are_right_although_the_day_ends() {
    let row = libm::pow(LOSS, ROW);
    let rate = row * (1.0 - LOSS) / (1.0 - row) / PERIOD;
    let both = rate + 1.0 / REPAIR;
    let scenario = lossy_lines();
    let result = outcome(&scenario);
    let summary = Summary::new(&scenario, &result);
    let design = Design::plain(result.replications.len());
    let metric = |name: &str| summary.metric("failover", name).expect("a metric");
    let estimate = |name: &str| metric(name).value.expect("measured").estimate;
    let (all, open) = (estimate("failover_needed_count"), estimate("failover_censored_count"));
    println!("{all} faults a day, {open} of them open at its end");
    assert!(open > 0.1 * all, "the day's end matters");
    for (name, truth) in [
        ("failover_latency_p50", libm::log(2.0) / both),
        ("failover_latency_p95", libm::log(20.0) / both),
        ("failover_incidence", rate / both),
        ("repaired_first_incidence", 1.0 - rate / both),
    ] {
        let interval = metric(name).sample.interval(&design, 1.0 - FALSE_ALARM / 4.0).expect("measured");
        println!(
            "{name}: {:?} {:.4} {:?} against {truth:.4}",
            interval.low, interval.estimate, interval.high
        );
        assert!(interval.covers(truth), "{name}");
    }
    // What was completed alone is too short.
    let completed = |one| {
        let mut nanos: Vec<u64> =
            latencies(&scenario, one, Stage::Failover).map(|(_, latency)| latency.as_nanos()).collect();
        nanos.sort_unstable();
        nanos
    };
    let times = Arc::new(Times::Exact(result.replications.iter().map(completed).collect()));
    let naive =
        Sample::Quantile { times, q: 0.5 }.interval(&design, 1.0 - FALSE_ALARM / 4.0).expect("measured");
    println!("of those completed: {naive:?}");
    assert!(naive.high.is_some_and(|high| high < libm::log(2.0) / both), "{naive:?}");
}
