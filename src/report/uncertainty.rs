//! What is known of a decision in spite of inputs that are not known, as plain data: its files, its words on the terminal.

use serde_json::{Value, json};

use super::charts::Tornado;
use super::manifest::{RunMeta, manifest, run_info};
use super::output::{MANIFEST, OutputDir, RUN_INFO};
use super::page::{PAGE, UNCERTAINTY, page};
use super::summary::{LEVEL, grouped};
use super::sweep::{POINTS, PointFile, aligned, decimals};
use super::tables::uncertainty::{sample_lines, samples, tornado, tornado_lines};
use super::write::{Folder, Formats, ReportError};
use crate::scenario::resolved::Scenario;
use crate::simulation::result::RunResult;

/// Name of the chart.
const CHART: &str = "charts/tornado";

/// The quantity that decides, at some inputs: its estimate and the limits within which replications determine it.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Valued {
    /// Estimate.
    pub estimate: f64,
    /// Lower limit; `None` where replications determine none.
    pub low: Option<f64>,
    /// Upper limit.
    pub high: Option<f64>,
}

/// What is decided by the quantity: on which side of a number it is.
#[derive(Clone, PartialEq, Debug)]
pub struct Decision {
    /// The number, in the quantity's unit.
    pub at: f64,
    /// Whether the number itself counts as above.
    pub equal_is_above: bool,
    /// What it is about, e.g. `at most $5000`.
    pub words: String,
    /// What is so above, and what is not above.
    pub sides: (&'static str, &'static str),
}

impl Decision {
    /// On which side a value is.
    #[must_use]
    pub fn is_above(&self, value: f64) -> bool {
        value > self.at || (self.equal_is_above && value == self.at)
    }

    /// On which side the estimate is.
    #[must_use]
    pub fn side(&self, value: &Valued) -> bool {
        self.is_above(value.estimate)
    }

    /// Whether replications leave no doubt on which side the quantity is: both limits are on it.
    #[must_use]
    pub fn is_sure(&self, value: &Valued) -> bool {
        value.low.zip(value.high).is_some_and(|(low, high)| self.is_above(low) == self.is_above(high))
    }
}

/// What an input that varies alone does to the decision.
#[derive(Clone, PartialEq, Debug)]
pub enum Switch {
    /// There is nothing to decide.
    NoThreshold,
    /// It stays as it is wherever the input is looked at, and replications leave no doubt.
    Holds,
    /// It seems to stay, but at some values replications leave it open.
    Undecided,
    /// It flips.
    Flips {
        /// Where, as `--set` takes it.
        at: String,
        /// The last value before at which there is no doubt; `None` if there is doubt down to the end.
        from: Option<String>,
        /// The first value behind at which there is none.
        to: Option<String>,
    },
}

impl Switch {
    /// The word in tables.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Switch::NoThreshold => "",
            Switch::Holds => "holds",
            Switch::Undecided => "undecided",
            Switch::Flips { .. } => "flips",
        }
    }
}

/// One input at both ends of its range, the others as the scenario has them.
#[derive(Clone, PartialEq, Debug)]
pub struct Bar {
    /// Path as `--set` takes it.
    pub path: String,
    /// Where its range comes from.
    pub source: String,
    /// The scenario's own value; empty if it is not one value.
    pub base: String,
    /// The ends as written.
    pub ends: (String, String),
    /// The quantity at each.
    pub at: (Valued, Valued),
    /// Whether and where the decision flips.
    pub switch: Switch,
}

impl Bar {
    /// How far the quantity moves.
    #[must_use]
    pub fn swing(&self) -> f64 {
        (self.at.1.estimate - self.at.0.estimate).abs()
    }
}

/// All inputs drawn from their ranges.
#[derive(Clone, PartialEq, Debug)]
pub struct InputSample {
    /// One value for each input, in the order of their paths.
    pub values: Vec<String>,
    /// The quantity there.
    pub value: Valued,
}

/// Where the quantity is, as far as the inputs leave it open.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct InputInterval {
    /// An order statistic of the samples.
    pub low: f64,
    /// The one that is as far from the other end.
    pub high: f64,
    /// Which share of further samples would be between them, on average.
    pub level: f64,
}

