//! The store's uplinks: faults, detection, failover, and the share of a cell.

use crate::kernel::draws::{Entity, Key};
use crate::kernel::driver::{ResourceIndex, Stamped};
use crate::model::bring_up::{self, Plan};
use crate::model::detector::{Detector, LinkView, Site, Verdict};
use crate::model::failover::{Controller, Route, Step};
use crate::model::faults::{self, Fault};
use crate::model::law::Sampler;
use crate::model::ledger::PathState;
use crate::model::path::Plant;
use crate::model::payment::{AttemptPath, RoundTrip};
use crate::model::purpose::{Purpose, address};
use crate::model::shared::cell::{CellMessage, CellShare, Pair, airtime, radio_rate, rate_at};
use crate::model::shared::{Message, Published};
use crate::model::uplink::Fluid;
use crate::scenario::resolved::{
    self, Carrier, Lte, Profile, QueueDiscipline, Scenario, Signature, StoreRank, Technology, Topology,
    Window,
};
use crate::units::{BitRate, SimTime, Span};

use super::{Class, Connections, Store, World};

/// Uplinks and what watches them.
pub(super) struct Network<'a> {
    key: Key,
    uplink: Entity,
    profile: &'a Profile,
    technology: &'a Technology,
    carrier: &'a Carrier,
    lte: &'a Lte,
    spec: &'a resolved::Store,
    pub(super) connections: Connections,
    plant: Plant,
    faults: Vec<Fault>,
    next_fault: usize,
    pub(super) absorbed: u64,
    detector: Option<Detector>,
    probed: LinkView,
    /// Carrier as the device sees it, and the change it will see.
    carrier_seen: bool,
    carrier_change: Option<(SimTime, bool)>,
    declared_up: bool,
    controller: Controller,
    /// The device that probes and switches is the edge router.
    in_router: bool,
    lte_is_primary: bool,
    has_backup: bool,
    /// Radio rates, up and down.
    radio: (BitRate, BitRate),
    ln_rtt_s: f64,
    end: SimTime,
    pub(super) started: bool,
    pub(super) disturbed: bool,
    open: bool,
    route: Route,
    works: bool,
    /// LTE is used (or will be as soon as the cell is coupled) since this instant.
    joining: Option<SimTime>,
    attached: bool,
    coupled_cell: bool,
    coupled_core: bool,
    applied: SimTime,
    pub(super) granted: Option<SimTime>,
    pub(super) lte_up: Fluid,
    pub(super) lte_down: Fluid,
    wired_up: Fluid,
    wired_down: Fluid,
}

impl<'a> Network<'a> {
    pub(super) fn new(
        scenario: &'a Scenario,
        rank: StoreRank,
        key: Key,
        world: World,
        connections: Connections,
        window: Window,
    ) -> Self {
        let spec = &scenario.stores[rank.0 as usize];
        let technology = &scenario.technologies[spec.technology.0 as usize];
        let carrier = &scenario.carriers[spec.carrier.0 as usize];
        let profile = &scenario.profiles[spec.profile.0 as usize];
        let lte = &scenario.lte;
        let lte_is_primary = technology.is_lte;
        let has_backup = !lte_is_primary
            && match spec.topology {
                Topology::InRouter | Topology::SecondRouter | Topology::GatewayCarrying => true,
                Topology::GatewayOnly | Topology::None => false,
            };
        let history = match world {
            World::Real => faults::history(scenario, rank, window, key),
            World::FaultFree => faults::FaultHistory::default(),
        };
        let faults = history.faults.into_iter().filter(|fault| {
            let on_backup = fault.scope == resolved::Scope::Backup;
            !on_backup || has_backup || lte_is_primary
        });
        let (begin, faults) = faults::from_last_quiet(faults.collect(), window);
        let uplink = Entity::new("uplink", &spec.id, "primary");
        let probed = LinkView { alive: true, since: begin, fault_loss: 0.0, rtt: technology.rtt };
        let detector = match (world, lte_is_primary, &profile.detector) {
            (World::Real, false, Some(parameters)) => {
                let site = Site { key, uplink, base_loss: technology.loss, end: window.end };
                Some(Detector::new(parameters, site, begin, &probed))
            }
            (World::FaultFree, _, _) | (_, true, _) | (_, _, None) => None,
        };
        let radio = |alpha, cap, modem| radio_rate(spec.sinr_db, alpha, cap, carrier.resource_blocks, modem);
        Network {
            key,
            uplink,
            profile,
            technology,
            carrier,
            lte,
            spec,
            connections,
            plant: Plant::new(begin, lte_is_primary),
            faults,
            next_fault: 0,
            absorbed: history.absorbed,
            detector,
            probed,
            carrier_seen: true,
            carrier_change: None,
            declared_up: true,
            controller: Controller::new(profile.failback, has_backup),
            in_router: spec.topology == Topology::InRouter || !has_backup,
            lte_is_primary,
            has_backup,
            radio: (
                radio(lte.alpha_up, lte.cap_up, lte.modem_up),
                radio(lte.alpha_down, lte.cap_down, lte.modem_down),
            ),
            ln_rtt_s: libm::log(carrier.rtt_median_s),
            end: window.end,
            started: false,
            disturbed: lte_is_primary,
            open: false,
            route: Route::Primary,
            works: true,
            joining: None,
            attached: false,
            coupled_cell: false,
            coupled_core: false,
            applied: SimTime::default(),
            granted: None,
            lte_up: Fluid::new(begin, lte.buffer_bytes),
            lte_down: Fluid::new(begin, lte.buffer_bytes),
            wired_up: Fluid::new(begin, technology.buffer_bytes),
            wired_down: Fluid::new(begin, technology.buffer_bytes),
        }
    }

