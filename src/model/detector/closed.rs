//! Closed forms of a failover profile: what its timers mean before anything is simulated.
//!
//! The fault is a total blackhole at a moment that has nothing to do with the profile's clocks; the repair comes after an
//! outage long enough that nothing of its beginning is left in the profile's memory. Times are seconds as `f64`: these
//! are figures for tables and for tests of the state machines, nothing is scheduled by them. What a probe in flight
//! contributes is in them: a probe is lost when the fault comes within one round trip after it was sent.
//!
//! `times` has the families' detection and recovery, `residual` what is left of a timer at a random moment,
//! `alarms` how long losses alone take to look like a fault. Each function states its formula; the tests hold them to the
//! figures that products are known by, and to a replay of mwan3's loop.

mod alarms;
mod residual;
#[cfg(test)]
mod tests;
mod times;

pub use alarms::false_alarm;

use std::fmt;

use crate::model::law::mean;
use crate::scenario::resolved::{
    CarrierWatch, Detector, Ends, Failback, HelloDead, IdleCheck, Law, Profile, SequentialProbes,
    WindowedLoss,
};
use crate::units::Span;

/// Thirty days, for which data plans are paid.
pub const MONTH: Span = Span::from_secs(30 * 86_400);

/// Smallest, mean and largest value of a time, seconds. The largest is infinite where there is no bound.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Spread {
    /// Smallest.
    pub min: f64,
    /// Mean.
    pub mean: f64,
    /// Largest.
    pub max: f64,
}

/// Why there is no figure.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NoFigure {
    /// Nothing is probed, so a link whose carrier stays is never found dead, nor alive again.
    CarrierOnly,
    /// An answer takes longer than it is waited for.
    TooSlow,
    /// Traffic stays on the backup.
    StaysOnBackup,
    /// It depends on payments, on the clock or on somebody.
    ByCircumstance,
    /// Hellos are part of a TCP connection, which sends again what is lost.
    Retransmitted,
}

impl fmt::Display for NoFigure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            NoFigure::CarrierOnly => "never: nothing is probed, only the carrier is watched",
            NoFigure::TooSlow => "none: the round trip is longer than an answer is waited for",
            NoFigure::StaysOnBackup => "never: traffic stays on the backup",
            NoFigure::ByCircumstance => {
                "by circumstance: it waits for payments to rest, for an hour or for somebody"
            }
            NoFigure::Retransmitted => "not in closed form: TCP sends lost hellos again",
        })
    }
}

/// A time, or why there is none.
pub type Figure = Result<Spread, NoFigure>;

/// The stages of a failover and of the way back.
#[derive(Clone, PartialEq, Debug)]
pub struct ClosedForms {
    /// Fault to the rule's "down".
    pub rule_down: Figure,
    /// Fault to declared down: with the delay that the rule has to outlast.
    pub detection: Figure,
    /// Declared down to new packets on the backup.
    pub route_change: Spread,
    /// Fault to new packets on the backup, if that is usable at once: the bring-up of a modem comes on top.
    pub failover: Figure,
    /// Repair to the rule's "up".
    pub rule_up: Figure,
    /// Repair to declared up.
    pub recovery: Figure,
    /// Repair to the routing session's being established again, if there is one.
    pub session: Option<Spread>,
    /// How long the primary must stay up.
    pub hold_down: Figure,
    /// Up, or session established, to new packets on the primary.
    pub route_return: Spread,
    /// Repair to new packets on the primary.
    pub failback: Figure,
    /// Loss of the carrier to declared down, if the carrier is watched.
    pub carrier: Option<Spread>,
    /// Return of the carrier to its being seen.
    pub carrier_return: Option<Spread>,
    /// What the probes of one healthy link take in [`MONTH`], both directions, bytes of IP. For a rule that counts from
    /// traffic: on a link without any.
    pub probe_bytes_month: f64,
}

impl ClosedForms {
    /// The closed forms of `profile` on a link with this round trip.
    #[must_use]
    pub fn of(profile: &Profile, rtt: Span) -> Self {
        let rtt = rtt.as_secs_f64();
        let rule_down = times::down(profile, rtt);
        let rule_up = times::up(profile, rtt);
        let detection = rule_down.map(|rule| rule + profile.down_delay.into());
        let recovery = rule_up.map(|rule| rule + profile.up_delay.into());
        let (route_change, route_return) =
            (spread_of(&profile.route_change), spread_of(&profile.route_return));
        let session = profile.session.and_then(|session| match profile.detector {
            // The rule's "up" is the session's.
            Some(Detector::HelloDead(HelloDead { ends: Ends::Session, .. })) => rule_up.ok(),
            _ => Some(recovery.ok()? + times::session_begun(&session, rtt)),
        });
        let hold_down = match profile.failback {
            Failback::Immediate => Ok(Spread::at(0.0)),
            Failback::HoldDown(hold) => Ok(hold.into()),
            Failback::Idle(_) | Failback::Window | Failback::Manual(_) => Err(NoFigure::ByCircumstance),
            Failback::Never => Err(NoFigure::StaysOnBackup),
        };
        let back = session.map_or(recovery, Ok);
        let failback = hold_down.and_then(|hold| Ok(back? + hold + route_return));
        ClosedForms {
            failover: detection.map(|detection| detection + route_change),
            rule_down,
            detection,
            route_change,
            rule_up,
            recovery,
            session,
            hold_down,
            route_return,
            failback,
            carrier: profile.carrier.as_ref().map(carrier_loss),
            carrier_return: profile.carrier.as_ref().map(|watch| poll(watch) + spread_of(&watch.delay)),
            probe_bytes_month: probe_bytes(profile, rtt),
        }
    }
}

