//! Shared faults in strata and boosted: exact weights, and the same answers as brute force.
//!
//! Each z-test has a false-alarm rate of 1 %, had its seed been chosen at random; there are six of them.

use super::lab::{outcome, scenario};
use super::statistics::{Quantity, check};
use tinsel::kernel::draws::Key;
use tinsel::kernel::variates::normal_quantile;
use tinsel::measure::design::Design;
use tinsel::measure::sample::Sample;
use tinsel::model::faults::shared::SharedFaults;
use tinsel::report::summary::caution;
use tinsel::scenario::resolved::{Sampling, Scenario, SharedClass};
use tinsel::simulation::result::RunResult;
use tinsel::units::Cents;

/// Four shops for a day, and three kinds of shared faults; `how` are keys of `[faults]`.
fn shops(replications: u32, how: &str) -> Scenario {
    let shipped = super::faults::SHIPPED.iter();
    let off: Vec<String> = shipped.map(|name| format!("[faults.causes.{name}]\nenabled = false\n")).collect();
    scenario(&format!(
        r#"
        [scenario]
        name = "strata"
        seed = 515
        replications = {replications}
        first_day = 2019-11-01
        last_day = 2019-11-01
        interval = "1 d"
        [fleet.generate]
        stores = 4
        format = "kiosk"
        timezone = "UTC"
        region = "R"
        [fleet.draw]
        technology = "fibre_dia"
        topology = "in-router"
        profile = "carrier-loss"
        [faults]
        lead_in = "3 days"
        {how}
        {}
        [faults.causes.push]
        remedy = "provider"
        scope = "fleet"
        rate_per_year = 20
        repair = "3 h"
        [faults.causes.core]
        remedy = "provider"
        scope = "provider"
        rate_per_year = 25
        repair = {{ median = "4 h", sigma = 0.8 }}
        takes_lte = 0.5
        share = 0.3
        [faults.causes.storm]
        remedy = "provider"
        scope = "region"
        rate_per_year = 100
        repair = "1 h"
        breaks = ["uplink", "backup"]
        weather = true
        [[faults.weather]]
        name = "storm of the day"
        at = "2019-11-01 12:00"
        duration = "4 h"
        factor = 3
        "#,
        off.concat()
    ))
}

const STRATA: &str = "sampling = \"strata\"";
const BOOST: &str = "boost = 5";

fn lost(result: &RunResult) -> Vec<f64> {
    let of_one = |one: &tinsel::simulation::result::ReplicationResult| {
        one.stores.iter().map(|store| store.lost_sales_network).sum::<Cents>().as_units_f64()
    };
    result.replications.iter().map(of_one).collect()
}

/// Estimate and standard error.
fn estimate(values: Vec<f64>, design: &Design) -> (f64, f64) {
    let influence = Sample::Mean(values).influence(design).expect("values");
    let variance = design.variance(&influence.pseudo_values).expect("they vary");
    (influence.estimate, variance.standard_error())
}

fn z(one: (f64, f64), other: (f64, f64)) -> f64 {
    let z = (one.0 - other.0) / (one.1 * one.1 + other.1 * other.1).sqrt();
    println!("{:.3} ± {:.3} against {:.3} ± {:.3}: z = {z:.2}", one.0, one.1, other.0, other.1);
    z
}

/// A z-test at 1 %.
fn limit() -> f64 {
    normal_quantile(0.995)
}

fn draws(scenario: &Scenario) -> Vec<SharedFaults> {
    let keys = (0..scenario.replications).map(|one| Key { seed: scenario.seed, replication: one.into() });
    keys.map(|key| SharedFaults::draw(scenario, key)).collect()
}

/// Faults of a class in its rare window.
fn rare(scenario: &Scenario, all: &SharedFaults, class: SharedClass) -> usize {
    let in_window = |fault: &&tinsel::simulation::result::SharedFault| {
        let cause = &scenario.causes[fault.cause.0 as usize];
        SharedClass::of(cause.scope) == Some(class) && fault.window.start >= scenario.rare_window(cause).start
    };
    all.faults.iter().filter(in_window).count()
}

#[test]
fn strata_are_what_they_say_and_their_probabilities_sum_to_one() {
    let scenario = shops(400, STRATA);
    let strata = scenario.strata();
    let names: Vec<&str> = strata.iter().map(|one| one.name()).collect();
    assert_eq!(names, ["none", "chain", "operator", "regional"]);
    let sum: f64 = strata.iter().map(|one| one.probability).sum();
    assert!((sum - 1.0).abs() < 1e-15, "{sum}");
    let expected: Vec<f64> = scenario.conditioned().iter().map(|one| one.1).collect();
    // 20 a year over a day and three hours; weather does not concern it.
    assert!((expected[0] - 20.0 / 365.25 * 27.0 / 24.0).abs() < 1e-9, "{expected:?}");
    assert!((strata[0].probability - libm::exp(-expected.iter().sum::<f64>())).abs() < 1e-15);
    for (replication, all) in draws(&scenario).iter().enumerate() {
        assert_eq!(all.stratum as usize, replication % 4);
        let counts = SharedClass::ALL.map(|class| rare(&scenario, all, class));
        match all.stratum {
            0 => assert_eq!(counts, [0; 3]),
            // One that strikes what is still down is absorbed.
            1 => assert!(counts[0] > 0 || all.absorbed > 0),
            2 => assert!(counts[0] == 0 && (counts[1] > 0 || all.absorbed > 0)),
            _ => assert!(counts[0] == 0 && counts[1] == 0 && (counts[2] > 0 || all.absorbed > 0)),
        }
    }
}

