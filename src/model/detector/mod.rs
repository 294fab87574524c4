//! Detectors: how a device notices that an uplink has died, and that it is back.
//!
//! A few general families whose parameters reproduce real products. Each is an exact state machine over its own
//! probes; errors of detection (false, late, missed) follow from the rules and are not put in. On a healthy link only
//! lost probes are events: they are found by skipping from one loss to the next (`losses`), so a probe that nobody
//! needs to look at costs nothing, and whether slot k is lost is the same whoever asks.

pub mod closed;
mod hello;
mod losses;
mod probes;
mod window;

pub use hello::HelloDead;
pub use probes::ConsecutiveProbes;
pub use window::WindowedLoss;

use crate::kernel::draws::{Entity, Key};
use crate::kernel::variates::unit;
use crate::scenario::resolved;
use crate::units::{SimTime, Span};

use super::purpose::{Purpose, address};

/// The link as a probe sees it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LinkView {
    /// Whether anything passes.
    pub alive: bool,
    /// Since when `alive` has had its value.
    pub since: SimTime,
    /// Probability that a probe and its answer do not both arrive because of a fault (0 when healthy).
    pub fault_loss: f64,
    /// Round trip now.
    pub rtt: Span,
}

impl LinkView {
    /// Whether something sent at `sent` has been answered by now, losses aside.
    fn answers(&self, sent: SimTime) -> bool {
        self.alive && self.since <= sent
    }
}

/// A change of the detector's mind.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// The link is declared down.
    Down,
    /// The link is declared up.
    Up,
}

/// What a detector is made of besides its parameters.
#[derive(Clone, Copy, Debug)]
pub struct Site {
    /// Key of the replication.
    pub key: Key,
    /// Identity of the probed uplink.
    pub uplink: Entity,
    /// Probability that a probe and its answer do not both arrive on a healthy link.
    pub base_loss: f64,
    /// End of the run: nothing later need be foreseen.
    pub end: SimTime,
}

impl Site {
    /// Phases of the two timers of a detector, as shares of their periods (0..1).
    fn phases(&self) -> (f64, f64) {
        let words = self.key.block(address(self.uplink, Purpose::Phase, 0), 1);
        (unit(words[0]), unit(words[1]))
    }
}

/// Any of the families.
#[derive(Clone, Debug)]
pub enum Detector {
    /// Probes at a fixed rate, K losses in a row.
    Probes(ConsecutiveProbes),
    /// Hellos from a peer and a dead timer.
    Hello(Box<HelloDead>),
    /// A sliding window of probes and a loss percentage.
    Window(WindowedLoss),
}

impl Detector {
    /// A detector that starts at `now`, up, over a link in state `link`.
    #[must_use]
    pub fn new(parameters: &resolved::Detector, site: Site, now: SimTime, link: &LinkView) -> Self {
        match *parameters {
            resolved::Detector::ConsecutiveProbes { interval, timeout, down, up } => {
                Detector::Probes(ConsecutiveProbes::new(interval, timeout, down, up, site, now, link))
            }
            resolved::Detector::HelloDead { interval, jitter_min, jitter_max, dead, restart, .. } => {
                let jitter = (jitter_min, jitter_max);
                Detector::Hello(Box::new(HelloDead::new(interval, jitter, dead, restart, site, now, link)))
            }
            resolved::Detector::WindowedLoss {
                send,
                loss_after,
                period,
                check,
                loss_percent,
                hold_checks,
                ..
            } => {
                let rule = window::Rule { send, loss_after, period, check, loss_percent, hold_checks };
                Detector::Window(WindowedLoss::new(rule, site, now, link))
            }
            resolved::Detector::SequentialProbes { .. } | resolved::Detector::MOfN { .. } | resolved::Detector::IdleCheck { .. } => {
                unreachable!("comes with the next commit")
            }
        }
    }

    /// When it next has something to do; [`SimTime::NEVER`] if only the link can wake it.
    #[inline]
    #[must_use]
    pub fn next(&self) -> SimTime {
        match self {
            Detector::Probes(probes) => probes.next(),
            Detector::Hello(hello) => hello.next(),
            Detector::Window(window) => window.next(),
        }
    }

    /// Handles what is due at `now`, which is [`Detector::next`].
    pub fn handle(&mut self, now: SimTime, link: &LinkView) -> Option<Verdict> {
        match self {
            Detector::Probes(probes) => probes.handle(now, link),
            Detector::Hello(hello) => hello.handle(now, link),
            Detector::Window(window) => window.handle(now, link),
        }
    }

    /// Told that the link has changed at `now` into `link`.
    pub fn link_changed(&mut self, now: SimTime, link: &LinkView) {
        match self {
            Detector::Probes(probes) => probes.link_changed(now, link),
            Detector::Hello(hello) => hello.link_changed(now, link),
            Detector::Window(window) => window.link_changed(now, link),
        }
    }

    /// Whether the link counts as up.
    #[must_use]
    pub fn is_up(&self) -> bool {
        match self {
            Detector::Probes(probes) => probes.is_up(),
            Detector::Hello(hello) => hello.is_up(),
            Detector::Window(window) => window.is_up(),
        }
    }
}

/// Instants `phase + k·interval`.
#[derive(Clone, Copy, Debug)]
struct Clock {
    phase: Span,
    interval: Span,
}

impl Clock {
    fn new(interval: Span, phase_share: f64) -> Self {
        let phase = Span::from_nanos((phase_share * interval.as_nanos() as f64) as u64);
        Clock { phase, interval }
    }

    fn at(self, slot: u64) -> SimTime {
        SimTime::from_nanos(self.phase.as_nanos() + slot * self.interval.as_nanos())
    }

    /// The first slot strictly after `now`.
    fn after(self, now: SimTime) -> u64 {
        let into = now.as_nanos().saturating_sub(self.phase.as_nanos());
        if now.as_nanos() < self.phase.as_nanos() { 0 } else { into / self.interval.as_nanos() + 1 }
    }

    /// The first slot at or after `now`.
    fn from(self, now: SimTime) -> u64 {
        now.as_nanos().saturating_sub(self.phase.as_nanos()).div_ceil(self.interval.as_nanos())
    }
}
