//! A routing session over TCP (BGP) between the store and the network: gone with the link, and established again some time
//! after the link is back.
//!
//! ```text
//! ended ── start ──▶ first packet, again after 1, 1, 1, 1, 1, 2, 4, 8, … s ── answered ──▶ OPEN, KEEPALIVE, UPDATE ──▶ established
//!    ▲                                                                                                │
//!    └──────────────────────── the link fails, or two connections at once have ended each other ◀─────┘
//! ```
//!
//! Either end tries by itself, from `start` after its own loss of the session; the first whose packet is answered wins. So how
//! long it takes depends on how long the outage was: retransmissions of a first packet thin out (RFC 6298 §5.5; Linux's
//! `tcp_syn_linear_timeouts`), and once the neighbour's address is gone ([`super::neighbour`]) the next of them makes the kernel
//! give up. Then the end tries again after `attempt`, or at once when BFD says that the link is up. Seen in the laboratory
//! with outages of one to two minutes: BGP alone came back 159.7 or 143.8 s after it went down (35 or 19 s of retransmissions,
//! the kernel's 3 s, 120 s); BGP with BFD within 3 s of the repair in 29 of 36 trials.
//!
//! RFC 4271 §6.8 resolves two connections at once, but FRR's sometimes end each other just after one was established, and both
//! ends try again.

use crate::kernel::draws::{Entity, Key, Words};
use crate::kernel::variates::unit;
use crate::scenario::resolved::Session;
use crate::units::{SimTime, Span};

use super::detector::LinkView;
use super::neighbour;
use super::purpose::{Purpose, address};

/// Retransmission timeout of a connection whose round trip is known, above that round trip (Linux TCP_RTO_MIN).
const RTO_MIN: Span = Span::from_millis(200);
/// No such timeout is longer than this (Linux TCP_RTO_MAX).
const RTO_MAX: Span = Span::from_secs(120);
/// Retransmissions of one message after which nobody counts any more.
const RESENDS_MAX: usize = 16;

const STORE: usize = 0;
const PEER: usize = 1;

/// What a step led to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Progress {
    /// Nothing that anybody need know.
    Trying,
    /// The session is established.
    Established,
    /// It was established, and ended at once by a collision.
    Collided,
    /// The far end has ended it, and says so.
    Notified,
}

/// See the module.
#[derive(Clone, Debug)]
pub struct Reconnection {
    parameters: Session,
    key: Key,
    uplink: Entity,
    base_loss: f64,
    /// Whether the session is established.
    is_up: bool,
    /// Whether the far end ended it, and has said so.
    was_reset: bool,
    /// The far end has ended it: when that is known here.
    notified: SimTime,
    /// When each end's attempts begin.
    starts: [SimTime; 2],
    /// When each end next sends a first packet over a link that lives.
    packets: [SimTime; 2],
    /// Whether each end's attempt was ended by its kernel, because nobody answered for the other's address any more.
    gave_up: [bool; 2],
    /// Since when the link has been dead.
    dead_since: SimTime,
    /// A connection was answered: when the session will be established, and whether it then collides.
    establishing: Option<(SimTime, bool)>,
}

impl Reconnection {
    /// A session that is established. `base_loss`: probability that a packet and its answer do not both arrive.
    #[must_use]
    pub const fn new(parameters: Session, key: Key, uplink: Entity, base_loss: f64) -> Self {
        let never = [SimTime::NEVER; 2];
        Reconnection {
            parameters,
            key,
            uplink,
            base_loss,
            is_up: true,
            was_reset: false,
            notified: SimTime::NEVER,
            starts: never,
            packets: never,
            gave_up: [false; 2],
            dead_since: SimTime::NEVER,
            establishing: None,
        }
    }

    /// Whether the session is established.
    #[must_use]
    pub const fn is_up(&self) -> bool {
        self.is_up
    }

    /// Whether the far end ended the session, and it has not been established since.
    #[must_use]
    pub const fn was_reset(&self) -> bool {
        self.was_reset
    }

    /// When it next has something to do.
    #[must_use]
    pub fn next(&self) -> SimTime {
        let own = match self.establishing {
            Some((at, _)) => at,
            None => self.packets[STORE].min(self.packets[PEER]),
        };
        own.min(self.notified)
    }

    /// The store's end has lost the session at `now`; the far end did at `peer`, or does now.
    pub fn end(&mut self, now: SimTime, peer: Option<SimTime>, link: &LinkView) {
        self.is_up = false;
        self.establishing = None;
        self.notified = SimTime::NEVER;
        self.starts = [now + self.parameters.start, peer.unwrap_or(now) + self.parameters.start];
        self.gave_up = [false; 2];
        self.dead_since = if link.alive { SimTime::NEVER } else { link.since };
        self.seek(now, link);
    }

    /// The far end gives the session up at `now`. If the store's has not, it is told, unless the link is dead; if it has, the
    /// far end's attempts begin anew.
    pub fn peer_ends(&mut self, now: SimTime, link: &LinkView) {
        if self.is_up {
            let at = address(self.uplink, Purpose::Connect, now.as_nanos());
            let one_way = LinkView::one_way(self.loss(link));
            let takes = Span::from_nanos(link.rtt.as_nanos() / 2)
                + resend(&mut self.key.words(at, 2), one_way, link.rtt);
            self.notified = if link.alive { now + takes } else { SimTime::NEVER };
            self.starts[PEER] = now + self.parameters.start;
        } else {
            self.establishing = None;
            self.starts[PEER] = now + self.parameters.start;
            self.seek(now, link);
        }
    }