/// What was found.
#[derive(Clone, PartialEq, Debug)]
pub struct Uncertainty {
    /// What decides, in words.
    pub quantity: String,
    /// Its unit.
    pub unit: String,
    /// What is decided by it, if anything is.
    pub decision: Option<Decision>,
    /// The quantity with the scenario's own inputs.
    pub base: Valued,
    /// Largest swing first.
    pub bars: Vec<Bar>,
    /// Paths of the inputs, in the order of the samples' values.
    pub paths: Vec<String>,
    /// In the order in which they were drawn.
    pub samples: Vec<InputSample>,
}

impl Uncertainty {
    /// The interval of the samples: as near to 95 % as their number allows.
    #[must_use]
    pub fn input_interval(&self) -> Option<InputInterval> {
        let mut estimates: Vec<f64> = self.samples.iter().map(|sample| sample.value.estimate).collect();
        estimates.sort_by(f64::total_cmp);
        let n = estimates.len();
        if n < 2 {
            return None;
        }
        // Between the k-th from below and the k-th from above lie on average (n + 1 − 2k) of n + 1 parts (David and Nagaraja, §2.5).
        let left_out = libm::floor((1.0 - LEVEL) / 2.0 * (n + 1) as f64).max(1.0) as usize;
        Some(InputInterval {
            low: estimates[left_out - 1],
            high: estimates[n - left_out],
            level: (n + 1 - 2 * left_out) as f64 / (n + 1) as f64,
        })
    }

    /// Samples in which the decision is another one than the scenario's own inputs.
    #[must_use]
    pub fn flipped(&self) -> Option<usize> {
        let decision = self.decision.as_ref()?;
        let own = decision.side(&self.base);
        Some(self.samples.iter().filter(|sample| decision.side(&sample.value) != own).count())
    }

    /// The content of `uncertainty.json`.
    #[must_use]
    pub fn to_json(&self, scenario: &Scenario) -> Value {
        let valued =
            |value: &Valued| json!({ "estimate": value.estimate, "low": value.low, "high": value.high });
        let switch = |switch: &Switch| match switch {
            Switch::NoThreshold => Value::Null,
            Switch::Holds | Switch::Undecided => json!({ "verdict": switch.name() }),
            Switch::Flips { at, from, to } => {
                json!({ "verdict": switch.name(), "at": at, "from": from, "to": to })
            }
        };
        let bars: Vec<Value> = self
            .bars
            .iter()
            .map(|bar| {
                json!({
                    "input": bar.path, "source": bar.source, "base": bar.base, "low": bar.ends.0, "high": bar.ends.1,
                    "at_low": valued(&bar.at.0), "at_high": valued(&bar.at.1), "swing": bar.swing(), "switch": switch(&bar.switch),
                })
            })
            .collect();
        let inputs = self.input_interval();
        json!({
            "scenario": scenario.name,
            "seed": scenario.seed,
            "replications": scenario.replications,
            "quantity": self.quantity,
            "unit": self.unit,
            "threshold": self.decision.as_ref().map(|decision| {
                let (above, below) = decision.sides;
                json!({
                    "at": decision.at, "decision": decision.words,
                    "verdict": if decision.side(&self.base) { above } else { below }, "is_sure": decision.is_sure(&self.base),
                })
            }),
            "monte_carlo": { "estimate": self.base.estimate, "low": self.base.low, "high": self.base.high, "level": LEVEL },
            "inputs": inputs.map(|inputs| json!({ "low": inputs.low, "high": inputs.high, "level": inputs.level })),
            "samples": self.samples.len(),
            "samples_flipped": self.flipped(),
            "verdict": self.sentences(),
            "tornado": bars,
        })
    }

    /// Decimals with which the largest of its numbers is shown.
    fn places(&self) -> usize {
        let all = self.bars.iter().flat_map(|bar| [bar.at.0.estimate, bar.at.1.estimate]);
        decimals(all.chain([self.base.estimate]).fold(0.0, |most: f64, one| most.max(one.abs())))
    }