impl Spread {
    /// Always the same.
    #[must_use]
    pub const fn at(value: f64) -> Self {
        Spread { min: value, mean: value, max: value }
    }

    /// Uniform between two bounds.
    #[must_use]
    pub const fn uniform(low: f64, high: f64) -> Self {
        Spread { min: low, mean: 0.5 * (low + high), max: high }
    }

    /// One of several, each with its weight; those without weight do not count.
    fn mixture(parts: &[(f64, Spread)]) -> Self {
        let parts = || parts.iter().filter(|(weight, _)| *weight > 0.0);
        let total: f64 = parts().map(|(weight, _)| weight).sum();
        Spread {
            min: parts().map(|(_, part)| part.min).fold(f64::INFINITY, f64::min),
            mean: parts().map(|(weight, part)| weight * part.mean).sum::<f64>() / total,
            max: parts().map(|(_, part)| part.max).fold(f64::NEG_INFINITY, f64::max),
        }
    }
}

/// The sum of two independent times.
impl std::ops::Add for Spread {
    type Output = Spread;
    fn add(self, other: Spread) -> Spread {
        Spread { min: self.min + other.min, mean: self.mean + other.mean, max: self.max + other.max }
    }
}

impl From<Span> for Spread {
    fn from(span: Span) -> Self {
        Spread::at(span.as_secs_f64())
    }
}

/// Bounds and mean of a law.
#[must_use]
pub fn spread_of(law: &Law) -> Spread {
    match *law {
        Law::Constant(value) => Spread::at(value),
        Law::Uniform { low, high } => Spread::uniform(low, high),
        Law::Exponential { .. } | Law::Lognormal { .. } => {
            Spread { min: 0.0, mean: mean(law), max: f64::INFINITY }
        }
    }
}

fn poll(watch: &CarrierWatch) -> Spread {
    Spread::uniform(0.0, watch.poll.as_secs_f64())
}

/// U(0, poll) + what the limit holds it back + the delay. The limit holds it back by what is left of it since the last
/// loss on another link, whose age is exponential: r − (1 − e^(−λr))/λ on average.
fn carrier_loss(watch: &CarrierWatch) -> Spread {
    let (limit, rate) = (watch.rate_limit.as_secs_f64(), watch.others_per_s);
    let held = if rate > 0.0 && limit > 0.0 {
        Spread { min: 0.0, mean: limit + libm::expm1(-rate * limit) / rate, max: limit }
    } else {
        Spread::at(0.0)
    };
    poll(watch) + held + spread_of(&watch.delay)
}

/// Bytes of probes, both directions, over a backup that stands by for `span`: none unless the profile probes it.
#[must_use]
pub fn standby_probe_bytes(profile: &Profile, rtt: Span, span: Span) -> u64 {
    if !profile.probes_backup {
        return 0;
    }
    (probe_bytes(profile, rtt.as_secs_f64()) * span.as_secs_f64() / MONTH.as_secs_f64() + 0.5) as u64
}

/// A probe and its answer, as often as the rule sends them while all is well.
fn probe_bytes(profile: &Profile, rtt: f64) -> f64 {
    let Some(detector) = &profile.detector else { return 0.0 };
    let exchanges_per_s = match *detector {
        Detector::ConsecutiveProbes { interval, .. } | Detector::MOfN { interval, .. } => {
            1.0 / interval.as_secs_f64()
        }
        Detector::SequentialProbes(SequentialProbes { reliability, count, .. }) => {
            let cycle = times::Cycle::of(detector, rtt).map_or(f64::INFINITY, |cycle| cycle.healthy());
            f64::from(reliability * count) / cycle
        }
        Detector::IdleCheck(IdleCheck { idle, .. }) => 1.0 / idle.as_secs_f64(),
        Detector::HelloDead(HelloDead { interval, jitter_min, jitter_max, .. }) => {
            2.0 / (interval.as_secs_f64() * (jitter_min + jitter_max))
        }
        Detector::WindowedLoss(WindowedLoss { send, .. }) => 1.0 / send.as_secs_f64(),
    };
    2.0 * f64::from(profile.probe_bytes) * exchanges_per_s * MONTH.as_secs_f64()
}
