//! The stepping driver: processes that run alone, and shared resources that couple them on a grid.
//!
//! ```text
//!            T            T+step        T+2·step
//! resource ──●─────────────●─────────────●──     fold the inbox in (time, rank) order, publish
//!            │ published   ▲ messages    │
//! process  ──┴─────────────┴─────────────┴──     reads what was published at T, writes to its outbox
//! ```
//!
//! * A resource publishes at absolute multiples of its step. What a process reads at `t` is a function of the
//!   messages sent to the resource before the latest such multiple, and of the resource's own schedule.
//! * A process that is not coupled to any resource runs as far as it likes: until an event that needs a resource
//!   it is not coupled to ([`Progress::Wants`]), or to its end.
//! * *Published state* is read at once; *request and grant*: a fold may answer a message with a grant whose instant
//!   lies at or after the end of the step in which the fold happens, so that the receiver has not passed it.
//!
//! * A resource may be *calm*: what it publishes stays the same until some instant, unless a process sends it
//!   something that changes it, which processes announce ([`Process::next_change`]). Then the instants in between need
//!   no fold.
//! * A resource may *presume* that it goes on publishing what it publishes now, whatever it is sent
//!   ([`Resource::presumes_until`]): processes run far ahead, and it folds the instants in between afterwards, one by one. If it
//!   then finds that it would have published something else ([`Outcome::Mistaken`]), the run is void; another one, which presumes
//!   nothing from that instant on, takes its place (Jefferson 1985, "Virtual time", with one rollback instead of many).
//!
//! **The grid is the semantics, skipping an optimisation.** [`Stepping::Every`] keeps every resource folding and every
//! process coupled at every instant; [`Stepping::Skipping`] couples only those that said they need it. Both
//! give the same bits; a test holds them together.

use std::collections::BTreeSet;

use rayon::prelude::*;

use crate::units::{SimTime, Span};

/// From this many coupled processes on, one window is spread over threads. Below it the hand-over costs more than
/// it saves. The result does not depend on it.
const PARALLEL_PROCESSES_MIN: usize = 192;

/// So many processes run before their messages are taken over: what they wrote is then still in the cache, and room for it is needed
/// once. The result does not depend on it.
const PROCESSES_AT_ONCE: usize = 512;

/// Position of a resource among those of one coupled group.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct ResourceIndex(pub u32);

/// A message with what orders it.
#[derive(Clone, Copy, Debug)]
pub struct Stamped<M> {
    /// When it was sent.
    pub at: SimTime,
    /// The sender's rank by identity.
    pub rank: u32,
    /// To which resource.
    pub to: ResourceIndex,
    /// What.
    pub message: M,
}

/// Where a process stands after running.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Progress {
    /// It handled everything before the horizon.
    Horizon,
    /// Its next event, at this instant, needs a resource it is not coupled to.
    Wants(ResourceIndex, SimTime),
    /// Nothing will ever happen again.
    Done,
}

/// A logical process: runs alone between grid instants.
pub trait Process: Send {
    /// What it sends to resources.
    type Message: Send;
    /// What resources publish.
    type Published: Sync;
    /// What resources grant.
    type Grant: Copy;

    /// Rank by identity, unique within the group: orders messages sent at the same instant.
    fn rank(&self) -> u32;

    /// Handles all events before `horizon` in time order, reading `board` (by resource) and writing to `outbox`.
    /// Stops before an event that needs a resource for which [`Process::is_coupled`] does not hold yet.
    fn run(
        &mut self,
        horizon: SimTime,
        board: &[Self::Published],
        outbox: &mut Vec<Stamped<Self::Message>>,
    ) -> Progress;

    /// Told that from now on `resource` may be read and written.
    fn couple(&mut self, resource: ResourceIndex);

    /// Whether the process still needs to be stepped with `resource`.
    fn is_coupled(&self, resource: ResourceIndex) -> bool;

    /// Told that `resource` is no longer stepped with it, after [`Process::is_coupled`] was false.
    fn uncouple(&mut self, resource: ResourceIndex);

