//! What the operations centre leaves behind: tickets, and hours of work.

use serde::{Deserialize, Serialize};

use crate::model::cause::IncidentCause;
use crate::scenario::resolved::{PlaybookId, StoreRank};
use crate::units::{SimTime, Span};

use super::{Alarm, Remedy};

const HOUR: Span = Span::from_secs(3_600);

/// One ticket. Instants that were not reached within the run are `None`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TicketRow {
    /// Where.
    pub store: StoreRank,
    /// What broke.
    pub cause: IncidentCause,
    /// When it broke.
    pub onset: SimTime,
    /// What is done about it; `None` if the provider mends it.
    pub playbook: Option<PlaybookId>,
    /// From 1, the highest.
    pub priority: u8,
    /// Whether some of the store's sales were not at risk when it was opened.
    pub degraded: bool,
    /// The alarm.
    pub opened: SimTime,
    /// Somebody has looked at it.
    pub acknowledged: Option<SimTime>,
    /// An engineer began to work on it.
    pub in_progress: Option<SimTime>,
    /// A technician set out.
    pub dispatched: Option<SimTime>,
    /// The fault was over.
    pub resolved: Option<SimTime>,
    /// The ticket was closed.
    pub closed: Option<SimTime>,
    /// Who ended the fault.
    pub remedy: Option<Remedy>,
    /// Engineers' time.
    pub engineer: Span,
    /// When the engineer's present work would end.
    pub(super) planned_end: SimTime,
}

impl TicketRow {
    pub(super) fn opened(store: StoreRank, alarm: &Alarm, now: SimTime, priority: u8) -> Self {
        TicketRow {
            store,
            cause: alarm.cause,
            onset: alarm.onset,
            playbook: alarm.playbook,
            priority,
            degraded: alarm.at_risk < 1.0,
            opened: now,
            acknowledged: None,
            in_progress: None,
            dispatched: None,
            resolved: None,
            closed: None,
            remedy: None,
            engineer: Span::ZERO,
            planned_end: now,
        }
    }

    pub(super) fn resolve(&mut self, at: SimTime, remedy: Remedy) {
        self.resolved = Some(at);
        self.remedy = Some(remedy);
    }
}

/// One hour of the centre. Times are summed over tickets or people.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HourRow {
    /// When it began.
    pub start: SimTime,
    /// Tickets opened in it.
    pub opened: u32,
    /// Most tickets that waited for an engineer at once.
    pub waiting_max: u32,
    /// Tickets' time in the queue for an engineer.
    pub waiting: Span,
    /// Engineers' time on duty.
    pub on_duty: Span,
    /// Engineers' time at work.
    pub busy: Span,
    /// Open sessions' time.
    pub sessions: Span,
    /// Most sessions open at once.
    pub sessions_max: u32,
    /// Technicians' time out.
    pub out: Span,
}

/// Accumulates hours.
#[derive(Clone, Debug)]
pub(super) struct Hours {
    rows: Vec<HourRow>,
    /// Booked up to here.
    upto: SimTime,
}

impl Hours {
    pub(super) fn new(start: SimTime, end: SimTime) -> Self {
        let hours = end.since(start).as_nanos().div_ceil(HOUR.as_nanos());
        let rows = (0..hours).map(|hour| HourRow { start: start + HOUR.times(hour), ..HourRow::default() });
        Hours { rows: rows.collect(), upto: start }
    }

    fn index(&self, at: SimTime) -> Option<usize> {
        let first = self.rows.first()?.start;
        (at >= first).then(|| (at.since(first).as_nanos() / HOUR.as_nanos()) as usize)
    }

    pub(super) fn count_opened(&mut self, now: SimTime) {
        if let Some(row) = self.index(now).and_then(|index| self.rows.get_mut(index)) {
            row.opened += 1;
        }
    }

    /// Since the last call there were so many tickets waiting, engineers on duty, engineers busy, sessions, technicians out.
    pub(super) fn elapse(&mut self, now: SimTime, counts: [u32; 5]) {
        let [waiting, on_duty, busy, sessions, out] = counts;
        while self.upto < now {
            let Some(row) = self.index(self.upto).and_then(|index| self.rows.get_mut(index)) else {
                self.upto = now;
                return;
            };
            let until = now.min(row.start + HOUR);
            let span = until.since(self.upto);
            row.waiting += span.times(waiting.into());
            row.on_duty += span.times(on_duty.into());
            row.busy += span.times(busy.into());
            row.sessions += span.times(sessions.into());
            row.out += span.times(out.into());
            row.waiting_max = row.waiting_max.max(waiting);
            row.sessions_max = row.sessions_max.max(sessions);
            self.upto = until;
        }
    }

    pub(super) fn into_rows(self) -> Vec<HourRow> {
        self.rows
    }
}
