//! The store's use of its LTE cell: joining, taking over what it publishes, payments' bytes, leaving.

use crate::kernel::driver::{ResourceIndex, Stamped};
use crate::model::failover::Route;
use crate::model::faults::Fault;
use crate::model::shared::cell::{CellMessage, Pair};
use crate::model::shared::{Message, Published};
use crate::units::{BitRate, SimTime, Span};

use super::super::Store;

/// What the cell would have carried for the store while the store used it.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::model::store) struct Given {
    /// The rates now, up and down, and since when; `None` while the store does not use its cell.
    now: Option<(SimTime, BitRate, BitRate)>,
    up_bits: u64,
    down_bits: u64,
    time: Span,
}

impl Given {
    /// From `now` on the cell gives these rates.
    pub(super) fn count(&mut self, now: SimTime, (up, down): (BitRate, BitRate)) {
        self.stop(now);
        self.now = Some((now, up, down));
    }

    /// The store leaves its cell.
    fn stop(&mut self, now: SimTime) {
        let Some((since, up, down)) = self.now.take() else { return };
        let elapsed = now.since(since);
        self.up_bits += up.bits_in(elapsed);
        self.down_bits += down.bits_in(elapsed);
        self.time += elapsed;
    }

    /// Mean rates, up and down, of the time that is over.
    pub(in crate::model::store) fn mean(&self) -> Option<(BitRate, BitRate)> {
        let nanos = u128::from(self.time.as_nanos());
        let rate = |bits: u64| BitRate((u128::from(bits) * 1_000_000_000 / nanos) as u64);
        (nanos > 0).then(|| (rate(self.up_bits), rate(self.down_bits)))
    }
}