    /// For a director.
    fn sentences(&self) -> Vec<String> {
        let places = self.places();
        let number = |value: f64| grouped(value, places);
        let chance = self.base.low.zip(self.base.high).map_or(String::new(), |(low, high)| {
            format!("; other weekends alone would make it {} to {}", number(low), number(high))
        });
        let known = self.input_interval().map_or(String::new(), |inputs| {
            format!(", what nobody knows of its inputs {} to {}", number(inputs.low), number(inputs.high))
        });
        let mut sentences = vec![format!(
            "{} is {} {}{chance}{known}.",
            self.quantity,
            number(self.base.estimate),
            self.unit
        )];
        let Some(decision) = &self.decision else { return sentences };
        let (above, below) = decision.sides;
        let side = if decision.side(&self.base) { above } else { below };
        let flipped = self.flipped().map_or(String::new(), |flipped| {
            format!("; another one in {flipped} of {} draws of all uncertain inputs", self.samples.len())
        });
        sentences.push(format!("{}: {side}{flipped}.", decision.words));
        let flips = self.bars.iter().filter_map(|bar| match &bar.switch {
            Switch::Flips { at, .. } => Some(format!("{} at {at}", bar.path)),
            Switch::NoThreshold | Switch::Holds | Switch::Undecided => None,
        });
        let flips: Vec<String> = flips.collect();
        sentences.push(if flips.is_empty() {
            "No input alone was seen to flip it.".to_owned()
        } else {
            format!("Alone would flip it: {}.", flips.join("; "))
        });
        sentences
    }

    /// What a planner should know.
    #[must_use]
    pub fn to_terminal(&self, scenario: &Scenario, results: &std::path::Path) -> String {
        let places = self.places();
        let number = |value: f64| grouped(value, places);
        let unit = &self.unit;
        let mut text = format!(
            "{}: {} [{unit}], {} replications, seed {}\n\n",
            scenario.name, self.quantity, scenario.replications, scenario.seed
        );
        let mut line = |what: &str, words: String| text.push_str(&format!("  {what:<22}{words}\n"));
        line("estimate", number(self.base.estimate));
        line(
            "Monte Carlo interval",
            match self.base.low.zip(self.base.high) {
                Some((low, high)) => format!(
                    "{} to {} ({:.0} %): other weekends, inputs as in the scenario",
                    number(low),
                    number(high),
                    LEVEL * 100.0
                ),
                None if scenario.replications < 2 => {
                    "none: one replication is one possible weekend, not a forecast".to_owned()
                }
                None => "none: the number is no mean of replications".to_owned(),
            },
        );
        line(
            "input interval",
            match self.input_interval() {
                Some(inputs) => format!(
                    "{} to {} ({:.0} %): {} draws of all uncertain inputs, same weekends",
                    number(inputs.low),
                    number(inputs.high),
                    inputs.level * 100.0,
                    self.samples.len()
                ),
                None => "none: it takes two samples at least".to_owned(),
            },
        );
        if let Some((decision, flipped)) = self.decision.as_ref().zip(self.flipped()) {
            let (above, below) = decision.sides;
            let side = if decision.side(&self.base) { above } else { below };
            let doubt = if decision.is_sure(&self.base) { "" } else { ", but replications leave it open" };
            let words = &decision.words;
            line(
                "decision",
                format!("{words}: {side}{doubt}; another one in {flipped} of {} draws", self.samples.len()),
            );
        }
        let mut rows = vec![
            ["input", "scenario", "low", "high", "at low", "at high", "would flip the decision"]
                .map(str::to_owned)
                .to_vec(),
        ];
        rows.extend(self.bars.iter().map(|bar| {
            vec![
                bar.path.clone(),
                bar.base.clone(),
                bar.ends.0.clone(),
                bar.ends.1.clone(),
                number(bar.at.0.estimate),
                number(bar.at.1.estimate),
                switch_words(&bar.switch),
            ]
        }));
        text.push('\n');
        text.push_str(&aligned(&rows));
        text.push_str(&format!("\nlargest swing first; files are in {}\n", results.display()));
        text
    }
}

