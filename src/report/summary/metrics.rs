//! From rows to metrics.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Group, Metric, REPLICATIONS_FOR_ONE_IN_20, Range, Unit};
use crate::measure::Histogram;
use crate::measure::design::Design;
use crate::measure::sample::{Sample, Times};
use crate::measure::survival::{End, Spell, stand_for_within};
use crate::report::stages::{Stage, alike, spells, was_over_unnoticed};
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
        let waits: Vec<Option<f64>> = result
            .replications
            .iter()
            .map(|replication| {
                let mut waits: Vec<u64> =
                    replication.stores.iter().filter_map(|store| store.queue_wait_p95).collect();
                waits.sort_unstable();
                order_statistic(&waits, q).map(|nanos| nanos as f64 / NANOS_PER_SECOND)
            })
            .collect();
        metrics.push(Metric::new(name, Unit::Seconds, Sample::Given(waits), Range::Positive));
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
        let times = result.replications.iter().map(|replication| times(replication).clone()).collect();
        let times = Arc::new(Times::Histograms(times));
        for (q, quantile) in PAYMENT_QUANTILES {
            metrics.push(quantile_of(format!("payment_time_{path}_{quantile}"), &times, q));
        }
    }
    Group { name: "payments", metrics }
}

/// Whether failover has anything to do with it: not if tills, power or what answers payments failed.
fn is_of_network(incident: &IncidentRow) -> bool {
    !["lane", "store-server", "site-power", "service"].contains(&incident.uplink)
}

/// Incidents by kind, and how long each stage of a failover took at stores with a wired primary.
pub(super) fn failover(scenario: &Scenario, result: &RunResult, design: &Design) -> Group {
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
    metrics.push(gap_per_incident(result));
    metrics.push(route_changes(scenario, result));
    let [out, back] =
        [Stage::Failover, Stage::Failback].map(|stage| Outcomes::new(scenario, result, design, stage));
    for stage in Stage::ALL {
        let times = match stage {
            Stage::Detection | Stage::BringUp | Stage::Switch | Stage::Failover => out.times(stage),
            Stage::Failback => back.times(stage),
        };
        metrics.extend(stage_metrics(stage, times));
    }
    metrics.extend(out.metrics());
    Group { name: "failover", metrics }
}

/// What became of faults that a failover might have been made for, or of failovers that traffic might have come back from.
struct Outcomes<'a> {
    /// By replication: which incident, what ended it, how many it stands for.
    by_replication: Vec<Vec<(&'a IncidentRow, End, f64)>>,
    is_censored: bool,
}

impl<'a> Outcomes<'a> {
    /// Of the spells of `stage`.
    fn new(scenario: &'a Scenario, result: &'a RunResult, design: &Design, stage: Stage) -> Self {
        let of_one = |one| -> Vec<(&IncidentRow, u64, End)> { spells(scenario, one, stage).collect() };
        let lists: Vec<Vec<(&IncidentRow, u64, End)>> = result.replications.iter().map(of_one).collect();
        let (mut groups, mut all) = (Vec::new(), Vec::new());
        for (replication, list) in lists.iter().enumerate() {
            let weight = design.weight(replication);
            groups.extend(list.iter().map(|&(incident, ..)| alike(scenario, incident, stage)));
            all.extend(list.iter().map(|&(_, nanos, end)| Spell { nanos, end, weight }));
        }
        let mut stands = stand_for_within(&groups, &all).into_iter();
        let with_stands = |list: Vec<(&'a IncidentRow, u64, End)>| {
            let zipped = list.into_iter().zip(&mut stands);
            zipped.map(|((incident, _, end), stands)| (incident, end, stands)).collect()
        };
        Outcomes {
            by_replication: lists.into_iter().map(with_stands).collect(),
            is_censored: all.iter().any(|one| one.end == End::Censored),
        }
    }

    /// How long `stage` took where it was completed, those standing for what the end of the run hid.
    fn times(&self, stage: Stage) -> Times {
        let completed = |list: &Vec<(&IncidentRow, End, f64)>| {
            let events = list.iter().filter(|(_, end, _)| *end == End::Event);
            let with_latency = |&(incident, _, stands): &(&IncidentRow, End, f64)| {
                stage.latency(incident).map(|latency| (latency.as_nanos(), stands))
            };
            let mut completed: Vec<(u64, f64)> = events.filter_map(with_latency).collect();
            completed.sort_by_key(|one| one.0);
            completed
        };
        let lists = self.by_replication.iter().map(completed);
        if self.is_censored {
            return Times::Standing(lists.collect());
        }
        Times::Exact(lists.map(|list| list.into_iter().map(|one| one.0).collect()).collect())
    }

