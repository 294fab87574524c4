//! The shipped formats on their busiest days: without faults they lose almost nobody, with a slow host they queue.
//!
//! Abandonment counts who balked or reneged. Who leaves because the issuer declined (2 % by default) is not the queue's.

use super::lab::replications;

/// A format's busiest day, by the multipliers of docs/sources.md; a store of exactly the format's sales.
struct Busiest {
    format: &'static str,
    date: &'static str,
    multiplier: f64,
    /// The day's curve if it is not the format's own.
    special: &'static str,
}

/// In the format's own opening hours, into which the whole day's customers go: harder than longer hours.
const BLACK_FRIDAY: &str = "curve = \"instore_black_friday\"";

const fn busiest(
    format: &'static str,
    date: &'static str,
    multiplier: f64,
    special: &'static str,
) -> Busiest {
    Busiest { format, date, multiplier, special }
}

const BUSIEST: [Busiest; 9] = [
    // 7.1 customers in its busiest hour of the holidays, 4.6 in that of a usual day (assumption).
    busiest("kiosk", "2019-11-29", 7.1 / 4.6, BLACK_FRIDAY),
    busiest("mall_specialty", "2019-11-29", 4.0, BLACK_FRIDAY),
    busiest("convenience", "2019-12-23", 1.0, ""),
    busiest("pharmacy", "2019-12-23", 1.0, ""),
    busiest("grocery", "2019-11-27", 1.72, ""),
    busiest("big_box", "2019-11-29", 2.81, BLACK_FRIDAY),
    busiest("electronics", "2019-11-29", 7.43, BLACK_FRIDAY),
    busiest("supercenter", "2019-12-23", 1.89, ""),
    busiest("discount", "2019-11-29", 2.81, BLACK_FRIDAY),
];

struct Outcome {
    abandonment: f64,
    mean_wait_s: f64,
}

/// Twenty such stores on that day.
fn busiest_day(day: &Busiest, more: &str) -> Outcome {
    let Busiest { format, date, multiplier, special } = day;
    let text = format!(
        r#"
        [scenario]
        name = "busiest day"
        seed = 29
        replications = 1
        first_day = {date}
        last_day = {date}
        interval = "1 h"
        [fleet.generate]
        stores = 20
        format = "{format}"
        [fleet.draw]
        technology = "fibre_dia"
        topology = "none"
        profile = "carrier-loss"
        sales_spread = 0
        [[calendar]]
        date = {date}
        formats = ["{format}"]
        multiplier = {multiplier}
        baseline = "average day"
        {special}
        [faults]
        enabled = false
        {more}
        "#
    );
    let run = &replications(&text)[0];
    let sum = |count: fn(&tinsel::simulation::result::Ledger) -> u64| -> f64 {
        run.stores.iter().map(|store| count(&store.ledger)).sum::<u64>() as f64
    };
    Outcome {
        abandonment: sum(|ledger| ledger.balked + ledger.reneged) / sum(|ledger| ledger.customers),
        mean_wait_s: run.queue_wait.mean().unwrap_or(0.0) / 1e9,
    }
}

#[test]
fn without_faults_every_shipped_format_loses_fewer_than_one_in_two_hundred() {
    for day in &BUSIEST {
        let Outcome { abandonment, mean_wait_s } = busiest_day(day, "");
        println!("{}: {:.3} % leave, wait {mean_wait_s:.1} s", day.format, 100.0 * abandonment);
        assert!(abandonment < 0.005, "{}: {:.2} % leave", day.format, 100.0 * abandonment);
    }
}

/// What `slow` does to 20 stores of `format` that also have `always`: at least `factor` times the wait, and at least
/// `leave` abandon.
fn fills_the_queues(format: &str, always: &str, slow: &str, (factor, leave): (f64, f64)) {
    let day = BUSIEST.iter().find(|day| day.format == format).expect("a shipped format");
    let usual = busiest_day(day, always);
    let slow = busiest_day(day, &format!("{always}{}", slow.replace("DATE", day.date)));
    let (from, to) = (usual.mean_wait_s, slow.mean_wait_s);
    println!(
        "{format}: wait {from:.1} to {to:.1} s, leave {:.4} to {:.4}",
        usual.abandonment, slow.abandonment
    );
    assert!(to > factor * from, "{format}: mean wait from {from} to {to} s");
    assert!(slow.abandonment > leave, "{format}: {} leave", slow.abandonment);
}

#[test]
fn an_authorization_of_45_seconds_that_nobody_foresaw_fills_the_queues() {
    const SLOW: &str = "[payments]\ntimeout = \"60 s\"\n[[faults.scheduled]]\nname = \"slow host\"\n\
                        signature = \"latency\"\nlatency = \"45 s\"\nat = \"DATE 00:00\"\nduration = \"2 d\"";
    for format in ["grocery", "supercenter", "big_box", "discount", "electronics"] {
        // More than twice what a fault-free day may lose.
        fills_the_queues(format, "", SLOW, (5.0, 0.01));
    }
}

#[test]
fn a_host_that_is_known_to_take_45_seconds_fills_the_queues_where_no_lane_is_left() {
    // The forecaster knows the host's usual time and opens lanes for it, where there are more; here all are open already.
    let always = "[formats.electronics]\nlanes = 20\n";
    fills_the_queues("electronics", always, "[payments]\nhost = \"45 s\"\ntimeout = \"60 s\"", (3.0, 0.005));
}
