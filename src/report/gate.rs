//! What a gate found: for people, for programs, for CI systems (JUnit XML; workflow commands of GitHub Actions).

use serde_json::{Value, json};

use super::summary::{Summary, Unit, grouped, with_interval};
use super::thresholds::word;
use crate::measure::estimators::Interval;
use crate::measure::worsening::Verdict;

const LABEL_WIDTH: usize = 34;
const SIDE_WIDTH: usize = 16;
const WORSENING_WIDTH: usize = 36;

/// How the verdict came about.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Way {
    /// From what timers mean; nothing was run.
    Timers,
    /// What replications showed is the same to the bit.
    Identical,
    /// Replication by replication.
    Paired,
    /// Two independent samples.
    Apart,
}

/// One quantity of which more is worse.
#[derive(Clone, PartialEq, Debug)]
pub struct Line {
    /// Group of the summary, or `timers`.
    pub group: &'static str,
    /// For people.
    pub label: String,
    /// What it counts.
    pub unit: Unit,
    /// Before; `None` = never, or not measured.
    pub before: Option<f64>,
    /// Now.
    pub now: Option<f64>,
    /// Now over before, less one.
    pub relative: Option<f64>,
    /// Of that, if it was tested: what it is at least and at most.
    pub limits: Option<(Option<f64>, Option<f64>)>,
    /// The verdict.
    pub verdict: Verdict,
    /// How many more replications would decide.
    pub more: Option<u64>,
}

/// What a gate found.
#[derive(Clone, PartialEq, Debug)]
pub struct Outcome {
    /// How.
    pub way: Way,
    /// Worsening that is allowed, 0.05 for 5 %.
    pub margin: f64,
    /// Probability of a false failure in one call.
    pub alpha: f64,
    /// By quantity.
    pub lines: Vec<Line>,
    /// Of all together.
    pub verdict: Verdict,
    /// Of the run; 0 if nothing was run.
    pub replications: usize,
}

impl Outcome {
    /// How it was judged, in a sentence.
    #[must_use]
    pub fn method(&self) -> String {
        let margin = percent(self.margin);
        let (alpha, tested) =
            (percent(self.alpha), self.lines.iter().filter(|line| line.limits.is_some()).count());
        let holm = format!(
            "margin {margin}; a false failure in at most {alpha} of calls, by Holm over {tested} metrics"
        );
        match self.way {
            Way::Timers => format!("closed forms of the timers, margin {margin}; nothing was run"),
            Way::Identical => {
                format!("{} replications, all that is gated the same to the bit", self.replications)
            }
            Way::Paired => format!("{} replications in pairs with the baseline's; {holm}", self.replications),
            Way::Apart => {
                format!("{} replications beside the baseline's, by Welch; {holm}", self.replications)
            }
        }
    }

    /// For a terminal of 100 columns.
    #[must_use]
    pub fn to_terminal(&self, currency: &str) -> String {
        let mut text = format!("{}: {}\n", word(self.verdict).to_uppercase(), self.method());
        if self.lines.is_empty() {
            return text;
        }
        text += &format!(
            "\n{:LABEL_WIDTH$}{:>SIDE_WIDTH$}{:>SIDE_WIDTH$}  {:WORSENING_WIDTH$}\n",
            "", "baseline", "now", "worse by"
        );
        for line in &self.lines {
            let side = |value| shown(line.unit, value, currency);
            let row = format!(
                "{:LABEL_WIDTH$}{:>SIDE_WIDTH$}{:>SIDE_WIDTH$}  {:WORSENING_WIDTH$}  {}{}",
                line.label,
                side(line.before),
                side(line.now),
                line.worsening(),
                word(line.verdict),
                line.more()
            );
            text += &format!("{}\n", row.trim_end());
        }
        text
    }

