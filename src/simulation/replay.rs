//! One store of one replication again: watched, or fed from a journal of what it read.
//!
//! What a store does is a function of its own draws and of what it is told: which resources it is coupled to, up to when it may run,
//! what they publish, what they grant. A *journal* is the list of that. So a store that is fed from its journal does to the
//! event what it did in the run, and none of its neighbours is needed. Its fault-free twin has a journal of its own.
//!
//! To *watch* is to let it run from event to event and to look at it in between; the store is not told.

use std::sync::atomic::Ordering;

use serde::{Deserialize, Serialize};

use crate::kernel::draws::Key;
use crate::kernel::driver::{self, Process, ResourceIndex, Stamped, run_to_end};
use crate::model::failover::Route;
use crate::model::faults::shared::SharedFaults;
use crate::model::shared::{Grant, Message, Published};
use crate::model::store::{AtServer, Store, View, World};
use crate::scenario::resolved::{Scenario, StoreRank};
use crate::units::{SimTime, Span};

use super::assemble::{self, StoreOutcome};
use super::groups;
use super::result::{ReplicationResult, Trace, TraceSpan};
use super::{Execution, Progress, Services, build_world, finished};

/// Something that a store was told.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Entry {
    /// It may run up to this instant; of its resources, these publish something else than before.
    Run(SimTime, Vec<(u32, Published)>),
    /// It is coupled to a resource.
    Couple(u32),
    /// It is no longer.
    Uncouple(u32),
    /// A resource grants something, from an instant on.
    Grant(u32, SimTime, Grant),
}

/// What a store, and its twin, were told in one replication.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Journal {
    /// Results version of the run.
    pub results_version: u32,
    /// Seed of the run.
    pub seed: u64,
    /// The replication.
    pub replication: u32,
    /// The store's id.
    pub store: String,
    /// What the store was told.
    pub real: Vec<Entry>,
    /// What its fault-free twin was told; `None`: it is its own twin.
    pub twin: Option<Vec<Entry>>,
    /// Whether the twin lives through all days, because something shared was short.
    pub whole: bool,
}

/// One store of one replication.
#[derive(Debug)]
pub struct Replayed {
    /// The store's rows, as a run of it alone would have them.
    pub result: ReplicationResult,
    /// What it did.
    pub trace: Trace,
    /// What it and its twin were told.
    pub journal: Journal,
}

/// Why a journal cannot be replayed.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum JournalError {
    /// It is of another run.
    #[error(
        "the journal is of {theirs}, and this is {ours}; give the scenario, --store and --replication that it was made with"
    )]
    Foreign {
        /// What the journal is of.
        theirs: String,
        /// What was asked for.
        ours: String,
    },
}

/// A store with what it was told, and with somebody who watches it perhaps.
struct Recorded<'a> {
    store: Store<'a>,
    tap: Option<Box<Tap>>,
}

#[derive(Default)]
struct Tap {
    entries: Vec<Entry>,
    /// What was read last, by resource.
    read: Vec<(u32, Published)>,
    watcher: Option<Watcher>,
}

impl Process for Recorded<'_> {
    type Message = Message;
    type Published = Published;
    type Grant = Grant;

    fn rank(&self) -> u32 {
        self.store.rank()
    }

    fn run(
        &mut self,
        horizon: SimTime,
        board: &[Published],
        outbox: &mut Vec<Stamped<Message>>,
    ) -> driver::Progress {
        let Some(tap) = &mut self.tap else { return self.store.run(horizon, board, outbox) };
        tap.note_run(horizon, self.store.resources(), board);
        match &mut tap.watcher {
            Some(watcher) => watcher.run(&mut self.store, horizon, board, outbox),
            None => self.store.run(horizon, board, outbox),
        }
    }

    fn couple(&mut self, resource: ResourceIndex) {
        self.note(Entry::Couple(resource.0));
        self.store.couple(resource);
    }

    fn is_coupled(&self, resource: ResourceIndex) -> bool {
        self.store.is_coupled(resource)
    }

    fn uncouple(&mut self, resource: ResourceIndex) {
        self.note(Entry::Uncouple(resource.0));
        self.store.uncouple(resource);
    }

    fn grant(&mut self, resource: ResourceIndex, at: SimTime, grant: Grant) {
        self.note(Entry::Grant(resource.0, at, grant));
        self.store.grant(resource, at, grant);
    }

    fn next_change(&self, resource: ResourceIndex, published: &Published, others: SimTime) -> SimTime {
        self.store.next_change(resource, published, others)
    }

    fn resources(&self) -> Vec<ResourceIndex> {
        self.store.resources()
    }
}

