//! The fault-free twin: what the network cost, to the cent.

use super::lab::{outcome, scenario};
use tinsel::simulation::result::{IncidentRow, ReplicationResult};
use tinsel::simulation::{Execution, Progress, run};
use tinsel::units::{Cents, Span};

/// Forty shops, a quarter of them on LTE for good, in one mall with one carrier and one cell, with very many faults.
fn mall(faults: bool) -> String {
    mall_until(faults, "2019-11-30", 500, 60)
}

/// The same until another day, with other rates of faults.
fn mall_until(faults: bool, last_day: &str, multiplier: u32, hangs_a_year: u32) -> String {
    format!(
        r#"
        [scenario]
        name = "twins"
        seed = 2
        replications = 2
        first_day = 2019-11-28
        last_day = {last_day}
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
        fault_multiplier = {multiplier}
        loss = 0
        [faults]
        enabled = {faults}
        [faults.causes.cpe_hang_or_firmware]
        rate_per_year = {hangs_a_year}
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
    agree(&mall(true));
}

#[test]
fn a_twin_skips_the_days_between_two_disturbances() {
    let text = mall_until(true, "2019-12-11", 30, 20);
    let apart = |replication: &ReplicationResult| {
        let day = |row: &IncidentRow| row.fault.bin(Span::from_secs(86_400));
        let failovers = replication.incidents.iter().filter(|row| row.failover.is_some());
        let mut days: Vec<(u32, u64)> = failovers.map(|row| (row.store.0, day(row))).collect();
        days.sort_unstable();
        days.windows(2).filter(|two| two[0].0 == two[1].0 && two[1].1 > two[0].1 + 2).count()
    };
    let skipped: usize = every_twin(&text, false).iter().map(apart).sum();
    assert!(skipped > 10, "stores with calm days between two faults: {skipped}");
    agree(&text);
}

fn agree(text: &str) {
    let (all, needed) = (every_twin(text, true), every_twin(text, false));
    for (all, needed) in all.iter().zip(&needed) {
        assert_eq!(format!("{:?}", all.stores), format!("{:?}", needed.stores));
        assert_eq!(format!("{:?}", all.days), format!("{:?}", needed.days));
        assert_eq!(format!("{:?}", all.incidents), format!("{:?}", needed.incidents));
        assert_eq!(format!("{:?}", all.losses), format!("{:?}", needed.losses));
        assert_eq!(format!("{:?}", all.cells), format!("{:?}", needed.cells));
    }
}
