//! The fleet-level answer: one set of metrics, read by people on the terminal and by programs in
//! `summary.json`.
//!
//! The replication is the unit of every interval (ARCHITECTURE.md): t for means, the jackknife for shares, sectioning for
//! pooled quantiles. With one replication there is no interval, and the text says so.

mod caution;
mod costs;
mod metrics;
mod money;
mod noc;
mod numbers;
mod services;
mod strata;
mod terminal;

pub use caution::{caution, rare_faults};
pub use numbers::{count_text, grouped, with_interval};
pub(super) use numbers::{duration_text, money_text, percent_text};
use serde_json::{Value, json};

use crate::scenario::resolved::Scenario;
use crate::simulation::result::RunResult;

use super::thresholds::{self, Judged};
use crate::measure::design::Design;
use crate::measure::estimators::Interval;
use crate::measure::sample::Sample;

/// Confidence level of every interval in the summary.
pub const LEVEL: f64 = 0.95;

/// From this many replications on, one weekend in 20 can be told from them.
pub const REPLICATIONS_FOR_ONE_IN_20: usize = 20;

/// The 5th and 95th percentile of sorted `values`, one for each replication, or the least and greatest of too few for that.
pub(super) fn nine_tenths(values: &[f64]) -> (f64, f64) {
    let last = values.len() - 1;
    let outside = if values.len() < REPLICATIONS_FOR_ONE_IN_20 { 0 } else { last / 20 };
    (values[outside], values[last - outside])
}

/// What a metric counts, which decides how it is shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Unit {
    /// Stores.
    Stores,
    /// Customers.
    Customers,
    /// Card payments.
    Payments,
    /// Incidents.
    Incidents,
    /// Money in the scenario's currency.
    Money,
    /// A share of something, 0..=1.
    Share,
    /// Seconds.
    Seconds,
    /// Hours that stores spent in a state, added over stores.
    StoreHours,
    /// Hours that cells spent in a state, added over cells.
    CellHours,
    /// Tickets of the operations centre.
    Tickets,
    /// Hours that people worked.
    PersonHours,
    /// 10^9 bytes.
    Gigabytes,
    /// Days.
    Days,
    /// Requests to a service.
    Requests,
    /// Online orders.
    Orders,
    /// How often something happened.
    Times,
}

/// One number about the whole fleet.
#[derive(Clone, PartialEq, Debug)]
pub struct Metric {
    /// Stable name, unique in its group together with `day`.
    pub name: String,
    /// What it counts.
    pub unit: Unit,
    /// Local day it is about; `None` = the whole run.
    pub day: Option<String>,
    /// Estimate and interval; `None` when there was nothing to measure.
    pub value: Option<Interval>,
    /// What each replication showed, from which the value comes.
    pub sample: Sample,
    /// Where the quantity cannot be, and so its interval is not.
    pub range: Range,
}

impl Metric {
    fn new(name: impl Into<String>, unit: Unit, sample: Sample, range: Range) -> Self {
        Metric { name: name.into(), unit, day: None, value: None, sample, range }
    }
}

/// Values that a quantity can have.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Range {
    /// Any.
    Any,
    /// Nothing below zero.
    Positive,
    /// Nothing below zero or above one.
    Proportion,
}

impl Range {
    /// The interval without what lies outside.
    #[must_use]
    pub fn clip(self, interval: Interval) -> Interval {
        let most = match self {
            Range::Any => return interval,
            Range::Positive => f64::INFINITY,
            Range::Proportion => 1.0,
        };
        let clip = |end: Option<f64>| end.map(|end| end.clamp(0.0, most));
        Interval { low: clip(interval.low), high: clip(interval.high), ..interval }
    }
}

/// Metrics that belong together.
#[derive(Clone, PartialEq, Debug)]
pub struct Group {
    /// Stable name.
    pub name: &'static str,
    /// The metrics.
    pub metrics: Vec<Metric>,
}

impl Group {
    /// Takes estimates and intervals from what replications showed.
    fn estimate(&mut self, design: &Design) {
        for metric in &mut self.metrics {
            let interval = metric.sample.interval(design, LEVEL);
            metric.value = interval.map(|interval| metric.range.clip(interval));
        }
    }
}

/// The group `failover` of the summary alone, for a chart of it.
pub(super) fn failover_metrics(scenario: &Scenario, result: &RunResult) -> Group {
    let design = result.design(scenario);
    let mut group = metrics::failover(scenario, result, &design);
    group.estimate(&design);
    group
}

/// The fleet-level result of a run.
#[derive(Clone, PartialEq, Debug)]
pub struct Summary {
    /// Name of the scenario.
    pub scenario: String,
    /// First and last local day.
    pub days: (String, String),
    /// Number of stores.
    pub stores: usize,
    /// Seed of the draws.
    pub seed: u64,
    /// Replications behind every estimate.
    pub replications: usize,
    /// ISO 4217 code.
    pub currency: String,
    /// Names of the services, in order.
    pub services: Vec<String>,
    /// What each replication stands for.
    pub design: Design,
    /// In order: verdict, customers, payments, failover, lte, services and noc if there are any, money.
    pub groups: Vec<Group>,
    /// What no interval tells, if there is such a thing.
    pub caution: Option<String>,
    /// What became of the scenario's thresholds, in file order.
    pub thresholds: Vec<Judged>,
}

