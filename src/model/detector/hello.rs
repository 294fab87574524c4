//! Hello and dead timer: an end sends hellos, each restarts the other's dead timer, its expiry declares the link down.
//!
//! BFD (RFC 5880 §6.8.7: intervals jittered to 75–100 %), VRRP (RFC 5798: dead = 3·advert + skew), OSPF hello/dead and
//! BGP keepalive/hold are of this kind. Detection = dead − age of the last hello; with intervals J uniform on [a, b] the
//! mean age is E[J²]/(2E[J]). While the session is not up, hellos come at `restart` (BFD: at least 1 s).
//!
//! How the ends agree ([`Ends`]):
//!
//! - *one*: only the store's end watches; the first hello to arrive brings it up.
//! - *both*: each end is a state machine of its own (RFC 5880 §6.8.6; OSPF's one-way and two-way hellos do the same):
//!
//!   ```text
//!             hears Down           hears Init, Up
//!   Down ───────────────▶ Init ───────────────▶ Up      Down hears Init: Up at once
//!     ▲                    │ silence             │ silence, hears Down
//!     └────────────────────┴─────────────────────┘
//!   ```
//!
//!   An end that comes up says so at once; one that goes down says so with its next hello. So after an outage it takes a
//!   hello from each end, the later of the two; and under loss either end may be the first to miss too many.
//! - *contending*: the peer is the better router. While the store's end has taken its place it sends hellos too, the first
//!   at once, and the peer answers each that it hears: to the store's end by a hello, to the hosts by gratuitous ARP. Either
//!   may be lost, so traffic may be back at the peer while the store's end still thinks itself in charge; and if the peer's
//!   own hello comes first, the peer never learns that it was replaced, and the hosts are not told.
//! - *session*: hellos are a session's keepalives, which TCP sends again when they are lost; up is when the session has been
//!   established again.

use std::ops::Range;

use super::losses::{Losses, Numbering};
use super::{Clock, LinkView, Site, Verdict};
use crate::kernel::draws::{Entity, Key, Words};
use crate::kernel::variates::unit;
use crate::model::purpose::{Purpose, QUARTER_HOUR, address, quarter_of, quarter_start};
use crate::scenario::resolved::{self, Ends};
use crate::units::{SimTime, Span};

/// Numbers of jittered hellos: quarter hour × 2²⁴ + position in it. A quarter hour holds fewer than 2²⁴ hellos
/// for every interval above 54 µs.
const POSITION_BITS: u32 = 24;

/// Gratuitous ARPs by which a router takes its address back (keepalived: garp_lower_prio_repeat, 5 by default).
const ANNOUNCEMENTS: u32 = 5;

/// The store's end of the link, and the far one.
const STORE: usize = 0;
const PEER: usize = 1;

#[derive(Clone, Copy, Debug)]
struct Rule {
    interval: Span,
    jitter: (f64, f64),
    dead: Span,
    restart: Span,
    ends: Ends,
    goodbye: Option<Span>,
    rejoin: Span,
}

impl Rule {
    /// Dead time of a session whose hellos come at the restart interval.
    fn slow_dead(&self) -> Span {
        let ratio = self.restart.as_nanos() as f64 / self.interval.as_nanos() as f64;
        Span::from_nanos((self.dead.as_nanos() as f64 * ratio.max(1.0)) as u64)
    }
}

/// What an end thinks of the session, and says in its hellos.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum State {
    Down,
    Init,
    Up,
}

#[derive(Clone, Copy, Debug)]
struct End {
    state: State,
    /// When it gives up, if it hears nothing.
    deadline: SimTime,
}

/// Hellos that one end sends.
#[derive(Clone, Debug)]
struct Sender {
    hellos: Hellos,
    restart: Hellos,
    base: Losses,
    faulty: Losses,
    /// Losses of hellos at the restart interval, by chance or by fault.
    restarting: Losses,
    /// Whether hellos come at the restart interval.
    slow: bool,
    /// While watching: the next hello, lost or not.
    next: SimTime,
}

impl Sender {
    fn is_lost(&mut self, faulty: bool) -> bool {
        if self.slow {
            return self.restarting.is_lost(self.restart.slot(), &self.restart);
        }
        let slot = self.hellos.slot();
        self.base.is_lost(slot, &self.hellos) || (faulty && self.faulty.is_lost(slot, &self.hellos))
    }

