//! `[scenario]`.

use jiff::civil::Date;

use crate::scenario::diagnostics::Code;
use crate::scenario::field::{Field, Kind};
use crate::scenario::reader::{Problem, Section, text_of, visible};
use crate::scenario::tree::{Node, Tree};
use crate::units::Span;

/// Longer runs are split by their users; the limit keeps a typing error from filling memory.
const DAYS_MAX: i64 = 400;

/// What is simulated, when, how often.
pub(crate) struct General {
    pub name: String,
    pub seed: u64,
    pub replications: u32,
    /// First and last local day; `None` if either cannot be used.
    pub days: Option<(Date, Date)>,
    pub interval: Span,
    /// Whether `cells_timeline.csv` is written.
    pub cell_timeline: bool,
    pub currency: String,
}

/// Read before anything else, for what is in these files is part of the scenario; here it is only checked.
pub(crate) const PROFILE_FILES: Field = Field::new(
    "profile_files",
    "Files of [profiles.NAME] tables, relative to the scenario, as if they were written in it.",
)
.or("[]", "[EA] the built-in profiles and the scenario's own");

pub(crate) fn read(section: &Section) -> General {
    let general = General {
        name: section.title(Field::new("name", "Name of the scenario, for titles.")),
        seed: section.integer(
            Field::new("seed", "First key of every draw: another seed is another set of possible worlds.")
                .or("1", "[EA] any number will do; it is written down so that a run can be repeated"),
        ),
        replications: section.count(
            Field::new("replications", "How many possible worlds are run; one gives no interval.")
                .within(1.0, 1e6)
                .or("20", "[EA] enough for a t interval; rare shared events need more"),
        ),
        days: days(section),
        interval: interval(section),
        cell_timeline: section.flag(
            Field::new(
                "cell_timeline",
                "Whether to tell what each LTE cell that stores use carries in each interval: `cells_timeline.csv` and a chart.",
            )
            .or("false", "[EA] a row for each cell and interval: 384 a cell for four days of quarter hours"),
        ),
        currency: currency(section),
    };
    section.texts(PROFILE_FILES);
    general
}

/// The key with the currency.
const CURRENCY: &str = "currency";
/// What money is in where the scenario does not say.
const CURRENCY_USUAL: &str = "USD";

fn currency(section: &Section) -> String {
    let field = Field::new(CURRENCY, "ISO 4217 code of all money.")
        .or(CURRENCY_USUAL, "[EA] the shipped figures are in US dollars");
    let parse = |node: &Node| {
        let code = text_of(node)?;
        let problem = || Problem::new(Code::OutOfRange, format!("`{}` is no currency", visible(&code)));
        let help = "write the three capital letters of ISO 4217, for example USD, EUR or GBP";
        if is_currency(&code) { Ok(code) } else { Err(problem().help(help)) }
    };
    section.value(field, Kind::Text, parse).unwrap_or_default()
}

/// Whether `code` has the form of ISO 4217: three capital letters.
fn is_currency(code: &str) -> bool {
    code.len() == 3 && code.bytes().all(|letter| letter.is_ascii_uppercase())
}

/// What the money of the scenario in this tree is in; `None` if that is no currency, which its reader complains of.
pub(crate) fn currency_of(user: &Node) -> Option<String> {
    let scenario = user.as_table().and_then(|root| root.entries.get("scenario"));
    let table = scenario.and_then(|entry| entry.node.as_table());
    match table.and_then(|table| table.entries.get(CURRENCY)).map(|entry| &entry.node.value) {
        None => Some(CURRENCY_USUAL.to_owned()),
        Some(Tree::Text(code)) => Some(code.clone()).filter(|code| is_currency(code)),
        Some(_) => None,
    }
}

fn interval(section: &Section) -> Span {
    const DAY: Span = Span::from_secs(86_400);
    let interval = section.span(
        Field::new("interval", "Width of an interval of the timeline; divides a day.")
            .within(1.0, 86_400.0)
            .or("15 min", "[EA] fine enough to see a doorbuster"),
    );
    if !interval.is_zero() && !DAY.as_nanos().is_multiple_of(interval.as_nanos()) {
        let problem = Problem::new(Code::Inconsistent, "a day is not a whole number of these intervals");
        section.problem("interval", problem.help("write for example \"5 min\", \"15 min\" or \"1 h\""));
    }
    interval
}

fn days(section: &Section) -> Option<(Date, Date)> {
    let first = section.date(Field::new("first_day", "First local day simulated, for example 2019-11-28."));
    let last = section.date(Field::new("last_day", "Last local day simulated (it is simulated to its end)."));
    let (first, last) = (first?, last?);
    if last < first {
        let message = format!("the last day, {last}, is before the first day, {first}");
        section.problem(
            "last_day",
            Problem::new(Code::Inconsistent, message).help("exchange first_day and last_day"),
        );
        return None;
    }
    let count = days_between(first, last) + 1;
    if count > DAYS_MAX {
        let message = format!("{count} days are more than the {DAYS_MAX} that one run may have");
        section.problem("last_day", Problem::new(Code::OutOfRange, message).help("split the run"));
        return None;
    }
    Some((first, last))
}

/// Days from `first` to `last`.
pub(crate) fn days_between(first: Date, last: Date) -> i64 {
    first.until(last).map_or(0, |span| i64::from(span.get_days()))
}
