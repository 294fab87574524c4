//! Histograms with integer counts and interval estimators. Knows nothing of retail.

pub mod design;
pub mod estimators;
mod histogram;
pub mod sample;
mod student;

pub use histogram::Histogram;
