//! A service: what stores and online orders share when it is finite (published state).
//!
//! Attempts are served first come, first served by a fixed number of servers (Kiefer and Wolfowitz 1955: what an arrival
//! waits is the smallest of the servers' workloads). The fold adds them in order of (time, store), in whole nanoseconds, and
//! publishes the wait W and its slope W' at its instant; an attempt at t waits max(0, W + W'(t − t₀)). So no wait is rounded
//! to the grid; what is late is only the news of the others' attempts within a step, and `services.csv` says how much that
//! made (`wait_error_ms`).
//!
//! Whoever has given up waiting is still served: the service does not know. That is what turns retries into load.
//!
//! Work is measured in *service time*, which passes at the service's speed: a slower service has fewer of its seconds in one of
//! the clock's.

mod ahead;
mod online;
pub mod schedule;

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

use serde::{Deserialize, Serialize};

use crate::kernel::draws::{Entity, Key};
use crate::kernel::variates::{exponential, poisson, unit};
use crate::model::law::{self, Sampler};
use crate::model::purpose::{Purpose, address, fault_draw};
use crate::scenario::resolved::{
    Capacity, Online, Scenario, ServiceEffect, ServiceFault, ServiceId, StandbySite, Window,
};
use crate::units::{SimTime, Span};

use ahead::Noted;
pub use online::OnlineLoss;
use online::{Reason, given_up};
use schedule::{FULL, Phase, phases};

/// While utilisation is at most [`BUSY`] and nothing waits, a step is so many of those else. More would hide the beginning of a
/// sudden load.
const CALM: u64 = 10;
/// Utilisation above which steps are shortest.
const BUSY: u64 = FULL / 10 * 7;
/// What a crash by overload is called.
pub const OVERLOAD: &str = "overload";
/// Load is averaged over about so long, lest chance within one second pass for a trend.
const MEMORY: Span = Span::from_secs(10);
const SECOND: Span = Span::from_secs(1);
const HOUR: Span = Span::from_secs(3_600);

/// From a store to a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ServiceMessage {
    /// Service time of the attempt.
    pub work: Span,
    /// What the store made of what was published.
    pub fate: Fate,
}

/// What becomes of an attempt at a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It is served after waiting so long, as far as the store could know.
    Served {
        /// Wait.
        wait: Span,
    },
    /// It is refused, because too many wait.
    Shed,
    /// It gets no answer.
    Failed,
}

/// What a service publishes.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct ServiceState {
    /// When.
    pub at: SimTime,
    /// What an attempt at that instant would wait.
    pub wait: Span,
    /// Change of that wait, nanoseconds a second.
    pub slope: i64,
    /// Wait at which too many wait.
    pub full: Span,
    /// Share of attempts admitted then, parts per billion.
    pub admitted: u64,
    /// Efficiency, parts per billion.
    pub efficiency: u64,
    /// Crashes so far, in order.
    pub crashes: Vec<Window>,
}

impl ServiceState {
    /// Whether it means nothing to anybody: nobody waits, nobody soon will, nothing is slow.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        self.wait.is_zero() && self.slope <= 0 && self.efficiency == FULL
    }

    /// What an attempt at `at` waits.
    #[must_use]
    pub fn wait_at(&self, at: SimTime) -> Span {
        let change = i128::from(self.slope) * i128::from(at.since(self.at).as_nanos()) / i128::from(FULL);
        let wait = i128::from(self.wait.as_nanos()) + change;
        Span::from_nanos(u64::try_from(wait.max(0)).unwrap_or(u64::MAX))
    }
}

/// Counts of one interval. Offered = done + shed + failed + the change of what is queued, exactly.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceCounts {
    /// Attempts of stores and orders that arrived.
    pub offered: u64,
    /// Served.
    pub done: u64,
    /// Waiting or being served at the end of the interval.
    pub queued: u64,
    /// Refused because too many waited.
    pub shed: u64,
    /// Without an answer: the service was down, went down before it was done, or limped.
    pub failed: u64,
    /// Service time delivered.
    pub work: Span,
    /// Largest load in a step over what the healthy servers can do, parts per billion.
    pub utilisation_max: u64,
    /// Sum and maximum of waits of those admitted.
    pub wait: Span,
    /// See [`Self::wait`].
    pub wait_max: Span,
    /// Attempts that `wait` is the sum of.
    pub admitted: u64,
    /// Sum of the differences between what stores took the wait to be and what it was.
    pub wait_error: Span,
    /// Attempts that `wait_error` is the sum of.
    pub told: u64,
    /// Crashes by overload.
    pub crashes: u64,
    /// Times the standby began to serve.
    pub activations: u64,
    /// Time in which more work came, over about ten seconds, than all healthy servers can do.
    pub above: Span,
    /// Online orders.
    pub orders: u64,
    /// Of them, lost: refused, without an answer, or given up because it was slow.
    pub orders_lost: u64,
}

