//! Faults that hit many stores at once: one draw per unit (a market, a carrier, the fleet, …), one `fault_id`.
//!
//! Drawn once per replication. What a fault does to one store is drawn at (cause, unit, store), what it does to a carrier's or
//! a cell's LTE at (cause, unit, carrier or cell), so a further store changes nothing for the others.

use std::collections::BTreeMap;

use crate::kernel::draws::{Entity, Key};
use crate::kernel::variates::unit;
use crate::model::cause::IncidentCause;
use crate::model::law::Sampler;
use crate::model::purpose::{Purpose, address, fault_draw};
use crate::scenario::resolved::{
    CarrierId, Cause, CauseId, CellId, Part, Parts, Scenario, SharedCause, StoreRank, Unit, Window,
};
use crate::units::{SimTime, Span};

use super::onsets::{Factor, onsets};
use super::{Fault, pick};

/// One of them.
#[derive(Clone, Debug, PartialEq)]
pub struct SharedFault {
    /// Its cause.
    pub cause: CauseId,
    /// Name of the unit that failed.
    pub unit: String,
    /// Onset and repair.
    pub window: Window,
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
    by_store: BTreeMap<StoreRank, Vec<Fault>>,
}

/// A fault with what it does to stores, before all are in order.
struct Drawn {
    fault: SharedFault,
    hits: Vec<(StoreRank, Fault)>,
}

impl SharedFaults {
    /// Those of the replication under `key`.
    #[must_use]
    pub fn draw(scenario: &Scenario, key: Key) -> Self {
        let span = Window { start: scenario.shared_faults_from, end: scenario.window.end };
        let mut drawn = Vec::new();
        let mut absorbed = 0;
        for (number, cause) in scenario.causes.iter().enumerate() {
            let rate = cause.rate_per_s.first().copied().unwrap_or(0.0);
            let Some(shared) = cause.shared.as_ref().filter(|_| rate > 0.0) else { continue };
            for unit in &shared.units {
                let process = Process { scenario, cause, id: CauseId(number as u32), shared, unit, key };
                absorbed += process.run(rate, span, &mut drawn);
            }
        }
        drawn.sort_by(|left, right| {
            let order = |one: &Drawn| (one.fault.window.start, one.fault.cause);
            order(left).cmp(&order(right)).then_with(|| left.fault.unit.cmp(&right.fault.unit))
        });
        let mut all = SharedFaults { absorbed, ..SharedFaults::default() };
        for (position, Drawn { fault, hits }) in drawn.into_iter().enumerate() {
            all.faults.push(fault);
            for (store, hit) in hits {
                let hit = Fault { shared: Some(position as u32), ..hit };
                all.by_store.entry(store).or_default().push(hit);
            }
        }
        all
    }

    /// What hits the store at `rank`, in order of the faults' onset.
    #[must_use]
    pub fn of_store(&self, rank: StoreRank) -> &[Fault] {
        self.by_store.get(&rank).map_or(&[], Vec::as_slice)
    }
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
    /// Adds the faults whose onset lies in `span`; how many were absorbed.
    fn run(&self, rate: f64, span: Window, drawn: &mut Vec<Drawn>) -> u64 {
        let entity = Entity::new("fault-unit", &self.unit_name(), &self.cause.name);
        let (mut down_until, mut absorbed) = (SimTime::default(), 0);
        onsets(self.key, entity, rate, &self.factors(), span, |(bin, index, onset)| {
            if onset < down_until {
                absorbed += 1;
                return;
            }
            let one = self.fault(entity, fault_draw(bin, index), onset);
            down_until = one.fault.window.end;
            drawn.push(one);
        });
        absorbed
    }

    /// The scope belongs to the name: a region and a carrier may be called the same.
    fn unit_name(&self) -> String {
        format!("{}:{}", self.cause.scope.name(), self.unit.name)
    }

    /// Windows in which the rate is another: those about every store of the unit.
    fn factors(&self) -> Vec<Factor> {
        let windows =
            self.cause.rate_windows.iter().map(|&number| &self.scenario.rate_windows[number as usize]);
        windows
            .filter(|window| {
                self.unit.stores.iter().all(|(store, _)| window.stores.binary_search(store).is_ok())
            })
            .map(|window| (window.window, window.factor))
            .collect()
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
        for &(rank, of_unit) in &self.unit.stores {
            let store = &self.scenario.stores[rank.0 as usize];
            let mine = |kind, id: &str| {
                let entity = Entity::new(kind, id, &format!("{}/{}", self.unit_name(), self.cause.name));
                self.key.block(address(entity, Purpose::FaultReach, draw), 1)
            };
            let own = mine("fault-store", &store.id);
            let mut parts =
                if unit(own[0]) < share { both(self.cause.parts, of_unit) } else { Parts::default() };
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
            stores += u32::from(!parts.is_empty() || cell_dark);
        }
        let unit = self.unit.name.clone();
        Drawn { fault: SharedFault { cause: self.id, unit, window, stores }, hits }
    }
}

/// What is in both.
fn both(left: Parts, right: Parts) -> Parts {
    left.iter().filter(|&part| right.has(part)).fold(Parts::default(), Parts::with)
}