    /// For programs.
    #[must_use]
    pub fn to_json(&self, summary: &Summary) -> Value {
        let line = |line: &Line| {
            let (low, high) = line.limits.unwrap_or_default();
            json!({
                "group": line.group,
                "name": line.label,
                "unit": summary.unit_name(line.unit),
                "baseline": line.before,
                "now": line.now,
                "worsening": line.relative,
                "worsening_at_least": low,
                "worsening_at_most": high,
                "verdict": word(line.verdict),
                "more_replications": line.more,
            })
        };
        json!({
            "verdict": word(self.verdict),
            "method": self.method(),
            "margin": self.margin,
            "alpha": self.alpha,
            "replications": self.replications,
            "lines": self.lines.iter().map(line).collect::<Vec<_>>(),
        })
    }

    /// A JUnit report: a failure is a `failure`, what is not decided an `error`.
    #[must_use]
    pub fn to_junit(&self, suite: &str, currency: &str) -> String {
        let count = |verdict| self.lines.iter().filter(|line| line.verdict == verdict).count();
        let mut text = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n  \
             <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"{}\">\n",
            escaped(suite),
            self.lines.len().max(1),
            count(Verdict::Fail),
            count(Verdict::Inconclusive)
        );
        if self.lines.is_empty() {
            text +=
                &format!("    <testcase classname=\"tinsel.gate\" name=\"{}\"/>\n", escaped(&self.method()));
        }
        for line in &self.lines {
            let open = format!(
                "    <testcase classname=\"tinsel.{}\" name=\"{}\"",
                line.group,
                escaped(&line.label)
            );
            let (element, what) = match line.verdict {
                Verdict::Pass => {
                    text += &format!("{open}/>\n");
                    continue;
                }
                Verdict::Fail => ("failure", line.sentence(currency)),
                Verdict::Inconclusive => ("error", line.sentence(currency)),
            };
            let kind = word(line.verdict);
            text += &format!(
                "{open}>\n      <{element} type=\"{kind}\" message=\"{}\"/>\n    </testcase>\n",
                escaped(&what)
            );
        }
        text + "  </testsuite>\n</testsuites>\n"
    }

    /// Annotations of a GitHub Actions run.
    #[must_use]
    pub fn to_github(&self, currency: &str) -> String {
        let mut text = String::new();
        for line in &self.lines {
            let level = match line.verdict {
                Verdict::Pass => continue,
                Verdict::Fail => "error",
                Verdict::Inconclusive => "warning",
            };
            text += &format!("::{level} title=tinsel gate::{}\n", command(&line.sentence(currency)));
        }
        let all = format!("{}: {}", word(self.verdict), self.method());
        text + &format!("::notice title=tinsel gate::{}\n", command(&all))
    }
}

impl Line {
    fn worsening(&self) -> String {
        let Some(relative) = self.relative else { return String::new() };
        let signed = |value: f64| percent(value);
        match self.limits {
            None => signed(relative),
            Some((low, high)) => {
                let end = |end: Option<f64>| end.map_or_else(|| "?".to_owned(), signed);
                format!("{} ({} to {})", signed(relative), end(low), end(high))
            }
        }
    }

    fn more(&self) -> String {
        self.more.map_or_else(String::new, |more| {
            format!(": {} more replications would tell", grouped(more as f64, 0))
        })
    }

    fn sentence(&self, currency: &str) -> String {
        let side = |value| shown(self.unit, value, currency);
        let worsening = self.worsening();
        let by = if worsening.is_empty() { worsening } else { format!(", worse by {worsening}") };
        format!("{}: {} was {}{by}{}", self.label, side(self.now), side(self.before), self.more())
    }
}

fn shown(unit: Unit, value: Option<f64>, currency: &str) -> String {
    match value {
        None => "none".to_owned(),
        Some(value) if unit == Unit::Gigabytes && value < 1.0 => format!("{} MB", grouped(value * 1e3, 1)),
        Some(value) if unit == Unit::Times => grouped(value, 3),
        Some(value) => with_interval(unit, &Interval::point(value, 0.95), currency).0,
    }
}

/// A share as a percentage with two digits behind the point at most.
fn percent(share: f64) -> String {
    let hundredths = libm::round(share * 1e4) as i64;
    let decimals = if hundredths % 100 == 0 { 0 } else { 2 };
    format!("{} %", grouped(hundredths as f64 / 100.0, decimals))
}

/// Text in XML.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// Text in a workflow command.
fn command(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}
