//! `tinsel size`: what to buy, for which stores, with which levers for all.
//!
//! ```text
//! for every choice of shared levers, in ascending cost:
//!     benefits    one forced fault at a store, paired with the same fault where the store has a lever; pooled over like stores
//!     pack        the best choice at stores within budget and units, if benefits add up; the frontier
//! compare         whole runs decide between the candidates: KN, or feasibility in ascending cost; then, if asked, between neighbours
//! verify          fresh replications, which the search has not seen
//! ```
//!
//! Benefits add up as long as stores do not get into each other's way. Where they share something scarce (engineers) they do not,
//! and that is why whole runs have the last word.

mod benefits;
mod designs;
mod report;
mod search;
mod year;

use std::path::Path;

use crate::report::sizing::SizingReport;
use crate::scenario::resolved::Sizing;
use crate::scenario::{LoadOptions, Loaded, Rejected};
use crate::simulation::{Execution, Progress};

pub use benefits::{Benefits, StoreBenefit, benefits};
pub use designs::{Combination, Design, Designs};
pub use search::{Branch, Found, search};
pub use year::{Year, YearOf};

/// First replication of the verification: the search stays below.
pub const VERIFY_FROM: u32 = 1_000_000;
/// First replication of forced faults.
pub const FORCED_FROM: u32 = 2_000_000;

/// What all parts of a sizing read.
#[derive(Clone, Copy)]
pub struct Study<'a> {
    /// The scenario file.
    pub file: &'a Path,
    /// What the command line adds.
    pub options: &'a LoadOptions,
    /// The scenario as it stands.
    pub base: &'a Loaded,
    /// What it says of sizing.
    pub sizing: &'a Sizing,
    /// How simulations run.
    pub execution: Execution,
    /// Shared with whoever shows it, and cancels.
    pub progress: &'a Progress,
}

/// Why there is no answer.
#[derive(Debug)]
pub enum Failed {
    /// A lever makes a scenario that cannot be run.
    Rejected {
        /// Of which design.
        design: String,
        /// What is wrong with it.
        why: Rejected,
    },
    /// It was cancelled.
    Cancelled,
}

/// Answers what the scenario's `[sizing]` asks.
///
/// # Errors
/// If a lever makes a scenario that cannot be run, or it was cancelled.
pub fn size(study: Study<'_>) -> Result<SizingReport, Failed> {
    let designs = Designs::new(study);
    let found = search(&designs)?;
    report::report(&designs, &found)
}
