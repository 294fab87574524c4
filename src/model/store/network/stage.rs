//! The state in which time is booked, and what keeps payments from their answers: physics, what answers them, then where
//! failover stands.

use crate::model::failover::Route;
use crate::model::flows::Ride;
use crate::model::ledger::{LossStage, PathState};
use crate::model::path::Answering;
use crate::scenario::resolved::ServiceId;
use crate::units::SimTime;

use super::super::service_use::Served;
use super::Network;

impl Network<'_> {
    /// What answers payments at service `id`, the service itself aside.
    pub(in crate::model::store) fn answering(&self, id: ServiceId) -> Answering {
        self.plant.answering(id)
    }

    /// What answers payments at the service that is asked first.
    pub(super) fn answering_first(&self) -> Answering {
        self.plant.answering(self.service)
    }

    /// Since when the way into the service that is asked first is dead.
    pub(in crate::model::store) fn entrance_dead_since(&self) -> Option<SimTime> {
        self.plant.entrance_dead_since(self.service)
    }

    /// Whether something answers payments that get as far as that.
    pub(super) fn is_answered(&self) -> bool {
        match self.served {
            Served::Well | Served::SpareLimps | Served::Limping => self.answering_first().alive,
            Served::Elsewhere => self.plant.answers_at_all(),
            Served::Nobody => false,
        }
    }

    /// Whether the primary is held to be up.
    pub(in crate::model::store) const fn is_declared_up(&self) -> bool {
        self.declared_up
    }

    /// Where failover stands, for whoever watches.
    pub(in crate::model::store) const fn failover_stage(&self) -> &'static str {
        self.controller.stage_name()
    }

    pub(in crate::model::store) fn state(&self, now: SimTime) -> PathState {
        let (route, ride) = (self.route(), self.ride(now));
        // A connection that goes on only after a terminal has stopped waiting is no use yet.
        let passes = ride.leaves.is_some_and(|at| at <= now + self.timeout);
        PathState {
            open: self.open,
            dark: !self.works(Route::Primary) && !self.works(Route::Backup),
            answers: passes && self.is_answered() && !(self.is_over_lte(ride.via) && self.starved),
            on_lte: self.works(route) && self.is_over_lte(route),
            stuck: self.has_flows_stuck(),
            stage: self.loss_stage(route, &ride, passes),
        }
    }

    /// The stage in which a payment sent over the `route` in use, or on what is kept (`ride`, which `passes` or not), or a customer
    /// who leaves now is lost.
    fn loss_stage(&self, route: Route, ride: &Ride, passes: bool) -> LossStage {
        if !self.plant.power {
            return LossStage::Power;
        }
        if self.plant.dead_tills == u128::MAX {
            return LossStage::RepairWait;
        }
        if !self.plant.switch || (!self.plant.router && self.in_router) {
            return LossStage::RepairWait;
        }
        if !passes && self.works(route) {
            return LossStage::Flows;
        }
        let route = if passes { ride.via } else { route };
        if self.works(route) {
            if self.is_over_lte(route) && self.starved {
                return LossStage::StarvedLte;
            }
            let link = if route == Route::Backup { self.lte_link() } else { &self.plant.primary };
            if link.fault_loss == 0.0 && link.extra_rtt.is_zero() {
                let answered = match self.served {
                    Served::Well | Served::SpareLimps => self.answering_first() == Answering::HEALTHY,
                    Served::Elsewhere => self.plant.answers_at_all(),
                    Served::Limping | Served::Nobody => false,
                };
                return if answered { LossStage::Aftermath } else { LossStage::Service };
            }
        }
        match route {
            Route::Backup => LossStage::DeadBackup,
            Route::Primary | Route::Unreachable if !self.has_backup => {
                // The router may not have seen yet that the link is back.
                let back = route == Route::Unreachable && self.works(Route::Primary);
                if back { LossStage::Failback } else { LossStage::NoBackup }
            }
            Route::Unreachable if self.controller.is_restoring() => LossStage::Failback,
            Route::Primary | Route::Unreachable if !self.backup_alive() => LossStage::DeadBackup,
            Route::Primary => LossStage::Detection,
            Route::Unreachable => LossStage::BringUp,
        }
    }
}
