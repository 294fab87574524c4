//! Reads results and writes what people and programs read: tables, manifest, summary, charts.
//!
//! Nothing here simulates, and nothing below this module knows of it. A run goes through three calls:
//! [`OutputDir::prepare`] before it, so that a bad path fails early; [`write_results`] after it, which checks the
//! ledgers, then fills the prepared directory; [`OutputDir::commit`], which puts the directory in its place.

pub mod charts;
pub mod comparison;
pub mod csv;
pub mod curves;
pub mod difference;
pub mod drill;
pub mod explain;
pub mod field;
pub mod gate;
pub mod ledger;
pub mod manifest;
pub mod map;
pub mod named;
pub mod output;
pub mod page;
pub mod parquet;
pub mod parts;
pub mod read;
pub mod replay;
pub mod shard;
pub mod sizing;
pub mod stages;
pub mod summary;
pub mod sweep;
pub mod tables;
pub mod thresholds;
pub mod uncertainty;
pub mod write;

pub use charts::{ChartError, write_charts};
pub use comparison::{Comparison, Side};
pub use drill::{DrillPlan, DrillSummary};
pub use manifest::{InputDigest, OutputDigest, RunMeta, Setting, Stopped};
pub use output::{OutputDir, OutputError};
pub use summary::Summary;
pub use tables::data_dictionary;
pub use write::{Formats, ReportError, write_comparison, write_drill, write_results, write_sizing};
