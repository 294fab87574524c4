//! A service that collapses under its own retries: whether it does is chance, and the same chance under both executors.

use super::agreement::{Metrics, both};
use super::lab::scenario;
use tinsel::measure::estimators::wilson_interval;
use tinsel::scenario::resolved::Scenario;

const SEEDS: u32 = 100;

/// Twenty shops whose payments take a third of what the service can do, each tried four times, and a pulse of `peak` times as many
/// customers for two minutes at noon; the service's grid has this step.
fn pulse(peak: f64, replications: u32, step: &str) -> Scenario {
    scenario(&format!(
        r#"
        [scenario]
        name = "collapse"
        seed = 5
        replications = {replications}
        first_day = 2019-11-20
        last_day = 2019-11-20
        interval = "1 h"
        [fleet.generate]
        stores = 20
        format = "shop"
        timezone = "UTC"
        [fleet.draw]
        technology = "fibre_dia"
        carrier = "att"
        signal = "15 dB"
        topology = "none"
        profile = "fortinet-sdwan"
        sales_spread = 0
        [formats.shop]
        based_on = "mall_specialty"
        customers_per_day = 360
        lanes = 60
        scan = "5 s"
        cash_share = 0
        cash_fallback = 0
        patience = "1 h"
        [formats.shop.hours]
        open = "11:00"
        close = "14:00"
        [formats.shop.curve]
        weekday = "flat"
        weekend = "flat"
        [formats.shop.staffing]
        all_open = true
        [payments]
        terminal = "1 s"
        host = {{ mean = "0.5 s" }}
        decline = 0
        timeout = "10 s"
        retries = 3
        [services.processor]
        servers = 1
        queue_limit = 100000
        step = "{step}"
        [[surge]]
        name = "pulse"
        start = "2019-11-20 12:00"
        ramp = "0 s"
        plateau = "2 min"
        decay = "1 s"
        peak = {peak}
        [faults]
        enabled = false
        "#
    ))
}

/// Payments lost over all that ended.
fn lost(metrics: &Metrics) -> f64 {
    metrics.payments_lost / (metrics.payments_lost + metrics.authorized)
}

/// It collapsed if the pulse, a minute of load in fifteen, has cost more than that.
const COLLAPSED: f64 = 0.3;

#[test]
fn as_many_seeds_collapse() {
    let scenario = pulse(3.0, SEEDS, "1 s");
    let (mut tinsel, mut plain, mut differ) = (0, 0, 0);
    for (run, other) in both(&scenario) {
        let (mine, other) = (lost(&Metrics::of_tinsel(&run)), lost(&Metrics::of_plain(&other)));
        // Nothing in between: it is over after minutes, or lasts until the doors close.
        for share in [mine, other] {
            assert!(!(0.1..0.5).contains(&share), "{share}");
        }
        tinsel += u64::from(mine > COLLAPSED);
        plain += u64::from(other > COLLAPSED);
        differ += u64::from((mine > COLLAPSED) != (other > COLLAPSED));
    }
    let interval = wilson_interval(plain, u64::from(SEEDS), 0.99).expect("seeds");
    println!("of {SEEDS} seeds {tinsel} collapse, {plain} in the plain executor; {differ} differ");
    let share = tinsel as f64 / f64::from(SEEDS);
    assert!((0.2..=0.8).contains(&share), "{share}");
    assert!(interval.covers(share), "{share} against {interval:?}");
}

/// Coarser and finer than the default of one second.
const STEPS: [&str; 4] = ["4 s", "1 s", "250 ms", "50 ms"];
const DEFAULT: usize = 1;
/// The most that published state may be wrong at the default step.
const LIMIT: f64 = 0.02;

/// What is amiss at one step of the service's grid, in ten collapses after each of two pulses: payments lost and payments authorized,
/// one by one (the sums of what is amiss at each over the sums of all); what stores take waits to be less what they are, over the waits.
fn amiss(step: &str) -> [f64; 3] {
    let (mut off, mut all) = ([0.0; 3], [0.0; 3]);
    for (run, plain) in [5.0, 8.0].into_iter().flat_map(|peak| both(&pulse(peak, 10, step))) {
        let (tinsel, plain) = (Metrics::of_tinsel(&run), Metrics::of_plain(&plain));
        off[0] += (tinsel.payments_lost - plain.payments_lost).abs();
        all[0] += plain.payments_lost;
        off[1] += (tinsel.authorized - plain.authorized).abs();
        all[1] += plain.authorized;
        for counts in run.services.iter().flat_map(|service| &service.intervals) {
            off[2] += counts.wait_error.as_secs_f64();
            all[2] += counts.wait.as_secs_f64();
        }
    }
    [0, 1, 2].map(|metric| off[metric] / all[metric])
}

#[test]
fn a_collapse_errs_less_the_finer_its_grid() {
    let amiss = STEPS.map(|step| {
        let amiss = amiss(step);
        println!("step {step}: lost {:.6}, authorized {:.6}, waits {:.6}", amiss[0], amiss[1], amiss[2]);
        amiss
    });
    for pair in amiss.windows(2) {
        assert!(pair[1].iter().zip(&pair[0]).all(|(finer, coarser)| finer < coarser), "{amiss:?} shrink");
    }
    assert!(amiss[DEFAULT].iter().all(|&error| error <= LIMIT), "{amiss:?}");
}
