//! What it comes to: sales lost and deferred, what would have helped, a year.

use super::costs::costs;
use super::metrics::{fleet_money, mean, one_weekend, per_replication, share};
use super::services::online_sales_lost;
use super::{Group, Metric, Range, Unit};
use crate::measure::sample::Sample;
use crate::scenario::resolved::{DayKind, Scenario};
use crate::simulation::result::{Helped, LossStage, ReplicationResult, RunResult};
use crate::units::Cents;

/// Scopes of faults that hit one store by itself; all others are shared.
const OWN_SCOPES: [&str; 10] = [
    "uplink",
    "backup",
    "router",
    "switch",
    "lane",
    "device",
    "store-server",
    "site-power",
    "power",
    "store",
];

/// See the module.
pub(super) fn money(scenario: &Scenario, result: &RunResult) -> Group {
    let mut metrics = sales(scenario, result);
    metrics.extend(reasons(result));
    metrics.extend(shared(result));
    metrics.extend(online(scenario, result));
    metrics.extend(costs(scenario, result));
    metrics.extend(year(scenario, result));
    Group { name: "money", metrics }
}

/// Gross loss, what of it is lost for good, and the margin on that.
fn sales(scenario: &Scenario, result: &RunResult) -> Vec<Metric> {
    let gross = fleet_money(result, |row| row.lost_sales_network);
    let lost_share = scenario.money.lost_share;
    let part = |share: f64| -> Vec<f64> { gross.iter().map(|gross| gross * share).collect() };
    let margin = per_replication(result, |replication| {
        let of_store = |row: &crate::simulation::result::StoreRow| {
            let format = scenario.stores[row.store.0 as usize].format;
            row.lost_sales_network.as_units_f64() * scenario.formats[format.0 as usize].gross_margin
        };
        lost_share * replication.stores.iter().map(of_store).sum::<f64>()
    });
    let late = per_replication(result, |replication| {
        replication.losses.iter().map(|loss| loss.part.late_declined).sum::<Cents>().as_units_f64()
    });
    let mut metrics = vec![
        mean("lost_sales_gross", Unit::Money, &gross),
        mean("lost_sales_for_good", Unit::Money, &part(lost_share)),
        mean("lost_sales_deferred", Unit::Money, &part(1.0 - lost_share)),
        mean("lost_margin", Unit::Money, &margin),
        mean("late_declined", Unit::Money, &late),
    ];
    for (name, q) in [("good", 0.05), ("median", 0.5), ("one_in_20", 0.95)] {
        metrics.extend(one_weekend(&format!("lost_sales_gross_{name}"), Unit::Money, &gross, q));
    }
    metrics
}

/// Online orders lost at services: beside the stores' losses, not in them.
fn online(scenario: &Scenario, result: &RunResult) -> Vec<Metric> {
    let Some(online) = &scenario.online else { return Vec::new() };
    let gross = online_sales_lost(result);
    let part = |share: f64| -> Vec<f64> { gross.iter().map(|gross| gross * share).collect() };
    let for_good = scenario.money.lost_share;
    vec![
        mean("online_lost_sales_gross", Unit::Money, &gross),
        mean("online_lost_sales_for_good", Unit::Money, &part(for_good)),
        mean("online_lost_margin", Unit::Money, &part(for_good * online.gross_margin)),
    ]
}

/// The gross loss by what would have helped, and what nothing explains.
fn reasons(result: &RunResult) -> Vec<Metric> {
    let sum = |name: String, of: &dyn Fn(LossStage, Helped) -> bool| {
        let values = per_replication(result, |replication| {
            let losses = replication.losses.iter().filter(|loss| of(loss.stage, loss.helped));
            losses.map(|loss| loss.part.lost_sales).sum::<Cents>().as_units_f64()
        });
        mean(&name, Unit::Money, &values)
    };
    let unexplained = |stage: LossStage| stage == LossStage::Unattributed;
    let words = [Helped::Lte, Helped::Oobm, Helped::OfflineAuthorization, Helped::Nothing];
    let mut metrics: Vec<Metric> = words
        .into_iter()
        .map(|word| {
            let name = format!("would_have_helped_{}", word.name());
            sum(name, &|stage, helped| helped == word && !unexplained(stage))
        })
        .collect();
    metrics.push(sum("unattributed".to_owned(), &|stage, _| unexplained(stage)));
    metrics
}

