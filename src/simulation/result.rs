//! What a run yields: plain rows in a fixed order, integers wherever a sum is taken.
//!
//! Rows know nothing of CSV or charts ([`crate::report`] does), and nothing here is derived twice: a column
//! that another column determines is computed where it is written.

use serde::{Deserialize, Serialize};

use crate::measure::Histogram;
use crate::measure::design::{Design, Stratum};
use crate::scenario::resolved::{CarrierId, CellId, Sampling, Scenario, ServiceId, StoreRank};
use crate::units::{BitRate, Cents, SimTime, Span};

pub use crate::model::cause::IncidentCause;
pub use crate::model::faults::shared::SharedFault;
pub use crate::model::ledger::{
    BackupAttempts, Helped, IncidentKind, IncidentRow, Ledger, LossPart, LossStage, PathTimes, Resynced,
    TimelineCell,
};
pub use crate::model::shared::cell::CellInterval;
pub use crate::model::shared::core::CoreUsage;
pub use crate::model::shared::noc::{HourRow, Remedy, TicketRow};
pub use crate::model::shared::service::{OnlineLoss, ServiceCounts};

/// Everything a run produced, replications in order, stores in rank order.
#[derive(Debug, Default)]
pub struct RunResult {
    /// One entry per replication.
    pub replications: Vec<ReplicationResult>,
}

impl RunResult {
    /// What each replication stands for.
    #[must_use]
    pub fn design(&self, scenario: &Scenario) -> Design {
        match scenario.sampling {
            Sampling::Plain => Design::plain(self.replications.len()),
            Sampling::Strata => {
                let strata = scenario.strata();
                let strata = strata.iter().map(|one| Stratum { name: one.name(), weight: one.probability });
                Design::new(strata.collect(), self.replications.iter().map(|one| one.stratum).collect())
            }
            Sampling::Boosted(_) => Design::weighted(
                self.replications.iter().map(|one| scenario.likelihood(one.rare_onsets)).collect(),
            ),
        }
    }
}

/// One replication.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct ReplicationResult {
    /// Number of the replication, from 0.
    pub replication: u32,
    /// Position of its stratum among [`Scenario::strata`]; what it stands for follows from the scenario, exactly ([`RunResult::design`]).
    pub stratum: u32,
    /// Onsets of boosted faults, on which its likelihood ratio depends.
    pub rare_onsets: u32,
    /// One row per store in rank order.
    pub stores: Vec<StoreRow>,
    /// One row per store and local day, in (store, day) order.
    pub days: Vec<DayRow>,
    /// One row per incident, in (store, onset) order.
    pub incidents: Vec<IncidentRow>,
    /// What was lost, in (store, incident, stage) order.
    pub losses: Vec<LossRow>,
    /// One row per region and interval: [`Timeline`].
    pub timeline: Timeline,
    /// Faults that hit many stores, in order of onset.
    pub shared_faults: Vec<SharedFault>,
    /// One row per cell that was used, in cell order.
    pub cells: Vec<CellRow>,
    /// One row per carrier whose core has a finite rate and that stores may ask, in carrier order.
    pub carriers: Vec<CarrierRow>,
    /// One row per finite service, in service order.
    pub services: Vec<ServiceRow>,
    /// Times each service's standby began to serve, in service order.
    pub standby_activations: Vec<u64>,
    /// Payment response times by path, all stores: nanoseconds.
    pub payment_time_primary: Histogram,
    /// Payment response times on LTE.
    pub payment_time_lte: Histogram,
    /// Times in queue of all customers who reached a lane, nanoseconds.
    pub queue_wait: Histogram,
    /// Tickets of the operations centre in the order in which they were opened.
    pub tickets: Vec<TicketRow>,
    /// The operations centre hour by hour.
    pub noc_hours: Vec<HourRow>,
    /// Counters of the kernel.
    pub kernel: KernelCounters,
}

/// What the kernel counted; not part of byte-identity between grid modes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KernelCounters {
    /// Events handled.
    pub events: u64,
    /// Pairs of consecutive events of one store at the same instant.
    pub ties: u64,
    /// Grid instants folded.
    pub folds: u64,
}

/// A row of `stores.csv`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct StoreRow {
    /// Which store.
    pub store: StoreRank,
    /// Customers and payments.
    pub ledger: Ledger,
    /// Times in states.
    pub times: PathTimes,
    /// Median payment response time, nanoseconds; `None` when no payment was answered.
    pub payment_p50: Option<u64>,
    /// 99th percentile of the payment response time.
    pub payment_p99: Option<u64>,
    /// 95th percentile of the time in queue of every customer who reached a lane, nanoseconds.
    pub queue_wait_p95: Option<u64>,
    /// Times traffic moved to the backup because of a fault.
    pub failovers: u64,
    /// Times traffic moved to the backup with no fault open.
    pub false_failovers: u64,
    /// Times traffic moved back.
    pub failbacks: u64,
    /// Times a tunnel or the kept connection was given up or reset.
    pub flow_breaks: u64,
    /// Sales of the fault-free twin less sales of this run.
    pub lost_sales_network: Cents,
    /// Bytes of probes over the backup while it stood by, both directions.
    pub probe_bytes: u64,
    /// Bytes beyond the allowance of the line, or the line's part of what went beyond its pool's.
    pub over_bytes: u64,
    /// What they cost.
    pub over_cost: Cents,
    /// When the line was slowed down because its allowance was used up.
    pub slowed: Option<SimTime>,
    /// What became of bulk data that could not be carried when it came up.
    pub resynced: Resynced,
    /// Times a technician set out for it.
    pub truck_rolls: u64,
}

