//! Distributions of durations, compiled for the hot loop: one word in, seconds out.

use crate::kernel::variates::{exponential, lognormal, unit};
use crate::scenario::resolved::Law;
use crate::units::Span;

/// A [`Law`] with its logarithms taken.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Sampler(Kind);

#[derive(Clone, Copy, PartialEq, Debug)]
enum Kind {
    Constant(f64),
    Uniform { low: f64, width: f64 },
    Exponential { mean: f64 },
    Lognormal { ln_median: f64, sigma: f64 },
}

impl Sampler {
    /// Compiles `law`.
    #[must_use]
    pub fn new(law: &Law) -> Self {
        Sampler(match *law {
            Law::Constant(value) => Kind::Constant(value),
            Law::Uniform { low, high } => Kind::Uniform { low, width: high - low },
            Law::Exponential { mean } => Kind::Exponential { mean },
            Law::Lognormal { median, sigma } => Kind::Lognormal { ln_median: libm::log(median), sigma },
        })
    }

    /// The quantile that `word` stands for, in seconds (or the law's own unit).
    #[inline]
    #[must_use]
    pub fn sample(self, word: u64) -> f64 {
        match self.0 {
            Kind::Constant(value) => value,
            Kind::Uniform { low, width } => low + width * unit(word),
            Kind::Exponential { mean } => mean * exponential(word),
            Kind::Lognormal { ln_median, sigma } => lognormal(word, ln_median, sigma),
        }
    }

    /// The same as a span.
    #[inline]
    #[must_use]
    pub fn span(self, word: u64) -> Span {
        Span::from_secs_f64(self.sample(word))
    }
}

/// The mean of `law`.
#[must_use]
pub fn mean(law: &Law) -> f64 {
    law.mean()
}
