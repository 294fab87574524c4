//! From rows to metrics.

use std::collections::BTreeMap;

use super::{Group, LEVEL, Metric, REPLICATIONS_FOR_ONE_IN_20, Unit};
use crate::measure::Histogram;
use crate::measure::estimators::{
    Interval, mean_interval, order_statistic_interval, quantile_by_sectioning, ratio_interval,
};
use crate::report::stages::{Stage, latencies};
use crate::scenario::resolved::Scenario;
use crate::simulation::result::{IncidentKind, IncidentRow, Ledger, ReplicationResult, RunResult, StoreRow};
use crate::units::{Cents, Span};

pub(super) const SECONDS_PER_HOUR: f64 = 3_600.0;
const BYTES_PER_GIGABYTE: f64 = 1e9;
const NANOS_PER_SECOND: f64 = 1e9;

/// Quantiles shown of payment times.
const PAYMENT_QUANTILES: [(f64, &str); 2] = [(0.5, "p50"), (0.99, "p99")];
/// Quantiles shown of failover stages, besides the maximum.
pub(super) const STAGE_QUANTILES: [(f64, &str); 3] = [(0.5, "p50"), (0.95, "p95"), (0.99, "p99")];

/// What became of customers or payments: name and count.
type Fate = (&'static str, fn(&Ledger) -> f64);
/// A path and the response times over it.
type PathTime = (&'static str, fn(&ReplicationResult) -> &Histogram);

/// Which stores went dark and what the network cost, by local day.
pub(super) fn verdict(scenario: &Scenario, result: &RunResult) -> Group {
    let by_day: Vec<BTreeMap<&str, DayTotal>> =
        result.replications.iter().map(|replication| day_totals(scenario, replication)).collect();
    let dates: BTreeMap<&str, ()> =
        by_day.iter().flat_map(|days| days.keys().map(|&date| (date, ()))).collect();
    let mut metrics = Vec::new();
    for &date in dates.keys() {
        let of_day = |value: fn(&DayTotal) -> f64| -> Vec<f64> {
            by_day.iter().map(|days| days.get(date).map_or(0.0, value)).collect()
        };
        let dark = of_day(|day| day.stores_dark as f64);
        let lost = of_day(|day| day.lost_sales_network.as_units_f64());
        metrics.push(mean("stores_dark_5min", Unit::Stores, &dark).on(date));
        metrics.extend(one_in_20("stores_dark_5min_p95", Unit::Stores, &dark).map(|metric| metric.on(date)));
        metrics.push(mean("lost_sales_network", Unit::Money, &lost).on(date));
        metrics.extend(one_in_20("lost_sales_network_p95", Unit::Money, &lost).map(|metric| metric.on(date)));
    }
    let lost = per_replication(result, |replication| {
        replication.stores.iter().map(|store| store.lost_sales_network).sum::<Cents>().as_units_f64()
    });
    let without_faults = per_replication(result, |replication| {
        let sales: Cents =
            replication.stores.iter().map(|store| store.ledger.sales + store.lost_sales_network).sum();
        sales.as_units_f64()
    });
    metrics.push(mean("lost_sales_network", Unit::Money, &lost));
    metrics.extend(one_in_20("lost_sales_network_p95", Unit::Money, &lost));
    metrics.push(share("lost_sales_network_share", &lost, &without_faults));
    Group { name: "verdict", metrics }
}

#[derive(Default)]
struct DayTotal {
    stores_dark: u64,
    lost_sales_network: Cents,
}

fn day_totals<'a>(scenario: &'a Scenario, replication: &ReplicationResult) -> BTreeMap<&'a str, DayTotal> {
    let mut days: BTreeMap<&str, DayTotal> = BTreeMap::new();
    for row in &replication.days {
        let date = &scenario.stores[row.store.0 as usize].days[row.day as usize].date;
        let day = days.entry(date).or_default();
        day.stores_dark += u64::from(row.gap_over_5min);
        day.lost_sales_network += row.lost_sales_network;
    }
    days
}

