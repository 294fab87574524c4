//! A scenario as it is run: every default filled in, every unit converted, every store expanded.
//!
//! This is the contract between what the user wrote ([`super::load`]) and the model. It holds no file
//! positions and no optional-because-unset values: an `Option` here means "this store has none".
//! All instants are absolute; all local-time reasoning ended when it was built.

mod faults;
mod flows;
mod lte;
mod money;
mod noc;
mod profile;
mod sampling;
mod service;
mod sizing;
mod thresholds;

pub use faults::*;
pub use flows::*;
pub use lte::*;
pub use money::*;
pub use noc::*;
pub use profile::*;
pub use sampling::*;
pub use service::*;
pub use sizing::*;
pub use thresholds::*;

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::units::{BitRate, Cents, SimTime, Span};

/// Most lanes and self-checkouts together that a store may have: the model keeps its idle tills in one word of 128 bits.
pub const SERVERS_MAX: u32 = 128;

/// Position of a format in [`Scenario::formats`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct FormatId(pub u32);
/// Position of an access technology in [`Scenario::technologies`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct TechnologyId(pub u32);
/// Position of a failover profile in [`Scenario::profiles`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct ProfileId(pub u32);
/// Position of a cellular carrier in [`Scenario::carriers`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct CarrierId(pub u32);
/// Position of a cell in [`Scenario::cells`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct CellId(pub u32);
/// Position of a data plan in [`Scenario::plans`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct PlanId(pub u32);
/// Position of a fault cause in [`Scenario::causes`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct CauseId(pub u32);
/// A store's rank in id order, which is its position in [`Scenario::stores`]. For rows and folds, never for draws.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct StoreRank(pub u32);

/// Everything a run depends on besides the results version.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// Human name, for titles.
    pub name: String,
    /// First key word of every draw.
    pub seed: u64,
    /// How many replications to run; the replication's number is the second key word.
    pub replications: u32,
    /// Union of all stores' windows.
    pub window: Window,
    /// First and last local day simulated, ISO 8601.
    pub first_day: String,
    /// See [`Self::first_day`].
    pub last_day: String,
    /// Width of a timeline interval.
    pub interval: Span,
    /// Whether cells keep what they carried in each of these intervals.
    pub cell_timeline: bool,
    /// ISO 4217 code of the currency in which money is given.
    pub currency: String,
    /// What things cost.
    pub money: Money,
    /// Days of each kind in a year, by [`DayKind`].
    pub year: [u32; 4],
    /// Store formats in name order.
    pub formats: Vec<Format>,
    /// Access technologies in name order.
    pub technologies: Vec<Technology>,
    /// Failover profiles in name order.
    pub profiles: Vec<Profile>,
    /// Cellular carriers in name order.
    pub carriers: Vec<Carrier>,
    /// Data plans in name order.
    pub plans: Vec<Plan>,
    /// Cells in order of (carrier, site).
    pub cells: Vec<Cell>,
    /// Fault causes in name order.
    pub causes: Vec<Cause>,
    /// How long fault processes run before the window opens.
    pub fault_lead_in: Span,
    /// From when shared faults are drawn: follows from the first day and the lead-in, not from the stores.
    pub shared_faults_from: SimTime,
    /// How shared faults are drawn.
    pub sampling: Sampling,
    /// Stretches in which rates of causes are multiplied.
    pub rate_windows: Vec<RateWindow>,
    /// Faults at given instants, in file order.
    pub scheduled_faults: Vec<ScheduledFault>,
    /// When each carrier's core is down, by [`CarrierId`]; in order of onset.
    pub carrier_faults: Vec<Vec<CarrierFault>>,
    /// Card payments.
    pub payments: Payments,
    /// Services that something uses, in name order.
    pub services: Vec<Service>,
    /// Online orders; `None`: there are none.
    pub online: Option<Online>,
    /// Replay of what was stored while offline.
    pub resync: Resync,
    /// Shared LTE parameters.
    pub lte: Lte,
    /// The operations centre, if there is one.
    pub noc: Option<Arc<Noc>>,
    /// What a run is held to, in order of metric.
    pub thresholds: Vec<Threshold>,
    /// All stores in order of id.
    pub stores: Vec<Store>,
}