#[test]
fn weighted_onsets_are_as_many_as_rates_say() {
    for how in [STRATA, BOOST] {
        let scenario = shops(8_000, how);
        let all = draws(&scenario);
        let design = match scenario.sampling {
            Sampling::Boosted(_) => {
                Design::weighted(all.iter().map(|one| scenario.likelihood(one.rare_onsets)).collect())
            }
            Sampling::Strata | Sampling::Plain => {
                let plain = shops(8_000, STRATA);
                let strata = plain.strata().into_iter().map(|one| tinsel::measure::design::Stratum {
                    name: one.name(),
                    weight: one.probability,
                });
                Design::new(strata.collect(), all.iter().map(|one| one.stratum).collect())
            }
        };
        // Faults absorbed by one that lasts would be missing: of the fleet, one in 300.
        let counts = all.iter().map(|one| rare(&scenario, one, SharedClass::Chain) as f64).collect();
        let expected = 20.0 / 365.25 * 27.0 / 24.0;
        let found = estimate(counts, &design);
        assert!(((found.0 - expected) / found.1).abs() < limit(), "{how}: {found:?} against {expected}");
    }
}

/// The instants of onsets under a condition are those of the process: here of one at a constant rate, uniform.
#[test]
fn onsets_under_a_condition_are_spread_as_the_rate_is() {
    let scenario = shops(4_000, STRATA);
    let cause = scenario.causes.iter().find(|cause| cause.name == "push").expect("it is there");
    let window = scenario.rare_window(cause);
    let length = window.end.since(window.start).as_secs_f64();
    let chain: Vec<SharedFaults> = draws(&scenario).into_iter().filter(|all| all.stratum == 1).collect();
    let at = |all: &SharedFaults| {
        let mut mine = all.faults.iter().filter(|fault| {
            scenario.causes[fault.cause.0 as usize].name == "push" && fault.window.start >= window.start
        });
        mine.next().map(|fault| fault.window.start.since(window.start).as_secs_f64() / length)
    };
    let values: Vec<f64> = chain.iter().filter_map(at).collect();
    // One in 300 is absorbed by an earlier one.
    assert!((990..=1_000).contains(&values.len()));
    // The first of N uniforms has the mean 1/(N + 1); N is Poisson given that it is not 0.
    let mean = 20.0 / 365.25 * 27.0 / 24.0_f64;
    let (mut expected, mut term) = (0.0, mean * libm::exp(-mean) / -libm::expm1(-mean));
    for count in 1..20 {
        expected += term / f64::from(count + 1);
        term *= mean / f64::from(count + 1);
    }
    check(&[Quantity { name: "first onset".to_owned(), values, expected }]).unwrap();
}

#[test]
fn strata_agree_with_brute_force() {
    let brute = shops(6_000, "");
    let brute = estimate(lost(&outcome(&brute)), &Design::plain(6_000));
    let scenario = shops(1_200, STRATA);
    let result = outcome(&scenario);
    let design = result.design(&scenario);
    let found = estimate(lost(&result), &design);
    assert!(z(found, brute).abs() < limit());
    // As many replications tell more, and other weights are told.
    assert!(found.1 < brute.1 * (6_000.0_f64 / 1_200.0).sqrt());
    let equal = estimate(lost(&result), &Design::plain(1_200));
    assert!(z(equal, brute).abs() > limit());
}

#[test]
fn boosted_faults_agree_with_brute_force_and_wrong_weights_do_not() {
    let brute = shops(6_000, "");
    let brute = estimate(lost(&outcome(&brute)), &Design::plain(6_000));
    let scenario = shops(2_000, BOOST);
    let result = outcome(&scenario);
    let design = result.design(&scenario);
    let found = estimate(lost(&result), &design);
    assert!(z(found, brute).abs() < limit());
    let effective = design.effective_size() / 2_000.0;
    assert!(
        (effective - scenario.useful_share()).abs() < 0.1,
        "{effective} against {}",
        scenario.useful_share()
    );
    // Weights without e^(Λ(b − 1)), and none at all.
    for base in [5.0_f64, 1.0] {
        let likelihood = |onsets: u32| libm::exp(-f64::from(onsets) * libm::log(base));
        let likelihoods = result.replications.iter().map(|one| likelihood(one.rare_onsets)).collect();
        assert!(z(estimate(lost(&result), &Design::weighted(likelihoods)), brute).abs() > limit());
    }
}

/// Pushes, 20 a year: 0.062 in the day and the three hours before it, from which one can reach into it.
#[test]
fn faults_that_the_replications_can_hardly_show_are_warned_of() {
    let plain = shops(10, "");
    let told = caution(&plain, 10).expect("ten days show 0.6 pushes");
    assert!(
        told.contains("10 replications can be expected to show 0.6 faults of the fleet or a service and "),
        "{told}"
    );
    assert!(told.contains("of an operator") && told.contains("faults.sampling"), "{told}");
    assert_eq!(caution(&plain, 100), None);
    // One replication is no forecast anyway, and says so.
    assert_eq!(caution(&plain, 1), None);
    let strata = shops(20, "sampling = \"strata\"");
    let told = caution(&strata, 20).expect("five in each stratum");
    assert!(told.contains("Strata have 5 replications each") && told.contains("120 in all"), "{told}");
    assert_eq!(caution(&strata, 120), None);
}
