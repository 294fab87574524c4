//! Faults that hit many stores at once: one draw per unit (a market, a carrier, the fleet, …), one `fault_id`.
//!
//! Drawn once per replication. What a fault does to one store is drawn at (cause, unit, store), what it does to a carrier's or
//! a cell's LTE at (cause, unit, carrier or cell), so a further store changes nothing for the others.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::kernel::draws::{Entity, Key};
use crate::kernel::variates::unit;
use crate::model::cause::IncidentCause;
use crate::model::law::Sampler;
use crate::model::purpose::{FAULT_BIN, Purpose, address, fault_draw};
use crate::scenario::resolved::{
    CarrierFault, CarrierId, Cause, CauseId, CellId, Condition, Part, Parts, Scenario, Scope, ServiceEffect,
    ServiceFault, ServiceId, SharedCause, StoreRank, Unit, Window,
};
use crate::units::{SimTime, Span};

use super::conditioned::Conditions;
use super::onsets::onsets;
use super::service::{ServiceHistory, Where, Whole, noticed, scheduled};
use super::{Fault, pick};

/// One of them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SharedFault {
    /// Its cause.
    pub cause: CauseId,
    /// Name of the unit that failed.
    pub unit: String,
    /// Number of the fault among those of its cause and unit, from 1 in order of onset: another unit's faults do not change it.
    pub number: u32,
    /// Onset and repair.
    pub window: Window,
    /// Share of the unit's stores, and of a carrier's phones, that it is drawn for.
    pub share: f64,
    /// How many stores it hits.
    pub stores: u32,
}

/// All shared faults of a replication, and what they do to each store.
#[derive(Clone, Debug, Default)]
pub struct SharedFaults {
    /// In order of (onset, cause, unit).
    pub faults: Vec<SharedFault>,
    /// Onsets of a (cause, unit) that was still down.
    pub absorbed: u64,
    /// Position of the replication's stratum among [`Scenario::strata`].
    pub stratum: u32,
    /// Onsets of boosted causes in their rare windows.
    pub rare_onsets: u32,
    by_store: BTreeMap<StoreRank, Vec<Fault>>,
    /// What happens to each service, what the scenario schedules included.
    services: Vec<ServiceHistory>,
}

/// A fault with what it does to stores, before all are in order.
struct Drawn {
    fault: SharedFault,
    hits: Vec<(StoreRank, Fault)>,
    /// The service that it hits as a whole, and what that is to the service and to a store.
    whole: Option<(ServiceId, Whole)>,
}

impl SharedFaults {
    /// Those of the replication under `key`.
    #[must_use]
    pub fn draw(scenario: &Scenario, key: Key) -> Self {
        let span = Window { start: scenario.shared_faults_from, end: scenario.window.end };
        let conditions = Conditions::of(scenario, key);
        let mut drawn = Vec::new();
        let (mut absorbed, mut rare_onsets) = (0, 0);
        for (number, cause) in scenario.causes.iter().enumerate() {
            let rate = cause.rate_per_s.first().copied().unwrap_or(0.0);
            let Some(shared) = cause.shared.as_ref().filter(|_| rate > 0.0) else { continue };
            for (position, unit) in shared.units.iter().enumerate() {
                let process = Process { scenario, cause, id: CauseId(number as u32), shared, unit, key };
                let some = conditions.onsets(number, position);
                let counts = process.run(rate, span, (conditions.of_scope(cause.scope), some), &mut drawn);
                absorbed += counts.0;
                rare_onsets += counts.1;
            }
        }
        drawn.sort_by(|left, right| {
            let order = |one: &Drawn| (one.fault.window.start, one.fault.cause);
            order(left).cmp(&order(right)).then_with(|| left.fault.unit.cmp(&right.fault.unit))
        });
        let mut all =
            SharedFaults { absorbed, stratum: conditions.stratum, rare_onsets, ..SharedFaults::default() };
        let ids = (0..scenario.services.len()).map(|id| ServiceId(id as u32));
        let mut of_services: Vec<Vec<Whole>> = ids.map(|id| scheduled(scenario, id)).collect();
        for (position, Drawn { fault, hits, whole }) in drawn.into_iter().enumerate() {
            if let Some((id, (of_service, noticed))) = whole {
                let noticed = Fault { shared: Some(position as u32), ..noticed };
                of_services[id.0 as usize].push((of_service, noticed));
            }
            all.faults.push(fault);
            for (store, hit) in hits {
                let hit = Fault { shared: Some(position as u32), ..hit };
                all.by_store.entry(store).or_default().push(hit);
            }
        }
        all.services = histories(scenario, of_services);
        all
    }

