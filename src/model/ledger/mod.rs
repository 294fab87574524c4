//! A store's books: ledgers by day, times in states, timeline, histograms and incidents.
//!
//! Everything is integers. Time in a state is added when the state changes and at the boundaries of intervals and days,
//! so the books are the same however often they are brought up to date.

mod incidents;
mod losses;
mod rows;
mod stage;

pub use incidents::{AFTERMATH, Incidents};
pub use losses::LostBasket;
pub use rows::{IncidentKind, IncidentRow, Ledger, LossPart, PathTimes, Resynced, TimelineCell};
pub use stage::{Helped, LossStage, is_own};

use std::ops::Range;

use crate::measure::Histogram;
use crate::scenario::resolved::Window;
use crate::units::{Cents, SimTime, Span};

/// A service gap of this length in opening hours counts a store as dark on that day (column `gap_over_5min`).
pub const LONG_GAP: Span = Span::from_secs(300);

/// An answer within this time is in time [judgement: little against the 9.2 s that the terminal itself takes in the median,
/// S24].
pub const IN_TIME: Span = Span::from_secs(5);

/// What time is counted as.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct PathState {
    /// Doors are open.
    pub open: bool,
    /// No uplink physically works.
    pub dark: bool,
    /// The route in use gets answers before a terminal gives up.
    pub answers: bool,
    /// The route in use is LTE, and it passes traffic.
    pub on_lte: bool,
    /// Flows that live go over LTE although the route does not.
    pub stuck: bool,
    /// What keeps payments from their answers.
    pub stage: LossStage,
}

/// A customer's basket.
#[derive(Clone, Copy, Debug)]
pub struct Basket {
    /// Position of the local day on which she reached the tills.
    pub day: usize,
    /// Which customer: the draw of her address.
    pub draw: u64,
    /// Value.
    pub value: Cents,
}

/// Why a customer left without her basket.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Loss {
    /// Saw the queue.
    Balked,
    /// Gave up waiting.
    Reneged,
    /// Could not pay.
    Unpaid,
}

/// How a card payment ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PaymentEnd {
    /// Approved by the host.
    Authorized,
    /// Approved by the terminal.
    AuthorizedOffline,
    /// Refused by the issuer.
    Declined,
    /// No answer.
    Lost,
}

/// The books of one local day.
#[derive(Clone, Debug, Default)]
pub struct DayBook {
    /// Customers who arrived on this day.
    pub ledger: Ledger,
    /// Times in states.
    pub times: PathTimes,
    /// Quantiles, when the day is over.
    pub payment_p50: Option<u64>,
    /// See [`Self::payment_p50`].
    pub payment_p99: Option<u64>,
    /// See [`Self::payment_p50`].
    pub queue_wait_p95: Option<u64>,
    /// Moves to the backup because of a fault.
    pub failovers: u64,
    /// Moves to the backup without one.
    pub false_failovers: u64,
    /// Moves back.
    pub failbacks: u64,
    /// Times a tunnel or the kept connection was given up or reset.
    pub flow_breaks: u64,
    /// Whether one gap in opening hours reached [`LONG_GAP`].
    pub long_gap: bool,
}

/// Attempts to authorize that were sent over the backup.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BackupAttempts {
    /// All that were sent.
    pub sent: u64,
    /// Those that were answered within [`IN_TIME`].
    pub in_time: u64,
}

/// See the module.
#[derive(Clone, Debug)]
pub struct Books {
    origin: SimTime,
    interval: Span,
    day_windows: Vec<Window>,
    /// One per local day.
    pub days: Vec<DayBook>,
    /// One per interval of the scenario's window.
    pub timeline: Vec<TimelineCell>,
    /// What happened to the uplinks.
    pub incidents: Incidents,
    /// Since when the baskets that are not sold are noted one by one, if they are.
    noting: Option<SimTime>,
    lost: Vec<LostBasket>,
    /// Payment response times over the wired primary, nanoseconds.
    pub payment_time_primary: Histogram,
    /// Payment response times over LTE.
    pub payment_time_lte: Histogram,
    /// Times in queue.
    pub queue_wait: Histogram,
    /// Attempts to authorize over the backup.
    pub backup_attempts: BackupAttempts,
    today_primary: Histogram,
    today_lte: Histogram,
    today_wait: Histogram,
    today: usize,
    state: PathState,
    has_power: bool,
    since: SimTime,
    gap_run: Span,
    lte_bits: u64,
    /// Payments begun and not ended, and when the last one ended.
    under_way: u64,
    payment_ended: SimTime,
    /// The interval that holds the latest event, its first instant and the first after it.
    cell: usize,
    cell_window: Window,
}

