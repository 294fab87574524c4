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
    /// From when until when, in order; never while it lasts.
    times: Vec<(SimTime, SimTime)>,
    /// When each day so far ended with the store idle, and which day that was.
    idle: Vec<(SimTime, usize)>,
    /// Days so far.
    day: usize,
    /// What a twin lives through; the whole window if there is nothing.
    life: Option<Life>,
}

/// What a twin lives through.
#[derive(Clone, Debug)]
struct Life {
    /// When the real store was apart, and when it was idle at midnight.
    times: Vec<(SimTime, SimTime)>,
    idle: Vec<(SimTime, usize)>,
    /// Days lived so far, but for those since it last began.
    lived: Vec<Range<usize>>,
    begun: usize,
}

impl Life {
    /// The day after the last midnight until `at` at which the real store was idle; the first if there was none.
    fn day_before(&self, at: SimTime) -> usize {
        let passed = self.idle.partition_point(|&(midnight, _)| midnight <= at);
        passed.checked_sub(1).map_or(0, |position| self.idle[position].1 + 1)
    }

    /// The store is idle at this midnight: when it has to begin anew if it may stop now, [`SimTime::NEVER`] if not at all.
    fn may_stop(&self, midnight: SimTime) -> Option<SimTime> {
        let apart = self.times.iter().any(|&(from, until)| from < midnight && midnight < until);
        let real_is_idle = self.idle.binary_search_by_key(&midnight, |&(at, _)| at).is_ok();
        let next = self.times.iter().map(|&(from, _)| from).find(|&from| from >= midnight);
        (real_is_idle && !apart).then(|| next.unwrap_or(SimTime::NEVER))
    }
}

/// What a twin does after a midnight.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Morning {
    /// It goes on.
    Goes,
    /// It goes on at the beginning of this day.
    SkipsTo(usize),
    /// It has lived through all that counts.
    Ends,
}

impl Apart {
    /// From `now` on the store's path `differs` from its twin's, or does not.
    pub(super) fn note(&mut self, now: SimTime, differs: bool) {
        let idle = self.idle.last().map_or(SimTime::default(), |&(at, _)| at);
        match self.times.last_mut() {
            Some((_, until)) if !differs => *until = (*until).min(now),
            // Not the same in between.
            Some((_, until)) if idle <= *until => *until = SimTime::NEVER,
            Some(_) | None if differs => self.times.push((now, SimTime::NEVER)),
            Some(_) | None => {}
        }
    }

    /// A local day ends, the store is `idle` (shut, with nobody inside) or not.
    pub(super) fn midnight(&mut self, now: SimTime, idle: bool) -> Morning {
        let today = self.day;
        self.day += 1;
        if idle {
            self.idle.push((now, today));
        }
        let Some(life) = self.life.as_mut().filter(|_| idle) else { return Morning::Goes };
        let Some(begins) = life.may_stop(now) else { return Morning::Goes };
        life.lived.push(life.begun..self.day);
        if begins == SimTime::NEVER {
            return Morning::Ends;
        }
        life.begun = life.day_before(begins);
        if life.begun == self.day {
            return Morning::Goes;
        }
        self.day = life.begun;
        Morning::SkipsTo(self.day)
    }
}

impl Store<'_> {
    /// The fault-free twin of `real` has to live through some days only, if nothing else keeps them apart.
    pub fn live_as_twin_of(&mut self, real: &Store<'_>) {
        let Apart { times, idle, .. } = &real.apart;
        let Some(&(from, _)) = times.first() else { return };
        if self.network.lte_is_primary {
            return;
        }
        let mut life = Life { times: times.clone(), idle: idle.clone(), lived: Vec::new(), begun: 0 };
        life.begun = life.day_before(from);
        self.apart.day = life.begun;
        if life.begun > 0 {
            // Doors are shut.
            let begin = [CalendarEvent::Begin, CalendarEvent::Close];
            self.skip_to(life.begun, &begin);
        }
        self.apart.life = Some(life);
    }

    /// The days that it lived through.
    #[must_use]
    pub fn days_lived(&self) -> Vec<Range<usize>> {
        let days = self.books.days.len();
        let Some(life) = &self.apart.life else { return std::iter::once(0..days).collect() };
        let ended = life.lived.last().is_some_and(|last| last.end > life.begun);
        let last = (!ended).then_some(life.begun..days);
        life.lived.iter().cloned().chain(last).collect()
    }

    /// Goes on at the local day at position `day`, with nobody inside, after `begin`.
    pub(super) fn skip_to(&mut self, day: usize, begin: &[CalendarEvent]) {
        let at = self.spec.days[day].window.start;
        let midnight = (at, CalendarEvent::Midnight);
        let Some(position) = self.calendar.iter().position(|&event| event == midnight) else { return };
        self.tills.skip_to(at);
        self.books.skip_to(day);
        // Lanes are as they were last left.
        let mut passed = self.calendar.drain(self.next_calendar..=position);
        let lanes = passed.rfind(|(_, event)| matches!(event, CalendarEvent::Lanes(_)));
        drop(passed);
        let events = begin.iter().copied().chain(lanes.map(|(_, event)| event));
        self.calendar.splice(self.next_calendar..self.next_calendar, events.map(|event| (at, event)));
        self.find_rare();
    }
}
