//! How wrong published state is: a store reads what a shared thing published at the latest instant of its grid, the plain
//! executor what is so at the very moment. The difference has to go away as the grid gets finer, and be small at the default.

use super::agreement::{Metrics, both};
use super::storm::mall;
use tinsel::scenario::resolved::Scenario;

/// Coarser and finer than the default of one second.
const STEPS: [&str; 4] = ["4 s", "1 s", "250 ms", "50 ms"];
const DEFAULT: usize = 1;
/// The most that published state may be wrong at the default step.
const LIMIT: f64 = 0.02;

/// Bytes over LTE and time without answers, store by store: the sums of what is amiss at each over the sums of all.
fn store_by_store(scenario: &Scenario) -> [f64; 2] {
    let (mut off, mut all) = ([0.0; 2], [0.0; 2]);
    for (run, plain) in both(scenario) {
        for (store, plain) in run.stores.iter().zip(&plain) {
            let values = [
                (store.times.lte_bytes as f64, plain.times.lte_bytes as f64),
                (store.times.gap.as_secs_f64(), plain.times.gap.as_secs_f64()),
            ];
            for (position, (tinsel, plain)) in values.into_iter().enumerate() {
                off[position] += (tinsel - plain).abs();
                all[position] += plain;
            }
        }
    }
    [off[0] / all[0], off[1] / all[1]]
}

/// Relative differences of the main metrics.
fn in_sum(scenario: &Scenario) -> Vec<(&'static str, f64)> {
    let mut worst = vec![0.0_f64; Metrics::NAMES.len()];
    for (run, plain) in both(scenario) {
        let (tinsel, plain) = (Metrics::of_tinsel(&run).all(), Metrics::of_plain(&plain).all());
        for (worst, (tinsel, plain)) in worst.iter_mut().zip(tinsel.into_iter().zip(plain)) {
            *worst = worst.max((tinsel / plain - 1.0).abs());
        }
    }
    Metrics::NAMES.into_iter().zip(worst).collect()
}

#[test]
fn a_cell_errs_less_the_finer_its_grid() {
    let errors: Vec<[f64; 2]> = STEPS
        .iter()
        .map(|step| {
            let errors = store_by_store(&mall(&[&format!("lte.cell_step=\"{step}\"")]));
            println!("cell step {step}: bytes {:.6}, gap {:.6}", errors[0], errors[1]);
            errors
        })
        .collect();
    for pair in errors.windows(2) {
        assert!(pair[1][0] < pair[0][0] && pair[1][1] < pair[0][1], "{errors:?} shrink");
    }
    assert!(errors[DEFAULT].iter().all(|&error| error <= LIMIT), "{errors:?}");
    assert!(errors[3].iter().all(|&error| error <= LIMIT / 100.0), "nothing is left of it: {errors:?}");
}

#[test]
fn at_the_default_step_every_main_metric_is_right() {
    // The whole mall, in which nobody can pay, and one that is small enough for some.
    for stores in ["300", "40", "12"] {
        for (name, error) in in_sum(&mall(&[&format!("fleet.generate.stores={stores}")])) {
            println!("{stores} shops: {name}: {error:.6}");
            assert!(error <= LIMIT, "{stores} shops: {name}: {error}");
        }
    }
}
