//! Customers at the tills and their payments.

use crate::kernel::draws::{Entity, Key};
use crate::kernel::driver::Stamped;
use crate::kernel::variates::{lognormal, lognormal_parameters, standard_normal, unit};
use crate::model::checkout::Checkout;
use crate::model::demand::{Arrival, Arrivals, Piece};
use crate::model::failover::Route;
use crate::model::law::Sampler;
use crate::model::ledger::{Basket, Books, IN_TIME, Loss, LossStage, PaymentEnd};
use crate::model::path::Answering;
use crate::model::payment::{Terminal, mean_service_s, next_retransmission, response};
use crate::model::purpose::{Purpose, address};
use crate::model::resync::{Replay, Stored};
use crate::model::shared::Message;
use crate::scenario::resolved::{self, Format, Scan, Scenario};
use crate::units::{Cents, SimTime, Span};

use super::Store;
use super::service_use::Answer;
use super::view::AtServer;

/// Somebody with a basket.
#[derive(Clone, Copy, Debug)]
pub(super) struct Customer {
    pub(super) draw: u64,
    arrived: SimTime,
    value: Cents,
    items: u32,
    /// Position of the local day of arrival.
    day: u16,
    pub(super) attempt: u16,
    tender_word: u64,
    time_word: u64,
    phase: Phase,
    /// When the present attempt was sent, and over which route.
    sent: SimTime,
    via: Route,
    /// Which acquirer's service the present attempt goes to, and whether it has got there.
    pub(super) service: u8,
    heard: bool,
    /// What kept the last attempt from its answer.
    stage: LossStage,
}

impl Customer {
    fn basket(&self) -> Basket {
        Basket { day: self.day.into(), draw: self.draw, value: self.value }
    }
}

/// What a customer at a server is doing.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Phase {
    /// Goods are scanned and the tender is made ready.
    Scanning { cash: bool },
    /// The answer is on its way.
    Awaiting { declined: bool },
    /// No answer will come unless the path returns, or at all if the service is the reason.
    Hanging,
    /// The answer will come after the terminal has stopped waiting.
    TooLate,
    /// The service refuses: the refusal is on its way.
    Refused,
    /// Pause before another attempt.
    Backoff,
    /// Cash instead of the card.
    CashInstead,
    /// No answer will come: the request was lost where payments are answered.
    Unanswered,
    /// The till is dead. `sent` holds how long she would have needed still, from the epoch.
    Stalled { cash: bool, instead: bool },
}

impl Phase {
    /// For whoever watches.
    const fn name(self) -> &'static str {
        match self {
            Phase::Scanning { cash: false } => "scanning",
            Phase::Scanning { cash: true } => "scanning, pays cash",
            Phase::Awaiting { .. } => "authorizing",
            Phase::Hanging => "authorizing, in vain unless the path returns",
            Phase::TooLate => "authorizing, the answer will be too late",
            Phase::Refused => "authorizing, refused",
            Phase::Backoff => "waiting to try again",
            Phase::CashInstead => "cash instead",
            Phase::Unanswered => "authorizing, nobody answers",
            Phase::Stalled { .. } => "the till is dead",
        }
    }
}

/// The tills of one store.
pub(super) struct Tills<'a> {
    pub(super) checkout: Checkout<Customer>,
    format: &'a Format,
    arrivals: Arrivals,
    arrival: Option<Arrival>,
    terminal: Terminal,
    basket_ln_median: f64,
    patience: Sampler,
    cash_time: Sampler,
    scan: Scanning,
    /// Mean time at a server, seconds, for those who look at the queue.
    mean_service_s: f64,
    /// Payments stored offline.
    pub(super) replay: Replay,
}

#[derive(Clone, Copy, Debug)]
enum Scanning {
    PerItem { base: f64, per_item: f64, self_checkout_factor: f64 },
    Drawn(Sampler),
}

