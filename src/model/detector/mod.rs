//! Detectors: how a device notices that an uplink has died, and that it is back.
//!
//! A few general families whose parameters reproduce real products. Each is an exact state machine over its own
//! probes; errors of detection (false, late, missed) follow from the rules and are not put in. On a healthy link only
//! lost probes are events: they are found by skipping from one loss to the next (`losses`), so a probe that nobody
//! needs to look at costs nothing, and whether probe k is lost is the same whoever asks.
//!
//! ```text
//! family's rule ──▶ its opinion ──▶ down_delay / up_delay ──▶ verdict
//! ```

pub mod closed;
mod hello;
mod idle;
mod link;
mod losses;
mod probes;
mod sequential;
mod window;

pub use link::{LinkView, Queues};

use crate::kernel::draws::{Entity, Key};
use crate::kernel::variates::unit;
use crate::scenario::resolved;
use crate::units::{SimTime, Span};

use super::purpose::{Purpose, address};

use hello::HelloDead;
use idle::IdleCheck;
use probes::FixedRateProbes;
use sequential::SequentialProbes;
use window::WindowedLoss;

/// A change of the detector's mind.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// The link is declared down.
    Down,
    /// The link is declared up.
    Up,
    /// The peer has taken its place back in everybody's eyes but those of the store's end, which has not heard of it yet.
    Reclaimed,
    /// The peer has died after that, and everybody has found the store's end again.
    Retaken,
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

#[derive(Clone, Debug)]
enum Family {
    FixedRate(FixedRateProbes),
    Sequential(Box<SequentialProbes>),
    Idle(IdleCheck),
    Hello(Box<HelloDead>),
    Window(Box<WindowedLoss>),
}

/// Any of the families, with the delays that stand between the rule's opinion and the verdict.
#[derive(Clone, Debug)]
pub struct Detector {
    family: Family,
    down_delay: Span,
    up_delay: Span,
    /// What was said last.
    is_up: bool,
    /// When the rule's opinion becomes the verdict.
    pending: SimTime,
}

impl Detector {
    /// A detector that starts at `now`, up, over a link in state `link`.
    #[must_use]
    pub fn new(parameters: &resolved::Detector, site: Site, now: SimTime, link: &LinkView) -> Self {
        let fixed = |interval, timeout, down, up, of| {
            let rule = probes::Rule { interval, timeout, down, up, of };
            Family::FixedRate(FixedRateProbes::new(rule, site, now, link))
        };
        let family = match *parameters {
            resolved::Detector::ConsecutiveProbes { interval, timeout, down, up } => {
                fixed(interval, timeout, down, up, None)
            }
            resolved::Detector::MOfN { interval, timeout, of, down, up } => {
                fixed(interval, timeout, down, up, Some(of))
            }
            resolved::Detector::SequentialProbes(rule) => {
                Family::Sequential(Box::new(SequentialProbes::new(rule, site, now, link)))
            }
            resolved::Detector::IdleCheck(rule) => Family::Idle(IdleCheck::new(rule, site, now, link)),
            resolved::Detector::HelloDead(rule) => {
                Family::Hello(Box::new(HelloDead::new(rule, site, now, link)))
            }
            resolved::Detector::WindowedLoss(rule) => {
                Family::Window(Box::new(WindowedLoss::new(rule, site, now, link)))
            }
        };
        let none = Span::ZERO;
        Detector { family, down_delay: none, up_delay: none, is_up: true, pending: SimTime::NEVER }
    }

    /// The same, but the rule's opinion must last this long to become the verdict.
    #[must_use]
    pub fn with_delays(self, down_delay: Span, up_delay: Span) -> Self {
        Detector { down_delay, up_delay, ..self }
    }

    /// When it next has something to do; [`SimTime::NEVER`] if only the link can wake it.
    #[inline]
    #[must_use]
    pub fn next(&self) -> SimTime {
        let rule = match &self.family {
            Family::FixedRate(probes) => probes.next(),
            Family::Sequential(probes) => probes.next(),
            Family::Idle(check) => check.next(),
            Family::Hello(hello) => hello.next(),
            Family::Window(window) => window.next(),
        };
        rule.min(self.pending)
    }

