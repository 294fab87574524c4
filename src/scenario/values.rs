//! The typed getters of a [`Section`]: one per kind of value.

use jiff::civil::{Date, DateTime, Time};

use super::diagnostics::Code;
use super::field::{Field, Kind};
use super::reader::{Named, Problem, Section, suggest, text_of, unprintable, wrong_type};
use super::resolved::Law;
use super::tree::{Node, Table, Tree};
use crate::units::{self, BitRate, Cents, Span, UnitError};

/// Minutes in a local calendar day, as written (`24:00`).
pub(crate) const DAY_MINUTES: u32 = 1_440;

/// Years in which every time zone has rules and [`crate::units::SimTime`] has room.
const YEARS: std::ops::RangeInclusive<i16> = 1971..=2500;
/// A weight larger than this is a slip, and sums of such are not exact any more.
const WEIGHT_MAX: f64 = 1e9;

/// Names with weights; a single word has all the weight.
pub(crate) type Weights = Vec<(Named, f64)>;

/// A normal distribution of a level, or a constant one (`sd` 0).
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct NormalLevel {
    pub mean: f64,
    pub sd: f64,
}

/// Which of several named things are meant.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Selection {
    All,
    These(Vec<Named>),
}

impl Section<'_> {
    pub(crate) fn text(&self, field: Field) -> String {
        self.text_optional(field).unwrap_or_default()
    }

    pub(crate) fn text_optional(&self, field: Field) -> Option<String> {
        self.value(field, Kind::Text, text_of)
    }

    /// A text for people: not empty, and printable because it goes into tables and charts.
    pub(crate) fn title(&self, field: Field) -> String {
        let parse = |node: &Node| {
            let text = text_of(node)?;
            if text.trim().is_empty() {
                let problem = Problem::new(Code::OutOfRange, format!("`{}` is empty", field.key));
                return Err(problem.help(field.doc));
            }
            unprintable(field.key, &text).map_or(Ok(text), Err)
        };
        self.value(field, Kind::Text, parse).unwrap_or_default()
    }

    /// The name of something that is defined here, or a part of names: printable.
    pub(crate) fn new_name(&self, field: Field) -> Option<Named> {
        let parse = |node: &Node| {
            let name = named_of(node)?;
            unprintable(field.key, &name.text).map_or(Ok(name), Err)
        };
        self.value(field, Kind::Text, parse)
    }

    /// A text that refers to something by name.
    pub(crate) fn name(&self, field: Field) -> Option<Named> {
        self.value(field, Kind::Text, named_of)
    }

    /// The same, and a number without quotes.
    pub(crate) fn word_or_number(&self, field: Field) -> Option<Named> {
        self.value(field, Kind::Value, |node| match node.value {
            Tree::Integer(_) | Tree::Float(_) => Ok(Named { text: node.written(), place: node.place }),
            Tree::Text(_) => named_of(node),
            _ => Err(wrong_type("a number", node).help("write digits, with or without quotes")),
        })
    }

    pub(crate) fn flag(&self, field: Field) -> bool {
        let parse = |node: &Node| match node.value {
            Tree::Flag(flag) => Ok(flag),
            _ => Err(wrong_type("true or false", node).help("write true or false without quotes")),
        };
        self.value(field, Kind::Flag, parse).unwrap_or_default()
    }

    pub(crate) fn integer(&self, field: Field) -> u64 {
        self.integer_optional(field).unwrap_or_default()
    }

    pub(crate) fn integer_optional(&self, field: Field) -> Option<u64> {
        self.value(field, Kind::Integer, |node| {
            let Tree::Integer(number) = node.value else {
                return Err(
                    wrong_type("a whole number", node).help("write digits without a unit, for example 20")
                );
            };
            in_range(field, number as f64)?;
            u64::try_from(number).map_err(|_| {
                let reason = if number < 0 {
                    "is negative".to_owned()
                } else {
                    format!("is too large: the largest is {}", u64::MAX)
                };
                Problem::new(Code::OutOfRange, format!("{number} {reason}"))
            })
        })
    }

    /// A small count.
    pub(crate) fn count(&self, field: Field) -> u32 {
        let field = if field.max.is_finite() { field } else { Field { max: 1e9, ..field } };
        self.integer(Field { min: field.min.max(0.0), ..field }) as u32
    }

    pub(crate) fn number(&self, field: Field) -> f64 {
        self.number_optional(field).unwrap_or_default()
    }

    pub(crate) fn number_optional(&self, field: Field) -> Option<f64> {
        self.value(field, Kind::Number, |node| in_range(field, number_of(node)?))
    }

    /// A share of one: 0..=1.
    pub(crate) fn share(&self, field: Field) -> f64 {
        self.share_optional(field).unwrap_or_default()
    }

    pub(crate) fn share_optional(&self, field: Field) -> Option<f64> {
        let field = Field { min: field.min.max(0.0), max: field.max.min(1.0), ..field };
        self.value(field, Kind::Share, |node| in_range(field, share_of(node)?))
    }

    pub(crate) fn span(&self, field: Field) -> Span {
        self.span_optional(field).unwrap_or_default()
    }

    pub(crate) fn span_optional(&self, field: Field) -> Option<Span> {
        self.value(field, Kind::Span, |node| {
            let span = span_of(node)?;
            in_range(field, span.as_secs_f64())?;
            Ok(span)
        })
    }

    pub(crate) fn rate(&self, field: Field) -> BitRate {
        self.rate_optional(field).unwrap_or_default()
    }

    pub(crate) fn rate_optional(&self, field: Field) -> Option<BitRate> {
        self.value(field, Kind::Rate, |node| quantity(node, units::parse_rate, "a rate such as \"50 Mbps\""))
    }

    pub(crate) fn money(&self, field: Field) -> Cents {
        self.money_optional(field).unwrap_or_default()
    }

    pub(crate) fn money_optional(&self, field: Field) -> Option<Cents> {
        // What tinsel ships is in dollars, which stand for any currency until the scenario gives its own figures.
        let currency = self.reader.currency.as_deref().filter(|_| self.is_users(field.key));
        self.value(field, Kind::Money, |node| {
            let parse = |text: &str| units::parse_money(text, currency);
            let amount = quantity(node, parse, "an amount such as \"$60\"")?;
            in_range(field, amount.as_units_f64())?;
            Ok(amount)
        })
    }

    pub(crate) fn bytes(&self, field: Field) -> u64 {
        self.value(field, Kind::Bytes, |node| quantity(node, units::parse_bytes, "a size such as \"10 kB\""))
            .unwrap_or_default()
    }

    pub(crate) fn hertz(&self, field: Field) -> u64 {
        self.value(field, Kind::Hertz, |node| {
            let hertz = quantity(node, units::parse_hertz, "a bandwidth such as \"10 MHz\"")?;
            in_range(field, hertz as f64)?;
            Ok(hertz)
        })
        .unwrap_or_default()
    }

    /// A level, constant or normally distributed.
    pub(crate) fn normal_level(&self, field: Field) -> NormalLevel {
        let parse = |node: &Node| match &node.value {
            Tree::Table(table) => {
                only_keys(table, &["mean", "sd"])?;
                let mean = in_range(field, decibels_of(required(table, "mean", node)?)?)?;
                let sd_node = required(table, "sd", node)?;
                let sd = decibels_of(sd_node)?;
                let negative = Problem::new(Code::OutOfRange, "a standard deviation cannot be negative");
                if sd < 0.0 { Err(negative.at(sd_node.place)) } else { Ok(NormalLevel { mean, sd }) }
            }
            _ => Ok(NormalLevel { mean: in_range(field, decibels_of(node)?)?, sd: 0.0 }),
        };
        self.value(field, Kind::NormalDecibels, parse).unwrap_or(NormalLevel { mean: 0.0, sd: 0.0 })
    }

    /// One of a few words.
    pub(crate) fn choice<T: Copy>(&self, field: Field, choices: &[(&'static str, T)]) -> T {
        self.choice_optional(field, choices).unwrap_or(choices[0].1)
    }

    pub(crate) fn choice_optional<T: Copy>(&self, field: Field, choices: &[(&'static str, T)]) -> Option<T> {
        let words: Vec<&'static str> = choices.iter().map(|(word, _)| *word).collect();
        self.value(field, Kind::Choice(words.clone()), |node| {
            let text = text_of(node)?;
            let found = choices.iter().find(|(word, _)| *word == text).map(|(_, choice)| *choice);
            found.ok_or_else(|| unknown_word(&text, &words))
        })
    }

    pub(crate) fn date(&self, field: Field) -> Option<Date> {
        self.value(field, Kind::Date, |node| {
            let date: Date = moment(node, "a day such as 2019-11-29", |text| text.parse().ok())?;
            in_years(date).map(|()| date)
        })
    }

    /// Minutes since local midnight, up to 24:00.
    pub(crate) fn clock(&self, field: Field) -> Option<u32> {
        self.value(field, Kind::Clock, |node| moment(node, "a time of day such as \"07:30\"", clock_minutes))
    }

    pub(crate) fn local_time(&self, field: Field) -> Option<DateTime> {
        let expected = "a local date and time such as \"2019-11-29 05:10\"";
        self.value(field, Kind::LocalTime, |node| {
            let time: DateTime = moment(node, expected, |text| text.parse().ok())?;
            in_years(time.date()).map(|()| time)
        })
    }

    pub(crate) fn law(&self, field: Field) -> Law {
        self.law_optional(field).unwrap_or(Law::Constant(0.0))
    }

    pub(crate) fn law_optional(&self, field: Field) -> Option<Law> {
        self.value(field, Kind::Law, law_of)
    }

    pub(crate) fn weights(&self, field: Field) -> Weights {
        self.value(field, Kind::Weights, weights_of).unwrap_or_default()
    }

    pub(crate) fn selection(&self, field: Field) -> Selection {
        self.value(field, Kind::Selection, selection_of).unwrap_or(Selection::All)
    }

    /// A list of texts.
    pub(crate) fn texts(&self, field: Field) -> Vec<Named> {
        self.value(field, Kind::Texts, texts_of).unwrap_or_default()
    }

    /// 24 numbers that are not negative.
    pub(crate) fn hours(&self, field: Field) -> Option<[f64; 24]> {
        self.value(field, Kind::Hours, hours_of)
    }
}

pub(crate) fn unknown_word(word: &str, words: &[&str]) -> Problem {
    let help = match suggest(word, words.iter().copied()) {
        Some(near) => format!("did you mean `{near}`? possible: {}", words.join(", ")),
        None => format!("possible: {}", words.join(", ")),
    };
    Problem::new(Code::UnknownWord, format!("`{word}` is not possible here")).help(help)
}

/// Minutes since midnight of `07:30` (or `07:30:00`); `24:00` is the end of the day.
pub(crate) fn clock_minutes(text: &str) -> Option<u32> {
    if text == "24:00" {
        return Some(DAY_MINUTES);
    }
    let padded = if text.len() == 4 { format!("0{text}") } else { text.to_owned() };
    let time: Time = padded.parse().ok()?;
    Some(u32::from(time.hour().unsigned_abs()) * 60 + u32::from(time.minute().unsigned_abs()))
}

/// The same of a fleet file's cell, where spreadsheets have `7:30 AM` or `9 pm`, too.
pub(crate) fn cell_minutes(text: &str) -> Option<u32> {
    const NOON: u32 = 12 * 60;
    let lower = text.to_ascii_lowercase().replace('.', "");
    let Some((clock, later)) =
        [("am", 0), ("pm", NOON)].iter().find_map(|(half, later)| Some((lower.strip_suffix(half)?, later)))
    else {
        return clock_minutes(text);
    };
    let clock = clock.trim_end();
    let full = if clock.contains(':') { clock.to_owned() } else { format!("{clock}:00") };
    // Twelve is the hour before one: 12 AM is midnight, 12 PM is noon.
    let minutes = clock_minutes(&full).filter(|minutes| (60..NOON + 60).contains(minutes))?;
    Some(minutes % NOON + later)
}

/// What to say of doors that close before they open.
pub(crate) fn closes_after_midnight() -> Problem {
    Problem::new(Code::Adjusted, "the doors close after midnight; taken as 24:00")
        .help("the day's customers are kept and come before")
}

fn in_range(field: Field, value: f64) -> Result<f64, Problem> {
    match field.out_of_range(value) {
        Some(reason) => Err(Problem::new(Code::OutOfRange, format!("{value} is out of range: {reason}"))
            .help(format!("`{}`: {}", field.key, field.doc))),
        None => Ok(value),
    }
}

fn named_of(node: &Node) -> Result<Named, Problem> {
    Ok(Named { text: text_of(node)?, place: node.place })
}

fn number_of(node: &Node) -> Result<f64, Problem> {
    match node.value {
        Tree::Integer(number) => Ok(number as f64),
        Tree::Float(number) if number.is_finite() => Ok(number),
        Tree::Float(_) => Err(Problem::new(Code::OutOfRange, "the number must be finite")),
        _ => Err(wrong_type("a number", node).help("write it without quotes and without a unit")),
    }
}

fn share_of(node: &Node) -> Result<f64, Problem> {
    match &node.value {
        Tree::Text(text) => units::parse_share(text).map_err(bad_quantity),
        _ => number_of(node),
    }
}

fn span_of(node: &Node) -> Result<Span, Problem> {
    quantity(node, units::parse_span, "a time such as \"20 ms\"")
}

fn decibels_of(node: &Node) -> Result<f64, Problem> {
    quantity(node, units::parse_decibels, "a level such as \"12 dB\"")
}

fn bad_quantity(error: UnitError) -> Problem {
    Problem::new(Code::BadQuantity, error.message).help(error.remedy)
}

/// A quantity with a unit; a bare number is told which unit it lacks.
fn quantity<T>(
    node: &Node,
    parse: impl Fn(&str) -> Result<T, UnitError>,
    expected: &str,
) -> Result<T, Problem> {
    let text = match &node.value {
        Tree::Text(text) => text.clone(),
        Tree::Integer(_) | Tree::Float(_) => node.written(),
        _ => return Err(wrong_type(expected, node)),
    };
    parse(&text).map_err(bad_quantity)
}

fn moment<T>(node: &Node, expected: &str, parse: impl Fn(&str) -> Option<T>) -> Result<T, Problem> {
    let (Tree::Text(text) | Tree::Moment(text)) = &node.value else {
        return Err(wrong_type(expected, node));
    };
    let text = text.trim();
    parse(text).ok_or_else(|| Problem::new(Code::BadTime, format!("`{text}` is not {expected}")))
}

pub(crate) fn in_years(date: Date) -> Result<(), Problem> {
    if YEARS.contains(&date.year()) {
        return Ok(());
    }
    let message = format!("{date} is outside the years {} to {}", YEARS.start(), YEARS.end());
    Err(Problem::new(Code::OutOfRange, message))
}

fn required<'t>(table: &'t Table, key: &str, node: &Node) -> Result<&'t Node, Problem> {
    let missing =
        || Problem::new(Code::MissingKey, format!("this table lacks the key `{key}`")).at(node.place);
    table.entries.get(key).map(|entry| &entry.node).ok_or_else(missing)
}

fn only_keys(table: &Table, known: &[&str]) -> Result<(), Problem> {
    match table.entries.iter().find(|(key, _)| !known.contains(&key.as_str())) {
        Some((key, entry)) => {
            let problem = Problem::new(Code::UnknownKey, format!("unknown key `{key}`")).at(entry.key);
            Err(problem.help(format!("known here: {}", known.join(", "))))
        }
        None => Ok(()),
    }
}

const LAW_HELP: &str = "write a time, or { median = \"20 s\", sigma = 1.0 } (lognormal), { mean = \"20 s\" } \
                        (exponential), { low = \"0 s\", high = \"1 s\" } (uniform)";

/// A distribution of a length of time, by the keys it is given with.
fn law_of(node: &Node) -> Result<Law, Problem> {
    let Tree::Table(table) = &node.value else {
        return span_of(node).map(|span| Law::Constant(span.as_secs_f64()));
    };
    let seconds = |key: &str| {
        let inner = required(table, key, node)?;
        span_of(inner).map(Span::as_secs_f64).map_err(|problem| problem.at(inner.place))
    };
    if table.entries.contains_key("median") {
        only_keys(table, &["median", "sigma"])?;
        let sigma_node = required(table, "sigma", node)?;
        let sigma = number_of(sigma_node).map_err(|problem| problem.at(sigma_node.place))?;
        if !(0.0..=10.0).contains(&sigma) {
            let problem = Problem::new(Code::OutOfRange, format!("sigma {sigma} must be between 0 and 10"));
            return Err(problem.at(sigma_node.place));
        }
        return Ok(Law::Lognormal { median: seconds("median")?, sigma });
    }
    if table.entries.contains_key("mean") {
        only_keys(table, &["mean"])?;
        return Ok(Law::Exponential { mean: seconds("mean")? });
    }
    if table.entries.contains_key("low") || table.entries.contains_key("high") {
        only_keys(table, &["low", "high"])?;
        let (low, high) = (seconds("low")?, seconds("high")?);
        if low > high {
            return Err(Problem::new(Code::Inconsistent, "`low` is above `high`"));
        }
        return Ok(Law::Uniform { low, high });
    }
    Err(Problem::new(Code::WrongType, "this table is not a distribution of a time").help(LAW_HELP))
}

fn weights_of(node: &Node) -> Result<Weights, Problem> {
    let Tree::Table(table) = &node.value else {
        let help = "write a word, or words with weights such as { cable = 0.3, dsl = 0.7 }";
        return named_of(node).map(|name| vec![(name, 1.0)]).map_err(|problem| problem.help(help));
    };
    let mut weights = Vec::new();
    for (name, entry) in &table.entries {
        let weight = share_or_number(&entry.node).map_err(|problem| problem.at(entry.node.place))?;
        if !(0.0..=WEIGHT_MAX).contains(&weight) {
            let message = format!("the weight of `{name}` is not between 0 and {WEIGHT_MAX}");
            let problem = Problem::new(Code::BadWeights, message);
            return Err(problem.at(entry.node.place));
        }
        weights.push((Named { text: name.clone(), place: entry.key }, weight));
    }
    if weights.iter().map(|(_, weight)| weight).sum::<f64>() <= 0.0 {
        return Err(Problem::new(Code::BadWeights, "the weights sum to zero")
            .help("give at least one a weight above 0"));
    }
    Ok(weights)
}

fn share_or_number(node: &Node) -> Result<f64, Problem> {
    share_of(node)
}

fn selection_of(node: &Node) -> Result<Selection, Problem> {
    match &node.value {
        Tree::Text(text) if text == "all" => Ok(Selection::All),
        Tree::List(items) => {
            let names = items.iter().map(|item| named_of(item).map_err(|problem| problem.at(item.place)));
            names.collect::<Result<_, _>>().map(Selection::These)
        }
        _ => {
            Err(wrong_type("a list of names or \"all\"", node)
                .help("write for example [\"grocery\", \"kiosk\"]"))
        }
    }
}

pub(super) fn texts_of(node: &Node) -> Result<Vec<Named>, Problem> {
    let Tree::List(items) = &node.value else {
        return Err(wrong_type("a list of texts", node).help("write for example [\"my-router.toml\"]"));
    };
    items.iter().map(|item| named_of(item).map_err(|problem| problem.at(item.place))).collect()
}

fn hours_of(node: &Node) -> Result<[f64; 24], Problem> {
    let Tree::List(items) = &node.value else {
        return Err(wrong_type("24 numbers, one per hour of the day", node));
    };
    let mut hours = [0.0; 24];
    if items.len() != hours.len() {
        let message = format!("there are {} numbers, but a day has 24 hours", items.len());
        return Err(
            Problem::new(Code::OutOfRange, message).help("give one number per hour, from 00:00 to 23:00")
        );
    }
    for (hour, item) in hours.iter_mut().zip(items) {
        *hour = number_of(item).map_err(|problem| problem.at(item.place))?;
        if !(0.0..=WEIGHT_MAX).contains(hour) {
            let message = format!("{hour} is not between 0 and {WEIGHT_MAX}");
            return Err(Problem::new(Code::OutOfRange, message).at(item.place));
        }
    }
    Ok(hours)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_have_clocks_of_twelve_hours_too() {
        for (text, minutes) in [
            ("7:30", 450),
            ("07:30 AM", 450),
            ("9 PM", 1_260),
            ("9:05pm", 1_265),
            ("12 AM", 0),
            ("12:30 p.m.", 750),
            ("24:00", 1_440),
        ] {
            assert_eq!(cell_minutes(text), Some(minutes), "{text}");
        }
        for text in ["13 PM", "0:30 AM", "am", "7:75 AM", "noon", "24:00 PM"] {
            assert_eq!(cell_minutes(text), None, "{text}");
        }
    }
}
