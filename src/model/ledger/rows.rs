//! The rows a store's books are made of: integers wherever a sum is taken.

use std::ops::AddAssign;

use serde::{Deserialize, Serialize};

use super::LossStage;
use crate::model::cause::IncidentCause;
use crate::scenario::resolved::StoreRank;
use crate::units::words::{self, Word};
use crate::units::{Cents, SimTime, Span};

/// Ledger of customers and payments over some stretch of time at one store.
///
/// `customers = served + balked + reneged + unpaid + inside`;
/// `payments = authorized + authorized_offline + declined + payments_lost + pending`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ledger {
    /// Customers who reached the tills in the stretch.
    pub customers: u64,
    /// Customers who left with their basket paid.
    pub served: u64,
    /// Customers who saw the queue and left.
    pub balked: u64,
    /// Customers who gave up waiting.
    pub reneged: u64,
    /// Customers who could not pay and left the basket.
    pub unpaid: u64,
    /// Customers still queueing or at a lane at the end (counted where they arrived).
    pub inside: u64,
    /// Card payments begun (authorizations asked for, retries not counted again).
    pub payments: u64,
    /// Answered "approved" by the host.
    pub authorized: u64,
    /// Approved by the terminal's offline policy.
    pub authorized_offline: u64,
    /// Refused by the issuer.
    pub declined: u64,
    /// No answer and no offline approval.
    pub payments_lost: u64,
    /// Of them, those that a service did not answer or refused, while the path worked.
    pub payments_lost_service: u64,
    /// Not yet answered at the end.
    pub pending: u64,
    /// Value of baskets paid for, however paid.
    pub sales: Cents,
    /// Value of baskets not paid for: balked, reneged or unpaid.
    pub lost_sales: Cents,
    /// Of them, left while the site had no power.
    pub lost_sales_power: Cents,
    /// Of the payments approved offline, those that have been replayed.
    pub replayed: u64,
}

impl AddAssign for Ledger {
    fn add_assign(&mut self, other: Ledger) {
        let Ledger {
            customers,
            served,
            balked,
            reneged,
            unpaid,
            inside,
            payments,
            authorized,
            authorized_offline,
            declined,
            payments_lost,
            payments_lost_service,
            pending,
            sales,
            lost_sales,
            lost_sales_power,
            replayed,
        } = other;
        self.customers += customers;
        self.served += served;
        self.balked += balked;
        self.reneged += reneged;
        self.unpaid += unpaid;
        self.inside += inside;
        self.payments += payments;
        self.authorized += authorized;
        self.authorized_offline += authorized_offline;
        self.declined += declined;
        self.payments_lost += payments_lost;
        self.payments_lost_service += payments_lost_service;
        self.pending += pending;
        self.sales += sales;
        self.lost_sales += lost_sales;
        self.lost_sales_power += lost_sales_power;
        self.replayed += replayed;
    }
}

/// Time spent in states over some stretch at one store.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PathTimes {
    /// No uplink physically works.
    pub dark: Span,
    /// Traffic flows over LTE (backup, or an LTE primary): the route in use, and it passes traffic.
    pub lte: Span,
    /// The route in use cannot get an answer.
    pub gap: Span,
    /// The same, in opening hours.
    pub gap_open: Span,
    /// Bytes carried over LTE, both directions, background traffic and payments.
    pub lte_bytes: u64,
    /// Flows that are kept go over LTE, and work, although the route does not lead there.
    pub stuck: Span,
    /// Bytes carried over LTE in that time.
    pub stuck_bytes: u64,
}

impl AddAssign for PathTimes {
    fn add_assign(&mut self, other: PathTimes) {
        let PathTimes { dark, lte, gap, gap_open, lte_bytes, stuck, stuck_bytes } = other;
        self.dark += dark;
        self.lte += lte;
        self.gap += gap;
        self.gap_open += gap_open;
        self.lte_bytes += lte_bytes;
        self.stuck += stuck;
        self.stuck_bytes += stuck_bytes;
    }
}

/// What became of a fault (or false alarm) at one store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum IncidentKind {
    /// Traffic moved to the backup while the fault was open.
    Failover,
    /// Traffic moved with no fault open since the last clean state.
    FalseFailover,
    /// Traffic moved after the fault had been repaired.
    LateFailover,
    /// The fault was never failed over: no backup, not detected, or the device died.
    NoFailover,
    /// Hidden: what it breaks was broken already, or traffic had left it for the backup.
    Masked,
}

impl IncidentKind {
    /// The word in `incidents.csv`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            IncidentKind::Failover => "failover",
            IncidentKind::FalseFailover => "false_failover",
            IncidentKind::LateFailover => "late_failover",
            IncidentKind::NoFailover => "no_failover",
            IncidentKind::Masked => "masked",
        }
    }
}

