//! The modem: its SIMs, the registration that a carrier's fault takes from it, and its requests to the core.

use crate::kernel::driver::{ResourceIndex, Stamped};
use crate::model::bring_up::{self, Plan};
use crate::model::failover;
use crate::model::faults::Fault;
use crate::model::law::Sampler;
use crate::model::modem::{Act, pause};
use crate::model::path::Link;
use crate::model::purpose::{Purpose, address};
use crate::model::shared::Message;
use crate::model::shared::cell::radio_rate;
use crate::model::shared::core::Answer;
use crate::scenario::resolved::{Carrier, CarrierId, Lte, Scenario, Standby, Topology};
use crate::units::{BitRate, SimTime, Span};

use super::super::Store;
use super::Network;

/// What one SIM of the modem leads to.
pub(in crate::model::store) struct Line<'a> {
    carrier: &'a Carrier,
    /// Radio rates, up and down.
    pub(super) radio: (BitRate, BitRate),
    pub(super) ln_rtt_s: f64,
    pub(super) cell: Option<ResourceIndex>,
    pub(super) core: Option<ResourceIndex>,
}

impl<'a> Line<'a> {
    pub(super) fn new(
        scenario: &'a Scenario,
        carrier: CarrierId,
        (sinr_db, modem): (f64, (BitRate, BitRate)),
        (cell, core): (Option<ResourceIndex>, Option<ResourceIndex>),
    ) -> Self {
        let carrier = &scenario.carriers[carrier.0 as usize];
        let lte = &scenario.lte;
        let (modem_up, modem_down) = modem;
        let radio = |alpha, cap, modem| radio_rate(sinr_db, alpha, cap, carrier.resource_blocks, modem);
        Line {
            carrier,
            radio: (
                radio(lte.alpha_up, lte.cap_up, modem_up),
                radio(lte.alpha_down, lte.cap_down, modem_down),
            ),
            ln_rtt_s: libm::log(carrier.rtt_median_s),
            cell,
            core,
        }
    }

    /// Whether there is any signal.
    pub(super) const fn has_service(&self) -> bool {
        self.radio.0.0 > 0 && self.radio.1.0 > 0
    }
}

/// A primary that is LTE on its second SIM.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Stay {
    /// When it left the first SIM.
    left: SimTime,
    /// When it is to go back, if ever and if the first has service then.
    until: Option<SimTime>,
    /// Whether traffic has gone over the second SIM.
    moved: bool,
}

impl Stay {
    /// How long after a repair a store may still be on its second SIM because of it, if it `may_stay` there at all.
    pub(super) fn longest(may_stay: bool, lte: &Lte) -> Span {
        match (may_stay, lte.dual_sim.back) {
            (false, _) => Span::ZERO,
            (true, Some(after)) => after,
            (true, None) => failover::ALWAYS,
        }
    }
}

