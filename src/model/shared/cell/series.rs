//! What a cell carried, interval by interval.

use serde::{Deserialize, Serialize};

use super::{FULL, Pair};
use crate::scenario::resolved::Window;
use crate::units::{SimTime, Span};

/// One interval of a cell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CellInterval {
    /// When it begins.
    pub start: SimTime,
    /// Its length: the last one ends with the window.
    pub length: Span,
    /// Store-time attached.
    pub attached: Span,
    /// Time in which the stores needed more airtime than there was.
    pub saturated: Span,
    /// Airtime of stores, up.
    pub stores_up: Span,
    /// Airtime of stores, down.
    pub stores_down: Span,
    /// Airtime of phones, up.
    pub phones_up: Span,
    /// Airtime of phones, down.
    pub phones_down: Span,
}

/// Sums of one interval: exact, however the grid was stepped.
#[derive(Clone, Copy, Debug, Default)]
struct Sums {
    /// Parts per billion of airtime times nanoseconds.
    up: u128,
    down: u128,
    /// Nanoseconds.
    attached: u64,
    saturated: u64,
}

/// See the module.
#[derive(Clone, Debug)]
pub(super) struct Series {
    window: Window,
    width: Span,
    sums: Vec<Sums>,
}

impl Series {
    /// Nothing carried yet in the intervals of `width` from the start of `window` on.
    pub(super) fn new(window: Window, width: Span) -> Self {
        let count = window.end.since(window.start).as_nanos().div_ceil(width.as_nanos().max(1));
        Series { window, width, sums: vec![Sums::default(); count as usize] }
    }

    fn start_of(&self, number: usize) -> SimTime {
        self.window.start + self.width.times(number as u64)
    }

    fn number_of(&self, at: SimTime) -> Option<usize> {
        let inside = self.window.start <= at && at < self.window.end;
        inside.then(|| (at.since(self.window.start).as_nanos() / self.width.as_nanos()) as usize)
    }

    /// A store takes `share` of the airtime from one instant until another.
    pub(super) fn serve(&mut self, from: SimTime, until: SimTime, share: Pair) {
        let (mut at, until) = (from.max(self.window.start), until.min(self.window.end));
        while at < until
            && let Some(number) = self.number_of(at)
        {
            let next = self.start_of(number + 1).min(until);
            let nanos = next.since(at).as_nanos();
            let sums = &mut self.sums[number];
            sums.up += u128::from(share.up) * u128::from(nanos);
            sums.down += u128::from(share.down) * u128::from(nanos);
            sums.attached += nanos;
            at = next;
        }
    }

    /// A payment takes this much airtime, nanoseconds.
    pub(super) fn burst(&mut self, at: SimTime, airtime: Pair) {
        if let Some(number) = self.number_of(at) {
            let sums = &mut self.sums[number];
            sums.up += u128::from(airtime.up) * u128::from(FULL);
            sums.down += u128::from(airtime.down) * u128::from(FULL);
        }
    }

    /// The stores need more than there is for `step` from `at` on.
    pub(super) fn saturate(&mut self, at: SimTime, step: Span) {
        if let Some(number) = self.number_of(at) {
            self.sums[number].saturated += step.as_nanos();
        }
    }

    /// The intervals, with what phones took of each (`phones`: parts per billion times nanoseconds, up and down, between two
    /// instants).
    pub(super) fn close(&self, phones: impl Fn(SimTime, SimTime) -> (u128, u128)) -> Vec<CellInterval> {
        let airtime = |sum: u128| Span::from_nanos((sum / u128::from(FULL)) as u64);
        let interval = |(number, sums): (usize, &Sums)| {
            let start = self.start_of(number);
            let end = self.start_of(number + 1).min(self.window.end);
            let (up, down) = phones(start, end);
            CellInterval {
                start,
                length: end.since(start),
                attached: Span::from_nanos(sums.attached),
                saturated: Span::from_nanos(sums.saturated),
                stores_up: airtime(sums.up),
                stores_down: airtime(sums.down),
                phones_up: airtime(up),
                phones_down: airtime(down),
            }
        };
        self.sums.iter().enumerate().map(interval).collect()
    }
}