/// State of one finite service.
#[derive(Clone, Debug)]
pub struct Service {
    /// Which service.
    pub id: ServiceId,
    key: Key,
    entity: Entity,
    capacity: Capacity,
    standby: Option<StandbySite>,
    restart: Sampler,
    /// Of a request as they come mostly: a payment's, or of a service that only orders use, an order's.
    mean_work_s: f64,
    order_work: Span,
    online: Option<Online>,
    faults: Vec<ServiceFault>,
    phases: Vec<Phase>,
    /// Position of the present phase in `phases`, plus one; 0: before the first.
    phase: usize,
    window: Window,
    interval: Span,
    /// Present instant, by the clock and in service time.
    now: SimTime,
    clock: u64,
    /// When each server is free, service time.
    free: BinaryHeap<Reverse<u64>>,
    /// End and work of every attempt that is not done.
    unfinished: BinaryHeap<Reverse<(u64, u64)>>,
    /// Work admitted, and work lost in outages.
    admitted_work: u64,
    lost_work: u64,
    delivered: u64,
    /// Attempts offered and ended in the intervals before this.
    sums: (u64, u64),
    summed: usize,
    /// Load over the last step and averaged, service nanoseconds a second.
    load: u64,
    arriving: u64,
    published: ServiceState,
    /// How far it presumes, and what it has been sent meanwhile.
    ahead: Span,
    noted: Noted,
    /// Whether it ever published that anybody has to wait or goes without.
    pub felt: bool,
    /// By interval of the scenario's window.
    pub intervals: Vec<ServiceCounts>,
    /// Online orders lost, by what they were lost to.
    lost: BTreeMap<Reason, u64>,
}

impl Service {
    /// The service `id` with its `faults` (none in the fault-free twin). `None` if it is not finite.
    #[must_use]
    pub fn new(scenario: &Scenario, id: ServiceId, key: Key, faults: Vec<ServiceFault>) -> Option<Self> {
        let spec = &scenario.services[id.0 as usize];
        let capacity = spec.capacity?;
        let authorizes = scenario.payments.services().any(|service| service == id);
        let order_work = scenario.online.as_ref().map_or(Span::ZERO, |online| online.service_time);
        let length = scenario.window.end.since(scenario.window.start).as_nanos();
        let intervals = length.div_ceil(scenario.interval.as_nanos()).max(1) as usize;
        let mut service = Service {
            id,
            key,
            entity: Entity::new("service", &spec.name, ""),
            capacity,
            standby: spec.standby,
            restart: Sampler::new(&capacity.overload.restart),
            mean_work_s: if authorizes {
                law::mean(&scenario.payments.host)
            } else {
                order_work.as_secs_f64()
            },
            order_work,
            online: scenario.online.clone().filter(|online| online.service == id),
            phases: phases(&faults, spec.standby.as_ref()),
            faults,
            phase: 0,
            window: scenario.window,
            interval: scenario.interval,
            now: SimTime::default(),
            clock: 0,
            free: (0..capacity.servers).map(|_| Reverse(0)).collect(),
            unfinished: BinaryHeap::new(),
            admitted_work: 0,
            lost_work: 0,
            delivered: 0,
            sums: (0, 0),
            summed: 0,
            load: 0,
            arriving: 0,
            published: ServiceState::default(),
            ahead: ahead::FIRST,
            noted: Noted::default(),
            felt: false,
            lost: BTreeMap::new(),
            intervals: vec![ServiceCounts::default(); intervals],
        };
        service.published = service.state();
        Some(service)
    }