    /// Receives a grant; `at` is not before the horizon of the next [`Process::run`].
    fn grant(&mut self, resource: ResourceIndex, at: SimTime, grant: Self::Grant);

    /// The earliest instant at which it may send `resource` anything that can change what that publishes or grants while calm;
    /// perhaps in answer to what it has `published`, which the process has yet to read. Before `others`, it reads nothing new of
    /// anything else that it is coupled to.
    fn next_change(&self, resource: ResourceIndex, published: &Self::Published, others: SimTime) -> SimTime;

    /// Resources it might ever need.
    fn resources(&self) -> Vec<ResourceIndex>;
}

/// A grant on its way back to a process.
#[derive(Clone, Copy, Debug)]
pub struct Granted<G> {
    /// Rank of the receiver.
    pub rank: u32,
    /// When it takes effect.
    pub at: SimTime,
    /// What.
    pub grant: G,
}

/// A shared resource: advanced only at its own grid instants.
pub trait Resource: Send {
    /// What it receives.
    type Message: Send;
    /// What it publishes.
    type Published: Sync + Send;
    /// What it grants.
    type Grant: Copy;

    /// The step of its grid, looked at after every fold; may depend on its published state only. Its instants are absolute
    /// multiples of the present step, so steps of which one divides the other keep what they have in common.
    fn step(&self) -> Span;

    /// The shortest time between a request and its grant: never less than the step.
    fn lookahead(&self) -> Span;

    /// Brings an idle resource, which no process is coupled to, to the grid instant `at` and publishes.
    fn wake(&mut self, at: SimTime) -> Self::Published;

    /// Folds all messages sent since the last instant folded (one step ago, more if it was calm), in (time, rank) order,
    /// and publishes.
    fn fold(
        &mut self,
        at: SimTime,
        inbox: &[Stamped<Self::Message>],
        grants: &mut Vec<Granted<Self::Grant>>,
    ) -> Self::Published;

    /// Whether its state at a later instant follows from its own schedule alone.
    fn is_idle(&self) -> bool;

    /// What it publishes stays the same at all instants of its grid before this, unless a process sends something at or
    /// after its [`Process::next_change`]. A fold then covers all the steps since the last one.
    fn calm_until(&self) -> SimTime;

    /// Up to which instant of its grid, at most `limit`, it presumes to publish what amounts to the same as now, whatever it is sent;
    /// `None`: it presumes nothing. The limit may lie on another resource's grid.
    fn presumes_until(&self, _limit: SimTime) -> Option<SimTime> {
        None
    }

    /// Told that it presumes until `until`: whatever is sent before comes by [`Resource::note`], then [`Resource::fold_noted`] is
    /// called for that instant. Whoever presumes has to have all three.
    fn presume(&mut self, _until: SimTime) {
        unreachable!("it presumes nothing")
    }

    /// Notes what was sent in a time about which it presumes. Messages come in no order, except that what one process sent comes as
    /// it was sent.
    fn note(&mut self, _stamped: Stamped<Self::Message>) {
        unreachable!("it presumes nothing")
    }

    /// Folds all instants of its grid up to where it presumed, as [`Resource::fold`] would one by one. It grants nothing.
    ///
    /// # Errors
    /// The first instant before that for which it would have published something else than it presumed.
    fn fold_noted(&mut self) -> Result<Self::Published, SimTime> {
        unreachable!("it presumes nothing")
    }
}

/// How a run ended.
#[derive(Debug)]
pub enum Outcome<P, R> {
    /// Every process ran to its end.
    Finished {
        /// The processes.
        processes: Vec<P>,
        /// The resources.
        resources: Vec<R>,
        /// How many folds there were.
        folds: u64,
    },
    /// A resource presumed wrongly: from this instant on it published something else.
    Mistaken(SimTime),
    /// It was told to stop.
    Cancelled,
}

