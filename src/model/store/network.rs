//! The store's uplinks: faults, detection, failover, and the share of a cell.

mod bulk_use;
mod cell_use;
mod desk;
mod flow_use;
mod incident;
mod plan;
mod sim;
mod stage;

use crate::kernel::draws::{Entity, Key};
use crate::kernel::driver::ResourceIndex;
use crate::kernel::variates::{exponential, unit};
use crate::model::bring_up::{self, Plan};
use crate::model::detector::{Detector, LinkView, Queues, Site};
use crate::model::failover::{self, Controller, Ready, Route};
use crate::model::faults::shared::SharedFaults;
use crate::model::faults::{self, Fault};
use crate::model::flows::Flows;
use crate::model::latent;
use crate::model::law::Sampler;
use crate::model::modem::Modem;
use crate::model::neighbour;
use crate::model::path::Plant;
use crate::model::payment::AttemptPath;
use crate::model::purpose::{Purpose, address};
use crate::model::session::Reconnection;
use crate::model::shared::cell::{CellShare, Pair, rate_at};
use crate::model::shared::core::Answer;
use crate::model::uplink::Fluid;
use crate::scenario::resolved::{
    self, CarrierWatch, Ends, Failback, Latent, Lte, Part, Parts, Profile, QueueDiscipline, ResyncOverLte,
    Scenario, ServiceId, StoreRank, Technology, Topology, Window,
};
use crate::units::{BitRate, SimTime, Span};

use super::service_use::Served;
use super::{Class, Connections, World};
use bulk_use::Bulk;
use desk::Desk;

use plan::Allowance;
pub use plan::{probe_rate, used_bytes};
use sim::{Line, Stay};

