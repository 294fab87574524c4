//! Checkout alone against Erlang-C (M/M/c) and Erlang-A (M/M/c+M).
//!
//! The real scenario path with everything but the queue switched off: scan time exponential, cash only and in no time,
//! all lanes open, no self-checkouts, no balking, constant demand around the clock. Twenty replications of two days;
//! the first day is warm-up (five or more relaxation times at every load), and as draws are addressed, the second day's
//! waits are those of the two-day run less those of the one-day run.
//!
//! Abandonment and waits of Erlang-A: a customer who finds q others waiting is served if her patience exceeds the sum of
//! q + 1 exponential times of rates cμ + jθ, j = 0..q (Palm 1957; Mandelbaum and Zeltyn 2007).

use super::lab::replications;
use super::statistics::{Quantity, check};
use tinsel::measure::Histogram;
use tinsel::simulation::result::ReplicationResult;

const REPLICATIONS: u32 = 20;
const SERVICE_S: f64 = 20.0;
/// A bound between buckets of the histogram: 2²³ µs.
const LONG_WAIT_S: f64 = 8.388_608;

#[derive(Clone, Copy)]
struct Queue {
    lanes: u32,
    load: f64,
    /// Mean patience; nobody loses it if `None`.
    patience_s: Option<f64>,
}

impl Queue {
    fn arrivals_per_s(&self) -> f64 {
        self.load * f64::from(self.lanes) / SERVICE_S
    }

    fn scenario(&self, days: u32) -> String {
        let patience =
            self.patience_s.map_or("\"10000 d\"".to_owned(), |mean| format!("{{ mean = \"{mean} s\" }}"));
        format!(
            r#"
            [scenario]
            name = "checkout alone"
            seed = 1917
            replications = {REPLICATIONS}
            first_day = 2019-11-18
            last_day = 2019-11-{last_day}
            interval = "1 h"
            [fleet.generate]
            stores = 1
            format = "queue"
            timezone = "UTC"
            [fleet.draw]
            topology = "none"
            sales_spread = 0
            [formats.queue]
            based_on = "mall_specialty"
            customers_per_day = {customers}
            lanes = {lanes}
            self_checkouts = 0
            scan = {{ mean = "{SERVICE_S} s" }}
            cash_share = 1.0
            cash_time = "0 s"
            patience = {patience}
            balking = false
            [formats.queue.hours]
            open = "00:00"
            close = "24:00"
            [formats.queue.curve]
            weekday = "flat"
            weekend = "flat"
            [formats.queue.staffing]
            all_open = true
            [faults]
            enabled = false
            "#,
            last_day = 17 + days,
            customers = self.arrivals_per_s() * 86_400.0,
            lanes = self.lanes,
        )
    }
}

/// What theory says of a stationary queue.
struct Theory {
    wait_probability: f64,
    abandonment: f64,
    /// Of those who are served.
    mean_wait_s: f64,
    /// Of those who are served; only for Erlang-C.
    long_wait_probability: Option<f64>,
}

fn erlang_c(queue: &Queue) -> Theory {
    let offered = queue.load * f64::from(queue.lanes);
    let blocking = (1..=queue.lanes).fold(1.0, |previous, servers| {
        let product = offered * previous;
        product / (f64::from(servers) + product)
    });
    let wait_probability = blocking / (1.0 - queue.load * (1.0 - blocking));
    let slack_per_s = f64::from(queue.lanes) / SERVICE_S - queue.arrivals_per_s();
    Theory {
        wait_probability,
        abandonment: 0.0,
        mean_wait_s: wait_probability / slack_per_s,
        long_wait_probability: Some(wait_probability * libm::exp(-slack_per_s * LONG_WAIT_S)),
    }
}

fn erlang_a(queue: &Queue, patience_s: f64) -> Theory {
    const WAITING_MAX: usize = 3_000;
    let (arrivals, drain, leaving) =
        (queue.arrivals_per_s(), f64::from(queue.lanes) / SERVICE_S, 1.0 / patience_s);
    let mut weight = 1.0;
    let mut total = 0.0;
    for busy in 1..=queue.lanes {
        total += weight;
        weight *= arrivals * SERVICE_S / f64::from(busy);
    }
    let (mut served, mut waited, mut all_busy) = (total, 0.0, 0.0);
    // Laplace transform at θ of the time until the customer with q others before her is served, and Σ 1/(rate + θ).
    let (mut survives, mut slope) = (1.0, 0.0);
    for others in 0..WAITING_MAX {
        let rate = drain + others as f64 * leaving;
        survives *= rate / (rate + leaving);
        slope += 1.0 / (rate + leaving);
        served += weight * survives;
        waited += weight * survives * slope;
        all_busy += weight;
        weight *= arrivals / (rate + leaving);
    }
    total += all_busy;
    Theory {
        wait_probability: all_busy / total,
        abandonment: 1.0 - served / total,
        mean_wait_s: waited / served,
        long_wait_probability: None,
    }
}

