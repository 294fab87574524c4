//! tinsel: a deterministic, parallel discrete-event simulator of holiday-peak retail networks.

pub mod cli;
pub mod experiment;
pub mod kernel;
pub mod measure;
pub mod model;
pub mod report;
pub mod scenario;
pub mod simulation;
pub mod units;
