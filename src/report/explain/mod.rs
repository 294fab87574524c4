//! Why: what a loss is due to, from the tables of a results directory alone. For the fleet, money by cause, stage and what would have
//! helped; for a store, the chain of its incidents, instant by instant. Nothing is simulated, and nothing is written.

mod chain;
mod draw;
mod fleet;
mod store;

use std::path::Path;

use serde_json::Value;

use super::output::MANIFEST;
use super::page::{SUMMARY, currency, json_file};
use super::read::ReadError;
use super::summary::count_text;

pub use chain::{Bar, Incident, Step};
pub use fleet::FleetLosses;
pub use store::{Chosen, StoreStory};

/// How wide the text may be, and whether it may have colours.
#[derive(Clone, Copy, Debug)]
pub struct Style {
    /// Columns.
    pub width: usize,
    /// Whether headings are marked with ANSI codes.
    pub colour: bool,
}

/// Why there is no explanation.
#[derive(Debug, thiserror::Error)]
pub enum ExplainError {
    /// A file of the results is not what it should be.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The table is not there.
    #[error(
        "`{directory}` holds no {table}.csv and no {table}.parquet; name a directory that `tinsel run` has written"
    )]
    NoTable {
        /// The results directory.
        directory: String,
        /// Name of the table.
        table: &'static str,
    },
    /// No such store.
    #[error("there is no store `{store}` in these results{hint}")]
    NoStore {
        /// What was asked for.
        store: String,
        /// What was perhaps meant, as the end of the sentence.
        hint: String,
    },
    /// No such replication.
    #[error("there is no replication {asked}: these results have {replications}, numbered from 0")]
    NoReplication {
        /// What was asked for.
        asked: u32,
        /// How many there are.
        replications: usize,
    },
    /// No such incident.
    #[error(
        "store `{store}` has no incident {asked} in replication {replication}: it has {there} there; --replication names another"
    )]
    NoIncident {
        /// The store.
        store: String,
        /// What was asked for.
        asked: u32,
        /// Where.
        replication: u32,
        /// How many incidents there are.
        there: usize,
    },
}

/// What the results are of.
#[derive(Clone, PartialEq, Debug)]
pub struct About {
    /// Name of the scenario.
    pub scenario: String,
    first_day: String,
    last_day: String,
    stores: u64,
    seed: u64,
    /// How many replications there are.
    pub replications: usize,
    /// ISO 4217 code.
    pub currency: String,
}

impl About {
    fn read(directory: &Path) -> Result<About, ReadError> {
        let summary = json_file(directory, SUMMARY)?;
        let manifest = json_file(directory, MANIFEST)?;
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let number = |key: &str| summary[key].as_u64().unwrap_or_default();
        Ok(About {
            scenario: text(&summary["scenario"]),
            first_day: text(&summary["first_day"]),
            last_day: text(&summary["last_day"]),
            stores: number("stores"),
            seed: number("seed"),
            replications: number("replications") as usize,
            currency: text(&currency(&manifest)),
        })
    }

    /// One line.
    fn line(&self) -> String {
        format!(
            "{}, {} to {}, {}, seed {}",
            count_text(self.stores as usize, "store"),
            self.first_day,
            self.last_day,
            count_text(self.replications, "replication"),
            self.seed
        )
    }
}

/// Refuses results without the table `name`.
fn need(directory: &Path, table: &'static str) -> Result<(), ExplainError> {
    let there = ["csv", "parquet"].iter().any(|format| directory.join(format!("{table}.{format}")).is_file());
    if there {
        Ok(())
    } else {
        Err(ExplainError::NoTable { directory: directory.display().to_string(), table })
    }
}

/// Number of a replication in a table's cell.
fn replication_of(cell: &str, about: &About, directory: &Path, table: &str) -> Result<usize, ReadError> {
    cell.parse().ok().filter(|&number| number < about.replications).ok_or_else(|| ReadError::Unreadable {
        path: directory.join(table),
        why: format!("it has replication `{cell}`, and {SUMMARY} says that there are {}", about.replications),
    })
}
