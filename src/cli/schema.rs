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
}

const SUMMARY: &str = include_str!("../../schemas/summary.schema.json");
const MANIFEST: &str = include_str!("../../schemas/manifest.schema.json");

/// Prints the JSON Schema of `document`.
pub(super) fn schema(document: Document) -> Result<(), Failure> {
    match document {
        Document::Scenario => {
            let text = serde_json::to_string_pretty(&json_schema())
                .map_err(|error| Failure::Unexpected(format!("failed to print the schema: {error}")))?;
            super::print(&format!("{text}\n"))
        }
        Document::Summary => super::print(SUMMARY),
        Document::Manifest => super::print(MANIFEST),
    }
}
