//! Which stores can ever influence each other: connected components over finite shared resources.

use std::collections::BTreeMap;

use crate::kernel::driver::ResourceIndex;
use crate::model::shared::Shared;
use crate::model::shared::cell::Cell;
use crate::model::shared::core::Core;
use crate::model::store::Connections;
use crate::scenario::resolved::{CarrierId, CellId, Scenario, Standby, StoreRank};

/// Stores that share finite resources, directly or through others, and those resources.
#[derive(Debug)]
pub(super) struct Group {
    /// In rank order.
    pub(super) stores: Vec<StoreRank>,
    /// Cells in order; their positions are their resource indices.
    cells: Vec<CellId>,
    /// Carriers whose cores have a finite rate; they come after the cells.
    cores: Vec<CarrierId>,
}

impl Group {
    /// Fresh resources of the group, in the order of their indices.
    pub(super) fn resources(&self, scenario: &Scenario) -> Vec<Shared> {
        let cells = self
            .cells
            .iter()
            .map(|&id| Shared::Cell(Box::new(Cell::new(id, &scenario.cells[id.0 as usize], &scenario.lte))));
        let cores = self.cores.iter().filter_map(|id| {
            scenario.carriers[id.0 as usize].registrations_per_s.map(|rate| Shared::Core(Core::new(rate)))
        });
        cells.chain(cores).collect()
    }

    /// Where the store at `rank` finds its cell and core among [`Group::resources`].
    pub(super) fn connections(&self, scenario: &Scenario, rank: StoreRank) -> Connections {
        let (cell, core) = uses(scenario, rank);
        let index = |position: usize| ResourceIndex(position as u32);
        Connections {
            cell: cell.and_then(|id| self.cells.binary_search(&id).ok()).map(index),
            core: core
                .and_then(|id| self.cores.binary_search(&id).ok())
                .map(|position| index(self.cells.len() + position)),
        }
    }
}

/// The finite resources that a store may ever use.
fn uses(scenario: &Scenario, rank: StoreRank) -> (Option<CellId>, Option<CarrierId>) {
    let store = &scenario.stores[rank.0 as usize];
    let lte_is_primary = scenario.technologies[store.technology.0 as usize].is_lte;
    let has_backup = !lte_is_primary && store.topology.carries_store_traffic();
    let registers = has_backup
        && match store.standby {
            Standby::Cold | Standby::RadioOff => true,
            Standby::Warm | Standby::Hot | Standby::HotActive => false,
        }
        && scenario.carriers[store.carrier.0 as usize].registrations_per_s.is_some();
    ((has_backup || lte_is_primary).then_some(store.cell), registers.then_some(store.carrier))
}

/// Something by which stores hang together.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Node {
    Cell(CellId),
    Core(CarrierId),
}

/// All stores in groups; groups in the order of their first stores.
pub(super) fn partition(scenario: &Scenario) -> Vec<Group> {
    let stores = scenario.stores.len();
    let mut sets = Sets::new(stores);
    let mut first_user: BTreeMap<Node, usize> = BTreeMap::new();
    for store in 0..stores {
        let (cell, core) = uses(scenario, StoreRank(store as u32));
        for node in cell.map(Node::Cell).into_iter().chain(core.map(Node::Core)) {
            let first = *first_user.entry(node).or_insert(store);
            sets.join(first, store);
        }
    }
    let mut members: BTreeMap<usize, Vec<StoreRank>> = BTreeMap::new();
    for store in 0..stores {
        members.entry(sets.root(store)).or_default().push(StoreRank(store as u32));
    }
    members
        .into_values()
        .map(|stores| {
            let used: Vec<_> = stores.iter().map(|&rank| uses(scenario, rank)).collect();
            let mut cells: Vec<CellId> = used.iter().filter_map(|&(cell, _)| cell).collect();
            let mut cores: Vec<CarrierId> = used.iter().filter_map(|&(_, core)| core).collect();
            cells.sort_unstable();
            cells.dedup();
            cores.sort_unstable();
            cores.dedup();
            Group { stores, cells, cores }
        })
        .collect()
}

/// Disjoint sets whose root is their smallest member, so that groups come out in a fixed order.
struct Sets {
    parent: Vec<usize>,
}

impl Sets {
    fn new(size: usize) -> Self {
        Sets { parent: (0..size).collect() }
    }

    fn root(&mut self, mut member: usize) -> usize {
        while self.parent[member] != member {
            self.parent[member] = self.parent[self.parent[member]];
            member = self.parent[member];
        }
        member
    }

    fn join(&mut self, left: usize, right: usize) {
        let (left, right) = (self.root(left), self.root(right));
        self.parent[left.max(right)] = left.min(right);
    }
}
