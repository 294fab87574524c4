//! What a store keeps open over its uplinks, and what becomes of it when the route moves or a path dies.
//!
//! A route says where *new* packets go. A flow has addresses at both ends and state in a translator, so it stays where it was set
//! up: as long as that path lives it goes on there, also after traffic has returned to the primary (*stuck*); when the path dies
//! it hangs until it gives up, or until the path is back.
//!
//! ```text
//!       path dies              given up, or flushed                answered
//! Up ─────────────▶ Hanging ─────────────────────────▶ Connecting ─────────▶ Up (over the route)
//!  ▲                   │
//!  └─ path is back ────┘
//! ```
//!
//! Three kinds, each in its file: the store's [`tunnel`] (IKEv2, WireGuard), the [`connection`] that carries its payments, and
//! the kept share of each [`class`] of other traffic. What goes in the tunnel has addresses of its own, so it survives a tunnel
//! that moves. Pure state machines: told what lives and where the route leads, they say what passes, and when they act next.

pub mod class;
pub mod connection;
pub mod tunnel;

use crate::kernel::draws::{Entity, Key};
use crate::scenario::resolved::{self, Law};
use crate::units::{SimTime, Span};

use super::failover::Route;
use super::law::Sampler;
use super::payment::RoundTrip;
use super::purpose::{Purpose, address};
use class::ClassFlow;
use connection::Connection;
use tunnel::Tunnel;

/// When a message that gets no answer is sent again, and when its sender gives up.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Ladder {
    /// The first wait.
    pub wait: Span,
    /// Each further one is longer by this factor.
    pub factor: f64,
    /// No wait is longer than this.
    pub longest: Span,
    /// From the first message until it is given up.
    pub gives_up: Span,
}

impl Ladder {
    /// Linux, once a round trip is known: 0.2 s (TCP_RTO_MIN), doubling to 120 s (TCP_RTO_MAX); `tcp_retries2` of 15 is 924.6 s.
    #[must_use]
    pub const fn of_data(gives_up: Span) -> Self {
        Ladder { wait: Span::from_millis(200), factor: 2.0, longest: Span::from_secs(120), gives_up }
    }

    /// A connection's first packet: RFC 6298's initial timeout of 1 s, doubling; `tcp_syn_retries` of 6 is 127 s.
    #[must_use]
    pub const fn of_first_packet(gives_up: Span) -> Self {
        Ladder { wait: Span::from_secs(1), factor: 2.0, longest: Span::from_secs(120), gives_up }
    }

    /// Given up after a message that was sent again so often.
    #[must_use]
    pub fn of_retries(wait: Span, factor: f64, retries: u32) -> Self {
        let mut all = Ladder { wait, factor, longest: Span::MAX, gives_up: Span::MAX };
        all.gives_up =
            (0..=retries).fold((Span::ZERO, wait), |(sum, wait), _| (sum + wait, all.longer(wait))).0;
        all
    }

    fn longer(&self, wait: Span) -> Span {
        Span::from_secs_f64(wait.as_secs_f64() * self.factor).min(self.longest)
    }

    /// The first message at or after `elapsed` since the first of all; `None` if it is given up before.
    #[must_use]
    pub fn next(&self, elapsed: Span) -> Option<Span> {
        let (mut at, mut wait) = (Span::ZERO, self.wait);
        while at < elapsed && at < self.gives_up {
            at += wait;
            wait = self.longer(wait);
        }
        (at < self.gives_up).then_some(at)
    }

    /// The same when whoever gives up begins anew at once: the message's instant, and that of the first one of its series, given
    /// that of the first series.
    #[must_use]
    pub fn next_of_series(&self, begun: SimTime, now: SimTime) -> (SimTime, SimTime) {
        let series = now.since(begun).as_nanos() / self.gives_up.as_nanos().max(1);
        let begun = begun + self.gives_up.times(series);
        match self.next(now.since(begun)) {
            Some(after) => (begun + after, begun),
            None => (begun + self.gives_up, begun + self.gives_up),
        }
    }
}

/// Linux gives established connections up after this (`tcp_retries2` of 15).
pub const TCP_GIVES_UP: Span = Span::from_millis(924_600);

/// Where a flow's packets go, and with which address. A data call that was ended and set up again has another.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Place {
    /// The path.
    pub via: Route,
    /// Which data call, over the backup.
    pub call: u32,
}

impl Place {
    /// Where everything begins.
    pub const PRIMARY: Place = Place { via: Route::Primary, call: 0 };
}

/// What flows find.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Paths {
    /// Where new packets go.
    pub route: Route,
    /// Whether the primary passes packets, the store's own network aside.
    pub primary: bool,
    /// Whether the backup's data call is up and passes packets, likewise.
    pub backup: bool,
    /// The number of that data call.
    pub call: u32,
    /// Whether the store's own network works.
    pub lan: bool,
    /// Whether the device that holds the tunnel works.
    pub device: bool,
    /// Whether there is power.
    pub power: bool,
}

