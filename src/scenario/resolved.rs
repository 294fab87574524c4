//! A scenario as it is run: every default filled in, every unit converted, every store expanded.
//!
//! This is the contract between what the user wrote ([`super::load`]) and the model. It holds no file
//! positions and no optional-because-unset values: an `Option` here means "this store has none".
//! All instants are absolute; all local-time reasoning ended when it was built.

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
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct CarrierId(pub u32);
/// Position of a cell in [`Scenario::cells`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct CellId(pub u32);
/// Position of a fault cause in [`Scenario::causes`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct CauseId(pub u32);
/// A store's rank in id order, which is its position in [`Scenario::stores`]. For rows and folds, never for draws.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
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
    /// ISO 4217 code of the currency in which money is given.
    pub currency: String,
    /// Store formats in name order.
    pub formats: Vec<Format>,
    /// Access technologies in name order.
    pub technologies: Vec<Technology>,
    /// Failover profiles in name order.
    pub profiles: Vec<Profile>,
    /// Cellular carriers in name order.
    pub carriers: Vec<Carrier>,
    /// Cells in order of (carrier, site).
    pub cells: Vec<Cell>,
    /// Fault causes in name order.
    pub causes: Vec<Cause>,
    /// How long fault processes run before the window opens.
    pub fault_lead_in: Span,
    /// Faults at given instants, in file order.
    pub scheduled_faults: Vec<ScheduledFault>,
    /// Card payments.
    pub payments: Payments,
    /// Shared LTE parameters.
    pub lte: Lte,
    /// All stores in order of id.
    pub stores: Vec<Store>,
}

/// A half-open stretch of time.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
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
    /// Background traffic, one entry per class, in name order.
    pub traffic: Vec<TrafficClass>,
    /// Offline authorization ("store and forward").
    pub offline: Option<OfflineAuthorization>,
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

/// A failover product: how it notices, how it returns.
#[derive(Clone, Debug)]
pub struct Profile {
    /// Name, e.g. `bfd-300x3`.
    pub name: String,
    /// Product or protocol, for listings.
    pub product: String,
    /// Where its parameters come from.
    pub source: String,
    /// Version or day of what was read there.
    pub date: String,
    /// How far its parameters can be trusted.
    pub confidence: String,
    /// How a change of the link's carrier is seen; `None` if never.
    pub carrier: Option<CarrierWatch>,
    /// The probing detector; `None` if only the carrier is watched.
    pub detector: Option<Detector>,
    /// The rule must say "down" this long, without a break, before the link is declared down.
    pub down_delay: Span,
    /// The rule must say "up" this long, without a break, before the link is declared up.
    pub up_delay: Span,
    /// Detection until new packets take the backup, seconds.
    pub route_change: Law,
    /// Declared up (or the session established, if there is one) until new packets take the primary, seconds.
    pub route_return: Law,
    /// The routing session that has to be established again before traffic returns.
    pub session: Option<Session>,
    /// Whether hosts of the store's LAN have to learn who their gateway is (first-hop redundancy): their neighbour
    /// caches may keep traffic on the backup after the primary router has taken over again.
    pub lan_takeover: bool,
    /// When traffic returns to the primary.
    pub failback: Failback,
    /// Traffic that has moved to the backup stays there at least this long.
    pub backup_min: Span,
    /// Whether flows are reset (`true`) or left on the old path (`false`) when the route changes.
    pub flush_flows: bool,
    /// Size of a probe and of its answer, bytes of IP.
    pub probe_bytes: u32,
    /// Whether the backup is probed too, by the same rule, while it stands by.
    pub probes_backup: bool,
    /// Whether probes overtake other traffic as payments do.
    pub probe_priority: bool,
}

/// How a device sees that the link's carrier is lost.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct CarrierWatch {
    /// The interface is looked at this often; zero: it interrupts.
    pub poll: Span,
    /// The kernel reports at most one loss of carrier in this time, whichever link it is of; zero: no limit.
    pub rate_limit: Span,
    /// Losses of carrier per second on the kernel's other links.
    pub others_per_s: f64,
    /// What is added to that, seconds.
    pub delay: Law,
}

