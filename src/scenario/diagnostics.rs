//! Problems with a scenario, each with a place in a file: found all at once, rendered like rustc's.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};

use super::tree::{Place, SourceFile};

/// What kind of problem it is. The codes are an interface: they keep their meaning, new ones are appended.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Code {
    /// A file cannot be read.
    Unreadable,
    /// The text is not TOML.
    Syntax,
    /// No such key.
    UnknownKey,
    /// A required key is absent.
    MissingKey,
    /// A value of another kind was expected.
    WrongType,
    /// A quantity cannot be read, or has no unit.
    BadQuantity,
    /// A value is outside its range.
    OutOfRange,
    /// A word is not one of the possible ones.
    UnknownWord,
    /// A name refers to nothing.
    UnknownName,
    /// A date, time of day, instant or time zone cannot be read.
    BadTime,
    /// Weights that cannot be drawn from.
    BadWeights,
    /// The same thing is said twice.
    Duplicate,
    /// Two settings contradict each other.
    Inconsistent,
    /// A fleet file's structure is wrong.
    BadTable,
    /// A cell of a fleet file cannot be used.
    BadCell,
    /// A selection matches no store.
    NoMatch,
    /// A `--set` override cannot be applied.
    BadOverride,
    /// Two identities hash to the same draws.
    Collision,
    /// Something is defined or selected without effect.
    NoEffect,
    /// A setting is used in a changed form.
    Adjusted,
}

impl Code {
    /// The stable code, e.g. `E003`.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Code::Unreadable => "E001",
            Code::Syntax => "E002",
            Code::UnknownKey => "E003",
            Code::MissingKey => "E004",
            Code::WrongType => "E005",
            Code::BadQuantity => "E006",
            Code::OutOfRange => "E007",
            Code::UnknownWord => "E008",
            Code::UnknownName => "E009",
            Code::BadTime => "E010",
            Code::BadWeights => "E011",
            Code::Duplicate => "E012",
            Code::Inconsistent => "E013",
            Code::BadTable => "E014",
            Code::BadCell => "E015",
            Code::NoMatch => "E016",
            Code::BadOverride => "E017",
            Code::Collision => "E018",
            Code::NoEffect => "W001",
            Code::Adjusted => "W002",
        }
    }

    /// Warnings let a scenario run; errors do not.
    #[must_use]
    pub const fn severity(self) -> Severity {
        match self {
            Code::NoEffect | Code::Adjusted => Severity::Warning,
            _ => Severity::Error,
        }
    }
}

/// Whether a scenario can run in spite of it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Severity {
    /// It can; check before you trust the results.
    Warning,
    /// It cannot.
    Error,
}

/// One problem and where it is.
#[derive(Clone, Debug)]
pub struct Diagnostic {
    /// Error or warning.
    pub severity: Severity,
    /// Stable code, e.g. `E003`.
    pub code: &'static str,
    /// What is wrong, in one line.
    pub message: String,
    /// File as written on the command line or in the scenario; `--set` for overrides.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// Bytes of the file it is about.
    pub span: Range<usize>,
    /// What to do about it.
    pub help: Option<String>,
    source: Arc<SourceFile>,
}

impl Diagnostic {
    /// A problem at `place` in `source`.
    pub(crate) fn new(code: Code, source: &Arc<SourceFile>, place: Place, message: String) -> Self {
        let span = source.clip(place.start, place.end);
        let (line, column) = source.line_and_column(span.start);
        Diagnostic {
            severity: code.severity(),
            code: code.text(),
            message,
            file: source.name.clone(),
            line,
            column,
            span,
            help: None,
            source: Arc::clone(source),
        }
    }

    /// The same with advice.
    #[must_use]
    pub(crate) fn with_help(mut self, help: Option<String>) -> Self {
        self.help = help;
        self
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = if self.severity == Severity::Error { "error" } else { "warning" };
        write!(f, "{word}[{}]: {}:{}:{}: {}", self.code, self.file, self.line, self.column, self.message)
    }
}

/// Renders problems as rustc does: title, `file:line:column`, the line with a caret, advice.
#[must_use]
pub fn render(diagnostics: &[Diagnostic], colour: bool) -> String {
    let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
    let renderer = renderer.decor_style(DecorStyle::Ascii);
    let mut text = String::new();
    for diagnostic in diagnostics {
        let level = if diagnostic.severity == Severity::Error { Level::ERROR } else { Level::WARNING };
        // Only the lines concerned go in, so that a fleet file of 100,000 lines is not searched per problem.
        let window = diagnostic.source.lines_around(&diagnostic.span);
        let inside = diagnostic.span.start - window.start..diagnostic.span.end - window.start;
        let snippet = Snippet::source(&diagnostic.source.text[window])
            .line_start(diagnostic.line)
            .path(diagnostic.file.as_str())
            .annotation(AnnotationKind::Primary.span(inside));
        let mut group = level.primary_title(diagnostic.message.as_str()).id(diagnostic.code).element(snippet);
        if let Some(help) = &diagnostic.help {
            group = group.element(Level::HELP.message(help.as_str()));
        }
        text.push_str(&renderer.render(&[group]));
        text.push_str("\n\n");
    }
    text
}
