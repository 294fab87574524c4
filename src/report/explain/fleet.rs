//! For the fleet: every dollar by what broke, what stood between customers and their payments, and what would have helped.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Value, json};

use super::draw::Text;
use super::{About, ExplainError, Style, need, replication_of};
use crate::measure::estimators::{Interval, mean_interval, ratio_interval};
use crate::report::page::parsed;
use crate::report::read::rows;
use crate::report::summary::{LEVEL, Unit, money_text, percent_text, with_interval};
use crate::report::tables::attribution::{ONLINE, remedy_of};

/// Columns of the table after those that tell rows apart.
const COLUMNS: [&str; 9] = [
    "replication",
    "cause",
    "scope",
    "stage",
    "would_have_helped",
    "format",
    "lost_sales_usd",
    "payments_lost",
    "service_gap_s",
];

/// Widths of the columns of numbers.
const MONEY_WIDTH: usize = 15;
const SHARE_WIDTH: usize = 10;
const INTERVAL_WIDTH: usize = 28;
/// Narrower texts go without intervals.
const WIDTH_WITH_INTERVALS: usize = 90;

/// Whose loss, cause, scope, stage, what would have helped: as in `attribution.csv`.
type Key = [String; 5];

/// Amounts by replication.
#[derive(Clone, Default)]
struct Amounts {
    lost: Vec<f64>,
    payments: f64,
    gap_s: f64,
}

impl Amounts {
    fn of(replications: usize) -> Self {
        Amounts { lost: vec![0.0; replications], ..Amounts::default() }
    }

    fn add(&mut self, other: &Amounts) {
        self.lost.iter_mut().zip(&other.lost).for_each(|(sum, lost)| *sum += lost);
        self.payments += other.payments;
        self.gap_s += other.gap_s;
    }
}

/// A part of what the network cost.
struct Part {
    /// What it is, for people.
    name: String,
    /// What it is, as in `attribution.csv`.
    words: Vec<(&'static str, String)>,
    amounts: Amounts,
}

impl Part {
    fn word(&self, name: &str) -> Option<&str> {
        self.words.iter().find(|(own, _)| *own == name).map(|(_, word)| word.as_str())
    }
}

/// What the network cost, taken apart. Stores and online orders are apart: each adds up to its own total.
pub struct FleetLosses {
    about: About,
    parts: BTreeMap<Key, Amounts>,
}

/// Whose losses.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Whose {
    Stores,
    Online,
}

impl FleetLosses {
    /// From `attribution`.
    ///
    /// # Errors
    /// If the directory has no results of a run, or they cannot be read.
    pub fn read(directory: &Path) -> Result<Self, ExplainError> {
        let about = About::read(directory)?;
        need(directory, "attribution")?;
        let mut parts: BTreeMap<Key, Amounts> = BTreeMap::new();
        let mut problem = None;
        rows(directory, "attribution", &COLUMNS, &mut |cells| {
            let replication = match replication_of(&cells[0], &about, directory, "attribution") {
                Ok(replication) => replication,
                Err(error) => {
                    problem = Some(error);
                    return false;
                }
            };
            let whose = if cells[5] == ONLINE { ONLINE } else { "stores" };
            let key: Key = [whose, &cells[1], &cells[2], &cells[3], &cells[4]].map(str::to_owned);
            let amounts = parts.entry(key).or_insert_with(|| Amounts::of(about.replications));
            amounts.lost[replication] += parsed(&cells[6]).unwrap_or(0.0);
            amounts.payments += parsed(&cells[7]).unwrap_or(0.0);
            amounts.gap_s += parsed(&cells[8]).unwrap_or(0.0);
            true
        })?;
        match problem {
            Some(error) => Err(error.into()),
            None => Ok(FleetLosses { about, parts }),
        }
    }

    fn of(&self, whose: Whose) -> impl Iterator<Item = (&Key, &Amounts)> {
        self.parts.iter().filter(move |(key, _)| (key[0] == ONLINE) == (whose == Whose::Online))
    }

    fn total(&self, whose: Whose) -> Amounts {
        let mut total = Amounts::of(self.about.replications);
        self.of(whose).for_each(|(_, amounts)| total.add(amounts));
        total
    }