    /// The first hello after `now`, at the restart interval if `slow`.
    fn seek(&mut self, now: SimTime, slow: bool) {
        self.slow = slow;
        self.next = if slow { self.restart.seek(now) } else { self.hellos.seek(now) };
    }

    /// The hello after the one sent at `now`.
    fn advance(&mut self, now: SimTime, slow: bool) {
        if slow != self.slow {
            self.seek(now, slow);
        } else if slow {
            self.next = self.restart.advance();
        } else {
            self.next = self.hellos.advance();
        }
    }
}

/// See the module.
#[derive(Clone, Debug)]
pub struct HelloDead {
    rule: Rule,
    site: Site,
    /// Probability that a hello is lost on a healthy link.
    base_loss: f64,
    ends: [End; 2],
    senders: [Sender; 2],
    link: LinkView,
    /// Losses in a row that can outlast the dead time.
    fatal_run: u64,
    /// While all is well: the start of the next quarter hour with a fatal run of losses.
    inspect: SimTime,
    /// A hello out of turn, by which an end that has come up says so: when it arrives, and where.
    urgent: Option<(SimTime, usize)>,
    /// For each end, a hello that waited for the link to find its addresses: when it arrives, and what it says.
    waiting: [Option<(SimTime, State)>; 2],
    /// The peer has said that it leaves: down at this instant.
    leaves: SimTime,
    /// The peer was out of service, and does not take over before this.
    rejoins: SimTime,
    /// The store's end has taken the peer's place: its next hello to it.
    contends: SimTime,
    peer_noticed: bool,
    peer_down: Option<SimTime>,
}

impl HelloDead {
    pub(super) fn new(parameters: &resolved::Detector, site: Site, now: SimTime, link: &LinkView) -> Self {
        let resolved::Detector::HelloDead {
            interval,
            jitter_min,
            jitter_max,
            dead,
            restart,
            ends,
            goodbye,
            rejoin,
        } = *parameters
        else {
            unreachable!("made of its own family's parameters")
        };
        let rule = Rule { interval, jitter: (jitter_min, jitter_max), dead, restart, ends, goodbye, rejoin };
        let base_loss = match ends {
            Ends::One | Ends::Both | Ends::Contending => LinkView::one_way(site.base_loss),
            // TCP sends it again long before the hold time is over.
            Ends::Session => 0.0,
        };
        let up = End { state: State::Up, deadline: SimTime::NEVER };
        let longest = interval.as_nanos() as f64 * jitter_max;
        let mut detector = HelloDead {
            rule,
            site,
            base_loss,
            ends: [up; 2],
            senders: [STORE, PEER].map(|end| sender(end, &rule, &site, base_loss)),
            link: *link,
            fatal_run: ((dead.as_nanos() as f64 / longest) as u64).max(1),
            inspect: SimTime::NEVER,
            urgent: None,
            waiting: [None; 2],
            leaves: SimTime::NEVER,
            rejoins: SimTime::default(),
            contends: SimTime::NEVER,
            peer_noticed: true,
            peer_down: None,
        };
        detector.set_fault_loss(link.fault_loss);
        if link.alive && link.fault_loss == 0.0 {
            detector.relax(quarter_of(now));
            // A detector that starts within such a quarter hour (its device was restarted) looks from now on.
            detector.inspect = detector.inspect.max(now);
        } else {
            detector.watch(now);
        }
        detector
    }

    pub(super) fn next(&self) -> SimTime {
        let mut next = self.inspect.min(self.leaves).min(self.contends);
        if let Some((at, _)) = self.urgent {
            next = next.min(at);
        }
        for &(at, _) in self.waiting.iter().flatten() {
            next = next.min(at);
        }
        for &end in self.listeners() {
            next = next.min(self.ends[end].deadline).min(self.senders[1 - end].next);
        }
        next
    }

    pub(super) const fn peer_noticed(&self) -> bool {
        self.peer_noticed
    }

    pub(super) const fn peer_down(&self) -> Option<SimTime> {
        self.peer_down
    }

