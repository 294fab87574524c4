//! Hello and dead timer: the peer sends hellos, each restarts the dead timer, its expiry declares the link down.
//!
//! BFD (RFC 5880 §6.8.7: intervals jittered to 75–100 %), VRRP (RFC 5798: dead = 3·advert + skew), OSPF hello/dead and
//! BGP keepalive/hold are of this kind. Detection = dead − age of the last hello; with intervals J uniform on [a, b] the
//! mean age is E[J²]/(2E[J]). While the session is not up, hellos come at `restart` (BFD: at least 1 s), and the first to
//! arrive brings it up.

use std::ops::Range;

use super::losses::{Losses, Numbering};
use super::{Clock, LinkView, Site, Verdict};
use crate::kernel::draws::{Entity, Key, Words};
use crate::kernel::variates::unit;
use crate::model::purpose::{Purpose, QUARTER_HOUR, address, quarter_of, quarter_start};
use crate::units::{SimTime, Span};

/// Numbers of jittered hellos: quarter hour × 2²⁴ + position in it. A quarter hour holds fewer than 2²⁴ hellos
/// for every interval above 54 µs.
const POSITION_BITS: u32 = 24;

/// See the module.
#[derive(Clone, Debug)]
pub struct HelloDead {
    hellos: Hellos,
    restart: Hellos,
    dead: Span,
    base_loss: f64,
    base: Losses,
    faulty: Losses,
    /// Losses of hellos at the restart interval, by chance or by fault.
    restarting: Losses,
    /// Losses in a row that can outlast the dead time.
    fatal_run: u64,
    end: SimTime,
    is_up: bool,
    /// While watching: the next hello to arrive or not, and the dead timer.
    next_hello: SimTime,
    deadline: SimTime,
    /// While all is well: the start of the next quarter hour with a fatal run of losses.
    inspect: SimTime,
}

impl HelloDead {
    pub(super) fn new(
        interval: Span,
        (jitter_min, jitter_max): (f64, f64),
        dead: Span,
        restart: Span,
        site: Site,
        now: SimTime,
        link: &LinkView,
    ) -> Self {
        let phase = site.phases().0;
        let hellos =
            |interval, purpose| Hellos::new(interval, (jitter_min, jitter_max), phase, purpose, &site);
        let longest = interval.as_nanos() as f64 * jitter_max;
        let mut detector = HelloDead {
            hellos: hellos(interval, Purpose::HelloTimes),
            restart: hellos(restart, Purpose::RestartHelloTimes),
            dead,
            base: Losses::new(site.key, site.uplink, Purpose::ProbeLoss, site.base_loss),
            faulty: Losses::new(site.key, site.uplink, Purpose::FaultyProbeLoss, 0.0),
            base_loss: site.base_loss,
            restarting: Losses::new(site.key, site.uplink, Purpose::RestartHelloLoss, site.base_loss),
            fatal_run: ((dead.as_nanos() as f64 / longest) as u64).max(1),
            end: site.end,
            is_up: true,
            next_hello: SimTime::NEVER,
            deadline: SimTime::NEVER,
            inspect: SimTime::NEVER,
        };
        detector.set_fault_loss(link.fault_loss);
        if link.alive && link.fault_loss == 0.0 {
            detector.relax(quarter_of(now));
            // A detector that starts within such a quarter hour (its device was restarted) looks from now on.
            detector.inspect = detector.inspect.max(now);
        } else {
            detector.watch(now, link);
        }
        detector
    }

    pub(super) fn next(&self) -> SimTime {
        self.next_hello.min(self.deadline).min(self.inspect)
    }

    pub(super) const fn is_up(&self) -> bool {
        self.is_up
    }

    pub(super) fn link_changed(&mut self, now: SimTime, link: &LinkView) {
        self.set_fault_loss(link.fault_loss);
        if !self.is_up {
            self.next_hello = if link.alive { self.restart.seek(now) } else { SimTime::NEVER };
        } else if self.deadline == SimTime::NEVER {
            self.watch(now, link);
        } else {
            self.next_hello = if link.alive { self.hellos.seek(now) } else { SimTime::NEVER };
        }
    }

    fn set_fault_loss(&mut self, loss: f64) {
        self.faulty.set_probability(loss);
        self.restarting.set_probability(1.0 - (1.0 - self.base_loss) * (1.0 - loss));
    }

