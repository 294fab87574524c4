//! The operations centre against theory: the machine repairman, and the shorter of repair and failover.

use super::lab::{outcome, scenario};
use super::statistics::{Quantity, check};
use tinsel::simulation::result::ReplicationResult;
use tinsel::units::{SimTime, Span};

/// Stores without customers whose routers fail at `rate` a year and are mended over the telephone by one engineer each, in
/// an exponential time.
fn text(stores: u32, engineers: u32, rate: f64, mean: &str, fleet: &str, last_day: &str) -> String {
    format!(
        r#"
        [scenario]
        name = "machine repairman"
        seed = 1961
        replications = 24
        first_day = 2019-10-01
        last_day = {last_day}
        interval = "1 h"
        [fleet.generate]
        stores = {stores}
        format = "quiet"
        timezone = "UTC"
        [fleet.draw]
        technology = "fibre_dia"
        carrier = "att"
        signal = "15 dB"
        {fleet}
        [formats.quiet]
        based_on = "mall_specialty"
        customers_per_day = 0
        [formats.quiet.hours]
        open = "00:00"
        close = "24:00"
        [formats.quiet.curve]
        weekday = "flat"
        weekend = "flat"
        [technologies.fibre_dia]
        loss = 0
        fault_multiplier = 0
        flaps_per_year = 0
        [faults]
        lead_in = "0 s"
        [faults.causes.cpe_hang_or_firmware]
        rate_per_year = {rate}
        [faults.causes.cpe_router_hardware]
        enabled = false
        [faults.causes.config_or_change_error]
        enabled = false
        [faults.causes.lan_switch]
        enabled = false
        [faults.causes.lte_site_local]
        enabled = false
        [faults.causes.pos_terminal_hw]
        enabled = false
        [faults.causes.store_power_ordinary]
        enabled = false
        [faults.causes.store_power_major]
        enabled = false
        [faults.causes.market_fibre_cut]
        enabled = false
        [faults.causes.provider_core]
        enabled = false
        [faults.causes.mobile_core]
        enabled = false
        [faults.causes.payment_processor_outage]
        enabled = false
        [faults.causes.payment_brownout]
        enabled = false
        [faults.causes.retailer_dc_or_app_outage]
        enabled = false
        [faults.causes.config_push_fleet]
        enabled = false
        [faults.causes.expired_certificate_fleet]
        enabled = false
        [noc]
        enabled = true
        timezone = "UTC"
        poll = "1 s"
        [noc.acknowledge]
        high = "0 s"
        medium = "0 s"
        low = "0 s"
        [noc.shifts]
        day = {engineers}
        night = {engineers}
        [noc.playbooks.cpe_hang_or_firmware]
        staff = 1
        staff_time = {{ mean = "{mean}" }}
        "#
    )
}

/// Share of the time from `from` to `until` in which so many faults are open.
fn occupancy(result: &ReplicationResult, from: SimTime, until: SimTime, states: usize) -> Vec<f64> {
    let mut changes: Vec<(SimTime, i32)> = Vec::new();
    for row in &result.incidents {
        changes.push((row.fault, 1));
        changes.extend(row.repaired.map(|at| (at, -1)));
    }
    changes.sort();
    let (mut open, mut since) = (0_i32, from);
    let mut shares = vec![0.0; states];
    for (at, change) in changes.into_iter().chain([(until, 0)]) {
        let at = at.clamp(from, until);
        shares[open as usize] += at.since(since).as_secs_f64();
        (open, since) = (open + change, at);
    }
    let total = until.since(from).as_secs_f64();
    shares.into_iter().map(|seconds| seconds / total).collect()
}

#[test]
fn stores_and_engineers_are_a_machine_repairman() {
    const STORES: usize = 6;
    const ENGINEERS: usize = 2;
    const MEAN_UP_H: f64 = 20.0;
    const MEAN_REPAIR_H: f64 = 5.0;
    const HOURS_PER_YEAR: f64 = 8_766.0;
    let fleet = "topology = \"none\"";
    let text = text(STORES as u32, ENGINEERS as u32, HOURS_PER_YEAR / MEAN_UP_H, "5 h", fleet, "2019-11-20");
    let scenario = scenario(&text);
    let result = outcome(&scenario);
    // Five days are a hundred times longer than the chain takes to forget that everything worked at first.
    let from = scenario.window.start + Span::from_secs(5 * 86_400);
    let shares: Vec<Vec<f64>> =
        result.replications.iter().map(|one| occupancy(one, from, scenario.window.end, STORES + 1)).collect();
    let mut weights = vec![1.0];
    for down in 0..STORES {
        let fails = (STORES - down) as f64 / MEAN_UP_H;
        let mended = (down + 1).min(ENGINEERS) as f64 / MEAN_REPAIR_H;
        weights.push(weights[down] * fails / mended);
    }
    let total: f64 = weights.iter().sum();
    let quantities: Vec<Quantity> = (0..=STORES)
        .map(|down| Quantity {
            name: format!("share of time with {down} down"),
            values: shares.iter().map(|of| of[down]).collect(),
            expected: weights[down] / total,
        })
        .collect();
    check(&quantities).unwrap();
}

#[test]
fn a_gap_is_the_shorter_of_repair_and_failover() {
    const MEAN_S: f64 = 90.0;
    // The backup lives in a second router and is connected, so failover is detection and next to nothing else. Its rule looks
    // once a minute: a router that is mended before that has never been away.
    let fleet = "topology = \"second-router\"\nstandby = \"hot-active\"\nprofile = \"ipsla-default\"";
    let run = |mean: &str| outcome(&scenario(&text(20, 500, 600.0, mean, fleet, "2019-10-12")));
    let (failing_over, mended) = (run("30 h"), run(&format!("{MEAN_S} s")));
    let gap = |row: &tinsel::simulation::result::IncidentRow| row.gap.as_secs_f64();
    // How long failover takes, where no repair comes before it. Router faults are rare enough to stand alone.
    let failovers: Vec<f64> = failing_over
        .replications
        .iter()
        .flat_map(|one| &one.incidents)
        .filter_map(|row| Some(row.failover?.since(row.fault).as_secs_f64()))
        .collect();
    // Alarm after half a second in the mean; work takes at least ten seconds.
    const ALARM_S: f64 = 0.5;
    const LEAST_S: f64 = 10.0;
    let shorter = |failover: f64| {
        let left = failover - ALARM_S;
        if left <= LEAST_S {
            return failover;
        }
        ALARM_S + LEAST_S + MEAN_S * (libm::exp(-LEAST_S / MEAN_S) - libm::exp(-left / MEAN_S))
    };
    let expected = failovers.iter().map(|&failover| shorter(failover)).sum::<f64>() / failovers.len() as f64;
    let longest = failovers.iter().copied().fold(0.0, f64::max);
    println!("failover: {} times, at most {longest} s", failovers.len());
    assert!(failovers.len() > 2_000);
    let values: Vec<f64> = mended
        .replications
        .iter()
        .map(|one| {
            let gaps: Vec<f64> = one.incidents.iter().filter(|row| row.repaired.is_some()).map(gap).collect();
            gaps.iter().sum::<f64>() / gaps.len() as f64
        })
        .collect();
    check(&[Quantity { name: "mean gap, s".to_owned(), values, expected }]).unwrap();
}
