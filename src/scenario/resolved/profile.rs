//! Failover profiles as they are run.

use super::{Law, Tunnel};
use crate::units::Span;

/// A failover product: how it notices, how it returns.
#[derive(Clone, Debug)]
pub struct Profile {
    /// Name, e.g. `bfd-300x3`.
    pub name: String,
    /// Product or protocol, for listings.
    pub product: String,
    /// Where its parameters come from.
    pub source: String,
    /// Version or day of what was read there.
    pub date: String,
    /// How far its parameters can be trusted.
    pub confidence: String,
    /// How a change of the link's carrier is seen; `None` if never.
    pub carrier: Option<CarrierWatch>,
    /// From the carrier's return until the link's addresses have been found again, seconds; packets sent meanwhile wait.
    pub carrier_resolve: Law,
    /// The probing detector; `None` if only the carrier is watched.
    pub detector: Option<Detector>,
    /// The rule must say "down" this long, without a break, before the link is declared down.
    pub down_delay: Span,
    /// The rule must say "up" this long, without a break, before the link is declared up.
    pub up_delay: Span,
    /// Detection until new packets take the backup, seconds.
    pub route_change: Law,
    /// Declared up (or the session established, if there is one) until new packets take the primary, seconds.
    pub route_return: Law,
    /// The routing session that has to be established again before traffic returns.
    pub session: Option<Session>,
    /// Whether hosts of the store's LAN have to learn who their gateway is (first-hop redundancy): their neighbour
    /// caches may keep traffic on the backup after the primary router has taken over again.
    pub lan_takeover: bool,
    /// When traffic returns to the primary.
    pub failback: Failback,
    /// Local hours in which traffic may return (minutes since midnight, from and to; past midnight if to ≤ from), with
    /// [`Failback::Window`] and [`Failback::Manual`]; `None` at any hour.
    pub failback_hours: Option<(u32, u32)>,
    /// Flap damping, if there is any.
    pub damping: Option<Damping>,
    /// Traffic that has moved to the backup stays there at least this long.
    pub backup_min: Span,
    /// The tunnel in which the store's traffic goes; `None`: it has none, or one over each path that comes up with it.
    pub tunnel: Option<Tunnel>,
    /// Whether flows are reset (`true`) or left on the old path (`false`) when the route changes.
    pub flush_flows: bool,
    /// Size of a probe and of its answer, bytes of IP.
    pub probe_bytes: u32,
    /// Whether the backup is probed too, by the same rule, while it stands by.
    pub probes_backup: bool,
    /// Whether probes overtake other traffic as payments do.
    pub probe_priority: bool,
}

/// How a device sees that the link's carrier is lost.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct CarrierWatch {
    /// The interface is looked at this often; zero: it interrupts.
    pub poll: Span,
    /// The kernel reports at most one loss of carrier in this time, whichever link it is of; zero: no limit.
    pub rate_limit: Span,
    /// Losses of carrier per second on the kernel's other links.
    pub others_per_s: f64,
    /// What is added to that, seconds.
    pub delay: Law,
}

/// The general detector families. Times are exact; phases are drawn per store.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Detector {
    /// A probe every `interval`; down after `down` losses in a row, each known `timeout` after sending;
    /// up after `up` successes in a row. `down` = 1 with [`Profile::down_delay`] is IP SLA with object tracking.
    ConsecutiveProbes {
        /// Start to start.
        interval: Span,
        /// How long an answer may take.
        timeout: Span,
        /// Losses in a row.
        down: u32,
        /// Successes in a row.
        up: u32,
    },
    /// See [`SequentialProbes`].
    SequentialProbes(SequentialProbes),
    /// A probe every `interval`; down when `down` of the last `of` are lost, up when `up` of the last `of` since then
    /// have been answered.
    MOfN {
        /// Start to start.
        interval: Span,
        /// How long an answer may take.
        timeout: Span,
        /// Probes looked at.
        of: u32,
        /// Losses among them that bring it down.
        down: u32,
        /// Answers among them that bring it up.
        up: u32,
    },
    /// See [`IdleCheck`].
    IdleCheck(IdleCheck),
    /// See [`HelloDead`].
    HelloDead(HelloDead),
    /// See [`WindowedLoss`].
    WindowedLoss(WindowedLoss),
}

