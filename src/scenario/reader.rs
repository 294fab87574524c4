//! The generic reader of scenario files: typed getters that note problems instead of returning early.
//!
//! A [`Section`] is a table seen through layers (what the user wrote over the built-in catalogue). Each getter
//! takes a [`Field`], so one definition serves reading, the listing of settings and, in schema mode, the JSON
//! Schema. When a section is done, keys nobody asked for are reported. A getter that meets a problem notes it and
//! hands back a stand-in value; a scenario with any error is never built, so stand-ins never reach a run.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::diagnostics::{Code, Diagnostic, Severity};
use super::field::{Field, Kind, Provenance};
use super::schema::{Property, Shape};
use super::tree::{Node, Place, SourceKind, Sources, Table, Tree, value_or_text};
use super::values::texts_of;

/// Where a setting's value comes from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Origin {
    /// Written in the scenario.
    File {
        /// File as named by the user.
        file: String,
        /// Line, from 1.
        line: usize,
    },
    /// Shipped with tinsel.
    Default(Provenance),
    /// Given on the command line.
    Override,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Origin::File { file, line } => write!(f, "{file}:{line}"),
            Origin::Default(provenance) => write!(f, "default {provenance}"),
            Origin::Override => f.write_str("command line"),
        }
    }
}

/// One setting as it is used.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Setting {
    /// Dotted path.
    pub path: String,
    /// Value as one would write it.
    pub value: String,
    /// Unit or kind of value.
    pub unit: &'static str,
    /// Where it comes from.
    pub origin: Origin,
}

/// A name that refers to something, and where it is written.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Named {
    pub text: String,
    pub place: Place,
}

/// Why a value cannot be used.
pub(crate) struct Problem {
    pub code: Code,
    pub message: String,
    pub help: Option<String>,
    pub place: Option<Place>,
}

impl Problem {
    pub(crate) fn new(code: Code, message: impl Into<String>) -> Self {
        Problem { code, message: message.into(), help: None, place: None }
    }

    pub(crate) fn help(self, help: impl Into<String>) -> Self {
        Problem { help: Some(help.into()), ..self }
    }

    pub(crate) fn at(self, place: Place) -> Self {
        Problem { place: Some(place), ..self }
    }
}

/// Collects what reading finds.
#[derive(Default)]
pub(crate) struct Reader {
    pub sources: Sources,
    diagnostics: RefCell<Vec<Diagnostic>>,
    settings: RefCell<Vec<Setting>>,
    /// In schema mode every section is visited once, whatever is written.
    pub schema_mode: bool,
    /// What the scenario's money is in, if it says so rightly or not at all: no amount may have another currency's sign.
    pub currency: Option<String>,
}

impl Reader {
    /// A reader that records what may be written instead of reading it.
    pub(crate) fn for_schema() -> Self {
        Reader { schema_mode: true, ..Reader::default() }
    }

    pub(crate) fn note(&self, diagnostic: Diagnostic) {
        self.diagnostics.borrow_mut().push(diagnostic);
    }

    pub(crate) fn report(&self, at: Place, problem: Problem) {
        let place = problem.place.unwrap_or(at);
        self.note(self.sources.problem(problem.code, place, problem.message).with_help(problem.help));
    }

    pub(crate) fn has_errors(&self) -> bool {
        self.diagnostics.borrow().iter().any(|diagnostic| diagnostic.severity == Severity::Error)
    }

    /// All problems so far, in order of file and place.
    pub(crate) fn take_diagnostics(&self) -> Vec<Diagnostic> {
        let mut found = self.diagnostics.take();
        let user_file = self.sources.first_name();
        found.sort_by_key(|problem| (problem.file != user_file, problem.file.clone(), problem.span.start));
        found
    }

    /// Notes a setting that no file holds.
    pub(crate) fn record(&self, setting: Setting) {
        self.settings.borrow_mut().push(setting);
    }

    /// Paths of all settings that were read, as [`super::vary::canonical`] has them.
    pub(crate) fn setting_paths(&self) -> Vec<String> {
        self.settings.borrow().iter().map(|setting| super::vary::canonical(&setting.path)).collect()
    }

