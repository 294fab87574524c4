//! The one connection that all payments of a store take, if it is kept.
//!
//! TCP does not notice that its path is dead before it has something to send: a request, or a heartbeat. From then on the sender
//! retransmits (0.2 s, doubling to 120 s), and what is sent meanwhile waits. If the path is back in time, all goes on with the next
//! retransmission, which may be two minutes later; else the connection is given up (924.6 s) and opened anew over the route. A
//! first packet that gets no answer is sent again after 1, 2, 4, … s over the path that it took, because its translator has
//! noted it, and after 127 s the connection is begun anew over the route as it is then.
//!
//! In a tunnel it has addresses of its own: it hangs while the tunnel does, and neither translator nor route end it.

use super::{CONNECTION, Chance, Inside, Ladder, Paths, Place};
use crate::kernel::variates::unit;
use crate::model::failover::Route;
use crate::model::purpose::{Purpose, address};
use crate::scenario::resolved::KeptConnection;
use crate::units::{SimTime, Span};

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum State {
    /// Requests are answered.
    Up,
    /// Its path is dead, and nobody has noticed: the next heartbeat will.
    Silent { heartbeat: SimTime },
    /// Its first request without an answer was sent at the instant.
    Hanging { since: SimTime },
    /// Its path is back; requests go out with the retransmission at `at`.
    Resuming { since: SimTime, at: SimTime },
    /// It is being opened since an instant, and is open from another on: never, while nobody answers.
    Connecting { begun: SimTime, at: SimTime },
    /// There is no power.
    Off,
}

/// See the module.
#[derive(Clone, Debug)]
pub struct Connection {
    rule: KeptConnection,
    data: Ladder,
    first_packet: Ladder,
    place: Place,
    state: State,
    /// Up where the route no longer is, it leaves at this instant: it is opened anew, and what is under way ends in peace.
    leaves: SimTime,
    ended: u64,
}

impl Connection {
    /// A connection that is open over the primary.
    #[must_use]
    pub const fn new(rule: KeptConnection) -> Self {
        Connection {
            rule,
            data: Ladder::of_data(rule.give_up),
            first_packet: Ladder::of_first_packet(rule.connect_give_up),
            place: Place::PRIMARY,
            state: State::Up,
            leaves: SimTime::NEVER,
            ended: 0,
        }
    }

    pub(super) fn take_ended(&mut self) -> u64 {
        std::mem::take(&mut self.ended)
    }

    pub(super) const fn via(&self) -> Route {
        self.place.via
    }

    /// When a request that is sent at `now` goes out over a path that lives.
    pub(super) fn leaves(&self, now: SimTime) -> Option<SimTime> {
        match self.state {
            State::Up => Some(now),
            State::Resuming { at, .. } => Some(at),
            State::Connecting { at, .. } => (at < SimTime::NEVER).then_some(at),
            State::Silent { .. } | State::Hanging { .. } | State::Off => None,
        }
    }

    pub(super) fn is_up_over(&self, via: Route) -> bool {
        self.place.via == via && matches!(self.state, State::Up | State::Resuming { .. })
    }

    pub(super) fn next(&self) -> SimTime {
        let own = match self.state {
            State::Up | State::Off => SimTime::NEVER,
            State::Silent { heartbeat } => heartbeat,
            State::Hanging { since } => since + self.rule.give_up,
            State::Resuming { at, .. } => at,
            State::Connecting { begun, at } if at == SimTime::NEVER => match self.place.via {
                Route::Unreachable => SimTime::NEVER,
                Route::Primary | Route::Backup => begun + self.rule.connect_give_up,
            },
            State::Connecting { at, .. } => at,
        };
        own.min(self.leaves)
    }

    /// A request is sent at `now`; whether it is the first of those that get no answer.
    pub(super) fn send(&mut self, now: SimTime) -> bool {
        let first = matches!(self.state, State::Silent { .. });
        if first {
            self.state = State::Hanging { since: now };
        }
        first
    }

    /// Does what is due; whether whatever was under way on it fails.
    pub(super) fn handle(
        &mut self,
        now: SimTime,
        paths: &Paths,
        inside: Option<Inside>,
        chance: &Chance,
    ) -> bool {
        if self.leaves <= now {
            self.open(now, paths, inside, chance);
            return false;
        }
        match self.state {
            State::Silent { heartbeat } if heartbeat <= now => self.state = State::Hanging { since: now },
            State::Hanging { since } if since + self.rule.give_up <= now => {
                return self.reset(now, paths, inside, chance);
            }
            State::Resuming { at, .. } | State::Connecting { at, .. } if at <= now => {
                self.state = State::Up;
            }
            State::Connecting { begun, at }
                if at == SimTime::NEVER && begun + self.rule.connect_give_up <= now =>
            {
                self.open(now, paths, inside, chance);
            }
            State::Up
            | State::Silent { .. }
            | State::Hanging { .. }
            | State::Resuming { .. }
            | State::Connecting { .. }
            | State::Off => {}
        }
        false
    }

