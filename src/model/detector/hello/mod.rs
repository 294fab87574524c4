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
//!   An end that comes up or gives up says so at once (FRR's bfdd does), besides its hellos. So after an outage it takes a
//!   hello from each end, the later of the two; and under loss either end may be the first to miss too many.
//! - *contending*: the peer is the better router. While the store's end has taken its place it sends hellos too, the first
//!   at once, and the peer answers each that it hears: to the store's end by a hello, to the hosts by gratuitous ARP. Either
//!   may be lost, so traffic may be back at the peer while the store's end still thinks itself in charge; and if the peer's
//!   own hello comes first, the peer never learns that it was replaced, and the hosts are not told.
//! - *session*: hellos are a session's keepalives, which TCP sends again when they are lost; up is when the session has been
//!   established again.

mod sender;
mod times;

use super::{LinkView, Site, Verdict};
use crate::kernel::variates::unit;
use crate::model::neighbour;
use crate::model::purpose::{Purpose, address, quarter_of, quarter_start};
use crate::scenario::resolved::{Ends, HelloDead as Rule};
use crate::units::{SimTime, Span};

use sender::{Sender, sender};

/// Gratuitous ARPs by which a router takes its address back (keepalived: garp_lower_prio_repeat, 5 by default).
const ANNOUNCEMENTS: u32 = 5;

/// The store's end of the link, and the far one.
const STORE: usize = 0;
const PEER: usize = 1;

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
    /// It has come up, and asks in each hello for leave to change to the usual timers; until then it sends, and waits, as it
    /// does while the session is down.
    polls: bool,
    /// What it heard last named the timers of a session that is down: it keeps to those.
    hears_slow: bool,
}

impl End {
    const fn down() -> Self {
        End { state: State::Down, deadline: SimTime::NEVER, polls: false, hears_slow: true }
    }

    /// Whether it sends, and waits, as while the session is down.
    fn is_slow(&self) -> bool {
        self.state != State::Up || self.polls || self.hears_slow
    }
}

/// A hello out of turn.
#[derive(Clone, Copy, Debug)]
struct OutOfTurn {
    at: SimTime,
    to: usize,
    said: State,
    /// It is the answer to a poll.
    is_final: bool,
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
    /// Hellos out of turn that are under way: an end that comes up or goes down says so at once, and polls are answered.
    out_of_turn: Vec<OutOfTurn>,
    /// For each end, a hello that waited for the link to find its addresses: when it arrives, and what it says.
    waiting: [Option<(SimTime, State)>; 2],
    /// The peer has said that it leaves: down at this instant.
    leaves: SimTime,
    /// The peer was out of service, and does not take over before this.
    rejoins: SimTime,
    /// The store's end has taken the peer's place: its next hello to it.
    contends: SimTime,
    peer_noticed: bool,
    /// The peer has taken its place back, although the store's end has not heard so.
    reclaimed: bool,
    peer_down: Option<SimTime>,
}