impl<'a> Network<'a> {
    /// The SIM in use.
    #[inline]
    pub(super) fn line(&self) -> &Line<'a> {
        match &self.second {
            Some(second) if self.on_second => second,
            Some(_) | None => &self.first,
        }
    }

    /// Its path as packets find it, router aside.
    #[inline]
    pub(super) const fn lte_link(&self) -> &Link {
        if self.on_second { &self.plant.second } else { &self.plant.lte }
    }

    /// Whether registrations queue at a core.
    pub(super) fn queues(&self) -> bool {
        self.line().core.is_some()
    }

    /// The plan of a bring-up from `standby`, drawn at this instant.
    pub(super) fn plan_from(&self, now: SimTime, standby: Standby) -> Plan {
        let at = address(self.uplink, Purpose::BringUp, now.as_nanos());
        let rtt = (self.line().carrier.rtt_median_s, self.lte.rtt_sigma);
        let mut parameters = self.lte.bring_up.clone();
        if self.queues() {
            // Whether a finite core refuses follows from its queue.
            parameters.congestion = 0.0;
        }
        if self.profile.tunnel.is_some() && self.spec.topology == Topology::InRouter {
            // The router's one tunnel moves, or is set up anew, once the route is there.
            parameters.vpn_round_trips = 0;
        }
        bring_up::plan(&parameters, standby, rtt, self.key, at)
    }

    /// T3346, how long the modem takes to notice, and an attach, all drawn at this instant.
    fn storm_draws(&self, now: SimTime) -> [Span; 3] {
        let words = self.key.block(address(self.uplink, Purpose::Storm, now.as_nanos()), 1);
        let parameters = &self.lte.bring_up;
        let span = |law, word| Sampler::new(law).span(word);
        [
            span(&parameters.t3346, words[0]),
            span(&parameters.reattach, words[1]),
            span(&parameters.attach, words[2]),
        ]
    }

    /// Whether the modem is registered while nobody needs it.
    const fn stands_by_registered(&self) -> bool {
        match self.spec.standby {
            Standby::Cold | Standby::RadioOff => false,
            Standby::Warm | Standby::Hot | Standby::HotActive => true,
        }
    }

    /// A fault of the carrier takes the registration from a modem that has one.
    pub(super) fn lose_registration(&mut self, now: SimTime, fault: &Fault) {
        let mine = fault.is_of_core() && fault.second_sim == self.on_second;
        let registered = self.lte_is_primary || self.stands_by_registered() || self.controller.uses_backup();
        if mine && registered && !self.modem.is_lost() {
            let [_, notices, _] = self.storm_draws(now);
            self.modem.lose(now + notices);
        }
    }

    /// A bring-up that stood still goes on if the backup is alive again.
    pub(super) fn resume_bring_up(&mut self, now: SimTime) {
        if self.controller.is_stalled() && self.backup_alive() {
            let (plan, queues) = (self.plan(now), self.queues());
            self.controller.backup_alive(now, || plan, queues);
        }
    }

    /// The router, and with it the modem, has started again.
    pub(super) fn restart_modem(&mut self, now: SimTime) {
        self.sim_change = None;
        self.stay.until = self.stay.until.map(|until| until.max(now));
        if self.lte_is_primary || self.stands_by_registered() {
            if self.modem.is_lost() {
                let [_, notices, _] = self.storm_draws(now);
                self.modem.lose(now + notices);
            }
        } else {
            self.release_modem(now);
        }
    }

    /// A bring-up is to begin: a modem that does not stand by registered begins with its first SIM.
    pub(super) fn choose_sim(&mut self) {
        if self.lte_is_primary && self.second.is_some() {
            // There is nothing to bring up.
            return;
        }
        if !self.stands_by_registered() && !self.controller.is_busy() {
            self.modem.forget();
            self.on_second = false;
        }
        (self.unanswered, self.in_vain) = (0, 0);
    }

    /// Traffic has left the backup: a modem that need not be registered forgets what it was after.
    pub(super) fn release_modem(&mut self, now: SimTime) {
        self.sim_change = None;
        if !self.stands_by_registered() {
            self.modem.forget();
            self.granted = None;
            self.on_second = false;
        }
        self.return_to_first_sim(now);
    }

    /// A modem that stands by on its second SIM goes back to the first as soon as that has service; one that is the only way out, once
    /// its time has come.
    pub(super) fn return_to_first_sim(&mut self, now: SimTime) {
        if self.lte_is_primary {
            self.stay.until = self.stay.until.map(|until| until.max(now));
            return;
        }
        let idle = !self.controller.is_busy() && self.sim_change.is_none();
        if self.on_second && idle && self.has_service_on(false) {
            self.sim_change = Some(now);
        }
    }

    /// When a primary that is LTE goes back to its first SIM, as things are.
    pub(super) fn returns_to_first_sim(&self) -> SimTime {
        self.stay.until.filter(|_| self.has_service_on(false)).unwrap_or(SimTime::NEVER)
    }

    fn has_service_on(&self, second: bool) -> bool {
        let (line, link) = match &self.second {
            Some(line) if second => (line, &self.plant.second),
            Some(_) | None => (&self.first, &self.plant.lte),
        };
        (!second || self.second.is_some()) && line.has_service() && link.alive
    }

    /// After anything that may have changed what the SIM in use is worth: whether to change to the other, and when.
    pub(super) fn consider_sim(&mut self, now: SimTime) {
        if self.second.is_none() || self.sim_change.is_some_and(|at| at <= now) {
            return;
        }
        let dead = !self.lte_link().alive || !self.line().has_service() || self.modem.is_lost();
        if !dead || !self.has_service_on(!self.on_second) {
            self.sim_change = None;
        } else if self.controller.is_stalled() || self.controller.is_bringing_up() {
            self.sim_change = Some(now);
        } else if self.controller.uses_backup() || self.lte_is_primary {
            let at = now + self.lte.dual_sim.after;
            self.sim_change.get_or_insert(at);
        }
    }

    /// An attempt to register was in vain: after so many the other SIM has its turn.
    fn count_in_vain(&mut self, now: SimTime) {
        self.in_vain += 1;
        let other = self.second.is_some() && self.has_service_on(!self.on_second);
        if other && self.in_vain >= self.lte.dual_sim.attempts {
            self.sim_change = Some(now);
        }
    }
}