impl<'a> Recorded<'a> {
    /// `store`, recorded (and watched) if it is the one of `rank`.
    fn new(store: Store<'a>, rank: StoreRank, watched: bool) -> Self {
        let tap = || Box::new(Tap { watcher: watched.then(Watcher::default), ..Tap::default() });
        let tap = (store.store_rank() == rank).then(tap);
        Recorded { store, tap }
    }

    fn note(&mut self, entry: Entry) {
        if let Some(tap) = &mut self.tap {
            tap.entries.push(entry);
        }
    }

    /// Lets the store live through what a journal says it was told.
    fn feed(&mut self, entries: &[Entry]) {
        let mut board: Vec<Published> = Vec::new();
        let mut outbox = Vec::new();
        for entry in entries {
            match entry {
                Entry::Couple(resource) => self.couple(ResourceIndex(*resource)),
                Entry::Uncouple(resource) => self.uncouple(ResourceIndex(*resource)),
                Entry::Grant(resource, at, grant) => self.grant(ResourceIndex(*resource), *at, *grant),
                Entry::Run(horizon, read) => {
                    for (resource, published) in read {
                        let at = *resource as usize;
                        if board.len() <= at {
                            // What publishes nothing stands for what it does not read.
                            board.resize(at + 1, Published::Core);
                        }
                        board[at] = published.clone();
                    }
                    self.run(*horizon, &board, &mut outbox);
                    outbox.clear();
                }
            }
        }
    }

    fn into_parts(self) -> (Store<'a>, Tap) {
        (self.store, self.tap.map_or_else(Tap::default, |tap| *tap))
    }
}

impl Tap {
    fn note_run(&mut self, horizon: SimTime, resources: Vec<ResourceIndex>, board: &[Published]) {
        let mut changed = Vec::new();
        for ResourceIndex(resource) in resources {
            let Some(published) = board.get(resource as usize) else { continue };
            match self.read.iter_mut().find(|(known, _)| *known == resource) {
                Some((_, known)) if known == published => continue,
                Some((_, known)) => known.clone_from(published),
                None => self.read.push((resource, published.clone())),
            }
            changed.push((resource, published.clone()));
        }
        self.entries.push(Entry::Run(horizon, changed));
    }
}

/// Runs the group of store `rank` in `replication` and keeps what that store did and was told; `None` if it was cancelled.
#[must_use]
pub fn replay(
    scenario: &Scenario,
    rank: StoreRank,
    replication: u32,
    execution: Execution,
    progress: &Progress,
) -> Option<Replayed> {
    let groups = groups::partition(scenario);
    let group = groups.iter().find(|group| group.stores.contains(&rank))?;
    let key = Key { seed: scenario.seed, replication: u64::from(replication) };
    let faults = SharedFaults::draw(scenario, key);
    let cancelled = || progress.cancelled.load(Ordering::Relaxed);
    let build = || {
        let (stores, shared, start) =
            build_world(scenario, group, &group.stores, (key, &faults), Services::Shared, |_| World::Real);
        (stores.into_iter().map(|store| Recorded::new(store, rank, true)).collect::<Vec<_>>(), shared, start)
    };
    let (stores, mut shared, _) = run_to_end(build, execution.stepping, &cancelled)?;
    let felt = shared.iter_mut().filter_map(finished).fold(false, |felt, service| felt | service.felt);
    let whole = felt || execution.every_twin;
    let disturbed: Vec<StoreRank> = stores
        .iter()
        .filter(|one| whole || one.store.was_disturbed())
        .map(|one| one.store.store_rank())
        .collect();
    let mut twin = None;
    if disturbed.contains(&rank) {
        let build_twins = || {
            let (mut twins, shared, _) =
                build_world(scenario, group, &disturbed, (key, &faults), Services::Unlimited, |_| {
                    World::FaultFree
                });
            let mut real = stores.iter();
            for twin in twins.iter_mut().filter(|_| !whole) {
                let real = real.find(|one| one.store.store_rank() == twin.store_rank());
                real.into_iter().for_each(|real| twin.live_as_twin_of(&real.store));
            }
            let start = twins.iter().map(Store::begins).min().unwrap_or_default();
            (
                twins.into_iter().map(|store| Recorded::new(store, rank, false)).collect::<Vec<_>>(),
                shared,
                start,
            )
        };
        let (twins, ..) = run_to_end(build_twins, execution.stepping, &cancelled)?;
        twin = twins.into_iter().find(|one| one.store.store_rank() == rank).map(Recorded::into_parts);
    }
    let (store, tap) = stores.into_iter().find(|one| one.store.store_rank() == rank)?.into_parts();
    let (twin, twin_tap) = twin.unzip();
    let journal = Journal {
        results_version: super::RESULTS_VERSION,
        seed: scenario.seed,
        replication,
        store: scenario.stores[rank.0 as usize].id.clone(),
        real: tap.entries,
        twin: twin_tap.map(|tap| tap.entries),
        whole,
    };
    let trace = tap.watcher.map_or_else(Trace::default, |watcher| watcher.finish(store.last_event()));
    let result = assemble::alone(scenario, replication, faults, StoreOutcome::new(store, twin));
    Some(Replayed { result, trace, journal })
}