impl<'a> Tills<'a> {
    pub(super) fn new(
        scenario: &'a Scenario,
        spec: &resolved::Store,
        key: Key,
        entity: Entity,
        pieces: Vec<Piece>,
    ) -> Self {
        let format = &scenario.formats[spec.format.0 as usize];
        let mut arrivals = Arrivals::new(key, entity, pieces);
        let arrival = arrivals.next_arrival();
        Tills {
            checkout: Checkout::new(spec.lanes, spec.self_checkouts),
            format,
            arrivals,
            arrival,
            terminal: Terminal::new(&scenario.payments),
            basket_ln_median: lognormal_parameters(format.basket_mean, format.basket_sigma),
            patience: Sampler::new(&format.patience),
            cash_time: Sampler::new(&format.cash_time),
            scan: match format.scan {
                Scan::PerItem { base, per_item, self_checkout_factor } => {
                    Scanning::PerItem { base, per_item, self_checkout_factor }
                }
                Scan::Drawn(law) => Scanning::Drawn(Sampler::new(&law)),
            },
            mean_service_s: mean_service_s(scenario, format),
            replay: Replay::new(&scenario.resync),
        }
    }

    /// Whether nobody is there.
    pub(super) fn is_empty(&self) -> bool {
        self.checkout.next_due().0 == SimTime::NEVER && self.checkout.waiting() == 0
    }

    /// Who is at which server.
    pub(super) fn at_servers(&self) -> impl Iterator<Item = (usize, AtServer)> + '_ {
        self.checkout.servers().map(|(server, customer, _)| {
            let at = AtServer {
                customer: customer.draw,
                value: customer.value,
                phase: customer.phase.name(),
                attempt: customer.attempt,
                via: customer.via,
            };
            (server, at)
        })
    }

    /// Passes over all customers before `at`, a local midnight.
    pub(super) fn skip_to(&mut self, at: SimTime) {
        self.arrivals.skip_to(at);
        self.arrival = self.arrivals.next_arrival();
    }

    #[inline]
    pub(super) fn next_arrival(&self) -> SimTime {
        self.arrival.as_ref().map_or(SimTime::NEVER, |arrival| arrival.at)
    }

    /// Time from reaching a server to a tender made ready.
    fn service(&self, customer: &Customer, self_checkout: bool, cash: bool) -> Span {
        let scan_s = match self.scan {
            Scanning::PerItem { base, per_item, self_checkout_factor } => {
                let scan = base + per_item * f64::from(customer.items);
                if self_checkout { scan * self_checkout_factor } else { scan }
            }
            Scanning::Drawn(law) => return law.span(customer.time_word),
        };
        let tender = if cash { self.cash_time } else { self.terminal.interaction };
        Span::from_secs_f64(scan_s + tender.sample(customer.time_word))
    }

    fn customer(&self, arrival: &Arrival, day: usize) -> Customer {
        let value = lognormal(arrival.words[1], self.basket_ln_median, self.format.basket_sigma);
        let items = value / self.format.basket_mean * self.format.items_mean + 0.5;
        Customer {
            draw: arrival.draw,
            arrived: arrival.at,
            value: Cents::from_units_f64(value),
            items: (items as u32).max(1),
            day: day as u16,
            attempt: 0,
            tender_word: arrival.words[2],
            time_word: arrival.words[3],
            phase: Phase::Scanning { cash: false },
            sent: arrival.at,
            via: Route::Primary,
            service: 0,
            heard: false,
            stage: LossStage::Aftermath,
        }
    }

    fn seat(&mut self, now: SimTime, server: usize, mut customer: Customer, books: &mut Books) {
        let cash = unit(customer.tender_word) < self.format.cash_share;
        customer.phase = Phase::Scanning { cash };
        books.seat(now.since(customer.arrived));
        let service = self.service(&customer, self.checkout.is_self_checkout(server), cash);
        self.checkout.seat(server, customer, now + service);
    }

    /// Fills idle servers from the queue.
    fn seat_waiting(&mut self, now: SimTime, books: &mut Books) {
        while let Some(server) = self.checkout.idle_server() {
            let Some(customer) = self.checkout.dequeue() else { return };
            self.seat(now, server, customer, books);
        }
    }

    pub(super) fn renege(&mut self, now: SimTime, books: &mut Books) {
        if let Some(customer) = self.checkout.renege() {
            books.lose(now, customer.basket(), Loss::Reneged, None);
        }
    }

    /// The end of the window: everybody still there is inside.
    pub(super) fn end(&mut self, now: SimTime, books: &mut Books) {
        for customer in self.checkout.queued() {
            books.leave_inside(now, customer.basket(), false);
        }
        for (_, customer, _) in self.checkout.servers() {
            let pending = match customer.phase {
                Phase::Awaiting { .. }
                | Phase::Hanging
                | Phase::TooLate
                | Phase::Unanswered
                | Phase::Refused
                | Phase::Backoff => true,
                Phase::Scanning { .. } | Phase::CashInstead | Phase::Stalled { .. } => false,
            };
            books.leave_inside(now, customer.basket(), pending);
        }
    }
}

