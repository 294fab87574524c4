//! A service that collapses under its own retries: whether it does is chance, and the same chance under both executors.

use super::agreement::{Metrics, both};
use super::lab::scenario;
use tinsel::measure::estimators::wilson_interval;
use tinsel::scenario::resolved::Scenario;

const SEEDS: u32 = 100;

/// Twenty shops whose payments take a third of what the service can do, each tried four times, and a pulse of `peak` times as many
/// customers for two minutes at noon.
fn pulse(peak: f64, replications: u32) -> Scenario {
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

#[test]
fn explore() {
    for peak in [3.0, 4.0, 5.0, 6.0, 8.0] {
        let scenario = pulse(peak, 20);
        let pairs = both(&scenario);
        let shares: Vec<(f64, f64)> = pairs
            .iter()
            .map(|(run, plain)| {
                let (t, p) = (Metrics::of_tinsel(run), Metrics::of_plain(plain));
                (
                    t.payments_lost / (t.payments_lost + t.authorized),
                    p.payments_lost / (p.payments_lost + p.authorized),
                )
            })
            .collect();
        println!("{peak}: {shares:.3?}");
    }
    let _ = (SEEDS, wilson_interval(1, 2, 0.9));
}