/// A cycle probes its targets one after the other, each `count` packets one second apart, until `reliability` of
/// them have answered, and then sleeps; down after `down` bad cycles in a row, up after `up` good ones (mwan3).
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct SequentialProbes {
    /// Targets there are.
    pub targets: u32,
    /// Targets that must answer for a good cycle.
    pub reliability: u32,
    /// Packets per target and cycle, one second apart; one answer is enough.
    pub count: u32,
    /// How long the answer to a target's last packet is waited for.
    pub timeout: Span,
    /// Sleep after a cycle in which nothing changes.
    pub interval: Span,
    /// Sleep after a bad cycle while going down.
    pub failure_interval: Span,
    /// Whether `failure_interval` is kept while down.
    pub keep_failure_interval: bool,
    /// Sleep after a good cycle while coming up.
    pub recovery_interval: Span,
    /// Bad cycles in a row.
    pub down: u32,
    /// Good cycles in a row.
    pub up: u32,
    /// What starting the probes of one cycle costs.
    pub overhead: Span,
    /// Whether a link whose carrier returns counts as up at once, before any probe.
    pub trusts_link: bool,
}

/// A check is due after `idle`; without an answer it is tried again `retries` times, each try waiting longer than
/// the one before by `wait_factor`; the last wait's end is the verdict. While down, the same ladder of tries goes on,
/// and the first answer is the way up (Cradlepoint's active ping, IKEv2 dead peer detection, WireGuard).
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct IdleCheck {
    /// From one check to the next, or from the last packet received.
    pub idle: Span,
    /// Whether any packet received makes the wait for a check begin anew (the store's own traffic does all the time).
    pub from_traffic: bool,
    /// The device reads its clock in steps of this, so a check comes this much early or late, half of it each.
    pub clock: Span,
    /// How long the first try is waited for.
    pub wait: Span,
    /// Added to each wait, uniform from zero.
    pub wait_jitter: Span,
    /// Each wait over the one before.
    pub wait_factor: f64,
    /// Tries after the first.
    pub retries: u32,
}

/// The peer sends a hello every `interval` × U(jitter_min, jitter_max); down when `dead` passes without one;
/// up when hellos arrive again (first hello after repair is sent within `restart` × U(jitter)).
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct HelloDead {
    /// Nominal interval between hellos.
    pub interval: Span,
    /// Shortest interval as a share of the nominal.
    pub jitter_min: f64,
    /// Longest interval as a share of the nominal.
    pub jitter_max: f64,
    /// Dead time since the last hello.
    pub dead: Span,
    /// Hello interval while the session is not up.
    pub restart: Span,
    /// How the two ends agree.
    pub ends: Ends,
    /// A peer that says goodbye is declared down after this; `None` if this protocol says nothing.
    pub goodbye: Option<Span>,
    /// A peer that was taken out of service takes over again this long after its return.
    pub rejoin: Span,
}

/// dpinger's window: probes every `send`, kept for `period`; a probe counts as lost once it is older than
/// `loss_after`; every `check` the integer loss percentage is compared (strictly) with `loss_percent`;
/// clears after `hold_checks` good checks in a row.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct WindowedLoss {
    /// Start to start.
    pub send: Span,
    /// Age at which an unanswered probe counts as lost.
    pub loss_after: Span,
    /// Length of the window.
    pub period: Span,
    /// Interval between comparisons.
    pub check: Span,
    /// Alarm above this integer percentage.
    pub loss_percent: u32,
    /// Alarm above this mean round trip of the answered probes.
    pub latency: Option<Span>,
    /// Good checks in a row before it clears (1 = none extra).
    pub hold_checks: u32,
    /// No check for this long after an alarm.
    pub pause: Span,
    /// How much before a probe a check comes, seconds; `None` if the two have nothing to do with each other.
    pub lag: Option<Law>,
}

/// What the two ends of a hello protocol have to do with each other.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ends {
    /// Only the store's end watches; the first hello brings it up.
    One,
    /// Both watch, the one that gives up tells the other, and it takes a hello from each, heard by the other, to be up
    /// again (BFD's and OSPF's handshakes).
    Both,
    /// The peer is the better router of two: who has taken over in its absence sends hellos itself, and the peer answers the
    /// first it hears (VRRP with preemption).
    Contending,
    /// Both watch and the session must be established again before it is up (BGP).
    Session,
}