/// Runs store `rank` alone, with what `journal` says it was told.
///
/// # Errors
/// If the journal is of another store, replication, seed or results version.
pub fn replay_from(
    scenario: &Scenario,
    rank: StoreRank,
    replication: u32,
    journal: &Journal,
) -> Result<Replayed, JournalError> {
    let name = |store: &str, replication: u32, seed: u64, version: u32| {
        format!("store `{store}`, replication {replication}, seed {seed}, results version {version}")
    };
    let theirs = name(&journal.store, journal.replication, journal.seed, journal.results_version);
    let id = &scenario.stores[rank.0 as usize].id;
    let ours = name(id, replication, scenario.seed, super::RESULTS_VERSION);
    if theirs != ours {
        return Err(JournalError::Foreign { theirs, ours });
    }
    let key = Key { seed: scenario.seed, replication: u64::from(replication) };
    let faults = SharedFaults::draw(scenario, key);
    let (store, tap) = live(scenario, (rank, key, &faults), World::Real, &journal.real, None);
    let twin = journal.twin.as_ref().map(|entries| {
        let real = (!journal.whole).then_some(&store);
        live(scenario, (rank, key, &faults), World::FaultFree, entries, real)
    });
    let (twin, twin_tap) = twin.unzip();
    let journal = Journal { real: tap.entries, twin: twin_tap.map(|tap| tap.entries), ..journal.clone() };
    let trace = tap.watcher.map_or_else(Trace::default, |watcher| watcher.finish(store.last_event()));
    let result = assemble::alone(scenario, replication, faults, StoreOutcome::new(store, twin));
    Ok(Replayed { result, trace, journal })
}

/// The store of that rank at its end, after `entries`; the twin of `real` lives through those days only that count.
fn live<'a>(
    scenario: &'a Scenario,
    (rank, key, faults): (StoreRank, Key, &SharedFaults),
    world: World,
    entries: &[Entry],
    real: Option<&Store<'_>>,
) -> (Store<'a>, Tap) {
    let groups = groups::partition(scenario);
    let group = groups.iter().find(|group| group.stores.contains(&rank)).expect("every store has a group");
    let sharing = if world == World::Real { Services::Shared } else { Services::Unlimited };
    let (stores, ..) = build_world(scenario, group, &[rank], (key, faults), sharing, |_| world);
    let mut store = stores.into_iter().next().expect("one store was asked for");
    if let Some(real) = real {
        store.live_as_twin_of(real);
    }
    let mut recorded = Recorded::new(store, rank, world == World::Real);
    recorded.feed(entries);
    recorded.into_parts()
}

/// Tracks of a trace that are not servers.
const TRACKS: [&str; 6] =
    ["doors", "way of the payments", "failover", "primary, declared", "primary, in fact", "backup, in fact"];

/// Looks at a store after each of its events.
#[derive(Default)]
struct Watcher {
    /// By track: what it shows, since when.
    open: Vec<Option<(String, SimTime, Option<AtServer>)>>,
    trace: Trace,
    waiting: u32,
    stored: u32,
}

