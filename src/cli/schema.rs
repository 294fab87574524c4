//! `tinsel schema`.

use clap::ValueEnum;

use super::exit::Failure;
use crate::scenario::json_schema;

/// What a JSON Schema is of.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(super) enum Document {
    /// Scenario files.
    Scenario,
    /// summary.json of `tinsel run`.
    Summary,
    /// manifest.json.
    Manifest,
    /// summary.json of `tinsel drill`.
    DrillSummary,
    /// summary.json of `tinsel size`.
    SizeSummary,
    /// comparison.json of `tinsel compare`.
    Comparison,
    /// sweep.json of `tinsel sweep`.
    Sweep,
    /// uncertainty.json of `tinsel uncertainty`.
    Uncertainty,
}

const SUMMARY: &str = include_str!("../../schemas/summary.schema.json");
const MANIFEST: &str = include_str!("../../schemas/manifest.schema.json");
const DRILL_SUMMARY: &str = include_str!("../../schemas/drill-summary.schema.json");
const SIZE_SUMMARY: &str = include_str!("../../schemas/size-summary.schema.json");
const COMPARISON: &str = include_str!("../../schemas/comparison.schema.json");
const SWEEP: &str = include_str!("../../schemas/sweep.schema.json");
const UNCERTAINTY: &str = include_str!("../../schemas/uncertainty.schema.json");

/// Prints the JSON Schema of `document`.
pub(super) fn schema(document: Document) -> Result<(), Failure> {
    match document {
        Document::Scenario => super::print_json(&json_schema(), "the schema"),
        Document::Summary => super::print(SUMMARY),
        Document::Manifest => super::print(MANIFEST),
        Document::DrillSummary => super::print(DRILL_SUMMARY),
        Document::SizeSummary => super::print(SIZE_SUMMARY),
        Document::Comparison => super::print(COMPARISON),
        Document::Sweep => super::print(SWEEP),
        Document::Uncertainty => super::print(UNCERTAINTY),
    }
}