impl Store<'_> {
    pub(super) fn handle_arrival(&mut self, now: SimTime) {
        let Some(arrival) = self.tills.arrival.take() else { return };
        self.tills.arrival = self.tills.arrivals.next_arrival();
        let day = self.day_of(now);
        self.books.arrive(now, day);
        let customer = self.tills.customer(&arrival, day);
        if !self.network.has_power() {
            // The shop is dark: nobody waits for the light.
            self.books.lose(now, customer.basket(), Loss::Balked, None);
            return;
        }
        if let Some(server) = self.tills.checkout.idle_server() {
            self.tills.seat(now, server, customer, &mut self.books);
            return;
        }
        let words = self.key.block(address(self.entity, Purpose::Disposition, customer.draw), 1);
        let patience = self.tills.patience.sample(words[0]);
        let checkout = &self.tills.checkout;
        let servers = f64::from(checkout.open_servers().max(1));
        let expected_s = f64::from(checkout.waiting()) * self.tills.mean_service_s / servers;
        if self.tills.format.balking && expected_s > patience {
            self.books.lose(now, customer.basket(), Loss::Balked, None);
        } else {
            self.tills.checkout.enqueue(customer, now + Span::from_secs_f64(patience));
        }
    }

    /// Position of the local day at `now`.
    #[inline]
    fn day_of(&self, now: SimTime) -> usize {
        let mut day = self.books.today();
        while day + 1 < self.spec.days.len() && now >= self.spec.days[day].window.end {
            day += 1;
        }
        day
    }

    pub(super) fn handle_till(&mut self, now: SimTime, server: usize, outbox: &mut Vec<Stamped<Message>>) {
        let Some(&customer) = self.tills.checkout.at(server) else { return };
        match customer.phase {
            Phase::Scanning { cash: true } | Phase::CashInstead => self.serve(now, server, &customer),
            Phase::Scanning { cash: false } => {
                self.books.begin_payment(now, customer.day.into());
                self.send(now, server, customer, outbox);
            }
            Phase::Backoff => self.send(now, server, customer, outbox),
            Phase::Awaiting { declined } => {
                let took = now.since(customer.sent);
                self.books.answer(took, self.is_lte(customer.via));
                self.books.backup_attempts.in_time +=
                    u64::from(customer.via == Route::Backup && took <= IN_TIME);
                let end = if declined { PaymentEnd::Declined } else { PaymentEnd::Authorized };
                self.books.end_payment(now, customer.day.into(), end, customer.stage);
                if declined {
                    self.pay_otherwise(now, server, customer);
                } else {
                    self.serve(now, server, &customer);
                }
            }
            Phase::Hanging | Phase::TooLate | Phase::Unanswered | Phase::Refused => {
                self.fail(now, server, customer, outbox);
            }
            Phase::Stalled { .. } => {
                // Her patience has ended before the till was mended.
                self.books.lose(now, customer.basket(), Loss::Reneged, None);
                self.tills.checkout.leave(server);
                self.tills.seat_waiting(now, &mut self.books);
            }
        }
    }

    /// The tills at which nobody can be served are now those of `dead`, a bit each: who stands there stays as long as her
    /// patience lasts, and goes on where she was if the till is mended before.
    pub(super) fn set_dead_tills(&mut self, now: SimTime, dead: u128) {
        if dead == self.tills.checkout.dead() {
            return;
        }
        let servers: Vec<(usize, Customer, SimTime)> =
            self.tills.checkout.servers().map(|(server, customer, due)| (server, *customer, due)).collect();
        for (server, customer, due) in servers {
            let is_dead = dead >> server & 1 != 0;
            let stall = |cash, instead| {
                let words = self.key.block(address(self.entity, Purpose::Disposition, customer.draw), 1);
                let patience = self.tills.patience.span(words[0]);
                let left = SimTime::from_nanos(due.since(now).as_nanos());
                (Customer { phase: Phase::Stalled { cash, instead }, sent: left, ..customer }, now + patience)
            };
            let (customer, due) = match customer.phase {
                Phase::Scanning { cash } if is_dead => stall(cash, false),
                Phase::CashInstead if is_dead => stall(true, true),
                Phase::Stalled { cash, instead } if !is_dead => {
                    let phase = if instead { Phase::CashInstead } else { Phase::Scanning { cash } };
                    (Customer { phase, ..customer }, now + Span::from_nanos(customer.sent.as_nanos()))
                }
                Phase::Scanning { .. }
                | Phase::CashInstead
                | Phase::Stalled { .. }
                | Phase::Awaiting { .. }
                | Phase::Hanging
                | Phase::TooLate
                | Phase::Unanswered
                | Phase::Refused
                | Phase::Backoff => continue,
            };
            self.tills.checkout.update(server, customer, due);
        }
        self.tills.checkout.set_dead(dead);
        self.tills.seat_waiting(now, &mut self.books);
    }

    fn serve(&mut self, now: SimTime, server: usize, customer: &Customer) {
        self.books.serve(customer.day.into(), customer.value);
        self.tills.checkout.leave(server);
        self.tills.seat_waiting(now, &mut self.books);
    }

    /// Sends an authorization over the route in use.
    fn send(
        &mut self,
        now: SimTime,
        server: usize,
        mut customer: Customer,
        outbox: &mut Vec<Stamped<Message>>,
    ) {
        customer.sent = now;
        let ride = self.network.ride(now);
        customer.via = ride.via;
        if customer.via == Route::Unreachable {
            customer.stage = self.books.state().stage;
            self.fail(now, server, customer, outbox);
            return;
        }
        self.books.backup_attempts.sent += u64::from(customer.via == Route::Backup);
        customer.heard = false;
        customer.service = self.choose_service(now, &customer);
        let due = if let Some(leaves) = ride.leaves {
            let (phase, due) = self.deliver(now, leaves, &mut customer, outbox);
            self.carry_payment(now, customer.via, outbox);
            customer.phase = phase;
            due
        } else {
            self.miss_answer(now);
            customer.phase = Phase::Hanging;
            customer.stage = self.books.state().stage;
            now + self.tills.terminal.timeout
        };
        self.tills.checkout.update(server, customer, due);
    }

    /// What the present attempt comes to that goes out at `sent`, as things stand at `now`.
    fn deliver(
        &self,
        now: SimTime,
        sent: SimTime,
        customer: &mut Customer,
        outbox: &mut Vec<Stamped<Message>>,
    ) -> (Phase, SimTime) {
        let gives_up = customer.sent + self.tills.terminal.timeout;
        let answering = self.network.answering(self.services.id(customer.service));
        if answering != Answering::HEALTHY && self.is_unanswered(&answering, customer) {
            customer.stage = LossStage::Service;
            return (Phase::Unanswered, gives_up);
        }
        let path = self.network.attempt_path(now, customer.via, self.tills.terminal.bits);
        let attempt = customer.attempt.into();
        let response = response(&self.tills.terminal, &path, self.key, self.entity, customer.draw, attempt);
        let answer = self.ask_service(now, customer, response.host, customer.heard, outbox);
        customer.heard = true;
        match answer {
            Answer::Silence => {
                customer.stage = LossStage::Service;
                (Phase::Unanswered, gives_up)
            }
            Answer::Refused => {
                customer.stage = LossStage::Service;
                let refused = sent + response.takes.saturating_sub(response.host);
                if refused > gives_up { (Phase::TooLate, gives_up) } else { (Phase::Refused, refused) }
            }
            Answer::After(later) => {
                let answered = sent + response.takes + answering.extra + later;
                if answered <= gives_up {
                    return (Phase::Awaiting { declined: response.declined }, answered);
                }
                let queued = sent + response.takes + answering.extra <= gives_up;
                customer.stage = if queued { LossStage::Service } else { self.books.state().stage };
                (Phase::TooLate, gives_up)
            }
        }
    }

    /// Whether a service in this state leaves the attempt without an answer.
    #[cold]
    fn is_unanswered(&self, service: &Answering, customer: &Customer) -> bool {
        if service.failing == 0.0 {
            return !service.alive;
        }
        let at = address(self.entity, Purpose::ServiceAttempt, customer.draw);
        let word = self.key.block(at, 1 + u64::from(customer.attempt))[0];
        !service.alive || unit(word) < service.failing
    }

    /// An attempt ended without an answer.
    fn fail(
        &mut self,
        now: SimTime,
        server: usize,
        mut customer: Customer,
        outbox: &mut Vec<Stamped<Message>>,
    ) {
        if u32::from(customer.attempt) < self.tills.terminal.retries {
            customer.attempt += 1;
            customer.phase = Phase::Backoff;
            let backoff = self.tills.terminal.backoff;
            if backoff.is_zero() {
                self.send(now, server, customer, outbox);
            } else {
                self.tills.checkout.update(server, customer, now + backoff);
            }
            return;
        }
        let offline = self.spec.offline.is_some_and(|offline| {
            customer.value <= offline.floor_limit && self.tills.replay.count() < offline.count_max
        });
        if offline {
            let stored = Stored { day: customer.day, draw: customer.draw };
            self.tills.replay.store(now, stored, self.network.takes_replay(now));
            self.find_rare();
            let words = self.key.block(address(self.entity, Purpose::Disposition, customer.draw), 1);
            if unit(words[3]) < self.scenario.money.late_decline {
                self.books.incidents.count_late_decline(now, customer.value);
            }
            let end = PaymentEnd::AuthorizedOffline;
            self.books.end_payment(now, customer.day.into(), end, customer.stage);
            self.serve(now, server, &customer);
        } else {
            self.books.end_payment(now, customer.day.into(), PaymentEnd::Lost, customer.stage);
            if customer.stage == LossStage::Service {
                self.books.blame_service(customer.day.into());
            }
            self.pay_otherwise(now, server, customer);
        }
    }

    /// Cash instead, or the basket stays.
    fn pay_otherwise(&mut self, now: SimTime, server: usize, mut customer: Customer) {
        let words = self.key.block(address(self.entity, Purpose::Disposition, customer.draw), 1);
        if unit(words[1]) < self.tills.format.cash_fallback {
            customer.phase = Phase::CashInstead;
            let takes = self.tills.cash_time.span(words[2]);
            self.tills.checkout.update(server, customer, now + takes);
        } else {
            self.books.lose(now, customer.basket(), Loss::Unpaid, Some(customer.stage));
            self.tills.checkout.leave(server);
            self.tills.seat_waiting(now, &mut self.books);
        }
    }

    /// Sends the stored payment that is due. Unless the service answers in time, it stays stored and is sent again.
    pub(super) fn replay(&mut self, now: SimTime, outbox: &mut Vec<Stamped<Message>>) {
        let Some((stored, tries)) = self.tills.replay.due() else { return };
        self.carry_payment(now, self.network.route(), outbox);
        let timeout = self.tills.terminal.timeout;
        match self.ask_again(now, stored.draw, tries, &self.tills.terminal.host, outbox) {
            Answer::After(later) if later <= timeout => {
                self.tills.replay.answered(now, later);
                self.books.replay(stored.day.into());
                if self.tills.replay.count() == 0 && self.network.owes_nothing(now) {
                    self.books.incidents.resync_done(now);
                }
            }
            Answer::After(_) | Answer::Silence => self.tills.replay.unanswered(now, timeout),
            Answer::Refused => self.tills.replay.unanswered(now, Span::ZERO),
        }
    }

    pub(super) fn set_lanes(&mut self, now: SimTime, lanes: u32) {
        self.tills.checkout.open(lanes);
        self.tills.seat_waiting(now, &mut self.books);
    }

    /// The route, or what it is worth, changed at `now`: attempts under way meet their new fate.
    ///
    /// An attempt belongs to the route it was sent over. If that path dies, no answer comes before the path is back and
    /// TCP retransmits; if the profile flushes flows when the route changes, attempts on the other route fail at once. Attempts in
    /// a tunnel, or on a connection that is kept, belong to that: they fail when the connection is `reset`.
    pub(super) fn path_changed(
        &mut self,
        now: SimTime,
        flush: bool,
        reset: bool,
        outbox: &mut Vec<Stamped<Message>>,
    ) {
        let (route, together) = (self.network.route(), self.network.carries_payments());
        for (server, mut customer) in self.under_way() {
            let fails = if together { reset } else { flush && customer.via != route };
            let fate =
                if fails { Some((Phase::Hanging, now)) } else { self.fate_of(now, &mut customer, outbox) };
            if let Some((phase, due)) = fate {
                if together && customer.phase == Phase::Hanging && phase != Phase::Hanging {
                    self.carry_payment(now, customer.via, outbox);
                }
                let killed = phase == Phase::Hanging && customer.phase != Phase::Hanging;
                let stage = if killed { self.stage_of_killed(customer.via) } else { customer.stage };
                self.tills.checkout.update(server, Customer { phase, stage, ..customer }, due);
            }
        }
    }

    /// What kept an attempt sent over `via`, which has just died or been flushed, from its answer. If new attempts are fine,
    /// it is the change of route that this one did not survive.
    fn stage_of_killed(&self, via: Route) -> LossStage {
        match (self.books.state().stage, via) {
            (LossStage::Aftermath, Route::Backup) => LossStage::Failback,
            (LossStage::Aftermath, Route::Primary | Route::Unreachable) => LossStage::BringUp,
            (stage, _) => stage,
        }
    }

    /// Attempts under way, by server.
    fn under_way(&self) -> Vec<(usize, Customer)> {
        let is_under_way = |customer: &Customer| match customer.phase {
            Phase::Awaiting { .. } | Phase::Hanging | Phase::TooLate | Phase::Unanswered | Phase::Refused => {
                true
            }
            Phase::Scanning { .. } | Phase::Backoff | Phase::CashInstead | Phase::Stalled { .. } => false,
        };
        let servers = self.tills.checkout.servers().map(|(server, customer, _)| (server, *customer));
        servers.filter(|(_, customer)| is_under_way(customer)).collect()
    }

    /// Attempts under way at the service of acquirer `service` are never answered.
    pub(super) fn lose_attempts(&mut self, service: u8) {
        for (server, mut customer) in self.under_way() {
            if customer.service == service && customer.heard {
                (customer.phase, customer.stage) = (Phase::Unanswered, LossStage::Service);
                let gives_up = customer.sent + self.tills.terminal.timeout;
                self.tills.checkout.update(server, customer, gives_up);
            }
        }
    }

    /// What an attempt under way comes to, now that its path may have died or returned; `None` if nothing changes for it.
    fn fate_of(
        &self,
        now: SimTime,
        customer: &mut Customer,
        outbox: &mut Vec<Stamped<Message>>,
    ) -> Option<(Phase, SimTime)> {
        let gives_up = customer.sent + self.tills.terminal.timeout;
        let ride = self.network.ride_of(now, customer.via);
        match (customer.phase, ride.leaves) {
            (Phase::Awaiting { .. } | Phase::TooLate | Phase::Refused, None) => {
                Some((Phase::Hanging, gives_up))
            }
            (Phase::Awaiting { .. }, Some(_))
                if customer.heard && !self.network.answering(self.services.id(customer.service)).alive =>
            {
                customer.stage = LossStage::Service;
                Some((Phase::Unanswered, gives_up))
            }
            (Phase::Hanging, Some(leaves)) => {
                customer.via = ride.via;
                let first = self.tills.terminal.retransmission;
                let by_itself = customer.sent + next_retransmission(first, now.since(customer.sent));
                let resent = if leaves > now { leaves } else { by_itself };
                match self.deliver(now, resent, customer, outbox) {
                    // It goes on hanging: the path may change once more.
                    (Phase::TooLate, _) => Some((Phase::Hanging, gives_up)),
                    fate => Some(fate),
                }
            }
            (Phase::Awaiting { .. } | Phase::TooLate | Phase::Refused, Some(_))
            | (Phase::Hanging, None)
            | (
                Phase::Unanswered
                | Phase::Scanning { .. }
                | Phase::Backoff
                | Phase::CashInstead
                | Phase::Stalled { .. },
                _,
            ) => None,
        }
    }
}

