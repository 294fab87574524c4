//! Many steps at once while nobody waits, to the same counts as one by one.
//!
//! An attempt overlaps the slices of time from its arrival to its end if nobody waits. As long as every slice is overlapped by fewer
//! attempts than there are servers, nobody does (by induction over arrivals) and one more would not either: then neither order nor
//! servers matter, and numbers and sums of attempts are enough. Where a slice is too full to tell, the steps are folded exactly.
//! What cannot be seen from sums, the end of each attempt, only matters where a run of such steps ends.

use std::cmp::Reverse;
use std::ops::AddAssign;

use super::schedule::FULL;
use super::{Service, ServiceMessage, ServiceState, averaged};
use crate::units::{SimTime, Span};

/// How far ahead is presumed at first; less when very many attempts come, more when few do.
pub(super) const FIRST: Span = Span::from_secs(600);
const SHORTEST: Span = Span::from_secs(60);
const LONGEST: Span = Span::from_secs(14_400);
/// Attempts folded at once, about: their messages have to be kept until then.
const ATTEMPTS: u64 = 1 << 22;
/// Slices in a bin: short against a service time, so that few seem fuller than they ever are.
const SLICES: u64 = 10;

/// What arrives in a bin, which is as long as the shortest step.
#[derive(Clone, Copy, Default)]
struct Arrivals {
    attempts: u64,
    orders: u64,
    work: u64,
}

impl AddAssign for Arrivals {
    fn add_assign(&mut self, other: Self) {
        self.attempts += other.attempts;
        self.orders += other.orders;
        self.work += other.work;
    }
}

/// Steps in a row that are folded alike.
#[derive(Clone, Copy)]
struct Run {
    from: SimTime,
    to: SimTime,
    /// Folded one by one.
    exact: bool,
    arrivals: Arrivals,
    /// Largest load of its steps but for the last, and load and average after the last.
    peak: u64,
    load: u64,
    arriving: u64,
}

/// What is known of all arrivals by adding up.
struct Sums {
    begun: SimTime,
    /// Nanoseconds in a bin.
    bin: u64,
    bins: Vec<Arrivals>,
    /// By slice: attempts that begin to overlap less those that ended.
    overlaps: Vec<i64>,
}

impl Sums {
    fn new(begun: SimTime, at: SimTime, bin: Span) -> Self {
        let bin = bin.as_nanos();
        let bins = at.since(begun).as_nanos().div_ceil(bin) as usize;
        let overlaps = vec![0; bins * SLICES as usize + 1];
        Sums { begun, bin, bins: vec![Arrivals::default(); bins], overlaps }
    }

    /// An attempt overlaps every slice from `from` to `to`, as far as they reach.
    fn overlap(&mut self, from: u64, to: u64) {
        let last = self.overlaps.len() - 1;
        let width = self.bin / SLICES;
        let slice = |nanos: u64| ((nanos / width) as usize).min(last);
        self.overlaps[slice(from)] += 1;
        self.overlaps[(slice(to) + 1).min(last)] -= 1;
    }

    /// One that arrives at `sent`; the arrivals of that bin.
    fn add(&mut self, sent: SimTime, work: u64) -> &mut Arrivals {
        let from = sent.since(self.begun).as_nanos();
        self.overlap(from, from + work);
        let bin = &mut self.bins[(from / self.bin) as usize];
        bin.work += work;
        bin
    }

    fn range(&self, from: SimTime, to: SimTime) -> std::ops::Range<usize> {
        let bin = |at: SimTime| (at.since(self.begun).as_nanos() / self.bin) as usize;
        bin(from)..bin(to)
    }
}

/// Arrivals by run.
struct Split<'a> {
    runs: &'a [Run],
    begun: SimTime,
    clock: u64,
    /// Run of the arrival before: a store's come in order.
    position: usize,
    /// Attempts of exact runs.
    one_by_one: Vec<(SimTime, u32, ServiceMessage)>,
    /// By other run: end and work of what it leaves unfinished.
    left: Vec<Vec<(u64, u64)>>,
}

impl<'a> Split<'a> {
    fn new(service: &Service, runs: &'a [Run]) -> Self {
        let left = vec![Vec::new(); runs.len()];
        Split { runs, begun: service.now, clock: service.clock, position: 0, one_by_one: Vec::new(), left }
    }

    /// Whether `work` that arrives at `sent` is folded one by one; notes it if it is not and outlasts its run.
    fn is_exact(&mut self, sent: SimTime, work: u64) -> bool {
        let holds = |run: &Run| run.from <= sent && sent < run.to;
        if !holds(&self.runs[self.position]) {
            self.position = self.runs.partition_point(|run| run.to <= sent);
        }
        let run = &self.runs[self.position];
        if !run.exact && sent.since(run.from).as_nanos() + work > run.to.since(run.from).as_nanos() {
            self.left[self.position].push((self.clock + sent.since(self.begun).as_nanos() + work, work));
        }
        run.exact
    }
}

impl Service {
    /// See [`crate::kernel::driver::Resource::presumes_until`]: that nobody waits, up to whatever is sure to change that.
    pub fn presumes_until(&self, limit: SimTime) -> Option<SimTime> {
        if !self.is_plain() || self.now < self.window.start {
            return None;
        }
        let change = self.phases.get(self.phase).map_or(SimTime::NEVER, |phase| phase.from);
        let until = (self.now + self.ahead).min(change).min(self.window.end).min(limit);
        Some(until.floor_to(self.calm_step()))
    }

