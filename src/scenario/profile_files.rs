//! Files of profiles: `[scenario] profile_files`, and `tinsel profiles` on a file of its own.
//!
//! Such a file holds `[profiles.NAME]` tables and nothing else. It is a layer between the scenario, whose own tables win,
//! and the built-in library, and goes through the same reader, so that its problems have its own lines.

use std::collections::BTreeMap;
use std::path::Path;

use super::diagnostics::{Code, Diagnostic};
use super::reader::{Problem, Reader, Section};
use super::sections::{general, profiles};
use super::tree::{Node, Place, SourceKind, Table, Tree};
use super::{InputFile, Rejected, catalogue, resolved, sha256};

/// The profiles that a file defines, in order of name. They may be based on built-in ones.
///
/// # Errors
/// If the file cannot be read, or has any error: then all are reported.
pub fn load_profiles(path: &Path) -> Result<Vec<resolved::Profile>, Rejected> {
    let name = path.display().to_string();
    let bytes = std::fs::read(path).map_err(|source| Rejected::Io { path: name.clone(), source })?;
    read_profiles(&name, bytes).map_err(Rejected::Invalid)
}

/// The profiles in the contents of a file called `name`.
fn read_profiles(name: &str, bytes: Vec<u8>) -> Result<Vec<resolved::Profile>, Vec<Diagnostic>> {
    let mut reader = Reader::default();
    let file = parse(&mut reader, name, bytes).map_err(|problem| vec![*problem])?;
    let file = only_profiles(&reader, file);
    let builtin = catalogue(&mut reader.sources);
    let root = Section::root(&reader, file.place, std::iter::once(&file).chain(&builtin));
    let mut all = root.catalogue("profiles", profiles::DOC, profiles::read);
    if reader.has_errors() {
        return Err(reader.take_diagnostics());
    }
    Ok(names(&file).filter_map(|(name, _)| all.remove(name)).collect())
}

/// The files that the scenario names, as trees of profiles; what is wrong with them is noted.
pub(super) fn read(
    reader: &mut Reader,
    user: &Node,
    directory: &Path,
    inputs: &mut Vec<InputFile>,
) -> Vec<Node> {
    let mut files: Vec<Node> = Vec::new();
    let mut defined: BTreeMap<String, Place> = BTreeMap::new();
    for (text, place) in listed(user) {
        let path = directory.join(&text);
        let bytes = match std::fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) => {
                let message = format!("the file of profiles {} cannot be read: {error}", path.display());
                let help = "the path is relative to the scenario file";
                reader.report(place, Problem::new(Code::Unreadable, message).help(help));
                continue;
            }
        };
        inputs.push(InputFile { path: text.clone(), sha256: sha256(&bytes) });
        let file = match parse(reader, &text, bytes) {
            Ok(file) => only_profiles(reader, file),
            Err(problem) => {
                reader.note(*problem);
                continue;
            }
        };
        for (name, key) in names(&file) {
            if let Some(first) = defined.insert(name.clone(), key) {
                let other = reader.sources.of(first);
                let (line, _) = other.line_and_column(first.start);
                let message = format!("the profile `{name}` is in {}:{line} too", other.name);
                let help = "two files may not define one profile: rename one of them";
                reader.report(key, Problem::new(Code::Duplicate, message).help(help));
            }
        }
        files.push(file);
    }
    files
}

/// What `[scenario] profile_files` says; its reader complains of what is no list of texts.
fn listed(user: &Node) -> Vec<(String, Place)> {
    let scenario = user.as_table().and_then(|root| root.entries.get("scenario"));
    let general = scenario.and_then(|entry| entry.node.as_table());
    let files = general.and_then(|table| table.entries.get(general::PROFILE_FILES.key));
    let Some(Tree::List(items)) = files.map(|entry| &entry.node.value) else { return Vec::new() };
    let text = |item: &Node| match &item.value {
        Tree::Text(text) => Some((text.clone(), item.place)),
        _ => None,
    };
    items.iter().filter_map(text).collect()
}

fn parse(reader: &mut Reader, name: &str, bytes: Vec<u8>) -> Result<Node, Box<Diagnostic>> {
    let source = reader.sources.add_bytes(SourceKind::User, name, bytes)?;
    reader.sources.parse(source)
}

/// The file's tree without what does not belong there, of which it complains.
fn only_profiles(reader: &Reader, file: Node) -> Node {
    let Tree::Table(mut table) = file.value else { return file };
    let profiles = table.entries.remove("profiles");
    for (key, entry) in &table.entries {
        let message = format!("`{key}` has no place in a file of profiles");
        let help = "such a file holds [profiles.NAME] tables only; the rest belongs into the scenario";
        reader.report(entry.key, Problem::new(Code::UnknownKey, message).help(help));
    }
    let entries = profiles.into_iter().map(|entry| ("profiles".to_owned(), entry)).collect();
    Node { place: file.place, value: Tree::Table(Table { entries }) }
}

/// The profiles of a file and where their names are written.
fn names(file: &Node) -> impl Iterator<Item = (&String, Place)> {
    let profiles = file.as_table().and_then(|root| root.entries.get("profiles"));
    let table = profiles.and_then(|entry| entry.node.as_table());
    table.into_iter().flat_map(|table| table.entries.iter().map(|(name, entry)| (name, entry.key)))
}
