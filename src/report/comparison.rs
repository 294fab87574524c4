//! What two designs under the same draws differ by, for the terminal and for programs. `experiment::compare` makes it.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::measure::estimators::Interval;
use crate::measure::sample::Paired;
use crate::scenario::resolved::Scenario;
use crate::simulation::result::RunResult;

use super::parts::Grouping;
use super::summary::{LEVEL, Summary, Unit, grouped, with_interval};

const LABEL_WIDTH: usize = 38;
const SIDE_WIDTH: usize = 18;
/// Longest list of regions or formats on the terminal; the table has all.
const PARTS_MAX: usize = 12;

/// What the terminal shows of the fleet: group, metric, label.
const HEADLINES: [(&str, &str, &str); 14] = [
    ("verdict", "lost_sales_network", "sales lost to the network"),
    ("customers", "served", "customers served"),
    ("payments", "payments_lost", "payments lost"),
    ("payments", "authorized_offline", "payments authorized offline"),
    ("failover", "incidents_failover", "failovers"),
    ("failover", "incidents_false_failover", "  for no fault"),
    ("failover", "incidents_no_failover", "  not failed over"),
    ("failover", "detection_latency_p50", "detection, median"),
    ("failover", "failover_latency_p50", "failover, median"),
    ("failover", "failover_latency_p95", "  95th percentile"),
    ("failover", "failback_latency_p50", "failback, median"),
    ("lte", "service_gap_open_time", "service gap in opening hours"),
    ("lte", "dark_time", "dark"),
    ("lte", "lte_data", "carried over LTE"),
];

/// One scenario that was run.
#[derive(Clone, Copy)]
pub struct Side<'a> {
    /// What was run.
    pub scenario: &'a Scenario,
    /// What came of it.
    pub result: &'a RunResult,
}

/// One metric of both.
#[derive(Clone, PartialEq, Debug)]
pub struct Row {
    /// What stores it is about: none for the fleet.
    pub grouping: Option<Grouping>,
    /// Which region or format.
    pub part: String,
    /// Group of the summary.
    pub group: &'static str,
    /// Name in the summary.
    pub metric: String,
    /// Local day; `None` = the whole run.
    pub day: Option<String>,
    /// What it counts.
    pub unit: Unit,
    /// Both estimates and their difference; `None` where either was not measured.
    pub paired: Option<Paired>,
}

/// What two designs differ by.
#[derive(Clone, PartialEq, Debug)]
pub struct Comparison {
    /// Names of the two: [first, second].
    pub names: [String; 2],
    /// Of the first; the second's agrees in days, seed and replications.
    pub summary: Summary,
    /// The fleet first, then by region and by format.
    pub rows: Vec<Row>,
}

impl Comparison {
    /// The fleet's row of that group and name about the whole run.
    #[must_use]
    pub fn row(&self, group: &str, metric: &str) -> Option<&Row> {
        self.rows.iter().find(|row| {
            row.grouping.is_none() && row.group == group && row.metric == metric && row.day.is_none()
        })
    }