    /// See [`crate::kernel::driver::Resource::fold_presumed`].
    ///
    /// # Errors
    /// The first instant before `at` from which on somebody waits or soon will.
    pub fn fold_ahead(
        &mut self,
        at: SimTime,
        attempts: impl Iterator<Item = (SimTime, u32, ServiceMessage)> + Clone,
    ) -> Result<ServiceState, SimTime> {
        let mut sums = Sums::new(self.now, at, self.capacity.step);
        for Reverse((end, _)) in &self.unfinished {
            sums.overlap(0, end.saturating_sub(self.clock));
        }
        for (sent, _, message) in attempts.clone() {
            sums.add(sent, message.work.as_nanos()).attempts += 1;
        }
        let orders = self.orders(self.now, at);
        let order = self.order_work.as_nanos();
        for &(ordered, _) in &orders {
            sums.add(ordered, order).orders += 1;
        }
        let runs = self.runs(&mut sums, at);
        let mut arrivals = Split::new(self, &runs);
        for attempt in attempts {
            if arrivals.is_exact(attempt.0, attempt.2.work.as_nanos()) {
                arrivals.one_by_one.push(attempt);
            }
        }
        for &(ordered, _) in &orders {
            arrivals.is_exact(ordered, order);
        }
        let Split { mut one_by_one, mut left, .. } = arrivals;
        one_by_one.sort_by_key(|&(sent, rank, _)| (sent, rank));
        let mut one_by_one = one_by_one.drain(..).peekable();
        for (run, left) in runs.iter().zip(&mut left) {
            if !run.exact {
                self.fold_sums(run, std::mem::take(left));
                continue;
            }
            while self.now < run.to {
                let next = self.now.next_multiple(self.step());
                let mut step = Vec::new();
                while let Some((sent, _, message)) = one_by_one.next_if(|&(sent, ..)| sent < next) {
                    step.push((sent, message));
                }
                self.fold(next, step.into_iter());
                if !self.is_plain() && next < at {
                    return Err(next);
                }
            }
        }
        self.published = self.state();
        let counted: u64 = sums.bins.iter().map(|bin| bin.attempts + bin.orders).sum();
        if counted > ATTEMPTS {
            self.ahead = Span::from_nanos(self.ahead.as_nanos() / 2).max(SHORTEST);
        } else if counted < ATTEMPTS / 2 {
            self.ahead = self.ahead.times(2).min(LONGEST);
        }
        Ok(self.published.clone())
    }

    /// The steps from now to `at` as long as nobody waits.
    fn runs(&self, sums: &mut Sums, at: SimTime) -> Vec<Run> {
        let mut present = 0;
        for slice in &mut sums.overlaps {
            present += *slice;
            *slice = present;
        }
        let servers = i64::from(self.capacity.servers);
        let mut runs: Vec<Run> = Vec::new();
        let (mut load, mut arriving) = (self.load, self.arriving);
        let mut from = self.now;
        while from < at {
            let step = self.step_under(load, arriving);
            let to = from.next_multiple(step);
            let bins = sums.range(from, to);
            let slices = bins.start * SLICES as usize..bins.end * SLICES as usize;
            let mut arrivals = Arrivals::default();
            sums.bins[bins].iter().for_each(|&bin| arrivals += bin);
            let before = load;
            (load, arriving) = averaged(arriving, arrivals.work, to.since(from));
            let roomy = sums.overlaps[slices].iter().all(|&overlap| overlap < servers);
            let whole = self.interval_end_after(from) >= to;
            let exact = step < self.calm_step() || !roomy || !whole || self.utilisation(arriving) > FULL;
            let begins = from.since(self.window.start).as_nanos().is_multiple_of(self.interval.as_nanos());
            match runs.last_mut().filter(|run| run.exact == exact && (exact || !begins)) {
                Some(run) => {
                    run.peak = run.peak.max(before);
                    run.arrivals += arrivals;
                    (run.to, run.load, run.arriving) = (to, load, arriving);
                }
                None => runs.push(Run { from, to, exact, arrivals, peak: 0, load, arriving }),
            }
            from = to;
        }
        runs
    }

    /// Books a run in which nobody waits; `left` of its attempts are not done at its end.
    fn fold_sums(&mut self, run: &Run, left: Vec<(u64, u64)>) {
        let Arrivals { attempts, orders, work } = run.arrivals;
        let peak = self.utilisation(run.peak);
        let counts = self.counts();
        counts.offered += attempts + orders;
        counts.admitted += attempts + orders;
        counts.told += attempts;
        counts.orders += orders;
        counts.done += attempts + orders - left.len() as u64;
        counts.utilisation_max = counts.utilisation_max.max(peak);
        self.admitted_work += work;
        self.unfinished.extend(left.into_iter().map(Reverse));
        // Whoever is not done occupies a server of its own.
        let clock = self.clock + run.to.since(run.from).as_nanos();
        let busy = self.unfinished.iter().map(|&Reverse((end, _))| end).filter(|&end| end > clock);
        let mut free: Vec<Reverse<u64>> = busy.map(Reverse).collect();
        free.resize(self.capacity.servers as usize, Reverse(0));
        self.free = free.into();
        self.advance(run.to);
        self.settle();
        self.book_load(run.load, run.arriving);
    }
}
