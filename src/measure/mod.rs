//! Histograms with integer counts and interval estimators, procedures that choose between designs. Knows nothing of retail.

pub mod design;
pub mod estimators;
pub mod feasibility;
mod histogram;
pub mod knapsack;
pub mod pooling;
pub mod sample;
pub mod selection;
pub mod skewness;
pub mod stopping;
mod student;
pub mod survival;
pub mod worsening;

pub use histogram::Histogram;