    /// The earliest of the network's own events.
    pub(super) fn next(&self) -> SimTime {
        self.due().into_iter().map(|(at, _)| at).min().unwrap_or(SimTime::NEVER)
    }

    /// The class of the first event due at `now`, if the network has one.
    pub(super) fn class_due(&self, now: SimTime) -> Option<Class> {
        self.due().into_iter().find(|&(at, _)| at == now).map(|(_, class)| class)
    }

    /// Next instants by class, in the order of classes.
    fn due(&self) -> [(SimTime, Class); 5] {
        let fault = self.faults.get(self.next_fault).map_or(SimTime::NEVER, |fault| fault.window.start);
        let watching = self.is_watching();
        let carrier = self.carrier_change.map_or(SimTime::NEVER, |(at, _)| at);
        let detector = self.detector.as_ref().map_or(SimTime::NEVER, Detector::next);
        let controller = self.granted.unwrap_or(SimTime::NEVER).min(self.controller.next());
        let if_watching = |at| if watching { at } else { SimTime::NEVER };
        [
            (self.plant.next_repair(), Class::Repair),
            (fault, Class::Fault),
            (if_watching(carrier), Class::Carrier),
            (if_watching(detector), Class::Detector),
            (if_watching(controller), Class::Controller),
        ]
    }

    /// Whether the device that probes and switches is alive.
    fn is_watching(&self) -> bool {
        !self.in_router || self.plant.router
    }

    /// Where new packets go.
    pub(super) fn route(&self) -> Route {
        if !self.has_backup && !self.carrier_seen && self.is_watching() {
            return Route::Unreachable;
        }
        self.controller.route()
    }

    /// Whether what is sent over `route` gets answers.
    pub(super) fn works(&self, route: Route) -> bool {
        match route {
            Route::Primary => {
                let radio = !self.lte_is_primary || (self.radio.0.0 > 0 && self.radio.1.0 > 0);
                self.plant.switch && self.plant.router && self.plant.primary.alive && radio
            }
            Route::Backup => self.plant.switch && self.backup_alive(),
            Route::Unreachable => false,
        }
    }

    /// Whether the LTE uplink passes traffic.
    fn backup_alive(&self) -> bool {
        self.has_backup
            && self.plant.lte.alive
            && (self.spec.topology != Topology::InRouter || self.plant.router)
            && self.radio.0.0 > 0
            && self.radio.1.0 > 0
    }

    fn state(&self) -> PathState {
        let route = self.route();
        PathState {
            open: self.open,
            dark: !self.works(Route::Primary) && !self.works(Route::Backup),
            answers: self.works(route),
            on_lte: self.is_over_lte(route),
        }
    }

    fn is_over_lte(&self, route: Route) -> bool {
        match route {
            Route::Primary => self.lte_is_primary,
            Route::Backup => true,
            Route::Unreachable => false,
        }
    }

    /// The resource it waits for, and since when.
    pub(super) fn wanted(&self) -> Option<(ResourceIndex, SimTime)> {
        if let (Some(at), Some(cell)) = (self.joining, self.connections.cell) {
            return Some((cell, at));
        }
        let core = self.connections.core?;
        let asks = self.controller.is_about_to_register() && self.is_watching() && !self.coupled_core;
        asks.then(|| (core, self.controller.next()))
    }

