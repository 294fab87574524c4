//! Bulk data of the store that no path may carry now: it piles up, and is caught up over the path that policy allows, after all other
//! traffic and at a bounded rate.

use crate::kernel::driver::Stamped;
use crate::model::bulk::Pile;
use crate::model::ledger::Resynced;
use crate::model::shared::Message;
use crate::model::shared::cell::{Pair, UNLIMITED, airtime};
use crate::model::uplink::Fluid;
use crate::scenario::resolved::{Resync, ResyncOverLte, TrafficClass};
use crate::units::{BitRate, SimTime};

use super::super::Store;
use super::Network;

/// What the store owes, and at which rates.
#[derive(Clone, Debug)]
pub(super) struct Bulk<'a> {
    traffic: &'a [TrafficClass],
    pub(super) over_lte: ResyncOverLte,
    share: f64,
    /// Whether any class piles up.
    on: bool,
    up: Pile,
    down: Pile,
    /// The rates over LTE without it, and those that it would have on top if its cell had room.
    base: (BitRate, BitRate),
    bound: (BitRate, BitRate),
    /// Whether it is caught up over LTE, and what had been caught up altogether when that began; what was over LTE before.
    lte_since: Option<u64>,
    lte: u64,
    /// What had been caught up, also over LTE, when the window began.
    before: (u64, u64),
    /// Whether something waits.
    owes: bool,
    /// When a direction has nothing left.
    pub(super) next: SimTime,
}

impl<'a> Bulk<'a> {
    pub(super) fn new(rule: &Resync, traffic: &'a [TrafficClass], begin: SimTime) -> Self {
        Bulk {
            traffic,
            over_lte: rule.over_lte,
            share: rule.data_share,
            on: traffic.iter().any(|class| class.piles_up),
            up: Pile::new(begin),
            down: Pile::new(begin),
            base: (BitRate(0), BitRate(0)),
            bound: (BitRate(0), BitRate(0)),
            lte_since: None,
            lte: 0,
            before: (0, 0),
            owes: false,
            next: SimTime::NEVER,
        }
    }

    fn caught_up(&self, now: SimTime) -> u64 {
        self.up.caught_up(now) + self.down.caught_up(now)
    }

    fn over_lte(&self, now: SimTime) -> u64 {
        self.lte + self.lte_since.map_or(0, |before| self.caught_up(now) - before)
    }

    fn waits(&self, now: SimTime) -> bool {
        self.up.waiting(now) + self.down.waiting(now) > 0
    }
}

