//! Inputs that are not one value: lists and ranges of what `--set` would take, from a command line or a file.
//!
//! A range has a distribution, by which a share of it (0..=1) becomes a value; nothing is drawn here. What an input is called is
//! the path that `--set` takes, and [`canonical`] is the same path as settings are listed by.

use std::path::Path;
use std::str::FromStr;

use super::diagnostics::Code;
use super::field::{Field, Kind};
use super::quantity::{Quantity, to_digits};
use super::reader::{Named, Problem, Reader, Section, wrong_type};
use super::tree::{Node, SourceKind, Tree};
use super::{InputFile, Rejected, sha256};

/// How values between the ends of a range are weighed.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Shape {
    /// All alike.
    Uniform,
    /// All orders of magnitude alike.
    LogUniform,
    /// Rising to the likeliest value and falling from it.
    Triangular {
        /// The likeliest value, in the unit of the ends.
        likely: f64,
    },
}

/// Values between two ends.
#[derive(Clone, PartialEq, Debug)]
pub struct Range {
    /// The lower end as written.
    pub low: String,
    /// The upper end as written.
    pub high: String,
    /// How the values between are weighed.
    pub shape: Shape,
    ends: (Quantity, Quantity),
    is_whole: bool,
}

/// The values of one input.
#[derive(Clone, PartialEq, Debug)]
pub enum Values {
    /// These, each as `--set` takes it.
    List(Vec<String>),
    /// Some of these.
    Range(Range),
}

/// An input and its values.
#[derive(Clone, PartialEq, Debug)]
pub struct Varied {
    /// Path as `--set` takes it.
    pub path: String,
    /// Its values.
    pub values: Values,
}

/// An input that nobody knows exactly.
#[derive(Clone, PartialEq, Debug)]
pub struct UncertainInput {
    /// Path as `--set` takes it.
    pub path: String,
    /// Where it may be.
    pub range: Range,
    /// Who says so.
    pub source: String,
}

/// A sweep as a file describes it.
#[derive(Clone, Default, PartialEq, Debug)]
pub struct SweepFile {
    /// Inputs, in the order of the file.
    pub varied: Vec<Varied>,
    /// How many points a Latin hypercube over the ranges has.
    pub latin: Option<u32>,
    /// A CSV file of points; relative to this file.
    pub points: Option<String>,
    /// Conditions that points must meet.
    pub conditions: Vec<String>,
    /// Metrics to show, as `group.name`.
    pub metrics: Vec<String>,
}

impl Range {
    /// The range from `low` to `high`, both as written; `likely` only matters to a triangle.
    ///
    /// # Errors
    /// If the ends are not numbers with the same unit, in order, or do not suit the distribution.
    pub fn new(
        low: &str,
        high: &str,
        distribution: Distribution,
        likely: Option<&str>,
    ) -> Result<Self, String> {
        let number =
            |text: &str| Quantity::parse(text).ok_or_else(|| format!("`{text}` is not a number with a unit"));
        let (first, last) = (number(low)?, number(high)?);
        if !first.is_like(&last) {
            return Err(format!("`{low}` and `{high}` have different units; write both with the same"));
        }
        if first.number >= last.number {
            return Err(format!("`{low}` is not below `{high}`"));
        }
        let shape = match distribution {
            Distribution::Uniform => Shape::Uniform,
            Distribution::LogUniform if first.number <= 0.0 => {
                return Err(format!("`{low}` must be above 0 where orders of magnitude are alike"));
            }
            Distribution::LogUniform => Shape::LogUniform,
            Distribution::Triangular => {
                let likely = likely.ok_or("a triangle needs its likeliest value: likely = …")?;
                let peak = number(likely)?;
                if !peak.is_like(&first) || peak.number < first.number || peak.number > last.number {
                    return Err(format!("`{likely}` is not between `{low}` and `{high}`, in the same unit"));
                }
                Shape::Triangular { likely: peak.number }
            }
        };
        let is_whole = first.is_count() && last.is_count();
        Ok(Range {
            low: low.trim().to_owned(),
            high: high.trim().to_owned(),
            shape,
            ends: (first, last),
            is_whole,
        })
    }

    /// The same of a setting whose kind of value is known: only counts are whole numbers, so 0..1 of a share is no coin.
    #[must_use]
    pub fn of_kind(self, unit: &str) -> Self {
        Range { is_whole: unit == "count", ..self }
    }

