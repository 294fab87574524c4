//! JSON Schema (draft 2020-12) of scenario files, from the same [`Field`]s that read them.

use serde_json::{Map, Value, json};

use super::field::{Field, Kind};

/// What schema mode records of a section.
pub(crate) enum Shape {
    Table(Vec<Property>),
    /// A table whose keys are names.
    Map(Box<Shape>),
    /// An array of tables.
    List(Box<Shape>),
    Value(Field, Kind),
}

/// One key of a section.
pub(crate) struct Property {
    pub key: String,
    pub doc: &'static str,
    pub required: bool,
    pub shape: Shape,
}

const NUMBER: &str = r"[0-9][0-9_]*(\.[0-9]*)?|\.[0-9]+";
const SPAN_UNIT: &str = "d|day|days|h|hour|hours|min|minute|minutes|s|sec|second|seconds|ms|us|µs|ns";

impl Property {
    pub(crate) fn value(field: Field, kind: Kind) -> Self {
        let required = field.default.is_none() && !field.optional;
        Property { key: field.key.to_owned(), doc: field.doc, required, shape: Shape::Value(field, kind) }
    }
}

/// The schema of a whole document.
pub(crate) fn document(shape: &Shape) -> Value {
    let mut schema = Map::new();
    schema.insert("$schema".to_owned(), json!("https://json-schema.org/draft/2020-12/schema"));
    schema.insert("title".to_owned(), json!("tinsel scenario"));
    if let Value::Object(members) = of_shape(shape) {
        schema.extend(members);
    }
    Value::Object(schema)
}

fn of_shape(shape: &Shape) -> Value {
    match shape {
        Shape::Table(properties) => of_table(properties),
        // Entries of a catalogue may lean on a built-in entry, so none of their keys is required.
        Shape::Map(entry) => {
            let mut entry = of_shape(entry);
            if let Value::Object(members) = &mut entry {
                members.remove("required");
            }
            json!({ "type": "object", "additionalProperties": entry })
        }
        Shape::List(item) => json!({ "type": "array", "items": of_shape(item) }),
        Shape::Value(field, kind) => of_value(*field, kind),
    }
}

fn of_table(properties: &[Property]) -> Value {
    let mut members = Map::new();
    let mut required = Vec::new();
    for property in properties {
        let mut schema = of_shape(&property.shape);
        if let Value::Object(object) = &mut schema {
            object.insert("description".to_owned(), json!(property.doc));
        }
        if property.required {
            required.push(json!(property.key));
        }
        members.insert(property.key.clone(), schema);
    }
    let mut table = json!({ "type": "object", "properties": members, "additionalProperties": false });
    if !required.is_empty() {
        table["required"] = Value::Array(required);
    }
    table
}

fn of_value(field: Field, kind: &Kind) -> Value {
    let mut schema = of_kind(field, kind);
    if let (Some((default, _)), Value::Object(object)) = (field.default, &mut schema) {
        let parsed = match kind {
            Kind::Flag | Kind::Integer | Kind::Number | Kind::Share | Kind::Texts => {
                serde_json::from_str(default).ok()
            }
            _ => None,
        };
        object.insert("default".to_owned(), parsed.unwrap_or_else(|| json!(default)));
    }
    schema
}

fn of_kind(field: Field, kind: &Kind) -> Value {
    match kind {
        Kind::Text => json!({ "type": "string" }),
        Kind::Choice(words) => json!({ "type": "string", "enum": words }),
        Kind::Flag => json!({ "type": "boolean" }),
        Kind::Integer => limited(json!({ "type": "integer", "minimum": 0 }), field),
        Kind::Number => limited(json!({ "type": "number" }), field),
        Kind::Share => share(),
        Kind::Span => span(),
        Kind::Rate => pattern("bps|kbps|Mbps|Gbps|bit/s|kbit/s|Mbit/s|Gbit/s"),
        Kind::Money => {
            json!({ "type": "string", "pattern": r"^[$€£] ?([0-9]{1,3}(,[0-9]{3})+|[0-9][0-9_]*)(\.[0-9]*)? ?(k|K|M|B)?$" })
        }
        Kind::Bytes => pattern("B|bytes|kB|MB|GB"),
        Kind::Hertz => pattern("kHz|MHz|GHz"),
        Kind::Date | Kind::LocalTime => json!({ "type": "string" }),
        Kind::Clock => {
            json!({ "type": "string", "pattern": "^([01]?[0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?$|^24:00$" })
        }
        Kind::Law => law(),
        Kind::Weights => json!({ "oneOf": [
            { "type": "string" },
            { "type": "object", "additionalProperties": share(), "minProperties": 1 },
        ] }),
        Kind::Selection => json!({ "oneOf": [
            { "type": "string", "const": "all" },
            { "type": "array", "items": { "type": "string" } },
        ] }),
        Kind::Texts => json!({ "type": "array", "items": { "type": "string" } }),
        Kind::Hours => json!({
            "type": "array", "items": { "type": "number", "minimum": 0 }, "minItems": 24, "maxItems": 24,
        }),
        Kind::NormalDecibels => json!({ "oneOf": [decibels(), {
            "type": "object",
            "properties": { "mean": decibels(), "sd": decibels() },
            "required": ["mean", "sd"],
            "additionalProperties": false,
        }] }),
        Kind::Value => json!({}),
        Kind::Values => json!({ "type": "array" }),
    }
}

fn limited(mut schema: Value, field: Field) -> Value {
    if field.min.is_finite() {
        schema["minimum"] = json!(field.min);
    }
    if field.max.is_finite() {
        schema["maximum"] = json!(field.max);
    }
    schema
}

fn pattern(units: &str) -> Value {
    json!({ "type": "string", "pattern": format!("^({NUMBER}) ?({units})$") })
}

fn span() -> Value {
    pattern(SPAN_UNIT)
}

fn decibels() -> Value {
    json!({ "type": "string", "pattern": format!("^-?({NUMBER}) ?dB$") })
}

fn share() -> Value {
    json!({ "oneOf": [
        { "type": "number", "minimum": 0 },
        { "type": "string", "pattern": format!("^({NUMBER}) ?%$") },
    ] })
}

fn law() -> Value {
    let table = |members: Value, required: &[&str]| {
        let mut schema = json!({ "type": "object", "properties": members, "additionalProperties": false });
        schema["required"] = json!(required);
        schema
    };
    json!({ "oneOf": [
        span(),
        table(json!({ "median": span(), "sigma": { "type": "number", "minimum": 0 } }), &["median", "sigma"]),
        table(json!({ "mean": span() }), &["mean"]),
        table(json!({ "low": span(), "high": span() }), &["low", "high"]),
    ] })
}
