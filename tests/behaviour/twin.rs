//! The fault-free twin: what the network cost, to the cent.

use super::lab::{outcome, scenario};
use tinsel::simulation::result::ReplicationResult;
use tinsel::simulation::{Execution, Progress, run};
use tinsel::units::Cents;

/// Forty shops, a quarter of them on LTE for good, in one mall with one carrier and one cell, with a hundred times as many
/// faults as usual.
fn mall(faults: bool) -> String {
    format!(
        r#"
        [scenario]
        name = "twins"
        seed = 2
        replications = 2
        first_day = 2019-11-28
        last_day = 2019-11-30
        interval = "1 h"
        [fleet.generate]
        stores = 40
        format = "mall_specialty"
        site = "mall"
        [fleet.draw]
        technology = {{ cable = 3, lte = 1 }}
        carrier = "att"
        topology = {{ in-router = 1, second-router = 1, none = 1 }}
        profile = {{ fortinet-sdwan = 1, pfsense-dpinger = 1, bfd-300x3 = 1 }}
        [technologies.cable]
        fault_multiplier = 500
        loss = 0
        [faults]
        enabled = {faults}
        [faults.causes.cpe_hang_or_firmware]
        rate_per_year = 60
        [[calendar]]
        date = 2019-11-29
        formats = ["mall_specialty"]
        multiplier = 4.0
        baseline = "average day"
        "#
    )
}

fn every_twin(text: &str, every_twin: bool) -> Vec<ReplicationResult> {
    let execution = Execution { every_twin, ..Execution::default() };
    run(&scenario(text), execution, &Progress::default()).expect("nobody cancels it").replications
}

#[test]
fn without_faults_the_network_costs_nothing() {
    for replication in every_twin(&mall(false), true) {
        assert!(replication.stores.iter().all(|store| store.lost_sales_network == Cents(0)));
        assert!(replication.days.iter().all(|day| day.lost_sales_network == Cents(0)));
        assert!(replication.incidents.is_empty());
    }
}

#[test]
fn the_twin_is_the_run_without_faults_to_the_cent() {
    let broken = outcome(&scenario(&mall(true))).replications;
    let whole = outcome(&scenario(&mall(false))).replications;
    for (broken, whole) in broken.iter().zip(&whole) {
        assert!(broken.incidents.len() > 40, "many faults: {}", broken.incidents.len());
        assert!(broken.stores.iter().any(|store| store.lost_sales_network > Cents(0)));
        for (day, twin) in broken.days.iter().zip(&whole.days) {
            let twin_sales = day.ledger.sales + day.lost_sales_network;
            assert_eq!(twin_sales, twin.ledger.sales, "store {} day {}", day.store.0, day.day);
        }
    }
}

#[test]
fn twins_run_only_where_needed_are_those_that_run_everywhere() {
    let text = mall(true);
    let (all, needed) = (every_twin(&text, true), every_twin(&text, false));
    for (all, needed) in all.iter().zip(&needed) {
        assert_eq!(format!("{:?}", all.stores), format!("{:?}", needed.stores));
        assert_eq!(format!("{:?}", all.days), format!("{:?}", needed.days));
        assert_eq!(format!("{:?}", all.incidents), format!("{:?}", needed.incidents));
        assert_eq!(format!("{:?}", all.cells), format!("{:?}", needed.cells));
    }
}
