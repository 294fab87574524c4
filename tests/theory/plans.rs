//! Data plans: a line is slowed down at the very instant at which its allowance is used up, a pool's lines within one step of it;
//! whoever has priority is served first. And backups that are dead unnoticed, as often as the formula says.

use super::lab::{replications, scenario};
use super::statistics::z_limit;
use tinsel::simulation::result::ReplicationResult;
use tinsel::units::SimTime;

/// Stores on LTE for good that want 5 Mbit/s and a little all day long; `draw` are keys of `[fleet.draw]`.
fn text(stores: u32, site: &str, draw: &str, tables: &str) -> String {
    let hours = ["0"; 24].join(", ");
    format!(
        r#"
        [scenario]
        name = "plans"
        seed = 36
        replications = 1
        first_day = 2019-11-20
        last_day = 2019-11-20
        interval = "1 h"
        [fleet.generate]
        stores = {stores}
        format = "steady"
        timezone = "UTC"
        site = "{site}"
        [fleet.draw]
        technology = "lte"
        carrier = "att"
        signal = "20 dB"
        topology = "none"
        {draw}
        [formats.steady]
        based_on = "kiosk"
        customers_per_day = 0
        [formats.steady.hours]
        open = "00:00"
        close = "24:00"
        [formats.steady.traffic.steady]
        up = "2 Mbps"
        down = "3 Mbps"
        open_hours_only = false
        [lte.phones]
        hours = [{hours}]
        [faults]
        enabled = false
        {tables}
        "#
    )
}

fn run(stores: u32, site: &str, draw: &str, tables: &str) -> ReplicationResult {
    replications(&text(stores, site, draw, tables)).swap_remove(0)
}

/// What one such store wants, bits a second.
fn wanted() -> f64 {
    let scenario = scenario(&text(1, "", "", ""));
    scenario.formats[0].traffic.iter().map(|class| (class.lte_up.0 + class.lte_down.0) as f64).sum()
}

fn second(at: Option<SimTime>) -> f64 {
    at.expect("it is slowed down").since(SimTime::from_unix_seconds(1_574_208_000)).as_secs_f64()
}

#[test]
fn a_line_is_slowed_down_when_its_allowance_is_used_up() {
    let plan = "[plans.p]\ncap = \"20 GB\"\nused = 0.9\nthrottle = \"128 kbps\"";
    let run = run(2, "", "plan = \"p\"", plan);
    let expected = 2e9 * 8.0 / wanted();
    for row in &run.stores {
        let slowed = second(row.slowed);
        assert!((slowed - expected).abs() < 1e-6, "{slowed} against {expected}");
        let after = 2.0 * 128e3 / 8.0 * (86_400.0 - expected);
        let bytes = row.times.lte_bytes as f64;
        assert!((bytes - 2e9 - after).abs() < 1e3, "{bytes} against {}", 2e9 + after);
        assert_eq!(row.over_bytes, 0, "who is slowed down pays nothing");
    }
}

#[test]
fn who_is_not_slowed_down_goes_on_and_is_charged() {
    let own = run(2, "", "plan = \"p\"", "[plans.p]\ncap = \"5 GB\"\noverage_per_gb = \"$10\"");
    for row in &own.stores {
        assert_eq!(row.over_bytes, row.times.lte_bytes - 5_000_000_000);
        assert!(row.slowed.is_none());
        let cents = (row.over_bytes + 500_000) / 1_000_000;
        assert_eq!(row.over_cost.0.cast_unsigned(), cents, "ten dollars a GB, to the nearest cent");
    }
    let pooled =
        run(2, "", "plan = \"p\"", "[plans.p]\ncap = \"10 GB\"\npooled = true\noverage_per_gb = \"$9.99\"");
    let over: u64 = pooled.stores.iter().map(|row| row.over_bytes).sum();
    let carried: u64 = pooled.stores.iter().map(|row| row.times.lte_bytes).sum();
    assert_eq!(over, carried - 10_000_000_000, "to the byte");
    let bill: i64 = pooled.stores.iter().map(|row| row.over_cost.0).sum();
    assert_eq!(bill, (i128::from(over) * 999 + 500_000_000).div_euclid(1_000_000_000) as i64, "to the cent");
}