impl Paths {
    /// Where a flow that begins now goes.
    #[must_use]
    pub const fn here(&self) -> Place {
        match self.route {
            Route::Backup => Place { via: Route::Backup, call: self.call },
            Route::Primary | Route::Unreachable => Place { via: self.route, call: 0 },
        }
    }

    /// Whether a flow that was set up at `place` gets answers, the store's own network aside.
    #[must_use]
    pub const fn alive(&self, place: Place) -> bool {
        match place.via {
            Route::Primary => self.primary,
            Route::Backup => self.backup && place.call == self.call,
            Route::Unreachable => false,
        }
    }
}

/// Where flows get their draws.
#[derive(Clone, Copy, Debug)]
pub struct Chance {
    /// Seed and replication.
    pub key: Key,
    /// The store's uplink.
    pub uplink: Entity,
    /// Round trips over the primary.
    pub primary: RoundTrip,
    /// Round trips over the backup.
    pub backup: RoundTrip,
}

impl Chance {
    /// What `round_trips` over `via` take that begin at `at`: so many times one that is drawn.
    fn round_trips(&self, purpose: Purpose, at: SimTime, via: Route, round_trips: u32) -> Span {
        let word = self.key.block(address(self.uplink, purpose, at.as_nanos()), 1)[0];
        let one = match via {
            Route::Primary => self.primary,
            Route::Backup | Route::Unreachable => self.backup,
        };
        one.draw(word).times(round_trips.into())
    }

    /// How much longer flow number `flow` stays where the route has left it at `at`.
    fn stays(&self, at: SimTime, flow: u32, law: &Law) -> Span {
        let (block, word) = (1 + u64::from(flow / 4), flow as usize % 4);
        let words = self.key.block(address(self.uplink, Purpose::FlowStay, at.as_nanos()), block);
        Sampler::new(law).span(words[word])
    }
}

/// How a payment goes that is sent now.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Ride {
    /// Over which path.
    pub via: Route,
    /// When it goes out, if what it takes there passes packets.
    pub leaves: Option<SimTime>,
}

/// What looking at the flows has led to.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Change {
    /// The connection that carries payments was reset: whatever was under way on it fails at once.
    pub reset: bool,
    /// Whether payments go another way than before, or pass where they did not, or the reverse.
    pub ride: bool,
}

impl Change {
    /// Whether anything has.
    #[must_use]
    pub const fn is_any(self) -> bool {
        self.reset || self.ride
    }
}

/// All that a store keeps open.
#[derive(Clone, Debug)]
pub struct Flows {
    tunnel: Option<Tunnel>,
    connection: Option<Connection>,
    /// In the order of the format's traffic classes.
    classes: Vec<ClassFlow>,
    /// How payments went when they were last told.
    noted: Option<Ride>,
    pending: Change,
}

impl Flows {
    /// `None` if nothing is kept open.
    #[must_use]
    pub fn new(
        tunnel: Option<Tunnel>,
        connection: Option<Connection>,
        classes: Vec<ClassFlow>,
    ) -> Option<Self> {
        let any = tunnel.is_some() || connection.is_some() || classes.iter().any(ClassFlow::is_kept);
        any.then_some(Flows { tunnel, connection, classes, noted: None, pending: Change::default() })
    }

    /// Whether payments go in a tunnel or take the connection that is kept.
    #[must_use]
    pub const fn carry_payments(&self) -> bool {
        self.tunnel.is_some() || self.connection.is_some()
    }

    /// When something here next happens by itself.
    #[must_use]
    pub fn next(&self) -> SimTime {
        let tunnel = self.tunnel.as_ref().map_or(SimTime::NEVER, Tunnel::next);
        let connection = self.connection.as_ref().map_or(SimTime::NEVER, Connection::next);
        let classes = self.classes.iter().map(ClassFlow::next).min().unwrap_or(SimTime::NEVER);
        tunnel.min(connection).min(classes)
    }

    /// Does what is due at `now`.
    pub fn handle(&mut self, now: SimTime, paths: &Paths, chance: &Chance) {
        if let Some(tunnel) = &mut self.tunnel {
            tunnel.handle(now, paths, chance);
        }
        let inside = self.inside(paths);
        if let Some(connection) = &mut self.connection {
            self.pending.reset |= connection.handle(now, paths, inside, chance);
        }
        self.classes.iter_mut().for_each(|class| class.handle(now, paths));
    }

    /// Takes over what has become of `paths`; `flush` says that the route has changed and the router forgets its flows. To be
    /// called after anything that may have changed them, and after [`Flows::handle`].
    pub fn look(&mut self, now: SimTime, paths: &Paths, flush: bool, chance: &Chance) {
        if let Some(tunnel) = &mut self.tunnel {
            tunnel.look(now, paths, flush, chance);
        }
        let inside = self.inside(paths);
        if let Some(connection) = &mut self.connection {
            self.pending.reset |= connection.look(now, paths, inside, flush, chance);
        }
        let tunnelled = self.tunnel.is_some();
        for (number, class) in self.classes.iter_mut().enumerate() {
            if !(tunnelled && class.is_in_tunnel()) {
                class.look(now, paths, flush, |law| chance.stays(now, number as u32 + CLASSES_FROM, law));
            }
        }
        let ride = self.ride(now, paths);
        if self.noted.map(|noted| (noted.via, noted.leaves.is_some()))
            != ride.map(|ride| (ride.via, ride.leaves.is_some()))
        {
            self.pending.ride = true;
        }
        self.noted = ride;
    }

