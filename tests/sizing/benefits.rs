//! Forced faults against brute force on 200 stores: the same yearly benefit of a lever for the fleet, by two ways that share nothing but
//! the model. False-alarm rate 0.001 by a normal band on both standard errors; seeds fixed.

use tinsel::experiment::size::{Combination, benefits};
use tinsel::kernel::variates::normal_quantile;
use tinsel::measure::estimators::mean_interval;

use super::Lab;

const TEXT: &str = r#"
[scenario]
name = "two hundred kiosks"
seed = 77
replications = 1
first_day = 2019-11-29
last_day = 2019-11-30
[fleet.generate]
stores = 200
format = "kiosk"
timezone = "UTC"
market = "M"
region = "R"
[fleet.draw]
technology = "cable"
topology = "none"
[lte.latent]
rate_per_year = 0
[faults.causes.provider_core]
enabled = false
[faults.causes.market_fibre_cut]
enabled = false
[faults.causes.store_power_major]
enabled = false
[faults.causes.mobile_core]
enabled = false
[faults.causes.config_push_fleet]
enabled = false
[faults.causes.expired_certificate_fleet]
enabled = false
[faults.causes.payment_processor_outage]
enabled = false
[faults.causes.payment_brownout]
enabled = false
[faults.causes.retailer_dc_or_app_outage]
enabled = false
[sizing]
draws = 30
[sizing.levers.lte]
topology = "in-router"
items = ["lte-router", "lte-line"]
[sizing.levers.second]
topology = "second-router"
standby = "hot"
items = ["lte-router", "lte-line"]
"#;

/// Replications of whole runs.
const RUNS: u32 = 300;

#[test]
fn benefits_from_forced_faults_are_those_of_whole_runs() {
    let lab = Lab::new(TEXT);
    let designs = lab.designs();
    let none = Combination::default();
    let forced = benefits(&designs, &none).expect("levers make scenarios that run");
    let bare = lab.years(&designs.scenario(&designs.bare(none.clone())).expect("it loads"), 0, RUNS);
    for lever in 0..2 {
        let scenario = designs.scenario(&designs.everywhere(none.clone(), lever)).expect("it loads");
        let with = lab.years(&scenario, 0, RUNS);
        let saved: Vec<f64> = bare.iter().zip(&with).map(|(bare, with)| bare.loss - with.loss).collect();
        let level = 0.95;
        let brute = mean_interval(&saved, level).expect("values");
        let brute_se = brute.half_width().expect("many values") / normal_quantile(0.5 + 0.5 * level);
        let parts = || forced.of.iter().filter_map(|levers| levers[lever].as_ref());
        let sum: f64 = parts().map(|part| part.pooled.own).sum();
        let pooled: f64 = parts().map(|part| part.pooled.estimate).sum();
        // One group of like stores: the errors of its mean are one error.
        let own: f64 = parts().map(|part| part.pooled.sd_own * part.pooled.sd_own).sum();
        let shared: f64 = parts().map(|part| part.pooled.sd_shared).sum();
        let forced_se = f64::sqrt(own + shared * shared);
        println!(
            "lever {lever}: forced {sum:.0}, pooled {pooled:.0} ± {forced_se:.0}; whole runs {:.0} ± {brute_se:.0}",
            brute.estimate
        );
        let limit = normal_quantile(1.0 - 0.001 / 8.0);
        let band = limit * f64::sqrt(brute_se * brute_se + forced_se * forced_se);
        assert!((sum - brute.estimate).abs() <= band, "{sum} against {} within {band}", brute.estimate);
        assert!((pooled - brute.estimate).abs() <= band, "{pooled} against {} within {band}", brute.estimate);
        // The test must be able to fail: a benefit a third off would.
        assert!(band < brute.estimate / 3.0, "{band} is too wide for {}", brute.estimate);
    }
}
