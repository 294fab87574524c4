//! A carrier's core: registrations are served in order at a finite rate (request and grant).
//!
//! Stores ask one by one; shoppers' phones are a fluid of the same work in the same queue. All of them are *work*: the time
//! that the core needs for what waits. It shrinks by one second a second, grows by 1/μ with each store's request and, while
//! phones come at λ a second, by λ/μ a second. So a backlog of B phones is gone after B/(μ − λ).
//!
//! A store asks at `t`; the core grants at the later of `t` + the time that searching and attaching take anyway and
//! the instant at which the work before it lets it finish. A core that is overloaded does what [`Overload`] says, and both a
//! refusal and an answer that comes too late have taken their share of it. No public value of μ exists: it is a scenario's
//! parameter, and without one there is no core to queue at.
//!
//! While the core is down for somebody ([`CarrierFault`]), that somebody gets no answer, and what it had waiting is forgotten.
//! When it is back, the phones that it had lost come again, spread over some time.

use serde::{Deserialize, Serialize};

use crate::model::bring_up::REGISTRATION_MIN;
use crate::scenario::resolved::{Carrier, CarrierFault, CarrierId, Overload};
use crate::units::{SimTime, Span};

/// Step of a core's grid. A grant never comes sooner than [`REGISTRATION_MIN`] after the request, so that a request made at
/// the start of a step can still be answered at its end.
const STEP: Span = REGISTRATION_MIN;

/// How a core answers a request for registration.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Answer {
    /// Registered.
    Registered,
    /// Refused for congestion: try again after T3346 (3GPP TS 24.301 §5.5.1.2.5).
    Refused,
    /// Nothing within T3410.
    Unanswered,
}

/// What a core did.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct CoreUsage {
    /// Stores' registrations served in time.
    pub registered: u64,
    /// Sum over them of the time they waited for earlier ones.
    pub waited: Span,
    /// The longest of these waits.
    pub waited_max: Span,
    /// Stores' attempts refused for congestion.
    pub refused: u64,
    /// Stores' attempts that were not answered in time.
    pub unanswered: u64,
    /// Most registrations waiting at once, phones and stores.
    pub backlog_max: u64,
    /// When it was gone.
    pub drained: Option<SimTime>,
}

/// One carrier's registration service: a single server with constant service time.
#[derive(Clone, Debug)]
pub struct Core {
    /// Whose, for the rows.
    pub id: CarrierId,
    per_registration: Span,
    per_second: f64,
    overload: Overload,
    refusal: Span,
    t3410: Span,
    faults: Vec<CarrierFault>,
    /// Phones a second from each instant on, and the share of what waits that is forgotten then; in order of time.
    flow: Vec<Change>,
    next_change: usize,
    phones_per_s: f64,
    /// Up to when `work` is.
    at: SimTime,
    work: Span,
    /// `work` has not been zero since its largest value.
    draining: bool,
    work_max: Span,
    usage: CoreUsage,
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Change {
    at: SimTime,
    /// Phones a second, more (or fewer).
    phones_per_s: f64,
    /// Share of what waits that is forgotten.
    forgotten: f64,
}

impl Core {
    /// The core of `carrier`, which serves `per_second` registrations a second, is down as `faults` of it say, and is asked
    /// by modems that wait `t3410` for an answer.
    #[must_use]
    pub fn new(
        id: CarrierId,
        carrier: &Carrier,
        per_second: f64,
        t3410: Span,
        faults: Vec<CarrierFault>,
    ) -> Self {
        let per_registration = Span::from_secs_f64(1.0 / per_second);
        Core {
            id,
            per_registration,
            per_second,
            overload: carrier.overload,
            refusal: Span::from_secs_f64(carrier.refusal_work / per_second),
            t3410: t3410.max(REGISTRATION_MIN),
            flow: flow(carrier, &faults),
            faults,
            next_change: 0,
            phones_per_s: carrier.phones_registering_per_s,
            at: SimTime::default(),
            work: Span::ZERO,
            draining: false,
            work_max: Span::ZERO,
            usage: CoreUsage::default(),
        }
    }

    pub(super) const fn step(&self) -> Span {
        STEP
    }

    pub(super) const fn lookahead(&self) -> Span {
        REGISTRATION_MIN
    }

