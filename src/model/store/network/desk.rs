//! The store as the operations centre sees it: what is polled, when a fault is noticed, what ends one.

use crate::kernel::draws::Key;
use crate::kernel::driver::{ResourceIndex, Stamped};
use crate::model::failover::Route;
use crate::model::faults::Fault;
use crate::model::shared::Message;
use crate::model::shared::noc::{self, Alarm, NocMessage, Remedy, TicketDraws};
use crate::scenario::resolved::{Noc, OobmKind, Part, Parts, Scenario, StoreRank};
use crate::units::SimTime;

use super::super::Store;
use super::Network;

/// What a store knows of the operations centre.
pub(in crate::model::store) struct Desk<'a> {
    /// `None` if there is no centre, or nothing ever breaks.
    facts: Option<(&'a Noc, ResourceIndex)>,
    key: Key,
    rank: StoreRank,
    /// Alarms to come: when, and of which fault.
    alarms: Vec<(SimTime, u32)>,
    /// The first of them.
    next: SimTime,
    /// Tickets of the retailer's own faults that nobody has mended yet.
    waiting: u32,
    coupled: bool,
    /// What the centre was told last of the out-of-band path.
    path: bool,
}

impl<'a> Desk<'a> {
    pub(super) fn new(
        scenario: &'a Scenario,
        rank: StoreRank,
        key: Key,
        resource: Option<ResourceIndex>,
    ) -> Self {
        let facts = scenario.noc.as_deref().zip(resource);
        let (alarms, next) = (Vec::new(), SimTime::NEVER);
        Desk { facts, key, rank, alarms, next, waiting: 0, coupled: false, path: true }
    }

    /// The centre, if there is one.
    pub(in crate::model::store) fn resource(&self) -> Option<ResourceIndex> {
        self.facts.map(|(_, resource)| resource)
    }

    pub(in crate::model::store) fn is(&self, resource: ResourceIndex) -> bool {
        self.resource() == Some(resource)
    }

    pub(super) fn couple(&mut self, coupled: bool) {
        self.coupled = coupled;
    }

    pub(super) fn is_coupled(&self) -> bool {
        self.coupled
    }

    /// Whether a repair has to be waited for.
    pub(super) fn needs(&self) -> bool {
        self.waiting > 0
    }

    /// The centre and the instant of the next alarm.
    pub(super) fn wanted(&self) -> Option<(ResourceIndex, SimTime)> {
        let resource = self.resource().filter(|_| self.next < SimTime::NEVER)?;
        Some((resource, self.next))
    }

    fn at_risk_on_backup(&self) -> f64 {
        self.facts.map_or(1.0, |(noc, _)| noc.at_risk_on_backup)
    }

    /// The next alarm.
    pub(super) fn next(&self) -> SimTime {
        self.next
    }

    /// A fault has begun that will be noticed.
    fn watch(&mut self, scenario: &Scenario, fault: &Fault, path: bool) {
        let Some((noc, _)) = self.facts else { return };
        // What broke in the lead-in has its end already: see `faults`.
        if fault.window.start < noc.store(self.rank).from {
            return;
        }
        let store = &scenario.stores[self.rank.0 as usize];
        let draws = TicketDraws::new(&store.id, fault.cause.name(scenario), fault.window.start);
        let told = path && store.oobm.kind != OobmKind::None && draws.unit_answers(noc, self.key);
        let at = noc::alarm_at(noc, &store.id, self.key, fault.window.start, told);
        if at < fault.window.end {
            self.alarms.push((at, fault.number));
            self.find_next();
        }
    }

    fn find_next(&mut self) {
        self.next = self.alarms.iter().map(|&(at, _)| at).min().unwrap_or(SimTime::NEVER);
    }

    /// Takes an alarm that is due at `now`.
    fn take(&mut self, now: SimTime) -> Option<u32> {
        let position = self.alarms.iter().position(|&(at, _)| at <= now)?;
        let (_, fault) = self.alarms.remove(position);
        self.find_next();
        Some(fault)
    }
}

impl Network<'_> {
    /// Whether the way into the store works that does not use its network: its own unit, its own modem.
    fn oobm_path(&self) -> bool {
        let carrier = self.plant.lte.alive || !self.spec.oobm.shares_carrier;
        self.spec.oobm.kind != OobmKind::None && self.plant.power && carrier
    }

    /// Whether it is polled, and so noticed, whatever else still works.
    fn is_noticed(&self, fault: &Fault) -> bool {
        let unused = fault.parts == Parts::of(Part::Backup) && !self.lte_is_primary;
        fault.remedy != "self" && !unused
    }

    /// The fault `number` ends at `at`, mended thus.
    pub(in crate::model::store) fn mended(&mut self, at: SimTime, number: u32, remedy: Remedy) {
        self.desk.waiting -= 1;
        self.plant.mend(number, at, remedy.name());
    }
}

impl Store<'_> {
    /// After a fault has begun.
    pub(super) fn watch_fault(&mut self, fault: &Fault) {
        if self.network.is_noticed(fault) {
            let path = self.network.oobm_path();
            self.network.desk.watch(self.scenario, fault, path);
        }
    }

    /// Raises the alarms that are due at `now`.
    pub(in crate::model::store) fn raise_alarms(&mut self, now: SimTime, outbox: &mut Vec<Stamped<Message>>) {
        while let Some(number) = self.network.desk.take(now) {
            let network = &mut self.network;
            let Some(to) = network.desk.resource() else { return };
            // What a provider has mended in the meantime raises no alarm.
            let Some(&fault) = network.plant.open().iter().find(|fault| fault.number == number) else {
                continue;
            };
            let path = network.oobm_path();
            let works = [Route::Primary, Route::Backup].map(|route| network.works(route)).contains(&true);
            let tills = f64::from((self.spec.lanes + self.spec.self_checkouts).max(1));
            let at_risk = match (fault.parts.has(Part::StoreServer) || !works, fault.parts.has(Part::Lane)) {
                (true, _) => 1.0,
                (false, true) => 1.0 / tills,
                (false, false) => network.desk.at_risk_on_backup(),
            };
            let cause = fault.cause.name(self.scenario);
            let alarm = Alarm {
                fault: number,
                cause: fault.cause,
                onset: fault.window.start,
                playbook: fault.playbook,
                ends: fault.window.end,
                shared: fault.shared,
                at_risk,
                path,
                draws: TicketDraws::new(&self.spec.id, cause, fault.window.start),
            };
            network.desk.waiting += u32::from(fault.playbook.is_some());
            network.desk.path = path;
            let message = Message::Noc(Box::new(NocMessage::Alarm(alarm)));
            outbox.push(Stamped { at: now, rank: self.rank.0, to, message });
        }
    }

    /// Tells the centre, while it has a ticket of the store, whether its way in still works.
    pub(super) fn tell_path(&mut self, now: SimTime, outbox: &mut Vec<Stamped<Message>>) {
        let path = self.network.oobm_path();
        let desk = &mut self.network.desk;
        let (Some(to), true) = (desk.resource(), desk.needs() && desk.path != path) else { return };
        desk.path = path;
        let message = Message::Noc(Box::new(NocMessage::Path(path)));
        outbox.push(Stamped { at: now, rank: self.rank.0, to, message });
    }
}