#[test]
fn a_pool_slows_all_its_lines_within_a_step() {
    let stores = 5;
    let plan = "[plans.p]\ncap = \"10 GB\"\npooled = true\nthrottle = \"128 kbps\"";
    let run = run(stores, "", "plan = \"p\"", plan);
    let expected = 10e9 * 8.0 / wanted() / f64::from(stores);
    for row in &run.stores {
        let slowed = second(row.slowed);
        assert!((expected..=expected + 10.0).contains(&slowed), "{slowed} against {expected}");
        assert!((slowed % 10.0).abs() < 1e-9, "at an instant of the pool's grid");
    }
}

#[test]
fn priority_is_served_first_in_a_full_cell() {
    let plan = "[plans.first]\npriority = true";
    let greedy =
        "[formats.steady.traffic.bulk]\nup = \"200 Mbps\"\ndown = \"200 Mbps\"\nopen_hours_only = false";
    let run = run(6, "mall", "plan = { first = 0.5, none = 0.5 }", &format!("{plan}\n{greedy}"));
    let scenario =
        scenario(&text(6, "mall", "plan = { first = 0.5, none = 0.5 }", &format!("{plan}\n{greedy}")));
    let bytes = |first: bool| {
        let of_class = |store: &usize| scenario.stores[*store].plan.is_some() == first;
        (0..6).filter(of_class).map(|store| run.stores[store].times.lte_bytes).collect::<Vec<u64>>()
    };
    let (first, others) = (bytes(true), bytes(false));
    assert!(!first.is_empty() && !others.is_empty(), "{first:?} {others:?}");
    // All of the cell goes to the first, in equal parts; the others only have the first second, before the cell knew of them.
    let whole = run.cells[0].bytes as f64;
    for bytes in &first {
        assert!((*bytes as f64 / (whole / first.len() as f64) - 1.0).abs() < 1e-3, "{first:?}");
    }
    assert!(others.iter().all(|&bytes| (bytes as f64) < 1e-3 * whole), "{others:?}");
}

#[test]
fn a_backup_that_died_unnoticed_is_found_by_who_needs_it() {
    // Twice a year, tests every 91.3 days: 21.3 % are dead when the fibre is cut at noon.
    const STORES: u32 = 4_000;
    let text = format!(
        r#"
        [scenario]
        name = "latent"
        seed = 213
        replications = 1
        first_day = 2019-11-20
        last_day = 2019-11-20
        interval = "1 h"
        [fleet.generate]
        stores = {STORES}
        format = "closed"
        timezone = "UTC"
        [fleet.draw]
        technology = "fibre_dia"
        carrier = "att"
        signal = "15 dB"
        topology = "in-router"
        profile = "carrier-loss"
        [formats.closed]
        based_on = "kiosk"
        customers_per_day = 0
        [lte.latent]
        rate_per_year = 2
        test_interval = "91.3 days"
        repair = "1 h"
        [technologies.fibre_dia]
        fault_multiplier = 0
        flaps_per_year = 0
        [faults.causes.cpe_hang_or_firmware]
        enabled = false
        [faults.causes.lte_site_local]
        enabled = false
        [[faults.scheduled]]
        name = "cut"
        signature = "carrier-lost"
        at = "2019-11-20 12:00"
        duration = "4 h"
        "#
    );
    let run = replications(&text).swap_remove(0);
    let cuts: Vec<_> =
        run.incidents.iter().filter(|row| row.uplink == "primary" && row.detected.is_some()).collect();
    let dead = cuts.iter().filter(|row| row.backup_dead).count() as f64;
    let found = run.incidents.iter().filter(|row| row.found_by == "need").count() as f64;
    let product: f64 = 2.0 * 91.3 / 365.25;
    let expected = 1.0 - (1.0 - libm::exp(-product)) / product;
    assert!(cuts.len() as f64 > 0.99 * f64::from(STORES));
    let share = dead / cuts.len() as f64;
    let band = z_limit(1) * f64::sqrt(expected * (1.0 - expected) / f64::from(STORES));
    println!("{share} against {expected} ± {band}");
    assert!((share - expected).abs() < band + 0.002, "{share} against {expected} ± {band}");
    assert!(found > 0.95 * dead, "{found} of {dead} are mended after the need and not after a test");
    // An hour later they are mended and taken into use.
    let late = cuts.iter().filter(|row| row.backup_dead && row.failover.is_some()).count() as f64;
    assert!(late > 0.99 * dead, "{late} of {dead}");
}