    /// A request of the store at `rank`, made at `at`, that takes `takes` by itself: the answer and its instant. Requests
    /// come in (time, store) order.
    pub fn register(&mut self, at: SimTime, rank: u32, takes: Span) -> (SimTime, Answer) {
        self.advance(at);
        let given_up = at + self.t3410;
        if self.is_down(rank, at) {
            self.usage.unanswered += 1;
            return (given_up, Answer::Unanswered);
        }
        let waits = self.work;
        if let Overload::Refuse { wait } = self.overload
            && waits > wait
        {
            self.add(self.refusal);
            self.usage.refused += 1;
            return (at + REGISTRATION_MIN, Answer::Refused);
        }
        self.add(self.per_registration);
        let served = self.work;
        let granted = at + takes.max(REGISTRATION_MIN).max(served);
        let too_late = match self.overload {
            Overload::Wait => false,
            Overload::Unanswered | Overload::Refuse { .. } => served > self.t3410,
        };
        let forgotten = self.next_fault(rank, at).filter(|&from| from < granted);
        if too_late || forgotten.is_some() {
            self.usage.unanswered += 1;
            let noticed = if too_late { given_up } else { forgotten.unwrap_or(given_up).max(given_up) };
            return (noticed, Answer::Unanswered);
        }
        self.usage.registered += 1;
        self.usage.waited += waits;
        self.usage.waited_max = self.usage.waited_max.max(waits);
        (granted, Answer::Registered)
    }

    /// Time that the core would need at `at` for what waits; `at` is not before any request.
    pub fn work(&mut self, at: SimTime) -> Span {
        self.advance(at);
        self.work
    }

    /// What it did up to `end`, which is not before any request.
    pub fn close(&mut self, end: SimTime) -> CoreUsage {
        self.advance(end);
        let backlog_max = (self.work_max.as_secs_f64() * self.per_second + 0.5) as u64;
        CoreUsage { backlog_max, ..self.usage }
    }

    fn is_down(&self, rank: u32, at: SimTime) -> bool {
        self.faults.iter().any(|fault| fault.window.start <= at && at < fault.window.end && fault.hits(rank))
    }

    /// The first fault of the store at `rank` after `at`.
    fn next_fault(&self, rank: u32, at: SimTime) -> Option<SimTime> {
        let later = self.faults.iter().filter(|fault| fault.window.start > at && fault.hits(rank));
        later.map(|fault| fault.window.start).min()
    }

    fn add(&mut self, work: Span) {
        self.work += work;
        self.note_backlog();
    }

    fn note_backlog(&mut self) {
        if self.work > self.work_max {
            self.work_max = self.work;
            (self.draining, self.usage.drained) = (true, None);
        }
    }

    /// Brings the work up to `to`.
    fn advance(&mut self, to: SimTime) {
        while let Some(&change) = self.flow.get(self.next_change).filter(|change| change.at <= to) {
            self.pass(change.at);
            self.phones_per_s += change.phones_per_s;
            if change.forgotten > 0.0 {
                let kept = self.work.as_nanos() as f64 * (1.0 - change.forgotten);
                self.work = Span::from_nanos(kept as u64);
            }
            self.next_change += 1;
        }
        self.pass(to);
    }