/// Who came, who was served, who left.
pub(super) fn customers(result: &RunResult) -> Group {
    let ledgers: Vec<Ledger> = result.replications.iter().map(fleet_ledger).collect();
    let of = |count: fn(&Ledger) -> f64| -> Vec<f64> { ledgers.iter().map(count).collect() };
    let customers = of(|ledger| ledger.customers as f64);
    let mut metrics = vec![mean("customers", Unit::Customers, &customers)];
    let fates: [Fate; 5] = [
        ("served", |ledger| ledger.served as f64),
        ("balked", |ledger| ledger.balked as f64),
        ("reneged", |ledger| ledger.reneged as f64),
        ("unpaid", |ledger| ledger.unpaid as f64),
        ("inside", |ledger| ledger.inside as f64),
    ];
    for (name, count) in fates {
        metrics.push(mean(name, Unit::Customers, &of(count)));
        metrics.push(proportion(&format!("{name}_share"), &of(count), &customers));
    }
    metrics.push(mean("sales", Unit::Money, &of(|ledger| ledger.sales.as_units_f64())));
    metrics.push(mean("lost_sales", Unit::Money, &of(|ledger| ledger.lost_sales.as_units_f64())));
    // Only each store's own quantile is kept, so the fleet's is told by a typical and by a bad store.
    for (q, name) in [(0.5, "queue_wait_p95_median_store"), (0.95, "queue_wait_p95_worst_store_in_20")] {
        let waits: Vec<f64> = result
            .replications
            .iter()
            .filter_map(|replication| {
                let mut waits: Vec<u64> =
                    replication.stores.iter().filter_map(|store| store.queue_wait_p95).collect();
                waits.sort_unstable();
                order_statistic(&waits, q).map(|nanos| nanos as f64 / NANOS_PER_SECOND)
            })
            .collect();
        metrics.push(mean(name, Unit::Seconds, &waits));
    }
    Group { name: "customers", metrics }
}

/// What became of card payments, and how long an answer took.
pub(super) fn payments(result: &RunResult) -> Group {
    let ledgers: Vec<Ledger> = result.replications.iter().map(fleet_ledger).collect();
    let of = |count: fn(&Ledger) -> f64| -> Vec<f64> { ledgers.iter().map(count).collect() };
    let payments = of(|ledger| ledger.payments as f64);
    let mut metrics = vec![mean("payments", Unit::Payments, &payments)];
    let fates: [Fate; 5] = [
        ("authorized", |ledger| ledger.authorized as f64),
        ("authorized_offline", |ledger| ledger.authorized_offline as f64),
        ("declined", |ledger| ledger.declined as f64),
        ("payments_lost", |ledger| ledger.payments_lost as f64),
        ("pending", |ledger| ledger.pending as f64),
    ];
    for (name, count) in fates {
        metrics.push(mean(name, Unit::Payments, &of(count)));
        metrics.push(proportion(&format!("{name}_share"), &of(count), &payments));
    }
    let paths: [PathTime; 2] = [
        ("primary", |replication| &replication.payment_time_primary),
        ("lte", |replication| &replication.payment_time_lte),
    ];
    for (path, times) in paths {
        let times: Vec<Histogram> =
            result.replications.iter().map(|replication| times(replication).clone()).collect();
        for (q, quantile) in PAYMENT_QUANTILES {
            metrics.push(Metric {
                name: format!("payment_time_{path}_{quantile}"),
                unit: Unit::Seconds,
                day: None,
                value: quantile_seconds(&times, q),
            });
        }
    }
    Group { name: "payments", metrics }
}

/// Whether failover has anything to do with it: not if tills, power or what answers payments failed.
fn is_of_network(incident: &IncidentRow) -> bool {
    !["lane", "store-server", "site-power", "service"].contains(&incident.uplink)
}

