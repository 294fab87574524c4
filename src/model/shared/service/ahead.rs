//! Many steps at once while nobody waits, to the same counts as one by one.
//!
//! An attempt overlaps the slices of time from its arrival to its end if nobody waits. As long as every slice is overlapped by fewer
//! attempts than there are servers, nobody does (by induction over arrivals) and one more would not either: then neither order nor
//! servers matter, and numbers and sums of attempts are enough. Where a slice is too full to tell, the steps are folded exactly.
//! What cannot be seen from sums, the end of each attempt, only matters where a run of such steps ends.

use std::cmp::Reverse;
use std::ops::AddAssign;

use super::schedule::FULL;
use super::{Fate, Service, ServiceMessage, ServiceState, averaged};
use crate::units::{SimTime, Span};

/// How far ahead is presumed at first; less when very many attempts come, more when few do.
pub(super) const FIRST: Span = Span::from_secs(600);
const SHORTEST: Span = Span::from_secs(60);
const LONGEST: Span = Span::from_secs(14_400);
/// Attempts folded at once, about: their messages have to be kept until then.
const ATTEMPTS: u64 = 1 << 22;
/// Slices in a bin: short against a service time, so that few seem fuller than they ever are.
const SLICES: usize = 4;

/// What becomes of every attempt while nobody waits.
const PLAIN: Fate = Fate::Served { wait: Span::ZERO };

/// What arrives in a bin, which is as long as the shortest step.
#[derive(Clone, Copy, Default, Debug)]
struct Arrivals {
    attempts: u32,
    orders: u32,
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

/// What a service has been sent in a time about which it presumes: sums, and what is needed of each attempt if sums do not tell.
#[derive(Clone, Debug, Default)]
pub(super) struct Noted {
    begun: SimTime,
    until: SimTime,
    /// Nanoseconds in a bin, and the number of slices.
    bin: u64,
    slices: usize,
    bins: Vec<Arrivals>,
    /// By slice: attempts that begin to overlap less those that ended.
    overlaps: Vec<i32>,
    /// Arrival and work of every attempt; a store's in a row, and in order.
    attempts: Vec<(SimTime, u64)>,
    /// Where the attempts of one store begin, and its rank.
    senders: Vec<(usize, u32)>,
}

impl Noted {
    /// Nothing yet between the two instants; keeps its room.
    fn clear(&mut self, begun: SimTime, until: SimTime, bin: Span) {
        (self.begun, self.until) = (begun, until);
        self.bin = bin.as_nanos();
        let bins = until.since(begun).as_nanos().div_ceil(self.bin) as usize;
        self.slices = bins * SLICES;
        self.bins.clear();
        self.bins.resize(bins, Arrivals::default());
        self.overlaps.clear();
        self.overlaps.resize(self.slices + 1, 0);
        self.attempts.clear();
        self.senders.clear();
    }

    /// An attempt overlaps every slice from `from` to `to`, as far as they reach; the first of them.
    #[inline]
    fn overlap(&mut self, from: u64, to: u64) -> usize {
        let slice = |nanos: u64| (nanos.saturating_mul(SLICES as u64) / self.bin) as usize;
        let (first, after) = (slice(from), (slice(to) + 1).min(self.slices));
        self.overlaps[first] += 1;
        self.overlaps[after] -= 1;
        first
    }

    /// One that arrives at `sent`; the arrivals of that bin.
    #[inline]
    fn add(&mut self, sent: SimTime, work: u64) -> &mut Arrivals {
        let from = sent.since(self.begun).as_nanos();
        let slice = self.overlap(from, from + work);
        let bin = &mut self.bins[slice / SLICES];
        bin.work += work;
        bin
    }

    fn range(&self, from: SimTime, to: SimTime) -> std::ops::Range<usize> {
        let bin = |at: SimTime| (at.since(self.begun).as_nanos() / self.bin) as usize;
        bin(from)..bin(to)
    }