    /// Only what the scenario schedules.
    #[must_use]
    pub fn scheduled(scenario: &Scenario) -> Self {
        let ids = (0..scenario.services.len()).map(|id| ServiceId(id as u32));
        let services = histories(scenario, ids.map(|id| scheduled(scenario, id)).collect());
        SharedFaults { services, ..SharedFaults::default() }
    }

    /// Only these, each at one store, and what the scenario schedules.
    #[must_use]
    pub fn forced(scenario: &Scenario, hits: impl Iterator<Item = (StoreRank, Fault)>) -> Self {
        let mut all = SharedFaults::scheduled(scenario);
        for (store, fault) in hits {
            all.by_store.entry(store).or_default().push(fault);
        }
        all
    }

    /// What happens to service `id`.
    #[must_use]
    pub fn of_service(&self, id: ServiceId) -> &ServiceHistory {
        &self.services[id.0 as usize]
    }

    /// When each carrier's core is down because of them, by carrier and in order of onset; scheduled faults' windows come with
    /// those.
    #[must_use]
    pub fn of_cores(&self, scenario: &Scenario) -> Vec<Vec<CarrierFault>> {
        let mut cores = scenario.carrier_faults.clone();
        let mut hit: BTreeMap<(u32, CarrierId), Vec<StoreRank>> = BTreeMap::new();
        for (&rank, faults) in &self.by_store {
            let store = &scenario.stores[rank.0 as usize];
            for fault in faults.iter().filter(|fault| fault.is_of_core()) {
                let second = store.second.filter(|_| fault.second_sim);
                let carrier = second.map_or(store.carrier, |sim| sim.carrier);
                hit.entry((fault.shared.unwrap_or(0), carrier)).or_default().push(rank);
            }
        }
        for ((position, carrier), stores) in hit {
            let SharedFault { window, share, .. } = self.faults[position as usize];
            cores[carrier.0 as usize].push(CarrierFault { window, share, stores });
        }
        cores.iter_mut().for_each(|faults| faults.sort_by_key(|fault| fault.window.start));
        cores
    }

    /// What hits the store at `rank`, in order of the faults' onset.
    #[must_use]
    pub fn of_store(&self, rank: StoreRank) -> &[Fault] {
        self.by_store.get(&rank).map_or(&[], Vec::as_slice)
    }
}

fn histories(scenario: &Scenario, faults: Vec<Vec<Whole>>) -> Vec<ServiceHistory> {
    let services = scenario.services.iter().zip(faults);
    services.map(|(service, faults)| ServiceHistory::new(faults, service.standby.as_ref())).collect()
}

/// The scope belongs to the name: a region and a carrier may be called the same.
pub(super) fn unit_name(cause: &Cause, unit: &Unit) -> String {
    format!("{}:{}", cause.scope.name(), unit.drawn_as)
}

/// One cause at one unit.
struct Process<'a> {
    scenario: &'a Scenario,
    cause: &'a Cause,
    id: CauseId,
    shared: &'a SharedCause,
    unit: &'a Unit,
    key: Key,
}