/// A half-open stretch of time.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Window {
    /// First instant.
    pub start: SimTime,
    /// First instant after the end.
    pub end: SimTime,
}

/// A distribution of a duration in seconds (or of a pure number where stated).
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Law {
    /// Always the same.
    Constant(f64),
    /// Uniform on [low, high).
    Uniform {
        /// Lower bound.
        low: f64,
        /// Upper bound.
        high: f64,
    },
    /// Exponential with this mean.
    Exponential {
        /// Mean.
        mean: f64,
    },
    /// Lognormal: exp(N(ln median, sigma²)).
    Lognormal {
        /// Median.
        median: f64,
        /// Standard deviation of the logarithm.
        sigma: f64,
    },
}

impl Law {
    /// Its mean.
    #[must_use]
    pub fn mean(&self) -> f64 {
        match *self {
            Law::Constant(value) => value,
            Law::Uniform { low, high } => 0.5 * (low + high),
            Law::Exponential { mean } => mean,
            Law::Lognormal { median, sigma } => median * libm::exp(0.5 * sigma * sigma),
        }
    }
}

/// What the stores of one kind have in common.
#[derive(Clone, Debug)]
pub struct Format {
    /// Name in scenario files and output.
    pub name: String,
    /// Basket value in currency units: lognormal given by its mean and log-sd.
    pub basket_mean: f64,
    /// Standard deviation of the logarithm of the basket value.
    pub basket_sigma: f64,
    /// Mean items per basket; a basket has `max(1, round(value / basket_mean * items_mean))` items.
    pub items_mean: f64,
    /// How long a checkout takes before the tender.
    pub scan: Scan,
    /// How a customer pays cash, seconds.
    pub cash_time: Law,
    /// Share of customers who mean to pay cash (0..=1).
    pub cash_share: f64,
    /// Patience in the queue, seconds.
    pub patience: Law,
    /// Whether customers who see a queue longer than their patience leave at once.
    pub balking: bool,
    /// Staffing rule.
    pub staffing: Staffing,
    /// Gross margin on sales (0..=1).
    pub gross_margin: f64,
    /// Background traffic of its stores if they say nothing else, one entry per class, in name order.
    pub traffic: Arc<[TrafficClass]>,
    /// Offline authorization ("store and forward") of its stores if they say nothing else.
    pub offline: Option<OfflineAuthorization>,
    /// How many stored payments a store may hold that has it although the format does not.
    pub offline_count_max: u32,
    /// Probability that a card customer who cannot pay by card pays cash instead (0..=1).
    pub cash_fallback: f64,
}

/// Scan-and-bag time.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Scan {
    /// base + per_item × items (seconds), times `self_checkout_factor` at a self-checkout.
    PerItem {
        /// Seconds per customer.
        base: f64,
        /// Seconds per item.
        per_item: f64,
        /// Multiplier at self-checkouts.
        self_checkout_factor: f64,
    },
    /// Drawn, regardless of items (validation scenarios).
    Drawn(Law),
}

/// How many lanes are open: `clamp(ceil((forecast load / target) − self-checkouts), min, lanes)`, where
/// forecast load is customers per second × mean service seconds (erlangs).
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Staffing {
    /// Erlangs per open lane that the forecaster aims at (0..1].
    pub target_load: f64,
    /// Relative standard deviation of the day's forecast error.
    pub forecast_error: f64,
    /// How often the number of open lanes is reviewed.
    pub review: Span,
    /// Never fewer staffed lanes than this in opening hours.
    pub lanes_min: u32,
    /// All lanes open all the time (validation scenarios).
    pub all_open: bool,
}

/// Offline authorization at the terminals of a format.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct OfflineAuthorization {
    /// Largest sale accepted offline.
    pub floor_limit: Cents,
    /// How many stored payments a store may hold.
    pub count_max: u32,
}

