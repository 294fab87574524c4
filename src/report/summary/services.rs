//! What services had to bear, over the whole run; only if one is finite, or may fail over.

use super::metrics::{mean, per_replication, proportion};
use super::terminal::Page;
use super::{Group, Summary, Unit};
use crate::scenario::resolved::{Scenario, Service, ServiceId};
use crate::simulation::result::{ReplicationResult, RunResult, ServiceCounts};
use crate::units::Cents;

/// Parts per billion.
const FULL: f64 = 1e9;

/// The group `services`: what is a service's own begins with its name.
pub(super) fn services(scenario: &Scenario, result: &RunResult) -> Option<Group> {
    let is_told = |service: &Service| service.capacity.is_some() || service.standby.is_some();
    if !scenario.services.iter().any(is_told) {
        return None;
    }
    let mut metrics = Vec::new();
    for (number, service) in scenario.services.iter().enumerate().filter(|(_, service)| is_told(service)) {
        let id = ServiceId(number as u32);
        if let Some(capacity) = &service.capacity {
            metrics.extend(of_finite(result, id, &service.name, capacity.servers));
        }
        if service.standby.is_some() {
            let activations =
                per_replication(result, |replication| replication.standby_activations[number] as f64);
            let name = format!("{}_standby_activations", service.name);
            metrics.push(mean(&name, Unit::Times, &activations));
        }
    }
    let lost = per_replication(result, |replication| {
        replication.stores.iter().map(|row| row.ledger.payments_lost_service as f64).sum()
    });
    metrics.push(mean("payments_lost_service", Unit::Payments, &lost));
    if scenario.online.is_some() {
        let orders = total(result, None, |counts| counts.orders);
        let lost = total(result, None, |counts| counts.orders_lost);
        metrics.push(mean("online_orders", Unit::Orders, &orders));
        metrics.push(mean("online_orders_lost", Unit::Orders, &lost));
        metrics.push(proportion("online_orders_lost_share", &lost, &orders));
        metrics.push(mean("online_sales_lost", Unit::Money, &online_sales_lost(result)));
    }
    Some(Group { name: "services", metrics })
}

/// Value of the online orders lost, by replication.
pub(super) fn online_sales_lost(result: &RunResult) -> Vec<f64> {
    per_replication(result, |replication| {
        let losses = replication.services.iter().flat_map(|row| &row.online);
        losses.map(|loss| loss.sales).sum::<Cents>().as_units_f64()
    })
}

fn of_finite(result: &RunResult, id: ServiceId, name: &str, servers: u32) -> Vec<super::Metric> {
    let named = |what: &str| format!("{name}_{what}");
    let sum = |count: fn(&ServiceCounts) -> u64| total(result, Some(id), count);
    let of = |replication: &ReplicationResult, each: &dyn Fn(&ServiceCounts) -> f64| -> Vec<f64> {
        let rows = replication.services.iter().filter(|row| row.service == id);
        rows.flat_map(|row| row.intervals.iter().map(each)).collect()
    };
    let load = per_replication(result, |replication| {
        let work =
            of(replication, &|counts| counts.work.as_secs_f64()).iter().fold(0.0, |all, one| all + one);
        let window = replication.timeline.interval.times(replication.timeline.intervals() as u64);
        work / (f64::from(servers) * window.as_secs_f64())
    });
    let most = per_replication(result, |replication| {
        let loads = of(replication, &|counts| counts.utilisation_max as f64 / FULL);
        loads.into_iter().fold(0.0, f64::max)
    });
    let above = per_replication(result, |replication| {
        of(replication, &|counts| counts.above.as_secs_f64()).iter().fold(0.0, |all, one| all + one)
    });
    let offered = sum(|counts| counts.offered);
    let failed = sum(|counts| counts.failed);
    let shed = sum(|counts| counts.shed);
    vec![
        mean(&named("load_mean"), Unit::Share, &load),
        mean(&named("load_max"), Unit::Share, &most),
        mean(&named("above_capacity"), Unit::Seconds, &above),
        mean(&named("requests"), Unit::Requests, &offered),
        mean(&named("requests_failed"), Unit::Requests, &failed),
        proportion(&named("requests_failed_share"), &failed, &offered),
        mean(&named("requests_refused"), Unit::Requests, &shed),
        proportion(&named("requests_refused_share"), &shed, &offered),
        mean(&named("crashes"), Unit::Times, &sum(|counts| counts.crashes)),
    ]
}

/// A count of one service, or of all, by replication.
fn total(result: &RunResult, id: Option<ServiceId>, count: fn(&ServiceCounts) -> u64) -> Vec<f64> {
    per_replication(result, |replication| {
        let rows = replication.services.iter().filter(|row| id.is_none_or(|id| row.service == id));
        rows.flat_map(|row| &row.intervals).map(count).sum::<u64>() as f64
    })
}

impl Summary {
    pub(super) fn services_section(&self, page: &mut Page<'_>) {
        const OF_ONE: [(&str, &str); 7] = [
            ("load_mean", "load, mean"),
            ("load_max", "  at most"),
            ("above_capacity", "more load than it can bear"),
            ("requests", "requests"),
            ("requests_failed", "  without an answer"),
            ("requests_refused", "  refused"),
            ("crashes", "crashes by overload"),
        ];
        if self.metrics("services").next().is_none() {
            return;
        }
        page.heading("Services");
        for name in &self.services {
            let mut shown = false;
            for (what, label) in OF_ONE.into_iter().chain([("standby_activations", "standby activated")]) {
                let metric = self.metric("services", &format!("{name}_{what}"));
                if metric.is_some() && !shown {
                    page.line(&format!("  {name}"));
                    shown = true;
                }
                let share = self.share_note("services", &format!("{name}_{what}"));
                page.metric(&format!("  {label}"), metric, share.as_deref());
            }
        }
        page.metric("payments lost at services", self.metric("services", "payments_lost_service"), None);
        page.metric("online orders", self.metric("services", "online_orders"), None);
        let share = self.share_note("services", "online_orders_lost");
        page.metric("  lost", self.metric("services", "online_orders_lost"), share.as_deref());
        page.metric("  their value", self.metric("services", "online_sales_lost"), None);
    }

    /// What the services cost online, if anything.
    pub(super) fn online_sentence(&self) -> Option<String> {
        let lost = self.value("services", "online_sales_lost").filter(|lost| lost.estimate > 0.0)?;
        let (value, interval) = super::with_interval(Unit::Money, lost, &self.currency);
        let share = self.share_note("services", "online_orders_lost").unwrap_or_default();
        let interval = if interval.is_empty() { interval } else { format!(" {interval}") };
        Some(format!("Online orders worth {value}{interval} are lost at services, {share} of all."))
    }
}
