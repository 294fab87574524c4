//! One store as a logical process: customers, tills, payments, uplinks, faults and failover.
//!
//! Its events are few in kind, so each kind has its own slot, and the next event is the earliest slot; at one instant the
//! order is that of `Class`. Between grid instants the store runs alone; only while its traffic is on LTE does it read a
//! cell's share, and only while a modem registers at a finite core, or
//! somebody has to mend a fault, does it wait for a grant.

mod apart;
mod network;
mod service_use;
mod tills;
mod view;

use crate::kernel::draws::{Entity, Key};
use crate::kernel::driver::{Process, Progress, ResourceIndex, Stamped};
use crate::scenario::resolved::{self, Scenario, StoreRank, Window};
use crate::units::{BitRate, SimTime};

use super::demand;
use super::faults::shared::SharedFaults;
use super::ledger::{Books, Resynced};
use super::shared::{Grant, Message, Published};

use apart::{Apart, Morning};
use network::Network;
pub use network::{probe_rate, used_bytes};
use service_use::Services;
use tills::Tills;
pub use view::{AtServer, View};

/// Kinds of events in the order in which they happen at one instant.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
#[repr(u8)]
enum Class {
    /// A repair comes before a fault: what is mended and broken at once is broken.
    Repair = 0,
    /// Physics before anybody's opinion of it.
    Fault = 1,
    /// The link's carrier is seen to have changed.
    Carrier = 2,
    /// A probe's answer or its timeout, a hello, a check.
    Detector = 3,
    /// Bring-up, change of route, hold-down.
    Controller = 4,
    /// A tunnel or a connection gives up, or is there.
    Flow = 5,
    /// Queues on LTE grow beyond what a terminal waits, or shrink below it.
    Starvation = 6,
    /// What a service is like changes.
    Service = 7,
    /// A stored payment is replayed.
    Replay = 8,
    /// Days, doors, lanes: people find the network as it is.
    Calendar = 9,
    /// Something is due at a server: it may free it for somebody who would leave or arrive now.
    Till = 10,
    /// A customer's patience ends.
    Renege = 11,
    /// A customer arrives.
    Arrival = 12,
}

/// What the calendar does.
#[derive(Clone, Copy, PartialEq, Debug)]
enum CalendarEvent {
    /// The store's window begins: the lead-in is over.
    Begin,
    /// A local day ends and the next begins.
    Midnight,
    /// Doors open.
    Open,
    /// Doors close.
    Close,
    /// This many staffed lanes are open from now on.
    Lanes(u32),
    /// The store's window ends.
    End,
}

/// Which world the store is in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum World {
    /// With faults.
    Real,
    /// Without faults, but watched like a real one: a detector may err. What a drilled store is compared with.
    Undisturbed,
    /// The fault-free twin: nothing ever breaks, and no detector errs.
    FaultFree,
}

/// Where the store finds what it shares, among the resources of its group.
#[derive(Clone, Copy, Debug, Default)]
pub struct Connections {
    /// Its LTE cell.
    pub cell: Option<ResourceIndex>,
    /// Its carrier's registration core, if that is a finite resource.
    pub core: Option<ResourceIndex>,
    /// The cell of the modem's second SIM.
    pub second_cell: Option<ResourceIndex>,
    /// The core of the second SIM's carrier.
    pub second_core: Option<ResourceIndex>,
    /// The allowance that its data plan's lines share, if it slows them down.
    pub pool: Option<ResourceIndex>,
    /// The service that authorizes its payments and that of its second acquirer, if they are finite resources.
    pub services: [Option<ResourceIndex>; 2],
    /// The operations centre, if there is one.
    pub noc: Option<ResourceIndex>,
}

impl Connections {
    /// All of them.
    fn all(self) -> impl Iterator<Item = ResourceIndex> {
        let [first, second] = self.services;
        [self.cell, self.core, self.second_cell, self.second_core, self.pool, first, second]
            .into_iter()
            .flatten()
    }
}