    pub(super) fn handle(&mut self, now: SimTime, link: &LinkView) -> Option<Verdict> {
        if self.inspect <= now {
            self.inspect = SimTime::NEVER;
            self.watch(now, link);
            return None;
        }
        // A hello that arrives at the very instant of expiry is in time.
        if self.next_hello <= now {
            return self.hello(now, link);
        }
        self.is_up = false;
        self.deadline = SimTime::NEVER;
        self.next_hello = if link.alive { self.restart.seek(now) } else { SimTime::NEVER };
        Some(Verdict::Down)
    }

    fn hello(&mut self, now: SimTime, link: &LinkView) -> Option<Verdict> {
        if !self.is_up {
            if self.restarting.is_lost(self.restart.slot(), &self.restart) {
                self.next_hello = self.restart.advance();
                return None;
            }
            self.is_up = true;
            self.deadline = now + self.dead;
            self.next_hello = self.hellos.seek(now);
            return Some(Verdict::Up);
        }
        let slot = self.hellos.slot();
        let lost = self.base.is_lost(slot, &self.hellos)
            || (link.fault_loss > 0.0 && self.faulty.is_lost(slot, &self.hellos));
        if !lost {
            self.deadline = now + self.dead;
            let quarter = quarter_of(now);
            if link.fault_loss == 0.0 && self.fatal_quarter(quarter, quarter) != Some(quarter) {
                self.relax(quarter + 1);
                return None;
            }
        }
        self.next_hello = self.hellos.advance();
        None
    }

    /// Begins to look at every hello, as of `now`.
    fn watch(&mut self, now: SimTime, link: &LinkView) {
        self.inspect = SimTime::NEVER;
        // The last hello that arrived before now, over what was until now a healthy link.
        let mut last = None;
        let mut from = now.saturating_sub(self.dead);
        while last.is_none() && from > SimTime::default() {
            let mut at = self.hellos.seek(from);
            while at <= now {
                if !self.base.is_lost(self.hellos.slot(), &self.hellos) {
                    last = Some(at);
                }
                at = self.hellos.advance();
            }
            from = from.saturating_sub(self.dead);
        }
        self.deadline = last.unwrap_or(now).max(now.saturating_sub(self.dead)) + self.dead;
        self.next_hello = if link.alive { self.hellos.seek(now) } else { SimTime::NEVER };
    }

    /// Stops looking until the next quarter hour, from `quarter` on, in which losses alone could be fatal.
    fn relax(&mut self, quarter: u64) {
        (self.next_hello, self.deadline) = (SimTime::NEVER, SimTime::NEVER);
        let last = quarter_of(self.end);
        self.inspect = match self.fatal_quarter(quarter, last) {
            Some(fatal) => quarter_start(fatal),
            None => SimTime::NEVER,
        };
    }

    /// The first quarter hour of `first..=last` with a run of losses that can outlast the dead time. A run that
    /// straddles the boundary of a quarter hour is not seen (losses restart there).
    fn fatal_quarter(&mut self, first: u64, last: u64) -> Option<u64> {
        let limit = self.hellos.range(last).end;
        let mut slot = self.hellos.range(first).start;
        let mut run = 0;
        let mut previous = None;
        loop {
            let lost = self.base.next_lost(slot, limit, &self.hellos);
            if lost >= limit {
                return None;
            }
            run = if previous.is_some_and(|previous| previous + 1 == lost) { run + 1 } else { 1 };
            if run >= self.fatal_run {
                return Some(self.hellos.quarter(lost));
            }
            previous = Some(lost);
            slot = lost + 1;
        }
    }
}

/// The instants of a peer's hellos.
#[derive(Clone, Debug)]
enum Hellos {
    /// Without jitter: one clock for ever.
    Regular { clock: Clock, slot: u64 },
    /// Independent intervals, begun anew in every absolute quarter hour at an anchor drawn in equilibrium.
    Jittered(Jittered),
}

#[derive(Clone, Debug)]
struct Jittered {
    key: Key,
    uplink: Entity,
    purpose: Purpose,
    shortest: f64,
    longest: f64,
    words: Option<Words>,
    quarter: u64,
    position: u64,
    at: SimTime,
    /// The first hello of the next quarter hour.
    anchor: SimTime,
}