    /// Ends that watch; each listens to the other's hellos.
    const fn listeners(&self) -> &'static [usize] {
        match self.rule.ends {
            Ends::One | Ends::Contending | Ends::Session => &[STORE],
            Ends::Both => &[STORE, PEER],
        }
    }

    pub(super) fn link_changed(&mut self, now: SimTime, link: &LinkView) {
        let before = self.link;
        self.link = *link;
        if before == (LinkView { queues: before.queues, rtt: before.rtt, ..*link }) {
            // Hellos do not wait for answers.
            return;
        }
        self.set_fault_loss(link.fault_loss);
        if link.announced && !before.announced && self.ends[STORE].state == State::Up {
            self.leaves = self.rule.goodbye.map_or(SimTime::NEVER, |after| now + after);
        }
        if before.announced && !link.announced {
            self.rejoins = now + self.rule.rejoin;
            self.leaves = SimTime::NEVER;
        }
        if self.is_relaxed() {
            self.watch(now);
            return;
        }
        if !link.alive {
            self.urgent = None;
        }
        self.seek_all(now);
        if link.alive && !before.alive && link.delivers_queued {
            // Each end had a hello waiting for the other's address.
            for &end in self.listeners() {
                if self.ends[end].state == State::Down {
                    self.waiting[end] = Some((now, self.ends[1 - end].state));
                }
            }
        }
    }

    fn is_relaxed(&self) -> bool {
        self.listeners().iter().all(|&end| {
            self.ends[end].state == State::Up && self.ends[end].deadline == SimTime::NEVER
        })
    }

    /// The next hellos after `now`, as the link and the sessions now are.
    fn seek_all(&mut self, now: SimTime) {
        for &end in self.listeners() {
            let slow = self.is_slow(1 - end);
            let sender = &mut self.senders[1 - end];
            if self.link.alive { sender.seek(now, slow) } else { sender.next = SimTime::NEVER }
        }
        if self.link.alive && self.rejoins > now {
            // A peer that takes over says so at once.
            self.senders[PEER].next = self.rejoins;
        }
    }

    /// Whether `from` sends at the restart interval, from its next hello on.
    fn is_slow(&self, from: usize) -> bool {
        match self.rule.ends {
            Ends::One => self.ends[STORE].state != State::Up,
            Ends::Both => self.ends[from].state != State::Up,
            Ends::Contending | Ends::Session => false,
        }
    }

    fn set_fault_loss(&mut self, round_trip: f64) {
        let faulty = if self.rule.ends == Ends::Session { 0.0 } else { LinkView::one_way(round_trip) };
        for sender in &mut self.senders {
            sender.faulty.set_probability(faulty);
            sender.restarting.set_probability(1.0 - (1.0 - self.base_loss) * (1.0 - faulty));
        }
    }

    pub(super) fn handle(&mut self, now: SimTime, link: &LinkView) -> Option<Verdict> {
        debug_assert!(self.link.alive == link.alive);
        if self.inspect <= now {
            self.watch(now);
            return None;
        }
        if let Some((at, to)) = self.urgent
            && at <= now
        {
            self.urgent = None;
            return self.hear(to, State::Up, now);
        }
        for &end in self.listeners() {
            if let Some((_, said)) = self.waiting[end].take() {
                return self.hear(end, said, now);
            }
        }
        // A hello that arrives at the very instant of expiry is in time.
        for &end in self.listeners() {
            if self.senders[1 - end].next <= now {
                return self.hello(1 - end, now);
            }
        }
        if self.contends <= now {
            return self.contend(now);
        }
        if self.leaves <= now {
            self.leaves = SimTime::NEVER;
            return self.give_up(STORE, now);
        }
        let expired = self.listeners().iter().copied().find(|&end| self.ends[end].deadline <= now)?;
        self.give_up(expired, now)
    }

    /// The session has been established again.
    pub(super) fn session_established(&mut self, now: SimTime, link: &LinkView) -> Option<Verdict> {
        let waits = self.rule.ends == Ends::Session && self.ends[STORE].state != State::Up;
        self.link = *link;
        waits.then(|| self.come_up(STORE, now)).flatten()
    }

    /// A hello of `from` at `now`.
    fn hello(&mut self, from: usize, now: SimTime) -> Option<Verdict> {
        let to = 1 - from;
        let faulty = self.link.fault_loss > 0.0;
        let rejoining = self.rejoins == now && from == PEER;
        let lost = !rejoining && self.senders[from].is_lost(faulty);
        let carried = self.ends[from].state;
        let slow = self.is_slow(from);
        if rejoining {
            self.senders[from].seek(now, slow);
        } else {
            self.senders[from].advance(now, slow);
        }
        if lost { None } else { self.hear(to, carried, now) }
    }

    /// What a hello that says `carried` does to the end that hears it.
    fn hear(&mut self, end: usize, carried: State, now: SimTime) -> Option<Verdict> {
        match self.rule.ends {
            Ends::Session if self.ends[end].state != State::Up => None,
            Ends::One | Ends::Contending if self.ends[end].state != State::Up => {
                // A peer that was out of service announces that it takes over.
                self.peer_noticed = self.rejoins == now;
                self.come_up(end, now)
            }
            Ends::One | Ends::Contending | Ends::Session => {
                self.ends[end].deadline = now + self.rule.dead;
                self.relax_if_calm(now);
                None
            }
            Ends::Both => match (self.ends[end].state, carried) {
                (State::Down, State::Down) => {
                    self.ends[end] = End { state: State::Init, deadline: now + self.rule.slow_dead() };
                    None
                }
                (State::Down, State::Up) => None,
                (State::Down, State::Init) | (State::Init, State::Init | State::Up) => {
                    let verdict = self.come_up(end, now);
                    if carried == State::Init {
                        self.ends[end].deadline = now + self.rule.slow_dead();
                    }
                    verdict
                }
                (State::Init, State::Down) => {
                    self.ends[end].deadline = now + self.rule.slow_dead();
                    None
                }
                (State::Up, State::Down) => self.give_up(end, now),
                (State::Up, State::Init) => {
                    self.ends[end].deadline = now + self.rule.slow_dead();
                    None
                }
                (State::Up, State::Up) => {
                    self.ends[end].deadline = now + self.rule.dead;
                    self.relax_if_calm(now);
                    None
                }
            },
        }
    }

    fn come_up(&mut self, end: usize, now: SimTime) -> Option<Verdict> {
        self.ends[end] = End { state: State::Up, deadline: now + self.rule.dead };
        if self.rule.ends == Ends::Both {
            self.senders[end].seek(now, false);
            // It says so at once.
            let at = now + Span::from_nanos(self.link.rtt.as_nanos() / 2);
            let other = 1 - end;
            if self.ends[other].state != State::Up && !self.is_packet_lost(at, end) {
                self.urgent = Some((at, other));
            }
        } else {
            self.seek_all(now);
        }
        if end != STORE {
            return None;
        }
        self.contends = SimTime::NEVER;
        self.peer_down = None;
        Some(Verdict::Up)
    }

    /// An end has heard nothing for too long, or has heard that the other gave up.
    fn give_up(&mut self, end: usize, now: SimTime) -> Option<Verdict> {
        let was_up = self.ends[end].state == State::Up;
        if was_up && end == PEER {
            self.peer_down = Some(now);
        }
        self.ends[end] = End { state: State::Down, deadline: SimTime::NEVER };
        match self.rule.ends {
            Ends::One => self.seek_all(now),
            Ends::Contending => {
                self.contends = now;
                self.seek_all(now);
            }
            Ends::Both | Ends::Session => {}
        }
        (was_up && end == STORE).then_some(Verdict::Down)
    }

    /// The store's end, in the peer's place, sends a hello; the peer answers if it hears it.
    fn contend(&mut self, now: SimTime) -> Option<Verdict> {
        self.contends = now + self.rule.interval;
        let serves = self.link.alive && self.rejoins <= now;
        let [sent, answered, announced] = self.packet_losses(now);
        if !serves || sent {
            return None;
        }
        if answered {
            return (!announced).then_some(Verdict::Reclaimed);
        }
        let verdict = self.come_up(STORE, now);
        self.peer_noticed = !announced;
        verdict
    }

    /// Whether a hello out of turn that `from` sends is lost.
    fn is_packet_lost(&self, at: SimTime, from: usize) -> bool {
        self.packet_losses(at)[from]
    }

    /// What is lost at `at` of packets out of turn: the store's, the peer's, and all the peer's announcements.
    fn packet_losses(&self, at: SimTime) -> [bool; 3] {
        let faulty = LinkView::one_way(self.link.fault_loss);
        let lost = 1.0 - (1.0 - self.base_loss) * (1.0 - faulty);
        let words = self.site.key.block(address(self.site.uplink, Purpose::PacketLoss, at.as_nanos()), 1);
        let mut all = 1.0;
        for _ in 0..ANNOUNCEMENTS {
            all *= lost;
        }
        [unit(words[STORE]) < lost, unit(words[PEER]) < lost, unit(words[2]) < all]
    }

    /// Begins to look at every hello, as of `now`.
    fn watch(&mut self, now: SimTime) {
        self.inspect = SimTime::NEVER;
        for &end in self.listeners() {
            let last = self.last_heard(1 - end, now);
            self.ends[end].deadline = last.max(now.saturating_sub(self.rule.dead)) + self.rule.dead;
        }
        self.seek_all(now);
    }

    /// The last hello of `from` that arrived before `now`, over what was until now a healthy link.
    fn last_heard(&mut self, from: usize, now: SimTime) -> SimTime {
        let sender = &mut self.senders[from];
        let mut last = None;
        let mut since = now.saturating_sub(self.rule.dead);
        while last.is_none() && since > SimTime::default() {
            let mut at = sender.hellos.seek(since);
            while at <= now {
                if !sender.base.is_lost(sender.hellos.slot(), &sender.hellos) {
                    last = Some(at);
                }
                at = sender.hellos.advance();
            }
            since = since.saturating_sub(self.rule.dead);
        }
        last.unwrap_or(now)
    }

    fn relax_if_calm(&mut self, now: SimTime) {
        let all_up = self.listeners().iter().all(|&end| self.ends[end].state == State::Up);
        let quiet = self.link.fault_loss == 0.0 && self.link.alive && self.urgent.is_none();
        if !all_up || !quiet || self.leaves != SimTime::NEVER {
            return;
        }
        if self.listeners().iter().any(|&end| self.senders[1 - end].slow) {
            return;
        }
        let quarter = quarter_of(now);
        if self.fatal_quarter(quarter, quarter) != Some(quarter) {
            self.relax(quarter + 1);
        }
    }

    /// Stops looking until the next quarter hour, from `quarter` on, in which losses alone could be fatal.
    fn relax(&mut self, quarter: u64) {
        for &end in self.listeners() {
            self.ends[end].deadline = SimTime::NEVER;
            self.senders[1 - end].next = SimTime::NEVER;
        }
        let last = quarter_of(self.site.end);
        self.inspect = match self.fatal_quarter(quarter, last) {
            Some(fatal) => quarter_start(fatal),
            None => SimTime::NEVER,
        };
    }

    /// The first quarter hour of `first..=last` with a run of losses, of either sender, that can outlast the dead time. A
    /// run that straddles the boundary of a quarter hour is not seen (losses restart there).
    fn fatal_quarter(&mut self, first: u64, last: u64) -> Option<u64> {
        let run = self.fatal_run;
        let fatal = |end: &usize| self.senders[1 - *end].fatal_quarter(first, last, run);
        match self.rule.ends {
            Ends::One | Ends::Contending | Ends::Session => [STORE].iter().filter_map(fatal).min(),
            Ends::Both => [STORE, PEER].iter().filter_map(fatal).min(),
        }
    }
}

