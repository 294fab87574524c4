//! Where between a fault and normal operation a basket was lost, and what would have kept it.

use serde::{Deserialize, Serialize};

use crate::scenario::resolved::Scope;

/// What stood between a customer and her payment when it failed or when she left.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default, Serialize, Deserialize)]
#[repr(u8)]
pub enum LossStage {
    /// The primary did not carry payments, and the store has no other way out.
    NoBackup,
    /// The primary did not carry payments, and traffic was still on it.
    Detection,
    /// Declared down, but the backup was not usable yet, or traffic had not been switched to it.
    BringUp,
    /// Traffic was on LTE, and a payment waited longer there than a terminal does.
    StarvedLte,
    /// The backup was broken, or too weak to work, when it was needed.
    DeadBackup,
    /// The primary worked again, but traffic was not back on it.
    Failback,
    /// The route worked, but the tunnel or the connection that payments take was not there yet.
    Flows,
    /// The path worked; what answers payments did not.
    Service,
    /// Sold on the terminal's own authority and refused by the issuer afterwards.
    OfflineDecline,
    /// A device was down that every way out leads through: the switch, or a router without a way around it.
    RepairWait,
    /// The store had no power.
    Power,
    /// The path worked; what was lost was the queue that an incident had left behind.
    #[default]
    Aftermath,
    /// No incident at the store explains it.
    Unattributed,
}

impl LossStage {
    /// The word in `attribution.csv`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            LossStage::NoBackup => "no_backup",
            LossStage::Detection => "detection",
            LossStage::BringUp => "bring_up",
            LossStage::StarvedLte => "starved_lte",
            LossStage::DeadBackup => "dead_backup",
            LossStage::Failback => "failback",
            LossStage::Flows => "flows",
            LossStage::Service => "service",
            LossStage::OfflineDecline => "offline_decline",
            LossStage::RepairWait => "repair_wait",
            LossStage::Power => "power",
            LossStage::Aftermath => "aftermath",
            LossStage::Unattributed => "unattributed",
        }
    }
}

/// What would have kept a lost basket.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[repr(u8)]
pub enum Helped {
    /// A backup path that is there, that works, that is faster or stronger.
    Lte,
    /// Remote hands that mend the store's own device sooner.
    Oobm,
    /// Terminals that may approve a sale by themselves.
    OfflineAuthorization,
    /// Nothing of these.
    Nothing,
}

impl Helped {
    /// The word in `attribution.csv`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Helped::Lte => "lte",
            Helped::Oobm => "oobm",
            Helped::OfflineAuthorization => "offline_authorization",
            Helped::Nothing => "nothing",
        }
    }

    /// What would have helped in `stage` of an incident. `own`: the store's own people or devices end it, not a provider.
    /// `offline`: terminals may approve by themselves already. `before`: the last stage of the incident in which its path
    /// failed, to which the queue left behind is due.
    #[must_use]
    pub const fn of(stage: LossStage, own: bool, offline: bool, before: LossStage) -> Self {
        match stage {
            LossStage::NoBackup
            | LossStage::Detection
            | LossStage::BringUp
            | LossStage::StarvedLte
            | LossStage::DeadBackup
            | LossStage::Failback
            | LossStage::OfflineDecline => Helped::Lte,
            LossStage::Service | LossStage::Flows if !offline => Helped::OfflineAuthorization,
            LossStage::RepairWait if own => Helped::Oobm,
            LossStage::RepairWait if !offline => Helped::OfflineAuthorization,
            LossStage::Service
            | LossStage::Flows
            | LossStage::RepairWait
            | LossStage::Power
            | LossStage::Unattributed => Helped::Nothing,
            LossStage::Aftermath => match before {
                LossStage::Aftermath | LossStage::Unattributed => Helped::Nothing,
                LossStage::NoBackup
                | LossStage::Detection
                | LossStage::BringUp
                | LossStage::StarvedLte
                | LossStage::DeadBackup
                | LossStage::Failback
                | LossStage::Flows
                | LossStage::Service
                | LossStage::OfflineDecline
                | LossStage::RepairWait
                | LossStage::Power => Helped::of(before, own, offline, LossStage::Aftermath),
            },
        }
    }
}

/// Whether a fault that `remedy` ends is the store's own to mend.
#[must_use]
pub fn is_own(remedy: &str, scope: &str) -> bool {
    remedy != "provider" || scope == Scope::Router.name() || scope == Scope::Switch.name()
}
