//! Histograms with integer counts and interval estimators. Knows nothing of retail.

mod histogram;

pub use histogram::Histogram;
