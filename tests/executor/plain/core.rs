//! A carrier's core that answers at the request: every phone is a request of its own, and whoever asks is told at once
//! when, or that in vain.

use std::collections::VecDeque;

use tinsel::model::shared::core::Answer;
use tinsel::scenario::resolved::{Carrier, CarrierFault, Overload};
use tinsel::units::{SimTime, Span};

/// A modem needs this long to register, whoever is or is not before it.
const SHORTEST: Span = Span::from_secs(1);

/// Whose work waits.
#[derive(Clone, Copy)]
enum Whose {
    /// A phone, by a number that is spread evenly over [0, 1).
    Phone(f64),
    Store(u32),
}

/// Phones that come one after the other, evenly.
struct Phones {
    next: SimTime,
    every: Span,
    until: SimTime,
    count: u64,
    /// Those that were lost in this fault come back: only its share of all phones.
    returning: bool,
}

/// One server, first come, first served.
pub struct PlainCore {
    takes: Span,
    refusal: Span,
    overload: Overload,
    t3410: Span,
    faults: Vec<CarrierFault>,
    phones: Vec<Phones>,
    /// What waits, in order, with the work that is left of it.
    queue: VecDeque<(Whose, Span)>,
    /// Up to when that is.
    at: SimTime,
    /// Faults that have begun.
    begun: usize,
}

impl PlainCore {
    pub fn new(carrier: &Carrier, t3410: Span, mut faults: Vec<CarrierFault>, start: SimTime) -> Self {
        let per_second = carrier.registrations_per_s.expect("a finite rate");
        let takes = Span::from_secs_f64(1.0 / per_second);
        faults.sort_by_key(|fault| fault.window.start);
        let evenly = |from: SimTime, until: SimTime, per_second: f64, returning| {
            let every = Span::from_secs_f64(1.0 / per_second);
            Phones { next: from + every, every, until, count: 0, returning }
        };
        let mut phones = Vec::new();
        if carrier.phones_registering_per_s > 0.0 {
            phones.push(evenly(start, SimTime::NEVER, carrier.phones_registering_per_s, false));
        }
        for fault in &faults {
            let spread = carrier.phones_return.max(SHORTEST);
            let per_second = carrier.phones * fault.share / spread.as_secs_f64();
            if per_second > 0.0 {
                phones.push(evenly(fault.window.end, fault.window.end + spread, per_second, true));
            }
        }
        PlainCore {
            takes,
            refusal: Span::from_secs_f64(carrier.refusal_work / per_second),
            overload: carrier.overload,
            t3410: t3410.max(SHORTEST),
            faults,
            phones,
            queue: VecDeque::new(),
            at: start,
            begun: 0,
        }
    }

    /// The answer to a request of the store at `rank`, and its instant.
    pub fn register(&mut self, at: SimTime, rank: u32, attach: Span) -> (SimTime, Answer) {
        self.come_to(at);
        let gives_up = at + self.t3410;
        let down =
            |fault: &&CarrierFault| fault.window.start <= at && at < fault.window.end && fault.hits(rank);
        if self.faults.iter().any(|fault| down(&fault)) {
            return (gives_up, Answer::Unanswered);
        }
        let waits = self.work();
        match self.overload {
            Overload::Refuse { wait } if waits > wait => {
                self.queue.push_back((Whose::Store(rank), self.refusal));
                return (at + SHORTEST, Answer::Refused);
            }
            Overload::Wait | Overload::Unanswered | Overload::Refuse { .. } => {}
        }
        self.queue.push_back((Whose::Store(rank), self.takes));
        let served = waits + self.takes;
        let granted = at + attach.max(SHORTEST).max(served);
        if self.overload != Overload::Wait && served > self.t3410 {
            return (gives_up, Answer::Unanswered);
        }
        let cut_short = |fault: &&CarrierFault| {
            fault.window.start > at && fault.window.start < granted && fault.hits(rank)
        };
        match self.faults.iter().find(cut_short) {
            Some(fault) => (fault.window.start.max(gives_up), Answer::Unanswered),
            None => (granted, Answer::Registered),
        }
    }

    fn work(&self) -> Span {
        self.queue.iter().fold(Span::ZERO, |sum, &(_, left)| sum + left)
    }

    /// Everything that happens up to `to`, one thing after the other.
    fn come_to(&mut self, to: SimTime) {
        loop {
            let fault = self.faults.get(self.begun).map_or(SimTime::NEVER, |fault| fault.window.start);
            let phone = self.phones.iter().map(|phones| phones.next).min().unwrap_or(SimTime::NEVER);
            let next = fault.min(phone);
            if next > to {
                break;
            }
            self.serve_until(next);
            if fault == next {
                let fault = &self.faults[self.begun];
                self.queue.retain(|(whose, _)| match whose {
                    Whose::Phone(number) => *number >= fault.share,
                    Whose::Store(rank) => !fault.hits(*rank),
                });
                self.begun += 1;
            } else {
                self.phone_comes(next);
            }
        }
        self.serve_until(to);
    }

    fn phone_comes(&mut self, now: SimTime) {
        let phones = self.phones.iter_mut().find(|phones| phones.next == now).expect("one is due");
        phones.count += 1;
        phones.next = if now + phones.every > phones.until { SimTime::NEVER } else { now + phones.every };
        // Multiples of the golden section fill [0, 1) evenly, however many there are.
        let number = (phones.count as f64 * 0.618_033_988_749_895).fract();
        let down = self.faults.iter().any(|fault| {
            fault.window.start <= now && now < fault.window.end && number < fault.share && !phones.returning
        });
        if !down {
            self.queue.push_back((Whose::Phone(number), self.takes));
        }
    }

    fn serve_until(&mut self, to: SimTime) {
        let mut left = to.since(self.at);
        self.at = self.at.max(to);
        while let Some((_, work)) = self.queue.front_mut() {
            if *work > left {
                *work = work.saturating_sub(left);
                return;
            }
            left = left.saturating_sub(*work);
            self.queue.pop_front();
        }
    }
}
