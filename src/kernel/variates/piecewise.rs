//! Arrivals whose intensity is constant between breaks, by inversion of the integrated intensity (E. Çinlar,
//! "Introduction to Stochastic Processes", 1975, §4.7): the hazard of a unit-rate Poisson process, mapped to
//! time.
//!
//! Never by thinning, which spends draws on arrivals that do not happen, and would move every later arrival
//! when an intensity changes. Here an arrival of hazard h stays the arrival of hazard h, earlier or later.

use super::exponential;

/// Why breaks and counts are not an intensity. Completes "failed to build the intensity: …".
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum PiecewiseError {
    /// There must be one break more than counts, and at least one piece.
    #[error("{breaks} breaks delimit no {counts} pieces: one break more than counts is needed, and a piece")]
    LengthMismatch {
        /// Number of breaks.
        breaks: usize,
        /// Number of counts.
        counts: usize,
    },
    /// A break does not lie after the one before it.
    #[error("break {index} ({nanos} ns) does not lie after the one before it")]
    NotAscending {
        /// Position of the break, from 0.
        index: usize,
        /// The break, in nanoseconds.
        nanos: u64,
    },
    /// A count is negative, infinite or not a number, or their sum is beyond a double.
    #[error("expected count {count} of piece {index} is not a finite number of at least 0")]
    BadCount {
        /// Position of the piece, from 0.
        index: usize,
        /// The count found there.
        count: f64,
    },
}

/// A piecewise-constant intensity over integer nanoseconds, given by the expected count of each piece.
///
/// "Hazard" is the expected count from the first break on: dimensionless, rising from 0 to
/// [`total`](Self::total).
#[derive(Clone, Debug, PartialEq)]
pub struct Piecewise {
    /// Ascending, one more than pieces, in nanoseconds.
    breaks: Vec<u64>,
    /// The hazard at each break.
    hazards: Vec<f64>,
    /// Nanoseconds per unit of hazard in each piece; not read where the count is 0.
    nanos_per_hazard: Vec<f64>,
}

/// A position in the hazard of one [`Piecewise`], with the piece it lies in cached.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cursor {
    hazard: f64,
    piece: usize,
}

impl Piecewise {
    /// The intensity with `counts[i]` expected arrivals, evenly, in [`breaks[i]`, `breaks[i + 1]`)
    /// (nanoseconds).
    ///
    /// # Errors
    /// When there is not one break more than counts, breaks do not ascend, or a count is negative or not
    /// finite.
    pub fn new(breaks: &[u64], counts: &[f64]) -> Result<Self, PiecewiseError> {
        if counts.is_empty() || breaks.len() != counts.len() + 1 {
            return Err(PiecewiseError::LengthMismatch { breaks: breaks.len(), counts: counts.len() });
        }
        if let Some(before) = breaks.windows(2).position(|pair| pair[0] >= pair[1]) {
            return Err(PiecewiseError::NotAscending { index: before + 1, nanos: breaks[before + 1] });
        }
        let mut hazards = vec![0.0];
        let mut nanos_per_hazard = Vec::with_capacity(counts.len());
        let mut hazard = 0.0;
        for (index, &count) in counts.iter().enumerate() {
            let end = hazard + count;
            if !(count >= 0.0 && end.is_finite()) {
                return Err(PiecewiseError::BadCount { index, count });
            }
            // The slope of the rounded hazards, not of the count, so that the piece's end maps to its break.
            nanos_per_hazard.push((breaks[index + 1] - breaks[index]) as f64 / (end - hazard));
            hazards.push(end);
            hazard = end;
        }
        Ok(Piecewise { breaks: breaks.to_vec(), hazards, nanos_per_hazard })
    }

    /// The expected count of all pieces.
    #[must_use]
    pub fn total(&self) -> f64 {
        self.hazards[self.hazards.len() - 1]
    }

    /// The hazard at `nanos`: the expected count before it. 0 before the first break, the total from the last
    /// on.
    #[must_use]
    pub fn hazard_at(&self, nanos: u64) -> f64 {
        let after = self.breaks.partition_point(|&at| at <= nanos);
        if after == 0 {
            return 0.0;
        }
        if after == self.breaks.len() {
            return self.total();
        }
        let piece = after - 1;
        let share =
            (nanos - self.breaks[piece]) as f64 / (self.breaks[piece + 1] - self.breaks[piece]) as f64;
        let (from, to) = (self.hazards[piece], self.hazards[piece + 1]);
        (from + share * (to - from)).min(to)
    }

    /// The instant (nanoseconds) at which the hazard passes `hazard`, rounded down; `None` from the total on,
    /// and for NaN; the first break below 0. Rises with `hazard`, and never lies in a piece of expected count
    /// 0.
    #[must_use]
    pub fn time_of(&self, hazard: f64) -> Option<u64> {
        let mut cursor = self.cursor_at(hazard);
        self.time_from(&mut cursor, hazard)
    }

    /// A cursor at `hazard`, from which [`advance`](Self::advance) goes on.
    #[must_use]
    pub fn cursor_at(&self, hazard: f64) -> Cursor {
        let piece = self.hazards[1..].partition_point(|&end| end <= hazard);
        Cursor { hazard, piece }
    }

