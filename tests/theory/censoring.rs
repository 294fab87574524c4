//! Failovers and ways back that the end of the run hides, through the whole simulator, where the truth is known.

use std::sync::Arc;

use super::lab::{outcome, scenario};
use super::statistics::FALSE_ALARM;
use tinsel::measure::design::Design;
use tinsel::measure::sample::{Sample, Times};
use tinsel::report::Summary;
use tinsel::report::stages::{Stage, latencies};
use tinsel::report::summary::LEVEL;
use tinsel::scenario::resolved::Scenario;
use tinsel::simulation::result::{IncidentRow, RunResult};
use tinsel::units::SimTime;

/// Loss of a faulty link, and what notices it: so many probes lost in a row, so many seconds apart.
const LOSS: f64 = 0.06;
const ROW: f64 = 3.0;
const PERIOD: f64 = 5.0;
const REPAIR: f64 = 12.0 * 3_600.0;

/// Stores with a hot backup over so many days, with these causes of faults and this on top of their profile.
fn stores(days: u32, causes: &str, profile: &str) -> Scenario {
    let shipped = super::faults::SHIPPED.iter();
    let off: Vec<String> = shipped.map(|name| format!("[faults.causes.{name}]\nenabled = false\n")).collect();
    scenario(&format!(
        r#"
        [scenario]
        name = "cut off"
        seed = 1958
        replications = 24
        first_day = 2019-11-01
        last_day = 2019-11-0{days}
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
        [profiles.peplink-default]
        {profile}
        [faults]
        lead_in = "0 s"
        {}
        {causes}
        "#,
        off.concat()
    ))
}

/// Links that turn lossy by chance and are mended after 12 h on average.
fn water() -> String {
    format!(
        r#"
        [faults.causes.water]
        scope = "uplink"
        signature = "partial-loss"
        loss = {LOSS}
        rate_per_year = 300
        repair = {{ mean = "12 h" }}
        remedy = "provider"
        "#
    )
}

/// Both the next row of lost probes and the repair have no memory, so that what comes first comes at the sum of their rates and is
/// the row with a probability in proportion to its rate (W. Feller, "An Introduction to Probability Theory", vol. 1, XIII.7: the mean wait
/// for a row). A fifth of the faults is still open when the day ends. Four intervals, a false alarm of 1 in 1,000 for all.
#[test]
fn latencies_and_incidences_are_right_although_the_day_ends() {
    let row = libm::pow(LOSS, ROW);
    let rate = row * (1.0 - LOSS) / (1.0 - row) / PERIOD;
    let both = rate + 1.0 / REPAIR;
    let scenario = stores(1, &water(), "");
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
    let naive =
        completed(&scenario, &result, Stage::Failover, 0.5).interval(&design, 1.0 - FALSE_ALARM / 4.0);
    println!("of those completed: {naive:?}");
    let high = naive.and_then(|naive| naive.high);
    assert!(high.is_some_and(|high| high < libm::log(2.0) / both), "too short: {naive:?}");
}

/// A quantile of what was completed alone.
fn completed(scenario: &Scenario, result: &RunResult, stage: Stage, q: f64) -> Sample {
    let of_one = |one| {
        let mut nanos: Vec<u64> =
            latencies(scenario, one, stage).map(|(_, latency)| latency.as_nanos()).collect();
        nanos.sort_unstable();
        nanos
    };
    Sample::Quantile { times: Arc::new(Times::Exact(result.replications.iter().map(of_one).collect())), q }
}

/// What a run that goes on shows of the incidents of one that ended at `end`: of the way out those that began before, of the way back
/// those that were moved and mended before.
fn in_the_end(scenario: &Scenario, result: &RunResult, stage: Stage, q: f64, end: SimTime) -> f64 {
    let is_of = |row: &IncidentRow| match stage {
        Stage::Detection | Stage::BringUp | Stage::Switch | Stage::Failover => row.fault < end,
        Stage::Failback => row.failover.max(row.repaired).is_some_and(|both| both < end),
    };
    let rows = result.replications.iter().flat_map(|one| latencies(scenario, one, stage));
    let mut seconds: Vec<f64> =
        rows.filter(|(row, _)| is_of(row)).map(|(_, latency)| latency.as_secs_f64()).collect();
    seconds.sort_by(f64::total_cmp);
    seconds[libm::ceil(q * seconds.len() as f64) as usize - 1]
}

