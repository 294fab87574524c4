//! The share of a class of other traffic that flows over kept connections.
//!
//! It is always being sent, so a dead path is noticed at once, and left after [`TCP_GIVES_UP`].

use super::{Paths, Place, TCP_GIVES_UP};
use crate::model::failover::Route;
use crate::scenario::resolved::{KeptShare, Law};
use crate::units::{SimTime, Span};

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum State {
    /// It flows.
    Up,
    /// Its path is dead; it is given up at the instant.
    Hanging { gives_up: SimTime },
    /// It has no path, and takes the first that the route has.
    Waiting,
}

/// See the module.
#[derive(Clone, Debug)]
pub struct ClassFlow {
    rule: KeptShare,
    place: Place,
    state: State,
    /// Up where the route no longer is, it leaves at this instant.
    leaves: SimTime,
}

impl ClassFlow {
    /// It flows over the primary.
    #[must_use]
    pub const fn new(rule: KeptShare) -> Self {
        ClassFlow { rule, place: Place::PRIMARY, state: State::Up, leaves: SimTime::NEVER }
    }

    pub(super) const fn is_kept(&self) -> bool {
        self.rule.share > 0.0
    }

    pub(super) const fn is_in_tunnel(&self) -> bool {
        self.rule.in_tunnel
    }

    pub(super) const fn share(&self) -> f64 {
        self.rule.share
    }

    pub(super) fn is_up_over(&self, via: Route) -> bool {
        self.is_kept() && self.state == State::Up && self.place.via == via
    }

    pub(super) fn next(&self) -> SimTime {
        match self.state {
            State::Up => self.leaves,
            State::Hanging { gives_up } => gives_up,
            State::Waiting => SimTime::NEVER,
        }
    }

    pub(super) fn handle(&mut self, now: SimTime, paths: &Paths) {
        if self.next() <= now {
            self.follow(paths);
        }
    }

    pub(super) fn look(&mut self, now: SimTime, paths: &Paths, flush: bool, stays: impl Fn(&Law) -> Span) {
        if !self.is_kept() {
            return;
        }
        let here = paths.here();
        match self.state {
            State::Waiting => self.follow(paths),
            State::Up | State::Hanging { .. } if flush && here != self.place => self.follow(paths),
            State::Hanging { .. } if paths.alive(self.place) => self.state = State::Up,
            State::Up if !paths.alive(self.place) => {
                self.state = State::Hanging { gives_up: now + TCP_GIVES_UP };
            }
            State::Up | State::Hanging { .. } => {}
        }
        if self.state != State::Up || here == self.place {
            self.leaves = SimTime::NEVER;
        } else if self.leaves == SimTime::NEVER && here.via != Route::Unreachable {
            self.leaves = now + stays(&self.rule.stays);
        }
    }

    fn follow(&mut self, paths: &Paths) {
        let here = paths.here();
        (self.place, self.leaves) = (here, SimTime::NEVER);
        self.state = if paths.alive(here) { State::Up } else { State::Waiting };
    }
}