/// When how many staffed lanes are open: by forecast, reviewed in opening hours.
pub(super) fn staffing(
    scenario: &Scenario,
    spec: &resolved::Store,
    key: Key,
    entity: Entity,
    pieces: &[Piece],
) -> Vec<(SimTime, u32)> {
    const DAY: Span = Span::from_secs(86_400);
    const HALF_DAY: Span = Span::from_secs(43_200);
    let format = &scenario.formats[spec.format.0 as usize];
    let rule = &format.staffing;
    let service_s = mean_service_s(scenario, format);
    let mut changes = Vec::new();
    let mut first_piece = 0;
    for day in &spec.days {
        // Noon is in the middle of a civil day whatever its clocks do, so no two days share a draw.
        let noon = day.window.start + HALF_DAY;
        let words = key.block(address(entity, Purpose::Forecast, noon.bin(DAY)), 1);
        let error = (1.0 + rule.forecast_error * standard_normal(words[0])).max(0.0);
        for opening in &day.open {
            let mut start = opening.start;
            while start < opening.end {
                let end = (start + rule.review).min(opening.end);
                while pieces.get(first_piece).is_some_and(|piece| piece.window.end <= start) {
                    first_piece += 1;
                }
                let expected: f64 = pieces[first_piece..]
                    .iter()
                    .take_while(|piece| piece.window.start < end)
                    .map(|piece| {
                        let overlap = piece.window.end.min(end).since(piece.window.start.max(start));
                        let length = piece.window.end.since(piece.window.start);
                        piece.expected * (overlap.as_nanos() as f64 / length.as_nanos() as f64)
                    })
                    .sum();
                let load = error * expected * service_s / end.since(start).as_secs_f64();
                let needed = (load / rule.target_load).ceil() as u32;
                let lanes = needed.saturating_sub(spec.self_checkouts).max(rule.lanes_min).min(spec.lanes);
                changes.push((start, if rule.all_open { spec.lanes } else { lanes }));
                start = end;
            }
        }
    }
    changes
}