impl Sender {
    fn fatal_quarter(&mut self, first: u64, last: u64, fatal_run: u64) -> Option<u64> {
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
            if run >= fatal_run {
                return Some(self.hellos.quarter(lost));
            }
            previous = Some(lost);
            slot = lost + 1;
        }
    }
}

/// The hellos of `end`, of a session that is up.
fn sender(end: usize, rule: &Rule, site: &Site, base_loss: f64) -> Sender {
    let (peer_phase, store_phase) = site.phases();
    let phase = if end == PEER { peer_phase } else { store_phase };
    let purposes = if end == PEER {
        [
            Purpose::HelloTimes,
            Purpose::RestartHelloTimes,
            Purpose::ProbeLoss,
            Purpose::FaultyProbeLoss,
            Purpose::RestartHelloLoss,
        ]
    } else {
        [
            Purpose::SentHelloTimes,
            Purpose::RestartSentHelloTimes,
            Purpose::SentHelloLoss,
            Purpose::FaultySentHelloLoss,
            Purpose::RestartSentHelloLoss,
        ]
    };
    let [times, restart_times, base, faulty, restarting] = purposes;
    let losses = |purpose, probability| Losses::new(site.key, site.uplink, purpose, probability);
    Sender {
        hellos: Hellos::new(rule.interval, rule.jitter, phase, times, site),
        restart: Hellos::new(rule.restart, rule.jitter, phase, restart_times, site),
        base: losses(base, base_loss),
        faulty: losses(faulty, 0.0),
        restarting: losses(restarting, base_loss),
        slow: false,
        next: SimTime::NEVER,
    }
}

/// The instants of an end's hellos.
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
