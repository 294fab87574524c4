//! `[sizing] catalogue`: a file of `[items.NAME]` tables, a layer between the scenario, whose own win, and the built-in ones.

use std::path::Path;

use super::diagnostics::Code;
use super::reader::{Problem, Reader};
use super::tree::{Node, SourceKind, Table, Tree};
use super::{InputFile, sha256};

/// The file that the scenario names, as a tree of items; what is wrong with it is noted.
pub(super) fn read(
    reader: &mut Reader,
    user: &Node,
    directory: &Path,
    inputs: &mut Vec<InputFile>,
) -> Option<Node> {
    let sizing = user.as_table().and_then(|root| root.entries.get("sizing"))?;
    let named = &sizing.node.as_table()?.entries.get("catalogue")?.node;
    let Tree::Text(text) = &named.value else { return None };
    let path = directory.join(text);
    let bytes = match std::fs::read(&path) {
        Ok(bytes) => bytes,
        Err(error) => {
            let message = format!("the catalogue {} cannot be read: {error}", path.display());
            let help = "the path is relative to the scenario file";
            reader.report(named.place, Problem::new(Code::Unreadable, message).help(help));
            return None;
        }
    };
    inputs.push(InputFile { path: text.clone(), sha256: sha256(&bytes) });
    let source = match reader.sources.add_bytes(SourceKind::User, text, bytes) {
        Ok(source) => source,
        Err(problem) => {
            reader.note(*problem);
            return None;
        }
    };
    let file = match reader.sources.parse(source) {
        Ok(file) => file,
        Err(problem) => {
            reader.note(*problem);
            return None;
        }
    };
    let place = file.place;
    let Tree::Table(mut table) = file.value else { return None };
    let items = table.entries.remove("items");
    for (key, entry) in &table.entries {
        let message = format!("`{key}` has no place in a catalogue");
        let help = "such a file holds [items.NAME] tables only; the rest belongs into the scenario";
        reader.report(entry.key, Problem::new(Code::UnknownKey, message).help(help));
    }
    let entries = items.into_iter().map(|entry| ("items".to_owned(), entry)).collect();
    Some(Node { place, value: Tree::Table(Table { entries }) })
}
