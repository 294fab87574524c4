//! What the results rest on: every setting with where it comes from, and the sources behind the defaults.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::scenario::sources::{ids_in, list};

/// The scenario's currency, ISO 4217.
pub fn currency(manifest: &Value) -> Value {
    let setting = settings_of(manifest).find(|setting| setting["path"] == "scenario.currency");
    setting.map_or(Value::Null, |setting| setting["value"].clone())
}

fn settings_of(manifest: &Value) -> impl Iterator<Item = &Value> {
    manifest["settings"].as_array().into_iter().flatten()
}

/// Path, value, tag and note of each setting. The tag is that of the default's provenance, `file` or `command line`.
pub fn settings(manifest: &Value) -> Value {
    let rows = settings_of(manifest).map(|setting| {
        let origin = setting["origin"].as_str().unwrap_or_default();
        let (tag, note) = tagged(origin);
        json!([setting["path"], setting["value"], tag, note])
    });
    Value::Array(rows.collect())
}

/// `default [C] S12: why` → `("C", "S12: why")`.
fn tagged(origin: &str) -> (&str, &str) {
    let provenance = origin.strip_prefix("default [").and_then(|rest| rest.split_once(']'));
    match provenance {
        Some((tag, note)) => (tag, note.trim_start()),
        None if origin == "command line" => ("command line", ""),
        None => ("file", origin),
    }
}

/// Id, title and address of every source that a default in use names.
pub fn sources(manifest: &Value) -> Value {
    let mut used: BTreeSet<String> = BTreeSet::new();
    for setting in settings_of(manifest) {
        used.extend(ids_in(setting["origin"].as_str().unwrap_or_default()));
    }
    let rows = list().into_iter().filter(|[id, _, _]| used.contains(id));
    Value::Array(rows.map(|row| json!(row)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_are_told_apart() {
        assert_eq!(tagged("default [C] S12: read"), ("C", "S12: read"));
        assert_eq!(tagged("scenarios/a.toml:3"), ("file", "scenarios/a.toml:3"));
        assert_eq!(tagged("command line"), ("command line", ""));
    }
}
