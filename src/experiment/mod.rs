//! What runs many simulations to answer one question: comparisons, and gates for CI.
//!
//! An experiment calls `simulation` for results, `report::summary` for what each replication showed of a metric and `measure`
//! for estimates; what it finds is plain data that `report` makes tables and text of.

pub mod baseline;
pub mod compare;
pub mod gate;
pub mod size;
pub mod sweep;
pub mod uncertainty;
