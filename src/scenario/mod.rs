//! What the user writes, and what is run.

pub mod resolved;