impl Summary {
    /// Reduces a run to its fleet-level numbers and holds them against the scenario's thresholds.
    #[must_use]
    pub fn new(scenario: &Scenario, result: &RunResult) -> Self {
        let summary = Summary::measure(scenario, result);
        Summary { thresholds: thresholds::judge(scenario, result, &summary), ..summary }
    }

    /// The same without a verdict.
    #[must_use]
    pub fn measure(scenario: &Scenario, result: &RunResult) -> Self {
        let design = result.design(scenario);
        let mut groups = vec![
            metrics::verdict(scenario, result),
            metrics::customers(result),
            metrics::payments(result),
            metrics::failover(scenario, result, &design),
            metrics::lte(result),
        ];
        groups.extend(services::services(scenario, result));
        groups.extend(noc::noc(scenario, result));
        groups.push(money::money(scenario, result));
        groups.extend(strata::strata(scenario, result, &design));
        groups.iter_mut().for_each(|group| group.estimate(&design));
        Summary {
            scenario: scenario.name.clone(),
            days: (scenario.first_day.clone(), scenario.last_day.clone()),
            stores: scenario.stores.len(),
            seed: scenario.seed,
            replications: result.replications.len(),
            currency: scenario.currency.clone(),
            services: scenario.services.iter().map(|service| service.name.clone()).collect(),
            design,
            groups,
            caution: caution(scenario, result.replications.len()),
            thresholds: Vec::new(),
        }
    }

    /// The metric of that group and name about the whole run.
    #[must_use]
    pub fn metric(&self, group: &str, name: &str) -> Option<&Metric> {
        self.metrics(group).find(|metric| metric.name == name && metric.day.is_none())
    }

    /// The metric about the whole run that is called `group.name`.
    #[must_use]
    pub fn metric_at(&self, path: &str) -> Option<&Metric> {
        let (group, name) = path.split_once('.')?;
        self.metric(group, name)
    }

    /// All metrics of the whole run, as `group.name`.
    #[must_use]
    pub fn paths(&self) -> Vec<String> {
        let of = |group: &Group| {
            let name = group.name;
            let whole = group.metrics.iter().filter(|metric| metric.day.is_none());
            whole.map(|metric| format!("{name}.{}", metric.name)).collect::<Vec<_>>()
        };
        self.groups.iter().flat_map(of).collect()
    }

    /// All metrics of a group; none if there is no such group.
    pub fn metrics(&self, group: &str) -> impl Iterator<Item = &Metric> {
        self.groups.iter().filter(move |candidate| candidate.name == group).flat_map(|group| &group.metrics)
    }

    /// The content of `summary.json`.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let groups: serde_json::Map<String, Value> = self
            .groups
            .iter()
            .map(|group| {
                let metrics = group.metrics.iter().map(|metric| self.metric_json(metric)).collect();
                (group.name.to_owned(), Value::Array(metrics))
            })
            .collect();
        let mut summary = json!({
            "scenario": self.scenario,
            "first_day": self.days.0,
            "last_day": self.days.1,
            "stores": self.stores,
            "seed": self.seed,
            "replications": self.replications,
            "forecast": self.replications > 1,
            "verdict": self.verdict_sentences(),
            "groups": groups,
        });
        if !self.thresholds.is_empty() {
            let verdicts = self.thresholds.iter().map(|one| one.verdict);
            summary["thresholds_verdict"] = json!(thresholds::word(thresholds::overall(verdicts)));
            summary["thresholds"] = thresholds::to_json(&self.thresholds, self);
        }
        summary
    }

    fn metric_json(&self, metric: &Metric) -> Value {
        let finite = |value: Option<f64>| value.filter(|value| value.is_finite());
        json!({
            "name": metric.name,
            "day": metric.day,
            "unit": self.unit_name(metric.unit),
            "estimate": finite(metric.value.map(|value| value.estimate)),
            "low": finite(metric.value.and_then(|value| value.low)),
            "high": finite(metric.value.and_then(|value| value.high)),
            "level": LEVEL,
            "replications": self.replications,
        })
    }

    /// The word for a unit in output.
    #[must_use]
    pub fn unit_name(&self, unit: Unit) -> &str {
        match unit {
            Unit::Stores => "stores",
            Unit::Customers => "customers",
            Unit::Payments => "payments",
            Unit::Incidents => "incidents",
            Unit::Money => &self.currency,
            Unit::Share => "share",
            Unit::Seconds => "s",
            Unit::StoreHours => "store-hours",
            Unit::CellHours => "cell-hours",
            Unit::Tickets => "tickets",
            Unit::PersonHours => "person-hours",
            Unit::Gigabytes => "GB",
            Unit::Days => "days",
            Unit::Requests => "requests",
            Unit::Orders => "orders",
            Unit::Times => "times",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nine_tenths_leave_out_one_in_20_on_each_side_from_20_on() {
        let values: Vec<f64> = (0..41).map(f64::from).collect();
        assert_eq!(nine_tenths(&values), (2.0, 38.0));
        assert_eq!(nine_tenths(&values[..19]), (0.0, 18.0));
        assert_eq!(nine_tenths(&values[..1]), (0.0, 0.0));
    }
}