    /// See [`crate::kernel::driver::Resource::step`].
    #[must_use]
    pub fn step(&self) -> Span {
        if self.is_plain() { self.step_under(self.load, self.arriving) } else { self.capacity.step }
    }

    /// The step while nothing waits and nothing is wrong, for a load over the last step and its average.
    fn step_under(&self, load: u64, arriving: u64) -> Span {
        if self.utilisation(load.max(arriving)) > BUSY { self.capacity.step } else { self.calm_step() }
    }

    /// The longest step.
    fn calm_step(&self) -> Span {
        self.capacity.step.times(CALM)
    }

    /// Whether nobody has to know anything of it.
    fn is_plain(&self) -> bool {
        self.published.is_plain() && self.present().is_healthy()
    }

    /// Publishes at `at`, before anything has happened.
    pub fn wake(&mut self, at: SimTime) -> ServiceState {
        self.now = at;
        // What has happened before is not felt any more, but for what it is like now.
        self.phase = self.phases.partition_point(|phase| phase.from <= at);
        self.published = self.state();
        self.published.clone()
    }

    /// See [`crate::kernel::driver::Resource::calm_until`]: nothing arrives by itself, nothing is under way, nothing is wrong.
    #[must_use]
    pub fn calm_until(&self) -> SimTime {
        const AHEAD: Span = Span::from_secs(86_400);
        let (rate, changes) =
            self.online.as_ref().map_or((0.0, SimTime::NEVER), |online| online.rate(self.now));
        let busy = self.load > 0 || self.arriving > 0 || rate > 0.0 || !self.unfinished.is_empty();
        if busy || !self.present().is_healthy() || self.published.efficiency < FULL {
            return self.now;
        }
        let next = self.phases.get(self.phase).map_or(SimTime::NEVER, |phase| phase.from);
        changes.min(next).min(self.now + AHEAD)
    }

    /// Folds the attempts of the step that ends at `at`, in order, with the online orders among them, and publishes.
    pub fn fold(
        &mut self,
        at: SimTime,
        attempts: impl Iterator<Item = (SimTime, ServiceMessage)>,
    ) -> ServiceState {
        let begun = self.now;
        let mut offered = 0;
        let mut orders = self.orders(begun, at).into_iter().peekable();
        for (sent, message) in attempts {
            while let Some((ordered, order)) = orders.next_if(|&(ordered, _)| ordered <= sent) {
                offered += self.take_order(ordered, order);
            }
            self.advance(sent);
            offered += message.work.as_nanos();
            self.take(message.work, message.fate);
        }
        for (ordered, order) in orders {
            offered += self.take_order(ordered, order);
        }
        self.advance(at);
        self.settle();
        self.average(offered, at.since(begun));
        self.perhaps_crash(begun, at);
        self.published = self.state();
        self.felt |= !self.is_plain();
        self.published.clone()
    }

    /// Closes the books at the end of the window.
    pub fn finish(&mut self) {
        self.advance(self.window.end);
        self.settle();
        self.close_interval();
    }

    fn present(&self) -> Phase {
        self.phase.checked_sub(1).map_or(Phase::HEALTHY, |position| self.phases[position])
    }

    /// Its speed now, parts per billion; zero while it is down.
    fn speed(&self) -> u64 {
        let phase = self.present();
        if phase.up { scale(phase.speed, self.published.efficiency).max(1) } else { 0 }
    }

    /// Service time that arrives a second over what its healthy servers deliver in one, parts per billion.
    fn utilisation(&self, arriving: u64) -> u64 {
        arriving / u64::from(self.capacity.servers)
    }

    fn counts(&mut self) -> &mut ServiceCounts {
        let present = self.interval_index();
        &mut self.intervals[present]
    }

    /// Position of the present interval; the end of the window belongs to the last.
    fn interval_index(&self) -> usize {
        let index = self.now.since(self.window.start).as_nanos() / self.interval.as_nanos();
        (index as usize).min(self.intervals.len() - 1)
    }

    /// Lets time pass until `until`, at most the end of the window.
    fn advance(&mut self, until: SimTime) {
        let until = until.min(self.window.end);
        while self.now < until {
            let change = self.phases.get(self.phase).map_or(SimTime::NEVER, |phase| phase.from);
            let next = until.min(change).min(self.interval_end());
            let passed = next.since(self.now).as_nanos();
            self.clock += scale(passed, self.speed());
            if next == self.interval_end() {
                self.settle();
                self.close_interval();
            }
            self.now = next;
            if next == change {
                self.settle();
                self.phase += 1;
                let phase = self.present();
                if !phase.up {
                    self.lose_all();
                }
                self.counts().activations += u64::from(phase.standby && change >= self.window.start);
            }
        }
    }

