//! What the operations centre did, over the whole fleet; only if there is one.

use super::metrics::{SECONDS_PER_HOUR, mean, per_replication, proportion};
use super::terminal::Page;
use super::{Group, Summary, Unit};
use crate::scenario::resolved::Scenario;
use crate::simulation::result::{HourRow, Remedy, ReplicationResult, RunResult};
use crate::units::Span;

/// The group `noc`.
pub(super) fn noc(scenario: &Scenario, result: &RunResult) -> Option<Group> {
    scenario.noc.as_ref()?;
    let count = |of: fn(&ReplicationResult) -> usize| per_replication(result, |one| of(one) as f64);
    let tickets = count(|one| one.tickets.len());
    let waited = count(|one| {
        one.tickets
            .iter()
            .filter(|row| row.acknowledged.is_some() && row.in_progress != row.acknowledged)
            .count()
    });
    let mut metrics = vec![
        mean("tickets", Unit::Tickets, &tickets),
        mean("tickets_waited", Unit::Tickets, &waited),
        proportion("tickets_waited_share", &waited, &tickets),
    ];
    for remedy in [Remedy::Remote, Remedy::Staff, Remedy::OnSite, Remedy::Provider] {
        let mended = per_replication(result, |one| {
            one.tickets.iter().filter(|row| row.remedy == Some(remedy)).count() as f64
        });
        metrics.push(mean(&format!("tickets_{}", remedy.name()), Unit::Tickets, &mended));
    }
    let rolls = count(|one| one.tickets.iter().filter(|row| row.dispatched.is_some()).count());
    metrics.push(mean("truck_rolls", Unit::Tickets, &rolls));
    let total = |of: fn(&HourRow) -> Span| {
        per_replication(result, |one| one.noc_hours.iter().map(|row| of(row).as_secs_f64()).sum())
    };
    let (busy, on_duty) = (total(|row| row.busy), total(|row| row.on_duty));
    let hours: Vec<f64> = busy.iter().map(|seconds| seconds / SECONDS_PER_HOUR).collect();
    metrics.push(mean("engineer_time", Unit::PersonHours, &hours));
    metrics.push(proportion("engineer_time_share", &busy, &on_duty));
    Some(Group { name: "noc", metrics })
}

impl Summary {
    pub(super) fn noc_section(&self, page: &mut Page<'_>) {
        let Some(waited) = self.value("noc", "tickets_waited") else { return };
        page.heading("Operations centre");
        for (label, name) in [
            ("tickets", "tickets"),
            ("  mended over a console", "tickets_remote"),
            ("  by somebody at the store", "tickets_staff"),
            ("  by a technician", "tickets_on_site"),
            ("  by the provider", "tickets_provider"),
            ("technicians sent", "truck_rolls"),
        ] {
            page.metric(label, self.metric("noc", name), None);
        }
        let share = self.share_note("noc", "engineer_time");
        page.metric(
            "engineers' time, of that on duty",
            self.metric("noc", "engineer_time"),
            share.as_deref(),
        );
        let share = self.share_note("noc", "tickets_waited");
        page.metric("waited for an engineer", self.metric("noc", "tickets_waited"), share.as_deref());
        if waited.estimate == 0.0 {
            page.line("  No ticket waited for an engineer: more of them would change nothing.");
        }
    }
}