    /// The lowest and the highest number, in the unit that they are written in.
    #[must_use]
    pub fn numbers(&self) -> (f64, f64) {
        (self.ends.0.number, self.ends.1.number)
    }

    /// The number below which a share `share` (0..=1) of the distribution lies: four digits of it, a whole one of counts.
    #[must_use]
    pub fn number(&self, share: f64) -> f64 {
        let (low, high) = self.numbers();
        let between = |number: f64| number.clamp(low, high);
        let number = match self.shape {
            Shape::Uniform if self.is_whole => return between(libm::floor(low + share * (high - low + 1.0))),
            Shape::Uniform => low + share * (high - low),
            Shape::LogUniform => low * libm::exp(share * libm::log(high / low)),
            Shape::Triangular { likely } => {
                if share * (high - low) < likely - low {
                    low + libm::sqrt(share * (high - low) * (likely - low))
                } else {
                    high - libm::sqrt((1.0 - share) * (high - low) * (high - likely))
                }
            }
        };
        between(if self.is_whole { libm::round(number) } else { to_digits(number) })
    }

    /// `number` as `--set` takes it.
    #[must_use]
    pub fn written(&self, number: f64) -> String {
        self.ends.0.written_as(number)
    }

    /// The number halfway between two, as the distribution's scale has it; `None` if there is none between them.
    #[must_use]
    pub fn halfway(&self, from: f64, to: f64) -> Option<f64> {
        let middle = match self.shape {
            Shape::LogUniform => libm::sqrt(from * to),
            Shape::Uniform | Shape::Triangular { .. } => 0.5 * (from + to),
        };
        let middle = if self.is_whole { libm::round(middle) } else { to_digits(middle) };
        (middle != from && middle != to).then_some(middle)
    }

    /// `text` as a number in the unit of the ends; `None` if it is none or has another unit.
    #[must_use]
    pub fn number_of(&self, text: &str) -> Option<f64> {
        let quantity = Quantity::parse(text)?;
        if quantity.is_like(&self.ends.0) {
            return Some(quantity.number);
        }
        // The same in another unit: ends and value have a base, and bases are in proportion.
        let (value, low, high) = (quantity.base()?, self.ends.0.base()?, self.ends.1.base()?);
        let (first, last) = self.numbers();
        Some(first + (value - low) / (high - low) * (last - first))
    }
}

/// Words for a [`Shape`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Distribution {
    /// [`Shape::Uniform`].
    Uniform,
    /// [`Shape::LogUniform`].
    LogUniform,
    /// [`Shape::Triangular`].
    Triangular,
}

pub(crate) const DISTRIBUTIONS: [(&str, Distribution); 3] = [
    ("uniform", Distribution::Uniform),
    ("log-uniform", Distribution::LogUniform),
    ("triangular", Distribution::Triangular),
];

impl FromStr for Varied {
    type Err = String;