/// The general detector families. Times are exact; phases are drawn per store.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Detector {
    /// A probe every `interval`; down after `down` losses in a row, each known `timeout` after sending;
    /// up after `up` successes in a row. `down` = 1 with [`Profile::down_delay`] is IP SLA with object tracking.
    ConsecutiveProbes {
        /// Start to start.
        interval: Span,
        /// How long an answer may take.
        timeout: Span,
        /// Losses in a row.
        down: u32,
        /// Successes in a row.
        up: u32,
    },
    /// A cycle probes its targets one after the other, each `count` packets one second apart, until `reliability` of
    /// them have answered, and then sleeps; down after `down` bad cycles in a row, up after `up` good ones (mwan3).
    SequentialProbes {
        /// Targets there are.
        targets: u32,
        /// Targets that must answer for a good cycle.
        reliability: u32,
        /// Packets per target and cycle, one second apart; one answer is enough.
        count: u32,
        /// How long the answer to a target's last packet is waited for.
        timeout: Span,
        /// Sleep after a cycle in which nothing changes.
        interval: Span,
        /// Sleep after a bad cycle while going down.
        failure_interval: Span,
        /// Whether `failure_interval` is kept while down.
        keep_failure_interval: bool,
        /// Sleep after a good cycle while coming up.
        recovery_interval: Span,
        /// Bad cycles in a row.
        down: u32,
        /// Good cycles in a row.
        up: u32,
        /// What starting the probes of one cycle costs.
        overhead: Span,
        /// Whether a link whose carrier returns counts as up at once, before any probe.
        trusts_link: bool,
    },
    /// A probe every `interval`; down when `down` of the last `of` are lost, up when `up` of the last `of` since then
    /// have been answered.
    MOfN {
        /// Start to start.
        interval: Span,
        /// How long an answer may take.
        timeout: Span,
        /// Probes looked at.
        of: u32,
        /// Losses among them that bring it down.
        down: u32,
        /// Answers among them that bring it up.
        up: u32,
    },
    /// A check is due after `idle`; without an answer it is tried again `retries` times, each try waiting longer than
    /// the one before by `wait_factor`; the last wait's end is the verdict. While down, the same ladder of tries goes on,
    /// and the first answer is the way up (Cradlepoint's active ping, IKEv2 dead peer detection, WireGuard).
    IdleCheck {
        /// From one check to the next, or from the last packet received.
        idle: Span,
        /// Whether any packet received makes the wait for a check begin anew (the store's own traffic does all the time).
        from_traffic: bool,
        /// The device reads its clock in steps of this, so a check comes this much early or late, half of it each.
        clock: Span,
        /// How long the first try is waited for.
        wait: Span,
        /// Added to each wait, uniform from zero.
        wait_jitter: Span,
        /// Each wait over the one before.
        wait_factor: f64,
        /// Tries after the first.
        retries: u32,
    },
    /// The peer sends a hello every `interval` × U(jitter_min, jitter_max); down when `dead` passes without one;
    /// up when hellos arrive again (first hello after repair is sent within `restart` × U(jitter)).
    HelloDead {
        /// Nominal interval between hellos.
        interval: Span,
        /// Shortest interval as a share of the nominal.
        jitter_min: f64,
        /// Longest interval as a share of the nominal.
        jitter_max: f64,
        /// Dead time since the last hello.
        dead: Span,
        /// Hello interval while the session is not up.
        restart: Span,
        /// How the two ends agree.
        ends: Ends,
        /// A peer that says goodbye is declared down after this; `None` if this protocol says nothing.
        goodbye: Option<Span>,
        /// A peer that was taken out of service takes over again this long after its return.
        rejoin: Span,
    },
    /// dpinger's window: probes every `send`, kept for `period`; a probe counts as lost once it is older than
    /// `loss_after`; every `check` the integer loss percentage is compared (strictly) with `loss_percent`;
    /// clears after `hold_checks` good checks in a row.
    WindowedLoss {
        /// Start to start.
        send: Span,
        /// Age at which an unanswered probe counts as lost.
        loss_after: Span,
        /// Length of the window.
        period: Span,
        /// Interval between comparisons.
        check: Span,
        /// Alarm above this integer percentage.
        loss_percent: u32,
        /// Alarm above this mean round trip of the answered probes.
        latency: Option<Span>,
        /// Good checks in a row before it clears (1 = none extra).
        hold_checks: u32,
        /// No check for this long after an alarm.
        pause: Span,
        /// How much before a probe a check comes, seconds; `None` if the two have nothing to do with each other.
        lag: Option<Law>,
    },
}

/// What the two ends of a hello protocol have to do with each other.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ends {
    /// Only the store's end watches; the first hello brings it up.
    One,
    /// Both watch, the one that gives up tells the other, and it takes a hello from each, heard by the other, to be up
    /// again (BFD's and OSPF's handshakes).
    Both,
    /// The peer is the better router of two: who has taken over in its absence sends hellos itself, and the peer answers the
    /// first it hears (VRRP with preemption).
    Contending,
    /// Both watch and the session must be established again before it is up (BGP).
    Session,
}