/// Incidents by kind, and how long each stage of a failover took at stores with a wired primary.
pub(super) fn failover(scenario: &Scenario, result: &RunResult) -> Group {
    const KINDS: [IncidentKind; 5] = [
        IncidentKind::Failover,
        IncidentKind::FalseFailover,
        IncidentKind::LateFailover,
        IncidentKind::NoFailover,
        IncidentKind::Masked,
    ];
    let mut metrics = Vec::new();
    for kind in KINDS {
        let counts = per_replication(result, |replication| {
            let of_network = replication.incidents.iter().filter(|incident| is_of_network(incident));
            of_network.filter(|incident| incident.kind == kind).count() as f64
        });
        metrics.push(mean(&format!("incidents_{}", kind.name()), Unit::Incidents, &counts));
    }
    let beside = per_replication(result, |replication| {
        replication.incidents.iter().filter(|incident| !is_of_network(incident)).count() as f64
    });
    metrics.push(mean("incidents_beside_the_network", Unit::Incidents, &beside));
    for stage in Stage::ALL {
        let per_replication: Vec<Vec<Span>> = result
            .replications
            .iter()
            .map(|replication| latencies(scenario, replication, stage).map(|(_, latency)| latency).collect())
            .collect();
        metrics.extend(stage_metrics(stage, &per_replication));
    }
    Group { name: "failover", metrics }
}

fn stage_metrics(stage: Stage, per_replication: &[Vec<Span>]) -> Vec<Metric> {
    let mut pooled: Vec<u64> = per_replication.iter().flatten().map(|span| span.as_nanos()).collect();
    pooled.sort_unstable();
    let sections: Vec<Histogram> = per_replication
        .iter()
        .map(|spans| {
            let mut histogram = Histogram::new();
            spans.iter().for_each(|span| histogram.record(span.as_nanos()));
            histogram
        })
        .collect();
    let metric = |quantile: &str, value| Metric {
        name: format!("{}_latency_{quantile}", stage.name()),
        unit: Unit::Seconds,
        day: None,
        value,
    };
    let mut metrics: Vec<Metric> = STAGE_QUANTILES
        .iter()
        .map(|&(q, quantile)| {
            let exact = order_statistic(&pooled, q).map(|nanos| nanos as f64 / NANOS_PER_SECOND);
            let value = quantile_seconds(&sections, q)
                .zip(exact)
                // The histogram knows the quantile to one part in 128; the pooled order statistic is exact.
                .map(|(interval, exact)| Interval { estimate: exact, ..interval });
            metric(quantile, value)
        })
        .collect();
    metrics.push(metric(
        "max",
        pooled.last().map(|&nanos| Interval::point(nanos as f64 / NANOS_PER_SECOND, LEVEL)),
    ));
    let counts: Vec<f64> = per_replication.iter().map(|spans| spans.len() as f64).collect();
    metrics.push(mean(&format!("{}_count", stage.name()), Unit::Incidents, &counts));
    metrics
}

/// Time spent off the wired primary, and what LTE carried.
pub(super) fn lte(result: &RunResult) -> Group {
    let hours = |time: fn(&crate::simulation::result::PathTimes) -> Span| -> Vec<f64> {
        per_replication(result, |replication| {
            let total: u128 =
                replication.stores.iter().map(|store| u128::from(time(&store.times).as_nanos())).sum();
            total as f64 / NANOS_PER_SECOND / SECONDS_PER_HOUR
        })
    };
    let gigabytes = per_replication(result, |replication| {
        let bytes: u64 = replication.stores.iter().map(|store| store.times.lte_bytes).sum();
        bytes as f64 / BYTES_PER_GIGABYTE
    });
    let saturated = per_replication(result, |replication| {
        replication.cells.iter().map(|cell| cell.saturated.as_secs_f64()).sum::<f64>() / SECONDS_PER_HOUR
    });
    Group {
        name: "lte",
        metrics: vec![
            mean("lte_time", Unit::StoreHours, &hours(|times| times.lte)),
            mean("dark_time", Unit::StoreHours, &hours(|times| times.dark)),
            mean("service_gap_time", Unit::StoreHours, &hours(|times| times.gap)),
            mean("service_gap_open_time", Unit::StoreHours, &hours(|times| times.gap_open)),
            mean("lte_data", Unit::Gigabytes, &gigabytes),
            mean("cell_saturated_time", Unit::CellHours, &saturated),
        ],
    }
}

