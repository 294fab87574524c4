//! What draws are for: the last word of every draw's address, and the layout of each block's words.
//!
//! **Append-only.** A number or a word once given away is never used for anything else, or every result would move.

use crate::kernel::draws::{Address, Entity};
use crate::units::{SimTime, Span};

/// Arrivals, loss skips and hello times restart at multiples of this absolute width.
pub const QUARTER_HOUR: Span = Span::from_secs(900);
/// Fault processes restart at multiples of this absolute width.
pub const FAULT_BIN: Span = Span::from_secs(86_400);

/// What a draw is for. Words are those of block 1 unless a block is named.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u64)]
pub enum Purpose {
    /// Entity: store. Draw: [`customer_draw`]. Words: gap to this arrival, basket value, tender, terminal time.
    Customer = 1,
    /// Same draw. Words: patience, cash instead of card, time to pay that cash, whether a sale
    /// approved offline is refused afterwards.
    Disposition = 2,
    /// Same draw. Block 1+k for attempt k from 0. Words: round trip, packet loss, host time, issuer's decision.
    Attempt = 3,
    /// Entity: store. Draw: days since 1970 in UTC twelve hours after local midnight. Words: forecast error, spare, spare, spare.
    Forecast = 4,
    /// Entity: (fault, store, cause). Draw: bin. Words, blocks 1, 2, …: gaps between onsets.
    FaultOnset = 5,
    /// Same entity. Draw: [`fault_draw`]. Block 1: repair, signature, carrier seen, which till
    /// (of a shared fault: share of its stores).
    /// Block 2 was kept for the operations centre and stays unused: a fault of many stores needs [`Purpose::Ticket`] at each.
    Fault = 6,
    /// Entity: (uplink, store, `primary`). Draw 0. Words: phase of probes, phase of checks, spare, spare.
    Phase = 7,
    /// Same entity. Draw: quarter hour. Words: gaps between lost probes on a healthy link.
    ProbeLoss = 8,
    /// Same entity. Draw: quarter hour. Words: gaps between lost probes on a link with partial loss.
    FaultyProbeLoss = 9,
    /// Same entity. Draw: quarter hour. Words: first hello's equilibrium draw (two), then intervals.
    HelloTimes = 10,
    /// Same entity. Draw: quarter hour. The same for hellos of a session that is not up.
    RestartHelloTimes = 11,
    /// Entity: (uplink, store, `primary`). Draw: the instant of the verdict in nanoseconds.
    /// Block 1: boot, USB, probing, SIM. Block 2: full scan yes, full scan time, attach time, bearer.
    /// Block 3: RRC, the VPN's round trip, route change, the application's round trip. Blocks from 4: whether each attach
    /// attempt stays without an answer.
    BringUp = 12,
    /// Same entity and draw, for the way back. Words: route change, spare, spare, spare.
    Failback = 13,
    /// Entity: (uplink, store, `primary`). Draw: quarter hour. Words: gaps between lost hellos at the restart interval.
    RestartHelloLoss = 14,
    /// Same entity. Draw: quarter hour. As `ProbeLoss`, of hellos that the store sends.
    SentHelloLoss = 15,
    /// Same entity. Draw: quarter hour. As `FaultyProbeLoss`, of hellos that the store sends.
    FaultySentHelloLoss = 16,
    /// Same entity. Draw: quarter hour. As `HelloTimes`, of hellos that the store sends.
    SentHelloTimes = 17,
    /// Same entity. Draw: quarter hour. As `RestartHelloTimes`, of hellos that the store sends.
    RestartSentHelloTimes = 18,
    /// Same entity. Draw: quarter hour. As `RestartHelloLoss`, of hellos that the store sends.
    RestartSentHelloLoss = 19,
    /// Same entity. Draw: the packet's instant in nanoseconds. Words: lost towards the peer, lost towards the store,
    /// then all announcements lost and a spare, or answers to polls lost each way.
    PacketLoss = 20,
    /// Same entity. Draw: the instant of the attempt in nanoseconds. Block 1: the store's connection lost, collision, the
    /// far end's connection lost, spare. Blocks from 2: losses of the messages.
    Connect = 21,
    /// Same entity. Draw: the instant at which the wait begins in nanoseconds. Words: deviation of the clock, then (block 2
    /// on) the jitter of each wait.
    Wait = 22,
    /// Same entity. Draw: the instant of the change in nanoseconds. Words: age of the kernel's last event, time until
    /// addresses are found again, spare, spare.
    CarrierEvent = 23,
    /// Same entity. Draw 0. Words: phase of looking at the carrier, spare, spare, spare.
    CarrierPhase = 24,
    /// Same entity. Draw: the instant, in nanoseconds, of the takeover (words, blocks 1, 2, …: what asking takes, then how long
    /// each confirmation of a host's neighbour cache lasts) or from which nobody answers (words: stretch and place in it of the
    /// store's entry, then of the far end's).
    NeighbourCache = 25,
    /// Same entity. Draw 0. Words: lag of checks behind probes, which probe, spare, spare.
    CheckLag = 26,
    // 27 to 29 are kept for detectors, so that their draws can stand together.
    /// Entity and draw of [`Purpose::BringUp`], whose blocks from 4 on are one sequence already. Words in pairs, one for each
    /// attach attempt that is answered: refused for congestion, T3346.
    Congestion = 30,
    /// Entity and draw of [`Purpose::Fault`]. Words: mark of a candidate under a ceiling rate, LTE fails too, spare, spare.
    FaultMark = 31,
    /// Entity: (fault-store, store, unit/cause), (fault-carrier, carrier, unit/cause) or (fault-cell, cell, unit/cause). Draw:
    /// [`fault_draw`]. Words: hit, which till, carrier seen, spare.
    FaultReach = 32,
    /// Entity and draw of [`Purpose::Attempt`], block 1+k likewise. Words: stays without an answer at a failing service, spare,
    /// spare, spare.
    ServiceAttempt = 33,
    /// Entity: (uplink, store, `primary`). Draw: the instant of the verdict "up" in nanoseconds. Words: how long somebody takes to
    /// lead traffic back, spare, spare, spare.
    ManualFailback = 70,
    /// Entity: (uplink, store, `primary`). Draw: the instant of the first message of a tunnel in nanoseconds. Words: round trip,
    /// spare, spare, spare.
    TunnelSetup = 71,
    /// Same entity. Draw: the instant of the first packet of a connection in nanoseconds. Words: round trip, spare, spare, spare.
    ConnectionSetup = 72,
    /// Same entity. Draw: the instant at which the route left a path that lives, in nanoseconds. Blocks 1, 2, …: how much longer
    /// each flow stays there: tunnel, connection, spare, spare, then the format's traffic classes in order of name.
    FlowStay = 73,
    /// Same entity. Draw: the instant at which the path of the kept connection died, in nanoseconds. Words: time until the next
    /// heartbeat, spare, spare, spare.
    Heartbeat = 74,
    /// Entity: (uplink, store, `primary`). Draw: the instant of the core's answer, or of the loss of the registration, in
    /// nanoseconds. Words: T3346, time until the modem notices, attach time, until a changed carrier is seen.
    Storm = 50,
    /// Entity: (backup, store, `latent`). Draw 0. Words: phase of tests, spare, spare, spare.
    LatentPhase = 51,
    /// Same entity. Draw: number of the test period since 1970. Words, blocks 1, 2, …: gaps between onsets.
    LatentOnset = 52,
    /// Same entity. Draw: [`fault_draw`] of the period and the onset. Words: repair, carrier seen, spare, spare.
    LatentFault = 53,
    /// Entity: store. Draw: [`customer_draw`]. Block 1+k for attempt k from 0. Words: admitted to a full service, no answer in a
    /// brownout, spare, spare.
    ServiceFate = 40,
    /// Entity: store. Draw: [`customer_draw`]. Block 1+k when its stored payment has been replayed k times in vain. Words: admitted to a
    /// full service, no answer in a brownout, host time, spare.
    Replay = 54,
    /// Entity: service. Draw: hour. Words: gaps between candidates for a crash at the ceiling rate.
    Crash = 41,
    /// Entity: service. Draw: [`fault_draw`] of the hour. Words: mark, restart, spare, spare.
    CrashFate = 42,
    /// Entity: service. Draw: second. Words: how many orders, then three for each: no answer, refused,
    /// given up.
    OnlineOrders = 43,
    /// Entity: (ticket, store, cause). Draw: the fault's onset in nanoseconds. Block 1: acknowledgement, remote success, remote
    /// time, out-of-band unit answers. Block 2: help by staff, their time, on-site time, dispatch or call. Block 3: travel,
    /// part needed, part's time, spare.
    Ticket = 60,
    /// Entity: (fault-class, class). Draw 0. Words: how many onsets, given that there is one, spare, spare, spare.
    ClassOnsets = 90,
    /// Entity: that of a shared fault's cause and unit. Draw: number of the onset among its class's. Words: race for the onset,
    /// instant, spare, spare.
    ClassOnset = 91,
    /// Entity: store. Draw 0. Words: phase of the operations centre's polls, spare, spare, spare.
    Poll = 61,
    /// Entity: (input, its path, empty). Replication 0. Draw: number of the point. Words: place within its part of the range, order of
    /// the parts, spare, spare.
    LatinHypercube = 95,
    /// Same entity, replication and words. Draw: number of the sample of uncertain inputs.
    InputSample = 96,
    /// Entity: (forced, store). Draw: number of the forced fault. Block 1: cause, onset, takes LTE, spare. Block 2: repair, signature,
    /// carrier seen, which till. Block 3: place in the random order of stores, spare, spare, spare.
    Forced = 98,
    /// Entity: (rank, store), or (rank-group, group). Draw: number of the ranking. Words: how far off an estimate is, spare, spare, spare.
    SizingRank = 99,
}

/// Address of a draw of `entity` for `purpose`.
#[inline]
#[must_use]
pub const fn address(entity: Entity, purpose: Purpose, draw: u64) -> Address {
    Address { entity, purpose: purpose as u64, draw }
}

/// The `index`-th customer (from 0) of the absolute quarter hour `quarter`.
#[inline]
#[must_use]
pub const fn customer_draw(quarter: u64, index: u32) -> u64 {
    (quarter << 32) | index as u64
}

/// The `index`-th fault (from 0) of the absolute bin `bin`.
#[must_use]
pub const fn fault_draw(bin: u64, index: u32) -> u64 {
    (bin << 16) | index as u64
}

/// The absolute quarter hour that holds `at`.
#[inline]
#[must_use]
pub const fn quarter_of(at: SimTime) -> u64 {
    at.bin(QUARTER_HOUR)
}

/// First instant of the absolute quarter hour `quarter`.
#[inline]
#[must_use]
pub const fn quarter_start(quarter: u64) -> SimTime {
    SimTime::from_nanos(quarter * QUARTER_HOUR.as_nanos())
}
