//! The store's tunnel: IKEv2 or WireGuard between its edge router and the chain's network.
//!
//! An IKEv2 tunnel whose path has died is asked for after `check`, and given up after the retransmissions of that question
//! (strongSwan: 4, 11.2, 24.2, 47.5, 89.5, 165.1 s). WireGuard sends a new handshake 15 s after data that got no answer, and with
//! it forgets which address it had. Either then begins anew over the route as it is at each message, for as long as it takes. One
//! that moves by itself (MOBIKE, RFC 4555; a WireGuard that is not bound to an interface) follows the route when that changes.
//!
//! If LTE is in another device than the edge router, that has a tunnel of its own, which comes up with its path; then the edge
//! router's is `bound` to the primary.

use super::{Chance, Ladder, Paths, Place, TUNNEL};
use crate::model::failover::Route;
use crate::model::purpose::Purpose;
use crate::scenario::resolved;
use crate::units::{SimTime, Span};

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum State {
    /// It passes what it is given.
    Up,
    /// Its path is dead; it gives up at the instant.
    Hanging { gives_up: SimTime },
    /// It is being set up, or moved, since an instant, and passes from another on: never, while nobody answers.
    Connecting { begun: SimTime, up: SimTime, moves: bool },
    /// Its device is off.
    Off,
}

/// See the module.
#[derive(Clone, Debug)]
pub struct Tunnel {
    rule: resolved::Tunnel,
    bound: bool,
    question: Ladder,
    handshake: Ladder,
    place: Place,
    state: State,
    /// Up where the route no longer is, it leaves at this instant.
    leaves: SimTime,
    ended: u64,
}

impl Tunnel {
    /// A tunnel that is up over the primary, and goes nowhere else if it is `bound`.
    #[must_use]
    pub fn new(rule: resolved::Tunnel, bound: bool) -> Self {
        Tunnel {
            rule,
            bound,
            question: Ladder::of_retries(rule.wait, rule.wait_factor, rule.retries),
            handshake: Ladder::of_retries(rule.wait, rule.wait_factor, rule.connect_retries),
            place: Place::PRIMARY,
            state: State::Up,
            leaves: SimTime::NEVER,
            ended: 0,
        }
    }

    /// From the death of its path until it gives up.
    #[must_use]
    pub fn gives_up(rule: &resolved::Tunnel) -> Span {
        rule.check + Ladder::of_retries(rule.wait, rule.wait_factor, rule.retries).gives_up
    }

    pub(super) fn take_ended(&mut self) -> u64 {
        std::mem::take(&mut self.ended)
    }

    fn target(&self, paths: &Paths) -> Place {
        if self.bound { Place::PRIMARY } else { paths.here() }
    }

    pub(super) fn next(&self) -> SimTime {
        match self.state {
            State::Up => self.leaves,
            State::Hanging { gives_up } => gives_up,
            State::Connecting { up, .. } => up,
            State::Off => SimTime::NEVER,
        }
    }

    /// Over which path what is in it goes.
    pub(super) fn via(&self, paths: &Paths) -> Route {
        if self.bound && paths.route != Route::Primary { paths.route } else { self.place.via }
    }

    /// Whether what is given to it arrives.
    pub(super) fn passes(&self, paths: &Paths) -> bool {
        if self.bound && paths.route != Route::Primary {
            return paths.alive(paths.here());
        }
        self.state == State::Up && paths.alive(self.place)
    }

    pub(super) fn is_settled(&self, paths: &Paths) -> bool {
        self.state == State::Up && self.place == self.target(paths)
    }

    pub(super) fn handle(&mut self, now: SimTime, paths: &Paths, chance: &Chance) {
        match self.state {
            State::Up if self.leaves <= now => self.begin(now, false, paths, chance),
            State::Hanging { gives_up } if gives_up <= now => self.end(now, paths, chance),
            State::Connecting { up, .. } if up <= now => self.state = State::Up,
            State::Up | State::Hanging { .. } | State::Connecting { .. } | State::Off => {}
        }
    }

    pub(super) fn look(&mut self, now: SimTime, paths: &Paths, flush: bool, chance: &Chance) {
        let target = self.target(paths);
        if !paths.device {
            (self.state, self.leaves) = (State::Off, SimTime::NEVER);
            return;
        }
        if let State::Hanging { .. } = self.state
            && paths.alive(self.place)
        {
            self.state = State::Up;
        }
        match self.state {
            State::Off => self.begin(now, false, paths, chance),
            State::Connecting { up, moves, .. } => {
                let begun = if flush { None } else { self.begun() };
                self.aim(now, begun.unwrap_or(now), (up, moves), paths, chance);
            }
            State::Up | State::Hanging { .. } if target == self.place => {
                self.leaves = SimTime::NEVER;
                self.hang(now, paths);
            }
            State::Up | State::Hanging { .. } if flush => self.end(now, paths, chance),
            State::Up | State::Hanging { .. } => match self.rule.moves {
                Some(0) if paths.alive(target) => self.settle(target),
                Some(_) if paths.alive(target) => self.begin(now, true, paths, chance),
                Some(_) | None => {
                    self.hang(now, paths);
                    if self.state != State::Up {
                        self.leaves = SimTime::NEVER;
                    } else if self.leaves == SimTime::NEVER && target.via != Route::Unreachable {
                        self.leaves = now + chance.stays(now, TUNNEL, &self.rule.stays);
                    }
                }
            },
        }
    }

    /// If its path is dead, it hangs from now on.
    fn hang(&mut self, now: SimTime, paths: &Paths) {
        if self.state == State::Up && !paths.alive(self.place) {
            self.state = State::Hanging { gives_up: now + self.rule.check + self.question.gives_up };
        }
    }

    fn begun(&self) -> Option<SimTime> {
        match self.state {
            State::Connecting { begun, .. } => Some(begun),
            State::Up | State::Hanging { .. } | State::Off => None,
        }
    }

    fn settle(&mut self, target: Place) {
        (self.state, self.place, self.leaves) = (State::Up, target, SimTime::NEVER);
    }

    fn end(&mut self, now: SimTime, paths: &Paths, chance: &Chance) {
        self.ended += 1;
        self.begin(now, false, paths, chance);
    }

    fn begin(&mut self, now: SimTime, moves: bool, paths: &Paths, chance: &Chance) {
        self.leaves = SimTime::NEVER;
        self.place = Place { via: Route::Unreachable, call: 0 };
        self.aim(now, now, (SimTime::NEVER, moves), paths, chance);
    }

    /// Sends the first message that is answered over the route as it is; what was answered already stays.
    fn aim(
        &mut self,
        now: SimTime,
        begun: SimTime,
        (up, moves): (SimTime, bool),
        paths: &Paths,
        chance: &Chance,
    ) {
        let target = self.target(paths);
        if !paths.alive(target) {
            self.place = target;
            self.state = State::Connecting { begun, up: SimTime::NEVER, moves };
            return;
        }
        if target == self.place && up != SimTime::NEVER {
            return;
        }
        let (sent, begun) = self.handshake.next_of_series(begun, now);
        let (round_trips, compute) = match self.rule.moves.filter(|_| moves) {
            Some(round_trips) => (round_trips, Span::ZERO),
            None => (self.rule.round_trips, self.rule.compute),
        };
        let takes = chance.round_trips(Purpose::TunnelSetup, sent, target.via, round_trips) + compute;
        self.place = target;
        self.state = State::Connecting { begun, up: sent + takes, moves };
    }
}