    /// The same between changes of the flow.
    fn pass(&mut self, to: SimTime) {
        let span = to.since(self.at);
        let load = self.phones_per_s.max(0.0) / self.per_second;
        let grown = Span::from_nanos((load * span.as_nanos() as f64) as u64);
        let left = (self.work + grown).saturating_sub(span);
        if left.is_zero() && self.draining {
            let takes = self.work.as_nanos() as f64 / (1.0 - load).max(f64::MIN_POSITIVE);
            self.usage.drained = Some((self.at + Span::from_nanos(takes as u64)).min(to));
            self.draining = false;
        }
        (self.work, self.at) = (left, to.max(self.at));
        self.note_backlog();
    }
}

/// How the phones' rate changes because of `faults`.
fn flow(carrier: &Carrier, faults: &[CarrierFault]) -> Vec<Change> {
    let mut changes = Vec::new();
    for fault in faults {
        let usual = carrier.phones_registering_per_s * fault.share;
        let spread = carrier.phones_return.max(REGISTRATION_MIN);
        let storm = carrier.phones * fault.share / spread.as_secs_f64();
        let mut change = |at, phones_per_s, forgotten| changes.push(Change { at, phones_per_s, forgotten });
        change(fault.window.start, -usual, fault.share);
        change(fault.window.end, usual + storm, 0.0);
        change(fault.window.end + spread, -storm, 0.0);
    }
    changes.sort_by_key(|change| change.at);
    changes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::resolved::{StoreRank, Window};

    fn carrier() -> Carrier {
        Carrier {
            name: "one".to_owned(),
            rtt_median_s: 0.05,
            resource_blocks: 50,
            registrations_per_s: Some(5.0),
            phones: 0.0,
            phones_return: Span::from_secs(60),
            phones_registering_per_s: 0.0,
            overload: Overload::Wait,
            refusal_work: 0.1,
        }
    }

    fn at(second: u64) -> SimTime {
        SimTime::from_unix_seconds(1_000 + second)
    }

    const ATTACH: Span = Span::from_secs(3);
    const T3410: Span = Span::from_secs(15);

    #[test]
    fn a_burst_drains_at_the_service_rate() {
        let mut core = Core::new(CarrierId(0), &carrier(), 5.0, T3410, Vec::new());
        let last = (0..300).map(|rank| core.register(at(0), rank, ATTACH)).last();
        assert_eq!(last, Some((at(60), Answer::Registered)));
        assert_eq!(
            core.register(at(600), 0, ATTACH),
            (at(603), Answer::Registered),
            "an idle core adds nothing"
        );
        let usage = core.close(at(1_000));
        assert_eq!(usage.waited.as_secs_f64(), (0..300).map(|n| f64::from(n) / 5.0).sum::<f64>());
        assert_eq!((usage.registered, usage.backlog_max, usage.drained), (301, 300, Some(at(60))));
    }

    #[test]
    fn an_answer_after_t3410_is_none_and_has_taken_its_time() {
        let unanswered = Carrier { overload: Overload::Unanswered, ..carrier() };
        let mut core = Core::new(CarrierId(0), &unanswered, 5.0, T3410, Vec::new());
        let answers: Vec<_> = (0..80).map(|rank| core.register(at(0), rank, ATTACH)).collect();
        assert_eq!(answers[74], (at(15), Answer::Registered), "the 75th is served at 15 s");
        assert_eq!(answers[75], (at(15), Answer::Unanswered));
        assert_eq!(core.work(at(0)), Span::from_secs(16), "eighty have been served all the same");
    }

    #[test]
    fn a_core_that_refuses_says_so_at_once() {
        let refuses = Carrier { overload: Overload::Refuse { wait: Span::from_secs(2) }, ..carrier() };
        let mut core = Core::new(CarrierId(0), &refuses, 5.0, T3410, Vec::new());
        let answers: Vec<_> = (0..12).map(|rank| core.register(at(0), rank, ATTACH)).collect();
        assert_eq!(answers[10], (at(3), Answer::Registered), "two seconds of work are not more than two");
        assert_eq!(answers[11], (at(1), Answer::Refused));
        assert_eq!(core.work(at(0)), Span::from_millis(2_220), "a refusal is a tenth of a registration");
    }

    #[test]
    fn phones_come_back_and_are_gone_after_backlog_over_mu_less_lambda() {
        let fault = CarrierFault {
            window: Window { start: at(0), end: at(100) },
            share: 0.5,
            stores: vec![StoreRank(7)],
        };
        let storm = Carrier { phones: 12_000.0, phones_registering_per_s: 1.0, ..carrier() };
        let mut core = Core::new(CarrierId(0), &storm, 5.0, T3410, vec![fault]);
        assert_eq!(core.register(at(10), 7, ATTACH), (at(25), Answer::Unanswered));
        assert_eq!(core.register(at(10), 8, ATTACH), (at(13), Answer::Registered), "not hit");
        // Six thousand come in a minute, beside the usual one a second: 100 + 1 a second are 20.2 of the core's seconds.
        let work = core.work(at(160)).as_secs_f64();
        assert!((work - 60.0 * 19.2).abs() < 1e-6, "{work}");
        let usage = core.close(at(10_000));
        let drained = usage.drained.expect("it drains").since(at(160)).as_secs_f64();
        assert!((drained - 5.0 * 60.0 * 19.2 / (5.0 - 1.0)).abs() < 1e-6, "{drained}");
    }
}
