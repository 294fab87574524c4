//! A routing session over TCP (BGP) between the store and the network: gone with the link, and established again some time
//! after the link is back.
//!
//! ```text
//! ended ── start ──▶ first packet, again after 1, 1, 1, 1, 1, 2, 4, 8, … s ── answered ──▶ OPEN, KEEPALIVE, UPDATE ──▶ established
//!    ▲                                                                                            │
//!    └─────────────────────────── the link fails, or both ends connect at once and collide ◀──────┘
//! ```
//!
//! Either end tries by itself, from `start` after its own loss of the session; the first whose packet is answered wins. So how
//! long it takes depends on how long the outage was: retransmissions of a first packet thin out (RFC 6298 §5.5; Linux's
//! `tcp_syn_linear_timeouts`), until the attempt is given up and begun anew. RFC 4271 §6.8 resolves two connections at once, but
//! FRR's sometimes end each other, and try again together.

use crate::kernel::draws::{Entity, Key};
use crate::kernel::variates::unit;
use crate::scenario::resolved::Session;
use crate::units::{SimTime, Span};

use super::detector::LinkView;
use super::purpose::{Purpose, address};

/// Retransmission timeout of a connection whose round trip is known, above that round trip (Linux TCP_RTO_MIN).
const RTO_MIN: Span = Span::from_millis(200);
/// Retransmissions of one message after which nobody counts any more.
const RESENDS_MAX: u32 = 16;

const STORE: usize = 0;
const PEER: usize = 1;

/// See the module.
#[derive(Clone, Debug)]
pub struct Reconnection {
    parameters: Session,
    key: Key,
    uplink: Entity,
    base_loss: f64,
    /// Whether the session is established.
    is_up: bool,
    /// When each end's attempts begin.
    starts: [SimTime; 2],
    /// When each end next sends a first packet over a link that lives.
    packets: [SimTime; 2],
    /// The connection that was answered: when it was begun, and when the session will be established.
    establishing: Option<(SimTime, SimTime)>,
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
            starts: never,
            packets: never,
            establishing: None,
        }
    }

    /// Whether the session is established.
    #[must_use]
    pub const fn is_up(&self) -> bool {
        self.is_up
    }

    /// When it next has something to do.
    #[must_use]
    pub fn next(&self) -> SimTime {
        match self.establishing {
            Some((_, at)) => at,
            None => self.packets[STORE].min(self.packets[PEER]),
        }
    }

    /// The store's end has lost the session at `now`; the far end did at `peer`, or does now.
    pub fn end(&mut self, now: SimTime, peer: Option<SimTime>, link: &LinkView) {
        self.is_up = false;
        self.establishing = None;
        self.starts = [now + self.parameters.start, peer.unwrap_or(now) + self.parameters.start];
        self.seek(now, link);
    }

    /// The far end loses the session later than the store's, at `now`.
    pub fn peer_ends(&mut self, now: SimTime, link: &LinkView) {
        if !self.is_up {
            self.establishing = None;
            self.starts[PEER] = now + self.parameters.start;
            self.seek(now, link);
        }
    }

    /// The link has changed.
    pub fn link_changed(&mut self, now: SimTime, link: &LinkView) {
        if self.is_up {
            return;
        }
        if !link.alive {
            self.establishing = None;
        }
        self.seek(now, link);
    }

    /// Does what is due at `now`; tells whether the session is established by it.
    pub fn handle(&mut self, now: SimTime, link: &LinkView) -> bool {
        if let Some((begun, _)) = self.establishing.take() {
            if link.alive && link.since <= begun {
                self.is_up = true;
                self.packets = [SimTime::NEVER; 2];
            } else {
                self.seek(now, link);
            }
            return self.is_up;
        }
        let from = if self.packets[STORE] <= now { STORE } else { PEER };
        let other = self.packets[1 - from];
        self.packets[from] = self.packet_after(from, now);
        let lost = 1.0 - (1.0 - self.base_loss) * (1.0 - link.fault_loss);
        let at = address(self.uplink, Purpose::Connect, now.as_nanos());
        let [connection, collision, ..] = self.key.block(at, 1);
        if unit(connection) < lost {
            return false;
        }
        let at_once = other.since(now) <= link.rtt;
        if at_once && unit(collision) < self.parameters.collision {
            self.starts = [now + self.parameters.collision_pause; 2];
            self.seek(now, link);
            return false;
        }
        let mut takes = link.rtt.times(2);
        let one_way = LinkView::one_way(lost);
        let mut words = self.key.words(at, 2);
        for _ in 0..self.parameters.messages {
            let mut timeout = RTO_MIN + link.rtt;
            let mut resends = 0;
            while unit(words.next_word()) < one_way && resends < RESENDS_MAX {
                takes += timeout;
                timeout = timeout.times(2);
                resends += 1;
            }
        }
        self.establishing = Some((now, now + takes));
        false
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