impl<P, R> Outcome<P, R> {
    /// Processes, resources and the number of folds, if every process ran to its end.
    #[must_use]
    pub fn finished(self) -> Option<(Vec<P>, Vec<R>, u64)> {
        match self {
            Outcome::Finished { processes, resources, folds } => Some((processes, resources, folds)),
            Outcome::Mistaken(_) | Outcome::Cancelled => None,
        }
    }
}

/// Runs what `build` builds (processes, resources, when the first of them begins) to its end; a second time, or a third, if a resource
/// presumed wrongly. `None` if `cancelled` said so.
pub fn run_to_end<P, R>(
    build: impl Fn() -> (Vec<P>, Vec<R>, SimTime),
    stepping: Stepping,
    cancelled: &dyn Fn() -> bool,
) -> Option<(Vec<P>, Vec<R>, u64)>
where
    P: Process,
    R: Resource<Message = P::Message, Published = P::Published, Grant = P::Grant>,
{
    let mut presume_until = SimTime::NEVER;
    loop {
        let (processes, resources, start) = build();
        match Group::new(processes, resources, start, stepping).presuming_until(presume_until).run(cancelled)
        {
            // Earlier every time: up to there, what the next run presumes has been seen to be so.
            Outcome::Mistaken(at) => presume_until = at,
            outcome => return outcome.finished(),
        }
    }
}

/// Which grid instants are visited.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Stepping {
    /// Only those at which something shared can change.
    #[default]
    Skipping,
    /// All of them (slow; for the test that both are the same).
    Every,
}

/// Processes and the resources they share. Ranks ascend with the position of the process.
pub struct Group<P: Process, R> {
    processes: Vec<P>,
    resources: Vec<R>,
    board: Vec<P::Published>,
    state: Vec<ResourceState<P::Message>>,
    /// Active resources by their next instant.
    due: BTreeSet<(SimTime, ResourceIndex)>,
    /// Processes stopped before an event that needs a resource, by that event's instant.
    wants: BTreeSet<(SimTime, usize, ResourceIndex)>,
    /// The resources each process is coupled to.
    couplings: Vec<Vec<ResourceIndex>>,
    /// Up to where each process has run: it can neither send nor want anything before.
    reached: Vec<SimTime>,
    running: usize,
    stepping: Stepping,
    /// Empty, kept for their room.
    outboxes: Vec<Vec<Stamped<P::Message>>>,
    /// [`PARALLEL_PROCESSES_MIN`], except in the test that holds both paths together.
    parallel_min: usize,
    folds: u64,
    /// From here on nothing is presumed.
    presume_until: SimTime,
    /// The first instant for which a resource presumed wrongly.
    mistaken: Option<SimTime>,
}

struct ResourceState<M> {
    active: bool,
    /// Whether `next` is further than one step away because the resource presumes so.
    presumes: bool,
    next: SimTime,
    clients: BTreeSet<usize>,
    /// Processes that may ever need it.
    users: Vec<usize>,
    inbox: Vec<Stamped<M>>,
}

