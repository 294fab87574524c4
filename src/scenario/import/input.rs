//! A configuration file with its lines and words, and what is wrong with them.

use std::cell::RefCell;
use std::ops::RangeInclusive;

use crate::scenario::diagnostics::{Code, Diagnostic};
use crate::scenario::reader::{Problem, suggest, visible};
use crate::scenario::tree::{Place, SourceKind, Sources};
use crate::units::{self, Span};

/// A day: no timer of a router is longer.
pub(super) const SECONDS_MAX: u64 = 86_400;

/// One file, and the problems found in it so far.
pub(super) struct Input {
    sources: Sources,
    source: u32,
    problems: RefCell<Vec<Diagnostic>>,
}

/// A word without its quotes, and where it is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Word {
    pub text: String,
    pub place: Place,
}

/// A line without its end.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line<'i> {
    pub text: &'i str,
    pub place: Place,
}

/// A value, and the remark that says where it comes from.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Given<T> {
    pub value: T,
    pub remark: String,
}

impl<T> Given<T> {
    pub(super) fn new(value: T, remark: impl Into<String>) -> Self {
        Given { value, remark: remark.into() }
    }
}

impl Input {
    pub(super) fn new(name: &str, text: &str) -> Self {
        let mut sources = Sources::default();
        // A byte order mark is no part of the first word.
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let source = sources.add(SourceKind::User, &visible(name), text.to_owned());
        Input { sources, source, problems: RefCell::default() }
    }

    fn text(&self) -> &str {
        &self.sources.of(self.whole()).text
    }

    /// The file's name as written on the command line.
    pub(super) fn name(&self) -> &str {
        &self.sources.of(self.whole()).name
    }

    /// Where to point for what is nowhere.
    pub(super) fn whole(&self) -> Place {
        Place { source: self.source, start: 0, end: 0 }
    }

    pub(super) fn place(&self, start: usize, end: usize) -> Place {
        Place { source: self.source, start, end }
    }

    /// All lines, without their ends.
    pub(super) fn lines(&self) -> impl Iterator<Item = Line<'_>> {
        let mut start = 0;
        self.text().split('\n').map(move |text| {
            let line = text.strip_suffix('\r').unwrap_or(text);
            let place = self.place(start, start + line.len());
            start += text.len() + 1;
            Line { text: line, place }
        })
    }

    /// The whole text with its place.
    pub(super) fn everything(&self) -> Line<'_> {
        Line { text: self.text(), place: self.place(0, self.text().len()) }
    }

    /// `file:line`, with the line's text.
    pub(super) fn line_at(&self, place: Place) -> String {
        let file = self.sources.of(place);
        let at = file.clip(place.start, place.start);
        let (line, _) = file.line_and_column(at.start);
        let text = &file.text[file.lines_around(&at)];
        format!("{}:{line}: {}", file.name, visible(text.trim()))
    }

    /// The remark of a value that is written at `place`.
    pub(super) fn cited(&self, place: Place) -> String {
        format!("[C] {}", self.line_at(place))
    }

    pub(super) fn problem(&self, at: Place, problem: Problem) {
        let place = problem.place.unwrap_or(at);
        let diagnostic = self.sources.problem(problem.code, place, problem.message).with_help(problem.help);
        self.problems.borrow_mut().push(diagnostic);
    }

    pub(super) fn complain(
        &self,
        code: Code,
        at: Place,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.problem(at, Problem::new(code, message).help(help));
    }

    /// Something that is neither read nor on the list of what does not matter.
    pub(super) fn unknown(&self, word: &Word, what: &str, read: &[&str], ignored: &[&str]) {
        let help = match suggest(&word.text, read.iter().chain(ignored).copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("understood here: {}", read.join(", ")),
        };
        let message = format!("{what} `{}` is not understood, and it may matter", visible(&word.text));
        self.complain(Code::UnknownKey, word.place, message, help);
    }

    /// From the first of `words` to the end of the last.
    pub(super) fn across(&self, words: &[Word]) -> Place {
        match words {
            [] => self.whole(),
            [first, ..] => self.place(first.place.start, words[words.len() - 1].place.end),
        }
    }

    /// A whole number within `range`.
    pub(super) fn number(&self, word: &Word, what: &str, range: RangeInclusive<u64>) -> Option<u64> {
        let Ok(number) = word.text.parse::<u64>() else {
            let message = format!("`{}` is not a whole number", visible(&word.text));
            self.complain(Code::BadQuantity, word.place, message, limits(what, &range));
            return None;
        };
        if !range.contains(&number) {
            let message = format!("{number} is out of range");
            self.complain(Code::OutOfRange, word.place, message, limits(what, &range));
            return None;
        }
        Some(number)
    }

    /// Seconds with or without decimals, within `range` of whole seconds; zero only if the range has it.
    pub(super) fn seconds(&self, word: &Word, what: &str, range: RangeInclusive<u64>) -> Option<Span> {
        let Ok(span) = units::parse_span(&format!("{} s", word.text)) else {
            let message = format!("`{}` is not a number of seconds", visible(&word.text));
            self.complain(Code::BadQuantity, word.place, message, limits(what, &range));
            return None;
        };
        let too_small = span < Span::from_secs(*range.start()) || (span.is_zero() && !range.contains(&0));
        if too_small || span > Span::from_secs(*range.end()) {
            let message = format!("{} s is out of range", word.text);
            self.complain(Code::OutOfRange, word.place, message, limits(what, &range));
            return None;
        }
        Some(span)
    }

    /// What to say when `count` things could be meant and none was picked.
    pub(super) fn ambiguous(&self, what: &str, names: &[String], option: &str) {
        let message = format!("{} {what} could be meant: {}", names.len(), names.join(", "));
        let help = format!("pick one with {option}");
        self.complain(Code::Inconsistent, self.whole(), message, help);
    }

    /// What to say when the option names nothing in the file.
    pub(super) fn not_there(&self, what: &str, name: &str, names: &[String]) {
        let message = format!("there is no {what} `{}` in this file", visible(name));
        let help = match names {
            [] => "nothing of the kind is in it".to_owned(),
            names => format!("there is: {}", names.join(", ")),
        };
        self.complain(Code::UnknownName, self.whole(), message, help);
    }

    /// All problems, in order of place.
    pub(super) fn into_diagnostics(self) -> Vec<Diagnostic> {
        let mut problems = self.problems.into_inner();
        problems.sort_by_key(|problem| problem.span.start);
        problems
    }
}

fn limits(what: &str, range: &RangeInclusive<u64>) -> String {
    format!("{what} is between {} and {}", range.start(), range.end())
}
