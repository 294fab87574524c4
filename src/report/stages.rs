//! The stages of a failover, as summary and charts count them.

use crate::report::tables::incidents::{
    bringup_latency, detection_latency, failback_latency, failover_latency, latency,
};
use crate::scenario::resolved::Scenario;
use crate::simulation::result::{IncidentKind, IncidentRow, ReplicationResult};
use crate::units::Span;

/// A stretch of an incident's life.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Stage {
    /// Fault onset until the uplink is declared down.
    Detection,
    /// Declared down until the backup path is usable.
    BringUp,
    /// Backup usable and uplink declared down until traffic flows over the backup.
    Switch,
    /// Fault onset until traffic flows over the backup.
    Failover,
    /// Repair until traffic flows over the primary again.
    Failback,
}

impl Stage {
    /// In order of time, the whole after its parts.
    pub const ALL: [Stage; 5] =
        [Stage::Detection, Stage::BringUp, Stage::Switch, Stage::Failover, Stage::Failback];

    /// The word in metrics' names.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Stage::Detection => "detection",
            Stage::BringUp => "bringup",
            Stage::Switch => "switch",
            Stage::Failover => "failover",
            Stage::Failback => "failback",
        }
    }

    /// The word for people.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Stage::Detection => "detection",
            Stage::BringUp => "bring-up",
            Stage::Switch => "switch",
            Stage::Failover => "failover",
            Stage::Failback => "failback",
        }
    }

    /// How long the stage took in this incident; `None` if it was not completed.
    #[must_use]
    pub fn latency(self, row: &IncidentRow) -> Option<Span> {
        match self {
            Stage::Detection => detection_latency(row),
            Stage::BringUp => bringup_latency(row),
            Stage::Switch => latency(row.detected.max(row.backup_ready), row.failover),
            Stage::Failover => failover_latency(row),
            Stage::Failback => failback_latency(row),
        }
    }
}

/// Each counted incident's latency in `stage`.
///
/// Counted are faults at stores with a wired primary that traffic was moved for, in time or late, with their onset
/// inside the window: false alarms have no onset to count from, and of faults from the lead-in only the
/// long ones are seen.
pub fn latencies<'a>(
    scenario: &'a Scenario,
    replication: &'a ReplicationResult,
    stage: Stage,
) -> impl Iterator<Item = (&'a IncidentRow, Span)> {
    replication
        .incidents
        .iter()
        .filter(|incident| is_counted(scenario, incident))
        .filter_map(move |incident| stage.latency(incident).map(|latency| (incident, latency)))
}

fn is_counted(scenario: &Scenario, incident: &IncidentRow) -> bool {
    let store = &scenario.stores[incident.store.0 as usize];
    let moved = match incident.kind {
        IncidentKind::Failover | IncidentKind::LateFailover => true,
        IncidentKind::FalseFailover | IncidentKind::NoFailover | IncidentKind::Masked => false,
    };
    moved
        && !scenario.technologies[store.technology.0 as usize].is_lte
        && incident.fault >= scenario.window.start
}
