//! From the order "use LTE" to a usable path: the modem's stages by standby state (sources: `docs/sources.md`,
//! `lte.bring_up`).
//!
//! ```text
//! cold       boot → USB → probing → SIM → [full scan] → [tries in vain] → search and attach → bearer → VPN ┐
//! radio-off                               [full scan] → [tries in vain] → search and attach → bearer → VPN ┤
//! warm                                                                                        bearer → VPN ┼→ application
//! hot                                                                                  RRC promotion → VPN ┤
//! hot-active                                                                                           VPN ┘
//! ```
//!
//! Registration (search and attach) may have to queue at the carrier's core, so a plan has a part before it and one
//! after it. A try in vain is one without an answer, which costs T3410 + T3411 and after five in a row T3402, or one that
//! the network refuses for congestion, which costs T3346 and begins the count anew (3GPP TS 24.301 §5.5.1.2).
//!
//! The path is usable once the VPN is up, and that is all the router waits for. The application's own handshake (TCP, TLS)
//! runs over a path in use, so it is no part of [`Plan::total`] but of [`Plan::first_byte`].

use crate::kernel::draws::{Address, Key};
use crate::kernel::variates::{exponential, lognormal, unit};
use crate::scenario::resolved::{BringUp, Standby};
use crate::units::Span;

use super::law::Sampler;
use super::purpose::{self, Purpose};

pub mod totals;

/// A registration takes at least this long: the lookahead that lets the core fold requests once per step. The
/// fastest attach measured with a cached cell took 2.55 s (Nordic DevZone 128264, n = 2).
pub const REGISTRATION_MIN: Span = Span::from_secs(1);
/// Attach attempts before T3402 (3GPP TS 24.301 §5.5.1.1).
const ATTACH_ATTEMPTS: u32 = 5;

/// How one bring-up will go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Plan {
    /// Until the modem asks the carrier for registration; `None` if it is registered already.
    pub registration: Option<Registration>,
    /// From registration (or from the order, if registered already) to a usable path.
    pub after: Span,
    /// From a usable path to the application's first byte. The route does not wait for it.
    pub application: Span,
}

/// The part of a bring-up up to registration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Registration {
    /// From the order to the request that is granted.
    pub before: Span,
    /// From the request to its being granted, queueing at the core aside; at least [`REGISTRATION_MIN`].
    pub takes: Span,
}

impl Plan {
    /// The whole time to a usable path when the core does not make anyone wait.
    #[must_use]
    pub fn total(&self) -> Span {
        self.registration.map_or(Span::ZERO, |part| part.before + part.takes) + self.after
    }

    /// The same to the application's first byte.
    #[must_use]
    pub fn first_byte(&self) -> Span {
        self.total() + self.application
    }
}

/// One stage of a bring-up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Power-on until the modem answers.
    Boot,
    /// Until the host sees it.
    Usb,
    /// Until the modem manager knows what it is.
    Probing,
    /// Until the SIM is ready.
    Sim,
    /// A search through all bands, if there is one.
    FullScan,
    /// Attach attempts without an answer.
    Unanswered,
    /// Attach attempts refused for congestion.
    Congestion,
    /// Search and attach in a known cell.
    Attach,
    /// Bearer, address, DNS.
    Bearer,
    /// From RRC idle to connected.
    Rrc,
    /// The VPN's handshake.
    Vpn,
    /// The application's handshake.
    Application,
}

impl Stage {
    /// All stages in the order in which they come.
    pub const ALL: [Stage; 12] = [
        Stage::Boot,
        Stage::Usb,
        Stage::Probing,
        Stage::Sim,
        Stage::FullScan,
        Stage::Unanswered,
        Stage::Congestion,
        Stage::Attach,
        Stage::Bearer,
        Stage::Rrc,
        Stage::Vpn,
        Stage::Application,
    ];

    /// The word used in output.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Stage::Boot => "boot",
            Stage::Usb => "usb",
            Stage::Probing => "probing",
            Stage::Sim => "sim",
            Stage::FullScan => "full-scan",
            Stage::Unanswered => "unanswered",
            Stage::Congestion => "congestion",
            Stage::Attach => "attach",
            Stage::Bearer => "bearer",
            Stage::Rrc => "rrc",
            Stage::Vpn => "vpn",
            Stage::Application => "application",
        }
    }
}

/// How long each stage of one bring-up takes; zero for those that its standby state has behind it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stages {
    boot_s: f64,
    usb_s: f64,
    probing_s: f64,
    sim_s: f64,
    full_scan_s: f64,
    /// Tries in vain, and the attach that succeeds.
    attach: Option<(Vain, Span)>,
    bearer_s: f64,
    rrc_s: f64,
    vpn_s: f64,
    application_s: f64,
}

/// Time lost to attach attempts in vain.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Vain {
    unanswered: Span,
    congestion: Span,
}

impl Stages {
    /// How long `stage` takes.
    #[must_use]
    pub fn span(&self, stage: Stage) -> Span {
        let (vain, attach) = self.attach.unwrap_or_default();
        match stage {
            Stage::Boot => Span::from_secs_f64(self.boot_s),
            Stage::Usb => Span::from_secs_f64(self.usb_s),
            Stage::Probing => Span::from_secs_f64(self.probing_s),
            Stage::Sim => Span::from_secs_f64(self.sim_s),
            Stage::FullScan => Span::from_secs_f64(self.full_scan_s),
            Stage::Unanswered => vain.unanswered,
            Stage::Congestion => vain.congestion,
            Stage::Attach => attach,
            Stage::Bearer => Span::from_secs_f64(self.bearer_s),
            Stage::Rrc => Span::from_secs_f64(self.rrc_s),
            Stage::Vpn => Span::from_secs_f64(self.vpn_s),
            Stage::Application => Span::from_secs_f64(self.application_s),
        }
    }

