//! TOML as a tree whose every key and value knows its place, and overrides applied to it.
//!
//! The parser is `toml_edit`'s; its document is turned into the smaller tree here, because headers, dotted
//! keys and inline tables are one thing to a reader of scenarios, and because a tree of our own can hold
//! values from several files (scenario, built-in catalogue, `--set`) side by side.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use toml_edit::{Document, Item, TableLike, Value};

use super::diagnostics::{Code, Diagnostic};

/// Where a file's values come from, which decides how they are listed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SourceKind {
    /// The scenario (or the fleet file).
    User,
    /// A catalogue that is compiled in.
    Builtin,
    /// `--set`, `--seed`, `--replications`.
    Override,
}

/// A text with a name.
#[derive(Debug)]
pub struct SourceFile {
    /// Path as written, or `--set`.
    pub name: String,
    /// The whole text.
    pub text: String,
    /// What it is.
    pub kind: SourceKind,
}

/// Bytes of one source.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Place {
    /// Position in [`Sources`].
    pub source: u32,
    /// First byte.
    pub start: usize,
    /// Byte after the last.
    pub end: usize,
}

/// All texts that a scenario is read from.
#[derive(Debug, Default)]
pub struct Sources {
    files: Vec<Arc<SourceFile>>,
}

/// A value and its place.
#[derive(Clone, Debug)]
pub struct Node {
    /// Where it is written.
    pub place: Place,
    /// What is written.
    pub value: Tree,
}

/// What a value may be.
#[derive(Clone, Debug)]
pub enum Tree {
    /// A string.
    Text(String),
    /// An integer.
    Integer(i128),
    /// A float.
    Float(f64),
    /// `true` or `false`.
    Flag(bool),
    /// A TOML date, time or date-time, as written.
    Moment(String),
    /// `[…]`, or an array of tables.
    List(Vec<Node>),
    /// A table, however written.
    Table(Table),
}

/// Keys in order of name.
#[derive(Clone, Debug, Default)]
pub struct Table {
    /// What is in it.
    pub entries: BTreeMap<String, Entry>,
}

/// A key with its value.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Where the key is written.
    pub key: Place,
    /// Its value.
    pub node: Node,
}

impl SourceFile {
    /// `start..end` cut to the text and to character boundaries, and not empty where there is text.
    pub(crate) fn clip(&self, start: usize, end: usize) -> Range<usize> {
        let floor = |mut at: usize| {
            at = at.min(self.text.len());
            while !self.text.is_char_boundary(at) {
                at -= 1;
            }
            at
        };
        let start = floor(start);
        start..floor(end.max(start)).max(start)
    }

    /// Line and column (in characters) of a byte, both from 1.
    pub(crate) fn line_and_column(&self, at: usize) -> (usize, usize) {
        let at = self.clip(at, at).start;
        let before = &self.text[..at];
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
        (line, self.text[line_start..at].chars().count() + 1)
    }

    /// The lines that hold `span`.
    pub(crate) fn lines_around(&self, span: &Range<usize>) -> Range<usize> {
        let start = self.text[..span.start].rfind('\n').map_or(0, |newline| newline + 1);
        let end = self.text[span.end..].find('\n').map_or(self.text.len(), |newline| span.end + newline);
        start..end
    }

    /// The rest of the line after byte `at`.
    pub(crate) fn rest_of_line(&self, at: usize) -> &str {
        self.text[at..].lines().next().unwrap_or("")
    }
}

impl Sources {
    /// Adds a text; its places then carry the number returned.
    pub(crate) fn add(&mut self, kind: SourceKind, name: &str, text: String) -> u32 {
        self.files.push(Arc::new(SourceFile { name: name.to_owned(), text, kind }));
        (self.files.len() - 1) as u32
    }

    /// Adds the contents of a file, which must be UTF-8.
    pub(crate) fn add_bytes(
        &mut self,
        kind: SourceKind,
        name: &str,
        bytes: Vec<u8>,
    ) -> Result<u32, Box<Diagnostic>> {
        let text = String::from_utf8(bytes);
        let valid = text.as_ref().map_or_else(|error| error.utf8_error().valid_up_to(), String::len);
        let text = text.unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned());
        let is_text = valid == text.len();
        let source = self.add(kind, name, text);
        if !is_text {
            let place = Place { source, start: valid, end: valid + 1 };
            return Err(Box::new(self.problem(Code::Syntax, place, "this file is not UTF-8 text")));
        }
        Ok(source)
    }

    /// Name of the first text, which is the scenario's.
    pub(crate) fn first_name(&self) -> &str {
        self.files.first().map_or("", |file| file.name.as_str())
    }

    /// The text a place is in.
    pub(crate) fn of(&self, place: Place) -> &Arc<SourceFile> {
        &self.files[place.source as usize]
    }

    /// A problem at `place`.
    pub(crate) fn problem(&self, code: Code, place: Place, message: impl Into<String>) -> Diagnostic {
        Diagnostic::new(code, self.of(place), place, message.into())
    }

    /// Parses source number `source` as TOML.
    pub(crate) fn parse(&self, source: u32) -> Result<Node, Box<Diagnostic>> {
        let file = &self.files[source as usize];
        let whole = Place { source, start: 0, end: 0 };
        let document = Document::parse(file.text.as_str()).map_err(|error| {
            let span = error.span().unwrap_or(0..0);
            let place = Place { source, start: span.start, end: span.end };
            Box::new(self.problem(
                Code::Syntax,
                place,
                format!("this is not valid TOML: {}", error.message().trim()),
            ))
        })?;
        Ok(Node { place: whole, value: Tree::Table(table(document.as_table(), whole)) })
    }
}