    /// The first instant after the present interval; there is none before the window.
    fn interval_end(&self) -> SimTime {
        self.interval_end_after(self.now)
    }

    /// The first instant after the interval that holds `at`.
    fn interval_end_after(&self, at: SimTime) -> SimTime {
        if at < self.window.start {
            return self.window.start;
        }
        let index = at.since(self.window.start).as_nanos() / self.interval.as_nanos();
        (self.window.start + self.interval.times(index + 1)).min(self.window.end)
    }

    /// Takes out what is done by now.
    fn settle(&mut self) {
        let mut done = 0;
        while self.unfinished.peek().is_some_and(|Reverse((end, _))| *end <= self.clock) {
            self.unfinished.pop();
            done += 1;
        }
        self.counts().done += done;
    }

    /// Books what the interval that ends now leaves behind, and sees that nothing was lost or made on the way.
    fn close_interval(&mut self) {
        let left: u64 = self.free.iter().map(|Reverse(free)| free.saturating_sub(self.clock)).sum();
        let clock = self.clock;
        let queued_work: u64 =
            self.unfinished.iter().map(|Reverse((end, work))| (end - clock).min(*work)).sum();
        assert_eq!(left, queued_work, "a service's work is that of its attempts");
        let delivered = self.admitted_work - self.lost_work - left;
        let work = delivered - self.delivered;
        self.delivered = delivered;
        let queued = self.unfinished.len() as u64;
        let counts = self.counts();
        counts.queued = queued;
        counts.work += Span::from_nanos(work);
        let present = self.interval_index();
        while self.summed < present {
            let one = self.intervals[self.summed];
            self.sums.0 += one.offered;
            self.sums.1 += one.done + one.shed + one.failed;
            self.summed += 1;
        }
        let last = self.intervals[present];
        let (offered, ended) =
            (self.sums.0 + last.offered, self.sums.1 + last.done + last.shed + last.failed);
        assert_eq!(offered, ended + queued, "offered = done + queued + shed + failed");
    }

    /// An attempt or order of `work` arrives now.
    fn take(&mut self, work: Span, fate: Fate) {
        let up = self.present().up;
        let Fate::Served { wait: told } = fate else {
            let counts = self.counts();
            counts.offered += 1;
            match fate {
                Fate::Shed => counts.shed += 1,
                Fate::Failed | Fate::Served { .. } => counts.failed += 1,
            }
            return;
        };
        if !up {
            // Sent at the very instant at which it goes down.
            let counts = self.counts();
            counts.offered += 1;
            counts.failed += 1;
            return;
        }
        let wait = self.admit(work.as_nanos());
        let counts = self.counts();
        counts.offered += 1;
        counts.told += 1;
        counts.wait_error += Span::from_nanos(told.as_nanos().abs_diff(wait.as_nanos()));
    }

    /// Puts `work` on the server that is free first; what it waits.
    fn admit(&mut self, work: u64) -> Span {
        let clock = self.clock;
        let Some(mut first) = self.free.peek_mut() else { return Span::ZERO };
        let starts = first.0.max(clock);
        first.0 = starts + work;
        drop(first);
        self.unfinished.push(Reverse((starts + work, work)));
        self.admitted_work += work;
        let wait = by_clock(starts - clock, self.speed());
        let counts = self.counts();
        counts.admitted += 1;
        counts.wait += wait;
        counts.wait_max = counts.wait_max.max(wait);
        wait
    }

    /// It goes down: whatever was under way is lost.
    fn lose_all(&mut self) {
        let clock = self.clock;
        let left: u64 = self.free.iter().map(|Reverse(free)| free.saturating_sub(clock)).sum();
        self.lost_work += left;
        let lost = self.unfinished.len() as u64;
        self.unfinished.clear();
        self.free = (0..self.capacity.servers).map(|_| Reverse(clock)).collect();
        self.counts().failed += lost;
    }