impl Books {
    /// Empty books over `day_windows` (contiguous), with a timeline of `interval`s over `scenario`.
    #[must_use]
    pub fn new(scenario: Window, interval: Span, day_windows: Vec<Window>) -> Self {
        let length = scenario.end.since(scenario.start).as_nanos();
        let intervals = length.div_ceil(interval.as_nanos()) as usize;
        let since = day_windows.first().map_or(scenario.start, |day| day.start);
        let mut books = Books {
            origin: scenario.start,
            interval,
            days: vec![DayBook::default(); day_windows.len()],
            day_windows,
            timeline: vec![TimelineCell::default(); intervals],
            incidents: Incidents::default(),
            noting: None,
            lost: Vec::new(),
            payment_time_primary: Histogram::new(),
            payment_time_lte: Histogram::new(),
            queue_wait: Histogram::new(),
            backup_attempts: BackupAttempts::default(),
            today_primary: Histogram::new(),
            today_lte: Histogram::new(),
            today_wait: Histogram::new(),
            today: 0,
            state: PathState::default(),
            has_power: true,
            since,
            gap_run: Span::ZERO,
            lte_bits: 0,
            under_way: 0,
            payment_ended: SimTime::default(),
            cell: 0,
            cell_window: Window { start: scenario.start, end: scenario.start },
        };
        books.locate(since);
        books
    }

    /// Position of the current local day.
    #[must_use]
    pub const fn today(&self) -> usize {
        self.today
    }

    #[inline]
    fn locate(&mut self, now: SimTime) {
        if now < self.cell_window.start || now >= self.cell_window.end {
            self.cell = (now.since(self.origin).as_nanos() / self.interval.as_nanos()) as usize;
            let start = self.origin + self.interval.times(self.cell as u64);
            self.cell_window = Window { start, end: start + self.interval };
        }
    }

    #[inline]
    fn now(&mut self, now: SimTime) -> &mut TimelineCell {
        self.locate(now);
        // An event at the very end of the window belongs to the last interval.
        let last = self.timeline.len() - 1;
        &mut self.timeline[self.cell.min(last)]
    }

    /// Counts expected customers of a demand piece, spread evenly over it.
    pub fn expect(&mut self, window: Window, expected: f64) {
        let length = window.end.since(window.start).as_nanos() as f64;
        let mut start = window.start;
        while start < window.end {
            self.locate(start);
            let end = self.cell_window.end.min(window.end);
            let part = expected * (end.since(start).as_nanos() as f64 / length);
            self.now(start).demand_milli += (part * 1_000.0 + 0.5) as u64;
            start = end;
        }
    }

    /// Counts the time since the last call as spent in the present state, of which LTE had carried `lte_bits(t)` bits in
    /// all by `t`. Does nothing before the first day.
    pub fn elapse(&mut self, now: SimTime, lte_bits: impl Fn(SimTime) -> u64) {
        while self.since < now {
            let Some(day) = self.day_windows.get(self.today).copied() else { return };
            self.locate(self.since);
            let until = now.min(day.end).min(self.cell_window.end);
            let total = lte_bits(until);
            self.count(until, until.since(self.since), (total - self.lte_bits) / 8);
            // Bits that do not fill a byte stay for the next call.
            self.lte_bits = total - (total - self.lte_bits) % 8;
            self.since = until;
            if until == day.end {
                self.close_day();
            }
        }
    }