impl Node {
    /// What kind of value it is, for messages.
    pub(crate) fn kind(&self) -> &'static str {
        match self.value {
            Tree::Text(_) => "a text",
            Tree::Integer(_) => "an integer",
            Tree::Float(_) => "a number",
            Tree::Flag(_) => "true or false",
            Tree::Moment(_) => "a date or time",
            Tree::List(_) => "a list",
            Tree::Table(_) => "a table",
        }
    }

    /// The table in it, if it is one.
    pub(crate) fn as_table(&self) -> Option<&Table> {
        match &self.value {
            Tree::Table(table) => Some(table),
            _ => None,
        }
    }

    /// The value as one would write it.
    pub(crate) fn written(&self) -> String {
        match &self.value {
            Tree::Text(text) | Tree::Moment(text) => text.clone(),
            Tree::Integer(number) => number.to_string(),
            Tree::Float(number) => number.to_string(),
            Tree::Flag(flag) => flag.to_string(),
            Tree::List(items) => {
                format!("[{}]", items.iter().map(Node::written).collect::<Vec<_>>().join(", "))
            }
            Tree::Table(table) => {
                let entries =
                    table.entries.iter().map(|(key, entry)| format!("{key} = {}", entry.node.written()));
                format!("{{ {} }}", entries.collect::<Vec<_>>().join(", "))
            }
        }
    }
}

/// Reads one value as written in TOML; anything that is not TOML is a text, so `20 s` needs no quotes.
pub(crate) fn value_or_text(written: &str, place: Place) -> Node {
    // A seed may need all 64 bits, which TOML's integers do not have.
    let whole = written.parse().ok().map(|number| Node { place, value: Tree::Integer(number) });
    let node = whole.or_else(|| written.parse::<Value>().ok().map(|value| self::value(&value, place)));
    let mut node = node.unwrap_or_else(|| Node { place, value: Tree::Text(written.to_owned()) });
    set_place(&mut node, place);
    node
}

/// Applies `path=value` to `root`, making tables on the way. `place` is that of the whole override.
pub(crate) fn apply_override(root: &mut Node, written: &str, place: Place) -> Result<(), String> {
    let (path, value) = written.split_once('=').ok_or("an override is written path=value")?;
    let keys = toml_edit::Key::parse(path.trim()).map_err(|_| format!("`{path}` is not a path of keys"))?;
    let mut node = root;
    for key in &keys {
        node = step(node, key.get(), place)?;
    }
    *node = value_or_text(value.trim(), place);
    Ok(())
}

/// The child of `node` called `key` (or at that index of a list), made if a table lacks it.
fn step<'n>(node: &'n mut Node, key: &str, place: Place) -> Result<&'n mut Node, String> {
    let kind = node.kind();
    match &mut node.value {
        Tree::Table(table) => {
            let empty = || Entry { key: place, node: Node { place, value: Tree::Table(Table::default()) } };
            Ok(&mut table.entries.entry(key.to_owned()).or_insert_with(empty).node)
        }
        Tree::List(items) => {
            let count = items.len();
            let index = key.parse::<usize>().map_err(|_| format!("`{key}` should be an index from 0"))?;
            items.get_mut(index).ok_or_else(|| format!("there is no element {index} among {count}"))
        }
        _ => Err(format!("`{key}` is looked for in {kind}, which has no keys")),
    }
}

fn set_place(node: &mut Node, place: Place) {
    node.place = place;
    match &mut node.value {
        Tree::List(items) => items.iter_mut().for_each(|item| set_place(item, place)),
        Tree::Table(table) => table.entries.values_mut().for_each(|entry| {
            entry.key = place;
            set_place(&mut entry.node, place);
        }),
        _ => {}
    }
}

fn place_of(span: Option<Range<usize>>, around: Place) -> Place {
    span.map_or(around, |span| Place { start: span.start, end: span.end, ..around })
}

fn table(from: &dyn TableLike, around: Place) -> Table {
    let mut entries = BTreeMap::new();
    for (name, item) in from.iter() {
        let key = place_of(from.key(name).and_then(toml_edit::Key::span), around);
        let Some(node) = item_node(item, key) else { continue };
        entries.insert(name.to_owned(), Entry { key, node });
    }
    Table { entries }
}

fn item_node(item: &Item, around: Place) -> Option<Node> {
    let place = place_of(item.span(), around);
    Some(match item {
        Item::None => return None,
        Item::Value(written) => value(written, around),
        Item::Table(inner) => Node { place, value: Tree::Table(table(inner, place)) },
        Item::ArrayOfTables(tables) => {
            let item = |inner: &toml_edit::Table| {
                let place = place_of(inner.span(), place);
                Node { place, value: Tree::Table(table(inner, place)) }
            };
            Node { place, value: Tree::List(tables.iter().map(item).collect()) }
        }
    })
}

fn value(written: &Value, around: Place) -> Node {
    let place = place_of(written.span(), around);
    let tree = match written {
        Value::String(text) => Tree::Text(text.value().clone()),
        Value::Integer(number) => Tree::Integer(i128::from(*number.value())),
        Value::Float(number) => Tree::Float(*number.value()),
        Value::Boolean(flag) => Tree::Flag(*flag.value()),
        Value::Datetime(moment) => Tree::Moment(moment.value().to_string()),
        Value::Array(items) => Tree::List(items.iter().map(|item| value(item, place)).collect()),
        Value::InlineTable(inner) => Tree::Table(table(inner, place)),
    };
    Node { place, value: tree }
}