    /// Takes over the load of a step.
    fn average(&mut self, offered: u64, step: Span) {
        let (load, arriving) = averaged(self.arriving, offered, step);
        self.book_load(load, arriving);
        if self.utilisation(arriving) > FULL {
            self.counts().above += step;
        }
    }

    /// Takes over the load of a step and the average.
    fn book_load(&mut self, load: u64, arriving: u64) {
        (self.load, self.arriving) = (load, arriving);
        let utilisation = self.utilisation(load);
        let counts = self.counts();
        counts.utilisation_max = counts.utilisation_max.max(utilisation);
    }

    fn state(&self) -> ServiceState {
        let earliest = self.free.peek().map_or(0, |Reverse(free)| *free);
        let ahead = earliest.saturating_sub(self.clock);
        let phase = self.present();
        let level = self.level(by_clock(ahead, phase.speed));
        let efficiency = FULL - scale(FULL - share(self.capacity.overload.efficiency), level);
        let speed = scale(phase.speed, efficiency).max(1);
        let servers = u64::from(self.capacity.servers);
        let slope = self.arriving as i128 * i128::from(FULL) / i128::from(servers * speed) - i128::from(FULL);
        let wait = by_clock(ahead, speed);
        let queue_s = self.capacity.queue_limit as f64 * self.mean_work_s / servers as f64;
        let full = by_clock(Span::from_secs_f64(queue_s).as_nanos(), speed);
        // What leaves over what comes, and less than that while more wait than may.
        let capacity = u128::from(servers * speed);
        let fits = capacity * u128::from(FULL) / u128::from(self.arriving.max(1));
        // A queue shorter than what a step brings cannot be held by what is known of the step before.
        let aim = full.max(self.capacity.step);
        let admitted = fits * u128::from(aim.as_nanos()) / u128::from(wait.max(aim).as_nanos());
        ServiceState {
            at: self.now,
            wait,
            slope: if wait.is_zero() && slope <= 0 { 0 } else { slope.min(i128::from(i64::MAX)) as i64 },
            full,
            admitted: admitted.min(u128::from(FULL)) as u64,
            efficiency,
            crashes: self.published.crashes.clone(),
        }
    }

    /// How far into overload a wait is, parts per billion.
    fn level(&self, wait: Span) -> u64 {
        let overload = &self.capacity.overload;
        let range = u128::from(overload.full.saturating_sub(overload.begins).as_nanos().max(1));
        let into = u128::from(wait.saturating_sub(overload.begins).as_nanos());
        (into * u128::from(FULL) / range).min(u128::from(FULL)) as u64
    }

    /// Candidates for a crash come at the rate of complete overload, whatever the load; one is taken if its mark lies below
    /// the level that was published. It goes down at the end of the step.
    fn perhaps_crash(&mut self, begun: SimTime, at: SimTime) {
        let level = self.level(self.published.wait_at(begun));
        let per_hour = self.capacity.overload.crashes_per_hour;
        if level == 0 || per_hour <= 0.0 || !self.present().up || at >= self.window.end {
            return;
        }
        for bin in begun.bin(HOUR)..=at.bin(HOUR) {
            let mut words = self.key.words(address(self.entity, Purpose::Crash, bin), 1);
            let mut candidate = SimTime::from_nanos(bin * HOUR.as_nanos());
            for index in 0.. {
                candidate += Span::from_secs_f64(exponential(words.next_word()) * 3_600.0 / per_hour);
                if candidate > at || candidate.bin(HOUR) != bin {
                    break;
                }
                let fate =
                    self.key.block(address(self.entity, Purpose::CrashFate, fault_draw(bin, index)), 1);
                if candidate > begun && unit(fate[0]) * (FULL as f64) < level as f64 {
                    self.crash(at, self.restart.span(fate[1]));
                    return;
                }
            }
        }
    }

    fn crash(&mut self, at: SimTime, restart: Span) {
        let window = Window { start: at, end: at + restart.max(SECOND) };
        self.published.crashes.push(window);
        self.faults.push(crash_fault(window));
        self.phases = phases(&self.faults, self.standby.as_ref());
        self.phase = self.phases.partition_point(|phase| phase.from <= at);
        self.lose_all();
        self.counts().crashes += 1;
    }

