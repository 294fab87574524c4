//! Three hundred shops of one mall on one cell: every incident under both executors.

use std::path::Path;

use super::agreement::{both, farthest};
use super::lab::scenario_file;
use tinsel::scenario::resolved::Scenario;

pub fn mall(overrides: &[&str]) -> Scenario {
    scenario_file(&Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/lab/mall-storm.toml"), overrides)
}

/// Every instant of every incident within one step; losses by incident within two in a hundred of all.
fn agrees(scenario: &Scenario, instants: usize) {
    for (run, plain) in both(scenario) {
        let (farthest, compared) = farthest(&run, &plain).expect("the same incidents");
        assert!(farthest <= scenario.lte.cell_step, "{} s apart", farthest.as_secs_f64());
        assert!(compared >= instants, "{compared} instants are compared");
        let (mut off, mut all) = (0, 0);
        for (row, plain) in run.incidents.iter().zip(plain.iter().flat_map(|store| &store.incidents)) {
            off += row.payments_lost.abs_diff(plain.payments_lost);
            all += plain.payments_lost;
        }
        println!(
            "{compared} instants, {} ns apart at most; {off} of {all} losses elsewhere",
            farthest.as_nanos()
        );
        assert!(50 * off <= all, "{off} of {all} losses belong to other incidents");
    }
}

#[test]
fn a_storm_of_registered_modems() {
    // Onset, detected, ready, failed over, repaired, recovery seen, failed back.
    agrees(&mall(&[]), 7 * 300);
}

#[test]
fn a_storm_that_queues_at_the_carriers_core() {
    agrees(&mall(&["fleet.draw.standby=\"radio-off\"", "carriers.att.registrations_per_s=5"]), 7 * 300);
}
