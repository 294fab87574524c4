//! What is compared between the two executors, and how.

use super::plain::{self, PlainStore};
use tinsel::model::ledger::IncidentRow;
use tinsel::scenario::resolved::Scenario;
use tinsel::simulation::result::ReplicationResult;
use tinsel::units::{SimTime, Span};

/// The main metrics of one replication, over all its stores.
#[derive(Clone, Copy, Debug)]
pub struct Metrics {
    pub payments_lost: f64,
    pub authorized: f64,
    pub lte_mb: f64,
    pub lost_sales_usd: f64,
    /// Mean over incidents that reached the backup; zero without any.
    pub failover_latency_s: f64,
}

impl Metrics {
    pub const NAMES: [&str; 5] =
        ["payments lost", "authorized", "MB over LTE", "lost sales", "failover latency"];

    /// In the order of [`Metrics::NAMES`].
    pub fn all(&self) -> [f64; 5] {
        let Metrics { payments_lost, authorized, lte_mb, lost_sales_usd, failover_latency_s } = *self;
        [payments_lost, authorized, lte_mb, lost_sales_usd, failover_latency_s]
    }

    pub fn of_tinsel(run: &ReplicationResult) -> Metrics {
        let sum = |of: fn(&tinsel::simulation::result::StoreRow) -> f64| run.stores.iter().map(of).sum();
        Metrics {
            payments_lost: sum(|store| store.ledger.payments_lost as f64),
            authorized: sum(|store| store.ledger.authorized as f64),
            lte_mb: sum(|store| store.times.lte_bytes as f64 / 1e6),
            lost_sales_usd: sum(|store| store.lost_sales_network.0 as f64 / 100.0),
            failover_latency_s: latency_s(run.incidents.iter()),
        }
    }

    pub fn of_plain(run: &[PlainStore]) -> Metrics {
        let sum = |of: fn(&PlainStore) -> f64| run.iter().map(of).sum();
        Metrics {
            payments_lost: sum(|store| store.ledger.payments_lost as f64),
            authorized: sum(|store| store.ledger.authorized as f64),
            lte_mb: sum(|store| store.times.lte_bytes as f64 / 1e6),
            lost_sales_usd: sum(|store| store.lost_sales_network.0 as f64 / 100.0),
            failover_latency_s: latency_s(run.iter().flat_map(|store| &store.incidents)),
        }
    }
}

fn latency_s<'a>(incidents: impl Iterator<Item = &'a IncidentRow>) -> f64 {
    let latencies: Vec<f64> =
        incidents.filter_map(|row| Some(row.failover?.since(row.fault).as_secs_f64())).collect();
    latencies.iter().sum::<f64>() / latencies.len().max(1) as f64
}

/// All replications of `scenario` under both executors.
pub fn both(scenario: &Scenario) -> Vec<(ReplicationResult, Vec<PlainStore>)> {
    let tinsel = super::lab::outcome(scenario).replications;
    tinsel
        .into_iter()
        .map(|run| {
            let number = run.replication;
            (run, plain::run(scenario, number))
        })
        .collect()
}

/// How far the instants of the same incidents lie apart at most, and how many instants were compared.
///
/// # Errors
/// If the executors do not have the same incidents, or not the same instants in them.
pub fn farthest(run: &ReplicationResult, plain: &[PlainStore]) -> Result<(Span, usize), String> {
    let expected: Vec<&IncidentRow> = plain.iter().flat_map(|store| &store.incidents).collect();
    if run.incidents.len() != expected.len() {
        return Err(format!("{} incidents against {}", run.incidents.len(), expected.len()));
    }
    let (mut farthest, mut compared) = (Span::ZERO, 0);
    for (row, plain) in run.incidents.iter().zip(expected) {
        if (row.store, row.kind, row.cause) != (plain.store, plain.kind, plain.cause) {
            return Err(format!("{row:?}\nagainst\n{plain:?}"));
        }
        for (mine, other) in instants(row).into_iter().zip(instants(plain)) {
            match (mine, other) {
                (None, None) => {}
                (Some(mine), Some(other)) => {
                    farthest = farthest.max(mine.since(other)).max(other.since(mine));
                    compared += 1;
                }
                (None, Some(_)) | (Some(_), None) => return Err(format!("{row:?}\nagainst\n{plain:?}")),
            }
        }
    }
    Ok((farthest, compared))
}

fn instants(row: &IncidentRow) -> [Option<SimTime>; 7] {
    [
        Some(row.fault),
        row.detected,
        row.backup_ready,
        row.failover,
        row.repaired,
        row.recovery_detected,
        row.failback,
    ]
}
