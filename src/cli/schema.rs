//! `tinsel schema`.

use super::exit::Failure;
use crate::scenario::json_schema;

/// Prints the JSON Schema of scenario files.
pub(super) fn schema() -> Result<(), Failure> {
    let text = serde_json::to_string_pretty(&json_schema())
        .map_err(|error| Failure::Unexpected(format!("failed to print the schema: {error}")))?;
    super::print(&format!("{text}\n"))
}
