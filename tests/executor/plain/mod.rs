//! The plain executor: one global binary heap over all stores and all that they share.
//!
//! At each instant the stores that have something to do are run in order of their ranks, and only up to that instant. What they
//! send is heard at once. A shared thing that hears something acts at the end of the same instant, and every store that uses
//! it is told at once what came of it; what a store says to that is heard one nanosecond later.

mod cell;
mod core;
mod pool;
mod service;

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use tinsel::kernel::draws::Key;
use tinsel::kernel::driver::{Process, Progress, ResourceIndex, Stamped};
use tinsel::model::faults::shared::SharedFaults;
use tinsel::model::ledger::{IncidentRow, Ledger, PathTimes};
use tinsel::model::shared::{Grant, Message, Published};
use tinsel::model::store::{Connections, Store, World, probe_rate, used_bytes};
use tinsel::scenario::resolved::{CarrierId, PlanId, Scenario, ServiceId, StoreRank};
use tinsel::units::{Cents, SimTime, Span};

use self::cell::PlainCell;
use self::core::PlainCore;
use self::pool::PlainPool;
pub use self::pool::READ_EVERY;
use self::service::PlainService;

/// What became of one store.
#[derive(Debug)]
pub struct PlainStore {
    /// Customers and payments, all days.
    pub ledger: Ledger,
    /// Times in states, all days.
    pub times: PathTimes,
    /// Its incidents in order of onset.
    pub incidents: Vec<IncidentRow>,
    /// When its line was slowed down because an allowance was used up.
    pub slowed: Option<SimTime>,
    /// Sales of the fault-free twin less its own.
    pub lost_sales_network: Cents,
}

/// Runs one replication of `scenario` and its fault-free twin; one entry per store in rank order.
pub fn run(scenario: &Scenario, replication: u32) -> Vec<PlainStore> {
    let key = Key { seed: scenario.seed, replication: u64::from(replication) };
    let real = Plain::new(scenario, key, World::Real).run();
    let twins = Plain::new(scenario, key, World::FaultFree).run();
    real.into_iter().zip(twins).map(|(real, twin)| plain_store(real, &twin)).collect()
}

fn plain_store(store: Store<'_>, twin: &Store<'_>) -> PlainStore {
    let sales = |store: &Store<'_>| store.books.days.iter().map(|day| day.ledger.sales).sum::<Cents>();
    let lost_sales_network = sales(twin) - sales(&store);
    let (mut ledger, mut times) = (Ledger::default(), PathTimes::default());
    for day in &store.books.days {
        ledger += day.ledger;
        times += day.times;
    }
    let slowed = store.slowed();
    PlainStore { slowed, ledger, times, incidents: store.books.incidents.into_rows(), lost_sales_network }
}

/// Something that stores share. What comes new into tinsel comes here as one more arm.
enum Shared {
    Cell(Box<PlainCell>),
    Core(Box<PlainCore>),
    Pool(Box<PlainPool>),
    Service(Box<PlainService>),
}

impl Shared {
    /// Hears `message`, sent by the store of `rank` at `at`; a grant is made at once.
    fn hear(&mut self, at: SimTime, rank: u32, message: Message) -> Option<(SimTime, Grant)> {
        match (self, message) {
            (Shared::Cell(cell), Message::Cell(message)) => {
                cell.hear(at, rank, message);
                None
            }
            (Shared::Pool(pool), Message::Pool(message)) => {
                pool.hear(at, rank, message);
                None
            }
            (Shared::Core(core), Message::Register { takes, request }) => {
                let (at, answer) = core.register(at, rank, takes);
                Some((at, Grant::Registration { request, answer }))
            }
            (Shared::Service(service), Message::Attempt(message)) => {
                service.hear(at, message);
                None
            }
            (_, message) => panic!("the plain executor does not know yet what to do with {message:?}"),
        }
    }

    /// When it has something to do by itself.
    fn next(&self) -> SimTime {
        match self {
            Shared::Cell(cell) => cell.next(),
            Shared::Pool(pool) => pool.next(),
            Shared::Core(_) | Shared::Service(_) => SimTime::NEVER,
        }
    }