impl Process<'_> {
    /// Adds the faults whose onset lies in `span`, in the rare window as the condition and what it brings say; how many were
    /// absorbed, and of boosted ones how many began in the rare window.
    fn run(
        &self,
        rate: f64,
        span: Window,
        (condition, some): (Condition, impl Iterator<Item = (u32, SimTime)>),
        drawn: &mut Vec<Drawn>,
    ) -> (u64, u32) {
        let entity = Entity::new("fault-unit", &unit_name(self.cause, self.unit), &self.cause.name);
        let rare = self.scenario.rare_window(self.cause);
        let boost = self.scenario.boost_of(self.cause);
        let mut factors = self.scenario.shared_factors(self.cause, self.unit);
        if boost != 1.0 {
            factors.push((rare, boost));
        }
        let (mut down_until, mut absorbed, mut number, mut rare_onsets) = (SimTime::default(), 0, 0, 0);
        let mut strike = |draw: u64, onset: SimTime| {
            rare_onsets += u32::from(boost != 1.0 && onset >= rare.start);
            if onset < down_until {
                absorbed += 1;
                return;
            }
            number += 1;
            let mut one = self.fault(entity, draw, onset);
            one.fault.number = number;
            down_until = one.fault.window.end;
            drawn.push(one);
        };
        let free = match condition {
            Condition::Free => span,
            Condition::Nothing | Condition::Something => Window { start: span.start, end: rare.start },
        };
        onsets(self.key, entity, rate, &factors, free, |(bin, index, onset)| {
            strike(fault_draw(bin, index), onset);
        });
        some.for_each(|(index, onset)| strike(fault_draw(onset.bin(FAULT_BIN), index), onset));
        (absorbed, rare_onsets)
    }

    fn fault(&self, entity: Entity, draw: u64, onset: SimTime) -> Drawn {
        let words = self.key.block(address(entity, Purpose::Fault, draw), 1);
        let repair = Sampler::new(&self.cause.repair[0]).span(words[0]).max(Span::from_millis(1));
        let window = Window { start: onset, end: onset + repair };
        let signature = pick(&self.cause.signatures, unit(words[1]));
        let (least, most) = self.shared.share;
        let share = least + (most - least) * unit(words[3]);
        let mut carriers: BTreeMap<CarrierId, bool> = BTreeMap::new();
        let mut cells: BTreeMap<CellId, bool> = BTreeMap::new();
        let mut hits = Vec::new();
        let mut stores = 0;
        let whole = self.unit.service.filter(|_| share >= 1.0 && self.cause.parts.has(Part::Service));
        let (service, besides) = match (whole, self.unit.service) {
            (Some(_), _) => (Where::Store, self.cause.parts.without(Part::Service)),
            (None, Some(id)) => (Where::Entrance(id), self.cause.parts),
            (None, None) => (Where::Store, self.cause.parts),
        };
        let is_asked = self.scenario.payments.services().any(|id| Some(id) == whole);
        for &(rank, of_unit) in &self.unit.stores {
            let store = &self.scenario.stores[rank.0 as usize];
            let mine = |kind, id: &str| {
                let entity = Entity::new(
                    kind,
                    id,
                    &format!("{}/{}", unit_name(self.cause, self.unit), self.cause.name),
                );
                self.key.block(address(entity, Purpose::FaultReach, draw), 1)
            };
            let own = mine("fault-store", &store.id);
            let first = &self.scenario.carriers[store.carrier.0 as usize].name;
            let second_sim = self.cause.scope == Scope::Carrier && *first != self.unit.name;
            let mut parts = if unit(own[0]) < share { both(besides, of_unit) } else { Parts::default() };
            if self.cause.takes_lte > 0.0 {
                let name = &self.scenario.carriers[store.carrier.0 as usize].name;
                let taken = carriers
                    .entry(store.carrier)
                    .or_insert_with(|| unit(mine("fault-carrier", name)[0]) < self.cause.takes_lte);
                if *taken {
                    parts = parts.with(Part::Backup);
                }
            }
            let fault = Fault {
                cause: IncidentCause::Process(self.id),
                shared: None,
                scope: self.cause.scope,
                parts,
                service,
                second_sim,
                repair_if_found: None,
                from_load: None,
                lane: super::lane_of(store, own[1]),
                signature,
                window,
                remedy: self.cause.remedy,
                carrier_word: own[2],
                playbook: None,
                number: 0,
            };
            if !parts.is_empty() {
                hits.push((rank, fault));
            }
            let mut cell_dark = false;
            if self.shared.takes_cells > 0.0 && !parts.has(Part::Backup) {
                let name = &self.scenario.cells[store.cell.0 as usize].name;
                let taken = *cells
                    .entry(store.cell)
                    .or_insert_with(|| unit(mine("fault-cell", name)[0]) < self.shared.takes_cells);
                let start = window.start + self.shared.cell_battery;
                cell_dark = taken && start < window.end;
                if cell_dark {
                    let window = Window { start, end: window.end };
                    hits.push((rank, Fault { parts: Parts::of(Part::Backup), window, ..fault }));
                }
            }
            stores += u32::from(is_asked || !parts.is_empty() || cell_dark);
        }
        let unit = self.unit.name.clone();
        let whole = whole.map(|id| {
            let effect = ServiceEffect::of(signature, self.shared.network, self.shared.capacity);
            let fault = ServiceFault { name: self.cause.name.clone(), scheduled: None, window, effect };
            let cause = (IncidentCause::Process(self.id), None);
            (id, (fault, noticed(cause, id, signature, window, self.cause.remedy)))
        });
        let fault = SharedFault { cause: self.id, unit, number: 0, window, share, stores };
        Drawn { fault, hits, whole }
    }
}

/// What is in both.
fn both(left: Parts, right: Parts) -> Parts {
    left.iter().filter(|&part| right.has(part)).fold(Parts::default(), Parts::with)
}