    pub(crate) fn take_settings(&self) -> Vec<Setting> {
        self.settings.take()
    }

    fn origin(&self, place: Place) -> Origin {
        let file = self.sources.of(place);
        match file.kind {
            SourceKind::Override => Origin::Override,
            SourceKind::User => {
                Origin::File { file: file.name.clone(), line: file.line_and_column(place.start).0 }
            }
            SourceKind::Builtin => Origin::Default(
                Provenance::in_catalogue(file, place.end)
                    .expect("a test asserts that every catalogue value has a provenance remark"),
            ),
        }
    }
}

/// A table as the reader sees it.
pub(crate) struct Section<'r> {
    pub reader: &'r Reader,
    pub path: String,
    /// Highest priority first; empty if nothing is written.
    layers: Vec<&'r Table>,
    /// Where to point when something is missing.
    pub place: Place,
    asked: RefCell<BTreeSet<String>>,
    missing: RefCell<Vec<Field>>,
    /// The entry builds on something that does not exist, so what it lacks is not worth reporting.
    baseless: bool,
    properties: RefCell<Vec<Property>>,
}

impl<'r> Section<'r> {
    /// The root of a scenario: trees in order of priority; `place` stands for what is written nowhere.
    pub(crate) fn root(reader: &'r Reader, place: Place, trees: impl Iterator<Item = &'r Node>) -> Self {
        Section::root_at(reader, "", place, trees)
    }

    /// The same of a file whose settings are listed under `path`.
    pub(crate) fn root_at(
        reader: &'r Reader,
        path: &str,
        place: Place,
        trees: impl Iterator<Item = &'r Node>,
    ) -> Self {
        Section::new(reader, path.to_owned(), trees.filter_map(Node::as_table).collect(), place)
    }

    fn new(reader: &'r Reader, path: String, layers: Vec<&'r Table>, place: Place) -> Self {
        Section {
            reader,
            path,
            layers,
            place,
            asked: RefCell::default(),
            missing: RefCell::default(),
            baseless: false,
            properties: RefCell::default(),
        }
    }

    /// Whether `key` is written in any layer.
    pub(crate) fn has(&self, key: &str) -> bool {
        self.reader.schema_mode || self.find(key).is_some()
    }

    /// Whether `key` has been asked for.
    pub(crate) fn has_asked(&self, key: &str) -> bool {
        self.asked.borrow().contains(key)
    }

    /// Whether the value of `key` is the user's, not the catalogue's.
    pub(crate) fn is_users(&self, key: &str) -> bool {
        self.find(key).is_some_and(|node| self.reader.sources.of(node.place).kind != SourceKind::Builtin)
    }

    /// Whether anything at all is written.
    pub(crate) fn is_written(&self) -> bool {
        !self.layers.is_empty()
    }