/// A routing session over TCP (BGP) that a failure of the link ends.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Session {
    /// From the session's end to the first attempt to connect, at either end.
    pub start: Span,
    /// Retransmission of the first packet: this long `retry_linear` times, then twice as long each time.
    pub retry: Span,
    /// See [`Self::retry`].
    pub retry_linear: u32,
    /// An attempt is given up and begun anew after this.
    pub attempt: Span,
    /// Messages, one after the other, from an established connection to an established session.
    pub messages: u32,
    /// Probability that two connections at the same time end each other.
    pub collision: f64,
    /// From such a collision to the next attempt.
    pub collision_pause: Span,
}

/// When traffic goes back to a primary that has been declared up.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Failback {
    /// At once.
    Immediate,
    /// After the primary has stayed up this long.
    HoldDown(Span),
    /// Not within the run.
    Never,
}

/// A cellular carrier.
#[derive(Clone, PartialEq, Debug)]
pub struct Carrier {
    /// Name, e.g. `att`.
    pub name: String,
    /// Median round trip, seconds.
    pub rtt_median_s: f64,
    /// Bandwidth of one of its cells in one direction, physical resource blocks (50 = 10 MHz).
    pub resource_blocks: u32,
    /// Registrations that its core serves per second; `None` = not a limit.
    pub registrations_per_s: Option<f64>,
}

/// One LTE sector, shared by stores and phones.
#[derive(Clone, PartialEq, Debug)]
pub struct Cell {
    /// Who runs it.
    pub carrier: CarrierId,
    /// The site: a site or mall column's value, or an H3 index at resolution 7 as 15 hexadecimal digits.
    pub site: String,
    /// Name in output: `carrier/site`.
    pub name: String,
    /// Share of downlink airtime taken by phones, by local hour of day 0..24 on a day with multiplier 1.
    pub phones: [f64; 24],
    /// (from, factor) steps on the phones' share, e.g. Black Friday; sorted; before the first, 1.
    pub phone_steps: Vec<(SimTime, f64)>,
    /// Offset of local time from UTC in seconds at the window's start (for the hours of `phones`).
    pub utc_offset_s: i64,
}

/// Shared LTE parameters. Rates follow 3GPP TR 36.942 Annex A: bit/s/Hz = min(alpha · log2(1 + SINR), cap),
/// 0 below −10 dB.
#[derive(Clone, Debug)]
pub struct Lte {
    /// Step of a cell's grid.
    pub cell_step: Span,
    /// Attenuation factor, downlink.
    pub alpha_down: f64,
    /// Largest bit/s/Hz, downlink.
    pub cap_down: f64,
    /// Attenuation factor, uplink.
    pub alpha_up: f64,
    /// Largest bit/s/Hz, uplink.
    pub cap_up: f64,
    /// Uplink airtime taken by phones as a share of the downlink share.
    pub phones_up_share: f64,
    /// Phones never take more airtime than this (0..1).
    pub phones_max: f64,
    /// Log-sd of a single round trip about the carrier's median.
    pub rtt_sigma: f64,
    /// Probability that a packet and its answer do not both arrive.
    pub loss: f64,
    /// Buffer, bytes.
    pub buffer_bytes: u64,
    /// Queueing discipline on the LTE uplink.
    pub queue: QueueDiscipline,
    /// Modem's category limits.
    pub modem_up: BitRate,
    /// See [`Self::modem_up`].
    pub modem_down: BitRate,
    /// Bring-up stages.
    pub bring_up: BringUp,
}

