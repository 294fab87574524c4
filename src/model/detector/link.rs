//! The link as a probe meets it.

use crate::model::uplink::Fluid;
use crate::units::{SimTime, Span};

/// Bits of a probe that are taken to queue: ping's 84 bytes. What a probe itself weighs is nothing beside what it waits behind.
const PROBE_BITS: u64 = 84 * 8;

/// The other traffic of the link, which probes wait behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Queues {
    /// Towards the network.
    pub up: Fluid,
    /// Towards the store.
    pub down: Fluid,
    /// Whether probes overtake other traffic on the way up, as payments do; on the way down nobody can.
    pub priority: bool,
}

/// The link as a probe sees it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LinkView {
    /// Whether anything passes.
    pub alive: bool,
    /// Since when `alive` has had its value.
    pub since: SimTime,
    /// Probability that a probe and its answer do not both arrive because of a fault (0 when healthy).
    pub fault_loss: f64,
    /// Round trip without queueing.
    pub rtt: Span,
    /// The same without a fault.
    pub usual_rtt: Span,
    /// What probes queue behind; `None` if nothing.
    pub queues: Option<Queues>,
    /// The far end has said that it leaves.
    pub announced: bool,
    /// Packets sent shortly before the link came to life have waited for it and arrive now.
    pub delivers_queued: bool,
}

impl LinkView {
    /// A link on which nothing is wrong.
    #[must_use]
    pub const fn healthy(since: SimTime, rtt: Span) -> Self {
        LinkView {
            alive: true,
            since,
            fault_loss: 0.0,
            rtt,
            usual_rtt: rtt,
            queues: None,
            announced: false,
            delivers_queued: false,
        }
    }

    /// The same link, dead from `now` on.
    #[must_use]
    pub const fn dead(self, now: SimTime) -> Self {
        LinkView { alive: false, since: now, ..self }
    }

    /// Whether something sent at `sent` has been answered by now, losses aside.
    pub(super) fn answers(&self, sent: SimTime) -> bool {
        self.alive && self.since <= sent
    }

    /// Round trip of a probe sent at `sent`.
    pub(super) fn rtt_at(&self, sent: SimTime) -> Span {
        let Some(Queues { up, down, priority }) = &self.queues else { return self.rtt };
        let rising =
            if *priority { up.priority_delay(sent, PROBE_BITS) } else { up.fifo_delay(sent, PROBE_BITS) };
        self.rtt + rising + down.fifo_delay(sent, PROBE_BITS)
    }

    /// No probe sent from `from` on takes longer than this while the link stays as it is.
    pub(super) fn rtt_max(&self, from: SimTime) -> Span {
        let Some(Queues { up, down, priority }) = &self.queues else { return self.rtt };
        let rising = if *priority {
            up.longest_priority_delay(PROBE_BITS)
        } else {
            up.longest_delay(from, PROBE_BITS)
        };
        self.rtt + rising + down.longest_delay(from, PROBE_BITS)
    }

    /// Probability that a packet does not arrive one way, of `loss` that it or its answer does not.
    #[must_use]
    pub fn one_way(loss: f64) -> f64 {
        1.0 - f64::sqrt(1.0 - loss)
    }
}