    /// Reads `path=[a, b, c]`, `path=value`, `path=low..high` or `path=low..high log`.
    fn from_str(written: &str) -> Result<Self, String> {
        let (path, values) = written.split_once('=').ok_or_else(|| {
            format!("`{written}` is not PATH=VALUES; write for example 'payments.timeout=[15 s, 30 s]'")
        })?;
        let (path, values) = (path.trim(), values.trim());
        check_path(path)?;
        let values =
            match (values.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')), values.split_once(".."))
            {
                (Some(inside), _) => Values::List(items(inside)?),
                (None, Some((low, high))) => {
                    let (high, distribution) = match high.trim().strip_suffix("log") {
                        Some(high) => (high, Distribution::LogUniform),
                        None => (high, Distribution::Uniform),
                    };
                    Values::Range(
                        Range::new(low, high, distribution, None)
                            .map_err(|why| format!("`{written}`: {why}"))?,
                    )
                }
                (None, None) if values.is_empty() => return Err(format!("`{written}` has no values")),
                (None, None) => Values::List(vec![values.to_owned()]),
            };
        Ok(Varied { path: path.to_owned(), values })
    }
}

/// Refuses what is no path, and the one input that all points must share.
///
/// # Errors
/// If it is not a path of keys, or is the seed.
pub fn check_path(path: &str) -> Result<(), String> {
    if toml_edit::Key::parse(path).is_err() || path.is_empty() {
        return Err(format!("`{path}` is not a path of keys such as payments.timeout"));
    }
    if canonical(path) == "scenario.seed" {
        return Err(
            "all points share one seed, so that they differ by their inputs and not by luck".to_owned()
        );
    }
    if canonical(path) == "scenario.replications" {
        return Err(
            "all points have the same replications, in pairs: --replications says how many".to_owned()
        );
    }
    Ok(())
}

/// `path` as settings are listed by it: without quotes, an element of a list as `.0`.
#[must_use]
pub fn canonical(path: &str) -> String {
    let plain = || path.replace('[', ".").replace(']', "");
    toml_edit::Key::parse(path)
        .map_or_else(|_| plain(), |keys| keys.iter().map(toml_edit::Key::get).collect::<Vec<_>>().join("."))
}

/// What stands between the commas of a list that are in no quotes and no inner list or table.
fn items(inside: &str) -> Result<Vec<String>, String> {
    let (mut found, mut item) = (Vec::new(), String::new());
    let (mut depth, mut quote) = (0_i32, None);
    for c in inside.chars() {
        match (quote, c) {
            (Some(open), _) if c == open => quote = None,
            (None, '"' | '\'') => quote = Some(c),
            (None, '[' | '{') => depth += 1,
            (None, ']' | '}') => depth -= 1,
            (None, ',') if depth == 0 => {
                found.push(std::mem::take(&mut item).trim().to_owned());
                continue;
            }
            (Some(_) | None, _) => {}
        }
        item.push(c);
    }
    let last = item.trim().to_owned();
    if !last.is_empty() || found.is_empty() {
        found.push(last);
    }
    if found.iter().any(String::is_empty) || depth != 0 || quote.is_some() {
        return Err(format!("`[{inside}]` is not a list of values"));
    }
    Ok(found)
}

impl Section<'_> {
    /// One value of whatever kind, as `--set` takes it.
    pub(crate) fn written(&self, field: Field) -> Option<String> {
        self.value(field, Kind::Value, |node| Ok(self.as_set_takes(node)))
    }

    /// A list of such values.
    pub(crate) fn written_list(&self, field: Field) -> Option<Vec<String>> {
        self.value(field, Kind::Values, |node| match &node.value {
            Tree::List(items) => Ok(items.iter().map(|item| self.as_set_takes(item)).collect()),
            _ => Err(wrong_type("a list", node)),
        })
    }

    fn as_set_takes(&self, node: &Node) -> String {
        match &node.value {
            // As it stands in the file: the texts in it need their quotes.
            Tree::List(_) | Tree::Table(_) => {
                let file = self.reader.sources.of(node.place);
                file.text[file.clip(node.place.start, node.place.end)].to_owned()
            }
            Tree::Text(_) | Tree::Integer(_) | Tree::Float(_) | Tree::Flag(_) | Tree::Moment(_) => {
                node.written()
            }
        }
    }
}

/// Reads a sweep file.
///
/// # Errors
/// If it cannot be read, or has any error: then all are reported.
pub fn load_sweep(path: &Path) -> Result<(SweepFile, InputFile), Rejected> {
    let name = path.display().to_string();
    let bytes = std::fs::read(path).map_err(|source| Rejected::Io { path: name.clone(), source })?;
    let input = InputFile { path: name.clone(), sha256: sha256(&bytes) };
    let mut reader = Reader::default();
    let parsed = reader.sources.add_bytes(SourceKind::User, &name, bytes);
    let node = parsed.and_then(|source| reader.sources.parse(source));
    let node = node.map_err(|problem| Rejected::Invalid(vec![*problem]))?;
    let root = Section::root(&reader, node.place, std::iter::once(&node));
    let file = read_sweep(&root);
    root.close();
    if reader.has_errors() { Err(Rejected::Invalid(reader.take_diagnostics())) } else { Ok((file, input)) }
}

fn read_sweep(root: &Section) -> SweepFile {
    let texts = |named: Vec<Named>| named.into_iter().map(|named| named.text).collect();
    let latin =
        Field::new("latin", "How many points a Latin hypercube over the ranges has.").within(1.0, 1e6);
    let varied = root.list("vary", "Inputs and their values; all combinations.", read_varied);
    SweepFile {
        varied: varied.into_iter().flatten().collect(),
        latin: root.integer_optional(latin.optional()).map(|count| count as u32),
        points: root
            .text_optional(Field::new("points", "A CSV file of points, relative to this one.").optional()),
        conditions: texts(root.texts(Field::new("where", "Conditions that points must meet.").optional())),
        metrics: texts(root.texts(Field::new("metrics", "Metrics to show, as \"group.name\".").optional())),
    }
}

