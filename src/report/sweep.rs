//! What a sweep found, as plain data: its files, its table on the terminal.

use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::manifest::{RunMeta, manifest, run_info};
use super::output::{MANIFEST, OutputDir, RUN_INFO};
use super::summary::{LEVEL, grouped};
use super::tables::sweep::{sweep, sweep_lines};
use super::write::{Folder, Formats, ReportError};
use crate::scenario::resolved::Scenario;
use crate::simulation::result::RunResult;

/// Directory of the points among the results.
pub const POINTS: &str = "points";
/// What is said about the sweep as a whole.
const SUMMARY: &str = "sweep.json";

/// One metric at one point.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Measured {
    /// Group of the metric in `summary.json`.
    pub group: String,
    /// Name in it.
    pub name: String,
    /// Local day; `None` = the whole run.
    pub day: Option<String>,
    /// Unit, as in `summary.json`.
    pub unit: String,
    /// Estimate; `None` when there was nothing to measure.
    pub estimate: Option<f64>,
    /// Lower limit.
    pub low: Option<f64>,
    /// Upper limit.
    pub high: Option<f64>,
    /// Replications behind it.
    pub replications: u32,
    /// What each replication showed of a mean, its pseudo-value of a ratio or a quantile; none where replications are not all drawn alike.
    pub by_replication: Option<Vec<f64>>,
}

impl Measured {
    /// `group.name`, as the command line calls it.
    #[must_use]
    pub fn path(&self) -> String {
        format!("{}.{}", self.group, self.name)
    }
}

/// One point.
#[derive(Clone, PartialEq, Debug)]
pub struct SweepPoint {
    /// Number, from 1.
    pub number: u32,
    /// One value for each path, as `--set` takes it.
    pub values: Vec<String>,
    /// Digest of all that decides the point.
    pub key: String,
    /// The metrics of its summary.
    pub metrics: Vec<Measured>,
}

/// A finished sweep.
#[derive(Clone, PartialEq, Debug)]
pub struct SweepResult {
    /// Paths of the inputs, as `--set` takes them.
    pub paths: Vec<String>,
    /// Points in order.
    pub points: Vec<SweepPoint>,
    /// How many combinations a condition has left out.
    pub left_out: usize,
    /// Metrics to show to people, as `group.name`.
    pub shown: Vec<String>,
    /// How many points were there from before; said on the terminal only.
    pub kept: usize,
}

/// A file of a point among the results.
pub struct PointFile {
    /// Its name.
    pub name: String,
    /// Its text.
    pub text: String,
}

/// Writes table, points, summary, run-info and manifest of a sweep into `dir`.
///
/// # Errors
/// If a file cannot be written. The caller then drops `dir`, which removes it.
pub fn write_sweep(
    dir: &OutputDir,
    scenario: &Scenario,
    result: &SweepResult,
    files: &[PointFile],
    meta: &RunMeta,
    formats: Formats,
) -> Result<(), ReportError> {
    let mut folder = Folder::new(dir.path(), formats);
    folder.table(&sweep(&result.paths), sweep_lines(result))?;
    let points = dir.path().join(POINTS);
    std::fs::create_dir(&points).map_err(|source| ReportError::Io { path: points, source })?;
    for file in files {
        folder.file(&format!("{POINTS}/{}", file.name), |out| {
            std::io::Write::write_all(out, file.text.as_bytes())
        })?;
    }
    folder.json(SUMMARY, &result.to_json(scenario))?;
    let manifest = manifest(scenario, meta, folder.written());
    folder.json(RUN_INFO, &run_info(meta, &RunResult::default()))?;
    folder.json(MANIFEST, &manifest)
}

impl SweepResult {
    /// The content of `sweep.json`.
    #[must_use]
    pub fn to_json(&self, scenario: &Scenario) -> Value {
        let points = self.points.iter().map(|point| {
            let inputs: serde_json::Map<String, Value> =
                self.paths.iter().cloned().zip(point.values.iter().map(|value| json!(value))).collect();
            let metrics: serde_json::Map<String, Value> = self
                .shown
                .iter()
                .filter_map(|path| {
                    let metric = point.of(path)?;
                    let value = json!({
                        "unit": metric.unit, "estimate": metric.estimate, "low": metric.low, "high": metric.high,
                    });
                    Some((path.clone(), value))
                })
                .collect();
            json!({ "point": point.number, "inputs": inputs, "metrics": metrics, "key": point.key })
        });
        json!({
            "scenario": scenario.name,
            "seed": scenario.seed,
            "level": LEVEL,
            "inputs": self.paths,
            "left_out": self.left_out,
            "points": points.collect::<Vec<_>>(),
        })
    }