    fn find(&self, key: &str) -> Option<&'r Node> {
        self.layers.iter().find_map(|table| table.entries.get(key)).map(|entry| &entry.node)
    }

    /// Where `key`'s value is, or the section itself.
    pub(crate) fn place_of(&self, key: &str) -> Place {
        self.find(key).map_or(self.place, |node| node.place)
    }

    fn path_of(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }

    /// Notes a problem with the value of `key` (or with the section).
    pub(crate) fn problem(&self, key: &str, problem: Problem) {
        self.reader.report(self.place_of(key), problem);
    }

    fn ask(&self, key: &str, property: impl FnOnce() -> Property) {
        self.asked.borrow_mut().insert(key.to_owned());
        if self.reader.schema_mode {
            self.properties.borrow_mut().push(property());
        }
    }

    /// Reads one value: the getters are all made of this.
    pub(crate) fn value<T>(
        &self,
        field: Field,
        kind: Kind,
        parse: impl Fn(&Node) -> Result<T, Problem>,
    ) -> Option<T> {
        let unit = kind.unit();
        self.ask(field.key, || Property::value(field, kind));
        let (node, origin) = match (self.find(field.key), field.default) {
            (Some(node), _) => (node.clone(), self.reader.origin(node.place)),
            (None, Some((default, provenance))) => {
                let provenance =
                    Provenance::parse(provenance).expect("a test reads every default's provenance");
                (value_or_text(default, self.place), Origin::Default(provenance))
            }
            (None, None) => {
                if !field.optional {
                    self.missing.borrow_mut().push(field);
                }
                return None;
            }
        };
        let setting = Setting { path: self.path_of(field.key), value: node.written(), unit, origin };
        self.reader.settings.borrow_mut().push(setting);
        parse(&node).map_err(|problem| self.reader.report(node.place, problem)).ok()
    }

    /// Reports all keys that the section lacks as one problem.
    fn report_missing(&self) {
        let missing = self.missing.take();
        let Some(first) = missing.first().filter(|_| !self.reader.schema_mode && !self.baseless) else {
            return;
        };
        let keys: Vec<String> = missing.iter().map(|field| format!("`{}`", field.key)).collect();
        let plural = if missing.len() == 1 { "key" } else { "keys" };
        let message = format!("{} lacks the {plural} {}", self.label(), keys.join(", "));
        let help = match missing.len() {
            1 => format!("add `{} = …`: {}", first.key, first.doc),
            2 | 3 => missing
                .iter()
                .map(|field| format!("`{}`: {}", field.key, field.doc))
                .collect::<Vec<_>>()
                .join(" "),
            _ if self.path.starts_with("formats.") => {
                "start from a format that has them, for example with based_on = \"mall_specialty\"".to_owned()
            }
            _ => "docs/scenario.md says what each means; based_on = \"…\" takes them from another entry"
                .to_owned(),
        };
        self.reader.report(self.place, Problem::new(Code::MissingKey, message).help(help));
    }

    /// The section as its header is written.
    fn label(&self) -> String {
        // What an overlay schedules has its place in the file like a scenario's.
        let path = self.path.strip_prefix("overlay.").unwrap_or(&self.path);
        match (path, path.strip_suffix(']').and_then(|path| path.rsplit_once('['))) {
            ("", _) => "the scenario".to_owned(),
            (_, Some((list, _))) => format!("this [[{list}]]"),
            (path, None) => format!("[{path}]"),
        }
    }

    /// Reads the table `key`, absent or not.
    pub(crate) fn section<T>(
        &self,
        key: &'static str,
        doc: &'static str,
        read: impl FnOnce(&Section) -> T,
    ) -> T {
        let layers = self.child_layers(key);
        let place = if layers.is_empty() { self.place } else { self.place_of(key) };
        let mut child = Section::new(self.reader, self.path_of(key), layers, place);
        child.baseless = self.baseless;
        let result = read(&child);
        let shape = child.close();
        self.ask(key, || Property { key: key.to_owned(), doc, required: false, shape });
        result
    }

    /// The tables called `key` in all layers; anything else there is a problem.
    fn child_layers(&self, key: &str) -> Vec<&'r Table> {
        let mut layers = Vec::new();
        for node in self.layers.iter().filter_map(|table| table.entries.get(key)).map(|entry| &entry.node) {
            match node.as_table() {
                Some(table) => layers.push(table),
                None => self.reader.report(node.place, wrong_type("a table", node)),
            }
        }
        layers
    }

    /// Reads a table of named tables. An entry may build on another by `based_on`; a name that the built-in
    /// catalogue has builds on that.
    pub(crate) fn catalogue<T>(
        &self,
        key: &'static str,
        doc: &'static str,
        read: impl Fn(&str, &Section) -> T,
    ) -> BTreeMap<String, T> {
        let layers = self.child_layers(key);
        let names: BTreeSet<&String> = layers.iter().flat_map(|table| table.entries.keys()).collect();
        let mut found = BTreeMap::new();
        for name in names {
            let mut entry_layers = Vec::new();
            let (place, has_base) = self.gather(&layers, name, &mut entry_layers, 0);
            if let Some(problem) = unprintable("the name", name) {
                self.reader.report(place, problem);
            }
            let path = format!("{}.{name}", self.path_of(key));
            let mut child = Section::new(self.reader, path, entry_layers, place);
            child.baseless = self.baseless || !has_base;
            child.based_on();
            found.insert(name.clone(), read(name, &child));
            child.close();
        }
        if self.reader.schema_mode {
            let child =
                Section::new(self.reader, format!("{}.NAME", self.path_of(key)), Vec::new(), self.place);
            child.based_on();
            read("NAME", &child);
            let shape = Shape::Map(Box::new(child.close()));
            self.ask(key, || Property { key: key.to_owned(), doc, required: false, shape });
        }
        self.asked.borrow_mut().insert(key.to_owned());
        found
    }

    /// Collects the layers of entry `name`, following `based_on`; returns the place of the first,
    /// and whether all bases exist.
    fn gather(
        &self,
        layers: &[&'r Table],
        name: &str,
        into: &mut Vec<&'r Table>,
        depth: usize,
    ) -> (Place, bool) {
        const DEPTH_MAX: usize = 8;
        let mut place = None;
        let mut base = None;
        let mut has_base = true;
        for entry in layers.iter().filter_map(|table| table.entries.get(name)) {
            place = place.or(Some(entry.key));
            match entry.node.as_table() {
                Some(table) => {
                    into.push(table);
                    base = base.or_else(|| table.entries.get("based_on"));
                }
                None => self.reader.report(entry.node.place, wrong_type("a table", &entry.node)),
            }
        }
        if let Some(Tree::Text(base_name)) = base.map(|entry| &entry.node.value) {
            let base_place = base.map_or(self.place, |entry| entry.node.place);
            let names = layers.iter().flat_map(|table| table.entries.keys().map(String::as_str));
            if depth >= DEPTH_MAX || base_name == name {
                let problem =
                    Problem::new(Code::Inconsistent, format!("`{name}` is in the end based on itself"));
                self.reader.report(base_place, problem);
                has_base = false;
            } else if layers.iter().any(|table| table.entries.contains_key(base_name)) {
                has_base = self.gather(layers, base_name, into, depth + 1).1;
            } else {
                self.reader.report(base_place, unknown_name("entry to build on", base_name, names));
                has_base = false;
            }
        }
        (place.unwrap_or(self.place), has_base)
    }

    fn based_on(&self) {
        const BASED_ON: Field =
            Field::new("based_on", "Name of the entry whose settings this one starts from.").optional();
        self.value(BASED_ON, Kind::Text, text_of);
    }

    /// Reads a table whose keys are words of the user's and whose values are lists of texts: key, its place, texts.
    pub(crate) fn texts_by_name(
        &self,
        key: &'static str,
        doc: &'static str,
        each: Field,
    ) -> Vec<(String, Place, Vec<Named>)> {
        let mut found = Vec::new();
        for (name, entry) in self.child_layers(key).iter().flat_map(|table| table.entries.iter()) {
            let path = format!("{}.{name}", self.path_of(key));
            let setting = Setting {
                path,
                value: entry.node.written(),
                unit: Kind::Texts.unit(),
                origin: self.reader.origin(entry.node.place),
            };
            self.reader.settings.borrow_mut().push(setting);
            match texts_of(&entry.node) {
                Ok(texts) => found.push((name.clone(), entry.key, texts)),
                Err(problem) => self.reader.report(entry.node.place, problem),
            }
        }
        let shape = Shape::Map(Box::new(Shape::Value(each, Kind::Texts)));
        self.ask(key, || Property { key: key.to_owned(), doc, required: false, shape });
        found
    }

    /// Reads an array of tables.
    pub(crate) fn list<T>(
        &self,
        key: &'static str,
        doc: &'static str,
        read: impl Fn(&Section) -> T,
    ) -> Vec<T> {
        let mut found = Vec::new();
        let items = match self.find(key).map(|node| (&node.value, node)) {
            Some((Tree::List(items), _)) => items.as_slice(),
            Some((_, node)) => {
                let help = format!("write each entry under its own header [[{}]]", self.path_of(key));
                self.reader.report(node.place, wrong_type("a list of tables", node).help(help));
                &[]
            }
            None => &[],
        };
        for (index, item) in items.iter().enumerate() {
            let Some(table) = item.as_table() else {
                self.reader.report(item.place, wrong_type("a table", item));
                continue;
            };
            let path = format!("{}[{index}]", self.path_of(key));
            let child = Section::new(self.reader, path, vec![table], item.place);
            found.push(read(&child));
            child.close();
        }
        if self.reader.schema_mode {
            let child = Section::new(self.reader, format!("{}[]", self.path_of(key)), Vec::new(), self.place);
            read(&child);
            let shape = Shape::List(Box::new(child.close()));
            self.ask(key, || Property { key: key.to_owned(), doc, required: false, shape });
        }
        self.asked.borrow_mut().insert(key.to_owned());
        found
    }

    /// Reports keys nobody asked for; returns the shape recorded in schema mode.
    pub(crate) fn close(self) -> Shape {
        self.report_missing();
        let label = self.label();
        let asked = self.asked.into_inner();
        let unknown = self.layers.iter().flat_map(|table| table.entries.iter());
        for (key, entry) in unknown.filter(|(key, _)| !asked.contains(*key)) {
            let suggestion = match suggest(key, asked.iter().map(String::as_str)) {
                Some(known) => format!("did you mean `{known}`?"),
                None => format!("known here: {}", asked.iter().cloned().collect::<Vec<_>>().join(", ")),
            };
            let problem = Problem::new(Code::UnknownKey, format!("unknown key `{key}` in {label}"));
            self.reader.report(entry.key, problem.help(suggestion));
        }
        Shape::Table(self.properties.into_inner())
    }
}

