//! Which stores can ever influence each other: connected components over finite shared resources.

use std::collections::{BTreeMap, BTreeSet};

use crate::kernel::draws::Key;
use crate::kernel::driver::ResourceIndex;
use crate::model::shared::Shared;
use crate::model::shared::cell::Cell;
use crate::model::shared::core::Core;
use crate::model::shared::noc::Noc;
use crate::model::store::Connections;
use crate::scenario::resolved::{CarrierId, CellId, Scenario, Standby, StoreRank};

/// Something finite that stores share. In a group, resources stand in this order.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Node {
    Cell(CellId),
    /// The core of a carrier that registers at a finite rate.
    Core(CarrierId),
    /// The operations centre.
    Noc,
}

/// Stores that share finite resources, directly or through others, and those resources.
#[derive(Debug)]
pub(super) struct Group {
    /// In rank order.
    pub(super) stores: Vec<StoreRank>,
    /// In order; their positions are their resource indices.
    nodes: Vec<Node>,
}

impl Group {
    /// Fresh resources of the group, in the order of their indices.
    pub(super) fn resources(&self, scenario: &Scenario, key: Key) -> Vec<Shared> {
        self.nodes.iter().map(|&node| resource(scenario, node, key)).collect()
    }

    /// Where the store at `rank` finds what it shares among [`Group::resources`].
    pub(super) fn connections(&self, scenario: &Scenario, rank: StoreRank) -> Connections {
        let mut connections = Connections::default();
        for node in uses(scenario, rank) {
            let index = self.nodes.binary_search(&node).ok().map(|position| ResourceIndex(position as u32));
            match node {
                Node::Cell(_) => connections.cell = index,
                Node::Core(_) => connections.core = index,
                Node::Noc => connections.noc = index,
            }
        }
        connections
    }
}

fn resource(scenario: &Scenario, node: Node, key: Key) -> Shared {
    match node {
        Node::Cell(id) => {
            Shared::Cell(Box::new(Cell::new(id, &scenario.cells[id.0 as usize], &scenario.lte)))
        }
        Node::Core(id) => {
            let rate = scenario.carriers[id.0 as usize].registrations_per_s;
            Shared::Core(Core::new(rate.expect("only a core of finite rate is a node")))
        }
        Node::Noc => {
            let facts = scenario.noc.clone().expect("only a centre that is there is a node");
            Shared::Noc(Box::new(Noc::new(facts, key, scenario.window.start, scenario.window.end)))
        }
    }
}

/// The finite resources that a store may ever use.
fn uses(scenario: &Scenario, rank: StoreRank) -> Vec<Node> {
    let store = &scenario.stores[rank.0 as usize];
    let lte_is_primary = scenario.technologies[store.technology.0 as usize].is_lte;
    let has_backup = !lte_is_primary && store.topology.carries_store_traffic();
    let registers = has_backup
        && match store.standby {
            Standby::Cold | Standby::RadioOff => true,
            Standby::Warm | Standby::Hot | Standby::HotActive => false,
        }
        && scenario.carriers[store.carrier.0 as usize].registrations_per_s.is_some();
    let mut nodes = Vec::new();
    if has_backup || lte_is_primary {
        nodes.push(Node::Cell(store.cell));
    }
    if registers {
        nodes.push(Node::Core(store.carrier));
    }
    if scenario.noc.is_some() {
        nodes.push(Node::Noc);
    }
    nodes
}

/// All stores in groups; groups in the order of their first stores.
pub(super) fn partition(scenario: &Scenario) -> Vec<Group> {
    let everyone: Vec<StoreRank> = (0..scenario.stores.len()).map(|store| StoreRank(store as u32)).collect();
    partition_of(scenario, &everyone)
}

/// The stores `ranks` (ascending) in groups, as if there were no others.
pub(super) fn partition_of(scenario: &Scenario, ranks: &[StoreRank]) -> Vec<Group> {
    let mut sets = Sets::new(ranks.len());
    let mut first_user: BTreeMap<Node, usize> = BTreeMap::new();
    for (position, &rank) in ranks.iter().enumerate() {
        for node in uses(scenario, rank) {
            let first = *first_user.entry(node).or_insert(position);
            sets.join(first, position);
        }
    }
    let mut members: BTreeMap<usize, Vec<StoreRank>> = BTreeMap::new();
    for (position, &rank) in ranks.iter().enumerate() {
        members.entry(sets.root(position)).or_default().push(rank);
    }
    members
        .into_values()
        .map(|stores| {
            let nodes: BTreeSet<Node> = stores.iter().flat_map(|&rank| uses(scenario, rank)).collect();
            Group { stores, nodes: nodes.into_iter().collect() }
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
