//! `docs/sources.md`: every shipped default with its source and how far to trust it, from the definitions themselves.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::field::Provenance;
use super::reader::{Origin, Reader, Section};
use super::tree::{Node, SourceFile, Sources, Tree};
use super::{catalogue, nowhere, sections};

/// Ids, descriptions and addresses of the sources.
const SOURCES: &str = include_str!("../../assets/sources.csv");
/// Prose on the flagship's number of customers.
const FLAGSHIP: &str = include_str!("../../assets/flagship_customers.md");

const INTRODUCTION: &str = "\
# Where the defaults come from

This file is generated from the definitions that the program reads (`tinsel::scenario::sources_markdown`); a test fails
when it is stale. How far to trust a default:

| tag | meaning |
|---|---|
| C | cited: read in the source named |
| D | derived from cited figures by arithmetic |
| M | from memory, not verified |
| EA | engineering assumption |
| J | a practitioner's judgement without a source |

";

/// One default.
struct Row {
    path: String,
    value: String,
    provenance: Provenance,
}

/// The whole document.
#[must_use]
pub fn sources_markdown() -> String {
    let mut text = INTRODUCTION.to_owned();
    let defaults = defaults_of_keys();
    text.push_str("## Defaults of keys\n\nUsed when a scenario does not write the key.\n\n");
    table(&mut text, &defaults);
    let catalogue = catalogue_rows();
    text.push_str("\n## The built-in catalogue\n\nEntries of `assets/*.toml`; a scenario overrides them key by key.\n\n");
    table(&mut text, &catalogue);
    let _ = write!(text, "\n{}\n", FLAGSHIP.trim_end());
    text.push_str("\n## Sources\n\n| id | what | where |\n|---|---|---|\n");
    let used = ids_in(&text);
    let mut reader = csv::Reader::from_reader(SOURCES.as_bytes());
    for record in reader.records().flatten() {
        let cell = |index: usize| record.get(index).unwrap_or("").replace('|', "/");
        if used.contains(&cell(0)) {
            let _ = writeln!(text, "| {} | {} | {} |", cell(0), cell(1), cell(2));
        }
    }
    text
}

fn table(text: &mut String, rows: &[Row]) {
    text.push_str("| path | default | trust | source |\n|---|---|---|---|\n");
    for row in rows {
        let (value, source) = (row.value.replace('|', "\\|"), row.provenance.source.replace('|', "\\|"));
        let _ =
            writeln!(text, "| `{}` | {value} | {} | {source} |", row.path, row.provenance.confidence.tag());
    }
}

/// What schema mode reads: every key once, with its default.
fn defaults_of_keys() -> Vec<Row> {
    let mut reader = Reader::for_schema();
    let place = nowhere(&mut reader.sources);
    let root = Section::root(&reader, place, std::iter::empty());
    sections::read(&root);
    root.close();
    let settings = reader.take_settings().into_iter().filter_map(|setting| match setting.origin {
        Origin::Default(provenance) => Some(Row { path: setting.path, value: setting.value, provenance }),
        Origin::File { .. } | Origin::Override => None,
    });
    settings.collect()
}

fn catalogue_rows() -> Vec<Row> {
    let mut sources = Sources::default();
    let trees = catalogue(&mut sources);
    let mut rows = Vec::new();
    for tree in &trees {
        let mut values = Vec::new();
        collect(sources.of(tree.place), "", tree, &mut values);
        rows.extend(
            values
                .into_iter()
                .filter_map(|(path, value, provenance)| Some(Row { path, value, provenance: provenance? })),
        );
    }
    rows
}

/// The values of a catalogue file with their remarks; an inline table is one value.
fn collect(file: &SourceFile, path: &str, node: &Node, into: &mut Vec<(String, String, Option<Provenance>)>) {
    let inline = file.text.get(node.place.start..).is_some_and(|rest| rest.starts_with('{'));
    match &node.value {
        Tree::Table(table) if !inline => {
            for (key, entry) in &table.entries {
                let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                collect(file, &path, &entry.node, into);
            }
        }
        _ => into.push((path.to_owned(), node.written(), Provenance::in_catalogue(file, node.place.end))),
    }
}

/// Every source: its id, what it is, and where.
#[must_use]
pub fn list() -> Vec<[String; 3]> {
    let mut reader = csv::Reader::from_reader(SOURCES.as_bytes());
    let cell = |record: &csv::StringRecord, at: usize| record.get(at).unwrap_or_default().to_owned();
    reader.records().flatten().map(|record| [0, 1, 2].map(|at| cell(&record, at))).collect()
}

/// Source ids such as S37 or S42b in a text.
#[must_use]
pub fn ids_in(text: &str) -> BTreeSet<String> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric());
    let is_id = |word: &&str| {
        let digits = word.strip_prefix('S').map(|rest| rest.trim_end_matches('b'));
        digits.is_some_and(|digits| digits.len() == 2 && digits.bytes().all(|byte| byte.is_ascii_digit()))
    };
    words.filter(is_id).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_of_the_catalogue_says_where_it_comes_from() {
        let mut sources = Sources::default();
        for tree in catalogue(&mut sources) {
            let mut values = Vec::new();
            collect(sources.of(tree.place), "", &tree, &mut values);
            assert!(!values.is_empty());
            for (path, value, provenance) in values {
                let provenance = provenance.unwrap_or_else(|| panic!("{path} = {value} has no remark"));
                assert!(!provenance.source.is_empty(), "{path} has an empty remark");
            }
        }
    }

    #[test]
    fn every_source_named_is_listed() {
        let mut reader = csv::Reader::from_reader(SOURCES.as_bytes());
        let known: BTreeSet<String> =
            reader.records().map(|record| record.expect("sources.csv is a table")[0].to_owned()).collect();
        for id in ids_in(&sources_markdown()) {
            assert!(known.contains(&id), "{id} is not in assets/sources.csv");
        }
    }
}
