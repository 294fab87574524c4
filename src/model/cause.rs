//! What an incident comes from: shared by faults, which have one, and the books, which tell it.

use serde::{Deserialize, Serialize};

use crate::scenario::resolved::{CauseId, Scenario};

/// Where an incident's cause comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum IncidentCause {
    /// A cause of `Scenario::causes`.
    Process(CauseId),
    /// Position in `Scenario::scheduled_faults`.
    Scheduled(u32),
    /// A backup that was dead unnoticed.
    Latent,
    /// No fault: lost probes only.
    FalseAlarm,
}

impl IncidentCause {
    /// Its name, as in output and in the addresses of draws.
    #[must_use]
    pub fn name(self, scenario: &Scenario) -> &str {
        match self {
            IncidentCause::Process(id) => &scenario.causes[id.0 as usize].name,
            IncidentCause::Scheduled(position) => &scenario.scheduled_faults[position as usize].name,
            IncidentCause::Latent => "latent_backup",
            IncidentCause::FalseAlarm => "false_alarm",
        }
    }
}
