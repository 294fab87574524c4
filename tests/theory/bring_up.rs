//! Bring-up by standby mode against the model output of the failover reference §10.
//!
//! The reference's S9, the round trip itself, is the median and sigma of the VPN's (S10) and the application's (S11) round
//! trips, one draw for each of the two; its T3346 (S6c) is for storms only and off in both.

use super::lab::scenario;
use tinsel::kernel::draws::Key;
use tinsel::kernel::variates::normal_quantile;
use tinsel::model::bring_up::Stage;
use tinsel::model::bring_up::totals::{Totals, totals};
use tinsel::scenario::resolved::{BringUp, Standby};
use tinsel::scenario::shipped_lte;

const RTT_MEDIAN_S: f64 = 0.055;
const RTT_SIGMA: f64 = 0.375;
/// As many as the reference made.
const DRAWS: u32 = 40_000;
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

fn drawn(parameters: &BringUp, standby: Standby) -> Totals {
    totals(parameters, standby, (RTT_MEDIAN_S, RTT_SIGMA), Key { seed: 10, replication: 0 }, DRAWS)
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
        let times = drawn(&parameters, standby).first_byte;
        let at = |p: f64| times.quantile(p).as_secs_f64();
        for (p, (printed, rounding)) in [0.05, 0.50, 0.90, 0.99].into_iter().zip(quantiles) {
            // Both are samples: their ranks differ by this much of a probability.
            let off = z * f64::sqrt(2.0 * p * (1.0 - p) / f64::from(DRAWS));
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

/// A run without `[lte.bring_up]` and the command that shows the stages without a run mean the same stages.
#[test]
fn what_is_shipped_is_what_a_scenario_gets() {
    let (lte, carriers) = shipped_lte();
    assert_eq!(format!("{:?}", lte.bring_up), format!("{:?}", shipped()));
    assert_eq!(lte.rtt_sigma, RTT_SIGMA);
    let names: Vec<&str> = carriers.iter().map(|carrier| carrier.name.as_str()).collect();
    assert_eq!(names, ["att", "sprint", "tmobile", "verizon"]);
    let mean_s = carriers.iter().map(|carrier| carrier.rtt_median_s).sum::<f64>() / carriers.len() as f64;
    assert!((mean_s - RTT_MEDIAN_S).abs() < 0.001, "the reference's round trip: {mean_s}");
}

/// S6c: each refusal costs T3346, 1500 s in the mean, and p/(1 - p) of them come before an attach that is accepted.
#[test]
fn a_storm_costs_p_over_one_less_p_times_t3346() {
    let p = 0.2;
    let storm = BringUp { congestion: p, ..shipped() };
    let quiet = drawn(&shipped(), Standby::RadioOff);
    let stormy = drawn(&storm, Standby::RadioOff);
    let expected = p / (1.0 - p) * 1_500.0;
    // N geometric: E[N] = p/q, Var[N] = p/q²; each costs 1500 s with sd 300/√12 s.
    let variance = p / (1.0 - p) * 300.0 * 300.0 / 12.0 + p / (1.0 - p) / (1.0 - p) * 1_500.0 * 1_500.0;
    let band = normal_quantile(1.0 - FALSE_ALARM / 2.0) * f64::sqrt(variance / f64::from(DRAWS));
    let mean = stormy.mean(Stage::Congestion).as_secs_f64();
    assert!((mean - expected).abs() < band, "{mean} s for {expected} s ± {band}");
    assert_eq!(quiet.mean(Stage::Congestion).as_secs_f64(), 0.0);
    for stage in [Stage::FullScan, Stage::Attach, Stage::Bearer, Stage::Vpn, Stage::Application] {
        assert_eq!(stormy.mean(stage), quiet.mean(stage), "{stage:?} has the same draws");
    }
    assert!(stormy.mean(Stage::Unanswered) > quiet.mean(Stage::Unanswered), "attempts anew can fail anew");
}

/// S11: TLS 1.2 costs one round trip more than TLS 1.3, to the first byte only.
#[test]
fn the_applications_handshake_does_not_delay_the_path() {
    let older = BringUp { application_round_trips: 3, ..shipped() };
    for standby in [Standby::Cold, Standby::HotActive] {
        let (tls13, tls12) = (drawn(&shipped(), standby), drawn(&older, standby));
        assert_eq!(tls13.usable, tls12.usable);
        let (two, three) = (tls13.mean(Stage::Application), tls12.mean(Stage::Application));
        assert!((three.as_secs_f64() / two.as_secs_f64() - 1.5).abs() < 1e-6, "{two:?} {three:?}");
    }
}
