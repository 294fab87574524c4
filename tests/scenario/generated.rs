//! Generated text is committed, and stale text fails.

use tinsel::scenario::{json_schema, reference_markdown, sources_markdown};

use super::{assert_golden, file};

#[test]
fn the_table_of_sources_is_fresh() {
    assert_golden(&file("docs/sources.md"), &sources_markdown());
}

#[test]
fn the_reference_of_the_format_is_fresh() {
    assert_golden(&file("docs/scenario.md"), &reference_markdown());
}

#[test]
fn the_json_schema_is_fresh() {
    let mut schema = serde_json::to_string_pretty(&json_schema()).expect("a schema is JSON");
    schema.push('\n');
    assert_golden(&file("schemas/scenario.schema.json"), &schema);
}

#[test]
fn the_schema_knows_units_words_and_strictness() {
    let schema = json_schema();
    let at = |pointer: &str| schema.pointer(pointer).unwrap_or_else(|| panic!("{pointer} is in the schema"));
    assert_eq!(at("/additionalProperties"), false);
    assert_eq!(at("/properties/payments/properties/timeout/default"), "30 s");
    assert_eq!(at("/properties/fleet/properties/file/type"), "string");
    let families = at("/properties/profiles/additionalProperties/properties/family/enum");
    assert!(families.as_array().is_some_and(|words| words.contains(&"windowed-loss".into())));
    assert_eq!(at("/properties/calendar/type"), "array");
}
