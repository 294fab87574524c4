//! Uniform numbers and yes-or-no draws.

const TWO_TO_MINUS_53: f64 = 1.0 / (1u64 << 53) as f64;
const TWO_TO_MINUS_52: f64 = 1.0 / (1u64 << 52) as f64;
const TWO_TO_MINUS_32: f64 = 1.0 / (1u64 << 32) as f64;
const TWO_TO_64: f64 = 18_446_744_073_709_551_616.0;

/// A uniform number in [0, 1): the word's top 53 bits, every multiple of 2⁻⁵³ alike.
#[inline]
#[must_use]
pub fn unit(word: u64) -> f64 {
    (word >> 11) as f64 * TWO_TO_MINUS_53
}

/// A uniform number in (0, 1): the middles of 2⁵² equal cells, so 2⁻⁵³ ≤ u ≤ 1 − 2⁻⁵³.
///
/// The grid is symmetric: `1.0 - unit_open(w)` is exactly `unit_open(!w)`. This is what inverses take, since
/// neither end can make a logarithm infinite.
#[inline]
#[must_use]
pub fn unit_open(word: u64) -> f64 {
    ((word >> 12) as f64 + 0.5) * TWO_TO_MINUS_52
}

/// The (high, low) halves of a word: two independent small draws.
#[inline]
#[must_use]
pub const fn halves(word: u64) -> (u32, u32) {
    ((word >> 32) as u32, word as u32)
}

/// A uniform number in (0, 1) from half a word (see [`halves`]): the middles of 2³² equal cells.
///
/// For draws that do not need tails beyond 2⁻³³.
#[inline]
#[must_use]
pub fn unit_from_u32(half: u32) -> f64 {
    (f64::from(half) + 0.5) * TWO_TO_MINUS_32
}

/// The threshold for [`bernoulli`]: `p`·2⁶⁴, so that computing it once makes every later draw an integer
/// comparison.
///
/// `p` below 0 or NaN counts as 0, above 1 as 1.
#[inline]
#[must_use]
pub fn bernoulli_threshold(p: f64) -> u64 {
    // The conversion saturates: 1.0 becomes u64::MAX, NaN and negative numbers become 0.
    (p * TWO_TO_64) as u64
}

/// Whether the event with the given [`bernoulli_threshold`] happens: exact for p = 0 and p = 1, to 2⁻⁶⁴
/// otherwise.
///
/// An event of a higher probability happens for every word for which one of a lower probability does.
#[inline]
#[must_use]
pub const fn bernoulli(word: u64, threshold: u64) -> bool {
    word < threshold || threshold == u64::MAX
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ends_are_where_they_should_be() {
        assert_eq!(unit(0), 0.0);
        assert_eq!(unit(u64::MAX), 1.0 - TWO_TO_MINUS_53);
        assert_eq!(unit_open(0), TWO_TO_MINUS_53);
        assert_eq!(unit_open(u64::MAX), 1.0 - TWO_TO_MINUS_53);
        assert_eq!(unit_from_u32(0), 0.5 * TWO_TO_MINUS_32);
        assert!(unit_from_u32(u32::MAX) < 1.0);
        assert_eq!(halves(0x0123_4567_89AB_CDEF), (0x0123_4567, 0x89AB_CDEF));
    }

    #[test]
    fn the_open_grid_is_symmetric() {
        for word in [0, 1 << 12, 0x9E37_79B9_7F4A_7C15, 1 << 63, u64::MAX] {
            assert_eq!(1.0 - unit_open(word), unit_open(!word));
        }
    }

    #[test]
    fn certainty_and_impossibility_are_exact() {
        let (never, always) = (bernoulli_threshold(0.0), bernoulli_threshold(1.0));
        for word in [0, 1, 1 << 63, u64::MAX] {
            assert!(!bernoulli(word, never));
            assert!(bernoulli(word, always));
            assert!(!bernoulli(word, bernoulli_threshold(f64::NAN)));
            assert!(!bernoulli(word, bernoulli_threshold(-0.1)));
            assert!(bernoulli(word, bernoulli_threshold(1.5)));
        }
        assert_eq!(bernoulli_threshold(0.5), 1 << 63);
        assert!(bernoulli((1 << 63) - 1, 1 << 63));
        assert!(!bernoulli(1 << 63, 1 << 63));
    }
}