    pub(super) fn is_coupled_to(&self, resource: ResourceIndex) -> bool {
        if self.connections.cell == Some(resource) { self.coupled_cell } else { self.coupled_core }
    }

    pub(super) fn couple(&mut self, resource: ResourceIndex, coupled: bool) {
        if self.connections.cell == Some(resource) {
            self.coupled_cell = coupled;
        } else {
            self.coupled_core = coupled;
        }
    }

    /// Whether it has to be stepped with `resource`.
    pub(super) fn needs(&self, resource: ResourceIndex) -> bool {
        if self.connections.cell == Some(resource) {
            self.attached || self.joining.is_some()
        } else {
            self.controller.is_about_to_register()
                || self.controller.is_registering()
                || self.granted.is_some()
        }
    }

    /// Rates of background traffic on LTE, up and down.
    fn lte_demand(&self, traffic: &[resolved::TrafficClass]) -> (BitRate, BitRate) {
        self.sum(traffic, |class| (class.lte_up, class.lte_down))
    }

    fn sum(
        &self,
        traffic: &[resolved::TrafficClass],
        rates: impl Fn(&resolved::TrafficClass) -> (BitRate, BitRate),
    ) -> (BitRate, BitRate) {
        let mut total = (BitRate(0), BitRate(0));
        for class in traffic.iter().filter(|class| self.open || !class.opening_hours_only) {
            let (up, down) = rates(class);
            total.0 += up;
            total.1 += down;
        }
        total
    }

    fn need(&self, demand: (BitRate, BitRate)) -> Pair {
        Pair { up: airtime(demand.0, self.radio.0), down: airtime(demand.1, self.radio.1) }
    }

    fn lte_rates_differ(&self, level: Pair) -> bool {
        self.lte_up.service() != rate_at(level.up, self.radio.0)
            || self.lte_down.service() != rate_at(level.down, self.radio.1)
    }

    fn set_lte_rates(&mut self, now: SimTime, demand: (BitRate, BitRate), level: Pair) {
        self.lte_up.set(now, demand.0, rate_at(level.up, self.radio.0));
        self.lte_down.set(now, demand.1, rate_at(level.down, self.radio.1));
    }

    /// What an attempt of `bits` each way meets if it is sent over `route` at `now`.
    #[inline]
    pub(super) fn attempt_path(&self, now: SimTime, route: Route, bits: u64) -> AttemptPath {
        let over_lte = self.is_over_lte(route);
        let link = if route == Route::Backup { &self.plant.lte } else { &self.plant.primary };
        let (up, down, discipline, base_loss) = if over_lte {
            (&self.lte_up, &self.lte_down, self.lte.queue, self.lte.loss)
        } else {
            (&self.wired_up, &self.wired_down, self.technology.queue, self.technology.loss)
        };
        // Only the store's own side of an uplink knows payments from other traffic; downwards there is one queue.
        let sending = match discipline {
            QueueDiscipline::Priority => up.priority_delay(now, bits),
            QueueDiscipline::Fifo => up.fifo_delay(now, bits),
        };
        let up_loss = match discipline {
            QueueDiscipline::Priority => 0.0,
            QueueDiscipline::Fifo => up.loss(now),
        };
        let passes = (1.0 - base_loss) * (1.0 - link.fault_loss) * (1.0 - up_loss) * (1.0 - down.loss(now));
        AttemptPath {
            round_trip: if over_lte {
                RoundTrip::Lte {
                    ln_median_s: self.ln_rtt_s,
                    sigma: self.lte.rtt_sigma,
                    extra: link.extra_rtt,
                }
            } else {
                RoundTrip::Wired {
                    base: self.technology.rtt + link.extra_rtt,
                    jitter: self.technology.jitter,
                }
            },
            loss: 1.0 - passes,
            queueing: sending + down.fifo_delay(now, bits),
        }
    }

    /// Updates the link as the detector's probes see it; tells whether it changed.
    fn look_at_link(&mut self, now: SimTime) -> bool {
        let alive = self.plant.primary.alive && (self.in_router || self.plant.router);
        let since = if alive == self.probed.alive { self.probed.since } else { now };
        let seen = LinkView {
            alive,
            since,
            fault_loss: self.plant.primary.fault_loss,
            rtt: self.technology.rtt + self.plant.primary.extra_rtt,
        };
        let changed = seen != self.probed;
        self.probed = seen;
        changed
    }