    /// The content of `comparison.json`.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let row = |row: &Row| {
            let paired = row.paired.as_ref();
            json!({
                "grouping": row.grouping.map(Grouping::name),
                "part": row.part,
                "group": row.group,
                "metric": row.metric,
                "day": row.day,
                "unit": self.summary.unit_name(row.unit),
                "first": paired.map(|paired| limits(&paired.first)),
                "second": paired.map(|paired| limits(&paired.second)),
                "difference": paired.map(|paired| limits(&paired.difference)),
                "variance_reduction": paired.and_then(|paired| finite(paired.variance_reduction)),
            })
        };
        json!({
            "first": self.names[0],
            "second": self.names[1],
            "first_day": self.summary.days.0,
            "last_day": self.summary.days.1,
            "seed": self.summary.seed,
            "replications": self.summary.replications,
            "level": LEVEL,
            "verdict": [self.verdict(), format!(
                "{} to {}, {} in pairs, seed {}.",
                self.summary.days.0, self.summary.days.1, replications(self.summary.replications), self.summary.seed
            )],
            "rows": self.rows.iter().map(row).collect::<Vec<_>>(),
        })
    }

    /// The comparison for a terminal of 100 columns.
    #[must_use]
    pub fn to_terminal(&self, results: &str) -> String {
        let mut text = String::new();
        let mut line = |words: String| {
            text.push_str(words.trim_end());
            text.push('\n');
        };
        let [first, second] = &self.names;
        line(format!("A  {first}"));
        line(format!("B  {second}"));
        line(format!(
            "{} to {}, {} in pairs, seed {}",
            self.summary.days.0,
            self.summary.days.1,
            replications(self.summary.replications),
            self.summary.seed
        ));
        line(String::new());
        line(self.verdict());
        line(String::new());
        line(heading("", ["A", "B", "B − A"]));
        for (group, metric, label) in HEADLINES {
            if let Some(row) = self.row(group, metric).filter(|row| row.paired.is_some()) {
                line(self.row_line(label, row));
            }
        }
        for grouping in Grouping::ALL {
            let parts = self.largest(grouping);
            if parts.len() < 2 {
                continue;
            }
            line(String::new());
            line(heading(&format!("Sales lost, by {}", grouping.name()), ["A", "B", "B − A"]));
            for row in parts.iter().take(PARTS_MAX) {
                line(self.row_line(&row.part, row));
            }
            if parts.len() > PARTS_MAX {
                line(format!("  and {} more in comparison.csv", parts.len() - PARTS_MAX));
            }
        }
        line(String::new());
        let lost = self.row("verdict", "lost_sales_network").and_then(|row| row.paired);
        if let Some(reduction) = lost.and_then(|paired| paired.variance_reduction) {
            line(format!(
                "Common draws: runs apart would need {} times the replications to tell the losses' difference as well.",
                grouped(reduction, if reduction < 10.0 { 1 } else { 0 })
            ));
        }
        line(format!("Results: {results}"));
        text
    }

    /// What the comparison says of lost sales, in a sentence.
    fn verdict(&self) -> String {
        let Some(paired) = self.row("verdict", "lost_sales_network").and_then(|row| row.paired) else {
            return "Nothing was measured of both.".to_owned();
        };
        let difference = paired.difference;
        let (size, interval) = self.shown(Unit::Money, &magnitude(difference));
        match (difference.low, difference.high) {
            (Some(low), Some(high)) if low == 0.0 && high == 0.0 => {
                "Both lose the same sales to the network in every replication.".to_owned()
            }
            (Some(low), _) if low > 0.0 => {
                format!("B loses {size} more sales to the network than A {interval}.")
            }
            (_, Some(high)) if high < 0.0 => {
                format!("B loses {size} less sales to the network than A {interval}.")
            }
            (Some(_), Some(_)) => {
                let (value, interval) = self.shown(Unit::Money, &difference);
                format!("These replications do not tell which loses more sales: B − A is {value} {interval}.")
            }
            _ => {
                "One replication is one possible weekend: it tells no difference between the two.".to_owned()
            }
        }
    }

    /// The losses of each part, the largest difference first.
    fn largest(&self, grouping: Grouping) -> Vec<&Row> {
        let mine = |row: &&Row| {
            row.grouping == Some(grouping)
                && row.group == "verdict"
                && row.metric == "lost_sales_network"
                && row.day.is_none()
                && row.paired.is_some()
        };
        let mut rows: Vec<&Row> = self.rows.iter().filter(mine).collect();
        let size = |row: &Row| row.paired.map_or(0.0, |paired| paired.difference.estimate.abs());
        rows.sort_by(|left, right| {
            size(right).total_cmp(&size(left)).then_with(|| left.part.cmp(&right.part))
        });
        rows
    }

    fn shown(&self, unit: Unit, value: &Interval) -> (String, String) {
        with_interval(unit, value, &self.summary.currency)
    }

    fn row_line(&self, label: &str, row: &Row) -> String {
        let Some(paired) = &row.paired else { return String::new() };
        let side = |value: &Interval| self.shown(row.unit, value).0;
        let (difference, interval) = self.shown(row.unit, &paired.difference);
        format!(
            "  {label:LABEL_WIDTH$}{:>SIDE_WIDTH$}{:>SIDE_WIDTH$}{difference:>SIDE_WIDTH$}  {interval}",
            side(&paired.first),
            side(&paired.second)
        )
    }
}

/// The interval of the size of a difference that is known to be of one sign.
fn magnitude(value: Interval) -> Interval {
    if value.estimate >= 0.0 {
        return value;
    }
    Interval {
        estimate: -value.estimate,
        low: value.high.map(|high| -high),
        high: value.low.map(|low| -low),
        ..value
    }
}

fn heading(title: &str, columns: [&str; 3]) -> String {
    let [first, second, difference] = columns;
    let mut text = String::new();
    let width = LABEL_WIDTH + 2;
    write!(text, "{title:width$}{first:>SIDE_WIDTH$}{second:>SIDE_WIDTH$}{difference:>SIDE_WIDTH$}")
        .expect("a String accepts every character");
    text
}

fn replications(count: usize) -> String {
    if count == 1 { "1 replication".to_owned() } else { format!("{} replications", grouped(count as f64, 0)) }
}

/// A number as JSON can have it.
pub(super) fn finite(value: Option<f64>) -> Option<f64> {
    value.filter(|value| value.is_finite())
}

fn limits(value: &Interval) -> Value {
    json!({ "estimate": finite(Some(value.estimate)), "low": finite(value.low), "high": finite(value.high) })
}
