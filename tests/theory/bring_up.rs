//! Bring-up by standby mode against the model output of the failover reference §10.
//!
//! What differs from the reference's "first application byte": [`bring_up::plan`] covers stages S1 to S8 and S10 (IKEv2: two
//! round trips and 0.1 s of computing, one draw of the round trip for both). S11, two more round trips for TCP and TLS 1.3,
//! belongs to the application and is added here with a draw of its own; S9, the round trip itself, is the median and
//! sigma of both. The reference's T3346 (S6c) is for storms only and off in both.

use super::lab::scenario;
use tinsel::kernel::draws::{Entity, Key};
use tinsel::kernel::variates::{lognormal, normal_quantile};
use tinsel::model::bring_up::plan;
use tinsel::model::purpose::{Purpose, address};
use tinsel::scenario::resolved::{BringUp, Standby};

const RTT_MEDIAN_S: f64 = 0.055;
const RTT_SIGMA: f64 = 0.375;
/// As many as the reference made.
const DRAWS: u64 = 40_000;
/// Of all 20 quantiles together.
const FALSE_ALARM: f64 = 1e-3;

fn shipped() -> BringUp {
    let text = r#"
        [scenario]
        name = "defaults"
        first_day = 2019-11-29
        last_day = 2019-11-29
        [fleet.generate]
        stores = 1
        format = "kiosk"
    "#;
    scenario(text).lte.bring_up
}

/// Sorted times to the first application byte, seconds.
fn totals(parameters: &BringUp, standby: Standby) -> Vec<f64> {
    let key = Key { seed: 10, replication: 0 };
    let modem = Entity::new("uplink", standby.name(), "primary");
    let application = Entity::new("application", standby.name(), "");
    let mut totals: Vec<f64> = (0..DRAWS)
        .map(|draw| {
            let at = address(modem, Purpose::BringUp, draw);
            let path_s = plan(parameters, standby, (RTT_MEDIAN_S, RTT_SIGMA), key, at).total().as_secs_f64();
            let word = key.block(address(application, Purpose::BringUp, draw), 1)[0];
            path_s + 2.0 * lognormal(word, libm::log(RTT_MEDIAN_S), RTT_SIGMA)
        })
        .collect();
    totals.sort_by(f64::total_cmp);
    totals
}

#[test]
fn bring_up_has_the_quantiles_of_the_reference() {
    let parameters = shipped();
    // p5, p50, p90, p99 as printed, and half a unit of the last digit printed.
    let reference = [
        (Standby::Cold, [(23.3, 0.05), (27.6, 0.05), (52.0, 0.5), (130.0, 0.5)]),
        (Standby::RadioOff, [(2.9, 0.05), (4.6, 0.05), (7.2, 0.05), (55.0, 0.5)]),
        (Standby::Warm, [(1.12, 0.005), (1.30, 0.005), (1.69, 0.005), (2.7, 0.05)]),
        (Standby::Hot, [(0.53, 0.005), (0.77, 0.005), (1.08, 0.005), (1.5, 0.05)]),
        (Standby::HotActive, [(0.25, 0.005), (0.33, 0.005), (0.42, 0.005), (0.53, 0.005)]),
    ];
    let z = normal_quantile(1.0 - FALSE_ALARM / 20.0 / 2.0);
    let mut complaints = Vec::new();
    for (standby, quantiles) in reference {
        let totals = totals(&parameters, standby);
        let at = |p: f64| totals[(p * DRAWS as f64) as usize];
        for (p, (printed, rounding)) in [0.05, 0.50, 0.90, 0.99].into_iter().zip(quantiles) {
            // Both are samples: their ranks differ by this much of a probability.
            let off = z * f64::sqrt(2.0 * p * (1.0 - p) / DRAWS as f64);
            let (low, high) = (at(p - off) - rounding, at(p + off) + rounding);
            println!("{} p{}: {:.3}, printed {printed}", standby.name(), p * 100.0, at(p));
            if !(low..=high).contains(&printed) {
                complaints.push(format!(
                    "{} p{}: {printed} outside {low:.3}..{high:.3}",
                    standby.name(),
                    p * 100.0
                ));
            }
        }
    }
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}
