//! Histograms with integer counts and interval estimators. Knows nothing of retail.

pub mod estimators;
mod histogram;
mod student;

pub use histogram::Histogram;
