//! From the order "use LTE" to a usable path: the modem's stages by standby state (sources: `docs/sources.md`,
//! `lte.bring_up`).
//!
//! ```text
//! cold       boot → USB → probing → SIM → [full scan] → search and attach → bearer → VPN
//! radio-off                              [full scan] → search and attach → bearer → VPN
//! warm                                                                      bearer → VPN
//! hot                                                              RRC promotion → VPN
//! hot-active                                                                        VPN
//! ```
//!
//! Registration (search and attach) may have to queue at the carrier's core, so a plan has a part before it and one
//! after it. A failed attach costs T3410 + T3411; after five in a row the modem waits T3402 (3GPP TS 24.301).

use crate::kernel::draws::{Address, Key};
use crate::kernel::variates::{exponential, lognormal, unit};
use crate::scenario::resolved::{BringUp, Standby};
use crate::units::Span;

use super::law::Sampler;

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
}

/// The part of a bring-up up to registration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Registration {
    /// From the order to the request.
    pub before: Span,
    /// From the request to its being granted, queueing at the core aside; at least [`REGISTRATION_MIN`].
    pub takes: Span,
}

impl Plan {
    /// The whole time when the core does not make anyone wait.
    #[must_use]
    pub fn total(&self) -> Span {
        self.registration.map_or(Span::ZERO, |part| part.before + part.takes) + self.after
    }
}

/// Draws the plan at `address` (layout: [`super::purpose::Purpose::BringUp`]); `rtt_median_s`, `rtt_sigma` are the carrier's.
#[must_use]
pub fn plan(
    parameters: &BringUp,
    standby: Standby,
    (rtt_median_s, rtt_sigma): (f64, f64),
    key: Key,
    address: Address,
) -> Plan {
    let [boot, usb, probing, sim] = key.block(address, 1);
    let [scan, scan_time, attach, bearer] = key.block(address, 2);
    let [rrc, round_trip, ..] = key.block(address, 3);
    let seconds = |law, word| Sampler::new(law).sample(word);

    let start_s = match standby {
        Standby::Cold => {
            parameters.boot_floor_s
                + parameters.boot_tail_s * exponential(boot)
                + seconds(&parameters.usb, usb)
                + seconds(&parameters.probing, probing)
                + seconds(&parameters.sim, sim)
        }
        Standby::RadioOff | Standby::Warm | Standby::Hot | Standby::HotActive => 0.0,
    };
    let full_scan = match standby {
        Standby::Cold => parameters.full_scan_cold,
        Standby::RadioOff => parameters.full_scan_radio_off,
        Standby::Warm | Standby::Hot | Standby::HotActive => 0.0,
    };
    let scan_s = if unit(scan) < full_scan {
        let (low, high) = parameters.full_scan_clip_s;
        seconds(&parameters.full_scan, scan_time).clamp(low, high)
    } else {
        0.0
    };
    let bearer_s = parameters.bearer_floor_s + seconds(&parameters.bearer, bearer);
    let (registration, access_s) = match standby {
        Standby::Cold | Standby::RadioOff => {
            let attach = Span::from_secs_f64(seconds(&parameters.attach, attach)).max(REGISTRATION_MIN);
            let registration = Registration {
                before: Span::from_secs_f64(start_s + scan_s) + failed_attempts(parameters, key, address),
                takes: attach,
            };
            (Some(registration), bearer_s)
        }
        Standby::Warm => (None, bearer_s),
        Standby::Hot => (None, seconds(&parameters.rrc, rrc)),
        Standby::HotActive => (None, 0.0),
    };
    let rtt_s = lognormal(round_trip, libm::log(rtt_median_s), rtt_sigma);
    let vpn_s = if parameters.vpn_round_trips == 0 {
        0.0
    } else {
        f64::from(parameters.vpn_round_trips) * rtt_s + parameters.vpn_compute_s
    };
    Plan { registration, after: Span::from_secs_f64(access_s + vpn_s) }
}

/// Time lost to attach attempts that fail before the one that succeeds.
fn failed_attempts(parameters: &BringUp, key: Key, address: Address) -> Span {
    let mut words = key.words(address, 4);
    let mut lost = Span::ZERO;
    let mut failures = 0;
    // Below one by validation, so that the loop ends; the bound is a guard against a probability next to one.
    while unit(words.next_word()) < parameters.attach_failure && failures < 1_000 {
        failures += 1;
        lost += parameters.t3410;
        lost += if failures % ATTACH_ATTEMPTS == 0 { parameters.t3402 } else { parameters.t3411 };
    }
    lost
}