/// A row of `incidents.csv`. Instants are absolute; `None` = not reached.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct IncidentRow {
    /// Which store.
    pub store: StoreRank,
    /// Position among the replication's shared faults, if it comes from one.
    pub shared: Option<u32>,
    /// Number of the incident at its store, from 1, in order of onset.
    pub number: u32,
    /// Cause.
    pub cause: IncidentCause,
    /// What became of it.
    pub kind: IncidentKind,
    /// Word for what was broken: `primary`, `backup`, `router`, `switch`.
    #[serde(deserialize_with = "words::constant")]
    pub uplink: Word,
    /// Scope word.
    #[serde(deserialize_with = "words::constant")]
    pub scope: Word,
    /// Signature word; empty for a false alarm.
    #[serde(deserialize_with = "words::constant")]
    pub signature: Word,
    /// Who ended it.
    #[serde(deserialize_with = "words::constant")]
    pub remedy: Word,
    /// Whether the store was open at the onset.
    pub open_at_fault: bool,
    /// Onset (for a false alarm: the verdict that declared the primary down).
    pub fault: SimTime,
    /// Uplink declared down.
    pub detected: Option<SimTime>,
    /// Backup path usable.
    pub backup_ready: Option<SimTime>,
    /// Traffic flows over the backup.
    pub failover: Option<SimTime>,
    /// Fault over.
    pub repaired: Option<SimTime>,
    /// Primary declared up again.
    pub recovery_detected: Option<SimTime>,
    /// Traffic flows over the primary again.
    pub failback: Option<SimTime>,
    /// Payments approved offline because of it.
    pub stored: u64,
    /// Whether bulk data piled up because of it.
    pub piled: bool,
    /// The last of what was stored offline has been replayed, and the last of what had piled up been carried.
    pub resync_done: Option<SimTime>,
    /// Times the profile's rule said "down" because of it; without a rule, times the loss of the carrier was seen.
    pub alarms: u32,
    /// Time that traffic was on the backup because of it.
    pub on_backup: Span,
    /// Time within the incident in which the route in use could not get an answer.
    pub gap: Span,
    /// Payments lost while this was the earliest open incident.
    pub payments_lost: u64,
    /// Its part of what the network cost: baskets left while it was responsible that the fault-free twin sells, less those
    /// sold that the twin does not sell. Summed with what no incident explains, the difference of sales to the twin.
    pub lost_sales: Cents,
    /// The last stage in which the path did not carry payments while it was responsible; `Aftermath` = none.
    pub last_stage: LossStage,
    /// Whether the run ended before the incident did.
    pub censored: bool,
    /// Whether the backup was found dead when it was needed.
    pub backup_dead: bool,
    /// How a latent fault of the backup was found; empty if it was not, or if it is something else.
    #[serde(deserialize_with = "words::constant")]
    pub found_by: Word,
}

/// What became of bulk data that could not be carried when it came up, both directions, bits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resynced {
    /// All of it: what was caught up and what still waits.
    pub piled: u64,
    /// What was caught up.
    pub caught_up: u64,
    /// The part of that which went over LTE.
    pub over_lte: u64,
}

/// What was lost under one incident in one stage.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LossPart {
    /// Payments without an answer.
    pub payments_lost: u64,
    /// Sales of the fault-free twin less the store's; may be negative.
    pub lost_sales: Cents,
    /// Sales approved offline and refused by the issuer afterwards: sold, but never paid.
    pub late_declined: Cents,
    /// Time in which the route in use could not get an answer.
    pub gap: Span,
}

impl AddAssign for LossPart {
    fn add_assign(&mut self, other: LossPart) {
        let LossPart { payments_lost, lost_sales, late_declined, gap } = other;
        self.payments_lost += payments_lost;
        self.lost_sales += lost_sales;
        self.late_declined += late_declined;
        self.gap += gap;
    }
}

/// One interval of one region.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimelineCell {
    /// Expected customers (the demand put in), thousandths.
    pub demand_milli: u64,
    /// Customers who reached the tills.
    pub customers: u64,
    /// Card payments begun.
    pub payments: u64,
    /// Approved by the host.
    pub authorized: u64,
    /// Approved offline.
    pub authorized_offline: u64,
    /// Payments lost.
    pub payments_lost: u64,
    /// Customers who balked, reneged or left a basket unpaid.
    pub abandoned: u64,
    /// Store-nanoseconds with traffic on a working wired primary.
    pub primary_ns: u64,
    /// Store-nanoseconds with traffic on a working LTE path.
    pub lte_ns: u64,
    /// Store-nanoseconds in a service gap with an uplink that works (detecting, bringing up, wrong route).
    pub gap_ns: u64,
    /// Store-nanoseconds dark.
    pub dark_ns: u64,
    /// Store-nanoseconds open (doors).
    pub open_ns: u64,
    /// Bytes over LTE.
    pub lte_bytes: u64,
}

impl AddAssign for TimelineCell {
    fn add_assign(&mut self, other: TimelineCell) {
        let TimelineCell {
            demand_milli,
            customers,
            payments,
            authorized,
            authorized_offline,
            payments_lost,
            abandoned,
            primary_ns,
            lte_ns,
            gap_ns,
            dark_ns,
            open_ns,
            lte_bytes,
        } = other;
        self.demand_milli += demand_milli;
        self.customers += customers;
        self.payments += payments;
        self.authorized += authorized;
        self.authorized_offline += authorized_offline;
        self.payments_lost += payments_lost;
        self.abandoned += abandoned;
        self.primary_ns += primary_ns;
        self.lte_ns += lte_ns;
        self.gap_ns += gap_ns;
        self.dark_ns += dark_ns;
        self.open_ns += open_ns;
        self.lte_bytes += lte_bytes;
    }
}
