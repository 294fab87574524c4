//! Builds a world from a scenario and runs it.

pub mod result;