    /// Does what is due at `at`; what stores read from then on.
    fn act(&mut self, at: SimTime) -> Published {
        match self {
            Shared::Cell(cell) => Published::Cell(cell.act(at)),
            Shared::Core(_) => Published::Core,
            Shared::Pool(pool) => Published::Pool(pool.act(at)),
            Shared::Service(service) => Published::Service(service.state(at)),
        }
    }

    /// Whether what it publishes is another at every instant, so that it has to be asked before anybody reads.
    fn is_asked(&self) -> bool {
        match self {
            Shared::Cell(_) | Shared::Core(_) | Shared::Pool(_) => false,
            Shared::Service(_) => true,
        }
    }
}

/// At one instant, stores come before what they share.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Who {
    Store(usize),
    Shared(usize),
}

struct Plain<'a> {
    stores: Vec<Store<'a>>,
    shared: Vec<Shared>,
    board: Vec<Published>,
    /// Stores that may use each shared thing.
    users: Vec<Vec<usize>>,
    /// Instants at which something may be due; those that have been put off are found stale.
    heap: BinaryHeap<Reverse<(SimTime, Who)>>,
}

impl<'a> Plain<'a> {
    fn new(scenario: &'a Scenario, key: Key, world: World) -> Self {
        let cores: Vec<CarrierId> = cores(scenario);
        let mut shared: Vec<Shared> = scenario
            .cells
            .iter()
            .map(|cell| Shared::Cell(Box::new(PlainCell::new(cell, &scenario.lte))))
            .collect();
        let faults = &SharedFaults::draw(scenario, key);
        let of_cores = match world {
            World::Real => faults.of_cores(scenario),
            World::Undisturbed | World::FaultFree => vec![Vec::new(); scenario.carriers.len()],
        };
        for carrier in &cores {
            let faults = of_cores[carrier.0 as usize].clone();
            let carrier = &scenario.carriers[carrier.0 as usize];
            let t3410 = scenario.lte.bring_up.t3410;
            shared.push(Shared::Core(Box::new(PlainCore::new(
                carrier,
                t3410,
                faults,
                scenario.window.start,
            ))));
        }
        let core_of = |carrier: CarrierId| {
            let position = cores.iter().position(|core| *core == carrier)?;
            Some(ResourceIndex((scenario.cells.len() + position) as u32))
        };
        let mut services = std::collections::BTreeMap::new();
        // In the fault-free world they are never short of anything.
        let finite = scenario.services.iter().enumerate().filter(|(_, spec)| spec.capacity.is_some());
        for (position, spec) in finite.filter(|_| world == World::Real) {
            services.insert(position as u32, ResourceIndex(shared.len() as u32));
            let happens = faults.of_service(ServiceId(position as u32)).faults.clone();
            let service = PlainService::new(scenario, spec, happens, scenario.window.start);
            shared.push(Shared::Service(Box::new(service)));
        }
        let mut pools = std::collections::BTreeMap::new();
        for (number, plan) in scenario.plans.iter().enumerate() {
            let (true, Some(cap), Some(_)) = (plan.pooled, plan.cap_bytes, plan.throttle) else { continue };
            let id = PlanId(number as u32);
            let lines = scenario.stores.iter().filter(|store| store.plan == Some(id));
            let probes = lines.map(|store| probe_rate(scenario, store).0).sum();
            pools.insert(id.0, ResourceIndex(shared.len() as u32));
            let left = cap - used_bytes(plan);
            shared.push(Shared::Pool(Box::new(PlainPool::new(left, probes, scenario.window.start))));
        }
        let mut users = vec![Vec::new(); shared.len()];
        let mut stores: Vec<Store<'a>> = Vec::new();
        for (rank, spec) in scenario.stores.iter().enumerate() {
            let mut connections = Connections::default();
            if uses_lte(scenario, spec) {
                connections.cell = Some(ResourceIndex(spec.cell.0));
                connections.core = core_of(spec.carrier);
                connections.pool = spec.plan.and_then(|plan| pools.get(&plan.0).copied());
                if let Some(second) = spec.second {
                    connections.second_cell = Some(ResourceIndex(second.cell.0));
                    connections.second_core = core_of(second.carrier);
                }
            }
            let second = scenario.payments.second.map(|second| second.service);
            connections.services = [Some(scenario.payments.service), second]
                .map(|id| id.and_then(|id| services.get(&id.0).copied()));
            let mut store = Store::new(scenario, StoreRank(rank as u32), key, world, connections, faults);
            for resource in store.resources() {
                users[resource.0 as usize].push(rank);
                store.couple(resource);
            }
            stores.push(store);
        }
        let start = stores.iter().map(Store::begins).min().unwrap_or_default();
        let board = shared.iter_mut().map(|one| one.act(start)).collect();
        let mut plain = Plain { stores, shared, board, users, heap: BinaryHeap::new() };
        (0..plain.stores.len()).for_each(|store| plain.note(Who::Store(store)));
        (0..plain.shared.len()).for_each(|shared| plain.note(Who::Shared(shared)));
        plain
    }

