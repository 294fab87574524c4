//! Arrivals: Poisson counts with the expected means, surges with the integral of their definition.

use super::lab::replications;
use super::statistics::{dispersion_z, z_limit};
use tinsel::simulation::result::ReplicationResult;

const REPLICATIONS: u32 = 200;
const CUSTOMERS: f64 = 2_400.0;

fn shop(replications: u32, interval: &str, curve: &str, more: &str) -> String {
    format!(
        r#"
        [scenario]
        name = "arrivals"
        seed = 1837
        replications = {replications}
        first_day = 2019-11-20
        last_day = 2019-11-20
        interval = "{interval}"
        [fleet.generate]
        stores = 1
        format = "shop"
        timezone = "America/Chicago"
        [fleet.draw]
        topology = "none"
        sales_spread = 0
        [formats.shop]
        based_on = "grocery"
        customers_per_day = {CUSTOMERS}
        [formats.shop.hours]
        open = "08:00"
        close = "20:00"
        [formats.shop.curve]
        weekday = "{curve}"
        weekend = "{curve}"
        [curves.steps]
        weights = [9,9,9,9,9,9,9,9, 1,2,3,4,5,6,7,8,9,10,11,14, 9,9,9,9]
        [faults]
        enabled = false
        {more}
        "#
    )
}

/// Expected customers of the whole run, from what the timeline reports as put in.
fn demand(replication: &ReplicationResult) -> f64 {
    replication.timeline.cells.iter().map(|cell| cell.demand_milli).sum::<u64>() as f64 / 1_000.0
}

fn customers(replication: &ReplicationResult) -> u64 {
    replication.timeline.cells.iter().map(|cell| cell.customers).sum()
}

#[test]
fn hourly_counts_are_poisson_with_the_mean_of_the_curve() {
    let runs = replications(&shop(REPLICATIONS, "1 h", "steps", ""));
    let weights = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0, 11.0, 14.0];
    let means: Vec<f64> = weights.iter().map(|weight| CUSTOMERS * weight / 80.0).collect();
    for (hour, mean) in means.iter().enumerate() {
        let put_in = runs[0].timeline.cells[8 + hour].demand_milli as f64 / 1_000.0;
        assert!((put_in - mean).abs() < 0.01, "hour {hour}: {put_in} against {mean}");
    }
    // Three checks: every hour of every replication, whole days, the grand total.
    let limit = z_limit(3);
    let hours = runs.iter().flat_map(|run| {
        run.timeline.cells[8..20].iter().zip(&means).map(|(cell, &mean)| (cell.customers, mean))
    });
    let hourly = dispersion_z(hours);
    let daily = dispersion_z(runs.iter().map(|run| (customers(run), CUSTOMERS)));
    let expected = CUSTOMERS * f64::from(REPLICATIONS);
    let total = (runs.iter().map(customers).sum::<u64>() as f64 - expected) / expected.sqrt();
    for (what, z) in [("dispersion of hours", hourly), ("dispersion of days", daily), ("total", total)] {
        assert!(z.abs() < limit, "{what}: {z:.2} standard deviations");
    }
    let outside = |run: &ReplicationResult| {
        run.timeline.cells[..8].iter().chain(&run.timeline.cells[20..]).any(|cell| cell.customers > 0)
    };
    assert!(!runs.iter().any(outside), "nobody comes while doors are closed");
}

#[test]
fn a_surge_brings_the_customers_of_its_integral() {
    let surge = "[[surge]]\nname = \"doorbuster\"\nstart = \"2019-11-20 10:07\"\n\
                 ramp = \"10 min\"\nplateau = \"20 min\"\ndecay = \"15 min\"\npeak = 3.0";
    let plain = replications(&shop(REPLICATIONS, "15 min", "flat", ""));
    let surging = replications(&shop(REPLICATIONS, "15 min", "flat", surge));
    let per_s = CUSTOMERS / (12.0 * 3_600.0);
    let extra = per_s * (3.0 - 1.0) * (0.5 * 600.0 + 1_200.0 + 900.0 * (1.0 - libm::exp(-10.0)));
    let put_in = demand(&surging[0]) - demand(&plain[0]);
    assert!((put_in - extra).abs() < 0.2, "expected extra customers: {put_in} against {extra}");
    let expected = f64::from(REPLICATIONS) * (CUSTOMERS + extra);
    let z = (surging.iter().map(customers).sum::<u64>() as f64 - expected) / expected.sqrt();
    assert!(z.abs() < z_limit(1), "{z:.2} standard deviations");
}

#[test]
fn a_surge_in_one_quarter_hour_moves_nobody_in_another() {
    let surge = "[[surge]]\nname = \"flash\"\nstart = \"2019-11-20 10:15\"\n\
                 ramp = \"2 min\"\nplateau = \"8 min\"\ndecay = \"0 s\"\npeak = 5.0";
    // One interval a second: who comes when is seen to the second.
    let plain = &replications(&shop(1, "1 s", "flat", ""))[0].timeline.cells;
    let surging = &replications(&shop(1, "1 s", "flat", surge))[0].timeline.cells;
    let quarter = (10 * 3_600 + 900)..(10 * 3_600 + 1_800);
    let by_second = |cells: &[tinsel::simulation::result::TimelineCell]| -> Vec<u64> {
        cells.iter().map(|cell| cell.customers).collect()
    };
    let (plain, surging) = (by_second(plain), by_second(surging));
    assert_eq!(plain[..quarter.start], surging[..quarter.start]);
    assert_eq!(plain[quarter.end..], surging[quarter.end..]);
    let inside = |counts: &[u64]| counts[quarter.clone()].iter().sum::<u64>();
    assert!(inside(&surging) > 2 * inside(&plain), "{} against {}", inside(&surging), inside(&plain));
}