/// `at 0.42 (between 0.36 and 0.51)`.
fn switch_words(switch: &Switch) -> String {
    match switch {
        Switch::NoThreshold => "nothing to decide".to_owned(),
        Switch::Holds => "no".to_owned(),
        Switch::Undecided => "perhaps: too few replications to tell".to_owned(),
        Switch::Flips { at, from, to } => {
            let end =
                |end: &Option<String>, word: &str| end.clone().unwrap_or_else(|| format!("the {word} end"));
            format!("at {at} (between {} and {})", end(from, "low"), end(to, "high"))
        }
    }
}

/// Writes tables, chart, points, summary, run-info and manifest into `dir`.
///
/// # Errors
/// If a file cannot be written. The caller then drops `dir`, which removes it.
pub fn write_uncertainty(
    dir: &OutputDir,
    scenario: &Scenario,
    found: &Uncertainty,
    files: &[PointFile],
    meta: &RunMeta,
    formats: Formats,
) -> Result<(), ReportError> {
    let mut folder = Folder::new(dir.path(), formats);
    folder.table(&tornado(), tornado_lines(found))?;
    folder.table(&samples(&found.paths), sample_lines(found))?;
    let made = |name: &str| {
        let path = dir.path().join(name);
        std::fs::create_dir(&path).map_err(|source| ReportError::Io { path, source })
    };
    if formats.charts {
        made("charts")?;
        let chart = Tornado::new(&scenario.name, found);
        for extension in ["svg", "png"] {
            let path = dir.path().join(CHART).with_extension(extension);
            chart.write(&path)?;
            folder.adopt(&path)?;
        }
    }
    made(POINTS)?;
    for file in files {
        folder.file(&format!("{POINTS}/{}", file.name), |out| {
            std::io::Write::write_all(out, file.text.as_bytes())
        })?;
    }
    let content = found.to_json(scenario);
    folder.json(UNCERTAINTY, &content)?;
    if formats.page {
        let page = page(dir.path(), &content, &manifest(scenario, meta, folder.written()))?;
        folder.file(PAGE, |out| std::io::Write::write_all(out, page.as_bytes()))?;
    }
    let manifest = manifest(scenario, meta, folder.written());
    folder.json(RUN_INFO, &run_info(meta, &RunResult::default()))?;
    folder.json(MANIFEST, &manifest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_input_interval_says_what_so_many_samples_cover() {
        let of = |count: u32| {
            let value = |at: u32| Valued { estimate: f64::from((at * 7) % count), low: None, high: None };
            let samples = (0..count).map(|at| InputSample { values: Vec::new(), value: value(at) }).collect();
            let base = Valued { estimate: 1.5, low: None, high: None };
            let decision = Some(Decision {
                at: 2.5,
                equal_is_above: false,
                words: "at most 2.5".to_owned(),
                sides: ("missed", "met"),
            });
            let (quantity, unit) = (String::new(), String::new());
            Uncertainty { quantity, unit, decision, base, bars: Vec::new(), paths: Vec::new(), samples }
        };
        assert_eq!(of(1).input_interval(), None);
        let few = of(9).input_interval().expect("nine");
        assert_eq!((few.low, few.high, few.level), (0.0, 8.0, 0.8));
        let many = of(199).input_interval().expect("many");
        assert_eq!((many.low, many.high, many.level), (4.0, 194.0, 0.95));
        assert_eq!(of(9).flipped(), Some(6));
    }

    #[test]
    fn a_number_that_is_just_reached_meets_both_kinds_of_limits() {
        let at = |equal_is_above| Decision { at: 1.0, equal_is_above, words: String::new(), sides: ("", "") };
        let value = |low, high| Valued { estimate: 1.0, low: Some(low), high: Some(high) };
        // At least 1: one is enough; at most 1: one is not too much.
        assert_eq!((at(true).side(&value(1.0, 1.0)), at(false).side(&value(1.0, 1.0))), (true, false));
        assert!(at(true).is_sure(&value(1.0, 2.0)) && !at(false).is_sure(&value(1.0, 2.0)));
        assert!(!at(true).is_sure(&value(0.0, 1.0)) && at(false).is_sure(&value(0.0, 1.0)));
    }
}