/// See the module.
pub struct Store<'a> {
    scenario: &'a Scenario,
    spec: &'a resolved::Store,
    rank: StoreRank,
    key: Key,
    entity: Entity,
    tills: Tills<'a>,
    network: Network<'a>,
    services: Services,
    calendar: Vec<(SimTime, CalendarEvent)>,
    next_calendar: usize,
    /// What happened, for the rows.
    pub books: Books,
    /// What became of bulk data, once the window is over.
    pub resynced: Resynced,
    /// When it was unlike its fault-free twin, or which days of the twin's it has to live through.
    apart: Apart,
    /// Earliest event of the classes up to the calendar's, and what is needed of something shared, and when: looked for whenever
    /// the network changes, so that what happens at the tills need not ask.
    rare: SimTime,
    wants: Option<(ResourceIndex, SimTime)>,
    last: SimTime,
    done: bool,
    /// Events handled.
    pub events: u64,
    /// Events at the instant of the one before.
    pub ties: u64,
}

impl<'a> Store<'a> {
    /// The store at `rank` of `scenario` under `key` in `world`.
    #[must_use]
    pub fn new(
        scenario: &'a Scenario,
        rank: StoreRank,
        key: Key,
        world: World,
        connections: Connections,
        shared: &SharedFaults,
    ) -> Self {
        let spec = &scenario.stores[rank.0 as usize];
        let entity = Entity::new("store", &spec.id, "");
        let pieces = demand::pieces(&spec.days, &spec.surges);
        let window = window_of(spec);
        let days = spec.days.iter().map(|day| day.window).collect();
        let mut books = Books::new(scenario.window, scenario.interval, days);
        if world != World::Real {
            books.note_losses(window.start);
        }
        for piece in &pieces {
            books.expect(piece.window, piece.expected);
        }
        let calendar = calendar(scenario, spec, key, entity, &pieces, window);
        let tills = Tills::new(scenario, spec, key, entity, pieces);
        let network = Network::new(scenario, rank, key, world, connections, window, shared);
        let services = Services::new(scenario, world, connections, shared, window.start);
        if connections.services != [None; 2] {
            // What others send to a service may make this store differ from its twin at any time.
            books.note_losses(window.start);
        }
        let mut store = Store {
            scenario,
            spec,
            rank,
            key,
            entity,
            tills,
            network,
            services,
            calendar,
            next_calendar: 0,
            books,
            resynced: Resynced::default(),
            apart: Apart::default(),
            rare: SimTime::default(),
            wants: None,
            last: SimTime::default(),
            done: false,
            events: 0,
            ties: 0,
        };
        store.find_rare();
        store
    }

    /// The instant from which the store has to be simulated.
    #[must_use]
    pub fn begins(&self) -> SimTime {
        self.rare
    }

    /// The instant of its next event, or of its next need of something shared; [`SimTime::NEVER`] after its end.
    #[must_use]
    pub fn next_event(&mut self) -> SimTime {
        if self.done {
            return SimTime::NEVER;
        }
        let tills = self.tills.next_arrival().min(self.tills.checkout.next_due().0);
        let wanted = self.wants.map_or(SimTime::NEVER, |(_, at)| at);
        self.rare.min(tills).min(self.tills.checkout.next_renege()).min(wanted)
    }

    /// Which store.
    #[must_use]
    pub const fn store_rank(&self) -> StoreRank {
        self.rank
    }

    /// Whether anything about its paths ever differed from the fault-free twin's. If not, the twin's books are these.
    #[must_use]
    pub const fn was_disturbed(&self) -> bool {
        self.network.disturbed
    }

    /// Whether its window has begun: the lead-in is over.
    #[must_use]
    pub const fn is_in_window(&self) -> bool {
        self.network.started
    }

    /// The instant of its last event.
    #[must_use]
    pub const fn last_event(&self) -> SimTime {
        self.last
    }

    /// The rates that its cell would have carried for it while it used the cell, on average; `None` if it never did.
    #[must_use]
    pub fn lte_given(&self) -> Option<(BitRate, BitRate)> {
        self.network.given.mean()
    }

    /// Onsets of causes that were still down.
    #[must_use]
    pub const fn faults_absorbed(&self) -> u64 {
        self.network.absorbed
    }

    fn find_rare(&mut self) {
        let calendar = self.calendar.get(self.next_calendar).map_or(SimTime::NEVER, |&(at, _)| at);
        let services = self.services.next(self.network.entrance_dead_since());
        self.rare = self.network.next().min(services).min(self.tills.replay.next()).min(calendar);
        self.wants = self.network.wanted();
    }

