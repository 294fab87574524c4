//! The profile that an importer writes: keys, values and remarks in order.

use std::fmt::Write as _;

use super::input::Given;
use crate::scenario::reader::visible;
use crate::units::Span;

/// Where remarks begin, if the value leaves room.
const REMARK_COLUMN: usize = 28;

/// A table `[profiles.NAME]` under construction.
pub(super) struct Draft {
    name: String,
    lines: Vec<(String, String)>,
}

/// What a profile says of itself.
pub(super) struct About<'a> {
    pub family: &'a str,
    pub product: String,
    /// Which sources besides the file.
    pub source: &'a str,
    pub date: String,
    /// `cited`, `derived` or `assumption`.
    pub confidence: &'a str,
}

impl Draft {
    /// A profile called `name` (made fit for a TOML key) of the file called `file`.
    pub(super) fn new(name: &str, file: &str, about: &About<'_>) -> Self {
        let fit = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
        let mut draft = Draft { name: name.chars().map(fit).collect(), lines: Vec::new() };
        for (key, value) in [
            ("family", about.family),
            ("product", &about.product),
            ("source", &format!("{file}; {}", about.source)),
            ("date", &about.date),
            ("confidence", about.confidence),
        ] {
            draft.lines.push((format!("{key} = {}", text(value)), String::new()));
        }
        draft
    }

    /// A line of `key = value` as TOML has it, with a remark.
    pub(super) fn raw(&mut self, key: &str, value: &str, remark: impl Into<String>) {
        self.lines.push((format!("{key} = {value}"), remark.into()));
    }

    pub(super) fn word(&mut self, key: &str, value: &str, remark: impl Into<String>) {
        self.raw(key, &text(value), remark);
    }

    pub(super) fn time(&mut self, key: &str, given: &Given<Span>) {
        self.raw(key, &text(&time(given.value)), given.remark.as_str());
    }

    pub(super) fn number(&mut self, key: &str, given: &Given<u64>) {
        self.raw(key, &given.value.to_string(), given.remark.as_str());
    }

    pub(super) fn flag(&mut self, key: &str, given: &Given<bool>) {
        self.raw(key, &given.value.to_string(), given.remark.as_str());
    }

    /// A line of its own for what no key can say.
    pub(super) fn note(&mut self, note: &str) {
        self.lines.push((String::new(), note.to_owned()));
    }

    /// The whole text.
    pub(super) fn render(&self, file: &str, name: Option<&str>) -> String {
        let name = toml_edit::Key::new(name.unwrap_or(&self.name)).to_string();
        let mut out = format!("[profiles.{name}] # [C] imported from {file}\n");
        for (line, remark) in &self.lines {
            let remark = visible(&one_tag(remark));
            let _ = match (line.is_empty(), remark.is_empty()) {
                (_, true) => writeln!(out, "{line}"),
                (true, false) => writeln!(out, "# {remark}"),
                (false, false) => writeln!(out, "{line:REMARK_COLUMN$} # {remark}"),
            };
        }
        out
    }
}

/// A remark made of several keeps the tag of the first, and those that warn.
fn one_tag(remark: &str) -> String {
    let (first, rest) = remark.split_once("] ").unwrap_or((remark, ""));
    let rest = rest.replace("[C] ", "").replace("[D] ", "");
    if rest.is_empty() { first.to_owned() } else { format!("{first}] {rest}") }
}

/// A TOML string.
fn text(value: &str) -> String {
    toml_edit::Value::from(visible(value)).to_string()
}

/// A time in the unit one would write it in, exact.
pub(super) fn time(span: Span) -> String {
    const SECOND: u64 = 1_000_000_000;
    let nanos = span.as_nanos();
    let (whole, part) = (nanos / SECOND, nanos % SECOND);
    match (whole, part) {
        (_, 0) => format!("{whole} s"),
        (0, _) if nanos.is_multiple_of(1_000_000) => format!("{} ms", nanos / 1_000_000),
        _ => format!("{} s", format!("{whole}.{part:09}").trim_end_matches('0')),
    }
}