/// Stage model of a modem's way from its standby state to first application byte.
#[derive(Clone, Debug)]
pub struct BringUp {
    /// Modem boot: floor, seconds.
    pub boot_floor_s: f64,
    /// Modem boot: mean of the exponential tail, seconds.
    pub boot_tail_s: f64,
    /// USB enumeration.
    pub usb: Law,
    /// Manager probing.
    pub probing: Law,
    /// SIM ready poll.
    pub sim: Law,
    /// Probability of a full scan from `cold`.
    pub full_scan_cold: f64,
    /// Probability of a full scan from `radio-off`.
    pub full_scan_radio_off: f64,
    /// Full scan, seconds, clipped to `full_scan_clip_s`.
    pub full_scan: Law,
    /// Shortest and longest full scan, seconds.
    pub full_scan_clip_s: (f64, f64),
    /// Search and attach, seconds.
    pub attach: Law,
    /// Probability that one attach attempt fails.
    pub attach_failure: f64,
    /// T3410: wait for an attach answer (3GPP TS 24.301).
    pub t3410: Span,
    /// T3411: pause before another attempt.
    pub t3411: Span,
    /// T3402: pause after five failures.
    pub t3402: Span,
    /// Probability that the answer to an attach attempt is a refusal for congestion.
    pub congestion: f64,
    /// T3346: pause after such a refusal, seconds.
    pub t3346: Law,
    /// Bearer, address and DNS: floor, seconds.
    pub bearer_floor_s: f64,
    /// Bearer, address and DNS: the part above the floor, seconds.
    pub bearer: Law,
    /// RRC promotion from idle, seconds.
    pub rrc: Law,
    /// RRC connected is left for idle this long after the last packet.
    pub rrc_tail: Span,
    /// Whether a VPN is set up over LTE, and its round trips.
    pub vpn_round_trips: u32,
    /// Computing time of the VPN handshake, seconds.
    pub vpn_compute_s: f64,
    /// Round trips from a usable path to the application's first byte.
    pub application_round_trips: u32,
}

/// State of the backup modem before it is needed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Standby {
    /// Powered off.
    Cold,
    /// Booted, detached.
    RadioOff,
    /// Registered and attached, no data call.
    Warm,
    /// Data call up, RRC idle.
    Hot,
    /// Dual-active, RRC connected.
    HotActive,
}

impl Standby {
    /// The word used in scenario files and output.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Standby::Cold => "cold",
            Standby::RadioOff => "radio-off",
            Standby::Warm => "warm",
            Standby::Hot => "hot",
            Standby::HotActive => "hot-active",
        }
    }
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

/// What a fault breaks at a store.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Scope {
    /// The primary uplink.
    Uplink,
    /// The edge router: the primary, the detector in it, and LTE if it lives there.
    Router,
    /// The store's switch: every path.
    Switch,
    /// The LTE uplink.
    Backup,
}

impl Scope {
    /// The word used in scenario files and output.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Scope::Uplink => "uplink",
            Scope::Router => "router",
            Scope::Switch => "switch",
            Scope::Backup => "backup",
        }
    }
}

/// How a fault looks from the store.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Signature {
    /// The link's carrier is gone; nothing passes.
    CarrierLost,
    /// Carrier stays; nothing passes.
    Blackhole,
    /// A packet and its answer fail to pass with this probability.
    PartialLoss(f64),
    /// Everything passes, this much later (round trip).
    Latency(Span),
    /// The far end is taken out of service and says so before nothing passes any more.
    Announced,
}

impl Signature {
    /// The word used in scenario files and output.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Signature::CarrierLost => "carrier-lost",
            Signature::Blackhole => "blackhole",
            Signature::PartialLoss(_) => "partial-loss",
            Signature::Latency(_) => "latency",
            Signature::Announced => "announced",
        }
    }
}

/// A renewal-free fault process: Poisson per store and cause.
#[derive(Clone, Debug)]
pub struct Cause {
    /// Name, e.g. `access_physical_cut_or_plant`; part of the draws' addresses.
    pub name: String,
    /// What it breaks.
    pub scope: Scope,
    /// Onsets per second for each technology (by [`TechnologyId`]); device and backup scopes have equal entries.
    pub rate_per_s: Vec<f64>,
    /// Time to restore for each technology, seconds.
    pub repair: Vec<Law>,
    /// Signature and weight; weights sum to 1. Empty only for router, switch scopes (blackhole).
    pub signatures: Vec<(Signature, f64)>,
    /// Who ends it: the `remedy` column (`provider`, `self`, `on_site`, `remote`, `staff`).
    pub remedy: &'static str,
}

/// A fault that happens because the scenario says so.
#[derive(Clone, Debug)]
pub struct ScheduledFault {
    /// Name of the fault in output (its cause column).
    pub name: String,
    /// What it breaks.
    pub scope: Scope,
    /// How it looks.
    pub signature: Signature,
    /// Store, onset and repair, in store order.
    pub hits: Vec<(StoreRank, Window)>,
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
    /// Failover profile.
    pub profile: ProfileId,
    /// Where the backup lives.
    pub topology: Topology,
    /// State of the backup modem before need.
    pub standby: Standby,
    /// Staffed lanes there are.
    pub lanes: u32,
    /// Self-checkouts there are, open whenever the store is.
    pub self_checkouts: u32,
    /// The store's local days in order; the store's window is from the first's start to the last's end.
    pub days: Vec<Day>,
    /// Surges that reach this store.
    pub surges: Vec<Surge>,
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