    /// Parts told apart by `names` of the key's words, the largest first.
    fn by(&self, whose: Whose, names: &[&'static str]) -> Vec<Part> {
        const WORDS: [&str; 4] = ["cause", "scope", "stage", "would_have_helped"];
        let mut sums: BTreeMap<Vec<&str>, Amounts> = BTreeMap::new();
        for (key, amounts) in self.of(whose) {
            let chosen = WORDS.iter().zip(&key[1..]).filter(|(name, _)| names.contains(name));
            let key: Vec<&str> = chosen.map(|(_, word)| word.as_str()).collect();
            sums.entry(key).or_insert_with(|| Amounts::of(self.about.replications)).add(amounts);
        }
        let mut parts: Vec<Part> = sums
            .into_iter()
            .map(|(key, amounts)| {
                let words: Vec<(&'static str, String)> = WORDS
                    .into_iter()
                    .filter(|name| names.contains(name))
                    .zip(key.iter().map(|&word| word.to_owned()))
                    .collect();
                Part { name: name_of(&words), words, amounts }
            })
            .collect();
        parts.sort_by(|one, other| sum(&other.amounts).total_cmp(&sum(&one.amounts)));
        parts
    }

    /// The text for a terminal, with at most `most` parts told apart by everything.
    #[must_use]
    pub fn to_terminal(&self, style: Style, most: usize) -> String {
        let mut text = Text::new(style);
        text.strong(&self.about.scenario);
        text.line(&self.about.line());
        text.line("");
        let total = self.total(Whose::Stores);
        if self.about.replications == 1 {
            text.strong("This is one possible weekend, not a forecast.");
        }
        text.strong(&self.cost_sentence(&total));
        if let Some(sentence) = self.largest_sentence(&total) {
            text.strong(&sentence);
        }
        for (title, names) in [
            ("By cause", &["cause", "scope"][..]),
            ("By stage", &["stage"]),
            ("By what would have helped", &["would_have_helped"]),
        ] {
            self.section(&mut text, title, &self.by(Whose::Stores, names), &total, usize::MAX);
        }
        let all = &["cause", "stage", "would_have_helped"];
        let title = "By all of these";
        self.section(&mut text, title, &self.by(Whose::Stores, all), &total, most);
        let online = self.total(Whose::Online);
        self.section(&mut text, "Online orders", &self.by(Whose::Online, all), &online, most);
        text.finish()
    }

    fn cost_sentence(&self, total: &Amounts) -> String {
        let (value, interval) = self.shown(total);
        let number = if interval.is_empty() { value } else { format!("{value} {interval}") };
        format!("The network costs {number} in lost sales.")
    }

    /// The part with the most money, if it is more than nothing.
    fn largest_sentence(&self, total: &Amounts) -> Option<String> {
        let parts = self.by(Whose::Stores, &["cause", "scope", "stage", "would_have_helped"]);
        let largest = parts.first().filter(|part| sum(&part.amounts) > 0.0)?;
        let share = percent_text(share(&largest.amounts, total)?.estimate);
        let helped = match largest.word("would_have_helped") {
            Some("nothing") | None => "nothing that one can buy would have helped".to_owned(),
            Some(word) => format!("{} would have helped", remedy_of(word).unwrap_or(word)),
        };
        let what = name_of(&largest.words[..3]);
        Some(format!("The largest part, {share}: {what}; {helped}."))
    }

    fn section(&self, text: &mut Text, title: &str, parts: &[Part], total: &Amounts, most: usize) {
        if parts.is_empty() {
            return;
        }
        let intervals = if text.width() < WIDTH_WITH_INTERVALS { 0 } else { INTERVAL_WIDTH };
        let label = text.width().saturating_sub(2 + MONEY_WIDTH + SHARE_WIDTH + intervals).clamp(12, 60);
        let heading = format!("{:>MONEY_WIDTH$}{:>SHARE_WIDTH$}", "lost sales", "share");
        text.heading_over(title, label + 2, &heading);
        let mut row = |name: &str, amounts: &Amounts| {
            let (value, interval) = self.shown(amounts);
            let share =
                share(amounts, total).map_or_else(|| "–".to_owned(), |share| percent_text(share.estimate));
            let interval = if intervals > 0 { interval } else { String::new() };
            text.row(name, label, &format!("{value:>MONEY_WIDTH$}{share:>SHARE_WIDTH$}  {interval}"));
        };
        parts.iter().take(most).for_each(|part| row(&part.name, &part.amounts));
        if parts.len() > most {
            let mut rest = Amounts::of(self.about.replications);
            parts[most..].iter().for_each(|part| rest.add(&part.amounts));
            row(&format!("{} more", parts.len() - most), &rest);
        }
    }

    fn shown(&self, amounts: &Amounts) -> (String, String) {
        match mean_interval(&amounts.lost, LEVEL) {
            Some(value) => with_interval(Unit::Money, &value, &self.about.currency),
            None => (money_text(0.0, &self.about.currency), String::new()),
        }
    }

    /// The same for programs.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let groups = |whose: Whose| {
            let total = self.total(whose);
            let list = |names: &[&'static str]| -> Value {
                self.by(whose, names).iter().map(|part| part_json(part, &total)).collect()
            };
            json!({
                "lost_sales": interval_json(mean_interval(&total.lost, LEVEL)),
                "by_cause": list(&["cause", "scope"]),
                "by_stage": list(&["stage"]),
                "by_remedy": list(&["would_have_helped"]),
                "parts": list(&["cause", "scope", "stage", "would_have_helped"]),
            })
        };
        json!({
            "scenario": self.about.scenario,
            "replications": self.about.replications,
            "currency": self.about.currency,
            "level": LEVEL,
            "stores": groups(Whose::Stores),
            "online": groups(Whose::Online),
        })
    }
}

