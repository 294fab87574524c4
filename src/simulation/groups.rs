//! Which stores can ever influence each other: connected components over finite shared resources.

use std::collections::{BTreeMap, BTreeSet};

use crate::kernel::draws::Key;
use crate::kernel::driver::ResourceIndex;
use crate::model::shared::Shared;
use crate::model::shared::cell::Cell;
use crate::model::shared::core::Core;
use crate::model::shared::noc::Noc;
use crate::model::shared::pool::Pool;
use crate::model::shared::service::Service;
use crate::model::store::{Connections, probe_rate, used_bytes};
use crate::scenario::resolved::{
    CarrierFault, CarrierId, CellId, PlanId, Scenario, Scope, ServiceFault, ServiceId, Standby, StoreRank,
};
use crate::units::BitRate;

/// Something finite that stores share. In a group, resources stand in this order.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Node {
    Cell(CellId),
    /// The core of a carrier that registers at a finite rate.
    Core(CarrierId),
    /// The allowance that a plan's lines share, if it slows them down.
    Pool(PlanId),
    /// A service of finite capacity.
    Service(ServiceId),
    /// The operations centre.
    Noc,
}

/// What happens to shared things whatever stores do.
pub(super) struct OwnFaults {
    pub(super) key: Key,
    /// By carrier, of its core.
    pub(super) cores: Vec<Vec<CarrierFault>>,
    /// By service.
    pub(super) services: Vec<Vec<ServiceFault>>,
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
    /// Fresh resources of the group, in the order of their indices, with what happens to them whatever stores do.
    pub(super) fn resources(&self, scenario: &Scenario, faults: &OwnFaults) -> Vec<Shared> {
        self.nodes.iter().map(|&node| resource(scenario, node, faults)).collect()
    }

    /// Where the store at `rank` finds what it shares among [`Group::resources`].
    pub(super) fn connections(&self, scenario: &Scenario, rank: StoreRank) -> Connections {
        let mut connections = Connections::default();
        let store = &scenario.stores[rank.0 as usize];
        for node in uses(scenario, rank) {
            let index = self.nodes.binary_search(&node).ok().map(|position| ResourceIndex(position as u32));
            match node {
                Node::Cell(id) if id == store.cell => connections.cell = index,
                Node::Cell(_) => connections.second_cell = index,
                Node::Core(id) if id == store.carrier => connections.core = index,
                Node::Core(_) => connections.second_core = index,
                Node::Pool(_) => connections.pool = index,
                Node::Service(id) => {
                    connections.services[usize::from(id != scenario.payments.service)] = index;
                }
                Node::Noc => connections.noc = index,
            }
        }
        connections
    }
}

fn resource(scenario: &Scenario, node: Node, faults: &OwnFaults) -> Shared {
    match node {
        Node::Cell(id) => {
            let cell = Cell::new(id, &scenario.cells[id.0 as usize], &scenario.lte);
            let keeps = scenario.cell_timeline;
            Shared::Cell(Box::new(if keeps {
                cell.recording(scenario.window, scenario.interval)
            } else {
                cell
            }))
        }
        Node::Pool(id) => {
            let plan = &scenario.plans[id.0 as usize];
            let lines = scenario.stores.iter().filter(|store| store.plan == Some(id));
            let probes = lines.map(|store| probe_rate(scenario, store).0).sum();
            let cap = plan.cap_bytes.unwrap_or(u64::MAX);
            let begin = scenario.window.start;
            Shared::Pool(Box::new(Pool::new(id, cap, used_bytes(plan), BitRate(probes), begin)))
        }
        Node::Core(id) => {
            let carrier = &scenario.carriers[id.0 as usize];
            let rate = carrier.registrations_per_s.expect("only a core of finite rate is a node");
            let faults = faults.cores[id.0 as usize].clone();
            Shared::Core(Box::new(Core::new(id, carrier, rate, scenario.lte.bring_up.t3410, faults)))
        }
        Node::Service(id) => {
            let service = Service::new(scenario, id, faults.key, faults.services[id.0 as usize].clone());
            Shared::Service(Box::new(service.expect("only a service of finite capacity is a node")))
        }
        Node::Noc => {
            let facts = scenario.noc.clone().expect("only a centre that is there is a node");
            Shared::Noc(Box::new(Noc::new(facts, faults.key, scenario.window.start, scenario.window.end)))
        }
    }
}

/// The service that only online orders use, if it is finite: no store's group has it. It is run to the end, and how many steps that
/// took comes with it.
pub(super) fn online_alone(scenario: &Scenario, key: Key, faults: &[ServiceFault]) -> Option<(Shared, u64)> {
    let id = scenario.online.as_ref()?.service;
    if scenario.payments.services().any(|service| service == id) {
        return None;
    }
    let mut service = Service::new(scenario, id, key, faults.to_vec())?;
    let mut now = scenario.window.start;
    let mut folds = 0;
    service.wake(now);
    while now < scenario.window.end {
        now = now.next_multiple(service.step());
        service.fold(now, std::iter::empty());
        folds += 1;
    }
    service.finish();
    Some((Shared::Service(Box::new(service)), folds))
}

/// The finite resources that a store may ever use.
fn uses(scenario: &Scenario, rank: StoreRank) -> Vec<Node> {
    let store = &scenario.stores[rank.0 as usize];
    let lte_is_primary = scenario.technologies[store.technology.0 as usize].is_lte;
    let has_backup = !lte_is_primary && store.topology.carries_store_traffic();
    let finite =
        scenario.payments.services().filter(|id| scenario.services[id.0 as usize].capacity.is_some());
    let mut nodes: Vec<Node> = finite.map(Node::Service).collect();
    if scenario.noc.is_some() {
        nodes.push(Node::Noc);
    }
    if !has_backup && !lte_is_primary {
        return nodes;
    }
    let second = store.second;
    // A modem that is registered already has to register again after a fault of its carrier, or after its SIM was changed.
    let registers = second.is_some()
        || core_may_fail(scenario, store.carrier)
        || has_backup
            && match store.standby {
                Standby::Cold | Standby::RadioOff => true,
                Standby::Warm | Standby::Hot | Standby::HotActive => false,
            };
    let is_finite = |carrier: CarrierId| scenario.carriers[carrier.0 as usize].registrations_per_s.is_some();
    nodes.push(Node::Cell(store.cell));
    nodes.extend(second.map(|sim| Node::Cell(sim.cell)));
    if registers && is_finite(store.carrier) {
        nodes.push(Node::Core(store.carrier));
    }
    nodes.extend(second.filter(|sim| is_finite(sim.carrier)).map(|sim| Node::Core(sim.carrier)));
    let slows_down = |id: &PlanId| {
        let plan = &scenario.plans[id.0 as usize];
        plan.pooled && plan.cap_bytes.is_some() && plan.throttle.is_some()
    };
    nodes.extend(store.plan.filter(slows_down).map(Node::Pool));
    nodes
}

/// Whether anything can take modems' registrations at `carrier`.
fn core_may_fail(scenario: &Scenario, carrier: CarrierId) -> bool {
    let shared = scenario.causes.iter().any(|cause| {
        let of_carriers = matches!(cause.scope, Scope::Carrier | Scope::Parent);
        of_carriers && cause.rate_per_s.iter().any(|&rate| rate > 0.0)
    });
    shared || !scenario.carrier_faults[carrier.0 as usize].is_empty()
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
