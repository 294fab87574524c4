//! Random variates: functions from words (see [`draws`](super::draws)) to numbers.
//!
//! **One word, one variate.** Whatever has a workable inverse is sampled by inversion, so that a block of four
//! words has a fixed layout, nothing is ever rejected, and a variate is a monotone function of its word: two
//! designs that share a word share "how bad a day this was", even when a parameter differs (common random
//! numbers at their best). Only [`poisson`] with a large mean and [`gamma`] reject; they take the
//! [`Words`](super::draws::Words) of an address of their own. `docs/adr/0002-inversion.md` has the measurements
//! behind this choice.
//!
//! | variate | words | in its word | method |
//! |---|---|---|---|
//! | [`unit()`], [`unit_open`], [`unit_from_u32`] | 1 (or half) | rises | top bits |
//! | [`bernoulli`] | 1 | true for small words | integer threshold |
//! | [`exponential`], [`weibull`], [`geometric`] | 1 | falls | inverse survival function |
//! | [`standard_normal`], [`lognormal`] | 1 | rises | Wichura's AS 241 |
//! | [`Categorical`], [`Empirical`] | 1 | rises | binary search over integer thresholds |
//! | [`poisson`], mean below 10 | 1 | rises | sequential inversion |
//! | [`poisson`], mean from 10 | 2 per attempt | not monotone | Hörmann's PTRS |
//! | [`gamma`] | 2 per attempt, 1 more for shape < 1 | not monotone | Marsaglia and Tsang |
//! | [`Piecewise`] | none: takes a hazard | | inverse of the integrated intensity |
//!
//! **The same bits everywhere.** Transcendental functions come from the `libm` crate, pinned exactly, never
//! from the platform; the rest is IEEE 754 basic arithmetic. [`self_check`] compares a table of results bit for
//! bit and also runs in the released binary.
//!
//! Parameters are validated where scenarios are read. What is said here of a parameter out of range only
//! promises that sampling ends and does not panic.

mod inversion;
mod normal;
mod piecewise;
mod rejection;
mod stability;
mod table;
mod uniform;

pub use inversion::{exponential, geometric, lognormal, lognormal_parameters, weibull};
pub use normal::{normal_quantile, standard_normal};
pub use piecewise::{Cursor, Piecewise, PiecewiseError};
pub use rejection::{gamma, ln_factorial, poisson};
pub use stability::self_check;
pub use table::{Categorical, Empirical, TableError};
pub use uniform::{bernoulli, bernoulli_threshold, halves, unit, unit_from_u32, unit_open};