/// Uplinks and what watches them.
pub(super) struct Network<'a> {
    key: Key,
    uplink: Entity,
    profile: &'a Profile,
    technology: &'a Technology,
    lte: &'a Lte,
    spec: &'a resolved::Store,
    pub(super) connections: Connections,
    /// The modem's SIMs: the first, and the second if it has one.
    first: Line<'a>,
    second: Option<Line<'a>>,
    /// Whether the second is used.
    on_second: bool,
    /// When the modem changes its SIM.
    sim_change: Option<SimTime>,
    /// Of a primary that is LTE.
    stay: Stay,
    modem: Modem,
    allowance: Allowance,
    /// Attempts to register in the present bring-up that have not been answered in a row, and all that were in vain.
    unanswered: u32,
    in_vain: u32,
    pub(super) desk: Desk<'a>,
    plant: Plant,
    faults: Vec<Fault>,
    next_fault: usize,
    pub(super) absorbed: u64,
    detector: Option<Detector>,
    session: Option<Reconnection>,
    /// When the route that the session brought is there.
    session_route: SimTime,
    /// The far end's loss of the session that was last told to it.
    peer_down: Option<SimTime>,
    /// Whether both ends of the detector agree on what is up.
    both_ends: bool,
    probed: LinkView,
    /// Carrier as the device sees it, and the change it will see.
    carrier_seen: bool,
    carrier_change: Option<(SimTime, bool)>,
    /// The carrier is back, and at this instant the link's addresses will have been found again.
    resolves: Option<SimTime>,
    /// They have been found just now, so that what waited for them is delivered.
    queue_flushed: bool,
    /// When the kernel reported a loss of carrier last.
    carrier_reported: SimTime,
    declared_up: bool,
    /// When it was last declared down.
    declared_down: SimTime,
    controller: Controller,
    /// What is kept open, and the number of the data call over LTE.
    flows: Option<Box<Flows>>,
    call: u32,
    /// The device that probes and switches is the edge router.
    in_router: bool,
    pub(super) lte_is_primary: bool,
    has_backup: bool,
    end: SimTime,
    pub(super) started: bool,
    pub(super) disturbed: bool,
    pub(super) open: bool,
    /// The route, and whether primary and backup work, when the attempts under way were last told.
    noted_route: Route,
    noted_works: [bool; 2],
    /// Whether payments were answered then.
    noted_service: bool,
    /// What the services that payments ask are like, as far as the store's faults are concerned: told from outside.
    pub(super) served: Served,
    /// The first acquirer's.
    service: ServiceId,
    /// LTE is used (or will be as soon as the cell is coupled) since this instant.
    joining: Option<SimTime>,
    attached: bool,
    since_attached: SimTime,
    /// The cell it is attached to, or was last.
    cell: Option<ResourceIndex>,
    /// What it is stepped with.
    coupled: Vec<ResourceIndex>,
    applied: SimTime,
    /// Payments on LTE would wait longer than a terminal does.
    starved: bool,
    /// When that, or what the store needs of its cell, next changes by itself.
    queues_change: SimTime,
    /// The need that the cell was told last.
    told: Pair,
    /// A fault that happens only at a load that its cell has to tell, and when.
    candidate: Option<(SimTime, Fault)>,
    payment_bits: u64,
    timeout: Span,
    servers: u64,
    bulk: Bulk<'a>,
    /// When the registration asked for last is granted, and its number: earlier ones were called off.
    granted: Option<(SimTime, Answer)>,
    request: u32,
    pub(super) lte_up: Fluid,
    pub(super) lte_down: Fluid,
    pub(super) given: cell_use::Given,
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
        shared: &SharedFaults,
    ) -> Self {
        let spec = &scenario.stores[rank.0 as usize];
        let technology = &scenario.technologies[spec.technology.0 as usize];
        let profile = &scenario.profiles[spec.profile.0 as usize];
        let lte = &scenario.lte;
        let lte_is_primary = technology.is_lte;
        let has_backup = !lte_is_primary && spec.topology.carries_store_traffic();
        let mut history = match world {
            World::Real | World::FaultFree => faults::history(scenario, rank, window, key, shared),
            World::Undisturbed => faults::FaultHistory::default(),
        };
        history.faults.retain_mut(|fault| {
            if !has_backup && !lte_is_primary {
                fault.parts = fault.parts.without(Part::Backup);
            }
            if world == World::FaultFree {
                // A store without power sells nothing whatever its network does: that is no loss to the network.
                fault.parts =
                    if fault.parts.has(Part::Power) { Parts::of(Part::Power) } else { Parts::default() };
            }
            !fault.parts.is_empty()
        });
        let (begin, mut faults) = faults::from_last_quiet(
            history.faults,
            window,
            failover::settling(profile, scenario, spec.format)
                + Stay::longest(spec.second.is_some() && lte_is_primary, lte),
        );
        if has_backup && world == World::Real {
            // What nobody notices need not be simulated from its onset on.
            let latent = Latent { test_interval: spec.backup_test, ..lte.latent };
            let unnoticed = latent::history(&latent, &spec.id, window, key);
            faults.extend(unnoticed.into_iter().map(|mut fault| {
                fault.window.start = fault.window.start.max(begin);
                fault
            }));
            faults.sort_by_key(|fault| (fault.window.start, fault.cause));
        }
        let uplink = Entity::new("uplink", &spec.id, "primary");
        let probed = LinkView::healthy(begin, technology.rtt);
        let watches = world != World::FaultFree && !lte_is_primary;
        let site = Site { key, uplink, base_loss: technology.loss, end: window.end };
        let detector = watches.then(|| detector_of(profile, site, begin, &probed)).flatten();
        let first = Line::new(
            scenario,
            spec.carrier,
            (spec.sinr_db, spec.modem),
            (connections.cell, connections.core),
        );
        let second = spec.second.filter(|_| has_backup || lte_is_primary).map(|sim| {
            let Connections { second_cell, second_core, .. } = connections;
            Line::new(scenario, sim.carrier, (sim.sinr_db, spec.modem), (second_cell, second_core))
        });
        Network {
            key,
            uplink,
            profile,
            technology,
            lte,
            spec,
            connections,
            first,
            second,
            on_second: false,
            sim_change: None,
            stay: Stay::default(),
            modem: Modem::default(),
            allowance: Allowance::new(scenario, spec, connections.pool, window.start),
            unanswered: 0,
            in_vain: 0,
            desk: Desk::new(scenario, rank, key, connections.noc.filter(|_| world == World::Real)),
            plant: Plant::new(begin, lte_is_primary),
            faults,
            next_fault: 0,
            absorbed: history.absorbed,
            detector,
            session: session_of(profile, site).filter(|_| watches),
            session_route: begin,
            peer_down: None,
            both_ends: matches!(
                profile.detector,
                Some(resolved::Detector::HelloDead(resolved::HelloDead { ends: Ends::Both, .. }))
            ),
            probed,
            carrier_seen: true,
            carrier_change: None,
            resolves: None,
            queue_flushed: false,
            carrier_reported: SimTime::default(),
            declared_up: true,
            declared_down: SimTime::NEVER,
            controller: Controller::new(profile, &spec.failback_hours, has_backup, begin),
            flows: flow_use::flows_of(scenario, spec, has_backup && spec.topology != Topology::InRouter),
            call: 0,
            in_router: spec.topology == Topology::InRouter || !has_backup,
            lte_is_primary,
            has_backup,
            end: window.end,
            started: false,
            disturbed: lte_is_primary,
            open: false,
            noted_route: Route::Primary,
            noted_works: [true; 2],
            noted_service: true,
            served: Served::Well,
            service: scenario.payments.service,
            joining: None,
            attached: false,
            since_attached: SimTime::default(),
            cell: connections.cell,
            coupled: Vec::new(),
            applied: SimTime::default(),
            starved: false,
            queues_change: SimTime::NEVER,
            told: Pair::default(),
            candidate: None,
            payment_bits: scenario.payments.bytes * 8,
            timeout: scenario.payments.timeout,
            // Whatever replays stored payments sends as much as one more.
            servers: u64::from(spec.lanes + spec.self_checkouts) + 1,
            bulk: Bulk::new(&scenario.resync, &spec.traffic, begin),
            granted: None,
            request: 0,
            lte_up: Fluid::new(begin, lte.buffer_bytes).managed(lte.aqm),
            lte_down: Fluid::new(begin, lte.buffer_bytes).managed(lte.aqm),
            given: cell_use::Given::default(),
            wired_up: Fluid::new(begin, technology.buffer_bytes),
            wired_down: Fluid::new(begin, technology.buffer_bytes),
        }
    }

    /// The earliest of the network's own events.
    pub(super) fn next(&self) -> SimTime {
        self.due().into_iter().map(|(at, _)| at).min().unwrap_or(SimTime::NEVER)
    }

    /// The earliest instant at which it may tell the operations centre anything: an alarm, or that its way in has changed.
    pub(super) fn next_for_centre(&self) -> SimTime {
        let fault = self.faults.get(self.next_fault).map_or(SimTime::NEVER, |fault| fault.window.start);
        self.desk.next().min(fault).min(self.plant.next_repair())
    }

    /// The class of the first event due at `now`, if the network has one.
    pub(super) fn class_due(&self, now: SimTime) -> Option<Class> {
        self.due().into_iter().find(|&(at, _)| at == now).map(|(_, class)| class)
    }

    /// Next instants by class, in the order of classes.
    fn due(&self) -> [(SimTime, Class); 7] {
        let fault = self.faults.get(self.next_fault).map_or(SimTime::NEVER, |fault| fault.window.start);
        let watching = self.is_watching();
        let carrier = self.carrier_change.map_or(SimTime::NEVER, |(at, _)| at);
        let detector = self.detector.as_ref().map_or(SimTime::NEVER, Detector::next);
        let session = self.session.as_ref().map_or(SimTime::NEVER, Reconnection::next);
        let granted = self.granted.map_or(SimTime::NEVER, |(at, _)| at);
        let sim_change = self.sim_change.unwrap_or(SimTime::NEVER);
        let modem = self.modem.next().min(sim_change).min(self.returns_to_first_sim());
        let controller = granted.min(self.controller.next()).min(modem);
        let if_watching = |at| if watching { at } else { SimTime::NEVER };
        [
            (self.plant.next_repair(), Class::Repair),
            (fault, Class::Fault),
            (if_watching(carrier).min(self.resolves.unwrap_or(SimTime::NEVER)), Class::Carrier),
            (if_watching(detector.min(session)), Class::Detector),
            (if_watching(controller), Class::Controller),
            (self.flows.as_ref().map_or(SimTime::NEVER, |flows| flows.next()), Class::Flow),
            (self.queues_change.min(self.bulk.next), Class::Starvation),
        ]
    }

    /// Whether the device that probes and switches is alive.
    fn is_watching(&self) -> bool {
        self.plant.power && (!self.in_router || self.plant.router)
    }

    /// Whether the site has power.
    pub(super) const fn has_power(&self) -> bool {
        self.plant.power
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
            Route::Primary => self.plant.switch && self.primary_alive(),
            Route::Backup => self.plant.switch && self.backup_alive(),
            Route::Unreachable => false,
        }
    }

    /// Whether the primary passes traffic, the store's own network aside.
    fn primary_alive(&self) -> bool {
        let radio = !self.lte_is_primary || (self.line().has_service() && !self.modem.is_lost());
        self.plant.router && self.plant.primary.alive && radio
    }

    /// Whether the LTE uplink passes traffic.
    fn backup_alive(&self) -> bool {
        self.has_backup
            && self.plant.power
            && self.lte_link().alive
            && (self.spec.topology != Topology::InRouter || self.plant.router)
            && self.line().has_service()
            && !self.modem.is_lost()
    }

    /// Whether stored payments are replayed, over the way that payments take now.
    pub(super) fn takes_replay(&self, now: SimTime) -> bool {
        let ride = self.ride(now);
        let route = ride.via;
        let allowed = match self.bulk.over_lte {
            ResyncOverLte::Allow | ResyncOverLte::PaymentsOnly => true,
            ResyncOverLte::Block => !self.is_over_lte(route) || self.lte_is_primary,
        };
        let answered = self.is_answered();
        allowed && answered && ride.leaves == Some(now) && !(self.is_over_lte(route) && self.starved)
    }

    /// Looks at the queues on LTE after a rate has changed or when they were to cross the limit.
    fn look_at_queues(&mut self, now: SimTime) {
        let (bits, limit) = (self.payment_bits, self.timeout);
        let (up, down) = (&self.lte_up, &self.lte_down);
        let up_late = match self.lte.queue {
            QueueDiscipline::Priority => up.priority_delay(now, bits) > limit,
            QueueDiscipline::Fifo => up.exceeds(now, bits, limit),
        };
        let up_changes = match self.lte.queue {
            QueueDiscipline::Priority => SimTime::NEVER,
            QueueDiscipline::Fifo => up.next_crossing(now, bits, limit),
        };
        self.starved = self.attached && (up_late || down.exceeds(now, bits, limit));
        let changes =
            up_changes.min(down.next_crossing(now, bits, limit)).min(up.empties(now)).min(down.empties(now));
        let used_up = self.allowance.used_up(now, up, down);
        self.queues_change = if self.attached { changes.min(used_up) } else { SimTime::NEVER };
    }

    fn is_over_lte(&self, route: Route) -> bool {
        match route {
            Route::Primary => self.lte_is_primary,
            Route::Backup => true,
            Route::Unreachable => false,
        }
    }

    /// The core answers the request of this number at `at`.
    pub(super) fn grant(&mut self, at: SimTime, request: u32, answer: Answer) {
        if request == self.request && (self.controller.is_registering() || self.modem.is_asking()) {
            self.granted = Some((at, answer));
        }
    }

    /// The resource it waits for, and since when.
    pub(super) fn wanted(&self) -> Option<(ResourceIndex, SimTime)> {
        if let (Some(at), Some(cell)) = (self.joining, self.line().cell) {
            return Some((cell, at));
        }
        if let (Some((at, _)), Some(cell)) = (self.candidate, self.connections.cell) {
            return Some((cell, at));
        }
        if let Some(pool) = self.allowance.pool.filter(|_| self.attached && !self.allowance.joined) {
            return Some((pool, self.since_attached));
        }
        let free = |core: &ResourceIndex| self.is_watching() && !self.is_coupled_to(*core);
        let core = self.line().core.filter(free).and_then(|core| {
            if self.controller.is_about_to_register() {
                Some((core, self.controller.next()))
            } else {
                self.modem.is_about_to_ask().then(|| (core, self.modem.next()))
            }
        });
        match (core, self.desk.wanted()) {
            (Some(core), Some(noc)) => Some(if noc.1 <= core.1 { noc } else { core }),
            (core, noc) => core.or(noc),
        }
    }

    pub(super) fn is_coupled_to(&self, resource: ResourceIndex) -> bool {
        if self.desk.is(resource) { self.desk.is_coupled() } else { self.coupled.contains(&resource) }
    }

    /// Whether something shared will tell it an instant at which something happens here.
    pub(super) fn awaits_grant(&self) -> bool {
        self.desk.needs() || self.controller.is_registering() || self.modem.is_asking()
    }

    pub(super) fn couple(&mut self, resource: ResourceIndex, coupled: bool) {
        if self.desk.is(resource) {
            self.desk.couple(coupled);
            return;
        }
        self.coupled.retain(|&one| one != resource);
        if coupled {
            self.coupled.push(resource);
        }
    }

    /// Whether it has to be stepped with `resource`: with a core only until that has answered.
    pub(super) fn needs(&self, resource: ResourceIndex) -> bool {
        if self.desk.is(resource) {
            self.desk.needs()
        } else if self.attached && self.cell == Some(resource)
            || self.candidate.is_some() && self.connections.cell == Some(resource)
        {
            true
        } else if self.line().cell == Some(resource) {
            self.joining.is_some()
        } else if self.allowance.pool == Some(resource) {
            self.attached
        } else if self.line().core == Some(resource) {
            (self.controller.is_registering() || self.modem.is_asking()) && self.granted.is_none()
        } else {
            false
        }
    }

    const fn flows_now(&self, class: &resolved::TrafficClass) -> bool {
        self.open || !class.open_hours_only
    }

    fn sum(
        &self,
        traffic: &[resolved::TrafficClass],
        rates: impl Fn(&resolved::TrafficClass) -> (BitRate, BitRate),
    ) -> (BitRate, BitRate) {
        let mut total = (BitRate(0), BitRate(0));
        for class in traffic.iter().filter(|class| self.flows_now(class)) {
            let (up, down) = rates(class);
            total.0 += up;
            total.1 += down;
        }
        total
    }

    /// Rates at which `level` serves the store, up and down.
    fn service_at(&self, level: Pair) -> (BitRate, BitRate) {
        let radio = self.line().radio;
        let most = self.allowance.limit().unwrap_or(BitRate(u64::MAX));
        (rate_at(level.up, radio.0).min(most), rate_at(level.down, radio.1).min(most))
    }

    /// Whether `share` of `cell`, if the store uses that one, serves it at other rates than now.
    pub(super) fn is_moved_by(&self, cell: ResourceIndex, share: &CellShare) -> bool {
        let rates = (self.lte_up.service(), self.lte_down.service());
        let uses = self.attached && self.cell == Some(cell);
        uses && self.service_at(share.of(self.allowance.first, true)) != rates
    }

    fn set_lte_rates(&mut self, now: SimTime, demand: (BitRate, BitRate), level: Pair) {
        self.set_lte_services(now, demand, self.service_at(level));
    }

    fn set_lte_services(&mut self, now: SimTime, demand: (BitRate, BitRate), service: (BitRate, BitRate)) {
        self.given.count(now, service);
        self.fill_lte(now, demand, service);
    }

    /// Airtime of one payment at each server, nanoseconds.
    fn bursts(&self) -> Pair {
        let nanos =
            |radio: BitRate| radio.time_for(self.payment_bits).as_nanos().saturating_mul(self.servers);
        let radio = self.line().radio;
        Pair { up: nanos(radio.0), down: nanos(radio.1) }
    }

    /// What an attempt of `bits` each way meets if it is sent over `route` at `now`.
    #[inline]
    pub(super) fn attempt_path(&self, now: SimTime, route: Route, bits: u64) -> AttemptPath {
        let over_lte = self.is_over_lte(route);
        let link = if route == Route::Backup { self.lte_link() } else { &self.plant.primary };
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
            round_trip: self.round_trip(route),
            loss: 1.0 - passes,
            queueing: sending + down.fifo_delay(now, bits),
        }
    }

    /// Updates the link as the detector's probes see it; tells whether it changed.
    fn look_at_link(&mut self, now: SimTime) -> bool {
        let resolved = self.resolves.is_none_or(|at| at <= now);
        let alive = self.plant.primary.alive && (self.in_router || self.plant.router) && resolved;
        let since = if alive == self.probed.alive { self.probed.since } else { now };
        // Before the doors first open nothing flows.
        let flows = self.wired_up.service().0 > 0 && self.wired_down.service().0 > 0;
        let priority = self.profile.probe_priority;
        let queues = Queues { up: self.wired_up, down: self.wired_down, priority };
        let seen = LinkView {
            alive,
            since,
            fault_loss: self.plant.primary.fault_loss,
            rtt: self.technology.rtt + self.plant.primary.extra_rtt,
            usual_rtt: self.technology.rtt,
            queues: flows.then_some(queues),
            announced: self.plant.primary.announced,
            delivers_queued: self.queue_flushed,
        };
        let changed = seen != self.probed;
        self.probed = seen;
        changed
    }

    /// What the profile watches with, as if started at `now`.
    fn new_detector(&self, now: SimTime) -> Option<Detector> {
        let (key, uplink, end) = (self.key, self.uplink, self.end);
        let site = Site { key, uplink, base_loss: self.technology.loss, end };
        detector_of(self.profile, site, now, &self.probed)
    }

    /// How far back a repaired fault can still be why the primary is declared down. A carrier that is back before its loss
    /// is seen was never lost.
    fn memory(&self) -> Span {
        let rule = self.profile.detector.as_ref().map_or(Span::ZERO, resolved::Detector::memory);
        rule + self.profile.down_delay
    }

    /// The routing session as it is after the device has started at `now`.
    fn new_session(&self, now: SimTime) -> Option<Reconnection> {
        let site =
            Site { key: self.key, uplink: self.uplink, base_loss: self.technology.loss, end: self.end };
        let mut session = session_of(self.profile, site)?;
        session.end(now, None, &self.probed);
        Some(session)
    }

    fn plan(&self, now: SimTime) -> Plan {
        let rule = self.profile.detector.as_ref().filter(|_| self.profile.probes_backup);
        let probed = rule.and_then(resolved::Detector::probe_every);
        let standby = bring_up::effective_standby(self.spec.standby, probed, self.lte.bring_up.rrc_tail);
        self.plan_from(now, standby)
    }

    fn route_change(&self, now: SimTime) -> Span {
        let word = self.key.block(address(self.uplink, Purpose::BringUp, now.as_nanos()), 3)[2];
        Sampler::new(&self.profile.route_change).span(word)
    }

    /// From up, or from an established session, until new packets take the primary.
    fn route_return(&self, now: SimTime) -> Span {
        let word = self.key.block(address(self.uplink, Purpose::Failback, now.as_nanos()), 1)[0];
        Sampler::new(&self.profile.route_return).span(word)
    }

    /// How long somebody takes to lead traffic back to a primary declared up at `now`.
    fn staff(&self, now: SimTime) -> Span {
        let Failback::Manual(law) = self.profile.failback else { return Span::ZERO };
        let word = self.key.block(address(self.uplink, Purpose::ManualFailback, now.as_nanos()), 1)[0];
        Sampler::new(&law).span(word)
    }

    /// When the route over the primary, declared up at `now`, will be there.
    fn ready(&self, now: SimTime) -> Ready {
        match &self.session {
            Some(session) if session.is_up() => Ready::At(self.session_route),
            Some(_) => Ready::Unknown,
            None => {
                let noticed = self.detector.as_ref().is_none_or(Detector::peer_noticed);
                // Hosts move to the other router when it takes over, whether or not its own way out is there.
                let taken = self.declared_down;
                if self.profile.lan_takeover && !noticed {
                    let at = address(self.uplink, Purpose::NeighbourCache, taken.as_nanos());
                    Ready::At(neighbour::finds(taken, now, &mut self.key.words(at, 1)))
                } else {
                    Ready::After(self.route_return(now))
                }
            }
        }
    }

    /// When the device will see that the carrier is `present` since `now`.
    fn carrier_seen_at(&self, watch: &CarrierWatch, now: SimTime, present: bool, word: u64) -> SimTime {
        let looked = if watch.poll.is_zero() {
            now
        } else {
            let phase = unit(self.key.block(address(self.uplink, Purpose::CarrierPhase, 0), 1)[0]);
            let phase = Span::from_nanos((phase * watch.poll.as_nanos() as f64) as u64);
            let into = now.as_nanos().saturating_sub(phase.as_nanos());
            SimTime::from_nanos(
                phase.as_nanos() + into.div_ceil(watch.poll.as_nanos()) * watch.poll.as_nanos(),
            )
        };
        let mut reported = looked;
        if !present {
            // Only losses wait for their turn.
            reported = reported.max(self.carrier_reported + watch.rate_limit);
            if watch.others_per_s > 0.0 {
                let at = address(self.uplink, Purpose::CarrierEvent, now.as_nanos());
                let age_s = exponential(self.key.block(at, 1)[0]) / watch.others_per_s;
                let other = looked.saturating_sub(Span::from_secs_f64(age_s));
                reported = reported.max(other + watch.rate_limit);
            }
        }
        reported + Sampler::new(&watch.delay).span(word)
    }
}

/// The detector of `profile`, started at `now`, if it has one.
fn detector_of(profile: &Profile, site: Site, now: SimTime, link: &LinkView) -> Option<Detector> {
    let parameters = profile.detector.as_ref()?;
    let detector = Detector::new(parameters, site, now, link);
    Some(detector.with_delays(profile.down_delay, profile.up_delay))
}

/// The routing session of `profile`, established, if it has one.
fn session_of(profile: &Profile, site: Site) -> Option<Reconnection> {
    profile.session.map(|parameters| Reconnection::new(parameters, site.key, site.uplink, site.base_loss))
}