/// A routing session over TCP (BGP) that a failure of the link ends.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Session {
    /// From the session's end to the first attempt to connect, at either end.
    pub start: Span,
    /// Retransmission of the first packet: this long `retry_linear` times, then twice as long each time.
    pub retry: Span,
    /// See [`Self::retry`].
    pub retry_linear: u32,
    /// An attempt is given up and begun anew after this.
    pub attempt: Span,
    /// Messages, one after the other, from an established connection to an established session.
    pub messages: u32,
    /// Probability that two connections at the same time end each other.
    pub collision: f64,
    /// From such a collision to the next attempt.
    pub collision_pause: Span,
}

/// When traffic goes back to a primary that has been declared up.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Failback {
    /// At once.
    Immediate,
    /// After the primary has stayed up this long.
    HoldDown(Span),
    /// As soon as no payment has been under way for this long.
    Idle(Span),
    /// In the hours of [`super::Store::failback_hours`].
    Window,
    /// When somebody does it: this many seconds after the primary is up, in the hours of
    /// [`super::Store::failback_hours`].
    Manual(Law),
    /// Not within the run.
    Never,
}

/// Flap damping (RFC 2439 §4.2): each time the primary is declared down adds a penalty, which decays exponentially. Once it
/// has passed `suppress`, traffic stays on the backup until it has fallen to `reuse`.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Damping {
    /// What one flap adds.
    pub penalty: f64,
    /// Above this the primary is suppressed.
    pub suppress: f64,
    /// At or below this it may be used again.
    pub reuse: f64,
    /// Time in which a penalty halves.
    pub half_life: Span,
    /// It is never suppressed for longer than this after its last flap.
    pub longest: Span,
}

impl Detector {
    /// From one probe to the next while all is well; `None` where nobody probes before something is wrong.
    #[must_use]
    pub const fn probe_every(&self) -> Option<Span> {
        match *self {
            Detector::ConsecutiveProbes { interval, .. }
            | Detector::MOfN { interval, .. }
            | Detector::SequentialProbes(SequentialProbes { interval, .. })
            | Detector::HelloDead(HelloDead { interval, .. }) => Some(interval),
            Detector::WindowedLoss(WindowedLoss { send, .. }) => Some(send),
            Detector::IdleCheck(IdleCheck { idle, from_traffic, .. }) => {
                if from_traffic {
                    None
                } else {
                    Some(idle)
                }
            }
        }
    }

    /// How long ago a link that is alive again can still be the reason for a verdict.
    #[must_use]
    pub fn memory(&self) -> Span {
        match *self {
            Detector::ConsecutiveProbes { interval, timeout, down, .. } => {
                interval.times(u64::from(down)) + timeout
            }
            Detector::MOfN { interval, timeout, of, .. } => interval.times(u64::from(of)) + timeout,
            Detector::SequentialProbes(rule) => {
                let ping = Span::from_secs(u64::from(rule.count) - 1) + rule.timeout;
                let cycle = ping.times(u64::from(rule.targets)) + rule.overhead + rule.failure_interval;
                rule.interval + cycle.times(u64::from(rule.down))
            }
            Detector::IdleCheck(rule) => {
                let mut waits = Span::ZERO;
                let mut next_s = rule.wait.as_secs_f64();
                for _ in 0..=rule.retries {
                    waits += Span::from_secs_f64(next_s) + rule.wait_jitter;
                    next_s *= rule.wait_factor;
                }
                rule.idle + rule.clock + waits
            }
            Detector::HelloDead(rule) => match rule.ends {
                Ends::One | Ends::Contending | Ends::Session => rule.dead,
                Ends::Both => rule.slow_dead(),
            },
            Detector::WindowedLoss(rule) => rule.period + rule.loss_after + rule.check,
        }
    }
}

impl HelloDead {
    /// Dead time of a session whose hellos come at the restart interval.
    #[must_use]
    pub fn slow_dead(&self) -> Span {
        let ratio = self.restart.as_nanos() as f64 / self.interval.as_nanos() as f64;
        Span::from_nanos((self.dead.as_nanos() as f64 * ratio.max(1.0)) as u64)
    }
}
