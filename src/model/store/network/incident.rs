//! What happens on the way from a fault to normal: faults and repairs, verdicts, the controller's steps, and what all that
//! does to books, attempts under way and the cell.

use crate::kernel::driver::Stamped;
use crate::model::detector::{Detector, Verdict};
use crate::model::failover::{Route, Step};
use crate::model::faults::Fault;
use crate::model::law::Sampler;
use crate::model::path::Answering;
use crate::model::purpose::{Purpose, address};
use crate::model::session::{Progress, Reconnection};
use crate::model::shared::Message;
use crate::scenario::resolved::{Part, Signature, Topology};
use crate::units::SimTime;

use super::super::service_use::Served;
use super::super::{Class, Store};
use super::Network;

impl Store<'_> {
    pub(in crate::model::store) fn is_lte(&self, route: Route) -> bool {
        self.network.is_over_lte(route)
    }

    pub(in crate::model::store) fn handle_network(
        &mut self,
        now: SimTime,
        class: Class,
        outbox: &mut Vec<Stamped<Message>>,
    ) {
        // What has been going on so far is booked under the incidents that were open so far.
        if class != Class::Detector {
            self.bring_books_up_to(now);
        }
        match class {
            Class::Repair => {
                self.repair(now);
                self.tell_path(now, outbox);
            }
            Class::Fault => {
                self.strike(now);
                self.tell_path(now, outbox);
            }
            Class::Carrier => {
                if self.network.resolves.is_some_and(|at| at <= now) {
                    self.network.resolves = None;
                    self.network.queue_flushed = true;
                    self.look_at_link(now);
                    self.network.queue_flushed = false;
                    self.network.probed.delivers_queued = false;
                } else if let Some((_, seen)) = self.network.carrier_change.take() {
                    self.see_carrier(now, seen);
                }
            }
            Class::Detector => {
                if !self.handle_detector(now) {
                    return;
                }
            }
            Class::Controller => self.handle_controller(now, outbox),
            Class::Flow => self.network.handle_flows(now),
            Class::Starvation => {
                let network = &self.network;
                if network.allowance.is_due(now, &network.lte_up, &network.lte_down) {
                    self.slow_down(now);
                }
                self.network.look_at_queues(now);
                self.tell_need(now, outbox);
            }
            Class::Service
            | Class::Replay
            | Class::Calendar
            | Class::Till
            | Class::Renege
            | Class::Arrival => {
                unreachable!("not an event of the network")
            }
        }
        self.refresh_path(now, outbox);
    }

    /// The next fault of the history, unless it is absorbed; a candidate has to ask its cell first.
    fn strike(&mut self, now: SimTime) {
        let network = &mut self.network;
        let mut fault = network.faults[network.next_fault];
        network.next_fault += 1;
        fault.number = network.next_fault as u32;
        let same = |open: &Fault| {
            open.cause == fault.cause
                && (!fault.parts.has(Part::Lane) || open.lane == fault.lane)
                && open.shared.is_none()
        };
        let known_only_now = fault.playbook.is_some() || fault.from_load.is_some();
        if known_only_now && fault.shared.is_none() && network.plant.open().iter().any(same) {
            network.absorbed += 1;
        } else if fault.from_load.is_some_and(|load| load > 0) {
            network.candidate = Some((now, fault));
        } else {
            self.begin_fault(now, &fault);
        }
    }

    /// `fault` begins.
    pub(super) fn begin_fault(&mut self, now: SimTime, fault: &Fault) {
        let network = &mut self.network;
        let masked = network.is_hidden(fault);
        let (open, lte_is_primary) = (network.open, network.lte_is_primary);
        self.books.incidents.begin(self.rank, fault, open, masked, lte_is_primary);
        network.plant.begin(now, *fault);
        network.lose_registration(now, fault);
        if fault.repair_if_found.is_some() && network.controller.uses_backup() {
            self.find_dead_backup(now);
        }
        self.watch_fault(fault);
        self.watch_carrier(now, fault.carrier_word);
        self.after_physics(now);
    }

    /// The backup is needed, and dead.
    fn find_dead_backup(&mut self, now: SimTime) {
        let latent = self.network.plant.find_latent(now);
        self.books.incidents.find_backup_dead(latent);
    }

    fn repair(&mut self, now: SimTime) {
        let router_was_dead = !self.network.plant.router;
        let power_was_off = !self.network.plant.power;
        let Some(fault) = self.network.plant.repair(now) else { return };
        self.books.incidents.repair(now, &fault);
        self.watch_carrier(now, fault.carrier_word);
        self.resolve(now, &fault);
        let (plant, in_router) = (&self.network.plant, self.network.in_router);
        let router_is_back = router_was_dead && plant.router && in_router;
        if router_is_back || power_was_off && plant.power {
            self.reboot(now);
        }
        self.after_physics(now);
        self.network.resume_bring_up(now);
        self.network.return_to_first_sim(now);
    }

    /// A step of the routing session or of the detector; tells whether anything came of it.
    fn handle_detector(&mut self, now: SimTime) -> bool {
        let of_session = self.network.session.as_ref().is_some_and(|session| session.next() <= now);
        if of_session { self.step_session(now) } else { self.step_detector(now) }
    }

    fn step_session(&mut self, now: SimTime) -> bool {
        let network = &mut self.network;
        let Some(session) = &mut network.session else { return false };
        let progress = session.handle(now, &network.probed);
        if progress == Progress::Established {
            network.session_route = now + network.route_return(now);
            network.controller.ready(network.session_route);
        }
        match progress {
            Progress::Trying => false,
            Progress::Notified => {
                self.bring_books_up_to(now);
                let was_down = !self.network.declared_up;
                self.judge(now);
                if was_down {
                    self.end_session(now);
                }
                true
            }
            Progress::Established | Progress::Collided => {
                let detector = network.detector.as_mut();
                let verdict = detector.and_then(|it| it.session_established(now, &network.probed));
                self.bring_books_up_to(now);
                self.judge(now);
                verdict.is_some() || progress == Progress::Established
            }
        }
    }

    fn step_detector(&mut self, now: SimTime) -> bool {
        let network = &mut self.network;
        let Some(detector) = &mut network.detector else { return false };
        let verdict = detector.handle(now, &network.probed);
        let peer = detector.peer_down();
        if let Some(session) = &mut network.session {
            if verdict == Some(Verdict::Up) {
                session.begin(now, network.both_ends, &network.probed);
            }
            if let Some(at) = peer.filter(|_| peer != network.peer_down) {
                session.peer_ends(at, &network.probed);
            }
        }
        network.peer_down = peer;
        let Some(verdict) = verdict else { return false };
        self.bring_books_up_to(now);
        let network = &mut self.network;
        match verdict {
            Verdict::Up => self.judge(now),
            Verdict::Down => {
                let was_down = !network.declared_up;
                self.judge(now);
                self.books.incidents.alarm();
                if was_down {
                    // Whoever was connecting stops and begins anew.
                    self.end_session(now);
                }
            }
            Verdict::Reclaimed => {
                // The primary's router is in charge again, whether or not the other has heard so.
                self.books.incidents.recover(now);
                let takes = network.route_return(now);
                network.controller.reclaim(now, takes);
            }
            Verdict::Retaken => self.declare_down(now),
        }
        true
    }

    fn end_session(&mut self, now: SimTime) {
        let network = &mut self.network;
        if let Some(session) = &mut network.session {
            session.end(now, network.peer_down, &network.probed);
        }
    }

    /// The device sees that the link's carrier has gone or is back.
    fn see_carrier(&mut self, now: SimTime, seen: bool) {
        let network = &mut self.network;
        network.carrier_seen = seen;
        if !seen {
            network.carrier_reported = now;
        }
        let said = match &mut network.detector {
            Some(detector) => detector.carrier_changed(now, seen, &network.probed) == Some(Verdict::Down),
            None => !seen,
        };
        self.judge(now);
        if said {
            self.books.incidents.alarm();
        }
    }

    /// The edge router starts again: whatever it knew is forgotten.
    fn reboot(&mut self, now: SimTime) {
        let network = &mut self.network;
        network.look_at_link(now);
        network.carrier_seen = network.plant.primary.carrier;
        network.carrier_change = None;
        let moved = network.controller.route() == Route::Backup;
        network.controller.reset(now);
        network.granted = None;
        network.restart_modem(now);
        network.call = network.call.wrapping_add(1);
        if network.detector.is_some() {
            network.detector = network.new_detector(now);
        }
        if network.session.is_some() {
            network.session = network.new_session(now);
        }
        network.peer_down = None;
        network.declared_up = true;
        if moved {
            self.books.incidents.recover(now);
        }
        self.count_failback(now, moved);
        // It begins with the primary, and sees at once if its link has no carrier.
        self.judge(now);
    }

    /// A carrier that is back: packets pass as soon as the addresses of the link have been found again.
    fn resolve(&mut self, now: SimTime, fault: &Fault) {
        let network = &mut self.network;
        let of_primary = fault.parts.has(Part::Uplink) && fault.signature == Signature::CarrierLost;
        if of_primary && network.plant.primary.carrier {
            let at = address(network.uplink, Purpose::CarrierEvent, now.as_nanos());
            let word = network.key.block(at, 1)[1];
            network.resolves = Some(now + Sampler::new(&network.profile.carrier_resolve).span(word));
        }
    }

    /// If the carrier's presence is not what the device has seen, it will see it after a delay.
    pub(super) fn watch_carrier(&mut self, now: SimTime, word: u64) {
        let network = &mut self.network;
        let Some(watch) = &network.profile.carrier else { return };
        let present = network.plant.primary.carrier;
        if network.carrier_change.is_some_and(|(_, seen)| seen == present) {
            return;
        }
        network.carrier_change = (present != network.carrier_seen)
            .then(|| (network.carrier_seen_at(watch, now, present, word), present));
    }

    fn after_physics(&mut self, now: SimTime) {
        self.books.set_power(self.network.plant.power);
        self.set_dead_tills(now, self.network.plant.dead_tills);
        let network = &mut self.network;
        if !network.backup_alive() {
            network.controller.backup_dead(now);
        }
        network.consider_sim(now);
        self.look_at_link(now);
    }

    /// Tells whoever watches the primary what has become of it.
    pub(super) fn look_at_link(&mut self, now: SimTime) {
        let network = &mut self.network;
        if network.look_at_link(now) && network.is_watching() {
            if let Some(detector) = &mut network.detector {
                detector.link_changed(now, &network.probed);
            }
            if let Some(session) = &mut network.session {
                session.link_changed(now, &network.probed);
                // A link that dies before it was declared up again takes a session with it that was there already.
                if !network.probed.alive && !network.declared_up && session.is_up() {
                    session.end(now, None, &network.probed);
                }
            }
        }
    }

    /// Combines what carrier and detector say, and tells the controller of a change.
    fn judge(&mut self, now: SimTime) {
        let network = &mut self.network;
        let reset = network.session.as_ref().is_some_and(Reconnection::was_reset);
        let detected = network.detector.as_ref().is_none_or(Detector::is_up);
        let up = network.carrier_seen && detected && !reset;
        if up == network.declared_up {
            return;
        }
        network.declared_up = up;
        if up {
            self.books.incidents.recover(now);
            let (ready, staff) = (network.ready(now), network.staff(now));
            if network.controller.up(now, ready, staff) {
                self.books.incidents.failback(now, false);
            }
        } else {
            self.declare_down(now);
        }
    }

    /// The primary is declared down: traffic is to move.
    fn declare_down(&mut self, now: SimTime) {
        let network = &mut self.network;
        network.declared_down = now;
        let incidents = &mut self.books.incidents;
        if network.controller.route() == Route::Backup {
            incidents.relapse();
        } else if !incidents.detect(now, now.saturating_sub(network.memory())) {
            incidents.begin_false_alarm(self.rank, now, network.open);
        }
        self.end_session(now);
        let network = &mut self.network;
        network.choose_sim();
        let (plan, queues) = (network.plan(now), network.queues());
        let delay = network.route_change(now);
        network.controller.down(now, || plan, queues, delay);
        network.consider_sim(now);
    }

    fn handle_controller(&mut self, now: SimTime, outbox: &mut Vec<Stamped<Message>>) {
        if self.handle_modem(now, outbox) {
            return;
        }
        let network = &mut self.network;
        let alive = network.backup_alive();
        let step = network.controller.handle(now, alive, self.books.quiet_since());
        if network.controller.is_stalled() {
            network.consider_sim(now);
            self.find_dead_backup(now);
        }
        let network = &mut self.network;
        match step {
            Some(Step::Registering(takes)) => self.ask_core(now, takes, outbox),
            Some(Step::BackupReady) => self.books.incidents.backup_ready(now),
            Some(Step::FailedOver) => {
                let by_fault = self.books.incidents.failover(now);
                if network.started {
                    let day = self.books.day_book();
                    day.failovers += u64::from(by_fault);
                    day.false_failovers += u64::from(!by_fault);
                }
            }
            Some(Step::FailedBack) => {
                self.count_failback(now, true);
                self.network.release_modem(now);
            }
            Some(Step::Restored) => self.books.incidents.failback(now, false),
            None => {}
        }
    }

    /// Traffic is on the primary, after having `moved` or because it had not left yet.
    pub(super) fn count_failback(&mut self, now: SimTime, moved: bool) {
        self.books.incidents.failback(now, moved);
        if moved && self.network.started {
            self.books.day_book().failbacks += 1;
        }
    }

    /// After anything that may have changed route or physics: books, attempts under way, and the cell.
    pub(in crate::model::store) fn refresh_path(&mut self, now: SimTime, outbox: &mut Vec<Stamped<Message>>) {
        if self.network.started {
            self.network.served = self.services.served(now, self.network.entrance_dead_since());
        }
        let change = self.refresh_flows(now, outbox);
        let (route, state) = (self.network.route(), self.network.state(now));
        let link = &self.network.plant.primary;
        let plant = &self.network.plant;
        let impaired = link.fault_loss > 0.0
            || !link.extra_rtt.is_zero()
            || self.network.answering_first() != Answering::HEALTHY
            || self.network.served != Served::Well
            || plant.dead_tills != 0
            || self.network.has_flows_astray();
        let differs = !state.answers || route != Route::Primary || impaired;
        if self.network.started {
            self.network.disturbed |= differs;
            self.apart.note(now, differs);
        }
        if self.network.disturbed && self.network.started {
            self.books.note_losses(now);
        }
        if state != self.books.state() {
            self.bring_books_up_to(now);
            self.books.set_state(state);
        }
        self.books.incidents.note(now, state.stage);
        let works = [Route::Primary, Route::Backup].map(|route| self.network.works(route));
        let network = &mut self.network;
        let seen = (route, works, network.answering_first().alive);
        if seen != (network.noted_route, network.noted_works, network.noted_service) || change.is_any() {
            let flush = network.profile.flush_flows && route != network.noted_route;
            (network.noted_route, network.noted_works, network.noted_service) = seen;
            self.path_changed(now, flush, change.reset, outbox);
        }
        self.tills.replay.path(now, self.network.takes_replay(now));
        let uses_lte = self.network.started && (state.on_lte || state.stuck) && !self.done;
        if uses_lte && !self.network.attached {
            self.network.joining.get_or_insert(now);
        } else if !uses_lte {
            self.network.joining = None;
            self.leave_cell(now, outbox);
        }
        self.refresh_bulk(now, outbox);
    }
}