impl Store<'_> {
    /// The resource that was waited for may be used from `at`, which is now; what comes next is looked for afterwards.
    pub(in crate::model::store) fn use_resource(
        &mut self,
        resource: ResourceIndex,
        at: SimTime,
        board: &[Published],
        outbox: &mut Vec<Stamped<Message>>,
    ) {
        if self.network.desk.is(resource) {
            return self.raise_alarms(at, outbox);
        }
        if self.network.joining.is_none() {
            match self.network.candidate.take() {
                Some((_, fault)) => self.weigh_candidate(at, &fault, board, outbox),
                None => self.join_pool(at, board, outbox),
            }
            return;
        }
        let traffic = &self.spec.traffic;
        let network = &mut self.network;
        network.joining = None;
        let Some(to) = network.line().cell else { return };
        let Published::Cell(share) = board[to.0 as usize] else { return };
        let demand = network.lte_demand(traffic);
        let first = network.allowance.first;
        (network.attached, network.since_attached, network.cell) = (true, at, Some(to));
        network.set_lte_rates(at, demand, share.of(first, false));
        network.applied = share.at;
        network.look_at_queues(at);
        let (need, bursts) = (network.need(at), network.bursts());
        network.told = need;
        let message = Message::Cell(CellMessage::Join { need, bursts, first });
        outbox.push(Stamped { at, rank: self.rank.0, to, message });
        self.refresh_path(at, outbox);
    }

    /// Whether a candidate is a fault at the load that the first SIM's cell has published.
    fn weigh_candidate(
        &mut self,
        at: SimTime,
        fault: &Fault,
        board: &[Published],
        outbox: &mut Vec<Stamped<Message>>,
    ) {
        let Some(cell) = self.network.connections.cell else { return };
        let Published::Cell(share) = board[cell.0 as usize] else { return };
        if fault.from_load.is_some_and(|from| share.load >= from) {
            self.begin_fault(at, fault);
            self.tell_path(at, outbox);
            self.refresh_path(at, outbox);
        }
    }

    /// The pool may be told from `at`, which is now, what the line carries.
    fn join_pool(&mut self, at: SimTime, board: &[Published], outbox: &mut Vec<Stamped<Message>>) {
        self.network.allowance.joined = true;
        self.tell_pool(at, outbox);
        self.apply_pool(at, board, outbox);
    }

    /// Slows the line down if the pool has said that its allowance is used up.
    fn apply_pool(&mut self, now: SimTime, board: &[Published], outbox: &mut Vec<Stamped<Message>>) {
        let Some(pool) = self.network.allowance.pool.filter(|_| self.network.attached) else { return };
        let Published::Pool(state) = board[pool.0 as usize] else { return };
        if let Some(at) = self.hear_pool(state) {
            let at = at.max(now);
            self.bring_books_up_to(at);
            self.slow_down(at);
            self.tell_need(at, outbox);
            self.refresh_path(at, outbox);
            self.find_rare();
        }
    }

    pub(in crate::model::store) fn leave_cell(&mut self, now: SimTime, outbox: &mut Vec<Stamped<Message>>) {
        let network = &mut self.network;
        let (true, Some(to)) = (network.attached, network.cell) else { return };
        network.lte_up.stop(now);
        network.lte_down.stop(now);
        network.given.stop(now);
        network.attached = false;
        network.look_at_queues(now);
        self.tell_pool(now, outbox);
        self.network.allowance.joined = false;
        outbox.push(Stamped { at: now, rank: self.rank.0, to, message: Message::Cell(CellMessage::Leave) });
    }

    /// Takes over what the cell has published since the last time.
    pub(in crate::model::store) fn apply_share(
        &mut self,
        board: &[Published],
        outbox: &mut Vec<Stamped<Message>>,
    ) {
        self.apply_pool(SimTime::default(), board, outbox);
        let network = &mut self.network;
        let (true, Some(cell)) = (network.attached, network.cell) else { return };
        let Published::Cell(share) = board[cell.0 as usize] else { return };
        let (level, at) = (share.of(network.allowance.first, true), share.at);
        if at <= network.applied {
            return;
        }
        let moved = network.is_moved_by(cell, &share);
        network.applied = at;
        if !moved {
            return;
        }
        // What was carried at the old rates belongs to the time before.
        self.bring_books_up_to(at);
        let network = &mut self.network;
        network.set_lte_rates(at, network.lte_base(), level);
        network.look_at_queues(at);
        self.tell_need(at, outbox);
        self.refresh_path(at, outbox);
        self.find_rare();
    }

    /// Tells the cell what the store needs now, if that is not what it was told last.
    pub(in crate::model::store) fn tell_need(&mut self, now: SimTime, outbox: &mut Vec<Stamped<Message>>) {
        let network = &mut self.network;
        let (true, Some(to)) = (network.attached, network.cell) else { return };
        let need = network.need(now);
        if need != network.told {
            network.told = need;
            let message = Message::Cell(CellMessage::Need(need));
            outbox.push(Stamped { at: now, rank: self.rank.0, to, message });
        }
        self.tell_pool(now, outbox);
    }

    /// A payment's bytes over LTE.
    pub(in crate::model::store) fn carry_payment(
        &mut self,
        now: SimTime,
        via: Route,
        outbox: &mut Vec<Stamped<Message>>,
    ) {
        let network = &self.network;
        let (true, Some(to)) = (network.attached && self.is_lte(via), network.cell) else {
            return;
        };
        let bytes = self.scenario.payments.bytes;
        self.books.carry(now, 2 * bytes);
        let nanos = |radio: BitRate| radio.time_for(bytes * 8).as_nanos();
        let radio = network.line().radio;
        let airtime = Pair { up: nanos(radio.0), down: nanos(radio.1) };
        let message = Message::Cell(CellMessage::Burst(airtime));
        outbox.push(Stamped { at: now, rank: self.rank.0, to, message });
        if self.spec.plan.is_some() {
            self.count_payment(now, 2 * bytes * 8, outbox);
        }
    }

    pub(in crate::model::store) fn set_open(
        &mut self,
        now: SimTime,
        open: bool,
        outbox: &mut Vec<Stamped<Message>>,
    ) {
        let traffic = &self.spec.traffic;
        self.network.open = open;
        self.refresh_path(now, outbox);
        let network = &mut self.network;
        let wired = network.sum(traffic, |class| (class.up, class.down));
        network.wired_up.set(now, wired.0, network.technology.up);
        network.wired_down.set(now, wired.1, network.technology.down);
        self.look_at_link(now);
        let network = &mut self.network;
        if !network.attached {
            self.refresh_bulk(now, outbox);
            return;
        }
        let demand = network.lte_demand(traffic);
        let service = (network.lte_up.service(), network.lte_down.service());
        network.fill_lte(now, demand, service);
        network.look_at_queues(now);
        self.tell_need(now, outbox);
        self.refresh_path(now, outbox);
    }
}