    /// What has changed since this was last asked.
    pub fn take_change(&mut self) -> Change {
        std::mem::take(&mut self.pending)
    }

    /// How often a tunnel or the connection ended since this was last asked.
    pub fn take_ended(&mut self) -> u64 {
        let tunnel = self.tunnel.as_mut().map_or(0, Tunnel::take_ended);
        tunnel + self.connection.as_mut().map_or(0, Connection::take_ended)
    }

    /// A payment is sent at `now`: a connection whose path is dead has something now that gets no answer.
    pub fn send(&mut self, now: SimTime) -> bool {
        self.connection.as_mut().is_some_and(|connection| connection.send(now))
    }

    /// What is in the tunnel finds its path there, if there is a tunnel.
    fn inside(&self, paths: &Paths) -> Option<Inside> {
        self.tunnel.as_ref().map(|tunnel| Inside { via: tunnel.via(paths), passes: tunnel.passes(paths) })
    }

    /// How a payment goes that is sent at `now`; `None` if it opens a connection of its own over the route.
    #[must_use]
    pub fn ride(&self, now: SimTime, paths: &Paths) -> Option<Ride> {
        if let Some(connection) = &self.connection {
            return Some(Ride { via: connection.via(), leaves: connection.leaves(now) });
        }
        let inside = self.inside(paths)?;
        Some(Ride { via: inside.via, leaves: (inside.passes && paths.lan).then_some(now) })
    }

    /// Whether anything that lives goes over `via`.
    #[must_use]
    pub fn uses(&self, via: Route, paths: &Paths) -> bool {
        paths.lan
            && (self.inside(paths).is_some_and(|inside| inside.passes && inside.via == via)
                || self.connection.as_ref().is_some_and(|connection| connection.is_up_over(via))
                || self.classes.iter().any(|class| class.is_up_over(via)))
    }

    /// Whether all that is kept open is where the route is, and works.
    #[must_use]
    pub fn are_settled(&self, paths: &Paths) -> bool {
        let here = paths.here();
        self.tunnel.as_ref().is_none_or(|tunnel| tunnel.is_settled(paths))
            && self.connection.as_ref().is_none_or(|connection| connection.is_up_over(here.via))
            && self.classes.iter().all(|class| !class.is_kept() || class.is_up_over(here.via))
    }

    /// Which share of class `number` goes over `via` now, given that of new flows `route` does (and works, or not).
    #[must_use]
    pub fn share_over(&self, number: usize, via: Route, paths: &Paths) -> f64 {
        let class = &self.classes[number];
        if let Some(inside) = self.inside(paths).filter(|_| class.is_in_tunnel()) {
            return if inside.passes && inside.via == via { 1.0 } else { 0.0 };
        }
        let here = paths.here();
        let new = if here.via == via && paths.alive(here) { 1.0 - class.share() } else { 0.0 };
        let kept = if class.is_up_over(via) { class.share() } else { 0.0 };
        new + kept
    }
}

/// What is in a tunnel finds this path.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Inside {
    /// Over which the tunnel goes.
    pub via: Route,
    /// Whether it passes packets.
    pub passes: bool,
}

/// How long after the route was back a flow may still be elsewhere; `None`: nobody knows.
#[must_use]
pub fn settling(
    tunnel: Option<resolved::Tunnel>,
    connection: Option<resolved::KeptConnection>,
    traffic: &[resolved::TrafficClass],
) -> Option<Span> {
    let mut sum = Span::ZERO;
    if let Some(rule) = tunnel {
        let handshake = Ladder::of_retries(rule.wait, rule.wait_factor, rule.connect_retries);
        sum = sum + Tunnel::gives_up(&rule) + handshake.gives_up + longest(&rule.stays)?;
    }
    if let Some(rule) = connection {
        sum = sum + rule.heartbeat + rule.give_up + rule.connect_give_up + longest(&rule.stays)?;
    }
    let kept = traffic.iter().filter(|class| class.kept.share > 0.0);
    let classes: Option<Vec<Span>> = kept.map(|class| longest(&class.kept.stays)).collect();
    Some(classes?.into_iter().max().map_or(sum, |stays| sum + TCP_GIVES_UP + stays))
}

/// The longest time that `law` has, if it has no tail.
fn longest(law: &Law) -> Option<Span> {
    match *law {
        Law::Constant(seconds) | Law::Uniform { high: seconds, .. } => Some(Span::from_secs_f64(seconds)),
        Law::Exponential { .. } | Law::Lognormal { .. } => None,
    }
}

/// Numbers of flows for [`Chance::stays`]: the tunnel, the connection, and the traffic classes from here on.
const TUNNEL: u32 = 0;
const CONNECTION: u32 = 1;
const CLASSES_FROM: u32 = 4;

#[cfg(test)]
mod tests;