/// Everyday faults apart from what hits many stores at once: how probable that is, and what it costs if it happens.
fn shared(result: &RunResult) -> Vec<Metric> {
    let costs: Vec<Option<f64>> = result.replications.iter().map(shared_cost).collect();
    let shared: Vec<f64> = costs.iter().map(|cost| cost.unwrap_or(0.0)).collect();
    let everyday: Vec<f64> = fleet_money(result, |row| row.lost_sales_network)
        .iter()
        .zip(&shared)
        .map(|(all, shared)| all - shared)
        .collect();
    let happened = costs.iter().map(Option::is_some).collect();
    vec![
        mean("lost_sales_everyday", Unit::Money, &everyday),
        mean("lost_sales_shared", Unit::Money, &shared),
        Metric::new("shared_event_probability", Unit::Share, Sample::Happened(happened), Range::Proportion),
        Metric::new("shared_event_cost_if_any", Unit::Money, Sample::Given(costs), Range::Any),
    ]
}

/// What shared faults cost in a replication; `None` if there were none.
fn shared_cost(replication: &ReplicationResult) -> Option<f64> {
    let shared = |scope: &str| !OWN_SCOPES.contains(&scope);
    let mut rows = replication.incidents.iter().filter(|row| shared(row.scope)).peekable();
    rows.peek()?;
    Some(rows.map(|row| row.lost_sales).sum::<Cents>().as_units_f64())
}

/// A year by exposure: each store's mean day of each kind, as often as a year has it. Kinds without a simulated day are left
/// out, and how many days of the year are in is told.
fn year(scenario: &Scenario, result: &RunResult) -> Vec<Metric> {
    let mut weights: Vec<Vec<f64>> = Vec::with_capacity(scenario.stores.len());
    let mut covered = 0.0;
    for store in &scenario.stores {
        let mut simulated = [0_u32; DayKind::ALL.len()];
        for day in &store.days {
            simulated[day.kind as usize] += 1;
        }
        let of_kind = |kind: DayKind| f64::from(scenario.year[kind as usize]);
        let kinds = DayKind::ALL.iter();
        covered += kinds
            // Nothing can be lost behind closed doors, simulated or not.
            .filter(|&&kind| simulated[kind as usize] > 0 || kind == DayKind::Closed)
            .map(|&kind| of_kind(kind))
            .sum::<f64>();
        let weight = |kind: DayKind| of_kind(kind) / f64::from(simulated[kind as usize].max(1));
        weights.push(store.days.iter().map(|day| weight(day.kind)).collect());
    }
    let lost = per_replication(result, |replication| {
        let days = replication.days.iter();
        days.map(|row| {
            row.lost_sales_network.as_units_f64() * weights[row.store.0 as usize][row.day as usize]
        })
        .sum()
    });
    let sold = per_replication(result, |replication| {
        let days = replication.days.iter();
        days.map(|row| row.ledger.sales.as_units_f64() * weights[row.store.0 as usize][row.day as usize])
            .sum()
    });
    let days = covered / scenario.stores.len().max(1) as f64;
    let for_good: Vec<f64> = lost.iter().map(|lost| lost * scenario.money.lost_share).collect();
    vec![
        Metric::new("year_days", Unit::Days, Sample::Fixed(days), Range::Any),
        mean("year_sales", Unit::Money, &sold),
        mean("year_lost_sales_gross", Unit::Money, &lost),
        mean("year_lost_sales_for_good", Unit::Money, &for_good),
        share("year_lost_sales_share", &lost, &sold),
    ]
}
