//! When customers reach the tills: a non-homogeneous Poisson process by integrated hazard.
//!
//! The intensity is piecewise constant: by local hour and opening hours, and by minute while a surge lasts (each
//! minute holds the surge's exact mean over that minute). Arrivals restart in every absolute quarter hour:
//! customer (quarter, j) stands where the sum of her quarter's first j+1 unit exponentials meets the integrated
//! intensity, so a change of demand in one quarter moves nobody in another. No thinning: every draw is used.

use crate::kernel::draws::{Entity, Key};
use crate::kernel::variates::exponential;
use crate::scenario::resolved::{Day, Surge, Window};
use crate::units::{SimTime, Span};

use super::purpose::{Purpose, QUARTER_HOUR, address, customer_draw, quarter_of, quarter_start};

/// A surge is over this many time constants after its plateau (e⁻¹⁰ of its height is left).
const SURGE_TIME_CONSTANTS: u64 = 10;
const MINUTE: Span = Span::from_secs(60);

/// A stretch of constant intensity that lies inside one quarter hour.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Piece {
    /// When.
    pub window: Window,
    /// Expected customers in it.
    pub expected: f64,
}

/// The pieces of all `days` in order, surges included.
#[must_use]
pub fn pieces(days: &[Day], surges: &[Surge]) -> Vec<Piece> {
    let mut pieces = Vec::new();
    for demand in days.iter().flat_map(|day| &day.demand) {
        let length = demand.window.end.since(demand.window.start).as_nanos() as f64;
        let mut start = demand.window.start;
        while start < demand.window.end {
            let quarter_end = start.next_multiple(QUARTER_HOUR);
            let surging = surges.iter().any(|surge| start < surge_end(surge) && surge.start < quarter_end);
            let end = if surging { start.next_multiple(MINUTE) } else { quarter_end }.min(demand.window.end);
            let window = Window { start, end };
            let factor: f64 =
                if surging { surges.iter().map(|surge| mean_factor(surge, window)).product() } else { 1.0 };
            let expected = demand.customers * (end.since(start).as_nanos() as f64 / length) * factor;
            if expected > 0.0 {
                pieces.push(Piece { window, expected });
            }
            start = end;
        }
    }
    pieces
}

fn surge_end(surge: &Surge) -> SimTime {
    surge.start + surge.ramp + surge.plateau + surge.decay.times(SURGE_TIME_CONSTANTS)
}

/// Mean of the surge's factor over `window`: the integral of ramp, plateau and exponential decay in closed form.
fn mean_factor(surge: &Surge, window: Window) -> f64 {
    let since = |at: SimTime| at.since(surge.start).as_secs_f64();
    let (ramp, plateau, decay) =
        (surge.ramp.as_secs_f64(), surge.plateau.as_secs_f64(), surge.decay.as_secs_f64());
    let last = since(surge_end(surge));
    // Integral of the shape (0..1) from the surge's start to `t` seconds after it.
    let integral = |t: f64| {
        let t = t.min(last);
        let rising = if ramp > 0.0 {
            let x = t.min(ramp);
            x * x / (2.0 * ramp)
        } else {
            0.0
        };
        let level = (t - ramp).clamp(0.0, plateau);
        let falling = (t - ramp - plateau).max(0.0);
        let tail = if decay > 0.0 { decay * (1.0 - libm::exp(-falling / decay)) } else { 0.0 };
        rising + level + tail
    };
    let length = window.end.since(window.start).as_secs_f64();
    1.0 + (surge.peak - 1.0) * (integral(since(window.end)) - integral(since(window.start))) / length
}

/// A customer on the way to the tills.
#[derive(Clone, Copy, Debug)]
pub struct Arrival {
    /// When she gets there.
    pub at: SimTime,
    /// The draw of her addresses.
    pub draw: u64,
    /// Words of her [`Purpose::Customer`] block.
    pub words: [u64; 4],
}

/// The arrivals of one store, one at a time.
#[derive(Clone, Debug)]
pub struct Arrivals {
    key: Key,
    entity: Entity,
    pieces: Vec<Piece>,
    /// The piece in which the search for the next customer goes on.
    piece: usize,
    quarter: u64,
    /// Customers of this quarter found so far.
    index: u32,
    /// Sum of this quarter's gaps.
    hazard: f64,
    /// Integrated intensity from the quarter's start to the current piece's start.
    before: f64,
}

impl Arrivals {
    /// The arrivals of the store called by `entity`.
    #[must_use]
    pub fn new(key: Key, entity: Entity, pieces: Vec<Piece>) -> Self {
        let quarter = pieces.first().map_or(0, |piece| quarter_of(piece.window.start));
        Arrivals { key, entity, pieces, piece: 0, quarter, index: 0, hazard: 0.0, before: 0.0 }
    }

    /// Passes over all customers before `at`, the beginning of a quarter.
    pub fn skip_to(&mut self, at: SimTime) {
        self.piece = self.pieces.partition_point(|piece| piece.window.start < at);
        self.quarter = self.pieces.get(self.piece).map_or(0, |piece| quarter_of(piece.window.start));
        (self.index, self.hazard, self.before) = (0, 0.0, 0.0);
    }

    /// The next customer, or `None` after the last.
    #[inline]
    pub fn next_arrival(&mut self) -> Option<Arrival> {
        while self.piece < self.pieces.len() {
            let draw = customer_draw(self.quarter, self.index);
            let words = self.key.block(address(self.entity, Purpose::Customer, draw), 1);
            self.hazard += exponential(words[0]);
            loop {
                let piece = &self.pieces[self.piece];
                let into = self.hazard - self.before;
                if into < piece.expected {
                    let length = piece.window.end.since(piece.window.start).as_nanos();
                    let nanos = ((into / piece.expected) * length as f64) as u64;
                    self.index += 1;
                    // A quotient that rounds up to one must not leave the piece.
                    let at = piece.window.start + Span::from_nanos(nanos.min(length - 1));
                    return Some(Arrival { at, draw, words });
                }
                self.before += piece.expected;
                self.piece += 1;
                let next = self.pieces.get(self.piece)?;
                if next.window.start >= quarter_start(self.quarter + 1) {
                    self.quarter = quarter_of(next.window.start);
                    (self.index, self.hazard, self.before) = (0, 0.0, 0.0);
                    break;
                }
            }
        }
        None
    }
}