impl Store<'_> {
    /// What is due at the modem; whether anything was.
    pub(super) fn handle_modem(&mut self, now: SimTime, outbox: &mut Vec<Stamped<Message>>) -> bool {
        let network = &mut self.network;
        if network.sim_change.is_some_and(|at| at <= now) || network.returns_to_first_sim() <= now {
            self.change_sim(now, outbox);
            return true;
        }
        if let Some((_, answer)) = network.granted.take_if(|(at, _)| *at <= now) {
            self.hear_core(now, answer);
            return true;
        }
        if network.modem.next() > now {
            return false;
        }
        let [_, _, takes] = network.storm_draws(now);
        let (queues, alive) = (network.queues(), network.lte_alive());
        match network.modem.handle(now, takes, queues, alive, &network.lte.bring_up) {
            Act::None => {
                if !alive && !queues {
                    network.count_in_vain(now);
                }
            }
            Act::Asks(takes) => self.ask_core(now, takes, outbox),
            Act::Registered => {
                (network.unanswered, network.in_vain) = (0, 0);
                network.consider_sim(now);
                network.resume_bring_up(now);
                self.note_sim(now);
            }
        }
        true
    }

    /// Asks the core for registration.
    pub(super) fn ask_core(&mut self, now: SimTime, takes: Span, outbox: &mut Vec<Stamped<Message>>) {
        let network = &mut self.network;
        network.request += 1;
        network.granted = None;
        if let Some(to) = network.line().core {
            let message = Message::Register { takes, request: network.request };
            outbox.push(Stamped { at: now, rank: self.rank.0, to, message });
        }
    }

    fn hear_core(&mut self, now: SimTime, answer: Answer) {
        let network = &mut self.network;
        let [t3346, ..] = network.storm_draws(now);
        let timers = &network.lte.bring_up;
        if network.modem.is_asking() {
            network.modem.answer(now, answer, t3346, timers);
        } else {
            match answer {
                Answer::Registered => network.controller.registered(now),
                Answer::Refused | Answer::Unanswered => {
                    let after = pause(answer, &mut network.unanswered, t3346, timers);
                    network.controller.retry(now + after);
                }
            }
        }
        match answer {
            Answer::Registered => {}
            Answer::Refused | Answer::Unanswered => network.count_in_vain(now),
        }
    }

    /// The modem takes its other SIM into use.
    fn change_sim(&mut self, now: SimTime, outbox: &mut Vec<Stamped<Message>>) {
        let network = &mut self.network;
        network.sim_change = None;
        let stands_by = network.stands_by_registered() && !network.controller.is_busy();
        let is_primary = network.lte_is_primary;
        if !network.controller.may_change_sim() && !stands_by && !is_primary {
            return;
        }
        self.leave_cell(now, outbox);
        let network = &mut self.network;
        network.joining = None;
        network.on_second = !network.on_second;
        // Whatever the other core still answers is not for this SIM.
        network.request += 1;
        network.granted = None;
        (network.unanswered, network.in_vain) = (0, 0);
        network.modem.forget();
        network.call = network.call.wrapping_add(1);
        let (plan, queues) = (network.plan_from(now, Standby::RadioOff), network.queues());
        match network.controller.change_sim(now, network.lte.dual_sim.takes, plan, queues) {
            Some(true) => self.books.incidents.leave_backup(now),
            Some(false) => {}
            None => network.modem.lose(now + network.lte.dual_sim.takes),
        }
        if is_primary {
            self.move_primary(now);
        }
    }

    /// A primary that is LTE has changed its SIM, and registers.
    fn move_primary(&mut self, now: SimTime) {
        let network = &mut self.network;
        let second = network.on_second;
        let word = network.key.block(address(network.uplink, Purpose::Storm, now.as_nanos()), 1)[3];
        network.plant.use_sim(now, second);
        if second {
            let until = network.lte.dual_sim.back.map(|after| now + after);
            network.stay = Stay { left: now, until, moved: false };
            self.books.incidents.detect(now, now);
        } else {
            network.stay.until = None;
            self.books.incidents.recover(now);
            self.books.incidents.leave_backup(now);
        }
        self.watch_carrier(now, word);
        self.look_at_link(now);
    }

    /// A primary that is LTE has registered: on its second SIM that is a failover, on its first again the failback.
    fn note_sim(&mut self, now: SimTime) {
        let network = &mut self.network;
        if !network.lte_is_primary || network.second.is_none() {
            return;
        }
        let (second, Stay { left, moved, .. }) = (network.on_second, network.stay);
        let incidents = &mut self.books.incidents;
        if !second {
            network.stay.moved = false;
            self.count_failback(now, moved);
        } else if !moved && incidents.detect(now, left) {
            network.stay.moved = true;
            incidents.backup_ready(now);
            let by_fault = incidents.failover(now);
            if network.started {
                let day = self.books.day_book();
                day.failovers += u64::from(by_fault);
                day.false_failovers += u64::from(!by_fault);
            }
        }
    }
}

impl Network<'_> {
    /// Whether the carrier would answer now.
    fn lte_alive(&self) -> bool {
        self.lte_link().alive
    }
}