    /// Every attempt with its sender's rank.
    fn by_sender(&self) -> impl Iterator<Item = (SimTime, u32, u64)> {
        let ends = self.senders.iter().skip(1).map(|&(begin, _)| begin).chain([self.attempts.len()]);
        self.senders.iter().zip(ends).flat_map(|(&(begin, rank), end)| {
            self.attempts[begin..end].iter().map(move |&(sent, work)| (sent, rank, work))
        })
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
    one_by_one: Vec<(SimTime, u32, u64)>,
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

    /// See [`crate::kernel::driver::Resource::presume`].
    pub fn presume(&mut self, until: SimTime) {
        self.noted.clear(self.now, until, self.capacity.step);
        for Reverse((end, _)) in &self.unfinished {
            self.noted.overlap(0, end.saturating_sub(self.clock));
        }
    }

    /// See [`crate::kernel::driver::Resource::note`].
    #[inline]
    pub fn note(&mut self, sent: SimTime, rank: u32, attempt: ServiceMessage) {
        debug_assert_eq!(attempt.fate, PLAIN, "a store knows of nothing but a service at leisure");
        let noted = &mut self.noted;
        if noted.senders.last().is_none_or(|&(_, last)| last != rank) {
            noted.senders.push((noted.attempts.len(), rank));
        }
        let work = attempt.work.as_nanos();
        noted.attempts.push((sent, work));
        noted.add(sent, work).attempts += 1;
    }

    /// See [`crate::kernel::driver::Resource::fold_noted`].
    ///
    /// # Errors
    /// The first instant before its end from which on somebody waits or soon will.
    pub fn fold_noted(&mut self) -> Result<ServiceState, SimTime> {
        let mut noted = std::mem::take(&mut self.noted);
        let result = self.fold_ahead(&mut noted);
        self.noted = noted;
        result
    }

    fn fold_ahead(&mut self, noted: &mut Noted) -> Result<ServiceState, SimTime> {
        let until = noted.until;
        let orders = self.orders(self.now, until);
        let order = self.order_work.as_nanos();
        for &(ordered, _) in &orders {
            noted.add(ordered, order).orders += 1;
        }
        let runs = self.runs(noted);
        let mut arrivals = Split::new(self, &runs);
        for (sent, rank, work) in noted.by_sender() {
            if arrivals.is_exact(sent, work) {
                arrivals.one_by_one.push((sent, rank, work));
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
                while let Some((sent, _, work)) = one_by_one.next_if(|&(sent, ..)| sent < next) {
                    step.push((sent, ServiceMessage { work: Span::from_nanos(work), fate: PLAIN }));
                }
                self.fold(next, step.into_iter());
                if !self.is_plain() && next < until {
                    return Err(next);
                }
            }
        }
        self.published = self.state();
        let counted = (noted.attempts.len() + orders.len()) as u64;
        if counted > ATTEMPTS {
            self.ahead = Span::from_nanos(self.ahead.as_nanos() / 2).max(SHORTEST);
        } else if counted < ATTEMPTS / 2 {
            self.ahead = self.ahead.times(2).min(LONGEST);
        }
        Ok(self.published.clone())
    }

    /// The steps of the noted time as long as nobody waits.
    fn runs(&self, noted: &mut Noted) -> Vec<Run> {
        let mut present = 0;
        for slice in &mut noted.overlaps {
            present += *slice;
            *slice = present;
        }
        let servers = i64::from(self.capacity.servers);
        let mut runs: Vec<Run> = Vec::new();
        let (mut load, mut arriving) = (self.load, self.arriving);
        let mut from = self.now;
        while from < noted.until {
            let step = self.step_under(load, arriving);
            let to = from.next_multiple(step);
            let bins = noted.range(from, to);
            let slices = bins.start * SLICES..bins.end * SLICES;
            let mut arrivals = Arrivals::default();
            noted.bins[bins].iter().for_each(|&bin| arrivals += bin);
            let before = load;
            (load, arriving) = averaged(arriving, arrivals.work, to.since(from));
            let roomy = noted.overlaps[slices].iter().all(|&overlap| i64::from(overlap) < servers);
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
        let (attempts, orders) = (u64::from(attempts), u64::from(orders));
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