    fn count(&mut self, until: SimTime, span: Span, lte_bytes: u64) {
        let (state, nanos) = (self.state, span.as_nanos());
        let day = &mut self.days[self.today];
        let cell = &mut self.timeline[self.cell];
        day.times.lte_bytes += lte_bytes;
        cell.lte_bytes += lte_bytes;
        if state.open {
            cell.open_ns += nanos;
        }
        if state.dark {
            day.times.dark += span;
            cell.dark_ns += nanos;
        }
        if state.on_lte {
            day.times.lte += span;
        }
        if state.stuck {
            day.times.stuck += span;
            day.times.stuck_bytes += lte_bytes;
        }
        if state.answers {
            self.gap_run = Span::ZERO;
            if state.on_lte {
                cell.lte_ns += nanos;
            } else {
                cell.primary_ns += nanos;
            }
            return;
        }
        day.times.gap += span;
        if !state.dark {
            cell.gap_ns += nanos;
        }
        if state.open {
            day.times.gap_open += span;
            self.gap_run += span;
            day.long_gap |= self.gap_run >= LONG_GAP;
        } else {
            self.gap_run = Span::ZERO;
        }
        self.incidents.count_gap(until, span, state.stage);
    }

    fn close_day(&mut self) {
        let day = &mut self.days[self.today];
        let mut payments = self.today_primary.clone();
        payments.merge(&self.today_lte);
        day.payment_p50 = payments.quantile(0.5);
        day.payment_p99 = payments.quantile(0.99);
        day.queue_wait_p95 = self.today_wait.quantile(0.95);
        self.payment_time_primary.merge(&self.today_primary);
        self.payment_time_lte.merge(&self.today_lte);
        self.queue_wait.merge(&self.today_wait);
        self.today_primary.clear();
        self.today_lte.clear();
        self.today_wait.clear();
        self.gap_run = Span::ZERO;
        self.today += 1;
    }

    /// From now on, time is counted as `state`; call [`Books::elapse`] first.
    pub const fn set_state(&mut self, state: PathState) {
        self.state = state;
    }

    /// Whether the site has power from now on.
    pub const fn set_power(&mut self, has_power: bool) {
        self.has_power = has_power;
    }

    /// The present state.
    #[must_use]
    pub const fn state(&self) -> PathState {
        self.state
    }

    /// A customer reaches the tills on the current day.
    #[inline]
    pub fn arrive(&mut self, now: SimTime, day: usize) {
        self.days[day].ledger.customers += 1;
        self.now(now).customers += 1;
    }

    /// A customer leaves the queue for a server after `waited`.
    #[inline]
    pub fn seat(&mut self, waited: Span) {
        self.today_wait.record(waited.as_nanos());
    }

    /// A customer of `day` leaves with her basket paid.
    #[inline]
    pub fn serve(&mut self, day: usize, value: Cents) {
        let ledger = &mut self.days[day].ledger;
        ledger.served += 1;
        ledger.sales += value;
    }

    /// A customer leaves without her basket; `stage` is what kept her from paying, by default what does so now.
    pub fn lose(&mut self, now: SimTime, basket: Basket, loss: Loss, stage: Option<LossStage>) {
        let ledger = &mut self.days[basket.day].ledger;
        match loss {
            Loss::Balked => ledger.balked += 1,
            Loss::Reneged => ledger.reneged += 1,
            Loss::Unpaid => ledger.unpaid += 1,
        }
        ledger.lost_sales += basket.value;
        if !self.has_power {
            ledger.lost_sales_power += basket.value;
        }
        self.now(now).abandoned += 1;
        self.note_unsold(now, basket, stage);
    }

    fn note_unsold(&mut self, at: SimTime, basket: Basket, stage: Option<LossStage>) {
        if self.noting.is_some() {
            let (incident, stage) = self.incidents.standing(at, stage.unwrap_or(self.state.stage));
            self.lost.push(LostBasket { draw: basket.draw, at, value: basket.value, incident, stage });
        }
    }

    /// From `now` on, this store may differ from its fault-free twin, or is one.
    pub fn note_losses(&mut self, now: SimTime) {
        self.noting.get_or_insert(now);
    }