impl Watcher {
    /// Lets the store run from event to event up to `horizon`.
    fn run(
        &mut self,
        store: &mut Store<'_>,
        horizon: SimTime,
        board: &[Published],
        outbox: &mut Vec<Stamped<Message>>,
    ) -> driver::Progress {
        loop {
            let next = store.next_event();
            // An instant is over a nanosecond later.
            let until = (next + Span::from_nanos(1)).min(horizon);
            if next >= horizon {
                return store.run(horizon, board, outbox);
            }
            let progress = store.run(until, board, outbox);
            if store.is_in_window() {
                self.look(&store.view(next), next);
            }
            match progress {
                driver::Progress::Horizon if until < horizon => {}
                driver::Progress::Horizon | driver::Progress::Wants(..) | driver::Progress::Done => {
                    return progress;
                }
            }
        }
    }

    fn look(&mut self, view: &View, now: SimTime) {
        let way = match (view.dark, view.answers, view.on_lte) {
            (true, _, _) => format!("dark ({})", view.stage.name()),
            (false, false, _) => format!("no answers ({})", view.stage.name()),
            (false, true, true) => "LTE".to_owned(),
            (false, true, false) => "primary".to_owned(),
        };
        let works = |works: bool| if works { "works" } else { "does not work" };
        let shown = [
            if view.open { "open" } else { "closed" }.to_owned(),
            way,
            view.controller.to_owned(),
            if view.declared_up { "up" } else { "down" }.to_owned(),
            works(view.works[0]).to_owned(),
            works(view.works[1]).to_owned(),
        ];
        for (track, name) in shown.into_iter().enumerate() {
            self.show(track, Some((name, None)), now);
        }
        let first = TRACKS.len();
        let busy = view.servers.iter().map(|(server, _)| server + 1).max().unwrap_or(0);
        for server in 0..busy.max(self.open.len().saturating_sub(first)) {
            let customer = view.servers.iter().find(|(own, _)| *own == server).map(|(_, customer)| *customer);
            self.show(
                first + server,
                customer.map(|customer| (customer.phase.to_owned(), Some(customer))),
                now,
            );
        }
        if view.waiting != self.waiting {
            self.waiting = view.waiting;
            self.trace.counts.push(("customers waiting", now, u64::from(view.waiting)));
        }
        if view.stored != self.stored {
            self.stored = view.stored;
            self.trace.counts.push(("payments stored", now, u64::from(view.stored)));
        }
    }

    /// From `now` on the track shows this; what it showed before ends if it was something else.
    fn show(&mut self, track: usize, shown: Option<(String, Option<AtServer>)>, now: SimTime) {
        if self.open.len() <= track {
            self.open.resize(track + 1, None);
        }
        let before = self.open[track].as_ref().map(|(name, _, customer)| (name, customer));
        if before == shown.as_ref().map(|(name, customer)| (name, customer)) {
            return;
        }
        self.close(track, now);
        self.open[track] = shown.map(|(name, customer)| (name, now, customer));
    }

    fn close(&mut self, track: usize, now: SimTime) {
        let Some((name, from, customer)) = self.open[track].take() else { return };
        let mut about = Vec::new();
        if let Some(customer) = customer {
            about.push(("customer", format!("{:016x}", customer.customer)));
            about.push(("basket", format!("{:.2}", customer.value.as_units_f64())));
            about.push(("attempt", (customer.attempt + 1).to_string()));
            about.push(("route", route_name(customer.via).to_owned()));
        }
        self.trace.spans.push(TraceSpan { track: track as u32, name, from, to: now, about });
    }

    fn finish(mut self, end: SimTime) -> Trace {
        for track in 0..self.open.len() {
            self.close(track, end);
        }
        self.trace.tracks = TRACKS.iter().map(|name| (*name).to_owned()).collect();
        let servers = self.open.len().saturating_sub(TRACKS.len());
        self.trace.tracks.extend((0..servers).map(|server| format!("server {}", server + 1)));
        self.trace.spans.sort_by_key(|span| (span.from, span.track));
        self.trace
    }
}

const fn route_name(route: Route) -> &'static str {
    match route {
        Route::Primary => "primary",
        Route::Backup => "backup",
        Route::Unreachable => "none",
    }
}