impl Hellos {
    fn new(interval: Span, jitter: (f64, f64), phase: f64, purpose: Purpose, site: &Site) -> Self {
        if jitter.0 == jitter.1 {
            let interval = Span::from_nanos((interval.as_nanos() as f64 * jitter.0) as u64);
            return Hellos::Regular { clock: Clock::new(interval, phase), slot: 0 };
        }
        Hellos::Jittered(Jittered {
            key: site.key,
            uplink: site.uplink,
            purpose,
            shortest: interval.as_nanos() as f64 * jitter.0,
            longest: interval.as_nanos() as f64 * jitter.1,
            words: None,
            quarter: 0,
            position: 0,
            at: SimTime::NEVER,
            anchor: SimTime::NEVER,
        })
    }

    /// Goes to the first hello strictly after `now` and says when it is.
    fn seek(&mut self, now: SimTime) -> SimTime {
        match self {
            Hellos::Regular { clock, slot } => {
                *slot = clock.after(now);
                clock.at(*slot)
            }
            Hellos::Jittered(jittered) => {
                let quarter = quarter_of(now);
                if jittered.words.is_none() || jittered.quarter != quarter || jittered.at > now {
                    // The quarter's own first hello may be later than now: the one before it belongs to the last.
                    jittered.enter(quarter.saturating_sub(u64::from(jittered.anchor(quarter).0 > now)));
                }
                while jittered.at <= now {
                    jittered.step();
                }
                jittered.at
            }
        }
    }

    /// Goes to the next hello and says when it is.
    fn advance(&mut self) -> SimTime {
        match self {
            Hellos::Regular { clock, slot } => {
                *slot += 1;
                clock.at(*slot)
            }
            Hellos::Jittered(jittered) => {
                jittered.step();
                jittered.at
            }
        }
    }

    /// The number of the hello stood at.
    fn slot(&self) -> u64 {
        match self {
            Hellos::Regular { slot, .. } => *slot,
            Hellos::Jittered(jittered) => (jittered.quarter << POSITION_BITS) | jittered.position,
        }
    }
}

/// The last intervals before an anchor, so many that their equal length is within the jitter (for every jitter whose
/// shortest interval is at most 95 % of its longest).
const BRIDGE: f64 = 20.0;

impl Jittered {
    fn enter(&mut self, quarter: u64) {
        let (at, words) = self.anchor(quarter);
        (self.quarter, self.position, self.at, self.words) = (quarter, 0, at, Some(words));
        self.anchor = self.anchor(quarter + 1).0;
    }

    /// The first hello of `quarter`, and the words that its intervals are drawn from.
    fn anchor(&self, quarter: u64) -> (SimTime, Words) {
        let mut words = self.key.words(address(self.uplink, self.purpose, quarter), 1);
        // The interval that covers the boundary is longer than average (length-biased on [a, b]: its square is uniform
        // on [a², b²]), and the boundary is anywhere in it.
        let (low, high) = (self.shortest * self.shortest, self.longest * self.longest);
        let covering = libm::sqrt(low + unit(words.next_word()) * (high - low));
        let residual = covering * unit(words.next_word());
        (quarter_start(quarter) + Span::from_nanos(residual as u64), words)
    }

    fn step(&mut self) {
        let Some(words) = &mut self.words else { return };
        let left = self.anchor.since(self.at).as_nanos() as f64;
        // The last intervals are of equal length and end at the anchor: no interval is ever out of bounds.
        let interval = if left <= BRIDGE * self.longest {
            let intervals = libm::ceil(left / self.longest);
            if intervals <= 1.0 {
                return self.enter(self.quarter + 1);
            }
            left / intervals
        } else {
            self.shortest + unit(words.next_word()) * (self.longest - self.shortest)
        };
        self.at += Span::from_nanos(interval as u64);
        self.position += 1;
    }
}

impl Numbering for Hellos {
    fn quarter(&self, slot: u64) -> u64 {
        match self {
            Hellos::Regular { clock, .. } => clock.quarter(slot),
            Hellos::Jittered(_) => slot >> POSITION_BITS,
        }
    }

    fn range(&self, quarter: u64) -> Range<u64> {
        match self {
            Hellos::Regular { clock, .. } => clock.range(quarter),
            Hellos::Jittered(jittered) => {
                let first = quarter << POSITION_BITS;
                // No quarter hour can hold more hellos than at the shortest interval.
                first
                    ..first
                        + ((QUARTER_HOUR.as_nanos() as f64 + jittered.longest) / jittered.shortest) as u64
                        + 2
            }
        }
    }
}