    /// Compares what was not sold with what the fault-free twin did not sell, and books the difference under incidents; the twin
    /// ran on `days` only, and is the same on the others.
    pub fn settle_losses(&mut self, twin: &Books, days: &[Range<usize>]) {
        let Some(since) = self.noting else { return };
        let begins = |day: usize| self.day_windows.get(day).map(|day| day.start);
        let windows: Vec<Window> = days
            .iter()
            .filter_map(|days| {
                // Whoever is still inside at the very end left then.
                let end = begins(days.end).unwrap_or(SimTime::NEVER);
                Some(Window { start: since.max(begins(days.start)?), end })
            })
            .collect();
        losses::settle(&mut self.incidents, std::mem::take(&mut self.lost), &twin.lost, &windows);
    }

    /// Nothing is booked before the local day at position `day`.
    pub fn skip_to(&mut self, day: usize) {
        self.today = day;
        self.since = self.day_windows[day].start;
        self.locate(self.since);
    }

    /// A card payment begins.
    #[inline]
    pub fn begin_payment(&mut self, now: SimTime, day: usize) {
        self.under_way += 1;
        self.days[day].ledger.payments += 1;
        self.now(now).payments += 1;
    }

    /// An attempt was answered after `time` over LTE or over the wired primary.
    #[inline]
    pub fn answer(&mut self, time: Span, over_lte: bool) {
        let histogram = if over_lte { &mut self.today_lte } else { &mut self.today_primary };
        histogram.record(time.as_nanos());
    }

    /// A card payment ends; `stage` is what kept it from its answer, if it got none.
    #[inline]
    pub fn end_payment(&mut self, now: SimTime, day: usize, end: PaymentEnd, stage: LossStage) {
        self.under_way -= 1;
        self.payment_ended = now;
        let ledger = &mut self.days[day].ledger;
        let cell = match end {
            PaymentEnd::Authorized => {
                ledger.authorized += 1;
                &mut self.now(now).authorized
            }
            PaymentEnd::AuthorizedOffline => {
                ledger.authorized_offline += 1;
                self.incidents.store_offline(now, stage);
                &mut self.now(now).authorized_offline
            }
            PaymentEnd::Declined => {
                ledger.declined += 1;
                return;
            }
            PaymentEnd::Lost => {
                ledger.payments_lost += 1;
                if self.noting.is_some() {
                    self.incidents.count_lost_payment(now, stage);
                }
                &mut self.now(now).payments_lost
            }
        };
        *cell += 1;
    }

    /// A payment of `day` that was approved offline is replayed.
    pub fn replay(&mut self, day: usize) {
        self.days[day].ledger.replayed += 1;
    }

    /// Since when no payment has been under way; `None` if one is.
    #[must_use]
    pub const fn quiet_since(&self) -> Option<SimTime> {
        if self.under_way == 0 { Some(self.payment_ended) } else { None }
    }

    /// The payment of `day` that was lost just now was lost at a service, not on the way.
    pub fn blame_service(&mut self, day: usize) {
        self.days[day].ledger.payments_lost_service += 1;
    }

    /// Bytes of an attempt that went over LTE.
    pub fn carry(&mut self, now: SimTime, bytes: u64) {
        let today = self.today.min(self.days.len() - 1);
        let times = &mut self.days[today].times;
        times.lte_bytes += bytes;
        times.stuck_bytes += if self.state.stuck { bytes } else { 0 };
        self.now(now).lte_bytes += bytes;
    }

    /// The end of the run at `now` finds a customer inside, perhaps with a payment pending.
    pub fn leave_inside(&mut self, now: SimTime, basket: Basket, pending: bool) {
        let ledger = &mut self.days[basket.day].ledger;
        ledger.inside += 1;
        ledger.pending += u64::from(pending);
        self.note_unsold(now, basket, None);
    }

    /// The day on which counts of moves belong: the current one.
    pub fn day_book(&mut self) -> &mut DayBook {
        let today = self.today.min(self.days.len() - 1);
        &mut self.days[today]
    }
}