    /// The table for people, one line a point.
    #[must_use]
    pub fn to_terminal(&self, scenario: &Scenario, results: &Path) -> String {
        let mut rows = vec![vec!["point".to_owned()]];
        rows[0].extend(self.paths.iter().cloned());
        rows[0].extend(self.shown.iter().map(|path| {
            let unit =
                self.points.iter().find_map(|point| point.of(path)).map_or("", |metric| metric.unit.as_str());
            format!("{path} [{unit}]")
        }));
        for point in &self.points {
            let metrics = self.shown.iter().map(|path| point.of(path).map_or_else(|| "-".to_owned(), shown));
            let number = std::iter::once(point.number.to_string());
            rows.push(number.chain(point.values.iter().cloned()).chain(metrics).collect());
        }
        let said =
            |count: usize, what: &str| if count > 0 { format!(", {count} {what}") } else { String::new() };
        let left_out = said(self.left_out, "left out by conditions");
        let kept = said(self.kept, "kept from before");
        format!(
            "{}: {} points{left_out}{kept}, {} replications each, all with seed {}\n\n{}\nintervals: {} %; \
             all metrics are in {}\n",
            scenario.name,
            self.points.len(),
            scenario.replications,
            scenario.seed,
            aligned(&rows),
            LEVEL * 100.0,
            results.join("sweep.csv").display()
        )
    }
}

impl SweepPoint {
    /// The metric of the whole run with that path.
    #[must_use]
    pub fn of(&self, path: &str) -> Option<&Measured> {
        self.metrics.iter().find(|metric| metric.day.is_none() && metric.path() == path)
    }
}

/// Estimate and interval, to as many digits as mean something.
fn shown(metric: &Measured) -> String {
    let Some(estimate) = metric.estimate else { return "-".to_owned() };
    let size = [Some(estimate), metric.low, metric.high]
        .into_iter()
        .flatten()
        .fold(0.0, |most: f64, one| most.max(one.abs()));
    let number = |value: f64| grouped(value, decimals(size));
    match metric.low.zip(metric.high) {
        Some((low, high)) => format!("{} ({} to {})", number(estimate), number(low), number(high)),
        None => number(estimate),
    }
}

/// Decimals that leave three digits of something as large as `size`.
pub(super) fn decimals(size: f64) -> usize {
    const DIGITS: i32 = 3;
    const DECIMALS_MAX: i32 = 6;
    if size <= 0.0 {
        return 0;
    }
    (DIGITS - 1 - libm::floor(libm::log10(size)) as i32).clamp(0, DECIMALS_MAX) as usize
}

/// Rows in columns as wide as their widest cell.
pub(super) fn aligned(rows: &[Vec<String>]) -> String {
    let columns = rows.first().map_or(0, Vec::len);
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut text = String::new();
    for row in rows {
        let cells: Vec<String> =
            row.iter().zip(&widths).map(|(cell, &width)| format!("{cell:width$}")).collect();
        text.push_str(cells.join("  ").trim_end());
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_few_and_enough() {
        let metric = |estimate, low, high| Measured {
            group: "verdict".to_owned(),
            name: "lost".to_owned(),
            day: None,
            unit: "USD".to_owned(),
            estimate,
            low,
            high,
            replications: 2,
            by_replication: None,
        };
        assert_eq!(shown(&metric(Some(1_234.56), Some(1_000.0), Some(1_469.12))), "1,235 (1,000 to 1,469)");
        assert_eq!(shown(&metric(Some(0.012_345), Some(-0.001), Some(0.02))), "0.0123 (−0.0010 to 0.0200)");
        assert_eq!(shown(&metric(Some(0.0), None, None)), "0");
        assert_eq!(shown(&metric(None, None, None)), "-");
    }
}