fn read_varied(section: &Section) -> Option<Varied> {
    let path = section.new_name(Field::new("path", "The input, as --set calls it."))?;
    if let Err(why) = check_path(&path.text) {
        section.reader.report(path.place, Problem::new(Code::OutOfRange, why));
        return None;
    }
    let list = section.written_list(Field::new("values", "A list of values.").optional());
    let has_range = section.has("low") || section.has("high");
    let values = match (list, has_range) {
        (Some(values), false) if !values.is_empty() => Values::List(values),
        (None, true) => Values::Range(read_range(section)?),
        _ => {
            let problem =
                Problem::new(Code::Inconsistent, format!("`{}` needs values, or low and high", path.text));
            section.reader.report(
                path.place,
                problem.help("write values = [\"15 s\", \"30 s\"], or low = … and high = …"),
            );
            return None;
        }
    };
    Some(Varied { path: path.text, values })
}

/// `low`, `high`, `distribution` and `likely` of a section.
pub(crate) fn read_range(section: &Section) -> Option<Range> {
    let low = section.written(Field::new("low", "Lowest value that it may have."));
    let high = section.written(Field::new("high", "Highest value that it may have."));
    let likely = Field::new("likely", "Likeliest value, if the distribution is a triangle.").optional();
    let likely = section.written(likely);
    let distribution = section.choice(
        Field::new("distribution", "How the values between are weighed.")
            .or("uniform", "[EA] nothing is known but the ends"),
        &DISTRIBUTIONS,
    );
    if section.reader.schema_mode {
        return None;
    }
    match Range::new(&low?, &high?, distribution, likely.as_deref()) {
        Ok(range) => Some(range),
        Err(why) => {
            section.problem("low", Problem::new(Code::Inconsistent, why));
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(written: &str) -> Vec<String> {
        match written.parse::<Varied>().expect("it is good").values {
            Values::List(values) => values,
            Values::Range(range) => panic!("{range:?}"),
        }
    }

    fn range(written: &str) -> Range {
        match written.parse::<Varied>().expect("it is good").values {
            Values::Range(range) => range,
            Values::List(values) => panic!("{values:?}"),
        }
    }

    #[test]
    fn lists_are_split_where_a_reader_would() {
        assert_eq!(list("payments.timeout=[15 s, 30 s]"), ["15 s", "30 s"]);
        assert_eq!(list("a.b = [true,false]"), ["true", "false"]);
        assert_eq!(list("a=[\"x, y\", {b = 1, c = 2}, [1, 2]]"), ["\"x, y\"", "{b = 1, c = 2}", "[1, 2]"]);
        assert_eq!(list("a=warm"), ["warm"]);
        for bad in
            ["a", "a=", "a=[]", "a=[1,,2]", "a=[\"x]", "=1", "a b=1", "scenario.seed=[1,2]", "a=5 s..2 s"]
        {
            assert!(bad.parse::<Varied>().is_err(), "{bad}");
        }
    }

    #[test]
    fn shares_of_a_range_are_values() {
        let timeout = range("payments.timeout=20 s..45 s");
        assert_eq!(timeout.written(timeout.number(0.5)), "32.5 s");
        let rate = range("a=0.001..1 log");
        assert!((rate.number(1.0 / 3.0) - 0.01).abs() < 1e-12);
        let count = range("a=2..6");
        assert_eq!([0.0, 0.19, 0.21, 0.999, 1.0].map(|share| count.number(share)), [2.0, 2.0, 3.0, 6.0, 6.0]);
        assert_eq!(count.halfway(2.0, 3.0), None);
        let share = range("a=0..1").of_kind("share");
        assert_eq!(share.number(0.25), 0.25);
        assert_eq!(timeout.number_of("0.5 min"), Some(30.0));
        assert_eq!((timeout.number_of("soon"), timeout.halfway(20.0, 30.0)), (None, Some(25.0)));
        let triangle = Range::new("0", "10.0", Distribution::Triangular, Some("5")).expect("in order");
        assert_eq!(
            [0.0, 0.125, 0.5, 0.875, 1.0].map(|share| triangle.number(share)),
            [0.0, 2.5, 5.0, 7.5, 10.0]
        );
    }

    #[test]
    fn paths_are_the_same_however_they_are_written() {
        assert_eq!(canonical("surge[0].peak"), canonical("surge.0.peak"));
        assert_eq!(canonical("formats.\"toy shop\".lanes"), "formats.toy shop.lanes");
    }
}