/// One class of background traffic of a store of one format, at full opening.
#[derive(Clone, PartialEq, Debug)]
pub struct TrafficClass {
    /// Class name (see docs: `network_control`, `cctv`, `guest_wifi`, …).
    pub name: String,
    /// Towards the network.
    pub up: BitRate,
    /// Towards the store.
    pub down: BitRate,
    /// What happens to it on an LTE route: the rate that is let through (0 = blocked, `up` = allowed).
    pub lte_up: BitRate,
    /// See [`Self::lte_up`].
    pub lte_down: BitRate,
    /// Whether it flows only in opening hours.
    pub open_hours_only: bool,
    /// Whether what of it is not carried is owed and caught up later.
    pub piles_up: bool,
    /// What of it flows over connections that are kept.
    pub kept: KeptShare,
}

/// A kind of wired (or permanent LTE) access.
#[derive(Clone, Debug)]
pub struct Technology {
    /// Name, e.g. `fibre_dia`, `cable`, `lte`.
    pub name: String,
    /// Whether this access is a cell (rates then follow from the cell, not from the two below).
    pub is_lte: bool,
    /// Towards the network.
    pub up: BitRate,
    /// Towards the store.
    pub down: BitRate,
    /// Round trip to the service without queueing.
    pub rtt: Span,
    /// Largest extra round trip, uniform.
    pub jitter: Span,
    /// Probability that a packet sent and its answer do not both arrive (0..1), independent per packet.
    pub loss: f64,
    /// Buffer of the uplink's bottleneck, bytes.
    pub buffer_bytes: u64,
    /// Queueing discipline of the store's uplink.
    pub queue: QueueDiscipline,
}

/// Whether payments overtake other traffic at the uplink.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum QueueDiscipline {
    /// Payments are sent before anything else.
    Priority,
    /// One queue for everything.
    Fifo,
}

/// Where the backup lives.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Topology {
    /// LTE in the edge router: dies with it.
    InRouter,
    /// LTE in a second router.
    SecondRouter,
    /// LTE in an OOBM gateway that carries store traffic.
    GatewayCarrying,
    /// LTE in an OOBM gateway for management only: never a backup for payments.
    GatewayOnly,
    /// No backup at all.
    None,
}

impl Topology {
    /// Whether the backup carries store traffic when the primary is a wire.
    #[must_use]
    pub const fn carries_store_traffic(self) -> bool {
        match self {
            Topology::InRouter | Topology::SecondRouter | Topology::GatewayCarrying => true,
            Topology::GatewayOnly | Topology::None => false,
        }
    }

    /// The word used in scenario files and output.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Topology::InRouter => "in-router",
            Topology::SecondRouter => "second-router",
            Topology::GatewayCarrying => "oobm-gateway",
            Topology::GatewayOnly => "oobm-only",
            Topology::None => "none",
        }
    }
}

/// Card payments, the same for every store.
#[derive(Clone, Debug)]
pub struct Payments {
    /// Terminal interaction before the authorization is sent, seconds.
    pub terminal: Law,
    /// Host's own time for an authorization, seconds.
    pub host: Law,
    /// How long a terminal waits for an answer.
    pub timeout: Span,
    /// How many times it tries again.
    pub retries: u32,
    /// Pause before trying again.
    pub backoff: Span,
    /// Bytes sent, and as many received, per authorization.
    pub bytes: u64,
    /// Probability that the issuer declines (0..=1).
    pub decline: f64,
    /// The connection that they all take; `None`: each opens one of its own.
    pub kept: Option<KeptConnection>,
    /// Where authorizations go.
    pub service: ServiceId,
    /// Where they go when that does not answer; `None`: there is no second acquirer.
    pub second: Option<SecondAcquirer>,
}

impl Payments {
    /// The services that authorize payments, the first acquirer's first.
    pub fn services(&self) -> impl Iterator<Item = ServiceId> {
        std::iter::once(self.service).chain(self.second.map(|second| second.service))
    }
}

/// A second way to have a payment authorized.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SecondAcquirer {
    /// Which service.
    pub service: ServiceId,
    /// A payment goes there after this many attempts without an answer.
    pub after: u32,
    /// All payments go there once the first has been down for so long.
    pub detection: Span,
}

/// Replay of payments that were approved offline.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Resync {
    /// Payments that a store replays in a second.
    pub payments_per_s: f64,
    /// Whether they are replayed over LTE.
    pub over_lte: ResyncOverLte,
    /// The part of an uplink's rate, each way, that catching up of bulk data takes at most.
    pub data_share: f64,
}

