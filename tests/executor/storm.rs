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

/// The carrier's core is down for a quarter of an hour while the mall needs it, and phones come back with the shops. To tinsel
/// phones are a fluid, here each is one request; a shop may find one more or one less before it.
#[test]
fn a_storm_of_phones_and_shops_after_a_carriers_fault() {
    const CUT: &str = "{ name = \"cut\", at = \"2019-11-29 14:00\", spread = \"1 s\", duration = \"2 h\" }";
    const CORE: &str = "{ name = \"core\", scope = \"carrier\", carriers = [\"att\"], at = \"2019-11-29 13:55\", duration = \"15 min\" }";
    let scheduled = format!("faults.scheduled=[{CUT}, {CORE}]");
    let usual = [
        "fleet.generate.stores=100",
        "scenario.replications=1",
        "carriers.att.registrations_per_s=50",
        "carriers.att.phones=20000",
        "carriers.att.phones_return=\"5 min\"",
        "carriers.att.phones_registering_per_s=5",
        // What comes after a registration is drawn at its instant: a nanosecond more would be another draw.
        "lte.bring_up.bearer=0.2 s",
        "lte.bring_up.vpn_round_trips=0",
        &scheduled,
    ];
    for standby in ["warm", "radio-off"] {
        let standby = format!("fleet.draw.standby={standby}");
        let overrides: Vec<&str> = usual.iter().copied().chain([standby.as_str()]).collect();
        agrees(&mall(&overrides), 7 * 100);
    }
}