/// The short run's quantiles are of the latencies that the same faults have in a run that is long enough to complete them; those of
/// what the short run completed, where `is_short` names the quantile, are too short.
fn matches_the_long_run(days: [u32; 2], causes: &str, profile: &str, quantiles: &[(Stage, f64, bool)]) {
    let [short, long] = days.map(|days| stores(days, causes, profile));
    let [seen, all] = [&short, &long].map(outcome);
    let begun = |scenario: &Scenario, result: &RunResult| -> usize {
        let rows = result.replications.iter().flat_map(|one| &one.incidents);
        rows.filter(|row| row.fault < short.window.end && row.fault >= scenario.window.start).count()
    };
    assert_eq!(begun(&short, &seen), begun(&long, &all), "the same faults");
    let summary = Summary::new(&short, &seen);
    let design = Design::plain(seen.replications.len());
    for &(stage, q, is_short) in quantiles {
        let name = format!("{}_latency_p{}", stage.name(), q * 100.0);
        let truth = in_the_end(&long, &all, stage, q, short.window.end);
        let metric = summary.metric("failover", &name).expect("a metric");
        let interval =
            metric.sample.interval(&design, 1.0 - FALSE_ALARM / quantiles.len() as f64).expect("measured");
        let naive = completed(&short, &seen, stage, q).interval(&design, LEVEL).expect("measured");
        println!("{name}: {truth:.1} s in the end; {interval:.1?}; of those completed {naive:.1?}");
        assert!(interval.covers(truth), "{name}");
        assert!(!is_short || naive.high.is_some_and(|high| high < truth), "{name} of those completed");
    }
}

/// Detection by rows of lost probes.
#[test]
fn a_detection_that_a_day_cuts_off_is_as_long_as_it_becomes() {
    let quantiles = [(Stage::Detection, 0.5, true), (Stage::Detection, 0.95, true)];
    matches_the_long_run([1, 4], &water(), "", &quantiles);
}

/// Cut cables, mended in so many hours on average.
fn cuts(hours: u32) -> String {
    format!(
        r#"
        [faults.causes.digger]
        scope = "uplink"
        signature = "blackhole"
        rate_per_year = 200
        repair = {{ mean = "{hours} h" }}
        remedy = "provider"
        "#
    )
}

/// Bring-up held up by dead backups, and a router that takes its time.
#[test]
fn a_bring_up_and_a_switch_that_a_day_cuts_off_are_as_long_as_they_become() {
    const DEAD: &str = r#"
        [faults.causes.site]
        scope = "backup"
        signature = "blackhole"
        rate_per_year = 2000
        repair = { mean = "3 h" }
        remedy = "provider"
        "#;
    let quantiles = [(Stage::BringUp, 0.95, true), (Stage::Switch, 0.5, true), (Stage::Failover, 0.5, true)];
    matches_the_long_run([1, 4], &(cuts(12) + DEAD), "route_change = { mean = \"4 h\" }", &quantiles);
}

#[test]
fn a_way_back_that_waits_for_somebody_is_as_long_as_it_becomes_although_the_day_ends() {
    let by_hand = "failback = \"manual\"\nfailback_manual = { mean = \"4 h\" }";
    let quantiles = [(Stage::Failback, 0.5, true), (Stage::Failback, 0.95, true)];
    matches_the_long_run([1, 4], &cuts(1), by_hand, &quantiles);
}

/// What is mended on the last day waits for the small hours in vain, so that those who wait long are missing; but all that wait for
/// the same hour are missing or none is, and any other may not stand for them.
#[test]
fn a_way_back_that_waits_for_the_small_hours_is_as_long_as_it_becomes() {
    let at_night = "failback = \"window\"\nfailback_from = \"03:00\"\nfailback_to = \"04:00\"";
    matches_the_long_run(
        [2, 4],
        &cuts(1),
        at_night,
        &[(Stage::Failback, 0.5, true), (Stage::Failback, 0.95, false)],
    );
}