    /// The class of the first rare event due at `now`.
    fn class_due(&self, now: SimTime) -> Class {
        let service = self.services.next(self.network.entrance_dead_since());
        let service = (service == now).then_some(Class::Service);
        let replay = (self.tills.replay.next() == now).then_some(Class::Replay);
        self.network.class_due(now).or(service).or(replay).unwrap_or(Class::Calendar)
    }

    /// Books time in states and bytes over LTE up to `now`.
    fn bring_books_up_to(&mut self, now: SimTime) {
        let (up, down) = (&self.network.lte_up, &self.network.lte_down);
        self.books.elapse(now, |at| up.carried(at) + down.carried(at));
    }

    fn handle_calendar(&mut self, now: SimTime, outbox: &mut Vec<Stamped<Message>>) {
        let (_, event) = self.calendar[self.next_calendar];
        self.next_calendar += 1;
        match event {
            CalendarEvent::Begin => {
                self.network.started = true;
                self.network.begin_resync(now);
                self.books.incidents.drop_before(now);
                self.refresh_path(now, outbox);
            }
            CalendarEvent::Midnight => {
                self.bring_books_up_to(now);
                match self.apart.midnight(now, !self.network.open && self.tills.is_empty()) {
                    Morning::Goes => {}
                    Morning::SkipsTo(day) => self.skip_to(day, &[]),
                    Morning::Ends => self.done = true,
                }
            }
            CalendarEvent::Open => self.set_open(now, true, outbox),
            CalendarEvent::Close => self.set_open(now, false, outbox),
            CalendarEvent::Lanes(lanes) => self.set_lanes(now, lanes),
            CalendarEvent::End => {
                self.tills.end(now, &mut self.books);
                self.bring_books_up_to(now);
                self.resynced = self.network.resynced(now);
                self.leave_cell(now, outbox);
                self.books.incidents.end(now);
                self.done = true;
            }
        }
    }
}

