//! `docs/scenario.md`: prose on the file format, then every key from the definitions that read it.

use std::fmt::Write as _;

use super::field::{Field, Kind};
use super::reader::{Reader, Section};
use super::schema::{Property, Shape};
use super::{nowhere, sections};

/// What generated tables cannot say.
const PROSE: &str = include_str!("../../assets/scenario_reference.md");

/// The whole document.
#[must_use]
pub fn reference_markdown() -> String {
    let mut reader = Reader::for_schema();
    let place = nowhere(&mut reader.sources);
    let root = Section::root(&reader, place, std::iter::empty());
    sections::read(&root);
    let mut text = PROSE.trim_end().to_owned();
    text.push_str("\n\n## Every key\n\nA default in *italics* comes from the built-in entry of that name, if there is one.\n");
    if let Shape::Table(properties) = root.close() {
        for property in &properties {
            describe(&mut text, "", property);
        }
    }
    text
}

/// A section's heading, its keys, then the sections inside it.
fn describe(text: &mut String, path: &str, property: &Property) {
    let path = if path.is_empty() { property.key.clone() } else { format!("{path}.{}", property.key) };
    let (header, inner, path) = match &property.shape {
        Shape::Table(inner) => (format!("[{path}]"), inner, path),
        Shape::Map(entry) => match entry.as_ref() {
            Shape::Table(inner) => (format!("[{path}.NAME]"), inner, format!("{path}.NAME")),
            Shape::Value(field, kind) => {
                let value = value_text(kind);
                let _ = write!(
                    text,
                    "\n### `[{path}]`\n\n{}\n\n| key | value | default | meaning |\n|---|---|---|---|\n| `{}` | {value} | none | {} |\n",
                    property.doc, field.key, field.doc
                );
                return;
            }
            Shape::Map(_) | Shape::List(_) => return,
        },
        Shape::List(item) => match item.as_ref() {
            Shape::Table(inner) => (format!("[[{path}]]"), inner, path),
            _ => return,
        },
        Shape::Value(..) => return,
    };
    let in_catalogue = header.contains("NAME");
    let _ = write!(text, "\n### `{header}`\n\n{}\n", property.doc);
    let values: Vec<_> =
        inner.iter().filter_map(|one| value_of(one).map(|(field, kind)| (one, field, kind))).collect();
    if !values.is_empty() {
        text.push_str("\n| key | value | default | meaning |\n|---|---|---|---|\n");
    }
    for (one, field, kind) in values {
        let default = match (field.default, field.optional) {
            (Some(("", _)), _) => "empty".to_owned(),
            (Some((default, _)), _) => format!("`{}`", default.replace('|', "\\|")),
            (None, true) => "none".to_owned(),
            (None, false) if in_catalogue => "*built-in*".to_owned(),
            (None, false) => "**required**".to_owned(),
        };
        let _ = writeln!(text, "| `{}` | {} | {default} | {} |", one.key, value_text(kind), one.doc);
    }
    for one in inner {
        describe(text, &path, one);
    }
}

fn value_of(property: &Property) -> Option<(&Field, &Kind)> {
    match &property.shape {
        Shape::Value(field, kind) => Some((field, kind)),
        Shape::Table(_) | Shape::Map(_) | Shape::List(_) => None,
    }
}

fn value_text(kind: &Kind) -> String {
    match kind {
        Kind::Choice(words) => words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", "),
        other => other.unit().to_owned(),
    }
}