    /// What the losses of `messages`, sent one after the other over a connection that exists, cost. The first goes both
    /// ways at once, and both must arrive.
    fn resends(&self, now: SimTime, link: &LinkView, messages: u32) -> Span {
        let one_way = LinkView::one_way(self.loss(link));
        let mut words = self.key.words(address(self.uplink, Purpose::Connect, now.as_nanos()), 2);
        let mut costs = Span::ZERO;
        for number in 0..messages {
            let mut message = || resend(&mut words, one_way, link.rtt);
            costs += if number == 0 { message().max(message()) } else { message() };
        }
        costs
    }

    /// Probability that a packet and its answer do not both arrive.
    fn loss(&self, link: &LinkView) -> f64 {
        1.0 - (1.0 - self.base_loss) * (1.0 - link.fault_loss)
    }

    /// The store's end (or `both`, if they agree on it) knows that the link is up: who is not connecting begins now.
    pub fn begin(&mut self, now: SimTime, both: bool, link: &LinkView) {
        if self.is_up || self.establishing.is_some() || !link.alive {
            return;
        }
        for &end in if both { &[STORE, PEER][..] } else { &[STORE][..] } {
            if self.starts[end] > now || self.gave_up[end] {
                (self.starts[end], self.gave_up[end]) = (now, false);
                self.packets[end] = now;
            }
        }
    }

    /// The link has changed.
    pub fn link_changed(&mut self, now: SimTime, link: &LinkView) {
        if self.is_up {
            if !link.alive {
                self.notified = SimTime::NEVER;
            }
            return;
        }
        if !link.alive {
            self.establishing = None;
            self.dead_since = link.since;
        } else if self.dead_since != SimTime::NEVER {
            let at = address(self.uplink, Purpose::NeighbourCache, self.dead_since.as_nanos());
            let mut words = self.key.words(at, 1);
            for end in [STORE, PEER] {
                // The first packet that finds no address any more is what the kernel gives up with.
                let fails = neighbour::fails(self.dead_since, &mut words);
                let mut ended = self.packet_after(end, fails) + neighbour::PROBES;
                while ended < now {
                    self.gave_up[end] = true;
                    self.starts[end] = ended + self.parameters.attempt;
                    // Nobody answers for the address in the next attempt either.
                    ended = self.starts[end] + neighbour::PROBES;
                }
            }
            self.dead_since = SimTime::NEVER;
        }
        self.seek(now, link);
        if link.alive && link.delivers_queued && self.starts[STORE] <= now && !self.gave_up[STORE] {
            // A first packet has waited for the other end's address.
            self.packets[STORE] = now;
        }
    }

    /// Does what is due at `now`.
    pub fn handle(&mut self, now: SimTime, link: &LinkView) -> Progress {
        if self.notified <= now {
            self.notified = SimTime::NEVER;
            self.was_reset = true;
            return Progress::Notified;
        }
        if let Some((_, collides)) = self.establishing.take() {
            if collides {
                self.starts = [now + self.parameters.collision_pause; 2];
                self.seek(now, link);
                return Progress::Collided;
            }
            self.is_up = true;
            self.was_reset = false;
            self.packets = [SimTime::NEVER; 2];
            return Progress::Established;
        }
        let from = if self.packets[STORE] <= now { STORE } else { PEER };
        let other = self.packets[1 - from];
        self.gave_up[from] = false;
        self.packets[from] = self.packet_after(from, now);
        let lost = self.loss(link);
        let at = address(self.uplink, Purpose::Connect, now.as_nanos());
        let [store, collision, peer, _] = self.key.block(at, 1);
        let (connection, other_connection) = if from == STORE { (store, peer) } else { (peer, store) };
        if unit(connection) < lost {
            return Progress::Trying;
        }
        // First packet and answer, then OPEN and KEEPALIVE cross; what comes after overlaps with the route's own delays.
        let takes = link.rtt.times(2) + self.resends(now, link, self.parameters.messages);
        // The other end connects too before the answer is here, and is answered.
        let at_once = other.since(now) <= link.rtt && unit(other_connection) >= lost;
        let collides = at_once && unit(collision) < self.parameters.collision;
        self.establishing = Some((now + takes, collides));
        Progress::Trying
    }

    fn seek(&mut self, now: SimTime, link: &LinkView) {
        for end in [STORE, PEER] {
            self.packets[end] = if link.alive { self.packet_after(end, now) } else { SimTime::NEVER };
        }
    }

    /// The first packet that `end` sends after `now`.
    fn packet_after(&self, end: usize, now: SimTime) -> SimTime {
        let Session { retry, retry_linear, attempt, .. } = self.parameters;
        let start = self.starts[end];
        if now < start || start == SimTime::NEVER {
            return start;
        }
        let attempts = now.since(start).as_nanos() / attempt.as_nanos();
        let begun = start + attempt.times(attempts);
        let mut at = begun;
        let mut gap = retry;
        let mut sent = 0;
        while at <= now {
            at += gap;
            sent += 1;
            if sent > retry_linear {
                gap = gap.times(2);
            }
        }
        at.min(begun + attempt)
    }
}

/// Waits for the answer to a segment, one after the other: each is followed by a retransmission, or by giving up.
pub fn timeouts(rtt: Span) -> impl Iterator<Item = Span> {
    std::iter::successors(Some(RTO_MIN + rtt), |timeout| Some(timeout.times(2).min(RTO_MAX)))
}

/// What the losses of a message cost: each time it is lost it is sent again after a timeout that doubles.
fn resend(words: &mut Words, lost: f64, rtt: Span) -> Span {
    let mut costs = Span::ZERO;
    for timeout in timeouts(rtt).take(RESENDS_MAX) {
        if unit(words.next_word()) >= lost {
            break;
        }
        costs += timeout;
    }
    costs
}