    /// Takes over what has become of its path; whether whatever was under way on it fails.
    pub(super) fn look(
        &mut self,
        now: SimTime,
        paths: &Paths,
        inside: Option<Inside>,
        flush: bool,
        chance: &Chance,
    ) -> bool {
        if !paths.power {
            (self.state, self.leaves) = (State::Off, SimTime::NEVER);
            return false;
        }
        let here = target(paths, inside);
        let had_route = self.place.via != Route::Unreachable;
        if inside.is_some() {
            // Its own addresses stay, whichever way the tunnel goes.
            self.place = here;
        }
        if flush && here != self.place && had_route && self.state != State::Off {
            return self.reset(now, paths, inside, chance);
        }
        let alive = self.is_alive(paths, inside);
        match self.state {
            State::Off => self.open(now, paths, inside, chance),
            State::Up if !alive => self.state = State::Silent { heartbeat: self.heartbeat(now, chance) },
            State::Silent { .. } if alive => self.state = State::Up,
            State::Hanging { since } if alive => {
                if let Some(after) = self.data.next(now.since(since)) {
                    self.state = State::Resuming { since, at: since + after };
                }
            }
            State::Resuming { since, .. } if !alive => self.state = State::Hanging { since },
            State::Connecting { .. } if !had_route => {
                if here.via != Route::Unreachable {
                    self.open(now, paths, inside, chance);
                }
            }
            State::Connecting { begun, at } if alive && at == SimTime::NEVER => {
                self.answer(now, begun, chance);
            }
            State::Connecting { begun, .. } if !alive => {
                self.state = State::Connecting { begun, at: SimTime::NEVER };
            }
            State::Up
            | State::Silent { .. }
            | State::Hanging { .. }
            | State::Resuming { .. }
            | State::Connecting { .. } => {}
        }
        let lives = matches!(self.state, State::Up | State::Resuming { .. });
        if !lives || here == self.place {
            self.leaves = SimTime::NEVER;
        } else if self.leaves == SimTime::NEVER && here.via != Route::Unreachable {
            self.leaves = now + chance.stays(now, CONNECTION, &self.rule.stays);
        }
        false
    }

    fn is_alive(&self, paths: &Paths, inside: Option<Inside>) -> bool {
        paths.lan && inside.map_or_else(|| paths.alive(self.place), |inside| inside.passes)
    }

    /// When a heartbeat will find out that the path died at `now`.
    fn heartbeat(&self, now: SimTime, chance: &Chance) -> SimTime {
        if self.rule.heartbeat.is_zero() {
            return SimTime::NEVER;
        }
        let word = chance.key.block(address(chance.uplink, Purpose::Heartbeat, now.as_nanos()), 1)[0];
        now + Span::from_secs_f64(unit(word) * self.rule.heartbeat.as_secs_f64())
    }

    fn reset(&mut self, now: SimTime, paths: &Paths, inside: Option<Inside>, chance: &Chance) -> bool {
        self.ended += 1;
        self.open(now, paths, inside, chance);
        true
    }

    /// It is opened over the route from `now` on.
    fn open(&mut self, now: SimTime, paths: &Paths, inside: Option<Inside>, chance: &Chance) {
        (self.place, self.leaves) = (target(paths, inside), SimTime::NEVER);
        self.state = State::Connecting { begun: now, at: SimTime::NEVER };
        if self.is_alive(paths, inside) {
            self.answer(now, now, chance);
        }
    }

    /// Its path lives from `now` on, so the next first packet of those begun at `begun` is answered.
    fn answer(&mut self, now: SimTime, begun: SimTime, chance: &Chance) {
        if let Some(after) = self.first_packet.next(now.since(begun)) {
            let sent = begun + after;
            let takes =
                chance.round_trips(Purpose::ConnectionSetup, sent, self.place.via, self.rule.round_trips);
            self.state = State::Connecting { begun, at: sent + takes };
        }
    }
}

fn target(paths: &Paths, inside: Option<Inside>) -> Place {
    inside.map_or_else(|| paths.here(), |inside| Place { via: inside.via, call: 0 })
}
