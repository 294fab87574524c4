//! The stages of a failover, as summary and charts count them.

use crate::measure::survival::End;
use crate::report::tables::incidents::{
    bringup_latency, detection_latency, failback_latency, failover_latency, latency,
};
use crate::scenario::resolved::Scenario;
use crate::simulation::result::{IncidentCause, IncidentKind, IncidentRow, ReplicationResult};
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

/// How long each fault lasted that a failover might have been made for, and what ended that: traffic moved because of it (in time or late),
/// it was over first, or the run ended before either. In nanoseconds.
///
/// Of faults of the way to the primary at stores with a wired primary and a backup for their traffic, with onset inside the window; without
/// those hidden by others. Over is a fault that is repaired and not about to be failed over any more. A router that takes its backup
/// along is among them: what it does to a failover is to make it come too late.
pub fn spells<'a>(
    scenario: &'a Scenario,
    replication: &'a ReplicationResult,
) -> impl Iterator<Item = (&'a IncidentRow, u64, End)> {
    let at_risk = |incident: &&IncidentRow| is_counted(scenario, incident) || is_at_risk(scenario, incident);
    replication.incidents.iter().filter(at_risk).map(|incident| {
        let moved = Stage::Failover.latency(incident);
        let over = incident
            .repaired
            .filter(|_| !incident.censored)
            .map(|at| Some(at).max(incident.recovery_detected));
        let (span, end) = match (moved, latency(Some(incident.fault), over.flatten())) {
            (Some(moved), _) => (moved, End::Event),
            (None, Some(over)) => (over, End::Other),
            (None, None) => (scenario.window.end.since(incident.fault), End::Censored),
        };
        (incident, span.as_nanos(), end)
    })
}

/// Whether the fault was over before its uplink was declared down, if it ever was.
#[must_use]
pub fn was_over_unnoticed(incident: &IncidentRow) -> bool {
    let noticed = |repaired| incident.detected.is_some_and(|detected| detected < repaired);
    incident.failover.is_none() && incident.repaired.is_some_and(|repaired| !noticed(repaired))
}

fn is_at_risk(scenario: &Scenario, incident: &IncidentRow) -> bool {
    let store = &scenario.stores[incident.store.0 as usize];
    incident.kind == IncidentKind::NoFailover
        && incident.cause != IncidentCause::FalseAlarm
        && ["primary", "both", "router"].contains(&incident.uplink)
        && store.topology.carries_store_traffic()
        && !scenario.technologies[store.technology.0 as usize].is_lte
        && incident.fault >= scenario.window.start
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