impl<P, R> Group<P, R>
where
    P: Process,
    R: Resource<Message = P::Message, Published = P::Published, Grant = P::Grant>,
{
    /// A group whose resources start at the grid instant at or before `start`.
    ///
    /// # Panics
    /// If ranks do not ascend or a resource's lookahead is shorter than its step: both are bugs of the builder.
    #[must_use]
    pub fn new(processes: Vec<P>, mut resources: Vec<R>, start: SimTime, stepping: Stepping) -> Self {
        assert!(processes.is_sorted_by_key(P::rank), "processes stand in order of rank");
        let mut board = Vec::with_capacity(resources.len());
        let mut state = Vec::with_capacity(resources.len());
        let mut users = vec![Vec::new(); resources.len()];
        for (process, logic) in processes.iter().enumerate() {
            logic.resources().iter().for_each(|resource| users[resource.0 as usize].push(process));
        }
        for (resource, users) in resources.iter_mut().zip(users) {
            assert!(resource.lookahead() >= resource.step(), "a grant must not reach into its own step");
            let at = start.floor_to(resource.step());
            board.push(resource.wake(at));
            state.push(ResourceState {
                active: false,
                presumes: false,
                next: at + resource.step(),
                clients: BTreeSet::new(),
                users,
                inbox: Vec::new(),
            });
        }
        let (couplings, running) = (vec![Vec::new(); processes.len()], processes.len());
        let reached = vec![SimTime::default(); processes.len()];
        Group {
            processes,
            resources,
            board,
            state,
            due: BTreeSet::new(),
            wants: BTreeSet::new(),
            couplings,
            reached,
            running,
            stepping,
            outboxes: Vec::new(),
            parallel_min: PARALLEL_PROCESSES_MIN,
            folds: 0,
            presume_until: SimTime::NEVER,
            mistaken: None,
        }
    }

    /// Nothing is presumed from `at` on: the run before this one did, and was mistaken.
    #[must_use]
    fn presuming_until(mut self, at: SimTime) -> Self {
        self.presume_until = at;
        self
    }

    /// Runs every process to its end, or until `cancelled` (asked at every fold) says so or a presumption turns out wrong.
    #[must_use]
    pub fn run(mut self, cancelled: &dyn Fn() -> bool) -> Outcome<P, R> {
        if self.stepping == Stepping::Every {
            for process in 0..self.processes.len() {
                for resource in self.processes[process].resources() {
                    let at = self.state[resource.0 as usize].next.saturating_sub(Span::from_nanos(1));
                    self.couple(process, resource, at);
                }
            }
        }
        let everyone: Vec<usize> = (0..self.processes.len()).collect();
        self.advance(&everyone);
        while self.running > 0 {
            let fold = self.due.first().map(|&(at, _)| at);
            match (self.wants.first().copied(), fold) {
                (Some((at, process, resource)), fold) if fold.is_none_or(|fold| at < fold) => {
                    self.wants.remove(&(at, process, resource));
                    self.couple(process, resource, at);
                    self.advance(&[process]);
                }
                (_, Some(_)) if cancelled() => return Outcome::Cancelled,
                (_, Some(fold)) => self.fold_all_due(fold),
                (_, None) => unreachable!("a process that is not done waits for a resource or for a fold"),
            }
            if let Some(at) = self.mistaken {
                return Outcome::Mistaken(at);
            }
        }
        // What was sent in the last, unfinished step is folded too, so that a resource's ledger closes.
        while let Some((at, resource)) = self.due.pop_first() {
            self.publish(at, resource);
        }
        match self.mistaken {
            Some(at) => Outcome::Mistaken(at),
            None => {
                Outcome::Finished { processes: self.processes, resources: self.resources, folds: self.folds }
            }
        }
    }

    fn couple(&mut self, process: usize, resource: ResourceIndex, at: SimTime) {
        let index = resource.0 as usize;
        let state = &mut self.state[index];
        if !state.active {
            let step = self.resources[index].step();
            let instant = at.floor_to(step);
            self.board[index] = self.resources[index].wake(instant);
            state.active = true;
            state.next = instant + step;
            self.due.insert((state.next, resource));
        }
        debug_assert!(at < state.next, "the resource has published for the step that holds the want");
        state.clients.insert(process);
        self.couplings[process].push(resource);
        self.processes[process].couple(resource);
    }

    /// Folds every resource whose instant is `at`, in index order, then lets their clients run on.
    fn fold_all_due(&mut self, at: SimTime) {
        let mut released = BTreeSet::new();
        let mut folded = Vec::new();
        while let Some(&(due, resource)) = self.due.first()
            && due == at
        {
            self.due.pop_first();
            self.publish(at, resource);
            self.release(at, resource, &mut released);
            folded.push(resource);
        }
        let (coupled, free): (Vec<usize>, Vec<usize>) =
            released.into_iter().partition(|&process| !self.couplings[process].is_empty());
        // Those that were let go first: when they want to come back bounds how long a calm resource may be left alone.
        self.advance(&free);
        for &resource in &folded {
            self.skip_calm(at, resource, &folded);
            self.presume(resource);
        }
        self.advance(&coupled);
    }

    /// Puts off the next fold of a calm resource, one of those just `folded`, to the first instant at which something may have
    /// changed.
    fn skip_calm(&mut self, at: SimTime, resource: ResourceIndex, folded: &[ResourceIndex]) {
        let index = resource.0 as usize;
        let state = &self.state[index];
        if self.stepping == Stepping::Every || !state.active {
            return;
        }
        let step = self.resources[index].step();
        let calm_until = self.resources[index].calm_until();
        if calm_until <= state.next {
            return;
        }
        let mut change = SimTime::NEVER;
        let mut clients = state.clients.iter().peekable();
        for &user in &state.users {
            let sends = if clients.next_if_eq(&&user).is_some() {
                let others = self.couplings[user].iter().filter(|&&other| other != resource);
                let news = |other: &ResourceIndex| {
                    if folded.contains(other) { at } else { self.state[other.0 as usize].next }
                };
                let others = others.map(news).min().unwrap_or(SimTime::NEVER);
                self.processes[user].next_change(resource, &self.board[index], others)
            } else {
                self.reached[user]
            };
            change = change.min(sends);
            if change < state.next + step {
                return;
            }
        }
        // A change of the schedule is published at the first instant not before it. The step in which a message may come is
        // folded by itself: what a resource makes of a step must not depend on the steps before.
        let by_schedule = calm_until.saturating_sub(Span::from_nanos(1)).next_multiple(step);
        let next = change.max(at).floor_to(step).min(by_schedule);
        self.put_off(resource, next);
    }

    /// Makes `until` the next instant at which `resource` is folded, unless that comes later already; whether it did put it off.
    fn put_off(&mut self, resource: ResourceIndex, until: SimTime) -> bool {
        let state = &mut self.state[resource.0 as usize];
        if until <= state.next {
            return false;
        }
        self.due.remove(&(state.next, resource));
        state.next = until;
        self.due.insert((until, resource));
        true
    }

    /// Puts off the next fold of `resource` as far as it presumes to publish the same.
    fn presume(&mut self, resource: ResourceIndex) {
        let index = resource.0 as usize;
        if self.stepping == Stepping::Every || !self.state[index].active {
            return;
        }
        let Some(until) = self.resources[index].presumes_until(self.presume_until) else { return };
        if self.put_off(resource, until) {
            let state = &mut self.state[index];
            state.presumes = true;
            self.resources[index].presume(until);
            state.inbox.drain(..).for_each(|stamped| self.resources[index].note(stamped));
        }
    }

    /// Folds the inbox of `resource`, publishes, and hands out its grants.
    fn publish(&mut self, at: SimTime, resource: ResourceIndex) {
        let index = resource.0 as usize;
        if std::mem::take(&mut self.state[index].presumes) {
            match self.resources[index].fold_noted() {
                Ok(published) => self.board[index] = published,
                Err(wrong) => self.mistaken = Some(self.mistaken.map_or(wrong, |other| other.min(wrong))),
            }
            self.folds += 1;
            return;
        }
        let inbox = &mut self.state[index].inbox;
        let mut grants = Vec::new();
        // Stable: what one process sent at one instant stays in the order in which it sent it.
        inbox.sort_by_key(|stamped| (stamped.at, stamped.rank));
        self.board[index] = self.resources[index].fold(at, inbox, &mut grants);
        inbox.clear();
        self.folds += 1;
        for granted in grants {
            assert!(granted.at >= at, "a grant must not lie in the past of its receiver");
            let position = self
                .processes
                .binary_search_by_key(&granted.rank, P::rank)
                .expect("grants go to processes of the group");
            self.processes[position].grant(resource, granted.at, granted.grant);
        }
    }

    /// Lets go of processes that no longer need `resource`, and of the resource if nobody does and it is idle; notes its
    /// next instant otherwise. All that had been coupled are added to `released`: they may run on.
    fn release(&mut self, at: SimTime, resource: ResourceIndex, released: &mut BTreeSet<usize>) {
        let index = resource.0 as usize;
        let state = &mut self.state[index];
        released.extend(&state.clients);
        if self.stepping == Stepping::Skipping {
            let (processes, couplings) = (&mut self.processes, &mut self.couplings);
            state.clients.retain(|&client| {
                let stays = processes[client].is_coupled(resource);
                if !stays {
                    processes[client].uncouple(resource);
                    couplings[client].retain(|&coupled| coupled != resource);
                }
                stays
            });
            state.active = !(state.clients.is_empty() && self.resources[index].is_idle());
        }
        // The step may have changed with what was published: the next multiple of the new one.
        state.next = at.next_multiple(self.resources[index].step());
        if state.active {
            self.due.insert((state.next, resource));
        }
    }

    /// Lets `list` (ascending) run as far as the resources they are coupled to have published.
    fn advance(&mut self, list: &[usize]) {
        let horizons: Vec<SimTime> = list.iter().map(|&process| self.horizon(process)).collect();
        if list.len() >= self.parallel_min {
            let mut horizon_of = vec![None; self.processes.len()];
            for (&process, &horizon) in list.iter().zip(&horizons) {
                horizon_of[process] = Some(horizon);
            }
            let mut outboxes = std::mem::take(&mut self.outboxes);
            outboxes.resize_with(PROCESSES_AT_ONCE, Vec::new);
            for (batch, horizons) in horizon_of.chunks(PROCESSES_AT_ONCE).enumerate() {
                let first = batch * PROCESSES_AT_ONCE;
                let (board, processes) = (&self.board, &mut self.processes[first..first + horizons.len()]);
                let progress: Vec<Option<Progress>> = processes
                    .par_iter_mut()
                    .zip(&mut outboxes)
                    .zip(horizons)
                    .map(|((logic, outbox), horizon)| {
                        horizon.map(|horizon| logic.run(horizon, board, outbox))
                    })
                    .collect();
                for (offset, (progress, outbox)) in progress.into_iter().zip(&mut outboxes).enumerate() {
                    if let Some(progress) = progress {
                        self.settle(first + offset, progress, outbox);
                    }
                }
            }
            self.outboxes = outboxes;
        } else {
            let mut outbox = Vec::new();
            for (&process, &horizon) in list.iter().zip(&horizons) {
                let progress = self.processes[process].run(horizon, &self.board, &mut outbox);
                self.settle(process, progress, &mut outbox);
            }
        }
    }

    fn settle(&mut self, process: usize, progress: Progress, outbox: &mut Vec<Stamped<P::Message>>) {
        self.reached[process] = match progress {
            Progress::Horizon => self.horizon(process),
            Progress::Wants(_, at) => at,
            Progress::Done => SimTime::NEVER,
        };
        for stamped in outbox.drain(..) {
            let index = stamped.to.0 as usize;
            let state = &mut self.state[index];
            debug_assert!(state.active, "messages go to resources that the sender is coupled to");
            if state.presumes {
                // At once, while it is in the cache.
                self.resources[index].note(stamped);
            } else {
                state.inbox.push(stamped);
            }
        }
        match progress {
            Progress::Horizon => {}
            Progress::Wants(resource, at) => {
                self.wants.insert((at, process, resource));
            }
            Progress::Done => {
                self.running -= 1;
                // Its last messages are folded with the others'; it reads nothing any more.
                for resource in std::mem::take(&mut self.couplings[process]) {
                    self.state[resource.0 as usize].clients.remove(&process);
                }
            }
        }
    }

    /// The first instant that some coupled resource has not published for.
    fn horizon(&self, process: usize) -> SimTime {
        self.couplings[process]
            .iter()
            .map(|resource| self.state[resource.0 as usize].next)
            .min()
            .unwrap_or(SimTime::NEVER)
    }
}

#[cfg(test)]
mod tests;