    /// What the controller goes by.
    #[must_use]
    pub fn plan(&self) -> Plan {
        let start_s = self.boot_s + self.usb_s + self.probing_s + self.sim_s;
        let registration = self.attach.map(|(vain, takes)| Registration {
            before: Span::from_secs_f64(start_s + self.full_scan_s) + vain.unanswered + vain.congestion,
            takes,
        });
        Plan {
            registration,
            after: Span::from_secs_f64(self.bearer_s + self.rrc_s + self.vpn_s),
            application: Span::from_secs_f64(self.application_s),
        }
    }
}

/// Draws the plan at `address` (layout: [`Purpose::BringUp`], [`Purpose::Congestion`]); `rtt_median_s`, `rtt_sigma` are
/// the carrier's.
#[must_use]
pub fn plan(
    parameters: &BringUp,
    standby: Standby,
    (rtt_median_s, rtt_sigma): (f64, f64),
    key: Key,
    address: Address,
) -> Plan {
    stages(parameters, standby, (rtt_median_s, rtt_sigma), key, address).plan()
}

/// Draws what each stage of the plan at `address` takes.
#[must_use]
pub fn stages(
    parameters: &BringUp,
    standby: Standby,
    (rtt_median_s, rtt_sigma): (f64, f64),
    key: Key,
    address: Address,
) -> Stages {
    let [boot, usb, probing, sim] = key.block(address, 1);
    let [scan, scan_time, attach, bearer] = key.block(address, 2);
    let [rrc, vpn_trip, _, application_trip] = key.block(address, 3);
    let seconds = |law, word| Sampler::new(law).sample(word);
    let round_trips = |count, word| f64::from(count) * lognormal(word, libm::log(rtt_median_s), rtt_sigma);
    let mut stages = Stages {
        boot_s: 0.0,
        usb_s: 0.0,
        probing_s: 0.0,
        sim_s: 0.0,
        full_scan_s: 0.0,
        attach: None,
        bearer_s: 0.0,
        rrc_s: 0.0,
        vpn_s: match parameters.vpn_round_trips {
            0 => 0.0,
            count => round_trips(count, vpn_trip) + parameters.vpn_compute_s,
        },
        application_s: round_trips(parameters.application_round_trips, application_trip),
    };
    let full_scan = match standby {
        Standby::Cold => parameters.full_scan_cold,
        Standby::RadioOff => parameters.full_scan_radio_off,
        Standby::Warm | Standby::Hot | Standby::HotActive => 0.0,
    };
    if unit(scan) < full_scan {
        let (low, high) = parameters.full_scan_clip_s;
        stages.full_scan_s = seconds(&parameters.full_scan, scan_time).clamp(low, high);
    }
    if standby == Standby::Cold {
        stages.boot_s = parameters.boot_floor_s + parameters.boot_tail_s * exponential(boot);
        stages.usb_s = seconds(&parameters.usb, usb);
        stages.probing_s = seconds(&parameters.probing, probing);
        stages.sim_s = seconds(&parameters.sim, sim);
    }
    match standby {
        Standby::Cold | Standby::RadioOff => {
            let takes = Span::from_secs_f64(seconds(&parameters.attach, attach)).max(REGISTRATION_MIN);
            stages.attach = Some((tries_in_vain(parameters, key, address), takes));
            stages.bearer_s = parameters.bearer_floor_s + seconds(&parameters.bearer, bearer);
        }
        Standby::Warm => {
            stages.bearer_s = parameters.bearer_floor_s + seconds(&parameters.bearer, bearer);
        }
        Standby::Hot => stages.rrc_s = seconds(&parameters.rrc, rrc),
        Standby::HotActive => {}
    }
    stages
}

/// Time lost to attach attempts before the one that succeeds.
fn tries_in_vain(parameters: &BringUp, key: Key, address: Address) -> Vain {
    let mut answers = key.words(address, 4);
    let mut congestion = key.words(purpose::address(address.entity, Purpose::Congestion, address.draw), 1);
    let t3346 = Sampler::new(&parameters.t3346);
    let mut vain = Vain::default();
    let mut failures = 0;
    // Both probabilities are below one by validation, so that the loop ends; the bound is a guard against
    // probabilities next to one.
    for _ in 0..1_000 {
        if unit(answers.next_word()) < parameters.attach_failure {
            failures += 1;
            vain.unanswered += after_failure(parameters, failures);
            continue;
        }
        let (refused, lasts) = (congestion.next_word(), congestion.next_word());
        if unit(refused) >= parameters.congestion {
            break;
        }
        vain.congestion += t3346.span(lasts);
        failures = 0;
    }
    vain
}

/// From an attach attempt that stays without an answer, the `failures`-th in a row, to the next one.
#[must_use]
pub fn after_failure(parameters: &BringUp, failures: u32) -> Span {
    let pause = if failures.is_multiple_of(ATTACH_ATTEMPTS) { parameters.t3402 } else { parameters.t3411 };
    parameters.t3410 + pause
}

/// The state in which probes every `probe_every` keep a link that is in `standby` without them: the network takes an
/// idle modem out of RRC connected `rrc_tail` after its last packet, so that it stays connected if probed more often.
#[must_use]
pub fn effective_standby(standby: Standby, probe_every: Option<Span>, rrc_tail: Span) -> Standby {
    match standby {
        Standby::Hot if probe_every.is_some_and(|every| every < rrc_tail) => Standby::HotActive,
        Standby::Cold | Standby::RadioOff | Standby::Warm | Standby::Hot | Standby::HotActive => standby,
    }
}

#[cfg(test)]
mod tests;