/// Words as a planner says them.
fn name_of(words: &[(&'static str, String)]) -> String {
    let word = |name: &str| words.iter().find(|(own, _)| *own == name).map(|(_, word)| word.as_str());
    let mut names = Vec::new();
    match (word("cause"), word("scope")) {
        (Some(""), _) => names.push("no incident".to_owned()),
        (Some(cause), Some(scope)) if !scope.is_empty() => names.push(format!("{cause} ({scope})")),
        (Some(cause), _) => names.push(cause.to_owned()),
        (None, _) => {}
    }
    names.extend(word("stage").map(|stage| stage.replace('_', " ")));
    let remedy = word("would_have_helped").map(|helped| remedy_of(helped).unwrap_or(helped));
    match (names.join(", "), remedy) {
        (names, None) => names,
        (names, Some(remedy)) if names.is_empty() => remedy.to_owned(),
        (names, Some(remedy)) => format!("{names}: {remedy}"),
    }
}

fn sum(amounts: &Amounts) -> f64 {
    amounts.lost.iter().sum()
}

/// The part's share of the total, over all replications; nothing of nothing is no share.
fn share(part: &Amounts, total: &Amounts) -> Option<Interval> {
    ratio_interval(&part.lost, &total.lost, LEVEL)
}

fn part_json(part: &Part, total: &Amounts) -> Value {
    let mut json: serde_json::Map<String, Value> =
        part.words.iter().map(|(name, word)| ((*name).to_owned(), Value::from(word.as_str()))).collect();
    let replications = part.amounts.lost.len().max(1) as f64;
    json.insert("lost_sales".to_owned(), interval_json(mean_interval(&part.amounts.lost, LEVEL)));
    json.insert("share".to_owned(), interval_json(share(&part.amounts, total)));
    json.insert("payments_lost".to_owned(), json!(part.amounts.payments / replications));
    json.insert("service_gap_s".to_owned(), json!(part.amounts.gap_s / replications));
    Value::Object(json)
}

/// Null where there is nothing to measure.
fn interval_json(interval: Option<Interval>) -> Value {
    let finite = |value: Option<f64>| value.filter(|value| value.is_finite());
    interval.map_or(Value::Null, |one| {
        json!({ "estimate": finite(Some(one.estimate)), "low": finite(one.low), "high": finite(one.high) })
    })
}