impl HelloDead {
    pub(super) fn new(rule: Rule, site: Site, now: SimTime, link: &LinkView) -> Self {
        let base_loss = match rule.ends {
            Ends::One | Ends::Both | Ends::Contending => LinkView::one_way(site.base_loss),
            // TCP sends it again long before the hold time is over.
            Ends::Session => 0.0,
        };
        let up = End { state: State::Up, deadline: SimTime::NEVER, polls: false, hears_slow: false };
        let longest = rule.interval.as_nanos() as f64 * rule.jitter_max;
        let mut detector = HelloDead {
            rule,
            site,
            base_loss,
            ends: [up; 2],
            senders: [STORE, PEER].map(|end| sender(end, &rule, &site, base_loss)),
            link: *link,
            fatal_run: ((rule.dead.as_nanos() as f64 / longest) as u64).max(1),
            inspect: SimTime::NEVER,
            out_of_turn: Vec::with_capacity(4),
            waiting: [None; 2],
            leaves: SimTime::NEVER,
            rejoins: SimTime::default(),
            contends: SimTime::NEVER,
            peer_noticed: true,
            reclaimed: false,
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
        for packet in &self.out_of_turn {
            next = next.min(packet.at);
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
        if self.reclaimed && before.alive != link.alive {
            // Hosts that no longer find the peer find the store's end, which has never stopped to think itself in charge.
            let at = address(self.site.uplink, Purpose::NeighbourCache, now.as_nanos());
            let fails = || neighbour::fails(now, &mut self.site.key.words(at, 1));
            self.leaves = if link.alive { SimTime::NEVER } else { fails() };
        }
        if self.is_relaxed() {
            self.watch(now);
            return;
        }
        if !link.alive {
            self.out_of_turn.clear();
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
        self.listeners()
            .iter()
            .all(|&end| self.ends[end].state == State::Up && self.ends[end].deadline == SimTime::NEVER)
    }

    /// The next hellos after `now`, as the link and the sessions now are.
    fn seek_all(&mut self, now: SimTime) {
        for &end in self.listeners() {
            let slow = self.is_slow(1 - end);
            let sender = &mut self.senders[1 - end];
            if self.link.alive { sender.seek(now, slow) } else { sender.next = SimTime::NEVER }
        }
        if self.link.alive && self.rejoins >= now {
            // A peer that takes over says so at once.
            self.senders[PEER].next = self.rejoins;
        }
    }

    /// Whether `from` sends at the restart interval, from its next hello on.
    fn is_slow(&self, from: usize) -> bool {
        match self.rule.ends {
            Ends::One => self.ends[STORE].state != State::Up,
            Ends::Both => self.ends[from].is_slow(),
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
        if let Some(first) = self.out_of_turn.iter().position(|packet| packet.at <= now) {
            let packet = self.out_of_turn.remove(first);
            let names_slow = packet.is_final && self.ends[1 - packet.to].polls;
            if packet.is_final {
                self.ends[packet.to].polls = false;
            } else if self.ends[1 - packet.to].polls {
                self.send_out_of_turn(packet.to, now, true);
            }
            return self.hear(packet.to, packet.said, names_slow, now);
        }
        for &end in self.listeners() {
            if let Some((_, said)) = self.waiting[end].take() {
                return self.hear(end, said, false, now);
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
            if std::mem::take(&mut self.reclaimed) {
                return Some(Verdict::Retaken);
            }
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
        if lost {
            return None;
        }
        if self.ends[from].polls {
            self.send_out_of_turn(to, now, true);
        }
        self.hear(to, carried, false, now)
    }

    /// What a hello that says `carried` does to the end that hears it; `names_slow`: it names the timers of a session that is
    /// down, although its sender is up.
    fn hear(&mut self, end: usize, carried: State, names_slow: bool, now: SimTime) -> Option<Verdict> {
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
                    self.ends[end].state = State::Init;
                    self.ends[end].deadline = now + self.rule.slow_dead();
                    None
                }
                (State::Down, State::Up) => None,
                (State::Down, State::Init) | (State::Init, State::Init | State::Up) => self.come_up(end, now),
                (State::Up, State::Down) => self.give_up(end, now),
                (State::Init, State::Down) => {
                    self.ends[end].deadline = now + self.rule.slow_dead();
                    None
                }
                (State::Up, State::Init | State::Up) => {
                    self.ends[end].hears_slow = carried == State::Init || names_slow;
                    let slow = self.ends[end].is_slow();
                    self.ends[end].deadline = now + if slow { self.rule.slow_dead() } else { self.rule.dead };
                    if !slow && self.senders[end].slow {
                        self.senders[end].seek(now, false);
                    }
                    self.relax_if_calm(now);
                    None
                }
            },
        }
    }

    fn come_up(&mut self, end: usize, now: SimTime) -> Option<Verdict> {
        let polls = self.rule.ends == Ends::Both;
        let dead = if polls { self.rule.slow_dead() } else { self.rule.dead };
        self.ends[end] = End { state: State::Up, deadline: now + dead, polls, hears_slow: polls };
        if polls {
            // A hello out of turn, which is a poll too.
            self.send_out_of_turn(end, now, false);
        } else {
            self.seek_all(now);
        }
        if end != STORE {
            return None;
        }
        self.contends = SimTime::NEVER;
        self.reclaimed = false;
        self.peer_down = None;
        Some(Verdict::Up)
    }

    /// `from` says out of turn what it is: because it has changed, or as the answer to a poll.
    fn send_out_of_turn(&mut self, from: usize, now: SimTime, is_final: bool) {
        let at = now + Span::from_nanos(self.link.rtt.as_nanos() / 2);
        if self.link.alive && !self.is_packet_lost(at, from, is_final) {
            let said = self.ends[from].state;
            self.out_of_turn.push(OutOfTurn { at, to: 1 - from, said, is_final });
        }
    }

    /// An end has heard nothing for too long, or has heard that the other gave up.
    fn give_up(&mut self, end: usize, now: SimTime) -> Option<Verdict> {
        let was_up = self.ends[end].state == State::Up;
        if was_up && end == PEER {
            self.peer_down = Some(now);
        }
        self.ends[end] = End::down();
        match self.rule.ends {
            Ends::One => self.seek_all(now),
            Ends::Contending => {
                self.contends = now;
                self.seek_all(now);
            }
            Ends::Both => {
                self.send_out_of_turn(end, now, false);
                if self.link.alive {
                    self.senders[end].seek(now, true);
                }
            }
            Ends::Session => {}
        }
        (was_up && end == STORE).then_some(Verdict::Down)
    }

    /// The store's end, in the peer's place, sends a hello; the peer answers if it hears it.
    fn contend(&mut self, now: SimTime) -> Option<Verdict> {
        self.contends = now + self.rule.interval;
        let serves = self.link.alive && self.rejoins <= now;
        let [sent, answered, announced] = self.contended_losses(now);
        if !serves || sent {
            return None;
        }
        if answered {
            self.reclaimed |= !announced;
            return (!announced).then_some(Verdict::Reclaimed);
        }
        let verdict = self.come_up(STORE, now);
        self.peer_noticed = !announced;
        verdict
    }

    /// Whether a hello out of turn that `from` sends, to arrive at `at`, is lost.
    fn is_packet_lost(&self, at: SimTime, from: usize, is_final: bool) -> bool {
        let word = if is_final { 2 + from } else { from };
        unit(self.packet_words(at)[word]) < self.packet_loss()
    }

    /// Whether the store's hello at `at` is lost, the peer's answer to it, and all the peer's announcements.
    fn contended_losses(&self, at: SimTime) -> [bool; 3] {
        let (words, lost) = (self.packet_words(at), self.packet_loss());
        let mut all = 1.0;
        for _ in 0..ANNOUNCEMENTS {
            all *= lost;
        }
        [unit(words[STORE]) < lost, unit(words[PEER]) < lost, unit(words[2]) < all]
    }

    fn packet_words(&self, at: SimTime) -> [u64; 4] {
        self.site.key.block(address(self.site.uplink, Purpose::PacketLoss, at.as_nanos()), 1)
    }

    /// Probability that a packet one way is lost now.
    fn packet_loss(&self) -> f64 {
        1.0 - (1.0 - self.base_loss) * (1.0 - LinkView::one_way(self.link.fault_loss))
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
        // Nearly always one of the last two; if not, further and further back.
        let mut reach = self.rule.interval.times(2);
        let mut since = now.saturating_sub(reach);
        while last.is_none() && since > SimTime::default() {
            let mut at = sender.hellos.seek(since);
            while at <= now {
                if !sender.base.is_lost(sender.hellos.slot(), &sender.hellos) {
                    last = Some(at);
                }
                at = sender.hellos.advance();
            }
            reach = reach.times(2);
            since = now.saturating_sub(reach);
        }
        last.unwrap_or(now)
    }

    fn relax_if_calm(&mut self, now: SimTime) {
        let all_up = self.listeners().iter().all(|&end| self.ends[end].state == State::Up);
        let quiet = self.link.fault_loss == 0.0 && self.link.alive && self.out_of_turn.is_empty();
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

    /// The first quarter hour of `first..=last` with a run of losses, of either sender, that can outlast the dead time. Of
    /// jittered hellos, whose numbers begin anew there, a run across the boundary of a quarter hour is not seen.
    fn fatal_quarter(&mut self, first: u64, last: u64) -> Option<u64> {
        let run = self.fatal_run;
        let fatal = |end: &usize| self.senders[1 - *end].fatal_quarter(first, last, run);
        match self.rule.ends {
            Ends::One | Ends::Contending | Ends::Session => [STORE].iter().filter_map(fatal).min(),
            Ends::Both => [STORE, PEER].iter().filter_map(fatal).min(),
        }
    }
}
