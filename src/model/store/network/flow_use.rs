//! The store's flows: what they find, how payments ride on them, and what of other traffic they keep on LTE.

use crate::kernel::driver::Stamped;
use crate::model::failover::Route;
use crate::model::flows::class::ClassFlow;
use crate::model::flows::connection::Connection;
use crate::model::flows::tunnel::Tunnel;
use crate::model::flows::{Chance, Change, Flows, Paths, Ride};
use crate::model::payment::RoundTrip;
use crate::model::shared::Message;
use crate::scenario::resolved::{self, Scenario, Standby};
use crate::units::{BitRate, SimTime};

use super::super::Store;
use super::Network;

/// What a store keeps open, if it does; `bound`: LTE is in another device than the edge router.
pub(super) fn flows_of(scenario: &Scenario, spec: &resolved::Store, bound: bool) -> Option<Box<Flows>> {
    let profile = &scenario.profiles[spec.profile.0 as usize];
    let traffic = &spec.traffic;
    let tunnel = profile.tunnel.map(|rule| Tunnel::new(rule, bound));
    let connection = scenario.payments.kept.map(Connection::new);
    let classes = traffic.iter().map(|class| ClassFlow::new(class.kept)).collect();
    Flows::new(tunnel, connection, classes).map(Box::new)
}

impl Network<'_> {
    /// Whether the data call over LTE is up, or would be if the carrier let it.
    const fn has_call(&self) -> bool {
        match self.spec.standby {
            Standby::Hot | Standby::HotActive => true,
            Standby::Cold | Standby::RadioOff | Standby::Warm => self.controller.uses_backup(),
        }
    }

    fn paths(&self) -> Paths {
        Paths {
            route: self.route(),
            primary: self.primary_alive(),
            backup: self.backup_alive() && self.has_call(),
            call: self.call,
            lan: self.plant.switch,
            device: self.plant.router,
            power: self.plant.power,
        }
    }

    fn chance(&self) -> Chance {
        Chance {
            key: self.key,
            uplink: self.uplink,
            primary: self.round_trip(Route::Primary),
            backup: self.round_trip(Route::Backup),
        }
    }

    /// How long a packet and its answer take over `route`, queues aside.
    #[inline]
    pub(super) fn round_trip(&self, route: Route) -> RoundTrip {
        let link = if route == Route::Backup { self.lte_link() } else { &self.plant.primary };
        if self.is_over_lte(route) {
            RoundTrip::Lte {
                ln_median_s: self.line().ln_rtt_s,
                sigma: self.lte.rtt_sigma,
                extra: link.extra_rtt,
            }
        } else {
            RoundTrip::Wired { base: self.technology.rtt + link.extra_rtt, jitter: self.technology.jitter }
        }
    }

    /// What is due at the flows.
    pub(super) fn handle_flows(&mut self, now: SimTime) {
        if let Some(mut flows) = self.flows.take() {
            flows.handle(now, &self.paths(), &self.chance());
            self.flows = Some(flows);
        }
    }

    /// Lets the flows see what has become of the paths.
    fn look_at_flows(&mut self, now: SimTime) -> (Change, u64) {
        let Some(mut flows) = self.flows.take() else { return Default::default() };
        if !self.has_call() || self.modem.is_lost() {
            self.call = self.call.wrapping_add(1);
        }
        let flush = self.profile.flush_flows && self.route() != self.noted_route;
        flows.look(now, &self.paths(), flush, &self.chance());
        let news = (flows.take_change(), flows.take_ended());
        self.flows = Some(flows);
        news
    }

    /// How a payment goes that is sent now.
    #[inline]
    pub(in crate::model::store) fn ride(&self, now: SimTime) -> Ride {
        let kept = self.flows.as_ref().and_then(|flows| flows.ride(now, &self.paths()));
        kept.unwrap_or_else(|| {
            let via = self.route();
            Ride { via, leaves: self.works(via).then_some(now) }
        })
    }

    /// How an attempt goes on that was sent over `via`.
    pub(in crate::model::store) fn ride_of(&self, now: SimTime, via: Route) -> Ride {
        if self.carries_payments() {
            self.ride(now)
        } else {
            Ride { via, leaves: self.works(via).then_some(now) }
        }
    }

    /// Whether payments share a flow, so that its fate is theirs.
    pub(in crate::model::store) fn carries_payments(&self) -> bool {
        self.flows.as_ref().is_some_and(|flows| flows.carry_payments())
    }

    /// Whether flows are not, or not all, where the route leads.
    pub(super) fn has_flows_astray(&self) -> bool {
        self.flows.as_ref().is_some_and(|flows| !flows.are_settled(&self.paths()))
    }

    /// Whether flows that live go over LTE although the route does not.
    pub(super) fn has_flows_stuck(&self) -> bool {
        let stuck = |flows: &Flows| flows.uses(Route::Backup, &self.paths());
        !self.is_over_lte(self.route()) && self.flows.as_deref().is_some_and(stuck)
    }

    /// Rates of background traffic on LTE, up and down.
    pub(super) fn lte_demand(&self, traffic: &[resolved::TrafficClass]) -> (BitRate, BitRate) {
        let Some(flows) = &self.flows else {
            return self.sum(traffic, |class| (class.lte_up, class.lte_down));
        };
        let paths = self.paths();
        let via = if self.lte_is_primary { Route::Primary } else { Route::Backup };
        let mut total = (BitRate(0), BitRate(0));
        for (number, class) in traffic.iter().enumerate().filter(|(_, class)| self.flows_now(class)) {
            let share = flows.share_over(number, via, &paths);
            let part = |rate: BitRate| BitRate((rate.0 as f64 * share) as u64);
            total.0 += part(class.lte_up);
            total.1 += part(class.lte_down);
        }
        total
    }
}

impl Store<'_> {
    /// Lets the flows see what has become of the paths, and tells books and cell.
    pub(super) fn refresh_flows(&mut self, now: SimTime, outbox: &mut Vec<Stamped<Message>>) -> Change {
        if self.network.flows.is_none() {
            return Change::default();
        }
        let (change, ended) = self.network.look_at_flows(now);
        if self.network.started && ended > 0 {
            self.books.day_book().flow_breaks += ended;
        }
        if self.network.attached {
            let demand = self.network.lte_demand(&self.spec.traffic);
            if demand != self.network.lte_base() {
                self.bring_books_up_to(now);
                let network = &mut self.network;
                let service = (network.lte_up.service(), network.lte_down.service());
                network.fill_lte(now, demand, service);
                network.look_at_queues(now);
                self.tell_need(now, outbox);
            }
        }
        change
    }

    /// A payment was sent at `now`, and no answer will come.
    pub(in crate::model::store) fn miss_answer(&mut self, now: SimTime) {
        if self.network.flows.as_mut().is_some_and(|flows| flows.send(now)) {
            self.find_rare();
        }
    }
}