    /// Handles what is due at `now`, which is [`Detector::next`].
    pub fn handle(&mut self, now: SimTime, link: &LinkView) -> Option<Verdict> {
        // An opinion that changes at the very instant at which it would count does not count.
        let opinion = match &mut self.family {
            Family::FixedRate(probes) if probes.next() <= now => probes.handle(now, link),
            Family::Sequential(probes) if probes.next() <= now => probes.handle(now, link),
            Family::Idle(check) if check.next() <= now => check.handle(now, link),
            Family::Hello(hello) if hello.next() <= now => hello.handle(now, link),
            Family::Window(window) if window.next() <= now => window.handle(now, link),
            Family::FixedRate(_)
            | Family::Sequential(_)
            | Family::Idle(_)
            | Family::Hello(_)
            | Family::Window(_) => None,
        };
        self.weigh(now, opinion)
    }

    /// Told that the link has changed at `now` into `link`.
    pub fn link_changed(&mut self, now: SimTime, link: &LinkView) {
        match &mut self.family {
            Family::FixedRate(probes) => probes.link_changed(now, link),
            Family::Sequential(probes) => probes.link_changed(now, link),
            Family::Idle(check) => check.link_changed(now, link),
            Family::Hello(hello) => hello.link_changed(now, link),
            Family::Window(window) => window.link_changed(now, link),
        }
    }

    /// Told that the device has seen the link's carrier go or return.
    pub fn carrier_changed(&mut self, now: SimTime, present: bool, link: &LinkView) -> Option<Verdict> {
        let opinion = match &mut self.family {
            Family::Sequential(probes) => probes.carrier_changed(now, present, link),
            Family::FixedRate(_) | Family::Idle(_) | Family::Hello(_) | Family::Window(_) => None,
        };
        self.weigh(now, opinion)
    }

    /// A session that counts as recovery has been established at `now`.
    pub fn session_established(&mut self, now: SimTime, link: &LinkView) -> Option<Verdict> {
        let opinion = match &mut self.family {
            Family::Hello(hello) => hello.session_established(now, link),
            Family::FixedRate(_) | Family::Sequential(_) | Family::Idle(_) | Family::Window(_) => None,
        };
        self.weigh(now, opinion)
    }

    /// Whether the link counts as up.
    #[must_use]
    pub const fn is_up(&self) -> bool {
        self.is_up
    }

    /// When the far end gave the link up, if it watches too and has done so since the store's end was last up.
    #[must_use]
    pub fn peer_down(&self) -> Option<SimTime> {
        match &self.family {
            Family::Hello(hello) => hello.peer_down(),
            Family::FixedRate(_) | Family::Sequential(_) | Family::Idle(_) | Family::Window(_) => None,
        }
    }

    /// Whether a peer that was replaced for a while has noticed that it was.
    #[must_use]
    pub fn peer_noticed(&self) -> bool {
        match &self.family {
            Family::Hello(hello) => hello.peer_noticed(),
            Family::FixedRate(_) | Family::Sequential(_) | Family::Idle(_) | Family::Window(_) => true,
        }
    }

    /// Makes of the rule's opinion, if it has a new one, what will be or is the verdict.
    fn weigh(&mut self, now: SimTime, opinion: Option<Verdict>) -> Option<Verdict> {
        if let Some(Verdict::Reclaimed | Verdict::Retaken) = opinion {
            return opinion;
        }
        if let Some(opinion) = opinion {
            let wants_up = opinion == Verdict::Up;
            let delay = if wants_up { self.up_delay } else { self.down_delay };
            self.pending = if wants_up == self.is_up { SimTime::NEVER } else { now + delay };
        }
        if self.pending > now {
            return None;
        }
        self.pending = SimTime::NEVER;
        self.is_up = !self.is_up;
        Some(if self.is_up { Verdict::Up } else { Verdict::Down })
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

    /// The first slot whose probe, over `link`, has at `now` neither been answered nor waited for longer than `limit`.
    fn first_open(self, now: SimTime, link: &LinkView, limit: Span) -> u64 {
        let mut slot = self.after(now);
        while slot > 0 {
            let sent = self.at(slot - 1);
            if sent + link.rtt_at(sent).min(limit) < now {
                break;
            }
            slot -= 1;
        }
        slot
    }
}
