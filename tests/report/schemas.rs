//! `summary.json` and `manifest.json` are what their JSON Schemas in `schemas/` say; those of other commands: `tests/cli/schemas.rs`.

use serde_json::{Value, json};

use super::validator::{problems, schema};
use super::{TABLES, synthetic, written};

#[test]
fn summary_and_manifest_are_as_their_schemas_say() {
    for replications in [1, 20] {
        let scenario = synthetic::scenario("schemas", 6, 2, replications);
        let (_root, place) = written(&scenario, &synthetic::result(&scenario), TABLES);
        for name in ["summary", "manifest"] {
            let schema = schema(&format!("{name}.schema.json"));
            let text = std::fs::read_to_string(place.join(format!("{name}.json"))).unwrap();
            let value: Value = serde_json::from_str(&text).unwrap();
            let found = problems(&schema, &schema, &value, "");
            assert!(found.is_empty(), "{name}.json, or its schema, has changed: {found:#?}");
        }
    }
}

#[test]
fn the_validator_sees_what_is_wrong() {
    let schema = schema("manifest.schema.json");
    let found = problems(&schema, &schema, &json!({"tool": "other", "more": 1, "seed": -1}), "");
    assert_eq!(found.len(), 4, "{found:#?}");
}
