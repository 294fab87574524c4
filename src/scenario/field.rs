//! What a key of a scenario file is: its name, meaning, default and range, defined once.
//!
//! The reader, the JSON Schema, the listing of resolved settings and `docs/sources.md` all come from these.

use super::tree::SourceFile;

/// How much a default can be trusted.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Confidence {
    /// Cited: read in the source named.
    Cited,
    /// Derived from cited figures by arithmetic.
    Derived,
    /// From memory, not verified.
    Memory,
    /// Engineering assumption.
    Assumption,
    /// A practitioner's judgement without a source.
    Judgement,
}

impl Confidence {
    /// The tag in docs and catalogues.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Confidence::Cited => "C",
            Confidence::Derived => "D",
            Confidence::Memory => "M",
            Confidence::Assumption => "EA",
            Confidence::Judgement => "J",
        }
    }
}

/// Where a default comes from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Provenance {
    /// How far to trust it.
    pub confidence: Confidence,
    /// Source ids (S01…) and an explanation.
    pub source: String,
}

impl std::fmt::Display for Provenance {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "[{}] {}", self.confidence.tag(), self.source)
    }
}

impl Provenance {
    /// Reads `[EA] S36: explanation`; `None` without a known tag.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (tag, source) = text.trim().strip_prefix('[')?.split_once(']')?;
        let all = [
            Confidence::Cited,
            Confidence::Derived,
            Confidence::Memory,
            Confidence::Assumption,
            Confidence::Judgement,
        ];
        let confidence = all.into_iter().find(|candidate| candidate.tag() == tag)?;
        Some(Provenance { confidence, source: source.trim().to_owned() })
    }

    /// The remark on the line where a catalogue's value ends, or else the one on its table's header.
    pub(crate) fn in_catalogue(file: &SourceFile, value_end: usize) -> Option<Self> {
        let end = value_end.min(file.text.len());
        if let Some((_, remark)) = file.rest_of_line(end).split_once('#') {
            return Provenance::parse(remark);
        }
        let headers = file.text[..end].lines().rev().filter(|line| line.starts_with('['));
        headers
            .into_iter()
            .next()
            .and_then(|line| line.split_once('#'))
            .and_then(|(_, remark)| Provenance::parse(remark))
    }
}

/// One key.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// The key.
    pub key: &'static str,
    /// What it means, for schema and docs.
    pub doc: &'static str,
    /// The default as one would write it, and where it comes from.
    pub default: Option<(&'static str, &'static str)>,
    /// Whether it may be absent without a default.
    pub optional: bool,
    /// Smallest value, in the base unit (seconds for times).
    pub min: f64,
    /// Largest value, in the base unit.
    pub max: f64,
}

impl Field {
    /// A required key.
    pub(crate) const fn new(key: &'static str, doc: &'static str) -> Self {
        Field { key, doc, default: None, optional: false, min: f64::NEG_INFINITY, max: f64::INFINITY }
    }

    /// The same with a default (as one would write it) and its provenance (`[EA] S36: why`).
    pub(crate) const fn or(self, default: &'static str, provenance: &'static str) -> Self {
        Field { default: Some((default, provenance)), ..self }
    }

    /// The same, but it may be left out.
    pub(crate) const fn optional(self) -> Self {
        Field { optional: true, ..self }
    }

    /// The same with limits in the base unit, both allowed.
    pub(crate) const fn within(self, min: f64, max: f64) -> Self {
        Field { min, max, ..self }
    }

    /// Why `value` is outside the limits, if it is.
    pub(crate) fn out_of_range(&self, value: f64) -> Option<String> {
        if value >= self.min && value <= self.max {
            return None;
        }
        Some(match (self.min.is_finite(), self.max.is_finite()) {
            (true, true) => format!("it must be between {} and {}", self.min, self.max),
            (true, false) => format!("it must be at least {}", self.min),
            _ => format!("it must be at most {}", self.max),
        })
    }
}

/// What kind of value a key takes.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    /// Any text.
    Text,
    /// One of these words.
    Choice(Vec<&'static str>),
    /// `true` or `false`.
    Flag,
    /// A whole number.
    Integer,
    /// A number.
    Number,
    /// 0..1 or a percentage.
    Share,
    /// A length of time.
    Span,
    /// A data rate.
    Rate,
    /// An amount of money.
    Money,
    /// A size in bytes.
    Bytes,
    /// A radio bandwidth.
    Hertz,
    /// A local calendar day.
    Date,
    /// A local time of day.
    Clock,
    /// A local date and time.
    LocalTime,
    /// A distribution of a length of time.
    Law,
    /// A word, or words with weights.
    Weights,
    /// A list of words, or `"all"`.
    Selection,
    /// A list of texts.
    Texts,
    /// 24 numbers, one per hour of the day.
    Hours,
    /// A level in decibels, or a normal distribution of one.
    NormalDecibels,
    /// A value of whatever kind another key takes.
    Value,
    /// A list of such values.
    Values,
}

impl Kind {
    /// The unit or kind, for the listing of settings.
    #[must_use]
    pub const fn unit(&self) -> &'static str {
        match self {
            Kind::Text => "text",
            Kind::Choice(_) => "word",
            Kind::Flag => "true/false",
            Kind::Integer => "count",
            Kind::Number => "number",
            Kind::Share => "share",
            Kind::Span => "time",
            Kind::Rate => "rate",
            Kind::Money => "money",
            Kind::Bytes => "bytes",
            Kind::Hertz => "bandwidth",
            Kind::Date => "day",
            Kind::Clock => "time of day",
            Kind::LocalTime => "local time",
            Kind::Law => "time distribution",
            Kind::Weights => "weights",
            Kind::Selection => "selection",
            Kind::Texts => "list of texts",
            Kind::Hours => "by hour",
            Kind::NormalDecibels => "dB distribution",
            Kind::Value => "value",
            Kind::Values => "list of values",
        }
    }
}
