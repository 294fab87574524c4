//! LTE as it is run: carriers, cells, modems.

use super::{CarrierId, CellId, Law, QueueDiscipline, StoreRank, Window};
use crate::units::{BitRate, Cents, SimTime, Span};

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
    /// Phones that register again after a fault of all its core.
    pub phones: f64,
    /// They do so within this long after the core is back, uniformly.
    pub phones_return: Span,
    /// Phones that register in any second, fault or not.
    pub phones_registering_per_s: f64,
    /// What its core does with more than it can serve soon.
    pub overload: Overload,
    /// Work of a refusal over that of a registration.
    pub refusal_work: f64,
}

/// What a core does with requests that would have to wait long.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Overload {
    /// Lets everybody wait for as long as it takes, and whoever asks does so.
    Wait,
    /// The same, but whoever asks gives up after T3410 and asks again later: what was asked first is served in vain.
    Unanswered,
    /// Refuses for congestion while the wait is longer than this.
    Refuse {
        /// The longest wait that it accepts.
        wait: Span,
    },
}

/// A carrier's core is down for a share of its subscribers.
#[derive(Clone, PartialEq, Debug)]
pub struct CarrierFault {
    /// When.
    pub window: Window,
    /// The share of its phones.
    pub share: f64,
    /// The stores among its subscribers that are hit, in order.
    pub stores: Vec<StoreRank>,
}

impl CarrierFault {
    /// Whether it hits the store at `rank`.
    #[must_use]
    pub fn hits(&self, rank: u32) -> bool {
        self.stores.binary_search(&StoreRank(rank)).is_ok()
    }
}

/// The second SIM of a store's modem.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct SecondSim {
    /// Its carrier, never that of the first.
    pub carrier: CarrierId,
    /// Its cell.
    pub cell: CellId,
    /// Mean signal to interference and noise ratio, dB.
    pub sinr_db: f64,
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

impl Cell {
    /// Share of the downlink's airtime that phones want at `at`; more than 1 if they want more than there is.
    #[must_use]
    pub fn phones_at(&self, at: SimTime) -> f64 {
        let second = (at.as_nanos() / 1_000_000_000) as i64 + self.utc_offset_s;
        let hour = (second.rem_euclid(86_400) / 3_600) as usize;
        let steps = self.phone_steps.iter().take_while(|&&(from, _)| from <= at);
        self.phones[hour] * steps.last().map_or(1.0, |&(_, factor)| factor)
    }
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
    /// Active queue management keeps the wait below this; `None` = there is none.
    pub aqm: Option<Span>,
    /// Queueing discipline on the LTE uplink.
    pub queue: QueueDiscipline,
    /// Modem's category limits.
    pub modem_up: BitRate,
    /// See [`Self::modem_up`].
    pub modem_down: BitRate,
    /// Bring-up stages.
    pub bring_up: BringUp,
    /// Modems with two SIMs.
    pub dual_sim: DualSim,
    /// Backups that are dead unnoticed.
    pub latent: Latent,
}

/// A data plan.
#[derive(Clone, PartialEq, Debug)]
pub struct Plan {
    /// Name.
    pub name: String,
    /// Bytes a month, of each line or, if `pooled`, of all its lines together; `None` = unlimited.
    pub cap_bytes: Option<u64>,
    /// Whether its lines share one allowance.
    pub pooled: bool,
    /// Share of the allowance that is used when the window begins.
    pub used: f64,
    /// The rate of each direction once the allowance is used up; `None` = the usual, and what is used beyond is paid for.
    pub throttle: Option<BitRate>,
    /// Price of a GB (10^9 bytes) beyond the allowance.
    pub overage_per_gb: Cents,
    /// Price of a line and month.
    pub price: Cents,
    /// Whether its lines are served before others when a cell is full.
    pub priority: bool,
}

impl Plan {
    /// What `bytes` beyond the allowance cost, to the nearest cent.
    #[must_use]
    pub fn overage(&self, bytes: u64) -> Cents {
        const GIGABYTE: i128 = 1_000_000_000;
        let cents = (i128::from(bytes) * i128::from(self.overage_per_gb.0) + GIGABYTE / 2) / GIGABYTE;
        Cents(i64::try_from(cents).unwrap_or(i64::MAX))
    }
}

/// How backups fail without anybody noticing.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Latent {
    /// Onsets per second and backup.
    pub rate_per_s: f64,
    /// Every backup is tested this often.
    pub test_interval: Span,
    /// From a test, or from need, until it is mended; seconds.
    pub repair: Law,
}

/// When a modem with two SIMs, one of which is registered at a time, changes to the other.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct DualSim {
    /// After so many attempts to register that were in vain.
    pub attempts: u32,
    /// If the path in use has been dead for so long.
    pub after: Span,
    /// How long the change takes.
    pub takes: Span,
    /// A store whose only uplink is LTE goes back to its first SIM this long after it has left it, once that has service; `None`:
    /// only if the second fails.
    pub back: Option<Span>,
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
    /// From the loss of a registration by the network to the modem's first attempt to register again, seconds.
    pub reattach: Law,
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