/// Whether what was stored is replayed over LTE.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ResyncOverLte {
    /// Payments and bulk data over whichever path works.
    Allow,
    /// Payments over whichever path works, bulk data only over the primary.
    PaymentsOnly,
    /// Only over the primary.
    Block,
}

/// One store.
#[derive(Clone, Debug)]
pub struct Store {
    /// Identity, as in the fleet file.
    pub id: String,
    /// Format.
    pub format: FormatId,
    /// US state or as given; may be empty.
    pub region: String,
    /// Metro-sized area or as given; may be empty.
    pub market: String,
    /// IANA time zone.
    pub timezone: String,
    /// Latitude, degrees; NaN if unknown.
    pub lat: f64,
    /// Longitude, degrees; NaN if unknown.
    pub lon: f64,
    /// Who sells the primary access.
    pub provider: String,
    /// Access technology of the primary.
    pub technology: TechnologyId,
    /// Carrier of the LTE uplink (backup, or primary if `technology` is LTE).
    pub carrier: CarrierId,
    /// Cell of the LTE uplink.
    pub cell: CellId,
    /// Mean signal to interference and noise ratio of the LTE uplink, dB.
    pub sinr_db: f64,
    /// The data plan of its LTE line, if it has one.
    pub plan: Option<PlanId>,
    /// The modem's limits towards the network and towards the store.
    pub modem: (BitRate, BitRate),
    /// The modem's second SIM, if it has one.
    pub second: Option<SecondSim>,
    /// Failover profile.
    pub profile: ProfileId,
    /// Where the backup lives.
    pub topology: Topology,
    /// State of the backup modem before need.
    pub standby: Standby,
    /// How long batteries carry router, switch, LTE and tills when the power fails.
    pub ups: Span,
    /// How long after the power has failed a generator takes over; `None` = there is none.
    pub generator: Option<Span>,
    /// Its way in when the network is out.
    pub oobm: Oobm,
    /// Its backup is tested this often.
    pub backup_test: Span,
    /// Offline authorization ("store and forward").
    pub offline: Option<OfflineAuthorization>,
    /// Background traffic, one entry per class, in name order.
    pub traffic: Arc<[TrafficClass]>,
    /// Staffed lanes there are.
    pub lanes: u32,
    /// Self-checkouts there are, open whenever the store is.
    pub self_checkouts: u32,
    /// The store's local days in order; the store's window is from the first's start to the last's end.
    pub days: Vec<Day>,
    /// Surges that reach this store.
    pub surges: Vec<Surge>,
    /// When traffic may return to its primary, from the faults' lead-in on; sorted, disjoint; empty: at any time.
    pub failback_hours: Arc<[Window]>,
    /// Which attributes were drawn because the fleet file did not give them.
    pub drawn: Vec<&'static str>,
    /// Other columns of the fleet file, kept as they were, in the order of [`Scenario::stores`]'s file header.
    pub extra: Vec<(String, String)>,
}

/// One local calendar day of one store.
#[derive(Clone, Debug)]
pub struct Day {
    /// ISO 8601 date, e.g. `2019-11-29`.
    pub date: String,
    /// What kind of day it is.
    pub kind: DayKind,
    /// Local midnight at its start and at its end.
    pub window: Window,
    /// When doors are open; sorted, disjoint; may be empty.
    pub open: Vec<Window>,
    /// Expected customers, piecewise constant: sorted, disjoint pieces inside `open`.
    pub demand: Vec<DemandPiece>,
}

/// A stretch with a constant rate of arrivals.
#[derive(Clone, Copy, Debug)]
pub struct DemandPiece {
    /// When.
    pub window: Window,
    /// Expected customers in the whole piece, before surges.
    pub customers: f64,
}

/// A multiplicative surge: 1 → `peak` linearly over `ramp`, `peak` for `plateau`, then 1 + (peak−1)·exp(−t/decay).
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Surge {
    /// When the ramp begins.
    pub start: SimTime,
    /// Length of the ramp.
    pub ramp: Span,
    /// Length of the plateau.
    pub plateau: Span,
    /// Time constant of the decay; the surge ends ten time constants after the plateau.
    pub decay: Span,
    /// Factor on the plateau.
    pub peak: f64,
}