    fn run(mut self) -> Vec<Store<'a>> {
        let mut last = SimTime::default();
        let mut unfinished = self.stores.len();
        while unfinished > 0 {
            let Reverse((at, who)) = self.heap.pop().expect("a store that is not done has something due");
            if self.due(who) != at {
                continue;
            }
            assert!(at >= last, "time goes on");
            last = at;
            match who {
                Who::Store(store) => unfinished -= usize::from(self.step(store, at)),
                Who::Shared(shared) => self.act(shared, at),
            }
            self.note(who);
        }
        self.stores
    }

    fn due(&mut self, who: Who) -> SimTime {
        match who {
            Who::Store(store) => self.stores[store].next_event(),
            Who::Shared(shared) => self.shared[shared].next(),
        }
    }

    fn note(&mut self, who: Who) {
        let at = self.due(who);
        if at != SimTime::NEVER {
            self.heap.push(Reverse((at, who)));
        }
    }

    /// Everything that is due at `store` at this instant; whether it is done.
    fn step(&mut self, store: usize, at: SimTime) -> bool {
        for (shared, board) in
            self.shared.iter_mut().zip(&mut self.board).filter(|(shared, _)| shared.is_asked())
        {
            *board = shared.act(at);
        }
        let mut outbox = Vec::new();
        let progress = self.stores[store].run(at + Span::from_nanos(1), &self.board, &mut outbox);
        self.deliver(outbox);
        match progress {
            Progress::Horizon => false,
            Progress::Done => true,
            Progress::Wants(..) => panic!("every store is coupled to all that it may ever need"),
        }
    }

    /// Lets `shared` act and tells its users.
    fn act(&mut self, shared: usize, at: SimTime) {
        let published = self.shared[shared].act(at);
        let before = std::mem::replace(&mut self.board[shared], published.clone());
        if !concerns_users(before, published) {
            return;
        }
        for position in 0..self.users[shared].len() {
            let store = self.users[shared][position];
            let mut outbox = Vec::new();
            let before = self.stores[store].next_event();
            // Up to this instant: takes over what is published and does nothing else.
            let _ = self.stores[store].run(at.min(before), &self.board, &mut outbox);
            self.deliver(outbox);
            if self.stores[store].next_event() != before {
                self.note(Who::Store(store));
            }
        }
    }

    fn deliver(&mut self, outbox: Vec<Stamped<Message>>) {
        for Stamped { at, rank, to, message } in outbox {
            let shared = to.0 as usize;
            if let Some((granted, grant)) = self.shared[shared].hear(at, rank, message) {
                self.stores[rank as usize].grant(to, granted, grant);
                self.note(Who::Store(rank as usize));
            }
            self.note(Who::Shared(shared));
        }
    }
}

/// Whether those who use a shared thing fare differently after `now` than after `before`.
fn concerns_users(before: Published, now: Published) -> bool {
    match (before, now) {
        (Published::Cell(before), Published::Cell(now)) => before.level != now.level,
        (before, now) => before != now,
    }
}

/// Whether the store's traffic may ever go over LTE.
fn uses_lte(scenario: &Scenario, store: &tinsel::scenario::resolved::Store) -> bool {
    scenario.technologies[store.technology.0 as usize].is_lte || store.topology.carries_store_traffic()
}

/// Carriers whose cores register at a finite rate.
fn cores(scenario: &Scenario) -> Vec<CarrierId> {
    let carriers = scenario.carriers.iter().enumerate();
    let finite = carriers.filter(|(_, carrier)| carrier.registrations_per_s.is_some());
    finite.map(|(position, _)| CarrierId(position as u32)).collect()
}
