//! What an incident comes from: shared by faults, which have one, and the books, which tell it.

use crate::scenario::resolved::CauseId;

/// Where an incident's cause comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
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