impl Metric {
    fn on(mut self, date: &str) -> Self {
        self.day = Some(date.to_owned());
        self
    }
}

/// An amount of every store, summed over the fleet, by replication.
pub(super) fn fleet_money(result: &RunResult, amount: fn(&StoreRow) -> Cents) -> Vec<f64> {
    per_replication(result, |replication| replication.stores.iter().map(amount).sum::<Cents>().as_units_f64())
}

fn fleet_ledger(replication: &ReplicationResult) -> Ledger {
    let mut fleet = Ledger::default();
    for store in &replication.stores {
        fleet += store.ledger;
    }
    fleet
}

pub(super) fn per_replication(result: &RunResult, value: impl Fn(&ReplicationResult) -> f64) -> Vec<f64> {
    result.replications.iter().map(value).collect()
}

pub(super) fn mean(name: &str, unit: Unit, values: &[f64]) -> Metric {
    let value = mean_interval(values, LEVEL).map(|interval| match unit {
        // A difference of money may be negative; nothing else may.
        Unit::Money => interval,
        _ => clipped(interval, f64::INFINITY),
    });
    Metric { name: name.to_owned(), unit, day: None, value }
}

pub(super) fn share(name: &str, parts: &[f64], wholes: &[f64]) -> Metric {
    Metric {
        name: name.to_owned(),
        unit: Unit::Share,
        day: None,
        value: ratio_interval(parts, wholes, LEVEL),
    }
}

/// A share that lies between 0 and 1.
pub(super) fn proportion(name: &str, parts: &[f64], wholes: &[f64]) -> Metric {
    let mut metric = share(name, parts, wholes);
    metric.value = metric.value.map(|interval| clipped(interval, 1.0));
    metric
}

/// The interval without what lies below zero or above `limit`, where the quantity cannot be.
fn clipped(interval: Interval, limit: f64) -> Interval {
    let clip = |end: Option<f64>| end.map(|end| end.clamp(0.0, limit));
    Interval { low: clip(interval.low), high: clip(interval.high), ..interval }
}

/// What is reached or exceeded in one weekend out of 20; `None` with too few replications to tell.
fn one_in_20(name: &str, unit: Unit, values: &[f64]) -> Option<Metric> {
    one_weekend(name, unit, values, 0.95)
}

/// The weekend below which a share `q` of them lie; `None` with too few replications to tell.
pub(super) fn one_weekend(name: &str, unit: Unit, values: &[f64], q: f64) -> Option<Metric> {
    (values.len() >= REPLICATIONS_FOR_ONE_IN_20).then(|| Metric {
        name: name.to_owned(),
        unit,
        day: None,
        value: order_statistic_interval(values, q, LEVEL),
    })
}

/// The smallest value with a share `q` of the values at or below it.
fn order_statistic(sorted: &[u64], q: f64) -> Option<u64> {
    let rank = libm::ceil(q * sorted.len() as f64) as usize;
    sorted.get(rank.max(1) - 1).copied()
}

/// A quantile of nanoseconds over all replications, in seconds.
fn quantile_seconds(per_replication: &[Histogram], q: f64) -> Option<Interval> {
    let nanos = quantile_by_sectioning(per_replication, q, LEVEL)?;
    let seconds = |nanos: f64| nanos / NANOS_PER_SECOND;
    let interval = Interval {
        estimate: seconds(nanos.estimate),
        low: nanos.low.map(seconds),
        high: nanos.high.map(seconds),
        level: nanos.level,
    };
    Some(clipped(interval, f64::INFINITY))
}
