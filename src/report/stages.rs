//! The stages of a failover, as summary and charts count them.

use crate::measure::survival::End;
use crate::report::tables::incidents::{
    bringup_latency, detection_latency, failback_latency, failover_latency, latency,
};
use crate::scenario::resolved::{Failback, Scenario};
use crate::simulation::result::{IncidentCause, IncidentKind, IncidentRow, ReplicationResult};
use crate::units::{SimTime, Span};

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

/// Each counted incident's latency in `stage`, of what was completed alone; what the end of a run hid is in [`spells`].
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

/// How long each incident lasted, in nanoseconds, until it was known whether it has a latency in `stage`, and how that ended: it
/// has one, something else came first, or the run ended before either.
///
/// *The way out* (detection, bring-up, switch and failover alike): faults of the way to the primary at stores with a wired primary and a
/// backup for their traffic, with onset inside the window, without those hidden by others; from onset until traffic moved because of
/// it, in time or late, or it was over first. Over is a fault that is repaired and not about to be failed over any more. A router
/// that takes its backup along is among them: what it does to a failover is to make it come too late.
///
/// A part of the way out is one of a failover, so it has the spell of the whole, not one of its own: before traffic moves nobody
/// knows whether what was noticed will be failed over. It also keeps censoring apart from what is measured. Seen from when the uplink was
/// declared down, the time left to the end of the run is the shorter the longer detection took, and a store that notices late is
/// often one that brings its backup up late (D. Y. Lin, W. Sun and Z. Ying, Biometrika 86, 1999); from the onset it is not. So each
/// failover stands for as many with each of its parts (Y. Huang and T. A. Louis on marks, Biometrika 85, 1998).
///
/// *The way back*: incidents of the way out whose traffic was moved and whose fault was repaired within the run; from the repair until
/// traffic is back. Another fault of the primary's line in between is no other end: it is hidden (traffic had left) and has no way back of
/// its own, so that this incident's is longer by it, and if the run ends before traffic is back, no more is known of it than that it
/// lasted so long. Another end is one after which the row gets no way back: traffic had left the backup, too, for a change of SIM, when
/// the primary came up. Left out are those whose profile never leads traffic back, unless it came back all the same (a router
/// that starts again begins with its primary).
pub fn spells<'a>(
    scenario: &'a Scenario,
    replication: &'a ReplicationResult,
    stage: Stage,
) -> impl Iterator<Item = (&'a IncidentRow, u64, End)> {
    let spell = move |incident| match stage {
        Stage::Detection | Stage::BringUp | Stage::Switch | Stage::Failover => way_out(scenario, incident),
        Stage::Failback => way_back(scenario, incident),
    };
    let with_row = move |incident| spell(incident).map(|(span, end)| (incident, span.as_nanos(), end));
    replication.incidents.iter().filter_map(with_row)
}

fn way_out(scenario: &Scenario, incident: &IncidentRow) -> Option<(Span, End)> {
    if !is_counted(scenario, incident) && !is_at_risk(scenario, incident) {
        return None;
    }
    let moved = Stage::Failover.latency(incident);
    let over = incident.repaired.filter(|_| !incident.censored);
    let over = over.map(|at| Some(at).max(incident.recovery_detected));
    Some(match (moved, latency(Some(incident.fault), over.flatten())) {
        (Some(moved), _) => (moved, End::Event),
        (None, Some(over)) => (over, End::Other),
        (None, None) => (scenario.window.end.since(incident.fault), End::Censored),
    })
}

fn way_back(scenario: &Scenario, incident: &IncidentRow) -> Option<(Span, End)> {
    let repaired = incident.repaired.filter(|_| is_counted(scenario, incident))?;
    let store = &scenario.stores[incident.store.0 as usize];
    let stays = scenario.profiles[store.profile.0 as usize].failback == Failback::Never;
    match Stage::Failback.latency(incident) {
        Some(back) => Some((back, End::Event)),
        None if stays => None,
        None if incident.censored => Some((scenario.window.end.since(repaired), End::Censored)),
        None => {
            let up = latency(Some(repaired), incident.recovery_detected);
            Some((up.unwrap_or(Span::ZERO), End::Other))
        }
    }
}

/// Which incidents may stand for each other in `stage`: those with the same number.
///
/// Whoever leads traffic back in certain hours of the day only keeps it waiting until they come, and a run ends at midnight:
/// what its end cuts off is not any way back, but one that had the same wait before it as others of the same hour on other days. Only
/// those stand for it. Everything else may stand for everything.
#[must_use]
pub fn alike(scenario: &Scenario, incident: &IncidentRow, stage: Stage) -> u64 {
    const AN_HOUR: Span = Span::from_secs(3_600);
    let hours = &scenario.stores[incident.store.0 as usize].failback_hours;
    let wait = |repaired: SimTime| {
        let next = hours.iter().find(|hours| hours.end > repaired)?;
        Some(1 + next.start.since(repaired).as_nanos() / AN_HOUR.as_nanos())
    };
    match stage {
        Stage::Detection | Stage::BringUp | Stage::Switch | Stage::Failover => 0,
        Stage::Failback => incident.repaired.and_then(wait).unwrap_or(0),
    }
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
