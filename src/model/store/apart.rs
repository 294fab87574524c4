//! When a store was unlike its fault-free twin: outside these days the twin's books are the store's.
//!
//! A store is apart from its twin while its path differs, and until all who were inside meanwhile have left. All draws are addressed
//! and customers come and go at the same instants, so at a midnight with nobody inside and nothing wrong both are the same again.

use std::ops::Range;

use super::{CalendarEvent, Store};
use crate::units::SimTime;

/// See the module.
#[derive(Clone, Debug, Default)]
pub(super) struct Apart {
    /// When it began for the first time.
    from: Option<SimTime>,
    /// When it ended for the last time; never while it lasts.
    until: SimTime,
    /// When each day so far ended, and whether the store was idle then.
    midnights: Vec<(SimTime, bool)>,
    /// Of a twin: the days it lives through, and the midnights at which it may stop.
    first_day: usize,
    may_stop: Vec<SimTime>,
}

impl Apart {
    /// From `now` on the store's path `differs` from its twin's, or does not.
    pub(super) fn note(&mut self, now: SimTime, differs: bool) {
        if differs {
            self.from.get_or_insert(now);
            self.until = SimTime::NEVER;
        } else if self.until == SimTime::NEVER {
            self.until = now;
        }
    }

    /// A local day ends, the store is `idle` (shut, with nobody inside) or not; whether the twin that it is may stop.
    pub(super) fn midnight(&mut self, now: SimTime, idle: bool) -> bool {
        self.midnights.push((now, idle));
        idle && self.may_stop.contains(&now)
    }
}

impl Store<'_> {
    /// The fault-free twin of `real` has to live through these days only, if nothing else keeps them apart.
    pub fn live_as_twin_of(&mut self, real: &Store<'_>) {
        if self.network.lte_is_primary {
            return;
        }
        let Apart { from, until, midnights, .. } = &real.apart;
        let Some(from) = *from else { return };
        let idle = midnights.iter().filter(|&&(_, idle)| idle).map(|&(at, _)| at);
        self.apart.may_stop = idle.filter(|at| at >= until).collect();
        let first = midnights.iter().rposition(|&(at, idle)| idle && at <= from);
        if let Some(position) = first {
            self.skip_to(position + 1);
        }
    }

    /// The days that it lived through.
    #[must_use]
    pub fn days_lived(&self) -> Range<usize> {
        let first = self.apart.first_day;
        let stopped =
            self.apart.midnights.last().is_some_and(|(at, idle)| *idle && self.apart.may_stop.contains(at));
        let days = self.books.days.len();
        first..if stopped { (first + self.apart.midnights.len()).min(days) } else { days }
    }

    /// Begins at the local day at position `day` instead of the first, with nobody inside.
    fn skip_to(&mut self, day: usize) {
        let at = self.spec.days[day].window.start;
        let midnight = (at, CalendarEvent::Midnight);
        let Some(position) = self.calendar.iter().position(|&event| event == midnight) else { return };
        self.apart.first_day = day;
        self.tills.skip_to(at);
        self.books.skip_to(day);
        // Doors are shut, and lanes are as they were last left.
        let mut passed = self.calendar.drain(..=position);
        let lanes = passed.rfind(|(_, event)| matches!(event, CalendarEvent::Lanes(_)));
        drop(passed);
        let begin = [Some(CalendarEvent::Begin), Some(CalendarEvent::Close), lanes.map(|(_, event)| event)];
        self.calendar.splice(0..0, begin.into_iter().flatten().map(|event| (at, event)));
        self.find_rare();
    }
}
