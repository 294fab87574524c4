//! The data plan of the store's LTE line: how much of its allowance is left, and when the line is slowed down.

use crate::kernel::driver::{ResourceIndex, Stamped};
use crate::model::detector::closed;
use crate::model::shared::Message;
use crate::model::shared::pool::{PoolMessage, PoolState};
use crate::model::uplink::Fluid;
use crate::scenario::resolved::{Plan, Scenario, Store as Spec};
use crate::units::{BitRate, SimTime, Span};

use super::super::Store;

/// What a line may carry, and what it has.
#[derive(Clone, Debug)]
pub(super) struct Allowance {
    /// Where its plan's other lines are counted, if they share the allowance.
    pub(super) pool: Option<ResourceIndex>,
    throttle: Option<BitRate>,
    /// Whether it is served before others in a full cell.
    pub(super) first: bool,
    /// Bits left at the beginning of the window, if the line has an allowance of its own.
    left: Option<u64>,
    begin: SimTime,
    /// Probes while it stands by.
    probes: BitRate,
    payments: u64,
    pub(super) throttled: bool,
    /// When it was slowed down.
    pub(super) slowed: Option<SimTime>,
    /// What the pool was told last.
    told: BitRate,
    /// Whether the pool counts this line, and which of its states it has seen.
    pub(super) joined: bool,
    seen: SimTime,
}

/// Rate of the probes over the backup of a store while it stands by, both directions.
pub fn probe_rate(scenario: &Scenario, spec: &Spec) -> BitRate {
    let technology = &scenario.technologies[spec.technology.0 as usize];
    if technology.is_lte || !spec.topology.carries_store_traffic() {
        return BitRate(0);
    }
    let profile = &scenario.profiles[spec.profile.0 as usize];
    let rtt = Span::from_secs_f64(scenario.carriers[spec.carrier.0 as usize].rtt_median_s);
    BitRate(closed::standby_probe_bytes(profile, rtt, closed::MONTH) * 8 / closed::MONTH.as_secs_f64() as u64)
}

/// Bytes that are used of `plan`'s allowance when the window begins.
pub fn used_bytes(plan: &Plan) -> u64 {
    (plan.cap_bytes.unwrap_or(0) as f64 * plan.used) as u64
}

impl Allowance {
    pub(super) fn new(scenario: &Scenario, spec: &Spec, pool: Option<ResourceIndex>, begin: SimTime) -> Self {
        let plan = spec.plan.map(|plan| &scenario.plans[plan.0 as usize]);
        let own = plan.filter(|plan| !plan.pooled);
        let left = own.and_then(|plan| Some((plan.cap_bytes? - used_bytes(plan)) * 8));
        Allowance {
            pool,
            throttle: plan.and_then(|plan| plan.throttle),
            first: plan.is_some_and(|plan| plan.priority),
            left: left.filter(|_| plan.is_some_and(|plan| plan.throttle.is_some())),
            begin,
            probes: probe_rate(scenario, spec),
            payments: 0,
            throttled: false,
            slowed: None,
            told: BitRate(0),
            joined: false,
            seen: SimTime::default(),
        }
    }

    /// The rate to which the line is slowed down now, if it is.
    pub(super) fn limit(&self) -> Option<BitRate> {
        self.throttle.filter(|_| self.throttled)
    }

    fn left_at(&self, now: SimTime, up: &Fluid, down: &Fluid) -> Option<u64> {
        let probes = self.probes.bits_in(now.since(self.begin));
        Some(self.left?.saturating_sub(self.payments + up.carried(now) + down.carried(now) + probes))
    }

    /// Whether the line's own allowance is used up and nothing has come of it yet.
    pub(super) fn is_due(&self, now: SimTime, up: &Fluid, down: &Fluid) -> bool {
        !self.throttled && self.left_at(now, up, down) == Some(0)
    }

    /// When it will be used up if no rate changes.
    pub(super) fn used_up(&self, now: SimTime, up: &Fluid, down: &Fluid) -> SimTime {
        match self.left_at(now, up, down) {
            Some(left) if !self.throttled => {
                let rate = BitRate(self.probes.0 + carry_rate(now, up).0 + carry_rate(now, down).0);
                if rate.0 == 0 { SimTime::NEVER } else { now + rate.time_for(left) }
            }
            Some(_) | None => SimTime::NEVER,
        }
    }
}

/// Bits a second that pass now.
fn carry_rate(now: SimTime, fluid: &Fluid) -> BitRate {
    if fluid.is_greedy(now) { fluid.service() } else { fluid.offered() }
}

impl Store<'_> {
    /// Tells the pool what the line carries now, if that is not what it was told last.
    pub(super) fn tell_pool(&mut self, now: SimTime, outbox: &mut Vec<Stamped<Message>>) {
        let network = &mut self.network;
        let Some(to) = network.allowance.pool.filter(|_| network.allowance.joined) else { return };
        let rate = if network.attached {
            BitRate(carry_rate(now, &network.lte_up).0 + carry_rate(now, &network.lte_down).0)
        } else {
            BitRate(0)
        };
        if rate != network.allowance.told {
            network.allowance.told = rate;
            let message = Message::Pool(PoolMessage::Rate(rate));
            outbox.push(Stamped { at: now, rank: self.rank.0, to, message });
        }
    }

    /// A payment's bits count, too.
    pub(super) fn count_payment(&mut self, now: SimTime, bits: u64, outbox: &mut Vec<Stamped<Message>>) {
        let network = &mut self.network;
        network.allowance.payments += bits;
        if let Some(to) = network.allowance.pool.filter(|_| network.allowance.joined) {
            let message = Message::Pool(PoolMessage::Bits(bits));
            outbox.push(Stamped { at: now, rank: self.rank.0, to, message });
        }
        if network.allowance.is_due(now, &network.lte_up, &network.lte_down) {
            network.queues_change = now;
            self.find_rare();
        }
    }

    /// When the line was slowed down because an allowance was used up.
    #[must_use]
    pub const fn slowed(&self) -> Option<SimTime> {
        self.network.allowance.slowed
    }

    /// The line's own allowance is used up: it is slowed down from now on.
    pub(super) fn slow_down(&mut self, now: SimTime) {
        let network = &mut self.network;
        network.allowance.throttled = true;
        network.allowance.slowed = Some(now);
        let Some(limit) = network.allowance.limit() else { return };
        let (up, down) = (network.lte_up.service().min(limit), network.lte_down.service().min(limit));
        network.set_lte_services(now, network.lte_base(), (up, down));
        network.look_at_queues(now);
    }

    /// Takes over what the pool has published; whether the line has to be slowed down because of it, and when.
    pub(super) fn hear_pool(&mut self, state: PoolState) -> Option<SimTime> {
        let allowance = &mut self.network.allowance;
        if !allowance.joined || state.at <= allowance.seen {
            return None;
        }
        allowance.seen = state.at;
        (state.exhausted && !allowance.throttled).then_some(state.at)
    }
}