impl Network<'_> {
    /// Whether nobody will notice `fault`: what it breaks is broken already, or traffic has left it.
    fn is_hidden(&self, fault: &Fault) -> bool {
        fault.parts.iter().all(|part| match part {
            Part::Service => self.is_service_hidden(fault),
            Part::Uplink
            | Part::Router
            | Part::Switch
            | Part::Backup
            | Part::StoreServer
            | Part::Lane
            | Part::Power => self.is_part_hidden(part) || self.is_of_spare_sim(fault, part),
        })
    }

    /// The same of what answers payments: something that answers none is broken already, or it is the second acquirer's, which
    /// nobody asks while the first's works.
    fn is_service_hidden(&self, fault: &Fault) -> bool {
        let Some(id) = fault.service.service() else { return self.is_part_hidden(Part::Service) };
        let dead = |open: &&Fault| open.signature.is_dead() && open.parts.has(Part::Service);
        let mut dead = self.plant.open().iter().filter(dead).map(|open| open.service.service());
        let unasked = id != self.service && !dead.clone().any(|open| open == Some(self.service));
        unasked || dead.any(|open| open.is_none() || open == Some(id))
    }

    /// Whether it breaks the SIM that a primary which is LTE does not use.
    fn is_of_spare_sim(&self, fault: &Fault, part: Part) -> bool {
        self.lte_is_primary && part == Part::Backup && fault.second_sim != self.on_second
    }

    fn is_part_hidden(&self, part: Part) -> bool {
        let lte_in_router = self.spec.topology == Topology::InRouter;
        // Whether what is broken already makes `part` useless, so that its loss changes nothing.
        let hides = |broken: Part| match (broken, part) {
            (Part::Power, Part::Service) => false,
            (Part::Power, _)
            | (Part::Switch, Part::Switch | Part::Router | Part::Uplink | Part::Backup)
            | (Part::Router, Part::Router | Part::Uplink)
            | (Part::Uplink, Part::Uplink)
            | (Part::Backup, Part::Backup)
            | (Part::StoreServer, Part::StoreServer | Part::Lane)
            | (Part::Service, Part::Service) => true,
            (Part::Router, Part::Backup) => lte_in_router,
            (
                Part::Switch | Part::Router | Part::Uplink | Part::Backup | Part::StoreServer | Part::Lane,
                _,
            )
            | (Part::Service, _) => false,
        };
        let in_use = |open: &&Fault| {
            !open.parts.iter().all(|part| self.is_of_spare_sim(open, part)) || !self.lte_is_primary
        };
        let dead = self.plant.open().iter().filter(|open| open.signature.is_dead()).filter(in_use);
        let broken = dead.flat_map(|open| open.parts.iter()).any(hides);
        let left = self.controller.route() == Route::Backup
            && match part {
                Part::Uplink => true,
                Part::Router => !self.in_router,
                Part::Switch
                | Part::Backup
                | Part::StoreServer
                | Part::Lane
                | Part::Power
                | Part::Service => false,
            };
        broken || left
    }
}