/// Sums of the second day's waits.
struct Waits {
    served: f64,
    at_once: f64,
    long: f64,
    sum_s: f64,
}

fn waits(histogram: &Histogram) -> Waits {
    let count = |from: u64, to: u64| -> f64 {
        let inside = histogram.buckets().filter(|&(lower, _)| (from..to).contains(&lower));
        inside.map(|(_, count)| count).sum::<u64>() as f64
    };
    let served = histogram.count() as f64;
    Waits {
        served,
        at_once: count(0, 1),
        long: count((LONG_WAIT_S * 1e9) as u64, u64::MAX),
        sum_s: histogram.mean().unwrap_or(0.0) * served / 1e9,
    }
}

fn second_day(one: &ReplicationResult, two: &ReplicationResult) -> Waits {
    let (one, two) = (waits(&one.queue_wait), waits(&two.queue_wait));
    Waits {
        served: two.served - one.served,
        at_once: two.at_once - one.at_once,
        long: two.long - one.long,
        sum_s: two.sum_s - one.sum_s,
    }
}

/// The simulated second day of `queue` against `theory`.
fn quantities(name: &str, queue: &Queue, theory: &Theory) -> Vec<Quantity> {
    let (one, two) = (replications(&queue.scenario(1)), replications(&queue.scenario(2)));
    let days: Vec<(Waits, f64, f64)> = one
        .iter()
        .zip(&two)
        .map(|(one, two)| {
            let ledger = two.days[1].ledger;
            (second_day(one, two), ledger.customers as f64, ledger.reneged as f64)
        })
        .collect();
    let quantity = |what: &str, expected: f64, value: fn(&(Waits, f64, f64)) -> f64| Quantity {
        name: format!("{name} {what}"),
        values: days.iter().map(value).collect(),
        expected,
    };
    let mut all = vec![
        quantity("P(wait > 0)", theory.wait_probability, |(waits, came, _)| 1.0 - waits.at_once / came),
        quantity("mean wait of the served", theory.mean_wait_s, |(waits, ..)| waits.sum_s / waits.served),
    ];
    if let Some(expected) = theory.long_wait_probability {
        all.push(quantity("P(wait > 8.4 s)", expected, |(waits, ..)| waits.long / waits.served));
    } else {
        all.push(quantity("abandonment", theory.abandonment, |(_, came, reneged)| reneged / came));
    }
    all
}

#[test]
fn without_impatience_waits_are_those_of_erlang_c() {
    let mut all = Vec::new();
    for load in [0.5, 0.8, 0.95] {
        let queue = Queue { lanes: 5, load, patience_s: None };
        all.extend(quantities(&format!("Erlang-C at {load}"), &queue, &erlang_c(&queue)));
    }
    check(&all).unwrap();
}

#[test]
fn with_impatience_waits_and_abandonment_are_those_of_erlang_a() {
    let mut all = Vec::new();
    for load in [0.7, 0.95, 1.3] {
        let queue = Queue { lanes: 5, load, patience_s: Some(30.0) };
        all.extend(quantities(&format!("Erlang-A at {load}"), &queue, &erlang_a(&queue, 30.0)));
    }
    check(&all).unwrap();
}

#[test]
fn a_wrong_lane_count_is_noticed() {
    let right = Queue { lanes: 5, load: 0.8, patience_s: None };
    // The same customers at six lanes.
    let wrong = Queue { lanes: 6, load: 0.8 * 5.0 / 6.0, ..right };
    assert!(check(&quantities("one lane too many", &wrong, &erlang_c(&right))).is_err());
    let right = Queue { lanes: 5, load: 1.3, patience_s: Some(30.0) };
    let wrong = Queue { lanes: 4, load: 1.3 * 5.0 / 4.0, ..right };
    assert!(check(&quantities("one lane too few", &wrong, &erlang_a(&right, 30.0))).is_err());
}