    /// How far back a repaired fault can still be why the primary is declared down.
    fn memory(&self) -> Span {
        match self.profile.detector {
            Some(resolved::Detector::ConsecutiveProbes { interval, timeout, down, .. }) => {
                interval.times(u64::from(down)) + timeout
            }
            Some(resolved::Detector::HelloDead { dead, .. }) => dead,
            Some(resolved::Detector::WindowedLoss { period, loss_after, check, .. }) => {
                period + loss_after + check
            }
            None => Span::from_secs(1),
        }
    }

    fn plan(&self, now: SimTime) -> Plan {
        let at = address(self.uplink, Purpose::BringUp, now.as_nanos());
        let rtt = (self.carrier.rtt_median_s, self.lte.rtt_sigma);
        bring_up::plan(&self.lte.bring_up, self.spec.standby, rtt, self.key, at)
    }

    fn route_change(&self, now: SimTime, purpose: Purpose) -> Span {
        let at = address(self.uplink, purpose, now.as_nanos());
        let word = match purpose {
            Purpose::BringUp => self.key.block(at, 3)[2],
            _ => self.key.block(at, 1)[0],
        };
        Sampler::new(&self.profile.route_change).span(word)
    }
}

impl Store<'_> {
    pub(super) fn is_lte(&self, route: Route) -> bool {
        self.network.is_over_lte(route)
    }

    pub(super) fn handle_network(&mut self, now: SimTime, class: Class, outbox: &mut Vec<Stamped<Message>>) {
        if class != Class::Detector {
            self.bring_books_up_to(now);
        }
        match class {
            Class::Repair => self.repair(now),
            Class::Fault => self.begin_fault(now),
            Class::Carrier => {
                if let Some((_, seen)) = self.network.carrier_change.take() {
                    self.network.carrier_seen = seen;
                    self.judge(now);
                }
            }
            Class::Detector => {
                let network = &mut self.network;
                let verdict = network.detector.as_mut().and_then(|it| it.handle(now, &network.probed));
                match verdict {
                    Some(Verdict::Down | Verdict::Up) => {
                        self.bring_books_up_to(now);
                        self.judge(now);
                    }
                    None => return,
                }
            }
            Class::Controller => self.handle_controller(now, outbox),
            Class::Calendar | Class::Till | Class::Renege | Class::Arrival => {
                unreachable!("not an event of the network")
            }
        }
        self.refresh_path(now, outbox);
    }

    fn begin_fault(&mut self, now: SimTime) {
        let network = &mut self.network;
        let fault = network.faults[network.next_fault];
        network.next_fault += 1;
        let masked = is_masked(&network.plant, &fault);
        let (open, lte_is_primary) = (network.open, network.lte_is_primary);
        self.books.incidents.settle(now.saturating_sub(network.memory()));
        self.books.incidents.begin(self.rank, &fault, open, masked, lte_is_primary);
        network.plant.begin(now, fault);
        if fault.scope == resolved::Scope::Uplink && matches!(fault.signature, Signature::CarrierLost) {
            self.watch_carrier(now, fault.carrier_word);
        }
        self.after_physics(now);
    }

    fn repair(&mut self, now: SimTime) {
        let router_was_dead = !self.network.plant.router;
        let Some(fault) = self.network.plant.repair(now) else { return };
        self.books.incidents.repair(now, fault.cause);
        self.watch_carrier(now, fault.carrier_word);
        if router_was_dead && self.network.plant.router && self.network.in_router {
            self.reboot(now);
        }
        self.after_physics(now);
        let network = &mut self.network;
        if network.controller.is_stalled() && network.backup_alive() {
            let (plan, queues) = (network.plan(now), network.connections.core.is_some());
            network.controller.backup_alive(now, || plan, queues);
        }
    }

    /// The edge router starts again: whatever it knew is forgotten.
    fn reboot(&mut self, now: SimTime) {
        let network = &mut self.network;
        network.look_at_link(now);
        network.carrier_seen = network.plant.primary.carrier;
        network.carrier_change = None;
        network.controller.reset();
        let memory = network.memory();
        if let (Some(parameters), true) = (&network.profile.detector, network.detector.is_some()) {
            let (key, uplink, end) = (network.key, network.uplink, network.end);
            let site = Site { key, uplink, base_loss: network.technology.loss, end };
            network.detector = Some(Detector::new(parameters, site, now, &network.probed));
        }
        network.declared_up = network.carrier_seen;
        self.books.incidents.failback(now, false);
        self.books.incidents.settle(now.saturating_sub(memory));
    }

    /// If the carrier's presence is not what the device has seen, it will see it after a delay.
    fn watch_carrier(&mut self, now: SimTime, word: u64) {
        let network = &mut self.network;
        let Some(delay) = &network.profile.carrier_delay else { return };
        let present = network.plant.primary.carrier;
        network.carrier_change =
            (present != network.carrier_seen).then(|| (now + Sampler::new(delay).span(word), present));
    }

    fn after_physics(&mut self, now: SimTime) {
        let network = &mut self.network;
        if network.look_at_link(now)
            && network.is_watching()
            && let Some(detector) = &mut network.detector
        {
            detector.link_changed(now, &network.probed);
        }
    }

    /// Combines what carrier and detector say, and tells the controller of a change.
    fn judge(&mut self, now: SimTime) {
        let network = &mut self.network;
        let up = network.carrier_seen && network.detector.as_ref().is_none_or(Detector::is_up);
        if up == network.declared_up {
            return;
        }
        network.declared_up = up;
        let incidents = &mut self.books.incidents;
        if up {
            let delay = network.route_change(now, Purpose::Failback);
            incidents.recover(now);
            if network.controller.up(now, delay) {
                incidents.failback(now, false);
                incidents.settle(now);
            }
        } else {
            if network.controller.route() == Route::Backup {
                incidents.relapse();
            } else if !incidents.detect(now, now.saturating_sub(network.memory())) {
                incidents.begin_false_alarm(self.rank, now, network.open);
            }
            let (plan, queues) = (network.plan(now), network.connections.core.is_some());
            let delay = network.route_change(now, Purpose::BringUp);
            network.controller.down(now, || plan, queues, delay);
        }
    }

    fn handle_controller(&mut self, now: SimTime, outbox: &mut Vec<Stamped<Message>>) {
        let network = &mut self.network;
        if network.granted == Some(now) {
            network.granted = None;
            network.controller.registered(now);
            return;
        }
        let alive = network.backup_alive();
        match network.controller.handle(now, alive) {
            Some(Step::Registering(takes)) => {
                if let Some(to) = network.connections.core {
                    let message = Message::Register(takes);
                    outbox.push(Stamped { at: now, rank: self.rank.0, to, message });
                }
            }
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
                self.books.incidents.failback(now, true);
                self.books.incidents.settle(now.saturating_sub(network.memory()));
                if network.started {
                    self.books.day_book().failbacks += 1;
                }
            }
            None => {}
        }
    }

    /// After anything that may have changed route or physics: books, attempts under way, and the cell.
    pub(super) fn refresh_path(&mut self, now: SimTime, outbox: &mut Vec<Stamped<Message>>) {
        let (route, state) = (self.network.route(), self.network.state());
        let link = &self.network.plant.primary;
        let impaired = link.fault_loss > 0.0 || !link.extra_rtt.is_zero();
        if self.network.started && (!state.answers || route != Route::Primary || impaired) {
            self.network.disturbed = true;
        }
        if state != self.books.state() {
            self.bring_books_up_to(now);
            self.books.set_state(state);
        }
        if (route, state.answers) != (self.network.route_in_use(), self.network.works_now()) {
            let flush = self.network.profile.flush_flows && route != self.network.route_in_use();
            self.network.note_path(route, state.answers);
            self.path_changed(now, flush);
        }
        let uses_lte = self.network.started && state.on_lte && state.answers && !self.is_over();
        if uses_lte && !self.network.attached {
            self.network.joining.get_or_insert(now);
        } else if !uses_lte {
            self.network.joining = None;
            self.leave_cell(now, outbox);
        }
    }

    const fn is_over(&self) -> bool {
        self.done
    }

    /// Counts the time up to `now` as what it was: before a state, a rate or an incident changes.
    fn bring_books_up_to(&mut self, now: SimTime) {
        let (up, down) = (&self.network.lte_up, &self.network.lte_down);
        self.books.elapse(now, |at| up.carried(at) + down.carried(at));
    }

    /// The resource that was waited for may be used from `at`, which is now.
    pub(super) fn use_resource(
        &mut self,
        at: SimTime,
        board: &[Published],
        outbox: &mut Vec<Stamped<Message>>,
    ) {
        let traffic = &self.scenario.formats[self.spec.format.0 as usize].traffic;
        let network = &mut self.network;
        network.joining = None;
        let Some(to) = network.connections.cell else { return };
        let Published::Cell(share) = board[to.0 as usize] else { return };
        let demand = network.lte_demand(traffic);
        self.bring_books_up_to(at);
        let network = &mut self.network;
        network.set_lte_rates(at, demand, share.joining);
        network.attached = true;
        network.applied = share.at;
        let message = Message::Cell(CellMessage::Join(network.need(demand)));
        outbox.push(Stamped { at, rank: self.rank.0, to, message });
    }

    pub(super) fn leave_cell(&mut self, now: SimTime, outbox: &mut Vec<Stamped<Message>>) {
        let (true, Some(to)) = (self.network.attached, self.network.connections.cell) else { return };
        self.bring_books_up_to(now);
        let network = &mut self.network;
        network.lte_up.stop(now);
        network.lte_down.stop(now);
        network.attached = false;
        outbox.push(Stamped { at: now, rank: self.rank.0, to, message: Message::Cell(CellMessage::Leave) });
    }

    /// Takes over what the cell has published since the last time.
    pub(super) fn apply_share(&mut self, board: &[Published]) {
        let network = &mut self.network;
        let (true, Some(cell)) = (network.attached, network.connections.cell) else { return };
        let Published::Cell(CellShare { level, at, .. }) = board[cell.0 as usize] else { return };
        if at > network.applied {
            network.applied = at;
            let demand = (network.lte_up.offered(), network.lte_down.offered());
            if network.lte_rates_differ(level) {
                // The fluids know what they have carried only from their last change of rate on.
                self.bring_books_up_to(at);
                self.network.set_lte_rates(at, demand, level);
            }
        }
    }

    /// A payment's bytes over LTE.
    pub(super) fn carry_payment(&mut self, now: SimTime, via: Route, outbox: &mut Vec<Stamped<Message>>) {
        let network = &self.network;
        let (true, Some(to)) = (network.attached && self.is_lte(via), network.connections.cell) else {
            return;
        };
        let bytes = self.scenario.payments.bytes;
        self.books.carry(now, 2 * bytes);
        let nanos = |radio: BitRate| radio.time_for(bytes * 8).as_nanos();
        let airtime = Pair { up: nanos(network.radio.0), down: nanos(network.radio.1) };
        let message = Message::Cell(CellMessage::Burst(airtime));
        outbox.push(Stamped { at: now, rank: self.rank.0, to, message });
    }

    pub(super) fn set_open(&mut self, now: SimTime, open: bool, outbox: &mut Vec<Stamped<Message>>) {
        let traffic = &self.scenario.formats[self.spec.format.0 as usize].traffic;
        self.network.open = open;
        self.refresh_path(now, outbox);
        let network = &mut self.network;
        let wired = network.sum(traffic, |class| (class.up, class.down));
        network.wired_up.set(now, wired.0, network.technology.up);
        network.wired_down.set(now, wired.1, network.technology.down);
        let (true, Some(to)) = (network.attached, network.connections.cell) else { return };
        let demand = network.lte_demand(traffic);
        self.bring_books_up_to(now);
        let network = &mut self.network;
        let (service_up, service_down) = (network.lte_up.service(), network.lte_down.service());
        network.lte_up.set(now, demand.0, service_up);
        network.lte_down.set(now, demand.1, service_down);
        let message = Message::Cell(CellMessage::Need(network.need(demand)));
        outbox.push(Stamped { at: now, rank: self.rank.0, to, message });
    }
}

impl Network<'_> {
    const fn route_in_use(&self) -> Route {
        self.route
    }

    const fn works_now(&self) -> bool {
        self.works
    }

    const fn note_path(&mut self, route: Route, works: bool) {
        (self.route, self.works) = (route, works);
    }
}

/// Whether what `fault` breaks is broken already.
fn is_masked(plant: &Plant, fault: &Fault) -> bool {
    let on_lte = fault.scope == resolved::Scope::Backup;
    plant.open().iter().any(|open| match open.signature {
        Signature::PartialLoss(_) | Signature::Latency(_) => false,
        Signature::CarrierLost | Signature::Blackhole => (open.scope == resolved::Scope::Backup) == on_lte,
    })
}