impl Process for Store<'_> {
    type Message = Message;
    type Published = Published;
    type Grant = Grant;

    fn rank(&self) -> u32 {
        self.rank.0
    }

    fn run(&mut self, horizon: SimTime, board: &[Published], outbox: &mut Vec<Stamped<Message>>) -> Progress {
        self.apply_share(board, outbox);
        if self.services.read(board) {
            self.find_rare();
        }
        while !self.done {
            let arrival = self.tills.next_arrival();
            let (till, server) = self.tills.checkout.next_due();
            let renege = self.tills.checkout.next_renege();
            let now = self.rare.min(till).min(renege).min(arrival);
            // What comes before the resource is needed may still change whether and when it is.
            debug_assert_eq!(self.wants, self.network.wanted());
            if let Some((resource, at)) = self.wants
                && at <= now
            {
                if at >= horizon {
                    return Progress::Horizon;
                }
                if !self.network.is_coupled_to(resource) {
                    return Progress::Wants(resource, at);
                }
                self.use_resource(resource, at, board, outbox);
                self.find_rare();
                continue;
            }
            if now >= horizon {
                return Progress::Horizon;
            }
            if let Some(resource) = self.services.uncoupled() {
                return Progress::Wants(resource, now);
            }
            assert!(now >= self.last, "time went back at store {} of seed {}", self.spec.id, self.key.seed);
            self.events += 1;
            self.ties += u64::from(now == self.last);
            self.last = now;
            let class = if self.rare == now {
                self.class_due(now)
            } else if till == now {
                Class::Till
            } else if renege == now {
                Class::Renege
            } else {
                Class::Arrival
            };
            match class {
                Class::Till => self.handle_till(now, server, outbox),
                Class::Arrival => self.handle_arrival(now),
                Class::Renege => self.tills.renege(now, &mut self.books),
                Class::Repair
                | Class::Fault
                | Class::Carrier
                | Class::Detector
                | Class::Controller
                | Class::Flow
                | Class::Starvation => {
                    self.handle_network(now, class, outbox);
                    self.find_rare();
                }
                Class::Service => {
                    self.change_services(now, outbox);
                    self.find_rare();
                }
                Class::Replay => {
                    self.replay(now, outbox);
                    self.find_rare();
                }
                Class::Calendar => {
                    self.handle_calendar(now, outbox);
                    self.find_rare();
                }
            }
        }
        Progress::Done
    }

    fn couple(&mut self, resource: ResourceIndex) {
        if self.services.has(resource) {
            self.services.couple(resource, true);
        } else {
            self.network.couple(resource, true);
            self.wants = self.network.wanted();
        }
    }

    fn is_coupled(&self, resource: ResourceIndex) -> bool {
        !self.done && (self.services.has(resource) || self.network.needs(resource))
    }

    fn uncouple(&mut self, resource: ResourceIndex) {
        if self.services.has(resource) {
            self.services.couple(resource, false);
        } else {
            self.network.couple(resource, false);
            self.wants = self.network.wanted();
        }
    }

    fn grant(&mut self, _resource: ResourceIndex, at: SimTime, grant: Grant) {
        match grant {
            Grant::Registration { request, answer } => self.network.grant(at, request, answer),
            Grant::Mended(fault, remedy) => self.network.mended(at, fault, remedy),
        }
        self.find_rare();
    }

    fn next_change(&self, resource: ResourceIndex, published: &Published, others: SimTime) -> SimTime {
        let tills = self.tills.next_arrival().min(self.tills.checkout.next_due().0);
        if self.services.has(resource) {
            // With nobody inside and nothing stored, nobody sends before somebody has come.
            let stored = self.tills.replay.count() > 0;
            let inside = stored
                || self.tills.checkout.next_due().0 < SimTime::NEVER
                || self.tills.checkout.queued().next().is_some();
            return tills.min(if inside { self.rare } else { SimTime::NEVER });
        }
        if self.network.desk.is(resource) {
            return self.network.next_for_centre();
        }
        // To join, to need more or less, or to leave is not up to customers; their payments come on top.
        let payments = match published {
            Published::Cell(share) if share.roomy => SimTime::NEVER,
            Published::Cell(share) if self.network.is_moved_by(resource, share) => share.at,
            _ => tills.min(others),
        };
        // What is granted may come before anything of its own.
        let granted = if self.network.awaits_grant() { others } else { SimTime::NEVER };
        self.rare.min(payments).min(granted)
    }

    fn resources(&self) -> Vec<ResourceIndex> {
        self.network.connections.all().chain(self.network.desk.resource()).collect()
    }
}

/// The store's own window: from its first local midnight to its last.
#[must_use]
pub fn window_of(spec: &resolved::Store) -> Window {
    let start = spec.days.first().map_or(SimTime::default(), |day| day.window.start);
    let end = spec.days.last().map_or(SimTime::default(), |day| day.window.end);
    Window { start, end }
}

/// Everything the calendar does at a store, in order of time and, at one instant, in the order written here.
fn calendar(
    scenario: &Scenario,
    spec: &resolved::Store,
    key: Key,
    entity: Entity,
    pieces: &[demand::Piece],
    window: Window,
) -> Vec<(SimTime, CalendarEvent)> {
    let mut events = vec![(window.start, CalendarEvent::Begin)];
    events.extend(spec.days.iter().skip(1).map(|day| (day.window.start, CalendarEvent::Midnight)));
    for opening in spec.days.iter().flat_map(|day| &day.open) {
        events.push((opening.start, CalendarEvent::Open));
        events.push((opening.end, CalendarEvent::Close));
    }
    events.extend(
        tills::staffing(scenario, spec, key, entity, pieces)
            .into_iter()
            .map(|(at, lanes)| (at, CalendarEvent::Lanes(lanes))),
    );
    events.push((window.end, CalendarEvent::End));
    // Doors that close at midnight and open at the same midnight have been open all along: close, then open.
    let order = |event: &CalendarEvent| match event {
        CalendarEvent::Begin => 0,
        CalendarEvent::Close => 1,
        CalendarEvent::Midnight => 2,
        CalendarEvent::Open => 3,
        CalendarEvent::Lanes(_) => 4,
        CalendarEvent::End => 5,
    };
    events.sort_by_key(|(at, event)| (*at, order(event)));
    events
}
