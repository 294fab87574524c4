//! What a JSON value is not as its schema says. Also used by `tests/cli`.
//!
//! The validator knows the few keywords that the schemas of this repository use, and refuses a schema with another.

#![expect(clippy::unwrap_used, reason = "a schema that is not one ends the test")]

use serde_json::{Value, json};

/// What of `value` is not as `schema` (a part of `root`) says; empty if all is.
pub fn problems(root: &Value, schema: &Value, value: &Value, place: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (keyword, rule) in schema.as_object().expect("a schema is an object") {
        let good = match keyword.as_str() {
            "$schema" | "title" | "description" | "$defs" => true,
            "$ref" => {
                let target = rule.as_str().and_then(|path| root.pointer(path.trim_start_matches('#')));
                found.extend(problems(root, target.expect("the reference leads somewhere"), value, place));
                true
            }
            "type" => {
                let one = std::slice::from_ref(rule);
                rule.as_array()
                    .map_or(one, Vec::as_slice)
                    .iter()
                    .any(|kind| is(value, kind.as_str().unwrap()))
            }
            "const" => value == rule,
            "enum" => rule.as_array().unwrap().contains(value),
            "minimum" => value.as_f64().is_none_or(|number| number >= rule.as_f64().unwrap()),
            "pattern" => value.as_str().is_none_or(|text| matches_pattern(text, rule.as_str().unwrap())),
            "anyOf" => {
                let choices = rule.as_array().unwrap();
                choices.iter().any(|choice| problems(root, choice, value, place).is_empty())
            }
            "required" => {
                let names = rule.as_array().unwrap().iter().map(|name| name.as_str().unwrap());
                value.as_object().is_none_or(|object| names.clone().all(|name| object.contains_key(name)))
            }
            "items" => {
                for (index, item) in value.as_array().into_iter().flatten().enumerate() {
                    found.extend(problems(root, rule, item, &format!("{place}/{index}")));
                }
                true
            }
            "properties" => {
                for (name, schema) in rule.as_object().unwrap() {
                    if let Some(property) = value.get(name) {
                        found.extend(problems(root, schema, property, &format!("{place}/{name}")));
                    }
                }
                true
            }
            "additionalProperties" => {
                let known = |name: &str| schema.get("properties").is_some_and(|all| all.get(name).is_some());
                for (name, property) in value.as_object().into_iter().flatten() {
                    if known(name) {
                        continue;
                    } else if rule.is_object() {
                        found.extend(problems(root, rule, property, &format!("{place}/{name}")));
                    } else if rule == &json!(false) {
                        found.push(format!("{place}/{name} is not in the schema"));
                    }
                }
                true
            }
            other => panic!("the test does not know the keyword `{other}`"),
        };
        if !good {
            found.push(format!("{place}: {keyword} {rule} is not met by {value}"));
        }
    }
    found
}

fn is(value: &Value, kind: &str) -> bool {
    match kind {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        "number" => value.is_number(),
        "integer" => value.is_u64() || value.is_i64(),
        other => panic!("no type `{other}`"),
    }
}

fn matches_pattern(text: &str, pattern: &str) -> bool {
    let digits = |text: &str, wanted: usize| text.len() == wanted && text.bytes().all(|b| b.is_ascii_digit());
    match pattern {
        "^[0-9]{4}-[0-9]{2}-[0-9]{2}$" => {
            let parts: Vec<&str> = text.split('-').collect();
            parts.len() == 3 && digits(parts[0], 4) && digits(parts[1], 2) && digits(parts[2], 2)
        }
        "^[0-9a-f]{64}$" => text.len() == 64 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')),
        other => panic!("the test does not know the pattern `{other}`"),
    }
}

/// A schema of `schemas/`.
pub fn schema(name: &str) -> Value {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas").join(name);
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}