/// The value is of another kind than expected.
pub(crate) fn wrong_type(expected: &str, node: &Node) -> Problem {
    Problem::new(Code::WrongType, format!("expected {expected}, found {}", node.kind()))
}

/// A text.
pub(crate) fn text_of(node: &Node) -> Result<String, Problem> {
    match &node.value {
        Tree::Text(text) => Ok(text.clone()),
        _ => Err(wrong_type("a text", node).help("put it in quotes")),
    }
}

/// What to say of a text with control characters: they have no place in tables, and none at all in XML.
pub(crate) fn unprintable(what: &str, text: &str) -> Option<Problem> {
    let character = text.chars().find(|character| character.is_control())?;
    let message =
        format!("{what} `{}` has the control character U+{:04X}", visible(text), u32::from(character));
    Some(Problem::new(Code::OutOfRange, message).help("write it in printable characters on one line"))
}

/// The text with its control characters as escapes.
pub(crate) fn visible(text: &str) -> String {
    let show = |character: char| match character.is_control() {
        true => character.escape_default().to_string(),
        false => character.to_string(),
    };
    text.chars().map(show).collect()
}

/// A reference to something that does not exist.
pub(crate) fn unknown_name<'c>(what: &str, name: &str, known: impl Iterator<Item = &'c str>) -> Problem {
    let known: Vec<&str> = known.collect::<BTreeSet<_>>().into_iter().collect();
    let help = match suggest(name, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None if known.is_empty() => "none is defined".to_owned(),
        None => format!("there is: {}", known.join(", ")),
    };
    Problem::new(Code::UnknownName, format!("there is no {what} called `{name}`")).help(help)
}

/// The candidate that `word` most probably was meant to be.
pub(crate) fn suggest<'c>(word: &str, candidates: impl Iterator<Item = &'c str>) -> Option<&'c str> {
    let lower = word.to_lowercase();
    let allowed = word.chars().count() / 3 + 1;
    candidates
        .map(|candidate| (strsim::damerau_levenshtein(&lower, &candidate.to_lowercase()), candidate))
        .filter(|(distance, _)| *distance <= allowed)
        .min()
        .map(|(_, candidate)| candidate)
}