    /// Of faults that a failover might have been made for.
    fn metrics(&self) -> Vec<Metric> {
        let sums = |value: fn(&(&IncidentRow, End, f64)) -> f64| -> Vec<f64> {
            let of_one =
                |list: &Vec<(&IncidentRow, End, f64)>| list.iter().map(value).fold(0.0, |all, one| all + one);
            self.by_replication.iter().map(of_one).collect()
        };
        fn if_so(so: bool, value: f64) -> f64 {
            if so { value } else { 0.0 }
        }
        let count = sums(|_| 1.0);
        let moved = sums(|&(_, end, stands)| if_so(end == End::Event, stands));
        let over = sums(|&(_, end, stands)| if_so(end == End::Other, stands));
        let unnoticed = sums(|&(row, end, _)| if_so(end == End::Other && was_over_unnoticed(row), 1.0));
        let open = sums(|&(_, end, _)| if_so(end == End::Censored, 1.0));
        vec![
            mean("failover_needed_count", Unit::Incidents, &count),
            proportion("failover_incidence", &moved, &count),
            proportion("repaired_first_incidence", &over, &count),
            mean("repaired_undetected_count", Unit::Incidents, &unnoticed),
            mean("failover_censored_count", Unit::Incidents, &open),
        ]
    }
}

/// Time without an answer over incidents of the network, those left out that nobody felt because another was open.
fn gap_per_incident(result: &RunResult) -> Metric {
    let felt = |incident: &&IncidentRow| is_of_network(incident) && incident.kind != IncidentKind::Masked;
    let gaps = per_replication(result, |one| {
        one.incidents
            .iter()
            .filter(felt)
            .map(|incident| incident.gap.as_secs_f64())
            .fold(0.0, |all, gap| all + gap)
    });
    let counts = per_replication(result, |one| one.incidents.iter().filter(felt).count() as f64);
    let sample = Sample::Ratio { numerators: gaps, denominators: counts };
    Metric::new("service_gap_per_incident", Unit::Seconds, sample, Range::Positive)
}

/// Moves of traffic to the backup, with a fault or without, and back, by store and day: what flapping shows in.
fn route_changes(scenario: &Scenario, result: &RunResult) -> Metric {
    let store_days: usize = scenario.stores.iter().map(|store| store.days.len()).sum();
    let changes = per_replication(result, |one| {
        one.stores.iter().map(|row| row.failovers + row.false_failovers + row.failbacks).sum::<u64>() as f64
    });
    let changes: Vec<f64> = changes.iter().map(|changes| changes / store_days.max(1) as f64).collect();
    mean("route_changes_per_store_day", Unit::Times, &changes)
}

fn stage_metrics(stage: Stage, times: Times) -> Vec<Metric> {
    let counts: Vec<f64> = times.counts().into_iter().map(|count| count as f64).collect();
    let times = Arc::new(times);
    let name = |quantile: &str| format!("{}_latency_{quantile}", stage.name());
    let mut metrics: Vec<Metric> =
        STAGE_QUANTILES.iter().map(|&(q, quantile)| quantile_of(name(quantile), &times, q)).collect();
    metrics.push(Metric::new(name("max"), Unit::Seconds, Sample::Longest(times), Range::Positive));
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
    let probes = per_replication(result, |replication| {
        replication.stores.iter().map(|store| store.probe_bytes).sum::<u64>() as f64 / BYTES_PER_GIGABYTE
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
            mean("probe_data", Unit::Gigabytes, &probes),
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
    let range = match unit {
        // A difference of money may be negative; nothing else may.
        Unit::Money => Range::Any,
        _ => Range::Positive,
    };
    Metric::new(name, unit, Sample::Mean(values.to_vec()), range)
}

pub(super) fn share(name: &str, parts: &[f64], wholes: &[f64]) -> Metric {
    let sample = Sample::Ratio { numerators: parts.to_vec(), denominators: wholes.to_vec() };
    Metric::new(name, Unit::Share, sample, Range::Any)
}

/// A share that lies between 0 and 1.
pub(super) fn proportion(name: &str, parts: &[f64], wholes: &[f64]) -> Metric {
    Metric { range: Range::Proportion, ..share(name, parts, wholes) }
}

/// What is reached or exceeded in one weekend out of 20; `None` with too few replications to tell.
fn one_in_20(name: &str, unit: Unit, values: &[f64]) -> Option<Metric> {
    one_weekend(name, unit, values, 0.95)
}

/// The weekend below which a share `q` of them lie; `None` with too few replications to tell.
pub(super) fn one_weekend(name: &str, unit: Unit, values: &[f64], q: f64) -> Option<Metric> {
    let sample = Sample::Order { values: values.to_vec(), q };
    (values.len() >= REPLICATIONS_FOR_ONE_IN_20).then(|| Metric::new(name, unit, sample, Range::Any))
}

/// A quantile of times over all replications.
fn quantile_of(name: String, times: &Arc<Times>, q: f64) -> Metric {
    let sample = Sample::Quantile { times: Arc::clone(times), q };
    Metric::new(name, Unit::Seconds, sample, Range::Positive)
}

/// The smallest value with a share `q` of the values at or below it.
fn order_statistic(sorted: &[u64], q: f64) -> Option<u64> {
    let rank = libm::ceil(q * sorted.len() as f64) as usize;
    sorted.get(rank.max(1) - 1).copied()
}