    /// Online orders from `begun` on and before `at`, with their marks: no answer, refused, given up.
    fn orders(&self, begun: SimTime, at: SimTime) -> Vec<(SimTime, [u64; 3])> {
        let mut orders = Vec::new();
        let Some(online) = &self.online else { return orders };
        let mut second = begun.floor_to(SECOND);
        while second < at {
            let (rate, changes) = online.rate(second);
            if rate <= 0.0 {
                if changes == SimTime::NEVER {
                    break;
                }
                second = changes.max(second + SECOND);
                continue;
            }
            let place = address(self.entity, Purpose::OnlineOrders, second.bin(SECOND));
            let mut words = self.key.words(place, 1);
            let count = poisson(&mut words, rate);
            for index in 0..count {
                // Evenly spread over the second.
                let ordered = second + Span::from_nanos(SECOND.as_nanos() * (2 * index + 1) / (2 * count));
                let marks = [words.next_word(), words.next_word(), words.next_word()].map(billionth);
                if begun <= ordered && ordered < at {
                    orders.push((ordered, marks));
                }
            }
            second += SECOND;
        }
        orders
    }

    /// An online order arrives; the service time that it offers.
    fn take_order(&mut self, at: SimTime, [failing, refused, impatient]: [u64; 3]) -> u64 {
        self.advance(at);
        let (wait, full, admitted) = {
            let state = &self.published;
            (state.wait_at(at), state.full, state.admitted)
        };
        let phase = self.present();
        let work = self.order_work;
        let late = wait + phase.extra + by_clock(work.as_nanos(), self.speed().max(1)).saturating_sub(work);
        let slow = self.online.as_ref().map_or(0, |online| given_up(&online.slow, late));
        let fate = if !phase.up || failing < phase.failing {
            Fate::Failed
        } else if is_full(wait, full) && refused >= admitted {
            Fate::Shed
        } else {
            Fate::Served { wait }
        };
        let counts = self.counts();
        counts.orders += 1;
        // Whoever gives up has been served all the same.
        let lost = match fate {
            Fate::Served { .. } => impatient < slow,
            Fate::Shed | Fate::Failed => true,
        };
        counts.orders_lost += u64::from(lost);
        if lost {
            let reason = self.reason(at);
            *self.lost.entry(reason).or_default() += 1;
        }
        match fate {
            Fate::Served { .. } => {
                self.counts().offered += 1;
                self.admit(work.as_nanos());
            }
            Fate::Shed | Fate::Failed => self.take(work, fate),
        }
        work.as_nanos()
    }
}

/// The load of a step of this length that brought so much work, and the average, which was `arriving` before.
fn averaged(arriving: u64, offered: u64, step: Span) -> (u64, u64) {
    let nanos = step.as_nanos().max(1);
    let steps = (MEMORY.as_nanos() / nanos).max(1);
    let load = (u128::from(offered) * u128::from(FULL) / u128::from(nanos)) as u64;
    (load, (arriving * (steps - 1) + load) / steps)
}

/// The fault that a crash in `window` is.
#[must_use]
pub fn crash_fault(window: Window) -> ServiceFault {
    let effect = ServiceEffect::Outage { network: false };
    ServiceFault { name: OVERLOAD.to_owned(), scheduled: None, window, effect }
}

/// Whether too many wait.
#[must_use]
pub fn is_full(wait: Span, full: Span) -> bool {
    wait >= full && !wait.is_zero()
}

/// `amount` times `share` parts per billion.
fn scale(amount: u64, share: u64) -> u64 {
    if share == FULL { amount } else { (u128::from(amount) * u128::from(share) / u128::from(FULL)) as u64 }
}

/// Parts per billion.
fn share(of: f64) -> u64 {
    (of * FULL as f64 + 0.5) as u64
}

/// The number from 0 to a billion (without) that `word` stands for.
#[must_use]
pub fn billionth(word: u64) -> u64 {
    ((u128::from(word) * u128::from(FULL)) >> 64) as u64
}

/// Time by the clock in which `service` nanoseconds of service time pass at `speed`.
#[must_use]
pub fn by_clock(service: u64, speed: u64) -> Span {
    if speed == FULL || service == 0 {
        return Span::from_nanos(service);
    }
    let nanos = u128::from(service) * u128::from(FULL) / u128::from(speed.max(1));
    Span::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX / 4))
}