/// A row of `stores_daily.csv`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct DayRow {
    /// Which store.
    pub store: StoreRank,
    /// Position in the store's `days`.
    pub day: u32,
    /// Customers and payments, counted on the day the customer arrived.
    pub ledger: Ledger,
    /// Times in states.
    pub times: PathTimes,
    /// Quantiles of the day, nanoseconds (`None` when there was nothing to measure).
    pub payment_p50: Option<u64>,
    /// 99th percentile of the payment response time.
    pub payment_p99: Option<u64>,
    /// 95th percentile of the time in queue.
    pub queue_wait_p95: Option<u64>,
    /// As in [`StoreRow`].
    pub failovers: u64,
    /// As in [`StoreRow`].
    pub false_failovers: u64,
    /// As in [`StoreRow`].
    pub failbacks: u64,
    /// As in [`StoreRow`].
    pub flow_breaks: u64,
    /// As in [`StoreRow`].
    pub lost_sales_network: Cents,
    /// Bytes of probes over the backup while it stood by, both directions.
    pub probe_bytes: u64,
    /// Whether a single service gap lasted at least 5 minutes within the day's opening hours.
    pub gap_over_5min: bool,
}

/// What one store lost under one incident in one stage.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct LossRow {
    /// Which store.
    pub store: StoreRank,
    /// Number of the incident at its store; 0 = no incident there explains it.
    pub incident: u32,
    /// What stood in the way.
    pub stage: LossStage,
    /// What would have helped.
    pub helped: Helped,
    /// How much. The store's parts add up to its `lost_sales_network`, an incident's to its row.
    pub part: LossPart,
}

/// One finite service.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ServiceRow {
    /// Which service.
    pub service: ServiceId,
    /// By interval of the scenario's window.
    pub intervals: Vec<ServiceCounts>,
    /// Online orders lost, by what they were lost to. They add up to the intervals' `orders_lost`.
    pub online: Vec<OnlineLoss>,
}

/// One cell's row.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CellRow {
    /// Which cell.
    pub cell: CellId,
    /// Store-seconds attached.
    pub attached: Span,
    /// Bytes carried for stores, both directions.
    pub bytes: u64,
    /// Most stores attached at one grid instant.
    pub stores_max: u32,
    /// Time with at least one store attached.
    pub busy: Span,
    /// Time in which the stores wanted more airtime than was left.
    pub saturated: Span,
    /// The same by interval; empty unless the scenario asks for it.
    pub intervals: Vec<CellInterval>,
}

/// One carrier's row.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct CarrierRow {
    /// Which carrier.
    pub carrier: CarrierId,
    /// What its core did.
    pub usage: CoreUsage,
}

/// Counts by region and interval. Sums of integers, so merging commutes.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Timeline {
    /// Start of interval 0.
    pub start: SimTime,
    /// Width.
    pub interval: Span,
    /// Region names in order.
    pub regions: Vec<String>,
    /// `regions.len() × intervals` cells, region-major.
    pub cells: Vec<TimelineCell>,
}

impl Timeline {
    /// Number of intervals.
    #[must_use]
    pub fn intervals(&self) -> usize {
        if self.regions.is_empty() { 0 } else { self.cells.len() / self.regions.len() }
    }
}

/// Who is hit with whom.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Extent {
    /// One store at a time, the others as they are undisturbed.
    EachAlone,
    /// All stores in one run.
    Together,
}

impl Extent {
    /// The word used in output.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Extent::EachAlone => "each-alone",
            Extent::Together => "together",
        }
    }
}

/// What the drill did to one store in one replication.
#[derive(Clone, Debug)]
pub struct DrillRow {
    /// Number of the replication, from 0.
    pub replication: u32,
    /// Which store.
    pub store: StoreRank,
    /// What became of the fault; `None` if it finds nothing to break at this store.
    pub incident: Option<IncidentRow>,
    /// Payments lost, less those of the undisturbed run.
    pub payments_lost: i64,
    /// Sales of the undisturbed run, less its own.
    pub lost_sales: Cents,
    /// Bytes over LTE, both directions, less those of the undisturbed run.
    pub lte_bytes: i64,
    /// Attempts to authorize over the backup.
    pub attempts: BackupAttempts,
    /// Rates that its cell would have carried for it while it was on the backup, up and down, on average; `None` if it never was.
    pub lte_given: Option<(BitRate, BitRate)>,
}

/// What one store did, for whoever watches it.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Trace {
    /// Names of the tracks.
    pub tracks: Vec<String>,
    /// What the tracks show, in order of onset.
    pub spans: Vec<TraceSpan>,
    /// Numbers that changed: what, when, to what.
    pub counts: Vec<(&'static str, SimTime, u64)>,
}

/// What a track shows for a while.
#[derive(Clone, PartialEq, Debug)]
pub struct TraceSpan {
    /// Which track.
    pub track: u32,
    /// What it shows.
    pub name: String,
    /// Since when.
    pub from: SimTime,
    /// Until when.
    pub to: SimTime,
    /// More about it: name and value.
    pub about: Vec<(&'static str, String)>,
}
