//! What keeps payments from their answers at this instant: physics, then where failover stands.

use crate::model::failover::Route;
use crate::model::ledger::LossStage;
use crate::model::path::Answering;

use super::Network;

impl Network<'_> {
    /// The stage in which a payment sent over `route`, the one in use, or a customer who leaves now is lost.
    pub(super) fn loss_stage(&self, route: Route) -> LossStage {
        if !self.plant.power {
            return LossStage::Power;
        }
        if self.plant.dead_tills == u128::MAX {
            return LossStage::RepairWait;
        }
        if !self.plant.switch || (!self.plant.router && self.in_router) {
            return LossStage::RepairWait;
        }
        if self.works(route) {
            if self.is_over_lte(route) && self.starved {
                return LossStage::StarvedLte;
            }
            let link = if route == Route::Backup { self.lte_link() } else { &self.plant.primary };
            if link.fault_loss == 0.0 && link.extra_rtt.is_zero() {
                let answered = self.plant.service == Answering::HEALTHY;
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