impl Network<'_> {
    /// Other traffic over LTE wants `demand` from now on, and the cell gives `service`.
    pub(super) fn fill_lte(&mut self, now: SimTime, demand: (BitRate, BitRate), service: (BitRate, BitRate)) {
        self.bulk.base = demand;
        if !self.bulk.on {
            self.lte_up.set(now, demand.0, service.0);
            self.lte_down.set(now, demand.1, service.1);
            return;
        }
        // Catching up sets what is offered: set twice, the fraction of a bit under way would be lost.
        self.lte_up.set(now, self.lte_up.offered(), service.0);
        self.lte_down.set(now, self.lte_down.offered(), service.1);
        self.catch_up(now);
    }

    /// What other traffic over LTE wants.
    pub(super) const fn lte_base(&self) -> (BitRate, BitRate) {
        self.bulk.base
    }

    /// Airtime the store needs now: its demand, or all there is while something waits.
    pub(super) fn need(&self, now: SimTime) -> Pair {
        let limit = self.allowance.limit();
        let need = |queue: &Fluid, bound: BitRate, base: BitRate, radio| match limit {
            Some(limit) if queue.is_greedy(now) => airtime(limit, radio),
            None if queue.is_greedy(now) => UNLIMITED,
            Some(limit) => airtime(queue.offered().max((base + bound).min(limit)), radio),
            None => airtime(queue.offered().max(base + bound), radio),
        };
        let radio = self.line().radio;
        let (bound, base) = (self.bulk.bound, self.bulk.base);
        // Before it has joined its cell, only what is offered counts.
        let base = if self.bulk.on { base } else { (BitRate(0), BitRate(0)) };
        Pair {
            up: need(&self.lte_up, bound.0, base.0, radio.0),
            down: need(&self.lte_down, bound.1, base.1, radio.1),
        }
    }

    /// Rates at which classes that pile up are not carried now.
    fn missing(&self) -> (BitRate, BitRate) {
        let mut missing = (BitRate(0), BitRate(0));
        if !self.plant.power {
            return missing;
        }
        let route = self.route();
        let (works, over_lte) = (self.works(route), self.is_over_lte(route));
        let flows = |class: &&TrafficClass| class.piles_up && self.flows_now(class);
        for class in self.bulk.traffic.iter().filter(flows) {
            let on_lte = (class.lte_up, class.lte_down);
            // What a permanent LTE uplink does not let through is not owed.
            let whole = if self.lte_is_primary { on_lte } else { (class.up, class.down) };
            let carried = match (works, over_lte) {
                (true, false) => whole,
                (true, true) => on_lte,
                (false, _) => (BitRate(0), BitRate(0)),
            };
            missing.0 += BitRate(whole.0.0 - carried.0.0);
            missing.1 += BitRate(whole.1.0 - carried.1.0);
        }
        missing
    }

    /// The most that catching up may take each way over the route in use, and what other traffic leaves of it.
    fn open_to_bulk(&self, now: SimTime) -> [(BitRate, BitRate); 2] {
        const NOTHING: [(BitRate, BitRate); 2] = [(BitRate(0), BitRate(0)); 2];
        let route = self.route();
        if !self.works(route) {
            return NOTHING;
        }
        let part = |rate: BitRate| BitRate((rate.0 as f64 * self.bulk.share) as u64);
        let left = |rate: BitRate, base: BitRate| BitRate(rate.0.saturating_sub(base.0));
        if !self.is_over_lte(route) {
            let link = (self.technology.up, self.technology.down);
            let base = (self.wired_up.offered(), self.wired_down.offered());
            return [(part(link.0), left(link.0, base.0)), (part(link.1), left(link.1, base.1))];
        }
        let allowed = self.bulk.over_lte == ResyncOverLte::Allow || self.lte_is_primary;
        if !allowed || !self.attached {
            return NOTHING;
        }
        let most = self.allowance.limit().unwrap_or(BitRate(u64::MAX));
        let one = |queue: &Fluid, radio: BitRate, base: BitRate| {
            let queued = queue.backlog(now) > 0;
            let room = if queued { BitRate(0) } else { left(queue.service(), base) };
            (part(radio).min(most), room)
        };
        let (radio, base) = (self.line().radio, self.bulk.base);
        [one(&self.lte_up, radio.0, base.0), one(&self.lte_down, radio.1, base.1)]
    }

    /// From `now` on what is owed grows, and is caught up, as the paths and policy have it now.
    fn catch_up(&mut self, now: SimTime) {
        let (missing, [up, down]) = (self.missing(), self.open_to_bulk(now));
        let over_lte = self.attached && self.is_over_lte(self.route());
        let flow = |pile: &mut Pile, inflow: BitRate, (bound, room): (BitRate, BitRate)| {
            let waits = pile.waiting(now) > 0;
            let wanted = if waits { bound } else { bound.min(inflow) };
            let outflow = wanted.min(room);
            pile.set(now, inflow, outflow);
            (outflow, wanted)
        };
        let bulk = &mut self.bulk;
        bulk.lte = bulk.over_lte(now);
        let (up_rate, up_wanted) = flow(&mut bulk.up, missing.0, up);
        let (down_rate, down_wanted) = flow(&mut bulk.down, missing.1, down);
        bulk.lte_since = over_lte.then(|| bulk.caught_up(now));
        bulk.next = bulk.up.empties(now).min(bulk.down.empties(now));
        let none = BitRate(0);
        bulk.bound = if over_lte { (up_wanted, down_wanted) } else { (none, none) };
        if self.attached {
            let base = bulk.base;
            let (up_rate, down_rate) = if over_lte { (up_rate, down_rate) } else { (none, none) };
            let service = (self.lte_up.service(), self.lte_down.service());
            self.lte_up.set(now, base.0 + up_rate, service.0);
            self.lte_down.set(now, base.1 + down_rate, service.1);
        }
    }

    /// Whether nothing that piled up waits any more.
    pub(in crate::model::store) fn owes_nothing(&self, now: SimTime) -> bool {
        !self.bulk.on || !self.bulk.waits(now)
    }

    /// The window begins: what was caught up before is nobody's.
    pub(in crate::model::store) fn begin_resync(&mut self, now: SimTime) {
        self.bulk.before = (self.bulk.caught_up(now), self.bulk.over_lte(now));
    }

    /// What has become of bulk data since the window began.
    pub(in crate::model::store) fn resynced(&self, now: SimTime) -> Resynced {
        let bulk = &self.bulk;
        let (before, lte_before) = bulk.before;
        let waiting = bulk.up.waiting(now) + bulk.down.waiting(now);
        let caught_up = bulk.caught_up(now) - before;
        Resynced { piled: caught_up + waiting, caught_up, over_lte: bulk.over_lte(now) - lte_before }
    }
}

impl Store<'_> {
    /// Looks at what is owed after anything about the paths has changed.
    pub(super) fn refresh_bulk(&mut self, now: SimTime, outbox: &mut Vec<Stamped<Message>>) {
        if !self.network.bulk.on {
            return;
        }
        self.network.catch_up(now);
        let bulk = &self.network.bulk;
        let waits = bulk.waits(now);
        if waits || bulk.next < SimTime::NEVER || self.network.missing() != (BitRate(0), BitRate(0)) {
            let behind = !self.network.is_kept_up();
            if behind {
                self.books.incidents.pile_up(now, self.books.state().stage);
            }
            self.network.bulk.owes |= behind || waits;
        }
        if self.network.bulk.owes && !waits && self.network.is_kept_up() {
            self.network.bulk.owes = false;
            if self.tills.replay.count() == 0 {
                self.books.incidents.resync_done(now);
            }
        }
        if self.network.attached {
            self.network.look_at_queues(now);
            self.tell_need(now, outbox);
        }
    }
}

impl Network<'_> {
    /// Whether what is owed does not grow.
    fn is_kept_up(&self) -> bool {
        !self.bulk.up.grows() && !self.bulk.down.grows()
    }
}