    /// A cursor at the hazard that `nanos` has.
    #[must_use]
    pub fn cursor_at_time(&self, nanos: u64) -> Cursor {
        self.cursor_at(self.hazard_at(nanos))
    }

    /// The arrival that follows the cursor's by an [`exponential`] step of hazard taken from `word`, in
    /// nanoseconds; `None` when there is none before the last break. Moves the cursor there; amortised constant
    /// time.
    #[inline]
    pub fn next_arrival(&self, cursor: &mut Cursor, word: u64) -> Option<u64> {
        self.advance(cursor, exponential(word))
    }

    /// Moves the cursor on by `step` of hazard (≥ 0) and tells the instant it reaches, in nanoseconds; `None`
    /// when that lies beyond the last break.
    #[inline]
    pub fn advance(&self, cursor: &mut Cursor, step: f64) -> Option<u64> {
        let hazard = cursor.hazard + step;
        self.time_from(cursor, hazard)
    }

    /// Puts the cursor at `hazard`, which does not lie before it.
    #[inline]
    fn time_from(&self, cursor: &mut Cursor, hazard: f64) -> Option<u64> {
        cursor.hazard = hazard;
        // Also stops at NaN, which is not at least anything.
        while cursor.piece < self.nanos_per_hazard.len() && hazard >= self.hazards[cursor.piece + 1] {
            cursor.piece += 1;
        }
        let slope = *self.nanos_per_hazard.get(cursor.piece)?;
        // A negative offset converts to 0 below.
        let offset = (hazard - self.hazards[cursor.piece]) * slope;
        if offset.is_nan() {
            return None;
        }
        let time = self.breaks[cursor.piece].saturating_add(offset as u64);
        // The product may round up to the piece's very end.
        Some(time.min(self.breaks[cursor.piece + 1] - 1))
    }
}

impl Cursor {
    /// The hazard at which the cursor stands.
    #[must_use]
    pub const fn hazard(&self) -> f64 {
        self.hazard
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hours() -> Piecewise {
        const HOUR: u64 = 3_600_000_000_000;
        let breaks: Vec<u64> = (5..=9).map(|hour| hour * HOUR).collect();
        Piecewise::new(&breaks, &[10.0, 0.0, 30.0, 20.0]).expect("valid")
    }

    #[test]
    fn hazard_and_its_inverse_agree() {
        let intensity = hours();
        assert_eq!(intensity.total(), 60.0);
        for step in 0..6_000u32 {
            let hazard = f64::from(step) / 100.0;
            let time = intensity.time_of(hazard).expect("below the total");
            let back = intensity.hazard_at(time);
            // A nanosecond is 10⁻¹¹ of hazard here.
            assert!((back - hazard).abs() < 1e-10, "{hazard}: {time} ns, back to {back}");
        }
    }

    #[test]
    fn ends_and_idle_pieces() {
        let intensity = hours();
        assert_eq!(intensity.hazard_at(0), 0.0);
        assert_eq!(intensity.hazard_at(u64::MAX), 60.0);
        assert_eq!(intensity.time_of(0.0), Some(18_000_000_000_000));
        // The hazard reached before the idle hour is passed when it ends.
        assert_eq!(intensity.time_of(10.0), Some(25_200_000_000_000));
        assert_eq!(intensity.time_of(60.0), None);
        assert_eq!(intensity.time_of(f64::NAN), None);
        assert_eq!(intensity.time_of(f64::INFINITY), None);
        assert_eq!(Piecewise::new(&[0, 1], &[0.0]).expect("valid").time_of(0.0), None);
    }

    #[test]
    fn a_cursor_goes_where_the_inverse_goes() {
        let intensity = hours();
        let mut cursor = intensity.cursor_at_time(19_000_000_000_000);
        let mut previous = 0;
        for word in 0..200u64 {
            let arrival = intensity.next_arrival(&mut cursor, word.wrapping_mul(0x9E37_79B9_7F4A_7C15));
            assert_eq!(arrival, intensity.time_of(cursor.hazard()));
            let Some(time) = arrival else { return };
            assert!(time >= previous);
            previous = time;
        }
        panic!("two hundred steps of mean 1 must pass a total of 60");
    }

    #[test]
    fn what_is_no_intensity_is_refused() {
        assert_eq!(Piecewise::new(&[0], &[]), Err(PiecewiseError::LengthMismatch { breaks: 1, counts: 0 }));
        assert_eq!(Piecewise::new(&[0, 0], &[1.0]), Err(PiecewiseError::NotAscending { index: 1, nanos: 0 }));
        let negative = Piecewise::new(&[0, 1, 2], &[1.0, -1.0]);
        assert_eq!(negative, Err(PiecewiseError::BadCount { index: 1, count: -1.0 }));
        assert!(Piecewise::new(&[0, 1], &[f64::NAN]).is_err());
        assert!(Piecewise::new(&[0, 1, 2], &[f64::MAX, f64::MAX]).is_err());
    }
}
